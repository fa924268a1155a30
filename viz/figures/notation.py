"""Four ways to write the same LSTM: symbols and names change, numbers never do.

Formulas are written in a small mark-up: ``_t`` or ``_{t-1}`` is a subscript, ``^{(t)}`` a superscript.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from models.recurrent.trace import AffineMap, Quantity

NotationKey = Literal["pytorch", "colah", "d2l", "cs224n"]
Level = Literal["base", "sub", "sup"]
TILDE = "\u0303"  # combining: over the letter before it
PIECE = re.compile(r"([_^])(?:\{([^}]*)\}|(.))")
SUBSCRIPTS = str.maketrans("t-1", "ₜ₋₁")
SUPERSCRIPTS = str.maketrans("t-1()", "ᵗ⁻¹⁽⁾")


class Piece(NamedTuple):
    """A stretch of a formula on one level."""

    text: str
    level: Level


@dataclass(frozen=True)
class Notation:
    """How one source writes the equations of the LSTM."""

    key: NotationKey
    name: str
    source: str  # where it is written so
    remark: str  # what a reader of that source should know here
    product: str  # its sign for the element-wise product
    token: str  # symbol of what the step reads
    symbol: Mapping[Quantity, str]
    previous: Mapping[Literal["cell_state", "hidden_state"], str]
    names: Mapping[Quantity, str]
    letter: Mapping[AffineMap, str]  # what tells the four affine maps apart
    affine: Mapping[AffineMap, str]  # the pre-activation of each, out of weights
    sum_symbol: str = "z_{%s}"  # ours: none of the sources names the pre-activation

    def short(self, of: Quantity) -> str:
        """The symbol without its time step."""
        return pieces(self.symbol[of])[0].text

    def pre_activation(self, of: AffineMap) -> str:
        return self.sum_symbol % self.letter[of]

    def squashed(self, of: AffineMap, inside: str) -> str:
        """The gate or the candidate of some pre-activation."""
        return f"{squashing(of)}({inside})"

    def definition(self, of: AffineMap) -> str:
        """The equation of one gate or of the candidate, as the source has it."""
        return f"{self.symbol[of]} = {self.squashed(of, self.affine[of])}"

    @property
    def kept(self) -> str:
        return f"{self.symbol['forget_gate']} {self.product} {self.previous['cell_state']}"

    @property
    def written(self) -> str:
        return f"{self.symbol['input_gate']} {self.product} {self.symbol['candidate']}"

    @property
    def shown(self) -> str:
        return f"{self.symbol['output_gate']} {self.product} tanh({self.symbol['cell_state']})"


def squashing(of: AffineMap) -> str:
    return "tanh" if of == "candidate" else "σ"


def pieces(formula: str) -> tuple[Piece, ...]:
    """Take the mark-up apart."""
    found, at = [], 0
    for match in PIECE.finditer(formula):
        found.append(Piece(formula[at : match.start()], "base"))
        found.append(Piece(match[2] or match[3], "sub" if match[1] == "_" else "sup"))
        at = match.end()
    found.append(Piece(formula[at:], "base"))
    return tuple(Piece(text.replace("-", "−"), level) for text, level in found if text)


def plain(formula: str) -> str:
    """The formula as text: raised and lowered letters where there are such letters, else ``W_if``."""

    def lowered(match: re.Match) -> str:
        inside = match[2] or match[3]
        table = SUBSCRIPTS if match[1] == "_" else SUPERSCRIPTS
        if all(ord(letter) in table for letter in inside):
            return inside.translate(table)
        return match[1] + inside.replace("-", "−")

    return PIECE.sub(lowered, formula)


PYTORCH = Notation(
    key="pytorch",
    name="PyTorch",
    source="PyTorch documentation, torch.nn.LSTM",
    remark=(
        "PyTorch calls the candidate the cell gate. It has two bias vectors, of which one would do; the bias shown is "
        "their sum. ⊙ multiplies element by element."
    ),
    product="⊙",
    token="x_t",
    symbol={
        "forget_gate": "f_t", "input_gate": "i_t", "output_gate": "o_t",
        "candidate": "g_t", "cell_state": "c_t", "hidden_state": "h_t",
    },
    previous={"cell_state": "c_{t-1}", "hidden_state": "h_{t-1}"},
    names={
        "forget_gate": "forget gate", "input_gate": "input gate", "output_gate": "output gate",
        "candidate": "candidate", "cell_state": "cell state", "hidden_state": "hidden state",
    },
    letter={"input_gate": "i", "forget_gate": "f", "candidate": "g", "output_gate": "o"},
    affine={
        name: f"W_{{i{letter}}} x_t + b_{{i{letter}}} + W_{{h{letter}}} h_{{t-1}} + b_{{h{letter}}}"
        for name, letter in zip(("input_gate", "forget_gate", "candidate", "output_gate"), "ifgo", strict=True)
    },
)  # fmt: skip

COLAH = Notation(
    key="colah",
    name="Colah",
    source="Christopher Olah, Understanding LSTM Networks (2015)",
    remark=(
        "Olah joins the two vectors and multiplies with one matrix: that is the input part plus the memory part. "
        "∗ is his sign for the element-wise product, not for a product of matrices."
    ),
    product="∗",
    token="x_t",
    symbol={
        "forget_gate": "f_t", "input_gate": "i_t", "output_gate": "o_t",
        "candidate": f"C{TILDE}_t", "cell_state": "C_t", "hidden_state": "h_t",
    },
    previous={"cell_state": "C_{t-1}", "hidden_state": "h_{t-1}"},
    names={
        "forget_gate": "forget gate layer", "input_gate": "input gate layer", "output_gate": "output gate",
        "candidate": "candidate values", "cell_state": "cell state", "hidden_state": "output",
    },
    letter={"input_gate": "i", "forget_gate": "f", "candidate": "C", "output_gate": "o"},
    affine={
        name: f"W_{letter}·[h_{{t-1}}, x_t] + b_{letter}"
        for name, letter in zip(("input_gate", "forget_gate", "candidate", "output_gate"), "ifCo", strict=True)
    },
)  # fmt: skip

D2L = Notation(
    key="d2l",
    name="d2l",
    source="Dive into Deep Learning (d2l.ai), chapter 10.1",
    remark=(
        "The book writes a batch of examples as the rows of a matrix, so letters are capital and weights stand on the "
        "right; here it is one example. Its earlier editions call the input node the candidate memory cell. "
        "⊙ multiplies element by element."
    ),
    product="⊙",
    token="X_t",
    symbol={
        "forget_gate": "F_t", "input_gate": "I_t", "output_gate": "O_t",
        "candidate": f"C{TILDE}_t", "cell_state": "C_t", "hidden_state": "H_t",
    },
    previous={"cell_state": "C_{t-1}", "hidden_state": "H_{t-1}"},
    names={
        "forget_gate": "forget gate", "input_gate": "input gate", "output_gate": "output gate",
        "candidate": "input node", "cell_state": "memory cell internal state", "hidden_state": "hidden state",
    },
    letter={"input_gate": "i", "forget_gate": "f", "candidate": "c", "output_gate": "o"},
    affine={
        name: f"X_t W_{{x{letter}}} + H_{{t-1}} W_{{h{letter}}} + b_{letter}"
        for name, letter in zip(("input_gate", "forget_gate", "candidate", "output_gate"), "ifco", strict=True)
    },
)  # fmt: skip

CS224N = Notation(
    key="cs224n",
    name="CS224n",
    source="Stanford CS224n, lecture slides on LSTMs",
    remark=(
        "The time step is raised, in brackets. The slides say new cell content; the written lecture notes say new "
        "memory cell, and swap the letters W and U. ∘ multiplies element by element."
    ),
    product="∘",
    token="x^{(t)}",
    symbol={
        "forget_gate": "f^{(t)}", "input_gate": "i^{(t)}", "output_gate": "o^{(t)}",
        "candidate": f"c{TILDE}^{{(t)}}", "cell_state": "c^{(t)}", "hidden_state": "h^{(t)}",
    },
    previous={"cell_state": "c^{(t-1)}", "hidden_state": "h^{(t-1)}"},
    names={
        "forget_gate": "forget gate", "input_gate": "input gate", "output_gate": "output gate",
        "candidate": "new cell content", "cell_state": "cell state", "hidden_state": "hidden state",
    },
    letter={"input_gate": "i", "forget_gate": "f", "candidate": "c", "output_gate": "o"},
    affine={
        name: f"W_{letter} h^{{(t-1)}} + U_{letter} x^{{(t)}} + b_{letter}"
        for name, letter in zip(("input_gate", "forget_gate", "candidate", "output_gate"), "ifco", strict=True)
    },
)  # fmt: skip

NOTATIONS: dict[NotationKey, Notation] = {each.key: each for each in (COLAH, D2L, CS224N, PYTORCH)}
