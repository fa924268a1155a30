"""The gate lab as a reader opens it: every number is that of a run with these interventions, and nothing is lost."""

import html
import re
import threading
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from sessions import lab_runs
from streamlit.testing.v1 import AppTest
from widgets import numbered

from models.analysis.alignment import tokens_changed
from models.analysis.effects import controls, effect, rank, spread
from models.language.vocabulary import shown_token
from models.recurrent.trace import QUANTITIES
from models.translation.interventions import MOST, Donor, Intervention, InterventionError, to_json
from models.translation.record import TranslationTrace
from models.translation.translator import Translator
from viz import loading
from viz.figures import captions
from viz.figures.wording import number
from viz.lab import attention as lab_attention
from viz.lab import effects as lab_effects
from viz.lab.attention import typed
from viz.lab.editor import Draft, made, take_cell
from viz.lab.presets import PRESETS, SIDES
from viz.state import DEFAULT_SENTENCE, LONGEST_EDITS, Selection

NAVIGATION = Path(__file__).resolve().parent.parent.parent / "viz" / "navigation.py"
SOURCE = 8  # tokens of the default sentence: six, tag and end mark
KEEP = Intervention("forget_gate", value=1.0)
SHUT = Intervention("output_gate", side="encoder", value=0.25, first=2)


@pytest.fixture
def open_lab():
    """Open the page by the navigation, as a link with this address does, and read both runs to their end."""

    def open_page(*interventions: Intervention, **address: object) -> AppTest:
        page = AppTest.from_file(str(NAVIGATION), default_timeout=60)
        if interventions:
            page.query_params["edits"] = to_json(interventions)
        for name, value in address.items():
            page.query_params[name] = str(value)
        return finished(page.switch_page("lab/page.py").run())

    return open_page


@pytest.fixture
def translator(shipped_translator) -> Translator:
    return shipped_translator("bn")


def finished(page: AppTest) -> AppTest:
    """As after the component has read both streams to their end."""
    assert not page.exception, page.exception[0].message
    if (found := lab_runs(page)) is not None:
        before, after = found
        before.finish(), after.finish()
        page.run()
        assert not page.exception, page.exception[0].message
    return page


def press(page: AppTest, key: str) -> AppTest:
    return finished(page.button(key=key).click().run())


def listed(page: AppTest) -> tuple[Intervention, ...]:
    return page.session_state["selection"].interventions


def runs(page: AppTest) -> tuple[TranslationTrace, TranslationTrace]:
    before, after = lab_runs(page)
    return before.finish(), after.finish()


def run_ids(page: AppTest) -> tuple[str, str]:
    before, after = lab_runs(page)
    return before.id, after.id


def bodies(page: AppTest) -> list[str]:
    return [element.proto.body for element in page.get("html") if "<style>" not in element.proto.body]


def said(page: AppTest) -> str:
    return html.unescape(re.sub("<[^>]*>", " ", " ".join(bodies(page))))


def rows_on_view(page: AppTest) -> list[str]:
    """The list of interventions as it is read."""
    texts = [html.unescape(re.sub("<[^>]*>", "", body)) for body in bodies(page)]
    return [text for text in texts if re.match(r"\d+\. ", text)]


def problems(page: AppTest) -> list[str]:
    return [html.unescape(re.sub("<[^>]*>", "", body)) for body in bodies(page) if 'role="alert"' in body]


def effects_on_view(page: AppTest) -> list[list[str]]:
    (body,) = [body for body in bodies(page) if "<caption>What the interventions did</caption>" in body]
    rows = re.findall(r"<tr>(.*?)</tr>", body, re.DOTALL)[1:]
    return [[html.unescape(cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL)][1:] for row in rows]


