"""The one way from a question to a run: a question is a value, and a session keeps one answer for each of its sides."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from models import AssetError, SentenceError
from models.language.languages import Language
from models.translation.interventions import Intervention, InterventionError, Means
from models.translation.translator import Source, Translator
from viz import loading
from viz.figures.wording import capitalised
from viz.networks import NetworkKey
from viz.serving.runs import Run, start
from viz.state import Selection, begins, selection

ON_TOP = "on top"  # the side of the line on top of a page: the run that most pages show
OF_WHAT_IS_ON_VIEW = ("tree_search", "compare_pairs_of", "memory_word_of")  # in the state of a session
NO_MEANS = "The means over held-out sentences were not counted yet for this network. Count them first."

Check = Callable[[Translator, Source], None]


@dataclass(frozen=True)
class Question:
    """All that a run depends on."""

    sentence: str
    language: Language
    network: NetworkKey
    beam: int = 1
    hypothesis: int = 1  # of those that the beam search finds: the one on view at first
    interventions: tuple[Intervention, ...] = ()
    side: str = field(default=ON_TOP, compare=False)  # where its answer is kept; two sides can ask the same

    @classmethod
    def on_top(cls, chosen: Selection) -> "Question":
        """What the line on top of a page asks for."""
        return cls(chosen.sentence, chosen.language, chosen.network, chosen.beam, chosen.hypothesis)

    @property
    def untouched(self) -> "Question":
        return replace(self, interventions=())

    def on(self, side: str) -> "Question":
        return replace(self, side=side)


@dataclass(frozen=True, eq=False)
class Answer:
    """The run of a side, and why there is no newer one."""

    question: Question | None = None  # what was asked last; None where it has to be asked again
    run: Run | None = None
    refusal: str = ""
    answered: Question | None = None  # by the run: where a question was refused, the one before

    @property
    def said(self) -> str:
        """The refusal, and whose run stays on view where it is that of another sentence; "" where there is none."""
        if self.refusal and self.run and self.question and self.question.sentence != self.answered.sentence:
            return f"{self.refusal} What stands below is still that of “{self.run.source.sentence}”."
        return self.refusal


def ask(question: Question, check: Check | None = None) -> Answer:
    """The answer of a side: the one before to the same question; another question gets another run, or a refusal.

    Args:
        check: raises an InterventionError where a page refuses what this run does not have, in words of its own.
    """
    before = kept(question.side)
    if is_answered(question):
        return before
    found = answer(question, before, check)
    keep(question.side, found)
    return found


def answer(question: Question, before: Answer, check: Check | None = None) -> Answer:
    """Prepare the run that a question asks for; where it is refused, the run before stays."""
    try:
        return Answer(question, run_of(question, check), answered=question)
    except (SentenceError, InterventionError) as error:
        return replace(before, question=question, refusal=capitalised(str(error)))
    except AssetError as error:  # what was computed before cannot be trusted either; look again at the next rerun
        return Answer(refusal=str(error))


def run_of(question: Question, check: Check | None = None) -> Run:
    """A new run; nothing of it is computed yet.

    Raises:
        SentenceError, InterventionError, AssetError: there is none.
    """
    translator = loading.translator(question.language, question.network)
    if check is not None:
        check(translator, translator.source(question.sentence))
    means = means_of(question.network, question.interventions)
    return start(
        translator, question.sentence, question.beam, question.hypothesis, question.interventions, means
    )  # fmt: skip


def is_answered(question: Question) -> bool:
    """Whether its side has nothing new to be asked.

    Another hypothesis of a finished search is looked at in the run that is there. What was refused for want of means is
    looked at again: somebody may have counted them since.
    """
    before = kept(question.side)
    if before.question is None or before.refusal == NO_MEANS:
        return False
    if before.run is not None and before.run.is_finished:
        question = replace(question, hypothesis=before.question.hypothesis)
    return before.question == question


def needs_means(interventions: Sequence[Intervention]) -> bool:
    return any(each.kind == "mean" for each in interventions)


def means_of(network: NetworkKey, interventions: Sequence[Intervention]) -> Means | None:
    """Means over held-out sentences, where an intervention needs them.

    Raises:
        InterventionError: they were not counted yet.
    """
    if not needs_means(interventions):
        return None
    if (survey := loading.known_survey(network)) is None:
        raise InterventionError(NO_MEANS)
    return survey.means()


# --- what a session keeps


def kept(side: str = ON_TOP) -> Answer:
    """The answer before; one to no question where there is none."""
    return _answers().get(side, Answer())


def keep(side: str, found: Answer) -> None:
    _answers()[side] = found


def give(question: Question, run: Run) -> None:
    """Answer a question by a run that is there already."""
    keep(question.side, Answer(question, run, answered=question))


def ask_again(side: str = ON_TOP) -> None:
    """Have the next question answered by a new run, also if it is the same; until then the run before stays."""
    keep(side, replace(kept(side), question=None))


def is_to_be_asked(side: str = ON_TOP) -> bool:
    """Whether this side has no answer, or one that has to be asked for again."""
    return kept(side).question is None


def forget(side: str) -> None:
    _answers().pop(side, None)


def _answers() -> dict[str, Answer]:
    return st.session_state.setdefault("answers", {})


# --- the run on top of a page


def ask_on_top(chosen: Selection) -> Answer:
    """The answer to the line on top of a page; the chosen cell goes where it was one of another run."""
    before, found = kept().run, ask(Question.on_top(chosen))
    if before is not None and found.run is not None and found.run is not before:
        forget_cell_of(before, found.run, chosen)
    return found


def follow_history() -> None:
    """Take what is chosen from the address again where Back or Forward has led to another one.

    To be called once in a run of the whole script. Everything is then as when a link is opened: what pages remember of
    the question that was on view is forgotten, but a run that answers the question still is kept.
    """
    context = get_script_run_ctx()
    if begins() or not (context and context.is_history_navigation and st.query_params.to_dict()):
        return
    before = selection()
    for name in OF_WHAT_IS_ON_VIEW:
        st.session_state.pop(name, None)
    del st.session_state.selection
    (chosen := selection()).moves = before.moves + 1
    if not is_answered(Question.on_top(chosen)):
        forget(ON_TOP)


def forget_cell_of(before: Run, run: Run, chosen: Selection) -> None:
    """Forget the chosen cell where it was one of another sentence, or a step of a decoder that may write otherwise."""
    if (before.source, before.translator.language) != (run.source, run.translator.language):
        chosen.forget_cell()
    elif before.width != run.width or before.translator.parameters is not run.translator.parameters:
        chosen.forget_decoder_step(len(run.source.tokens))
