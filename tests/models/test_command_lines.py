"""The command lines: one result on standard output, or one clear line on standard error and exit code 2."""

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
import sacrebleu
from safetensors.numpy import load_file

from models import evaluate, load_translator, train, translate
from models.evaluation.evidence import as_json
from models.evaluation.evidence import evaluate as run_evaluation
from models.evaluation.metrics import score
from models.language.corpus import Pair, read_pairs, sentence_key
from models.language.grammar.lexicon import lexicon
from models.language.names import NameAugmentation, people_in
from models.learning import material
from models.recurrent.trace import QUANTITIES
from models.translation.checkpoints import configuration_of, load_card, load_index
from models.translation.initialisation import initial_parameters

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def run_in_process(capsys):
    """Call a ``main`` as the shell would: exit code, standard output, standard error."""

    def run(main, *arguments):
        try:
            main([str(argument) for argument in arguments])
            code = 0
        except SystemExit as ended:
            code = ended.code or 0
        return code, *capsys.readouterr()

    return run


def refused(outcome) -> str:
    """The one line with which a command ended."""
    code, output, errors = outcome
    assert code == 2
    assert output == ""
    assert re.fullmatch(r"error: [^\n]+\n", errors), errors
    return errors


def shell(*arguments, **environment):
    return subprocess.run(
        [sys.executable, "-m", *arguments], cwd=ROOT, capture_output=True, timeout=120, check=False,
        env={**os.environ, **environment},
    )  # fmt: skip


@pytest.fixture
def pairs_file(tmp_path, tiny_translator, english_sentences, bangla_sentences):
    """A dozen sentences, one of them with a second reference, which is just what the tiny translator says."""
    path = tmp_path / "pairs.tsv"
    lines = [f"{english}\t{bangla}\tx" for english, bangla in zip(english_sentences, bangla_sentences, strict=True)]
    said = tiny_translator.translate(english_sentences[0]).text
    path.write_text("\n".join([*lines, f"{english_sentences[0]}\t{said}"]) + "\n", encoding="utf-8")
    return path


def test_translate_prints_the_translation_and_nothing_else(run_in_process, tiny_assets, translation):
    outcome = run_in_process(translate.main, "the cat sat", "--to", "bn", "--assets", tiny_assets)
    assert outcome == (0, translation.text + "\n", "")


