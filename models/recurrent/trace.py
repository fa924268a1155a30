"""Frozen, shape-checked records of what one layer of a recurrent cell computed while it read one sequence."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from typing import ClassVar, Literal, NamedTuple, get_args

import numpy as np

Array = np.ndarray
AffineMap = Literal["input_gate", "forget_gate", "candidate", "output_gate"]
Side = Literal["encoder", "decoder"]
Direction = Literal["forward", "backward"]
Range = Literal["gate", "signed", "unbounded"]  # [0, 1]; [-1, 1]; no bound: symmetric about 0, as far as the values go
Quantity = Literal["forget_gate", "input_gate", "output_gate", "candidate", "cell_state", "hidden_state"]
MAPS: tuple[AffineMap, ...] = get_args(AffineMap)  # in the order in which torch packs them: i, f, g, o
QUANTITIES: tuple[Quantity, ...] = get_args(Quantity)
# Of one layer in one step: gets a quantity's name and its values, and may change them in place
StepEdit = Callable[[str, Array], None]


class TraceError(ValueError):
    """A record whose parts do not fit together, or that lacks what it is asked for."""


@dataclass(frozen=True)
class Described:
    """One quantity that a cell computes in every step."""

    name: str  # as the attribute of a trace is called
    range: Range
    meaning: str = ""  # a sentence on what its values do


@dataclass(frozen=True)
class Cell:
    """A kind of recurrent cell: what it computes in every step, and what it hands on to the next."""

    name: str  # "lstm", "gru", "rnn" or any other
    quantities: tuple[Described, ...]  # in drawing order
    states: tuple[str, ...]  # of them those that the next step starts from, the memory first

    def __post_init__(self) -> None:
        if not self.states or not set(self.states) <= set(self.names):
            raise TraceError(f"the states {self.states} of a {self.name} are not among its quantities {self.names}")

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(quantity.name for quantity in self.quantities)

    @property
    def memory(self) -> str:
        """The state that a unit remembers in."""
        return self.states[0]

    def __contains__(self, name: str) -> bool:
        return name in self.names

    def __getitem__(self, name: str) -> Described:
        """One of the quantities.

        Raises:
            TraceError: this cell has none of that name.
        """
        for quantity in self.quantities:
            if quantity.name == name:
                return quantity
        raise TraceError(f"a {self.name} has no {name}: it has {', '.join(self.names)}")


LSTM_CELL = Cell(
    "lstm",
    (
        Described(
            "forget_gate", "gate", "A unit with a forget gate of 1 would keep all of its cell state, one of 0 nothing."
        ),
        Described(
            "input_gate", "gate",
            "A unit with an input gate of 1 would add all of its candidate to its cell state, one of 0 nothing.",
        ),
        Described(
            "output_gate", "gate",
            "A unit with an output gate of 1 would show all of tanh of its cell state, one of 0 nothing.",
        ),
        Described(
            "candidate", "signed", "What is added to the cell state is the candidate times the input gate."
        ),
        Described("cell_state", "unbounded", "The cell state has no bound."),
        Described("hidden_state", "signed", "It is the output gate times tanh of the cell state."),
    ),
    states=("cell_state", "hidden_state"),
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class AffineMaps:
    """One quantity of each of the four affine maps of an LSTM, (..., H) each."""

    packed: Array  # (..., 4, H), in the order of MAPS

    @property
    def input_gate(self) -> Array:
        return self.packed[..., 0, :]

    @property
    def forget_gate(self) -> Array:
        return self.packed[..., 1, :]

    @property
    def candidate(self) -> Array:
        return self.packed[..., 2, :]

    @property
    def output_gate(self) -> Array:
        return self.packed[..., 3, :]


class Step(NamedTuple):
    """What one layer computes in one direction; the axis of length 4 is in torch's order, that of MAPS.

    The leading axes are none for one step of one sequence, (B,) for a batch, (T,) or (T, B) for many steps.
    """

    input_part: Array  # (..., 4, H): W_ih x, without bias
    memory_part: Array  # (..., 4, H): W_hh h of the step before
    activation: Array  # (..., 4, H): the three gates and the candidate
    cell_state: Array  # (..., H)
    hidden_state: Array  # (..., H)
    bias: Array  # (4, H), the same for all steps

    @property
    def pre_activation(self) -> Array:
        """Input part + memory part + bias, (..., 4, H), added in the order in which the run adds them."""
        return self.input_part + self.memory_part + self.bias

    @property
    def gates(self) -> AffineMaps:
        """The three gates and the candidate, (..., H) each."""
        return AffineMaps(self.activation)

    @classmethod
    def empty(cls, leading: Sequence[int], bias: Array) -> "Step":
        """Room for steps with these leading axes: views of one block, which is cheaper to take than five.

        In a batch, a gate of all sequences lies together in memory: arithmetic on one gate is then one sweep.
        """
        T, B, H = leading[:1], leading[1:], bias.shape[-1]
        block = np.empty((14, math.prod(leading) * H), bias.dtype)
        parts = (block[first : first + 4].reshape(*leading, 4, H) for first in (0, 4))
        activation = block[8:12].reshape(*T, 4, *B, H).swapaxes(len(T), -2)
        states = (row.reshape(*leading, H) for row in block[12:])
        return cls(*parts, activation, *states, bias)

    def at(self, *index: int | slice) -> "Step":
        """View some of the leading axes."""
        *varying, bias = self
        return Step(*[values[index] for values in varying], bias)

    def each(self) -> Iterator["Step"]:
        """View the steps along the first axis, one after the other."""
        *varying, bias = self
        return map(Step._make, zip(*varying, repeat(bias), strict=False))  # the bias is for all of them

    @classmethod
    def stack(cls, steps: Sequence["Step"]) -> "Step":
        """Put steps behind one another, along a new first axis."""
        *varying, biases = zip(*steps, strict=True)
        return cls(*map(np.array, varying), biases[0])


@dataclass(frozen=True, eq=False)
class Trace:
    """What one layer of a recurrent cell computed, in one direction, while it read one sequence.

    T timesteps, H hidden units; row t belongs to the step that read ``tokens[t]``. A backward trace is in reading order
    too: its step T-1 came first, and the state before step t is that of row t+1. Each cell has a class of its own, with
    an attribute for each of its quantities, (T, H), and ``initial_`` before the name of each state, (H,).
    """

    cell: ClassVar[Cell]

    tokens: tuple[str, ...]  # T, what each step read
    layer: int = field(default=0, kw_only=True)
    direction: Direction = field(default="forward", kw_only=True)

    def __post_init__(self) -> None:
        T, H = len(self.tokens), self.units
        for name in self.cell.names:
            check_shape(name, getattr(self, name), (T, H))
        for name in self.cell.states:
            check_shape(f"initial_{name}", getattr(self, f"initial_{name}"), (H,))

    @property
    def units(self) -> int:
        return len(getattr(self, f"initial_{self.cell.memory}"))

    def values(self, name: str) -> Array:
        """One of the cell's quantities, (T, H).

        Raises:
            TraceError: the cell has none of that name.
        """
        return getattr(self, self.cell[name].name)

    def previous(self, state: str) -> Array:
        """The state that each step started from, (T, H)."""
        initial, states = getattr(self, f"initial_{state}"), self.values(state)
        return np.vstack([initial, states[:-1]]) if self.direction == "forward" else np.vstack([states[1:], initial])


@dataclass(frozen=True, eq=False)
class LSTMTrace(Trace):
    """What one LSTM layer computed. Gates lie in [0, 1] (the ends only by rounding), candidate and hidden state in
    [-1, 1]; the cell state has no bound.
    """

    cell = LSTM_CELL

    input_gate: Array  # (T, H), as are the next five
    forget_gate: Array
    candidate: Array
    output_gate: Array
    cell_state: Array  # after each step
    hidden_state: Array
    input_part: AffineMaps  # (T, H) each: W_ih x, without bias
    memory_part: AffineMaps  # (T, H) each: W_hh h of the step before
    bias: AffineMaps  # (H,) each, both of torch's bias vectors together
    initial_hidden_state: Array  # (H,), before the first step
    initial_cell_state: Array  # (H,)
    cell_edit: Array | None = None  # (T, H), what interventions on the cell state itself added to it

    def __post_init__(self) -> None:
        super().__post_init__()
        T, H = len(self.tokens), self.units
        check_shape("input_part", self.input_part.packed, (T, 4, H))
        check_shape("memory_part", self.memory_part.packed, (T, 4, H))
        check_shape("bias", self.bias.packed, (4, H))
        if self.cell_edit is not None:
            check_shape("cell_edit", self.cell_edit, (T, H))

    @property
    def pre_activation(self) -> AffineMaps:
        """Input part + memory part + bias, (T, H) each, added in the order in which the run added them."""
        return AffineMaps(self.input_part.packed + self.memory_part.packed + self.bias.packed)

    @property
    def previous_cell_state(self) -> Array:
        """The cell state each step started from, (T, H)."""
        return self.previous("cell_state")

    @property
    def previous_hidden_state(self) -> Array:
        """The hidden state each step started from, (T, H)."""
        return self.previous("hidden_state")

    @classmethod
    def of(
        cls, steps: Step, tokens: Sequence[str], bias: Array, initial: tuple[Array, Array], layer: int = 0,
        direction: Direction = "forward",
    ) -> "LSTMTrace":  # fmt: skip
        """Unpack T steps in reading order; ``bias`` is (4H,), ``initial`` the first hidden and cell state.

        All of these arrays become read-only.
        """
        for values in (*steps, bias, *initial):
            values.setflags(write=False)
        gates = steps.gates
        return cls(
            tokens=tuple(tokens),
            input_gate=gates.input_gate,
            forget_gate=gates.forget_gate,
            candidate=gates.candidate,
            output_gate=gates.output_gate,
            cell_state=steps.cell_state,
            hidden_state=steps.hidden_state,
            input_part=AffineMaps(steps.input_part),
            memory_part=AffineMaps(steps.memory_part),
            bias=AffineMaps(bias.reshape(4, -1)),
            initial_hidden_state=initial[0],
            initial_cell_state=initial[1],
            layer=layer,
            direction=direction,
        )


def check_shape(name: str, values: Array, shape: tuple[int, ...]) -> None:
    if values.shape != shape:
        raise TraceError(f"{name} is {values.shape}, expected {shape} (timesteps, units)")


assert LSTM_CELL.names == QUANTITIES
