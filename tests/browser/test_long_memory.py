"""The pages Long memory and Gradients in a real browser: by keyboard, in words, and nothing that is typed runs."""

import pytest

from models.learning.tasks.files import load_networks

DEEP_LINK = "Failed to load resource: the server responded with a status of 404"
HOSTILE = "<img src=x onerror=document.title='run'> **bold** $x$"


@pytest.fixture
def open_tasks(open_app, watched, server):
    watched.allowed_errors = (DEEP_LINK,)

    def opened(page="tasks", wait=True, **address):
        query = "&".join(f"{name}={value}" for name, value in address.items())
        app = open_app(url=f"{server.url}/{page}?{query}", wait=False)
        if wait:
            app.until_finished()
        app.until_idle()
        return app

    return opened


def headline(app) -> str:
    return app.page.locator("h2.headline").inner_text()


def test_every_unit_has_its_line_and_the_gap_is_moved_by_keyboard(open_tasks):
    app = open_tasks(variant="gru", gap=10)
    units = load_networks("france")["gru", 1].units
    first = app.page.locator(".panel").first
    assert first.locator(".rows span:visible").all_inner_texts() == [str(unit) for unit in range(units)]
    before = headline(app)
    slider = app.page.get_by_role("slider").first
    slider.focus()
    slider.press("ArrowRight")
    app.page.wait_for_function("before => document.querySelector('h2.headline').innerText !== before", arg=before)
    app.until_idle()
    assert app.page.get_by_role("slider").first.input_value() == "11"
    assert "gap=11" in app.page.url


def test_what_is_typed_is_read_or_refused_and_runs_nowhere(open_tasks):
    app = open_tasks()
    field = app.page.get_by_label("Sequence", exact=True)
    field.fill("I grew up in Greece. Anna slept. I speak fluent")
    field.press("Enter")
    app.page.wait_for_function("() => document.querySelector('h2.headline').innerText.includes('Greek')")
    field.fill(HOSTILE)
    field.press("Enter")
    app.page.get_by_role("alert").get_by_text("It reads").wait_for()
    assert "Greek" in headline(app)
    assert app.page.title() != "run"
    assert app.page.locator("img[src=x]").count() == 0


def test_a_bar_erases_its_unit_and_the_heat_maps_show_that_run(open_tasks):
    app = open_tasks(gap=12)
    chart = app.page.locator(".st-key-task_erasing")
    chart.scroll_into_view_if_needed()
    chart.locator(".bars .point path").first.click(force=True)
    notice = app.page.get_by_role("status").get_by_text("erased from step 1 on")
    notice.wait_for()
    app.until_idle()
    unit = app.page.get_by_label("Units, 0 to 23").input_value()
    row = app.plots.nth(4).evaluate(
        """(plot, unit) => {
        const canvas = plot.querySelector("canvas"), rows = Number(plot.getAttribute("aria-rowcount"));
        const y = Math.floor((unit + 0.5) * canvas.height / rows);
        return [...canvas.getContext("2d").getImageData(0, y, canvas.width, 1).data]; }""",
        int(unit),
    )
    assert len({tuple(row[at : at + 3]) for at in range(0, len(row), 4)}) == 1, "its cell state is 0 at every step"


def test_every_picture_of_both_pages_has_words(open_tasks):
    for page in ("tasks", "gradients"):
        app = open_tasks(page, wait=page == "tasks", task="counting", gap=8)
        app.page.wait_for_function(
            """() => { const all = [...document.querySelectorAll("[data-testid=stPlotlyChart]")];
            return all.length >= 4 && all.every((chart) => chart.querySelector(".trace, .bars, .hm")); }"""
        )
        labels = app.page.locator("[data-testid=stPlotlyChart]").evaluate_all(
            """charts => charts.map((chart) => (chart.closest("[aria-label]") ?? chart.querySelector("[aria-label]"))
            ?.getAttribute("aria-label") ?? "")"""
        )
        assert all(len(label) > 40 for label in labels), (page, labels)
