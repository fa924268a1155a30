"""Text: one normal form, characters as people count them, and what is refused and why."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.language import text as text_module
from models.language.text import (
    MAX_CODE_POINTS,
    MAX_GRAPHEMES,
    SentenceError,
    checked_sentence,
    graphemes,
    is_visible,
    normalise,
    visible_form,
)

FAMILY, FLAG = "👩‍👩‍👧‍👦", "🇧🇩"
ANY_TEXT = st.text(st.characters(), max_size=60)  # lone surrogates included


def test_text_is_brought_into_normal_form_c():
    assert normalise("cafe\u0301") == "caf\u00e9"
    assert normalise("\u09a1\u09bc") == normalise("\u09dc") == "\u09a1\u09bc"  # ড় decomposes under NFC
    assert normalise("ও\u09afাও") != normalise("ও\u09df\u09beও") == "ও\u09af\u09bc\u09beও"


@settings(max_examples=300)
@given(ANY_TEXT)
def test_normalising_gives_encodable_text_in_normal_form_and_a_second_time_changes_nothing(text):
    once = normalise(text)
    once.encode("utf-8")
    assert unicodedata.is_normalized("NFC", once)
    assert normalise(once) == once
    assert once == once.strip()


@settings(max_examples=300)
@given(ANY_TEXT)
def test_normalising_drops_no_character_but_spaces(text):
    kept = [c for c in unicodedata.normalize("NFD", normalise(text)) if not c.isspace()]
    given_ = [c for c in unicodedata.normalize("NFD", text) if not c.isspace()]
    assert len(kept) >= len(given_)  # an ellipsis becomes three dots, all else stays one for one


def test_quotes_and_dashes_become_those_of_a_keyboard():
    assert normalise("\u201cDon\u2019t\u201d \u2014 wait\u2026") == '"Don\'t" - wait...'


def test_the_mark_of_a_word_start_cannot_be_typed():
    assert normalise("a \u2581b") == "a _b"


@pytest.mark.parametrize("text", ["ﬁne", "½", "ｔｈｅ", "x²", "™"])
def test_forms_that_only_look_alike_stay_apart(text):
    assert normalise(text) == text


@pytest.mark.parametrize("joiner", ["\u200c", "\u200d"])
def test_joiners_stay(joiner):
    assert normalise(f"র{joiner}্যাব") == f"র{joiner}্যাব"


def test_a_lone_surrogate_becomes_a_visible_replacement_character():
    assert normalise("a\ud800b\udfff") == "a\ufffdb\ufffd"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cat", ["c", "a", "t"]),
        (f"{FAMILY}{FLAG}", [FAMILY, FLAG]),
        ("কি", ["কি"]),
        ("e\u0301\u0323x", ["e\u0301\u0323", "x"]),
        ("", []),
    ],
)
def test_characters_are_counted_as_people_see_them(text, expected):
    assert graphemes(text) == expected


@pytest.mark.parametrize(
    "nothing",
    ["", " ", "\t\n\r", "\u00a0\u3000", "\u200b", "\u200b\u200c\u200d\ufeff\u2060", "\x00", "\u00ad", "\u3164\u115f",
     "\ufe0f", "\u2800", "\u202e\u202c", "\u034f", "\ufff9\ufffb"],
    ids=ascii,
)  # fmt: skip
def test_text_without_ink_is_refused(nothing):
    assert not is_visible(nothing)
    with pytest.raises(SentenceError, match="Type a sentence"):
        checked_sentence(nothing)


@pytest.mark.parametrize("something", ["a", ".", "ক", "\ufffd", FAMILY, "\u200bא", "'", "\u0301"], ids=ascii)
def test_text_with_ink_is_accepted(something):
    assert is_visible(something)
    assert checked_sentence(f" {something} ") == normalise(something)


@pytest.mark.parametrize("character", ["a", "কি", FAMILY])
def test_two_hundred_characters_are_accepted_and_one_more_is_refused_with_the_count(character):
    assert len(graphemes(checked_sentence(character * MAX_GRAPHEMES))) == MAX_GRAPHEMES == 200
    with pytest.raises(SentenceError, match=r"\b201 characters.*at most 200\b"):
        checked_sentence(character * (MAX_GRAPHEMES + 1))


def test_ten_thousand_characters_are_refused_with_the_count():
    with pytest.raises(SentenceError, match=r"\b10,000 characters"):
        checked_sentence("x" * 10_000)


def test_one_letter_under_thousands_of_marks_is_refused_with_the_count():
    assert len(graphemes("x" + "\u0301" * 5000)) == 1
    with pytest.raises(SentenceError, match=r"\b5,001 code points.*at most 2,000\b"):
        checked_sentence("x" + "\u0301" * 5000)
    assert checked_sentence("x" + "\u0301" * (MAX_CODE_POINTS - 1))


@pytest.mark.parametrize(
    "typed",
    ["a" + "\u0315" * 20_000 + "\u0300" * 20_000, "\U0001f1e7" * 20_000, "x" * 20_000, "a\u0301 " * 1000],
    ids=["marks that have to be sorted", "halves of flags", "letters", "words"],
)
def test_what_takes_time_squared_is_not_begun_with_a_text_that_is_too_long(monkeypatch, typed):
    worked_on = []
    monkeypatch.setattr(text_module, "normalise", worked_on.append)
    monkeypatch.setattr(text_module, "graphemes", worked_on.append)
    with pytest.raises(SentenceError, match=r"\b\d+,\d+ (characters|code points)"):
        checked_sentence(typed)
    assert worked_on == []


def test_a_text_that_grows_past_the_limit_in_its_normal_form_is_refused_before_its_graphemes_are_counted(monkeypatch):
    grows = "\u0958" * 1500  # two code points each in NFC
    monkeypatch.setattr(text_module, "graphemes", lambda text: pytest.fail(f"{len(text)} code points"))
    with pytest.raises(SentenceError, match=r"\b3,000 code points.*at most 2,000\b"):
        checked_sentence(grows)


def test_spaces_that_are_left_out_do_not_count():
    assert checked_sentence("  the" + " " * 5000 + "cat\n") == "the cat"


@pytest.mark.parametrize("text", ["مرحبا بالعالم", "שלום cat", "the \u202ecat\u202c sat"])
def test_right_to_left_text_stays_in_the_order_it_was_typed(text):
    assert checked_sentence(text) == text


def test_a_character_without_ink_is_shown_by_its_number():
    assert visible_form("\u200b") == "U+200B"
    assert visible_form("\u200d\u200d") == "U+200D U+200D"
    assert visible_form("\ufe0f") == "U+FE0F"
    assert visible_form("é") == "é"
    assert visible_form(FAMILY) == FAMILY
