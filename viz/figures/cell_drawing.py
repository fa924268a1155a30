"""The drawing of one cell: four sums side by side on the left, the falling line of the cell state on the right.

A drawing is a plain list of shapes and texts; whoever shows it decides nothing and computes nothing.
"""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from typing import Literal, NamedTuple

from models.recurrent.record import Record
from models.recurrent.trace import AffineMap, Quantity
from viz.figures.cell_captions import STAGE_NAMES
from viz.figures.cell_values import READING_ORDER, CellValues, Parts, cell_values
from viz.figures.columns import columns_of
from viz.figures.notation import Notation, Piece, pieces, squashing
from viz.figures.wording import capitalised, number

Layout = Literal["wide", "tall"]
Stages = tuple[int, ...]
ALL: Stages = (1, 2, 3, 4)
LONGEST_TOKEN = 12  # characters on the drawing; the words beneath have all of it
SAMPLES = 49  # points of a curve
LEAST_REACH = 6.0  # a curve is drawn from minus this to this, or further if the operating point lies further out


@dataclass(frozen=True)
class Element:
    """A shape or a text. Those of no quantity have the colour of text; stages say when it is looked at."""

    tag: Literal["path", "rect", "circle", "text"]
    role: str
    stages: Stages
    quantity: Quantity | None = None
    attributes: dict[str, str | float] = field(default_factory=dict)
    pieces: tuple[Piece, ...] = ()
    name: str = ""  # of the number that the text is
    language: str = ""  # of a token


@dataclass(frozen=True)
class Drawing:
    """Shapes and texts in the order in which they are painted, in a field of ``width`` by ``height``."""

    layout: Layout
    width: int
    height: int
    elements: tuple[Element, ...]

    def to_dict(self) -> dict[str, object]:
        """For the browser: what is empty is left out."""
        elements = [{key: value for key, value in asdict(each).items() if value} for each in self.elements]
        return {"layout": self.layout, "width": self.width, "height": self.height, "elements": elements}


class Read(NamedTuple):
    """What the step read."""

    token: str
    language: str
    is_embedding: bool  # else the hidden state of the layer below


class Lane(NamedTuple):
    """Where one affine map is drawn."""

    x: float
    y: float
    width: float
    height: float
    tag: float  # right edge of the stage's name
    numbers: float  # right edge of its numbers
    bars: tuple[float, float]
    row: float  # height of a row
    curve: tuple[float, float, float, float]  # x, y, width, height

    @property
    def exit(self) -> tuple[float, float]:
        """Where the value leaves the curve, to the right."""
        x, y, width, height = self.curve
        return x + width, y + height / 2

    def row_at(self, row: int) -> float:
        """Baseline of the input part, the memory part, the bias and the sum."""
        return self.y + 22 + self.row * (row + 1)


