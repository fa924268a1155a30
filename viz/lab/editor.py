"""One line to make an intervention: what, where, when and how; a cell picked in the heat maps fills it in."""

from dataclasses import dataclass
from functools import partial
from typing import Any, get_args

import numpy as np
import streamlit as st

from models import AssetError, SentenceError, TranslationTrace
from models.language.languages import LANGUAGES, Language
from models.language.text import excerpt
from models.recurrent.trace import Quantity, Side
from models.translation.attention import softmax
from models.translation.interventions import OF_UNITS, Donor, Intervention, InterventionError, Kind, Target
from models.translation.translator import Translator
from viz.figures import theme
from viz.figures.wording import number
from viz.lab.experiment import REFUSED, Experiment, source_of
from viz.lab.listed import append, refuse
from viz.live.side_by_side import default_selection
from viz.state import Selection
from viz.widgets.choices import telling
from viz.widgets.tokens import OFFERED, labels_of, number_of
from viz.widgets.units import GroupError, parsed

DRAFT = "lab_draft"
TARGETS: tuple[Target, ...] = (
    "forget_gate", "input_gate", "candidate", "output_gate", "cell_state", "hidden_state", "token"
)  # fmt: skip
KINDS: dict[Kind, str] = {
    "set": "hold at a value", "scale": "multiply by", "add": "add",
    "mean": "replace by the mean", "patch": "take from another run",
}  # fmt: skip
VALUE: dict[Kind, str] = {"set": "Value", "scale": "Factor", "add": "Summand"}
TOKEN = "Token written"
ALL = "all"


@dataclass
class Draft:
    """What stands in the line; steps from 1, as on the page."""

    target: Target = "forget_gate"
    side: Side = "decoder"
    layer: int = 0
    units: str = ALL  # as typed
    first: int = 1
    last: int | None = None
    kind: Kind = "set"
    value: float = 1.0
    sentence: str = "He is reading a book."  # of the other run
    language: Language = "bn"
    other_step: int | None = None
    token: int | None = None


def draft() -> Draft:
    return st.session_state.setdefault(DRAFT, Draft())


def editor(experiment: Experiment, chosen: Selection) -> None:
    """The line and its button; beneath it what is picked in the heat maps."""
    wanted, is_token = draft(), draft().target == "token"
    with st.container(horizontal=True, vertical_alignment="bottom", key="lab_editor"):
        _choice("target", "Change", TARGETS, _name_of, 150)
        if not is_token:
            _choice("side", "Of the", get_args(Side), str.capitalize, 125)
            if (layers := experiment.after.translator.config.layers) > 1:
                _choice("layer", "Layer", tuple(range(layers)), str, 90)
            _field(st.text_input, "units", "Units: 17, 20-25 or all", 185, value=wanted.units)
        _field(st.number_input, "first", "From step", 110, value=wanted.first, min_value=1, step=1)
        _field(
            st.number_input, "last", "To step", 110, value=wanted.last, min_value=1, step=1, placeholder="the end"
        )  # fmt: skip
        if is_token:
            _token(experiment)
        else:
            _choice("kind", "How", tuple(KINDS), KINDS.__getitem__, 200)
            _how(wanted)
        st.button("Apply", key="lab_apply", on_click=_apply, args=(chosen,))
    _picked(experiment, chosen)


def _name_of(target: Target) -> str:
    return TOKEN if target == "token" else theme.look(target).name


def _how(wanted: Draft) -> None:
    """What the chosen way to change needs to know."""
    if wanted.kind in VALUE:
        _field(st.number_input, "value", VALUE[wanted.kind], 120, value=wanted.value, step=0.1, format="%.4g")
    if wanted.kind == "patch":
        _field(st.text_input, "sentence", "English sentence of the other run", 260, value=wanted.sentence)
        _choice("language", "Translated to", tuple(LANGUAGES), LANGUAGES.__getitem__, 120)
        _field(
            st.number_input, "other_step", "From its step", 130, value=wanted.other_step, min_value=1, step=1,
            placeholder="the same",
        )  # fmt: skip


