"""The sequence of a task that pages look at: which task, what is typed or made, and how far apart."""

import random
from collections.abc import Sequence

import streamlit as st

from models.learning.tasks import TASKS, Example
from viz.figures.wording import capitalised
from viz.state import Selection
from viz.widgets.choices import telling

STYLE = """<style>
[data-testid="stMainBlockContainer"] h1 {font-size: 1.75rem; padding: 0.25rem 0;}
[data-testid="stMainBlockContainer"] h3 {font-size: 1.375rem; padding: 1rem 0 0.25rem;}
</style>"""


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


def task_choice(chosen: Selection, key: str, tasks: Sequence[str]) -> None:
    """Which of the tasks."""
    st.selectbox(
        "Task", tasks, tasks.index(chosen.task), format_func=lambda name: TASKS[name].name,
        **telling(key, chosen.task, lambda name: take_task(chosen, name)),
    )  # fmt: skip


def sequence_field(chosen: Selection, key: str) -> None:
    """The sequence on view, to type another."""
    shown = chosen.typed or TASKS[chosen.task].shown(made(chosen))
    st.text_input(
        "Sequence", shown, placeholder=TASKS[chosen.task].example,
        **telling(key, shown, lambda text: take_sequence(chosen, typed=text)),
    )  # fmt: skip


def gap_slider(chosen: Selection, key: str) -> None:
    """The distance of a sequence that the task makes."""
    low, high = ends_of(chosen.task)
    st.slider(
        capitalised(TASKS[chosen.task].distance_is), low, high, gap_of(chosen),
        **telling(key, gap_of(chosen), lambda value: take_sequence(chosen, gap=value)),
    )  # fmt: skip


def take_task(chosen: Selection, name: str) -> None:
    take_sequence(chosen, gap=min(chosen.gap, TASKS[name].trained[1]))
    chosen.task = name
    forget_units(chosen)


def take_sequence(chosen: Selection, typed: str = "", gap: int | None = None) -> None:
    """Look at a typed sequence, or at one that the task makes; its steps are others."""
    chosen.typed, chosen.step = typed, None
    chosen.gap = chosen.gap if gap is None else gap


def forget_units(chosen: Selection) -> None:
    """Unit 3 of another network is another unit."""
    chosen.step = chosen.task_unit = None
    chosen.changed, chosen.changed_from, chosen.donor = "", 0, 0
