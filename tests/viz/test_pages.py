"""The page as a reader opens it, through the navigation script: choose, compute, show."""

import base64
import html
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sessions import run_of
from streamlit.testing.v1 import AppTest
from widgets import numbered

from models.language.text import MAX_GRAPHEMES
from models.recurrent.trace import QUANTITIES
from models.translation.translator import Translator
from viz import loading
from viz.figures import captions, tables
from viz.live.badge import badge
from viz.state import DEFAULT_SENTENCE
from viz.widgets.choices import EXAMPLES, example_label

NAVIGATION = Path(__file__).resolve().parent.parent.parent / "viz" / "navigation.py"


@pytest.fixture
def page() -> AppTest:
    return AppTest.from_file(str(NAVIGATION), default_timeout=60)


@pytest.fixture
def opened(page: AppTest) -> AppTest:
    return checked(page.run())


@pytest.fixture
def finished(opened: AppTest) -> AppTest:
    """As after the component has read the stream to its end."""
    run_of(opened).finish()
    return checked(opened.run())


def checked(page: AppTest) -> AppTest:
    assert not page.exception, page.exception[0].message
    return page


def finish_unfolded(page: AppTest) -> AppTest:
    """Finish the run, with everything unfolded that the page folds away."""
    for key in ("in_words", "in_tables", "in_files"):
        page.session_state[key] = True
    run_of(page).finish()
    return checked(page.run())


def type_in(page: AppTest, sentence: str) -> AppTest:
    return checked(page.text_input(key="sentence_input").set_value(sentence).run())


def paragraphs(page: AppTest) -> list[str]:
    """The texts of the page as they are read, not as they are marked up."""
    found = [re.fullmatch(r"<p[^>]*>(.*)</p>", element.proto.body, re.DOTALL) for element in page.get("html")]
    return [html.unescape(match[1]) for match in found if match]


def refusals(page: AppTest) -> list[str]:
    return [
        html.unescape(re.sub("<[^>]*>", "", element.proto.body))
        for element in page.get("html")
        if 'role="alert"' in element.proto.body
    ]


def without_escapes(markdown: str) -> str:
    return re.sub(r"\\([^\w\s])", r"\1", markdown)


def sent_to_component(page: AppTest) -> dict[str, Any]:
    (element,) = page.get("bidi_component")
    return json.loads(element.proto.json)


def attention_of(page: AppTest) -> dict[str, Any]:
    (chart,) = page.get("plotly_chart")
    return json.loads(chart.proto.spec)


def array_of(part: dict[str, Any]) -> np.ndarray:
    values = np.frombuffer(base64.b64decode(part["bdata"]), part["dtype"])
    return values.reshape([int(size) for size in part["shape"].split(",")]) if "shape" in part else values


# --- choosing


def test_the_page_opens_on_a_sentence_that_is_ready_to_be_translated(opened):
    assert opened.text_input(key="sentence_input").value == DEFAULT_SENTENCE
    assert run_of(opened).source.sentence == DEFAULT_SENTENCE
    assert sent_to_component(opened)["run"] == run_of(opened).id
    assert refusals(opened) == []


def test_every_sentence_typed_is_the_one_that_is_run(opened):
    seen = {run_of(opened).id}
    for sentence in ("I am here.", "You are there.", "I am here."):
        type_in(opened, sentence)
        assert run_of(opened).source.sentence == sentence
        assert sent_to_component(opened)["run"] == run_of(opened).id
        assert opened.query_params["sentence"] == sentence
        seen.add(run_of(opened).id)
    assert len(seen) == 4


def test_a_rerun_that_changes_nothing_starts_no_new_run(opened):
    run = run_of(opened)
    for _ in range(2):
        assert run_of(checked(opened.run())) is run


def test_the_language_can_be_changed_and_changed_back_and_the_sentence_stays(opened):
    for language in ("mr", "bn"):
        checked(opened.get("button_group")[0].set_value(language).run())
        run = run_of(opened)
        assert run.translator.language == language
        assert run.source.tokens[0] == f"<to {language}>"
        assert run.source.sentence == DEFAULT_SENTENCE
        assert opened.query_params["to"] == language


