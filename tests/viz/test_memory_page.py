"""The page about memory as a reader opens it: the ledger of the cell state and the ledger of a word."""

import html
import json
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sessions import run_of
from streamlit.testing.v1 import AppTest
from widgets import numbered

from models.analysis.lifetimes import half_lives
from models.analysis.provenance import layer_ledger, logit_ledger
from models.translation.record import TranslationTrace
from viz.figures.columns import columns_of
from viz.figures.memory import signed
from viz.figures.wording import scientific
from viz.memory.page import VIEWS
from viz.memory.word import SAME
from viz.state import LONGEST_GROUP
from viz.widgets.units import PRESETS, GroupError, as_list, kind_of, listed, parsed, preset

NAVIGATION = Path(__file__).resolve().parent.parent.parent / "viz" / "navigation.py"
UNITS = 256
SOURCE = 8  # tokens of the default sentence: six, tag and end mark


@pytest.fixture
def open_memory():
    """Open the page by the navigation, as a link with this address does."""

    def open_page(is_unfolded: bool = True, **address: object) -> AppTest:
        page = AppTest.from_file(str(NAVIGATION), default_timeout=60)
        for name, value in address.items():
            page.query_params[name] = str(value)
        page.session_state["in_reading"] = page.session_state["in_means"] = is_unfolded
        return checked(page.switch_page("memory/page.py").run())

    return open_page


def checked(page: AppTest) -> AppTest:
    assert not page.exception, page.exception[0].message
    return page


def trace_of(page: AppTest) -> TranslationTrace:
    return run_of(page).finish()


def bodies(page: AppTest) -> list[str]:
    return [element.proto.body for element in page.get("html") if "<style>" not in element.proto.body]


def said(page: AppTest) -> str:
    return html.unescape(re.sub("<[^>]*>", " ", " ".join(bodies(page))))


def with_role(page: AppTest, role: str) -> list[str]:
    return [html.unescape(re.sub("<[^>]*>", "", body)) for body in bodies(page) if f'role="{role}"' in body]


def problems(page: AppTest) -> list[str]:
    return with_role(page, "alert")


def tables(page: AppTest) -> dict[str, list[list[str]]]:
    """Caption: rows, the header first."""
    found = {}
    for body in bodies(page):
        if match := re.search(r"<caption>(.*?)</caption>", body, re.DOTALL):
            rows = re.findall(r"<tr>(.*?)</tr>", body, re.DOTALL)
            cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in rows]
            found[html.unescape(match[1])] = [[html.unescape(cell) for cell in row] for row in cells]
    return found


def ledger_table(page: AppTest) -> tuple[str, list[list[str]]]:
    ((caption, rows),) = tables(page).items()
    return caption, rows[1:]


def terms_table(page: AppTest) -> tuple[str, list[list[str]]]:
    caption = next(name for name in tables(page) if name.startswith("Logit of"))
    return caption, tables(page)[caption][1:]


def titles(page: AppTest) -> list[str]:
    return [json.loads(chart.proto.spec)["layout"]["title"]["text"] for chart in page.get("plotly_chart")]


def chosen(page: AppTest):
    return page.session_state["selection"]


# --- how a view begins


@pytest.mark.parametrize("column", [3, SOURCE + 2])
@pytest.mark.parametrize("view", VIEWS)
def test_every_view_begins_with_its_answer_and_with_few_words(open_memory, view, column):
    page = open_memory(view=view, column=column, is_unfolded=False)
    of_menu = max(at for at, body in enumerate(bodies(page)) if "Untrained: the translator" in body)
    first, *others = [body for body in bodies(page)[of_menu + 1 :] if "<table" not in body]
    assert 'class="headline"' in first
    assert not any('class="headline"' in body for body in others)
    texts = [html.unescape(re.sub("<[^>]*>", " ", body)) for body in (first, *others)]
    texts += [element.value for element in page.subheader]
    assert len(" ".join(texts).split()) <= 130, texts
    fold = next(each for each in page.expander if each.label.startswith("How to read this"))
    assert len(fold) == 0, "computed while it is unfolded"
    assert len(bodies(open_memory(view=view, column=column))) > len(bodies(page)) + 2


def test_the_answer_of_a_ledger_names_the_largest_part(open_memory):
    page = open_memory(column=SOURCE + 1, unit=40)
    parts = layer_ledger(trace_of(page), 0, [40]).at(SOURCE + 1)[:, 0]
    at = int(np.abs(parts).argmax())
    share = 100 * abs(parts[at]) / np.abs(parts).sum()
    places = ["the initial state", *(column.reading for column in columns_of(trace_of(page)))]
    assert f"the largest part, {share:.0f} % of it by size, was written at {places[at]}." in said(page)


