"""Orders in which to stack the hidden units; they have none of their own."""

from typing import Literal

import numpy as np

from models.recurrent.record import Record
from models.recurrent.trace import Array

Kind = Literal["stored", "variance", "similarity"]
FLAT = 1e-6  # a course whose standard deviation is smaller counts as constant
NEIGHBOURS = 8  # how many of the units placed last the next one should resemble
VARIED = 16  # units that are looked at to begin with


def unit_order(record: Record, kind: Kind, layer: int = 0) -> Array:
    """A permutation of the H unit numbers, the same for all quantities.

    - ``stored``: 0, 1, 2, ...
    - ``variance``: by the variance of the cell state, or of another cell's memory, over all steps of this run, largest
      first.
    - ``similarity``: neighbours behave alike. Two units are as similar as their courses over the steps are
      correlated, averaged over the quantities; a constant course correlates with nothing. The first unit is the
      first of ``variance``; each next one is, of those left, the most similar to the last eight placed, on average.
      No optimum: a good order found in a few milliseconds, the same every time.

    Ties go to the smaller unit number. The order belongs to this run, not to the units.

    Raises:
        ValueError: another kind.
    """
    if kind == "stored":
        return np.arange(record.units)
    variance = record.values(record.cell.memory, layer).var(axis=0, dtype=np.float64)
    by_variance = np.argsort(-variance, kind="stable")
    if kind == "variance":
        return by_variance
    if kind == "similarity":
        return _chain(_similarity(record, layer), start=int(by_variance[0]))
    raise ValueError(f"unknown order {kind!r}; known are stored, variance, similarity")


def varied_units(record: Record, layer: int = 0) -> Array:
    """The 16 units that vary most, or all H of fewer, neighbours alike: the first of ``variance``, as ``similarity``
    would order them if there were no others."""
    varied = unit_order(record, "variance", layer)[:VARIED]
    return varied[_chain(_similarity(record, layer, varied), start=0)]


def _similarity(record: Record, layer: int, units: Array | slice = slice(None)) -> Array:
    """Correlation of the courses of every two of U units, averaged over the quantities, (U, U) in [-1, 1]."""
    values = [record.values(quantity, layer)[:, units] for quantity in record.cell.names]
    courses = np.stack(values).astype(np.float64)
    courses -= courses.mean(axis=1, keepdims=True)  # (quantities, steps, U)
    spread = courses.std(axis=1, keepdims=True)
    courses = np.divide(courses, spread, out=np.zeros_like(courses), where=spread > FLAT)
    stacked = courses.reshape(-1, courses.shape[-1])
    return stacked.T @ stacked / len(stacked)


def _chain(similarity: Array, start: int) -> Array:
    order = [start]
    is_placed = np.zeros(len(similarity), bool)
    is_placed[start] = True
    while len(order) < len(similarity):
        alike = similarity[order[-NEIGHBOURS:]].sum(axis=0)
        alike[is_placed] = -np.inf
        order.append(int(alike.argmax()))
        is_placed[order[-1]] = True
    return np.array(order)
