"""Colours that mean one thing, can be read, and can be told apart with every kind of colour vision."""

from itertools import combinations

import numpy as np
import plotly.graph_objects as go
import pytest

from models import Record
from models.recurrent.trace import LSTM_CELL, QUANTITIES, Described
from viz.figures import theme

GATES = ("forget_gate", "input_gate", "output_gate")
STATES = ("candidate", "cell_state", "hidden_state")
OTHER_GATE, OTHER_STATE = Described("renewal_gate", "gate"), Described("trail", "unbounded")  # of another cell
SEQUENTIAL = (*GATES, "update_gate", "reset_gate", "attention", OTHER_GATE)
DIVERGING = (*STATES, "difference", OTHER_STATE)
# A GRU's update gate keeps, as a forget gate does, and its reset gate has the hue of any gate that theme does not know
SHARED = [("forget_gate", "update_gate"), ("reset_gate", OTHER_GATE)]
EVERY = (*theme.LOOKS, OTHER_GATE, OTHER_STATE)

# Full loss of one kind of cone, on linear sRGB (Machado, Oliveira & Fernandes 2009, table 1, severity 1.0)
VISION = {
    "normal": np.eye(3),
    "protanopia": np.array([
        [0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998],
    ]),
    "deuteranopia": np.array([
        [0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881],
    ]),
    "tritanopia": np.array([
        [1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900],
    ]),
}  # fmt: skip
JUST_NOTICED = 2.3  # CIE 1976 colour difference


def light(colours: np.ndarray) -> np.ndarray:
    """Linear intensities of sRGB colours given as 0..255."""
    colours = np.asarray(colours, float) / 255
    return np.where(colours <= 0.04045, colours / 12.92, ((colours + 0.055) / 1.055) ** 2.4)


def cielab(colours: np.ndarray, vision: str = "normal") -> np.ndarray:
    """CIE L*a*b* for a D65 white, of sRGB colours 0..255 as someone with that colour vision sees them."""
    seen = np.clip(light(colours) @ VISION[vision].T, 0, 1)
    to_xyz = np.array(
        [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
    )
    xyz = seen @ to_xyz.T / (to_xyz @ np.ones(3))
    f = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.stack([116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])], axis=-1)


def contrast(colour: str, background: str) -> float:
    """As WCAG 2.2 defines it, 1 to 21."""
    levels = [
        light([int(c[at : at + 2], 16) for at in (1, 3, 5)]) @ [0.2126, 0.7152, 0.0722] for c in (colour, background)
    ]
    return (max(levels) + 0.05) / (min(levels) + 0.05)


@pytest.mark.parametrize("quantity", EVERY)
def test_titles_in_every_hue_can_be_read_on_light_and_on_dark(quantity):
    assert contrast(theme.look(quantity).hue, "#ffffff") >= 4.5
    assert contrast(theme.look(quantity).hue, theme.DARK_PAGE) >= 3
    assert contrast(theme.look(quantity).hue_dark, theme.DARK_PAGE) >= 7


def test_text_of_figures_can_be_read_on_light_and_on_dark():
    assert contrast(theme.TEXT, "#ffffff") >= 4.5
    assert contrast(theme.TEXT, theme.DARK_PAGE) >= 4
    assert theme.TEMPLATE.layout.font.color == theme.TEXT
    assert theme.TEMPLATE.layout.font.size == 16
    assert theme.TEMPLATE.layout.font.family == (
        '"Source Sans", "Noto Sans Bengali", "Noto Sans Devanagari", "DejaVu Sans Symbols", sans-serif'
    )
    assert contrast(theme.TEXT_LIGHT, "#ffffff") >= 7
    assert contrast(theme.TEXT_DARK, theme.DARK_PAGE) >= 7
    label = theme.TEMPLATE.layout.hoverlabel
    assert contrast(label.font.color, label.bgcolor) >= 7


def test_figures_have_no_background_of_their_own():
    assert theme.TEMPLATE.layout.paper_bgcolor == theme.TEMPLATE.layout.plot_bgcolor == "rgba(0,0,0,0)"


@pytest.mark.parametrize("quantity", EVERY)
def test_a_colour_table_has_256_colours_that_nobody_can_change(quantity):
    table = theme.lut(quantity)
    assert (table.shape, table.dtype) == ((256, 3), np.uint8)
    with pytest.raises(ValueError, match="read-only"):
        table[0] = 0


@pytest.mark.parametrize("quantity", EVERY)
def test_zero_is_near_white(quantity):
    table = theme.lut(quantity)
    zero = table[:1] if quantity in SEQUENTIAL else table[127:129]
    assert cielab(zero)[:, 0].min() > 97
    assert np.linalg.norm(cielab(zero)[:, 1:], axis=1).max() < 4


