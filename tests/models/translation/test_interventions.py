"""Edits to a run: nothing before them changes, everything after is computed anew, and nonsense is refused in words."""

import json
from dataclasses import fields, replace
from itertools import cycle, product
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.analysis.provenance import layer_ledger
from models.evaluation.held_out import held_out_english
from models.language.text import one_line
from models.recurrent.trace import QUANTITIES
from models.translation.interventions import (
    KINDS,
    LARGEST,
    LONGEST_FINGERPRINT,
    MOST,
    OF_UNITS,
    TARGETS,
    Donor,
    Intervention,
    InterventionError,
    from_json,
    prepare,
    to_json,
)
from models.translation.record import TranslationTrace
from models.translation.translator import MAX_TARGET_TOKENS, Translator

SENTENCE = "Where is the cat?"
SIDES = ("encoder", "decoder")
KINDS_OF_UNITS = [kind for kind in KINDS if kind != "permute"]


def arrays(trace: TranslationTrace) -> dict[str, np.ndarray]:
    found = {
        name: getattr(trace, name) for name in ("probabilities", "attention", "attention_scores", "context", "logits")
    }
    for side in ("encoder", "decoder"):
        for layer, each in enumerate(getattr(trace, side)):
            found |= {f"{side} {layer} {name}": getattr(each, name) for name in QUANTITIES}
            found |= {f"{side} {layer} {name}": getattr(each, name).packed for name in ("input_part", "memory_part")}
    return found


def same(one: TranslationTrace, other: TranslationTrace) -> bool:
    """To the last bit."""
    pairs = arrays(one), arrays(other)
    return one.target_tokens == other.target_tokens and all(
        values.tobytes() == pairs[1][name].tobytes() for name, values in pairs[0].items()
    )


def steps_before(trace: TranslationTrace, side: str, step: int) -> list[bytes]:
    """Everything computed before a step of a side, with all layers of the steps up to it."""
    count = step if side == "encoder" else len(trace.source_tokens) + step
    found = []
    for column in range(count):
        at, within = ("encoder", column) if column < len(trace.source_tokens) else (
            "decoder", column - len(trace.source_tokens)
        )  # fmt: skip
        for each in getattr(trace, at):
            found += [getattr(each, name)[within].tobytes() for name in QUANTITIES]
        if at == "decoder":
            found += [getattr(trace, name)[within].tobytes() for name in ("logits", "attention", "context")]
    return found


# --- nothing changed


def null(kind: str, target: str, side: str, layer: int, trace: TranslationTrace, step: int) -> tuple[list, dict]:
    """An intervention that leaves a run as it was, and the means that it needs."""
    had = getattr(getattr(trace, side)[layer], target)[step]
    here = {"first": step, "last": step}
    means = {(side, layer, target): had}
    edit = {
        "set": lambda: {"units": tuple(range(len(had))), "values": tuple(had.tolist()), **here},
        "scale": lambda: {"value": 1.0},
        "add": lambda: {"value": 0.0},
        "mean": lambda: here,
        "patch": lambda: {"donor": Donor(trace.sentence, trace.language)},
    }[kind]()
    return [Intervention(target, kind, side, layer, **edit)], means


def nulls_of_attention(trace: TranslationTrace) -> list[Intervention]:
    """Weights that are set to what they were."""
    positions, weights = tuple(range(len(trace.source_tokens))), trace.attention[1].tolist()
    return [
        Intervention("attention", "scale", value=1.0),
        Intervention("attention", "add", value=0.0, units=(1,)),
        Intervention("attention", "set", units=positions, values=tuple(weights), first=1, last=1),
        Intervention("attention", "permute", units=(2,), value=7.0),
    ]


def close(one: TranslationTrace, other: TranslationTrace) -> bool:
    """To 1e-6, whatever the size of a number up to 1, and relative to it above."""
    pairs = arrays(one), arrays(other)
    return one.target_tokens == other.target_tokens and all(
        np.allclose(values, pairs[1][name], rtol=1e-6, atol=1e-6) for name, values in pairs[0].items()
    )


