"""Saturation of gates, as pictures, tables and words: held to comparing the gates themselves with the thresholds."""

import json
import re
from itertools import combinations

import numpy as np
import pytest

from models.analysis.lifetimes import GATES, GateCounts, LifetimeCounts, lifetimes
from viz.figures import saturation_captions as said
from viz.figures import theme
from viz.figures.lifetimes import HalfLives
from viz.figures.saturation import (
    MOST_NAMED,
    NEARLY,
    Group,
    constant_half_life,
    counted_in,
    extremes,
    gate_bars,
    same_mean,
    saturation_scatter,
    share_table,
    shares,
    together,
    value_shares,
)
from viz.figures.wording import share_of_one

THRESHOLDS = [(10, 90), (1, 51), (50, 99), (37, 64)]
LONGER = "longer than the sentences"


def compared(values: np.ndarray, low: int, high: int) -> tuple[np.ndarray, np.ndarray]:
    """Shares of steps below and above, gate by gate, with thresholds of the gates' own precision."""
    low_gate, high_gate = np.array([low / 100, high / 100], values.dtype)
    return (values < low_gate).mean(axis=0), (values > high_gate).mean(axis=0)


def counts_of(forget_gate: np.ndarray) -> GateCounts:
    counts = GateCounts.none(forget_gate.shape[1])
    for gate in GATES:
        counts.add(gate, forget_gate)
    return counts


def half_lives_of(forget_gate: np.ndarray) -> HalfLives:
    counts = LifetimeCounts.none(forget_gate.shape[1])
    counts.add(lifetimes(forget_gate))
    return HalfLives.typical(counts.half_lives(), LONGER)


@pytest.fixture
def groups(run, made) -> list[Group]:
    """The run's encoder, another network of as many units, and one of fewer."""
    others = made(seed=3), made(seed=4, units=3)
    return [
        Group("this sentence", counted_in(run.encoder[1]), True),
        Group("held-out <b>$x$", counted_in(others[0].encoder[0]), False),
        Group("held-out, own", counted_in(others[1].encoder[0]), True),
    ]


def dots(figure) -> list:
    return [trace for trace in figure.data if trace.mode == "markers" and trace.marker.symbol is None]


def rings(figure) -> list:
    return [trace for trace in figure.data if trace.mode == "markers" and trace.marker.symbol == "circle-open"]


# --- the scatter


@pytest.mark.parametrize(("low", "high"), THRESHOLDS)
@pytest.mark.parametrize("gate", GATES)
def test_each_dot_is_where_a_direct_comparison_puts_it(run, gate, low, high):
    for trace in (*run.encoder, *run.decoder):
        (dot,) = dots(saturation_scatter([Group("x", counted_in(trace), True)], gate, low, high))
        below, above = compared(getattr(trace, gate), low, high)
        np.testing.assert_allclose(dot.x, below)
        np.testing.assert_allclose(dot.y, above)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_gate_that_equals_a_threshold_is_neither_below_nor_above(dtype):
    low, high = np.array([0.1, 0.9], dtype)
    gates = np.array([[low, high], [np.nextafter(low, dtype(0)), np.nextafter(high, dtype(1))]])
    (dot,) = dots(saturation_scatter([Group("x", counts_of(gates), True)], "forget_gate", 10, 90))
    assert list(dot.x) == [0.5, 0]
    assert list(dot.y) == [0, 0.5]


@pytest.mark.parametrize("dark", [False, True])
def test_panels_share_one_scale_and_the_hue_of_their_gate(groups, dark):
    for gate in GATES:
        figure = saturation_scatter(groups, gate, 10, 90, dark=dark)
        axes = [figure.layout[name] for name in ("xaxis", "xaxis2", "xaxis3", "yaxis", "yaxis2", "yaxis3")]
        assert {tuple(axis.range) for axis in axes} == {(-0.04, 1.04)}
        assert {dot.marker.color for dot in dots(figure)} == {theme.look(gate).on(dark)}
        guides = [trace for trace in figure.data if trace.mode == "lines"]
        assert len(guides) == len(groups)
        assert all(x + y == 1 for guide in guides for x, y in zip(guide.x, guide.y))
        assert all(np.all(np.asarray(dot.x) + np.asarray(dot.y) <= 1 + 1e-12) for dot in dots(figure))


