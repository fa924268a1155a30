"""Which networks learn each task: four variants with as many parameters, three seeds of each."""

from typing import Literal, get_args

from models.learning.tasks.network import CellKind

Variant = Literal["lstm", "lstm-forget-bias-0", "gru", "rnn"]
VARIANTS: tuple[Variant, ...] = get_args(Variant)
SEEDS = (1, 2, 3)
CALLED: dict[Variant, str] = {
    "lstm": "LSTM",
    "lstm-forget-bias-0": "LSTM, forget-gate bias 0 at the start",
    "gru": "GRU",
    "rnn": "Plain RNN",
}


def cell_of(variant: Variant) -> CellKind:
    return "lstm" if variant.startswith("lstm") else variant
