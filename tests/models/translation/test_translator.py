"""The NumPy translator: equal to its torch twin, lazy, and consistent with the equations it claims."""

import numpy as np
import pytest
import torch

from models.language.text import SentenceError
from models.language.vocabulary import shown_token
from models.learning.training import greedy
from models.recurrent import lstm
from models.recurrent.trace import QUANTITIES
from models.translation import translator
from models.translation.translator import MAX_SOURCE_TOKENS, MAX_TARGET_TOKENS, DecoderStep, EncoderStep

TOLERANCE = {"float32": 1e-5, "float64": 1e-12}
KINDS = [(1, "float32"), (2, "float32"), (1, "float64"), (2, "float64")]


@pytest.fixture(params=KINDS, ids=lambda kind: f"{kind[0]} layer, {kind[1]}")
def tiny(request, build_tiny):
    layers, dtype = request.param
    return build_tiny(layers=layers, dtype=dtype)


@pytest.fixture
def calls(monkeypatch):
    """How often one layer stepped, and how often the decoder looked at the source."""
    counted = {"step": 0, "attend": 0}

    def counting(name, function):
        def wrapped(*arguments):
            counted[name] += 1
            return function(*arguments)

        return wrapped

    monkeypatch.setattr(lstm.LSTMLayer, "step", counting("step", lstm.LSTMLayer.step))
    monkeypatch.setattr(translator, "attend", counting("attend", translator.attend))
    return counted


def teacher_forced(network, trace, vocabularies):
    """What torch computes when it reads the tokens that the NumPy translator read."""
    source, target = vocabularies
    source_ids = torch.tensor([[source[token] for token in trace.source_tokens]])
    read_ids = torch.tensor([[target[token] for token in ("<s>", *trace.target_tokens[:-1])]])
    with torch.no_grad():
        encoding = network.encode(source_ids, torch.tensor([source_ids.shape[1]]))
        hidden, _ = network.decoder(network.target_embedding(read_ids), encoding.final)
        context, weights = network.attend(hidden, encoding)
        logits, final = network.decode(encoding, read_ids, encoding.final)
    return {
        "encoder states": encoding.states[0], "encoder final h": encoding.final[0][:, 0],
        "encoder final c": encoding.final[1][:, 0], "decoder states": hidden[0], "decoder final c": final[1][:, 0],
        "weights": weights[0], "context": context[0], "logits": logits[0],
    }  # fmt: skip


@pytest.mark.parametrize("sentence", ["the cat sat", "Run!", "Where is the <dog>? 👩‍👩‍👧"])
def test_everything_computed_equals_what_torch_computes_with_the_same_parameters(tiny, tiny_vocabularies, sentence):
    trace = tiny.translator.translate(sentence)
    expected = teacher_forced(tiny.network(), trace, tiny_vocabularies)
    computed = {
        "encoder states": trace.encoder[-1].hidden_state,
        "encoder final h": [layer.hidden_state[-1] for layer in trace.encoder],
        "encoder final c": [layer.cell_state[-1] for layer in trace.encoder],
        "decoder states": trace.decoder[-1].hidden_state,
        "decoder final c": [layer.cell_state[-1] for layer in trace.decoder],
        "weights": trace.attention,
        "context": trace.context,
        "logits": trace.logits,
    }
    dtype = tiny.parameters["output_bias"].dtype.name
    for name, values in computed.items():
        assert np.asarray(values).dtype == dtype, name
        np.testing.assert_allclose(values, expected[name], rtol=0, atol=TOLERANCE[dtype], err_msg=name)


def test_batched_torch_decoding_with_padding_writes_the_same_texts(tiny, tiny_vocabularies, english_sentences):
    texts = [tiny.translator.translate(sentence).text for sentence in english_sentences]
    lengths = {len(tiny_vocabularies[0].encode(sentence).ids) for sentence in english_sentences}
    assert len(lengths) > 3, "sentences of one length would need no padding"
    assert greedy(tiny.network(), *tiny_vocabularies, english_sentences, "bn", limit=MAX_TARGET_TOKENS) == texts


