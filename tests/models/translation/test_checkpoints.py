"""Weights on disk: what was saved is what is loaded; whatever is damaged is named and never loaded."""

import json
import random
import shutil
from dataclasses import replace

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from models import AssetError, LanguageError
from models.language.vocabulary import Vocabulary
from models.translate import main
from models.translation.checkpoints import (
    UNTRAINED,
    hashed_files,
    load_card,
    load_index,
    load_translator,
    network_names,
    save_card,
    save_index,
    save_translator,
    sha256,
    states_of,
)
from models.translation.configuration import TranslatorConfig

CARD = "weights/translator.json"
WEIGHTS = "weights/translator.safetensors"
SEEN = "weights/seen.safetensors"
ENGLISH, TARGET = "vocabularies/english.json", "vocabularies/bangla-marathi.json"
TABLES = ("sentences", "gapped", "lengths", "languages")
FILES = (CARD, WEIGHTS, SEEN, ENGLISH, TARGET)


def refusal(assets, capsys) -> str:
    """The one line with which both Python and the command line refuse these assets."""
    with pytest.raises(AssetError) as caught:
        load_translator("bn", assets)
    with pytest.raises(SystemExit) as ended:
        main(["the cat sat", "--to", "bn", "--assets", str(assets)])
    printed = capsys.readouterr()
    assert ended.value.code == 2
    assert printed.out == ""
    assert printed.err == f"error: {' '.join(str(caught.value).split())}\n"
    return str(caught.value)


def sign_again(assets) -> None:
    """Make the card agree with the files, as if they had been meant to be so."""
    card = load_card(assets)
    save_card(assets, {**card, "sha256": {name: sha256(assets / name) for name in hashed_files(card)}})


def change_weights(assets, name, change) -> None:
    tensors = load_file(assets / WEIGHTS)
    tensors[name] = change(tensors[name])
    save_file(tensors, assets / WEIGHTS)
    sign_again(assets)


def change_card(assets, change) -> None:
    card = load_card(assets)
    change(card)
    save_card(assets, card)


def with_first_value(value):
    def change(values):
        changed = values.copy()
        changed.flat[0] = value
        return changed

    return change


def test_a_saved_translator_translates_like_the_one_saved(tiny_assets, tiny_translator, translation):
    loaded = load_translator("bn", tiny_assets).translate("the cat sat")
    assert loaded.text == translation.text
    assert np.array_equal(loaded.logits, translation.logits)
    assert load_translator("mr", tiny_assets).language == "mr"


def test_weights_are_stored_in_half_precision_and_run_in_single(tiny_assets, tiny_translator):
    assert {values.dtype for values in load_file(tiny_assets / WEIGHTS).values()} == {np.dtype(np.float16)}
    for name, values in load_translator("bn", tiny_assets).parameters.items():
        assert values.dtype == np.float32
        assert np.array_equal(values, tiny_translator.parameters[name]), name


def test_the_card_keeps_what_was_written_on_it(tiny_assets, tiny_translator):
    card = load_card(tiny_assets)
    assert TranslatorConfig(**card["configuration"]) == tiny_translator.config
    assert card["validation"]["bn"]["sentences"] == 12
    assert set(card["sha256"]) == {WEIGHTS, SEEN, ENGLISH, TARGET}


@pytest.mark.parametrize("language", ["hi", "", "BN", "bangla", "bn "])
def test_another_language_is_refused_with_those_that_are_known(tiny_assets, language):
    with pytest.raises(LanguageError, match=r"bn \(Bangla\), mr \(Marathi\)"):
        load_translator(language, tiny_assets)


def test_every_sentence_trained_on_is_known_again(tiny_assets, english_sentences):
    index = load_index(tiny_assets)
    assert len(index) == len(english_sentences)
    assert all(index.contains(sentence.upper().rstrip(".")) for sentence in english_sentences)
    assert not any(index.contains(f"{sentence} today") for sentence in english_sentences)


