"""What a training reads: the corpus, what this project wrote, and what is drawn anew in each epoch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.evaluation.held_out import EVERYDAY as TEST_SENTENCES
from models.evaluation.held_out import read_sample
from models.language.corpus import Pair, hold_out, read_pairs, read_table, sentence_key
from models.language.grammar.excluded import excluded_of
from models.language.grammar.grammar import GrammarPairs
from models.language.grammar.lexicon import Phrase, lexicon
from models.language.languages import LANGUAGES, Language
from models.language.names import NameAugmentation
from models.language.neighbours import words_of

OWN = Path(__file__).resolve().parents[2] / "assets" / "training"  # what this project wrote itself
LECTURE_NOTES = OWN / "lecture-notes.eng-ben.tsv"
EVERYDAY: dict[Language, list[Path]] = {
    "bn": sorted(OWN.glob("everyday-*.eng-ben.tsv")), "mr": sorted(OWN.glob("everyday-*.eng-mar.tsv")),
}  # fmt: skip
PHRASE_REPEATS: dict[Language, int] = {"bn": 1, "mr": 3}  # an epoch, where Bangla is met three times anyway
FIRST_WORDS_REPEATS = 4  # of what a class types first, times those of a phrase
MARATHI_REPEATS = 2  # of the Marathi sentences that were written, which are few beside the corpus
LECTURE_NOTES_REPEATS = 8  # each of these English sentences has other translations in the corpus; these should win


def read_corpus(
    files: Mapping[Language, Sequence[Path]], validation_files: Mapping[Language, Path | None], grammar: bool
) -> tuple[list[Pair], list[Pair]]:
    """Training pairs of all languages, those written for the purpose included, and validation pairs.

    Where a language has no validation file, 2 % of its English sentences are held out. ``grammar`` is whether what was
    written along with the grammar is among them.

    Raises:
        CorpusError: a file that is missing or damaged.
    """
    training, validation = [], []
    for code in LANGUAGES:
        pairs = [pair for path in files[code] for pair in read_pairs(path, code)]
        if (path := validation_files[code]) is not None:
            held = read_pairs(path, code)
        else:
            pairs, held = hold_out(pairs, share=0.02)
        training, validation = training + pairs, validation + held
    return training + own_pairs(validation, grammar), validation


def own_pairs(validation: Sequence[Pair], grammar: bool = True) -> list[Pair]:
    """What this project wrote: everyday sentences, lecture notes, and with the grammar phrases, too.

    Nothing that is tested on is among it; of the phrases, nothing that is one word away from it either, but for the
    words that a class types first. Without the grammar it is what the networks before it were trained with.
    """
    codes: tuple[Language, ...] = tuple(LANGUAGES) if grammar else ("bn",)
    everyday = [pair for code in codes for path in EVERYDAY[code] for pair in read_pairs(path, code)]
    notes = read_pairs(LECTURE_NOTES, "bn") * LECTURE_NOTES_REPEATS
    if not grammar:
        validated = {sentence_key(pair.english) for pair in validation}
        return [pair for pair in everyday if sentence_key(pair.english) not in validated] + notes
    excluded = excluded_of(kept_out(validation))
    everyday += [pair for pair in everyday if pair.language == "mr"] * (MARATHI_REPEATS - 1)
    own = [pair for pair in everyday if words_of(pair.english) not in excluded.whole]
    words = lexicon()
    phrases = [phrase for phrase in words.phrases if not excluded.covers(phrase.english)]
    first = [phrase for phrase in words.first_words if words_of(phrase.english) not in excluded.whole]
    said = phrases + first * FIRST_WORDS_REPEATS
    return own + notes + [phrase_pair(one, code) for code in codes for one in said * PHRASE_REPEATS[code]]


def phrase_pair(phrase: Phrase, language: Language) -> Pair:
    return Pair(phrase.english, phrase.bangla if language == "bn" else phrase.marathi, language)


@dataclass(frozen=True)
class Both:
    """What an epoch adds to the corpus: sentences of the grammar, then other names in all of them."""

    fresh: GrammarPairs
    people: NameAugmentation

    def __call__(self, pairs: Sequence[Pair], generator: np.random.Generator) -> list[Pair]:
        return self.people([*pairs, *self.fresh(generator)], generator)


def kept_out(validation_pairs: Sequence[Pair]) -> tuple[str, ...]:
    """English sentences that training must not meet: those validated on, the everyday test and the samples."""
    evaluation = OWN.parent / "evaluation"
    tests = [row["english"] for row in read_table(evaluation / TEST_SENTENCES, ("category", "english"))]
    samples = [row.english for code in LANGUAGES for row in read_sample(OWN.parent, code)]
    return tuple(dict.fromkeys([*(pair.english for pair in validation_pairs), *tests, *samples]))