def test_no_interventions_and_null_ones_of_all_kinds_are_bit_identical_to_none_at_all_over_200_sentences(
    shipped_translator,
):
    """Each sentence tries another kind, quantity and side, all several times; and one on attention, and a token."""
    translator = shipped_translator("bn")
    kinds = cycle(product(KINDS_OF_UNITS, OF_UNITS, SIDES))
    for number, (sentence, (kind, target, side)) in enumerate(zip(held_out_english(200), kinds)):
        plain = translator.translate(sentence)
        assert same(plain, translator.translate(sentence, []))
        assert all(trace.cell_edit is None for trace in (*plain.encoder, *plain.decoder))
        edits, means = null(kind, target, side, 0, plain, step=1)
        step = number % len(plain.target_tokens)
        written = translator.target_vocabulary[plain.target_tokens[step]]
        edits += [
            nulls_of_attention(plain)[number % 4], Intervention("token", first=step, last=step, value=written)
        ]  # fmt: skip
        assert same(plain, translator.translate(sentence, edits, means)), edits


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("kind", KINDS_OF_UNITS)
def test_null_interventions_change_no_bit_in_either_of_two_layers(build_tiny, kind, side):
    translator = build_tiny(layers=2).translator
    plain = translator.translate(SENTENCE)
    for layer, target in product(range(2), OF_UNITS):
        edits, means = null(kind, target, side, layer, plain, step=2)
        assert same(plain, translator.translate(SENTENCE, edits, means)), edits


@pytest.mark.parametrize("target", OF_UNITS)
def test_clamping_a_unit_to_the_value_it_had_changes_nothing(build_tiny, target):
    translator = build_tiny().translator
    plain = translator.translate(SENTENCE)
    for side in ("encoder", "decoder"):
        trace = getattr(plain, side)[0]
        for step in range(min(4, len(trace.tokens))):
            held = Intervention(
                target, side=side, units=(2,), first=step, last=step, value=float(getattr(trace, target)[step, 2])
            )
            found = translator.translate(SENTENCE, [held])
            assert found.target_tokens == plain.target_tokens
            for name, values in arrays(found).items():
                np.testing.assert_allclose(values, arrays(plain)[name], atol=1e-6, err_msg=name)


# --- what is changed


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("target", OF_UNITS)
@pytest.mark.parametrize("side", ["encoder", "decoder"])
def test_an_edit_at_step_k_leaves_every_earlier_number_bit_identical_and_changes_later_ones(
    build_tiny, layers, target, side
):
    translator = build_tiny(layers=layers).translator
    plain = translator.translate(SENTENCE)
    for step in (0, 2):
        edit = Intervention(target, "add", side, layers - 1, first=step, last=step, value=0.75)
        edited = translator.translate(SENTENCE, [edit])
        assert steps_before(edited, side, step) == steps_before(plain, side, step)
        before, after = (getattr(getattr(each, side)[layers - 1], target)[step] for each in (plain, edited))
        np.testing.assert_allclose(after, before + np.float32(0.75))
        assert not same(plain, edited)


def test_gates_that_are_held_are_recorded_as_held_and_the_recurrence_goes_on_from_them(build_tiny):
    translator = build_tiny(dtype="float64").translator
    never_forget = Intervention("forget_gate", side="encoder", value=1.0)
    trace = translator.translate(SENTENCE, [never_forget]).encoder[0]
    assert np.all(trace.forget_gate == 1)
    written = trace.input_gate * trace.candidate
    np.testing.assert_allclose(trace.cell_state, written.cumsum(axis=0), atol=1e-12)
    np.testing.assert_allclose(trace.hidden_state, trace.output_gate * np.tanh(trace.cell_state), atol=1e-12)
    W = translator.parameters["encoder.weight_hh_l0"]
    recomputed = (W @ trace.previous_hidden_state.T).T.reshape(-1, 4, 6)
    np.testing.assert_allclose(trace.memory_part.packed, recomputed, atol=1e-12)


def test_only_the_units_and_steps_asked_for_are_edited(build_tiny):
    translator = build_tiny().translator
    plain = translator.translate(SENTENCE).encoder[0]
    edit = Intervention("input_gate", side="encoder", units=(1, 4), first=2, last=3, value=0.5)
    found = translator.translate(SENTENCE, [edit]).encoder[0]
    assert np.all(found.input_gate[2:4][:, [1, 4]] == 0.5)
    others = [unit for unit in range(6) if unit not in (1, 4)]
    assert np.array_equal(found.input_gate[2, others], plain.input_gate[2, others])
    assert np.array_equal(found.input_gate[:2], plain.input_gate[:2])
    assert not np.any(found.input_gate[4:] == 0.5)


def test_a_hidden_state_set_to_0_reaches_attention_and_logits(build_tiny):
    translator = build_tiny(dtype="float64").translator
    trace = translator.translate(SENTENCE, [Intervention("hidden_state", first=0, last=0, value=0.0)])
    S = len(trace.source_tokens)
    np.testing.assert_allclose(trace.attention[0], np.full(S, 1 / S))
    p = translator.parameters
    context = trace.encoder[-1].hidden_state.mean(axis=0)
    logits = p["target_embedding.weight"] @ (p["readout_context.weight"] @ context) + p["output_bias"]
    np.testing.assert_allclose(trace.logits[0], logits, atol=1e-12)


