"""Gradients against finite differences in double precision; the path along the cell against autograd, gates held."""

import numpy as np
import pytest
import torch
from torch import nn

from models.learning import gradient_flow as flow
from models.learning.network import TranslatorNetwork
from models.translation.configuration import TranslatorConfig

KINDS = {
    "lstm": (nn.LSTM, {}), "gru": (nn.GRU, {}), "rnn": (nn.RNN, {}), "relu": (nn.RNN, {"nonlinearity": "relu"}),
}  # fmt: skip
S, X, H = 7, 3, 4


def built(kind: str, bias: bool = True, scale: float = 0.8) -> tuple[nn.RNNBase, torch.Tensor]:
    make, options = KINDS[kind]
    torch.manual_seed(5)
    network = make(X, H, bias=bias, dtype=torch.float64, **options)
    with torch.no_grad():
        for values in network.parameters():
            values.uniform_(-scale, scale)
    return network, torch.randn(S, X, dtype=torch.float64)


def loss(states: torch.Tensor) -> torch.Tensor:
    weights = torch.linspace(-1, 1, states.numel(), dtype=states.dtype).reshape(states.shape)
    return (weights * states).sum() + (states[-1] ** 3).sum()


def run_from(network, inputs, state, at: int) -> list[tuple[torch.Tensor, ...]]:
    """The states after step ``at`` and all later ones, by the network's own forward pass."""
    states = [state]
    with torch.no_grad():
        for read in inputs[at:]:
            given = tuple(part[None] for part in states[-1])
            _, last = network(read[None], given if isinstance(network, nn.LSTM) else given[0])
            states.append(tuple(part[0] for part in (last if isinstance(last, tuple) else (last,))))
    return states


def numerically(function, point: torch.Tensor, by: float = 1e-6) -> np.ndarray:
    """Derivatives of one number, or of several, by each entry of a point, by central differences."""
    columns = []
    for place in range(point.numel()):
        moved = []
        for sign in (1, -1):
            other = point.clone()
            other.view(-1)[place] += sign * by
            moved.append(function(other))
        columns.append((np.asarray(moved[0]) - np.asarray(moved[1])) / (2 * by))
    return np.stack(columns, axis=-1)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("kind", KINDS)
def test_gradients_by_every_state_and_input_are_those_of_finite_differences(kind, bias):
    network, inputs = built(kind, bias)
    found = flow.gradient_flow(network, inputs, loss)
    zero = tuple(torch.zeros(H, dtype=torch.float64) for _ in range(2 if kind == "lstm" else 1))
    course = run_from(network, inputs, zero, 0)
    hidden = [state[0] for state in course[1:]]

    def loss_with(at: int, part: int, values: torch.Tensor) -> float:
        state = tuple(values if number == part else kept for number, kept in enumerate(course[at]))
        later = [one[0] for one in run_from(network, inputs, state, at)[1:]]
        own = [state[0]] if at else []  # the initial hidden state is none of those that the loss sees
        return float(loss(torch.stack([*hidden[: at - 1], *own, *later] if at else later)))

    def shown_too(at: int, values: torch.Tensor) -> float:
        """The cell state moved, and what it shows in its own step with it."""
        if not at:
            return loss_with(0, 1, values)
        gates = output_gate(network, inputs[at - 1], course[at - 1][0])
        state = (gates * torch.tanh(values), values)
        later = [one[0] for one in run_from(network, inputs, state, at)[1:]]
        return float(loss(torch.stack([*hidden[: at - 1], state[0], *later])))

    for at in range(S + 1):
        by_hidden = numerically(lambda values, at=at: loss_with(at, 0, values), course[at][0])
        np.testing.assert_allclose(found.hidden_state[at], np.linalg.norm(by_hidden), rtol=1e-5, atol=1e-9)
        if kind == "lstm":
            by_cell = numerically(lambda values, at=at: shown_too(at, values), course[at][1])
            np.testing.assert_allclose(found.cell_state[at], np.linalg.norm(by_cell), rtol=1e-5, atol=1e-9)
    assert (found.cell_state is None) == (kind != "lstm")

    def loss_of(read: torch.Tensor, at: int) -> float:
        changed = inputs.clone()
        changed[at] = read
        return float(loss(torch.stack([state[0] for state in run_from(network, changed, zero, 0)[1:]])))

    for at in range(S):
        by_input = numerically(lambda values, at=at: loss_of(values, at), inputs[at])
        np.testing.assert_allclose(found.inputs[at], np.linalg.norm(by_input), rtol=1e-5, atol=1e-9)


