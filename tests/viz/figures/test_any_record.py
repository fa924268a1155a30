"""Figures, captions and tables of runs that are no translation: a series of numbers, and another cell."""

import csv
import io

import numpy as np
import pytest

from models import Record, record
from models.analysis.comparison import first_divergence, paired
from models.analysis.lifetimes import survival
from models.analysis.provenance import LedgerError
from models.recurrent.trace import QUANTITIES, TraceError
from viz.figures import comparison_captions, lifetime_captions, memory_captions, theme
from viz.figures.captions import happened, quantity_caption, step_caption
from viz.figures.columns import columns_of
from viz.figures.comparison import difference_heatmap, distance_chart
from viz.figures.gates import quantity_heatmap, trace_heatmap
from viz.figures.lifetimes import curve_table, lifetime_table, survival_curves, survival_heatmap, survival_table
from viz.figures.memory import Memory, cell_bars, contributions_heatmap
from viz.figures.ordering import unit_order
from viz.figures.saturation import counted_in
from viz.figures.tables import column_table, to_csv, unit_table
from viz.widgets.units import preset


@pytest.fixture
def other(made_up) -> Record:
    return Record.of(made_up(), labels=["2020", "2021", "2022", "2023", "<b>"])


def torch_states(numbers) -> tuple[np.ndarray, np.ndarray]:
    """Hidden and cell state of the same LSTM after every step, (30, 8), one step at a time."""
    import torch

    torch.manual_seed(3)
    lstm, state, states = torch.nn.LSTM(1, 8), None, []
    for number in numbers:
        _, state = lstm(number[None], state)
        states.append([part[0].detach().numpy() for part in state])
    hidden, cell = np.array(states).swapaxes(0, 1)
    return hidden, cell


def words_of(figure) -> list[str]:
    return [each.text for each in figure.layout.annotations]


def test_a_series_is_drawn_on_one_axis_without_a_divider(series, numbers):
    hidden, cell = torch_states(numbers)
    for quantity, values in (("hidden_state", hidden), ("cell_state", cell)):
        figure = quantity_heatmap(series, quantity, selected=(29, 7))
        np.testing.assert_allclose(figure.data[0].z, values.T, atol=1e-6)
        assert not figure.layout.shapes
        assert not figure.layout.annotations
        assert figure.layout.xaxis.ticktext == tuple(f"{np.sin(step / 3):.2f}" for step in range(30))
        assert figure.layout.xaxis2.ticktext[2] == f"step 3 read “{np.sin(2 / 3):.2f}”"
    assert columns_of(series)[2].place == f"step 3, “{np.sin(2 / 3):.2f}”"


def test_another_cells_quantities_are_drawn_with_the_look_and_the_limits_of_their_range(other):
    trace = other.traces()[0]
    for quantity, name, low in (
        ("renewal_gate", "Renewal gate", 0),
        ("mixture", "Mixture", -1),
        ("trail", "Trail", None),
    ):
        figure = quantity_heatmap(other, quantity)
        np.testing.assert_array_equal(figure.data[0].z, getattr(trace, quantity).T.astype(np.float32))
        assert figure.layout.title.text == name
        assert figure.layout.title.font.color == (theme.GATE if low == 0 else theme.STATE).hue
        assert figure.data[0].zmin == (low if low is not None else -figure.data[0].zmax)
    assert figure.data[0].zmax >= np.abs(trace.trail).max()
    assert figure.layout.xaxis2.ticktext[4] == "step 5 read “&lt;b&gt;”"
    with pytest.raises(TraceError, match="a made up has no forget_gate"):
        quantity_heatmap(other, "forget_gate")


def test_captions_say_steps_where_there_are_no_tokens(series, numbers):
    hidden, cell = torch_states(numbers)
    caption = quantity_caption(series, "cell_state")
    assert caption.startswith(f"Cell state of 8 units over 30 steps: values from {cell.min():.2f}".replace("-", "−"))
    step, unit = np.unravel_index(np.abs(cell).argmax(), cell.shape)
    assert f"unit {unit} at step {step + 1}, “{np.sin(step / 3):.2f}”" in caption
    said = step_caption(series, 2, 5)
    assert said.startswith(f"Step 3 of 30 read “{np.sin(2 / 3):.2f}”. Unit 5: forget gate ")
    assert said.endswith(f"gives hidden state {hidden[2, 5]:.4f}.".replace("-", "−"))
    assert f"times previous cell state {cell[1, 5]:.4f}, plus".replace("-", "−") in said


