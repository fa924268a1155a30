"""Two runs side by side in a real browser: what is on the screen is what was recorded, and can be reached."""

import re

import numpy as np
import pytest

from models import load_translator
from models.analysis.comparison import difference, paired
from models.recurrent.trace import QUANTITIES
from models.translation.interventions import Intervention, to_json
from viz.figures import theme
from viz.figures.comparison import limit_of_difference
from viz.networks import course

# Below another page than the first, Streamlit's script first asks for its server under that page's address.
DEEP_LINK = "Failed to load resource: the server responded with a status of 404"
SENTENCE, OTHER = "The cat is sleeping.", "The cats are not sleeping here."
EDITS = (Intervention("forget_gate", "set", "encoder", first=2, last=3, value=1.0),)
HALF_A_DIGIT = 0.5e-4
# The colour in the middle of each cell of some columns of a heat map: (columns, rows, 3) and whether each is opaque
COLOURS = """
(plot, [columns, sources]) => {
  const canvas = plot.querySelector("canvas"), { width, height } = canvas;
  const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
  return columns.map((column) => {
    const x = Math.floor((column + 0.5) * (width - 8) / Number(plot.getAttribute("aria-colcount"))
      + (column >= sources ? 8 : 0));
    return Array.from({ length: height }, (_, y) => [...data.subarray(4 * (y * width + x), 4 * (y * width + x) + 4)]);
  });
}
"""


class SideBySide:
    """The component on a page."""

    def __init__(self, app) -> None:
        self.app, self.page = app, app.page
        self.root = self.page.locator(".comparison")
        self.until("root => root.dataset.state === 'finished' && root.dataset.paired === 'true'")

    def until(self, condition: str, argument=None) -> None:
        self.root.wait_for(state="attached")
        self.page.wait_for_function(
            "([root, argument]) => (" + condition + ")(root, argument)", arg=[self.root.element_handle(), argument]
        )

    def data(self) -> dict[str, str]:
        return self.root.evaluate("root => ({ ...root.dataset })")

    def plot(self, third: str, quantity: str):
        return self.root.locator(f".panel.{third} .plot[data-quantity={quantity}]")

    def until_where(self, text: str) -> None:
        self.root.locator(".where", has_text=text).wait_for()

    def values(self) -> np.ndarray:
        """What the readout shows: (6, 3) for A, B and their difference; a dash is NaN."""
        cells = self.root.locator("td.value").all_inner_texts()
        return np.array([float(text) if text != "–" else np.nan for text in cells]).reshape(6, 3)

    def focused(self) -> str:
        return self.root.evaluate("root => root.getRootNode().activeElement?.getAttribute('aria-activedescendant')")

    @property
    def is_narrow_enough(self) -> bool:
        return self.page.get_by_test_id("stMain").evaluate("main => main.scrollWidth <= main.clientWidth")


@pytest.fixture
def open_page(open_app, watched, server):
    watched.allowed_errors = (DEEP_LINK,)

    def open_page(path: str, **options) -> SideBySide:
        address = {name: options.pop(name) for name in [*options] if name not in ("width", "height", "dark", "touch")}
        query = "&".join(f"{name}={value}" for name, value in address.items())
        return SideBySide(open_app(url=f"{server.url}/{path}?{query}", wait=False, **options))

    return open_page


def test_the_gate_lab_shows_both_runs_and_the_difference_of_what_was_recorded(open_page, shipped_translator):
    translator = shipped_translator("bn")
    a, b = translator.translate(SENTENCE), translator.translate(SENTENCE, EDITS)
    pairs = paired(a, b, "step")
    shown = open_page("lab", height=1800, sentence=SENTENCE, edits=to_json(EDITS))
    scales = {quantity: limit_of_difference(a, b, quantity, pairs) for quantity in QUANTITIES}
    assert list(map(float, shown.data()["limits"].split())) == [*scales.values()]
    assert scales["forget_gate"] == 1 < scales["cell_state"]
    printed = shown.root.locator(".panel.difference .limit").all_inner_texts()
    assert printed == [text for limit in scales.values() for text in (f"{-limit:g}", f"{limit:g}")]
    assert int(shown.data()["columns"]) == len(pairs)
    assert shown.root.locator(".side.a output.text").inner_text() == a.text
    assert shown.root.locator(".side.b output.text").inner_text() == b.text
    spoken = shown.root.locator("[aria-live] [lang=bn]")
    assert spoken.all_text_contents() == [a.text, b.text]
    start_by_keyboard(shown, a, b, pairs)
    for quantity in ("cell_state", "forget_gate"):
        colours_are_those_of_the_scale(shown, a, b, pairs, quantity, scales[quantity])
    names = [shown.plot("difference", quantity).get_attribute("aria-label") for quantity in QUANTITIES]
    for quantity, name in zip(QUANTITIES, names, strict=True):
        largest = np.nanmax(np.abs(difference(a, b, quantity, pairs)))
        assert f"{largest:.4f}" in name
        assert name.startswith(f"Difference of {theme.look(quantity).words}, B minus A")
    cursors = shown.root.locator("[role=gridcell]").evaluate_all("cells => cells.map((cell) => cell.id)")
    assert len(set(cursors)) == 18


