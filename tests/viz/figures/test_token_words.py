"""What a token is, in words, is said of every token of the shipped vocabularies."""

from models.language.languages import LANGUAGES
from viz.figures.token_words import SPECIAL, meaning


def test_each_special_token_of_the_shipped_vocabularies_has_a_sentence_of_its_own(shipped_translator):
    translator = shipped_translator("bn")
    special = {*translator.source_vocabulary.special, *translator.target_vocabulary.special}
    assert special == set(SPECIAL)
    said = [meaning(token) for token in special]
    assert len(set(said)) == len(said)
    assert all(text[0].isupper() and text.endswith(".") for text in said)
    for code, name in LANGUAGES.items():
        assert f"translate to {name}." in meaning(f"<to {code}>")


def test_any_other_token_begins_a_word_or_continues_one():
    assert meaning("\u2581cat") == "A token that begins a word."
    assert meaning("oon") == "A token that continues the one before."
    assert meaning("<to bn>x") == meaning("oon"), "typed signs are no tag"