def _field(widget: Any, name: str, label: str, width: int, *, value: Any, **options: Any) -> None:
    """A widget whose value is kept in the draft, where something else may change it too."""
    told = telling(f"lab_{name}", value, partial(_take, name), may_be_empty=name in ("last", "other_step"))
    widget(label, value=value, width=width, **told, **options)


def _choice(name: str, label: str, options: tuple, shown: Any, width: int) -> None:
    value = getattr(draft(), name)
    st.selectbox(
        label, options, options.index(value), format_func=shown, width=width,
        **telling(f"lab_{name}", value, partial(_take, name)),
    )  # fmt: skip


def _take(name: str, value: Any) -> None:
    st.session_state.pop(REFUSED, None)
    setattr(draft(), name, value)


def _token(experiment: Experiment) -> None:
    """The token to write: those that the run considered at this step first, any other as typed."""
    translator, trace, wanted = experiment.after.translator, experiment.after.trace, draft()
    tokens = translator.target_vocabulary.tokens
    logits = np.zeros(len(tokens))
    probabilities = logits
    if trace is not None and wanted.first <= len(trace.target_tokens):
        logits = trace.logits[wanted.first - 1].astype(np.float64)
        probabilities = softmax(logits)
    order = np.argsort(-translator.writable(logits), kind="stable")[:OFFERED].tolist()
    if wanted.token is not None and wanted.token < len(tokens):
        order.append(wanted.token)
    labels = labels_of(tokens, probabilities, order)
    shown = list(labels.values())
    value = labels.get(wanted.token)
    st.selectbox(
        "Token: probability in the run", shown, None if value is None else shown.index(value),
        placeholder="Choose or type", accept_new_options=True, width=260,
        **telling("lab_token", value, partial(_take_token, labels, translator, probabilities), may_be_empty=True),
    )  # fmt: skip


def _take_token(
    labels: dict[int, str], translator: Translator, probabilities: np.ndarray, typed: str | None
) -> None:  # fmt: skip
    typed = typed or ""
    numbers = {label: at for at, label in labels.items()}
    found = numbers.get(typed, number_of(typed, translator.target_vocabulary.tokens, probabilities))
    if found is None:
        refuse(f"“{excerpt(typed)}” is no token of the vocabulary.")
    draft().token = found


# --- from the line to an intervention


def _apply(chosen: Selection) -> None:
    try:
        translator, _ = source_of(chosen)
        wanted = made(draft(), translator)
    except (SentenceError, AssetError, GroupError, InterventionError) as error:
        refuse(str(error))
        return
    append(chosen, wanted)


def made(wanted: Draft, translator: Translator) -> Intervention:
    """The intervention that a draft asks for.

    Raises:
        GroupError: the list of units makes no sense.
        InterventionError: the rest does not.
    """
    last = None if wanted.last is None else wanted.last - 1
    if last is not None and wanted.last < wanted.first:
        raise InterventionError(f"The last step, {wanted.last}, comes before the first, {wanted.first}.")
    if wanted.target == "token":
        if wanted.token is None:
            raise InterventionError("Choose a token to write first.")
        return Intervention("token", first=wanted.first - 1, last=last, value=wanted.token)
    units = _units(wanted.units, translator.config.hidden_size)
    is_own = bool(units) or wanted.kind in ("mean", "patch")  # makes sense in this network alone
    return Intervention(
        wanted.target,
        wanted.kind,
        wanted.side,
        min(wanted.layer, translator.config.layers - 1),
        units,
        wanted.first - 1,
        last,
        _number(wanted.value) if wanted.kind in VALUE else 0.0,
        donor=Donor(wanted.sentence, wanted.language) if wanted.kind == "patch" else None,
        donor_step=wanted.other_step - 1 if wanted.kind == "patch" and wanted.other_step else None,
        network=translator.fingerprint if is_own else "",
    )


