"""How often gates are as good as open or shut: this sentence, held-out sentences, other networks."""

from models import TranslationTrace
from viz.live.runs import Run
from viz.state import Selection


def saturation(run: Run, trace: TranslationTrace, chosen: Selection) -> None:
    """Draw this view of the finished run."""
