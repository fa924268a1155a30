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

// Called whenever the line was put on the page.
export function draw() {
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
