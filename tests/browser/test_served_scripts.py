"""How the scripts reach a real browser: below any path, once, and with a word where they do not."""

from urllib.parse import urlsplit

import pytest
from conftest import App, Watched, serving

from viz.serving.modules import HASH


def modules_in(watched: Watched) -> list[str]:
    return [urlsplit(url).path.rpartition("/")[2] for url in watched.requests if f"/modules/{HASH}/" in url]


def test_every_script_is_fetched_once_and_kept_for_the_next_page(open_app, watched):
    app = open_app(fresh=True)
    fetched = modules_in(watched)
    assert "microscope.js" in fetched
    assert "looks.js" in fetched
    assert len(fetched) == len(set(fetched))
    app.type("I am here.")
    assert modules_in(watched) == fetched


@pytest.mark.parametrize("page", ["", "cell", "compare"])
def test_a_script_that_does_not_come_is_said_to_be_missing(open_app, watched, page, server):
    watched.allowed_errors = ("Failed to load resource",)
    app = open_app(fresh=True, wait=False)
    app.page.route("**/modules/**", lambda route: route.fulfill(status=404, body="There is no such script."))
    app.page.goto(f"{server.url}/{page}")
    alert = app.page.get_by_role("alert").filter(has_text="could not be loaded").first
    alert.wait_for()
    assert alert.inner_text() == "This part of the page could not be loaded. Load the page again."


@pytest.mark.parametrize("page", ["", "cell"])
def test_pages_below_a_path_find_scripts_and_runs_there(chromium, tmp_path, page):
    with serving(tmp_path, base="some/where") as server:
        opened = chromium.new_page()
        opened.set_default_timeout(60_000)
        opened.goto(f"{server.url}/{page}")
        App(opened).until_finished()
        opened.close()
