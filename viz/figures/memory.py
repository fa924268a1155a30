"""The exact ledgers as pictures: who wrote a cell state, and what made one token more probable than another."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import plotly.graph_objects as go

from models.analysis.provenance import CellLedger, LogitLedger, Order, layer_ledger, logit_ledger
from models.language.vocabulary import shown_token
from models.recurrent.record import Record
from models.recurrent.trace import Array
from models.translation.record import TranslationTrace
from models.translation.translator import Translator
from viz.figures import theme
from viz.figures.columns import Column, columns_of, marked_up
from viz.figures.selectable import every_cell, make_selectable, selectable_layer

INITIAL = "initial state"
MANY_ROWS = 48  # beyond, rows are set lower and tokens smaller
SMALL_FONT = 11
Kind = Literal["part", "group", "end"]


@dataclass(frozen=True, eq=False)
class Memory:
    """The ledger of some units of one layer of LSTM cells, with the N steps that it runs over.

    For one unit the numbers are signed contributions; for a group, norms and projections.
    """

    ledger: CellLedger
    columns: list[Column]  # N
    record: Record
    units: tuple[int, ...]
    name: str  # what the units are called in a sentence

    @classmethod
    def of(cls, record: Record, layer: int, units: Sequence[int], name: str) -> "Memory":
        return cls(layer_ledger(record, layer, units), columns_of(record), record, tuple(units), name)

    @property
    def is_single(self) -> bool:
        return len(self.units) == 1

    @cached_property
    def grid(self) -> Array:
        """What is drawn of each write in each later cell state, (N + 1, N): contributions, or norms; NaN before."""
        parts = self.ledger.everything()[:, :, 0] if self.is_single else self.ledger.norms()
        is_future = np.arange(parts.shape[1]) > np.arange(len(parts))[:, None] + 1
        return np.where(is_future, np.nan, parts).T

    @property
    def limit(self) -> float:
        """Where the colour scale ends: the largest size of any part, rounded up."""
        return theme.rounded_limit(float(np.nanmax(np.abs(self.grid))))

    def written(self) -> Array:
        """What each write was when it was made, (N + 1,): signed, or norms; row 0 is the initial state."""
        all_of_it = np.concatenate([self.ledger.initial[None], self.ledger.writes])
        return all_of_it[:, 0] if self.is_single else np.linalg.norm(all_of_it, axis=1)

    def parts(self, column: int) -> Array:
        """Signed parts of the cell state after a column, (column + 2,): they add up to ``stored``."""
        return self.ledger.at(column)[:, 0] if self.is_single else self.ledger.along(column)

    def stored(self, column: int) -> float:
        """The cell state that the run stored; its norm for a group."""
        state = self.ledger.cell_state[column]
        return float(state[0] if self.is_single else np.linalg.norm(state))

    def residual(self, column: int) -> float:
        """Sum of the parts minus what is stored."""
        return float(self.parts(column).sum() - self.stored(column))

    def written_at(self, row: int) -> str:
        """Where a write was made, in words, not escaped for any mark-up; row 0 is the initial state."""
        return f"the {INITIAL}" if row == 0 else self.columns[row - 1].reading

    def labels(self, rows: int) -> list[str]:
        """What stands beside the first rows, not escaped: the initial state, then the token that each step read."""
        return [INITIAL, *(column.read for column in self.columns)][:rows]


# --- written at, read at


def contributions_heatmap(memory: Memory, selected: int) -> go.Figure:
    """Draw what each write makes up of each cell state: written down, read across. A click reports [row, column].

    One unit: signed, on the cell state's scale around 0. A group: norms, on the upper half of that scale. Cells before
    a write was made are empty.

    Raises:
        IndexError: ``selected`` is no column.
    """
    rows, columns = memory.grid.shape
    if not 0 <= selected < columns:
        raise IndexError(f"no column {selected}: there are 0 to {columns - 1}")
    low, high = (-memory.limit if memory.is_single else 0.0), memory.limit
    height = 176 + row_height(rows) * rows
    figure = go.Figure(
        go.Heatmap(
            z=np.ascontiguousarray(memory.grid, np.float32),
            x=np.arange(columns, dtype=np.int32),
            y=np.arange(rows, dtype=np.int32),
            zmin=low,
            zmax=high,
            hoverongaps=False,
            colorscale=theme.plotly_scale("cell_state") if memory.is_single else upper_half(),
            colorbar=theme.colour_bar(low, high, height),
        )
    )
    make_selectable(figure, _cells(memory))
    size = SMALL_FONT if rows > MANY_ROWS else theme.FONT_SIZE
    tokens = [marked_up(label) for label in memory.labels(rows)]
    figure.update_layout(
        template=theme.TEMPLATE,
        height=height,
        margin_t=84,
        title=theme.title("Parts of c" if memory.is_single else "Norms", "cell_state"),
    )
    figure.update_xaxes(
        range=[-0.5, columns - 0.5], tickvals=np.arange(columns, dtype=np.int32), ticktext=tokens[1:], tickangle=-90,
        title="cell state after reading", tickfont_size=min(size, 14),
    )  # fmt: skip
    figure.update_yaxes(
        range=[rows - 0.5, -0.5], tickvals=np.arange(rows, dtype=np.int32), ticktext=tokens,
        title="written while reading", tickfont_size=size,
    )  # fmt: skip
    _divide(figure, memory.record)
    for colour, width in (("white", 5), (theme.TEXT_LIGHT, 2)):
        figure.add_shape(
            type="rect", x0=selected - 0.5, x1=selected + 0.5, y0=-0.5, y1=selected + 1.5,
            line={"color": colour, "width": width},
        )  # fmt: skip
    return figure


def _cells(memory: Memory) -> go.Scatter:
    """A mark on each cell that something can be read from, with what it says when it is hovered over."""
    cells = every_cell(*memory.grid.shape)
    cells = cells[~np.isnan(memory.grid[cells[:, 0], cells[:, 1]])]
    places = [marked_up(memory.written_at(row)) for row in range(len(memory.grid))]
    texts = []
    for row, column in cells.tolist():
        value = memory.grid[row, column]
        told = f"contribution {signed(value)}" if memory.is_single else f"norm {value:.4f}"
        texts.append(f"written at {places[row]}<br>read after {places[column + 1]}<br>{told}")
    return selectable_layer(cells, cells[:, 1], cells[:, 0], texts, "%{text}<extra></extra>")


def _divide(figure: go.Figure, record: Record) -> None:
    """Lines between the parts, across and down, and their names above; one part needs neither."""
    if len(record.parts) == 1:
        return
    line = {"color": theme.TEXT, "width": 3}
    for start in record.starts[1:]:
        figure.add_shape(type="line", x0=start - 0.5, x1=start - 0.5, y0=0, y1=1, yref="paper", line=line)
        figure.add_shape(type="line", x0=0, x1=1, xref="paper", y0=start + 0.5, y1=start + 0.5, line=line)
    last = len(record.parts) - 1
    for at, part in enumerate(record.parts):
        x = 0 if at == 0 else 1 if at == last else (record.starts[at] + part.steps / 2) / record.steps
        figure.add_annotation(
            text=marked_up(part.name), x=x, xref="paper", xanchor={0: "left", last: "right"}.get(at, "center"), y=1,
            yref="paper", yanchor="bottom", showarrow=False,
        )  # fmt: skip


def upper_half() -> list[tuple[float, str]]:
    """The cell state's scale from 0 upwards, as a scale of its own."""
    return [(2 * at - 1, colour) for at, colour in theme.plotly_scale("cell_state") if at >= 0.5]


