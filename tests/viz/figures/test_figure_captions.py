"""What a caption says follows from the trace, number by number, and is neither more nor less than true."""

import re
from dataclasses import replace

import numpy as np
import pytest

from models.recurrent.trace import QUANTITIES
from models.translation.interventions import Intervention
from viz.figures import theme
from viz.figures.captions import (
    attention_caption,
    candidates_caption,
    quantity_caption,
    step_caption,
    translation_caption,
)
from viz.figures.wording import number, percent, share_of_one

GATES = ("forget_gate", "input_gate", "output_gate")
STATES = ("candidate", "cell_state", "hidden_state")
SHOWN = ["<to bn>", "the", "cat", "the", "<b>", "<", "$", "</s>", "<script>", "বিড়াল", "টি", "$", "</s>"]
PLACES = [
    f"encoder step {at + 1}, “{SHOWN[at]}”" if at < 8 else f"decoder step {at - 7}, “{SHOWN[at]}”" for at in range(13)
]


def rows(translation, quantity, layer=0):
    """All values as nested lists of Python numbers: 13 steps of 7 units."""
    return [
        [float(value) for value in step]
        for side in (translation.encoder, translation.decoder)
        for step in getattr(side[layer], quantity)
    ]


def all_captions(translation):
    columns = len(translation.source_tokens) + len(translation.target_tokens)
    return [
        translation_caption(translation),
        attention_caption(translation),
        *(quantity_caption(translation, quantity) for quantity in QUANTITIES),
        *(step_caption(translation, column, 0) for column in range(columns)),
    ]


def told(value):
    """A negative number with the sign that captions use."""
    return f"{value:.2f}".replace("-", "−")


@pytest.mark.parametrize("layer", [0, 1])
@pytest.mark.parametrize("quantity", GATES)
def test_a_gates_caption_gives_range_mean_and_saturation(made, quantity, layer):
    for seed in range(10):
        translation = made(seed)
        values = [value for row in rows(translation, quantity, layer) for value in row]
        caption = quantity_caption(translation, quantity, layer)
        assert caption.startswith(f"{theme.look(quantity).name} of 7 units over 8 source and 5 target tokens: ")
        least, most, mean, above, below = re.search(
            r"values from (.*?) to (.*?), mean (.*?); (.*?) above 0.9, (.*?) below 0.1\.", caption
        ).groups()
        assert least in (f"{min(values):.2f}", "less than 0.01")
        assert most in (f"{max(values):.2f}", "more than 0.99")
        assert mean == f"{sum(values) / 91:.2f}"
        for text, count in ((above, sum(v > 0.9 for v in values)), (below, sum(v < 0.1 for v in values))):
            assert text == f"{100 * count / 91:.0f} %"


@pytest.mark.parametrize("quantity", GATES)
def test_a_gates_caption_names_the_columns_where_it_is_lowest_and_highest(run, quantity):
    means = [sum(row) / 7 for row in rows(run, quantity)]
    low, high = (means.index(pick(means)) for pick in (min, max))
    expected = f"lowest at {PLACES[low]} ({means[low]:.2f}) and highest at {PLACES[high]} ({means[high]:.2f})"
    assert expected in quantity_caption(run, quantity)


@pytest.mark.parametrize("layer", [0, 1])
@pytest.mark.parametrize("quantity", STATES)
def test_a_states_caption_gives_range_signs_and_the_largest_value(run, quantity, layer):
    values = rows(run, quantity, layer)
    flat = [value for row in values for value in row]
    at, unit = max(
        ((at, unit) for at in range(13) for unit in range(7)), key=lambda cell: abs(values[cell[0]][cell[1]])
    )
    caption = quantity_caption(run, quantity, layer)
    above, below = (sum(sign * value > 0 for value in flat) for sign in (1, -1))
    assert f"values from {told(min(flat))} to {told(max(flat))}; " in caption
    assert f"; {100 * above / 91:.0f} % above 0, {100 * below / 91:.0f} % below." in caption
    assert f"The largest in size is {told(values[at][unit])}, unit {unit} at {PLACES[at]}." in caption


def test_the_caption_of_the_cell_state_prints_the_ends_of_its_scale(run):
    limit = theme.limit_of("cell_state", run.encoder[0], run.decoder[0])
    assert f"The colour scale ends at −{limit:g} and {limit:g}" in quantity_caption(run, "cell_state")
    assert "no bound" in quantity_caption(run, "cell_state")


def test_a_high_forget_gate_means_keeping(run):
    assert "forget gate of 1 would keep all of its cell state" in quantity_caption(run, "forget_gate")


