"""Why this token and not that one: the difference of two logits as an exact sum."""

from functools import partial
from typing import get_args

import numpy as np
import streamlit as st

from models import TranslationTrace
from models.analysis.provenance import Order
from models.recurrent.trace import Array
from models.translation.attention import softmax
from models.translation.translator import Translator
from viz.figures import memory_captions as said
from viz.figures import theme
from viz.figures.columns import columns_of
from viz.figures.memory import Word, word_bars
from viz.memory.ledger import cells_of
from viz.memory.reading import in_words
from viz.serving.runs import Run
from viz.state import Selection, cell_on_view, keep_in_address
from viz.widgets.choices import part, telling
from viz.widgets.tokens import OFFERED, labels_of, number_of
from viz.widgets.words import headline, is_dark, notice, problem, table, words

SAME = "A and B are the same token, so nothing tells them apart. The tokens before stay."
REFUSAL = "memory_word_refusal"  # of what was typed last


def word(run: Run, trace: TranslationTrace, chosen: Selection) -> None:
    """Draw this view of the finished run."""
    answer = st.empty()
    if cell_on_view(trace, chosen)[0] < trace.starts[1]:
        notice("The chosen step is one of the encoder, which writes no token. This is the first step of the decoder.")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        step = step_choice(trace, chosen)
        _forget_tokens_of_another_step(run, trace, chosen, step)
        one, other, refusals = token_choice(run.translator, trace, chosen, step)
        order = order_choice(chosen)
    for refusal in refusals:
        problem(refusal)
    keep_in_address(chosen)
    shown = Word.of(run.translator, trace, step, one, other, order)
    with answer:
        headline(said.word_headline(shown))
    bars, sense = st.columns([11, 9], gap="medium")
    with bars:
        st.plotly_chart(
            theme.on_page(word_bars(shown, is_dark()), "hidden_state", is_dark()),
            theme=None,
            key="memory_word_bars",
            config={"displayModeBar": False},
            alt=f"{said.difference_caption(shown)} {said.terms_caption(shown)}",
        )
        words(said.WORD_SHORT)
    with sense:
        in_words(
            lambda: (
                said.difference_caption(shown), said.terms_caption(shown), said.order_caption(shown),
                said.WORD_CAUTION, said.units_caption(shown),
            )
        )  # fmt: skip
        table("Units with the largest terms", said.unit_header(), said.unit_rows(shown))
    table(said.word_title(shown), said.word_header(), cells_of(said.word_rows(shown)))


def step_choice(trace: TranslationTrace, chosen: Selection) -> int:
    """Which step of the decoder is looked at: the chosen one, or the first where the encoder's is chosen."""
    source = trace.starts[1]
    column, _ = cell_on_view(trace, chosen)
    step = max(column - source, 0)
    written = columns_of(trace)[source:]
    st.selectbox(
        "Token written",
        range(len(written)),
        step,
        format_func=lambda at: f"{at + 1}: {written[at].written} (reading {written[at].read})",
        width=260,
        **telling("memory_word_step", step, lambda step: _take_step(chosen, source + step)),
    )
    return step


def _take_step(chosen: Selection, column: int) -> None:
    chosen.move(column)
    keep_in_address(chosen)


def _forget_tokens_of_another_step(run: Run, trace: TranslationTrace, chosen: Selection, step: int) -> None:
    """Forget the chosen tokens once another step is looked at; those of a link are kept at its first sight."""
    looked_at = (trace.sentence, trace.language, trace.target_tokens, chosen.network, step)
    if st.session_state.setdefault("memory_word_of", looked_at) != looked_at:
        chosen.one = chosen.other = None
        st.session_state.memory_word_of = looked_at
        st.session_state.pop(REFUSAL, None)


def token_choice(
    translator: Translator, trace: TranslationTrace, chosen: Selection, step: int
) -> tuple[int, int, list[str]]:  # fmt: skip
    """Token numbers of A and B, each from a list of the most probable or typed, and why others were refused."""
    tokens, probabilities = translator.target_vocabulary.tokens, softmax(trace.logits[step].astype(np.float64))
    order = np.argsort(-translator.writable(trace.logits[step]), kind="stable")
    refusals = [st.session_state.pop(REFUSAL, "")]
    for name in ("one", "other"):
        if (number := getattr(chosen, name)) is not None and number >= len(tokens):
            setattr(chosen, name, None)
            refusals.append(f"There is no token number {number}: the vocabulary has {len(tokens)} tokens, from 0.")
    one = chosen.one if chosen.one is not None else translator.target_vocabulary[trace.target_tokens[step]]
    if chosen.other == one:
        chosen.other = None
        refusals.append("A and B are the same token, so nothing tells them apart. B is the most probable other token.")
    other = chosen.other if chosen.other is not None else int(next(at for at in order if at != one))
    labels = labels_of(tokens, probabilities, [*order[:OFFERED].tolist(), one, other])
    for name, title, number in (("one", "A: why this token", one), ("other", "B: and not that one", other)):
        shown = list(labels.values())
        take = partial(_take_token, chosen, name, (one, other), labels, tokens, probabilities)
        st.selectbox(
            title,
            shown,
            shown.index(labels[number]),
            accept_new_options=True,
            width=230,
            **telling(f"memory_word_{name}", labels[number], take),
        )
    st.button("Swap A and B", key="memory_word_swap", on_click=_swap, args=(chosen, one, other))
    return one, other, [refusal for refusal in refusals if refusal]


def _take_token(
    chosen: Selection, name: str, before: tuple[int, int], labels: dict[int, str], tokens: tuple[str, ...],
    probabilities: Array, typed: str,
) -> None:  # fmt: skip
    """Take a token from the list or as typed; one that is not there, or is the other one already, is refused."""
    numbers = {label: number for number, label in labels.items()}
    number = numbers.get(typed, number_of(typed, tokens, probabilities))
    one, other = before
    if number is None:
        st.session_state[REFUSAL] = f"“{typed[:60]}” is no token of the vocabulary. The tokens before stay."
    elif number == (other if name == "one" else one):
        st.session_state[REFUSAL] = SAME
    else:
        chosen.one, chosen.other = (number, other) if name == "one" else (one, number)
        keep_in_address(chosen)


def _swap(chosen: Selection, one: int, other: int) -> None:
    chosen.one, chosen.other = other, one
    keep_in_address(chosen)


def order_choice(chosen: Selection) -> Order:
    """In which order the writes are added up to the hidden state."""
    st.segmented_control(
        "Split of the memory part", get_args(Order), default=chosen.writes, required=True,
        **part(chosen, "writes", "memory_writes"),
    )  # fmt: skip
    return chosen.writes
