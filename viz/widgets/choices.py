"""The widgets that pages share. Whatever a person typed passes through here inert."""

from collections.abc import Callable
from functools import partial
from html import escape
from typing import Any

import streamlit as st

from models.language.languages import LANGUAGES
from models.recurrent.record import Record
from models.translation.checkpoints import NAME
from viz.networks import NetworkKey, label_of, networks
from viz.state import BEAMS, Selection, is_past_the_run, selection
from viz.widgets.words import words

EXAMPLES = (
    "She is reading a book.",
    "Where did you buy this book?",
    "If it rains, I will stay at home.",
    "The doctor looked at my tongue.",
)
GOES_WRONG = EXAMPLES[-1]  # the tongue becomes a mother tongue, in both languages
CHIPS = """<style>
.st-key-examples {gap: 0 0.5rem; align-items: center; min-height: 1.625rem;}
.st-key-examples .stElementContainer {margin: 0;}
.st-key-examples [role=radiogroup] {flex-wrap: wrap; overflow: visible; gap: 0.25rem 0.5rem;}
.st-key-examples p {font-size: 0.875rem; margin: 0;}
.st-key-examples button {min-height: 1.625rem; height: 1.625rem; padding: 0 0.625rem; border-radius: 0.8125rem;}
</style>
<p>Try</p>"""


def following(name: str, value: object) -> str:
    """The key of a widget that begins with ``value`` and takes what the reader chooses in a callback.

    Where something else has changed the value since, it is the key of another widget, which begins with the new one:
    a value that the session state sets can be lost in the browser when one run of a fragment follows another at once.
    So it is where this has happened on other pages, while the session did not keep what the widget was set to: the
    browser may. The first key is the name alone, the next ``name_1``.
    """
    at, before = st.session_state.get(f"{name}_shown", (0, value))
    if st.session_state.get(_numbered(name, at), before) != value:
        at += 1
    st.session_state[f"{name}_shown"] = at, value
    return _numbered(name, at)


def _numbered(name: str, at: int) -> str:
    return f"{name}_{at}" if at else name


def telling(name: str, value: Any, take: Callable[[Any], None], may_be_empty: bool = False) -> dict[str, Any]:
    """Key and callback of a widget that begins with ``value`` and tells ``take`` what the reader chooses instead.

    None is a choice only where the widget ``may_be_empty``.

    On the way from one page to another Streamlit forgets what widgets were set to, and the browser may still send what
    one of the page before has shown, for a list its label where it is none of the options any more: nothing of this is
    a choice, so nothing of it reaches ``take``.
    """
    key = following(name, value)

    def changed() -> None:
        found = st.session_state.get(key, value)
        is_choice = may_be_empty if found is None or value is None else isinstance(found, type(value))
        if found != value and is_choice:
            take(found)

    return {"key": key, "on_change": changed}


def part(chosen: Selection, name: str, key: str, after: Callable[[], None] = lambda: None) -> dict[str, Any]:
    """Key and callback of a widget that chooses the part of the selection that is called ``name``.

    The widget must be given the chosen value to begin with. ``after`` is called once another was taken.
    """

    def take(value: Any) -> None:
        setattr(chosen, name, value)
        after()

    return telling(key, getattr(chosen, name), take)


def sentence_and_language(has_beam: bool = True, has_examples: bool = False) -> Selection:
    """The sentence, the language switch and the decoder on one line, and where it is asked for examples beneath.

    A page that translates greedily, whatever was chosen elsewhere, does without the beam.
    """
    chosen = selection()
    field, switch, decoder = st.columns([6, 2.2, 3], vertical_alignment="bottom")
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
    with decoder:
        _decoder(chosen, has_beam)
    if has_examples:
        _examples(chosen)
    return chosen


def _examples(chosen: Selection) -> None:
    with st.container(horizontal=True, key="examples"):
        st.html(CHIPS, width="content")
        shown = chosen.sentence if chosen.sentence in EXAMPLES else None
        st.pills(
            "Examples", EXAMPLES, default=shown, format_func=example_label, label_visibility="collapsed",
            width="content", **telling("example", shown, partial(_take, chosen), may_be_empty=True),
        )  # fmt: skip


def example_label(sentence: str) -> str:
    """What stands on the chip of an example."""
    return f"{sentence} (goes wrong)" if sentence == GOES_WRONG else sentence


def say_network(chosen: Selection) -> None:
    """Which network all pages show, where it is not the main one, and the way back to the one before."""
    place = st.empty()  # in its place even when there is nothing to say: what stands below keeps its own
    if chosen.network == NAME:
        return
    before = chosen.before if chosen.before not in (None, chosen.network) else NAME
    with place.container(horizontal=True, vertical_alignment="center", gap="small", key="other_network"):
        said = f"Every page now shows another network: {escape(label_of(chosen.network))}."
        st.html(f'<p style="margin:0">{said}</p>', width="content")
        st.button(
            f"Back to {label_of(before)}", key="network_back", type="tertiary", on_click=_back_to,
            args=(chosen, before),
        )  # fmt: skip


def _back_to(chosen: Selection, network: NetworkKey) -> None:
    if chosen.before is not None:
        chosen.b_network = None  # what was tried on Compare goes with it
    chosen.network = network
    _chosen(chosen)


def _decoder(chosen: Selection, has_beam: bool) -> None:
    """How the translation is searched for, and by which network."""
    beam, network = chosen.beam, chosen.network
    said = [f"Beam {beam}"] * (has_beam and beam > 1) + [label_of(network)] * (network != NAME)
    menu = st.popover(", ".join(said).capitalize() or "Decoder", key="decoder_menu")
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
        network_choice("Network", network, **part(chosen, "network", "network_choice", partial(_chosen, chosen)))
        words(
            "Untrained: the translator at the random weights that its training started from. The time machine is "
            "another, smaller training whose earlier states were kept."
        )


def _chosen(chosen: Selection) -> None:
    chosen.keep_network()
    chosen.look_at_the_best()


def network_choice(label: str, network: str, **key_and_callback: Any) -> None:
    """Which of the shipped networks; begins with ``network``. To be given the ``key`` and ``on_change`` of a widget."""
    known = list(dict.fromkeys([*networks(), network]))
    st.selectbox(label, known, known.index(network), format_func=label_of, **key_and_callback)


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


def _take(chosen: Selection, example: str | None) -> None:
    if example is not None:  # a second click on the one that is shown changes nothing
        chosen.sentence = example
        chosen.look_at_the_best()