def test_translate_prints_one_json_object_with_every_gate(run_in_process, tiny_assets, translation):
    code, output, errors = run_in_process(
        translate.main, "the cat sat", "--to", "bn", "--json", "--assets", tiny_assets
    )
    assert (code, errors, output.count("\n")) == (0, "", 1)
    whole = json.loads(output, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    assert whole["text"] == translation.text
    assert whole["language"] == "bn"
    assert whole["is_finished"] is True
    for name in ("source_tokens", "target_tokens"):
        assert tuple(whole[name]) == getattr(translation, name)
    np.testing.assert_array_equal(whole["probabilities"], translation.probabilities)
    np.testing.assert_array_equal(np.array(whole["attention"], np.float32), translation.attention)
    assert [[c.token, c.probability] for c in translation.candidates[0]] == whole["candidates"][0]
    for side in ("encoder", "decoder"):
        for printed, layer in zip(whole[side], getattr(translation, side), strict=True):
            assert tuple(printed["tokens"]) == layer.tokens
            for name in QUANTITIES:
                np.testing.assert_array_equal(np.array(printed[name], np.float32), getattr(layer, name))


def test_translate_with_a_beam_prints_the_best_translation_by_score(run_in_process, tiny_assets, tiny_translator):
    texts = set()
    for sentence in ("the cat sat", "Run!", "I like rice."):
        beam = tiny_translator.search(sentence, 3)
        best = max((node for node in beam.search.finished), key=lambda node: node.score)
        outcome = run_in_process(translate.main, sentence, "--to", "bn", "--beam", "3", "--assets", tiny_assets)
        assert outcome == (0, beam.text(best) + "\n", "")
        texts |= {beam.text(best), tiny_translator.translate(sentence).text}
    assert len(texts) > 3, "for one of them at least it is not the greedy one"


def test_translate_lists_hypotheses_and_dropped_tokens_as_json(run_in_process, tiny_assets, tiny_translator):
    arguments = ("the cat sat", "--to", "bn", "--json", "--assets", tiny_assets)
    whole = json.loads(run_in_process(translate.main, *arguments, "--beam", "3")[1])
    beam = tiny_translator.search("the cat sat", 3)
    assert whole["beam"] == len(whole["hypotheses"]) == 3
    assert whole["text"] == whole["hypotheses"][0]["text"]
    assert tuple(whole["hypotheses"][0]["tokens"]) == tuple(whole["target_tokens"])
    for printed, node in zip(whole["hypotheses"], beam.search.hypotheses, strict=True):
        assert (printed["log_probability"], printed["score"]) == (node.total, node.score)
        assert printed["text"] == beam.text(node)
    assert len(whole["dropped"]) == len(beam.search.dropped) > 3
    for printed, node in zip(whole["dropped"], beam.search.dropped, strict=True):
        assert printed["reason"] == node.fate.reason != ""
        assert (printed["log_probability"], printed["score"], printed["step"]) == (node.total, node.score, node.step)
    (greedy,) = json.loads(run_in_process(translate.main, *arguments)[1])["hypotheses"]
    assert greedy["text"] == tiny_translator.translate("the cat sat").text
    assert greedy["is_greedy"]


@pytest.mark.parametrize("width", ["0", "9", "-1", "1.5", "many", ""], ids=repr)
def test_a_beam_that_is_not_one_to_eight_is_refused(run_in_process, tiny_assets, width):
    line = refused(run_in_process(translate.main, "Go.", "--to", "bn", "--assets", tiny_assets, "--beam", width))
    assert "number from 1 to 8" in line


def test_help_says_how_hypotheses_are_scored(run_in_process):
    said = " ".join(run_in_process(translate.main, "--help")[1].split())
    assert "((5 + length) / 6) ** 0.6" in said
    assert "Wu et al. 2016" in said


def test_evaluate_prints_the_scores_of_sacrebleu_on_all_references(run_in_process, tiny_assets, pairs_file):
    arguments = (pairs_file, "--to", "bn", "--json", "--assets", tiny_assets)
    code, output, _ = run_in_process(evaluate.main, *arguments, "--beam", "1")
    assert code == 0
    whole = json.loads(output)
    assert (whole["network"], whole["beam"]) == ("translator", 1)
    translator, references = load_translator("bn", tiny_assets), {}
    for line in pairs_file.read_text("utf-8").splitlines():
        english, bangla, *_ = line.split("\t")
        references.setdefault(english, []).append(bangla.replace("।", " ।"))
    written = [translator.translate(english).text.replace("।", " ।") for english in references]
    columns = [[group[n] if n < len(group) else None for group in references.values()] for n in (0, 1)]
    assert whole["bleu"] == pytest.approx(sacrebleu.corpus_bleu(written, columns).score)
    assert whole["chrf"] == pytest.approx(sacrebleu.corpus_chrf(written, columns, word_order=2).score)
    assert whole["chrf"] > 0
    assert "tok:13a" in whole["bleu_signature"]
    assert "nw:2" in whole["chrf_signature"]
    assert (whole["sentences"], whole["references"], whole["refused"]) == (12, 13, 0)
    assert whole["seconds"] >= 0

    searched = json.loads(run_in_process(evaluate.main, *arguments)[1])  # with a beam of 4 where none is asked for
    beams = [translator.search(english, 4) for english in references]
    written = [beam.text(beam.search.hypotheses[0]).replace("।", " ।") for beam in beams]
    assert searched["beam"] == 4
    assert searched["chrf"] == pytest.approx(sacrebleu.corpus_chrf(written, columns, word_order=2).score)
    assert searched["chrf"] != whole["chrf"]


def test_evaluate_prints_text_with_both_signatures(run_in_process, tiny_assets, pairs_file):
    code, output, _ = run_in_process(evaluate.main, pairs_file, "--to", "bn", "--assets", tiny_assets)
    assert code == 0
    for expected in ("Bangla, beam 4: 12 sentences, 13 references", "BLEU", "chrF2++", "tok:13a", "nw:2", "seconds"):
        assert expected in output


def test_evaluate_counts_sentences_that_are_too_long_and_scores_them_as_empty(run_in_process, tiny_assets, tmp_path):
    path = tmp_path / "long.tsv"
    said = load_translator("bn", tiny_assets).translate("the cat sat").text
    path.write_text("a " * 71 + f"\tবিড়াল\nthe cat sat\t{said}\n", "utf-8")
    options = ("--to", "bn", "--json", "--beam", "1", "--assets", tiny_assets)
    code, output, _ = run_in_process(evaluate.main, path, *options)
    assert code == 0
    whole = json.loads(output)
    assert whole["refused"] == 1
    assert whole["chrf"] == pytest.approx(sacrebleu.corpus_chrf(["", said], [["বিড়াল", said]], word_order=2).score)
    assert "1 too long" in run_in_process(evaluate.main, path, "--to", "bn", "--assets", tiny_assets)[1]


def test_evaluate_with_a_beam_scores_the_best_hypotheses(run_in_process, tiny_assets, pairs_file):
    arguments = (pairs_file, "--to", "bn", "--json", "--assets", tiny_assets)
    whole = json.loads(run_in_process(evaluate.main, *arguments, "--beam", "3")[1])
    translator, references = load_translator("bn", tiny_assets), {}
    for line in pairs_file.read_text("utf-8").splitlines():
        english, bangla, *_ = line.split("\t")
        references.setdefault(english, []).append(bangla)
    found = [translator.search(english, 3) for english in references]
    expected = score([beam.text(beam.search.hypotheses[0]) for beam in found], list(references.values()))
    assert (whole["bleu"], whole["chrf"]) == (expected.bleu, expected.chrf)
    assert whole["chrf"] != json.loads(run_in_process(evaluate.main, *arguments)[1])["chrf"]


def test_evaluate_scores_another_network_by_its_name(run_in_process, tiny_assets, pairs_file):
    arguments = (pairs_file, "--to", "bn", "--json", "--beam", "1", "--assets", tiny_assets)
    whole = json.loads(run_in_process(evaluate.main, *arguments, "--network", "untrained")[1])
    untrained = load_translator("bn", tiny_assets, "untrained")
    result = as_json(run_evaluation(untrained, read_pairs(pairs_file, "bn")))
    assert {**whole, "seconds": 0} == {"network": "untrained", "beam": 1, **result, "seconds": 0}
    assert whole["chrf"] != json.loads(run_in_process(evaluate.main, *arguments)[1])["chrf"]
    line = refused(run_in_process(evaluate.main, *arguments, "--network", "nobody"))
    assert "nobody.json is missing" in line


def test_evaluate_all_writes_the_evidence_and_says_where(run_in_process, tiny_assets, pairs_file, monkeypatch):
    asked = {}

    def write_evidence(files, assets):
        asked.update(files=files, assets=assets)
        return assets / "evaluation" / "evidence.json"

    monkeypatch.setattr(evaluate, "write_evidence", write_evidence)
    outcome = run_in_process(
        evaluate.main, "--all", "--bangla", pairs_file, "--marathi", "m.tsv", "--assets", tiny_assets
    )
    assert outcome == (0, f"{tiny_assets / 'evaluation' / 'evidence.json'}\n", "")
    assert asked == {"files": {"bn": pairs_file, "mr": Path("m.tsv")}, "assets": tiny_assets}


def test_evaluate_all_names_a_file_that_is_missing(run_in_process, tiny_assets, pairs_file, tmp_path):
    line = refused(run_in_process(
        evaluate.main, "--all", "--bangla", pairs_file, "--marathi", tmp_path / "none.tsv", "--assets", tiny_assets
    ))  # fmt: skip
    assert "none.tsv: cannot be read" in line
    assert not (tiny_assets / "evaluation").exists()


@pytest.mark.parametrize("language", ["hi", "", "BN", "bn\nmr"], ids=repr)
def test_an_unknown_language_is_refused_with_those_that_are_known(run_in_process, tiny_assets, pairs_file, language):
    for main, subject in ((translate.main, "Go."), (evaluate.main, pairs_file)):
        line = refused(run_in_process(main, subject, "--to", language, "--assets", tiny_assets))
        assert "bn (Bangla), mr (Marathi)" in line


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "cannot be read"),
        ("folder", "cannot be read"),
        (b"", "no sentence pairs"),
        (b"caf\xe9\tx\n", "not UTF-8"),
        (b"Go.\tx\nno tab\nRun!\ty\n", "line 2: expected English, a tab and its translation"),
        (b"Go.\tx\n\nRun!\ty\n", "line 2"),
        (b"\tx\n", "line 1"),
    ],
)
def test_a_file_of_pairs_that_cannot_be_used_is_refused_with_the_reason(
    run_in_process, tiny_assets, pairs_file, tmp_path, content, reason
):
    path = tmp_path / "broken file.tsv"
    if content == "folder":
        path.mkdir()
    elif content is not None:
        path.write_bytes(content)
    line = refused(run_in_process(evaluate.main, path, "--to", "bn", "--assets", tiny_assets))
    assert "broken file.tsv" in line
    assert reason in line
    state = tmp_path / "state"
    for broken in (["--bangla", path, "--marathi", pairs_file], ["--bangla", pairs_file, "--marathi", path],
                   ["--bangla", pairs_file, "--marathi", pairs_file, "--marathi-validation", path]):  # fmt: skip
        line = refused(run_in_process(train.main, *broken, "--state", state, "--assets", tmp_path / "new"))
        assert "broken file.tsv" in line
        assert reason in line
    assert not state.exists()


