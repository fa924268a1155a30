"""Two runs in words and tables, computed from the same traces as the pictures: plain text, tokens as typed."""

from collections.abc import Sequence

import numpy as np

from models.analysis.alignment import Pair
from models.analysis.comparison import (
    ROUNDING,
    Divergence,
    Place,
    both,
    difference,
    distances,
    most_different,
)
from models.recurrent.record import Record
from models.recurrent.trace import Range
from viz.figures import theme
from viz.figures.columns import checked
from viz.figures.comparison import NOTHING, columns_of_pairs, limit_of_difference
from viz.figures.tables import Table
from viz.figures.wording import capitalised, counted, number

SIDES = ("A", "B")
BOUND: dict[Range, str] = {"gate": "lies in 0 to 1", "signed": "lies in −1 to 1", "unbounded": "has no bound"}


def place_of_pair(a: Record, b: Record, pairs: Sequence[Pair], pair: int) -> str:
    """Where a pair is, in words: one place where both runs are at the same, or that of each."""
    one, two = columns_of_pairs(a, b, pairs)[pair]
    if one is None or two is None:
        present, missing = ("A", "B") if two is None else ("B", "A")
        return f"{(one or two).place}, of {present} alone ({missing} has no such step)"
    if one.place == two.place:
        return one.place
    return f"{one.place}, of A and {two.place}, of B"


def divergence_caption(
    a: Record, b: Record, pairs: Sequence[Pair], divergence: Divergence
) -> str:  # fmt: skip
    """Where the two runs part: first the numbers, then the tokens."""
    numbers = _parting_of_numbers(a, b, pairs, divergence)
    if divergence.tokens is None:
        writes = any(part.written is not None for part in a.parts)
        return f"{numbers} Both read {'and write ' * writes}the same tokens."
    one, two = columns_of_pairs(a, b, pairs)[divergence.tokens]
    verb = "read" if (one or two).written is None else "write"
    if one and two:
        tokens = f"A {verb}s “{one.label}” and B “{two.label}”"
    else:
        present, missing = ("A", "B") if one else ("B", "A")
        tokens = f"{present} {verb}s “{(one or two).label}” and {missing} nothing"
    return f"{numbers} The tokens first differ at {(one or two).name}: {tokens}."


def _parting_of_numbers(
    a: Record, b: Record, pairs: Sequence[Pair], divergence: Divergence
) -> str:  # fmt: skip
    first, beyond = divergence.numbers, divergence.beyond_rounding
    if first is None:
        return "No number of A and B differs, in any gate or state, wherever both have a step."
    start = place_of_pair(a, b, pairs, first)
    if first == 0:
        words = f"The numbers of A and B differ from the first step on, {start}"
    else:
        words = f"The numbers of A and B are the same to the last bit before {start}; from there on they differ"
    if first == beyond:
        return f"{words}."
    if beyond is None:
        return f"{words}, but nowhere by more than {ROUNDING:.5f}: no more than rounding does."
    return (
        f"{words}, at first by no more than {ROUNDING:.5f}, as rounding does; by more from "
        f"{place_of_pair(a, b, pairs, beyond)} on."
    )


def difference_caption(a: Record, b: Record, quantity: str, pairs: Sequence[Pair], layer: int = 0) -> str:
    """Where one quantity of the two runs differs most, and what both have there."""
    start = f"Difference of {theme.look(a.cell[quantity]).words}, B minus A: "
    gaps = sum(None in pair for pair in pairs)
    missing = f" {gaps} of {counted(len(pairs), 'column')} are steps that only one run has." if gaps else ""
    found = most_different(a, b, quantity, pairs, layer)
    if found is None:
        return f"{start}none anywhere.{missing}"
    return f"{start}the largest is {_described(a, b, pairs, found)}.{missing}"


def difference_captions(a: Record, b: Record, pairs: Sequence[Pair], layer: int = 0) -> dict[str, str]:
    """That of each quantity, with the ends of its colour scale."""
    said = {}
    for quantity in a.cell.names:
        limit = limit_of_difference(a, b, quantity, pairs, layer)
        scale = f"The colour scale goes from {number(-limit, 'g')} to {number(limit, 'g')}."
        said[quantity] = f"{difference_caption(a, b, quantity, pairs, layer)} {scale}"
    return said


