"""Addresses that readers may have kept: each still opens the view that it opened when it was written down.

``links.json`` holds them with what they opened then. It is added to. Only where the weights of the translator changed,
``UPDATE_LINKS=1 pytest`` writes the numbers and translations anew, which must then be read; what is chosen stays.
"""

import json
import os
from pathlib import Path

import pytest
from playwright.sync_api import Page
from playwright.sync_api import TimeoutError as PlaywrightTimeout

FILE = Path(__file__).with_name("links.json")
LINKS = json.loads(FILE.read_text(encoding="utf-8"))
CHOSEN = {"page", "fields", "pressed", "menus"}
# Below another page than the first, Streamlit's script first asks for its server under that page's address.
DEEP_LINK = "Failed to load resource: the server responded with a status of 404"
# What a link brings back: what is chosen on the page, and the numbers that this leads to, folded or not. The words
# around them may change.
DESCRIBE = r"""
() => {
  const roots = [document];
  for (const root of roots) {
    for (const each of root.querySelectorAll("*")) if (each.shadowRoot) roots.push(each.shadowRoot);
  }
  const all = (selector) => roots.flatMap((root) => [...root.querySelectorAll(selector)]);
  const seen = (selector) => all(selector).filter((each) => each.checkVisibility());
  const text = (each) => (each.matches("input, select") ? each.value : each.textContent).replace(/\s+/g, " ").trim();
  const first = (words) => words.length > 80 ? `${words.slice(0, 80)}…` : words;
  const named = (each) => first(each.getAttribute("aria-label") ?? "");
  const inReadout = (each) => (each.closest(".readout") ?? each).checkVisibility();
  const app = document.querySelector("[data-testid=stApp]");
  if (app?.dataset.testScriptState !== "notRunning") return null;
  const found = {
    page: all(".st-key-pages a[aria-current=page]").map(text),
    fields: [...seen("input:not([type=range])"), ...all("select")].map((each) => `${named(each)}: ${text(each)}`),
    pressed: seen("[role=radio][aria-checked=true]").map(text),
    menus: seen("[data-testid=stPopoverButton] [data-testid=stMarkdownContainer]").map(text),
    translations: seen("output.text").map(text),
    cell: all(".where, .what, .value").filter(inReadout).map(text).join(" "),
    sliders: seen("input[type=range]").map((each) => `${named(each)}: ${each.getAttribute("aria-valuetext")}`),
    tree: seen("[role=treeitem]").length,
    node: seen("[role=treeitem][aria-selected=true]").map((each) => each.dataset.number),
    stage: seen("[aria-current=step], .says").map(text),
    edits: seen(".stHtml p").map(text).filter((each) => /^\d+\. /.test(each)).length,
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value.length || value > 0));
}
"""
# Once the server is at rest. Of a list every part must be there, with whatever else has come to the page since.
IS_AS_IT_WAS = (
    "([expected]) => { const found = (" + DESCRIBE + ")(); return found && Object.entries(expected).every("
    "([name, value]) => Array.isArray(value) ? value.every((each) => found[name]?.includes(each)) "
    ": found[name] === value); }"
)


@pytest.mark.parametrize("link", LINKS, ids=[link["what"] for link in LINKS])
def test_a_link_opens_what_it_opened(link, open_app, watched, server):
    watched.allowed_errors = (DEEP_LINK,)
    page = open_app(url=server.url + link["address"], as_is=True, wait=False).page
    if os.environ.get("UPDATE_LINKS"):
        write_anew(page, link["opens"])
        return
    try:
        page.wait_for_function(IS_AS_IT_WAS, arg=[link["opens"]], polling=200)
    except PlaywrightTimeout:
        found = page.evaluate(DESCRIBE) or {}
        assert {name: found.get(name) for name in link["opens"]} == link["opens"]
        raise


def write_anew(page: Page, opens: dict) -> None:
    """Take over what the page shows now, but for what was chosen; of a field the choice may read otherwise, too."""
    chosen = {name: opens[name] for name in ("page", "pressed") if name in opens}
    page.wait_for_function(IS_AS_IT_WAS, arg=[chosen], polling=200)
    page.wait_for_timeout(4000)
    found = page.evaluate(DESCRIBE)
    now = {field.partition(": ")[0]: field for field in found.get("fields", [])}
    for name in opens.keys() - CHOSEN:
        opens[name] = found.get(name)
    if "fields" in opens:
        opens["fields"] = [now.get(field.partition(": ")[0], field) for field in opens["fields"]]
    FILE.write_text(json.dumps(LINKS, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
