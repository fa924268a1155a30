"""Sentences about how good a network is, computed from the numbers that the pictures show. Plain text, no mark-up."""

from collections.abc import Sequence

from models.evaluation.results import (
    METRIC,
    SAMPLES,
    VERDICT,
    Counted,
    Curve,
    Difference,
    Former,
    Metric,
    Rated,
    Score,
    Share,
)
from viz.figures.evidence import score_text
from viz.figures.wording import counted, number

SMALLEST_P = round(1 / (SAMPLES + 1), 4)  # no sample is as far from 0 as what was observed; as stored
SURE = 0.05  # a difference with a smaller p-value is told from chance


def headline(language: str, everything: Rated) -> str:
    """What the network scores on sentences it was not trained on."""
    scores = " and ".join(
        f"{METRIC[metric]} {score_words(score)}" for metric, score in everything.scores.items()
    ) or "no score"  # fmt: skip
    return f"{language}: {scores} on {counted(everything.sentences, 'English sentence')} that it was not trained on."


def score_words(score: Score) -> str:
    """A score with its 95 % interval, or with the word that there is none."""
    if score.interval is None:
        return f"{score.value:.1f} (no interval measured)"
    low, high = score.interval
    return f"{score.value:.1f} (95 % interval {low:.1f} to {high:.1f})"


def intervals_caption(rows: Sequence[Rated], metric: Metric) -> str:
    """Every row of a picture of scores, in its order."""
    listed = "; ".join(
        f"{row.label}, {counted(row.sentences, 'sentence')}: {score_text(row.scores[metric])}"
        for row in rows
        if metric in row.scores
    )
    return f"{METRIC[metric]}, 0 to 100, with 95 % intervals in brackets. {listed}."


def nearness_caption(near: Rated, far: Rated) -> str:
    """What the sentences that resemble training sentences do to the score."""
    share = near.sentences / max(near.sentences + far.sentences, 1)
    words = f"Of these, {100 * share:.0f} % are near a training sentence, at most one word away from it"
    if "chrf" not in near.scores or "chrf" not in far.scores:
        return f"{words}; the two parts were not scored."
    one, other = near.scores["chrf"].value, far.scores["chrf"].value
    return (
        f"{words}: {METRIC['chrf']} {one:.1f}. All others are far: {METRIC['chrf']} {other:.1f}, "
        f"{number(abs(one - other), '.1f')} {'lower' if other < one else 'higher'}. That number says more about new "
        "sentences."
    )


def lengths_caption(language: str, rows: Sequence[Rated]) -> str:
    """Whether longer sentences score lower, from the shortest and the longest that were measured."""
    measured = [row for row in rows if "chrf" in row.scores]
    if len(measured) < 2:
        return f"{language}: not enough lengths were measured to compare."
    first, last = measured[0], measured[-1]
    one, other = first.scores["chrf"], last.scores["chrf"]
    words = f"{language}: {METRIC['chrf']} {one.value:.1f} at {first.label}, {other.value:.1f} at {last.label}"
    words += f" ({counted(last.sentences, 'sentence')})."
    if (
        one.interval
        and other.interval
        and one.interval[0] <= other.interval[1]
        and other.interval[0] <= one.interval[1]
    ):
        words += " The intervals overlap: so few sentences do not settle it."
    return words


def gap_caption(name: str, training: Curve, validation: Curve) -> str:
    """Both curves at the last epoch that has both, and the lowest point of the one on unseen sentences."""
    seen, held = dict(training.points), dict(validation.points)
    last = max(seen.keys() & held.keys())
    low = min(held, key=held.__getitem__)
    is_lowest = f"{held[low]:.2f}" == f"{held[last]:.2f}"
    where = "its lowest" if is_lowest else f"its lowest was {held[low]:.2f} after epoch {low}"
    return (
        f"{name}: after epoch {last} the cross-entropy is {seen[last]:.2f} on training pairs and {held[last]:.2f} on "
        f"pairs held out ({where}), a gap of {number(held[last] - seen[last])}."
    )


def scores_curve_caption(name: str, curves: Sequence[Curve]) -> str:
    parts = []
    for curve in curves:
        (first, start), (last, end) = curve.points[0], curve.points[-1]
        best, most = max(curve.points, key=lambda point: point[1])
        top = "the highest" if best == last else f"the highest, {most:.1f}, after epoch {best}"
        parts.append(f"{curve.label} {start:.1f} after epoch {first} and {end:.1f} after epoch {last} ({top})")
    return f"{name}: {'; '.join(parts)}."


