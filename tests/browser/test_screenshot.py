"""The picture of the page in the README. UPDATE_SCREENSHOT=1 takes it anew."""

import os
import struct
from pathlib import Path

SCREENSHOT = Path(__file__).resolve().parent.parent.parent / "docs" / "screenshot.png"


def test_the_readme_has_a_picture_of_the_page(request):
    if os.environ.get("UPDATE_SCREENSHOT") == "1":
        app = request.getfixturevalue("open_app")(width=1280, height=800)
        app.page.evaluate("document.fonts.ready")
        app.page.screenshot(path=SCREENSHOT)
    header = SCREENSHOT.read_bytes()[:24]
    assert header[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", header[16:24]) == (1280, 800)
    assert SCREENSHOT.stat().st_size < 400_000
