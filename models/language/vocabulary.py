"""Subwords and their numbers, with a visible ``<unk>``; to and from JSON."""

import json
import random
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import accumulate, groupby, pairwise
from operator import itemgetter
from pathlib import Path

from tokenizers import Encoding, Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers

from models.language.text import graphemes, visible_form

PADDING, UNKNOWN, START, END = "<pad>", "<unk>", "<s>", "</s>"
SPECIAL = (PADDING, UNKNOWN, START, END)
WORD_START = "\u2581"  # marks a piece that begins a word, as in SentencePiece
DOTTED_CIRCLE = "\u25cc"
# What English writes onto a word: a word of the corpus with one of these is cut into subwords too.
ENDINGS = ("'s", "s'", "s", "es", "ed", "d", "ing", "er", "est", "ly", "n't", "'ll", "'re", "'ve", "'d", "'m")
# Letters, marks, digits, joiners and the apostrophe stay together; every other character stands alone.
STANDS_ALONE = rf"[^\p{{L}}\p{{M}}\p{{N}}\u200c\u200d'{WORD_START}]"


@dataclass(frozen=True)
class Encoded:
    """A text cut into subwords: three tuples of one length.

    ``pieces`` is what the network distinguishes; ``surfaces`` the stretch of the text each came from. Put together, the
    surfaces are the text again; the word-start mark that every text begins with has "" when it stands alone.
    """

    ids: tuple[int, ...]
    pieces: tuple[str, ...]
    surfaces: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """Byte-pair subwords (Sennrich et al. 2016, section 3.2) after a few tokens with a meaning of their own.

    If ``words`` are listed, only those and what English makes of them with an ending are cut into subwords. Any other
    word is spelled in single letters (as in Luong & Manning 2016, section 4, such words are read by their characters):
    pieces of a name that nobody in the corpus has would say nothing about how it is spelled.

    The special tokens come first and cannot be typed: text is cut into ``pieces`` only, so a typed
    ``<s>`` is read as three characters. A grapheme cluster outside the alphabet becomes one ``<unk>``.
    """

    special: tuple[str, ...]
    pieces: tuple[str, ...]
    merges: tuple[tuple[str, str], ...]
    lowercase: bool
    words: frozenset[str] | None = None  # as the network reads them, without the mark that begins a word; None: all
    _tokenizer: Tokenizer = field(init=False, repr=False)
    _speller: Tokenizer = field(init=False, repr=False)
    _numbers: dict[str, int] = field(init=False, repr=False)
    _ranks: dict[tuple[str, str], int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if self.special[: len(SPECIAL)] != SPECIAL:
            raise ValueError(f"a vocabulary starts with {', '.join(SPECIAL)}, not {self.special[:4]}")
        if len(set(self.tokens)) != len(self.tokens):
            raise ValueError("a vocabulary lists the same token twice")
        numbers = {token: number for number, token in enumerate(self.tokens)}
        object.__setattr__(self, "_numbers", numbers)
        object.__setattr__(self, "_ranks", {merge: rank for rank, merge in enumerate(self.merges)})
        known = {piece: numbers[piece] for piece in (*self.pieces, UNKNOWN)}
        for name, merges in (("_tokenizer", list(self.merges)), ("_speller", [])):
            model = models.BPE(known, merges, unk_token=UNKNOWN, fuse_unk=False)
            object.__setattr__(self, name, _split_into_words(Tokenizer(model), self.lowercase))

    @cached_property
    def tokens(self) -> tuple[str, ...]:
        return self.special + self.pieces

    def __len__(self) -> int:
        return len(self.special) + len(self.pieces)

    def __getitem__(self, token: str) -> int:
        return self._numbers[token]

    @property
    def padding_id(self) -> int:
        return self._numbers[PADDING]

    @property
    def unknown_id(self) -> int:
        return self._numbers[UNKNOWN]

    @property
    def start_id(self) -> int:
        return self._numbers[START]

    @property
    def end_id(self) -> int:
        return self._numbers[END]

    def encode(self, text: str) -> Encoded:
        """Cut normalised text into subwords."""
        torn = inside_grapheme(text)
        cut: list[tuple[int, str, str]] = []
        taken = 0  # how much of the text already stands behind a piece
        for number, piece, (start, end) in self._pieces(text):
            if piece == WORD_START and text[start:end] not in {" ", WORD_START}:
                end = start  # this mark was put before the text, it came from nothing in it
            surface = text[max(start, taken) : end]
            taken = max(taken, end)
            if cut and cut[-1][0] == self.unknown_id and torn.issuperset(range(start, end)) and start < end:
                cut[-1] = (*cut[-1][:2], cut[-1][2] + surface)  # one <unk> for one visible character
            elif surface or number != self.unknown_id:  # lower case can add a mark: \u0130 becomes i and \u0307
                cut.append((number, piece, surface))
        ids, pieces, surfaces = zip(*cut, strict=True) if cut else ((), (), ())
        return Encoded(ids, pieces, surfaces)

    def _pieces(self, text: str) -> Iterator[tuple[int, str, tuple[int, int]]]:
        """Number, piece and place of every subword, and of every letter of the words that are spelled."""
        subwords = _by_word(self._tokenizer.encode(text))
        letters = subwords if self.words is None else _by_word(self._speller.encode(text))
        for in_subwords, in_letters in zip(subwords, letters, strict=True):
            word = "".join(piece for _, piece, _ in in_letters)
            yield from in_subwords if self.is_cut_into_subwords(word) else in_letters

    def is_cut_into_subwords(self, word: str) -> bool:
        """Tell whether a word, with or without the mark that begins it, is cut into subwords, not into letters."""
        if self.words is None:
            return True
        word = word.removeprefix(WORD_START)
        return word in self.words or any(
            word.endswith(ending) and word.removesuffix(ending) in self.words for ending in ENDINGS
        )

    def sample(self, text: str, dropout: float, generator: random.Random) -> list[int]:
        """Number the subwords of a text, each possible merge skipped at random (Provilkov et al. 2020, section 3.1).

        Without dropout, the numbers that ``encode`` gives to a text over the alphabet.
        """
        pieces = (piece for word in self.split(text) for piece in self._cut(word, dropout, generator))
        return [self._numbers.get(piece, self.unknown_id) for piece in pieces]

    def split(self, text: str, as_typed: bool = False) -> list[str]:
        """Split a text into words, with the mark that begins a word; in lower case where the network reads it so."""
        if self.lowercase and not as_typed:
            text = self._tokenizer.normalizer.normalize_str(text)
        return [word for word, _ in self._tokenizer.pre_tokenizer.pre_tokenize_str(text)]

    def _cut(self, word: str, dropout: float, generator: random.Random) -> list[str]:
        pieces = list(word)
        if not self.is_cut_into_subwords(word):
            return pieces
        while True:
            possible = [
                (self._ranks[pair], at)
                for at, pair in enumerate(pairwise(pieces))
                if pair in self._ranks and generator.random() >= dropout
            ]
            if not possible:
                return pieces
            _, at = min(possible)
            pieces[at : at + 2] = [pieces[at] + pieces[at + 1]]

    def decode(self, ids: Iterable[int]) -> str:
        """Join subwords into text; special tokens leave nothing behind."""
        pieces = [self.tokens[number] for number in ids if number >= len(self.special)]
        return "".join(pieces).replace(WORD_START, " ").strip()

    def save(self, path: Path) -> None:
        merges = [" ".join(merge) for merge in self.merges]
        content = {
            "special": self.special, "lowercase": self.lowercase, "pieces": self.pieces, "merges": merges,
            "words": None if self.words is None else sorted(self.words),
        }  # fmt: skip
        path.write_text(json.dumps(content, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> "Vocabulary":
        """Read what ``save`` wrote.

        Raises:
            OSError, ValueError: the file is missing, or is not such a vocabulary.
        """
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            merges = tuple((left, right) for left, right in (merge.split(" ") for merge in content["merges"]))
            words = content.get("words")
            words = None if words is None else frozenset(map(str, words))
            return cls(tuple(content["special"]), tuple(content["pieces"]), merges, bool(content["lowercase"]), words)
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"not a vocabulary: {error!r}") from error
        except OSError:
            raise
        except Exception as error:  # the tokenizer library raises bare Exception on merges it cannot use
            raise ValueError(f"not a vocabulary: {error}") from error


def learn(
    texts: Iterable[str], size: int, *, alphabet: Sequence[str], languages: Sequence[str] = (), lowercase: bool = False
) -> Vocabulary:
    """Learn a vocabulary of ``size`` tokens in all; every character of ``alphabet`` is a piece."""
    special = SPECIAL + tuple(language_tag(language) for language in languages)
    tokenizer = _split_into_words(Tokenizer(models.BPE()), lowercase)
    trainer = trainers.BpeTrainer(
        vocab_size=size - len(special), min_frequency=2, initial_alphabet=list(alphabet), show_progress=False
    )
    tokenizer.train_from_iterator(texts, trainer)
    learned = json.loads(tokenizer.to_str())["model"]
    pieces = tuple(sorted(learned["vocab"], key=learned["vocab"].get))
    return Vocabulary(special, pieces, tuple(tuple(merge) for merge in learned["merges"]), lowercase)


def with_words(
    vocabulary: Vocabulary, texts: Iterable[str], names_at_least: int = 1, numbers: bool = True
) -> Vocabulary:
    """Let the words that stand in ``texts`` be cut into subwords, and all others be spelled in letters.

    A word that is never written in lower case there is a name, of a person or a place; one that is met fewer than
    ``names_at_least`` times is spelled, too. Without ``numbers`` so is every number, figure by figure.
    """
    written = Counter(word.removeprefix(WORD_START) for text in texts for word in vocabulary.split(text, as_typed=True))
    counts, common = Counter(), set()
    for word, count in written.items():
        lower = word.lower() if vocabulary.lowercase else word
        counts[lower] += count
        if word == word.lower():
            common.add(lower)
    known = (word for word, count in counts.items() if word in common or count >= names_at_least)
    return replace(vocabulary, words=frozenset(word for word in known if numbers or not has_figures(word)))


def has_figures(word: str) -> bool:
    """Whether a word is a number or has one in it."""
    return any(map(str.isdigit, word))


def inside_grapheme(text: str) -> set[int]:
    """Offsets at which cutting ``text`` would tear a grapheme cluster apart."""
    starts = set(accumulate(map(len, graphemes(text)), initial=0))
    return set(range(len(text))) - starts


def language_tag(language: str) -> str:
    """The source token that asks for a target language (Johnson et al. 2017, section 3)."""
    return f"<to {language}>"


def _by_word(encoding: Encoding) -> list[list[tuple[int, str, tuple[int, int]]]]:
    """Number, piece and place of what each word was cut into."""
    pieces = zip(encoding.word_ids, encoding.ids, encoding.tokens, encoding.offsets, strict=True)
    return [[tuple(rest) for _, *rest in word] for _, word in groupby(pieces, key=itemgetter(0))]


def _split_into_words(tokenizer: Tokenizer, lowercase: bool) -> Tokenizer:
    if lowercase:
        tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Metaspace(replacement=WORD_START, prepend_scheme="always"),
        pre_tokenizers.Split(Regex(STANDS_ALONE), "isolated"),
    ])  # fmt: skip
    return tokenizer


def shown_token(token: str, surface: str = "") -> str:
    """A token as people should see it: without the word-start mark, an unknown one by what was typed.

    A sign that is written onto a letter, and begins a token without one, is on a dotted circle, as in a grammar: after
    a blank or a quotation mark it would be joined to that, for which no typeface has a shape.
    """
    if token == UNKNOWN and surface.strip():
        return visible_form(surface.strip())
    text = token.replace(WORD_START, "") or "␣"
    return DOTTED_CIRCLE + text if unicodedata.category(text[0])[0] == "M" else text