@pytest.mark.parametrize(
    ("main", "arguments"),
    [
        (translate.main, []),
        (translate.main, ["Go."]),
        (translate.main, ["--to", "bn"]),
        (translate.main, ["Go.", "now", "--to", "bn"]),
        (translate.main, ["Go.", "--to"]),
        (translate.main, ["Go.", "--to", "bn", "--backwards\n"]),
        (evaluate.main, []),
        (evaluate.main, ["--to", "bn"]),
        (evaluate.main, ["pairs.tsv"]),
        (evaluate.main, ["pairs.tsv", "--to", "bn", "--beam", "0"]),
        (evaluate.main, ["pairs.tsv", "--to", "bn", "--beam", "9"]),
        (evaluate.main, ["pairs.tsv", "--to", "bn", "--bangla", "pairs.tsv"]),
        (evaluate.main, ["--all"]),
        (evaluate.main, ["--all", "--bangla", "pairs.tsv"]),
        (evaluate.main, ["--all", "--marathi", "pairs.tsv"]),
        (evaluate.main, ["pairs.tsv", "--all", "--bangla", "pairs.tsv", "--marathi", "pairs.tsv"]),
        (evaluate.main, ["--all", "--bangla", "pairs.tsv", "--marathi", "pairs.tsv", "--to", "bn"]),
        (evaluate.main, ["pairs.tsv", "--to", "bn", "--jsn"]),
        (train.main, []),
        (train.main, ["--bangla", "a"]),
        (train.main, ["--bangla", "a", "--marathi", "b", "--epochs", "0"]),
        (train.main, ["--bangla", "a", "--marathi", "b", "--epochs", "many"]),
        (train.main, ["--bangla", "a", "--marathi", "b", "--seed", "-1"]),
        (train.main, ["--bangla", "a", "--marathi", "b", "--threads", "0"]),
        (train.main, ["--bangla", "--marathi", "b"]),
    ],
)
def test_a_wrong_usage_is_one_line_too(run_in_process, main, arguments):
    assert "--help" in refused(run_in_process(main, *arguments))


