"""Two runs side by side: which step belongs to which, by how much each number differs, and where they part."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Literal

import numpy as np

from models.analysis.alignment import Pair, aligned
from models.recurrent.record import Record
from models.recurrent.trace import Array

By = Literal["step", "token"]
ROUNDING = 1e-5  # sums over sentences of different lengths may be added in another order; float32 then differs by less


@dataclass(frozen=True)
class Divergence:
    """Where two runs part: numbers of pairs, 0 for the first; None where they never do."""

    numbers: int | None  # the first pair with any difference in any quantity of any layer
    tokens: int | None  # the first pair whose tokens differ: written, or read where nothing is
    beyond_rounding: int | None  # the first pair with a difference larger than ROUNDING


@dataclass(frozen=True)
class Place:
    """One unit in one pair of steps, and what both runs have there."""

    pair: int
    unit: int
    a: float
    b: float


def check_comparable(a: Record, b: Record) -> None:
    """Refuse two runs whose units cannot be subtracted from each other.

    Raises:
        ValueError: different numbers of units or layers, other cells or other parts; the message says which.
    """
    check_sizes(a.units, b.units, a.layers, b.layers)
    for name, one, other in (
        ("cells", a.cell.name, b.cell.name),
        ("parts", [part.name for part in a.parts], [part.name for part in b.parts]),
    ):
        if one != other:
            raise ValueError(f"A and B have different {name}, {one} and {other}: their numbers cannot be subtracted.")


def check_sizes(units: int, units_b: int, layers: int, layers_b: int) -> None:
    """The same for two networks, before they have run.

    Raises:
        ValueError: different numbers of units or layers; the message says which.
    """
    for name, one, other in (("unit", units, units_b), ("layer", layers, layers_b)):
        if one != other:
            of_a = f"{one} {name}" if one == 1 else f"{one} {name}s"
            raise ValueError(f"The network of A has {of_a} and that of B {other}: their numbers cannot be subtracted.")


def paired(a: Record, b: Record, by: By) -> tuple[Pair, ...]:
    """Pair the steps of both runs, part by part, never across parts; both count their steps over all parts.

    By ``step``, step k belongs to step k of the same part. By ``token``, the tokens that the parts of both read are
    aligned, or wrote if they write any. What only one run has is paired with None.

    Raises:
        ValueError: as of ``check_comparable``.
    """
    check_comparable(a, b)
    return tuple(
        (None if one is None else first + one, None if other is None else first_b + other)
        for part, part_b, first, first_b in zip(a.parts, b.parts, a.starts, b.starts, strict=True)
        for one, other in pairs_of_tokens(part.tokens, part_b.tokens, by)
    )


def pairs_of_tokens(one: Sequence[str], other: Sequence[str], by: By) -> list[Pair]:
    """Pair the steps of one part, which read or wrote these tokens.

    Raises:
        ValueError: another way to pair.
    """
    if by == "token":
        return aligned(one, other)
    if by == "step":
        return list(zip_longest(range(len(one)), range(len(other))))
    raise ValueError(f"unknown pairing {by!r}; known are step, token")


def both(a: Record, b: Record, quantity: str, pairs: Sequence[Pair], layer: int = 0) -> tuple[Array, Array]:
    """One quantity of both runs, (P, H) each: a row per pair, NaN where a run has no such step."""
    return _taken(a, quantity, [one for one, _ in pairs], layer), _taken(b, quantity, [two for _, two in pairs], layer)


def difference(a: Record, b: Record, quantity: str, pairs: Sequence[Pair], layer: int = 0) -> Array:
    """B - A, (P, H): a row per pair, NaN where only one run has the step."""
    of_a, of_b = both(a, b, quantity, pairs, layer)
    return of_b - of_a


def distances(a: Record, b: Record, quantity: str, pairs: Sequence[Pair], layer: int = 0) -> Array:
    """Euclidean length of the difference over all units, (P,); NaN where only one run has the step."""
    return np.linalg.norm(difference(a, b, quantity, pairs, layer), axis=1)


def largest_difference(a: Record, b: Record, quantity: str, pairs: Sequence[Pair], layer: int = 0) -> float:
    """The largest size of any difference in one quantity; 0 where the runs are the same."""
    return float(np.nanmax(np.abs(difference(a, b, quantity, pairs, layer)), initial=0.0))


def most_different(a: Record, b: Record, quantity: str, pairs: Sequence[Pair], layer: int = 0) -> Place | None:
    """Where a quantity differs most, the first such place; None where it is the same everywhere."""
    of_a, of_b = both(a, b, quantity, pairs, layer)
    sizes = np.nan_to_num(np.abs(of_b - of_a))
    pair, unit = map(int, np.unravel_index(sizes.argmax(), sizes.shape))
    if not sizes[pair, unit]:
        return None
    return Place(pair, unit, float(of_a[pair, unit]), float(of_b[pair, unit]))


def first_divergence(a: Record, b: Record, pairs: Sequence[Pair]) -> Divergence:
    """Where the runs part. Numbers differ if they are not exactly equal; a step that one run lacks has none to compare.

    A token that only one run has differs from that of the other, which has none.
    """
    sizes = np.zeros(len(pairs))
    for layer in range(a.layers):
        for quantity in a.cell.names:
            apart = np.abs(np.nan_to_num(difference(a, b, quantity, pairs, layer)))
            sizes = np.maximum(sizes, apart.max(axis=1))
    of_a, of_b = ([token for part in run.parts for token in part.tokens] for run in (a, b))
    others = [one is None or two is None or of_a[one] != of_b[two] for one, two in pairs]
    return Divergence(_first(sizes > 0), _first(others), _first(sizes > ROUNDING))


def _first(is_so: Sequence[bool] | Array) -> int | None:
    return next((at for at, so in enumerate(is_so) if so), None)


def _taken(run: Record, quantity: str, columns: Sequence[int | None], layer: int) -> Array:
    """Rows of these steps, (P, H) float64; NaN for None."""
    values = run.values(quantity, layer)
    with_gap = np.vstack([values, np.full(values.shape[1], np.nan)])  # float64, so that no difference is rounded
    return with_gap[[len(values) if column is None else column for column in columns]]
