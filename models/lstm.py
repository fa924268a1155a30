"""The instrumented LSTM: its equations in NumPy, read step by step, everything recorded."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from models.trace import Array, Step

State = tuple[Array, Array]  # hidden and cell state, each (H,) or (B, H)


@dataclass(frozen=True, eq=False)
class LSTMLayer:
    """One layer in one direction (Hochreiter & Schmidhuber 1997, with the forget gate of Gers et al. 2000).

    Weights as torch packs them, in the order input gate, forget gate, candidate, output gate.
    """

    weight_ih: Array  # (4H, X)
    weight_hh: Array  # (4H, H)
    bias: Array  # (4H,), both of torch's bias vectors together
    _half_on_gates: Array = field(init=False, repr=False)
    _half_added: Array = field(init=False, repr=False)
    _weight_hh_columns: Array = field(init=False, repr=False)

    def __post_init__(self) -> None:
        # sigmoid(z) = tanh(z / 2) / 2 + 1/2, so one tanh serves the three gates and the candidate
        H = self.hidden_size
        half, one, zero = (np.full(H, value, self.bias.dtype) for value in (0.5, 1, 0))
        object.__setattr__(self, "_half_on_gates", np.concatenate([half, half, one, half]))
        object.__setattr__(self, "_half_added", np.concatenate([half, half, zero, half]))
        object.__setattr__(self, "_weight_hh_columns", np.ascontiguousarray(self.weight_hh.T))

    @property
    def hidden_size(self) -> int:
        return self.weight_hh.shape[1]

    def zero_state(self, *batch: int) -> State:
        zeros = np.zeros((*batch, self.hidden_size), self.bias.dtype)
        return zeros, zeros

    def prepare(self, inputs: Array) -> Step:
        """Room for the steps that read (..., X) inputs; what depends on the inputs alone is computed at once."""
        *leading, _ = inputs.shape
        H, dtype = self.hidden_size, self.bias.dtype
        input_part = inputs @ self.weight_ih.T  # one product for the whole sentence
        return Step(
            input_part=input_part,
            memory_part=np.empty((*leading, 4 * H), dtype),
            pre_activation=input_part + self.bias,  # step adds the memory part
            activation=np.empty((*leading, 4 * H), dtype),
            cell_state=np.empty((*leading, H), dtype),
            hidden_state=np.empty((*leading, H), dtype),
        )

    def step(self, prepared: Step, state: State) -> State:
        """Compute one timestep from the state before it, and fill in what ``prepare`` left open."""
        hidden_state, cell_state = state
        H = self.hidden_size
        _, memory_part, pre_activation, activation, next_cell, next_hidden = prepared
        pre_activation += np.matmul(hidden_state, self._weight_hh_columns, out=memory_part)
        np.multiply(pre_activation, self._half_on_gates, out=activation)
        np.tanh(activation, out=activation)
        activation *= self._half_on_gates
        activation += self._half_added

        input_gate, forget_gate = activation[..., :H], activation[..., H : 2 * H]
        candidate, output_gate = activation[..., 2 * H : 3 * H], activation[..., 3 * H :]
        np.multiply(forget_gate, cell_state, out=next_cell)
        next_cell += input_gate * candidate
        np.multiply(output_gate, np.tanh(next_cell), out=next_hidden)
        return next_hidden, next_cell

    def read(self, inputs: Array, state: State) -> Iterator[Step]:
        """Read (T, X) or (T, B, X) inputs in order; step t is yielded before step t + 1 is computed."""
        steps = self.prepare(inputs)
        for time in range(len(inputs)):
            step = steps.at(time)
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

    def read(self, inputs: Array, state: list[State]) -> Iterator[list[Step]]:
        """Read (T, X) inputs; yields the steps of all layers, lowest first, before the next input is read."""
        lowest, *higher = self.layers
        state = list(state)
        for below in lowest.read(inputs, state[0]):
            steps = [below]
            for number, layer in enumerate(higher, start=1):
                steps.append(layer.prepare(steps[-1].hidden_state))
                state[number] = layer.step(steps[-1], state[number])
            yield steps
