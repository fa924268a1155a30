"""Sentences about small networks and their tasks, computed from the same runs, curves and rankings as the pictures."""

from collections.abc import Mapping, Sequence

import numpy as np

from models.learning.tasks.curves import Point, chance_from, holds_until
from models.learning.tasks.network import TaskNetwork, TaskRun
from models.learning.tasks.task import Task
from models.learning.tasks.units import Change, Ranking
from models.learning.tasks.variants import CALLED, Variant
from models.recurrent.trace import Array
from viz.figures.tables import Table
from viz.figures.tasks import is_right, wanted_at
from viz.figures.wording import capitalised, counted, number

LOW = 0.2  # of sequences: what can be called little
NEAR = 3  # times as often right as by guessing: not much better
SURE = 0.99  # of held-out sequences: what counts as having learned a distance


def per_cent(share: float) -> str:
    """A share of one; what is nearly nothing or nearly all is not rounded to it."""
    if 0 < share < 0.001:
        return "less than 0.1 %"
    if 0.999 < share < 1:
        return "more than 99.9 %"
    return f"{100 * share:.1f} %"


def answer_words(network: TaskNetwork, run: TaskRun, at: int) -> str:
    """What is said at one step, and how sure the network is."""
    if network.task.gives_numbers:
        return number(run.said[at])
    return f"“{run.said[at]}” ({per_cent(float(run.probabilities[at].max()))})"


def wanted_words(wanted: str | float) -> str:
    return number(wanted) if isinstance(wanted, float) else f"“{wanted}”"


def headline(network: TaskNetwork, run: TaskRun) -> str:
    """What the network says where something is asked, and whether it is right."""
    wanted = wanted_at(network, run)
    if network.decoder is not None:
        text, right = (" ".join(tokens[:-1]) for tokens in (run.said, run.example.written))
        sure = per_cent(float(np.prod(run.probabilities.max(axis=1))))
        verdict = "which is right" if network.is_right(run) else f"but right is “{right}”"
        return f"The decoder writes “{text}” ({sure}), {verdict}."
    if not wanted:
        return "Nothing is asked in this sequence: the network says something at every step, but nothing is right."
    last = max(wanted)
    place = f"At step {last + 1}, “{run.record.parts[-1].read[last]}”,"
    verdict = "which is right" if is_right(network, run, last) else f"but right is {wanted_words(wanted[last])}"
    if network.task.gives_numbers and is_right(network, run, last):
        verdict = f"which is right: within {number(network.task.tolerance)} of {wanted_words(wanted[last])}"
    said = f"{place} the network says {answer_words(network, run, last)}, {verdict}."
    if len(wanted) == 1:
        return said
    right = sum(is_right(network, run, at) for at in wanted)
    return f"{right} of {counted(len(wanted), 'answer')} asked for {'is' if right == 1 else 'are'} right. {said}"


def answers_caption(network: TaskNetwork, run: TaskRun) -> str:
    """The picture of all answers in words."""
    wanted = wanted_at(network, run)
    wrong = [at for at in wanted if not is_right(network, run, at)]
    parts = [f"What the network says at each of {counted(len(run.said), 'step')}."]
    if wanted:
        parts.append(
            f"Asked {'once' if len(wanted) == 1 else f'{len(wanted)} times'} (large marks); "
            + ("all right." if not wrong else f"wrong at {_steps(wrong)} (crosses).")
        )
    parts.append("Between, it also says something: nobody asks, so nothing there is right or wrong.")
    return " ".join(parts if len(wanted) < len(run.said) else parts[:-1])


def _steps(steps: Sequence[int]) -> str:
    shown = ", ".join(str(step + 1) for step in steps[:5])
    more = f" and {len(steps) - 5} more" if len(steps) > 5 else ""
    return f"step{'s' * (len(steps) > 1)} {shown}{more}"


