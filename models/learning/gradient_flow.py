"""How a loss depends on every state on the way to it, exactly, by autograd.

Three quantities that are often taken for one another, and differ (Hochreiter & Schmidhuber 1997, section 3; Pascanu et
al. 2013, section 2.1): the gradient of a loss, which sums over all paths from a state to it; the Jacobian of the last
state by an earlier one, along every path but of no loss; and the product of the forget gates, which is one path alone.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from models.learning.flows import GradientFlow
from models.learning.network import Encoding, TranslatorNetwork
from models.recurrent.trace import Array

Recurrent = nn.LSTM | nn.GRU | nn.RNN
State = tuple[Tensor, ...]  # hidden state, and of an LSTM the cell state, each (1, H)


class FlowError(ValueError):
    """A network whose gradients this module cannot follow."""


def gradient_flow(
    network: Recurrent, inputs: Tensor, loss: Callable[[Tensor], Tensor], jacobian: bool = True
) -> GradientFlow:  # fmt: skip
    """Follow a loss through one layer that reads one sequence from a zero state.

    Args:
        network: of one layer in one direction; all is computed in its precision.
        inputs: (S, X).
        loss: takes the hidden states, (S, H), and gives one number.
        jacobian: without it, which takes longest, ``jacobian`` is all NaN.

    Raises:
        FlowError: several layers, two directions, a projection or another kind of network.
    """
    check(network)
    read = inputs.detach().clone().requires_grad_()
    course = unrolled(network, read, zero_state(network))
    value = loss(torch.cat([state[0] for state in course[1:]]))
    return flow_of([network] * len(inputs), course, (read,), value, jacobian)


def translation_flow(
    network: TranslatorNetwork, source: Sequence[int], target: Sequence[int], start: int, logit_of: int | None = None
) -> GradientFlow:
    """Follow the loss of written tokens, -log p summed, through decoder and encoder under teacher forcing.

    The states are those of the encoder and then those of the decoder, which starts from the encoder's last: S is the
    number of source tokens and of written ones. Gradients go through the attention, too; Jacobian and path do not.

    Args:
        network: in ``eval()``.
        source: token numbers, language tag and end included.
        target: token numbers that were written, the end included; ``start`` is read before the first.
        logit_of: of ``target``, from 0: follow the logit of this token instead of the loss. ``jacobian``, which takes
            longest, is then all NaN.

    Raises:
        FlowError: several layers.
    """
    check(network.encoder)
    read = network.source_embedding(torch.tensor(list(source))).detach().requires_grad_()
    written = network.target_embedding(torch.tensor([start, *list(target)[:-1]])).detach().requires_grad_()
    encoded = unrolled(network.encoder, read, zero_state(network.encoder))
    decoded = unrolled(network.decoder, written, encoded[-1])
    states, hidden = (torch.cat([state[0] for state in course[1:]]) for course in (encoded, decoded))
    is_padding = torch.zeros(1, len(states), dtype=torch.bool)
    context, _ = network.attend(hidden[None], Encoding(states[None], is_padding, encoded[-1]))
    logits = network.predict(hidden[None], context)[0]
    if logit_of is None:
        value = nn.functional.cross_entropy(logits, torch.tensor(list(target)), reduction="sum")
    else:
        value = logits[logit_of, target[logit_of]]
    cells = [network.encoder] * len(read) + [network.decoder] * len(written)
    return flow_of(cells, [*encoded, *decoded[1:]], (read, written), value, jacobian=logit_of is None)


def check(network: Any) -> None:
    if type(network) not in (nn.LSTM, nn.GRU, nn.RNN):
        raise FlowError(f"only torch.nn.LSTM, GRU and RNN have a flow, not {type(network).__name__}")
    if network.num_layers > 1 or network.bidirectional or network.proj_size:
        raise FlowError("gradients are followed through one layer in one direction, without projection")


def zero_state(network: Recurrent) -> State:
    parts = 2 if isinstance(network, nn.LSTM) else 1
    return tuple(network.weight_hh_l0.new_zeros(1, network.hidden_size).requires_grad_() for _ in range(parts))


def unrolled(network: Recurrent, inputs: Tensor, initial: State) -> list[State]:
    """The states before the first step and after each, in all of which the gradient is kept."""
    course = [initial]
    for read in inputs:
        course.append(step(network, read, course[-1]))
    for state in course:
        for part in state:
            part.retain_grad()
    return course


def step(network: Recurrent, read: Tensor, state: State) -> State:
    """One step as torch's own cells compute it."""
    weights = [network.weight_ih_l0, network.weight_hh_l0]
    biases = [network.bias_ih_l0, network.bias_hh_l0] if network.bias else [None, None]
    if isinstance(network, nn.LSTM):
        return torch._VF.lstm_cell(read[None], state, *weights, *biases)
    if isinstance(network, nn.GRU):
        cell = torch._VF.gru_cell
    else:
        cell = torch._VF.rnn_relu_cell if network.nonlinearity == "relu" else torch._VF.rnn_tanh_cell
    return (cell(read[None], state[0], *weights, *biases),)


def flow_of(
    cells: Sequence[Recurrent], course: Sequence[State], inputs: Sequence[Tensor], value: Tensor, jacobian: bool = True
) -> GradientFlow:
    """Go back from a loss to every state of a course, whose steps are those of ``cells`` on ``inputs``."""
    value.backward()
    norms = np.array([[0.0 if part.grad is None else float(part.grad.norm()) for part in state] for state in course])
    reads = torch.cat([part.detach() for part in inputs])
    states = [tuple(part.detach() for part in state) for state in course]
    steps = list(zip(cells, reads, states[:-1], strict=True))
    return GradientFlow(
        hidden_state=norms[:, 0],
        cell_state=norms[:, 1] if norms.shape[1] > 1 else None,
        jacobian=jacobian_norms(steps) if jacobian else np.full(len(course), np.nan),
        path=None if isinstance(cells[0], nn.RNN) else gate_products(steps),
        inputs=torch.cat([part.grad for part in inputs]).norm(dim=1).double().numpy(),
        loss=value.item(),
    )


Steps = Sequence[tuple[Recurrent, Tensor, State]]  # of each step: its cell, its input, the state before it


def jacobian_norms(steps: Steps) -> Array:
    """Spectral norm of the derivative of the last state by the state before each step, and by itself, (S + 1,)."""
    product = None
    norms = [1.0]
    for cell, read, state in reversed(steps):

        def after(packed: Tensor, cell: Recurrent = cell, read: Tensor = read) -> Tensor:
            return torch.cat(step(cell, read, packed.split(cell.hidden_size, dim=1)), dim=1)[0]

        one = torch.func.jacrev(after)(torch.cat(state, dim=1)).detach()[:, 0]
        product = one if product is None else product @ one
        norms.append(float(torch.linalg.matrix_norm(product, ord=2)))
    return np.array(norms[::-1])


@torch.no_grad()
def gate_products(steps: Steps) -> Array:
    """The forget gates, of a GRU the update gates, after each state multiplied, (S + 1, H)."""
    products = [torch.ones_like(steps[0][2][0][0])]
    for cell, read, ((hidden,), *_) in reversed(steps):
        rows = slice(cell.hidden_size, 2 * cell.hidden_size)  # the second block of torch's weights in both cells
        gate = cell.weight_ih_l0[rows] @ read + cell.weight_hh_l0[rows] @ hidden
        if cell.bias:
            gate = gate + cell.bias_ih_l0[rows] + cell.bias_hh_l0[rows]
        products.append(products[-1] * gate.sigmoid())
    return torch.stack(products[::-1]).double().numpy()
