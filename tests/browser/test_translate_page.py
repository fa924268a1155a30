"""A sentence becomes a translation, and every number on the page is the one that was computed."""

import base64
import re
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit
from xml.etree import ElementTree

import numpy as np
import pytest

from models.language.text import normalise
from models.language.vocabulary import shown_token
from models.recurrent.trace import QUANTITIES
from models.translation.record import TranslationTrace
from viz import loading
from viz.figures import captions, theme
from viz.figures.ordering import unit_order
from viz.state import DEFAULT_SENTENCE, Selection, cell_on_view
from viz.widgets.choices import EXAMPLES, example_label

HALF_A_DIGIT = 0.5e-4 + 5e-6  # of the four shown, and what another BLAS may differ by
SVG = "{http://www.w3.org/2000/svg}"
SHORT, OTHER = "I am here.", "Where are you going?"
LONG = "When I was a child, I lived in a small village, and my friends lived there too."


def values_of(trace: TranslationTrace) -> np.ndarray:
    """All that the heatmaps show, (6, S + T, H)."""
    return np.array([
        np.vstack([getattr(trace.encoder[-1], quantity), getattr(trace.decoder[-1], quantity)])
        for quantity in QUANTITIES
    ])  # fmt: skip


def source_tokens(trace: TranslationTrace) -> list[str]:
    return [shown_token(*pair) for pair in zip(trace.source_tokens, trace.source_surfaces, strict=True)]


def place_name(trace: TranslationTrace, column: int, unit: int) -> str:
    S = len(trace.source_tokens)
    side, step = ("encoder", column + 1) if column < S else ("decoder", column - S + 1)
    return f"Unit {unit}, {side} step {step}"


def assert_readout(app, trace: TranslationTrace, column: int, unit: int) -> None:
    app.until_where(place_name(trace, column, unit))
    np.testing.assert_allclose(app.six_values(), values_of(trace)[:, column, unit], rtol=0, atol=HALF_A_DIGIT)


def assert_translated(app, trace: TranslationTrace) -> None:
    assert app.text == trace.text
    assert app.source_chips() == source_tokens(trace)
    assert app.target_chips() == [shown_token(token) for token in trace.target_tokens]
    shown = app.root.locator(".target .chip .probability").all_inner_texts()
    np.testing.assert_allclose([float(text) for text in shown], trace.probabilities, rtol=0, atol=0.00501)
    assert app.columns == app.shown == len(trace.source_tokens) + len(trace.target_tokens)


# --- opening


def test_the_page_opens_on_a_sentence_that_is_already_translated(open_app, shipped_translator):
    app = open_app()
    assert app.field.input_value() == DEFAULT_SENTENCE
    assert_translated(app, shipped_translator("bn").translate(DEFAULT_SENTENCE))
    assert app.plots.count() == 6
    assert app.drawn_columns() == [app.columns] * 6


def test_the_first_screen_holds_everything_from_the_title_to_the_selected_cell(open_app):
    app = open_app(width=1280, height=800, units="varied", level="picture")
    parts = [
        app.page.get_by_role("heading", name="How an LSTM translates"), app.field,
        app.page.get_by_role("radiogroup", name="Translate to"),
        *(app.page.get_by_role("radio", name=example_label(example), exact=True) for example in EXAMPLES),
        app.root.locator(".source"), app.root.locator(".handover"), app.root.locator(".target"),
        app.root.locator("output.text"), *app.plots.all(), *app.root.locator(".lowest .ticks").all(),
        app.readout.locator(".levels"), app.readout.locator(".gist"), app.readout.locator(".runners-up"),
    ]  # fmt: skip
    boxes = [part.bounding_box() for part in parts]
    for box in boxes:
        assert box["x"] >= 0
        assert box["y"] >= 0
        assert box["x"] + box["width"] <= 1280
        assert box["y"] + box["height"] <= 800
        assert box["height"] > 10
    source, handover, target, text = (parts.index(app_part) for app_part in parts[7:11])
    for left, right in ((source, handover), (handover, target), (target, text)):
        assert boxes[left]["x"] + boxes[left]["width"] <= boxes[right]["x"], "from left to right"


def test_the_units_to_begin_with_are_those_that_vary_most_and_all_are_one_click_away(open_app, shipped_translator):
    trace = shipped_translator("bn").translate(DEFAULT_SENTENCE)
    app = open_app(units="varied", height=1500)
    assert app.plots.first.get_attribute("aria-rowcount") == "16"
    states = np.concatenate([trace.encoder[-1].cell_state, trace.decoder[-1].cell_state])
    most = np.argsort(-states.astype(np.float64).var(axis=0))[:16]
    units = [int(label) for label in app.root.locator(".rows").first.locator("span").all_inner_texts()]
    assert sorted(units) == sorted(most.tolist())
    assert app.root.locator(".units-said").inner_text().startswith("16 of 256 units: those whose memory varies most")
    app.plots.nth(4).click(position=app.place(3, 5, 4))
    app.until_where(f"Unit {units[5]}, encoder step 4")
    app.press("Show all 256")
    app.until_address(units="all")
    assert app.plots.first.get_attribute("aria-rowcount") == "256"
    app.plots.first.click(position=app.place(3, 200))
    app.until_where("Unit 200, encoder step 4")
    app.press("Show the 16 that vary most")
    app.until_drawn()
    assert app.plots.first.get_attribute("aria-rowcount") == "17", "the selected unit stays in sight"
    assert "and unit 200, which was chosen" in app.root.locator(".units-said").inner_text()


