"""Attention weights of one translation: source states across, target tokens down."""

import numpy as np
import plotly.graph_objects as go

from models.recurrent.trace import Array
from models.translation.record import TranslationTrace
from viz.figures import theme
from viz.figures.columns import columns_in, marked_up
from viz.figures.selectable import every_cell, make_selectable, selectable_layer

MOST_WRITTEN = 12  # up to as many source and target tokens, the weights are written into the cells
CLEAR = ((0, "rgba(0,0,0,0)"), (1, "rgba(0,0,0,0)"))  # of a layer that only writes: its colours need not be sent again


def attention_heatmap(translation: TranslationTrace, selected_target: int | None = None) -> go.Figure:
    """Draw the weights, (T, S), on a scale of 0..1; each row sums to 1. A click reports [target, source], as
    numbers from 0 and then from 1.

    Args:
        selected_target: decoder step in 0..T-1, framed.

    Raises:
        IndexError: there is no such decoder step.
    """
    weights = translation.attention
    T, S = weights.shape
    if selected_target is not None and not 0 <= selected_target < T:
        raise IndexError(f"decoder step {selected_target}: there are steps 0 to {T - 1}")
    source, target = map(columns_in, translation.parts)
    height = 160 + 34 * max(T, 4)
    is_small = max(S, T) <= MOST_WRITTEN
    place = {"x": np.arange(S, dtype=np.int32), "y": np.arange(T, dtype=np.int32), "zmin": 0, "zmax": 1}
    figure = go.Figure(
        go.Heatmap(
            z=np.ascontiguousarray(weights, np.float32),
            colorscale=theme.plotly_scale("attention"),
            colorbar=theme.colour_bar(0, 1, height),
            xgap=1,
            ygap=1,
            **place,
        )
    )
    if is_small:  # in black or in white, on the colours below; Plotly fits the size, and leaves out what cannot fit
        takes_black = theme.takes_black(theme.lut("attention")[np.round(255 * weights).astype(int)])
        labels = written(weights)
        for cells, ink in ((takes_black, "#000000"), (~takes_black, "#ffffff")):
            figure.add_heatmap(
                z=np.where(cells, weights, np.nan).astype(np.float32), text=np.where(cells, labels, ""),
                texttemplate="%{text}", textfont={"color": ink}, showscale=False, colorscale=CLEAR, **place,
            )  # fmt: skip
    cells = every_cell(T, S)
    # Plotly puts the tokens in from the axes: said for each cell they would be half of all that the page sends
    described = (
        "decoder step %{customdata[2]}, “%{y}”<br>to the state at encoder step %{customdata[3]}, “%{x}”<br>"
        "weight %{text}<extra></extra>"
    )
    layer = selectable_layer(
        np.hstack([cells, cells + 1]), cells[:, 1], cells[:, 0], [f"{weights[t, s]:.4f}" for t, s in cells], described
    )
    make_selectable(figure, layer)
    figure.update_layout(
        template=theme.TEMPLATE,
        height=height,
        title=theme.title(f"Attention {theme.look('attention').symbol}", "attention"),
    )
    figure.update_xaxes(
        range=[-0.5, S - 0.5],
        tickvals=np.arange(S, dtype=np.int32),
        ticktext=[marked_up(column.read) for column in source],
        autotickangles=[0, -90],
        title="state after reading",
    )
    figure.update_yaxes(
        range=[T - 0.5, -0.5],
        tickvals=np.arange(T, dtype=np.int32),
        ticktext=[marked_up(column.written) for column in target],
        title="token written",
    )
    if selected_target is not None:
        for colour, width in (("white", 6), (theme.TEXT_LIGHT, 3)):
            figure.add_shape(
                type="rect", x0=-0.5, x1=S - 0.5, y0=selected_target - 0.5, y1=selected_target + 0.5,
                line={"color": colour, "width": width},
            )  # fmt: skip
    return figure


def written(weights: Array) -> Array:
    """Weights in as few characters as tell them apart: ``.07``, ``1.0``, and nothing for what rounds to 0."""
    short = np.char.mod("%.2f", weights)
    short = np.where(short == "1.00", "1.0", np.char.lstrip(short, "0"))
    return np.where(short == ".00", "", short)
