"""The line above every page: links to the pages, and Streamlit's menu with the choice of theme.

Streamlit's own line is 60 pixels high, and on a telephone it becomes a sidebar that stays open over the page.
"""

from collections.abc import Sequence

import streamlit as st
from streamlit.navigation.page import Page

STYLE = """<style>
[data-testid="stHeader"] {background: transparent;}
[data-testid="stHeader"], [data-testid="stHeader"] * {pointer-events: none;}  /* it lies over the links */
[data-testid="stMainMenu"] *, [data-testid="stStatusWidget"] * {pointer-events: auto;}
[data-testid="stHeader"], [data-testid="stToolbar"] {height: 2rem; min-height: 2rem;}
[data-testid="stToolbar"] {padding: 0 0.5rem;}
[data-testid="stApp"] [data-testid="stMainBlockContainer"] {padding-top: 0.125rem;}
.st-key-pages {min-height: 1.75rem; padding-right: 2rem; gap: 0 0.25rem;}
.st-key-pages a {height: 1.75rem; min-height: 0; padding: 0 0.5rem; margin: 0;}
.st-key-pages .stPageLink > div {height: 1.75rem;}
.st-key-pages > .stElementContainer {margin: 0;}
.st-key-pages > .stElementContainer:first-child {margin-left: -0.5rem;}
.st-key-pages p {font-size: 0.875rem;}
.wide {overflow-x: auto;}
.wide:focus-visible {outline: 2px solid currentColor;}
.wide table {border-collapse: collapse; font-size: 0.9375rem; font-variant-numeric: tabular-nums;}
.wide caption {text-align: left; font-weight: 600; padding: 0.25rem 0;}
.wide th, .wide td {padding: 0.25rem 1rem 0.25rem 0; text-align: left; vertical-align: top; font-weight: 400;
  border-bottom: 1px solid color-mix(in srgb, currentColor 18%, transparent);}
.wide thead th {font-weight: 600; border-bottom-color: currentColor; white-space: nowrap;}
.wide .number {text-align: right; white-space: nowrap;}
</style>"""


def header(pages: Sequence[Page]) -> None:
    st.html(STYLE)
    with st.container(key="pages", horizontal=True):
        for page in pages:
            st.page_link(page, label=page.title, width="content")
