"""Accuracy by distance on sequences that no training has seen, for every trained network of a task."""

import math
import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from models.learning.tasks.network import TaskNetwork
from models.learning.tasks.task import Example, Task
from models.learning.tasks.variants import Variant

EXAMPLES = 200  # at each distance, the same ones for all networks
SEED = 2026
SURE = 2  # standard errors


@dataclass(frozen=True)
class Point:
    """What the networks of one variant do at one distance: the share that each seed answers right."""

    distance: int
    shares: tuple[float, ...]
    examples: int  # of each seed

    @property
    def mean(self) -> float:
        return sum(self.shares) / len(self.shares)

    def is_at(self, chance: float) -> bool:
        """Whether all seeds together are no better than guessing, by no more than two standard errors."""
        count = self.examples * len(self.shares)
        return self.mean <= chance + SURE * math.sqrt(chance * (1 - chance) / count)


Curves = dict[str, dict[Variant, list[Point]]]  # by the kind of question, and by variant


def held_out_examples(task: Task, distance: int, kind: str = "") -> list[Example]:
    """Different sequences, as many as are measured, or all that exist where there are few."""
    coin = random.Random(f"{SEED} {task.key} {kind} {distance}")
    found: dict[tuple[str, ...], Example] = {}
    for _ in range(20 * EXAMPLES):
        example = task.draw(coin, distance, held_out=True, kind=kind)
        found[example.read] = example
        if len(found) == EXAMPLES:
            break
    return list(found.values())


def measure(task: Task, networks: Mapping[tuple[Variant, int], TaskNetwork]) -> Curves:
    """Accuracy of all networks at all distances of their task."""
    variants = list(dict.fromkeys(variant for variant, _ in networks))
    curves: Curves = {kind: {variant: [] for variant in variants} for kind in task.kinds}
    for kind in task.kinds:
        for distance in task.distances_of(kind):
            groups = of_one_length(held_out_examples(task, distance, kind))
            count = sum(map(len, groups))
            for variant in variants:
                shares = tuple(
                    round(sum(int(network.right(group).sum()) for group in groups) / count, 4)
                    for (of, _), network in networks.items()
                    if of == variant
                )
                curves[kind][variant].append(Point(distance, shares, count))
    return curves


def of_one_length(examples: Sequence[Example]) -> list[list[Example]]:
    groups: dict[int, list[Example]] = defaultdict(list)
    for example in examples:
        groups[example.steps].append(example)
    return list(groups.values())


def as_card(curves: Curves) -> dict:
    """Curves as they stand in a card."""
    return {
        kind: {
            variant: [[point.distance, point.examples, list(point.shares)] for point in points]
            for variant, points in of_kind.items()
        }
        for kind, of_kind in curves.items()
    }


def from_card(stored: Mapping) -> Curves:
    """Curves as they were written by ``as_card``."""
    return {
        kind: {
            variant: [Point(distance, tuple(shares), examples) for distance, examples, shares in points]
            for variant, points in of_kind.items()
        }
        for kind, of_kind in stored.items()
    }


def chance_from(points: Sequence[Point], chance: float) -> int | None:
    """The distance from which on a variant only guesses; None where at the longest it still does better."""
    found = None
    for point in reversed(points):
        if not point.is_at(chance):
            break
        found = point.distance
    return found


def holds_until(points: Sequence[Point], share: float) -> int | None:
    """The longest distance up to which every seed answers at least this share right; None where not at the first."""
    found = None
    for point in points:
        if min(point.shares) < share:
            break
        found = point.distance
    return found
