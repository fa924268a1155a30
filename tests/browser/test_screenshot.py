"""The pictures of the pages in the README. UPDATE_SCREENSHOT=1 takes them anew."""

import os
import struct
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parent.parent.parent / "docs"


@pytest.mark.parametrize(
    ("name", "address", "height"),
    [
        ("screenshot", "", 800),
        ("cell", "cell?column=9&unit=17", 1180),
        ("lab", 'lab?edits=[{"target":"forget_gate","side":"encoder","value":0.0}]', 1000),
    ],
)
def test_the_readme_has_a_picture_of_the_page(request, name, address, height):
    file = DOCS / f"{name}.png"
    if os.environ.get("UPDATE_SCREENSHOT") == "1":
        server, open_app = request.getfixturevalue("server"), request.getfixturevalue("open_app")
        app = open_app(width=1280, height=height, url=f"{server.url}/{address}")
        request.getfixturevalue("watched").allowed_errors = ("404",)  # Streamlit looks for its own files there first
        app.page.wait_for_timeout(2000)
        app.page.evaluate("document.fonts.ready")
        app.page.screenshot(path=file)
    header = file.read_bytes()[:24]
    assert header[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", header[16:24]) == (1280, height)
    assert file.stat().st_size < 400_000
