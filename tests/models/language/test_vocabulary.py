"""Vocabulary: nothing typed is lost, nothing typed is special, and what is learned can be saved."""

import json
import random
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.language.text import graphemes, normalise
from models.language.vocabulary import SPECIAL, WORD_START, Vocabulary, language_tag, learn, shown_token, with_words
from models.translation.checkpoints import ASSETS, TARGET_VOCABULARY, load_vocabulary

FAMILY, FLAGS = "👩‍👩‍👧‍👦", "🇧🇩🇮🇳"
# Characters that have broken tokenizers before, among ordinary ones.
AWKWARD = st.sampled_from([
    *"the cat sat Tom's dog<>_/!.", *"কিক্ষ।", *FAMILY, *FLAGS, *"\u0301\u0323é\u0130ßﬀÅמب1",
    "\x00", "\u200b", "\u200c", "\u200d", "\ufeff", "\u202e", "\u0600", "\ud800", "\u2581", "\u1100", "\u1161",
    "\ufe0f", "\u20e3", "  ", "\t", "<unk>", "<s>", "<pad>",
])  # fmt: skip
SENTENCES = st.one_of(st.lists(AWKWARD, max_size=25).map("".join), st.text(st.characters(), max_size=40))


@pytest.fixture(scope="module")
def source(tiny_vocabularies):
    return tiny_vocabularies[0]


@pytest.fixture(scope="module")
def target(tiny_vocabularies):
    return tiny_vocabularies[1]


@pytest.fixture(scope="module")
def known_joiner():
    """A vocabulary in which a joiner and a combining mark are pieces."""
    return learn(["ক্‍ষ x\u0301"] * 3, 60, alphabet=[*"abc<>", "\u200d", "\u0301", "\ufe0f", WORD_START], lowercase=True)


@pytest.fixture(scope="module")
def spelling(source, english_sentences):
    """A vocabulary that spells every word that is not in the sentences it was learned from."""
    return with_words(source, english_sentences)


@settings(max_examples=400)
@given(typed=SENTENCES)
def test_the_surfaces_put_together_are_the_sentence(source, target, known_joiner, spelling, typed):
    sentence = normalise(typed)
    for vocabulary in (source, target, known_joiner, spelling):
        encoded = vocabulary.encode(sentence)
        assert "".join(encoded.surfaces) == sentence
        assert len(encoded.ids) == len(encoded.pieces) == len(encoded.surfaces)


@settings(max_examples=400)
@given(typed=SENTENCES)
def test_no_typed_text_becomes_a_special_token(source, target, spelling, typed):
    for vocabulary in (source, target, spelling):
        for number, piece in zip(*(lambda e: (e.ids, e.pieces))(vocabulary.encode(normalise(typed))), strict=True):
            assert number == vocabulary.unknown_id or number >= len(vocabulary.special)
            assert vocabulary.tokens[number] == piece


@settings(max_examples=400)
@given(typed=SENTENCES)
def test_each_character_has_at_most_one_unknown_and_no_unknown_has_two_characters(
    source, target, known_joiner, spelling, typed
):
    sentence = normalise(typed)
    for vocabulary in (source, target, known_joiner, spelling):
        encoded = vocabulary.encode(sentence)
        character_at = [n for n, character in enumerate(graphemes(sentence)) for _ in character]
        at, seen = 0, []
        for number, surface in zip(encoded.ids, encoded.surfaces, strict=True):
            if number == vocabulary.unknown_id:
                behind = set(character_at[at : at + len(surface)])
                assert len(behind) == 1, "an <unk> stands for exactly one character"
                seen += behind
            at += len(surface)
        assert len(seen) == len(set(seen)), "one <unk> for one character"


@settings(max_examples=200)
@given(words=st.lists(st.text("abcdefghijklmnopqrstuvwxyz0123456789'<>!?.,()[]{}$&#@_-", min_size=1), max_size=8))
def test_decoding_what_was_encoded_gives_the_text_again(source, words):
    text = " ".join(words)
    assert source.decode(source.encode(text).ids) == text


