"""Every character that the interface can show is in a typeface that is shipped, so that none is an empty box."""

import ast
import json
import re
import tomllib
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import streamlit
from fontTools.ttLib import TTFont

ROOT = Path(__file__).resolve().parent.parent
BUNDLED = Path(streamlit.__file__).parent / "static" / "static" / "media"
COMMENTS = re.compile(r"/\*.*?\*/|(?:^|(?<=\s))//.*?$", re.MULTILINE | re.DOTALL)


def in_python(path: Path) -> Iterator[str]:
    """Its string literals; docstrings are never shown."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docstrings = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in docstrings:
            yield node.value


def of_scripts_and_modules() -> dict[str, list[str]]:
    """What each file of the interface can show."""
    texts: dict[str, list[str]] = {}
    for path in [*ROOT.glob("viz/**/*.py"), *ROOT.glob("models/**/*.py")]:
        texts[str(path.relative_to(ROOT))] = [*in_python(path)]
    for path in [*ROOT.glob("viz/browser/*.js"), *ROOT.glob("viz/browser/*.css")]:
        texts[str(path.relative_to(ROOT))] = [COMMENTS.sub("", path.read_text(encoding="utf-8"))]
    return texts


def shown() -> dict[str, set[str]]:
    """Characters beyond ASCII, each with the files that it stands in."""
    texts = of_scripts_and_modules()
    for path in ROOT.glob("assets/vocabularies/*.json"):
        texts[str(path.relative_to(ROOT))] = json.loads(path.read_text(encoding="utf-8"))["pieces"]
    found: dict[str, set[str]] = {}
    for name, written in texts.items():
        for character in set("".join(written)):
            if not character.isascii() and unicodedata.category(character)[0] not in "CZ":
                found.setdefault(character, set()).add(name)
    return found


def held() -> set[str]:
    """What the typefaces of the theme hold, each as far as a browser takes it for: Latin is Streamlit's own copy."""
    (latin,) = BUNDLED.glob("SourceSansVF-Upright*.woff2")
    points = set(TTFont(latin).getBestCmap())
    config = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    for face in config["theme"]["fontFaces"]:
        ranges = [part.strip()[2:].split("-") for part in face["unicodeRange"].split(",")]
        asked = {point for ends in ranges for point in range(int(ends[0], 16), int(ends[-1], 16) + 1)}
        points |= asked & set(TTFont(ROOT / "viz" / "static" / Path(face["url"]).name).getBestCmap())
    return set(map(chr, points))


def test_every_character_of_the_interface_is_in_a_shipped_typeface():
    characters = shown()
    assert {"⊙", "∘", "∗", "␣", "▁", "ব", "म"} <= set(characters)
    missing = {character: characters[character] for character in set(characters) - held()}
    assert missing == {}


# What is called otherwise on every page: candidate, encoder step, source state, step, unit, log-probability.
OTHER_NAMES = (
    "cell gate", "candidate value", "candidate state", "source step", "target step", "source position",
    "encoder state", "time step", "timestep", "neuron", "log probability",
)  # fmt: skip
PAPERS = "viz/figures/notation.py"  # says what each source calls things


def test_each_thing_has_one_name():
    texts = of_scripts_and_modules()
    del texts[PAPERS]
    found = {(name, text) for name, written in texts.items() for text in written if " " in text
             for other in OTHER_NAMES if other in text.lower()}  # fmt: skip
    assert found <= {("models/recurrent/trace.py", text) for _, text in found}, "refusals of shapes, never on a page"
