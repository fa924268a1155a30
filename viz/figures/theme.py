"""Colours, ranges and fonts: one meaning, one colour, on every page.

A gate runs from near white (0) to the dark end of its own hue (1). Candidate, cell state and hidden state are near
white at 0, the same blue below and a warm hue of their own above; no gate uses that blue. A difference of two runs has
that blue below 0 as well, and grey above: no quantity is grey. On a dark page these four are near black at 0 and grow
lighter towards the ends, in the same hues: what is nothing recedes there as it does on white.
"""

from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, Decimal
from functools import cache
from typing import Literal

import numpy as np
import plotly.graph_objects as go

from models.recurrent.record import Record
from models.recurrent.trace import LSTM_CELL, Array, Described, Range, Trace

Shown = str | Described  # the name of a quantity that has a look of its own, or any quantity of a cell
Scale = Literal["sequential", "diverging"]


@dataclass(frozen=True)
class Look:
    """What one quantity is called, and its colours, on every page."""

    name: str
    symbol: str  # "" for one that theme does not know
    scale: Scale
    hue: str  # for titles and equations: at least 4.5:1 on white and 3:1 on DARK_PAGE
    hue_dark: str  # 7:1 on DARK_PAGE
    darkest: str  # the strongest colour of the scale: a gate at 1, a state at the upper end
    role: str = ""  # what it does for the memory, in one word

    @property
    def title(self) -> str:
        return f"{self.name} {self.symbol}".strip()

    @property
    def words(self) -> str:
        """The name within a sentence."""
        return self.name.lower()

    @property
    def short(self) -> str:
        """As short as it gets: the symbol, or the name."""
        return self.symbol or self.words

    def on(self, is_dark: bool) -> str:
        """The hue for a light or a dark page."""
        return self.hue_dark if is_dark else self.hue


LOOKS: dict[str, Look] = {
    "forget_gate": Look("Forget gate", "f", "sequential", "#1d807b", "#31b6af", "#0b3e3b", "keep"),
    "input_gate": Look("Input gate", "i", "sequential", "#32851b", "#72b464", "#144107", "write"),
    "output_gate": Look("Output gate", "o", "sequential", "#8a5acf", "#b494ed", "#441078", "show"),
    "candidate": Look("Candidate", "g", "diverging", "#a9621b", "#e1914a", "#61360c", "proposal"),
    "cell_state": Look("Cell state", "c", "diverging", "#cd443a", "#f0877b", "#7d110f", "memory"),
    "hidden_state": Look("Hidden state", "h", "diverging", "#c6427a", "#ea85a9", "#781042", "shown"),
    # Of a GRU: the update gate keeps, as the forget gate does, and has its colours
    "update_gate": Look("Update gate", "z", "sequential", "#1d807b", "#31b6af", "#0b3e3b", "keep"),
    "reset_gate": Look("Reset gate", "r", "sequential", "#a63fb0", "#df8fe6", "#56105e", "let in"),
    "attention": Look("Attention weight", "α", "sequential", "#83731b", "#b9a333", "#3e3507"),
    "difference": Look("Difference", "Δ", "diverging", "#6b6b6b", "#a2a2a2", "#1f1f1f"),
}
# Of a quantity that is not among them: another cell's
GATE = Look("Gate", "", "sequential", "#a63fb0", "#df8fe6", "#56105e")
STATE = Look("State", "", "diverging", "#8a6a2f", "#bf9c5c", "#42300c")
OF_RANGE: dict[Range, Look] = {"gate": GATE, "signed": STATE, "unbounded": STATE}

NEGATIVE, NEGATIVE_DARK, NEGATIVE_DARKEST = "#3171db", "#73a5f6", "#0a3d8c"
ZERO, ZERO_DARK = "#fbfbfb", "#14171d"  # in the middle of a diverging scale; gates begin with the first on any page
DARK_PAGE = "#0e1117"

FONT = '"Source Sans", "Noto Sans Bengali", "Noto Sans Devanagari", "DejaVu Sans Symbols", sans-serif'
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
def lut(shown: Shown, is_dark: bool = False) -> Array:
    """256 colours from the lower to the upper end of the scale, (256, 3) uint8, read-only.

    Lightness changes evenly from entry to entry; a diverging table has its 0 between entries 127 and 128. Only a
    diverging one is another on a dark page.
    """
    table = np.round(255 * _colours(look(shown), np.linspace(0, 1, 256), is_dark)).astype(np.uint8)
    table.flags.writeable = False
    return table


@cache
def plotly_scale(shown: Shown, is_dark: bool = False) -> tuple[tuple[float, str], ...]:
    """The same colours as ``lut`` for Plotly's ``colorscale``: positions in [0, 1], the middle among them."""
    positions = np.linspace(0, 1, 65)
    levels = np.round(255 * _colours(look(shown), positions, is_dark)).astype(int)
    return tuple((float(at), f"rgb({r},{g},{b})") for at, (r, g, b) in zip(positions, levels, strict=True))


