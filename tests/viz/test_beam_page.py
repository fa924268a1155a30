"""Beam search, the untrained network and the nearest training sentence on the page, as a reader opens it."""

import html
import re
from itertools import product

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest
from test_pages import array_of, attention_of, checked, page, paragraphs, refusals, run_of, sent_to_component, type_in

from models import load_translator
from models.recurrent.lstm import LSTMLayer
from models.recurrent.trace import QUANTITIES
from models.translation.checkpoints import NAME, UNTRAINED
from models.translation.decoding import BeamSearch
from viz import loading
from viz.figures import captions
from viz.figures.search_captions import beam_caption, untrained_caption
from viz.live import badge
from viz.serving.runs import Run, find, start
from viz.state import DEFAULT_SENTENCE
from viz.translate.beam import dropped_table

__all__ = ["page"]  # the fixture


def finished(page: AppTest, **address) -> AppTest:
    page.query_params.update({name: str(value) for name, value in address.items()})
    run_of(checked(page.run())).finish()
    return checked(page.run())


def rows(page: AppTest) -> list[list[str]]:
    (table,) = [element.proto.body for element in page.get("html") if "<table>" in element.proto.body]
    return [
        [html.unescape(re.sub("<[^>]*>", "", cell)) for cell in re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row)]
        for row in re.findall(r"<tr[^>]*>(.*?)</tr>", table)[1:]
    ]


def group(page: AppTest, label: str):
    (found,) = [element for element in page.get("button_group") if element.proto.label == label]
    return found


def choose_beam(page: AppTest, width: int) -> AppTest:
    return checked(group(page, "Beam").set_value(width).run())


def choose_hypothesis(page: AppTest, number: int) -> AppTest:
    return checked(group(page, "Translation on view").set_value(number).run())


# --- greedy stays as it was


def test_greedy_search_has_no_section_of_its_own_and_says_nothing_in_the_address(page):
    finished(page)
    run = run_of(page)
    assert (run.width, run.beam) == (1, None)
    assert [element.proto.label for element in page.get("button_group")] == ["Translate to", "Beam", "Examples"]
    assert "Beam search" not in [element.value for element in page.subheader]
    assert set(page.query_params) == {"sentence", "to"}
    assert len(run.steps) == run.columns == run.computed


# --- a beam


def test_a_beam_can_be_chosen_changed_and_taken_back(page):
    finished(page)
    for width in (3, 2, 1, 5):
        choose_beam(page, width)
        run = run_of(page)
        assert run.width == width
        assert page.query_params.get("beam") == (None if width == 1 else str(width))
        beam = loading.translator("bn").search(DEFAULT_SENTENCE, width)
        assert run.finish().target_tokens == beam.trace(beam.search.hypotheses[0]).target_tokens


def test_the_table_holds_every_hypothesis_with_its_numbers_and_marks_the_one_on_view(page):
    finished(page, beam=3)
    beam = loading.translator("bn").search(DEFAULT_SENTENCE, 3)
    shown = rows(page)
    assert len(shown) == 3
    for number, (row, node) in enumerate(zip(shown, beam.search.hypotheses, strict=True), start=1):
        place, text, total, length, score, remarks = row
        assert (place, text, length) == (str(number), beam.text(node), str(len(node.tokens)))
        assert float(total.replace("−", "-")) == pytest.approx(node.total, abs=6e-5)
        assert float(score.replace("−", "-")) == pytest.approx(node.total / ((5 + node.step) / 6) ** 0.6, abs=6e-5)
        assert ("on view" in remarks) == (number == 1)
        assert ("greedy" in remarks) == node.is_greedy
    body = next(element.proto.body for element in page.get("html") if "<table>" in element.proto.body)
    assert body.count('<span lang="bn">') == 3
    assert beam_caption(beam) in paragraphs(page)


