"""The effects of interventions as a table and a chart, beside those of random sets of units."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from models.analysis.effects import MEASURES, Effect, Measure, rank, spread
from models.translation.record import TranslationTrace
from viz.figures import theme
from viz.figures.columns import columns_in, marked_up
from viz.figures.wording import number

MEASURE: dict[Measure, str] = {
    "tokens_changed": "Tokens changed, each run writing its own translation",
    "log_probability": "Change of log-probability of the original translation, in nats (teacher forcing)",
    "divergence": "KL divergence from the original run, in nats, summed over its steps (teacher forcing)",
}
HEIGHT = 260


def effect_header(others: Sequence[Effect]) -> tuple[str, ...]:
    """Without random sets, the first two columns alone."""
    own = ("Measure", "This intervention")
    if not others:
        return own
    return (*own, f"{len(others)} random sets: lowest", "Median", "Highest", "Rank of this one")


def effect_rows(ours: Effect, others: Sequence[Effect]) -> list[tuple[str, ...]]:
    """A row a measure, with the rank of ours among the random sets and itself, the largest in size first."""
    rows = []
    for measure in MEASURES:
        row = [MEASURE[measure], shown(ours.value(measure), measure)]
        if others:
            over = spread(others, measure)
            row += [shown(over.lowest, measure), shown(over.median, measure), shown(over.highest, measure)]
            row.append(str(rank(ours, others, measure)))
        rows.append(tuple(row))
    return rows


def shown(value: float, measure: Measure) -> str:
    """Tokens as counted, or halves in a median; the rest to four decimals."""
    return number(value, "g" if measure == "tokens_changed" else ".4f")


def divergence_chart(before: TranslationTrace, ours: Effect, others: Sequence[Effect] = ()) -> go.Figure:
    """Bars: KL divergence of each step of the original translation, in nats; dots: the median of the random sets.

    Args:
        before: the original translation, T tokens.
        ours, others: effects on it.
    """
    labels = _labels(before)
    steps = np.arange(len(labels))
    figure = go.Figure(
        go.Bar(
            x=steps,
            y=ours.divergences,
            name="this intervention",
            marker_color=theme.TEXT,
            customdata=labels,
            hovertemplate="%{customdata}<br>%{y:.4f} nats<extra></extra>",
        )
    )
    if others:
        figure.add_scatter(
            x=steps,
            y=np.median([other.divergences for other in others], axis=0),
            name=f"median of {len(others)} random sets",
            mode="markers",
            marker={"size": 10, "symbol": "diamond-open", "color": theme.NEGATIVE, "line_width": 2},
            customdata=labels,
            hovertemplate="%{customdata}<br>random sets, median: %{y:.4f} nats<extra></extra>",
        )
    figure.update_layout(
        template=theme.TEMPLATE, height=HEIGHT, showlegend=bool(others), bargap=0.3,
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"}, margin={"t": 40 if others else 16},
    )  # fmt: skip
    figure.update_xaxes(tickvals=steps, ticktext=labels, range=[-0.5, len(labels) - 0.5])
    figure.update_yaxes(title="KL divergence (nats)", rangemode="tozero", nticks=4)
    return figure


def divergence_rows(before: TranslationTrace, ours: Effect) -> list[tuple[int, str, str]]:
    """Step, original token and KL divergence of each step."""
    written = columns_in(before.part("decoder"))
    return [
        (column.step, column.written, number(value, ".4f"))
        for column, value in zip(written, ours.divergences, strict=True)
    ]


def _labels(before: TranslationTrace) -> list[str]:
    """The tokens of the original translation, as Plotly draws them unchanged."""
    return [marked_up(column.written) for column in columns_in(before.part("decoder"))]