def row_height(rows: int) -> int:
    return 24 if rows <= MANY_ROWS else 14


# --- sums as bars


@dataclass(frozen=True)
class Bar:
    """One row of a sum: where its bar starts, how far it goes, and how it looks."""

    label: str  # marked up
    start: float
    value: float
    colour: str
    told: str  # marked up, when it is hovered over
    kind: Kind = "part"


def cell_bars(memory: Memory, column: int, dark: bool = False) -> go.Figure:
    """The cell state after one column as a sum: a bar for each write, each from where those before it end.

    Raises:
        IndexError: there is no such column.
    """
    if not 0 <= column < len(memory.columns):
        raise IndexError(f"no column {column}: there are 0 to {len(memory.columns) - 1}")
    up = theme.look("cell_state").on(dark)
    down = theme.NEGATIVE_DARK if dark else theme.NEGATIVE
    parts, stored = memory.parts(column), memory.stored(column)
    labels = [marked_up(label) for label in memory.labels(len(parts))]
    what = "contribution" if memory.is_single else "along the cell state"
    bars = [
        Bar(
            labels[row], float(start), float(part), up if part >= 0 else down,
            f"written at {marked_up(memory.written_at(row))}<br>{what} {signed(part)}<br>sum so far "
            f"{signed(start + part)}",
        )
        for row, (start, part) in enumerate(zip(np.cumsum(parts) - parts, parts, strict=True))
    ]  # fmt: skip
    end = "cell state" if memory.is_single else "its norm"
    bars.append(Bar(f"<b>{end}</b>", 0.0, stored, up if stored >= 0 else down, f"{end} {signed(stored)}", "end"))
    starts = (start + 1 for start in memory.record.starts[1:])
    dividers = [row - 0.5 for row in (*starts, len(parts)) if row <= len(parts)]
    title = "Sum of its parts" if memory.is_single else "Sum of projections"
    return _sum_of(bars, theme.title(title, "cell_state"), dark, dividers)