def test_every_hypothesis_can_be_looked_at_with_its_own_gates_and_nothing_is_computed_again(page, monkeypatch):
    finished(page, beam=3)
    first = run_of(page)
    monkeypatch.setattr(LSTMLayer, "step", lambda *_: pytest.fail("computed again"))
    shown = {sent_to_component(page)["run"]}
    for number in (2, 3, 1, 2):
        choose_hypothesis(page, number)
        on_view = find(sent_to_component(page)["run"])
        node = first.beam.search.hypotheses[number - 1]
        assert on_view.hypothesis == number
        assert on_view.trace.text == first.beam.text(node)
        assert page.query_params.get("hypothesis") == (None if number == 1 else str(number))
        assert captions.translation_caption(on_view.trace) in paragraphs(page)
        weights = array_of(attention_of(page)["data"][0]["z"])
        assert weights.tobytes() == on_view.trace.attention.astype(np.float32).tobytes()
        assert ["on view" in row[-1] for row in rows(page)] == [at == number for at in (1, 2, 3)]
        shown.add(on_view.id)
    assert len(shown) == 3, "each is one run, however often it is looked at"
    assert run_of(page) is first


def test_the_address_opens_the_hypothesis_that_was_on_view(page):
    finished(page, beam=3, hypothesis=2, to="mr", sentence="Where did you buy this book?")
    run = run_of(page)
    assert (run.width, run.hypothesis) == (3, 2)
    assert run.trace.text == rows(page)[1][1]
    assert sent_to_component(page)["run"] == run.id
    assert dict(page.query_params) == {
        "beam": "3", "hypothesis": "2", "to": "mr", "sentence": "Where did you buy this book?",
    }  # fmt: skip


@pytest.mark.parametrize("address", [
    {"beam": "99"}, {"beam": "x"}, {"beam": "0"}, {"beam": "1" * 500}, {"hypothesis": "77"}, {"network": "x"},
    {"beam": "", "hypothesis": "", "network": "<script>"}, {"network": "../../etc"},
])  # fmt: skip
def test_an_address_that_makes_no_sense_opens_greedy_search(page, address):
    finished(page, **address)
    assert refusals(page) == []
    assert (run_of(page).width, run_of(page).hypothesis) == (1, 1)
    assert set(page.query_params) == {"sentence", "to"}


def test_a_hypothesis_beyond_the_beam_is_the_best_one(page):
    finished(page, beam=3, hypothesis=77)
    assert run_of(page).hypothesis == 1
    assert [row[-1].startswith("on view") for row in rows(page)] == [True, False, False]


def test_a_hypothesis_that_the_search_did_not_find_is_said_to_be_missing(page, monkeypatch):
    found = BeamSearch.hypotheses.fget
    monkeypatch.setattr(BeamSearch, "hypotheses", property(lambda self: found(self)[:2]))
    finished(page, beam=3, hypothesis=3)
    assert run_of(page).hypothesis == 1
    assert "The link asks for translation 3 of 2; the best is on view." in paragraphs(page)


def test_another_sentence_language_or_beam_begins_with_the_best_again(page):
    finished(page, beam=3, hypothesis=2)
    type_in(page, "I am here.")
    assert run_of(page).hypothesis == page.session_state["selection"].hypothesis == 1
    run_of(page).finish()
    choose_hypothesis(checked(page.run()), 3)
    choose_beam(page, 4)
    assert run_of(page).hypothesis == 1
    assert "hypothesis" not in page.query_params


def test_the_chosen_unit_stays_with_another_hypothesis_and_a_decoder_step_does_not(page):
    finished(page, beam=3, column=12, unit=7)
    choose_hypothesis(page, 2)
    chosen = page.session_state["selection"]
    assert (chosen.column, chosen.unit) == (None, 7)
    chosen.column = 3
    choose_hypothesis(page, 1)
    assert (chosen.column, chosen.unit) == (3, 7)
    assert not any("points past" in text for text in paragraphs(page))


