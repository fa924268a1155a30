"""A walk through the app that takes every way from one page to another."""

PAGES = ("translate", "cell", "memory", "lab", "compare", "tree", "trust")  # their rooms, as in viz/navigation.py


def walk() -> list[str]:
    """Rooms in an order in which each follows each other one exactly once; it begins and ends with the first."""
    left = {room: [other for other in PAGES if other != room] for room in PAGES}
    walked, way = [], [PAGES[0]]
    while way:  # Hierholzer: walk until stuck, and begin anew from where a way is left
        if left[way[-1]]:
            way.append(left[way[-1]].pop())
        else:
            walked.append(way.pop())
    return walked[::-1]
