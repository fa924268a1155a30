"""The scripts of the components: their own tests in node, ESLint, and what the server makes of them as modules."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from models.recurrent.trace import LSTM_CELL, QUANTITIES, Described
from viz.figures import theme
from viz.serving import modules, route

ROOT = Path(__file__).resolve().parent.parent
ENTRIES = ("microscope.js", "comparison.js", "drawing.js", "tree.js", "weights.js", "pages.js")
IMPORT = re.compile(r'^(?:import|export)\s[^"]*?from "([^"]+)"', re.MULTILINE)


def there_or_skipped(path: str | Path | None, missing: str) -> str:
    """What a test needs: where ``CI`` is set it fails without, elsewhere it is skipped."""
    if path is not None and Path(path).exists():
        return str(path)
    if os.environ.get("CI"):
        pytest.fail(missing)
    pytest.skip(missing)


def node() -> str:
    return there_or_skipped(shutil.which("node"), "no node on this machine (apt-get install nodejs)")


def checked(*command: str) -> None:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_unit_tests_of_the_scripts_pass():
    files = sorted(str(path) for path in (ROOT / "tests" / "scripts").glob("*.test.js"))
    assert files
    checked(node(), "--test", *files)


def test_eslint_finds_no_undefined_and_no_unused_name():
    eslint = there_or_skipped(ROOT / "node_modules/eslint/bin/eslint.js", "no ESLint in node_modules (npm ci)")
    checked(node(), eslint, "--max-warnings", "0", ".")


def imported(name: str) -> list[str]:
    return IMPORT.findall(modules.MODULES[name])


def test_every_module_that_is_imported_is_there_under_a_relative_address():
    for name in modules.MODULES:
        for address in imported(name):
            assert address.startswith("./"), (name, address)
            assert address[2:] in modules.MODULES, (name, address)


def test_every_module_is_reached_from_a_component():
    reached, left = set(), list(ENTRIES)
    while left:
        if (name := left.pop()) not in reached:
            reached.add(name)
            left += [address[2:] for address in imported(name)]
    assert reached == set(modules.MODULES)


def test_every_script_and_style_is_served_and_the_stub_is_not():
    files = {path.name for path in modules.FOLDER.iterdir()}
    made = {f"{name}.js" if name.endswith(".css") else name for name in files}
    assert set(modules.MODULES) == made - {modules.STUB} | {"looks.js"}


@pytest.fixture(scope="module")
def client() -> TestClient:
    return TestClient(Starlette(routes=route.routes))


def test_modules_are_kept_for_ever_under_an_address_that_says_what_is_in_them(client):
    for name, text in modules.MODULES.items():
        answer = client.get(f"/modules/{modules.HASH}/{name}")
        assert (answer.status_code, answer.text) == (200, text)
        assert answer.headers["content-type"].startswith("text/javascript")
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "path",
    ["modules/HASH/", "modules/HASH/stub.js", "modules/HASH/microscope.css", "modules/HASH/../route.py",
     "modules/HASH/..%2f..%2fserving%2froute.py", "modules/HASH/%2e%2e/x", "modules/HASH//etc/passwd",
     "modules/0123456789abcdef0123/run.js", "modules//run.js", "modules/run.js", "modules/HASH/run.js/x",
     "modules/HASH/run.js%00", "modules/HASH/RUN.JS"],
)  # fmt: skip
def test_nothing_else_is_found_there_and_no_cache_keeps_that(client, path):
    answer = client.get(f"/{path}".replace("HASH", modules.HASH))
    assert answer.status_code == 404
    assert "immutable" not in answer.headers.get("cache-control", "")


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_modules_are_only_read(client, method):
    assert getattr(client, method)(f"/modules/{modules.HASH}/run.js").status_code == 405


def test_on_a_server_below_a_path_the_routes_lie_below_it_too():
    client = TestClient(Starlette(routes=route.routes_under("some/where/")))
    assert client.get(f"/some/where/modules/{modules.HASH}/run.js").status_code == 200
    assert client.get("/some/where/live/unknown").text == "This run is no longer on the server."
    assert client.get(f"/modules/{modules.HASH}/run.js").status_code == 404


def test_any_change_of_any_module_changes_the_address():
    changed = {**modules.MODULES, "run.js": modules.MODULES["run.js"] + " "}
    assert modules.hash_of(modules.MODULES) == modules.HASH != modules.hash_of(changed)


def test_a_stub_is_short_and_names_its_module_at_the_present_address():
    for entry in ENTRIES:
        stub = modules.stub(entry)
        assert f'"modules/{modules.HASH}/{entry}"' in stub
        assert len(stub) < 1000


def test_scales_without_a_bound_end_where_the_figures_round_to():
    """The browser looks the end of its scale up in this list: the first that is no smaller than the largest value."""
    ends = modules.limits()
    for size in (0, 1e-7, 0.00123, 0.0123456, 0.25, 0.30000001, 0.999, 1.0, 5.34, 9.91, 42.0, 99.4, 640.1):
        assert next(end for end in ends if end >= size) == theme.rounded_limit(size)


def test_every_quantity_looks_as_in_the_figures():
    """A cell whose quantities the theme does not know is drawn like others of the same range."""
    assert modules.described(Described("renewal_gate", "gate")) == {
        "key": "renewal_gate", "name": "Renewal gate", "symbol": "", "range": "gate",
    }  # fmt: skip
    assert modules.described(LSTM_CELL["cell_state"])["symbol"] == "c"
    for quantity in QUANTITIES:
        assert modules.look(quantity)["colours"] == theme.lut(quantity).tolist()


def test_the_scripts_never_read_text_as_markup():
    for name, text in modules.MODULES.items():
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(", text), name


def test_packages_for_the_checks_are_pinned_and_name_no_registry():
    lock = (ROOT / "package-lock.json").read_text(encoding="utf-8")
    assert '"resolved"' not in lock
    wanted = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
    assert all(re.fullmatch(r"[0-9.]+", version) for version in wanted["devDependencies"].values())
    assert "dependencies" not in wanted  # nothing of it is needed to run the app
