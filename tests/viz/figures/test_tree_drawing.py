"""The drawing of a beam search's tree, its table and its sentences: against the search itself, counted anew."""

import csv
import io
import unicodedata
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.translation.translator import Beam
from viz.figures import tree_captions as said
from viz.figures.tree_drawing import rising, rows_of, shown_nodes, tree_csv, tree_drawing, tree_table
from viz.serving.runs import start

PENALTY = 0.6


@pytest.fixture(scope="module", params=[2, 3, 5])
def beam(request, tiny_translator) -> Beam:
    return tiny_translator.search("the cat sat", request.param)


@pytest.fixture(scope="module")
def beams(tiny_translator, english_sentences) -> list[Beam]:
    return [tiny_translator.search(sentence, width) for sentence in english_sentences for width in (2, 4)]


def value(text: str) -> float:
    return float(text.replace("−", "-"))


# --- which nodes are drawn


def test_all_nodes_are_drawn_with_the_numbers_of_the_search(beam):
    nodes = tree_drawing(beam, None)["nodes"]
    assert [node["number"] for node in nodes] == list(range(len(beam.search.nodes)))
    for drawn, node in zip(nodes[1:], beam.search.nodes[1:], strict=True):
        assert beam.search.nodes[drawn["parent"]] is node.parent
        assert drawn["step"] == len(node.tokens)
        assert value(drawn["log_probability"]) == pytest.approx(node.total - node.parent.total, abs=5.1e-3)
        assert value(drawn["total"]) == pytest.approx(sum(n.log_probability for n in node.path), abs=5.1e-3)
        assert value(drawn["score"]) == pytest.approx(node.total / ((5 + node.step) / 6) ** PENALTY, abs=5.1e-3)
        assert drawn["status"] == node.fate.status
        token = beam.translator.target_vocabulary.tokens[node.token]
        letters = token.replace("▁", "") or "␣"
        assert drawn["token"] == ("◌" if unicodedata.category(letters[0]) in ("Mn", "Mc") else "") + letters
        assert drawn["continues"] == (token[0] not in "▁<")
        for number in (node.log_probability, node.total, node.score):
            assert f"{number:.4f}".replace("-", "−") in drawn["label"]
        assert node.fate.reason.replace("-", "−").split(":")[0] in drawn["label"].replace("-", "−")
    root = nodes[0]
    assert (root["parent"], root["total"], root["row"] >= 0, root["step"]) == (None, "", True, 0)


def test_the_marks_are_those_of_the_best_the_greedy_and_the_found_ones(beams):
    for beam in beams:
        drawn = tree_drawing(beam, None)["nodes"]
        of_tokens = {node.tokens: at for at, node in enumerate(beam.search.nodes)}
        best = beam.search.hypotheses[0].tokens
        greedy = beam.translator.translate(beam.source.sentence).target_tokens
        for at, node in enumerate(beam.search.nodes):
            assert drawn[at]["best"] == (len(node.tokens) > 0 and best[: len(node.tokens)] == node.tokens)
            written = tuple(beam.translator.target_vocabulary.tokens[token] for token in node.tokens)
            assert not drawn[at]["greedy"] or greedy[: len(written)] == written
            if written and greedy[: len(written)] == written:
                assert drawn[at]["greedy"]
        places = {node["place"]: node["number"] for node in drawn if node["place"]}
        assert places == {place: of_tokens[node.tokens] for place, node in enumerate(beam.search.hypotheses, 1)}


