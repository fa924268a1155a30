"""How long a reader waits: from Enter to the first token and to the finished picture, on the real app in Chromium.

    python -m benchmarks.page

The mark is the floor: the same server and the same field on a page that only repeats what was typed. Both take turns.
Times are taken inside the page, from the Enter key to after the frame that shows the change. The table gives medians,
with the middle half of all turns in brackets. Run it on an idle machine: it measures whatever else is going on as well.
"""

import argparse
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking")
SENTENCES = (
    "I will give this book to my friend tomorrow.",
    "We are going to the market with our friends.",
)  # ten tokens
FLOOR = """
import streamlit as st
st.html(f'<p id="said">{st.text_input("English sentence")}</p>')
"""
# Waits for the next Enter, then notes when columns and the end were on the screen, and every frame without a picture.
MEASURE = """
root => new Promise((resolve) => {
  const before = root.dataset.run, canvases = [...root.querySelectorAll("canvas.cells")];
  const seen = { blank: 0, remounts: 0 };
  const painted = (then) => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => then(performance.now());
    channel.port2.postMessage(0);
  };
  const isBlank = (canvas) => {
    const line = canvas.getContext("2d").getImageData(0, canvas.height >> 1, canvas.width, 1).data;
    return !line.some((value, at) => at % 4 === 3 && value);
  };
  const frame = () => painted(() => {
    if (seen.finished) return;
    seen.blank += canvases.some((canvas) => !canvas.isConnected || isBlank(canvas));
    requestAnimationFrame(frame);
  });
  const note = (name, now) => { seen[name] ??= now - seen.start; };
  const observer = new MutationObserver(() => {
    if (root.dataset.run === before) return;
    const { columns, state } = root.dataset, sources = root.querySelectorAll(".source .chip").length;
    painted((now) => {
      if (columns > 0) note("column", now);
      if (columns > sources) note("token", now);
      if (state !== "finished" || seen.finished) return;
      note("finished", now);
      seen.remounts = canvases.filter((canvas) => !canvas.isConnected).length;
      observer.disconnect();
      resolve(seen);
    });
  });
  observer.observe(root, { attributes: true });
  addEventListener("keydown", (event) => {
    if (event.key === "Enter") { seen.start = performance.now(); requestAnimationFrame(frame); }
  }, { capture: true, once: true });
  root.isMeasuring = true;
})
"""
MEASURE_FLOOR = """
() => new Promise((resolve) => {
  let start;
  const observer = new MutationObserver(() => {
    if (document.querySelector("#said")?.textContent !== document.querySelector("input").value) return;
    observer.disconnect();
    requestAnimationFrame(() => setTimeout(() => resolve({ finished: performance.now() - start })));
  });
  addEventListener("keydown", () => {
    start = performance.now();
    observer.observe(document.body, { subtree: true, childList: true, characterData: true });
  }, { capture: true, once: true });
})
"""
FIRST_PAINT = """
() => {
  for (const host of document.querySelectorAll("*")) {
    const root = host.shadowRoot?.querySelector(".microscope");
    if (root?.dataset.state === "finished") return Date.now();
  }
}
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--turns", type=int, default=10, help="sentences typed (default: %(default)s)")
    arguments = parser.parse_args()
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if path is None:
        sys.exit("no Chromium on this machine")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        starts = [first_paint(browser) for _ in range(3)]
        turns, floor, socket_bytes = typed(browser, arguments.turns)
        browser.close()
    print(table(turns, floor, socket_bytes, starts))


def table(turns: list[dict], floor: list[float], socket_bytes: list[int], starts: list[float]) -> str:
    """The targets are for two idle cores; the trial was a first sketch of the same component on such a machine."""
    rows = [
        ("Enter to first column", spread([turn["column"] for turn in turns]), "", ""),
        ("Enter to first token", spread([turn["token"] for turn in turns]), "120 ms", "89 ms"),
        ("Enter to finished picture", spread([turn["finished"] for turn in turns]), "250 ms", "114 ms"),
        ("Enter to text, floor", spread(floor), "", ""),
        ("blank frames", str(sum(turn["blank"] for turn in turns)), "0", "0"),
        ("heatmaps put in anew", str(sum(turn["remounts"] for turn in turns)), "0", "0"),
        ("over the socket, a sentence", f"{median(socket_bytes) / 1000:.0f} KB", "", "7 KB"),
        ("`streamlit run` to first picture", spread(starts), "3000 ms", ""),
    ]
    lines = ["| | measured | target | trial |", "|---|--:|--:|--:|"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])


def spread(milliseconds: list[float]) -> str:
    ordered = sorted(milliseconds)
    quarter = len(ordered) // 4
    return f"{median(ordered):.0f} ms ({ordered[quarter]:.0f}–{ordered[-1 - quarter]:.0f})"


def typed(browser: Browser, count: int) -> tuple[list[dict], list[float], list[int]]:
    """Type sentences into the app and into the floor in turns, after one on each to warm up."""
    received: list[int] = []
    turns, floor, socket_bytes = [], [], []
    with tempfile.TemporaryDirectory() as folder, server(ROOT, "app.py") as url:
        Path(folder, "floor.py").write_text(FLOOR, encoding="utf-8")
        with server(Path(folder), "floor.py") as floor_url:
            page, floor_page = browser.new_page(viewport={"width": 1280, "height": 800}), browser.new_page()
            page.on("websocket", lambda opened: opened.on("framereceived", lambda data: received.append(len(data))))
            page.goto(url)
            page.locator(".js-plotly-plot .hm").first.wait_for(state="attached")
            floor_page.goto(floor_url)
            for number in range(count + 1):
                received.clear()
                measured = type_into(page, SENTENCES[number % 2])
                page.wait_for_timeout(1500)  # what follows a finished run must not meet the next sentence
                sent = sum(received)
                mark = type_into_floor(floor_page, SENTENCES[number % 2])
                if number > 0:
                    turns.append(measured)
                    floor.append(mark)
                    socket_bytes.append(sent)
    return turns, floor, socket_bytes


def type_into(page: Page, sentence: str) -> dict:
    field, root = page.get_by_label("English sentence"), page.locator(".microscope")
    field.fill(sentence)
    handle = root.element_handle()
    handle.evaluate(f"root => {{ root.measured = ({MEASURE})(root); }}")
    field.press("Enter")
    return handle.evaluate("root => root.measured")


def type_into_floor(page: Page, sentence: str) -> float:
    field = page.get_by_label("English sentence")
    field.fill(sentence)
    page.evaluate(f"() => {{ window.measured = ({MEASURE_FLOOR})(); }}")
    field.press("Enter")
    return page.evaluate("() => window.measured")["finished"]


def first_paint(browser: Browser) -> float:
    """Milliseconds from ``streamlit run app.py`` to the six heatmaps of the page's first sentence."""
    started = 1000 * time.time()
    with server(ROOT, "app.py") as url:
        context = browser.new_context(viewport={"width": 1280, "height": 800})
        page = context.new_page()
        page.goto(url)
        shown = page.wait_for_function(FIRST_PAINT, polling="raf").json_value()
        context.close()
    return shown - started


@contextmanager
def server(folder: Path, script: str) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "streamlit",
        "run",
        script,
        "--server.port",
        str(port),
        "--server.headless",
        "true",
    ]
    with tempfile.TemporaryDirectory() as home:
        process = subprocess.Popen(
            command, cwd=folder, env=os.environ | {"HOME": home}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            url = f"http://localhost:{port}"
            while not is_up(url):
                if process.poll() is not None:
                    sys.exit(f"the server of {script} did not start")
                time.sleep(0.02)
            yield url
        finally:
            process.terminate()
            process.wait()


def is_up(url: str) -> bool:
    try:
        urllib.request.urlopen(f"{url}/_stcore/health", timeout=5).close()
    except (urllib.error.URLError, OSError):
        return False
    return True


if __name__ == "__main__":
    main()