def largest_caption(a: Record, b: Record, pairs: Sequence[Pair], layer: int = 0) -> str:
    """All quantities in one sentence, the largest difference first."""
    found = {quantity: most_different(a, b, quantity, pairs, layer) for quantity in a.cell.names}
    differing = {quantity: place for quantity, place in found.items() if place is not None}
    if not differing:
        return "A and B have the same value in every unit, step and quantity."
    ordered = sorted(differing, key=lambda quantity: -abs(differing[quantity].b - differing[quantity].a))
    said = [
        f"{theme.look(a.cell[quantity]).words} by {_described(a, b, pairs, differing[quantity])}"
        for quantity in ordered
    ]
    return f"Where B differs most from A: {'; '.join(said)}."


def distance_caption(a: Record, b: Record, pairs: Sequence[Pair], layer: int = 0) -> str:
    """How far the states of both runs lie apart over time: the Euclidean length of their difference."""
    units = counted(a.units, "unit")
    said = [_course_of_distance(a, b, quantity, pairs, layer) for quantity in a.cell.states]
    return f"Distance of the two runs, the Euclidean length of B minus A over {units}. {' '.join([*said, *_bounds(a)])}"


def _bounds(record: Record) -> list[str]:
    """Why the distances of several states cannot be compared with one another."""
    states = [record.cell[name] for name in record.cell.states]
    if len(states) == 1:
        return []
    said = " and ".join(f"the {theme.look(state).words} {BOUND[state.range]}" for state in states)
    return [f"{capitalised(said)}, so compare each with itself."]


def _course_of_distance(a: Record, b: Record, quantity: str, pairs: Sequence[Pair], layer: int) -> str:
    values = distances(a, b, quantity, pairs, layer)
    name = theme.look(a.cell[quantity]).name
    if not np.nan_to_num(values).any():
        return f"{name}: 0 at every step that both have."
    known = np.flatnonzero(~np.isnan(values))
    most, last = int(np.nanargmax(values)), int(known[-1])
    course = f"{name}: largest {number(values[most])} at {place_of_pair(a, b, pairs, most)}"
    if most == last:
        return f"{course}, the last step that both have."
    return f"{course}, and {number(values[last])} at the last step that both have."


def _described(a: Record, b: Record, pairs: Sequence[Pair], found: Place) -> str:
    one, two, apart = (number(value, ".4f") for value in (found.a, found.b, found.b - found.a))
    return f"{apart}, unit {found.unit} at {place_of_pair(a, b, pairs, found.pair)} (A {one}, B {two})"


# --- the values


def pair_table(
    a: Record, b: Record, pairs: Sequence[Pair], pair: int, layer: int = 0
) -> Table:  # fmt: skip
    """All H units at one pair: A, B and B - A of each quantity, NaN where a run has no such step; a row per unit.

    Raises:
        IndexError: there is no such pair.
    """
    check_pair(pairs, pair)
    return {"Unit": np.arange(a.units), **_values(a, b, [pairs[pair]], layer, 0)}


def unit_table(
    a: Record, b: Record, pairs: Sequence[Pair], unit: int, layer: int = 0
) -> Table:  # fmt: skip
    """One unit over all pairs: A, B and B - A of each quantity, NaN where a run has no such step; a row per pair.

    Raises:
        IndexError: there is no such unit.
    """
    checked(a, unit=unit)
    both_columns = columns_of_pairs(a, b, pairs)
    table: Table = {"Side": [(one or two).part for one, two in both_columns]}
    for name, at in zip(SIDES, (0, 1), strict=True):
        columns = [pair[at] for pair in both_columns]
        table[f"Step {name}"] = [str(column.step) if column else NOTHING for column in columns]
        table[f"Token {name}"] = [column.label if column else NOTHING for column in columns]
    return table | _values(a, b, pairs, layer, (slice(None), unit))


def check_pair(pairs: Sequence[Pair], pair: int) -> None:
    """Refuse a pair that there is not.

    Raises:
        IndexError: the message says which there are.
    """
    if not 0 <= pair < len(pairs):
        raise IndexError(f"no pair of steps {pair}: there are 0 to {len(pairs) - 1}")


def _values(a: Record, b: Record, pairs: Sequence[Pair], layer: int, at: int | tuple[slice, int]) -> Table:
    table: Table = {}
    for quantity in a.cell.names:
        name = theme.look(a.cell[quantity]).name
        for side, values in zip(SIDES, both(a, b, quantity, pairs, layer), strict=True):
            table[f"{name} {side}"] = values[at]
        table[f"{name} B − A"] = difference(a, b, quantity, pairs, layer)[at]
    return table
