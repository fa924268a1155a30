"""A server of its own for test_records.py: a page with the heat maps of records that are no translations."""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[2]))

import streamlit as st  # noqa: E402

from viz.serving.route import routes  # noqa: E402

app = st.App(HERE / "records_page.py", routes=routes)
