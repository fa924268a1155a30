"""What a task is: sequences made from a seed, what is asked at their steps, and how far back the answer lies."""

import random
import zlib
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np

from models.language.text import excerpt
from models.recurrent.trace import Array

DONORS = 5  # sequences to choose from
LONGEST = 600  # steps of a typed sequence: beyond the longest gap that a curve has


class TaskError(ValueError):
    """A sequence that a task cannot read; the message says what it reads."""


@dataclass(frozen=True)
class Example:
    """One sequence of T steps, and what is right at the steps where something is asked."""

    read: tuple[str, ...]  # T labels, as people see them
    wanted: dict[int, str | float]  # by the step, from 0: the right answer there
    written: tuple[str, ...] = ()  # where a decoder answers: what it should write, the end mark included

    @property
    def steps(self) -> int:
        return len(self.read)


class Task(ABC):
    """A kind of sequences. The network reads one vector a step and answers at every step, asked or not."""

    key: ClassVar[str]  # in addresses and of its folder
    name: ClassVar[str]
    says: ClassVar[str]  # what is asked, in a sentence
    distance_is: ClassVar[str]  # what the distance counts, as the label of an axis
    answers: ClassVar[tuple[str, ...]]  # what the network chooses from; one name where it gives a number
    trained: ClassVar[tuple[int, int]]  # the distances of the training, both included
    distances: ClassVar[tuple[int, ...]]  # at which accuracy is measured
    steps: ClassVar[int]  # of the training
    batch_size: ClassVar[int] = 64  # sequences of each
    rate: ClassVar[float] = 0.01  # of learning, the highest of the schedule
    rnn_rate: ClassVar[float] = 0.3  # of that rate: that of a plain RNN, which seldom learns at the others'
    note: ClassVar[str] = ""  # on how the cells were trained, to be read beside their curves
    grows_below: ClassVar[float | None] = None  # the loss that lets the distances grow; None: by the clock
    units: ClassVar[int]  # of the LSTM; the other cells get as many parameters
    tolerance: ClassVar[float] = 0.0  # of a number: how far from the right one counts as right
    decodes: ClassVar[bool] = False  # an encoder reads, and a decoder writes the answer
    chance: ClassVar[float | None] = None  # accuracy of guessing; None for numbers
    example: ClassVar[str]  # as somebody would type it
    kinds: ClassVar[tuple[str, ...]] = ("",)  # of questions, where there are several: each has its own curve
    symbols: ClassVar[tuple[str, ...]] = ()  # what a step may read; empty where it reads numbers

    def distances_of(self, kind: str = "") -> tuple[int, ...]:
        """Those of ``distances`` that a question of one of the ``kinds`` can have."""
        return self.distances

    @abstractmethod
    def draw(self, coin: random.Random, distance: int, held_out: bool = False, kind: str = "") -> Example:
        """A sequence whose answer lies so far back, of one of ``kinds``.

        What is held out is drawn for no training.
        """

    @abstractmethod
    def parse(self, text: str) -> Example:
        """The sequence that somebody typed.

        Raises:
            TaskError: it has something that this task does not read, or nothing to answer.
        """

    def example_of(self, read: Sequence[str]) -> Example:
        """A sequence given by its labels, with what is right in it.

        Raises:
            TaskError: as for ``parse``.
        """
        return self.parse(self.shown(Example(tuple(read), {})))

    def counted(self, example: Example) -> tuple[int, ...]:
        """The steps that must be right for a sequence to count as right: all at which something is asked."""
        return tuple(example.wanted)

    def count_of(self, example: Example) -> tuple[str, list[float]] | None:
        """What there is to be counted and how much of it after each step, (T,); None where nothing is counted."""
        return None

    def donors(self, example: Example, coin: random.Random) -> dict[str, Example]:
        """Other sequences whose states could be given to this one's run, by what they are called: about as long."""
        found: dict[str, Example] = {}
        low, high = self.trained
        around = example.steps - (self.draw(coin, high, held_out=True).steps - high)
        for _ in range(20 * DONORS):
            other = self.draw(coin, min(max(around + coin.randint(-3, 3), low), max(self.distances)), held_out=True)
            if other.read != example.read:
                found[self.shown(other)] = other
            if len(found) == DONORS:
                break
        return found

    def shown(self, example: Example) -> str:
        """A sequence as it would be typed."""
        return " ".join(example.read)

    @property
    def input_size(self) -> int:
        return len(self.symbols)

    @cached_property
    def _places(self) -> dict[str, int]:
        return {symbol: place for place, symbol in enumerate(self.symbols)}

    @property
    def gives_numbers(self) -> bool:
        return self.tolerance > 0

    def inputs(self, read: Sequence[str]) -> Array:
        """(T, X) in single precision: of each step a 1 where its symbol stands among ``symbols``."""
        values = np.zeros((len(read), len(self.symbols)), np.float32)
        values[range(len(read)), [self._places[symbol] for symbol in read]] = 1
        return values

    def batch(self, coin: random.Random, size: int, reach: float = 1.0) -> list[Example]:
        """Examples for one step of training, all of one length: nothing has to be padded.

        With a ``reach`` below 1 they come from so much of the range of distances, from its lower end.
        """
        distance = self.drawn_distance(coin, reach)
        return [self.draw(coin, distance) for _ in range(size)]

    def drawn_distance(self, coin: random.Random, reach: float) -> int:
        low, high = self.trained
        return coin.randint(low, low + round(reach * (high - low)))


def is_held_out(*words: str) -> bool:
    """Whether a sentence belongs to the quarter that no training reads: by its words alone, the same everywhere."""
    return zlib.crc32(" ".join(words).encode()) % 4 == 0


def checked(read: Sequence[str], what: str) -> tuple[str, ...]:
    """A typed sequence that has steps, and not too many."""
    if not read:
        raise TaskError(f"There is nothing to read. {what}")
    if len(read) > LONGEST:
        raise TaskError(f"These are {len(read):,} steps; at most {LONGEST} can be read. {what}")
    return tuple(read)


def refused(symbol: str, what: str) -> TaskError:
    return TaskError(f"“{excerpt(symbol)}” is nothing that this network has learned to read. {what}")
