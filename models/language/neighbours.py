"""How close a sentence is to those the network was trained on, by fingerprints of these, without their text.

A sentence is its words, ``corpus.sentence_key`` split at blanks: case and punctuation count for nothing. Distance is
edit distance over words (Levenshtein 1966): inserting, deleting or replacing one costs 1. What is kept of each training
sentence is a hash of it, and one of it with a gap in the place of each word (the neighbourhoods of Mor & Fraenkel 1982,
"A hash code method for detecting and correcting spelling errors"). Two sentences that differ in one word have such a
gapped form in common, so distances 0 and 1 follow from the hashes alone. Beside the hash of a sentence stands which
languages it was translated to in the training.

Of sentences that one training met beyond those of all others (drawn from the grammar, or with other names) there are
many more. Of these only the whole is kept: whether one was met is known, what is near it is not.
"""

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import chain, islice

import numpy as np

from models.language.corpus import sentence_key
from models.language.languages import LANGUAGES, Language
from models.language.vocabulary import WORD_START, Vocabulary

Words = tuple[str, ...]

Array = np.ndarray  # as in the records, which this room does without
GAP = "\u25a2"  # stands for one word that is not known; no word is written so
EACH = "\u25cf"  # stands for every word of a list in turn
MODULUS = 2**64
BASE = 0x9E3779B97F4A7C13  # odd, so that no position loses bits; 3 modulo 8 loses fewest where words change places
FILTER_BITS = 22
DRAWN_BITS = 38  # of the hash of a sentence that was drawn: with two for the languages they are five bytes
CHUNK = 64  # patterns tried at once with every word of a list
LONGEST_FOR_TWO = 30  # words; 4 million combinations at 12 words, 26 million at 30
LOOKED_AT = 50  # of the neighbours at one distance


@dataclass(frozen=True)
class Neighbour:
    """A training sentence near another: in lower case without punctuation, ``GAP`` for a word that is not known."""

    sentence: str
    distance: int  # in words, 0..2
    languages: tuple[Language, ...] = ()  # it was translated to in the training; () where a word is not known


