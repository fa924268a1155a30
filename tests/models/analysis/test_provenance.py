"""The exact ledgers: sums equal what the run stored, and every term is what a naive second computation finds."""

from dataclasses import replace

import numpy as np
import pytest

from models.analysis.provenance import (
    CellLedger,
    LedgerError,
    cell_ledger,
    layer_ledger,
    logit_ledger,
    pushes,
    squashed,
)
from models.evaluation.held_out import held_out_english
from models.recurrent.lstm import LSTMLayer
from models.recurrent.recording import record
from models.recurrent.trace import MAPS, LSTMTrace, Step
from models.translation.checkpoints import load_translator
from models.translation.interventions import Intervention
from models.translation.translator import Translator

ORDERS = ("oldest first", "newest first", "mean of both")


def in_double(translator: Translator) -> Translator:
    parameters = {name: values.astype(np.float64) for name, values in translator.parameters.items()}
    return Translator.from_parameters(
        translator.language, translator.config, translator.source_vocabulary, translator.target_vocabulary, parameters
    )


@pytest.fixture(scope="module")
def held_out() -> list[str]:
    return held_out_english(500)


@pytest.mark.parametrize(("dtype", "cell_bound", "logit_bound"), [("float32", 1e-5, 1e-4), ("float64", 1e-12, 1e-12)])
def test_ledgers_of_500_sentences_add_up_to_what_was_stored(
    shipped_translator, held_out, dtype, cell_bound, logit_bound
):
    assert len(set(held_out)) == 500
    shipped = shipped_translator("bn")
    translators = [shipped if dtype == "float32" else in_double(shipped)]
    translators.append(replace(translators[0], language="mr"))
    for number, sentence in enumerate(held_out):
        translator = translators[number % 2]
        translation = translator.translate(sentence)
        ledger = layer_ledger(translation)
        assert ledger.residual().shape == (len(translation.source_tokens) + len(translation.target_tokens), 256)
        assert np.abs(ledger.residual()).max() <= cell_bound, sentence
        for step, candidates in enumerate(translation.candidates):
            one, other = (translator.target_vocabulary[c.token] for c in candidates[:2])
            found = logit_ledger(translator, translation, step, one, other, ORDERS[step % 3])
            assert abs(found.residual) <= logit_bound, sentence
            stored = translation.logits[step]
            assert found.difference == float(stored[one]) - float(stored[other])


# --- the ledger of a cell state


def naive(traces: list[LSTMTrace]) -> np.ndarray:
    """Contributions by three plain loops, (T, T + 1, H)."""
    f, w = [], []
    for trace in traces:
        for step in range(len(trace.tokens)):
            f.append(trace.forget_gate[step].astype(float))
            w.append(trace.input_gate[step].astype(float) * trace.candidate[step].astype(float))
    T, H = len(f), len(f[0])
    found = np.zeros((T, T + 1, H))
    for read in range(T):
        for written in range(read + 2):
            value = traces[0].initial_cell_state.astype(float) if written == 0 else w[written - 1]
            for step in range(max(written, 0), read + 1):
                value = value * f[step]
            found[read, written] = value
    return found


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_every_contribution_is_the_write_times_the_forget_gates_since(build_tiny, layers, dtype):
    translation = build_tiny(layers=layers, dtype=dtype).translator.translate("the cat sat")
    for layer in range(layers):
        ledger = layer_ledger(translation, layer)
        traces = [translation.encoder[layer], translation.decoder[layer]]
        np.testing.assert_allclose(ledger.everything(), naive(traces), rtol=1e-12, atol=1e-15)
        assert np.array_equal(ledger.cell_state, np.vstack([trace.cell_state for trace in traces]))
        assert np.abs(ledger.residual()).max() <= (1e-5 if dtype == "float32" else 1e-12)
        for step in range(ledger.steps):
            assert np.array_equal(ledger.at(step), ledger.everything()[step, : step + 2])


