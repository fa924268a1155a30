"""What training must not meet: sentences that are tested on, and all that are one word away from them."""

from collections.abc import Iterable, Iterator
from functools import cache

from models.language.neighbours import GAP, Words, words_of


class Excluded:
    """English sentences, and everything that one word more, less or other makes of them; short ones as they are."""

    def __init__(self, sentences: Iterable[str], shortest: int = 3) -> None:
        self.shortest = shortest
        self.whole = {words_of(sentence) for sentence in sentences}
        long = [words for words in self.whole if len(words) >= shortest]
        self.gapped = {pattern for words in long for pattern in _gapped(words)}
        self.shorter = {pattern for words in long for pattern in _shorter(words)}
        self.long = frozenset(long)

    def covers(self, sentence: str) -> bool:
        words = words_of(sentence)
        return (
            words in self.whole or words in self.shorter
            or any(pattern in self.gapped for pattern in _gapped(words))
            or any(pattern in self.long for pattern in _shorter(words))
        )  # fmt: skip


@cache
def excluded_of(sentences: tuple[str, ...]) -> Excluded:
    return Excluded(sentences)


def _gapped(words: Words) -> Iterator[Words]:
    for place in range(len(words)):
        yield (*words[:place], GAP, *words[place + 1 :])


def _shorter(words: Words) -> Iterator[Words]:
    for place in range(len(words)):
        yield (*words[:place], *words[place + 1 :])
