"""How good a network is, as pictures: scores with their intervals, curves of a training, counts of verdicts.

All in one ink. What differs is told by place, by mark and by words, so that no colour has a second meaning and none is
needed to read a picture.
"""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from models.evaluation.results import METRIC, VERDICT, Counted, Curve, Metric, Rated, Score, Verdict
from viz.figures import theme
from viz.figures.columns import marked_up

INK, INK_DARK = "#3a4a86", "#98a6e2"  # the pages' own slate; no quantity has it
# Bars and the numbers in them, from the most ink to the least: lightness alone tells them apart.
TONES: dict[Verdict, tuple[str, str]] = {
    "right": ("#3a4a86", "#ffffff"), "understandable": ("#a9b3dc", "#1b2340"),
    "wrong": ("#e9ebf4", "#1b2340"), "not_judged": ("#ffffff", "#1b2340"),
}  # fmt: skip
TONES_DARK: dict[Verdict, tuple[str, str]] = {
    "right": ("#b4bff0", "#0e1117"), "understandable": ("#5361a3", "#ffffff"),
    "wrong": ("#262b3d", "#fafafa"), "not_judged": ("#0e1117", "#fafafa"),
}  # fmt: skip
ROW = 58  # pixels of a row: a line of words above a line of marks
LINE = 20  # pixels of a line of words


def interval_chart(rows: Sequence[Rated], metric: Metric, counts: bool = False, dark: bool = False) -> go.Figure:
    """A dot a row on a scale of 0..100, with its 95 % interval; what it is and its numbers stand above it.

    Args:
        counts: say in brackets how many sentences there are.
    """
    shown = [row for row in rows if metric in row.scores]
    ink = INK_DARK if dark else INK
    scores = [row.scores[metric] for row in shown]
    values = np.array([score.value for score in scores])
    ends = np.array([score.interval or (score.value, score.value) for score in scores]).reshape(-1, 2)
    figure = go.Figure(
        go.Scatter(
            x=values,
            y=np.arange(len(shown)),
            mode="markers",
            marker={"color": ink, "size": 11},
            error_x={
                "type": "data", "symmetric": False, "array": ends[:, 1] - values, "arrayminus": values - ends[:, 0],
                "color": ink, "thickness": 2.5, "width": 5,
            },
            text=[f"{marked_up(row.label)}<br>{METRIC[metric]} {score_text(row.scores[metric])}" for row in shown],
            hovertemplate="%{text}<extra></extra>",
        )
    )  # fmt: skip
    labels = [f"{row.label} ({row.sentences})" if counts else row.label for row in shown]
    lines_of_words(figure, labels, [score_text(score) for score in scores], dark)
    layout(figure, f"{METRIC[metric]}", 84 + ROW * len(shown), dark)
    figure.update_xaxes(
        range=[-1.5, 101.5], tickvals=[0, 25, 50, 75, 100], showgrid=True, gridcolor=grid(dark), gridwidth=1
    )
    return figure.update_yaxes(range=[len(shown) - 0.65, -0.75], visible=False)


def score_text(score: Score) -> str:
    """``48.2 (45.1 to 51.0)``: a score, and its interval in brackets."""
    if score.interval is None:
        return f"{score.value:.1f}"
    low, high = score.interval
    return f"{score.value:.1f} ({low:.1f} to {high:.1f})"


def gap_chart(title: str, training: Curve, validation: Curve, dark: bool = False) -> go.Figure:
    """Cross-entropy on what was trained on (hollow) and on what was not (filled), and the gap at the last epoch.

    The scale starts at 0 and fits these two curves: pictures of different networks are not on one scale.
    """
    top = max(value for curve in (training, validation) for _, value in curve.points)
    figure = curve_chart(title, "cross-entropy", [training, validation], (0, 1.08 * top), dark)
    (epoch, low), (last, high) = training.points[-1], validation.points[-1]
    if epoch == last:
        figure.add_shape(
            type="line", x0=last, x1=last, y0=low, y1=high, line={"color": INK_DARK if dark else INK, "width": 1},
        )  # fmt: skip
    return figure


def curve_chart(
    title: str, axis: str, curves: Sequence[Curve], limits: tuple[float, float], dark: bool = False
) -> go.Figure:  # fmt: skip
    """Up to two curves over the epochs, named at their ends: the first dotted with hollow marks, the second filled."""
    ink, paper = INK_DARK if dark else INK, page(dark)
    styles = [
        {
            "line": {"color": ink, "width": 2, "dash": "dot"},
            "marker": {"color": paper, "line": {"color": ink, "width": 2}},
        },
        {"line": {"color": ink, "width": 2}, "marker": {"color": ink}},
    ]  # fmt: skip
    height, above, below = 300, 44, 56
    figure = go.Figure()
    for curve, style in zip(curves, styles, strict=False):
        epochs, values = zip(*curve.points, strict=True)
        figure.add_trace(
            go.Scatter(
                x=np.array(epochs), y=np.array(values), mode="lines+markers", name=marked_up(curve.label),
                line=style["line"], marker={"size": 7, **style["marker"]}, cliponaxis=False,
                text=[f"{marked_up(curve.label)}, epoch {at}<br>{value:{curve.form}}" for at, value in curve.points],
                hovertemplate="%{text}<extra></extra>",
            )
        )  # fmt: skip
    layout(figure, title, height, dark)
    ends = [curve.points[-1] for curve in curves]
    pixels = [(value - limits[0]) / (limits[1] - limits[0]) * (height - above - below) for _, value in ends]
    for curve, (epoch, value), shift in zip(curves, ends, kept_apart(pixels, 2 * LINE), strict=True):
        figure.add_annotation(
            x=epoch, y=value, text=f"{marked_up(curve.label)}<br>{value:{curve.form}}",
            xanchor="left", align="left", xshift=9, yshift=shift, showarrow=False,
            font={"size": 15, "color": text_colour(dark)},
        )  # fmt: skip
    first, last = min(c.points[0][0] for c in curves), max(epoch for epoch, _ in ends)
    room = max(last - first, 1) * 0.04
    figure.update_layout(margin={"l": 8, "r": 96, "t": above, "b": below})
    figure.update_xaxes(title="epoch", range=[first - room, last + room], tickvals=epoch_ticks(first, last))
    return figure.update_yaxes(
        title=axis, range=list(limits), showgrid=True, gridcolor=grid(dark), gridwidth=1, nticks=6
    )