@pytest.mark.parametrize(
    ("main", "expected"),
    [(translate.main, "SENTENCE"), (evaluate.main, "FILE.tsv"), (train.main, "--marathi")],
    ids=["translate", "evaluate", "train"],
)
def test_help_explains_and_exits_with_zero(run_in_process, main, expected):
    code, output, errors = run_in_process(main, "--help")
    assert (code, errors) == (0, "")
    assert expected in output
    assert output.startswith("usage: python -m models.")


def test_missing_weights_are_one_line(run_in_process, pairs_file, tmp_path):
    for main, subject in ((translate.main, "Go."), (evaluate.main, pairs_file)):
        line = refused(run_in_process(main, subject, "--to", "bn", "--assets", tmp_path / "nowhere"))
        assert "translator.json is missing" in line


@pytest.mark.parametrize("environment", [{"PYTHONIOENCODING": "ascii"}, {"LC_ALL": "C", "PYTHONUTF8": "0",
                         "PYTHONCOERCECLOCALE": "0"}], ids=["ascii", "C"])  # fmt: skip
def test_bangla_is_printed_as_utf_8_whatever_the_locale(tiny_assets, translation, environment):
    for options, read in (((), str.strip), (("--json",), lambda output: json.loads(output)["text"])):
        ended = shell("models.translate", "the cat sat", "--to", "bn", "--assets", tiny_assets, *options, **environment)
        assert (ended.returncode, ended.stderr) == (0, b"")
        assert read(ended.stdout.decode("utf-8")) == translation.text


