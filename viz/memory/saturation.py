"""How often gates are as good as open or shut: this sentence, held-out sentences, other networks."""

from functools import partial

import streamlit as st

from models import AssetError, Record
from models.analysis.lifetimes import GATES
from models.analysis.survey import SENTENCES, SIDES, Survey
from models.language.corpus import CorpusError
from models.recurrent.trace import Side
from viz import loading
from viz.figures import saturation_captions as said
from viz.figures import theme
from viz.figures.lifetime_captions import bars_caption
from viz.figures.lifetimes import HalfLives, half_life_bars
from viz.figures.saturation import (
    Group,
    constant_half_life,
    counted_in,
    extremes,
    gate_bars,
    same_mean,
    saturation_scatter,
    share_table,
    together,
)
from viz.figures.wording import capitalised
from viz.memory.reading import in_words
from viz.networks import label_of
from viz.serving.runs import Run
from viz.state import Selection, cell_on_view, keep_in_address
from viz.widgets.choices import layer_choice, telling
from viz.widgets.words import folding, frame, headline, is_dark, picture, problem, table, words

NETWORKS = {
    "translator": "translator", "untrained": "untrained", "time-machine": "time-machine (forget bias 1)",
    "forget-bias-0": "forget-bias-0",
}  # fmt: skip
LONGER = "longer than the sentences"
SIDE_ON_VIEW = "saturation_side_on_view"
SIDE: dict[Side, str] = {"encoder": "Encoder", "decoder": "Decoder"}


def saturation(run: Run, trace: Record, chosen: Selection) -> None:
    """A dot a unit: how often it was below and above the thresholds, here and over held-out sentences."""
    answer = st.empty()
    layer = layer_choice(trace, chosen)
    side = thresholds(chosen)
    counting()
    _, unit = cell_on_view(trace, chosen)
    groups = groups_of(run, trace, side, layer)
    with answer:
        headline(said.headline(groups[0], side, chosen.low, chosen.high))
    captions = [said.scatter_caption(groups, gate, chosen.low, chosen.high, unit) for gate in GATES]
    for box, gate, sentence in zip(st.columns(3), GATES, captions, strict=True):
        with box:
            figure = saturation_scatter(groups, gate, chosen.low, chosen.high, unit, is_dark())
            picture(theme.on_page(figure, gate, is_dark()), sentence, f"saturation_{gate}", said.SCATTER_SHORT)
    table(
        "How many units are beyond a threshold in at least half of the steps",
        said.mostly_header(chosen.low, chosen.high),
        said.mostly_rows(groups, chosen.low, chosen.high),
    )
    in_words(lambda: (said.HOW, *captions, f"{said.NUMBERS} {said.PAIR}" if len(groups) > 1 else said.NUMBERS))
    if (survey := loading.known_survey("translator")) is not None:
        with folding("Why the mean over units misleads", "in_means") as box:
            if box.open:
                what_means_hide(survey, chosen)
    with folding("Shares of every unit as tables", "in_saturation") as box:
        if box.open:
            for number, group in enumerate(groups):
                words(capitalised(group.label))
                frame(share_table(group.counts, chosen.low, chosen.high), f"share_table_{number}")


def thresholds(chosen: Selection) -> Side:
    """Both thresholds, which the address keeps, and the side that is looked at."""
    side = st.session_state.get(SIDE_ON_VIEW, "encoder")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.segmented_control(
            "Side", list(SIDE), default=side, format_func=SIDE.__getitem__, required=True,
            **telling("saturation_side", side, partial(st.session_state.__setitem__, SIDE_ON_VIEW)),
        )  # fmt: skip
        threshold("Shut is below", 0.01, 0.50, chosen, "low")
        threshold("Open is above", 0.51, 0.99, chosen, "high")
    keep_in_address(chosen)
    return side


def threshold(label: str, lowest: float, highest: float, chosen: Selection, name: str) -> None:
    """A threshold, which the selection keeps in hundredths."""
    value = getattr(chosen, name) / 100
    told = telling(f"threshold_{name}", value, lambda share: setattr(chosen, name, round(100 * share)))
    st.number_input(label, lowest, highest, value, 0.01, width=150, **told)


