"""Evidence: each number is that of another way to compute it, and those shipped are those the shipped weights give."""

import json
import math
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import sacrebleu
from safetensors.numpy import save_file

from models import load_translator
from models.evaluation import evidence, verdicts
from models.evaluation.reading import network_cards
from models.language import names
from models.language.corpus import CorpusError, by_english, fingerprint, read_pairs, sentence_key
from models.language.names import Name
from models.language.neighbours import build_drawn, build_index, index_of
from models.translation.checkpoints import (
    ASSETS,
    SEEN,
    hashed_files,
    load_card,
    load_index,
    network_names,
    save_card,
    sha256,
)
from models.translation.translator import DecoderStep, Translator

TOO_LONG = "cat " * 60


def spaced(texts) -> list[str]:
    return [text.replace("।", " ।") for text in texts]


def scores_by_sacrebleu(hypotheses, references) -> tuple[float, float]:
    most = max(map(len, references))
    columns = [[spaced(group)[n] if n < len(group) else None for group in references] for n in range(most)]
    written = spaced(hypotheses)
    return (
        sacrebleu.corpus_bleu(written, columns).score,
        sacrebleu.corpus_chrf(written, columns, word_order=2).score,
    )


@pytest.fixture(scope="module")
def references(tiny_translator, english_sentences, bangla_sentences) -> evidence.References:
    """A dozen sentences; every third has a second reference, a part of what the tiny translator says."""
    found = {english: [bangla] for english, bangla in zip(english_sentences, bangla_sentences, strict=True)}
    for english in english_sentences[::3]:
        found[english].append(tiny_translator.translate(english).text[:-2])
    return found


@pytest.fixture(scope="module")
def translations(tiny_translator, english_sentences) -> evidence.Translations:
    return evidence.translate_all(tiny_translator, english_sentences)


def sign_again(assets: Path, name: str = "translator", **more) -> None:
    card = {**load_card(assets, name), **more}
    save_card(assets, {**card, "sha256": {file: sha256(assets / file) for file in hashed_files(card, name)}}, name)


@pytest.fixture
def assets(tiny_assets, tiny_vocabularies, english_sentences) -> Path:
    """Two networks of the same weights, one with a state kept before its end, and what was trained on."""
    weights = tiny_assets / "weights"
    save_file(build_index(dict.fromkeys(english_sentences[:6], ("bn",)), tiny_vocabularies[0]), tiny_assets / SEEN)
    sign_again(tiny_assets)
    for copy in ("other.safetensors", "other.step-00003.safetensors"):
        (weights / copy).write_bytes((weights / "translator.safetensors").read_bytes())
    (weights / "other.json").write_bytes((weights / "translator.json").read_bytes())
    sign_again(tiny_assets, "other", states=[3, 5])
    return tiny_assets


@pytest.fixture
def files(tmp_path, references) -> dict[str, Path]:
    lines = [f"{english}\t{reference}\t1|2" for english, group in references.items() for reference in group]
    for code in ("bn", "mr"):
        (tmp_path / f"{code}.tsv").write_text("\n".join([*lines, f"{TOO_LONG}\tবিড়াল\t3|4"]) + "\n", "utf-8")
    return {code: tmp_path / f"{code}.tsv" for code in ("bn", "mr")}


# --- translating and scoring


@pytest.mark.parametrize("beam", [1, 3])
def test_translations_are_those_of_the_translator(tiny_translator, english_sentences, beam):
    found = evidence.translate_all(tiny_translator, [*english_sentences, TOO_LONG], beam)
    assert list(found) == [*english_sentences, TOO_LONG]
    assert found.pop(TOO_LONG) is None
    for english, text in found.items():
        if beam == 1:
            assert text == tiny_translator.translate(english).text
        else:
            search = tiny_translator.search(english, beam)
            assert text == search.trace(search.search.hypotheses[0]).text


