"""Sentences computed from the same trace as the picture: captions, and the text for readers who cannot see it.

Plain text, with tokens as they were typed: no mark-up of any kind, and to be shown as none.
"""

import numpy as np

from models.language.languages import LANGUAGES
from models.language.vocabulary import shown_token
from models.recurrent.record import Part, Record
from models.recurrent.trace import Array
from models.translation.record import TranslationTrace
from viz.figures import theme
from viz.figures.columns import checked, columns_in, columns_of
from viz.figures.wording import capitalised, counted, number, percent, share_of_one

OPEN, CLOSED = 0.9, 0.1  # beyond these a gate counts as saturated (Karpathy et al. 2015)
GUESS = 0.2  # a token that was less probable than this when it was written was guessed
TOKENS = {"encoder": ("source", "token"), "decoder": ("target", "token")}  # the steps of a translation's parts


def translation_caption(translation: TranslationTrace) -> str:
    """What was translated into what, in how many steps, and how sure the model was of each token."""
    language = LANGUAGES.get(translation.language, translation.language)
    result = f"became “{translation.text}” in {language}" if translation.text else f"became no {language} text at all"
    S, T = (part.steps for part in translation.parts)
    end = "the end mark" if T == 1 else "the last of them the end mark"
    if not translation.is_finished:
        end = "and was stopped before an end mark: the translation is cut off"
    columns, probabilities = columns_in(translation.part("decoder")), translation.probabilities
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
        f"The model gave {sure}: how sure it was, not how good the translation is.{_guesses(translation)}"
    )


def _guesses(translation: TranslationTrace) -> str:
    """Where the network was guessing, as its heat maps say it beside the translation."""
    probabilities = translation.probabilities
    count, T = int((probabilities < GUESS).sum()), len(probabilities)
    if not count:
        return ""
    least = int(probabilities.argmin())
    sure = share_of_one(probabilities[least])
    sure = f"just below {GUESS:.2f}" if sure == f"{GUESS:.2f}" else sure
    where = f"{columns_in(translation.part('decoder'))[least].place} ({sure})"
    if count == 1:
        return f" It was guessing at {where}: less than {GUESS}."
    extent = "throughout" if count == T else f"at {count} of {counted(T, 'token')}"
    return f" It was guessing {extent}, at less than {GUESS} each, and was least sure of {where}."


def quantity_caption(record: Record, quantity: str, layer: int = 0) -> str:
    """How the values of one quantity are distributed over units and steps, and where they stand out."""
    described, values = record.cell[quantity], record.values(quantity, layer)  # (steps, H)
    start = f"{theme.look(described).name} of {counted(record.units, 'unit')} over {_extent(record)}: "
    describe = _gate_words if described.range == "gate" else _state_words
    words = [start + describe(record, values), *[described.meaning] * bool(described.meaning)]
    if described.range == "unbounded":
        limit = theme.limit_of(quantity, *record.traces(layer))
        words.append(f"The colour scale ends at {number(-limit, 'g')} and {limit:g}, for this run.")
    return " ".join(words)


def called(part: Part, many: bool = True) -> str:
    """What the steps of a part are called: ``source tokens``, or one of them."""
    kind, step = TOKENS.get(part.name, (part.name, "step"))
    return f"{kind} {step}{'s' * many}".lstrip()


def _extent(record: Record) -> str:
    """How many steps there are in every part: ``8 source and 5 target tokens``, or ``30 steps``."""
    *before, last = record.parts
    said = [f"{part.steps} {called(part).rpartition(' ')[0]}" for part in before]
    return " and ".join([*said, counted(last.steps, called(last, many=False))])


def _gate_words(record: Record, values: Array) -> str:
    by_column = values.mean(axis=1, dtype=np.float64)
    columns = columns_of(record)
    low, high = (
        f"{columns[at].place} ({share_of_one(by_column[at])})" for at in (by_column.argmin(), by_column.argmax())
    )
    least, most, mean = map(share_of_one, (values.min(), values.max(), values.mean(dtype=np.float64)))
    return (
        f"values from {least} to {most}, mean {mean}; {percent(values > OPEN)} above {OPEN}, "
        f"{percent(values < CLOSED)} below {CLOSED}. The mean over all units is lowest at {low} and highest at {high}; "
        "a mean hides what single units do."
    )


def _state_words(record: Record, values: Array) -> str:
    at, unit = np.unravel_index(np.abs(values).argmax(), values.shape)
    return (
        f"values from {number(values.min())} to {number(values.max())}; {percent(values > 0)} above 0, "
        f"{percent(values < 0)} below. The largest in size is {number(values[at, unit])}, unit {unit} at "
        f"{columns_of(record)[at].place}."
    )


def attention_caption(translation: TranslationTrace) -> str:
    """Where the largest weight lies, which row is spread most, and what a weight is not."""
    weights = translation.attention  # (T, S)
    T, S = weights.shape
    source, target = map(columns_in, translation.parts)
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


def happened(record: Record, column: int) -> str:
    """What a step read, and in a decoder wrote."""
    place, (part, step) = columns_of(record)[column], record.locate(column)
    read = f"{capitalised(place.name)} of {part.steps}"
    if not place.is_number_alone:
        read += f" read “{place.read}”"
    if place.written is None:
        return f"{read}."
    sure = ""
    if isinstance(record, TranslationTrace):
        sure = f" (probability {share_of_one(record.probabilities[step])})"
    return f"{read} and wrote “{place.written}”{sure}."


def step_caption(record: Record, column: int, unit: int, layer: int = 0) -> str:
    """What one unit did in one step, of an LSTM with its arithmetic; numbers rounded to four decimals.

    Raises:
        IndexError: there is no such column or unit.
    """
    checked(record, column, unit)
    start, memory = f"{happened(record, column)} Unit {unit}:", record.cell.memory
    values = {name: number(record.values(name, layer)[column, unit], ".4f") for name in record.cell.names}
    before = number(record.previous(memory, layer)[column, unit], ".4f")
    if record.cell.name != "lstm":
        called = {each.name: theme.look(each).words for each in record.cell.quantities}
        said = [f"previous {called[memory]} {before}", *(f"{called[name]} {value}" for name, value in values.items())]
        return f"{start} {', '.join(said)}."
    return (
        f"{start} forget gate {values['forget_gate']} times previous cell state {before}, plus input gate "
        f"{values['input_gate']} times candidate {values['candidate']}, gives cell state {values['cell_state']}. "
        f"Output gate {values['output_gate']} times tanh of that gives hidden state {values['hidden_state']}."
    )


def candidates_caption(translation: TranslationTrace, step: int) -> str:
    """Which tokens the decoder might have written at one step, 0..T-1, the most probable first.

    Raises:
        IndexError: there is no such step.
    """
    checked(translation, translation.starts[1] + step if step >= 0 else step)
    listed = ", ".join(f"“{shown_token(c.token)}” {share_of_one(c.probability)}" for c in translation.candidates[step])
    return f"Most probable at decoder step {step + 1}: {listed}."
