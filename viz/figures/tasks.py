"""Small networks and their tasks, as pictures: accuracy by distance, answers step by step, units by what erasing does.

In the pages' own ink: cells are told by dash, mark and words, so that no colour gets a second meaning.
"""

import textwrap
from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from models.learning.tasks.curves import Point
from models.learning.tasks.network import TaskNetwork, TaskRun
from models.learning.tasks.task import Task
from models.learning.tasks.units import Ranking
from models.learning.tasks.variants import CALLED, Variant
from models.recurrent.trace import Array
from viz.figures import theme
from viz.figures.columns import marked_up
from viz.figures.evidence import INK, INK_DARK, grid, layout, page, text_colour

STYLES: dict[Variant, tuple[str, str, bool]] = {  # dash, mark, whether the mark is filled
    "lstm": ("solid", "circle", True),
    "lstm-forget-bias-0": ("dash", "circle", False),
    "gru": ("dashdot", "square", True),
    "rnn": ("dot", "diamond", False),
}
HEIGHT = 380


def accuracy_figure(
    task: Task, curves: dict[Variant, list[Point]], on_view: Variant, distance: int | None, dark: bool = False
) -> go.Figure:
    """Accuracy on held-out sequences by distance, one line a cell; a band from the worst seed to the best.

    The distances of the training are shaded, chance is a thin line, and so is the distance that is looked at.
    """
    ink, paper = INK_DARK if dark else INK, page(dark)
    figure = go.Figure()
    low, high = task.trained
    figure.add_vrect(low, high, fillcolor=ink, opacity=0.08, line_width=0, layer="below")
    figure.add_annotation(
        x=low, y=1.09, xanchor="left", yanchor="middle", text="trained on these distances", showarrow=False,
        font={"size": 14, "color": text_colour(dark)},
    )  # fmt: skip
    for variant, points in curves.items():
        dash, mark, is_filled = STYLES[variant]
        at = [point.distance for point in points]
        if variant == on_view:
            lowest, highest = ([limit(point.shares) for point in points] for limit in (min, max))
            figure.add_trace(
                go.Scatter(
                    x=at + at[::-1], y=highest + lowest[::-1], fill="toself", fillcolor=ink, opacity=0.18, mode="none",
                    hoverinfo="skip", showlegend=False,
                )
            )  # fmt: skip
        figure.add_trace(
            go.Scatter(
                x=at, y=[point.mean for point in points], mode="lines+markers", name=CALLED[variant],
                line={"color": ink, "width": 3 if variant == on_view else 1.5, "dash": dash},
                marker={
                    "symbol": mark, "size": 9, "color": ink if is_filled else paper, "line": {"color": ink, "width": 2},
                },
                cliponaxis=False,
                text=[
                    f"{CALLED[variant]}, {point.distance}<br>{point.mean:.1%} right of {point.examples} × "
                    f"{len(point.shares)} seeds, {min(point.shares):.1%} to {max(point.shares):.1%}"
                    for point in points
                ],
                hovertemplate="%{text}<extra></extra>",
            )
        )  # fmt: skip
    if task.chance:
        figure.add_hline(task.chance, line={"color": text_colour(dark), "width": 1, "dash": "dot"})
    layout(figure, "Held-out sequences answered right", HEIGHT, dark)
    if distance is not None:
        figure.add_vline(distance, line={"color": text_colour(dark), "width": 1})
    figure.update_layout(
        showlegend=True, margin={"l": 8, "r": 16, "t": 52, "b": 8},
        legend={"orientation": "h", "y": -0.28, "x": 0, "font": {"size": 15}},
    )  # fmt: skip
    figure.update_xaxes(title=in_lines(task.distance_is), rangemode="tozero")
    return figure.update_yaxes(
        title="share right", range=[-0.03, 1.14], tickvals=[0, 0.25, 0.5, 0.75, 1], tickformat=".0%", showgrid=True,
        gridcolor=grid(dark),
    )  # fmt: skip


