"""Nearest training sentences: what the hashes say is what comparing with the sentences themselves says."""

import random
import time
from collections import Counter
from functools import cache
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import load_file, save_file

from models.evaluation.evidence import read_sample
from models.language.corpus import Pair, languages_by_english, read_pairs
from models.language.neighbours import (
    GAP,
    LONGEST_FOR_TWO,
    Neighbour,
    build_drawn,
    build_index,
    index_of,
    nearest,
    packed_drawn,
)  # fmt: skip
from models.language.vocabulary import WORD_START
from models.translation.checkpoints import ASSETS, load_index

WORDS = ("a", "b", "c", "d", "e")
NEVER_TRAINED = "z"


def levenshtein(one, other) -> int:
    """Words to insert, delete or replace: the textbook's recursion, nothing of what is tested."""

    @cache
    def between(i, j):
        if not i or not j:
            return i + j
        if one[i - 1] == other[j - 1]:
            return between(i - 1, j - 1)
        return 1 + min(between(i - 1, j), between(i, j - 1), between(i - 1, j - 1))

    return between(len(one), len(other))


@cache
def corpus() -> tuple[str, ...]:
    """150 sentences of one to seven words out of five, so that most have many near ones."""
    generator = random.Random(7)
    return tuple(" ".join(generator.choices(WORDS, k=generator.randint(1, 7))) for _ in range(150))


def index_on(sentences, source):
    """Arrays of an index over sentences that were all trained on in Bangla."""
    return build_index(dict.fromkeys(sentences, ("bn",)), source)


@pytest.fixture(scope="module")
def index(tiny_vocabularies):
    return index_of(index_on(corpus(), tiny_vocabularies[0]))


def closest(sentence: str) -> int:
    return min(levenshtein(tuple(sentence.split()), tuple(trained.split())) for trained in corpus())


sentences = st.lists(st.sampled_from((*WORDS, NEVER_TRAINED)), min_size=1, max_size=9).map(" ".join)


@given(sentences)
def test_distances_are_those_of_comparing_with_every_training_sentence(index, sentence):
    expected = closest(sentence)
    assert index.distance(sentence) == (expected if expected <= 1 else None)
    assert index.contains(sentence) == (expected == 0)


@given(sentences)
def test_the_neighbour_written_out_is_a_nearest_training_sentence(index, sentence):
    expected, found = closest(sentence), nearest(sentence, index, WORDS)
    if expected > 2:
        assert found is None
        return
    assert found.distance == expected
    assert found.sentence in corpus()
    assert levenshtein(tuple(sentence.split()), tuple(found.sentence.split())) == expected


@given(sentences, st.sets(st.sampled_from(WORDS)))
def test_with_a_shorter_list_of_words_a_gap_stands_for_at_most_one_word_that_is_not_in_it(index, sentence, known):
    expected, found = closest(sentence), nearest(sentence, index, known)
    if expected <= 1 or found is not None:
        assert found.distance == expected
        written = found.sentence.split()
        hidden = [
            trained.split()
            for trained in corpus()
            if [word if mark != GAP else GAP for word, mark in zip(trained.split(), written)] == written
            and len(trained.split()) == len(written)
        ]
        assert written.count(GAP) <= 1
        assert hidden, "with a word in the gap it is a training sentence"
        if GAP in written:
            assert all(words[written.index(GAP)] not in known for words in hidden)
            assert min(levenshtein(tuple(sentence.split()), tuple(words)) for words in hidden) == expected


@pytest.mark.parametrize(
    ("trained", "asked", "neighbour"),
    [
        (["she is reading"], "She is reading!", ("she is reading", 0)),
        (["she is reading"], "He is reading.", ("she is reading", 1)),
        (["she is reading"], "She is reading now", ("she is reading", 1)),
        (["she is reading"], "is reading", ("she is reading", 1)),
        (["she is reading"], "reading is she", ("she is reading", 2)),
        (["she is reading"], "he is reading now", ("she is reading", 2)),
        (["she is reading"], "she", ("she is reading", 2)),
        (["she is reading"], "she is reading it now", ("she is reading", 2)),
        (["she is reading"], "he was here", None),
        (["she is reading", "go"], "?!", None),
        (["go"], "run", ("go", 1)),
        ([f"he {word} it" for word in ("was", "is", "saw", "made", "read", "ate")], "he does it", ("he ate it", 1)),
        (["now she is reading"], "She is reading now", ("now she is reading", 2)),
        (["don't go"], "Don't go!", ("don't go", 0)),
        (["she is reading"], "", None),
        (["she is reading", "she is"], "she is here", ("she is reading", 1)),  # replaced before left out
        (["she is reading now", "he was reading"], "she is reading", ("she is reading now", 1)),  # nearer first
        (["now she is reading", "he was reading"], "we are reading", ("he was reading", 2)),
        (["i don't know it"], "I don't see it", ("i don't know it", 1)),
        (["don't go"], "Do go", ("don't go", 2)),
        ([], "she is reading", None),
    ],
)
def test_neighbours_by_hand(tiny_vocabularies, trained, asked, neighbour):
    index = index_of(index_on(trained, tiny_vocabularies[0]))
    listed = [WORD_START + word for sentence in trained for word in sentence.split()]
    found = nearest(asked, index, listed)
    assert (found and (found.sentence, found.distance)) == neighbour
    assert nearest(asked, index, reversed(listed)) == found


