"""The real app in the Chromium of the machine. Every page that a test opens is watched: nothing may leave the machine,
and nothing may go wrong in the browser."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from models.language.text import normalise
from models.translation.record import TranslationTrace
from viz.figures import captions

ROOT = Path(__file__).resolve().parent.parent.parent
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
PATIENCE = 60_000  # milliseconds; a page on a busy machine
expect.set_options(timeout=PATIENCE)
# Records, frame by frame after it was painted, whether the heatmaps are there, and each count of columns with its time.
SAMPLER = """
root => {
  const canvases = [...root.querySelectorAll("canvas.cells")];
  const watch = { frames: 0, blank: 0, gone: 0, counts: [], at: [] };
  const isBlank = (canvas) => {
    if (!canvas.width || !canvas.height) return true;
    const line = canvas.getContext("2d").getImageData(0, canvas.height >> 1, canvas.width, 1).data;
    return !line.some((value, at) => at % 4 === 3 && value);
  };
  const how = { visibilityProperty: true, opacityProperty: true };
  const isSeen = (canvas) => canvas.isConnected && canvas.checkVisibility(how);
  const note = () => {
    const { run, state, columns } = root.dataset;
    const last = watch.counts.at(-1);
    if (!last || last.run !== run || last.state !== state || last.columns !== Number(columns)) {
      watch.counts.push({ run, state, columns: Number(columns), at: performance.now() });
    }
  };
  const channel = new MessageChannel();
  channel.port1.onmessage = () => {
    watch.frames += 1;
    watch.gone += canvases.length !== 6 || !canvases.every(isSeen);
    watch.blank += canvases.every(isBlank);
    note();
    requestAnimationFrame(next);
  };
  const next = () => channel.port2.postMessage(0);
  new MutationObserver(note).observe(root, { attributes: true });
  note();
  requestAnimationFrame(next);
  root.watch = watch;
}
"""


@dataclass
class Server:
    url: str
    process: subprocess.Popen
    log: Path


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("home")) as running:
        yield running


@contextmanager
def serving(home: Path, script: str = "app.py", base: str = "") -> Iterator[Server]:
    """``streamlit run app.py`` as on a machine where nobody has ever started it; all its pages lie below ``base``."""
    log = home / "server.log"
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable, "-m", "streamlit", "run", script,
        "--server.port", str(port), "--server.headless", "true", "--server.fileWatcherType", "none",
        "--server.baseUrlPath", base,
    ]  # fmt: skip
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("STREAMLIT_", "XDG_"))}
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env=kept | {"HOME": str(home)}, stdout=output, stderr=subprocess.STDOUT
        )
    url = f"http://localhost:{port}/{base}".rstrip("/")
    try:
        await_health(url, process, log)
        yield Server(url, process, log)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    said = log.read_text(encoding="utf-8", errors="replace")
    assert "Traceback" not in said, said


def await_health(url: str, process: subprocess.Popen, log: Path) -> None:
    for _ in range(600):
        if process.poll() is not None:
            break
        try:
            urllib.request.urlopen(f"{url}/_stcore/health", timeout=5).close()
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    pytest.fail(f"the server did not start:\n{log.read_text(encoding='utf-8', errors='replace')}")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The machine's Chromium. Without one these tests are skipped, except where ``CI`` is set."""
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if path is None:
        missing = "no Chromium on this machine (apt-get install chromium)"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@dataclass
class Watched:
    """What happened in the pages of one test that must not happen."""

    host: str
    foreign: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    allowed_errors: tuple[str, ...] = ()

    @contextmanager
    def listening(self, page: Page) -> Iterator[None]:
        listeners = {
            "request": lambda request: self.requested(request.url),
            "websocket": lambda socket: self.requested(socket.url),
            "pageerror": lambda error: self.errors.append(f"page error: {error}"),
            "console": lambda message: message.type == "error" and self.errors.append(f"console: {message.text}"),
            "dialog": lambda dialog: (self.errors.append(f"dialog: {dialog.message}"), dialog.dismiss()),
            "popup": lambda popup: self.errors.append(f"popup: {popup.url}"),
        }
        for event, listener in listeners.items():
            page.on(event, listener)
        yield
        for event, listener in listeners.items():
            page.remove_listener(event, listener)

    def requested(self, url: str) -> None:
        self.requests.append(url)
        parts = urlsplit(url)
        if parts.scheme not in ("data", "blob", "about") and parts.netloc != self.host:
            self.foreign.append(url)

    def check(self) -> None:
        assert self.foreign == [], "a request left for another host"
        unexpected = [error for error in self.errors if not any(allowed in error for allowed in self.allowed_errors)]
        assert unexpected == []


@pytest.fixture
def watched(server: Server) -> Iterator[Watched]:
    watching = Watched(urlsplit(server.url).netloc)
    yield watching
    watching.check()


