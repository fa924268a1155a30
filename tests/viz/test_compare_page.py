"""Two runs side by side as a reader opens them: what is said of each, and what B makes of the memory of A."""

import html
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import streamlit as st
from sessions import compared, run_of
from streamlit.testing.v1 import AppTest
from walking import walk
from widgets import numbered

from models.analysis.comparison import first_divergence, paired, pairs_of_tokens
from models.analysis.matching import match_units
from models.language.vocabulary import UNKNOWN
from models.recurrent.trace import QUANTITIES
from models.translation.checkpoints import load_translator
from models.translation.interventions import Donor, Intervention, from_json, to_json
from viz import loading
from viz.compare import transplant, units
from viz.compare.recipes import MINIMAL_PAIRS
from viz.compare.sides import Shown
from viz.compare.transplant import change_words, patches, why_not
from viz.figures import comparison_captions, matching_captions
from viz.live import side_by_side as shown_together
from viz.networks import TIME_MACHINE
from viz.serving.runs import start

NAVIGATION = Path(__file__).resolve().parent.parent.parent / "viz" / "navigation.py"
IS, WAS = "He is in the house.", "He was in the house."


class Beside:
    """In place of both heat maps: keeps what they are told, and chooses as a reader would."""

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []
        self.pair = (0, 0)
        self.state = ("a", 0)

    def __call__(self, a: Any, b: Any, *, on_selected: Any, on_course: Any = None, **told: Any) -> None:
        self.told.append({"a": a, "b": b, **told})
        st.button("A cell is chosen", key="choose", on_click=lambda: on_selected(*self.pair, None))
        st.button("A slider has come to rest", key="rest", on_click=lambda: on_course(*self.state))


@pytest.fixture
def beside(monkeypatch) -> Beside:
    monkeypatch.setattr(shown_together, "side_by_side", found := Beside())  # the page imports it anew in each run
    return found


@pytest.fixture
def open_compare(beside):
    """Open the page by the navigation, as a link with this address does, and read both runs to their end."""

    def open_page(**address: object) -> AppTest:
        page = AppTest.from_file(str(NAVIGATION), default_timeout=60)
        for name, value in address.items():
            page.query_params[name] = str(value)
        return finished(page.switch_page("compare/page.py").run())

    return open_page


def checked(page: AppTest) -> AppTest:
    assert not page.exception, page.exception[0].message
    return page


def shown(page: AppTest) -> Shown:
    return compared(page)


def finished(page: AppTest) -> AppTest:
    """As after the component has read both streams to their end."""
    checked(page)
    if shown(page) is not None:
        for run in shown(page).runs:
            run.finish()
        checked(page.run())
    return page


def press(page: AppTest, key: str) -> AppTest:
    return finished(page.button(key=key).click().run())


def bodies(page: AppTest) -> list[str]:
    return [element.proto.body for element in page.get("html") if "<style>" not in element.proto.body]


def said(page: AppTest) -> str:
    return html.unescape(re.sub("<[^>]*>", " ", " ".join(bodies(page))))


def refusals(page: AppTest) -> list[str]:
    return [html.unescape(re.sub("<[^>]*>", "", body)) for body in bodies(page) if 'role="alert"' in body]


def go_to(page: AppTest, room: str) -> AppTest:
    """By way of a page without the line on top: AppTest loses what is typed where two pages in a row have it."""
    checked(page.switch_page("trust/page.py").run())
    return finished(page.switch_page(f"{room}/page.py").run())


def typed_in_b(page: AppTest, sentence: str) -> AppTest:
    return finished(numbered(page.text_input, "b_sentence").set_value(sentence).run())


# --- choosing


def test_b_is_as_a_until_something_else_is_chosen_and_follows_a(open_compare):
    page = open_compare(sentence="I am here.")
    assert shown(page).a.source == shown(page).b.source
    assert "No number of A and B differs" in said(page)
    finished(page.text_input(key="sentence_input").set_value("I am going.").run())
    assert shown(page).b.source.sentence == "I am going."
    assert numbered(page.text_input, "b_sentence").value == "I am going."
    assert dict(page.query_params) == {"sentence": "I am going.", "to": "bn"}