def test_attention_is_set_and_scaled_to_sum_to_1_again_and_the_context_follows(build_tiny):
    translator = build_tiny(dtype="float64").translator
    plain = translator.translate(SENTENCE)
    S = len(plain.source_tokens)
    uniform = translator.translate(SENTENCE, [Intervention("attention", value=1.0)])
    np.testing.assert_allclose(uniform.attention, 1 / S)
    np.testing.assert_allclose(uniform.context[0], plain.encoder[-1].hidden_state.mean(axis=0))
    without = translator.translate(SENTENCE, [Intervention("attention", units=(1, 2), first=0, last=0, value=0.0)])
    expected = plain.attention[0].copy()
    expected[[1, 2]] = 0
    np.testing.assert_allclose(without.attention[0], expected / expected.sum())
    np.testing.assert_allclose(without.attention_scores[0], plain.attention_scores[0])
    none = translator.translate(SENTENCE, [Intervention("attention", value=0.0)])
    assert np.all(none.attention == 0)
    assert np.all(none.context == 0)
    assert np.isfinite(none.logits).all()


def test_a_forced_token_is_written_with_its_own_probability_and_read_next(build_tiny):
    translator = build_tiny().translator
    plain = translator.translate(SENTENCE)
    token = translator.target_vocabulary[plain.candidates[1][3].token]
    found = translator.translate(SENTENCE, [Intervention("token", first=1, last=1, value=token)])
    assert found.target_tokens[0] == plain.target_tokens[0]
    assert found.target_tokens[1] == plain.candidates[1][3].token
    assert found.probabilities[1] == plain.candidates[1][3].probability
    assert found.candidates[1] == plain.candidates[1]
    assert found.decoder[0].tokens[2] == found.target_tokens[1]


def test_a_beam_of_one_under_interventions_is_the_greedy_run_under_them(build_tiny):
    translator = build_tiny().translator
    edits = [
        Intervention("forget_gate", value=0.2), Intervention("attention", units=(0,), value=0.0),
        Intervention("token", first=2, last=2, value=9),
    ]  # fmt: skip
    greedy = translator.translate(SENTENCE, edits)
    source = translator.source(SENTENCE)
    prepared = translator.edits(source, edits)
    read = list(translator.read_source(source, prepared))
    found = translator.beam_search(read, 1, prepared).finish()
    written = translator.gather(source, [*read, *translator.written(found.hypotheses[0])], prepared)
    assert same(greedy, written)


def everything(side: str, step: int, donor: str, layers: int) -> list[Intervention]:
    return [
        Intervention(target, "patch", side, layer, first=step, last=step, donor=Donor(donor, "bn"))
        for layer in range(layers)
        for target in OF_UNITS
    ]


@pytest.mark.parametrize("layers", [1, 2])
def test_patching_everything_from_run_a_makes_run_b_go_on_as_a_would(build_tiny, layers):
    """The two sentences end alike, and are as long: from the patched step on both read the same."""
    translator = build_tiny(layers=layers).translator
    one, other = "the cat sat here.", "the dog sat here."
    a, b = translator.translate(one), translator.translate(other)
    assert len(a.source_tokens) == len(b.source_tokens)
    step = max(
        at for at, tokens in enumerate(zip(a.source_tokens, b.source_tokens, strict=True)) if len(set(tokens)) > 1
    )
    patched = translator.translate(other, everything("encoder", step, one, layers))
    for layer in range(layers):
        for name in QUANTITIES:
            after = getattr(patched.encoder[layer], name)[step:]
            assert np.array_equal(after, getattr(a.encoder[layer], name)[step:]), name
            assert np.array_equal(
                getattr(patched.encoder[layer], name)[:step], getattr(b.encoder[layer], name)[:step]
            )  # fmt: skip


def test_patching_a_decoder_step_with_its_token_makes_it_go_on_as_the_other_run_does(build_tiny):
    translator = build_tiny().translator
    a = translator.translate(SENTENCE)
    edited = [Intervention("cell_state", "scale", first=0, last=1, value=-1.0)]
    b = translator.translate(SENTENCE, edited)
    assert b.target_tokens != a.target_tokens
    step = 2
    token = translator.target_vocabulary[a.target_tokens[step]]
    back = [
        *edited,
        *everything("decoder", step, SENTENCE, 1),
        Intervention("token", first=step, last=step, value=token),
    ]
    patched = translator.translate(SENTENCE, back)
    assert patched.target_tokens[step:] == a.target_tokens[step:]
    for name in ("logits", "attention", "context"):
        assert np.array_equal(getattr(patched, name)[step:], getattr(a, name)[step:])


