"""The page about memory: the run to pick a cell from, and one of four views of it."""

from collections.abc import Callable

import streamlit as st

from models import TranslationTrace
from viz.live.microscope import cell_picker, chosen_run
from viz.memory.ledger import ledger
from viz.memory.saturation import saturation
from viz.memory.survival import survival
from viz.memory.word import word
from viz.serving.runs import Run
from viz.state import MemoryView, Selection, keep_in_address
from viz.widgets.choices import part

View = Callable[[Run, TranslationTrace, Selection], None]
VIEWS: dict[MemoryView, tuple[str, View]] = {
    "ledger": ("Ledger of the cell state", ledger),
    "survival": ("Survival", survival),
    "saturation": ("Saturation", saturation),
    "word": ("Ledger of a word", word),
}


@st.fragment
def memory(run: Run, chosen: Selection) -> None:
    trace = cell_picker(run, chosen)
    st.segmented_control(
        "View", list(VIEWS), default=chosen.view, format_func=lambda name: VIEWS[name][0], required=True,
        label_visibility="collapsed", **part(chosen, "view", "memory_view"),
    )  # fmt: skip
    keep_in_address(chosen)
    _, show = VIEWS[chosen.view]
    show(run.looking_at(chosen.hypothesis), trace, chosen)


if __name__ == "__main__":
    run, chosen = chosen_run()
    memory(run, chosen)
