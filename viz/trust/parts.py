"""What the parts of the page share: reading, headings, pairs of pictures, tables."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from html import escape

import streamlit as st

from models import AssetError, SentenceError
from models.evaluation import reading as measured
from models.evaluation.reading import EVIDENCE, Tree
from models.evaluation.results import METRIC, Metric, Rated
from models.language.languages import Language
from models.translation.checkpoints import load_card
from viz import loading
from viz.figures import evidence_captions as said
from viz.figures.evidence import interval_chart, score_text
from viz.widgets.words import is_dark, problem, table, words

STYLE = """<style>
.st-key-trust {max-width: 72rem; margin: 0 auto; padding-bottom: 1rem;}
[data-testid="stMainBlockContainer"] [data-testid="stVerticalBlock"] {gap: 0.5rem;}
[data-testid="stMainBlockContainer"] h1 {font-size: 2rem; padding: 0.75rem 0 0.5rem;}
[data-testid="stMainBlockContainer"] h2 {font-size: 1.375rem; padding: 1.75rem 0 0.5rem;}
[data-testid="stHtml"] p, [data-testid="stHtml"] li {max-width: 46rem; margin: 0 0 0.25rem;}
.said {border-left: 3px solid color-mix(in srgb, currentColor 30%, transparent); padding-left: 0.875rem;}
.said dt {font-size: 0.875rem; opacity: 0.8;}
.said dd {font-size: 1.25rem; margin: 0 0 0.5rem; max-width: 46rem;}
</style>"""
NOT_MEASURED = "Not measured."


def style() -> None:
    st.html(STYLE)


def read_card() -> Tree:
    """The card of the main network; nothing, and why, where it is missing or damaged."""
    with problems_said():
        return load_card(loading.ASSETS)
    return {}


def read_evidence(card: Tree) -> Tree:
    """What was measured; nothing, and why, where the file is missing or damaged."""
    with problems_said():
        evidence = measured.load_evidence(loading.ASSETS)
        with problems_said():
            if not measured.is_of_these_weights(evidence, card):
                problem(f"{EVIDENCE} was measured on other weights than those that ship; it speaks of those others.")
        return evidence
    return {}


@contextmanager
def problems_said() -> Iterator[None]:
    """What is missing, damaged or refused ends this part of the page with a sentence, and only this part."""
    try:
        yield
    except (AssetError, SentenceError) as error:
        problem(str(error))


@contextmanager
def part(title: str) -> Iterator[None]:
    st.header(title, anchor=False)
    with problems_said():
        yield


def in_language(language: str, row: Rated) -> Rated:
    return Rated(f"{language}, {row.label}", row.sentences, row.scores)


def interval_pictures(rows: Sequence[Rated], key: str, counts: bool = False) -> None:
    """Both metrics side by side; their words are in the table and the alternative text, and above."""
    for metric, column in zip(METRIC, st.columns(len(METRIC), gap="large"), strict=True):
        with column:
            if any(metric in row.scores for row in rows):
                figure = interval_chart(rows, metric, counts, is_dark())
                alt = said.intervals_caption(rows, metric)
                st.plotly_chart(figure, theme=None, key=f"{key}_{metric}", config={"displayModeBar": False}, alt=alt)
            else:
                words(f"{METRIC[metric]}: not measured.")


def rated_table(caption: str, rows: Sequence[Rated]) -> None:
    table(
        caption,
        ["sentences", "how many", *METRIC.values()],
        [[row.label, row.sentences, *(shown(row, metric) for metric in METRIC)] for row in rows],
    )


def shown(row: Rated, metric: Metric) -> str:
    return score_text(row.scores[metric]) if metric in row.scores else "not measured"


def in_words(entries: Sequence[tuple[str, Sequence[str], Language | None]]) -> None:
    """Sentences under their headings, each in its own language."""
    parts = "".join(
        f"<dt>{escape(heading)}</dt>"
        + "".join(f'<dd><span lang="{language or "en"}">{escape(text)}</span></dd>' for text in texts)
        for heading, texts, language in entries
    )
    st.html(f'<dl class="said">{parts}</dl>')


def bullets(texts: object) -> None:
    if isinstance(texts, list) and all(isinstance(text, str) for text in texts):
        st.html(f"<ul>{''.join(f'<li>{escape(text)}</li>' for text in texts)}</ul>")
    else:
        words("Not said.")
