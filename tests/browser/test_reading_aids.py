"""The page without a mouse, without eyes for the picture, on a small screen and in the dark."""

from itertools import pairwise

import numpy as np
import pytest
from test_translate_page import HALF_A_DIGIT, place_name, values_of

from models.recurrent.trace import QUANTITIES
from viz.figures import captions, theme
from viz.state import DEFAULT_SENTENCE

FOCUSED = "root => root.getRootNode().activeElement"
# The role of what has the focus, within components too; and whether there is a heatmap to go to.
ACTIVE = """() => { let at = document.activeElement;
  while (at.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
  return at.getAttribute("role"); }"""
HEATMAP = """() => [...document.querySelectorAll("[data-testid=stBidiComponentIsolated]")].some(
  ({ shadowRoot }) => shadowRoot?.querySelector(
    "[role=grid][tabindex='0']")?.checkVisibility({ visibilityProperty: true }))"""


@pytest.fixture
def trace(shipped_translator):
    return shipped_translator("bn").translate(DEFAULT_SENTENCE)


def focused_plot(app) -> str | None:
    return app.root.evaluate(f"root => ({FOCUSED})(root)?.dataset?.quantity ?? null")


def tab_to_heatmap(app) -> None:
    app.field.focus()
    for _ in range(60):
        app.page.keyboard.press("Tab")
        if focused_plot(app):
            return
    pytest.fail("no heatmap can be reached with the Tab key")


def assert_spoken(app, trace, column: int, unit: int) -> None:
    """The live region says where the cursor is and what the six values are."""
    app.until("(root, place) => root.querySelector('[aria-live]').textContent.startsWith(place)",
              place_name(trace, column, unit))  # fmt: skip
    said = app.live.text_content().split(": ", 1)[1].split(", ")
    assert [part.rpartition(" ")[0] for part in said] == [theme.look(quantity).name for quantity in QUANTITIES]
    np.testing.assert_allclose(
        [float(part.rpartition(" ")[2]) for part in said], values_of(trace)[:, column, unit], atol=HALF_A_DIGIT
    )


def test_the_arrow_keys_walk_through_steps_and_units_and_every_value_is_told(app, trace):
    app.select(3, 30)
    last_column, last_unit = app.columns - 1, trace.context.shape[1] - 1
    tab_to_heatmap(app)
    column, unit = 3, 30
    for key, by_column, by_unit in (
        ("ArrowRight", 1, 0), ("ArrowDown", 0, 1), ("ArrowLeft", -1, 0), ("ArrowLeft", -1, 0), ("ArrowUp", 0, -1),
        ("PageDown", 0, 16), ("PageUp", 0, -16), ("PageUp", 0, -16), ("PageUp", 0, -16), ("ArrowUp", 0, -1),
        ("End", 999, 0), ("ArrowRight", 1, 0), ("Home", -999, 0), ("ArrowLeft", -1, 0),
    ):  # fmt: skip
        app.page.keyboard.press(key)
        column, unit = min(max(column + by_column, 0), last_column), min(max(unit + by_unit, 0), last_unit)
        app.until_where(place_name(trace, column, unit))
    assert_spoken(app, trace, column, unit)
    app.until_address(column=str(column), unit=str(unit))


def test_the_keys_one_to_six_move_between_the_heatmaps_and_one_tab_leaves_them(app, trace):
    app.select(3, 30)
    tab_to_heatmap(app)
    for key in "635124":
        app.page.keyboard.press(key)
        assert focused_plot(app) == QUANTITIES[int(key) - 1]
        app.page.keyboard.press("ArrowRight")
        app.page.keyboard.press("ArrowLeft")
        app.until_where(place_name(trace, 3, 30))
    app.page.keyboard.press("Tab")
    assert focused_plot(app) is None