def test_the_index_is_written_anew_for_the_same_sentences_alone(two_networks, english_sentences):
    both = dict.fromkeys(english_sentences, ("bn", "mr"))
    assert load_index(two_networks).languages_of(english_sentences[0]) == ("bn",)
    save_index(two_networks, both)
    assert load_index(two_networks).languages_of(english_sentences[0]) == ("bn", "mr")
    for name in network_names(two_networks):
        load_translator("bn", two_networks, name)  # its card describes the new file
    stored = load_file(two_networks / SEEN)
    save_file({name: stored[name] for name in ("sentences", "gapped", "lengths")}, two_networks / SEEN)
    save_index(two_networks, both)  # from before languages were kept
    assert load_index(two_networks).languages_of(english_sentences[0]) == ("bn", "mr")
    before = (two_networks / SEEN).read_bytes()
    for other in ({**both, "One more.": ["mr"]}, dict(list(both.items())[1:])):
        with pytest.raises(AssetError, match="trained on other data"):
            save_index(two_networks, other)
    assert (two_networks / SEEN).read_bytes() == before


def test_what_one_network_drew_is_known_for_it_alone(two_networks, tiny_translator, english_sentences):
    tiny, seen, drawn = tiny_translator, dict.fromkeys(english_sentences, ("bn",)), "A drawn sentence."
    card = {**load_card(two_networks), "training": {"seed": 1, "grammar": 5}}
    wider = replace(tiny.source_vocabulary, words=(tiny.source_vocabulary.words or frozenset()) | {"drawn"})
    save_translator(
        two_networks, tiny.config, wider, tiny.target_vocabulary, tiny.parameters, seen, card, "drew",
        drawn={drawn: ("mr",), english_sentences[0]: ("mr",)},
    )  # fmt: skip
    assert load_index(two_networks, "drew").languages_of(drawn) == ("mr",)
    assert load_index(two_networks, "drew").languages_of(english_sentences[0]) == ("bn", "mr")
    for name in network_names(two_networks):
        assert load_translator("bn", two_networks, name).source_vocabulary.words == wider.words
        if name != "drew":
            assert load_index(two_networks, name).languages_of(drawn) == ()
            assert load_index(two_networks, name).languages_of(english_sentences[0]) == ("bn",)
    damaged = two_networks / "weights" / "drew.drawn.safetensors"
    damaged.write_bytes(damaged.read_bytes()[:-1])
    with pytest.raises(AssetError, match=r"drew\.drawn\.safetensors is damaged"):
        load_translator("bn", two_networks, "drew")


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_named(tiny_assets, capsys, name):
    (tiny_assets / name).unlink()
    file = name.rpartition("/")[2]
    assert f"{file} is missing" in refusal(tiny_assets, capsys)


def test_missing_assets_are_named(tmp_path, capsys):
    assert "translator.json is missing" in refusal(tmp_path / "nowhere", capsys)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("content", [b"", b"garbage", b"\x00" * 100, b"[]", b"{}", b"[" * 200_000, b"\xff" * 64],
                         ids=["empty", "garbage", "zeros", "list", "object", "deep", "not UTF-8"])  # fmt: skip
def test_a_file_with_other_content_is_named(tiny_assets, capsys, name, content):
    (tiny_assets / name).write_bytes(content)
    assert name.rpartition("/")[2] in refusal(tiny_assets, capsys)


@pytest.mark.parametrize("name", FILES)
def test_a_folder_in_the_place_of_a_file_is_named(tiny_assets, capsys, name):
    (tiny_assets / name).unlink()
    (tiny_assets / name).mkdir()
    assert name.rpartition("/")[2] in refusal(tiny_assets, capsys)


