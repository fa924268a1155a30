"""Translations put together from random numbers, without a model: whatever a figure says must follow from them."""

from collections.abc import Callable

import numpy as np
import pytest

from models.recurrent.trace import MAPS, AffineMaps, LSTMTrace
from models.translation.record import Candidate, TranslationTrace

SOURCE = ("<to bn>", "▁the", "▁cat", "▁the", "<unk>", "▁<", "▁$", "</s>")
SURFACES = ("", "the", " cat", " the", " <b>", " <", " $", "")
TARGET = ("▁<script>", "▁বিড়াল", "টি", "$", "</s>")


def made_trace(
    tokens: tuple[str, ...], units: int, initial: np.ndarray, random: np.random.Generator, layer: int
) -> LSTMTrace:
    """Random gates and candidates, and the states that follow from them, in float32."""
    shape = (len(tokens), units)
    gates = {name: random.uniform(0, 1, shape).astype(np.float32) for name in MAPS}
    gates["candidate"] = random.uniform(-1, 1, shape).astype(np.float32)
    cells, cell = [], initial
    for f, i, g in zip(gates["forget_gate"], gates["input_gate"], gates["candidate"], strict=True):
        cell = f * cell + 3 * i * g  # three times too much is written, so that cell states leave -1..1
        cells.append(cell)
    none = AffineMaps(np.zeros((len(tokens), 4, units), np.float32))
    return LSTMTrace(
        tokens=tokens,
        **gates,
        cell_state=np.array(cells),
        hidden_state=gates["output_gate"] * np.tanh(np.array(cells)),
        input_part=none,
        memory_part=none,
        bias=AffineMaps(np.zeros((4, units), np.float32)),
        initial_hidden_state=np.zeros(units, np.float32),
        initial_cell_state=initial,
        layer=layer,
    )


def made_translation(
    seed: int = 0, units: int = 7, source: tuple[str, ...] = SOURCE, target: tuple[str, ...] = TARGET,
    surfaces: tuple[str, ...] | None = None, text: str = "<script> বিড়ালটি$", layers: int = 2,
) -> TranslationTrace:  # fmt: skip
    random = np.random.default_rng(seed)
    S, T = len(source), len(target)
    start = np.zeros(units, np.float32)
    encoder = [made_trace(source, units, start, random, layer) for layer in range(layers)]
    read = ("<s>", *target[:-1])
    decoder = [made_trace(read, units, encoder[layer].cell_state[-1], random, layer) for layer in range(layers)]
    scores = random.normal(0, 2, (T, S)).astype(np.float32)
    powers = np.exp(scores)
    probabilities = random.uniform(0.2, 0.9, T)
    return TranslationTrace(
        sentence="the cat the <b> < $",
        text=text,
        language="bn",
        source_tokens=source,
        source_surfaces=surfaces or (SURFACES if source == SOURCE else ("",) * S),
        target_tokens=target,
        probabilities=probabilities,
        candidates=tuple((Candidate(token, float(p)), Candidate("▁ক", 0.1)) for token, p in zip(target, probabilities)),
        attention=powers / powers.sum(axis=1, keepdims=True),
        attention_scores=scores,
        context=random.normal(size=(T, units)).astype(np.float32),
        logits=random.normal(size=(T, 9)).astype(np.float32),
        encoder=encoder,
        decoder=decoder,
    )


@pytest.fixture(scope="session")
def made() -> Callable[..., TranslationTrace]:
    """``made(seed, units, source, target, ...)``: a translation of random numbers."""
    return made_translation


@pytest.fixture
def run() -> TranslationTrace:
    """Eight source and five target tokens, seven units, two layers; tokens repeat and look like mark-up."""
    return made_translation()


@pytest.fixture
def numbers_of() -> Callable[[TranslationTrace], list[np.ndarray]]:
    """Copies of all arrays of a translation, to tell whether something changed them."""

    def copies(translation: TranslationTrace) -> list[np.ndarray]:
        values = [value for value in vars(translation).values() if isinstance(value, np.ndarray)]
        for trace in (*translation.encoder, *translation.decoder):
            values += [value for value in vars(trace).values() if isinstance(value, np.ndarray)]
        return [value.copy() for value in values]

    return copies
