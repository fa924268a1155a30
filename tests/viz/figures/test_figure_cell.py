"""The drawing of a cell, its equations and its pushes: every number is one of the run, and every equation holds."""

import json
import math
import re
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from models.analysis.provenance import pushes
from models.recurrent.trace import MAPS
from models.translation.record import TranslationTrace
from viz.figures import cell_captions as said
from viz.figures import theme
from viz.figures.cell_drawing import Drawing, cell_drawing
from viz.figures.cell_pushes import MOST, push_rows, push_table, pushes_figure, residual
from viz.figures.cell_values import DIGITS, EQUATIONS, READING_ORDER, Equation, cell_values, digits_for, holds
from viz.figures.notation import NOTATIONS, Notation, pieces, plain
from viz.figures.wording import scientific

PYTORCH = NOTATIONS["pytorch"]
LAYOUTS = ("wide", "tall")
HOSTILE = ("<b>", "$x$", "_{a}^b", "</svg>")


@cache
def shipped(load) -> TranslationTrace:
    return load("bn").translate("She is reading a book.")


def random_cells(trace: TranslationTrace, count: int, seed: int = 4) -> list[tuple[int, int]]:
    generator = np.random.default_rng(seed)
    steps, units = len(trace.source_tokens) + len(trace.target_tokens), trace.context.shape[1]
    return [(int(generator.integers(steps)), int(generator.integers(units))) for _ in range(count)]


def expected(trace: TranslationTrace, column: int, unit: int, layer: int = 0) -> dict[str, float]:
    """Every number of a cell, straight from the arrays, with arithmetic of its own."""
    S = len(trace.source_tokens)
    side, step = (trace.encoder[layer], column) if column < S else (trace.decoder[layer], column - S)
    numbers = {}
    for at, name in enumerate(("input_gate", "forget_gate", "candidate", "output_gate")):
        parts = [side.input_part.packed[step, at, unit], side.memory_part.packed[step, at, unit]]
        bias = side.bias.packed[at, unit]
        numbers |= {f"{name}.input_part": parts[0], f"{name}.memory_part": parts[1], f"{name}.bias": bias}
        numbers[f"{name}.pre_activation"] = parts[0] + parts[1] + bias
        numbers[f"{name}.value"] = getattr(side, name)[step, unit]
    before = (side.cell_state[step - 1], side.hidden_state[step - 1]) if step else (
        side.initial_cell_state, side.initial_hidden_state)  # fmt: skip
    numbers["previous_cell_state"], numbers["previous_hidden_state"] = before[0][unit], before[1][unit]
    numbers["kept"] = float(numbers["forget_gate.value"]) * float(before[0][unit])
    numbers["written"] = float(numbers["input_gate.value"]) * float(numbers["candidate.value"])
    numbers["cell_state"], numbers["hidden_state"] = side.cell_state[step, unit], side.hidden_state[step, unit]
    numbers["squashed"] = math.tanh(side.cell_state[step, unit])
    return {name: float(value) for name, value in numbers.items()}


def as_number(text: str) -> float:
    return float(text.replace("−", "-"))


def named_texts(drawing: Drawing) -> list[tuple[str, str]]:
    """Name and number of each text that is a number, without the symbol before it."""
    return [(each.name, each.pieces[-1].text) for each in drawing.elements if each.name]


def text_of(element) -> str:
    return "".join(piece.text for piece in element.pieces)


def equations_of(trace: TranslationTrace, column: int, unit: int, notation: Notation, layer: int = 0) -> list[dict]:
    values = cell_values(trace, column, unit, layer)
    return [line for stage in range(1, 5) for line in said.stage_equations(values, stage, notation)]


def numbers_of(fragments: list[dict], role: str) -> list[str]:
    return [part["number"] for part in fragments if part.get("role") == role]


# --- the drawing


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_number_on_the_drawing_is_that_of_the_run(translation, shipped_translator, layout):
    for trace in (translation, shipped(shipped_translator)):
        for column, unit in [(0, 0), (len(trace.source_tokens), 0), *random_cells(trace, 25)]:
            of_run = expected(trace, column, unit)
            shown = named_texts(cell_drawing(trace, column, unit, PYTORCH, layout))
            assert {name for name, _ in shown} == set(of_run), "all of them, and no other"
            for name, text in shown:
                assert re.fullmatch(r"−?\d+\.\d{4}", text)
                assert abs(as_number(text) - of_run[name]) <= 0.5000001e-4, name


