"""What stands beneath the microscope once a run is finished: attention, words, tables and files."""

import streamlit as st

from models.configuration import LANGUAGES
from models.trace import QUANTITIES, TranslationTrace
from viz.components import folding, literal, take_network, warn_of_link, words
from viz.course import ABOUT, is_in_course
from viz.figures import captions, tables, theme
from viz.figures.attention import attention_heatmap
from viz.figures.gates import quantity_heatmap
from viz.figures.ordering import unit_order
from viz.figures.search_captions import untrained_caption
from viz.live.badge import nearest_training_sentence
from viz.live.beam import beam_section
from viz.live.runs import Run
from viz.networks import TIME_MACHINE, course, is_untrained
from viz.state import Order, Selection, cell_on_view, keep_in_address

# parts of the page that are computed and sent only while unfolded
FOLDING = ("in_words", "in_tables", "in_files", "in_nearest", "in_dropped")


def beneath(run: Run, chosen: Selection) -> None:
    """Everything about the finished run that its heat maps do not show."""
    trace = run.trace
    warn_of_link(trace, chosen)
    column, unit = cell_on_view(trace, chosen)
    with st.container(horizontal=True):
        st.page_link("pages/cell.py", label="Inside the selected cell", width="content")
        st.page_link("pages/memory.py", label="Who wrote its memory?", width="content")
        time_machine_link(chosen)
    if is_in_course(chosen.network):
        words(ABOUT)
    words(captions.translation_caption(trace))
    if is_untrained(chosen.network):
        words(untrained_caption(trace))
    else:
        nearest_training_sentence(run)
    attention(trace, chosen, column)
    if run.beam is not None:
        beam_section(run, chosen)
    values(trace, chosen, column, unit)


def time_machine_link(chosen: Selection) -> None:
    """The way to the slider through a training, where it is not in view."""
    if course() and not is_in_course(chosen.network):
        st.button(
            "Time machine: watch it learn", key="to_time_machine", type="tertiary", on_click=_to_time_machine,
            args=(chosen,),
        )  # fmt: skip


def _to_time_machine(chosen: Selection) -> None:
    take_network(chosen, TIME_MACHINE)
    chosen.hypothesis = 1  # of another search
    st.session_state.pop("run_wanted", None)


def attention(trace: TranslationTrace, chosen: Selection, column: int) -> None:
    target = column - len(trace.source_tokens)
    st.subheader("Attention", anchor=False)
    figure = attention_heatmap(trace, selected_target=target if target >= 0 else None)
    is_dark = st.context.theme.type == "dark"
    st.plotly_chart(
        theme.on_page(figure, "attention", is_dark),
        theme=None,
        key="attention",
        on_select=lambda: _take_attention(trace, chosen),
        selection_mode="points",
        config={"displayModeBar": False},
        alt=captions.attention_caption(trace),
    )
    words(captions.attention_caption(trace))


def _take_attention(trace: TranslationTrace, chosen: Selection) -> None:
    """A click in the attention picture selects the step that wrote the target token."""
    points = st.session_state.attention.get("selection", {}).get("points", [])
    if points:
        target, _ = points[0]["customdata"][:2]
        chosen.column = len(trace.source_tokens) + int(target)
        st.session_state.selection_serial += 1
        keep_in_address(chosen)


def values(trace: TranslationTrace, chosen: Selection, column: int, unit: int) -> None:
    """The pictures in words, and every value as a table and a file."""
    with folding("The heat maps in words", "in_words") as box:
        if box.open:
            for quantity in QUANTITIES:
                words(captions.quantity_caption(trace, quantity))
    with folding(f"Values as tables: unit {unit} at every step, every unit at the selected step", "in_tables") as box:
        if box.open:
            value_tables(trace, column, unit)
    with folding("Download", "in_files") as box:
        if box.open:
            downloads(trace, chosen.order)


def value_tables(trace: TranslationTrace, column: int, unit: int) -> None:
    words(captions.step_caption(trace, column, unit))
    by_step = tables.unit_table(trace, unit)
    for name in ("Token read", "Token written"):
        by_step[name] = [literal(str(token)) for token in by_step[name]]
    st.table(by_step)
    st.dataframe(tables.column_table(trace, column), height=320, key="column_table")


def downloads(trace: TranslationTrace, kind: Order) -> None:
    name = f"lstm-{LANGUAGES[trace.language].lower()}"
    st.download_button(
        "All values (CSV)", lambda: tables.to_csv(trace), f"{name}.csv", "text/csv", on_click="ignore", key="csv"
    )
    order = unit_order(trace, kind)
    for quantity in QUANTITIES:
        st.download_button(
            f"{theme.NAME[quantity]} (interactive figure)",
            lambda quantity=quantity: quantity_heatmap(trace, quantity, order).to_html(include_plotlyjs=True),
            f"{name}-{quantity}.html",
            "text/html",
            on_click="ignore",
            key=f"figure_{quantity}",
        )
