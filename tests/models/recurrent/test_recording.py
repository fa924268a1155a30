"""Recording, against ``torch.nn.LSTM``, against ONNX's own LSTM, and against the equations written out here.

Hidden states show that the arithmetic is right, not that a gate is recorded under its own name: swapping two names
changes no hidden state. So every gate is also computed from the weights, by the places torch and ONNX give it.
"""

from collections.abc import Iterator
from dataclasses import FrozenInstanceError, dataclass, fields, replace

import numpy as np
import onnx
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx.reference import ReferenceEvaluator
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from models import RecordingError, Trace, record
from models.recurrent.trace import AffineMaps, TraceError

ATOL = {torch.float32: 5e-6, torch.float64: 1e-12}
TORCH_ORDER = ("input_gate", "forget_gate", "candidate", "output_gate")  # torch.nn.LSTM: W_ii, W_if, W_ig, W_io
ONNX_ORDER = ("input_gate", "output_gate", "forget_gate", "candidate")  # the operator LSTM: iofc
SUFFIX = {"forward": "", "backward": "_reverse"}


@dataclass(frozen=True)
class Case:
    """One LSTM and one input, both random but for these choices."""

    layers: int = 2
    bidirectional: bool = True
    batch_first: bool = False
    bias: bool = True
    dtype: torch.dtype = torch.float32
    X: int = 3
    H: int = 4
    T: int = 5
    B: int = 3  # 0: one sequence without a batch axis
    padding: str = "padded"  # or "packed", or "none"
    scale: float = 1.0  # of the weights
    seed: int = 0

    @property
    def atol(self) -> float:
        return ATOL[self.dtype]

    @property
    def has_lengths(self) -> bool:
        return self.B > 0 and self.padding != "none"

    def build(self) -> "Built":
        generator = torch.Generator().manual_seed(self.seed)
        lstm = torch.nn.LSTM(
            self.X, self.H, self.layers, bias=self.bias, bidirectional=self.bidirectional, batch_first=self.batch_first,
            dtype=self.dtype,
        )  # fmt: skip
        with torch.no_grad():
            for values in lstm.parameters():
                values.uniform_(-self.scale, self.scale, generator=generator)
        shape = (self.T, self.B, self.X) if self.B else (self.T, self.X)
        inputs = torch.randn(shape, generator=generator, dtype=self.dtype)
        lengths = torch.randint(1, self.T + 1, (self.B,), generator=generator) if self.has_lengths else None
        return Built(lstm, inputs.transpose(0, 1) if self.B and self.batch_first else inputs, lengths)


@dataclass(frozen=True, eq=False)
class Built:
    lstm: torch.nn.LSTM
    inputs: torch.Tensor
    lengths: torch.Tensor | None

    def packed(self) -> torch.nn.utils.rnn.PackedSequence:
        return pack_padded_sequence(
            self.inputs, self.lengths, batch_first=self.lstm.batch_first, enforce_sorted=False
        )  # fmt: skip

    def record(self, packed: bool = False) -> list[list[Trace]]:
        """One list of traces for each sequence, also when there is only one."""
        recorded = record(self.lstm, self.packed()) if packed else record(self.lstm, self.inputs, self.lengths)
        return recorded if self.inputs.dim() == 3 else [recorded]

    def traces(self) -> list[Trace]:
        """All traces of all sequences."""
        return [trace for traces in self.record() for trace in traces]

    def sequences(self) -> list[torch.Tensor]:
        """Each sequence alone, (T, X), without padding."""
        if self.inputs.dim() == 2:
            return [self.inputs]
        rows = self.inputs if self.lstm.batch_first else self.inputs.transpose(0, 1)
        lengths = [rows.shape[1]] * len(rows) if self.lengths is None else self.lengths.tolist()
        return [row[:length] for row, length in zip(rows, lengths, strict=True)]

    def reference(self) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """What torch computes: last hidden states, (T, B, D H), and the final hidden and cell states, (L D, B, H)."""
        with torch.no_grad():
            if self.lengths is None:
                outputs, (hidden, cell) = self.lstm(self.inputs)
            else:
                packed, (hidden, cell) = self.lstm(self.packed())
                outputs, _ = pad_packed_sequence(packed, batch_first=self.lstm.batch_first)
        if self.inputs.dim() == 2:
            return outputs[:, None], hidden[:, None], cell[:, None]
        return outputs.transpose(0, 1) if self.lstm.batch_first else outputs, hidden, cell


