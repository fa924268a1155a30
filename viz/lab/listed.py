"""The ordered list of interventions: on view in plain words, changed step by step, and nothing lost on the way."""

from html import escape

import streamlit as st

from models import AssetError, SentenceError
from models.translation.interventions import Intervention, InterventionError
from viz.figures.wording import capitalised
from viz.lab.experiment import REFUSED, Experiment, add, source_of
from viz.lab.wording import in_words, token_in_words
from viz.state import Selection
from viz.widgets.words import notice, problem

Listed = tuple[Intervention, ...]
PAST, FUTURE = "lab_past", "lab_future"
CHANGED = "Changed, in this order (the address of this page is a link to it):"
UNCHANGED = "Nothing is changed yet: both sides are the same run. Press one of the buttons above, or change something."
SCROLLS = 4  # rows from which on the list scrolls by itself


def put(chosen: Selection, interventions: Listed) -> None:
    """Make this the list; what was there can be brought back."""
    st.session_state.pop(REFUSED, None)
    chosen.unreadable = ""
    if interventions != chosen.interventions:
        st.session_state.setdefault(PAST, []).append(chosen.interventions)
        st.session_state[FUTURE] = []
        chosen.interventions = interventions


def append(chosen: Selection, each: Intervention, instead_of_last: bool = False) -> bool:
    """Put an intervention at the end of the list, or in the place of the last; or keep the list and say why not."""
    try:
        put(chosen, add(chosen, chosen.interventions[:-1] if instead_of_last else chosen.interventions, each))
    except (SentenceError, AssetError, InterventionError) as error:
        refuse(str(error))
        return False
    return True


def refuse(why: str) -> None:
    """Say, where the list is, why what was asked for was not done."""
    st.session_state[REFUSED] = capitalised(why).removesuffix(".") + "."


def listed(experiment: Experiment, chosen: Selection) -> None:
    """The list with its buttons, and what there is to say about it."""
    if chosen.unreadable:
        problem(f"The interventions in the address were not taken: {chosen.unreadable}.")
    if refused := st.session_state.get(REFUSED):
        problem(f"{refused} Nothing was changed.")
    with st.container(horizontal=True, vertical_alignment="center", key="lab_history"):
        st.html(f"<p>{CHANGED if chosen.interventions else UNCHANGED}</p>", width="content")
        past, future = st.session_state.get(PAST), st.session_state.get(FUTURE)
        st.button("Undo", key="lab_undo", on_click=_undo, args=(chosen,), disabled=not past, shortcut="Ctrl+Z")
        st.button("Redo", key="lab_redo", on_click=_redo, args=(chosen,), disabled=not future, shortcut="Ctrl+Y")
        st.button("Clear", key="lab_clear", on_click=put, args=(chosen, ()), disabled=not chosen.interventions)
    if chosen.interventions:
        with st.container(height=150 if len(chosen.interventions) > SCROLLS else "content", key="lab_list", gap=None):
            for place in range(len(chosen.interventions)):
                _row(experiment, chosen, place)
        _never_reached(experiment)


def _row(experiment: Experiment, chosen: Selection, place: int) -> None:
    each, last = chosen.interventions[place], len(chosen.interventions) - 1
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.html(f"<p>{place + 1}. {_html(each, experiment, chosen)}</p>")
        for sign, name, other in (("↑", "up", place - 1), ("↓", "down", place + 1)):
            st.button(
                f"{sign} Move {place + 1} {name}", key=f"lab_{name}_{place}", on_click=_swap, type="tertiary",
                args=(chosen, place, other), disabled=not 0 <= other <= last,
            )  # fmt: skip
        st.button(
            f"Remove {place + 1}", key=f"lab_remove_{place}", on_click=_remove, args=(chosen, place), type="tertiary"
        )


def _html(each: Intervention, experiment: Experiment, chosen: Selection) -> str:
    """The words, a target token marked with its language."""
    try:
        translator, source = source_of(chosen)
    except (SentenceError, AssetError):
        translator, source = experiment.after.translator, experiment.after.source
    said = escape(in_words(each, translator, source))
    if each.target != "token":
        return said
    token = escape(token_in_words(each, translator))
    return said.replace(f"“{token}”", f'“<span lang="{translator.language}">{token}</span>”', 1)


def _never_reached(experiment: Experiment) -> None:
    """Name the interventions whose steps the translation did not come to."""
    if (trace := experiment.after.trace) is None:
        return
    late = [
        str(place)
        for place, each in enumerate(experiment.interventions, start=1)
        if each.side == "decoder" and each.first >= len(trace.target_tokens)
    ]
    if late:
        steps = len(trace.target_tokens)
        notice(f"The translation ends after {steps} tokens, so these changes never came to pass: {', '.join(late)}.")


def _swap(chosen: Selection, place: int, other: int) -> None:
    moved = list(chosen.interventions)
    if max(place, other) < len(moved):
        moved[place], moved[other] = moved[other], moved[place]
        put(chosen, tuple(moved))


def _remove(chosen: Selection, place: int) -> None:
    put(chosen, (*chosen.interventions[:place], *chosen.interventions[place + 1 :]))


def _undo(chosen: Selection) -> None:
    _step(chosen, PAST, FUTURE)


def _redo(chosen: Selection) -> None:
    _step(chosen, FUTURE, PAST)


def _step(chosen: Selection, taken: str, given: str) -> None:
    """Take the list from one end of the history, and keep the present one at the other."""
    st.session_state.pop(REFUSED, None)
    if st.session_state.get(taken):
        st.session_state.setdefault(given, []).append(chosen.interventions)
        chosen.interventions = st.session_state[taken].pop()
