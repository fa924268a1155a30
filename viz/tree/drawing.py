"""The drawing of the tree as a component: nodes to click or to walk by keyboard; the chosen one goes to Python."""

import streamlit as st

from viz.serving.modules import stub

drawing = st.components.v2.component(
    "beam_tree",
    html='<div class="beam-tree"></div>',
    js=stub("tree.js"),
)
