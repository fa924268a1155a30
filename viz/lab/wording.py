"""Interventions in plain words. Units count from 0, steps from 1, as everywhere on the pages."""

from collections.abc import Sequence

from models.language.languages import LANGUAGES
from models.language.text import excerpt
from models.language.vocabulary import shown_token
from models.translation.interventions import Intervention
from models.translation.translator import Source, Translator
from viz.figures import theme
from viz.figures.wording import counted, number
from viz.widgets.units import as_list

MOST_NAMED = 8  # attention weights that a sentence lists one by one


def steps_in_words(first: int, last: int | None) -> str:
    if last == first:
        return f"in step {first + 1}"
    if last is not None:
        return f"in steps {first + 1} to {last + 1}"
    return f"from step {first + 1} on" if first else "in every step"


def units_in_words(units: Sequence[int]) -> str:
    if not units:
        return "all units"
    return f"unit {units[0]}" if len(units) == 1 else f"units {as_list(tuple(sorted(set(units))))}"


def in_words(each: Intervention, translator: Translator, source: Source) -> str:
    """What an intervention does, for a reader: ``decoder, forget gate of unit 17: held at 1 in step 3``."""
    if each.target == "token":
        return f"decoder: “{token_in_words(each, translator)}” is written {steps_in_words(each.first, each.last)}"
    if each.target == "attention":
        return f"attention {steps_in_words(each.first, each.last)}: {_attention(each, source)}"
    layer = f", layer {each.layer}" if translator.config.layers > 1 or each.layer else ""
    of_what = f"{each.side}{layer}, {theme.look(each.target).words} of {units_in_words(each.units)}"
    return f"{of_what}: {_change(each)} {steps_in_words(each.first, each.last)}"


def token_in_words(each: Intervention, translator: Translator) -> str:
    """The token that an intervention writes, as people see it."""
    tokens, at = translator.target_vocabulary.tokens, int(each.value)
    return shown_token(tokens[at]) if at < len(tokens) else f"token {at}"


def _change(each: Intervention) -> str:
    value = number(each.value, ".4g")
    if each.kind == "patch":
        donor = each.donor
        name = LANGUAGES.get(donor.language, excerpt(donor.language))
        where = "the same step" if each.donor_step is None else f"its step {each.donor_step + 1} on"
        return f"taken from “{donor.sentence}” to {name}, {where},"
    if each.values:
        return f"held at {', '.join(number(one, '.4g') for one in each.values)}"
    return {
        "set": f"held at {value}",
        "scale": f"multiplied by {value}",
        "add": f"plus {value}",
        "mean": "replaced by its mean over held-out sentences",
    }[each.kind]


def _attention(each: Intervention, source: Source) -> str:
    if each.kind == "permute":
        return f"weights shuffled (seed {int(each.value)})"
    if each.values:
        given = [f"{number(value, '.4g')} on {_position(at, source)}" for at, value in zip(each.units, each.values)]
        left_out = len(given) - MOST_NAMED
        rest = f" and {counted(left_out, 'other')}" if left_out > 0 else ""
        return f"{', '.join(given[:MOST_NAMED])}{rest}, scaled to sum to 1"
    if not each.units and each.kind == "set":
        return "uniform over all source states" if each.value > 0 else "none, so nothing is read from the source"
    places = ", ".join(_position(at, source) for at in each.units) or "every source state"
    return f"{places} {_change(each)}, then all scaled to sum to 1"


def _position(at: int, source: Source) -> str:
    if at >= len(source.tokens):
        return f"state {at + 1}"
    return f"“{shown_token(source.tokens[at], source.surfaces[at])}” ({at + 1})"
