"""The page about one cell: the run to pick it from, the drawing with its numbers, and what pushed each gate."""

from typing import cast

import streamlit as st

from models.analysis.provenance import pushes
from models.recurrent.trace import AffineMap
from models.translation.record import TranslationTrace
from viz.cell.svg import to_svg
from viz.figures import cell_captions as said
from viz.figures import theme
from viz.figures.cell_drawing import cell_drawing
from viz.figures.cell_pushes import push_rows, push_table, pushes_figure, residual
from viz.figures.cell_values import READING_ORDER, cell_values
from viz.figures.columns import columns_of
from viz.figures.notation import NOTATIONS, Notation
from viz.figures.wording import capitalised, scientific
from viz.live.drawing import description, drawing
from viz.live.microscope import cell_picker, chosen_run
from viz.serving.runs import Run
from viz.state import STAGES, Selection, cell_on_view, keep_in_address
from viz.widgets.choices import layer_choice, part, telling
from viz.widgets.words import folding, is_dark, table, words

# The drawing is to be seen without scrolling: it grows with the window, and nothing above it does; names stand beside
# their widgets where there is room.
STYLE = """<style>
html:root:root {font-size: 1em;}
@media (min-width: 1200px) {
  .st-key-cell_choices :is(.stSelectbox, .stNumberInput, .stButtonGroup) {
    display: flex; flex-direction: row; align-items: center; gap: 0.75rem;}
  .st-key-cell_choices [data-testid="stWidgetLabel"] {flex: none; width: auto; margin: 0;}
  .st-key-cell_choices :is(.stSelectbox, .stNumberInput) > div {flex: 1; min-width: 0;}
}
</style>"""


@st.fragment
def cell(run: Run, chosen: Selection) -> None:
    trace = cell_picker(run, chosen, NOTATIONS[chosen.notation])
    column, unit, layer, notation = choices(trace, chosen)
    drawn(trace, chosen, column, unit, layer, notation)
    pushed(run, trace, column, unit, layer, notation)


def choices(trace: TranslationTrace, chosen: Selection) -> tuple[int, int, int, Notation]:
    """Step, unit, layer and notation, by lists and a number: for whoever cannot hit a cell of a heat map."""
    column, unit = cell_on_view(trace, chosen)
    labels, units = said.choices(trace), trace.units
    st.html(STYLE)
    with st.container(key="cell_choices"):
        steps, number, notations = st.columns([3, 1.6, 3.4], vertical_alignment="center")
    with steps:
        st.selectbox(
            "Step", range(len(labels)), column, format_func=labels.__getitem__,
            **telling("cell_step", column, lambda column: _take_cell(chosen, column, unit)),
        )  # fmt: skip
    with number:
        st.number_input(
            f"Unit, 0 to {units - 1}", 0, units - 1, unit,
            **telling("cell_unit", unit, lambda unit: _take_cell(chosen, column, unit)),
        )  # fmt: skip
    with notations:
        st.segmented_control(
            "Notation", list(NOTATIONS), default=chosen.notation, format_func=lambda key: NOTATIONS[key].name,
            required=True, **part(chosen, "notation", "notation_choice"),
        )  # fmt: skip
    layer = layer_choice(trace, chosen)
    keep_in_address(chosen)
    return column, unit, layer, NOTATIONS[chosen.notation]


def _take_cell(chosen: Selection, column: int, unit: int) -> None:
    """A step or unit from the widgets; the heat maps follow."""
    chosen.move(column, unit)
    keep_in_address(chosen)


def drawn(
    trace: TranslationTrace, chosen: Selection, column: int, unit: int, layer: int, notation: Notation
) -> None:  # fmt: skip
    """The drawing with its stages and equations, then the same in words and as a table."""
    values = cell_values(trace, column, unit, layer)
    drawing(
        data=description(trace, column, unit, layer, notation, chosen.stage),
        key="cell_drawing",
        on_stage_change=lambda: _take_stage(chosen),
    )
    words(said.residual_remark(values))
    words(f"Notation: {notation.source}. {notation.remark}")
    with folding("Every number of the drawing as a table, and the drawing as a file", "cell_table") as box:
        if box.open:
            table(
                f"Unit {unit}, {columns_of(trace)[column].place}",
                ("Symbol", "What it is", "Value"),
                said.value_rows(values, notation),
            )
            download(trace, column, unit, layer, notation)


def download(trace: TranslationTrace, column: int, unit: int, layer: int, notation: Notation) -> None:
    label = said.drawing_label(trace, cell_values(trace, column, unit, layer), column, unit, notation)
    st.download_button(
        "Drawing (SVG)",
        lambda: to_svg(cell_drawing(trace, column, unit, notation, "wide", layer), label),
        f"lstm-cell-step-{column}-unit-{unit}.svg",
        "image/svg+xml",
        on_click="ignore",
        key="cell_svg",
    )


def _take_stage(chosen: Selection) -> None:
    stage = st.session_state.cell_drawing.get("stage")
    if stage in STAGES:
        chosen.stage = int(stage)
        keep_in_address(chosen)


def pushed(
    run: Run, trace: TranslationTrace, column: int, unit: int, layer: int, notation: Notation
) -> None:  # fmt: skip
    """Which inputs and which hidden units pushed one of the four maps most."""
    st.subheader("What pushed each gate", anchor=False)
    of = cast(
        AffineMap,
        st.segmented_control(
            "Gate or candidate", READING_ORDER, default=READING_ORDER[0],
            format_func=lambda name: capitalised(notation.names[name]), key="pushed_map", required=True,
        ),
    )  # fmt: skip
    place = columns_of(trace)[column]
    found = pushes(run.translator, trace, place.part, place.step - 1, unit, layer)
    rows = push_rows(found, of)
    sentence = said.push_caption(notation, of, unit, rows, layer == 0, place.read)
    figure = theme.on_page(pushes_figure(rows, notation, of, place.read, layer == 0), of, is_dark())
    st.plotly_chart(figure, theme=None, key="pushes", config={"displayModeBar": False}, alt=sentence)
    words(sentence)
    left_over = scientific(residual(found, of))
    words(f"Residual: all terms and the bias added up, minus the pre-activation of the run, is {left_over}.")
    with folding("The pushes as a table", "pushes_table") as box:
        if box.open:
            table(
                f"Pushes on the {notation.names[of]}",
                ("Term", "Push"),
                push_table(rows, notation, of, place.read, layer == 0),
            )


if __name__ == "__main__":
    run, chosen = chosen_run()
    cell(run, chosen)
