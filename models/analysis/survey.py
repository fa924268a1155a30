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

from models.analysis.lifetimes import GATES, GateCounts, LifetimeCounts, lifetimes
from models.evaluation.held_out import held_out_english
from models.language.languages import LANGUAGES
from models.language.text import SentenceError
from models.recurrent.trace import MAPS, Array, Side, Step
from models.translation.batches import translate_in_batches
from models.translation.checkpoints import ASSETS, UNREADABLE, load_translator
from models.translation.interventions import OF_UNITS, Means
from models.translation.translator import Source, Translator

SENTENCES = 500  # each translated to both languages
SIDES: tuple[Side, ...] = ("encoder", "decoder")
METHOD = "2"  # of counting: another one, other files


@dataclass(frozen=True, eq=False)
class Survey:
    """Counts over many translations by one network: of its highest layer, and sums of what all L layers computed."""

    translations: int
    gates: dict[Side, GateCounts]
    lifetimes: LifetimeCounts  # of the writes of encoder and decoder, followed from one into the other
    sums: dict[Side, Array]  # (L, 6, H), over all steps, in the order of OF_UNITS; double precision

    @classmethod
    def none(cls, layers: int, units: int) -> "Survey":
        gates = {side: GateCounts.none(units) for side in SIDES}
        return cls(
            0, gates, LifetimeCounts.none(units), {side: np.zeros((layers, len(OF_UNITS), units)) for side in SIDES}
        )

    def means(self) -> Means:
        """The mean of each unit over all steps of a side, (H,) in single precision, by side, layer and quantity."""
        return {
            (side, layer, target): (sums[layer, place] / max(self.gates[side].steps, 1)).astype(np.float32)
            for side, sums in self.sums.items()
            for layer in range(len(sums))
            for place, target in enumerate(OF_UNITS)
        }

    def arrays(self) -> dict[str, Array]:
        """As it lies on disk."""
        found = {"translations": np.array([self.translations])}
        for side, counted in self.gates.items():
            found |= {f"{side}.counts": counted.counts, f"{side}.sums": counted.sums}
            found[f"{side}.all_sums"] = self.sums[side]
        return found | {"halved": self.lifetimes.halved, "censored": self.lifetimes.censored}

    @classmethod
    def of(cls, arrays: dict[str, Array]) -> "Survey":
        """The counts that ``arrays`` gave.

        Raises:
            ValueError, KeyError: these are other arrays.
        """
        for name, values in cls.none(len(arrays["encoder.all_sums"]), len(arrays["halved"])).arrays().items():
            if arrays[name].shape != values.shape or arrays[name].dtype != values.dtype:
                raise ValueError(f"{name} is {arrays[name].shape}")
        return cls(
            int(arrays["translations"][0]),
            {side: GateCounts(arrays[f"{side}.counts"], arrays[f"{side}.sums"]) for side in SIDES},
            LifetimeCounts(arrays["halved"], arrays["censored"]),
            {side: arrays[f"{side}.all_sums"] for side in SIDES},
        )


def survey(
    name: str, assets: Path = ASSETS, cache: Path | None = None,
    progress: Callable[[float], None] = lambda share: None, step: int | None = None,
) -> Survey:  # fmt: skip
    """What the gates of a network do over 500 held-out sentences, translated to both languages.

    Read from disk if it was counted before with these weights and sentences; else counted, and kept. A file that is
    damaged or cannot be written is as good as none.

    Args:
        name: of a network, as for ``load_translator``.
        cache: folder of the files; the user's own if omitted.
        progress: is told the share that is done, 0 to 1.
        step: asks for an earlier state of the network's training, as for ``load_translator``.

    Raises:
        AssetError, CorpusError: a shipped file is missing or damaged.
    """
    translator = load_translator("bn", assets, name, step)
    sources = sources_of(translator, held_out_english(SENTENCES, assets))
    state = name if step is None else f"{name}.step-{step:05}"
    file = (cache or user_cache_path("lstm-microscope")) / f"survey-{state}-{_key(translator, sources)}.safetensors"
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
    found, done = Survey.none(translator.config.layers, translator.config.hidden_size), 0
    for batch in translate_in_batches(translator, sources):
        for column in range(len(batch.places)):
            steps = batch.steps_of(column)
            for side, step in zip(SIDES, steps, strict=True):
                for gate in GATES:
                    found.gates[side].add(gate, getattr(step.gates, gate))
            found.lifetimes.add(lifetimes(np.concatenate([step.gates.forget_gate for step in steps])))
        for side, layers in (("encoder", batch.encoder), ("decoder", batch.decoder)):
            for sums, step in zip(found.sums[side], layers, strict=True):
                sums += _summed(step)
        done += len(batch.places)
        progress(done / len(sources))
    return replace(found, translations=done)


def _summed(step: Step) -> Array:
    """Each quantity of each unit, added up over (T, B) steps, (6, H): what is past the end of a translation is 0."""
    parts = (step.activation, step.cell_state[:, :, None], step.hidden_state[:, :, None])
    return np.concatenate([values.sum(axis=(0, 1), dtype=np.float64) for values in parts])


def _key(translator: Translator, sources: Sequence[Source]) -> str:
    """Of the weights, the sentences as they are read, and the method: what the counts depend on."""
    digest = hashlib.sha256(METHOD.encode())
    if translator.held_back:
        digest.update(repr(translator.held_back).encode())
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


assert (*MAPS, "cell_state", "hidden_state") == OF_UNITS  # as ``_summed`` puts them
