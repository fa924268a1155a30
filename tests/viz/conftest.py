"""Pages as they are opened in tests."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash


@pytest.fixture(autouse=True)
def pages_are_found_by_their_rooms(monkeypatch):
    """The page ``ROOM/page.py`` has the address of its room; before its first run AppTest knows the file alone."""
    found = AppTest._resolve_page_hash

    def of_room(app: AppTest, path: str) -> str:
        return found(app, path) if app._registered_pages else calc_hash(Path(path).parent.name)

    monkeypatch.setattr(AppTest, "_resolve_page_hash", of_room)
