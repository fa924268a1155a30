"""Questions about a story, answered by an encoder and a decoder, in the manner of tasks 1 and 2 of Weston et al. 2015.

All sentences are this project's own. Nobody holds what another holds, and what was put down is where it was put.
"""

import random
import re
from dataclasses import dataclass, field
from typing import ClassVar

from models.learning.tasks.task import Example, Task, TaskError, checked, is_held_out, refused

PEOPLE = ("Mary", "John", "Sandra")
PLACES = ("kitchen", "garden", "office", "bedroom")
THINGS = ("milk", "football")
WENT, TOOK, DROPPED = "went", "took", "dropped"
START, END = "<s>", "</s>"
PERSON, THING = "one fact", "two facts"


@dataclass
class World:
    """What follows from the sentences so far, and how long ago the earliest sentence that it follows from was read."""

    place: dict[str, tuple[str, int]] = field(default_factory=dict)  # of a person: where, since which sentence
    holder: dict[str, tuple[str, int]] = field(default_factory=dict)  # of a thing: who, since which sentence
    left: dict[str, tuple[str, int]] = field(default_factory=dict)  # of a thing put down: where, which sentence told it
    told: int = 0

    def tell(self, words: tuple[str, ...]) -> None:
        who, does, what = words[0], words[1], words[-2]
        if does == WENT:
            self.place[who] = (what, self.told)
        elif does == TOOK:
            self.holder[what] = (who, self.told)
            self.left.pop(what, None)
        else:
            del self.holder[what]
            if who in self.place:
                self.left[what] = (self.place[who][0], min(self.place[who][1], self.told))
        self.told += 1

    def where(self, name: str) -> tuple[str, int] | None:
        """Where somebody or something is, and the earliest sentence needed to know; None where nobody can know."""
        if name in PEOPLE:
            return self.place.get(name)
        if name in self.holder:
            who, since = self.holder[name]
            return (self.place[who][0], min(since, self.place[who][1])) if who in self.place else None
        return self.left.get(name)

    def can(self, does: str) -> list[tuple[str, str]]:
        """Who can take or drop what: nobody takes what another holds, or what lies elsewhere."""
        if does == DROPPED:
            return [(who, what) for what, (who, _) in self.holder.items()]
        free = [what for what in THINGS if what not in self.holder]
        return [
            (who, what)
            for what in free
            for who, (place, _) in self.place.items()
            if what not in self.left or self.left[what][0] == place
        ]  # fmt: skip


