"""The grammar as a whole: how much it holds, what it never says, and what a broken table ends in."""

import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.evaluation.held_out import read_sample
from models.language.corpus import CorpusError, Pair, read_pairs, read_table
from models.language.grammar.excluded import Excluded, excluded_of
from models.language.grammar.grammar import Grammar, GrammarPairs
from models.language.grammar.lexicon import TABLES, lexicon
from models.language.languages import LANGUAGES
from models.language.neighbours import words_of
from models.learning.material import kept_out, own_pairs

ASSETS = TABLES.parents[1]


def test_it_has_words_and_constructions_enough():
    words = lexicon()
    assert len({noun.english for noun in words.nouns}) >= 700
    assert len(words.verbs) >= 250
    assert len({adjective.english for adjective in words.adjectives}) >= 150
    assert len(words.constructions) >= 150
    assert len(words.phrases) >= 400


def held_out_sentences() -> list[str]:
    everyday = [row["english"] for row in read_table(ASSETS / "evaluation" / "everyday.tsv", ("category", "english"))]
    return everyday + [pair.english for code in LANGUAGES for pair in read_sample(ASSETS, code)]


def test_no_sentence_that_is_tested_on_is_met_nor_one_a_word_away():
    """200,000 samples against patterns with a gap, written as strings: another way than the generator's."""

    def other(words: list[str]) -> set[str]:
        return {" ".join([*words[:at], "*", *words[at + 1 :]]) for at in range(len(words))}

    def one_more(words: list[str]) -> set[str]:
        return {" ".join([*words[:at], "*", *words[at:]]) for at in range(len(words) + 1)}

    tested = [words for sentence in held_out_sentences() if len(words := list(words_of(sentence))) >= 3]
    others = set().union(*map(other, tested))
    longer = set().union(*map(one_more, tested))
    drawn = Grammar().sentences(random.Random(7), excluded_of(kept_out([])))
    distinct = {next(drawn).english for _ in range(200_000)}
    for sentence in distinct:
        words = list(words_of(sentence))
        near = other(words)
        assert not near & others, sentence
        assert not near & longer, sentence
        assert not one_more(words) & others, sentence


@pytest.mark.parametrize(
    ("sentence", "covered"),
    [
        ("The cat is black.", True), ("the CAT is black", True), ("The cat is white.", True), ("The cat is.", True),
        ("The big cat is black.", True), ("The big dog is black.", False), ("A dog is black.", False), ("Hello.", True),
        ("Hello there.", False), ("Goodbye.", False),
    ],
)  # fmt: skip
def test_what_is_one_word_away_is_excluded_and_of_short_sentences_only_they_themselves(sentence, covered):
    assert Excluded(["The cat is black.", "Hello!"]).covers(sentence) is covered


def test_the_same_seed_gives_the_same_pairs_and_each_language_as_many():
    fresh = GrammarPairs(50)
    pairs = fresh(np.random.default_rng(3))
    assert pairs == fresh(np.random.default_rng(3))
    assert pairs != fresh(np.random.default_rng(4))
    assert [sum(pair.language == code for pair in pairs) for code in LANGUAGES] == [50, 50]


def test_a_training_without_the_grammar_draws_nothing_and_leaves_its_random_numbers_as_they_were():
    generator = np.random.default_rng(3)
    assert GrammarPairs(0)(generator) == []
    assert generator.bit_generator.state == np.random.default_rng(3).bit_generator.state


def test_own_sentences_leave_out_what_is_validated_on():
    [pair] = list(read_pairs(ASSETS / "training" / "everyday-1.eng-ben.tsv", "bn"))[5:6]
    assert pair in own_pairs([])
    assert not [own for own in own_pairs([pair]) if own.english == pair.english]


def test_phrases_leave_out_what_is_a_word_away_too_but_for_the_words_a_class_types_first():
    phrase = next(one for one in lexicon().phrases if len(words_of(one.english)) >= 4)
    near = Pair(f"{phrase.english} today", "x", "bn")
    first = Pair("I am really hungry.", "x", "bn")
    own = {pair.english for pair in own_pairs([])}
    without = {pair.english for pair in own_pairs([near, first])}
    assert phrase.english in own - without
    assert "I am hungry." in without


def test_no_phrase_contradicts_itself():
    """One English phrase, one translation: two would teach the network to guess."""
    words = lexicon()
    english = [phrase.english.lower() for phrase in (*words.phrases, *words.first_words)]
    assert len(english) == len(set(english))


def broken(tmp_path: Path, file: str, change) -> Path:
    for table in TABLES.glob("*.tsv"):
        (tmp_path / table.name).write_bytes(table.read_bytes())
    path = tmp_path / file
    path.write_text(change(path.read_text("utf-8")), "utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("file", "change", "message"),
    [
        ("verbs.tsv", lambda text: text.replace("base\t", "verb\t", 1), "line 1: expected the columns base, third"),
        ("adjectives.tsv", lambda text: text + "one\ttwo\n", "expected the columns english, comparative"),
        ("bn_verbs.tsv", lambda text: "\n".join(text.splitlines()[:3]) + "\n", "among the verbs' parts"),
        ("constructions-1-clauses.tsv", lambda text: text + text.splitlines()[1] + "\n", "have the same name"),
    ],
)
def test_a_damaged_table_is_refused_in_words(tmp_path, file, change, message):
    with pytest.raises(CorpusError, match=message):
        lexicon(broken(tmp_path, file, change))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"slots": "N=noun kind"}, "is no slot"), ({"slots": "N=nown kinds=food"}, "is no slot"),
        ({"english": "{N.nothing}."}, "asks for a form"), ({"english": "{N"}, "has a brace"),
        ({"english": "{M}."}, "'M', which there is not"),
        ({"slots": "N=noun kinds=nothing"}, "no noun is of the kinds"),
    ],
)  # fmt: skip
def test_a_construction_that_asks_for_what_there_is_not_is_refused(change, message):
    words = lexicon()
    row = next(row for row in words.constructions if row.name == "this-is")
    words = replace(words, constructions=(replace(row, **change),))
    with pytest.raises(CorpusError, match=message):
        next(Grammar(words).sentences(random.Random(1)))
