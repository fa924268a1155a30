"""The list of pages, and nothing else."""

from pathlib import Path

import streamlit as st

from viz.header import header
from viz.serving.asked import follow_history

st.set_page_config(
    page_title="LSTM microscope", page_icon=str(Path(__file__).parent / "static" / "icon.png"), layout="wide"
)
groups = {
    "Explore": [
        st.Page("translate/page.py", title="Translate", url_path="translate", default=True),
        st.Page("cell/page.py", title="Inside the cell", url_path="cell"),
        st.Page("memory/page.py", title="Memory", url_path="memory"),
    ],
    "Understand": [
        st.Page("tasks/page.py", title="Long memory", url_path="tasks"),
        st.Page("gradients/page.py", title="Gradients", url_path="gradients"),
    ],
    "Experiment": [
        st.Page("lab/page.py", title="Gate lab", url_path="lab"),
        st.Page("compare/page.py", title="Compare", url_path="compare"),
        st.Page("tree/page.py", title="Beam tree", url_path="tree"),
    ],
    "": [st.Page("trust/page.py", title="Trust", url_path="trust")],
}
page = st.navigation([page for pages in groups.values() for page in pages], position="hidden")
header(groups)
follow_history()
page.run()
