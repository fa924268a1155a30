"""What a measurement is: scores, shares and verdicts with what they are called, and curves of a training."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

Metric = Literal["chrf", "bleu"]


SAMPLES = 1000  # of the bootstrap; sacrebleu's own default
METRIC: dict[Metric, str] = {"chrf": "chrF2++", "bleu": "BLEU"}


Verdict = Literal["right", "understandable", "wrong", "not_judged"]


VERDICT: dict[Verdict, str] = {
    "right": "right", "understandable": "understandable", "wrong": "wrong", "not_judged": "not judged",
}  # fmt: skip


@dataclass(frozen=True)
class Score:
    """A corpus score, 0 to 100, with the ends of its 95 % interval where that was computed."""

    value: float
    interval: tuple[float, float] | None = None


@dataclass(frozen=True)
class Rated:
    """Scores of one set of sentences; a metric that was not measured is missing."""

    label: str
    sentences: int
    scores: Mapping[Metric, Score]


@dataclass(frozen=True)
class Curve:
    """One number an epoch, None where it was not measured."""

    label: str
    values: Sequence[float | None]
    epochs: Sequence[int] = ()
    form: str = ".2f"  # how its numbers are written

    @property
    def points(self) -> list[tuple[int, float]]:
        """Epochs, the first is 1, with the values that were measured."""
        epochs = self.epochs or range(1, len(self.values) + 1)
        return [(epoch, value) for epoch, value in zip(epochs, self.values, strict=True) if value is not None]


@dataclass(frozen=True)
class Counted:
    """How often each verdict was given."""

    label: str
    verdicts: Mapping[Verdict, int] = field(default_factory=dict)

    @property
    def sentences(self) -> int:
        return sum(self.verdicts.values())


@dataclass(frozen=True)
class Difference:
    """How much higher one system scores than the main network, greedy, on the same sentences, or that than another."""

    value: float
    interval: tuple[float, float]
    p: float


@dataclass(frozen=True)
class Former:
    """Verdicts on the network that was the main one before, and how the main one's on the same sentences differ."""

    counted: Counted
    better: int  # sentences that are right now and were not
    worse: int  # and those that were right and are not any more
    difference: Difference  # of the shares that are right, in per cent of the sentences


@dataclass(frozen=True)
class Share:
    """How many of some sentences came out right."""

    right: int
    sentences: int
