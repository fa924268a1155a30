"""What is known about how good the networks are: every number of the cards and of the Trust page, from one call.

All numbers are rounded here: scores, their intervals and differences to two decimals, p-values and shares to four.
Nothing depends on the time, on chance (seeds are fixed) or on the machine's folders.
"""

import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import regex
from tqdm import tqdm

from models.evaluation import metrics
from models.evaluation.checks import FIRST_WORDS, gather_checks, read_first_words
from models.evaluation.coverage import covered, patterns_of_the_grammar
from models.evaluation.former import FORMER, read_outputs
from models.evaluation.held_out import EVERYDAY, OUTSIDE, SAMPLE, lowest_fingerprints, read_sample
from models.evaluation.metrics import Scores, score
from models.evaluation.verdicts import VERDICT, gather_verdicts, sentences_of
from models.language import names
from models.language.corpus import Pair, by_english, fingerprint, read_lines, read_pairs
from models.language.languages import Language
from models.language.neighbours import TrainingIndex
from models.language.text import SentenceError
from models.translation.checkpoints import (
    ASSETS,
    UNTRAINED,
    load_card,
    load_index,
    load_translator,
    network_names,
    save_card,
    states_of,
    weights_file,
)
from models.translation.checkpoints import NAME as MAIN
from models.translation.translator import Translator

References = dict[str, list[str]]  # of each English sentence
Translations = dict[str, str | None]  # of each English sentence; None: refused as too long
Spellings = tuple[str, ...]
Evidence = dict[str, Any]  # what JSON can hold

EVIDENCE = "evidence.json"
SAMPLE_SIZE = 60
LENGTHS = ((1, 5), (6, 8), (9, 12), (13, None))  # subwords of the English, both ends included
STATE_SENTENCES = 120  # on which earlier states of a network are scored
TRAINING_NAMES = 100  # asked for beside those held out
ERRORS = 5
BEAM = 4
# Sentences with these words are not shown as examples; they count in every score.
UNSUITABLE = regex.compile(
    r"\b(sex\w*|naked|kiss\w*|rap(e|ed|ist)|kill\w*|murder\w*|die[ds]?|dead|death|dying|suicide|shot|gun\w*|bomb\w*|war|"
    r"blood\w*|hell|damn\w*|shit\w*|fuck\w*|bitch\w*|ass|drunk\w*|drugs?|fat|ugly|stupid|idiots?|hate\w*|god|pregnant)\b",
    regex.IGNORECASE,
)
ERROR_RULE = (
    "The validation sentences whose English has no word about violence, sex or insult, by number of subwords, in five "
    "groups of equal size; of each group, ordered by chrF2++ of the sentence, the one a tenth of the way up from the "
    "worst. Equals are ordered by fingerprint."
)


@dataclass(frozen=True)
class Evaluation:
    """Scores over the distinct English sentences of a file."""

    scores: Scores
    sentences: int
    references: int
    refused: int  # sentences over the length limits; scored as an empty translation
    seconds: float


def evaluate(translator: Translator, pairs: Sequence[Pair], beam: int = 1) -> Evaluation:
    """Translate each distinct English sentence once and score it against all its references."""
    references = by_english(pairs)
    started = time.perf_counter()
    translations = translate_all(translator, references, beam)
    seconds = time.perf_counter() - started
    refused = sum(text is None for text in translations.values())
    return Evaluation(scores_of(translations, references), len(references), len(pairs), refused, seconds)


def as_json(result: Evaluation) -> dict[str, float | int | str]:
    whole = asdict(result)
    return {**{name: value for name, value in whole.items() if name != "scores"}, **whole["scores"]}


def card_scores(translator: Translator, pairs: Sequence[Pair]) -> dict[str, float | int | str]:
    """Greedy scores as they stand in a model card: rounded, and without the time they took."""
    result = as_json(evaluate(translator, pairs))
    return {name: rounded(value) for name, value in result.items() if name != "seconds"}


def sample_scores(translators: Mapping[Language, Translator], assets: Path = ASSETS) -> dict[Language, Evidence]:
    """Scores on the sample that lies in ``assets/evaluation``: what anybody with a fresh clone can check."""
    return {code: card_scores(translator, read_sample(assets, code)) for code, translator in translators.items()}


def sample_lines(file: Path, language: Language, size: int = SAMPLE_SIZE) -> list[str]:
    """The lines, attribution included, of the ``size`` English sentences with the lowest fingerprints."""
    pairs = read_pairs(file, language)
    lines = read_lines(file)
    chosen = set(lowest_fingerprints(by_english(pairs), size))
    return [line for pair, line in zip(pairs, lines, strict=True) if pair.english in chosen]


