"""How long each unit keeps what was written to it."""

import streamlit as st

from models import Record
from models.recurrent.trace import Array
from viz.figures import lifetime_captions as said
from viz.figures import theme
from viz.figures.columns import columns_of
from viz.figures.lifetimes import (
    HalfLives,
    curve_table,
    half_life_bars,
    lifetime_table,
    survival_curves,
    survival_heatmap,
    survival_table,
)
from viz.memory.reading import in_words
from viz.serving.runs import Run
from viz.state import Selection, cell_on_view, keep_in_address
from viz.widgets.choices import layer_choice, telling
from viz.widgets.words import folding, frame, headline, is_dark, notice, picture, words


def survival(run: Run, trace: Record, chosen: Selection) -> None:
    """How much of a step's write is left in every unit, in the chosen one, and how the units differ."""
    answer = st.empty()
    layer = layer_choice(trace, chosen)
    column, unit = cell_on_view(trace, chosen)
    with answer:
        headline(said.headline(trace, column, unit, layer))
    unit_choice(trace, unit, chosen)
    keep_in_address(chosen)
    place, is_last = columns_of(trace)[column].place, column == len(columns_of(trace)) - 1
    st.subheader("What is left of this write, in every unit", anchor=False)
    if is_last:
        notice(said.survival_caption(trace, column, layer) + " Pick an earlier step to follow its write.")
    else:
        figure = theme.on_page(survival_heatmap(trace, column, unit, layer), "forget_gate", is_dark())
        picture(figure, said.survival_caption(trace, column, layer), "survival_map", said.MAP_SHORT)
    st.subheader(f"Writes to unit {unit}", anchor=False)
    figure = theme.on_page(survival_curves(trace, column, unit, layer, is_dark()), "forget_gate", is_dark())
    picture(figure, said.curves_caption(trace, column, unit, layer), "survival_curves", said.CURVES_SHORT)
    st.subheader("Half-lives of all units", anchor=False)
    bars = all_units(trace.values("forget_gate", layer), place, None if is_last else column, unit)
    in_words(
        lambda: (
            said.HOW, said.survival_caption(trace, column, layer), said.curves_caption(trace, column, unit, layer),
            *bars, f"{said.extremes_caption(trace, layer)} {said.CAVEAT}",
        )
    )  # fmt: skip
    as_tables(trace, column, unit, layer)


def unit_choice(trace: Record, unit: int, chosen: Selection) -> None:
    """The unit by its number."""
    told = telling("survival_unit", unit, lambda number: chosen.move(unit=number))
    st.number_input("Unit", 0, trace.units - 1, unit, width=180, **told)


def all_units(forget_gate: Array, place: str, column: int | None, unit: int) -> list[str]:
    """How many units have which half-life: of the write of ``column``, if anything came after it, and typically.

    Returns what the pictures show, in words.
    """
    captions = []
    typical = HalfLives.in_run(forget_gate)
    found = [("Typical in this run", "half_lives_typical", typical, "Typical half-lives in this run")]
    if column is not None:
        of_write = HalfLives.of_write(forget_gate, column)
        found.insert(0, ("Of this write", "half_lives_of_write", of_write, f"Of what {place} wrote"))
    for box, (title, key, half_lives, of_what) in zip(st.columns(len(found)), found, strict=True):
        marked = [(None if half_lives.is_longer[unit] else int(half_lives.steps[unit]), f"unit {unit}")]
        with box:
            figure = half_life_bars(half_lives, title, marked, is_dark())
            captions.append(said.bars_caption(half_lives, of_what, unit))
            picture(figure, captions[-1], key, f"Unit {unit}: {half_lives.words(unit)}.")
    return captions


def as_tables(trace: Record, column: int, unit: int, layer: int) -> None:
    """Everything in the pictures, as tables."""
    with folding("Half-lives of all units as a table", "in_lifetimes") as box:
        if box.open:
            frame(lifetime_table(trace, column, layer), "lifetime_table")
    with folding("Shares left, as tables: every unit, and every write to the chosen unit", "in_survival") as box:
        if box.open:
            words(f"What {columns_of(trace)[column].place} wrote: the share left in each unit.")
            frame(survival_table(trace, column, layer), "survival_table")
            words(f"Unit {unit}: the share left of each write; empty before it was made.")
            frame(curve_table(trace, column, unit, layer), "curve_table")
