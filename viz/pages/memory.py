"""Who wrote what the network remembers, how long it lasts, and what it did to the translation."""

import streamlit as st

from viz.components import problem, sentence_and_language
from viz.live.instrument import run_for, style
from viz.memory.views import memory

style()
chosen = sentence_and_language()
run, refusal = run_for(chosen)
with st.empty():  # in its place even when there is nothing to say: what stands below keeps its own
    if refusal:
        problem(refusal)
if run is None:
    st.stop()
memory(run, chosen)
