"""chrF2++ and BLEU against all references, by sacrebleu, and how sure one can be of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from sacrebleu.metrics import BLEU, CHRF

from models.evaluation.results import SAMPLES
from models.recurrent.trace import Array

SEED = 12345  # of the bootstrap; sacrebleu's own default, as is the number of samples
CONFIDENCE = 95  # per cent


@dataclass(frozen=True)
class Scores:
    """Corpus scores, 0 to 100, with the signature that lets anybody compute them again."""

    bleu: float
    chrf: float
    bleu_signature: str
    chrf_signature: str


@dataclass(frozen=True)
class Difference:
    """How much higher one system scores than another on the same sentences."""

    difference: float  # -100 to 100
    interval: tuple[float, float]  # 95 %, by paired bootstrap
    p: float  # 0 to 1, two-sided: how often a difference as large would come about by chance


def score(hypotheses: Sequence[str], references: Sequence[Sequence[str]]) -> Scores:
    """Score one hypothesis per sentence against all its references.

    BLEU (Papineni et al. 2002) with the 13a tokeniser and chrF2++ (Popović 2017: word order 2), both by sacrebleu
    (Post 2018). A space is put before the danda (the Bangla full stop), which 13a does not separate.
    """
    metrics = _metrics()
    written, columns = _as_sacrebleu_wants(hypotheses, references)
    bleu, chrf = (metrics[name].corpus_score(written, columns).score for name in ("bleu", "chrf"))
    return Scores(bleu, chrf, *(str(metrics[name].get_signature()) for name in ("bleu", "chrf")))


def sentence_chrf(hypothesis: str, references: Sequence[str]) -> float:
    """chrF2++ of one sentence, 0 to 100: that of the reference nearest to it."""
    return _metrics()["chrf"].sentence_score(separate_danda(hypothesis), list(map(separate_danda, references))).score


def statistics(hypotheses: Sequence[str], references: Sequence[Sequence[str]]) -> dict[str, Array]:
    """What both scores are computed from, for each of N sentences: {"bleu": (N, 10), "chrf": (N, 24)} whole numbers.

    BLEU counts lengths, matching and possible n-grams; chrF2++ counts n-grams of hypothesis, reference and both. The
    score of a set of sentences follows from the sum of their rows.
    """
    written, columns = _as_sacrebleu_wants(hypotheses, references)
    return {
        name: np.array(metric._extract_corpus_statistics(written, columns)) for name, metric in _metrics().items()
    }  # fmt: skip


def draws(sentences: int, samples: int = SAMPLES, seed: int = SEED) -> Array:
    """How often each sentence is drawn, (samples, sentences): each row draws as many as there are, with replacement."""
    generator = np.random.default_rng(seed)
    return generator.multinomial(sentences, np.full(sentences, 1 / sentences), size=samples)


def resampled(name: str, counts: Array, drawn: Array) -> Array:
    """Score every bootstrap sample, (samples,), from the ``statistics`` of one metric, "bleu" or "chrf"."""
    metric = _metrics()[name]
    return np.array([metric._compute_score_from_stats(row).score for row in (drawn @ counts).tolist()])


def interval(scores: Array) -> tuple[float, float]:
    """The middle 95 % of bootstrap scores: what the score may be on other sentences of the kind (Koehn 2004)."""
    low, high = np.percentile(scores, [(100 - CONFIDENCE) / 2, (100 + CONFIDENCE) / 2])
    return float(low), float(high)


def intervals(counts: Mapping[str, Array]) -> dict[str, tuple[float, float]]:
    """95 % intervals of both scores, from ``statistics``."""
    return {name: interval(resampled(name, rows, draws(len(rows)))) for name, rows in counts.items()}


def compare(system: Mapping[str, Array], baseline: Mapping[str, Array]) -> dict[str, Difference]:
    """Compare two systems by paired bootstrap (Koehn 2004, section 5), from their ``statistics`` on the same sentences.

    Both are scored on the same samples. The p-value counts how often the difference, centred on its mean over the
    samples, is at least as far from 0 as the one observed (the shift method of Riezler & Maxwell 2005, section 5).
    """
    differences = {}
    for name in system:
        everything = np.ones((1, len(system[name])), int)
        observed = resampled(name, system[name], everything)[0] - resampled(name, baseline[name], everything)[0]
        drawn = draws(len(system[name]))
        sampled = resampled(name, system[name], drawn) - resampled(name, baseline[name], drawn)
        by_chance = int((abs(sampled - sampled.mean()) >= abs(observed)).sum())
        differences[name] = Difference(float(observed), interval(sampled), (by_chance + 1) / (len(sampled) + 1))
    return differences


def separate_danda(text: str) -> str:
    return " ".join(text.replace("।", " ।").split())


def _metrics() -> dict[str, BLEU | CHRF]:
    """New ones each time: sacrebleu keeps in them what the last corpus was like."""
    return {"bleu": BLEU(tokenize="13a"), "chrf": CHRF(word_order=2)}


def _as_sacrebleu_wants(
    hypotheses: Sequence[str], references: Sequence[Sequence[str]]
) -> tuple[list[str], list[list[str | None]]]:
    """The same number of references for every sentence: missing ones are ``None`` and ignored."""
    columns = [
        [separate_danda(group[number]) if number < len(group) else None for group in references]
        for number in range(max(map(len, references)))
    ]
    return [separate_danda(hypothesis) for hypothesis in hypotheses], columns