def test_the_attention_caption_names_the_largest_weight_and_the_row_spread_most(made):
    for seed in range(10):
        translation = made(seed)
        weights = [[float(weight) for weight in row] for row in translation.attention]
        t, s = max(((t, s) for t in range(5) for s in range(8)), key=lambda cell: weights[cell[0]][cell[1]])
        spread = min(range(5), key=lambda t: max(weights[t]))
        caption = attention_caption(translation)
        assert caption.startswith("Attention of 5 target tokens over 8 source states: ")
        assert f"The largest is {weights[t][s]:.2f}, from {PLACES[8 + t]} to the state at {PLACES[s]}." in caption
        expected = (
            f"The weights of {PLACES[8 + spread]} are spread most: the largest of them is {max(weights[spread]):.2f}."
        )
        assert expected in caption


def test_the_attention_caption_tells_steps_that_read_nothing(build_tiny):
    translator = build_tiny().translator

    def caption(**steps):
        return attention_caption(translator.translate("The cat.", [Intervention("attention", value=0.0, **steps)]))

    assert "all weights are 0, nothing was read from the source." in caption()
    assert "add up to 1, but for 1 token whose weights are all 0." in caption(first=1, last=1)
    assert "The weights of decoder step 2," not in caption(first=1, last=1), "they are not spread, they are none"
    assert "whose weights are all 0" not in attention_caption(translator.translate("The cat."))


def test_the_attention_caption_does_not_claim_that_weights_explain(run):
    assert "not that of one word" in attention_caption(run)
    assert "does not explain" in attention_caption(run)
    for caption in all_captions(run):
        assert not re.search(r"because|important|looks at|focus|decides|remembers|understands", caption)


@pytest.mark.parametrize("layer", [0, 1])
@pytest.mark.parametrize("column", [0, 4, 7, 8, 12])
def test_a_steps_caption_does_the_arithmetic_of_the_step(run, column, layer):
    side, step = (run.encoder, column) if column < 8 else (run.decoder, column - 8)
    trace, unit = side[layer], 5
    previous = trace.cell_state[step - 1, unit] if step else trace.initial_cell_state[unit]
    caption = step_caption(run, column, unit, layer).replace("−", "-")
    f, before, i, g, c, o, h = map(float, re.search(
        r"Unit 5: forget gate (\S+) times previous cell state (\S+), plus input gate (\S+) times candidate (\S+), "
        r"gives cell state (\S+)\. Output gate (\S+) times tanh of that gives hidden state (\S+)\.$", caption
    ).groups())  # fmt: skip
    recorded = [getattr(trace, quantity)[step, unit] for quantity in QUANTITIES]
    np.testing.assert_allclose([f, i, o, g, c, h], recorded, atol=5.1e-5)
    assert before == pytest.approx(float(previous), abs=5.1e-5)
    assert h == pytest.approx(o * np.tanh(c), abs=2e-4)


def test_a_steps_caption_tells_what_was_read_and_written(run):
    assert step_caption(run, 4, 0).startswith("Encoder step 5 of 8 read “<b>”. ")
    assert step_caption(run, 8, 0).startswith(
        f"Decoder step 1 of 5 read “<s>” and wrote “<script>” (probability {run.probabilities[0]:.2f}). "
    )
    assert step_caption(run, 10, 0).startswith("Decoder step 3 of 5 read “বিড়াল” and wrote “টি” ")


@pytest.mark.parametrize(("column", "unit"), [(13, 0), (-1, 0), (0, 7), (0, -1)])
def test_a_step_or_unit_that_is_not_there_has_no_caption(run, column, unit):
    with pytest.raises(IndexError, match="there are 0 to"):
        step_caption(run, column, unit)


def test_the_candidates_of_a_step_are_listed_with_their_probabilities(run):
    probability = run.candidates[2][0].probability
    assert candidates_caption(run, 2) == f"Most probable at decoder step 3: “টি” {probability:.2f}, “ক” 0.10."
    for step in (-1, 5):
        with pytest.raises(IndexError):
            candidates_caption(run, step)


def test_the_translations_caption_counts_tokens_and_gives_the_extreme_probabilities(run):
    caption = translation_caption(run)
    assert caption.startswith("“the cat the <b> < $” became “<script> বিড়ালটি$” in Bangla. ")
    assert "The encoder read 8 tokens" in caption
    assert "the decoder wrote 5 tokens, the last of them the end mark. " in caption
    probabilities = [float(p) for p in run.probabilities]
    low, high = (probabilities.index(pick(probabilities)) for pick in (min, max))
    assert (
        f"from {probabilities[low]:.2f} ({PLACES[8 + low]}) to {probabilities[high]:.2f} ({PLACES[8 + high]})"
        in caption
    )


