"""Attention weights: each in its place, exact where one points, and clickable."""

from html import unescape

import numpy as np
import pytest
from test_figure_theme import contrast

from viz.figures import theme
from viz.figures.attention import attention_heatmap, written


def test_rows_are_target_tokens_and_columns_are_source_states(run):
    figure = attention_heatmap(run)
    z = figure.data[0].z
    assert z.dtype == np.float32
    for target in range(5):
        for source in range(8):
            assert z[target, source] == run.attention[target, source]
    assert [unescape(label) for label in figure.layout.xaxis.ticktext] == [
        "<to bn>", "the", "cat", "the", "<b>", "<", "$", "</s>",
    ]  # fmt: skip
    assert [unescape(label) for label in figure.layout.yaxis.ticktext] == ["<script>", "বিড়াল", "টি", "$", "</s>"]
    assert figure.layout.yaxis.range[0] > figure.layout.yaxis.range[1]  # the first target token on top


def test_no_label_is_taken_for_markup_or_for_a_formula(run):
    figure = attention_heatmap(run)
    for label in (*figure.layout.xaxis.ticktext, *figure.layout.yaxis.ticktext, *figure.data[-1].text):
        assert "<" not in label.replace("<br>", "")
        assert "$" not in label


def test_the_colour_range_is_zero_to_one_in_every_run(run, made):
    for translation in (run, made(seed=4)):
        heatmap = attention_heatmap(translation).data[0]
        assert (heatmap.zmin, heatmap.zmax) == (0, 1)
        assert tuple(heatmap.colorscale) == theme.plotly_scale("attention")


def test_weights_are_written_into_the_cells_of_a_small_picture_only(run, made):
    _, *labelled, _ = attention_heatmap(run).data
    for target in range(5):
        for source in range(8):
            heatmap, other = sorted(labelled, key=lambda each: np.isnan(each.z[target, source]))
            assert np.isnan(other.z[target, source])
            assert other.text[target][source] == ""
            assert heatmap.z[target, source] == run.attention[target, source]
            assert abs(float(heatmap.text[target][source] or 0) - run.attention[target, source]) <= 0.0051
    for source, target in ((13, 5), (5, 13)):
        assert len(attention_heatmap(made(source=("▁a",) * source, target=("▁b",) * target)).data) == 2


def test_colours_are_sent_once_and_what_writes_hides_none(run):
    _, *labelled, _ = attention_heatmap(run).data
    assert len(labelled) == 2
    for layer in labelled:
        assert {colour for _, colour in layer.colorscale} == {"rgba(0,0,0,0)"}


@pytest.mark.parametrize("weight", np.linspace(0, 1, 21))
def test_a_written_weight_can_be_read_on_its_colour(made, weight):
    translation = made(target=("</s>",))
    translation.attention[:] = weight
    _, *labelled, _ = attention_heatmap(translation).data
    (ink,) = (each.textfont.color for each in labelled if not np.isnan(each.z).any())
    red, green, blue = theme.lut("attention")[round(255 * weight)]
    assert contrast(ink, f"#{red:02x}{green:02x}{blue:02x}") >= 4.5


def test_no_label_leans(run):
    """Level where there is room, upright where there is none."""
    assert attention_heatmap(run).layout.xaxis.autotickangles == (0, -90)


def test_a_written_weight_is_as_short_as_can_be():
    weights = np.array([[0.0, 0.004, 0.07, 0.5, 0.994, 0.996, 1.0]])
    assert written(weights).tolist() == [["", "", ".07", ".50", ".99", "1.0", "1.0"]]


def hovered(figure) -> list[str]:
    """What Plotly writes beside the pointer at each cell: it puts the labels of the axes in for x and y."""
    layer, said = figure.data[-1], []
    for at, told in enumerate(layer.customdata):
        text = layer.hovertemplate.removesuffix("<extra></extra>").replace("%{text}", layer.text[at])
        for number, value in enumerate(told):
            text = text.replace(f"%{{customdata[{number}]}}", str(value))
        text = text.replace("%{x}", figure.layout.xaxis.ticktext[layer.x[at]])
        said.append(text.replace("%{y}", figure.layout.yaxis.ticktext[layer.y[at]]))
    return said


def test_hovering_tells_both_tokens_and_the_exact_weight(run):
    figure = attention_heatmap(run)
    said = hovered(figure)
    for text, (target, source, *_) in zip(said, figure.data[-1].customdata, strict=True):
        assert f"decoder step {target + 1}, “" in text
        assert f"encoder step {source + 1}, “" in text
        assert text.endswith(f"weight {run.attention[target, source]:.4f}")
    assert unescape(said[4]).startswith("decoder step 1, “<script>”<br>to the state at encoder step 5, “<b>”")
    assert "%{" not in "".join(said)


def test_a_click_on_any_cell_reports_its_target_and_source(run):
    figure = attention_heatmap(run)
    layer = figure.data[-1]
    assert [list(cell[:2]) for cell in layer.customdata] == [[t, s] for t in range(5) for s in range(8)]
    assert [(y, x) for x, y in zip(layer.x, layer.y)] == [(t, s) for t in range(5) for s in range(8)]
    assert figure.layout.clickmode == "event+select"
    assert figure.layout.hovermode == "closest"
    assert figure.layout.hoverdistance == -1  # wherever one clicks, the nearest cell is meant


def test_what_a_click_reports_reaches_the_browser_as_lists(run):
    """An array is sent in base64 and comes back from Streamlit as ``{"0": ..., "1": ...}``."""
    assert attention_heatmap(run).to_plotly_json()["data"][-1]["customdata"][9] == [1, 1, 2, 2]
    assert "bdata" not in str(attention_heatmap(run).to_dict()["data"][-1]["customdata"])


def test_the_clickable_layer_is_never_seen_and_alone_is_hovered(run):
    *heatmaps, layer = attention_heatmap(run).data
    assert layer.marker.opacity == layer.selected.marker.opacity == layer.unselected.marker.opacity == 0
    assert layer.mode == "markers"
    assert layer.marker.symbol == "square"
    assert {heatmap.hoverinfo for heatmap in heatmaps} == {"skip"}


def test_the_selected_target_step_is_framed(run):
    assert not attention_heatmap(run).layout.shapes
    for target in (0, 4):
        for frame in attention_heatmap(run, target).layout.shapes:
            assert (frame.x0, frame.x1, frame.y0, frame.y1) == (-0.5, 7.5, target - 0.5, target + 0.5)
        assert attention_heatmap(run, target).layout.shapes


@pytest.mark.parametrize("target", [-1, 5])
def test_a_target_step_that_is_not_there_cannot_be_selected(run, target):
    with pytest.raises(IndexError, match="there are steps 0 to 4"):
        attention_heatmap(run, target)


def test_one_target_token_is_enough(made):
    assert attention_heatmap(made(target=("</s>",)), 0).data[0].z.shape == (1, 8)


def test_a_figure_is_pure(run, numbers_of):
    before = numbers_of(run)
    assert attention_heatmap(run, 2).to_json() == attention_heatmap(run, 2).to_json()
    for old, new in zip(before, numbers_of(run), strict=True):
        np.testing.assert_array_equal(old, new)
