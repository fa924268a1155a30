"""What can be checked without a judge: what a class types first, numbers, and tokens of the other language."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import regex

from models.evaluation.numbers import number_sentences, says_number
from models.language.corpus import read_table
from models.language.languages import Language

FIRST_WORDS = "first-words.tsv"
COLUMNS: dict[Language, str] = {"bn": "bangla", "mr": "marathi"}
OTHER_SCRIPT: dict[Language, regex.Pattern] = {  # the danda is of neither script
    "bn": regex.compile(r"\p{Devanagari}"), "mr": regex.compile(r"\p{Bengali}"),
}  # fmt: skip
Accepted = dict[str, tuple[str, ...]]  # of each English sentence
Translate = Callable[[str], str | None]


def read_first_words(path: Path, language: Language) -> Accepted:
    """What a class types first, each with the translations that are right, as they are written without a final mark.

    Raises:
        CorpusError: as ``read_table``.
    """
    rows = read_table(path, ("english", *COLUMNS.values()))
    return {row["english"]: tuple(map(str.strip, row[COLUMNS[language]].split("|"))) for row in rows}


def is_accepted(translation: str | None, accepted: Iterable[str]) -> bool:
    """Whether a translation is one of those accepted; the mark at its end counts for nothing."""
    return translation is not None and _bare(translation) in map(_bare, accepted)


def has_other_script(translation: str | None, language: Language) -> bool:
    """Whether a letter of the other target language stands in a translation."""
    return translation is not None and OTHER_SCRIPT[language].search(translation) is not None


def _bare(text: str) -> str:
    return regex.sub(r"[\s.।?!]+$", "", text).strip()


def gather_checks(
    translate: Translate, language: Language, sentences: Mapping[str, str | None], first_words: Accepted
) -> dict[str, Any]:
    """Counts of what was right: first words, each kind of number; and how many ``sentences`` mix the languages.

    ``sentences`` are English sentences with their translations; ``translate`` gives those of all others.
    """
    first = [
        {"english": english, "translation": text, "right": is_accepted(text, accepted)}
        for english, accepted in first_words.items()
        for text in [translate(english)]
    ]
    asked, right = Counter(), Counter()
    for sentence in number_sentences():
        asked[sentence.kind] += 1
        right[sentence.kind] += says_number(translate(sentence.english) or "", sentence.value, language)
    mixed = sum(has_other_script(text, language) for text in sentences.values())
    return {
        "first_words": {"right": sum(row["right"] for row in first), "sentences": len(first), "rows": first},
        "numbers": {kind: {"right": right[kind], "sentences": count} for kind, count in asked.items()},
        "other_language": {"mixed": mixed, "sentences": len(sentences)},
    }