@dataclass(frozen=True, eq=False)
class TrainingIndex:
    """What is kept of N distinct English training sentences.

    Two different sentences share a hash once in 2**60 or so; that is the chance of a wrong answer. Of those drawn
    ``DRAWN_BITS`` of the hash are kept: with half a million of them two sentences in a million are taken for one.
    """

    sentences: Array  # (N,) uint64, ascending: hashes
    gapped: Array  # (G,) uint64, ascending: hashes of the same, each word in turn replaced by GAP
    lengths: Array  # (L,) int64: how many of them have 0, 1, .. L - 1 subwords, sum N
    languages: Array  # (N,) uint8: which languages each was translated to, 1 << place in LANGUAGES added up
    drawn: Array = field(default_factory=lambda: np.array([], np.uint64))  # (D,) ascending: first bits of hashes
    drawn_languages: Array = field(default_factory=lambda: np.array([], np.uint8))  # (D,) as ``languages``

    def __post_init__(self) -> None:
        for name in ("sentences", "gapped", "drawn"):
            values = getattr(self, name)
            if values.dtype != np.uint64 or values.ndim != 1 or not (values[:-1] < values[1:]).all():
                raise ValueError(f"TrainingIndex.{name} is no ascending list of 64-bit hashes")
        lengths = self.lengths
        if lengths.dtype != np.int64 or lengths.ndim != 1 or (lengths < 0).any() or lengths.sum() != len(self):
            raise ValueError(f"TrainingIndex.lengths does not count the {len(self)} sentences")
        for name, known, of in (
            ("languages", self.languages, self.sentences), ("drawn_languages", self.drawn_languages, self.drawn),
        ):  # fmt: skip
            if known.dtype != np.uint8 or known.shape != of.shape or not _is_some_language(known).all():
                raise ValueError(f"TrainingIndex.{name} does not say which languages the {len(of)} sentences had")

    def __len__(self) -> int:
        return len(self.sentences)

    @property
    def longest(self) -> int:
        """Subwords of the longest training sentence, without language tag and ``</s>``; 0 if there is none."""
        return int(np.flatnonzero(self.lengths)[-1]) if len(self) else 0

    def share_longer(self, count: int) -> float:
        """Share of the training sentences with more than ``count`` subwords, 0 to 1."""
        return float(self.lengths[max(0, count + 1) :].sum() / len(self)) if len(self) else 0.0

    def contains(self, sentence: str) -> bool:
        """Tell whether a sentence was trained on in some language, ignoring case and punctuation."""
        return self.distance(sentence) == 0

    def languages_of(self, sentence: str) -> tuple[Language, ...]:
        """Which languages a sentence was translated to in the training; () for one that was not trained on."""
        hashed = np.uint64(hash_of(words_of(sentence)))
        met = 0
        for table, languages, key in (
            (self.sentences, self.languages, hashed), (self.drawn, self.drawn_languages, _drawn_key(hashed)),
        ):  # fmt: skip
            at = int(np.searchsorted(table, key))
            if at < table.size and table[at] == key:
                met |= int(languages[at])
        return tuple(code for code in LANGUAGES if met & _bit(code))

    def distance(self, sentence: str) -> int | None:
        """Words between a sentence and the nearest one trained on: 0, 1, or None for two and more, or for no word."""
        words = words_of(sentence)
        if not words:
            return None
        if self.has(words):
            return 0
        return 1 if any(map(self.has, at_distance_one(words))) else None

    def has(self, words: Words) -> bool:
        """Tell whether these are the words of a training sentence, up to one ``GAP``."""
        hashed = np.array([hash_of(words)], np.uint64)
        if GAP in words:
            return bool(_is_in(self.gapped, hashed)[0])
        return bool(_is_in(self.sentences, hashed)[0] or _is_in(self.drawn, _drawn_key(hashed))[0])

    def fillings(self, patterns: Sequence[Words], words: Words) -> Iterator[Words]:
        """Put every word of a list into the place of ``EACH``; yield those that ``has``, in order of patterns and list.

        All patterns have one ``EACH``, and either all or none of them one ``GAP``.
        """
        hashes = _hashes_of(words)  # (W,)
        for at in range(0, len(patterns), CHUNK):
            chunk = patterns[at : at + CHUNK]
            places = [pattern.index(EACH) for pattern in chunk]
            powers = np.array([_power(place) for place in places], np.uint64)
            bases = [hash_of(pattern) - _word_hash(EACH) * _power(place) for pattern, place in zip(chunk, places)]
            bases = np.array([base % MODULUS for base in bases], np.uint64)
            candidates = bases[:, None] + powers[:, None] * hashes  # (chunk, W), modulo 2**64
            table, quick = (self.gapped, self._gapped_filter) if GAP in chunk[0] else (self.sentences, self._filter)
            rows, columns = np.nonzero(quick[candidates >> np.uint64(64 - FILTER_BITS)])
            is_known = _is_in(table, candidates[rows, columns])
            for row, column in zip(rows[is_known], columns[is_known]):
                pattern, place = chunk[row], places[row]
                yield (*pattern[:place], words[column], *pattern[place + 1 :])

    @cached_property
    def _filter(self) -> Array:
        return _quick_filter(self.sentences)

    @cached_property
    def _gapped_filter(self) -> Array:
        return _quick_filter(self.gapped)


def build_index(trained: Mapping[str, Collection[Language]], source: Vocabulary) -> dict[str, Array]:
    """Arrays of a ``TrainingIndex``, by name, over the distinct sentences that have a word at all.

    ``trained`` has the languages that each sentence was translated to.
    """
    distinct: dict[Words, str] = {}
    for sentence in trained:
        if words := words_of(sentence):
            distinct.setdefault(words, sentence)
    gapped = set()
    for words in distinct:
        gapped.update(map(hash_of, replacements(words, GAP)))
    counts = Counter(len(source.encode(sentence).ids) for sentence in distinct.values())
    lengths = [counts[length] for length in range(max(counts, default=0) + 1)]
    sentences, languages = _hashed(trained)
    return {
        "sentences": sentences,
        "gapped": np.array(sorted(gapped), np.uint64),
        "lengths": np.array(lengths, np.int64),
        "languages": languages,
    }