def test_the_two_languages_are_the_same_weights_read_after_another_tag(build_tiny, tiny_vocabularies):
    sentences = ["the cat sat", "We are here."]
    bangla, marathi = (build_tiny(language=code).translator for code in ("bn", "mr"))
    traces = [(bangla.translate(sentence), marathi.translate(sentence)) for sentence in sentences]
    for first, second in traces:
        assert (first.source_tokens[0], second.source_tokens[0]) == ("<to bn>", "<to mr>")
        assert first.source_tokens[1:] == second.source_tokens[1:]
        assert (first.language, second.language) == ("bn", "mr")
    texts = greedy(build_tiny().network(), *tiny_vocabularies, sentences, "mr")
    assert [second.text for _, second in traces] == texts != [first.text for first, _ in traces]


def test_the_tiny_translator_says_different_things(tiny_translator, english_sentences):
    traces = [tiny_translator.translate(sentence) for sentence in english_sentences]
    assert len({trace.text for trace in traces}) >= 6
    assert {trace.is_finished for trace in traces} == {True, False}


def test_each_step_is_yielded_before_the_next_is_computed(tiny_translator, calls):
    source = tiny_translator.source("the cat sat")
    S = len(source.ids)
    assert calls == {"step": 0, "attend": 0}
    for number, step in enumerate(tiny_translator.steps(source), start=1):
        assert isinstance(step, EncoderStep if number <= S else DecoderStep)
        assert step.position == (number - 1 if number <= S else number - S - 1)
        assert calls == {"step": number, "attend": max(0, number - S)}
    assert calls["attend"] > 3


def test_a_stream_computes_a_decoder_step_only_when_it_is_asked_for(tiny_translator, calls):
    S = len(tiny_translator.source("the cat sat").ids)
    stream = tiny_translator.stream("the cat sat")
    assert calls["step"] == 0
    for count in (1, 2, 3):
        next(stream)
        assert calls == {"step": S + count, "attend": count}


def test_stopping_a_stream_stops_the_computing(tiny_translator, calls):
    stream = tiny_translator.stream("the cat sat")
    next(stream), next(stream)
    before = dict(calls)
    stream.close()
    assert list(stream) == []
    assert calls == before


def test_a_stream_refuses_a_bad_sentence_at_its_first_step(tiny_translator):
    stream = tiny_translator.stream("   ")
    with pytest.raises(SentenceError):
        next(stream)


def test_streaming_gives_bit_for_bit_the_numbers_of_translating(tiny):
    for sentence in ("the cat sat", "Tom doesn't like dogs."):
        trace, steps = tiny.translator.translate(sentence), list(tiny.translator.stream(sentence))
        assert tuple(step.token for step in steps) == trace.target_tokens
        assert [step.candidates for step in steps] == list(trace.candidates)
        for name in ("logits", "attention", "attention_scores", "context"):
            assert np.array_equal([getattr(step, name) for step in steps], getattr(trace, name)), name
        assert np.array_equal([step.probability for step in steps], trace.probabilities)
        for number, layer in enumerate(trace.decoder):
            for name in ("cell_state", "hidden_state", "pre_activation"):
                stacked = np.array([getattr(step.layers[number], name) for step in steps])
                kept = getattr(layer, name)
                if name == "pre_activation":
                    kept = np.stack([kept.input_gate, kept.forget_gate, kept.candidate, kept.output_gate], axis=1)
                assert np.array_equal(stacked, kept), name


def test_a_step_shows_the_highest_layer(tiny):
    source = tiny.translator.source("the cat sat")
    trace = tiny.translator.translate("the cat sat")
    for step in tiny.translator.steps(source):
        layer = (trace.encoder if isinstance(step, EncoderStep) else trace.decoder)[-1]
        for name in QUANTITIES:
            shown = getattr(step if name.endswith("state") else step.gates, name)
            assert np.array_equal(shown, getattr(layer, name)[step.position]), name