def test_an_old_link_with_an_order_shows_all_units_in_it(open_app, server):
    app = open_app(url=f"{server.url}/?order=variance", as_is=True)
    assert app.page.get_by_label("Units shown").input_value() == "all"
    assert app.plots.first.get_attribute("aria-rowcount") == "256"


def test_what_is_handed_over_are_the_last_states_of_the_encoder(open_app, shipped_translator):
    trace = shipped_translator("bn").translate(DEFAULT_SENTENCE)
    app = open_app(units="varied")
    handover = app.root.locator(".handover")
    assert f"2 × {trace.units} numbers" in handover.inner_text()
    painted = handover.locator("canvas").evaluate(
        "c => [...c.getContext('2d').getImageData(0, 0, c.width, c.height).data]"
    )
    last = len(trace.source_tokens) - 1
    columns = [app.colours(plot)[last] for plot in (4, 5)]
    assert np.reshape(painted, (2, 16, 4))[..., :3].tolist() == columns, "the colours of the heat maps"
    handover.click()
    app.until_address(column=str(last))
    np.testing.assert_array_equal(trace.decoder[-1].initial_cell_state, trace.encoder[-1].cell_state[-1])
    np.testing.assert_array_equal(trace.decoder[-1].initial_hidden_state, trace.encoder[-1].hidden_state[-1])


def test_the_level_is_kept_from_page_to_page_and_in_the_address(open_app):
    app = open_app(level="picture")
    seen = [app.readout.locator(part) for part in (".gist", ".values", ".identity small")]
    for level, shown in (("Picture", 1), ("Numbers", 2), ("Maths", 3)):
        app.page.get_by_text(level, exact=True).click()
        app.until_drawn()
        assert [part.first.is_visible() for part in seen] == [at < shown for at in range(3)]
    app.until_address(level="maths")
    app.page.get_by_role("link", name="Memory", exact=True).click()
    app.page.get_by_text("Ledger of the cell state").wait_for()
    app.until_address(level="maths")
    app.until_idle()
    app.page.get_by_role("link", name="Translate", exact=True).click()
    app.until_finished()
    assert app.page.get_by_role("radio", name="Maths").is_checked()
    assert app.readout.locator(".identity small").first.is_visible()


def test_at_the_back_of_a_room_every_label_of_the_first_screen_is_large_enough(open_app):
    app = open_app(width=1920, height=1080, units="varied", level="numbers")
    small = app.root.evaluate(
        """root => [...root.querySelectorAll("*")].filter((each) => each.checkVisibility()
        && !each.closest(".screen-reader")
        && [...each.childNodes].some((node) => node.nodeType === 3 && node.data.trim())
        && parseFloat(getComputedStyle(each).fontSize) < 18).map((each) => `${each.className} ${each.textContent}`)"""
    )
    assert small == []


def test_no_page_loads_torch(open_app, server):
    maps = Path(f"/proc/{server.process.pid}/maps")
    if not maps.exists():
        pytest.skip("only Linux lists what a process has loaded")
    open_app()
    loaded = maps.read_text(encoding="utf-8")
    assert "numpy" in loaded
    assert "torch" not in loaded


# --- streaming


def test_columns_appear_one_by_one_and_no_frame_is_blank(open_app, shipped_translator, watched):
    trace = shipped_translator("bn").translate(SHORT)
    S, total = len(trace.source_tokens), len(trace.source_tokens) + len(trace.target_tokens)
    app = open_app()
    # drawing the first Plotly chart keeps the browser busy for a second
    app.until_beneath(shipped_translator("bn").translate(DEFAULT_SENTENCE))
    app.root.evaluate("root => root.nodes = [...root.querySelectorAll('canvas')]")
    app.choose("Pace", "5 steps a second")
    app.watch()
    app.enter(SHORT)
    app.until(f"root => root.dataset.state === 'computing' && root.dataset.columns > {S}")
    assert 0 < len(app.target_chips()) < len(trace.target_tokens) or total - S == 1
    app.until_finished()
    app.until_beneath(trace)

    seen = app.watched()
    counts = [count for count in seen["counts"] if count["run"] == app.data("run")]
    while_computing = [count["columns"] for count in counts if count["state"] == "computing"]
    assert sorted(set(while_computing)) == while_computing, "columns never go away"
    assert while_computing[0] < S < while_computing[-1]
    assert len(while_computing) > 0.7 * total, "as good as every column was seen alone"
    assert counts[-1] | {"at": 0} == {"run": app.data("run"), "state": "finished", "columns": total, "at": 0}
    assert seen["frames"] > total
    assert (seen["blank"], seen["gone"]) == (0, 0)
    assert app.root.evaluate("root => [...root.querySelectorAll('canvas')].every((c, at) => c === root.nodes[at])")
    assert not any("here" in url for url in watched.requests if "/live/" in url), "what was typed is in no address"


def test_sentence_after_sentence_leaves_no_frame_blank(open_app, shipped_translator):
    app = open_app()
    app.watch()
    for sentence in (SHORT, OTHER, SHORT):
        app.type(sentence)
        assert_translated(app, shipped_translator("bn").translate(sentence))
    seen = app.watched()
    assert seen["frames"] > 10
    assert (seen["blank"], seen["gone"]) == (0, 0)


