"""Survival and saturation on the page about memory, as a reader opens them. Nothing is counted over real sentences."""

import html
import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sessions import run_of
from streamlit.testing.v1 import AppTest

from models import AssetError, TranslationTrace
from models.analysis.lifetimes import GATES, GateCounts, LifetimeCounts, lifetimes
from models.analysis.survey import SIDES, Survey
from models.language.corpus import CorpusError
from viz import loading
from viz.figures import lifetime_captions, theme
from viz.figures import saturation_captions as said
from viz.figures.columns import columns_of
from viz.figures.lifetimes import LONGER, HalfLives
from viz.figures.saturation import Group, counted_in, together
from viz.figures.wording import share_of_one
from viz.memory.saturation import NETWORKS
from viz.state import Selection

NAVIGATION = Path(__file__).resolve().parent.parent.parent / "viz" / "navigation.py"
UNITS, SOURCE, STEPS = 256, 8, 15  # of the default sentence
COUNT = "Count over held-out sentences"


def made_survey(seed: int) -> Survey:
    """Random gates of as many units as the translator has."""
    random = np.random.default_rng(seed)
    gates = {side: GateCounts.none(UNITS) for side in SIDES}
    values = {side: random.beta(0.6, 0.6, (30, UNITS)).astype(np.float32) for side in SIDES}
    for side, gate in ((side, gate) for side in SIDES for gate in GATES):
        gates[side].add(gate, values[side])
    counts = LifetimeCounts.none(UNITS)
    counts.add(lifetimes(np.concatenate(list(values.values()))))
    return replace(Survey.none(1, UNITS), translations=1000 + seed, gates=gates, lifetimes=counts)


SURVEYS = {name: made_survey(seed) for seed, name in enumerate(NETWORKS)}


@pytest.fixture(autouse=True)
def surveyed(monkeypatch) -> list[str]:
    """Made-up surveys in the place of real ones, none known yet; the names of those that were asked for."""
    asked = []

    def survey_of(name, assets, progress, step):
        asked.append(name)
        for share in (0.25, 1.0, 1.0):
            progress(share)
        return SURVEYS[name]

    monkeypatch.setattr(loading, "_SURVEYS", {})
    monkeypatch.setattr(loading, "survey_of", survey_of)
    return asked


@pytest.fixture
def open_memory():
    """Open the page by the navigation, as a link with this address does."""

    def open_page(view: str, is_unfolded: bool = True, **address: object) -> AppTest:
        page = AppTest.from_file(str(NAVIGATION), default_timeout=60)
        for name, value in {"view": view, **address}.items():
            page.query_params[name] = str(value)
        page.session_state["in_reading"] = page.session_state["in_means"] = is_unfolded
        return checked(page.switch_page("memory/page.py").run())

    return open_page


def checked(page: AppTest) -> AppTest:
    assert not page.exception, page.exception[0].message
    return page


def trace_of(page: AppTest) -> TranslationTrace:
    return run_of(page).finish()


def chosen_in(page: AppTest) -> Selection:
    return page.session_state["selection"]


def bodies(page: AppTest) -> list[str]:
    return [element.proto.body for element in page.get("html") if "<style>" not in element.proto.body]


def paragraphs(page: AppTest) -> list[str]:
    return [html.unescape(re.sub("<[^>]*>", "", body)) for body in bodies(page) if body.startswith("<p")]


def with_role(page: AppTest, role: str) -> list[str]:
    return [html.unescape(re.sub("<[^>]*>", "", body)) for body in bodies(page) if f'role="{role}"' in body]


def table_of(page: AppTest) -> list[list[str]]:
    (body,) = [body for body in bodies(page) if "<caption>How many units" in body]
    rows = re.findall(r"<tr>(.*?)</tr>", body, re.DOTALL)
    return [[html.unescape(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)] for row in rows]


def charts(page: AppTest) -> list[dict]:
    return [json.loads(chart.proto.spec) for chart in page.get("plotly_chart")]


def numbered(page: AppTest, label: str):
    (found,) = [field for field in page.number_input if field.label == label]
    return found


def group(page: AppTest, label: str):
    (found,) = [element for element in page.get("button_group") if element.proto.label == label]
    return found


def unfolded(page: AppTest, *keys: str) -> AppTest:
    for key in keys:
        page.session_state[key] = True
    return checked(page.run())


# --- survival