def test_every_part_of_b_can_be_another_and_the_same_again(open_compare):
    page = open_compare(sentence="I am here.")
    typed_in_b(page, "I am going.")
    typed_in_b(page, "I am here.")
    assert "b_sentence" not in page.query_params, "as A again"
    typed_in_b(page, "I am going.")
    finished(numbered(page.segmented_control, "b_language").set_value("mr").run())
    finished(numbered(page.selectbox, "b_network").set_value("second-seed").run())
    run = shown(page).b
    assert (run.source.sentence, run.translator.language) == ("I am going.", "mr")
    assert run.translator.fingerprint == load_translator("mr", name="second-seed").fingerprint
    assert shown(page).a.source.sentence == "I am here."
    expected = {"b_sentence": "I am going.", "b_language": "mr", "b_network": "second-seed"}
    assert dict(page.query_params) == {"sentence": "I am here.", "to": "bn", **expected}
    press(page, "b_as_a")
    assert dict(page.query_params) == {"sentence": "I am here.", "to": "bn"}
    assert shown(page).b.translator.language == "bn"


def test_an_address_opens_the_page_as_it_was_left(open_compare, beside):
    address = {
        "sentence": IS, "to": "mr", "b_sentence": WAS, "b_language": "bn", "network": "second-seed",
        "b_network": "translator", "column": "3", "unit": "7",
    }  # fmt: skip
    page = open_compare(**address)
    # a network that is the default of the address is named only for B
    assert dict(page.query_params) == address | {"pair": "3"}
    assert beside.told[-1]["selected"] == (3, 7)
    assert beside.told[-1]["by"] == "token"
    assert numbered(page.text_input, "b_sentence").value == WAS
    assert beside.told[-1]["names"] == ("Marathi, Translator, another seed", "Bangla, Translator")


def test_a_chosen_cell_goes_into_the_address_and_its_values_are_those_of_both_runs(open_compare, beside):
    page = open_compare(sentence=IS, b_sentence=WAS)
    page.session_state["in_pair_values"] = True
    beside.pair = (2, 11)
    press(page, "choose")
    assert (page.query_params["pair"], page.query_params["column"], page.query_params["unit"]) == ("2", "2", "11")
    a, b = shown(page).a.finish(), shown(page).b.finish()
    text = said(page)
    for quantity in QUANTITIES:
        one, other = (float(getattr(trace.encoder[0], quantity)[2, 11]) for trace in (a, b))
        for value in (one, other, other - one):
            assert f"{value:.4f}".replace("-", "−") in text
    table = page.dataframe[0].value
    np.testing.assert_allclose(table["Cell state B − A"], b.encoder[0].cell_state[2] - a.encoder[0].cell_state[2])
    typed_in_b(page, "I am here.")
    assert not {"pair", "column"} & set(page.query_params)


@pytest.mark.parametrize("link", [{"column": 4}, {"pair": 4}, {"pair": 4, "column": 3}])
def test_the_pair_of_a_link_opens_its_own_token_on_other_pages(open_compare, beside, link):
    """``column`` is how links were made before pairs had a name of their own."""
    page = open_compare(sentence="I am going.", b_sentence="I am not going.", unit=7, **link)
    assert beside.told[-1]["selected"] == (4, 7)
    a, b = (run.source.tokens for run in shown(page).runs[:2])
    assert pairs_of_tokens(a, b, "token")[4] == (a.index("▁going"), b.index("▁going")) == (3, 4)
    go_to(page, "cell")
    assert page.query_params["column"] == "3"
    assert "going" in numbered(page.selectbox, "cell_step").options[3]
    assert numbered(page.selectbox, "cell_step").value == 3
    go_to(page, "compare")
    assert beside.told[-1]["selected"] == (4, 7)
    go_to(page, "cell")
    checked(numbered(page.selectbox, "cell_step").set_value(1).run())
    assert "pair" not in page.query_params
    go_to(page, "compare")
    assert beside.told[-1]["selected"] == (1, 7), "the pair of the step that was chosen last"


