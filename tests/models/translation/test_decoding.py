"""Beam search against brute force, greedy search and torch; what it dropped is kept with the true reason."""

import math
from dataclasses import dataclass
from functools import cache
from itertools import product

import numpy as np
import pytest
import torch

from models.recurrent import lstm
from models.recurrent.trace import QUANTITIES
from models.translation.decoding import CANDIDATES, WIDEST, BeamSearch, Node, greedy, length_penalty
from models.translation.translator import MAX_TARGET_TOKENS, EncoderStep, Translator

START, END = 9, 0
SENTENCES = ("the cat sat", "Run!", "Where is the cat?", "Tom doesn't like dogs.", "<dog> 猫")
EVERYDAY = (
    "She is reading a book.", "Where did you buy this book?", "Help!", "I am here.", "Tom is tall.",
    "If it rains, I will stay at home.", "The cat is sleeping under the table.", "I like rice and fish.",
    "When I was a child, I lived in a small village.", "I have known her since 2010.", "Go.", "Open the door, please.",
    "My mother is cooking.", "What is your name?", "How old is your brother?", "It is very cold today.",
    "He did not come to school yesterday.", "We will meet you at the station.", "Zebras xerox quokkas.", "猫",
    "Do you know this man?", "Give me a glass of water.", "The train was late again.", "Nobody knows the answer.",
    "I can't find my keys.", "The sun is shining.", "He sold his house and moved to another town.", "1 2 3",
    "Don't touch that!", "Why are you laughing?",
)  # fmt: skip


@dataclass(frozen=True)
class Given:
    """A step function without a network: what follows a prefix was drawn once, and is looked up."""

    state: tuple[int, ...]  # all tokens read so far
    ranking: list[int]
    log_probabilities: list[float]


@cache
def following(prefix: tuple[int, ...], seed: int, tokens: int, sharpness: float = 1.0) -> np.ndarray:
    """Log-probabilities of the tokens after a prefix."""
    scores = sharpness * np.random.default_rng([seed, *prefix]).normal(size=tokens)
    return scores - np.log(np.exp(scores).sum())


def step_function(seed: int, tokens: int, sharpness: float = 1.0, calls: list | None = None):
    def read(token, state):
        if calls is not None:
            calls.append((*state, token))
        values = following((*state, token), seed, tokens, sharpness)
        ranking = sorted(range(tokens), key=lambda number: -values[number])
        return Given((*state, token), ranking, [float(values[number]) for number in ranking])

    return read


def search(seed: int, tokens: int, width: int, limit: int, **how) -> BeamSearch:
    alpha = {"alpha": how.pop("alpha")} if "alpha" in how else {}
    return BeamSearch(step_function(seed, tokens, **how), Node(START, None, ()), END, width, limit, **alpha)


def every_translation(seed: int, tokens: int, limit: int, begin: tuple[int, ...] = ()) -> dict[tuple[int, ...], float]:
    """All sequences that end within the limit, and those cut off by it, with their log-probabilities."""
    found = {}
    for length in range(len(begin) + 1, limit + 1):
        for rest in product(range(tokens), repeat=length - len(begin)):
            sequence = (*begin, *rest)
            if END in sequence[:-1] or (sequence[-1] != END and length < limit):
                continue
            found[sequence] = sum(
                following((START, *sequence[:at]), seed, tokens)[token] for at, token in enumerate(sequence)
            )
    return found


def score_of(total: float, length: int) -> float:
    return total / ((5 + length) / 6) ** 0.6


def greedy_ids(translator: Translator, sentence: str) -> tuple[int, ...]:
    return tuple(translator.target_vocabulary[token] for token in translator.translate(sentence).target_tokens)


