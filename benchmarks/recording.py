"""What recording costs: ``models.record`` against two ways to run the same LSTM that record nothing.

    python -m benchmarks.recording

The marks are the fused ``torch.nn.LSTM`` and a loop over ``torch.nn.LSTMCell``, both without gradients. Every size runs
in a process of its own, on one thread. Recording and mark take turns; each turn gives one ratio. The table shows the
median ratio, with the middle half of all ratios in brackets.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Callable
from itertools import product
from statistics import median
from time import process_time  # of this process alone: what else runs on the machine takes no part

SIZES = list(product((64, 256, 512), (1, 64), (10, 30, 200)))  # H, B, T
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=2, help="time for each comparison (default: %(default)s)")
    parser.add_argument("--size", type=int, nargs=3, metavar=("H", "B", "T"), help="this size only, in this process")
    arguments = parser.parse_args()
    if arguments.size:
        os.environ.update(ONE_THREAD)  # before NumPy and torch are loaded
        print(row(*arguments.size, arguments.seconds), flush=True)
        return
    print("| H | B | T | fused, ms | recorded / fused | recorded / LSTMCell |")
    print("|--:|--:|--:|--:|--:|--:|", flush=True)
    for size in SIZES:
        command = [sys.executable, "-m", "benchmarks.recording", "--seconds", str(arguments.seconds), "--size"]
        subprocess.run([*command, *map(str, size)], check=True)


def row(H: int, B: int, T: int, seconds: float) -> str:
    """Measure one size: a line of the table."""
    recorded, fused, looped = runs(H, B, T)
    against_fused, against_cell = turns(recorded, fused, seconds), turns(recorded, looped, seconds)
    milliseconds = 1000 * median(mark for _, mark in against_fused)
    return f"| {H} | {B} | {T} | {milliseconds:.2f} | {ratio(against_fused)} | {ratio(against_cell)} |"


def ratio(times: list[tuple[float, float]]) -> str:
    ratios = sorted(ours / mark for ours, mark in times)
    quarter = len(ratios) // 4
    return f"{median(ratios):.2f} ({ratios[quarter]:.2f}–{ratios[-1 - quarter]:.2f})"


def runs(H: int, B: int, T: int) -> list[Callable[[], object]]:
    """The recorded LSTM, the fused one and a loop over the cell, with the same weights and inputs, (T, B, H)."""
    import torch

    from models import record

    torch.set_num_threads(1)
    torch.manual_seed(0)
    lstm, cell, inputs = torch.nn.LSTM(H, H).eval(), torch.nn.LSTMCell(H, H).eval(), torch.randn(T, B, H)
    cell.load_state_dict({name.removesuffix("_l0"): values for name, values in lstm.state_dict().items()})

    @torch.inference_mode()
    def looped() -> list[torch.Tensor]:
        state, hidden_states = None, []
        for step in inputs:
            state = cell(step, state)
            hidden_states.append(state[0])
        return hidden_states

    return [lambda: record(lstm, inputs), torch.inference_mode()(lambda: lstm(inputs)), looped]


def turns(ours: Callable[[], object], mark: Callable[[], object], seconds: float) -> list[tuple[float, float]]:
    """Time the two in turn until the seconds are over, but nine times at least; each goes first every other time."""
    for _ in range(3):  # until memory is taken and weights are packed
        timed(ours), timed(mark)
    times: list[tuple[float, float]] = []
    started = process_time()
    while len(times) < 9 or process_time() - started < seconds:
        if len(times) % 2:
            times.append((timed(ours), timed(mark)))
        else:
            times.append((timed(mark), timed(ours))[::-1])
    return times


def timed(run: Callable[[], object]) -> float:
    begun = process_time()
    run()
    return process_time() - begun


if __name__ == "__main__":
    main()
