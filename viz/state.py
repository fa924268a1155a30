"""Everything the reader has chosen, as one typed object that the address keeps."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, cast, get_args

import streamlit as st

from models.configuration import LANGUAGES, Language
from models.text import MAX_CODE_POINTS

Order = Literal["stored", "variance", "similarity"]
DEFAULT_SENTENCE = "She is reading a book."
LONGEST_ADDRESS = MAX_CODE_POINTS  # a longer sentence cannot be translated, nor would servers accept its address


@dataclass
class Selection:
    sentence: str = DEFAULT_SENTENCE
    language: Language = "bn"
    column: int | None = None  # steps of the encoder, then steps of the decoder, from 0
    unit: int | None = None
    order: Order = "stored"

    @classmethod
    def from_address(cls, address: Mapping[str, str]) -> "Selection":
        """Read an address; what it lacks or what makes no sense stays as by default."""
        chosen = cls()
        chosen.sentence = address.get("sentence", chosen.sentence)
        if address.get("to") in LANGUAGES:
            chosen.language = cast(Language, address["to"])
        if address.get("order") in get_args(Order):
            chosen.order = cast(Order, address["order"])
        chosen.column, chosen.unit = (_number(address.get(name, "")) for name in ("column", "unit"))
        return chosen

    def to_address(self) -> dict[str, str]:
        """The parts of the address that restore this selection; column and unit count from 0."""
        parts = {"sentence": self.sentence, "to": self.language}
        if len(self.sentence) > LONGEST_ADDRESS:
            del parts["sentence"]
        if self.column is not None:
            parts["column"] = str(self.column)
        if self.unit is not None:
            parts["unit"] = str(self.unit)
        if self.order != "stored":
            parts["order"] = self.order
        return parts


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 6 else None


def selection() -> Selection:
    """The selection of this session; the first time, that of the address."""
    if "selection" not in st.session_state:
        st.session_state.selection = Selection.from_address(st.query_params)
    return st.session_state.selection


def keep_in_address(chosen: Selection) -> None:
    if st.query_params.to_dict() != (parts := chosen.to_address()):
        st.query_params.from_dict(parts)
