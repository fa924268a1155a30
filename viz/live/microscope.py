"""The microscope on a page: the run it shows, and what is chosen in it."""

from typing import Any

import streamlit as st

from models import TranslationTrace
from models.recurrent.trace import QUANTITIES
from viz.figures.notation import Notation
from viz.live.badge import badge, warn_of_sentence
from viz.live.component import microscope, take
from viz.networks import label_of
from viz.serving.asked import Question, ask_again, ask_on_top, give, is_to_be_asked
from viz.serving.course import Course
from viz.serving.runs import Run
from viz.state import Selection, cell_on_view, is_past_the_run, keep_in_address
from viz.widgets.choices import say_network, sentence_and_language, warn_of_link
from viz.widgets.words import problem

STYLE = """<style>
[data-testid="stMainBlockContainer"] {padding: 0.75rem 1.5rem 2rem; max-width: 100%;}
[data-testid="stMainBlockContainer"] [data-testid="stVerticalBlock"] {gap: 0.5rem;}
.beam {overflow-x: auto;}
.beam table {border-collapse: collapse; font-variant-numeric: tabular-nums;}
.beam th, .beam td {padding: 2px 12px; text-align: left; border-bottom: 1px solid var(--st-border-color);}
.beam thead th {font-weight: 600; white-space: nowrap;}
.beam .number {text-align: right; white-space: nowrap;}
.beam tr[aria-current] {font-weight: 600; background: var(--st-secondary-background-color);}
</style>"""


def style() -> None:
    """Give the instrument the whole width of the page."""
    st.html(STYLE)


def chosen_run(has_examples: bool = False) -> tuple[Run, Selection]:
    """The sentence with its switches on top of the page, and its run; the page ends here where there is none."""
    style()
    chosen = sentence_and_language(has_examples=has_examples)
    say_network(chosen)
    found = ask_on_top(chosen)
    keep_in_address(chosen)
    with st.empty():  # in its place even when there is nothing to say: what stands below keeps its own
        if found.refusal:
            problem(found.said)
        elif found.run is not None:
            warn_of_sentence(found.run)
    if found.run is None:
        st.stop()
    return found.run, chosen


def cell_picker(run: Run, chosen: Selection, notation: Notation | None = None) -> TranslationTrace:
    """The finished run in small heat maps, to pick a step and a unit from on pages that look at something else.

    Their titles have the symbols and names of a notation, or the usual ones.
    To be called in a fragment, which then runs again for every cell that is picked.
    """
    run.finish()
    run = run.looking_at(chosen.hypothesis)
    heat_maps(run, chosen, is_compact=True, notation=notation)
    if is_to_be_asked():  # to compute again
        st.rerun()
    warn_of_link(run.finish(), chosen)
    return run.finish()


def heat_maps(
    run: Run, chosen: Selection, is_compact: bool = False, notation: Notation | None = None,
    course: Course | None = None,
) -> None:  # fmt: skip
    """The six heat maps, which fill themselves from the streaming route; a click or key chooses a cell.

    With a course they get a slider through its states.
    """
    wanted = {"column": chosen.column, "unit": chosen.unit}
    microscope(
        data={
            "run": run.id,
            "compact": is_compact,
            "titles": {name: [notation.short(name), notation.names[name]] for name in QUANTITIES} if notation else None,
            "network": label_of(chosen.network),
            "badge": badge(run.source.sentence, run.translator.language, chosen.network),
            "selected": wanted if any(value is not None for value in wanted.values()) else None,
            "serial": chosen.moves,
            "order": chosen.order,
            "units": chosen.units,
            "level": chosen.level,
            "pace": chosen.pace,
            **({"course": course.data, "course_at": course.at} if course else {}),
        },
        key="microscope",
        on_selected_change=lambda: _take_cell(chosen),
        on_order_change=lambda: take("microscope", chosen, "order"),
        on_units_change=lambda: take("microscope", chosen, "units"),
        on_level_change=lambda: take("microscope", chosen, "level"),
        on_pace_change=lambda: take("microscope", chosen, "pace"),
        on_finished_change=lambda: None,
        on_again_change=ask_again,
        on_course_change=lambda: course and _take_state(course, chosen),
    )


def _take_cell(chosen: Selection) -> None:
    cell: dict[str, Any] | None = st.session_state.microscope.get("selected")
    if cell is not None:
        chosen.take(int(cell["column"]), int(cell["unit"]))
        keep_in_address(chosen)


def _take_state(course: Course, chosen: Selection) -> None:
    """Look at another state of the training: at the run that the slider has shown, without computing it again."""
    at = (st.session_state.microscope.get("course") or {}).get("at")
    if type(at) is not int or not 0 <= at < len(course.runs):
        return
    run = course.runs[at]
    trace = run.finish()
    chosen.network = course.states[at].key
    if is_past_the_run(trace, chosen):
        chosen.take(cell_on_view(trace, chosen)[0])
    give(Question.on_top(chosen), run)
    keep_in_address(chosen)