def test_the_answer_of_a_word_adds_up(open_memory):
    page = open_memory(view="word", column=SOURCE + 2)
    (text,) = [each for each in bodies(page) if 'class="headline"' in each]
    total, *parts = (float(each.replace("−", "-")) for each in re.findall(r"[+−]?\d+\.\d{4}", html.unescape(text)))
    assert sum(parts) == pytest.approx(total, abs=2e-4)
    assert total > 0


# --- lists of units as people type them


@given(st.sets(st.integers(0, UNITS - 1), min_size=1))
def test_a_list_of_units_is_read_back_from_its_own_text(units):
    ascending = tuple(sorted(units))
    text = as_list(ascending)
    if len(text) <= LONGEST_GROUP:
        assert parsed(text, UNITS) == ascending
    else:
        with pytest.raises(GroupError, match="characters"):
            parsed(text, UNITS)


@given(st.text(max_size=LONGEST_GROUP + 20), st.integers(1, 300))
def test_whatever_is_typed_is_units_of_the_layer_or_a_sentence(text, count):
    try:
        units = parsed(text, count)
    except GroupError:
        return
    assert units == tuple(sorted(set(units)))
    assert 0 <= units[0] <= units[-1] < count


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("3, 17, 40-42", (3, 17, 40, 41, 42)),
        ("17 3 3", (3, 17)),
        (" 4 - 6 ,5", (4, 5, 6)),
        ("9–9", (9,)),
        ("0-255", tuple(range(256))),
        ("007", (7,)),
    ],
)
def test_lists_are_read_with_ranges_and_blanks_each_unit_once(text, units):
    assert parsed(text, UNITS) == units


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "empty"),
        (" , ", "empty"),
        ("a", "“a” is no unit"),
        ("3,৪", "“৪” is no unit"),
        ("²", "“²” is no unit"),
        ("1.5", "“1.5” is no unit"),
        ("-3", "“-3” is no unit"),
        ("3-", "“3-” is no unit"),
        ("1-2-3", "“1-2-3” is no unit"),
        ("<b>x</b>", "“<b>x</b>” is no unit"),
        ("256", "no unit 256: this layer has 256 units, 0 to 255"),
        ("250-300", "no unit 300"),
        ("52-40", "52-40 runs backwards. Type the smaller number first: 40-52"),
        ("9" * 200, "There is no unit 999"),
        ("1," * 150, f"at most {LONGEST_GROUP}"),
    ],
)
def test_what_is_no_list_of_units_is_refused_in_a_sentence(text, sentence):
    with pytest.raises(GroupError, match=re.escape(sentence)):
        parsed(text, UNITS)


def test_a_stored_group_is_the_chosen_unit_a_preset_or_a_list():
    assert [kind_of(group) for group in ("", *PRESETS, "3, 4", "nonsense")] == ["", *PRESETS, "list", "list"]
    assert listed("4", UNITS).name == "unit 4"


def test_presets_are_the_units_that_their_names_say(shipped_translator):
    translation = shipped_translator("bn").translate("She is reading a book.")
    assert preset("all", translation, 0, 3).units == tuple(range(UNITS))
    for column in (3, SOURCE + 2):
        largest = preset("largest", translation, 0, column).units
        sizes = np.abs(translation.values("cell_state")[column])
        assert len(largest) == 16
        assert min(sizes[list(largest)]) >= max(np.delete(sizes, list(largest)))
    lives = half_lives(translation.values("forget_gate"))
    windows, latches = (preset(kind, translation, 0, 3).units for kind in ("windows", "latches"))
    assert max(lives[list(windows)]) <= min(np.delete(lives, list(windows)))
    assert min(lives[list(latches)]) >= max(np.delete(lives, list(latches)))
    assert not set(windows) & set(latches)


def test_a_small_layer_has_smaller_presets(translation):
    assert [len(preset(kind, translation, 0, 0).units) for kind in PRESETS] == [6, 6, 6, 6]


# --- the ledger of the cell state