def test_a_cell_chosen_while_the_run_goes_on_does_not_disturb_it(open_app, shipped_translator):
    trace = shipped_translator("bn").translate(SHORT)
    app = open_app()
    app.choose("Pace", "5 steps a second")
    app.enter(SHORT)
    app.until("root => root.dataset.state === 'computing' && root.dataset.columns >= 3")
    run = app.data("run")
    app.plots.nth(3).click(position={"x": 4, "y": 20})
    app.until_address(column="0")
    app.until_finished()
    assert app.data("run") == run
    assert_translated(app, trace)
    assert app.where.endswith("encoder step 1")


# Notes of each column that comes into view: state, columns on view, place, six values and the first equation.
NOTES = """
root => {
  const text = (part) => root.querySelector(part)?.textContent;
  root.notes = [];
  new MutationObserver(() => {
    const { state, shown } = root.dataset;
    if (root.notes.at(-1)?.[1] === Number(shown)) return;
    const values = [...root.querySelectorAll("dd.value")].map((value) => Number(value.textContent));
    root.notes.push([state, Number(shown), text(".where"), values, text(".identity")]);
  }).observe(root, { attributeFilter: ["data-shown"] });
}
"""


def test_numbers_follow_what_is_played_and_python_is_left_alone(open_app, shipped_translator):
    trace = shipped_translator("bn").translate(SHORT)
    app = open_app()
    followed = int(app.where.split(",")[0].split()[1])
    app.choose("Pace", "5 steps a second")
    app.root.evaluate(NOTES)
    before = app.data("run")
    app.enter(SHORT)
    app.until_next_run(before)
    chosen = int(app.where.split(",")[0].split()[1])
    app.until_idle()
    address = app.page.url
    app.press("Play")
    app.until("root => root.dataset.shown === '4'")
    assert app.page.url == address
    app.press("Whole run")
    notes = app.root.evaluate("root => root.notes")
    computing = [note for note in notes if note[0] == "computing"]
    playing = [note for note in notes if note[0] == "finished" and note[1] <= 4]
    assert len(computing) > app.columns / 2
    assert [shown for _, shown, *_ in playing] == [1, 2, 3, 4]
    for part, unit in ((computing, followed), (playing, chosen)):
        for _, shown, where, values, identity in part:
            assert where == place_name(trace, shown - 1, unit)
            np.testing.assert_allclose(values, values_of(trace)[:, shown - 1, unit], rtol=0, atol=HALF_A_DIGIT)
            assert f"= {values[4]:.4f}" in identity, "of the cell state"


def test_another_pace_in_mid_run_goes_on_with_the_same_run(open_app):
    app = open_app()
    app.choose("Pace", "1 step a second")
    app.enter(SHORT)
    app.until("root => root.dataset.state === 'computing' && root.dataset.columns >= 2")
    run = app.data("run")
    app.watch()
    app.choose("Pace", "as computed")
    app.until_finished()
    seen = app.watched()
    assert app.data("run") == run
    assert (seen["blank"], seen["gone"]) == (0, 0)
    columns = [count["columns"] for count in seen["counts"]]
    assert columns == sorted(columns), "what was there stays"
    app.choose("Pace", "5 steps a second")
    app.until_address(pace="0.2")
    again = open_app(url=app.page.url, fresh=True, wait=False)
    again.until("root => root.dataset.state === 'computing' && root.dataset.columns >= 2")
    assert again.page.get_by_label("Pace").input_value() == "0.2"


def test_pause_keeps_the_columns_as_they_are_and_play_catches_up(open_app, shipped_translator):
    app = open_app()
    app.choose("Pace", "5 steps a second")
    app.enter(LONG)
    app.until("root => root.dataset.state === 'computing' && root.dataset.columns >= 2")
    app.press("Pause")
    app.until("root => root.querySelector('.play').ariaLabel === 'Play'")
    shown = app.shown
    app.until(f"root => root.dataset.columns > {shown}")
    assert app.shown == shown
    app.press("Play")
    app.until("root => root.dataset.shown === root.dataset.columns")
    app.until_finished()
    _, unit = cell_on_view(shipped_translator("bn").translate(LONG), Selection())
    app.until_drawn()
    assert app.where.startswith(f"Unit {unit}, "), "the unit of every page, also where the run was stepped through"
    assert app.shown == app.columns > shown


# --- the values of one cell


def test_a_click_shows_the_six_values_that_python_computes(app, shipped_translator):
    trace = shipped_translator("bn").translate(DEFAULT_SENTENCE)
    S, H = len(trace.source_tokens), trace.context.shape[1]
    for column, unit, plot in ((0, 0, 0), (S - 1, H - 1, 4), (S, 17, 2), (S + len(trace.target_tokens) - 1, 64, 5)):
        app.select(column, unit, plot)
        app.until_address(unit=str(unit))
        assert_readout(app, trace, column, unit)


