"""The server does not answer, or no longer knows the run: the page says so in words, and goes on when it can."""

import pytest

SHORT = "I am here."
STATUS = "root => root.dataset.state === 'failed'"


def fail_with(app, watched, answer) -> None:
    """Type a sentence whose stream fails in this way."""
    watched.allowed_errors = ("Failed to load resource", "net::ERR")
    app.page.route("**/live/**", answer)
    app.enter(SHORT)
    app.until(STATUS)


@pytest.mark.parametrize(("answer", "said"), [
    (lambda route: route.fulfill(status=404, body="This run is no longer on the server."), "no longer on the server."),
    (lambda route: route.abort(), "The server does not answer."),
    (lambda route: route.fulfill(status=200, body=b""), "The connection to the server was lost."),
], ids=["unknown run", "no answer", "nothing sent"])  # fmt: skip
def test_a_stream_that_cannot_be_read_is_told_in_words_and_computed_again_on_request(
    open_app, watched, shipped_translator, answer, said
):
    app = open_app()
    fail_with(app, watched, answer)
    status = app.root.locator(".status").inner_text()
    assert said in status
    assert status.endswith("Press “Compute again”.")
    assert app.live.text_content() == status
    assert app.page.locator("[data-testid=stException]").count() == 0
    app.page.unroute("**/live/**")
    before = app.data("run")
    app.press("Compute again")
    app.until_next_run(before)
    assert app.text == shipped_translator("bn").translate(SHORT).text


def test_a_stream_that_breaks_off_in_mid_run_is_told_in_words(open_app, watched):
    app = open_app()

    def cut_off(route) -> None:
        body = route.fetch().body()
        route.fulfill(status=200, body=body[: len(body) // 2])

    fail_with(app, watched, cut_off)
    assert "The connection to the server was lost." in app.root.locator(".status").inner_text()
    assert app.columns > 0


def test_an_unknown_run_is_not_found(open_app, server):
    app = open_app()
    answer = app.page.request.get(f"{server.url}/live/never-started")
    assert answer.status == 404
    assert answer.text() == "This run is no longer on the server."


def test_a_session_that_reconnects_still_has_its_run(open_app):
    app = open_app(sentence=SHORT)
    text = app.text
    app.page.reload()
    app.until_finished()
    assert app.text == text
    assert app.field.input_value() == SHORT
