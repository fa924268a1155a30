"""The page with the tree of a beam search, as a reader opens it."""

import html
import json
import re
from types import SimpleNamespace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest
from test_pages import array_of, attention_of, checked, page, paragraphs, refusals, run_of, type_in

from models.recurrent.lstm import LSTMLayer
from models.translation.decoding import BeamSearch
from models.translation.translator import Beam
from viz import loading
from viz.figures import captions
from viz.figures import tree_captions as said
from viz.serving.runs import Run, find
from viz.state import DEFAULT_SENTENCE, Selection
from viz.tree import page as tree_page

__all__ = ["page"]  # the fixture


def opened(page: AppTest, **address) -> AppTest:
    page.query_params.update({name: str(value) for name, value in address.items()})
    return checked(page.switch_page("tree/page.py").run())


def sent(page: AppTest) -> dict[str, dict]:
    """What each component was given, by its key."""
    found = {}
    for element in page.get("bidi_component"):
        data = json.loads(element.proto.json)
        found["tree" if "nodes" in data else "microscope"] = data
    return found


def go_on_from(page: AppTest, number: int) -> Run:
    """As a click on a node does; returns the run of the heat maps, finished, as when the stream has come to its end."""
    page.session_state["selection"].node = number
    checked(page.run())
    run = find(sent(page)["microscope"]["run"])
    run.finish()
    checked(page.run())
    assert sent(page)["microscope"]["run"] == run.id
    return run


def group(page: AppTest, label: str, options: int = 0):
    """A control by its label, and by the number of its options where there are two of this label."""
    found = [element for element in page.get("button_group") if element.proto.label == label]
    (found,) = [element for element in found if not options or len(element.options) == options]
    return found


def tables(page: AppTest) -> dict[str, list[list[str]]]:
    """Rows of the tables of text by their captions."""
    found = {}
    for element in page.get("html"):
        if caption := re.search(r"<caption>(.*?)</caption>", element.proto.body):
            found[html.unescape(caption[1])] = [
                [html.unescape(re.sub("<[^>]*>", "", cell)) for cell in re.findall(r"<td[^>]*>(.*?)</td>", row)]
                for row in re.findall(r"<tr>(.*?)</tr>", element.proto.body)[1:]
            ]
    return found


def searched(width: int = 3, sentence: str = DEFAULT_SENTENCE) -> Beam:
    return loading.translator("bn").search(sentence, width)


def a_dropped_node(beam: Beam, step: int = 2) -> int:
    search = beam.search
    return next(
        at for at, node in enumerate(search.nodes)
        if node.fate.status == "dropped" and node.step == step and node.token != search.end
    )  # fmt: skip


# --- the tree


def test_a_first_visit_shows_a_tree_though_translations_are_greedy(page):
    opened(page)
    beam = searched(3)
    assert run_of(page).width == 1
    assert "beam" not in page.query_params
    assert group(page, "Beam", 4).value == 3
    data = sent(page)["tree"]
    assert data["selected"] is None
    assert data["language"] == "bn"
    assert said.tree_caption(beam) in paragraphs(page)
    numbers = {node["number"]: node for node in data["nodes"]}
    assert 0 in numbers
    for at, node in enumerate(beam.search.nodes):
        if node.fate.status != "dropped":
            assert numbers[at]["label"] == said.node_label(beam, node)
    assert "microscope" not in sent(page)


@pytest.mark.parametrize("width", [2, 4, 5])
def test_the_tree_is_that_of_the_beam_in_the_address_with_every_number_of_the_search(page, width):
    opened(page, beam=width, sentence="Where did you buy this book?")
    page.session_state["tree_dropped"] = "all"
    checked(page.run())
    beam = searched(width, "Where did you buy this book?")
    drawn = sent(page)["tree"]["nodes"]
    assert len(drawn) == len(beam.search.nodes)
    for shown, node in zip(drawn[1:], beam.search.nodes[1:], strict=True):
        assert shown["label"] == said.node_label(beam, node)
        for name in ("log_probability", "total", "score"):
            assert float(shown[name].replace("−", "-")) == pytest.approx(getattr(node, name), abs=5.1e-3)
        assert beam.search.nodes[shown["parent"]] is node.parent


def test_a_beam_chosen_on_this_page_holds_on_all(page):
    opened(page)
    checked(group(page, "Beam", 4).set_value(4).run())
    assert group(page, "Beam", 5).value == 4
    assert run_of(page).width == 4
    assert page.query_params["beam"] == "4"
    assert said.tree_caption(searched(4)) in paragraphs(page)
    checked(page.switch_page("trust/page.py").run())
    checked(page.switch_page("tree/page.py").run())
    assert run_of(page).width == 4
    assert group(page, "Beam", 4).value == 4
    assert said.tree_caption(searched(4)) in paragraphs(page)


