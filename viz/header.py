"""The line above every page: links to the pages in their groups, and Streamlit's menu with the choice of theme.

Streamlit's own line is 60 pixels high, and on a telephone it becomes a sidebar that stays open over the page.
"""

from collections.abc import Mapping, Sequence

import streamlit as st
from streamlit.navigation.page import Page

from viz.serving.modules import address

# Everything grows with the window, for the back of a room: 16 pixels of text at 1280 by 720 are 24 at 1920 by 1080. One
# em of the root is what the reader has set in the browser.
STYLE = """<style>
html:root {font-size: clamp(1em, min(100vw / 80, 100vh / 45), 2em);}
[data-testid="stHeader"] {background: transparent;}
[data-testid="stHeader"], [data-testid="stHeader"] * {pointer-events: none;}  /* it lies over the links */
[data-testid="stMainMenu"] *, [data-testid="stStatusWidget"] * {pointer-events: auto;}
[data-testid="stHeader"], [data-testid="stToolbar"] {height: 2rem; min-height: 2rem;}
[data-testid="stToolbar"] {padding: 0 0.5rem;}
[data-testid="stApp"] [data-testid="stMainBlockContainer"] {padding: 0.125rem 1.5rem 2rem; max-width: 100%;}
.scrolled [data-testid="stMainMenu"]:not(:focus-within) {visibility: hidden;}  /* it would lie on what is read */
[data-testid="stSkipToContent"] {display: none;}  /* its place is taken by ours */
.skip {position: fixed; top: 0.25rem; left: 0.25rem; z-index: 1000000; padding: 0.5rem 1rem; border-radius: 0.375rem;
  color: #fafafa; background: #31333f; outline: 2px solid #fafafa;}
.skip:not(:focus) {clip-path: inset(50%); width: 1px; height: 1px; padding: 0; overflow: hidden;}
.st-key-pages {min-height: 1.75rem; padding-right: 2rem; gap: 0 1rem;}
.st-key-pages [class*="st-key-pages_"] {gap: 0 0.125rem; align-items: center;}
.st-key-pages [class*="st-key-pages_"]::before {font-size: 0.8125rem; margin-right: 0.25rem; white-space: nowrap;
  color: color-mix(in srgb, currentColor 72%, transparent);}
.st-key-pages a {color: inherit; height: 1.75rem; min-height: 0; padding: 0 0.375rem; margin: 0;}
.st-key-pages .stPageLink > div {height: 1.75rem;}
.st-key-pages .stElementContainer {margin: 0;}
.st-key-pages .stElementContainer:has(script) {display: none;}
.st-key-pages p {font-size: 0.875rem; font-weight: 400;}
.st-key-pages a[aria-current] p {-webkit-text-stroke: 0.5px;}  /* bolder, and no wider: no link stands elsewhere then */
.st-key-pages a[aria-current] {background: transparent; box-shadow: inset 0 -2px currentColor; border-radius: 0;}
.st-key-pages .fold {display: none;}
@media (max-width: 760px) {
  .st-key-pages .fold {display: block; height: 1.75rem; padding: 0 0.5rem; font: inherit; font-size: 0.875rem;
    color: inherit; background: none; border: 1px solid color-mix(in srgb, currentColor 40%, transparent);
    border-radius: 0.375rem; cursor: pointer;}
  .st-key-pages .fold::after {content: ""; display: inline-block; width: 0.4em; height: 0.4em; margin: 0 0 0.2em 0.6em;
    border: solid currentColor; border-width: 0 2px 2px 0; rotate: 45deg;}
  .st-key-pages[data-folded="true"] > :not(.fold) {display: none;}
  .st-key-pages[data-folded="false"] > :not(.fold) {width: 100%;}
}
.stPlotlyChart :is([class$="tick"], [class^="g-x"], [class^="g-y"]) text,
.stPlotlyChart .legendtext {fill: currentColor !important;}  /* of a page that has turned dark since it was drawn */
@media (min-width: 641px) and (max-width: 1000px) {  /* a sentence has a line of its own, its switches the next */
  .stHorizontalBlock:has(> .stColumn > .stVerticalBlock > * > .stButtonGroup) {
    &:has(> .stColumn > .stVerticalBlock > * > .stTextInput) {flex-wrap: wrap;}
    &:has(> .stColumn > .stVerticalBlock > * > .stTextInput) > .stColumn {
      flex: 0 0 auto; width: auto; min-width: max-content;}
    > .stColumn:has(> .stVerticalBlock > * > .stTextInput) {flex: 1 1 100% !important;}
  }
}
.wide {overflow-x: auto;}
.wide:focus-visible {outline: 2px solid currentColor;}
.wide table {border-collapse: collapse; font-size: 0.9375rem; font-variant-numeric: tabular-nums;}
.wide caption {text-align: left; font-weight: 600; padding: 0.25rem 0;}
.wide th, .wide td {padding: 0.25rem 1rem 0.25rem 0; text-align: left; vertical-align: top; font-weight: 400;
  border-bottom: 1px solid color-mix(in srgb, currentColor 18%, transparent);}
.wide thead th {font-weight: 600; border-bottom-color: currentColor; white-space: nowrap;}
.wide .number {text-align: right; white-space: nowrap;}
"""
SCRIPT = f"""<script type="module">import {{ draw }} from "./{address("pages.js")}"; draw();</script>"""


def header(groups: Mapping[str, Sequence[Page]]) -> None:
    """Draw the line. A group has a name, which stands before its pages; "" for none."""
    keys = {name: f"pages_{number}" for number, name in enumerate(groups)}
    names = "".join(f'.st-key-{key}::before {{content: "{name}";}}\n' for name, key in keys.items() if name)
    with st.container(key="pages", horizontal=True):
        for name, pages in groups.items():
            with st.container(key=keys[name], horizontal=True, width="content"):
                for page in pages:
                    st.page_link(page, label=page.title, width="content")
        st.html(f"{STYLE}{names}</style>{SCRIPT}", unsafe_allow_javascript=True)