class Sheet:
    """Takes down elements; one for each drawing."""

    def __init__(self, values: CellValues, notation: Notation, read: Read) -> None:
        self.values, self.notation, self.read = values, notation, read
        self.named = values.named()
        self.elements: list[Element] = []
        ends = [end for parts in values.maps.values() for end in running_sums(parts)]
        self.limit = max(1e-6, *(abs(end) for end in ends))
        self.reach = max(LEAST_REACH, *(math.ceil(abs(parts.pre_activation)) for parts in values.maps.values()))

    def add(self, tag, role: str, stages: Stages, quantity: Quantity | None = None, **attributes: str | float) -> None:
        tidy = {name: round(at, 2) if isinstance(at, float) else at for name, at in attributes.items()}
        self.elements.append(Element(tag, role, stages, quantity, tidy))

    def wire(self, points: Sequence[tuple[float, float]], stages: Stages, quantity: Quantity | None = None) -> None:
        """A line through the points, with an arrow at its end."""
        self.line(points, stages, quantity)
        (x0, y0), (x, y) = points[-2:]
        length = math.hypot(x - x0, y - y0) or 1
        dx, dy = 8 * (x - x0) / length, 8 * (y - y0) / length
        corners = [(x, y), (x - dx - dy / 2, y - dy + dx / 2), (x - dx + dy / 2, y - dy - dx / 2)]
        self.add("path", "arrow", stages, quantity, d=path(corners) + "Z")

    def line(
        self, points: Sequence[tuple[float, float]], stages: Stages, quantity: Quantity | None = None,
        role: str = "wire",
    ) -> None:  # fmt: skip
        self.add("path", role, stages, quantity, d=path(points))

    def dot(self, x: float, y: float, stages: Stages, quantity: Quantity | None = None) -> None:
        self.add("circle", "joint", stages, quantity, cx=x, cy=y, r=3.5)

    def text(
        self, x: float, y: float, formula: str, stages: Stages, quantity: Quantity | None = None, role: str = "label",
        anchor: str = "start",
    ) -> None:  # fmt: skip
        """A text of ours, or a formula in the mark-up of notations."""
        self._text(x, y, pieces(formula), stages, quantity, role, anchor)

    def value(
        self, x: float, y: float, name: str, stages: Stages, quantity: Quantity | None = None, anchor: str = "start",
        before: str = "",
    ) -> None:  # fmt: skip
        """A number of the cell, to four decimals, behind its symbol if one is given."""
        found = (*pieces(f"{before} = " if before else ""), Piece(number(self.named[name], ".4f"), "base"))
        self._text(x, y, found, stages, quantity, "value", anchor, name)

    def token(self, x: float, y: float, stages: Stages) -> None:
        """What was read, as it is: its signs are no mark-up."""
        token = self.read.token
        short = token if len(token) <= LONGEST_TOKEN else token[: LONGEST_TOKEN - 1] + "…"
        self._text(x, y, (Piece(short, "base"),), stages, None, "token", "start", language=self.read.language)

    def _text(self, x, y, found, stages, quantity, role, anchor, name="", language="") -> None:
        place = {"x": round(float(x), 2), "y": round(float(y), 2), "text-anchor": anchor}
        self.elements.append(Element("text", role, stages, quantity, place, tuple(found), name, language))

    def node(self, x: float, y: float, sign: str, stages: Stages, quantity: Quantity | None, half: float = 12) -> None:
        """An operation: a small box with its sign."""
        self.add("rect", "node", stages, quantity, x=x - half, y=y - 12, width=2 * half, height=24, rx=6)
        self.text(x, y + 5, sign, stages, role="sign", anchor="middle")


def path(points: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)


def running_sums(parts: Parts) -> tuple[float, float, float, float]:
    """0, then the sum after each part; the last is the pre-activation."""
    first = parts.input_part
    return 0.0, first, first + parts.memory_part, parts.pre_activation


def cell_drawing(
    record: Record, column: int, unit: int, notation: Notation, layout: Layout = "wide", layer: int = 0
) -> Drawing:
    """Draw one unit in one step with the numbers of the run on its wires.

    Args:
        column: step of the first part, then of the next.

    Raises:
        IndexError: there is no such column, unit or layer.
    """
    values = cell_values(record, column, unit, layer)
    place = columns_of(record)[column]
    language = record.locate(column)[0].language
    sheet = Sheet(values, notation, Read(place.read, language, is_embedding=layer == 0))
    width, height = (_wide if layout == "wide" else _tall)(sheet)
    return Drawing(layout, width, height, tuple(sheet.elements))


def _wide(sheet: Sheet) -> tuple[int, int]:
    lanes = {
        name: Lane(x=172, y=34 + 134 * at, width=442, height=124, tag=458, numbers=342, bars=(354, 458), row=23,
                   curve=(482, 47 + 134 * at, 108, 76))
        for at, name in enumerate(READING_ORDER)
    }  # fmt: skip
    sheet.text(172, 20, "Four sums and four curves, computed side by side", ALL, role="note")
    _wide_inputs(sheet, lanes)
    for name, lane in lanes.items():
        _lane(sheet, name, lane)
    _wide_memory(sheet, lanes)
    sheet.text(172, 592, scales(sheet), ALL, role="note")
    return 1200, 602


def scales(sheet: Sheet) -> str:
    limit, reach = (number(value, ".3g") for value in (sheet.limit, sheet.reach))
    return f"Bars reach from −{limit} to {limit}, curves from −{reach} to {reach}."


