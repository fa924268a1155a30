"""Colours, ranges and fonts: one meaning, one colour, on every page.

A gate runs from near white (0) to the dark end of its own hue (1). Candidate, cell state and hidden state are near
white at 0, the same blue below and a warm hue of their own above; no gate uses that blue. A difference of two runs has
that blue below 0 as well, and grey above: no quantity is grey.
"""

from collections.abc import Sequence
from decimal import ROUND_CEILING, Decimal
from functools import cache
from typing import Literal

import numpy as np
import plotly.graph_objects as go

from models.recurrent.trace import Array, Quantity, Trace
from models.translation.record import TranslationTrace

Shown = Quantity | Literal["attention", "difference"]
Scale = Literal["sequential", "diverging"]

NAME: dict[Shown, str] = {
    "forget_gate": "Forget gate", "input_gate": "Input gate", "output_gate": "Output gate",
    "candidate": "Candidate", "cell_state": "Cell state", "hidden_state": "Hidden state",
    "attention": "Attention weight", "difference": "Difference",
}  # fmt: skip
SYMBOL: dict[Shown, str] = {
    "forget_gate": "f", "input_gate": "i", "output_gate": "o",
    "candidate": "g", "cell_state": "c", "hidden_state": "h",
    "attention": "α", "difference": "Δ",
}  # fmt: skip
SCALE: dict[Shown, Scale] = {
    "forget_gate": "sequential", "input_gate": "sequential", "output_gate": "sequential",
    "candidate": "diverging", "cell_state": "diverging", "hidden_state": "diverging",
    "attention": "sequential", "difference": "diverging",
}  # fmt: skip

# For titles and equations. HUE: at least 4.5:1 on white and 3:1 on DARK_PAGE; HUE_DARK: 7:1 on DARK_PAGE.
HUE: dict[Shown, str] = {
    "forget_gate": "#1d807b", "input_gate": "#32851b", "output_gate": "#8a5acf",
    "candidate": "#a9621b", "cell_state": "#cd443a", "hidden_state": "#c6427a",
    "attention": "#83731b", "difference": "#6b6b6b",
}  # fmt: skip
HUE_DARK: dict[Shown, str] = {
    "forget_gate": "#31b6af", "input_gate": "#72b464", "output_gate": "#b494ed",
    "candidate": "#e1914a", "cell_state": "#f0877b", "hidden_state": "#ea85a9",
    "attention": "#b9a333", "difference": "#a2a2a2",
}  # fmt: skip
# The strongest colour of each scale: a gate at 1, a state at the upper end.
DARKEST: dict[Shown, str] = {
    "forget_gate": "#0b3e3b", "input_gate": "#144107", "output_gate": "#441078",
    "candidate": "#61360c", "cell_state": "#7d110f", "hidden_state": "#781042",
    "attention": "#3e3507", "difference": "#1f1f1f",
}  # fmt: skip
NEGATIVE, NEGATIVE_DARK, NEGATIVE_DARKEST = "#3171db", "#73a5f6", "#0a3d8c"
ZERO = "#fbfbfb"
DARK_PAGE = "#0e1117"

FONT = '"Source Sans", "Noto Sans Bengali", "Noto Sans Devanagari", sans-serif'
FONT_SIZE = 16
TEXT = "#717680"  # in figures: more than 4:1 on white and on DARK_PAGE alike
TEXT_LIGHT, TEXT_DARK = "#31333f", "#fafafa"  # for pages that know their background

SMALLEST_LIMIT = 1e-6  # so that a cell state of nothing but zeros still has a scale

# sRGB to cone responses and on to OKLab (Ottosson 2020, https://bottosson.github.io/posts/oklab/)
_TO_CONES = np.array([
    [0.4122214708, 0.5363325363, 0.0514459929],
    [0.2119034982, 0.6806995451, 0.1073969566],
    [0.0883024619, 0.2817188376, 0.6299787005],
])  # fmt: skip
_TO_LAB = np.array([
    [0.2104542553, 0.7936177850, -0.0040720468],
    [1.9779984951, -2.4285922050, 0.4505937099],
    [0.0259040371, 0.7827717662, -0.8086757660],
])  # fmt: skip


@cache
def lut(quantity: Shown) -> Array:
    """256 colours from the lower to the upper end of the scale, (256, 3) uint8, read-only.

    Lightness changes evenly from entry to entry; a diverging table has its 0 between entries 127 and 128.
    """
    table = np.round(255 * _colours(quantity, np.linspace(0, 1, 256))).astype(np.uint8)
    table.flags.writeable = False
    return table


@cache
def plotly_scale(quantity: Shown) -> tuple[tuple[float, str], ...]:
    """The same colours as ``lut`` for Plotly's ``colorscale``: positions in [0, 1], the middle among them."""
    positions = np.linspace(0, 1, 65)
    levels = np.round(255 * _colours(quantity, positions)).astype(int)
    return tuple((float(at), f"rgb({r},{g},{b})") for at, (r, g, b) in zip(positions, levels, strict=True))


def limits(quantity: Shown, *traces: Trace | TranslationTrace) -> tuple[float, float]:
    """Both ends of the colour scale. Only the cell state's depend on the traces; give all that are compared.

    Raises:
        ValueError: for a difference, whose scale is shared by all six quantities and has to be handed on.
    """
    if quantity == "difference":
        raise ValueError("the scale of a difference is that of the largest of all six")
    if quantity == "cell_state":
        return -(limit := cell_limit(*traces)), limit
    return (0.0, 1.0) if SCALE[quantity] == "sequential" else (-1.0, 1.0)


