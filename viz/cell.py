"""The page about one cell: the run to pick it from, the drawing with its numbers, and what pushed each gate."""

import streamlit as st

from viz.live.instrument import cell_picker
from viz.live.runs import Run
from viz.state import Selection


@st.fragment
def cell(run: Run, chosen: Selection) -> None:
    cell_picker(run, chosen)