def test_survival_opens_by_its_address_and_says_what_its_pictures_show(open_memory):
    page = open_memory("survival", column=2, unit=5)
    trace, found = trace_of(page), paragraphs(page)
    assert lifetime_captions.survival_caption(trace, 2) in found
    assert lifetime_captions.curves_caption(trace, 2, 5) in found
    gates = trace.values("forget_gate")
    of_write, typical = HalfLives.of_write(gates, 2), HalfLives.in_run(gates)
    assert lifetime_captions.bars_caption(of_write, "Of what encoder step 3, “is” wrote", 5) in found
    assert lifetime_captions.bars_caption(typical, "Typical half-lives in this run", 5) in found
    assert f"{lifetime_captions.extremes_caption(trace)} {lifetime_captions.CAVEAT}" in found
    assert len(charts(page)) == 4
    alts = [chart.proto.alt for chart in page.get("plotly_chart")]
    assert all(alt in found for alt in alts), "what is read aloud stands on the page too"
    assert with_role(page, "alert") == []


def test_half_of_a_write_is_gone_where_the_gates_of_the_run_say_so(open_memory):
    """By multiplying, unit by unit, without any of the functions the page uses."""
    page = open_memory("survival", column=1, unit=186)
    trace = trace_of(page)
    left, steps = 1.0, 0
    gates = [*trace.encoder[0].forget_gate[2:, 186], *trace.decoder[0].forget_gate[:, 186]]
    while left > 0.5:
        left, steps = left * float(gates[steps]), steps + 1
    place = columns_of(trace)[1 + steps].place
    (caption,) = [text for text in paragraphs(page) if text.startswith("Unit 186. ")]
    assert f"{steps} step{'s' * (steps > 1)} later, at {place}, with {share_of_one(left)} left." in caption


@pytest.mark.parametrize("column", [STEPS - 1, 9999])
def test_a_write_with_nothing_after_it_is_said_to_be_so(open_memory, column):
    page = open_memory("survival", column=column)
    (status,) = with_role(page, "status")
    assert status.startswith("Nothing came after decoder step 7, “</s>”")
    assert len(charts(page)) == 2, "curves of other writes, and typical half-lives"
    table = unfolded(page, "in_lifetimes", "in_survival").dataframe[0].value
    assert set(table["Half-life of this write, in steps"]) == {"nothing came after it"}


def test_the_unit_can_be_typed_and_picked_again_and_again(open_memory):
    page = open_memory("survival", column=2, unit=5)
    for unit in (7, 255):
        checked(numbered(page, "Unit").set_value(unit).run())
        assert chosen_in(page).unit == unit
        assert page.query_params["unit"] == str(unit)
        assert lifetime_captions.curves_caption(trace_of(page), 2, unit) in paragraphs(page)
    for unit in (11, 12):
        chosen_in(page).unit = unit  # as a click in the heat maps does
        checked(page.run())
        assert numbered(page, "Unit").value == unit
        checked(numbered(page, "Unit").set_value(unit + 100).run())
        assert chosen_in(page).unit == unit + 100


def test_the_unit_survives_a_look_at_another_view(open_memory):
    page = open_memory("survival", unit=5)
    checked(numbered(page, "Unit").set_value(77).run())
    for _ in range(2):
        checked(group(page, "View").set_value("saturation").run())
        checked(group(page, "View").set_value("survival").run())
        assert numbered(page, "Unit").value == 77
        assert chosen_in(page).unit == 77


def test_a_unit_past_the_network_is_moved_to_its_end(open_memory):
    page = open_memory("survival", unit=99_999)
    assert numbered(page, "Unit").value == UNITS - 1


def test_tables_hold_what_the_gates_say_and_no_number_for_what_is_longer(open_memory):
    page = unfolded(open_memory("survival", sentence="Go.", column=1, unit=0), "in_lifetimes", "in_survival")
    lives, shares, curves = (frame.value for frame in page.dataframe)
    gates = trace_of(page).values("forget_gate").astype(np.float64)
    is_longer = HalfLives.in_run(gates).is_longer
    assert is_longer.any()
    assert len(lives) == len(shares) == UNITS
    for _, row in lives.iterrows():
        unit = int(row["Unit"])
        assert (row["Typical half-life in this run, in steps"] == LONGER) == is_longer[unit]
        assert row["Left of this write at the end"] == pytest.approx(np.prod(gates[2:, unit]))
        assert row["Left of the first write at the end"] == pytest.approx(np.prod(gates[1:, unit]))
        assert row["Mean forget gate"] == pytest.approx(gates[:, unit].mean())
    assert lives["Typical half-life in this run, in steps"].map(type).eq(str).all()
    assert lives["Half-life of this write, in steps"].map(type).eq(str).all()
    for _, row in shares.iterrows():
        unit = int(row["Unit"])
        np.testing.assert_allclose(row.to_numpy()[1:].astype(float), [1, *np.cumprod(gates[2:, unit])])
    assert len(curves) == 4
    assert f"{LONGER}: 1" in " ".join(paragraphs(page)), "the unit whose half-life this run is too short to tell"


