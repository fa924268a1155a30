"""Comparisons that are ready to try: pairs of sentences that differ in one thing, and pairs of networks."""

from dataclasses import dataclass

import streamlit as st

from models.language.languages import LANGUAGES, Language
from viz.networks import TIME_MACHINE, NetworkKey, course, networks
from viz.state import Selection

SECOND_SEED = "second-seed"
OTHER: dict[Language, Language] = {"bn": "mr", "mr": "bn"}


@dataclass(frozen=True)
class MinimalPair:
    """Two sentences that differ in one thing, and what to look for."""

    key: str
    label: str
    a: str
    b: str
    question: str


MINIMAL_PAIRS = (
    MinimalPair(
        "he", "he / she", "He is reading a book.", "She is reading a book.",
        "Bangla has one word for he and she; Marathi marks the difference in the verb too. Where do the states part?",
    ),
    MinimalPair(
        "was", "is / was", "He is in the house.", "He was in the house.",
        "The verb comes second in English and last in Bangla and Marathi: how long does the difference have to last?",
    ),
    MinimalPair(
        "cats", "cat / cats", "The cat is sleeping.", "The cats are sleeping.",
        "One or several: do both languages keep the difference?",
    ),
    MinimalPair(
        "not", "with and without not", "I am going.", "I am not going.",
        "B has a token more: the steps after it are paired again.",
    ),
)  # fmt: skip


def recipes(chosen: Selection) -> None:
    """One button each; a press sets both sides."""
    with st.container(horizontal=True, gap="small", key="recipes"):
        for pair in MINIMAL_PAIRS:
            _button(pair.key, pair.label, pair.question, chosen, sentences=(pair.a, pair.b))
        other = LANGUAGES[OTHER[chosen.language]]
        _button(
            "languages", "Bangla / Marathi", f"A stays as it is, B is translated to {other}.", chosen,
            b_language=OTHER[chosen.language],
        )  # fmt: skip
        if SECOND_SEED in networks():
            _button(
                "seeds", "two seeds",
                "Two trainings for one task, from other random weights and with another mix of sentences.", chosen,
                both=(next(iter(networks())), SECOND_SEED),
            )  # fmt: skip
        if course():
            _button(
                "course", "watch it learn", "The last state of a training against its first, with a slider.", chosen,
                both=(TIME_MACHINE, course()[0].key),
            )  # fmt: skip


def _button(
    key: str, label: str, question: str, chosen: Selection, *, sentences: tuple[str, str] | None = None,
    b_language: Language | None = None, both: tuple[NetworkKey, NetworkKey] | None = None,
) -> None:  # fmt: skip
    st.button(
        label, key=f"recipe_{key}", help=question, type="tertiary", on_click=_set,
        args=(chosen, sentences, b_language, both),
    )  # fmt: skip


def _set(
    chosen: Selection, sentences: tuple[str, str] | None, b_language: Language | None,
    both: tuple[NetworkKey, NetworkKey] | None,
) -> None:  # fmt: skip
    """Set A and what B has of its own; what a recipe does not name is the same on both sides.

    No recipe leaves anything for the next one but A's sentence: the network goes back that stood there before.
    """
    chosen.look_at_the_best()
    chosen.give_back_network()
    chosen.b_sentence, chosen.b_language, chosen.b_network, chosen.b_interventions = None, b_language, None, ()
    if sentences:
        chosen.sentence, chosen.b_sentence = sentences
    if both:
        network, chosen.b_network = both
        chosen.try_network(network)
