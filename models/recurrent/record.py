"""The record of a whole run: named parts in reading order, each with its labels and a trace per layer and direction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

import numpy as np

from models.recurrent.trace import Array, Cell, Direction, Trace, TraceError


@dataclass(frozen=True, eq=False)
class Part:
    """One stretch of a run, T steps: what each step read and perhaps wrote, and what every layer computed in it."""

    name: str  # "" for the one part of a run that needs no name
    read: tuple[str, ...]  # T labels as people see them: tokens, step numbers, dates
    traces: tuple[Trace, ...]  # one per layer and direction, layer by layer
    written: tuple[str, ...] | None = None  # T labels of what each step wrote; None where nothing is written
    tokens_behind: tuple[str, ...] | None = None  # the labels as the network distinguishes them, where they differ
    language: str = ""  # of what is read, or written if anything is; "" where it is in no language

    def __post_init__(self) -> None:
        if not self.traces:
            raise TraceError(f"{self._named} has no trace")
        for labels in (self.written, self.tokens_behind, *(trace.tokens for trace in self.traces)):
            if labels is not None and len(labels) != len(self.read):
                raise TraceError(f"{self._named} has {len(self.read)} labels and {len(labels)} steps")
        first = self.traces[0]
        for trace in self.traces:
            if (trace.cell, trace.units) != (first.cell, first.units):
                raise TraceError(
                    f"{self._named} has layers of {first.units} {first.cell.name} and {trace.units} {trace.cell.name} "
                    "units: they fit in no one record"
                )

    @property
    def _named(self) -> str:
        return f"part {self.name!r}" if self.name else "the record"

    @property
    def steps(self) -> int:
        return len(self.read)

    @property
    def layers(self) -> int:
        return len({trace.layer for trace in self.traces})

    @property
    def labels(self) -> tuple[str, ...]:
        """What stands under each step: what it wrote, or read where nothing is written."""
        return self.read if self.written is None else self.written

    @property
    def tokens(self) -> tuple[str, ...]:
        """The same as the network distinguishes it."""
        if self.tokens_behind is not None:
            return self.tokens_behind
        return self.traces[0].tokens if self.written is None else self.written

    def trace(self, layer: int = 0, direction: Direction = "forward") -> Trace:
        """What one layer computed in one direction; a negative number counts from the highest layer.

        Raises:
            TraceError: there is no such layer, or none that reads in this direction.
        """
        found = [trace for trace in self.traces if trace.direction == direction]
        if not -len(found) <= layer < len(found):
            raise TraceError(f"{self._named} has no {direction} layer {layer}: it has {len(found)} of them")
        return found[layer]


class Record:
    """What a recurrent run computed. An LSTM over one sequence is one part, an encoder and a decoder are two.

    All steps stand on one axis, 0..steps-1: those of the first part, then those of the next.
    """

    def __init__(self, parts: Sequence[Part]) -> None:
        self.parts = tuple(parts)
        self.check_parts()

    @classmethod
    def of(cls, traces: Trace | Sequence[Trace], labels: Sequence[object] | None = None, name: str = "") -> Record:
        """A record of one part, as ``models.record`` gives its traces.

        Args:
            traces: of one sequence, one per layer and direction.
            labels: of the steps: tokens, numbers, dates; the tokens of the traces if omitted.
            name: of the part; it needs none.

        Raises:
            TraceError: no trace, or traces and labels that do not fit together.
        """
        found = (traces,) if isinstance(traces, Trace) else tuple(traces)
        if not found:
            raise TraceError("the record has no trace")
        read = found[0].tokens if labels is None else tuple(map(str, labels))
        return Record((Part(name, read, found),))

    def check_parts(self) -> None:
        """Refuse parts that cannot stand on one axis.

        Raises:
            TraceError: no part, or parts of different cells, units or layers; or two of one name.
        """
        if not self.parts:
            raise TraceError("the record has no part")
        first = self.parts[0]
        for part in self.parts:
            for what, one, other in (
                ("cell", first.traces[0].cell.name, part.traces[0].cell.name),
                ("number of units", first.traces[0].units, part.traces[0].units),
                ("number of layers", first.layers, part.layers),
            ):
                if one != other:
                    raise TraceError(
                        f"parts {first.name!r} and {part.name!r} differ in their {what}: {one} and {other}"
                    )
        if len({part.name for part in self.parts}) < len(self.parts):
            raise TraceError("two parts of one record have the same name")

    @property
    def cell(self) -> Cell:
        """The kind of cell that all layers consist of."""
        return self.parts[0].traces[0].cell

    @property
    def units(self) -> int:
        """Of every layer."""
        return self.parts[0].traces[0].units

    @property
    def layers(self) -> int:
        return self.parts[0].layers

    @property
    def steps(self) -> int:
        """Of all parts together."""
        return sum(part.steps for part in self.parts)

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """The first step of every part on the axis of all steps."""
        return tuple(accumulate((part.steps for part in self.parts[:-1]), initial=0))

    def part(self, name: str) -> Part:
        """The part of this name.

        Raises:
            TraceError: there is none.
        """
        for part in self.parts:
            if part.name == name:
                return part
        raise TraceError(f"no part {name!r}: there are {', '.join(repr(part.name) for part in self.parts)}")

    def locate(self, step: int) -> tuple[Part, int]:
        """The part that a step belongs to, and its number there, from 0.

        Raises:
            IndexError: there is no such step.
        """
        for part, start in zip(self.parts, self.starts, strict=True):
            if start <= step < start + part.steps:
                return part, step - start
        raise IndexError(f"no step {step}: there are 0 to {self.steps - 1}")

    def traces(self, layer: int = 0, direction: Direction = "forward") -> tuple[Trace, ...]:
        """What one layer computed, part by part."""
        return tuple(part.trace(layer, direction) for part in self.parts)

    def values(self, quantity: str, layer: int = 0, direction: Direction = "forward") -> Array:
        """One quantity of one layer over all steps, (steps, H)."""
        return np.vstack([trace.values(quantity) for trace in self.traces(layer, direction)])

    def previous(self, state: str, layer: int = 0, direction: Direction = "forward") -> Array:
        """The state that each step started from, (steps, H)."""
        return np.vstack([trace.previous(state) for trace in self.traces(layer, direction)])
