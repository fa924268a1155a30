"""The page that compares two runs: both lines on top, the runs with their difference, and what follows from it."""

from html import escape

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from models.analysis.alignment import Pair
from models.analysis.comparison import paired, pairs_of_tokens
from viz.compare import sides, transplant
from viz.compare.recipes import recipes
from viz.compare.sides import Shown, Side, name_of, network_of
from viz.compare.units import are_other_units, matched_units, units_in_words
from viz.live.apart import distance, parting, selected_values
from viz.live.microscope import style
from viz.live.side_by_side import default_selection, side_by_side
from viz.serving.asked import give, kept
from viz.serving.course import ABOUT, Course, course_of
from viz.state import Selection, begins, keep_in_address, selection
from viz.widgets.choices import say_network, sentence_and_language
from viz.widgets.words import notice, problem, words

STYLE = """<style>
.side-letter {font-weight: 700; font-size: 1.25rem; margin: 0; line-height: 2.5rem; text-align: center;}
@media (max-width: 640px) {.side-letter {text-align: left; line-height: 1.5rem;}}
</style>"""
FOLDING = ("in_matching", "in_pair_values")


def compare() -> None:
    style()
    st.html(STYLE)
    read_old_link()
    with line("A"):
        chosen = sentence_and_language(has_beam=False)
    said_of_a = st.empty()
    with line("B"):
        sides.second_line(chosen)
    said_of_b = st.empty()
    say_network(chosen)
    recipes(chosen)
    dropped = drop_what_is_out_of_step(chosen)
    found, said = sides.shown(chosen)
    for place, text in zip((said_of_a, said_of_b), said, strict=True):
        if text:
            with place:
                problem(text)
    with st.empty():  # in its place even when there is nothing to say: what stands below keeps its own
        if chosen.unreadable:
            notice(f"The address asks for interventions that make no sense, so there are none: {chosen.unreadable}.")
        elif dropped:
            notice(dropped)
    if found is None:
        st.stop()
    sides.forget_pair_of_other_sentences(found, chosen)
    keep_in_address(chosen)
    beside(found, chosen)


def read_old_link() -> None:
    """Take ``column`` for the pair where a link to this page has no ``pair``."""
    # Before pairs had a name of their own, this page kept the number of the pair as ``column`` in the address.
    if begins() and (chosen := selection()).pair is None:
        chosen.pair, chosen.column = chosen.column, None


def line(letter: str) -> DeltaGenerator:
    """The place for a line of widgets, with the letter of its side before it."""
    before, place = st.columns([0.3, 12], vertical_alignment="bottom", gap="small")
    before.html(f'<p class="side-letter">{escape(letter)}</p>')
    return place


def drop_what_is_out_of_step(chosen: Selection) -> str:
    """Take back a memory that is no longer A's, or not for B's network; why, or ""."""
    (a, plain), (_, question) = sides.ask_plain(chosen), sides.questions(chosen)
    if a.run is None or plain.run is None or a.refusal or plain.refusal:
        return ""
    said = transplant.out_of_step(a.run, question, plain.run.translator.fingerprint)
    if said:
        chosen.b_interventions = ()
    return said


@st.fragment
def beside(given: Shown, chosen: Selection) -> None:
    """Both runs, which fill themselves from the streaming route; the rest follows when they are finished."""
    found, _ = sides.shown(chosen)
    found = found or given  # what a button or slider of this part has asked for
    keep_step_of_a(found, chosen)
    with st.empty():
        units_in_words(network_of(found.a), network_of(found.b))
    courses: dict[Side, Course] = {}
    for side, run in (("a", found.a), ("b", found.b)):
        if course := course_of(run, network_of(run), f"compare_course_{side}"):
            courses[side] = course
    with st.empty():
        if courses:
            words(ABOUT)
    with_memory = ", with the memory of A" if found.b is not found.plain else ""
    side_by_side(
        found.a, found.b, names=(name_of(found.a), name_of(found.b) + with_memory), by="token",
        selected=selected(found, chosen),
        on_selected=lambda pair, unit, quantity: _take_pair(chosen, pair, unit), edited=edited(found),
        courses={side: course.data for side, course in courses.items()},
        on_course=lambda side, at: _take_state(courses, chosen, side, at),
        key="comparison_of_states" if courses else "comparison",
    )  # fmt: skip
    for key in FOLDING:  # Streamlit forgets what a widget was set to in a run that does not show it
        if key in st.session_state:
            st.session_state[key] = st.session_state[key]
    if found.runs != given.runs:
        st.rerun()  # the lines on top have to follow
    if all(run.is_finished for run in (found.a, found.b)):
        once_finished(found, chosen)