@pytest.fixture
def open_app(chromium: Browser, server: Server, watched: Watched) -> Iterator[Callable[..., "App"]]:
    """Open the app in a page and a session of its own: ``open_app(width=380, dark=True, sentence="I am here.")``.

    All units stand there as stored, with the equations of the selected one, unless the address says otherwise or is
    to be taken as it is.
    It is returned when the first run is finished; ``fresh=True`` opens it in a browser that knows nothing yet.
    """
    opened = ExitStack()

    def open_app(
        *, width: int = 1280, height: int = 800, dark: bool = False, touch: bool = False, fresh: bool = False,
        url: str = "", as_is: bool = False, wait: bool = True, **address: Any,
    ) -> App:  # fmt: skip
        if fresh:
            context = chromium.new_context(has_touch=touch)
            opened.callback(context.close)
            page = context.new_page()
        else:
            page = opened.enter_context(free_page(chromium, touch))
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme="dark" if dark else "light")
        page.set_default_timeout(PATIENCE)
        opened.enter_context(watched.listening(page))
        usual = {"units": "all", "level": "maths"}  # every unit in its place, and every number
        query = "&".join(f"{name}={quote(str(value))}" for name, value in (usual | address).items())
        if url and not as_is:
            missing = "".join(f"&{name}={value}" for name, value in usual.items() if f"{name}=" not in url)
            url += missing if "?" in url else missing.replace("&", "?", 1)
        page.goto(url or f"{server.url}/?{query}")
        app = App(page)
        if wait:
            app.until_finished()
        return app

    with opened:
        yield open_app


@pytest.fixture(scope="module")
def lasting(chromium: Browser, server: Server) -> Iterator[tuple["App", Watched]]:
    watching = Watched(urlsplit(server.url).netloc)
    with free_page(chromium, touch=False) as page, watching.listening(page):
        page.set_viewport_size({"width": 1280, "height": 1500})  # the heatmaps are at their largest
        page.emulate_media(color_scheme="light")
        page.set_default_timeout(PATIENCE)
        page.goto(f"{server.url}/?units=all&level=maths")
        app = App(page)
        app.until_finished()
        yield app, watching


@pytest.fixture
def app(lasting: tuple["App", Watched]) -> Iterator["App"]:
    """The page on its default sentence, for tests that only look around in it; they share one, to be quick."""
    app, watching = lasting
    if app.shown < app.columns:
        app.press("Whole run")
    if app.page.get_by_label("Order of units").input_value() != "stored":
        app.choose("Order of units", "as stored")
    yield app
    watching.check()


@contextmanager
def free_page(chromium: Browser, touch: bool) -> Iterator[Page]:
    """A page that an earlier test has left, or a new one: to load everything anew takes longer than all the app does.

    Each has a window of its own. In one window only the page in front is drawn at its full rate, any other three times
    a second.
    """
    free = kept_pages(chromium, touch)
    page = free.pop() if free else chromium.new_context(has_touch=touch).new_page()
    yield page
    page.unroute_all(behavior="ignoreErrors")
    page.goto("about:blank")
    page.mouse.move(0, 0)
    free.append(page)


@cache
def kept_pages(chromium: Browser, touch: bool) -> list[Page]:
    """Those that no test uses now, with a mouse or with touch."""
    return []