def note_caption(epoch: int, training: float, validation: float) -> str:
    """What the last line of a lecture note says, and what it does not."""
    return (
        f"A common lecture note on a Bangla translator ends: epoch {epoch}, loss {training}, validation loss "
        f"{validation}. Close to 0 on what it has read, {number(validation - training)} above that on what it has not: "
        "this is what memorising looks like. The note gives no curve, only this last line."
    )


def verdicts_caption(row: Counted) -> str:
    given = [f"{row.verdicts[verdict]} {VERDICT[verdict]}" for verdict in VERDICT if row.verdicts.get(verdict)]
    return f"{row.label}: of {counted(row.sentences, 'everyday sentence')}, {', '.join(given) or 'none judged'}."


def former_caption(former: Former, now: Counted) -> str:
    """How many more of the same sentences are right than with the network before."""
    right, before = (row.verdicts["right"] for row in (now, former.counted))
    return (
        f"{now.label}: {right} of them are right, {before} were with the network before it: "
        f"{counted(former.better, 'sentence')} came right, {former.worse} went wrong. Difference, in per cent of the "
        f"sentences: {difference_text(former.difference)}, by the exact sign test."
    )


def names_caption(language: str, held_out: Share | None, training: Share | None) -> str:
    """Names that the network has not met, and names that it has."""
    parts = [
        f"{of_all(share)} {what}"
        for share, what in ((held_out, "with a name it has never met"), (training, "with a name it was trained on"))
        if share is not None
    ]
    return f"{language}: the name came out in an accepted spelling in {' and in '.join(parts)}."


def of_all(share: Share) -> str:
    """``38 of 40 (95.0 %)``"""
    return f"{share.right} of {share.sentences} ({share_words(share)})"


def share_words(share: Share) -> str:
    """Per cent, to one decimal below ten; nothing is rounded to none or to all."""
    if not share.sentences:
        return "none asked"
    value = 100 * share.right / share.sentences
    text = f"{value:.1f} %" if value < 10 or value > 90 else f"{value:.0f} %"
    if text == "0.0 %" and share.right:
        return "less than 0.1 %"
    if text == "100.0 %" and share.right < share.sentences:
        return "more than 99.9 %"
    return {"0.0 %": "0 %", "100.0 %": "100 %"}.get(text, text)


def difference_text(difference: Difference) -> str:
    """``+0.8 (−0.1 to +1.7), p = 0.081``; the smallest p that the samples can give is said to be no more than that."""
    low, high = (signed(end) for end in difference.interval)
    p = f"p ≤ {SMALLEST_P:g}" if difference.p <= SMALLEST_P else f"p = {difference.p:.3f}"
    return f"{signed(difference.value)} ({low} to {high}), {p}"


def comparisons_caption(differences: Sequence[Difference]) -> str:
    """How many differences are tested at once, and what chance alone would make of so many."""
    count = len(differences)
    bound = SURE / count
    below, sure = (sum(each.p < limit for each in differences) for limit in (SURE, bound))
    return (
        f"This page has {counted(count, 'difference')}. If chance alone were at work, about {SURE * count:.1f} of them "
        f"would have a p below {SURE:g} all the same; {below} of them have. For all of them together the bound is "
        f"{SURE:g} / {count} = {bound:.4f} (Bonferroni): {sure} of them are below it."
    )


def signed(value: float) -> str:
    text = number(value, ".1f")
    return text if text.startswith("−") or not float(text) else f"+{text}"


def beam_caption(language: str, beam: int, greedy: Rated, searched: Rated, difference: Difference) -> str:
    """Beam search against greedy search, and whether the difference is told from chance."""
    one, other = greedy.scores["chrf"], searched.scores["chrf"]
    verdict = (
        "a difference that chance alone would hardly bring about"
        if difference.p < SURE
        else "a difference that chance alone could bring about"
    )
    return (
        f"{language}: a beam of {beam} scores {METRIC['chrf']} {other.value:.1f}, greedy search {one.value:.1f}; "
        f"difference {difference_text(difference)}: {verdict}."
    )
