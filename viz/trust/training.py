"""How the network was trained, and whether it memorised."""

import streamlit as st

from models.evaluation import reading as measured
from models.evaluation.reading import Tree
from models.evaluation.results import METRIC, Curve
from models.language.languages import LANGUAGES
from viz.figures import evidence_captions as said
from viz.figures.evidence import curve_chart, gap_chart
from viz.trust.parts import NOT_MEASURED, part
from viz.widgets.words import folding, is_dark, picture, table, words

NOTE_EPOCH, NOTE_LOSS, NOTE_VALIDATION_LOSS = 500, 0.0419, 3.7001  # the last line of a common lecture note


def curves(card: Tree) -> None:
    with part("How it was trained, and whether it memorised"):
        found = measured.curves_of(card)
        columns = st.columns(3)
        for (code, language), column in zip(LANGUAGES.items(), columns, strict=False):
            with column:
                pair = [
                    Curve(label, found[f"{code}_{kind}"].values)
                    for kind, label in (("training", "trained on"), ("validation", "held out"))
                    if f"{code}_{kind}" in found and found[f"{code}_{kind}"].points
                ]
                if len(pair) == 2:
                    picture(
                        gap_chart(language, *pair, dark=is_dark()), said.gap_caption(language, *pair), f"loss_{code}"
                    )
                else:
                    words(f"{language}: cross-entropy on training and held-out pairs, measured alike: not measured.")
        with columns[2]:
            note = [
                Curve(label, [value], [NOTE_EPOCH], ".4f")
                for label, value in (("trained on", NOTE_LOSS), ("held out", NOTE_VALIDATION_LOSS))
            ]
            sentence = said.note_caption(NOTE_EPOCH, NOTE_LOSS, NOTE_VALIDATION_LOSS)
            picture(gap_chart("A lecture note", *note, dark=is_dark()), sentence, "loss_note")
        training = card.get("training")
        if isinstance(training, dict) and (begun_with := training.get("begun_with")):
            words(
                f"This training began with the weights of another network, {begun_with}, not with random ones: the "
                "curves begin where that one had already learned most."
            )
        words(
            "Cross-entropy is the mean of −log p of the right next token, end mark included: 0 would be certainty. "
            "Both curves of this network are measured alike after each epoch: without dropout or label smoothing, by "
            "the averaged weights, which are what ships. The note's numbers are not comparable with ours: it has other "
            "data and characters where this network has subwords, and it does not say how they were measured. Only the "
            "gap within a run says something: how much better a network knows what it has read than what it has not. "
            "The five one-word commands that the note shows as its result do not tell the two apart."
        )
        score_curves(found)
        with folding("The curves as a table", "curves_table") as box:
            if box.open:
                curves_table(found)


def score_curves(found: dict[str, Curve]) -> None:
    for (code, language), column in zip(LANGUAGES.items(), st.columns(len(LANGUAGES)), strict=True):
        with column:
            lines = [
                Curve(METRIC[metric], found[f"{code}_{metric}"].values, form=".1f")
                for metric in reversed(METRIC)
                if f"{code}_{metric}" in found and found[f"{code}_{metric}"].points
            ]
            if lines:
                figure = curve_chart(f"{language}, held-out sentences", "score", lines, (0, 100), is_dark())
                picture(figure, said.scores_curve_caption(language, lines), f"score_{code}")
            else:
                words(f"{language}: scores by epoch: not measured.")


def curves_table(found: dict[str, Curve]) -> None:
    names = {"loss": "loss while training"}
    for code, language in LANGUAGES.items():
        kinds = {"training": "cross-entropy, trained on", "validation": "cross-entropy, held out", **METRIC}
        names |= {f"{code}_{kind}": f"{language}: {name}" for kind, name in kinds.items()}
    shown = {name: curve for name, curve in found.items() if name in names}
    if not shown:
        words(NOT_MEASURED)
        return
    rows = zip(*(curve.values for curve in shown.values()), strict=True)
    table(
        "After each epoch",
        ["epoch", *(names[name] for name in shown)],
        [[epoch, *("not measured" if v is None else f"{v:.3f}" for v in row)] for epoch, row in enumerate(rows, 1)],
    )
    words("The loss while training has dropout and label smoothing in it: do not compare it with the other numbers.")