def test_values_are_patched_from_another_step_and_not_past_the_end_of_the_other_run(build_tiny):
    translator = build_tiny().translator
    donor = translator.translate("Go.")
    at_end = len(donor.source_tokens) - 1
    moved = Intervention(
        "cell_state", "patch", "encoder", first=2, last=5, donor=Donor("Go.", "bn"), donor_step=at_end - 1, units=(3,)
    )
    found = translator.translate(SENTENCE, [moved])
    others = [0, 1, 2, 4, 5]
    before = translator.translate(SENTENCE).encoder[0].cell_state[:3, others]
    assert np.array_equal(found.encoder[0].cell_state[:3, others], before)
    for step in range(2, len(found.source_tokens)):
        at = step + at_end - 3
        is_patched = step <= 5 and at < len(donor.source_tokens)
        equal = (
            found.encoder[0].cell_state[step, 3]
            == donor.encoder[0].cell_state[min(at, len(donor.source_tokens) - 1), 3]
        )
        assert equal == is_patched


def test_means_replace_by_what_is_handed_in(build_tiny):
    translator = build_tiny().translator
    source = translator.source(SENTENCE)
    mean = np.linspace(0.1, 0.6, 6, dtype=np.float32)
    edits = translator.edits(
        source, [Intervention("output_gate", "mean", units=(0, 5))], {("decoder", 0, "output_gate"): mean}
    )
    found = translator.gather(source, list(translator.steps(source, edits)), edits)
    assert np.all(found.decoder[0].output_gate[:, [0, 5]] == mean[[0, 5]])
    with pytest.raises(InterventionError, match="no recorded mean"):
        translator.translate(SENTENCE, [Intervention("output_gate", "mean")])


def test_the_order_of_independent_interventions_does_not_matter_and_of_others_it_does(build_tiny):
    translator = build_tiny().translator
    apart = [
        Intervention("forget_gate", side="encoder", units=(1,), value=0.0),
        Intervention("input_gate", "scale", "decoder", units=(2,), value=0.5),
        Intervention("cell_state", "add", "encoder", units=(4,), first=2, value=1.0),
        Intervention("attention", "scale", units=(3,), value=0.1),
    ]
    first = translator.translate(SENTENCE, apart)
    for order in ([3, 2, 1, 0], [1, 3, 0, 2]):
        assert same(first, translator.translate(SENTENCE, [apart[at] for at in order]))
    here = [Intervention("forget_gate", "add", value=0.5), Intervention("forget_gate", "scale", value=0.5)]
    assert not same(translator.translate(SENTENCE, here), translator.translate(SENTENCE, here[::-1]))


def test_several_units_are_each_set_to_a_value_of_their_own(build_tiny):
    translator = build_tiny(dtype="float64").translator
    plain = translator.translate(SENTENCE)
    edit = Intervention("candidate", units=(4, 0, 2), values=(0.25, -0.5, 1), first=1, last=2)
    found = translator.translate(SENTENCE, [edit])
    assert np.array_equal(found.decoder[0].candidate[1:3][:, [4, 0, 2]], [[0.25, -0.5, 1]] * 2)
    assert np.array_equal(found.decoder[0].candidate[1, [1, 3, 5]], plain.decoder[0].candidate[1, [1, 3, 5]])
    weights = Intervention("attention", units=(3, 1), values=(3.0, 1.0), first=0, last=0)
    rest = plain.attention[0].copy()
    rest[[3, 1]] = 3, 1
    attention = translator.translate(SENTENCE, [weights]).attention
    np.testing.assert_allclose(attention[0], rest / rest.sum(), rtol=1e-12)


