"""What the page asks of a small network, and what it keeps: the run as it is, and the run with some units changed."""

import random
from dataclasses import dataclass, field, replace

import streamlit as st

from models import AssetError
from models.learning.tasks import TASKS, Example, TaskError
from models.learning.tasks.network import TaskNetwork, TaskRun
from models.learning.tasks.units import Change, ChangeError, edit_of
from viz import loading
from viz.figures.wording import capitalised
from viz.serving.recorded import RecordedRun, show
from viz.state import Selection
from viz.widgets.sequence import made
from viz.widgets.units import GroupError, parsed


@dataclass(frozen=True)
class Answer:
    """What was asked last, and the runs that are on view; where it was refused, those before."""

    question: tuple = ()
    refusal: str = ""
    network: TaskNetwork | None = None
    before: TaskRun | None = None
    shown: RecordedRun | None = None  # of the run as it is, or with the change
    change: Change = field(default_factory=Change)
    changed: TaskRun | None = None
    donor: str = ""  # the sequence that values were taken from
    donors: dict[str, Example] = field(default_factory=dict)

    @property
    def run(self) -> TaskRun:
        """The one on view."""
        return self.changed or self.before


def asked(chosen: Selection) -> Answer:
    """The answer to what is chosen; the one before where nothing has changed."""
    before: Answer = st.session_state.get("task_answer", Answer())
    question = (
        chosen.task, chosen.variant, chosen.weights, chosen.typed, chosen.gap, chosen.draw, chosen.change,
        chosen.changed, chosen.changed_from, chosen.donor,
    )  # fmt: skip
    if before.question != question:
        before = answer(chosen, question, before)
        st.session_state.task_answer = before
    return before


def answer(chosen: Selection, question: tuple, before: Answer) -> Answer:
    try:
        network = loading.task_networks(chosen.task)[chosen.variant, chosen.weights]
    except AssetError as error:
        return Answer((), str(error))
    task, refusal = TASKS[chosen.task], ""
    try:
        example = task.parse(chosen.typed) if chosen.typed else made(chosen)
    except TaskError as error:
        refusal = f"{error} What stands below is still the sequence before."
        if before.before is None or before.network.task is not task:
            return replace(before, question=question, refusal=refusal if before.before else str(error))
        example = before.before.example  # read by the network that is chosen now
    is_same = before.network is network and before.before is not None and before.before.example == example
    run = before.before if is_same else network.run(example)
    donors = before.donors if is_same else task.donors(example, random.Random(f"{chosen.draw}"))
    plain = Answer(question, refusal, network, run, show(run.record), donors=donors)
    try:
        return with_change(chosen, plain)
    except (ChangeError, GroupError) as error:
        said = capitalised(str(error))
        if is_same and before.changed is not None:
            return replace(before, question=question, refusal=f"{said} What stands below is still the change before.")
        return replace(plain, refusal=f"{said} What stands below is the run without a change.")


def with_change(chosen: Selection, plain: Answer) -> Answer:
    """The same with the chosen units changed.

    Raises:
        GroupError, ChangeError: what is chosen makes no sense here.
    """
    if not chosen.changed:
        return plain
    units = parsed(chosen.changed, plain.network.units)
    change = Change(chosen.change, units, min(chosen.changed_from, plain.before.record.steps - 1))
    donor, name = None, ""
    if change.kind == "transplant":
        if not plain.donors:
            raise ChangeError("This task makes no other sequence to take values from.")
        name = list(plain.donors)[min(chosen.donor, len(plain.donors) - 1)]
        donor = plain.network.run(plain.donors[name])
    run = plain.network.run(plain.before.example, edit_of(plain.network, change, plain.before, donor))
    return replace(plain, change=change, changed=run, donor=name, shown=show(run.record))
