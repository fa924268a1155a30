"""Train the shipped translator: ``python -m models.train --bangla ben.txt --marathi mar.txt``."""

import argparse
import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch

from models.command_line import Parser, one_line_errors, ranged
from models.evaluation.evidence import card_scores, sample_scores
from models.language.corpus import (
    Pair,
    fingerprint,
    languages_by_english,
)
from models.language.grammar.grammar import GrammarPairs, like_an_epoch
from models.language.languages import LANGUAGES, Language
from models.language.names import Name, NameAugmentation, read_names
from models.language.vocabulary import WORD_START, Vocabulary, has_figures, learn, with_words
from models.learning.material import Both, kept_out, read_corpus
from models.learning.network import TranslatorNetwork
from models.learning.training import (
    STATE,
    Training,
    TrainingConfig,
    TrainingStateError,
    cross_entropy,
    validation_scores,
)
from models.translation.checkpoints import (
    NAME,
    SOURCE_VOCABULARY,
    TARGET_VOCABULARY,
    AssetError,
    check_name,
    load_card,
    load_parameters,
    load_translator,
    load_vocabulary,
    network_names,
    save_card,
    save_index,
    save_translator,
)
from models.translation.configuration import TranslatorConfig

ASCII = tuple(map(chr, range(33, 127)))
COUNTED: dict[Language, int] = {"bn": 3, "mr": 1}  # in learning the subwords, so that the smaller corpus gets its share
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
    parser.add_argument(
        "--name", type=network_name, default=NAME,
        help=f"what the network is called; its files are weights/NAME.* (default: {NAME}, which the pages open)",
    )  # fmt: skip
    parser.add_argument(
        "--forget-bias", type=ranged(float, -10, 10), default=TranslatorConfig.forget_bias,
        help="bias of the forget gates before training (default: 1)",
    )  # fmt: skip
    parser.add_argument(
        "--embedding-size", type=ranged(int, 1, 4096), default=TranslatorConfig.embedding_size, metavar="SIZE",
        help="numbers a token (default: 256)",
    )  # fmt: skip
    parser.add_argument(
        "--keep", type=ranged(int, 0, 10**9), nargs="+", default=[], metavar="BATCH",
        help="also keep the weights as they were after so many batches; 0 is before training",
    )  # fmt: skip
    parser.add_argument(
        "--bangla-repeats", type=ranged(int, 1, 100), default=TrainingConfig().repeats["bn"], metavar="N",
        help="how often an epoch meets each Bangla pair, of which there are few (default: 3)",
    )  # fmt: skip
    parser.add_argument(
        "--introductions", type=ranged(int, 0, 10**6), default=NameAugmentation.introductions, metavar="N",
        help="short sentences that introduce a person, an epoch and language (default: 5000)",
    )  # fmt: skip
    parser.add_argument(
        "--keep-vocabularies", action="store_true",
        help="cut words as the networks in assets do, whose subwords these data then share, instead of learning anew",
    )  # fmt: skip
    parser.add_argument(
        "--begin-with", type=network_name, metavar="NAME",
        help="start from the weights of this network in assets, not from random ones; implies --keep-vocabularies",
    )  # fmt: skip
    parser.add_argument(
        "--grammar", type=ranged(int, 0, 10**6), default=0, metavar="N",
        help="fresh sentences of the grammar of everyday language, an epoch and language; with any of them also the "
        "phrases and the Marathi sentences that came with it (default: 0)",
    )  # fmt: skip
    parser.add_argument("--epochs", type=ranged(int, 1, 1000), default=TrainingConfig.epochs)
    parser.add_argument("--seed", type=ranged(int, 0, 2**31 - 1), default=TrainingConfig.seed)
    parser.add_argument("--threads", type=ranged(int, 1, 256), default=2, help="processor cores to use (default: 2)")
    parser.add_argument(
        "--bfloat16", action="store_true", help="matrix products in bfloat16: faster where the processor has them"
    )
    parser.add_argument(
        "--only-index", action="store_true",
        help="train nothing: write anew what is kept of the training sentences, for the networks that lie in assets",
    )  # fmt: skip
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    with one_line_errors(TrainingStateError):
        files = {code: getattr(options, code) for code in LANGUAGES}
        validation_files = {code: getattr(options, f"{code}_validation") for code in LANGUAGES}
        training_pairs, validation_pairs = read_corpus(files, validation_files, grammar=options.grammar > 0)
        shared = read_corpus(files, validation_files, grammar=False)[0] if options.grammar else training_pairs
        trained = languages_by_english(shared)
        if options.only_index:
            save_index(options.assets, trained)
            return
        config = TrainingConfig(
            epochs=options.epochs, seed=options.seed, bfloat16=options.bfloat16, keep=tuple(sorted(set(options.keep))),
            repeats={"bn": options.bangla_repeats, "mr": 1}, begun_with=options.begin_with,
        )  # fmt: skip
        people = NameAugmentation(tuple(read_names()), introductions=options.introductions)
        fresh = GrammarPairs(options.grammar, kept_out(validation_pairs))
        sizes = {"embedding_size": options.embedding_size, "forget_bias": options.forget_bias}
        card = {**CARD, "files": [path.name for paths in files.values() for path in paths]}
        where = (options.state, options.assets)
        met = [*training_pairs, *like_an_epoch(fresh)]
        if options.keep_vocabularies or options.begin_with:
            vocabularies = kept_vocabularies(options.assets, met)
        else:
            vocabularies = learn_vocabularies(met, people.names)
            refuse_other_vocabularies(options.assets, options.name, *vocabularies)
        run(
            training_pairs, validation_pairs, trained, config, sizes, vocabularies, fresh, people, *where, card,
            options.name,
        )  # fmt: skip


