"""Two runs side by side on a page, with their difference between them; both stream at once."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import streamlit as st

from models.analysis.comparison import By, check_sizes, difference, paired, pairs_of_tokens
from models.recurrent.trace import QUANTITIES, Quantity
from models.translation.record import TranslationTrace
from viz.figures.comparison_captions import difference_captions
from viz.live.component import comparison, take
from viz.serving.runs import Run
from viz.state import Selection, selection, unit_on_view
from viz.widgets.words import problem

Selected = tuple[int, int]  # number of a pair of steps, and unit
OnSelected = Callable[[int, int, Quantity | None], None]


def side_by_side(
    a: Run, b: Run, *, names: tuple[str, str], by: By, selected: Selected | None,
    on_selected: OnSelected, on_finished: Callable[[], None] = lambda: None, key: str = "comparison",
    edited: Sequence[dict] = (), courses: Mapping[str, Sequence[Mapping]] = {},
    on_course: Callable[[str, int], None] = lambda side, at: None,
) -> None:  # fmt: skip
    """Two translations, their heat maps, and between these the six differences B - A, each on its own scale.

    Nothing has to be computed before: both runs fill themselves from the streaming route, and once both are finished
    the script runs again. Where their networks differ in size, a sentence says that they cannot be compared.

    Args:
        names: of both runs, as plain text.
        by: how steps are paired; see ``models.comparison.paired``. Targets are paired by step until both are finished.
        selected: number of a pair, and unit; as ``default_selection`` if omitted.
        on_selected: takes what a click or key has chosen: pair, unit, and the quantity of that heat map if in one.
        on_finished: called once both runs have been read to their end.
        edited: places to outline in B: ``side``, ``quantity``, ``units`` ([] for all), ``first`` and ``last`` step of
            that side, counted from 0 (``last`` None to the end).
        courses: for side ``a`` or ``b``, the states of a training to walk through, each with ``run`` (an id), ``label``
            and ``score``.
        on_course: takes the side and the number of the state at which its slider has come to rest.
    """
    try:
        check_sizes(*(size for sizes in zip(_size(a), _size(b), strict=True) for size in sizes))
    except ValueError as error:
        problem(str(error))
        return
    chosen = selected or _default(a, b, by)
    comparison(
        data={
            "a": {"run": a.id, "name": names[0]},
            "b": {"run": b.id, "name": names[1]},
            "source_pairs": pairs_of_tokens(a.source.tokens, b.source.tokens, by),
            "pairs": (pairs := paired(a.trace, b.trace, by) if a.trace and b.trace else None),
            "captions": pairs and difference_captions(a.trace, b.trace, pairs, len(a.trace.encoder) - 1),
            "selected": {"pair": chosen[0], "unit": chosen[1]} if chosen else None,
            "taken": st.session_state.get(f"{key}_taken", 0),
            "edited": list(edited),
            "level": selection().level,
            "courses": {side: list(map(dict, states)) for side, states in courses.items()},
        },
        key=key,
        on_selected_change=partial(_take_cell, key, on_selected),
        on_finished_change=on_finished,
        on_level_change=lambda: take(key, selection(), "level"),
        on_course_change=partial(_take_course, key, on_course),
    )


def default_selection(a: TranslationTrace, b: TranslationTrace, by: By, chosen: Selection | None = None) -> Selected:
    """The unit that other pages show too, and the pair where its hidden states differ most.

    That of the first target token where they do not differ.
    """
    unit, pairs = unit_on_view(a, chosen or Selection()), paired(a, b, by)
    apart = np.nan_to_num(np.abs(difference(a, b, "hidden_state", pairs, len(a.encoder) - 1)[:, unit]))
    if not apart.any():
        return len(pairs_of_tokens(a.source_tokens, b.source_tokens, by)), unit
    return int(apart.argmax()), unit


def _default(a: Run, b: Run, by: By) -> Selected | None:
    return default_selection(a.trace, b.trace, by) if a.trace and b.trace else None


def _size(run: Run) -> tuple[int, int]:
    return run.translator.config.hidden_size, run.translator.config.layers


def _take_cell(key: str, on_selected: OnSelected) -> None:
    cell: dict[str, Any] | None = st.session_state[key].get("selected")
    if cell is not None:
        st.session_state[f"{key}_taken"] = int(cell["serial"])
        quantity = cell.get("quantity")
        on_selected(int(cell["pair"]), int(cell["unit"]), quantity if quantity in QUANTITIES else None)


def _take_course(key: str, on_course: Callable[[str, int], None]) -> None:
    moved: dict[str, Any] | None = st.session_state[key].get("course")
    if moved is not None and moved["side"] in ("a", "b"):
        on_course(moved["side"], int(moved["at"]))
