"""The widgets that pages share. Whatever a person typed passes through here inert."""

from typing import Any, cast

import streamlit as st

from models.language.languages import LANGUAGES, Language
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
    """
    count = f"{name}_count"
    at = st.session_state.setdefault(count, 0)
    if st.session_state.get(f"{name}_{at}", value) != value:
        at = st.session_state[count] = at + 1
    return f"{name}_{at}"


def sentence_and_language(has_beam: bool = True) -> Selection:
    """The sentence, the language switch, the examples and the decoder, on one line.

    A page that translates greedily, whatever was chosen elsewhere, does without the beam.
    """
    chosen = selection()
    field, switch, examples, decoder = st.columns([6, 2.2, 1.5, 1.5], vertical_alignment="bottom")
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
    with decoder:
        beam, network = _decoder(chosen, has_beam)
    # None for a switch after a visit to another page with the same one
    wanted = (typed or "", cast(Language, language or chosen.language), beam or chosen.beam, network)
    if wanted != (chosen.sentence, chosen.language, chosen.beam, chosen.network):
        chosen.sentence, chosen.language, chosen.beam, chosen.network = wanted
        chosen.hypothesis = 1  # of another search
    return chosen


def _decoder(chosen: Selection, has_beam: bool) -> tuple[int, str]:
    """How the translation is searched for, and by which network."""
    if st.session_state.get("beam_choice") is None:  # None after a visit to another page with the same field
        st.session_state.beam_choice = chosen.beam
    beam, network = st.session_state.beam_choice, st.session_state.get(_network_key()) or chosen.network
    said = [f"Beam {beam}"] * (has_beam and beam > 1) + [networks()[network].label] * (network != NAME)
    menu = st.popover(", ".join(said).capitalize() or "Decoder", width="stretch", key="decoder_menu")
    with menu, st.container(width=340):
        if has_beam:
            beam = st.segmented_control("Beam", BEAMS, key="beam_choice", required=True)
            words(
                "1 is greedy search: the most probable token each time. With N, the N most probable beginnings are "
                "followed at once, and the one that ends with the best score is shown."
            )
        else:
            words("This page translates greedily: the most probable token each time.")
        network = network_choice("Network", _network_key(), chosen.network)
        words(
            "Untrained: the translator at the random weights that its training started from. The time machine is "
            "another, smaller training whose earlier states were kept."
        )
    return beam, network


def take_network(chosen: Selection, network: str) -> None:
    """Choose a network elsewhere than in the menu of the decoder, which begins with it from now on.

    To be called in a callback. The menu gets another widget: a value that is set while the menu is closed is not seen
    once it opens, and the browser would send the one before with whatever is typed next.
    """
    chosen.network = network
    st.session_state.network_moves = st.session_state.get("network_moves", 0) + 1


def _network_key() -> str:
    return f"network_choice{st.session_state.get('network_moves', '')}"


def network_choice(label: str, key: str, network: str, **callback: Any) -> str:
    """Which of the shipped networks; begins with ``network``. ``callback`` is ``on_change`` and its ``args``."""
    known = networks()
    found = st.selectbox(
        label, list(known), list(known).index(network), format_func=lambda name: known[name].label, key=key, **callback
    )
    return found or network  # None after a visit to another page with the same field


def warn_of_link(record: Record, chosen: Selection) -> None:
    """Say so if the address asks for a step or a unit that this run does not have."""
    if is_past_the_run(record, chosen):
        words(f"The link points past this run, which has {record.steps} steps; the nearest cell is selected.")


def layer_choice(record: Record, chosen: Selection) -> int:
    """Which layer is looked at; asked for only where there are several."""
    layers = record.layers
    if layers == 1:
        return 0
    chosen.layer = st.segmented_control(
        "Layer", list(range(layers)), default=min(chosen.layer, layers - 1), key="layer_choice", required=True
    )
    return chosen.layer


def _take(example: str) -> None:
    st.session_state.sentence_input = example