def cases(**fixed: st.SearchStrategy) -> st.SearchStrategy[Case]:
    choices = {
        "layers": st.integers(1, 3), "bidirectional": st.booleans(), "batch_first": st.booleans(),
        "bias": st.booleans(), "dtype": st.sampled_from([torch.float32, torch.float64]), "X": st.integers(1, 5),
        "H": st.integers(1, 6), "T": st.integers(1, 7), "B": st.integers(0, 4),
        "padding": st.sampled_from(["none", "padded", "packed"]), "scale": st.sampled_from([0.2, 1.0, 3.0]),
        "seed": st.integers(0, 2**31),
    }  # fmt: skip
    return st.builds(Case, **(choices | fixed))


@pytest.fixture(autouse=True, scope="module")
def _one_thread() -> Iterator[None]:
    """Threads that wait for one another take far longer than these small sums."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def sigmoid(z: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-z))


def weights_of(lstm: torch.nn.LSTM, trace: Trace) -> Iterator[tuple[str, np.ndarray, np.ndarray, np.ndarray]]:
    """Name, W_ih, W_hh and bias of each affine map, in float64, cut out at the place torch documents for it."""
    suffix, H = f"l{trace.layer}{SUFFIX[trace.direction]}", lstm.hidden_size
    for place, name in enumerate(TORCH_ORDER):
        rows = slice(place * H, (place + 1) * H)
        weight_ih, weight_hh = (
            getattr(lstm, f"{kind}_{suffix}").detach().double().numpy()[rows] for kind in ("weight_ih", "weight_hh")
        )
        bias = np.zeros(H)
        if lstm.bias:
            bias = sum(
                getattr(lstm, f"{kind}_{suffix}").detach().double().numpy()[rows] for kind in ("bias_ih", "bias_hh")
            )
        yield name, weight_ih, weight_hh, bias


def inputs_of_layer(traces: list[Trace], layer: int, sequence: torch.Tensor) -> np.ndarray:
    """What a layer reads: the sequence, or the hidden states of both directions below, side by side."""
    if layer == 0:
        return sequence.double().numpy()
    return np.hstack([trace.hidden_state for trace in traces if trace.layer == layer - 1])


def test_recorded_states_equal_those_of_torch_lstm_in_hundreds_of_configurations():
    tried = set()

    @settings(max_examples=400, deadline=None, derandomize=True, database=None)
    @given(cases())
    def compare(case):
        tried.add(replace(case, seed=0))
        built = case.build()
        recorded = built.record(packed=case.has_lengths and case.padding == "packed")
        outputs, final_hidden, final_cell = built.reference()
        assert len(recorded) == max(case.B, 1)
        for column, (traces, sequence) in enumerate(zip(recorded, built.sequences(), strict=True)):
            T = len(sequence)
            last = np.hstack([trace.hidden_state for trace in traces if trace.layer == case.layers - 1])
            np.testing.assert_allclose(last, outputs[:T, column], rtol=0, atol=case.atol)
            for number, trace in enumerate(traces):
                assert trace.hidden_state.dtype == outputs.numpy().dtype
                end = T - 1 if trace.direction == "forward" else 0
                hidden, cell = final_hidden[number, column], final_cell[number, column]
                np.testing.assert_allclose(trace.hidden_state[end], hidden, rtol=0, atol=case.atol)
                np.testing.assert_allclose(trace.cell_state[end], cell, rtol=0, atol=case.atol)

    compare()
    assert len(tried) >= 300
    assert {case.padding for case in tried if case.B} == {"none", "padded", "packed"}


def test_recorded_states_equal_those_of_torch_lstm_at_the_size_of_the_translator():
    built = Case(layers=1, bidirectional=False, X=256, H=256, T=30, B=8, scale=1 / 16).build()
    outputs, _, _ = built.reference()
    for column, traces in enumerate(built.record()):
        T = len(traces[0].tokens)
        np.testing.assert_allclose(traces[0].hidden_state, outputs[:T, column], rtol=0, atol=5e-6)
    one = record(built.lstm, built.inputs[:, 0])[0]
    np.testing.assert_allclose(one.hidden_state, built.lstm(built.inputs[:, 0])[0].detach(), rtol=0, atol=5e-6)


@settings(max_examples=60)
@given(cases())
def test_every_gate_is_recorded_under_its_own_name(case):
    """From the weights by name and the states before each step, in float64, as the torch documentation has it."""
    built = case.build()
    for traces, sequence in zip(built.record(), built.sequences(), strict=True):
        for trace in traces:
            inputs = inputs_of_layer(traces, trace.layer, sequence)
            before = np.zeros((len(sequence), case.H))
            if trace.direction == "forward":
                before[1:] = trace.hidden_state[:-1]
            else:
                before[:-1] = trace.hidden_state[1:]
            for name, weight_ih, weight_hh, bias in weights_of(built.lstm, trace):
                close = {"rtol": 0, "atol": 10 * case.atol, "err_msg": name}  # sums of sums: ten roundings at most
                np.testing.assert_allclose(getattr(trace.input_part, name), inputs @ weight_ih.T, **close)
                np.testing.assert_allclose(getattr(trace.memory_part, name), before @ weight_hh.T, **close)
                np.testing.assert_allclose(getattr(trace.bias, name), bias, **close)
                z = inputs @ weight_ih.T + before @ weight_hh.T + bias
                np.testing.assert_allclose(getattr(trace.pre_activation, name), z, **close)
                expected = np.tanh(z) if name == "candidate" else sigmoid(z)
                np.testing.assert_allclose(getattr(trace, name), expected, **close)


@settings(max_examples=60)
@given(cases())
def test_a_trace_keeps_the_equations_of_the_lstm(case):
    close = {"rtol": 0, "atol": case.atol}
    for trace in case.build().traces():
        kept, written = trace.forget_gate * trace.previous_cell_state, trace.input_gate * trace.candidate
        np.testing.assert_allclose(trace.cell_state, kept + written, **close)
        np.testing.assert_allclose(trace.hidden_state, trace.output_gate * np.tanh(trace.cell_state), **close)
        for name in TORCH_ORDER:
            parts = getattr(trace.input_part, name) + getattr(trace.memory_part, name) + getattr(trace.bias, name)
            z = getattr(trace.pre_activation, name)
            np.testing.assert_allclose(z, parts, **close)
            squashed = np.tanh(z) if name == "candidate" else sigmoid(z)
            np.testing.assert_allclose(getattr(trace, name), squashed, **close)


@settings(max_examples=40)
@given(cases())
def test_a_step_starts_from_the_state_that_the_step_before_it_left(case):
    for trace in case.build().traces():
        in_order = slice(None) if trace.direction == "forward" else slice(None, None, -1)
        for name in ("cell_state", "hidden_state"):
            after, before = getattr(trace, name)[in_order], getattr(trace, f"previous_{name}")[in_order]
            assert np.array_equal(before[1:], after[:-1])
            assert not before[0].any()
            assert not getattr(trace, f"initial_{name}").any()


# --- ONNX: an implementation that is neither ours nor torch's, with its own order of the gates


def blocks(case: Case, generator: np.random.Generator, inputs: int) -> dict[str, tuple[np.ndarray, ...]]:
    """W, R and b of each affine map of one layer in one direction, by its name."""
    shapes = ((case.H, inputs), (case.H, case.H), (case.H,))
    return {name: tuple(generator.normal(0, 0.8, shape) for shape in shapes) for name in TORCH_ORDER}


def onnx_lstm(directions: list[dict[str, tuple[np.ndarray, ...]]], inputs: np.ndarray) -> list[np.ndarray]:
    """Y, (T, directions, B, H), and the final hidden and cell state, (directions, B, H), by ONNX's own evaluator."""

    def stacked(part: int) -> np.ndarray:
        return np.stack([np.concatenate([maps[name][part] for name in ONNX_ORDER]) for maps in directions])

    W, R, b = stacked(0), stacked(1), stacked(2)
    direction = "bidirectional" if len(directions) == 2 else "forward"
    node = onnx.helper.make_node(
        "LSTM", ["X", "W", "R", "B"], ["Y", "Y_h", "Y_c"], hidden_size=R.shape[-1], direction=direction
    )
    typed = {name: onnx.helper.make_tensor_value_info(name, onnx.TensorProto.DOUBLE, None) for name in
             ("X", "W", "R", "B", "Y", "Y_h", "Y_c")}  # fmt: skip
    names = ("X", "W", "R", "B"), ("Y", "Y_h", "Y_c")
    graph = onnx.helper.make_graph([node], "lstm", *([typed[name] for name in side] for side in names))
    B = np.hstack([b, np.zeros_like(b)])  # the second half is torch's other bias
    return ReferenceEvaluator(onnx.helper.make_model(graph)).run(None, {"X": inputs, "W": W, "R": R, "B": B})


