"""Weights, configuration and vocabularies, in and out of the assets folder; damage is named, never loaded."""

import hashlib
import json
import re
from collections.abc import Collection, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from models.language.languages import LANGUAGES, Language
from models.language.neighbours import TrainingIndex, build_drawn, build_index, index_of
from models.language.text import excerpt
from models.language.vocabulary import Vocabulary, language_tag
from models.recurrent.trace import Array
from models.translation.configuration import TranslatorConfig
from models.translation.initialisation import initial_parameters
from models.translation.translator import Translator

ASSETS = Path(__file__).resolve().parents[2] / "assets"
NAME, UNTRAINED = "translator", "untrained"  # the main network, and the same before its training
SOURCE_VOCABULARY, TARGET_VOCABULARY = "english.json", "bangla-marathi.json"
SEEN = "weights/seen.safetensors"
DRAWN = "weights/{name}.drawn.safetensors"
SHARED = (f"vocabularies/{SOURCE_VOCABULARY}", f"vocabularies/{TARGET_VOCABULARY}", SEEN)  # by all networks
# Pieces of other words, of which each is a crude word where it stands alone: random weights write them so.
HELD_BACK = ("लंड", "▁लंड", "्लंड")
_NETWORK_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
UNREADABLE = (OSError, SafetensorError, ValueError, KeyError, TypeError)  # what a damaged file of tensors raises


class AssetError(RuntimeError):
    """A shipped file that is missing or damaged; the message names it."""


class LanguageError(ValueError):
    """A target language that the translator does not know."""


def load_translator(
    language: Language, assets: Path = ASSETS, name: str = NAME, step: int | None = None
) -> Translator:  # fmt: skip
    """Load a shipped network for Bangla (``bn``) or Marathi (``mr``).

    ``name`` is one of ``network_names(assets)``, or ``untrained`` for the main network at the weights its training
    started from, which are drawn again. ``step`` asks for an earlier state of a run, one of ``states_of(its card)``.
    Before any training, the pieces of ``HELD_BACK`` are never written; a trained network may write each token.

    Raises:
        LanguageError: another language.
        AssetError: a file is missing or damaged, or there is no such network or state; nothing is loaded then.
    """
    if language not in LANGUAGES:
        known = ", ".join(f"{code} ({name})" for code, name in LANGUAGES.items())
        raise LanguageError(f"unknown language {excerpt(repr(language))}; known are {known}")
    name, is_trained = (NAME, False) if name == UNTRAINED else (name, True)
    card = load_card(assets, name)
    source, target = (load_vocabulary(assets, vocabulary) for vocabulary in (SOURCE_VOCABULARY, TARGET_VOCABULARY))
    config = configuration_of(card, name)
    for file, vocabulary, size in (
        (SOURCE_VOCABULARY, source, config.source_vocabulary_size),
        (TARGET_VOCABULARY, target, config.target_vocabulary_size),
    ):
        if len(vocabulary) != size:
            raise AssetError(f"{file} is damaged: it has {len(vocabulary):,} tokens, the weights need {size:,}")
    if any(language_tag(code) not in source.special for code in LANGUAGES):
        raise AssetError(f"{SOURCE_VOCABULARY} is damaged: a language tag is missing")
    file = weights_file(card, name, step)
    if is_trained:
        parameters = load_parameters(assets, config, file)
    else:
        parameters = initial_parameters(config, seed_of(card, name))
    check_hashes(assets, card, name)
    fingerprint = card["sha256"][file][:8] if is_trained else UNTRAINED
    found = Translator.from_parameters(language, config, source, target, parameters, fingerprint)
    is_random = not is_trained or step == 0
    held_back = tuple(target[piece] for piece in HELD_BACK if piece in target.pieces)
    return replace(found, held_back=held_back) if is_random else found


def network_names(assets: Path = ASSETS) -> list[str]:
    """The networks that lie in the folder, the main one first."""
    return sorted((path.stem for path in (assets / "weights").glob("*.json")), key=lambda name: (name != NAME, name))


