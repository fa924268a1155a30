"""What a beam search found and what it dropped, beneath the microscope."""

from functools import partial
from html import escape

import streamlit as st

from models.translation.translator import Beam
from viz.figures.search_captions import beam_caption, numbers_of, reason
from viz.figures.tree_drawing import node_columns
from viz.serving.runs import Run
from viz.state import Selection, keep_in_address
from viz.widgets.choices import telling
from viz.widgets.words import folding, words

HEADINGS = ("", "Translation", "Log-probability", "Length", "Score", "")


def beam_section(run: Run, chosen: Selection) -> None:
    """The hypotheses, which of them is on view, and the tokens that were dropped."""
    beam = run.beam
    found = beam.search.hypotheses
    st.subheader("Beam search", anchor=False)
    words(beam_caption(beam))
    if chosen.hypothesis > len(found):
        words(f"The link asks for translation {chosen.hypothesis} of {len(found)}; the best is on view.")
    st.segmented_control(
        "Translation on view", list(range(1, len(found) + 1)), default=run.hypothesis, required=True,
        **telling("hypothesis_choice", run.hypothesis, partial(_take_hypothesis, run, chosen)),
    )  # fmt: skip
    st.html(hypotheses_table(beam, run.hypothesis))
    dropped = beam.search.dropped
    with folding(f"Tokens that the search dropped: {len(dropped):,}", "in_dropped") as box:
        if box.open:
            st.dataframe(dropped_table(beam), height=360, key="dropped_table", hide_index=True)


def _take_hypothesis(run: Run, chosen: Selection, hypothesis: int) -> None:
    chosen.hypothesis = hypothesis
    chosen.forget_decoder_step(len(run.source.tokens))
    keep_in_address(chosen)


def hypotheses_table(beam: Beam, on_view: int) -> str:
    """As HTML: the best first, every text marked with its language."""
    language = escape(beam.translator.language)
    rows = []
    for place, node in enumerate(beam.search.hypotheses, start=1):
        remarks = [
            "on view" * (place == on_view), "greedy" * node.is_greedy, "cut off" * (node.fate.status == "cut off")
        ]  # fmt: skip
        cells = [
            f'<th scope="row">{place}</th>',
            f'<td><span lang="{language}">{escape(beam.text(node))}</span></td>',
            *(f'<td class="number">{text}</td>' for text in numbers_of(node)),
            f"<td>{', '.join(filter(None, remarks))}</td>",
        ]
        mark = ' aria-current="true"' if place == on_view else ""
        rows.append(f"<tr{mark}>{''.join(cells)}</tr>")
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in HEADINGS)
    return f'<div class="beam"><table><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table></div>'


def dropped_table(beam: Beam) -> dict[str, list]:
    """Columns of a table: what was looked at and not followed, in the order of the search."""
    dropped = beam.search.dropped
    return {**node_columns(beam, dropped), "Reason": [reason(node.fate.reason) for node in dropped]}
