"""Sentences that no shipped network was trained on, as far as they lie in ``assets/``."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from models.language.corpus import CorpusError, Pair, fingerprint, read_lines, read_pairs
from models.language.languages import LANGUAGES, Language
from models.language.names import held_out_sentences, read_names
from models.language.text import normalise
from models.translation.checkpoints import ASSETS

SAMPLE, EVERYDAY, OUTSIDE = "sample.{language}.tsv", "everyday.tsv", "outside.tsv"


def read_sample(assets: Path, language: Language) -> list[Pair]:
    return read_pairs(assets / "evaluation" / SAMPLE.format(language=language), language)


def lowest_fingerprints(sentences: Iterable[str], size: int) -> list[str]:
    """A choice of sentences that nobody made: the same whoever makes it, and unrelated to what they say."""
    return sorted(sentences, key=lambda sentence: (fingerprint(sentence), sentence))[:size]


def read_table(path: Path, header: Sequence[str]) -> list[dict[str, str]]:
    """Read a table with tabs whose first line is ``header``, normalised.

    Raises:
        CorpusError: no such file, not UTF-8, another header, or a line with another number of columns.
    """
    rows = [[normalise(column) for column in line.split("\t")] for line in read_lines(path) or [""]]
    for number, row in enumerate(rows, start=1):
        if len(row) != len(header) or (number == 1 and row != list(header)):
            raise CorpusError(f"{path}, line {number}: expected the columns {', '.join(header)}")
    return [dict(zip(header, row, strict=True)) for row in rows[1:]]


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
