"""Train and measure the small networks: ``python -m models.tasks train france``, ``python -m models.tasks measure``."""

import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

from models.command_line import Parser, one_core, one_line_errors, ranged
from models.learning.tasks import TASKS
from models.learning.tasks.curves import as_card, measure
from models.learning.tasks.files import load_networks, load_task_card, save_networks, save_task_card
from models.learning.tasks.variants import SEEDS, VARIANTS, Variant
from models.recurrent.trace import Array
from models.translation.checkpoints import ASSETS

LICENCE = "Weights and data: this project's own, under its licence; nothing from elsewhere was read."
CANNOT = "Nothing but its task: it reads a few symbols, and what it says of anything else means nothing."


def main(arguments: Sequence[str] | None = None) -> None:
    parser = Parser(prog="python -m models.tasks", description="The networks of the page Long memory.")
    parser.add_argument("do", choices=("train", "measure"), help="train networks, or only measure those that ship")
    parser.add_argument("tasks", nargs="*", metavar="TASK", help=f"of {', '.join(TASKS)} (default: all)")
    parser.add_argument("--processes", type=ranged(int, 1, 256), default=2, help="networks at once (default: 2)")
    parser.add_argument("--assets", type=Path, default=ASSETS, help="folder to write to (default: what ships)")
    options = parser.parse_args(arguments)
    for name in options.tasks:
        if name not in TASKS:
            parser.error(f"there is no task {name!r}; known are {', '.join(TASKS)}")
    one_core()
    with one_line_errors():
        for name in options.tasks or TASKS:
            if options.do == "train":
                train_all(name, options.assets, options.processes)
            measured(name, options.assets)


def train_all(name: str, assets: Path, processes: int) -> None:
    """All variants and seeds of one task, and their card."""
    from models.learning.tasks.training import fitting_size

    task, started = TASKS[name], time.time()
    wanted = [(variant, seed) for variant in VARIANTS for seed in SEEDS]
    with ProcessPoolExecutor(processes) as pool:
        trained = dict(zip(wanted, pool.map(partial(_trained, name), *zip(*wanted, strict=True)), strict=True))
    sizes = {variant: fitting_size(task, variant) for variant in VARIANTS}
    card = {
        "task": name,
        "says": task.says,
        "licence": LICENCE,
        "cannot": CANNOT,
        "units": {variant: size.units for variant, size in sizes.items()},
        "parameters": {variant: size.parameters for variant, size in sizes.items()},
        "training": {"steps": task.steps, "batch": task.batch_size, "rate": task.rate, "distances": list(task.trained)},
        "minutes": round((time.time() - started) / 60, 1),
        "processes": processes,
    }
    save_networks(name, trained, card, assets)
    print(f"{name}: trained {len(wanted)} networks in {card['minutes']} minutes", flush=True)


def _trained(name: str, variant: Variant, seed: int) -> dict[str, Array]:
    """In a process of its own, on one core."""
    import torch

    from models.learning.tasks.training import train

    torch.set_num_threads(1)
    one_core()
    return train(TASKS[name], variant, seed)


def measured(name: str, assets: Path) -> None:
    """Write the curves into the card: the same bytes each time."""
    task, networks = TASKS[name], load_networks(name, assets)
    curves = measure(task, networks)
    save_task_card(name, {**load_task_card(name, assets), "curves": as_card(curves)}, assets)
    for kind, of_kind in curves.items():
        for variant, points in of_kind.items():
            shown = "  ".join(f"{point.distance}: {point.mean:.0%}" for point in points)
            print(f"{name} {kind} {variant}: {shown}".replace("  ", " ", 1), flush=True)


if __name__ == "__main__":
    main()