def torch_lstm(case: Case, layers: list[list[dict[str, tuple[np.ndarray, ...]]]]) -> torch.nn.LSTM:
    lstm = torch.nn.LSTM(case.X, case.H, case.layers, bidirectional=case.bidirectional, dtype=torch.float64)
    state = {}
    for number, directions in enumerate(layers):
        for maps, suffix in zip(directions, SUFFIX.values(), strict=False):
            W, R, b = (np.concatenate([maps[name][part] for name in TORCH_ORDER]) for part in range(3))
            parameters = {"weight_ih": W, "weight_hh": R, "bias_ih": b, "bias_hh": np.zeros_like(b)}
            state |= {f"{name}_l{number}{suffix}": torch.tensor(values) for name, values in parameters.items()}
    lstm.load_state_dict(state)
    return lstm


@settings(max_examples=40)
@given(cases(dtype=st.just(torch.float64), batch_first=st.just(False), B=st.integers(1, 3)))
def test_recorded_states_and_gate_names_equal_those_of_the_onnx_reference(case):
    generator = np.random.default_rng(case.seed)
    D = 2 if case.bidirectional else 1
    layers = [
        [blocks(case, generator, D * case.H if number else case.X) for _ in range(D)] for number in range(case.layers)
    ]
    inputs = generator.normal(size=(case.T, case.B, case.X))
    recorded = record(torch_lstm(case, layers), inputs)
    below = inputs
    for number, directions in enumerate(layers):
        Y, final_hidden, final_cell = onnx_lstm(directions, below)
        for d, maps in enumerate(directions):
            for column in range(case.B):
                trace = recorded[column][D * number + d]
                end = -1 if d == 0 else 0
                np.testing.assert_allclose(trace.hidden_state, Y[:, d, column], rtol=0, atol=1e-12)
                np.testing.assert_allclose(trace.hidden_state[end], final_hidden[d, column], rtol=0, atol=1e-12)
                np.testing.assert_allclose(trace.cell_state[end], final_cell[d, column], rtol=0, atol=1e-12)
                zero = np.zeros((1, case.H))
                before = np.vstack([zero, Y[:-1, d, column]]) if d == 0 else np.vstack([Y[1:, d, column], zero])
                for name, (W, R, b) in maps.items():
                    z = below[:, column] @ W.T + before @ R.T + b
                    expected = np.tanh(z) if name == "candidate" else sigmoid(z)
                    np.testing.assert_allclose(getattr(trace, name), expected, rtol=0, atol=1e-11, err_msg=name)
        below = np.concatenate([Y[:, d] for d in range(D)], axis=-1)


