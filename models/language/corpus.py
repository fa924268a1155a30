"""Parallel sentences: reading, grouping by English sentence, splitting, batching."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.language.languages import Language
from models.language.text import normalise


class CorpusError(ValueError):
    """A file of sentence pairs that cannot be used; the message names file and line."""


@dataclass(frozen=True)
class Pair:
    english: str
    target: str
    language: Language


@dataclass(frozen=True)
class Batch:
    """B sentence pairs as token numbers, padded on the right."""

    source: np.ndarray  # (B, S)
    source_lengths: np.ndarray  # (B,)
    target_read: np.ndarray  # (B, T), starts with <s>
    target_written: np.ndarray  # (B, T), ends with </s>


def read_lines(path: Path) -> list[str]:
    """Read the lines of a text file.

    Raises:
        CorpusError: no such file, or not UTF-8.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")  # a byte order mark is no part of the first line
    except OSError as error:
        raise CorpusError(f"{path}: cannot be read ({error.strerror or error})") from error
    except UnicodeDecodeError as error:
        raise CorpusError(f"{path}: is not UTF-8 text (byte {error.start})") from error
    return text.removesuffix("\n").split("\n") if text else []


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


def read_pairs(path: Path, language: Language) -> list[Pair]:
    """Read ``english <TAB> target <TAB> anything`` lines, the format of the Tatoeba exports, normalised.

    Raises:
        CorpusError: no such file, not UTF-8, a line without two non-empty columns, or no line at all.
    """
    pairs = []
    for number, line in enumerate(read_lines(path), start=1):
        columns = [normalise(column) for column in line.split("\t")]
        if len(columns) < 2 or not columns[0] or not columns[1]:
            raise CorpusError(f"{path}, line {number}: expected English, a tab and its translation")
        pairs.append(Pair(columns[0], columns[1], language))
    if not pairs:
        raise CorpusError(f"{path}: has no sentence pairs")
    return pairs


def by_english(pairs: Iterable[Pair]) -> dict[str, list[str]]:
    """Gather the references of each English sentence, both in order of first appearance."""
    references: dict[str, list[str]] = {}
    for pair in pairs:
        references.setdefault(pair.english, []).append(pair.target)
    return references


def languages_by_english(pairs: Iterable[Pair]) -> dict[str, set[Language]]:
    """Which languages each English sentence is translated to, in order of first appearance."""
    languages: dict[str, set[Language]] = {}
    for pair in pairs:
        languages.setdefault(pair.english, set()).add(pair.language)
    return languages


def sentence_key(english: str) -> str:
    """What makes two English sentences the same one: letters and digits, ignoring case."""
    return " ".join("".join(c if c.isalnum() else " " for c in normalise(english).casefold()).split())


def fingerprint(english: str) -> int:
    """64 bits of a sentence, ignoring case and punctuation: enough to know it again, not to read it."""
    digest = hashlib.blake2b(sentence_key(english).encode("utf-8"), digest_size=8).digest()
    return int.from_bytes(digest, "little", signed=True)


def hold_out(pairs: Sequence[Pair], share: float) -> tuple[list[Pair], list[Pair]]:
    """Split into training and validation pairs that have neither English nor target in common.

    Which English sentences are held out follows from their fingerprints, so every run agrees.
    """
    held = {pair.english for pair in pairs if fingerprint(pair.english) % 10_000 < share * 10_000}
    held_targets = {pair.target for pair in pairs if pair.english in held}
    validation = [pair for pair in pairs if pair.english in held]
    training = [pair for pair in pairs if pair.english not in held and pair.target not in held_targets]
    return training, validation


def batches(
    sources: Sequence[Sequence[int]],
    targets: Sequence[Sequence[int]],
    *,
    batch_size: int,
    padding_id: int,
    start_id: int,
    end_id: int,
    generator: np.random.Generator,
) -> Iterator[Batch]:
    """Yield shuffled batches; all sources of a batch are equally long, so none of them is padded."""
    order = generator.permutation(len(sources))
    lengths = np.array([len(source) for source in sources])[order]
    groups = [order[lengths == length] for length in np.unique(lengths)]
    chunks = [group[at : at + batch_size] for group in groups for at in range(0, len(group), batch_size)]
    for chunk in (chunks[number] for number in generator.permutation(len(chunks))):
        written = [[*targets[number], end_id] for number in chunk]
        width = max(map(len, written))
        yield Batch(
            source=np.array([sources[number] for number in chunk]),
            source_lengths=np.array([len(sources[number]) for number in chunk]),
            target_read=padded([[start_id, *row[:-1]] for row in written], width, padding_id),
            target_written=padded(written, width, padding_id),
        )


def padded(rows: Sequence[Sequence[int]], width: int, padding_id: int) -> np.ndarray:
    """Stack rows of unequal length, (B, width)."""
    return np.array([[*row, *[padding_id] * (width - len(row))] for row in rows])