@pytest.mark.parametrize("column", [0, 5, SOURCE, SOURCE + 4, 999])
def test_the_ledger_of_any_step_prints_sum_stored_value_and_residual_of_this_run(open_memory, column):
    page = open_memory(column=column, unit=33)
    translation = trace_of(page)
    steps = len(translation.source_tokens) + len(translation.target_tokens)
    at = min(column, steps - 1)
    exact = layer_ledger(translation, 0, [33])
    caption, rows = ledger_table(page)
    assert caption.startswith("Ledger of unit 33 after")
    assert len(rows) == at + 2 + 3
    assert [row[4] for row in rows[: at + 2]] == [signed(part) for part in exact.at(at)[:, 0]]
    assert [row[0] for row in rows[-3:]] == ["sum", "stored cell state", "residual"]
    assert rows[-2][-1] == signed(exact.cell_state[at, 0])
    assert rows[-1][-1] == scientific(exact.residual()[at, 0])
    assert ("points past this run" in said(page)) == (column == 999)
    assert "is not caused by it" in said(page)
    assert problems(page) == []


def test_the_ledger_follows_the_sentence_and_the_language(open_memory):
    page = open_memory(column=3, unit=5)
    seen = set()
    for sentence in ("I am here.", "Help!"):
        checked(page.text_input(key="sentence_input").set_value(sentence).run())
        for language in ("mr", "bn"):
            checked(page.segmented_control(key="language_switch").set_value(language).run())
            seen.add(tuple(row[4] for row in ledger_table(page)[1]))
    assert len(seen) == 4


def test_every_choice_of_units_is_shown_kept_in_the_address_and_can_be_taken_again(open_memory):
    page = open_memory(column=SOURCE + 1, unit=40)
    for kind in (*PRESETS, "", *PRESETS):
        checked(numbered(page.selectbox, "memory_units").set_value(kind).run())
        caption, rows = ledger_table(page)
        translation = trace_of(page)
        units = (40,) if not kind else preset(kind, translation, 0, SOURCE + 1).units
        norm = np.linalg.norm(translation.values("cell_state")[SOURCE + 1, list(units)].astype(float))
        stored = translation.values("cell_state")[SOURCE + 1, 40] if not kind else norm
        assert rows[-2][-1] == signed(stored), kind
        assert page.query_params.get("group", "") == kind
        assert titles(page) == (["Parts of c", "Sum of its parts"] if not kind else ["Norms", "Sum of projections"])
        assert ("unit 40" in caption) == (not kind)


def test_a_typed_list_begins_with_the_units_on_view_and_is_kept(open_memory):
    page = open_memory(column=4, group="largest")
    before = ledger_table(page)[1]
    checked(numbered(page.selectbox, "memory_units").set_value("list").run())
    assert ledger_table(page)[1] == before
    assert problems(page) == []
    for text, name in (("3, 17, 40-42", "the 5 units 3, 17, 40-42"), ("8", "unit 8")):
        checked(numbered(page.text_input, "memory_list").set_value(text).run())
        assert ledger_table(page)[0].startswith(f"Ledger of {name} after")
        assert page.query_params["group"] == text


def test_a_list_that_makes_no_sense_is_said_and_the_view_before_stays(open_memory):
    page = open_memory(column=4, group="3, 17")
    before = ledger_table(page)
    for text in ("3, x", "", "52-40", "256", "<img src=x>"):
        checked(numbered(page.text_input, "memory_list").set_value(text).run())
        (problem,) = problems(page)
        with pytest.raises(GroupError) as refused:
            parsed(text, UNITS)
        assert problem == str(refused.value)
        assert ledger_table(page) == before
        assert page.query_params["group"] == "3, 17"
    checked(numbered(page.text_input, "memory_list").set_value("4, 5").run())
    assert problems(page) == []
    assert ledger_table(page) != before


@pytest.mark.parametrize("group", ["৩", "999", "9-2", "x" * 500, "[a](http://example.com) $x$", "list"])
def test_a_link_with_a_bad_list_says_so_and_shows_the_chosen_unit(open_memory, group):
    page = open_memory(column=4, unit=7, group=group)
    assert len(problems(page)) == 1
    assert ledger_table(page)[0].startswith("Ledger of unit 7 after")


def test_views_can_be_left_and_come_back_to_with_their_units(open_memory):
    page = open_memory(column=SOURCE + 1, group="3, 17")
    before = ledger_table(page)
    for _ in range(2):
        checked(page.segmented_control(key="memory_view").set_value("word").run())
        assert terms_table(page)
        checked(page.segmented_control(key="memory_view").set_value("ledger").run())
        assert ledger_table(page) == before
    checked(page.switch_page("trust/page.py").run())
    checked(page.switch_page("memory/page.py").run())
    assert ledger_table(page) == before


