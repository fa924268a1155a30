"""Weights, configuration and vocabularies, in and out of the assets folder; damage is named, never loaded."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from models.configuration import LANGUAGES, Language, TranslatorConfig
from models.corpus import fingerprint
from models.trace import Array
from models.translator import Translator
from models.vocabulary import Vocabulary, language_tag

ASSETS = Path(__file__).resolve().parent.parent / "assets"
NAME = "translator"
SOURCE_VOCABULARY, TARGET_VOCABULARY = "english.json", "bangla-marathi.json"
UNREADABLE = (OSError, SafetensorError, ValueError, KeyError, TypeError)  # what a damaged file of tensors raises


class AssetError(RuntimeError):
    """A shipped file that is missing or damaged; the message names it."""


class LanguageError(ValueError):
    """A target language that the translator does not know."""


def load_translator(language: Language, assets: Path = ASSETS) -> Translator:
    """Load the shipped translator for Bangla (``bn``) or Marathi (``mr``).

    Raises:
        LanguageError: another language.
        AssetError: a file is missing or damaged; nothing is loaded then.
    """
    if language not in LANGUAGES:
        known = ", ".join(f"{code} ({name})" for code, name in LANGUAGES.items())
        raise LanguageError(f"unknown language {language!r}; known are {known}")
    card = load_card(assets)
    source, target = (load_vocabulary(assets, name) for name in (SOURCE_VOCABULARY, TARGET_VOCABULARY))
    try:
        config = TranslatorConfig(**card["configuration"])
    except (KeyError, TypeError, ValueError) as error:
        raise AssetError(f"{NAME}.json is damaged: it holds no configuration of a translator ({error})") from error
    for name, vocabulary, size in (
        (SOURCE_VOCABULARY, source, config.source_vocabulary_size),
        (TARGET_VOCABULARY, target, config.target_vocabulary_size),
    ):
        if len(vocabulary) != size:
            raise AssetError(f"{name} is damaged: it has {len(vocabulary):,} tokens, the weights need {size:,}")
    if any(language_tag(code) not in source.special for code in LANGUAGES):
        raise AssetError(f"{SOURCE_VOCABULARY} is damaged: a language tag is missing")
    parameters = load_parameters(assets, config)
    check_hashes(assets, card)
    return Translator.from_parameters(language, config, source, target, parameters)


def load_card(assets: Path = ASSETS) -> dict[str, Any]:
    """Read the model card: configuration, training, scores, licence."""
    path = assets / "weights" / f"{NAME}.json"
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


def load_parameters(assets: Path, config: TranslatorConfig) -> dict[str, Array]:
    """Read the weights as float32, after checking names, shapes and that every number is finite."""
    path = assets / "weights" / f"{NAME}.safetensors"
    try:
        stored = load_file(path)
    except UNREADABLE as error:
        raise _unreadable(path, error) from error
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


def check_hashes(assets: Path, card: Mapping[str, Any]) -> None:
    """Refuse files that are well-formed but not those the card was written for."""
    hashes = card.get("sha256")
    if not isinstance(hashes, dict) or set(hashes) != set(hashed_files()):
        raise AssetError(f"{NAME}.json is damaged: it does not list the files it describes")
    for name, expected in hashes.items():
        if sha256(assets / name) != expected:
            raise AssetError(f"{Path(name).name} is damaged: it is not the file that the model card describes")


def hashed_files() -> tuple[str, ...]:
    return (
        f"weights/{NAME}.safetensors", f"vocabularies/{SOURCE_VOCABULARY}", f"vocabularies/{TARGET_VOCABULARY}",
        f"weights/{NAME}.seen.safetensors",
    )  # fmt: skip


def sha256(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise _unreadable(path, error) from error


def load_seen(assets: Path = ASSETS) -> Array:
    """Fingerprints of the English training sentences, sorted, (N,) int64.

    Raises:
        AssetError: a file is missing or damaged.
    """
    check_hashes(assets, load_card(assets))
    path = assets / "weights" / f"{NAME}.seen.safetensors"
    try:
        return load_file(path)["english"]
    except UNREADABLE as error:
        raise _unreadable(path, error) from error


def was_in_training(english: str, seen: Array) -> bool:
    """Tell whether an English sentence was trained on, ignoring case and punctuation.

    False alarms happen about once in 2**64 / len(seen) sentences.
    """
    value = fingerprint(english)
    at = int(np.searchsorted(seen, value))
    return at < len(seen) and int(seen[at]) == value


def save_translator(
    assets: Path, config: TranslatorConfig, source: Vocabulary, target: Vocabulary, parameters: Mapping[str, Array],
    english: Iterable[str], card: Mapping[str, Any],
) -> None:  # fmt: skip
    """Write weights (half precision), vocabularies, fingerprints of the training sentences, and the card last."""
    for folder in ("weights", "vocabularies"):
        (assets / folder).mkdir(parents=True, exist_ok=True)
    half = {name: np.ascontiguousarray(values, np.float16) for name, values in parameters.items()}
    save_file(half, assets / "weights" / f"{NAME}.safetensors")
    source.save(assets / "vocabularies" / SOURCE_VOCABULARY)
    target.save(assets / "vocabularies" / TARGET_VOCABULARY)
    seen = np.unique(np.array([fingerprint(sentence) for sentence in english], np.int64))
    save_file({"english": seen}, assets / "weights" / f"{NAME}.seen.safetensors")
    whole = {
        "configuration": asdict(config),
        **card,
        "sha256": {name: sha256(assets / name) for name in hashed_files()},
    }
    save_card(assets, whole)


def save_card(assets: Path, card: Mapping[str, Any]) -> None:
    path = assets / "weights" / f"{NAME}.json"
    path.write_text(json.dumps(card, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _unreadable(path: Path, error: Exception) -> AssetError:
    if isinstance(error, FileNotFoundError):
        return AssetError(f"{path.name} is missing from assets/{path.parent.name}")
    reason = error.strerror if isinstance(error, OSError) and error.strerror else error  # without the machine's path
    return AssetError(f"{path.name} is damaged: {reason}")