def test_attention_weights_are_permuted_as_numpy_does_with_that_seed(build_tiny):
    translator = build_tiny(dtype="float64").translator
    plain = translator.translate(SENTENCE)
    S = len(plain.source_tokens)
    for seed in (0, 3):
        edited = translator.translate(SENTENCE, [Intervention("attention", "permute", value=float(seed))])
        order = np.random.default_rng(seed).permutation(S)
        assert list(order) != list(range(S))
        assert np.array_equal(edited.attention[0], plain.attention[0][order])
        np.testing.assert_allclose(edited.attention.sum(axis=1), 1, atol=1e-12)
        context = edited.attention @ edited.encoder[-1].hidden_state
        np.testing.assert_allclose(edited.context, context, atol=1e-12)
    some = Intervention("attention", "permute", units=(1, 3, 4), value=2.0, first=0, last=0)
    found, expected = translator.translate(SENTENCE, [some]).attention[0], plain.attention[0].copy()
    order = np.random.default_rng(2).permutation(3)
    assert list(order) != [0, 1, 2]
    expected[[1, 3, 4]] = expected[np.array([1, 3, 4])[order]]
    assert np.array_equal(found, expected)


def test_weights_in_another_order_keep_every_bit_where_rounding_left_their_sum_beside_1(build_tiny):
    translator = build_tiny().translator
    permute = Intervention("attention", "permute", value=3.0)
    change = translator.edits(translator.source(SENTENCE), [permute]).attention
    order = np.random.default_rng(3).permutation(5)
    for total in (1 - 2e-7, 1 + 2e-7):  # as far from 1 as single precision may leave it
        weights = np.array([0.1, 0.2, 0.3, 0.25, 0.15], np.float32) * np.float32(total)
        assert weights.sum() != 1
        assert np.array_equal(change(0, weights), weights[order])
        assert np.array_equal(change(0, np.stack([weights, weights])), np.stack([weights, weights])[:, order])


def test_attention_that_is_added_to_never_falls_below_0(build_tiny):
    translator = build_tiny(dtype="float64").translator
    plain = translator.translate(SENTENCE)
    edited = translator.translate(SENTENCE, [Intervention("attention", "add", units=(1,), value=-2.0)])
    expected = plain.attention[0].copy()
    expected[1] = 0
    np.testing.assert_allclose(edited.attention[0], expected / expected.sum(), rtol=1e-12)


def test_attention_is_edited_in_the_steps_asked_for_and_in_no_other(build_tiny):
    translator = build_tiny().translator
    plain = translator.translate(SENTENCE)
    edit = Intervention("attention", units=(1, 2), first=2, last=2, value=0.0)
    edited = translator.translate(SENTENCE, [edit])
    assert steps_before(edited, "decoder", 2) == steps_before(plain, "decoder", 2)
    assert np.all(edited.attention[2, [1, 2]] == 0)
    assert np.all(edited.attention[3:, [1, 2]] > 0)
    weights = np.full(5, 0.2, np.float32)
    assert translator.edits(translator.source(SENTENCE), [edit]).attention(2, weights) is not weights
    assert np.all(weights == np.float32(0.2))


@pytest.mark.parametrize("kind", ["scale", "add"])
def test_edits_one_upon_the_other_stay_within_bounds(build_tiny, kind):
    translator = build_tiny().translator
    for value in (LARGEST, -LARGEST):
        edit = Intervention("candidate", kind, value=value, units=(1,))
        found = translator.translate("Go.", [edit] * MOST).decoder[0].candidate
        assert np.abs(found[:, 1]).max() == LARGEST
        assert np.isfinite(found).all()


def test_what_is_added_past_the_gates_is_noted_for_the_units_and_steps_asked_for_alone(build_tiny):
    translator = build_tiny().translator
    edit = Intervention("cell_state", "add", units=(1, 4), first=1, last=2, value=0.5)
    noted = translator.translate(SENTENCE, [edit]).decoder[0].cell_edit
    np.testing.assert_allclose(noted[1:3][:, [1, 4]], 0.5, rtol=1e-6)
    noted = noted.copy()
    noted[1:3, [1, 4]] = 0
    assert np.all(noted == 0)


def test_of_two_tokens_chosen_for_a_step_the_last_listed_is_written(build_tiny):
    translator = build_tiny().translator
    chosen = [Intervention("token", first=1, last=1, value=float(token)) for token in (9, 12)]
    found = translator.translate(SENTENCE, chosen)
    assert found.target_tokens[1] == translator.target_vocabulary.tokens[12]
    assert found.target_tokens[2] == translator.translate(SENTENCE, chosen[1:]).target_tokens[2]


extreme = st.sampled_from([-LARGEST, -1e3, 0.0, 1e3, LARGEST])
wild = st.builds(
    Intervention, st.sampled_from((*OF_UNITS, "attention")), st.sampled_from(["set", "scale", "add"]),
    units=st.sampled_from([(), (0, 3)]), first=st.integers(0, 2), last=st.none() | st.integers(2, 3), value=extreme,
)  # fmt: skip


