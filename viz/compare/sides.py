"""The two sides of a comparison: what each asks for, its run, and the line where B is chosen."""

from dataclasses import dataclass, replace
from typing import Literal, cast

import streamlit as st

from models import AssetError, SentenceError
from models.language.languages import LANGUAGES, Language
from models.translation.checkpoints import NAME
from models.translation.interventions import Intervention, InterventionError
from viz import loading
from viz.figures.wording import capitalised
from viz.networks import networks
from viz.serving.runs import Run, start
from viz.state import Network, Selection
from viz.widgets.choices import following, network_choice

Side = Literal["a", "b"]


@dataclass(frozen=True)
class Question:
    """What one side asks for; always translated greedily."""

    sentence: str
    language: Language
    network: Network
    interventions: tuple[Intervention, ...] = ()

    @property
    def untouched(self) -> "Question":
        return replace(self, interventions=())


@dataclass(frozen=True, eq=False)
class Answer:
    """The run of a side, and why there is no newer one."""

    question: Question | None
    run: Run | None = None  # where a question was refused, the run before
    refusal: str = ""


def questions(chosen: Selection) -> tuple[Question, Question]:
    """What A asks for, and B: as A wherever nothing else was chosen."""
    a = Question(chosen.sentence, chosen.language, chosen.network)
    b = Question(
        chosen.sentence if chosen.b_sentence is None else chosen.b_sentence,
        chosen.b_language or chosen.language,
        chosen.b_network or chosen.network,
        chosen.b_interventions,
    )
    return a, b


def answer(name: str, question: Question) -> Answer:
    """The answer of the session under this name; another question gets another run, or says why it has none."""
    before: Answer = st.session_state.get(f"compare_{name}", Answer(None))
    if before.question == question:
        return before
    try:
        translator = loading.translator(question.language, question.network)
        run = start(translator, question.sentence, interventions=question.interventions)
        found = Answer(question, run)
    except (SentenceError, InterventionError) as error:
        found = Answer(question, before.run, capitalised(str(error)))
    except AssetError as error:  # what was computed before cannot be trusted either; look again at the next rerun
        found = Answer(None, None, str(error))
    keep(name, found)
    return found


def keep(name: str, found: Answer) -> None:
    st.session_state[f"compare_{name}"] = found


def move(name: str, question: Question, run: Run) -> None:
    """Answer a question by a run that is there already, unless it is one that was refused."""
    before: Answer = st.session_state.get(f"compare_{name}", Answer(None))
    if not before.refusal:
        keep(name, Answer(question, run))


@dataclass(frozen=True, eq=False)
class Shown:
    """The runs on view, and what has to be said about their questions."""

    a: Run
    b: Run
    plain: Run  # B without interventions; B itself where it has none
    said: tuple[str, str] = ("", "")  # why a newer question of A, of B was refused

    @property
    def runs(self) -> tuple[Run, Run, Run]:
        return self.a, self.b, self.plain


def shown(chosen: Selection) -> tuple[Shown | None, tuple[str, str]]:
    """Both runs of what is chosen; a side that was refused keeps the run before. None where there is not one yet."""
    question_a, question_b = questions(chosen)
    a, plain = answer("a", question_a), answer("plain", question_b.untouched)
    b = plain
    if question_b.interventions and not plain.refusal:
        b = answer("b", question_b)
        if b.refusal:
            b = replace(b, run=plain.run)
    said = (a.refusal, plain.refusal or b.refusal)
    before: Shown | None = st.session_state.get("compare_shown")
    if None in (a.run, plain.run, b.run):
        return None, said
    found = Shown(a.run, b.run, plain.run, said)
    if plain.refusal and before is not None:
        found = Shown(a.run, before.b, before.plain, said)
    st.session_state.compare_shown = found
    return found, said


def forget_pair_of_other_sentences(found: Shown, chosen: Selection) -> None:
    """The chosen pair is one of the runs on view: forget it with them, but for another network's the source's stay."""
    sources = [(run.source, run.translator.language) for run in (found.a, found.b)]
    if st.session_state.setdefault("compare_pairs_of", sources) != sources:
        chosen.column = chosen.unit = None
        st.session_state.compare_pairs_of = sources


def name_of(run: Run) -> str:
    """What a run is called: its language and network."""
    return f"{LANGUAGES[run.translator.language]}, {networks()[network_of(run)].label}"


def network_of(run: Run) -> Network:
    return loading.network_of(run.translator)


# --- choosing B


def second_line(chosen: Selection) -> None:
    """Sentence, language and network of B, in the order of the line above; what is as A's follows A."""
    _, b = questions(chosen)
    field, switch, same, network = st.columns([6, 2.2, 1.5, 1.5], vertical_alignment="bottom")
    with field:
        key = following("b_sentence", b.sentence)
        st.text_input(
            "English sentence of B", b.sentence, key=key, label_visibility="collapsed",
            placeholder="Type the English sentence of B", on_change=_take, args=(chosen, "sentence", key),
        )  # fmt: skip
    with switch:
        key = following("b_language", b.language)
        st.segmented_control(
            "Translate B to", list(LANGUAGES), default=b.language, format_func=LANGUAGES.__getitem__, key=key,
            required=True, label_visibility="collapsed", on_change=_take, args=(chosen, "language", key),
        )  # fmt: skip
    with same:
        st.button(
            "As A", key="b_as_a", width="stretch", on_click=_as_a, args=(chosen,), disabled=b.untouched == _a(chosen),
            help="Give B the sentence, language and network of A",
        )  # fmt: skip
    with network:
        _network(chosen, b.network)


def _network(chosen: Selection, network: Network) -> None:
    said = "Network" if network == NAME else networks()[network].label
    with st.popover(said, width="stretch", key="b_network_menu"), st.container(width=340):
        key = following("b_network", network)
        network_choice("Network of B", key, network, on_change=_take, args=(chosen, "network", key))


def _a(chosen: Selection) -> Question:
    return questions(chosen)[0]


def _take(chosen: Selection, part: str, key: str) -> None:
    """Take what was chosen for B; where it is the same as for A, B follows A from now on."""
    value = cast(str, st.session_state[key]) or ""
    setattr(chosen, f"b_{part}", None if value == getattr(_a(chosen), part) else value)


def _as_a(chosen: Selection) -> None:
    chosen.b_sentence = chosen.b_language = chosen.b_network = None
    chosen.b_interventions = ()
