"""The slider through a training: one run for each state, each computed once, and the page follows it."""

import html
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import streamlit as st
from sessions import answer_of, run_of
from streamlit.testing.v1 import AppTest
from widgets import numbered

import viz.networks
from models.translation.checkpoints import ASSETS, load_translator
from models.translation.translator import Translator
from viz.figures import captions
from viz.live import microscope as instrument
from viz.networks import TIME_MACHINE, course
from viz.serving import course as course_module
from viz.serving.asked import ON_TOP
from viz.serving.course import ABOUT, course_of, is_in_course
from viz.serving.runs import Run, find, start
from viz.state import DEFAULT_SENTENCE

NAVIGATION = Path(__file__).resolve().parent.parent.parent / "viz" / "navigation.py"


class Slider:
    """In place of the heat maps: keeps what they are told, and moves as a reader would."""

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []
        self.at: Any = 0

    def __call__(self, data: dict[str, Any], key: str, on_course_change: Any, **_: Any) -> None:
        self.told.append(data)
        st.session_state[key] = {"course": {"side": "a", "at": self.at}}
        st.button("The slider has come to rest", key="rest", on_click=on_course_change)


@pytest.fixture
def slider(monkeypatch) -> Slider:
    monkeypatch.setattr(instrument, "microscope", found := Slider())
    return found


@pytest.fixture
def open_page():
    def open_page(**address: object) -> AppTest:
        page = AppTest.from_file(str(NAVIGATION), default_timeout=60)
        for name, value in address.items():
            page.query_params[name] = str(value)
        return checked(page.run())

    return open_page


def checked(page: AppTest) -> AppTest:
    assert not page.exception, page.exception[0].message
    return page


def said(page: AppTest) -> str:
    return html.unescape(re.sub("<[^>]*>", " ", " ".join(element.proto.body for element in page.get("html"))))


def move(page: AppTest, slider: Slider, at: object) -> AppTest:
    slider.at = at
    page.run()  # so that the button knows
    return checked(page.button(key="rest").click().run())


def test_there_is_a_run_for_each_state_of_the_training_and_the_one_on_view_is_among_them(open_page, slider):
    page = open_page(network=f"{TIME_MACHINE}@300")
    states = slider.told[-1]["course"]
    assert len(states) == len(course()) == 8
    assert slider.told[-1]["course_at"] == 3
    assert states[3]["run"] == slider.told[-1]["run"] == run_of(page).id
    for state, entry in zip(course(), states, strict=True):
        run = find(entry["run"])
        assert run.steps == [], "nothing is computed before somebody looks"
        assert run.source.sentence == DEFAULT_SENTENCE
        expected = load_translator("bn", name=state.name, step=state.batches)
        assert run.translator.fingerprint == expected.fingerprint


def test_the_score_of_a_state_is_that_of_the_evidence_for_the_language_on_view(open_page, slider):
    evidence = json.loads((ASSETS / "evaluation" / "evidence.json").read_text(encoding="utf-8"))
    for language in ("bn", "mr"):
        open_page(network=TIME_MACHINE, to=language)
        measured = evidence["languages"][language]["states"][TIME_MACHINE]
        for entry, expected in zip(slider.told[-1]["course"], measured, strict=True):
            assert f"{expected['chrf']:.1f}" in entry["score"]
            assert f"{expected['sentences']} held-out sentences" in entry["score"]
            assert (f"{expected['step']:,} batches" in entry["label"]) == bool(expected["step"])


def test_other_networks_have_no_slider_but_a_way_to_it(open_page, slider):
    page = open_page()
    assert "course" not in slider.told[-1]
    assert all(button.key != "to_time_machine" for button in page.button), "first the run has to be finished"
    run_of(page).finish()
    checked(page.run())
    checked(page.button(key="to_time_machine").click().run())
    assert page.query_params["network"] == TIME_MACHINE
    assert slider.told[-1]["course_at"] == 7
    run_of(page).finish()
    checked(page.run())
    assert ABOUT in said(page)
    assert all(button.key != "to_time_machine" for button in page.button)


