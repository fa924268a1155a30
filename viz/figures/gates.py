"""Heat maps of gates and states: timesteps across, hidden units down, colour pinned."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from models.recurrent.trace import Array, Quantity, Trace
from models.translation.record import TranslationTrace
from viz.figures import theme
from viz.figures.columns import Column, checked, columns_of, marked_up, sides, values_of

HEIGHT = 460
MANY_COLUMNS = 60  # beyond, the tokens under the columns are set smaller


def quantity_heatmap(
    translation: TranslationTrace,
    quantity: Quantity,
    order: Array | None = None,
    selected: tuple[int, int] | None = None,
    layer: int = 0,
    limits: tuple[float, float] | None = None,
) -> go.Figure:
    """Draw one quantity of encoder and decoder on one time axis, with a divider between them.

    Args:
        order: unit numbers from top to bottom, a permutation of 0..H-1; as stored if omitted.
        selected: column in 0..S+T-1 and unit number, marked with a ring.
        limits: ends of the colour scale, where several runs share one; those of this run if omitted.

    Raises:
        ValueError: ``order`` is not a permutation of the units.
        IndexError: ``selected`` is not in the picture.
    """
    columns = columns_of(translation)
    figure = heatmap(
        values_of(translation, quantity, layer),
        quantity,
        labels=[column.label for column in columns],
        descriptions=[_described(column) for column in columns],
        order=order,
        limits=limits or theme.limits(quantity, *sides(translation, layer)),
    )
    divide(figure, len(translation.source_tokens), len(columns))
    if selected is not None:
        column, unit = selected
        checked(translation, column, unit)
        _mark(figure, column, unit)
    return figure


def trace_heatmap(trace: Trace, quantity: Quantity, order: Array | None = None) -> go.Figure:
    """Draw one quantity of a single recorded LSTM layer, whatever it read.

    Raises:
        ValueError: ``order`` is not a permutation of the units.
    """
    return heatmap(
        getattr(trace, quantity),
        quantity,
        labels=trace.tokens,
        descriptions=[marked_up(f"step {step} read “{token}”") for step, token in enumerate(trace.tokens, start=1)],
        order=order,
        limits=theme.limits(quantity, trace),
    )


def heatmap(
    values: Array,
    quantity: Quantity,
    labels: Sequence[str],
    descriptions: Sequence[str],  # marked up
    order: Array | None,
    limits: tuple[float, float],
) -> go.Figure:
    """Draw (columns, units) values; units are categories, so that a tick always tells the number of its own row."""
    count, units = values.shape
    order = np.arange(units) if order is None else np.asarray(order)
    if not np.array_equal(np.sort(order), np.arange(units)):
        raise ValueError(f"order is not a permutation of the {units} units")
    low, high = limits
    name = theme.look(quantity).title
    figure = go.Figure(
        go.Heatmap(
            z=np.ascontiguousarray(values.T[order], np.float32),
            x=np.arange(count, dtype=np.int32),
            y=[str(unit) for unit in order],
            xaxis="x2",
            hovertemplate=f"%{{x}}<br>unit %{{y}}<br>{name} = %{{z:.4f}}<extra></extra>",
            zmin=low,
            zmax=high,
            colorscale=theme.plotly_scale(quantity),
            colorbar=theme.colour_bar(low, high, HEIGHT),
        )
    )
    figure.add_scatter(x=[], y=[], showlegend=False)  # Plotly draws no axis that nothing is drawn on
    steps = {"range": [-0.5, count - 0.5], "tickvals": np.arange(count, dtype=np.int32)}
    figure.update_layout(
        template=theme.TEMPLATE,
        height=HEIGHT,
        margin_t=96,
        title=theme.title(name, quantity),
        xaxis=steps
        | {
            "ticktext": [marked_up(label) for label in labels],
            "autotickangles": [0, -45, -90],
            "tickfont_size": theme.FONT_SIZE if count <= MANY_COLUMNS else 11,
        },
        # %{x} in a hover label is the tick's text: an unseen axis says once per column what else would be said per cell
        xaxis2=steps
        | {
            "ticktext": descriptions,
            "overlaying": "x",
            "matches": "x",
            "showticklabels": False,
            "ticks": "",
        },
        yaxis={"type": "category", "range": [units - 0.5, -0.5], "nticks": 9, "title": "unit"},
    )
    return figure


def _described(column: Column) -> str:
    if column.side == "encoder":
        return marked_up(f"encoder step {column.step} read “{column.read}”")
    wrote, read = f"decoder step {column.step} wrote “{column.written}”,", f"having read “{column.read}”"
    return f"{marked_up(wrote)}<br>{marked_up(read)}"


def divide(figure: go.Figure, at: int, count: int) -> None:
    """Draw the line between encoder and decoder, and name both sides above the picture."""
    figure.add_shape(
        type="line", x0=at - 0.5, x1=at - 0.5, y0=0, y1=1.05, yref="paper", line={"color": theme.TEXT, "width": 4}
    )
    for text, x, anchor in (("encoder reads", -0.5, "left"), ("decoder writes", count - 0.5, "right")):
        figure.add_annotation(text=text, x=x, xanchor=anchor, y=1, yref="paper", yanchor="bottom", showarrow=False)


def _mark(figure: go.Figure, column: int, unit: int) -> None:
    """Ring one cell, dark on light, so that it shows on every colour; a cell alone is a pixel or two high."""
    for colour, width in (("white", 6), (theme.TEXT_LIGHT, 2)):
        figure.add_trace(
            go.Scatter(
                x=[column],
                y=[str(unit)],
                xaxis="x2",
                mode="markers",
                marker={"symbol": "circle-open", "size": 16, "color": colour, "line_width": width},
                hoverinfo="skip",
                showlegend=False,
                cliponaxis=False,
            )
        )