@pytest.mark.parametrize("name", FILES)
def test_a_truncated_file_is_named(tiny_assets, name):
    whole = (tiny_assets / name).read_bytes()
    for kept in (1, 8, 100, len(whole) // 2, len(whole) - 2):
        (tiny_assets / name).write_bytes(whole[:kept])
        with pytest.raises(AssetError, match=name.rpartition("/")[2]):
            load_translator("bn", tiny_assets)


@pytest.mark.parametrize("name", FILES)
def test_no_single_wrong_byte_leads_to_another_translation(tiny_assets, translation, name):
    whole, generator = (tiny_assets / name).read_bytes(), random.Random(name)
    refused = 0
    for at in generator.sample(range(len(whole)), 60):
        wrong = bytes([whole[at] ^ (1 << generator.randrange(8))])
        (tiny_assets / name).write_bytes(whole[:at] + wrong + whole[at + 1 :])
        try:
            loaded = load_translator("bn", tiny_assets)
        except AssetError:
            refused += 1
            continue
        assert name == CARD, "every byte of the other files counts"
        assert np.array_equal(loaded.translate("the cat sat").logits, translation.logits)
    assert refused > 0


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_weights_that_are_not_finite_are_refused(tiny_assets, capsys, value):
    change_weights(tiny_assets, "decoder.weight_hh_l0", with_first_value(value))
    message = refusal(tiny_assets, capsys)
    assert "translator.safetensors" in message
    assert "decoder.weight_hh_l0" in message
    assert "not finite" in message


@pytest.mark.parametrize("change", [lambda values: values[:-1], lambda values: values.T, lambda values: values[None]])
def test_weights_of_another_shape_are_refused(tiny_assets, capsys, change):
    change_weights(tiny_assets, "readout_hidden.weight", lambda values: change(values).copy())
    message = refusal(tiny_assets, capsys)
    assert "translator.safetensors" in message
    assert "readout_hidden.weight is (" in message


@pytest.mark.parametrize("name", ["attention.weight", "output_bias", "encoder.weight_ih_l0", "encoder.bias_hh_l0"])
def test_a_missing_or_renamed_tensor_is_named(tiny_assets, capsys, name):
    tensors = load_file(tiny_assets / WEIGHTS)
    values = tensors.pop(name)
    save_file(tensors, tiny_assets / WEIGHTS)
    sign_again(tiny_assets)
    assert f"not those of the translator ({name})" in refusal(tiny_assets, capsys)
    save_file({**tensors, f"{name}x": values}, tiny_assets / WEIGHTS)
    sign_again(tiny_assets)
    assert "translator.safetensors" in refusal(tiny_assets, capsys)


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_weights_in_a_finer_precision_are_accepted_and_run_in_single(tiny_assets, translation, kind):
    tensors = {name: values.astype(kind) for name, values in load_file(tiny_assets / WEIGHTS).items()}
    save_file(tensors, tiny_assets / WEIGHTS)
    sign_again(tiny_assets)
    loaded = load_translator("bn", tiny_assets)
    assert {values.dtype for values in loaded.parameters.values()} == {np.dtype(np.float32)}
    assert np.array_equal(loaded.translate("the cat sat").logits, translation.logits)


@pytest.mark.parametrize("kind", [np.int16, np.complex64, np.bool_])
def test_weights_that_are_no_real_numbers_are_refused(tiny_assets, capsys, kind):
    change_weights(tiny_assets, "output_bias", lambda values: values.astype(kind))
    assert "translator.safetensors" in refusal(tiny_assets, capsys)


def test_weights_in_bfloat16_are_refused(tiny_assets, capsys):
    import torch
    from safetensors.torch import load_file, save_file

    tensors = load_file(tiny_assets / WEIGHTS)
    tensors["output_bias"] = tensors["output_bias"].to(torch.bfloat16)
    save_file(tensors, tiny_assets / WEIGHTS)
    sign_again(tiny_assets)
    assert "translator.safetensors" in refusal(tiny_assets, capsys)


def test_well_formed_weights_of_another_training_are_refused(tiny_assets, capsys):
    tensors = {name: np.roll(values, 1) for name, values in load_file(tiny_assets / WEIGHTS).items()}
    save_file(tensors, tiny_assets / WEIGHTS)
    assert "translator.safetensors is damaged: it is not the file" in refusal(tiny_assets, capsys)


@pytest.mark.parametrize("name", [ENGLISH, TARGET])
def test_a_vocabulary_of_another_size_is_refused(tiny_assets, capsys, name):
    path = tiny_assets / name
    content = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**content, "pieces": [*content["pieces"], "zzz"]}), encoding="utf-8")
    sign_again(tiny_assets)
    message = refusal(tiny_assets, capsys)
    assert path.name in message
    assert "tokens, the weights need" in message


