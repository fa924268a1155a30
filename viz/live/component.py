"""The streaming heat maps as a component: what it shows comes from the route, what is chosen goes to Python."""

import json
from pathlib import Path
from typing import Any

import streamlit as st

from models.recurrent.trace import QUANTITIES
from viz.figures import theme

FOLDER = Path(__file__).parent.parent / "browser"
SHARED = ("elements.js", "stream.js", "run.js", "panels.js", "chips.js", "course.js")


def meaning(shown: theme.Shown) -> dict[str, Any]:
    """Name, symbol, hues and colour table."""
    return {
        "key": shown,
        "name": theme.look(shown).name,
        "symbol": theme.look(shown).symbol,
        "hue": theme.look(shown).hue,
        "hue_dark": theme.look(shown).hue_dark,
        "colours": theme.lut(shown).tolist(),
    }


def script(*names: str) -> str:
    """One module out of files beside this one, after those that are shared; the colours are those of the figures.

    The six quantities come in the order in which the route sends them.
    """
    colours = [
        f"const MEANINGS = {json.dumps([meaning(quantity) for quantity in QUANTITIES])};",
        f"const DIFFERENCE = {json.dumps(meaning('difference'))};",
    ]
    return "\n".join([*colours, *map(text, (*SHARED, *names))])


def text(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


microscope = st.components.v2.component(
    "microscope",
    html='<div class="microscope" data-state="waiting"></div>',
    css=text("microscope.css"),
    js=script("readout.js", "microscope.js"),
)
comparison = st.components.v2.component(
    "comparison",
    html='<div class="microscope comparison" data-state="waiting"></div>',
    css=text("microscope.css") + text("comparison.css"),
    js=script("comparison.js"),
)
