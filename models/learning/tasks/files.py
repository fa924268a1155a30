"""The trained small networks, in and out of the assets folder: one file of weights and one card a task."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file, save_file

from models.learning.tasks import TASKS
from models.learning.tasks.network import TaskNetwork
from models.learning.tasks.variants import SEEDS, VARIANTS, Variant, cell_of
from models.recurrent.trace import Array
from models.translation.checkpoints import ASSETS, UNREADABLE, AssetError, sha256

FOLDER = "tasks"
Trained = Mapping[tuple[Variant, int], Mapping[str, Array]]  # by variant and seed: parameters by name


def weights_path(assets: Path, task: str) -> Path:
    return assets / FOLDER / f"{task}.safetensors"


def card_path(assets: Path, task: str) -> Path:
    return assets / FOLDER / f"{task}.json"


def load_network(task: str, variant: Variant, seed: int, assets: Path = ASSETS) -> TaskNetwork:
    """One of the trained networks of a task.

    Raises:
        AssetError: a file is missing or damaged; nothing is loaded then.
    """
    return load_networks(task, assets)[variant, seed]


def load_networks(task: str, assets: Path = ASSETS) -> dict[tuple[Variant, int], TaskNetwork]:
    """All trained networks of a task, by variant and seed.

    Raises:
        AssetError: a file is missing or damaged; nothing is loaded then.
    """
    path, card = weights_path(assets, task), load_task_card(task, assets)
    if card.get("sha256") != sha256(path):
        raise AssetError(f"{path.name} is damaged: it is not the file that its card describes")
    try:
        stored = load_file(path)
        return {
            (variant, seed): TaskNetwork.from_parameters(TASKS[task], cell_of(variant), _of(stored, variant, seed))
            for variant in VARIANTS
            for seed in SEEDS
        }
    except UNREADABLE as error:
        raise AssetError(f"{path.name} is damaged: {error}") from error


def _of(stored: Mapping[str, Array], variant: Variant, seed: int) -> dict[str, Array]:
    prefix = f"{variant}.{seed}."
    return {name.removeprefix(prefix): values for name, values in stored.items() if name.startswith(prefix)}


def load_task_card(task: str, assets: Path = ASSETS) -> dict[str, Any]:
    """What is known of the networks of a task: their sizes and training, and the curves once they were measured.

    Raises:
        AssetError: the file is missing or damaged.
    """
    path = card_path(assets, task)
    try:
        card = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise AssetError(f"{path.name} cannot be read: {error}") from error
    if not isinstance(card, dict):
        raise AssetError(f"{path.name} is damaged: it is not a card")
    return card


def save_task_card(task: str, card: Mapping[str, Any], assets: Path = ASSETS) -> None:
    path = card_path(assets, task)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(card, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def save_networks(task: str, trained: Trained, card: Mapping[str, Any], assets: Path = ASSETS) -> None:
    """Write the weights of all networks of a task, and their card."""
    path = weights_path(assets, task)
    path.parent.mkdir(parents=True, exist_ok=True)
    tensors = {
        f"{variant}.{seed}.{name}": np.ascontiguousarray(values, np.float32)
        for (variant, seed), parameters in trained.items()
        for name, values in parameters.items()
    }
    save_file(tensors, path)
    save_task_card(task, {**card, "sha256": sha256(path)}, assets)
