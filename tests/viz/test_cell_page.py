"""The page about one cell, opened through the navigation as a reader does."""

import html
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from sessions import run_of
from streamlit.testing.v1 import AppTest
from widgets import numbered

import viz.loading
from models.translation.translator import Translator
from viz.cell.svg import to_svg
from viz.figures import cell_captions as said
from viz.figures.cell_drawing import cell_drawing
from viz.figures.cell_values import cell_values, digits_for
from viz.figures.notation import NOTATIONS
from viz.state import Selection

NAVIGATION = Path(__file__).resolve().parent.parent.parent / "viz" / "navigation.py"
CELL = "cell/page.py"


@pytest.fixture
def page() -> AppTest:
    return AppTest.from_file(str(NAVIGATION), default_timeout=60)


def checked(page: AppTest) -> AppTest:
    assert not page.exception, page.exception[0].message
    return page


def opened(page: AppTest, **address: Any) -> AppTest:
    page.query_params.update({name: str(value) for name, value in address.items()})
    return checked(page.switch_page(CELL).run())


def sent(page: AppTest) -> dict[str, Any]:
    """What the drawing was told."""
    (found,) = (data for data in all_sent(page) if "drawings" in data)
    return found


def all_sent(page: AppTest) -> list[dict[str, Any]]:
    return [json.loads(element.proto.json) for element in page.get("bidi_component")]


def picker(page: AppTest) -> dict[str, Any]:
    (found,) = (data for data in all_sent(page) if "serial" in data)
    return found


def text_of(page: AppTest) -> str:
    bodies = " ".join(element.proto.body for element in page.get("html"))
    return html.unescape(re.sub(r"<[^>]*>", " ", bodies))


def trace_of(page: AppTest):
    return run_of(page).finish()


def chosen(page: AppTest) -> Selection:
    return page.session_state["selection"]


def test_a_link_opens_the_cell_that_it_names(page):
    opened(page, column=3, unit=17, notation="d2l", stage=2, sentence="I am here.")
    trace, data = trace_of(page), sent(page)
    assert trace.sentence == "I am here."
    values = cell_values(trace, 3, 17)
    assert data["caption"] == said.cell_caption(trace, values, 3, 17, NOTATIONS["d2l"])
    assert data["label"].endswith(data["caption"])
    assert data["stage"] == 2
    assert [stage["name"] for stage in data["stages"]] == ["whole cell", "keep", "propose", "write", "show"]
    assert data["stages"][3]["equations"] == said.stage_equations(values, 3, NOTATIONS["d2l"])
    assert [drawing["layout"] for drawing in data["drawings"]] == ["wide", "tall"]
    assert numbered(page.selectbox, "cell_step").value == 3
    assert numbered(page.number_input, "cell_unit").value == 17
    assert page.query_params.get("notation") in ("d2l", ["d2l"])
    operand, result = digits_for(values.named())
    assert f"{operand} decimals, results {result}" in text_of(page)


def test_step_and_unit_can_be_chosen_without_a_heat_map_and_the_heat_maps_follow(page):
    opened(page)
    for column, unit in ((2, 5), (9, 200), (0, 0)):
        before = picker(page)["serial"]
        checked(numbered(page.selectbox, "cell_step").select_index(column).run())
        checked(numbered(page.number_input, "cell_unit").set_value(unit).run())
        assert picker(page)["serial"] == before + 2
        assert picker(page)["selected"] == {"column": column, "unit": unit}
        assert (chosen(page).column, chosen(page).unit) == (column, unit)
        assert f"Unit {unit} kept" in sent(page)["caption"]
        for name, value in (("column", column), ("unit", unit)):
            assert page.query_params[name] in (str(value), [str(value)])


def test_what_the_heat_maps_choose_is_what_the_list_and_the_number_show(page):
    opened(page)
    chosen(page).column, chosen(page).unit = 4, 77
    checked(page.run())
    assert numbered(page.selectbox, "cell_step").value == 4
    assert numbered(page.number_input, "cell_unit").value == 77
    assert "Unit 77 kept" in sent(page)["caption"]


def test_every_notation_can_be_chosen_and_is_kept_in_the_address(page):
    opened(page, column=3, unit=17)
    numbers = set()
    for key in ("colah", "d2l", "cs224n", "pytorch"):
        checked(numbered(page.segmented_control, "notation_choice").set_value(key).run())
        data = sent(page)
        assert chosen(page).notation == key
        assert NOTATIONS[key].source in text_of(page)
        assert NOTATIONS[key].names["candidate"] in data["caption"]
        shown = [
            part.get("number") for stage in data["stages"] for line in stage["equations"] for part in line["fragments"]
        ]
        numbers.add(tuple(filter(None, shown)))
    assert len(numbers) == 1, "numbers stay"


