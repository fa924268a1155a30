"""The streaming heat maps as components: what they show comes from the route, what is chosen goes to Python."""

import streamlit as st

from viz.serving.modules import stub
from viz.state import Selection, keep_in_address

microscope = st.components.v2.component(
    "microscope", html='<div class="microscope" data-state="waiting"></div>', js=stub("microscope.js")
)
comparison = st.components.v2.component(
    "comparison", html='<div class="microscope comparison" data-state="waiting"></div>', js=stub("comparison.js")
)


def take(key: str, chosen: Selection, name: str) -> None:
    """What was chosen in the component of this key, as the part of the selection that is called ``name``."""
    if chosen.choose(name, st.session_state[key].get(name)):
        keep_in_address(chosen)
