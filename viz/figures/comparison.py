"""Two runs and their difference as figures: a heat map a quantity, and the distance over time."""

from collections.abc import Sequence
from itertools import accumulate

import numpy as np
import plotly.graph_objects as go

from models.analysis.alignment import Pair
from models.analysis.comparison import Divergence, both, difference, distances, largest_difference
from models.recurrent.record import Part, Record
from models.recurrent.trace import Array
from viz.figures import gates, theme
from viz.figures.columns import Column, columns_of, marked_up

DASHES = ("solid", "dash", "dot", "dashdot")  # of the states, so that colour is not all that tells them apart
CHART_HEIGHT = 440
NOTHING = "–"  # for the token of a step that a run does not have


def columns_of_pairs(
    a: Record, b: Record, pairs: Sequence[Pair]
) -> list[tuple[Column | None, Column | None]]:  # fmt: skip
    """Both steps of every pair; None where a run has no such step."""
    of_a, of_b = columns_of(a), columns_of(b)
    return [(None if one is None else of_a[one], None if two is None else of_b[two]) for one, two in pairs]


def parts_of_pairs(a: Record, b: Record, pairs: Sequence[Pair]) -> list[tuple[Part, int]]:
    """The parts of A, each with how many of the pairs are steps of it."""
    found = [(one or two).part for one, two in columns_of_pairs(a, b, pairs)]
    return [(part, found.count(part.name)) for part in a.parts]


def pair_labels(a: Record, b: Record, pairs: Sequence[Pair]) -> list[str]:
    """What stands under a pair: the token of both runs, or both tokens where they differ. Not yet escaped."""
    tokens = [
        (one.label if one else NOTHING, two.label if two else NOTHING) for one, two in columns_of_pairs(a, b, pairs)
    ]
    return [one if one == two else f"{one} ≠ {two}" for one, two in tokens]


def difference_heatmap(
    a: Record, b: Record, quantity: str, pairs: Sequence[Pair],
    names: tuple[str, str] = ("A", "B"), order: Array | None = None, layer: int = 0,
) -> go.Figure:  # fmt: skip
    """Draw B - A of one quantity: pairs of steps across, units down; columns that only one run has stay empty.

    Args:
        names: of both runs, as plain text.
        order: unit numbers from top to bottom, a permutation of 0..H-1; as stored if omitted.

    Raises:
        ValueError: ``order`` is not a permutation of the units.
    """
    limit = limit_of_difference(a, b, quantity, pairs, layer)
    figure = gates.heatmap(
        difference(a, b, quantity, pairs, layer),
        "difference",
        labels=pair_labels(a, b, pairs),
        descriptions=[_described(pair, names) for pair in columns_of_pairs(a, b, pairs)],
        order=order,
        limits=(-limit, limit),
    )
    look = theme.look(a.cell[quantity])
    name = f"{theme.look('difference').symbol}{look.symbol}" if look.symbol else ""
    _show_both_values(figure, a, b, quantity, pairs, names, layer)
    gates.divide(figure, parts_of_pairs(a, b, pairs))
    _cross_out(figure, pairs)
    return figure.update_layout(title=theme.title(f"Difference of {look.words} {name}".rstrip(), "difference"))


def limit_of_difference(a: Record, b: Record, quantity: str, pairs: Sequence[Pair], layer: int = 0) -> float:
    """Where the colour scale of B - A of one quantity ends, above and below 0."""
    return theme.difference_limit(a.cell[quantity], largest_difference(a, b, quantity, pairs, layer))