def fill_in(page: AppTest, **fields: object) -> AppTest:
    """Set fields of the editor, in this order."""
    for name, value in fields.items():
        widgets = {"units": "text_input", "sentence": "text_input", "first": "number_input", "last": "number_input",
                   "value": "number_input", "other_step": "number_input"}.get(name, "selectbox")  # fmt: skip
        numbered(getattr(page, widgets), f"lab_{name}").set_value(value).run()
        assert not page.exception, page.exception[0].message
    return page


def assert_same(found: TranslationTrace, expected: TranslationTrace) -> None:
    """To the last bit."""
    assert found.target_tokens == expected.target_tokens
    assert np.array_equal(found.logits, expected.logits)
    assert np.array_equal(found.attention, expected.attention)
    for quantity in QUANTITIES:
        assert np.array_equal(found.values(quantity), expected.values(quantity)), quantity


# --- the two runs


def test_without_interventions_both_sides_are_the_same_to_the_last_bit(open_lab, translator):
    page = open_lab()
    for trace in runs(page):
        assert_same(trace, translator.translate(DEFAULT_SENTENCE))
    assert "Nothing is changed yet" in said(page)
    assert problems(page) == []


@pytest.mark.parametrize(
    "each",
    [
        KEEP,
        SHUT,
        Intervention("cell_state", "add", units=(3, 40), first=1, last=2, value=2.0),
        Intervention("token", first=1, last=1, value=700),
        Intervention("attention", "permute", value=5.0),
        Intervention("hidden_state", "patch", donor=Donor("He sat here.", "mr"), donor_step=1),
    ],
)
def test_interventions_change_the_right_run_alone(open_lab, translator, each):
    page = open_lab(each)
    before, after = runs(page)
    assert_same(before, translator.translate(DEFAULT_SENTENCE))
    assert_same(after, translator.translate(DEFAULT_SENTENCE, [each]))
    assert not np.array_equal(after.logits[-1], before.logits[-1])
    assert len(rows_on_view(page)) == 1


def test_the_left_run_is_kept_while_only_interventions_change(open_lab):
    page = open_lab()
    before, after = run_ids(page)
    press(fill_in(page, units="17"), "lab_apply")
    now = run_ids(page)
    assert now[0] == before
    assert now[1] != after
    finished(page.text_input(key="sentence_input").set_value("Help!").run())
    assert run_ids(page)[0] != before


def test_two_sessions_in_turns_never_see_each_others_numbers(open_lab, translator):
    lists = [[], []]
    pages = [open_lab(), open_lab()]
    for turn, (units, value) in enumerate([("1", 0.0), ("250", 1.0), ("2-90", 0.5), ("91-200", 0.25)]):
        for at, page in enumerate(pages):
            wanted = 1 - value if at else value
            press(fill_in(page, units=units, value=wanted), "lab_apply")
            lists[at].append(wanted)
        for page, values in zip(pages, lists, strict=True):
            finished(page.run())
            assert [each.value for each in listed(page)] == values
            assert_same(runs(page)[1], translator.translate(DEFAULT_SENTENCE, listed(page)))
            found = effect(translator, translator.translate(DEFAULT_SENTENCE), listed(page))
            assert effects_on_view(page)[2][0] == number(found.divergence, ".4f"), turn
    assert pages[0].query_params["edits"] != pages[1].query_params["edits"]


# --- the list


def test_what_is_applied_joins_the_list_in_order_and_the_address(open_lab, translator):
    page = press(fill_in(open_lab(), units="17, 20-22", first=3, last=5, value=0.5), "lab_apply")
    press(fill_in(page, target="cell_state", side="encoder", kind="scale", units="all"), "lab_apply")
    own = translator.fingerprint
    expected = (
        Intervention("forget_gate", units=(17, 20, 21, 22), first=2, last=4, value=0.5, network=own),
        Intervention("cell_state", "scale", "encoder", first=2, last=4, value=0.5),
    )
    assert listed(page) == expected
    assert page.query_params["edits"] == to_json(expected)
    assert rows_on_view(page) == [
        "1. decoder, forget gate of units 17, 20-22: held at 0.5 in steps 3 to 5",
        "2. encoder, cell state of all units: multiplied by 0.5 in steps 3 to 5",
    ]


