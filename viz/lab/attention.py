"""Attention changed by hand: weights dragged or typed, or uniform, shuffled, none at all."""

from dataclasses import replace
from typing import Any

import streamlit as st

from models import TranslationTrace
from models.translation.interventions import Intervention, InterventionError
from models.translation.translator import Source
from viz.figures.columns import columns_in
from viz.lab.experiment import Experiment
from viz.lab.listed import append, refuse
from viz.serving.modules import stub
from viz.state import Selection
from viz.widgets.words import folding, words

STEP, SEED, KEY = "lab_attention_step", "lab_permute_seed", "lab_weights"
EVERY = -1  # step
CAVEAT = (
    "A weight says how much of one source state goes into the context. It is no explanation of the word that is "
    "written: every state has read all the tokens before it, and the states resemble one another, so a weight on one "
    "position is not a weight on that word alone. Where shuffled or uniform weights change nothing, the word did not "
    "depend on them; where they change something, that alone does not make them an explanation (Jain and Wallace 2019, "
    "Wiegreffe and Pinter 2019, Mohankumar et al. 2020)."
)

weights = st.components.v2.component(
    "attention_weights",
    html='<div class="weights"></div>',
    js=stub("weights.js"),
)


def attention(experiment: Experiment, chosen: Selection) -> None:
    """The part of the page about attention, folded away at first."""
    with folding("Change the attention: drag or type weights, uniform, shuffled, none", "lab_attention") as box:
        trace = experiment.after.trace
        if not box.open or trace is None:
            return
        words(CAVEAT)
        step = _where(trace)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            _button("Uniform", "lab_uniform", chosen, _edit(step, value=1.0))
            _button("None", "lab_none", chosen, _edit(step, value=0.0))
            seed = st.number_input("Seed of the shuffle", 0, 999_999, 1, key=SEED, width=150)
            _button("Shuffled", "lab_shuffled", chosen, _edit(step, kind="permute", value=float(seed)))
        words(
            "Or drag, use the arrow keys, or type. Whatever you set is scaled so that all weights sum to 1; if all are "
            "0, nothing is read from the source."
        )
        _rows(experiment, trace, chosen, step)


def _where(trace: TranslationTrace) -> int:
    """Which decoder step, or every one."""
    written = columns_in(trace.part("decoder"))
    options = [EVERY, *range(len(written))]
    if st.session_state.get(STEP) not in options:
        st.session_state[STEP] = EVERY
    return st.selectbox(
        "Decoder step whose weights are changed", options, key=STEP, width=340,
        format_func=lambda at: "every step" if at == EVERY else f"{at + 1}: writes {written[at].written}",
    )  # fmt: skip


def _edit(step: int, **change: Any) -> Intervention:
    """An intervention on the attention of one step, or of every one."""
    first, last = (0, None) if step == EVERY else (step, step)
    return Intervention("attention", first=first, last=last, **change)


def _button(label: str, key: str, chosen: Selection, each: Intervention) -> None:
    st.button(label, key=key, on_click=append, args=(chosen, each))


def _rows(experiment: Experiment, trace: TranslationTrace, chosen: Selection, step: int) -> None:
    """a row for each source state, beginning with the weights of the run as it becomes."""
    source = trace.parts[0].steps
    now = [1 / source] * source if step == EVERY else trace.attention[step].tolist()
    weights(
        data={
            "of": f"{experiment.after.id} {step}",
            "tokens": [f"{column.step} {column.label}" for column in columns_in(trace.parts[0])],
            "weights": now,
        },
        key=KEY,
        on_weights_change=lambda: _take(experiment.after.source, chosen, step),
    )


def _take(source: Source, chosen: Selection, step: int) -> None:
    """The weights that were dragged or typed; those of the same step that were set just before make way for them."""
    found = st.session_state[KEY].get("weights")
    try:
        each = typed(found, len(source.tokens), step)
        before = chosen.interventions[-1] if chosen.interventions else None
        append(chosen, each, before is not None and bool(before.values) and replace(before, values=each.values) == each)
    except InterventionError as error:
        refuse(str(error))


def typed(found: Any, positions: int, step: int) -> Intervention:
    """Weights as the browser sent them, one for each source state, as an intervention.

    Raises:
        InterventionError: they are not that.
    """
    values = found.get("values") if isinstance(found, dict) else None
    if not isinstance(values, list) or len(values) != positions:
        raise InterventionError("These weights are of another sentence.")
    if any(isinstance(value, bool) or not isinstance(value, int | float) or value < 0 for value in values):
        raise InterventionError("Attention weights are numbers from 0 on.")
    return _edit(step, units=tuple(range(positions)), values=tuple(round(float(value), 4) for value in values))