def test_errors_reach_the_shell_as_one_line_and_exit_code_two(tiny_assets):
    ended = shell("models.translate", "ক" * 201, "--to", "bn", "--assets", tiny_assets, PYTHONIOENCODING="ascii")
    assert (ended.returncode, ended.stdout) == (2, b"")
    assert re.fullmatch(rb"error: That text has 201 characters[^\n]*\n", ended.stderr)


def test_a_reader_that_has_gone_is_no_error(tiny_assets):
    reading, writing = os.pipe()
    os.close(reading)
    ended = subprocess.run(
        [sys.executable, "-m", "models.translate", "Go.", "--to", "bn", "--assets", tiny_assets],
        cwd=ROOT, stdout=writing, stderr=subprocess.PIPE, check=False, env={**os.environ, "PYTHONUNBUFFERED": ""},
    )  # fmt: skip
    os.close(writing)
    assert (ended.returncode, ended.stderr) == (0, b"")


def test_translating_does_not_load_torch(tiny_assets):
    code = (
        "import sys\nfrom models.translate import main\n"
        f"main(['the cat sat', '--to', 'bn', '--json', '--assets', {str(tiny_assets)!r}])\n"
        "import models.evaluate\n"
        "loaded = {name.partition('.')[0] for name in sys.modules}\n"
        "sys.exit(str(loaded & {'torch', 'streamlit', 'plotly', 'viz'}))"
    )
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=False)
    assert json.loads(ended.stdout)
    assert ended.stderr.decode().strip() == "set()"


@dataclass(frozen=True)
class FewIntroductions(NameAugmentation):
    """The augmentation that ships, with fewer names and sentences made up; counts how often it was asked."""

    introductions: int = 20
    asked: ClassVar[list[int]] = []

    def __call__(self, pairs, generator):
        self.asked.append(len(pairs))
        return NameAugmentation(self.names[:40], self.rate, self.introductions)(pairs, generator)


@pytest.fixture
def tiny_corpus(tmp_path, monkeypatch):
    """Forty pairs and eight to validate on, without most of what the project adds of its own."""
    monkeypatch.setattr(material, "EVERYDAY", {"bn": [], "mr": []})
    monkeypatch.setattr(train, "NameAugmentation", FewIntroductions)
    files = {}
    for name, code in (("bangla", "bn"), ("marathi", "mr")):
        things = {"bn": ["বিড়াল", "কুকুর", "ভাত", "বই"], "mr": ["मांजर", "कुत्रा", "भात", "पुस्तक"]}[code]
        verb = {"bn": "দেখি।", "mr": "पाहतो."}[code]
        rows = [
            f"I see {number} {english}s.\t{number} {thing} {verb}"
            for number in range(6)
            for english, thing in zip(["cat", "dog", "rice", "book"], things, strict=True)
        ]
        for part, chosen in ((name, rows[:20]), (f"{name}-validation", rows[20:])):
            files[part] = tmp_path / f"{part}.tsv"
            files[part].write_text("\n".join(chosen) + "\n", "utf-8")
    return files