@pytest.mark.parametrize("layer", [0, 1])
def test_the_parts_are_those_of_the_weights(build_tiny, layer):
    """Recomputed from the parameters, for each layer: what it reads times its weights, in double precision."""
    tiny = build_tiny(layers=2, dtype="float64")
    trace = tiny.translator.translate("the cat sat")
    column, step, H = len(trace.source_tokens) + 1, 1, trace.context.shape[1]
    decoder = trace.decoder[layer]
    token = tiny.translator.target_vocabulary[trace.decoder[0].tokens[step]]
    read = tiny.parameters["target_embedding.weight"][token] if layer == 0 else trace.decoder[0].hidden_state[step]
    for unit in range(H):
        shown = dict(named_texts(cell_drawing(trace, column, unit, PYTORCH, "wide", layer)))
        for at, name in enumerate(MAPS):
            row = at * H + unit
            weights = (
                tiny.parameters[f"decoder.weight_ih_l{layer}"][row],
                tiny.parameters[f"decoder.weight_hh_l{layer}"][row],
            )
            assert abs(as_number(shown[f"{name}.input_part"]) - weights[0] @ read) <= 0.6e-4
            assert abs(as_number(shown[f"{name}.memory_part"]) - weights[1] @ decoder.hidden_state[step - 1]) <= 0.6e-4


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_operating_point_lies_on_the_curve_at_the_pre_activation(translation, layout):
    for column, unit in random_cells(translation, 15):
        drawing, of_run = cell_drawing(translation, column, unit, PYTORCH, layout), expected(translation, column, unit)
        for name in READING_ORDER:
            (curve,) = (each for each in drawing.elements if each.role == "curve" and each.quantity == name)
            (point,) = (each for each in drawing.elements if each.role == "point" and each.quantity == name)
            xs, ys = np.array(re.findall(r"([-\d.]+) ([-\d.]+)", curve.attributes["d"]), float).T
            assert abs(np.interp(point.attributes["cx"], xs, ys) - point.attributes["cy"]) < 1.0
            reach = max(6, *(math.ceil(abs(of_run[f"{each}.pre_activation"])) for each in READING_ORDER))
            share = (of_run[f"{name}.pre_activation"] / reach + 1) / 2
            assert point.attributes["cx"] == pytest.approx(xs[0] + share * (xs[-1] - xs[0]), abs=0.1)
            assert f"curves from −{reach} to {reach}" in all_text(drawing)


def all_text(drawing: Drawing) -> str:
    return "\n".join(text_of(each) for each in drawing.elements if each.tag == "text")


@pytest.mark.parametrize("layout", LAYOUTS)
def test_bars_go_on_from_one_another_and_end_where_the_sum_ends(translation, layout):
    for column, unit in random_cells(translation, 15):
        drawing, of_run = cell_drawing(translation, column, unit, PYTORCH, layout), expected(translation, column, unit)
        limit = as_number(re.search(r"Bars reach from .* to (\S+),", all_text(drawing))[1])
        for name in READING_ORDER:
            bars = [each for each in drawing.elements if each.role.startswith("bar") and each.quantity == name]
            spans = [(each.attributes["x"], each.attributes["x"] + each.attributes["width"]) for each in bars]
            parts = [of_run[f"{name}.{part}"] for part in ("input_part", "memory_part", "bias", "pre_activation")]
            ends = [spans[at][value >= 0] for at, value in enumerate(parts)]
            starts = [spans[at][value < 0] for at, value in enumerate(parts)]
            assert starts[0] == pytest.approx(starts[3], abs=0.9), "first bar and sum start at 0"
            assert ends[0] == pytest.approx(starts[1], abs=0.9)
            assert ends[1] == pytest.approx(starts[2], abs=0.9)
            assert ends[2] == pytest.approx(ends[3], abs=0.9)
            full = {"wide": 52, "tall": 19}[layout]  # pixels for the limit
            for (left, right), value in zip(spans, parts, strict=True):
                assert right - left == pytest.approx(max(abs(value) / limit * full, 0.8), rel=0.01, abs=0.1)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_everything_is_within_the_field_and_every_stage_has_its_parts(translation, layout):
    drawing = cell_drawing(translation, 5, 2, PYTORCH, layout)
    for each in drawing.elements:
        assert set(each.stages) <= {1, 2, 3, 4}
        assert each.stages
        for key, size in (("x", drawing.width), ("cx", drawing.width), ("y", drawing.height), ("cy", drawing.height)):
            assert 0 <= each.attributes.get(key, 0) <= size
        for x, y in re.findall(r"([-\d.]+) ([-\d.]+)", str(each.attributes.get("d", ""))):
            assert 0 <= float(x) <= drawing.width
            assert 0 <= float(y) <= drawing.height
    own = {name: {each.stages for each in drawing.elements if each.name == f"{name}.value"} for name in READING_ORDER}
    assert own == {name: {(stage,)} for stage, name in enumerate(READING_ORDER, start=1)}
    for stage, names in ((1, {"kept", "previous_cell_state"}), (3, {"kept", "written", "cell_state"}),
                         (4, {"cell_state", "squashed", "hidden_state"})):  # fmt: skip
        assert names <= {each.name for each in drawing.elements if stage in each.stages}
    assert json.loads(json.dumps(drawing.to_dict()))["layout"] == layout


