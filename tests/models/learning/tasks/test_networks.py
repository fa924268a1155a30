"""The networks that ship: the same as torch, exact traces, the accuracy that is claimed, and what units do."""

import itertools
import json
import random

import numpy as np
import pytest
import torch

from models.command_line import one_core
from models.learning.tasks import TASKS
from models.learning.tasks.curves import as_card, chance_from, from_card, held_out_examples, holds_until, measure
from models.learning.tasks.files import card_path, load_networks, load_task_card, save_networks, weights_path
from models.learning.tasks.network import TaskNetwork
from models.learning.tasks.training import Network, fitting_size, loss_of, train
from models.learning.tasks.units import (
    Change,
    ChangeError,
    edit_of,
    erased_apart,
    memory_of,
    random_sets,
    rank,
)
from models.learning.tasks.variants import SEEDS, VARIANTS, cell_of
from models.tasks import main
from models.translation.checkpoints import ASSETS, AssetError

EVERY = [(key, variant) for key in TASKS for variant in VARIANTS]


def example_of(key, distance=6):
    return TASKS[key].draw(random.Random(4), distance, held_out=True)


def torch_of(network: TaskNetwork, variant) -> Network:
    found = Network(network.task, variant, network.units)
    layers = {"encoder": network.encoder, "decoder": network.decoder}
    state = {"readout.weight": network.weight, "readout.bias": network.bias}
    for name, layer in layers.items():
        if layer is None:
            continue
        state |= {f"{name}.weight_ih_l0": layer.weight_ih, f"{name}.weight_hh_l0": layer.weight_hh}
        both = (layer.bias, 0 * layer.bias) if network.cell == "lstm" else (layer.bias_ih, layer.bias_hh)
        state |= {f"{name}.bias_ih_l0": both[0], f"{name}.bias_hh_l0": both[1]}
    found.load_state_dict({name: torch.from_numpy(np.array(values)) for name, values in state.items()})
    return found


@pytest.mark.parametrize(("key", "variant"), EVERY)
def test_a_run_equals_torch_and_its_trace_holds(key, variant):
    network = load_networks(key)[variant, 1]
    run = network.run(example_of(key))
    module = torch_of(network, variant)
    inputs = torch.from_numpy(network.task.inputs(run.example.read))[:, None]
    with torch.no_grad():
        hidden, state = module.encoder(inputs)
        if module.decoder is not None:
            known = network.task.written
            read = torch.eye(len(known))[[known.index(token) for token in run.record.parts[1].read]][:, None]
            decoded, _ = module.decoder(read, state)
            np.testing.assert_allclose(run.record.parts[1].trace().hidden_state, decoded[:, 0], atol=1e-5)
            expected = module.readout(decoded)[:, 0].numpy()
        else:
            expected = module.readout(hidden)[:, 0].numpy()
    np.testing.assert_allclose(run.record.parts[0].trace().hidden_state, hidden[:, 0], atol=1e-5)
    np.testing.assert_allclose(run.outputs, expected, atol=2e-4)
    if network.cell == "lstm":
        trace = run.record.parts[0].trace()
        before = np.vstack([np.zeros((1, network.units)), trace.cell_state[:-1]])
        np.testing.assert_allclose(
            trace.cell_state, trace.forget_gate * before + trace.input_gate * trace.candidate, atol=2e-5
        )
        np.testing.assert_allclose(trace.hidden_state, trace.output_gate * np.tanh(trace.cell_state), atol=1e-6)


@pytest.mark.parametrize(("key", "variant"), EVERY)
def test_several_at_once_are_right_where_each_alone_is(key, variant):
    network = load_networks(key)[variant, 2]
    examples = [example for example in held_out_examples(TASKS[key], 6) if example.steps == example_of(key).steps][:12]
    assert network.right(examples or [example_of(key)]).tolist() == [
        network.is_right(network.run(example)) for example in examples or [example_of(key)]
    ]


@pytest.mark.parametrize("key", TASKS)
def test_the_other_cells_have_as_many_parameters(key):
    card, networks = load_task_card(key), load_networks(key)
    counted = {
        variant: sum(each.numel() for each in Network(TASKS[key], variant, networks[variant, 1].units).parameters())
        for variant in VARIANTS
    }
    assert counted == card["parameters"]
    assert {variant: networks[variant, 1].units for variant in VARIANTS} == card["units"]
    assert 4 <= networks["lstm", 1].units <= (64 if key == "answering" else 32)
    for variant in VARIANTS:
        assert abs(counted[variant] / counted["lstm"] - 1) <= 0.05
        assert fitting_size(TASKS[key], variant).parameters == counted[variant]


def test_all_of_them_take_at_most_three_megabytes():
    assert sum(path.stat().st_size for path in (ASSETS / "tasks").iterdir()) <= 3e6
    assert {path.suffix for path in (ASSETS / "tasks").iterdir()} == {".safetensors", ".json"}


def curves_of(key):
    return from_card(load_task_card(key)["curves"])


