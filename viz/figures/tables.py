"""The values behind the pictures as tables: columns of equal length, by their names."""

import csv
import io
from collections.abc import Sequence

import numpy as np

from models.recurrent.trace import QUANTITIES, Array
from models.translation.record import TranslationTrace
from viz.figures import theme
from viz.figures.columns import checked, columns_of, previous_cell_state_of, values_of

Table = dict[str, Sequence[object] | Array]


def unit_table(translation: TranslationTrace, unit: int, layer: int = 0) -> Table:
    """One unit over all S + T steps, a row per step; steps count from 1 on each side.

    Raises:
        IndexError: there is no such unit.
    """
    checked(translation, unit=unit)
    columns = columns_of(translation)
    return {
        "Step": [column.step for column in columns],
        "Side": [column.side for column in columns],
        "Token read": [column.read for column in columns],
        "Token written": [column.written for column in columns],
        **{name: values[:, unit] for name, values in _all_values(translation, layer).items()},
    }


def column_table(translation: TranslationTrace, column: int, layer: int = 0) -> Table:
    """All H units in one step, column 0..S+T-1 of the pictures; a row per unit.

    Raises:
        IndexError: there is no such column.
    """
    checked(translation, column=column)
    values = _all_values(translation, layer)
    return {
        "Unit": np.arange(translation.context.shape[1]),
        **{name: rows[column] for name, rows in values.items()},
    }


def _all_values(translation: TranslationTrace, layer: int) -> dict[str, Array]:
    """What was computed, in reading order, each (S + T, H)."""
    return {
        "Previous cell state": previous_cell_state_of(translation, layer),
        **{theme.look(quantity).name: values_of(translation, quantity, layer) for quantity in QUANTITIES},
    }


def to_csv(translation: TranslationTrace) -> str:
    """Every value of every layer, step and unit; reading a number back gives exactly the one recorded.

    One line per layer, step and unit. Steps count from 1 on each side; tokens as the network distinguishes them.
    """
    names = ("previous_cell_state", *QUANTITIES)
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["layer", "side", "step", "token_read", "token_written", "unit", *names])
    for side, traces in (("encoder", translation.encoder), ("decoder", translation.decoder)):
        written = translation.target_tokens if side == "decoder" else [""] * len(translation.source_tokens)
        for layer, trace in enumerate(traces):
            shortest = np.stack([getattr(trace, name) for name in names], axis=-1).astype(str)  # (steps, H, 7)
            for step, (read, wrote) in enumerate(zip(trace.tokens, written, strict=True)):
                table.writerows(
                    [layer, side, step + 1, read, wrote, unit, *row] for unit, row in enumerate(shortest[step])
                )
    return text.getvalue()
