"""What the reader has chosen survives the way through the address, and no address breaks it."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.configuration import LANGUAGES
from viz.state import BEAMS, LONGEST_ADDRESS, Network, Order, Selection

numbers = st.none() | st.integers(0, 999_999)
searches = st.sampled_from([(beam, number) for beam in BEAMS for number in BEAMS[:beam]])
selections = st.builds(
    lambda search, **others: Selection(beam=search[0], hypothesis=search[1], **others),
    search=searches,
    network=st.sampled_from(get_args(Network)),
    sentence=st.text(max_size=60),
    language=st.sampled_from(sorted(LANGUAGES)),
    column=numbers,
    unit=numbers,
    order=st.sampled_from(get_args(Order)),
)
addresses = st.dictionaries(
    st.sampled_from(["sentence", "to", "column", "unit", "order", "other", "beam", "hypothesis", "network"])
    | st.text(max_size=5),
    st.text(max_size=20) | st.sampled_from("0123456") | st.integers().map(str) | st.floats().map(str),
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
    assert 1 <= chosen.hypothesis <= chosen.beam <= 5
    assert chosen.network in get_args(Network)
    assert Selection.from_address(chosen.to_address()) == chosen


@pytest.mark.parametrize("text", ["-1", "1.5", "1e3", "", " 1", "٣", "²", "0x1", "None", "1" * 7, "1" * 5000, "nan"])
def test_what_is_no_plain_number_selects_nothing(text):
    chosen = Selection.from_address({"column": text, "unit": text})
    assert (chosen.column, chosen.unit) == (None, None)


@pytest.mark.parametrize("name", ["to", "order", "network"])
@pytest.mark.parametrize("text", ["", "bn ", "BN", "fr", "Stored", "__class__", "🙂"])
def test_a_language_or_order_that_does_not_exist_becomes_the_default(name, text):
    assert Selection.from_address({name: text}) == Selection()


@pytest.mark.parametrize(("beam", "hypothesis", "kept"), [
    ("99", "2", (1, 1)), ("x", "1", (1, 1)), ("0", "0", (1, 1)), ("3", "77", (3, 1)), ("3", "4", (3, 1)),
    ("3", "3", (3, 3)), ("1", "2", (1, 1)), ("", "2", (1, 1)), ("5", "-1", (5, 1)), ("6", "", (1, 1)),
])  # fmt: skip
def test_a_beam_or_hypothesis_that_cannot_be_becomes_the_default(beam, hypothesis, kept):
    chosen = Selection.from_address({"beam": beam, "hypothesis": hypothesis})
    assert (chosen.beam, chosen.hypothesis) == kept


def test_a_step_of_the_decoder_is_forgotten_and_one_of_the_encoder_is_not():
    chosen = Selection(column=7, unit=3)
    chosen.forget_decoder_step(8)
    assert (chosen.column, chosen.unit) == (7, 3)
    chosen.forget_decoder_step(7)
    assert (chosen.column, chosen.unit) == (None, 3)


def test_the_address_of_the_default_says_only_what_is_translated_into_what():
    assert set(Selection().to_address()) == {"sentence", "to"}


def test_a_sentence_too_long_for_an_address_is_left_out_of_it():
    assert "sentence" in Selection(sentence="a" * LONGEST_ADDRESS).to_address()
    assert "sentence" not in Selection(sentence="a" * (LONGEST_ADDRESS + 1)).to_address()
