"""The training loop: one network for all target languages, resumable, the same for the same seed."""

import json
import math
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from itertools import chain
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from tqdm import tqdm

from models.evaluation.metrics import Scores, score
from models.language.corpus import Batch, Pair, batches, by_english
from models.language.languages import Language
from models.language.vocabulary import Vocabulary, language_tag, with_words
from models.learning.network import TranslatorNetwork

STATE = "training_state.safetensors"
Augmentation = Callable[[Sequence[Pair], np.random.Generator], list[Pair]]  # other pairs each epoch


class TrainingStateError(ValueError):
    """A saved state that does not belong to the training asked for."""


@dataclass(frozen=True)
class TrainingConfig:
    epochs: int = 16
    batch_size: int = 64
    peak_learning_rate: float = 2e-3
    label_smoothing: float = 0.1  # Szegedy et al. 2016, section 7
    repeats: dict[Language, int] = field(default_factory=lambda: {"bn": 3, "mr": 1})  # per epoch
    subword_dropout: float = 0.055  # merges skipped at random (Provilkov et al. 2020)
    unknown_rate: float = 0.02  # source tokens replaced by <unk>, so that the network has met it
    averaging: float = 0.999  # decay of the running average of weights, which is what ships
    gradient_norm: float = 1.0  # clipped to (Pascanu et al. 2013)
    bfloat16: bool = False  # matrix products in bfloat16; faster where the processor has them
    keep: tuple[int, ...] = ()  # after how many batches the weights are kept
    seed: int = 1
    begun_with: str | None = None  # the network whose weights it started from; None: from random ones


