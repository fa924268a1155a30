"""Survival of writes, as pictures, tables and words: held to one write followed through the gates, step by step."""

import itertools
import json
import re
from html import unescape

import numpy as np
import pytest

from viz.figures import lifetime_captions as said
from viz.figures import theme
from viz.figures.columns import columns_of
from viz.figures.lifetimes import (
    LONGER,
    MANY_BARS,
    HalfLives,
    curve_table,
    half_life_bars,
    lifetime_table,
    survival_curves,
    survival_heatmap,
    survival_table,
)
from viz.figures.wording import share_of_one

STEPS, SOURCE, UNITS = 13, 8, 7


def followed(translation, column: int, unit: int, layer: int = 0) -> list[float]:
    """One write of 1 on its way through the cell: ``c = f * c``, nothing else."""
    gates = [
        float(trace.forget_gate[step, unit])
        for trace in (translation.encoder[layer], translation.decoder[layer])
        for step in range(len(trace.tokens))
    ]
    cell, left = 1.0, [1.0]
    for gate in gates[column + 1 :]:
        cell = gate * cell
        left.append(cell)
    return left


def halved_after(left: list[float]) -> int | None:
    return next((steps for steps, share in enumerate(left) if share <= 0.5), None)


def typical(translation, unit: int, layer: int = 0) -> int | None:
    """The product-limit median, by its definition: one duration after the other."""
    seen = []
    for column in range(STEPS):
        left = followed(translation, column, unit, layer)
        steps = halved_after(left)
        seen.append((len(left) - 1, False) if steps is None else (steps, True))
    alive = 1.0
    for duration in range(1, STEPS):
        watched = sum(steps >= duration for steps, _ in seen)
        halved = sum(steps == duration and is_halved for steps, is_halved in seen)
        if watched:
            alive *= 1 - halved / watched
        if alive <= 0.5 + 1e-9:
            return duration
    return None


def everything_said(figure) -> str:
    """Every text and number of a figure but the shares themselves."""
    return json.dumps(json.loads(figure.to_json())["layout"]) + json.dumps(
        [[str(trace.text), str(trace.hovertext), str(trace.customdata), str(trace.name)] for trace in figure.data]
    )


@pytest.fixture
def lasting(made):
    """Unit 0 never forgets, unit 1 forgets everything, unit 2 halves exactly, unit 3 keeps more than half."""
    run = made()
    gates = np.array([1.0, 0.0, 0.5, 0.97], np.float32)
    for trace in (run.encoder[0], run.decoder[0]):
        trace.forget_gate[:, :4] = gates
    return run


# --- the heat map


@pytest.mark.parametrize("layer", [0, 1])
@pytest.mark.parametrize("column", [0, 3, SOURCE - 1, SOURCE, STEPS - 1])
def test_every_cell_is_what_is_left_of_one_write(run, column, layer):
    heatmap = survival_heatmap(run, column, 2, layer).data[0]
    for row, unit in enumerate(map(int, heatmap.y)):
        np.testing.assert_allclose(heatmap.z[row], followed(run, column, unit, layer), rtol=1e-6)
    assert list(heatmap.x) == list(range(column, STEPS))
    assert np.all(heatmap.z[:, 0] == 1)


@pytest.mark.parametrize("layer", [0, 1])
def test_units_go_from_window_to_latch(run, layer):
    order = [int(unit) for unit in survival_heatmap(run, 0, 0, layer).data[0].y]
    assert sorted(order) == list(range(UNITS))
    rank = [(typical(run, unit, layer) or 10**6, followed(run, 0, unit, layer)[-1]) for unit in order]
    halves = [half for half, _ in rank]
    assert halves == sorted(halves)
    assert len(set(halves)) > 1, "else nothing is tested"
    np.testing.assert_array_equal(lifetime_table(run, 0, layer)["Unit"], order)
    np.testing.assert_array_equal(survival_table(run, 0, layer)["Unit"], order)


def test_the_latch_is_last_and_the_window_first(lasting):
    order = [int(unit) for unit in survival_heatmap(lasting, 2, 0).data[0].y]
    assert order[0] == 1
    assert order[-2:] == [3, 0]


def test_the_scale_is_that_of_the_forget_gate_from_0_to_1(run, made):
    for translation in (run, made(seed=5)):
        heatmap = survival_heatmap(translation, 1, 0).data[0]
        assert (heatmap.zmin, heatmap.zmax) == (0, 1)
        assert tuple(heatmap.colorscale) == theme.plotly_scale("forget_gate")
        assert list(heatmap.colorbar.ticktext) == ["0", "0.5", "1"]
    assert "from 0 to 1" in said.survival_caption(run, 1)