def test_the_lstm_remembers_the_country_and_the_plain_rnn_does_not():
    curves = curves_of("france")[""]
    lstm = {point.distance: point for point in curves["lstm"]}
    assert min(lstm[50].shares) >= 0.99
    assert min(lstm[100].shares) >= 0.95
    assert TASKS["france"].trained[1] == 40
    assert all(point.mean < 0.1 for point in curves["rnn"] if point.distance >= 10)


def test_questions_are_answered():
    one, two = (curves_of("answering")[kind]["lstm"] for kind in TASKS["answering"].kinds)
    trained = TASKS["answering"].trained[1]
    for points, least in ((one, 0.95), (two, 0.80)):
        within = [point.mean for point in points if point.distance <= trained]
        assert sum(within) / len(within) >= least


@pytest.mark.parametrize("key", TASKS)
def test_a_point_of_the_curve_is_what_the_networks_say(key):
    task, curves = TASKS[key], curves_of(key)
    for kind in task.kinds:
        distance = task.distances_of(kind)[3]
        examples = held_out_examples(task, distance, kind)
        assert len({example.read for example in examples}) == len(examples)
        for variant in ("lstm", "rnn"):
            (point,) = (each for each in curves[kind][variant] if each.distance == distance)
            assert point.examples == len(examples)
            for seed, share in zip(SEEDS, point.shares, strict=True):
                network = load_networks(key)[variant, seed]
                some = examples[:30]
                right = sum(network.is_right(network.run(example)) for example in some)
                assert abs(right - share * len(some)) <= 0.25 * len(some) + 1


def test_curves_are_measured_to_the_byte_the_same_twice(tmp_path, capsys):
    one_core()
    source = load_task_card("counting")
    for _ in range(2):
        (tmp_path / "tasks").mkdir(exist_ok=True)
        weights_path(tmp_path, "counting").write_bytes(weights_path(ASSETS, "counting").read_bytes())
        card_path(tmp_path, "counting").write_text(json.dumps(source | {"curves": None}))
        main(["measure", "counting", "--assets", str(tmp_path)])
        assert load_task_card("counting", tmp_path)["curves"] == source["curves"]
    assert "counting  lstm" in capsys.readouterr().out.replace("counting lstm", "counting  lstm")


def test_a_task_that_there_is_not_is_refused_in_one_line(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["train", "chess"])
    assert ended.value.code == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize("damage", ["card", "weights", "shape"])
def test_damage_is_named(tmp_path, damage):
    (tmp_path / "tasks").mkdir()
    for path in (weights_path, card_path):
        path(tmp_path, "counting").write_bytes(path(ASSETS, "counting").read_bytes())
    if damage == "card":
        card_path(tmp_path, "counting").write_text("{")
    elif damage == "weights":
        weights_path(tmp_path, "counting").write_bytes(b"nothing")
    else:
        save_networks("counting", {("lstm", 1): {"readout.weight": np.zeros((1, 1))}}, {}, tmp_path)
    with pytest.raises(AssetError) as refused:
        load_networks("counting", tmp_path)
    assert "counting" in str(refused.value)


def test_a_short_training_learns_and_is_the_same_twice():
    task = TASKS["counting"]
    losses = []
    first = train(task, "lstm", 1, 60, lambda step, loss: losses.append(loss))
    again = train(task, "lstm", 1, 60)
    assert sum(losses[-5:]) < 0.8 * sum(losses[:5])
    for name, values in first.items():
        np.testing.assert_array_equal(values, again[name])


def test_the_forget_bias_is_what_the_variant_says():
    task = TASKS["counting"]
    for variant, bias in (("lstm", 1.0), ("lstm-forget-bias-0", 0.0)):
        network = Network(task, variant, 5)
        assert (network.encoder.bias_ih_l0 + network.encoder.bias_hh_l0)[5:10].tolist() == [bias] * 5


@pytest.mark.parametrize("key", ["france", "adding", "answering"])
def test_the_loss_is_that_of_the_answers_alone(key):
    task = TASKS[key]
    examples = task.batch(random.Random(1), 4)
    network = Network(task, "gru", 6)
    with torch.no_grad():
        found = float(loss_of(task, network, examples))
        each = []
        for example in examples:
            inputs = torch.from_numpy(task.inputs(example.read))[:, None]
            if task.decodes:
                known = task.written
                read = torch.eye(len(known))[[known.index(t) for t in ("<s>", *example.written[:-1])]][:, None]
                outputs = network(inputs, read)[:, 0].log_softmax(-1)
                each += [-outputs[n, task.answers.index(token)] for n, token in enumerate(example.written)]
            elif task.gives_numbers:
                ((step, wanted),) = example.wanted.items()
                each.append(((network(inputs, None)[step, 0, 0] - wanted) / (10 * task.tolerance)) ** 2)
            else:
                ((step, wanted),) = example.wanted.items()
                each.append(-network(inputs, None)[step, 0].log_softmax(-1)[task.answers.index(wanted)])
    assert found == pytest.approx(float(sum(each) / len(each)), rel=1e-5)


# --- units


