"""Which unit carries the answer: each erased alone, beside random ones; and units to erase, hold or transplant."""

import numpy as np
import streamlit as st

from models.learning.tasks import TASKS
from models.learning.tasks.units import CHANGES, RANDOM_SETS, erased_apart, memory_of, random_sets, rank
from viz.figures import task_captions as said
from viz.figures.tasks import count_figure, erasing_figure
from viz.figures.wording import capitalised
from viz.state import LONGEST_GROUP, Selection
from viz.tasks.asked import Answer
from viz.widgets.choices import part, telling
from viz.widgets.words import folding, frame, is_dark, picture, words

CHART = "task_erasing"
LARGEST = 3
TITLES = {"france": "Which unit carries the country?"}
SAYS = {
    "erase": "Erase: its memory is 0 after every step from there on.",
    "hold": "Hold: its memory stays what it was after that step.",
    "transplant": "Transplant: after that step its memory is what it was in the run of another sequence.",
}


def units(found: Answer, chosen: Selection) -> None:
    st.subheader(TITLES.get(chosen.task, "Which unit carries the answer?"), anchor=False)
    network, example = found.network, found.before.example
    if not example.wanted and not example.written:
        words("Nothing is asked in this sequence, so no unit can be needed for an answer.")
        return
    ranking = rank(network, example)
    bars, controls = st.columns([6, 5], gap="medium")
    with bars:
        figure = erasing_figure(ranking, found.change.units, is_dark())
        sentence = said.ranking_caption(network, ranking)
        st.plotly_chart(
            figure, theme=None, key=CHART, config={"displayModeBar": False}, alt=sentence, selection_mode="points",
            on_select=lambda: _take_bar(chosen),
        )  # fmt: skip
        words(sentence + " Click a bar to erase that unit.")
    with controls:
        change_choice(found, chosen, ranking.order)
        beside_random(found, ranking.asked)
    counting(found, chosen)
    with folding("Every unit erased alone, as a table", "task_erasing_table") as box:
        if box.open:
            frame(said.ranking_table(ranking), "task_erasing_frame")


def _take_bar(chosen: Selection) -> None:
    points = st.session_state[CHART].get("selection", {}).get("points", [])
    if points:
        unit = str(points[0]["y"]).removeprefix("unit ")
        chosen.changed = "" if chosen.changed == unit else unit


def change_choice(found: Answer, chosen: Selection, order: list[int]) -> None:
    """What is done, to which units, from which step on, and whose values they get."""
    st.segmented_control(
        "Change", CHANGES, default=chosen.change, format_func=capitalised, required=True,
        **part(chosen, "change", "task_change"),
    )  # fmt: skip
    words(SAYS[chosen.change])
    which, when = st.columns([3, 2], vertical_alignment="bottom")
    with which:
        st.text_input(
            f"Units, 0 to {found.network.units - 1}", chosen.changed, max_chars=LONGEST_GROUP,
            placeholder=f"none; for example {', '.join(map(str, order[:2]))}",
            **telling("task_changed", chosen.changed, lambda text: setattr(chosen, "changed", text.strip())),
        )  # fmt: skip
    steps = found.before.record.steps
    with when:
        st.number_input(
            f"Step, 1 to {steps}", 1, steps, min(chosen.changed_from + 1, steps),
            **telling("task_changed_from", min(chosen.changed_from + 1, steps), lambda at: _take_step(chosen, at)),
        )  # fmt: skip
    if chosen.change == "transplant" and found.donors:
        donors, at = list(found.donors), min(chosen.donor, len(found.donors) - 1)
        st.selectbox(
            "From the run of", range(len(donors)), at, format_func=lambda place: donors[place],
            **telling("task_donor", at, lambda place: setattr(chosen, "donor", place)),
        )  # fmt: skip
    with st.container(horizontal=True):
        st.button(
            f"The {LARGEST} that matter most", key="task_most", on_click=_take_units, args=(chosen, order[:LARGEST])
        )
        st.button("Change nothing", key="task_none", on_click=_take_units, args=(chosen, []))


def _take_units(chosen: Selection, chosen_units: list[int]) -> None:
    chosen.changed = ", ".join(map(str, sorted(chosen_units)))


def _take_step(chosen: Selection, at: int) -> None:
    chosen.changed_from = at - 1


def beside_random(found: Answer, asked: int) -> None:
    """The chosen units erased, beside as many others drawn at random."""
    chosen_units = found.change.units
    if not chosen_units:
        words(f"Choose units: {RANDOM_SETS} random choices of as many others then stand beside what erasing them does.")
        return
    network, example = found.network, found.before.example
    others = random_sets(network.units, len(chosen_units), chosen_units)
    scores = erased_apart(network, example, [chosen_units, *others], found.change.first)
    is_number = network.task.gives_numbers
    words(said.random_caption(float(scores[0]), scores[1:], len(chosen_units), is_number, asked))


def counting(found: Answer, chosen: Selection) -> None:
    """The unit that follows what is to be counted, or the chosen one, drawn over the count."""
    counted = TASKS[chosen.task].count_of(found.before.example)
    if counted is None:
        return
    called, values = counted
    memory = memory_of(found.network, found.run)
    count = np.array(values)
    best = said.best_counter(count, memory)
    unit = best if chosen.task_unit is None else min(chosen.task_unit, found.network.units - 1)
    st.subheader("The unit over the count", anchor=False)
    sentence = said.count_caption(called, count, memory[:, unit], unit)
    if unit != best:
        sentence += f" Unit {best} follows it most closely."
    figure = count_figure(count, memory[:, unit], unit, called, found.network.memory, is_dark())
    picture(figure, sentence, "task_count")
