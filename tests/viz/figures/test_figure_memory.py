"""The ledgers as pictures, tables and sentences: every number is what a naive second computation finds."""

import math
import re
from dataclasses import replace
from html import unescape

import numpy as np
import pytest

from models.analysis.provenance import layer_ledger, logit_ledger
from models.translation.interventions import Intervention
from models.translation.record import TranslationTrace
from viz.figures import memory_captions as said
from viz.figures import theme
from viz.figures.columns import columns_of, marked_up
from viz.figures.memory import Memory, Word, cell_bars, contributions_heatmap, signed, word_bars
from viz.figures.wording import counted, scientific

ORDERS = ("oldest first", "newest first", "mean of both")
NUMBER = r"[+−]?\d+\.\d{4}"


def naive(translation: TranslationTrace, layer: int, unit: int) -> list[list[float | None]]:
    """What each write makes up of each cell state, [write][read], None before it was made; write 0 is the start."""
    traces = (translation.encoder[layer], translation.decoder[layer])
    forget = [float(row[unit]) for trace in traces for row in trace.forget_gate]
    wrote = [float(traces[0].initial_cell_state[unit])]
    for trace in traces:
        wrote += [float(i[unit]) * float(g[unit]) for i, g in zip(trace.input_gate, trace.candidate, strict=True)]
    parts: list[list[float | None]] = []
    for write, value in enumerate(wrote):
        row: list[float | None] = [None] * (write - 1)
        for read in range(max(write - 1, 0), len(forget)):
            left = 1.0
            for step in range(write, read + 1):
                left *= forget[step]
            row.append(value * left)
        parts.append(row)
    return parts


def float_of(text: str) -> float:
    return float(text.replace("−", "-"))


def numbers_in(text: str) -> list[float]:
    return [float_of(found) for found in re.findall(NUMBER, text)]


@pytest.fixture(scope="module", params=["tiny", "two layers", "shipped"])
def known(request, build_tiny, shipped_translator):
    """A translator and a translation by it."""
    if request.param == "shipped":
        translator, sentence = shipped_translator("bn"), "She is reading a book."
    else:
        translator = build_tiny(layers=2 if request.param == "two layers" else 1).translator
        sentence = "the cat sat"
    return translator, translator.translate(sentence)


def some_cells(translation: TranslationTrace) -> list[tuple[int, int, int]]:
    """Layer, unit and column of a few cells: first and last steps of both sides, and some drawn."""
    S, N = len(translation.source_tokens), len(translation.source_tokens) + len(translation.target_tokens)
    random = np.random.default_rng(3)
    layers, units = len(translation.encoder), translation.context.shape[1]
    columns = [0, S - 1, S, N - 1, *random.integers(0, N, 6)]
    return [(int(random.integers(layers)), int(random.integers(units)), int(column)) for column in columns]


def memory_of(translation: TranslationTrace, layer: int, *units: int) -> Memory:
    return Memory.of(translation, layer, units, f"unit {units[0]}" if len(units) == 1 else f"the {len(units)} units")


# --- written at, read at


def test_the_heat_map_of_a_unit_is_the_ledger_and_empty_before_a_write(known):
    _, translation = known
    for layer, unit, column in some_cells(translation):
        drawn = contributions_heatmap(memory_of(translation, layer, unit), column).data[0]
        expected = np.array(naive(translation, layer, unit), float)
        np.testing.assert_allclose(drawn.z, expected, atol=2e-6, rtol=1e-6)  # also where there is nothing
        assert np.isnan(drawn.z[2, 0])
        assert not np.isnan(drawn.z[1, 0])