@settings(max_examples=200)
@given(data=st.data())
def test_decoding_gives_bangla_text_again(target, data):
    letters = sorted({character for piece in target.pieces for character in piece} - {WORD_START})
    text = normalise(" ".join(data.draw(st.lists(st.text(letters, min_size=1), max_size=6))))
    assert target.decode(target.encode(text).ids) == text


def test_the_sentences_it_was_learned_from_come_back(source, target, english_sentences, bangla_sentences):
    for text in english_sentences:
        assert source.decode(source.encode(text).ids) == text.lower()
    for text in map(normalise, bangla_sentences):
        assert target.decode(target.encode(text).ids) == text


def test_upper_and_lower_case_are_read_alike_and_shown_as_typed(source):
    upper, lower = source.encode("THE Cat"), source.encode("the cat")
    assert upper.ids == lower.ids
    assert upper.surfaces == ("THE", " Cat")


@pytest.mark.parametrize("typed", [*SPECIAL, "<to bn>", "<to mr>", "<unk><unk>", "a<s>b"])
def test_a_special_token_typed_literally_is_read_as_ordinary_characters(source, typed):
    encoded = source.encode(typed)
    assert min(encoded.ids) >= len(source.special)
    assert {"<", ">"} <= set(encoded.pieces)
    assert source.decode(encoded.ids) == typed


@pytest.mark.parametrize(
    ("typed", "unknown"),
    [
        (FAMILY, [FAMILY]),
        (f"cat {FAMILY}{FAMILY} sat", [FAMILY, FAMILY]),
        (FLAGS, ["🇧🇩", "🇮🇳"]),
        ("বিড়াল", ["বি", "ড়া", "ল"]),
        ("a\x00b", ["\x00"]),
        ("a\u200bb", ["\u200b"]),
        ("caf\u00e9", ["é"]),
        ("x\u0301\u0323", ["\u0323\u0301"]),  # x is known, its marks are not
        ("\ufffd", ["\ufffd"]),
        ("שלום", list("שלום")),
    ],
    ids=ascii,
)
def test_an_unknown_character_is_one_unknown_token_with_the_character_behind_it(source, typed, unknown):
    encoded = source.encode(normalise(typed))
    unknown_id = source["<unk>"]
    assert [s for n, s in zip(encoded.ids, encoded.surfaces, strict=True) if n == unknown_id] == unknown


def test_a_word_start_that_stands_alone_repeats_no_surface(source):
    for typed, pieces, surfaces in (
        ("<s>", ("▁", "<", "s", ">"), ("", "<", "s", ">")),
        (FAMILY, ("▁", "<unk>"), ("", FAMILY)),
        ("the <s>", ("▁the", "▁", "<", "s", ">"), ("the", " ", "<", "s", ">")),
    ):
        encoded = source.encode(typed)
        assert (encoded.pieces, encoded.surfaces) == (pieces, surfaces)


def test_a_letter_that_lower_case_spells_with_two_code_points_is_read_as_one(source):
    encoded = source.encode("x\u0130")  # İ, in lower case i and a dot above it
    assert encoded.pieces == ("▁", "x", "i")
    assert encoded.surfaces == ("", "x", "\u0130")


def test_joiners_stay_in_what_is_written(target):
    vocabulary = learn(["র‌্যাব ক্‍ষ"] * 3, 40, alphabet=[WORD_START])
    for text in ("র‌্যাব", "ক্‍ষ"):
        assert vocabulary.decode(vocabulary.encode(text).ids) == text
        assert "\u200c" in text or "\u200d" in text


def test_nothing_to_encode_gives_nothing(source):
    assert source.encode("") == type(source.encode("a"))((), (), ())


def test_special_tokens_leave_nothing_behind_when_decoded(source):
    ids = source.encode("the cat").ids
    assert source.decode([source.start_id, *ids, source.end_id, source.padding_id, source.unknown_id]) == "the cat"


