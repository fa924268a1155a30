"""What one cell did at one step, in words: sentences and rows computed from the same numbers as the drawing."""

from collections.abc import Sequence

from models.recurrent.record import Record
from models.recurrent.trace import AffineMap
from viz.figures.captions import happened
from viz.figures.cell_values import EQUATIONS, READING_ORDER, CellValues, Equation, digits_for, symbols
from viz.figures.columns import Column, checked, columns_of
from viz.figures.notation import Notation, Piece, pieces, plain
from viz.figures.wording import capitalised, number, scientific, share_of_one

STAGE_NAMES = ("whole cell", "keep", "propose", "write", "show")
ORDER = (
    "The order is for reading. All four maps are computed at once, from the same token and the same previous hidden "
    "state, each with weights of its own; only the cell state and then the hidden state have to wait for them."
)
CHECK = (
    "Put the numbers on the left into a calculator and round: you get the number on the right. "
    "z is our sign for a pre-activation, the sum before it is squashed."
)
Fragment = dict[str, object]


def stage_says(stage: int, notation: Notation) -> str:
    """One stage in a sentence or two; 0 is the whole cell."""
    name = notation.names
    return (
        f"The whole cell. {ORDER}",
        f"Keep: the {name['forget_gate']} says how much of the previous {name['cell_state']} stays. 1 keeps all of it, "
        "0 erases it.",
        f"Propose: tanh makes the {name['candidate']}, a value between −1 and 1 that could be added. "
        "Nothing is added yet.",
        f"Write: the {name['input_gate']} says how much of the {name['candidate']} is added. Kept plus written is the "
        f"new {name['cell_state']}, which has no bound.",
        f"Show: the {name['output_gate']} says how much of tanh of the {name['cell_state']} is shown as "
        f"{name['hidden_state']}. It does not touch the {name['cell_state']}.",
    )[stage]


def cell_caption(
    record: Record, values: CellValues, column: int, unit: int, notation: Notation
) -> str:  # fmt: skip
    """What this cell did at this step; numbers rounded to four decimals.

    Raises:
        IndexError: there is no such column or unit.
    """
    checked(record, column, unit)
    name, named = notation.names, values.named()
    n = {key: number(value, ".4f") for key, value in named.items()}
    c, h = plain(notation.symbol["cell_state"]), plain(notation.symbol["hidden_state"])
    kept = share_of_one(named["forget_gate.value"])
    return (
        f"{happened(record, column)} Unit {unit} kept {kept} of its previous {name['cell_state']} "
        f"{n['previous_cell_state']}, which leaves {n['kept']}. Its {name['candidate']} was {n['candidate.value']}, "
        f"and its {name['input_gate']} let {share_of_one(named['input_gate.value'])} of that in: {n['written']} was "
        f"{_added(named['written'])}. So its {name['cell_state']} {c} {_moved(values)} {n['cell_state']}. Its "
        f"{name['output_gate']} showed {share_of_one(named['output_gate.value'])} of tanh({c}) = {n['squashed']}, so "
        f"its {name['hidden_state']} {h} is {n['hidden_state']}."
    )


def _added(written: float) -> str:
    return "added" if written >= 0 else "added, which lowers it"


def _moved(values: CellValues) -> str:
    before, after = values.previous_cell_state, values.cell_state
    if before == after:
        return "stayed at"
    return "rose to" if after > before else "fell to"


def drawing_label(
    record: Record, values: CellValues, column: int, unit: int, notation: Notation
) -> str:  # fmt: skip
    """The drawing for readers who cannot see it: what is drawn, then what it says."""
    return (
        "Drawing of one LSTM cell: four sums side by side, each squashed by a curve; along the cell state a product, "
        "a sum, and from it tanh and a product give what is shown. "
        + cell_caption(record, values, column, unit, notation)
    )


def choices(record: Record) -> list[str]:
    """Every step as a line of a list to choose from."""
    return [_choice(place) for place in columns_of(record)]


def _choice(place: Column) -> str:
    reads = f"{capitalised(place.name)}: reads “{place.read}”"
    return reads if place.written is None else f"{reads}, writes “{place.written}”"


def value_rows(values: CellValues, notation: Notation) -> list[tuple[str, str, str]]:
    """Symbol, what it is, value with six decimals: every number of the drawing."""
    symbol, named = symbols(notation), values.named()
    meaning = {
        "previous_cell_state": f"previous {notation.names['cell_state']}",
        "previous_hidden_state": f"previous {notation.names['hidden_state']}, of this unit",
        "kept": f"{plain(notation.kept)}: kept",
        "written": f"{plain(notation.written)}: written",
        "cell_state": notation.names["cell_state"],
        "squashed": f"tanh of the {notation.names['cell_state']}",
        "hidden_state": notation.names["hidden_state"],
    }
    for name in READING_ORDER:
        called = notation.names[name]
        meaning |= {
            f"{name}.input_part": f"{called}: input part", f"{name}.memory_part": f"{called}: memory part",
            f"{name}.bias": f"{called}: bias", f"{name}.pre_activation": f"{called}: pre-activation",
            f"{name}.value": called,
        }  # fmt: skip
    rows = []
    for key, value in named.items():
        sign = "" if key.endswith(("_part", ".bias")) or key in ("kept", "written") else plain(symbol[key])
        rows.append((sign, meaning[key], number(value, ".6f")))
    return rows


