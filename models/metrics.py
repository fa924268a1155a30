"""chrF2++ and BLEU against all references, by sacrebleu."""

from collections.abc import Sequence
from dataclasses import dataclass

from sacrebleu.metrics import BLEU, CHRF


@dataclass(frozen=True)
class Scores:
    """Corpus scores, 0 to 100, with the signature that lets anybody compute them again."""

    bleu: float
    chrf: float
    bleu_signature: str
    chrf_signature: str


def score(hypotheses: Sequence[str], references: Sequence[Sequence[str]]) -> Scores:
    """Score one hypothesis per sentence against all its references.

    BLEU (Papineni et al. 2002) with the 13a tokeniser, chrF2++ (Popovic 2017) with word order 2. A space is put
    before the danda (the Bangla full stop), which 13a does not separate. sacrebleu wants every sentence to have
    equally many references: missing ones are ``None`` and ignored.
    """
    most = max(map(len, references))
    columns = [
        [separate_danda(group[number]) if number < len(group) else None for group in references]
        for number in range(most)
    ]
    bleu, chrf = BLEU(tokenize="13a"), CHRF(word_order=2)
    written = [separate_danda(hypothesis) for hypothesis in hypotheses]
    bleu_score, chrf_score = bleu.corpus_score(written, columns), chrf.corpus_score(written, columns)
    return Scores(
        bleu_score.score, chrf_score.score, str(bleu.get_signature()), str(chrf.get_signature())
    )  # fmt: skip


def separate_danda(text: str) -> str:
    return " ".join(text.replace("।", " ।").split())
