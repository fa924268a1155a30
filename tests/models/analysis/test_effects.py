"""What interventions do, ours and those on random units: as if each were computed alone, and ranked fairly."""

from dataclasses import replace

import numpy as np
import pytest

from models.analysis import effects
from models.analysis.alignment import tokens_changed
from models.analysis.effects import (
    MEASURES,
    Effect,
    EffectsError,
    controls,
    effect,
    has_control,
    random_set,
    rank,
    spread,
)
from models.translation.interventions import Donor, Intervention, InterventionError
from models.translation.record import TranslationTrace
from models.translation.translator import MAX_TARGET_TOKENS, DecoderState, Translator

SENTENCES = ("Where is the cat?", "the dog ran", "I like rice.")
MEAN = np.linspace(-0.9, 0.9, 6)
MEANS = {("decoder", 0, "hidden_state"): MEAN, ("encoder", 1, "cell_state"): MEAN}
ONE_LAYER = {
    "set": [Intervention("forget_gate", units=(0, 3), value=0.0)],
    "from a later step": [Intervention("input_gate", "add", units=(1,), first=3, last=4, value=0.7)],
    "encoder": [Intervention("cell_state", "scale", "encoder", units=(1, 4), value=-3.0)],
    "encoder from a later step": [Intervention("hidden_state", side="encoder", units=(2, 5), first=2, last=2)],
    "values of their own": [Intervention("candidate", units=(0, 5), values=(1.0, -1.0))],
    "mean": [Intervention("hidden_state", "mean", units=(3, 1), first=1)],
    "patch": [
        Intervention("cell_state", "patch", units=(0, 1, 2), first=1, last=3, donor=Donor("Go.", "bn"), donor_step=0)
    ],
    "both sides, shared units, attention, a token": [
        Intervention("output_gate", side="encoder", units=(2, 3), value=1.0),
        Intervention("output_gate", "scale", units=(3, 4), first=1, value=0.2),
        Intervention("forget_gate", "add", value=0.1),
        Intervention("attention", units=(0, 2), value=0.0, first=1),
        Intervention("token", value=9, first=2, last=2),
    ],
    "a unit listed twice": [Intervention("candidate", "scale", units=(2, 2, 4), value=-2.0)],
}  # fmt: skip
TWO_LAYERS = {
    "upper": [Intervention("forget_gate", layer=1, units=(0, 3), value=0.0)],
    "lower, from a later step": [Intervention("cell_state", "add", units=(0, 3), first=2, value=1.0)],
    "both layers of both sides": [
        Intervention("cell_state", "mean", "encoder", 1, units=(1, 2), first=1),
        Intervention("input_gate", "scale", "encoder", 0, units=(1, 2), value=0.3),
        Intervention("hidden_state", "scale", "decoder", 1, units=(4,), value=-1.0),
        Intervention("hidden_state", "mean", "decoder", 0, units=(4, 0)),
    ],
}  # fmt: skip


def alone(translator: Translator, base: TranslationTrace, interventions: tuple[Intervention, ...]) -> Effect:
    """The same by the plain path: one run by itself, then one step of teacher forcing after the other."""
    edited = translator.translate(base.sentence, interventions, MEANS)
    edits = translator.edits(translator.source(base.sentence), interventions, MEANS)
    states = np.array(edited.encoder[-1].hidden_state)
    state = DecoderState(0, [(trace.hidden_state[-1], trace.cell_state[-1]) for trace in edited.encoder])
    token, change, divergences = translator.target_vocabulary.start_id, 0.0, []
    for step, written in enumerate(base.target_tokens):
        reading = translator.read_target(states, token, state, edits)
        token, state = translator.target_vocabulary[written], reading.state
        expected, found = (probabilities(logits) for logits in (base.logits[step], reading.logits))
        change += np.log(found[token]) - np.log(expected[token])
        divergences.append((expected * (np.log(expected) - np.log(found))).sum())
    changed = tokens_changed(base.target_tokens, edited.target_tokens)
    return Effect(interventions, edited.target_tokens, edited.text, changed, change, np.array(divergences))


def probabilities(logits: np.ndarray) -> np.ndarray:
    powers = np.exp(logits.astype(np.longdouble))
    return powers / powers.sum()


