"""What the streaming route sends: one frame a step, a JSON part and the numbers behind it as they were computed."""

import json
import struct
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from models.language.text import graphemes
from models.language.vocabulary import UNKNOWN, WORD_START, shown_token
from models.recurrent.record import Record
from models.recurrent.trace import LSTM_CELL, QUANTITIES, Array, Cell, Step
from models.translation.decoding import SearchStep
from models.translation.translator import DecoderStep, EncoderStep
from viz.figures import captions, theme
from viz.figures.ordering import unit_order, varied_units
from viz.figures.token_words import meaning
from viz.serving.modules import described
from viz.serving.recorded import RecordedRun, RecordedStep
from viz.serving.runs import Run

ORDERS = ("variance", "similarity")


def frame(head: dict[str, Any], *numbers: Array) -> bytes:
    """Two little-endian lengths in bytes, JSON padded to a multiple of 4, float32 numbers."""
    text = json.dumps(head, ensure_ascii=False).encode("utf-8")
    text += b" " * (-len(text) % 4)
    values = np.concatenate([np.ravel(values) for values in numbers]) if numbers else np.empty(0)
    body = np.ascontiguousarray(values, "<f4").tobytes()
    return struct.pack("<II", len(text), len(body)) + text + body


def frames(run: Run | RecordedRun) -> Iterator[bytes]:
    """First which parts and quantities there are, then a frame a step, each made before the next step is computed, last
    the finished run.

    Every number of a step is of the highest layer: units within quantities, in the order of the first frame.
    """
    sender = RecordSender(run) if hasattr(run, "record") else TranslationSender(run)  # whichever module made the run
    yield sender.head()
    number = 0
    while (step := run.step(number)) is not None:
        number += 1
        yield sender.step(step)
    yield sender.end()


class Sender:
    """What the frames of all runs have in common."""

    def __init__(self, cell: Cell) -> None:
        self.cell = cell
        self.highest = {quantity.name: 0.0 for quantity in cell.quantities if quantity.range == "unbounded"}

    def first(self, parts: Sequence[dict[str, Any]], units: int, already: int, *starts: Array, **said: Any) -> bytes:
        """Which parts and quantities are to come."""
        head = {"kind": "record", "cell": self.cell.name, "units": units, "already": already, "parts": parts}
        quantities = [described(quantity) for quantity in self.cell.quantities]
        return frame(head | {"quantities": quantities} | said, *starts)

    def each(self, part: int, position: int, values: Array, *more: Array, **said: Any) -> bytes:
        """One step: (Q, H) values, and how far the scale of each unbounded quantity has to go by now."""
        for quantity, row in zip(self.cell.names, values, strict=True):
            if quantity in self.highest:
                self.highest[quantity] = max(self.highest[quantity], float(np.abs(row).max(initial=0)))
        head = {"kind": "step", "part": part, "position": position, "limits": self.limits()}
        return frame(head | said, values, *more)

    def limits(self) -> dict[str, float]:
        return {quantity: theme.rounded_limit(highest) for quantity, highest in self.highest.items()}

    def last(self, record: Record, **said: Any) -> bytes:
        """The finished run in words, where its scales end, the orders of its units, and those that vary most."""
        head = {
            "kind": "end",
            "limits": {quantity: theme.limit_of(quantity, *record.traces(-1)) for quantity in self.highest},
            "captions": {quantity: captions.quantity_caption(record, quantity, -1) for quantity in self.cell.names},
            "orders": ORDERS,
        }
        return frame(head | said, *(unit_order(record, kind, -1) for kind in ORDERS), varied_units(record, -1))


