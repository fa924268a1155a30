"""Both ledgers of the page about memory in a real browser: what is on the screen adds up, and can be reached."""

import re

import numpy as np
import pytest

from viz.state import DEFAULT_SENTENCE

# Below another page than the first, Streamlit's script first asks for its server under that page's address.
DEEP_LINK = "Failed to load resource: the server responded with a status of 404"
LAST_DIGIT = 0.5e-4  # numbers are shown to four decimals


@pytest.fixture
def open_memory(open_app, watched, server):
    """Open the page by a link and wait for its tables and pictures."""
    watched.allowed_errors = (DEEP_LINK,)

    def open_page(address: str, **options):
        app = open_app(url=f"{server.url}/memory?{address}", **options)
        app.page.get_by_role("table").first.wait_for()
        until_drawn(app)
        return app

    return open_page


def until_drawn(app) -> None:
    app.until_idle()
    app.page.wait_for_function(
        """() => { const all = [...document.querySelectorAll("[data-testid=stPlotlyChart]")];
        return all.length && all.every((chart) => chart.querySelector(".trace, .hm")); }"""
    )


def until_the_heat_maps_follow(app, place: str) -> None:
    """Until the cell that is selected above the ledger is this one; what it says is not seen where it is small."""
    app.until("(root, place) => root.querySelector('.readout .where').textContent === place", place)


def table_on_screen(app, name: re.Pattern) -> list[list[str]]:
    """The cells of a table's body, as they are read."""
    table = app.page.get_by_role("region", name=name)
    table.wait_for()
    return table.locator("tbody tr").evaluate_all(
        "rows => rows.map((row) => [...row.cells].map((cell) => cell.innerText.trim()))"
    )


def number(text: str) -> float:
    return float(text.replace("−", "-"))


def click_cell(app, row: int, column: int) -> None:
    x, y = app.page.evaluate(
        """([x, y]) => {
          const plot = document.querySelector(".js-plotly-plot"), { xaxis, yaxis } = plot._fullLayout;
          plot.scrollIntoView({ block: "center", behavior: "instant" });
          const box = plot.getBoundingClientRect();
          return [box.left + xaxis._offset + xaxis.l2p(x), box.top + yaxis._offset + yaxis.l2p(y)];
        }""",
        [column, row],
    )
    app.page.mouse.click(x, y)


def test_a_click_in_the_heat_map_selects_the_step_that_is_read(open_memory, shipped_translator):
    app = open_memory("column=0&unit=12")
    trace = shipped_translator("bn").translate(DEFAULT_SENTENCE)
    ledgers = re.compile("^Ledger of unit 12 after ")
    for row, column in ((2, 10), (0, 3), (5, 6), (2, 10)):
        click_cell(app, row, column)
        app.until_address(column=str(column), unit="12")
        side = f"encoder step {column + 1}" if column < 8 else f"decoder step {column - 7}"
        app.page.get_by_role("region", name=re.compile(f"^Ledger of unit 12 after {side},")).wait_for()
        until_drawn(app)
        rows = table_on_screen(app, ledgers)
        assert len(rows) == column + 2 + 3
        stored = np.vstack([trace.encoder[0].cell_state, trace.decoder[0].cell_state])[column, 12]
        assert number(rows[-2][-1]) == pytest.approx(stored, abs=LAST_DIGIT)
    until_the_heat_maps_follow(app, "Unit 12, decoder step 3")


@pytest.mark.parametrize(("column", "unit", "to"), [(2, 40, "bn"), (9, 3, "bn"), (12, 200, "mr"), (13, 77, "mr")])
def test_the_ledger_on_the_screen_adds_up(open_memory, column, unit, to):
    app = open_memory(f"column={column}&unit={unit}&to={to}")
    *rows, total, stored, residual = table_on_screen(app, re.compile("^Ledger of unit"))
    parts = [number(row[4]) for row in rows]
    assert len(parts) == column + 2
    assert sum(parts) == pytest.approx(number(total[-1]), abs=LAST_DIGIT * (len(parts) + 1))
    assert number(total[-1]) == pytest.approx(number(stored[-1]), abs=2 * LAST_DIGIT)
    assert abs(number(residual[-1])) < 1e-5
    for at, (_, _, written, left, part, so_far) in enumerate(rows):
        assert sum(parts[: at + 1]) == pytest.approx(number(so_far), abs=LAST_DIGIT * (at + 2))
        if left.startswith(("<", ">")):
            continue
        bound = LAST_DIGIT * (1 + abs(number(written)) + number(left)) + 1e-9
        assert number(written) * number(left) == pytest.approx(number(part), abs=bound)


def test_the_ledger_of_a_word_on_the_screen_adds_up_and_its_step_and_order_can_be_changed(open_memory):
    app = open_memory("view=word&column=8&unit=12")
    name = re.compile("^Logit of ")
    seen = set()
    for order in ("newest first", "mean of both", "oldest first"):
        app.page.get_by_role("radio", name=order).click()
        app.page.wait_for_function(
            "order => (new URL(location).searchParams.get('writes') ?? 'oldest first') === order", arg=order
        )
        app.until_idle()
        until_drawn(app)
        *rows, attention, memory, total, stored, residual = table_on_screen(app, name)
        values = [number(row[4]) for row in rows]
        allowed = LAST_DIGIT * (len(rows) + 1)
        assert sum(values) == pytest.approx(number(total[-1]), abs=allowed)
        for group, whole in (("attention", attention), ("memory", memory)):
            terms = [number(row[4]) for row in rows if row[1] == group]
            assert sum(terms) == pytest.approx(number(whole[-1]), abs=allowed)
        assert number(total[-1]) == pytest.approx(number(stored[-1]), abs=1e-4 + 2 * LAST_DIGIT)
        assert abs(number(residual[-1])) < 1e-4
        seen.add(tuple(values))
    assert len(seen) == 3
    box = app.page.get_by_label("Token written")
    box.click()
    app.page.get_by_role("option", name=re.compile("^4: ")).click()
    app.until_address(view="word", column="11")
    app.page.get_by_role("heading", name=re.compile("^Why “")).wait_for()
    until_the_heat_maps_follow(app, "Unit 12, decoder step 4")


@pytest.mark.parametrize("view", ["ledger", "word"])
def test_on_a_telephone_nothing_is_wider_than_the_screen_and_the_table_is_reached_by_keyboard(open_memory, view):
    app = open_memory(f"view={view}&column=12&unit=12", width=380, height=800)
    main = app.page.get_by_test_id("stMain")
    assert main.evaluate("main => main.scrollWidth <= main.clientWidth")
    for chart in app.page.get_by_test_id("stPlotlyChart").all():
        box = chart.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 380
    region = app.page.get_by_role("region", name=re.compile("^(Ledger of unit|Logit of) "))
    last = (
        app.page.get_by_role("button", name="Swap A and B")
        if view == "word"
        else app.page.get_by_role("combobox", name="Units", exact=True)
    )
    last.focus()
    for _ in range(12):
        app.page.keyboard.press("Tab")
        if region.evaluate("box => box === document.activeElement"):
            break
    else:
        pytest.fail("Tab does not reach the table")
    assert region.evaluate("box => box.scrollWidth > box.clientWidth")
    app.page.keyboard.press("ArrowRight")
    app.page.wait_for_function("box => box.scrollLeft > 0", arg=region.element_handle())
