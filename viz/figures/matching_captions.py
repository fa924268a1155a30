"""Sentences about matched units, computed as their pictures are. Plain text, no mark-up."""

from collections.abc import Sequence

import numpy as np

from models.analysis.alignment import Pair
from models.analysis.matching import CLEAR, SEED, Matching
from models.recurrent.record import Record
from models.recurrent.trace import Array
from viz.figures.matching import courses_of
from viz.figures.wording import counted, number, share_of_one

METHOD = (
    "Every unit of A gets one of B as its partner, one to one, such that the sizes of all correlations r add up to the "
    "most (Li et al. 2016, arXiv 1511.07543; by size as in Bau et al. 2019, arXiv 1811.01157). A negative r counts as "
    "much as a positive one: turn a unit upside down, with all its weights, and the network computes the same."
)


def matching_caption(matching: Matching) -> str:
    """How closely matched units follow each other, and how closely they would for other reasons."""
    r = matching.correlations
    same = int((matching.partners == np.arange(len(r))).sum())
    best = matching.best_first[0]
    return (
        f"Cell states of both encoders over {matching.steps:,} steps of "
        f"{matching.readings:,} readings of held-out sentences, each read for both languages. The "
        f"{counted(len(r), 'matched pair')} have a mean size of r of {_mean(r)}; {_clear(r)} are above {CLEAR:g}. "
        f"The closest is unit {best} of A with unit {matching.partners[best]} of B (r = {number(r[best])}). "
        f"{int((r < 0).sum())} of the pairs are upside down (r below 0), and "
        f"{_pairs_have(same)} the same number on both sides."
    )


def chance_caption(matching: Matching) -> str:
    """The same matching where there is nothing, or little, to find."""
    return (
        f"The best of many is high by chance too, so the same matching was made twice more (seed {SEED}). With the "
        f"steps of B shuffled the mean is {_mean(matching.chance)}. With B reading other sentences of the same length "
        f"and language, so that only the place in the sentence is common, it is {_mean(matching.by_place)}, and "
        f"{_clear(matching.by_place)} are above {CLEAR:g}: so much comes from where in a sentence a unit is active, "
        f"not from the words. Units with the same number, unmatched: {_mean(matching.by_number)}."
    )


def course_caption(
    a: Record, b: Record, pairs: Sequence[Pair], matching: Matching, unit: int
) -> str:  # fmt: skip
    """What the courses of one pair were on these sentences.

    Raises:
        IndexError: there is no such unit.
    """
    partner = int(matching.partners[unit])
    one, two = courses_of(a, b, pairs, unit, partner)
    ranges = " and ".join(
        f"{side} from {number(np.nanmin(values))} to {number(np.nanmax(values))}"
        for side, values in (("A", one), ("B", two))
    )
    r = matching.correlations[unit]
    turned = " It is negative: one goes down where the other goes up." if r < 0 else ""
    return (
        f"Cell state of unit {unit} of A and of its partner, unit {partner} of B, while the encoders read: {ranges}. "
        f"Their correlation over the held-out sentences is {number(r)}.{turned} A matched pair behaves alike; it need "
        "not mean the same."
    )


def _mean(values: Array) -> str:
    return share_of_one(float(np.abs(values).mean()))


def _clear(values: Array) -> int:
    return int((np.abs(values) > CLEAR).sum())


def _pairs_have(count: int) -> str:
    return f"{count} has" if count == 1 else f"{count or 'none'} {'have' if count else 'has'}"
