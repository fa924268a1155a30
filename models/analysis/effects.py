"""What interventions do to a translation, and what the same ones do to random sets of as many units.

Three measures. ``tokens_changed``: insertions, deletions and replacements of tokens, ``</s>`` among them, that lead
from the original greedy translation to the one under the interventions. ``log_probability``: the log-probability of the
original translation under the interventions less its log-probability without them, in nats. ``divergence``: the
Kullback-Leibler divergence KL(p || q) of each step in nats, p what the original run expected and q what the edited one
does, summed over the steps. The last two come from teacher forcing: the edited network reads the original tokens,
whatever it would have written itself. An intervention on tokens therefore acts on the first measure alone.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal, get_args

import numpy as np

from models.analysis.alignment import tokens_changed
from models.recurrent.lstm import State
from models.recurrent.trace import Array
from models.translation.attention import attend_batch
from models.translation.interventions import OF_UNITS, Edits, Intervention, Means
from models.translation.record import TranslationTrace
from models.translation.translator import MAX_TARGET_TOKENS, Source, Translator

Measure = Literal["tokens_changed", "log_probability", "divergence"]
MEASURES: tuple[Measure, ...] = get_args(Measure)
ROUNDING: dict[Measure, float] = {"tokens_changed": 0, "log_probability": 1e-4, "divergence": 1e-4}  # closer are ties
ROWS = 50  # random sets that are computed together


class EffectsError(ValueError):
    """An effect that cannot be measured; the message says why."""


@dataclass(frozen=True, eq=False)
class Effect:
    """What interventions do to a translation of T tokens."""

    interventions: tuple[Intervention, ...]
    target_tokens: tuple[str, ...]  # of the greedy translation under them
    text: str
    tokens_changed: int  # between the original translation and this one
    log_probability_change: float  # of the original translation, in nats, by teacher forcing
    divergences: Array  # (T,), KL(original || edited) of each step in nats, by teacher forcing; never negative

    @property
    def divergence(self) -> float:
        """Summed over the steps of the original translation."""
        return float(self.divergences.sum())

    @property
    def mean_divergence(self) -> float:
        """Of a step of the original translation."""
        return float(self.divergences.mean())

    def value(self, measure: Measure) -> float:
        """With its sign."""
        return {
            "tokens_changed": self.tokens_changed,
            "log_probability": self.log_probability_change,
            "divergence": self.divergence,
        }[measure]


def effect(
    translator: Translator, base: TranslationTrace, interventions: Sequence[Intervention], means: Means | None = None
) -> Effect:  # fmt: skip
    """What interventions do to a translation.

    Args:
        base: the greedy translation by ``translator`` without interventions.
        means: over recorded sentences, for ``mean``.

    Raises:
        EffectsError: ``base`` is no greedy translation by this translator.
        InterventionError, SentenceError: as for ``Translator.edits``.
    """
    original = _original(translator, base)
    edits = translator.edits(original.source, interventions, means)
    return _effects(translator, original, edits, [tuple(interventions)])[0]


# --- random sets of units


def has_control(interventions: Sequence[Intervention]) -> bool:
    """Whether random sets of units can stand in for these: one of them at least must name units of a layer."""
    return any(each.target in OF_UNITS and each.units for each in interventions)


def controls(
    translator: Translator, base: TranslationTrace, interventions: Sequence[Intervention], count: int, seed: int,
    means: Means | None = None, rows: int = ROWS,
) -> Iterator[list[Effect]]:  # fmt: skip
    """What the same interventions do to ``count`` random sets of as many units.

    Yields some at a time, ``rows`` at most, each lot before the next is computed. Each random set is drawn as
    ``random_set`` says, from one generator: with the same seed, a smaller count gives the first of a larger one.

    Raises:
        EffectsError: no intervention names units, or ``base`` is no greedy translation by this translator.
        InterventionError, SentenceError: as for ``Translator.edits``.
    """
    if not has_control(interventions):
        raise EffectsError(
            "No intervention names units, so there are no random sets of units to compare with: choose some units."
        )
    original = _original(translator, base)
    edits = translator.edits(original.source, interventions, means)
    generator = np.random.default_rng(seed)
    sets = (random_set(interventions, generator, translator) for _ in range(count))
    return _in_lots(translator, original, edits, sets, rows)


def _in_lots(
    translator: Translator, original: "_Original", edits: Edits, sets: Iterator[tuple[Intervention, ...]], rows: int
) -> Iterator[list[Effect]]:
    while lot := [drawn for _, drawn in zip(range(rows), sets)]:
        yield _effects(translator, original, edits, lot)


def random_set(
    interventions: Sequence[Intervention], generator: np.random.Generator, translator: Translator
) -> tuple[Intervention, ...]:
    """The same interventions on units drawn at random.

    For each layer, of encoder and decoder alike, all unit numbers are shuffled, and each unit that is named is replaced
    by the one in its place. So sets keep their sizes, and units that two interventions share stay shared. Units of ours
    may be among those drawn. Interventions that name no units of a layer stay as they are.
    """
    units = translator.config.hidden_size
    shuffled = [generator.permutation(units).tolist() for _ in range(translator.config.layers)]
    return tuple(
        replace(each, units=tuple(shuffled[each.layer][unit] for unit in each.units))
        if each.target in OF_UNITS and each.units
        else each
        for each in interventions
    )


# --- ours among them


@dataclass(frozen=True)
class Rank:
    """A place among ``count``, the largest effect first; from ``best`` to ``worst`` where others are as large."""

    best: int
    worst: int
    count: int

    def __str__(self) -> str:
        """``"3 of 101"``, or ``"3 to 7 of 101"``."""
        return f"{self.best}{f' to {self.worst}' if self.worst > self.best else ''} of {self.count}"


@dataclass(frozen=True)
class Spread:
    """Of one measure over all random sets, with its sign."""

    lowest: float
    median: float
    highest: float


def rank(ours: Effect, others: Sequence[Effect], measure: Measure) -> Rank:
    """Where ours stands among the others and itself, by the size of the effect whatever its sign.

    Log-probabilities and divergences that differ by less than 1e-4 are as large as one another: it may be rounding.
    """
    size, near = abs(ours.value(measure)), ROUNDING[measure]
    sizes = np.array([abs(other.value(measure)) for other in others])
    larger, as_large = int((sizes > size + near).sum()), int((np.abs(sizes - size) <= near).sum())
    return Rank(1 + larger, 1 + larger + as_large, 1 + len(others))


def spread(effects: Sequence[Effect], measure: Measure) -> Spread:
    """Lowest, median and highest value.

    Raises:
        EffectsError: there are none.
    """
    if not effects:
        raise EffectsError("there are no random sets yet")
    values = np.array([each.value(measure) for each in effects], np.float64)
    return Spread(float(values.min()), float(np.median(values)), float(values.max()))


# --- many sets of units at once


@dataclass(frozen=True, eq=False)
class _Original:
    """The translation that effects are measured on: T tokens."""

    trace: TranslationTrace
    source: Source
    ids: tuple[int, ...]  # T, what was written
    log_probabilities: Array  # (T, V), double precision
    probabilities: Array  # (T, V)
    expected: Array  # (T,), mean log-probability: the negative entropy


def _original(translator: Translator, base: TranslationTrace) -> _Original:
    vocabulary = translator.target_vocabulary
    source = translator.source(base.sentence)
    ids = tuple(vocabulary[token] for token in base.target_tokens)
    is_ours = base.language == translator.language and base.source_tokens == source.tokens
    is_whole = base.is_finished or len(ids) == MAX_TARGET_TOKENS
    if not is_ours or not is_whole or not np.array_equal(translator.writable(base.logits).argmax(axis=1), ids):
        raise EffectsError(
            "An effect is measured on the greedy translation by the same network, without interventions."
        )
    log_probabilities = _log_softmax(base.logits)
    probabilities = np.exp(log_probabilities)
    expected = (probabilities * log_probabilities).sum(axis=1)
    return _Original(base, source, ids, log_probabilities, probabilities, expected)


def _log_softmax(logits: Array) -> Array:
    """Along the last axis, in double precision; the powers alone are as precise as the logits, and add up to more."""
    values = logits.astype(np.float64)
    values -= values.max(axis=-1, keepdims=True)
    powers = np.exp(values.astype(logits.dtype))
    values -= np.log(powers.sum(axis=-1, keepdims=True, dtype=np.float64))
    return values


def _effects(
    translator: Translator, original: _Original, edits: Edits, sets: Sequence[tuple[Intervention, ...]]
) -> list[Effect]:
    """The effect of each set of interventions, which differ from those of ``edits`` in their units alone."""
    units = tuple(
        np.array([drawn[number].units for drawn in sets], np.intp) if each.target in OF_UNITS and each.units else given
        for number, (each, given) in enumerate(zip(edits.interventions, edits.units, strict=True))
    )
    written, changes, divergences = _Rows(translator, original, edits, units, len(sets)).run()
    as_text = {ids: _as_text(translator, original, ids) for ids in set(written)}
    return [
        Effect(drawn, *as_text[ids], float(change.sum()), divergence)
        for drawn, ids, change, divergence in zip(sets, written, changes, divergences, strict=True)
    ]


def _as_text(translator: Translator, original: _Original, ids: tuple[int, ...]) -> tuple[tuple[str, ...], str, int]:
    """What was written as tokens and as text, and how many tokens of the original that changes."""
    base, vocabulary = original.trace.target_tokens, translator.target_vocabulary
    known = vocabulary.tokens
    tokens = tuple(known[number] for number in ids)
    pairs = enumerate(zip(base, tokens, strict=False))
    parts = next((at for at, (one, other) in pairs if one != other), min(len(base), len(tokens)))
    changed = tokens_changed(base[parts:], tokens[parts:])  # what both begin with takes no change
    return tokens, vocabulary.decode(ids), changed


class _Rows:
    """B sets of units at once, each translated by itself and by teacher forcing.

    As long as a set writes the original tokens, both are the same computation. From where it writes another, it goes on
    in a row of its own. Nothing is computed before the first step that is touched: it is as in the original.
    """

    def __init__(
        self, translator: Translator, original: _Original, edits: Edits, units: tuple[Array | None, ...], B: int
    ) -> None:  # fmt: skip
        self.translator, self.original, self.edits, self.units, self.B = translator, original, edits, units, B
        T = len(original.ids)
        self.changes, self.divergences = np.zeros((B, T)), np.zeros((B, T))  # of log-probability; of each step
        self.is_original = np.ones(B, bool)  # as far as it was written

    def run(self) -> tuple[list[tuple[int, ...]], Array, Array]:
        """What each set writes, and (B, T) each: the change of log-probability and the divergence of each step."""
        ids, vocabulary = self.original.ids, self.translator.target_vocabulary
        first, state, source_states = self._read_source()
        written = [list(ids[:first]) for _ in range(self.B)]
        sets = np.arange(self.B if first < len(ids) else 0)  # of each row; those that read the original come first
        tokens = np.full(len(sets), ids[first - 1] if first else vocabulary.start_id)
        for step in range(first, MAX_TARGET_TOKENS):
            if not len(sets):
                break
            logits, state = self._read_target(step, tokens, state, sets, source_states)
            chosen, forced = self._chosen(step, logits), self.B if step < len(ids) else 0
            is_writing = np.ones(len(sets), bool)
            is_leaving = np.ones(len(sets), bool)  # to a row of its own, or in one already
            if forced:
                self._measure(step, logits[:forced])
                is_writing[:forced] = self.is_original
                is_leaving[:forced] = self.is_original & (chosen[:forced] != ids[step])
                self.is_original &= ~is_leaving[:forced]
            for row in np.flatnonzero(is_writing):
                written[sets[row]].append(int(chosen[row]))
            goes_on = forced if step + 1 < len(ids) else 0
            rows = np.append(np.arange(goes_on), np.flatnonzero(is_leaving & (chosen != vocabulary.end_id)))
            tokens = chosen[rows]
            if goes_on:
                tokens[:goes_on] = ids[step]
            state, sets = [(hidden[rows], cell[rows]) for hidden, cell in state], sets[rows]
        return [tuple(ids) for ids in written], self.changes, self.divergences

    def _read_source(self) -> tuple[int, list[State], Array]:
        """The first step of the decoder to compute, the states before it, (B, H) each, and the source states.

        The latter are (S, H) where all sets share them, else (B, S, H).
        """
        base, first = self.original.trace, self.edits.begin("encoder")
        recorded = base.encoder[-1].hidden_state
        if first is None:
            begin = self.edits.begin("decoder")
            step = len(self.original.ids) if begin is None else min(begin, len(self.original.ids))
            state = [
                (decoder.hidden_state[step - 1], decoder.cell_state[step - 1]) if step
                else (encoder.hidden_state[-1], encoder.cell_state[-1])
                for encoder, decoder in zip(base.encoder, base.decoder, strict=True)
            ]  # fmt: skip
            return step, self._for_all(state), recorded
        state = [
            (trace.hidden_state[first - 1], trace.cell_state[first - 1]) if first
            else (trace.initial_hidden_state, trace.initial_cell_state)
            for trace in base.encoder
        ]  # fmt: skip
        embedded = self.translator.parameters["source_embedding.weight"][list(self.original.source.ids[first:])]
        edit = partial(self.edits.for_rows(self.units).of, "encoder")
        every = np.zeros(self.B, np.intp)  # all read the same sentence
        read = list(self.translator.encoder.read(embedded[:, None], self._for_all(state), edit, first, every))
        states = np.repeat(recorded[None], self.B, axis=0)
        states[:, first:] = np.stack([layers[-1].hidden_state for layers in read], axis=1)
        return 0, [(step.hidden_state, step.cell_state) for step in read[-1]], states

    def _for_all(self, state: list[State]) -> list[State]:
        return [tuple(np.repeat(values[None], self.B, axis=0) for values in layer) for layer in state]

    def _read_target(
        self, step: int, tokens: Array, state: list[State], sets: Array, source_states: Array
    ) -> tuple[Array, list[State]]:  # fmt: skip
        """Logits, (R, V), and states after the step, of R rows that read one token each."""
        parameters = self.translator.parameters
        edits = self.edits.for_rows([
            units[sets] if units is not None and units.ndim == 2 else units for units in self.units
        ])  # fmt: skip
        distinct, rows = np.unique(tokens, return_inverse=True)  # most rows read the same token
        embedded = parameters["target_embedding.weight"][distinct]
        layers = next(self.translator.decoder.read(embedded[None], state, partial(edits.of, "decoder"), step, rows))
        hidden_state = layers[-1].hidden_state
        attended = attend_batch(
            hidden_state, source_states[sets] if source_states.ndim == 3 else source_states,
            parameters["attention.weight"], partial(edits.attention, step),
        )  # fmt: skip
        logits = self.translator.logits_of_batch(hidden_state, attended.context)
        return logits, [(layer.hidden_state, layer.cell_state) for layer in layers]

    def _chosen(self, step: int, logits: Array) -> Array:
        """What each row writes if it is free to: the most probable token, or the one that an intervention chose."""
        token = self.edits.token(step)
        return self.translator.writable(logits).argmax(axis=1) if token is None else np.full(len(logits), token)

    def _measure(self, step: int, logits: Array) -> None:
        """Compare what the rows that read the original tokens expect, (B, V), with what the original run expected."""
        original, found, token = self.original, _log_softmax(logits), self.original.ids[step]
        self.changes[:, step] = found[:, token] - original.log_probabilities[step, token]
        self.divergences[:, step] = np.maximum(original.expected[step] - found @ original.probabilities[step], 0)
