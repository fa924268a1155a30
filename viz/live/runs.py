"""A translation in progress: each step computed once, by whoever asks for it first, and read by all."""

import secrets
import threading
import time
from collections.abc import Iterator, Sequence
from weakref import WeakValueDictionary

from models.decoding import SearchStep
from models.interventions import Intervention, Means
from models.trace import TranslationTrace
from models.translator import Beam, DecoderStep, EncoderStep, Translator

RunStep = EncoderStep | SearchStep | DecoderStep


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

    def _beam_steps(self) -> Iterator[RunStep]:
        read = []
        for step in self.translator.read_source(self.source, self.edits):
            read.append(step)
            yield step
        search = self.translator.beam_search(read, self.width, self.edits)
        self.beam = Beam(self.translator, self.source, read, search)
        yield from self.beam.search.steps()
        found = self.beam.search.hypotheses
        self.hypothesis = self.hypothesis if self.hypothesis <= len(found) else 1
        yield from self.translator.written(found[self.hypothesis - 1])

    def looking_at(self, hypothesis: int) -> "Run":
        """Another hypothesis of the finished search as a run of its own, without computing anything again.

        This run itself where there is no such hypothesis, or no search.
        """
        found = self.beam.search.hypotheses if self.beam and self.is_finished else []
        if hypothesis == self.hypothesis or not 1 <= hypothesis <= len(found):
            return self
        if hypothesis not in self._others:
            other = Run(self.translator, self.source.sentence, self.width, hypothesis)
            other.edits = self.edits
            other.beam, other.seconds = self.beam, self.seconds
            other.steps = [*self.beam.read, *self.translator.written(found[hypothesis - 1])]
            other.trace = self.translator.gather(self.source, other.steps, self.edits)
            self._others[hypothesis] = _known(other)
        return self._others[hypothesis]

    @property
    def columns(self) -> int:
        """Steps so far that the heat maps show."""
        return sum(not isinstance(step, SearchStep) for step in self.steps)

    @property
    def computed(self) -> int:
        """Steps of encoder and decoder computed so far, those of other hypotheses included."""
        if self.beam is None:
            return len(self.steps)
        return len(self.beam.read) + sum(node.reading is not None for node in self.beam.search.nodes)

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


_RUNS: WeakValueDictionary[str, Run] = WeakValueDictionary()


def start(
    translator: Translator, sentence: str, width: int = 1, hypothesis: int = 1,
    interventions: Sequence[Intervention] = (), means: Means | None = None,
) -> Run:  # fmt: skip
    """Prepare a run and make it known to the streaming route for as long as the caller keeps it.

    Raises:
        SentenceError, InterventionError: as for ``Run``.
    """
    return _known(Run(translator, sentence, width, hypothesis, interventions, means))


def _known(run: Run) -> Run:
    _RUNS[run.id] = run
    return run


def find(run_id: str) -> Run | None:
    return _RUNS.get(run_id)