def test_scores_are_those_of_sacrebleu_and_the_interval_that_of_drawing_sentences_again(references, translations):
    found = evidence.scored(translations, references)
    texts, groups = list(translations.values()), list(references.values())
    bleu, chrf = scores_by_sacrebleu(texts, groups)
    assert (found["bleu"], found["chrf"]) == (round(bleu, 2), round(chrf, 2))
    assert (found["sentences"], found["references"], found["refused"]) == (12, 16, 0)
    sampled = []
    for row in np.random.default_rng(12345).multinomial(12, [1 / 12] * 12, size=1000):
        drawn = np.repeat(np.arange(12), row)
        sampled.append(scores_by_sacrebleu([texts[n] for n in drawn], [groups[n] for n in drawn]))
    for name, values in zip(("bleu", "chrf"), np.array(sampled).T, strict=True):
        assert found[f"{name}_interval"] == [round(float(end), 2) for end in np.quantile(values, [0.025, 0.975])]


def test_a_refused_sentence_is_counted_and_scored_as_empty(references, translations):
    refused = {**references, TOO_LONG: ["বিড়াল"]}
    found = evidence.scored({**translations, TOO_LONG: None}, refused)
    bleu, chrf = scores_by_sacrebleu([*translations.values(), ""], list(refused.values()))
    assert (found["sentences"], found["refused"]) == (13, 1)
    assert (found["bleu"], found["chrf"]) == (round(bleu, 2), round(chrf, 2))


def test_no_sentences_have_no_scores(translations):
    assert evidence.scored(translations, {}) == {"sentences": 0, "references": 0, "refused": 0}


def test_a_comparison_is_of_the_system_minus_the_baseline(references, translations):
    best = {english: group[0] for english, group in references.items()}
    found = evidence.compared(best, translations, references)
    theirs = scores_by_sacrebleu(list(translations.values()), list(references.values()))
    for name, score, (low, high) in zip(("bleu", "chrf"), theirs, [(50, 100), (50, 100)], strict=True):
        assert found[name]["difference"] == round(100 - score, 2)
        assert low < found[name]["interval"][0] <= found[name]["difference"] <= found[name]["interval"][1] <= high
        assert found[name]["p"] == round(1 / 1001, 4)


def test_the_scores_of_a_card_are_rounded_and_without_times(tiny_translator, references, translations):
    pairs = [evidence.Pair(english, reference, "bn") for english, group in references.items() for reference in group]
    found = evidence.card_scores(tiny_translator, pairs)
    bleu, chrf = scores_by_sacrebleu(list(translations.values()), list(references.values()))
    assert found.keys() == {
        "bleu", "chrf", "bleu_signature", "chrf_signature", "sentences", "references", "refused"
    }  # fmt: skip
    assert (found["bleu"], found["chrf"], found["sentences"]) == (round(bleu, 2), round(chrf, 2), 12)


@pytest.mark.parametrize(
    ("value", "expected"),
    [(1.005, "1.0"), (-0.001, "0.0"), (12.345678, "12.35"), (7, "7"), ("a", '"a"'), (None, "null")],
)
def test_numbers_are_rounded_to_two_decimals(value, expected):
    assert json.dumps(evidence.rounded(value)) == expected


# --- subsets


def test_near_sentences_are_those_at_most_one_word_from_training(references, translations, tiny_vocabularies):
    trained = ["The cat sat!", "the dog sat", "I like dogs."]
    near, far = evidence.by_nearness(
        translations, references, index_of(build_index(dict.fromkeys(trained, ("bn",)), tiny_vocabularies[0]))
    )
    expected = ["the cat sat", "the dog ran", "I like rice."]
    assert (near["distance"], far["distance"]) == ("0-1", "2+")
    assert (near["sentences"], far["sentences"]) == (3, 9)
    groups = [references[english] for english in expected]
    assert near["chrf"] == round(scores_by_sacrebleu([translations[e] for e in expected], groups)[1], 2)
    rest = [english for english in references if english not in expected]
    groups = [references[english] for english in rest]
    assert far["chrf"] == round(scores_by_sacrebleu([translations[e] for e in rest], groups)[1], 2)


def test_every_sentence_is_in_the_bin_of_its_length(references, translations):
    lengths = dict(zip(references, [1, 2, 5, 6, 7, 8, 9, 12, 13, 14, 40, 5], strict=True))
    bins = evidence.by_length(translations, references, lengths.__getitem__)
    assert [(b["from"], b["to"], b["sentences"]) for b in bins] == [(1, 5, 4), (6, 8, 3), (9, 12, 2), (13, None, 3)]
    longest = [english for english, length in lengths.items() if length > 12]
    groups = [references[english] for english in longest]
    assert bins[-1]["bleu"] == round(scores_by_sacrebleu([translations[e] for e in longest], groups)[0], 2)


