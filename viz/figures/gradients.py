"""How gradients flow, as pictures: norms by step on a logarithmic axis, inputs beside the ledger, σ and tanh.

Norms are in the pages' ink, told apart by dash, mark and name; points on a squashing function have the hue of the
quantity that it made.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from models.analysis.provenance import layer_ledger
from models.learning.flows import Followed
from models.recurrent.record import Record
from models.recurrent.trace import Array
from viz.figures import theme
from viz.figures.columns import marked_up
from viz.figures.evidence import INK, INK_DARK, grid, layout, page, text_colour
from viz.figures.tasks import slant

SMALLEST, LARGEST = float(np.finfo(np.float32).tiny), float(np.finfo(np.float32).max)
CALLED = {"lstm": "LSTM", "gru": "GRU", "rnn": "Plain RNN"}
DASHES = {"lstm": "solid", "gru": "dashdot", "rnn": "dot"}
MARKS = {"lstm": "circle", "gru": "square", "rnn": "diamond"}
POINTS = 240  # of each quantity on a squashing function
LABELS = 40  # steps whose label stands beneath


@dataclass(frozen=True)
class Line:
    """One norm at each of S + 1 states."""

    name: str
    values: Array
    cell: str
    is_hollow: bool = False


def loss_lines(followed: Sequence[Followed]) -> list[Line]:
    """Norm of the gradient of the loss by each state."""
    lines = []
    for each in followed:
        lines.append(Line(f"{CALLED[each.cell]}, ∂loss/∂h", each.flow.hidden_state, each.cell))
        if each.flow.cell_state is not None:
            lines.append(Line(f"{CALLED[each.cell]}, ∂loss/∂c", each.flow.cell_state, each.cell, is_hollow=True))
    return lines


def path_lines(followed: Sequence[Followed]) -> list[Line]:
    """Norm of the Jacobian of the last state by each, and the memory's own path, of the unit that keeps most."""
    lines = []
    for each in followed:
        lines.append(Line(f"{CALLED[each.cell]}, all paths", each.flow.jacobian, each.cell))
        if each.flow.path is not None:
            gates = "forget" if each.cell == "lstm" else "update"
            lines.append(
                Line(f"{CALLED[each.cell]}, {gates} gates alone", each.flow.path.max(axis=1), each.cell, is_hollow=True)
            )
    return lines


def norms_figure(title: str, axis: str, lines: Sequence[Line], labels: Sequence[str], dark: bool = False) -> go.Figure:
    """Norms by step, state 0 before the first, on a logarithmic axis; where single precision ends is marked."""
    ink, paper = INK_DARK if dark else INK, page(dark)
    figure = go.Figure()
    for line in lines:
        values = np.where(line.values > 0, line.values, np.nan)
        steps = np.arange(len(values))
        figure.add_trace(
            go.Scatter(
                x=steps, y=values, mode="lines+markers", name=line.name,
                line={"color": ink, "width": 1.2 if line.is_hollow else 2.2, "dash": DASHES[line.cell]},
                marker={
                    "symbol": MARKS[line.cell], "size": 6, "color": paper if line.is_hollow else ink,
                    "line": {"color": ink, "width": 1.2},
                },
                text=[f"{line.name}<br>state {at}: {value:.3g}" for at, value in zip(steps, line.values, strict=True)],
                hovertemplate="%{text}<extra></extra>",
            )
        )  # fmt: skip
    low, high = ends(lines)
    for at, what in ((SMALLEST, "single precision: smallest"), (LARGEST, "single precision: largest")):
        if low <= at <= high:
            figure.add_hline(at, line={"color": text_colour(dark), "width": 1, "dash": "dash"})
            figure.add_annotation(
                x=0, xref="paper", xanchor="left", y=np.log10(at), yanchor="bottom", text=what, showarrow=False,
                font={"size": 13, "color": text_colour(dark)},
            )  # fmt: skip
    layout(figure, title, 420, dark)
    figure.update_layout(
        showlegend=True, margin={"l": 8, "r": 16, "t": 44, "b": 8},
        legend={"orientation": "h", "y": -0.42, "x": 0, "font": {"size": 14}},
    )  # fmt: skip
    steps_across(figure, labels)
    return figure.update_yaxes(
        title=axis, type="log", range=[np.log10(low), np.log10(high)], exponentformat="power", showgrid=True,
        gridcolor=grid(dark),
    )  # fmt: skip


def ends(lines: Sequence[Line]) -> tuple[float, float]:
    """Where the axis ends: a power of ten below the smallest norm that is not 0, and one above the largest."""
    values = np.concatenate([line.values for line in lines])
    values = values[(values > 0) & np.isfinite(values)]
    if not len(values):
        return 0.1, 10.0
    return 10 ** (np.floor(np.log10(values.min())) - 0.3), 10 ** (np.ceil(np.log10(values.max())) + 0.3)


