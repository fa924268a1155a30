"""The words of the grammar, read from plain tables: what each row says in English, Bangla and Marathi."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from models.language.corpus import CorpusError, read_table

TABLES = Path(__file__).resolve().parents[3] / "assets" / "training" / "grammar"
NOTHING = "-"
Row = TypeVar("Row")


@dataclass(frozen=True)
class Noun:
    """A noun; ``kinds`` says what it can be eaten, worn, visited or asked as. A mass noun has no plural."""

    english: str
    plural: str
    kinds: frozenset[str]
    bangla: str
    bn_genitive: str  # empty where the rules give it
    bn_locative: str
    marathi: str
    gender: str  # m, f, n
    mr_plural: str
    mr_oblique: str  # to which case endings are joined
    mr_plural_oblique: str

    @property
    def is_person(self) -> bool:
        return bool(self.kinds & {"person", "family", "child", "profession"})

    @property
    def is_animal(self) -> bool:
        return bool(self.kinds & {"animal", "bird", "insect"})


@dataclass(frozen=True)
class Feminine:
    """The word for a woman where English has one word for both."""

    english: str
    bangla: str
    marathi: str
    mr_plural: str


@dataclass(frozen=True)
class Adjective:
    english: str
    comparative: str
    superlative: str
    kinds: frozenset[str]
    bangla: str
    marathi: str  # masculine singular
    declines: str  # yes, no


@dataclass(frozen=True)
class Verb:
    """One sense of an English verb: its forms, what it takes, and which verb says it in the other languages."""

    base: str
    third: str
    past: str
    participle: str
    ing: str
    frame: str  # none, thing, person, place, both
    objects: frozenset[str]
    en_particle: str
    bn_prefix: str
    bn_verb: str
    bn_object: str
    mr_prefix: str
    mr_verb: str
    mr_object: str


@dataclass(frozen=True)
class BanglaVerb:
    """Principal parts; those from ``continuous`` to ``future`` in the third person."""

    verb: str
    present_1: str
    present_2: str
    present_3: str
    present_honorific: str
    continuous: str
    perfect: str
    past: str
    past_habitual: str
    future: str
    infinitive: str
    conjunctive: str
    imperative_2: str
    imperative_honorific: str
    negative_imperative: str


@dataclass(frozen=True)
class MarathiVerb:
    """Principal parts; ``present`` and ``past`` without the ending that agrees."""

    verb: str
    present: str
    past: str
    future_1: str
    future_2: str
    future_3: str
    future_1_plural: str
    future_2_plural: str
    future_3_plural: str
    infinitive: str
    can: str
    conjunctive: str
    imperative: str
    imperative_plural: str
    ergative: str  # yes, no


@dataclass(frozen=True)
class Pronoun:
    english: str
    english_object: str
    english_possessive: str
    english_person: str  # 1s, 2, 3m, 3f, 3n, 1p, 3p
    bangla: str
    bn_object: str
    bn_genitive: str
    bn_level: str  # 1, 2, 2h, 3, 3h
    marathi: str
    mr_ergative: str
    mr_dative: str
    mr_genitive_masculine: str
    mr_person: str
    mr_gender: str
    mr_number: str


@dataclass(frozen=True)
class Number:
    value: str
    english: str
    bangla: str
    marathi: str


@dataclass(frozen=True)
class Ordinal:
    value: str
    english: str
    bangla: str
    marathi_masculine: str


@dataclass(frozen=True)
class Place:
    """A place with its prepositions: where something is, goes to, comes from."""

    english_at: str
    english_to: str
    english_from: str
    bn_at: str
    bn_to: str
    bn_from: str
    mr_at: str
    mr_to: str
    mr_from: str


@dataclass(frozen=True)
class Time:
    english: str
    tense: frozenset[str]
    bangla: str
    marathi: str


@dataclass(frozen=True)
class Phrase:
    """Anything that stands as it is in all three languages."""

    english: str
    bangla: str
    marathi: str


@dataclass(frozen=True)
class CalendarWord:
    kind: str  # weekday, month, season, daytime
    english: str
    bangla: str
    bn_on: str
    marathi: str
    mr_on: str


@dataclass(frozen=True)
class Construction:
    """A sentence with slots: ``slots`` says what fills them, the other columns where and in which form it stands."""

    name: str
    weight: float
    slots: str
    english: str
    bangla: str
    marathi: str


@dataclass(frozen=True)
class Lexicon:
    nouns: tuple[Noun, ...]
    adjectives: tuple[Adjective, ...]
    verbs: tuple[Verb, ...]
    bangla_verbs: dict[str, BanglaVerb]
    marathi_verbs: dict[str, MarathiVerb]
    marathi_prefixes: dict[str, str]  # a prefix that stands as the verb's object, and its gender
    respected: dict[str, str]  # English noun: in which languages one speaks of this person with respect
    feminine: dict[str, Feminine]  # English noun: the word for a woman
    pronouns: dict[str, Pronoun]
    numbers: dict[int, Number]
    ordinals: tuple[Ordinal, ...]
    places: tuple[Place, ...]
    times: tuple[Time, ...]
    manners: tuple[Phrase, ...]
    transports: tuple[Phrase, ...]
    calendar: tuple[CalendarWord, ...]
    phrases: tuple[Phrase, ...]
    first_words: tuple[Phrase, ...]  # what a class types first
    constructions: tuple[Construction, ...]


@cache
def lexicon(folder: Path = TABLES) -> Lexicon:
    """Read all tables of a folder.

    Raises:
        CorpusError: a table is missing, has another header, a row of another length, or a verb without its parts.
    """
    words = Lexicon(
        nouns=tuple(row for path in sorted(folder.glob("nouns-*.tsv")) for row in rows(path, Noun)),
        adjectives=tuple(rows(folder / "adjectives.tsv", Adjective)),
        verbs=tuple(rows(folder / "verbs.tsv", Verb)),
        bangla_verbs={row.verb: row for row in rows(folder / "bn_verbs.tsv", BanglaVerb)},
        marathi_verbs={row.verb: row for row in rows(folder / "mr_verbs.tsv", MarathiVerb)},
        marathi_prefixes=dict(pairs(folder / "mr_prefixes.tsv", ("prefix", "gender"))),
        respected=dict(pairs(folder / "respected.tsv", ("english", "languages"))),
        feminine={row.english: row for row in rows(folder / "feminine.tsv", Feminine)},
        pronouns={row.english: row for row in rows(folder / "subjects.tsv", Pronoun)},
        numbers={int(row.value): row for row in rows(folder / "numbers.tsv", Number)},
        ordinals=tuple(rows(folder / "ordinals.tsv", Ordinal)),
        places=tuple(rows(folder / "places.tsv", Place)),
        times=tuple(rows(folder / "times.tsv", Time)),
        manners=tuple(rows(folder / "manner.tsv", Phrase)),
        transports=tuple(rows(folder / "transport.tsv", Phrase)),
        calendar=tuple(rows(folder / "calendar.tsv", CalendarWord)),
        phrases=tuple(row for path in sorted(folder.glob("phrases*.tsv")) for row in rows(path, Phrase)),
        first_words=tuple(rows(folder / "first-words.tsv", Phrase)),
        constructions=tuple(
            row for path in sorted(folder.glob("constructions*.tsv")) for row in rows(path, Construction)
        ),
    )
    if len({row.name for row in words.constructions}) < len(words.constructions):
        raise CorpusError(f"{folder}: two constructions have the same name")
    for verb in words.verbs:
        if verb.bn_verb not in words.bangla_verbs or verb.mr_verb not in words.marathi_verbs:
            raise CorpusError(f"{folder}: {verb.base} needs {verb.bn_verb} and {verb.mr_verb} among the verbs' parts")
    return words


def rows(path: Path, kind: type[Row]) -> list[Row]:
    """The rows of a table whose header names the fields of ``kind``."""
    types = {field.name: field.type for field in fields(kind)}
    return [
        kind(**{name: _converted(types[name], cell) for name, cell in row.items()})
        for row in _table(path, tuple(types))
    ]


def pairs(path: Path, header: tuple[str, str]) -> list[tuple[str, str]]:
    """The rows of a table of two columns."""
    return [(row[header[0]], row[header[1]]) for row in _table(path, header)]


def _table(path: Path, header: Sequence[str]) -> list[dict[str, str]]:
    return [{name: "" if cell == NOTHING else cell for name, cell in row.items()} for row in read_table(path, header)]


def _converted(kind: Any, cell: str) -> Any:
    converters: dict[Any, Callable[[str], Any]] = {frozenset[str]: _set, float: float}
    return converters.get(kind, str)(cell)


def _set(cell: str) -> frozenset[str]:
    return frozenset(part.strip() for part in cell.split(",") if part.strip())