def assert_same(found: Effect, expected: Effect, tolerance: float) -> None:
    assert found.interventions == expected.interventions
    assert found.target_tokens == expected.target_tokens
    assert found.text == expected.text
    assert found.tokens_changed == expected.tokens_changed
    assert found.log_probability_change == pytest.approx(expected.log_probability_change, abs=tolerance)
    np.testing.assert_allclose(found.divergences, expected.divergences.astype(float), atol=tolerance)


def all_of(translator: Translator, base: TranslationTrace, *arguments, **named) -> list[Effect]:
    return [each for lot in controls(translator, base, *arguments, **named) for each in lot]


# --- as if computed alone


@pytest.mark.parametrize(
    ("layers", "interventions"),
    [*((1, each) for each in ONE_LAYER.values()), *((2, each) for each in TWO_LAYERS.values())],
    ids=[*ONE_LAYER, *TWO_LAYERS],
)
def test_ours_and_each_random_set_have_the_effect_that_they_have_alone(build_tiny, layers, interventions):
    translator = build_tiny(layers=layers, dtype="float64").translator
    for sentence in SENTENCES:
        base = translator.translate(sentence)
        assert_same(effect(translator, base, interventions, MEANS), alone(translator, base, tuple(interventions)), 1e-9)
        for found in all_of(translator, base, interventions, 7, seed=2, means=MEANS, rows=4):
            assert_same(found, alone(translator, base, found.interventions), 1e-9)


def test_these_translations_part_at_the_start_later_and_never_and_some_meet_the_length_limit(build_tiny):
    """Or the test above would not have tried all of it."""
    translator = build_tiny(dtype="float64").translator
    found, parted = [], []
    for sentence in SENTENCES:
        base = translator.translate(sentence)
        for interventions in ONE_LAYER.values():
            some = all_of(translator, base, interventions, 7, seed=2, means=MEANS)
            found += some
            for each in some:
                pairs = zip(each.target_tokens, base.target_tokens, strict=False)
                is_same = [one == other for one, other in pairs]
                parted.append(is_same.index(False) if False in is_same else None)
    lengths = {len(each.target_tokens) for each in found}
    assert {0, 1, None} < set(parted)
    assert max(lengths) == MAX_TARGET_TOKENS
    assert len(lengths) > 10


def test_with_the_shipped_weights_too(shipped_translator):
    translator = shipped_translator("bn")
    base = translator.translate("Tom is not at home today.")
    for side in ("encoder", "decoder"):
        edit = [Intervention("cell_state", "scale", side, units=tuple(range(60)), first=1, value=-1.0)]
        found = all_of(translator, base, edit, 3, seed=5)
        assert len({each.target_tokens for each in found}) > 1
        for each in [effect(translator, base, edit), *found]:
            assert_same(each, alone(translator, base, each.interventions), 1e-4)


@pytest.mark.parametrize(
    "interventions",
    [
        [],
        [Intervention("forget_gate", "scale", units=(1,), value=1.0)],
        [Intervention("cell_state", "add", "encoder", units=(1,), value=0.0)],
        [Intervention("forget_gate", units=(1,), first=59, value=0.0)],  # past the end of the translation
    ],
)
def test_what_changes_nothing_has_no_effect(build_tiny, interventions):
    translator = build_tiny(dtype="float64").translator
    base = translator.translate("Go.")
    assert len(base.target_tokens) < 59
    found = effect(translator, base, interventions)
    assert found.target_tokens == base.target_tokens
    assert found.text == base.text
    assert found.tokens_changed == 0
    assert abs(found.log_probability_change) <= 1e-12
    assert found.divergences.shape == (len(base.target_tokens),)
    assert np.all(found.divergences <= 1e-12)
    assert np.all(found.divergences >= 0)


def test_nothing_before_the_first_touched_step_has_an_effect(build_tiny):
    translator = build_tiny().translator
    base = translator.translate(SENTENCES[0])
    found = effect(translator, base, [Intervention("candidate", units=(1, 2), first=2, value=1.0)])
    assert np.all(found.divergences[:2] == 0)
    assert found.divergences[2] > 0
    assert found.divergence == pytest.approx(found.divergences.sum())
    assert found.mean_divergence == pytest.approx(found.divergence / len(base.target_tokens))


