"""The heat maps of the record that the address names."""

import streamlit as st
from made_records import MADE

from viz.live.component import microscope
from viz.serving.recorded import show

name = st.query_params["show"]
if name not in st.session_state:
    st.session_state[name] = show(MADE[name]())
st.session_state.run = st.session_state[name]
microscope(
    data={"run": st.session_state.run.id, "selected": None, "serial": 0, "order": "stored"},
    key="microscope",
    on_finished_change=lambda: None,
    on_selected_change=lambda: None,
)
st.text(f"finished: {(st.session_state.microscope or {}).get('finished') == st.session_state.run.id}")
