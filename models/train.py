"""Train the shipped translator: ``python -m models.train --bangla ben.txt --marathi mar.txt``."""

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from models.checkpoints import load_card, load_translator, save_card, save_translator
from models.command_line import Parser, one_line_errors, ranged
from models.configuration import LANGUAGES, Language, TranslatorConfig
from models.corpus import Pair, by_english, hold_out, read_pairs, sentence_key
from models.evaluate import as_json, evaluate
from models.names import Name, NameAugmentation, read_names
from models.network import TranslatorNetwork
from models.training import STATE, Training, TrainingConfig, TrainingStateError, validation_scores
from models.vocabulary import WORD_START, Vocabulary, learn

ASCII = tuple(map(chr, range(33, 127)))
OWN = Path(__file__).resolve().parent.parent / "assets" / "training"  # what this project wrote itself
LECTURE_NOTES, EVERYDAY = OWN / "lecture-notes.eng-ben.tsv", sorted(OWN.glob("everyday-*.tsv"))
LECTURE_NOTES_REPEATS = 8  # each of these English sentences has other translations in the corpus; these should win
CARD = {
    "name": "English to Bangla and Marathi, LSTM encoder-decoder with attention",
    "use": "To look inside an LSTM while it translates short everyday sentences; not to rely on the translations.",
    "licence": {
        "weights": "CC BY 2.0 FR, as most of the sentences they were trained on",
        "data": [
            "Sentences from Tatoeba (tatoeba.org), CC BY 2.0 FR, selected by manythings.org/anki; changed: normalised, "
            "filtered, merged.",
            "Where extra-stories.eng-ben.tsv is among the files: African Storybook (africanstorybook.org), Global ASP "
            "and Pratham Books StoryWeaver, CC BY 4.0; authors and translators in extra-stories.attribution.tsv; "
            "changed: split into sentences, filtered.",
            "Everyday sentences and people's names written for this project (assets/training).",
        ],
    },
    "cannot": [
        "Long or nested sentences: most of what it read has three to nine words.",
        "Rare words, idioms, politeness and gender that English does not mark: it picks one reading.",
        "Styles other than its sources': the Bangla is largely one volunteer's and leans to West Bengal usage, the "
        "Marathi is largely another's and is spelled as spoken.",
        "Characters other than those of English: each becomes a visible <unk>.",
    ],
}


def main(arguments: Sequence[str] | None = None) -> None:
    parser = Parser(
        prog="python -m models.train",
        description="Train one encoder-decoder for Bangla and Marathi and write weights, vocabularies and model card. "
        "Stopped at any time, the same line continues after the last finished epoch.",
    )
    for name, code in (("bangla", "bn"), ("marathi", "mr")):
        parser.add_argument(
            f"--{name}", dest=code, type=Path, required=True, nargs="+", metavar="FILE",
            help="UTF-8 lines: English, tab, translation, tab, anything (the Tatoeba exports of manythings.org/anki)",
        )  # fmt: skip
        parser.add_argument(
            f"--{name}-validation", dest=f"{code}_validation", type=Path, metavar="FILE",
            help="sentence pairs to validate on (default: 2 %% of the English sentences are held out)",
        )  # fmt: skip
    parser.add_argument("--assets", type=Path, default=Path("assets"), help="where the result goes (default: assets)")
    parser.add_argument(
        "--state", type=Path, default=Path("training"), help="where an interrupted run waits (default: training)"
    )
    parser.add_argument("--epochs", type=ranged(int, 1, 1000), default=TrainingConfig.epochs)
    parser.add_argument("--seed", type=ranged(int, 0, 2**31 - 1), default=TrainingConfig.seed)
    parser.add_argument("--threads", type=ranged(int, 1, 256), default=2, help="processor cores to use (default: 2)")
    parser.add_argument(
        "--bfloat16", action="store_true", help="matrix products in bfloat16: faster where the processor has them"
    )
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    with one_line_errors(TrainingStateError):
        training_pairs, validation_pairs = read_corpus(options)
        config = TrainingConfig(epochs=options.epochs, seed=options.seed, bfloat16=options.bfloat16)
        files = [path.name for code in LANGUAGES for path in getattr(options, code)]
        run(training_pairs, validation_pairs, config, options.state, options.assets, {**CARD, "files": files})