def test_learning_twice_gives_the_same_vocabulary(english_sentences, bangla_sentences):
    for texts in (english_sentences * 20, bangla_sentences * 20):
        first, second = (learn(iter(texts), 150, alphabet="abc", languages=("bn",), lowercase=True) for _ in range(2))
        assert (first.tokens, first.merges) == (second.tokens, second.merges)


def test_a_vocabulary_has_the_size_asked_for_or_what_the_texts_allow():
    assert len(learn(["the cat sat"] * 9, 17, alphabet=[WORD_START])) == 17
    assert len(learn(["ab"] * 9, 5000, alphabet=[WORD_START])) == len(SPECIAL) + len(["▁", "a", "b", "ab", "▁ab"])


def test_letters_joiners_and_apostrophes_stay_together_and_all_else_stands_alone():
    pieces = learn(["don't র‌্যাব ক্‍ষ 42 <s>?! a_b"] * 9, 200, alphabet=[WORD_START]).pieces
    assert {"▁don't", "▁র‌্যাব", "▁ক্‍ষ", "▁42"} <= set(pieces)
    assert not [piece for piece in pieces if len(piece) > 1 and set(piece) & set("<>?!_")]


def test_special_tokens_come_first_and_every_character_of_the_alphabet_is_a_piece():
    vocabulary = learn(["ab"], 60, alphabet=[*"xyz<>"], languages=("bn", "mr"))
    assert vocabulary.tokens[:6] == ("<pad>", "<unk>", "<s>", "</s>", "<to bn>", "<to mr>")
    assert [vocabulary[token] for token in vocabulary.tokens] == list(range(len(vocabulary)))
    assert {*"xyz<>ab", WORD_START} <= set(vocabulary.pieces)
    assert language_tag("mr") == "<to mr>"


def test_the_words_it_was_learned_from_are_in_normal_form(target):
    assert all(unicodedata.is_normalized("NFC", piece) for piece in target.pieces if len(piece) > 1)


def test_saving_and_loading_changes_nothing(source, target, tmp_path, english_sentences, bangla_sentences):
    for vocabulary, texts in ((source, english_sentences), (target, bangla_sentences)):
        path = tmp_path / "vocabulary.json"
        vocabulary.save(path)
        loaded = Vocabulary.load(path)
        for name in ("special", "pieces", "merges", "lowercase"):
            assert getattr(loaded, name) == getattr(vocabulary, name)
        for text in (*texts, "<s> 👩‍👩‍👧 বিড়াল"):
            assert loaded.encode(normalise(text)) == vocabulary.encode(normalise(text))
        saved = path.read_bytes()
        loaded.save(path)
        assert path.read_bytes() == saved


def good_content(vocabulary: Vocabulary) -> dict:
    merges = [" ".join(merge) for merge in vocabulary.merges]
    return {"special": vocabulary.special, "pieces": vocabulary.pieces, "merges": merges, "lowercase": True}


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: content.pop("pieces"),
        lambda content: content.pop("merges"),
        lambda content: content.update(special=["<unk>", "<pad>", "<s>", "</s>"]),
        lambda content: content.update(special="<pad>"),
        lambda content: content.update(pieces=[*content["pieces"], content["pieces"][0]]),
        lambda content: content.update(pieces=[*content["pieces"], "<s>"]),
        lambda content: content.update(pieces=[1, 2, 3]),
        lambda content: content.update(merges=["a b c"]),
        lambda content: content.update(merges=["q \u0995"]),
        lambda content: content.update(merges=5),
    ],
)
def test_a_damaged_vocabulary_is_a_value_error(source, tmp_path, damage):
    content = good_content(source)
    path = tmp_path / "vocabulary.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    assert Vocabulary.load(path).tokens == source.tokens
    damage(content)
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(ValueError, match=r"."):
        Vocabulary.load(path)


