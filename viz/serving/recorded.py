"""A finished record as a run, which the streaming route sends and the heat maps draw like any other."""

import secrets
from typing import NamedTuple

from models.recurrent.record import Record
from viz.serving.runs import make_known


class RecordedStep(NamedTuple):
    """Where a step is: in which part, and which of its steps, both from 0."""

    part: int
    position: int


class RecordedRun:
    """A record of any cell; everything in it is known, and nothing is computed again."""

    def __init__(self, record: Record) -> None:
        self.id = secrets.token_urlsafe(16)  # cannot be guessed: whoever knows it may read the run
        self.record = record
        self.steps = [
            RecordedStep(number, position)
            for number, part in enumerate(record.parts)
            for position in range(part.steps)
        ]  # fmt: skip

    @property
    def columns(self) -> int:
        """Steps that the heat maps show."""
        return len(self.steps)

    def step(self, number: int) -> RecordedStep | None:
        """Step ``number``; None past the last."""
        return self.steps[number] if number < len(self.steps) else None

    def finish(self) -> Record:
        return self.record


def show(record: Record) -> RecordedRun:
    """Make a record known to the streaming route for as long as the caller keeps the run."""
    return make_known(RecordedRun(record))
