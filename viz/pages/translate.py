"""Type a sentence, watch it become Bangla or Marathi, and see every gate: choose, compute, show."""

import streamlit as st

from viz.components import problem, sentence_and_language
from viz.live.badge import warn_of_length
from viz.live.instrument import instrument, run_for, style

style()
chosen = sentence_and_language()
run, refusal = run_for(chosen)
with st.empty():  # in its place even when there is nothing to say: what stands below keeps its own
    if refusal:
        problem(refusal)
    elif run is not None:
        warn_of_length(run)
if run is None:
    st.stop()
instrument(run, chosen)
