"""The widgets that pages share. Whatever a person typed passes through here inert."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from models.language.languages import LANGUAGES
from models.recurrent.record import Record
from models.translation.checkpoints import NAME
from viz.networks import networks
from viz.state import BEAMS, Selection, is_past_the_run, selection
from viz.widgets.words import words

EXAMPLES = (
    "She is reading a book.",
    "Where did you buy this book?",
    "The cat is sleeping under the table.",
    "If it rains, I will stay at home.",
    "When I was a child, I lived in a small village.",
    "I have known her since 2010.",  # goes wrong, and in another way in each language
    "Help!",
)


def following(name: str, value: object) -> str:
    """The key of a widget that begins with ``value`` and takes what the reader chooses in a callback.

    Where something else has changed the value since, it is the key of another widget, which begins with the new one:
    a value that the session state sets can be lost in the browser when one run of a fragment follows another at once.
    The first key is the name alone, the next ``name_1``.
    """
    count = f"{name}_count"
    at = st.session_state.setdefault(count, 0)
    if st.session_state.get(_numbered(name, at), value) != value:
        at = st.session_state[count] = at + 1
    return _numbered(name, at)


def _numbered(name: str, at: int) -> str:
    return f"{name}_{at}" if at else name


def part(chosen: Selection, name: str, key: str, after: Callable[[], None] = lambda: None) -> dict[str, Any]:
    """How a widget chooses the part of the selection that is called ``name``: its key, and what takes its value.

    The selection is written in a callback alone, so what a widget has forgotten, as Streamlit's do on the way from one
    page to another, never overwrites what was chosen. The widget must be given the chosen value to begin with.

    Args:
        after: called once a value was taken.
    """
    key = following(key, getattr(chosen, name))

    def take() -> None:
        if (value := st.session_state[key]) is not None:
            setattr(chosen, name, value)
            after()

    return {"key": key, "on_change": take}


def sentence_and_language(has_beam: bool = True) -> Selection:
    """The sentence, the language switch, the examples and the decoder, on one line.

    A page that translates greedily, whatever was chosen elsewhere, does without the beam.
    """
    chosen = selection()
    field, switch, examples, decoder = st.columns([6, 2.2, 1.5, 1.5], vertical_alignment="bottom")
    with field:
        st.text_input(
            "English sentence", chosen.sentence, label_visibility="collapsed", placeholder="Type an English sentence",
            **part(chosen, "sentence", "sentence_input", chosen.look_at_the_best),
        )  # fmt: skip
    with switch:
        st.segmented_control(
            "Translate to", list(LANGUAGES), default=chosen.language, format_func=LANGUAGES.__getitem__, required=True,
            label_visibility="collapsed", **part(chosen, "language", "language_switch", chosen.look_at_the_best),
        )  # fmt: skip
    with examples, st.popover("Examples", width="stretch"):
        for number, example in enumerate(EXAMPLES):
            st.button(example, key=f"example_{number}", on_click=_take, args=(chosen, example), type="tertiary")
    with decoder:
        _decoder(chosen, has_beam)
    return chosen


def _decoder(chosen: Selection, has_beam: bool) -> None:
    """How the translation is searched for, and by which network."""
    beam, network = chosen.beam, chosen.network
    said = [f"Beam {beam}"] * (has_beam and beam > 1) + [networks()[network].label] * (network != NAME)
    menu = st.popover(", ".join(said).capitalize() or "Decoder", width="stretch", key="decoder_menu")
    with menu, st.container(width=340):
        if has_beam:
            st.segmented_control(
                "Beam", BEAMS, default=beam, required=True,
                **part(chosen, "beam", "beam_choice", chosen.look_at_the_best),
            )  # fmt: skip
            words(
                "1 is greedy search: the most probable token each time. With N, the N most probable beginnings are "
                "followed at once, and the one that ends with the best score is shown."
            )
        else:
            words("This page translates greedily: the most probable token each time.")
        network_choice(
            "Network", network, **part(chosen, "network", "network_choice", chosen.look_at_the_best)
        )  # fmt: skip
        words(
            "Untrained: the translator at the random weights that its training started from. The time machine is "
            "another, smaller training whose earlier states were kept."
        )


def network_choice(label: str, network: str, **key_and_callback: Any) -> None:
    """Which of the shipped networks; begins with ``network``. To be given the ``key`` and ``on_change`` of a widget."""
    known = networks()
    st.selectbox(
        label, list(known), list(known).index(network), format_func=lambda name: known[name].label, **key_and_callback
    )


def warn_of_link(record: Record, chosen: Selection) -> None:
    """Say so if the address asks for a step or a unit that this run does not have."""
    if is_past_the_run(record, chosen):
        words(f"The link points past this run, which has {record.steps} steps; the nearest cell is selected.")


def layer_choice(record: Record, chosen: Selection) -> int:
    """Which layer is looked at; asked for only where there are several."""
    layers = record.layers
    if layers == 1:
        return 0
    chosen.layer = min(chosen.layer, layers - 1)
    st.segmented_control(
        "Layer", list(range(layers)), default=chosen.layer, required=True,
        **part(chosen, "layer", "layer_choice"),
    )  # fmt: skip
    return chosen.layer


def _take(chosen: Selection, example: str) -> None:
    chosen.sentence = example
    chosen.look_at_the_best()
