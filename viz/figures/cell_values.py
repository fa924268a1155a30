"""Every number of one unit in one step, and the equations between them, to be checked with a pocket calculator."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from models.recurrent.record import Record
from models.recurrent.trace import MAPS, AffineMap
from viz.figures.columns import checked
from viz.figures.notation import Notation

Operation = Literal["sum", "product", "sigmoid", "tanh"]
READING_ORDER: tuple[AffineMap, ...] = ("forget_gate", "candidate", "input_gate", "output_gate")
# Decimals of what goes into an equation and of what comes out, the first that work for all equations of a cell
DIGITS = ((6, 4), (7, 4), (8, 4), (9, 4), (6, 3), (7, 3), (8, 3), (6, 2), (8, 2), (10, 2))


@dataclass(frozen=True)
class Parts:
    """One pre-activation and what it is the sum of, as the run stored them; ``value`` is the gate or candidate."""

    input_part: float
    memory_part: float
    bias: float
    pre_activation: float
    value: float


@dataclass(frozen=True)
class CellValues:
    """One unit in one step. What the run does not store, two products and a tanh, is computed in double precision."""

    maps: Mapping[AffineMap, Parts]
    previous_cell_state: float
    previous_hidden_state: float
    cell_state: float
    hidden_state: float

    @property
    def kept(self) -> float:
        return self.maps["forget_gate"].value * self.previous_cell_state

    @property
    def written(self) -> float:
        return self.maps["input_gate"].value * self.maps["candidate"].value

    @property
    def squashed(self) -> float:
        """tanh of the cell state."""
        return math.tanh(self.cell_state)

    def named(self) -> dict[str, float]:
        """Every number, by the name that it has wherever it is shown."""
        values = {
            f"{name}.{part}": getattr(parts, part)
            for name, parts in self.maps.items()
            for part in ("input_part", "memory_part", "bias", "pre_activation", "value")
        }
        others = (
            "previous_cell_state", "previous_hidden_state", "kept", "written", "cell_state", "squashed", "hidden_state",
        )  # fmt: skip
        return values | {name: getattr(self, name) for name in others}


@dataclass(frozen=True)
class Equation:
    """``result = operation(operands)``, by the names of the numbers."""

    stage: int
    operation: Operation
    operands: tuple[str, ...]
    result: str
    is_stored: bool = True  # by the run: then there is something to compare with

    def residual(self, values: Mapping[str, float]) -> float:
        """Computed in double precision from the numbers that the run stored, minus what it stored."""
        return computed(self.operation, [values[name] for name in self.operands]) - values[self.result]


def _of_map(stage: int, name: AffineMap) -> tuple[Equation, Equation]:
    summands = tuple(f"{name}.{part}" for part in ("input_part", "memory_part", "bias"))
    total, value = f"{name}.pre_activation", f"{name}.value"
    return (
        Equation(stage, "sum", summands, total),
        Equation(stage, "tanh" if name == "candidate" else "sigmoid", (total,), value),
    )


EQUATIONS = (
    *_of_map(1, "forget_gate"),
    Equation(1, "product", ("forget_gate.value", "previous_cell_state"), "kept", is_stored=False),
    *_of_map(2, "candidate"),
    *_of_map(3, "input_gate"),
    Equation(3, "product", ("input_gate.value", "candidate.value"), "written", is_stored=False),
    Equation(3, "sum", ("kept", "written"), "cell_state"),
    *_of_map(4, "output_gate"),
    Equation(4, "tanh", ("cell_state",), "squashed", is_stored=False),
    Equation(4, "product", ("output_gate.value", "squashed"), "hidden_state"),
)


def computed(operation: Operation, operands: list[float]) -> float:
    match operation:
        case "sum":
            return math.fsum(operands)
        case "product":
            return math.prod(operands)
        case "tanh":
            return math.tanh(operands[0])
        case "sigmoid":
            return 0.5 * math.tanh(0.5 * operands[0]) + 0.5  # the same, and never too large


def cell_values(record: Record, column: int, unit: int, layer: int = 0) -> CellValues:
    """Read one unit's numbers out of the record of step ``column``.

    Raises:
        IndexError: there is no such column, unit or layer; the message says which there are.
    """
    checked(record, column, unit, layer)
    part, step = record.locate(column)
    trace = part.trace(layer)

    def parts(name: AffineMap) -> Parts:
        at_map = MAPS.index(name)
        return Parts(
            input_part=float(trace.input_part.packed[step, at_map, unit]),
            memory_part=float(trace.memory_part.packed[step, at_map, unit]),
            bias=float(trace.bias.packed[at_map, unit]),
            pre_activation=float(trace.pre_activation.packed[step, at_map, unit]),
            value=float(getattr(trace, name)[step, unit]),
        )

    return CellValues(
        maps={name: parts(name) for name in READING_ORDER},
        previous_cell_state=float(trace.previous_cell_state[step, unit]),
        previous_hidden_state=float(trace.previous_hidden_state[step, unit]),
        cell_state=float(trace.cell_state[step, unit]),
        hidden_state=float(trace.hidden_state[step, unit]),
    )


def digits_for(values: Mapping[str, float]) -> tuple[int, int]:
    """How many decimals of operands and results make every equation of the cell hold exactly as printed.

    What is printed on the left, put into a calculator and rounded, is then what is printed on the right.
    """
    return next((pair for pair in DIGITS if all(holds(each, values, *pair) for each in EQUATIONS)), DIGITS[-1])


def holds(equation: Equation, values: Mapping[str, float], operand: int, result: int) -> bool:
    """Whether an equation with so many decimals can be checked without a doubt in the last one.

    A tie is a doubt: 2.32225 is 2.3222 to some and 2.3223 to others.
    """
    shown = [float(f"{values[name]:.{operand}f}") for name in equation.operands]
    distance = abs(computed(equation.operation, shown) - float(f"{values[equation.result]:.{result}f}"))
    return distance < 0.499 * 10**-result


def symbols(notation: Notation) -> dict[str, str]:
    """How a notation writes each number of ``CellValues.named``, in its mark-up; the three summands in words."""
    found: dict[str, str] = {}
    for name in MAPS:
        found |= {
            f"{name}.input_part": "input part", f"{name}.memory_part": "memory part", f"{name}.bias": "bias",
            f"{name}.pre_activation": notation.pre_activation(name), f"{name}.value": notation.symbol[name],
        }  # fmt: skip
    return found | {
        "previous_cell_state": notation.previous["cell_state"],
        "previous_hidden_state": notation.previous["hidden_state"],
        "kept": "kept",
        "written": "written",
        "cell_state": notation.symbol["cell_state"],
        "squashed": f"tanh({notation.symbol['cell_state']})",
        "hidden_state": notation.symbol["hidden_state"],
    }
