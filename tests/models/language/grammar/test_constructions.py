"""Each construction as it was written down and read: one sentence, from few words, in all three languages.

After a change that is meant, ``UPDATE_EXAMPLES=1 pytest`` writes the list anew; every line that changed must be read.
"""

import os
import random
from dataclasses import replace
from pathlib import Path

from models.language.grammar.grammar import Grammar, Sentence
from models.language.grammar.lexicon import Lexicon, lexicon
from models.language.grammar.sampling import Sampler

EXAMPLES = Path(__file__).parent / "construction_examples.tsv"
NOUNS = """
boy girl man woman child friend mother father brother sister grandmother son daughter teacher doctor farmer student
cat dog cow bird apple mango banana rice egg potato tomato water milk tea juice book letter story newspaper pen
pencil notebook bag box door window table chair bed cupboard room kitchen cup plate glass phone computer clock house
school shop hospital station bus car train bicycle tree flower rose river mountain sun moon sky rain hand head ear
fever cough shirt shoe sari dress ring ball doll kite cricket football song film party meeting exam question answer
dream mathematics science English Bangla Marathi India money work birthday gift hammer knife toy picture
"""  # and the first two of every kind
VERBS = "eat drink read write play sleep go come see watch buy sell give show help open close wait run laugh"
ADJECTIVES = """
big small good bad new old red blue green black white beautiful tall short clever kind hot cold easy difficult clean
dirty heavy light cheap expensive tasty sweet happy strong
"""
PLACES = (
    "at school",
    "at home",
    "at the market",
    "in the garden",
    "in the kitchen",
    "in Mumbai",
    "in Kolkata",
    "in India",
)
TIMES = (
    "yesterday", "last week", "tomorrow", "next year", "now", "today", "every day", "always", "in the morning",
)  # fmt: skip


def few_words() -> Lexicon:
    words = lexicon()
    kinds = {kind for noun in words.nouns for kind in noun.kinds}
    first = {noun.english for kind in kinds for noun in [one for one in words.nouns if kind in one.kinds][:2]}
    wanted = first.union(NOUNS.split())
    return replace(
        words,
        nouns=tuple(noun for noun in words.nouns if noun.english in wanted),
        verbs=tuple(verb for verb in words.verbs if verb.base in VERBS.split() and not verb.en_particle),
        adjectives=tuple(adjective for adjective in words.adjectives if adjective.english in ADJECTIVES.split()),
        places=tuple(place for place in words.places if place.english_at in PLACES),
        times=tuple(time for time in words.times if time.english in TIMES),
        manners=tuple(manner for manner in words.manners if manner.english in ("quickly", "slowly", "well")),
        transports=words.transports[:3],
    )


def examples() -> list[Sentence]:
    grammar = Grammar(few_words())
    return [
        grammar.example(row, Sampler(grammar.words, random.Random(row.name))) for row in grammar.words.constructions
    ]


def written() -> dict[str, Sentence]:
    rows = (line.split("\t") for line in EXAMPLES.read_text("utf-8").splitlines()[1:])
    return {row[0]: Sentence(*row) for row in rows}


def test_each_construction_says_what_was_written_down():
    said = examples()
    if os.environ.get("UPDATE_EXAMPLES"):
        lines = ["construction\tenglish\tbangla\tmarathi", *("\t".join(vars(one).values()) for one in said)]
        EXAMPLES.write_text("\n".join(lines) + "\n", "utf-8")
    known = written()
    assert [one.construction for one in said] == list(known)
    differing = [(one, known[one.construction]) for one in said if one != known[one.construction]]
    assert not differing