def test_captions_of_another_cell_name_what_it_has(other):
    trace = other.traces()[0]
    caption = quantity_caption(other, "renewal_gate")
    assert caption.startswith("Renewal gate of 3 units over 5 steps: values from ")
    assert f"mean {trace.renewal_gate.mean():.2f};" in caption
    assert caption.endswith("How much of the trail is renewed.")
    assert quantity_caption(other, "mixture").endswith(".")
    assert "The trail has no bound. The colour scale ends at −" in quantity_caption(other, "trail")
    g, m, t, before = (f"{v:.4f}".replace("-", "−") for v in (
        trace.renewal_gate[4, 1], trace.mixture[4, 1], trace.trail[4, 1], trace.trail[3, 1],
    ))  # fmt: skip
    assert step_caption(other, 4, 1) == (
        f"Step 5 of 5 read “<b>”. Unit 1: previous trail {before}, renewal gate {g}, mixture {m}, trail {t}."
    )


def test_units_are_ordered_by_what_the_cell_remembers(series, other, numbers):
    _, cell = torch_states(numbers)
    assert unit_order(series, "variance").tolist() == np.argsort(-cell.var(axis=0)).tolist()
    assert unit_order(other, "variance").tolist() == np.argsort(-other.traces()[0].trail.var(axis=0)).tolist()
    for found in (series, other):
        for kind in ("stored", "similarity"):
            assert sorted(unit_order(found, kind)) == list(range(found.units))


def test_tables_have_the_quantities_of_the_cell(series, other, numbers):
    _, cell = torch_states(numbers)
    table = unit_table(series, 3)
    np.testing.assert_allclose(table["Cell state"], cell[:, 3], atol=1e-6)
    np.testing.assert_allclose(table["Previous cell state"], [0, *cell[:-1, 3]], atol=1e-6)
    assert list(table["Step"]) == list(range(1, 31))
    trace = other.traces()[0]
    table = column_table(other, 1)
    assert list(table) == ["Unit", "Previous trail", "Renewal gate", "Mixture", "Trail"]
    np.testing.assert_array_equal(table["Previous trail"], trace.trail[0])
    np.testing.assert_array_equal(table["Trail"], trace.trail[1])


def test_the_csv_file_has_the_quantities_of_the_cell(series, other):
    (line, *_), trace = csv.DictReader(io.StringIO(to_csv(other))), other.traces()[0]
    values = ["renewal_gate", "mixture", "trail"]
    places = ["layer", "side", "step", "token_read", "token_written", "unit"]
    assert list(line) == [*places, "previous_trail", *values]
    assert float(line["mixture"]) == trace.mixture[0, 0]
    lines = list(csv.DictReader(io.StringIO(to_csv(series))))
    assert len(lines) == 30 * 8
    assert all(np.float32(line[name]) == series.values(name)[int(line["step"]) - 1, int(line["unit"])]
               for line in lines for name in QUANTITIES)  # fmt: skip


def test_the_ledger_of_a_series_adds_up_to_the_cell_state_of_torch(series, numbers):
    _, cell = torch_states(numbers)
    memory = Memory.of(series, 0, [4], "unit 4")
    for column in (0, 12, 29):
        assert memory.parts(column).sum() == pytest.approx(cell[column, 4], abs=1e-6)
        assert sum(cell_bars(memory, column).data[0].x[:-1]) == pytest.approx(cell[column, 4], abs=1e-6)
        assert len(memory_captions.cell_rows(memory, column)) == column + 5
    figure = contributions_heatmap(memory, 12)
    assert len(figure.layout.shapes) == 2  # the frame of the chosen step alone
    assert not words_of(figure)
    caption = memory_captions.cell_caption(memory, 12)
    assert caption.startswith("Unit 4 after step 13, reading “")
    assert "By size, without signs, 100 % steps; with signs, " in caption
    assert memory_captions.place_of(columns_of(series)[2]) == "3"  # in a column that is called step