def test_leaving_one_write_out_of_the_sum_lowers_the_cell_state_by_its_contribution(translation):
    encoder, decoder = translation.encoder[0], translation.decoder[0]
    forget, write = (
        np.vstack([getattr(trace, name).astype(float) for trace in (encoder, decoder)])
        for name in ("forget_gate", "input_gate")
    )
    write = write * np.vstack([encoder.candidate, decoder.candidate])

    def final(left_out: int | None) -> np.ndarray:
        cell_state = encoder.initial_cell_state.astype(float)
        for step in range(len(forget)):
            cell_state = forget[step] * cell_state + (0 if step == left_out else write[step])
        return cell_state

    contributions = layer_ledger(translation).at(len(forget) - 1)
    for step in range(len(forget)):
        np.testing.assert_allclose(final(None) - final(step), contributions[step + 1], atol=1e-12)


def test_shares_are_the_gradients_of_the_cell_state_while_the_gates_are_held(translation):
    import torch

    encoder, decoder = translation.encoder[0], translation.decoder[0]
    forget = torch.tensor(np.vstack([encoder.forget_gate, decoder.forget_gate]), dtype=torch.float64)
    ledger = layer_ledger(translation)
    writes = torch.tensor(np.vstack([ledger.initial, ledger.writes]), requires_grad=True)
    cell_state = writes[0]
    for step, gate in enumerate(forget):
        cell_state = gate * cell_state + writes[step + 1]
    cell_state.sum().backward()
    np.testing.assert_allclose(ledger.shares(ledger.steps - 1), writes.grad.numpy(), rtol=1e-12)


@pytest.mark.parametrize(("dtype", "bound"), [("float32", 1e-5), ("float64", 1e-12)])
def test_the_ledger_holds_over_200_tokens_with_forget_gates_near_one(dtype, bound):
    generator = np.random.default_rng(3)
    T, X, H = 200, 8, 32
    bias = np.zeros(4 * H)
    bias[H : 2 * H] = 8  # forget gates of about 0.9997
    # writes of both signs, so that |c| stays as small as in trained networks: where it is 90, neighbours in single
    # precision are 8e-6 apart, and no run can keep the bound
    weights = [generator.normal(0, scale, (4 * H, size)).astype(dtype) for size, scale in ((X, 0.1), (H, 0.02))]
    layer = LSTMLayer(*weights, bias.astype(dtype))
    initial = tuple(generator.normal(0, 1, H).astype(dtype) for _ in range(2))
    steps = Step.stack(list(layer.read(generator.normal(0, 1, (T, X)).astype(dtype), initial)))
    trace = LSTMTrace.of(steps, [str(step) for step in range(T)], layer.bias, initial)
    assert np.median(trace.forget_gate) > 0.999
    assert trace.forget_gate.min() > 0.95
    ledger = cell_ledger([trace])
    assert 5 < np.abs(trace.cell_state).max() < 15
    assert np.abs(ledger.residual()).max() <= bound
    assert ledger.shares(T - 1)[1].min() > 1e-4  # of the first write as well


def made(forget: np.ndarray, write: np.ndarray, initial: np.ndarray) -> LSTMTrace:
    """A trace with these gates, as an edit may set them: input gate 1, candidate the write."""
    T, H = forget.shape
    states, cell_state = [], initial
    for step in range(T):
        cell_state = forget[step] * cell_state + write[step]
        states.append(cell_state)
    activation = np.stack([np.ones((T, H)), forget, write, np.ones((T, H))], axis=1)
    cells = np.array(states)
    zeros = np.zeros((T, 4, H))
    steps = Step(zeros, zeros.copy(), activation, cells, np.tanh(cells), np.zeros((4, H)))
    return LSTMTrace.of(steps, [""] * T, np.zeros(4 * H), (np.zeros(H), initial))


def test_gates_of_exactly_zero_and_one_and_products_that_underflow_leave_no_residual():
    generator = np.random.default_rng(5)
    forget = generator.choice([0.0, 1.0, 1e-200, 0.5], (60, 40))
    trace = made(forget, generator.normal(0, 1, (60, 40)), generator.normal(0, 1, 40))
    ledger = cell_ledger([trace])
    np.testing.assert_allclose(ledger.everything(), naive([trace]), rtol=1e-12, atol=0)
    assert np.abs(ledger.residual()).max() <= 1e-12
    never = made(np.ones((30, 3)), np.ones((30, 3)), np.zeros(3))
    assert np.all(cell_ledger([never]).at(29)[1:] == 1)
    always = made(np.zeros((30, 3)), np.ones((30, 3)), np.ones(3))
    assert np.all(cell_ledger([always]).at(29)[:-1] == 0)
    assert np.all(cell_ledger([always]).at(29)[-1] == 1)


