"""Give B the memory of A: the state that A had after a step is put into B, and B goes on from it."""

from dataclasses import replace
from typing import Literal

import streamlit as st

from models.analysis.alignment import Pair, aligned
from models.translation.interventions import Donor, Intervention
from models.translation.record import TranslationTrace
from viz.compare.sides import network_of
from viz.compare.units import are_other_units
from viz.figures.columns import columns_of
from viz.figures.comparison_captions import place_of_pair
from viz.figures.wording import counted
from viz.serving.asked import Question
from viz.serving.runs import Run
from viz.state import Selection, keep_in_address
from viz.widgets.words import Text, notice, table, words

Part = Literal["cell_state", "hidden_state"]
PARTS: dict[str, tuple[Part, ...]] = {
    "Cell state": ("cell_state",),
    "Cell and hidden state": ("cell_state", "hidden_state"),
}


def patches(a: Run, b: Run, column_a: int, column_b: int, parts: tuple[Part, ...]) -> tuple[Intervention, ...]:
    """Put A's states after one of its steps into B at a step of the same side: all units of all layers."""
    side = "encoder" if column_a < len(a.source.tokens) else "decoder"
    first, taken = column_b, column_a
    if side == "decoder":
        first, taken = column_b - len(b.source.tokens), column_a - len(a.source.tokens)
    donor = Donor(a.source.sentence, a.translator.language)
    patch = Intervention(
        "cell_state", "patch", side, first=first, last=first, donor=donor, donor_step=taken,
        network=b.translator.fingerprint,
    )  # fmt: skip
    layers = range(b.translator.config.layers)
    return tuple(replace(patch, layer=layer, target=part) for layer in layers for part in parts)


def why_not(a: Run, b: Run, pair: Pair) -> str:
    """Why the memory of A cannot be put into B at these columns; "" where it can."""
    if a.translator.fingerprint != b.translator.fingerprint:
        other = are_other_units(network_of(a), network_of(b))
        return "B cannot take A's memory: " + (
            "the two are different trainings, so what a unit of A holds means nothing to the unit of B with the same "
            "number. Choose the same network on both sides."
            if other
            else "the two are different states of a training, whose weights read the same memory differently. Choose "
            "the same state on both sides."
        )
    if None in pair:
        return "B cannot take A's memory here: only one of the two runs has this step. Select a step that both have."
    return ""


def out_of_step(a: Run, b: Question, fingerprint: str) -> str:
    """Why the memory that B was given is no longer A's; "" where it still is, or B was given none."""
    donor = Donor(a.source.sentence, a.translator.language)
    for each in b.interventions:
        if each.donor is not None and each.donor != donor:
            return "A has changed since, so the memory that B was given was taken back."
        if each.network not in ("", fingerprint):
            return "B's network has changed since, so the memory that B was given was taken back: its units are others."
    return ""


def offer(a: Run, b: Run, pair: Pair, chosen: Selection) -> None:
    """The buttons that give B the memory of A at the selected step, or why there are none."""
    if said := why_not(a, b, pair):
        words(said)
        return
    column_a, column_b = pair
    words(
        f"At the selected pair of steps ({place_of_pair(a.finish(), b.finish(), [pair], 0)}), put A's state after the "
        "step in place of B's. All that B computes from there on is computed anew."
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        part = st.segmented_control(
            "What A remembers", list(PARTS), default="Cell state", key="memory_part", required=True,
            label_visibility="collapsed",
        )  # fmt: skip
        st.button(
            "Give it to B", key="give_memory", on_click=_give,
            args=(chosen, patches(a, b, column_a, column_b, PARTS[part])),
        )  # fmt: skip


def _give(chosen: Selection, given: tuple[Intervention, ...]) -> None:
    chosen.b_interventions = given
    keep_in_address(chosen)


def outcome(a: TranslationTrace, before: TranslationTrace, after: TranslationTrace, chosen: Selection) -> None:
    """What the memory of A changed in B's translation, with the way back."""
    notice(given_words(a, before, chosen.b_interventions))
    table(
        "What the memory of A changed",
        ("Run", "Translation", "Tokens"),
        [
            ("A", Text(a.text, a.language), len(a.target_tokens)),
            ("B before", Text(before.text, before.language), len(before.target_tokens)),
            ("B with the memory of A", Text(after.text, after.language), len(after.target_tokens)),
        ],
    )
    words(change_words(before, after))
    take_back(chosen)


def take_back(chosen: Selection) -> None:
    st.button("Take it back", key="take_back_memory", on_click=_give, args=(chosen, ()))


def given_words(a: TranslationTrace, b: TranslationTrace, interventions: tuple[Intervention, ...]) -> str:
    """What B was given, and where."""
    given = interventions[0]
    if any(each.kind != "patch" or each.first != each.last for each in interventions):
        return f"B runs with {counted(len(interventions), 'intervention')}, as the address says."
    parts = dict.fromkeys(each.target.replace("_", " ") for each in interventions)
    first_a, first_b = (0, 0) if given.side == "encoder" else (len(a.source_tokens), len(b.source_tokens))
    taken, put = (given.donor_step or 0) + first_a, given.first + first_b
    places = [
        columns_of(run)[at].place if at < len(columns_of(run)) else f"step {at + 1}, which this run does not have"
        for run, at in ((a, taken), (b, put))
    ]
    return (
        f"B was given A's {' and '.join(parts)} after {places[0]}, in place of its own at {places[1]}: all units, all "
        "layers, this one step. Everything after it was computed anew."
    )


def change_words(before: TranslationTrace, after: TranslationTrace) -> str:
    """Whether and from where on B writes something else."""
    one, other = before.target_tokens, after.target_tokens
    if one == other:
        return "B writes the same tokens as before; their probabilities may still have changed."
    pairs = aligned(one, other)
    others = [at for at, (x, y) in enumerate(pairs) if x is None or y is None or one[x] != other[y]]
    return (
        f"B writes something else: of {counted(len(pairs), 'pair')} of tokens {len(others)} differ, the first of them "
        f"in pair {others[0] + 1}."
    )
