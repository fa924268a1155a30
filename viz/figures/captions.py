"""Sentences computed from the same trace as the picture: captions, and the text for readers who cannot see it.

Plain text, with tokens as they were typed: no mark-up of any kind, and to be shown as none.
"""

import numpy as np

from models.language.languages import LANGUAGES
from models.language.vocabulary import shown_token
from models.recurrent.trace import Array, Quantity
from models.translation.record import TranslationTrace
from viz.figures import theme
from viz.figures.columns import checked, columns_of, previous_cell_state_of, sides, values_of
from viz.figures.wording import counted, number, percent, share_of_one

OPEN, CLOSED = 0.9, 0.1  # beyond these a gate counts as saturated (Karpathy et al. 2015)
MEANING: dict[Quantity, str] = {
    "forget_gate": "A unit with a forget gate of 1 would keep all of its cell state, one of 0 nothing.",
    "input_gate": "A unit with an input gate of 1 would add all of its candidate to its cell state, one of 0 nothing.",
    "output_gate": "A unit with an output gate of 1 would show all of tanh of its cell state, one of 0 nothing.",
    "candidate": "What is added to the cell state is the candidate times the input gate.",
    "cell_state": "The cell state has no bound.",
    "hidden_state": "It is the output gate times tanh of the cell state.",
}


def translation_caption(translation: TranslationTrace) -> str:
    """What was translated into what, in how many steps, and how sure the model was of each token."""
    language = LANGUAGES.get(translation.language, translation.language)
    result = f"became “{translation.text}” in {language}" if translation.text else f"became no {language} text at all"
    S, T = len(translation.source_tokens), len(translation.target_tokens)
    end = "the end mark" if T == 1 else "the last of them the end mark"
    if not translation.is_finished:
        end = "and was stopped before an end mark: the translation is cut off"
    columns, probabilities = columns_of(translation)[S:], translation.probabilities
    sure = f"it a probability of {share_of_one(probabilities[0])}"
    if T > 1:
        low, high = (
            f"{share_of_one(probabilities[step])} ({columns[step].place})"
            for step in (probabilities.argmin(), probabilities.argmax())
        )
        sure = f"the tokens probabilities from {low} to {high}, each given the tokens before it"
    return (
        f"“{translation.sentence}” {result}. The encoder read {counted(S, 'token')}, language tag and end mark "
        f"included; the decoder wrote {counted(T, 'token')}{',' if translation.is_finished else ''} {end}. "
        f"The model gave {sure}: how sure it was, not how good the translation is."
    )


def quantity_caption(translation: TranslationTrace, quantity: Quantity, layer: int = 0) -> str:
    """How the values of one quantity are distributed over units and steps, and where they stand out."""
    values = values_of(translation, quantity, layer)  # (S + T, H)
    S, T = len(translation.source_tokens), len(translation.target_tokens)
    units = counted(values.shape[1], "unit")
    start = f"{theme.look(quantity).name} of {units} over {S} source and {counted(T, 'target token')}: "
    describe = _gate_words if theme.look(quantity).scale == "sequential" else _state_words
    words = [start + describe(translation, values), MEANING[quantity]]
    if quantity == "cell_state":
        limit = theme.limit_of("cell_state", *sides(translation, layer))
        words.append(f"The colour scale ends at {number(-limit, 'g')} and {limit:g}, for this run.")
    return " ".join(words)


def _gate_words(translation: TranslationTrace, values: Array) -> str:
    by_column = values.mean(axis=1, dtype=np.float64)
    columns = columns_of(translation)
    low, high = (
        f"{columns[at].place} ({share_of_one(by_column[at])})" for at in (by_column.argmin(), by_column.argmax())
    )
    least, most, mean = map(share_of_one, (values.min(), values.max(), values.mean(dtype=np.float64)))
    return (
        f"values from {least} to {most}, mean {mean}; {percent(values > OPEN)} above {OPEN}, "
        f"{percent(values < CLOSED)} below {CLOSED}. The mean over all units is lowest at {low} and highest at {high}; "
        "a mean hides what single units do."
    )


def _state_words(translation: TranslationTrace, values: Array) -> str:
    at, unit = np.unravel_index(np.abs(values).argmax(), values.shape)
    return (
        f"values from {number(values.min())} to {number(values.max())}; {percent(values > 0)} above 0, "
        f"{percent(values < 0)} below. The largest in size is {number(values[at, unit])}, unit {unit} at "
        f"{columns_of(translation)[at].place}."
    )


def attention_caption(translation: TranslationTrace) -> str:
    """Where the largest weight lies, which row is spread most, and what a weight is not."""
    weights = translation.attention  # (T, S)
    T, S = weights.shape
    columns = columns_of(translation)
    source, target = columns[:S], columns[S:]
    row, column = np.unravel_index(weights.argmax(), weights.shape)
    start = f"Attention of {counted(T, 'target token')} over {counted(S, 'source state')}: "
    reads = weights.any(axis=1)  # where an intervention took all weights away, nothing is read
    if not reads.any():
        return start + "all weights are 0, nothing was read from the source."
    nothing = f", but for {counted(int((~reads).sum()), 'token')} whose weights are all 0" if not reads.all() else ""
    words = [
        f"{start}the weights of each target token add up to 1{nothing}. The largest is "
        f"{share_of_one(weights[row, column])}, from {target[row].place} to the state at {source[column].place}."
    ]
    if reads.sum() > 1:
        spread = int(np.where(reads, weights.max(axis=1), np.inf).argmin())
        largest = share_of_one(weights[spread].max())
        words.append(f"The weights of {target[spread].place} are spread most: the largest of them is {largest}.")
    words.append(
        "A weight says how much of a source state was blended in. Each state depends on every token read up to then, "
        "so a weight is not that of one word, and it does not explain the translation."
    )
    return " ".join(words)


def step_caption(translation: TranslationTrace, column: int, unit: int, layer: int = 0) -> str:
    """What one unit did in one step, with its arithmetic; numbers rounded to four decimals.

    Raises:
        IndexError: there is no such column (0..S+T-1) or unit.
    """
    checked(translation, column, unit)
    place = columns_of(translation)[column]
    if place.side == "encoder":
        happened = f"Encoder step {place.step} of {len(translation.source_tokens)} read “{place.read}”."
    else:
        happened = (
            f"Decoder step {place.step} of {len(translation.target_tokens)} read “{place.read}” and wrote "
            f"“{place.written}” (probability {share_of_one(translation.probabilities[place.step - 1])})."
        )
    f, i, o, g, c, h = (
        number(values_of(translation, quantity, layer)[column, unit], ".4f")
        for quantity in ("forget_gate", "input_gate", "output_gate", "candidate", "cell_state", "hidden_state")
    )
    before = number(previous_cell_state_of(translation, layer)[column, unit], ".4f")
    return (
        f"{happened} Unit {unit}: forget gate {f} times previous cell state {before}, plus input gate {i} times "
        f"candidate {g}, gives cell state {c}. Output gate {o} times tanh of that gives hidden state {h}."
    )


def candidates_caption(translation: TranslationTrace, step: int) -> str:
    """Which tokens the decoder might have written at one step, 0..T-1, the most probable first.

    Raises:
        IndexError: there is no such step.
    """
    checked(translation, len(translation.source_tokens) + step if step >= 0 else step)
    listed = ", ".join(f"“{shown_token(c.token)}” {share_of_one(c.probability)}" for c in translation.candidates[step])
    return f"Most probable at target step {step + 1}: {listed}."
