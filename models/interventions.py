"""Edits to a run as plain values: what is changed, where, and to what. They leave nothing behind on the model.

An edited run is a true recomputation: from the first touched step on, everything later is computed from edited values.
Nothing before that step is touched, so it stays the same to the last bit.
"""

import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal, get_args

import numpy as np

from models.lstm import StepEdit
from models.trace import MAPS, Array, Side, Trace, TranslationTrace

Target = Literal[
    "input_gate", "forget_gate", "candidate", "output_gate", "cell_state", "hidden_state", "attention", "token"
]  # fmt: skip
Kind = Literal["set", "scale", "add", "mean", "patch", "permute"]
TARGETS: tuple[Target, ...] = get_args(Target)
KINDS: tuple[Kind, ...] = get_args(Kind)
OF_UNITS = TARGETS[:6]
MOST = 16  # interventions at once: an address must hold them
LONGEST_FINGERPRINT = 16
Means = Mapping[tuple[Side, int, Target], Array]  # of recorded sentences: side, layer and quantity to (H,)


class InterventionError(ValueError):
    """An intervention that makes no sense, or not in this run; the message says why."""


@dataclass(frozen=True)
class Donor:
    """Another run that values are patched from: a greedy translation by the same network."""

    sentence: str
    language: str


@dataclass(frozen=True)
class Intervention:
    """One edit: ``target`` of some units of a layer, in a range of steps, set, scaled, added to or replaced.

    ``mean`` replaces by the mean over recorded sentences, ``patch`` by what another run had at the same step, or at
    ``donor_step`` and the steps after it. Attention weights are those of the source positions in ``units``; whatever
    the edit, they are scaled to sum to 1 again, unless all are 0: then nothing is read from the source. ``permute``
    shuffles them by a generator with the seed ``value``, in the same way at every step. A token is set to the number
    ``value``.
    """

    target: Target
    kind: Kind = "set"
    side: Side = "decoder"
    layer: int = 0
    units: tuple[int, ...] = ()  # all of them if empty
    first: int = 0  # steps from here
    last: int | None = None  # up to and with this one; to the end if None
    value: float = 0.0
    values: tuple[float, ...] = ()  # one for each of ``units``, instead of ``value`` for all
    donor: Donor | None = None
    donor_step: int | None = None
    network: str = ""  # fingerprint of the network whose units these are; "" where any would do

    def __post_init__(self) -> None:
        for name, known in (("target", TARGETS), ("kind", KINDS), ("side", get_args(Side))):
            if getattr(self, name) not in known:
                raise InterventionError(f"{name} is {getattr(self, name)!r}; known are {', '.join(known)}")
        _check_whole("layer", self.layer)
        _check_whole("first", self.first)
        if self.last is not None:
            _check_whole("last", self.last)
            if self.last < self.first:
                raise InterventionError(f"the last step, {self.last}, comes before the first, {self.first}")
        for unit in self.units:
            _check_whole("unit", unit)
        for value in (self.value, *self.values):
            if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
                raise InterventionError(f"the value is {value!r}, expected a finite number")
        if self.values and (self.kind != "set" or len(self.values) != len(self.units)):
            raise InterventionError("several values are set one for each unit")
        if self.donor_step is not None:
            _check_whole("donor_step", self.donor_step)
        if not isinstance(self.network, str) or len(self.network) > LONGEST_FINGERPRINT:
            raise InterventionError("network: expected the fingerprint of one")
        if (self.kind == "patch") != (self.donor is not None):
            raise InterventionError("a patch needs a run to take values from, and nothing else takes any")
        if self.target in ("attention", "token") and self.side != "decoder":
            raise InterventionError(f"only the decoder has {self.target}s to change")
        if self.target == "token" and self.kind != "set":
            raise InterventionError("a token can only be set")
        if self.target == "attention" and self.kind in ("mean", "patch"):
            raise InterventionError("attention weights can be set, scaled, added to or permuted")
        if self.kind == "permute" and (self.target != "attention" or self.value < 0 or self.value != int(self.value)):
            raise InterventionError("only attention weights can be permuted, with a whole number from 0 on as the seed")

    def touches(self, step: int) -> bool:
        return self.first <= step and (self.last is None or step <= self.last)