@pytest.fixture
def one_thread():
    """For many small products of torch: threads would wait for each other most of the time."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


# --- brute force


@pytest.mark.parametrize("seed", range(8))
def test_a_beam_as_wide_as_all_there_is_finds_the_best_of_all_translations_in_order(seed):
    tokens, limit = 3, 4
    done = search(seed, tokens, width=81, limit=limit).finish()
    everything = every_translation(seed, tokens, limit)
    ended = sorted((s for s in everything if s[-1] == END), key=lambda s: -score_of(everything[s], len(s)))
    cut_off = sorted((s for s in everything if s[-1] != END), key=lambda s: -score_of(everything[s], len(s)))
    assert [node.tokens for node in done.hypotheses] == ended + cut_off
    for node in done.hypotheses:
        assert node.total == pytest.approx(everything[node.tokens], abs=1e-12)
        assert node.score == pytest.approx(score_of(everything[node.tokens], len(node.tokens)), abs=1e-12)
    assert {node.fate.status for node in done.hypotheses[: len(ended)]} == {"finished"}
    assert {node.fate.status for node in done.hypotheses[len(ended) :]} == {"cut off"}


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("width", [1, 2, 4])
def test_each_step_keeps_the_best_continuations_of_those_alive(seed, width):
    """The same search, written down as one sorted list a step."""
    tokens, limit = 4, 5
    ours = search(seed, tokens, width, limit)
    alive, finished = [((), 0.0)], []
    for step in ours.steps():
        grown = [
            ((*prefix, token), total + following((START, *prefix), seed, tokens)[token])
            for prefix, total in alive
            for token in range(tokens)
        ]
        best = sorted(grown, key=lambda pair: -pair[1])[:width]
        assert [node.tokens for node in step.kept] == [prefix for prefix, _ in best]
        finished += [(prefix, score_of(total, len(prefix))) for prefix, total in best if prefix[-1] == END]
        finished = sorted(finished, key=lambda pair: -pair[1])[:width]
        alive = [(prefix, total) for prefix, total in best if prefix[-1] != END]
        if len(finished) == width:
            alive = [(prefix, total) for prefix, total in alive if total / (10 / 6) ** 0.6 > finished[-1][1]]
        assert [node.tokens for node in ours.finished] == [prefix for prefix, _ in finished]
        if step.step < limit:
            assert [node.tokens for node in ours.alive] == [prefix for prefix, _ in alive]


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("alpha", [0.6, 1.0, 0.0])
def test_what_was_given_up_could_not_have_won(seed, alpha):
    tokens, limit, width = 3, 6, 2
    done = search(seed, tokens, width, limit, alpha=alpha).finish()
    given_up = [node for node in done.dropped if node.fate.cause == "hopeless"]
    last = done.finished[-1].score if len(done.finished) == width else -math.inf
    for node in given_up:
        for sequence, total in every_translation(seed, tokens, limit, node.tokens).items():
            assert total / length_penalty(len(sequence), alpha) <= last + 1e-12


def test_hypotheses_are_given_up_at_all():
    causes = {node.fate.cause for seed in range(12) for node in search(seed, 3, 2, 6).finish().dropped}
    assert causes == {"outside", "worse end", "hopeless", "length limit"}


# --- the rules


def test_scores_are_normalised_by_the_penalty_of_wu_et_al():
    assert length_penalty(1) == 1
    assert length_penalty(7) == pytest.approx(2**0.6)
    assert length_penalty(13, 1.0) == pytest.approx(3)
    assert length_penalty(40, 0.0) == 1


@pytest.mark.parametrize("seed", range(6))
def test_every_dropped_token_has_a_true_reason(seed):
    width = 3
    ours = search(seed, 6, width, 6)
    for step in ours.steps():
        for node in step.dropped:
            fate = node.fate
            assert (fate.status, fate.step) == ("dropped", step.step)
            if fate.cause == "outside":
                assert node.step == step.step
                assert fate.score == node.score <= fate.against == step.kept[-1].score
                assert f"outside the 3 best at step {step.step}" in fate.reason
                assert f"{node.score:.4f}" in fate.reason
            elif fate.cause == "worse end":
                assert node.token == END
                assert fate.score == node.score <= fate.against == ours.finished[-1].score
            elif fate.cause == "hopeless":
                assert fate.score == pytest.approx(node.total / length_penalty(6))
                assert fate.score <= fate.against == ours.finished[-1].score
            else:
                assert step.step == 6
                assert "within 6 tokens" in fate.reason
    kept = {*ours.hypotheses, *ours.dropped}
    survived = {node for node in ours.nodes if node.fate.status == "alive"}
    assert survived == {node for node in ours.nodes if node.reading is not None}, "read on, and left to its children"
    assert kept | survived == set(ours.nodes)
    assert not kept & survived
    assert all(node.fate.reason == "" for node in (*survived, *ours.hypotheses))


@pytest.mark.parametrize("seed", range(4))
def test_the_tree_knows_parents_steps_ranks_and_sums(seed):
    ours = search(seed, 6, 2, 5).finish()
    for node in ours.nodes[1:]:
        values = following((START, *node.tokens[:-1]), seed, 6)
        assert node.step == len(node.tokens) == node.parent.step + 1
        assert node.log_probability == pytest.approx(values[node.token])
        assert node.rank == int((values > values[node.token]).sum())
        assert node.total == pytest.approx(node.parent.total + node.log_probability)
    for parent in (node for node in ours.nodes if node.reading is not None):
        children = [node for node in ours.nodes if node.parent is parent]
        assert [node.rank for node in children] == list(range(CANDIDATES)), "listed beyond the width of the beam"
    assert [node for node in ours.nodes if node.parent is None] == [ours.root]


def test_ties_go_to_the_better_hypothesis_and_then_to_the_token_that_ranks_first():
    even = Given((), [3, 1, 2, END], [math.log(0.25)] * 4)
    ours = BeamSearch(lambda token, state: even, Node(START, None, ()), END, 2, 3)
    first, second, third = ours.steps()
    assert [node.tokens for node in first.kept] == [(3,), (1,)]
    assert [node.tokens for node in second.kept] == [(3, 3), (3, 1)]
    assert [node.tokens for node in third.kept] == [(3, 3, 3), (3, 3, 1)]


def test_a_step_is_computed_only_when_it_is_asked_for():
    calls = []
    ours = search(3, 5, 2, 6, calls=calls)
    steps = ours.steps()
    assert calls == []
    read = 0
    for step in steps:
        read += len(step.read)
        assert len(calls) == read
    assert read > 4
    assert len(set(calls)) == len(calls), "nothing is read twice"


def test_a_stopped_search_stays_where_it_is_and_can_go_on():
    whole, halved = search(1, 5, 2, 6).finish(), search(1, 5, 2, 6)
    next(halved.steps())
    assert 0 < len(halved.nodes) < len(whole.nodes)
    assert halved.hypotheses == halved.alive
    halved.finish()
    assert [node.tokens for node in halved.nodes] == [node.tokens for node in whole.nodes]
    assert [node.fate for node in halved.nodes] == [node.fate for node in whole.nodes]


@pytest.mark.parametrize("seed", range(6))
def test_a_search_goes_on_from_a_dropped_hypothesis_as_if_nothing_else_had_been(seed):
    ours = search(seed, 5, 2, 5).finish()
    before = [(node, node.fate) for node in ours.nodes]
    open_ended = [node for node in ours.dropped if node.token != END and node.step < 5]
    assert open_ended
    for node in open_ended:
        assert node.state == node.parent.reading.state
        on = ours.continued(node, 1).finish()
        (found,) = on.hypotheses
        expected, total = node.tokens, node.total
        while expected[-1] != END and len(expected) < 5:
            values = following((START, *expected), seed, 5)
            expected, total = (*expected, int(values.argmax())), total + values.max()
        assert found.tokens == expected
        assert found.total == pytest.approx(total)
    assert [(node, node.fate) for node in ours.nodes] == before


def test_nothing_follows_an_end_mark_or_the_length_limit_and_no_beam_is_empty():
    ours = search(1, 5, 2, 4).finish()
    for node in ours.hypotheses:
        with pytest.raises(ValueError, match="nothing can follow"):
            ours.continued(node)
    with pytest.raises(ValueError, match="at least 1"):
        search(1, 5, 0, 4)


def test_greedy_search_writes_the_most_probable_token_each_time():
    read = step_function(5, 4)
    written = [token for _, token in greedy(read, (), START, END, 7)]
    prefix = ()
    for token in written:
        assert token == following((START, *prefix), 5, 4).argmax()
        prefix = (*prefix, token)
    assert END not in written[:-1]
    assert len(written) <= 7
    assert len([*greedy(step_function(5, 4), (), START, 99, 7)]) == 7


# --- the translator


@pytest.mark.parametrize("language", ["bn", "mr"])
def test_a_beam_of_one_is_greedy_token_for_token_and_bit_for_bit(build_tiny, english_sentences, language):
    translator = build_tiny(language=language).translator
    for sentence in (*english_sentences, *SENTENCES):
        beam, trace = translator.search(sentence, 1), translator.translate(sentence)
        (best,) = beam.search.hypotheses
        assert best.is_greedy
        assert_same_bits(beam.trace(best), trace)
        assert (best.fate.status == "finished") == trace.is_finished


@pytest.mark.parametrize("language", ["bn", "mr"])
def test_a_beam_of_one_is_greedy_with_the_shipped_weights(shipped_translator, language):
    translator = shipped_translator(language)
    for sentence in EVERYDAY:
        (best,) = translator.search(sentence, 1).search.hypotheses
        assert best.tokens == greedy_ids(translator, sentence)


def assert_same_bits(one, other):
    assert one.target_tokens == other.target_tokens
    assert one.candidates == other.candidates
    for name in ("probabilities", "attention", "attention_scores", "context", "logits"):
        assert np.array_equal(getattr(one, name), getattr(other, name)), name
    for side in ("encoder", "decoder"):
        for layer, same in zip(getattr(one, side), getattr(other, side), strict=True):
            assert layer.tokens == same.tokens
            for name in (*QUANTITIES, "initial_cell_state", "initial_hidden_state"):
                assert np.array_equal(getattr(layer, name), getattr(same, name)), name
            for name in ("input_part", "memory_part"):
                assert np.array_equal(getattr(layer, name).packed, getattr(same, name).packed), name


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("sentence", SENTENCES)
def test_log_probabilities_are_those_of_torch_under_teacher_forcing(
    build_tiny, tiny_vocabularies, one_thread, layers, sentence
):
    tiny = build_tiny(layers=layers)
    beam = tiny.translator.search(sentence, 4)
    network = tiny.network()
    source = torch.tensor([beam.source.ids])
    dropped = beam.search.dropped
    nodes = [*beam.search.hypotheses, *dropped[:: max(1, len(dropped) // 20)]]
    assert len(beam.search.hypotheses) == 4
    for node in nodes:
        read = torch.tensor([[tiny_vocabularies[1].start_id, *node.tokens[:-1]]])
        with torch.no_grad():
            logits = network(source, torch.tensor([source.shape[1]]), read)[0].double()
        given = torch.log_softmax(logits, dim=1)[range(node.step), list(node.tokens)]
        assert node.log_probability == pytest.approx(given[-1].item(), abs=1e-4)
        assert node.total == pytest.approx(given.sum().item(), abs=1e-4 * node.step)
        assert node.score == pytest.approx(score_of(given.sum().item(), node.step), abs=1e-4 * node.step)


@pytest.mark.parametrize("layers", [1, 2])
def test_every_hypothesis_has_a_trace_of_its_own_that_obeys_the_equations(build_tiny, layers):
    translator = build_tiny(layers=layers).translator
    beam = translator.search("I have a cat.", 4)
    nodes = [*beam.search.hypotheses, *beam.search.dropped]
    assert len({node.tokens for node in nodes}) == len(nodes) > 10
    for node in nodes:
        trace = beam.trace(node)
        assert trace.target_tokens == tuple(translator.target_vocabulary.tokens[token] for token in node.tokens)
        assert trace.text == beam.text(node)
        assert trace.is_finished == (node.token == translator.target_vocabulary.end_id)
        assert np.log(trace.probabilities.astype(float)).sum() == pytest.approx(node.total, abs=1e-4)
        for layer in (*trace.encoder, *trace.decoder):
            previous = np.vstack([layer.initial_cell_state, layer.cell_state[:-1]])
            kept, written = layer.forget_gate * previous, layer.input_gate * layer.candidate
            np.testing.assert_allclose(layer.cell_state, kept + written, atol=1e-6)
            np.testing.assert_allclose(layer.hidden_state, layer.output_gate * np.tanh(layer.cell_state), atol=1e-6)
        for layer in trace.decoder:
            assert layer.tokens == ("<s>", *trace.target_tokens[:-1])


def test_a_trace_is_made_of_the_steps_of_the_search_without_computing_again(tiny_translator, monkeypatch):
    beam = tiny_translator.search("the dog ran", 3)
    monkeypatch.setattr(lstm.LSTMLayer, "step", lambda *_: pytest.fail("an LSTM step was computed again"))
    for node in beam.search.hypotheses:
        trace = beam.trace(node)
        for position, written in enumerate(node.path):
            assert np.array_equal(trace.logits[position], written.parent.reading.logits)
            assert np.array_equal(trace.attention[position], written.parent.reading.attention)
            assert np.array_equal(trace.decoder[-1].cell_state[position], written.parent.reading.cell_state)
            assert np.array_equal(trace.decoder[-1].forget_gate[position], written.parent.reading.gates.forget_gate)


def test_results_do_not_depend_on_what_was_searched_before(tiny_translator):
    def found(order):
        return {
            sentence: [
                (node.tokens, node.total, node.fate) for node in tiny_translator.search(sentence, 3).search.nodes
            ]
            for sentence in order
        }

    forwards, backwards = found(SENTENCES), found(SENTENCES[::-1])
    assert forwards == backwards


def test_two_searches_that_take_turns_find_what_each_finds_alone(tiny_translator):
    alone = [[node.tokens for node in tiny_translator.search(s, 3).search.nodes] for s in SENTENCES[:2]]
    searches = [tiny_translator.beam_search(list(tiny_translator.read_source(tiny_translator.source(s))), 3)
                for s in SENTENCES[:2]]  # fmt: skip
    running = [each.steps() for each in searches]
    while [step for steps in running if (step := next(steps, None))]:
        pass
    assert [[node.tokens for node in each.nodes] for each in searches] == alone


def test_a_dropped_token_can_be_read_on_demand_and_then_holds_its_state(tiny_translator):
    beam = tiny_translator.search("the cat sat", 3)
    end = tiny_translator.target_vocabulary.end_id
    node = next(node for node in beam.search.dropped if node.token != end and node.reading is None)
    reading = beam.search.read(node)
    assert node.reading is reading is beam.search.read(node)
    states = np.array([step.hidden_state for step in beam.read])
    again = tiny_translator.read_target(states, node.token, node.parent.reading.state)
    assert np.array_equal(reading.logits, again.logits)
    longer = beam.search.continued(node).finish().hypotheses[0]
    assert longer.tokens[: node.step] == node.tokens
    assert beam.trace(longer).target_tokens[: node.step] == beam.trace(node).target_tokens


def test_the_greedy_path_is_greedy_as_far_as_the_beam_followed_it(tiny_translator, english_sentences):
    ends = set()
    for sentence in english_sentences:
        for width in (2, 3):
            found = tiny_translator.search(sentence, width).search
            path, written = found.greedy_path, greedy_ids(tiny_translator, sentence)
            assert path[-1].tokens == written[: len(path)]
            assert path[-1].fate.status in ("dropped", "finished", "cut off")
            ends.add(path[-1].fate.status)
            for node in found.hypotheses:
                assert node.is_greedy == (node.tokens == written)
    assert {"dropped", "finished"} <= ends


def test_a_search_never_writes_more_than_the_limit_and_ranks_what_was_cut_off_last(tiny_translator, english_sentences):
    statuses = []
    for sentence in english_sentences:
        nodes = tiny_translator.search(sentence, 3).search.nodes
        assert max(node.step for node in nodes) <= MAX_TARGET_TOKENS
        found = tiny_translator.search(sentence, 3).search.hypotheses
        assert len(found) == 3
        statuses.append([node.fate.status for node in found])
        assert statuses[-1] == sorted(statuses[-1], reverse=True), "finished before cut off"
        finished = [node.score for node in found if node.fate.status == "finished"]
        assert finished == sorted(finished, reverse=True)
    assert ["finished"] * 3 in statuses


@pytest.mark.parametrize("width", [0, -1, WIDEST + 1])
def test_a_beam_has_one_to_eight_hypotheses(tiny_translator, width):
    with pytest.raises(ValueError, match="expected 1 to 8"):
        tiny_translator.search("the cat sat", width)


def test_the_encoder_is_read_once_for_all_hypotheses(tiny_translator, monkeypatch):
    counted = []
    read = Translator.read_source
    monkeypatch.setattr(Translator, "read_source", lambda self, source: (counted.append(source), read(self, source))[1])
    beam = tiny_translator.search("the cat sat", 5)
    assert len(counted) == 1
    assert all(isinstance(step, EncoderStep) for step in beam.read)
    with pytest.raises(ValueError, match="nothing was written"):
        beam.trace(beam.search.root)
