"""Units are matched by what they do, whatever their numbers: checked on copies whose units were moved about."""

from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest

from models.analysis.matching import assigned, cell_states, correlations, exchanged, match_units
from models.recurrent.trace import MAPS, QUANTITIES
from models.translation.translator import Translator

SENTENCES = ("the cat sat", "the dog ran", "Go.", "I have a cat.", "She has a dog.", "We are here.", "He sat here.")


def moved(translator: Translator, order: np.ndarray, signs: np.ndarray) -> Translator:
    """A copy whose unit k does what unit ``order[k]`` did, upside down where ``signs[k]`` is -1; one layer, (H,) each.

    Upside down: candidate, cell state and hidden state change sign, and so does every weight that reads or writes them.
    """
    rows = np.concatenate([number * len(order) + order for number in range(len(MAPS))])
    turned = np.concatenate([signs if name == "candidate" else np.ones_like(signs) for name in MAPS])
    parameters = dict(translator.parameters)
    for side in ("encoder", "decoder"):
        for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
            values = parameters[f"{side}.{name}_l0"][rows]
            values = values * (turned[:, None] if values.ndim == 2 else turned)
            parameters[f"{side}.{name}_l0"] = values[:, order] * signs if name == "weight_hh" else values
    parameters["attention.weight"] = signs[:, None] * parameters["attention.weight"][order][:, order] * signs
    for name in ("readout_hidden.weight", "readout_context.weight"):
        parameters[name] = parameters[name][:, order] * signs
    return Translator.from_parameters(
        translator.language, translator.config, translator.source_vocabulary, translator.target_vocabulary, parameters
    )


@pytest.fixture(scope="module")
def exact(build_tiny) -> Translator:
    return build_tiny(dtype="float64").translator


@pytest.fixture(scope="module")
def order() -> np.ndarray:
    return np.array([3, 0, 5, 1, 2, 4])


@pytest.fixture(scope="module")
def signs() -> np.ndarray:
    return np.array([1.0, -1.0, 1.0, 1.0, -1.0, -1.0])


def sources_of(translator: Translator):
    return [replace(translator, language=code).source(text) for text in SENTENCES for code in ("bn", "mr")]


@pytest.mark.parametrize("upside_down", [False, True])
def test_units_that_change_places_and_sides_give_the_same_translation(exact, order, signs, upside_down):
    signs = signs if upside_down else np.ones(len(order))
    other = moved(exact, order, signs)
    for sentence in SENTENCES:
        one, two = exact.translate(sentence), other.translate(sentence)
        assert one.target_tokens == two.target_tokens
        np.testing.assert_allclose(two.logits, one.logits, atol=1e-9)
        np.testing.assert_allclose(two.attention, one.attention, atol=1e-9)
        for quantity in QUANTITIES:
            turns = signs if quantity in ("candidate", "cell_state", "hidden_state") else 1
            for side in ("encoder", "decoder"):
                mine, its = (getattr(getattr(run, side)[0], quantity) for run in (one, two))
                np.testing.assert_allclose(its, mine[:, order] * turns, atol=1e-9)


def test_matching_finds_the_places_that_units_were_moved_to(exact, order, signs):
    matching = match_units(exact, moved(exact, order, signs), sources_of(exact))
    np.testing.assert_array_equal(order[matching.partners], np.arange(len(order)))
    np.testing.assert_allclose(matching.correlations, signs[matching.partners], atol=1e-9)
    assert np.abs(matching.chance).mean() < np.abs(matching.by_place).mean() < 0.999


def test_a_network_is_its_own_best_match(exact):
    matching = match_units(exact, exact, sources_of(exact))
    np.testing.assert_array_equal(matching.partners, np.arange(6))
    np.testing.assert_allclose(matching.by_number, 1, atol=1e-9)


def test_the_same_seed_gives_the_same_comparison_and_another_seed_another(exact, order, signs):
    other, sources = moved(exact, order, signs), sources_of(exact)
    first, again, third = (match_units(exact, other, sources, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.chance, again.chance)
    np.testing.assert_array_equal(first.by_place, again.by_place)
    assert not np.array_equal(first.chance, third.chance)


def test_correlations_are_those_of_numpy_and_0_where_a_unit_never_changes():
    generator = np.random.default_rng(3)
    a, b = generator.normal(5, 2, (40, 4)), generator.normal(-3, 1, (40, 4))
    b[:, 1] = a[:, 2] * -3 + 1
    np.testing.assert_allclose(correlations(a, b), np.corrcoef(a.T, b.T)[:4, 4:], atol=1e-12)
    b[:, 3] = 0.1
    found = correlations(a, b.astype(np.float32))
    np.testing.assert_array_equal(found[:, 3], 0)
    assert np.isfinite(found).all()


@pytest.mark.parametrize("size", [1, 2, 5, 6])
def test_the_assignment_is_the_best_of_all_that_there_are(size):
    generator = np.random.default_rng(size)
    for _ in range(20):
        found = generator.uniform(-1, 1, (size, size))
        best = max(permutations(range(size)), key=lambda order: sum(abs(found[i, j]) for i, j in enumerate(order)))
        partners, paired = assigned(found)
        assert tuple(partners) == best
        np.testing.assert_array_equal(paired, [found[i, j] for i, j in enumerate(best)])


def test_cell_states_are_those_of_single_translations(exact):
    sources = sources_of(exact)
    recorded = cell_states(exact, sources)
    expected = [
        replace(exact, language=source.tokens[0][4:-1]).translate(source.sentence).encoder[-1].cell_state
        for source in sources
    ]
    assert recorded.shape == (sum(map(len, expected)), 6)
    apart = np.abs(recorded[:, None] - np.concatenate(expected)).max(axis=-1)  # in a batch, sums are added otherwise
    assert apart.min(axis=0).max() < 1e-12
    assert apart.min(axis=1).max() < 1e-12


def test_exchanged_sources_stand_where_one_of_equal_length_and_language_stood(exact):
    sources = sources_of(exact)
    found = exchanged(sources, np.random.default_rng(1))
    assert [(len(each.ids), each.ids[0]) for each in found] == [(len(each.ids), each.ids[0]) for each in sources]
    assert sorted(each.ids for each in found) == sorted(each.ids for each in sources)
    assert [each.ids for each in found] != [each.ids for each in sources]


def test_progress_rises_to_1(exact):
    told: list[float] = []
    match_units(exact, exact, sources_of(exact), progress=told.append)
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1)
    assert all(0 < share <= 1 for share in told)


def test_networks_of_other_sizes_and_no_sentences_are_refused(exact):
    with pytest.raises(ValueError, match="one to one"):
        match_units(exact, replace(exact, config=replace(exact.config, hidden_size=7)), sources_of(exact))
    with pytest.raises(ValueError, match="at least one sentence"):
        match_units(exact, exact, [])
