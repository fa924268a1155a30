"""Beam search and the untrained network, as a reader uses them."""

from itertools import pairwise

import numpy as np
from test_translate_page import assert_readout, assert_translated, values_of

from models.language.vocabulary import shown_token
from models.translation.checkpoints import UNTRAINED, load_translator
from viz.figures import captions
from viz.state import DEFAULT_SENTENCE


def open_decoder(app) -> None:
    app.page.get_by_role("button", name="Decoder").click()
    app.page.get_by_test_id("stPopoverBody").get_by_text("Untrained:").wait_for()


def look_at(app, number: int) -> None:
    before = app.data("run")
    group = app.page.get_by_role("radiogroup", name="Translation on view")
    group.get_by_role("radio", name=str(number), exact=True).click()
    app.until_next_run(before)


def test_another_hypothesis_of_a_beam_fills_chips_and_heat_maps_with_its_own_steps(open_app, shipped_translator):
    beam = shipped_translator("bn").search(DEFAULT_SENTENCE, 3)
    best, second, _ = (beam.trace(node) for node in beam.search.hypotheses)
    app = open_app(height=1500)
    assert_translated(app, shipped_translator("bn").translate(DEFAULT_SENTENCE))
    open_decoder(app)
    before = app.data("run")
    app.page.get_by_test_id("stPopoverBody").get_by_role("radio", name="3", exact=True).click()
    app.until_next_run(before)
    app.until_address(beam="3")
    app.page.keyboard.press("Escape")
    app.until_beneath(best)
    assert_translated(app, best)

    app.watch()
    look_at(app, 2)
    app.until_address(beam="3", hypothesis="2")
    app.until_beneath(second)
    assert_translated(app, second)
    assert (
        app.target_chips()
        == [shown_token(token) for token in second.target_tokens]
        != [shown_token(token) for token in best.target_tokens]
    )
    for column, unit in ((1, 20), (len(second.source_tokens), 33), (app.columns - 1, 100)):
        app.select(column, unit)
        assert_readout(app, second, column, unit)
    assert (app.watched()["blank"], app.watched()["gone"]) == (0, 0)

    again = open_app(url=app.page.url, height=1500, fresh=True)
    assert_translated(again, second)
    text = again.page.locator(".beam tr[aria-current] span[lang=bn]")
    text.wait_for()
    assert text.inner_text() == second.text


def test_a_chip_names_the_best_token_that_was_not_written(open_app, shipped_translator):
    beam = shipped_translator("bn").search(DEFAULT_SENTENCE, 3)
    trace = beam.trace(beam.search.hypotheses[1])
    expected = []
    for token, candidates in zip(trace.target_tokens, trace.candidates, strict=True):
        other = next(candidate for candidate in candidates if candidate.token != token)
        expected.append(f"{shown_token(other.token)} {other.probability:.2f}")
    assert any(step[0].token != token for step, token in zip(trace.candidates, trace.target_tokens, strict=True))
    app = open_app(beam=3, hypothesis=2)
    assert app.root.locator(".target .chip .runner-up").all_inner_texts() == expected


def test_greedy_search_looks_as_ever_and_the_decoder_is_reached_by_keyboard(open_app, shipped_translator):
    app = open_app()
    assert app.page.get_by_role("heading", name="Beam search").count() == 0
    app.field.focus()
    for _ in range(8):
        app.page.keyboard.press("Tab")
        if app.page.evaluate("document.activeElement.innerText").startswith("Decoder"):
            break
    app.page.keyboard.press("Enter")
    app.page.get_by_test_id("stPopoverBody").get_by_text("Untrained:").wait_for()
    assert_translated(app, shipped_translator("bn").translate(DEFAULT_SENTENCE))


def test_the_menu_shows_which_beam_is_chosen_whatever_was_typed(open_app):
    app = open_app(sentence="Help!")
    app.type("I am here.")
    app.take_language("Marathi")
    assert pressed_beam(app) == "1"
    before = app.data("run")
    app.page.get_by_test_id("stPopoverBody").get_by_role("radio", name="3", exact=True).click()
    app.until_next_run(before)
    app.until_address(beam="3")
    app.page.keyboard.press("Escape")
    app.type("Go.")
    assert pressed_beam(app, "Beam 3") == "3"


def pressed_beam(app, menu: str = "Decoder") -> str:
    """The beams that are shown as chosen once the menu is open; it stays so."""
    app.until_idle()
    app.page.get_by_role("button", name=menu, exact=True).click()
    beams = app.page.get_by_role("radiogroup", name="Beam").get_by_role("radio")
    beams.first.wait_for()
    return " ".join(beam.inner_text() for beam in beams.all() if beam.get_attribute("aria-checked") == "true")


def test_the_untrained_network_is_badged_and_its_numbers_are_its_own(open_app):
    app = open_app()
    open_decoder(app)
    before = app.data("run")
    app.page.get_by_test_id("stPopoverBody").get_by_role("combobox").click()
    app.page.get_by_role("option", name="Untrained translator", exact=True).click()
    app.until_next_run(before)
    app.until_address(network="untrained")
    assert app.root.locator(".badge").inner_text() == "untrained: random initial weights"
    trace = load_translator("bn", name=UNTRAINED).translate(DEFAULT_SENTENCE)
    assert app.text == trace.text
    app.page.get_by_text("This network has learned nothing").wait_for()
    shown = app.six_values()
    column = len(trace.source_tokens)
    unit = int(app.where.split(",")[0].split()[1])
    np.testing.assert_allclose(shown, values_of(trace)[:, column, unit], rtol=0, atol=6e-5)


def test_first_row_and_beam_table_fit_wide_and_narrow_screens(open_app, shipped_translator):
    app = open_app(width=1280, beam=3)
    boxes = [part.bounding_box() for part in (
        app.field, app.page.get_by_role("radiogroup").first, app.page.get_by_role("button", name="Beam 3"),
    )]  # fmt: skip
    middles = [box["y"] + box["height"] / 2 for box in boxes]
    assert max(middles) - min(middles) < 12
    assert all(left["x"] + left["width"] <= right["x"] for left, right in pairwise(boxes))
    assert boxes[-1]["x"] + boxes[-1]["width"] <= 1280
    beam = shipped_translator("bn").search(DEFAULT_SENTENCE, 3)
    narrow = open_app(width=380, beam=3, touch=True)
    narrow.page.get_by_text(captions.translation_caption(beam.trace(beam.search.hypotheses[0]))).wait_for()
    narrow.page.locator(".beam table").wait_for()
    wide = narrow.page.evaluate(
        """() => [document.scrollingElement, ...document.querySelectorAll('[data-testid=stMain]')]
          .filter((element) => element.scrollWidth > element.clientWidth).map((element) => element.tagName)"""
    )
    assert wide == []
    narrow.page.get_by_role("button", name="Beam 3").tap()
    body = narrow.page.get_by_test_id("stPopoverBody").bounding_box()
    assert body["x"] >= 0
    assert body["x"] + body["width"] <= 380


def test_the_axes_of_the_attention_picture_can_be_read_in_light_and_dark(open_app, shipped_translator):
    trace = shipped_translator("bn").translate(DEFAULT_SENTENCE)
    for dark, colour in ((False, "rgb(49, 51, 63)"), (True, "rgb(250, 250, 250)")):  # 12:1 and 18:1
        app = open_app(dark=dark)
        app.until_beneath(trace)
        fills = app.page.locator(".js-plotly-plot .xtick text, .js-plotly-plot .ytick text").evaluate_all(
            "texts => [...new Set(texts.map((text) => getComputedStyle(text).fill))]"
        )
        assert fills == [colour]
