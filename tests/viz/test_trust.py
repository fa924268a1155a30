"""The page that says how good the networks are, opened through the navigation as a reader does.

Most tests give it a small model and evidence that was made up, so that every sentence can be held to a known number.
"""

import base64
import json
import re
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sessions import run_of
from streamlit.testing.v1 import AppTest
from widgets import numbered

import viz.loading
from models.evaluation import evidence as writer
from models.evaluation import reading
from models.translation.checkpoints import sha256
from models.translation.translator import Translator
from viz.figures import captions
from viz.figures import evidence_captions as said
from viz.state import DEFAULT_SENTENCE
from viz.trust.training import NOTE_EPOCH, NOTE_LOSS, NOTE_VALIDATION_LOSS

ROOT = Path(__file__).resolve().parent.parent.parent
NAVIGATION = ROOT / "viz" / "navigation.py"
TRUST, TRANSLATE = "trust/page.py", "translate/page.py"
HEADINGS = [
    "On sentences it was not trained on", "How it was trained, and whether it memorised", "Short and long sentences",
    "Names", "Everyday sentences, judged by reading", "Translations that went wrong",
    "Against other networks, and against beam search", "The networks that ship", "What it cannot do",
    "Whose sentences these are",
]  # fmt: skip
FOLDED = (
    "scores_table", "curves_table", "lengths_table", "names_table", "rubric", "everyday_categories", "everyday_table",
    "mistake_weights", "rule", "systems_table", "states_table", "notice", "contributors", "extra-stories",
)  # fmt: skip
HOSTILE = "<script>alert(1)</script><img src=x> **a** $x$ :red[x] ![x](http://example.com/x.png) \"'"
ALLOWED = re.compile(
    r"</?(p|ul|li|div|table|caption|thead|tbody|tr|th|td|dl|dt|dd|span)"
    r'( (lang|role|style|class|tabindex|aria-label|scope)="[^"<>]*")*>'
)


def scored(chrf: float, bleu: float, sentences: int = 40) -> dict[str, Any]:
    return {
        "sentences": sentences, "references": sentences, "refused": 0, "chrf": chrf, "bleu": bleu,
        "chrf_interval": [chrf - 2, chrf + 2], "bleu_interval": [bleu - 3, bleu + 3],
    }  # fmt: skip


def difference(value: float, p: float) -> dict[str, Any]:
    one = {"difference": value, "interval": [value - 1, value + 1], "p": p}
    return {"chrf": one, "bleu": one}


def language_made(shift: float) -> dict[str, Any]:
    share = {"right": 3, "sentences": 60, "share": 0.05}
    templates = [{"english": "{} is my friend.", **share}]
    row = {
        "category": "food", "english": "I like rice.", "translation": "আমি", "verdict": "right", "remark": None,
        "judged_another_translation": False, "distance": None,
    }  # fmt: skip
    unread = {**row, "english": "Go.", "translation": None, "verdict": None}
    counts = {"sentences": 2, "not_judged": 1, "right": 1, "understandable": 0, "wrong": 0}
    return {
        "signatures": {"bleu": "bleu|made:up", "chrf": "chrf|made:up"},
        "systems": [
            {"network": "translator", "beam": 1, **scored(48 + shift, 28 + shift), "difference": None},
            {"network": "translator", "beam": 4, **scored(49 + shift, 29 + shift), "difference": difference(1, 0.2)},
            {"network": "second-seed", "beam": 1, **scored(40 + shift, 20), "difference": difference(-8, 0.001)},
        ],
        "states": {"untrained": [{"step": 0, **scored(3, 0, 12)}]},
        "nearness": [
            {"distance": "0-1", **scored(70 + shift, 50, 10)}, {"distance": "2+", **scored(41 + shift, 22, 30)},
        ],
        "lengths": [
            {"from": 1, "to": 5, **scored(60 + shift, 40, 30)}, {"from": 6, "to": None, **scored(20 + shift, 9, 10)},
        ],
        "names": {part: {**share, "names": 5, "templates": templates} for part in ("held_out", "training")},
        "everyday": {**counts, "categories": [{"category": "food", **counts}], "rows": [row, unread]},
        "errors": [
            {"english": english, "translation": "something else", "references": ["এক।", "দুই।"], "chrf": 12.34}
            for english in ("the cat sat", "the dog ran", "Run!", "We are here.", "I like rice.")
        ],
        "sample": {},
    }  # fmt: skip


