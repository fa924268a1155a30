"""The streaming heat maps as components: what they show comes from the route, what is chosen goes to Python."""

import streamlit as st

from viz.serving.modules import stub

microscope = st.components.v2.component(
    "microscope", html='<div class="microscope" data-state="waiting"></div>', js=stub("microscope.js")
)
comparison = st.components.v2.component(
    "comparison", html='<div class="microscope comparison" data-state="waiting"></div>', js=stub("comparison.js")
)
