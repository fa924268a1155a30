"""axe-core finds nothing of ours on any page, light or dark, wide or narrow."""

import os
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
AXE = ROOT / "node_modules/axe-core/axe.min.js"
PAGES = (
    "Translate", "Inside the cell", "Memory", "Long memory", "Gradients", "Gate lab", "Compare", "Beam tree", "Trust",
)  # fmt: skip
WITH_FOLDS = ("Translate", "Memory", "Gate lab")  # opened there; those of the other pages hold more of the same
SENTENCE = "When I was young, I used to go to the market with my mother every Sunday."
OPTIONS = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    },
    "rules": {"target-size": {"enabled": True}, "label-content-name-mismatch": {"enabled": True}},  # off by default
    "resultTypes": ["violations"],
}
RUN = """
async (options) => {
  const { violations } = await axe.run(document, { ...options, elementRef: true, preload: false });
  return violations.flatMap(({ id, nodes }) => nodes.map(
    ({ element, html, failureSummary }) => ({ id, html: element?.outerHTML ?? html, why: failureSummary })));
}
"""
# Whether components have taken the theme's colours, and no change from one colour to another is under way.
IS_PAINTED = """
dark => {
  const hosts = [...document.querySelectorAll("*")].filter((element) => element.shadowRoot);
  const roots = hosts.flatMap((host) => [...host.shadowRoot.querySelectorAll("[data-dark]")]);
  const isMoving = document.getAnimations().some((each) => each instanceof CSSTransition);
  return !isMoving && roots.every((root) => (root.dataset.dark === "true") === dark);
}
"""
# What is cut off of buttons and switches, by themselves or by what they lie in, legends that lie on one another, and
# heat maps beside each other of which one begins lower.
CUT = """
() => {
  const roots = [document, ...[...document.querySelectorAll("*")].map((each) => each.shadowRoot).filter(Boolean)];
  const every = (what) => roots.flatMap((root) => [...root.querySelectorAll(what)]);
  const all = (what) => every(what).filter((each) => each.checkVisibility());
  const isTooWide = (each) => each.clientWidth > 1 && each.scrollWidth > each.clientWidth + 1;
  const isCut = (each) => {
    const { left, right } = each.getBoundingClientRect();
    let around = each.parentElement;
    while (around && getComputedStyle(around).overflowX === "visible") around = around.parentElement;
    const field = around?.getBoundingClientRect();
    return field && !around.closest(".region, .target") && (left < field.left - 1 || right > field.right + 1);
  };
  const buttons = all("button").filter(
    (button) => isCut(button) || [button, ...button.querySelectorAll("*")].some(isTooWide)).map(
    (button) => button.textContent);
  const legends = all(".panel .legend, .panel .title").map((each) => each.getBoundingClientRect());
  const lying = legends.filter((one, at) => legends.slice(at + 1).some((other) => one.left < other.right - 1
    && other.left < one.right - 1 && one.top < other.bottom - 1 && other.top < one.bottom - 1));
  const tops = all(".panel .plot").map((plot) => plot.getBoundingClientRect().top);
  const lower = tops.filter((top) => tops.some((other) => top !== other && Math.abs(top - other) < 30));
  return [...buttons, ...lying.map(() => "legend"), ...lower.map(() => "heat map")];
}
"""
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast"]}, "resultTypes": ["violations"]}
# Not to be mended here: the rule, a part of the element's mark-up, and why.
UPSTREAM = (
    ("scrollable-region-focusable", '<table data-testid="stTableStyledTable"',
     "st.table scrolls sideways on a telephone without a tabindex; Chromium and Firefox let Tab reach such a region"),
)  # fmt: skip


def is_known(finding: dict[str, Any]) -> bool:
    return any(finding["id"] == rule and place in finding["html"] for rule, place, _ in UPSTREAM)


@pytest.fixture
def axe() -> str:
    """Its script. Without one this is skipped, except where ``CI`` is set."""
    if not AXE.exists():
        missing = "no axe-core in node_modules (npm ci)"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    return AXE.read_text(encoding="utf-8")


def test_axe_finds_nothing_of_ours_on_any_page_and_everything_has_its_room(open_app, axe):
    app = open_app(sentence=SENTENCE)
    page = app.page
    page.evaluate(axe)
    found: dict[tuple[str, str], list[str]] = {}
    cut: dict[str, list[str]] = {}
    places: dict[str, set[tuple[float, float]]] = {}
    for name in PAGES:
        page.get_by_role("link", name=name, exact=True).first.click()
        settle(page, name)
        for link in page.locator(".st-key-pages a").all():
            box = link.bounding_box()
            places.setdefault(link.inner_text(), set()).add((box["x"], box["y"]))
        for summary in page.get_by_test_id("stExpander").locator("summary").all() if name in WITH_FOLDS else ():
            summary.click()
        settle(page, name)
        for width in (768, 380):
            page.set_viewport_size({"width": width, "height": 1024})
            page.wait_for_function("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 100, 1)))")
            cut[f"{name}, {width}"] = page.evaluate(CUT)
        # Nothing but colours depends on light and dark
        for width, scheme, options in (
            (1280, "light", OPTIONS), (1280, "dark", COLOURS), (380, "dark", COLOURS), (380, "light", OPTIONS),
        ):  # fmt: skip
            page.set_viewport_size({"width": width, "height": 800})
            page.emulate_media(color_scheme=scheme)
            page.wait_for_function(IS_PAINTED, arg=scheme == "dark")
            for finding in page.evaluate(RUN, options):
                if not is_known(finding):
                    place = (finding["id"], finding["html"][:200])
                    found.setdefault(place, [finding["why"]]).append(f"{name}, {width}, {scheme}")
        page.set_viewport_size({"width": 1280, "height": 800})
    assert found == {}
    assert {place: texts for place, texts in cut.items() if texts} == {}
    assert {len(each) for each in places.values()} == {1}, "a link that stands elsewhere on another page"


def settle(page, name: str) -> None:
    """Wait until the page of this name has run, and nothing is being drawn any more."""
    address = page.get_by_role("link", name=name, exact=True).first.evaluate("link => link.pathname")
    page.wait_for_function(
        """address => {
          const app = document.querySelector("[data-testid=stApp]");
          const state = `${app.dataset.testScriptState} ${document.querySelectorAll("*").length}`;
          const { settled } = window;
          window.settled = settled?.state === state ? settled : { state, since: performance.now() };
          return location.pathname === address && app.dataset.testScriptState === "notRunning"
            && performance.now() - window.settled.since > 300;
        }""",
        arg=address,
    )
