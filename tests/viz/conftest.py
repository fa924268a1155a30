"""Pages as they are opened in tests."""

from functools import cache
from pathlib import Path

import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash


@pytest.fixture(autouse=True)
def pages_are_found_by_their_rooms(monkeypatch):
    """The page ``ROOM/page.py`` has the address of its room; before its first run AppTest knows the file alone."""
    found = AppTest._resolve_page_hash

    def of_room(app: AppTest, path: str) -> str:
        return found(app, path) if app._registered_pages else calc_hash(Path(path).parent.name)

    monkeypatch.setattr(AppTest, "_resolve_page_hash", of_room)


@pytest.fixture(autouse=True)
def packages_are_searched_once(monkeypatch):
    """AppTest reads what is told of every installed package in each first run, for components: a third of a second."""
    monkeypatch.setattr(manifest_scanner, "scan_component_manifests", found_in_packages)


found_in_packages = cache(manifest_scanner.scan_component_manifests)
