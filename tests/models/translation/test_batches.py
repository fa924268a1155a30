"""Many sentences at once: the same tokens and gates as one by one, and statistics over them that are kept on disk."""

from dataclasses import replace

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from models.analysis import survey as surveys
from models.analysis.lifetimes import GATES, LifetimeCounts, lifetimes
from models.analysis.survey import SIDES, Survey, sources_of, survey, take
from models.evaluation.held_out import held_out_english
from models.language.corpus import CorpusError
from models.language.names import HELD_OUT, read_names
from models.recurrent.lstm import LSTM
from models.recurrent.trace import MAPS
from models.translation.attention import attend, attend_batch
from models.translation.batches import translate_in_batches
from models.translation.checkpoints import UNTRAINED, load_card, load_translator, save_translator
from models.translation.interventions import OF_UNITS, Intervention
from models.translation.translator import MAX_TARGET_TOKENS, Translator


@pytest.mark.parametrize(("layers", "size"), [(1, 64), (1, 3), (2, 5)])
def test_each_sentence_of_a_batch_has_the_tokens_and_gates_that_it_has_alone(
    build_tiny, english_sentences, layers, size
):
    translator = build_tiny(layers=layers, dtype="float64").translator
    sources = [translator.source(sentence) for sentence in english_sentences]
    seen = []
    for batch in translate_in_batches(translator, sources, size):
        assert len(batch.places) <= size
        assert len({len(sources[place].ids) for place in batch.places}) == 1
        for column, place in enumerate(batch.places):
            seen.append(place)
            alone = translator.translate(english_sentences[place])
            written = [translator.target_vocabulary.tokens[number] for number in batch.target_ids[column]]
            assert tuple(written) == alone.target_tokens
            for layer in range(layers):
                for steps, trace in zip(
                    batch.steps_of(column, layer), (alone.encoder[layer], alone.decoder[layer]), strict=True
                ):
                    for name in MAPS:
                        np.testing.assert_allclose(getattr(steps.gates, name), getattr(trace, name), atol=1e-12)
                    np.testing.assert_allclose(steps.cell_state, trace.cell_state, atol=1e-12)
                    np.testing.assert_allclose(steps.hidden_state, trace.hidden_state, atol=1e-12)
                    np.testing.assert_allclose(steps.input_part, trace.input_part.packed, atol=1e-12)
                    np.testing.assert_allclose(steps.memory_part, trace.memory_part.packed, atol=1e-12)
    assert sorted(seen) == list(range(len(sources)))


def test_some_of_these_translations_meet_the_length_limit_and_some_do_not(build_tiny, english_sentences):
    """Or the test above would not have tried both ends."""
    translator = build_tiny(dtype="float64").translator
    lengths = {len(translator.translate(sentence).target_tokens) for sentence in english_sentences}
    assert max(lengths) == MAX_TARGET_TOKENS
    assert len(lengths) > 3


def test_shipped_weights_write_the_same_in_batches_for_both_languages(shipped_translator):
    translator = shipped_translator("bn")
    english = held_out_english(40)
    sources = sources_of(translator, english)
    assert len(sources) == 80
    found = {}
    for batch in translate_in_batches(translator, sources):
        found |= dict(zip(batch.places, batch.target_ids, strict=True))
    for place, source in enumerate(sources):
        language = "bn" if place < 40 else "mr"
        alone = replace(translator, language=language).translate(source.sentence)
        assert tuple(translator.target_vocabulary.tokens[number] for number in found[place]) == alone.target_tokens


def first_only(weights: np.ndarray) -> np.ndarray:
    return np.eye(weights.shape[-1])[np.zeros(weights.shape[:-1], int)]


@pytest.mark.parametrize("edit", [(), (first_only,)])
def test_attention_of_a_batch_is_that_of_each_sentence(edit):
    generator = np.random.default_rng(0)
    hidden, states, weight = (generator.normal(size=shape) for shape in ((4, 6), (4, 7, 6), (6, 6)))
    together, of_one = attend_batch(hidden, states, weight, *edit), attend_batch(hidden, states[0], weight, *edit)
    for row in range(4):
        for found, source in ((together, states[row]), (of_one, states[0])):
            alone = attend(hidden[row], source, weight, *edit)
            for name in ("scores", "weights", "context"):
                np.testing.assert_allclose(getattr(found, name)[row], getattr(alone, name), rtol=1e-12)


