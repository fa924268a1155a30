"""The GRU and the RNN: every state is torch's, every gate that of the formula, in float64, from the weights by name."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from models import Record, record
from models.recurrent.gru import GRUTrace
from models.recurrent.rnn import ReluRNNTrace, RNNTrace

KINDS = {
    "gru": (torch.nn.GRU, {}, GRUTrace, ("reset_gate", "update_gate", "candidate")),
    "rnn": (torch.nn.RNN, {}, RNNTrace, ("hidden_state",)),
    "relu": (torch.nn.RNN, {"nonlinearity": "relu"}, ReluRNNTrace, ("hidden_state",)),
}
SUFFIX = {"forward": "", "backward": "_reverse"}


@dataclass(frozen=True)
class Case:
    kind: str
    layers: int
    bidirectional: bool
    batch_first: bool
    bias: bool
    dtype: torch.dtype
    X: int
    H: int
    T: int
    B: int  # 0: one sequence
    padding: str
    scale: float
    seed: int

    @property
    def atol(self) -> float:
        return 1e-5 if self.dtype == torch.float32 else 1e-12

    def build(self) -> tuple[torch.nn.RNNBase, torch.Tensor, torch.Tensor | None]:
        make, options, _, _ = KINDS[self.kind]
        generator = torch.Generator().manual_seed(self.seed)
        network = make(
            self.X, self.H, self.layers, bidirectional=self.bidirectional, batch_first=self.batch_first,
            bias=self.bias, dtype=self.dtype, **options,
        )  # fmt: skip
        with torch.no_grad():
            for values in network.parameters():
                values.uniform_(-self.scale, self.scale, generator=generator)
        shape = (self.T, self.B, self.X) if self.B else (self.T, self.X)
        inputs = torch.randn(shape, generator=generator, dtype=self.dtype)
        has_lengths = self.B and self.padding != "none"
        lengths = torch.randint(1, self.T + 1, (self.B,), generator=generator) if has_lengths else None
        return network, inputs.transpose(0, 1) if self.B and self.batch_first else inputs, lengths


cases = st.builds(
    Case, kind=st.sampled_from(list(KINDS)), layers=st.integers(1, 3), bidirectional=st.booleans(),
    batch_first=st.booleans(), bias=st.booleans(), dtype=st.sampled_from([torch.float32, torch.float64]),
    X=st.integers(1, 5), H=st.integers(1, 6), T=st.integers(1, 7), B=st.integers(0, 4),
    padding=st.sampled_from(["none", "padded", "packed"]), scale=st.sampled_from([0.2, 0.6, 1.0]),
    seed=st.integers(0, 2**31),
)  # fmt: skip


def sequences(network, inputs, lengths) -> list[torch.Tensor]:
    if inputs.dim() == 2:
        return [inputs]
    rows = inputs if network.batch_first else inputs.transpose(0, 1)
    ends = [rows.shape[1]] * len(rows) if lengths is None else lengths.tolist()
    return [row[:end] for row, end in zip(rows, ends, strict=True)]


def recorded(case, network, inputs, lengths) -> list[list]:
    """One list of traces for each sequence, also when there is only one."""
    if lengths is not None and case.padding == "packed":
        return record(
            network, pack_padded_sequence(inputs, lengths, batch_first=case.batch_first, enforce_sorted=False)
        )  # fmt: skip
    found = record(network, inputs, lengths)
    return found if inputs.dim() == 3 else [found]


@torch.no_grad()
def by_torch(network, inputs, lengths) -> tuple[np.ndarray, np.ndarray]:
    """Last hidden states, (T, B, D H), and the final ones of every layer and direction, (L D, B, H)."""
    if lengths is None:
        outputs, final = network(inputs)
    else:
        packed = pack_padded_sequence(inputs, lengths, batch_first=network.batch_first, enforce_sorted=False)
        packed, final = network(packed)
        outputs, _ = pad_packed_sequence(packed, batch_first=network.batch_first)
    if inputs.dim() == 2:
        return outputs[:, None].numpy(), final[:, None].numpy()
    return (outputs.transpose(0, 1) if network.batch_first else outputs).numpy(), final.numpy()


def test_recorded_states_equal_those_of_torch_in_hundreds_of_configurations():
    tried = set()

    @settings(max_examples=450, deadline=None, derandomize=True, database=None)
    @given(cases)
    def compare(case):
        tried.add(replace(case, seed=0))
        built = case.build()
        outputs, final = by_torch(*built)
        found = recorded(case, *built)
        assert len(found) == max(case.B, 1)
        for column, (traces, sequence) in enumerate(zip(found, sequences(*built), strict=True)):
            T = len(sequence)
            last = np.hstack([trace.hidden_state for trace in traces if trace.layer == case.layers - 1])
            np.testing.assert_allclose(last, outputs[:T, column], rtol=0, atol=case.atol)
            for number, trace in enumerate(traces):
                assert type(trace) is KINDS[case.kind][2]
                assert trace.hidden_state.dtype == outputs.dtype
                end = T - 1 if trace.direction == "forward" else 0
                np.testing.assert_allclose(trace.hidden_state[end], final[number, column], rtol=0, atol=case.atol)

    compare()
    for kind in KINDS:
        assert len({case for case in tried if case.kind == kind}) >= 100
    assert {case.padding for case in tried if case.B} == {"none", "padded", "packed"}


def weights(network, trace, map_number: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """W_ih, W_hh and both biases of one affine map, in float64, cut out at the place torch documents for it."""
    suffix, H = f"l{trace.layer}{SUFFIX[trace.direction]}", network.hidden_size
    rows = slice(map_number * H, (map_number + 1) * H)
    kinds = ("weight_ih", "weight_hh", *(("bias_ih", "bias_hh") if network.bias else ()))
    found = [getattr(network, f"{kind}_{suffix}").detach().double().numpy()[rows] for kind in kinds]
    return *found, *(np.zeros(H) for _ in range(4 - len(found)))


@settings(max_examples=120, deadline=None)
@given(cases)
def test_every_quantity_is_recorded_under_its_own_name(case):
    """From the weights and the states before each step, in float64, as the torch documentation has it."""
    built = case.build()
    network = built[0]
    for traces, sequence in zip(recorded(case, *built), sequences(*built), strict=True):
        for trace in traces:
            close = {"rtol": 0, "atol": 10 * case.atol}  # sums of sums: ten roundings at most
            below = [one.hidden_state for one in traces if one.layer == trace.layer - 1]
            inputs = np.hstack(below).astype(float) if below else sequence.double().numpy()
            before = np.zeros((len(sequence), case.H))
            if trace.direction == "forward":
                before[1:] = trace.hidden_state[:-1]
            else:
                before[:-1] = trace.hidden_state[1:]
            np.testing.assert_array_equal(trace.previous_hidden_state, before.astype(trace.hidden_state.dtype))
            read, remembered = [], []
            for number in range(trace.input_part.shape[1]):
                weight_ih, weight_hh, bias_ih, bias_hh = weights(network, trace, number)
                np.testing.assert_allclose(trace.input_part[:, number], inputs @ weight_ih.T, **close)
                np.testing.assert_allclose(trace.memory_part[:, number], before @ weight_hh.T, **close)
                np.testing.assert_allclose(trace.input_bias[number], bias_ih, **close)
                np.testing.assert_allclose(trace.memory_bias[number], bias_hh, **close)
                read.append(inputs @ weight_ih.T + bias_ih)
                remembered.append(before @ weight_hh.T + bias_hh)
            if case.kind == "gru":
                reset, update = (1 / (1 + np.exp(-read[number] - remembered[number])) for number in range(2))
                candidate = np.tanh(read[2] + reset * remembered[2])
                expected = {"reset_gate": reset, "update_gate": update, "candidate": candidate,
                            "hidden_state": (1 - update) * candidate + update * before}  # fmt: skip
            else:
                squash = np.tanh if case.kind == "rnn" else lambda z: np.maximum(z, 0)
                expected = {"hidden_state": squash(read[0] + remembered[0])}
            assert trace.cell.names == tuple(expected)
            for name, values in expected.items():
                np.testing.assert_allclose(trace.values(name), values, **close, err_msg=name)


@settings(max_examples=60, deadline=None)
@given(cases)
def test_the_stored_trace_of_a_gru_keeps_its_update_equation(case):
    built = replace(case, kind="gru").build()
    for traces in recorded(case, *built):
        for trace in traces:
            mixed = (1 - trace.update_gate) * trace.candidate + trace.update_gate * trace.previous_hidden_state
            np.testing.assert_allclose(trace.hidden_state, mixed, rtol=0, atol=case.atol / 10)


@pytest.mark.parametrize("kind", KINDS)
def test_a_trace_is_a_record_that_nothing_can_change_and_training_on_does_not_touch(kind):
    make, options, _, _ = KINDS[kind]
    torch.manual_seed(1)
    network = make(3, 4, **options)
    (trace,) = record(network, torch.randn(6, 3))
    found = Record.of(trace)
    assert (found.steps, found.units, found.cell.memory) == (6, 4, "hidden_state")
    kept = {name: value.copy() for name, value in vars(trace).items() if isinstance(value, np.ndarray)}
    with torch.no_grad():
        for values in network.parameters():
            values.add_(1)
    for name, value in kept.items():
        np.testing.assert_array_equal(getattr(trace, name), value)
        with pytest.raises(ValueError, match="read-only"):
            getattr(trace, name)[...] = 0


def test_huge_weights_give_gates_in_range_without_a_warning():
    network = torch.nn.GRU(2, 3)
    with torch.no_grad():
        for values in network.parameters():
            values.mul_(1e6)
    with np.errstate(all="raise", under="ignore"):
        (trace,) = record(network, torch.randn(5, 2))
    for name in ("reset_gate", "update_gate"):
        assert ((trace.values(name) >= 0) & (trace.values(name) <= 1)).all()
    for name in ("candidate", "hidden_state"):
        assert (np.abs(trace.values(name)) <= 1).all()


@pytest.mark.parametrize("kind", [torch.nn.GRU, torch.nn.RNN])
def test_an_edit_of_the_hidden_state_is_what_the_next_step_starts_from(kind):
    """Against torch, which is given the edited state by hand."""
    from models.recurrent.recording import _layers_of

    torch.manual_seed(3)
    network, inputs = kind(3, 5), torch.randn(6, 3)
    ((layer,),) = _layers_of(network)
    steps, state = layer.prepare(inputs.numpy()), layer.zero_state()

    def erase(name, values):
        assert name == "hidden_state"
        values[[1, 4]] = 0

    expected = torch.zeros(1, 5)
    for time, step in enumerate(steps.each()):
        state = layer.step(step, state, erase if time >= 2 else None)
        with torch.no_grad():
            _, expected = network(inputs[time][None], expected)
        if time >= 2:
            expected[0, [1, 4]] = 0
        np.testing.assert_allclose(step.hidden_state, expected[0], atol=1e-6)