def _wide_inputs(sheet: Sheet, lanes: dict[AffineMap, Lane]) -> None:
    notation, all_lanes = sheet.notation, list(lanes.values())
    sheet.add("rect", "box", ALL, x=2, y=112, width=130, height=76, rx=8)
    sheet.text(10, 132, "token read" if sheet.read.is_embedding else "layer below, at", ALL)
    sheet.token(10, 155, ALL)
    sheet.text(10, 178, f"{notation.token}, a vector", ALL)
    sheet.add("rect", "box", ALL, "hidden_state", x=2, y=330, width=130, height=118, rx=8)
    sheet.text(10, 350, "previous", ALL, "hidden_state")
    sheet.text(10, 368, sheet.notation.names["hidden_state"], ALL, "hidden_state")
    sheet.text(10, 391, f"{notation.previous['hidden_state']}, all units", ALL)
    sheet.text(10, 412, "of this unit", ALL, "hidden_state")
    sheet.value(10, 433, "previous_hidden_state", ALL, "hidden_state")
    for x, y, row, quantity in ((142, 150, 0, None), (156, 389, 1, "hidden_state")):
        rows = [lane.row_at(row) - 5 for lane in all_lanes]
        sheet.line([(132, y), (x, y)], ALL, quantity)
        sheet.line([(x, min(rows[0], y)), (x, max(rows[-1], y))], ALL, quantity)
        for stage, to in enumerate(rows, start=1):
            sheet.wire([(x, to), (178, to)], (stage,), quantity)
            sheet.dot(x, to, (stage,), quantity)


def _lane(sheet: Sheet, name: AffineMap, lane: Lane) -> None:
    """One affine map: its parts as bars that go on from one another, their sum, and the curve that squashes it."""
    stage, notation = (READING_ORDER.index(name) + 1,), sheet.notation
    sheet.add("rect", "frame", stage, name, x=lane.x, y=lane.y, width=lane.width, height=lane.height, rx=8)
    title = f"{capitalised(notation.names[name])} {notation.symbol[name]}"
    sheet.text(lane.x + 10, lane.y + 20, title, stage, name, role="title")
    sheet.text(
        lane.tag, lane.y + 20, f"{stage[0]} {STAGE_NAMES[stage[0]]}", stage, role="stage", anchor="end"
    )  # fmt: skip
    _bars(sheet, name, lane, stage)
    labels = ("input part", "memory part", "bias", f"sum {notation.pre_activation(name)}")
    for row, (label, part) in enumerate(zip(labels, ("input_part", "memory_part", "bias", "pre_activation"))):
        sheet.text(lane.x + 10, lane.row_at(row), label, stage, role="label" if row < 3 else "total")
        sheet.value(lane.numbers, lane.row_at(row), f"{name}.{part}", stage, anchor="end")
    _curve(sheet, name, lane, stage)


def _bars(sheet: Sheet, name: AffineMap, lane: Lane, stage: Stages) -> None:
    left, right = lane.bars
    middle, scale = (left + right) / 2, (right - left) / 2 / sheet.limit
    sums = running_sums(sheet.values.maps[name])
    top = lane.row_at(0) - 14
    sheet.line([(middle, top), (middle, lane.row_at(3) + 3)], stage, role="axis")
    for row, (start, end) in enumerate([*pairwise(sums), (0.0, sums[3])]):
        x0, x1 = sorted((middle + scale * start, middle + scale * end))
        y = lane.row_at(row) - 11
        sheet.add("rect", "bar" if row < 3 else "bar total", stage, name, x=x0, y=y, width=max(x1 - x0, 0.8), height=11)
        if row < 3:
            at = middle + scale * end
            sheet.line([(at, y + 11), (at, lane.row_at(row + 1) - 11)], stage, role="thread")


def _curve(sheet: Sheet, name: AffineMap, lane: Lane, stage: Stages) -> None:
    """sigmoid or tanh over the pre-activation, and the point that this step is at."""
    left, top, width, height = lane.curve
    low = -1.0 if name == "candidate" else 0.0
    parts = sheet.values.maps[name]

    def place(z: float, squashed: float) -> tuple[float, float]:
        return left + width * (z / sheet.reach + 1) / 2, top + height * (1 - (squashed - low) / (1 - low))

    steps = [sheet.reach * (2 * at / (SAMPLES - 1) - 1) for at in range(SAMPLES)]
    squash = math.tanh if name == "candidate" else lambda z: 0.5 * math.tanh(0.5 * z) + 0.5
    sheet.line([place(-sheet.reach, 0), place(sheet.reach, 0)], stage, role="axis")
    sheet.line([place(0, low), place(0, 1)], stage, role="axis")
    x, y = place(parts.pre_activation, parts.value)
    sheet.line([(x, place(0, 0)[1]), (x, y), (left + width, y)], stage, name, role="thread")
    sheet.line([place(z, squash(z)) for z in steps], stage, name, role="curve")
    sheet.add("circle", "point", stage, name, cx=x, cy=y, r=5)
    sheet.text(left, top + 12, squashing(name), stage, role="sign", anchor="start")
    sheet.text(left + width + 4, top + 6, "1", stage, role="limit")
    sheet.text(left + width + 4, top + height + 4, number(low, "g"), stage, role="limit")


