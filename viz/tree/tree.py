"""The tree of a beam search."""

from viz.live.runs import Run
from viz.state import Selection


def tree(run: Run, chosen: Selection) -> None:
    pass