def test_a_pair_of_which_only_b_has_a_step_chooses_none_of_a(open_compare, beside):
    page = open_compare(sentence="I am going.", b_sentence="I am not going.", column=2, unit=7)
    beside.pair = (3, 7)
    press(page, "choose")
    assert (page.query_params["pair"], page.query_params["unit"]) == ("3", "7")
    assert "column" not in page.query_params


@pytest.mark.parametrize("pair", MINIMAL_PAIRS, ids=lambda pair: pair.key)
def test_a_minimal_pair_is_set_by_its_button_and_made_of_words_that_the_network_knows(
    open_compare, shipped_translator, pair
):
    page = open_compare(sentence="Help!", b_network="second-seed")
    press(page, f"recipe_{pair.key}")
    runs = shown(page)
    assert (runs.a.source.sentence, runs.b.source.sentence) == (pair.a, pair.b)
    assert runs.a.translator.fingerprint == runs.b.translator.fingerprint
    assert numbered(page.text_input, "sentence_input").value == pair.a
    for run in (runs.a, runs.b):
        assert UNKNOWN not in run.source.tokens
        assert len(run.source.tokens) == len(run.source.sentence.split()) + 3, "a token for each word and the full stop"
    assert shipped_translator("bn").source(pair.a).tokens != shipped_translator("bn").source(pair.b).tokens


def test_other_recipes_set_the_other_language_the_other_seed_and_the_course(open_compare, beside):
    page = open_compare()
    press(page, "recipe_languages")
    assert [run.translator.language for run in shown(page).runs[:2]] == ["bn", "mr"]
    press(page, "recipe_seeds")
    assert page.query_params["b_network"] == "second-seed"
    press(page, "recipe_course")
    assert (page.query_params["network"], page.query_params["b_network"]) == (TIME_MACHINE, f"{TIME_MACHINE}@0")
    assert {side: len(states) for side, states in beside.told[-1]["courses"].items()} == {"a": 8, "b": 8}


RECIPES = (*(pair.key for pair in MINIMAL_PAIRS), "languages", "seeds", "course")
START = {"sentence": "Help!", "to": "mr", "network": "forget-bias-0"}  # what the reader has chosen


def address_of(page: AppTest) -> dict[str, str]:
    """Which of the cells is on view is not the recipe's."""
    return {name: value for name, value in page.query_params.items() if name not in ("pair", "column", "unit")}


def test_whatever_recipe_stood_there_before_another_sets_the_same(open_compare):
    page = open_compare(**START)
    fresh = {name: address_of(press(open_compare(**START), f"recipe_{name}")) for name in RECIPES}
    assert len(set(map(str, fresh.values()))) == len(RECIPES)
    for name in walk(RECIPES):
        checked(page.button(key=f"recipe_{name}").click().run())
        expected = fresh[name]
        if name not in {pair.key for pair in MINIMAL_PAIRS}:  # as its words say, A's sentence stays as it is
            expected = expected | {"sentence": page.query_params["sentence"]}
        assert address_of(page) == expected, name


def test_a_network_that_was_chosen_by_name_after_a_recipe_stays(open_compare):
    page = press(open_compare(**START), "recipe_course")
    checked(numbered(page.selectbox, "network_choice").set_value("second-seed").run())
    assert press(page, "recipe_he").query_params["network"] == "second-seed"


def test_every_page_says_which_network_a_recipe_has_left_and_leads_back(open_compare):
    page = press(open_compare(**START), "recipe_course")
    for room in walk()[1:]:
        checked(page.switch_page(f"{room}/page.py").run())
        if room not in ("trust", "tasks", "gradients"):
            assert "Every page now shows another network: Time machine, at the end." in said(page), room
    page = checked(page.switch_page("translate/page.py").run())
    checked(page.button(key="network_back").click().run())
    assert address_of(page) == START
    assert "another network: Forget-gate bias 0 at the start." in said(page)
    checked(page.button(key="network_back").click().run())
    assert address_of(page) == {name: START[name] for name in ("sentence", "to")}
    assert "another network" not in said(page)
    assert all(button.key != "network_back" for button in page.button)


