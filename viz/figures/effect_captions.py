"""What interventions did to a translation, in sentences computed from both runs."""

from collections.abc import Sequence
from typing import Literal

import numpy as np

from models.analysis.alignment import tokens_changed
from models.analysis.effects import Effect, rank
from models.translation.record import TranslationTrace
from models.translation.translator import MAX_TARGET_TOKENS
from viz.figures.columns import columns_in
from viz.figures.wording import counted, number

Outcome = Literal["same", "few", "most", "endless"]
OUTCOMES: dict[Outcome, str] = {
    "same": "It stays as it is",
    "few": "At most half of the tokens change",
    "most": "More than half of the tokens change",
    "endless": f"It never ends by itself: cut off at {MAX_TARGET_TOKENS} tokens",
}
FORCED = (
    "Both measures in nats come from another computation than the runs on view: teacher forcing. The changed network "
    "is made to read the tokens of the original translation, whatever it would write itself, and its probabilities "
    "are compared with those of the original run. Tokens changed compares what each wrote by itself."
)
TOKENS = "So a token that is written for the network counts in the first row alone."
WHY_RANDOM = (
    "One striking example proves nothing: almost any units, changed far enough, change something. So the same change "
    "is made to random sets of as many units of the same layer."
)
NO_RANDOM = (
    "No intervention in the list names units of a layer, so there are no random sets of as many units to compare with. "
    "Name some units, not all, and this table gets a control."
)


def outcome(before: TranslationTrace, after: TranslationTrace) -> Outcome:
    """What became of a translation; tokens are counted against the length of the one before."""
    changed = tokens_changed(before.target_tokens, after.target_tokens)
    if not changed:
        return "same"
    if not after.is_finished:
        return "endless"
    return "few" if 2 * changed <= len(before.target_tokens) else "most"


def outcome_caption(before: TranslationTrace, after: TranslationTrace) -> str:
    """What did happen, in numbers."""
    changed = tokens_changed(before.target_tokens, after.target_tokens)
    length = f"from {counted(len(before.target_tokens), 'token')} to {len(after.target_tokens)}"
    if not changed:
        return f"No token changed: all {len(before.target_tokens)} are the same."
    end = "" if after.is_finished else ", where the length limit cut it off"
    return (
        f"{counted(changed, 'token')} had to be inserted, removed or replaced to get from the one translation to the "
        f"other. It went {length}{end}."
    )


def guess_caption(guess: Outcome, before: TranslationTrace, after: TranslationTrace) -> str:
    """A guess beside what did happen."""
    found = outcome(before, after)
    verdict = "That is what happened." if found == guess else f"What happened: {_lower(OUTCOMES[found])}."
    return f"Your guess: {_lower(OUTCOMES[guess])}. {verdict} {outcome_caption(before, after)}"


def rank_caption(ours: Effect, others: Sequence[Effect]) -> str:
    """Whether ours stands out among random sets, by the divergence that it causes."""
    place = rank(ours, others, "divergence")
    more, as_much = place.best - 1, place.worst - place.best
    tie = f", {as_much} as much" if as_much else ""
    unchanged = sum(not other.tokens_changed for other in others)
    if 20 * place.worst <= place.count:
        sense = "these units stand out"
    elif 2 * more > len(others):
        sense = "most random sets did more"
    elif 2 * more == len(others):
        sense = "as many random sets did more as did not"
    elif place.worst == place.best:
        sense = "most random sets did less, but these units do not stand out: they are not among the first 5 in 100"
    else:
        sense = "these units do not stand out: random sets did as much"
    return (
        f"Of {len(others)} random sets of as many units, {more} changed the probabilities more than these{tie} (KL "
        f"divergence): rank {place}, so {sense}. {_left(unchanged, len(others))} the translation as it was."
    )


def divergence_caption(before: TranslationTrace, ours: Effect) -> str:
    """Where the probabilities differ most."""
    at = int(np.argmax(ours.divergences))
    if not ours.divergences[at] > 0:
        return "Under teacher forcing no step's probabilities differ from the original run's."
    place = columns_in(before.part("decoder"))[at].place
    return (
        f"KL divergence of each step under teacher forcing: {number(ours.divergence, '.4f')} nats in all, "
        f"{number(ours.mean_divergence, '.4f')} a step; the most, {number(ours.divergences[at], '.4f')}, at {place}."
    )


def _left(count: int, of: int) -> str:
    return "None left" if not count else "All left" if count == of else f"{count} left"


def _lower(text: str) -> str:
    return text[0].lower() + text[1:]
