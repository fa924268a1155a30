"""The widgets that pages share. Whatever a person typed passes through here inert."""

import re
from html import escape
from typing import cast

import streamlit as st

from models.configuration import LANGUAGES, Language
from viz.state import Selection, selection

EXAMPLES = (
    "She is reading a book.",
    "Where did you buy this book?",
    "The cat is sleeping under the table.",
    "If it rains, I will stay at home.",
    "When I was a child, I lived in a small village.",
    "I have known her since 2010.",  # goes wrong, and in another way in each language
    "Help!",
)


def words(text: str, language: str = "en") -> None:
    """Write a paragraph as it is: no Markdown, no HTML."""
    st.html(f'<p lang="{escape(language)}">{escape(text)}</p>')


def literal(text: str) -> str:
    """Text as Markdown that shows exactly this text, for the cells of ``st.table``."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", text)


def problem(text: str) -> None:
    """Say what is wrong, as it is: no Markdown, no HTML; screen readers say it at once."""
    st.html(
        '<p role="alert" style="border-left:4px solid #b3261e;padding:4px 12px;margin:0">' + escape(text) + "</p>",
    )


def sentence_and_language() -> Selection:
    """The sentence, the language switch and the examples, on one line."""
    chosen = selection()
    field, switch, examples = st.columns([6, 2.2, 1.6], vertical_alignment="bottom")
    st.session_state.setdefault("sentence_input", chosen.sentence)
    st.session_state.setdefault("language_switch", chosen.language)
    with field:
        typed = st.text_input(
            "English sentence",
            key="sentence_input",
            label_visibility="collapsed",
            placeholder="Type an English sentence",
        )
    with switch:
        language = st.segmented_control(
            "Translate to", list(LANGUAGES), format_func=LANGUAGES.__getitem__, key="language_switch", required=True,
            label_visibility="collapsed",
        )  # fmt: skip
    with examples, st.popover("Examples", width="stretch"):
        for number, example in enumerate(EXAMPLES):
            st.button(example, key=f"example_{number}", on_click=_take, args=(example,), type="tertiary")
    if (typed or "", language) != (chosen.sentence, chosen.language):
        chosen.sentence, chosen.language = typed or "", cast(Language, language)
    return chosen


def _take(example: str) -> None:
    st.session_state.sentence_input = example
