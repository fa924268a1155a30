"""Half-lives against a direct simulation, censoring, and shares of saturated gates against plain comparisons."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from models.analysis.lifetimes import (
    GATES,
    LONGEST,
    GateCounts,
    LifetimeCounts,
    half_lives,
    lifetimes,
    survival,
    window_to_latch,
)

GATE = st.one_of(st.floats(0, 1, width=32), st.sampled_from([0.0, 0.5, 1.0, 0.9, 0.99]))
RUN = arrays.arrays(np.float32, st.tuples(st.integers(1, 12), st.integers(1, 3)), elements=GATE)


def followed(forget_gate: np.ndarray, write: int, unit: int) -> int | None:
    """Put 1 into a cell, let it run, and count until at most half is left; None if the run ends before."""
    content = 1.0
    for steps, gate in enumerate(forget_gate[write + 1 :, unit], start=1):
        content *= float(gate)
        if content <= 0.5:
            return steps
    return None


@given(RUN)
def test_half_lives_are_those_of_a_direct_simulation(forget_gate):
    found = lifetimes(forget_gate)
    for write, unit in np.ndindex(forget_gate.shape):
        expected = followed(forget_gate, write, unit)
        assert found.is_censored[write, unit] == (expected is None)
        watched = len(forget_gate) - 1 - write
        assert found.steps[write, unit] == (watched if expected is None else expected)


@given(RUN, st.data())
def test_survival_is_what_a_write_of_one_becomes(forget_gate, data):
    write = data.draw(st.integers(-1, len(forget_gate) - 1))
    left = survival(forget_gate, write)
    content = np.ones(forget_gate.shape[1])
    assert np.all(left[0] == 1)
    assert len(left) == len(forget_gate) - write
    for row, gate in zip(left[1:], forget_gate[write + 1 :], strict=True):
        content = content * gate.astype(float)
        np.testing.assert_allclose(row, content, rtol=1e-12)


def product_limit(writes: list[tuple[int, bool]]) -> float:
    """Kaplan and Meier's median by hand: (duration, halved) pairs."""
    alive = 1.0
    for duration in sorted({steps for steps, halved in writes if halved}):
        at_risk = sum(steps >= duration for steps, _ in writes)
        alive *= 1 - sum(steps == duration and halved for steps, halved in writes) / at_risk
        if alive <= 0.5 + 1e-12:
            return duration
    return math.inf


@given(RUN)
def test_the_typical_half_life_is_the_median_of_the_product_limit_estimate(forget_gate):
    found = half_lives(forget_gate)
    for unit in range(forget_gate.shape[1]):
        each = [followed(forget_gate, write, unit) for write in range(len(forget_gate))]
        writes = [
            (len(forget_gate) - 1 - write if steps is None else steps, steps is not None)
            for write, steps in enumerate(each)
        ]
        assert found[unit] == product_limit(writes)


def test_a_known_example_of_the_product_limit():
    counts = LifetimeCounts.none(1)  # halved after 1, 3, 3, 5; watched for 2 and 4 and not halved
    counts.halved[0, [1, 5]] += 1
    counts.halved[0, 3] += 2
    counts.censored[0, [2, 4]] += 1
    # alive after 1: 5/6; after 3: 5/6 x 2/4 = 0.4167
    assert counts.half_lives()[0] == 3
    assert counts.writes == 6


def test_a_constant_gate_halves_after_the_steps_that_its_logarithm_says():
    gates = np.tile([0.9, 0.99, 0.4, 1.0], (100, 1))
    assert half_lives(gates)[:3].tolist() == [math.ceil(math.log(0.5) / math.log(gate)) for gate in (0.9, 0.99, 0.4)]
    assert np.isinf(half_lives(gates)[3])


def test_what_outlives_the_run_has_no_half_life():
    assert np.isinf(half_lives(np.full((5, 2), 0.99))).all()
    assert np.isinf(half_lives(np.full((1, 2), 0.0))).all()  # nothing came after the only write
    found = lifetimes(np.full((5, 2), 0.99))
    assert found.is_censored.all()


def test_units_are_ordered_from_window_to_latch():
    forget_gate = np.tile([0.99, 0.1, 0.8, 1.0, 0.999], (9, 1))
    assert window_to_latch(forget_gate).tolist() == [1, 2, 0, 4, 3]
    wiped_last = np.full((9, 2), 0.9)  # halved after seven steps, but for what its last step wipes out
    wiped_last[-1, 0], wiped_last[:, 1] = 0, 0.4
    assert window_to_latch(wiped_last).tolist() == [1, 0]
    assert window_to_latch(np.full((4, 6), 0.7)).tolist() == [0, 1, 2, 3, 4, 5]  # equals as numbered


def test_counts_of_several_runs_are_added():
    generator = np.random.default_rng(2)
    runs = [generator.uniform(0, 1, (length, 4)) ** 0.2 for length in (3, 9, 17)]
    counts = LifetimeCounts.none(4)
    for run in runs:
        counts.add(lifetimes(run))
    assert counts.writes == 3 + 9 + 17
    for unit in range(4):
        writes = []
        for run in runs:
            for write in range(len(run)):
                steps = followed(run, write, unit)
                writes.append((len(run) - 1 - write if steps is None else steps, steps is not None))
        assert counts.half_lives()[unit] == product_limit(writes)


def test_a_run_that_is_too_long_to_count_is_refused():
    with pytest.raises(ValueError, match="at most"):
        LifetimeCounts.none(1).add(lifetimes(np.ones((LONGEST + 1, 1))))
    LifetimeCounts.none(1).add(lifetimes(np.ones((LONGEST, 1))))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_shares_beyond_every_threshold_are_those_of_plain_comparisons(dtype):
    generator = np.random.default_rng(4)
    values = generator.beta(0.4, 0.4, (3, 400, 5)).astype(dtype)
    values[:, ::7] = np.round(values[:, ::7], 2)  # exactly on thresholds
    values[0, :2] = [[0.0], [1.0]]
    counts = GateCounts.none(5)
    for gate, whole in zip(GATES, values, strict=True):
        for part in np.array_split(whole, 3):
            counts.add(gate, part)
    assert counts.steps == 400
    for gate, whole in zip(GATES, values, strict=True):
        np.testing.assert_allclose(counts.mean(gate), whole.mean(axis=0, dtype=np.float64))
        for hundredths in range(1, 51):
            expected = (whole < dtype(hundredths / 100)).mean(axis=0)
            np.testing.assert_allclose(counts.below(gate, hundredths / 100), expected, err_msg=str(hundredths))
        for hundredths in range(51, 100):
            expected = (whole > dtype(hundredths / 100)).mean(axis=0)
            np.testing.assert_allclose(counts.above(gate, hundredths / 100), expected, err_msg=str(hundredths))