def test_tokens_that_look_like_mark_up_stay_inert(open_memory):
    page = open_memory(sentence="<b>I</b> $x$ am <script>", column=3)
    for view in ("word", "ledger"):
        checked(page.segmented_control(key="memory_view").set_value(view).run())
        for body in bodies(page):
            assert not re.search(r"<(?!/?(p|h2|div|table|caption|thead|tbody|tr|th|td)\b)", body), body
        for chart in page.get("plotly_chart"):
            for text in re.findall(r'"((?:[^"\\]|\\.)*)"', chart.proto.spec):
                assert not re.search(r"<(?!/?b>|br>|extra>|/extra>)", text), text


# --- the ledger of a word


def shown(page: AppTest, name: str) -> str:
    return numbered(page.selectbox, f"memory_word_{name}").value


def test_the_word_that_was_written_is_compared_with_the_most_probable_other(open_memory):
    for step in (0, 3):
        page = open_memory(view="word", column=SOURCE + step)
        translation, run = trace_of(page), run_of(page)
        vocabulary = run.translator.target_vocabulary
        written, second = (vocabulary[candidate.token] for candidate in translation.candidates[step][:2])
        exact = logit_ledger(run.translator, translation, step, written, second)
        rows = terms_table(page)[1]
        values = [signed(value) for value in (exact.bias, *exact.attention, *exact.memory)]
        assert [row[4] for row in rows[:-5]] == values
        assert [row[-1] for row in rows[-5:]] == [
            signed(exact.attention.sum()), signed(exact.memory.sum()), signed(exact.total), signed(exact.difference),
            scientific(exact.residual),
        ]  # fmt: skip
        assert problems(page) == []


def test_an_encoder_step_has_no_word_and_the_first_decoder_step_is_shown(open_memory):
    page = open_memory(view="word", column=2)
    assert with_role(page, "status") == [
        "The chosen step is one of the encoder, which writes no token. This is the first step of the decoder."
    ]
    assert numbered(page.selectbox, "memory_word_step").value == 0
    assert chosen(page).column == 2
    checked(numbered(page.selectbox, "memory_word_step").set_value(2).run())
    assert with_role(page, "status") == []
    assert page.query_params["column"] == str(SOURCE + 2)


def test_the_step_can_be_chosen_again_and_again_and_takes_its_own_tokens(open_memory):
    page = open_memory(view="word", column=SOURCE)
    serial = chosen(page).moves
    for step in (3, 1, 3):
        before = shown(page, "other")
        checked(
            numbered(page.selectbox, "memory_word_other")
            .set_value(numbered(page.selectbox, "memory_word_other").options[9])
            .run()
        )
        assert shown(page, "other") != before
        assert "other" in page.query_params
        checked(numbered(page.selectbox, "memory_word_step").set_value(step).run())
        assert chosen(page).column == SOURCE + step
        assert "other" not in page.query_params
        token = trace_of(page).target_tokens[step].replace("▁", "")
        assert shown(page, "one").startswith(token)
    assert chosen(page).moves == serial + 3  # the heat maps above follow


def test_every_token_of_the_lists_can_be_taken_twice_and_is_kept_in_the_address(open_memory):
    page = open_memory(view="word", column=SOURCE + 1)
    for name in ("one", "other", "one", "other"):
        label = numbered(page.selectbox, f"memory_word_{name}").options[5 if name == "one" else 7]
        checked(numbered(page.selectbox, f"memory_word_{name}").set_value(label).run())
        assert shown(page, name) == label
        assert problems(page) == []
    run = run_of(page)
    one, other = (int(page.query_params[name]) for name in ("one", "other"))
    logits = trace_of(page).logits[1].astype(float)
    assert (np.argsort(-logits, kind="stable")[[5, 7]] == [one, other]).all()
    assert terms_table(page)[1][-2][-1] == signed(logits[one] - logits[other])
    again = open_memory(view="word", column=SOURCE + 1, one=one, other=other)
    assert terms_table(again) == terms_table(page)
    checked(page.button(key="memory_word_swap").click().run())
    assert terms_table(page)[1][-2][-1] == signed(logits[other] - logits[one])
    assert run.translator is run_of(page).translator


def test_another_token_than_the_written_one_is_compared_with_the_most_probable(open_memory):
    page = open_memory(view="word", column=SOURCE + 1, one=50)
    best = int(trace_of(page).logits[1].argmax())
    logits = trace_of(page).logits[1].astype(float)
    assert best != 50
    assert terms_table(page)[1][-2][-1] == signed(logits[50] - logits[best])
    assert problems(page) == []