def once_finished(found: Shown, chosen: Selection) -> None:
    """Everything about the finished runs that their heat maps do not show."""
    a, b = found.a.finish(), found.b.finish()
    pairs = paired(a, b, "token")
    pair, unit = selected(found, chosen)
    parting(a, b, pairs)
    memory(found, pairs[pair], chosen)
    distance(a, b, pairs, are_other_units(network_of(found.a), network_of(found.b)))
    selected_values(a, b, pairs, pair, unit)
    if network_of(found.a) != network_of(found.b):
        matched_units(found.a, found.b, chosen)


def memory(found: Shown, pair: Pair, chosen: Selection) -> None:
    st.subheader("Give B the memory of A", anchor=False)
    if found.b is not found.plain:
        transplant.outcome(found.a.finish(), found.plain.finish(), found.b.finish(), chosen)
    elif chosen.b_interventions:  # refused, as it says above
        transplant.take_back(chosen)
    else:
        transplant.offer(found.a, found.b, pair, chosen)


def keep_step_of_a(found: Shown, chosen: Selection) -> None:
    """A's own step of the chosen pair is the step on view on other pages; none is where only B has this step."""
    if chosen.pair is not None and all(run.is_finished for run in (found.a, found.b)):
        chosen.column, _ = pairs_of(found)[min(chosen.pair, len(pairs_of(found)) - 1)]
        keep_in_address(chosen)


def pairs_of(found: Shown) -> list[Pair]:
    """Those of finished runs; of the source tokens alone until both are."""
    if all(run.is_finished for run in (found.a, found.b)):
        return paired(found.a.finish(), found.b.finish(), "token")
    return pairs_of_tokens(found.a.source.tokens, found.b.source.tokens, "token")


def chosen_pair(found: Shown, chosen: Selection) -> int | None:
    """The pair that was chosen here, or that of A's step which was chosen on another page."""
    if chosen.pair is not None or chosen.column is None:
        return chosen.pair
    return next((at for at, (step, _) in enumerate(pairs_of(found)) if step == chosen.column), None)


def selected(found: Shown, chosen: Selection) -> tuple[int, int] | None:
    """Pair of steps and unit on view; None until both runs are finished, unless they were chosen."""
    if not all(run.is_finished for run in (found.a, found.b)):
        pair = chosen_pair(found, chosen)
        return None if None in (pair, chosen.unit) else (pair, chosen.unit)
    pair, unit = default_selection(found.a.finish(), found.b.finish(), "token", chosen)
    if (wanted := chosen_pair(found, chosen)) is not None:
        pair = min(wanted, len(pairs_of(found)) - 1)
    return pair, unit


def edited(found: Shown) -> list[dict]:
    """Where B was given other values, for the outlines in its heat maps: those of the highest layer."""
    highest = found.b.translator.config.layers - 1
    return [
        {"side": each.side, "quantity": each.target, "units": list(each.units), "first": each.first, "last": each.last}
        for each in found.b.edits.interventions
        if each.layer == highest
    ]


def _take_pair(chosen: Selection, pair: int, unit: int) -> None:
    chosen.pair, chosen.unit, chosen.column = pair, unit, None
    keep_in_address(chosen)


def _take_state(courses: dict[Side, Course], chosen: Selection, side: Side, at: int) -> None:
    """Look at another state of the training on one side: at the run that its slider has shown, computed once."""
    if side not in courses or not 0 <= at < len(courses[side].runs):
        return
    run, network = courses[side].runs[at], courses[side].states[at].key
    run.finish()
    if side == "a":
        chosen.b_network = chosen.b_network or chosen.network  # B stays where it is
        chosen.network = network
    else:
        chosen.b_network = network
    question_a, question_b = sides.questions(chosen)
    question = question_a if side == "a" else question_b.untouched.on(sides.PLAIN)
    if not kept(question.side).refusal:  # else this run is of the sentence before
        give(question, run)
    keep_in_address(chosen)


if __name__ == "__main__":
    compare()
