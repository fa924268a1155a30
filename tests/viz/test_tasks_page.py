"""The page Long memory: what is typed, dragged and changed, and what the page then says."""

import json
import re
from html import unescape
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest
from widgets import numbered

from models.learning.tasks import TASKS
from models.learning.tasks.files import load_networks
from models.learning.tasks.units import Change, edit_of
from viz.state import Selection

NAVIGATION = Path(__file__).resolve().parent.parent.parent / "viz" / "navigation.py"
HOSTILE = "<img src=x onerror=alert(1)> **b** $x$ `c`"


@pytest.fixture
def open_page():
    def opened(**address) -> AppTest:
        page = AppTest.from_file(str(NAVIGATION), default_timeout=60)
        page.query_params.update(address)
        page.switch_page("tasks/page.py").run()
        assert not page.exception
        return page

    return opened


def texts(page: AppTest) -> str:
    return " ".join(unescape(re.sub("<[^>]*>", "", each.proto.body)) for each in page.get("html"))


def alerts(page: AppTest) -> list[str]:
    return [
        unescape(re.sub("<[^>]*>", "", each.proto.body))
        for each in page.get("html")
        if 'role="alert"' in each.proto.body
    ]


def answer(page: AppTest):
    return page.session_state["task_answer"]


@pytest.mark.parametrize("key", TASKS)
@pytest.mark.parametrize("variant", ["lstm", "gru", "rnn"])
def test_every_task_and_cell_is_shown_with_the_run_that_the_network_makes(open_page, key, variant):
    page = open_page(task=key, variant=variant, weights="2", gap="6")
    found = answer(page)
    expected = load_networks(key)[variant, 2].run(found.before.example)
    np.testing.assert_array_equal(found.run.outputs, expected.outputs)
    assert found.shown.record is found.run.record
    assert not alerts(page)
    for word in ("right", "step"):
        assert word in texts(page)


def test_a_typed_sequence_is_read_and_one_that_cannot_be_read_leaves_the_run_before(open_page):
    page = open_page()
    field = numbered(page.text_input, "task_typed")
    field.set_value("I grew up in Japan. Anna slept. I speak fluent").run()
    assert answer(page).run.said[-1] == "Japanese"
    before = answer(page).run
    assert "Japan" in str(page.query_params["typed"])
    for text in ("I grew up in Atlantis. I speak fluent", HOSTILE, "(" * 5000):
        numbered(page.text_input, "task_typed").set_value(text).run()
        assert not page.exception
        (said,) = alerts(page)
        assert "It reads" in said
        assert "still the sequence before" in said
        assert answer(page).run is before
        assert not any("<img" in each.proto.body or "onerror=a" in each.value for each in page.markdown)
    numbered(page.text_input, "task_typed").set_value("").run()
    assert not alerts(page)


def test_the_gap_makes_a_sequence_that_long_and_another_is_another(open_page):
    page = open_page()
    numbered(page.slider, "task_gap").set_value(50).run()
    first = answer(page).before.example
    assert first.steps == 50 + 8
    page.button(key="task_another").click().run()
    second = answer(page).before.example
    assert second.steps == first.steps
    assert second.read != first.read
    assert page.session_state["selection"].draw == 2


def test_changed_units_are_those_of_the_run_on_view_and_the_page_says_what_that_does(open_page):
    page = open_page(gap="20")
    network = answer(page).network
    numbered(page.text_input, "task_changed").set_value("0-11").run()
    found = answer(page)
    expected = network.run(found.before.example, edit_of(network, Change("erase", tuple(range(12))), found.before))
    np.testing.assert_array_equal(found.run.outputs, expected.outputs)
    assert found.shown.record is found.changed.record
    said = texts(page)
    assert "erased from step 1 on the network" in said
    last, was = found.run.said[-1], found.before.said[-1]
    assert f"“{last}”" in said
    assert f"“{was}”" in said
    page.button(key="task_none").click().run()
    assert answer(page).changed is None


def test_a_transplant_takes_what_the_other_country_left(open_page):
    page = open_page(gap="12", change="transplant", changed="0-23", changed_from="4", donor="3")
    found = answer(page)
    country = list(found.donors)[3]
    assert found.donor == country
    wanted = found.donors[country].wanted
    assert found.run.said[-1] == next(iter(wanted.values()))
    assert found.run.said[-1] != found.before.said[-1]