class Answering(Task):
    key = "answering"
    name = "Question answering"
    says = "An encoder reads a story and a question. A decoder writes the answer."
    distance_is = "sentences back to the earliest that the answer needs"
    answers = ("in", "the", *PLACES, END)
    trained = (1, 6)
    distances = (1, 2, 3, 4, 5, 6, 7, 8, 10)
    units = 60
    steps = 7500
    batch_size = 100
    grows_below = 0.06
    decodes = True
    note = (
        "Stories grew longer for each network as it learned: a plain RNN, which learned next to nothing, has met "
        "only the shortest."
    )
    chance = 1 / len(PLACES)
    kinds = (PERSON, THING)
    symbols = (*PEOPLE, *PLACES, *THINGS, WENT, TOOK, DROPPED, "to", "the", ".", "Where", "is", "?")
    written: ClassVar[tuple[str, ...]] = (START, *answers[:-1])  # what the decoder may read
    example = "Mary went to the kitchen. Mary took the milk. John went to the garden. Where is the milk?"
    READS = (
        "It reads sentences such as “Mary went to the kitchen.”, “John took the milk.” and “John dropped the milk.”, "
        "then “Where is Mary?” or “Where is the milk?”."
    )
    _known: ClassVar[dict[str, str]] = {symbol.lower(): symbol for symbol in symbols}

    def distances_of(self, kind: str = "") -> tuple[int, ...]:
        """Two facts are two sentences, of which one lies at least two back."""
        return self.distances[1:] if kind == THING else self.distances

    def draw(self, coin: random.Random, distance: int, held_out: bool = False, kind: str = "") -> Example:
        kind = kind or (coin.choice(self.kinds) if distance > 1 else PERSON)
        while True:
            pattern = self._pattern(coin, distance + coin.randint(0, 2), kind)
            told = self._follow(coin, pattern, held_out)
            if told and (asked := self._asked(told[1], kind, distance)):
                name, place = coin.choice(asked)
                return self.about((*told[0], *question(name)), place)

    def batch(self, coin: random.Random, size: int, reach: float = 1.0) -> list[Example]:
        """Stories of one pattern of sentences, which have one length; of each story every question is asked."""
        kind, found, tried = coin.choice(self.kinds), [], 0
        pattern = self._pattern(coin, self.drawn_distance(coin, reach), kind)
        while len(found) < size:
            tried += 1
            if tried > size and not found:  # nobody can do what this pattern wants
                pattern, tried = self._pattern(coin, self.drawn_distance(coin, reach), kind), 0
            if told := self._follow(coin, pattern, held_out=False):
                read, world = told
                found += [self.about((*read, *question(name)), place) for name, place in self._asked(world, kind)]
        return found

    @staticmethod
    def _pattern(coin: random.Random, sentences: int, kind: str) -> list[str]:
        if kind == PERSON:
            return [WENT] * sentences
        pattern = [coin.choice((WENT, WENT, TOOK, DROPPED)) for _ in range(max(sentences, 2))]
        pattern[0] = WENT
        return pattern

    @staticmethod
    def _follow(coin: random.Random, pattern: list[str], held_out: bool) -> tuple[tuple[str, ...], World] | None:
        """A story of this pattern, and what follows from it; None where nobody can do what the pattern wants."""
        world, read = World(), []
        for does in pattern:
            if does == WENT:
                who = coin.choice(PEOPLE)
                here = world.place.get(who, ("", 0))[0]
                words = (who, WENT, "to", "the", coin.choice([place for place in PLACES if place != here]), ".")
            else:
                does = does if world.can(does) else (TOOK if does == DROPPED else DROPPED)
                if not (possible := world.can(does)):
                    return None
                who, what = coin.choice(possible)
                words = (who, does, "the", what, ".")
            world.tell(words)
            read += words
        return None if is_held_out(*read) != held_out else (tuple(read), world)

    @staticmethod
    def _asked(world: World, kind: str, distance: int | None = None) -> list[tuple[str, str]]:
        """Who or what can be asked about, and where it is, so many sentences back."""
        names = PEOPLE if kind == PERSON else THINGS
        known = [(name, *found) for name in names if (found := world.where(name))]
        return [(name, place) for name, place, since in known if distance in (None, world.told - since)]

    @staticmethod
    def about(read: tuple[str, ...], place: str) -> Example:
        return Example(read, {}, ("in", "the", place, END))

    def shown(self, example: Example) -> str:
        return re.sub(r" ([.?])", r"\1", " ".join(example.read))

    def parse(self, text: str) -> Example:
        read = []
        for word in re.findall(r"[^\W_]+|[^\w\s]|_+", text):
            if (symbol := self._known.get(word.lower())) is None:
                raise refused(word, self.READS)
            read.append(symbol)
        read = list(checked(read, self.READS))
        if read[-1] != "?":
            read.append("?")
        sentences, world, start = [], World(), 0
        for step, word in enumerate(read):
            if word in ".?":
                sentences.append(tuple(read[start : step + 1]))
                start = step + 1
        *story, asked = sentences
        for words in story:
            self._check(words, world)
            world.tell(words)
        if asked[-2:-1] not in [(name,) for name in (*PEOPLE, *THINGS)] or asked != question(asked[-2]):
            raise TaskError(f"The last sentence is no question that it reads. {self.READS}")
        if (found := world.where(asked[-2])) is None:
            raise TaskError(f"Nothing in the story tells where {asked[-2]} is, so there is no answer to be right.")
        return self.about(tuple(read), found[0])

    def _check(self, words: tuple[str, ...], world: World) -> None:
        who, does, what = words[0], words[1] if len(words) > 1 else "", words[-2] if len(words) > 1 else ""
        is_right = who in PEOPLE and (
            (does == WENT and words[2:] == ("to", "the", what, ".") and what in PLACES)
            or (does in (TOOK, DROPPED) and words[2:] == ("the", what, ".") and what in THINGS)
        )
        if not is_right:
            raise TaskError(f"“{' '.join(words[:-1])}.” is no sentence that it reads. {self.READS}")
        holder = world.holder.get(what, ("", 0))[0]
        if does == DROPPED and holder != who:
            raise TaskError(f"{who} drops the {what} without having it. Let {who} take it first.")
        if does == TOOK and holder:
            raise TaskError(f"{who} takes the {what}, which {holder} has. Let {holder} drop it first.")


def question(name: str) -> tuple[str, ...]:
    return ("Where", "is", name, "?") if name in PEOPLE else ("Where", "is", "the", name, "?")