def translate_all(translator: Translator, sentences: Iterable[str], beam: int = 1, label: str = "") -> Translations:
    """Translate each sentence, greedily unless ``beam`` is more than 1."""
    shown = tqdm(list(sentences), label or "translating", unit=" sentences", leave=False, delay=2)
    return {english: translated(translator, english, beam) for english in shown}


def translated(translator: Translator, english: str, beam: int = 1) -> str | None:
    try:
        if beam > 1:
            found = translator.search(english, beam)
            return found.text(found.search.hypotheses[0])
        return translator.target_vocabulary.decode(step.token_id for step in translator.stream(english))
    except SentenceError:
        return None


def scores_of(translations: Translations, references: References) -> Scores:
    return score([translations[english] or "" for english in references], list(references.values()))


def counts_of(translations: Translations, references: References) -> dict[str, np.ndarray]:
    return metrics.statistics([translations[english] or "" for english in references], list(references.values()))


def scored(translations: Translations, references: References) -> Evidence:
    """Both scores of a set of sentences, each with its 95 % interval; no scores for no sentences."""
    result: Evidence = {
        "sentences": len(references),
        "references": sum(map(len, references.values())),
        "refused": sum(translations[english] is None for english in references),
    }
    if references:
        scores = scores_of(translations, references)
        result |= {"bleu": rounded(scores.bleu), "chrf": rounded(scores.chrf)}
        for name, ends in metrics.intervals(counts_of(translations, references)).items():
            result[f"{name}_interval"] = [rounded(end) for end in ends]
    return result


def compared(system: Translations, baseline: Translations, references: References) -> Evidence:
    """How much higher one system scores than another, with 95 % interval and p-value."""
    found = metrics.compare(counts_of(system, references), counts_of(baseline, references))
    return {
        name: {
            "difference": rounded(value.difference),
            "interval": [rounded(end) for end in value.interval],
            "p": rounded(value.p, 4),
        }
        for name, value in found.items()
    }


def by_nearness(translations: Translations, references: References, index: TrainingIndex) -> list[Evidence]:
    """Scores of the sentences that are at most one word from a training sentence, and of all others."""
    near = {english for english in references if index.distance(english) is not None}
    return [
        {"distance": label, **scored(translations, part(references, wanted))}
        for label, wanted in (("0-1", near.__contains__), ("2+", lambda english: english not in near))
    ]


def by_length(translations: Translations, references: References, length: Callable[[str], int]) -> list[Evidence]:
    """Scores of short and long sentences, by the subwords of their English."""
    bins = []
    for low, high in LENGTHS:
        inside = part(references, lambda english: low <= length(english) <= (high or np.inf))  # noqa: B023
        bins.append({"from": low, "to": high, **scored(translations, inside)})
    return bins


def part(references: References, wanted: Callable[[str], bool]) -> References:
    return {english: group for english, group in references.items() if wanted(english)}


def by_template(
    translator: Translator, asked: Sequence[tuple[str, names.Name]],
    accepted: Mapping[str, Mapping[Language, Spellings]], label: str,
) -> Evidence:  # fmt: skip
    """How many sentences kept the name in an accepted spelling: all, and for each of the test sentences.

    ``accepted`` gives the spellings of names that can be read in more than one way; "as_listed" counts those that have
    the one spelling of the table of names.
    """
    language = translator.language
    sentences, right, as_listed = Counter(), Counter(), 0
    for template, name in tqdm(asked, label, unit=" names", leave=False, delay=2):
        text = translated(translator, template.format(name.english)) or ""
        is_listed = names.contains_name(text, name, language)
        spellings = accepted.get(name.english, {}).get(language, ())
        sentences[template] += 1
        right[template] += is_listed or names.contains_name(text, name, language, spellings)
        as_listed += is_listed
    return {
        **share(right.total(), sentences.total()),
        "as_listed": as_listed,
        "names": len({name.english for _, name in asked}),
        "templates": [
            {"english": template, **share(right[template], sentences[template])} for template in names.TEST_SENTENCES
        ],
    }  # fmt: skip


def held_out_names(people: Sequence[names.Name], language: Language) -> list[tuple[str, names.Name]]:
    """Each test sentence with each name that ``names.held_out_sentences`` puts into it."""
    held_out = dict.fromkeys(name for _, name in names.held_out_sentences(people, language))
    return [(template, name) for template in names.TEST_SENTENCES for name in held_out]


