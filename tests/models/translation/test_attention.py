"""Attention and softmax, against sums written out by hand."""

import math

import numpy as np
import pytest

from models.translation.attention import attend, softmax


def test_attention_equals_the_sums_written_out():
    generator = np.random.default_rng(5)
    S, H = 4, 3
    hidden, states, weight = generator.normal(size=H), generator.normal(size=(S, H)), generator.normal(size=(H, H))
    attended = attend(hidden, states, weight)
    scores = [sum(states[s][a] * weight[a][b] * hidden[b] for a in range(H) for b in range(H)) for s in range(S)]
    total = sum(math.exp(score) for score in scores)
    weights = [math.exp(score) / total for score in scores]
    np.testing.assert_allclose(attended.scores, scores, atol=1e-12)
    np.testing.assert_allclose(attended.weights, weights, atol=1e-12)
    blended = [sum(weights[s] * states[s][a] for s in range(S)) for a in range(H)]
    np.testing.assert_allclose(attended.context, blended, atol=1e-12)


def test_attention_to_a_single_state_returns_that_state():
    state = np.array([[0.5, -0.25]])
    attended = attend(np.array([3.0, 4.0]), state, np.eye(2))
    assert attended.weights.tolist() == [1.0]
    assert attended.context.tolist() == state[0].tolist()


@pytest.mark.parametrize("shift", [0.0, 1e4, -1e4])
def test_softmax_does_not_overflow_and_ignores_what_is_added_to_every_score(shift):
    weights = softmax(np.array([0.0, math.log(2), math.log(5)]) + shift)
    np.testing.assert_allclose(weights, [1 / 8, 2 / 8, 5 / 8], atol=1e-11)


def test_softmax_works_on_each_row_alone_and_keeps_the_dtype():
    rows = softmax(np.array([[0, 0], [1000, 0]], np.float32))
    assert rows.dtype == np.float32
    assert rows.tolist() == [[0.5, 0.5], [1.0, 0.0]]
