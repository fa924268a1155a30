"""One step of one unit with all its numbers: choose a cell, step through it, check it by hand."""

import streamlit as st

from viz.cell import cell
from viz.components import problem, sentence_and_language
from viz.live.instrument import run_for, style

style()
chosen = sentence_and_language()
run, refusal = run_for(chosen)
with st.empty():  # in its place even when there is nothing to say: what stands below keeps its own
    if refusal:
        problem(refusal)
if run is None:
    st.stop()
cell(run, chosen)
