// The line of pages, and what is a step for Back and Forward.

// Parts of the address that open something else, as the path does. Any other, a moved cell for instance, takes the place
// of the address before.
const STEPS = ["sentence", "to", "network", "beam", "view", "edits", "b_sentence", "b_language", "b_network", "b_edits"];

export function isStep(from, to) {
  if (from.pathname !== to.pathname) return true;
  if (!from.search) return false; // a page that was just opened fills its address in
  return STEPS.some((name) => from.searchParams.get(name) !== to.searchParams.get(name));
}

// Streamlit makes a step of every change of the address.
const push = history.pushState.bind(history);
history.pushState = (state, unused, url) => {
  const from = new URL(location.href), to = new URL(url ?? from, from);
  if (isStep(from, to)) push(state, unused, url);
  else history.replaceState(state, unused, url);
  if (from.pathname !== to.pathname) arrive();
};
addEventListener("popstate", arrive);

// Known at once to whatever else is on the page, long before the address says so.
addEventListener("click", (event) => {
  const isHere = event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
  if (isHere && event.target.closest?.("[data-testid=stPageLink-NavLink]")) dispatchEvent(new Event("page-left"));
}, true);
globalThis.document?.addEventListener("scroll", ({ target }) => {
  if (target.id === "stMain") document.documentElement.classList.toggle("scrolled", target.scrollTop > 8);
}, { capture: true, passive: true });

const place = () => document.querySelector(".st-key-pages");

// The link to the page of an address: the one whose path it ends with, or that to the first page, which has none.
export function current(links, pathname) {
  const nameOf = (link) => link.getAttribute("href");
  return links.find((link) => nameOf(link) && pathname.endsWith(`/${nameOf(link)}`)) ?? links.find((link) => !nameOf(link));
}

function arrive() {
  const line = place();
  if (!line) return;
  tell(line);
  fold(line, true);
}

// Tell which page this is. What is right already is left alone: the line is watched for changes.
function tell(line) {
  const links = [...line.querySelectorAll("a")];
  const here = current(links, location.pathname);
  for (const link of links) link.toggleAttribute("aria-current", link === here);
  here?.setAttribute("aria-current", "page");
  const button = line.querySelector(".fold"), text = here ? `Pages: ${here.textContent}` : "Pages";
  if (button.textContent !== text) button.textContent = text;
}

function fold(line, isFolded) {
  line.dataset.folded = isFolded;
  line.querySelector(".fold").setAttribute("aria-expanded", !isFolded);
}

function button(line) {
  const made = document.createElement("button");
  made.className = "fold";
  made.type = "button";
  made.addEventListener("click", () => fold(line, line.dataset.folded !== "true"));
  line.addEventListener("keydown", ({ key }) => {
    if (key !== "Escape" || line.dataset.folded === "true") return;
    fold(line, true);
    made.focus();
  });
  return made;
}

// The first tab stop of every page leads past the line of pages; Streamlit's own leads to before it.
function skipLink() {
  const link = document.createElement("a");
  link.className = "skip";
  link.href = "#stMain";
  const name = () => { link.textContent = heatmap() ? "Skip to the heat maps" : "Skip to the content"; };
  link.addEventListener("focus", name);
  link.addEventListener("click", (event) => {
    event.preventDefault(); // or it would be a step for Back
    (heatmap() ?? content())?.focus();
  });
  name();
  return link;
}

// The heat map that Tab would come to first; undefined on a page without.
function heatmap() {
  const places = [...document.querySelectorAll("[data-testid=stBidiComponentIsolated]")];
  const grids = places.flatMap(({ shadowRoot }) => [...shadowRoot?.querySelectorAll("[role=grid][tabindex='0']") ?? []]);
  return grids.find((grid) => grid.checkVisibility({ visibilityProperty: true }));
}

// What follows the line.
function content() {
  let part = place()?.closest("[data-testid=stLayoutWrapper]")?.nextElementSibling;
  while (part && !part.offsetHeight) part = part.nextElementSibling;
  if (part) part.tabIndex = -1; // can have the focus, and Tab goes on from there
  return part;
}

// Called whenever the line was put on the page.
export function draw() {
  if (!document.querySelector("body > .skip")) document.body.prepend(skipLink());
  const line = place();
  if (!line || line.querySelector(".fold")) return;
  line.setAttribute("role", "navigation");
  line.setAttribute("aria-label", "Pages");
  line.prepend(button(line));
  new MutationObserver(() => tell(line)).observe(line, { childList: true, subtree: true }); // links come later
  for (const group of line.querySelectorAll("[class*=st-key-pages_]")) {
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", getComputedStyle(group, "::before").content.replaceAll('"', ""));
  }
  arrive();
}
