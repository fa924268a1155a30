"""The attention of a finished run, in which a click selects the step that wrote a token."""

import streamlit as st

from models.translation.record import TranslationTrace
from viz.figures import captions, theme
from viz.figures.attention import attention_heatmap
from viz.state import Selection, keep_in_address
from viz.widgets.words import words


def attention(trace: TranslationTrace, chosen: Selection, column: int) -> None:
    target = column - trace.starts[1]
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
        chosen.move(trace.starts[1] + int(target))
        keep_in_address(chosen)
