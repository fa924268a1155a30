"""What the component that shows two runs is told: which runs, how their steps belong together, what is selected."""

import json
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from models.analysis.comparison import paired
from viz.live.side_by_side import default_selection
from viz.serving.runs import Run, start
from viz.state import Selection, cell_on_view

ONE, TWO = "the cat sat", "the dog sat on the mat"
NAMES = ("<b>as it was</b>", "$x$")


def page() -> None:
    import streamlit as st

    from viz.live.side_by_side import side_by_side

    state = st.session_state
    side_by_side(*state.runs, on_selected=lambda pair, unit, quantity: None, **state.asked)


@pytest.fixture
def runs(tiny_translator) -> tuple[Run, Run]:
    return start(tiny_translator, ONE), start(tiny_translator, TWO)


def shown(runs: tuple[Run, Run], **asked: Any) -> AppTest:
    app = AppTest.from_function(page)
    app.session_state.runs = runs
    app.session_state.asked = {"names": NAMES, "by": "step", "selected": None} | asked
    app.run()
    assert not app.exception
    return app


def sent(runs: tuple[Run, Run], **asked: Any) -> dict[str, Any]:
    (component,) = shown(runs, **asked).get("bidi_component")
    return json.loads(component.proto.json)


def listed(pairs) -> list[list[int | None]]:
    return [list(pair) for pair in pairs]


@pytest.mark.parametrize("by", ["step", "token"])
def test_sources_are_paired_at_once_and_targets_once_both_runs_are_finished(runs, by):
    a, b = runs
    data = sent(runs, by=by)
    assert a.steps == b.steps == []  # nothing was computed to draw it: both stream
    assert (data["a"], data["b"]) == ({"run": a.id, "name": NAMES[0]}, {"run": b.id, "name": NAMES[1]})
    assert (data["pairs"], data["selected"]) == (None, None)
    a.finish()
    assert sent(runs, by=by)["pairs"] is None
    b.finish()
    pairs = paired(a.trace, b.trace, by)
    later = sent(runs, by=by)
    assert later["pairs"] == listed(pairs)
    sources = [pair for pair in pairs if all(c is None or c < len(r.source.tokens) for c, r in zip(pair, runs))]
    assert data["source_pairs"] == later["source_pairs"] == listed(sources)
    assert any(None in pair for pair in sources)


def test_the_unit_of_other_pages_is_selected_where_it_differs_most_unless_something_was_chosen(runs):
    a, b = (run.finish() for run in runs)
    _, unit = cell_on_view(a, Selection())
    one, other = (np.vstack([run.encoder[0].hidden_state, run.decoder[0].hidden_state])[:, unit] for run in (a, b))
    pairs = paired(a, b, "token")
    apart = [-1 if None in pair else abs(other[pair[1]] - one[pair[0]]) for pair in pairs]
    assert sent(runs, by="token")["selected"] == {"pair": int(np.argmax(apart)), "unit": unit}
    assert sent(runs, by="token", selected=(3, 5))["selected"] == {"pair": 3, "unit": 5}
    assert default_selection(a, a, "step") == (len(a.source_tokens), unit)
    assert default_selection(a, b, "token", Selection(unit=4))[1] == 4


def test_edits_and_courses_are_handed_on(runs):
    edit = {"side": "decoder", "quantity": "candidate", "units": [1, 2], "first": 0, "last": None}
    state = {"run": runs[0].id, "label": "after 30 batches", "score": "chrF2++ 3.1"}
    data = sent(runs, edited=[edit], courses={"a": [state]})
    assert (data["edited"], data["courses"]) == ([edit], {"a": [state]})


def test_networks_of_other_sizes_are_refused_in_words(runs, build_tiny):
    larger = start(build_tiny(layers=2).translator, ONE)
    app = shown((runs[0], larger))
    assert app.get("bidi_component") == []
    (said,) = [element.proto.body for element in app.get("html")]
    assert 'role="alert"' in said
    assert "The network of A has 1 layer and that of B 2: their numbers cannot be subtracted." in said
