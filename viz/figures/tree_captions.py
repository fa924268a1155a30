"""Sentences about the tree of a beam search and about going on from one of its nodes. Plain text."""

import math
from collections import Counter

from models.language.text import graphemes
from models.language.vocabulary import shown_token
from models.translation.decoding import SCORE, Node, length_penalty
from models.translation.translator import Beam
from viz.figures.search_captions import reason
from viz.figures.wording import capitalised, counted, number

CAUSES = {
    "outside": "outside the {width} best of their step",
    "hopeless": "because they could no longer win",
    "worse end": "because they ended worse than {width} others",
    "length limit": "at the length limit",
}
EXACT = ".4f"


def tree_caption(beam: Beam) -> str:
    """How many nodes a finished search looked at, kept and dropped, why, and what the best one scored."""
    search = beam.search
    written, dropped = search.nodes[1:], search.dropped
    steps = max(node.step for node in written)
    causes = Counter(node.fate.cause for node in dropped)
    counts = [(causes[cause], said.format(width=search.width)) for cause, said in CAUSES.items() if causes[cause]]
    why = ", ".join(f"{count:,} {said}" for count, said in counts) if len(counts) != 1 else f"all {counts[0][1]}"
    best, found = search.hypotheses[0], len(search.hypotheses)
    cut_off = " It was cut off at the length limit." if best.fate.status == "cut off" else ""
    return (
        f"A beam of {search.width} looked at {len(written):,} nodes in {counted(steps, 'step')}. It kept "
        f"{len(written) - len(dropped):,}, and {counted(found, 'path')} of these became a translation. It dropped "
        f"{len(dropped):,}{': ' * bool(why)}{why}. The best score is {number(best.score, EXACT)}, for "
        f"“{shortened(beam.text(best))}”.{cut_off}"
    )


def untrained_remark(beam: Beam) -> str:
    """What to hold the log-probabilities of random weights against."""
    tokens = len(beam.translator.target_vocabulary.tokens)
    return (
        f"This network has learned nothing. A token drawn by lot from its {tokens:,} has a log-probability of "
        f"{number(-math.log(tokens))}, and those in the tree come near that: the search has nothing to go by."
    )


def shortened(text: str, longest: int = 80) -> str:
    """What a sentence can quote: the text, or its beginning where it has more than so many letters."""
    letters = graphemes(text)
    return text if len(letters) <= longest else "".join(letters[: longest - 1]) + "…"


def token_of(beam: Beam, node: Node) -> str:
    return shown_token(beam.translator.target_vocabulary.tokens[node.token])


def fate_words(beam: Beam, node: Node) -> str:
    """What became of a node in the finished search, and why."""
    search, fate = beam.search, node.fate
    if fate.status == "dropped":
        return f"dropped at step {fate.step}: {reason(fate.reason)}"
    if node in search.hypotheses:
        how = "kept as" if fate.status == "finished" else "cut off at the length limit as"
        return f"{how} translation {search.hypotheses.index(node) + 1} of {len(search.hypotheses)}"
    if node.parent is None:
        return "the start mark, which nothing wrote"
    return f"kept at step {fate.step}"


def node_label(beam: Beam, node: Node) -> str:
    """One node in words, for whoever cannot see its box or wants it exact."""
    token = token_of(beam, node)
    if node.parent is None:
        return f"{token}, {fate_words(beam, node)}"
    return (
        f"{token}, step {node.step}, log-probability {number(node.log_probability, EXACT)}, "
        f"total {number(node.total, EXACT)}, score {number(node.score, EXACT)}, {fate_words(beam, node)}"
    )


def place_words(beam: Beam, node: Node) -> str:
    """Where a node stands among the continuations of its parent that the search looked at."""
    siblings = sum(other.parent is node.parent for other in beam.search.nodes)
    return f"{node.rank + 1} of {siblings}, the most probable first"


def score_words(node: Node) -> str:
    """The score of a node with its arithmetic."""
    penalty = length_penalty(node.step)
    return f"{number(node.total, EXACT)} / {number(penalty, EXACT)} = {number(node.score, EXACT)}"


def score_caption() -> str:
    return f"Score: {SCORE}. The division makes up for what long translations lose by length."


def outcome_caption(beam: Beam, node: Node, continued: Beam) -> str:
    """What going on from a node found, against the best translation of the search that it is a node of."""
    best, found = beam.search.hypotheses[0], continued.search.hypotheses[0]
    if found.tokens == best.tokens:
        return "Going on from this node finds the best translation of the search again."
    if "cut off" in (best.fate.status, found.fate.status):
        return "One of the two met the length limit, so their scores do not compare: it might have gone on to any end."
    gap = number(abs(found.score - best.score), EXACT)
    how = f"a beam of {continued.search.width}" if continued.search.width > 1 else "greedy search"
    if found.score <= best.score:
        lost = "so dropping this node lost nothing here" if node.fate.status == "dropped" else "so it is no better"
        return (
            f"Its score is {gap} lower than that of the best translation, {lost}. That is what {how} found from here; "
            "a wider one could find more."
        )
    why = f"It was {fate_words(beam, node)}." if node.fate.status == "dropped" else "The search lost it further on."
    return (
        f"Its score is {gap} higher than that of the best translation: a search error. The network itself scores this "
        f"translation higher, and the search did not find it. {why}"
    )


def chosen_caption(beam: Beam, node: Node, at: int) -> str:
    """The node that decoding goes on from, in a sentence."""
    if node.parent is None:
        return "Node 0 is the start mark: going on from here is the search as it was."
    return capitalised(f"node {at}, “{token_of(beam, node)}” at step {node.step}, was {fate_words(beam, node)}.")
