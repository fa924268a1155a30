"""Exact sums: which past writes make up a cell state or a logit, and what pushed a gate. Arithmetic, no interpretation.

That a write was made *at* a token does not say that it was caused *by* it: input gate and candidate depend on the
hidden state too, and the forget gates that keep a write are set later.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np

from models.recurrent.lstm import LSTMLayer
from models.recurrent.record import Record
from models.recurrent.trace import MAPS, AffineMap, Array, LSTMTrace, Side
from models.translation.interventions import LARGEST
from models.translation.record import TranslationTrace
from models.translation.translator import Translator

Order = Literal["oldest first", "newest first", "mean of both"]


class LedgerError(ValueError):
    """Records that no ledger can be made of; the message says why."""


@dataclass(frozen=True, eq=False)
class CellLedger:
    """What every write makes up of a layer's cell state: ``c_T = f_1...f_T c_0 + sum over t of f_t+1...f_T i_t g_t``.

    The additive decomposition of Murdoch & Szlam 2017 (section 3), initial state included, for T steps and H units in
    double precision. Row 0 of every result is the initial state and row k + 1 what step k wrote.
    """

    initial: Array  # (H,), the cell state before the first step
    writes: Array  # (T, H), input gate times candidate, and what an intervention on the cell state added
    forget_gate: Array  # (T, H); 0 where the ledger starts anew
    cell_state: Array  # (T, H), as the run stored it
    starts_anew: Array  # (T, H), bool: cut at the bound, so that no sum makes up this state; it counts as one write

    @property
    def steps(self) -> int:
        return len(self.writes)

    def shares(self, step: int) -> Array:
        """How much is left of everything after ``step``, (step + 2, H), in [0, 1]: products of the forget gates since.

        Products, never quotients of products: where a forget gate is 0, nothing before it is left, and that is all.
        """
        since = np.cumprod(self.forget_gate[step::-1], axis=0)[::-1]  # row k: forget gates of the steps k..step
        return np.concatenate([since, np.ones((1, self.forget_gate.shape[1]))])

    def at(self, step: int) -> Array:
        """Signed contributions to the cell state after ``step``, (step + 2, H)."""
        return self.shares(step) * np.concatenate([self.initial[None], self.writes[: step + 1]])

    def everything(self) -> Array:
        """Contributions to every cell state, (T, T + 1, H): read after step t, written at row k; 0 for the future."""
        contributions = np.zeros((self.steps, self.steps + 1, len(self.initial)))
        for step in range(self.steps):
            contributions[step, : step + 2] = self.at(step)
        return contributions

    def residual(self) -> Array:
        """Sum of the contributions minus the stored cell state, (T, H): what rounding in the run leaves over."""
        sums = np.array([self.at(step).sum(axis=0) for step in range(self.steps)])
        return sums - self.cell_state

    def of(self, units: Sequence[int]) -> "CellLedger":
        """The ledger of some units alone, in this order."""
        chosen = list(units)
        return CellLedger(
            self.initial[chosen],
            *(part[:, chosen] for part in (self.writes, self.forget_gate, self.cell_state, self.starts_anew)),
        )

    def norms(self) -> Array:
        """Euclidean norm of each contribution over the units, (T, T + 1), as ``everything``. Norms do not add up."""
        return np.linalg.norm(self.everything(), axis=-1)

    def along(self, step: int) -> Array:
        """Contributions along the cell state after ``step``, (step + 2,): signed, adding up to its norm."""
        contributions = self.at(step)
        state = contributions.sum(axis=0)
        length = np.linalg.norm(state)
        return contributions @ (state / length) if length else np.zeros(len(contributions))


def cell_ledger(traces: Sequence[LSTMTrace], units: Sequence[int] | None = None) -> CellLedger:
    """The ledger of one layer over records of it that follow one another, as encoder and decoder of a translation do.

    Gates count as recorded, whatever set them; where a cell state was cut at its bound, the ledger starts anew
    there. A single backward trace is read in the order of its steps, last first.

    Args:
        traces: each starts from the cell state that the one before it ended with.
        units: of the layer, all if omitted.

    Raises:
        LedgerError: no trace, one of another cell than the LSTM, or traces that do not follow one another.
    """
    if not traces:
        raise LedgerError("a ledger needs a trace")
    if others := {trace.cell.name for trace in traces} - {"lstm"}:
        raise LedgerError(f"the ledger is that of an LSTM's cell state, not of a {others.pop()}")
    if len(traces) > 1:
        for before, after in pairwise(traces):
            if before.direction == "backward" or after.direction == "backward":
                raise LedgerError("a backward trace follows no other")
            if not np.array_equal(before.cell_state[-1], after.initial_cell_state):
                raise LedgerError("the traces do not follow one another: the cell state between them is not the same")
    onward = slice(None, None, -1 if traces[0].direction == "backward" else 1)
    chosen = slice(None) if units is None else list(units)

    def together(name: str) -> Array:
        return np.concatenate([getattr(trace, name)[onward][:, chosen] for trace in traces]).astype(np.float64)

    writes = together("input_gate") * together("candidate")
    if any(trace.cell_edit is not None for trace in traces):
        edits = [np.zeros_like(t.cell_state) if t.cell_edit is None else t.cell_edit for t in traces]
        writes += np.concatenate([edit[onward][:, chosen] for edit in edits])
    cell_state = together("cell_state")
    starts_anew = np.abs(cell_state) >= LARGEST
    return CellLedger(
        initial=traces[0].initial_cell_state[chosen].astype(np.float64),
        writes=np.where(starts_anew, cell_state, writes),
        forget_gate=np.where(starts_anew, 0, together("forget_gate")),
        cell_state=cell_state,
        starts_anew=starts_anew,
    )


def layer_ledger(record: Record, layer: int = -1, units: Sequence[int] | None = None) -> CellLedger:
    """The ledger over all steps of a record: each part goes on from the cell state that the one before ended with."""
    return cell_ledger(record.traces(layer), units)


@dataclass(frozen=True, eq=False)
class LogitLedger:
    """Why one token and not another: the difference of their logits at one step as an exact sum.

    ``logit_A - logit_B = bias + sum over s of attention_s + sum over k of memory_k``. For N writes, S source tokens and
    H units, in double precision.
    """

    difference: float  # of the two stored logits
    bias: float
    attention: Array  # (S,), one term for each source state, through its attention weight
    units: Array  # (H,), terms of the decoder's hidden state, unit by unit
    memory: Array  # (N,), the same terms by write: row 0 is the encoder's initial state, row k + 1 what step k wrote
    order: Order  # in which the writes were added

    @property
    def total(self) -> float:
        return float(self.bias + self.attention.sum() + self.memory.sum())

    @property
    def residual(self) -> float:
        """Sum of the terms minus the stored difference: what rounding in the run leaves over."""
        return self.total - self.difference


def logit_ledger(
    translator: Translator, translation: TranslationTrace, step: int, one: int, other: int,
    order: Order = "oldest first",
) -> LogitLedger:  # fmt: skip
    """Take the difference of two logits apart.

    The readout is linear in hidden state and context, and the context linear in the source states, so bias and
    attention parts are exact whatever the order. The hidden state ``o tanh(sum of writes)`` is not linear in the
    writes: each gets what tanh gains when it is added to those before it, which sums up exactly in any order but
    depends on it.

    Args:
        translator: the one that made the translation.
        step: of the decoder, 0..T-1.
        one, other: token numbers; the result explains why ``one`` scored higher than ``other``, or lower.
        order: in which the writes are added up; the mean takes half of each.

    Raises:
        IndexError: there is no such step or token.
    """
    T, V = translation.logits.shape
    for name, number, count in (("decoder step", step, T), ("token", one, V), ("token", other, V)):
        if not 0 <= number < count:
            raise IndexError(f"no {name} {number}: there are 0 to {count - 1}")
    parameters = translator.parameters
    embedding, bias = parameters["target_embedding.weight"], parameters["output_bias"]
    direction = embedding[one].astype(np.float64) - embedding[other]  # (E,)
    by_hidden = direction @ parameters["readout_hidden.weight"]  # (H,)
    by_context = direction @ parameters["readout_context.weight"]
    decoder = translation.decoder[-1]
    contributions = layer_ledger(translation).at(len(translation.source_tokens) + step)  # (N, H)
    shown = decoder.output_gate[step] * by_hidden
    logits = translation.logits[step]
    return LogitLedger(
        difference=float(logits[one]) - float(logits[other]),
        bias=float(bias[one]) - float(bias[other]),
        attention=translation.attention[step] * (translation.encoder[-1].hidden_state @ by_context),
        units=decoder.hidden_state[step] * by_hidden,
        memory=squashed(contributions, order) @ shown,
        order=order,
    )


def squashed(contributions: Array, order: Order) -> Array:
    """Split tanh of a sum over its (N, H) terms, (N, H): what tanh gains as each is added to those before it."""
    if order == "mean of both":
        return (squashed(contributions, "oldest first") + squashed(contributions, "newest first")) / 2
    onward = slice(None, None, 1 if order == "oldest first" else -1)
    sums = np.cumsum(contributions[onward], axis=0)
    return np.diff(np.tanh(sums), axis=0, prepend=0)[onward]


@dataclass(frozen=True, eq=False)
class Pushes:
    """What makes up the four pre-activations of one unit in one step; X inputs, H units, in double precision."""

    inputs: Array  # (4, X), weight times input; sums to the input part
    hidden: Array  # (4, H), weight times hidden state of the step before; sums to the memory part
    bias: Array  # (4,)
    pre_activation: Array  # (4,), as the run computed it
    input_part: Array  # (4,), as stored
    memory_part: Array  # (4,), as stored

    @property
    def residual(self) -> Array:
        """Sum of all pushes minus the pre-activation of the run, (4,)."""
        return self.inputs.sum(axis=1) + self.hidden.sum(axis=1) + self.bias - self.pre_activation

    def of(self, name: AffineMap) -> tuple[Array, Array]:
        """Pushes on one gate or the candidate, from the inputs, (X,), and from the hidden state, (H,)."""
        at = MAPS.index(name)
        return self.inputs[at], self.hidden[at]


def pushes(
    translator: Translator, translation: TranslationTrace, side: Side, step: int, unit: int, layer: int = 0
) -> Pushes:
    """What pushed the gates and the candidate of one unit: every input dimension and every hidden unit, signed.

    The lowest layer's input is the embedding of the token it read, a higher layer's the hidden state of the one below.
    """
    trace: LSTMTrace = getattr(translation, side)[layer]
    weights: LSTMLayer = getattr(translator, side).layers[layer]
    inputs = _inputs(translator, translation, side, step, layer).astype(np.float64)
    H = weights.hidden_size
    weight_ih, weight_hh = (w.reshape(4, H, -1)[:, unit] for w in (weights.weight_ih, weights.weight_hh))
    return Pushes(
        inputs=weight_ih * inputs,
        hidden=weight_hh * trace.previous_hidden_state[step].astype(np.float64),
        bias=trace.bias.packed[:, unit].astype(np.float64),
        pre_activation=trace.pre_activation.packed[step, :, unit].astype(np.float64),
        input_part=trace.input_part.packed[step, :, unit].astype(np.float64),
        memory_part=trace.memory_part.packed[step, :, unit].astype(np.float64),
    )


def _inputs(translator: Translator, translation: TranslationTrace, side: Side, step: int, layer: int) -> Array:
    if layer:
        return getattr(translation, side)[layer - 1].hidden_state[step]
    encodes = side == "encoder"
    vocabulary = translator.source_vocabulary if encodes else translator.target_vocabulary
    token = getattr(translation, side)[0].tokens[step]
    return translator.parameters[f"{'source' if encodes else 'target'}_embedding.weight"][vocabulary[token]]