def test_order_counts_and_can_be_changed(open_lab, translator):
    one, other = replace(KEEP, value=0.0), Intervention("forget_gate", "add", value=0.5)
    page = open_lab(one, other)
    assert_same(runs(page)[1], translator.translate(DEFAULT_SENTENCE, [one, other]))
    press(page, "lab_down_0")
    assert listed(page) == (other, one)
    assert_same(runs(page)[1], translator.translate(DEFAULT_SENTENCE, [other, one]))
    assert page.button(key="lab_up_0").disabled
    assert page.button(key="lab_down_1").disabled
    press(page, "lab_up_1")
    assert listed(page) == (one, other)


def test_every_change_of_the_list_can_be_undone_and_done_again(open_lab, translator):
    page = open_lab(KEEP, SHUT)
    states = [listed(page)]
    for key in ("lab_remove_0", "lab_apply", "lab_up_1", "lab_clear"):
        press(page, key)
        states.append(listed(page))
    assert [len(state) for state in states] == [2, 1, 2, 2, 0]
    for expected in states[-2::-1]:
        press(page, "lab_undo")
        assert listed(page) == expected
        assert_same(runs(page)[1], translator.translate(DEFAULT_SENTENCE, expected))
        assert page.query_params["edits"] == to_json(expected)
    assert page.button(key="lab_undo").disabled
    for expected in states[1:]:
        press(page, "lab_redo")
        assert listed(page) == expected
    assert page.button(key="lab_redo").disabled
    press(page, "lab_undo")
    press(page, "lab_apply")
    assert page.button(key="lab_redo").disabled, "another way was taken"


def test_a_link_shows_the_same_list_and_the_same_table(open_lab):
    page = press(fill_in(open_lab(sets=20, seed=7), units="3, 98", value=0.0), "lab_apply")
    page.session_state["lab_control"].thread.join()
    finished(page.run())
    other = open_lab(**page.query_params)
    other.session_state["lab_control"].thread.join()
    finished(other.run())
    assert rows_on_view(other) == rows_on_view(page) != []
    assert effects_on_view(other) == effects_on_view(page)
    assert len(effects_on_view(page)[0]) == 5


# --- refusals

TOO_FAR = [
    ({"units": "256"}, "There is no unit 256"),
    ({"units": "3, x"}, "“x” is no unit"),
    ({"units": ""}, "empty"),
    ({"side": "encoder", "first": 9}, "There is no encoder step 9: this sentence has 8"),
    ({"side": "encoder", "last": 40}, "There is no encoder step 40"),
    ({"first": 61}, "There is no decoder step 61: a translation has at most 60"),
    ({"first": 3, "last": 2}, "The last step, 2, comes before the first, 3"),
    ({"value": 1e300}, "expected a finite number"),
    ({"target": "token"}, "Choose a token"),
    ({"kind": "patch", "sentence": " "}, "sentence"),
]


@pytest.mark.parametrize(("fields", "sentence"), TOO_FAR)
def test_what_makes_no_sense_is_refused_in_words_and_everything_stays(open_lab, fields, sentence):
    page = open_lab(KEEP)
    before, on_view = run_ids(page), rows_on_view(page)
    press(fill_in(page, **fields), "lab_apply")
    (problem,) = problems(page)
    assert sentence in problem
    assert problem.endswith("Nothing was changed.")
    assert (listed(page), run_ids(page), rows_on_view(page)) == ((KEEP,), before, on_view)
    name, value = next(iter(fields.items()))
    if isinstance(value, str):
        assert getattr(page.session_state["lab_draft"], name) == value, "what was typed is still there"


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_a_value_that_is_no_finite_number_never_becomes_an_intervention(open_lab, translator, value):
    page = press(fill_in(open_lab(KEEP), value=value), "lab_apply")
    assert all(np.isfinite(each.value) for each in listed(page))
    with pytest.raises(InterventionError, match="no finite number"):
        made(Draft(value=value), translator)


