"""The gate lab in a real browser: a unit held by mouse and by keyboard, undone, and shared by its link."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest

from models.analysis.effects import effect
from models.translation.interventions import Intervention, from_json, to_json
from viz.figures.wording import number
from viz.state import DEFAULT_SENTENCE

# Below another page than the first, Streamlit's script first asks for its server under that page's address.
DEEP_LINK = "Failed to load resource: the server responded with a status of 404"
FOCUSED = "(document.activeElement?.shadowRoot?.activeElement ?? document.activeElement)?.innerText?.trim()"
ROW = ".st-key-lab_list p"


@pytest.fixture
def open_lab(open_app, watched, server):
    """Open the page by a link, and wait for both runs and what stands beneath them."""
    watched.allowed_errors = (DEEP_LINK,)

    def open_page(address: str = "", **options):
        app = open_app(url=address if address.startswith("http") else f"{server.url}/lab?{address}", **options)
        app.page.get_by_text("Picked in the heat maps").wait_for()
        return app

    return open_page


def until_rows(app, *texts: str) -> None:
    """Until the list of interventions reads so, and both runs are those with it."""
    app.page.wait_for_function(
        "([selector, texts]) => [...document.querySelectorAll(selector)].map((row) => row.innerText.trim())"
        ".filter((text) => /^[0-9]/.test(text)).join('|') === texts.join('|')",
        arg=[ROW, list(texts)],
    )
    app.until_finished()
    app.until_idle()


def table_on_screen(app) -> list[str]:
    """Each effect of the interventions, as it is read."""
    table = app.page.get_by_role("region", name="What the interventions did")
    table.wait_for()
    return table.locator("tbody tr").evaluate_all("rows => rows.map((row) => row.cells[1].innerText.trim())")


def expected_table(translator, interventions) -> list[str]:
    found = effect(translator, translator.translate(DEFAULT_SENTENCE), interventions)
    return [str(found.tokens_changed), number(found.log_probability_change, ".4f"), number(found.divergence, ".4f")]


def set_value(app, value: str) -> None:
    field = app.page.get_by_label("Value", exact=True)
    field.fill(value)
    field.press("Enter")
    app.page.get_by_role("button", name=f"Hold this unit here at {value}", exact=True).wait_for()


def picked(app, previous: str) -> tuple[int, int]:
    """Step and unit of the cell that is picked, once it is another one."""
    sentence = app.page.locator(".st-key-lab_picked p").filter(has_text="Picked in the heat maps")
    app.page.wait_for_function(
        "([text]) => [...document.querySelectorAll('.st-key-lab_picked p')].some(({ innerText }) => "
        "innerText.startsWith('Picked') && !innerText.startsWith(text))",
        arg=[previous],
    )
    match = re.match(r"Picked in the heat maps: decoder step (\d+), unit (\d+)\.", sentence.inner_text())
    return int(match[1]), int(match[2])


def tab_to(app, name: str) -> None:
    """Press Tab until a button of this name has the focus, in the page or within a component."""
    for _ in range(80):
        app.page.keyboard.press("Tab")
        if app.page.evaluate(FOCUSED) == name:
            return
    pytest.fail(f"Tab never reached {name}")


def test_a_unit_is_held_by_mouse_undone_and_shared_by_its_link(open_lab, shipped_translator):
    translator = shipped_translator("bn")
    app = open_lab("column=8&unit=12")
    plot = app.page.locator(".panel.b .plot").first
    box = plot.bounding_box()
    plot.click(position={"x": box["width"] * 0.8, "y": box["height"] * 0.4})
    step, unit = picked(app, "Picked in the heat maps: decoder step 1, unit 12.")
    app.page.get_by_text("Forget gate:").wait_for()
    set_value(app, "0")
    app.page.get_by_role("button", name="Hold this unit here at 0", exact=True).click()
    row = f"1. decoder, forget gate of unit {unit}: held at 0 in step {step}"
    until_rows(app, row)
    held = Intervention("forget_gate", units=(unit,), first=step - 1, last=step - 1, network=translator.fingerprint)
    assert table_on_screen(app) == expected_table(translator, [held])

    link = app.page.url
    other = open_lab(link)
    until_rows(other, row)
    assert table_on_screen(other) == table_on_screen(app)

    app.page.get_by_role("button", name=re.compile("^Undo")).click()
    until_rows(app)
    app.page.get_by_text("Nothing is changed yet").wait_for()
    app.page.locator("body").press("Control+y")
    until_rows(app, row)
    assert app.page.url == link


def test_a_unit_is_held_and_undone_by_keyboard_alone(open_lab, shipped_translator):
    translator = shipped_translator("bn")
    app = open_lab("column=9&unit=40")
    app.page.locator(".panel.difference .plot").first.focus()
    for key in ("5", "ArrowRight", "ArrowDown", "ArrowDown"):
        app.page.keyboard.press(key)
    step, unit = picked(app, "Picked in the heat maps: decoder step 2, unit 40.")
    app.until_idle()
    step, unit = picked(app, "no such beginning")
    assert (step, unit) == (3, 42)
    app.page.get_by_label("English sentence").focus()
    value = float(translator.translate(DEFAULT_SENTENCE).decoder[0].cell_state[2, 42])
    set_value(app, "1")
    app.page.get_by_label("English sentence").focus()
    tab_to(app, "Hold this unit here at 1")
    app.page.keyboard.press("Enter")
    until_rows(app, "1. decoder, cell state of unit 42: held at 1 in step 3")
    app.page.get_by_text(f"Cell state: {number(value, '.4f')} as it was, 1.0000 as it becomes.").wait_for()
    app.page.keyboard.press("Control+z")
    until_rows(app)

    app.page.get_by_text("Change the attention").click()
    app.page.get_by_role("slider", name="Weight on 2 she").focus()
    app.page.keyboard.press("End")
    tab_to(app, "Apply these weights")
    app.page.keyboard.press("Enter")
    app.page.locator(ROW, has_text="1. attention in every step: 0.125 on “<to bn>” (1), 1 on “she” (2)").wait_for()
    (each,) = from_json(parse_qs(urlsplit(app.page.url).query)["edits"][0])
    assert each.values == (0.125, 1.0, *[0.125] * 6)


def test_two_browsers_with_other_interventions_see_their_own_numbers(open_lab, shipped_translator):
    translator = shipped_translator("bn")
    held = [
        Intervention("forget_gate", side="encoder", units=(3, 9), value=value, network=translator.fingerprint)
        for value in (0.0, 1.0)
    ]
    apps = [open_lab(f"edits={to_json([each])}", fresh=is_fresh) for each, is_fresh in zip(held, (False, True))]
    for app in apps:
        app.page.get_by_text("Change the attention").click()
    expected = []
    for app, each, (name, weight) in zip(apps, held, (("Uniform", 1.0), ("None", 0.0)), strict=True):
        app.page.get_by_role("button", name=name, exact=True).click()
        expected.append(expected_table(translator, [each, Intervention("attention", value=weight)]))
    assert expected[0] != expected[1]
    for app, numbers in zip(apps, expected, strict=True):
        app.page.locator(ROW, has_text=re.compile("^2\\.")).wait_for()
        app.page.wait_for_function(
            "([name, text]) => document.querySelector(`[aria-label='${name}']`)?.innerText.includes(text)",
            arg=["What the interventions did", numbers[2]],
        )
        assert table_on_screen(app) == numbers