def answers_table(network: TaskNetwork, run: TaskRun) -> Table:
    """Every step that answers: what it read, what was said, how surely, and what is right."""
    part, wanted = run.record.parts[-1], wanted_at(network, run)
    steps = range(len(run.said))
    values: Table = {
        "Step": np.arange(1, len(run.said) + 1),
        "Reads": list(part.read),
        "Says": [number(said) if isinstance(said, float) else said for said in run.said],
    }
    if not network.task.gives_numbers:
        values["Probability"] = run.probabilities.max(axis=1)
    values["Right is"] = [
        "" if (right := wanted.get(at)) is None else (number(right) if isinstance(right, float) else right)
        for at in steps
    ]
    return values


# --- accuracy by distance


def accuracy_caption(task: Task, curves: Mapping[Variant, Sequence[Point]]) -> str:
    """How far each cell answers right, and where it only guesses."""
    low, high = task.trained
    most = max(point.examples for points in curves.values() for point in points)
    measured = "the one sequence that there is" if most == 1 else f"up to {most} sequences"
    sentences = [
        f"Share of held-out sequences answered right, by {task.distance_is}; trained on {low} to {high}, {measured} at "
        "each point, three seeds a cell (the band of the cell on view: from the worst seed to the best)."
    ]
    sentences += [f"{CALLED[variant]}: {_reach(task, points)}." for variant, points in curves.items()]
    return " ".join(sentences)


def _reach(task: Task, points: Sequence[Point]) -> str:
    """How far a cell keeps up, and where it is at chance."""
    sure = holds_until(points, SURE)
    later = next((n for n, point in enumerate(points) if min(point.shares) >= SURE), None)
    if sure == points[-1].distance:
        return f"every seed at least {100 * SURE:.0f} % right as far as was measured ({sure})"
    if sure is not None:
        said = f"every seed at least {100 * SURE:.0f} % right up to {sure}"
    elif later is not None:
        until = holds_until(points[later:], SURE)
        said = f"{per_cent(points[0].mean)} right at {points[0].distance}, every seed at least {100 * SURE:.0f} % "
        said += f"from {points[later].distance} to {until}"
    else:
        said = f"{per_cent(points[0].mean)} right at {points[0].distance}, never {100 * SURE:.0f} % with every seed"
    longest = points[-1]
    if not task.chance:
        return f"{said}, {per_cent(longest.mean)} at {longest.distance}"
    guessing = f"guessing would be 1 in {round(1 / task.chance)}"
    if (chance := chance_from(points, task.chance)) is not None:
        return f"{said}; from {chance} on no better than chance ({guessing})"
    if longest.mean <= NEAR * task.chance <= LOW:
        near = next(n for n, _ in enumerate(points) if all(p.mean <= NEAR * task.chance for p in points[n:]))
        most = max(point.mean for point in points[near:])
        return f"{said}; from {points[near].distance} on at most {per_cent(most)}, little more than chance ({guessing})"
    return f"{said}, {per_cent(longest.mean)} at {longest.distance}"


def accuracy_table(curves: Mapping[Variant, Sequence[Point]], distance_is: str) -> Table:
    """One row a distance and cell."""
    rows = [(variant, point) for variant, points in curves.items() for point in points]
    table: Table = {
        "Cell": [CALLED[variant] for variant, _ in rows],
        capitalised(distance_is): np.array([point.distance for _, point in rows]),
        "Sequences": np.array([point.examples for _, point in rows]),
    }
    for seed in range(len(rows[0][1].shares)):
        table[f"Seed {seed + 1}"] = np.array([point.shares[seed] for _, point in rows], np.float64)
    return table


# --- units


def change_words(change: Change, listed: str, donor: str = "") -> str:
    """What is done to which units, listed as a person would type them, as the beginning of a sentence."""
    units = f"unit{'s' * (len(change.units) > 1)} {listed}"
    step = change.first + 1
    if change.kind == "erase":
        return f"With {units} erased from step {step} on"
    if change.kind == "hold":
        return f"With {units} held from step {step} on"
    return f"With the memory of {units} after step {step} taken from the run of “{donor}”"


