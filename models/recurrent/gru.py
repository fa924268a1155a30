"""The instrumented GRU: its equations in NumPy as torch computes them, everything recorded."""

from dataclasses import dataclass

import numpy as np

from models.recurrent.maps import MapLayer, MapStep, MapTrace
from models.recurrent.trace import Array, Cell, Described

GRU_MAPS = ("reset_gate", "update_gate", "candidate")  # in the order in which torch packs them: r, z, n
GRU_CELL = Cell(
    "gru",
    (
        Described(
            "reset_gate", "gate",
            "A unit with a reset gate of 1 would let all that it remembers into its candidate, one of 0 nothing. The "
            "gate multiplies what the weights have made of the memory, not the memory itself.",
        ),
        Described(
            "update_gate", "gate",
            "A unit with an update gate of 1 would keep its hidden state, one of 0 would replace it by its candidate: "
            "h = (1 − z) ⊙ n + z ⊙ h₋₁. Others write z for 1 − z.",
        ),
        Described("candidate", "signed", "What the hidden state is replaced by, as far as the update gate is shut."),
        Described("hidden_state", "signed", "It lies between its value before and the candidate."),
    ),
    states=("hidden_state",),
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class GRUTrace(MapTrace):
    """What one GRU layer computed: gates in [0, 1], candidate and hidden state in [-1, 1]."""

    cell = GRU_CELL

    reset_gate: Array  # (T, H), as are the next two
    update_gate: Array
    candidate: Array


class GRULayer(MapLayer):
    """One layer in one direction (Cho et al. 2014, section 2.3), with the reset gate after the product, as in torch.

    r = σ(W_ir x + b_ir + W_hr h + b_hr), z likewise, n = tanh(W_in x + b_in + r ⊙ (W_hn h + b_hn)), and
    h' = (1 − z) ⊙ n + z ⊙ h. The paper multiplies h by r before the product.
    """

    trace_type = GRUTrace

    def squash(self, read: Array, remembered: Array, before: Array, step: MapStep) -> None:
        gates = step.activation[..., :2, :]
        np.tanh(0.5 * (read[..., :2, :] + remembered[..., :2, :]), out=gates)
        gates *= 0.5
        gates += 0.5  # sigmoid(x) = 1/2 tanh(x/2) + 1/2
        reset, update, candidate = (step.activation[..., place, :] for place in range(3))
        np.tanh(read[..., 2, :] + reset * remembered[..., 2, :], out=candidate)
        np.add((1 - update) * candidate, update * before, out=step.hidden_state)

    def gates(self, steps: MapStep) -> dict[str, Array]:
        return {name: steps.activation[:, place] for place, name in enumerate(GRU_MAPS)}
