"""What is said of two runs follows from their numbers, and the tables hold these numbers."""

from dataclasses import replace

import numpy as np
import pytest

from models.analysis.comparison import Divergence, difference, distances, first_divergence, most_different, paired
from models.recurrent.trace import QUANTITIES
from viz.figures import comparison_captions as said
from viz.figures import theme


@pytest.fixture
def other(made):
    source = ("<to bn>", "▁the", "▁dog", "▁and", "▁the", "<unk>", "▁<", "▁$", "▁on", "</s>")
    return made(5, source=source, target=("▁<script>", "টি", "</s>"))


def test_runs_that_are_the_same_are_said_to_be(run):
    pairs = paired(run, run, "token")
    assert said.divergence_caption(run, run, pairs, first_divergence(run, run, pairs)) == (
        "No number of A and B differs, in any gate or state, wherever both have a step. "
        "Both read and write the same tokens."
    )
    assert said.difference_caption(run, run, "candidate", pairs) == (
        "Difference of candidate, B minus A: none anywhere."
    )
    assert said.largest_caption(run, run, pairs) == "A and B have the same value in every unit, step and quantity."
    assert "Cell state: 0 at every step that both have." in said.distance_caption(run, run, pairs)


def test_it_is_said_where_numbers_and_tokens_part(run):
    cells = run.decoder[0].cell_state.copy()
    cells[2, 3] += 0.5
    other = replace(run, decoder=[replace(run.decoder[0], cell_state=cells), run.decoder[1]])
    other = replace(other, target_tokens=(*run.target_tokens[:3], "▁!", "</s>"))
    pairs = paired(run, other, "step")
    assert said.divergence_caption(run, other, pairs, first_divergence(run, other, pairs)) == (
        "The numbers of A and B are the same to the last bit before decoder step 3, “টি”; from there on they differ. "
        "The tokens first differ at decoder step 4: A writes “$” and B “!”."
    )


def test_a_token_that_one_run_lacks_is_said_to_be_lacking(run, other):
    pairs = paired(run, other, "step")[8:]
    words = said.divergence_caption(run, other, pairs, first_divergence(run, other, pairs))
    assert words.endswith("The tokens first differ at encoder step 9: B reads “on” and A nothing.")


def test_rounding_is_told_from_more(run):
    pairs = paired(run, run, "step")
    words = [said.divergence_caption(run, run, pairs, Divergence(1, None, beyond)) for beyond in (1, None, 3)]
    assert "from there on they differ. Both" in words[0]
    assert "but nowhere by more than 0.00001: no more than rounding does." in words[1]
    assert "at first by no more than 0.00001, as rounding does; by more from encoder step 4, “the” on." in words[2]


@pytest.mark.parametrize("by", ["step", "token"])
@pytest.mark.parametrize("quantity", QUANTITIES)
def test_the_largest_difference_is_named_with_both_values(run, other, quantity, by):
    pairs = paired(run, other, by)
    apart = difference(run, other, quantity, pairs)
    pair, unit = np.unravel_index(np.nanargmax(np.abs(apart)), apart.shape)
    caption = said.difference_caption(run, other, quantity, pairs)
    found = most_different(run, other, quantity, pairs)
    for number in (apart[pair, unit], found.a, found.b):
        assert f"{number:.4f}".replace("-", "−") in caption
    assert f"unit {unit} at " in caption
    assert said.place_of_pair(run, other, pairs, pair) in caption
    gaps = sum(None in pair for pair in pairs)
    assert f"{gaps} of {len(pairs)} columns are steps that only one run has." in caption
    assert caption.startswith(f"Difference of {theme.look(quantity).words}, B minus A: the largest is ")
    assert f"{theme.look(quantity).words} by " in said.largest_caption(run, other, pairs)


def test_the_distance_is_said_at_its_largest_and_at_the_last_step_of_both(run, other):
    pairs = paired(run, other, "step")
    caption = said.distance_caption(run, other, pairs)
    for quantity in ("cell_state", "hidden_state"):
        values = distances(run, other, quantity, pairs)
        assert (
            f"{np.nanmax(values):.2f} at {said.place_of_pair(run, other, pairs, int(np.nanargmax(values)))}" in caption
        )
        assert f"{values[~np.isnan(values)][-1]:.2f} at the last step that both have" in caption


def test_places_say_what_belongs_to_whom(run, other):
    pairs = paired(run, other, "token")
    assert said.place_of_pair(run, run, paired(run, run, "step"), 2) == "encoder step 3, “cat”"
    places = [said.place_of_pair(run, other, pairs, pair) for pair in range(len(pairs))]
    assert "encoder step 4, “the”, of A and encoder step 5, “the”, of B" in places
    assert any("of B alone (A has no such step)" in place for place in places)


@pytest.mark.parametrize("by", ["step", "token"])
def test_the_tables_hold_the_values_of_both_runs_and_their_difference(run, other, by):
    pairs = paired(run, other, by)
    S = {0: 8, 1: 10}
    for pair, (one, two) in enumerate(pairs):
        table = said.pair_table(run, other, pairs, pair, layer=1)
        assert list(table["Unit"]) == list(range(7))
        for quantity in QUANTITIES:
            name = theme.look(quantity).name
            values = []
            for at, (trace, column) in enumerate(((run, one), (other, two))):
                expected = np.full(7, np.nan)
                if column is not None:
                    side, step = ("encoder", column) if column < S[at] else ("decoder", column - S[at])
                    expected = getattr(getattr(trace, side)[1], quantity)[step]
                values.append(expected)
                np.testing.assert_array_equal(table[f"{name} {'AB'[at]}"], expected)
            np.testing.assert_allclose(table[f"{name} B − A"], values[1] - values[0], atol=1e-6)
            of_unit = said.unit_table(run, other, pairs, 5, layer=1)
            np.testing.assert_array_equal(of_unit[f"{name} A"][pair], values[0][5])
            np.testing.assert_array_equal(of_unit[f"{name} B − A"][pair], table[f"{name} B − A"][5])
    table = said.unit_table(run, other, pairs, 5)
    assert len({len(values) for values in table.values()}) == 1
    assert table["Step A"].count("–") == sum(one is None for one, _ in pairs)
    assert [token for token in table["Token B"] if token != "–"][:3] == ["<to bn>", "the", "dog"]
    assert table["Side"] == sorted(table["Side"], reverse=True)


def test_what_there_is_not_is_refused(run, other):
    pairs = paired(run, other, "step")
    with pytest.raises(IndexError, match="no pair of steps 15: there are 0 to 14"):
        said.pair_table(run, other, pairs, 15)
    with pytest.raises(IndexError, match="no unit 7"):
        said.unit_table(run, other, pairs, 7)
