"""What it costs to put 256 units in the order of their likeness, beside the run that is put in order.

    python -m benchmarks.ordering

The mark is the recorded run itself, as in ``benchmarks.ledger``: the two take turns on one thread, and the table shows
medians, with the middle half of all ratios in brackets.
"""

import argparse
import os
from statistics import median

from benchmarks.ledger import LENGTHS, measured, ratios, workloads

LIMIT = 20.0  # milliseconds for 40 steps


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--turns", type=int, default=25, help="turns of each comparison (default: %(default)s)")
    turns = parser.parse_args().turns
    os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"))
    print("| steps | run, ms | order, ms | order / run |", "|--:|--:|--:|--:|", sep="\n")
    for length in LENGTHS:
        print(row(length, turns), flush=True)


def row(length: int, turns: int) -> str:
    from viz.figures.ordering import unit_order

    run = workloads(length)[0]
    trace = run()
    times = measured(lambda: unit_order(trace, "similarity"), run, turns)
    ours, mark = (1000 * median(column) for column in zip(*times, strict=True))
    verdict = f"; target {LIMIT:g} ms: {'reached' if ours <= LIMIT else 'missed'}" if length == 40 else ""
    return f"| {length} | {mark:.1f} | {ours:.1f} | {ratios(times)}{verdict} |"


if __name__ == "__main__":
    main()
