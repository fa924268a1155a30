"""The instrumented LSTM as encoder and decoder use it: against torch, one step at a time, from any state."""

import numpy as np
import pytest
import torch

from models import record
from models.recurrent.lstm import LSTM, LSTMLayer
from models.recurrent.trace import Step

X, H, T, B = 3, 4, 6, 2


@pytest.fixture(params=[1, 2, 3], ids=["1 layer", "2 layers", "3 layers"])
def reference(request) -> torch.nn.LSTM:
    torch.manual_seed(7)
    return torch.nn.LSTM(X, H, request.param, dtype=torch.float64)


@pytest.fixture
def lstm(reference) -> LSTM:
    parameters = {f"encoder.{name}": values.detach().numpy() for name, values in reference.named_parameters()}
    return LSTM.from_parameters(parameters | {"decoder.weight_ih_l0": np.zeros((4, 4))}, "encoder")


@pytest.fixture
def layer(lstm) -> LSTMLayer:
    return lstm.layers[0]


@pytest.fixture
def inputs() -> np.ndarray:
    return np.random.default_rng(8).normal(size=(T, X))


def random_state(layers: int, generator: np.random.Generator) -> list[tuple[np.ndarray, np.ndarray]]:
    return [(generator.normal(size=H), generator.normal(size=H)) for _ in range(layers)]


def as_torch(state: list[tuple[np.ndarray, np.ndarray]]) -> tuple[torch.Tensor, torch.Tensor]:
    hidden, cell = zip(*state, strict=True)
    return torch.tensor(np.array(hidden)), torch.tensor(np.array(cell))


def test_reading_from_any_state_gives_the_states_of_torch_lstm(reference, lstm, inputs):
    state = random_state(len(lstm.layers), np.random.default_rng(9))
    expected, (final_hidden, final_cell) = reference(torch.tensor(inputs), as_torch(state))
    steps = list(lstm.read(inputs, state))
    np.testing.assert_allclose([layers[-1].hidden_state for layers in steps], expected.detach(), rtol=0, atol=1e-12)
    for number, step in enumerate(steps[-1]):
        np.testing.assert_allclose(step.hidden_state, final_hidden[number].detach(), rtol=0, atol=1e-12)
        np.testing.assert_allclose(step.cell_state, final_cell[number].detach(), rtol=0, atol=1e-12)


def test_reading_gives_every_number_that_recording_gives(reference, lstm, inputs):
    steps = list(lstm.read(inputs, lstm.zero_state()))
    for trace in record(reference, inputs):
        read = Step.stack([layers[trace.layer] for layers in steps])
        for place, name in enumerate(("input_gate", "forget_gate", "candidate", "output_gate")):
            for kind in ("input_part", "memory_part", "pre_activation"):
                recorded = getattr(getattr(trace, kind), name)
                np.testing.assert_allclose(getattr(read, kind)[:, place], recorded, rtol=0, atol=1e-12)
            np.testing.assert_allclose(read.activation[:, place], getattr(trace, name), rtol=0, atol=1e-12)


def test_a_step_is_yielded_before_the_next_one_is_computed(lstm, inputs, monkeypatch):
    computed, compute = [], LSTMLayer.step
    monkeypatch.setattr(LSTMLayer, "step", lambda *arguments: computed.append(arguments) or compute(*arguments))
    for number, _ in enumerate(lstm.read(inputs, lstm.zero_state()), start=1):
        assert len(computed) == number * len(lstm.layers)


def test_steps_that_were_yielded_stay_as_they_were(lstm, inputs):
    kept, copied = [], []
    for layers in lstm.read(inputs, lstm.zero_state()):
        kept.append(layers)
        copied.append([Step(*map(np.copy, step)) for step in layers])
    for layers, copies in zip(kept, copied, strict=True):
        for step, copy in zip(layers, copies, strict=True):
            assert all(np.array_equal(ours, theirs) for ours, theirs in zip(step, copy, strict=True))