def _check_whole(name: str, value: Any) -> None:
    if type(value) is not int or value < 0:
        raise InterventionError(f"{name} is {value!r}, expected a whole number from 0 on")


# --- as text


def to_json(interventions: Sequence[Intervention]) -> str:
    """Short JSON: what is as by default is left out."""
    defaults = {field.name: field.default for field in fields(Intervention)}
    entries = [
        {name: value for name, value in asdict(each).items() if name == "target" or value != defaults[name]}
        for each in interventions
    ]
    return json.dumps(entries, ensure_ascii=False, separators=(",", ":"))


def from_json(text: str) -> tuple[Intervention, ...]:
    """Read what ``to_json`` wrote.

    Raises:
        InterventionError: text of another kind; the message says what is wrong with it.
    """
    try:
        entries = json.loads(text, parse_constant=lambda name: math.nan)
    except (ValueError, RecursionError) as error:
        raise InterventionError("the interventions are not JSON") from error
    if not isinstance(entries, list) or len(entries) > MOST:
        raise InterventionError(f"expected a list of at most {MOST} interventions")
    return tuple(map(_from_entry, entries))


def _from_entry(entry: Any) -> Intervention:
    if not isinstance(entry, dict) or "target" not in entry or entry.keys() - {f.name for f in fields(Intervention)}:
        raise InterventionError("expected an intervention with a target and other known parts")
    units, values, donor = entry.get("units", ()), entry.get("values", ()), entry.get("donor")
    if not isinstance(units, list | tuple) or not isinstance(values, list | tuple):
        raise InterventionError("units and values: expected lists of numbers")
    if donor is not None:
        if not isinstance(donor, dict) or not all(
            isinstance(donor.get(name), str) for name in ("sentence", "language")
        ):
            raise InterventionError("donor: expected a sentence and a language")
        donor = Donor(donor["sentence"], donor["language"])
    return Intervention(**{**entry, "units": tuple(units), "values": tuple(values), "donor": donor})


# --- made ready for a run

Change = Callable[[Array], None]  # changes an array of values in place


@dataclass(frozen=True, eq=False)
class Edits:
    """Interventions made ready for one run: which values each step of each layer has to change."""

    interventions: tuple[Intervention, ...]
    changes: tuple[Callable[[int], Change], ...]  # one each: step to change

    def of(self, side: Side, layer: int, step: int) -> StepEdit | None:
        """What to change in this step of this layer; None where nothing is, which then costs nothing."""
        due = [
            (each.target, change(step))
            for each, change in zip(self.interventions, self.changes, strict=True)
            if each.side == side and each.layer == layer and each.target in OF_UNITS and each.touches(step)
        ]
        if not due:
            return None

        def edit(name: str, values: Array) -> None:
            for target, change in due:
                if target == name:
                    change(values)

        return edit

    def noted_in(self, trace: Trace, side: Side) -> Trace:
        """A trace of a run with these edits, which says what they added to the cell state past all gates."""
        is_edited = np.zeros(trace.cell_state.shape, bool)
        for each in self.interventions:
            if (each.side, each.layer, each.target) == (side, trace.layer, "cell_state"):
                last = len(is_edited) if each.last is None else each.last + 1
                is_edited[each.first : last, list(each.units) or slice(None)] = True
        if not is_edited.any():
            return trace
        kept, written = trace.forget_gate * trace.previous_cell_state, trace.input_gate * trace.candidate
        return replace(trace, cell_edit=np.where(is_edited, trace.cell_state - (kept + written), 0))

    def attention(self, step: int, weights: Array) -> Array:
        """Attention weights of a decoder step, (..., S), changed and scaled to sum to 1 again; or the same array."""
        due = [
            change(step)
            for each, change in zip(self.interventions, self.changes, strict=True)
            if each.target == "attention" and each.touches(step)
        ]
        if not due:
            return weights
        edited = weights.copy()
        for change in due:
            change(edited)
        np.maximum(edited, 0, out=edited)
        sums = edited.sum(axis=-1, keepdims=True)
        return np.divide(edited, sums, out=np.zeros_like(edited), where=sums > 0)

    def token(self, step: int) -> int | None:
        """The token that a decoder step has to write, whatever is most probable; the last one listed counts."""
        chosen = None
        for each in self.interventions:
            if each.target == "token" and each.touches(step):
                chosen = int(each.value)
        return chosen


