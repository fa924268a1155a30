"""Patterns of written sentences."""

import pytest

from models.evaluation.coverage import covered, pattern, patterns_of_the_grammar


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("The cat sat on the mat.", "the · on the ·"), ("Old Indian elephants sleep.", "·"),
        ("I don't like it!", "i don t like it"), ("Why did you leave?", "why did you ·"), ("", ""),
    ],
)  # fmt: skip
def test_content_is_one_mark_and_function_words_stay(sentence, expected):
    assert " ".join(pattern(sentence)) == expected


def test_a_sentence_is_covered_where_the_grammar_says_something_alike():
    patterns = patterns_of_the_grammar(20_000)
    plain = ["The green bird is very hungry.", "I went to the market yesterday."]
    other = ["Neither he nor I could reach it.", "You had better go before it gets dark, hadn't you?"]
    assert covered([*plain, *other], patterns) == plain