def test_only_steps_from_the_write_on_are_named_and_tokens_are_no_markup(run):
    for column in (0, 4, SOURCE):
        figure = survival_heatmap(run, column, 0)
        labels = [column.label for column in columns_of(run)][column:]
        assert [unescape(label) for label in figure.layout.xaxis.ticktext] == labels
        for label in (*figure.layout.xaxis.ticktext, *figure.layout.xaxis2.ticktext):
            assert "<" not in label
            assert "$" not in label
        assert unescape(figure.layout.xaxis2.ticktext[0]) == f"after {columns_of(run)[column].place}"


def test_the_divider_stands_where_the_encoder_ends_and_only_if_it_is_shown(run):
    (line,) = survival_heatmap(run, 2, 0).layout.shapes
    assert line.x0 == line.x1 == SOURCE - 0.5
    assert not survival_heatmap(run, SOURCE, 0).layout.shapes
    assert {note.text for note in survival_heatmap(run, 2, 0).layout.annotations} == {
        "encoder reads", "decoder writes", "◀ 0",
    }  # fmt: skip


def test_the_chosen_units_row_is_pointed_at(run):
    for unit in (0, 6):
        (mark,) = [note for note in survival_heatmap(run, 1, unit).layout.annotations if "◀" in note.text]
        assert (mark.y, mark.text) == (str(unit), f"◀ {unit}")


@pytest.mark.parametrize(("column", "unit"), [(-1, 0), (STEPS, 0), (0, -1), (0, UNITS)])
def test_what_is_not_there_cannot_be_drawn(run, column, unit):
    for draw in (survival_heatmap, survival_curves, curve_table, said.curves_caption):
        with pytest.raises(IndexError):
            draw(run, column, unit)


# --- the curves


@pytest.mark.parametrize("column", [0, 4, SOURCE + 1, STEPS - 1])
def test_there_is_a_curve_for_each_source_token_and_a_strong_one_for_the_chosen_step(run, column):
    curves = [curve for curve in survival_curves(run, column, 3).data if len(curve.x)]
    assert [curve.x[0] for curve in curves] == [*(at for at in range(SOURCE) if at != column), column]
    for curve in curves:
        np.testing.assert_allclose(curve.y, followed(run, int(curve.x[0]), 3), rtol=1e-9)
        assert unescape(curve.text) == f"written at {columns_of(run)[int(curve.x[0])].place}"
        assert "<" not in curve.text
        assert "$" not in curve.text
    widths = [curve.line.width for curve in curves]
    assert widths[-1] > max(widths[:-1])
    assert curves[-1].opacity == 1
    assert max(curve.opacity for curve in curves[:-1]) < 0.6


def test_one_half_is_a_line(run):
    halves = [line for line in survival_curves(run, 0, 0).layout.shapes if line.y0 == line.y1 == 0.5]
    assert len(halves) == 1


@pytest.mark.parametrize("dark", [False, True])
def test_curves_have_the_hue_of_the_forget_gate(run, dark):
    hue = theme.look("forget_gate").on(dark)
    assert {curve.line.color for curve in survival_curves(run, 0, 0, dark=dark).data if len(curve.x)} == {hue}


# --- half-lives


@pytest.mark.parametrize("layer", [0, 1])
def test_half_lives_are_those_of_a_simulation(run, layer):
    gates = run.values("forget_gate", layer)
    for column in range(STEPS):
        found = HalfLives.of_write(gates, column)
        for unit in range(UNITS):
            steps = halved_after(followed(run, column, unit, layer))
            assert found.is_longer[unit] == (steps is None)
            assert found.words(unit) == (LONGER if steps is None else "1 step" if steps == 1 else f"{steps} steps")
    found = HalfLives.in_run(gates)
    for unit in range(UNITS):
        assert (None if found.is_longer[unit] else found.steps[unit]) == typical(run, unit, layer)


def test_a_share_of_exactly_one_half_counts_as_halved_and_never_forgetting_as_longer(lasting):
    found = HalfLives.of_write(lasting.values("forget_gate", 0), 2)
    assert [found.words(unit) for unit in range(4)] == [LONGER, "1 step", "1 step", LONGER]


def test_bars_count_units_and_what_is_longer_stands_apart(run, lasting):
    for translation, column in itertools.product((run, lasting), range(STEPS)):
        found = HalfLives.of_write(translation.values("forget_gate", 0), column)
        steps = [halved_after(followed(translation, column, unit)) for unit in range(UNITS)]
        (bars,) = half_life_bars(found, "x").data
        told = [step for step in steps if step is not None]
        longest = max(told, default=0)
        assert list(bars.y) == [*(told.count(k) for k in range(1, longest + 1)), steps.count(None)]
        assert sum(bars.y) == UNITS
        assert list(bars.x[:-1]) == list(range(1, longest + 1))
        assert bars.x[-1] - longest >= 2, "a gap as wide as a bar"
        assert bars.hovertext[-1].endswith(LONGER)
        shown = half_life_bars(found, "x").layout.xaxis.ticktext
        assert shown[-1] == "longer"