def states_of(card: Mapping[str, Any]) -> list[int]:
    """After how many batches of its training the weights of a network were kept, the shipped ones last."""
    states = card.get("states", [])
    if not isinstance(states, list) or not all(type(step) is int and step >= 0 for step in states):
        raise AssetError("a model card is damaged: its states are not whole numbers")
    return states


def check_name(name: str) -> None:
    if not _NETWORK_NAME.fullmatch(name) or name == UNTRAINED:
        raise AssetError(
            f"{excerpt(repr(name))} is no name of a network: small letters, digits and single hyphens only"
        )


def configuration_of(card: Mapping[str, Any], name: str = NAME) -> TranslatorConfig:
    try:
        return TranslatorConfig(**card["configuration"])
    except (KeyError, TypeError, ValueError) as error:
        raise AssetError(f"{name}.json is damaged: it holds no configuration of a translator ({error})") from error


def seed_of(card: Mapping[str, Any], name: str = NAME) -> int:
    try:
        return int(card["training"]["seed"])
    except (KeyError, TypeError, ValueError) as error:
        raise AssetError(f"{name}.json is damaged: it does not say which seed the training had") from error


def load_card(assets: Path = ASSETS, name: str = NAME) -> dict[str, Any]:
    """Read a model card: configuration, training, scores, licence."""
    check_name(name)
    path = assets / "weights" / f"{name}.json"
    try:
        card = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise _unreadable(path, error) from error
    if not isinstance(card, dict):
        raise AssetError(f"{path.name} is damaged: it is not a model card")
    return card


def load_vocabulary(assets: Path, name: str) -> Vocabulary:
    path = assets / "vocabularies" / name
    try:
        return Vocabulary.load(path)
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from error


def weights_file(card: Mapping[str, Any], name: str, step: int | None = None) -> str:
    """Where the weights lie, seen from the assets folder: the shipped ones, or those of an earlier state."""
    if step is None or ((states := states_of(card)) and step == states[-1]):
        return f"weights/{name}.safetensors"
    if step not in states:
        raise AssetError(
            f"{name} has no state after {step:,} batches; there are {', '.join(map(str, states)) or 'none'}"
        )
    return f"weights/{name}.step-{step:05}.safetensors"


def load_parameters(assets: Path, config: TranslatorConfig, file: str) -> dict[str, Array]:
    """Read weights as float32, after checking names, shapes and that every number is finite."""
    path = assets / file
    stored = _stored(path)
    expected = config.parameter_shapes()
    if unlike := sorted(stored.keys() ^ expected.keys()):
        raise AssetError(f"{path.name} is damaged: its tensors are not those of the translator ({unlike[0]})")
    for name, values in stored.items():
        if values.shape != expected[name]:
            raise AssetError(f"{path.name} is damaged: {name} is {values.shape}, expected {expected[name]}")
        if values.dtype.kind != "f":
            raise AssetError(f"{path.name} is damaged: {name} holds {values.dtype}, expected floating-point numbers")
        if not np.isfinite(values).all():
            raise AssetError(f"{path.name} is damaged: {name} holds values that are not finite")
    return {name: np.ascontiguousarray(values, np.float32) for name, values in stored.items()}


def check_hashes(assets: Path, card: Mapping[str, Any], name: str = NAME) -> None:
    """Refuse files that are well-formed but not those the card was written for."""
    hashes = card.get("sha256")
    if not isinstance(hashes, dict) or set(hashes) != set(hashed_files(card, name)):
        raise AssetError(f"{name}.json is damaged: it does not list the files it describes")
    for file, expected in hashes.items():
        if sha256(assets / file) != expected:
            raise AssetError(f"{Path(file).name} is damaged: it is not the file that the model card describes")


def hashed_files(card: Mapping[str, Any], name: str = NAME) -> tuple[str, ...]:
    weights = dict.fromkeys([*(weights_file(card, name, step) for step in states_of(card)), weights_file(card, name)])
    return (*weights, *drawn_file(card, name), *SHARED)


def drawn_file(card: Mapping[str, Any], name: str = NAME) -> tuple[str, ...]:
    """Where it is kept what a training drew from the grammar, if it did, seen from the assets folder."""
    training = card.get("training")
    return (DRAWN.format(name=name),) if isinstance(training, Mapping) and training.get("grammar") else ()