def test_a_full_list_and_one_too_long_for_an_address_are_refused(open_lab):
    page = open_lab(*[KEEP] * MOST)
    press(page, "lab_apply")
    assert f"at most {MOST}" in problems(page)[0]
    assert len(listed(page)) == MOST
    page = open_lab()
    while not problems(page):
        press(fill_in(page, units="0-99"), "lab_apply")
    assert "too long for the address" in problems(page)[0]
    assert len(to_json(listed(page))) <= LONGEST_EDITS


@pytest.mark.parametrize(
    ("each", "sentence"),
    [
        (Intervention("forget_gate", units=(3,), network="another"), "made for another network"),
        (Intervention("forget_gate", units=(256,)), "There is no unit 256"),
        (Intervention("candidate", side="encoder", first=8), "There is no encoder step 9"),
        (Intervention("candidate", first=2, last=60), "There is no decoder step 61"),
        (Intervention("attention", units=(8,), value=1.0), "There is no source state 8"),
        (Intervention("cell_state", "patch", donor=Donor("Help!", "xx")), "not known: xx"),
        (Intervention("cell_state", "patch", donor=Donor("", "bn")), "sentence"),
        (Intervention("token", value=900_000), "no token"),
    ],
)
def test_a_link_whose_interventions_do_not_fit_says_so_and_shows_the_plain_run(open_lab, translator, each, sentence):
    page = open_lab(KEEP, each)
    assert sentence in " ".join(problems(page))
    for trace in runs(page):
        assert_same(trace, translator.translate(DEFAULT_SENTENCE))
    assert len(rows_on_view(page)) == 2, "nothing of the list is lost"
    press(page, "lab_remove_1")
    assert problems(page) == []
    assert_same(runs(page)[1], translator.translate(DEFAULT_SENTENCE, [KEEP]))


@pytest.mark.parametrize(
    "edits", ["nonsense", '[{"target":"forget_gate","value":NaN}]', '[{"target":"gate"}]', "x" * 5000]
)
def test_a_link_with_interventions_that_cannot_be_read_says_so(open_lab, edits):
    page = open_lab(edits=edits)
    assert "in the address were not taken" in problems(page)[0]
    press(page, "lab_apply")
    assert problems(page) == []
    assert len(listed(page)) == 1


def test_a_shorter_sentence_that_an_intervention_does_not_fit_keeps_the_runs_before(open_lab):
    page = open_lab(replace(SHUT, first=6))
    before = run_ids(page)
    finished(page.text_input(key="sentence_input").set_value("Help!").run())
    assert "There is no encoder step 7" in problems(page)[0]
    assert run_ids(page) == before
    finished(page.text_input(key="sentence_input").set_value("").run())
    assert len(problems(page)) == 1
    assert run_ids(page) == before
    finished(page.text_input(key="sentence_input").set_value(DEFAULT_SENTENCE).run())
    assert problems(page) == []


def test_units_of_one_network_are_refused_on_another(open_lab):
    page = press(fill_in(open_lab(), units="17"), "lab_apply")
    before = run_ids(page)
    finished(page.selectbox(key="network_choice").set_value("second-seed").run())
    assert "another network" in problems(page)[0]
    assert run_ids(page) == before
    assert len(listed(page)) == 1


def test_what_was_typed_stays_inert(open_lab):
    donor = Donor("<b>I</b> $x$ am <script> [a](b)", "bn")
    page = open_lab(Intervention("cell_state", "patch", donor=donor), sentence="<i>we</i> are <img src=x> here")
    for body in bodies(page):
        assert not re.search(r"<(?!/?(p|span|div|table|caption|thead|tbody|tr|th|td)\b)", body), body
    assert f"“{donor.sentence}”" in said(page)


