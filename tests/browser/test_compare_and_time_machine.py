"""Two runs side by side, and the slider through a training, in a real browser: by keyboard, and nothing jumps."""

from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from models.translation.checkpoints import load_translator
from viz.networks import TIME_MACHINE, course

# Below another page than the first, Streamlit's script first asks for its server under that page's address.
DEEP_LINK = "Failed to load resource: the server responded with a status of 404"
IS, WAS = "He is in the house.", "He was in the house."
TEXTS = ".comparison output.text"
PATIENCE = 60_000  # milliseconds
# Where the heat maps begin on the page, however far that is scrolled, and how tall they are.
PLACE = """root => {
  const { top, height } = root.querySelector(".panels").getBoundingClientRect();
  return [top + document.querySelector("[data-testid=stMain]").scrollTop, height].map(Math.round);
}"""


@pytest.fixture
def open_compare(open_app, watched, server):
    watched.allowed_errors = (DEEP_LINK,)

    def open_page(**address: object):
        query = "&".join(f"{name}={quote(str(value))}" for name, value in address.items())
        return settled(open_app(url=f"{server.url}/compare?{query}"))

    return open_page


def settled(app):
    app.until_finished()
    app.until_idle()
    return app


def texts(app) -> list[str]:
    return app.page.locator(TEXTS).all_inner_texts()


def test_b_takes_the_memory_of_a_by_keyboard_and_the_link_shows_the_same(open_compare, open_app, shipped_translator):
    app = open_compare(sentence=IS, b_sentence=WAS, to="mr", column=2, unit=5)
    a, before = (shipped_translator("mr").translate(sentence).text for sentence in (IS, WAS))
    assert texts(app) == [a, before]
    app.page.get_by_role("button", name="Give it to B").press("Enter")
    app.page.get_by_text("B was given A's cell state").wait_for()
    expect(app.page.locator(TEXTS).nth(1)).not_to_have_text(before, timeout=PATIENCE)
    after = texts(settled(app))[1]
    assert after not in ("", before)
    rows = app.page.get_by_role("region", name="What the memory of A changed").locator('td[lang="mr"]')
    assert rows.all_inner_texts() == [a, before, after]

    other = settled(open_app(url=app.page.url))
    other.page.get_by_text("B was given A's cell state").wait_for()
    assert texts(other) == [a, after]
    app.page.get_by_role("button", name="Take it back").press("Enter")
    app.page.get_by_role("button", name="Give it to B").wait_for()
    expect(app.page.locator(TEXTS)).to_have_text([a, before], timeout=PATIENCE)
    assert texts(other) == [a, after]


def test_the_slider_walks_through_a_training_and_the_page_stays_where_it_is(open_app):
    app = open_app(sentence="I am here.")
    app.page.get_by_role("button", name="Time machine: watch it learn").click()
    slider = app.page.get_by_role("slider", name="Time machine")
    slider.wait_for()
    app.until_address(network=TIME_MACHINE)
    settled(app)
    slider.press("Home")  # the untrained network writes until it is stopped
    app.until_address(network=f"{TIME_MACHINE}@0")
    app.page.locator(".badge", has_text="untrained").wait_for()
    place = settled(app).root.evaluate(PLACE)
    for _ in range(3):
        slider.press("ArrowRight")
    app.until_address(network=f"{TIME_MACHINE}@300")
    assert "held-out sentences" in slider.get_attribute("aria-valuetext")
    assert settled(app).root.evaluate(PLACE)[0] == place[0]
    app.type("I am going.")
    app.until_address(sentence="I am going.", network=f"{TIME_MACHINE}@300")
    app.page.get_by_role("button", name="Time machine, after 300 batches").click()
    menu = app.page.get_by_role("combobox", name="Network")
    assert menu.evaluate("box => box.value || box.innerText") == "Time machine, after 300 batches"


def test_a_training_plays_beside_its_last_state_and_the_page_stays_where_it_is(open_compare):
    app = open_compare(sentence="I am here.", network=TIME_MACHINE, b_network=f"{TIME_MACHINE}@3000")
    place = app.root.evaluate(PLACE)
    play = app.page.get_by_role("button", name="Play: Time machine of B")
    play.press("Enter")
    app.until_address(b_network=TIME_MACHINE)
    assert settled(app).root.evaluate(PLACE)[0] == place[0]
    expected = load_translator("bn", name=TIME_MACHINE, step=course()[-1].batches).translate("I am here.").text
    assert texts(app) == [expected, expected]
    app.page.get_by_text("No number of A and B differs").wait_for()
