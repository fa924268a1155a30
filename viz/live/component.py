"""The streaming heat maps as a component: what it shows comes from the route, what is chosen goes to Python."""

import json
from pathlib import Path
from typing import Any

import streamlit as st

from models.trace import QUANTITIES
from viz.figures import theme

FOLDER = Path(__file__).parent / "component"
SCRIPTS = ("stream.js", "run.js", "panels.js", "readout.js", "chips.js", "component.js")


def meanings() -> list[dict[str, Any]]:
    """Name, symbol, hues and colour table of the six quantities, in the order in which the route sends them."""
    return [
        {
            "key": quantity,
            "name": theme.NAME[quantity],
            "symbol": theme.SYMBOL[quantity],
            "hue": theme.HUE[quantity],
            "hue_dark": theme.HUE_DARK[quantity],
            "colours": theme.lut(quantity).tolist(),
        }
        for quantity in QUANTITIES
    ]


def script() -> str:
    """One module out of the files beside this one; the colours are those of the Plotly figures."""
    colours = f"const MEANINGS = {json.dumps(meanings())};"
    return "\n".join([colours, *((FOLDER / name).read_text(encoding="utf-8") for name in SCRIPTS)])


microscope = st.components.v2.component(
    "microscope",
    html='<div class="microscope" data-state="waiting"></div>',
    css=(FOLDER / "component.css").read_text(encoding="utf-8"),
    js=script(),
)