def test_reading_in_two_parts_equals_reading_at_once(lstm, inputs):
    whole = list(lstm.read(inputs, lstm.zero_state()))
    first = list(lstm.read(inputs[:2], lstm.zero_state()))
    state = [(step.hidden_state, step.cell_state) for step in first[-1]]
    parts = first + list(lstm.read(inputs[2:], state))
    for ours, theirs in zip(parts, whole, strict=True):
        np.testing.assert_allclose(ours[-1].cell_state, theirs[-1].cell_state, rtol=0, atol=1e-12)


def test_reading_does_not_change_the_state_it_starts_from(lstm, inputs):
    state = random_state(len(lstm.layers), np.random.default_rng(9))
    before = [(hidden.copy(), cell.copy()) for hidden, cell in state]
    list(lstm.read(inputs, state))
    assert all(np.array_equal(ours, theirs) for ours, theirs in zip(state, before, strict=True))


def test_one_layer_reads_a_batch_as_torch_lstm_does(reference, layer):
    inputs = np.random.default_rng(10).normal(size=(T, B, X))
    alone = torch.nn.LSTM(X, H, dtype=torch.float64)
    alone.load_state_dict({name: values for name, values in reference.state_dict().items() if name.endswith("l0")})
    expected, _ = alone(torch.tensor(inputs))
    read = Step.stack(list(layer.read(inputs, layer.zero_state(B))))
    np.testing.assert_allclose(read.hidden_state, expected.detach(), rtol=0, atol=1e-12)


def test_one_step_equals_that_of_torch_lstm_cell(reference, layer):
    generator = np.random.default_rng(11)
    cell = torch.nn.LSTMCell(X, H, dtype=torch.float64)
    cell.load_state_dict(
        {name.removesuffix("_l0"): values for name, values in reference.state_dict().items() if name.endswith("l0")}
    )
    inputs, state = generator.normal(size=X), random_state(1, generator)[0]
    expected = cell(torch.tensor(inputs), tuple(map(torch.tensor, state)))
    for ours, theirs in zip(layer.step(layer.prepare(inputs), state), expected, strict=True):
        np.testing.assert_allclose(ours, theirs.detach(), rtol=0, atol=1e-12)


def test_another_matrix_product_may_be_put_in_its_place(layer, inputs):
    calls = []

    def slow(left, right, out):
        calls.append(left.shape)
        out[...] = np.einsum("...x,xh->...h", left, right)

    own = LSTMLayer(layer.weight_ih, layer.weight_hh, layer.bias, slow)
    ours, theirs = (Step.stack(list(each.read(inputs, each.zero_state()))) for each in (own, layer))
    np.testing.assert_allclose(ours.hidden_state, theirs.hidden_state, rtol=0, atol=1e-12)
    assert calls == [(T, X)] + [(H,)] * T  # the inputs of all steps at once, then one product for each step


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_every_number_has_the_type_of_the_weights(dtype):
    generator = np.random.default_rng(12)
    layer = LSTMLayer(*(generator.normal(size=shape).astype(dtype) for shape in ((4 * H, X), (4 * H, H), (4 * H,))))
    for step in layer.read(generator.normal(size=(T, X)).astype(dtype), layer.zero_state()):
        assert {values.dtype for values in step} == {np.dtype(dtype)}
        assert step.pre_activation.dtype == dtype


def test_only_the_layers_under_one_prefix_are_taken(reference, lstm):
    assert len(lstm.layers) == reference.num_layers
    for number, layer in enumerate(lstm.layers):
        bias = getattr(reference, f"bias_ih_l{number}") + getattr(reference, f"bias_hh_l{number}")
        assert np.array_equal(layer.bias, bias.detach())
        assert np.array_equal(layer.weight_hh, getattr(reference, f"weight_hh_l{number}").detach())


def test_steps_can_be_cut_stacked_and_read_one_by_one(layer, inputs):
    steps = Step.stack(list(layer.read(inputs, layer.zero_state())))
    for number, step in enumerate(steps.each()):
        for ours, theirs, all_steps in zip(step, steps.at(number), steps, strict=True):
            assert np.array_equal(ours, theirs)
            assert ours is steps.bias or np.array_equal(ours, all_steps[number])
    assert steps.at(slice(2)).hidden_state.shape == (2, H)