def distance_chart(
    a: Record, b: Record, pairs: Sequence[Pair], names: tuple[str, str], divergence: Divergence,
    is_dark: bool, layer: int = 0,
) -> go.Figure:  # fmt: skip
    """Draw how far the states of both runs lie apart, pair by pair, and where the runs part.

    Args:
        names: of both runs, as plain text.
        divergence: of these pairs; see ``models.comparison.first_divergence``.
    """
    figure = go.Figure()
    steps = np.arange(len(pairs))
    described = [_described(pair, names) for pair in columns_of_pairs(a, b, pairs)]
    for quantity, dash in zip(a.cell.states, DASHES, strict=False):
        look = theme.look(a.cell[quantity])
        name = look.title
        figure.add_scatter(
            x=steps, y=distances(a, b, quantity, pairs, layer), name=name, mode="lines+markers",
            line={"color": look.on(is_dark), "dash": dash, "width": 2.5}, marker={"size": 7},
            customdata=described,
            hovertemplate=f"%{{customdata}}<br>distance of {name} = %{{y:.4f}}<extra></extra>",
        )  # fmt: skip
    text = theme.TEXT_DARK if is_dark else theme.TEXT_LIGHT
    for end in accumulate(count for _, count in parts_of_pairs(a, b, pairs)[:-1]):
        figure.add_vline(x=end - 0.5, line={"color": theme.TEXT, "width": 4})
    _cross_out(figure, pairs)
    figure.update_layout(
        template=theme.TEMPLATE,
        height=CHART_HEIGHT,
        font_color=text,
        margin={"l": 8, "r": 8, "t": 128, "b": 8},
        legend={"orientation": "h", "x": 0, "y": 1, "yref": "container", "yanchor": "top"},
        xaxis={
            "range": [-0.5, len(pairs) - 0.5],
            "tickvals": steps,
            "ticktext": [marked_up(label) for label in pair_labels(a, b, pairs)],
            "autotickangles": [0, -90],
            "tickfont_size": theme.FONT_SIZE if len(pairs) <= gates.MANY_COLUMNS else 11,
        },
        yaxis={"rangemode": "tozero", "title": "distance"},
    )
    _mark_divergence(figure, divergence, text)
    return figure


def _show_both_values(
    figure: go.Figure, a: Record, b: Record, quantity: str, pairs: Sequence[Pair],
    names: tuple[str, str], layer: int,
) -> None:  # fmt: skip
    """Let a cell say what both runs have there."""
    heat_map = figure.data[0]
    units = np.array(heat_map.y, int)
    values = np.stack([of.T[units] for of in both(a, b, quantity, pairs, layer)], axis=-1)  # (H, P, 2)
    symbol = theme.look(a.cell[quantity]).short
    one, two = map(marked_up, names)
    heat_map.update(
        customdata=values.astype(np.float32),
        hoverongaps=False,
        hovertemplate=(
            f"%{{x}}<br>unit %{{y}}<br>{one}: {symbol} = %{{customdata[0]:.4f}}<br>"
            f"{two}: {symbol} = %{{customdata[1]:.4f}}<br>difference = %{{z:.4f}}<extra></extra>"
        ),
    )


def _described(pair: tuple[Column | None, Column | None], names: tuple[str, str]) -> str:
    said = [
        f"{name}: {column.place}" if column else f"{name}: no such step"
        for name, column in zip(names, pair, strict=True)
    ]
    return "<br>".join(map(marked_up, said))


def _cross_out(figure: go.Figure, pairs: Sequence[Pair]) -> None:
    """The columns in which there is nothing to compare; at once: Plotly looks through all shapes at each new one."""
    line = {"color": theme.TEXT, "width": 1, "dash": "dot"}
    crossed = [
        {"type": kind, "x0": at - 0.5, "x1": at + 0.5, "y0": 0, "y1": 1, "yref": "paper", "line": line}
        for at, pair in enumerate(pairs) if None in pair for kind in ("rect", "line")
    ]  # fmt: skip
    figure.update_layout(shapes=[*figure.layout.shapes, *crossed])


def _mark_divergence(figure: go.Figure, divergence: Divergence, colour: str) -> None:
    """Name the points above the picture, one over the other: they often are the same, or close."""
    points = {"numbers part": divergence.numbers, "tokens part": divergence.tokens}
    if divergence.beyond_rounding != divergence.numbers:
        points = {"last digits part": divergence.numbers, **points, "numbers part": divergence.beyond_rounding}
    known = sorted(((at, text) for text, at in points.items() if at is not None), reverse=True)
    for row, (at, text) in enumerate(known):  # the leftmost on top: no line then runs through a name
        height = 1 + 0.09 * row
        is_late = at > 0.8 * figure.layout.xaxis.range[1]  # then there is no room to its right
        figure.add_shape(
            type="line", x0=at, x1=at, y0=0, y1=height + 0.06, yref="paper",
            line={"color": colour, "width": 1.5, "dash": "dashdot"},
        )  # fmt: skip
        figure.add_annotation(
            text=text, x=at, xanchor="right" if is_late else "left", xshift=-4 if is_late else 4, y=height,
            yref="paper", yanchor="bottom", showarrow=False, font={"size": 15, "color": colour},
        )  # fmt: skip
