"""Gradients: how far back a loss reaches, along the memory alone and along all paths, in three kinds of cell."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import streamlit as st

from models import AssetError, TranslationTrace
from models.language.vocabulary import START
from models.learning.flows import Answered, TaskQuestion, TranslationQuestion
from models.learning.tasks import TASKS, TaskError
from models.learning.tasks.variants import SEEDS
from models.recurrent.trace import MAPS, Array
from viz import loading
from viz.figures import gradient_captions as said
from viz.figures.gradients import (
    FUNCTION,
    SIGMOID,
    TANH,
    inputs_figure,
    loss_lines,
    norms_figure,
    path_lines,
    squashing_figure,
)
from viz.gradients.worker import WORKER, WorkerError
from viz.live.microscope import style
from viz.networks import parts_of
from viz.serving.asked import ask_on_top
from viz.state import GradientsOf, Selection, keep_in_address, selection
from viz.widgets.choices import part, say_network, sentence_and_language, telling
from viz.widgets.sequence import (
    STYLE,
    forget_units,
    gap_slider,
    made,
    sequence_field,
    take_task,
    task_choice,
)
from viz.widgets.words import folding, frame, headline, is_dark, notice, picture, problem, words

OF: dict[GradientsOf, str] = {"task": "A task’s sequence", "sentence": "The translated sentence"}
FOLLOWED = [key for key, task in TASKS.items() if not task.decodes]  # through one layer: no decoder
EXPLODING = {
    "task": "france", "typed": "", "gap": 100, "draw": 1, "random_weights": 1, "random_seed": 4, "bias": 30,
    "scale": 120, "gradients_of": "task",
}  # fmt: skip
VANISHING = {**EXPLODING, "random_seed": 1, "bias": 10, "scale": 10}


def page() -> None:
    style()
    st.html(STYLE)
    st.title("Gradients", anchor=False)
    words(
        "Training changes weights by gradients. How much of a mistake at the end still reaches the beginning? Exactly, "
        "by automatic differentiation, step by step."
    )
    chosen = selection()
    st.segmented_control(
        "Of what", list(OF), default=chosen.gradients_of, format_func=OF.__getitem__, required=True,
        label_visibility="collapsed", **part(chosen, "gradients_of", "gradients_of"),
    )  # fmt: skip
    if chosen.gradients_of == "task":
        of_task(chosen)
    else:
        of_sentence(chosen)


# --- a task's sequence


@st.fragment
def of_task(chosen: Selection) -> None:
    if chosen.task not in FOLLOWED:
        notice(
            f"{TASKS[chosen.task].name} has an encoder and a decoder; gradients are followed through one layer here."
        )
        st.selectbox(
            "Task", FOLLOWED, None, format_func=lambda key: TASKS[key].name, placeholder="Choose another task",
            width=320, **telling("gradient_other", None, lambda key: take_task(chosen, key)),
        )  # fmt: skip
        keep_in_address(chosen)
        return
    sequence_choice(chosen)
    weights_choice(chosen)
    keep_in_address(chosen)
    question = task_question(chosen)
    if question is None:
        return
    found = computed(question)
    if found is None:
        return
    flows(found)
    lstm = found.followed[0]
    st.subheader("Which input, and which write", anchor=False)
    if question.is_trained and question.scale == 1:
        network = loading.task_networks(question.task)["lstm", question.seed]
        record = network.run(TASKS[question.task].example_of(question.read)).record
        figure = inputs_figure(lstm, record, found.labels, is_dark())
        picture(figure, said.inputs_caption(lstm, record, found.labels), "gradient_inputs")
        words(said.QUESTIONS)
    else:
        words("The ledger belongs to a trained network as it is: choose trained weights, recurrent weights times 1.")
    clipping(found)
    squashing(lstm.pre_activations)


def sequence_choice(chosen: Selection) -> None:
    which, typed, gap = st.columns([2.4, 5, 3], vertical_alignment="bottom")
    with which:
        task_choice(chosen, "gradient_task", FOLLOWED)
    with typed:
        sequence_field(chosen, "gradient_typed")
    with gap:
        gap_slider(chosen, "gradient_gap")


def weights_choice(chosen: Selection) -> None:
    """Trained or random weights, and what is changed of them."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.segmented_control(
            "Weights", [0, 1], default=chosen.random_weights, format_func=["Trained", "Random"].__getitem__,
            required=True, width="content", **part(chosen, "random_weights", "gradient_weights"),
        )  # fmt: skip
        if chosen.random_weights:
            seed = part(chosen, "random_seed", "gradient_seed")
            st.number_input("Seed", 0, 999, chosen.random_seed, width=150, **seed)
            st.slider(  # a training has moved it elsewhere
                "Forget-gate bias", 0.0, 5.0, chosen.bias / 10, 0.1, width=210,
                **telling("gradient_bias", chosen.bias / 10, lambda value: setattr(chosen, "bias", round(10 * value))),
            )  # fmt: skip
        else:
            st.segmented_control(
                "Seed of its training", SEEDS, default=chosen.weights, required=True, width="content",
                **part(chosen, "weights", "gradient_trained_seed", lambda: forget_units(chosen)),
            )  # fmt: skip
        st.slider(
            "Recurrent weights times", 0.1, 15.0, chosen.scale / 10, 0.1, width=210,
            **telling("gradient_scale", chosen.scale / 10, lambda value: setattr(chosen, "scale", round(10 * value))),
        )  # fmt: skip
        st.button("An LSTM explodes", key="gradient_explodes", on_click=_set, args=(chosen, EXPLODING))
        st.button("An RNN vanishes", key="gradient_vanishes", on_click=_set, args=(chosen, VANISHING))
    if chosen.random_weights:
        start = " This is what a training starts from." if (chosen.bias, chosen.scale) == (10, 10) else ""
        notice(f"These weights are random: nothing was trained.{start}")
    elif chosen.scale != 10:
        notice("These are trained weights with their recurrent part multiplied: no training has made them so.")


