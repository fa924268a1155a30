"""Why this token and not that one: the difference of two logits as an exact sum."""

from models import TranslationTrace
from viz.live.runs import Run
from viz.state import Selection


def word(run: Run, trace: TranslationTrace, chosen: Selection) -> None:
    """Draw this view of the finished run."""
