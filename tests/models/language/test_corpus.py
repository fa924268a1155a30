"""Sentence pairs: reading files that may be broken, splitting without leaks, batching without padded sources."""

import numpy as np
import pytest

from models.language.corpus import (
    CorpusError,
    Pair,
    batches,
    by_english,
    fingerprint,
    hold_out,
    read_pairs,
    sentence_key,
)


def test_pairs_are_read_in_order_and_normalised(tmp_path):
    path = tmp_path / "pairs.tsv"
    path.write_text("Go.\tযাও।\t1276|2134\nIt\u2019s  me.\tআমি\u09afাই\nCafe\u0301\tও\u09df\u09beও!\tx\ty\n", "utf-8")
    assert read_pairs(path, "bn") == [
        Pair("Go.", "যাও।", "bn"),
        Pair("It's me.", "আমি\u09afাই", "bn"),
        Pair("Caf\u00e9", "ও\u09af\u09bc\u09beও!", "bn"),
    ]


def test_other_line_ends_a_byte_order_mark_and_a_missing_last_line_end_are_read_too(tmp_path):
    path = tmp_path / "pairs.tsv"
    path.write_bytes("\ufeffGo.\tযাও।\r\nRun!\tপালাও!".encode())
    assert read_pairs(path, "bn") == [Pair("Go.", "যাও।", "bn"), Pair("Run!", "পালাও!", "bn")]


def test_only_a_line_end_ends_a_line(tmp_path):
    path = tmp_path / "pairs.tsv"
    path.write_bytes("Go\u2028now.\tযাও\x0bএখন।\n".encode())
    assert read_pairs(path, "bn") == [Pair("Go now.", "যাও এখন।", "bn")]


@pytest.mark.parametrize("line", ["no tab here", "\tযাও।", "Go.\t", "Go.\t \t1", ""], ids=repr)
def test_a_malformed_line_is_refused_with_its_number(tmp_path, line):
    path = tmp_path / "pairs.tsv"
    path.write_text(f"Go.\tযাও।\nRun!\tপালাও!\n{line}\nHelp!\tবাঁচাও!\n", "utf-8")
    with pytest.raises(CorpusError, match=r"pairs\.tsv, line 3: "):
        read_pairs(path, "bn")


def test_a_file_that_cannot_be_used_is_refused_by_name(tmp_path):
    (tmp_path / "empty.tsv").touch()
    (tmp_path / "latin.tsv").write_bytes(b"caf\xe9\tx\n")
    for name, reason in (
        ("empty.tsv", "no sentence pairs"), ("latin.tsv", "not UTF-8"), ("missing.tsv", "cannot be read"),
        (".", "cannot be read"),
    ):  # fmt: skip
        with pytest.raises(CorpusError, match=reason) as caught:
            read_pairs(tmp_path / name, "bn")
        assert str(tmp_path / name) in str(caught.value)


def test_references_are_gathered_by_sentence_in_order():
    pairs = [Pair("a", "1", "bn"), Pair("b", "2", "bn"), Pair("a", "3", "bn")]
    assert by_english(pairs) == {"a": ["1", "3"], "b": ["2"]}
    assert list(by_english(reversed(pairs))) == ["a", "b"]


def test_a_sentence_is_known_again_whatever_its_case_and_punctuation():
    same = ["Don't go, Tom!", "don\u2019t go tom", " DON'T  GO -- Tom...", "«Don't go, Tom?»"]
    assert len({fingerprint(sentence) for sentence in same}) == 1
    assert {sentence_key(sentence) for sentence in same} == {"don t go tom"}
    assert fingerprint("Don't go, Tim!") != fingerprint(same[0])
    assert fingerprint("caf\u00e9") == fingerprint("Cafe\u0301")