def _set(chosen: Selection, preset: Mapping[str, Any]) -> None:
    take_task(chosen, preset["task"])
    for name, value in preset.items():
        setattr(chosen, name, value)


def task_question(chosen: Selection) -> TaskQuestion | None:
    """What is asked; None, and why, where the sequence cannot be read. The example before then stays in the field."""
    task = TASKS[chosen.task]
    try:
        example = task.parse(chosen.typed) if chosen.typed else made(chosen)
        if not example.wanted:
            raise TaskError(f"Nothing is asked in this sequence, so there is no loss. {task.READS}")
    except TaskError as error:
        question = st.session_state.get("gradient_question")
        if question is None or question.task != chosen.task:
            problem(str(error))
            return None
        problem(f"{error} What stands below is still the sequence before.")
        return question
    seed = chosen.random_seed if chosen.random_weights else chosen.weights
    bias = chosen.bias / 10 if chosen.random_weights else 1.0
    question = TaskQuestion(chosen.task, example.read, not chosen.random_weights, seed, bias, chosen.scale / 10)
    st.session_state.gradient_question = question
    return question


def computed(question: Any) -> Answered | None:
    """The answer of the worker; None, and why, where there is none."""
    try:
        if WORKER.knows(question):
            return WORKER.answer(question)
        with st.spinner("Following the gradients. The first time, this takes a few seconds."):
            return WORKER.answer(question)
    except (AssetError, WorkerError) as error:
        problem(str(error))
        return None


# --- what was found