def _wide_memory(sheet: Sheet, lanes: dict[AffineMap, Lane]) -> None:
    notation, line, write = sheet.notation, 960, 800
    forget, candidate, give, show = (lane.exit[1] for lane in lanes.values())
    names, symbol, c = notation.names, notation.symbol, "cell_state"
    for name, lane in lanes.items():
        stage = (READING_ORDER.index(name) + 1,)
        sheet.value(636, lane.exit[1] - 8, f"{name}.value", stage, name, before=symbol[name])
    # keep
    sheet.text(line, 14, f"previous {names[c]}", (1,), c, anchor="middle")
    sheet.value(line, 34, "previous_cell_state", (1,), c, anchor="middle", before=notation.previous[c])
    sheet.wire([(line, 42), (line, forget - 12)], (1,), c)
    sheet.wire([(614, forget), (line - 12, forget)], (1,), "forget_gate")
    sheet.node(line, forget, notation.product, (1,), c)
    sheet.wire([(line, forget + 12), (line, give - 12)], (1, 3), c)
    sheet.value(line + 16, forget + 46, "kept", (1, 3), c, before="kept")
    sheet.text(line + 16, forget + 66, notation.kept, (1, 3), c)
    # propose and write
    sheet.wire([(614, candidate), (write, candidate), (write, give - 12)], (2, 3), "candidate")
    sheet.wire([(614, give), (write - 12, give)], (3,), "input_gate")
    sheet.node(write, give, notation.product, (3,), "candidate")
    sheet.wire([(write + 12, give), (line - 12, give)], (3,), c)
    sheet.value((write + line) / 2, give - 10, "written", (3,), c, anchor="middle")
    sheet.text((write + line) / 2, give + 20, "written", (3,), c, anchor="middle")
    sheet.text((write + line) / 2, give + 39, notation.written, (3,), c, anchor="middle")
    sheet.node(line, give, "+", (3,), c)
    # the new cell state goes on to the next step, untouched by the output gate
    branch = give + 44
    sheet.wire([(line, branch), (1190, branch)], (3,), c)
    sheet.dot(line, branch, (3, 4), c)
    sheet.value(line + 16, branch - 10, "cell_state", (3, 4), c, before=symbol[c])
    sheet.text(line + 16, branch + 19, names[c], (3, 4), c)
    # show
    squash = branch + 42
    sheet.line([(line, give + 12), (line, branch)], (3, 4), c)
    sheet.wire([(line, branch), (line, squash - 12)], (4,), c)
    sheet.node(line, squash, "tanh", (4,), c, half=24)
    sheet.value(line + 34, squash + 5, "squashed", (4,), c, before=f"tanh({symbol[c]})")
    sheet.wire([(line, squash + 12), (line, show - 12)], (4,), c)
    sheet.wire([(614, show), (line - 12, show)], (4,), "output_gate")
    sheet.node(line, show, notation.product, (4,), "hidden_state")
    sheet.wire([(line + 12, show), (1190, show)], (4,), "hidden_state")
    sheet.value(line + 34, show - 10, "hidden_state", (4,), "hidden_state", before=symbol["hidden_state"])
    sheet.text(line + 34, show + 20, names["hidden_state"], (4,), "hidden_state")


TALL_WIDTH, LINE, WRITE = 346, 333, 304  # the cell state's line, and the node that takes the candidate in
TALL_LANES = {"forget_gate": 132, "candidate": 302, "input_gate": 452, "output_gate": 656}


def _tall(sheet: Sheet) -> tuple[int, int]:
    lanes = {
        name: Lane(
            x=22, y=y, width=262, height=116, tag=276, numbers=161, bars=(166, 204), row=22, curve=(210, y + 30, 56, 68)
        )
        for name, y in TALL_LANES.items()
    }
    _tall_inputs(sheet, lanes)
    for name, lane in lanes.items():
        _lane(sheet, name, lane)
    _tall_memory(sheet, lanes)
    sheet.text(22, 880, scales(sheet), ALL, role="note")
    return TALL_WIDTH, 888


