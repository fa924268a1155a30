"""What gates do over many held-out sentences: recorded in batches, and kept on disk for these very weights."""

import hashlib
import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from platformdirs import user_cache_path
from safetensors.numpy import load_file, save_file

from models.batches import translate_in_batches
from models.checkpoints import ASSETS, UNREADABLE, load_translator
from models.configuration import LANGUAGES
from models.held_out import held_out_english
from models.lifetimes import GATES, GateCounts, LifetimeCounts, lifetimes
from models.text import SentenceError
from models.trace import Array, Side
from models.translator import Source, Translator

SENTENCES = 500  # each translated to both languages
SIDES: tuple[Side, ...] = ("encoder", "decoder")
METHOD = "1"  # of counting: another one, other files


@dataclass(frozen=True, eq=False)
class Survey:
    """Counts over many translations by one network, of its highest layer."""

    translations: int
    gates: dict[Side, GateCounts]
    lifetimes: LifetimeCounts  # of the writes of encoder and decoder, followed from one into the other

    def arrays(self) -> dict[str, Array]:
        """As it lies on disk."""
        found = {"translations": np.array([self.translations])}
        for side, counted in self.gates.items():
            found |= {f"{side}.counts": counted.counts, f"{side}.sums": counted.sums}
        return found | {"halved": self.lifetimes.halved, "censored": self.lifetimes.censored}

    @classmethod
    def of(cls, arrays: dict[str, Array]) -> "Survey":
        """The counts that ``arrays`` gave.

        Raises:
            ValueError, KeyError: these are other arrays.
        """
        units = len(arrays["halved"])
        empty = cls(0, {side: GateCounts.none(units) for side in SIDES}, LifetimeCounts.none(units))
        for name, values in empty.arrays().items():
            if arrays[name].shape != values.shape or arrays[name].dtype != values.dtype:
                raise ValueError(f"{name} is {arrays[name].shape}")
        return cls(
            int(arrays["translations"][0]),
            {side: GateCounts(arrays[f"{side}.counts"], arrays[f"{side}.sums"]) for side in SIDES},
            LifetimeCounts(arrays["halved"], arrays["censored"]),
        )


def survey(
    name: str, assets: Path = ASSETS, cache: Path | None = None, progress: Callable[[float], None] = lambda share: None
) -> Survey:
    """What the gates of a network do over 500 held-out sentences, translated to both languages.

    Read from disk if it was counted before with these weights and sentences; else counted, and kept. A file that is
    damaged or cannot be written is as good as none.

    Args:
        name: of a network, as for ``load_translator``.
        cache: folder of the files; the user's own if omitted.
        progress: is told the share that is done, 0 to 1.

    Raises:
        AssetError, CorpusError: a shipped file is missing or damaged.
    """
    translator = load_translator("bn", assets, name)
    sources = sources_of(translator, held_out_english(SENTENCES, assets))
    file = (cache or user_cache_path("lstm-microscope")) / f"survey-{name}-{_key(translator, sources)}.safetensors"
    try:
        found = Survey.of(load_file(file))
    except UNREADABLE:
        found = take(translator, sources, progress)
        _keep(found, file)
    progress(1.0)
    return found


def sources_of(translator: Translator, english: Sequence[str]) -> list[Source]:
    """Each sentence as it is read for each language; those that are too long are left out."""
    sources = []
    for language in LANGUAGES:
        for sentence in english:
            try:
                sources.append(replace(translator, language=language).source(sentence))
            except SentenceError:
                continue
    return sources


def take(
    translator: Translator, sources: Sequence[Source], progress: Callable[[float], None] = lambda share: None
) -> Survey:
    """Translate all sources and count; ``progress`` is told the share that is done after each batch."""
    units, done = translator.config.hidden_size, 0
    gates, counts = {side: GateCounts.none(units) for side in SIDES}, LifetimeCounts.none(units)
    for batch in translate_in_batches(translator, sources):
        for column in range(len(batch.places)):
            steps = batch.steps_of(column)
            for side, step in zip(SIDES, steps, strict=True):
                for gate in GATES:
                    gates[side].add(gate, getattr(step.gates, gate))
            counts.add(lifetimes(np.concatenate([step.gates.forget_gate for step in steps])))
        done += len(batch.places)
        progress(done / len(sources))
    return Survey(done, gates, counts)


def _key(translator: Translator, sources: Sequence[Source]) -> str:
    """Of the weights, the sentences as they are read, and the method: what the counts depend on."""
    digest = hashlib.sha256(METHOD.encode())
    for name, values in sorted(translator.parameters.items()):
        digest.update(f"{name} {values.dtype} {values.shape}".encode())
        digest.update(np.ascontiguousarray(values).data)
    for source in sources:
        digest.update(repr(source.ids).encode())
    return digest.hexdigest()[:32]


def _keep(found: Survey, file: Path) -> None:
    """Write the file in one piece: who reads at the same time sees all of it or nothing."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, beside = tempfile.mkstemp(dir=file.parent, suffix=".part")
        os.close(handle)
        try:
            save_file(found.arrays(), beside)
            os.replace(beside, file)
        finally:
            Path(beside).unlink(missing_ok=True)
    except OSError:
        pass  # it is counted anew the next time