@given(st.lists(wild | wild.filter(lambda each: each.target != "attention").map(
    lambda each: replace(each, side="encoder")
), min_size=1, max_size=MOST))  # fmt: skip
def test_no_interventions_make_a_number_that_is_not_finite(build_tiny, listed):
    found = build_tiny().translator.translate("Go.", listed)
    assert all(np.isfinite(values).all() for values in arrays(found).values())


def test_what_grows_from_step_to_step_stops_growing_and_the_ledger_says_so(build_tiny):
    translator = build_tiny(dtype="float64").translator
    for edit in (
        Intervention("cell_state", "scale", value=1e3, units=(2,)),
        Intervention("forget_gate", value=1e3, units=(2,), last=5),
        Intervention("forget_gate", value=-1e3, units=(2,), last=5),
    ):
        found = translator.translate(SENTENCE, [edit]).decoder[0]
        assert np.abs(found.cell_state[:, 2]).max() == LARGEST
        came_of_gates = found.forget_gate * found.previous_cell_state + found.input_gate * found.candidate
        np.testing.assert_allclose(came_of_gates + found.cell_edit, found.cell_state, rtol=1e-12, atol=1e-12)


def test_a_batch_is_edited_at_the_units_of_each_of_its_rows(build_tiny):
    """Each row as if it were alone; other interventions act on all rows alike."""
    translator = build_tiny().translator
    source, mean = translator.source(SENTENCE), np.arange(6, dtype=np.float32)
    sets = np.array([[0, 1], [5, 3], [2, 4]])
    kinds = {
        "set": {"values": (0.5, -2.0)}, "scale": {"value": -3.0}, "add": {"value": 0.5}, "mean": {},
        "patch": {"donor": Donor("Go.", "bn"), "donor_step": 1, "first": 1},
    }  # fmt: skip
    before = np.random.default_rng(0).normal(size=(3, 6)).astype(np.float32)
    for kind, parts in kinds.items():
        edit = Intervention("candidate", kind, units=(0, 1), **parts)
        on_all = Intervention("candidate", "scale", value=2.0)
        means = {("decoder", 0, "candidate"): mean}
        together = before.copy()
        rows = translator.edits(source, [edit, on_all], means).for_rows([sets, None])
        rows.of("decoder", 0, 2)("candidate", together)
        for row, units in enumerate(sets.tolist()):
            alone = before[row].copy()
            one = [replace(edit, units=tuple(units)), on_all]
            translator.edits(source, one, means).of("decoder", 0, 2)("candidate", alone)
            assert np.array_equal(together[row], alone), kind
            assert not np.array_equal(alone, before[row] * 2)


def test_edits_say_where_they_begin(build_tiny):
    translator = build_tiny().translator
    listed = [
        Intervention("forget_gate", first=4), Intervention("attention", first=3),
        Intervention("cell_state", side="encoder", first=2),
    ]  # fmt: skip
    edits = translator.edits(translator.source(SENTENCE), listed)
    assert (edits.begin("encoder"), edits.begin("decoder")) == (2, 3)
    edits = translator.edits(translator.source(SENTENCE), listed[:1])
    assert (edits.begin("encoder"), edits.begin("decoder")) == (None, 4)


# --- the ledger


@pytest.mark.parametrize("target", OF_UNITS)
def test_the_ledger_holds_under_every_intervention(build_tiny, target):
    translator = build_tiny(layers=2, dtype="float64").translator
    for kind, value in (("set", 0.0), ("set", 0.9), ("scale", -2.0), ("add", 0.3)):
        for side in ("encoder", "decoder"):
            edit = Intervention(target, kind, side, 1, units=(0, 3), first=1, last=3, value=value)
            found = translator.translate(SENTENCE, [edit])
            assert np.abs(layer_ledger(found, 1).residual()).max() <= 1e-12
            is_noted = getattr(found, side)[1].cell_edit is not None
            assert is_noted == (target == "cell_state")


# --- as text, and refusals