def answers_figure(network: TaskNetwork, run: TaskRun, step: int | None, dark: bool = False) -> go.Figure:
    """What the network says at each step: the probability of what it says, or the number; what is right as a line."""
    ink = INK_DARK if dark else INK
    labels = answered_at(run)
    places = np.arange(len(labels))
    figure = go.Figure()
    if network.task.gives_numbers:
        wanted = [run.example.wanted.get(at) for at in places]
        values, title, axis = [float(value) for value in run.said], "What it says", network.task.answers[0]
        if any(value is not None for value in wanted):
            figure.add_trace(
                go.Scatter(
                    x=places, y=wanted, mode="lines+markers", name="right", hoverinfo="skip",
                    line={"color": text_colour(dark), "width": 1, "dash": "dot"},
                    marker={"symbol": "line-ew-open", "size": 12, "color": text_colour(dark)},
                )
            )  # fmt: skip
    else:
        values, title, axis = list(run.probabilities.max(axis=1)), "How sure it is of what it says", "probability"
    asked = wanted_at(network, run)
    figure.add_trace(
        go.Scatter(
            x=places, y=values, mode="lines+markers", name="said", line={"color": ink, "width": 1.5},
            marker={
                "size": [11 if at in asked else 5 for at in places], "color": ink,
                "symbol": ["circle" if at not in asked or is_right(network, run, at) else "x" for at in places],
            },
            text=[marked_up(step_sentence(network, run, at)) for at in places],
            hovertemplate="%{text}<extra></extra>",
        )
    )  # fmt: skip
    layout(figure, title, 260, dark)
    if step is not None and step < len(labels):
        figure.add_vline(step, line={"color": text_colour(dark), "width": 1})
    every = max(1, -(-len(labels) // 40))
    figure.update_layout(margin={"l": 8, "r": 8, "t": 40, "b": 8})
    figure.update_xaxes(
        tickvals=places[::every], ticktext=[marked_up(label) for label in labels[::every]], tickangle=slant(labels),
        tickfont={"size": 13}, range=[-0.6, len(labels) - 0.4],
    )  # fmt: skip
    if not network.task.gives_numbers:
        figure.update_yaxes(range=[0, 1.06], tickvals=[0, 0.5, 1])
    return figure.update_yaxes(title=axis, showgrid=True, gridcolor=grid(dark))


def slant(labels: Sequence[str]) -> int:
    """Degrees that labels of an axis are turned by: signs of their own stand upright, words do not fit that way."""
    return 0 if all(len(label) <= 2 for label in labels) else -60


def in_lines(text: str, width: int = 30) -> str:
    """The title of an axis in lines that fit on a telephone, safe in a label."""
    return "<br>".join(map(marked_up, textwrap.wrap(text, width)))


def answered_at(run: TaskRun) -> tuple[str, ...]:
    """Labels of the steps that answer: of a decoder what it wrote, or what was read."""
    return run.record.parts[-1].labels


def wanted_at(network: TaskNetwork, run: TaskRun) -> dict[int, str | float]:
    """What is right at the steps that answer."""
    return dict(enumerate(run.example.written)) if network.decoder is not None else run.example.wanted


def is_right(network: TaskNetwork, run: TaskRun, at: int) -> bool:
    return network.fits(run.said[at], wanted_at(network, run)[at])


def step_sentence(network: TaskNetwork, run: TaskRun, at: int) -> str:
    """What is said at one step, and what is right there."""
    read = run.record.parts[-1].read[at]
    if network.task.gives_numbers:
        said = f"{run.said[at]:.2f}"
    else:
        said = f"{run.said[at]} ({run.probabilities[at].max():.1%})"
    wanted = wanted_at(network, run).get(at)
    right = (
        "" if wanted is None else f"; right is {wanted:.2f}" if isinstance(wanted, float) else f"; right is {wanted}"
    )
    return f"{at + 1}. {read}: {said}{right}"


def erasing_figure(ranking: Ranking, chosen: Sequence[int], dark: bool = False, most: int = 12) -> go.Figure:
    """How much is lost when each unit alone is erased: the units that lose most, the chosen ones filled."""
    ink, paper = INK_DARK if dark else INK, page(dark)
    units = ranking.order[:most]
    values = ranking.effect[units]
    figure = go.Figure(
        go.Bar(
            x=values, y=[f"unit {unit}" for unit in units], orientation="h",
            marker={
                "color": [ink if unit in chosen else paper for unit in units], "line": {"color": ink, "width": 1.5},
            },
            text=[f"{value:.2f}".replace("-", "−") for value in values], textposition="outside", cliponaxis=False,
            customdata=units, hovertemplate="%{y}: %{x:.4f}<extra></extra>",
        )
    )  # fmt: skip
    what = "error added" if ranking.is_number else "probability of the right answer lost"
    layout(figure, "Each unit erased alone", 60 + 30 * len(units) + 40, dark)
    figure.update_layout(margin={"l": 8, "r": 48, "t": 40, "b": 8}, bargap=0.35)
    figure.update_xaxes(title=what, showgrid=True, gridcolor=grid(dark), zeroline=True, zerolinecolor=text_colour(dark))
    return figure.update_yaxes(autorange="reversed", type="category")


def count_figure(count: Array, memory: Array, unit: int, called: str, quantity: str, dark: bool = False) -> go.Figure:
    """What is to be counted at each step, and what one unit remembers there, each on its own axis."""
    ink = INK_DARK if dark else INK
    hue = theme.look(quantity).on(dark)
    steps = np.arange(len(count)) + 1
    figure = go.Figure(
        [
            go.Scatter(x=steps, y=count, name=called, line={"color": ink, "dash": "dot", "width": 2}, mode="lines"),
            go.Scatter(
                x=steps, y=memory, name=f"unit {unit}", yaxis="y2", line={"color": hue, "width": 2}, mode="lines"
            ),
        ]
    )
    layout(figure, f"{called.capitalize()}, and unit {unit}", 300, dark)
    look = theme.look(quantity)
    figure.update_layout(
        yaxis2={"overlaying": "y", "side": "right", "title": f"{look.words} {look.symbol}", "showgrid": False},
        margin={"l": 8, "r": 8, "t": 40, "b": 8}, showlegend=True, legend={"orientation": "h", "y": -0.3, "x": 0},
    )  # fmt: skip
    figure.update_xaxes(title="step")
    return figure.update_yaxes(title=called, selector=0, showgrid=True, gridcolor=grid(dark))