@pytest.mark.parametrize("dropped", [0, 1, 3, 10])
def test_of_the_dropped_nodes_the_best_of_each_step_are_drawn_and_everything_that_was_kept(beams, dropped):
    for beam in beams:
        nodes = beam.search.nodes
        shown = [nodes[at] for at in shown_nodes(beam.search, dropped)]
        left_out = [node for node in nodes if node not in shown]
        assert all(node.fate.status == "dropped" for node in left_out)
        for step in {node.step for node in left_out}:
            drawn = [n for n in shown if n.step == step and n.fate.status == "dropped"]
            ours = [n for n in drawn if not n.is_greedy]
            assert dropped - 1 <= len(ours) <= dropped
            assert all(n.total >= max(o.total for o in left_out if o.step == step) for n in ours)
        assert set(beam.search.greedy_path) <= set(shown)
        assert all(node.parent is None or node.parent in shown for node in shown)


def test_a_node_that_is_looked_at_is_drawn_in_any_case(beam):
    hidden = set(range(len(beam.search.nodes))) - set(shown_nodes(beam.search, 0))
    for at in list(hidden)[:5]:
        assert set(shown_nodes(beam.search, 0, [at])) == set(shown_nodes(beam.search, 0)) | {at}


# --- where


@pytest.mark.parametrize("dropped", [0, 3, None])
def test_boxes_never_overlap_and_lines_never_cross(beams, dropped):
    for beam in beams:
        numbers = shown_nodes(beam.search, dropped)
        rows = dict(zip(numbers, rows_of(beam.search, numbers), strict=True))
        assert min(rows.values()) == 0
        number_of = {id(node): at for at, node in enumerate(beam.search.nodes)}
        for step in range(1, max(node.step for node in beam.search.nodes) + 1):
            column = sorted((at for at in numbers if beam.search.nodes[at].step == step), key=rows.__getitem__)
            for upper, lower in pairwise(column):
                one, other = beam.search.nodes[upper], beam.search.nodes[lower]
                assert rows[lower] - rows[upper] >= 1 - 1e-9
                if one.parent is other.parent:
                    assert one.rank < other.rank
                else:
                    assert rows[number_of[id(one.parent)]] < rows[number_of[id(other.parent)]]


def test_the_path_of_the_best_translation_is_as_good_as_straight(beams):
    for beam in beams:
        numbers = shown_nodes(beam.search, 3)
        rows = dict(zip(numbers, rows_of(beam.search, numbers), strict=True))
        path = [0] + [beam.search.nodes.index(node) for node in beam.search.hypotheses[0].path]
        assert all(abs(rows[one] - rows[other]) < 0.8 for one, other in pairwise(path))


@given(st.lists(st.tuples(st.integers(-5, 5), st.integers(1, 4)), min_size=1, max_size=4))
def test_rising_numbers_are_the_nearest_that_never_fall(pairs):
    wanted, weights = [float(w) for w, _ in pairs], [float(w) for _, w in pairs]
    found = rising(wanted, weights)
    assert all(one <= other + 1e-9 for one, other in pairwise(found))

    def cost(values) -> float:
        return sum(w * (v - x) ** 2 for v, x, w in zip(values, wanted, weights, strict=True))

    spots = sorted(set(found) | {x / 2 for x in range(-10, 11)})

    def others(values):
        if len(values) == len(wanted):
            yield values
            return
        for spot in spots:
            if not values or spot >= values[-1]:
                yield from others([*values, spot])

    assert cost(found) <= min(map(cost, others([]))) + 1e-9


# --- in words and as tables


def test_the_caption_counts_the_nodes(beams):
    for beam in beams:
        text, nodes = said.tree_caption(beam), beam.search.nodes[1:]
        dropped = [node for node in nodes if node.fate.status == "dropped"]
        assert f"A beam of {beam.search.width} looked at {len(nodes):,} nodes" in text
        assert f"kept {len(nodes) - len(dropped):,}," in text
        assert f"dropped {len(dropped):,}:" in text
        causes = Counter(node.fate.cause for node in dropped)
        for cause, words in (("outside", "outside the"), ("hopeless", "no longer win"), ("worse end", "ended worse")):
            expected = "all" if len(causes) == 1 else f"{causes[cause]:,}"
            assert (f"{expected} " in text and words in text) == (causes[cause] > 0), (cause, text)
        assert f"{max(n.score for n in beam.search.hypotheses):.4f}".replace("-", "−") in text


