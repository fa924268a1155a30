"""The line of pages above every page, and the page that says how good the networks are, in a real browser."""

from itertools import pairwise

import pytest

from viz.state import DEFAULT_SENTENCE

HEADING = "How good is it, and how do we know?"
# Below another page than the first, Streamlit's script first asks for its server under that page's address.
DEEP_LINK = "Failed to load resource: the server responded with a status of 404"


@pytest.fixture
def go_to_trust(open_app):
    """Open the first page, and go on by the line of pages."""

    def go(**options):
        app = open_app(**options)
        if (folded := app.page.get_by_role("button", name="Pages: Translate")).is_visible():  # on a telephone
            folded.click()
        app.page.get_by_role("link", name="Trust", exact=True).click()
        until_trust(app)
        return app

    return go


def until_trust(app) -> None:
    app.page.get_by_role("heading", name=HEADING).wait_for()
    app.page.get_by_role("heading", name="Whose sentences these are").wait_for()
    app.until_idle()


def until_drawn(app) -> None:
    """Until every chart on the page has its picture."""
    app.page.wait_for_function(
        """() => { const all = [...document.querySelectorAll("[data-testid=stPlotlyChart]")];
        return all.length && all.every((chart) => chart.querySelector(".trace, .hm")); }"""
    )


def test_the_first_screen_still_holds_the_whole_microscope(open_app):
    app = open_app(width=1280, height=800, units="varied", level="picture")
    line = app.page.locator(".st-key-pages").bounding_box()
    assert line["y"] >= 0
    assert line["y"] + line["height"] <= 32
    for part in (app.field, app.root.locator(".source"), app.root.locator(".target"), *app.plots.all(), app.readout):
        box = part.bounding_box()
        assert box["y"] >= 32, "nothing hides behind the line of pages"
        assert box["y"] + box["height"] <= 800


def test_every_page_can_be_reached_by_keyboard_and_the_current_one_is_told(open_app):
    app = open_app()
    link = app.page.get_by_role("link", name="Trust", exact=True)
    app.page.keyboard.press("Tab")
    for _ in range(12):
        if link.evaluate("link => link === document.activeElement"):
            break
        app.page.keyboard.press("Tab")
    else:
        pytest.fail("Tab does not reach the link to the page")
    app.page.keyboard.press("Enter")
    until_trust(app)
    assert app.page.url.endswith("/trust")


def test_the_sentence_the_language_and_the_cell_survive_going_there_and_back(open_app, watched):
    watched.allowed_errors = (DEEP_LINK,)
    app = open_app(sentence="I am here.", to="mr", column=3, unit=7, order="variance")
    where, six = app.where, app.six_values()
    app.page.get_by_role("link", name="Trust", exact=True).click()
    until_trust(app)
    app.page.get_by_role("link", name="Translate", exact=True).click()
    app.until_finished()
    app.until_where(where)
    assert app.field.input_value() == "I am here."
    assert app.page.get_by_role("radio", name="Marathi").is_checked()
    assert app.six_values() == six
    app.until_address(sentence="I am here.", to="mr", column="3", unit="7", order="variance")


def test_a_link_to_this_page_opens_it(open_app, watched, server):
    watched.allowed_errors = (DEEP_LINK,)
    app = open_app(url=f"{server.url}/trust", wait=False)
    until_trust(app)
    app.page.get_by_role("link", name="Translate", exact=True).click()
    app.until_finished()
    assert app.field.input_value() == DEFAULT_SENTENCE


def test_the_menu_offers_the_theme_and_nothing_is_deployed(open_app):
    app = open_app()
    assert app.page.get_by_test_id("stAppDeployButton").count() == 0
    app.page.get_by_test_id("stMainMenuButton").click()
    app.page.get_by_test_id("stMainMenuPopover").get_by_text("Light").first.wait_for()


@pytest.mark.parametrize(("width", "lines"), [(380, 5), (1280, 1)])
def test_the_pages_and_the_menu_are_whole_and_do_not_lie_on_each_other(open_app, width, lines):
    app = open_app(width=width)
    if width < 760:
        app.page.get_by_role("button", name="Pages: Translate").click()
    links = [link.bounding_box() for link in app.page.locator(".st-key-pages a").all()]
    menu = app.page.get_by_test_id("stMainMenuButton").bounding_box()
    assert len(links) >= 2
    for box in (*links, menu):
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= 6 + 28 * lines
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
    assert all(box["x"] + box["width"] <= menu["x"] for box in links)
    for before, after in pairwise(links):
        assert before["x"] + before["width"] <= after["x"] or before["y"] + before["height"] <= after["y"]
    assert app.page.get_by_test_id("stSidebar").count() == 0, "on a telephone it would stay open over the page"


@pytest.mark.parametrize(("width", "dark"), [(380, False), (380, True), (1280, False), (1280, True)])
def test_nothing_is_wider_than_the_screen_and_all_pictures_are_drawn(go_to_trust, width, dark):
    app = go_to_trust(width=width, dark=dark)
    until_drawn(app)
    main = app.page.get_by_test_id("stMain")
    assert main.evaluate("main => main.scrollWidth <= main.clientWidth")
    for chart in app.page.get_by_test_id("stPlotlyChart").all():
        box = chart.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
    figures = app.page.get_by_role("figure")
    assert figures.count() == app.page.get_by_test_id("stPlotlyChart").count() > 0
    assert all(figure.get_attribute("aria-label") for figure in figures.all())


def test_a_wide_table_scrolls_by_itself_and_by_keyboard(go_to_trust):
    app = go_to_trust(width=380)
    region = app.page.get_by_role("region", name="Networks, as their cards describe them")
    region.focus()
    assert region.evaluate("box => box.scrollWidth > box.clientWidth && box.tabIndex === 0")
    app.page.keyboard.press("ArrowRight")
    app.page.wait_for_function("box => box.scrollLeft > 0", arg=region.element_handle())


def test_what_is_unfolded_is_there(go_to_trust):
    app = go_to_trust()
    app.page.get_by_text("The people of Tatoeba who wrote the sentences").click()
    table = app.page.get_by_role("region", name="The people of Tatoeba who wrote the sentences")
    table.get_by_role("cell", name="tanay", exact=True).first.wait_for()