def test_every_example_can_be_taken(opened):
    for example in EXAMPLES:
        checked(numbered(opened.pills, "example").set_value(example).run())
        assert numbered(opened.text_input, "sentence_input").value == example
        assert run_of(opened).source.sentence == example


READ = {  # by somebody who knows the languages: right, but for the last
    "bn": ["সে একটা বই পড়ছে।", "তুমি এই বইটা কোথায় কিনলে?", "বৃষ্টি হলে আমি বাড়িতে থাকবো।", "মাতৃভাষা"],
    "mr": ["ती पुस्तक वाचतेय.", "हे पुस्तक तू कुठे विकत घेतलंस?", "पाऊस पडला तर मी घरी राहेन.", "मातृभाषा"],
}


@pytest.mark.parametrize("language", READ)
def test_the_examples_are_right_but_for_the_one_that_says_that_it_goes_wrong(language):
    *right, mother_tongue = READ[language]
    written = [loading.translator(language).translate(example).text for example in EXAMPLES]
    assert written[:-1] == right
    assert mother_tongue in written[-1]  # for "tongue"
    assert [example_label(example) != example for example in EXAMPLES] == [False, False, False, True]


def test_the_example_on_view_is_marked_and_a_click_on_it_changes_nothing(opened):
    assert numbered(opened.pills, "example").value == (DEFAULT_SENTENCE if DEFAULT_SENTENCE in EXAMPLES else None)
    checked(numbered(opened.pills, "example").set_value(EXAMPLES[1]).run())
    checked(numbered(opened.pills, "example").set_value(None).run())
    assert numbered(opened.text_input, "sentence_input").value == EXAMPLES[1]
    assert numbered(opened.pills, "example").value == EXAMPLES[1]
    checked(numbered(opened.text_input, "sentence_input").set_value("I am tired.").run())
    assert numbered(opened.pills, "example").value is None
    assert run_of(opened).source.sentence == "I am tired."


# --- refusing

REFUSED = {
    "": "Type a sentence to translate.",
    "   \t ": "Type a sentence to translate.",
    "\u200b\u200d": "only invisible characters",
    "a" * 10_000: f"10,000 characters; the translator reads at most {MAX_GRAPHEMES}",
    "q" * (MAX_GRAPHEMES + 1): f"{MAX_GRAPHEMES + 1} characters; the translator reads at most {MAX_GRAPHEMES}",
    "a" + "\u0301" * 3000: "code points",
    "zq" * 60: "subwords; the translator reads at most",
}


@pytest.mark.parametrize(("typed", "reason"), REFUSED.items(), ids=lambda text: text[:12].strip() or "invisible")
def test_what_cannot_be_translated_is_refused_in_a_sentence_and_the_run_before_stays(finished, typed, reason):
    run, trace = run_of(finished), run_of(finished).trace
    type_in(finished, typed)
    (said,) = refusals(finished)
    assert reason in said
    assert run_of(finished) is run
    assert captions.translation_caption(trace) in paragraphs(finished)
    type_in(finished, "I am here.")
    assert refusals(finished) == []
    assert run_of(finished) is not run


def test_a_refusal_says_whose_translation_still_stands_below(finished):
    type_in(finished, "zq" * 60)
    (said,) = refusals(finished)
    assert said.endswith(f"What stands below is still that of “{DEFAULT_SENTENCE}”.")
    type_in(finished, DEFAULT_SENTENCE)
    assert refusals(finished) == []


@pytest.mark.parametrize(("typed", "letters"), [
    ("আমি ভাত খাই।", "6 letters here are"), ("मी भात खातो", "5 letters here are"), ("Go Ж.", "1 letter here is"),
])  # fmt: skip
def test_letters_of_another_script_are_said_to_be_unreadable(opened, typed, letters):
    type_in(opened, typed)
    assert refusals(opened) == []
    said = [element.proto.body for element in opened.get("html") if 'role="status"' in element.proto.body]
    assert any("The network reads English letters." in body and letters in body for body in said)
    type_in(opened, "Café, naïve, 12 €!")
    assert not any("English letters" in element.proto.body for element in opened.get("html"))


