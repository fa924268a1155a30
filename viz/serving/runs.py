"""A translation in progress: each step computed once, by whoever asks for it first, and read by all."""

import secrets
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any
from weakref import WeakValueDictionary

from models.translation.decoding import BeamSearch, Node, SearchStep
from models.translation.interventions import Intervention, Means
from models.translation.record import TranslationTrace
from models.translation.translator import Beam, DecoderStep, EncoderStep, Translator

RunStep = EncoderStep | SearchStep | DecoderStep
MOST_CONTINUED = 8  # runs that go on from nodes of one search and are kept: each may hold as much as the search itself


class NodeError(ValueError):
    """A node that decoding cannot go on from; the message says why."""


class Run:
    """One translation, computed step by step on demand.

    The streaming route and the page read the same run, so pictures and stream show the same numbers. The page's session
    owns it; when the session goes, so does the run.
    """

    def __init__(
        self, translator: Translator, sentence: str, width: int = 1, hypothesis: int = 1,
        interventions: Sequence[Intervention] = (), means: Means | None = None,
    ) -> None:  # fmt: skip
        """Prepare the run; nothing is computed yet.

        With a width of more than 1 it is a beam search: after the encoder's steps come those of the search, and last
        the decoder's steps that wrote the hypothesis on view, as they were computed in the search.

        ``means`` are over recorded sentences, for interventions that replace by a mean.

        Raises:
            SentenceError: the sentence cannot be translated, or that of a run that values are patched from.
            InterventionError: an intervention on what this run does not have.
        """
        self.id = secrets.token_urlsafe(16)  # cannot be guessed: whoever knows it may read the run
        self.translator = translator
        self.source = translator.source(sentence)
        self.edits = translator.edits(self.source, interventions, means)
        self.width = width
        self.hypothesis = hypothesis  # on view, 1 for the best; once finished, one that was found
        self.beam: Beam | None = None  # once the source is read, unless the search is greedy
        self.trace: TranslationTrace | None = None  # once finished
        self.steps: list[RunStep] = []
        self.seconds = 0.0  # spent computing
        self._pending = translator.steps(self.source, self.edits) if width == 1 else self._beam_steps()
        self._lock = threading.Lock()
        self._others: dict[int, Run] = {}
        self._continued: dict[tuple[int, int], Run] = {}
        self._read_before = 0  # tokens that the decoder read in a search which this run goes on from

    def _beam_steps(self) -> Iterator[RunStep]:
        read = []
        for step in self.translator.read_source(self.source, self.edits):
            read.append(step)
            yield step
        search = self.translator.beam_search(read, self.width, self.edits)
        self.beam = Beam(self.translator, self.source, read, search)
        yield from self._search_steps(search)

    def _search_steps(self, search: BeamSearch) -> Iterator[RunStep]:
        """The steps of a search, then those that wrote the hypothesis on view after the search's root."""
        yield from search.steps()
        found = search.hypotheses
        self.hypothesis = self.hypothesis if self.hypothesis <= len(found) else 1
        yield from self.translator.written(found[self.hypothesis - 1])[search.root.step :]

    def _greedy_steps(self, search: BeamSearch) -> Iterator[DecoderStep]:
        """A search that follows one hypothesis never takes back what it wrote, so each step is known at once."""
        for step in search.steps():
            (node,) = step.kept
            yield node.parent.reading.writing(node.token, self.translator.target_vocabulary)

    def looking_at(self, hypothesis: int) -> "Run":
        """Another hypothesis of the finished search as a run of its own, without computing anything again.

        This run itself where there is no such hypothesis, or no search.
        """
        found = self.beam.search.hypotheses if self.beam and self.is_finished else []
        if hypothesis == self.hypothesis or not 1 <= hypothesis <= len(found):
            return self
        if hypothesis not in self._others:
            other = self._beside(self.width, hypothesis)
            other.beam, other._read_before = self.beam, self._read_before
            other.steps = [*self.beam.read, *self.translator.written(found[hypothesis - 1])]
            other.trace = self.translator.gather(self.source, other.steps, self.edits)
            self._others[hypothesis] = make_known(other)
        return self._others[hypothesis]

    def continued_from(self, number: int, width: int | None = None) -> "Run":
        """Decoding that goes on from any node of this search, dropped or not, as a run of its own.

        Nothing that led to the node is computed again, and this run stays as it is.

        Args:
            number: of the node, as in ``beam.search.nodes``: 0 is the root.
            width: of the beam from there on, 1 for greedy search; by default that of this search.

        Raises:
            NodeError: there is no such node, or nothing can follow it.
        """
        self.finish()
        node, width = self._node_to_continue(number), width or self.width
        other = self._continued.pop((number, width), None)
        if other is None:
            other = self._beside(width)
            search = self.beam.search.continued(replace(node), width)  # a copy: this search has not read the node
            other.beam = Beam(self.translator, self.source, self.beam.read, search)
            other.steps = [*self.beam.read, *self.translator.written(node)]
            other._read_before = self._tokens_read - (node.reading is not None)
            other._pending = other._greedy_steps(search) if width == 1 else other._search_steps(search)
        self._continued[number, width] = make_known(other)  # the newest comes last
        while len(self._continued) > MOST_CONTINUED:
            del self._continued[next(iter(self._continued))]
        return other

    def _node_to_continue(self, number: int) -> Node:
        if self.beam is None:
            raise NodeError("Greedy search keeps no tree that decoding could go on in.")
        search = self.beam.search
        if not 0 <= number < len(search.nodes):
            raise NodeError(f"This tree has no node {number}: its nodes are 0 to {len(search.nodes) - 1}.")
        node = search.nodes[number]
        if node.parent is not None and node.token == search.end:
            raise NodeError(f"Node {number} is an end mark: nothing can follow it.")
        if node.step >= search.limit:
            raise NodeError(f"Node {number} is at the length limit of {search.limit} tokens: nothing can follow it.")
        return node

    def _beside(self, width: int, hypothesis: int = 1) -> "Run":
        """Another run of the same source with the same interventions, which goes on from what was computed here."""
        other = Run(self.translator, self.source.sentence, width, hypothesis)
        other.edits, other.seconds = self.edits, self.seconds
        return other

    @property
    def columns(self) -> int:
        """Steps so far that the heat maps show."""
        return sum(not isinstance(step, SearchStep) for step in self.steps)

    @property
    def computed(self) -> int:
        """Steps of encoder and decoder computed so far, those of other hypotheses included."""
        if self.beam is None:
            return len(self.steps)
        return len(self.beam.read) + self._tokens_read

    @property
    def _tokens_read(self) -> int:
        """By the decoder in its search, and in the one that it goes on from."""
        return self._read_before + sum(node.reading is not None for node in self.beam.search.nodes)

    @property
    def is_finished(self) -> bool:
        return self.trace is not None

    def step(self, number: int) -> RunStep | None:
        """Return step ``number``, computing up to it if need be; None past the last."""
        with self._lock:
            while len(self.steps) <= number and self.trace is None:
                started = time.perf_counter()
                step = next(self._pending, None)
                self.seconds += time.perf_counter() - started
                if step is None:
                    self.trace = self.translator.gather(self.source, self.steps, self.edits)
                else:
                    self.steps.append(step)
        return self.steps[number] if number < len(self.steps) else None

    def finish(self) -> TranslationTrace:
        """Compute what is still missing."""
        while self.trace is None:
            self.step(len(self.steps))
        return self.trace


_RUNS: WeakValueDictionary[str, Any] = WeakValueDictionary()


def start(
    translator: Translator, sentence: str, width: int = 1, hypothesis: int = 1,
    interventions: Sequence[Intervention] = (), means: Means | None = None,
) -> Run:  # fmt: skip
    """Prepare a run and make it known to the streaming route for as long as the caller keeps it.

    Raises:
        SentenceError, InterventionError: as for ``Run``.
    """
    return make_known(Run(translator, sentence, width, hypothesis, interventions, means))


def make_known(run: Any) -> Any:
    """Let the streaming route find a run by its id."""
    _RUNS[run.id] = run
    return run


def find(run_id: str) -> Run | None:
    return _RUNS.get(run_id)
