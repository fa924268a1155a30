"""The pictures of the pages in docs/. UPDATE_SCREENSHOT=1 takes them anew."""

import os
import struct
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parent.parent.parent / "docs"


@pytest.mark.parametrize(
    ("name", "address", "width", "height"),
    [
        ("screenshot", "", 1280, 800),
        ("screenshot-1920", "", 1920, 1080),
        ("screenshot-768", "", 768, 1024),
        ("screenshot-380", "", 380, 800),
        ("cell", "cell?column=9&unit=17", 1280, 1180),
        ("lab", 'lab?edits=[{"target":"forget_gate","side":"encoder","value":0.0}]', 1280, 1000),
    ],
)
def test_there_is_a_picture_of_the_page(request, name, address, width, height):
    file = DOCS / f"{name}.png"
    if os.environ.get("UPDATE_SCREENSHOT") == "1":
        server, open_app = request.getfixturevalue("server"), request.getfixturevalue("open_app")
        app = open_app(width=width, height=height, url=f"{server.url}/{address}", as_is=True)
        request.getfixturevalue("watched").allowed_errors = ("404",)  # Streamlit looks for its own files there first
        app.page.wait_for_timeout(2000)
        app.page.evaluate("document.fonts.ready")
        app.page.screenshot(path=file)
    header = file.read_bytes()[:24]
    assert header[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", header[16:24]) == (width, height)
    assert file.stat().st_size < 400_000