def test_a_refused_sentence_leaves_the_chosen_cell_of_the_run_before_alone(page):
    page.query_params.update({"column": "3", "unit": "7"})
    run_of(checked(page.run())).finish()
    type_in(page, "")
    assert (page.session_state["selection"].column, page.session_state["selection"].unit) == (3, 7)
    type_in(page, "I am here.")
    assert (page.session_state["selection"].column, page.session_state["selection"].unit) == (None, None)


def test_an_address_with_a_sentence_that_cannot_be_translated_says_so(page):
    page.query_params["sentence"] = "a" * 1000
    checked(page.run())
    (said,) = refusals(page)
    assert "1,000 characters" in said
    assert page.get("bidi_component") == []


@pytest.mark.parametrize("typed", [
    "<script>alert(1)</script>", "<b>bold</b>", "![x](http://example.com/x.png)", "$\\LaTeX$", ":red[x]",
    ":material/home:", "**a** _b_ `c` ~~d~~", "</p><img src=x>", "&lt;b&gt; &amp;",
])  # fmt: skip
def test_typed_mark_up_is_text_wherever_the_page_repeats_it(opened, typed):
    type_in(opened, typed)
    trace = run_of(opened).finish()
    checked(opened.run())
    assert captions.translation_caption(trace) in paragraphs(opened)
    inside = "".join(element.proto.body for element in opened.get("html") if "<style>" not in element.proto.body)
    marks = {'<p role="status"' if 'role="status"' in mark else mark for mark in re.findall(r"<[^>]*>", inside)}
    assert marks <= {'<p lang="en">', '<p role="status"', "</p>"}
    assert opened.markdown.values == []
    in_picture = set(re.findall(r"<[^>]*>", json.dumps(attention_of(opened))))
    assert in_picture <= {"<br>", "<extra>", "</extra>"}


# --- computing and showing


def test_a_run_is_computed_once_for_stream_captions_tables_and_figures(page, monkeypatch):
    started = []
    steps = Translator.steps
    monkeypatch.setattr(Translator, "steps", lambda self, *told: (started.append(told[0]), steps(self, *told))[1])
    run_of(checked(page.run())).finish()
    checked(page.run())
    checked(page.run())
    assert len(page.get("plotly_chart")) == 1
    assert [source.sentence for source in started] == [DEFAULT_SENTENCE]


def test_a_run_that_is_not_finished_has_no_attention_and_no_tables_yet(opened):
    assert opened.get("plotly_chart") == []
    assert len(opened.table) == 0
    assert run_of(opened).steps == [], "the stream computes, not the page"


def test_what_is_folded_away_is_not_sent(finished):
    assert len(finished.table) == len(finished.dataframe) == 0
    assert finished.get("download_button") == []
    unfolded = finish_unfolded(finished)
    assert len(unfolded.table) == len(unfolded.dataframe) == 1
    assert len(unfolded.get("download_button")) == 1 + len(QUANTITIES)


def test_captions_are_those_of_the_run(opened):
    finished = finish_unfolded(opened)
    trace = run_of(finished).trace
    shown = paragraphs(finished)
    assert captions.translation_caption(trace) in shown
    assert captions.attention_caption(trace) in shown
    for quantity in QUANTITIES:
        assert captions.quantity_caption(trace, quantity) in shown
    (chart,) = finished.get("plotly_chart")
    assert chart.proto.alt == captions.attention_caption(trace)


def test_the_attention_picture_holds_the_weights_of_the_run(finished):
    weights = array_of(attention_of(finished)["data"][0]["z"])
    assert weights.tobytes() == run_of(finished).trace.attention.astype(np.float32).tobytes()