def test_the_lowest_fingerprints_are_the_same_in_any_order(english_sentences):
    chosen = evidence.lowest_fingerprints(english_sentences, 5)
    assert chosen == evidence.lowest_fingerprints(reversed(english_sentences), 5)
    highest = max(map(fingerprint, chosen))
    assert all(fingerprint(english) > highest for english in english_sentences if english not in chosen)
    assert len(chosen) == 5


def test_a_sample_has_all_lines_of_its_sentences_as_they_were(tmp_path, english_sentences):
    path = tmp_path / "pairs.tsv"
    first, *others = evidence.lowest_fingerprints(english_sentences, 12)
    lines = [f"{english}\t{n}  x\t{n}|5\tmore" for n in range(2) for english in (first, *sorted(others))]
    path.write_text("\ufeff" + "\r\n".join(lines) + "\r\n", "utf-8", newline="")
    found = evidence.sample_lines(path, "bn", 4)
    chosen = set(evidence.lowest_fingerprints(english_sentences, 4))
    assert found == [line for line in lines if line.split("\t")[0] in chosen]
    assert len(found) == 8


# --- names


@pytest.fixture
def people() -> list[Name]:
    return [
        Name("Ravi", "রবি", "रवी", "m", "training"), Name("Rabi", "রবি", "राबी", "m", "held-out"),
        Name("Mina", "মিনা", "मीना", "f", "held-out"), Name("Asha", "আশা", "आशा", "f", "training"),
    ]  # fmt: skip


def test_names_are_asked_for_in_every_test_sentence(people):
    held_out = evidence.held_out_names(people, "bn")
    assert held_out == [(template, people[2]) for template in names.TEST_SENTENCES]
    assert {name.english for _, name in evidence.held_out_names(people, "mr")} == {"Rabi", "Mina"}
    asked = [(t.format(name.english), name) for t, name in evidence.held_out_names(people, "mr")]
    assert asked == names.held_out_sentences(people, "mr")
    trained = evidence.training_names(people, 1)
    assert {name.english for _, name in trained} == set(evidence.lowest_fingerprints(["Ravi", "Asha"], 1))
    assert [template for template, _ in trained] == list(names.TEST_SENTENCES)


def test_names_count_where_they_are_spelled_right(monkeypatch, tiny_translator, people):
    first, second, third, *_ = names.TEST_SENTENCES
    answers = {
        first.format("Mina"): "মিনা আমার বন্ধু।", first.format("Asha"): "আশাও আমার বন্ধু।",
        second.format("Mina"): "মিনার বাড়ি কোথায়?", second.format("Asha"): "আষারের বাড়ি কোথায়?",
        third.format("Mina"): None, third.format("Asha"): "রবি",
    }  # fmt: skip
    monkeypatch.setattr(evidence, "translated", lambda translator, english: answers[english])
    asked = [(template, name) for template in (first, second, third) for name in (people[2], people[3])]
    accepted = {"Asha": {"bn": ("আষা", "আসার"), "mr": ("रवी",)}, "Mina": {"bn": ("মিনি",), "mr": ()}}
    found = evidence.by_template(tiny_translator, asked, accepted, "names")
    assert (found["right"], found["sentences"], found["share"], found["names"]) == (4, 6, 0.6667, 2)
    assert found["as_listed"] == 3
    assert found["templates"][:4] == [
        {"english": first, "right": 2, "sentences": 2, "share": 1.0},
        {"english": second, "right": 2, "sentences": 2, "share": 1.0},
        {"english": third, "right": 0, "sentences": 2, "share": 0.0},
        {"english": names.TEST_SENTENCES[3], "right": 0, "sentences": 0, "share": None},
    ]


# --- verdicts


