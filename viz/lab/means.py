"""Means over held-out sentences, counted when somebody asks for them."""

import streamlit as st

from models import AssetError
from models.analysis.survey import SENTENCES
from models.language.corpus import CorpusError
from viz import loading
from viz.serving.asked import needs_means
from viz.state import Selection
from viz.widgets.words import problem, words


def means(chosen: Selection) -> None:
    """A button to count them, where an intervention needs them and nobody has counted them yet."""
    if not needs_means(chosen.interventions) or loading.known_survey(chosen.network):
        return
    words(
        f"The mean is that over {SENTENCES} held-out English sentences, each translated to Bangla and to Marathi by "
        "this network. The first time they are counted it takes some seconds."
    )
    if st.button("Count the means", key="lab_count_means"):
        bar = st.progress(0.0, "Counting over held-out sentences")
        try:
            loading.survey(chosen.network, lambda share: bar.progress(share, f"Counting: {100 * share:.0f} %"))
        except (AssetError, CorpusError) as error:
            problem(str(error))
            return
        st.rerun()