@pytest.mark.parametrize(("column", "unit"), [(0, 0), (4, 200), (9, 31)])
def test_tables_hold_every_value_of_the_chosen_cell_exactly(page, column, unit):
    page.query_params.update({"column": str(column), "unit": str(unit)})
    finish_unfolded(checked(page.run()))
    trace = run_of(page).trace
    by_step, by_unit = page.table[0].value, page.dataframe[0].value
    for shown, expected in ((by_step, tables.unit_table(trace, unit)), (by_unit, tables.column_table(trace, column))):
        assert list(shown.columns) == list(expected)
        for name, values in expected.items():
            if isinstance(values, np.ndarray):
                assert shown[name].to_numpy().tolist() == values.tolist()
            else:
                assert [without_escapes(str(text)) for text in shown[name]] == list(map(str, values))
    assert captions.step_caption(trace, column, unit) in paragraphs(page)


def test_the_badge_tells_sentences_of_the_training_from_others(opened):
    assert sent_to_component(type_in(opened, "Help!"))["badge"]["kind"] == "seen"
    assert sent_to_component(type_in(opened, "Zebras xerox quokkas."))["badge"]["kind"] == "unseen"


@pytest.mark.parametrize(
    ("sentence", "language", "expected"),
    [
        ("He is a teacher.", "mr", ("seen", "seen in training")),
        ("He is a teacher.", "bn", ("unseen", "not in training in Bangla, only in Marathi")),
        ("I like apples.", "mr", ("unseen", "not in training in Marathi, only in Bangla")),
        ("I like apples.", "bn", ("seen", "seen in training")),
        ("Help!", "mr", ("seen", "seen in training")),
        ("Zebras xerox quokkas.", "mr", ("unseen", "not in training")),
    ],
)
def test_the_badge_speaks_for_the_language_on_view(sentence, language, expected):
    found = badge(sentence, language, "second-seed")  # which drew nothing from the grammar
    assert (found["kind"], found["text"]) == expected


def test_the_badge_follows_when_the_language_is_switched(page):
    page.query_params.update({"network": "second-seed"})
    opened = checked(page.run())
    assert sent_to_component(type_in(opened, "He is a teacher."))["badge"]["kind"] == "unseen"
    checked(opened.get("button_group")[0].set_value("mr").run())
    assert sent_to_component(opened)["badge"]["kind"] == "seen"


# --- the address


def test_an_address_opens_the_page_as_it_was_left(page):
    address = {"sentence": "I am here.", "to": "mr", "column": "2", "unit": "5", "order": "variance", "units": "all"}
    page.query_params.update(address)
    checked(page.run())
    sent = sent_to_component(page)
    assert run_of(page).source.sentence == page.text_input(key="sentence_input").value == "I am here."
    assert run_of(page).translator.language == "mr"
    assert sent["selected"] == {"column": 2, "unit": 5}
    assert sent["order"] == "variance"
    assert dict(page.query_params) == address


def test_an_address_that_points_past_the_run_says_so_and_shows_the_nearest_cell(page):
    page.query_params.update({"column": "999999", "unit": "999999"})
    finish_unfolded(checked(page.run()))
    trace = run_of(page).trace
    steps = len(trace.source_tokens) + len(trace.target_tokens)
    last_unit = trace.context.shape[1] - 1
    assert any(f"this run, which has {steps} steps" in text for text in paragraphs(page))
    assert captions.step_caption(trace, steps - 1, last_unit) in paragraphs(page)


@pytest.mark.parametrize("address", [
    {"to": "fr"}, {"order": "<script>"}, {"column": "-1", "unit": "x"}, {"column": "9" * 500}, {"nonsense": "1"},
    {"to": "", "order": "", "column": "", "unit": ""},
])  # fmt: skip
def test_an_address_that_makes_no_sense_opens_the_default(page, address):
    page.query_params.update(address)
    checked(page.run())
    assert refusals(page) == []
    assert run_of(page).source.sentence == DEFAULT_SENTENCE
    assert set(page.query_params) == {"sentence", "to"}