def change_headline(
    network: TaskNetwork, before: TaskRun, after: TaskRun, change: Change, listed: str, donor: str = ""
) -> str:
    """What the change does to the last answer that is asked for."""
    begin = change_words(change, listed, donor)
    if network.decoder is not None:
        was, now = (" ".join(run.said[:-1]) for run in (before, after))
        if was == now:
            return f"{begin} the decoder still writes “{now}”."
        return f"{begin} the decoder writes “{now}” instead of “{was}”."
    wanted = wanted_at(network, before)
    at = max(wanted, default=len(before.said) - 1)
    was, now = answer_words(network, before, at), answer_words(network, after, at)
    is_same = abs(before.said[at] - after.said[at]) < 0.005 if network.task.gives_numbers else (
        before.said[at] == after.said[at]
    )  # fmt: skip
    if is_same:
        return f"{begin} the network still says {now} at step {at + 1}; it was {was}."
    return f"{begin} the network says {now} at step {at + 1} instead of {was}."


def ranking_caption(network: TaskNetwork, ranking: Ranking) -> str:
    """Which unit the answer needs most, by erasing each alone."""
    first, second, *_ = ranking.order
    effect = ranking.effect
    if ranking.is_number:
        return (
            f"Erased alone from the first step on, unit {first} moves the answer furthest from the right one: its "
            f"error grows by {number(effect[first])}; unit {second} comes next with {number(effect[second])}."
        )
    whole, what = float(np.exp(ranking.whole)), answers_words(ranking.asked)
    idle = int((effect < 0.01).sum())
    return (
        f"Whole, the network gives {what} a probability of {per_cent(whole)}. Without unit {first} it is "
        f"{per_cent(float(np.exp(ranking.without[first])))}, without unit {second} "
        f"{per_cent(float(np.exp(ranking.without[second])))}. {idle} of {len(effect)} units can be erased alone for "
        "less than 1 % each."
    )


def ranking_table(ranking: Ranking) -> Table:
    order = ranking.order
    if ranking.is_number:
        return {"Unit": np.array(order), "Error added": ranking.effect[order]}
    return {
        "Unit": np.array(order),
        "Right answer without it": np.exp(ranking.without[order]),
        "Lost": ranking.effect[order],
    }


def answers_words(asked: int) -> str:
    """What the probability in a ranking is one of."""
    return "the right answer" if asked == 1 else f"all {asked} right answers together"


def random_caption(chosen: float, others: Array, size: int, is_number: bool, asked: int = 1) -> str:
    """What erasing does beside erasing as many random units; scores as in a ranking."""
    name = "unit" if size == 1 else f"{size} units"
    if not len(others):
        return f"There are not {size} other units to compare with."
    if is_number:
        one, rest = -chosen, -others
        said = f"The error is {number(one)} without the chosen, and with {len(others)} random choices of as many other "
        return (
            f"{said}units {number(rest.min())} to {number(rest.max())}, in the middle {number(float(np.median(rest)))}."
        )
    one, rest = float(np.exp(chosen)), np.exp(others)
    gets = f"{capitalised(answers_words(asked))} get{'s' * (asked == 1)} {per_cent(one)}"
    return (
        f"{gets} without the chosen {name}. Without as many random others, "
        f"{len(others)} times: {per_cent(float(rest.min()))} to {per_cent(float(rest.max()))}, in the middle "
        f"{per_cent(float(np.median(rest)))}; {int((rest <= one).sum())} of {len(others)} do at least as much harm."
    )


def count_caption(called: str, count: Array, memory: Array, unit: int) -> str:
    """How closely a unit follows what is to be counted."""
    if not count.std() or not memory.std():
        return f"Unit {unit} over the {called}: one of them does not change in this sequence, so nothing can be said."
    r = float(np.corrcoef(count, memory)[0, 1])
    slope = float(np.polyfit(count, memory, 1)[0])
    return (
        f"Unit {unit} over the {called}: correlation {number(r)} in this sequence; with each more it changes by "
        f"{number(slope, '.3f')}."
    )


def best_counter(count: Array, memory: Array) -> int:
    """The unit whose memory follows the count most closely, up or down."""
    with np.errstate(invalid="ignore", divide="ignore"):
        found = [abs(np.corrcoef(count, memory[:, unit])[0, 1]) for unit in range(memory.shape[1])]
    return int(np.argmax(np.nan_to_num(found)))