def network_name(text: str) -> str:
    """A name for ``--name``; argparse turns the error into its one line."""
    try:
        check_name(text)
    except AssetError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    return text


def run(
    training_pairs: list[Pair], validation_pairs: list[Pair], trained: Mapping[str, Collection[Language]],
    config: TrainingConfig, sizes: Mapping[str, Any], vocabularies: tuple[Vocabulary, Vocabulary], fresh: GrammarPairs,
    people: NameAugmentation, state: Path, assets: Path, card: Mapping[str, Any], name: str = NAME,
) -> None:  # fmt: skip
    """Train to the last epoch, continuing where ``state`` stopped, and write the result to ``assets``.

    ``trained`` is what a training without the grammar meets: all networks of one folder were trained on these.
    Training, curves and scores are added to the model card.
    """
    source, target = vocabularies
    written = [pair.target for pair in like_an_epoch(fresh)]
    additions = Both(fresh, people) if fresh.count else people
    network = TranslatorNetwork.untrained(TranslatorConfig(len(source), len(target), **sizes), config.seed)
    if config.begun_with is not None:
        earlier_weights = load_parameters(assets, network.config, f"weights/{config.begun_with}.safetensors")
        network.load_state_dict({key: torch.from_numpy(values) for key, values in earlier_weights.items()})
    training = Training(network, source, target, training_pairs, config, additions, written)
    state.mkdir(parents=True, exist_ok=True)
    if (state / STATE).exists():
        training.resume(state)
        print(f"continuing after epoch {training.epoch} of {config.epochs}")
    else:
        training.keep_weights(state)
    compared = sample_of(training_pairs)
    while training.epoch < config.epochs:
        entry = {"loss": training.run_epoch(lambda at: at.keep_weights(state))}
        entry |= measured(training.averaged_network(), source, target, compared, validation_pairs)
        training.curves.append({key: round(value, 4) for key, value in entry.items()})
        training.save(state)
        shown = "  ".join(f"{key} {value:.2f}" for key, value in entry.items())
        print(f"epoch {training.epoch:2} of {config.epochs}: {shown}", flush=True)
    earlier = {step: weights for step, weights in training.kept_weights(state) if step != training.steps}
    drawing = {"grammar": fresh.count} if fresh.count else {}
    card = {
        **card,
        "training": {**asdict(config), "steps": training.steps, "introductions": people.introductions, **drawing},
        **({"states": [*earlier, training.steps]} if earlier else {}),
        "pairs": {code: sum(pair.language == code for pair in training_pairs) for code in LANGUAGES},
        "curves": training.curves,
    }
    parameters = {key: value.numpy() for key, value in training.average.items()}
    met = (pair for epoch in range(training.epoch) for pair in training.met(epoch)) if fresh.count else ()
    drawn = languages_by_english(pair for pair in met if pair.language not in trained.get(pair.english, ()))
    save_translator(assets, network.config, source, target, parameters, trained, card, name, earlier, drawn)
    write_scores(assets, validation_pairs, name)


