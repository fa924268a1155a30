"""What the reader has chosen survives the way through the address, and no address breaks it."""

from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.language.languages import LANGUAGES
from models.language.text import one_line
from models.translation.interventions import OF_UNITS, Intervention
from viz.networks import networks
from viz.state import (
    BEAMS,
    IN_ADDRESS,
    LONGEST_ADDRESS,
    LONGEST_GROUP,
    SETS,
    STAGES,
    Level,
    MemoryView,
    Notation,
    Onward,
    Order,
    Pace,
    Selection,
    Units,
    WriteOrder,
    cell_on_view,
    is_past_the_run,
)

numbers = st.none() | st.integers(0, 999_999)
searches = st.sampled_from([(beam, number) for beam in BEAMS for number in BEAMS[:beam]])
interventions = st.lists(
    st.builds(
        Intervention,
        target=st.sampled_from(OF_UNITS),
        kind=st.sampled_from(["set", "scale", "add", "mean"]),
        side=st.sampled_from(["encoder", "decoder"]),
        units=st.lists(st.integers(0, 255), max_size=3).map(tuple),
        first=st.integers(0, 60),
        value=st.floats(-9, 9),
    ),
    max_size=3,
).map(tuple)
selections = st.builds(
    lambda search, **others: Selection(beam=search[0], hypothesis=search[1], **others),
    search=searches,
    network=st.sampled_from(sorted(networks())),
    interventions=interventions,
    b_interventions=interventions,
    b_sentence=st.none() | st.text(max_size=60).map(one_line),
    b_language=st.none() | st.sampled_from(sorted(LANGUAGES)),
    b_network=st.none() | st.sampled_from(sorted(networks())),
    sets=st.sampled_from(SETS),
    seed=st.integers(0, 999_999),
    node=numbers,
    onward=st.sampled_from(get_args(Onward)),
    sentence=st.text(max_size=60).map(one_line),
    language=st.sampled_from(sorted(LANGUAGES)),
    column=numbers,
    pair=numbers,
    unit=numbers,
    order=st.sampled_from(get_args(Order)),
    units=st.sampled_from(get_args(Units)),
    level=st.sampled_from(get_args(Level)),
    pace=st.sampled_from(get_args(Pace)),
    layer=st.integers(0, 9),
    notation=st.sampled_from(get_args(Notation)),
    stage=st.sampled_from(STAGES),
    view=st.sampled_from(get_args(MemoryView)),
    group=st.text(max_size=LONGEST_GROUP).map(one_line),
    low=st.integers(1, 50),
    high=st.integers(51, 99),
    one=numbers,
    other=numbers,
    writes=st.sampled_from(get_args(WriteOrder)),
)
addresses = st.dictionaries(
    st.sampled_from(["sentence", "to", *IN_ADDRESS]) | st.text(max_size=5),
    st.text(max_size=20) | st.sampled_from("0123456") | st.integers().map(str) | st.floats().map(str),
)


@given(selections)
def test_an_address_restores_the_selection_it_was_made_from(chosen):
    assert Selection.from_address(chosen.to_address()) == chosen


@given(addresses)
def test_no_address_is_refused_and_what_makes_sense_in_it_is_kept(address):
    chosen = Selection.from_address(address)
    assert chosen.sentence == one_line(address.get("sentence", Selection().sentence))
    assert chosen.language in LANGUAGES
    assert chosen.order in get_args(Order)
    assert chosen.pace in get_args(Pace)
    assert chosen.column is None or chosen.column >= 0
    assert chosen.unit is None or chosen.unit >= 0
    assert 1 <= chosen.hypothesis <= chosen.beam <= 5
    assert chosen.network in networks()
    assert chosen.notation in get_args(Notation)
    assert chosen.view in get_args(MemoryView)
    assert chosen.writes in get_args(WriteOrder)
    assert chosen.stage in STAGES
    assert chosen.layer >= 0
    assert 1 <= chosen.low <= 50 < chosen.high <= 99
    assert len(chosen.group) <= LONGEST_GROUP
    assert Selection.from_address(chosen.to_address()) == chosen


@pytest.mark.parametrize("text", ["-1", "1.5", "1e3", "", " 1", "٣", "²", "0x1", "None", "1" * 7, "1" * 5000, "nan"])
def test_what_is_no_plain_number_selects_nothing(text):
    chosen = Selection.from_address({"column": text, "pair": text, "unit": text})
    assert (chosen.column, chosen.pair, chosen.unit) == (None, None, None)


@pytest.mark.parametrize(
    "name",
    [
        "to",
        "order",
        "units",
        "level",
        "pace",
        "network",
        "notation",
        "view",
        "writes",
        "onward",
        "b_language",
        "b_network",
    ],
)
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


@pytest.mark.parametrize("name", ["stage", "layer", "low", "high", "beam"])
@pytest.mark.parametrize("text", ["", "-1", "1.5", "x", "٣", "9" * 7])
def test_a_number_that_means_nothing_becomes_the_default(name, text):
    assert Selection.from_address({name: text}) == Selection()


@pytest.mark.parametrize(
    ("name", "text"), [("stage", "5"), ("low", "0"), ("low", "51"), ("high", "50"), ("high", "100")]
)
def test_a_number_out_of_its_range_becomes_the_default(name, text):
    assert Selection.from_address({name: text}) == Selection()


def test_the_cell_on_view_is_the_chosen_one_moved_into_the_run(translation):
    S, T = len(translation.source_tokens), len(translation.target_tokens)
    spread = [
        float(np.vstack([translation.encoder[0].cell_state, translation.decoder[0].cell_state])[:, unit].var())
        for unit in range(6)
    ]
    assert cell_on_view(translation, Selection()) == (S, int(np.argmax(spread)))
    assert cell_on_view(translation, Selection(column=0, unit=0)) == (0, 0)
    assert cell_on_view(translation, Selection(column=9999, unit=9999)) == (S + T - 1, 5)
    assert not is_past_the_run(translation, Selection(column=S + T - 1, unit=5))
    assert is_past_the_run(translation, Selection(column=S + T, unit=5))
    assert is_past_the_run(translation, Selection(column=0, unit=6))