def test_where_the_slider_rests_everything_follows_and_nothing_is_computed_twice(open_page, slider, monkeypatch):
    started = []
    steps = Translator.steps
    monkeypatch.setattr(Translator, "steps", lambda self, *told: (started.append(told[0]), steps(self, *told))[1])
    page = open_page(network=TIME_MACHINE)
    for at, key in ((3, f"{TIME_MACHINE}@300"), (0, f"{TIME_MACHINE}@0"), (7, TIME_MACHINE)):
        shown_by_slider = find(slider.told[-1]["course"][at]["run"])
        trace = shown_by_slider.finish()
        move(page, slider, at)
        assert run_of(page) is shown_by_slider
        assert page.session_state["selection"].network == page.query_params["network"] == key
        assert numbered(page.selectbox, "network_choice").value == key
        assert slider.told[-1]["course_at"] == at
        assert slider.told[-1]["run"] == shown_by_slider.id
        assert captions.translation_caption(trace) in said(page)
        (attention,) = page.get("plotly_chart")
        assert attention.proto.alt == captions.attention_caption(trace)
    assert len(started) == 8, "one run for each state"
    kind = {entry["badge"]["kind"] for entry in slider.told if entry.get("course_at") == 0}
    assert kind == {"untrained"}


def test_a_new_sentence_after_the_slider_was_moved_is_read_by_the_same_state(open_page, slider):
    page = open_page(network=TIME_MACHINE)
    move(page, slider, 4)
    checked(page.text_input(key="sentence_input").set_value("I am here.").run())
    assert page.query_params["network"] == f"{TIME_MACHINE}@1000"
    assert {find(entry["run"]).source.sentence for entry in slider.told[-1]["course"]} == {"I am here."}


def test_a_state_that_is_computed_again_is_the_one_that_the_slider_shows(open_page, slider):
    page = open_page(network=f"{TIME_MACHINE}@300")
    before = run_of(page)
    page.session_state["answers"][ON_TOP] = replace(answer_of(page), question=None)  # as the button for it does
    checked(page.run())
    assert run_of(page) is not before
    assert slider.told[-1]["course"][3]["run"] == slider.told[-1]["run"] == run_of(page).id


def test_a_step_that_the_other_state_does_not_have_becomes_the_nearest(open_page, slider):
    page = open_page(network=f"{TIME_MACHINE}@0", column=50, unit=3)
    find(slider.told[-1]["course"][0]["run"]).finish()
    trace = find(slider.told[-1]["course"][7]["run"]).finish()
    move(page, slider, 7)
    steps = len(trace.source_tokens) + len(trace.target_tokens)
    assert (page.session_state["selection"].column, page.session_state["selection"].unit) == (steps - 1, 3)
    assert "points past this run" not in said(page)


@pytest.mark.parametrize("at", [8, -1, None, "3", 2.5, True])
def test_a_place_that_the_slider_does_not_have_changes_nothing(open_page, slider, at):
    page = open_page(network=TIME_MACHINE)
    run = run_of(page)
    move(page, slider, at)
    assert run_of(page) is run
    assert page.query_params["network"] == TIME_MACHINE


def test_each_state_gives_the_translation_that_its_weights_give(open_page, slider):
    page = open_page(network=TIME_MACHINE, to="mr", sentence="I am here.")
    assert run_of(page).translator.language == "mr"
    for at in (0, 5):
        state = course()[at]
        expected = load_translator("mr", name=state.name, step=state.batches).translate("I am here.")
        trace = find(slider.told[-1]["course"][at]["run"]).finish()
        np.testing.assert_array_equal(trace.logits, expected.logits)
        np.testing.assert_array_equal(trace.encoder[0].forget_gate, expected.encoder[0].forget_gate)


def test_a_damaged_evidence_file_leaves_the_slider_without_scores(open_page, slider, monkeypatch):
    def damaged() -> None:
        raise course_module.AssetError("evidence.json is damaged")

    monkeypatch.setattr(course_module, "load_evidence", damaged)
    open_page(network=TIME_MACHINE)
    assert [entry["score"] for entry in slider.told[-1]["course"]] == [""] * 8


def test_only_the_training_whose_states_ship_has_a_course(shipped_translator):
    run: Run = start(shipped_translator("bn"), "I am here.")
    assert course_of(run, "translator") is None
    assert course_of(run, "untrained") is None
    assert [key for key in ("translator", "untrained", TIME_MACHINE, f"{TIME_MACHINE}@0") if is_in_course(key)] == [
        TIME_MACHINE,
        f"{TIME_MACHINE}@0",
    ]


def test_a_network_is_named_as_in_the_list_without_a_look_at_the_files(monkeypatch):
    named = {key: network.label for key, network in viz.networks.networks().items()}
    monkeypatch.setattr(viz.networks, "networks", lambda: pytest.fail("the list was read for one label"))
    assert {key: viz.networks.label_of(key) for key in named} == named
    assert named["time-machine@300"] == "Time machine, after 300 batches"
