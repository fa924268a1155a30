"""Sentences that no shipped network was trained on, as far as they lie in ``assets/``."""

from collections.abc import Iterable
from pathlib import Path

from models.language.corpus import Pair, fingerprint, read_pairs, read_table
from models.language.languages import LANGUAGES, Language
from models.language.names import held_out_sentences, read_names
from models.translation.checkpoints import ASSETS

SAMPLE, EVERYDAY, OUTSIDE = "sample.{language}.tsv", "everyday.tsv", "outside.tsv"


def read_sample(assets: Path, language: Language) -> list[Pair]:
    return read_pairs(assets / "evaluation" / SAMPLE.format(language=language), language)


def lowest_fingerprints(sentences: Iterable[str], size: int) -> list[str]:
    """A choice of sentences that nobody made: the same whoever makes it, and unrelated to what they say."""
    return sorted(sentences, key=lambda sentence: (fingerprint(sentence), sentence))[:size]


def held_out_english(count: int, assets: Path = ASSETS) -> list[str]:
    """At most so many English sentences: those sampled from the validation files, everyday ones, names held out.

    Sentences with a held-out name are taken where the others do not suffice, those with the lowest fingerprints.

    Raises:
        CorpusError: a file is missing or damaged.
    """
    sampled = [pair.english for code in LANGUAGES for pair in read_sample(assets, code)]
    everyday = [row["english"] for row in read_table(assets / "evaluation" / EVERYDAY, ("category", "english"))]
    found = dict.fromkeys([*sampled, *everyday])
    named = [sentence for sentence, _ in held_out_sentences(read_names(), "bn")]
    found |= dict.fromkeys(lowest_fingerprints(named, max(0, count - len(found))))
    return list(found)[:count]
