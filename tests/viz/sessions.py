"""What a session of a page keeps, by the sides that were asked."""

from streamlit.testing.v1 import AppTest

from viz.compare import sides
from viz.compare.sides import Shown
from viz.lab.experiment import AFTER, BEFORE
from viz.serving.asked import ON_TOP, Answer
from viz.serving.runs import Run


def answer_of(page: AppTest, side: str = ON_TOP) -> Answer:
    answers = page.session_state.get("answers", {})
    return answers.get(side, Answer())


def run_of(page: AppTest) -> Run:
    """The run on top of the page."""
    return answer_of(page).run


def lab_runs(page: AppTest) -> tuple[Run, Run] | None:
    """The run as it was and as it becomes; None where there are none."""
    found = answer_of(page, BEFORE).run, answer_of(page, AFTER).run
    return None if None in found else found


def compared(page: AppTest) -> Shown | None:
    """The runs that are side by side; None where there are none."""
    found = [answer_of(page, side).run for side in (sides.A, sides.B, sides.PLAIN)]
    return None if None in found else Shown(*found)
