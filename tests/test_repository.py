"""What a fresh clone promises: pinned packages, free licences, shipped typefaces, nothing fetched while it runs."""

import ast
import json
import re
import subprocess
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import distribution
from pathlib import Path

import pytest
import streamlit.config
from fontTools.ttLib import TTFont
from packaging.requirements import Requirement

from viz.figures import theme

ROOT = Path(__file__).resolve().parent.parent
STATIC = ROOT / "viz" / "static"  # Streamlit serves the folder beside the script that runs, viz/navigation.py
START = "pip install -r requirements.txt && streamlit run app.py"
TEST = "pip install -r requirements-dev.txt && python -m pytest -n 2 --dist worksteal"
IGNORED = {".git", ".venv", "venv", "training", "__pycache__", ".pytest_cache", ".ruff_cache", ".hypothesis"}
MEGABYTE = 1_000_000


@cache
def files() -> tuple[Path, ...]:
    """Every file that belongs to the repository: what git tracks or would add, or else all there is."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.decode().split("\0")
        paths = [ROOT / name for name in listed if name]
    except (OSError, subprocess.CalledProcessError):
        paths = [path for path in ROOT.rglob("*") if not IGNORED & set(path.relative_to(ROOT).parts)]
    return tuple(sorted(path for path in paths if path.is_file()))


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def text_files() -> list[tuple[str, str]]:
    """Name and text of each file of the repository that is text."""
    found = []
    for path in files():
        try:
            found.append((named(path), path.read_text(encoding="utf-8")))
        except UnicodeDecodeError:
            continue
    return found


def requirement_lines(name: str) -> list[str]:
    lines = (line.split(" #")[0].strip() for line in (ROOT / name).read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line and not line.startswith(("#", "-"))]


@pytest.fixture
def config() -> dict:
    return tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))


# --- packages


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt", "constraints.txt"])
def test_every_requirement_is_pinned_to_one_version(name):
    lines = requirement_lines(name)
    assert lines
    assert [line for line in lines if not re.fullmatch(r"[A-Za-z0-9_.-]+==[0-9][0-9A-Za-z.]*", line)] == []


def test_every_package_that_is_brought_along_is_pinned_too():
    pinned = {
        canonical(line.split("==")[0])
        for name in ("requirements.txt", "requirements-dev.txt", "constraints.txt")
        for line in requirement_lines(name)
    }
    assert sorted(name for name in packages() if name not in pinned and not name.startswith(CUDA)) == []


def test_no_package_has_a_licence_that_binds_or_forbids_use():
    """GPL, AGPL and non-commercial terms; the weaker MPL and LGPL leave this program's licence alone."""
    forbidden = re.compile(r"\bA?GPL|GNU (Affero )?General Public|non-?commercial|\bNC\b", re.IGNORECASE)
    stated = {name: licence_of(name) for name in packages()}
    assert {name: licence for name, licence in stated.items() if forbidden.search(licence)} == {}


CUDA = ("nvidia-", "cuda-", "triton")  # what torch brings along on Linux where no processor-only build was chosen


@cache
def packages() -> frozenset[str]:
    """The installed packages that the requirements name, and those that these need."""
    found: set[str] = set()
    waiting = [Requirement(line) for name in ("requirements.txt", "requirements-dev.txt") for line in
               requirement_lines(name)]  # fmt: skip
    while waiting:
        wanted = waiting.pop()
        if (name := canonical(wanted.name)) in found:
            continue
        found.add(name)
        extras = wanted.extras or {""}
        for needed in map(Requirement, distribution(name).requires or ()):
            if needed.marker is None or any(needed.marker.evaluate({"extra": extra}) for extra in extras):
                waiting.append(needed)
    return frozenset(found)


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def licence_of(package: str) -> str:
    metadata = distribution(package).metadata
    classifiers = [line for line in metadata.get_all("Classifier", []) if line.startswith("License")]
    expression = metadata.get("License-Expression") or (metadata.get("License") or "").partition("\n")[0]
    return "; ".join([expression, *classifiers])


# --- licences and attribution


def test_the_program_is_under_the_apache_licence_in_full():
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "Apache License" in text
    assert "END OF TERMS AND CONDITIONS" in text


def test_the_notice_names_every_source_the_weights_were_made_from():
    notice = " ".join((ROOT / "NOTICE").read_text(encoding="utf-8").split())
    assert (
        "Sentences from Tatoeba (tatoeba.org), CC BY 2.0 FR, selected by manythings.org/anki; changed: normalised, "
        "filtered, merged."
    ) in notice
    assert (
        "African Storybook (africanstorybook.org), Global ASP and Pratham Books StoryWeaver, CC BY 4.0 "
        "(https://creativecommons.org/licenses/by/4.0/); authors and translators in"
    ) in notice


@pytest.mark.parametrize("name", ["contributors.tsv", "extra-stories.attribution.tsv"])
def test_the_people_who_wrote_the_sentences_are_listed(name):
    header, *rows = (ROOT / "assets" / "attribution" / name).read_text(encoding="utf-8").splitlines()
    assert len(rows) > 50
    assert {row.count("\t") for row in rows} == {header.count("\t")}


