"""How far two runs lie apart, and what both have at the selected pair of steps, in words and as tables."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from models.analysis.alignment import Pair
from models.analysis.comparison import both, first_divergence
from models.recurrent.record import Record
from models.translation.record import TranslationTrace
from viz.figures import comparison_captions as said
from viz.figures import theme
from viz.figures.captions import step_caption
from viz.figures.comparison import NOTHING, distance_chart
from viz.figures.wording import number
from viz.widgets.words import folding, frame, is_dark, picture, table, words

BY_NUMBER = (
    "A and B are two trainings, and their units are merely paired by number: another order of B's units would give "
    "another distance, and the same translation."
)


def parting(a: TranslationTrace, b: TranslationTrace, pairs: Sequence[Pair]) -> None:
    """Where the runs part, in words."""
    words(said.divergence_caption(a, b, pairs, first_divergence(a, b, pairs)))
    if a.text == b.text and a.language == b.language:
        words("Both translations are the same text.")


def distance(a: Record, b: Record, pairs: Sequence[Pair], is_by_number: bool) -> None:
    """How far the runs lie apart over time."""
    st.subheader("Distance over time", anchor=False)
    highest = a.layers - 1
    figure = distance_chart(a, b, pairs, ("A", "B"), first_divergence(a, b, pairs), is_dark(), highest)
    picture(figure, said.distance_caption(a, b, pairs, highest), "distance")
    if is_by_number:
        words(BY_NUMBER)


def selected_values(a: Record, b: Record, pairs: Sequence[Pair], pair: int, unit: int) -> None:
    """One unit in one pair of steps, in words and numbers; then every unit there, and this unit at every pair.

    All of the highest layer, as the heat maps are.
    """
    highest = a.layers - 1
    with folding(f"Values at the selected pair, unit {unit}: in words and as tables", "in_pair_values") as box:
        if not box.open:
            return
        for letter, run, column in zip("AB", (a, b), pairs[pair], strict=True):
            words(f"{letter}: {'no such step.' if column is None else step_caption(run, column, unit, highest)}")
        caption = f"Unit {unit} at {said.place_of_pair(a, b, pairs, pair)}"
        table(caption, ("Quantity", "A", "B", "B − A"), value_rows(a, b, pairs[pair], unit, highest))
        words("Every unit at this pair:")
        frame(said.pair_table(a, b, pairs, pair, highest), "pair_table")
        words(f"Unit {unit} at every pair:")
        frame(said.unit_table(a, b, pairs, unit, highest), "pair_unit_table")
        words(said.largest_caption(a, b, pairs, highest))


def value_rows(a: Record, b: Record, pair: Pair, unit: int, layer: int) -> list[tuple[str, str, str, str]]:
    """Each quantity of one unit: of A, of B, and by how much B is more; four decimals."""
    rows = []
    for quantity in a.cell.names:
        one, other = (values[0, unit] for values in both(a, b, quantity, [pair], layer))
        shown = [NOTHING if np.isnan(value) else number(value, ".4f") for value in (one, other, other - one)]
        rows.append((theme.look(a.cell[quantity]).name, *shown))
    return rows
