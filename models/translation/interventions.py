"""Edits to a run as plain values: what is changed, where, and to what. They leave nothing behind on the model.

An edited run is a true recomputation: from the first touched step on, everything later is computed from edited values.
Nothing before that step is touched, so it stays the same to the last bit.
"""

import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from functools import cached_property
from typing import Any, Literal, get_args

import numpy as np

from models.language.text import excerpt, one_line
from models.recurrent.trace import MAPS, Array, LSTMTrace, Side, StepEdit
from models.translation.record import TranslationTrace

Target = Literal[
    "input_gate", "forget_gate", "candidate", "output_gate", "cell_state", "hidden_state", "attention", "token"
]  # fmt: skip
Kind = Literal["set", "scale", "add", "mean", "patch", "permute"]
TARGETS: tuple[Target, ...] = get_args(Target)
KINDS: tuple[Kind, ...] = get_args(Kind)
OF_UNITS = TARGETS[:6]
MOST = 16  # interventions at once: an address must hold them
LARGEST = 1e6  # no value goes further from 0: beyond, single precision could not be computed with for a whole run
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
    ``donor_step`` and the steps after it. Attention weights are those of the source states in ``units``; as soon as
    the numbers change, not only their order, they are scaled to sum to 1 again, unless all are 0: then nothing is read
    from the source. ``permute`` shuffles them by a generator with the seed ``value``, in the same way at every step. A
    token is set to the number ``value``. What is edited stays within ``LARGEST``.
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
                given = excerpt(repr(getattr(self, name)))
                raise InterventionError(f"{name} is {given}; known are {', '.join(known)}")
        _check_whole("layer", self.layer)
        _check_whole("first", self.first)
        if self.last is not None:
            _check_whole("last", self.last)
            if self.last < self.first:
                raise InterventionError(f"the last step, {self.last}, comes before the first, {self.first}")
        for unit in self.units:
            _check_whole("unit", unit)
        for value in (self.value, *self.values):
            if isinstance(value, bool) or not isinstance(value, int | float) or not -LARGEST <= value <= LARGEST:
                raise InterventionError(
                    f"the value is {value!r:.20}, expected a finite number from {-LARGEST:,.0f} to {LARGEST:,.0f}"
                )
        if self.values and (self.kind != "set" or len(self.values) != len(self.units)):
            raise InterventionError("several values are set one for each unit")
        if self.donor_step is not None:
            _check_whole("donor_step", self.donor_step)
        is_text = isinstance(self.network, str) and self.network.isascii()
        if not is_text or len(self.network) > LONGEST_FINGERPRINT:
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
    if type(value) is not int or not 0 <= value <= LARGEST:
        raise InterventionError(f"{name} is {value!r:.20}, expected a whole number from 0 to {LARGEST:,.0f}")


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
        donor = Donor(one_line(donor["sentence"]), one_line(donor["language"]))
    return Intervention(**{**entry, "units": tuple(units), "values": tuple(values), "donor": donor})


# --- made ready for a run

Change = Callable[[int, Array], None]  # gets the step and an array of values, and changes these in place


@dataclass(frozen=True, eq=False)
class Edits:
    """Interventions made ready for one run, or for a batch of runs: which values each step of each layer changes."""

    interventions: tuple[Intervention, ...]
    replacements: tuple[Array | None, ...]  # one each: a mean, (H,), or what another run had, (steps, H)
    units: tuple[Array | None, ...]  # one each: (n,), or (B, n) where each run of a batch has its own; None for all

    def for_rows(self, units: Sequence[Array | None]) -> "Edits":
        """The same edits for a batch of B runs: what was (H,) is then (B, H).

        ``units`` has, for each intervention, the (B, n) units that it acts on in each run; or (n,), or None for all, in
        every run alike. Means and values of another run are those of each run's own units.
        """
        return replace(self, units=tuple(units))

    @cached_property
    def _changes(self) -> dict[tuple[Side, int] | Target, list[tuple[Intervention, Change]]]:
        """What changes the units of each layer, and attention."""
        found: dict[tuple[Side, int] | Target, list[tuple[Intervention, Change]]] = {}
        for each, replacement, units in zip(self.interventions, self.replacements, self.units, strict=True):
            of = (each.side, each.layer) if each.target in OF_UNITS else each.target
            found.setdefault(of, []).append((each, _change(each, replacement, units)))
        return found

    def begin(self, side: Side) -> int | None:
        """The first step of a side that is touched; None where none is."""
        return min((each.first for each in self.interventions if each.side == side), default=None)

    def of(self, side: Side, layer: int, step: int) -> StepEdit | None:
        """What to change in this step of this layer; None where nothing is, which then costs nothing."""
        due: dict[str, list[Change]] = {}
        for each, change in self._changes.get((side, layer), ()):
            if each.touches(step):
                due.setdefault(each.target, []).append(change)
        if not due:
            return None

        def edit(name: str, values: Array) -> None:
            for change in due.get(name, ()):
                change(step, values)
            if name == "cell_state":  # gates that were edited can make it grow from step to step
                _bounded(values, out=values)

        return edit

    def noted_in(self, trace: LSTMTrace, side: Side) -> LSTMTrace:
        """A trace of a run with these edits, which says what they added to the cell state past all gates."""
        if (side, trace.layer) not in self._changes:
            return trace
        is_edited = np.abs(trace.cell_state) >= LARGEST
        for each, _ in self._changes[side, trace.layer]:
            if each.target == "cell_state":
                last = len(is_edited) if each.last is None else each.last + 1
                is_edited[each.first : last, list(each.units) or slice(None)] = True
        if not is_edited.any():
            return trace
        kept, written = trace.forget_gate * trace.previous_cell_state, trace.input_gate * trace.candidate
        return replace(trace, cell_edit=np.where(is_edited, trace.cell_state - (kept + written), 0))

    def attention(self, step: int, weights: Array) -> Array:
        """Attention weights of a decoder step, (..., S), changed and scaled to sum to 1 again.

        Weights that are as they were, or in another order, sum to what they did: those are not scaled, which would only
        round. The same array where nothing is due.
        """
        due = [change for each, change in self._changes.get("attention", ()) if each.touches(step)]
        if not due:
            return weights
        edited = weights.copy()
        for change in due:
            change(step, edited)
        np.maximum(edited, 0, out=edited)
        if np.array_equal(np.sort(edited), np.sort(weights)):
            return edited
        sums = edited.sum(axis=-1, keepdims=True)
        return np.divide(edited, sums, out=np.zeros_like(edited), where=sums > 0)

    def token(self, step: int) -> int | None:
        """The token that a decoder step has to write, whatever is most probable; the last one listed counts."""
        chosen = None
        for each in self.interventions:
            if each.target == "token" and each.touches(step):
                chosen = int(each.value)
        return chosen