def test_training_from_the_command_line_leaves_a_translator_that_loads_and_a_card_that_is_true(
    run_in_process, tiny_corpus, tmp_path
):
    assets, state = tmp_path / "new assets", tmp_path / "state"
    arguments = [
        *(word for option, path in tiny_corpus.items() for word in (f"--{option}", path)),
        "--assets", assets, "--state", state, "--epochs", "1", "--threads", "1", "--seed", "5",
    ]  # fmt: skip
    FewIntroductions.asked.clear()
    code, output, _ = run_in_process(train.main, *arguments)
    assert code == 0
    assert "epoch  1 of 1" in output
    assert len(FewIntroductions.asked) == 1

    card = load_card(assets)
    assert card["training"]["epochs"] == len(card["curves"]) == 1
    assert card["training"]["seed"] == 5
    notes = len(material.LECTURE_NOTES.read_text("utf-8").splitlines())
    assert card["pairs"] == {"bn": 20 + notes * material.LECTURE_NOTES_REPEATS, "mr": 20}
    for code, name in (("bn", "bangla"), ("mr", "marathi")):
        translator = load_translator(code, assets)
        assert len(translator.source_vocabulary) == card["configuration"]["source_vocabulary_size"] < 5000
        assert len(translator.target_vocabulary) == card["configuration"]["target_vocabulary_size"] < 6000
        rows = [line.split("\t") for line in tiny_corpus[f"{name}-validation"].read_text("utf-8").splitlines()]
        written = [translator.translate(english).text.replace("।", " ।") for english, _ in rows]
        references = [[reference.replace("।", " ।") for _, reference in rows]]
        scores = card["validation"][code]
        assert scores["bleu"] == pytest.approx(sacrebleu.corpus_bleu(written, references).score, abs=0.0051)
        assert scores["chrf"] == pytest.approx(
            sacrebleu.corpus_chrf(written, references, word_order=2).score, abs=0.0051
        )
        assert scores["sentences"] == len(rows) == 4
        assert {"bleu_signature", "chrf_signature"} <= scores.keys()

    index = load_index(assets)
    for name, path in tiny_corpus.items():
        for line in path.read_text("utf-8").splitlines():
            assert index.contains(line.split("\t")[0]) == (not name.endswith("validation"))

    seen = assets / "weights" / "seen.safetensors"
    before = seen.read_bytes()
    assert run_in_process(train.main, *arguments, "--only-index")[0] == 0
    assert seen.read_bytes() == before
    swapped = [*arguments, "--bangla", tiny_corpus["bangla-validation"], "--only-index"]
    code, _, said = run_in_process(train.main, *swapped)
    assert code != 0
    assert "trained on other data" in said
    assert seen.read_bytes() == before

    weights = load_file(assets / "weights" / "translator.safetensors")
    code, output, _ = run_in_process(train.main, *arguments)
    assert code == 0
    assert "continuing after epoch 1 of 1" in output
    again = load_file(assets / "weights" / "translator.safetensors")
    assert all(np.array_equal(weights[name], again[name]) for name in weights)

    line = refused(run_in_process(train.main, *arguments, "--seed", "6"))
    assert "other data, sizes or settings" in line
    (state / "training_state.safetensors").write_bytes(b"garbage")
    assert "not a training state" in refused(run_in_process(train.main, *arguments))


def validated(files) -> list[Pair]:
    return [
        pair for name, code in (("bangla", "bn"), ("marathi", "mr"))
        for pair in read_pairs(files[f"{name}-validation"], code)
    ]  # fmt: skip


