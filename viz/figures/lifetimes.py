"""How long units keep what was written to them: shares that are left, and half-lives.

A half-life is a whole number of steps, or a run was too short to tell: then there is no number, and words say so.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from models.analysis.lifetimes import half_lives, lifetimes, survival, window_to_latch
from models.recurrent.record import Record
from models.recurrent.trace import Array
from viz.figures import evidence, theme
from viz.figures.columns import checked, columns_of, marked_up
from viz.figures.gates import does
from viz.figures.tables import Table
from viz.figures.wording import counted

HEIGHT = 560
CURVE_HEIGHT = 360
BAR_HEIGHT = 320
MANY_COLUMNS = 40  # beyond, the tokens under the columns are set smaller
MANY_BARS = 12  # beyond, there is no room for numbers on them
LONGER = "longer than this sentence"


@dataclass(frozen=True, eq=False)
class HalfLives:
    """Half-lives of H units, in steps; where ``is_longer`` the run ended before one could be told, and none is kept."""

    steps: Array  # (H,), whole numbers; 0 where longer
    is_longer: Array  # (H,)
    longer: str = LONGER  # than what

    @classmethod
    def of_write(cls, forget_gate: Array, column: int) -> "HalfLives":
        """Of what step ``column`` wrote, with (steps, H) forget gates."""
        seen = lifetimes(forget_gate[column:])
        return cls(np.where(seen.is_censored[0], 0, seen.steps[0]), seen.is_censored[0])

    @classmethod
    def typical(cls, values: Array, longer: str = LONGER) -> "HalfLives":
        """Of units over many writes, as ``models.lifetimes`` gives them: infinity for what could not be told."""
        is_longer = ~np.isfinite(values)
        return cls(np.where(is_longer, 0, values).astype(np.int64), is_longer, longer)

    @classmethod
    def in_run(cls, forget_gate: Array) -> "HalfLives":
        """Typical half-lives in one run, (steps, H) forget gates."""
        return cls.typical(half_lives(forget_gate))

    @property
    def longest(self) -> int:
        """The largest half-life that could be told, 0 if none could."""
        return int(self.steps.max(initial=0))

    def words(self, unit: int) -> str:
        return self.longer if self.is_longer[unit] else counted(int(self.steps[unit]), "step")

    def sortable(self) -> list[str]:
        """Texts that sort as the half-lives do, what is longer than all of them last."""
        return [
            self.longer if longer else f"{steps:>3}" for steps, longer in zip(self.steps, self.is_longer, strict=True)
        ]

    def counts(self) -> Array:
        """How many units have a half-life of 1, 2, ... ``longest`` steps."""
        return np.bincount(self.steps[~self.is_longer], minlength=1)[1:]


def survival_heatmap(record: Record, column: int, unit: int, layer: int = 0) -> go.Figure:
    """Draw how much of what a step wrote is left from then on: later steps across, units down from window to latch.

    Args:
        column: of the write.
        unit: pointed at.

    Raises:
        IndexError: there is no such column or unit.
    """
    checked(record, column, unit)
    forget_gate = record.values("forget_gate", layer)
    order = [str(number) for number in window_to_latch(forget_gate)]
    later = len(forget_gate) - column
    figure = go.Figure(
        go.Heatmap(
            z=np.ascontiguousarray(survival(forget_gate, column).T[window_to_latch(forget_gate)], np.float32),
            x=np.arange(column, column + later, dtype=np.int32),
            y=order,
            xaxis="x2",
            hovertemplate="unit %{y}<br>%{x}<br>%{z:.4f} of the write is left<extra></extra>",
            zmin=0,
            zmax=1,
            colorscale=theme.plotly_scale("forget_gate"),
            colorbar=theme.colour_bar(0, 1, HEIGHT),
        )
    )
    _steps_across(figure, record, column)
    figure.add_annotation(
        x=1, xref="paper", xanchor="left", y=str(unit), text=f"◀ {unit}", showarrow=False, font_size=theme.FONT_SIZE,
    )  # fmt: skip
    figure.update_layout(height=HEIGHT, margin={"t": 104, "r": 56}, title=theme.title("Share left", "forget_gate"))
    ticks = [order[at] for at in np.unique(np.linspace(0, len(order) - 1, 9).astype(int))]
    return figure.update_yaxes(
        type="category", range=[len(order) - 0.5, -0.5], tickvals=ticks, ticktext=ticks,
        title="unit, from window to latch",
    )  # fmt: skip


def survival_curves(record: Record, column: int, unit: int, layer: int = 0, dark: bool = False) -> go.Figure:
    """Draw how much is left in one unit of each write of the first part (faint), and of one step's (strong).

    Raises:
        IndexError: there is no such column or unit.
    """
    checked(record, column, unit)
    forget_gate, columns = record.values("forget_gate", layer)[:, unit], columns_of(record)
    hue = theme.look("forget_gate").on(dark)
    figure = go.Figure()
    for written_at in [*(at for at in range(record.parts[0].steps) if at != column), column]:
        left, strong = survival(forget_gate, written_at), written_at == column
        style = {"mode": "lines+markers"} if strong or len(left) == 1 else {"mode": "lines"}
        figure.add_scatter(
            x=np.arange(written_at, len(forget_gate), dtype=np.int32),
            y=left,
            xaxis="x2",
            **style,
            line={"color": hue, "width": 3.5 if strong else 1.5},
            marker={"color": hue, "size": 8 if strong else 5},
            opacity=1 if strong else 0.45,
            text=f"written at {marked_up(columns[written_at].place)}",  # one text for all of its points
            hovertemplate="%{text}<br>%{x}<br>%{y:.4f} of it is left<extra></extra>",
            cliponaxis=False,
        )
    _steps_across(figure, record, 0)
    figure.add_shape(
        type="line", x0=0, x1=1, xref="paper", y0=0.5, y1=0.5, line={"color": theme.TEXT, "width": 2, "dash": "dash"},
    )  # fmt: skip
    title = theme.title(f"Share left in unit {unit}", "forget_gate")
    figure.update_layout(height=CURVE_HEIGHT, margin_t=84, title=title, showlegend=False)
    return figure.update_yaxes(
        range=[-0.03, 1.03], tickvals=[0, 0.5, 1], ticktext=["0", "0.5", "1"], title="share left"
    )


def _steps_across(figure: go.Figure, record: Record, first: int) -> None:
    """Name the steps from ``first`` on under the picture, and draw the lines between parts, with their names."""
    columns = columns_of(record)
    axis = {
        "range": [first - 0.5, len(columns) - 0.5], "tickvals": np.arange(first, len(columns), dtype=np.int32),
    }  # fmt: skip
    figure.add_scatter(x=[], y=[], showlegend=False)  # Plotly draws no axis that nothing is drawn on
    figure.update_layout(
        template=theme.TEMPLATE,
        xaxis=axis
        | {
            "ticktext": [marked_up(column.label) for column in columns[first:]],
            "autotickangles": [0, -90],
            "tickfont_size": theme.FONT_SIZE if len(columns) - first <= MANY_COLUMNS else 11,
        },
        # %{x} in a hover label is the tick's text: an unseen axis says once per step what else is said at each point
        xaxis2=axis
        | {
            "ticktext": [marked_up(f"after {column.place}") for column in columns[first:]],
            "overlaying": "x", "matches": "x", "showticklabels": False, "ticks": "",
        },
    )  # fmt: skip
    for start in record.starts[1:]:
        if first < start:
            figure.add_shape(
                type="line", x0=start - 0.5, x1=start - 0.5, y0=0, y1=1.05, yref="paper",
                line={"color": theme.TEXT, "width": 4},
            )  # fmt: skip
    *before, last = record.parts
    shown = [part for part, end in zip(before, record.starts[1:], strict=True) if first < end]
    for part, x, anchor in [(part, 0, "left") for part in shown[:1]] + [(last, 1, "right") for _ in before[:1]]:
        figure.add_annotation(
            text=marked_up(does(part)), x=x, xref="paper", xanchor=anchor, y=1, yref="paper", yanchor="bottom",
            showarrow=False,
        )  # fmt: skip


def half_life_bars(
    found: HalfLives, title: str, marked: Sequence[tuple[int | None, str]] = (), dark: bool = False
) -> go.Figure:
    """Count units by half-life: a bar for 1, 2, 3 ... steps, and one apart for what a run was too short to tell.

    Args:
        marked: half-lives to point at, None for the bar apart, each with its words.
    """
    longest = max([found.longest, *(steps or 0 for steps, _ in marked)])
    steps = np.arange(1, longest + 1)
    counts = [*found.counts(), *[0] * (longest - found.longest), int(found.is_longer.sum())]
    apart = longest + max(2, 0.15 * longest)
    ink = evidence.INK_DARK if dark else evidence.INK
    places = [*steps.tolist(), apart]
    names = [counted(int(step), "step") for step in steps] + [found.longer]
    figure = go.Figure(
        go.Bar(
            x=places,
            y=counts,
            width=0.8,
            marker={"color": ink, "pattern": {"shape": [*[""] * longest, "/"], "fgcolor": evidence.page(dark)}},
            text=[str(count) for count in counts] if longest <= MANY_BARS else None,
            textposition="outside",
            constraintext="none",
            textfont={"size": 15, "color": evidence.text_colour(dark)},
            hovertext=[f"{counted(count, 'unit')}: half-life {name}" for count, name in zip(counts, names)],
            hovertemplate="%{hovertext}<extra></extra>",
            cliponaxis=False,
        )
    )
    evidence.layout(figure, title, BAR_HEIGHT, dark)
    top = max(counts)
    for at, text in marked:
        place = apart if at is None else at
        side = "left" if place < apart / 4 else "right" if place > 0.75 * apart else "center"
        figure.add_annotation(
            x=place, y=counts[-1 if at is None else at - 1], ax=place, ay=1.45 * top, axref="x", ayref="y",
            xanchor=side, yanchor="bottom", text=marked_up(text), standoff=24, arrowhead=2, arrowwidth=1.5,
            arrowcolor=evidence.text_colour(dark), font={"size": 15, "color": evidence.text_colour(dark)},
        )  # fmt: skip
    shown = steps[:: max(1, -(-longest // 12))].tolist()
    figure.update_xaxes(
        range=[0.4, apart + 0.9], tickvals=[*shown, apart], tickangle=0, title="half-life in steps",
        ticktext=[*map(str, shown), "longer"],
    )  # fmt: skip
    figure.add_vline(x=(longest + apart) / 2, line={"color": theme.TEXT, "width": 1, "dash": "dot"})
    return figure.update_yaxes(
        title="units", range=[0, 1.7 * top if marked else 1.2 * top], showgrid=True, gridcolor=evidence.grid(dark),
        nticks=5,
    )  # fmt: skip


def lifetime_table(record: Record, column: int, layer: int = 0) -> Table:
    """A row per unit, from window to latch: half-lives as texts, for a longer one has no number."""
    checked(record, column=column)
    forget_gate = record.values("forget_gate", layer)
    order = window_to_latch(forget_gate)
    of_write, typical = HalfLives.of_write(forget_gate, column), HalfLives.in_run(forget_gate)
    is_last = column == len(forget_gate) - 1
    return {
        "Place from window to latch": np.arange(1, len(order) + 1),
        "Unit": order,
        "Half-life of this write, in steps": [
            "nothing came after it" if is_last else of_write.sortable()[unit] for unit in order
        ],
        "Typical half-life in this run, in steps": [typical.sortable()[unit] for unit in order],
        "Mean forget gate": forget_gate.mean(axis=0, dtype=np.float64)[order],
        "Left of this write at the end": survival(forget_gate, column)[-1][order],
        "Left of the first write at the end": survival(forget_gate, 0)[-1][order],
    }


def survival_table(record: Record, column: int, layer: int = 0) -> Table:
    """The values of the heat map: a row per unit from window to latch, a column per step from ``column`` on."""
    checked(record, column=column)
    forget_gate = record.values("forget_gate", layer)
    order = window_to_latch(forget_gate)
    left = survival(forget_gate, column)
    places = columns_of(record)[column:]
    return {"Unit": order} | {f"After {place.place}": row[order] for place, row in zip(places, left, strict=True)}


def curve_table(record: Record, column: int, unit: int, layer: int = 0) -> Table:
    """The values of the curves as texts: a row per write, a column per step; empty before there was such a write."""
    checked(record, column, unit)
    forget_gate, columns = record.values("forget_gate", layer)[:, unit], columns_of(record)
    writes = sorted({*range(record.parts[0].steps), column})
    left = [[""] * at + [f"{share:.4f}" for share in survival(forget_gate, at)] for at in writes]
    return {"Written at": [columns[at].place for at in writes]} | {
        f"After {columns[step].place}": [row[step] for row in left] for step in range(len(columns))
    }
