"""Figures of two runs show their own numbers and scales, and leave gaps where a run has no step."""

import json
import unicodedata
from dataclasses import replace
from html import unescape

import numpy as np
import pytest

from models.analysis.comparison import Divergence, difference, distances, first_divergence, paired
from models.recurrent.trace import LSTM_CELL, QUANTITIES
from viz.figures import theme
from viz.figures.comparison import difference_heatmap, distance_chart, pair_labels, parts_of_pairs
from viz.figures.comparison_captions import difference_captions

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
    heat_map = difference_heatmap(run, other, quantity, pairs, order=order).data[0]
    np.testing.assert_array_equal(
        heat_map.z, difference(run, other, quantity, pairs).T[order].astype(np.float32), strict=False
    )
    gaps = [at for at, pair in enumerate(pairs) if None in pair]
    assert gaps
    assert np.isnan(heat_map.z).all(axis=0).nonzero()[0].tolist() == gaps
    assert heat_map.hoverongaps is False
    assert list(heat_map.y) == list(map(str, order))


def test_what_has_bounds_ends_at_1_and_the_cell_state_at_its_own_largest_difference(run, other):
    """So that a cell state that differs by 5 leaves no gate white that differs by 0.8."""
    pairs = paired(run, other, "token")
    cells = replace(other.decoder[0], cell_state=other.decoder[0].cell_state * 50)
    other = replace(other, decoder=[cells, other.decoder[1]])
    own = theme.rounded_limit(float(np.nanmax(np.abs(difference(run, other, "cell_state", pairs)))))
    assert own > 2
    for quantity in QUANTITIES:
        figure = difference_heatmap(run, other, quantity, pairs)
        heat_map = figure.data[0]
        limit = own if quantity == "cell_state" else 1 if np.nanmax(np.abs(heat_map.z)) <= 1 else 2
        assert (heat_map.zmin, heat_map.zmax) == (-limit, limit)
        assert heat_map.colorbar.ticktext == (f"−{limit:g}", "0", f"{limit:g}")
        assert np.nanmax(np.abs(heat_map.z)) <= limit * (1 + 1e-6)
        assert f"from −{limit:g} to {limit:g}." in difference_captions(run, other, pairs)[quantity]
        assert tuple(map(tuple, heat_map.colorscale)) == theme.plotly_scale("difference")
        assert figure.layout.title.text == (
            f"Difference of {theme.look(quantity).words} Δ{theme.look(quantity).symbol}"
        )
    with pytest.raises(ValueError, match="see difference_limit"):
        theme.limits("difference", run, other)


def test_a_scale_of_differences_widens_to_whole_numbers_where_it_must():
    gate, candidate = LSTM_CELL["forget_gate"], LSTM_CELL["candidate"]
    ends = [theme.difference_limit(gate, size) for size in (0, 0.02, 0.8, 1)]
    assert ends == [1, 1, 1, 1]
    assert [theme.difference_limit(candidate, size) for size in (0.99, 1.001, 1.99)] == [1, 2, 2]
    assert theme.difference_limit(gate, 2.3) == 3  # a forget gate that was set to 3
    assert theme.difference_limit(LSTM_CELL["cell_state"], 5.41) == 5.5
    with pytest.raises(ValueError, match="no colour scale"):
        theme.difference_limit(gate, np.nan)


def test_a_difference_is_grey_where_b_is_larger_and_no_quantity_is_grey():
    grey = theme.lut("difference")[128:].astype(int)
    assert np.ptp(grey, axis=1).max() <= 2
    for quantity in QUANTITIES:
        assert np.ptp(theme.lut(quantity)[[64, 255]].astype(int), axis=1).max() > 20


def test_columns_that_only_one_run_has_are_crossed_out(run, other):
    pairs = paired(run, other, "step")
    for figure in (
        difference_heatmap(run, other, "candidate", pairs),
        distance_chart(run, other, pairs, ("A", "B"), first_divergence(run, other, pairs), is_dark=False),
    ):
        boxes = [shape for shape in figure.layout.shapes if shape.type == "rect"]
        assert [box.x0 + 0.5 for box in boxes] == [at for at, pair in enumerate(pairs) if None in pair]


def test_tokens_and_names_are_drawn_as_typed(run, other):
    pairs = paired(run, other, "step")
    divergence = first_divergence(run, other, pairs)
    for figure in (
        difference_heatmap(run, other, "cell_state", pairs, HOSTILE),
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


def test_a_lone_sign_in_a_label_stands_on_a_circle_and_not_on_the_blank_before_it(made):
    """“ঘুমা ≠ া” was an empty box: with the blank it makes one letter, which no typeface has."""
    source = ("<to bn>", "▁the", "</s>")
    a, b = (made(5, source=source, target=(token, "</s>")) for token in ("▁ঘুমা", "া"))
    label = pair_labels(a, b, paired(a, b, "step"))[len(source)]
    assert label == "ঘুমা ≠ ◌া"
    assert unicodedata.category("া")[0] == "M", "after the blank it would be written onto that"


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
