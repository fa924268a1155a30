"""What the reader has chosen survives the way through the address, and no address breaks it."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.configuration import LANGUAGES
from viz.state import LONGEST_ADDRESS, Order, Selection

numbers = st.none() | st.integers(0, 999_999)
selections = st.builds(
    Selection,
    sentence=st.text(max_size=60),
    language=st.sampled_from(sorted(LANGUAGES)),
    column=numbers,
    unit=numbers,
    order=st.sampled_from(get_args(Order)),
)
addresses = st.dictionaries(
    st.sampled_from(["sentence", "to", "column", "unit", "order", "other"]) | st.text(max_size=5),
    st.text(max_size=20) | st.integers().map(str) | st.floats().map(str),
)


@given(selections)
def test_an_address_restores_the_selection_it_was_made_from(chosen):
    assert Selection.from_address(chosen.to_address()) == chosen


@given(addresses)
def test_no_address_is_refused_and_what_makes_sense_in_it_is_kept(address):
    chosen = Selection.from_address(address)
    assert chosen.sentence == address.get("sentence", Selection().sentence)
    assert chosen.language in LANGUAGES
    assert chosen.order in get_args(Order)
    assert chosen.column is None or chosen.column >= 0
    assert chosen.unit is None or chosen.unit >= 0
    assert Selection.from_address(chosen.to_address()) == chosen


@pytest.mark.parametrize("text", ["-1", "1.5", "1e3", "", " 1", "٣", "²", "0x1", "None", "1" * 7, "1" * 5000, "nan"])
def test_what_is_no_plain_number_selects_nothing(text):
    chosen = Selection.from_address({"column": text, "unit": text})
    assert (chosen.column, chosen.unit) == (None, None)


@pytest.mark.parametrize("name", ["to", "order"])
@pytest.mark.parametrize("text", ["", "bn ", "BN", "fr", "Stored", "__class__", "🙂"])
def test_a_language_or_order_that_does_not_exist_becomes_the_default(name, text):
    assert Selection.from_address({name: text}) == Selection()


def test_the_address_of_the_default_says_only_what_is_translated_into_what():
    assert set(Selection().to_address()) == {"sentence", "to"}


def test_a_sentence_too_long_for_an_address_is_left_out_of_it():
    assert "sentence" in Selection(sentence="a" * LONGEST_ADDRESS).to_address()
    assert "sentence" not in Selection(sentence="a" * (LONGEST_ADDRESS + 1)).to_address()
