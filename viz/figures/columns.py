"""The one time axis of a translation: a column per step, the encoder's first and then the decoder's."""

from dataclasses import dataclass
from html import escape
from typing import Literal

import numpy as np

from models.language.vocabulary import shown_token
from models.recurrent.trace import Array, Quantity, Trace
from models.translation.record import TranslationTrace


@dataclass(frozen=True)
class Column:
    """One step of encoder or decoder; tokens as people should see them, not yet escaped for any mark-up."""

    side: Literal["encoder", "decoder"]
    step: int  # 1, 2, ... within its side
    read: str
    written: str  # "" in the encoder, which writes nothing

    @property
    def label(self) -> str:
        """What stands under the column: the token that was read by the encoder, or written by the decoder."""
        return self.read if self.side == "encoder" else self.written

    @property
    def place(self) -> str:
        """Where this is, in words; a token can repeat, a step cannot."""
        side = "source" if self.side == "encoder" else "target"
        return f"{side} step {self.step}, “{self.label}”"


def columns_of(translation: TranslationTrace) -> list[Column]:
    """All S + T columns in order."""
    source = [
        Column("encoder", step, shown_token(token, surface), "")
        for step, (token, surface) in enumerate(
            zip(translation.source_tokens, translation.source_surfaces, strict=True), start=1
        )
    ]
    written = [shown_token(token) for token in translation.target_tokens]
    target = [
        Column("decoder", step, read, token) for step, (read, token) in enumerate(zip(["<s>", *written], written), 1)
    ]
    return source + target


def sides(translation: TranslationTrace, layer: int = 0) -> tuple[Trace, Trace]:
    """Encoder and decoder of one layer."""
    return translation.encoder[layer], translation.decoder[layer]


def values_of(translation: TranslationTrace, quantity: Quantity, layer: int = 0) -> Array:
    """One quantity of both sides, (S + T, H)."""
    return np.vstack([getattr(trace, quantity) for trace in sides(translation, layer)])


def previous_cell_state_of(translation: TranslationTrace, layer: int = 0) -> Array:
    """The cell state each step started from, (S + T, H)."""
    return np.vstack([trace.previous_cell_state for trace in sides(translation, layer)])


def checked(translation: TranslationTrace, column: int | None = None, unit: int | None = None) -> None:
    """Refuse a column or unit that the translation does not have.

    Raises:
        IndexError: the message says which there are.
    """
    columns = len(translation.source_tokens) + len(translation.target_tokens)
    for name, number, count in (("column", column, columns), ("unit", unit, translation.context.shape[1])):
        if number is not None and not 0 <= number < count:
            raise IndexError(f"no {name} {number}: there are 0 to {count - 1}")


def marked_up(text: str) -> str:
    """Text as Plotly draws it unchanged: its labels are mark-up, and two dollar signs would make a formula."""
    return escape(text).replace("$", "&#36;")
