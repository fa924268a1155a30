"""A translation in progress: each step computed once, by whoever asks for it first, and read by all."""

import secrets
import threading
import time
from weakref import WeakValueDictionary

from models.trace import TranslationTrace
from models.translator import DecoderStep, EncoderStep, Translator


class Run:
    """One translation, computed step by step on demand.

    The streaming route and the page read the same run, so pictures and stream show the same numbers. The page's session
    owns it; when the session goes, so does the run.
    """

    def __init__(self, translator: Translator, sentence: str) -> None:
        """Prepare the run; nothing is computed yet.

        Raises:
            SentenceError: the sentence cannot be translated.
        """
        self.id = secrets.token_urlsafe(16)  # cannot be guessed: whoever knows it may read the run
        self.translator = translator
        self.source = translator.source(sentence)
        self.trace: TranslationTrace | None = None  # once finished
        self.steps: list[EncoderStep | DecoderStep] = []
        self.seconds = 0.0  # spent computing
        self._pending = translator.steps(self.source)
        self._lock = threading.Lock()

    @property
    def is_finished(self) -> bool:
        return self.trace is not None

    def step(self, number: int) -> EncoderStep | DecoderStep | None:
        """Return step ``number``, computing up to it if need be; None past the last."""
        with self._lock:
            while len(self.steps) <= number and self.trace is None:
                started = time.perf_counter()
                step = next(self._pending, None)
                self.seconds += time.perf_counter() - started
                if step is None:
                    self.trace = self.translator.gather(self.source, self.steps)
                else:
                    self.steps.append(step)
        return self.steps[number] if number < len(self.steps) else None

    def finish(self) -> TranslationTrace:
        """Compute what is still missing."""
        while self.trace is None:
            self.step(len(self.steps))
        return self.trace


_RUNS: WeakValueDictionary[str, Run] = WeakValueDictionary()


def start(translator: Translator, sentence: str) -> Run:
    """Prepare a run and make it known to the streaming route for as long as the caller keeps it.

    Raises:
        SentenceError: the sentence cannot be translated.
    """
    run = Run(translator, sentence)
    _RUNS[run.id] = run
    return run


def find(run_id: str) -> Run | None:
    return _RUNS.get(run_id)