# --- sequences, batches, directions, layers


def test_one_sequence_gives_one_trace_per_layer_and_direction_in_order():
    case = Case(layers=3, B=0)
    built = case.build()
    traces = record(built.lstm, built.inputs)
    assert [(trace.layer, trace.direction) for trace in traces] == [
        (0, "forward"), (0, "backward"), (1, "forward"), (1, "backward"), (2, "forward"), (2, "backward"),
    ]  # fmt: skip
    for trace in traces:
        assert trace.tokens == ("1", "2", "3", "4", "5")
        for name in (*TORCH_ORDER, "cell_state", "hidden_state"):
            assert isinstance(getattr(trace, name), np.ndarray)
            assert getattr(trace, name).shape == (case.T, case.H)


@settings(max_examples=40)
@given(cases(B=st.integers(1, 4), padding=st.sampled_from(["padded", "packed"])))
def test_a_batch_records_each_sequence_as_if_it_were_alone(case):
    built = case.build()
    recorded = built.record(packed=case.padding == "packed")
    for traces, sequence in zip(recorded, built.sequences(), strict=True):
        for trace, alone in zip(traces, record(built.lstm, sequence), strict=True):
            assert (trace.tokens, trace.layer, trace.direction) == (alone.tokens, alone.layer, alone.direction)
            for name in (*TORCH_ORDER, "cell_state", "hidden_state"):
                np.testing.assert_allclose(getattr(trace, name), getattr(alone, name), rtol=0, atol=case.atol)


