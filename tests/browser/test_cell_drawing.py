"""The drawing of a cell and its equations in a real browser: whatever stands on the screen is checked by hand."""

import math
import random
import re

import pytest

DEEP_LINK = "Failed to load resource: the server responded with a status of 404"
READ = """root => [...root.querySelectorAll("[data-equation]")].map((line) => ({
  name: line.dataset.equation, text: line.innerText,
  operands: [...line.querySelectorAll(".operand")].map((each) => each.innerText),
  results: [...line.querySelectorAll(".result")].map((each) => each.innerText),
}))"""
SMALLEST_TEXT = """root => Math.min(...[...root.querySelectorAll("text, tspan, p, sub, sup, button")]
  .filter((each) => each.getClientRects().length).map((each) => {
    const svg = each.ownerSVGElement, size = parseFloat(getComputedStyle(each).fontSize);
    return svg ? size * svg.clientWidth / svg.viewBox.baseVal.width : size;
  }))"""


def until_drawn(app) -> None:
    app.until_finished()
    app.page.locator(".cell svg").wait_for()
    app.until_idle()


@pytest.fixture
def open_cell(open_app, watched, server):
    """Open the page about a cell by its link."""

    def open_cell(width: int = 1280, height: int = 1000, dark: bool = False, **address):
        watched.allowed_errors = (DEEP_LINK,)
        query = "&".join(f"{name}={value}" for name, value in address.items())
        app = open_app(url=f"{server.url}/cell?{query}", width=width, height=height, dark=dark)
        until_drawn(app)
        return app

    return open_cell


def number(text: str) -> float:
    return float(text.replace("−", "-"))


def sigmoid(z: float) -> float:
    return 1 / (1 + math.exp(-z))


def recomputed(name: str, operands: list[float]) -> float:
    if name.endswith(".pre_activation") or name == "cell_state":
        return sum(operands)
    if name in ("candidate.value", "squashed"):
        return math.tanh(operands[0])
    if name.endswith(".value"):
        return sigmoid(operands[0])
    assert name in ("kept", "written", "hidden_state")
    return operands[0] * operands[1]


def check_equations(cell) -> None:
    """With the numbers on the left in a pocket calculator, every equation gives the number on the right."""
    lines = {line["name"]: line for line in cell.evaluate(READ) if line["operands"]}
    assert len(lines) == 13
    for name, line in lines.items():
        (result,) = line["results"]
        decimals = len(result.partition(".")[2])
        assert decimals >= 2
        again = recomputed(name, [number(text) for text in line["operands"]])
        assert abs(round(again, decimals) - number(result)) < 1e-9, line["text"]
        assert line["text"].rstrip().endswith(result)
    # what comes out of one equation is what goes into the next
    for name, of, at in (
        ("forget_gate.value", "kept", 0), ("input_gate.value", "written", 0), ("candidate.value", "written", 1),
        ("kept", "cell_state", 0), ("written", "cell_state", 1), ("cell_state", "squashed", 0),
        ("output_gate.value", "hidden_state", 0), ("squashed", "hidden_state", 1),
    ):  # fmt: skip
        result = lines[name]["results"][0]
        decimals = len(result.partition(".")[2])
        assert abs(number(lines[of]["operands"][at]) - number(result)) <= 0.51 * 10**-decimals
    on_drawing = drawn_numbers(cell)
    for name, line in lines.items():
        assert abs(number(on_drawing[name]) - number(line["results"][0])) <= 0.51e-2


def drawn_numbers(cell) -> dict[str, str]:
    return cell.evaluate(
        """root => Object.fromEntries([...root.querySelectorAll("svg [data-name]")].map(
          (each) => [each.dataset.name, each.textContent.split(" = ").at(-1)]))"""
    )


def choose(app, column: int, unit: int) -> None:
    """By the list and the number, as on a telephone."""
    app.page.wait_for_function("!document.querySelector('[data-stale=true]')")  # nor a list that is being replaced
    app.page.get_by_label("Step", exact=True).click()
    app.page.get_by_role("option").nth(column).click()
    app.until_address(column=str(column))
    field = app.page.get_by_label(re.compile("^Unit, 0 to")).first
    field.fill(str(unit))
    field.press("Enter")
    app.until_address(column=str(column), unit=str(unit))
    app.page.locator(".cell .caption", has_text=f"Unit {unit} kept").wait_for()