def test_dropped_tokens_are_sent_when_they_are_unfolded(page):
    finished(page, beam=2)
    assert len(page.dataframe) == 0
    page.session_state["in_dropped"] = True
    checked(page.run())
    (table,) = page.dataframe
    beam = run_of(page).beam
    assert table.value["Step"].to_list() == [node.step for node in beam.search.dropped]
    assert table.value["Token"].to_list() == dropped_table(beam)["Token"]
    for reason, node in zip(table.value["Reason"], beam.search.dropped, strict=True):
        assert reason.replace("−", "-") == node.fate.reason
    assert table.value["After"].to_list()[-1] == beam.text(beam.search.dropped[-1].parent)


@pytest.mark.parametrize("typed", ["<b>bold</b>", "<script>alert(1)</script>", "$x$ **a**"])
def test_typed_mark_up_stays_text_in_a_beam_search(page, typed):
    finished(page, beam=3, sentence=typed)
    inside = "".join(element.proto.body for element in page.get("html") if "<style>" not in element.proto.body)
    allowed = {"p", "/p", "div", "/div", "table", "/table", "thead", "/thead", "tbody", "/tbody", "tr", "/tr", "th",
               "/th", "td", "/td", "span", "/span"}  # fmt: skip
    assert {re.split(r"[ >]", mark[1:])[0] for mark in re.findall(r"<[^>]*>", inside)} <= allowed


def test_typed_and_written_mark_up_is_escaped_in_the_table(page, monkeypatch):
    monkeypatch.setattr("models.translation.translator.Beam.text", lambda self, node: "<img src=x> **a**")
    finished(page, beam=2)
    body = next(element.proto.body for element in page.get("html") if "<table>" in element.proto.body)
    assert "<img" not in body
    assert [row[1] for row in rows(page)] == ["<img src=x> **a**"] * 2


# --- the run


def test_a_run_of_a_beam_reads_searches_and_then_shows_the_steps_of_the_search(tiny_translator):
    run = start(tiny_translator, "the cat sat", 3)
    trace = run.finish()
    kinds = [type(step).__name__ for step in run.steps]
    S, T = len(run.source.tokens), len(trace.target_tokens)
    searched = kinds.count("SearchStep")
    assert kinds == ["EncoderStep"] * S + ["SearchStep"] * searched + ["DecoderStep"] * T
    assert run.columns == S + T
    assert run.computed == S + sum(node.reading is not None for node in run.beam.search.nodes) > run.columns
    beam = tiny_translator.search("the cat sat", 3)
    expected = beam.trace(beam.search.hypotheses[0])
    for quantity in QUANTITIES:
        assert np.array_equal(getattr(trace.decoder[-1], quantity), getattr(expected.decoder[-1], quantity))


def test_a_search_is_computed_step_by_step_and_stops_with_its_reader(tiny_translator):
    run = Run(tiny_translator, "the cat sat", 3)
    S = len(run.source.tokens)
    assert run.steps == []
    run.step(S)
    assert len(run.steps) == S + 1
    assert len(run.beam.search.nodes) == 1 + 5
    assert run.looking_at(2) is run, "there is nothing else to look at before the end"


# --- captions


def test_the_caption_compares_the_best_with_what_greedy_search_truly_writes(tiny_translator, english_sentences):
    said = set()
    for sentence, width in product(english_sentences, (2, 3, 5)):
        beam, greedy = tiny_translator.search(sentence, width), tiny_translator.translate(sentence)
        tokens = [beam.trace(node).target_tokens for node in beam.search.hypotheses]
        if tokens[0] == greedy.target_tokens:
            expected = "The best is the same as the greedy one."
        elif greedy.target_tokens in tokens:
            expected = f"not the greedy one, which is number {tokens.index(greedy.target_tokens) + 1} by score."
        else:
            expected = "not the greedy one, which the search dropped at step"
        assert expected in beam_caption(beam)
        said.add(expected.split("which")[-1][:6])
    assert len(said) == 3


# --- the untrained network