def test_what_is_typed_is_never_mark_up_in_a_picture(open_memory):
    for view in ("survival", "saturation"):
        page = open_memory(view, sentence="<b>a</b> $x$ %{x}", column=1)
        for chart in charts(page):
            labels = json.dumps(chart["layout"]) + json.dumps([trace.get("text") for trace in chart["data"]])
            assert "<b>" not in labels
            assert "$" not in labels
            assert "%{" not in labels
        for body in bodies(page):
            assert "<b>" not in body


# --- saturation: thresholds and side


def shares_of(values: np.ndarray, low: int, high: int) -> str:
    """As a caption says it, from the gates themselves."""
    below, above = np.array([low / 100, high / 100], values.dtype)
    return f"{share_of_one((values < below).mean())} and {share_of_one((values > above).mean())}"


def said_of_gates(page: AppTest, side: str, low: int, high: int) -> None:
    trace, found = getattr(trace_of(page), side)[0], paragraphs(page)
    for gate in GATES:
        beyond = f"below {low / 100:.2f} and above {high / 100:.2f}"
        start = f"{theme.look(gate).name}, a dot a unit. Share of all values {beyond}: "
        expected = f"{start}this sentence, translator {shares_of(getattr(trace, gate), low, high)}"
        assert any(text.startswith(expected) for text in found), (expected, found)


@pytest.mark.parametrize(("low", "high"), [(1, 51), (50, 99), (10, 90), (33, 66)])
def test_thresholds_come_from_the_address_up_to_their_ends(open_memory, low, high):
    page = open_memory("saturation", low=low, high=high)
    assert numbered(page, "Shut is below").value == pytest.approx(low / 100)
    assert numbered(page, "Open is above").value == pytest.approx(high / 100)
    said_of_gates(page, "encoder", low, high)


@pytest.mark.parametrize(("low", "high"), [(0, 50), (51, 100), (-1, "abc"), ("1e1", "९०"), ("", 10**9)])
def test_absurd_thresholds_in_the_address_are_as_none(open_memory, low, high):
    page = open_memory("saturation", low=low, high=high)
    assert (chosen_in(page).low, chosen_in(page).high) == (10, 90)
    said_of_gates(page, "encoder", 10, 90)


def test_thresholds_and_side_can_be_changed_again_and_again(open_memory):
    page = open_memory("saturation")
    for low, high in ((1, 99), (29, 57), (50, 51)):
        checked(numbered(page, "Shut is below").set_value(low / 100).run())
        checked(numbered(page, "Open is above").set_value(high / 100).run())
        said_of_gates(page, "encoder", low, high)
        assert (page.query_params["low"], page.query_params["high"]) == (str(low), str(high))
    for side in ("decoder", "encoder", "decoder"):
        checked(group(page, "Side").set_value(side).run())
        said_of_gates(page, side, 50, 51)


def test_thresholds_and_side_survive_a_look_at_another_view(open_memory):
    page = open_memory("saturation", low=20)
    checked(numbered(page, "Open is above").set_value(0.7).run())
    checked(group(page, "Side").set_value("decoder").run())
    checked(group(page, "View").set_value("survival").run())
    checked(group(page, "View").set_value("saturation").run())
    assert numbered(page, "Shut is below").value == pytest.approx(0.2)
    assert numbered(page, "Open is above").value == pytest.approx(0.7)
    said_of_gates(page, "decoder", 20, 70)


# --- saturation: held-out sentences


def counted(page: AppTest) -> AppTest:
    (button,) = [button for button in page.button if button.label == COUNT]
    return checked(button.click().run())


def panels(page: AppTest) -> list[list[str]]:
    """Titles of the panels of each picture of a gate."""
    gates = [chart for chart in charts(page) if chart["layout"]["title"]["text"].split(" ")[-1] in "fio"]
    return [[note["text"] for note in chart["layout"]["annotations"]] for chart in gates]


def test_nothing_is_counted_until_it_is_asked_for(open_memory, surveyed):
    page = open_memory("saturation")
    assert surveyed == []
    assert panels(page) == [["this sentence, translator"]] * 3
    assert any(
        "Not counted yet: translator, untrained, time-machine (forget bias 1), forget-bias-0." in text
        for text in paragraphs(page)
    )


def test_counted_sentences_of_four_networks_stand_beside_this_one(open_memory, surveyed):
    page = counted(open_memory("saturation", unit=9))
    assert surveyed == list(NETWORKS)
    titles = ["this sentence, translator", *(f"held-out, {name}" for name in NETWORKS.values())]
    assert panels(page) == [titles] * 3
    trace, text = trace_of(page), " ".join(paragraphs(page))
    for side in ("encoder", "decoder", "encoder"):
        checked(group(page, "Side").set_value(side).run())
        groups = [Group(titles[0], counted_in(getattr(trace, side)[0]), True)]
        groups += [
            Group(title, SURVEYS[name].gates[side], name == "translator") for title, name in zip(titles[1:], NETWORKS)
        ]
        for gate in GATES:
            assert said.scatter_caption(groups, gate, 10, 90, 9) in paragraphs(page)
        assert table_of(page)[1:] == [[str(cell) for cell in row] for row in said.mostly_rows(groups, 10, 90)]
    assert (
        "1,000 by translator, 1,001 by untrained, 1,002 by time-machine (forget bias 1), 1,003 by forget-bias-0" in text
    )
    assert "differ only in the forget bias" in text
    assert [button for button in page.button if button.label == COUNT] == []
    counted_once = list(surveyed)
    checked(page.run())
    assert surveyed == counted_once