def test_all_four_maps_get_their_inputs_from_the_same_two_lines(translation):
    """One tap on the token's line and one on the hidden state's for each map: four maps beside one another."""
    drawing = cell_drawing(translation, 5, 2, PYTORCH, "wide")
    joints = [each for each in drawing.elements if each.role == "joint" and each.attributes["cx"] < 172]
    assert sorted((each.attributes["cx"], each.stages) for each in joints) == sorted(
        (x, (stage,)) for x in {each.attributes["cx"] for each in joints} for stage in (1, 2, 3, 4)
    )
    assert len(joints) == 8


@pytest.mark.parametrize("token", HOSTILE)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_token_is_shown_as_it_is_whatever_it_looks_like(translation, token, layout):
    column = len(translation.source_tokens) + 1
    written = (token, *translation.target_tokens[1:])
    trace = replace(translation, target_tokens=written)
    drawing = cell_drawing(trace, column, 0, PYTORCH, layout)
    (shown,) = (each for each in drawing.elements if each.role == "token")
    assert [tuple(piece) for piece in shown.pieces] == [(token, "base")]
    assert shown.language == "bn"
    values = cell_values(trace, column, 0)
    assert f"read “{token}”" in said.cell_caption(trace, values, column, 0, PYTORCH)
    assert f"read “{token}”" in said.drawing_label(trace, values, column, 0, PYTORCH)
    assert f"reads “{token}”" in said.choices(trace)[column]


def test_a_long_token_is_cut_on_the_drawing_and_whole_in_the_words(translation):
    token = "q" * 40
    trace = replace(translation, target_tokens=(token, *translation.target_tokens[1:]))
    column = len(trace.source_tokens) + 1
    (shown,) = (each for each in cell_drawing(trace, column, 0, PYTORCH).elements if each.role == "token")
    assert text_of(shown) == "q" * 11 + "…"
    assert token in said.cell_caption(trace, cell_values(trace, column, 0), column, 0, PYTORCH)


@pytest.mark.parametrize(("column", "unit", "layer"), [(99, 0, 0), (0, 6, 0), (-1, 0, 0), (0, -1, 0), (0, 0, 1)])
def test_a_cell_that_does_not_exist_is_refused(translation, column, unit, layer):
    with pytest.raises(IndexError, match=r"no (column|unit|layer) -?\d+: there are 0 to \d+"):
        cell_drawing(translation, column, unit, PYTORCH, "wide", layer)


# --- the equations


OPERATIONS = {
    "sum": math.fsum, "product": math.prod, "sigmoid": lambda z: 1 / (1 + math.exp(-z[0])),
    "tanh": lambda z: (math.exp(2 * z[0]) - 1) / (math.exp(2 * z[0]) + 1),
}  # fmt: skip
BY_RESULT = {
    **{f"{name}.pre_activation": "sum" for name in MAPS}, **{f"{name}.value": "sigmoid" for name in MAPS},
    "candidate.value": "tanh", "kept": "product", "written": "product", "cell_state": "sum", "squashed": "tanh",
    "hidden_state": "product",
}  # fmt: skip


