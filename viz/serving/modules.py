"""The scripts of the components: modules that import each other, sent once and kept by the browser for ever.

Their address contains the hash of all of them, so that what a browser keeps under it never changes. A component hands
Streamlit, which sends a component's script again with every rerun, no more than a stub that loads its module.
Besides the files of ``viz/browser`` there are modules made here: ``looks.js``, how each quantity looks, from the
figures' theme; and for each stylesheet ``x.css`` a module ``x.css.js`` with its text, so that a script that is there
has its style with it, and nothing is ever drawn without.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np

from models.recurrent.trace import LSTM_CELL, Described
from models.translation.interventions import LARGEST
from viz.figures import theme

FOLDER = Path(__file__).parent.parent / "browser"
STUB = "stub.js"  # goes to Streamlit, and is no module
LARGEST_LIMIT = 2 * LARGEST  # of the colour scales that scripts choose from: no two values lie further apart


def described(quantity: Described) -> dict[str, str]:
    """How scripts call a quantity of a cell."""
    look = theme.look(quantity)
    return {"key": quantity.name, "name": look.name, "symbol": look.symbol, "range": quantity.range}


def text_of(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


def look(shown: theme.Shown) -> dict[str, Any]:
    """Name, symbol, role, hues and colour table; another for a dark page where there is one."""
    found = theme.look(shown)
    return {
        "name": found.name,
        "symbol": found.symbol,
        "role": found.role,
        "hue": found.hue,
        "hue_dark": found.hue_dark,
        "colours": theme.lut(shown).tolist(),
        **({"colours_dark": theme.lut(shown, True).tolist()} if found.scale == "diverging" else {}),
    }


def limits() -> list[float]:
    """The ends that a colour scale without a bound of its own may have, smallest first: all that rounding up gives."""
    found = [theme.rounded_limit(0)]
    while found[-1] < LARGEST_LIMIT:
        found.append(theme.rounded_limit(float(np.nextafter(found[-1], np.inf))))
    return found


def looks() -> str:
    """The colours of the figures as a module."""
    usual = {reach: look(Described("", reach)) for reach in theme.OF_RANGE}  # where the theme knows no name
    named = {shown: look(shown) for shown in theme.LOOKS}
    quantities = [described(quantity) for quantity in LSTM_CELL.quantities]
    return "\n".join([
        f"export const LOOKS = {json.dumps(named | usual, ensure_ascii=False)};",
        f"export const LSTM = {json.dumps(quantities, ensure_ascii=False)};",
        f"export const LIMITS = {json.dumps(limits())};",
    ])  # fmt: skip


def made() -> dict[str, str]:
    """Every module by its name."""
    scripts = {path.name: text_of(path.name) for path in sorted(FOLDER.glob("*.js")) if path.name != STUB}
    styles = {
        f"{path.name}.js": f"export default {json.dumps(text_of(path.name), ensure_ascii=False)};\n"
        for path in sorted(FOLDER.glob("*.css"))
    }
    return {**scripts, **styles, "looks.js": looks()}


def hash_of(modules: dict[str, str]) -> str:
    return hashlib.sha256(json.dumps(modules, sort_keys=True).encode()).hexdigest()[:20]


MODULES = made()
HASH = hash_of(MODULES)
_STUB = text_of(STUB)


def stub(name: str) -> str:
    """The script of a component that is drawn by the module of this name."""
    return _STUB.replace("MODULE", address(name))


def address(name: str) -> str:
    """Where a page finds the module of this name, from its own address."""
    return f"modules/{HASH}/{name}"