def test_both_identities_hold_with_the_numbers_printed(app, shipped_translator):
    trace = shipped_translator("bn").translate(DEFAULT_SENTENCE)
    values, S = values_of(trace), len(trace.source_tokens)
    for column, unit in ((0, 3), (2, 40), (S, 100), (S + 1, 5)):
        app.select(column, unit)
        assert_readout(app, trace, column, unit)
        f, i, o, g, c, h = app.six_values()
        before = float(values[4, column - 1, unit]) if column else 0.0
        cell, hidden = (
            identity.locator("span").all_inner_texts() for identity in app.readout.locator(".identity").all()
        )
        factors = [float(part) for part in cell[0].removeprefix("= ").replace(" + ", " × ").split(" × ")]
        np.testing.assert_allclose(factors, [f, before, i, g], rtol=0, atol=HALF_A_DIGIT)
        kept = factors[0] * factors[1] + factors[2] * factors[3]
        rounding = HALF_A_DIGIT * (2 + abs(before) + 1)
        assert float(cell[1].removeprefix("= ")) == pytest.approx(c, abs=2 * HALF_A_DIGIT)
        assert kept == pytest.approx(c, abs=rounding)
        assert hidden[0] == f"= {o:.4f} × tanh({c:.4f})"
        assert o * np.tanh(c) == pytest.approx(h, abs=3 * HALF_A_DIGIT)
        for stored in app.readout.locator(".identity small").all_inner_texts():
            assert abs(float(stored.split("residual ")[1])) < 1e-5
        note = app.readout.locator(".note").text_content()
        assert note == {0: "c₋₁ is 0 before the first step.", S: "c₋₁ is the encoder's last cell state."}.get(
            column, ""
        )


def test_one_column_and_one_unit_are_marked_in_all_six_heatmaps(app, shipped_translator):
    for column, unit in ((3, 30), (9, 200)):
        app.select(column, unit, plot=1)
        app.until_address(unit=str(unit))
        place = app.place(column, unit)
        for plot in app.plots.all():
            box = plot.bounding_box()
            cursor, mark = plot.locator(".cursor").bounding_box(), plot.locator(".column-mark").bounding_box()
            for marked in (cursor, mark):
                assert marked["x"] + marked["width"] / 2 - box["x"] == pytest.approx(place["x"], abs=1)
            assert cursor["y"] + cursor["height"] / 2 - box["y"] == pytest.approx(place["y"], abs=1)


def test_every_cell_of_every_heatmap_has_the_colour_of_its_value(app, shipped_translator):
    trace = shipped_translator("bn").translate(DEFAULT_SENTENCE)
    assert_colours(app, trace, "stored")


def assert_colours(app, trace: TranslationTrace, order: str) -> None:
    """Every cell, read from the canvas, against the colour table at Python's value; one entry of it for rounding."""
    values, units = values_of(trace), unit_order(trace, order)
    limit = theme.limit_of("cell_state", trace)
    for at, quantity in enumerate(QUANTITIES):
        low, high = (0, 1) if at < 3 else (-limit, limit) if quantity == "cell_state" else (-1, 1)
        drawn = np.array(app.colours(at), dtype=int)  # (columns, rows, RGB)
        entry = np.round(255 * (values[at][:, units] - low) / (high - low)).astype(int)
        table = theme.lut(quantity).astype(int)
        near = [table[np.clip(entry + by, 0, 255)] for by in (-1, 0, 1)]
        assert drawn.shape == near[0].shape
        wrong = np.min([np.abs(drawn - colours).max(axis=-1) for colours in near], axis=0) > 0
        assert not wrong.any(), f"{quantity}: {wrong.sum()} of {wrong.size} cells"


def test_hovering_shows_the_value_under_the_pointer(app, shipped_translator):
    trace = shipped_translator("bn").translate(DEFAULT_SENTENCE)
    values, columns = values_of(trace), [*source_tokens(trace), *map(shown_token, trace.target_tokens)]
    tip = app.root.locator(".tip")
    for column, unit, plot in ((1, 10, 0), (len(columns) - 1, 99, 4)):
        app.plots.nth(plot).hover(position=app.place(column, unit, plot))
        tip.wait_for()
        said = tip.inner_text()
        symbol = theme.look(QUANTITIES[plot]).symbol
        assert said.startswith(f"{symbol} = ")
        assert float(said.split()[2]) == pytest.approx(values[plot, column, unit], abs=HALF_A_DIGIT)
        assert f"unit {unit}," in said
        assert said.endswith(columns[column])
    app.field.hover()
    tip.wait_for(state="hidden")


def overlap(one: dict[str, float], other: dict[str, float]) -> float:
    """How many square pixels two boxes have in common."""
    wide = min(one["x"] + one["width"], other["x"] + other["width"]) - max(one["x"], other["x"])
    high = min(one["y"] + one["height"], other["y"] + other["height"]) - max(one["y"], other["y"])
    return max(wide, 0) * max(high, 0)