def test_a_chosen_few_units_have_the_same_ledger_as_among_all(translation):
    whole = layer_ledger(translation).everything()
    for found in (layer_ledger(translation, units=[4, 1]), layer_ledger(translation).of([4, 1])):
        assert np.array_equal(found.everything(), whole[..., [4, 1]])
        np.testing.assert_allclose(found.residual(), layer_ledger(translation).residual()[:, [4, 1]], atol=1e-14)


def test_norms_are_those_of_the_contributions_and_projections_add_up_to_the_norm(translation):
    ledger = layer_ledger(translation)
    for step in range(ledger.steps):
        contributions = ledger.at(step)
        np.testing.assert_allclose(ledger.norms()[step, : step + 2], np.sqrt((contributions**2).sum(axis=1)))
        assert ledger.along(step).sum() == pytest.approx(np.linalg.norm(contributions.sum(axis=0)))
    empty = CellLedger(np.zeros(2), np.zeros((1, 2)), np.ones((1, 2)), np.zeros((1, 2)), np.zeros((1, 2), bool))
    assert np.all(empty.along(0) == 0)


def test_a_backward_trace_is_added_up_from_its_last_token_on():
    import torch

    torch.manual_seed(0)
    lstm = torch.nn.LSTM(3, 4, bidirectional=True).double()
    forward, backward = record(lstm, torch.randn(7, 3, dtype=torch.float64))
    ledger = cell_ledger([backward])
    assert np.abs(ledger.residual()).max() <= 1e-12
    assert np.array_equal(ledger.cell_state, backward.cell_state[::-1])
    with pytest.raises(LedgerError, match="backward"):
        cell_ledger([forward, backward])


def test_traces_that_do_not_follow_one_another_are_refused(translation):
    encoder, decoder = translation.encoder[0], translation.decoder[0]
    with pytest.raises(LedgerError, match="do not follow"):
        cell_ledger([encoder, encoder])
    with pytest.raises(LedgerError, match="needs a trace"):
        cell_ledger([])
    assert np.abs(cell_ledger([decoder]).residual()).max() <= 1e-5  # alone, from the state handed over


# --- the ledger of a logit


@pytest.mark.parametrize("layers", [1, 2])
def test_each_term_of_a_logit_difference_is_what_a_naive_computation_finds(build_tiny, layers):
    translator = build_tiny(layers=layers, dtype="float64").translator
    translation = translator.translate("Where is the cat?")
    p = translator.parameters
    top, states = translation.decoder[-1], translation.encoder[-1].hidden_state
    for step in range(len(translation.target_tokens)):
        for one, other in ((5, 9), (9, 5), (3, 30)):
            found = logit_ledger(translator, translation, step, one, other)
            d = p["target_embedding.weight"][one] - p["target_embedding.weight"][other]
            for position in range(len(states)):
                blended = translation.attention[step, position] * states[position]
                assert found.attention[position] == pytest.approx(d @ (p["readout_context.weight"] @ blended))
            for unit in range(len(found.units)):
                alone = np.zeros(len(found.units))
                alone[unit] = top.hidden_state[step, unit]
                assert found.units[unit] == pytest.approx(d @ (p["readout_hidden.weight"] @ alone), abs=1e-12)
            assert found.bias == p["output_bias"][one] - p["output_bias"][other]
            assert found.total == pytest.approx(found.difference, abs=1e-12)
            assert found.units.sum() == pytest.approx(found.memory.sum(), abs=1e-12)


def test_the_memory_part_is_split_in_the_order_that_was_asked_for(build_tiny):
    translator = build_tiny(dtype="float64").translator
    translation = translator.translate("the dog ran")
    S, step, one, other = len(translation.source_tokens), 1, 5, 9
    p = translator.parameters
    d = p["readout_hidden.weight"].T @ (p["target_embedding.weight"][one] - p["target_embedding.weight"][other])
    contributions = naive([translation.encoder[0], translation.decoder[0]])[S + step, : S + step + 2]
    o = translation.decoder[0].output_gate[step]

    def gains(order: list[int]) -> np.ndarray:
        terms, so_far = np.zeros(len(order)), np.zeros(len(o))
        for write in order:
            terms[write] = d @ (o * (np.tanh(so_far + contributions[write]) - np.tanh(so_far)))
            so_far = so_far + contributions[write]
        return terms

    N = len(contributions)
    oldest, newest = gains(list(range(N))), gains(list(reversed(range(N))))
    for order, expected in zip(ORDERS, (oldest, newest, (oldest + newest) / 2), strict=True):
        found = logit_ledger(translator, translation, step, one, other, order)
        np.testing.assert_allclose(found.memory, expected, atol=1e-12)
        assert found.order == order
    assert np.abs(oldest - newest).max() > 1e-3  # the order matters, or the page would not have to state it


