"""Decoding that goes on from a node of a finished search, as a run that can be streamed."""

import struct
from itertools import pairwise

import numpy as np
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from models import load_translator
from models.recurrent.lstm import LSTMLayer
from models.recurrent.trace import QUANTITIES
from models.translation.decoding import BeamSearch, SearchStep
from models.translation.interventions import MOST, Intervention
from models.translation.record import TranslationTrace
from models.translation.translator import DecoderStep, EncoderStep
from viz.serving import route, runs
from viz.serving.runs import NodeError, Run, find, start

SENTENCE = "the cat sat"
LIMIT = 60


def tree_of(translator, sentence: str = SENTENCE, width: int = 3, **options) -> Run:
    run = start(translator, sentence, width, **options)
    run.finish()
    return run


def nodes_to_continue(run: Run) -> list[int]:
    """Every node that something can follow."""
    end = run.translator.target_vocabulary.end_id
    return [at for at, node in enumerate(run.beam.search.nodes) if node.token != end and node.step < LIMIT]


def forced(run: Run, at: int, extra: tuple[Intervention, ...] = ()) -> TranslationTrace:
    """The same prefix written by force in a greedy run of its own, from the first step on."""
    tokens = run.beam.search.nodes[at].tokens
    force = [Intervention("token", value=token, first=k, last=k) for k, token in enumerate(tokens)]
    return run.translator.translate(run.source.sentence, [*extra, *force])


def assert_same_numbers(trace: TranslationTrace, expected: TranslationTrace) -> None:
    """To the last bit."""
    assert (trace.text, trace.target_tokens) == (expected.text, expected.target_tokens)
    for name in ("probabilities", "attention", "attention_scores", "context", "logits"):
        assert getattr(trace, name).tobytes() == getattr(expected, name).tobytes(), name
    for side in ("encoder", "decoder"):
        for layer, other in zip(getattr(trace, side), getattr(expected, side), strict=True):
            for quantity in QUANTITIES:
                assert getattr(layer, quantity).tobytes() == getattr(other, quantity).tobytes(), quantity
            assert layer.initial_cell_state.tobytes() == other.initial_cell_state.tobytes()


# --- what it computes


def test_greedy_search_goes_on_from_any_node_as_if_its_prefix_had_been_forced(build_tiny, english_sentences):
    met_dropped = 0
    for translator in (build_tiny().translator, build_tiny(layers=2, dtype="float64").translator):
        for sentence in english_sentences[:3]:
            run = tree_of(translator, sentence)
            numbers = [at for at in nodes_to_continue(run) if run.beam.search.nodes[at].step <= MOST]
            for at in [*numbers[:12], *numbers[-6:]]:
                met_dropped += run.beam.search.nodes[at].fate.status == "dropped"
                assert_same_numbers(run.continued_from(at, 1).finish(), forced(run, at))
    assert met_dropped > 10