def steps_across(figure: go.Figure, labels: Sequence[str], first: str = "start") -> None:
    names = [first, *labels]
    every = max(1, -(-len(names) // LABELS))
    places = list(range(0, len(names), every))
    figure.update_xaxes(
        tickvals=places, ticktext=[marked_up(names[at]) for at in places], tickangle=slant(names[1:]),
        tickfont={"size": 13},
    )  # fmt: skip


def inputs_figure(
    followed: Followed, record: Record, labels: Sequence[str], dark: bool = False, step: int | None = None
) -> go.Figure:
    """By which input an answer would change most, above what each step's write makes up of the cell state there.

    ``step`` is where the answer is given, of all steps of the record, from 0; the last if omitted.
    """
    ink = INK_DARK if dark else INK
    figure = make_subplots(rows=2, cols=1, shared_xaxes=True, vertical_spacing=0.12)
    steps = np.arange(1, len(labels) + 1)
    bars = {"hovertemplate": "step %{x}: %{y:.4g}<extra></extra>"}
    figure.add_trace(go.Bar(x=steps, y=followed.by_input, marker_color=ink, **bars), 1, 1)
    hue = theme.look("cell_state").on(dark)
    figure.add_trace(go.Bar(x=steps, y=ledger_shares(record, step), marker_color=hue, **bars), 2, 1)
    layout(figure, "Inputs and writes", 460, dark)
    figure.update_layout(margin={"l": 8, "r": 8, "t": 44, "b": 8}, bargap=0.25)
    figure.update_yaxes(title="gradient norm", row=1, col=1, showgrid=True, gridcolor=grid(dark))
    figure.update_yaxes(
        title="share of c", row=2, col=1, tickformat=".0%", rangemode="tozero", showgrid=True, gridcolor=grid(dark)
    )
    steps_across(figure, labels)
    return figure


def ledger_shares(record: Record, step: int | None = None) -> Array:
    """(T,) what each step's write makes up of the cell state after one step, all units together: shares of all sizes.

    From the exact ledger; signs are lost, so this says where memory was written, not that the sum is this large.
    """
    ledger = layer_ledger(record)
    last = ledger.steps - 1 if step is None else step
    sizes = np.zeros(ledger.steps)
    sizes[: last + 1] = np.abs(ledger.at(last))[1:].sum(axis=1)
    return sizes / sizes.sum() if sizes.sum() else sizes


# --- σ and tanh


@dataclass(frozen=True)
class Squashing:
    """A squashing function with its first two derivatives."""

    name: str
    value: Callable[[Array], Array]
    slope: Callable[[Array], Array]
    bend: Callable[[Array], Array]


def sigmoid(x: Array) -> Array:
    return 0.5 * np.tanh(0.5 * np.asarray(x)) + 0.5


SIGMOID = Squashing(
    "σ", sigmoid, lambda x: sigmoid(x) * (1 - sigmoid(x)),
    lambda x: sigmoid(x) * (1 - sigmoid(x)) * (1 - 2 * sigmoid(x)),
)  # fmt: skip
TANH = Squashing(
    "tanh", np.tanh, lambda x: 1 - np.tanh(x) ** 2, lambda x: -2 * np.tanh(x) * (1 - np.tanh(x) ** 2)
)  # fmt: skip
FUNCTION = {
    "forget_gate": SIGMOID, "input_gate": SIGMOID, "output_gate": SIGMOID, "reset_gate": SIGMOID,
    "update_gate": SIGMOID, "candidate": TANH, "cell_state": TANH, "hidden_state": TANH,
}  # fmt: skip


def squashing_figure(function: Squashing, points: Mapping[str, Array], dark: bool = False) -> go.Figure:
    """A function, its slope and its bend; on the function the points where this run has used it."""
    ink = INK_DARK if dark else INK
    widest = max([6.0, *(float(np.abs(values).max()) for values in points.values())])
    x = np.linspace(-min(widest, 12), min(widest, 12), 401)
    figure = go.Figure()
    for name, curve, dash in (
        (function.name, function.value, "solid"), (f"{function.name}′", function.slope, "dash"),
        (f"{function.name}″", function.bend, "dot"),
    ):  # fmt: skip
        figure.add_trace(
            go.Scatter(x=x, y=curve(x), mode="lines", name=name, line={"color": ink, "width": 2, "dash": dash})
        )
    for quantity, values in points.items():
        some = sampled(values)
        look = theme.look(quantity)
        figure.add_trace(
            go.Scatter(
                x=np.clip(some, x[0], x[-1]), y=function.value(some), mode="markers", name=look.words,
                marker={"color": look.on(dark), "size": 6, "opacity": 0.35},
                hovertemplate="%{x:.2f}: %{y:.3f}<extra>" + look.words + "</extra>",
            )
        )  # fmt: skip
    layout(figure, f"{function.name}, its slope {function.name}′ and its bend {function.name}″", 360, dark)
    figure.update_layout(
        showlegend=True, margin={"l": 8, "r": 8, "t": 44, "b": 8},
        legend={"orientation": "h", "y": -0.22, "x": 0, "font": {"size": 14}},
    )  # fmt: skip
    figure.update_xaxes(title="what the function is given", zeroline=True, zerolinecolor=grid(dark))
    return figure.update_yaxes(showgrid=True, gridcolor=grid(dark), zeroline=True, zerolinecolor=text_colour(dark))


def sampled(values: Array) -> Array:
    """At most ``POINTS`` of the values, evenly taken."""
    flat = values.ravel()
    return flat[:: max(1, len(flat) // POINTS)][:POINTS]
