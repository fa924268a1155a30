"""The tree of a beam search, and decoding that goes on from any of its nodes."""

from dataclasses import replace

import streamlit as st

from models.language.languages import LANGUAGES
from models.translation.decoding import Node
from models.translation.translator import Beam
from viz.figures import captions
from viz.figures import tree_captions as said
from viz.figures.search_captions import numbers_of
from viz.figures.tree_drawing import tree_csv, tree_drawing, tree_table
from viz.figures.wording import number
from viz.live.attention import attention
from viz.live.microscope import chosen_run, heat_maps
from viz.networks import is_untrained
from viz.serving.asked import ask, ask_again, is_to_be_asked, kept
from viz.serving.runs import NodeError, Run
from viz.state import BEAMS, Onward, Selection, cell_on_view, keep_in_address
from viz.tree.drawing import drawing
from viz.widgets.choices import part, telling, warn_of_link
from viz.widgets.words import TableCell, Text, folding, notice, table, words

TREE = "tree"  # side of this page's own search
WIDTH = 3  # of the beam on this page where greedy search is chosen, which has no branches
DROPPED: dict[str, int | None] = {"best 3": 3, "best 10": 10, "all": None}  # drawn of each step
HINT = (
    "Choose a node by click or by keyboard, a dropped one for instance: decoding goes on from there, and its gates "
    "appear beneath the tree."
)
GOING_ON: dict[Onward, str] = {"beam": "a beam of {}", "greedy": "greedy search"}
HEADINGS = ("", "Translation", "Log-probability", "Length", "Score")


def tree(run: Run, chosen: Selection) -> None:
    """The whole page beneath the sentence."""
    run = searched(run)
    _forget_node_of_another_search(run, chosen)
    run.finish()
    explore(run, chosen, choices(run, chosen))


def searched(run: Run) -> Run:
    """The run of the page if it is a beam search; a search of this page's own if it is greedy."""
    if run.width > 1:
        return run
    return ask(replace(kept().answered, beam=WIDTH, side=TREE)).run


def _forget_node_of_another_search(run: Run, chosen: Selection) -> None:
    """Nodes count in the order of one search; the first search is the one that a link may ask a node of."""
    search = run.source.sentence, run.translator.language, run.translator.fingerprint, run.width
    if st.session_state.setdefault("tree_search", search) != search:
        st.session_state.tree_search = search
        chosen.node = None
        keep_in_address(chosen)