@pytest.mark.parametrize(("key", "variant"), EVERY)
def test_erasing_apart_equals_erasing_one_after_the_other(key, variant):
    network = load_networks(key)[variant, 1]
    before = network.run(example_of(key))
    sets = [(0,), (1, 3), (2,)]
    apart = erased_apart(network, before.example, sets)
    for units, score in zip(sets, apart, strict=True):
        run = network.run(before.example, edit_of(network, Change("erase", units), before))
        for memory in [part.trace().values(network.memory) for part in run.record.parts]:
            assert not memory[:, list(units)].any()
        if network.decoder is None and not network.task.gives_numbers:
            log_p = torch.from_numpy(run.outputs.astype(float)).log_softmax(-1).numpy()
            expected = sum(log_p[step, network.task.answers.index(w)] for step, w in run.example.wanted.items())
            assert score == pytest.approx(expected, abs=2e-3, rel=1e-3)
        elif network.task.gives_numbers:
            assert score == pytest.approx(-max(abs(run.said[s] - w) for s, w in run.example.wanted.items()), abs=1e-3)


def test_the_ranking_is_by_what_each_unit_alone_costs():
    network = load_networks("france")["lstm", 1]
    example = example_of("france", 20)
    found = rank(network, example)
    place = network.task.answers.index(example.wanted[example.steps - 1])

    def probability(units):
        before = network.run(example)
        run = network.run(example, edit_of(network, Change("erase", units), before)) if units else before
        return run.probabilities[-1, place]

    lost = [probability(()) - probability((unit,)) for unit in range(network.units)]
    np.testing.assert_allclose(found.effect, lost, atol=1e-4)
    assert found.order[0] == int(np.argmax(lost))


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_held_unit_stays_and_nothing_before_it_changes(variant):
    network = load_networks("france")[variant, 1]
    before = network.run(example_of("france", 12))
    run = network.run(before.example, edit_of(network, Change("hold", (1, 4), 6), before))
    was, now = memory_of(network, before), memory_of(network, run)
    np.testing.assert_array_equal(now[:7], was[:7])
    assert (now[6:, [1, 4]] == was[6, [1, 4]]).all()
    assert not np.array_equal(now[7:], was[7:])


def test_all_units_transplanted_make_it_say_the_other_language():
    network = load_networks("france")["lstm", 1]
    before = network.run(TASKS["france"].parse("I grew up in France . Anna slept . Ben sang . I speak fluent"))
    assert before.said[-1] == "French"
    donors = TASKS["france"].donors(before.example, random.Random(1))
    donor = network.run(donors["Japan"])
    change = Change("transplant", tuple(range(network.units)), 5)
    run = network.run(before.example, edit_of(network, change, before, donor))
    assert run.said[-1] == "Japanese"
    np.testing.assert_array_equal(memory_of(network, run)[5], memory_of(network, donor)[5])
    np.testing.assert_array_equal(memory_of(network, run)[:5], memory_of(network, before)[:5])


def test_a_change_that_makes_no_sense_is_refused_in_words():
    network = load_networks("france")["lstm", 1]
    before = network.run(example_of("france"))
    for change, says in (
        (Change("erase", (99,)), "no unit 99"), (Change("erase", (1,), 900), "no step 901"),
        (Change("transplant", (1,)), "no other run"),
    ):  # fmt: skip
        with pytest.raises(ChangeError, match=says):
            edit_of(network, change, before)
    assert edit_of(network, Change(), before) is None


def test_random_sets_are_different_and_without_the_chosen():
    found = random_sets(24, 3, (1, 2, 3))
    assert len(set(found)) == len(found) == 20
    assert not {1, 2, 3} & set(itertools.chain(*found))
    assert random_sets(4, 3, (0, 1)) == []


# --- curves


def test_chance_and_reach_are_read_off_the_points():
    points = from_card(
        {"": {"lstm": [[1, 100, [1.0, 1.0, 1.0]], [5, 100, [0.9, 1.0, 1.0]], [9, 100, [0.03, 0.04, 0.02]]]}}
    )
    points = points[""]["lstm"]
    assert chance_from(points, 1 / 30) == 9
    assert chance_from(points[:2], 1 / 30) is None
    assert holds_until(points, 0.99) == 1
    assert holds_until(points, 0.85) == 5
    assert as_card({"": {"lstm": points}})[""]["lstm"][1] == [5, 100, [0.9, 1.0, 1.0]]


def test_measuring_counts_what_is_right():
    class Says:
        def right(self, examples):
            return np.array([example.read[0] < "D" for example in examples])

    task = TASKS["copying"]
    (curve,) = measure(task, {("lstm", 1): Says()})[""].values()
    for point in curve:
        firsts = [example.read[0] for example in held_out_examples(task, point.distance)]
        assert point.examples == len(firsts)
        assert point.shares == (pytest.approx(sum(first in "ABC" for first in firsts) / len(firsts), abs=1e-4),)


def test_cells_of_variants():
    assert [cell_of(variant) for variant in VARIANTS] == ["lstm", "lstm", "gru", "rnn"]