def test_a_neighbour_without_a_gap_is_shown_before_one_with_a_gap(tiny_vocabularies):
    index = index_of(index_on(["zyx is here", "she is there", "zyx was here"], tiny_vocabularies[0]))
    assert nearest("he is here", index, ["is", "here", "there"]).sentence == f"{GAP} is here"
    assert nearest("she is here", index, ["is", "here", "there"]).sentence == "she is there"
    assert nearest("she was there", index, ["is", "there"]).sentence == "she is there"


def test_at_distance_two_either_of_the_new_words_may_be_the_one_that_is_not_in_the_list(tiny_vocabularies):
    for trained, expected in (
        ("zyx is reading now", f"{GAP} is reading now"),
        ("she is reading zyx", f"she is reading {GAP}"),
        ("zyx was reading", f"{GAP} was reading"),
        ("she zyx reading", f"she {GAP} reading"),
        ("now he is reading zyx", f"now he is reading {GAP}"),
        ("zyx he is reading now", f"{GAP} he is reading now"),
    ):
        index = index_of(index_on([trained], tiny_vocabularies[0]))
        assert nearest("he is reading", index, ["now", "she", "was"]).sentence == expected


def test_what_has_no_word_is_near_nothing(tiny_vocabularies):
    index = index_of(index_on(["go"], tiny_vocabularies[0]))
    assert (index.distance("run"), index.distance("?!"), index.distance("")) == (1, None, None)


def test_a_typed_gap_is_no_word(tiny_vocabularies):
    index = index_of(index_on(["she is here"], tiny_vocabularies[0]))
    assert index.distance(f"she {GAP} here") == 1
    assert not index.contains(f"{GAP} is here")
    assert index.distance("she ● here") == 1


def test_the_index_holds_each_sentence_once_and_how_many_subwords_it_has(tiny_vocabularies):
    source, _ = tiny_vocabularies
    sentences = ["the cat sat", "The cat sat!", "Go.", "...", "I have a cat.", "the dog ran"]
    arrays = index_on(iter(sentences), source)
    assert arrays.keys() == {"sentences", "gapped", "lengths", "languages"}
    index = index_of(arrays)
    distinct = ["the cat sat", "Go.", "I have a cat.", "the dog ran"]
    lengths = [len(source.encode(sentence).ids) for sentence in distinct]
    assert len(index) == 4
    assert len(index.gapped) == 3 + 1 + 4 + 3
    assert index.longest == max(lengths)
    for count in range(-2, max(lengths) + 3):
        assert index.share_longer(count) == np.mean([length > count for length in lengths])


@given(st.lists(st.tuples(st.sampled_from(corpus()[:30]), st.sampled_from(("bn", "mr"))), max_size=30))
def test_each_sentence_is_known_in_the_languages_it_was_translated_to(tiny_vocabularies, pairs):
    trained = languages_by_english(Pair(english, "", language) for english, language in pairs)
    index = index_of(build_index(trained, tiny_vocabularies[0]))
    for sentence in set(corpus()[:30]):
        expected = tuple(code for code in ("bn", "mr") if (sentence, code) in pairs)
        assert index.languages_of(f"{sentence.upper()}!") == expected
        assert index.contains(sentence) == bool(expected)


