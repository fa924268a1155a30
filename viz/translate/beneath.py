"""What stands beneath the microscope once a run is finished: attention, words, tables and files."""

import streamlit as st

from models.language.languages import LANGUAGES
from models.recurrent.trace import QUANTITIES
from models.translation.record import TranslationTrace
from viz.figures import captions, tables, theme
from viz.figures.gates import quantity_heatmap
from viz.figures.ordering import unit_order
from viz.figures.search_captions import untrained_caption
from viz.live.attention import attention
from viz.live.badge import nearest_training_sentence
from viz.networks import TIME_MACHINE, course, is_untrained
from viz.serving.asked import ask_again
from viz.serving.course import ABOUT, is_in_course
from viz.serving.runs import Run
from viz.state import Order, Selection, cell_on_view
from viz.translate.beam import beam_section
from viz.widgets.choices import warn_of_link
from viz.widgets.words import folding, literal, words


def beneath(run: Run, chosen: Selection) -> None:
    """Everything about the finished run that its heat maps do not show."""
    trace = run.trace
    warn_of_link(trace, chosen)
    column, unit = cell_on_view(trace, chosen)
    with st.container(horizontal=True):
        st.page_link("cell/page.py", label="Inside the selected cell", width="content")
        st.page_link("memory/page.py", label="Who wrote its memory?", width="content")
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
    words_tables_files(trace, chosen, column, unit)


def time_machine_link(chosen: Selection) -> None:
    """The way to the slider through a training, where it is not in view."""
    if course() and not is_in_course(chosen.network):
        st.button(
            "Time machine: watch it learn", key="to_time_machine", type="tertiary", on_click=_to_time_machine,
            args=(chosen,),
        )  # fmt: skip


def _to_time_machine(chosen: Selection) -> None:
    chosen.try_network(TIME_MACHINE)
    chosen.look_at_the_best()
    ask_again()


def words_tables_files(trace: TranslationTrace, chosen: Selection, column: int, unit: int) -> None:
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
    st.dataframe(tables.column_table(trace, column), height=320, hide_index=True, key="column_table")


def downloads(trace: TranslationTrace, kind: Order) -> None:
    name = f"lstm-{LANGUAGES[trace.language].lower()}"
    st.download_button(
        "All values (CSV)", lambda: tables.to_csv(trace), f"{name}.csv", "text/csv", on_click="ignore", key="csv"
    )
    order = unit_order(trace, kind)
    for quantity in QUANTITIES:
        st.download_button(
            f"{theme.look(quantity).name} (interactive figure)",
            lambda quantity=quantity: quantity_heatmap(trace, quantity, order).to_html(include_plotlyjs=True),
            f"{name}-{quantity}.html",
            "text/html",
            on_click="ignore",
            key=f"figure_{quantity}",
        )
