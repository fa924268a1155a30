"""The one time axis of a record: a column per step, those of the first part and then those of the next."""

from dataclasses import dataclass
from html import escape

from models.recurrent.record import Part, Record


@dataclass(frozen=True)
class Column:
    """One step of one part; labels as people should see them, not yet escaped for any mark-up."""

    part: str  # "" where a record has one part without a name
    step: int  # 1, 2, ... within its part
    read: str
    written: str | None  # None in a part that writes nothing, such as an encoder

    @property
    def label(self) -> str:
        """What stands under the column: what was written, or read where nothing is."""
        return self.read if self.written is None else self.written

    @property
    def name(self) -> str:
        """``encoder step 3``."""
        return f"{self.part} step {self.step}".lstrip()

    @property
    def place(self) -> str:
        """Where this is, in words; a token can repeat, a step cannot."""
        return f"{self.name}, “{self.label}”"

    @property
    def is_number_alone(self) -> bool:
        """Whether nothing is known of what was read but the number of the step, as in a run on bare numbers."""
        return self.read == str(self.step)

    @property
    def reading(self) -> str:
        """Where this is, by what it read."""
        return self.name if self.is_number_alone else f"{self.name}, reading “{self.read}”"


def columns_of(record: Record) -> list[Column]:
    """All columns in order."""
    return [column for part in record.parts for column in columns_in(part)]


def columns_in(part: Part) -> list[Column]:
    """The columns of one part."""
    written = part.written or [None] * part.steps
    return [
        Column(part.name, step, *labels) for step, labels in enumerate(zip(part.read, written, strict=True), start=1)
    ]


def checked(record: Record, column: int | None = None, unit: int | None = None, layer: int | None = None) -> None:
    """Refuse a column, unit or layer that the record does not have.

    Raises:
        IndexError: the message says which there are.
    """
    for name, number, count in (
        ("column", column, record.steps), ("unit", unit, record.units), ("layer", layer, record.layers),
    ):  # fmt: skip
        if number is not None and not 0 <= number < count:
            raise IndexError(f"no {name} {number}: there are 0 to {count - 1}")


def marked_up(text: str) -> str:
    """Text as Plotly draws it unchanged: its labels are mark-up, and two dollar signs would make a formula."""
    return escape(text).replace("$", "&#36;")