def test_a_label_leaves_its_cell_free_and_does_not_go_stale(open_app, shipped_translator):
    trace = shipped_translator("bn").translate(DEFAULT_SENTENCE)
    values, order = values_of(trace), unit_order(trace, "variance")
    app = open_app(height=900)
    app.choose("Units shown", "16 around the selected")
    tip, plot = app.root.locator(".tip"), app.plots.nth(4)
    size = plot.bounding_box()
    height = size["height"] / 16
    for column in (0, app.columns - 1):
        for row in (0, 15):
            place = {"x": app.place(column, 0)["x"], "y": (row + 0.5) * height}
            plot.hover(position=place)
            tip.wait_for()
            cell = {"x": size["x"] + place["x"] - 8, "y": size["y"] + row * height, "width": 16, "height": height}
            assert overlap(tip.bounding_box(), cell) == 0
    place = app.place(2, 10)
    app.choose("Units shown", "all units")
    plot.hover(position=place)
    tip.wait_for()
    row = int(tip.inner_text().split("unit ")[1].split(",")[0])
    app.root.get_by_label("Order of units").evaluate(
        "select => { select.value = 'variance'; select.dispatchEvent(new Event('change')); }"
    )
    unit = int(order[row])
    app.until(f"root => root.querySelector('.tip').textContent.includes('unit {unit},')")
    assert float(tip.inner_text().split()[2]) == pytest.approx(values[4, 2, unit], abs=HALF_A_DIGIT)
    before = app.data("run")
    app.enter(SHORT)
    app.until_next_run(before)
    app.until(  # of the cell that the pointer is on in the new run
        """root => {
          const { run, pointed: { panel, event } } = root.view, { column, unit } = panel.cellAt(event);
          const value = Number(run.value(4, column, unit).toFixed(4)), tip = root.querySelector(".tip").textContent;
          return tip.includes(` unit ${unit},`) && tip.endsWith(run.columns[column].shown.text)
            && Number(tip.split(" ")[2]) === value;
        }"""
    )


@pytest.mark.parametrize(("language", "name"), [("bn", "Bangla"), ("mr", "Marathi")])
def test_the_marks_that_nobody_typed_explain_themselves_on_hover_and_focus(open_app, language, name):
    app = open_app(sentence="A ☃ here.", to=language)
    tip = app.root.locator("[role=tooltip]")
    source, target = app.root.locator(".source .chip"), app.root.locator(".target .chip")
    for chip, said in (
        (source.first, f"tells the network to translate to {name}."),
        (source.filter(has_text="☃"), "Not in the vocabulary: the network reads <unk> in its place"),
        (source.last, "End mark: the encoder reads it after the last token"),
        (target.last, "the decoder writes it when it has finished."),
    ):
        chip.hover()
        tip.get_by_text(said).wait_for()
        assert overlap(tip.bounding_box(), chip.bounding_box()) == 0
        assert chip.get_attribute("aria-describedby") == tip.get_attribute("id")
        app.page.keyboard.press("Escape")
        tip.wait_for(state="hidden")
        assert chip.get_attribute("aria-describedby") is None
    app.field.hover()
    app.field.focus()
    while app.root.locator(".source .chip:focus").count() == 0:
        app.page.keyboard.press("Tab")
    tip.get_by_text(f"translate to {name}.").wait_for()
    assert overlap(tip.bounding_box(), source.first.bounding_box()) == 0
    app.page.keyboard.press("Escape")
    tip.wait_for(state="hidden")
    start = app.readout.locator(".what .token", has_text="<s>")
    start.hover()
    tip.get_by_text("Start mark: what the decoder reads before it has written anything.").wait_for()
    app.field.hover()
    tip.wait_for(state="hidden")
    app.page.keyboard.press("Tab")
    start.focus()
    tip.get_by_text("Start mark").wait_for()


def test_an_explanation_goes_with_its_token_when_the_next_run_comes(open_app):
    app = open_app()
    tip = app.root.locator("[role=tooltip]")
    app.root.locator(".target .chip").first.hover()
    tip.get_by_text("Most probable here").wait_for()
    before = app.data("run")
    app.enter(SHORT)
    app.until_next_run(before)
    app.until(
        """root => {
          const tip = root.querySelector("[role=tooltip]"), chip = root.querySelector("[aria-describedby]");
          return tip.hidden ? !chip : tip.textContent.includes(chip.querySelector(".token").textContent);
        }"""
    )


def test_the_same_cell_can_be_chosen_again_in_the_next_run(open_app, shipped_translator):
    app = open_app(height=1500)
    for sentence in (SHORT, OTHER):
        app.type(sentence)
        app.select(2, 20)
        app.until_address(column="2", unit="20")
        assert_readout(app, shipped_translator("bn").translate(sentence), 2, 20)
        assert_tables(app, shipped_translator("bn").translate(sentence), 2, 20)


def assert_tables(app, trace: TranslationTrace, column: int, unit: int) -> None:
    label = app.page.get_by_text(f"Values as tables: unit {unit} at every step")
    label.wait_for()
    if not label.evaluate("label => label.closest('details').open"):
        label.click()
    app.page.get_by_text(captions.step_caption(trace, column, unit)).wait_for()


# --- what can be taken away


def test_the_link_is_copied_with_what_stands_chosen(open_app):
    app = open_app(sentence=SHORT, fresh=True)
    app.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    app.select(2, 20)
    app.press("Share")
    app.press("Copy link")
    app.root.get_by_text("Link copied.").first.wait_for()
    assert "Link copied." in app.live.all_inner_texts()
    copied = app.page.evaluate("() => navigator.clipboard.readText()")
    assert dict(parse_qsl(urlsplit(copied).query)) == {
        "sentence": normalise(SHORT), "to": "bn", "column": "2", "unit": "20",
    } | dict(parse_qsl(urlsplit(app.page.url).query))  # fmt: skip
    app.page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('no')); }")
    app.press("Copy link")
    field = app.root.get_by_label("Link to this page")
    field.wait_for()
    assert field.input_value() == copied
    selected = field.evaluate("field => field.value.slice(field.selectionStart, field.selectionEnd)")
    assert selected == copied
    app.page.keyboard.press("Escape")
    field.wait_for(state="hidden")
    assert app.root.get_by_role("button", name="Share").evaluate(
        "button => button.getRootNode().activeElement === button"
    )


