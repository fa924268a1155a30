"""A record is one axis over named parts, whatever cell they consist of, and holds the numbers that were recorded."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from models import LSTMTrace, Record, TranslationTrace, record
from models.recurrent.record import Part
from models.recurrent.trace import LSTM_CELL, QUANTITIES, Cell, Described, TraceError


def test_a_recorded_lstm_is_a_record_of_one_part(series, numbers):
    torch.manual_seed(3)
    hidden = torch.nn.LSTM(1, 8)(numbers)[0].detach().numpy()
    assert (series.steps, series.units, series.layers, series.starts) == (30, 8, 1, (0,))
    np.testing.assert_allclose(series.values("hidden_state"), hidden, atol=1e-6)
    (part,) = series.parts
    assert part.name == ""
    assert part.written is None
    assert part.labels == tuple(f"{np.sin(step / 3):.2f}" for step in range(30))
    assert part.tokens == tuple(map(str, range(1, 31)))


def test_labels_are_the_tokens_of_the_traces_unless_others_are_given(numbers):
    traces = record(torch.nn.LSTM(1, 8), numbers)
    assert Record.of(traces).parts[0].labels == tuple(map(str, range(1, 31)))
    assert Record.of(traces[0], labels=range(1990, 2020)).parts[0].labels[-1] == "2019"


def test_both_directions_of_every_layer_can_be_asked_for(numbers):
    torch.manual_seed(1)
    lstm = torch.nn.LSTM(1, 4, num_layers=2, bidirectional=True)
    found = Record.of(traces := record(lstm, numbers))
    assert found.layers == 2
    for at, (layer, direction) in enumerate(((0, "forward"), (0, "backward"), (1, "forward"), (1, "backward"))):
        assert found.traces(layer, direction) == (traces[at],)
    hidden = lstm(numbers)[0].detach().numpy()
    for direction, half in (("forward", slice(4)), ("backward", slice(4, 8))):
        np.testing.assert_allclose(found.values("hidden_state", -1, direction), hidden[:, half], atol=1e-6)
    with pytest.raises(TraceError, match="has no backward layer 2: it has 2 of them"):
        found.traces(2, "backward")


def test_a_translation_is_a_record_of_its_two_parts(translation: TranslationTrace):
    assert isinstance(translation, Record)
    encoder, decoder = translation.parts
    S, T = len(translation.source_tokens), len(translation.target_tokens)
    assert (encoder.name, decoder.name, translation.starts, translation.steps) == ("encoder", "decoder", (0, S), S + T)
    assert (translation.units, translation.layers, translation.cell) == (6, 1, LSTM_CELL)
    assert (encoder.language, decoder.language) == ("en", translation.language)
    assert encoder.read == ("<to bn>", *(surface.strip() for surface in translation.source_surfaces[1:-1]), "</s>")
    assert decoder.read == ("<s>", *decoder.written[:-1])
    assert decoder.tokens == translation.target_tokens
    assert encoder.tokens == translation.source_tokens
    for quantity in QUANTITIES:
        both = [getattr(side[0], quantity) for side in (translation.encoder, translation.decoder)]
        np.testing.assert_array_equal(translation.values(quantity), np.concatenate(both))
    assert translation.part("decoder") is decoder


def test_a_record_holds_the_recorded_traces_themselves(translation, numbers):
    for part, traces in zip(translation.parts, (translation.encoder, translation.decoder), strict=True):
        assert [id(trace) for trace in part.traces] == [id(trace) for trace in traces]
    traces = record(torch.nn.LSTM(1, 8), numbers)
    assert Record.of(traces).traces()[0] is traces[0]
    assert traces[0].values("cell_state") is traces[0].cell_state


def test_a_step_is_found_in_its_part(translation):
    S, last = len(translation.source_tokens), translation.steps - 1
    assert translation.locate(0) == (translation.parts[0], 0)
    assert translation.locate(S - 1) == (translation.parts[0], S - 1)
    assert translation.locate(S) == (translation.parts[1], 0)
    for step in (-1, last + 1):
        with pytest.raises(IndexError, match=rf"no step {step}: there are 0 to {last}"):
            translation.locate(step)


def test_each_step_starts_from_the_state_before_it(translation, series):
    for found in (translation, series):
        before, after = found.previous("cell_state"), found.values("cell_state")
        np.testing.assert_array_equal(before[1:], after[:-1])  # the decoder goes on from the encoder's
        assert not before[0].any()


# --- another cell


def test_another_cell_says_what_it_computes(made_up):
    found = Record.of(trace := made_up())
    assert found.cell.names == ("renewal_gate", "mixture", "trail")
    assert (found.cell["trail"].range, found.cell.memory, found.units) == ("unbounded", "trail", 3)
    assert trace.values("mixture") is trace.mixture
    np.testing.assert_array_equal(found.previous("trail"), np.vstack([[0.5] * 3, trace.trail[:-1]]))
    with pytest.raises(TraceError, match="a made up has no forget_gate: it has renewal_gate, mixture, trail"):
        found.values("forget_gate")


def test_the_lstm_says_what_it_computes_in_drawing_order():
    assert LSTM_CELL.names == QUANTITIES == LSTMTrace.cell.names
    assert [quantity.range for quantity in LSTM_CELL.quantities] == ["gate"] * 3 + ["signed", "unbounded", "signed"]
    assert LSTM_CELL.states == ("cell_state", "hidden_state")
    assert all(quantity.meaning for quantity in LSTM_CELL.quantities)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"mixture": np.zeros((5, 2))}, r"mixture is \(5, 2\), expected \(5, 3\)"),
        ({"trail": np.zeros((4, 3))}, r"trail is \(4, 3\), expected \(5, 3\)"),
        ({"tokens": ("a",)}, r"renewal_gate is \(5, 3\), expected \(1, 3\)"),
    ],
)
def test_a_trace_whose_parts_do_not_fit_is_refused(made_up, wrong, said):
    with pytest.raises(TraceError, match=said):
        made_up(**wrong)


def test_a_record_whose_parts_do_not_fit_is_refused(made_up, translation):
    for build, said in (
        (lambda: Record.of([]), "the record has no trace"),
        (lambda: Record(()), "the record has no part"),
        (lambda: Record.of(made_up(), labels="abcd"), "the record has 4 labels and 5 steps"),
        (lambda: Record.of([made_up(), made_up(6)]), "the record has 5 labels and 6 steps"),
        (lambda: Record.of([made_up(), made_up(H=4)]), "3 made up and 4 made up units"),
        (lambda: Record.of(translation.encoder, name="a").part("b"), "no part 'b': there are 'a'"),
        (lambda: Record([Part("a", tuple("12345"), (made_up(),)) for _ in "ab"]), "two parts of one record have the"),
        (
            lambda: Record([Part("a", tuple("12345"), (made_up(),)), Part("b", tuple("12345"), (made_up(H=2),))]),
            "parts 'a' and 'b' differ in their number of units: 3 and 2",
        ),
        (lambda: Cell("rnn", (Described("hidden_state", "signed"),), states=("cell_state",)), "not among its quantit"),
        (lambda: replace(translation, decoder=translation.encoder), "decoder traces do not have"),
    ):
        with pytest.raises(TraceError, match=said):
            build()