def cell_limit(*traces: Trace | TranslationTrace) -> float:
    """The largest size of any cell state in the traces, rounded up: the cell state's scale has no other bound.

    Raises:
        ValueError: no trace, or a cell state that is not finite.
    """
    return rounded_limit(max(float(np.abs(trace.cell_state).max(initial=0)) for trace in _layers_of(traces)))


def rounded_limit(largest: float) -> float:
    """Round a size up to two significant digits, so that it prints well; never to 0.

    Raises:
        ValueError: not a finite number.
    """
    if not np.isfinite(largest):
        raise ValueError(f"a cell state of {largest} has no colour scale")
    exact = Decimal(max(largest, SMALLEST_LIMIT))
    return float(exact.quantize(Decimal(1).scaleb(exact.adjusted() - 1), rounding=ROUND_CEILING))


def _layers_of(traces: Sequence[Trace | TranslationTrace]) -> list[Trace]:
    layers: list[Trace] = []
    for trace in traces:
        layers += [trace] if isinstance(trace, Trace) else [*trace.encoder, *trace.decoder]
    return layers


def _colours(quantity: Shown, positions: Array) -> Array:
    """Colours of the scale at positions in [0, 1], (N, 3) sRGB in [0, 1]."""
    upper = [ZERO, HUE_DARK[quantity], HUE[quantity], DARKEST[quantity]]
    if SCALE[quantity] == "sequential":
        return _path(upper, positions)
    lower = [ZERO, NEGATIVE_DARK, NEGATIVE, NEGATIVE_DARKEST]
    distance = np.abs(2 * positions - 1)
    return np.where(positions[:, None] < 0.5, _path(lower, distance), _path(upper, distance))


def _path(stops: list[str], positions: Array) -> Array:
    """Walk from stop to stop, straight in OKLab, so that lightness falls at one pace from first to last."""
    lab = oklab(np.array([srgb(stop) for stop in stops]))
    reached = (lab[0, 0] - lab[:, 0]) / (lab[0, 0] - lab[-1, 0])  # 0 at the first stop, 1 at the last
    return _from_oklab(np.stack([np.interp(positions, reached, lab[:, axis]) for axis in range(3)], axis=-1))


def srgb(colour: str) -> Array:
    """``#rrggbb`` as three numbers in [0, 1]."""
    return np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255


def linear(colours: Array) -> Array:
    """Light intensities, (..., 3) in [0, 1], of sRGB colours in [0, 1] (IEC 61966-2-1)."""
    return np.where(colours <= 0.04045, colours / 12.92, ((colours + 0.055) / 1.055) ** 2.4)


def oklab(colours: Array) -> Array:
    """Lightness in [0, 1] and two opponent axes, (..., 3), of sRGB colours in [0, 1]."""
    return np.cbrt(linear(colours) @ _TO_CONES.T) @ _TO_LAB.T


def _from_oklab(lab: Array) -> Array:
    light = (lab @ np.linalg.inv(_TO_LAB).T) ** 3 @ np.linalg.inv(_TO_CONES).T
    light = np.clip(light, 0, 1)
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)


def on_page(figure: go.Figure, quantity: Shown, is_dark: bool) -> go.Figure:
    """The same figure with text and title for a light or a dark page; the colours of the values stay."""
    if not is_dark:
        return go.Figure(figure).update_layout(font_color=TEXT_LIGHT)
    return go.Figure(figure).update_layout(font_color=TEXT_DARK, title_font_color=HUE_DARK[quantity])


def title(text: str, quantity: Shown) -> dict:
    """A figure's title, in the hue of what it shows, at the very top."""
    return {
        "text": text, "font": {"color": HUE[quantity]},
        "y": 1, "yref": "container", "yanchor": "top", "pad": {"t": 10},
    }  # fmt: skip


def colour_bar(low: float, high: float, height: int) -> dict:
    """A bar beside the title of a figure ``height`` pixels high, both ends printed.

    Anchored by its middle: Plotly moves the title of a figure along with a bar that is anchored otherwise.
    """
    ticks = (low, (low + high) / 2, high)
    return {
        "orientation": "h", "x": 1, "xanchor": "right", "len": 0.5, "thickness": 12, "xpad": 12, "ypad": 0,
        "y": 1 - 24 / height, "yref": "container", "yanchor": "middle", "outlinewidth": 0,
        "tickvals": ticks, "ticktext": [f"{value:g}".replace("-", "−") for value in ticks], "ticks": "",
    }  # fmt: skip


def _template() -> go.layout.Template:
    axis = {
        "showgrid": False, "zeroline": False, "showline": False, "ticks": "outside", "ticklen": 4,
        "tickcolor": TEXT, "automargin": True, "title": {"standoff": 8, "font": {"size": FONT_SIZE}},
    }  # fmt: skip
    return go.layout.Template(
        layout={
            "font": {"family": FONT, "size": FONT_SIZE, "color": TEXT},
            "title": {"x": 0, "xanchor": "left", "xref": "paper", "font": {"size": 20, "weight": 600}},
            "hoverlabel": {
                "font": {"family": FONT, "size": FONT_SIZE, "color": TEXT_DARK},
                "align": "left",
                "bgcolor": TEXT_LIGHT,
                "bordercolor": TEXT_DARK,
            },
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "xaxis": axis,
            "yaxis": axis,
            "margin": {"l": 8, "r": 8, "t": 72, "b": 8},
            "colorway": [*HUE.values()],
            "dragmode": False,
        }
    )


TEMPLATE = _template()  # for st.plotly_chart(figure, theme=None): Streamlit's own theme would replace the fonts