@pytest.mark.parametrize("bidirectional", [False, True])
def test_what_padding_holds_changes_nothing(bidirectional):
    built = Case(layers=3, bidirectional=bidirectional, T=6, B=4, seed=3).build()
    assert len(set(built.lengths.tolist())) > 1
    spoiled = built.inputs.clone()
    for column, length in enumerate(built.lengths):
        spoiled[length:, column] = torch.nan
    for one, other in zip(built.traces(), replace(built, inputs=spoiled).traces(), strict=True):
        for name in (*TORCH_ORDER, "cell_state", "hidden_state"):
            assert np.array_equal(getattr(one, name), getattr(other, name))


def test_a_later_layer_reads_the_hidden_states_of_both_directions_side_by_side():
    built = Case(layers=2, B=0, dtype=torch.float64).build()
    forward, backward, above, _ = built.record()[0]
    below = np.hstack([forward.hidden_state, backward.hidden_state])
    weight = built.lstm.weight_ih_l1.detach().numpy()
    for place, name in enumerate(TORCH_ORDER):
        expected = below @ weight[place * 4 : (place + 1) * 4].T
        np.testing.assert_allclose(getattr(above.input_part, name), expected, rtol=0, atol=1e-12)


def test_a_backward_trace_is_the_forward_trace_of_the_reversed_sentence_turned_round():
    built = Case(layers=1, B=0).build()
    forward = torch.nn.LSTM(3, 4)
    forward.load_state_dict(
        {name: getattr(built.lstm, f"{name}_reverse") for name in ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0",
                                                                   "bias_hh_l0")}
    )  # fmt: skip
    backward = built.record()[0][1]
    (turned,) = record(forward, built.inputs.flip(0))
    for name in (*TORCH_ORDER, "cell_state", "hidden_state"):
        np.testing.assert_allclose(getattr(backward, name), getattr(turned, name)[::-1], rtol=0, atol=5e-6)


def test_a_packed_batch_comes_back_in_the_order_in_which_it_was_packed():
    built = replace(Case(T=6, B=4, seed=5).build(), lengths=torch.tensor([2, 6, 1, 4]))
    assert [len(traces[0].tokens) for traces in record(built.lstm, built.packed())] == [2, 6, 1, 4]


