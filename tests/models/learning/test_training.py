"""Training: the same for the same seed, the same when interrupted, and never continued from another run's state."""

import json
from dataclasses import dataclass

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from models.evaluation.metrics import score
from models.language.corpus import Pair, by_english
from models.language.vocabulary import with_words
from models.learning.network import TranslatorNetwork
from models.learning.training import (
    STATE,
    Training,
    TrainingConfig,
    TrainingStateError,
    cross_entropy,
    greedy,
    one_cycle,
    validation_scores,
)
from models.translation.attention import attend, softmax
from models.translation.configuration import TranslatorConfig
from models.translation.translator import EncoderStep

SETTINGS = {"epochs": 2, "batch_size": 4, "subword_dropout": 0.3, "unknown_rate": 0.2, "repeats": {"bn": 2, "mr": 1}}


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def pairs(english_sentences, bangla_sentences):
    bangla = [Pair(*texts, "bn") for texts in zip(english_sentences, bangla_sentences, strict=True)]
    return bangla + [Pair(pair.english, pair.target, "mr") for pair in reversed(bangla)]


@pytest.fixture
def start(pairs, tiny_vocabularies):
    """Begin a training of a tiny network with dropout; anything can be set differently."""

    def begin(*, initial_seed=1, pairs=pairs, vocabularies=tiny_vocabularies, layers=1, names=None, **changes):
        torch.manual_seed(initial_seed)
        source, target = vocabularies
        config = TranslatorConfig(len(source), len(target), embedding_size=5, hidden_size=6, layers=layers)
        settings = TrainingConfig(**{**SETTINGS, **changes})
        return Training(TranslatorNetwork(config), source, target, pairs, settings, names)

    return begin


def run(training, epochs=2):
    while training.epoch < epochs:
        training.curves.append({"loss": training.run_epoch()})
    return training


def everything(training):
    """All numbers that a run in progress consists of."""
    tensors = {f"network.{name}": value for name, value in training.network.state_dict().items()}
    tensors |= {f"average.{name}": value for name, value in training.average.items()}
    for number, moments in training.optimiser.state_dict()["state"].items():
        tensors |= {f"optimiser.{number}.{name}": value for name, value in moments.items()}
    return tensors


def assert_same_bits(first, second):
    a, b = everything(first), everything(second)
    assert a.keys() == b.keys()
    for name in a:
        assert torch.equal(a[name], b[name]), name
    assert first.curves == second.curves


def differ(first, second):
    a, b = everything(first), everything(second)
    return any(not torch.equal(a[name], b[name]) for name in a)


def test_the_same_seed_gives_the_same_bits(start):
    assert_same_bits(run(start()), run(start()))


def test_another_seed_gives_other_weights_from_the_same_start(start):
    assert differ(run(start(seed=1), 1), run(start(seed=2), 1))


def test_a_run_interrupted_after_an_epoch_and_resumed_gives_the_bits_of_one_that_was_not(start, tmp_path):
    whole = run(start())
    run(start(), epochs=1).save(tmp_path)
    resumed = start(initial_seed=99)
    resumed.resume(tmp_path)
    assert resumed.epoch == 1
    assert_same_bits(run(resumed), whole)


@dataclass(frozen=True)
class Renaming:
    """Another person in every sentence, each epoch; and one more sentence."""

    names: tuple[str, ...] = ("cat", "dog", "here")

    def __call__(self, pairs, generator):
        renamed = [Pair(f"{generator.choice(self.names)} {pair.english}", pair.target, pair.language) for pair in pairs]
        return [*renamed, Pair("the cat", "বিড়াল", "bn")]


def test_a_run_that_renames_people_each_epoch_is_interrupted_and_resumed_alike(start, tmp_path):
    whole = run(start(names=Renaming()))
    assert differ(whole, run(start()))
    run(start(names=Renaming()), epochs=1).save(tmp_path)
    resumed = start(names=Renaming(), initial_seed=99)
    resumed.resume(tmp_path)
    assert_same_bits(run(resumed), whole)
    for other in (None, Renaming(("cat",))):
        with pytest.raises(TrainingStateError, match="other data, sizes or settings"):
            start(names=other).resume(tmp_path)


def test_resuming_gives_back_exactly_what_was_saved(start, tmp_path):
    saved = run(start(), epochs=1)
    saved.save(tmp_path)
    resumed = start(initial_seed=99)
    assert differ(resumed, saved) if everything(resumed).keys() == everything(saved).keys() else True
    resumed.resume(tmp_path)
    assert_same_bits(resumed, saved)


