"""The gate lab: the run as it was, the same run as it becomes, and everything that changes the one into the other."""

from typing import Any

import streamlit as st

from models.recurrent.trace import Quantity
from models.translation.interventions import OF_UNITS
from viz.lab.attention import attention
from viz.lab.editor import editor, picked, take_cell
from viz.lab.effects import effects
from viz.lab.experiment import Experiment, experiment_for
from viz.lab.listed import listed
from viz.lab.means import means
from viz.lab.outcome import attention_of_both, parting, picked_values
from viz.lab.presets import presets
from viz.live.badge import warn_of_sentence
from viz.live.microscope import style
from viz.live.side_by_side import side_by_side
from viz.state import Selection, keep_in_address
from viz.widgets.choices import say_network, sentence_and_language
from viz.widgets.words import problem

STYLE = """<style>
[class*="st-key-lab_"] p {margin: 0;}
:is(.st-key-lab_presets, .st-key-lab_picked, .st-key-lab_history) button {min-height: 2rem; padding: 0.125rem 0.625rem;}
.st-key-lab_presets [data-baseweb="select"] > div {min-height: 2rem; height: 2rem;}
.st-key-lab_list button {min-height: 1.5rem; padding: 0 0.25rem;}
.st-key-lab_list .stElementContainer {margin: 0;}
</style>"""
NAMES = ("As it was", "As it becomes")


def lab() -> None:
    """The page."""
    style()
    st.html(STYLE)
    chosen = sentence_and_language(has_beam=False)
    say_network(chosen)
    laboratory(chosen)


@st.fragment
def laboratory(chosen: Selection) -> None:
    experiment, refusal = experiment_for(chosen)
    keep_in_address(chosen)
    with st.empty():
        if refusal:
            problem(refusal)
        elif experiment is not None:
            warn_of_sentence(experiment.before)
    if experiment is None:
        return
    means(chosen)
    presets(experiment, chosen)
    editor(experiment, chosen)
    attention(experiment, chosen)
    listed(experiment, chosen)
    heat_maps(experiment, chosen)
    parting(experiment)
    effects(experiment, chosen)
    attention_of_both(experiment)
    picked_values(experiment, chosen)


def heat_maps(experiment: Experiment, chosen: Selection) -> None:
    """Both runs and their difference, streaming; what is chosen in them fills in the editor."""
    before, after = experiment.before, experiment.after

    def take(pair: int, unit: int, quantity: Quantity | None) -> None:
        take_cell(chosen, after.trace or before.trace, pair, unit, quantity)

    side_by_side(
        before, after, names=NAMES, by="step", selected=picked(experiment, chosen), on_selected=take,
        key="lab_comparison", edited=places(experiment),
    )  # fmt: skip


def places(experiment: Experiment) -> list[dict[str, Any]]:
    """Where the interventions reach into the heat maps, which are those of the highest layer."""
    highest = experiment.after.translator.config.layers - 1
    return [
        {
            "side": each.side, "quantity": each.target, "units": list(each.units), "first": each.first,
            "last": each.last,
        }
        for each in experiment.interventions
        if each.target in OF_UNITS and each.layer == highest
    ]  # fmt: skip


if __name__ == "__main__":
    lab()
