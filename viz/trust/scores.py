"""Scores on sentences that were not trained on, by nearness and length; names."""

from models.evaluation import reading as measured
from models.evaluation.reading import Tree
from models.evaluation.results import METRIC, Rated
from models.language.languages import LANGUAGES
from viz.figures import evidence_captions as said
from viz.trust.parts import NOT_MEASURED, in_language, interval_pictures, part, rated_table
from viz.widgets.words import folding, table, words


def scores(evidence: Tree) -> None:
    with part("On sentences it was not trained on"):
        rows: list[Rated] = []
        for code, language in LANGUAGES.items():
            everything, nearness = measured.everything_of(evidence, code), measured.nearness_of(evidence, code)
            if everything is None:
                words(f"{language}: not measured.")
                continue
            parts = [nearness[name] for name in ("0-1", "2+") if name in nearness]
            words(
                said.headline(language, everything) + (f" {said.nearness_caption(*parts)}" if len(parts) == 2 else "")
            )
            rows += [in_language(language, row) for row in (everything, *parts)]
        if not rows:
            return
        interval_pictures(rows, "scores", counts=True)
        words(
            "Greedy search, one translation a sentence, against all its references. The sentences were written by the "
            "same volunteers as those of the training; text of another kind scores lower. Intervals by bootstrap: how "
            "far the score might move on other sentences of the same kind."
        )
        with folding("The scores as a table, and how to compute them again", "scores_table") as box:
            if box.open:
                rated_table("Scores on held-out sentences", rows)
                for code, language in LANGUAGES.items():
                    for metric, signature in measured.signatures_of(evidence, code).items():
                        words(f"{language}, {METRIC[metric]}, sacrebleu: {signature}")


def lengths(evidence: Tree) -> None:
    with part("Short and long sentences"):
        by_language = {language: measured.lengths_of(evidence, code) for code, language in LANGUAGES.items()}
        rows = [in_language(language, row) for language, found in by_language.items() for row in found if row.scores]
        if not rows:
            words(NOT_MEASURED)
            return
        for language, found in by_language.items():
            words(said.lengths_caption(language, found))
        interval_pictures(rows, "lengths", counts=True)
        with folding("Scores by length as a table", "lengths_table") as box:
            if box.open:
                rated_table("Scores by length of the English", rows)


def people(evidence: Tree) -> None:
    with part("Names"):
        found = {code: measured.names_of(evidence, code) for code in LANGUAGES}
        if not any(found.values()):
            words(NOT_MEASURED)
            return
        for code, parts in found.items():
            shares = {name: parts[name][0] if name in parts else None for name in ("held_out", "training")}
            words(said.names_caption(LANGUAGES[code], **shares) if parts else f"{LANGUAGES[code]}: not measured.")
        words("A name must be spelled letter by letter in another script; several spellings are accepted.")
        with folding("Names, sentence by sentence", "names_table") as box:
            if box.open:
                table(
                    "Names in an accepted spelling",
                    ["language", "names", "sentence", "right", "of", "share"],
                    [
                        [LANGUAGES[code], name.replace("_", " "), english, share.right, share.sentences,
                         said.share_words(share)]
                        for code, parts in found.items()
                        for name, (whole, templates) in parts.items()
                        for english, share in [("all", whole), *templates]
                    ],
                )  # fmt: skip