@dataclass(frozen=True, eq=False)
class Word:
    """Why token A and not token B at one step of a translation: the terms of the difference of their logits."""

    translation: TranslationTrace
    step: int  # of the decoder, 0..T-1
    one: str  # A, as people should see it
    other: str  # B
    ledger: LogitLedger
    moved: Array  # (N,), how much each write's term changes from oldest first to newest first
    starts_anew: Array  # (N - 1, H), bool: where a state of the highest layer was cut at the bound

    @classmethod
    def of(
        cls, translator: Translator, translation: TranslationTrace, step: int, one: int, other: int, order: Order
    ) -> "Word":  # fmt: skip
        """Token numbers ``one`` and ``other``; errors as of ``logit_ledger``."""
        names = [shown_token(translator.target_vocabulary.tokens[number]) for number in (one, other)]
        oldest, newest = (
            logit_ledger(translator, translation, step, one, other, each) for each in ("oldest first", "newest first")
        )
        known = {"oldest first": oldest, "newest first": newest}
        ledger = known.get(order) or logit_ledger(translator, translation, step, one, other, order)
        starts_anew = layer_ledger(translation).starts_anew[: translation.starts[1] + step + 1]
        return cls(translation, step, *names, ledger, newest.memory - oldest.memory, starts_anew)

    @property
    def column(self) -> int:
        return self.translation.starts[1] + self.step

    @cached_property
    def columns(self) -> list[Column]:
        return columns_of(self.translation)

    def written_at(self, row: int) -> str:
        """Where a write was made, in words, not escaped for any mark-up; row 0 is the encoder's initial state."""
        return self.columns[row - 1].reading if row else f"the {INITIAL}"


def word_bars(word: Word, dark: bool = False) -> go.Figure:
    """The difference of two logits as a sum: bias, then each source state, then each write to the memory.

    A hollow bar stands before each group of terms and spans all of it.
    """
    neutral = theme.TEXT_DARK if dark else theme.TEXT_LIGHT
    ledger = word.ledger
    bars = [Bar("<b>bias</b>", 0.0, ledger.bias, neutral, f"bias {signed(ledger.bias)}")]
    weights = word.translation.attention[word.step]
    states = [
        (marked_up(column.read), f"state at {marked_up(column.place)}<br>attention weight {weight:.4f}")
        for column, weight in zip(word.columns, weights, strict=False)
    ]
    writes = [
        (
            marked_up(word.columns[row - 1].read if row else INITIAL),
            f"written at {marked_up(word.written_at(row))}",
        )
        for row in range(len(ledger.memory))
    ]
    for name, colour, terms, told in (
        ("attention", theme.look("attention").on(dark), ledger.attention, states),
        ("memory", theme.look("hidden_state").on(dark), ledger.memory, writes),
    ):
        start, whole = bars[-1].start + bars[-1].value, float(terms.sum())
        bars.append(Bar(f"<b>{name}</b>", start, whole, colour, f"{name}, all terms: {signed(whole)}", "group"))
        for (label, text), term in zip(told, terms.tolist(), strict=True):
            bars.append(Bar(label, start, term, colour, f"{text}<br>term {signed(term)}"))
            start += term
    end = ledger.difference
    bars.append(Bar("<b>A minus B</b>", 0.0, end, neutral, f"stored difference {signed(end)}", "end"))
    groups = [row - 0.5 for row, bar in enumerate(bars) if bar.kind != "part"]
    return _sum_of(bars, theme.title("A minus B, term by term", "hidden_state"), dark, groups)


