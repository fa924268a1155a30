"""Single sentences: the everyday ones that were judged, and translations that went wrong."""

from collections.abc import Mapping
from typing import cast

import streamlit as st

from models import TranslationTrace
from models.evaluation import reading as measured
from models.evaluation.reading import Mistake, Tree
from models.evaluation.results import Share
from models.language.languages import LANGUAGES
from models.language.text import normalise
from viz import loading
from viz.figures import captions, theme
from viz.figures import evidence_captions as said
from viz.figures.attention import attention_heatmap
from viz.figures.columns import columns_in
from viz.figures.evidence import (
    verdict_chart,
)
from viz.state import selection
from viz.trust.parts import NOT_MEASURED, in_words, part, problems_said
from viz.widgets.words import Text, folding, is_dark, picture, table, words

TRANSLATE = "translate/page.py"


def everyday(evidence: Tree) -> None:
    with part("Everyday sentences, judged by reading"):
        found = {code: read for code in LANGUAGES if (read := measured.judged_of(evidence, code, "everyday"))}
        outside = {code: read for code in LANGUAGES if (read := measured.judged_of(evidence, code, "outside"))}
        former = {code: read for code in found if (read := measured.former_of(evidence, code))}
        if not found:
            words(NOT_MEASURED)
        else:
            rows = [
                row
                for code, (whole, _, _) in found.items()
                for row in (
                    *((former[code].counted,) if code in former else ()),
                    whole,
                    *((outside[code][0],) if code in outside else ()),
                )
            ]
            picture(verdict_chart(rows, is_dark()), " ".join(map(said.verdicts_caption, rows)), "verdicts")
            words("A score counts matching letters; here each translation was read and judged once.")
            for code, before in former.items():
                words(said.former_caption(before, found[code][0]))
            share_of_patterns(measured.coverage_of(evidence))
        with folding("How they are judged", "rubric") as box:
            if box.open:
                with problems_said():
                    st.markdown(measured.read_text(loading.ASSETS / measured.EVALUATION / measured.RUBRIC))
        read = [*found.items(), *outside.items()]
        with folding("By category", "everyday_categories") as box:
            if box.open:
                table(
                    "Verdicts by category",
                    ["language", "category", "right", "understandable", "wrong", "not judged"],
                    [
                        [whole.label, each.label, *(each.verdicts[verdict] for verdict in each.verdicts)]
                        for _, (whole, categories, _) in read
                        for each in categories
                    ],
                )
        with folding("Every sentence with its translations and verdicts", "everyday_table") as box:
            if box.open:
                for code, (whole, _, judgements) in read:
                    table(
                        f"Everyday sentences into {whole.label}",
                        ["English", "the network wrote", "verdict", "remark"],
                        [
                            [each.english, Text(each.translation, code), each.verdict, each.remark]
                            for each in judgements
                        ],
                    )


def share_of_patterns(coverage: Mapping[str, Share]) -> None:
    """How many of the sentences are of a kind that the grammar yields; nothing for a network without the grammar."""
    if "everyday" in coverage and "outside" in coverage:
        words(
            "Part of the training is drawn from a grammar. None of these sentences is, nor one a word away. Leaving "
            f"aside the words of content, {said.of_all(coverage['everyday'])} of the everyday ones have a pattern that "
            f"the grammar yields, and {said.of_all(coverage['outside'])} of those written to be outside of it."
        )


def checks(evidence: Tree) -> None:
    """What needs no judge; nothing where it was not measured."""
    found = {}
    with problems_said():
        found = {code: rows for code in LANGUAGES if (rows := measured.checks_of(evidence, code))}
    if not found:
        return
    with part("Checked without a judge"):
        words(
            "The first words of a class are what everybody types first; they may stand in the training, so they say "
            "what works, not how well the network generalises. Each number stands in eight sentences."
        )
        table(
            "Checks",
            ["what was counted", *map(LANGUAGES.__getitem__, found)],
            [[what, *(said.of_all(rows[what]) for rows in found.values())] for what in next(iter(found.values()))],
        )
        with folding("The first words, one by one", "first_words_table") as box:
            if box.open:
                for code in found:
                    table(
                        f"First words into {LANGUAGES[code]}",
                        ["English", "the network wrote", "right"],
                        [
                            [english, Text(translation, code), "yes" if right else "no"]
                            for english, translation, right in measured.first_words_of(evidence, code)
                        ],
                    )


def mistakes(evidence: Tree) -> None:
    with part("Translations that went wrong"):
        found = measured.mistakes_in(evidence)
        if not found:
            words(NOT_MEASURED)
            return
        words(
            "Nobody picked these for effect; a rule chose them. Choose one: the network translates it now, and the "
            "picture is of that run."
        )
        # What a widget was set to is forgotten while another page is shown.
        st.session_state.setdefault("mistake", min(st.session_state.get("mistake_before", 0), len(found) - 1))
        number = st.selectbox(
            "Sentence", range(len(found)), key="mistake", width=640,
            format_func=lambda at: f"{LANGUAGES[found[at].language]}: {found[at].english}",
        )  # fmt: skip
        st.session_state.mistake_before = number
        with problems_said():
            mistake(found[cast(int, number)])
        with folding("The rule that chose them", "rule") as box:
            if box.open:
                words(measured.rule_of_mistakes(evidence) or "Not said.")


def mistake(chosen: Mistake) -> None:
    """One sentence, translated now, beside the references; its attention; a question for the class."""
    trace = loading.translator(chosen.language).translate(chosen.english)
    recorded = chosen.translation or "nothing: it refused the sentence"
    is_as_recorded = chosen.translation is not None and normalise(trace.text) == normalise(chosen.translation)
    in_words([
        ("English", [chosen.english], None),
        ("The network writes", [trace.text or "nothing"], chosen.language),
        *([] if is_as_recorded else [("It wrote, when the scores were measured", [recorded], chosen.language)]),
        ("People wrote", list(chosen.references), chosen.language),
    ])  # fmt: skip
    words(f"chrF2++ of the translation that was scored, 0 to 100: {chosen.chrf:.1f}.")
    with problems_said():
        if question := measured.read_questions(loading.ASSETS).get((chosen.language, chosen.english)):
            in_words([("A question for the class", [question], None)])
        else:
            words("No question was written for this sentence.")
    if st.button("Open in the microscope", key="open_mistake"):
        open_in_microscope(chosen)
    figure = attention_heatmap(trace)
    picture(
        theme.on_page(figure, "attention", is_dark()),
        captions.attention_caption(trace),
        "mistake_attention",
    )
    with folding("The weights as a table", "mistake_weights") as box:
        if box.open:
            weights_table(trace)


def open_in_microscope(chosen: Mistake) -> None:
    reader = selection()
    reader.sentence, reader.language = chosen.english, chosen.language
    st.switch_page(TRANSLATE)


def weights_table(trace: TranslationTrace) -> None:
    source, target = map(columns_in, trace.parts)
    table(
        "Attention weights: a row for each token written, a column for each state",
        ["step", "token written", *(column.read for column in source)],
        [
            [column.step, Text(column.written, trace.language), *(f"{weight:.3f}" for weight in weights)]
            for column, weights in zip(target, trace.attention, strict=True)
        ],
    )
