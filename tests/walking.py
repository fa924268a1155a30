"""A walk that takes every way from one place to another: from page to page, or from recipe to recipe."""

from collections.abc import Sequence

PAGES = (
    "translate",
    "cell",
    "memory",
    "tasks",
    "gradients",
    "lab",
    "compare",
    "tree",
    "trust",
)  # their rooms, as in viz/navigation.py


def walk(places: Sequence[str] = PAGES) -> list[str]:
    """Places in an order in which each follows each other one exactly once; it begins and ends with the first."""
    left = {place: [other for other in places if other != place] for place in places}
    walked, way = [], [places[0]]
    while way:  # Hierholzer: walk until stuck, and begin anew from where a way is left
        if left[way[-1]]:
            way.append(left[way[-1]].pop())
        else:
            walked.append(way.pop())
    return walked[::-1]
