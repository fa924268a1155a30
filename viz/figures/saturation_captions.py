"""Sentences about how often gates are as good as shut or open, from the same counts. Plain text, no mark-up."""

from collections.abc import Sequence

import numpy as np

from models.analysis.lifetimes import GATES, Gate, GateCounts
from viz.figures import theme
from viz.figures.lifetimes import HalfLives
from viz.figures.saturation import NEARLY, Group, constant_half_life, extremes, same_mean, shares
from viz.figures.wording import capitalised, counted, share_of_one

PAIR = (
    "time-machine and forget-bias-0 are a clean pair: same size, same data, same seed. They differ only in the forget "
    "bias at the start of training, 1 and 0. Both are smaller than the translator."
)
NUMBERS = (
    "A unit number means something within one network only: unit 17 of one network and unit 17 of another have nothing "
    "to do with each other. So the chosen unit is ringed only in the network of this run."
)


SCATTER_SHORT = "A dot a unit; right: more often shut, up: more often open."
HOW = (
    "A gate near 0 lets almost nothing through, a gate near 1 almost everything: it is saturated. Each dot is one "
    "unit, after Karpathy et al. 2015. At the lower right it is shut most of the time, at the upper left open, and at "
    "the lower left mostly in between. No dot can lie beyond the dotted line, where every step is saturated."
)


def headline(group: Group, side: str, low: int, high: int) -> str:
    """How often the gates of this sentence were as good as open and as good as shut, on one side."""
    told = [
        f"the {theme.look(gate).words} {share_of_one(above.mean())} and {share_of_one(below.mean())}"
        for gate in GATES
        for below, above in [shares(group.counts, gate, low, high)]
    ]
    return (
        f"How often the {side}'s gates were as good as open (above {high / 100:.2f}) and shut (below {low / 100:.2f}) "
        f"in this sentence, as shares of all values: {', '.join(told)}."
    )


def scatter_caption(groups: Sequence[Group], gate: Gate, low: int, high: int, unit: int | None = None) -> str:
    """What part of all values is beyond the thresholds in each group, and where the ringed unit is."""
    shared = [(group, *shares(group.counts, gate, low, high)) for group in groups]
    listed = "; ".join(
        f"{group.label} {share_of_one(below.mean())} and {share_of_one(above.mean())}" for group, below, above in shared
    )
    ringed = "; ".join(
        f"{group.label} {share_of_one(below[unit])} and {share_of_one(above[unit])}"
        for group, below, above in shared
        if group.is_own and unit is not None and unit < len(below)
    )
    own = f" Unit {unit}, ringed: {ringed}." if ringed else ""
    beyond = f"below {low / 100:.2f} and above {high / 100:.2f}"
    return f"{theme.look(gate).name}, a dot a unit. Share of all values {beyond}: {listed}.{own}"


def mostly_rows(groups: Sequence[Group], low: int, high: int) -> list[list[str | int]]:
    """For each group its steps, and for each gate how many units are below and above in at least half of them."""
    rows: list[list[str | int]] = []
    for group in groups:
        counts = [int((share >= 0.5).sum()) for gate in GATES for share in shares(group.counts, gate, low, high)]
        rows.append([capitalised(group.label), f"{group.counts.steps:,}", *counts])
    return rows


def mostly_header(low: int, high: int) -> list[str]:
    """Of the columns of ``mostly_rows``."""
    names = [f"{theme.look(gate).name} {at}" for gate in GATES for at in (f"< {low / 100:.2f}", f"> {high / 100:.2f}")]
    return ["Where", "Steps", *names]


def mean_caption(counts: GateCounts, half_lives: HalfLives, translations: int) -> str:
    """What the mean forget gate would suggest, as a hypothetical, and what the units do."""
    mean = float(counts.mean("forget_gate").mean())
    hypothetical = constant_half_life(mean)
    if hypothetical is None:
        suggested = "it would keep more than half longer than any of these sentences"
    else:
        suggested = f"half of a write would be gone after {counted(hypothetical, 'step')}{_derived(mean)}"
    same = int((half_lives.steps[~half_lives.is_longer] == hypothetical).sum()) if hypothetical else 0
    units = len(half_lives.steps)
    return (
        f"Over {translations:,} translations ({counts.steps:,} steps of encoder and decoder) the mean forget gate of "
        f"all {counted(units, 'unit')} is {mean:.3f}. Hypothetical: were there one gate that always had this value, "
        f"{suggested}. Of the real units {same} of {units} have that typical half-life."
    )


def _derived(mean: float) -> str:
    return f" (ln 0.5 / ln {mean:.3f} = {np.log(0.5) / np.log(mean):.2f})" if 0 < mean < 1 else ""


def extremes_caption(counts: GateCounts, half_lives: HalfLives) -> str:
    """The most window-like and the most latch-like unit over held-out sentences."""
    mean = counts.mean("forget_gate")
    window, latch = extremes(counts, half_lives)
    return (
        f"The most window-like unit is {window}: mean forget gate {share_of_one(mean[window])}, typical half-life "
        f"{half_lives.words(window)}. The most latch-like is {latch}: mean {share_of_one(mean[latch])}, typical "
        f"half-life {half_lives.words(latch)}."
    )


def same_mean_caption(counts: GateCounts, half_lives: HalfLives, low: int, high: int) -> str:
    """Two units that their means would call alike, and how they differ; or that there are no two such units."""
    rule = f"Of all pairs of units whose mean forget gates differ by at most {NEARLY}"
    pair = same_mean(counts, low, high)
    if pair is None:
        return f"{rule}, none differs in how often it is below {low / 100:.2f} or above {high / 100:.2f}."
    mean, (below, above) = counts.mean("forget_gate"), shares(counts, "forget_gate", low, high)

    def told(unit: int) -> str:
        return (
            f"unit {unit} has mean {mean[unit]:.3f}, is below {low / 100:.2f} in {share_of_one(below[unit])} and above "
            f"{high / 100:.2f} in {share_of_one(above[unit])} of the steps, and has a typical half-life of "
            f"{half_lives.words(unit)}"
        )

    one, other = pair
    if half_lives.words(one) == half_lives.words(other):
        also = "though the typical half-lives are equal"
    else:
        also = "and neither are the half-lives"
    return (
        f"{rule}, these two differ most in how often they are beyond the thresholds: {told(one)}; {told(other)}. The "
        f"means are nearly the same; the gates are not, {also}."
    )
