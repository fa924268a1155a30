"""Two sequences of tokens side by side, with gaps where one has a token that the other lacks."""

from collections.abc import Sequence

import numpy as np

from models.recurrent.trace import Array

Pair = tuple[int | None, int | None]  # places in the one and in the other; None for a gap


def aligned(one: Sequence[str], other: Sequence[str]) -> list[Pair]:
    """Pair the tokens with the fewest insertions, deletions and replacements (Levenshtein 1966), in order.

    Of several ways with equally many, tokens are paired as early as can be: the later ones get the gaps.
    """
    costs, pairs = _costs(one, other), []
    a = b = 0
    while a < len(one) or b < len(other):
        if a < len(one) and b < len(other) and costs[a, b] == costs[a + 1, b + 1] + (one[a] != other[b]):
            pairs.append((a, b))
            a, b = a + 1, b + 1
        elif a < len(one) and costs[a, b] == costs[a + 1, b] + 1:
            pairs.append((a, None))
            a += 1
        else:
            pairs.append((None, b))
            b += 1
    return pairs


def tokens_changed(one: Sequence[str], other: Sequence[str]) -> int:
    """The fewest insertions, deletions and replacements of tokens that make the one the other."""
    return int(_costs(one, other)[0, 0])


def _costs(one: Sequence[str], other: Sequence[str]) -> Array:
    """Changes that make the one from token a on the other from token b on, (len(one) + 1, len(other) + 1)."""
    costs = np.zeros((len(one) + 1, len(other) + 1), int)
    costs[:, -1], costs[-1] = np.arange(len(one), -1, -1), np.arange(len(other), -1, -1)
    for a in reversed(range(len(one))):
        for b in reversed(range(len(other))):
            costs[a, b] = min(costs[a + 1, b + 1] + (one[a] != other[b]), costs[a + 1, b] + 1, costs[a, b + 1] + 1)
    return costs