def test_fingerprints_fit_in_64_bits_and_do_not_change():
    assert fingerprint("the cat sat") == fingerprint("The cat sat.") == FINGERPRINT_OF_THE_CAT_SAT
    values = [fingerprint(f"sentence {number}") for number in range(2000)]
    assert len(set(values)) == 2000
    assert all(-(2**63) <= value < 2**63 for value in values)
    assert min(values) < 0 < max(values)


FINGERPRINT_OF_THE_CAT_SAT = -1822744279278944041  # b2sum -l 64, as a little-endian integer


@pytest.fixture(scope="module")
def entangled():
    """Pairs in two languages that share English sentences, differ in punctuation only, or share targets."""
    pairs = []
    for number in range(600):
        pairs.append(Pair(f"Sentence {number}.", f"বাক্য {number % 450}", "bn"))
        pairs.append(Pair(f"sentence {number}!", f"বাক্য {number}, আবার", "bn"))
        pairs.append(Pair(f"Sentence {number}.", f"वाक्य {number // 2}", "mr"))
    return pairs


@pytest.mark.parametrize("share", [0.02, 0.2])
def test_held_out_pairs_share_no_english_and_no_target_with_those_trained_on(entangled, share):
    training, validation = hold_out(entangled, share)
    assert training
    assert validation
    assert {pair.english for pair in training}.isdisjoint(pair.english for pair in validation)
    assert {sentence_key(p.english) for p in training}.isdisjoint(sentence_key(p.english) for p in validation)
    assert {pair.target for pair in training}.isdisjoint(pair.target for pair in validation)
    held = len({sentence_key(pair.english) for pair in validation}) / 600
    assert share / 2 < held < share * 2
    assert set(training) | set(validation) <= set(entangled)


def test_the_same_sentences_are_held_out_whatever_their_order_and_company(entangled):
    _, validation = hold_out(entangled, 0.2)
    _, reversed_validation = hold_out(entangled[::-1], 0.2)
    assert reversed_validation == validation[::-1]
    bangla = [pair for pair in entangled if pair.language == "bn"]
    assert hold_out(bangla, 0.2)[1] == [pair for pair in validation if pair.language == "bn"]


PADDING, START, END = 0, 2, 3


@pytest.fixture(scope="module")
def rows():
    generator = np.random.default_rng(8)
    sources = [[4, *generator.integers(10, 99, generator.integers(1, 7)), 3] for _ in range(101)]
    targets = [list(generator.integers(10, 99, generator.integers(1, 9))) for _ in range(101)]
    return sources, targets


def cut(rows, seed=1, batch_size=8):
    return list(batches(
        *rows, batch_size=batch_size, padding_id=PADDING, start_id=START, end_id=END,
        generator=np.random.default_rng(seed),
    ))  # fmt: skip


def test_no_source_in_a_batch_is_padded(rows):
    for batch in cut(rows):
        assert (batch.source_lengths == batch.source.shape[1]).all()
        assert (batch.source != PADDING).all()


def test_every_pair_is_in_exactly_one_batch_with_its_own_target(rows):
    met = []
    for batch in cut(rows):
        assert 1 <= len(batch.source) <= 8
        for source, read, written in zip(batch.source, batch.target_read, batch.target_written, strict=True):
            length = int((written != PADDING).sum())
            assert written[length - 1] == END
            assert list(read[:length]) == [START, *written[: length - 1]]
            assert (read[length:] == PADDING).all()
            assert (written[length:] == PADDING).all()
            met.append((tuple(source), tuple(written[: length - 1])))
    assert sorted(met) == sorted((tuple(source), tuple(target)) for source, target in zip(*rows, strict=True))


def test_batches_follow_from_the_generator_alone(rows):
    first, again, other = cut(rows, seed=1), cut(rows, seed=1), cut(rows, seed=2)
    assert all(np.array_equal(a.source, b.source) for a, b in zip(first, again, strict=True))
    assert [a.source.tolist() for a in first] != [b.source.tolist() for b in other]
    lengths = [batch.source.shape[1] for batch in first]
    assert lengths != sorted(lengths), "batches come in random order, not by length"
