"""What the page Gradients asks: the example that explodes, clipping, inputs, and answers between processes."""

import random
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
import torch

from models.learning.flows import (
    CELLS,
    RATE,
    TaskQuestion,
    TranslationQuestion,
    _networks,
    answer_from_json,
    answer_to_json,
    follow,
    question_from_json,
    question_to_json,
)
from models.learning.tasks import TASKS
from models.learning.tasks.files import load_networks
from models.translation.checkpoints import ASSETS

ROOT = Path(__file__).resolve().parents[3]


def question(key="france", gap=8, **options):
    example = TASKS[key].draw(random.Random(f"1 {gap}"), gap, held_out=True)
    return TaskQuestion(key, example.read, **options)


def exploding():
    return question(gap=100, is_trained=False, seed=4, forget_bias=3.0, scale=12.0)


def test_an_lstm_explodes_while_its_path_through_the_memory_shrinks():
    """The numbers that the page shows at "An LSTM explodes"; facts P16."""
    lstm = follow(exploding()).followed[0]
    assert lstm.cell == "lstm"
    assert lstm.flow.jacobian[0] == pytest.approx(2.20e7, rel=0.02)
    assert lstm.flow.path[0].max() == pytest.approx(0.494, rel=0.02)
    assert lstm.clipping.norm == pytest.approx(1.23e5, rel=0.02)
    assert lstm.clipping.plain_loss > lstm.flow.loss > lstm.clipping.clipped_loss


@pytest.mark.parametrize("cell", CELLS)
def test_clipping_scales_the_gradient_to_the_norm_and_the_step_with_it(cell):
    asked = question("france", 8, is_trained=False, seed=3, scale=6.0)
    found = next(each for each in follow(asked).followed if each.cell == cell)
    network, readout = _networks(asked, cell, ASSETS)
    example = TASKS["france"].example_of(asked.read)
    inputs = torch.from_numpy(TASKS["france"].inputs(example.read)).double()
    place = TASKS["france"].answers.index(example.wanted[example.steps - 1])
    parameters = [*network.parameters(), *readout.parameters()]

    def loss():
        return -readout(network(inputs)[0])[-1].log_softmax(-1)[place]

    value = loss()
    value.backward()
    norm = float(torch.cat([each.grad.flatten() for each in parameters]).norm())
    assert found.flow.loss == pytest.approx(value.item(), rel=1e-9)
    assert found.clipping.norm == pytest.approx(norm, rel=1e-9)
    assert found.clipping.factor == pytest.approx(min(1, 1 / norm))
    torch.nn.utils.clip_grad_norm_(parameters, 1.0)
    torch.optim.SGD(parameters, RATE).step()
    assert found.clipping.clipped_loss == pytest.approx(loss().item(), rel=1e-6)


@pytest.mark.parametrize(("key", "gap"), [("france", 6), ("counting", 5), ("adding", 10), ("line", 9)])
def test_the_gradient_by_an_input_is_that_of_finite_differences(key, gap):
    asked = question(key, gap)
    found = follow(asked).followed[0]
    network, readout = _networks(asked, "lstm", ASSETS)
    task, example = TASKS[key], TASKS[key].example_of(asked.read)
    inputs = torch.from_numpy(task.inputs(example.read)).double()
    last = max(example.wanted)
    place = 0 if task.gives_numbers else task.answers.index(example.wanted[last])
    step, width = 1e-6, inputs.shape[1]
    for at in (0, len(inputs) // 2, last):
        gradient = []
        for column in range(width):
            ends = []
            for sign in (1, -1):
                moved = inputs.clone()
                moved[at, column] += sign * step
                with torch.no_grad():
                    ends.append(readout(network(moved)[0])[last, place].item())
            gradient.append((ends[0] - ends[1]) / (2 * step))
        expected = float(np.linalg.norm(gradient))
        assert found.by_input[at] == pytest.approx(expected, rel=1e-5, abs=1e-8)


def test_trained_cells_are_those_that_ship_and_random_ones_are_drawn_from_the_seed():
    for cell in CELLS:
        network, readout = _networks(question(), cell, ASSETS)
        stored = load_networks("france")[cell, 1]
        np.testing.assert_array_equal(network.weight_hh_l0.detach().numpy(), stored.encoder.weight_hh)
        np.testing.assert_array_equal(readout.weight.detach().numpy(), stored.weight)
        one, two, other = (
            _networks(question(is_trained=False, seed=seed), cell, ASSETS)[0].weight_hh_l0 for seed in (1, 1, 2)
        )
        assert torch.equal(one, two)
        assert not torch.equal(one, other)
    scaled, _ = _networks(question(is_trained=False, scale=3.0), "gru", ASSETS)
    plain, _ = _networks(question(is_trained=False), "gru", ASSETS)
    assert torch.equal(scaled.weight_hh_l0, 3 * plain.weight_hh_l0)
    biased, _ = _networks(question(is_trained=False, forget_bias=2.5), "lstm", ASSETS)
    units = biased.hidden_size
    assert (biased.bias_ih_l0 + biased.bias_hh_l0)[units : 2 * units].tolist() == [2.5] * units


def test_points_on_the_squashing_functions_make_the_gates_of_the_run():
    asked = question()
    lstm, gru, rnn = follow(asked).followed
    task = TASKS["france"]
    for found, cell in ((lstm, "lstm"), (gru, "gru"), (rnn, "rnn")):
        trace = load_networks("france")[cell, 1].run(task.example_of(asked.read)).record.parts[0].trace()
        for name, points in found.pre_activations.items():
            if name == "cell_state":
                expected, squashed = trace.hidden_state, trace.output_gate * np.tanh(points)
            elif name in ("candidate", "hidden_state"):
                expected, squashed = trace.values(name), np.tanh(points)
            else:
                expected, squashed = trace.values(name), 1 / (1 + np.exp(-points))
            np.testing.assert_allclose(squashed, expected, atol=1e-5)


def test_questions_and_answers_come_through_as_they_were():
    for asked in (question(), TranslationQuestion((1, 2, 3), (4, 5), 1)):
        assert question_from_json(question_to_json(asked)) == asked
    found = follow(question(gap=5))
    again = answer_from_json(answer_to_json(found))
    assert again.labels == found.labels
    for one, two in zip(found.followed, again.followed, strict=True):
        assert (one.cell, one.units, asdict(one.clipping)) == (two.cell, two.units, asdict(two.clipping))
        for name in ("hidden_state", "cell_state", "jacobian", "path", "inputs", "loss"):
            np.testing.assert_array_equal(getattr(one.flow, name), getattr(two.flow, name))
        np.testing.assert_array_equal(one.by_input, two.by_input)
        assert one.pre_activations.keys() == two.pre_activations.keys()


def test_a_process_answers_line_by_line_and_says_what_is_missing(tmp_path):
    lines = "\n".join([question_to_json(question(gap=1)), question_to_json(question(gap=5))])
    command = [sys.executable, "-m", "models.learning.flows"]
    answered = subprocess.run(
        [*command, str(ASSETS)], input=lines, capture_output=True, text=True, check=True, cwd=ROOT
    )  # fmt: skip
    one, two = map(answer_from_json, answered.stdout.splitlines())
    assert len(two.labels) - len(one.labels) == 4
    missing = subprocess.run(
        [*command, str(tmp_path)], input=lines, capture_output=True, text=True, check=True, cwd=ROOT
    )  # fmt: skip
    assert missing.stdout.count('"error"') == 2
    assert not missing.stderr