def sha256(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise _unreadable(path, error) from error


def load_index(assets: Path = ASSETS, name: str = NAME) -> TrainingIndex:
    """Read what is kept of the English sentences that a network was trained on.

    Raises:
        AssetError: a file is missing or damaged.
    """
    card = load_card(assets, name)
    check_hashes(assets, card, name)
    files = (SEEN, *drawn_file(card, name))
    try:
        return index_of({key: values for file in files for key, values in _stored(assets / file).items()})
    except (TypeError, ValueError) as error:
        raise AssetError(f"{Path(files[-1]).name} is damaged: {error}") from error


def save_translator(
    assets: Path, config: TranslatorConfig, source: Vocabulary, target: Vocabulary, parameters: Mapping[str, Array],
    trained: Mapping[str, Collection[Language]], card: Mapping[str, Any], name: str = NAME,
    earlier: Mapping[int, Mapping[str, Array]] = {}, drawn: Mapping[str, Collection[Language]] = {},
) -> None:  # fmt: skip
    """Write weights (half precision), vocabularies, fingerprints of the training sentences, and the cards last.

    ``trained`` has the languages of each English sentence that all networks of the folder were trained on, ``drawn``
    those of the sentences that only this one was, ``earlier`` the weights after so many batches, where the card lists
    them as ``states``.
    """
    for folder in ("weights", "vocabularies"):
        (assets / folder).mkdir(parents=True, exist_ok=True)
    for file, values in [(weights_file(card, name), parameters)] + [
        (weights_file(card, name, step), state) for step, state in earlier.items()
    ]:
        half = {key: np.ascontiguousarray(value, np.float16) for key, value in values.items()}
        save_file(half, assets / file)
    source.save(assets / "vocabularies" / SOURCE_VOCABULARY)
    target.save(assets / "vocabularies" / TARGET_VOCABULARY)
    save_file(build_index(trained, source), assets / SEEN)
    for file in drawn_file(card, name):
        save_file(build_drawn(drawn), assets / file)
    whole = {"configuration": asdict(config), **card}
    save_card(assets, {**whole, "sha256": {file: sha256(assets / file) for file in hashed_files(card, name)}}, name)
    _vouch_for_shared(assets)


KEPT = ("sentences", "gapped", "lengths")  # what of the index tells one set of training sentences from another


def save_index(assets: Path, trained: Mapping[str, Collection[Language]]) -> None:
    """Write the fingerprints of the training sentences anew, and their hash into the card of every network.

    Raises:
        AssetError: the networks were trained on other sentences, or a file is missing or damaged.
    """
    path = assets / SEEN
    made = build_index(trained, load_vocabulary(assets, SOURCE_VOCABULARY))
    stored = _stored(path)
    if not all(np.array_equal(stored.get(name), made[name]) for name in KEPT):
        raise AssetError(f"{path.name} holds other sentences: the networks in {assets} were trained on other data")
    save_file(made, path)
    _vouch_for_shared(assets)


def _vouch_for_shared(assets: Path) -> None:
    """Write into the card of every network the hashes of the files that all share, which were written anew."""
    hashes = {file: sha256(assets / file) for file in SHARED}
    for name in network_names(assets):
        card = load_card(assets, name)
        if isinstance(known := card.get("sha256"), dict):
            save_card(assets, {**card, "sha256": {**known, **hashes}}, name)


def _stored(path: Path) -> dict[str, Array]:
    try:
        return load_file(path)
    except UNREADABLE as error:
        raise _unreadable(path, error) from error


def save_card(assets: Path, card: Mapping[str, Any], name: str = NAME) -> None:
    path = assets / "weights" / f"{name}.json"
    path.write_text(json.dumps(card, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _unreadable(path: Path, error: Exception) -> AssetError:
    if isinstance(error, FileNotFoundError):
        return AssetError(f"{path.name} is missing from assets/{path.parent.name}")
    reason = error.strerror if isinstance(error, OSError) and error.strerror else error  # without the machine's path
    return AssetError(f"{path.name} is damaged: {reason}")