def test_the_heat_map_of_a_group_shows_norms_on_the_upper_half_of_the_scale(run):
    memory = memory_of(run, 1, 1, 2, 5)
    drawn = contributions_heatmap(memory, 3).data[0]
    each = np.array([naive(run, 1, unit) for unit in (1, 2, 5)], float)
    np.testing.assert_allclose(drawn.z, np.sqrt((each**2).sum(axis=0)), atol=2e-6)
    assert (drawn.zmin, drawn.zmax) == (0, memory.limit)
    whole = theme.plotly_scale("cell_state")
    assert drawn.colorscale[0] == (0, whole[len(whole) // 2][1])
    assert drawn.colorscale[-1] == (1, whole[-1][1])
    assert "do not add up" in said.heatmap_caption(memory)
    assert f"from 0 to {memory.limit:g}" in said.heatmap_caption(memory)


def test_the_scale_of_a_unit_is_even_around_0_and_its_ends_are_printed(run):
    for unit in range(7):
        memory = memory_of(run, 0, unit)
        drawn = contributions_heatmap(memory, 3).data[0]
        largest = np.nanmax(np.abs(np.array(naive(run, 0, unit), float)))
        assert drawn.zmax == -drawn.zmin == memory.limit == theme.rounded_limit(largest)
        assert list(drawn.colorbar.ticktext) == [f"−{memory.limit:g}", "0", f"{memory.limit:g}"]
        assert f"ends at −{memory.limit:g} and {memory.limit:g}" in said.heatmap_caption(memory)
        assert drawn.colorscale == theme.plotly_scale("cell_state")


def test_both_axes_name_the_token_that_was_read_and_no_label_is_mark_up(run):
    figure = contributions_heatmap(memory_of(run, 0, 2), 9)
    tokens = [column.read for column in columns_of(run)]
    assert "<script>" in tokens
    assert "$" in tokens
    assert list(figure.layout.xaxis.ticktext) == [marked_up(token) for token in tokens]
    assert list(figure.layout.yaxis.ticktext) == ["initial state", *(marked_up(token) for token in tokens)]
    bars = cell_bars(memory_of(run, 0, 2), 9)
    for label in (*figure.layout.xaxis.ticktext, *figure.data[1].text, *bars.layout.yaxis.ticktext,
                  *bars.data[0].hovertext):  # fmt: skip
        inert = re.sub(r"</?b>(?!$)|<br>|^<b>|</b>$", "", label)
        assert "<" not in inert, label
        assert "$" not in inert, label


def test_a_click_reports_write_and_read_and_only_where_something_was_written(run):
    memory = memory_of(run, 0, 4)
    layer = contributions_heatmap(memory, 0).data[1]
    expected = naive(run, 0, 4)
    assert len(layer.customdata) == sum(value is not None for row in expected for value in row)
    for (row, column), x, y, text in zip(layer.customdata, layer.x, layer.y, layer.text, strict=True):
        assert (x, y) == (column, row)
        assert unescape(text).endswith(f"contribution {signed(expected[row][column])}"), text
        assert columns_of(run)[column].reading in unescape(text)


@pytest.mark.parametrize("column", [-1, 13])
def test_a_step_that_is_not_there_is_refused(run, column):
    for draw in (contributions_heatmap, cell_bars):
        with pytest.raises(IndexError, match="0 to 12"):
            draw(memory_of(run, 0, 1), column)


def test_the_chosen_step_is_framed_down_to_the_last_write(run):
    frames = [shape for shape in contributions_heatmap(memory_of(run, 0, 1), 5).layout.shapes if shape.type == "rect"]
    assert {(frame.x0, frame.x1, frame.y0, frame.y1) for frame in frames} == {(4.5, 5.5, -0.5, 6.5)}


# --- sums as bars


def test_the_bars_of_a_unit_are_its_parts_one_after_the_other_up_to_the_stored_cell_state(known):
    _, translation = known
    for layer, unit, column in some_cells(translation):
        bars = cell_bars(memory_of(translation, layer, unit), column).data[0]
        parts = [row[column] for row in naive(translation, layer, unit)[: column + 2]]
        np.testing.assert_allclose(bars.x[:-1], parts, atol=1e-9)
        assert bars.base[0] == 0
        starts = np.array(bars.base, float)
        np.testing.assert_allclose(starts[:-1] + bars.x[:-1], [*starts[1:-1], sum(parts)], atol=1e-9)
        S = len(translation.source_tokens)
        side, step = (translation.encoder, column) if column < S else (translation.decoder, column - S)
        stored = float(side[layer].cell_state[step, unit])
        assert (bars.base[-1], bars.x[-1]) == (0, stored)
        assert abs(sum(parts) - stored) < 5e-6


def test_the_bars_of_a_group_are_projections_that_add_up_to_its_norm(run):
    units, column = (0, 3, 6), 10
    memory = memory_of(run, 0, *units)
    bars = cell_bars(memory, column).data[0]
    each = np.array([[row[column] for row in naive(run, 0, unit)[: column + 2]] for unit in units], float)  # (3, N)
    state = each.sum(axis=1)
    np.testing.assert_allclose(bars.x[:-1], state @ each / np.linalg.norm(state), atol=1e-6)
    assert bars.x[-1] == pytest.approx(np.linalg.norm([run.decoder[0].cell_state[2, unit] for unit in units]))
    assert said.ALONG in said.bars_caption(memory, column)


@pytest.mark.parametrize("dark", [False, True])
def test_signs_are_told_by_colour_by_number_and_by_direction(run, dark):
    up = theme.look("cell_state").on(dark)
    down = theme.NEGATIVE_DARK if dark else theme.NEGATIVE
    seen = set()
    for unit in range(7):
        figure = cell_bars(memory_of(run, 0, unit), 12, dark)
        numbers = figure.data[-1].text
        for value, colour, text in zip(figure.data[0].x, figure.data[0].marker.color, numbers, strict=True):
            assert colour == (up if value >= 0 else down)
            assert re.sub("</?b>", "", text) == signed(value)
            seen.add(np.sign(value))
    assert seen >= {-1, 1}


def test_numbers_have_signs_that_read_as_such():
    assert [signed(value) for value in (0.25, -0.25, 0.0, -0.00001)] == ["+0.2500", "−0.2500", "0.0000", "0.0000"]
    assert [said.part_text(value) for value in (0.25, -0.0001, -0.00003, 0.0)] == [
        "+0.2500",
        "−0.0001",
        "−3e−05",
        "0.0000",
    ]
    assert scientific(-1.25e-8) == "−1.2e−08"
    assert said.share_text(0.99999) == "> 0.9999"
    assert said.share_text(0.00001) == "< 0.0001"
    assert [said.share_text(share) for share in (0.0, 0.5, 1.0)] == ["0.0000", "0.5000", "1.0000"]
    assert [said.per_cent(share) for share in (0.0, 0.004, 0.5, 0.996, 1.0)] == [
        "0 %", "less than 1 %", "50 %", "more than 99 %", "100 %",
    ]  # fmt: skip


# --- the table and the sentences of a cell state


def test_the_table_of_a_unit_holds_the_ledger_its_sum_and_the_computed_residual(known):
    _, translation = known
    for layer, unit, column in some_cells(translation):
        memory = memory_of(translation, layer, unit)
        *rows, total, stored, residual = said.cell_rows(memory, column)
        parts = [row[column] for row in naive(translation, layer, unit)[: column + 2]]
        made = [row[max(at - 1, 0)] for at, row in enumerate(naive(translation, layer, unit))]
        reads = [*translation.encoder[layer].tokens, *translation.decoder[layer].tokens]
        assert len(rows) == column + 2
        for at, (row, part) in enumerate(zip(rows, parts, strict=True)):
            place, written, left, now, so_far = row.cells
            assert now == signed(part)
            assert so_far == signed(sum(parts[: at + 1]))
            if at:
                assert written == signed(made[at])
                assert row.token == columns_of(translation)[at - 1].read
                assert row.token in reads[at - 1].replace("▁", "")
                if re.fullmatch(r"\d\.\d{4}", left) and abs(made[at]) > 0.01:
                    assert float(left) == pytest.approx(part / made[at], abs=1e-4)
            assert row.language == ("bn" if at > len(translation.source_tokens) else "")
            side = "encoder" if at <= len(translation.source_tokens) else "decoder"
            assert place == (f"{side}\u00a0{columns_of(translation)[at - 1].step}" if at else "start")
        exact = layer_ledger(translation, layer, [unit])
        assert total.cells[-1] == signed(exact.at(column).sum())
        assert stored.cells[-1] == signed(exact.cell_state[column, 0])
        assert residual.cells[-1] == scientific(exact.residual()[column, 0])


def test_the_table_of_a_group_holds_norms_and_projections(run):
    units, column = (1, 4), 6
    memory = memory_of(run, 0, *units)
    *rows, total, stored, residual = said.cell_rows(memory, column)
    each = np.array([[row[column] for row in naive(run, 0, unit)[: column + 2]] for unit in units], float)
    state = each.sum(axis=1)
    along = state @ each / np.linalg.norm(state)
    for row, norm, part in zip(rows, np.linalg.norm(each, axis=0), along, strict=True):
        assert float_of(row.cells[2]) == pytest.approx(norm, abs=1e-4)
        assert float_of(row.cells[3]) == pytest.approx(part, abs=1e-4)
    assert float_of(total.cells[-1]) == pytest.approx(np.linalg.norm(state), abs=1e-4)
    kept = np.linalg.norm([run.encoder[0].cell_state[column, unit] for unit in units])  # these records do not add up
    assert abs(kept - np.linalg.norm(state)) > 0.01
    assert float_of(stored.cells[-1]) == pytest.approx(kept, abs=1e-4)
    assert residual.cells[-1] == scientific(memory.parts(column).sum() - memory.stored(column))


def test_the_caption_names_the_largest_writes_the_shares_and_what_is_left_of_the_first(known):
    _, translation = known
    S = len(translation.source_tokens)
    for layer, unit, column in some_cells(translation):
        memory = memory_of(translation, layer, unit)
        caption = said.cell_caption(memory, column)
        parts = [row[column] for row in naive(translation, layer, unit)[: column + 2]]
        for word, at in (("positive", int(np.argmax(parts))), ("negative", int(np.argmin(parts)))):
            if (parts[at] > 0) == (word == "positive") and parts[at]:
                place = columns_of(translation)[at - 1].reading
                assert f"largest {word} part is {said.part_text(parts[at])}, from {place}" in caption
            else:
                assert f"no part is {word}" in caption.lower()
        share = sum(map(abs, parts[1 : S + 1])) / sum(map(abs, parts))
        assert f"{said.per_cent(share)} source tokens" in caption
        assert f"{said.part_text(sum(parts[1 : S + 1]))} from source tokens" in caption
        assert ("target tokens" in caption) == (column >= S)
        if column >= S:
            assert f"{said.per_cent(1 - share)} target tokens" in caption or share > 0.98
            assert f"{said.part_text(sum(parts[S + 1 :]))} from target tokens" in caption
        first = naive(translation, layer, unit)[1]
        assert f"Of the first write, {signed(first[0])} at" in caption
        assert f"{said.per_cent(first[column] / first[0])} is left: {said.part_text(first[column])}" in caption


def test_as_long_as_no_target_token_was_read_all_of_it_comes_from_source_tokens(known):
    _, translation = known
    for unit in range(translation.context.shape[1]):
        memory = memory_of(translation, 0, unit)
        for column in range(1, len(translation.source_tokens)):
            assert "without signs, 100 % source tokens; with" in said.cell_caption(memory, column)


def test_tokens_and_capitals_in_captions_stay_as_they_are(run, made):
    names = made(source=("<to bn>", "▁Tom", "▁Ann", "</s>"), target=("▁Go", "</s>"))
    for column, token in ((1, "Tom"), (2, "Ann")):
        caption = said.cell_caption(memory_of(names, 0, 2), column)
        assert caption.count(f"“{token}”") >= 2
        assert token.lower() not in caption
    caption = said.cell_caption(memory_of(run, 0, 2), 8)
    assert "“<s>”" in caption
    assert caption.startswith("Unit 2 after decoder step 1, reading “<s>”")
    assert said.cell_caption(memory_of(run, 0, 2, 3), 8).startswith("The 2 units after")


def test_the_caption_of_the_bars_prints_sum_stored_value_and_residual(run):
    for unit in range(7):
        memory = memory_of(run, 1, unit)
        total, stored = numbers_in(said.bars_caption(memory, 11))
        assert total == pytest.approx(sum(row[11] for row in naive(run, 1, unit)[:13]), abs=1e-4)
        assert stored == pytest.approx(run.decoder[1].cell_state[3, unit], abs=1e-4)
        assert scientific(layer_ledger(run, 1, [unit]).residual()[11, 0]) in said.bars_caption(memory, 11)


# --- the ledger of a word


def word_of(known, order="oldest first", step=1, one=5, other=9) -> Word:
    translator, translation = known
    return Word.of(translator, translation, step, one, other, order)


@pytest.mark.parametrize("order", ORDERS)
def test_the_bars_of_a_word_are_all_its_terms_and_end_at_the_stored_difference(known, order):
    translator, translation = known
    word, S = word_of(known, order), len(translation.source_tokens)
    bars = word_bars(word).data[0]
    exact = logit_ledger(translator, translation, 1, 5, 9, order)
    logits = translation.logits[1].astype(float)
    assert bars.x[-1] == logits[5] - logits[9]
    assert len(bars.x) == 1 + 1 + S + 1 + (S + 3) + 1
    np.testing.assert_array_equal(bars.x[2 : 2 + S], exact.attention)
    np.testing.assert_array_equal(bars.x[3 + S : -1], exact.memory)
    assert bars.x[1] == pytest.approx(exact.attention.sum())
    assert bars.x[2 + S] == pytest.approx(exact.memory.sum())
    parts = [0, *range(2, 2 + S), *range(3 + S, len(bars.x) - 1)]
    reached = 0.0
    for at in parts:
        assert bars.base[at] == pytest.approx(reached, abs=1e-9)
        reached += bars.x[at]
    assert reached == pytest.approx(bars.x[-1], abs=1e-4)
    assert (bars.base[1], bars.base[2 + S]) == (pytest.approx(bars.base[2]), pytest.approx(bars.base[3 + S]))


def test_bias_attention_and_memory_have_colours_of_their_own_and_groups_are_hollow(known):
    for dark in (False, True):
        hue = {name: theme.look(name).on(dark) for name in ("attention", "hidden_state")}
        marker, S = word_bars(word_of(known), dark).data[0].marker, len(known[1].source_tokens)
        assert set(marker.color[2 : 2 + S]) == {hue["attention"]}
        assert set(marker.color[3 + S : -1]) == {hue["hidden_state"]}
        assert marker.color[0] == marker.color[-1] == (theme.TEXT_DARK if dark else theme.TEXT_LIGHT)
        assert marker.color[1] == marker.color[2 + S] == "rgba(0,0,0,0)"
        assert (marker.line.color[1], marker.line.color[2 + S]) == (hue["attention"], hue["hidden_state"])


def test_the_weights_of_the_terms_are_told(known):
    _, translation = known
    told = word_bars(word_of(known)).data[0].hovertext
    for place, weight in enumerate(translation.attention[1]):
        assert f"attention weight {weight:.4f}" in told[2 + place]


def test_how_far_the_order_moves_the_terms_is_the_largest_change_of_one(known):
    translator, translation = known
    oldest, newest = (logit_ledger(translator, translation, 1, 5, 9, order) for order in ORDERS[:2])
    change = np.abs(oldest.memory - newest.memory)
    for order in ORDERS:
        caption = said.order_caption(word_of(known, order))
        assert f"moves by {change.max():.4f}" in caption
        assert f"over the writes, {order}" in caption
        row = int(change.argmax())
        assert columns_of(translation)[row - 1].reading in caption
    mean = word_of(known, "mean of both").ledger.memory
    np.testing.assert_allclose(mean, (oldest.memory + newest.memory) / 2)


def test_a_difference_of_logits_is_a_ratio_of_probabilities(known):
    _, translation = known
    logits = translation.logits[1].astype(float)
    ratio = math.exp(logits[5] - logits[9])
    probabilities = np.exp(logits - logits.max())
    assert ratio == pytest.approx(probabilities[5] / probabilities[9])
    caption = said.difference_caption(word_of(known))
    assert f"= {said.times_text(math.log(ratio))} times as probable" in caption
    assert ("and “" in caption) == (ratio < 1)
    swapped = said.difference_caption(word_of(known, one=9, other=5))
    assert f"= {said.times_text(-math.log(ratio))} times as probable" in swapped
    assert float(said.times_text(math.log(ratio)).split(" ")[0]) > 0
    assert said.times_text(math.log(42.42)) == "42.4"
    assert said.times_text(math.log(1099.6)) == "1,100"
    assert said.times_text(math.log(123_456)) == "123,000"
    assert said.times_text(8 * math.log(10) - 1e-9) == "1.0 × 10^8"
    assert said.times_text(-12 * math.log(10) - 1e-9) == "1.0 × 10^−12"
    assert said.times_text(100 * math.log(10) + math.log(2)) == "2.0 × 10^100"


def test_the_table_of_a_word_adds_up_and_prints_the_computed_residual(known):
    translator, translation = known
    for order in ORDERS:
        word = word_of(known, order)
        *rows, attention, memory, total, stored, residual = said.word_rows(word)
        exact = logit_ledger(translator, translation, 1, 5, 9, order)
        values = [float_of(row.cells[3]) for row in rows]
        assert sum(values) == pytest.approx(exact.difference, abs=1e-4 * len(rows))
        by_group = {
            name: sum(float_of(row.cells[3]) for row in rows if row.cells[0] == name)
            for name in ("attention", "memory", "bias")
        }
        assert by_group["attention"] == pytest.approx(float_of(attention.cells[-1]), abs=1e-4 * len(rows))
        assert by_group["memory"] == pytest.approx(float_of(memory.cells[-1]), abs=1e-4 * len(rows))
        assert float_of(total.cells[-1]) == pytest.approx(exact.total, abs=1e-4)
        assert float_of(stored.cells[-1]) == pytest.approx(exact.difference, abs=1e-4)
        assert residual.cells[-1] == scientific(exact.residual)
        assert rows[-1].cells[-1] == total.cells[-1]
        assert [row.language for row in rows].count("bn") == 2


def test_the_top_units_are_those_with_the_largest_terms_and_their_largest_write_is_named(known):
    translator, translation = known
    word, S = word_of(known), len(translation.source_tokens)
    terms = logit_ledger(translator, translation, 1, 5, 9).units
    largest = sorted(range(len(terms)), key=lambda unit: -abs(terms[unit]))[:10]
    rows = said.unit_rows(word)
    assert [int(row[0]) for row in rows] == largest
    top = translation.decoder[-1]
    for unit, row in zip(largest, rows, strict=True):
        assert row[1] == signed(terms[unit])
        assert row[2] == f"{top.output_gate[1, unit]:.4f}"
        assert (row[3], row[4]) == (signed(top.cell_state[1, unit]), signed(top.hidden_state[1, unit]))
        parts = [each[S + 1] for each in naive(translation, len(translation.encoder) - 1, unit)[: S + 3]]
        most = max(parts) if top.cell_state[1, unit] > 0 else min(parts)
        assert row[6] == signed(most)
        at = parts.index(most)
        assert columns_of(translation)[at - 1].read in row[5]
    sizes = np.sort(np.abs(terms))[::-1]
    assert said.per_cent(sizes[:10].sum() / sizes.sum()) in said.units_caption(word)


def test_captions_of_a_word_print_its_terms_and_the_residual(known):
    translator, translation = known
    for one, other in ((5, 9), (9, 5), (6, 7), (7, 6)):
        word = Word.of(translator, translation, 1, one, other, "oldest first")
        exact = logit_ledger(translator, translation, 1, one, other)
        caption, terms = said.difference_caption(word), said.terms_caption(word)
        for value in (exact.difference, exact.bias, exact.attention.sum(), exact.memory.sum()):
            assert signed(value) in caption
        row = max(range(len(exact.memory)), key=lambda at: abs(exact.memory[at]))
        place = columns_of(translation)[row - 1].reading
        assert f"Largest memory term: {signed(exact.memory[row])}, written at {place}" in terms
        assert f"Largest attention term: {signed(max(exact.attention, key=abs))}" in terms
        assert f"Sum {signed(exact.total)}, stored difference {signed(exact.difference)}" in terms
        assert scientific(exact.residual) in terms


def test_a_cut_at_the_bound_is_said_where_it_counts_and_nowhere_else(known):
    memory = memory_of(known[1], 0, 2)
    assert "starts anew" not in said.cell_caption(memory, 1)
    cut = np.zeros_like(memory.ledger.starts_anew)
    cut[2] = True
    memory = replace(memory, ledger=replace(memory.ledger, starts_anew=cut))
    assert "starts anew" not in said.cell_caption(memory, 1)
    assert f"last at {memory.columns[2].reading}. No sum" in said.cell_caption(memory, 3)
    assert "bound" not in said.bars_caption(memory, 1)
    assert f"The state was cut at the bound of 1,000,000, last at {memory.columns[2].reading}" in said.bars_caption(
        memory, 3
    )


def test_the_bars_of_a_word_say_where_the_ledger_beneath_them_starts_anew(shipped_translator):
    marathi, sentence = shipped_translator("mr"), "I wouldn't like to live there."
    doubled = marathi.translate(sentence, [Intervention("forget_gate", "set", value=2.0)])
    decoder = np.concatenate([doubled.encoder[0].cell_state, doubled.decoder[0].cell_state])
    first = int(np.flatnonzero((np.abs(decoder) >= 1e6).any(axis=1))[0]) - doubled.starts[1]
    for step in (first - 1, first, first + 3):
        is_cut = np.abs(decoder[: doubled.starts[1] + step + 1]) >= 1e6
        text = said.terms_caption(Word.of(marathi, doubled, step, 5, 9, "oldest first"))
        assert ("was cut at the bound" in text) == is_cut.any()
        if is_cut.any():
            last = columns_of(doubled)[int(np.flatnonzero(is_cut.any(axis=1))[-1])].reading
            units = int(is_cut.any(axis=0).sum())
            assert f"The state of {counted(units, 'unit')} was cut at the bound of 1,000,000, last at {last}:" in text
    plain = marathi.translate(sentence)
    assert "bound" not in said.terms_caption(Word.of(marathi, plain, 3, 5, 9, "oldest first"))
