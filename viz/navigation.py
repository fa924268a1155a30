"""The list of pages, and nothing else."""

from pathlib import Path

import streamlit as st

from viz.header import header

st.set_page_config(
    page_title="LSTM microscope", page_icon=str(Path(__file__).parent / "static" / "icon.png"), layout="wide"
)
pages = [
    st.Page("pages/translate.py", title="Translate", default=True),
    st.Page("pages/cell.py", title="Inside the cell"),
    st.Page("pages/memory.py", title="Memory"),
    st.Page("pages/lab.py", title="Gate lab"),
    st.Page("pages/compare.py", title="Compare"),
    st.Page("pages/tree.py", title="Beam tree"),
    st.Page("pages/trust.py", title="Trust"),
]
page = st.navigation(pages, position="hidden")
header(pages)
page.run()