def test_the_thresholds_are_on_the_axes(groups):
    figure = saturation_scatter(groups, "input_gate", 7, 95)
    assert figure.layout.xaxis3.title.text == "share of steps below 0.07"
    assert figure.layout.yaxis.title.text == "above 0.95"


def test_no_label_is_taken_for_markup_or_for_a_formula(groups):
    for note in saturation_scatter(groups, "forget_gate", 10, 90).layout.annotations:
        assert "<" not in note.text
        assert "$" not in note.text


def test_the_unit_is_ringed_only_where_it_is_the_same_unit(groups):
    below, above = shares(groups[0].counts, "forget_gate", 40, 60)
    (ring,) = rings(saturation_scatter(groups, "forget_gate", 40, 60, unit=5))
    assert (ring.x[0], ring.y[0], ring.yaxis) == (below[5], above[5], "y")
    assert [ring.yaxis for ring in rings(saturation_scatter(groups, "forget_gate", 40, 60, unit=2))] == ["y", "y3"]
    assert rings(saturation_scatter(groups, "forget_gate", 40, 60)) == []


def test_hovering_names_the_unit_and_both_shares_and_all_units_at_one_spot():
    gates = np.array([[0.05, 0.95, 0.5, 0.05], [0.05, 0.5, 0.95, 0.5]], np.float32)
    (dot,) = dots(saturation_scatter([Group("x", counts_of(gates), True)], "forget_gate", 10, 90))
    assert dot.text[0] == "unit 0<br>below 0.10 in 1.000 of the steps<br>above 0.90 in 0.000"
    assert dot.text[1] == dot.text[2] == "units 1, 2<br>below 0.10 in 0.000 of the steps<br>above 0.90 in 0.500"
    assert dot.text[3].startswith("unit 3<br>below 0.10 in 0.500")


def test_many_units_at_one_spot_are_counted():
    (dot,) = dots(saturation_scatter([Group("x", counts_of(np.full((2, 9), 0.5)), True)], "forget_gate", 10, 90))
    assert set(dot.text) == {
        f"units 0, 1, 2, 3, 4, 5 and {9 - MOST_NAMED} more<br>below 0.10 in 0.000 of the steps<br>above 0.90 in 0.000"
    }


@pytest.mark.parametrize(("low", "high"), THRESHOLDS)
def test_the_table_holds_the_numbers_of_the_pictures(run, low, high):
    trace = run.decoder[0]
    table = share_table(counted_in(trace), low, high)
    assert list(table["Unit"]) == list(range(7))
    for gate in GATES:
        values, name = getattr(trace, gate), theme.look(gate).name
        below, above = compared(values, low, high)
        np.testing.assert_allclose(table[f"{name} below {low / 100:.2f}"], below)
        np.testing.assert_allclose(table[f"{name} above {high / 100:.2f}"], above)
        np.testing.assert_allclose(table[f"{name}, mean"], values.mean(axis=0, dtype=np.float64))


def test_the_smallest_networks_can_be_drawn(build_tiny, made):
    one = made(units=1, source=("<to bn>",), target=("</s>",), layers=1)
    for trace in (one, *(build_tiny(layers=layers).translator.translate("the cat sat") for layers in (1, 2))):
        for layer in (*trace.encoder, *trace.decoder):
            group = [Group("x", counted_in(layer), True)]
            for gate in GATES:
                (dot,) = dots(saturation_scatter(group, gate, 10, 90, unit=0))
                np.testing.assert_allclose(dot.x, compared(getattr(layer, gate), 10, 90)[0])


# --- words


@pytest.mark.parametrize(("low", "high"), THRESHOLDS)
@pytest.mark.parametrize("gate", GATES)
def test_the_caption_says_what_part_of_all_values_is_beyond(run, groups, gate, low, high):
    text = said.scatter_caption(groups, gate, low, high, 5)
    values = getattr(run.encoder[1], gate)
    below, above = compared(values, low, high)
    assert f"this sentence {share_of_one(below.mean())} and {share_of_one(above.mean())}; held-out <b>$x$" in text
    assert text.endswith(
        f"Unit 5, ringed: this sentence {share_of_one(below[5])} and {share_of_one(above[5])}."
    )  # fmt: skip
    assert f"below {low / 100:.2f} and above {high / 100:.2f}:" in text
    assert "ringed" not in said.scatter_caption(groups, gate, low, high)