def made() -> dict[str, Any]:
    return {
        "about": {"error_rule": "The worst of each length.", "confidence": 0.95},
        "networks": {"translator": {"weights_sha256": ""}},
        "languages": {"bn": language_made(0), "mr": language_made(10)},
    }


CURVES = [
    {
        "loss": 6.0 - epoch, "bn_training": 4.5 - epoch, "bn_validation": 4.6 - epoch / 2, "bn_chrf": 10.0 + epoch,
        "bn_bleu": 1.0 + epoch, "mr_training": 4.0 - epoch, "mr_validation": 4.2 - epoch / 2, "mr_chrf": 12.0 + epoch,
        "mr_bleu": 2.0 + epoch,
    }
    for epoch in range(3)
]  # fmt: skip
CANNOT = ["Long sentences, in this made-up card."]


@pytest.fixture
def assets(tiny_assets: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A small model with made-up evidence in the place of what ships."""
    monkeypatch.setattr(viz.loading, "ASSETS", tiny_assets)
    forget()
    change(tiny_assets / "weights" / "translator.json", curves=CURVES, cannot=CANNOT)
    evidence = made()
    weights = tiny_assets / "weights" / "translator.safetensors"
    evidence["networks"]["translator"]["weights_sha256"] = sha256(weights)
    folder = tiny_assets / "evaluation"
    folder.mkdir(exist_ok=True)
    write(folder / "evidence.json", evidence)
    (folder / "questions.tsv").write_text("language\tenglish\tquestion\nbn\tthe cat sat\tWhy that?\n", encoding="utf-8")
    (folder / "everyday-rubric.md").write_text("# The rubric", encoding="utf-8")
    (tiny_assets / "attribution").mkdir(exist_ok=True)
    for name in ("contributors.tsv", "extra-stories.attribution.tsv"):
        (tiny_assets / "attribution" / name).write_text("who\thow many\nSomebody <b>\t3\n", encoding="utf-8")
    (tiny_assets.parent / "NOTICE").write_text("the notice", encoding="utf-8")
    yield tiny_assets
    forget()


def forget() -> None:
    for load in vars(viz.loading).values():
        if hasattr(load, "cache_clear"):
            load.cache_clear()


def write(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content), encoding="utf-8")


def change(path: Path, **parts: Any) -> None:
    write(path, json.loads(path.read_text(encoding="utf-8")) | parts)


def change_evidence(assets: Path, how: Callable[[dict[str, Any]], object]) -> None:
    path = assets / "evaluation" / "evidence.json"
    evidence = json.loads(path.read_text(encoding="utf-8"))
    how(evidence)
    write(path, evidence)


@pytest.fixture
def page() -> AppTest:
    return AppTest.from_file(str(NAVIGATION), default_timeout=60)


def opened(page: AppTest) -> AppTest:
    return checked(checked(page.run()).switch_page(TRUST).run())


def checked(page: AppTest) -> AppTest:
    assert not page.exception, page.exception[0].message
    return page


def unfolded(page: AppTest) -> AppTest:
    for key in FOLDED:
        page.session_state[key] = True
    return checked(page.run())


def bodies(page: AppTest) -> list[str]:
    return [element.proto.body for element in page.get("html") if "<style>" not in element.proto.body]


def text_of(page: AppTest) -> str:
    return unescape(re.sub("<[^>]*>", " ", " ".join(bodies(page))))


def alerts(page: AppTest) -> list[str]:
    return [unescape(re.sub("<[^>]*>", "", body)) for body in bodies(page) if 'role="alert"' in body]


def tables(page: AppTest) -> dict[str, list[list[str]]]:
    """Caption: rows, the header first."""
    found = {}
    for body in bodies(page):
        if match := re.search(r"<caption>(.*?)</caption>", body, re.DOTALL):
            rows = re.findall(r"<tr>(.*?)</tr>", body, re.DOTALL)
            cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in rows]
            found[unescape(match[1])] = [[unescape(cell) for cell in row] for row in cells]
    return found


def charts(page: AppTest) -> list[tuple[str, dict[str, Any]]]:
    """What each picture says to those who cannot see it, and its specification."""
    return [(chart.proto.alt, json.loads(chart.proto.spec)) for chart in page.get("plotly_chart")]


def array_of(part: Any) -> np.ndarray:
    if not isinstance(part, dict):
        return np.array(part)
    values = np.frombuffer(base64.b64decode(part["bdata"]), part["dtype"])
    return values.reshape([int(size) for size in part["shape"].split(",")]) if "shape" in part else values


def headings(page: AppTest) -> list[str]:
    return [heading.value for heading in page.header]


# --- what ships


def test_the_page_opens_on_what_ships(page):
    opened(page)
    shipped = HEADINGS.copy()
    shipped.insert(shipped.index("Everyday sentences, judged by reading") + 1, "Checked without a judge")
    assert headings(page) == shipped
    assert page.title[0].value == "How good is it, and how do we know?"


def test_everything_that_ships_can_be_unfolded(page):
    unfolded(opened(page))
    shipped = tables(page)
    assert len(shipped["The people of Tatoeba who wrote the sentences"]) > 50
    assert len(shipped["The stories, their authors and translators"]) > 50
    assert any("# How the everyday test is judged" in markdown.value for markdown in page.markdown)
    assert "lstm-microscope" in page.text[0].value
    assert [alert for alert in alerts(page) if "evidence.json" not in alert] == []


def test_the_evidence_is_read_where_it_is_written():
    assert reading.EVIDENCE == writer.EVIDENCE
    assert reading.EVALUATION == "evaluation"


def test_every_question_belongs_to_one_sentence_and_asks_something():
    questions = reading.read_questions(ROOT / "assets")
    assert len(questions) == 10
    assert sorted(language for language, _ in questions) == ["bn"] * 5 + ["mr"] * 5
    assert all("?" in question for question in questions.values())


def test_every_translation_that_went_wrong_has_a_question():
    path = ROOT / "assets" / "evaluation" / writer.EVIDENCE
    found = reading.mistakes_in(json.loads(path.read_text(encoding="utf-8")))
    asked = reading.read_questions(ROOT / "assets")
    assert {(each.language, each.english) for each in found} == set(asked)


# --- sentences follow from the numbers


def test_scores_are_said_with_interval_and_subsets(assets, page):
    text = text_of(opened(page))
    assert alerts(page) == []
    assert "Bangla: chrF2++ 48.0 (95 % interval 46.0 to 50.0) and BLEU 28.0 (95 % interval 25.0 to 31.0) on 40" in text
    assert "25 % are near a training sentence, at most one word away from it: chrF2++ 70.0" in text
    assert "chrF2++ 41.0, 29.0 lower" in text
    assert "Marathi: chrF2++ 58.0 (95 % interval 56.0 to 60.0)" in text


def test_another_number_is_another_sentence_and_another_picture(assets, page):
    def other(evidence: dict[str, Any]) -> None:
        evidence["languages"]["bn"]["systems"][0]["chrf"] = 33.3
        evidence["languages"]["bn"]["everyday"]["right"] = 77
        evidence["languages"]["bn"]["lengths"][0]["chrf"] = 11.1

    change_evidence(assets, other)
    text = text_of(opened(page))
    assert "Bangla: chrF2++ 33.3" in text
    assert "77 right" in text
    assert "chrF2++ 11.1 at 1–5 subwords" in text
    drawn = [array_of(trace["x"]).tolist() for _, chart in charts(page) for trace in chart["data"] if "x" in trace]
    assert any(33.3 in values for values in drawn)
    assert any(77 in values for values in drawn)


def test_every_picture_is_said_in_words_that_hold_its_numbers(assets, page):
    found = charts(opened(page))
    assert len(found) == 2 + 3 + 2 + 2 + 1 + 1 + 2
    for alt, chart in found:
        assert len(alt) > 40
        for trace in chart["data"]:
            if "error_x" in trace:
                assert all(f"{value:.1f}" in alt for value in array_of(trace["x"]))


def test_both_languages_and_all_subsets_are_in_the_pictures_of_scores(assets, page):
    alt, chart = charts(opened(page))[0]
    assert array_of(chart["data"][0]["x"]).tolist() == [48, 70, 41, 58, 80, 51]
    for label in ("Bangla, all held out, 40", "Bangla, near training, 10", "Marathi, far from training, 30"):
        assert label in alt


def test_both_cross_entropies_are_drawn_for_each_language_and_the_note_beside_them(assets, page):
    found = charts(opened(page))[2:5]
    drawn = [[array_of(trace["y"]).tolist() for trace in chart["data"]] for _, chart in found]
    assert drawn[0] == [[e["bn_training"] for e in CURVES], [e["bn_validation"] for e in CURVES]]
    assert drawn[1] == [[e["mr_training"] for e in CURVES], [e["mr_validation"] for e in CURVES]]
    assert drawn[2] == [[0.0419], [3.7001]]
    assert "2.50 on training pairs and 3.60 on pairs held out" in found[0][0]
    text = text_of(page)
    assert said.note_caption(NOTE_EPOCH, NOTE_LOSS, NOTE_VALIDATION_LOSS) in text
    assert "not comparable" in text


# The last lines of the log that the note prints, copied here: the notes are not part of the repository.
LOG_OF_THE_NOTE = """
Epoch 500/500
16/16 [==============================] - 6s 385ms/step - loss: 0.0419 - val_loss: 3.7001
"""


def test_the_note_is_quoted_as_it_is():
    last = re.search(r"Epoch (\d+)/.*?loss: ([\d.]+) - val_loss: ([\d.]+)", LOG_OF_THE_NOTE, re.DOTALL)
    assert last.groups() == (str(NOTE_EPOCH), str(NOTE_LOSS), str(NOTE_VALIDATION_LOSS))


def test_an_older_card_without_cross_entropies_says_that_they_were_not_measured(assets, page):
    older = [{name: epoch[name] for name in ("loss", "bn_chrf", "bn_bleu")} for epoch in CURVES]
    change(assets / "weights" / "translator.json", curves=older)
    text = text_of(opened(page))
    assert "Bangla: cross-entropy on training and held-out pairs, measured alike: not measured." in text
    assert "Marathi: scores by epoch: not measured." in text
    assert "Bangla: BLEU 1.0 after epoch 1 and 3.0 after epoch 3" in text


def test_beam_search_is_compared_with_greedy(assets, page):
    text = text_of(opened(page))
    assert (
        "Bangla: a beam of 4 scores chrF2++ 49.0, greedy search 48.0; difference +1.0 (0.0 to +2.0), p = 0.200" in text
    )
    assert "chance alone could bring about" in text


def test_names_and_everyday_sentences_are_counted(assets, page):
    text = text_of(opened(page))
    assert "in 3 of 60 (5.0 %) with a name it has never met" in text
    assert "Bangla: of 2 everyday sentences, 1 right, 1 not judged." in text


def checks_made(right: int, mixed: int) -> dict[str, Any]:
    rows = [{"english": HOSTILE, "translation": None, "right": False}]
    rows += [{"english": f"Word {number}.", "translation": "হ্যাঁ।", "right": True} for number in range(right)]
    kinds = ("words", "figures", "years", "hours", "prices")
    return {
        "first_words": {"right": right, "sentences": len(rows), "rows": rows},
        "numbers": {kind: {"right": 8 + at, "sentences": 16} for at, kind in enumerate(kinds)},
        "other_language": {"mixed": mixed, "sentences": 450},
    }


def test_what_needs_no_judge_is_counted_for_each_language_and_not_spoken_of_where_it_was_not(assets, page):
    assert "Checked without a judge" not in headings(opened(page))
    change_evidence(
        assets,
        lambda evidence: [
            evidence["languages"][code].update(checks=checks_made(right, mixed))
            for code, right, mixed in (("bn", 3, 9), ("mr", 1, 0))
        ],
    )
    page.session_state["first_words_table"] = True
    checked(page.run())
    rows = tables(page)["Checks"]
    assert ["what was counted", "Bangla", "Marathi"] in rows
    assert ["first words of a class, right", "3 of 4 (75 %)", "1 of 2 (50 %)"] in rows
    assert ["years from 1900 to 2030, right", "10 of 16 (62 %)", "10 of 16 (62 %)"] in rows
    mixed = ["9 of 450 (2.0 %)", "0 of 450 (0 %)"]
    assert ["translations with a letter of the other language", *mixed] in rows
    assert ["Word 0.", "হ্যাঁ।", "yes"] in tables(page)["First words into Marathi"]


def test_how_many_everyday_patterns_the_grammar_yields_is_said_where_it_was_measured(assets, page):
    assert "drawn from a grammar" not in text_of(opened(page))
    yielded = {"everyday": {"right": 57, "sentences": 150}, "outside": {"right": 3, "sentences": 60}}
    change_evidence(assets, lambda evidence: evidence.update(grammar=yielded))
    text = text_of(checked(page.run()))
    assert "57 of 150 (38 %) of the everyday ones have a pattern that the grammar yields, and 3 of 60 (5.0 %)" in text


def test_the_network_before_and_sentences_outside_of_the_grammar_stand_beside_the_everyday_ones(assets, page):
    text = text_of(opened(page))
    assert "before the grammar" not in text
    assert "This page has 8 differences." in text
    counts = {"sentences": 2, "not_judged": 0, "right": 0, "understandable": 1, "wrong": 1}
    former = {**counts, "better": 7, "worse": 1, "difference": difference(50, 0.07)["chrf"]}
    row = {"category": "passive", "english": "It was eaten.", "translation": "x", "verdict": "wrong", "remark": "r"}
    outside = {**counts, "categories": [{"category": "passive", **counts}], "rows": [row]}

    def more(evidence):
        evidence["languages"]["bn"]["everyday"]["former"] = former
        second = evidence["languages"]["mr"]["systems"][-1]
        evidence["languages"]["mr"]["systems"].append({**second, "network": "without-grammar"})
        evidence["languages"]["mr"]["outside"] = outside

    change_evidence(assets, more)
    page.session_state["everyday_table"] = True
    text = text_of(checked(page.run()))
    assert (
        "Bangla: 1 of them are right, 0 were with the network before it: 7 sentences came right, 1 went wrong." in text
    )
    assert "+50.0" in text
    assert "p = 0.070, by the exact sign test" in text
    assert "This page has 11 differences." in text
    assert "without-grammar is the network that shipped before the present one" in text
    ((_, chart),) = [(alt, chart) for alt, chart in charts(page) if "before the grammar" in alt]
    rows = ["Bangla, before the grammar", "Bangla", "Marathi", "Marathi, constructions outside of the grammar"]
    assert [note["text"] for note in chart["layout"]["annotations"] if note["text"] in rows] == rows
    table = tables(page)["Everyday sentences into Marathi, constructions outside of the grammar"]
    assert ["It was eaten.", "x", "wrong", "r"] in table


def test_a_training_that_began_with_other_weights_says_so_beside_its_curves(assets, page):
    assert "began with the weights" not in text_of(opened(page))
    card = json.loads((assets / "weights" / "translator.json").read_text(encoding="utf-8"))
    change(assets / "weights" / "translator.json", training={**card["training"], "begun_with": "older-one"})
    assert "began with the weights of another network, older-one, not with random ones" in text_of(checked(page.run()))


def test_what_the_network_cannot_do_and_whose_sentences_it_read_come_from_its_card(assets, page):
    text = text_of(opened(page))
    assert CANNOT[0] in text
    assert "CC0, random numbers" in text


def test_the_table_of_networks_is_that_of_the_cards(assets, page):
    card = json.loads((assets / "weights" / "translator.json").read_text(encoding="utf-8"))
    other = {**card, "training": {**card["training"], "seed": 99}}
    for file in ("weights/translator.safetensors",):
        (assets / "weights" / "second-seed.safetensors").write_bytes((assets / file).read_bytes())
    write(assets / "weights" / "second-seed.json", other)
    (table,) = (rows for name, rows in tables(opened(page)).items() if name.startswith("Networks"))
    header, main, second = table
    assert main[:2] == ["translator", "the one that the pages open"]
    assert second[:2] == ["second-seed", "as translator, but seed 99"]
    parameters = sum(values.size for values in viz.loading.translator("bn").parameters.values())
    assert main[header.index("parameters")] == f"{parameters:,}"
    assert main[header.index("seed")] == "14"
    change(assets / "weights" / "translator.json", training={**card["training"], "grammar": 25000})
    (table,) = (rows for name, rows in tables(opened(page)).items() if name.startswith("Networks"))
    assert table[2][1] == "as translator, but seed 99, no grammar", "what the main one alone has is a difference, too"
    assert main[header.index("training pairs")] == "Bangla 12, Marathi 0"
    assert main[header.index("Marathi chrF2++")] == "24.0"


# --- the translations that went wrong


def test_the_chosen_sentence_is_translated_now_and_its_attention_is_of_that_run(assets, page):
    opened(page)
    for number in (3, 7, 0):
        checked(page.selectbox(key="mistake").set_value(number).run())
        language = "bn" if number < 5 else "mr"
        english = made()["languages"][language]["errors"][number % 5]["english"]
        trace = viz.loading.translator(language).translate(english)
        (shown,) = (body for body in bodies(page) if "The network writes" in body)
        assert f'<dd><span lang="en">{english}</span></dd>' in shown
        assert f'<dd><span lang="{language}">{trace.text}</span></dd>' in shown
        assert f'<span lang="{language}">দুই।</span>' in shown
        (chart,) = (spec for alt, spec in charts(page) if alt == captions.attention_caption(trace))
        assert array_of(chart["data"][0]["z"]).tobytes() == trace.attention.astype(np.float32).tobytes()


def test_only_the_chosen_sentence_is_translated(assets, page, monkeypatch):
    asked = []
    translate = Translator.translate
    monkeypatch.setattr(
        Translator, "translate", lambda self, english: (asked.append(english), translate(self, english))[1]
    )
    opened(page)
    assert asked == ["the cat sat"]


def test_an_output_that_is_no_longer_the_recorded_one_is_said_to_be_so(assets, page):
    shown = " ".join(text_of(opened(page)).split())
    assert "It wrote, when the scores were measured something else People wrote" in shown
    text = viz.loading.translator("bn").translate("the cat sat").text
    change_evidence(assets, lambda evidence: evidence["languages"]["bn"]["errors"][0].update(translation=text))
    assert "when the scores were measured" not in text_of(checked(page.run()))


def test_a_sentence_that_cannot_be_translated_is_one_sentence_on_the_page(assets, page):
    change_evidence(assets, lambda evidence: evidence["languages"]["bn"]["errors"][0].update(english="q" * 190))
    (sentence,) = alerts(opened(page))
    assert "the translator reads at most" in sentence
    assert headings(page) == HEADINGS


def test_each_sentence_has_its_question_or_says_that_it_has_none(assets, page):
    assert "A question for the class Why that?" in " ".join(text_of(opened(page)).split())
    checked(page.selectbox(key="mistake").set_value(1).run())
    assert "No question was written for this sentence." in text_of(page)


def test_a_sentence_that_went_wrong_can_be_opened_in_the_microscope_and_the_choice_is_kept(assets, page):
    opened(page)
    checked(page.selectbox(key="mistake").set_value(6).run())
    checked(page.button(key="open_mistake").click().run())
    assert numbered(page.text_input, "sentence_input").value == "the dog ran"
    assert run_of(page).source.sentence == "the dog ran"
    assert run_of(page).translator.language == "mr"
    assert (page.query_params["sentence"], page.query_params["to"]) == ("the dog ran", "mr")
    checked(page.switch_page(TRUST).run())
    assert page.selectbox(key="mistake").value == 6


def test_what_the_reader_chose_survives_going_to_this_page_and_back(page):
    page.query_params.update({"sentence": "I am here.", "to": "mr", "column": "2", "unit": "5", "order": "variance"})
    opened(page)
    checked(page.switch_page(TRANSLATE).run())
    assert page.text_input(key="sentence_input").value == "I am here."
    chosen = page.session_state["selection"]
    assert (chosen.sentence, chosen.language, chosen.column, chosen.unit, chosen.order) == (
        "I am here.", "mr", 2, 5, "variance",
    )  # fmt: skip
    assert run_of(page).source.sentence == "I am here."


def test_the_first_page_is_still_the_one_that_translates(page):
    checked(page.run())
    assert page.text_input(key="sentence_input").value == DEFAULT_SENTENCE


# --- what is folded


def test_what_is_folded_away_is_not_sent(assets, page):
    opened(page)
    assert len(tables(page)) == 1  # of the networks
    assert len(tables(unfolded(page))) == 1 + 12


def test_tables_hold_the_numbers_of_the_pictures(assets, page):
    found = tables(unfolded(opened(page)))
    assert found["Scores on held-out sentences"][1] == [
        "Bangla, all held out",
        "40",
        "48.0 (46.0 to 50.0)",
        "28.0 (25.0 to 31.0)",
    ]
    curves = found["After each epoch"]
    assert curves[3][0] == "3"
    assert "2.500" in curves[3]
    beam = found["Scores, and differences to the main network with greedy search"][2]
    assert beam[:4] == ["Bangla", "translator, beam of 4", "49.0 (47.0 to 51.0)", "+1.0 (0.0 to +2.0), p = 0.200"]
    assert found["Everyday sentences into Bangla"][1] == ["I like rice.", "আমি", "right", ""]
    assert found["Everyday sentences into Bangla"][2] == ["Go.", "", "not judged", ""]
    (weights,) = (rows for name, rows in found.items() if name.startswith("Attention weights"))
    trace = viz.loading.translator("bn").translate("the cat sat")
    np.testing.assert_allclose([[float(cell) for cell in row[2:]] for row in weights[1:]], trace.attention, atol=5.1e-4)


# --- text is inert


def test_no_text_of_evidence_card_or_question_is_ever_mark_up(assets, page):
    def hostile(evidence: dict[str, Any]) -> None:
        evidence["about"]["error_rule"] = HOSTILE
        for language in evidence["languages"].values():
            language["signatures"]["chrf"] = HOSTILE
            language["systems"][2]["network"] = HOSTILE
            language["everyday"]["rows"][0].update(translation=HOSTILE, remark=HOSTILE, english=HOSTILE)
            language["everyday"]["categories"][0]["category"] = HOSTILE
            language["names"]["held_out"]["templates"][0]["english"] = HOSTILE
            language["errors"][0].update(english=HOSTILE[:40], references=[HOSTILE], translation=HOSTILE)

    change_evidence(assets, hostile)
    change(assets / "weights" / "translator.json", cannot=[HOSTILE], files=[HOSTILE], licence={"weights": HOSTILE})
    lines = ["language\tenglish\tquestion", f"bn\t{HOSTILE[:40]}\t{HOSTILE}"]
    (assets / "evaluation" / "questions.tsv").write_text("\n".join(lines), encoding="utf-8")
    unfolded(opened(page))
    assert alerts(page) == []
    for body in bodies(page):
        for tag in re.findall(r"<[^>]*>", body):
            assert ALLOWED.fullmatch(tag) or tag.startswith('<p role="alert"'), tag
    assert text_of(page).count("<script>alert(1)</script>") > 12
    assert [markdown.value for markdown in page.markdown] == ["# The rubric"]
    for _, chart in charts(page):
        assert set(re.findall(r"<[^>]*>", json.dumps(chart))) <= {"<br>", "<extra>", "</extra>"}


# --- missing and damaged


def test_missing_evidence_is_one_sentence_and_the_rest_of_the_page_stays(assets, page):
    (assets / "evaluation" / "evidence.json").unlink()
    opened(page)
    assert alerts(page) == ["evidence.json is missing from assets/evaluation"]
    assert headings(page) == HEADINGS
    assert "Not measured." in text_of(page)
    assert len(charts(page)) == 5, "the curves are in the card"
    unfolded(page)


DAMAGE: dict[str, bytes] = {
    "empty": b"", "truncated": b'{"languages": {', "a list": b"[]", "a number": b"7", "not text": bytes(range(256)),
    "deep": b"[" * 100_000, "not a number": b'{"languages": NaN}',
}  # fmt: skip


@pytest.mark.parametrize("content", DAMAGE.values(), ids=DAMAGE)
def test_damaged_evidence_is_one_sentence_that_names_it(assets, page, content):
    (assets / "evaluation" / "evidence.json").write_bytes(content)
    opened(page)
    (sentence,) = alerts(page)
    assert sentence.startswith("evidence.json is damaged")
    assert headings(page) == HEADINGS


@pytest.mark.parametrize("wrong", [None, [], "x", {"bn": 7}, {"bn": {"systems": 3}}, {"bn": {"errors": [1]}}, True])
def test_evidence_of_another_shape_ends_only_the_parts_that_need_it(assets, page, wrong):
    change_evidence(assets, lambda evidence: evidence.update(languages=wrong))
    opened(page)
    assert all(sentence.startswith("evidence.json is damaged") for sentence in alerts(page))
    assert headings(page) == HEADINGS
    assert CANNOT[0] in text_of(page)


@pytest.mark.parametrize("value", [None, "12", True, [], 1e999, {}])
def test_a_score_that_is_no_number_is_never_shown(assets, page, value):
    change_evidence(assets, lambda evidence: evidence["languages"]["bn"]["nearness"][0].update(chrf=value))
    opened(page)
    assert headings(page) == HEADINGS
    (sentence,) = alerts(page) or [None]
    assert (sentence is None) == (value is None), "null means that it was not measured"


def test_a_score_too_large_for_a_number_is_never_shown(assets, page):
    path = assets / "evaluation" / "evidence.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"chrf": 70,', '"chrf": 1e999,', 1), encoding="utf-8")
    (sentence,) = alerts(opened(page))
    assert sentence.startswith("evidence.json is damaged")


@pytest.mark.parametrize(
    "part", ["systems", "nearness", "lengths", "names", "everyday", "errors", "states", "signatures"]
)
def test_a_part_that_was_not_measured_is_said_to_be_so_and_nothing_is_drawn_for_it(assets, page, part):
    def without(evidence: dict[str, Any]) -> None:
        for language in evidence["languages"].values():
            del language[part]

    change_evidence(assets, without)
    whole = len(charts(opened(page)))
    unfolded(page)
    assert alerts(page) == []
    assert headings(page) == HEADINGS
    drawn = {"systems": 4, "lengths": 2, "everyday": 1, "errors": 1}
    assert whole == 13 - drawn.get(part, 0)
    if part in ("systems", "lengths", "names", "everyday", "errors", "states"):
        assert "ot measured." in text_of(page)


def test_evidence_about_other_weights_is_told(assets, page):
    change_evidence(assets, lambda evidence: evidence["networks"]["translator"].update(weights_sha256="0" * 64))
    (sentence,) = alerts(opened(page))
    assert "measured on other weights" in sentence


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"curves": 3}', b'{"curves": [{"bn_chrf": "high"}]}'])
def test_a_damaged_card_is_named_and_the_rest_of_the_page_stays(assets, page, content):
    (assets / "weights" / "translator.json").write_bytes(content)
    opened(page)
    assert alerts(page)
    assert all("damaged" in sentence for sentence in alerts(page))
    assert headings(page) == HEADINGS
    assert "Bangla: chrF2++ 48.0" in text_of(page)


def test_missing_weights_are_named_where_they_are_needed(assets, page):
    (assets / "weights" / "translator.safetensors").unlink()
    opened(page)
    assert any("translator.safetensors is missing" in sentence for sentence in alerts(page))
    assert headings(page) == HEADINGS
    assert "Bangla: chrF2++ 48.0" in text_of(page)


@pytest.mark.parametrize("content", [None, b"", b"a\tb\n", b"language\tenglish\tquestion\nbn\tx\n", bytes(range(256))])
def test_missing_or_damaged_questions_are_named_and_the_translation_stays(assets, page, content):
    path = assets / "evaluation" / "questions.tsv"
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    (sentence,) = alerts(opened(page))
    assert sentence.startswith("questions.tsv is ")
    assert any("The network writes" in body for body in bodies(page))
    assert len(charts(page)) == 13


def test_files_that_are_only_shown_when_unfolded_can_be_missing(assets, page):
    (assets / "evaluation" / "everyday-rubric.md").unlink()
    (assets / "attribution" / "contributors.tsv").unlink()
    (assets.parent / "NOTICE").unlink()
    unfolded(opened(page))
    assert sorted(alerts(page)) == [
        "NOTICE is missing", "contributors.tsv is missing from assets/attribution",
        "everyday-rubric.md is missing from assets/evaluation",
    ]  # fmt: skip