def flows(found: Answered) -> None:
    """Both pictures of norms by step, side by side."""
    followed, labels = found.followed, found.labels
    headline(said.headline(followed))
    loss, path = st.columns(2, gap="medium")
    lines = loss_lines(followed)
    with loss:
        figure = norms_figure("Gradient of the loss by each state", "norm", lines, labels, is_dark())
        picture(figure, f"{said.loss_caption(followed)} {said.range_caption(lines)}", "gradient_loss")
    with path:
        figure = norms_figure("From each state to the last", "norm", path_lines(followed), labels, is_dark())
        picture(figure, said.path_caption(followed), "gradient_paths")
    with folding("All norms as a table", "gradient_table") as box:
        if box.open:
            frame(said.flow_table(followed, labels), "gradient_frame")


def clipping(found: Answered) -> None:
    st.subheader("Clipping by norm, and what it does to a step", anchor=False)
    for each in found.followed:
        if each.clipping is not None:
            words(said.clipping_caption(each.cell, each.clipping))


def squashing(points: Mapping[str, Array]) -> None:
    st.subheader("σ and tanh, and where this run has used them", anchor=False)
    for box, function in zip(st.columns(2, gap="medium"), (SIGMOID, TANH), strict=True):
        with box:
            of_function = {name: values for name, values in points.items() if FUNCTION[name] is function}
            figure = squashing_figure(function, of_function, is_dark())
            picture(figure, said.squashing_caption(function, of_function), f"gradient_{function.name}")
    words("The points are the LSTM’s: what each gate, the candidate and tanh of the cell state were given.")


# --- the translated sentence


def of_sentence(chosen: Selection) -> None:
    say_network(sentence_and_language(has_beam=False))
    found = ask_on_top(chosen)
    keep_in_address(chosen)
    if found.refusal:
        problem(found.said)
    if found.run is None:
        return
    trace = found.run.looking_at(chosen.hypothesis).finish()
    translator = found.run.translator
    network, state = parts_of(loading.network_of(translator))
    words(f"The loss is −log p of the tokens that were written, summed: “{trace.text}”.")
    question = TranslationQuestion(
        tuple(translator.source_vocabulary[token] for token in trace.source_tokens),
        tuple(translator.target_vocabulary[token] for token in trace.target_tokens),
        translator.target_vocabulary[START], network, state, written_choice(trace, chosen),
    )  # fmt: skip
    answered = computed(question)
    if answered is None:
        return
    encoder, decoder = trace.parts
    labels = (*encoder.labels, *decoder.labels)
    flows(Answered(labels, answered.followed))
    words(
        "States of the encoder come first, then those of the decoder, which starts from the encoder’s last. Gradients "
        "also go through the attention; all paths and gates alone do not: they are those of the recurrence."
    )
    st.subheader("Which input, and which write", anchor=False)
    (found,), step = answered.followed, trace.starts[1] + question.written
    read = (*encoder.read, *decoder.read)
    figure = inputs_figure(found, trace, read, is_dark(), step)
    of = f"the logit of “{decoder.labels[question.written]}”"
    picture(figure, said.inputs_caption(found, trace, read, step, of), "gradient_inputs")
    words(said.QUESTIONS)
    squashing(points_of(trace))


def written_choice(trace: TranslationTrace, chosen: Selection) -> int:
    """Which written token is looked at by itself: that of the chosen step, or the first."""
    written = trace.parts[1].labels
    at = min(max((chosen.column or 0) - trace.starts[1], 0), len(written) - 1)
    st.selectbox(
        "Token written", range(len(written)), at, format_func=lambda place: f"{place + 1}: {written[place]}", width=260,
        **telling("gradient_written", at, lambda place: chosen.move(trace.starts[1] + place)),
    )  # fmt: skip
    return at


def points_of(trace: TranslationTrace) -> dict[str, Array]:
    """What σ and tanh were given in the recorded run, in the encoder and then the decoder, (S + T, H) each."""
    traces = [part.trace() for part in trace.parts]
    found = {name: np.concatenate([getattr(each.pre_activation, name) for each in traces]) for name in MAPS}
    return {**found, "cell_state": np.concatenate([each.cell_state for each in traces])}


if __name__ == "__main__":
    page()
