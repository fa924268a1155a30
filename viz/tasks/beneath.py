"""Folds below: the ledger, survival, and one step inside the cell, on the small network as on the translator."""

import streamlit as st

from viz.figures import cell_captions, lifetime_captions, memory_captions, theme
from viz.figures.cell_values import cell_values
from viz.figures.columns import columns_of
from viz.figures.lifetimes import survival_curves, survival_heatmap
from viz.figures.memory import Memory, cell_bars, contributions_heatmap
from viz.figures.notation import NOTATIONS
from viz.figures.ordering import unit_order
from viz.live.drawing import description, drawing
from viz.state import STAGES, Selection
from viz.tasks.asked import Answer
from viz.widgets.words import folding, is_dark, picture, table, words

NOT_LSTM = {
    "gru": "A GRU has no cell state and no forget gate: h = (1 − z) ⊙ n + z ⊙ h₋₁, and its update gate z keeps. The "
    "ledger, survival and the drawing of a cell are those of an LSTM: choose one above.",
    "rnn": "A plain RNN has no gates: every step replaces its whole hidden state, so there is nothing to keep a ledger "
    "of. The ledger, survival and the drawing of a cell are those of an LSTM: choose one above.",
}


def beneath(found: Answer, chosen: Selection) -> None:
    if found.network.cell != "lstm":
        words(NOT_LSTM[found.network.cell])
        return
    record = found.run.record
    column = record.steps - 1 if chosen.step is None else min(chosen.step, record.steps - 1)
    unit = int(unit_order(record, "variance")[0]) if chosen.task_unit is None else chosen.task_unit
    unit = min(unit, record.units - 1)
    where = f"unit {unit}, {columns_of(record)[column].place}"
    with folding(f"Ledger of the cell state: {where}", "task_ledger") as box:
        if box.open:
            ledger(found, unit, column)
    with folding(f"Survival: what is left of the write of {columns_of(record)[column].place}", "task_survival") as box:
        if box.open:
            survival(found, unit, column)
    with folding(f"Inside the cell: {where}", "task_cell") as box:
        if box.open:
            inside(found, chosen, unit, column)


def ledger(found: Answer, unit: int, column: int) -> None:
    memory = Memory.of(found.run.record, 0, (unit,), f"unit {unit}")
    words(memory_captions.cell_headline(memory, column))
    grid, bars = st.columns([11, 9], gap="medium")
    with grid:
        figure = theme.on_page(contributions_heatmap(memory, column), "cell_state", is_dark())
        picture(figure, memory_captions.heatmap_caption(memory), "task_ledger_map", memory_captions.HEATMAP_SHORT)
    with bars:
        figure = theme.on_page(cell_bars(memory, column, is_dark()), "cell_state", is_dark())
        caption = memory_captions.bars_caption(memory, column)
        picture(figure, caption, "task_ledger_bars", memory_captions.bars_short(memory))
    rows = [[row.token, *row.cells] for row in memory_captions.cell_rows(memory, column)]
    table(memory_captions.cell_title(memory, column), memory_captions.cell_header(memory), rows)


def survival(found: Answer, unit: int, column: int) -> None:
    record = found.run.record
    words(lifetime_captions.headline(record, column, unit))
    if column < record.steps - 1:
        figure = theme.on_page(survival_heatmap(record, column, unit), "forget_gate", is_dark())
        caption = lifetime_captions.survival_caption(record, column)
        picture(figure, caption, "task_survival_map", lifetime_captions.MAP_SHORT)
    figure = theme.on_page(survival_curves(record, column, unit, 0, is_dark()), "forget_gate", is_dark())
    picture(figure, lifetime_captions.curves_caption(record, column, unit), "task_survival_curves")


def inside(found: Answer, chosen: Selection, unit: int, column: int) -> None:
    record, notation = found.run.record, NOTATIONS[chosen.notation]
    drawing(
        data=description(record, column, unit, 0, notation, chosen.stage),
        key="task_cell_drawing",
        on_stage_change=lambda: _take_stage(chosen),
    )
    words(cell_captions.residual_remark(cell_values(record, column, unit)))


def _take_stage(chosen: Selection) -> None:
    stage = st.session_state.task_cell_drawing.get("stage")
    if stage in STAGES:
        chosen.stage = int(stage)
