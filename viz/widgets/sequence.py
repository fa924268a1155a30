"""The sequence of a task that pages look at: the one that the task makes with the chosen distance."""

import random

from models.learning.tasks import TASKS, Example
from viz.state import Selection


def made(chosen: Selection) -> Example:
    """The sequence with the chosen gap: of those that no training has seen."""
    task = TASKS[chosen.task]
    return task.draw(random.Random(f"{chosen.draw} {chosen.gap}"), gap_of(chosen), held_out=True)


def gap_of(chosen: Selection) -> int:
    """The chosen distance, within those that the task can make."""
    low, high = ends_of(chosen.task)
    return min(max(chosen.gap, low), high)


def ends_of(task: str) -> tuple[int, int]:
    return min(TASKS[task].trained[0], TASKS[task].distances[0]), max(TASKS[task].distances)