def counting() -> None:
    """Count over held-out sentences when asked to, and say what was counted."""
    missing = [name for name in NETWORKS if loading.known_survey(name) is None]
    if missing:
        place = st.empty()
        with place.container():
            words(
                f"{SENTENCES} English sentences that none of these networks was trained on can be translated to Bangla "
                f"and to Marathi, to count their gates too. Not counted yet: {', '.join(map(NETWORKS.get, missing))}. "
                "The first time it takes about half a minute."
            )
            if st.button("Count over held-out sentences", key="count_held_out"):
                count(missing)
        if len(known()) == len(NETWORKS):
            place.empty()
    if surveys := known():
        words(counted_words(surveys))


def count(names: list[str]) -> None:
    """Count for each network in turn; a missing or damaged file is a sentence, and the others are still counted."""
    bar = st.progress(0.0, "Counting over held-out sentences")
    for number, name in enumerate(names):
        label = f"Counting over held-out sentences: network {number + 1} of {len(names)}, {NETWORKS[name]}"

        def tell(share: float, number: int = number, label: str = label) -> None:
            bar.progress(min((number + share) / len(names), 1.0), f"{label}, {100 * share:.0f} %")

        try:
            tell(0.0)
            loading.survey(name, tell)
        except (AssetError, CorpusError) as error:
            problem(str(error))


def known() -> dict[str, Survey]:
    found = {name: loading.known_survey(name) for name in NETWORKS}
    return {name: survey for name, survey in found.items() if survey is not None}


def counted_words(surveys: dict[str, Survey]) -> str:
    """What was counted: how many translations of what."""
    counts = {name: survey.translations for name, survey in surveys.items()}
    each = ", ".join(f"{count:,} by {NETWORKS[name]}" for name, count in counts.items())
    return (
        f"Held-out sentences: {SENTENCES} in English (sampled from the validation files, 150 everyday ones, and some "
        f"with held-out names), each to Bangla and to Marathi. Translations counted: {each}. The table below has the "
        "steps; decoders that write other translations take other numbers of them."
    )


def groups_of(run: Run, trace: Record, side: Side, layer: int) -> list[Group]:
    """This sentence first, then each network that was counted over held-out sentences."""
    own, is_highest = loading.network_of(run.translator), layer == trace.layers - 1
    here = Group(
        f"this sentence, {NETWORKS.get(own, label_of(own))}",
        counted_in(trace.part(side).trace(layer)),
        is_own=True,
    )
    return [here] + [
        Group(f"held-out, {NETWORKS[name]}", survey.gates[side], is_own=name == own and is_highest)
        for name, survey in known().items()
    ]


def what_means_hide(survey: Survey, chosen: Selection) -> None:
    """The mean forget gate against the units it is the mean of, with the translator's own units."""
    counts = together(survey.gates[side] for side in SIDES)
    half_lives = HalfLives.typical(survey.lifetimes.half_lives(), LONGER)
    words(said.mean_caption(counts, half_lives, survey.translations))
    constant = constant_half_life(float(counts.mean("forget_gate").mean()))
    left, right = st.columns(2)
    with left:
        bars = half_life_bars(half_lives, "Translator, held-out", [(constant, "one constant gate")], is_dark())
        picture(bars, bars_caption(half_lives, "Typical half-lives of the translator's units"), key="means_hide")
    window, latch = extremes(counts, half_lives)
    pair = same_mean(counts, chosen.low, chosen.high)
    units = [(window, "window"), (latch, "latch"), *((unit, "same mean") for unit in pair or ())]
    with right:
        sentence = (
            f"{said.extremes_caption(counts, half_lives)} "
            f"{said.same_mean_caption(counts, half_lives, chosen.low, chosen.high)}"
        )
        picture(
            theme.on_page(gate_bars(counts, units, half_lives, is_dark()), "forget_gate", is_dark()),
            sentence,
            "gates_of_four",
        )
