"""Long memory: small networks that a person can read completely, and how far back each kind of cell remembers."""

from typing import Any

import streamlit as st

from models.learning.tasks import TASKS
from models.learning.tasks.variants import CALLED, SEEDS, VARIANTS
from viz.figures import task_captions as said
from viz.figures.tasks import answers_figure
from viz.live.component import microscope
from viz.live.microscope import style
from viz.state import Selection, keep_in_address, selection
from viz.tasks.asked import Answer, asked
from viz.tasks.beneath import beneath
from viz.tasks.curves import accuracy
from viz.tasks.units import units
from viz.widgets.choices import part
from viz.widgets.sequence import STYLE, forget_units, gap_slider, sequence_field, take_sequence, task_choice
from viz.widgets.units import as_list
from viz.widgets.words import folding, frame, headline, is_dark, notice, picture, problem, words

EQUATIONS = {
    "lstm": "Every step: c = f ⊙ c₋₁ + i ⊙ g, then h = o ⊙ tanh(c).",
    "gru": "Every step: h = (1 − z) ⊙ g + z ⊙ h₋₁, so the update gate z keeps; others write z for 1 − z. The reset "
    "gate r multiplies what the weights made of the memory: g = tanh(W x + b + r ⊙ (U h₋₁ + b′)), as in torch.",
    "rnn": "Every step: h = tanh(W x + U h₋₁ + b).",
}
SHORT = {"lstm": "LSTM", "lstm-forget-bias-0": "LSTM, bias 0", "gru": "GRU", "rnn": "RNN"}


def page() -> None:
    style()
    st.html(STYLE)
    st.title("Long memory", anchor=False)
    words(
        "How long does a network remember, and in which unit? These networks are small enough to be read completely, "
        "each unit a line. The sequences that this program makes for you are none that their training has read."
    )
    tasks(selection())


@st.fragment
def tasks(chosen: Selection) -> None:
    network_choice(chosen)
    sequence_choice(chosen)
    found = asked(chosen)
    keep_in_address(chosen)
    if found.refusal:
        problem(found.refusal)
    if found.before is None:
        return
    network, run = found.network, found.run
    headline(said.headline(network, found.before))
    if found.changed is not None:
        change = said.change_headline(
            network, found.before, run, found.change, as_list(found.change.units), found.donor
        )
        notice(f"{change} The pictures show this run.")
    maps(found, chosen)
    words(EQUATIONS[network.cell])
    step = None if chosen.step is None else chosen.step - run.record.starts[-1]
    figure = answers_figure(network, run, step if step is None or step >= 0 else None, is_dark())
    picture(figure, said.answers_caption(network, run), "task_answers")
    with folding("What it says at each step, as a table", "task_answers_table") as box:
        if box.open:
            frame(said.answers_table(network, run), "task_answers_frame")
    accuracy(chosen, network)
    units(found, chosen)
    beneath(found, chosen)


def network_choice(chosen: Selection) -> None:
    """Task, cell and seed on one line."""
    task, cell, seed = st.columns([3, 6, 2], vertical_alignment="bottom")
    with task:
        task_choice(chosen, "task_choice", list(TASKS))
    with cell:
        st.segmented_control(
            "Cell", VARIANTS, default=chosen.variant, format_func=SHORT.__getitem__, required=True,
            **part(chosen, "variant", "task_variant", lambda: forget_units(chosen)),
        )  # fmt: skip
    with seed:
        st.segmented_control(
            "Seed of its training", SEEDS, default=chosen.weights, required=True,
            **part(chosen, "weights", "task_weights", lambda: forget_units(chosen)),
        )  # fmt: skip
    words(TASKS[chosen.task].says)


def sequence_choice(chosen: Selection) -> None:
    """A sequence to type, or one that the task makes: how far apart, and which."""
    typed, gap, another = st.columns([6, 3.5, 1.5], vertical_alignment="bottom")
    with typed:
        sequence_field(chosen, "task_typed")
    with gap:
        gap_slider(chosen, "task_gap")
    with another:
        st.button("Another", key="task_another", on_click=_another, args=(chosen,), width="stretch")


def _another(chosen: Selection) -> None:
    chosen.draw = chosen.draw % 999 + 1
    take_sequence(chosen)


def maps(found: Answer, chosen: Selection) -> None:
    """All quantities of all units in heat maps; a click or key chooses a step and a unit."""
    record = found.run.record
    wanted = {
        "column": record.steps - 1 if chosen.step is None else min(chosen.step, record.steps - 1),
        "unit": None if chosen.task_unit is None else min(chosen.task_unit, record.units - 1),
    }
    microscope(
        data={
            "run": found.shown.id, "network": f"{TASKS[chosen.task].name}, {CALLED[chosen.variant]}",
            "selected": wanted, "serial": chosen.moves, "order": chosen.order, "units": "all",
            "level": chosen.level, "pace": "0",
        },
        key="task_maps",
        on_selected_change=lambda: _take_cell(chosen),
        on_order_change=lambda: _take_part(chosen, "order"),
        on_level_change=lambda: _take_part(chosen, "level"),
        on_finished_change=lambda: None,
    )  # fmt: skip


def _take_cell(chosen: Selection) -> None:
    cell: dict[str, Any] | None = st.session_state.task_maps.get("selected")
    if cell is not None:
        chosen.step, chosen.task_unit = int(cell["column"]), int(cell["unit"])


def _take_part(chosen: Selection, name: str) -> None:
    chosen.choose(name, st.session_state.task_maps.get(name))


if __name__ == "__main__":
    page()