def test_translating_twice_gives_the_same_bits(tiny_translator, translation):
    again = tiny_translator.translate("the cat sat")
    assert again.text == translation.text
    assert np.array_equal(again.logits, translation.logits)


def test_the_decoder_starts_from_the_final_states_of_the_encoder_unchanged(tiny):
    trace = tiny.translator.translate("the dog ran")
    for encoder, decoder in zip(trace.encoder, trace.decoder, strict=True):
        assert np.array_equal(decoder.initial_cell_state, encoder.cell_state[-1])
        assert np.array_equal(decoder.initial_hidden_state, encoder.hidden_state[-1])
        assert not encoder.initial_cell_state.any()
        assert not encoder.initial_hidden_state.any()


def test_gates_make_the_cell_state_and_the_cell_state_the_hidden_state(tiny):
    trace = tiny.translator.translate("I have a cat.")
    for layer in (*trace.encoder, *trace.decoder):
        previous = np.vstack([layer.initial_cell_state, layer.cell_state[:-1]])
        kept, written = layer.forget_gate * previous, layer.input_gate * layer.candidate
        np.testing.assert_allclose(layer.cell_state, kept + written, atol=1e-6)
        np.testing.assert_allclose(layer.hidden_state, layer.output_gate * np.tanh(layer.cell_state), atol=1e-6)
        for name in QUANTITIES:
            assert np.isfinite(getattr(layer, name)).all()


def test_the_gates_are_those_of_the_weights_for_the_tokens_read(tiny, tiny_vocabularies):
    trace = tiny.translator.translate("I have a cat.")
    values = {name: np.asarray(tensor, float) for name, tensor in tiny.parameters.items()}
    for side, layer, vocabulary in (
        ("encoder", trace.encoder[0], tiny_vocabularies[0]),
        ("decoder", trace.decoder[0], tiny_vocabularies[1]),
    ):
        embedding = values["source_embedding.weight" if side == "encoder" else "target_embedding.weight"]
        inputs = embedding[[vocabulary[token] for token in layer.tokens]]
        hidden = np.vstack([layer.initial_hidden_state, layer.hidden_state[:-1]])
        sums = (
            inputs @ values[f"{side}.weight_ih_l0"].T + values[f"{side}.bias_ih_l0"]
            + hidden @ values[f"{side}.weight_hh_l0"].T + values[f"{side}.bias_hh_l0"]
        )  # fmt: skip
        i, f, g, o = np.split(sums, 4, axis=1)
        for name, expected in (
            ("input_gate", 1 / (1 + np.exp(-i))), ("forget_gate", 1 / (1 + np.exp(-f))),
            ("candidate", np.tanh(g)), ("output_gate", 1 / (1 + np.exp(-o))),
        ):  # fmt: skip
            np.testing.assert_allclose(getattr(layer, name), expected, atol=1e-5, err_msg=f"{side} {name}")


def test_each_decoder_step_reads_what_the_one_before_wrote(translation):
    for layer in translation.decoder:
        assert layer.tokens == ("<s>", *translation.target_tokens[:-1])
    for layer in translation.encoder:
        assert layer.tokens == translation.source_tokens


def test_attention_weights_of_a_step_sum_to_one_and_blend_the_source_states(tiny):
    trace = tiny.translator.translate("Where is the cat?")
    np.testing.assert_allclose(trace.attention.sum(axis=1), 1, atol=1e-6)
    assert (trace.attention > 0).all()
    np.testing.assert_allclose(trace.context, trace.attention @ trace.encoder[-1].hidden_state, atol=1e-6)
    exponentials = np.exp(trace.attention_scores.astype(float))
    np.testing.assert_allclose(trace.attention, exponentials / exponentials.sum(1, keepdims=True), atol=1e-6)