def test_roles_and_labels_tell_what_and_where_each_heatmap_is(app, trace):
    app.select(9, 30)
    for quantity, plot in zip(QUANTITIES, app.plots.all(), strict=True):
        assert plot.get_attribute("role") == "grid"
        assert plot.get_attribute("aria-label") == captions.quantity_caption(trace, quantity)
        assert plot.get_attribute("aria-rowcount") == str(trace.context.shape[1])
        assert plot.get_attribute("aria-colcount") == str(app.columns)
        cursor = plot.locator(f"#{plot.get_attribute('aria-activedescendant')}")
        assert cursor.get_attribute("role") == "gridcell"
        assert cursor.get_attribute("aria-selected") == "true"
        assert (cursor.get_attribute("aria-colindex"), plot.locator("[role=row]").get_attribute("aria-rowindex")) == (
            "10", "31",
        )  # fmt: skip
        name, _, value = cursor.get_attribute("aria-label").rpartition(" ")
        assert name == theme.look(quantity).name
        assert float(value) == pytest.approx(
            values_of(trace)[QUANTITIES.index(quantity), 9, 30], abs=HALF_A_DIGIT
        )  # fmt: skip


def test_the_translation_is_told_when_it_is_finished(open_app, trace):
    app = open_app()
    app.until("(root, said) => root.querySelector('[aria-live]').textContent === said",
              f"{trace.text}. Translated in {len(trace.target_tokens)} tokens.")  # fmt: skip
    spoken = app.live.locator("[lang]")
    assert (spoken.get_attribute("lang"), spoken.text_content()) == ("bn", trace.text), "a voice that reads Bangla"


def test_the_run_is_stepped_through_with_buttons_and_columns_come_and_go(app, trace):
    total = app.columns
    for label, shown in (
        ("One step back", total - 1), ("One step back", total - 2), ("One step forward", total - 1), ("First step", 1),
        ("One step forward", 2), ("Whole run", total), ("First step", 1), ("Whole run", total),
    ):  # fmt: skip
        app.press(label)
        app.until("(root, shown) => Number(root.dataset.shown) === shown", shown)
        assert app.drawn_columns() == [shown] * 6
        written = max(0, shown - len(trace.source_tokens))
        assert app.root.locator(".target .chip:visible").count() == written
    assert app.text == trace.text


def test_the_buttons_are_one_tab_stop_and_arrow_keys_go_from_one_to_another(app, trace):
    total, buttons = app.columns, app.page.get_by_role("toolbar", name="Step through the run")
    buttons.get_by_role("button", name="Play").focus()
    for key, name in (
        ("ArrowLeft", "back"), ("ArrowLeft", "first"), ("ArrowLeft", "first"), ("End", "again"),
        ("ArrowRight", "again"), ("Home", "first"), ("ArrowRight", "back"),
    ):  # fmt: skip
        app.page.keyboard.press(key)
        assert app.root.evaluate(f"root => ({FOCUSED})(root).className") == name
        assert buttons.locator("[tabindex='0']").get_attribute("class") == name
    assert app.shown == total, "nothing is pressed on the way"
    app.page.keyboard.press("Enter")
    app.until("(root, shown) => Number(root.dataset.shown) === shown", total - 1)
    app.until_where(place_name(trace, total - 2, int(app.where.split(",")[0].split()[1])))


def test_tokens_are_one_tab_stop_a_row_and_arrow_keys_choose_among_them(app, trace):
    app.select(9, 30)
    source, last = len(trace.source_tokens), app.columns - 1
    assert app.root.locator(".target [tabindex='0']").get_attribute("class") == "chip selected"
    app.root.locator(".target .chip.selected").focus()
    for key, column in (
        ("ArrowRight", 10), ("ArrowLeft", 9), ("End", last), ("ArrowRight", last), ("Home", source),
        ("ArrowLeft", source),
    ):  # fmt: skip
        app.page.keyboard.press(key)
        app.until_where(place_name(trace, column, 30))
        place = "chip => [...chip.parentElement.children].indexOf(chip)"
        assert app.root.evaluate(f"root => ({place})(({FOCUSED})(root))") == column - source
    app.page.keyboard.press("Shift+Tab")
    assert app.root.evaluate(f"root => ({FOCUSED})(root).className").startswith("handover")
    app.page.keyboard.press("Shift+Tab")
    app.page.keyboard.press("End")
    app.until_where(place_name(trace, source - 1, 30))
    assert app.root.locator(".chip[tabindex='0']").count() == 2


