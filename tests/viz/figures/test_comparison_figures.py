"""Figures of two runs show their own numbers, one scale for all differences, and leave gaps where a run has no step."""

import json
from html import unescape

import numpy as np
import pytest

from models.analysis.comparison import Divergence, difference, distances, first_divergence, largest_difference, paired
from models.recurrent.trace import QUANTITIES
from viz.figures import theme
from viz.figures.comparison import difference_heatmap, distance_chart, pair_labels, parts_of_pairs

HOSTILE = ("<b>as it was</b>", "$x$ & more")


@pytest.fixture
def other(made):
    """Two words more than ``run``, one of them unlike, and a target of another length."""
    source = ("<to bn>", "▁the", "▁dog", "▁and", "▁the", "<unk>", "▁<", "▁$", "▁on", "</s>")
    return made(5, source=source, target=("▁<script>", "টি", "</s>"))


def plain(label: str) -> str:
    assert "<" not in label.replace("<br>", "")
    return unescape(label.replace("<br>", " "))


@pytest.mark.parametrize("by", ["step", "token"])
@pytest.mark.parametrize("quantity", QUANTITIES)
def test_a_cell_is_b_minus_a_and_a_gap_is_empty(run, other, quantity, by):
    pairs = paired(run, other, by)
    order = np.array([4, 2, 0, 6, 5, 3, 1])
    heat_map = difference_heatmap(run, other, quantity, pairs, 3.5, order=order).data[0]
    np.testing.assert_array_equal(
        heat_map.z, difference(run, other, quantity, pairs).T[order].astype(np.float32), strict=False
    )
    gaps = [at for at, pair in enumerate(pairs) if None in pair]
    assert gaps
    assert np.isnan(heat_map.z).all(axis=0).nonzero()[0].tolist() == gaps
    assert heat_map.hoverongaps is False
    assert list(heat_map.y) == list(map(str, order))


def test_all_six_have_the_limit_they_are_given_and_the_colours_of_differences(run, other):
    pairs = paired(run, other, "token")
    limit = theme.rounded_limit(largest_difference(run, other, pairs))
    for quantity in QUANTITIES:
        figure = difference_heatmap(run, other, quantity, pairs, limit)
        heat_map = figure.data[0]
        assert (heat_map.zmin, heat_map.zmax) == (-limit, limit)
        assert np.nanmax(np.abs(heat_map.z)) <= limit * (1 + 1e-6)
        assert tuple(map(tuple, heat_map.colorscale)) == theme.plotly_scale("difference")
        assert figure.layout.title.text == (
            f"Difference of {theme.look(quantity).words} Δ{theme.look(quantity).symbol}"
        )
    for limit in (0, -1, np.nan):
        with pytest.raises(ValueError, match="limit of the scale"):
            difference_heatmap(run, other, "candidate", pairs, limit)
    with pytest.raises(ValueError, match="largest of all quantities"):
        theme.limits("difference", run, other)


def test_a_difference_is_grey_where_b_is_larger_and_no_quantity_is_grey():
    grey = theme.lut("difference")[128:].astype(int)
    assert np.ptp(grey, axis=1).max() <= 2
    for quantity in QUANTITIES:
        assert np.ptp(theme.lut(quantity)[[64, 255]].astype(int), axis=1).max() > 20


def test_columns_that_only_one_run_has_are_crossed_out(run, other):
    pairs = paired(run, other, "step")
    for figure in (
        difference_heatmap(run, other, "candidate", pairs, 2.0),
        distance_chart(run, other, pairs, ("A", "B"), first_divergence(run, other, pairs), is_dark=False),
    ):
        boxes = [shape for shape in figure.layout.shapes if shape.type == "rect"]
        assert [box.x0 + 0.5 for box in boxes] == [at for at, pair in enumerate(pairs) if None in pair]


def test_tokens_and_names_are_drawn_as_typed(run, other):
    pairs = paired(run, other, "step")
    divergence = first_divergence(run, other, pairs)
    for figure in (
        difference_heatmap(run, other, "cell_state", pairs, 5.0, HOSTILE),
        distance_chart(run, other, pairs, HOSTILE, divergence, is_dark=True),
    ):
        assert [plain(text) for text in figure.layout.xaxis.ticktext] == pair_labels(run, other, pairs)
        text = figure.to_json()
        for typed in ("<b>", "<script>", "$x$"):
            assert json.dumps(typed)[1:-1].replace("<", "\\u003c").replace(">", "\\u003e") not in text
            assert typed not in text
    labels = pair_labels(run, other, pairs)
    assert labels[1:3] == ["the", "cat ≠ dog"]
    assert labels[8:10] == ["– ≠ on", "– ≠ </s>"]
    assert labels[10] == "<script>"


@pytest.mark.parametrize("is_dark", [False, True])
@pytest.mark.parametrize("by", ["step", "token"])
def test_the_lines_are_the_distances_in_the_hues_of_the_states(run, other, by, is_dark):
    pairs = paired(run, other, by)
    figure = distance_chart(run, other, pairs, ("A", "B"), first_divergence(run, other, pairs), is_dark, layer=1)
    for line, quantity in zip(figure.data, ("cell_state", "hidden_state"), strict=True):
        np.testing.assert_array_equal(line.y, distances(run, other, quantity, pairs, 1))
        assert line.line.color == theme.look(quantity).on(is_dark)
        assert line.name.startswith(theme.look(quantity).name)
    assert figure.data[0].line.dash != figure.data[1].line.dash
    divider = next(shape for shape in figure.layout.shapes if shape.line.width == 4)
    assert divider.x0 == parts_of_pairs(run, other, pairs)[0][1] - 0.5 == max(8, 10) - 0.5


def test_the_points_where_the_runs_part_are_marked_where_they_are(run, made, other):
    later = made(5, source=run.source_tokens, target=run.target_tokens)
    for one, two, expected in (
        (run, run, {}),
        (run, later, {"numbers part": 0}),
        (run, other, {"numbers part": 0, "tokens part": 2}),
    ):
        pairs = paired(one, two, "step")
        figure = distance_chart(one, two, pairs, ("A", "B"), first_divergence(one, two, pairs), is_dark=False)
        assert {note.text: note.x for note in figure.layout.annotations} == expected


def test_a_difference_of_rounding_has_a_mark_of_its_own(run, made):
    pairs = paired(run, run, "step")
    figure = distance_chart(run, run, pairs, ("A", "B"), Divergence(0, 3, 4), is_dark=False)
    assert {note.text: note.x for note in figure.layout.annotations} == {
        "last digits part": 0, "tokens part": 3, "numbers part": 4,
    }  # fmt: skip
    heights = {note.x: note.y for note in figure.layout.annotations}
    assert heights[0] > heights[3] > heights[4]  # so that no line runs through the name of another
