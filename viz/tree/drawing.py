"""The drawing of the tree as a component: nodes to click or to walk by keyboard; the chosen one goes to Python."""

from pathlib import Path

import streamlit as st

FOLDER = Path(__file__).parent.parent / "browser"

drawing = st.components.v2.component(
    "beam_tree",
    html='<div class="beam-tree"></div>',
    css=(FOLDER / "tree.css").read_text(encoding="utf-8"),
    js=(FOLDER / "tree.js").read_text(encoding="utf-8"),
)
