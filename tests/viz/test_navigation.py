"""From page to page: what was chosen on one is chosen on every other."""

from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
from sessions import run_of
from streamlit.testing.v1 import AppTest
from walking import PAGES, walk
from widgets import numbered

from viz.live import side_by_side

NAVIGATION = Path(__file__).resolve().parent.parent.parent / "viz" / "navigation.py"
CHOSEN = {
    "sentence": "I am here.", "to": "mr", "network": "time-machine@0", "beam": "3", "hypothesis": "2", "column": "3",
    "unit": "5", "notation": "colah", "view": "word", "writes": "newest first", "onward": "greedy", "low": "20",
    "high": "80",
}  # fmt: skip


@pytest.fixture
def page() -> AppTest:
    return AppTest.from_file(str(NAVIGATION), default_timeout=60)


def test_the_walk_takes_every_ordered_pair_of_pages_once():
    steps = list(zip(walk(), walk()[1:], strict=False))
    assert len(steps) == len(set(steps)) == len(PAGES) * (len(PAGES) - 1)
    assert all(one != other for one, other in steps)


def test_no_way_from_one_page_to_another_changes_what_was_chosen(page):
    page.query_params.update(CHOSEN)
    page.run()
    chosen = asdict(page.session_state["selection"])
    for before, room in zip(walk(), walk()[1:], strict=False):
        page.switch_page(f"{room}/page.py").run()
        way = f"from {before} to {room}"
        assert not page.exception, way
        assert asdict(page.session_state["selection"]) == chosen, way
        if room != "trust":
            assert dict(page.query_params) == CHOSEN, way
        if room not in ("trust", "tasks", "gradients"):
            assert numbered(page.text_input, "sentence_input").value == CHOSEN["sentence"], way
            assert numbered(page.segmented_control, "language_switch").value == CHOSEN["to"], way
            assert numbered(page.selectbox, "network_choice").value == CHOSEN["network"], way
        if room not in ("trust", "tasks", "gradients", "lab", "compare"):
            assert numbered(page.segmented_control, "beam_choice").value == int(CHOSEN["beam"]), way


def test_every_page_begins_with_the_unit_that_varies_most(page, monkeypatch):
    told = []
    monkeypatch.setattr(side_by_side, "comparison", lambda data, **_: told.append(data))
    page.query_params["sentence"] = "I am here."
    page.run()
    trace = run_of(page).finish()
    states = np.vstack([trace.encoder[0].cell_state, trace.decoder[0].cell_state]).astype(np.float64)
    unit = int(states.var(axis=0).argmax())
    for room in PAGES:
        page.switch_page(f"{room}/page.py").run()
        for answer in page.session_state["answers"].values():
            answer.run.finish()
        page.run()
        assert not page.exception, room
        if room == "cell":
            assert numbered(page.number_input, "cell_unit").value == unit
        if room == "memory":
            assert f"The chosen unit, {unit}" in numbered(page.selectbox, "memory_units").options
        if room in ("lab", "compare"):
            assert told[-1]["selected"]["unit"] == unit, room


def test_what_is_chosen_on_the_way_follows(page):
    page.run()
    sentences = iter(f"I have {number} cats." for number in range(2, 100))
    for room in ("tree", "translate", "cell", "tree", "memory", "lab", "compare", "translate", "compare"):
        page.switch_page(f"{room}/page.py").run()
        sentence, language = next(sentences), {"bn": "mr", "mr": "bn"}[page.session_state["selection"].language]
        numbered(page.segmented_control, "language_switch").set_value(language)
        numbered(page.text_input, "sentence_input").set_value(sentence).run()
        chosen = page.session_state["selection"]
        assert (chosen.sentence, chosen.language) == (sentence, language), room
        assert numbered(page.text_input, "sentence_input").value == sentence, room