@pytest.mark.parametrize("content", ["", "{", "[]", "null", "[" * 100_000, '{"special": []}', "\x00"])
def test_garbage_is_a_value_error(tmp_path, content):
    path = tmp_path / "vocabulary.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ValueError, match=r"."):
        Vocabulary.load(path)


def test_sampling_without_dropout_cuts_like_encoding(source, target, english_sentences, bangla_sentences):
    texts = [(source, text) for text in english_sentences] + [(target, normalise(text)) for text in bangla_sentences]
    for vocabulary, text in [*texts, (source, "don't  sit <there>, Tom_5!"), (source, "")]:
        assert tuple(vocabulary.sample(text, 0, random.Random(1))) == vocabulary.encode(text).ids


def test_sampling_skips_merges_and_keeps_the_text(source):
    text = "the cat likes the dog here"
    samples = [source.sample(text, 0.3, random.Random(seed)) for seed in range(20)]
    assert len({tuple(sample) for sample in samples}) > 10
    assert all(source.decode(sample) == text for sample in samples)
    assert min(map(len, samples)) >= len(source.encode(text).ids) - 1
    letters = source.sample(text, 1, random.Random(1))
    assert [source.tokens[number] for number in letters] == list("▁" + text.replace(" ", "▁"))


def test_sampling_again_with_the_same_seed_gives_the_same_cuts(source):
    text = "the cat likes the dog here"
    first, second = ([source.sample(text, 0.3, coin) for _ in range(5)] for coin in map(random.Random, (7, 7)))
    assert first == second


@pytest.mark.parametrize(
    ("typed", "pieces"),
    [
        ("the cat", ["▁the", "▁cat"]),
        ("The Tac", ["▁the", "▁", "t", "a", "c"]),
        ("dogs", ["▁dog", "s"]),  # a word of the sentences with an English ending
        ("dog's dogish", ["▁dog", "'", "s", "▁", "d", "o", "g", "i", "s", "h"]),
        ("caté", ["▁", "c", "a", "t", "<unk>"]),
    ],
)
def test_a_word_that_no_sentence_has_is_spelled_in_letters(spelling, typed, pieces):
    assert list(spelling.encode(typed).pieces) == pieces


def test_a_name_that_is_met_seldom_is_spelled_and_a_common_word_never(source):
    texts = ["Tom sat", "the Cat", "a cat", "Dog Dog"]
    assert with_words(source, texts).words == {"tom", "sat", "the", "cat", "a", "dog"}
    assert with_words(source, texts, names_at_least=2).words == {"sat", "the", "cat", "a", "dog"}
    assert with_words(source, texts, names_at_least=3).words == {"sat", "the", "cat", "a"}


def test_a_spelled_word_is_sampled_in_letters_whatever_the_dropout(spelling):
    for dropout in (0.0, 0.5):
        ids = spelling.sample("the Tac", dropout, random.Random(1))
        assert [spelling.tokens[number] for number in ids][-4:] == ["▁", "t", "a", "c"]
    assert spelling.sample("the cats Tac", 0.0, random.Random(1)) == list(spelling.encode("the cats Tac").ids)


def test_the_words_are_saved_too(spelling, tmp_path):
    spelling.save(tmp_path / "words.json")
    assert Vocabulary.load(tmp_path / "words.json").words == spelling.words


def test_a_sign_without_its_letter_is_shown_on_a_dotted_circle_and_nothing_else_is():
    vocabulary = load_vocabulary(ASSETS, TARGET_VOCABULARY)
    shown = {token: shown_token(token) for token in vocabulary.tokens}
    assert (shown["া"], shown["▁সে"], shown["</s>"], shown["▁"]) == ("◌া", "সে", "</s>", "␣")
    for token, text in shown.items():
        is_sign = unicodedata.category(token.lstrip("▁")[:1] or "x").startswith("M")
        assert text.startswith("◌") == is_sign
        assert text.removeprefix("◌") == (token.replace("▁", "") or "␣")