@pytest.mark.parametrize(("language", "dark"), [("bn", False), ("mr", True)])
def test_the_heat_maps_are_saved_as_one_picture_of_what_is_on_view(
    open_app, shipped_translator, tmp_path, language, dark
):
    sentence = "My <b>cat</b> & dog."
    trace = shipped_translator(language).translate(sentence)
    app = open_app(sentence=sentence, to=language, dark=dark, column=3, unit=40)
    app.choose("Order of units", "by similarity")
    app.choose("Units shown", "16 around the selected")
    files = {}
    app.press("Share")
    for type_ in ("PNG", "SVG"):
        with app.page.expect_download() as saved:
            app.press(f"Save picture ({type_})")
        files[type_] = tmp_path / saved.value.suggested_filename
        saved.value.save_as(files[type_])
    assert [path.name for path in files.values()] == ["lstm-heatmaps.png", "lstm-heatmaps.svg"]
    text = files["SVG"].read_text(encoding="utf-8")
    assert re.findall(r"\w+://[^\s\"')]*", text) == ["http://www.w3.org/2000/svg"], "a namespace alone"
    assert set(re.findall(r"(?:href=\"|url\(\"?)([a-z#]+)", text)) == {"data", "#ramp"}
    family = {"bn": "Noto Sans Bengali", "mr": "Noto Sans Devanagari"}[language]
    assert re.search(rf'font-family:"?{family}', text), "the shipped typeface is in the file"
    svg = ElementTree.fromstring(text)
    said = ["".join(element.itertext()) for element in svg.iter(f"{SVG}text")]
    assert {sentence, trace.text} <= set(said)
    assert "Translator · 16 of 256 units, by similarity" in said
    tokens = [*source_tokens(trace), *map(shown_token, trace.target_tokens)]
    assert all(said.count(token) >= 6 * tokens.count(token) for token in tokens)
    for quantity in QUANTITIES:
        look = theme.look(quantity)
        assert f"{look.symbol} {look.name} · {look.role}" in said
    assert len([each for each in svg.iter(f"{SVG}rect") if each.get("class") == "selected"]) == 6
    limit = theme.limit_of("cell_state", trace.encoder[-1], trace.decoder[-1])
    assert {f"{limit:g}", f"{-limit:g}", "0", "1", "-1"} <= set(said)
    assert_pixels(app, files["PNG"], svg, trace, dark)


def assert_pixels(app, png: Path, svg: ElementTree.Element, trace: TranslationTrace, dark: bool) -> None:
    """In the middle of each cell of the picture is the colour of its value."""
    order = unit_order(trace, "similarity")
    first = int(np.flatnonzero(order == 40)[0]) // 16 * 16
    units, values = order[first : first + 16], values_of(trace)
    limit = theme.limit_of("cell_state", trace.encoder[-1], trace.decoder[-1])
    groups = svg.findall(f"{SVG}g")
    S, count = len(trace.source_tokens), values.shape[1]
    places, expected = [], []
    for at, (quantity, group) in enumerate(zip(QUANTITIES, groups, strict=True)):
        low, high = (0, 1) if at < 3 else (-limit, limit) if quantity == "cell_state" else (-1, 1)
        left, top = map(float, re.findall(r"[\d.]+", group.get("transform")))
        boxes = [
            [float(image.get(name)) for name in ("x", "y", "width", "height")] for image in group.iter(f"{SVG}image")
        ]
        for column in range(count):
            (x, y, width, height), place, steps = (
                (boxes[0], column, S) if column < S else (boxes[1], column - S, count - S)
            )
            if column == 3:
                continue  # the chosen cell has a frame
            for row, unit in enumerate(units):
                places.append([left + x + (place + 0.5) * width / steps, top + y + (row + 0.5) * height / 16])
                expected.append(round(255 * float((values[at][column, unit] - low) / (high - low))))
    drawn = app.page.evaluate(
        """async ([file, places]) => {
          const image = new Image();
          image.src = file;
          await image.decode();
          const canvas = Object.assign(document.createElement("canvas"), { width: image.width, height: image.height });
          const context = canvas.getContext("2d");
          context.drawImage(image, 0, 0);
          return places.map(([x, y]) => [...context.getImageData(Math.floor(2 * x), Math.floor(2 * y), 1, 1).data]);
        }""",
        [f"data:image/png;base64,{base64.b64encode(png.read_bytes()).decode()}", places],
    )
    each = len(expected) // 6
    for at, quantity in enumerate(QUANTITIES):
        table = theme.lut(quantity, dark).astype(int) if at > 2 else theme.lut(quantity).astype(int)
        pixels = np.array(drawn[at * each : (at + 1) * each])
        entries = np.array(expected[at * each : (at + 1) * each])
        near = [table[np.clip(entries + by, 0, 255)] for by in (-1, 0, 1)]
        wrong = np.min([np.abs(pixels[:, :3] - colours).max(axis=-1) for colours in near], axis=0) > 1
        assert not wrong.any(), f"{quantity}: {wrong.sum()} of {wrong.size}"