def test_a_shipped_network_goes_on_from_dropped_nodes_as_if_their_prefixes_had_been_forced(shipped_translator):
    run = tree_of(shipped_translator("bn"), "Where did you buy this book?")
    dropped = [at for at in nodes_to_continue(run) if run.beam.search.nodes[at].fate.status == "dropped"]
    for at in dropped[:: len(dropped) // 6]:
        assert_same_numbers(run.continued_from(at, 1).finish(), forced(run, at))


def test_a_beam_goes_on_from_a_node_as_a_search_over_that_prefix_alone_does(tiny_translator):
    run = tree_of(tiny_translator)
    reads = tiny_translator._reader(list(tiny_translator.read_source(run.source)), run.edits)
    for at in nodes_to_continue(run)[:40:3]:
        node = run.beam.search.nodes[at]
        continued = run.continued_from(at)
        trace = continued.finish()
        alive, finished = [(node.total, node.tokens, node.token, node.state)], []
        for step in range(node.step + 1, LIMIT + 1):  # the algorithm once more, on plain tuples
            children = []
            for total, tokens, token, state in alive:
                reading = reads(token, state)
                for number, gain in zip(reading.ranking[:5], reading.log_probabilities, strict=False):
                    children.append((total + gain, (*tokens, int(number)), int(number), reading.state))
            kept = sorted(children, key=lambda child: -child[0])[:3]
            end = tiny_translator.target_vocabulary.end_id
            finished += [(child[0] / ((5 + step) / 6) ** 0.6, child[1]) for child in kept if child[2] == end]
            finished = sorted(finished, key=lambda pair: -pair[0])[:3]
            reach = ((5 + LIMIT) / 6) ** 0.6
            full = len(finished) == 3
            alive = [c for c in kept if c[2] != end and not (full and c[0] / reach <= finished[-1][0])]
            if not alive:
                break
        best = (finished or [(None, alive[0][1] if alive else ())])[0][1]
        assert tuple(tiny_translator.target_vocabulary[token] for token in trace.target_tokens) == best


def test_the_record_is_that_of_the_path_and_what_followed_it(tiny_translator):
    run = tree_of(tiny_translator)
    for at in nodes_to_continue(run)[1:30:4]:
        node = run.beam.search.nodes[at]
        continued = run.continued_from(at)
        trace = continued.finish()
        found = continued.beam.search.hypotheses[0]
        assert found.tokens[: node.step] == node.tokens
        steps = [*run.beam.read, *tiny_translator.written(node), *tiny_translator.written(found)[node.step :]]
        assert_same_numbers(trace, tiny_translator.gather(run.source, steps))
        assert found.total == pytest.approx(np.log(trace.probabilities.astype(float)).sum(), abs=1e-4)
        assert found.score == pytest.approx(found.total / ((5 + found.step) / 6) ** 0.6, rel=1e-12)


def test_going_on_from_the_root_is_the_search_again(tiny_translator):
    run = tree_of(tiny_translator)
    assert_same_numbers(run.continued_from(0).finish(), run.trace)
    assert_same_numbers(run.continued_from(0, 1).finish(), tiny_translator.translate(SENTENCE))


def test_a_search_goes_on_with_the_interventions_it_was_made_with(tiny_translator):
    edits = (Intervention("forget_gate", value=0.0, units=(1, 2), first=1), Intervention("cell_state", units=(3,)))
    run = tree_of(tiny_translator, interventions=edits)
    at = nodes_to_continue(run)[9]
    trace, expected = run.continued_from(at, 1).finish(), forced(run, at, edits)
    assert_same_numbers(trace, expected)
    assert trace.decoder[0].cell_edit.tobytes() == expected.decoder[0].cell_edit.tobytes() != b""
    plain = tree_of(tiny_translator).beam.search.nodes[at]
    assert run.beam.search.nodes[at].total != plain.total


# --- what it does not compute


def test_nothing_that_led_to_the_node_is_computed_again_and_the_search_stays_as_it_was(tiny_translator, monkeypatch):
    run = tree_of(tiny_translator)
    nodes = run.beam.search.nodes
    before = [(node.fate, node.reading, node.total) for node in nodes], run.computed, run.seconds
    counted, step = [], LSTMLayer.step
    monkeypatch.setattr(LSTMLayer, "step", lambda *given, **named: counted.append(1) or step(*given, **named))
    for at in nodes_to_continue(run)[:20]:
        counted.clear()
        continued = run.continued_from(at)
        assert counted == [], "nothing is computed before somebody asks"
        continued.finish()
        was_read = nodes[at].reading is not None
        reads = sum(node.reading is not None for node in continued.beam.search.nodes)
        assert len(counted) == reads - was_read
        assert continued.computed == run.computed + len(counted)
    assert ([(node.fate, node.reading, node.total) for node in nodes], run.computed, run.seconds) == before


def test_the_steps_known_already_come_at_once_and_the_rest_one_by_one(tiny_translator):
    run = tree_of(tiny_translator)
    at = next(at for at in nodes_to_continue(run) if run.beam.search.nodes[at].step == 3)
    S = len(run.source.tokens)
    greedy = run.continued_from(at, 1)
    assert [type(step) for step in greedy.steps] == [EncoderStep] * S + [DecoderStep] * 3
    assert greedy.steps[:S] == run.beam.read
    for number in range(S + 3, S + 6):
        greedy.step(number)
        assert len(greedy.steps) == number + 1
    positions = [step.position for step in greedy.steps[S:]]
    assert positions == list(range(6))
    assert all(one.token == other.token_read for one, other in pairwise(greedy.steps[S:]))
    beam = run.continued_from(at, 2)
    beam.finish()
    kinds = [type(step) for step in beam.steps[S + 3 :]]
    searched = kinds.count(SearchStep)
    assert kinds == [SearchStep] * searched + [DecoderStep] * (len(kinds) - searched)
    assert searched > 0


def test_the_same_node_is_the_same_run_and_the_route_knows_it(tiny_translator):
    run = tree_of(tiny_translator)
    at = nodes_to_continue(run)[8]
    continued = run.continued_from(at)
    assert run.continued_from(at) is continued is find(continued.id) is run.continued_from(at, 3)
    assert run.continued_from(at, 1) is not continued
    stream = TestClient(Starlette(routes=route.routes)).get(f"/live/{continued.id}").content
    sent = []
    while stream:
        text, body = struct.unpack_from("<II", stream)
        if b'"kind": "step", "part": 1' in stream[8 : 8 + text]:
            sent.append(np.frombuffer(stream[8 + text : 8 + text + body], "<f4"))
        stream = stream[8 + text + body :]
    layer, H = continued.trace.decoder[-1], continued.trace.context.shape[1]
    assert len(sent) == len(continued.trace.target_tokens)
    for row, numbers in enumerate(sent):
        expected = np.concatenate([getattr(layer, quantity)[row] for quantity in QUANTITIES])
        assert numbers[: 6 * H].tobytes() == expected.astype("<f4").tobytes()


def test_only_the_newest_continuations_are_kept_and_those_looked_at_again_count_as_new(tiny_translator, monkeypatch):
    monkeypatch.setattr(runs, "MOST_CONTINUED", 3)
    run = tree_of(tiny_translator)
    first, *others = nodes_to_continue(run)[:5]
    kept = run.continued_from(first)
    second = run.continued_from(others[0])
    for at in others[1:]:
        run.continued_from(at)
        assert run.continued_from(first) is kept
    assert run.continued_from(others[0]) is not second


def test_another_hypothesis_of_a_continuation_can_be_looked_at(tiny_translator):
    run = tree_of(tiny_translator)
    continued = run.continued_from(nodes_to_continue(run)[6])
    continued.finish()
    second = continued.looking_at(2)
    assert second.trace.target_tokens == continued.beam.trace(continued.beam.search.hypotheses[1]).target_tokens
    assert second.computed == continued.computed


# --- what it refuses


def test_nothing_follows_an_end_mark(tiny_translator, english_sentences):
    run = tree_of(tiny_translator, english_sentences[3])
    end = tiny_translator.target_vocabulary.end_id
    ended = [at for at, node in enumerate(run.beam.search.nodes) if node.parent and node.token == end]
    assert {run.beam.search.nodes[at].fate.status for at in ended} >= {"dropped", "finished"}
    for at in ended:
        with pytest.raises(NodeError, match=f"Node {at} is an end mark: nothing can follow it."):
            run.continued_from(at)


def test_nothing_follows_the_length_limit():
    run = tree_of(load_translator("bn", name="untrained"), "Go.", 2)
    last = [at for at, node in enumerate(run.beam.search.nodes) if node.step == LIMIT]
    assert last
    with pytest.raises(NodeError, match=f"Node {last[0]} is at the length limit of 60 tokens"):
        run.continued_from(last[0])
    before = next(at for at, node in enumerate(run.beam.search.nodes) if node.step == LIMIT - 1)
    assert len(run.continued_from(before).finish().target_tokens) == LIMIT


@pytest.mark.parametrize("number", [-1, 10**6])
def test_a_node_that_is_not_there_is_said_to_be_missing(tiny_translator, number):
    run = tree_of(tiny_translator)
    with pytest.raises(NodeError, match=f"no node {number}: its nodes are 0 to {len(run.beam.search.nodes) - 1}"):
        run.continued_from(number)


def test_greedy_search_has_no_tree(tiny_translator):
    with pytest.raises(NodeError, match="keeps no tree"):
        tree_of(tiny_translator, width=1).continued_from(0)


def test_a_search_that_is_not_finished_is_finished_first(tiny_translator):
    run = start(tiny_translator, SENTENCE, 3)
    run.continued_from(1)
    assert run.is_finished
    assert isinstance(run.beam.search, BeamSearch)