def test_no_story_is_listed_under_a_non_commercial_licence():
    path = ROOT / "assets" / "attribution" / "extra-stories.attribution.tsv"
    header, *rows = (line.split("\t") for line in path.read_text(encoding="utf-8").splitlines())
    assert {row[header.index("licence")] for row in rows} == {"CC BY"}


# --- typefaces

BENGALI = "কখগ ািীুূৃেৈোৌ ্ ংঃঁ ড়ঢ়য় ৎ ০১২৩৪৫৬৭৮৯ ।॥\u200c\u200d\u25cc".replace(" ", "")
DEVANAGARI = "कखग ािीुूृेैोौॅॉ ् ंःँ ऱळ ऍऑ ०१२३४५६७८९ ।॥\u200c\u200d\u25cc".replace(" ", "")


@pytest.mark.parametrize("weight", [400, 700])
@pytest.mark.parametrize(("script", "sample", "block"), [
    ("bengali", BENGALI, range(0x0985, 0x09BA)), ("devanagari", DEVANAGARI, range(0x0904, 0x093A)),
])  # fmt: skip
def test_typefaces_hold_the_letters_signs_and_joiners_of_their_script(script, sample, block, weight):
    held = TTFont(STATIC / f"noto-sans-{script}-{weight}.woff2").getBestCmap()
    assert [character for character in sample if ord(character) not in held] == []
    unassigned = {0x098D, 0x098E, 0x0991, 0x0992, 0x09A9, 0x09B1, 0x09B3, 0x09B4, 0x09B5}
    assert [hex(point) for point in block if point not in held and point not in unassigned] == []


@pytest.mark.parametrize("path", sorted(STATIC.glob("noto-*.woff2")), ids=lambda path: path.stem)
def test_typefaces_keep_the_rules_that_build_conjuncts(path):
    font = TTFont(path)
    rules = {record.FeatureTag for record in font["GSUB"].table.FeatureList.FeatureRecord}
    marks = {record.FeatureTag for record in font["GPOS"].table.FeatureList.FeatureRecord}
    assert {"akhn", "half", "cjct", "rphf", "pres", "abvs", "blws", "psts"} <= rules
    assert {"abvm", "blwm"} <= marks


def test_typefaces_lie_beside_their_licences_and_stay_small():
    typefaces = sorted(STATIC.glob("*.woff2"))
    assert len(typefaces) == 5
    for path in typefaces:
        name, kind = path.stem.rpartition("-")[0], "OFL" if path.stem.startswith("noto") else "LICENSE"
        licence = path.with_name(f"{name}-{kind}.txt").read_text(encoding="utf-8")
        terms = {"OFL": "SIL OPEN FONT LICENSE Version 1.1", "LICENSE": "Bitstream Vera Fonts Copyright"}
        assert terms[kind] in licence
    assert sum(path.stat().st_size for path in typefaces) < 250_000


def test_every_typeface_is_named_in_the_configuration_under_the_address_it_is_served_at(config):
    assert config["server"]["enableStaticServing"] is True
    faces = config["theme"]["fontFaces"]
    assert {face["url"] for face in faces} == {f"app/static/{path.name}" for path in STATIC.glob("*.woff2")}
    for face in faces:
        assert face["family"] in config["theme"]["font"].split(", ")
        assert Path(face["url"]).stem.endswith(f"-{face['weight']}")


def test_no_page_fetches_a_typeface_for_latin_text(config):
    for face in config["theme"]["fontFaces"]:
        starts = [int(part.strip()[2:].split("-")[0], 16) for part in face["unicodeRange"].split(",")]
        assert min(starts) > 0x02FF


# --- configuration


def test_every_option_is_one_that_streamlit_knows(config):
    for name in option_names(config):
        streamlit.config.get_option(name)  # raises for an unknown one


def option_names(options: dict, section: str = "") -> Iterator[str]:
    for name, value in options.items():
        if isinstance(value, dict):
            yield from option_names(value, f"{section}{name}.")
        else:
            yield section + name


@pytest.mark.parametrize("brightness", ["light", "dark"])
@pytest.mark.parametrize("colour", ["textColor", "primaryColor", "linkColor"])
@pytest.mark.parametrize("background", ["backgroundColor", "secondaryBackgroundColor"])
def test_text_in_every_colour_of_the_theme_can_be_read(config, brightness, colour, background):
    colours = config["theme"][brightness]
    assert contrast(colours[colour], colours[background]) >= 4.5  # WCAG 2.2, 1.4.3


def test_pages_have_the_background_and_the_text_that_figures_are_drawn_for(config):
    light, dark = config["theme"]["light"], config["theme"]["dark"]
    assert (light["textColor"], dark["textColor"]) == (theme.TEXT_LIGHT, theme.TEXT_DARK)
    assert dark["backgroundColor"] == theme.DARK_PAGE


