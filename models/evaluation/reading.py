"""What was measured, read from ``assets``: what is missing is None, what is damaged is an ``AssetError``."""

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from models.evaluation.results import METRIC, VERDICT, Counted, Curve, Difference, Former, Metric, Rated, Score, Share
from models.language.languages import LANGUAGES, Language
from models.translation.checkpoints import (
    ASSETS,
    NAME,
    AssetError,
    configuration_of,
    load_card,
    network_names,
    states_of,
    weights_file,
)

EVALUATION, ATTRIBUTION = "evaluation", "attribution"
EVIDENCE = "evidence.json"  # as models.evidence names it, without waiting for what that needs
QUESTIONS, RUBRIC, NOTICE = "questions.tsv", "everyday-rubric.md", "NOTICE"
NUMBERS = {
    "words": "numbers from 0 to 100 in words", "figures": "numbers from 0 to 100 in figures",
    "years": "years from 1900 to 2030",
    "hours": "clock hours", "prices": "prices",
}  # fmt: skip
LISTS = {"everyday": "", "outside": ", constructions outside of the grammar"}  # what is said of each list of sentences
ABSENT = {"begun_with": "begun with random weights"}  # what is said of a card that lacks a setting, if not that alone
DAMAGED = (TypeError, KeyError, ValueError, AttributeError, IndexError, OverflowError)

Tree = Mapping[str, Any]
Given, Found = ParamSpec("Given"), TypeVar("Found")
FOLLOWING = ("keep", "steps")  # settings that change nothing in the weights, or follow from the others


@dataclass(frozen=True)
class System:
    """A network and how it searches, with its scores and how far they are from the main network's."""

    network: str
    beam: int  # 1: greedy
    rated: Rated
    differences: Mapping[Metric, Difference]  # to the main network, greedy


@dataclass(frozen=True)
class Mistake:
    """A translation that went wrong, as it was when the scores were measured."""

    language: Language
    english: str
    translation: str | None
    references: tuple[str, ...]
    chrf: float


@dataclass(frozen=True)
class Judgement:
    """One everyday sentence, what the network wrote, and what a judge said of it."""

    category: str
    english: str
    translation: str
    verdict: str
    remark: str


@dataclass(frozen=True)
class NetworkCard:
    """What the card of a network says of it."""

    name: str
    what: str
    parameters: int
    megabytes: float
    pairs: Mapping[str, int]
    files: tuple[str, ...]
    seed: str
    epochs: str
    states: int
    scores: Mapping[str, Mapping[Metric, float]]  # by language, of the card: without an interval


def damage_named(file: str) -> Callable[[Callable[Given, Found]], Callable[Given, Found]]:
    """Turn whatever a damaged file makes go wrong into one sentence that names it."""

    def decorate(read: Callable[Given, Found]) -> Callable[Given, Found]:
        @wraps(read)
        def checked(*arguments: Given.args, **options: Given.kwargs) -> Found:
            try:
                return read(*arguments, **options)
            except DAMAGED as error:
                what = read.__name__.replace("_", " ")
                raise AssetError(f"{file} is damaged: {what} cannot be read from it") from error

        return checked

    return decorate


# --- the evidence


def load_evidence(assets: Path = ASSETS) -> Tree:
    """Raises: AssetError: the file is missing or damaged."""
    try:
        found = json.loads(read_text(assets / EVALUATION / EVIDENCE), parse_constant=_refused)
    except (ValueError, RecursionError) as error:
        raise AssetError(f"{EVIDENCE} is damaged: it is not JSON") from error
    if not isinstance(found, dict):
        raise AssetError(f"{EVIDENCE} is damaged: it holds no evidence")
    return found


