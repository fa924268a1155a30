"""From page to page: what was chosen on one is chosen on every other."""

from dataclasses import asdict
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from walking import PAGES, walk
from widgets import numbered

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
            assert numbered(page.text_input, "sentence_input").value == CHOSEN["sentence"], way
            assert numbered(page.segmented_control, "language_switch").value == CHOSEN["to"], way
            assert numbered(page.selectbox, "network_choice").value == CHOSEN["network"], way
        if room not in ("trust", "lab", "compare"):
            assert numbered(page.segmented_control, "beam_choice").value == int(CHOSEN["beam"]), way


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