def choices(run: Run, chosen: Selection) -> int | None:
    """How wide the beam is, and how many of the dropped nodes are drawn."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.segmented_control(
            "Beam", BEAMS[1:], default=run.width, required=True,
            **telling("tree_beam", run.width, lambda beam: _take_beam(chosen, beam)),
        )  # fmt: skip
        dropped = st.segmented_control(
            "Dropped nodes drawn at each step", list(DROPPED), default="best 3", key="tree_dropped", required=True
        )
    return DROPPED[dropped]


def _take_beam(chosen: Selection, beam: int) -> None:
    """For all pages: as if it had been chosen above, beside the sentence."""
    chosen.beam = beam
    chosen.look_at_the_best()


@st.fragment
def explore(run: Run, chosen: Selection, dropped: int | None) -> None:
    """The tree, and what follows from the node that is chosen in it."""
    if is_to_be_asked():  # to compute again
        ask_again(TREE)
        st.rerun()
    words(said.tree_caption(run.beam))
    if is_untrained(chosen.network):
        words(said.untrained_remark(run.beam))
    words(HINT)
    nodes = run.beam.search.nodes
    at = chosen.node if chosen.node is not None and chosen.node < len(nodes) else None
    drawn(run, chosen, dropped, at)
    if at is not None:
        going_on(run, chosen, at)
    elif chosen.node is not None:
        notice(f"The link asks for node {chosen.node}; this tree has nodes 0 to {len(nodes) - 1}.")
    whole_tree(run)


def drawn(run: Run, chosen: Selection, dropped: int | None, at: int | None) -> None:
    """The tree, in which a click or a key chooses a node."""
    description = tree_drawing(run.beam, dropped, [] if at is None else [at])
    numbers = tuple(node["number"] for node in description["nodes"])
    drawing(
        data={
            **description,
            "label": f"Tree of a beam search, beam {run.width}",
            "tree": run.id,
            "drawn": f"{run.id} {hash(numbers)}",
            "selected": at,
        },
        key="beam_tree",
        on_picked_change=lambda: _take_node(run, chosen),
    )


def _take_node(run: Run, chosen: Selection) -> None:
    """Decoding goes on from this node: the step that reads its token is selected, or that wrote it if it ends."""
    picked, search = st.session_state.beam_tree.get("picked"), run.beam.search
    if type(picked) is int and 0 <= picked < len(search.nodes):
        node = search.nodes[picked]
        is_last = node.token == search.end or node.step == search.limit
        chosen.node = picked
        chosen.take(len(run.source.tokens) + node.step - is_last)
        keep_in_address(chosen)


def going_on(run: Run, chosen: Selection, at: int) -> None:
    """The chosen node, what decoding finds from there, and its gates."""
    node, search = run.beam.search.nodes[at], run.beam.search
    with st.container(key=f"tree_outcome_{at}"):  # the script of the tree brings it into view
        st.subheader(f"From node {at}", anchor=False)
        words(said.chosen_caption(run.beam, node, at))
        continued = continuation(run, chosen, at)
        if continued is not None:
            compared(run, node, continued)
    if continued is not None:
        gates(continued, chosen)
    elif node in search.hypotheses:
        place = search.hypotheses.index(node) + 1
        words(f"It ends translation {place} of the search. Below are the gates of the steps that wrote it.")
        gates(run.looking_at(place), chosen)
    table(f"Node {at}", ("", "Value"), node_rows(run.beam, node))
    words(said.score_caption())


def compared(run: Run, node: Node, continued: Run) -> None:
    """What going on found beside the best translation of the search."""
    numbers, sentence = st.columns([3, 2], gap="medium", vertical_alignment="center")
    with numbers:
        table("What decoding finds from here", HEADINGS, outcome_rows(run, continued))
    with sentence:
        is_finished = continued.trace is not None
        words(said.outcome_caption(run.beam, node, continued.beam) if is_finished else "Decoding goes on.")


def continuation(run: Run, chosen: Selection, at: int) -> Run | None:
    """The run that goes on from a node; None, and why, where nothing can follow it."""
    st.segmented_control(
        "Go on by", list(GOING_ON), default=chosen.onward, required=True,
        format_func=lambda name: GOING_ON[name].format(run.width), **part(chosen, "onward", "tree_going_on"),
    )  # fmt: skip
    keep_in_address(chosen)
    try:
        return run.continued_from(at, run.width if chosen.onward == "beam" else 1)
    except NodeError as refusal:
        words(str(refusal))
        return None


def node_rows(beam: Beam, node: Node) -> list[tuple[TableCell, TableCell]]:
    """What is known of a node; numbers to four decimals."""
    if node.parent is None:
        return [("Path so far", "nothing yet"), ("Step", "0")]
    language = beam.translator.language
    return [
        ("Path so far", Text(beam.text(node), language)),
        ("Token", Text(said.token_of(beam, node), language)),
        ("Step", str(node.step)),
        ("Log-probability of the token", number(node.log_probability, said.EXACT)),
        ("Log-probability of the path", number(node.total, said.EXACT)),
        ("Score", said.score_words(node)),
        ("Place among its siblings", said.place_words(beam, node)),
        ("What became of it", said.fate_words(beam, node)),
    ]


def outcome_rows(run: Run, continued: Run) -> list[tuple[TableCell, ...]]:
    """What going on found, once it is finished, and beneath it the best translation of the search."""
    language = run.translator.language
    found = continued.beam.search.hypotheses[0] if continued.trace is not None else None
    best = run.beam.search.hypotheses[0]
    first = (Text(run.beam.text(found), language), *numbers_of(found)) if found else ("computing", "", "", "")
    return [("From here", *first), ("Best of the search", Text(run.beam.text(best), language), *numbers_of(best))]


def gates(run: Run, chosen: Selection) -> None:
    """The heat maps of a run, which fill themselves, and its attention once it is finished."""
    heat_maps(run, chosen)
    if run.trace is not None:
        warn_of_link(run.trace, chosen)
        words(captions.translation_caption(run.trace))
        attention(run.trace, chosen, cell_on_view(run.trace, chosen)[0])


def whole_tree(run: Run) -> None:
    """Every node as a table and as a file."""
    with folding(f"All {len(run.beam.search.nodes) - 1:,} nodes as a table", "in_tree") as box:
        if box.open:
            st.dataframe(tree_table(run.beam), height=360, key="tree_table", hide_index=True)
            st.download_button(
                "All nodes (CSV)",
                lambda: tree_csv(run.beam),
                f"beam-tree-{LANGUAGES[run.translator.language].lower()}.csv",
                "text/csv",
                on_click="ignore",
                key="tree_csv",
            )


if __name__ == "__main__":
    run, chosen = chosen_run()
    tree(run, chosen)