def test_a_verdict_counts_only_for_what_was_judged(tiny_vocabularies):
    everyday = [{"category": category, "english": english} for category, english in
                [("food", "A"), ("food", "B c"), ("school", "D"), ("food", "E"), ("school", "F")]]  # fmt: skip
    now = {"A": "ka", "B c": "kha", "D": "ga", "E": None, "F": "u\u0302"}
    given = [
        {"english": english, "translation": text, "verdict": verdict, "remark": remark}
        for english, text, verdict, remark in [
            ("A", "ka", "right", ""), ("B c", "another", "right", ""), ("E", "x", "wrong", ""),
            ("F", "\u00fb", "wrong", "why"), ("gone", "x", "right", ""),
        ]
    ]  # fmt: skip
    found = verdicts.judged(everyday, given, now, index_of(build_index({"b": ["bn"]}, tiny_vocabularies[0])))
    counts = {"sentences": 5, "not_judged": 3, "right": 1, "understandable": 0, "wrong": 1}
    assert {name: found[name] for name in counts} == counts
    assert found["categories"] == [
        {"category": "food", "sentences": 3, "not_judged": 2, "right": 1, "understandable": 0, "wrong": 0},
        {"category": "school", "sentences": 2, "not_judged": 1, "right": 0, "understandable": 0, "wrong": 1},
    ]
    assert [row["verdict"] for row in found["rows"]] == ["right", None, None, None, "wrong"]
    assert [row["judged_another_translation"] for row in found["rows"]] == [False, True, False, True, False]
    assert [row["distance"] for row in found["rows"]] == [1, 1, 1, 1, 1]
    assert [row["remark"] for row in found["rows"]] == ["", None, None, None, "why"]
    assert [row["translation"] for row in found["rows"]] == list(now.values())


def test_how_many_more_are_right_is_what_counting_pairs_and_the_binomial_give():
    pairs = [(True, False)] * 9 + [(False, True)] * 2 + [(True, True)] * 5 + [(False, False)] * 4
    found = verdicts.compare_right(pairs)
    assert (found["better"], found["worse"]) == (9, 2)
    assert found["difference"]["difference"] == pytest.approx(100 * 7 / 20)
    tail = sum(math.comb(11, wins) for wins in (0, 1, 2)) / 2**11
    assert found["difference"]["p"] == pytest.approx(2 * tail, abs=5e-5)
    low, high = found["difference"]["interval"]
    error = 100 * np.std([1] * 9 + [-1] * 2 + [0] * 9) / np.sqrt(20)
    assert [low, high] == pytest.approx([35 - 1.96 * error, 35 + 1.96 * error], abs=5)
    same = verdicts.compare_right([(True, True)] * 3)["difference"]
    assert same == {"difference": 0.0, "interval": [0.0, 0.0], "p": 1.0}


def test_the_network_before_is_compared_where_it_was_judged(tmp_path, tiny_vocabularies):
    folder = tmp_path / "evaluation"
    folder.mkdir()
    header = "english\ttranslation\tverdict\tremark\n"
    (folder / "list-verdicts.bn.tsv").write_text(header + "A\tka\tright\t\nB\tkha\twrong\t\nC\tga\tright\t\n", "utf-8")
    listed = [{"category": "all", "english": english} for english in "ABC"]
    index = index_of(build_index({"b": ["bn"]}, tiny_vocabularies[0]))
    arguments = ("list.tsv", listed, {"A": "ka", "B": "kha", "C": "other"}, "bn", index, tmp_path)
    assert "former" not in verdicts.gather_verdicts(*arguments)
    before = folder / "list-verdicts.without-grammar.bn.tsv"
    before.write_text(header + "A\tx\twrong\t\nB\ty\tunderstandable\t\nC\tz\twrong\t\n", "utf-8")
    former = verdicts.gather_verdicts(*arguments)["former"]
    assert (former["sentences"], former["wrong"], former["understandable"], former["right"]) == (3, 2, 1, 0)
    assert (former["better"], former["worse"]) == (1, 0)  # C is not judged as it is now
    assert former["difference"]["difference"] == 50.0


