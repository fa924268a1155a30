"""How long each unit keeps what was written to it."""

from models import TranslationTrace
from viz.live.runs import Run
from viz.state import Selection


def survival(run: Run, trace: TranslationTrace, chosen: Selection) -> None:
    """Draw this view of the finished run."""