@pytest.mark.parametrize("name", [ENGLISH, TARGET])
def test_another_vocabulary_of_the_same_size_is_refused(tiny_assets, capsys, name):
    path = tiny_assets / name
    content = json.loads(path.read_text(encoding="utf-8"))
    first, second, *rest = content["pieces"]
    path.write_text(json.dumps({**content, "pieces": [second, first, *rest]}), encoding="utf-8")
    assert len(Vocabulary.load(path)) == len(content["special"]) + len(content["pieces"])
    message = refusal(tiny_assets, capsys)
    assert f"{path.name} is damaged: it is not the file" in message


def test_an_english_vocabulary_without_a_language_tag_is_refused(tiny_assets, capsys):
    path = tiny_assets / ENGLISH
    path.write_text(path.read_text(encoding="utf-8").replace("<to mr>", "<to hi>"), encoding="utf-8")
    sign_again(tiny_assets)
    assert "english.json is damaged: a language tag is missing" in refusal(tiny_assets, capsys)


def test_the_vocabularies_in_each_others_place_are_refused(tiny_assets, capsys):
    shutil.move(tiny_assets / ENGLISH, tiny_assets / "kept")
    shutil.move(tiny_assets / TARGET, tiny_assets / ENGLISH)
    shutil.move(tiny_assets / "kept", tiny_assets / TARGET)
    assert "english.json" in refusal(tiny_assets, capsys)


@pytest.mark.parametrize(
    "change",
    [
        lambda card: card.pop("configuration"),
        lambda card: card.update(configuration=None),
        lambda card: card.update(configuration=[1, 2]),
        lambda card: card["configuration"].pop("source_vocabulary_size"),
        lambda card: card["configuration"].update(gates=4),
        lambda card: card["configuration"].update(hidden_size=None),
        lambda card: card["configuration"].update(hidden_size="6"),
        lambda card: card["configuration"].update(hidden_size=6.0),
        lambda card: card["configuration"].update(hidden_size=7),
        lambda card: card["configuration"].update(layers=0),
        lambda card: card["configuration"].update(layers=2),
        lambda card: card["configuration"].update(embedding_size=-5),
        lambda card: card["configuration"].update(target_vocabulary_size=True),
        lambda card: card.pop("sha256"),
        lambda card: card.update(sha256="all"),
        lambda card: card["sha256"].pop(SEEN),
        lambda card: card["sha256"].update({WEIGHTS: 5}),
        lambda card: card.update(states="all"),
        lambda card: card.update(states=[0, "5"]),
        lambda card: card.update(states=[-1]),
        lambda card: card.update(states=[0, 5]),
    ],
)
def test_a_card_that_does_not_describe_the_weights_is_refused(tiny_assets, capsys, change):
    change_card(tiny_assets, change)
    message = refusal(tiny_assets, capsys)
    assert "model card" in message or any(name.rpartition("/")[2] in message for name in FILES)


def other_weights(parameters, seed):
    generator = np.random.default_rng(seed)
    return {name: generator.normal(0, 1, values.shape).astype(np.float16) for name, values in parameters.items()}


@pytest.fixture
def two_networks(tiny_assets, build_tiny, tiny_vocabularies, english_sentences):
    """The tiny assets with a second network in them, of which two earlier states were kept."""
    tiny, card = build_tiny(), {"training": {"seed": 3}, "states": [0, 10, 25]}
    final, *earlier = (other_weights(tiny.parameters, seed) for seed in (1, 2, 3))
    save_translator(
        tiny_assets, tiny.config, *tiny_vocabularies, final,
        dict.fromkeys(english_sentences, ("bn",)), card, "time-machine", dict(zip((0, 10), earlier, strict=True)),
    )  # fmt: skip
    return tiny_assets


