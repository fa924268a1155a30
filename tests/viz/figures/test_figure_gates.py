"""A heat map shows the values of its trace, in the right place, under the right names, on a scale that stays."""

from html import unescape

import numpy as np
import plotly.graph_objects as go
import pytest

from models.recurrent.trace import QUANTITIES
from viz.figures import theme
from viz.figures.gates import quantity_heatmap, trace_heatmap

FIXED = [quantity for quantity in QUANTITIES if quantity != "cell_state"]


def shown(label: str) -> str:
    """What Plotly draws for a label without mark-up."""
    assert "<" not in label.replace("<br>", "")
    return unescape(label.replace("<br>", " "))


def rings(figure: go.Figure) -> list[tuple[int, str]]:
    return [(trace.x[0], trace.y[0]) for trace in figure.data if trace.type == "scatter" and len(trace.x)]


@pytest.mark.parametrize("layer", [0, 1])
@pytest.mark.parametrize("quantity", QUANTITIES)
def test_every_cell_has_the_value_of_its_unit_and_step(run, quantity, layer):
    z = quantity_heatmap(run, quantity, layer=layer).data[0].z
    assert z.dtype == np.float32
    assert z.shape == (7, 13)
    for unit in range(7):
        for column in range(13):
            trace, step = (run.encoder[layer], column) if column < 8 else (run.decoder[layer], column - 8)
            assert z[unit, column] == getattr(trace, quantity)[step, unit]


def test_the_first_layer_is_shown_unless_another_is_asked_for(run):
    assert quantity_heatmap(run, "candidate") == quantity_heatmap(run, "candidate", layer=0)
    assert quantity_heatmap(run, "candidate") != quantity_heatmap(run, "candidate", layer=1)


def test_an_order_moves_rows_and_their_numbers_together(run):
    order = np.array([4, 2, 0, 6, 5, 3, 1])
    stored, ordered = quantity_heatmap(run, "cell_state").data[0], quantity_heatmap(run, "cell_state", order).data[0]
    assert list(ordered.y) == ["4", "2", "0", "6", "5", "3", "1"]
    assert list(stored.y) == ["0", "1", "2", "3", "4", "5", "6"]
    for unit, values in zip(ordered.y, ordered.z, strict=True):
        np.testing.assert_array_equal(values, stored.z[int(unit)])


def test_units_are_categories_from_top_to_bottom(run):
    axis = quantity_heatmap(run, "cell_state").layout.yaxis
    assert axis.type == "category"  # so that a tick has the number of its own row, whatever the order
    assert axis.range[0] > axis.range[1]


@pytest.mark.parametrize("order", [[0, 1, 2], [0, 0, 2, 3, 4, 5, 6], [1, 2, 3, 4, 5, 6, 7]])
def test_an_order_that_would_lose_a_unit_is_refused(run, order):
    with pytest.raises(ValueError, match="permutation of the 7 units"):
        quantity_heatmap(run, "cell_state", np.array(order))


def test_columns_are_labelled_by_what_was_read_and_what_was_written(run):
    axis = quantity_heatmap(run, "forget_gate").layout.xaxis
    assert list(axis.tickvals) == list(range(13))
    assert [shown(label) for label in axis.ticktext] == [
        "<to bn>", "the", "cat", "the", "<b>", "<", "$", "</s>", "<script>", "বিড়াল", "টি", "$", "</s>",
    ]  # fmt: skip


def test_no_label_is_taken_for_markup_or_for_a_formula(run):
    layout = quantity_heatmap(run, "forget_gate").layout
    for label in (*layout.xaxis.ticktext, *layout.xaxis2.ticktext):
        assert "<" not in label.replace("<br>", "")
        assert "$" not in label


def test_hovering_tells_step_token_unit_and_the_exact_value(run):
    figure = quantity_heatmap(run, "forget_gate")
    heatmap = figure.data[0]
    assert heatmap.xaxis == "x2"  # whose tick texts are the first line of the hover label
    assert heatmap.hovertemplate == "%{x}<br>unit %{y}<br>Forget gate f = %{z:.4f}<extra></extra>"
    texts = [shown(text) for text in figure.layout.xaxis2.ticktext]
    assert texts[2] == "encoder step 3 read “cat”"
    assert texts[4] == "encoder step 5 read “<b>”"
    assert texts[8] == "decoder step 1 wrote “<script>”, having read “<s>”"
    assert texts[10] == "decoder step 3 wrote “টি”, having read “বিড়াল”"
    assert len(texts) == 13


def test_the_hover_axis_is_unseen_and_lies_on_the_visible_one(run):
    layout = quantity_heatmap(run, "forget_gate").layout
    assert layout.xaxis2.overlaying == layout.xaxis2.matches == "x"
    assert layout.xaxis2.showticklabels is False
    assert layout.xaxis2.range == layout.xaxis.range == (-0.5, 12.5)
    assert list(layout.xaxis2.tickvals) == list(layout.xaxis.tickvals)


def test_every_step_has_its_own_column_although_tokens_repeat(run):
    assert list(quantity_heatmap(run, "forget_gate").data[0].x) == list(range(13))


def test_the_divider_stands_between_the_last_source_and_the_first_target_token(run, made):
    for translation, at in ((run, 7.5), (made(source=("<to bn>", "▁go", "</s>")), 2.5)):
        (line,) = quantity_heatmap(translation, "input_gate").layout.shapes
        assert line.x0 == line.x1 == at
        assert line.y0 == 0
        assert line.y1 >= 1
        assert line.yref == "paper"
        assert line.line.width >= 3


