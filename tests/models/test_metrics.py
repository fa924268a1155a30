"""Scores: those of sacrebleu on all references, with the danda cut off."""

import pytest
import sacrebleu

from models.metrics import score, separate_danda

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
