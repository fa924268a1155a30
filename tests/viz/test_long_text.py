"""Text that is too long, through every door: refused by its length, before anything takes time over it."""

from collections.abc import Callable
from html import unescape
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from models.language import text
from models.language.text import MAX_CODE_POINTS
from models.translation.interventions import Donor, Intervention, to_json

NAVIGATION = Path(__file__).resolve().parent.parent.parent / "viz" / "navigation.py"
LONG = "a" + "\u0315" * 1800 + "\u0300" * 1800  # as a donor it still fits into the edits of an address
EDITS = to_json([Intervention("cell_state", "patch", donor=Donor(LONG, "bn"))])
DOORS = {
    **{page: (page, "sentence", LONG) for page in ("translate", "cell", "memory", "lab", "compare", "tree")},
    "donor of the lab": ("lab", "edits", EDITS),
    "sentence of B": ("compare", "b_sentence", LONG),
    "donor of B": ("compare", "b_edits", EDITS),
}


@pytest.fixture
def worked_on(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The lengths of all texts that are normalised or cut into graphemes."""
    found = []

    def counting(work: Callable[[str], object]) -> Callable[[str], object]:
        return lambda of: found.append(len(of)) or work(of)

    for name in ("normalise", "graphemes"):
        monkeypatch.setattr(text, name, counting(getattr(text, name)))
    return found


@pytest.mark.parametrize("door", DOORS)
def test_a_link_with_too_long_a_text_costs_nothing_but_a_refusal(worked_on, door):
    page, name, value = DOORS[door]
    app = AppTest.from_file(str(NAVIGATION), default_timeout=60)
    app.query_params[name] = value
    app.switch_page(f"{page}/page.py").run()
    assert not app.exception, app.exception[0].message
    said = " ".join(unescape(element.proto.body) for element in app.get("html") if "role=" in element.proto.body)
    assert ("the memory that B was given was taken back" if door == "donor of B" else "3,601 code points") in said
    assert all(length <= MAX_CODE_POINTS for length in worked_on)