NO_EDITS = Edits((), (), ())


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
    for each in listed:
        if each.network not in ("", network):
            raise InterventionError("this intervention was made for another network, whose units are others")
        steps = source_steps if each.side == "encoder" else target_steps
        wide = source_steps if each.target == "attention" else units
        _check_within("layer", each.layer, layers)
        _check_within(f"{each.side} step", each.first, steps)
        for unit in each.units:
            _check_within("source state" if each.target == "attention" else "unit", unit, wide)
        if each.target == "token":
            if each.value != int(each.value):
                raise InterventionError(f"token is {each.value}, expected a whole number")
            _check_within("token", int(each.value), tokens)
    return Edits(
        listed,
        tuple(_replacement(each, means, run_of) for each in listed),
        tuple(np.array(each.units, np.intp) if each.units else None for each in listed),
    )


def _check_within(name: str, value: int, count: int) -> None:
    if not 0 <= value < count:
        raise InterventionError(f"there is no {name} {value} in this run: there are 0 to {count - 1}")


def _replacement(
    each: Intervention, means: Means | None, run_of: Callable[[Donor], TranslationTrace] | None
) -> Array | None:
    """What values are replaced by: the mean of each unit, (H,), or what the other run had, (steps, H)."""
    if each.kind == "mean":
        found = (means or {}).get((each.side, each.layer, each.target))
        if found is None:
            raise InterventionError(f"there is no recorded mean of the {each.side}'s {each.target}")
        return found
    if each.kind == "patch":
        if run_of is None or each.donor is None:
            raise InterventionError("there is no other run to take values from")
        donor = getattr(run_of(each.donor), each.side)
        _check_within("layer", each.layer, len(donor))
        return getattr(donor[each.layer], each.target)
    return None


def _change(each: Intervention, replacement: Array | None, units: Array | None) -> Change:
    where = ... if units is None else (..., units) if units.ndim == 1 else (np.arange(len(units))[:, None], units)
    if each.kind == "mean":
        return _replace(where, _of_units(replacement, units))
    if each.kind == "patch":
        return _patch(each, where, units, replacement)
    if each.kind == "permute":
        return _permute(int(each.value), where)
    if each.kind == "set":
        return _replace(where, np.array(each.values or each.value))
    return _arithmetic(each.kind, where, each.value)


def _of_units(values: Array, units: Array | None) -> Array:
    return values if units is None else values[units]


def _replace(where: Any, replacement: Array) -> Change:
    def change(step: int, values: Array) -> None:
        values[where] = replacement

    return change


def _patch(each: Intervention, where: Any, units: Array | None, other: Array) -> Change:
    def change(step: int, values: Array) -> None:
        at = step if each.donor_step is None else each.donor_step + step - each.first
        if at < len(other):  # or the other run has ended
            values[where] = _of_units(other[at], units)

    return change


def _permute(seed: int, where: Any) -> Change:
    def change(step: int, values: Array) -> None:
        chosen = values[where]
        values[where] = chosen[..., np.random.default_rng(seed).permutation(chosen.shape[-1])]

    return change


def _arithmetic(kind: Kind, where: Any, value: float) -> Change:
    combine = np.multiply if kind == "scale" else np.add

    def change(step: int, values: Array) -> None:
        values[where] = _bounded(combine(values[where], values.dtype.type(value)))

    return change


def _bounded(values: Array, out: Array | None = None) -> Array:
    return np.minimum(np.maximum(values, -LARGEST, out=out), LARGEST, out=out)


assert set(MAPS) < set(OF_UNITS)
