"""What the ledgers cost beside the run that they explain, how they grow with it, and a survey of 1,000 sentences.

    python -m benchmarks.ledger

The mark is the recorded run itself: the translation of a sentence by the shipped weights. Ledger and run take turns on
one thread; each turn gives one ratio, and the table shows the median with the middle half of all ratios in brackets.
Growth is the exponent p of time ~ length^p between neighbouring rows: 2 for what is quadratic, 3 for cubic. The survey
records 500 held-out sentences, each in both languages, in batches on two threads and not from disk.
"""

import argparse
import math
import os
import sys
import tempfile
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

LENGTHS = (20, 40, 80, 130)  # steps of encoder and decoder together; no run has more than 130
LIMIT, SURVEY_LIMIT = 20.0, 60.0  # milliseconds for 40 steps; seconds for 1,000 sentences


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--turns", type=int, default=25, help="turns of each comparison (default: %(default)s)")
    parser.add_argument("--survey", action="store_true", help="the survey only, in this process")
    arguments = parser.parse_args()
    os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "2" if arguments.survey else "1"))
    if arguments.survey:
        print(survey_line())
        return
    print(table(arguments.turns), flush=True)
    os.execv(sys.executable, [sys.executable, "-m", "benchmarks.ledger", "--survey"])


def table(turns: int) -> str:
    """One row a length: milliseconds, ratio to the run, growth."""
    rows, times = [], []
    for length in LENGTHS:
        run, everything, one_word = workloads(length)
        whole, word = measured(everything, run, turns), measured(one_word, run, turns)
        times.append(median(ours for ours, _ in whole))
        rows.append(
            f"| {length} | {1000 * median(mark for _, mark in whole):.1f} | {1000 * times[-1]:.2f} | {ratios(whole)} "
            f"| {1000 * median(ours for ours, _ in word):.2f} | {ratios(word)} |"
        )
    growth = ", ".join(
        f"{math.log(after / before) / math.log(long / short):.2f} from {short} to {long}"
        for (short, long), (before, after) in zip(pairwise(LENGTHS), pairwise(times), strict=True)
    )
    at_40 = 1000 * times[LENGTHS.index(40)]
    return "\n".join([
        "| steps | run, ms | ledger of all units and steps, ms | / run | ledger of a word, ms | / run |",
        "|--:|--:|--:|--:|--:|--:|",
        *rows,
        "",
        f"Growth of the whole ledger: {growth} (cubic would be 3).",
        f"40 steps: {at_40:.1f} ms, target {LIMIT:g} ms: {'reached' if at_40 <= LIMIT else 'missed'}.",
    ])  # fmt: skip


def workloads(length: int) -> list[Callable[[], object]]:
    """The run that is recorded, its whole ledger with residual, and the ledger of one word, for so many steps."""
    import numpy as np

    from models.analysis.provenance import cell_ledger, logit_ledger
    from models.translation.checkpoints import load_translator
    from models.translation.translator import DecoderState

    translator = load_translator("bn")
    source = translator.source("a " * (length // 2 - 2))

    def run() -> object:
        """As many steps as asked for, whatever is written: the decoder is cut off or goes on past its end mark."""
        read = list(translator.read_source(source))
        return translator.gather(source, read + written(read, length - len(read)))

    def written(read: list, count: int) -> list:
        source_states = np.array([step.hidden_state for step in read])
        token, steps = translator.target_vocabulary.start_id, []
        state = DecoderState(0, [(step.hidden_state, step.cell_state) for step in read[-1].layers])
        for position in range(count):
            reading = translator.read_target(source_states, token, state)
            token, state = int(reading.ranking[position % 2]), reading.state
            steps.append(reading.writing(token, translator.target_vocabulary))
        return steps

    trace = run()
    last = len(trace.target_tokens) - 1

    def everything() -> object:
        ledger = cell_ledger([trace.encoder[-1], trace.decoder[-1]])
        return ledger.everything(), ledger.residual()

    return [run, everything, lambda: logit_ledger(translator, trace, last, 10, 20, "mean of both")]


def measured(ours: Callable[[], object], mark: Callable[[], object], turns: int) -> list[tuple[float, float]]:
    """Time the two in turn, after two of each to warm up; each goes first every other time."""
    for _ in range(2):
        ours(), mark()
    times = []
    for turn in range(turns):
        first, second = (ours, mark) if turn % 2 else (mark, ours)
        pair = timed(first), timed(second)
        times.append(pair if turn % 2 else pair[::-1])
    return times


def timed(work: Callable[[], object]) -> float:
    begun = process_time()  # of this process alone: what else runs on the machine takes no part
    work()
    return process_time() - begun


def ratios(times: list[tuple[float, float]]) -> str:
    found = sorted(ours / mark for ours, mark in times)
    quarter = len(found) // 4
    return f"{median(found):.2f} ({found[quarter]:.2f}–{found[-1 - quarter]:.2f})"


def survey_line() -> str:
    """Seconds by the clock for the survey, beside the same sentences one by one, and for reading it from disk."""
    from models.analysis.survey import SENTENCES, sources_of, survey
    from models.evaluation.held_out import held_out_english
    from models.translation.checkpoints import load_translator

    translator = load_translator("bn")
    sources = sources_of(translator, held_out_english(SENTENCES))
    with tempfile.TemporaryDirectory() as folder:
        begun = perf_counter()
        found = survey("translator", cache=Path(folder))
        counted = perf_counter() - begun
        begun = perf_counter()
        survey("translator", cache=Path(folder))
        read = perf_counter() - begun
    begun = perf_counter()
    for source in sources:
        list(translator.steps(source))
    alone = perf_counter() - begun
    verdict = "reached" if counted <= SURVEY_LIMIT else "missed"
    return (
        f"Survey: {found.translations:,} translations in {counted:.1f} s by the clock, target {SURVEY_LIMIT:g} s: "
        f"{verdict}. One by one, without counting, they took {alone:.1f} s, a ratio of {counted / alone:.2f}; reading "
        f"the counts from disk, weights hashed, took {read:.1f} s."
    )


if __name__ == "__main__":
    main()
