"""What is said of small networks, against numbers that are computed anew from the shipped weights."""

import random
import re

import numpy as np
import pytest
import torch

from models.learning.tasks import TASKS
from models.learning.tasks.curves import Point, from_card
from models.learning.tasks.files import load_networks, load_task_card
from models.learning.tasks.units import Change, edit_of, erased_apart, memory_of, random_sets, rank
from models.learning.tasks.variants import CALLED
from viz.figures import task_captions as said
from viz.figures.tasks import accuracy_figure, answers_figure, count_figure, erasing_figure


def network_of(key="france", variant="lstm", seed=1):
    return load_networks(key)[variant, seed]


def run_of(network, distance=20):
    return network.run(network.task.draw(random.Random(8), distance, held_out=True))


def numbers(text: str) -> list[float]:
    return [float(each.replace("−", "-")) for each in re.findall(r"−?\d+(?:\.\d+)?", text)]


def softmax(outputs):
    return torch.from_numpy(outputs.astype(float)).softmax(-1).numpy()


def test_the_headline_says_the_most_probable_answer_and_whether_it_is_right():
    network = network_of()
    run = run_of(network)
    p = softmax(run.outputs)[-1]
    answer = network.task.answers[int(p.argmax())]
    text = said.headline(network, run)
    assert f"“{answer}”" in text
    assert said.per_cent(float(p.max())) in text
    assert ("which is right" in text) == (answer == run.example.wanted[run.example.steps - 1])
    wrong = run_of(network_of(variant="rnn"), 60)
    text = said.headline(network_of(variant="rnn"), wrong)
    if wrong.said[-1] != wrong.example.wanted[wrong.example.steps - 1]:
        assert f"but right is “{wrong.example.wanted[wrong.example.steps - 1]}”" in text


def test_the_headline_counts_what_is_right():
    network = network_of("brackets", "rnn")
    run = run_of(network, 60)
    right = sum(run.said[step] == wanted for step, wanted in run.example.wanted.items())
    assert said.headline(network, run).startswith(f"{right} of {len(run.example.wanted)} answers")


def test_the_ranking_names_the_unit_whose_erasing_costs_most():
    """So that “unit 5 holds the country” is never said of another unit."""
    network = network_of()
    run = run_of(network)
    place = network.task.answers.index(run.example.wanted[run.example.steps - 1])
    left = [
        softmax(network.run(run.example, edit_of(network, Change("erase", (unit,)), run)).outputs)[-1, place]
        for unit in range(network.units)
    ]
    whole = softmax(run.outputs)[-1, place]
    first, second = np.argsort(np.array(left), kind="stable")[:2]
    text = said.ranking_caption(network, rank(network, run.example))
    assert f"Without unit {first} it is {said.per_cent(left[first])}" in text
    assert f"without unit {second} {said.per_cent(left[second])}" in text
    idle = sum(whole - p < 0.01 for p in left)
    assert f"{idle} of {network.units} units can be erased alone" in text


def test_random_units_are_said_with_what_they_do():
    network = network_of()
    run = run_of(network)
    chosen = tuple(rank(network, run.example).order[:2])
    others = random_sets(network.units, 2, chosen)
    scores = erased_apart(network, run.example, [chosen, *others])
    text = said.random_caption(float(scores[0]), scores[1:], 2, is_number=False)
    place = network.task.answers.index(run.example.wanted[run.example.steps - 1])
    p = [
        softmax(network.run(run.example, edit_of(network, Change("erase", units), run)).outputs)[-1, place]
        for units in (chosen, *others)
    ]
    assert said.per_cent(p[0]) in text
    for value in (min(p[1:]), max(p[1:])):
        assert said.per_cent(value) in text
    assert f"{sum(each <= p[0] for each in p[1:])} of 20 do at least as much harm" in text


def test_a_change_is_said_with_both_answers():
    network = network_of()
    run = run_of(network)
    change = Change("erase", tuple(range(network.units)))
    after = network.run(run.example, edit_of(network, change, run))
    text = said.change_headline(network, run, after, change, "0-23")
    p, q = softmax(run.outputs)[-1], softmax(after.outputs)[-1]
    assert f"“{network.task.answers[p.argmax()]}” ({said.per_cent(p.max())})" in text
    assert f"“{network.task.answers[q.argmax()]}” ({said.per_cent(q.max())})" in text
    assert text.startswith("With units 0-23 erased from step 1 on")


@pytest.mark.parametrize("key", ["counting", "line"])
def test_the_unit_over_the_count_is_the_one_that_follows_it(key):
    network = network_of(key)
    run = run_of(network, 20)
    called, count = network.task.count_of(run.example)
    memory = memory_of(network, run)
    correlation = [abs(np.corrcoef(count, memory[:, unit])[0, 1]) for unit in range(network.units)]
    best = said.best_counter(np.array(count), memory)
    assert best == int(np.argmax(correlation))
    text = said.count_caption(called, np.array(count), memory[:, best], best)
    assert f"Unit {best} over the {called}" in text
    r = np.corrcoef(count, memory[:, best])[0, 1]
    assert said.number(r) in text
    assert correlation[best] > 0.9, "the networks do count in a unit"


