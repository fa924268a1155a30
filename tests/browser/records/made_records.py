"""Records that are no translations: one LSTM over thirty numbers, and a cell that nobody has heard of."""

from dataclasses import dataclass

import numpy as np

from models.recurrent.record import Part, Record
from models.recurrent.trace import Array, Cell, Described, Trace

NUMBERS = np.sin(np.arange(30) / 3).astype(np.float32)
CELL = Cell(
    "made-up",
    (
        Described("reset_gate", "gate"), Described("update_gate", "gate"), Described("candidate", "signed"),
        Described("hidden_state", "unbounded"),
    ),
    states=("hidden_state",),
)  # fmt: skip


def series() -> Record:
    """``torch.nn.LSTM(1, 8)`` over thirty numbers, labelled by them."""
    import torch

    from models import record

    torch.manual_seed(3)
    lstm = torch.nn.LSTM(1, 8)
    return Record.of(record(lstm, NUMBERS[:, None]), labels=[f"{number:.2f}" for number in NUMBERS])


@dataclass(frozen=True, eq=False)
class MadeUpTrace(Trace):
    cell = CELL

    reset_gate: Array
    update_gate: Array
    candidate: Array
    hidden_state: Array
    initial_hidden_state: Array


def made_up() -> Record:
    """Two parts of twelve and five steps, five units; the second starts from a state of its own."""
    rng = np.random.default_rng(5)
    parts = []
    for name, steps in (("morning", 12), ("evening", 5)):
        gates = rng.uniform(0, 1, (2, steps, 5)).astype(np.float32)
        candidate = rng.uniform(-1, 1, (steps, 5)).astype(np.float32)
        hidden = rng.normal(0, 3, (steps, 5)).astype(np.float32)
        labels = tuple(f"{name[0]}{step}" for step in range(steps))
        trace = MadeUpTrace(labels, *gates, candidate, hidden, rng.normal(size=5).astype(np.float32))
        parts.append(Part(name, labels, (trace,)))
    return Record(parts)


MADE = {"series": series, "made_up": made_up}
