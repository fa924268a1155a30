"""Translate one sentence: ``python -m models.translate "Help!" --to bn --beam 3``."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from models.command_line import Parser, one_core, one_line_errors, ranged
from models.recurrent.trace import QUANTITIES, Trace
from models.translation.checkpoints import ASSETS, load_translator
from models.translation.decoding import SCORE, WIDEST, Node
from models.translation.record import TranslationTrace
from models.translation.translator import Beam


def main(arguments: Sequence[str] | None = None) -> None:
    parser = Parser(
        prog="python -m models.translate", description="Translate one English sentence, offline, with the shipped LSTM."
    )
    parser.add_argument("sentence", metavar="SENTENCE", help="in quotes; at most 200 characters and 70 subwords")
    parser.add_argument("--to", required=True, metavar="LANGUAGE", help="bn (Bangla) or mr (Marathi)")
    parser.add_argument(
        "--json", action="store_true", help="print tokens, probabilities, attention and all gates as JSON"
    )
    parser.add_argument(
        "--beam", type=ranged(int, 1, WIDEST), default=1, metavar="N",
        help=f"translations followed at once, 1 to {WIDEST} (default: 1, greedy search); the best is printed, by its "
        f"score: {SCORE}. With --json also the others, and every token that was dropped, with the reason",
    )  # fmt: skip
    parser.add_argument("--assets", type=Path, default=ASSETS, help="folder of the weights (default: those shipped)")
    options = parser.parse_args(arguments)
    one_core()
    with one_line_errors():
        beam = load_translator(options.to, options.assets).search(options.sentence, options.beam)
        trace = beam.trace(beam.search.hypotheses[0])
        print(json.dumps(as_json(trace) | beam_as_json(beam), ensure_ascii=False) if options.json else trace.text)


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


def beam_as_json(beam: Beam) -> dict:
    """The translations that a search found, best first, and the tokens that it dropped, in the order of its steps."""

    def described(node: Node) -> dict:
        numbers = {"log_probability": node.total, "score": node.score}
        return {"text": beam.text(node), "tokens": [tokens[token] for token in node.tokens], **numbers}

    tokens = beam.translator.target_vocabulary.tokens
    return {
        "beam": beam.search.width,
        "score": SCORE,
        "hypotheses": [
            {**described(node), "is_finished": node.fate.status == "finished", "is_greedy": node.is_greedy}
            for node in beam.search.hypotheses
        ],
        "dropped": [
            {**described(node), "token_log_probability": node.log_probability, "step": node.step,
             "dropped_at_step": node.fate.step, "reason": node.fate.reason}
            for node in beam.search.dropped
        ],
    }  # fmt: skip


def layer_as_json(trace: Trace) -> dict:
    """Tokens read and the six quantities, (timesteps, units) each."""
    return {"tokens": trace.tokens, **{name: getattr(trace, name).tolist() for name in QUANTITIES}}


if __name__ == "__main__":
    main(sys.argv[1:])
