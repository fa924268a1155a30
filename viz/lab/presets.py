"""The classics on whatever was typed: each asks what will happen before it shows what does."""

from dataclasses import dataclass

import streamlit as st

from models.recurrent.trace import Side
from models.translation.interventions import Intervention, Target
from viz.figures.effect_captions import OUTCOMES, guess_caption
from viz.lab.experiment import Experiment, question_of
from viz.lab.listed import put
from viz.state import Selection
from viz.widgets.words import words

ASKED, SHOWN, SIDES_CHOICE, GUESS = "lab_asked", "lab_shown", "lab_preset_sides", "lab_guess"
SIDES: dict[str, tuple[Side, ...]] = {
    "both": ("encoder", "decoder"), "encoder": ("encoder",), "decoder": ("decoder",)
}  # fmt: skip
SIDES_NAMED = {"both": "Encoder and decoder", "encoder": "Encoder", "decoder": "Decoder"}


@dataclass(frozen=True)
class Preset:
    """Gates that are held at one value in all units and steps, and what is asked about it."""

    label: str
    held: tuple[tuple[Target, float], ...]
    question: str


PRESETS = {
    "never_forget": Preset(
        "Never forget (f = 1)",
        (("forget_gate", 1.0),),
        "A forget gate of 1 keeps, 0 erases. Held at 1, no step fades what is in the cell state: it only adds to it, "
        "and the sum has no bound.",
    ),
    "always_forget": Preset(
        "Always forget (f = 0)",
        (("forget_gate", 0.0),),
        "With the forget gate held at 0, every step erases the cell state before it. What is left is what the step "
        "itself writes, and the hidden state of the step before, which the gates still see.",
    ),
    "write_nothing": Preset(
        "Write nothing (i = 0)",
        (("input_gate", 0.0),),
        "Only the input gate times the candidate adds to the cell state. With the input gate held at 0 nothing new "
        "gets in; the forget gate can only fade what is there.",
    ),
    "show_nothing": Preset(
        "Show nothing (o = 0)",
        (("output_gate", 0.0),),
        "The output gate never touches the cell state. Held at 0, the cell goes on writing, but its hidden state is 0: "
        "the next step's gates, attention and the output layer see nothing of it.",
    ),
    "no_gates": Preset(
        "No gates (f = i = o = 1)",
        (("forget_gate", 1.0), ("input_gate", 1.0), ("output_gate", 1.0)),
        "With all three gates held at 1, every candidate is added in full, nothing fades, and all of tanh of the cell "
        "state is shown.",
    ),
}


def interventions_of(preset: Preset, sides: str, layers: int) -> tuple[Intervention, ...]:
    return tuple(
        Intervention(target, side=side, layer=layer, value=value)
        for side in SIDES[sides]
        for layer in range(layers)
        for target, value in preset.held
    )


def presets(experiment: Experiment, chosen: Selection) -> None:
    """The row of buttons, and beneath it the question that was asked or its answer."""
    with st.container(horizontal=True, vertical_alignment="center", key="lab_presets"):
        for name, preset in PRESETS.items():
            st.button(preset.label, key=f"lab_preset_{name}", on_click=_ask, args=(name,))
        st.selectbox(
            "Where the presets hold", list(SIDES), format_func=SIDES_NAMED.__getitem__, key=SIDES_CHOICE, width=200,
            label_visibility="collapsed",
        )  # fmt: skip
    if (name := st.session_state.get(ASKED)) in PRESETS:
        _question(name, experiment, chosen)
    else:
        _answer(experiment, chosen)


def _ask(name: str) -> None:
    st.session_state[ASKED] = name
    st.session_state.pop(GUESS, None)


def _question(name: str, experiment: Experiment, chosen: Selection) -> None:
    preset, sides = PRESETS[name], st.session_state[SIDES_CHOICE]
    where = SIDES_NAMED[sides].lower()
    with st.container(border=True, key="lab_question"):
        words(f"{preset.label}, {where}. {preset.question}")
        guess = st.radio(
            "What will happen to the translation?", list(OUTCOMES), None, format_func=OUTCOMES.__getitem__, key=GUESS,
            horizontal=True,
        )  # fmt: skip
        with st.container(horizontal=True, vertical_alignment="center"):
            layers = experiment.after.translator.config.layers
            st.button(
                "Show me", key="lab_show", on_click=_show, disabled=guess is None,
                args=(chosen, interventions_of(preset, sides, layers), name, guess),
            )  # fmt: skip
            st.button("Not now", key="lab_not_now", on_click=_ask, args=("",), type="tertiary")
            st.html("<p>It takes the place of the list below; Undo brings that back.</p>")


def _show(chosen: Selection, interventions: tuple[Intervention, ...], name: str, guess: str) -> None:
    put(chosen, interventions)
    st.session_state[ASKED] = ""
    st.session_state[SHOWN] = (question_of(chosen), name, guess)


def _answer(experiment: Experiment, chosen: Selection) -> None:
    """What did happen beside the guess, as long as the question is still the same."""
    of, name, guess = st.session_state.get(SHOWN, (None, "", ""))
    before, after = experiment.before.trace, experiment.after.trace
    if of == question_of(chosen) == experiment.question and before is not None and after is not None:
        words(f"{PRESETS[name].label}. {guess_caption(guess, before, after)}")
