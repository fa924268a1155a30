"""Attention over the source states: which of them the next word is read from."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from models.recurrent.trace import Array


@dataclass(frozen=True, eq=False)
class Attended:
    """One look at S source states."""

    scores: Array  # (S,), any size
    weights: Array  # (S,), softmax of the scores: in [0, 1], sum 1
    context: Array  # (H,), the source states blended by the weights


def attend(
    hidden_state: Array, source_states: Array, weight: Array, edit: Callable[[Array], Array] = lambda weights: weights
) -> Attended:  # fmt: skip
    """Blend the source states that matter for the next word (Luong et al. 2015, section 3.1, "general").

    Args:
        hidden_state: of the decoder, (H,).
        source_states: hidden states of the encoder, (S, H), without padding.
        weight: of the bilinear score ``source_state . (weight hidden_state)``, (H, H).
        edit: gives the weights to blend by, instead of those that were computed.
    """
    scores = source_states @ (weight @ hidden_state)
    weights = edit(softmax(scores))
    return Attended(scores, weights, weights @ source_states)


def attend_batch(
    hidden_state: Array, source_states: Array, weight: Array, edit: Callable[[Array], Array] = lambda weights: weights
) -> Attended:  # fmt: skip
    """``attend`` for B sentences of equal length: (B, H) and (B, S, H), to (B, S), (B, S) and (B, H).

    The source states may also be (S, H): the same for all.
    """
    scores = (source_states @ (hidden_state @ weight.T)[..., None])[..., 0]
    weights = edit(softmax(scores))
    return Attended(scores, weights, (weights[:, None] @ source_states)[:, 0])


def softmax(scores: Array) -> Array:
    """Positive numbers that sum to 1, from any numbers; along the last axis."""
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)
