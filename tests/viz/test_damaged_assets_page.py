"""A file of the model that is missing or damaged: the page names it in one sentence and translates nothing."""

import json
import re
import shutil
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path

import numpy as np
import pytest
from awaiting import awaited
from safetensors.numpy import load_file, save_file
from sessions import run_of
from streamlit.testing.v1 import AppTest

import viz.loading
import viz.networks
import viz.serving.course
from models.translation.checkpoints import sha256

NAVIGATION = Path(__file__).resolve().parent.parent.parent / "viz" / "navigation.py"
WEIGHTS, SEEN, CARD = "weights/translator.safetensors", "weights/seen.safetensors", "weights/translator.json"
ENGLISH, TARGET = "vocabularies/english.json", "vocabularies/bangla-marathi.json"
PAGES = ("translate", "cell", "memory", "lab", "compare", "tree", "trust")
FILES = (WEIGHTS, SEEN, CARD, ENGLISH, TARGET)


def missing(path: Path) -> None:
    path.unlink()


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def garbage(path: Path) -> None:
    path.write_bytes(bytes(range(256)) * 40)


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def tensors(change: Callable[[dict[str, np.ndarray]], None]) -> Callable[[Path], None]:
    def damage(path: Path) -> None:
        stored = {name: values.copy() for name, values in load_file(path).items()}
        change(stored)
        save_file(stored, path)

    return damage


def of_another_shape(stored: dict[str, np.ndarray]) -> None:
    stored["output_bias"] = np.ascontiguousarray(stored["output_bias"][:-1])


def not_a_number(stored: dict[str, np.ndarray]) -> None:
    stored["attention.weight"][0, 0] = np.nan


def slightly_other(stored: dict[str, np.ndarray]) -> None:
    stored["output_bias"][5] += 1


def without_a_tensor(stored: dict[str, np.ndarray]) -> None:
    del stored["output_bias"]


def one_token_short(path: Path) -> None:
    content = json.loads(path.read_text(encoding="utf-8"))
    unused = next(piece for piece in reversed(content["pieces"]) if len(piece) > 1)
    content["pieces"].remove(unused)
    content["merges"] = [merge for merge in content["merges"] if merge.replace(" ", "") != unused]
    path.write_text(json.dumps(content), encoding="utf-8")


def no_object(path: Path) -> None:
    path.write_text("[]", encoding="utf-8")


def other_configuration(path: Path) -> None:
    card = json.loads(path.read_text(encoding="utf-8"))
    card["configuration"]["hidden_size"] = 7
    path.write_text(json.dumps(card), encoding="utf-8")


DAMAGE: list[tuple[str, Callable[[Path], None]]] = [
    *((name, damage) for name in FILES for damage in (missing, emptied, truncated, garbage, a_folder)),
    *((WEIGHTS, tensors(change)) for change in (of_another_shape, not_a_number, slightly_other, without_a_tensor)),
    *((name, one_token_short) for name in (ENGLISH, TARGET)),
    *((name, no_object) for name in (CARD, ENGLISH, TARGET)),
]


