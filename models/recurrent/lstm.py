"""The instrumented LSTM: its equations in NumPy, read step by step, everything recorded."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from models.recurrent.trace import MAPS, Array, Direction, LSTMTrace, Step, StepEdit

State = tuple[Array, Array]  # hidden and cell state, each (H,) or (B, H)


def unedited(layer: int, step: int) -> None:
    """No edit in any step of any layer."""


@dataclass(frozen=True, eq=False)
class LSTMLayer:
    """One layer in one direction (Hochreiter & Schmidhuber 1997, with the forget gate of Gers et al. 2000).

    Weights as torch packs them, in the order input gate, forget gate, candidate, output gate.
    """

    weight_ih: Array  # (4H, X)
    weight_hh: Array  # (4H, H)
    bias: Array  # (4H,), both of torch's bias vectors together
    matmul: Callable[..., Array] = np.matmul  # or another that takes ``out``

    @property
    def hidden_size(self) -> int:
        return self.weight_hh.shape[1]

    # sigmoid(z) = 1/2 tanh(1/2 z) + 1/2 and tanh(z) = 1 tanh(1 z) + 0: one tanh serves the gates and the candidate
    @cached_property
    def _slope(self) -> Array:
        return np.array([[0.5], [0.5], [1], [0.5]], self.bias.dtype)

    @cached_property
    def _offset(self) -> Array:
        return np.array([[0.5], [0.5], [0], [0.5]], self.bias.dtype)

    def zero_state(self, *batch: int) -> State:
        zeros = np.zeros((*batch, self.hidden_size), self.bias.dtype)
        return zeros, zeros

    def prepare(self, inputs: Array, rows: Array | None = None) -> Step:
        """Room for the steps that read (..., X) inputs; what depends on the inputs alone is computed at once.

        With ``rows``, (B,) numbers of rows of (T, U, X) inputs, the steps are those of B sequences that read them: what
        several read is multiplied by the weights once.
        """
        *leading, X = inputs.shape
        steps = Step.empty(leading if rows is None else (leading[0], len(rows)), self.bias.reshape(4, -1))
        distinct = steps if rows is None else Step.empty(leading, steps.bias)
        input_part = distinct.input_part.reshape(-1, len(self.bias))
        self.matmul(inputs.reshape(-1, X), self.weight_ih.T, out=input_part)  # one product for the whole sentence
        if rows is not None:
            np.take(distinct.input_part, rows, axis=1, out=steps.input_part)
        return steps

    def step(self, prepared: Step, state: State, edit: StepEdit | None = None) -> State:
        """Compute one timestep from the state before it, and fill in what ``prepare`` left open.

        Args:
            prepared: one step of what ``prepare`` made.
            state: hidden and cell state before it, (H,) each, or (B, H) for a batch.
            edit: may change each gate, the candidate and both states as soon as they are computed.

        Returns:
            Hidden and cell state after it.
        """
        hidden_state, cell_state = state
        input_part, memory_part, activation, next_cell, next_hidden, bias = prepared
        self.matmul(hidden_state, self.weight_hh.T, out=memory_part.reshape(*hidden_state.shape[:-1], -1))
        np.add(input_part, memory_part, out=activation)
        activation += bias  # the pre-activation, which the next four lines squash in place
        activation *= self._slope
        np.tanh(activation, out=activation)
        activation *= self._slope
        activation += self._offset

        input_gate, forget_gate, candidate, output_gate = activation.swapaxes(0, -2)  # torch packs them in this order
        if edit is not None:
            for name, values in zip(MAPS, (input_gate, forget_gate, candidate, output_gate), strict=True):
                edit(name, values)
        np.multiply(forget_gate, cell_state, out=next_cell)
        next_cell += input_gate * candidate
        if edit is not None:
            edit("cell_state", next_cell)
        np.multiply(output_gate, np.tanh(next_cell), out=next_hidden)
        if edit is not None:
            edit("hidden_state", next_hidden)
        return next_hidden, next_cell

    def trace(
        self, steps: Step, tokens: Sequence[str], initial: State, layer: int, direction: Direction
    ) -> LSTMTrace:  # fmt: skip
        """T steps in reading order as a trace; all of its arrays become read-only."""
        return LSTMTrace.of(steps, tokens, self.bias, initial, layer, direction)

    def read(self, inputs: Array, state: State) -> Iterator[Step]:
        """Read (T, X) or (T, B, X) inputs in order; step t is yielded before step t + 1 is computed."""
        for step in self.prepare(inputs).each():
            state = self.step(step, state)
            yield step


@dataclass(frozen=True, eq=False)
class LSTM:
    """Layers in one direction, each reading the hidden states of the one below; as encoder and decoder use them."""

    layers: tuple[LSTMLayer, ...]

    @classmethod
    def from_parameters(cls, parameters: dict[str, Array], prefix: str) -> "LSTM":
        """Take ``{prefix}.weight_ih_l0`` and so on, for as many layers as there are."""
        layers = []
        while f"{prefix}.weight_ih_l{len(layers)}" in parameters:
            names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
            weight_ih, weight_hh, bias_ih, bias_hh = (parameters[f"{prefix}.{name}_l{len(layers)}"] for name in names)
            layers.append(LSTMLayer(weight_ih, weight_hh, bias_ih + bias_hh))
        return cls(tuple(layers))

    def zero_state(self) -> list[State]:
        return [layer.zero_state() for layer in self.layers]

    def read(
        self, inputs: Array, state: list[State], edit: Callable[[int, int], StepEdit | None] = unedited, first: int = 0,
        rows: Array | None = None,
    ) -> Iterator[list[Step]]:  # fmt: skip
        """Read (T, X) or (T, B, X) inputs; yields the steps of all layers, lowest first, before the next is read.

        ``edit`` gives the edit of a layer in a step; ``first`` is the number of the first step; ``rows`` says which of
        (T, U, X) inputs each of B sequences reads, as for ``LSTMLayer.prepare``.
        """
        lowest, *higher = self.layers
        state = list(state)
        for time, below in enumerate(lowest.prepare(inputs, rows).each(), start=first):
            state[0] = lowest.step(below, state[0], edit(0, time))
            steps = [below]
            for number, layer in enumerate(higher, start=1):
                steps.append(layer.prepare(steps[-1].hidden_state))
                state[number] = layer.step(steps[-1], state[number], edit(number, time))
            yield steps
