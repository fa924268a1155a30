"""Tokens of a vocabulary to choose from: the most probable in a list, any other as typed."""

from models.language.vocabulary import shown_token
from models.recurrent.trace import Array
from viz.figures.token_words import place_in_word
from viz.figures.wording import share_of_one

OFFERED = 200  # the most probable tokens are in the list; any other can be typed


def labels_of(tokens: tuple[str, ...], probabilities: Array, numbers: list[int]) -> dict[int, str]:
    """Token and probability for each number, all different: equal texts are told apart by where they may stand."""
    numbers = list(dict.fromkeys(numbers))
    shown = {number: shown_token(tokens[number]) for number in numbers}
    seen: dict[str, list[int]] = {}
    for number, text in shown.items():
        seen.setdefault(text, []).append(number)
    labels = {}
    for number, text in shown.items():
        place = "" if len(seen[text]) == 1 else f", {place_in_word(tokens[number])}"
        labels[number] = f"{text}{place}: {share_of_one(probabilities[number])}"
    return labels


def number_of(typed: str, tokens: tuple[str, ...], probabilities: Array) -> int | None:
    """The token that is shown as this text, the more probable one of two; None if there is none."""
    wanted = typed.strip()
    found = [number for number, token in enumerate(tokens) if wanted and wanted in (token, shown_token(token))]
    return max(found, key=lambda number: probabilities[number], default=None)