def test_every_equation_of_twenty_cells_holds_to_the_digits_on_the_screen(open_cell, server):
    app = open_cell(sentence="She is reading a book.")
    cell, dice = app.page.locator(".cell"), random.Random(20)
    check_equations(cell)
    seen = set()
    for at in range(19):
        column, unit = dice.randrange(15), dice.randrange(256)
        if at % 3:
            choose(app, column, unit)
        else:
            app.select(column, unit, plot=at % 6)
            clicked = app.page.locator(".cell .caption", has_text=re.compile(r"Unit \d+ kept"))
            app.page.wait_for_function(
                "() => new URL(location).searchParams.get('unit') === "
                "document.querySelector('[data-testid=stNumberInput] input').value"
            )
            unit = int(app.page.get_by_label(re.compile("^Unit, 0 to")).first.input_value())
            app.page.locator(".cell .caption", has_text=f"Unit {unit} kept").wait_for()
            assert clicked.count() == 1
        check_equations(cell)
        seen.add(tuple(drawn_numbers(cell).values()))
    assert len(seen) == 19


def test_the_heat_maps_follow_the_list_and_the_number(open_cell):
    app = open_cell()
    choose(app, 4, 100)
    app.page.wait_for_function(
        "where => where.textContent === 'Unit 100, encoder step 5'", arg=app.page.locator(".where").element_handle()
    )


def test_back_next_and_arrow_keys_step_through_the_stages(open_cell):
    app = open_cell()
    cell, page = app.page.locator(".cell"), app.page
    current = cell.locator("[aria-current=step]")
    page.get_by_role("button", name="Next", exact=True).click()
    assert current.inner_text() == "1 keep", "at once"
    app.until_address(stage="1")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert current.inner_text() == "3 write"
    app.until_address(stage="3")
    emphasised = cell.evaluate(
        """root => [...root.querySelectorAll("svg [data-name].on")].map((each) => each.dataset.name).sort()"""
    )
    assert emphasised == sorted({
        "previous_hidden_state", "kept", "written", "cell_state", "input_gate.bias", "input_gate.input_part",
        "input_gate.memory_part", "input_gate.pre_activation", "input_gate.value",
    })  # fmt: skip
    frames = cell.evaluate(
        """root => [...root.querySelectorAll("svg .frame")].map(
          (each) => parseFloat(getComputedStyle(each).strokeWidth))"""
    )
    assert frames[2] > max(frames[0], frames[1], frames[3]), "not by colour alone"
    assert cell.locator(".block:visible h4").all_inner_texts() == ["3 write"]
    assert cell.locator(".says").inner_text().startswith("Write:")
    page.keyboard.press("ArrowLeft")
    app.until_address(stage="2")
    page.get_by_role("button", name="Back", exact=True).click()
    page.get_by_role("button", name="Back", exact=True).click()
    assert current.inner_text() == "whole cell"
    app.until_address(stage=None)
    page.keyboard.press("ArrowLeft")
    assert current.inner_text() == "whole cell", "there is nothing before it"
    assert cell.locator(".block:visible").count() == 4
    page.get_by_role("button", name="4 show").click()
    app.until_address(stage="4")
    app.until_idle()
    page.reload()
    until_drawn(app)
    assert current.inner_text() == "4 show", "the link holds it"


CONTRAST = """root => {
  const context = new OffscreenCanvas(1, 1).getContext("2d");
  const luminance = (colour, under) => {
    for (const each of [under, colour]) { context.fillStyle = each; context.fillRect(0, 0, 1, 1); }
    const [r, g, b] = [...context.getImageData(0, 0, 1, 1).data].map((part) => part / 255)
      .map((part) => part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = getComputedStyle(document.querySelector("[data-testid=stApp]")).backgroundColor;
  return [...root.querySelectorAll("text.off")].map((text) => {
    const { fill, opacity } = getComputedStyle(text);
    context.globalAlpha = 1;
    const under = luminance(ground, ground);
    context.fillStyle = ground;
    context.fillRect(0, 0, 1, 1);
    context.globalAlpha = Number(opacity);
    context.fillStyle = fill;
    context.fillRect(0, 0, 1, 1);
    context.globalAlpha = 1;
    const [r, g, b] = context.getImageData(0, 0, 1, 1).data, over = luminance(`rgb(${r} ${g} ${b})`, ground);
    return (Math.max(over, under) + 0.05) / (Math.min(over, under) + 0.05);
  });
}"""


@pytest.mark.parametrize("dark", [False, True])
def test_what_a_stage_does_not_look_at_can_still_be_read(open_cell, dark):
    app = open_cell(dark=dark, stage=1)
    found = app.page.locator(".cell").evaluate(CONTRAST)
    assert len(found) > 10
    assert min(found) >= 4.5


def test_the_drawing_is_seen_without_scrolling_and_steps_without_a_label_are_counted(open_cell):
    app = open_cell(width=1920, height=1080)
    svg, numbers = app.page.locator(".cell svg"), []
    for width, height, top, bottom in ((1920, 1080, 500, 1080), (1280, 800, 480, None)):
        app.page.set_viewport_size({"width": width, "height": height})
        app.until_drawn()
        box = svg.bounding_box()
        assert box["y"] <= top
        assert bottom is None or box["y"] + box["height"] <= bottom, "whole"
        labels = app.root.locator(".panel:first-child .ticks span").evaluate_all(
            "all => all.map((label, column) => [column, label.hidden ? '' : label.textContent])"
        )
        labels = [(column, text) for column, text in labels if text]
        numbers.append(len(labels))
        if len(labels) < app.columns:
            chips = app.source_chips() + app.target_chips()
            source = len(app.source_chips())
            assert labels == [(at, f"{at % source + 1} {chips[at]}") for at, _ in labels]
    assert numbers[0] == app.columns > numbers[1], "all of them where there is room"


