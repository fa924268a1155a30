"""What a session compares in the gate lab: a run as it was, the same run as it becomes, and why an edit is refused."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import streamlit as st

from models.translation.interventions import MOST, Intervention, InterventionError, to_json
from models.translation.translator import MAX_TARGET_TOKENS, Source, Translator
from viz import loading
from viz.serving.asked import Question, answer, ask, forget, is_answered, keep
from viz.serving.runs import Run
from viz.state import LONGEST_EDITS, Selection

BEFORE, AFTER = "lab before", "lab after"  # sides
REFUSED = "lab_refused"  # why what was asked for last did not come into the list


@dataclass(frozen=True, eq=False)
class Experiment:
    """Both runs of one question, of which the second has its interventions."""

    question: Question
    before: Run
    after: Run

    @property
    def interventions(self) -> tuple[Intervention, ...]:
        return self.question.interventions


def question_of(chosen: Selection) -> Question:
    """What the lab asks for; always translated greedily."""
    return Question(
        chosen.sentence, chosen.language, chosen.network, interventions=chosen.interventions, side=AFTER
    )  # fmt: skip


def experiment_for(chosen: Selection) -> tuple[Experiment | None, str]:
    """The two runs of what is chosen, and why there are none if it is refused; then those before stay.

    The run as it was is the one before, if only the interventions have changed.
    """
    wanted = question_of(chosen)
    if not is_answered(wanted):
        st.session_state.pop(REFUSED, None)
    after = ask(wanted, partial(check_each, chosen.interventions))
    if after.run is None and after.question is not None:  # a link: show at least the run as it was
        plain = answer(wanted.untouched, after)
        after = replace(after, run=plain.run, answered=plain.answered)
        keep(AFTER, after)
    if after.run is None:
        forget(BEFORE)
        return None, after.refusal
    before = ask(after.answered.untouched.on(BEFORE))
    return Experiment(after.answered, before.run, after.run), after.said


def check_each(interventions: Sequence[Intervention], translator: Translator, source: Source) -> None:
    """Refuse a list of which one does not fit.

    Raises:
        InterventionError
    """
    for place, each in enumerate(interventions, start=1):
        try:
            check(each, translator, source)
        except InterventionError as error:
            raise InterventionError(
                f"Number {place} of the list does not fit, so it is not applied. {error}"
            ) from error


def source_of(chosen: Selection) -> tuple[Translator, Source]:
    """The translator that is chosen, and the sentence as it reads it.

    Raises:
        SentenceError, AssetError: there is none.
    """
    translator = loading.translator(chosen.language, chosen.network)
    return translator, translator.source(chosen.sentence)


def check(each: Intervention, translator: Translator, source: Source) -> None:
    """Refuse what this run does not have, in the words of the page, where steps count from 1.

    Raises:
        InterventionError
    """
    if each.network not in ("", translator.fingerprint):
        raise InterventionError(
            "It was made for another network, whose units are others: unit 17 of one is not unit 17 of the other."
        )
    last = max(each.first, each.last or 0)
    if each.side == "encoder" and last >= (steps := len(source.ids)):
        raise InterventionError(f"There is no encoder step {last + 1}: this sentence has {steps} source tokens.")
    if each.side == "decoder" and last >= MAX_TARGET_TOKENS:
        raise InterventionError(
            f"There is no decoder step {last + 1}: a translation has at most {MAX_TARGET_TOKENS} tokens."
        )
    count, what = translator.config.hidden_size, "unit"
    if each.target == "attention":
        count, what = len(source.ids), "source state"
    if each.units and (unit := max(each.units)) >= count:
        raise InterventionError(f"There is no {what} {unit}: there are {count}, 0 to {count - 1}.")


def add(chosen: Selection, listed: tuple[Intervention, ...], each: Intervention) -> tuple[Intervention, ...]:
    """A list of interventions on the chosen run with another at its end.

    Raises:
        SentenceError, AssetError: there is no run to change.
        InterventionError: this run does not have what it changes, or the list is full.
    """
    translator, source = source_of(chosen)
    check(each, translator, source)
    if each.kind != "mean":  # a mean may still have to be counted
        translator.edits(source, [each])
    longer = (*listed, each)
    if len(longer) > MOST:
        raise InterventionError(f"The list holds at most {MOST} interventions. Remove one first.")
    if len(to_json(longer)) > LONGEST_EDITS:
        raise InterventionError("The list has become too long for the address. Use fewer units, or remove one first.")
    return longer