@pytest.mark.parametrize(("typed", "says"), [("99", "unit"), ("x", "no unit"), (HOSTILE, "no unit"), ("3-1", "range")])
def test_units_that_make_no_sense_are_refused_and_the_run_stays(open_page, typed, says):
    page = open_page()
    before = answer(page).before
    numbered(page.text_input, "task_changed").set_value(typed).run()
    assert not page.exception
    (said,) = alerts(page)
    assert says in said
    np.testing.assert_array_equal(answer(page).run.outputs, before.outputs)


def test_another_task_or_cell_forgets_units_that_are_not_its_own(open_page):
    page = open_page(changed="3", changed_from="2")
    numbered(page.segmented_control, "task_variant").set_value("gru").run()
    assert page.session_state["selection"].changed == ""
    numbered(page.selectbox, "task_choice").set_value("counting").run()
    assert not page.exception
    assert answer(page).network.task.key == "counting"


@pytest.mark.parametrize(
    "address",
    [
        {"task": "chess"}, {"variant": "transformer"}, {"weights": "9"}, {"gap": "99999"}, {"gap": "-3"},
        {"changed": "1", "changed_from": "999"}, {"typed": "(" * 1500, "task": "brackets"}, {"step": "9999"},
        {"change": "transplant", "changed": "1", "donor": "9999"}, {"task_unit": "9999"}, {"draw": "999999"},
    ],
)  # fmt: skip
def test_a_link_that_makes_no_sense_ends_in_no_error(open_page, address):
    page = open_page(**address)
    assert not page.exception
    assert answer(page).before is not None or alerts(page)


def test_what_is_chosen_is_in_the_address_and_comes_back_from_it(open_page):
    page = open_page(task="brackets", variant="gru", weights="3", gap="8", draw="4", changed="1, 2", changed_from="3")
    given = {name: value if isinstance(value, str) else value[0] for name, value in page.query_params.items()}
    again = Selection.from_address(given)
    chosen = page.session_state["selection"]
    for name in ("task", "variant", "weights", "gap", "draw", "changed", "changed_from", "change"):
        assert getattr(again, name) == getattr(chosen, name), name
    json.dumps(again.to_address())


def test_folds_show_the_ledger_survival_and_the_cell_of_an_lstm_and_say_why_not_of_others(open_page):
    page = open_page(task="counting", gap="6")
    for key in ("task_ledger", "task_survival", "task_cell", "task_answers_table", "task_accuracy_table"):
        page.session_state[key] = True
    page.run()
    assert not page.exception
    assert "Residual" in texts(page) or "residual" in texts(page)
    assert "no forget gate" in texts(open_page(variant="gru"))
    assert "no gates" in texts(open_page(variant="rnn"))


def test_a_refused_change_leaves_the_change_before(open_page):
    page = open_page(gap="10")
    numbered(page.text_input, "task_changed").set_value("6").run()
    before = answer(page).changed
    numbered(page.text_input, "task_changed").set_value("6, 99").run()
    assert answer(page).changed is before
    assert "still the change before" in alerts(page)[0]
    numbered(page.text_input, "task_changed").set_value("").run()
    assert answer(page).changed is None
    numbered(page.text_input, "task_changed").set_value("99").run()
    assert "the run without a change" in alerts(page)[0]


def test_a_step_past_a_shorter_run_is_its_last(open_page):
    page = open_page(gap="30", change="hold", changed="6", changed_from="25")
    assert answer(page).change.first == 25
    numbered(page.slider, "task_gap").set_value(1).run()
    assert not alerts(page)
    steps = answer(page).run.record.steps
    assert answer(page).change.first == steps - 1
    assert numbered(page.number_input, "task_changed_from").value == steps


def test_another_cell_reads_the_sequence_before_where_what_is_typed_is_refused(open_page):
    page = open_page(task="brackets")
    example = answer(page).before.example
    numbered(page.text_input, "task_typed").set_value("(x)").run()
    numbered(page.segmented_control, "task_variant").set_value("gru").run()
    found = answer(page)
    assert found.network.cell == "gru"
    assert found.before.example == example
    assert "still the sequence before" in alerts(page)[0]