def build_drawn(drawn: Mapping[str, Collection[Language]]) -> dict[str, Array]:
    """What is kept of the sentences that one training met and no other: five bytes each, of which ``index_of`` makes
    the last two arrays of a ``TrainingIndex``.
    """
    return packed_drawn(*_hashed(drawn))


def packed_drawn(hashes: Array, languages: Array) -> dict[str, Array]:
    """Ascending hashes, the languages of each: 32 bits in one array, six more and the languages in another."""
    keys, first = np.unique(_drawn_key(hashes), return_index=True)
    met = np.bitwise_or.reduceat(languages, first) if len(first) else languages
    rest = ((keys & np.uint64(63)) << np.uint64(2)).astype(np.uint8) | met
    return {"drawn": (keys >> np.uint64(6)).astype(np.uint32), "drawn_rest": rest}


def _drawn_key(hashed: Array) -> Array:
    return hashed >> np.uint64(64 - DRAWN_BITS)


def _hashed(met: Mapping[str, Collection[Language]]) -> tuple[Array, Array]:
    """Hashes of the sentences that have a word, ascending, and the languages of each."""
    whole: dict[int, int] = {}
    for sentence, languages in met.items():
        if words := words_of(sentence):
            hashed = hash_of(words)
            whole[hashed] = whole.get(hashed, 0) | sum(map(_bit, set(languages)))
    ordered = sorted(whole)
    return np.array(ordered, np.uint64), np.array([whole[hashed] for hashed in ordered], np.uint8)


def _bit(language: Language) -> int:
    return 1 << list(LANGUAGES).index(language)


def _is_some_language(languages: Array) -> Array:
    return (languages > 0) & (languages < 1 << len(LANGUAGES))


def index_of(arrays: Mapping[str, Array]) -> TrainingIndex:
    """Check the arrays of ``build_index``, and perhaps ``build_drawn``.

    Raises:
        TypeError: other names.
        ValueError: other contents.
    """
    kept = dict(arrays)
    if "drawn_rest" in kept:
        first, rest = kept.pop("drawn"), kept.pop("drawn_rest")
        if (first.dtype, rest.dtype, first.shape) != (np.uint32, np.uint8, rest.shape):
            raise ValueError("what was drawn is not kept as 32 and 8 bits a sentence")
        kept["drawn"] = first.astype(np.uint64) << np.uint64(6) | (rest >> 2).astype(np.uint64)
        kept["drawn_languages"] = rest & np.uint8(3)
    return TrainingIndex(**kept)


def nearest(sentence: str, index: TrainingIndex, words: Iterable[str]) -> Neighbour | None:
    """Find a training sentence at most two words away, and write it out.

    The hashes say that there is one; its words are found by trying all of ``words``, in lower case, with or without the
    mark that begins a word. At distance 1 a word that is not among them stays a ``GAP``. At distance 2 one of two new
    words must be among them, or the neighbour is not found, and neither is one of a sentence of more than
    ``LONGEST_FOR_TWO`` words. Of several neighbours: the nearest; then one with words replaced rather than inserted or
    deleted; then one without a gap; then the one that differs first.
    """
    own = words_of(sentence)
    if not own:
        return None
    known = _word_list(frozenset(words))
    if index.has(own):
        return Neighbour(known.written(own), 0, index.languages_of(sentence))
    for distance, found in _candidates(own, index, known.words):
        looked_at = [written_out(pattern, index, known.words) for pattern in islice(found, LOOKED_AT)]
        if looked_at:
            first = min(looked_at, key=lambda words: GAP in words)
            languages = () if GAP in first else index.languages_of(" ".join(first))
            return Neighbour(known.written(first), distance, languages)
    return None


def _candidates(words: Words, index: TrainingIndex, known: Words) -> Iterator[tuple[int, Iterator[Words]]]:
    """Distance, and the training sentences at it, with at most one gap each; what is preferred comes first."""

    def among_index(patterns: Iterable[Words]) -> Iterator[Words]:
        return filter(index.has, patterns)

    yield 1, among_index(replacements(words, GAP))
    yield 1, among_index(chain(insertions(words, GAP), deletions(words)))
    if len(words) > LONGEST_FOR_TWO:
        return
    replaced, inserted, shorter = list(replacements(words, EACH)), list(insertions(words, EACH)), list(deletions(words))
    yield 2, index.fillings(_each(replacements, replaced), known)
    one_longer = index.fillings(_each(insertions, replaced) + _each(replacements, inserted), known)
    yield 2, chain(among_index(_each(replacements, shorter)), one_longer)
    two_shorter = among_index(chain.from_iterable(map(deletions, shorter)))
    two_longer = index.fillings(_each(insertions, inserted), known)
    yield 2, chain(among_index(_each(insertions, shorter)), two_shorter, two_longer)


