"""Edits to a run: nothing before them changes, everything after is computed anew, and nonsense is refused in words."""

import json
from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.held_out import held_out_english
from models.interventions import (
    KINDS,
    MOST,
    OF_UNITS,
    TARGETS,
    Donor,
    Intervention,
    InterventionError,
    from_json,
    to_json,
)
from models.provenance import layer_ledger
from models.trace import QUANTITIES, TranslationTrace
from models.translator import MAX_TARGET_TOKENS, Translator

SENTENCE = "Where is the cat?"
NULLS = {
    "add": {"value": 0.0},
    "scale": {"value": 1.0},
}


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


def test_no_interventions_are_bit_identical_to_none_at_all_over_200_sentences(shipped_translator):
    translator = shipped_translator("bn")
    for sentence in held_out_english(200):
        plain = translator.translate(sentence)
        assert same(plain, translator.translate(sentence, []))
        assert all(trace.cell_edit is None for trace in (*plain.encoder, *plain.decoder))


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("target", OF_UNITS)
@pytest.mark.parametrize("side", ["encoder", "decoder"])
def test_adding_0_scaling_by_1_and_patching_from_itself_change_no_bit(build_tiny, layers, target, side):
    translator = build_tiny(layers=layers).translator
    plain = translator.translate(SENTENCE)
    for layer in range(layers):
        for null in (*(Intervention(target, kind, side, layer, value=v["value"]) for kind, v in NULLS.items()),
                     Intervention(target, "patch", side, layer, donor=Donor(SENTENCE, "bn"))):  # fmt: skip
            assert same(plain, translator.translate(SENTENCE, [null])), null


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
    moved = Intervention(
        "cell_state", "patch", "encoder", first=2, last=5, donor=Donor("Go.", "bn"), donor_step=1, units=(3,)
    )
    found = translator.translate(SENTENCE, [moved])
    for step in range(2, len(found.source_tokens)):
        at = step - 1
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
interventions = st.builds(
    Intervention,
    target=st.sampled_from(OF_UNITS),
    kind=st.sampled_from([kind for kind in KINDS if kind != "patch"]),
    side=st.sampled_from(["encoder", "decoder"]),
    layer=st.integers(0, 3),
    units=st.lists(whole, max_size=5).map(tuple),
    first=st.integers(0, 20),
    last=st.none() | st.integers(20, 90),
    value=st.floats(-1e6, 1e6),
) | st.builds(
    Intervention, target=st.sampled_from(OF_UNITS), kind=st.just("patch"), donor=st.builds(Donor, st.text(), st.text())
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
        (Intervention("forget_gate", units=(6,)), r"no unit 6 in this run: there are 0 to 5"),
        (Intervention("forget_gate", layer=1), "no layer 1"),
        (Intervention("forget_gate", side="encoder", first=99), "no encoder step 99"),
        (Intervention("forget_gate", first=MAX_TARGET_TOKENS), "no decoder step"),
        (Intervention("attention", units=(70,)), "no source position 70"),
        (Intervention("token", value=10**9), "no token"),
        (Intervention("token", value=1.5), "whole number"),
    ],
)
def test_what_a_run_does_not_have_is_refused_before_anything_is_computed(build_tiny, wrong, words):
    translator: Translator = build_tiny().translator
    with pytest.raises(InterventionError, match=words):
        translator.translate(SENTENCE, [wrong])


def test_too_many_at_once_are_refused():
    with pytest.raises(InterventionError, match="at most"):
        from_json(to_json([Intervention("forget_gate")] * (MOST + 1)))