# --- a cell that is picked


def test_a_picked_cell_fills_in_the_editor_and_can_be_held(open_lab, translator):
    page = open_lab(column=SOURCE + 2, unit=98)
    value = float(translator.translate(DEFAULT_SENTENCE).decoder[0].forget_gate[2, 98])
    assert f"decoder step 3, unit 98. Forget gate: {number(value, '.4f')} as it was" in said(page)
    numbered(page.number_input, "lab_value").set_value(0.0).run()
    press(page, "lab_hold")
    assert listed(page) == (
        Intervention("forget_gate", units=(98,), first=2, last=2, value=0.0, network=translator.fingerprint),
    )
    before, after = runs(page)
    assert after.decoder[0].forget_gate[2, 98] == 0
    assert np.array_equal(after.decoder[0].cell_state[:2], before.decoder[0].cell_state[:2])
    assert f"{number(value, '.4f')} as it was, 0.0000 as it becomes" in said(page)


def test_a_click_in_the_heat_maps_sets_side_step_unit_and_value(open_lab, monkeypatch):
    import viz.lab.editor as editor

    page = open_lab()
    before, _ = runs(page)
    wanted, chosen = page.session_state["lab_draft"], page.session_state["selection"]
    monkeypatch.setattr(editor, "draft", lambda: wanted)
    for column, side, step, given, quantity in (
        (3, "encoder", 4, None, "forget_gate"), (SOURCE + 4, "decoder", 5, "candidate", "candidate"),
        (SOURCE + 4, "decoder", 5, None, "candidate"),
    ):  # fmt: skip
        take_cell(chosen, before, column, 33, given)
        page.session_state["lab_draft"] = wanted
        finished(page.run())
        assert numbered(page.selectbox, "lab_side").value == side
        assert numbered(page.number_input, "lab_first").value == numbered(page.number_input, "lab_last").value == step
        assert numbered(page.text_input, "lab_units").value == "33"
        assert numbered(page.number_input, "lab_value").value == pytest.approx(
            float(before.values(quantity)[column, 33]), abs=1e-6
        )
        assert numbered(page.selectbox, "lab_target").value == quantity


# --- other ways to change a run


def test_a_token_is_chosen_from_those_that_the_step_considered(open_lab, translator):
    page = fill_in(open_lab(), target="token", first=2, last=2)
    before, _ = runs(page)
    options = numbered(page.selectbox, "lab_token").options
    candidates = [shown_token(candidate.token) for candidate in before.candidates[1]]
    assert [option.split(":")[0].split(",")[0] for option in options[:5]] == candidates
    numbered(page.selectbox, "lab_token").set_value(options[1]).run()
    press(page, "lab_apply")
    assert runs(page)[1].target_tokens[1] == before.candidates[1][1].token
    assert f"“{candidates[1]}” is written in step 2" in rows_on_view(page)[0]


def test_values_of_another_run_are_taken_from_its_step(open_lab, translator):
    page = fill_in(open_lab(), target="cell_state", kind="patch", units="all", first=2, last=2)
    fill_in(page, sentence="He sat here.", language="mr", other_step=3)
    press(page, "lab_apply")
    donor = replace(translator, language="mr").translate("He sat here.")
    assert np.array_equal(runs(page)[1].decoder[0].cell_state[1], donor.decoder[0].cell_state[2])
    assert "taken from “He sat here.” to Marathi, its step 3 on, in step 2" in rows_on_view(page)[0]


