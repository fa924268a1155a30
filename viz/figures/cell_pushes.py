"""What pushed one gate or the candidate: the largest terms of its pre-activation, signed, and all of the rest."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import plotly.graph_objects as go

from models.analysis.provenance import Pushes
from models.recurrent.trace import MAPS, AffineMap, Array
from viz.figures import theme
from viz.figures.columns import marked_up
from viz.figures.notation import Notation, pieces, plain
from viz.figures.wording import capitalised, number

MOST = 8  # terms named of the inputs and of the hidden units
Group = Literal["input", "hidden", "bias", "sum"]


@dataclass(frozen=True)
class Row:
    """One bar: a single term, the rest of a group, or a total."""

    group: Group
    value: float
    index: int | None = None  # of the dimension or unit
    rest: int = 0  # how many terms are added up, where it is the rest
    is_total: bool = False


def push_rows(pushed: Pushes, of: AffineMap) -> list[Row]:
    """The token's total, its largest terms, all its other terms; the same for the hidden units; bias and sum.

    Totals are sums of the terms in double precision; the last row is the pre-activation as the run computed it.
    """
    inputs, hidden = pushed.of(of)
    at = MAPS.index(of)
    return [
        *_group("input", inputs),
        *_group("hidden", hidden),
        Row("bias", float(pushed.bias[at]), is_total=True),
        Row("sum", float(pushed.pre_activation[at]), is_total=True),
    ]


def _group(group: Group, terms: Array) -> list[Row]:
    largest = np.argsort(-np.abs(terms), kind="stable")[: min(MOST, np.count_nonzero(terms))]
    others = np.delete(terms, largest)
    rows = [Row(group, float(terms.sum()), is_total=True)]
    rows += [Row(group, float(terms[index]), int(index)) for index in largest]
    return rows + ([Row(group, float(others.sum()), rest=len(others))] if len(others) else [])


def residual(pushed: Pushes, of: AffineMap) -> float:
    """Sum of all terms and the bias minus the pre-activation of the run."""
    return float(pushed.residual[MAPS.index(of)])


def row_label(row: Row, notation: Notation, of: AffineMap, read: str, is_embedding: bool) -> str:
    """What a bar is, as plain text."""
    match row.group:
        case "bias":
            return "bias"
        case "sum":
            return f"pre-activation {plain(notation.pre_activation(of))}"
        case "input":
            total = f"input part: “{read}”" if is_embedding else "input part: layer below"
            one, many = ("dimension", "dimensions") if is_embedding else ("unit below", "units below")
        case _:
            total, one, many = f"memory part: {plain(notation.previous['hidden_state'])}", "unit", "units"
    if row.is_total:
        return total
    if row.index is None:
        return f"{row.rest} other {many if row.rest > 1 else one}"
    return f"{one} {row.index}"


def pushes_figure(rows: Sequence[Row], notation: Notation, of: AffineMap, read: str, is_embedding: bool) -> go.Figure:
    """Draw the rows as signed bars, totals filled and single terms pale, from top to bottom."""
    values = np.array([row.value for row in rows], np.float32)
    totals = np.array([row.is_total for row in rows])
    labels = [marked_up(row_label(row, notation, of, read, is_embedding)) for row in rows]
    labels[-1] = f"pre-activation {for_plotly(notation.pre_activation(of))}"
    figure = go.Figure(
        go.Bar(
            x=values,
            y=np.arange(len(rows), dtype=np.int32),
            orientation="h",
            marker={
                "color": theme.look(of).hue,
                "opacity": np.where(totals, 1, 0.55).astype(np.float32),
                "line": {"width": 0},
            },
            text=[number(row.value, ".4f") for row in rows],
            textposition="outside",
            textfont={"size": 15},
            constraintext="none",
            cliponaxis=False,
            customdata=labels,
            hovertemplate="%{customdata}<br>%{text}<extra></extra>",
        )
    )
    height = 120 + 26 * len(rows)
    title = theme.title(f"{capitalised(notation.names[of])} {for_plotly(notation.symbol[of])}", of)
    figure.update_layout(
        template=theme.TEMPLATE, height=height, bargap=0.25, title={**title, "xref": "container"}
    )  # fmt: skip
    low, high = min(float(values.min()), 0), max(float(values.max()), theme.SMALLEST_LIMIT)
    room = 0.7 * (high - low)  # for the numbers beside the bars, on a telephone too
    figure.update_xaxes(range=[low - room, high + room], zeroline=True, zerolinecolor=theme.TEXT, zerolinewidth=1)
    figure.update_xaxes(title="signed push", nticks=5)
    figure.update_yaxes(
        range=[len(rows) - 0.4, -0.6],
        tickvals=np.arange(len(rows), dtype=np.int32),
        ticktext=[f"<b>{label}</b>" if total else label for label, total in zip(labels, totals)],
        ticklabelstandoff=4,
    )
    return figure


def for_plotly(formula: str) -> str:
    """A formula of a notation in Plotly's mark-up."""
    tags = {"base": "{}", "sub": "<sub>{}</sub>", "sup": "<sup>{}</sup>"}
    return "".join(tags[level].format(text) for text, level in pieces(formula))


def push_table(
    rows: Sequence[Row], notation: Notation, of: AffineMap, read: str, is_embedding: bool
) -> list[tuple[str, str]]:  # fmt: skip
    """Every bar as a line of text and its value with six decimals."""
    return [(row_label(row, notation, of, read, is_embedding), number(row.value, ".6f")) for row in rows]