@pytest.mark.parametrize("key", TASKS)
def test_the_reach_of_every_cell_is_that_of_the_points(key):
    task, stored = TASKS[key], load_task_card(key)["curves"]
    for kind, curves in from_card(stored).items():
        text = said.accuracy_caption(task, curves)
        for variant in curves:
            rows = stored[kind][variant]
            sentence = text.partition(f"{CALLED[variant]}: ")[2].partition(". ")[0]
            sure = [at for at, _, shares in rows if min(shares) >= 0.99]
            held = [at for at, _, _ in rows[: next((n for n, r in enumerate(rows) if min(r[2]) < 0.99), len(rows))]]
            if len(sure) == len(rows):
                assert f"as far as was measured ({rows[-1][0]})" in sentence
            elif held:
                assert f"right up to {held[-1]}" in sentence
            elif sure:
                assert f"% from {sure[0]} to " in sentence
            else:
                assert "never 99 %" in sentence


def test_the_plain_rnn_is_said_to_guess_from_the_gap_where_it_does():
    task = TASKS["france"]
    points = from_card(load_task_card("france")["curves"])[""]["rnn"]
    text = said.accuracy_caption(task, {"rnn": points})
    (at,) = map(int, re.findall(r"from (\d+) on no better than chance \(guessing would be 1 in 30\)", text))
    for point in points:
        if point.distance >= at:
            count = point.examples * len(point.shares)
            assert point.mean <= 1 / 30 + 2 * np.sqrt(1 / 30 * 29 / 30 / count)


def test_chance_is_said_only_where_it_is():
    task = TASKS["france"]
    good = [Point(distance, (1.0, 1.0, 1.0), 200) for distance in (1, 5)]
    fair = [*good, Point(9, (0.5, 0.5, 0.5), 200)]
    low = [*good, Point(9, (0.09, 0.09, 0.09), 200)]
    assert "as far as was measured (5)" in said.accuracy_caption(task, {"lstm": good})
    assert "50.0 % at 9" in said.accuracy_caption(task, {"lstm": fair})
    assert "at most 9.0 %, little more than chance" in said.accuracy_caption(task, {"lstm": low})
    mostly = [*good, Point(9, (0.7, 0.7, 0.7), 200)]
    assert "little more" not in said.accuracy_caption(TASKS["answering"], {"lstm": mostly}), "chance is 1 in 4 there"
    later = [Point(1, (0.9, 1.0, 1.0), 200), *[Point(at, (1.0, 1.0, 0.99), 200) for at in (5, 10)], mostly[-1]]
    assert "every seed at least 99 % from 5 to 10" in said.accuracy_caption(task, {"lstm": later})


def test_the_probability_of_several_answers_is_said_to_be_that_of_all_together():
    network = network_of("copying")
    run = run_of(network, 10)
    p = softmax(run.outputs)
    together = np.prod([p[step, network.task.answers.index(wanted)] for step, wanted in run.example.wanted.items()])
    text = said.ranking_caption(network, rank(network, run.example))
    assert f"all 4 right answers together a probability of {said.per_cent(float(together))}" in text


def test_the_answers_are_in_the_table_as_they_were_said():
    network = network_of("adding")
    run = run_of(network, 20)
    table = said.answers_table(network, run)
    np.testing.assert_allclose(numbers(" ".join(table["Says"])), run.outputs[:, 0], atol=0.006)
    assert table["Right is"][-1] == said.number(run.example.wanted[run.example.steps - 1])
    network = network_of("answering")
    run = run_of(network, 3)
    assert said.answers_table(network, run)["Says"] == list(run.said)


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("key", TASKS)
def test_pictures_hold_what_was_recorded(key, dark):
    network = network_of(key)
    run = run_of(network, 6)
    figure = answers_figure(network, run, 1, dark)
    drawn = figure.data[-1].y
    expected = run.outputs[:, 0] if network.task.gives_numbers else softmax(run.outputs).max(axis=1)
    np.testing.assert_allclose(drawn, expected, rtol=1e-6)
    ranking = rank(network, run.example)
    bars = erasing_figure(ranking, [ranking.order[0]], dark).data[0]
    np.testing.assert_allclose(bars.x, np.sort(ranking.effect)[::-1][: len(bars.x)])
    curves = from_card(load_task_card(key)["curves"])[network.task.kinds[0]]
    lines = accuracy_figure(network.task, curves, "gru", 9, dark)
    for trace in lines.data:
        if trace.name:
            variant = next(v for v, name in CALLED.items() if name == trace.name)
            np.testing.assert_allclose(trace.y, [point.mean for point in curves[variant]])
    if (counted := network.task.count_of(run.example)) is not None:
        memory = memory_of(network, run)[:, 0]
        np.testing.assert_array_equal(
            count_figure(np.array(counted[1]), memory, 0, counted[0], network.memory, dark).data[1].y, memory
        )
