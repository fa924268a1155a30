"""How often gates are as good as shut or open, a dot a unit (Karpathy et al. 2015, 4.2), and what means hide."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from models.analysis.lifetimes import GATES, LONGEST, PARTS, Gate, GateCounts
from models.recurrent.trace import Array, Trace
from viz.figures import evidence, theme
from viz.figures.columns import marked_up
from viz.figures.lifetimes import HalfLives
from viz.figures.tables import Table

PANEL = 210  # pixels of one small picture, its title included
ABOVE, BELOW = 72, 44  # pixels around all panels
BINS = 10  # of a picture of how often a gate had which value
NEARLY = 0.01  # means that differ by no more count as nearly the same
MOST_NAMED = 6  # units at one spot that a hover label names


@dataclass(frozen=True, eq=False)
class Group:
    """What the gates of one network did on one side over some steps."""

    label: str
    counts: GateCounts
    is_own: bool  # the network of the run on view, in the layer on view: unit numbers mean the same


def counted_in(*traces: Trace) -> GateCounts:
    """Count the gates of a run's traces, as held-out sentences are counted."""
    counts = GateCounts.none(traces[0].units)
    for trace in traces:
        for gate in GATES:
            counts.add(gate, trace.values(gate))
    return counts


def together(parts: Iterable[GateCounts]) -> GateCounts:
    """Counts of several sides as one; the same units, at least one part."""
    parts = list(parts)
    return GateCounts(sum(part.counts for part in parts), sum(part.sums for part in parts))


def saturation_scatter(
    groups: Sequence[Group], gate: Gate, low: int, high: int, unit: int | None = None, dark: bool = False
) -> go.Figure:
    """Draw for each unit the share of steps with a gate below ``low`` (across) and above ``high`` (up).

    Args:
        groups: one or more, a panel each.
        low, high: thresholds in hundredths, 1..50 and 51..99.
        unit: ringed where it is a unit of the run's own network.
    """
    hue = theme.look(gate).on(dark)
    height = 64 + PANEL * len(groups)
    figure = make_subplots(
        rows=len(groups), cols=1, vertical_spacing=60 / (height - ABOVE - BELOW),
        subplot_titles=[marked_up(group.label) for group in groups],
    )  # fmt: skip
    figure.update_annotations(x=0, xref="paper", xanchor="left", align="left", font={"size": 15})
    for row, group in enumerate(groups, start=1):
        below, above = shares(group.counts, gate, low, high)
        figure.add_scatter(
            row=row, col=1, x=[0, 1], y=[1, 0], mode="lines", hoverinfo="skip",
            line={"color": theme.TEXT, "width": 1, "dash": "dot"},
        )  # fmt: skip
        figure.add_scatter(
            row=row, col=1, x=below, y=above, mode="markers", marker={"color": hue, "size": 9, "opacity": 0.4},
            text=_named(below, above, low, high), hovertemplate="%{text}<extra></extra>", cliponaxis=False,
        )  # fmt: skip
        if unit is not None and group.is_own and unit < len(below):
            figure.add_scatter(
                row=row, col=1, x=[below[unit]], y=[above[unit]], mode="markers", hoverinfo="skip", cliponaxis=False,
                marker={"symbol": "circle-open", "size": 17, "color": evidence.text_colour(dark), "line_width": 2.5},
            )  # fmt: skip
    name = theme.look(gate).title
    figure.update_layout(
        template=theme.TEMPLATE, height=height, showlegend=False, hovermode="closest",
        margin={"l": 8, "r": 12, "t": ABOVE, "b": BELOW}, title=theme.title(name, gate),
    )  # fmt: skip
    ticks = {"range": [-0.04, 1.04], "tickvals": [0, 0.5, 1], "showgrid": True, "gridcolor": evidence.grid(dark)}
    figure.update_xaxes(**ticks)
    figure.update_xaxes(row=len(groups), col=1, title=f"share of steps below {low / 100:.2f}")
    return figure.update_yaxes(**ticks, title={"text": f"above {high / 100:.2f}", "font": {"size": 15}})


def shares(counts: GateCounts, gate: Gate, low: int, high: int) -> tuple[Array, Array]:
    """Share of steps with a gate below ``low`` and above ``high`` hundredths, (H,) each."""
    return counts.below(gate, low / PARTS), counts.above(gate, high / PARTS)


def _named(below: Array, above: Array, low: int, high: int) -> list[str]:
    """What a dot's hover label says; units at the same spot are named together, for only one dot can be pointed at."""
    spots, of_unit = np.unique(np.stack([below, above], axis=1), axis=0, return_inverse=True)
    texts = []
    for spot, (x, y) in enumerate(spots):
        units = np.flatnonzero(of_unit.ravel() == spot)
        listed = ", ".join(map(str, units[:MOST_NAMED]))
        more = f" and {len(units) - MOST_NAMED} more" if len(units) > MOST_NAMED else ""
        texts.append(
            f"unit{'s' * (len(units) > 1)} {listed}{more}<br>below {low / 100:.2f} in {x:.3f} of the steps"
            f"<br>above {high / 100:.2f} in {y:.3f}"
        )
    return [texts[spot] for spot in of_unit.ravel()]