def test_many_bars_have_no_numbers_on_them_and_few_have():
    for longest, has_numbers in ((MANY_BARS, True), (MANY_BARS + 1, False)):
        found = HalfLives(np.array([1, longest]), np.array([False, False]))
        assert (half_life_bars(found, "x").data[0].text is not None) == has_numbers


def test_a_mark_points_at_its_bar(run):
    found = HalfLives(np.array([1, 3, 0]), np.array([False, False, True]))
    figure = half_life_bars(found, "x", [(3, "unit <b>"), (None, "$x$")])
    here, apart = figure.layout.annotations
    assert (here.x, here.y, here.ax) == (3, 1, 3)
    assert (apart.x, apart.y) == (figure.data[0].x[-1], 1)
    assert "<" not in here.text
    assert "$" not in apart.text


def test_a_mark_beyond_all_half_lives_still_has_a_place():
    figure = half_life_bars(HalfLives(np.array([1]), np.array([False])), "x", [(5, "here")])
    assert list(figure.data[0].y) == [1, 0, 0, 0, 0, 0]


def test_what_is_longer_is_nowhere_a_number(lasting):
    """Unit 0 is watched for 10 steps after column 2, which is not its half-life, nor is infinity."""
    column, watched = 2, STEPS - 1 - 2
    gates = lasting.values("forget_gate", 0)
    found = HalfLives.of_write(gates, column)
    assert found.steps[0] == found.steps[3] == 0
    typical_of = HalfLives.in_run(gates)
    assert typical_of.steps[0] == typical_of.steps[3] == 0
    assert typical_of.longest < STEPS
    texts = [
        everything_said(half_life_bars(found, "t", [(None, "unit 0")])),
        everything_said(half_life_bars(typical_of, "t", [(None, "unit 0")])),
        everything_said(survival_curves(lasting, column, 0)),
        said.curves_caption(lasting, column, 0),
        said.bars_caption(found, "Of this", 0),
        said.bars_caption(typical_of, "In this run", 0),
        said.extremes_caption(lasting),
        said.survival_caption(lasting, column),
        str(lifetime_table(lasting, column)),
    ]
    for text in texts:
        assert not re.search(r"\binf|\bnan\b|infinity|Infinity|∞", text), text
    assert f"Unit 0: {LONGER}." in texts[4]
    assert f"The half-life of what {columns_of(lasting)[column].place} wrote is {LONGER}" in texts[3]
    assert f"half-life is {watched}" not in texts[3]
    assert len(half_life_bars(found, "t").data[0].x) - 1 == found.longest < watched
    table = lifetime_table(lasting, column)
    for name in ("Half-life of this write, in steps", "Typical half-life in this run, in steps"):
        cells = dict(zip(table["Unit"].tolist(), table[name], strict=True))
        assert cells[0] == cells[3] == LONGER
        assert all(isinstance(cell, str) for cell in table[name])


def test_half_lives_as_texts_sort_as_they_are():
    found = HalfLives(np.array([2, 10, 0, 1, 192]), np.array([False, False, True, False, False]))
    assert [text.strip() for text in sorted(found.sortable())] == ["1", "2", "10", "192", LONGER]


# --- tables


@pytest.mark.parametrize("column", [0, 4, STEPS - 1])
def test_tables_hold_the_numbers_of_the_pictures(run, column):
    table, shares = lifetime_table(run, column, 1), survival_table(run, column, 1)
    assert list(table["Place from window to latch"]) == list(range(1, UNITS + 1))
    for row, unit in enumerate(table["Unit"]):
        gates = [followed(run, at, unit, 1)[1] for at in range(STEPS - 1)]
        mean = np.mean([*gates, run.encoder[1].forget_gate[0, unit]])
        assert table["Mean forget gate"][row] == pytest.approx(mean)
        assert table["Left of this write at the end"][row] == pytest.approx(followed(run, column, unit, 1)[-1])
        assert table["Left of the first write at the end"][row] == pytest.approx(followed(run, 0, unit, 1)[-1])
        steps = halved_after(followed(run, column, unit, 1))
        expected = "nothing came after it" if column == STEPS - 1 else LONGER if steps is None else str(steps)
        assert table["Half-life of this write, in steps"][row].strip() == expected
        left = [values[row] for name, values in shares.items() if name != "Unit"]
        np.testing.assert_allclose(left, followed(run, column, unit, 1))
    assert len(shares) == 1 + STEPS - column