def test_the_mean_waits_until_it_is_counted(open_lab, translator, monkeypatch):
    surveys: dict[str, object] = {}
    mean = {("decoder", 0, "forget_gate"): np.linspace(0, 1, 256, dtype=np.float32)}
    monkeypatch.setattr(loading, "known_survey", surveys.get)
    monkeypatch.setattr(
        loading, "survey", lambda name, tell: surveys.update({name: SimpleNamespace(means=lambda: mean)})
    )
    page = press(fill_in(open_lab(), kind="mean", units="5-9"), "lab_apply")
    assert "not counted yet" in problems(page)[0]
    assert len(listed(page)) == 1
    press(page, "lab_count_means")
    assert problems(page) == []
    expected = mean["decoder", 0, "forget_gate"][5:10]
    assert np.array_equal(
        runs(page)[1].decoder[0].forget_gate[:, 5:10], np.tile(expected, (len(runs(page)[1].logits), 1))
    )


def test_attention_is_made_uniform_shuffled_or_none(open_lab):
    page = open_lab()
    page.session_state["lab_attention"] = True
    finished(page.run())
    press(page, "lab_uniform")
    assert runs(page)[1].attention == pytest.approx(1 / SOURCE)
    press(press(page, "lab_clear"), "lab_none")
    assert not runs(page)[1].attention.any()
    assert not runs(page)[1].context.any()
    page.session_state["lab_attention_maps"] = True
    finished(page.run())
    assert captions.attention_caption(runs(page)[0]) in said(page)
    assert "all weights are 0, nothing was read from the source" in said(page)
    press(page, "lab_clear")
    page.number_input(key="lab_permute_seed").set_value(4).run()
    finished(page.selectbox(key="lab_attention_step").set_value(0).run())
    press(page, "lab_shuffled")
    before, after = runs(page)
    assert np.array_equal(after.attention[0], before.attention[0][np.random.default_rng(4).permutation(SOURCE)])
    assert "no explanation of the word" in said(page)


def test_weights_from_the_browser_are_checked_and_scaled(translator):
    each = typed({"of": "x", "values": [0, 3, 1]}, 3, 1)
    assert (each.first, each.last, each.units, each.values) == (1, 1, (0, 1, 2), (0.0, 3.0, 1.0))
    source = translator.translate("Help!")
    weights = [0.0] * (len(source.source_tokens) - 2) + [3.0, 1.0]
    after = translator.translate("Help!", [typed({"values": weights}, len(weights), 0)])
    assert after.attention[0].tolist() == pytest.approx([0.0] * (len(weights) - 2) + [0.75, 0.25])
    for bad in (
        None,
        {},
        {"values": [1, 2]},
        {"values": [1, -1, 0]},
        {"values": [1, "2", 0]},
        {"values": [1, True, 0]},
    ):
        with pytest.raises(InterventionError):
            typed(bad, 3, 0)
    with pytest.raises(InterventionError):
        typed({"values": [1, float("nan"), 0]}, 3, 0)


def test_weights_set_again_take_the_place_of_those_before(translator, monkeypatch):
    chosen, source = Selection(), translator.source(DEFAULT_SENTENCE)
    sent: dict[str, dict] = {}
    monkeypatch.setattr(lab_attention.st, "session_state", sent)
    for step, first in ((0, 1.0), (0, 2.0), (1, 2.0), (1, 3.0), (lab_attention.EVERY, 3.0)):
        sent[lab_attention.KEY] = {"weights": {"values": [first] + [0.0] * 7}}
        lab_attention._take(source, chosen, step)
    assert [(each.first, each.last, each.values[0]) for each in chosen.interventions] == [
        (0, 0, 2.0), (1, 1, 3.0), (0, None, 3.0)
    ]  # fmt: skip


# --- presets