def test_a_chosen_token_changes_what_is_written_and_not_what_is_expected(build_tiny):
    translator = build_tiny().translator
    base = translator.translate(SENTENCES[0])
    found = effect(translator, base, [Intervention("token", value=9, first=1, last=1)])
    assert found.target_tokens[1] == translator.target_vocabulary.tokens[9]
    assert found.tokens_changed > 0
    assert abs(found.log_probability_change) <= 1e-4
    assert found.divergence <= 1e-4


def test_a_translation_that_was_cut_off_is_measured_to_its_last_token(build_tiny, english_sentences):
    translator = build_tiny(dtype="float64").translator
    base = next(
        trace for trace in map(translator.translate, english_sentences) if len(trace.target_tokens) == MAX_TARGET_TOKENS
    )
    found = effect(translator, base, edit := [Intervention("forget_gate", units=(0,), value=0.9)])
    assert_same(found, alone(translator, base, tuple(edit)), 1e-8)
    assert found.divergences[-1] > 0


# --- random sets


def test_random_sets_keep_sizes_what_is_shared_and_all_but_the_units(build_tiny):
    translator = build_tiny(layers=2).translator
    listed = [
        Intervention("forget_gate", units=(0, 3), values=(0.25, 0.75), first=1, last=4),
        Intervention("input_gate", "scale", "encoder", units=(3, 5), value=2.0),
        Intervention("cell_state", layer=1, units=(0, 3), value=1.0),
        Intervention("attention", units=(1,), value=0.0),
        Intervention("token", value=9),
        Intervention("output_gate", value=1.0),
        Intervention("candidate", units=(2, 2, 1), value=1.0),
    ]
    generator = np.random.default_rng(0)
    drawn = [random_set(listed, generator, translator) for _ in range(300)]
    for found in drawn:
        assert [replace(each, units=one.units) for each, one in zip(found, listed, strict=True)] == listed
        assert found[3:6] == tuple(listed[3:6])
        (a, b), (c, d), (e, f), (g, h, i) = (found[number].units for number in (0, 1, 2, 6))
        assert b == c  # shared by decoder and encoder
        assert len({a, b, d}) == 3
        assert e != f
        assert g == h != i
    assert {found[0].units == found[2].units for found in drawn} == {True, False}  # another layer, other units
    counts = np.zeros((6, 6))
    for found in drawn:
        counts[found[0].units] += 1
    expected = len(drawn) / 30
    assert np.all(counts[~np.eye(6, dtype=bool)] > 0)  # every ordered pair of units comes up
    assert abs(counts[0, 3] - expected) < 4 * expected**0.5  # ours no more often than any other
    assert all(type(unit) is int for each in drawn[0] for unit in each.units)


def test_the_seed_decides_and_a_smaller_count_gives_the_first_of_a_larger_one(build_tiny):
    translator = build_tiny().translator
    base, edit = translator.translate("Go."), ONE_LAYER["set"]
    many, few, others = (
        [each.interventions for each in all_of(translator, base, edit, count, seed=seed, rows=rows)]
        for count, seed, rows in ((20, 3, 6), (7, 3, 50), (20, 4, 6))
    )
    assert len(many) == 20
    assert many[:7] == few
    assert many != others
    generator = np.random.default_rng(3)
    assert few == [random_set(edit, generator, translator) for _ in range(7)]


def test_lots_come_one_by_one_so_that_one_may_stop(build_tiny, monkeypatch):
    translator, computed = build_tiny().translator, []
    whole = effects._effects
    monkeypatch.setattr(effects, "_effects", lambda *given: computed.append(len(given[3])) or whole(*given))
    base = translator.translate("Go.")
    lots = controls(translator, base, ONE_LAYER["set"], 25, 1, rows=10)
    assert computed == []
    assert len(next(lots)) == 10
    assert computed == [10]
    assert [len(lot) for lot in lots] == [10, 5]


def test_the_effects_of_one_lot_do_not_depend_on_how_many_are_computed_together(build_tiny):
    translator = build_tiny(dtype="float64").translator
    base, edit = translator.translate(SENTENCES[0]), ONE_LAYER["encoder"]
    for one, other in zip(
        all_of(translator, base, edit, 6, seed=1, rows=6), all_of(translator, base, edit, 6, seed=1, rows=1),
        strict=True,
    ):  # fmt: skip
        assert_same(one, other, 1e-9)


