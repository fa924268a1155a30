"""The networks that pages can ask for, by the name that stands in the address."""

from dataclasses import dataclass

from models.translation.checkpoints import ASSETS, NAME, UNTRAINED, AssetError, load_card, network_names, states_of

NetworkKey = str  # of ``networks()``, as in the address: "translator", "time-machine@300"
TIME_MACHINE = "time-machine"  # the training whose earlier states ship
LABEL = {
    NAME: "Translator",
    "second-seed": "Translator, another seed",
    "forget-bias-0": "Forget-gate bias 0 at the start",
    TIME_MACHINE: "Time machine, at the end",
    UNTRAINED: "Untrained translator",
}


@dataclass(frozen=True)
class Network:
    """A shipped network, or an earlier state of its training."""

    key: str  # in the address: "translator", "time-machine@300"
    name: str  # as ``models.checkpoints.load_translator`` takes it
    batches: int | None  # of training; None for the final weights
    label: str


def networks() -> dict[str, Network]:
    """All by key: the main network first, the untrained one and the earlier states last.

    The main network is in it also where its files are missing: whoever asks for it is told which. They can come back
    while the server runs, so the folder is looked at each time.
    """
    names = dict.fromkeys([NAME, *network_names(ASSETS)])
    keys = [*names, UNTRAINED, *(f"{TIME_MACHINE}@{batches}" for batches in _batches()[:-1])]
    return {key: Network(key, *parts_of(key), label_of(key)) for key in keys}


def label_of(key: str) -> str:
    """What a network is called, also one whose files went missing while it was on view: no file is read for it."""
    name, batches = parts_of(key)
    return LABEL.get(name, name) if batches is None else f"Time machine, after {batches:,} batches"


def parts_of(key: str) -> tuple[str, int | None]:
    """Name of a network, and batches of training, also of one whose files are missing."""
    name, _, batches = key.partition("@")
    return name, int(batches) if batches else None


def training_of(key: str) -> str:
    """The training that a network is a state of."""
    return NAME if key == UNTRAINED else parts_of(key)[0]


def course() -> list[Network]:
    """The states of one training that ship, from the first to the final weights; none where they are missing."""
    earlier = [network for network in networks().values() if network.batches is not None]
    return [*earlier, networks()[TIME_MACHINE]] if earlier else []


def _batches() -> list[int]:
    try:
        return states_of(load_card(ASSETS, TIME_MACHINE))
    except AssetError:
        return []  # there is no time machine then


def is_known(key: str) -> bool:
    return key in networks()


def is_untrained(key: str) -> bool:
    """Whether these are the weights that a training started from."""
    return key == UNTRAINED or key.endswith("@0")
