"""The one module that keeps what takes time, loaded or counted once and shared by all sessions.

The list of networks, which needs no weights, is kept where it is made, in ``viz/networks.py``.
"""

import gc
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import cache, lru_cache
from threading import Lock
from typing import TYPE_CHECKING, Any

from threadpoolctl import threadpool_limits

from models.analysis.survey import SENTENCES, Survey, sources_of
from models.analysis.survey import survey as survey_of
from models.evaluation.held_out import held_out_english
from models.language.languages import LANGUAGES, Language
from models.language.neighbours import Neighbour, TrainingIndex
from models.language.neighbours import nearest as nearest_in
from models.learning.tasks import TASKS
from models.learning.tasks.files import load_networks, load_task_card
from models.learning.tasks.network import TaskNetwork
from models.learning.tasks.variants import Variant
from models.translation.checkpoints import ASSETS, NAME, AssetError, load_index, load_translator
from models.translation.translator import Translator
from viz.networks import parts_of

if TYPE_CHECKING:
    from models.analysis.matching import Matching


@cache
def _loaded(key: str = NAME) -> Translator:
    threadpool_limits(1)  # where NumPy was imported before app.py could say so
    found = load_translator("bn", ASSETS, *parts_of(key))
    _KEYS[found.fingerprint] = key
    return found


_KEYS: dict[str, str] = {}  # of the networks that were loaded, by their fingerprints


def network_of(translator: Translator) -> str:
    """The key of a network that ``translator`` gave."""
    return _KEYS[translator.fingerprint]


def translator(language: Language, network: str = NAME) -> Translator:
    """A shipped network by its key in ``viz.networks``; both languages share one set of weights.

    Raises:
        AssetError: a file is missing or damaged. Failures are not kept: a mended file loads at the next try.
    """
    return replace(_loaded(network), language=language)


@cache
def training_index(name: str) -> TrainingIndex:
    """What is kept of the English sentences that a network, named without the state of its training, was trained on.

    Raises:
        AssetError: the file is missing or damaged.
    """
    return load_index(ASSETS, name)


@lru_cache(maxsize=200)
def nearest(sentence: str, name: str) -> Neighbour | None:
    """The training sentence that comes nearest, if one within two words is found; takes up to half a second."""
    vocabulary = _loaded().source_vocabulary
    return nearest_in(sentence, training_index(name), vocabulary.words or vocabulary.pieces)


@lru_cache(maxsize=len(TASKS))
def task_networks(task: str) -> dict[tuple[Variant, int], TaskNetwork]:
    """The small networks that have learned a task, by variant and seed.

    Raises:
        AssetError: a file is missing or damaged. Failures are not kept.
    """
    return load_networks(task, ASSETS)


@lru_cache(maxsize=len(TASKS))
def task_card(task: str) -> Mapping[str, Any]:
    """How these networks were trained, and the curves that were measured.

    Raises:
        AssetError: a file is missing or damaged. Failures are not kept.
    """
    return load_task_card(task, ASSETS)


_SURVEYS: dict[str, Survey] = {}
_SURVEYING: dict[str, Lock] = defaultdict(Lock)  # of each network: who comes second waits and has it


def known_survey(key: str) -> Survey | None:
    """What ``survey`` has found before, since the server was started."""
    return _SURVEYS.get(key)


def survey(key: str, progress: Callable[[float], None] = lambda share: None) -> Survey:
    """What a network does over held-out sentences: counted once for these weights, then kept on disk.

    Raises:
        AssetError, CorpusError: a shipped file is missing or damaged.
    """
    with _SURVEYING[key]:
        if key not in _SURVEYS:
            name, step = parts_of(key)
            _SURVEYS[key] = survey_of(name, ASSETS, progress=progress, step=step)
        return _SURVEYS[key]


_MATCHED: dict[tuple[str, str], "Matching"] = {}
_MATCHING: dict[tuple[str, str], Lock] = defaultdict(Lock)  # of each pair: who comes second waits and has it


def known_matching(a: Translator, b: Translator) -> "Matching | None":
    """What ``matching`` has found before, since the server was started."""
    return _MATCHED.get((a.fingerprint, b.fingerprint))


def matching(a: Translator, b: Translator, progress: Callable[[float], None]) -> "Matching":
    """The units of two networks matched by what they do over held-out sentences: counted once.

    Raises:
        AssetError, CorpusError: a shipped file is missing or damaged.
    """
    from models.analysis.matching import match_units

    key = (a.fingerprint, b.fingerprint)
    with _MATCHING[key]:
        if key not in _MATCHED:
            sources = sources_of(a, held_out_english(SENTENCES))
            _MATCHED[key] = match_units(a, b, sources, progress=progress)
        return _MATCHED[key]


@asynccontextmanager
async def lifespan(_: object) -> AsyncIterator[None]:
    """Warm up before the first visitor, then take what was loaded out of the garbage collector's sight.

    Every full collection would walk through all that was loaded, 100 ms at a time.
    """
    try:
        for language in LANGUAGES:
            translator(language).translate("Hello.")
        training_index(NAME)
    except AssetError:
        pass  # the page says so, naming the file
    gc.collect()
    gc.freeze()
    yield
