"""Which units are looked at together: presets, and lists as people type them."""

import re
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from models.analysis.lifetimes import window_to_latch
from models.language.text import excerpt
from models.recurrent.record import Record
from viz.state import LONGEST_GROUP

SIZE = 16  # units of a preset
SINGLE, LISTED = "", "list"
PRESETS = {
    "all": "All units",
    "largest": f"The {SIZE} largest at this step",
    "windows": f"The {SIZE} most window-like",
    "latches": f"The {SIZE} most latch-like",
}
EXAMPLE = "3, 17, 40-52"
ITEM = re.compile(r"([0-9]+)(?:-([0-9]+))?")


class GroupError(ValueError):
    """A list of units that makes no sense; the message says why, for whoever typed it."""


@dataclass(frozen=True)
class Group:
    """Some units of a layer, in ascending order, and what they are called in a sentence."""

    units: tuple[int, ...]
    name: str


def parsed(text: str, count: int) -> tuple[int, ...]:
    """Units of a list such as ``3, 17, 40-52``, ascending and each once; there are ``count`` units, from 0.

    Raises:
        GroupError: too long, empty, something that is no number, a range that runs backwards, a unit past the end.
    """
    if len(text) > LONGEST_GROUP:
        raise GroupError(f"This list has {len(text)} characters; at most {LONGEST_GROUP} are read. Use ranges: 40-52.")
    items = re.sub(r"\s*[-–−]\s*", "-", text).replace(",", " ").split()
    if not items:
        raise GroupError(f"The list of units is empty. Type numbers from 0 to {count - 1}, for example {EXAMPLE}.")
    return tuple(sorted({unit for item in items for unit in _units_of(item, count)}))


def _units_of(item: str, count: int) -> range:
    match = ITEM.fullmatch(item)
    if match is None:
        raise GroupError(
            f"“{excerpt(item)}” is no unit and no range. Type numbers with the digits 0 to 9, for example {EXAMPLE}."
        )
    first, last = int(match[1]), int(match[2] or match[1])
    if last < first:
        small, large = (excerpt(str(unit)) for unit in (last, first))
        raise GroupError(f"The range {large}-{small} runs backwards. Type the smaller number first: {small}-{large}.")
    if last >= count:
        raise GroupError(f"There is no unit {excerpt(str(last))}: this layer has {count} units, 0 to {count - 1}.")
    return range(first, last + 1)


def as_list(units: tuple[int, ...]) -> str:
    """Ascending units as a person would type them, neighbours as a range; ``parsed`` reads it back."""
    ends = [0, *(at for at, (one, next_one) in enumerate(pairwise(units), 1) if next_one != one + 1), len(units)]
    runs = [units[start:end] for start, end in pairwise(ends)]
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)


def kind_of(group: str) -> str:
    """Which choice a stored group is: the chosen unit, a preset, or a list."""
    return group if group == SINGLE or group in PRESETS else LISTED


def preset(kind: str, record: Record, layer: int, column: int) -> Group:
    """The units of a preset: in the whole run, or at one column of it; fewer than 16 where the layer has fewer."""
    cell_state = record.values("cell_state", layer)
    units = cell_state.shape[1]
    size = min(SIZE, units)
    if kind == "all":
        return Group(tuple(range(units)), f"all {units} units")
    if kind == "largest":
        order = np.argsort(-np.abs(cell_state[column]), kind="stable")[:size]
        return _group(order, f"the {size} units whose cell state is largest in size at this step")
    order = window_to_latch(record.values("forget_gate", layer))
    if kind == "windows":
        return _group(order[:size], f"the {size} units that forget soonest in this run (window-like)")
    return _group(order[-size:], f"the {size} units that keep longest in this run (latch-like)")


def listed(text: str, count: int) -> Group:
    """The units of a typed list.

    Raises:
        GroupError: as ``parsed``.
    """
    units = parsed(text, count)
    return single(units[0]) if len(units) == 1 else Group(units, f"the {len(units)} units {as_list(units)}")


def single(unit: int) -> Group:
    return Group((unit,), f"unit {unit}")


def _group(order: np.ndarray, name: str) -> Group:
    return Group(tuple(sorted(map(int, order))), name)