def output_gate(network, read: torch.Tensor, hidden: torch.Tensor) -> torch.Tensor:
    rows = slice(3 * H, 4 * H)
    with torch.no_grad():
        total = network.weight_ih_l0[rows] @ read + network.weight_hh_l0[rows] @ hidden
        return torch.sigmoid(total + network.bias_ih_l0[rows] + network.bias_hh_l0[rows] if network.bias else total)


@pytest.mark.parametrize("kind", KINDS)
def test_the_jacobian_of_the_last_state_is_that_of_finite_differences(kind):
    network, inputs = built(kind)
    found = flow.gradient_flow(network, inputs, loss)
    zero = tuple(torch.zeros(H, dtype=torch.float64) for _ in range(2 if kind == "lstm" else 1))
    course = run_from(network, inputs, zero, 0)
    for at in range(S + 1):
        derivative = numerically(
            lambda values, at=at: torch.cat(run_from(network, inputs, values.split(H), at)[-1]).numpy(),
            torch.cat(course[at]),
        )
        np.testing.assert_allclose(found.jacobian[at], np.linalg.norm(derivative, 2), rtol=1e-5, atol=1e-9)
    assert found.jacobian[-1] == 1


def test_the_path_along_the_cell_is_the_derivative_with_all_gates_held():
    network, inputs = built("lstm")
    found = flow.gradient_flow(network, inputs, loss)
    hidden, cell = (torch.zeros(1, H, dtype=torch.float64) for _ in range(2))
    cells, forget_gates = [cell.requires_grad_()], []
    for read in inputs:
        total = (
            read @ network.weight_ih_l0.T + network.bias_ih_l0 + hidden @ network.weight_hh_l0.T + network.bias_hh_l0
        )
        i, f, g, o = (part.detach() for part in total.chunk(4, dim=-1))
        forget_gates.append(torch.sigmoid(f)[0].numpy())
        cells.append(torch.sigmoid(f) * cells[-1] + torch.sigmoid(i) * torch.tanh(g))
        hidden = (torch.sigmoid(o) * torch.tanh(cells[-1])).detach()
    for at, state in enumerate(cells):
        held = torch.autograd.grad(cells[-1].sum(), state, retain_graph=True)[0][0].numpy()
        np.testing.assert_allclose(found.path[at], held, rtol=0, atol=1e-10)
        np.testing.assert_allclose(
            found.path[at], np.prod([np.ones(H), *forget_gates[at:]], axis=0), rtol=0, atol=1e-10
        )


def test_the_path_along_a_gru_is_the_product_of_its_update_gates_and_an_rnn_has_none():
    network, inputs = built("gru")
    hidden, gates = torch.zeros(H, dtype=torch.float64), []
    with torch.no_grad():
        for read in inputs:
            both = network.weight_ih_l0 @ read + network.bias_ih_l0, network.weight_hh_l0 @ hidden + network.bias_hh_l0
            gates.append(torch.sigmoid(both[0] + both[1])[H : 2 * H].numpy())
            hidden = network(read[None], hidden[None])[0][0]
    found = flow.gradient_flow(network, inputs, loss)
    np.testing.assert_allclose(found.path[0], np.prod(gates, axis=0), rtol=0, atol=1e-10)
    assert flow.gradient_flow(*built("rnn"), loss).path is None


def test_the_gradient_of_an_lstm_can_explode_while_its_cell_path_shrinks():
    torch.manual_seed(0)
    network = nn.LSTM(X, 8, dtype=torch.float64)
    with torch.no_grad():
        for values in network.parameters():
            values.normal_(0, 2.5)
        network.bias_ih_l0.zero_()
        network.bias_hh_l0.zero_()
    found = flow.gradient_flow(network, 0.05 * torch.randn(60, X, dtype=torch.float64), lambda states: states[-1].sum())
    assert found.path[0].max() < 1e-3
    assert found.jacobian[0] > 1e3


@pytest.fixture(scope="module")
def translator() -> TranslatorNetwork:
    config = TranslatorConfig(source_vocabulary_size=11, target_vocabulary_size=13, embedding_size=5, hidden_size=6)
    return TranslatorNetwork.untrained(config, seed=3).double().eval()


