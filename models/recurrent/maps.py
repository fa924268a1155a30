"""What the GRU and the plain RNN have in common: affine maps of the input and of the hidden state, all recorded."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from models.recurrent.trace import Array, Direction, StepEdit, Trace, check_shape


class MapStep(NamedTuple):
    """What one layer computes in one direction, in K affine maps: 3 of a GRU, 1 of an RNN.

    The leading axes are none for one step of one sequence, (B,) for a batch, (T,) or (T, B) for many steps.
    """

    input_part: Array  # (..., K, H): W_ih x, without bias
    memory_part: Array  # (..., K, H): W_hh h of the step before, without bias
    activation: Array  # (..., K, H): gates and candidate; of an RNN its hidden state
    hidden_state: Array  # (..., H)

    @classmethod
    def empty(cls, leading: Sequence[int], maps: int, units: int, dtype: np.dtype) -> "MapStep":
        return cls(
            *(np.empty((*leading, maps, units), dtype) for _ in range(3)), np.empty((*leading, units), dtype)
        )  # fmt: skip

    def at(self, *index: int | slice) -> "MapStep":
        """View some of the leading axes."""
        return MapStep(*[values[index] for values in self])

    def each(self) -> Iterator["MapStep"]:
        """View the steps along the first axis, one after the other."""
        return map(MapStep._make, zip(*self, strict=True))


@dataclass(frozen=True, eq=False)
class MapTrace(Trace):
    """What a cell of K affine maps of its input and its hidden state computed."""

    hidden_state: Array  # (T, H), after each step; in [-1, 1] but for an RNN with ReLU, which has no upper bound
    input_part: Array  # (T, K, H): W_ih x, without bias, in torch's order of the maps
    memory_part: Array  # (T, K, H): W_hh h of the step before, without bias
    input_bias: Array  # (K, H), torch's bias_ih
    memory_bias: Array  # (K, H), torch's bias_hh: of a GRU's candidate the reset gate multiplies this one, too
    initial_hidden_state: Array  # (H,), before the first step

    def __post_init__(self) -> None:
        super().__post_init__()
        T, K, H = len(self.tokens), len(self.input_bias), self.units
        check_shape("input_part", self.input_part, (T, K, H))
        check_shape("memory_part", self.memory_part, (T, K, H))
        check_shape("input_bias", self.input_bias, (K, H))
        check_shape("memory_bias", self.memory_bias, (K, H))

    @property
    def previous_hidden_state(self) -> Array:
        """The hidden state each step started from, (T, H)."""
        return self.previous("hidden_state")


@dataclass(frozen=True, eq=False)
class MapLayer:
    """One layer in one direction, with weights as torch packs them."""

    trace_type: ClassVar[type[MapTrace]]

    weight_ih: Array  # (K H, X)
    weight_hh: Array  # (K H, H)
    bias_ih: Array  # (K H,)
    bias_hh: Array  # (K H,)
    matmul: Callable[..., Array] = np.matmul  # or another that takes ``out``

    @property
    def hidden_size(self) -> int:
        return self.weight_hh.shape[1]

    @property
    def dtype(self) -> np.dtype:
        return self.weight_hh.dtype

    def zero_state(self, *batch: int) -> tuple[Array]:
        return (np.zeros((*batch, self.hidden_size), self.dtype),)

    def prepare(self, inputs: Array) -> MapStep:
        """Room for the steps that read (..., X) inputs; what depends on the inputs alone is computed at once."""
        *leading, X = inputs.shape
        steps = MapStep.empty(leading, len(self.bias_ih) // self.hidden_size, self.hidden_size, self.dtype)
        self.matmul(inputs.reshape(-1, X), self.weight_ih.T, out=steps.input_part.reshape(-1, len(self.bias_ih)))
        return steps

    def step(self, prepared: MapStep, state: tuple[Array], edit: StepEdit | None = None) -> tuple[Array]:
        """Compute one timestep from the state before it, (H,) or (B, H), and fill in what ``prepare`` left open.

        ``edit`` may change the hidden state as soon as it is computed.
        """
        (hidden_state,) = state
        memory = prepared.memory_part.reshape(*hidden_state.shape[:-1], -1)
        self.matmul(hidden_state, self.weight_hh.T, out=memory)
        self.squash(
            prepared.input_part + self.bias_ih.reshape(-1, self.hidden_size),
            prepared.memory_part + self.bias_hh.reshape(-1, self.hidden_size), hidden_state, prepared,
        )  # fmt: skip
        if edit is not None:
            edit("hidden_state", prepared.hidden_state)
        return (prepared.hidden_state,)

    def squash(self, read: Array, remembered: Array, before: Array, step: MapStep) -> None:
        """Fill in ``step`` from both affine maps, (..., K, H) with their biases, and the hidden state before it."""
        raise NotImplementedError

    def trace(
        self, steps: MapStep, tokens: Sequence[str], initial: tuple[Array], layer: int, direction: Direction
    ) -> MapTrace:
        """T steps in reading order as a trace; all of its arrays become read-only."""
        biases = [bias.reshape(-1, self.hidden_size).copy() for bias in (self.bias_ih, self.bias_hh)]
        for values in (*steps, *biases, *initial):
            values.setflags(write=False)
        return self.trace_type(
            tokens=tuple(tokens), hidden_state=steps.hidden_state, input_part=steps.input_part,
            memory_part=steps.memory_part, input_bias=biases[0], memory_bias=biases[1],
            initial_hidden_state=initial[0], layer=layer, direction=direction, **self.gates(steps),
        )  # fmt: skip

    def gates(self, steps: MapStep) -> dict[str, Array]:
        """What this kind of cell records beside its hidden state, (T, H) each, by name."""
        return {}
