"""A grammar of everyday language: sentences in English, Bangla and Marathi that say the same, drawn from tables."""

import random
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import accumulate

import numpy as np
import regex

from models.language.corpus import CorpusError, Pair
from models.language.grammar.excluded import Excluded, excluded_of
from models.language.grammar.forms import Form, Forms, forms_of
from models.language.grammar.lexicon import Construction, Lexicon, lexicon
from models.language.grammar.sampling import Binding, Sampler
from models.language.languages import LANGUAGES, Language

PLACEHOLDER = regex.compile(r"\{(\w+)(?:\.(\w+))?(?::([^ }]+))?((?: \w+)*)\}")
Placeholder = tuple[str, Form, list[str], list[str]]
Template = tuple[str | Placeholder, ...]


@dataclass(frozen=True)
class Sentence:
    """One thing said three times, and the construction that it is an example of."""

    construction: str
    english: str
    bangla: str
    marathi: str

    def pair(self, language: Language) -> Pair:
        return Pair(self.english, self.bangla if language == "bn" else self.marathi, language)


class Grammar:
    """Draws sentences from the tables.

    Raises:
        CorpusError: a construction asks for a slot, a kind or a form that there is not.
    """

    def __init__(self, words: Lexicon | None = None) -> None:
        self.words = words or lexicon()
        forms = forms_of(self.words)
        self.slots = {row.name: slots_of(row) for row in self.words.constructions}
        self.templates = {
            row.name: tuple(
                template_of(row.name, text, forms[code])
                for code, text in (("en", row.english), ("bn", row.bangla), ("mr", row.marathi))
            )
            for row in self.words.constructions
        }

    def sentences(self, coin: random.Random, excluded: Excluded | None = None) -> Iterator[Sentence]:
        """One sentence after another, without end, none of them ``excluded``."""
        sampler = Sampler(self.words, coin)
        rows = self.words.constructions
        weights = list(accumulate(row.weight for row in rows))
        while True:
            sentence = self.example(coin.choices(rows, cum_weights=weights)[0], sampler)
            if not excluded or not excluded.covers(sentence.english):
                yield sentence

    def example(self, row: Construction, sampler: Sampler) -> Sentence:
        return self.said(row, sampler.fill(self.slots[row.name]))

    def said(self, row: Construction, bound: Mapping[str, Binding]) -> Sentence:
        """A construction with its slots filled, in all three languages."""
        try:
            return Sentence(row.name, *(_written(template, bound) for template in self.templates[row.name]))
        except KeyError as error:
            raise CorpusError(f"construction {row.name} asks for {error}, which there is not") from error


def template_of(name: str, text: str, forms: Forms) -> Template:
    """What stands between braces as a slot, its form and what the form is given; all else as it is."""
    parts: list[str | Placeholder] = []
    end = 0
    for found in PLACEHOLDER.finditer(text):
        slot, form, literal, others = found.groups()
        if (form or "") not in forms:
            raise CorpusError(f"construction {name}: {found.group()} asks for a form that there is not")
        parts += [text[end : found.start()], (slot, forms[form or ""], [literal] if literal else [], others.split())]
        end = found.end()
    if "{" in text[end:] or any(isinstance(part, str) and "{" in part for part in parts):
        raise CorpusError(f"construction {name}: {text} has a brace that is no slot")
    return (*parts, text[end:])


def _written(template: Template, bound: Mapping[str, Binding]) -> str:
    said = []
    for part in template:
        if isinstance(part, str):
            said.append(part)
        else:
            slot, form, literal, others = part
            said.append(form(bound[slot], *literal, *(bound[other] for other in others)))
    text = unicodedata.normalize("NFC", " ".join("".join(said).split()))
    return text[0].upper() + text[1:]


@dataclass(frozen=True)
class GrammarPairs:
    """So many fresh pairs of each language for an epoch, fewer as training goes on where ``last`` is smaller.

    ``excluded`` are English sentences that must not be met, nor any that is one word away from them.
    """

    count: int = 0
    excluded: tuple[str, ...] = ()

    def __call__(self, generator: np.random.Generator) -> list[Pair]:
        if not self.count:  # whoever draws none leaves the generator as it was
            return []
        sentences = grammar().sentences(random.Random(int(generator.integers(2**63))), excluded_of(self.excluded))
        return [next(sentences).pair(code) for code in LANGUAGES for _ in range(self.count)]


@cache
def like_an_epoch(fresh: GrammarPairs) -> tuple[Pair, ...]:
    """Pairs like those of an epoch, but of none: for learning which words there are."""
    return tuple(fresh(np.random.default_rng(0)))


@cache
def grammar() -> Grammar:
    return Grammar()


def slots_of(row: Construction) -> list[tuple[str, str, dict[str, str]]]:
    """``S=subject who=he; C=clause subject=S`` as a list of name, kind and options."""
    slots = []
    for slot in filter(None, (part.strip() for part in row.slots.split(";"))):
        head, *options = slot.split()
        name, mark, kind = head.partition("=")
        if not mark or not hasattr(Sampler, f"draw_{kind}") or any("=" not in option for option in options):
            raise CorpusError(f"construction {row.name}: {slot} is no slot")
        slots.append((name, kind, dict(option.split("=", 1) for option in options)))
    return slots