def test_units_that_are_mostly_beyond_are_counted(run, groups):
    rows = said.mostly_rows(groups, 40, 60)
    assert len(rows[0]) == len(said.mostly_header(40, 60))
    expected = []
    for gate in GATES:
        for share in compared(getattr(run.encoder[1], gate), 40, 60):
            expected.append(int((share >= 0.5).sum()))
    assert rows[0] == ["This sentence", "8", *expected]
    assert any(expected)


# --- what a mean hides


def mixed() -> np.ndarray:
    """Unit 0 is a switch and unit 1 steady with the same mean, unit 2 a window, unit 3 a latch that never halves."""
    switch = np.tile([0.0, 1.0], 10)
    return np.stack([switch, np.full(20, 0.5), np.full(20, 0.05), np.full(20, 0.999)], axis=1)


def test_two_units_of_the_same_mean_are_those_a_search_through_all_pairs_finds(run, made):
    for gates in (mixed(), *(np.vstack([t.encoder[0].forget_gate] * 2) for t in (run, made(seed=7, units=40)))):
        counts = counts_of(gates)
        mean, (below, above) = gates.mean(axis=0, dtype=np.float64), compared(gates, 30, 70)
        best = 0.0
        for one, other in combinations(range(gates.shape[1]), 2):
            if abs(mean[one] - mean[other]) <= NEARLY:
                best = max(best, abs(below[one] + above[one] - below[other] - above[other]))
        pair = same_mean(counts, 30, 70)
        if best == 0:
            assert pair is None
            continue
        one, other = pair
        assert abs(mean[one] - mean[other]) <= NEARLY
        assert below[one] + above[one] - below[other] - above[other] == pytest.approx(best)
    assert same_mean(counts_of(mixed()), 10, 90) == (0, 1)


def test_without_two_such_units_that_is_said():
    counts = counts_of(mixed()[:, 2:])
    assert same_mean(counts, 10, 90) is None
    text = said.same_mean_caption(counts, half_lives_of(mixed()[:, 2:]), 10, 90)
    assert text == (
        "Of all pairs of units whose mean forget gates differ by at most 0.01, none differs in how often it is below "
        "0.10 or above 0.90."
    )
    assert same_mean(counts_of(np.full((3, 1), 0.5)), 10, 90) is None


def test_the_pair_is_told_with_means_shares_and_half_lives():
    text = said.same_mean_caption(counts_of(mixed()), half_lives_of(mixed()), 10, 90)
    assert (
        "unit 0 has mean 0.500, is below 0.10 in 0.50 and above 0.90 in 0.50 of the steps, and has a typical half-life "
        "of 2 steps; unit 1 has mean 0.500, is below 0.10 in 0.00 and above 0.90 in 0.00 of the steps" in text
    )
    assert text.endswith(
        "typical half-life of 1 step. The means are nearly the same; the gates are not, and neither are the half-lives."
    )
    alike = np.stack([np.tile([0.0, 1.0], 10), np.full(20, 0.505)], axis=1)
    text = said.same_mean_caption(counts_of(alike), half_lives_of(alike), 10, 90)
    assert text.endswith(
        "of 2 steps. The means are nearly the same; the gates are not, though the typical half-lives are equal."
    )


def test_the_extremes_are_a_window_and_a_latch():
    counts, half_lives = counts_of(mixed()), half_lives_of(mixed())
    assert extremes(counts, half_lives) == (2, 3)
    text = said.extremes_caption(counts, half_lives)
    assert "most window-like unit is 2: mean forget gate 0.05, typical half-life 1 step" in text
    assert f"most latch-like is 3: mean more than 0.99, typical half-life {LONGER}" in text


@pytest.mark.parametrize("mean", [1e-9, 0.3, 0.5, 0.50001, 0.52, 0.7, 0.7072, 0.9, 0.99])
def test_a_constant_gate_halves_when_multiplying_says_so(mean):
    left, steps = 1.0, 0
    while left > 0.5:
        left, steps = left * mean, steps + 1
    assert constant_half_life(mean) == steps


