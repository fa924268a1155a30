"""Sentences about gradients, computed from the numbers that the pictures show."""

from collections.abc import Mapping, Sequence

import numpy as np

from models.learning.flows import Clipping, Followed
from models.recurrent.record import Record
from models.recurrent.trace import Array
from viz.figures import theme
from viz.figures.gradients import CALLED, LARGEST, SMALLEST, Line, Squashing, ledger_shares
from viz.figures.tables import Table
from viz.figures.wording import number, scientific

QUESTIONS = (
    "These are answers to different questions: the gradient says how the answer would change if an input changed a "
    "little, the ledger which writes the memory consists of. Neither says what the answer would be without a word: "
    "that is what erasing shows, on the page Long memory. Gradients of recurrent networks favour late steps (Ismail "
    "et al. 2019)."
)
FLAT = 0.01  # of a bend's peak: what counts as none


def power(value: float) -> str:
    """A number of any size: as it is where it is handy, else with its power of ten."""
    if value == 0 or 0.01 <= abs(value) < 10_000:
        return number(value, ".3g")
    return scientific(value)


def headline(followed: Sequence[Followed]) -> str:
    """How much of the gradient reaches the beginning, in one sentence."""
    parts = []
    for each in followed:
        state = each.flow.cell_state if each.flow.cell_state is not None else each.flow.hidden_state
        ratio = float(state[0] / state[-1]) if state[-1] else 0.0
        parts.append(f"{power(ratio)} in the {CALLED[each.cell].replace('Plain', 'plain')}")
    joined = parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
    memory = "cell state" if len(parts) == 1 else "memory (c of the LSTM, h of the others)"
    return f"On the way back from the last step to the start, the gradient by the {memory} is multiplied by {joined}."


def loss_caption(followed: Sequence[Followed]) -> str:
    """How much of the gradient by the last state is left at the first."""
    sentences = ["Norm of the gradient of the loss by each state, from the start to the last step."]
    for each in followed:
        state = each.flow.cell_state if each.flow.cell_state is not None else each.flow.hidden_state
        name = "cell state" if each.flow.cell_state is not None else "hidden state"
        first, last = float(state[0]), float(state[-1])
        if last == 0 or first == 0:
            sentences.append(f"{CALLED[each.cell]}: {power(first)} at the start, {power(last)} at the end.")
            continue
        ratio = first / last
        how = "grows" if ratio > 1 else "shrinks"
        times = ratio if ratio > 1 else 1 / ratio
        sentences.append(
            f"{CALLED[each.cell]}: on the way back from the last step to the start, that by the {name} {how} "
            f"{power(times)} times, from {power(last)} to {power(first)}."
        )
    return " ".join(sentences)


def path_caption(followed: Sequence[Followed]) -> str:
    """The path along the memory alone beside all paths."""
    sentences = [
        "Two things that are often taken for one another: the largest singular value of the derivative of the last "
        "state by each (all paths), and the product of the gates that keep, of the unit that keeps most (one path)."
    ]
    for each in followed:
        whole = float(each.flow.jacobian[0])
        said = f"{CALLED[each.cell]}: from the start to the end all paths {power(whole)}"
        if each.flow.path is not None:
            alone = float(each.flow.path[0].max())
            said += f", the gates alone {power(alone)}"
            if alone <= 1 < whole:
                said += ": the path through the memory shrinks while the whole grows"
        sentences.append(said + ".")
    return " ".join(sentences)


def range_caption(lines: Sequence[Line]) -> str:
    """What of this would be lost or overflow in single precision."""
    values = np.concatenate([line.values for line in lines])
    values = values[values > 0]
    if not len(values):
        return "All of these are 0."
    low, high = float(values.min()), float(values.max())
    if low < SMALLEST or high > LARGEST:
        what = f"below {power(SMALLEST)}" if low < SMALLEST else f"above {power(LARGEST)}"
        return f"Computed in double precision: single precision would lose what is {what}."
    return (
        f"Computed in double precision. All of it lies within single precision ({power(SMALLEST)} to "
        f"{power(LARGEST)}): the smallest is {power(low)}, the largest {power(high)}."
    )


