"""Units of two networks that were matched by what they do: how well, and the courses of one pair."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from models.analysis.alignment import Pair
from models.analysis.matching import Matching
from models.recurrent.record import Record
from models.recurrent.trace import Array
from viz.figures import theme
from viz.figures.columns import marked_up
from viz.figures.comparison import pair_labels
from viz.figures.tables import Table
from viz.figures.wording import number

HEIGHT = 360
COURSE_HEIGHT = 340
DASH = {"correlations": "solid", "by_place": "dash", "chance": "dot", "by_number": "dashdot"}
NAMES = {
    "correlations": "matched",
    "by_place": "matched, other sentences",
    "by_number": "same number",
    "chance": "matched, shuffled steps",
}


def correlation_lines(matching: Matching, is_dark: bool) -> go.Figure:
    """Draw how closely units follow their partners, the closest first, and what the same looks like by chance.

    Across: pairs in the order of their correlation; up: its size, 0 to 1.
    """
    text = theme.TEXT_DARK if is_dark else theme.TEXT_LIGHT
    hue = theme.look("cell_state").on(is_dark)
    figure = go.Figure()
    for name, label in NAMES.items():
        sizes = np.sort(np.abs(getattr(matching, name)))[::-1].astype(np.float32)
        is_ours = name == "correlations"
        figure.add_scatter(
            x=np.arange(1, len(sizes) + 1, dtype=np.int32),
            y=sizes,
            mode="lines",
            name=label,
            line={"color": hue if is_ours else text, "width": 3 if is_ours else 1.5, "dash": DASH[name]},
            hovertemplate="pair %{x}: %{y:.2f}<extra>" + label + "</extra>",
        )
    figure.update_layout(
        template=theme.TEMPLATE, height=HEIGHT, title=theme.title("Correlation of matched units", "cell_state"),
        legend={"orientation": "h", "x": 0, "y": -0.28, "yanchor": "top"}, hovermode="x unified",
    )  # fmt: skip
    figure.update_xaxes(title="pairs of units, the closest first", range=[0.5, len(matching.partners) + 0.5])
    return figure.update_yaxes(title="size of r", range=[0, 1.02], tickvals=[0, 0.25, 0.5, 0.75, 1], showgrid=False)


def courses_of(
    a: Record, b: Record, pairs: Sequence[Pair], unit: int, partner: int
) -> tuple[Array, Array]:  # fmt: skip
    """Cell states of two units over paired source steps, (P,) each; NaN where a run lacks the step."""
    return tuple(
        np.array([np.nan if at is None else values[at, row] for at in columns], np.float64)
        for values, columns, row in (
            (a.values("cell_state", -1), [one for one, _ in pairs], unit),
            (b.values("cell_state", -1), [two for _, two in pairs], partner),
        )
    )  # fmt: skip


def course_figure(
    a: Record, b: Record, pairs: Sequence[Pair], unit: int, partner: int, is_dark: bool
) -> go.Figure:  # fmt: skip
    """Draw the cell states of a unit of A and of its partner in B while both read their sentences."""
    text = theme.TEXT_DARK if is_dark else theme.TEXT_LIGHT
    hue = theme.look("cell_state").on(is_dark)
    labels = pair_labels(a, b, pairs)
    figure = go.Figure()
    for name, values, line in zip(
        (f"A, unit {unit}", f"B, unit {partner}"),
        courses_of(a, b, pairs, unit, partner),
        ({"color": hue, "width": 3}, {"color": text, "width": 2, "dash": "dash"}),
        strict=True,
    ):
        figure.add_scatter(
            x=np.arange(len(pairs), dtype=np.int32), y=values.astype(np.float32), mode="lines+markers", name=name,
            line=line, marker={"size": 7}, hovertemplate="%{x}<br>%{y:.4f}<extra>" + name + "</extra>",
        )  # fmt: skip
    figure.add_hline(y=0, line={"color": theme.TEXT, "width": 1})
    figure.update_layout(
        template=theme.TEMPLATE, height=COURSE_HEIGHT, title=theme.title("Cell state of the pair", "cell_state"),
        legend={"orientation": "h", "x": 1, "xanchor": "right", "y": 1.02, "yanchor": "bottom"},
    )  # fmt: skip
    figure.update_xaxes(
        tickvals=list(range(len(pairs))), ticktext=[marked_up(label) for label in labels], title="token read",
        range=[-0.4, len(pairs) - 0.6],
    )  # fmt: skip
    return figure.update_yaxes(title="cell state", nticks=5)


def pair_table(matching: Matching) -> Table:
    """All pairs, the closest first: a row per pair."""
    order = matching.best_first
    return {
        "Unit of A": order,
        "Unit of B": matching.partners[order],
        "r": matching.correlations[order].round(4),
        "r of the same number": matching.by_number[order].round(4),
    }


def pair_label(matching: Matching, unit: int) -> str:
    """A unit of A and its partner, in a list."""
    return f"A {unit} – B {matching.partners[unit]}, r = {number(matching.correlations[unit])}"
