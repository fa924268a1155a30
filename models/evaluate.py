"""Score a network on sentence pairs, or gather all evidence there is: ``python -m models.evaluate --help``."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from models.command_line import Parser, one_core, one_line_errors, ranged
from models.evaluation.evidence import BEAM, Evaluation, as_json, evaluate, write_evidence
from models.language.corpus import read_pairs
from models.language.languages import LANGUAGES
from models.translation.checkpoints import ASSETS, NAME, load_translator
from models.translation.decoding import WIDEST


def main(arguments: Sequence[str] | None = None) -> None:
    parser = Parser(
        prog="python -m models.evaluate",
        description="Translate the English sentences of FILE and score them with sacrebleu: BLEU (13a, a space put "
        "before the danda) and chrF2++. Several lines with the same English are several references.",
        epilog="With --all: gather every number that the model cards and the pages show, on two validation files, into "
        "evaluation/evidence.json of the assets folder. The same files and weights give the same bytes.",
    )
    parser.add_argument(
        "file", type=Path, nargs="?", metavar="FILE.tsv", help="UTF-8 lines: English, tab, translation, tab, anything"
    )
    parser.add_argument("--to", metavar="LANGUAGE", help="bn (Bangla) or mr (Marathi)")
    parser.add_argument("--network", default=NAME, metavar="NAME", help=f"which network (default: {NAME})")
    parser.add_argument(
        "--beam",
        type=ranged(int, 1, WIDEST),
        default=BEAM,
        metavar="N",
        help=f"hypotheses kept at each step (default: {BEAM}, usual for scores; 1 is greedy, as pages begin with)",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of text")
    parser.add_argument("--all", action="store_true", help="gather all evidence; needs --bangla and --marathi")
    for name, code in (("bangla", "bn"), ("marathi", "mr")):
        parser.add_argument(f"--{name}", dest=code, type=Path, metavar="FILE.tsv", help="validation pairs, for --all")
    parser.add_argument("--assets", type=Path, default=ASSETS, help="folder of the weights (default: those shipped)")
    options = parser.parse_args(arguments)
    files = {code: getattr(options, code) for code in LANGUAGES}
    if options.all and (None in files.values() or options.file or options.to):
        parser.error("--all takes --bangla FILE.tsv and --marathi FILE.tsv, and nothing else to score")
    if not options.all and (options.file is None or options.to is None or any(files.values())):
        parser.error("expected FILE.tsv and --to LANGUAGE, or --all")
    one_core()
    with one_line_errors():
        if options.all:
            print(write_evidence(files, options.assets))
            return
        translator = load_translator(options.to, options.assets, options.network)
        result = evaluate(translator, read_pairs(options.file, options.to), options.beam)
        if options.json:
            print(json.dumps({"network": options.network, "beam": options.beam, **as_json(result)}))
        else:
            print(as_text(result, f"{LANGUAGES[options.to]}, beam {options.beam}"))


def as_text(result: Evaluation, language: str) -> str:
    refused = f"; {result.refused} too long, scored as empty" if result.refused else ""
    return (
        f"{language}: {result.sentences} sentences, {result.references} references\n"
        f"BLEU    {result.scores.bleu:5.2f}  {result.scores.bleu_signature}\n"
        f"chrF2++ {result.scores.chrf:5.2f}  {result.scores.chrf_signature}\n"
        f"{result.seconds:.1f} seconds{refused}"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
