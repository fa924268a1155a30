"""Heat maps of gates and states: timesteps across, hidden units down, colour pinned."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from models.recurrent.record import Part, Record
from models.recurrent.trace import Array, Trace
from viz.figures import theme
from viz.figures.columns import Column, checked, columns_of, marked_up

HEIGHT = 460
MANY_COLUMNS = 60  # beyond, the tokens under the columns are set smaller


def quantity_heatmap(
    record: Record,
    quantity: str,
    order: Array | None = None,
    selected: tuple[int, int] | None = None,
    layer: int = 0,
    limits: tuple[float, float] | None = None,
) -> go.Figure:
    """Draw one quantity of all parts on one time axis, with a divider between them.

    Args:
        order: unit numbers from top to bottom, a permutation of 0..H-1; as stored if omitted.
        selected: column and unit number, marked with a ring.
        limits: ends of the colour scale, where several runs share one; those of this run if omitted.

    Raises:
        ValueError: ``order`` is not a permutation of the units.
        IndexError: ``selected`` is not in the picture.
    """
    columns = columns_of(record)
    figure = heatmap(
        record.values(quantity, layer),
        record.cell[quantity],
        labels=[column.label for column in columns],
        descriptions=[_described(column) for column in columns],
        order=order,
        limits=limits or theme.limits(quantity, *record.traces(layer)),
    )
    divide(figure, [(part, part.steps) for part in record.parts])
    if selected is not None:
        column, unit = selected
        checked(record, column, unit)
        _mark(figure, column, unit)
    return figure


def trace_heatmap(trace: Trace, quantity: str, order: Array | None = None) -> go.Figure:
    """Draw one quantity of a single recorded layer, whatever it read.

    Raises:
        ValueError: ``order`` is not a permutation of the units.
    """
    return heatmap(
        trace.values(quantity),
        trace.cell[quantity],
        labels=trace.tokens,
        descriptions=[_described(Column("", step, token, None)) for step, token in enumerate(trace.tokens, start=1)],
        order=order,
        limits=theme.limits(quantity, trace),
    )


def heatmap(
    values: Array,
    shown: theme.Shown,
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
    name = theme.look(shown).title
    figure = go.Figure(
        go.Heatmap(
            z=np.ascontiguousarray(values.T[order], np.float32),
            x=np.arange(count, dtype=np.int32),
            y=[str(unit) for unit in order],
            xaxis="x2",
            hovertemplate=f"%{{x}}<br>unit %{{y}}<br>{name} = %{{z:.4f}}<extra></extra>",
            zmin=low,
            zmax=high,
            colorscale=theme.plotly_scale(shown),
            colorbar=theme.colour_bar(low, high, HEIGHT),
        )
    )
    figure.add_scatter(x=[], y=[], showlegend=False)  # Plotly draws no axis that nothing is drawn on
    steps = {"range": [-0.5, count - 0.5], "tickvals": np.arange(count, dtype=np.int32)}
    figure.update_layout(
        template=theme.TEMPLATE,
        height=HEIGHT,
        margin_t=96,
        title=theme.title(name, shown),
        xaxis=steps
        | {
            "ticktext": [marked_up(label) for label in labels],
            "autotickangles": [0, -90],
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
    if column.written is None:
        return marked_up(column.name if column.is_number_alone else f"{column.name} read “{column.read}”")
    wrote, read = f"{column.name} wrote “{column.written}”,", f"having read “{column.read}”"
    return f"{marked_up(wrote)}<br>{marked_up(read)}"


def divide(figure: go.Figure, parts: Sequence[tuple[Part, int]]) -> None:
    """Draw the lines between parts, and name each above the picture; one part needs neither.

    Args:
        parts: each with the number of its columns.
    """
    start, (first, _), (last, _) = 0, parts[0], parts[-1]
    for part, count in parts if len(parts) > 1 else ():
        if start:
            figure.add_shape(
                type="line", x0=start - 0.5, x1=start - 0.5, y0=0, y1=1.05, yref="paper",
                line={"color": theme.TEXT, "width": 4},
            )  # fmt: skip
        anchor = "left" if part is first else "right" if part is last else "center"
        x = {"left": start - 0.5, "center": start + (count - 1) / 2, "right": start + count - 0.5}[anchor]
        figure.add_annotation(
            text=marked_up(does(part)), x=x, xanchor=anchor, y=1, yref="paper", yanchor="bottom", showarrow=False
        )
        start += count


def does(part: Part) -> str:
    """``encoder reads``: what a part is there for, in two words."""
    return f"{part.name} {'reads' if part.written is None else 'writes'}"


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