def test_saving_replaces_the_former_state_and_leaves_nothing_else(start, tmp_path):
    training = run(start(), epochs=1)
    training.save(tmp_path)
    run(training).save(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [STATE]
    resumed = start()
    resumed.resume(tmp_path)
    assert resumed.epoch == 2


@pytest.mark.parametrize(
    "changes",
    [{"seed": 2}, {"epochs": 3}, {"label_smoothing": 0.0}, {"repeats": {"bn": 1, "mr": 1}}, {"layers": 2}],
    ids=str,
)
def test_a_state_made_with_other_settings_is_refused(start, tmp_path, changes):
    run(start(), epochs=1).save(tmp_path)
    with pytest.raises(TrainingStateError, match="other data, sizes or settings"):
        start(**changes).resume(tmp_path)


def test_a_state_made_with_other_data_is_refused(start, pairs, tiny_vocabularies, tmp_path):
    from models.language.vocabulary import Vocabulary

    run(start(), epochs=1).save(tmp_path)
    changed = [*pairs[:-1], Pair(pairs[-1].english, "অন্য", "mr")]
    with pytest.raises(TrainingStateError, match="other data"):
        start(pairs=changed).resume(tmp_path)
    source, target = tiny_vocabularies
    first, second, *rest = source.pieces
    swapped = Vocabulary(source.special, (second, first, *rest), source.merges, source.lowercase)
    with pytest.raises(TrainingStateError, match="other data"):
        start(vocabularies=(swapped, target)).resume(tmp_path)


@pytest.mark.parametrize("content", [b"", b"garbage", b"\x00" * 64], ids=repr)
def test_garbage_is_refused_by_name(start, tmp_path, content):
    (tmp_path / STATE).write_bytes(content)
    with pytest.raises(TrainingStateError, match=rf"{STATE}: not a training state"):
        start().resume(tmp_path)


def test_a_truncated_state_is_refused_and_changes_nothing(start, tmp_path):
    training = run(start(), epochs=1)
    training.save(tmp_path)
    whole = (tmp_path / STATE).read_bytes()
    for kept in (100, len(whole) // 2, len(whole) - 1):
        (tmp_path / STATE).write_bytes(whole[:kept])
        with pytest.raises(TrainingStateError, match="not a training state"):
            training.resume(tmp_path)
    assert_same_bits(training, run(start(), epochs=1))


def test_tensors_that_are_not_a_state_of_this_training_are_refused(start, tmp_path):
    training = run(start(), epochs=1)
    training.save(tmp_path)
    tensors = load_file(tmp_path / STATE)
    save_file(tensors, tmp_path / STATE)  # without what says which training they are of
    with pytest.raises(TrainingStateError, match="other data, sizes or settings"):
        training.resume(tmp_path)
    tensors.pop("network.output_bias")
    save_file(tensors, tmp_path / STATE, {"identity": training._identity(), "curves": json.dumps(training.curves)})
    with pytest.raises(TrainingStateError, match="not a training state"):
        training.resume(tmp_path)


def test_the_forget_bias_sits_on_one_of_two_vectors_only():
    H = 6
    for forget_bias in (1.0, 0.0, 2.5):
        config = TranslatorConfig(20, 20, embedding_size=5, hidden_size=H, layers=2, forget_bias=forget_bias)
        network = TranslatorNetwork.untrained(config, seed=1)
        for lstm in (network.encoder, network.decoder):
            for layer in (0, 1):
                expected = torch.zeros(4 * H)
                expected[H : 2 * H] = forget_bias  # torch packs i, f, g, o
                assert torch.equal(getattr(lstm, f"bias_ih_l{layer}"), expected)
                assert not getattr(lstm, f"bias_hh_l{layer}").any()


def test_training_batches_pad_no_source_and_ask_for_a_language_first(start):
    training = start()
    tags = {training.source["<to bn>"], training.source["<to mr>"]}
    met = 0
    for batch in training._batches(np.random.default_rng(1)):
        assert (batch.source != training.source.padding_id).all()
        assert (batch.source_lengths == batch.source.shape[1]).all()
        assert set(batch.source[:, 0].tolist()) <= tags
        assert (batch.source[:, -1] == training.source.end_id).all()
        met += len(batch.source)
    assert met == 12 * 2 + 12


def test_some_source_tokens_are_hidden_but_never_the_tag_or_the_end(start):
    training = start(unknown_rate=0.5)
    batches = list(training._batches(np.random.default_rng(1)))
    words = np.concatenate([batch.source[:, 1:-1].ravel() for batch in batches])
    assert 0.3 < (words == training.source.unknown_id).mean() < 0.7
    for batch in batches:
        assert (batch.source[:, [0, -1]] != training.source.unknown_id).all()
    assert all(
        (batch.source != training.source.unknown_id).all()
        for batch in start(unknown_rate=0.0)._batches(np.random.default_rng(1))
    )


def test_each_epoch_cuts_and_orders_the_sentences_anew(start):
    training = start()
    first, second = (
        [batch.source.tolist() for batch in training._batches(np.random.default_rng([1, epoch]))] for epoch in (0, 1)
    )
    assert first != second
    met = {0: [], 1: []}
    loss = training._loss
    training._loss = lambda batch: (met[training.epoch].append(batch.source.tolist()), loss(batch))[1]
    run(training)
    assert sum(map(len, met[0])) == sum(map(len, met[1])) == 12 * 2 + 12
    assert met[0] != met[1]


def test_the_loss_is_that_of_cross_entropy_over_real_tokens_only(start):
    training = start(label_smoothing=0.0)
    training.network.eval()
    batch = max(training._batches(np.random.default_rng(1)), key=lambda batch: (batch.target_written == 0).sum())
    assert (batch.target_written == training.target.padding_id).any()
    with torch.no_grad():
        logits = training.network(
            torch.from_numpy(batch.source), torch.from_numpy(batch.source_lengths), torch.from_numpy(batch.target_read)
        )
        loss = training._loss(batch).item()
    surprise = [
        -logits[b, t].log_softmax(0)[token].item()
        for b, row in enumerate(batch.target_written)
        for t, token in enumerate(row)
        if token != training.target.padding_id
    ]
    assert loss == pytest.approx(np.mean(surprise), abs=1e-5)


def test_cross_entropy_is_the_mean_surprise_of_the_running_translator_at_each_token(pairs, build_tiny):
    tiny = build_tiny()
    translator, (source, target) = (
        tiny.translator,
        (tiny.translator.source_vocabulary, tiny.translator.target_vocabulary),
    )
    bangla = [pair for pair in pairs if pair.language == "bn"]
    surprise = []
    for pair in bangla:
        states = [step.hidden_state for step in encoder_steps(translator, pair.english)]
        state = [(states[-1], encoder_steps(translator, pair.english)[-1].cell_state)]
        read = target.start_id
        for token in (*target.encode(pair.target).ids, target.end_id):
            embedded = translator.parameters["target_embedding.weight"][read]
            layers = next(translator.decoder.read(embedded[None], state))
            state = [(step.hidden_state, step.cell_state) for step in layers]
            hidden = layers[-1].hidden_state
            context = attend(hidden, np.array(states), translator.parameters["attention.weight"]).context
            surprise.append(-np.log(softmax(translator.logits(hidden, context))[token]))
            read = token
    measured = cross_entropy(tiny.network(), source, target, bangla, batch_size=5)
    assert measured == pytest.approx(np.mean(surprise), rel=1e-4)


def encoder_steps(translator, english):
    return [step for step in translator.steps(translator.source(english)) if isinstance(step, EncoderStep)]


def test_the_weights_after_a_number_of_batches_are_kept_as_they_were(start, tmp_path):
    training, met = start(keep=(0, 3, 11, 10**6)), {}

    def look(at):
        at.keep_weights(tmp_path)
        met[at.steps] = {name: value.clone().numpy() for name, value in at.average.items()}

    look(training)
    for _ in range(2):
        training.curves.append({"loss": training.run_epoch(look)})
    assert training.steps == max(met) > 11
    kept = dict(training.kept_weights(tmp_path))
    assert list(kept) == [0, 3, 11]
    for step, weights in kept.items():
        assert all(np.array_equal(values, met[step][name]) for name, values in weights.items())
    assert not np.array_equal(kept[3]["output_bias"], kept[11]["output_bias"])


def test_a_name_that_was_put_in_is_spelled_in_letters_on_both_sides(start, tiny_vocabularies, english_sentences):
    source, target = tiny_vocabularies
    spelling = with_words(source, english_sentences), target
    training = start(
        vocabularies=spelling, subword_dropout=0.0, unknown_rate=0.0,
        names=lambda pairs, _: [Pair("the Tac sat", "কারা বসল", pair.language) for pair in pairs],
    )  # fmt: skip
    (batch, *_) = training._batches(np.random.default_rng(1))
    read = [source.tokens[token] for token in batch.source[0]]
    assert "".join(read[1:-1]) == "▁the▁tac▁sat"
    at = read.index("c")
    assert read[at - 3 : at + 1] == ["▁", "t", "a", "c"]
    written = [target.tokens[token] for token in batch.target_written[0]]
    assert written[: len("▁কারা")] == list("▁কারা")  # no word of the corpus
    assert "".join(written[len("▁কারা") : -1]) == "▁বসল"
    assert len(written) < len("▁কারা▁বসল") + 1


def test_a_tiny_network_learns_a_few_sentences_by_heart(pairs, tiny_vocabularies):
    torch.manual_seed(1)
    source, target = tiny_vocabularies
    bangla = [pair for pair in pairs if pair.language == "bn"][:4]
    config = TranslatorConfig(len(source), len(target), embedding_size=24, hidden_size=24, dropout=0.0)
    settings = TrainingConfig(
        epochs=120, batch_size=4, peak_learning_rate=0.03, subword_dropout=0.0, unknown_rate=0.0, averaging=0.5
    )
    training = run(Training(TranslatorNetwork(config), source, target, bangla, settings), epochs=120)
    english = [pair.english for pair in bangla]
    assert greedy(training.averaged_network(), source, target, english, "bn") == [pair.target for pair in bangla]
    assert training.curves[-1]["loss"] < training.curves[0]["loss"] / 2


def test_the_average_follows_the_weights_and_is_what_is_evaluated(start):
    training = start(averaging=0.75)
    before = {name: value.clone() for name, value in training.average.items()}
    with torch.no_grad():
        for value in training.network.parameters():
            value += 1
    training._update_average(steps=100)
    for name, value in training.average.items():
        torch.testing.assert_close(value, before[name] + 0.25)
    network = training.averaged_network()
    assert not network.training
    assert all(torch.equal(value, training.average[name]) for name, value in network.state_dict().items())


def test_the_learning_rate_rises_to_its_peak_and_falls_to_almost_nothing():
    rates = [one_cycle(step / 1000) for step in range(1001)]
    peak = rates.index(max(rates))
    assert max(rates) == pytest.approx(1)
    assert 100 < peak < 200
    assert rates[: peak + 1] == sorted(rates[: peak + 1])
    assert rates[peak:] == sorted(rates[peak:], reverse=True)
    assert 0 < rates[-1] < 0.001 < rates[0] < 0.1


def test_padding_changes_neither_states_nor_translation(tiny_network, tiny_vocabularies):
    source, _ = tiny_vocabularies
    short, long = ([source["<to bn>"], *source.encode(t).ids, source.end_id] for t in ("Go.", "We are here."))
    width = len(long) + 2  # more padding than the batch needs
    batch = torch.tensor([row + [source.padding_id] * (width - len(row)) for row in (short, long)])
    lengths = torch.tensor([len(short), len(long)])
    assert len(short) < len(long)
    read = torch.tensor([[2, 10, 11], [2, 10, 11]])
    with torch.no_grad():
        together = tiny_network.encode(batch, lengths)
        hidden, _ = tiny_network.decoder(tiny_network.target_embedding(read), together.final)
        _, weights = tiny_network.attend(hidden, together)
        logits = tiny_network(batch, lengths, read)
        for number, row in enumerate((short, long)):
            alone = tiny_network.encode(torch.tensor([row]), torch.tensor([len(row)]))
            torch.testing.assert_close(together.states[number, : len(row)], alone.states[0])
            for both, one in zip(together.final, alone.final, strict=True):
                torch.testing.assert_close(both[:, number], one[:, 0])
            assert (weights[number, :, len(row) :] == 0).all()
            torch.testing.assert_close(weights[number].sum(1), torch.ones(3))
            expected = tiny_network(torch.tensor([row]), torch.tensor([len(row)]), read[number : number + 1])
            torch.testing.assert_close(logits[number], expected[0])


def test_batches_of_any_size_translate_alike(tiny_network, tiny_vocabularies, english_sentences):
    alone = greedy(tiny_network, *tiny_vocabularies, english_sentences, "bn", batch_size=1)
    for batch_size in (2, 5, 64):
        assert greedy(tiny_network, *tiny_vocabularies, english_sentences, "bn", batch_size=batch_size) == alone
    assert len(set(alone)) > 3


def test_validation_scores_each_language_against_all_its_references(tiny_network, tiny_vocabularies, pairs):
    more = [*pairs, Pair(pairs[0].english, "আরেকটা", "bn")]
    scores = validation_scores(tiny_network, *tiny_vocabularies, more)
    assert set(scores) == {"bn", "mr"}
    for language in ("bn", "mr"):
        references = by_english(pair for pair in more if pair.language == language)
        texts = greedy(tiny_network, *tiny_vocabularies, list(references), language)
        assert scores[language] == score(texts, list(references.values()))
    assert validation_scores(tiny_network, *tiny_vocabularies, []) == {}
