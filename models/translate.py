"""Translate one sentence: ``python -m models.translate "Help!" --to bn``."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from models.checkpoints import ASSETS, load_translator
from models.command_line import Parser, one_core, one_line_errors
from models.trace import QUANTITIES, Trace, TranslationTrace


def main(arguments: Sequence[str] | None = None) -> None:
    parser = Parser(
        prog="python -m models.translate", description="Translate one English sentence, offline, with the shipped LSTM."
    )
    parser.add_argument("sentence", metavar="SENTENCE", help="in quotes; at most 200 characters and 70 subwords")
    parser.add_argument("--to", required=True, metavar="LANGUAGE", help="bn (Bangla) or mr (Marathi)")
    parser.add_argument(
        "--json", action="store_true", help="print tokens, probabilities, attention and all gates as JSON"
    )
    parser.add_argument("--assets", type=Path, default=ASSETS, help="folder of the weights (default: those shipped)")
    options = parser.parse_args(arguments)
    one_core()
    with one_line_errors():
        trace = load_translator(options.to, options.assets).translate(options.sentence)
        print(json.dumps(as_json(trace), ensure_ascii=False) if options.json else trace.text)


def as_json(trace: TranslationTrace) -> dict:
    """Everything of a translation but the logits, as plain lists."""
    return {
        "sentence": trace.sentence,
        "text": trace.text,
        "language": trace.language,
        "is_finished": trace.is_finished,
        "source_tokens": trace.source_tokens,
        "target_tokens": trace.target_tokens,
        "probabilities": trace.probabilities.tolist(),
        "candidates": [[[c.token, c.probability] for c in step] for step in trace.candidates],
        "attention": trace.attention.tolist(),
        "encoder": [layer_as_json(layer) for layer in trace.encoder],
        "decoder": [layer_as_json(layer) for layer in trace.decoder],
    }


def layer_as_json(trace: Trace) -> dict:
    """Tokens read and the six quantities, (timesteps, units) each."""
    return {"tokens": trace.tokens, **{name: getattr(trace, name).tolist() for name in QUANTITIES}}


if __name__ == "__main__":
    main(sys.argv[1:])
