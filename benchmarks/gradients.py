"""What a visitor's translation costs while another visitor follows gradients, beside the same on a quiet server.

    python -m benchmarks.gradients

The shipped weights translate a sentence of ten words on one thread, by the clock, first with nothing beside it and then
while the worker of the page Gradients answers one question after the other in its own process; the two take turns. The
mark to reach is twice as long at most.
"""

import argparse
import os
import random
import threading
from statistics import median
from time import perf_counter

SENTENCE = "Tom said that he would come to my house tomorrow."
GAP, DEAREST = 100, 2.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--turns", type=int, default=20, help="turns of both (default: %(default)s)")
    parser.add_argument("--each", type=int, default=10, help="translations a turn (default: %(default)s)")
    arguments = parser.parse_args()
    os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"))
    quiet, beside, answered, first = measured(arguments.turns, arguments.each)
    ratio = median(b / q for q, b in zip(quiet, beside, strict=True))
    print(f"first question, with the start of its process: {first:.1f} s")
    print(f"one translation, quiet: {1000 * median(quiet):.1f} ms; beside gradients: {1000 * median(beside):.1f} ms")
    print(
        f"ratio, median of {len(quiet)} turns: {ratio:.2f} (mark: {DEAREST}); questions answered meanwhile: {answered}"
    )


def measured(turns: int, each: int) -> tuple[list[float], list[float], int, float]:
    """Seconds of a translation in every turn, quiet and beside gradients; answers meanwhile; seconds of the first."""
    from models.learning.flows import TaskQuestion
    from models.learning.tasks import TASKS
    from models.translation.checkpoints import load_translator
    from viz.gradients.worker import Worker

    translator, worker = load_translator("bn"), Worker()
    coin = random.Random(1)
    questions = (TaskQuestion("france", TASKS["france"].draw(coin, GAP, held_out=True).read) for _ in range(10**6))
    started = perf_counter()
    worker.answer(next(questions))
    first = perf_counter() - started
    is_asking, ends, answered = threading.Event(), threading.Event(), 0

    def ask() -> None:
        nonlocal answered
        while not ends.is_set():
            if is_asking.wait(0.1):
                worker.answer(next(questions))
                answered += 1

    asking = threading.Thread(target=ask)
    asking.start()
    quiet, beside = [], []
    try:
        for _ in range(turns):
            for found, is_busy in ((quiet, False), (beside, True)):
                (is_asking.set if is_busy else is_asking.clear)()
                if is_busy:
                    threading.Event().wait(0.2)  # until the process has something to do
                started = perf_counter()
                for _ in range(each):
                    translator.translate(SENTENCE)
                found.append((perf_counter() - started) / each)
                is_asking.clear()
                threading.Event().wait(0.5)  # until it has finished
    finally:
        ends.set()
        asking.join()
        worker.stop()
    return quiet, beside, answered, first


if __name__ == "__main__":
    main()