class Training:
    """A run in progress: network, running average, optimiser, and the losses so far.

    ``written`` are target sentences beside those of ``pairs`` whose words are cut into subwords, not spelled; where
    there are any, numbers are spelled, too.
    """

    def __init__(
        self, network: TranslatorNetwork, source: Vocabulary, target: Vocabulary, pairs: Sequence[Pair],
        config: TrainingConfig, names: Augmentation | None = None, written: Sequence[str] = (),
    ) -> None:  # fmt: skip
        self.network, self.source, self.target, self.config = network, source, target, config
        self.names = names
        targets = chain((pair.target for pair in pairs), written)  # names that are put in are spelled
        self.spelling = with_words(target, targets, numbers=not written)
        self.pairs = [pair for pair in pairs for _ in range(config.repeats[pair.language])]
        self.optimiser = torch.optim.Adam(network.parameters(), lr=config.peak_learning_rate, fused=True)
        self.average = {name: value.detach().clone() for name, value in network.state_dict().items()}
        self.curves: list[dict[str, float]] = []  # one entry an epoch
        self.steps = 0  # batches so far

    @property
    def epoch(self) -> int:
        return len(self.curves)

    def run_epoch(self, on_step: Callable[["Training"], None] = lambda _: None) -> float:
        """Train for one epoch; returns the mean loss per target token, with label smoothing.

        ``on_step`` is called after every batch, ``steps`` of them having been seen.
        """
        torch.manual_seed(self.config.seed * 1000 + self.epoch)  # dropout
        epoch_batches = list(self._batches(np.random.default_rng([self.config.seed, self.epoch])))
        self.network.train()
        total, count = 0.0, 0
        for number, batch in enumerate(tqdm(epoch_batches, f"epoch {self.epoch + 1}", leave=False, mininterval=5)):
            progress = (self.epoch + number / len(epoch_batches)) / self.config.epochs
            for group in self.optimiser.param_groups:
                group["lr"] = self.config.peak_learning_rate * one_cycle(progress)
            loss = self._loss(batch)
            self.optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(self.network.parameters(), self.config.gradient_norm)
            self.optimiser.step()
            self._update_average(self.steps)
            self.steps += 1
            on_step(self)
            tokens = int((batch.target_written != self.target.padding_id).sum())
            total, count = total + loss.item() * tokens, count + tokens
        return total / count

    def met(self, epoch: int) -> Sequence[Pair]:
        """All pairs of an epoch, those drawn in it among them: for any epoch, whenever it is asked for."""
        return self._drawn(np.random.default_rng([self.config.seed, epoch]))[1]

    def _drawn(self, generator: np.random.Generator) -> tuple[random.Random, Sequence[Pair]]:
        coin = random.Random(int(generator.integers(2**63)))
        return coin, self.names(self.pairs, generator) if self.names else self.pairs

    def _batches(self, generator: np.random.Generator) -> Iterator[Batch]:
        dropout = self.config.subword_dropout
        coin, pairs = self._drawn(generator)
        sources = [
            self._with_unknowns(
                [
                    self.source[language_tag(pair.language)],
                    *self.source.sample(pair.english, dropout, coin),
                    self.source.end_id,
                ],
                generator,
            )
            for pair in pairs
        ]
        targets = [self.spelling.sample(pair.target, dropout, coin) for pair in pairs]
        return batches(
            sources, targets, batch_size=self.config.batch_size, padding_id=self.target.padding_id,
            start_id=self.target.start_id, end_id=self.target.end_id, generator=generator,
        )  # fmt: skip

    def _with_unknowns(self, source: list[int], generator: np.random.Generator) -> list[int]:
        hidden = generator.random(len(source)) < self.config.unknown_rate
        hidden[0] = hidden[-1] = False
        return [self.source.unknown_id if hide else token for hide, token in zip(hidden, source, strict=True)]

    def _loss(self, batch: Batch) -> Tensor:
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.config.bfloat16):
            logits = self.network(*(
                torch.from_numpy(array) for array in (batch.source, batch.source_lengths, batch.target_read)
            ))  # fmt: skip
        return nn.functional.cross_entropy(
            logits.float().flatten(0, 1), torch.from_numpy(batch.target_written).flatten(),
            ignore_index=self.target.padding_id, label_smoothing=self.config.label_smoothing,
        )  # fmt: skip

    @torch.no_grad()
    def _update_average(self, steps: int) -> None:
        decay = min(self.config.averaging, (1 + steps) / (10 + steps))
        names, values = zip(*self.network.named_parameters(), strict=True)
        torch._foreach_lerp_([self.average[name] for name in names], list(values), 1 - decay)

    def averaged_network(self) -> TranslatorNetwork:
        """The network as it would ship now, for evaluation."""
        network = TranslatorNetwork(self.network.config)
        network.load_state_dict(self.average)
        return network.eval()

    def keep_weights(self, folder: Path) -> None:
        """Write the running average down if this is one of the moments to keep."""
        if self.steps in self.config.keep:
            save_file(self.average, folder / f"step-{self.steps}.safetensors")

    def kept_weights(self, folder: Path) -> Iterator[tuple[int, dict[str, np.ndarray]]]:
        """What ``keep_weights`` wrote in this run, in the order of its steps."""
        for step in self.config.keep:
            if step <= self.steps:
                yield (
                    step,
                    {name: value.numpy() for name, value in load_file(folder / f"step-{step}.safetensors").items()},
                )

    def save(self, folder: Path) -> None:
        """Keep everything that continuing needs; replaces the former state only once the new one is whole."""
        tensors = {f"network.{name}": value for name, value in self.network.state_dict().items()}
        tensors |= {f"average.{name}": value for name, value in self.average.items()}
        for number, moments in self.optimiser.state_dict()["state"].items():
            tensors |= {f"optimiser.{number}.{name}": value for name, value in moments.items()}
        metadata = {"identity": self._identity(), "curves": json.dumps(self.curves), "steps": str(self.steps)}
        partial = folder / (STATE + ".partial")
        save_file({name: value.contiguous() for name, value in tensors.items()}, partial, metadata)
        partial.replace(folder / STATE)

    def resume(self, folder: Path) -> None:
        """Continue from what ``save`` kept.

        Raises:
            TrainingStateError: the state is damaged, or was made with other data, sizes or settings.
        """
        path = folder / STATE
        try:
            metadata = metadata_of(path)
            tensors = load_file(path)
        except Exception as error:
            raise TrainingStateError(f"{path}: not a training state ({error})") from error
        if metadata.get("identity") != self._identity():
            raise TrainingStateError(f"{path}: was made with other data, sizes or settings; use another folder")
        try:
            self._restore(tensors)
            self.curves, self.steps = json.loads(metadata["curves"]), int(metadata["steps"])
        except (KeyError, ValueError, RuntimeError) as error:
            raise TrainingStateError(f"{path}: not a training state ({error})") from error

    def _restore(self, tensors: dict[str, Tensor]) -> None:
        part = {prefix: {} for prefix in ("network", "average", "optimiser")}
        for name, value in tensors.items():
            prefix, _, rest = name.partition(".")
            part[prefix][rest] = value
        self.network.load_state_dict(part["network"])
        self.average = part["average"]
        optimiser = self.optimiser.state_dict()
        optimiser["state"] = {}
        for name, value in part["optimiser"].items():
            number, moment = name.split(".")
            optimiser["state"].setdefault(int(number), {})[moment] = value
        self.optimiser.load_state_dict(optimiser)

    def _identity(self) -> str:
        pairs = hash_of([f"{pair.language}\t{pair.english}\t{pair.target}" for pair in self.pairs])
        vocabularies = [
            hash_of(self.source.tokens),
            hash_of(self.target.tokens),
            hash_of(sorted(self.source.words or ())),
        ]
        names = hash_of([repr(self.names)])
        return json.dumps(
            [asdict(self.config), asdict(self.network.config), pairs, vocabularies, names], sort_keys=True
        )