whole = st.integers(0, 300)
place = {
    "layer": st.integers(0, 3), "units": st.lists(whole, max_size=5).map(tuple), "first": st.integers(0, 20),
    "last": st.none() | st.integers(20, 90),
    "network": st.text(st.characters(max_codepoint=126), max_size=LONGEST_FINGERPRINT),
}  # fmt: skip
of_units, sides = st.sampled_from(OF_UNITS), st.sampled_from(SIDES)
values = st.floats(-LARGEST, LARGEST)
interventions = st.one_of(
    st.builds(
        Intervention, of_units, st.sampled_from(["set", "scale", "add", "mean"]), sides, value=values, **place
    ),
    st.builds(
        Intervention, of_units, st.just("patch"), sides,
        donor=st.builds(Donor, st.text().map(one_line), st.text().map(one_line)), donor_step=st.none() | whole, **place,
    ),
    st.lists(st.tuples(whole, values), max_size=5).flatmap(
        lambda pairs: st.builds(
            Intervention, of_units, units=st.just(tuple(unit for unit, _ in pairs)),
            values=st.just(tuple(value for _, value in pairs)),
        )
    ),
    st.builds(Intervention, st.just("attention"), st.just("permute"), value=whole.map(float)),
    st.builds(Intervention, st.just("token"), value=whole.map(float)),
)  # fmt: skip


@given(st.lists(interventions, max_size=MOST))
def test_interventions_survive_the_way_through_text(listed):
    assert from_json(to_json(listed)) == tuple(listed)


def test_the_text_is_short():
    assert to_json([Intervention("forget_gate", value=1.0)]) == '[{"target":"forget_gate","value":1.0}]'
    assert to_json([]) == "[]"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(TARGETS + KINDS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from([field.name for field in fields(Intervention)]) | st.text(max_size=4), inner, max_size=5
    ),
    max_leaves=8,
)  # fmt: skip


@given(json_values.map(json.dumps) | st.text())
def test_any_other_text_is_refused_in_words(text):
    try:
        found = from_json(text)
    except InterventionError as error:
        assert str(error)  # noqa: PT017
    else:
        assert from_json(to_json(found)) == found


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"target": "gate"}, "known are"),
        ({"target": "forget_gate", "kind": "negate"}, "known are"),
        ({"target": "forget_gate", "value": float("nan")}, "finite"),
        ({"target": "forget_gate", "value": float("inf")}, "finite"),
        ({"target": "forget_gate", "value": -2 * LARGEST}, "from -1,000,000 to 1,000,000"),
        ({"target": "forget_gate", "value": 10**4000}, "finite"),
        ({"target": "forget_gate", "value": "1"}, "finite"),
        ({"target": "forget_gate", "units": (1,), "values": (float("nan"),)}, "finite"),
        ({"target": "forget_gate", "units": (1, 2), "values": (0.5, float("-inf"))}, "finite"),
        ({"target": "forget_gate", "units": (1, 2), "values": (0.5,)}, "one for each"),
        ({"target": "forget_gate", "values": (0.5,)}, "one for each"),
        ({"target": "forget_gate", "kind": "add", "units": (1,), "values": (0.5,)}, "one for each"),
        ({"target": "forget_gate", "side": "middle"}, "known are"),
        ({"target": "forget_gate", "layer": -1}, "layer is -1, expected a whole number"),
        ({"target": "forget_gate", "layer": 10**4000}, "whole number"),
        ({"target": "forget_gate", "first": True}, "whole number"),
        ({"target": "forget_gate", "last": 2.5}, "whole number"),
        ({"target": "forget_gate", "kind": "patch", "donor": Donor("Go.", "bn"), "donor_step": -1}, "whole number"),
        ({"target": "forget_gate", "network": "x" * (LONGEST_FINGERPRINT + 1)}, "fingerprint"),
        ({"target": "forget_gate", "network": 3}, "fingerprint"),
        ({"target": "forget_gate", "kind": "permute"}, "only attention weights can be permuted"),
        ({"target": "attention", "kind": "permute", "value": -1.0}, "from 0 on as the seed"),
        ({"target": "attention", "kind": "permute", "value": 0.5}, "from 0 on as the seed"),
        ({"target": "attention", "kind": "patch", "donor": Donor("Go.", "bn")}, "can be set"),
        ({"target": "forget_gate", "value": True}, "finite"),
        ({"target": "forget_gate", "units": (-1,)}, "whole number"),
        ({"target": "forget_gate", "units": (1.5,)}, "whole number"),
        ({"target": "forget_gate", "first": 3, "last": 2}, "comes before"),
        ({"target": "attention", "side": "encoder"}, "only the decoder"),
        ({"target": "token", "side": "encoder"}, "only the decoder"),
        ({"target": "token", "kind": "add"}, "only be set"),
        ({"target": "forget_gate", "kind": "patch"}, "needs a run"),
        ({"target": "forget_gate", "donor": Donor("Go.", "bn")}, "needs a run"),
        ({"target": "attention", "kind": "mean"}, "can be set"),
    ],
)
def test_an_intervention_that_makes_no_sense_is_refused_in_words(wrong, words):
    with pytest.raises(InterventionError, match=words):
        Intervention(**wrong)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("{}", "expected a list"),
        ("[3]", "with a target"),
        ('[{"kind":"set"}]', "with a target"),
        ('[{"target":"forget_gate","strength":1}]', "other known parts"),
        ('[{"target":"forget_gate","units":3}]', "lists of numbers"),
        ('[{"target":"forget_gate","units":[1],"values":0.5}]', "lists of numbers"),
        ('[{"target":"forget_gate","value":NaN}]', "finite"),
        ('[{"target":"forget_gate","value":1e999}]', "finite"),
        ('[{"target":"forget_gate","units":[1],"values":[Infinity]}]', "finite"),
        ('[{"target":"forget_gate","kind":"patch","donor":"Go."}]', "a sentence and a language"),
        ('[{"target":"forget_gate","kind":"patch","donor":{"sentence":"Go."}}]', "a sentence and a language"),
    ],
)
def test_text_that_is_wrong_is_refused_with_the_reason(wrong, words):
    with pytest.raises(InterventionError, match=words):
        from_json(wrong)