def stage_equations(values: CellValues, stage: int, notation: Notation) -> list[dict[str, object]]:
    """The equations of one stage with this step's numbers: name, kind and fragments, in reading order."""
    named = values.named()
    digits = digits_for(named)
    lines = []
    for equation in EQUATIONS:
        if equation.stage == stage:
            if equation.result.endswith(".pre_activation"):
                lines.append(_definition(equation.result.partition(".")[0], notation))
            lines.append(_line(equation, named, notation, digits))
    return lines


def _definition(of: AffineMap, notation: Notation) -> dict[str, object]:
    return {"name": f"{of}.definition", "role": "formula", "fragments": [_math(notation.definition(of))]}


def _line(equation: Equation, named: dict[str, float], notation: Notation, digits: tuple[int, int]) -> dict:
    symbol = symbols(notation)
    shown = {name: number(named[name], f".{digits[0]}f") for name in equation.operands}
    result = number(named[equation.result], f".{digits[1]}f")
    sign = {"sum": " + ", "product": " × "}.get(equation.operation, "")
    numbers: list[Fragment] = []
    for at, (name, text) in enumerate(shown.items()):
        numbers.append({"text": sign}) if at else None
        operand = {"number": text, "name": name, "role": "operand"}
        is_bare = at == 0 or not text.startswith("−")
        numbers += [operand] if is_bare else [{"text": "("}, operand, {"text": ")"}]
    if not sign:
        squash = "σ(" if equation.operation == "sigmoid" else "tanh("
        numbers = [{"text": squash}, *numbers, {"text": ")"}]
    left = [_math(symbol[equation.result] + " = ")]
    if middle := _middle(equation, symbol, notation):
        left.append(_math(middle + " = "))
    end = {"number": result, "name": equation.result, "role": "result"}
    return {"name": equation.result, "role": "numbers", "fragments": [*left, *numbers, {"text": " = "}, end]}


def _middle(equation: Equation, symbol: dict[str, str], notation: Notation) -> str:
    """The equation in symbols, between what it defines and its numbers."""
    if equation.result == "squashed":
        return ""
    if equation.operation == "sum":
        return " + ".join(symbol[name] for name in equation.operands)
    if equation.operation == "product":
        return {"kept": notation.kept, "written": notation.written, "hidden_state": notation.shown}[equation.result]
    return notation.squashed(equation.result.partition(".")[0], symbol[equation.operands[0]])


def _math(formula: str) -> Fragment:
    return {"pieces": as_lists(pieces(formula))}


def as_lists(found: Sequence[Piece]) -> list[list[str]]:
    return [list(piece) for piece in found]


def stage_residuals(values: CellValues, stage: int, notation: Notation) -> list[Fragment]:
    """What is left over when the stored numbers of a stage are computed again, minus what the run stored."""
    named, symbol = values.named(), symbols(notation)
    fragments: list[Fragment] = [{"text": "Residual, computed minus stored: "}]
    for equation in EQUATIONS:
        if equation.stage == stage and equation.is_stored:
            if len(fragments) > 1:
                fragments.append({"text": ", "})
            text = scientific(equation.residual(named))
            fragments += [
                _math(f"{symbol[equation.result]}: "), {"number": text, "name": equation.result, "role": "residual"},
            ]  # fmt: skip
    return [*fragments, {"text": "."}]


def residual_remark(values: CellValues) -> str:
    """What residuals and digits mean here."""
    operand, result = digits_for(values.named())
    return (
        f"Numbers going into an equation have {operand} decimals, results {result}. {CHECK} The residual is what the "
        "rounding inside the run leaves over. What is kept, what is written and tanh of the cell state are not stored "
        "by the run, so there is nothing to compare them with."
    )


def push_caption(
    notation: Notation, of: AffineMap, unit: int, rows: Sequence[object], is_embedding: bool, read: str
) -> str:  # fmt: skip
    """Which input and which hidden unit pushed most, what all of them add up to, and what that does not mean."""
    symbol = plain(notation.pre_activation(of))
    inputs = [row for row in rows if row.group == "input" and row.index is not None]
    hidden = [row for row in rows if row.group == "hidden" and row.index is not None]
    totals = {row.group: row.value for row in rows if row.is_total}
    source = f"the token “{read}”" if is_embedding else f"the layer below, at “{read}”,"
    words = [
        f"Pre-activation {symbol} of the {notation.names[of]} of unit {unit}: {source} pushed by "
        f"{number(totals['input'], '.4f')}, the previous {notation.names['hidden_state']} by "
        f"{number(totals['hidden'], '.4f')}, the bias by {number(totals['bias'], '.4f')}; together "
        f"{number(totals['sum'], '.4f')}."
    ]
    if inputs:
        kind = "input dimension" if is_embedding else "unit of the layer below"
        words.append(f"The {kind} that pushed most is {inputs[0].index} ({number(inputs[0].value, '.4f')}).")
    if hidden:
        words.append(
            f"The hidden unit that pushed most is {hidden[0].index}, as it was after the step before "
            f"({number(hidden[0].value, '.4f')})."
        )
    else:
        words.append("No hidden unit pushed: before this step all of them were 0.")
    words.append(
        "A dimension of an embedding has no meaning by itself; only the sum over all of them is the token’s push."
        if is_embedding
        else "This layer reads the hidden units of the layer below, not dimensions of the token’s embedding."
    )
    return " ".join(words)