def test_the_table_holds_every_node_and_the_file_every_digit(beam):
    table, nodes = tree_table(beam), beam.search.nodes[1:]
    assert {len(column) for column in table.values()} == {len(nodes)}
    assert table["Node"] == list(range(1, len(nodes) + 1))
    lines = list(csv.DictReader(io.StringIO(tree_csv(beam))))
    assert len(lines) == len(nodes)
    for at, (line, node) in enumerate(zip(lines, nodes, strict=True)):
        assert (table["Step"][at], table["Rank"][at]) == (node.step, node.rank + 1)
        assert table["After"][at] == beam.text(node.parent)
        assert table["Log-probability of the token"][at] == round(node.log_probability, 4)
        assert (table["Log-probability"][at], table["Score"][at]) == (round(node.total, 4), round(node.score, 4))
        assert node.fate.reason.split(":")[0] in table["Fate"][at]
        assert int(line["node"]) == at + 1
        assert beam.search.nodes[int(line["parent"])] is node.parent
        assert (float(line["log_probability"]), float(line["total"]), float(line["score"])) == (
            node.log_probability, node.total, node.score,
        )  # fmt: skip
        assert (line["status"], line["reason"]) == (node.fate.status, node.fate.reason)


def test_every_fate_has_its_words(tiny_translator, english_sentences):
    seen = set()
    for sentence in english_sentences:
        beam = tiny_translator.search(sentence, 3)
        for node in beam.search.nodes:
            words = said.fate_words(beam, node)
            if node in beam.search.hypotheses:
                expected = f"translation {beam.search.hypotheses.index(node) + 1} of "
            elif node.parent is None:
                expected = "start mark"
            else:
                expected = f"dropped at step {node.fate.step}: " if node.fate.status == "dropped" else "kept at step"
            assert expected in words
            seen.add((node.fate.status, node.fate.cause))
    assert len(seen) >= 4


def test_the_score_is_shown_with_its_arithmetic(beam):
    for node in beam.search.nodes[1:40]:
        total, rest = said.score_words(node).split(" / ")
        penalty, score = rest.split(" = ")
        rounding = 0.5e-4 * ((1 + abs(value(score))) / value(penalty) + 1)  # all three are shown to four decimals
        assert value(total) / value(penalty) == pytest.approx(value(score), abs=1.01 * rounding)
        assert value(penalty) == pytest.approx(((5 + node.step) / 6) ** 0.6, abs=5.1e-5)


def test_a_long_text_is_quoted_by_its_beginning():
    assert said.shortened("কি" * 80) == "কি" * 80
    assert said.shortened("কি" * 81) == "কি" * 79 + "…"


def test_the_outcome_says_who_scores_higher_and_calls_a_search_error_one(tiny_translator, english_sentences):
    seen = Counter()
    for sentence in english_sentences[:6]:
        run = start(tiny_translator, sentence, 2)
        run.finish()
        best = run.beam.search.hypotheses[0]
        for at, node in enumerate(run.beam.search.nodes):
            if node.token == run.beam.search.end or node.step >= 60 or at % 23:
                continue
            continued = run.continued_from(at)
            continued.finish()
            found = continued.beam.search.hypotheses[0]
            text = said.outcome_caption(run.beam, node, continued.beam)
            if found.tokens == best.tokens:
                expected = "finds the best translation of the search again"
            elif "cut off" in (found.fate.status, best.fate.status):
                expected = "do not compare"
            elif found.score > best.score:
                expected = "higher than that of the best translation: a search error"
            else:
                expected = "lower than that of the best translation"
            assert expected in text
            if "than that" in expected:
                assert f"{abs(found.score - best.score):.4f}" in text
            seen[expected] += 1
    assert len(seen) == 4, seen