def test_the_time_machine_of_the_first_page_leads_back_too(open_compare):
    page = checked(open_compare(**START).switch_page("translate/page.py").run())
    run_of(page).finish()
    checked(checked(page.run()).button(key="to_time_machine").click().run())
    assert page.query_params["network"] == TIME_MACHINE
    checked(page.button(key="network_back").click().run())
    assert page.query_params["network"] == START["network"]


# --- refusing


def test_what_cannot_be_translated_is_refused_beside_its_side_and_the_run_before_stays(open_compare):
    page = open_compare(sentence=IS, b_sentence=WAS)
    before = shown(page)
    typed_in_b(page, "zq" * 60)
    (refusal,) = refusals(page)
    assert "subwords; the translator reads at most" in refusal
    assert shown(page).runs == before.runs
    finished(page.text_input(key="sentence_input").set_value("").run())
    assert len(refusals(page)) == 2
    assert shown(page).runs == before.runs
    finished(page.text_input(key="sentence_input").set_value("I am here.").run())
    typed_in_b(page, "I am going.")
    assert refusals(page) == []


def test_a_refused_sentence_leaves_b_with_the_memory_that_it_was_given(open_compare):
    page = open_compare(sentence=IS, b_sentence=WAS, to="mr", column=2, unit=5)
    press(page, "give_memory")
    before = shown(page)
    assert before.b is not before.plain
    typed_in_b(page, "zq" * 60)
    assert len(refusals(page)) == 1
    assert shown(page).runs == before.runs


def test_an_address_that_makes_no_sense_is_said_in_words(open_compare):
    assert "make no sense" in said(open_compare(b_edits="[{]"))
    page = open_compare(b_edits=to_json([Intervention("cell_state", units=(999,))]))
    (refusal,) = refusals(page)
    assert "unit 999" in refusal
    assert "b_edits" not in press(page, "take_back_memory").query_params


def test_typed_mark_up_stays_text(open_compare):
    page = open_compare(sentence="<img src=x onerror=alert(1)>", b_sentence="**b** <script>alert(1)</script>")
    page.session_state["in_pair_values"] = True
    finished(page.run())
    assert not re.search("<(img|script)", " ".join(bodies(page)))
    assert page.markdown.values == []


# --- what is said


def test_captions_are_computed_from_the_runs_on_view(open_compare):
    page = open_compare(sentence="I am going.", b_sentence="I am not going.", to="mr")
    a, b = shown(page).a.finish(), shown(page).b.finish()
    pairs = paired(a, b, "token")
    assert any(None in pair for pair in pairs)
    text = said(page)
    assert comparison_captions.divergence_caption(a, b, pairs, first_divergence(a, b, pairs)) in text
    (chart,) = page.get("plotly_chart")
    assert chart.proto.alt == comparison_captions.distance_caption(a, b, pairs)
    assert chart.proto.alt in text


@pytest.mark.parametrize(("networks", "sentence"), [
    ({}, ""),
    ({"b_network": "second-seed"}, units.OTHER_UNITS),
    ({"b_network": "forget-bias-0"}, units.OTHER_UNITS),
    ({"b_network": TIME_MACHINE}, units.OTHER_UNITS),
    ({"b_network": "untrained"}, units.DRIFTING),
    ({"network": TIME_MACHINE, "b_network": f"{TIME_MACHINE}@300"}, units.DRIFTING),
])  # fmt: skip
def test_the_page_says_whether_units_with_the_same_number_have_to_do_with_each_other(open_compare, networks, sentence):
    text = said(open_compare(**networks))
    for each in (units.OTHER_UNITS, units.DRIFTING):
        assert (each in text) == (each == sentence)


