"""Verdicts of people on single translations: how many were given, and how many more one network has right."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import binomtest

from models.evaluation.former import FORMER
from models.evaluation.metrics import Difference, draws, interval
from models.language.corpus import CorpusError, read_table
from models.language.languages import Language
from models.language.neighbours import TrainingIndex
from models.language.text import normalise

VERDICT = ("right", "understandable", "wrong")
Rows = Sequence[Mapping[str, str]]


def gather_verdicts(
    file: str, listed: Rows, translations: Mapping[str, str | None], language: Language, index: TrainingIndex,
    assets: Path,
) -> dict[str, Any]:  # fmt: skip
    """Verdicts on the sentences of a list, of which ``translations`` are the main network's.

    Where the network that was the main one before was judged on them, too, "former" has its verdicts, and how many more
    sentences the main one has right.
    """
    found = judged(listed, verdicts_of(assets, file, language), translations, index)
    before = {row["english"]: row["verdict"] for row in verdicts_of(assets, file, language, FORMER)}
    if not before:
        return found
    rows = [{"verdict": before.get(row["english"])} for row in listed]
    pairs = [
        (now["verdict"] == "right", then["verdict"] == "right")
        for now, then in zip(found["rows"], rows, strict=True)
        if now["verdict"] and then["verdict"]
    ]
    return {**found, "former": {**verdict_counts(rows), **(compare_right(pairs) if pairs else {})}}


def compare_right(pairs: Sequence[tuple[bool, bool]]) -> dict[str, Any]:
    """How many more sentences, in per cent of all, are right now than then: 95 % interval, p-value, gains and losses.

    The interval is by bootstrap over sentences; p is that of the exact sign test on the sentences that changed (McNemar
    1947), two-sided.
    """
    changes = np.array([int(now) - int(then) for now, then in pairs])
    better, worse = int((changes > 0).sum()), int((changes < 0).sum())
    p = float(binomtest(better, better + worse).pvalue) if better + worse else 1.0
    sampled = 100 * (draws(len(changes)) @ changes) / len(changes)
    found = Difference(100 * float(changes.mean()), interval(sampled), p)
    return {
        "better": better,
        "worse": worse,
        "difference": {
            "difference": round(found.difference, 2),
            "interval": [round(end, 2) + 0.0 for end in found.interval],
            "p": round(found.p, 4),
        },
    }


def verdicts_of(assets: Path, file: str, language: Language, network: str = "") -> list[dict[str, str]]:
    """The verdicts on a list of sentences, of the main network or of ``network``; none where nobody judged."""
    name = ".".join(part for part in (f"{file.removesuffix('.tsv')}-verdicts", network, language, "tsv") if part)
    path = assets / "evaluation" / name
    return read_verdicts(path) if path.exists() else []


def sentences_of(assets: Path, file: str) -> list[dict[str, str]]:
    """The sentences of a list with their categories; none where there is no list."""
    path = assets / "evaluation" / file
    return read_table(path, ("category", "english")) if path.exists() else []


def judged(
    everyday: Rows, verdicts: Rows, translations: Mapping[str, str | None],
    index: TrainingIndex,
) -> dict[str, Any]:  # fmt: skip
    """Count verdicts of people on everyday sentences, where what they judged is still what the network writes."""
    given = {row["english"]: row for row in verdicts}
    rows = []
    for row in everyday:
        english, now = row["english"], translations[row["english"]]
        verdict = given.get(english)
        is_current = verdict is not None and now is not None and normalise(now) == verdict["translation"]
        rows.append({
            "category": row["category"],
            "english": english,
            "translation": now,
            "verdict": verdict["verdict"] if is_current else None,
            "remark": verdict["remark"] if is_current else None,
            "judged_another_translation": verdict is not None and not is_current,
            "distance": index.distance(english),
        })  # fmt: skip
    categories = dict.fromkeys(row["category"] for row in rows)
    return {
        **verdict_counts(rows),
        "categories": [
            {"category": name, **verdict_counts([row for row in rows if row["category"] == name])}
            for name in categories
        ],
        "rows": rows,
    }


def verdict_counts(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    counts = Counter(row["verdict"] for row in rows)
    return {"sentences": len(rows), "not_judged": counts[None], **{verdict: counts[verdict] for verdict in VERDICT}}


def read_verdicts(path: Path) -> list[dict[str, str]]:
    """Read the verdicts of one language.

    Raises:
        CorpusError: as ``read_table``, or a verdict of another name, or a sentence judged twice.
    """
    rows = read_table(path, ("english", "translation", "verdict", "remark"))
    for number, row in enumerate(rows, start=2):
        if row["verdict"] not in VERDICT:
            raise CorpusError(f"{path}, line {number}: expected {', '.join(VERDICT)}, not {row['verdict']!r}")
    if twice := [english for english, count in Counter(row["english"] for row in rows).items() if count > 1]:
        raise CorpusError(f"{path}: {twice[0]} is judged twice")
    return rows