@pytest.mark.parametrize("quantity", EVERY)
def test_lightness_falls_at_one_pace_from_zero_to_the_ends(quantity):
    lightness = theme.oklab(theme.lut(quantity) / 255)[:, 0]
    courses = [lightness] if quantity in SEQUENTIAL else [lightness[128:], lightness[127::-1]]
    for course in courses:
        steps = -np.diff(course)
        assert steps.min() >= 0
        paces = -np.diff(course[::8])  # 8 entries apart, so that rounding to whole levels does not show
        assert paces.max() < 1.35 * paces.min()


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("quantity", EVERY)
def test_sixteen_levels_can_be_told_apart_with_any_colour_vision(quantity, vision):
    seen = cielab(theme.lut(quantity)[:: 255 // 15], vision)
    assert np.linalg.norm(np.diff(seen, axis=0), axis=1).min() > JUST_NOTICED


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("quantity", EVERY)
def test_lightness_is_monotone_with_any_colour_vision(quantity, vision):
    lightness = cielab(theme.lut(quantity)[::5], vision)[:, 0]  # 0 lies between two of the 52 entries
    courses = [lightness] if quantity in SEQUENTIAL else [lightness[26:], lightness[25::-1]]
    for course in courses:
        assert np.diff(course).max() < 0


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("quantity", DIVERGING)
def test_both_signs_can_be_told_apart_with_any_colour_vision(quantity, vision):
    seen = cielab(theme.lut(quantity), vision)
    apart = np.linalg.norm(seen - seen[::-1], axis=1)[:128]  # each value and its negative
    assert apart[0] > 25  # the ends
    assert apart[:102].min() > 4 * JUST_NOTICED  # down to a fifth of the scale
    assert apart[:120].min() > JUST_NOTICED


def test_negative_is_the_same_blue_everywhere():
    for quantity in DIVERGING:
        np.testing.assert_array_equal(theme.lut(quantity)[:128], theme.lut("candidate")[:128])


def test_no_gate_uses_the_blue_of_negative_values():
    blue = cielab(theme.lut("cell_state")[:96])  # from a quarter of the scale on
    for quantity in SEQUENTIAL:
        gate = cielab(theme.lut(quantity)[64:])
        assert np.linalg.norm(gate[:, None] - blue, axis=2).min() > 5 * JUST_NOTICED, quantity


@pytest.mark.parametrize(
    "pair", [pair for of in (SEQUENTIAL, DIVERGING) for pair in combinations(of, 2) if pair not in SHARED]
)
def test_every_quantity_has_a_hue_of_its_own(pair):
    for level in (200, 255):
        one, other = (cielab(theme.lut(quantity)[level]) for quantity in pair)
        assert np.linalg.norm(one - other) > 4 * JUST_NOTICED


def test_the_tables_run_through_the_hues_of_the_titles():
    for quantity in EVERY:
        hue = [int(theme.look(quantity).hue[at : at + 2], 16) for at in (1, 3, 5)]
        assert np.abs(theme.lut(quantity).astype(int) - hue).max(axis=1).min() <= 3


def test_oklab_gives_the_values_its_author_lists():
    expected = {"#ffffff": (1, 0, 0), "#ff0000": (0.628, 0.225, 0.126), "#0000ff": (0.452, -0.032, -0.312)}
    for colour, lab in expected.items():
        np.testing.assert_allclose(theme.oklab(theme.srgb(colour)), lab, atol=6e-4)


@pytest.mark.parametrize("quantity", EVERY)
def test_plotly_is_given_the_same_colours(quantity):
    positions, colours = zip(*theme.plotly_scale(quantity))
    stops = np.array([[int(part) for part in colour[4:-1].split(",")] for colour in colours])
    drawn = np.stack([np.interp(np.linspace(0, 1, 256), positions, stops[:, axis]) for axis in range(3)], axis=-1)
    assert np.abs(drawn - theme.lut(quantity)).max() <= 3
    assert 0.5 in positions


def test_every_quantity_has_a_name_and_a_symbol_of_its_own():
    assert set(QUANTITIES) < set(theme.LOOKS)
    assert [theme.look(quantity).symbol for quantity in QUANTITIES] == ["f", "i", "o", "g", "c", "h"]
    for what in ("name", "symbol"):
        assert len({getattr(look, what) for look in theme.LOOKS.values()}) == len(theme.LOOKS)
    own = [look for quantity, look in theme.LOOKS.items() if quantity != "update_gate"]
    for what in ("hue", "hue_dark", "darkest"):
        assert len({getattr(look, what) for look in own}) == len(own)


def test_the_scale_of_a_look_is_that_of_its_range():
    for quantity in LSTM_CELL.quantities:
        assert theme.look(quantity) is theme.look(quantity.name)
        assert (theme.look(quantity).scale == "sequential") == (quantity.range == "gate")


def test_a_quantity_of_another_cell_has_the_look_of_its_range_and_its_own_name():
    gate, state, signed = map(theme.look, (OTHER_GATE, OTHER_STATE, Described("new_memory", "signed")))
    assert (gate.name, gate.title, gate.short, gate.scale) == (
        "Renewal gate", "Renewal gate", "renewal gate", "sequential",
    )  # fmt: skip
    assert (state.name, signed.name, state.scale) == ("Trail", "New memory", "diverging")
    assert (state.hue, state.darkest) == (signed.hue, signed.darkest)
    odd = theme.look(Described("candidate", "gate"))  # that of an LSTM runs from -1 to 1, and so do its colours
    assert (odd.name, odd.symbol, odd.hue) == ("Candidate", "", gate.hue)
    with pytest.raises(KeyError, match="renewal_gate"):
        theme.look("renewal_gate")


def test_the_scale_of_another_cells_quantity_is_that_of_its_range(made_up):
    trace = made_up(seed=4)
    assert theme.limits("renewal_gate", trace) == theme.limits(OTHER_GATE, trace) == (0, 1)
    assert theme.limits("mixture", trace) == (-1, 1)
    largest = np.abs(trace.trail).max()
    low, high = theme.limits("trail", Record.of(trace))
    assert low == -high
    assert largest <= high <= 1.1 * largest


def test_all_scales_but_that_of_the_cell_state_are_fixed(run, made):
    for translation in (run, made(seed=5, units=3)):
        assert {theme.limits(quantity, translation) for quantity in GATES} == {(0, 1)}
        assert theme.limits("candidate", translation) == theme.limits("hidden_state", translation) == (-1, 1)
        assert theme.limits("attention") == (0, 1)


def test_the_scale_of_the_cell_state_is_symmetric_and_holds_every_value(made):
    for seed in range(20):
        run = made(seed)
        largest = max(abs(float(c)) for trace in (*run.encoder, *run.decoder) for c in trace.cell_state.ravel())
        low, high = theme.limits("cell_state", run)
        assert low == -high
        assert largest <= high <= largest * 1.1
        assert float(f"{high:.1e}") == high  # two significant digits


def test_two_runs_share_the_larger_scale(made):
    runs = [made(seed) for seed in range(4)]
    together = theme.limit_of("cell_state", *runs)
    assert together == max(theme.limit_of("cell_state", run) for run in runs)
    assert together > min(theme.limit_of("cell_state", run) for run in runs)
    assert theme.limit_of("cell_state", runs[0]) == theme.limit_of("cell_state", *runs[0].encoder, *runs[0].decoder)


@pytest.mark.parametrize(
    ("largest", "limit"),
    [(3.41, 3.5), (3.4, 3.4), (0.01234, 0.013), (9.91, 10), (99.1, 100), (1, 1), (1234, 1300), (0, 1e-6), (1e-9, 1e-6)],
)
def test_a_limit_is_rounded_up_to_two_digits_and_never_zero(largest, limit):
    assert theme.rounded_limit(largest) == limit


def test_no_scale_is_made_for_what_is_not_finite():
    for value in (float("nan"), float("inf")):
        with pytest.raises(ValueError, match="no colour scale"):
            theme.rounded_limit(value)


def test_a_limit_needs_a_trace():
    with pytest.raises(ValueError, match="empty"):
        theme.limit_of("cell_state")


@pytest.mark.parametrize("quantity", DIVERGING)
def test_on_a_dark_page_zero_is_dark_and_both_ends_are_light(quantity):
    table = theme.lut(quantity, True)
    seen = cielab(table)
    assert seen[127:129, 0].max() < 10
    assert min(seen[0, 0], seen[255, 0]) > 60
    lightness = theme.oklab(table / 255)[:, 0]
    for course in (lightness[128:], lightness[127::-1]):
        assert np.diff(course).min() >= 0
        paces = np.diff(course[::8])
        assert paces.max() < 1.35 * paces.min()
    np.testing.assert_array_equal(table[:128], theme.lut("candidate", True)[:128])


@pytest.mark.parametrize("quantity", SEQUENTIAL)
def test_a_gate_is_the_same_on_a_dark_page(quantity):
    np.testing.assert_array_equal(theme.lut(quantity, True), theme.lut(quantity))


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("quantity", DIVERGING)
def test_values_with_a_sign_can_be_told_apart_on_a_dark_page_with_any_colour_vision(quantity, vision):
    seen = cielab(theme.lut(quantity, True), vision)
    assert np.linalg.norm(np.diff(seen[:: 255 // 15], axis=0), axis=1).min() > JUST_NOTICED
    apart = np.linalg.norm(seen - seen[::-1], axis=1)[:128]
    assert apart[0] > 25
    assert apart[:102].min() > 4 * JUST_NOTICED
    lightness = seen[::5, 0]
    assert max(np.diff(lightness[:26]).max(), -np.diff(lightness[26:]).min()) < 0


def test_a_figure_on_a_dark_page_has_the_dark_colours():
    figure = go.Figure(go.Heatmap(z=[[0.0]], colorscale=theme.plotly_scale("cell_state")))
    assert theme.on_page(figure, "cell_state", True).data[0].colorscale == theme.plotly_scale("cell_state", True)
    assert theme.on_page(figure, "cell_state", False).data[0].colorscale == theme.plotly_scale("cell_state")
