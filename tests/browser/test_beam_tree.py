"""The tree of a beam search in a real browser: by mouse and by keyboard, decoding goes on from a dropped node."""

import numpy as np
import pytest

from models.recurrent.trace import QUANTITIES
from viz.figures import captions
from viz.figures import tree_captions as said
from viz.figures.ordering import unit_order
from viz.serving.runs import Run
from viz.state import DEFAULT_SENTENCE

# Below another page than the first, Streamlit's script first asks for its server under that page's address.
DEEP_LINK = "Failed to load resource: the server responded with a status of 404"


@pytest.fixture
def open_tree(open_app, watched, server):
    watched.allowed_errors = (DEEP_LINK,)

    def open_page(address: str = "", **options):
        app = open_app(url=f"{server.url}/tree?{address}", wait=False, **options)
        app.page.get_by_role("treeitem").first.wait_for()
        return app

    return open_page


@pytest.fixture
def search(shipped_translator) -> Run:
    """As the page does it for the default sentence."""
    run = Run(shipped_translator("bn"), DEFAULT_SENTENCE, 3)
    run.finish()
    return run


def item(app, run: Run, at: int):
    label = said.node_label(run.beam, run.beam.search.nodes[at])
    return app.page.locator(f"[role=treeitem][data-number='{at}'][aria-description='{label}']")


def best_dropped(run: Run, step: int) -> int:
    """The most probable of the nodes dropped at a step, which is drawn in any case."""
    nodes = run.beam.search.nodes
    return max((at for at, n in enumerate(nodes) if n.fate.status == "dropped" and n.step == step),
               key=lambda at: nodes[at].total)  # fmt: skip


def assert_goes_on(app, run: Run, at: int) -> None:
    """The heat maps are those of the run that goes on from this node, and so is what is said of it."""
    trace = run.continued_from(at).finish()
    app.until("(root, text) => root.dataset.state === 'finished' && root.querySelector('.text').textContent === text",
              trace.text)  # fmt: skip
    app.page.get_by_text(captions.translation_caption(trace)).wait_for()
    S, step = len(trace.source_tokens), run.beam.search.nodes[at].step
    app.until_where(f"Unit {unit_order(trace, 'variance')[0]}, decoder step {step + 1}")
    unit, column = int(unit_order(trace, "variance")[0]), step
    stored = [getattr(trace.decoder[-1], quantity)[column, unit] for quantity in QUANTITIES]
    np.testing.assert_allclose(app.six_values(), stored, atol=5.1e-5)
    assert app.columns == S + len(trace.target_tokens)
    assert item(app, run, at).get_attribute("aria-selected") == "true"


def test_a_click_on_a_dropped_node_goes_on_from_it_and_a_link_opens_it_elsewhere(open_tree, search):
    app = open_tree(height=1400)
    at = best_dropped(search, 2)
    node = item(app, search, at)
    assert node.evaluate("box => getComputedStyle(box).borderStyle") == "dashed"
    assert node.locator(".token").get_attribute("lang") == "bn"
    node.click()
    app.until_address(node=str(at))
    assert_goes_on(app, search, at)
    row = app.page.get_by_role("region", name="What decoding finds from here").locator("tbody tr").first
    assert search.continued_from(at).trace.text in row.inner_text()

    again = open_tree(app.page.url.partition("?")[2], height=1400)  # a session of its own
    assert_goes_on(again, search, at)


@pytest.mark.parametrize("how", ["click", "Enter"])
def test_what_follows_from_a_node_comes_into_view(open_tree, search, how):
    app = open_tree()  # 1280 by 800, where it lies below
    at = best_dropped(search, 2)
    if how == "click":
        item(app, search, at).click()
    else:
        item(app, search, at).press(how)
    table = app.page.get_by_role("region", name="What decoding finds from here")
    app.page.wait_for_function(
        "table => { const box = table.getBoundingClientRect(); return box.top >= 0 && box.bottom <= innerHeight; }",
        arg=table.element_handle(),
    )  # fmt: skip
    box = app.page.get_by_role("heading", name=f"From node {at}").bounding_box()
    assert 0 <= box["y"] < 800
    app.page.get_by_text(f"What follows from node {at} stands below the tree.").wait_for(state="attached")


def test_the_tree_is_walked_by_keyboard_and_enter_goes_on(open_tree, search):
    app = open_tree(height=1400)
    nodes = search.beam.search.nodes
    first = min((at for at, node in enumerate(nodes) if node.step == 1), key=lambda at: nodes[at].rank)

    def focused() -> int:
        return app.page.evaluate(
            "() => { const host = document.activeElement; return Number(host.shadowRoot?.activeElement?.dataset.number"
            " ?? host.dataset.number); }"
        )

    items = app.page.get_by_role("treeitem")
    assert items.evaluate_all("boxes => boxes.filter((box) => box.tabIndex === 0).length") == 1
    item(app, search, 0).focus()
    for key, expected in (("ArrowRight", first), ("ArrowLeft", 0), ("ArrowRight", first), ("ArrowUp", first)):
        app.page.keyboard.press(key)
        assert focused() == expected
    app.page.keyboard.press("ArrowDown")
    below = focused()
    assert (nodes[below].step, nodes[below].rank) == (1, 1)
    while nodes[focused()].fate.status != "dropped":
        app.page.keyboard.press("ArrowDown")
    at = focused()
    details = app.page.locator(".beam-tree .details")
    assert said.node_label(search.beam, nodes[at]) in details.inner_text()
    app.page.keyboard.press("Enter")
    app.until_address(node=str(at))
    assert_goes_on(app, search, at)
    assert focused() == at, "the place in the tree is kept"
    app.page.keyboard.press("End")
    assert nodes[focused()] is search.beam.search.hypotheses[0]
    app.page.keyboard.press("Home")
    assert focused() == 0


def test_on_a_telephone_the_tree_scrolls_by_itself_and_the_node_of_a_link_is_in_view(open_tree, search):
    at = best_dropped(search, 5)
    app = open_tree(f"node={at}", width=380, height=800)
    main = app.page.get_by_test_id("stMain")
    assert main.evaluate("main => main.scrollWidth <= main.clientWidth")
    region = app.page.locator(".beam-tree .region")
    assert region.evaluate("box => box.scrollWidth > box.clientWidth && box.tabIndex === 0")
    shown = app.page.locator("[role=treeitem][aria-selected=true]")
    assert shown.get_attribute("data-number") == str(at)
    region_box, box = region.bounding_box(), shown.bounding_box()
    assert region_box["x"] <= box["x"] <= box["x"] + box["width"] <= region_box["x"] + region_box["width"]
