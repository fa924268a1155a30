"""Sentences and tables of the exact ledgers, computed from the same numbers as their pictures.

Plain text, with tokens as they were typed: no mark-up of any kind, and to be shown as none.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.analysis.provenance import layer_ledger
from models.recurrent.record import Record
from models.recurrent.trace import Array
from models.translation.interventions import LARGEST
from viz.figures.captions import called
from viz.figures.columns import Column
from viz.figures.memory import INITIAL, Memory, Word, minus, signed
from viz.figures.wording import capitalised, counted, number, scientific, share_of_one

CAUTION = (
    "Written at a token is not caused by it: what a step writes, its input gate times its candidate, depends on the "
    "hidden state and so on everything read before. The forget gates that keep a write are set by later steps."
)
ALONG = (
    "Each bar is how far a part points along the cell state of the group: these projections add up to its norm, and a "
    "negative one points against it."
)
WORD_CAUTION = (
    "Attention weights are on states, not on words: a source state depends on every token read up to then. Written at "
    "a token is not caused by it either. Terms say what went into the sum, not why."
)
HEATMAP_SHORT = (
    "A row for each write, a column for each cell state that it is part of. The chosen step is framed; a click chooses "
    "another. Written at a token is not caused by it."
)
WORD_SHORT = (
    "Right speaks for A, left for B; each bar starts where the sum stands. Written at a token, or read from its state, "
    "is not caused by it."
)
TOP_UNITS = 10
SMALLEST_SHARE = 0.0001  # that four decimals can tell from nothing


@dataclass(frozen=True)
class Row:
    """A line of a table: the token that it is about, and texts before and behind it."""

    token: str
    language: str  # of the token; "" for that of the page
    cells: tuple[str, ...]


# --- the ledger of the cell state


def cell_headline(memory: Memory, column: int) -> str:
    """Who wrote most of what is in the cell state after a column."""
    parts, place = memory.parts(column), memory.columns[column].reading
    whose = capitalised(memory.name)
    sizes = np.abs(parts)
    if not sizes.any():
        return f"{whose} after {place}: nothing has been written to it."
    at = int(sizes.argmax())
    return (
        f"What {memory.name} remembers after {place}: the largest part, {per_cent(sizes[at] / sizes.sum())} of it by "
        f"size, was written at {memory.written_at(at)}."
    )


def bars_short(memory: Memory) -> str:
    """How to read the bars."""
    end = "the cell state" if memory.is_single else "the norm of the cell state"
    return f"In the order of time, each bar starts where the sum stands; right is positive. They add up to {end}."


def cell_caption(memory: Memory, column: int) -> str:
    """What the cell state is after a column, which writes hold most of it, and what is left of the first one."""
    parts, place = memory.parts(column), memory.columns[column].reading
    stored = number(memory.stored(column), ".4f")
    if memory.is_single:
        start = f"Unit {memory.units[0]} after {place}: cell state {stored}."
    else:
        start = (
            f"{capitalised(memory.name)} after {place}: together their cell state has the Euclidean norm {stored}. "
            "What follows is measured along it."
        )
    said = [start, _starts_anew(memory, column), _largest(memory, parts), _by_side(memory, parts)]
    return " ".join(filter(None, [*said, _first_write(memory, column)]))


def _starts_anew(memory: Memory, column: int) -> str:
    """Where a state was cut at its bound, so that nothing before it counts; "" where none was."""
    cut = memory.ledger.starts_anew[: column + 1]
    if not cut.any():
        return ""
    last = memory.columns[int(np.flatnonzero(cut.any(axis=1))[-1])].reading
    of_units = "it" if memory.is_single else counted(_cut(cut), "unit")
    return (
        f"Gates that were changed drove {of_units} to the bound of {LARGEST:,.0f}, where it is cut, last at {last}. "
        "No sum makes up a state that was cut, so the ledger starts anew there: the state as it was cut counts as "
        "written at that step."
    )


def _bars_start_anew(starts_anew: Array, columns: Sequence[Column]) -> str:
    """That parts written before a cut, (steps, units), are nothing, as a sentence after others; "" where none was."""
    if not starts_anew.any():
        return ""
    last = columns[int(np.flatnonzero(starts_anew.any(axis=1))[-1])].reading
    count = _cut(starts_anew)
    whose = "The state" if starts_anew.shape[1] == 1 else f"The state of {counted(count, 'unit')}"
    return (
        f" {whose} was cut at the bound of {LARGEST:,.0f}, last at {last}: of what was written to it before, nothing "
        "counts."
    )


def _cut(starts_anew: Array) -> int:
    return int(starts_anew.any(axis=0).sum())


def _largest(memory: Memory, parts: Array) -> str:
    said = []
    for at, word in ((int(parts.argmax()), "positive"), (int(parts.argmin()), "negative")):
        is_there = parts[at] > 0 if word == "positive" else parts[at] < 0
        said.append(
            f"the largest {word} part is {part_text(parts[at])}, from {memory.written_at(at)}"
            if is_there
            else f"no part is {word}"
        )
    return capitalised(f"{'; '.join(said)}.")


def _by_side(memory: Memory, parts: Array) -> str:
    if not parts.any():
        return "Nothing has been written to it."
    sides = {
        called(part): slice(start + 1, start + 1 + part.steps)
        for part, start in zip(memory.record.parts, memory.record.starts, strict=True)
        if len(parts) > start + 1
    }
    if parts[0]:
        sides["the initial state"] = slice(0, 1)
    sizes = [np.abs(parts[rows]).sum() for rows in sides.values()]
    shares = sizes / np.sum(sizes)  # exactly 1 where there is one side: a sum over all parts would be rounded otherwise
    said = [f"{per_cent(share)} {name}" for share, name in zip(shares, sides, strict=True)]
    sums = " and ".join(f"{part_text(parts[rows].sum())} from {name}" for name, rows in sides.items())
    return f"By size, without signs, {_listed(said)}; with signs, {sums}."


def _first_write(memory: Memory, column: int) -> str:
    left, at = memory.ledger.shares(column)[1], memory.written_at(1)
    if memory.is_single:
        written, now = memory.written()[1], memory.ledger.at(column)[1, 0]
        kept = f"{per_cent(left[0])} is left"
        return f"Of the first write, {signed(written)} at {at}, {kept}: {part_text(now)}."
    return (
        f"Of the first write, at {at}, {per_cent(left.min())} to {per_cent(left.max())} is left, by unit; the median "
        f"is {per_cent(float(np.median(left)))}."
    )


def heatmap_caption(memory: Memory) -> str:
    """What rows, columns and colours are, how far the scale goes, and where its largest part lies."""
    sizes = np.abs(memory.grid)
    row, column = np.unravel_index(np.nanargmax(sizes), sizes.shape)
    where = f"written at {memory.written_at(int(row))}, in the cell state after {memory.columns[column].reading}"
    if memory.is_single:
        kind = "Each column adds up to the cell state after its step."
        largest = f"The largest part is {signed(memory.grid[row, column])}, {where}."
        ends = f"The scale ends at −{memory.limit:g} and {memory.limit:g}."
    else:
        kind = (
            f"Each cell is a Euclidean norm over {counted(len(memory.units), 'unit')}: norms have no sign and do not "
            "add up."
        )
        largest = f"The largest is {memory.grid[row, column]:.4f}, {where}."
        ends = f"The scale goes from 0 to {memory.limit:g}."
    return (
        "A row for the initial state and for each write, a column for each cell state that they are part of; cells "
        f"before a write are empty. {kind} {largest} {ends} The chosen step is framed; a click chooses another."
    )


def bars_caption(memory: Memory, column: int) -> str:
    """What the bars add up to, and what rounding leaves over."""
    parts = memory.parts(column)
    sums = f"Sum of {counted(len(parts), 'part')} {number(parts.sum(), '.4f')}"
    stored = f"{number(memory.stored(column), '.4f')}, residual {scientific(memory.residual(column))}."
    start = "From top to bottom in the order of time, each bar starts where the sum stands; right is positive."
    cut = _bars_start_anew(memory.ledger.starts_anew[: column + 1], memory.columns)
    if memory.is_single:
        return f"{start} {sums}; stored cell state {stored}{cut}"
    worst = scientific(np.abs(memory.ledger.residual()[column]).max())
    return f"{ALONG} {start} {sums}; norm of the stored cell state {stored} Largest residual of a unit: {worst}.{cut}"


def cell_title(memory: Memory, column: int) -> str:
    return f"Ledger of {memory.name} after {memory.columns[column].reading}"


def cell_header(memory: Memory) -> list[str]:
    if memory.is_single:
        return ["token read", "step", "written (i × g)", "left of it", "part now", "sum so far"]
    return ["token read", "step", "norm when written", "norm now", "along the cell state", "sum so far"]


def cell_rows(memory: Memory, column: int) -> list[Row]:
    """A row for the initial state and each write up to a column, then sum, stored cell state and residual."""
    parts, written = memory.parts(column), memory.written()
    sums, shares = np.cumsum(parts), memory.ledger.shares(column)
    rows = []
    for at, (part, so_far) in enumerate(zip(parts, sums, strict=True)):
        token, place = INITIAL, "start"
        if at:
            step = memory.columns[at - 1]
            token, place = step.read, place_of(step)
        if memory.is_single:
            middle = (signed(written[at]), share_text(shares[at, 0]))
        else:
            middle = (f"{written[at]:.4f}", f"{memory.grid[at, column]:.4f}")
        rows.append(Row(token, language_of(memory.record, at - 1), (place, *middle, signed(part), signed(so_far))))
    stored = "stored cell state" if memory.is_single else "norm of the stored cell state"
    for name, text in (
        ("sum", signed(sums[-1])),
        (stored, signed(memory.stored(column))),
        ("residual", scientific(memory.residual(column))),
    ):
        rows.append(Row(name, "", ("", "", "", "", text)))
    return rows


# --- the ledger of a word


def word_headline(word: Word) -> str:
    """Which of both tokens is ahead, and what memory, attention and bias do for it."""
    ledger = word.ledger
    is_ahead = ledger.difference >= 0
    ahead, behind = (word.one, word.other) if is_ahead else (word.other, word.one)
    memory, attention, bias = (
        signed(float(value) if is_ahead else -float(value))
        for value in (ledger.memory.sum(), ledger.attention.sum(), ledger.bias)
    )
    return (
        f"Why “{ahead}” and not “{behind}”: of the difference of {abs(ledger.difference):.4f} in its favour, memory "
        f"gives {memory}, attention {attention} and the bias {bias}."
    )


def difference_caption(word: Word) -> str:
    """What the difference of both logits is and means, and its three groups of terms."""
    ledger, difference = word.ledger, word.ledger.difference
    meaning = f"“{word.one}” is e^{number(difference)} = {times_text(difference)} times as probable as “{word.other}”"
    if difference < 0:
        meaning += f", and “{word.other}” {times_text(-difference)} times as probable as “{word.one}”"
    return (
        f"{capitalised(word.columns[word.column].reading)}: the logit of A, “{word.one}”, minus the logit of B, "
        f"“{word.other}”, is {signed(difference)}. So {meaning} at this step. Bias {signed(ledger.bias)}, attention "
        f"over source states {signed(ledger.attention.sum())}, memory {signed(ledger.memory.sum())}."
    )


def terms_caption(word: Word) -> str:
    """How to read the bars, which terms are largest, and what rounding leaves over."""
    ledger, columns = word.ledger, word.columns
    state, write = int(np.abs(ledger.attention).argmax()), int(np.abs(ledger.memory).argmax())
    weight = share_of_one(word.translation.attention[word.step, state])
    return (
        "Right speaks for A, left for B. Each bar starts where the sum stands; the hollow bar above a group spans all "
        f"of it. Largest attention term: {signed(ledger.attention[state])}, state at {columns[state].place} (weight "
        f"{weight}). Largest memory term: {signed(ledger.memory[write])}, written at {word.written_at(write)}. Sum "
        f"{signed(ledger.total)}, stored difference {signed(ledger.difference)}, residual "
        f"{scientific(ledger.residual)}.{_bars_start_anew(word.starts_anew, word.columns)}"
    )


def order_caption(word: Word) -> str:
    """Why the split of the memory part depends on an order, and how far it moves here."""
    row = int(np.abs(word.moved).argmax())
    return (
        f"The memory part is split over the writes, {word.ledger.order}. The hidden state shows tanh of their sum, and "
        "what tanh gains from a write depends on what was added before it. So the split depends on the order; the sum "
        "does not. Between oldest first and newest first, the term that moves most moves by "
        f"{abs(word.moved[row]):.4f}: what was written at {word.written_at(row)}."
    )


def word_title(word: Word) -> str:
    return f"Logit of “{word.one}” minus logit of “{word.other}”, all terms"


def word_header() -> list[str]:
    return ["term", "of", "step", "attention weight", "value", "sum so far"]


def word_rows(word: Word) -> list[Row]:
    """A row for the bias, each source state and each write, then sum, stored difference and residual."""
    ledger, weights = word.ledger, word.translation.attention[word.step]
    terms: list[tuple[str, str, str, str, str, float]] = [("bias", "", "bias", "", "", ledger.bias)]
    for column, weight, term in zip(word.columns, weights, ledger.attention, strict=False):
        terms.append((column.read, "", "attention", place_of(column), f"{weight:.4f}", term))
    terms.append((INITIAL, "", "memory", "start", "", ledger.memory[0]))
    for at, (column, term) in enumerate(zip(word.columns, ledger.memory[1:], strict=False)):
        terms.append((column.read, language_of(word.translation, at), "memory", place_of(column), "", term))
    so_far, rows = 0.0, []
    for token, language, group, step, weight, term in terms:
        so_far += float(term)
        rows.append(Row(token, language, (group, step, weight, signed(term), signed(so_far))))
    for name, text in (
        ("attention, all terms", signed(ledger.attention.sum())),
        ("memory, all terms", signed(ledger.memory.sum())),
        ("sum", signed(ledger.total)),
        ("stored difference", signed(ledger.difference)),
        ("residual", scientific(ledger.residual)),
    ):
        rows.append(Row(name, "", ("", "", "", "", text)))
    return rows


def unit_header() -> list[str]:
    return ["unit", "term", "output gate", "cell state", "hidden state", "mostly from", "that part"]


def unit_rows(word: Word, count: int = TOP_UNITS) -> list[tuple[str, ...]]:
    """The units of the highest layer with the largest terms, the largest first, and which write holds most of each.

    That is the largest part with the sign of the cell state.
    """
    units = np.argsort(-np.abs(word.ledger.units), kind="stable")[:count]
    decoder, step = word.translation.decoder[-1], word.step
    parts = layer_ledger(word.translation, -1, units).at(word.column)  # (N, count)
    rows = []
    for at, unit in enumerate(units.tolist()):
        cell_state = decoder.cell_state[step, unit]
        write = int((parts[:, at] * np.sign(cell_state)).argmax())
        rows.append((
            str(unit), signed(word.ledger.units[unit]), f"{decoder.output_gate[step, unit]:.4f}", signed(cell_state),
            signed(decoder.hidden_state[step, unit]), _short(word, write), signed(parts[write, at]),
        ))  # fmt: skip
    return rows


def _short(word: Word, row: int) -> str:
    """Where a write was made, in as few words as a table has room for."""
    if not row:
        return INITIAL
    column = word.columns[row - 1]
    return f"{place_of(column)}, “{column.read}”"


def units_caption(word: Word, count: int = TOP_UNITS) -> str:
    """How much of the memory part the named units make up."""
    sizes = np.sort(np.abs(word.ledger.units))[::-1]
    count = min(count, len(sizes))
    share = f"{per_cent(sizes[:count].sum() / sizes.sum())} of all terms by size" if sizes.sum() else "nothing"
    return (
        f"The {count} units with the largest terms of the {len(sizes)} of the highest layer: {share}. A term is the "
        "hidden state, output gate times tanh of cell state, times what the readout makes of it for A minus B. The "
        "terms of all units add up to the memory part. “Mostly from” is the write with the largest part of the cell "
        "state, of those with its sign."
    )


# --- short texts


def place_of(column: Column) -> str:
    """``encoder 3``: a step in as few words as a table has room for, on one line."""
    return f"{column.part}\u00a0{column.step}".lstrip()


def language_of(record: Record, column: int) -> str:
    """Of the token that a step read, where it is not that of the page; "" for what came before the first."""
    language = record.locate(column)[0].language if column >= 0 else ""
    return "" if language == "en" else language


def part_text(value: float) -> str:
    """A signed number to four decimals; one that they would make 0 as a power of ten."""
    return minus(f"{value:+.0e}") if 0 < abs(value) < 0.00005 else signed(value)


def per_cent(share: float) -> str:
    """A share of 1 in per cent, without rounding some to none or most to all."""
    if 0 < share < 0.01:
        return "less than 1 %"
    return "more than 99 %" if 0.99 < share < 1 else f"{100 * share:.0f} %"


def share_text(share: float) -> str:
    """A share of 1 to four decimals; what only rounding would make 0 or 1 is told from it."""
    if 0 < share < SMALLEST_SHARE / 2:
        return f"< {SMALLEST_SHARE}"
    return f"> {1 - SMALLEST_SHARE}" if 1 - SMALLEST_SHARE / 2 < share < 1 else f"{share:.4f}"


def times_text(difference: float) -> str:
    """e to the power of a difference of logits, to three digits; what no float holds as a power of ten."""
    power = difference / math.log(10)
    whole = math.floor(power)
    if f"{(digits := 10 ** (power - whole)):.1f}" == "10.0":
        digits, whole = digits / 10, whole + 1
    if -4 <= whole < 6:
        text = f"{math.exp(difference):.3g}"
        return f"{float(text):,.0f}" if "e" in text else text
    return f"{digits:.1f} × 10^{minus(str(whole))}"


def _listed(texts: Sequence[str]) -> str:
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"
