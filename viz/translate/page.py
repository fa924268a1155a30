"""Type a sentence, watch it become Bangla or Marathi, and see every gate: choose, compute, show."""

import streamlit as st

from viz.live.microscope import chosen_run, heat_maps
from viz.serving.asked import is_to_be_asked, kept
from viz.serving.course import course_of
from viz.serving.runs import Run
from viz.state import Selection
from viz.translate.beneath import beneath

HEADLINE = """<style>
.headline {display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 0.75rem; margin: 0;}
.headline h1 {font-size: 1.25rem; line-height: 1.5rem; padding: 0 !important; margin: 0;}
.headline p {font-size: 1rem; margin: 0;}
</style><div class="headline"><h1>How an LSTM translates</h1>
<p>At every token, each of its units decides what to keep, what to write and what to show.</p></div>"""

# parts of the page that are computed and sent only while unfolded
FOLDING = ("in_words", "in_tables", "in_files", "in_nearest", "in_dropped")


@st.fragment
def instrument(run: Run, chosen: Selection) -> None:
    """Draw the run. The heat maps fill themselves from the streaming route; the rest follows when it is finished."""
    given, run = run, kept().run or run  # the time machine may have moved on since this was called
    is_other = run is not given
    run = run.looking_at(chosen.hypothesis)
    heat_maps(run, chosen, course=course_of(run, chosen.network))
    for key in FOLDING:  # Streamlit forgets what a widget was set to in a run that does not show it
        if key in st.session_state:
            st.session_state[key] = st.session_state[key]
    if is_other or is_to_be_asked():  # to compute again, or the line on top has to follow
        st.rerun()
    if run.trace is not None:
        beneath(run, chosen)


if __name__ == "__main__":
    st.html(HEADLINE)
    run, chosen = chosen_run(has_examples=True)
    instrument(run, chosen)