def typed(page: AppTest, name: str, text: str) -> AppTest:
    """Type a token that is not in the list."""
    box = numbered(page.selectbox, f"memory_word_{name}")
    box.options.append(text)
    return checked(box.set_value(text).run())


def test_any_other_token_of_the_vocabulary_can_be_typed(open_memory):
    page = open_memory(view="word", column=SOURCE + 1)
    vocabulary = run_of(page).translator.target_vocabulary
    rare = np.argsort(trace_of(page).logits[1])
    number = next(n for n in rare if vocabulary.tokens[n].startswith("▁") and vocabulary.tokens[n][1:].isalpha())
    token = vocabulary.tokens[number]
    for text in (token, token[1:]):
        typed(page, "other", text)
        assert problems(page) == []
        assert shown(page, "other").startswith(token[1:])
        assert vocabulary.tokens[chosen(page).other][1:] == token[1:] or text != token
        assert "less than 0.01" in shown(page, "other")


@pytest.mark.parametrize("text", ["no such token", "<b>", "$x$", "  ", "x" * 300])
def test_a_token_that_is_not_in_the_vocabulary_is_refused_and_the_tokens_before_stay(open_memory, text):
    page = open_memory(view="word", column=SOURCE + 1)
    before = terms_table(page)
    typed(page, "other", text)
    (problem,) = problems(page)
    assert "is no token of the vocabulary" in problem
    assert text[:60] in problem
    assert terms_table(page) == before
    checked(page.segmented_control(key="memory_writes").set_value("newest first").run())
    assert problems(page) == []


def test_the_same_token_twice_is_refused_and_the_tokens_before_stay(open_memory):
    page = open_memory(view="word", column=SOURCE + 1)
    before = terms_table(page)
    for name, same in (("one", "other"), ("other", "one")):
        checked(numbered(page.selectbox, f"memory_word_{name}").set_value(shown(page, same)).run())
        assert problems(page) == [SAME]
        assert terms_table(page) == before


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ({"one": 4000}, "There is no token number 4000: the vocabulary has 4000 tokens, from 0."),
        ({"other": 999999}, "There is no token number 999999: the vocabulary has 4000 tokens, from 0."),
        ({"one": 7, "other": 7}, "A and B are the same token, so nothing tells them apart."),
    ],
)
def test_a_link_with_tokens_that_make_no_sense_says_so_and_shows_others(open_memory, address, sentence):
    page = open_memory(view="word", column=SOURCE + 1, **address)
    (problem,) = problems(page)
    assert problem.startswith(sentence)
    assert abs(float(terms_table(page)[1][-1][-1].replace("−", "-"))) < 1e-4
    assert shown(page, "one") != shown(page, "other")


def test_each_order_is_shown_and_the_sum_does_not_move(open_memory):
    page = open_memory(view="word", column=SOURCE + 2)
    run, translation = run_of(page), trace_of(page)
    one, other = (run.translator.target_vocabulary[c.token] for c in translation.candidates[2][:2])
    sums, splits, moves = set(), set(), set()
    for order in ("newest first", "mean of both", "oldest first", "newest first"):
        checked(page.segmented_control(key="memory_writes").set_value(order).run())
        exact = logit_ledger(run.translator, translation, 2, one, other, order)
        rows = terms_table(page)[1]
        memory = tuple(row[4] for row in rows if row[1] == "memory")
        assert memory == tuple(signed(term) for term in exact.memory)
        sums.add(rows[-3][-1])
        splits.add(memory)
        moves.add(re.search(r"moves by (\d+\.\d+)", said(page))[1])
        assert page.query_params.get("writes", "oldest first") == order
    assert len(sums) == len(moves) == 1
    assert len(splits) == 3


def test_tokens_of_a_link_are_forgotten_with_its_sentence(open_memory):
    page = open_memory(view="word", column=SOURCE + 1, one=50, other=60)
    assert (chosen(page).one, chosen(page).other) == (50, 60)
    checked(page.text_input(key="sentence_input").set_value("I am here.").run())
    assert (chosen(page).one, chosen(page).other) == (None, None)
    assert problems(page) == []


def test_the_words_say_what_the_split_and_the_weights_are_not(open_memory):
    text = said(open_memory(view="word", column=SOURCE + 1))
    for sentence in (
        "the split depends on the order; the sum does not",
        "Attention weights are on states, not on words",
    ):
        assert sentence in text
