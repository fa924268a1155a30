"""Two sequences of tokens side by side, with gaps where one has a token that the other lacks."""

from collections.abc import Sequence

import numpy as np

from models.trace import Array

Pair = tuple[int | None, int | None]  # places in the one and in the other; None for a gap


def aligned(one: Sequence[str], other: Sequence[str]) -> list[Pair]:
    """Pair the tokens with the fewest insertions, deletions and replacements (Levenshtein 1966), in order.

    Of several ways with equally many, tokens are paired from the end: the earlier ones get the gaps.
    """
    costs, pairs = _costs(one, other), []
    a, b = len(one), len(other)
    while a or b:
        if a and b and costs[a, b] == costs[a - 1, b - 1] + (one[a - 1] != other[b - 1]):
            a, b = a - 1, b - 1
            pairs.append((a, b))
        elif a and costs[a, b] == costs[a - 1, b] + 1:
            a -= 1
            pairs.append((a, None))
        else:
            b -= 1
            pairs.append((None, b))
    return pairs[::-1]


def tokens_changed(one: Sequence[str], other: Sequence[str]) -> int:
    """The fewest insertions, deletions and replacements of tokens that make the one the other."""
    return int(_costs(one, other)[-1, -1])


def _costs(one: Sequence[str], other: Sequence[str]) -> Array:
    """Changes that make the first a tokens of the one the first b of the other, (len(one) + 1, len(other) + 1)."""
    costs = np.zeros((len(one) + 1, len(other) + 1), int)
    costs[:, 0], costs[0] = np.arange(len(one) + 1), np.arange(len(other) + 1)
    for a, token in enumerate(one, start=1):
        for b, against in enumerate(other, start=1):
            costs[a, b] = min(costs[a - 1, b - 1] + (token != against), costs[a - 1, b] + 1, costs[a, b - 1] + 1)
    return costs