def test_only_the_units_that_changed_are_drawn_where_this_is_asked_for(open_page, shipped_translator):
    unit = 164
    edits = (Intervention("forget_gate", "set", "encoder", units=(unit,), first=2, last=3, value=1.0),)
    translator = shipped_translator("bn")
    a, b = translator.translate(SENTENCE), translator.translate(SENTENCE, edits)
    pairs = paired(a, b, "step")
    changed = set()
    for quantity in QUANTITIES:
        sizes = np.nanmax(np.abs(difference(a, b, quantity, pairs)), axis=0)
        changed |= set(np.flatnonzero(sizes >= limit_of_difference(a, b, quantity, pairs) / 10).tolist())
    assert unit in changed
    assert len(changed) < 100
    shown = open_page("lab", height=1400, sentence=SENTENCE, edits=to_json(edits), unit=7, column=2)
    shown.root.get_by_role("checkbox", name="only units that changed").check()
    shown.root.locator(".scale", has_text=f"{len(changed)} of 256 units").wait_for()
    plot = shown.plot("difference", "forget_gate")
    box = plot.bounding_box()
    seen = []
    for row in range(len(changed)):
        plot.hover(position={"x": 3, "y": (row + 0.5) * box["height"] / len(changed)})
        seen.append(int(re.search(r"unit (\d+)", shown.root.locator(".tip").inner_text())[1]))
    assert seen == sorted(changed)
    plot.focus()
    shown.page.keyboard.press("ArrowDown")  # from a unit that is not among them
    shown.until_where(f"Unit {seen[0]}, encoder step 3")
    shown.page.keyboard.press("PageDown")
    shown.until_where(f"Unit {seen[min(16, len(seen) - 1)]}, encoder step 3")


def start_by_keyboard(shown: SideBySide, a, b, pairs) -> None:
    """Walk from the first cell of a difference map; every move shows the values of both runs."""
    shown.plot("difference", "forget_gate").focus()
    unit = 1  # the row below the first
    for key in ("Home", *["PageUp"] * 16, "ArrowRight", "ArrowRight", "ArrowRight", "ArrowDown", "5"):
        shown.page.keyboard.press(key)
    shown.until_where(f"Unit {unit}, encoder step 4")
    assert shown.focused() == "cursor-difference-cell_state"
    expected = []
    for quantity in QUANTITIES:
        one, two = (float(getattr(run.encoder[0], quantity)[3, unit]) for run in (a, b))
        expected.append([one, two, two - one])
    np.testing.assert_allclose(shown.values(), expected, atol=HALF_A_DIGIT * 1.01)
    assert np.abs(shown.values()[0, 2]) > 0.01  # the forget gate was set there


def colours_are_those_of_the_scale(shown: SideBySide, a, b, pairs, quantity: str, limit: float) -> None:
    units = a.context.shape[1]
    plot = shown.plot("difference", quantity)
    columns = [2, 5, len(pairs) - 1]
    seen = plot.evaluate(COLOURS, [columns, len(a.source_tokens)])
    apart = difference(a, b, quantity, pairs)
    table = theme.lut("difference").astype(int)
    for column, pixels in zip(columns, seen, strict=True):
        shares = (apart[column] + limit) / (2 * limit)
        wanted = table[np.clip(np.floor(255 * shares + 0.5), 0, 255).astype(int)]  # (units, 3)
        rows = ((np.arange(len(pixels)) + 0.5) * units / len(pixels)).astype(int)
        drawn = np.array(pixels)[:, :3]
        assert len(np.unique(wanted, axis=0)) > 5
        assert (np.abs(drawn - wanted[rows]).max(axis=1) <= 1).mean() > 0.9  # some rows lie between two units