def test_what_was_counted_before_is_shown_at_once(open_memory, surveyed):
    counted(open_memory("saturation"))
    page = open_memory("saturation")
    assert len(panels(page)[0]) == 5
    assert len(surveyed) == len(NETWORKS)


def test_progress_says_what_is_being_counted(open_memory, monkeypatch):
    from viz.memory import saturation as view

    seen = []
    monkeypatch.setattr(view.st, "progress", lambda value, text="": Bar(seen))
    counted(open_memory("saturation"))
    shares = [share for share, _ in seen]
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert seen[1] == (0.0625, "Counting over held-out sentences: network 1 of 4, translator, 25 %")
    assert seen[-1][1].startswith("Counting over held-out sentences: network 4 of 4, forget-bias-0")


class Bar:
    def __init__(self, seen: list) -> None:
        self.seen = seen

    def progress(self, value: float, text: str = "") -> None:
        self.seen.append((value, text))


@pytest.mark.parametrize("error", [AssetError("<b>forget-bias-0.json</b> is missing"), CorpusError("names: line 3")])
def test_a_missing_file_is_one_sentence_and_the_other_networks_stay(open_memory, monkeypatch, error):
    def survey_of(name, assets, progress, step):
        if name == "forget-bias-0":
            raise error
        return SURVEYS[name]

    monkeypatch.setattr(loading, "survey_of", survey_of)
    page = counted(open_memory("saturation"))
    assert with_role(page, "alert") == [str(error)]
    assert not any("<b>" in body for body in bodies(page))
    assert len(panels(page)[0]) == 4
    monkeypatch.setattr(loading, "survey_of", lambda name, assets, progress, step: SURVEYS[name])
    page = counted(page)
    assert with_role(page, "alert") == []
    assert len(panels(page)[0]) == 5


def test_why_the_mean_misleads_is_shown_with_the_counted_units(open_memory):
    page = counted(open_memory("saturation", low=30, high=70))
    survey, found = SURVEYS["translator"], paragraphs(page)
    mean = sum(survey.gates[side].sums[0] for side in SIDES) / sum(survey.gates[side].steps for side in SIDES)
    (text,) = [text for text in found if "Hypothetical" in text]
    assert f"all 256 units is {mean.mean():.3f}" in text
    half_lives = HalfLives.typical(survey.lifetimes.half_lives(), "longer than the sentences")
    counts = together(survey.gates.values())
    expected = f"{said.extremes_caption(counts, half_lives)} {said.same_mean_caption(counts, half_lives, 30, 70)}"
    assert expected in found
    assert lifetime_captions.bars_caption(half_lives, "Typical half-lives of the translator's units") in found


def test_the_untrained_run_is_named_and_ringed_as_what_it_is(open_memory):
    page = counted(open_memory("saturation", network="untrained", unit=9))
    assert panels(page)[0][0] == "this sentence, untrained"
    (caption,) = [text for text in paragraphs(page) if text.startswith("Forget gate, a dot")]
    ringed = caption.split("ringed: ")[1]
    assert "this sentence, untrained" in ringed
    assert "held-out, untrained" in ringed
    assert "translator" not in ringed


def test_after_a_refused_sentence_the_run_that_stayed_keeps_its_name(open_memory):
    page = open_memory("saturation")
    page.text_input(key="sentence_input").set_value("q" * 300)
    page.selectbox(key="network_choice").set_value("untrained")
    checked(page.run())
    assert with_role(page, "alert")
    assert panels(page)[0] == ["this sentence, translator"]


def test_tables_of_shares_hold_the_numbers_of_the_pictures(open_memory):
    page = unfolded(counted(open_memory("saturation")), "in_saturation")
    frames = [frame.value for frame in page.dataframe]
    assert len(frames) == 5
    gates = trace_of(page).encoder[0].forget_gate
    np.testing.assert_allclose(frames[0]["Forget gate below 0.10"], (gates < np.float32(0.1)).mean(axis=0))
    np.testing.assert_allclose(frames[0]["Forget gate above 0.90"], (gates > np.float32(0.9)).mean(axis=0))
    held_out = SURVEYS["forget-bias-0"].gates["encoder"]
    np.testing.assert_allclose(frames[4]["Output gate below 0.10"], held_out.below("output_gate", 0.1))