# --- held-out sentences


def test_held_out_sentences_are_distinct_and_none_has_a_trained_name_in_place_of_a_held_out_one():
    found = held_out_english(500)
    assert len(found) == len(set(found)) == 500
    assert found == held_out_english(500)  # the same for everybody
    held_out = {name.english for name in read_names() if name.part == HELD_OUT}
    assert all(any(name in sentence for name in held_out) for sentence in found[300:])
    assert held_out_english(10) == found[:10]


def test_no_held_out_sentence_was_trained_on():
    from models.translation.checkpoints import load_index

    index = load_index()
    assert not [sentence for sentence in held_out_english(500) if index.contains(sentence)]


# --- the survey


@pytest.fixture
def few(monkeypatch, english_sentences) -> None:
    monkeypatch.setattr(surveys, "held_out_english", lambda count, assets: list(english_sentences))


def test_a_survey_counts_what_each_sentence_does_alone(build_tiny, english_sentences):
    """In double precision: a batch adds up in another order, and no gate is so near a threshold that this decides."""
    translator: Translator = build_tiny(dtype="float64").translator
    sources = [translator.source(sentence) for sentence in english_sentences]
    shares: list[float] = []
    found = take(translator, sources, shares.append)
    assert found.translations == len(sources)
    assert shares == sorted(shares)
    assert shares[-1] == 1
    traces = [translator.translate(sentence) for sentence in english_sentences]
    for side in SIDES:
        for gate in GATES:
            values = np.vstack([getattr(getattr(trace, side)[-1], gate) for trace in traces])
            assert found.gates[side].steps == len(values)
            np.testing.assert_allclose(found.gates[side].below(gate, 0.1), (values < 0.1).mean(axis=0))
            np.testing.assert_allclose(found.gates[side].above(gate, 0.9), (values > 0.9).mean(axis=0))
            np.testing.assert_allclose(found.gates[side].mean(gate), values.mean(axis=0), atol=1e-6)
            found_mean = found.means()[side, 0, gate]
            np.testing.assert_allclose(found_mean, found.gates[side].mean(gate), rtol=1e-5, atol=1e-6)
    counts = LifetimeCounts.none(6)
    for trace in traces:
        counts.add(lifetimes(np.vstack([trace.encoder[-1].forget_gate, trace.decoder[-1].forget_gate])))
    assert np.array_equal(found.lifetimes.halved, counts.halved)
    assert np.array_equal(found.lifetimes.censored, counts.censored)


@pytest.mark.parametrize("layers", [1, 2])
def test_the_means_are_those_of_all_steps_of_each_side_and_layer(build_tiny, english_sentences, layers):
    translator: Translator = build_tiny(layers=layers).translator
    found = take(translator, [translator.source(sentence) for sentence in english_sentences]).means()
    traces = [translator.translate(sentence) for sentence in english_sentences]
    assert len(found) == 2 * layers * len(OF_UNITS)
    for (side, layer, target), mean in found.items():
        values = np.vstack([getattr(getattr(trace, side)[layer], target) for trace in traces])
        assert mean.dtype == np.float32
        np.testing.assert_allclose(mean, values.mean(axis=0, dtype=np.float64), rtol=1e-5, atol=1e-6)
    edits = [Intervention("cell_state", "mean", side, layers - 1, units=(2,)) for side in SIDES]
    run = translator.translate("Go.", edits, found)
    for side in SIDES:
        assert np.all(getattr(run, side)[-1].cell_state[:, 2] == found[side, layers - 1, "cell_state"][2])


def same(one: Survey, other: Survey) -> bool:
    return all(np.array_equal(values, other.arrays()[name]) for name, values in one.arrays().items())


def test_a_survey_is_read_from_disk_the_second_time(tiny_assets, tmp_path, few, monkeypatch):
    first = survey("translator", tiny_assets, tmp_path / "kept")
    monkeypatch.setattr(surveys, "take", lambda *_: pytest.fail("counted again"))
    shares: list[float] = []
    assert same(survey("translator", tiny_assets, tmp_path / "kept", shares.append), first)
    assert shares == [1.0]
    assert [path.suffix for path in (tmp_path / "kept").iterdir()] == [".safetensors"]  # nothing half written