def test_a_heatmap_is_two_keys_away_and_few_tab_stops_on_pages_of_any_length(open_app):
    app = open_app(sentence="I will not go to the market tomorrow because it will rain the whole day, and so will you.")
    page = app.page
    page.keyboard.press("Tab")
    assert page.locator(":focus").get_attribute("class") == "skip", "the first stop of all"
    page.keyboard.press("Tab")
    for name, most in (("Translate", 27), ("Inside the cell", 22), ("Compare", 34)):  # eleven links to pages among them
        page.get_by_role("link", name=name, exact=True).click()
        page.wait_for_function(f"({HEATMAP})", polling="raf")
        page.wait_for_function("!document.querySelector('[data-stale=true]')")  # nothing of the page before is left
        page.locator("body > .skip").focus()
        stops = 0
        while page.evaluate(ACTIVE) != "grid" and stops <= most:
            page.keyboard.press("Tab")
            stops += 1
        assert stops <= most, name
        page.locator("body > .skip").focus()
        assert page.locator(":focus").inner_text() == "Skip to the heat maps"
        page.keyboard.press("Enter")
        assert page.evaluate(ACTIVE) == "grid"
    page.get_by_role("link", name="Trust", exact=True).click()
    page.wait_for_function(f"() => !({HEATMAP})()")
    page.locator("body > .skip").focus()
    assert page.locator(":focus").inner_text() == "Skip to the content"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("() => !document.activeElement.closest('.st-key-pages')"), "past the line of pages"


def test_labels_of_the_attention_picture_can_be_read_when_the_page_turns_dark(app):
    chart = app.page.locator(".stPlotlyChart").first
    chart.scroll_into_view_if_needed()
    chart.locator(".ytick text").first.wait_for()
    try:
        for scheme in ("light", "dark"):
            app.page.emulate_media(color_scheme=scheme)
            app.until("(root, dark) => root.dataset.dark === dark", str(scheme == "dark").lower())
            app.page.wait_for_function(
                """([chart, asked]) => Math.min(...[...chart.querySelectorAll(
                  "[class$=tick] text, .g-xtitle text, .g-ytitle text")].map((text) => {
                    const light = (colour) => { const [r, g, b] = colour.match(/[0-9]+/g).map((part) => part / 255)
                      .map((part) => part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
                      return 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05; };
                    const app = document.querySelector("[data-testid=stApp]");
                    const colours = [getComputedStyle(text).fill, getComputedStyle(app).backgroundColor];
                    const [one, other] = colours.map(light);
                    return Math.max(one, other) / Math.min(one, other);
                  })) >= asked""",
                arg=[chart.element_handle(), 4.5],
            )  # fmt: skip
    finally:
        app.page.emulate_media(color_scheme="light")


def test_a_button_that_has_come_to_the_end_keeps_the_focus(app):
    button = app.page.get_by_role("button", name="First step")
    button.focus()
    app.page.keyboard.press("Enter")
    app.until("root => root.dataset.shown === '1'")
    assert button.get_attribute("aria-disabled") == "true"
    assert app.root.evaluate(f"root => ({FOCUSED})(root).className") == "first"
    app.page.get_by_role("button", name="One step forward").press("Enter")
    app.until("root => root.dataset.shown === '2'")


def test_a_finished_run_is_played_paused_and_played_to_the_end(app):
    total = app.columns
    app.press("Play")
    app.until("root => Number(root.dataset.shown) < Number(root.dataset.columns)")  # from the start
    app.until("(root, first) => Number(root.dataset.shown) > first", app.shown)
    app.press("Pause")
    app.until("root => root.querySelector('.play').ariaLabel === 'Play'")
    shown = app.shown
    assert shown < total
    app.press("Whole run")
    app.press("One step back")
    app.press("One step back")
    app.until("(root, shown) => Number(root.dataset.shown) === shown", total - 2)
    app.press("Play")
    app.until("root => root.dataset.shown === root.dataset.columns")
    app.until("root => root.querySelector('.play').ariaLabel === 'Play'")
    app.until_address(column=str(total - 1))


# --- small screens


