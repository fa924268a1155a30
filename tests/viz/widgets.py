"""Widgets whose key has a number at its end once something else than the reader has changed their value."""

import re
from typing import Any


def numbered(widgets: Any, name: str) -> Any:
    """The widget on view of this name: ``numbered(page.selectbox, "cell_step")``."""
    (found,) = [each for each in widgets if re.fullmatch(rf"{name}(_\d+)?", each.key or "")]
    return found