def training_names(people: Sequence[names.Name], count: int = TRAINING_NAMES) -> list[tuple[str, names.Name]]:
    """Each test sentence with ``count`` names of the training part, those with the lowest fingerprints."""
    trained = {name.english: name for name in people if name.part == names.TRAINING}
    chosen = lowest_fingerprints(trained, count)
    return [(template, trained[english]) for template in names.TEST_SENTENCES for english in chosen]


def share(right: int, sentences: int) -> Evidence:
    return {"right": right, "sentences": sentences, "share": rounded(right / sentences, 4) if sentences else None}


def errors(translations: Translations, references: References, length: Callable[[str], int]) -> list[Evidence]:
    """Translations that went wrong, one of each length, chosen by ``ERROR_RULE``."""
    rated = {
        english: metrics.sentence_chrf(text, references[english])
        for english in references
        if (text := translations[english]) is not None and not UNSUITABLE.search(english)
    }
    ordered = sorted(rated, key=lambda english: (length(english), fingerprint(english)))
    groups = [list(map(ordered.__getitem__, group)) for group in np.array_split(np.arange(len(ordered)), ERRORS)]
    chosen = [
        sorted(group, key=lambda english: (rated[english], fingerprint(english)))[len(group) // 10]
        for group in groups
        if group
    ]
    return [
        {
            "english": english,
            "translation": translations[english],
            "references": references[english],
            "chrf": rounded(rated[english]),
        }
        for english in chosen
    ]  # fmt: skip


def gather(pairs: Mapping[Language, Sequence[Pair]], assets: Path) -> Evidence:
    """Everything about all networks that lie in ``assets``, on validation pairs of each language."""
    return {
        "about": {
            "scores": "0 to 100, against all references; greedy where no beam is given",
            "difference": "this system minus the main network, greedy",
            "confidence": metrics.CONFIDENCE / 100,
            "bootstrap": {"samples": metrics.SAMPLES, "seed": metrics.SEED},
            "error_rule": ERROR_RULE,
        },
        "networks": {
            name: {"weights_sha256": card["sha256"][weights_file(card, name)]}
            for name in network_names(assets)
            for card in [load_card(assets, name)]
        },
        "grammar": gather_coverage(assets),
        "languages": {code: gather_language(code, held, assets) for code, held in pairs.items()},
    }


def gather_language(language: Language, pairs: Sequence[Pair], assets: Path) -> Evidence:
    references = by_english(pairs)
    main = load_translator(language, assets)
    index = load_index(assets)
    listed = {name: sentences_of(assets, name) for name in (EVERYDAY, OUTSIDE)}
    asked = [row["english"] for rows in listed.values() for row in rows]
    spoken = translate_all(main, asked, label="sentences to judge")
    systems = gather_translations(language, references, assets)
    greedy = systems[MAIN, 1]
    scores = scores_of(greedy, references)

    def length(english: str) -> int:
        return len(main.source_vocabulary.encode(english).ids)

    return {
        "signatures": {"bleu": scores.bleu_signature, "chrf": scores.chrf_signature},
        "systems": [
            {
                "network": name,
                "beam": beam,
                **scored(translations, references),
                "difference": None if translations is greedy else compared(translations, greedy, references),
            }
            for (name, beam), translations in systems.items()
        ],
        "states": gather_states(language, references, assets),
        "nearness": by_nearness(greedy, references, index),
        "lengths": by_length(greedy, references, length),
        "names": gather_names(main),
        **{
            name.removesuffix(".tsv"): gather_verdicts(name, rows, spoken, language, index, assets) if rows else None
            for name, rows in listed.items()
        },
        "checks": gather_every_check(main, {**greedy, **spoken}, assets),
        "errors": errors(greedy, references, length),
        "sample": {
            name: sample_scores({language: load_translator(language, assets, name)}, assets)[language]
            for name in network_names(assets)
        },
    }  # fmt: skip


def gather_translations(
    language: Language, references: References, assets: Path
) -> dict[tuple[str, int], Translations]:
    """What each network writes, by name and width of the beam: the main one with a beam too, after greedily.

    Last comes what the network wrote that was the main one before, where it is kept of all these sentences.
    """
    systems = {}
    for name in network_names(assets):
        translator = load_translator(language, assets, name)
        for beam in (1, BEAM) if name == MAIN else (1,):
            label = f"{name}, {language}" + f", beam {beam}" * (beam > 1)
            systems[name, beam] = translate_all(translator, references, beam, label)
    known = read_outputs(assets, language)
    if known and all(fingerprint(english) in known for english in references):
        systems[FORMER, 1] = {english: known[fingerprint(english)] for english in references}
    return systems


def gather_states(language: Language, references: References, assets: Path) -> dict[str, list[Evidence]]:
    """Scores before and during training, on the ``STATE_SENTENCES`` sentences with the lowest fingerprints.

    The untrained network rarely ends a translation, so that one takes ten times as long.
    """
    chosen = {english: references[english] for english in lowest_fingerprints(references, STATE_SENTENCES)}
    states: dict[str, list[Evidence]] = {}
    for name, steps in ((UNTRAINED, [None]), *((name, kept_states(assets, name)) for name in network_names(assets))):
        for step in steps:
            translator = load_translator(language, assets, name, step)
            label = f"{name} after {step or 0} batches, {language}"
            translations = translate_all(translator, chosen, label=label)
            states.setdefault(name, []).append({"step": step or 0, **scored(translations, chosen)})
    return states


def kept_states(assets: Path, name: str) -> list[int]:
    return states_of(load_card(assets, name))


def gather_names(translator: Translator) -> Evidence:
    people, accepted, language = names.read_names(), names.read_accepted(), translator.language
    held_out, trained = held_out_names(people, language), training_names(people)
    return {
        "held_out": by_template(translator, held_out, accepted, f"held-out names, {language}"),
        "training": by_template(translator, trained, accepted, f"training names, {language}"),
    }


def gather_every_check(translator: Translator, translations: Translations, assets: Path) -> Evidence | None:
    """What needs no judge; None where no first words are listed. Mixed languages are looked for in ``translations``."""
    path = assets / "evaluation" / FIRST_WORDS
    if not path.exists():
        return None
    language = translator.language
    return gather_checks(partial(translated, translator), language, translations, read_first_words(path, language))


def gather_coverage(assets: Path) -> Evidence | None:
    """How many everyday sentences have a pattern that the grammar yields, and of those meant to have none.

    None where the main network was trained without the grammar, or no such sentences are listed.
    """
    folder = assets / "evaluation"
    if not load_card(assets)["training"].get("grammar") or not (folder / OUTSIDE).exists():
        return None
    patterns = patterns_of_the_grammar()
    lists = {"everyday": sentences_of(assets, EVERYDAY), "outside": sentences_of(assets, OUTSIDE)}
    return {
        name: {"right": len(covered((row["english"] for row in rows), patterns)), "sentences": len(rows)}
        for name, rows in lists.items()
    }


def write_evidence(files: Mapping[Language, Path], assets: Path) -> Path:
    """Draw the samples anew, gather everything, and write it to ``assets/evaluation``: the same bytes every time."""
    folder = assets / "evaluation"
    pairs = {code: read_pairs(file, code) for code, file in files.items()}
    folder.mkdir(parents=True, exist_ok=True)
    for code, file in files.items():
        text = "\n".join(sample_lines(file, code)) + "\n"
        (folder / SAMPLE.format(language=code)).write_text(text, encoding="utf-8", newline="\n")
    gathered = gather(pairs, assets)
    whole = json.dumps(gathered, ensure_ascii=False, indent=1, sort_keys=True)
    (folder / EVIDENCE).write_text(whole + "\n", encoding="utf-8", newline="\n")
    save_card(assets, {**load_card(assets), **on_card(gathered)})
    return folder / EVIDENCE


def on_card(gathered: Evidence) -> Evidence:
    """What of the evidence stands in the main network's card too: names, everyday sentences, and scores with a beam."""
    languages = gathered["languages"].items()
    counts = ("sentences", "not_judged", *VERDICT)
    return {
        "held_out_names": {code: found["names"]["held_out"]["share"] for code, found in languages},
        "everyday": {
            code: {name: found["everyday"][name] for name in counts} for code, found in languages if found["everyday"]
        },
        f"beam_{BEAM}": {
            code: {name: system[name] for name in ("bleu", "chrf")}
            for code, found in languages
            for system in found["systems"]
            if (system["network"], system["beam"]) == (MAIN, BEAM)
        },
    }


def rounded(value: Any, decimals: int = 2) -> Any:
    """Round what is no whole number; -0.0 is 0.0."""
    return round(value, decimals) + 0.0 if isinstance(value, float) else value