def test_an_edit_of_another_network_is_refused_and_one_of_this_or_of_any_is_not(build_tiny):
    translator = replace(build_tiny().translator, fingerprint="0123abcd")
    for network in ("", "0123abcd"):
        translator.translate("Go.", [Intervention("forget_gate", units=(1,), network=network)])
    with pytest.raises(InterventionError, match="made for another network"):
        translator.translate("Go.", [Intervention("forget_gate", units=(1,), network="4567ef01")])


def test_a_donor_without_the_layer_is_refused_and_so_is_a_patch_without_runs():
    parts = {"layers": 2, "units": 6, "source_steps": 5, "target_steps": 5, "tokens": 9}
    patch = Intervention("cell_state", "patch", layer=1, donor=Donor("Go.", "bn"))
    with pytest.raises(InterventionError, match="no other run"):
        prepare([patch], **parts)
    with pytest.raises(InterventionError, match="no layer 1"):
        prepare([patch], **parts, run_of=lambda donor: SimpleNamespace(decoder=[None]))


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (Intervention("forget_gate", units=(6,)), r"no unit 6 in this run: there are 0 to 5"),
        (Intervention("forget_gate", layer=1), "no layer 1"),
        (Intervention("forget_gate", side="encoder", first=99), "no encoder step 99"),
        (Intervention("forget_gate", first=MAX_TARGET_TOKENS), "no decoder step"),
        (Intervention("attention", units=(70,)), "no source state 70"),
        (Intervention("token", value=10**5), "no token"),
        (Intervention("token", value=1.5), "whole number"),
        (Intervention("cell_state", "patch", donor=Donor("Go.", "xx")), "language that is not known: xx"),
    ],
)
def test_what_a_run_does_not_have_is_refused_before_anything_is_computed(build_tiny, wrong, words):
    translator: Translator = build_tiny().translator
    with pytest.raises(InterventionError, match=words):
        translator.translate(SENTENCE, [wrong])


def test_the_last_step_layer_unit_and_position_are_there_and_the_next_is_not():
    parts = {"layers": 2, "units": 6, "source_steps": 5, "target_steps": 9, "tokens": 4}
    for edit, words in (
        ({"target": "forget_gate", "side": "encoder", "first": 4}, "no encoder step 5"),
        ({"target": "forget_gate", "first": 8}, "no decoder step 9"),
        ({"target": "forget_gate", "layer": 1}, "no layer 2"),
        ({"target": "forget_gate", "units": (0, 5)}, "no unit 6"),
        ({"target": "attention", "units": (4,)}, "no source state 5"),
        ({"target": "token", "value": 3.0}, "no token 4"),
    ):
        prepare([Intervention(**edit)], **parts)
        name = list(edit)[-1]
        beyond = (edit[name][-1] + 1,) if name == "units" else edit[name] + 1
        with pytest.raises(InterventionError, match=words):
            prepare([Intervention(**edit | {name: beyond})], **parts)


def test_too_many_at_once_are_refused():
    with pytest.raises(InterventionError, match="at most"):
        from_json(to_json([Intervention("forget_gate")] * (MOST + 1)))
    parts = {"layers": 1, "units": 6, "source_steps": 5, "target_steps": 5, "tokens": 9}
    prepare([Intervention("forget_gate")] * MOST, **parts)
    with pytest.raises(InterventionError, match="at most 16 interventions, these are 17"):
        prepare([Intervention("forget_gate")] * (MOST + 1), **parts)
