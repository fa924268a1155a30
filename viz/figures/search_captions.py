"""Sentences about a beam search and about the untrained network, computed from what is on view. Plain text."""

from models.translation.decoding import ALPHA, Node, length_penalty
from models.translation.record import TranslationTrace
from models.translation.translator import Beam
from viz.figures.wording import counted, number, share_of_one


def beam_caption(beam: Beam) -> str:
    """What a finished search found, how its best translation compares with the greedy one, and how it was scored."""
    return " ".join([_found(beam), _greedy(beam), _scored(beam)])


def _found(beam: Beam) -> str:
    search = beam.search
    found = search.hypotheses
    texts = {beam.text(node) for node in found}
    alike = "" if len(texts) == len(found) else f" ({len(texts)} as texts: some differ in how words are cut only)"
    reads = sum(node.reading is not None for node in search.nodes)
    steps = max(node.step for node in search.nodes)
    cut_off = sum(node.fate.status == "cut off" for node in found)
    limit = f" {counted(cut_off, 'translation')} met the length limit." if cut_off else ""
    return (
        f"Beam {search.width} found {counted(len(found), 'translation')}{alike} in {counted(steps, 'step')} in which "
        f"the decoder read {counted(reads, 'token')}.{limit}"
    )


def _greedy(beam: Beam) -> str:
    """Greedy search takes the most probable token each time: its path is in the tree as far as the beam followed it."""
    found, last = beam.search.hypotheses, beam.search.greedy_path[-1]
    if last is found[0]:
        return "The best is the same as the greedy one."
    if last in found:
        place = found.index(last) + 1
        return f"The best is not the greedy one, which is number {place} by score."
    return (
        f"The best is not the greedy one, which the search dropped at step {last.fate.step}, at "
        f"“{beam.text(last)}”: {reason(last.fate.reason)}."
    )


def _scored(beam: Beam) -> str:
    best = beam.search.hypotheses[0]
    return (
        f"Score: log-probability divided by ((5 + length) / 6) to the power of {ALPHA}, the length counting the end "
        f"mark (Wu et al. 2016, equation 14): it makes up for what long translations lose by length. For the best: "
        f"{number(best.total, '.4f')} / {number(length_penalty(best.step), '.4f')} = {number(best.score, '.4f')}."
    )


def reason(text: str) -> str:
    """Why something was dropped, with minus signs that read as such."""
    return text.replace(" -", " −")


def untrained_caption(translation: TranslationTrace) -> str:
    """What random weights make of a sentence."""
    first, vocabulary = translation.probabilities[0], translation.logits.shape[1]
    layers = [translation.encoder[-1], translation.decoder[-1]]
    forget, write = (
        sum(float(getattr(layer, gate).sum()) for layer in layers) / sum(getattr(layer, gate).size for layer in layers)
        for gate in ("forget_gate", "input_gate")
    )
    return (
        "This network has learned nothing: its weights are the random numbers that training started from. It gave "
        f"its first token a probability of {first:.5f}; one of {vocabulary:,} drawn by lot has {1 / vocabulary:.5f}. "
        f"Its forget gates are {share_of_one(forget)} on average, since their bias starts above 0, its input gates "
        f"{share_of_one(write)}.{held_back_caption(len(translation.held_back), vocabulary)}"
    )


def held_back_caption(count: int, vocabulary: int) -> str:
    """That some tokens are never written, as a sentence that follows another; "" where none is held back."""
    if not count:
        return ""
    return (
        f" Of the {vocabulary:,} tokens it may not write {count}: alone each is a crude word. Where one was the most "
        "probable, the next stands in the text and among the alternatives; probabilities are of all tokens."
    )


def numbers_of(node: Node) -> tuple[str, str, str]:
    return number(node.total, ".4f"), str(node.step), number(node.score, ".4f")
