"""Record any LSTM, GRU or RNN of torch: the same numbers as its own forward pass, and everything in between."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, overload

import numpy as np

from models.recurrent.gru import GRULayer, GRUTrace
from models.recurrent.lstm import LSTMLayer
from models.recurrent.maps import MapLayer, MapTrace
from models.recurrent.rnn import ReluRNNLayer, RNNLayer
from models.recurrent.trace import Array, Direction, LSTMTrace, Trace

if TYPE_CHECKING:
    import torch


Layer = LSTMLayer | MapLayer


class RecordingError(ValueError):
    """A network or inputs that cannot be recorded; the message names what is not supported."""


@overload
def record(
    network: torch.nn.LSTM, inputs: Any, lengths: Sequence[int] | None = None
) -> list[LSTMTrace] | list[list[LSTMTrace]]: ...
@overload
def record(
    network: torch.nn.GRU, inputs: Any, lengths: Sequence[int] | None = None
) -> list[GRUTrace] | list[list[GRUTrace]]: ...
@overload
def record(
    network: torch.nn.RNN, inputs: Any, lengths: Sequence[int] | None = None
) -> list[MapTrace] | list[list[MapTrace]]: ...
def record(network: Any, inputs: Any, lengths: Sequence[int] | None = None) -> Any:
    """Run a recurrent network from a zero state and keep every gate and state.

    Args:
        network: a ``torch.nn.LSTM``, ``GRU`` or ``RNN`` as it stands; dropout between layers is not applied (as in
            ``eval()``).
        inputs: torch tensor or array, (T, X) for one sequence; for a padded batch (T, B, X), or (B, T, X) if
            ``batch_first``; or a ``torch.nn.utils.rnn.PackedSequence``.
        lengths: how many steps of each sequence of a padded batch are data; all of them if omitted.

    Returns:
        One trace per layer and direction (``LSTMTrace``, ``GRUTrace``, ``RNNTrace`` or, of an RNN with that
        nonlinearity, ``ReluRNNTrace``), layer by layer, forward before backward; all in the reading order of the
        sequence. For a batch, a list of such lists, one per sequence, without padding. Tokens are the step numbers.
        ``Record.of`` makes a record of such a list.

    Raises:
        RecordingError: ``proj_size``, another kind of module or dtype, inputs or lengths that do not fit.
    """
    layers = _layers_of(network)
    if hasattr(inputs, "batch_sizes"):
        if lengths is not None:
            raise RecordingError("lengths: a packed sequence has its own")
        inputs, lengths = _unpack(inputs, network.batch_first)
    values = _as_array(inputs, layers[0][0].weight_hh.dtype, network)
    if values.ndim == 2:
        if lengths is not None:
            raise RecordingError("lengths: only a batch takes lengths, and these inputs are one sequence")
        return _record_sequence(layers, values)
    if network.batch_first:
        values = values.swapaxes(0, 1)
    T, B, _ = values.shape
    lengths = _checked_lengths(lengths, T, B)
    return [_record_sequence(layers, values[: lengths[0], 0])] if B == 1 else _record_batch(layers, values, lengths)


def _record_sequence(layers: list[list[Layer]], values: Array) -> list[Trace]:
    tokens = _step_numbers(len(values))
    return [run.trace(tokens) for run in _run(layers, values, np.array([len(values)]))]


def _record_batch(layers: list[list[Layer]], values: Array, lengths: Array) -> list[list[Trace]]:
    tokens, runs = _step_numbers(len(values)), _run(layers, values, lengths)
    return [[run.trace(tokens[:length], column) for run in runs] for column, length in enumerate(lengths.tolist())]


class _Run(NamedTuple):
    """One layer in one direction after its run: its steps, (T, ...) or (T, B, ...), are in reading order."""

    layer: Layer
    number: int
    direction: Direction
    steps: Any  # of the layer's own kind
    initial: tuple[Array, ...]

    def trace(self, tokens: tuple[str, ...], *column: int) -> Trace:
        """Cut out one sequence, without its padding."""
        steps = self.steps.at(slice(len(tokens)), *column)
        return self.layer.trace(steps, tokens, self.initial, self.number, self.direction)


def _run(layers: list[list[Layer]], values: Array, lengths: Array) -> list[_Run]:
    """Read (T, X) or (T, B, X) inputs, layer by layer, forward before backward."""
    runs = []
    for number, directions in enumerate(layers):
        if number:
            outputs = [run.steps.hidden_state for run in runs[-len(directions) :]]
            values = np.concatenate(outputs, axis=-1) if len(outputs) > 1 else outputs[0]
        for layer, direction, read in zip(directions, ("forward", "backward"), (_read_forward, _read_backward)):
            runs.append(_Run(layer, number, direction, read(layer, values, lengths), layer.zero_state()))
    return runs


def _read_forward(layer: Layer, values: Array, lengths: Array) -> Any:
    steps, state = layer.prepare(values), layer.zero_state(*values.shape[1:-1])
    for step in steps.each():
        state = layer.step(step, state)
    return steps


def _read_backward(layer: Layer, values: Array, lengths: Array) -> Any:
    """All steps, in reading order; each sequence starts at its own last step, from a zero state."""
    steps, state, shortest = layer.prepare(values), layer.zero_state(*values.shape[1:-1]), lengths.min()
    for time in reversed(range(len(values))):
        state = layer.step(steps.at(time), state)
        if time >= shortest:
            state = tuple(np.where((time < lengths)[:, None], part, 0) for part in state)
    return steps


def _layers_of(network: Any) -> list[list[Layer]]:
    import torch

    kind = type(network)
    if kind not in (torch.nn.LSTM, torch.nn.GRU, torch.nn.RNN):  # a subclass may compute something else
        raise RecordingError(f"only torch.nn.LSTM, GRU and RNN can be recorded, not {kind.__module__}.{kind.__name__}")
    if network.proj_size:
        raise RecordingError(f"proj_size={network.proj_size} is not supported")
    if (dtype := str(network.weight_ih_l0.dtype)) not in ("torch.float32", "torch.float64"):
        raise RecordingError(f"dtype {dtype} is not supported, only float32 and float64")
    if kind is torch.nn.LSTM:
        make = _lstm_layer
    elif kind is torch.nn.GRU:
        make = GRULayer
    else:
        make = ReluRNNLayer if network.nonlinearity == "relu" else RNNLayer

    matmul, layers = _product(), []
    for parameters in network.all_weights:  # of every layer and direction, forward before backward
        weight_ih, weight_hh, *biases = map(_numpy, parameters)
        biases = biases or [np.zeros(len(weight_ih), weight_ih.dtype) for _ in range(2)]
        layers.append(make(weight_ih, weight_hh, *biases, matmul))
    D = 2 if network.bidirectional else 1
    return [layers[first : first + D] for first in range(0, len(layers), D)]


def _lstm_layer(
    weight_ih: Array, weight_hh: Array, bias_ih: Array, bias_hh: Array, matmul: Callable[..., Array]
) -> LSTMLayer:
    return LSTMLayer(weight_ih, weight_hh, bias_ih + bias_hh, matmul)


def _numpy(values: Any) -> Array:
    return values.numpy(force=True) if hasattr(values, "detach") else np.asarray(values)


def _as_array(inputs: Any, dtype: np.dtype, network: Any) -> Array:
    input_size = network.input_size
    values = inputs if hasattr(inputs, "dtype") else np.asarray(inputs)
    if (given := str(values.dtype).removeprefix("torch.")) != dtype.name:
        raise RecordingError(f"inputs are {given}, the {type(network).__name__} is {dtype}")
    values = np.require(_numpy(values), requirements=["C", "W"])  # torch takes no other view of an array
    if values.ndim not in (2, 3) or values.shape[-1] != input_size:
        raise RecordingError(f"inputs are {values.shape}, expected (T, {input_size}) or a batch of such sequences")
    if 0 in values.shape[:-1]:
        raise RecordingError(f"inputs are {values.shape}: there is no step to record")
    return values


def _checked_lengths(lengths: Any, T: int, B: int) -> Array:
    checked = np.full(B, T) if lengths is None else _numpy(lengths)
    if checked.shape != (B,) or checked.dtype.kind not in "iu":
        raise RecordingError(f"lengths: expected {B} whole numbers, one per sequence")
    if checked.min() < 1 or checked.max() > T:
        raise RecordingError(f"lengths: must lie in 1..{T}, these reach from {checked.min()} to {checked.max()}")
    return checked


def _unpack(packed: Any, batch_first: bool) -> tuple[Any, Any]:
    from torch.nn.utils.rnn import pad_packed_sequence

    return pad_packed_sequence(packed, batch_first=batch_first)


def _step_numbers(count: int) -> tuple[str, ...]:
    return tuple(map(str, range(1, count + 1)))


def _product() -> Callable[..., Array]:
    """``np.matmul`` for a vector; for more rows torch's, whose library is faster there, and which is loaded anyway."""
    from torch import from_numpy
    from torch import matmul as torch_matmul

    def matmul(left: Array, right: Array, out: Array) -> Array:
        if left.ndim == 1:
            return np.matmul(left, right, out=out)
        torch_matmul(from_numpy(left), from_numpy(right), out=from_numpy(out))
        return out

    return matmul