def _tall_inputs(sheet: Sheet, lanes: dict[AffineMap, Lane]) -> None:
    notation, all_lanes = sheet.notation, list(lanes.values())
    sheet.text(8, 14, "token read" if sheet.read.is_embedding else "layer below, at", ALL)
    sheet.token(8, 36, ALL)
    sheet.text(8, 56, f"{notation.token}, a vector", ALL)
    sheet.text(8, 82, f"previous {notation.names['hidden_state']}", ALL, "hidden_state")
    sheet.text(8, 102, f"{notation.previous['hidden_state']}, all units", ALL, "hidden_state")
    sheet.value(8, 122, "previous_hidden_state", ALL, "hidden_state", before="this unit")
    for x, y, row, quantity in ((3, 40, 0, None), (10, 126, 1, "hidden_state")):
        rows = [lane.row_at(row) - 5 for lane in all_lanes]
        sheet.line([(x, y), (x, rows[-1])], ALL, quantity)
        for stage, to in enumerate(rows, start=1):
            sheet.wire([(x, to), (29, to)], (stage,), quantity)
            sheet.dot(x, to, (stage,), quantity)


def _tall_memory(sheet: Sheet, lanes: dict[AffineMap, Lane]) -> None:
    notation, c = sheet.notation, "cell_state"
    symbol, names = notation.symbol, notation.names
    keep, give, show = (lanes[name].y + 138 for name in ("forget_gate", "input_gate", "output_gate"))
    middle = lanes["forget_gate"].curve[0] + 28
    for name, lane in lanes.items():
        stage, y = (READING_ORDER.index(name) + 1,), lane.y + lane.height
        sheet.value(22, y + 20, f"{name}.value", stage, name, before=symbol[name])
        if name != "candidate":
            end = LINE - 12 if name == "forget_gate" else WRITE - 12
            sheet.wire([(middle, y - 18), (middle, y + 22), (end, y + 22)], stage, name)
    sheet.text(340, 14, f"previous {names[c]}", (1,), c, anchor="end")
    sheet.value(340, 36, "previous_cell_state", (1,), c, anchor="end", before=notation.previous[c])
    sheet.wire([(LINE, 44), (LINE, keep - 12)], (1,), c)
    sheet.node(LINE, keep, notation.product, (1,), c)
    sheet.value(22, keep + 22, "kept", (1, 3), c, before=f"kept {notation.kept}")
    sheet.wire([(LINE, keep + 12), (LINE, give - 12)], (1, 3), c)
    proposed = lanes["candidate"]
    sheet.wire([(266, proposed.exit[1]), (WRITE, proposed.exit[1]), (WRITE, give - 12)], (2, 3), "candidate")
    sheet.node(WRITE, give, notation.product, (3,), "candidate")
    sheet.node(LINE, give, "+", (3,), c)
    sheet.line([(WRITE + 12, give), (LINE - 12, give)], (3,), c)
    sheet.value(22, give + 20, "written", (3,), c, before=f"written {notation.written}")
    sheet.value(22, give + 42, "cell_state", (3, 4), c, before=f"{names[c]} {symbol[c]}")
    _tall_shown(sheet, give, show)


def _tall_shown(sheet: Sheet, give: float, show: float) -> None:
    notation, c = sheet.notation, "cell_state"
    branch, squash = give + 48, give + 122
    sheet.line([(LINE, give + 12), (LINE, branch)], (3, 4), c)
    sheet.wire([(LINE, branch), (LINE, 864)], (3,), c)
    sheet.dot(LINE, branch, (3, 4), c)
    sheet.wire([(LINE, branch), (WRITE, branch), (WRITE, squash - 12)], (4,), c)
    sheet.node(WRITE, squash, "tanh", (4,), c, half=17)
    sheet.wire([(WRITE, squash + 12), (WRITE, show - 12)], (4,), c)
    sheet.value(22, show + 20, "squashed", (4,), c, before=f"tanh({notation.symbol[c]})")
    sheet.node(WRITE, show, notation.product, (4,), "hidden_state")
    sheet.wire([(WRITE, show + 12), (WRITE, 864)], (4,), "hidden_state")
    before = f"{notation.names['hidden_state']} {notation.symbol['hidden_state']}"
    sheet.value(22, show + 44, "hidden_state", (4,), "hidden_state", before=before)
