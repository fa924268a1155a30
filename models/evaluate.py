"""Score the shipped translator on a file of sentence pairs: ``python -m models.evaluate FILE.tsv --to bn``."""

import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from tqdm import tqdm

from models.checkpoints import ASSETS, load_translator
from models.command_line import Parser, one_core, one_line_errors
from models.configuration import LANGUAGES
from models.corpus import Pair, by_english, read_pairs
from models.metrics import Scores, score
from models.text import SentenceError
from models.translator import Translator


@dataclass(frozen=True)
class Evaluation:
    """Greedy scores over the distinct English sentences of a file."""

    scores: Scores
    sentences: int
    references: int
    refused: int  # sentences over the length limits; scored as an empty translation
    seconds: float


def evaluate(translator: Translator, pairs: Sequence[Pair]) -> Evaluation:
    """Translate each distinct English sentence once and score it against all its references."""
    references = by_english(pairs)
    started = time.perf_counter()
    hypotheses, refused = [], 0
    for english in tqdm(references, "translating", unit=" sentences", leave=False, delay=2):
        try:
            hypotheses.append(translator.translate(english).text)
        except SentenceError:
            hypotheses.append("")
            refused += 1
    seconds = time.perf_counter() - started
    return Evaluation(score(hypotheses, list(references.values())), len(references), len(pairs), refused, seconds)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = Parser(
        prog="python -m models.evaluate",
        description="Translate the English sentences of FILE greedily and score them with sacrebleu: BLEU (13a, a "
        "space put before the danda) and chrF2++. Several lines with the same English are several references.",
    )
    parser.add_argument(
        "file", type=Path, metavar="FILE.tsv", help="UTF-8 lines: English, tab, translation, tab, anything"
    )
    parser.add_argument("--to", required=True, metavar="LANGUAGE", help="bn (Bangla) or mr (Marathi)")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of text")
    parser.add_argument("--assets", type=Path, default=ASSETS, help="folder of the weights (default: those shipped)")
    options = parser.parse_args(arguments)
    one_core()
    with one_line_errors():
        translator = load_translator(options.to, options.assets)
        result = evaluate(translator, read_pairs(options.file, options.to))
        if options.json:
            print(json.dumps(as_json(result)))
            return
        print(f"{LANGUAGES[options.to]}: {result.sentences} sentences, {result.references} references")
        print(f"BLEU    {result.scores.bleu:5.2f}  {result.scores.bleu_signature}")
        print(f"chrF2++ {result.scores.chrf:5.2f}  {result.scores.chrf_signature}")
        print(
            f"{result.seconds:.1f} seconds" + (f"; {result.refused} too long, scored as empty" * bool(result.refused))
        )


def as_json(result: Evaluation) -> dict[str, float | int | str]:
    whole = asdict(result)
    return {**{name: value for name, value in whole.items() if name != "scores"}, **whole["scores"]}


if __name__ == "__main__":
    main(sys.argv[1:])
