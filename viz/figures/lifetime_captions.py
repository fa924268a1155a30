"""Sentences about how long units keep what was written, computed as the pictures are. Plain text, no mark-up."""

import numpy as np

from models.analysis.lifetimes import lifetimes, survival, window_to_latch
from models.recurrent.record import Part, Record
from models.recurrent.trace import Array
from viz.figures.captions import called
from viz.figures.columns import checked, columns_of
from viz.figures.lifetimes import LONGER, HalfLives
from viz.figures.wording import counted, share_of_one

CAVEAT = (
    "These products say how much of a write is left, not whether the network uses it. A rule such as 1 / (1 − f) holds "
    "for a forget gate that never changes; here the gates that really were in this run are multiplied."
)


MAP_SHORT = (
    "The share of this write that is left after each later step, a row a unit: those that forget soonest are at the "
    "top, those that keep longest at the bottom."
)
CURVES_SHORT = "The thick line is this write, the thin ones are others to the unit; the dashed line is one half."
HOW = (
    "Each step multiplies the cell state by the forget gate. So of what one step wrote, the product of all later "
    "forget gates is left."
)


def headline(record: Record, column: int, unit: int, layer: int = 0) -> str:
    """What is left of a step's write at the end of the run: in one unit, and in how many more than half.

    Raises:
        IndexError: there is no such column or unit.
    """
    checked(record, column, unit)
    forget_gate, place = record.values("forget_gate", layer), columns_of(record)[column].reading
    if column == len(forget_gate) - 1:
        return f"All of what was written at {place} is still there: no step came after it."
    left = survival(forget_gate, column)[-1]
    kept, units = int((left > 0.5).sum()), len(left)
    return (
        f"Of what was written at {place}, unit {unit} still holds {share_of_one(left[unit])} at the end; "
        f"{kept or 'none'} of {counted(units, 'unit')} {'holds' if kept == 1 else 'hold'} more than half."
    )


def survival_caption(record: Record, column: int, layer: int = 0) -> str:
    """How much of a step's write is left in how many units, at the end of the run.

    Raises:
        IndexError: there is no such column.
    """
    checked(record, column=column)
    forget_gate, place = record.values("forget_gate", layer), columns_of(record)[column]
    later, units = len(forget_gate) - 1 - column, forget_gate.shape[1]
    if not later:
        return f"Nothing came after {place.place}: what it wrote was not multiplied by any forget gate in this run."
    left = survival(forget_gate, column)[-1]
    most, least = int(left.argmax()), int(left.argmin())
    kept, order = int((left > 0.5).sum()), window_to_latch(forget_gate)
    return (
        f"What {place.place} wrote, and the share of it that is left after each of the {counted(later, 'later step')}, "
        f"in {counted(units, 'unit')}. At the end {counted(kept, 'unit') if kept else 'no unit'} still held more than "
        f"half of it. Most is left in unit {most}, {share_of_one(left[most])}, and least in unit {least}, "
        f"{share_of_one(left[least])}. Rows go from window to latch by the unit's typical half-life in this run: unit "
        f"{order[0]} is at the top, unit {order[-1]} at the bottom. The colour is that of the forget gate and runs "
        "from 0 to 1."
    )


def curves_caption(record: Record, column: int, unit: int, layer: int = 0) -> str:
    """After how many steps half of each write was gone, in one unit.

    Raises:
        IndexError: there is no such column or unit.
    """
    checked(record, column, unit)
    forget_gate, columns = record.values("forget_gate", layer), columns_of(record)
    first = record.parts[0]
    others = [at for at in range(first.steps) if at != column]
    thin = _others(forget_gate[:, [unit]], others, first)
    mean = share_of_one(forget_gate[:, unit].mean(dtype=np.float64))
    return (
        f"Unit {unit}. {halved(record, column, unit, layer)} {thin} The dashed "
        f"line is one half. Mean forget gate of the unit: {mean} over {counted(len(columns), 'step')}."
    )


def halved(record: Record, column: int, unit: int, layer: int = 0) -> str:
    """When half of one write was gone, and where that is; or that the run ended before."""
    forget_gate, columns = record.values("forget_gate", layer), columns_of(record)
    place, later = columns[column].place, len(columns) - 1 - column
    if not later:
        return f"Nothing came after {place}, so there is no half-life to tell."
    found = HalfLives.of_write(forget_gate, column)
    left = survival(forget_gate[:, unit], column)
    if found.is_longer[unit]:
        return (
            f"The half-life of what {place} wrote is {found.longer}: {share_of_one(left[-1])} of it is left after "
            f"the {counted(later, 'step')} that came."
        )
    steps = int(found.steps[unit])
    return (
        f"At least half of what {place} wrote was gone {counted(steps, 'step')} later, at "
        f"{columns[column + steps].place}, with {share_of_one(left[steps])} left."
    )


def _others(forget_gate: Array, others: list[int], first: Part) -> str:
    """After how many steps half of other writes was gone, all of one part, in (steps, 1) forget gates."""
    if not others:
        return f"There is no other write at a {called(first, many=False)}."
    seen = lifetimes(forget_gate)
    halved_in = [int(seen.steps[at, 0]) for at in others if not seen.is_censored[at, 0]]
    longer, parts = len(others) - len(halved_in), []
    if halved_in:
        low, high = min(halved_in), max(halved_in)
        between = counted(low, "step") if low == high else f"{low} to {high} steps"
        parts.append(f"half was gone after {between} in {len(halved_in)} of them")
    if longer:
        parts.append(f"the half-life is {LONGER} in {longer}")
    return f"The thin lines are {counted(len(others), 'other write')} at {called(first)}: {', '.join(parts)}."


def bars_caption(found: HalfLives, of_what: str, unit: int | None = None) -> str:
    """How many units have which half-life, each bar in words."""
    bars = [f"{counted(steps, 'step')}: {count}" for steps, count in enumerate(found.counts().tolist(), 1) if count]
    bars.append(f"{found.longer}: {int(found.is_longer.sum())}")
    own = "" if unit is None else f" Unit {unit}: {found.words(unit)}."
    return f"{of_what}: units by half-life. {', '.join(bars)}.{own}"


def extremes_caption(record: Record, layer: int = 0) -> str:
    """The most window-like and the most latch-like unit of this run."""
    forget_gate = record.values("forget_gate", layer)
    order, typical = window_to_latch(forget_gate), HalfLives.in_run(forget_gate)
    means = forget_gate.mean(axis=0, dtype=np.float64)
    window, latch = int(order[0]), int(order[-1])

    def told(unit: int) -> str:
        return f"typical half-life {typical.words(unit)}, mean forget gate {share_of_one(means[unit])}"

    if window == latch:
        return f"There is one unit, {told(window)}."
    return (
        f"The most window-like unit in this run is {window} ({told(window)}), the most latch-like is {latch} "
        f"({told(latch)}). The typical half-life of a unit is the median over all its writes in this run; a write that "
        "the end of the run cut short counts for as long as it was watched."
    )
