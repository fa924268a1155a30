"""Training of the small networks, in torch: one cell, one task, one seed."""

import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from models.learning.tasks.answering import START
from models.learning.tasks.network import CellKind
from models.learning.tasks.task import Example, Task
from models.learning.tasks.variants import Variant, cell_of
from models.recurrent.trace import Array

WITHIN = 0.05  # of the LSTM's number of parameters: that of the other cells
CELLS: dict[CellKind, type[nn.RNNBase]] = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}
CLIP = 1.0
GROWING = 0.5  # of the training: until then the distances grow, where they grow by the clock
HELD, WARMING = 0.6, 200  # of the training, and batches: until the highest rate falls, and until it is reached
LOOKED_AT = 100  # batches whose mean loss lets them grow otherwise


class Network(nn.Module):
    """The same parameters as ``TaskNetwork``, by the same names."""

    def __init__(self, task: Task, variant: Variant, units: int) -> None:
        super().__init__()
        cell = CELLS[cell_of(variant)]
        self.encoder = cell(task.input_size, units)
        self.decoder = cell(len(task.written), units) if task.decodes else None
        self.readout = nn.Linear(units, len(task.answers))
        if cell is nn.LSTM:
            for layer in filter(None, (self.encoder, self.decoder)):
                with torch.no_grad():
                    layer.bias_hh_l0[units : 2 * units] = 0  # the forget bias stands on one of torch's two vectors
                    layer.bias_ih_l0[units : 2 * units] = 0 if variant == "lstm-forget-bias-0" else 1

    def forward(self, read: Tensor, written: Tensor | None) -> Tensor:
        """(T, B, X), and (T', B, X') for a decoder, to answers (T or T', B, K)."""
        hidden, state = self.encoder(read)
        if self.decoder is not None:
            hidden, _ = self.decoder(written, state)
        return self.readout(hidden)


class Reach:
    """How much of the range of distances the batches come from: short ones first (Bengio et al. 2009)."""

    def __init__(self, task: Task, steps: int) -> None:
        self.task, self.growing = task, GROWING * steps
        self.levels = task.trained[1] - task.trained[0]
        self.level, self.batches, self.recent = 0, 0, deque[float](maxlen=LOOKED_AT)

    @property
    def share(self) -> float:
        if self.task.grows_below is not None:
            return self.level / self.levels
        return min(1.0, (self.batches + 1) / self.growing)

    def follow(self, loss: float) -> None:
        """Take note of a batch, and go one distance further once the last hundred went well."""
        self.batches += 1
        self.recent.append(loss)
        is_learned = len(self.recent) == LOOKED_AT and sum(self.recent) / LOOKED_AT < (self.task.grows_below or 0)
        if is_learned and self.level < self.levels:
            self.level += 1
            self.recent.clear()


@dataclass(frozen=True)
class Size:
    units: int
    parameters: int


def size_of(task: Task, variant: Variant, units: int) -> Size:
    return Size(units, sum(each.numel() for each in Network(task, variant, units).parameters()))


def fitting_size(task: Task, variant: Variant) -> Size:
    """So many units that the cell has as many parameters as the task's LSTM, within 5 %.

    Raises:
        ValueError: no number of units comes so near.
    """
    wanted = size_of(task, "lstm", task.units)
    if cell_of(variant) == "lstm":
        return wanted
    found = min(
        (size_of(task, variant, units) for units in range(task.units, 4 * task.units)),
        key=lambda size: abs(size.parameters - wanted.parameters),
    )
    if abs(found.parameters - wanted.parameters) > WITHIN * wanted.parameters:
        raise ValueError(f"{task.key}: {variant} has {found.parameters} parameters, the LSTM {wanted.parameters}")
    return found


def train(
    task: Task, variant: Variant, seed: int, steps: int | None = None,
    progress: Callable[[int, float], None] = lambda *_: None,
) -> dict[str, Array]:  # fmt: skip
    """Train one network from a seed.

    Args:
        steps: batches; as many as the task says if omitted.
        progress: called after each batch with its number and loss.

    Returns:
        Its parameters by name, in single precision.
    """
    steps = steps or task.steps
    torch.manual_seed(seed)
    coin = random.Random(f"{task.key} {seed}")
    network = Network(task, variant, fitting_size(task, variant).units)
    rate = task.rate * (task.rnn_rate if variant == "rnn" else 1)
    optimiser = torch.optim.Adam(network.parameters(), lr=rate)
    schedule = schedule_of(task, optimiser, rate, steps)
    reach = Reach(task, steps)
    for step in range(steps):
        examples = task.batch(coin, task.batch_size, reach.share)
        loss = loss_of(task, network, examples)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), CLIP)
        optimiser.step()
        schedule.step()
        reach.follow(loss.item())
        progress(step, loss.item())
    return {name: value.detach().numpy().astype(np.float32) for name, value in network.state_dict().items()}


def schedule_of(
    task: Task, optimiser: torch.optim.Optimizer, rate: float, steps: int
) -> torch.optim.lr_scheduler.LRScheduler:
    """One cycle; where the distances grow by what was learned, the highest rate until most of the training is over."""
    if task.grows_below is None:
        return torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, total_steps=steps, pct_start=0.1)

    def share(step: int) -> float:
        return min(1.0, (step + 1) / WARMING, (steps - step) / ((1 - HELD) * steps))

    return torch.optim.lr_scheduler.LambdaLR(optimiser, share)


def loss_of(task: Task, network: Network, examples: list[Example]) -> Tensor:
    """Mean over what is asked: cross-entropy, or of numbers the square of the error in units of their spread."""
    read = torch.from_numpy(np.stack([task.inputs(example.read) for example in examples], axis=1))
    if task.decodes:
        written = torch.stack([torch.stack(_one_hot(task, example)) for example in examples], dim=1)
        wanted = torch.tensor([[task.answers.index(token) for token in example.written] for example in examples]).T
        return nn.functional.cross_entropy(network(read, written).flatten(0, 1), wanted.flatten())
    outputs = network(read, None)
    place = {answer: place for place, answer in enumerate(task.answers)}
    wanted = np.full(read.shape[:2], np.nan)
    for row, example in enumerate(examples):
        right = example.wanted.values()
        wanted[list(example.wanted), row] = list(right if task.gives_numbers else map(place.__getitem__, right))
    is_asked = torch.from_numpy(~np.isnan(wanted))
    said, wanted = outputs[is_asked], torch.from_numpy(wanted)[is_asked]
    if task.gives_numbers:
        return ((said[:, 0] - wanted.float()) / (10 * task.tolerance)).square().mean()
    return nn.functional.cross_entropy(said, wanted.long())


def _one_hot(task: Task, example: Example) -> list[Tensor]:
    """What the decoder reads under teacher forcing."""
    eye = torch.eye(len(task.written))
    return [eye[task.written.index(token)] for token in (START, *example.written[:-1])]