def test_another_cell_has_no_ledger(other):
    with pytest.raises(LedgerError, match="the ledger is that of an LSTM's cell state, not of a made up"):
        Memory.of(other, 0, [0], "unit 0")


def test_what_is_left_of_a_write_is_told_for_a_series(series):
    forget = series.traces()[0].forget_gate.astype(float)
    left = np.prod(forget[5:], axis=0)  # of what step 5 wrote
    np.testing.assert_allclose(survival(series.values("forget_gate"), 4)[-1], left)
    figure = survival_heatmap(series, 4, 2)
    np.testing.assert_allclose(sorted(np.array(figure.data[0].z)[:, -1]), sorted(left), rtol=1e-5)
    assert len(words_of(figure)) == 1  # the unit alone
    assert not words_of(survival_curves(series, 4, 2))
    assert lifetime_captions.survival_caption(series, 4).startswith("What step 5, “")
    assert "other writes at steps: " in lifetime_captions.curves_caption(series, 4, 2)
    assert len(curve_table(series, 4, 2)["Written at"]) == 30
    assert len(survival_table(series, 4)) == 1 + 26
    assert sorted(lifetime_table(series, 4)["Left of this write at the end"]) == pytest.approx(sorted(left))


def test_gates_of_a_series_are_counted(series):
    counts, gate = counted_in(*series.traces()), series.traces()[0].input_gate
    np.testing.assert_allclose(counts.mean("input_gate"), gate.mean(axis=0), rtol=1e-5)
    assert counts.steps == 30


def test_units_of_a_series_can_be_chosen_together():
    import torch

    from models import record

    torch.manual_seed(2)
    wide = Record.of(record(torch.nn.LSTM(1, 20), torch.ones(4, 1)))
    sizes = np.abs(wide.traces()[0].cell_state[3])
    assert preset("largest", wide, 0, 3).units == tuple(sorted(np.argsort(-sizes)[:16].tolist()))
    assert preset("all", wide, 0, 3).name == "all 20 units"


def test_two_runs_of_another_cell_are_compared(made_up):
    a, b = Record.of(one := made_up()), Record.of(two := made_up(seed=9))
    pairs = paired(a, b, "step")
    assert pairs == tuple((step, step) for step in range(5))
    figure = difference_heatmap(a, b, "trail", pairs)
    np.testing.assert_allclose(figure.data[0].z, (two.trail - one.trail).T, rtol=1e-5)
    assert figure.layout.title.text == "Difference of trail"
    assert not figure.layout.shapes
    chart = distance_chart(a, b, pairs, ("A", "B"), first_divergence(a, b, pairs), is_dark=False)
    apart = np.linalg.norm(two.trail - one.trail, axis=1)
    np.testing.assert_allclose(chart.data[0].y, apart)
    assert [line.name for line in chart.data] == ["Trail"]
    assert f"Trail: largest {apart.max():.2f} at step {apart.argmax() + 1}" in comparison_captions.distance_caption(
        a, b, pairs
    )
    assert comparison_captions.divergence_caption(a, b, pairs, first_divergence(a, b, pairs)).endswith(
        "Both read the same tokens."
    )
    largest = np.abs(two.renewal_gate - one.renewal_gate).max()
    assert f"{largest:.4f}" in comparison_captions.difference_caption(a, b, "renewal_gate", pairs)


def test_runs_of_different_cells_are_not_compared(made_up, series):
    with pytest.raises(ValueError, match="have different cells, made up and lstm"):
        paired(Record.of(made_up(30, 8)), series, "step")


def test_a_run_on_bare_numbers_is_not_said_to_have_read_the_numbers_of_its_steps():
    import torch

    (trace,) = record(torch.nn.LSTM(1, 4), torch.zeros(3, 1))
    bare = Record.of([trace])
    assert happened(bare, 0) == "Step 1 of 3."
    drawn = trace_heatmap(trace, "forget_gate").to_json()
    assert "step 1" in drawn
    assert "read" not in drawn