def test_tanh_of_a_sum_is_split_exactly_in_every_order():
    contributions = np.random.default_rng(1).normal(0, 2, (30, 8))
    for order in ORDERS:
        assert np.abs(squashed(contributions, order).sum(axis=0) - np.tanh(contributions.sum(axis=0))).max() < 1e-14


def test_a_hypothesis_of_a_beam_search_has_its_ledgers_too(tiny_translator):
    beam = tiny_translator.search("the cat sat", 3)
    for node in beam.search.hypotheses:
        translation = beam.trace(node)
        assert np.abs(layer_ledger(translation).residual()).max() <= 1e-5
        last = len(translation.target_tokens) - 1
        assert abs(logit_ledger(tiny_translator, translation, last, 4, 8).residual) <= 1e-4


@pytest.mark.parametrize(("step", "one", "other"), [(-1, 0, 1), (99, 0, 1), (0, -1, 1), (0, 0, 10**6)])
def test_steps_and_tokens_that_do_not_exist_are_refused(tiny_translator, translation, step, one, other):
    with pytest.raises(IndexError, match="there are 0 to"):
        logit_ledger(tiny_translator, translation, step, one, other)


# --- what pushed a gate


@pytest.mark.parametrize("layers", [1, 2])
def test_pushes_add_up_to_the_pre_activation_and_to_its_stored_parts(build_tiny, layers):
    translator = build_tiny(layers=layers, dtype="float64").translator
    translation = translator.translate("She has a dog.")
    for side in ("encoder", "decoder"):
        for layer in range(layers):
            trace = getattr(translation, side)[layer]
            weights = translator.parameters
            for step in range(len(trace.tokens)):
                for unit in (0, 5):
                    found = pushes(translator, translation, side, step, unit, layer)
                    assert np.abs(found.residual).max() <= 1e-12
                    np.testing.assert_allclose(found.inputs.sum(axis=1), found.input_part, atol=1e-12)
                    np.testing.assert_allclose(found.hidden.sum(axis=1), found.memory_part, atol=1e-12)
                    for at, name in enumerate(MAPS):
                        row = at * trace.hidden_state.shape[1] + unit
                        by_hidden = weights[f"{side}.weight_hh_l{layer}"][row] * trace.previous_hidden_state[step]
                        np.testing.assert_allclose(found.of(name)[1], by_hidden)
                        assert getattr(trace.pre_activation, name)[step, unit] == found.pre_activation[at]
                        if layer:
                            below = getattr(translation, side)[layer - 1].hidden_state[step]
                        else:
                            is_source = side == "encoder"
                            vocabulary = translator.source_vocabulary if is_source else translator.target_vocabulary
                            table = weights[f"{'source' if is_source else 'target'}_embedding.weight"]
                            below = table[vocabulary[trace.tokens[step]]]
                        np.testing.assert_allclose(
                            found.of(name)[0], weights[f"{side}.weight_ih_l{layer}"][row] * below
                        )


def test_the_ledger_starts_anew_where_a_state_was_cut_and_adds_up_again():
    marathi = load_translator("mr")
    for value in (1.5, 2.0):
        doubled = Intervention("forget_gate", "set", value=value)
        run = marathi.translate("I wouldn't like to live there.", [doubled])
        ledger = layer_ledger(run)
        state = np.concatenate([trace.cell_state for trace in run.traces()])
        np.testing.assert_array_equal(ledger.starts_anew, np.abs(state) >= 1e6)
        assert ledger.starts_anew.any() or value < 2
        sizes = np.maximum(np.abs(ledger.everything()).sum(axis=1), 1)  # float32 rounds at each step
        assert (np.abs(ledger.residual()) / sizes).max() < 1e-5