def test_the_untrained_network_is_shown_as_such_and_the_trained_one_comes_back(page):
    finished(page)
    page.selectbox(key="network_choice").set_value("untrained").run()
    run = run_of(checked(page))
    assert page.query_params["network"] == "untrained"
    trace = run.finish()
    assert trace.target_tokens == load_translator("bn", name=UNTRAINED).translate(DEFAULT_SENTENCE).target_tokens
    checked(page.run())
    assert sent_to_component(page)["badge"] == {"kind": "untrained", "text": "untrained: random initial weights"}
    assert untrained_caption(trace) in paragraphs(page)
    page.selectbox(key="network_choice").set_value("translator").run()
    assert sent_to_component(checked(page))["badge"]["kind"] in ("seen", "unseen")
    assert run_of(page).finish().text == loading.translator("bn").translate(DEFAULT_SENTENCE).text
    assert "network" not in page.query_params


def test_the_caption_of_the_untrained_network_is_computed_from_its_run():
    trace = load_translator("bn", name=UNTRAINED).translate("Help!")
    caption = untrained_caption(trace)
    forget = np.concatenate([trace.encoder[-1].forget_gate, trace.decoder[-1].forget_gate]).mean()
    assert f"{trace.probabilities[0]:.5f}" in caption
    assert f"{1 / trace.logits.shape[1]:.5f}" in caption
    assert f"forget gates are {forget:.2f}" in caption


def test_an_untrained_beam_opens_from_its_address(page):
    finished(page, beam=2, network="untrained", to="mr", sentence="Go.")
    assert run_of(page).translator.parameters is loading.translator("bn", "untrained").parameters
    assert page.selectbox(key="network_choice").value == "untrained"
    assert len(rows(page)) == 2


# --- the training


def test_the_nearest_training_sentence_is_looked_for_only_when_it_is_unfolded(page, monkeypatch):
    looked = []
    monkeypatch.setattr(loading, "nearest", lambda sentence, training: looked.append(sentence))
    finished(page)
    assert looked == []
    page.session_state["in_nearest"] = True
    checked(page.run())
    assert looked == [DEFAULT_SENTENCE]
    assert any("within two words" in text for text in paragraphs(page))


def test_the_nearest_training_sentence_is_named_with_its_distance():
    def near(sentence):
        return badge.nearest_words(sentence, "second-seed")  # which drew nothing from the grammar

    assert "trained on this sentence: “help”, with Bangla and Marathi translations, case" in near("Help!")
    assert "“he is a teacher”, with Marathi translations alone, case" in near("He is a teacher.")
    assert "1 word away" in near("I like apples now.")
    assert near("I like apples now.").endswith(" It was trained on with Bangla translations alone.")
    assert "1 word away" in near(DEFAULT_SENTENCE) or "trained on this sentence" in near(DEFAULT_SENTENCE)
    assert "No sentence that lies within two words" in near("Zebras xerox quokkas under purple moons.")


def test_a_sentence_longer_than_the_training_is_warned_of():
    index = loading.training_index(NAME)
    assert badge.length_warning(3) == ""
    assert f"the longest has {index.longest}" in badge.length_warning(index.longest + 1)
    rare = next(count for count in range(1, index.longest) if index.share_longer(count - 1) <= 0.01)
    assert badge.length_warning(rare - 1) == ""
    assert f"{rare} subwords, more than 99 in 100" in badge.length_warning(rare)
    shares = index.lengths / index.lengths.sum()
    assert shares[rare:].sum() <= 0.01 < shares[rare - 1 :].sum()


def test_the_warning_stands_on_the_page_and_a_usual_sentence_has_none(page):
    def warnings() -> list[str]:
        return [element.proto.body for element in page.get("html") if 'role="status"' in element.proto.body]

    finished(page)
    assert warnings() == []
    type_in(page, "a very " + "long " * 25 + "sentence")
    (said,) = warnings()
    assert "subwords, more than" in said