def read_corpus(options: argparse.Namespace) -> tuple[list[Pair], list[Pair]]:
    """Training pairs of all languages, those written for the purpose included, and validation pairs."""
    training, validation = [], []
    for code in LANGUAGES:
        pairs = [pair for path in getattr(options, code) for pair in read_pairs(path, code)]
        if (path := getattr(options, f"{code}_validation")) is not None:
            held = read_pairs(path, code)
        else:
            pairs, held = hold_out(pairs, share=0.02)
        training, validation = training + pairs, validation + held
    validated = {sentence_key(pair.english) for pair in validation}
    everyday = [pair for path in EVERYDAY for pair in read_pairs(path, "bn")]
    training += [pair for pair in everyday if sentence_key(pair.english) not in validated]
    return training + read_pairs(LECTURE_NOTES, "bn") * LECTURE_NOTES_REPEATS, validation


def run(
    training_pairs: list[Pair], validation_pairs: list[Pair], config: TrainingConfig, state: Path, assets: Path,
    card: Mapping[str, Any],
) -> None:  # fmt: skip
    """Train to the last epoch, continuing where ``state`` stopped, and write the result to ``assets``.

    Training, curves and scores are added to the model card.
    """
    names = tuple(read_names())
    source, target = learn_vocabularies(training_pairs, names, config)
    torch.manual_seed(config.seed)
    network = TranslatorNetwork(TranslatorConfig(len(source), len(target)))
    training = Training(network, source, target, training_pairs, config, NameAugmentation(names))
    state.mkdir(parents=True, exist_ok=True)
    if (state / STATE).exists():
        training.resume(state)
        print(f"continuing after epoch {training.epoch} of {config.epochs}")
    while training.epoch < config.epochs:
        loss = training.run_epoch()
        entry = {"loss": loss}
        for code, scores in validation_scores(training.averaged_network(), source, target, validation_pairs).items():
            entry |= {f"{code}_chrf": scores.chrf, f"{code}_bleu": scores.bleu}
        training.curves.append(entry)
        training.save(state)
        shown = "  ".join(f"{name} {value:.2f}" for name, value in entry.items())
        print(f"epoch {training.epoch:2} of {config.epochs}: {shown}", flush=True)
    parameters = {name: value.numpy() for name, value in training.average.items()}
    card = {
        **card,
        "training": asdict(config),
        "pairs": {code: sum(pair.language == code for pair in training_pairs) for code in LANGUAGES},
        "curves": training.curves,
    }
    english = by_english(training_pairs)
    save_translator(assets, network.config, source, target, parameters, english, card)
    write_scores(assets, validation_pairs)


def learn_vocabularies(
    pairs: Sequence[Pair], names: Sequence[Name], config: TrainingConfig
) -> tuple[Vocabulary, Vocabulary]:
    """English and target subwords, from the sentences as often as training meets them; all names can be spelled."""
    met = [pair for pair in pairs for _ in range(config.repeats[pair.language])]
    source = learn(
        (pair.english for pair in met), 5000, alphabet=[*ASCII, WORD_START], languages=tuple(LANGUAGES), lowercase=True
    )
    letters = sorted({letter for name in names for letter in name.bangla + name.marathi})
    return source, learn((pair.target for pair in met), 6000, alphabet=[*ASCII, WORD_START, *letters])


def write_scores(assets: Path, validation_pairs: Sequence[Pair]) -> None:
    """Score what was just written, as it will run, and add the scores to its card."""
    languages: list[Language] = list(dict.fromkeys(pair.language for pair in validation_pairs))
    scores = {}
    for code in languages:
        pairs = [pair for pair in validation_pairs if pair.language == code]
        scores[code] = {
            name: value
            for name, value in as_json(evaluate(load_translator(code, assets), pairs)).items()
            if name != "seconds"
        }
        print(f"{LANGUAGES[code]}: chrF2++ {scores[code]['chrf']:.2f}, BLEU {scores[code]['bleu']:.2f}")
    save_card(assets, {**load_card(assets), "validation": scores})


if __name__ == "__main__":
    main(sys.argv[1:])
