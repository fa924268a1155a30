"""Record any ``torch.nn.LSTM``: the same numbers as its own forward pass, and everything in between."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from models.lstm import LSTMLayer
from models.trace import Array, Step, Trace

if TYPE_CHECKING:
    import torch

DIRECTIONS = (("forward", ""), ("backward", "_reverse"))


class RecordingError(ValueError):
    """An LSTM or inputs that cannot be recorded; the message names what is not supported."""


def record(lstm: torch.nn.LSTM, inputs: Any, lengths: Sequence[int] | None = None) -> list[Trace] | list[list[Trace]]:
    """Run an LSTM from a zero state and keep every gate and state.

    Args:
        lstm: a ``torch.nn.LSTM`` as it stands; dropout between layers is not applied (as in ``eval()``).
        inputs: torch tensor or array, (T, X) for one sequence; for a padded batch (T, B, X), or (B, T, X) if
            ``batch_first``; or a ``torch.nn.utils.rnn.PackedSequence``.
        lengths: how many steps of each sequence of a padded batch are data; all of them if omitted.

    Returns:
        One ``Trace`` per layer and direction, layer by layer, forward before backward. For a batch, a list of such lists,
        one per sequence, without padding. Tokens are the step numbers.

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
        return [traces[0] for traces in _record_batch(layers, values[:, None], np.array([len(values)]))]
    if lstm.batch_first:
        values = values.swapaxes(0, 1)
    per_layer = _record_batch(layers, values, _checked_lengths(lengths, *values.shape[:2]))
    return [list(traces) for traces in zip(*per_layer, strict=True)]


def _record_batch(layers: list[list[LSTMLayer]], values: Array, lengths: Array) -> list[list[Trace]]:
    """Record (T, B, X) inputs; returns one list of B traces per layer and direction."""
    recorded = []
    for number, directions in enumerate(layers):
        outputs = []
        for (direction, _), layer in zip(DIRECTIONS, directions, strict=False):
            steps = _run(layer, values, lengths, direction == "backward")
            outputs.append(steps.hidden_state)
            recorded.append([
                Trace.of(
                    steps.at(slice(length), column), list(map(str, range(length))), layer.bias, layer.zero_state(),
                    number, direction,
                )
                for column, length in enumerate(lengths)
            ])  # fmt: skip
        values = np.concatenate(outputs, axis=-1) if len(outputs) > 1 else outputs[0]
    return recorded


def _run(layer: LSTMLayer, values: Array, lengths: Array, is_backward: bool) -> Step:
    """All steps, in reading order. Read backward, each sequence starts at its own last step."""
    steps, state = layer.prepare(values), layer.zero_state(values.shape[1])
    for time in range(len(values)) if not is_backward else reversed(range(len(values))):
        state = layer.step(steps.at(time), state)
        if is_backward and (is_padding := time >= lengths).any():
            state = tuple(np.where(is_padding[:, None], 0, part) for part in state)
    return steps


def _layers_of(lstm: torch.nn.LSTM) -> list[list[LSTMLayer]]:
    if type(lstm).__name__ != "LSTM" or not hasattr(lstm, "weight_ih_l0"):
        raise RecordingError(f"not a torch.nn.LSTM: {type(lstm).__name__}")
    if getattr(lstm, "proj_size", 0):
        raise RecordingError(f"proj_size={lstm.proj_size} is not supported")
    if (dtype := str(lstm.weight_ih_l0.dtype)) not in ("torch.float32", "torch.float64"):
        raise RecordingError(f"dtype {dtype} is not supported, only float32 and float64")

    def layer_of(suffix: str) -> LSTMLayer:
        weight_ih, weight_hh = (_numpy(getattr(lstm, f"{name}_{suffix}")) for name in ("weight_ih", "weight_hh"))
        bias = np.zeros(len(weight_ih), weight_ih.dtype)
        if lstm.bias:
            bias = _numpy(getattr(lstm, f"bias_ih_{suffix}")) + _numpy(getattr(lstm, f"bias_hh_{suffix}"))
        return LSTMLayer(weight_ih, weight_hh, bias)

    directions = DIRECTIONS if lstm.bidirectional else DIRECTIONS[:1]
    return [[layer_of(f"l{number}{suffix}") for _, suffix in directions] for number in range(lstm.num_layers)]


def _numpy(values: Any) -> Array:
    return values.detach().cpu().numpy() if hasattr(values, "detach") else np.asarray(values)


def _as_array(inputs: Any, dtype: np.dtype, input_size: int) -> Array:
    values = _numpy(inputs)
    if values.dtype != dtype:
        raise RecordingError(f"inputs are {values.dtype}, the LSTM is {dtype}")
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