def clipping_caption(cell: str, found: Clipping) -> str:
    """What clipping by norm does to one step."""
    moved, kept = found.rate * found.norm, found.rate * min(found.norm, found.limit)
    share = moved / found.weights if found.weights else 0.0
    size = f"{power(share)} times their own size" if share >= 1 else f"{power(100 * share)} % of their own size"
    begin = f"{CALLED[cell]}: the gradient by all weights has norm {power(found.norm)}. A step of rate {found.rate:g} "
    if found.factor == 1:
        return (
            f"{begin}moves them by {power(moved)} ({size}); clipping to {found.limit:g} changes nothing, since the "
            f"norm is smaller. Loss of this sequence {number(found.loss, '.4g')} before, "
            f"{number(found.plain_loss, '.4g')} after."
        )
    return (
        f"{begin}moves them by {power(moved)} ({size}); clipped to norm {found.limit:g}, in the same direction, by "
        f"{power(kept)}. Loss of this sequence {number(found.loss, '.4g')} before; {number(found.plain_loss, '.4g')} "
        f"after the whole step, {number(found.clipped_loss, '.4g')} after the clipped one."
    )


def inputs_caption(
    followed: Followed, record: Record, labels: Sequence[str], step: int | None = None,
    of: str = "the right answer’s output",
) -> str:  # fmt: skip
    """Which input has the largest gradient, and which write makes up most of the memory."""
    by_input, shares = followed.by_input, ledger_shares(record, step)
    where = (
        "that the last cell states consist of"
        if step is None
        else f"that the cell states of step {step + 1} consist of"
    )
    one, other = int(by_input.argmax()), int(shares.argmax())
    total = float(by_input.sum())
    said = (
        f"Above: the norm of the gradient of {of} by each input is largest at step {one + 1}, "
        f"“{labels[one]}” ({100 * float(by_input[one]) / total if total else 0:.0f} % of their sum). Beneath: of the "
        f"writes {where}, the largest part was made at step {other + 1}, "
        f"“{labels[other]}” ({100 * float(shares[other]):.0f} %)."
    )
    return said + (" It is the same step." if one == other else " They are different steps.")


def squashing_caption(function: Squashing, points: Mapping[str, Array]) -> str:
    """Where this run has used the function, and what its derivatives are there."""
    grid = np.linspace(0, 20, 20_001)
    bend = np.abs(function.bend(grid))
    flat = float(grid[np.nonzero(bend >= FLAT * bend.max())[0][-1]])
    top = float(function.slope(np.array(0.0)))
    sentences = [
        f"{function.name} has its largest slope, {number(top)}, at 0; its second derivative is below 1 % of its peak "
        f"beyond ±{number(flat, '.1f')}."
    ]
    for quantity, values in points.items():
        slope = function.slope(values)
        half = float(np.median(slope))
        least = f"below {number(half, '.2g')}" if half else "that double precision cannot tell from 0"
        beyond = 100 * float((np.abs(values) > flat).mean())
        sentences.append(
            f"{theme.look(quantity).name}: half of the {values.size:,} points have a slope {least}; "
            f"{beyond:.0f} % lie beyond ±{number(flat, '.1f')}."
        )
    sentences.append("Going back, a gradient is multiplied by the slope, not by the second derivative.")
    return " ".join(sentences)


def flow_table(followed: Sequence[Followed], labels: Sequence[str]) -> Table:
    """Every norm at every state."""
    table: Table = {"State": np.arange(len(labels) + 1), "After reading": ["start", *labels]}
    for each in followed:
        name = CALLED[each.cell]
        table[f"{name} ∂loss/∂h"] = [power(value) for value in each.flow.hidden_state]
        if each.flow.cell_state is not None:
            table[f"{name} ∂loss/∂c"] = [power(value) for value in each.flow.cell_state]
        table[f"{name} all paths"] = [power(value) for value in each.flow.jacobian]
        if each.flow.path is not None:
            table[f"{name} gates alone"] = [power(value) for value in each.flow.path.max(axis=1)]
    return table