def test_a_training_with_the_grammar_meets_its_sentences_cuts_words_as_the_folder_does_and_spells_numbers(
    run_in_process, tiny_corpus, tmp_path, monkeypatch
):
    few = replace(lexicon(), phrases=lexicon().phrases[:4], first_words=lexicon().first_words[:2])
    monkeypatch.setattr(material, "lexicon", lambda: few)
    arguments = [
        *(word for option, path in tiny_corpus.items() for word in (f"--{option}", path)),
        "--assets", tmp_path, "--state", tmp_path / "state", "--epochs", "1", "--threads", "1", "--seed", "5",
    ]  # fmt: skip
    assert run_in_process(train.main, *arguments, "--name", "before")[0] == 0
    before = load_translator("bn", tmp_path, "before").source_vocabulary
    FewIntroductions.asked.clear()
    grammar = ["--grammar", "30", "--keep-vocabularies", "--name", "translator", "--state", tmp_path / "other"]
    assert run_in_process(train.main, *arguments, *grammar)[0] == 0
    card = load_card(tmp_path)
    assert card["training"]["grammar"] == 30
    notes = len(material.LECTURE_NOTES.read_text("utf-8").splitlines()) * material.LECTURE_NOTES_REPEATS
    said = 4 + 2 * material.FIRST_WORDS_REPEATS
    assert card["pairs"] == {
        "bn": 20 + notes + said * material.PHRASE_REPEATS["bn"], "mr": 20 + said * material.PHRASE_REPEATS["mr"]
    }  # fmt: skip
    met, again = FewIntroductions.asked  # in the epoch, and for the index
    assert met == again == 3 * card["pairs"]["bn"] + card["pairs"]["mr"] + 2 * 30

    generator = np.random.default_rng([5, 0])
    generator.integers(2**63)  # the coin of the subwords comes first
    index = load_index(tmp_path)
    of_nobody = [
        pair
        for pair in material.GrammarPairs(30, material.kept_out(validated(tiny_corpus)))(generator)
        if not people_in(pair)
    ]
    assert len(of_nobody) > 20
    for pair in of_nobody:
        assert pair.language in index.languages_of(pair.english)
    assert not index.contains("The green elephant was never in Mumbai before breakfast.")

    after = load_translator("bn", tmp_path).source_vocabulary
    assert after.tokens == before.tokens
    assert not any(word.isdigit() for word in after.words)
    assert {word for word in before.words if not word.isdigit()} < after.words
    assert load_index(tmp_path, "before").languages_of(of_nobody[0].english) == ()

    begun = ["--begin-with", "before", "--name", "begun", "--keep", "0", "--state", tmp_path / "third"]
    assert run_in_process(train.main, *arguments, *begun)[0] == 0
    assert load_card(tmp_path, "begun")["training"]["begun_with"] == "before"
    theirs, mine = (
        load_file(tmp_path / "weights" / f"{file}.safetensors") for file in ("before", "begun.step-00000")
    )  # fmt: skip
    assert all(np.array_equal(theirs[name], mine[name]) for name in theirs)
    nowhere = ["--begin-with", "nowhere", "--state", tmp_path / "fourth"]
    assert "nowhere.safetensors is missing" in refused(run_in_process(train.main, *arguments, *nowhere))


def test_a_training_stopped_in_its_second_epoch_continues_to_the_same_weights(
    run_in_process, tiny_corpus, tmp_path, monkeypatch
):
    def arguments(name):
        files = [word for option, path in tiny_corpus.items() for word in (f"--{option}", path)]
        folders = ["--assets", tmp_path / name, "--state", tmp_path / f"{name} state"]
        return [*files, *folders, "--epochs", "2", "--name", "other", "--forget-bias", "0.5", "--embedding-size", "24",
                "--keep", "2", "0", "99999"]  # fmt: skip

    assert run_in_process(train.main, *arguments("whole"), "--threads", "1")[0] == 0
    run_epoch = train.Training.run_epoch

    def stopped_in_the_second(training, on_step):
        if training.epoch == 1:
            run_epoch(training, on_step)  # its work is lost
            raise KeyboardInterrupt
        return run_epoch(training, on_step)

    with monkeypatch.context() as patch:
        patch.setattr(train.Training, "run_epoch", stopped_in_the_second)
        code, _, errors = run_in_process(train.main, *arguments("resumed"), "--threads", "1")
        assert code == 130
        assert errors.endswith("stopped\n")
        assert not (tmp_path / "resumed").exists()
    code, output, _ = run_in_process(train.main, *arguments("resumed"), "--threads", "1")
    assert code == 0
    assert "continuing after epoch 1 of 2" in output
    card = load_card(tmp_path / "whole", "other")
    assert load_card(tmp_path / "resumed", "other") == card
    assert card["states"] == [0, 2, card["training"]["steps"]]
    assert card["configuration"]["forget_bias"] == 0.5
    for file in ("other", "other.step-00000", "other.step-00002"):
        whole, resumed = (tmp_path / name / "weights" / f"{file}.safetensors" for name in ("whole", "resumed"))
        assert resumed.read_bytes() == whole.read_bytes()
    before = load_translator("bn", tmp_path / "whole", "other", step=0).parameters
    expected = initial_parameters(configuration_of(card), card["training"]["seed"])
    assert before.keys() == expected.keys()
    for name, values in expected.items():
        np.testing.assert_array_equal(before[name], values.astype(np.float16).astype(np.float32))