def test_each_network_in_the_folder_is_loaded_by_its_name(two_networks, translation, build_tiny):
    assert network_names(two_networks) == ["translator", "time-machine"]
    assert np.array_equal(load_translator("bn", two_networks).translate("the cat sat").logits, translation.logits)
    other = load_translator("bn", two_networks, "time-machine")
    expected = other_weights(build_tiny().parameters, 1)
    assert all(np.array_equal(values, expected[name]) for name, values in other.parameters.items())


def test_each_state_that_was_kept_of_a_training_is_loaded_by_its_number_of_batches(two_networks, build_tiny):
    assert states_of(load_card(two_networks, "time-machine")) == [0, 10, 25]
    for step, seed in ((0, 2), (10, 3), (25, 1)):
        state = load_translator("bn", two_networks, "time-machine", step)
        expected = other_weights(build_tiny().parameters, seed)
        assert all(np.array_equal(values, expected[name]) for name, values in state.parameters.items())


@pytest.mark.parametrize(("name", "step"), [("time-machine", 11), ("time-machine", -1), ("translator", 0)])
def test_a_state_that_was_not_kept_is_refused_by_its_number(two_networks, name, step):
    with pytest.raises(AssetError, match=f"{name} has no state after {step} batches"):
        load_translator("bn", two_networks, name, step)


@pytest.mark.parametrize(
    "name", ["second-seed", "", "../translator", "Translator", "a b", "translator.json", "-a", "é"]
)
def test_a_network_that_is_not_there_or_cannot_be_is_refused(two_networks, name):
    with pytest.raises(AssetError, match=r"missing|no name of a network"):
        load_translator("bn", two_networks, name)


def test_a_damaged_earlier_state_is_named(two_networks):
    path = two_networks / "weights" / "time-machine.step-00010.safetensors"
    path.write_bytes(path.read_bytes()[:-2])
    for step in (10, 25):
        with pytest.raises(AssetError, match=r"time-machine\.step-00010\.safetensors is damaged"):
            load_translator("bn", two_networks, "time-machine", step)


def test_the_untrained_network_is_the_main_one_as_its_training_found_it(two_networks, tiny_translator):
    import torch

    from models.learning.network import TranslatorNetwork

    untrained = load_translator("mr", two_networks, UNTRAINED)
    assert (untrained.language, untrained.config) == ("mr", tiny_translator.config)
    network = TranslatorNetwork.untrained(tiny_translator.config, load_card(two_networks)["training"]["seed"])
    for name, values in network.state_dict().items():
        assert torch.equal(values, torch.from_numpy(untrained.parameters[name])), name
    change_card(two_networks, lambda card: card.pop("training"))
    with pytest.raises(AssetError, match="which seed"):
        load_translator("bn", two_networks, UNTRAINED)


@pytest.mark.parametrize(
    "content",
    [b"", b"garbage", {"german": np.zeros(3, np.int64)}, dict.fromkeys(TABLES, np.zeros(3, np.float32))],
    ids=["empty", "garbage", "other name", "other numbers"],
)
def test_damaged_fingerprints_are_named(tiny_assets, capsys, content):
    if isinstance(content, bytes):
        (tiny_assets / SEEN).write_bytes(content)
    else:
        save_file(content, tiny_assets / SEEN)
    with pytest.raises(AssetError, match=r"seen\.safetensors is damaged"):
        load_index(tiny_assets)
    assert "seen.safetensors" in refusal(tiny_assets, capsys)


def test_half_precision_changes_no_weight_by_more_than_its_rounding(tmp_path, build_tiny, tiny_vocabularies):
    tiny = build_tiny()
    generator = np.random.default_rng(2)
    fine = {name: generator.normal(0, 0.1, v.shape).astype(np.float32) for name, v in tiny.parameters.items()}
    save_translator(tmp_path, tiny.config, *tiny_vocabularies, fine, {}, {})
    for name, values in load_translator("bn", tmp_path).parameters.items():
        np.testing.assert_allclose(values, fine[name], rtol=2**-11, atol=2**-24)