def _units(typed: str, count: int) -> tuple[int, ...]:
    """Units as typed; none for all of them."""
    if typed.strip().lower() == ALL:
        return ()
    units = parsed(typed, count)
    return () if len(units) == count else units


def _number(value: float) -> float:
    if not np.isfinite(value):
        raise InterventionError("The value is no finite number.")
    return float(value)


# --- a cell that is picked


def take_cell(
    chosen: Selection, trace: TranslationTrace | None, column: int, unit: int, quantity: Quantity | None = None
) -> None:  # fmt: skip
    """Fill in the line with a cell of the heat maps: quantity, side, step, unit, and the value that it has now."""
    chosen.column, chosen.unit = column, unit
    if trace is None:
        return
    source, wanted = len(trace.source_tokens), draft()
    wanted.side = "encoder" if column < source else "decoder"
    wanted.first = wanted.last = 1 + (column if column < source else column - source)
    wanted.units = str(unit)
    wanted.target = quantity or (wanted.target if wanted.target in OF_UNITS else "forget_gate")
    wanted.kind = "set"
    steps = trace.steps
    if column < steps:
        wanted.value = round(float(trace.values(wanted.target, wanted.layer)[column, unit]), 6)


def picked(experiment: Experiment, chosen: Selection) -> tuple[int, int] | None:
    """Column and unit that are looked at: those chosen, else as ``default_selection``.

    Steps are paired with steps, so a column is the same in both runs. None until both are finished.
    """
    before, after = experiment.before.trace, experiment.after.trace
    if before is None or after is None:
        return None
    columns = len(before.source_tokens) + max(len(before.target_tokens), len(after.target_tokens))
    column, unit = default_selection(before, after, "step", chosen)
    return column if chosen.column is None or chosen.column >= columns else chosen.column, unit


def _picked(experiment: Experiment, chosen: Selection) -> None:
    """The cell that is picked, as it was and as it becomes, with a button to hold it."""
    if (cell := picked(experiment, chosen)) is None:
        return
    wanted, (column, unit) = draft(), cell
    quantity = wanted.target if wanted.target in OF_UNITS else "forget_gate"
    before, after = experiment.before.trace, experiment.after.trace
    value, other = (_value(trace, quantity, wanted.layer, *cell) for trace in (before, after))
    with st.container(horizontal=True, vertical_alignment="center", key="lab_picked"):
        st.button(
            f"Hold this unit here at {number(wanted.value, '.4g')}", key="lab_hold", on_click=_hold,
            args=(chosen, column, unit),
        )  # fmt: skip
        st.html(
            f"<p>Picked in the heat maps: {place_of(experiment, column)}, unit {unit}. {theme.look(quantity).name}: "
            f"{value} as it was, {other} as it becomes.</p>"
        )


def _value(trace: TranslationTrace, quantity: Quantity, layer: int, column: int, unit: int) -> str:
    values = trace.values(quantity, min(layer, trace.layers - 1))
    return number(values[column, unit], ".4f") if column < len(values) else "no such step"


def place_of(experiment: Experiment, column: int) -> str:
    source = len(experiment.before.source.tokens)
    return f"encoder step {column + 1}" if column < source else f"decoder step {column - source + 1}"


def _hold(chosen: Selection, column: int, unit: int) -> None:
    """Hold the picked unit at the value in the line, in its step alone."""
    try:
        translator, source = source_of(chosen)
    except (SentenceError, AssetError) as error:
        refuse(str(error))
        return
    wanted, steps = draft(), len(source.ids)
    side: Side = "encoder" if column < steps else "decoder"
    step = column if side == "encoder" else column - steps
    target = wanted.target if wanted.target in OF_UNITS else "forget_gate"
    append(
        chosen,
        Intervention(
            target, "set", side, min(wanted.layer, translator.config.layers - 1), (unit,), step, step,
            wanted.value, network=translator.fingerprint,
        ),
    )  # fmt: skip
