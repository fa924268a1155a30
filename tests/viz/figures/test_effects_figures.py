"""The effects of interventions as table, chart and sentences: numbers of the models, tokens inert."""

from dataclasses import replace

import numpy as np
import pytest

from models.analysis.effects import Effect, controls, effect
from models.translation.interventions import Intervention
from viz.figures import effect_captions as said
from viz.figures.effects import divergence_chart, divergence_rows, effect_header, effect_rows
from viz.figures.wording import number

SENTENCE = "the cat sat"
EACH = Intervention("cell_state", units=(1, 4), value=2.0, first=1)


@pytest.fixture(scope="module")
def ours(tiny_translator, translation) -> Effect:
    return effect(tiny_translator, translation, [EACH])


@pytest.fixture(scope="module")
def others(tiny_translator, translation) -> list[Effect]:
    return [other for lot in controls(tiny_translator, translation, [EACH], 9, seed=2) for other in lot]


def with_divergence(effects: Effect, total: float) -> Effect:
    steps = len(effects.divergences)
    return replace(effects, divergences=np.full(steps, total / steps))


def test_the_table_has_each_measure_with_its_spread_and_rank(ours, others):
    assert effect_header([]) == ("Measure", "This intervention")
    assert effect_header(others)[2] == "9 random sets: lowest"
    assert [len(row) for row in effect_rows(ours, [])] == [2, 2, 2]
    tokens, log_probability, divergence = effect_rows(ours, others)
    assert tokens[1] == str(ours.tokens_changed)
    assert tokens[2:5] == tuple(
        f"{find([other.tokens_changed for other in others]):g}" for find in (np.min, np.median, np.max)
    )
    found = [other.log_probability_change for other in others]
    assert log_probability[1:5] == tuple(
        number(value, ".4f") for value in (ours.log_probability_change, np.min(found), np.median(found), np.max(found))
    )
    larger = sum(other.divergence > ours.divergence + 1e-4 for other in others)
    assert divergence[5].split()[0] == str(larger + 1)
    assert divergence[5].endswith("of 10")
    assert "teacher forcing" in log_probability[0]
    assert "teacher forcing" in divergence[0]
    assert "teacher forcing" not in tokens[0]


def test_the_chart_draws_the_divergence_of_each_step_and_the_median_of_the_random_sets(translation, ours, others):
    figure = divergence_chart(translation, ours, others)
    assert figure.data[0].y.tolist() == ours.divergences.tolist()
    median = np.median([other.divergences for other in others], axis=0)
    assert figure.data[1].y.tolist() == pytest.approx(median.tolist())
    assert len(divergence_chart(translation, ours).data) == 1
    assert len(figure.layout.xaxis.ticktext) == len(translation.target_tokens)


def test_tokens_of_the_chart_are_no_mark_up(translation, ours):
    odd = replace(translation, target_tokens=("<b>$x$", *translation.target_tokens[1:]))
    figure = divergence_chart(odd, ours)
    for texts in (figure.layout.xaxis.ticktext, figure.data[0].customdata):
        assert texts[0] == "&lt;b&gt;&#36;x&#36;"
    assert divergence_rows(odd, ours)[0][1] == "<b>$x$"


def test_rows_and_caption_of_the_divergence_have_the_numbers_of_the_run(translation, ours):
    rows = divergence_rows(translation, ours)
    assert [row[0] for row in rows] == list(range(1, len(translation.target_tokens) + 1))
    assert [row[2] for row in rows] == [number(value, ".4f") for value in ours.divergences]
    caption = said.divergence_caption(translation, ours)
    at = int(np.argmax(ours.divergences))
    assert f"{number(ours.divergence, '.4f')} nats in all" in caption
    assert f"decoder step {at + 1}," in caption
    nothing = replace(ours, divergences=np.zeros_like(ours.divergences))
    assert "no step" in said.divergence_caption(translation, nothing)


@pytest.mark.parametrize(
    ("size", "verdict"),
    [
        (100.0, "so these units stand out"),
        (0.8, "most random sets did less, but these units do not stand out"),
        (0.55, "as many random sets did more as did not"),
        (0.001, "most random sets did more"),
    ],
)
def test_the_rank_is_said_in_words(ours, size, verdict):
    others = [with_divergence(ours, total) for total in np.linspace(0.1, 1, 40)]
    caption = said.rank_caption(with_divergence(ours, size), others)
    more = sum(other.divergence > size for other in others)
    assert caption.startswith(f"Of 40 random sets of as many units, {more} changed")
    assert verdict in caption


def test_equal_effects_are_said_to_be_equal(ours):
    caption = said.rank_caption(with_divergence(ours, 1.0), [with_divergence(ours, 1.0)] * 3)
    assert "0 changed the probabilities more than these, 3 as much" in caption
    assert "these units do not stand out: random sets did as much" in caption


def outcome_of(translation, tokens: str):
    return replace(
        translation,
        target_tokens=tuple(tokens.split()),
        probabilities=(count := len(tokens.split())) and np.ones(count),
        attention=np.ones((count, len(translation.source_tokens))),
        attention_scores=np.ones((count, len(translation.source_tokens))),
        context=np.ones((count, translation.context.shape[1])),
        decoder=[shortened(translation.decoder[0], count)],
    )


def shortened(trace, count: int):
    """Any trace of so many steps."""
    names = ("input_gate", "forget_gate", "candidate", "output_gate", "cell_state", "hidden_state")
    parts = {name: np.zeros((count, len(trace.initial_cell_state))) for name in names}
    maps = {
        name: type(getattr(trace, name))(np.zeros((count, *getattr(trace, name).packed.shape[1:])))
        for name in ("input_part", "memory_part")
    }
    return replace(trace, tokens=("x",) * count, **parts, **maps)


@pytest.mark.parametrize(
    ("before", "after", "expected", "changed"),
    [
        ("a b c </s>", "a b c </s>", "same", 0),
        ("a b c </s>", "a b d </s>", "few", 1),
        ("a b c </s>", "a x d </s>", "few", 2),
        ("a b c </s>", "x y d </s>", "most", 3),
        ("a b c </s>", "a b c c c", "endless", 2),
        ("a b c", "a b c", "same", 0),
    ],
)
def test_what_became_of_a_translation_is_counted(translation, before, after, expected, changed):
    one, other = outcome_of(translation, before), outcome_of(translation, after)
    assert said.outcome(one, other) == expected
    caption = said.guess_caption("most", one, other)
    assert caption.startswith("Your guess: more than half of the tokens change.")
    assert ("That is what happened." in caption) == (expected == "most")
    assert (f" {changed} token" in caption) == (changed > 0)
    assert ("length limit" in caption) == (expected == "endless")
