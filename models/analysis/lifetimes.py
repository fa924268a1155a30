"""How long units keep what was written to them, and how often gates are as good as open or shut."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from models.recurrent.trace import Array

Gate = Literal["forget_gate", "input_gate", "output_gate"]
GATES: tuple[Gate, ...] = ("forget_gate", "input_gate", "output_gate")
LONGEST = 192  # steps of a run that are told apart; more than source and target may have together
PARTS = 100  # thresholds are whole hundredths


def survival(forget_gate: Array, written_at: int) -> Array:
    """How much of what step ``written_at`` wrote is left after it and after each later step, (T - written_at, ..., H).

    Products of the actual forget gates, in [0, 1] and never rising; the first row is 1. A ``written_at`` of -1 asks for
    the initial state, and the rows then start before the first step.
    """
    later = forget_gate[written_at + 1 :].astype(np.float64)
    return np.concatenate([np.ones((1, *later.shape[1:])), np.cumprod(later, axis=0)])


@dataclass(frozen=True, eq=False)
class Lifetimes:
    """For each of N writes and each unit, after how many further steps at most half of it was left.

    Where the run ended before that, the write is censored: ``steps`` is then how long it was watched, not a half-life.
    """

    steps: Array  # (N, H), whole numbers; 1 or more where not censored
    is_censored: Array  # (N, H)


def lifetimes(forget_gate: Array) -> Lifetimes:
    """Follow what each step of a run wrote, (T, H) forget gates, until at most half is left or the run ends."""
    T, H = forget_gate.shape
    steps = np.tile(np.arange(T - 1, -1, -1)[:, None], (1, H))
    is_censored = np.ones((T, H), bool)
    left = np.zeros((T, H))  # of each write so far
    for now in range(T):
        left[:now] *= forget_gate[now]
        left[now] = 1
        halved = is_censored[:now] & (left[:now] <= 0.5)
        steps[:now] = np.where(halved, now - np.arange(now)[:, None], steps[:now])
        is_censored[:now] &= ~halved
    return Lifetimes(steps, is_censored)


@dataclass(frozen=True, eq=False)
class LifetimeCounts:
    """How many writes of each unit were halved after so many steps, and how many were watched so long and were not."""

    halved: Array  # (H, LONGEST), whole numbers
    censored: Array  # (H, LONGEST)

    @classmethod
    def none(cls, units: int) -> "LifetimeCounts":
        return cls(*(np.zeros((units, LONGEST), np.int64) for _ in range(2)))

    def add(self, seen: Lifetimes) -> None:
        """Count the writes of one more run.

        Raises:
            ValueError: a run of more than 192 steps.
        """
        if len(seen.steps) > LONGEST:
            raise ValueError(f"a run of {len(seen.steps)} steps; at most {LONGEST} are counted")
        units = np.broadcast_to(np.arange(seen.steps.shape[1]), seen.steps.shape)
        for counts, which in ((self.halved, ~seen.is_censored), (self.censored, seen.is_censored)):
            np.add.at(counts, (units[which], seen.steps[which]), 1)

    @property
    def writes(self) -> int:
        """Of each unit."""
        return int(self.halved[0].sum() + self.censored[0].sum())

    def half_lives(self) -> Array:
        """Typical half-life of each unit in steps, (H,): infinity where the runs were too short to tell.

        The median of the product-limit estimate (Kaplan & Meier 1958): at each duration, of the writes still watched
        the share that was halved just then. Censored writes count for as long as they were watched. Writes of one run
        share its forget gates, so this describes the runs; it is no basis for an error bar.
        """
        both = self.halved + self.censored
        watched = both[:, ::-1].cumsum(axis=1)[:, ::-1]  # still watched and not halved before this duration
        alive = np.cumprod(1 - self.halved / np.maximum(watched, 1), axis=1)
        is_halved = alive <= 0.5 + 1e-12  # a share of exactly one half, whatever rounding did on the way to it
        return np.where(is_halved.any(axis=1), is_halved.argmax(axis=1), np.inf)


def half_lives(forget_gate: Array) -> Array:
    """Typical half-life of each unit in one run, (H,), as ``LifetimeCounts.half_lives``; (T, H) forget gates."""
    counts = LifetimeCounts.none(forget_gate.shape[1])
    counts.add(lifetimes(forget_gate))
    return counts.half_lives()


def window_to_latch(forget_gate: Array) -> Array:
    """Unit numbers, those that forget soonest first, (H,): by half-life, equals by what the whole run leaves."""
    kept = np.log(np.maximum(forget_gate.astype(np.float64), 1e-300)).sum(axis=0)
    return np.lexsort((np.arange(forget_gate.shape[1]), kept, half_lives(forget_gate)))


@dataclass(frozen=True, eq=False)
class GateCounts:
    """How often each gate of each unit had which value, in hundredths: the shares for any threshold of two decimals.

    Below one half a value belongs to the part that it starts, above to the part that it ends: so "below 0.1" and "above
    0.9" are exact, for a gate that equals a threshold too.
    """

    counts: Array  # (3, H, 100), whole numbers, in the order of GATES
    sums: Array  # (3, H), double precision

    @classmethod
    def none(cls, units: int) -> "GateCounts":
        return cls(np.zeros((len(GATES), units, PARTS), np.int64), np.zeros((len(GATES), units)))

    def add(self, gate: Gate, values: Array) -> None:
        """Count (N, H) values of one gate."""
        at, units = GATES.index(gate), values.shape[1]
        parts = np.searchsorted(_edges(values.dtype), values, side="right")
        flat = np.bincount((parts + PARTS * np.arange(units)).ravel(), minlength=units * PARTS)
        self.counts[at] += flat.reshape(units, PARTS)
        self.sums[at] += values.sum(axis=0, dtype=np.float64)

    @property
    def steps(self) -> int:
        return int(self.counts[0, 0].sum())

    def below(self, gate: Gate, threshold: float) -> Array:
        """Share of steps with a gate below the threshold, (H,); the threshold is at most 0.5."""
        return self._counted(gate)[:, : round(PARTS * threshold)].sum(axis=1) / max(self.steps, 1)

    def above(self, gate: Gate, threshold: float) -> Array:
        """Share of steps with a gate above the threshold, (H,); the threshold is more than 0.5."""
        return self._counted(gate)[:, round(PARTS * threshold) :].sum(axis=1) / max(self.steps, 1)

    def mean(self, gate: Gate) -> Array:
        """Mean over the steps, (H,)."""
        return self.sums[GATES.index(gate)] / max(self.steps, 1)

    def _counted(self, gate: Gate) -> Array:
        return self.counts[GATES.index(gate)]


def _edges(dtype: np.dtype) -> Array:
    """Where a part ends and the next begins, as numbers of this precision."""
    edges = (np.arange(1, PARTS) / PARTS).astype(dtype)
    return np.where(edges > 0.5, np.nextafter(edges, dtype.type(1)), edges)
