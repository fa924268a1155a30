"""Record any ``torch.nn.LSTM``: the same numbers as its own forward pass, and everything in between."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from models.recurrent.lstm import LSTMLayer, State
from models.recurrent.trace import Array, Direction, LSTMTrace, Step

if TYPE_CHECKING:
    import torch


class RecordingError(ValueError):
    """An LSTM or inputs that cannot be recorded; the message names what is not supported."""


def record(
    lstm: torch.nn.LSTM, inputs: Any, lengths: Sequence[int] | None = None
) -> list[LSTMTrace] | list[list[LSTMTrace]]:
    """Run an LSTM from a zero state and keep every gate and state.

    Args:
        lstm: a ``torch.nn.LSTM`` as it stands; dropout between layers is not applied (as in ``eval()``).
        inputs: torch tensor or array, (T, X) for one sequence; for a padded batch (T, B, X), or (B, T, X) if
            ``batch_first``; or a ``torch.nn.utils.rnn.PackedSequence``.
        lengths: how many steps of each sequence of a padded batch are data; all of them if omitted.

    Returns:
        One ``LSTMTrace`` per layer and direction, layer by layer, forward before backward; all in the reading order of
        the sequence. For a batch, a list of such lists, one per sequence, without padding. Tokens are the step numbers.
        ``Record.of`` makes a record of such a list.

    Raises:
        RecordingError: ``proj_size``, another kind of module or dtype, inputs or lengths that do not fit.
    """
    layers = _layers_of(lstm)
    if hasattr(inputs, "batch_sizes"):
        if lengths is not None:
            raise RecordingError("lengths: a packed sequence has its own")
        inputs, lengths = _unpack(inputs, lstm.batch_first)
    values = _as_array(inputs, layers[0][0].bias.dtype, lstm.input_size)
    if values.ndim == 2:
        if lengths is not None:
            raise RecordingError("lengths: only a batch takes lengths, and these inputs are one sequence")
        return _record_sequence(layers, values)
    if lstm.batch_first:
        values = values.swapaxes(0, 1)
    T, B, _ = values.shape
    lengths = _checked_lengths(lengths, T, B)
    return [_record_sequence(layers, values[: lengths[0], 0])] if B == 1 else _record_batch(layers, values, lengths)


def _record_sequence(layers: list[list[LSTMLayer]], values: Array) -> list[LSTMTrace]:
    tokens = _step_numbers(len(values))
    return [run.trace(tokens) for run in _run(layers, values, np.array([len(values)]))]


def _record_batch(layers: list[list[LSTMLayer]], values: Array, lengths: Array) -> list[list[LSTMTrace]]:
    tokens, runs = _step_numbers(len(values)), _run(layers, values, lengths)
    return [[run.trace(tokens[:length], column) for run in runs] for column, length in enumerate(lengths.tolist())]


class _Run(NamedTuple):
    """One layer in one direction after its run: its steps, (T, ...) or (T, B, ...), are in reading order."""

    layer: LSTMLayer
    number: int
    direction: Direction
    steps: Step
    initial: State

    def trace(self, tokens: tuple[str, ...], *column: int) -> LSTMTrace:
        """Cut out one sequence, without its padding."""
        steps = self.steps.at(slice(len(tokens)), *column)
        return LSTMTrace.of(steps, tokens, self.layer.bias, self.initial, self.number, self.direction)


def _run(layers: list[list[LSTMLayer]], values: Array, lengths: Array) -> list[_Run]:
    """Read (T, X) or (T, B, X) inputs, layer by layer, forward before backward."""
    runs = []
    for number, directions in enumerate(layers):
        if number:
            outputs = [run.steps.hidden_state for run in runs[-len(directions) :]]
            values = np.concatenate(outputs, axis=-1) if len(outputs) > 1 else outputs[0]
        for layer, direction, read in zip(directions, ("forward", "backward"), (_read_forward, _read_backward)):
            runs.append(_Run(layer, number, direction, read(layer, values, lengths), layer.zero_state()))
    return runs


def _read_forward(layer: LSTMLayer, values: Array, lengths: Array) -> Step:
    steps, state = layer.prepare(values), layer.zero_state(*values.shape[1:-1])
    for step in steps.each():
        state = layer.step(step, state)
    return steps


def _read_backward(layer: LSTMLayer, values: Array, lengths: Array) -> Step:
    """All steps, in reading order; each sequence starts at its own last step, from a zero state."""
    steps, state, shortest = layer.prepare(values), layer.zero_state(*values.shape[1:-1]), lengths.min()
    for time in reversed(range(len(values))):
        state = layer.step(steps.at(time), state)
        if time >= shortest:
            state = tuple(np.where((time < lengths)[:, None], part, 0) for part in state)
    return steps


def _layers_of(lstm: torch.nn.LSTM) -> list[list[LSTMLayer]]:
    import torch

    if type(lstm) is not torch.nn.LSTM:  # a subclass may compute something else
        raise RecordingError(f"only torch.nn.LSTM can be recorded, not {type(lstm).__module__}.{type(lstm).__name__}")
    if lstm.proj_size:
        raise RecordingError(f"proj_size={lstm.proj_size} is not supported")
    if (dtype := str(lstm.weight_ih_l0.dtype)) not in ("torch.float32", "torch.float64"):
        raise RecordingError(f"dtype {dtype} is not supported, only float32 and float64")

    matmul, layers = _product(), []
    for parameters in lstm.all_weights:  # of every layer and direction, forward before backward
        weight_ih, weight_hh, *biases = map(_numpy, parameters)
        bias = biases[0] + biases[1] if biases else np.zeros(len(weight_ih), weight_ih.dtype)
        layers.append(LSTMLayer(weight_ih, weight_hh, bias, matmul))
    D = 2 if lstm.bidirectional else 1
    return [layers[first : first + D] for first in range(0, len(layers), D)]


def _numpy(values: Any) -> Array:
    return values.numpy(force=True) if hasattr(values, "detach") else np.asarray(values)


def _as_array(inputs: Any, dtype: np.dtype, input_size: int) -> Array:
    values = inputs if hasattr(inputs, "dtype") else np.asarray(inputs)
    if (given := str(values.dtype).removeprefix("torch.")) != dtype.name:
        raise RecordingError(f"inputs are {given}, the LSTM is {dtype}")
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
