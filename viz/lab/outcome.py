"""What stands beneath the heat maps of the gate lab: where the runs part, how far, and the picked cell in numbers."""

import streamlit as st

from models.analysis.comparison import paired
from viz.figures import captions, theme
from viz.figures.attention import attention_heatmap
from viz.lab.editor import picked
from viz.lab.experiment import Experiment
from viz.live import apart as compared
from viz.state import Selection
from viz.widgets.words import folding, is_dark, picture, words


def parting(experiment: Experiment) -> None:
    """The first step where numbers and tokens of the two finished runs part, and how far apart they get."""
    before, after = experiment.before.trace, experiment.after.trace
    if before is None or after is None or not experiment.interventions:
        return
    pairs = paired(before, after, "step")
    compared.parting(before, after, pairs)
    compared.distance(before, after, pairs, is_by_number=False)


def picked_values(experiment: Experiment, chosen: Selection) -> None:
    """The picked cell in both runs, its unit at every step, and every unit at its step."""
    before, after = experiment.before.trace, experiment.after.trace
    if (cell := picked(experiment, chosen)) is not None:
        compared.selected_values(before, after, paired(before, after, "step"), *cell)


def attention_of_both(experiment: Experiment) -> None:
    """The weights that both finished runs read the source by."""
    runs = {"As it was": experiment.before.trace, "As it becomes": experiment.after.trace}
    if None in runs.values():
        return
    with folding("Attention weights of both runs", "lab_attention_maps") as box:
        if box.open:
            for place, (name, trace) in zip(st.columns(2), runs.items(), strict=True):
                with place:
                    words(name)
                    figure = theme.on_page(attention_heatmap(trace), "attention", is_dark())
                    picture(figure, captions.attention_caption(trace), f"lab_attention_{name}")