def test_steps_that_only_one_run_has_are_gaps_and_a_telephone_shows_one_third_at_a_time(open_page, shipped_translator):
    translator = shipped_translator("bn")
    a, b = translator.translate(SENTENCE), translator.translate(OTHER)
    pairs = paired(a, b, "token")
    gap = next(at for at, pair in enumerate(pairs) if pair[0] is None)
    shown = open_page("compare", width=380, height=900, sentence=SENTENCE, b_sentence=OTHER, column=gap, unit=7)
    assert int(shown.data()["columns"]) == len(pairs)
    shown.until_where(f"Unit 7, A: no such step, B: encoder step {pairs[gap][1] + 1}")
    values = shown.values()
    assert np.isnan(values[:, [0, 2]]).all()
    own = [float(getattr(b.encoder[0], quantity)[pairs[gap][1], 7]) for quantity in QUANTITIES]
    np.testing.assert_allclose(values[:, 1], own, atol=HALF_A_DIGIT * 1.01)
    for choice, third in (("A", "a"), ("B", "b"), ("B − A", "difference")):
        shown.root.get_by_role("radio", name=choice, exact=True).check()
        seen = {each: shown.plot(each, "candidate").is_visible() for each in ("a", "difference", "b")}
        assert seen == {each: each == third for each in seen}
        assert shown.is_narrow_enough
    assert shown.root.locator(".side.b .chip.other").count() > 0
    sources = sum(two is None or two < len(b.source_tokens) for _, two in pairs)
    full = next(at for at, pair in enumerate(pairs) if None not in pair)
    gap_pixels, full_pixels = shown.plot("difference", "candidate").evaluate(COLOURS, [[gap, full], sources])
    assert {pixel[3] for pixel in full_pixels} == {255}
    hatched = [pixel[3] for pixel in gap_pixels]
    assert 0 < sum(alpha > 60 for alpha in hatched) < len(hatched) / 2  # strokes, and nothing between them
    assert max(hatched) < 255


def test_the_time_machine_moves_one_side_without_moving_the_page(open_page, watched):
    states = course()
    shown = open_page("compare", height=1400, sentence=SENTENCE, network="time-machine", b_network="translator")
    before = shown.data()
    height = shown.root.evaluate("root => root.offsetHeight")
    slider = shown.root.get_by_role("slider", name="Time machine of A")
    slider.focus()
    fetched = len(live_requests(watched))
    shown.page.keyboard.press("Home")
    shown.until("(root, run) => root.dataset.aRun !== run && root.dataset.aState === 'finished'", before["aRun"])
    assert slider.get_attribute("aria-valuetext").startswith("untrained")
    first = states[0]
    expected = load_translator("bn", name=first.name, step=first.batches).translate(SENTENCE)
    assert shown.root.locator(".side.a output.text").inner_text() == expected.text
    assert "guessing throughout" in shown.root.locator(".side.a .guesses").inner_text()
    assert shown.root.locator(".side.a .guessed .guess:visible").count() == (expected.probabilities < 0.2).sum()
    assert shown.root.locator(".side.b .guesses").inner_text() == ""
    assert shown.data()["bRun"] == before["bRun"]
    assert shown.root.evaluate("root => root.offsetHeight") == height
    shown.app.until_address(network=first.key)
    shown.until("root => root.dataset.paired === 'true'")
    assert len(live_requests(watched)) == fetched + 1  # one run was read, once
    shown.page.keyboard.press("ArrowRight")
    shown.app.until_address(network=states[1].key)
    shown.root.get_by_role("button", name="Play: Time machine of A").click()
    shown.until("root => root.querySelector('.side.a .course').dataset.at === '2'")
    shown.root.get_by_role("button", name="Pause: Time machine of A").click()
    shown.app.until_address(network=states[2].key)
    assert shown.root.evaluate("root => root.offsetHeight") == height


def live_requests(watched) -> list[str]:
    return [url for url in watched.requests if "/live/" in url]