def test_other_weights_other_sentences_or_another_method_are_counted_anew(tiny_assets, tmp_path, few, monkeypatch):
    kept = tmp_path / "kept"
    survey("translator", tiny_assets, kept)
    survey(UNTRAINED, tiny_assets, kept)
    assert len(list(kept.iterdir())) == 2

    whole = load_translator

    def changed(*arguments):
        translator = whole(*arguments)
        translator.parameters["output_bias"] = translator.parameters["output_bias"] + np.float32(1e-3)
        return translator

    with monkeypatch.context() as patched:
        patched.setattr(surveys, "load_translator", changed)
        survey("translator", tiny_assets, kept)
    assert len(list(kept.iterdir())) == 3
    with monkeypatch.context() as patched:
        patched.setattr(surveys, "held_out_english", lambda count, assets: ["the cat sat", "Go."])
        assert survey("translator", tiny_assets, kept).translations == 4
    assert len(list(kept.iterdir())) == 4
    monkeypatch.setattr(surveys, "METHOD", "another")
    survey("translator", tiny_assets, kept)
    assert len(list(kept.iterdir())) == 5


def test_an_earlier_state_of_a_training_is_counted_for_itself(tiny_assets, build_tiny, tmp_path, few):
    tiny = build_tiny()
    at_start = {name: values * np.float32(0.5) for name, values in tiny.parameters.items()}
    translator = tiny.translator
    save_translator(
        tiny_assets, tiny.config, translator.source_vocabulary, translator.target_vocabulary, tiny.parameters,
        {"Go.": ["bn"]}, load_card(tiny_assets) | {"states": [30, 90]}, "course", {30: at_start},
    )  # fmt: skip
    final, earlier = (survey("course", tiny_assets, tmp_path / "kept", step=step) for step in (None, 30))
    assert not same(final, earlier)
    (file,) = (tmp_path / "kept").glob("survey-course.step-00030-*.safetensors")
    assert same(Survey.of(load_file(file)), earlier)
    assert len(list((tmp_path / "kept").glob("survey-course*"))) == 2
    halved = replace(
        translator, parameters=at_start, encoder=LSTM.from_parameters(at_start, "encoder"),
        decoder=LSTM.from_parameters(at_start, "decoder"),
    )  # fmt: skip
    assert same(take(halved, sources_of(halved, surveys.held_out_english(500, tiny_assets))), earlier)


@pytest.mark.parametrize("damage", ["cut", "garbage", "other arrays", "other means", "other numbers", "lacking"])
def test_a_damaged_file_is_counted_anew(tiny_assets, tmp_path, few, damage):
    kept = tmp_path / "kept"
    whole = survey("translator", tiny_assets, kept)
    (file,) = kept.iterdir()
    content, arrays = file.read_bytes(), load_file(file)
    if damage == "cut":
        file.write_bytes(content[: len(content) // 2])
    elif damage == "garbage":
        file.write_bytes(b"\x00" * 500)
    elif damage == "other arrays":
        save_file(arrays | {"halved": arrays["halved"][:, :5].copy()}, file)
    elif damage == "other means":
        save_file(arrays | {"decoder.all_sums": arrays["decoder.all_sums"][:, :5].copy()}, file)
    elif damage == "other numbers":
        save_file(arrays | {"encoder.all_sums": arrays["encoder.all_sums"].astype(np.float32)}, file)
    else:
        save_file({name: values for name, values in arrays.items() if name != "censored"}, file)
    assert same(survey("translator", tiny_assets, kept), whole)
    assert file.read_bytes() == content


def test_a_folder_that_cannot_be_written_costs_only_the_time_to_count_again(tiny_assets, tmp_path, few):
    (tmp_path / "file").write_text("not a folder")
    found = survey("translator", tiny_assets, tmp_path / "file")
    assert found.translations == 24


def test_a_missing_list_of_sentences_is_named(tiny_assets, tmp_path):
    with pytest.raises(CorpusError, match=r"sample\.bn\.tsv"):
        survey("translator", tiny_assets, tmp_path)