def test_a_network_whose_vocabulary_differs_from_those_in_the_folder_is_not_trained(
    run_in_process, tiny_corpus, tiny_assets, tmp_path
):
    line = refused(run_in_process(
        train.main, "--bangla", tiny_corpus["bangla"], "--marathi", tiny_corpus["marathi"], "--name", "second",
        "--state", tmp_path / "state", "--assets", tiny_assets, "--epochs", "1",
    ))  # fmt: skip
    assert "networks with another vocabulary" in line
    assert not (tiny_assets / "weights" / "second.json").exists()


@pytest.mark.parametrize("name", ["../up", "Main", "", "untrained", "a.b"])
def test_a_name_that_no_network_can_have_is_refused(run_in_process, tiny_corpus, tmp_path, name):
    refused(run_in_process(
        train.main, "--bangla", tiny_corpus["bangla"], "--marathi", tiny_corpus["marathi"], "--name", name,
        "--state", tmp_path / "state", "--assets", tmp_path / "new",
    ))  # fmt: skip


def test_a_state_folder_that_cannot_be_made_is_refused(run_in_process, tiny_corpus, tmp_path):
    (tmp_path / "file").touch()
    line = refused(run_in_process(
        train.main, "--bangla", tiny_corpus["bangla"], "--marathi", tiny_corpus["marathi"],
        "--state", tmp_path / "file", "--assets", tmp_path / "new", "--epochs", "1",
    ))  # fmt: skip
    assert "file" in line


def test_without_validation_files_two_percent_of_the_english_sentences_are_held_out(tmp_path):
    path = tmp_path / "many.tsv"
    path.write_text("".join(f"I see {number} cats.\t{number}\n" for number in range(2000)), "utf-8")
    files = {"bn": [path], "mr": [path]}
    training, validation = material.read_corpus(files, dict.fromkeys(files), grammar=False)
    assert 2 * 20 <= len(validation) <= 2 * 80
    assert {pair.english for pair in training}.isdisjoint(pair.english for pair in validation)
    assert {pair.target for pair in training}.isdisjoint(pair.target for pair in validation)
    assert sum(pair.english == "Wow!" for pair in training) >= material.LECTURE_NOTES_REPEATS


def test_no_sentence_of_a_validation_file_is_trained_on_even_if_the_project_wrote_it_too(tmp_path):
    path, held = tmp_path / "pairs.tsv", tmp_path / "held.tsv"
    path.write_text("I see a cat.\tx\n", "utf-8")
    own = [line.split("\t")[0] for file in material.EVERYDAY["bn"] for line in file.read_text("utf-8").splitlines()]
    held.write_text(f"{own[0].upper()}\tx\n{own[-1].rstrip('.?!')}\tx\n", "utf-8")
    files = {"bn": [path], "mr": [path]}
    training, validation = material.read_corpus(files, dict.fromkeys(files, held), grammar=False)
    trained = {sentence_key(pair.english) for pair in training}
    assert len(validation) == 4
    assert {sentence_key(english) for english in own} - trained == {sentence_key(own[0]), sentence_key(own[-1])}
