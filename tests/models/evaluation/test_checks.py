"""Checks that need no judge, on written translations."""

import pytest

from models.evaluation.checks import FIRST_WORDS, gather_checks, has_other_script, is_accepted, read_first_words
from models.evaluation.numbers import number_sentences
from models.translation.checkpoints import ASSETS


@pytest.mark.parametrize(
    ("translation", "accepted", "right"),
    [
        ("নমস্কার।", ["নমস্কার", "হ্যালো"], True), ("হ্যালো!", ["নমস্কার", "হ্যালো"], True), ("নমস্কার", ["নমস্কার।"], True),
        ("নমস্কার জানাই।", ["নমস্কার"], False), (None, ["নমস্কার"], False), ("तू कसा आहेस ?", ["तू कसा आहेस"], True),
    ],
)  # fmt: skip
def test_a_translation_is_accepted_whatever_its_final_mark(translation, accepted, right):
    assert is_accepted(translation, accepted) is right


@pytest.mark.parametrize(
    ("translation", "language", "mixed"),
    [
        ("আমি ভাত খাই।", "bn", False), ("আমি भात খাই।", "bn", True), ("मी भात खातो.", "mr", False),
        ("मी ভাত खातो.", "mr", True), ("मी भात खातो।", "mr", False), ("আমি ভাত খাই॥", "bn", False),
        ("আমি rice খাই।", "bn", False), (None, "bn", False),
    ],
)  # fmt: skip
def test_letters_of_the_other_language_are_found_and_the_danda_is_neithers(translation, language, mixed):
    assert has_other_script(translation, language) is mixed


def test_forty_first_words_ship_with_what_is_right_in_both_languages():
    for language in ("bn", "mr"):
        words = read_first_words(ASSETS / "evaluation" / FIRST_WORDS, language)
        assert len(words) == 40
        assert all(accepted and all(accepted) for accepted in words.values())


def test_everything_is_counted():
    """A translator that writes every number in Bangla figures, and নমস্কার for all else."""

    def translate(english: str) -> str:
        figures = "".join(character for character in english if character.isdigit())
        return "".join(chr(ord("০") + int(figure)) for figure in figures) or "নমস্কার।"

    found = gather_checks(translate, "bn", {"a": "ভাত।", "b": "भात।", "c": None}, {"Hello.": ("নমস্কার",), "12": ("বারো",)})
    assert (found["first_words"]["right"], found["first_words"]["sentences"]) == (1, 2)
    assert [row["right"] for row in found["first_words"]["rows"]] == [True, False]
    asked = [sentence.kind for sentence in number_sentences()]
    for kind, share in found["numbers"].items():
        assert share["sentences"] == asked.count(kind)
        assert share["right"] == (share["sentences"] if kind in ("figures", "years", "prices") else 0)
    assert found["other_language"] == {"mixed": 1, "sentences": 3}