def _sum_of(bars: Sequence[Bar], title: dict, dark: bool, dividers: Sequence[float]) -> go.Figure:
    """Rows from top to bottom: a label, a bar that starts where the sum stands, and its number with its sign."""
    text_colour = theme.TEXT_DARK if dark else theme.TEXT_LIGHT
    rows, is_many = np.arange(len(bars), dtype=np.int32), len(bars) > MANY_ROWS
    starts, values = (np.array([getattr(bar, name) for bar in bars]) for name in ("start", "value"))
    size = SMALL_FONT if is_many else theme.FONT_SIZE
    figure = go.Figure(
        go.Bar(
            x=values,
            y=rows,
            base=starts,
            orientation="h",
            width=0.62,
            marker={
                "color": ["rgba(0,0,0,0)" if bar.kind == "group" else bar.colour for bar in bars],
                "line": {
                    "color": [text_colour if bar.kind == "end" else bar.colour for bar in bars],
                    "width": [1.5 if bar.kind != "part" else 0 for bar in bars],
                },
            },
            hovertext=[bar.told for bar in bars],
            hovertemplate="%{hovertext}<extra></extra>",
        )
    )
    ends = [*starts, *(starts + values), 0.0]
    low, high = min(ends), max(ends)
    span = (high - low) or 1.0
    _join(figure, bars)
    number_edge, ticks = high + 0.42 * span, _ticks(low, high)
    figure.add_trace(
        go.Scatter(
            x=np.full(len(bars), number_edge), y=rows, mode="text", textposition="middle left",
            text=[f"<b>{signed(bar.value)}</b>" if bar.kind != "part" else signed(bar.value) for bar in bars],
            textfont={"size": size, "color": text_colour}, hoverinfo="skip", cliponaxis=False,
        )
    )  # fmt: skip
    figure.update_layout(
        template=theme.TEMPLATE, height=112 + row_height(len(bars)) * len(bars), showlegend=False,
        hovermode="closest", margin_t=44, title=title,
    )  # fmt: skip
    figure.update_xaxes(
        range=[low - 0.04 * span, number_edge], zeroline=True, zerolinecolor=theme.TEXT, zerolinewidth=1,
        tickvals=ticks, ticktext=[signed(at, "g") for at in ticks],
    )  # fmt: skip
    figure.update_yaxes(
        range=[len(bars) - 0.5, -0.5], tickvals=rows, ticktext=[bar.label for bar in bars], ticks="",
        tickfont_size=size,
    )  # fmt: skip
    for at in dividers:
        figure.add_shape(
            type="line", x0=0, x1=1, xref="paper", y0=at, y1=at, line={"color": theme.TEXT, "width": 1, "dash": "dot"}
        )
    return figure


def _join(figure: go.Figure, bars: Sequence[Bar]) -> None:
    """Thin lines from the end of each bar down to the start of the next."""
    x: list[float | None] = []
    y: list[float | None] = []
    parts = [(row, bar) for row, bar in enumerate(bars) if bar.kind == "part"]
    for (row, bar), (below, _) in zip(parts, [*parts[1:], (len(bars) - 1, bars[-1])], strict=True):
        x += [bar.start + bar.value] * 2 + [None]
        y += [row, below, None]
    figure.add_trace(
        go.Scatter(x=x, y=y, mode="lines", line={"color": theme.TEXT, "width": 1}, hoverinfo="skip", connectgaps=False)
    )


def _ticks(low: float, high: float) -> list[float]:
    """Up to five round numbers from low to high, 0 among them if it lies there."""
    rough = (high - low) / 4 or 1.0
    power = 10.0 ** np.floor(np.log10(rough))
    pace = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough * 0.999)
    return [round(float(at * pace), 10) for at in range(int(np.ceil(low / pace)), int(np.floor(high / pace)) + 1)]


# --- numbers as text


def signed(value: float, form: str = ".4f") -> str:
    """A number with its sign, whatever it is, and no signed zero."""
    text = format(float(value), f"+{form}")
    return minus(text) if float(text) else text[1:]


def minus(text: str) -> str:
    return text.replace("-", "−")