class TranslationSender(Sender):
    """A translation while it is computed: the encoder's part, whose tokens are known, and the decoder's."""

    def __init__(self, run: Run) -> None:
        self.run = run
        super().__init__(LSTM_CELL)

    def head(self) -> bytes:
        run, source = self.run, self.run.source
        language = run.translator.language
        tokens = [token_parts(t, s) for t, s in zip(source.tokens, source.surfaces, strict=True)]
        parts = [{"name": "encoder", "language": "en", "tokens": tokens}, {"name": "decoder", "language": language}]
        config = run.translator.config
        said = {"sentence": source.sentence, "language": language, "layers": config.layers, "guess": captions.GUESS}
        return self.first(parts, config.hidden_size, run.columns, **said)

    def step(self, step: EncoderStep | SearchStep | DecoderStep) -> bytes:
        if isinstance(step, SearchStep):  # how far it has come; which translation is best is known only at its end
            return frame({"kind": "search", "step": step.step, "width": self.run.width})
        values = quantities(step.layers[-1])
        if isinstance(step, EncoderStep):
            return self.each(0, step.position, values)
        return self.each(
            1, step.position, values, step.attention,
            token_read=token_parts(step.token_read),
            token=token_parts(step.token),
            probability=step.probability,
            candidates=[
                {**token_parts(c.token), "probability": c.probability, "written": c.token == step.token}
                for c in step.candidates
            ],
        )  # fmt: skip

    def end(self) -> bytes:
        run, trace = self.run, self.run.finish()
        return self.last(
            trace, text=trace.text, finished=trace.is_finished, milliseconds=1000 * run.seconds, computed=run.computed
        )


class RecordSender(Sender):
    """A finished record of any cell in any number of parts."""

    def __init__(self, run: RecordedRun) -> None:
        self.run, self.record = run, run.record
        super().__init__(self.record.cell)

    def head(self) -> bytes:
        parts, starts, memory = [], [], self.cell.memory
        for number, part in enumerate(self.record.parts):
            said: dict[str, Any] = {"name": part.name, "language": part.language}
            if part.written is None:
                said["tokens"] = list(map(label_parts, part.read))
            trace = part.trace(-1)
            start = getattr(trace, f"initial_{memory}")
            if not np.array_equal(start, handed_over(self.record, number, memory)):
                said["starts"] = True  # not from where the part before ended, nor from 0
                starts.append(start)
            parts.append(said)
        return self.first(parts, self.record.units, self.run.columns, *starts)

    def step(self, step: RecordedStep) -> bytes:
        part = self.record.parts[step.part]
        trace = part.trace(-1)
        values = np.array([trace.values(quantity)[step.position] for quantity in self.cell.names])
        if part.written is None:
            return self.each(step.part, step.position, values)
        read, written = label_parts(part.read[step.position]), label_parts(part.written[step.position])
        return self.each(step.part, step.position, values, token_read=read, token=written)

    def end(self) -> bytes:
        return self.last(self.record, text="", finished=True, milliseconds=None, computed=self.run.columns)


def handed_over(record: Record, number: int, state: str) -> Array:
    """The state that a part of a record would start from if nobody gave it one of its own."""
    if number == 0:
        return np.zeros(record.units)
    return record.parts[number - 1].trace(-1).values(state)[-1]


def quantities(step: Step) -> Array:
    """(6, H) in the order of ``QUANTITIES``."""
    return np.array([getattr(step if name.endswith("_state") else step.gates, name) for name in QUANTITIES])


def label_parts(label: str) -> dict[str, Any]:
    """A step's label for display, as it is."""
    return {"text": shortened(label), "begins": True, "special": False, "unknown": False}


def token_parts(token: str, surface: str = "") -> dict[str, Any]:
    """A token for display: its text, whether it begins a word, is special or not in the vocabulary, and what it is."""
    is_unknown = token == UNKNOWN
    text = shown_token(token, surface)
    return {
        "text": shortened(text),
        "begins": token.startswith(WORD_START) or (is_unknown and surface.startswith(" ")),
        "special": not is_unknown and token.startswith("<") and len(token) > 1,
        "unknown": is_unknown,
        "says": meaning(token),
    }


def shortened(text: str) -> str:
    letters = graphemes(text)
    return text if len(letters) <= 12 else "".join(letters[:11]) + "…"