def test_a_link_past_the_run_is_told_and_the_nearest_cell_is_shown(page):
    opened(page, column=900, unit=90000, stage=9, notation="latex", layer=7)
    assert "points past this run" in text_of(page)
    trace = trace_of(page)
    last = len(trace.source_tokens) + len(trace.target_tokens) - 1
    assert numbered(page.selectbox, "cell_step").value == last
    assert numbered(page.number_input, "cell_unit").value == 255
    assert sent(page)["stage"] == 0
    assert chosen(page).notation == "pytorch"


def test_an_untrained_network_has_its_numbers_on_the_page(page):
    opened(page, column=2, unit=9, network="untrained")
    trace = trace_of(page)
    expected = viz.loading.translator("bn", "untrained").translate(trace.sentence)
    assert (trace.encoder[0].cell_state == expected.encoder[0].cell_state).all()
    assert sent(page)["caption"] == said.cell_caption(expected, cell_values(expected, 2, 9), 2, 9, NOTATIONS["pytorch"])


def test_nothing_is_computed_a_second_time(page, monkeypatch):
    asked = []
    steps = Translator.steps
    monkeypatch.setattr(Translator, "steps", lambda self, *told: (asked.append(told[0]), steps(self, *told))[1])
    opened(page)
    for of in ("candidate", "output_gate"):
        page.session_state["pushed_map"] = of
        checked(page.run())
    assert len(asked) == 1


def test_each_gate_has_its_pushes_and_their_residual(page):
    opened(page, column=3, unit=17)
    for key, name in (("input_gate", "input gate"), ("candidate", "candidate"), ("forget_gate", "forget gate")):
        page.session_state["pushed_map"] = key
        checked(page.run())
        (chart,) = page.get("plotly_chart")
        spec = json.loads(chart.proto.spec)
        assert name in spec["layout"]["title"]["text"].lower()
        assert f"Pre-activation z_{'g' if key == 'candidate' else key[0]} of the {name} of unit 17" in text_of(page)
        assert re.search(r"minus the pre-activation of the run, is (0|−?\d\.\de−\d\d)\.", text_of(page))


def test_the_tables_are_there_when_unfolded(page):
    opened(page, column=3, unit=17)
    for key in ("cell_table", "pushes_table"):
        page.session_state[key] = True
    checked(page.run())
    values = cell_values(trace_of(page), 3, 17)
    for row in said.value_rows(values, NOTATIONS["pytorch"]):
        assert row[2] in text_of(page)
    assert "248 other dimensions" in text_of(page)


def test_a_refused_sentence_is_one_sentence_and_the_cell_before_stays(page):
    opened(page, column=3, unit=17)
    caption = sent(page)["caption"]
    checked(page.text_input(key="sentence_input").set_value("q" * 3000).run())
    assert any('role="alert"' in element.proto.body for element in page.get("html"))
    assert sent(page)["caption"] == caption


def test_a_typed_token_is_text_wherever_it_stands(page):
    opened(page, sentence="<b> $x$ _{a}", column=2, unit=3)
    trace, data = trace_of(page), sent(page)
    assert "read “" in data["caption"]
    shown = [each for each in data["drawings"][0]["elements"] if each["role"] == "token"]
    assert shown[0]["pieces"] == [[said.columns_of(trace)[2].read, "base"]]
    for element in page.get("html"):
        assert "<b>" not in element.proto.body
    (chart,) = page.get("plotly_chart")
    assert "$" not in json.loads(chart.proto.spec)["layout"]["yaxis"]["ticktext"][0]


def test_another_page_and_back_keeps_the_cell_the_stage_and_the_notation(page):
    opened(page, column=3, unit=17, notation="colah", stage=4)
    before = sent(page)
    checked(page.switch_page("trust/page.py").run())
    checked(page.switch_page(CELL).run())
    assert sent(page) == before


def test_the_drawing_as_a_file_has_the_same_texts_and_escapes_them(translation):
    trace = replace(translation, target_tokens=("</svg>", *translation.target_tokens[1:]))
    drawing = cell_drawing(trace, len(trace.source_tokens) + 1, 0, NOTATIONS["cs224n"])
    root = ElementTree.fromstring(to_svg(drawing, "in <words>"))
    space = "{http://www.w3.org/2000/svg}"
    assert root.find(f"{space}title").text == "in <words>"
    texts = ["".join(each.itertext()) for each in root.iter(f"{space}text")]
    assert texts == ["".join(piece.text for piece in each.pieces) for each in drawing.elements if each.tag == "text"]
    assert "</svg>" in texts
    assert len(root) == len(drawing.elements) + 2


@pytest.mark.parametrize("layer", [0, 1])
def test_every_layer_of_a_network_with_several_can_be_looked_at(page, build_tiny, monkeypatch, layer):
    tiny = build_tiny(layers=2).translator
    monkeypatch.setattr("viz.loading.translator", lambda language, network: tiny)
    opened(page, sentence="the cat sat", column=1, unit=2, layer=layer)
    trace = tiny.translate("the cat sat")
    assert sent(page)["caption"] == said.cell_caption(
        trace, cell_values(trace, 1, 2, layer), 1, 2, NOTATIONS["pytorch"]
    )  # fmt: skip
    assert ("layer below" in text_of(page)) == (layer == 1)