# --- orders of the units


@pytest.mark.parametrize("order", ["variance", "similarity"])
def test_an_order_of_the_units_is_the_same_in_all_six_heatmaps_and_in_the_values(app, shipped_translator, order):
    trace = shipped_translator("bn").translate(DEFAULT_SENTENCE)
    app.choose("Order of units", f"by {order}")
    app.until_address(order=order)
    assert_colours(app, trace, order)
    for column, row, plot in ((1, 0, 0), (9, 77, 5)):
        unit = int(unit_order(trace, order)[row])
        app.select(column, row, plot)
        app.until_address(unit=str(unit))
        assert_readout(app, trace, column, unit)
    app.choose("Order of units", "as stored")
    app.until("root => !new URL(location).searchParams.has('order')")
    assert_colours(app, trace, "stored")


def test_the_next_sentence_is_drawn_in_the_chosen_order_as_soon_as_that_is_known(open_app, shipped_translator):
    app = open_app(height=1500)
    app.choose("Order of units", "by variance")
    app.until_address(order="variance")
    app.choose("Pace", "5 steps a second")
    app.type(SHORT)
    assert_colours(app, shipped_translator("bn").translate(SHORT), "variance")


def test_fewer_units_are_those_around_the_chosen_one(open_app, shipped_translator):
    trace = shipped_translator("bn").translate(DEFAULT_SENTENCE)
    app = open_app(column=3, unit=40)
    for shown, first in (("16 around the selected", 32), ("64 around the selected", 0), ("16 around the selected", 32)):
        app.choose("Units shown", shown)
        count = int(shown.split()[0])
        app.until(f"root => root.querySelector('.rows span').textContent === '{first}'")
        box = app.plots.first.bounding_box()
        app.plots.first.click(position={"x": app.place(3, 0)["x"], "y": box["height"] * (40 - first + 0.5) / count})
        assert_readout(app, trace, 3, 40)


# --- language


def test_the_language_is_switched_and_the_sentence_stays(open_app, shipped_translator):
    app = open_app(sentence=SHORT)
    app.watch()
    for language, name in (("mr", "Marathi"), ("bn", "Bangla"), ("mr", "Marathi")):
        app.take_language(name)
        assert app.field.input_value() == SHORT
        trace = shipped_translator(language).translate(SHORT)
        app.until_beneath(trace)
        assert_translated(app, trace)
        assert app.root.locator("output.text").get_attribute("lang") == language
    assert (app.watched()["blank"], app.watched()["gone"]) == (0, 0)


@pytest.mark.parametrize(("language", "family"), [("bn", "Noto Sans Bengali"), ("mr", "Noto Sans Devanagari")])
def test_the_shipped_typeface_of_the_language_is_loaded(open_app, watched, language, family):
    app = open_app(to=language)
    app.page.wait_for_function(
        """family => [...document.fonts].some(
          (face) => face.family.replaceAll('"', "") === family && face.status === "loaded")""",
        arg=family,
    )
    assert any(f"{family.lower().replace(' ', '-')}-" in url for url in watched.requests)
    used = app.root.locator("output.text").evaluate("element => getComputedStyle(element).fontFamily")
    assert family in used


# --- computing again, examples, address


def test_compute_again_makes_a_new_run_of_the_same_sentence(open_app, shipped_translator):
    trace = shipped_translator("bn").translate(DEFAULT_SENTENCE)
    app = open_app(column=4, unit=30)
    app.watch()
    runs = {app.data("run")}
    for _ in range(2):
        before = app.data("run")
        app.press("Compute again")
        app.until("(root, before) => root.dataset.run !== before && root.dataset.state === 'finished'", before)
        app.until_finished()
        runs.add(app.data("run"))
        assert_translated(app, trace)
        assert_readout(app, trace, 4, 30)
    assert len(runs) == 3
    assert (app.watched()["blank"], app.watched()["gone"]) == (0, 0)


def test_an_example_is_taken_with_one_click(open_app, shipped_translator):
    app = open_app()
    for example in (EXAMPLES[1], EXAMPLES[-1]):
        app.page.get_by_role("radio", name=example).click()
        trace = shipped_translator("bn").translate(example)
        app.until_beneath(trace)
        assert app.field.input_value() == example
        assert_translated(app, trace)


def test_the_address_restores_sentence_language_order_cell_and_values(open_app, shipped_translator):
    app = open_app(sentence=OTHER, to="mr", height=1500)
    app.choose("Order of units", "by similarity")
    app.until_address(order="similarity")
    trace = shipped_translator("mr").translate(OTHER)
    unit = int(unit_order(trace, "similarity")[50])
    app.select(5, 50)
    app.until_address(column="5", unit=str(unit))

    again = open_app(url=app.page.url, height=1500, fresh=True)
    assert again.field.input_value() == OTHER
    assert again.page.get_by_role("radio", name="Marathi").get_attribute("aria-checked") == "true"
    assert again.page.get_by_label("Order of units").input_value() == "similarity"
    assert_translated(again, trace)
    assert_readout(again, trace, 5, unit)
    assert again.six_values() == app.six_values()
    assert_colours(again, trace, "similarity")


# --- attention