@pytest.mark.parametrize("mean", [1.0, 0.9999])
def test_a_constant_gate_that_outlasts_every_run_has_no_half_life(mean):
    assert constant_half_life(mean) is None


def test_the_mean_is_called_hypothetical_and_set_against_the_units():
    gates = mixed()
    text = said.mean_caption(counts_of(gates), half_lives_of(gates), 1000)
    mean = gates.mean()
    assert (
        f"1,000 translations (20 steps of encoder and decoder) the mean forget gate of all 4 units is {mean:.3f}"
        in text
    )
    assert "Hypothetical: were there one gate" in text
    derived = np.log(0.5) / np.log(mean)
    steps = constant_half_life(mean)
    assert f"gone after {steps} steps (ln 0.5 / ln {mean:.3f} = {derived:.2f})" in text
    count = int((half_lives_of(gates).steps == steps).sum())
    assert text.endswith(f"Of the real units {count} of 4 have that typical half-life.")


def test_what_cannot_be_told_is_nowhere_a_number():
    gates = np.full((20, 2), 0.999)
    counts, half_lives = counts_of(gates), half_lives_of(gates)
    assert half_lives.is_longer.all()
    figure = gate_bars(counts, [(0, "latch")], half_lives)
    texts = [
        said.mean_caption(counts, half_lives, 3),
        said.extremes_caption(counts, half_lives),
        json.dumps(json.loads(figure.to_json())["layout"]),
        str(figure.data[0].hovertext),
    ]
    for text in texts:
        assert not re.search(r"\binf|\bnan\b|Infinity|∞", text), text
    assert "it would keep more than half longer than any of these sentences" in texts[0]
    assert figure.layout.annotations[0].text.endswith(LONGER)
    ones = np.ones((20, 1))
    assert "longer than any" in said.mean_caption(counts_of(ones), half_lives_of(ones), 3)
    zeros = np.zeros((20, 1))
    assert "gone after 1 step." in said.mean_caption(counts_of(zeros), half_lives_of(zeros), 3)


def test_the_values_of_a_unit_are_counted_in_tenths(run):
    for trace in (*run.encoder, *run.decoder):
        counts = counted_in(trace)
        for unit in range(7):
            values = trace.forget_gate[:, unit]
            expected = np.histogram(values, np.linspace(0, 1, 11).astype(np.float32))[0] / len(values)
            np.testing.assert_allclose(value_shares(counts, unit), expected)


def test_the_bars_of_a_unit_have_its_mean_marked():
    counts, half_lives = counts_of(mixed()), half_lives_of(mixed())
    figure = gate_bars(counts, [(2, "window"), (0, "same mean")], half_lives)
    assert [line.x0 for line in figure.layout.shapes] == pytest.approx([0.05, 0.5])
    assert [note.text for note in figure.layout.annotations] == [
        "window: unit 2, mean 0.05, 1 step", "same mean: unit 0, mean 0.50, 2 steps",
    ]  # fmt: skip
    assert list(figure.data[1].y) == [0.5, *[0] * 8, 0.5]
    assert figure.layout.yaxis.range == (0, 1)


def test_sides_are_counted_together(run):
    both = together([counted_in(run.encoder[0]), counted_in(run.decoder[0])])
    values = np.vstack([run.encoder[0].forget_gate, run.decoder[0].forget_gate])
    assert both.steps == len(values)
    np.testing.assert_allclose(both.mean("forget_gate"), values.mean(axis=0, dtype=np.float64))
    np.testing.assert_allclose(both.below("forget_gate", 0.3), compared(values, 30, 70)[0])


def test_a_figure_is_pure(groups):
    before = [group.counts.counts.copy() for group in groups]
    for _ in range(2):
        first = saturation_scatter(groups, "forget_gate", 10, 90, 1).to_json()
        assert first == saturation_scatter(groups, "forget_gate", 10, 90, 1).to_json()
    for old, group in zip(before, groups, strict=True):
        np.testing.assert_array_equal(old, group.counts.counts)
