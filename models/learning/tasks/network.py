"""A small network that has learned a task, in NumPy: it reads and answers, and all of it is recorded."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from models.learning.tasks.answering import END, START
from models.learning.tasks.task import Example, Task
from models.recurrent.gru import GRULayer
from models.recurrent.lstm import LSTMLayer
from models.recurrent.record import Part, Record
from models.recurrent.rnn import RNNLayer
from models.recurrent.trace import Array, StepEdit, Trace
from models.translation.attention import softmax

CellKind = Literal["lstm", "gru", "rnn"]
Layer = LSTMLayer | GRULayer | RNNLayer
MOST_WRITTEN = 8  # tokens of an answer: twice as many as any has
StateEdit = Callable[[int], StepEdit | None]  # of a step of the whole run, encoder and decoder counted through
LAYERS: dict[str, Callable[..., Layer]] = {
    "lstm": lambda ih, hh, bias_ih, bias_hh: LSTMLayer(ih, hh, bias_ih + bias_hh),
    "gru": GRULayer,
    "rnn": RNNLayer,
}


@dataclass(frozen=True, eq=False)
class TaskRun:
    """What a network did with one example."""

    example: Example
    record: Record
    outputs: Array  # (T, K) of the steps that answer: logits, or the number itself; T' of the decoder where one writes
    said: tuple[str | float, ...]  # T answers, the most probable ones

    @property
    def probabilities(self) -> Array:
        """(T, K), of the answers; not of a number."""
        return softmax(self.outputs.astype(np.float64))


@dataclass(frozen=True, eq=False)
class TaskNetwork:
    """One recurrent layer that reads, one that writes where the task has a decoder, and a linear readout."""

    task: Task
    cell: CellKind
    encoder: Layer
    decoder: Layer | None
    weight: Array  # (K, H)
    bias: Array  # (K,)

    @classmethod
    def from_parameters(cls, task: Task, cell: CellKind, parameters: Mapping[str, Array]) -> "TaskNetwork":
        """From parameters as torch names them: ``encoder.weight_ih_l0`` and so on, ``readout.weight``.

        Raises:
            KeyError: one is missing.
        """

        def layer(name: str) -> Layer:
            names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
            return LAYERS[cell](*(parameters[f"{name}.{each}_l0"] for each in names))

        decoder = layer("decoder") if task.decodes else None
        return cls(task, cell, layer("encoder"), decoder, parameters["readout.weight"], parameters["readout.bias"])

    @property
    def units(self) -> int:
        return self.encoder.hidden_size

    @property
    def memory(self) -> str:
        """The state that a unit remembers in."""
        return "cell_state" if self.cell == "lstm" else "hidden_state"

    def run(self, example: Example, edit: StateEdit | None = None) -> TaskRun:
        """Read an example from a zero state and record everything; ``edit`` may change states on the way."""
        inputs = self.task.inputs(example.read)
        steps, state = self.read(self.encoder, inputs, self.encoder.zero_state(), edit)
        if self.decoder is None:
            trace = self.encoder.trace(steps, example.read, self.encoder.zero_state(), 0, "forward")
            outputs = steps.hidden_state @ self.weight.T + self.bias
            said = self.answers(outputs)
            record = Record((Part("", example.read, (trace,), written=None),))
            return TaskRun(example, record, outputs, said)
        trace = self.encoder.trace(steps, example.read, self.encoder.zero_state(), 0, "forward")
        read, written, outputs, traced = self.write(state, edit, len(example.read))
        parts = (
            Part("encoder", example.read, (trace,)),
            Part("decoder", tuple(read), (traced,), written=tuple(written)),
        )
        return TaskRun(example, Record(parts), outputs, tuple(written))

    def write(
        self, state: tuple[Array, ...], edit: StateEdit | None, first: int
    ) -> tuple[list[str], list[str], Array, Trace]:
        """Greedy decoding from the encoder's last state: what each step reads and writes, its logits, and the trace."""
        known, read, written = self.task.written, [START], []
        inputs = np.eye(len(known), dtype=self.weight.dtype)
        steps = self.decoder.prepare(inputs[[known.index(START)] * MOST_WRITTEN])
        initial, outputs = state, []
        for time, step in enumerate(steps.each()):
            one = self.decoder.prepare(inputs[known.index(read[-1])])
            step.input_part[...] = one.input_part
            state = self.decoder.step(step, state, edit(first + time) if edit else None)
            outputs.append(step.hidden_state @ self.weight.T + self.bias)
            written.append(self.task.answers[int(np.argmax(outputs[-1]))])
            if written[-1] == END:
                break
            read.append(written[-1])
        read = read[: len(written)]
        trace = self.decoder.trace(steps.at(slice(len(written))), tuple(read), initial, 0, "forward")
        return read, written, np.array(outputs), trace

    def scores(self, example: Example, copies: int, edit: StateEdit | None) -> Array:
        """How right the answer is in each of several runs of one example at once, (B,), in double precision.

        The log-probability of all that is asked, of a written answer under teacher forcing; of a number minus the size
        of its error. An edit gets the states of all runs, (B, H).
        """
        inputs = np.repeat(self.task.inputs(example.read)[:, None], copies, axis=1)
        steps, state = self.read(self.encoder, inputs, self.encoder.zero_state(copies), edit)
        if self.decoder is not None:
            known = self.task.written
            forced = np.eye(len(known), dtype=inputs.dtype)[
                [known.index(token) for token in (START, *example.written[:-1])]
            ]
            later = (lambda time: edit(len(inputs) + time)) if edit else None
            steps, _ = self.read(self.decoder, np.repeat(forced[:, None], copies, axis=1), state, later)
            wanted = dict(enumerate(example.written))
        else:
            wanted = example.wanted
        hidden = steps.hidden_state[list(wanted)]
        outputs = (hidden @ self.weight.T + self.bias).astype(np.float64)
        if self.task.gives_numbers:
            right = np.array(list(wanted.values()))[:, None]
            return -np.abs(outputs[..., 0] - right).max(axis=0)
        outputs -= outputs.max(axis=-1, keepdims=True)
        log_p = outputs - np.log(np.exp(outputs).sum(axis=-1, keepdims=True))
        places = [self.task.answers.index(answer) for answer in wanted.values()]
        return log_p[range(len(places)), :, places].sum(axis=0)

    @staticmethod
    def read(layer: Layer, inputs: Array, state: tuple[Array, ...], edit: StateEdit | None = None):
        """Read (T, X) or (T, B, X) inputs; gives all steps, and the state after the last."""
        steps = layer.prepare(inputs)
        for time, step in enumerate(steps.each()):
            state = layer.step(step, state, edit(time) if edit else None)
        return steps, state

    def answers(self, outputs: Array) -> tuple[str | float, ...]:
        if self.task.gives_numbers:
            return tuple(float(value) for value in outputs[:, 0])
        return tuple(self.task.answers[place] for place in outputs.argmax(axis=-1))

    def is_right(self, run: TaskRun) -> bool | None:
        """Whether a run said all that it should; None where nothing is asked."""
        example = run.example
        if self.decoder is not None:
            return run.said == example.written
        counted = [step for step in self.task.counted(example) if step in example.wanted]
        if not counted:
            return None
        return all(self.fits(run.said[step], example.wanted[step]) for step in counted)

    def fits(self, said: str | float, wanted: str | float) -> bool:
        if self.task.gives_numbers:
            return abs(said - wanted) < self.task.tolerance
        return said == wanted

    def right(self, examples: Sequence[Example], edit: StateEdit | None = None) -> Array:
        """Whether each of several examples of one length is answered right, (B,): as ``run`` says, computed at once."""
        inputs = np.stack([self.task.inputs(example.read) for example in examples], axis=1)
        steps, state = self.read(self.encoder, inputs, self.encoder.zero_state(len(examples)), edit)
        if self.decoder is not None:
            return self._written_right(examples, state, edit, len(inputs))
        outputs = steps.hidden_state @ self.weight.T + self.bias
        said = outputs[..., 0].astype(float) if self.task.gives_numbers else outputs.argmax(axis=-1)
        return np.array(
            [
                all(
                    self.fits(
                        said[step, row] if self.task.gives_numbers else self.task.answers[said[step, row]],
                        example.wanted[step],
                    )
                    for step in self.task.counted(example)
                )
                for row, example in enumerate(examples)
            ]
        )

    def _written_right(
        self, examples: Sequence[Example], state: tuple[Array, ...], edit: StateEdit | None, first: int
    ) -> Array:  # fmt: skip
        """Greedy decoding of several at once: each is right if every token is, up to the end mark."""
        known, answers = self.task.written, self.task.answers
        inputs, rows = np.eye(len(known), dtype=self.weight.dtype), [known.index(START)] * len(examples)
        is_right = np.ones(len(examples), bool)
        for time in range(len(examples[0].written)):
            step = self.decoder.prepare(inputs[rows])
            state = self.decoder.step(step, state, edit(first + time) if edit else None)
            said = (step.hidden_state @ self.weight.T + self.bias).argmax(axis=-1)
            wanted = [answers.index(example.written[time]) for example in examples]
            is_right &= said == wanted
            rows = [known.index(answers[place]) if answers[place] in known else 0 for place in said]
        return is_right
