"""The two sides of a comparison: what each asks for, its run, and the line where B is chosen."""

from dataclasses import dataclass, replace
from typing import Any, Literal

import streamlit as st

from models.language.languages import LANGUAGES
from models.translation.checkpoints import NAME
from viz import loading
from viz.networks import NetworkKey, label_of
from viz.serving.asked import Answer, Question, ask, keep, kept
from viz.serving.runs import Run
from viz.state import Selection
from viz.widgets.choices import network_choice, telling

Side = Literal["a", "b"]


A, PLAIN, B = "compare a", "compare plain", "compare b"  # sides; plain: B without interventions


def questions(chosen: Selection) -> tuple[Question, Question]:
    """What A asks for, and B: as A wherever nothing else was chosen. Both are translated greedily."""
    a = Question(chosen.sentence, chosen.language, chosen.network, side=A)
    b = Question(
        chosen.sentence if chosen.b_sentence is None else chosen.b_sentence,
        chosen.b_language or chosen.language,
        chosen.b_network or chosen.network,
        interventions=chosen.b_interventions,
        side=B,
    )
    return a, b


def ask_plain(chosen: Selection) -> tuple[Answer, Answer]:
    """The answers of A, and of B without interventions."""
    a, b = questions(chosen)
    return ask(a), ask(b.untouched.on(PLAIN))


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
    (a, plain), (_, question) = ask_plain(chosen), questions(chosen)
    b = kept(B)  # stays where B's sentence is refused
    if not plain.refusal:
        b = ask(question) if question.interventions else plain
        b = replace(b, run=plain.run, answered=plain.answered) if b.refusal else b
        keep(B, b)
    said = (a.said, plain.said or b.said)
    if a.run is None or plain.run is None or b.run is None:
        return None, said
    return Shown(a.run, b.run, plain.run, said), said


def forget_pair_of_other_sentences(found: Shown, chosen: Selection) -> None:
    """The chosen pair is one of the runs on view: forget it with them, but for another network's the source's stay."""
    sources = [(run.source, run.translator.language) for run in (found.a, found.b)]
    if st.session_state.setdefault("compare_pairs_of", sources) != sources:
        chosen.forget_cell()
        st.session_state.compare_pairs_of = sources


def name_of(run: Run) -> str:
    """What a run is called: its language and network."""
    return f"{LANGUAGES[run.translator.language]}, {label_of(network_of(run))}"


def network_of(run: Run) -> NetworkKey:
    return loading.network_of(run.translator)


# --- choosing B


def second_line(chosen: Selection) -> None:
    """Sentence, language and network of B, in the order of the line above; what is as A's follows A."""
    _, b = questions(chosen)
    field, switch, same, network = st.columns([6, 2.2, 1.5, 1.5], vertical_alignment="bottom")
    with field:
        st.text_input(
            "English sentence of B", b.sentence, label_visibility="collapsed",
            placeholder="Type the English sentence of B", **_part(chosen, "sentence", b.sentence),
        )  # fmt: skip
    with switch:
        st.segmented_control(
            "Translate B to", list(LANGUAGES), default=b.language, format_func=LANGUAGES.__getitem__, required=True,
            label_visibility="collapsed", **_part(chosen, "language", b.language),
        )  # fmt: skip
    with same:
        st.button(
            "As A", key="b_as_a", width="stretch", on_click=_as_a, args=(chosen,), disabled=b.untouched == _a(chosen),
            help="Give B the sentence, language and network of A",
        )  # fmt: skip
    with network:
        _network(chosen, b.network)


def _network(chosen: Selection, network: NetworkKey) -> None:
    said = "Network" if network == NAME else label_of(network)
    with st.popover(said, width="stretch", key="b_network_menu"), st.container(width=340):
        network_choice("Network of B", network, **_part(chosen, "network", network))


def _a(chosen: Selection) -> Question:
    return questions(chosen)[0]


def _part(chosen: Selection, name: str, value: str) -> dict[str, Any]:
    """Key and callback of a widget of B; where it gets what A has, B follows A from now on."""

    def take(value: str) -> None:
        setattr(chosen, f"b_{name}", None if value == getattr(_a(chosen), name) else value)

    return telling(f"b_{name}", value, take)


def _as_a(chosen: Selection) -> None:
    chosen.b_sentence = chosen.b_language = chosen.b_network = None
    chosen.b_interventions = ()
