"""Tables and the CSV file hold the values of the trace, each under its name and beside its token."""

import csv
import io

import numpy as np
import pytest

from models.recurrent.trace import QUANTITIES
from viz.figures import theme
from viz.figures.tables import column_table, to_csv, unit_table

NAMES = {quantity: theme.look(quantity).name for quantity in QUANTITIES}


def previous(trace, step):
    return trace.cell_state[step - 1] if step else trace.initial_cell_state


@pytest.mark.parametrize("layer", [0, 1])
@pytest.mark.parametrize("unit", [0, 6])
def test_a_units_table_has_its_value_at_every_step(run, unit, layer):
    table = unit_table(run, unit, layer)
    assert {len(column) for column in table.values()} == {13}
    for row in range(13):
        trace, step = (run.encoder[layer], row) if row < 8 else (run.decoder[layer], row - 8)
        assert table["Previous cell state"][row] == previous(trace, step)[unit]
        for quantity, name in NAMES.items():
            assert table[name][row] == getattr(trace, quantity)[step, unit]


def test_a_units_table_tells_side_step_and_tokens(run):
    table = unit_table(run, 0)
    rows = list(zip(table["Side"], table["Step"], table["Token read"], table["Token written"]))
    assert rows[0] == ("encoder", 1, "<to bn>", "")
    assert rows[4] == ("encoder", 5, "<b>", "")
    assert rows[8] == ("decoder", 1, "<s>", "<script>")
    assert rows[12] == ("decoder", 5, "$", "</s>")


@pytest.mark.parametrize("layer", [0, 1])
@pytest.mark.parametrize("column", [0, 7, 8, 12])
def test_a_columns_table_has_the_value_of_every_unit(run, column, layer):
    table = column_table(run, column, layer)
    trace, step = (run.encoder[layer], column) if column < 8 else (run.decoder[layer], column - 8)
    assert list(table["Unit"]) == list(range(7))
    np.testing.assert_array_equal(table["Previous cell state"], previous(trace, step))
    for quantity, name in NAMES.items():
        np.testing.assert_array_equal(table[name], getattr(trace, quantity)[step])


def test_the_decoder_starts_from_the_encoders_last_cell_state(run):
    np.testing.assert_array_equal(column_table(run, 8)["Previous cell state"], column_table(run, 7)["Cell state"])


def test_what_is_not_there_has_no_table(run):
    for unit in (-1, 7):
        with pytest.raises(IndexError, match=r"no unit .*: there are 0 to 6"):
            unit_table(run, unit)
    for column in (-1, 13):
        with pytest.raises(IndexError, match=r"no column .*: there are 0 to 12"):
            column_table(run, column)


def test_the_csv_file_gives_back_every_value_exactly(run):
    lines = list(csv.DictReader(io.StringIO(to_csv(run))))
    assert len(lines) == 2 * 13 * 7
    seen = set()
    for line in lines:
        layer, step, unit = int(line["layer"]), int(line["step"]) - 1, int(line["unit"])
        trace = getattr(run, line["side"])[layer]
        seen.add((layer, line["side"], step, unit))
        assert line["token_read"] == trace.tokens[step]
        assert line["token_written"] == (run.target_tokens[step] if line["side"] == "decoder" else "")
        assert np.float32(line["previous_cell_state"]) == previous(trace, step)[unit]
        for quantity in QUANTITIES:
            assert np.float32(line[quantity]) == getattr(trace, quantity)[step, unit]
    assert len(seen) == len(lines)


def test_a_number_in_the_csv_file_has_no_more_digits_than_it_needs(run):
    first = next(csv.DictReader(io.StringIO(to_csv(run))))
    assert first["forget_gate"] == str(run.encoder[0].forget_gate[0, 0])


def test_a_token_cannot_break_the_csv_file(made):
    tokens = ('▁"', "▁,", "\n", "a;b", "</s>")
    lines = list(csv.reader(io.StringIO(to_csv(made(target=tokens, units=1, layers=1)))))
    assert {len(line) for line in lines} == {13}
    assert [line[4] for line in lines[-5:]] == list(tokens)


def test_tables_change_nothing_and_are_the_same_every_time(run, numbers_of):
    before = numbers_of(run)
    assert to_csv(run) == to_csv(run)
    for name, values in unit_table(run, 3).items():
        assert list(values) == list(unit_table(run, 3)[name])
    for old, new in zip(before, numbers_of(run), strict=True):
        np.testing.assert_array_equal(old, new)


def test_a_real_translation_has_its_tables(translation):
    units = translation.context.shape[1]
    steps = len(translation.source_tokens) + len(translation.target_tokens)
    assert len(unit_table(translation, units - 1)["Step"]) == steps
    assert to_csv(translation).count("\n") == 1 + units * steps
