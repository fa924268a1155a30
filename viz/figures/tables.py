"""The values behind the pictures as tables: columns of equal length, by their names."""

import csv
import io
from collections.abc import Sequence

import numpy as np

from models.recurrent.record import Record
from models.recurrent.trace import Array
from viz.figures import theme
from viz.figures.columns import checked, columns_of

Table = dict[str, Sequence[object] | Array]


def unit_table(record: Record, unit: int, layer: int = 0) -> Table:
    """One unit over all steps, a row per step; steps count from 1 in each part.

    Raises:
        IndexError: there is no such unit.
    """
    checked(record, unit=unit)
    columns = columns_of(record)
    return {
        "Step": [column.step for column in columns],
        "Side": [column.part for column in columns],
        "Token read": [column.read for column in columns],
        "Token written": [column.written or "" for column in columns],
        **{name: values[:, unit] for name, values in _all_values(record, layer).items()},
    }


def column_table(record: Record, column: int, layer: int = 0) -> Table:
    """All H units in one step, a column of the pictures; a row per unit.

    Raises:
        IndexError: there is no such column.
    """
    checked(record, column=column)
    values = _all_values(record, layer)
    return {"Unit": np.arange(record.units), **{name: rows[column] for name, rows in values.items()}}


def _all_values(record: Record, layer: int) -> dict[str, Array]:
    """What was computed, in reading order, each (steps, H)."""
    memory = record.cell[record.cell.memory]
    return {
        f"Previous {theme.look(memory).words}": record.previous(memory.name, layer),
        **{theme.look(each).name: record.values(each.name, layer) for each in record.cell.quantities},
    }


def to_csv(record: Record) -> str:
    """Every value of every layer, step and unit; reading a number back gives exactly the one recorded.

    One line per layer, step and unit, with a column for the direction if there is a backward layer. Steps count from 1
    in each part; tokens as the network distinguishes them.
    """
    has_backward = any(trace.direction == "backward" for part in record.parts for trace in part.traces)
    memory = record.cell.memory
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow([
        "layer", *["direction"] * has_backward, "side", "step", "token_read", "token_written", "unit",
        f"previous_{memory}", *record.cell.names,
    ])  # fmt: skip
    for part in record.parts:
        written = [""] * part.steps if part.written is None else part.tokens
        for trace in part.traces:
            values = [trace.previous(memory), *map(trace.values, trace.cell.names)]
            shortest = np.stack(values, axis=-1).astype(str)  # (steps, H, quantities)
            which = [trace.layer, *[trace.direction] * has_backward, part.name]
            for step, (read, wrote) in enumerate(zip(trace.tokens, written, strict=True)):
                table.writerows([*which, step + 1, read, wrote, unit, *row] for unit, row in enumerate(shortest[step]))
    return text.getvalue()