@pytest.mark.parametrize(
    ("name", "sides"),
    [
        ("never_forget", "both"),
        ("always_forget", "encoder"),
        ("write_nothing", "decoder"),
        ("show_nothing", "both"),
        ("no_gates", "decoder"),
    ],
)
def test_a_preset_asks_before_it_shows(open_lab, translator, name, sides):
    page = open_lab(SHUT)
    page.selectbox(key="lab_preset_sides").set_value(sides).run()
    press(page, f"lab_preset_{name}")
    assert listed(page) == (SHUT,)
    assert page.button(key="lab_show").disabled
    finished(page.radio(key="lab_guess").set_value("same").run())
    assert listed(page) == (SHUT,)
    press(page, "lab_show")
    expected = [
        Intervention(target, side=side, value=value) for side in SIDES[sides] for target, value in PRESETS[name].held
    ]
    before, after = runs(page)
    assert_same(after, translator.translate(DEFAULT_SENTENCE, expected))
    for side in SIDES[sides]:
        for target, value in PRESETS[name].held:
            assert (getattr(getattr(after, side)[0], target) == value).all()
    changed = tokens_changed(before.target_tokens, after.target_tokens)
    assert "Your guess: it stays as it is. What happened" in said(page)
    assert f"{changed} token{'s' * (changed != 1)} had to be" in said(page)
    press(page, "lab_undo")
    assert listed(page) == (SHUT,)
    assert "Your guess" not in said(page)


def test_every_preset_holds_gates_at_their_ends_in_words_of_its_own():
    assert len({preset.question for preset in PRESETS.values()}) == len(PRESETS) == 5
    assert all(f"= {value:g}" in preset.label for preset in PRESETS.values() for _, value in preset.held)


# --- the table of effects


def test_the_table_shows_the_numbers_of_the_models(open_lab, translator):
    each = Intervention("cell_state", units=(5, 98), first=1, value=3.0, network=translator.fingerprint)
    page = open_lab(each, sets=20, seed=3)
    base = translator.translate(DEFAULT_SENTENCE)
    ours = effect(translator, base, [each])
    assert [row[0] for row in effects_on_view(page)] == [
        str(ours.tokens_changed), number(ours.log_probability_change, ".4f"), number(ours.divergence, ".4f")
    ]  # fmt: skip
    assert effects_on_view(page)[0] == [str(tokens_changed(*(trace.target_tokens for trace in runs(page))))]
    for seed in (3, 4):
        finished(page.number_input(key="lab_seed").set_value(seed).run())
        assert page.session_state["lab_control"].question.seed == seed, "they begin by themselves"
        page.session_state["lab_control"].thread.join()
        finished(page.run())
        others = [other for lot in controls(translator, base, [each], 20, seed) for other in lot]
        for row, measure in zip(effects_on_view(page)[1:], ("log_probability", "divergence"), strict=True):
            over = spread(others, measure)
            shown = [number(value, ".4f") for value in (ours.value(measure), over.lowest, over.median, over.highest)]
            assert row == [*shown, str(rank(ours, others, measure))]
    assert "teacher forcing" in said(page)
    assert "proves nothing" in said(page)
    assert page.query_params["seed"] == "4"


def test_whole_layers_have_no_random_sets_and_the_page_says_why(open_lab):
    page = open_lab(KEEP)
    assert "so there are no random sets" in said(page)
    assert not [button for button in page.button if button.key == "lab_compare"]


def test_random_sets_can_be_stopped_and_go_when_the_question_changes(open_lab, monkeypatch):
    gate = threading.Event()
    monkeypatch.setattr(lab_effects, "controls", lambda *asked: held(gate, controls(*asked)))
    page = open_lab(Intervention("forget_gate", units=(5,), value=1.0), sets=500)
    control = page.session_state["lab_control"]
    press(page, "lab_cancel")
    gate.set()
    control.thread.join()
    finished(page.run())
    assert control.is_cancelled
    assert len(control.found) < 500
    assert len(effects_on_view(page)[0]) == 1
    gate.clear()
    press(page, "lab_compare")
    second = page.session_state["lab_control"]
    press(page, "lab_apply")
    gate.set()
    assert second.is_cancelled
    assert page.session_state["lab_control"] is not second


def held(gate, lots):
    """The lots, but none before the gate is opened."""
    for lot in lots:
        gate.wait()
        yield lot