def test_a_stage_stays_when_another_cell_is_chosen(open_cell):
    app = open_cell(stage=3, column=3, unit=17)
    choose(app, 5, 20)
    assert app.page.locator(".cell [aria-current=step]").inner_text() == "3 write"
    app.until_address(stage="3")


def test_a_notation_changes_symbols_and_no_number(open_cell):
    app = open_cell(column=9, unit=33)
    cell = app.page.locator(".cell")
    numbers, texts, titles = [], [], []
    for name, source in (
        ("Colah", "Christopher Olah"), ("d2l", "Dive into Deep Learning"), ("CS224n", "Stanford CS224n"),
        ("PyTorch", "PyTorch documentation"),
    ):  # fmt: skip
        app.page.get_by_role("radio", name=name, exact=True).click()
        app.page.get_by_text(f"Notation: {source}").wait_for()
        app.until_idle()
        titles.append(app.root.locator(".panel figcaption").evaluate_all(
            "each => each.map((caption) => caption.querySelector('.symbol').textContent)"
        ))  # fmt: skip
        texts.append((cell.locator(".equations").inner_text(), cell.locator("svg").text_content()))
        numbers.append((cell.locator(".equations .number").all_inner_texts(), drawn_numbers(cell)))
        check_equations(cell)
    assert all(each == numbers[0] for each in numbers)
    assert len(numbers[0][0]) == 25 + 13 + 10, "operands, results, residuals"
    assert [len(set(part)) for part in zip(*texts, strict=True)] == [4, 4], "equations and drawing"
    assert titles == [[*list("fio"), "C̃", "C", "h"], [*list("FIO"), "C̃", "C", "H"], [*list("fio"), "c̃", "c", "h"],
                      list("fiogch")]  # fmt: skip


@pytest.mark.parametrize(("width", "dark", "smallest"), [(380, False, 12), (380, True, 12), (1280, True, 13)])
def test_it_fits_the_screen_and_its_text_can_be_read(open_cell, width, dark, smallest):
    app = open_cell(width=width, dark=dark, sentence="I am here.", to="mr", notation="cs224n")
    app.page.locator("[data-testid=stPlotlyChart] .trace").first.wait_for()
    main = app.page.get_by_test_id("stMain")
    assert main.evaluate("main => main.scrollWidth <= main.clientWidth")
    cell, svg = app.page.locator(".cell"), app.page.locator(".cell svg")
    assert cell.evaluate(SMALLEST_TEXT) >= smallest
    box = svg.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    outside = svg.evaluate(
        """svg => { const field = svg.getBoundingClientRect();
          return [...svg.querySelectorAll("text")].filter((each) => { const box = each.getBoundingClientRect();
            return box.left < field.left - 1 || box.right > field.right + 1; }).map((each) => each.textContent); }"""
    )
    assert outside == []
    overlapping = svg.evaluate(
        """svg => { const texts = [...svg.querySelectorAll("text")];
          const all = texts.map((each) => [each.textContent, each.getBoundingClientRect()]);
          return all.flatMap(([one, a], at) => all.slice(at + 1).filter(([_, b]) =>
            Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1
            && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 6).map(([other]) => [one, other])); }"""
    )
    assert overlapping == []
    assert svg.get_attribute("role") == "img"
    assert svg.get_attribute("aria-label").endswith(cell.locator(".caption").inner_text())
    assert svg.locator("text.token").get_attribute("lang") == "mr"


def test_from_the_translation_to_its_cell_and_back(open_app):
    app = open_app(column=3, unit=17, notation="d2l")
    for name, mark in (("Inside the cell", ".cell svg"), ("Translate", ".readout"), ("Inside the cell", ".cell svg")):
        app.page.get_by_role("link", name=name, exact=True).click()
        app.page.locator(mark).first.wait_for()
        app.until_finished()
        app.until_idle()
        assert app.alert.count() == 0
    assert "Unit 17 kept" in app.page.locator(".cell .caption").inner_text()
    app.until_address(column="3", unit="17", notation="d2l")


def test_what_was_typed_is_text_on_the_drawing(open_cell):
    app = open_cell(sentence="%3Cb%3E%20%26amp;%20x", column=2, unit=3)
    token = app.page.locator(".cell text.token")
    assert token.text_content() == "<"
    assert app.page.locator(".cell svg b").count() == 0
    assert "read “<”" in app.page.locator(".cell .caption").inner_text()