def test_every_equation_gives_exactly_the_printed_result_from_the_printed_numbers(translation, shipped_translator):
    for trace, count in ((translation, 80), (shipped(shipped_translator), 400)):
        for column, unit in random_cells(trace, count):
            of_run = expected(trace, column, unit)
            lines = [line for line in equations_of(trace, column, unit, PYTORCH) if line["role"] == "numbers"]
            assert [line["name"] for line in lines] == [each.result for each in EQUATIONS]
            for line in lines:
                operands = numbers_of(line["fragments"], "operand")
                (result,) = numbers_of(line["fragments"], "result")
                decimals = len(result.partition(".")[2])
                again = OPERATIONS[BY_RESULT[line["name"]]]([as_number(text) for text in operands])
                assert abs(again - as_number(result)) < 0.4995 * 10**-decimals, (line["name"], column)
                assert abs(as_number(result) - of_run[line["name"]]) <= 0.5000001 * 10**-decimals
                names = [part["name"] for part in line["fragments"] if part.get("role") == "operand"]
                for name, text in zip(names, operands, strict=True):
                    assert abs(as_number(text) - of_run[name]) <= 0.5000001e-6, "at least six decimals go in"


def test_digits_are_the_fewest_with_which_all_equations_hold(shipped_translator):
    trace = shipped(shipped_translator)
    found = [digits_for(expected(trace, *cell)) for cell in random_cells(trace, 300)]
    assert found.count(DIGITS[0]) > 150
    assert len(set(found)) > 1, "some cells need more"
    assert min(result for _, result in found) >= 3


def test_an_equation_that_would_not_round_as_printed_needs_more_digits():
    values = {"a": 0.1000004, "b": 0.1000004, "c": 0.1000494, "d": 0.3000502}
    equation = Equation(1, "sum", ("a", "b", "c"), "d")
    assert not holds(equation, values, 6, 4), "0.100000 + 0.100000 + 0.100049 is 0.3000, and d is 0.3001"
    assert holds(equation, values, 7, 4)


def test_a_tie_is_no_equation_that_holds():
    """Read off a screen, 2.322250 rounds to 2.3223 by hand and to 2.3222 in a computer."""
    values = {"a": 1.294044, "b": 0.738167, "c": 0.290039, "d": 2.32225}
    equation = Equation(1, "sum", ("a", "b", "c"), "d")
    assert not holds(equation, values, 6, 4)
    assert holds(equation, values, 6, 3)


def test_the_residual_printed_is_the_one_computed(translation, shipped_translator):
    for trace in (translation, shipped(shipped_translator)):
        for column, unit in random_cells(trace, 40):
            of_run, values = expected(trace, column, unit), cell_values(trace, column, unit)
            texts = {}
            for stage in range(1, 5):
                fragments = said.stage_residuals(values, stage, PYTORCH)
                texts |= {part["name"]: part["number"] for part in fragments if "number" in part}
            again = {
                "cell_state": of_run["kept"] + of_run["written"] - of_run["cell_state"],
                "hidden_state": of_run["output_gate.value"] * of_run["squashed"] - of_run["hidden_state"],
            }
            for name in MAPS:
                z = of_run[f"{name}.pre_activation"]
                squash = math.tanh(z) if name == "candidate" else 1 / (1 + math.exp(-z))
                again[f"{name}.value"] = squash - of_run[f"{name}.value"]
                parts = (of_run[f"{name}.{part}"] for part in ("input_part", "memory_part", "bias"))
                again[f"{name}.pre_activation"] = sum(parts) - z
            assert set(texts) == set(again)
            for name, text in texts.items():
                assert as_number(text) == pytest.approx(again[name], rel=0.06, abs=3e-16), name
                assert abs(as_number(text)) < 2e-6


def test_no_residual_is_printed_as_nought_unless_it_is():
    assert [scientific(value) for value in (0, -0.0, 1.26e-9, -3e-17)] == ["0", "0", "1.3e−09", "−3.0e−17"]


