"""How far back each cell remembers, as it was measured on sequences that no training has read."""

import streamlit as st

from models import AssetError
from models.learning.tasks import TASKS
from models.learning.tasks.curves import from_card
from models.learning.tasks.network import TaskNetwork
from viz import loading
from viz.figures import task_captions as said
from viz.figures.tasks import accuracy_figure
from viz.figures.wording import capitalised
from viz.state import Selection
from viz.widgets.sequence import gap_of
from viz.widgets.words import folding, frame, is_dark, notice, picture, problem, words


def accuracy(chosen: Selection, network: TaskNetwork) -> None:
    """Accuracy by distance of all cells on one axis, for each kind of question."""
    st.subheader("How far back does it remember?", anchor=False)
    task = TASKS[chosen.task]
    try:
        curves = from_card(loading.task_card(chosen.task)["curves"])
    except (AssetError, KeyError) as error:
        problem(f"{error}" if isinstance(error, AssetError) else "This task was not measured.")
        return
    distance = None if chosen.typed else gap_of(chosen)
    if distance is not None and distance > task.trained[1]:
        notice(f"The sequence above goes beyond the training: {distance}, trained up to {task.trained[1]}.")
    for box, (kind, of_kind) in zip(st.columns(len(curves)), curves.items(), strict=True):
        with box:
            if kind:
                words(f"{capitalised(kind)}:")
            figure = accuracy_figure(task, of_kind, chosen.variant, distance, is_dark())
            picture(figure, said.accuracy_caption(task, of_kind), f"task_accuracy_{kind}".replace(" ", "_"))
    if task.note:
        words(task.note)
    with folding("Accuracy as a table", "task_accuracy_table") as box:
        if box.open:
            for kind, of_kind in curves.items():
                frame(said.accuracy_table(of_kind, task.distance_is), f"task_accuracy_frame_{kind}".replace(" ", "_"))
