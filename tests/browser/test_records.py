"""Records that are no translations in a real browser: any parts, any quantities, drawn by the same scripts."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest
from conftest import App, Server, Watched, free_page, serving
from playwright.sync_api import Browser

from viz.figures import theme

FOLDER = Path(__file__).parent / "records"
sys.path.insert(0, str(FOLDER))

from made_records import MADE  # noqa: E402


@pytest.fixture(scope="module")
def records_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("records"), str(FOLDER / "records_app.py")) as running:
        yield running


@pytest.fixture
def open_record(chromium: Browser, records_server: Server) -> Iterator:
    watched = Watched(records_server.url.partition("//")[2])
    opened = ExitStack()

    def open_record(name: str, width: int = 1280) -> App:
        page = opened.enter_context(free_page(chromium, touch=False))
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme="light")
        page.set_default_timeout(60_000)
        opened.enter_context(watched.listening(page))
        page.goto(f"{records_server.url}/?show={name}")
        app = App(page)
        app.until_finished()
        return app

    with opened:
        yield open_record
    watched.check()


def drawn(app: App, plot: int, dividers: list[int]) -> list[list[list[int]]]:
    """The colour in the middle of every cell, (columns, rows, 3), where parts begin at these columns."""
    return app.plots.nth(plot).evaluate(
        """(plot, starts) => {
          const canvas = plot.querySelector("canvas"), columns = Number(plot.getAttribute("aria-colcount"));
          const rows = Number(plot.getAttribute("aria-rowcount"));
          const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
          const width = (canvas.width - 8 * starts.length) / columns, height = canvas.height / rows;
          return Array.from({ length: columns }, (_, column) => Array.from({ length: rows }, (_, row) => {
            const x = Math.floor((column + 0.5) * width + 8 * starts.filter((start) => start <= column).length);
            const at = 4 * (Math.floor((row + 0.5) * height) * canvas.width + x);
            return [...data.subarray(at, at + 3)];
          }));
        }""",
        dividers,
    )


@pytest.mark.parametrize(("name", "dividers"), [("series", []), ("made_up", [12])])
@pytest.mark.parametrize("width", [1280, 380])
def test_a_record_of_any_cell_is_streamed_and_drawn(open_record, name, dividers, width):
    record = MADE[name]()
    app = open_record(name, width)
    quantities = record.cell.quantities
    assert app.plots.evaluate_all("plots => plots.map((plot) => plot.dataset.quantity)") == list(record.cell.names)
    assert app.columns == app.shown == record.steps
    assert app.page.locator(".plot").first.locator(".divider:visible").count() == len(dividers)
    for plot, quantity in enumerate(quantities):
        values = record.values(quantity.name, -1)
        low, high = theme.limits(quantity, *record.traces(-1))
        places = np.round(255 * (values - low) / (high - low)).astype(int)
        expected, shown = theme.lut(quantity)[places].astype(int), np.array(drawn(app, plot, dividers))
        assert shown.shape == expected.shape
        assert np.abs(shown - expected).max() <= 12  # float32 may round to the entry beside
        assert np.mean(np.all(shown == expected, axis=-1)) > 0.98
        assert app.page.locator(".panel .limit").nth(2 * plot + 1).inner_text() == f"{high:g}"
    assert app.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def most_varying(record) -> int:
    """The unit whose memory varies most, which is selected where nothing was chosen."""
    return int(record.values(record.cell.memory).var(axis=0, dtype=np.float64).argmax())


def test_the_series_can_be_read_cell_by_cell_with_the_equations_of_an_lstm(open_record):
    record = MADE["series"]()
    app = open_record("series")
    assert app.source_chips() == list(record.parts[0].labels)
    assert app.target_chips() == []
    app.plots.nth(4).focus()
    for key in ("Home", "ArrowRight", "ArrowDown", "ArrowDown"):
        app.page.keyboard.press(key)
    unit = most_varying(record) + 2  # two below the one that is selected at first
    app.until_where(f"Unit {unit}, step 2")
    expected = [record.values(quantity, -1)[1, unit] for quantity in record.cell.names]
    np.testing.assert_allclose(app.six_values(), expected, atol=5.1e-5)
    assert app.readout.locator(".identity").count() == 2
    app.page.get_by_text("finished: True").wait_for()


def test_another_cell_has_no_equations_of_an_lstm_and_its_own_names(open_record):
    record = MADE["made_up"]()
    app = open_record("made_up")
    assert app.page.locator(".panel .title").all_inner_texts() == [
        "Reset gate", "Update gate", theme.look(record.cell["candidate"]).name, "Hidden state",
    ]  # fmt: skip
    app.plots.first.focus()
    app.page.keyboard.press("End")
    app.page.keyboard.press("4")  # as many heat maps as there are
    unit = most_varying(record)
    app.until_where(f"Unit {unit}, evening step 5")
    assert app.plots.nth(3).evaluate("plot => plot.getRootNode().activeElement === plot")
    expected = [record.values(quantity)[-1, unit] for quantity in record.cell.names]
    np.testing.assert_allclose(app.six_values(), expected, atol=5.1e-5)
    assert app.readout.locator(".identity").count() == 0
    assert "1 to 4 heatmap" in app.readout.locator(".keys").inner_text()