def test_logits_are_linear_in_hidden_state_and_context(tiny):
    trace = tiny.translator.translate("the cat sat")
    values = tiny.parameters
    memory = trace.decoder[-1].hidden_state @ (values["target_embedding.weight"] @ values["readout_hidden.weight"]).T
    source = trace.context @ (values["target_embedding.weight"] @ values["readout_context.weight"]).T
    np.testing.assert_allclose(trace.logits, memory + source + values["output_bias"], atol=1e-4)


def test_probabilities_are_the_softmax_of_the_logits(tiny, tiny_vocabularies):
    trace = tiny.translator.translate("the cat sat")
    logits = torch.tensor(trace.logits, dtype=torch.float64)
    expected = torch.softmax(logits, dim=1).numpy()
    written = [tiny_vocabularies[1][token] for token in trace.target_tokens]
    np.testing.assert_allclose(trace.probabilities, expected[np.arange(len(written)), written], atol=1e-6)
    for row, candidates in zip(expected, trace.candidates, strict=True):
        for candidate in candidates:
            assert candidate.probability == pytest.approx(row[tiny_vocabularies[1][candidate.token]], abs=1e-6)


def test_candidates_are_the_most_probable_tokens_in_order_and_the_first_is_written(
    tiny, tiny_vocabularies, english_sentences
):
    for sentence in english_sentences:
        trace = tiny.translator.translate(sentence)
        for token, logits, candidates in zip(trace.target_tokens, trace.logits, trace.candidates, strict=True):
            best = sorted(range(len(logits)), key=lambda number: -logits[number])[:5]
            assert [candidate.token for candidate in candidates] == [tiny_vocabularies[1].tokens[n] for n in best]
            assert candidates[0].token == token


def test_the_text_is_the_written_tokens_without_the_special_ones(translation):
    *words, last = translation.target_tokens
    assert last == "</s>"
    assert translation.is_finished
    assert translation.text == "".join(words).replace("▁", " ").strip()


def test_a_translation_without_end_is_cut_off_and_says_so(tiny_translator, english_sentences):
    traces = [tiny_translator.translate(sentence) for sentence in english_sentences]
    endless = [trace for trace in traces if "</s>" not in trace.target_tokens]
    assert endless
    for trace in endless:
        assert len(trace.target_tokens) == MAX_TARGET_TOKENS
        assert not trace.is_finished


def test_the_source_is_the_language_tag_the_sentence_and_the_end(tiny_translator, tiny_vocabularies):
    source = tiny_translator.source("  the   CAT\nsat ")
    assert source.sentence == "the CAT sat"
    assert source.tokens == ("<to bn>", "▁the", "▁cat", "▁sat", "</s>")
    assert source.surfaces == ("", "the", " CAT", " sat", "")
    assert source.ids == tuple(tiny_vocabularies[0][token] for token in source.tokens)


def test_a_sentence_may_have_seventy_subwords_and_not_one_more(tiny_translator):
    longest = " ".join(["a"] * MAX_SOURCE_TOKENS)
    assert len(tiny_translator.source(longest).ids) == MAX_SOURCE_TOKENS + 2
    with pytest.raises(SentenceError, match=rf"\b{MAX_SOURCE_TOKENS + 1} subwords.*at most {MAX_SOURCE_TOKENS}\b"):
        tiny_translator.source(longest + " cat")


def test_shown_tokens_name_what_was_typed():
    assert shown_token("▁cat", " cat") == "cat"
    assert shown_token("▁", " ") == "␣"
    assert shown_token("<unk>", " 👩‍👩‍👧") == "👩‍👩‍👧"
    assert shown_token("<unk>", "\u200b") == "U+200B"
    assert shown_token("<unk>", "\x00") == "U+0000"
    assert shown_token("</s>") == "</s>"
