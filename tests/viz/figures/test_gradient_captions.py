"""What is said of gradients, against the numbers themselves and closed forms."""

import random
import re

import numpy as np
import pytest

from models.learning.flows import Clipping, TaskQuestion, follow
from models.learning.tasks import TASKS
from models.learning.tasks.files import load_networks
from viz.figures import gradient_captions as said
from viz.figures.gradients import (
    SIGMOID,
    TANH,
    inputs_figure,
    ledger_shares,
    loss_lines,
    norms_figure,
    path_lines,
    sampled,
    squashing_figure,
)


@pytest.fixture(scope="module")
def found():
    example = TASKS["france"].draw(random.Random("1 20"), 20, held_out=True)
    return follow(TaskQuestion("france", example.read))


def test_norms_are_drawn_as_they_are_and_nothing_at_zero(found):
    for lines in (loss_lines(found.followed), path_lines(found.followed)):
        figure = norms_figure("t", "n", lines, found.labels)
        for line, trace in zip(lines, figure.data, strict=True):
            np.testing.assert_array_equal(trace.y, np.where(line.values > 0, line.values, np.nan))
            assert len(trace.y) == len(found.labels) + 1
        assert figure.layout.yaxis.type == "log"
        low, high = figure.layout.yaxis.range
        values = np.concatenate([line.values for line in lines])
        assert 10**low < values[values > 0].min()
        assert 10**high > values.max()


def test_the_end_of_single_precision_is_marked_where_it_is_reached(found):
    lines = loss_lines(found.followed)
    assert not norms_figure("t", "n", lines, found.labels).layout.shapes
    tiny = [type(lines[0])("x", np.array([1e-50, 1.0]), "rnn")]
    figure = norms_figure("t", "n", tiny, ["a"])
    ((shape,), (label,)) = figure.layout.shapes, figure.layout.annotations
    assert shape.y0 == pytest.approx(1.1754944e-38)
    assert 10**label.y == pytest.approx(shape.y0), "an annotation's place on a logarithmic axis is its exponent"
    assert "single precision would lose what is below 1.2e−38" in said.range_caption(tiny)


def test_the_captions_say_the_ends_of_the_curves(found):
    loss, path = said.loss_caption(found.followed), said.path_caption(found.followed)
    for each in found.followed:
        state = each.flow.hidden_state if each.flow.cell_state is None else each.flow.cell_state
        ratio = max(state[0] / state[-1], state[-1] / state[0])
        for value in (state[0], state[-1], ratio):
            assert said.power(float(value)) in loss
        assert said.power(float(each.flow.jacobian[0])) in path
        if each.flow.path is not None:
            assert said.power(float(each.flow.path[0].max())) in path


def test_numbers_of_any_size_are_short():
    assert said.power(0.5) == "0.5"
    assert said.power(123456789) == "1.2e+08"
    assert said.power(-1.5e-7) == "−1.5e−07"
    assert said.power(0) == "0"


def test_clipping_is_said_with_what_it_moves():
    text = said.clipping_caption("lstm", Clipping(3.3, 200.0, 50.0, 0.01, 1.0, 9.5, 3.2))
    for part in (
        "norm 200",
        "moves them by 2 ",
        "4 % of their own size",
        "by 0.01",
        "3.3 before",
        "9.5 after",
        "3.2 after",
    ):
        assert part in text, part
    assert "changes nothing" in said.clipping_caption("gru", Clipping(3.3, 0.5, 50.0, 0.01, 1.0, 3.2, 3.2))


def test_the_shares_of_the_ledger_are_sums_by_brute_force(found):
    record = load_networks("france")["lstm", 1].run(TASKS["france"].example_of(found.labels)).record
    trace = record.parts[0].trace()
    f, i, g = (trace.values(name).astype(np.float64) for name in ("forget_gate", "input_gate", "candidate"))
    sizes = np.zeros(len(f))
    for step in range(len(f)):
        left = i[step] * g[step]
        for later in range(step + 1, len(f)):
            left = left * f[later]
        sizes[step] = np.abs(left).sum()
    np.testing.assert_allclose(ledger_shares(record), sizes / sizes.sum(), rtol=1e-9)
    early = np.abs(i[0] * g[0] * f[1]).sum(), np.abs(i[1] * g[1]).sum()
    np.testing.assert_allclose(ledger_shares(record, 1)[:2], np.array(early) / sum(early), rtol=1e-9)
    assert not ledger_shares(record, 1)[2:].any()
    lstm = found.followed[0]
    figure = inputs_figure(lstm, record, found.labels)
    np.testing.assert_array_equal(figure.data[0].y, lstm.by_input)
    text = said.inputs_caption(lstm, record, found.labels)
    assert f"step {int(np.argmax(sizes)) + 1}, “{found.labels[int(np.argmax(sizes))]}”" in text
    assert f"step {int(np.argmax(lstm.by_input)) + 1}, " in text


@pytest.mark.parametrize("function", [SIGMOID, TANH])
def test_slope_and_bend_are_the_derivatives(function):
    x, step = np.linspace(-9, 9, 37), 1e-5
    slope = (function.value(x + step) - function.value(x - step)) / (2 * step)
    bend = (function.slope(x + step) - function.slope(x - step)) / (2 * step)
    np.testing.assert_allclose(function.slope(x), slope, atol=1e-8)
    np.testing.assert_allclose(function.bend(x), bend, atol=1e-8)


def test_where_the_bend_is_gone_is_said_of_both():
    """facts P21: that of tanh is below 1 % of its peak by 3.5, that of σ is not by 6."""
    points = {"candidate": np.array([[0.0, 4.0], [5.0, -1.0]])}
    text = said.squashing_caption(TANH, points)
    at = float(re.findall(r"beyond ±([\d.]+)\.", text)[0])
    assert 3.3 <= at <= 3.5
    peak = np.abs(TANH.bend(np.linspace(0, 3, 3001))).max()
    assert abs(TANH.bend(np.array(at + 0.1))) < 0.01 * peak <= abs(TANH.bend(np.array(at - 0.1)))
    assert "50 % lie beyond" in text
    assert float(re.findall(r"beyond ±([\d.]+)\.", said.squashing_caption(SIGMOID, {}))[0]) > 6


def test_points_lie_on_the_function():
    points = {"forget_gate": np.random.default_rng(1).normal(size=(50, 24))}
    figure = squashing_figure(SIGMOID, points)
    marks = figure.data[-1]
    np.testing.assert_allclose(marks.y, SIGMOID.value(sampled(points["forget_gate"])))
    assert len(sampled(np.arange(10_000.0))) <= 240


def test_the_table_has_every_state(found):
    table = said.flow_table(found.followed, found.labels)
    assert {len(column) for column in table.values()} == {len(found.labels) + 1}