def test_what_the_network_before_wrote_is_scored_where_all_of_it_is_kept(assets, references):
    folder = assets / "evaluation"
    folder.mkdir()
    first = next(iter(references))
    assert evidence.read_outputs(assets, "bn") == {}
    rows = [f"{fingerprint(english)}\t{translated[0]}" for english, translated in references.items()]
    for kept, is_whole in ((rows, True), (rows[1:], False)):
        text = "\n".join(["fingerprint\ttranslation", *kept]) + "\n"
        (folder / "without-grammar.bn.tsv").write_text(text, "utf-8")
        systems = evidence.gather_translations("bn", {first: references[first]}, assets)
        assert (("without-grammar", 1) in systems) == is_whole
        if is_whole:
            assert systems["without-grammar", 1] == {first: references[first][0]}
    (folder / "without-grammar.bn.tsv").write_text("fingerprint\ttranslation\nx\ta\n", "utf-8")
    with pytest.raises(CorpusError, match=r"without-grammar\.bn\.tsv"):
        evidence.read_outputs(assets, "bn")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "cannot be read"),
        (b"\xff\xfe", "not UTF-8"),
        (b"", "line 1"),
        (b"english\ttranslation\tverdict\n", "line 1"),
        (b"english\ttranslation\tremark\tverdict\n", "line 1"),
        (b"english\ttranslation\tverdict\tremark\nA\tka\tright\n", "line 2"),
        (b"english\ttranslation\tverdict\tremark\nA\tka\tgood\t\n", "line 2: expected right, understandable, wrong"),
        (b"english\ttranslation\tverdict\tremark\nA\tka\tright\t\nA\tka\twrong\t\n", "A is judged twice"),
    ],
)
def test_verdicts_that_cannot_be_used_are_refused(tmp_path, content, reason):
    path = tmp_path / "verdicts.tsv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CorpusError, match=reason):
        verdicts.read_verdicts(path)


def test_verdicts_are_read_by_their_header(tmp_path):
    path = tmp_path / "verdicts.tsv"
    path.write_text("english\ttranslation\tverdict\tremark\nA  b\tka\tright\t\nC\tkha\twrong\twhy\n", "utf-8")
    assert verdicts.read_verdicts(path) == [
        {"english": "A b", "translation": "ka", "verdict": "right", "remark": ""},
        {"english": "C", "translation": "kha", "verdict": "wrong", "remark": "why"},
    ]


# --- examples of errors


