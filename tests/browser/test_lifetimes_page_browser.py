"""Survival and saturation in a real browser: the screen, the keyboard, narrow screens, counting with progress."""

import re
from dataclasses import replace

import numpy as np
import pytest
from safetensors.numpy import load_file

from models.analysis.lifetimes import GATES, GateCounts
from models.analysis.survey import SENTENCES, SIDES, Survey, _keep, _key, sources_of
from models.evaluation.held_out import held_out_english
from models.translation.checkpoints import load_translator
from viz.figures.columns import columns_of
from viz.figures.wording import share_of_one

SENTENCE = "She is reading a book."
UNITS = 256
# Below another page than the first, Streamlit's script first asks for its server under that page's address.
DEEP_LINK = "Failed to load resource: the server responded with a status of 404"
OTHERS = ("untrained", "time-machine", "forget-bias-0")


@pytest.fixture
def open_memory(open_app, server, watched):
    watched.allowed_errors = (DEEP_LINK,)

    def open_memory(view: str, address: str = "", **options):
        app = open_app(url=f"{server.url}/memory?view={view}{address}", wait=False, **options)
        app.page.wait_for_function(
            """least => { const all = [...document.querySelectorAll("[data-testid=stPlotlyChart]")];
            return all.length >= least && all.every((chart) => chart.querySelector(".trace, .hm, .bars")); }""",
            arg={"survival": 4, "saturation": 3}[view],
        )
        app.until_idle()
        return app

    return open_memory


def unfold(app) -> None:
    """Open what the pictures show in words."""
    app.page.locator("summary", has_text="How to read this").click()


def until_said(app, text: str) -> None:
    app.page.locator("p", has_text=text).first.wait_for()


def tabbed_to(app, label: str) -> None:
    """Reach a field by the Tab key alone."""
    field = app.page.get_by_label(label, exact=True)
    for _ in range(80):
        if field.evaluate("field => field === document.activeElement"):
            return
        app.page.keyboard.press("Tab")
    pytest.fail(f"Tab does not reach {label}")


def left_of(trace, column: int, unit: int) -> list[float]:
    """One write of 1 through the recorded gates."""
    gates = [*trace.encoder[0].forget_gate[:, unit], *trace.decoder[0].forget_gate[:, unit]]
    left = [1.0]
    for gate in gates[column + 1 :]:
        left.append(left[-1] * float(gate))
    return left


def test_survival_on_screen_is_that_of_the_recorded_gates_and_the_unit_can_be_typed(open_memory):
    trace = load_translator("bn").translate(SENTENCE)
    app = open_memory("survival", "&column=2&unit=186")
    app.page.get_by_label("Unit", exact=True).first.wait_for()
    unfold(app)
    for unit in (186, 10, 192):
        if unit != 186:
            tabbed_to(app, "Unit")
            app.page.keyboard.press("Control+a")
            app.page.keyboard.type(str(unit))
            app.page.keyboard.press("Enter")
            app.until_address(unit=str(unit))
        left = left_of(trace, 2, unit)
        steps = next(at for at, share in enumerate(left) if share <= 0.5)
        until_said(
            app,
            f"Unit {unit}. At least half of what encoder step 3, “is” wrote was gone {steps} step{'s' * (steps > 1)} "
            f"later, at {columns_of(trace)[2 + steps].place}, with {share_of_one(left[steps])} left.",
        )
    ends = [left_of(trace, 2, unit)[-1] for unit in range(UNITS)]
    until_said(app, f"Most is left in unit {np.argmax(ends)}, {share_of_one(max(ends))}, and least in unit")


@pytest.mark.parametrize("view", ["survival", "saturation"])
def test_on_a_telephone_nothing_is_wider_than_the_screen(open_memory, view):
    app = open_memory(view, "&column=2", width=380, dark=True)
    main = app.page.get_by_test_id("stMain")
    assert main.evaluate("main => main.scrollWidth <= main.clientWidth")
    for chart in app.page.get_by_test_id("stPlotlyChart").all():
        box = chart.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 380


def made_survey(seed: int) -> Survey:
    random = np.random.default_rng(seed)
    gates = {side: GateCounts.none(UNITS) for side in SIDES}
    for side in SIDES:
        for gate in GATES:
            gates[side].add(gate, random.uniform(0, 1, (20, UNITS)).astype(np.float32))
    return replace(Survey.none(1, UNITS), translations=10 + seed, gates=gates)


def test_held_out_sentences_are_counted_with_progress_and_thresholds_are_reached_by_keyboard(open_memory, server):
    """The translator's gates are counted by the server; those of other networks lie made-up where it looks for them."""
    cache, english = server.log.parent / ".cache" / "lstm-microscope", held_out_english(SENTENCES)
    for seed, name in enumerate(OTHERS):
        translator = load_translator("bn", name=name)
        key = _key(translator, sources_of(translator, english))
        _keep(made_survey(seed), cache / f"survey-{name}-{key}.safetensors")
    app = open_memory("saturation", "&unit=9")
    app.page.get_by_role("button", name="Count over held-out sentences").click()
    app.page.get_by_text(re.compile(r"network 1 of 4, translator, \d+ %")).first.wait_for()
    app.page.locator("summary", has_text="Why the mean over units misleads").wait_for()
    unfold(app)
    app.until_idle()
    (file,) = cache.glob("survey-translator-*.safetensors")
    survey = Survey.of(load_file(file))
    counts = survey.gates["encoder"].counts[GATES.index("forget_gate")]
    until_said(app, f"{survey.translations:,} by translator, 10 by untrained, 11 by time-machine")
    for low in (10, 20):
        if low != 10:
            tabbed_to(app, "Shut is below")
            app.page.keyboard.press("Control+a")
            app.page.keyboard.type("0.20")
            app.page.keyboard.press("Enter")
            app.until_address(low="20")
        below, above = counts[:, :low].sum() / counts.sum(), counts[:, 90:].sum() / counts.sum()
        until_said(app, f"held-out, translator {share_of_one(below)} and {share_of_one(above)}; held-out, untrained")
    assert app.page.get_by_label("Open is above", exact=True).input_value() == "0.90"
