"""A process of its own that follows gradients: torch is imported there, once somebody asks, and nobody else waits.

It is started by its command line: ``multiprocessing`` would run the page anew in it, since a page is Streamlit's
``__main__``.
"""

import json
import subprocess
import sys
import threading
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from models import AssetError
from models.learning.flows import Answered, TaskQuestion, TranslationQuestion, answer_from_json, question_to_json
from viz import loading

ROOT = Path(__file__).resolve().parents[2]
KEPT = 30  # answers, each below a megabyte
LONGEST_WAIT = 60  # seconds

Question = TaskQuestion | TranslationQuestion


class WorkerError(RuntimeError):
    """The process that follows gradients did not answer; the message says so."""


class Worker:
    """One process for all visitors: who comes second waits for the first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen | None = None
        self._reader = ThreadPoolExecutor(1, "gradients")
        self._kept: OrderedDict[Question, Answered] = OrderedDict()

    def knows(self, question: Question) -> bool:
        """Whether this was answered before, so that nobody has to wait."""
        return question in self._kept

    def answer(self, question: Question) -> Answered:
        """What the process finds, or found before.

        Raises:
            AssetError: a file is missing or damaged.
            WorkerError: the process ended or took too long; the next question starts another.
        """
        with self._lock:
            if question not in self._kept:
                self._kept[question] = self._asked(question)
                while len(self._kept) > KEPT:
                    self._kept.popitem(last=False)
            return self._kept[question]

    def _asked(self, question: Question) -> Answered:
        process = self._started()
        try:
            process.stdin.write(question_to_json(question) + "\n")
            process.stdin.flush()
            line = self._reader.submit(process.stdout.readline).result(LONGEST_WAIT)
        except (OSError, TimeoutError):
            line = ""
        if not line:
            self.stop()
            raise WorkerError("The gradients could not be computed: their process has ended. Try once more.")
        if line.startswith('{"error"'):
            raise AssetError(json.loads(line)["error"])
        return answer_from_json(line)

    def _started(self) -> subprocess.Popen:
        if self._process is None or self._process.poll() is not None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "models.learning.flows", str(loading.ASSETS)], cwd=ROOT, text=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8",
            )  # fmt: skip
        return self._process

    def stop(self) -> None:
        """End the process, if there is one."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._process = None


WORKER = Worker()
