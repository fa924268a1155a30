"""The instrumented plain RNN: its equation in NumPy, everything recorded."""

from dataclasses import dataclass

import numpy as np

from models.recurrent.maps import MapLayer, MapStep, MapTrace
from models.recurrent.trace import Array, Cell, Described

RNN_CELL = Cell(
    "rnn", (Described("hidden_state", "signed", "It is tanh of what is read and remembered."),), ("hidden_state",)
)
RELU_RNN_CELL = Cell(
    "rnn", (Described("hidden_state", "unbounded", "It is what is read and remembered, where that is above 0."),),
    ("hidden_state",),
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class RNNTrace(MapTrace):
    """What one layer of a plain RNN with tanh computed."""

    cell = RNN_CELL


@dataclass(frozen=True, eq=False)
class ReluRNNTrace(MapTrace):
    """What one layer of a plain RNN with ReLU computed."""

    cell = RELU_RNN_CELL


class RNNLayer(MapLayer):
    """One layer in one direction (Elman 1990): h' = tanh(W_ih x + b_ih + W_hh h + b_hh)."""

    trace_type = RNNTrace

    def squash(self, read: Array, remembered: Array, before: Array, step: MapStep) -> None:
        np.tanh(read[..., 0, :] + remembered[..., 0, :], out=step.hidden_state)
        step.activation[..., 0, :] = step.hidden_state


class ReluRNNLayer(MapLayer):
    """The same with max(0, ·) in place of tanh."""

    trace_type = ReluRNNTrace

    def squash(self, read: Array, remembered: Array, before: Array, step: MapStep) -> None:
        np.maximum(read[..., 0, :] + remembered[..., 0, :], 0, out=step.hidden_state)
        step.activation[..., 0, :] = step.hidden_state
