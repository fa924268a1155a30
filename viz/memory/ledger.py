"""Who wrote this cell state, and how much of each write is left: the exact ledger."""

from models import TranslationTrace
from viz.live.runs import Run
from viz.state import Selection


def ledger(run: Run, trace: TranslationTrace, chosen: Selection) -> None:
    """Draw this view of the finished run."""
