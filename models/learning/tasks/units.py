"""What single units do for an answer: erased, held or given those of another run, beside as many random ones.

Encoded is not used (Antverg & Belinkov 2022, section 2): what a unit does is measured by changing it, and a change says
something only beside what the same change does to other units.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from models.learning.tasks.network import StateEdit, TaskNetwork, TaskRun
from models.learning.tasks.task import Example
from models.recurrent.trace import Array, StepEdit

ChangeKind = Literal["erase", "hold", "transplant"]
CHANGES: tuple[ChangeKind, ...] = get_args(ChangeKind)
RANDOM_SETS = 20


class ChangeError(ValueError):
    """A change that a run does not allow; the message says why."""


@dataclass(frozen=True)
class Change:
    """What is done to the memory of some units: the cell state of an LSTM, the hidden state of other cells.

    ``erase``: 0 after every step from ``first`` on. ``hold``: what it was after step ``first``, in every later step.
    ``transplant``: after step ``first`` what it was there in another run; the network goes on by itself from there.
    """

    kind: ChangeKind = "erase"
    units: tuple[int, ...] = ()
    first: int = 0


def edit_of(network: TaskNetwork, change: Change, before: TaskRun, donor: TaskRun | None = None) -> StateEdit | None:
    """The change as an edit of a run: ``before`` is the same run without it.

    Raises:
        ChangeError: a unit or step that there is none of, or a donor that has no such step.
    """
    if not change.units:
        return None
    if max(change.units) >= network.units:
        raise ChangeError(f"There is no unit {max(change.units)}: the units are 0 to {network.units - 1}.")
    steps = memory_of(network, before)
    if change.first >= len(steps):
        raise ChangeError(f"There is no step {change.first + 1}: this run has {len(steps)} steps.")
    units, memory = list(change.units), network.memory
    if change.kind == "transplant":
        if donor is None:
            raise ChangeError("There is no other run to take values from.")
        given = memory_of(network, donor)
        if change.first >= len(given):
            raise ChangeError(f"The other run has {len(given)} steps: there is no step {change.first + 1} in it.")
        values = given[change.first, units]
    else:
        values = steps[change.first, units] if change.kind == "hold" else np.zeros(len(units))

    def at(time: int) -> StepEdit | None:
        if time < change.first or (change.kind == "transplant" and time > change.first):
            return None

        def put(name: str, found: Array) -> None:
            if name == memory:
                found[..., units] = values

        return put

    return at


def memory_of(network: TaskNetwork, run: TaskRun) -> Array:
    """What each unit remembers after each step, (T, H), encoder and decoder after one another."""
    return np.concatenate([part.trace().values(network.memory) for part in run.record.parts])


def erased_apart(network: TaskNetwork, example: Example, sets: Sequence[Sequence[int]], first: int = 0) -> Array:
    """Log-probability of the right answer with each of several sets of units erased from a step on, (B,).

    Of a number: the size of its error, negative. Of several asked steps or written tokens: the sum over all of them,
    those before as they should be.
    """
    rows = np.concatenate([np.full(len(units), row) for row, units in enumerate(sets)]).astype(int)
    units = np.concatenate([np.asarray(units, int) for units in sets])
    memory = network.memory

    def put(name: str, found: Array) -> None:
        if name == memory:
            found[rows, units] = 0

    return network.scores(example, len(sets), lambda time: put if time >= first else None)


@dataclass(frozen=True, eq=False)
class Ranking:
    """How much worse the right answer becomes when each unit alone is erased."""

    whole: float  # log-probability of the right answer, or minus the error of a number, with nothing erased
    without: Array  # (H,) the same with each unit alone erased
    is_number: bool
    asked: int = 1  # answers that this is the probability of, all together

    @property
    def effect(self) -> Array:
        """(H,) how much is lost: of the probability, 0..1; of a number how much further it is from the right one."""
        if self.is_number:
            return self.whole - self.without
        return np.exp(self.whole) - np.exp(self.without)

    @property
    def order(self) -> list[int]:
        """Units, the one whose loss is greatest first."""
        return np.argsort(-self.effect, kind="stable").tolist()


def rank(network: TaskNetwork, example: Example) -> Ranking:
    """Erase each unit alone, from the first step on."""
    whole = network.scores(example, 1, None)
    without = erased_apart(network, example, [[unit] for unit in range(network.units)])
    asked = len(example.written) or len(example.wanted)
    return Ranking(float(whole[0]), without, network.task.gives_numbers, asked)


def random_sets(units: int, size: int, but: Sequence[int], seed: int = 1) -> list[tuple[int, ...]]:
    """Sets of as many other units, drawn by a seed; fewer where there are not so many."""
    others = [unit for unit in range(units) if unit not in but]
    if size > len(others):
        return []
    coin = random.Random(seed)
    drawn = {tuple(sorted(coin.sample(others, size))): None for _ in range(20 * RANDOM_SETS)}
    return list(drawn)[:RANDOM_SETS]