def measured(
    network: TranslatorNetwork, source: Vocabulary, target: Vocabulary, compared: Mapping[Language, list[Pair]],
    validation_pairs: Sequence[Pair],
) -> dict[str, float]:  # fmt: skip
    """Cross-entropies on training and validation pairs, measured alike, and greedy scores, for each language."""
    numbers = {}
    for code, scores in validation_scores(network, source, target, validation_pairs).items():
        held = [pair for pair in validation_pairs if pair.language == code]
        numbers |= {
            f"{code}_training": cross_entropy(network, source, target, compared[code]),
            f"{code}_validation": cross_entropy(network, source, target, held),
            f"{code}_chrf": scores.chrf,
            f"{code}_bleu": scores.bleu,
        }
    return numbers


def sample_of(pairs: Sequence[Pair], size: int = 600) -> dict[Language, list[Pair]]:
    """The ``size`` pairs of each language whose English has the lowest fingerprints: the same in every run."""
    ordered = sorted(dict.fromkeys(pairs), key=lambda pair: (fingerprint(pair.english), pair.target))
    return {code: [pair for pair in ordered if pair.language == code][:size] for code in LANGUAGES}


def refuse_other_vocabularies(assets: Path, name: str, source: Vocabulary, target: Vocabulary) -> None:
    """Networks in one folder share their vocabularies; one that cannot is refused before it is trained."""
    if any(other != name for other in network_names(assets)):
        for file, mine in ((SOURCE_VOCABULARY, source), (TARGET_VOCABULARY, target)):
            theirs = load_vocabulary(assets, file)
            if (theirs.tokens, theirs.words) != (mine.tokens, mine.words):
                raise TrainingStateError(
                    f"{assets} has networks with another vocabulary ({file}): other data? Use another folder"
                )


def learn_vocabularies(pairs: Sequence[Pair], names: Sequence[Name]) -> tuple[Vocabulary, Vocabulary]:
    """English and target subwords, the same for all networks; all names can be spelled."""
    met = [pair for pair in pairs for _ in range(COUNTED[pair.language])]
    source = learn(
        (pair.english for pair in met), 3000, alphabet=[*ASCII, WORD_START], languages=tuple(LANGUAGES), lowercase=True
    )
    letters = sorted({letter for name in names for letter in name.bangla + name.marathi})
    return (
        with_words(source, dict.fromkeys(pair.english for pair in pairs), names_at_least=5),
        learn((pair.target for pair in met), 4000, alphabet=[*ASCII, WORD_START, *letters]),
    )


def kept_vocabularies(assets: Path, pairs: Sequence[Pair]) -> tuple[Vocabulary, Vocabulary]:
    """The vocabularies of a folder, with the English words of ``pairs`` among those that are cut into subwords."""
    source, target = load_vocabulary(assets, SOURCE_VOCABULARY), load_vocabulary(assets, TARGET_VOCABULARY)
    english = dict.fromkeys(pair.english for pair in pairs)
    met = with_words(source, english, names_at_least=5, numbers=False).words or frozenset()
    known = (word for word in source.words or () if not has_figures(word))
    return replace(source, words=met.union(known)), target


def write_scores(assets: Path, validation_pairs: Sequence[Pair], name: str = NAME) -> None:
    """Score what was just written, as it will run, and add the scores to its card.

    Those on the sample of the repository are there for anybody to check; most of the validation files lies elsewhere.
    """
    translators = {code: load_translator(code, assets, name) for code in LANGUAGES}
    scores = {}
    for code in dict.fromkeys(pair.language for pair in validation_pairs):
        pairs = [pair for pair in validation_pairs if pair.language == code]
        scores[code] = card_scores(translators[code], pairs)
        print(f"{LANGUAGES[code]}: chrF2++ {scores[code]['chrf']:.2f}, BLEU {scores[code]['bleu']:.2f}")
    save_card(assets, {**load_card(assets, name), "validation": scores, "sample": sample_scores(translators)}, name)


if __name__ == "__main__":
    main(sys.argv[1:])
