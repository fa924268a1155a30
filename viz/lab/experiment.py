"""What a session compares in the gate lab: a run as it was, the same run as it becomes, and why an edit is refused."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import streamlit as st

from models import AssetError, SentenceError
from models.translation.interventions import MOST, Intervention, InterventionError, Means, to_json
from models.translation.translator import MAX_TARGET_TOKENS, Source, Translator
from viz import loading
from viz.figures.wording import capitalised
from viz.serving.runs import Run, start
from viz.state import LONGEST_EDITS, Selection

RUNS, WANTED, REFUSAL = "lab_experiment", "lab_wanted", "lab_refusal"
REFUSED = "lab_refused"  # why what was asked for last did not come into the list
NO_MEANS = "The means over held-out sentences were not counted yet for this network. Count them first."


@dataclass(frozen=True)
class Question:
    """All that the two runs depend on."""

    sentence: str
    language: str
    network: str
    edits: str  # as JSON

    @classmethod
    def of(cls, chosen: Selection) -> "Question":
        return cls(chosen.sentence, chosen.language, chosen.network, to_json(chosen.interventions))

    @property
    def plain(self) -> "Question":
        return replace(self, edits="[]")


@dataclass(frozen=True, eq=False)
class Experiment:
    """Both runs of one question, and the interventions that are in the second."""

    question: Question
    before: Run
    after: Run
    interventions: tuple[Intervention, ...]


def experiment_for(chosen: Selection) -> tuple[Experiment | None, str]:
    """The two runs of what is chosen, and why there are none if it is refused; then those before stay.

    What was refused for want of means is looked at again: somebody may have counted them since.
    """
    wanted = Question.of(chosen)
    if st.session_state.get(WANTED) != wanted or st.session_state.get(REFUSAL) == NO_MEANS:
        st.session_state[WANTED], st.session_state[REFUSAL] = wanted, ""
        st.session_state.pop(REFUSED, None)
        try:
            st.session_state[RUNS] = _prepared(chosen, wanted)
        except (SentenceError, InterventionError, AssetError) as error:
            st.session_state[REFUSAL] = capitalised(str(error))
            if isinstance(error, AssetError):  # nothing that was computed before can be trusted either
                st.session_state[RUNS] = None
                del st.session_state[WANTED]  # look again at the next rerun
            elif st.session_state.get(RUNS) is None:  # a link: show at least the run as it was
                st.session_state[RUNS] = _plain(chosen, wanted)
    return st.session_state.get(RUNS), st.session_state[REFUSAL]


def _prepared(chosen: Selection, wanted: Question) -> Experiment:
    """The two runs; that without interventions is the one before, if only they have changed."""
    translator = loading.translator(chosen.language, chosen.network)
    source = translator.source(chosen.sentence)
    for place, each in enumerate(chosen.interventions, start=1):
        try:
            check(each, translator, source)
        except InterventionError as error:
            raise InterventionError(
                f"Number {place} of the list does not fit, so it is not applied. {error}"
            ) from error
    known: Experiment | None = st.session_state.get(RUNS)
    before = known.before if known and known.question.plain == wanted.plain else start(translator, chosen.sentence)
    means = means_of(chosen.network, chosen.interventions)
    after = start(translator, chosen.sentence, interventions=chosen.interventions, means=means)
    return Experiment(wanted, before, after, chosen.interventions)


def _plain(chosen: Selection, wanted: Question) -> Experiment | None:
    try:
        translator = loading.translator(chosen.language, chosen.network)
        before, after = (start(translator, chosen.sentence) for _ in range(2))
    except (SentenceError, AssetError):
        return None
    return Experiment(wanted.plain, before, after, ())


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
        count, what = len(source.ids), "source position"
    if each.units and (unit := max(each.units)) >= count:
        raise InterventionError(f"There is no {what} {unit}: there are {count}, 0 to {count - 1}.")


def needs_means(interventions: Sequence[Intervention]) -> bool:
    return any(each.kind == "mean" for each in interventions)


def means_of(network: str, interventions: Sequence[Intervention]) -> Means | None:
    """Means over held-out sentences, where an intervention needs them.

    Raises:
        InterventionError: they were not counted yet.
    """
    if not needs_means(interventions):
        return None
    if (survey := loading.known_survey(network)) is None:
        raise InterventionError(NO_MEANS)
    return survey.means()


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
