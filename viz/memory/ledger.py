"""Who wrote this cell state, and how much of each write is left: the exact ledger."""

from collections.abc import Sequence

import streamlit as st

from models import Record
from viz.figures import memory_captions as said
from viz.figures import theme
from viz.figures.memory import Memory, cell_bars, contributions_heatmap
from viz.serving.runs import Run
from viz.state import LONGEST_GROUP, Selection, cell_on_view, keep_in_address
from viz.widgets.choices import layer_choice
from viz.widgets.units import (
    EXAMPLE,
    LISTED,
    PRESETS,
    SINGLE,
    Group,
    GroupError,
    as_list,
    kind_of,
    listed,
    preset,
    single,
)
from viz.widgets.words import Text, is_dark, problem, table, words

CHART = "memory_contributions"


def ledger(run: Run, trace: Record, chosen: Selection) -> None:
    """Draw this view of the finished run."""
    column, _ = cell_on_view(trace, chosen)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        layer = layer_choice(trace, chosen)
        group, refusal = group_choice(trace, chosen, layer)
    if refusal:
        problem(refusal)
    keep_in_address(chosen)
    memory = Memory.of(trace, layer, group.units, group.name)
    words(said.cell_caption(memory, column))
    words(said.CAUTION)
    grid, bars = st.columns([11, 9], gap="medium")
    with grid:
        st.plotly_chart(
            theme.on_page(contributions_heatmap(memory, column), "cell_state", is_dark()),
            theme=None,
            key=CHART,
            on_select=lambda: _take_step(chosen),
            selection_mode="points",
            config={"displayModeBar": False},
            alt=said.heatmap_caption(memory),
        )
        words(said.heatmap_caption(memory))
    with bars:
        st.plotly_chart(
            theme.on_page(cell_bars(memory, column, is_dark()), "cell_state", is_dark()),
            theme=None,
            key="memory_cell_bars",
            config={"displayModeBar": False},
            alt=said.bars_caption(memory, column),
        )
        words(said.bars_caption(memory, column))
    table(said.cell_title(memory, column), said.cell_header(memory), cells_of(said.cell_rows(memory, column)))


def cells_of(rows: Sequence[said.Row]) -> list[list[str | Text]]:
    """Rows for ``table``, with translated tokens marked as such."""
    return [[Text(row.token, row.language) if row.language else row.token, *row.cells] for row in rows]


def group_choice(trace: Record, chosen: Selection, layer: int) -> tuple[Group, str]:
    """Which units are looked at together, and why a list is refused; then the units before stay."""
    column, unit = cell_on_view(trace, chosen)
    names = {SINGLE: f"The chosen unit, {unit}", **PRESETS, LISTED: "A list of units"}
    kind = st.selectbox(
        "Units", list(names), list(names).index(kind_of(chosen.group)), names.__getitem__, key="memory_units", width=300
    )
    if kind == LISTED:
        group, refusal = _typed(trace, chosen, unit)
    else:
        chosen.group, refusal = kind, ""
        group = single(unit) if kind == SINGLE else preset(kind, trace, layer, column)
    st.session_state.memory_group = as_list(group.units)
    return group, refusal


def _typed(trace: Record, chosen: Selection, unit: int) -> tuple[Group, str]:
    """The units of the typed list; at first those that were looked at before."""
    count = trace.units
    before = st.session_state.get("memory_group", str(unit))
    if kind_of(chosen.group) != LISTED:
        chosen.group = before
    text = st.text_input(
        "Unit numbers and ranges",
        chosen.group,
        key="memory_list",
        max_chars=LONGEST_GROUP,
        placeholder=EXAMPLE,
        width=300,
    )
    try:
        group = listed(text, count)
    except GroupError as error:
        return listed(before, count), str(error)
    chosen.group = text
    return group, ""


def _take_step(chosen: Selection) -> None:
    """A click in the heat map selects the step whose cell state was read."""
    points = st.session_state[CHART].get("selection", {}).get("points", [])
    if points:
        chosen.move(int(points[0]["customdata"][1]))
        keep_in_address(chosen)