@pytest.mark.parametrize("lengths", [[2, 5, 1], (2, 5, 1), np.array([2, 5, 1]), torch.tensor([2, 5, 1])])
def test_lengths_may_be_a_list_a_tuple_an_array_or_a_tensor(lengths):
    built = Case().build()
    assert [len(traces[0].tokens) for traces in record(built.lstm, built.inputs, lengths)] == [2, 5, 1]


def test_inputs_may_be_any_view_of_a_tensor_or_an_array():
    built = Case(layers=1, B=0, T=4).build()
    expected = record(built.lstm, built.inputs)[0].hidden_state
    frozen = built.inputs.numpy().copy()
    frozen.flags.writeable = False
    turned = built.inputs.numpy()[::-1].copy()[::-1]  # a view that runs backward through memory
    strided = torch.stack([built.inputs, built.inputs], dim=-1)[..., 0]
    for inputs in (built.inputs.numpy(), frozen, turned, strided, built.inputs.clone().requires_grad_()):
        np.testing.assert_allclose(record(built.lstm, inputs)[0].hidden_state, expected, rtol=0, atol=5e-6)


def test_recording_leaves_the_module_and_its_inputs_as_they_were():
    built = Case().build()
    before = {name: values.clone() for name, values in built.lstm.state_dict().items()}
    inputs = built.inputs.clone()
    built.record()
    assert all(torch.equal(values, before[name]) for name, values in built.lstm.state_dict().items())
    assert all(values.requires_grad and values.grad is None for values in built.lstm.parameters())
    assert torch.equal(built.inputs, inputs)
    assert built.lstm.training


def test_dropout_between_layers_is_not_applied():
    built = Case(layers=2, B=0).build()
    dropping = torch.nn.LSTM(3, 4, 2, bidirectional=True, dropout=0.9)
    dropping.load_state_dict(built.lstm.state_dict())
    assert dropping.training
    np.testing.assert_array_equal(record(dropping, built.inputs)[2].hidden_state, built.record()[0][2].hidden_state)


def test_huge_weights_give_gates_in_range_without_a_warning():
    built = Case(scale=1e4, T=6).build()
    with np.errstate(all="raise", under="ignore"):
        traces = built.traces()
    for trace in traces:
        for name in ("input_gate", "forget_gate", "output_gate"):
            assert getattr(trace, name).min() >= 0
            assert getattr(trace, name).max() <= 1
        assert np.isfinite(trace.cell_state).all()


# --- a trace cannot be changed, and does not accept parts that do not fit


def arrays_of(trace: Trace) -> Iterator[np.ndarray]:
    for field in fields(trace):
        value = getattr(trace, field.name)
        yield from vars(value).values() if isinstance(value, AffineMaps) else [value]


@pytest.mark.parametrize("B", [0, 1, 3])
def test_nothing_in_a_trace_can_be_changed(B):
    for trace in Case(B=B).build().traces():
        arrays = [values for values in arrays_of(trace) if isinstance(values, np.ndarray)]
        assert len(arrays) >= 8
        for values in arrays:
            with pytest.raises(ValueError, match="read-only"):
                values[...] = 0
        with pytest.raises(FrozenInstanceError):
            trace.forget_gate = trace.input_gate


@pytest.mark.parametrize("name", [*TORCH_ORDER, "cell_state", "hidden_state"])
def test_a_trace_refuses_an_array_of_another_shape_and_names_it(name):
    trace = Case(B=0).build().record()[0][0]
    for shape in ((4, 4), (5, 3), (5,), (5, 4, 1)):
        with pytest.raises(TraceError, match=rf"^{name} is \({', '.join(map(str, shape))}"):
            replace(trace, **{name: np.zeros(shape, np.float32)})


