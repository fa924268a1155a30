"""What the units of A have to do with those of B: the same, the same at another time, or none until matched."""

from typing import TYPE_CHECKING

import streamlit as st

from models import AssetError
from models.analysis.comparison import pairs_of_tokens
from models.analysis.survey import SENTENCES
from models.language.corpus import CorpusError
from models.translation.record import TranslationTrace
from models.translation.translator import Translator
from viz import loading
from viz.figures import theme
from viz.networks import NetworkKey, training_of
from viz.serving.course import is_in_course
from viz.serving.runs import Run
from viz.state import Selection, keep_in_address
from viz.widgets.choices import telling
from viz.widgets.words import folding, is_dark, notice, picture, problem, words

if TYPE_CHECKING:
    from models.analysis.matching import Matching

OTHER_UNITS = (
    "A and B are two trainings, so unit 17 of A is not unit 17 of B. Units have no order of their own: swap two of "
    "them with all their weights, and the network computes the same translation. Here rows of the difference are "
    "merely paired by number: what they show is not how a unit changed. Compare the translations, or match units by "
    "what they do, below."
)
DRIFTING = (
    "A and B are two states of one training: unit 17 is the same unit on both sides, with weights that changed on the "
    "way from the one state to the other."
)
SAME_STATE = "A and B are the same state of one training: the same units, with the same weights."


def are_other_units(a: NetworkKey, b: NetworkKey) -> bool:
    """Whether units with the same number have nothing to do with each other."""
    return training_of(a) != training_of(b)


def units_in_words(a: NetworkKey, b: NetworkKey) -> None:
    """Say what a row of the difference compares; nothing where it is the same network on both sides.

    On the way through a training there always is a line, so that what stands below keeps its place.
    """
    if are_other_units(a, b):
        notice(OTHER_UNITS)
    elif a != b:
        words(DRIFTING)
    elif is_in_course(a):
        words(SAME_STATE)


def matched_units(a: Run, b: Run, chosen: Selection) -> None:
    """Match the units of two networks when it is asked for, and show how well that went."""
    with folding("Match the units of A and B by what they do", "in_matching") as box:
        if not box.open:
            return
        matching = _matching(a.translator, b.translator)
        if matching is not None:
            shown(matching, a.finish(), b.finish(), chosen)


def _matching(a: Translator, b: Translator) -> "Matching | None":
    """The matching of two networks: counted once since the server was started, with progress."""
    if (known := loading.known_matching(a, b)) is not None:
        return known
    bar = st.progress(0.0, f"Both networks read {SENTENCES} held-out sentences, once for each language …")
    try:
        return loading.matching(a, b, bar.progress)
    except (AssetError, CorpusError) as error:
        problem(str(error))
        return None
    finally:
        bar.empty()


def shown(matching: "Matching", a: TranslationTrace, b: TranslationTrace, chosen: Selection) -> None:
    """How well the units match, one pair on the sentences on view, and all pairs as a table."""
    from viz.figures import matching as drawn
    from viz.figures import matching_captions as said

    words(said.METHOD)
    lines = theme.on_page(drawn.correlation_lines(matching, is_dark()), "cell_state", is_dark())
    picture(lines, said.matching_caption(matching), "matching_lines")
    words(said.chance_caption(matching))
    unit = _pair_choice(matching, chosen)
    pairs = pairs_of_tokens(a.source_tokens, b.source_tokens, "token")
    figure = drawn.course_figure(a, b, pairs, unit, int(matching.partners[unit]), is_dark())
    picture(
        theme.on_page(figure, "cell_state", is_dark()),
        said.course_caption(a, b, pairs, matching, unit),
        "matching_course",
    )
    st.dataframe(drawn.pair_table(matching), height=320, hide_index=True, key="matching_table")


def _pair_choice(matching: "Matching", chosen: Selection) -> int:
    """The pair on view: that of the selected unit of A, else the closest."""
    from viz.figures.matching import pair_label

    order = matching.best_first.tolist()
    unit = chosen.unit if chosen.unit is not None and chosen.unit < len(order) else order[0]
    st.selectbox(
        "Pair of units, the closest first", order, order.index(unit), width=320,
        format_func=lambda each: pair_label(matching, each),
        **telling("matching_pair", unit, lambda unit: _take_unit(chosen, unit)),
    )  # fmt: skip
    return unit


def _take_unit(chosen: Selection, unit: int) -> None:
    chosen.move(unit=unit)
    keep_in_address(chosen)