def test_attention_is_drawn_with_its_weights_and_told_in_words(app, shipped_translator):
    trace = shipped_translator("bn").translate(DEFAULT_SENTENCE)
    app.until_beneath(trace)
    chart = app.page.get_by_role("figure", name=captions.attention_caption(trace))
    drawn = chart.locator(".js-plotly-plot").evaluate("plot => [...plot._fullData[0].z].map((row) => [...row])")
    np.testing.assert_allclose(drawn, trace.attention, rtol=0, atol=1e-6)
    assert app.page.get_by_text(captions.attention_caption(trace)).is_visible()
    app.select(len(trace.source_tokens), 0)
    weights = app.root.locator(".source .chip .weight").evaluate_all(
        "bars => bars.map((bar) => new DOMMatrix(getComputedStyle(bar).transform).a)"
    )
    np.testing.assert_allclose(weights, trace.attention[0], atol=1e-3)


def test_a_click_in_the_attention_picture_selects_the_step_that_wrote_the_token(app, shipped_translator):
    trace = shipped_translator("bn").translate(DEFAULT_SENTENCE)
    S = len(trace.source_tokens)
    app.until_beneath(trace)
    app.select(0, 12)
    for target, source in ((1, 2), (3, 0)):
        click_attention(app, target, source)
        app.until_address(column=str(S + target))
        assert_readout(app, trace, S + target, 12)
    app.select(0, 12)
    assert_readout(app, trace, 0, 12)
    click_attention(app, 3, 0)  # the same as before
    app.until_address(column=str(S + 3))
    assert_readout(app, trace, S + 3, 12)
    app.select(0, 12)  # and this too
    assert_readout(app, trace, 0, 12)


def click_attention(app, target: int, source: int) -> None:
    app.until_idle()
    app.page.locator(".js-plotly-plot .heatmaplayer .hm").first.wait_for(state="attached")
    x, y = app.page.evaluate(
        """([x, y]) => {
          const plot = document.querySelector(".js-plotly-plot"), { xaxis, yaxis } = plot._fullLayout;
          plot.scrollIntoView({ block: "center", behavior: "instant" });
          const box = plot.getBoundingClientRect();
          return [box.left + xaxis._offset + xaxis.l2p(x), box.top + yaxis._offset + yaxis.l2p(y)];
        }""",
        [source, target],
    )
    app.page.mouse.click(x, y)


# --- tables


def test_what_was_unfolded_stays_so_through_the_next_runs(open_app, shipped_translator):
    app = open_app()
    app.page.get_by_text("The heat maps in words").click()
    for sentence in (SHORT, OTHER):
        app.type(sentence)
        trace = shipped_translator("bn").translate(sentence)
        app.page.get_by_text(captions.quantity_caption(trace, "forget_gate")).wait_for()


def test_typed_signs_stand_in_the_table_as_they_were_typed(open_app, shipped_translator):
    typed = "# - > * 1. `a` $x$ _ ~ | [b] <i>"
    trace = shipped_translator("bn").translate(typed)
    app = open_app(sentence=typed)
    app.page.get_by_text("Values as tables").click()
    cells = app.page.locator("[data-testid=stTable] tbody tr td:nth-child(3)")
    cells.first.wait_for()
    assert cells.all_inner_texts()[: len(trace.source_tokens)] == source_tokens(trace)


def test_the_status_names_steps_and_time_and_the_badge_the_training(open_app):
    app = open_app(sentence="Help!")
    assert app.root.locator(".badge").inner_text() == "seen in training"
    steps, _, _, milliseconds, unit = app.root.locator(".status").inner_text().split()[:5]
    assert int(steps) == app.columns
    assert float(milliseconds) > 0
    assert unit == "ms"
    app.type("Zebras xerox quokkas.")
    assert app.root.locator(".badge").inner_text() == "not in training"
    assert normalise("Zebras xerox quokkas.") in app.page.url.replace("+", " ")


@pytest.mark.parametrize("network", ["translator", "untrained"])
def test_guessed_tokens_are_marked_and_said_beside_the_translation(open_app, network):
    sentence = "The bridge over the canal is very old."
    trace = loading.translator("bn", network).translate(sentence)
    app = open_app(sentence=sentence, network=network)
    guessed = [bool(probability < 0.2) for probability in trace.probabilities]
    assert guessed.count(True) == (len(guessed) if network == "untrained" else 2)
    app.until_drawn()
    said = " ".join(app.root.locator(".guesses").inner_text().split())
    least = trace.target_tokens[int(trace.probabilities.argmin())].replace("\u2581", "") or "␣"
    assert f"“{least}”" in said
    extent = "throughout" if all(guessed) else f"at {sum(guessed)} of {len(guessed)} tokens"
    assert said.startswith(f"? guessing {extent}, least sure of ")
    app.page.get_by_text(f"It was guessing {extent}").wait_for()
    chips = app.root.locator(".target .chip")
    assert [chip.locator(".guess").is_visible() for chip in chips.all()] == guessed
    named = chips.and_(app.page.get_by_role("button", name="guess"))
    assert named.count() == sum(guessed)
    app.press("First step")
    app.until("root => !root.querySelector('.guesses').textContent")
    if network == "translator":
        app.type("I have a cat.")
        app.until("root => !root.querySelector('.guesses').textContent && !root.querySelector('.chip.guessed')")