def guess_sentence(probabilities):
    """What the caption must say, from the numbers alone."""
    told = [f"{p:.2f}" if p >= 0.005 else "less than 0.01" for p in probabilities]
    guessed = [step for step, p in enumerate(probabilities) if p < 0.2]
    if not guessed:
        return "how good the translation is."
    least = min(guessed, key=lambda step: probabilities[step])
    where = f"{PLACES[8 + least]} ({told[least].replace('0.20', 'just below 0.20')})"
    if len(guessed) == 1:
        return f"how good the translation is. It was guessing at {where}: less than 0.2."
    extent = "throughout" if len(guessed) == 5 else f"at {len(guessed)} of 5 tokens"
    return f"It was guessing {extent}, at less than 0.2 each, and was least sure of {where}."


@pytest.mark.parametrize(
    "probabilities",
    [
        (0.9, 0.2, 0.3, 0.4, 0.5),
        (0.9, 0.19, 0.3, 0.4, 0.5),
        (0.9, 0.1996, 0.3, 0.4, 0.5),
        (0.9, 0.15, 0.3, 0.4, 0.001),
        (0.1, 0.15, 0.13, 0.04, 0.001),
    ],
)
def test_the_translations_caption_says_where_the_network_was_guessing(run, probabilities):
    caption = translation_caption(replace(run, probabilities=np.array(probabilities)))
    assert caption.endswith(guess_sentence(probabilities))


def test_a_real_translation_is_said_to_be_guessed_where_a_second_run_is_unsure(shipped_translator):
    said = {}
    for sentence in ("I have a cat.", "The bridge over the canal is very old."):
        trace = shipped_translator("bn").translate(sentence)
        logits = trace.logits.astype(np.float64)
        shares = np.exp(logits - logits.max(axis=1, keepdims=True))
        sure = (shares / shares.sum(axis=1, keepdims=True)).max(axis=1)  # greedy: the most probable was written
        said[sentence] = re.search(r"guessing at (\d) of", translation_caption(trace))
        assert bool(said[sentence]) == bool((sure < 0.2).any())
        assert not said[sentence] or int(said[sentence].group(1)) == (sure < 0.2).sum()
    assert [bool(found) for found in said.values()] == [False, True]


def test_a_translation_that_was_cut_off_is_called_so(made):
    caption = translation_caption(made(target=("▁ক", "▁খ")))
    assert "wrote 2 tokens and was stopped before an end mark: the translation is cut off. " in caption
    assert "the last of them" not in caption


def test_a_translation_of_one_token_has_all_its_captions(made):
    run = made(target=("</s>",), text="")
    assert "became no Bangla text at all" in translation_caption(run)
    assert "wrote 1 token, the end mark. " in translation_caption(run)
    assert f"gave it a probability of {run.probabilities[0]:.2f}: " in translation_caption(run)
    assert "over 8 source and 1 target token: " in quantity_caption(run, "forget_gate")
    assert "spread most" not in attention_caption(run)
    assert "wrote 1 token and was stopped before" in translation_caption(made(target=("▁ক",)))


def test_captions_are_plain_text_with_tokens_as_people_see_them(run):
    for caption in all_captions(run):
        assert "▁" not in caption
        assert "&lt;" not in caption
        assert "\n" not in caption
        assert "  " not in caption
        assert not re.search(r"nan|inf\b|None|float|array", caption)
        assert caption.endswith(".")


def test_captions_change_nothing_and_are_the_same_every_time(run, numbers_of):
    before = numbers_of(run)
    assert all_captions(run) == all_captions(run)
    for old, new in zip(before, numbers_of(run), strict=True):
        np.testing.assert_array_equal(old, new)


def test_a_real_translation_has_all_its_captions(translation):
    for caption in all_captions(translation):
        assert caption.endswith(".")
    assert f"“{translation.sentence}” became " in translation_caption(translation)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.5, "0.50"),
        (0.9951, "more than 0.99"),
        (1.0, "1.00"),
        (0.004, "less than 0.01"),
        (0.0, "0.00"),
        (0.99, "0.99"),
    ],
)
def test_rounding_does_not_open_or_close_a_gate_completely(value, text):
    assert share_of_one(np.float32(value)) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 %"), (1, "less than 1 %"), (20, "2 %"), (500, "50 %"), (999, "more than 99 %"), (1000, "100 %")],
)
def test_rounding_does_not_turn_some_into_none_or_most_into_all(count, text):
    assert percent(np.arange(1000) < count) == text


@pytest.mark.parametrize(("value", "text"), [(-3.456, "−3.46"), (-0.001, "0.00"), (0.0, "0.00"), (2.5, "2.50")])
def test_numbers_have_a_real_minus_sign_and_zero_has_none(value, text):
    assert number(np.float32(value)) == text
