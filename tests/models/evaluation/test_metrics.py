"""Scores: those of sacrebleu on all references, with the danda cut off."""

import random

import numpy as np
import pytest
import sacrebleu

from models.evaluation.metrics import (
    SAMPLES,
    compare,
    draws,
    interval,
    intervals,
    resampled,
    score,
    sentence_chrf,
    separate_danda,
    statistics,
)

HYPOTHESES = ["বিড়ালটা বসল।", "আমি ভাত খাই না।", "সে কোথায় যায়?"]
REFERENCES = [["বিড়ালটা বসল।", "বিড়ালটি বসেছে।"], ["আমি ভাত খাই।"], ["সে কোথায় গেল?", "সে কোথায় যায়?", "ও কোথায় যায়?"]]


def test_scores_are_those_of_sacrebleu_with_all_references_and_a_space_before_the_danda():
    spaced = [text.replace("।", " ।") for text in HYPOTHESES]
    columns = [
        [group[number].replace("।", " ।") if number < len(group) else None for group in REFERENCES]
        for number in range(3)
    ]
    scores = score(HYPOTHESES, REFERENCES)
    assert scores.bleu == sacrebleu.corpus_bleu(spaced, columns).score
    assert scores.chrf == sacrebleu.corpus_chrf(spaced, columns, word_order=2).score
    assert 0 < scores.bleu < 100
    assert scores.bleu != score(HYPOTHESES, [group[:1] for group in REFERENCES]).bleu


def test_any_of_the_references_earns_full_marks():
    best = [group[-1] for group in REFERENCES]
    scores = score(best, REFERENCES)
    assert scores.bleu == pytest.approx(100)
    assert scores.chrf == pytest.approx(100)


def test_signatures_say_how_to_compute_the_scores_again():
    scores = score(HYPOTHESES, REFERENCES)
    assert {"tok:13a", "nrefs:var"} <= set(scores.bleu_signature.split("|"))
    assert {"nc:6", "nw:2", "nrefs:var"} <= set(scores.chrf_signature.split("|"))
    assert sacrebleu.__version__ in scores.bleu_signature


def test_empty_translations_score_zero():
    scores = score(["", "", ""], REFERENCES)
    assert (scores.bleu, scores.chrf) == (0, 0)


@pytest.mark.parametrize(
    ("text", "separated"), [("বসল।", "বসল ।"), ("বসল ।", "বসল ।"), ("a। b।", "a । b ।"), ("", ""), ("Go.", "Go.")]
)
def test_the_danda_becomes_a_word_of_its_own(text, separated):
    assert separate_danda(text) == separated


def corpus_of(count: int, seed: int) -> tuple[list[str], list[list[str]], list[str]]:
    """Hypotheses, one to three references each, and the hypotheses of a worse system."""
    generator = random.Random(seed)
    words = ["আমি", "তুমি", "সে", "ভাত", "বই", "পড়ি", "খাই", "যাই", "দেখি", "একটা", "দুটো", "আজ", "কাল।"]
    references = [
        [" ".join(generator.choices(words, k=generator.randint(2, 7))) for _ in range(generator.randint(1, 3))]
        for _ in range(count)
    ]

    def worsened(text, rate):
        return " ".join(word if generator.random() > rate else generator.choice(words) for word in text.split())

    good = [worsened(generator.choice(group), 0.3) for group in references]
    return good, references, [worsened(text, 0.4) for text in good]


def scores_of_draw(hypotheses, references, drawn) -> dict[str, float]:
    """Score a bootstrap sample the long way: write every drawn sentence out, as often as it was drawn."""
    numbers = [number for number, times in enumerate(drawn) for _ in range(times)]
    scores = score([hypotheses[number] for number in numbers], [references[number] for number in numbers])
    return {"bleu": scores.bleu, "chrf": scores.chrf}


def test_every_draw_has_as_many_sentences_as_there_are_and_is_the_same_each_time():
    drawn = draws(7, samples=2000)
    assert drawn.shape == (2000, 7)
    assert (drawn.sum(axis=1) == 7).all()
    assert np.array_equal(drawn, draws(7, samples=2000))
    assert not np.array_equal(drawn, draws(7, samples=2000, seed=2))
    assert drawn.mean(axis=0) == pytest.approx(np.ones(7), abs=0.1)
    assert (drawn == 0).mean() == pytest.approx((6 / 7) ** 7, abs=0.02), "with replacement"


def test_resampled_scores_are_those_of_the_sentences_drawn():
    hypotheses, references, _ = corpus_of(12, seed=1)
    counts, drawn = statistics(hypotheses, references), draws(12, samples=30)
    expected = [scores_of_draw(hypotheses, references, row) for row in drawn]
    for name in ("bleu", "chrf"):
        assert resampled(name, counts[name], drawn) == pytest.approx([scores[name] for scores in expected])


def test_an_interval_leaves_out_a_fortieth_on_either_side():
    scores = np.random.default_rng(3).permutation(np.arange(1001.0))
    assert interval(scores) == (25, 975)


def test_intervals_lie_around_the_score_and_narrow_with_more_sentences():
    widths = {}
    for count in (30, 300):
        hypotheses, references, _ = corpus_of(count, seed=2)
        scores = score(hypotheses, references)
        found = intervals(statistics(hypotheses, references))
        assert found["chrf"][0] < scores.chrf < found["chrf"][1]
        assert found["bleu"][0] < scores.bleu < found["bleu"][1]
        widths[count] = found["chrf"][1] - found["chrf"][0]
    assert widths[300] < widths[30] / 2


def test_a_comparison_is_that_of_scoring_both_systems_on_every_sample():
    hypotheses, references, worse = corpus_of(10, seed=4)
    found = compare(statistics(worse, references), statistics(hypotheses, references))
    differences = {"bleu": [], "chrf": []}
    for row in draws(10):
        ours, theirs = (scores_of_draw(texts, references, row) for texts in (worse, hypotheses))
        for name in differences:
            differences[name].append(ours[name] - theirs[name])
    for name, sampled in differences.items():
        observed = getattr(score(worse, references), name) - getattr(score(hypotheses, references), name)
        assert found[name].difference == pytest.approx(observed)
        assert found[name].interval == pytest.approx(np.quantile(sampled, [0.025, 0.975]))
        centre = sum(sampled) / len(sampled)
        as_far = sum(abs(value - centre) >= abs(observed) for value in sampled)
        assert found[name].p == pytest.approx((as_far + 1) / (SAMPLES + 1))


def test_a_clear_difference_is_no_chance_and_none_at_all_is():
    hypotheses, references, worse = corpus_of(200, seed=5)
    good, bad = statistics(hypotheses, references), statistics(worse, references)
    clear, reverse, none = compare(good, bad)["chrf"], compare(bad, good)["chrf"], compare(good, good)["chrf"]
    assert clear.difference > 0
    assert clear.interval[0] > 0
    assert clear.p == pytest.approx(1 / (SAMPLES + 1))
    assert (reverse.difference, reverse.p) == (-clear.difference, clear.p)
    assert (none.difference, none.interval, none.p) == (0, (0, 0), 1)


def test_the_chrf_of_a_sentence_is_that_of_its_nearest_reference():
    for hypothesis, group in zip(HYPOTHESES, REFERENCES, strict=True):
        expected = max(
            sacrebleu.sentence_chrf(separate_danda(hypothesis), [separate_danda(reference)], word_order=2).score
            for reference in group
        )
        assert sentence_chrf(hypothesis, group) == pytest.approx(expected)
    assert sentence_chrf("", ["ভাত"]) == 0
