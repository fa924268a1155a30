"""Two runs are paired step for step or token for token, and their differences are those of their own numbers."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from models.analysis.alignment import aligned
from models.analysis.comparison import (
    By,
    Divergence,
    check_sizes,
    difference,
    distances,
    first_divergence,
    largest_difference,
    most_different,
    paired,
    pairs_of_tokens,
)
from models.recurrent.trace import QUANTITIES, AffineMaps, LSTMTrace
from models.translation.interventions import Intervention
from models.translation.record import TranslationTrace

SHORT, LONG = "the cat sat", "the dog sat on the mat"


@pytest.fixture(scope="module")
def tiny(build_tiny):
    return build_tiny(layers=2, dtype="float64").translator


@pytest.fixture(scope="module")
def a(tiny) -> TranslationTrace:
    return tiny.translate(SHORT)


@pytest.fixture(scope="module")
def b(tiny) -> TranslationTrace:
    return tiny.translate(LONG)


def value(run: TranslationTrace, quantity: str, column: int, unit: int, layer: int) -> float:
    S = len(run.source_tokens)
    trace, step = (run.encoder[layer], column) if column < S else (run.decoder[layer], column - S)
    return float(getattr(trace, quantity)[step, unit])


def expected_difference(a, b, quantity, pairs, unit, layer) -> list[float]:
    """Cell by cell, without arrays."""
    return [
        np.nan if None in pair else value(b, quantity, pair[1], unit, layer) - value(a, quantity, pair[0], unit, layer)
        for pair in pairs
    ]


@pytest.mark.parametrize("by", ["step", "token"])
def test_every_step_of_both_runs_is_in_one_pair_in_order_and_encoder_pairs_come_first(a, b, by: By):
    pairs = paired(a, b, by)
    for at, run in enumerate((a, b)):
        own = [pair[at] for pair in pairs if pair[at] is not None]
        assert own == list(range(len(run.source_tokens) + len(run.target_tokens)))
    sides = [
        {column < len(run.source_tokens) for column, run in zip(pair, (a, b), strict=True) if column is not None}
        for pair in pairs
    ]
    assert all(len(side) == 1 for side in sides)  # never across the sides
    assert sides == sorted(sides, key=lambda side: side != {True})
    assert (None, None) not in pairs


def test_by_step_pairs_step_k_with_step_k_of_the_same_side(a, b):
    S, S_b = len(a.source_tokens), len(b.source_tokens)
    for one, two in paired(a, b, "step"):
        if one is not None and two is not None:
            assert (one, two) == (two, two) if two < S_b and one < S else one - S == two - S_b


def test_by_token_pairs_the_same_words_and_leaves_gaps_where_words_were_put_in(a, b):
    pairs = [pair for pair in paired(a, b, "token") if (pair[0] or 0) < len(a.source_tokens)]
    tokens = [
        (a.source_tokens[one], b.source_tokens[two]) for one, two in pairs[: len(b.source_tokens)] if one is not None
    ]
    assert sum(one == two for one, two in tokens) > sum(map(np.equal, a.source_tokens, b.source_tokens))
    assert any(one is None for one, _ in pairs)


def test_the_same_run_is_paired_with_itself_and_differs_nowhere(a):
    for by in ("step", "token"):
        pairs = paired(a, a, by)
        assert pairs == tuple((at, at) for at in range(len(pairs)))
        assert first_divergence(a, a, pairs) == Divergence(None, None, None)
        assert {largest_difference(a, a, quantity, pairs) for quantity in QUANTITIES} == {0}
        assert all(most_different(a, a, quantity, pairs) is None for quantity in QUANTITIES)


@pytest.mark.parametrize(("by", "layer"), [*product(["step", "token"], [0, 1])])
def test_differences_distances_and_extremes_are_those_of_the_recorded_numbers(a, b, by, layer):
    pairs = paired(a, b, by)
    assert any(None in pair for pair in pairs)
    for quantity in QUANTITIES:
        apart = np.array([expected_difference(a, b, quantity, pairs, unit, layer) for unit in range(6)]).T
        np.testing.assert_array_equal(difference(a, b, quantity, pairs, layer), apart)
        lengths = [np.nan if None in pair else sum(x * x for x in row) ** 0.5 for pair, row in zip(pairs, apart)]
        np.testing.assert_allclose(distances(a, b, quantity, pairs, layer), lengths)
        sizes = {(p, u): abs(x) for (p, u), x in np.ndenumerate(apart) if x == x}
        place = max(sizes, key=sizes.get)
        found = most_different(a, b, quantity, pairs, layer)
        assert (found.pair, found.unit) == place
        assert (found.a, found.b) == tuple(
            value(run, quantity, column, found.unit, layer)
            for run, column in zip((a, b), pairs[found.pair], strict=True)
        )
        assert largest_difference(a, b, quantity, pairs, layer) == sizes[place]


def test_by_token_aligns_what_was_written_too(a, tiny):
    other = tiny.translate(LONG)
    S, S_b = len(a.source_tokens), len(other.source_tokens)
    written = [pair for pair in paired(a, other, "token") if (pair[0] or 0) >= S or (pair[1] or 0) >= S_b]
    expected = aligned(a.target_tokens, other.target_tokens)
    assert [(one and one - S, two and two - S_b) for one, two in written] == expected
    shorter = replaced_target(a, 1)
    pairs = paired(a, shorter, "token")
    assert pairs[S : S + 2] == ((S, None), (S + 1, S))  # the first token is missing in B, not the last


def replaced_target(run: TranslationTrace, first: int) -> TranslationTrace:
    """The run without the first tokens that it wrote."""
    cut = {name: getattr(run, name)[first:] for name in (
        "target_tokens", "probabilities", "candidates", "attention", "attention_scores", "context", "logits",
    )}  # fmt: skip
    return replace(run, decoder=[without(trace, first) for trace in run.decoder], **cut)


def without(trace: LSTMTrace, first: int) -> LSTMTrace:
    parts = {name: getattr(trace, name)[first:] for name in ("tokens", *QUANTITIES)}
    maps = {name: AffineMaps(getattr(trace, name).packed[first:]) for name in ("input_part", "memory_part")}
    return replace(trace, **parts, **maps)


def test_differences_of_single_precision_are_not_rounded_again(tiny_translator):
    one, two = tiny_translator.translate(SHORT), tiny_translator.translate(LONG)
    pairs = paired(one, two, "step")[: len(one.source_tokens)]
    cells = [run.encoder[0].cell_state[: len(pairs)] for run in (one, two)]
    assert cells[0].dtype == np.float32
    exact = np.array([[float(y) - float(x) for x, y in zip(*rows, strict=True)] for rows in zip(*cells, strict=True)])
    np.testing.assert_array_equal(difference(one, two, "cell_state", pairs), exact)
    assert (exact != cells[1] - cells[0]).any()


@pytest.mark.parametrize("layer", [0, 1])
@pytest.mark.parametrize(("quantity", "tiny_change"), [("forget_gate", 0.25), ("hidden_state", 1e-13)])
def test_the_runs_part_where_the_first_number_was_changed(tiny, a, quantity, layer, tiny_change):
    edit = Intervention(quantity, "add", "encoder", layer, units=(4,), first=2, value=tiny_change)
    changed = tiny.translate(SHORT, [edit])
    found = first_divergence(a, changed, paired(a, changed, "step"))
    assert found.numbers == 2
    assert found.beyond_rounding == (2 if tiny_change == 0.25 else None)


def test_a_number_that_differs_in_its_last_bit_only_differs(a):
    column = len(a.source_tokens) + 1
    cells = a.decoder[1].candidate.copy()
    cells[1, 3] = np.nextafter(cells[1, 3], 2)
    other = replace(a, decoder=[a.decoder[0], replace(a.decoder[1], candidate=cells)])
    assert first_divergence(a, other, paired(a, other, "token")) == Divergence(column, None, None)


def test_tokens_part_where_another_is_read_or_written_or_only_one_run_has_one(tiny, a):
    pairs = paired(a, a, "step")
    S = len(a.source_tokens)
    other = replace(a, target_tokens=(*a.target_tokens[:1], "▁other", *a.target_tokens[2:]))
    assert first_divergence(a, other, pairs) == Divergence(None, S + 1, None)
    other = replace(a, source_tokens=(*a.source_tokens[:2], "▁other", *a.source_tokens[3:]))
    assert first_divergence(a, other, pairs) == Divergence(None, 2, None)
    assert first_divergence(a, a, [*pairs, (None, len(pairs) - 1)]) == Divergence(None, len(pairs), None)


def test_runs_of_networks_of_other_sizes_are_refused_in_words(a, build_tiny):
    other = build_tiny(layers=1, dtype="float64").translator.translate(SHORT)
    with pytest.raises(ValueError, match=r"network of A has 2 layers and that of B 1: their numbers"):
        paired(a, other, "step")
    with pytest.raises(ValueError, match=r"network of A has 256 units and that of B 128: their numbers"):
        check_sizes(256, 128, 1, 1)
    with pytest.raises(ValueError, match="unknown pairing 'word'; known are step, token"):
        pairs_of_tokens(["a"], ["a"], "word")