def kept_apart(places: Sequence[float], least: float) -> list[float]:
    """How far to move two labels, in pixels and upwards, so that ``least`` pixels lie between them."""
    if len(places) != 2 or abs(places[0] - places[1]) >= least:
        return [0.0] * len(places)
    move = (least - abs(places[0] - places[1])) / 2
    return [move, -move] if places[0] > places[1] else [-move, move]


def epoch_ticks(first: int, last: int) -> list[int]:
    """At most seven whole epochs, the last among them."""
    step = max(1, -(-(last - first) // 6))
    return sorted(range(last, first - 1, -step))


def verdict_chart(rows: Sequence[Counted], dark: bool = False) -> go.Figure:
    """A bar a row, as long as there are sentences, divided by verdict; counts stand in it and its name above it."""
    figure = go.Figure()
    for verdict, (tone, on_tone) in (TONES_DARK if dark else TONES).items():
        counts = [row.verdicts.get(verdict, 0) for row in rows]
        told = [f"{marked_up(row.label)}<br>{VERDICT[verdict]}: {count}" for row, count in zip(rows, counts)]
        if not any(counts):
            continue
        figure.add_trace(
            go.Bar(
                x=np.array(counts), y=np.arange(len(rows)), orientation="h", width=0.42, name=VERDICT[verdict],
                marker={"color": tone, "line": {"color": INK_DARK if dark else INK, "width": 1}},
                text=[str(count or "") for count in counts], textposition="inside", insidetextanchor="middle",
                textangle=0, textfont={"color": on_tone, "size": 16},
                hovertext=told,
                hovertemplate="%{hovertext}<extra></extra>",
            )
        )  # fmt: skip
    lines_of_words(figure, [row.label for row in rows], [f"{row.sentences} sentences" for row in rows], dark, shift=18)
    layout(figure, "", 92 + (ROW + 6) * len(rows), dark)
    figure.update_layout(
        barmode="stack", showlegend=True, margin={"l": 8, "r": 8, "t": 44, "b": 8},
        legend={"orientation": "h", "x": 0, "y": 1, "yref": "container", "yanchor": "top", "itemclick": False,
                "itemdoubleclick": False, "traceorder": "normal", "font": {"color": text_colour(dark)}},
    )  # fmt: skip
    figure.update_xaxes(visible=False, range=[0, 1.003 * max([row.sentences for row in rows], default=1)])
    return figure.update_yaxes(range=[len(rows) - 0.6, -0.75], visible=False)


def lines_of_words(
    figure: go.Figure, left: Sequence[str], right: Sequence[str], dark: bool, shift: int = 9
) -> None:  # fmt: skip
    """What each row is, and its numbers, above the row: there is no room beside it on a telephone.

    All at once: Plotly looks at each annotation again for each new one.

    Args:
        left, right: what is said of each row, as plain text.
    """
    style = {
        "xref": "paper", "yanchor": "bottom", "yshift": shift, "showarrow": False,
        "font": {"size": 15, "color": text_colour(dark)}, "bgcolor": page(dark), "borderpad": 0,
    }  # fmt: skip
    figure.update_layout(
        annotations=[
            {"x": x, "xanchor": anchor, "y": place, "text": marked_up(text), **style}
            for place, texts in enumerate(zip(left, right, strict=True))
            for x, anchor, text in zip((0, 1), ("left", "right"), texts)
        ]
    )


def layout(figure: go.Figure, title: str, height: int, dark: bool) -> None:
    figure.update_layout(
        template=theme.TEMPLATE,
        height=height,
        showlegend=False,
        font_color=text_colour(dark),
        title={
            "text": title, "font": {"size": 17, "color": text_colour(dark)},
            "y": 1, "yref": "container", "yanchor": "top", "pad": {"t": 8},
        },
        margin={"l": 8, "r": 8, "t": 40, "b": 8},
    )  # fmt: skip


def text_colour(dark: bool) -> str:
    return theme.TEXT_DARK if dark else theme.TEXT_LIGHT


def page(dark: bool) -> str:
    return theme.DARK_PAGE if dark else "#ffffff"


def grid(dark: bool) -> str:
    return "#2b303b" if dark else "#e3e6ec"