class App:
    """The page as a reader uses it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.field = page.get_by_label("English sentence")
        self.root = page.locator(".microscope")
        self.plots = page.locator(".plot")
        self.readout = page.locator(".readout")
        self.alert = page.locator("[role=alert]")
        self.live = page.locator("[aria-live=polite].screen-reader")

    # --- doing

    def type(self, sentence: str) -> None:
        """Type, press Enter, and wait until the run of this sentence is finished."""
        before = self.data("run")
        self.enter(sentence)
        self.until_next_run(before)
        self.page.get_by_text(f"“{normalise(sentence)}” became").wait_for()

    def enter(self, sentence: str) -> None:
        self.field.fill(sentence)
        self.field.press("Enter")

    def take_language(self, name: str) -> None:
        before = self.data("run")
        self.page.get_by_role("radio", name=name).click()
        self.until_next_run(before)

    def choose(self, label: str, option: str) -> None:
        """An option of a menu behind View."""
        chooser = self.page.get_by_label(label, exact=True)
        if is_folded := chooser.is_hidden():
            self.press("View")
        chooser.select_option(option)
        if is_folded:
            self.press("View")
        self.until_drawn()

    def press(self, label: str) -> None:
        self.page.get_by_role("button", name=label, exact=True).click()

    def place(self, column: int, row: int, plot: int = 0) -> dict[str, float]:
        """Where a cell lies in its heatmap: the middle of a column of the finished run, and of a row."""
        return self.plots.nth(plot).evaluate(
            """(plot, [column, row]) => {
              const root = plot.closest(".microscope"), { columns, sources } = {
                columns: Number(root.dataset.columns), sources: root.querySelectorAll(".source .chip").length };
              const width = (plot.clientWidth - 8) / columns;
              return {
                x: (column + 0.5) * width + (column >= sources ? 8 : 0),
                y: (row + 0.5) * plot.clientHeight / Number(plot.getAttribute("aria-rowcount")),
              };
            }""",
            [column, row],
        )

    def select(self, column: int, row: int, plot: int = 0) -> None:
        """Click a cell, and wait until Python knows."""
        self.plots.nth(plot).click(position=self.place(column, row, plot))
        self.until_address(column=str(column))

    # --- waiting

    def until(self, condition: str, argument: Any = None) -> None:
        """Wait for ``root => true`` about the root of the component, looked at in every frame."""
        self.root.wait_for(state="attached")
        self.page.wait_for_function(
            "([root, argument]) => (" + condition + ")(root, argument)",
            arg=[self.root.element_handle(), argument], polling="raf",
        )  # fmt: skip

    def until_drawn(self) -> None:
        """Until two frames have passed: what was changed is drawn in the first."""
        self.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def until_finished(self) -> None:
        self.until("root => root.dataset.state === 'finished'")

    def until_next_run(self, before: str) -> None:
        self.until("(root, before) => root.dataset.run !== before && root.dataset.state === 'finished'", before)

    def until_beneath(self, trace: TranslationTrace) -> None:
        """Until what stands beneath the heatmaps is that of this run."""
        self.page.get_by_text(captions.translation_caption(trace)).wait_for()
        chart = self.page.get_by_role("figure", name=captions.attention_caption(trace))
        chart.locator(".heatmaplayer .hm").first.wait_for(state="attached")

    def until_idle(self) -> None:
        """Until the server has answered everything."""
        self.page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()

    def until_where(self, place: str) -> None:
        """Until the readout is that of ``Unit 3, encoder step 1``."""
        self.readout.get_by_role("heading", name=place, exact=True).wait_for()

    def until_address(self, **parts: str) -> None:
        self.page.wait_for_function(
            """parts => Object.entries(parts).every(
              ([name, value]) => new URL(location).searchParams.get(name) === value)""",
            arg=parts,
        )

    # --- reading

    def data(self, name: str) -> str:
        return self.root.evaluate("(root, name) => root.dataset[name]", name)

    @property
    def columns(self) -> int:
        return int(self.data("columns"))

    @property
    def shown(self) -> int:
        return int(self.data("shown"))

    @property
    def text(self) -> str:
        return self.root.locator("output.text").inner_text()

    @property
    def where(self) -> str:
        return self.readout.locator(".where").inner_text()

    def six_values(self) -> list[float]:
        """What the readout shows, in the order of QUANTITIES."""
        return [float(text) for text in self.readout.locator("dd.value").all_inner_texts()]

    def colours(self, plot: int) -> list[list[list[int]]]:
        """Red, green and blue in the middle of each cell of a finished run: (columns, rows, 3)."""
        return self.plots.nth(plot).evaluate(
            """plot => {
              const root = plot.closest(".microscope"), canvas = plot.querySelector("canvas");
              const columns = Number(root.dataset.columns), rows = Number(plot.getAttribute("aria-rowcount"));
              const sources = root.querySelectorAll(".source .chip").length;
              const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
              const width = (canvas.width - 8) / columns, height = canvas.height / rows;
              return Array.from({ length: columns }, (_, column) => Array.from({ length: rows }, (_, row) => {
                const x = Math.floor((column + 0.5) * width + (column >= sources ? 8 : 0));
                const at = 4 * (Math.floor((row + 0.5) * height) * canvas.width + x);
                return [...data.subarray(at, at + 3)];
              }));
            }"""
        )

    def drawn_columns(self) -> list[int]:
        """How many columns each heatmap shows: those with ink at half height."""
        return self.plots.evaluate_all(
            """plots => plots.map((plot) => {
              const root = plot.closest(".microscope"), canvas = plot.querySelector("canvas");
              const sources = root.querySelectorAll(".source .chip").length, columns = Number(root.dataset.columns);
              const line = canvas.getContext("2d").getImageData(0, canvas.height >> 1, canvas.width, 1).data;
              const width = (canvas.width - 8) / columns;
              return Array.from({ length: columns }).filter((_, column) => {
                const x = Math.floor((column + 0.5) * width + (column >= sources ? 8 : 0));
                return line[4 * x + 3] > 0;
              }).length;
            })"""
        )

    def source_chips(self) -> list[str]:
        return self.root.locator(".source .chip .token").all_inner_texts()

    def target_chips(self) -> list[str]:
        return self.root.locator(".target .chip > .token").all_inner_texts()

    def watch(self) -> None:
        self.root.evaluate(SAMPLER)

    def watched(self) -> dict[str, Any]:
        return self.root.evaluate("root => root.watch")