@pytest.mark.parametrize("quantity", FIXED)
def test_two_runs_have_one_colour_range(run, made, quantity):
    other = made(seed=3, units=2, source=("<to bn>", "▁go", "</s>"))
    scales = [
        (f.data[0].zmin, f.data[0].zmax) for f in (quantity_heatmap(run, quantity), quantity_heatmap(other, quantity))
    ]
    assert scales[0] == scales[1] == ((0, 1) if quantity.endswith("gate") else (-1, 1))


@pytest.mark.parametrize("seed", range(6))
def test_the_cell_state_is_shown_on_a_symmetric_scale_whose_ends_are_printed(made, seed):
    run = made(seed)
    heatmap = quantity_heatmap(run, "cell_state").data[0]
    largest = max(np.abs(run.encoder[0].cell_state).max(), np.abs(run.decoder[0].cell_state).max())
    assert heatmap.zmin == -heatmap.zmax
    assert largest <= heatmap.zmax <= 1.1 * largest
    assert list(heatmap.colorbar.tickvals) == [heatmap.zmin, 0, heatmap.zmax]
    assert list(heatmap.colorbar.ticktext) == [f"−{heatmap.zmax:g}", "0", f"{heatmap.zmax:g}"]


def test_runs_that_are_compared_can_share_a_scale_of_the_cell_state(run, made):
    shared = theme.limits("cell_state", run, made(seed=9))
    for translation in (run, made(seed=9)):
        heatmap = quantity_heatmap(translation, "cell_state", limits=shared).data[0]
        assert (heatmap.zmin, heatmap.zmax) == shared


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_colours_and_name_are_those_of_the_quantity(run, quantity):
    figure = quantity_heatmap(run, quantity)
    assert tuple(figure.data[0].colorscale) == theme.plotly_scale(quantity)
    assert figure.layout.title.text == f"{theme.look(quantity).name} {theme.look(quantity).symbol}"
    assert figure.layout.title.font.color == theme.look(quantity).hue
    assert figure.layout.template.layout.font == theme.TEMPLATE.layout.font


def test_the_selected_cell_is_ringed_wherever_the_order_puts_its_unit(run):
    assert rings(quantity_heatmap(run, "cell_state")) == []
    for order in (None, np.array([4, 2, 0, 6, 5, 3, 1])):
        assert set(rings(quantity_heatmap(run, "cell_state", order, selected=(9, 5)))) == {(9, "5")}


@pytest.mark.parametrize("selected", [(13, 0), (-1, 0), (0, 7), (0, -1)])
def test_a_cell_outside_the_picture_cannot_be_selected(run, selected):
    with pytest.raises(IndexError, match="there are 0 to"):
        quantity_heatmap(run, "cell_state", selected=selected)


def test_one_target_token_is_enough(made):
    figure = quantity_heatmap(made(target=("</s>",)), "hidden_state", selected=(8, 0))
    assert figure.data[0].z.shape == (7, 9)
    assert shown(figure.layout.xaxis2.ticktext[8]) == "decoder step 1 wrote “</s>”, having read “<s>”"


def test_a_figure_is_pure(run, numbers_of):
    before = numbers_of(run)
    order = np.array([4, 2, 0, 6, 5, 3, 1])
    figures = [quantity_heatmap(run, "cell_state", order, (2, 2)).to_json() for _ in range(2)]
    assert figures[0] == figures[1]
    for old, new in zip(before, numbers_of(run), strict=True):
        np.testing.assert_array_equal(old, new)
    np.testing.assert_array_equal(order, [4, 2, 0, 6, 5, 3, 1])


def test_a_figure_of_a_long_run_stays_small(made):
    long = made(units=256, source=("▁word",) * 42, target=("▁শব্দ",) * 60)
    assert len(quantity_heatmap(long, "forget_gate").to_json()) < 1.5 * (256 * 102 * 4) * 4 / 3  # base64 of float32


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_a_trace_can_be_drawn_by_itself(run, quantity):
    trace = run.decoder[1]
    figure = trace_heatmap(trace, quantity)
    np.testing.assert_array_equal(figure.data[0].z, getattr(trace, quantity).T)
    assert [shown(label) for label in figure.layout.xaxis.ticktext] == ["<s>", "▁<script>", "▁বিড়াল", "টি", "$"]
    assert shown(figure.layout.xaxis2.ticktext[0]) == "step 1 read “<s>”"
    assert (figure.data[0].zmin, figure.data[0].zmax) == theme.limits(quantity, trace)
    assert not figure.layout.shapes


def test_a_figure_for_a_dark_page_differs_in_its_text_only(run):
    light = quantity_heatmap(run, "forget_gate")
    dark = theme.on_page(light, "forget_gate", is_dark=True)
    assert dark.layout.font.color == theme.TEXT_DARK
    assert dark.layout.title.font.color == theme.look("forget_gate").hue_dark
    assert light.layout.title.font.color == theme.look("forget_gate").hue
    assert dark.data == light.data


def test_a_real_translation_is_drawn_like_a_made_one(translation):
    figure = quantity_heatmap(translation, "hidden_state")
    hidden = np.vstack([translation.encoder[0].hidden_state, translation.decoder[0].hidden_state])
    np.testing.assert_array_equal(figure.data[0].z, hidden.T)
    assert shown(figure.layout.xaxis.ticktext[0]) == "<to bn>"
