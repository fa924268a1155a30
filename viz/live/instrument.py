"""The microscope on a page: the run it shows, what is chosen in it, and the words and tables beneath it."""

from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from models import AssetError, SentenceError
from models.checkpoints import was_in_training
from models.configuration import LANGUAGES
from models.trace import QUANTITIES, TranslationTrace
from viz import loading
from viz.components import literal, words
from viz.figures import captions, tables, theme
from viz.figures.attention import attention_heatmap
from viz.figures.gates import quantity_heatmap
from viz.figures.ordering import unit_order
from viz.live.component import microscope
from viz.live.runs import Run, start
from viz.state import Order, Selection, keep_in_address

FOLDING = ("in_words", "in_tables", "in_files")  # parts of the page that are computed and sent only while unfolded
STYLE = """<style>
[data-testid="stMainBlockContainer"] {padding: 0.75rem 1.5rem 2rem; max-width: 100%;}
[data-testid="stHeader"] {display: none;}
[data-testid="stMainBlockContainer"] [data-testid="stVerticalBlock"] {gap: 0.5rem;}
</style>"""


def style() -> None:
    """Give the instrument the whole page: Streamlit leaves room for a header that this page does not have."""
    st.html(STYLE)


def run_for(chosen: Selection) -> tuple[Run | None, str]:
    """The run of the chosen sentence, and why there is none if it is refused; then the run before stays."""
    wanted = (chosen.sentence, chosen.language)
    if st.session_state.get("run_wanted") != wanted:
        st.session_state.run_wanted = wanted
        st.session_state.refusal = ""
        before: Run | None = st.session_state.get("run")
        try:
            run = st.session_state.run = start(loading.translator(chosen.language), chosen.sentence)
            if before and (before.source, before.translator.language) != (run.source, run.translator.language):
                chosen.column = chosen.unit = None  # of another run
        except (SentenceError, AssetError) as error:
            st.session_state.refusal = str(error)
            if isinstance(error, AssetError):  # nothing that was computed before can be trusted either
                st.session_state.run = None
                del st.session_state.run_wanted  # look again at the next rerun
    keep_in_address(chosen)
    return st.session_state.get("run"), st.session_state.refusal


@st.fragment
def instrument(run: Run, chosen: Selection) -> None:
    """Draw the run. The heat maps fill themselves from the streaming route; the rest follows when it is finished."""
    serial = st.session_state.setdefault("selection_serial", 0)
    wanted = {"column": chosen.column, "unit": chosen.unit}
    microscope(
        data={
            "run": run.id,
            "base": st.get_option("server.baseUrlPath").rstrip("/"),
            "badge": seen_badge(run.source.sentence),
            "selected": wanted if any(value is not None for value in wanted.values()) else None,
            "serial": serial,
            "order": chosen.order,
            "attention": {"light": theme.HUE["attention"], "dark": theme.HUE_DARK["attention"]},
        },
        key="microscope",
        on_selected_change=lambda: _take_cell(chosen),
        on_order_change=lambda: _take_order(chosen),
        on_finished_change=lambda: None,
        on_again_change=_compute_again,
    )
    if "run_wanted" not in st.session_state:  # asked to compute again
        st.rerun()
    for key in FOLDING:  # Streamlit forgets what a widget was set to in a run that does not show it
        if key in st.session_state:
            st.session_state[key] = st.session_state[key]
    if run.trace is not None:
        beneath(run.trace, chosen)


def seen_badge(sentence: str) -> dict[str, str]:
    """Whether the network was trained on this very sentence."""
    if was_in_training(sentence, loading.seen()):
        return {"kind": "seen", "text": "seen in training"}
    return {"kind": "unseen", "text": "not in training"}


def _take_cell(chosen: Selection) -> None:
    cell: dict[str, Any] | None = st.session_state.microscope.get("selected")
    if cell is not None:
        chosen.column, chosen.unit = int(cell["column"]), int(cell["unit"])
        keep_in_address(chosen)


def _take_order(chosen: Selection) -> None:
    order = st.session_state.microscope.get("order")
    if order in ("stored", "variance", "similarity"):
        chosen.order = order
        keep_in_address(chosen)


def _compute_again() -> None:
    st.session_state.pop("run_wanted", None)


def _take_attention(trace: TranslationTrace, chosen: Selection) -> None:
    """A click in the attention picture selects the step that wrote the target token."""
    points = st.session_state.attention.get("selection", {}).get("points", [])
    if points:
        target, _ = points[0]["customdata"][:2]
        chosen.column = len(trace.source_tokens) + int(target)
        st.session_state.selection_serial += 1
        keep_in_address(chosen)


def beneath(trace: TranslationTrace, chosen: Selection) -> None:
    """Attention, words and tables of the finished run."""
    steps = len(trace.source_tokens) + len(trace.target_tokens)
    if (chosen.column or 0) >= steps or (chosen.unit or 0) >= trace.encoder[-1].cell_state.shape[1]:
        words(f"The link points past this run, which has {steps} steps; the nearest cell is selected.")
    column = min(chosen.column if chosen.column is not None else len(trace.source_tokens), steps - 1)
    target = column - len(trace.source_tokens)
    words(captions.translation_caption(trace))
    st.subheader("Attention", anchor=False)
    figure = attention_heatmap(trace, selected_target=target if target >= 0 else None)
    st.plotly_chart(
        theme.on_dark(figure, "attention") if st.context.theme.type == "dark" else figure,
        theme=None,
        key="attention",
        on_select=lambda: _take_attention(trace, chosen),
        selection_mode="points",
        config={"displayModeBar": False},
        alt=captions.attention_caption(trace),
    )
    words(captions.attention_caption(trace))
    values(trace, chosen, column)


def values(trace: TranslationTrace, chosen: Selection, column: int) -> None:
    """The pictures in words, and every value as a table and a file."""
    unit = chosen.unit if chosen.unit is not None else int(unit_order(trace, "variance")[0])
    unit = min(unit, trace.encoder[-1].cell_state.shape[1] - 1)
    in_words, in_tables, in_files = FOLDING
    with folding("The heat maps in words", in_words) as box:
        if box.open:
            for quantity in QUANTITIES:
                words(captions.quantity_caption(trace, quantity))
    with folding(f"Values as tables: unit {unit} at every step, every unit at the selected step", in_tables) as box:
        if box.open:
            value_tables(trace, column, unit)
    with folding("Download", in_files) as box:
        if box.open:
            downloads(trace, chosen.order)


def folding(label: str, key: str) -> DeltaGenerator:
    return st.expander(label, key=key, on_change="rerun")


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