def test_units_of_two_seeds_are_matched_when_it_is_asked_for_and_only_once(open_compare, monkeypatch):
    monkeypatch.setattr(loading, "SENTENCES", 20)
    loading._MATCHED.clear()
    page = open_compare(b_network="second-seed")
    assert len(page.get("plotly_chart")) == 1
    page.session_state["in_matching"] = True
    finished(page.run())
    ((key, matching),) = loading._MATCHED.items()
    a, b = load_translator("bn"), load_translator("bn", name="second-seed")
    assert key == (a.fingerprint, b.fingerprint)
    expected = match_units(a, b, loading.sources_of(a, loading.held_out_english(20)))
    np.testing.assert_array_equal(matching.partners, expected.partners)
    text = said(page)
    assert matching_captions.matching_caption(matching) in text
    assert matching_captions.chance_caption(matching) in text
    unit = int(matching.best_first[3])
    finished(numbered(page.selectbox, "matching_pair").set_value(unit).run())
    assert page.query_params["unit"] == str(unit)
    assert f"unit {unit} of A and of its partner, unit {matching.partners[unit]} of B" in said(page)
    assert loading._MATCHED[key] is matching
    loading._MATCHED.clear()


# --- the memory of A


def test_b_goes_on_from_the_memory_of_a_and_takes_it_back(open_compare, beside, shipped_translator):
    page = open_compare(sentence=IS, b_sentence=WAS, to="mr", column=2, unit=5)
    plain = shown(page).b
    press(page, "give_memory")
    given = from_json(page.query_params["b_edits"])
    mr = shipped_translator("mr")
    assert given == (
        Intervention("cell_state", "patch", "encoder", first=2, last=2, donor=Donor(IS, "mr"), donor_step=2,
                     network=mr.fingerprint),
    )  # fmt: skip
    a, before, after = shown(page).a.finish(), plain.finish(), shown(page).b.finish()
    assert shown(page).plain is plain, "B before is the run that was on view"
    np.testing.assert_array_equal(after.encoder[0].cell_state[2], a.encoder[0].cell_state[2])
    np.testing.assert_array_equal(after.encoder[0].forget_gate[:3], before.encoder[0].forget_gate[:3])
    # by hand: from that cell state on, the equations of the cell
    previous = after.encoder[0]
    kept = previous.forget_gate[3] * a.encoder[0].cell_state[2] + previous.input_gate[3] * previous.candidate[3]
    np.testing.assert_allclose(previous.cell_state[3], kept, atol=1e-6)
    assert after.text != before.text
    assert all(run.text in said(page) for run in (before, after))
    assert change_words(before, after) in said(page)
    assert [{**each} for each in beside.told[-1]["edited"]] == [
        {"side": "encoder", "quantity": "cell_state", "units": [], "first": 2, "last": 2}
    ]
    press(page, "take_back_memory")
    assert "b_edits" not in page.query_params
    assert shown(page).b is plain


def test_all_states_of_a_at_the_last_source_step_make_b_write_what_a_writes_from_there(shipped_translator):
    """Attention still reads B's source, so only the decoder's start is A's: its first step has A's gates exactly."""
    mr = shipped_translator("mr")
    a, b = start(mr, IS), start(mr, WAS)
    last = len(a.source.tokens) - 1
    given = patches(a, b, last, last, ("cell_state", "hidden_state"))
    assert {each.target for each in given} == {"cell_state", "hidden_state"}
    after, donor = mr.translate(WAS, given), a.finish()
    for quantity in QUANTITIES:
        np.testing.assert_array_equal(getattr(after.decoder[0], quantity)[0], getattr(donor.decoder[0], quantity)[0])


def test_a_patch_in_the_decoder_counts_steps_of_the_decoder_and_takes_all_layers(build_tiny):
    tiny = build_tiny(layers=2).translator
    a, b = start(tiny, "the cat sat"), start(tiny, "He sat here.")
    S, other = len(a.source.tokens), len(b.source.tokens)
    given = patches(a, b, S + 1, other + 2, ("cell_state",))
    assert [(each.side, each.layer, each.first, each.last, each.donor_step) for each in given] == [
        ("decoder", 0, 2, 2, 1), ("decoder", 1, 2, 2, 1),
    ]  # fmt: skip


