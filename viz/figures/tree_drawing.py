"""The tree of a beam search: which of its nodes are drawn, where, and with what beside them."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from models.language.vocabulary import WORD_START, shown_token
from models.translation.decoding import BeamSearch, Node
from models.translation.translator import Beam
from viz.figures.tree_captions import fate_words, node_label
from viz.figures.wording import number

GAP = 0.3  # rows between the continuations of one node and those of another
STRAIGHT = 50.0  # how much more the line of the best translation counts than any other where they cannot all be level


def shown_nodes(search: BeamSearch, dropped: int | None, also: Iterable[int] = ()) -> list[int]:
    """Numbers of the nodes to draw, in the order of the search.

    Args:
        dropped: how many of the dropped nodes of each step, the most probable hypotheses first; None for all.
        also: numbers that are drawn in any case.
    """
    if dropped is None:
        return list(range(len(search.nodes)))
    always = set(map(id, search.greedy_path)) | {id(search.nodes[at]) for at in also}
    by_step: dict[int, list[Node]] = {}
    for node in search.dropped:
        by_step.setdefault(node.step, []).append(node)
    for nodes in by_step.values():
        always.update(id(node) for node in sorted(nodes, key=lambda node: -node.total)[:dropped])
    return [at for at, node in enumerate(search.nodes) if node.fate.status != "dropped" or id(node) in always]


def rows_of(search: BeamSearch, numbers: Sequence[int]) -> list[float]:
    """The row of each of the nodes, from 0; their columns are their steps.

    Siblings stand below each other by rank, and families in the order of their parents, so no lines cross. Each family
    comes as near to its parent as the others allow, with the child that the search followed level with it.
    """
    best = set(map(id, search.hypotheses[0].path))
    families: dict[int, dict[int, list[Node]]] = {}  # by step, then by parent in the order of the search
    for at in numbers:
        if (node := search.nodes[at]).parent is not None:
            families.setdefault(node.step, {}).setdefault(id(node.parent), []).append(node)
    rows = {id(search.root): 0.0}
    for step in sorted(families):
        members = sorted(families[step].values(), key=lambda children: rows[id(children[0].parent)])
        _place(members, rows, best)
    top = min(rows.values())
    return [rows[id(search.nodes[at])] - top for at in numbers]


def _place(families: Sequence[list[Node]], rows: dict[int, float], best: set[int]) -> None:
    """Give rows to the families of one step, which come in the order of their parents."""
    wanted, weights, starts, start = [], [], [], 0.0
    for children in families:
        children.sort(key=lambda node: node.rank)
        wanted.append(rows[id(children[0].parent)] - _level(children, best) - start)
        weights.append(STRAIGHT if any(id(node) in best for node in children) else 1.0)
        starts.append(start)
        start += len(children) + GAP
    for children, first, shift in zip(families, starts, rising(wanted, weights), strict=True):
        for at, node in enumerate(children):
            rows[id(node)] = first + shift + at


def _level(children: Sequence[Node], best: set[int]) -> float:
    """Which of the siblings is level with the parent."""
    for at, node in enumerate(children):
        if id(node) in best:
            return at
    kept = [at for at, node in enumerate(children) if node.fate.status != "dropped"]
    return kept[0] if kept else (len(children) - 1) / 2


def rising(wanted: Sequence[float], weights: Sequence[float]) -> list[float]:
    """The numbers that never fall and lie nearest to those wanted, by weighted squares (pool adjacent violators)."""
    pools: list[tuple[float, float, int]] = []  # mean, weight, how many
    for pool in zip(wanted, weights, [1] * len(wanted), strict=True):
        while pools and pools[-1][0] > pool[0]:
            mean, weight, count = pools.pop()
            whole = weight + pool[1]
            pool = ((mean * weight + pool[0] * pool[1]) / whole, whole, count + pool[2])
        pools.append(pool)
    return [mean for mean, _, count in pools for _ in range(count)]


def tree_drawing(beam: Beam, dropped: int | None, also: Iterable[int] = ()) -> dict[str, Any]:
    """Everything a drawing of a finished search shows, numbers as text: whoever draws it computes nothing."""
    search = beam.search
    numbers = shown_nodes(search, dropped, also)
    places = {id(node): at for at, node in enumerate(search.hypotheses, start=1)}
    best, greedy = set(map(id, search.hypotheses[0].path)), set(map(id, search.greedy_path))
    number_of = {id(node): at for at, node in enumerate(search.nodes)}
    drawn = []
    for at, row in zip(numbers, rows_of(search, numbers), strict=True):
        node = search.nodes[at]
        drawn.append({
            "number": at,
            "parent": None if node.parent is None else number_of[id(node.parent)],
            "step": node.step,
            "row": round(row, 3),
            **_token_of(beam, node),
            **_numbers_of(node),
            "status": node.fate.status,
            "place": places.get(id(node), 0),  # among the translations found, 1 for the best
            "best": id(node) in best,
            "greedy": id(node) in greedy,
            "label": node_label(beam, node),
        })  # fmt: skip
    return {"language": beam.translator.language, "nodes": drawn}


def _token_of(beam: Beam, node: Node) -> dict[str, Any]:
    token = beam.translator.target_vocabulary.tokens[node.token]
    is_special = token.startswith("<") and len(token) > 1
    return {
        "token": shown_token(token),
        "special": is_special,
        "continues": not is_special and not token.startswith(WORD_START),
    }


def _numbers_of(node: Node) -> dict[str, str]:
    """As they stand in the box of a node; the root was not written and has none."""
    if node.parent is None:
        return {"log_probability": "", "total": "", "score": ""}
    return {name: number(getattr(node, name)) for name in ("log_probability", "total", "score")}


def tree_table(beam: Beam) -> dict[str, list]:
    """Every node but the root as columns of a table, in the order of the search."""
    nodes = beam.search.nodes[1:]
    fates = {"Fate": [fate_words(beam, node) for node in nodes]}
    return {"Node": list(range(1, len(nodes) + 1)), **node_columns(beam, nodes), **fates}


def node_columns(beam: Beam, nodes: Sequence[Node]) -> dict[str, list]:
    """Which tokens after which, with their log-probabilities and scores."""
    tokens = beam.translator.target_vocabulary.tokens
    return {
        "Step": [node.step for node in nodes],
        "After": [beam.text(node.parent) for node in nodes],
        "Token": [shown_token(tokens[node.token]) for node in nodes],
        "Rank": [node.rank + 1 for node in nodes],
        "Log-probability of the token": [round(node.log_probability, 4) for node in nodes],
        "Log-probability": [round(node.total, 4) for node in nodes],
        "Score": [round(node.score, 4) for node in nodes],
    }


def tree_csv(beam: Beam) -> str:
    """Every node but the root, a line each; reading a number back gives exactly the one of the search."""
    nodes = beam.search.nodes
    number_of = {id(node): at for at, node in enumerate(nodes)}
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["node", "parent", "step", "token", "rank", "log_probability", "total", "score", "status", "reason"])
    for at, node in enumerate(nodes[1:], start=1):
        token = beam.translator.target_vocabulary.tokens[node.token]
        numbers = [repr(float(value)) for value in (node.log_probability, node.total, node.score)]
        fate = [node.fate.status, node.fate.reason]
        table.writerow([at, number_of[id(node.parent)], node.step, token, node.rank + 1, *numbers, *fate])
    return text.getvalue()
