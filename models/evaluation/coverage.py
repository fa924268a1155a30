"""Which everyday sentences have a pattern that the grammar yields: what is left when words of content are one mark."""

import random
from collections.abc import Iterable

from models.language.grammar.grammar import Grammar
from models.language.neighbours import words_of

CONTENT = "\u00b7"
SAMPLES = 200_000  # of the grammar; more add few patterns
_FUNCTION_WORDS = """
a about after again all almost already also although always am an and any anybody anyone anything are aren around as
at away be because been before behind being below between both but by can could couldn d did didn do does doesn doing
don done down during each either else enough even ever every everybody everyone everything except few for from get
gets getting go goes going gone got had has hasn have haven having he her here hers herself him himself his how i if
in inside instead into is isn it its itself just let like likes ll m made make makes many may me might mine more most
much must my myself near need needs neither never no nobody none nor not nothing of off often on once one only or
other our ours out outside over own please quite rather re really s same shall she should shouldn since so some
somebody someone something soon still such t than that the their theirs them themselves then there these they this
those though through till to too towards twice under unless until up us used usually ve very want wants was wasn we
well were weren what whatever when where whether which while who whoever whom whose why will with without won would
wouldn yet you your yours yourself
"""
FUNCTION_WORDS = frozenset(_FUNCTION_WORDS.split())


def pattern(sentence: str) -> tuple[str, ...]:
    """The words of function in their places, and one mark for what stands between them.

    ``The cat sat on the mat.`` is ``the · on the ·``.
    """
    found: list[str] = []
    for word in words_of(sentence):
        said = word if word in FUNCTION_WORDS else CONTENT
        if not (found and said == found[-1] == CONTENT):
            found.append(said)
    return tuple(found)


def patterns_of_the_grammar(samples: int = SAMPLES, seed: int = 1) -> frozenset[tuple[str, ...]]:
    drawn = Grammar().sentences(random.Random(seed))
    return frozenset(pattern(next(drawn).english) for _ in range(samples))


def covered(sentences: Iterable[str], patterns: frozenset[tuple[str, ...]]) -> list[str]:
    """Those of the sentences whose pattern is among ``patterns``."""
    return [sentence for sentence in sentences if pattern(sentence) in patterns]