def look(shown: Shown) -> Look:
    """Name and colours; a quantity without a look of its own has that of its range, and is called by its name.

    Raises:
        KeyError: a name alone, of a quantity that has no look of its own.
    """
    if isinstance(shown, str):
        return LOOKS[shown]
    known, usual = LOOKS.get(shown.name), OF_RANGE[shown.range]
    if known is not None and known.scale == usual.scale:
        return known
    return replace(usual, name=shown.name.replace("_", " ").capitalize())


def limits(shown: Shown, *traces: Trace | Record) -> tuple[float, float]:
    """Both ends of the colour scale. Only without a bound they depend on the traces; give all that are compared.

    Raises:
        ValueError: for a difference, which ``difference_limit`` is for.
    """
    if shown == "difference":
        raise ValueError("the scale of a difference depends on what was subtracted: see difference_limit")
    if shown == "attention":
        return 0.0, 1.0
    quantity = shown if isinstance(shown, Described) else (traces[0].cell if traces else LSTM_CELL)[shown]
    if quantity.range == "unbounded":
        return -(limit := limit_of(quantity.name, *traces)), limit
    return (0.0, 1.0) if quantity.range == "gate" else (-1.0, 1.0)


def limit_of(quantity: str, *traces: Trace | Record) -> float:
    """The largest size of a quantity in any layer of the traces, rounded up: where a scale without a bound ends.

    Raises:
        ValueError: no trace, or a value that is not finite.
    """
    layers = [layer for trace in traces for layer in _layers_of(trace)]
    return rounded_limit(max(float(np.abs(layer.values(quantity)).max(initial=0)) for layer in layers))


def difference_limit(quantity: Described, largest: float) -> float:
    """Where the scale of a difference of two runs ends, above and below 0, so that nothing lies beyond.

    What has bounds goes to 1, or to the next whole number where a difference is larger: two candidates can lie 2 apart.
    What has none goes as far as its own largest difference, rounded up.

    Raises:
        ValueError: ``largest`` is not a finite number.
    """
    limit = rounded_limit(largest)
    return limit if quantity.range == "unbounded" else float(max(1, np.ceil(largest)))


def rounded_limit(largest: float) -> float:
    """Round a size up to two significant digits, so that it prints well; never to 0.

    Raises:
        ValueError: not a finite number.
    """
    if not np.isfinite(largest):
        raise ValueError(f"a value of {largest} has no colour scale")
    exact = Decimal(max(largest, SMALLEST_LIMIT))
    return float(exact.quantize(Decimal(1).scaleb(exact.adjusted() - 1), rounding=ROUND_CEILING))


def _layers_of(trace: Trace | Record) -> tuple[Trace, ...]:
    if isinstance(trace, Trace):
        return (trace,)
    return tuple(layer for part in trace.parts for layer in part.traces)


def _colours(of: Look, positions: Array, is_dark: bool) -> Array:
    """Colours of the scale at positions in [0, 1], (N, 3) sRGB in [0, 1]."""
    upper = [ZERO, of.hue_dark, of.hue, of.darkest]
    if of.scale == "sequential":
        return _path(upper, positions)
    lower = [ZERO, NEGATIVE_DARK, NEGATIVE, NEGATIVE_DARKEST]
    if is_dark:
        upper, lower = [ZERO_DARK, of.hue, of.hue_dark], [ZERO_DARK, NEGATIVE, NEGATIVE_DARK]
    distance = np.abs(2 * positions - 1)
    return np.where(positions[:, None] < 0.5, _path(lower, distance), _path(upper, distance))


def _path(stops: list[str], positions: Array) -> Array:
    """Walk from stop to stop, straight in OKLab, so that lightness changes at one pace from first to last."""
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


def takes_black(colours: Array) -> Array:
    """Whether black is read better than white on each colour, (..., 3) in 0..255; the better one reaches 4.5:1."""
    return linear(colours / 255) @ [0.2126, 0.7152, 0.0722] > 0.179  # relative luminance (WCAG 2.2)


def _from_oklab(lab: Array) -> Array:
    light = (lab @ np.linalg.inv(_TO_LAB).T) ** 3 @ np.linalg.inv(_TO_CONES).T
    light = np.clip(light, 0, 1)
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)


def on_page(figure: go.Figure, shown: Shown, is_dark: bool) -> go.Figure:
    """The same figure with text, title and, where values have a sign, their colours for a light or a dark page."""
    if not is_dark:
        return go.Figure(figure).update_layout(font_color=TEXT_LIGHT)
    dark = go.Figure(figure).update_layout(font_color=TEXT_DARK, title_font_color=look(shown).hue_dark)
    for heatmap in dark.select_traces({"type": "heatmap"}):
        if heatmap.colorscale == plotly_scale(shown):
            heatmap.colorscale = plotly_scale(shown, is_dark)
    return dark


def title(text: str, shown: Shown) -> dict:
    """A figure's title, in the hue of what it shows, at the very top."""
    return {
        "text": text, "font": {"color": look(shown).hue},
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
            "colorway": [look.hue for look in LOOKS.values()],
            "dragmode": False,
        }
    )


TEMPLATE = _template()  # for st.plotly_chart(figure, theme=None): Streamlit's own theme would replace the fonts