def test_spellings_of_one_sentence_have_their_languages_together_and_a_neighbour_has_its_own(tiny_vocabularies):
    trained = {"Go home.": ["bn"], "go home": ["mr"], "He is here": ["mr"], "zyx is there": ["mr"], "is there": ["bn"]}
    index = index_of(build_index(trained, tiny_vocabularies[0]))
    assert index.languages_of("GO home!") == ("bn", "mr")
    assert nearest("he is here", index, WORDS).languages == ("mr",)
    assert nearest("she is here", index, ["he"]).languages == ("mr",)
    assert nearest("he is there", index, WORDS) == Neighbour(f"{GAP} is there", 1, ()), "its word is not known"
    assert index.languages_of("?!") == ()


def test_the_shipped_sentences_have_the_languages_of_the_files_they_came_from():
    """What was written for this project has Bangla alone; the cards count the pairs of all."""
    index = load_index(ASSETS)
    own = {pair.english for path in (ASSETS / "training").glob("everyday-*.tsv") for pair in read_pairs(path, "bn")}
    assert all("bn" in index.languages_of(english) for english in own - VALIDATED)
    counts = Counter(index.languages.tolist())
    assert sum(counts.values()) == len(index)
    assert counts[2] > counts[1] > counts[3] > 0, "most of them have Marathi alone"


def test_an_empty_index_knows_nothing(tiny_vocabularies):
    index = index_of(index_on([], tiny_vocabularies[0]))
    assert (len(index), index.longest, index.share_longer(0)) == (0, 0, 0.0)
    assert not index.contains("Go.")
    assert index.distance("Go.") is None


def test_the_same_sentences_in_another_order_give_the_same_arrays(tiny_vocabularies):
    one, other = (index_on(order, tiny_vocabularies[0]) for order in (corpus(), corpus()[::-1]))
    assert all(np.array_equal(one[name], other[name]) for name in one)


def test_a_hash_stays_what_it_was_when_the_shipped_ones_were_made(tiny_vocabularies):
    """blake2b of 8 bytes a word, little-endian, times powers of an odd number, modulo 2**64."""
    import hashlib

    def blake(word):
        return int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "little")

    arrays = index_on(["Go home"], tiny_vocabularies[0])
    base = 0x9E3779B97F4A7C13
    assert arrays["sentences"].tolist() == [(blake("go") + base * blake("home")) % 2**64]
    gapped = [(blake("\u25a2") + base * blake("home")) % 2**64, (blake("go") + base * blake("\u25a2")) % 2**64]
    assert arrays["gapped"].tolist() == sorted(gapped)


def test_what_was_saved_is_what_is_loaded_and_damage_is_refused(tmp_path, tiny_vocabularies):
    path = tmp_path / "seen.safetensors"
    arrays = index_on(corpus(), tiny_vocabularies[0])
    save_file(arrays, path)
    loaded = index_of(load_file(path))
    assert all(np.array_equal(getattr(loaded, name), arrays[name]) for name in arrays)
    for name, damaged in (
        ("sentences", arrays["sentences"][::-1].copy()),
        ("sentences", arrays["sentences"].astype(np.float64)),
        ("sentences", arrays["sentences"][:-1]),
        ("gapped", np.repeat(arrays["gapped"], 2)),
        ("gapped", arrays["gapped"][None]),
        ("lengths", arrays["lengths"] + 1),
        ("lengths", arrays["lengths"].astype(np.int32)),
        ("lengths", arrays["lengths"][None]),
        ("lengths", np.array([-1, len(arrays["sentences"]) + 1])),
        ("languages", arrays["languages"][1:]),
        ("languages", arrays["languages"].astype(np.int64)),
        ("languages", np.zeros_like(arrays["languages"])),
        ("languages", np.full_like(arrays["languages"], 4)),
        ("other", arrays["lengths"]),
    ):
        save_file({**arrays, name: damaged}, path)
        with pytest.raises((ValueError, TypeError)):
            index_of(load_file(path))


def test_a_long_sentence_is_searched_at_distance_one_only(tiny_vocabularies):
    long = [f"w{number}" for number in range(LONGEST_FOR_TWO + 2)]
    index = index_of(index_on([" ".join(long), " ".join(long[:LONGEST_FOR_TWO])], tiny_vocabularies[0]))
    assert nearest(" ".join(["x", *long[1:]]), index, long).distance == 1
    assert nearest(" ".join(["x", "x", *long[2:]]), index, long) is None
    assert nearest(" ".join(["x", "x", *long[2:LONGEST_FOR_TWO]]), index, long).distance == 2


