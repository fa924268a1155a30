"""What the page Gradients asks: the gradients of one sequence through several cells, and what clipping does to a step.

Torch is imported by the functions that compute, so that who only names a question goes without it. Run as a module it
answers questions line by line, as JSON on its standard streams, until they are closed: a process that others wait for
only if they want to.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from models.learning.tasks import TASKS
from models.learning.tasks.files import load_networks
from models.learning.tasks.network import CellKind
from models.recurrent.trace import Array
from models.translation.checkpoints import ASSETS, NAME, AssetError, load_translator

if TYPE_CHECKING:
    from torch import Tensor, nn

CELLS: tuple[CellKind, ...] = ("lstm", "gru", "rnn")
RATE = 0.01  # of the step that shows what clipping does
CLIP = 1.0  # norm that gradients are clipped to (Pascanu et al. 2013, section 3.2)


@dataclass(frozen=True)
class TaskQuestion:
    """A sequence of a task, and the networks that it is followed through."""

    task: str
    read: tuple[str, ...]
    is_trained: bool = True
    seed: int = 1  # of the training, or of the random weights
    forget_bias: float = 1.0  # of random weights, the LSTM's alone
    scale: float = 1.0  # that the recurrent weights are multiplied by


@dataclass(frozen=True)
class TranslationQuestion:
    """A translation: its loss is -log p of the tokens that were written, summed; one of them is looked at by itself."""

    source: tuple[int, ...]  # token numbers
    target: tuple[int, ...]
    start: int
    network: str = NAME  # and which state of its training, as ``load_translator`` takes both
    state: int | None = None
    written: int = 0  # which of the target: its logit is what inputs change


@dataclass(frozen=True, eq=False)
class GradientFlow:
    """How a loss depends on each of S + 1 states, of which state 0 is the initial one and state S the last."""

    hidden_state: Array  # (S + 1,) norm of the gradient by the hidden state, the cell state held
    cell_state: Array | None  # (S + 1,) norm of that by the cell state, what it shows included; None without one
    jacobian: Array  # (S + 1,) largest singular value of the derivative of the last state by each; 1 at the last
    path: Array | None  # (S + 1, H) along the memory alone: the product of the gates after each; None without gates
    inputs: Array  # (S,) norm of the gradient by each input
    loss: float


@dataclass(frozen=True, eq=False)
class Clipping:
    """One step of gradient descent from these weights, as it is and clipped by norm."""

    loss: float
    norm: float  # of the gradient by all weights
    weights: float  # norm of these weights themselves
    rate: float
    limit: float
    plain_loss: float  # after the whole step
    clipped_loss: float  # after the step with the gradient scaled down to ``limit``

    @property
    def factor(self) -> float:
        """What clipping multiplies the gradient by."""
        return min(1.0, self.limit / self.norm) if self.norm else 1.0


@dataclass(frozen=True, eq=False)
class Followed:
    """What was found for one cell."""

    cell: CellKind
    units: int
    flow: GradientFlow  # of the loss
    by_input: Array  # (S,) norm of the gradient of the right answer's output at the last asked step by each input
    pre_activations: Mapping[str, Array]  # what each squashing function was given, (S, H), by the quantity it made
    clipping: Clipping | None = None


@dataclass(frozen=True, eq=False)
class Answered:
    """All that one question has for an answer."""

    labels: tuple[str, ...]  # S, of the steps
    followed: tuple[Followed, ...]


def follow(question: TaskQuestion | TranslationQuestion, assets: Path = ASSETS) -> Answered:
    """Answer a question; to be called in a process of its own where others should not wait for torch.

    Raises:
        AssetError: a file is missing or damaged.
    """
    import torch

    torch.set_num_threads(1)
    if isinstance(question, TranslationQuestion):
        return _follow_translation(question, assets)
    task = TASKS[question.task]
    example = task.example_of(question.read)
    followed = tuple(_follow_task(question, cell, example, assets) for cell in CELLS)
    return Answered(example.read, followed)


def _follow_task(question: TaskQuestion, cell: CellKind, example: Any, assets: Path) -> Followed:
    import torch

    from models.learning.gradient_flow import gradient_flow

    network, readout = _networks(question, cell, assets)
    inputs = torch.from_numpy(TASKS[question.task].inputs(example.read)).double()
    asked = max(example.wanted)
    flow = gradient_flow(network, inputs, lambda hidden: _loss(question.task, readout(hidden), example))
    answer = _place(question.task, example.wanted[asked])
    by_input = gradient_flow(network, inputs, lambda hidden: readout(hidden)[asked, answer], jacobian=False).inputs
    clipping = _clipped(question.task, network, readout, inputs, example)
    with torch.no_grad():
        points = _pre_activations(network, cell, inputs)
    return Followed(cell, network.hidden_size, flow, by_input, points, clipping)


def _place(task: str, wanted: str | float) -> int:
    return 0 if TASKS[task].gives_numbers else TASKS[task].answers.index(wanted)


def _loss(task: str, outputs: Tensor, example: Any) -> Tensor:
    """-log p of all that is asked, or half the squared error of a number, summed."""
    import torch

    steps = list(example.wanted)
    if TASKS[task].gives_numbers:
        wanted = torch.tensor(list(example.wanted.values()), dtype=outputs.dtype)
        return 0.5 * (outputs[steps, 0] - wanted).square().sum()
    places = torch.tensor([_place(task, answer) for answer in example.wanted.values()])
    return torch.nn.functional.cross_entropy(outputs[steps], places, reduction="sum")


def _networks(question: TaskQuestion, cell: CellKind, assets: Path) -> tuple[nn.RNNBase, nn.Linear]:
    """One layer and its readout in double precision: trained weights, or random ones from a seed."""
    import torch

    from models.learning.tasks.training import Network, fitting_size

    task = TASKS[question.task]
    torch.manual_seed(question.seed)
    found = Network(task, cell, fitting_size(task, cell).units).double()
    if question.is_trained:
        found.load_state_dict(_trained(question.task, cell, question.seed, assets))
    elif cell == "lstm":
        units = found.encoder.hidden_size
        with torch.no_grad():
            found.encoder.bias_ih_l0[units : 2 * units] = question.forget_bias
    with torch.no_grad():
        found.encoder.weight_hh_l0 *= question.scale
    return found.encoder, found.readout


def _trained(task: str, cell: CellKind, seed: int, assets: Path) -> dict[str, Tensor]:
    import torch

    network = load_networks(task, assets)[cell, seed]
    layer = network.encoder
    together = cell == "lstm"  # which keeps both of torch's biases as one
    biases = (layer.bias, np.zeros_like(layer.bias)) if together else (layer.bias_ih, layer.bias_hh)
    named = {
        "encoder.weight_ih_l0": layer.weight_ih, "encoder.weight_hh_l0": layer.weight_hh,
        "encoder.bias_ih_l0": biases[0], "encoder.bias_hh_l0": biases[1],
        "readout.weight": network.weight, "readout.bias": network.bias,
    }  # fmt: skip
    return {name: torch.from_numpy(np.array(values, np.float64)) for name, values in named.items()}


def _clipped(task: str, network: nn.RNNBase, readout: nn.Linear, inputs: Tensor, example: Any) -> Clipping:
    """What one step of gradient descent does to the loss of this sequence, whole and clipped."""
    import torch

    parameters = [*network.parameters(), *readout.parameters()]

    def loss() -> Tensor:
        return _loss(task, readout(network(inputs)[0]), example)

    value = loss()
    gradients = torch.autograd.grad(value, parameters)
    norm = float(torch.sqrt(sum(gradient.square().sum() for gradient in gradients)))
    size = float(torch.sqrt(sum(parameter.detach().square().sum() for parameter in parameters)))
    found = Clipping(value.item(), norm, size, RATE, CLIP, 0.0, 0.0)
    losses = []
    with torch.no_grad():
        kept = [parameter.clone() for parameter in parameters]
        for factor in (1.0, found.factor):
            for parameter, before, gradient in zip(parameters, kept, gradients, strict=True):
                parameter.copy_(before - RATE * factor * gradient)
            losses.append(float(loss()))
        for parameter, before in zip(parameters, kept, strict=True):
            parameter.copy_(before)
    return replace(found, plain_loss=losses[0], clipped_loss=losses[1])


def _pre_activations(network: nn.RNNBase, cell: CellKind, inputs: Tensor) -> dict[str, Array]:
    """What every squashing function was given at every step, (S, H) each, by the name of what it made."""
    from models.recurrent.recording import record

    (trace,) = record(network, inputs)
    if cell == "lstm":
        summed = trace.pre_activation.packed
        names = ("input_gate", "forget_gate", "candidate", "output_gate")
        found = {name: summed[:, place] for place, name in enumerate(names)}
        return {**found, "cell_state": trace.cell_state}
    read = trace.input_part + trace.input_bias
    remembered = trace.memory_part + trace.memory_bias
    if cell == "rnn":
        return {"hidden_state": (read + remembered)[:, 0]}
    found = {name: (read + remembered)[:, place] for place, name in enumerate(("reset_gate", "update_gate"))}
    return {**found, "candidate": read[:, 2] + trace.reset_gate * remembered[:, 2]}


@lru_cache(maxsize=2)
def _translator(name: str, state: int | None, assets: Path) -> Any:
    """The network of a translation in double precision: trained, before its training or at an earlier state of it."""
    import torch

    from models.learning.network import TranslatorNetwork

    found = load_translator("bn", assets, name, state)
    network = TranslatorNetwork(found.config)
    network.load_state_dict({key: torch.from_numpy(values.copy()) for key, values in found.parameters.items()})
    return network.double().eval()


def _follow_translation(question: TranslationQuestion, assets: Path) -> Answered:
    from models.learning.gradient_flow import translation_flow

    network = _translator(question.network, question.state, assets)
    flow = translation_flow(network, question.source, question.target, question.start)
    one = translation_flow(network, question.source, question.target, question.start, logit_of=question.written)
    found = Followed("lstm", network.encoder.hidden_size, flow, one.inputs, {})
    return Answered((), (found,))


# --- between processes


def question_to_json(question: TaskQuestion | TranslationQuestion) -> str:
    return json.dumps({"kind": type(question).__name__, **asdict(question)})


def question_from_json(text: str) -> TaskQuestion | TranslationQuestion:
    values = json.loads(text)
    kind = TaskQuestion if values.pop("kind") == TaskQuestion.__name__ else TranslationQuestion
    return kind(**{name: tuple(value) if isinstance(value, list) else value for name, value in values.items()})


def answer_to_json(found: Answered) -> str:
    """Every number to its last bit: JSON keeps a double's shortest decimal form."""
    return json.dumps(asdict(found), default=lambda values: values.tolist())


def answer_from_json(text: str) -> Answered:
    values = json.loads(text)
    return Answered(tuple(values["labels"]), tuple(map(_followed, values["followed"])))


def _followed(values: dict[str, Any]) -> Followed:
    flow = {name: np.array(each) if isinstance(each, list) else each for name, each in values["flow"].items()}
    points = {name: np.array(each) for name, each in values["pre_activations"].items()}
    clipping = values["clipping"] and Clipping(**values["clipping"])
    by_input = np.array(values["by_input"])
    return Followed(values["cell"], values["units"], GradientFlow(**flow), by_input, points, clipping)


def serve(assets: Path) -> None:
    """Answer one question a line until the input ends; what cannot be answered is said in ``error``."""
    for line in sys.stdin:
        try:
            said = answer_to_json(follow(question_from_json(line), assets))
        except AssetError as error:
            said = json.dumps({"error": str(error)})
        print(said, flush=True)


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
