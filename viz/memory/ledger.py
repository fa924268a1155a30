"""Who wrote this cell state, and how much of each write is left: the exact ledger."""

from collections.abc import Sequence
from functools import partial

import streamlit as st

from models import Record
from viz.figures import memory_captions as said
from viz.figures import theme
from viz.figures.memory import Memory, cell_bars, contributions_heatmap
from viz.memory.reading import in_words
from viz.serving.runs import Run
from viz.state import LONGEST_GROUP, Selection, cell_on_view, keep_in_address
from viz.widgets.choices import layer_choice, telling
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
    parsed,
    preset,
    single,
)
from viz.widgets.words import Text, headline, is_dark, problem, table, words

CHART = "memory_contributions"
ON_VIEW = "memory_group"  # the units on view, as a list
REFUSED = "memory_typed"  # a list that was refused: it stays in its field, and the units before on view


def ledger(run: Run, trace: Record, chosen: Selection) -> None:
    """Draw this view of the finished run."""
    column, _ = cell_on_view(trace, chosen)
    answer = st.empty()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        layer = layer_choice(trace, chosen)
        group, refusal = group_choice(trace, chosen, layer)
    if refusal:
        problem(refusal)
    keep_in_address(chosen)
    memory = Memory.of(trace, layer, group.units, group.name)
    with answer:
        headline(said.cell_headline(memory, column))
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
        words(said.HEATMAP_SHORT)
    with bars:
        st.plotly_chart(
            theme.on_page(cell_bars(memory, column, is_dark()), "cell_state", is_dark()),
            theme=None,
            key="memory_cell_bars",
            config={"displayModeBar": False},
            alt=said.bars_caption(memory, column),
        )
        words(said.bars_short(memory))
    in_words(
        lambda: (
            said.cell_caption(memory, column), said.CAUTION, said.heatmap_caption(memory),
            said.bars_caption(memory, column),
        )
    )  # fmt: skip
    table(said.cell_title(memory, column), said.cell_header(memory), cells_of(said.cell_rows(memory, column)))


def cells_of(rows: Sequence[said.Row]) -> list[list[str | Text]]:
    """Rows for ``table``, with translated tokens marked as such."""
    return [[Text(row.token, row.language) if row.language else row.token, *row.cells] for row in rows]


def group_choice(trace: Record, chosen: Selection, layer: int) -> tuple[Group, str]:
    """Which units are looked at together, and why a list is refused; then the units before stay."""
    column, unit = cell_on_view(trace, chosen)
    names = {SINGLE: f"The chosen unit, {unit}", **PRESETS, LISTED: "A list of units"}
    kind, before = kind_of(chosen.group), st.session_state.get(ON_VIEW, str(unit))
    st.selectbox(
        "Units", list(names), list(names).index(kind), names.__getitem__, width=300,
        **telling("memory_units", kind, partial(_take_kind, chosen)),
    )  # fmt: skip
    refusal = ""
    if kind == LISTED:
        group, refusal = _typed(trace.units, chosen, before)
    else:
        group = single(unit) if kind == SINGLE else preset(kind, trace, layer, column)
    st.session_state[ON_VIEW] = as_list(group.units)
    return group, refusal


def _take_kind(chosen: Selection, kind: str) -> None:
    """A list begins with the units that were looked at before."""
    chosen.group = st.session_state[ON_VIEW] if kind == LISTED else kind
    st.session_state.pop(REFUSED, None)


def _typed(count: int, chosen: Selection, before: str) -> tuple[Group, str]:
    """The units of the typed list, or those before where it is refused, and why."""
    text = st.session_state.get(REFUSED, chosen.group)
    st.text_input(
        "Unit numbers and ranges", text, max_chars=LONGEST_GROUP, placeholder=EXAMPLE, width=300,
        **telling("memory_list", text, partial(_take_list, chosen, count)),
    )  # fmt: skip
    try:
        return listed(text, count), ""
    except GroupError as error:
        return listed(before, count), str(error)


def _take_list(chosen: Selection, count: int, text: str) -> None:
    st.session_state.pop(REFUSED, None)
    try:
        parsed(text, count)
    except GroupError:
        st.session_state[REFUSED] = text
    else:
        chosen.group = text


def _take_step(chosen: Selection) -> None:
    """A click in the heat map selects the step whose cell state was read."""
    points = st.session_state[CHART].get("selection", {}).get("points", [])
    if points:
        chosen.move(int(points[0]["customdata"][1]))
        keep_in_address(chosen)
