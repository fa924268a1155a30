"""Orders of the units are permutations with a meaning, and quick."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from models.recurrent.trace import QUANTITIES, AffineMaps
from viz.figures.ordering import unit_order, varied_units


def with_units(translation, numbers):
    """The same run with its units taken in another order, or some of them twice."""

    def taken(trace):
        values = {name: getattr(trace, name)[:, numbers] for name in QUANTITIES}
        maps = {
            name: AffineMaps(getattr(trace, name).packed[..., numbers])
            for name in ("input_part", "memory_part", "bias")
        }
        states = {name: getattr(trace, name)[numbers] for name in ("initial_hidden_state", "initial_cell_state")}
        return replace(trace, **values, **maps, **states)

    return replace(
        translation,
        encoder=[taken(trace) for trace in translation.encoder],
        decoder=[taken(trace) for trace in translation.decoder],
        context=translation.context[:, numbers],
    )


def cell_states(translation, layer=0):
    return np.vstack([translation.encoder[layer].cell_state, translation.decoder[layer].cell_state])


@pytest.mark.parametrize("kind", ["stored", "variance", "similarity"])
@pytest.mark.parametrize("layer", [0, 1])
def test_an_order_has_every_unit_once(made, kind, layer):
    for units in (1, 2, 7, 30):
        order = unit_order(made(units=units), kind, layer)
        assert sorted(order) == list(range(units))


def test_the_stored_order_is_that_of_the_weights(run):
    assert unit_order(run, "stored").tolist() == [0, 1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("layer", [0, 1])
def test_units_whose_cell_state_varies_most_come_first(run, layer):
    variances = []
    for unit in range(7):
        course = [float(value) for value in cell_states(run, layer)[:, unit]]
        mean = sum(course) / len(course)
        variances.append(sum((value - mean) ** 2 for value in course) / len(course))
    assert unit_order(run, "variance", layer).tolist() == sorted(range(7), key=lambda unit: -variances[unit])


def test_units_that_vary_alike_keep_their_stored_order(run):
    copies = with_units(run, [3, 0, 5] * 40)
    order = unit_order(copies, "variance").tolist()
    for kind in range(3):
        assert [unit for unit in order if unit % 3 == kind] == list(range(kind, 120, 3))


def test_units_that_behave_alike_become_neighbours(made):
    original = made(units=6, seed=11)
    order = unit_order(with_units(original, [0, 1, 2, 3, 4, 5] * 5), "similarity")  # each unit five times
    kinds = [int(unit) % 6 for unit in order]
    assert all(kinds[at : at + 5] == [kinds[at]] * 5 for at in range(0, 30, 5))


def test_neighbours_by_similarity_are_more_alike_than_by_chance(made):
    translation = made(units=128, seed=2)

    def likeness(order):
        total = 0
        for quantity in QUANTITIES:
            values = np.vstack([getattr(side[0], quantity) for side in (translation.encoder, translation.decoder)])
            correlations = np.corrcoef(values.T)
            total += np.mean([correlations[a, b] for a, b in pairwise(order)])
        return total / len(QUANTITIES)

    assert likeness(unit_order(translation, "similarity")) > likeness(unit_order(translation, "stored")) + 0.1


def test_similarity_starts_with_the_unit_that_varies_most(run):
    assert unit_order(run, "similarity")[0] == unit_order(run, "variance")[0]


def test_a_constant_course_does_not_disturb_the_order(run):
    for trace in (run.encoder[0], run.decoder[0]):
        for quantity in QUANTITIES:
            getattr(trace, quantity)[:, 2] = 0.25
    with np.errstate(all="raise"):
        assert sorted(unit_order(run, "similarity")) == list(range(7))


def test_an_order_is_the_same_every_time_and_changes_nothing(run, numbers_of):
    before = numbers_of(run)
    for kind in ("variance", "similarity"):
        np.testing.assert_array_equal(unit_order(run, kind), unit_order(run, kind))
    for old, new in zip(before, numbers_of(run), strict=True):
        np.testing.assert_array_equal(old, new)


def test_another_kind_of_order_is_refused(run):
    with pytest.raises(ValueError, match="unknown order 'alphabet'; known are stored, variance, similarity"):
        unit_order(run, "alphabet")


@pytest.mark.parametrize("layer", [0, 1])
def test_the_most_varied_units_are_in_the_order_that_they_would_have_without_all_others(made, layer):
    run = made(units=30)
    varied = varied_units(run, layer)
    assert sorted(varied) == sorted(unit_order(run, "variance", layer)[:16])
    few = with_units(run, by_variance := unit_order(run, "variance", layer)[:16])
    assert varied.tolist() == by_variance[unit_order(few, "similarity", layer)].tolist()
    assert sorted(varied_units(made(units=7), layer)) == list(range(7))
