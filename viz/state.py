"""Everything the reader has chosen, as one typed object that the address keeps."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, cast, get_args

import streamlit as st

from models.configuration import LANGUAGES, Language
from models.text import MAX_CODE_POINTS

Order = Literal["stored", "variance", "similarity"]
Network = Literal["translator", "untrained"]
BEAMS = (1, 2, 3, 4, 5)  # translations followed at once; 1 is greedy search
DEFAULT_SENTENCE = "She is reading a book."
LONGEST_ADDRESS = MAX_CODE_POINTS  # a longer sentence cannot be translated, nor would servers accept its address


@dataclass
class Selection:
    sentence: str = DEFAULT_SENTENCE
    language: Language = "bn"
    column: int | None = None  # steps of the encoder, then steps of the decoder, from 0
    unit: int | None = None
    order: Order = "stored"
    beam: int = 1
    hypothesis: int = 1  # of those that the beam search finds, the best first: the one on view
    network: Network = "translator"

    @classmethod
    def from_address(cls, address: Mapping[str, str]) -> "Selection":
        """Read an address; what it lacks or what makes no sense stays as by default."""
        chosen = cls()
        chosen.sentence = address.get("sentence", chosen.sentence)
        if address.get("to") in LANGUAGES:
            chosen.language = cast(Language, address["to"])
        if address.get("order") in get_args(Order):
            chosen.order = cast(Order, address["order"])
        if address.get("network") in get_args(Network):
            chosen.network = cast(Network, address["network"])
        chosen.column, chosen.unit = (_number(address.get(name, "")) for name in ("column", "unit"))
        if (beam := _number(address.get("beam", ""))) in BEAMS:
            chosen.beam = beam
        if (hypothesis := _number(address.get("hypothesis", ""))) in BEAMS[: chosen.beam]:
            chosen.hypothesis = hypothesis
        return chosen

    def forget_decoder_step(self, source_tokens: int) -> None:
        """Choose no step any more if the chosen one is the decoder's: another decoder's steps are others."""
        if self.column is not None and self.column >= source_tokens:
            self.column = None

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
        if self.beam > 1:
            parts["beam"] = str(self.beam)
        if self.hypothesis > 1:
            parts["hypothesis"] = str(self.hypothesis)
        if self.network != "translator":
            parts["network"] = self.network
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