def test_at_distance_two_every_pair_of_places_is_tried(tiny_vocabularies):
    trained = [f"w{number}" for number in range(10)]
    index = index_of(index_on([" ".join(trained)], tiny_vocabularies[0]))
    for listed, gap in permutations(range(10), 2):
        asked = ["x" if place in (listed, gap) else word for place, word in enumerate(trained)]
        expected = [GAP if place == gap else word for place, word in enumerate(trained)]
        assert nearest(" ".join(asked), index, [trained[listed]]).sentence.split() == expected


def test_a_sentence_of_twelve_words_is_searched_within_a_second(tiny_vocabularies):
    listed = [f"w{number}" for number in range(7000)]
    generator = random.Random(3)
    sentences = [" ".join(generator.choices(listed, k=6)) for _ in range(20_000)]
    index = index_of(index_on(sentences, tiny_vocabularies[0]))
    nearest(sentences[0], index, listed)  # hashes the words, once
    asked = " ".join(generator.choices(listed, k=12))
    started = time.process_time()
    assert nearest(asked, index, listed) is None
    assert time.process_time() - started < 1


# Written for training, but also in the validation files, and therefore left out.
VALIDATED = {
    "I'm not thirsty.", "It smells good.", "Give me half.", "Is it still raining?", "My brother is an engineer.",
    "Can you help me?", "Do you believe in God?", "Don't tell my father.", "Don't leave me alone.", "Me too.",
}  # fmt: skip


def test_the_sentences_written_for_training_are_known_and_a_hundred_others_are_not():
    index = load_index(ASSETS)
    own = sorted((ASSETS / "training").glob("everyday-*.tsv"))
    trained = {pair.english for path in own for pair in read_pairs(path, "bn")} - VALIDATED
    unseen = {pair.english for code in ("bn", "mr") for pair in read_sample(ASSETS, code)} | VALIDATED
    assert len(trained) > 2000
    assert len(unseen) > 100
    assert [english for english in trained if not index.contains(english)] == []
    assert [english for english in unseen if index.contains(english)] == []


def test_what_was_drawn_is_known_as_a_whole_and_nothing_near_it(tiny_vocabularies):
    drawn = {"The blue cat eats rice.": {"mr"}, "I see a dog.": {"bn", "mr"}}
    index = index_of(build_index({"I see a dog.": ("bn",)}, tiny_vocabularies[0]) | build_drawn(drawn))
    assert len(index) == 1
    assert index.languages_of("the blue cat eats rice") == ("mr",)
    assert index.languages_of("I see a dog!") == ("bn", "mr")
    assert index.languages_of("The red cat eats rice.") == ()
    assert index.contains("The blue cat eats rice.")
    assert index.distance("The red cat eats rice.") is None
    assert index.distance("I see a cat.") == 1


def test_five_bytes_a_sentence_tell_what_was_drawn_from_what_was_not(tiny_vocabularies):
    generator, listed = random.Random(4), [f"w{number}" for number in range(500)]
    sentences = list(dict.fromkeys(" ".join(generator.choices(listed, k=6)) for _ in range(4000)))
    languages = [("bn",), ("mr",), ("bn", "mr")]
    drawn = {sentence: languages[number % 3] for number, sentence in enumerate(sentences[:2000])}
    arrays = build_drawn(drawn)
    assert sum(values.nbytes for values in arrays.values()) == 5 * len(drawn)
    index = index_of(build_index({"I see a dog.": ("bn",)}, tiny_vocabularies[0]) | arrays)
    assert all(index.languages_of(sentence) == known for sentence, known in drawn.items())
    assert [sentence for sentence in sentences[2000:] if index.languages_of(sentence)] == []


def test_drawn_sentences_that_share_their_bits_share_their_languages():
    same = np.array([5 << 26, (5 << 26) + 1, 6 << 26], np.uint64)  # in the bits that are not kept
    arrays = packed_drawn(same, np.array([1, 2, 1], np.uint8))
    assert (arrays["drawn_rest"] & 3).tolist() == [3, 1]


def test_an_index_without_drawn_sentences_is_one_of_none(tiny_vocabularies):
    arrays = build_index({"I see a dog.": ("bn",)}, tiny_vocabularies[0])
    assert index_of(arrays).languages_of("I see a dog.") == ("bn",)
    with pytest.raises(ValueError, match="32 and 8 bits"):
        index_of({**arrays, "drawn": np.array([1], np.uint64), "drawn_rest": np.array([1], np.uint8)})
    with pytest.raises(ValueError, match="drawn_languages does not say"):
        index_of({**arrays, "drawn": np.array([1], np.uint32), "drawn_rest": np.array([0], np.uint8)})