def read_text(path: Path) -> str:
    """Raises: AssetError: the file is missing or damaged."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        where = f" from assets/{path.parent.name}" if path.parent.parent.name == "assets" else ""
        raise AssetError(f"{path.name} is missing{where}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise AssetError(f"{path.name} is damaged: it cannot be read as text") from error


def _refused(constant: str) -> None:
    raise ValueError(f"{constant} is no number")


@damage_named(EVIDENCE)
def is_of_these_weights(evidence: Tree, card: Tree) -> bool:
    """Whether what was measured was measured on the weights that ship; True where the card cannot tell."""
    hashes = card.get("sha256")
    shipped = hashes.get(weights_file(card, NAME)) if isinstance(hashes, dict) else None
    return shipped is None or _of(evidence, "networks", NAME, "weights_sha256") == shipped


@damage_named(EVIDENCE)
def everything_of(evidence: Tree, language: Language) -> Rated | None:
    """The main network, greedy, on all sentences that were held out."""
    entry = next((each for each in _of(evidence, "languages", language, "systems") or [] if _is_main(each)), None)
    return None if entry is None else _rated(entry, "all held out")


@damage_named(EVIDENCE)
def nearness_of(evidence: Tree, language: Language) -> dict[str, Rated]:
    """Sentences at most one word from a training sentence, "0-1", and all others, "2+"."""
    labels = {"0-1": "near training", "2+": "far from training"}
    entries = _of(evidence, "languages", language, "nearness") or []
    return {each["distance"]: _rated(each, labels[each["distance"]]) for each in entries}


@damage_named(EVIDENCE)
def lengths_of(evidence: Tree, language: Language) -> list[Rated]:
    """Sentences by the subwords of their English, short ones first."""
    rows = []
    for each in _of(evidence, "languages", language, "lengths") or []:
        low, high = _whole(each["from"]), each["to"]
        label = f"{low}+ subwords" if high is None else f"{low}–{_whole(high)} subwords"
        rows.append(_rated(each, label))
    return rows


@damage_named(EVIDENCE)
def signatures_of(evidence: Tree, language: Language) -> dict[Metric, str]:
    signatures = _of(evidence, "languages", language, "signatures") or {}
    return {metric: _text(signatures[metric]) for metric in METRIC if metric in signatures}


@damage_named(EVIDENCE)
def systems_of(evidence: Tree, language: Language) -> list[System]:
    """All networks and searches that were scored, the main network first."""
    return [
        System(
            _text(each["network"]),
            _whole(each["beam"]),
            _rated(each, each["network"] + (f", beam of {each['beam']}" if each["beam"] > 1 else "")),
            {} if each["difference"] is None else {
                metric: _difference(found)
                for metric in METRIC if (found := each["difference"].get(metric)) is not None
            },
        )
        for each in _of(evidence, "languages", language, "systems") or []
    ]  # fmt: skip


@damage_named(EVIDENCE)
def earlier_states_of(evidence: Tree, language: Language) -> dict[str, list[tuple[int, Rated]]]:
    """By network: after how many batches, and the scores then."""
    found = _of(evidence, "languages", language, "states") or {}
    return {
        name: [(_whole(each["step"]), _rated(each, f"{name} after {each['step']:,} batches")) for each in entries]
        for name, entries in found.items()
    }


@damage_named(EVIDENCE)
def names_of(evidence: Tree, language: Language) -> dict[str, tuple[Share, list[tuple[str, Share]]]]:
    """ "held_out" and "training": how many names came out right, in all and in each of the sentences."""
    found = _of(evidence, "languages", language, "names") or {}
    return {
        part: (_share(found[part]), [(_text(each["english"]), _share(each)) for each in found[part]["templates"]])
        for part in ("held_out", "training")
        if part in found
    }


@damage_named(EVIDENCE)
def judged_of(evidence: Tree, language: Language, which: str) -> tuple[Counted, list[Counted], list[Judgement]] | None:
    """Verdicts on all sentences of a list, "everyday" or "outside", on each category, and each sentence."""
    found = _of(evidence, "languages", language, which)
    if found is None:
        return None
    rows = [
        Judgement(
            _text(row["category"]), _text(row["english"]), _text(row["translation"] or ""),
            VERDICT[row["verdict"] or "not_judged"], _text(row["remark"] or ""),
        )
        for row in found["rows"]
    ]  # fmt: skip
    categories = [_counted(each, _text(each["category"])) for each in found["categories"]]
    return _counted(found, LANGUAGES[language] + LISTS[which]), categories, rows


@damage_named(EVIDENCE)
def former_of(evidence: Tree, language: Language) -> Former | None:
    """The network that was the main one before, on the everyday sentences; None where it was not judged."""
    found = _of(evidence, "languages", language, "everyday", "former")
    if found is None or "difference" not in found:
        return None
    counted = _counted(found, f"{LANGUAGES[language]}, before the grammar")
    return Former(counted, _whole(found["better"]), _whole(found["worse"]), _difference(found["difference"]))


@damage_named(EVIDENCE)
def checks_of(evidence: Tree, language: Language) -> dict[str, Share]:
    """What was checked without a judge: what each check counted, and how often that was so."""
    found = _of(evidence, "languages", language, "checks")
    if found is None:
        return {}
    mixed = found["other_language"]
    return {
        "first words of a class, right": _share(found["first_words"]),
        **{f"{NUMBERS[kind]}, right": _share(found["numbers"][kind]) for kind in NUMBERS},
        "translations with a letter of the other language": Share(_whole(mixed["mixed"]), _whole(mixed["sentences"])),
    }


@damage_named(EVIDENCE)
def coverage_of(evidence: Tree) -> dict[str, Share]:
    """ "everyday" and "outside": how many of these sentences have a pattern that the grammar of the training yields."""
    found = _of(evidence, "grammar") or {}
    return {name: _share(found[name]) for name in ("everyday", "outside") if name in found}


@damage_named(EVIDENCE)
def first_words_of(evidence: Tree, language: Language) -> list[tuple[str, str, bool]]:
    """What a class types first: English, what the network wrote, and whether that is right."""
    found = _of(evidence, "languages", language, "checks") or {"first_words": {"rows": []}}
    return [
        (_text(row["english"]), _text(row["translation"] or ""), row["right"] is True)
        for row in found["first_words"]["rows"]
    ]


@damage_named(EVIDENCE)
def mistakes_in(evidence: Tree) -> list[Mistake]:
    """The translations that went wrong, of both languages."""
    return [
        Mistake(
            language, _text(each["english"]), None if each["translation"] is None else _text(each["translation"]),
            tuple(map(_text, each["references"])), _number(each["chrf"]),
        )
        for language in LANGUAGES
        for each in _of(evidence, "languages", language, "errors") or []
    ]  # fmt: skip


@damage_named(EVIDENCE)
def rule_of_mistakes(evidence: Tree) -> str:
    return _text(_of(evidence, "about", "error_rule") or "")


@damage_named(QUESTIONS)
def read_questions(assets: Path = ASSETS) -> dict[tuple[str, str], str]:
    """A question for the class about each translation that went wrong, by language and English."""
    header, *rows = table_of(assets / EVALUATION / QUESTIONS)
    if header != ["language", "english", "question"]:
        raise ValueError(header)
    return {(language, english): question for language, english, question in rows}


def table_of(path: Path) -> list[list[str]]:
    """The rows of a table with tabs, its header first.

    Raises:
        AssetError: the file is missing or damaged, or its rows differ in length.
    """
    rows = [line.split("\t") for line in read_text(path).removesuffix("\n").split("\n")]
    if len({len(row) for row in rows}) != 1:
        raise AssetError(f"{path.name} is damaged: its lines have different numbers of columns")
    return rows


# --- the cards


@damage_named("a model card")
def curves_of(card: Tree) -> dict[str, Curve]:
    """One curve for each number that was measured at the end of every epoch, by its name in the card."""
    epochs = card.get("curves") or []
    names = dict.fromkeys(name for epoch in epochs for name in epoch)
    return {
        name: Curve(name, tuple(None if epoch.get(name) is None else _number(epoch[name]) for epoch in epochs))
        for name in names
    }


def network_cards(assets: Path = ASSETS) -> list[NetworkCard]:
    """Every network that ships, the main one first.

    Raises:
        AssetError: a card is missing or damaged.
    """
    cards = {name: load_card(assets, name) for name in network_names(assets)}
    return [_network_card(assets, name, card, cards.get(NAME, card)) for name, card in cards.items()]


@damage_named("a model card")
def _network_card(assets: Path, name: str, card: Tree, main: Tree) -> NetworkCard:
    config, training = configuration_of(card, name), card.get("training") or {}
    files = dict.fromkeys(weights_file(card, name, step) for step in [None, *states_of(card)])
    scores = {
        code: {metric: _number(found[metric]) for metric in METRIC if metric in found}
        for code, found in (card.get("validation") or {}).items()
        if code in LANGUAGES
    }
    return NetworkCard(
        name=name,
        what=_what(name, card, main),
        parameters=sum(math.prod(shape) for shape in config.parameter_shapes().values()),
        megabytes=sum((assets / file).stat().st_size for file in files if (assets / file).exists()) / 1e6,
        pairs={code: _whole(count) for code, count in (card.get("pairs") or {}).items()},
        files=tuple(map(_text, card.get("files") or ())),
        seed=str(training.get("seed", "not said")),
        epochs=str(training.get("epochs", "not said")),
        states=len(states_of(card)),
        scores=scores,
    )


def _what(name: str, card: Tree, main: Tree) -> str:
    """How a network differs from the main one, by its card: every setting that is another there."""
    if name == NAME:
        begun = (card.get("training") or {}).get("begun_with")
        return "the one that the pages open" + (f", begun with the weights of {begun}" if begun else "")
    mine, theirs = ({**each["configuration"], **(each.get("training") or {})} for each in (card, main))
    other = [
        f"{key.replace('_', ' ')} {_setting(mine[key])}"
        for key in mine
        if key not in FOLLOWING and mine[key] != theirs.get(key)
    ]
    lacking = [key for key in theirs if key not in FOLLOWING and key not in mine]
    other += [ABSENT.get(key, f"no {key.replace('_', ' ')}") for key in lacking if theirs[key] is not None]
    words = f"as {NAME}, but {', '.join(other)}" if other else f"as {NAME}"
    return f"{words}; {len(kept)} states of its training" if (kept := states_of(card)) else words


def _setting(value: Any) -> str:
    """A setting of a card in words."""
    if isinstance(value, Mapping):
        return " and ".join(f"{LANGUAGES.get(code, code)} {_setting(one)}" for code, one in value.items())
    return f"{value:,}" if type(value) is int else str(value)


# --- parts of them


def _of(tree: Any, *path: str) -> Any:
    """What lies at the end of a path; None where a part of the path is missing."""
    for name in path:
        if tree is None:
            return None
        if not isinstance(tree, Mapping):
            raise TypeError(name)
        tree = tree.get(name)
    return tree


def _is_main(system: Tree) -> bool:
    return system["network"] == NAME and system["beam"] == 1


def _rated(entry: Tree, label: str) -> Rated:
    scores: dict[Metric, Score] = {
        metric: Score(_number(entry[metric]), _interval(entry.get(f"{metric}_interval")))
        for metric in METRIC
        if entry.get(metric) is not None
    }
    return Rated(label, _whole(entry["sentences"]), scores)


def _difference(entry: Tree) -> Difference:
    return Difference(_number(entry["difference"]), _interval(entry["interval"]), _number(entry["p"]))


def _counted(entry: Tree, label: str) -> Counted:
    return Counted(label, {verdict: _whole(entry[verdict]) for verdict in VERDICT})


def _share(entry: Tree) -> Share:
    return Share(_whole(entry["right"]), _whole(entry["sentences"]))


def _interval(ends: Any) -> tuple[float, float] | None:
    if ends is None:
        return None
    low, high = map(_number, ends)
    return low, high


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise TypeError(value)
    return float(value)


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise TypeError(value)
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value
