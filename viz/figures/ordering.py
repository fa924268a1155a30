"""Orders in which to stack the hidden units; they have none of their own."""

from typing import Literal

import numpy as np

from models.recurrent.trace import QUANTITIES, Array
from models.translation.record import TranslationTrace
from viz.figures.columns import values_of

Kind = Literal["stored", "variance", "similarity"]
FLAT = 1e-6  # a course whose standard deviation is smaller counts as constant
NEIGHBOURS = 8  # how many of the units placed last the next one should resemble


def unit_order(translation: TranslationTrace, kind: Kind, layer: int = 0) -> Array:
    """A permutation of the H unit numbers, the same for all six quantities.

    - ``stored``: 0, 1, 2, ...
    - ``variance``: by the variance of the cell state over all S + T steps of this run, largest first.
    - ``similarity``: neighbours behave alike. Two units are as similar as their courses over the S + T steps are
      correlated, averaged over the six quantities; a constant course correlates with nothing. The first unit is the
      first of ``variance``; each next one is, of those left, the most similar to the last eight placed, on average.
      No optimum: a good order found in a few milliseconds, the same every time.

    Ties go to the smaller unit number. The order belongs to this run, not to the units.

    Raises:
        ValueError: another kind.
    """
    if kind == "stored":
        return np.arange(translation.context.shape[1])
    variance = values_of(translation, "cell_state", layer).var(axis=0, dtype=np.float64)
    by_variance = np.argsort(-variance, kind="stable")
    if kind == "variance":
        return by_variance
    if kind == "similarity":
        return _chain(_similarity(translation, layer), start=int(by_variance[0]))
    raise ValueError(f"unknown order {kind!r}; known are stored, variance, similarity")


def _similarity(translation: TranslationTrace, layer: int) -> Array:
    """Correlation of the courses of every two units, averaged over the quantities, (H, H) in [-1, 1]."""
    courses = np.stack([values_of(translation, quantity, layer) for quantity in QUANTITIES]).astype(np.float64)
    courses -= courses.mean(axis=1, keepdims=True)  # (6, S + T, H)
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
