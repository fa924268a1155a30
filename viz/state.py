"""Everything the reader has chosen, as one typed object that the address keeps."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, cast, get_args

import streamlit as st

from models.analysis.provenance import Order as WriteOrder
from models.language.languages import LANGUAGES, Language
from models.language.text import MAX_CODE_POINTS, one_line
from models.learning.tasks import TASKS
from models.learning.tasks.units import ChangeKind
from models.learning.tasks.variants import SEEDS, Variant
from models.recurrent.record import Record
from models.translation.checkpoints import NAME
from models.translation.interventions import Intervention, InterventionError, from_json, to_json
from viz.figures.notation import NotationKey as Notation
from viz.figures.ordering import unit_order
from viz.networks import NetworkKey, is_known

Order = Literal["stored", "variance", "similarity"]
Units = Literal["varied", "all", "64", "16"]  # rows of the heat maps; numbers: so many around the chosen unit
Level = Literal["picture", "numbers", "maths"]  # how much is said of the chosen cell
Onward = Literal["beam", "greedy"]
Pace = Literal["0", "0.2", "1"]  # seconds between the steps of a run, as in the address
MemoryView = Literal["ledger", "survival", "saturation", "word"]
GradientsOf = Literal["task", "sentence"]  # what gradients are followed through
STAGES = (0, 1, 2, 3, 4)  # of one step inside the cell: all of it, keep, propose, write, show
BEAMS = (1, 2, 3, 4, 5)  # translations followed at once; 1 is greedy search
DEFAULT_SENTENCE = "She is reading a book."
LONGEST_GROUP = 200  # characters of a typed list of units
SETS = (20, 100, 500)  # random sets of units that an effect is compared with
LONGEST_GAP = 200  # of a sequence that a task makes
LONGEST_TYPED = 2_000  # characters of a typed sequence, in the address
LONGEST_EDITS = 4_000  # characters of interventions as JSON
LONGEST_ADDRESS = MAX_CODE_POINTS  # a longer sentence cannot be translated, nor would servers accept its address
# what stands in the address if it is not as by default
IN_ADDRESS = (
    "column", "pair", "unit", "order", "units", "level", "beam", "hypothesis", "network", "layer", "notation", "stage",
    "view", "group", "low", "high", "one", "other", "writes", "sets", "seed", "b_sentence", "b_language", "b_network",
    "node", "onward", "pace", "task", "variant", "weights", "typed", "gap", "draw", "step", "task_unit", "change",
    "changed", "changed_from", "donor", "gradients_of", "random_weights", "random_seed", "bias", "scale",
)  # fmt: skip
CHOICES: dict[str, Any] = {  # among few words, each the type of its part of the selection
    "order": Order, "units": Units, "level": Level, "pace": Pace, "onward": Onward, "notation": Notation,
    "view": MemoryView, "writes": WriteOrder, "variant": Variant, "change": ChangeKind,
    "gradients_of": GradientsOf,
}  # fmt: skip
EDITS_IN_ADDRESS = {"interventions": "edits", "b_interventions": "b_edits"}  # as JSON


@dataclass
class Selection:
    sentence: str = DEFAULT_SENTENCE
    language: Language = "bn"
    column: int | None = None  # steps of the encoder, then steps of the decoder, from 0
    pair: int | None = None  # of steps of two runs, on the page Compare; ``column`` is A's step of it, if A has one
    unit: int | None = None
    order: Order = "stored"  # of the units, unless those that vary most are on view
    units: Units = "varied"
    level: Level = "picture"
    pace: Pace = "0"  # of the heat maps that fill themselves; "0": as computed
    beam: int = 1
    hypothesis: int = 1  # of those that the beam search finds, the best first: the one on view
    network: NetworkKey = NAME
    layer: int = 0
    notation: Notation = "pytorch"
    stage: int = 0
    view: MemoryView = "ledger"  # of the page about memory
    group: str = ""  # units whose memory is looked at together, as typed; "" for the chosen unit alone
    low: int = 10  # hundredths: a gate below counts as shut
    high: int = 90  # hundredths: a gate above counts as open
    one: int | None = None  # token numbers: why this one
    other: int | None = None  # and not that one
    writes: WriteOrder = "oldest first"  # in which writes are added up to a hidden state
    interventions: tuple[Intervention, ...] = ()  # of the gate lab, in the order in which they are applied
    sets: int = 100  # random sets of units that their effect is compared with
    seed: int = 1  # of these sets
    b_sentence: str | None = None  # what is compared with the run above; None: as it
    b_language: Language | None = None
    b_network: NetworkKey | None = None
    b_interventions: tuple[Intervention, ...] = ()  # on the run that is compared
    node: int | None = None  # of the tree of a beam search, in the order of the search: decoding goes on from there
    onward: Onward = "beam"  # how decoding goes on from the node
    task: str = "france"  # of the page Long memory, as are those up to ``donor``
    variant: Variant = "lstm"
    weights: int = 1  # which of the trained networks: the seed of its training
    typed: str = ""  # a sequence; "" for one that the task makes
    gap: int = 10  # of the sequence that the task makes
    draw: int = 1  # which of those with this gap
    step: int | None = None  # and unit, as chosen in the heat maps
    task_unit: int | None = None
    change: ChangeKind = "erase"
    changed: str = ""  # units whose memory is changed, as typed; "" for none
    changed_from: int = 0  # the step, from 0
    donor: int = 0  # which other run values are taken from
    gradients_of: GradientsOf = "task"
    random_weights: int = 0  # 1: of the cells whose gradients are followed, not those of a training
    random_seed: int = 1
    bias: int = 10  # tenths: of the LSTM's forget gates, of random weights
    scale: int = 10  # tenths: that recurrent weights are multiplied by
    moves: int = field(default=0, compare=False)  # of the chosen cell by something else than the heat maps
    unreadable: str = field(default="", compare=False)  # why the interventions of the address were not taken
    before: NetworkKey | None = field(default=None, compare=False)  # the network that another is tried in place of

    @classmethod
    def from_address(cls, address: Mapping[str, str]) -> "Selection":
        """Read an address; what it lacks or what makes no sense stays as by default."""
        chosen = cls()
        chosen.sentence = one_line(address.get("sentence", chosen.sentence))
        if address.get("to") in LANGUAGES:
            chosen.language = cast(Language, address["to"])
        for name in CHOICES:
            chosen.choose(name, address.get(name))
        if is_known(address.get("network", "")):
            chosen.network = address["network"]
        chosen.b_sentence = one_line(address["b_sentence"]) if "b_sentence" in address else None
        if address.get("b_language") in LANGUAGES:
            chosen.b_language = cast(Language, address["b_language"])
        if is_known(address.get("b_network", "")):
            chosen.b_network = address["b_network"]
        if address.get("task", "") in TASKS:
            chosen.task = address["task"]
        chosen.typed = one_line(address.get("typed", ""))[:LONGEST_TYPED]
        chosen.changed = one_line(address.get("changed", ""))[:LONGEST_GROUP]
        if (weights := _number(address.get("weights", ""))) in SEEDS:
            chosen.weights = weights
        for name, low, high in (("random_weights", 0, 1), ("bias", 0, 50), ("scale", 1, 150), ("random_seed", 0, 999)):
            if (value := _number(address.get(name, ""))) is not None and low <= value <= high:
                setattr(chosen, name, value)
        if (gap := _number(address.get("gap", ""))) is not None and gap <= LONGEST_GAP:
            chosen.gap = gap
        for name in ("draw", "changed_from", "donor"):
            if (value := _number(address.get(name, ""))) is not None:
                setattr(chosen, name, value)
        chosen.group = one_line(address.get("group", ""))[:LONGEST_GROUP]
        chosen.read_edits(address)
        if (sets := _number(address.get("sets", ""))) in SETS:
            chosen.sets = sets
        if (seed := _number(address.get("seed", ""))) is not None:
            chosen.seed = seed
        for name in ("column", "pair", "unit", "one", "other", "node", "step", "task_unit"):
            setattr(chosen, name, _number(address.get(name, "")))
        if (stage := _number(address.get("stage", ""))) in STAGES:
            chosen.stage = stage
        chosen.layer = _number(address.get("layer", "")) or 0
        if (low := _number(address.get("low", ""))) is not None and 1 <= low <= 50:
            chosen.low = low
        if (high := _number(address.get("high", ""))) is not None and 51 <= high <= 99:
            chosen.high = high
        if (beam := _number(address.get("beam", ""))) in BEAMS:
            chosen.beam = beam
        if (hypothesis := _number(address.get("hypothesis", ""))) in BEAMS[: chosen.beam]:
            chosen.hypothesis = hypothesis
        return chosen

    def choose(self, name: str, value: str | None) -> bool:
        """Take one of ``CHOICES`` if it is known, and tell whether it is. An order is one of all units."""
        if value not in get_args(CHOICES[name]):
            return False
        setattr(self, name, value)
        if name == "order" and self.units == "varied":
            self.units = "all"
        return True

    def read_edits(self, address: Mapping[str, str]) -> None:
        """Take the interventions of an address; none where they make no sense, and ``unreadable`` says why."""
        for name, part in EDITS_IN_ADDRESS.items():
            try:
                if len(text := address.get(part, "[]")) > LONGEST_EDITS:
                    raise InterventionError("the interventions are too long for an address")
                setattr(self, name, from_json(text))
            except InterventionError as error:
                self.unreadable = str(error)

    def take(self, column: int | None = None, unit: int | None = None) -> None:
        """Choose a step, a unit or both, as a click in the heat maps does."""
        if column is not None:
            self.column, self.pair = column, None
        if unit is not None:
            self.unit = unit

    def move(self, column: int | None = None, unit: int | None = None) -> None:
        """Choose a step, a unit or both elsewhere than in the heat maps, which follow."""
        self.take(column, unit)
        self.moves += 1

    def try_network(self, network: NetworkKey) -> None:
        """Look at another network for a while, as a recipe does; ``give_back_network`` ends it."""
        self.give_back_network()
        self.before, self.network = self.network, network

    def give_back_network(self) -> None:
        """Look again at the network that stood there before another was tried, if one was."""
        if self.before is not None:
            self.network, self.before = self.before, None

    def keep_network(self) -> None:
        """Stay with the network on view: the reader has chosen it by name."""
        self.before = None

    def look_at_the_best(self) -> None:
        """Look at the best hypothesis, as of another search."""
        self.hypothesis = 1

    def forget_cell(self) -> None:
        self.column = self.pair = self.unit = None

    def forget_decoder_step(self, source_tokens: int) -> None:
        """Choose no step any more if the chosen one is the decoder's: another decoder's steps are others."""
        if self.column is not None and self.column >= source_tokens:
            self.column = self.pair = None

    def to_address(self) -> dict[str, str]:
        """The parts of the address that restore this selection; column and unit count from 0."""
        parts = {"sentence": self.sentence, "to": self.language}
        if len(self.sentence) > LONGEST_ADDRESS:
            del parts["sentence"]
        default = Selection()
        for name in IN_ADDRESS:
            if (value := getattr(self, name)) != getattr(default, name):
                parts[name] = str(value)
        if len(self.typed) > LONGEST_TYPED:
            del parts["typed"]
        if self.order != default.order:
            parts["units"] = self.units  # an order by itself speaks of all units
        for name, part in EDITS_IN_ADDRESS.items():
            if edits := getattr(self, name):
                parts[part] = to_json(edits)
        return parts


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 6 else None


def selection() -> Selection:
    """The selection of this session; the first time, that of the address."""
    if begins():
        st.session_state.selection = Selection.from_address(st.query_params)
    return st.session_state.selection


def begins() -> bool:
    """Whether nothing was chosen in this session yet, so that its selection will be that of the address."""
    return "selection" not in st.session_state


def keep_in_address(chosen: Selection) -> None:
    if st.query_params.to_dict() != (parts := chosen.to_address()):
        st.query_params.from_dict(parts)


def cell_on_view(record: Record, chosen: Selection) -> tuple[int, int]:
    """Column and unit that are looked at: those chosen, or the first step of the last part (of a
    translation its decoder) and the unit that varies most.

    What lies past the run is moved to its end.
    """
    column = chosen.column if chosen.column is not None else record.starts[-1]
    return min(column, record.steps - 1), unit_on_view(record, chosen)


def unit_on_view(record: Record, chosen: Selection) -> int:
    """The chosen unit, or on every page the one that varies most, of two runs in the first."""
    unit = chosen.unit if chosen.unit is not None else int(unit_order(record, "variance")[0])
    return min(unit, record.units - 1)


def is_past_the_run(record: Record, chosen: Selection) -> bool:
    """Whether a link asks for a step or a unit that this run does not have."""
    return (chosen.column or 0) >= record.steps or (chosen.unit or 0) >= record.units
