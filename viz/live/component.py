"""The streaming heat maps as components: what they show comes from the route, what is chosen goes to Python."""

from typing import Any, get_args

import streamlit as st

from viz.serving.modules import stub
from viz.state import Selection, keep_in_address

microscope = st.components.v2.component(
    "microscope", html='<div class="microscope" data-state="waiting"></div>', js=stub("microscope.js")
)
comparison = st.components.v2.component(
    "comparison", html='<div class="microscope comparison" data-state="waiting"></div>', js=stub("comparison.js")
)


def take(key: str, chosen: Selection, name: str, known: Any) -> None:
    """What was chosen in the component of this key, of the values that are known, as the part of the selection."""
    value = st.session_state[key].get(name)
    if value in get_args(known):
        setattr(chosen, name, value)
        if name == "order" and chosen.units == "varied":  # an order is one of all units
            chosen.units = "all"
        keep_in_address(chosen)
