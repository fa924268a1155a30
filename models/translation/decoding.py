"""Greedy and beam search over any step function. A beam search keeps all it looked at, also what it dropped and why.

It yields one search step at a time, each before the next is computed, so that a page can stream it and stop.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

WIDEST = 8  # hypotheses that a beam may hold
CANDIDATES = 5  # continuations of each hypothesis that are listed, also where the beam is narrower
ALPHA = 0.6  # exponent of the length penalty (Vaswani et al. 2017, section 6.1)
SCORE = f"log-probability / ((5 + length) / 6) ** {ALPHA}, the length counting </s> (Wu et al. 2016, equation 14)"

State = Any  # of the decoder; only the step function looks into it
Status = Literal["alive", "finished", "cut off", "dropped"]
Cause = Literal["", "outside", "worse end", "hopeless", "length limit"]


class Reading(Protocol):
    """What a decoder computed when it read one token."""

    @property
    def state(self) -> State:
        """The state after it."""

    @property
    def ranking(self) -> Sequence[int]:
        """Tokens that could come next, the most probable first: as many as the beam is wide, or all there are."""

    @property
    def log_probabilities(self) -> Sequence[float]:
        """Of the tokens in ``ranking``, given all tokens before."""


Read = Callable[[int, State], Reading]  # a token and the state before it; the same arguments give the same numbers


def greedy(read: Read, state: State, start: int, end: int, limit: int) -> Iterator[tuple[Reading, int]]:
    """Write until ``end`` or the length limit, the most probable token each time; yields what was read and written."""
    token = start
    for _ in range(limit):
        reading = read(token, state)
        token, state = int(reading.ranking[0]), reading.state
        yield reading, token
        if token == end:
            return


def length_penalty(length: int, alpha: float = ALPHA) -> float:
    """Divisor of a log-probability, so that long and short translations compare (Wu et al. 2016, equation 14)."""
    return ((5 + length) / 6) ** alpha


@dataclass(frozen=True)
class Fate:
    """What became of a hypothesis, in which search step, and why."""

    status: Status
    step: int  # the search step that decided it, from 1
    cause: Cause = ""  # why it was dropped
    score: float = 0.0  # that lost the comparison
    against: float = 0.0  # the score that won it
    width: int = 0  # of the beam

    @property
    def reason(self) -> str:
        """Why it was dropped, in words; "" for what was not."""
        return {
            "": "",
            "outside": f"outside the {self.width} best at step {self.step}: score {self.score:.4f} against "
            f"{self.against:.4f} of the last kept",
            "worse end": f"ended, but {self.width} finished ones are better: score {self.score:.4f} against "
            f"{self.against:.4f} of the last of them",
            "hopeless": f"could no longer win at step {self.step}: if all its further tokens were certain, its score "
            f"would be {self.score:.4f}; {self.width} finished ones have {self.against:.4f} or more",
            "length limit": f"length limit: no end mark within {self.step} tokens",
        }[self.cause]


@dataclass(eq=False)
class Node:
    """A partial translation, by its last token. Its fate changes while the search goes on, and so does ``reading``.

    The root stands for the start mark, which nothing wrote.
    """

    token: int
    parent: "Node | None"
    state: State  # of the decoder before it reads the token: from here the search can go on, whatever the fate
    step: int = 0  # the search step that wrote the token, from 1; so many tokens long
    log_probability: float = 0.0  # of the token, given all before it
    total: float = 0.0  # log-probability of all tokens
    score: float = 0.0  # the same, divided by the length penalty
    rank: int = 0  # among the continuations of its parent, 0 for the most probable
    fate: Fate = Fate("alive", 0)
    reading: Reading | None = None  # what the decoder computed when it read the token; None as long as it has not

    @property
    def path(self) -> list["Node"]:
        """From the first token written to this one."""
        return [] if self.parent is None else [*self.parent.path, self]

    @property
    def tokens(self) -> tuple[int, ...]:
        return tuple(node.token for node in self.path)

    @property
    def is_greedy(self) -> bool:
        """Whether each token is the one that greedy search would have written."""
        return all(node.rank == 0 for node in self.path)


@dataclass(frozen=True, eq=False)
class SearchStep:
    """One step of a beam search: every hypothesis alive has read its last token."""

    step: int  # from 1
    read: tuple[Node, ...]
    kept: tuple[Node, ...]  # the best continuations, ended or not, best first
    dropped: tuple[Node, ...]  # in this step, of this or of an earlier one


class BeamSearch:
    """Follow the ``width`` most probable partial translations at once.

    In each step every hypothesis alive is continued by its most probable tokens, and the ``width`` best of all
    continuations are kept; ties go to the hypothesis that was better before, then to the token that ranks first. Those
    that end are finished, the others stay alive. Of the finished ones, the ``width`` best by score are kept.

    A hypothesis is given up when ``width`` finished ones have scores that it cannot exceed any more: log-probabilities
    only fall and the length penalty only grows, so no continuation can score more than today's log-probability divided
    by the penalty of the length limit. The search stops when no hypothesis is alive. With a width of 1 it is greedy
    search.
    """

    def __init__(self, read: Read, root: Node, end: int, width: int, limit: int, alpha: float = ALPHA) -> None:
        """Prepare a search; nothing is computed yet.

        Raises:
            ValueError: the width is less than 1, or nothing can follow the root.
        """
        if width < 1:
            raise ValueError(f"a beam of {width}; expected at least 1")
        if root.step >= limit or (root.parent and root.token == end):
            raise ValueError("nothing can follow an end mark or the length limit")
        self.root, self.end, self.width, self.limit, self.alpha = root, end, width, limit, alpha
        self.nodes = [root]  # the whole tree, in the order in which it was looked at
        self.alive = [root]
        self.finished: list[Node] = []  # best first
        self.cut_off: list[Node] = []  # alive at the length limit
        self._read = read

    def steps(self) -> Iterator[SearchStep]:
        """Search; each step is yielded before the next is computed."""
        while self.alive:
            yield self._advance()

    def finish(self) -> "BeamSearch":
        """Compute what is still missing."""
        for _ in self.steps():
            pass
        return self

    @property
    def hypotheses(self) -> list[Node]:
        """At most ``width`` translations: the finished ones, best first, then those that the length limit cut off.

        While the search goes on, those alive stand in for the latter.
        """
        return [*self.finished, *self.cut_off, *self.alive][: self.width]

    @property
    def dropped(self) -> list[Node]:
        """In the order in which the search looked at them."""
        return [node for node in self.nodes if node.fate.status == "dropped"]

    @property
    def greedy_path(self) -> list[Node]:
        """What greedy search would have written, as far as the beam followed it."""
        children = {node.parent: node for node in self.nodes if node.rank == 0 and node is not self.root}
        path, node = [], self.root
        while (node := children.get(node)) is not None:
            path.append(node)
        return path

    def read(self, node: Node) -> Reading:
        """What the decoder computed, or now computes, when it read the last token of a hypothesis."""
        if node.reading is None:
            node.reading = self._read(node.token, node.state)
        return node.reading

    def continued(self, node: Node, width: int | None = None) -> "BeamSearch":
        """Prepare a search that goes on from any hypothesis of this one, dropped or not; this one stays as it is.

        Raises:
            ValueError: the hypothesis has ended.
        """
        return BeamSearch(self._read, node, self.end, width or self.width, self.limit, self.alpha)

    def _advance(self) -> SearchStep:
        read, step = tuple(self.alive), self.alive[0].step + 1
        ranked = sorted((child for node in read for child in self._children(node)), key=lambda node: -node.total)
        kept, outside = ranked[: self.width], ranked[self.width :]
        dropped = [self._drop(node, step, "outside", node.score, kept[-1].score) for node in outside]

        ended = [node for node in kept if node.token == self.end]
        for node in ended:
            node.fate = Fate("finished", step)
        best_first = sorted([*self.finished, *ended], key=lambda node: -node.score)
        self.finished, worse = best_first[: self.width], best_first[self.width :]
        dropped += [self._drop(node, step, "worse end", node.score, self.finished[-1].score) for node in worse]

        self.alive = []
        for node in (node for node in kept if node.token != self.end):
            within_reach = node.total / length_penalty(self.limit, self.alpha)
            if len(self.finished) == self.width and within_reach <= self.finished[-1].score:
                dropped.append(self._drop(node, step, "hopeless", within_reach, self.finished[-1].score))
            else:
                self.alive.append(node)
        if step == self.limit:
            room = self.width - len(self.finished)
            self.cut_off, rest, self.alive = self.alive[:room], self.alive[room:], []
            for node in self.cut_off:
                node.fate = Fate("cut off", step)
            dropped += [self._drop(node, step, "length limit") for node in rest]
        return SearchStep(step, read, tuple(kept), tuple(dropped))

    def _children(self, node: Node) -> list[Node]:
        """The most probable continuations of a hypothesis; it reads its last token for that."""
        reading, step = self.read(node), node.step + 1
        penalty = length_penalty(step, self.alpha)
        children = []
        for rank in range(min(max(self.width, CANDIDATES), len(reading.ranking))):
            token, log_probability = int(reading.ranking[rank]), float(reading.log_probabilities[rank])
            total = node.total + log_probability
            children.append(
                Node(
                    token, node, reading.state, step, log_probability, total, total / penalty, rank, Fate("alive", step)
                )
            )
        self.nodes += children
        return children

    def _drop(self, node: Node, step: int, cause: Cause, score: float = 0.0, against: float = 0.0) -> Node:
        node.fate = Fate("dropped", step, cause, score, against, self.width)
        return node