def one_cycle(progress: float, warm_up: float = 0.15) -> float:
    """Share of the peak learning rate at ``progress`` in [0, 1] (Smith & Topin 2018): up, then down along a cosine."""
    if progress < warm_up:
        return 0.04 + 0.96 * progress / warm_up
    return max(1e-4, (1 + math.cos(math.pi * (progress - warm_up) / (1 - warm_up))) / 2)


@torch.no_grad()
def greedy(
    network: TranslatorNetwork, source: Vocabulary, target: Vocabulary, english: Sequence[str], language: Language,
    limit: int = 60, batch_size: int = 64,
) -> list[str]:  # fmt: skip
    """Translate in batches, taking the most probable token each time; for scores while training."""
    rows = [[source[language_tag(language)], *source.encode(text).ids, source.end_id] for text in english]
    order = np.argsort([len(row) for row in rows], kind="stable")
    translations = [""] * len(rows)
    for at in tqdm(range(0, len(rows), batch_size), f"validating {language}", leave=False, delay=2):
        chunk = order[at : at + batch_size]
        lengths = torch.tensor([len(rows[number]) for number in chunk])
        width = int(lengths.max())
        tokens = [rows[number] + [source.padding_id] * (width - len(rows[number])) for number in chunk]
        encoding = network.encode(torch.tensor(tokens), lengths)
        state, read = encoding.final, torch.full((len(chunk), 1), target.start_id)
        written = []
        for _ in range(limit):
            logits, state = network.decode(encoding, read, state)
            read = logits[:, -1].argmax(-1, keepdim=True)
            written.append(read[:, 0])
            if all(target.end_id in row for row in torch.stack(written, 1).tolist()):
                break
        for number, row in zip(chunk, torch.stack(written, 1).tolist(), strict=True):
            translations[number] = target.decode(row[: row.index(target.end_id)] if target.end_id in row else row)
    return translations


@torch.no_grad()
def cross_entropy(
    network: TranslatorNetwork, source: Vocabulary, target: Vocabulary, pairs: Sequence[Pair], batch_size: int = 64
) -> float:
    """Mean negative log-probability of a target token under teacher forcing, in nats; no smoothing, no dropout."""
    sources = [[source[language_tag(p.language)], *source.encode(p.english).ids, source.end_id] for p in pairs]
    total, count = 0.0, 0
    for batch in batches(
        sources, [target.encode(pair.target).ids for pair in pairs], batch_size=batch_size,
        padding_id=target.padding_id, start_id=target.start_id, end_id=target.end_id,
        generator=np.random.default_rng(0),
    ):  # fmt: skip
        logits = network(*map(torch.from_numpy, (batch.source, batch.source_lengths, batch.target_read)))
        written = torch.from_numpy(batch.target_written).flatten()
        total += float(nn.functional.cross_entropy(
            logits.flatten(0, 1), written, ignore_index=target.padding_id, reduction="sum"
        ))  # fmt: skip
        count += int((written != target.padding_id).sum())
    return total / count


def validation_scores(
    network: TranslatorNetwork, source: Vocabulary, target: Vocabulary, pairs: Sequence[Pair]
) -> dict[Language, Scores]:
    """Greedy scores of each language among the pairs."""
    scores = {}
    for language in dict.fromkeys(pair.language for pair in pairs):
        references = by_english(pair for pair in pairs if pair.language == language)
        hypotheses = greedy(network, source, target, list(references), language)
        scores[language] = score(hypotheses, list(references.values()))
    return scores


def hash_of(lines: Sequence[str]) -> str:
    import hashlib

    return hashlib.blake2b("\n".join(lines).encode("utf-8"), digest_size=16).hexdigest()


def metadata_of(path: Path) -> dict[str, str]:
    from safetensors import safe_open

    with safe_open(path, framework="pt") as file:
        return file.metadata() or {}