def contrast(one: str, other: str) -> float:
    """Contrast of two ``#rrggbb`` colours, 1 to 21 (WCAG 2.2, "contrast ratio")."""

    def luminance(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_no_button_is_white_on_the_light_colour_of_the_dark_theme():
    """Streamlit writes white on the theme's colour in ``type="primary"`` buttons, below 4.5:1 in the dark theme."""
    pages = [(name, text) for name, text in text_files() if name.startswith("viz/") and name.endswith(".py")]
    assert [name for name, text in pages if re.search(r"""type=["']primary["']""", text)] == []


# --- privacy, and running without a network


def test_nothing_about_a_reader_is_sent_anywhere(config):
    assert config["browser"]["gatherUsageStats"] is False


def test_the_first_start_asks_for_no_address(config):
    """On a machine with a screen, Streamlit waits for an e-mail address before it serves the first page."""
    assert config["server"]["showEmailPrompt"] is False


def test_a_start_without_a_screen_asks_no_public_server_for_the_machines_address(config):
    """Streamlit prints the machine's external address unless it is told which to print."""
    assert config["browser"]["serverAddress"] == "localhost"


FOREIGN = re.compile(
    r"""
    \b(?:src|srcset|action|poster)\s*=\s*["']?(?:https?:)?//          # a picture, a script, a frame, a form
    | <link\b[^>]*\bhref\s*=\s*["']?(?:https?:)?//                    # a style sheet or an icon
    | \b(?:fetch|importScripts|WebSocket|EventSource|Worker|import)\s*\(\s*["'`](?:https?:|wss?:)?//
    | \bfrom\s+["'](?:https?:)?//  | \bimport\s+["'](?:https?:)?//    # a module
    | \burl\(\s*["']?(?:https?:)?//  | @import\s+["'](?:https?:)?//   # a style sheet
    | !\[[^\]]*\]\(\s*(?:https?:)?//                                  # a picture in Markdown
    """,
    re.VERBOSE | re.IGNORECASE,
)
CLIENTS = {"requests", "httpx", "httpx2", "aiohttp", "urllib3", "socket", "huggingface_hub", "urllib.request"}


def shown_to_readers(name: str) -> bool:
    return name == "app.py" or name.startswith(("viz/", "assets/", ".streamlit/"))


def test_nothing_that_reaches_the_browser_is_fetched_from_another_site():
    found = {
        name: match.group()
        for name, text in text_files()
        if shown_to_readers(name) and name.endswith((".py", ".js", ".mjs", ".css", ".html", ".svg", ".md", ".toml"))
        if (match := FOREIGN.search(text))
    }
    assert found == {}


@pytest.mark.parametrize("line", [
    '<script src="https://example.org/a.js">', "fetch('https://example.org')", 'import x from "https://example.org/x"',
    "@import url(//example.org/a.css)", '@import "//example.org/a.css"', "![a picture](https://example.org/a.png)",
    '<link rel="stylesheet" href="//example.org/a.css">',
])  # fmt: skip
def test_the_search_for_foreign_addresses_finds_one(line):
    assert FOREIGN.search(line)


@pytest.mark.parametrize("line", ['fetch("/translate")', "[a paper](https://example.org)", "# https://example.org"])
def test_the_search_for_foreign_addresses_leaves_links_alone(line):
    assert not FOREIGN.search(line)


def test_no_module_of_the_app_opens_connections():
    importers = {
        name: sorted(imported & CLIENTS)
        for name, text in text_files()
        if name.endswith(".py") and name.startswith(("models/", "viz/", "app.py"))
        if (imported := imported_by(text)) & CLIENTS
    }
    assert importers == {}


def imported_by(source: str) -> set[str]:
    """Modules a source imports, each with the packages it lies in."""
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names | {name.partition(".")[0] for name in names}


# --- what is kept, and what stands in it


def test_no_file_is_so_large_that_it_would_burden_the_history():
    assert {named(path): path.stat().st_size for path in files() if path.stat().st_size > 10 * MEGABYTE} == {}


def test_the_whole_repository_stays_small():
    assert sum(path.stat().st_size for path in files()) < 60 * MEGABYTE


def test_no_file_speaks_of_the_machine_it_was_made_on():
    machine = re.compile(r"(?<![\w.])/(?:" + "|".join(["work", "root", "home/[a-z]+", "Users/[A-Za-z]+"]) + r")/")
    assert {name: match.group() for name, text in text_files() if (match := machine.search(text))} == {}


def test_notebooks_and_json_are_well_formed():
    for path in files():
        if path.suffix in {".json", ".ipynb"}:
            json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("command", [START, TEST])
def test_the_readme_gives_the_command(command):
    assert command in (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_continuous_check_runs_the_test_command_of_the_readme():
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    install, run = TEST.split(" && ")
    lines = [line.replace(" -q ", " ") for line in script.splitlines()]
    assert install in lines
    assert script.rstrip().splitlines()[-1] == run
    assert "export CI=true" in script


def test_the_continuous_check_can_be_started():
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o100