@pytest.mark.parametrize("column", [0, SOURCE + 2])
def test_the_table_of_curves_is_empty_before_a_write(run, column):
    table = curve_table(run, column, 5)
    writes = sorted({*range(SOURCE), column})
    assert table["Written at"] == [columns_of(run)[at].place for at in writes]
    for row, at in enumerate(writes):
        cells = [values[row] for name, values in table.items() if name != "Written at"]
        assert cells == [""] * at + [f"{share:.4f}" for share in followed(run, at, 5)]


# --- words


@pytest.mark.parametrize("column", range(STEPS - 1))
def test_the_caption_of_the_heat_map_follows_from_the_gates(run, column):
    left = [followed(run, column, unit)[-1] for unit in range(UNITS)]
    text = said.survival_caption(run, column)
    kept = sum(share > 0.5 for share in left)
    assert f"At the end {'no unit' if not kept else '1 unit' if kept == 1 else f'{kept} units'} still held" in text
    assert f"Most is left in unit {np.argmax(left)}, {share_of_one(max(left))}," in text
    assert f"least in unit {np.argmin(left)}, {share_of_one(min(left))}" in text
    assert text.startswith(f"What {columns_of(run)[column].place} wrote")


def test_nothing_after_the_last_step_is_said_to_be_so(run):
    for text in (said.survival_caption(run, STEPS - 1), said.halved(run, STEPS - 1, 2)):
        assert text.startswith("Nothing came after decoder step 5, “</s>”")


@pytest.mark.parametrize("unit", range(UNITS))
def test_the_caption_of_the_curves_says_when_half_was_gone(run, lasting, unit):
    for translation, column in itertools.product((run, lasting), range(STEPS - 1)):
        left, text = followed(translation, column, unit), said.curves_caption(translation, column, unit)
        steps = halved_after(left)
        if steps is None:
            assert f"is {LONGER}: {share_of_one(left[-1])} of it is left" in text
        else:
            assert (
                f"{steps} step{'s' * (steps != 1)} later, at {columns_of(translation)[column + steps].place}, with"
                in text
            )
            assert f"with {share_of_one(left[steps])} left" in text
        others = [halved_after(followed(translation, at, unit)) for at in range(SOURCE) if at != column]
        told = [steps for steps in others if steps is not None]
        assert f"{len(others)} other writes" in text
        if told:
            low, high = min(told), max(told)
            between = f"{low} to {high} steps" if low != high else "1 step" if low == 1 else f"{low} steps"
            assert f"half was gone after {between} in {len(told)} of them" in text
        assert (f"the half-life is {LONGER} in {others.count(None)}" in text) == (None in others)


def test_the_extremes_are_first_and_last_of_the_order(lasting):
    text = said.extremes_caption(lasting)
    assert "The most window-like unit in this run is 1 (typical half-life 1 step, mean forget gate 0.00)" in text
    assert f"the most latch-like is 0 (typical half-life {LONGER}, mean forget gate 1.00)" in text


def test_the_caption_of_the_bars_lists_every_bar():
    found = HalfLives(np.array([1, 1, 4, 0]), np.array([False, False, False, True]))
    assert said.bars_caption(found, "Of it", 2) == (
        f"Of it: units by half-life. 1 step: 2, 4 steps: 1, {LONGER}: 1. Unit 2: 4 steps."
    )


def test_words_and_pictures_of_the_smallest_run(made):
    """One step a side and one unit; and a single step in all is all that was written last."""
    run = made(units=1, source=("<to bn>",), target=("</s>",), layers=1)
    for column in (0, 1):
        survival_heatmap(run, column, 0)
        survival_curves(run, column, 0)
        assert said.curves_caption(run, column, 0)
        assert said.survival_caption(run, column)
        found = HalfLives.of_write(run.values("forget_gate", 0), column)
        half_life_bars(found, "x", [(None if found.is_longer[0] else int(found.steps[0]), "unit 0")])
    assert said.extremes_caption(run).startswith("There is one unit")


def test_a_recorded_run_is_followed_in_every_layer(build_tiny):
    for layers in (1, 2):
        trace = build_tiny(layers=layers, dtype="float64").translator.translate("the cat sat")
        for layer in range(layers):
            heatmap = survival_heatmap(trace, 1, 0, layer).data[0]
            for row, unit in enumerate(map(int, heatmap.y)):
                np.testing.assert_allclose(heatmap.z[row], followed(trace, 1, unit, layer), rtol=1e-6)


def test_a_figure_is_pure(run, numbers_of):
    before = numbers_of(run)
    for draw in (survival_heatmap, survival_curves):
        assert draw(run, 2, 1).to_json() == draw(run, 2, 1).to_json()
    for old, new in zip(before, numbers_of(run), strict=True):
        np.testing.assert_array_equal(old, new)