def test_an_address_with_a_memory_restores_it(open_compare):
    page = open_compare(sentence=IS, b_sentence=WAS, to="mr", column=2, unit=5)
    press(page, "give_memory")
    address = dict(page.query_params)
    text = shown(page).b.finish().text
    again = open_compare(**address)
    assert dict(again.query_params) == address
    assert shown(again).b.finish().text == text
    assert "B with the memory of A" in said(again)


@pytest.mark.parametrize("change", ["sentence of A", "language of A", "network"])
def test_a_memory_that_is_no_longer_as_was_is_taken_back_with_a_word(open_compare, change):
    page = open_compare(sentence=IS, b_sentence=WAS, to="mr", b_language="mr", column=2, unit=5)
    press(page, "give_memory")
    if change == "sentence of A":
        checked(page.text_input(key="sentence_input").set_value("I am here.").run())
    elif change == "language of A":
        checked(page.segmented_control(key="language_switch").set_value("bn").run())
    else:
        checked(numbered(page.selectbox, "b_network").set_value("second-seed").run())
    assert "taken back" in said(page)
    assert refusals(page) == []
    assert "b_edits" not in page.query_params
    assert shown(page).b is shown(page).plain


def test_a_memory_cannot_be_given_to_another_network_nor_where_a_step_is_missing(open_compare, beside):
    page = open_compare(b_network="second-seed")
    assert "B cannot take A's memory: the two are different trainings" in said(page)
    page = open_compare(network=TIME_MACHINE, b_network=f"{TIME_MACHINE}@300")
    assert "B cannot take A's memory: the two are different states" in said(page)
    page = open_compare(sentence="I am going.", b_sentence="I am not going.", column=3)
    assert "only one of the two runs has this step" in said(page)
    assert all(button.key != "give_memory" for button in page.button)
    runs = shown(page)
    assert why_not(runs.a, runs.b, (1, 1)) == ""


def test_two_sessions_with_different_memories_do_not_see_each_others_numbers(open_compare):
    one = open_compare(sentence=IS, b_sentence=WAS, to="mr", column=2, unit=5)
    two = open_compare(sentence=IS, b_sentence=WAS, to="mr", column=4, unit=5)
    press(one, "give_memory"), press(two, "give_memory")
    checked(one.run()), checked(two.run())
    first, second = shown(one).b.finish(), shown(two).b.finish()
    assert [run.edits.interventions[0].first for run in (shown(one).b, shown(two).b)] == [2, 4]
    assert not np.array_equal(first.logits, second.logits)


# --- the time machine


def test_a_slider_moves_its_own_side_to_a_run_that_is_there_already(open_compare, beside):
    page = open_compare(network=TIME_MACHINE, b_network=f"{TIME_MACHINE}@0")
    a, states = shown(page).a, beside.told[-1]["courses"]["b"]
    beside.state = ("b", 4)
    press(page, "rest")
    assert page.query_params["b_network"] == f"{TIME_MACHINE}@1000"
    assert shown(page).b.id == states[4]["run"]
    assert shown(page).a is a
    beside.state = ("a", 2)
    states = beside.told[-1]["courses"]["a"]
    press(page, "rest")
    assert (page.query_params["network"], page.query_params["b_network"]) == (
        f"{TIME_MACHINE}@100",
        f"{TIME_MACHINE}@1000",
    )
    assert shown(page).a.id == states[2]["run"]
    assert beside.told[-1]["names"][0] == "Bangla, Time machine, after 100 batches"


def test_b_stays_where_it_is_when_only_the_slider_of_a_moves(open_compare, beside):
    page = open_compare(network=TIME_MACHINE)
    b = shown(page).b
    beside.state = ("a", 0)
    press(page, "rest")
    assert page.query_params["network"] == f"{TIME_MACHINE}@0"
    assert page.query_params["b_network"] == TIME_MACHINE
    assert shown(page).b is b


def test_the_words_about_what_changed_count_aligned_tokens(shipped_translator):
    one = shipped_translator("mr").translate("I am going.")
    assert change_words(one, one).startswith("B writes the same tokens")
    other = replace(one, target_tokens=("x", *one.target_tokens[1:]))
    assert "1 differ" in change_words(one, other)
    assert transplant.PARTS["Cell state"] == ("cell_state",)
