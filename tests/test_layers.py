"""The import rule: imports point one way, and each layer loads without the layers above it."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TRAINS = {"models.train"}  # loads torch, by way of models.training


def modules_of(package: str) -> list[str]:
    """Names of all modules of a package, itself first."""
    folder = ROOT / package.replace(".", "/")
    paths = sorted(path.relative_to(ROOT).with_suffix("") for path in folder.rglob("*.py"))
    return [package, *(".".join(path.parts) for path in paths if path.name != "__init__")]


def loaded_by(*names: str) -> set[str]:
    """Top-level modules that a fresh interpreter has loaded after importing these."""
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
    code += "".join(f"import {name}\n" for name in names)
    code += "print(*{name.partition('.')[0] for name in sys.modules})"
    finished = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr
    return set(finished.stdout.split())


def imports_of(path: Path) -> Iterator[str]:
    """Every module that a file imports anywhere, also within functions and under TYPE_CHECKING, as a dotted name."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = list(path.relative_to(ROOT).parts[: -node.level]) if node.level else []
            module = ".".join(package + ([node.module] if node.module else []))
            yield from (module, *(f"{module}.{alias.name}" for alias in node.names))


def is_within(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


@pytest.mark.parametrize(
    ("package", "forbidden"),
    [("models", {"streamlit", "plotly", "viz", "torch"}), ("viz.figures", {"streamlit", "torch"})],
)
def test_layer_loads_without_the_layers_above_it(package, forbidden):
    assert loaded_by(package) & forbidden == set()


def test_every_model_module_loads_without_the_pictures():
    assert loaded_by(*modules_of("models")) & {"streamlit", "plotly", "viz"} == set()


def test_every_model_module_that_does_not_train_loads_without_torch():
    quick = [name for name in modules_of("models") if name not in TRAINS and not uses_torch(name)]
    assert {
        "models.translation.translator",
        "models.translation.checkpoints",
        "models.recurrent.recording",
        "models.translate",
    } <= set(quick)
    assert "torch" not in loaded_by(*quick)


def uses_torch(module: str) -> bool:
    """Whether a module itself imports torch at the top of the file."""
    path = ROOT / f"{module.replace('.', '/')}.py"
    if not path.exists():
        return False
    names = []
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names.append(node.module or "")
    return any(is_within(name, "torch") for name in names)


def test_every_figure_module_loads_without_pages_and_without_torch():
    assert loaded_by(*modules_of("viz.figures")) & {"streamlit", "torch"} == set()


def test_every_page_finds_all_that_it_imports():
    """Streamlit runs a page only when somebody opens it."""
    assert "plotly" in loaded_by(*(name for name in modules_of("viz") if name != "viz.navigation"))


# The rooms, floor by floor from the ground up. A room may import from the floors below its own, never from another room
# beside it, so no two need each other and no page needs another page.
FLOORS = [
    {"models.recurrent", "models.language"},
    {"models.translation"},
    {"models.evaluation"},
    {"models.analysis", "models.learning"},
    {"models"},  # what the package offers, and its command lines
    {"viz.figures"},
    {"viz.networks"},
    {"viz.state", "viz.loading"},
    {"viz.serving"},
    {"viz.widgets", "viz.header"},
    {"viz.live"},
    {
        "viz.translate",
        "viz.cell",
        "viz.memory",
        "viz.lab",
        "viz.compare",
        "viz.tree",
        "viz.trust",
        "viz.tasks",
        "viz.gradients",
    },
    {"viz.navigation"},
    {"app"},
]
FLOOR = {room: number for number, floor in enumerate(FLOORS) for room in floor}
WITHOUT_PYTHON = {"viz.browser", "viz.static"}
OUTSIDE = {"models": {"streamlit", "plotly"}, "viz.figures": {"streamlit", "torch"}}  # packages a room may not name


def room_of(module: str) -> str:
    """The room a module lies in: a folder of models or viz, or a file beside the folders of viz."""
    parts = module.split(".")
    if parts[0] == "models":
        is_folder = len(parts) > 1 and (ROOT / "models" / parts[1]).is_dir()
        return ".".join(parts[:2]) if is_folder else "models"
    return ".".join(parts[:2]) if parts[0] == "viz" and len(parts) > 1 else parts[0]


def modules_by_file() -> dict[Path, str]:
    paths = [*(ROOT / "models").rglob("*.py"), *(ROOT / "viz").rglob("*.py"), ROOT / "app.py"]
    return {path: ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for path in paths}


def is_allowed(room: str, module: str) -> bool:
    """Whether files of a room may import this module of the product."""
    other = room_of(module)
    if other in ("viz", room):
        return True
    if other == "models" and room.startswith("models."):
        return False  # neither the front door nor a command line, from within
    return other in FLOOR and FLOOR[other] < FLOOR[room]


def test_every_folder_and_file_is_a_room_of_the_plan():
    folders = {
        f"{package}.{path.name}"
        for package in ("models", "viz")
        for path in (ROOT / package).iterdir()
        if path.is_dir() and path.name != "__pycache__"
    }
    rooms = {room_of(module) for path, module in modules_by_file().items() if path.name != "__init__.py"}
    assert folders | rooms == (set(FLOOR) | WITHOUT_PYTHON)
    for folder in WITHOUT_PYTHON:
        assert not list((ROOT / folder.replace(".", "/")).rglob("*.py"))


def test_no_room_imports_one_beside_or_above_it():
    wrong = [
        (str(path.relative_to(ROOT)), name)
        for path, module in modules_by_file().items()
        for name in imports_of(path)
        if name.split(".")[0] in ("models", "viz", "app") and not is_allowed(room_of(module), name)
    ]
    assert wrong == []


def test_no_room_names_a_package_that_it_must_do_without():
    named = [
        (str(path.relative_to(ROOT)), name)
        for path, module in modules_by_file().items()
        for package, forbidden in OUTSIDE.items()
        if is_within(module, package)
        for name in imports_of(path)
        if any(is_within(name, each) for each in forbidden)
    ]
    assert named == []


def files_of_the_product() -> list[Path]:
    folders = [ROOT / "models", ROOT / "viz"]
    return [*(path for folder in folders for path in folder.rglob("*.py")), *ROOT.glob("*.py")]


def test_no_file_can_load_weights_that_run_code():
    """Pickled weights can run anything when loaded; safetensors is the one format."""
    dangerous = ("pickle", "dill", "joblib", "shelve", "marshal", "cloudpickle")
    for path in files_of_the_product():
        for module in imports_of(path):
            assert not any(is_within(module, package) for package in dangerous), (path, module)


def test_no_file_calls_a_loader_that_unpickles():
    for path in files_of_the_product():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] in ("torch", "numpy"):
                assert not {alias.name for alias in node.names} & {"load", "save", "jit"}, path
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                assert (node.value.id, node.attr) not in {("torch", "load"), ("torch", "save"), ("torch", "jit")}, path
            if isinstance(node, ast.Call):
                assert not {word.arg for word in node.keywords} & {"allow_pickle"}, path
                called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                assert called not in {"read_pickle", "to_pickle"}, path


def test_the_weights_that_ship_are_safetensors_and_json():
    weights = ROOT / "assets" / "weights"
    found = {path.suffix for path in weights.rglob("*") if path.is_file()}
    assert found <= {".safetensors", ".json"}