def test_double_precision_leaves_almost_nothing_over(build_tiny):
    trace = build_tiny(layers=2, dtype="float64").translator.translate("the cat sat")
    for layer in (0, 1):
        for column, unit in random_cells(trace, 20):
            named = cell_values(trace, column, unit, layer).named()
            assert named == pytest.approx(expected(trace, column, unit, layer), abs=0)
            assert max(abs(each.residual(named)) for each in EQUATIONS) < 1e-14


# --- notations


def everything(trace: TranslationTrace, column: int, unit: int, notation: Notation, translator) -> str:
    """All that the page shows of a cell in one notation, as text."""
    values = cell_values(trace, column, unit)
    S = len(trace.source_tokens)
    side, step = ("encoder", column) if column < S else ("decoder", column - S)
    parts = [all_text(cell_drawing(trace, column, unit, notation, layout)) for layout in LAYOUTS]
    parts += [said.cell_caption(trace, values, column, unit, notation), said.residual_remark(values)]
    lines = [line["fragments"] for line in equations_of(trace, column, unit, notation)]
    lines += [said.stage_residuals(values, stage, notation) for stage in (1, 2, 3, 4)]
    parts += [" ".join(map(_shown, fragments)) for fragments in lines]
    parts += ["|".join(row) for row in said.value_rows(values, notation)]
    for of in MAPS:
        rows = push_rows(pushes(translator, trace, side, step, unit), of)
        parts += ["|".join(row) for row in push_table(rows, notation, of, "x", True)]
        parts.append(said.push_caption(notation, of, unit, rows, True, "x"))
    return "\n".join(parts)


def _shown(part: dict) -> str:
    return part.get("number") or part.get("text") or "".join(text for text, _ in part["pieces"])


def test_notations_change_symbols_and_never_numbers(translation, tiny_translator):
    for column, unit in random_cells(translation, 6):
        texts = {
            key: everything(translation, column, unit, notation, tiny_translator) for key, notation in NOTATIONS.items()
        }
        numbers = {key: re.findall(r"−?\d+\.\d+(?:e.\d+)?", text) for key, text in texts.items()}
        assert len(numbers["pytorch"]) > 150
        assert all(found == numbers["pytorch"] for found in numbers.values())
        assert len(set(texts.values())) == 4


def test_each_notation_is_written_as_its_source_writes_it():
    shown = {key: [plain(each.symbol[name]) for name in ("forget_gate", "candidate", "cell_state", "hidden_state")]
             for key, each in NOTATIONS.items()}  # fmt: skip
    tilde = "\u0303"
    assert shown == {
        "pytorch": ["fₜ", "gₜ", "cₜ", "hₜ"],
        "colah": ["fₜ", f"C{tilde}ₜ", "Cₜ", "hₜ"],
        "d2l": ["Fₜ", f"C{tilde}ₜ", "Cₜ", "Hₜ"],
        "cs224n": ["f⁽ᵗ⁾", f"c{tilde}⁽ᵗ⁾", "c⁽ᵗ⁾", "h⁽ᵗ⁾"],
    }
    assert {key: each.product for key, each in NOTATIONS.items()} == {
        "pytorch": "⊙", "colah": "∗", "d2l": "⊙", "cs224n": "∘"}  # fmt: skip
    assert {key: plain(each.definition("forget_gate")) for key, each in NOTATIONS.items()} == {
        "pytorch": "fₜ = σ(W_if xₜ + b_if + W_hf hₜ₋₁ + b_hf)",
        "colah": "fₜ = σ(W_f·[hₜ₋₁, xₜ] + b_f)",
        "d2l": "Fₜ = σ(Xₜ W_xf + Hₜ₋₁ W_hf + b_f)",
        "cs224n": "f⁽ᵗ⁾ = σ(W_f h⁽ᵗ⁻¹⁾ + U_f x⁽ᵗ⁾ + b_f)",
    }
    assert all(" = tanh(" in each.definition("candidate") for each in NOTATIONS.values())
    assert [NOTATIONS[key].names["candidate"] for key in ("pytorch", "colah", "d2l", "cs224n")] == [
        "candidate", "candidate values", "input node", "new cell content"]  # fmt: skip
    assert "two bias vectors" in NOTATIONS["pytorch"].remark
    assert "element" in NOTATIONS["colah"].remark