def test_on_a_phone_the_heatmaps_stand_below_each_other_and_nothing_runs_off_the_side(open_app, trace):
    app = open_app(width=380, height=800, touch=True)
    boxes = [plot.bounding_box() for plot in app.plots.all()]
    assert len({box["x"] for box in boxes}) == 1
    assert all(above["y"] + above["height"] < below["y"] for above, below in pairwise(boxes))
    wide = app.page.evaluate(
        """() => [document.scrollingElement, ...document.querySelectorAll('[data-testid=stMain]')]
          .filter((element) => element.scrollWidth > element.clientWidth).map((element) => element.tagName)"""
    )
    assert wide == []
    for column, row in ((2, 100), (10, 30)):
        app.plots.nth(1).scroll_into_view_if_needed()
        app.plots.nth(1).tap(position=app.place(column, row, 1))
        app.until_address(column=str(column))
        unit = int(app.page.evaluate("new URL(location).searchParams.get('unit')"))
        assert abs(unit - row) <= 1
        app.until_where(place_name(trace, column, unit))
        np.testing.assert_allclose(app.six_values(), values_of(trace)[:, column, unit], rtol=0, atol=HALF_A_DIGIT)
    for button in app.root.locator(".transport button").all():
        assert min(button.bounding_box()["width"], button.bounding_box()["height"]) >= 44


# --- light and dark

CONTRASTS = """
root => {
  const parsed = (colour) => {
    const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data].map((part) => part / 255);
  };
  const light = ([r, g, b]) => {
    const linear = [r, g, b].map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
  };
  const page = parsed(getComputedStyle(document.querySelector("[data-testid=stApp]")).backgroundColor);
  const low = [];
  for (const element of root.querySelectorAll("*")) {
    const text = [...element.childNodes].filter((node) => node.nodeType === 3).map((node) => node.data).join("").trim();
    const style = getComputedStyle(element);
    if (!text || !element.checkVisibility({ visibilityProperty: true }) || element.closest(".screen-reader")) continue;
    if (element.closest("[aria-disabled=true], option, .unread")) continue;
    const [r, g, b, alpha] = parsed(style.color);
    let opacity = alpha;
    for (let at = element; at && at !== root; at = at.parentElement) opacity *= Number(getComputedStyle(at).opacity);
    const seen = [r, g, b].map((part, at) => opacity * part + (1 - opacity) * page[at]);
    const [dark, bright] = [light(seen), light(page)].sort((one, other) => one - other);
    const contrast = (bright + 0.05) / (dark + 0.05);
    const size = parseFloat(style.fontSize);
    const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (contrast < (isLarge ? 3 : 4.5)) low.push([element.className, text.slice(0, 20), contrast.toFixed(2)]);
  }
  return low;
}
"""


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_all_text_of_the_instrument_can_be_read_on_its_background(open_app, dark):
    app = open_app(dark=dark, sentence="The 猫 sat.")
    assert app.data("dark") == str(dark).lower()
    assert app.root.evaluate(CONTRASTS) == []  # WCAG 2.2, 1.4.3


def test_no_text_of_the_instrument_is_smaller_than_eleven_pixels(app):
    small = app.root.evaluate(
        """root => [...root.querySelectorAll("*")]
          .filter((element) => parseFloat(getComputedStyle(element).fontSize) < 11)
          .map((element) => element.className)"""
    )
    assert small == []


def test_labels_under_the_heatmaps_do_not_lie_on_each_other(open_app):
    app = open_app(sentence="I will not go to the market tomorrow because it will rain the whole day, and so will you.")
    app.plots.nth(4).scroll_into_view_if_needed()
    overlapping = app.root.evaluate(
        """root => [...root.querySelectorAll(".panel:nth-child(n + 4) .ticks")].flatMap((ticks) => {
          const boxes = [...ticks.children].filter((tick) => !tick.hidden).map((tick) => tick.getBoundingClientRect());
          boxes.sort((one, other) => one.left - other.left);
          return boxes.slice(1).map((box, at) => boxes[at].right - box.left).filter((overlap) => overlap > 3);
        })"""
    )
    assert overlapping == []