def _each(edit, patterns: Iterable[Words]) -> list[Words]:
    """All ways to make a gap in one more place of each pattern."""
    return [gapped for pattern in patterns for gapped in edit(pattern, GAP)]


def written_out(pattern: Words, index: TrainingIndex, known: Words) -> Words:
    """Fill the gap of a pattern such that it is a training sentence; as it is if no word of the list does."""
    if GAP not in pattern:
        return pattern
    return next(index.fillings([tuple(EACH if word == GAP else word for word in pattern)], known), pattern)


def at_distance_one(words: Words) -> Iterator[Words]:
    """Every sequence one edit away, up to one gap: whoever is one edit away has one of them in common."""
    return chain(replacements(words, GAP), insertions(words, GAP), deletions(words))


def replacements(words: Words, mark: str) -> Iterator[Words]:
    """Put a mark in the place of each word in turn; a mark that stands there already stays."""
    return ((*words[:at], mark, *words[at + 1 :]) for at, word in enumerate(words) if word != EACH)


def insertions(words: Words, mark: str) -> Iterator[Words]:
    """Put a mark before each word in turn, and at the end."""
    return ((*words[:at], mark, *words[at:]) for at in range(len(words) + 1))


def deletions(words: Words) -> Iterator[Words]:
    """Leave out each word in turn."""
    return ((*words[:at], *words[at + 1 :]) for at in range(len(words)))


def words_of(sentence: str) -> Words:
    return tuple(sentence_key(sentence).split())


def hash_of(words: Words) -> int:
    """64 bits of a sequence of words: a polynomial in their hashes (Karp & Rabin 1987), modulo 2**64.

    Exchanging one word changes one term, so that NumPy can try a whole list of words in a place.
    """
    return sum(_word_hash(word) * _power(place) for place, word in enumerate(words)) % MODULUS


@lru_cache(maxsize=100_000)
def _word_hash(word: str) -> int:
    return int.from_bytes(hashlib.blake2b(word.encode("utf-8"), digest_size=8).digest(), "little")


@lru_cache(maxsize=10_000)
def _power(place: int) -> int:
    return pow(BASE, place, MODULUS)


@lru_cache(maxsize=4)
def _hashes_of(words: Words) -> Array:
    return np.array([_word_hash(word) for word in words], np.uint64)


@dataclass(frozen=True)
class _WordList:
    words: Words  # as ``words_of`` gives them, in alphabetical order
    joined: dict[Words, str]  # those that it tears apart: ("don", "t") is written don't

    def written(self, words: Words) -> str:
        """Join words with blanks, or as the list writes them."""
        parts, at = [], 0
        while at < len(words):
            pair = words[at : at + 2]
            parts.append(self.joined.get(pair, words[at]))
            at += 2 if pair in self.joined else 1
        return " ".join(parts)


@lru_cache(maxsize=4)
def _word_list(words: frozenset[str]) -> _WordList:
    plain = sorted(word.removeprefix(WORD_START) for word in words)
    torn = {word: words_of(word) for word in plain}
    return _WordList(
        tuple(sorted(set(chain.from_iterable(torn.values())))),
        {parts: word for word, parts in torn.items() if len(parts) == 2},
    )


def _quick_filter(hashes: Array) -> Array:
    """Which leading bits occur among the hashes, (2**FILTER_BITS,): says no to most of what is not there at once."""
    found = np.zeros(2**FILTER_BITS, bool)
    found[hashes >> np.uint64(64 - FILTER_BITS)] = True
    return found


def _is_in(table: Array, values: Array) -> Array:
    """Which of the values stand in an ascending table."""
    if not len(table):
        return np.zeros(len(values), bool)
    at = np.searchsorted(table, values)
    return table[np.minimum(at, len(table) - 1)] == values