def test_no_notation_uses_a_letter_of_another(translation):
    """Each symbol of one notation that another does not have is nowhere in the other's text."""
    column, unit = random_cells(translation, 1)[0]
    for key, notation in NOTATIONS.items():
        drawn = all_text(cell_drawing(translation, column, unit, notation, "wide"))
        for other in NOTATIONS.values():
            if other.product != notation.product:
                assert other.product not in drawn, key
        assert notation.product in drawn


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_drawing_names_everything_as_the_notation_does(translation, layout):
    for notation in NOTATIONS.values():
        drawing = cell_drawing(translation, 5, 2, notation, layout)
        titles = [text_of(each) for each in drawing.elements if each.role == "title"]
        assert [title.lower() for title in titles] == [
            f"{notation.names[name]} {bare(notation.symbol[name])}".lower() for name in READING_ORDER
        ]
        drawn = all_text(drawing)
        for formula in (*notation.symbol.values(), *notation.previous.values(), notation.token, notation.kept):
            assert bare(formula) in drawn
        for name in ("cell_state", "hidden_state"):
            assert notation.names[name] in drawn


def bare(formula: str) -> str:
    return "".join(piece.text for piece in pieces(formula))


def test_pieces_of_a_formula_are_on_their_levels():
    assert [tuple(piece) for piece in pieces("W_{hf} h_{t-1}^{(t)} x")] == [
        ("W", "base"), ("hf", "sub"), (" h", "base"), ("t−1", "sub"), ("(t)", "sup"), (" x", "base")]  # fmt: skip


# --- captions and table


def test_the_caption_has_the_numbers_of_the_run(translation):
    for column, unit in random_cells(translation, 20):
        of_run = expected(translation, column, unit)
        text = said.cell_caption(translation, cell_values(translation, column, unit), column, unit, PYTORCH)
        decimals = [as_number(found) for found in re.findall(r"−?\d+\.\d{4}", text)]
        names = ("previous_cell_state", "kept", "candidate.value", "written", "cell_state", "squashed", "hidden_state")
        assert decimals == pytest.approx([of_run[name] for name in names], abs=0.51e-4)
        rose = of_run["cell_state"] > of_run["previous_cell_state"]
        assert (" rose to " in text, " fell to " in text) == (rose, not rose)
        assert (", which lowers it" in text) == (of_run["written"] < 0)


def test_the_table_has_every_number_with_six_decimals(translation):
    of_run = expected(translation, 4, 3)
    rows = said.value_rows(cell_values(translation, 4, 3), PYTORCH)
    assert sorted(as_number(value) for *_, value in rows) == pytest.approx(sorted(of_run.values()), abs=0.51e-6)
    assert len({meaning for _, meaning, _ in rows}) == len(rows) == 27


def test_every_stage_says_what_it_does():
    for notation in NOTATIONS.values():
        texts = [said.stage_says(stage, notation) for stage in range(5)]
        assert "The order is for reading" in texts[0]
        assert "all four maps are computed at once" in texts[0].lower()
        for text, name in zip(texts[1:], READING_ORDER, strict=True):
            assert notation.names[name] in text
        assert "does not touch" in texts[4]
        assert "no bound" in texts[3]


# --- what pushed


@pytest.mark.parametrize("layer", [0, 1])
@pytest.mark.parametrize("of", MAPS)
def test_pushes_add_up_to_the_pre_activation_by_group(build_tiny, of, layer):
    tiny = build_tiny(layers=2)
    trace = tiny.translator.translate("the cat sat")
    pushed = pushes(tiny.translator, trace, "decoder", 1, 2, layer)
    rows, of_run = push_rows(pushed, of), expected(trace, len(trace.source_tokens) + 1, 2, layer)
    totals = {row.group: row.value for row in rows if row.is_total}
    assert totals["input"] == pytest.approx(of_run[f"{of}.input_part"], abs=5e-6)
    assert totals["hidden"] == pytest.approx(of_run[f"{of}.memory_part"], abs=5e-6)
    assert totals["bias"] == of_run[f"{of}.bias"]
    assert totals["sum"] == of_run[f"{of}.pre_activation"]
    for group in ("input", "hidden"):
        assert math.fsum(row.value for row in rows if row.group == group and not row.is_total) == pytest.approx(
            totals[group], abs=1e-12
        )
    left = totals["input"] + totals["hidden"] + totals["bias"] - totals["sum"]
    assert residual(pushed, of) == pytest.approx(left, abs=1e-12)