@pytest.mark.parametrize(
    ("interventions", "is_so"),
    [
        ([], False),
        ([Intervention("forget_gate")], False),
        ([Intervention("attention", units=(1,)), Intervention("token", value=4)], False),
        ([Intervention("forget_gate"), Intervention("input_gate", units=(0,))], True),
    ],
)
def test_there_is_a_control_where_units_are_named_and_else_it_is_refused_in_words(build_tiny, interventions, is_so):
    translator = build_tiny().translator
    base = translator.translate("Go.")
    assert has_control(interventions) == is_so
    if is_so:
        assert len(all_of(translator, base, interventions, 2, seed=1)) == 2
    else:
        with pytest.raises(EffectsError, match="No intervention names units"):
            controls(translator, base, interventions, 2, 1)


def test_what_cannot_be_measured_is_refused_before_anything_is_computed(build_tiny):
    translator = build_tiny().translator
    base, edit = translator.translate(SENTENCES[0]), ONE_LAYER["set"]
    others = (
        replace(translator, language="mr").translate(SENTENCES[0]),
        translator.translate(SENTENCES[0], [Intervention("token", value=9, first=1, last=1)]),
        replace(base, source_tokens=base.source_tokens[::-1]),
        first_steps_of(translator, SENTENCES[0], 2),
    )
    for other in others:
        for measure in (effect, lambda *given: controls(*given, 2, 1)):
            with pytest.raises(EffectsError, match="greedy translation by the same network"):
                measure(translator, other, edit)
    for measure in (effect, lambda *given: controls(*given, 2, 1)):
        with pytest.raises(InterventionError, match="no unit 6"):
            measure(translator, base, [Intervention("forget_gate", units=(6,))])
        with pytest.raises(InterventionError, match="no recorded mean"):
            measure(translator, base, ONE_LAYER["mean"])


def first_steps_of(translator: Translator, sentence: str, count: int) -> TranslationTrace:
    """A greedy run that somebody stopped early."""
    source = translator.source(sentence)
    return translator.gather(source, list(translator.steps(source))[: len(source.ids) + count])


# --- ours among them


def made(changed: int = 0, log_probability: float = 0.0, divergence: float = 0.0) -> Effect:
    return Effect((), (), "", changed, log_probability, np.array([divergence / 2, divergence / 2]))


def test_the_largest_effect_comes_first_whatever_its_sign_and_equal_ones_share_places():
    others = [made(3, -5.0, 9.0), made(1, 2.0, 1.0), made(1, 0.1, 1.00005), made(0, -0.5, 0.2)]
    ours = made(1, -2.00005, 1.0)
    assert [str(rank(ours, others, measure)) for measure in MEASURES] == ["2 to 4 of 5", "2 to 3 of 5", "2 to 4 of 5"]
    ours = made(4, 6.0, 0.1)
    assert [str(rank(ours, others, measure)) for measure in MEASURES] == ["1 of 5", "1 of 5", "5 of 5"]
    assert rank(made(0), [], "tokens_changed") == effects.Rank(1, 1, 1)


def test_differences_of_a_ten_thousandth_are_rounding_and_larger_ones_are_not():
    for measure, of in (("log_probability", "log_probability"), ("divergence", "divergence")):
        near, far = made(**{of: 1.00009}), made(**{of: 1.00012})
        assert str(rank(made(**{of: 1.0}), [near], measure)) == "1 to 2 of 2"
        assert str(rank(made(**{of: 1.0}), [far], measure)) == "2 of 2"
        assert str(rank(far, [made(**{of: 1.0})], measure)) == "1 of 2"


def test_the_spread_has_the_signs():
    others = [made(3, -5.0, 9.0), made(1, 2.0, 1.0), made(2, 0.5, 4.0), made(0, -0.5, 0.0)]
    assert spread(others, "tokens_changed") == effects.Spread(0.0, 1.5, 3.0)
    assert spread(others, "log_probability") == effects.Spread(-5.0, 0.0, 2.0)
    assert spread(others, "divergence") == effects.Spread(0.0, 2.5, 9.0)
    with pytest.raises(EffectsError, match="no random sets"):
        spread([], "divergence")
