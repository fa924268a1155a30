"""Links that somebody made by hand: what they say is taken or refused in a short sentence, and shown as it is run."""

import json
import re
from html import unescape
from pathlib import Path

import pytest
from sessions import run_of
from streamlit.testing.v1 import AppTest

from models.language.text import LONGEST_EXCERPT

NAVIGATION = Path(__file__).resolve().parent.parent.parent / "viz" / "navigation.py"
PAGES = ("translate", "cell", "memory", "tasks", "gradients", "lab", "compare", "tree", "trust")
LONE = "\ud800"
PATCH = {"target": "cell_state", "kind": "patch"}
SURROGATES = {
    "network": {"target": "forget_gate", "network": LONE},
    "target": {"target": LONE},
    "part": {"target": "forget_gate", LONE: 1},
    "value": {"target": "forget_gate", "value": LONE},
    "unit": {"target": "forget_gate", "units": [LONE]},
    "donor": {**PATCH, "donor": {"sentence": f"the cat {LONE}", "language": "bn"}},
    "language of a donor": {**PATCH, "donor": {"sentence": "the cat", "language": LONE}},
}
LONG = {
    **{name: {"target": "forget_gate", name: "x" * 3900} for name in ("target", "kind", "side", "network", "value")},
    "unit": {"target": "forget_gate", "units": ["x" * 3900]},
    "number": {"target": "forget_gate", "first": 10**3000},
    "language of a donor": {**PATCH, "donor": {"sentence": "the cat", "language": "x" * 3900}},
}


def opened(page: str, **address: str) -> AppTest:
    app = AppTest.from_file(str(NAVIGATION), default_timeout=60)
    for name, value in address.items():
        app.query_params[name] = value
    app.switch_page(f"{page}/page.py").run()
    assert not app.exception, app.exception[0].message
    return app


def said(app: AppTest) -> list[str]:
    return [unescape(re.sub("<[^>]*>", "", each.proto.body)) for each in app.get("html") if "role=" in each.proto.body]


@pytest.mark.parametrize("part", SURROGATES)
@pytest.mark.parametrize("page", PAGES)
def test_lone_surrogates_in_edits_end_in_no_error_box(page, part):
    edits = json.dumps([SURROGATES[part]])
    app = opened(page, edits=edits, b_edits=edits)
    for each in [*said(app), *(value for values in app.query_params.values() for value in values)]:
        each.encode("utf-8")


@pytest.mark.parametrize("part", LONG)
@pytest.mark.parametrize("page", ["lab", "compare"])
def test_a_message_quotes_a_short_excerpt_of_what_it_got(page, part):
    edits = json.dumps([LONG[part]])
    (message,) = said(opened(page, edits=edits, b_edits=edits))
    assert len(message) < 300
    assert not re.search(rf"(x|0){{{LONGEST_EXCERPT + 1}}}", message)


def test_a_line_end_in_a_link_is_shown_as_the_blank_that_it_is_translated_as():
    app = opened("translate", sentence="the cat\nsat\r\ndown")
    assert app.text_input(key="sentence_input").value == run_of(app).source.sentence == "the cat sat down"
    assert app.query_params["sentence"] in ("the cat sat down", ["the cat sat down"])


def test_a_line_end_in_the_sentence_of_b_is_shown_as_a_blank_too():
    app = opened("compare", b_sentence="the cat\u2028sat")
    assert "the cat sat" in [field.value for field in app.text_input]


def test_a_line_end_in_a_donor_is_listed_as_a_blank():
    donor = {"sentence": "the cat\nsat", "language": "bn"}
    app = opened("lab", edits=json.dumps([{**PATCH, "donor": donor}]))
    assert any("the cat sat" in unescape(each.proto.body) for each in app.get("html"))