def test_the_untrained_network_has_a_tree_and_is_said_to_have_learned_nothing(page):
    opened(page, network="untrained", beam=2, sentence="Go.")
    beam = loading.translator("bn", "untrained").search("Go.", 2)
    assert said.untrained_remark(beam) in paragraphs(page)
    assert said.tree_caption(beam) in paragraphs(page)
    assert f"{np.log(1 / 4000):.2f}".replace("-", "−") in said.untrained_remark(beam)


# --- going on


def test_decoding_goes_on_from_a_dropped_node_and_its_gates_are_streamed(page, monkeypatch):
    opened(page, beam=3)
    beam = run_of(page).beam
    at = a_dropped_node(beam)
    node = beam.search.nodes[at]
    run = go_on_from(page, at)
    tokens = beam.translator.target_vocabulary.tokens
    assert run.trace.target_tokens[: node.step] == tuple(tokens[token] for token in node.tokens)
    assert run is run_of(page).continued_from(at)
    assert sent(page)["tree"]["selected"] == at
    assert captions.translation_caption(run.trace) in paragraphs(page)
    weights = array_of(attention_of(page)["data"][0]["z"])
    assert weights.tobytes() == run.trace.attention.astype(np.float32).tobytes()
    monkeypatch.setattr(LSTMLayer, "step", lambda *_: pytest.fail("computed again"))
    checked(page.run())


def test_what_was_found_stands_beside_the_best_translation(page):
    opened(page, beam=3)
    at = a_dropped_node(run_of(page).beam, 3)
    page.session_state["selection"].node = at
    checked(page.run())
    assert tables(page)["What decoding finds from here"][0][:2] == ["From here", "computing"]
    run = go_on_from(page, at)
    first, second = tables(page)["What decoding finds from here"]
    for row, trace, node in (
        (first, run.trace, run.beam.search.hypotheses[0]),
        (second, run_of(page).trace, run_of(page).beam.search.hypotheses[0]),
    ):
        _, text, total, length, score = row
        summed = np.log(trace.probabilities.astype(float)).sum()
        assert (text, length) == (trace.text, str(len(trace.target_tokens)))
        assert float(total.replace("−", "-")) == pytest.approx(summed, abs=2e-4)
        assert float(score.replace("−", "-")) == pytest.approx(summed / ((5 + node.step) / 6) ** 0.6, abs=2e-4)
    beam = run_of(page).beam
    assert said.outcome_caption(beam, beam.search.nodes[at], run.beam) in paragraphs(page)


def test_the_chosen_node_is_told_with_its_numbers_and_its_fate(page):
    opened(page, beam=3)
    beam = run_of(page).beam
    at = a_dropped_node(beam)
    node = beam.search.nodes[at]
    go_on_from(page, at)
    values = dict(tables(page)[f"Node {at}"])
    assert values["Path so far"] == beam.text(node)
    assert values["Log-probability of the token"] == f"{node.log_probability:.4f}".replace("-", "−")
    assert values["Log-probability of the path"] == f"{node.total:.4f}".replace("-", "−")
    score = f"{node.total / ((5 + node.step) / 6) ** 0.6:.4f}".replace("-", "−")
    assert values["Score"].endswith(f" = {score}")
    siblings = [other for other in beam.search.nodes if other.parent is node.parent]
    place = 1 + sum(other.log_probability > node.log_probability for other in siblings)
    assert values["Place among its siblings"].startswith(f"{place} of {len(siblings)}")
    assert node.fate.reason.replace("-", "−") in values["What became of it"].replace("-", "−")
    body = next(e.proto.body for e in page.get("html") if f"<caption>Node {at}</caption>" in e.proto.body)
    assert body.count('<td lang="bn">') == 2
    assert said.score_caption() in paragraphs(page)


def test_greedy_search_can_go_on_as_well(page):
    opened(page, beam=4)
    at = a_dropped_node(run_of(page).beam)
    beam_run = go_on_from(page, at)
    checked(group(page, "Go on by").set_value("greedy").run())
    greedy = find(sent(page)["microscope"]["run"])
    assert (beam_run.width, greedy.width) == (4, 1)
    assert greedy is run_of(page).continued_from(at, 1)
    assert page.query_params["onward"] == "greedy"


def test_a_link_opens_the_node_again(page):
    at = a_dropped_node(searched(3))
    opened(page, node=at)
    assert sent(page)["tree"]["selected"] == at
    assert page.query_params["node"] == str(at)
    run = find(sent(page)["microscope"]["run"])
    expected = searched(3)
    node = expected.search.nodes[at]
    assert expected.search.continued(node, 3).finish().hypotheses[0].tokens == tuple(
        run.translator.target_vocabulary[token] for token in run.finish().target_tokens
    )


def test_a_node_that_the_tree_lacks_is_said_to_be_missing(page):
    opened(page, node=99999)
    count = len(searched(3).search.nodes)
    notices = [element.proto.body for element in page.get("html") if 'role="status"' in element.proto.body]
    assert any(f"The link asks for node 99999; this tree has nodes 0 to {count - 1}." in text for text in notices)
    assert sent(page)["tree"]["selected"] is None
    assert "microscope" not in sent(page)


