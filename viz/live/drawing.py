"""The drawing of a cell as a component: it builds what Python describes, and steps through the stages at once."""

from typing import Any

import streamlit as st

from models.translation.record import TranslationTrace
from viz.figures import cell_captions as said
from viz.figures.cell_drawing import cell_drawing
from viz.figures.cell_values import cell_values
from viz.figures.notation import Notation
from viz.serving.modules import stub

drawing = st.components.v2.component(
    "cell_drawing",
    html='<div class="cell"></div>',
    js=stub("drawing.js"),
)


def description(
    translation: TranslationTrace, column: int, unit: int, layer: int, notation: Notation, stage: int
) -> dict[str, Any]:  # fmt: skip
    """Everything the component shows, numbers as text: it computes nothing.

    Raises:
        IndexError: there is no such column, unit or layer.
    """
    values = cell_values(translation, column, unit, layer)
    return {
        "stage": stage,
        "label": said.drawing_label(translation, values, column, unit, notation),
        "caption": said.cell_caption(translation, values, column, unit, notation),
        "drawings": [
            cell_drawing(translation, column, unit, notation, layout, layer).to_dict() for layout in ("wide", "tall")
        ],
        "stages": [
            {
                "name": name,
                "says": said.stage_says(number, notation),
                "equations": said.stage_equations(values, number, notation),
                "residuals": said.stage_residuals(values, number, notation) if number else [],
            }
            for number, name in enumerate(said.STAGE_NAMES)
        ],
    }