def share_table(counts: GateCounts, low: int, high: int) -> Table:
    """The values of one group's pictures, a row per unit."""
    table: Table = {"Unit": np.arange(counts.counts.shape[1])}
    for gate in GATES:
        below, above = shares(counts, gate, low, high)
        table |= {
            f"{theme.look(gate).name} below {low / 100:.2f}": below,
            f"{theme.look(gate).name} above {high / 100:.2f}": above,
            f"{theme.look(gate).name}, mean": counts.mean(gate),
        }
    return table


# --- what a mean over units hides


def constant_half_life(mean: float) -> int | None:
    """After how many whole steps a forget gate that always had this value would leave at most half.

    None where that is more than any run has, as for a gate of 1.
    """
    if mean <= 0.5:
        return 1
    steps = np.ceil(np.log(0.5) / np.log(mean)) if mean < 1 else np.inf
    return int(steps) if steps <= LONGEST else None


def extremes(counts: GateCounts, half_lives: HalfLives) -> tuple[int, int]:
    """The most window-like and the most latch-like unit: by typical half-life, equals by mean forget gate."""
    order = np.lexsort((counts.mean("forget_gate"), half_lives.steps, half_lives.is_longer))
    return int(order[0]), int(order[-1])


def same_mean(counts: GateCounts, low: int, high: int) -> tuple[int, int] | None:
    """Two units whose mean forget gates are nearly the same and which are saturated most differently often.

    Of all pairs whose means differ by at most ``NEARLY``, the one with the largest difference in the share of steps
    below ``low`` or above ``high``; the unit that is saturated more often first. None where no pair differs at all.
    """
    mean, saturated = counts.mean("forget_gate"), sum(shares(counts, "forget_gate", low, high))
    gap = np.where(np.abs(mean[:, None] - mean) <= NEARLY, saturated[:, None] - saturated, 0)
    one, other = np.unravel_index(gap.argmax(), gap.shape)
    return (int(one), int(other)) if gap[one, other] > 0 else None


def gate_bars(
    counts: GateCounts, units: Sequence[tuple[int, str]], half_lives: HalfLives, dark: bool = False
) -> go.Figure:
    """How often the forget gate of each of some units had which value, a panel a unit; a line at its mean.

    Args:
        units: numbers, each with a word for it.
    """
    mean, hue = counts.mean("forget_gate"), theme.look("forget_gate").on(dark)
    height = 92 + 132 * len(units)
    figure = make_subplots(
        rows=len(units), cols=1, shared_xaxes=True, vertical_spacing=36 / (height - ABOVE - BELOW),
        subplot_titles=[f"{word}: unit {at}, mean {mean[at]:.2f}, {half_lives.words(at)}" for at, word in units],
    )  # fmt: skip
    figure.update_annotations(x=0, xref="paper", xanchor="left", font={"size": 15})
    middles = (np.arange(BINS) + 0.5) / BINS
    for row, (unit, _) in enumerate(units, start=1):
        share = value_shares(counts, unit)
        told = [f"{at / BINS:.1f} to {(at + 1) / BINS:.1f}: {y:.3f} of the steps" for at, y in enumerate(share)]
        figure.add_bar(
            row=row, col=1, x=middles, y=share, width=0.9 / BINS, marker_color=hue,
            hovertext=[f"unit {unit}<br>{text}" for text in told], hovertemplate="%{hovertext}<extra></extra>",
        )  # fmt: skip
        figure.add_vline(
            x=mean[unit], row=row, col=1, line={"color": evidence.text_colour(dark), "width": 2, "dash": "dash"}
        )
    figure.update_layout(
        template=theme.TEMPLATE, height=height, showlegend=False, margin={"l": 8, "r": 12, "t": ABOVE, "b": BELOW},
        title=theme.title("Forget gate, value by value", "forget_gate"),
    )  # fmt: skip
    figure.update_xaxes(range=[0, 1], tickvals=[0, 0.5, 1])
    figure.update_xaxes(row=len(units), col=1, title="forget gate; dashed: its mean")
    return figure.update_yaxes(
        range=[0, 1], tickvals=[0, 1], showgrid=True, gridcolor=evidence.grid(dark), title_text="share"
    )


def value_shares(counts: GateCounts, unit: int) -> Array:
    """Share of steps with a forget gate in each tenth of 0..1, (10,)."""
    parts = counts.counts[GATES.index("forget_gate"), unit].reshape(BINS, -1).sum(axis=1)
    return parts / max(counts.steps, 1)