def test_nothing_follows_an_end_mark_but_the_gates_of_a_translation_are_shown(page):
    opened(page, beam=3)
    beam = run_of(page).beam
    second = beam.search.nodes.index(beam.search.hypotheses[1])
    run = go_on_from(page, second)
    assert f"Node {second} is an end mark: nothing can follow it." in paragraphs(page)
    assert run is run_of(page).looking_at(2)
    assert refusals(page) == []


def test_an_end_mark_that_was_dropped_has_its_details_and_no_gates(page):
    opened(page, beam=5, sentence="When I was a child, I lived in a small village.")
    search = run_of(page).beam.search
    ended = [at for at, node in enumerate(search.nodes) if node.token == search.end and node.fate.status == "dropped"]
    at = ended[0]
    page.session_state["selection"].node = at
    checked(page.run())
    assert f"Node {at} is an end mark: nothing can follow it." in paragraphs(page)
    assert f"Node {at}" in tables(page)
    assert "microscope" not in sent(page)


def test_a_node_of_another_search_is_forgotten(page):
    opened(page, beam=3, node=12)
    type_in(page, "I am here.")
    assert page.session_state["selection"].node is None
    assert "node" not in page.query_params
    go_on_from(page, 5)
    assert page.query_params.get("node") in (None, "5")
    checked(page.switch_page("trust/page.py").run())
    page.session_state["selection"].sentence = "Help!"  # as chosen on another page
    checked(page.switch_page("tree/page.py").run())
    assert page.session_state["selection"].node is None


def test_a_sentence_that_is_refused_leaves_the_tree_and_the_node(page):
    opened(page, beam=3, node=12)
    before = sent(page)
    type_in(page, "   ")
    assert len(refusals(page)) == 1
    assert sent(page)["tree"] == before["tree"]
    assert sent(page)["microscope"]["run"] == before["microscope"]["run"]


@pytest.mark.parametrize("picked", [None, -1, 10**6, 1.5, "3", True, {"a": 1}])
def test_what_the_browser_sends_is_checked(monkeypatch, tiny_translator, picked):
    run, chosen = Run(tiny_translator, "the cat sat", 3), Selection(node=4)
    run.finish()
    monkeypatch.setattr(tree_page.st, "session_state", SimpleNamespace(beam_tree={"picked": picked}))
    monkeypatch.setattr(tree_page, "keep_in_address", lambda _: pytest.fail("taken"))
    tree_page._take_node(run, chosen)
    assert (chosen.node, chosen.column) == (4, None)


def test_the_step_after_a_picked_node_is_selected_or_the_one_that_wrote_an_end_mark(monkeypatch, tiny_translator):
    run, chosen = Run(tiny_translator, "the cat sat", 3), Selection()
    S, T = len(run.source.tokens), len(run.finish().target_tokens)
    nodes, best = run.beam.search.nodes, run.beam.search.hypotheses[0]
    monkeypatch.setattr(tree_page, "keep_in_address", lambda _: None)
    for at, column in ((0, S), (1, S + 1), (nodes.index(best), S + T - 1), (nodes.index(best.parent), S + T - 1)):
        monkeypatch.setattr(tree_page.st, "session_state", SimpleNamespace(beam_tree={"picked": at}))
        tree_page._take_node(run, chosen)
        assert (chosen.node, chosen.column) == (at, column)


# --- tables, inertness


def test_the_whole_tree_is_sent_as_a_table_when_it_is_unfolded(page):
    opened(page, beam=2)
    assert len(page.dataframe) == 0
    page.session_state["in_tree"] = True
    checked(page.run())
    (table,) = page.dataframe
    nodes = run_of(page).beam.search.nodes[1:]
    assert table.value["Score"].to_list() == [round(node.total / ((5 + node.step) / 6) ** 0.6, 4) for node in nodes]
    assert table.value["Fate"].to_list() == [said.fate_words(run_of(page).beam, node) for node in nodes]


def test_tokens_that_look_like_mark_up_stay_text(page, monkeypatch):
    monkeypatch.setattr("models.translation.translator.Beam.text", lambda self, node: "<img src=x> **a**")
    monkeypatch.setattr(said, "token_of", lambda beam, node: "<script>")
    opened(page, beam=2, node=3)
    bodies = [element.proto.body for element in page.get("html") if "<style>" not in element.proto.body]
    assert not any("<img" in body or "<script>" in body for body in bodies)
    assert any("&lt;img" in body for body in bodies)


@pytest.mark.parametrize("address", [{"beam": 3}, {}])
def test_a_search_is_done_once(page, monkeypatch, address):
    opened(page, **address)
    steps = []
    advance = BeamSearch._advance
    monkeypatch.setattr(BeamSearch, "_advance", lambda self: steps.append(1) or advance(self))
    checked(page.run())
    assert steps == []
