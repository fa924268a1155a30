"""The parts of the page that says how good the networks are: each reads its numbers, draws them and says them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from html import escape
from typing import cast

import streamlit as st

from models import AssetError, SentenceError, TranslationTrace
from models.checkpoints import NAME, load_card
from models.configuration import LANGUAGES, Language
from models.text import normalise
from viz import evidence as measured
from viz import loading
from viz.components import Text, is_dark, picture, problem, table, words
from viz.evidence import EVIDENCE, Mistake, Tree
from viz.figures import captions, theme
from viz.figures import evidence_captions as said
from viz.figures.attention import attention_heatmap
from viz.figures.columns import columns_of
from viz.figures.evidence import (
    METRIC,
    Curve,
    Metric,
    Rated,
    curve_chart,
    gap_chart,
    interval_chart,
    score_text,
    verdict_chart,
)
from viz.state import selection

STYLE = """<style>
[data-testid="stMainBlockContainer"] {max-width: 72rem; margin: 0 auto; padding: 0 1.5rem 3rem;}
[data-testid="stMainBlockContainer"] [data-testid="stVerticalBlock"] {gap: 0.5rem;}
[data-testid="stMainBlockContainer"] h1 {font-size: 2rem; padding: 0.75rem 0 0.5rem;}
[data-testid="stMainBlockContainer"] h2 {font-size: 1.375rem; padding: 1.75rem 0 0.5rem;}
[data-testid="stHtml"] p, [data-testid="stHtml"] li {max-width: 46rem; margin: 0 0 0.25rem;}
.said {border-left: 3px solid color-mix(in srgb, currentColor 30%, transparent); padding-left: 0.875rem;}
.said dt {font-size: 0.875rem; opacity: 0.8;}
.said dd {font-size: 1.25rem; margin: 0 0 0.5rem; max-width: 46rem;}
</style>"""
NOT_MEASURED = "Not measured."
NOTE_EPOCH, NOTE_LOSS, NOTE_VALIDATION_LOSS = 500, 0.0419, 3.7001  # the last line of a common lecture note
TRANSLATE = "pages/translate.py"


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


# --- the parts, in their order


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
        with folded("The scores as a table, and how to compute them again", "scores_table") as is_open:
            if is_open:
                rated_table("Scores on held-out sentences", rows)
                for code, language in LANGUAGES.items():
                    for metric, signature in measured.signatures_of(evidence, code).items():
                        words(f"{language}, {METRIC[metric]}, sacrebleu: {signature}")


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
        words(
            "Cross-entropy is the mean of −log p of the right next token, end mark included: 0 would be certainty. "
            "Both curves of this network are measured alike after each epoch: without dropout or label smoothing, by "
            "the averaged weights, which are what ships. The note's numbers are not comparable with ours: it has other "
            "data and characters where this network has subwords, and it does not say how they were measured. Only the "
            "gap within a run says something: how much better a network knows what it has read than what it has not. "
            "The five one-word commands that the note shows as its result do not tell the two apart."
        )
        score_curves(found)
        with folded("The curves as a table", "curves_table") as is_open:
            if is_open:
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
        with folded("Scores by length as a table", "lengths_table") as is_open:
            if is_open:
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
        with folded("Names, sentence by sentence", "names_table") as is_open:
            if is_open:
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


def everyday(evidence: Tree) -> None:
    with part("Everyday sentences, judged by reading"):
        found = {code: read for code in LANGUAGES if (read := measured.everyday_of(evidence, code)) is not None}
        if not found:
            words(NOT_MEASURED)
        else:
            rows = [whole for whole, _, _ in found.values()]
            sentences = " ".join(map(said.verdicts_caption, rows))
            picture(verdict_chart(rows, is_dark()), sentences, "verdicts")
            words("A score counts matching letters; here each translation was read and judged once.")
        with folded("How they are judged", "rubric") as is_open:
            if is_open:
                with problems_said():
                    st.markdown(measured.read_text(loading.ASSETS / measured.EVALUATION / measured.RUBRIC))
        with folded("By category", "everyday_categories") as is_open:
            if is_open:
                table(
                    "Verdicts by category",
                    ["language", "category", "right", "understandable", "wrong", "not judged"],
                    [
                        [whole.label, each.label, *(each.verdicts[verdict] for verdict in each.verdicts)]
                        for whole, categories, _ in found.values()
                        for each in categories
                    ],
                )
        with folded("Every sentence with its translations and verdicts", "everyday_table") as is_open:
            if is_open:
                for code, (whole, _, judgements) in found.items():
                    table(
                        f"Everyday sentences into {whole.label}",
                        ["English", "the network wrote", "verdict", "remark"],
                        [
                            [each.english, Text(each.translation, code), each.verdict, each.remark]
                            for each in judgements
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
        with folded("The rule that chose them", "rule") as is_open:
            if is_open:
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
    with folded("The weights as a table", "mistake_weights") as is_open:
        if is_open:
            weights_table(trace)


def open_in_microscope(chosen: Mistake) -> None:
    reader = selection()
    reader.sentence, reader.language = chosen.english, chosen.language
    st.switch_page(TRANSLATE)


def weights_table(trace: TranslationTrace) -> None:
    columns = columns_of(trace)
    source, target = columns[: len(trace.source_tokens)], columns[len(trace.source_tokens) :]
    table(
        "Attention weights: a row for each token written, a column for each state",
        ["step", "token written", *(column.read for column in source)],
        [
            [column.step, Text(column.written, trace.language), *(f"{weight:.3f}" for weight in weights)]
            for column, weights in zip(target, trace.attention, strict=True)
        ],
    )


def other_networks(evidence: Tree) -> None:
    with part("Against other networks, and against beam search"):
        systems = {code: measured.systems_of(evidence, code) for code in LANGUAGES}
        if not any(systems.values()):
            words(NOT_MEASURED)
        for code, found in systems.items():
            main = next((each for each in found if each.network == NAME and each.beam == 1), None)
            for each in found:
                if main and each.network == NAME and each.beam > 1 and "chrf" in each.differences:
                    words(
                        said.beam_caption(LANGUAGES[code], each.beam, main.rated, each.rated, each.differences["chrf"])
                    )
        rows = [in_language(LANGUAGES[code], each.rated) for code, found in systems.items() for each in found]
        if rows:
            interval_pictures(rows, "systems")
            words(
                "A difference is to the main network with greedy search, on the same sentences, by paired bootstrap; p "
                "is how often chance alone would bring about one as large. Two trainings that differ only in their "
                "seed show how much a training moves by chance."
            )
            with folded("Scores and differences as a table", "systems_table") as is_open:
                if is_open:
                    systems_table({LANGUAGES[code]: found for code, found in systems.items()})
    with part("The networks that ship"):
        networks_table(measured.networks(loading.ASSETS))
        states = {code: measured.earlier_states_of(evidence, code) for code in LANGUAGES}
        with folded("Earlier states of a training, and the network before it", "states_table") as is_open:
            if is_open:
                if any(states.values()):
                    rows = [
                        in_language(LANGUAGES[code], row)
                        for code, by_name in states.items()
                        for entries in by_name.values()
                        for _, row in entries
                    ]
                    rated_table("Scores of earlier states, on fewer sentences", rows)
                else:
                    words(NOT_MEASURED)


def systems_table(systems: dict[str, list[measured.System]]) -> None:
    def numbers(system: measured.System, metric: Metric) -> tuple[str, str]:
        found = system.differences.get(metric)
        return shown(system.rated, metric), said.difference_text(found) if found else "—"

    table(
        "Scores, and differences to the main network with greedy search",
        [
            "language",
            "network and search",
            *(text for name in METRIC.values() for text in (name, f"{name}, difference")),
        ],
        [
            [
                language,
                each.rated.label,
                *(text for metric in METRIC for text in numbers(each, metric)),
            ]
            for language, found in systems.items()
            for each in found
        ],
    )


def networks_table(found: Sequence[measured.Network]) -> None:
    scores = [(code, metric) for code in LANGUAGES for metric in METRIC]
    table(
        "Networks, as their cards describe them; scores on all held-out sentences",
        ["network", "what it is", "parameters", "MB", "training pairs", "seed", "epochs",
         *(f"{LANGUAGES[code]} {METRIC[metric]}" for code, metric in scores)],
        [
            [
                each.name, each.what, f"{each.parameters:,}", f"{each.megabytes:.1f}",
                ", ".join(f"{LANGUAGES.get(code, code)} {count:,}" for code, count in each.pairs.items()) or "not said",
                each.seed, each.epochs,
                *(f"{each.scores[code][metric]:.1f}" if metric in each.scores.get(code, {}) else "not measured"
                  for code, metric in scores),
            ]
            for each in found
        ],
    )  # fmt: skip
    for files in dict.fromkeys(each.files for each in found if each.files):
        names = ", ".join(each.name for each in found if each.files == files)
        words(f"Files that {names} read in training, beside what was written for the project: {', '.join(files)}.")


def limits(card: Tree) -> None:
    with part("What it cannot do"):
        bullets(card.get("cannot"))
        bullets([
            "Attention weights are weights on encoder states. They do not explain why a word was chosen.",
            "A probability is how sure the network was, not how good the translation is.",
        ])  # fmt: skip


def licences(card: Tree) -> None:
    with part("Whose sentences these are"):
        licence = card.get("licence")
        licence = licence if isinstance(licence, dict) else {}
        words(f"Weights: {licence.get('weights', 'licence not said')}.")
        bullets(licence.get("data"))
        with folded("NOTICE, as it lies beside the program", "notice") as is_open:
            if is_open:
                with problems_said():
                    st.text(measured.read_text(loading.ASSETS.parent / measured.NOTICE))
        for file, label in (
            ("contributors.tsv", "The people of Tatoeba who wrote the sentences"),
            ("extra-stories.attribution.tsv", "The stories, their authors and translators"),
        ):
            with folded(label, file.partition(".")[0]) as is_open:
                if is_open:
                    with problems_said():
                        header, *rows = measured.table_of(loading.ASSETS / measured.ATTRIBUTION / file)
                        table(label, header, rows)


# --- what the parts share


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


@contextmanager
def folded(label: str, key: str) -> Iterator[bool]:
    """What is folded away is neither computed nor sent; ``with folded(...) as is_open``."""
    box = st.expander(label, key=key, on_change="rerun")
    with box:
        yield bool(box.open)


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