def test_errors_are_those_that_the_rule_names():
    """A hundred sentences of five lengths: in each length the one with two worse among twenty, whatever is refused."""
    lengths = {f"{'ab ' * (number % 5)}s{number}": number % 5 for number in range(100)}
    references = {english: ["abcdefghijklmnopqrstuvwxyz"] for english in lengths}
    worth = np.random.default_rng(1).permutation(25)  # letters right; some alike
    translations = {e: references[e][0][: worth[n // 4] + 1] for n, e in enumerate(lengths)}
    found = evidence.errors(translations, references, lengths.__getitem__)
    assert len(found) == 5
    for length, error in enumerate(found):
        group = [english for english in lengths if lengths[english] == length]
        rated = {
            english: sacrebleu.sentence_chrf(translations[english], references[english], word_order=2).score
            for english in group
        }
        expected = sorted(group, key=lambda english: (rated[english], fingerprint(english)))[2]
        assert error == {
            "english": expected, "translation": translations[expected], "references": references[expected],
            "chrf": round(rated[expected], 2),
        }  # fmt: skip
    unsuitable = {f"{found[0]['english']} dead": "x", TOO_LONG: None}
    more = {**references, **{english: ["abc"] for english in unsuitable}}
    assert evidence.errors({**translations, **unsuitable}, more, lambda english: lengths.get(english, 0)) == found


# --- all together


@pytest.fixture
def few_names(monkeypatch, people) -> list[Name]:
    monkeypatch.setattr(names, "read_names", lambda: people)
    monkeypatch.setattr(names, "read_accepted", dict)
    return people


@pytest.mark.usefixtures("few_names")
def test_the_same_files_and_weights_give_the_same_bytes(assets, files):
    folder = assets / "evaluation"
    kept = {}
    for _ in range(2):
        assert evidence.write_evidence(files, assets) == folder / "evidence.json"
        kept.setdefault("files", []).append({path.name: path.read_bytes() for path in sorted(folder.iterdir())})
        kept.setdefault("cards", []).append((assets / "weights" / "translator.json").read_bytes())
    first, second = kept["files"]
    assert first == second
    assert kept["cards"][0] == kept["cards"][1]
    assert set(first) == {"evidence.json", "sample.bn.tsv", "sample.mr.tsv"}
    text = first["evidence.json"].decode("utf-8")
    assert text == json.dumps(json.loads(text), ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    assert str(assets) not in text


def test_everything_is_gathered_for_every_network_and_language(assets, files, references, few_names, monkeypatch):
    monkeypatch.setattr(evidence, "STATE_SENTENCES", 7)
    folder = assets / "evaluation"
    folder.mkdir()
    (folder / "everyday.tsv").write_text("category\tenglish\npets\tthe cat sat\npets\tThe dog sat.\n", "utf-8")
    said = load_translator("bn", assets).translate("the cat sat").text
    header = "english\ttranslation\tverdict\tremark\n"
    (folder / "everyday-verdicts.bn.tsv").write_text(f"{header}the cat sat\t{said}\twrong\t\n", "utf-8")
    whole = json.loads(evidence.write_evidence(files, assets).read_text("utf-8"))
    for name in ("translator", "other"):
        file = f"weights/{name}.safetensors"
        assert whole["networks"][name]["weights_sha256"] == load_card(assets, name)["sha256"][file]
    pairs = read_pairs(files["bn"], "bn")
    for code in ("bn", "mr"):
        found = whole["languages"][code]
        systems = [(system["network"], system["beam"]) for system in found["systems"]]
        assert systems == [("translator", 1), ("translator", 4), ("other", 1)]
        main, beam, other = found["systems"]
        texts = [load_translator(code, assets).translate(english).text for english in references] + [""]
        bleu, chrf = scores_by_sacrebleu(texts, list(by_english(pairs).values()))
        assert (main["bleu"], main["chrf"], main["refused"]) == (round(bleu, 2), round(chrf, 2), 1)
        assert main["difference"] is None
        assert other["difference"]["chrf"] == {"difference": 0.0, "interval": [0.0, 0.0], "p": 1.0}
        assert beam["difference"]["chrf"]["difference"] == pytest.approx(beam["chrf"] - main["chrf"], abs=0.011)
        assert {name: [state["step"] for state in states] for name, states in found["states"].items()} == {
            "untrained": [0], "other": [3, 5]
        }  # fmt: skip
        assert {state["sentences"] for states in found["states"].values() for state in states} == {7}
        assert [part["sentences"] for part in found["nearness"]] == [6, 7]
        assert sum(part["sentences"] for part in found["lengths"]) == 13
        assert found["names"]["held_out"]["sentences"] == len(names.held_out_sentences(few_names, code)) > 0
        assert found["names"]["training"]["names"] == 2
        assert len(found["errors"]) == 5
        assert found["everyday"]["wrong"] == (code == "bn")
        assert [row["distance"] for row in found["everyday"]["rows"]] == [0, 1]
        assert found["sample"].keys() == {"translator", "other"}
        assert found["sample"]["other"]["chrf"] == main["chrf"]
        assert found["signatures"]["bleu"].startswith("nrefs:var|case:mixed|eff:no|tok:13a")


# --- what ships


@pytest.fixture(scope="module")
def shipped_evidence() -> dict:
    return json.loads((ASSETS / "evaluation" / "evidence.json").read_text("utf-8"))


def test_the_sample_is_small_names_its_sources_and_was_not_trained_on():
    index = load_index(ASSETS)
    for code in ("bn", "mr"):
        lines = (ASSETS / "evaluation" / f"sample.{code}.tsv").read_text("utf-8").splitlines()
        columns = [line.split("\t") for line in lines]
        assert len({sentence_key(english) for english, *_ in columns}) == evidence.SAMPLE_SIZE
        assert all(len(row) == 3 and row[2] for row in columns)
        assert not any(index.contains(english) for english, *_ in columns)
    notice = (ASSETS / "evaluation" / "README.md").read_text("utf-8")
    assert "CC BY 2.0 FR" in notice


@pytest.mark.parametrize("name", network_names())
@pytest.mark.parametrize("code", ["bn", "mr"])
def test_the_sample_has_the_scores_that_cards_and_evidence_state(shipped_evidence, name, code, monkeypatch):
    """On every processor: where sums are added in another order, the same tokens are still the most probable."""
    leads, stream = [], Translator.stream

    def watched(translator: Translator, english: str) -> Iterator[DecoderStep]:
        for step in stream(translator, english):
            second, first = np.partition(step.logits, -2)[-2:]
            leads.append(first - second)
            yield step

    monkeypatch.setattr(Translator, "stream", watched)
    now = evidence.sample_scores({code: load_translator(code, ASSETS, name)}, ASSETS)[code]
    assert load_card(ASSETS, name)["sample"][code] == now
    assert shipped_evidence["languages"][code]["sample"][name] == now
    assert min(leads) > 3e-5  # two logits, each off by up to 7e-6 from double precision, on two processors


def test_the_evidence_is_about_the_weights_that_ship(shipped_evidence):
    assert list(shipped_evidence["networks"]) == sorted(network_names())
    for name, network in shipped_evidence["networks"].items():
        assert network["weights_sha256"] == load_card(ASSETS, name)["sha256"][f"weights/{name}.safetensors"]


@pytest.mark.parametrize("name", network_names())
def test_the_card_and_the_evidence_state_the_same_validation_scores(shipped_evidence, name):
    for code, stated in load_card(ASSETS, name)["validation"].items():
        (system,) = (
            system
            for system in shipped_evidence["languages"][code]["systems"]
            if (system["network"], system["beam"]) == (name, 1)
        )
        for key in ("bleu", "chrf", "sentences", "references", "refused"):
            assert round(stated[key], 2) == system[key]


def test_the_main_card_states_what_the_evidence_has_on_names_everyday_sentences_and_the_beam(shipped_evidence):
    card = load_card(ASSETS)
    for code, found in shipped_evidence["languages"].items():
        given = Counter(row["verdict"] for row in found["everyday"]["rows"])
        for verdict in ("right", "understandable", "wrong"):
            assert card["everyday"][code][verdict] == given[verdict]
        assert card["everyday"][code]["sentences"] == 150
        names = found["names"]["held_out"]
        assert card["held_out_names"][code] == pytest.approx(names["right"] / names["sentences"], abs=1e-4)
        (beam,) = (system for system in found["systems"] if system["beam"] == 4)
        assert card["beam_4"][code] == {"bleu": beam["bleu"], "chrf": beam["chrf"]}


@pytest.mark.parametrize("part", ["configuration", "training"])
def test_the_table_of_networks_says_all_that_a_card_has_otherwise(part):
    main = load_card(ASSETS)[part]
    for network in network_cards(ASSETS)[1:]:
        own = load_card(ASSETS, network.name)[part]
        other = {key for key in own if own[key] != main.get(key)} - {"keep", "steps"}  # what was kept, and what follows
        assert [key for key in sorted(other) if f"{key.replace('_', ' ')} " not in network.what] == []
        said = {"grammar": "no grammar", "begun_with": "begun with random weights"}
        assert [key for key in main.keys() - own.keys() if said[key] not in network.what] == []


def test_the_two_networks_that_are_called_a_clean_pair_differ_in_the_forget_bias_alone():
    one, other = (load_card(ASSETS, name) for name in ("time-machine", "forget-bias-0"))
    settings = [{**card["configuration"], **card["training"], "pairs": card["pairs"]} for card in (one, other)]
    assert {key for key in settings[0] if settings[0][key] != settings[1][key]} == {"forget_bias", "keep"}


def test_coverage_by_the_grammar_is_measured_for_a_network_trained_with_it_alone(assets, monkeypatch):
    folder = assets / "evaluation"
    folder.mkdir(exist_ok=True)
    for name, sentence in (("everyday.tsv", "It is red."), ("outside.tsv", "Neither came nor went.")):
        (folder / name).write_text(f"category\tenglish\nall\t{sentence}\n", "utf-8")
    monkeypatch.setattr(evidence, "patterns_of_the_grammar", lambda: frozenset([("it", "is", "\u00b7")]))
    assert evidence.gather_coverage(assets) is None
    save_file(build_drawn({}), assets / "weights" / "translator.drawn.safetensors")
    sign_again(assets, training={**load_card(assets)["training"], "grammar": 10})
    everyday, outside = ({"right": right, "sentences": 1} for right in (1, 0))
    assert evidence.gather_coverage(assets) == {"everyday": everyday, "outside": outside}