def test_the_logit_of_one_written_token_is_followed_by_itself(translator):
    source, target, start = [4, 7, 9, 2], [5, 6, 3], 1
    found = flow.translation_flow(translator, source, target, start, logit_of=1)
    read = translator.source_embedding(torch.tensor(source)).detach()
    written = translator.target_embedding(torch.tensor([start, *target[:-1]])).detach()

    def value(read: torch.Tensor, written: torch.Tensor) -> float:
        with torch.no_grad():
            states, final = translator.encoder(read)
            hidden, _ = translator.decoder(written, final)
            weights = (translator.attention(hidden) @ states.T).softmax(-1)
            out = translator.readout_hidden(hidden) + translator.readout_context(weights @ states)
            return float((out @ translator.target_embedding.weight.T + translator.output_bias)[1, target[1]])

    for at in range(7):

        def moved(values: torch.Tensor, at: int = at) -> float:
            both = torch.cat([read, written])
            both[at] = values
            return value(both[:4], both[4:])

        expected = np.linalg.norm(numerically(moved, torch.cat([read, written])[at]))
        np.testing.assert_allclose(found.inputs[at], expected, rtol=1e-5, atol=1e-9)
    assert found.inputs[6] == 0, "what is read later changes nothing"
    assert np.isnan(found.jacobian).all()


def test_the_loss_of_a_translation_is_followed_through_decoder_attention_and_encoder(translator):
    """Every embedding read moved in the network's own forward pass, and the states by what moves them alone."""
    source, target, start = [4, 7, 9, 2], [5, 6, 3], 1
    found = flow.translation_flow(translator, source, target, start)
    assert len(found.hidden_state) == len(found.cell_state) == len(found.jacobian) == len(found.path) == 8
    read = translator.source_embedding(torch.tensor(source)).detach()
    written = translator.target_embedding(torch.tensor([start, *target[:-1]])).detach()

    def value(read: torch.Tensor, written: torch.Tensor, initial: tuple[torch.Tensor, ...] | None = None) -> float:
        with torch.no_grad():
            states, final = translator.encoder(read, initial)
            hidden, _ = translator.decoder(written, final)
            weights = (translator.attention(hidden) @ states.T).softmax(-1)
            out = translator.readout_hidden(hidden) + translator.readout_context(weights @ states)
            log_p = (out @ translator.target_embedding.weight.T + translator.output_bias).log_softmax(-1)
        return -float(sum(log_p[row, token] for row, token in enumerate(target)))

    for at in range(4):

        def moved(values: torch.Tensor, at: int = at) -> float:
            other = read.clone()
            other[at] = values
            return value(other, written)

        np.testing.assert_allclose(found.inputs[at], np.linalg.norm(numerically(moved, read[at])), rtol=1e-5)
    for at in range(3):

        def moved_too(values: torch.Tensor, at: int = at) -> float:
            other = written.clone()
            other[at] = values
            return value(read, other)

        np.testing.assert_allclose(found.inputs[4 + at], np.linalg.norm(numerically(moved_too, written[at])), rtol=1e-5)

    zeros = torch.zeros(2, 1, 6, dtype=torch.float64)
    for part, norms in enumerate((found.hidden_state, found.cell_state)):

        def begun(values: torch.Tensor, part: int = part) -> float:
            other = zeros.clone()
            other[part] = values
            return value(read, written, tuple(other))

        np.testing.assert_allclose(norms[0], np.linalg.norm(numerically(begun, zeros[part])), rtol=1e-5)

    with torch.no_grad():
        expected = float(translator(torch.tensor([source]), torch.tensor([4]), torch.tensor([[start, *target[:-1]]]))
                         .log_softmax(-1)[0, range(3), target].sum())  # fmt: skip
    assert value(read, written) == pytest.approx(-expected, rel=1e-9)


@pytest.mark.parametrize(
    "network",
    [nn.LSTM(2, 3, num_layers=2), nn.GRU(2, 3, bidirectional=True), nn.LSTM(2, 3, proj_size=1), nn.LSTMCell(2, 3)],
)
def test_what_cannot_be_followed_is_refused(network):
    with pytest.raises(flow.FlowError):
        flow.gradient_flow(network, torch.zeros(3, 2), loss)
