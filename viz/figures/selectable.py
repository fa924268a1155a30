"""The marker layer that makes a Plotly heat map clickable: Streamlit reports no selection on a heat map itself."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from models.recurrent.trace import Array


def selectable_layer(customdata: Array, x: Array, y: Array, text: Sequence[str], hovertemplate: str) -> go.Scatter:
    """Invisible square markers, N of them, one on each cell; a click reports ``customdata`` of its cell.

    The layer takes the hover of the cells beneath it, so it must say what they would (streamlit #8760, #15042).

    Args:
        customdata: what a click reports, (N, K) integers.
        x, y: where the cells are, (N,).
        text: marked-up text of each cell, for ``hovertemplate``.
    """
    unseen = {"marker": {"opacity": 0}}
    return go.Scatter(
        x=x,
        y=y,
        mode="markers",
        marker={"symbol": "square", "size": 24, "opacity": 0},
        selected=unseen,
        unselected=unseen,
        customdata=customdata.tolist(),  # an array would come back from the browser as a dict, {"0": ..., "1": ...}
        text=list(text),
        hovertemplate=hovertemplate,
        showlegend=False,
    )


def make_selectable(figure: go.Figure, layer: go.Scatter) -> go.Figure:
    """Put the layer on a figure, and let every point of the picture belong to its nearest cell."""
    figure.update_traces(hoverinfo="skip", hovertemplate=None)
    figure.add_trace(layer)
    return figure.update_layout(hovermode="closest", hoverdistance=-1, clickmode="event+select")


def every_cell(rows: int, columns: int) -> Array:
    """Row and column of each cell of a rows x columns grid, (rows * columns, 2), row by row."""
    return np.indices((rows, columns), dtype=np.int32).reshape(2, -1).T