@pytest.fixture
def assets(tiny_assets: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A small model in the place of the shipped one, loaded by nobody yet."""
    for module in (viz.loading, viz.networks, viz.serving.course):
        monkeypatch.setattr(module, "ASSETS", tiny_assets)
    forget()
    yield tiny_assets
    forget()


def forget() -> None:
    for load in (viz.loading._loaded, viz.loading.training_index, viz.loading.nearest):
        load.cache_clear()


@pytest.fixture
def page() -> AppTest:
    app = AppTest.from_file(str(NAVIGATION), default_timeout=60)
    app.query_params["sentence"] = "the cat sat"
    return app


def alerts(page: AppTest) -> list[str]:
    assert not page.exception, page.exception[0].message
    bodies = [element.proto.body for element in page.get("html")]
    return [unescape(re.sub("<[^>]*>", "", body)) for body in bodies if 'role="alert"' in body]


@pytest.mark.parametrize(("name", "damage"), DAMAGE, ids=lambda part: getattr(part, "__qualname__", part).split(".")[0])
def test_a_damaged_file_is_named_and_nothing_is_translated_until_it_is_mended(assets, page, tmp_path, name, damage):
    whole = shutil.copy(assets / name, tmp_path / "whole")
    damage(assets / name)
    (said,) = alerts(page.run())
    assert Path(name).name in said
    assert "\n" not in said
    assert len(said) < 250
    assert "Traceback" not in said
    assert run_of(page) is None
    assert page.get("bidi_component") == []
    assert page.get("plotly_chart") == []

    (still,) = alerts(page.run())
    assert still == said

    if (assets / name).is_dir():
        (assets / name).rmdir()
    shutil.copy(whole, assets / name)
    assert alerts(page.run()) == []
    assert run_of(page).finish().sentence == "the cat sat"


def test_a_wrong_configuration_names_the_files_that_do_not_fit_together(assets, page):
    other_configuration(assets / CARD)
    (said,) = alerts(page.run())
    assert re.search(r"translator\.(safetensors|json) is damaged", said)


def test_the_whole_folder_can_be_missing(assets, page):
    shutil.rmtree(assets)
    (said,) = alerts(page.run())
    assert "missing" in said


@pytest.mark.parametrize("room", PAGES)
@pytest.mark.parametrize("damage", [shutil.rmtree, lambda assets: (assets / CARD).unlink()], ids=["assets", "card"])
def test_every_page_names_the_file_where_the_folder_or_the_main_card_is_missing(assets, page, room, damage):
    damage(assets)
    found = alerts(page.switch_page(f"{room}/page.py").run())
    assert found
    assert any(f"{Path(CARD).name} is missing" in said for said in found), found


@pytest.mark.parametrize("room", ["translate", "cell", "memory", "lab", "tree"])  # what says how unusual a sentence is
def test_every_page_names_the_damaged_main_weights_also_to_who_asks_for_another_network(assets, page, room):
    for kind in ("json", "safetensors"):
        shutil.copy(assets / f"weights/translator.{kind}", assets / f"weights/second-seed.{kind}")
    rename_weights(assets / "weights/second-seed.json")
    emptied(assets / WEIGHTS)
    page.query_params["network"] = "second-seed"
    found = alerts(page.switch_page(f"{room}/page.py").run())
    assert any(f"{Path(WEIGHTS).name} is damaged" in said for said in found), found


def rename_weights(card: Path) -> None:
    card.write_text(card.read_text(encoding="utf-8").replace(WEIGHTS, f"weights/{card.stem}.safetensors"), "utf-8")


def test_a_network_whose_files_vanish_while_it_is_on_view_is_named_and_another_can_be_chosen(assets, page):
    for kind in ("json", "safetensors"):
        shutil.copy(assets / f"weights/translator.{kind}", assets / f"weights/second-seed.{kind}")
    rename_weights(assets / "weights/second-seed.json")
    page.query_params["network"] = "second-seed"
    assert alerts(page.run()) == []
    for kind in ("json", "safetensors"):
        (assets / f"weights/second-seed.{kind}").unlink()
    forget()
    (said,) = alerts(page.text_input(key="sentence_input").set_value("the cat").run())
    assert "second-seed.json is missing" in said
    page.selectbox(key="network_choice").set_value("translator").run()
    assert alerts(page.run()) == []


def test_an_undamaged_folder_is_used_as_it_is(assets, page):
    assert alerts(page.run()) == []
    run = run_of(page)
    assert run.translator.config.hidden_size == 6
    run.finish()
    assert alerts(page.run()) == []
    assert len(page.get("plotly_chart")) == 1


def test_the_card_lists_what_the_files_are(assets):
    card = json.loads((assets / CARD).read_text(encoding="utf-8"))
    assert {name: sha256(assets / name) for name in card["sha256"]} == card["sha256"]


def test_a_server_starts_on_a_damaged_folder_so_that_the_page_can_say_what_is_wrong(assets):
    (assets / WEIGHTS).unlink()

    async def start_and_stop() -> None:
        async with viz.loading.lifespan(None):
            pass

    awaited(start_and_stop())
