"""The table of effects: how much the interventions changed, and how much random sets of as many units would have."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import streamlit as st

from models.analysis.effects import Effect, EffectsError, controls, effect, has_control
from models.translation.interventions import InterventionError
from viz.figures import effect_captions as said
from viz.figures.effects import divergence_chart, divergence_rows, effect_header, effect_rows
from viz.figures.theme import on_page
from viz.lab.experiment import Experiment
from viz.serving.asked import Question, means_of
from viz.state import SETS, Selection, keep_in_address
from viz.widgets.words import Text, folding, is_dark, picture, problem, table, words

OURS, CONTROL, SETS_CHOICE, SEED_CHOICE = "lab_effect", "lab_control", "lab_sets", "lab_seed"
POLL = 0.4  # seconds between looks at how far the random sets are


@dataclass(frozen=True)
class ControlQuestion:
    """All that the effects of random sets depend on."""

    of: Question
    sets: int
    seed: int


class Control:
    """Random sets, computed lot by lot in a thread of its own; the page looks at how far it is, and may stop it."""

    def __init__(self, question: ControlQuestion, lots: Callable[[], Iterator[list[Effect]]]) -> None:
        self.question = question
        self.found: list[Effect] = []
        self.error = ""
        self.is_cancelled = False
        self._lots = lots
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self) -> None:
        try:
            for lot in self._lots():
                self.found += lot
                if self.is_cancelled:
                    return
        except (EffectsError, InterventionError) as error:
            self.error = str(error)

    @property
    def is_running(self) -> bool:
        return self.thread.is_alive()

    @property
    def is_complete(self) -> bool:
        return not self.is_running and not self.is_cancelled and not self.error

    @property
    def share(self) -> float:
        return min(len(self.found) / self.question.sets, 1.0)


def effects(experiment: Experiment, chosen: Selection) -> None:
    """The table with its controls; nothing where nothing is changed or a run is not finished."""
    before = experiment.before.trace
    if before is None or experiment.after.trace is None or not experiment.interventions:
        return
    st.subheader("How much it changed, against random units", anchor=False)
    try:
        ours = _ours(experiment)
    except (EffectsError, InterventionError) as error:
        problem(str(error))
        return
    others: list[Effect] = []
    if has_control(experiment.interventions):
        words(said.WHY_RANDOM)
        _choose(chosen)
        others = _others(experiment, chosen)
    else:
        words(said.NO_RANDOM)
    table("What the interventions did", effect_header(others), effect_rows(ours, others))
    if others:
        words(said.rank_caption(ours, others))
    words(f"{said.FORCED} {said.TOKENS}" if any(each.target == "token" for each in ours.interventions) else said.FORCED)
    picture(
        on_page(divergence_chart(before, ours, others), "hidden_state", is_dark()),
        said.divergence_caption(before, ours),
        "lab_divergence",
    )
    with folding("KL divergence of each step as a table", "lab_divergence_table") as box:
        if box.open:
            rows = [(step, Text(token, before.language), value) for step, token, value in divergence_rows(before, ours)]
            table("KL divergence of each step, in nats", ("Step", "Original token", "KL divergence"), rows)


def _ours(experiment: Experiment) -> Effect:
    """The effect of the interventions on view, measured once."""
    known = st.session_state.get(OURS)
    if known is None or known[0] != experiment.question:
        means = means_of(experiment.question.network, experiment.interventions)
        found = effect(
            experiment.before.translator, experiment.before.finish(), experiment.interventions, means
        )  # fmt: skip
        known = st.session_state[OURS] = (experiment.question, found)
    return known[1]


def _choose(chosen: Selection) -> None:
    """How many random sets, and their seed; the address keeps both."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        sets = st.segmented_control(
            "Random sets", SETS, default=chosen.sets, key=SETS_CHOICE, required=True
        )  # fmt: skip
        seed = st.number_input("Seed", 0, 999_999, chosen.seed, 1, key=SEED_CHOICE, width=140)
    if (sets, seed) != (chosen.sets, chosen.seed):
        chosen.sets, chosen.seed = sets, seed
        keep_in_address(chosen)


def _others(experiment: Experiment, chosen: Selection) -> list[Effect]:
    """The effects of the random sets; they begin by themselves, and there are none as long as not all are there."""
    wanted = ControlQuestion(experiment.question, chosen.sets, chosen.seed)
    control: Control | None = st.session_state.get(CONTROL)
    if control is None or control.question != wanted:
        if control is not None:
            control.is_cancelled = True
        control = _begin(experiment, wanted)
    if control.is_complete:
        return control.found
    if control.is_running and not control.is_cancelled:
        _progress(control)
        return []
    if control.error:
        problem(control.error)
    label = f"Compare with {chosen.sets} random sets"
    st.button(label, key="lab_compare", on_click=_begin, args=(experiment, wanted))
    return []


def _begin(experiment: Experiment, wanted: ControlQuestion) -> Control:
    translator, base = experiment.before.translator, experiment.before.finish()
    means = means_of(wanted.of.network, experiment.interventions)

    def lots() -> Iterator[list[Effect]]:
        return controls(translator, base, experiment.interventions, wanted.sets, wanted.seed, means)

    control = st.session_state[CONTROL] = Control(wanted, lots)
    return control


@st.fragment(run_every=POLL)
def _progress(control: Control) -> None:
    """How far the random sets are, with a way to stop."""
    if not control.is_running or control.is_cancelled:
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(control.share, f"{len(control.found)} of {control.question.sets} random sets", width=360)
        st.button("Cancel", key="lab_cancel", on_click=_cancel, args=(control,))


def _cancel(control: Control) -> None:
    control.is_cancelled = True