def test_the_largest_pushes_are_named_and_the_rest_is_one_bar(shipped_translator):
    translator, trace = shipped_translator("bn"), shipped(shipped_translator)
    step, unit, H = 2, 17, 256
    parameters, token = translator.parameters, translator.target_vocabulary[trace.decoder[0].tokens[step]]
    row = MAPS.index("forget_gate") * H + unit
    terms = parameters["decoder.weight_ih_l0"][row].astype(float) * parameters["target_embedding.weight"][token]
    rows = push_rows(pushes(translator, trace, "decoder", step, unit), "forget_gate")
    named = [each for each in rows if each.group == "input" and each.index is not None]
    assert len(named) == MOST
    assert [each.value for each in named] == pytest.approx([terms[each.index] for each in named])
    assert min(abs(each.value) for each in named) >= np.sort(np.abs(terms))[-MOST] - 1e-12
    (rest,) = (each for each in rows if each.group == "input" and each.rest)
    assert rest.rest == len(terms) - MOST
    assert rest.value == pytest.approx(terms.sum() - sum(each.value for each in named))
    hidden = [each for each in rows if each.group == "hidden" and each.index is not None]
    states = parameters["decoder.weight_hh_l0"][row].astype(float) * trace.decoder[0].hidden_state[step - 1]
    assert hidden[0].index == int(np.abs(states).argmax())


def test_the_picture_of_pushes_has_a_bar_for_every_row(translation, tiny_translator):
    rows = push_rows(pushes(tiny_translator, translation, "encoder", 2, 1), "candidate")
    figure = pushes_figure(rows, PYTORCH, "candidate", "<b>$x$", True)
    (bars,) = figure.data
    np.testing.assert_allclose(bars.x, [row.value for row in rows], rtol=1e-6)
    assert bars.orientation == "h"
    assert bars.marker.color == theme.look("candidate").hue
    labels = figure.layout.yaxis.ticktext
    assert labels[0] == "<b>input part: “&lt;b&gt;&#36;x&#36;”</b>"
    assert [label.startswith("<b>") for label in labels] == [row.is_total for row in rows]
    assert labels[-1] == "<b>pre-activation z<sub>g</sub></b>"
    low, high = figure.layout.xaxis.range
    assert low <= min(bars.x) < 0 < max(bars.x) <= high
    assert [text for _, text in push_table(rows, PYTORCH, "candidate", "x", True)] == [
        f"{row.value:.6f}".replace("-", "−") for row in rows]  # fmt: skip


def test_the_words_about_pushes_say_what_was_read_and_claim_no_meaning(build_tiny):
    tiny = build_tiny(layers=2)
    trace = tiny.translator.translate("the cat sat")
    for layer, words in ((0, "no meaning by itself"), (1, "hidden units of the layer below")):
        rows = push_rows(pushes(tiny.translator, trace, "encoder", 1, 0, layer), "forget_gate")
        text = said.push_caption(PYTORCH, "forget_gate", 0, rows, layer == 0, "the")
        assert words in text
        largest = max(
            (row for row in rows if row.group == "input" and row.index is not None), key=lambda row: abs(row.value)
        )
        assert f"pushed most is {largest.index} (" in text
        labels = [label for label, _ in push_table(rows, PYTORCH, "forget_gate", "the", layer == 0)]
        assert labels[0] == ("input part: “the”" if layer == 0 else "input part: layer below")


def test_before_the_first_step_no_hidden_unit_pushed(translation, tiny_translator):
    rows = push_rows(pushes(tiny_translator, translation, "encoder", 0, 1), "forget_gate")
    assert [(row.is_total, row.rest) for row in rows if row.group == "hidden"] == [(True, 0), (False, 6)]
    assert "No hidden unit pushed" in said.push_caption(PYTORCH, "forget_gate", 1, rows, True, "x")
