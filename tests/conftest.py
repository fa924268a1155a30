"""Tiny seeded models, shared by all tests. What needs the shipped weights says so by its fixture."""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as app.py: more threads add up otherwise, and pages are compared

import numpy as np
import pytest
from hypothesis import settings

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from models import Record, Trace, TranslationTrace, load_translator, record
from models.language.languages import Language
from models.language.vocabulary import WORD_START, Vocabulary, learn
from models.recurrent.trace import Array, Cell, Described
from models.translation.checkpoints import save_translator
from models.translation.configuration import TranslatorConfig
from models.translation.translator import Translator

if TYPE_CHECKING:
    import torch

    from models.learning.network import TranslatorNetwork

settings.register_profile("same examples every time", derandomize=True, deadline=None)
settings.load_profile("same examples every time")

ENGLISH = (
    "the cat sat", "the dog ran", "Go.", "Run!", "Wow!", "I have a cat.", "She has a dog.", "Where is the cat?",
    "Tom doesn't like dogs.", "I like rice.", "We are here.", "He sat here.",
)  # fmt: skip
BANGLA = (
    "বিড়ালটা বসল", "কুকুরটা দৌড়াল", "যাও।", "পালাও!", "ওয়াও!", "আমার একটা বিড়াল আছে।", "তার একটা কুকুর আছে।",
    "বিড়ালটা কোথায়?", "টম কুকুর পছন্দ করে না।", "আমি ভাত পছন্দ করি।", "আমরা এখানে।", "সে এখানে বসল।",
)  # fmt: skip
PRINTABLE_ASCII = tuple(map(chr, range(33, 127)))
SEED = 14  # with these weights the dozen translations differ, and one of them meets the length limit
CARD = {
    "licence": {"weights": "CC0, random numbers", "data": "none"},
    "training": {"epochs": 2, "seed": SEED},
    "pairs": {"bn": 12, "mr": 0},
    "curves": [
        {"loss": 6.1, "bn_chrf": 10.0, "bn_bleu": 0.5, "mr_chrf": 12.0, "mr_bleu": 1.0},
        {"loss": 4.2, "bn_chrf": 20.0, "bn_bleu": 5.0, "mr_chrf": 24.0, "mr_bleu": 9.0},
    ],
    "validation": {
        code: {
            "sentences": 12, "references": 12, "refused": 0, "bleu": bleu, "chrf": chrf,
            "bleu_signature": "nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:2.6.0",
            "chrf_signature": "nrefs:1|case:mixed|eff:yes|nc:6|nw:2|space:no|version:2.6.0",
        }
        for code, bleu, chrf in (("bn", 5.0, 20.0), ("mr", 9.0, 24.0))
    },
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Tiny:
    """A translator with random weights, and what it takes to build its torch twin."""

    translator: Translator
    config: TranslatorConfig
    parameters: dict[str, np.ndarray]

    def network(self) -> "TranslatorNetwork":
        """A fresh torch network with exactly these parameters, without dropout."""
        import torch

        from models.learning.network import TranslatorNetwork

        tensors = {name: torch.tensor(values) for name, values in self.parameters.items()}
        network = TranslatorNetwork(self.config).to(tensors["output_bias"].dtype)
        network.load_state_dict(tensors)
        return network.eval()


@cache
def learned_vocabularies() -> tuple[Vocabulary, Vocabulary]:
    source = learn(ENGLISH, 130, alphabet=[*PRINTABLE_ASCII, WORD_START], languages=("bn", "mr"), lowercase=True)
    return source, learn(BANGLA, 70, alphabet=[*"!.?।", WORD_START])


@cache
def built(layers: int = 1, dtype: str = "float32", language: Language = "bn") -> Tiny:
    """Weights large enough that translations differ, and such that half precision holds them exactly."""
    source, target = learned_vocabularies()
    config = TranslatorConfig(len(source), len(target), embedding_size=5, hidden_size=6, layers=layers)
    generator = np.random.default_rng(SEED)
    parameters = {
        name: generator.normal(0, 1.2, shape).astype(np.float16).astype(dtype)
        for name, shape in config.parameter_shapes().items()
    }
    parameters["output_bias"][:3] = -50  # never <pad>, <unk> or <s>
    return Tiny(
        Translator.from_parameters(language, config, source, target, parameters), config, parameters
    )  # fmt: skip


@pytest.fixture(scope="session")
def english_sentences() -> tuple[str, ...]:
    """The dozen sentences that the tiny vocabularies were learned from."""
    return ENGLISH


@pytest.fixture(scope="session")
def bangla_sentences() -> tuple[str, ...]:
    """The translations of ``english_sentences``."""
    return BANGLA


@pytest.fixture(scope="session")
def tiny_vocabularies() -> tuple[Vocabulary, Vocabulary]:
    """English, with both language tags, and Bangla, learned from a dozen sentences."""
    return learned_vocabularies()


@pytest.fixture(scope="session")
def build_tiny() -> Callable[..., Tiny]:
    """``tiny_translator`` in other ways: ``build_tiny(layers=2, dtype="float64", language="mr")``."""
    return built


@pytest.fixture(scope="session")
def tiny_translator() -> Translator:
    """One layer, H = 6, E = 5, random weights, for Bangla."""
    return built().translator


@pytest.fixture
def tiny_network() -> "TranslatorNetwork":
    """The torch network with exactly the parameters of ``tiny_translator``, a fresh one for each test."""
    return built().network()


@pytest.fixture(scope="session")
def translation(tiny_translator: Translator) -> TranslationTrace:
    """``tiny_translator`` on "the cat sat"."""
    return tiny_translator.translate("the cat sat")


@pytest.fixture
def tiny_assets(tmp_path: Path) -> Path:
    """A folder like ``assets/`` with ``tiny_translator`` in it, and a card with made-up curves and scores."""
    tiny, (source, target) = built(), learned_vocabularies()
    assets = tmp_path / "assets"
    save_translator(assets, tiny.config, source, target, tiny.parameters, dict.fromkeys(ENGLISH, ("bn",)), CARD)
    return assets


@pytest.fixture(scope="session")
def shipped_translator() -> Callable[[Language], Translator]:
    """Call it inside the test: ``shipped_translator("bn")``. Where the weights are missing, the test fails."""
    return cache(load_translator)


# --- runs that are no translation


@pytest.fixture
def numbers() -> "torch.Tensor":
    """Thirty numbers, (30, 1)."""
    import torch

    return torch.sin(torch.arange(30.0) / 3)[:, None]


@pytest.fixture
def series(numbers: "torch.Tensor") -> Record:
    """``torch.nn.LSTM(1, 8)`` over thirty numbers: one part."""
    import torch

    torch.manual_seed(3)
    return Record.of(record(torch.nn.LSTM(1, 8), numbers), labels=[f"{float(number):.2f}" for number in numbers])


@dataclass(frozen=True, eq=False)
class MadeUpTrace(Trace):
    """Of a cell that exists nowhere else: one gate, no cell state, and a state without a bound."""

    cell = Cell(
        "made up",
        (
            Described("renewal_gate", "gate", "How much of the trail is renewed."),
            Described("mixture", "signed"),
            Described("trail", "unbounded", "The trail has no bound."),
        ),
        states=("trail",),
    )

    renewal_gate: Array
    mixture: Array
    trail: Array
    initial_trail: Array


@pytest.fixture(scope="session")
def made_up() -> Callable[..., MadeUpTrace]:
    """``made_up(T, H, seed)``: random numbers as if another cell had computed them; or any others by their names."""

    def built(T: int = 5, H: int = 3, seed: int = 8, **others: object) -> MadeUpTrace:
        random = np.random.default_rng(seed)
        return MadeUpTrace(**{
            "tokens": tuple(map(str, range(T))),
            "renewal_gate": random.uniform(0, 1, (T, H)),
            "mixture": random.uniform(-1, 1, (T, H)),
            "trail": random.normal(0, 5, (T, H)),
            "initial_trail": np.full(H, 0.5),
            **others,
        })  # fmt: skip

    return built