def test_a_trace_refuses_tokens_initial_states_and_maps_that_do_not_fit():
    trace = Case(B=0).build().record()[0][0]
    with pytest.raises(TraceError, match="expected \\(2, 4\\)"):
        replace(trace, tokens=("the", "cat"))
    with pytest.raises(TraceError, match="initial_hidden_state is \\(3,\\)"):
        replace(trace, initial_hidden_state=np.zeros(3))
    with pytest.raises(TraceError, match="expected \\(5, 3\\)"):
        replace(trace, initial_cell_state=np.zeros(3))
    for name in ("input_part", "memory_part", "bias"):
        with pytest.raises(TraceError, match=f"^{name}"):
            replace(trace, **{name: AffineMaps(np.zeros((2, 4, 4)))})


# --- refusals, each in a sentence that names what cannot be recorded

INPUTS = torch.zeros(5, 3)
BATCH = torch.zeros(5, 2, 3)


class OwnLSTM(torch.nn.LSTM):
    """It could compute anything."""


@pytest.mark.parametrize(
    ("module", "inputs", "named"),
    [
        (torch.nn.LSTM(3, 4, proj_size=2), INPUTS, "proj_size=2"),
        (torch.nn.GRUCell(3, 4), INPUTS, "GRUCell"),
        (torch.nn.GRU(3, 4).double(), INPUTS, "inputs are float32, the GRU is float64"),
        (torch.nn.LSTMCell(3, 4), INPUTS, "LSTMCell"),
        (OwnLSTM(3, 4), INPUTS, "OwnLSTM"),
        (None, INPUTS, "NoneType"),
        (torch.nn.LSTM(3, 4).half(), INPUTS.half(), "float16"),
        (torch.nn.LSTM(3, 4).bfloat16(), INPUTS.bfloat16(), "bfloat16"),
        (torch.nn.LSTM(3, 4), INPUTS.double(), "inputs are float64, the LSTM is float32"),
        (torch.nn.LSTM(3, 4).double(), INPUTS, "inputs are float32, the LSTM is float64"),
        (torch.nn.LSTM(3, 4), INPUTS.bfloat16(), "inputs are bfloat16"),
        (torch.nn.LSTM(3, 4), np.zeros((5, 3), int), "inputs are int64"),
        (torch.nn.LSTM(3, 4), torch.zeros(5, 2), r"inputs are \(5, 2\), expected \(T, 3\)"),
        (torch.nn.LSTM(3, 4), torch.zeros(3), r"inputs are \(3,\)"),
        (torch.nn.LSTM(3, 4), torch.zeros(1, 5, 2, 3), r"inputs are \(1, 5, 2, 3\)"),
        (torch.nn.LSTM(3, 4), torch.zeros(0, 3), "no step"),
        (torch.nn.LSTM(3, 4), torch.zeros(0, 2, 3), "no step"),
        (torch.nn.LSTM(3, 4), torch.zeros(5, 0, 3), "no step"),
    ],
)
def test_what_cannot_be_recorded_is_refused_by_name(module, inputs, named):
    with pytest.raises(RecordingError, match=named):
        record(module, inputs)


@pytest.mark.parametrize(
    ("inputs", "lengths", "named"),
    [
        (INPUTS, [5], "these inputs are one sequence"),
        (BATCH, [5], "expected 2 whole numbers"),
        (BATCH, [5, 5, 5], "expected 2 whole numbers"),
        (BATCH, [[5, 5]], "expected 2 whole numbers"),
        (BATCH, [5.0, 2.0], "expected 2 whole numbers"),
        (BATCH, [True, True], "expected 2 whole numbers"),
        (BATCH, [5, 0], r"1\.\.5, these reach from 0 to 5"),
        (BATCH, [-1, 5], r"1\.\.5, these reach from -1 to 5"),
        (BATCH, [5, 6], r"1\.\.5, these reach from 5 to 6"),
    ],
)
def test_lengths_that_do_not_fit_are_refused(inputs, lengths, named):
    with pytest.raises(RecordingError, match=named):
        record(torch.nn.LSTM(3, 4), inputs, lengths)


def test_a_packed_batch_takes_no_lengths_beside_its_own():
    built = Case().build()
    with pytest.raises(RecordingError, match="packed"):
        record(built.lstm, built.packed(), [1, 1, 1])