NO_EDITS = Edits((), ())


def prepare(
    interventions: Iterable[Intervention], *, layers: int, units: int, source_steps: int, target_steps: int,
    tokens: int, network: str = "", means: Means | None = None,
    run_of: Callable[[Donor], TranslationTrace] | None = None,
) -> Edits:  # fmt: skip
    """Make interventions ready for a run.

    Args:
        layers, units: of both LSTMs.
        source_steps: of this run. ``target_steps``: as many as a translation may have.
        tokens: of the target vocabulary.
        network: the fingerprint of this one; "" if it has none.
        means: over recorded sentences, for ``mean``.
        run_of: gives the run of a donor, for ``patch``.

    Raises:
        InterventionError: a layer, unit, step or token that this run does not have, or values that are not at hand.
    """
    listed = tuple(interventions)
    if len(listed) > MOST:
        raise InterventionError(f"expected at most {MOST} interventions, these are {len(listed)}")
    changes = []
    for each in listed:
        if each.network not in ("", network):
            raise InterventionError("this intervention was made for another network, whose units are others")
        steps = source_steps if each.side == "encoder" else target_steps
        wide = source_steps if each.target == "attention" else units
        _check_within("layer", each.layer, layers)
        _check_within(f"{each.side} step", each.first, steps)
        for unit in each.units:
            _check_within("source position" if each.target == "attention" else "unit", unit, wide)
        if each.target == "token":
            if each.value != int(each.value):
                raise InterventionError(f"token is {each.value}, expected a whole number")
            _check_within("token", int(each.value), tokens)
        changes.append(_change(each, means, run_of))
    return Edits(listed, tuple(changes))


def _check_within(name: str, value: int, count: int) -> None:
    if not 0 <= value < count:
        raise InterventionError(f"there is no {name} {value} in this run: there are 0 to {count - 1}")


def _change(
    each: Intervention, means: Means | None, run_of: Callable[[Donor], TranslationTrace] | None
) -> Callable[[int], Change]:  # fmt: skip
    where = (..., list(each.units)) if each.units else ...
    if each.kind == "mean":
        found = (means or {}).get((each.side, each.layer, each.target))
        if found is None:
            raise InterventionError(f"there is no recorded mean of the {each.side}'s {each.target}")
        return lambda step: _replace(where, found[where])
    if each.kind == "patch":
        return _patch(each, where, run_of)
    if each.kind == "permute":
        return lambda step: _permute(int(each.value))
    if each.values:
        return lambda step: _replace(where, np.array(each.values))
    return lambda step: _arithmetic(each.kind, where, each.value)


def _patch(
    each: Intervention, where: Any, run_of: Callable[[Donor], TranslationTrace] | None
) -> Callable[[int], Change]:
    if run_of is None or each.donor is None:
        raise InterventionError("there is no other run to take values from")
    donor = getattr(run_of(each.donor), each.side)
    _check_within("layer", each.layer, len(donor))
    values = getattr(donor[each.layer], each.target)

    def change(step: int) -> Change:
        at = step if each.donor_step is None else each.donor_step + step - each.first
        if at >= len(values):
            return lambda array: None  # the other run has ended
        return _replace(where, values[at][where])

    return change


def _replace(where: Any, replacement: Array) -> Change:
    def change(values: Array) -> None:
        values[where] = replacement

    return change


def _permute(seed: int) -> Change:
    def change(values: Array) -> None:
        values[...] = values[..., np.random.default_rng(seed).permutation(values.shape[-1])]

    return change


def _arithmetic(kind: Kind, where: Any, value: float) -> Change:
    def change(values: Array) -> None:
        if kind == "set":
            values[where] = value
        elif kind == "scale":
            values[where] *= values.dtype.type(value)
        else:
            values[where] += values.dtype.type(value)

    return change


assert set(MAPS) < set(OF_UNITS)
