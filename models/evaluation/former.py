"""The network that was the main one before, by what it wrote: its weights are in the history of the repository alone.

It is the one that the shipped translator began with, trained without the grammar of everyday language. What it wrote is
kept with the fingerprints of the English sentences, most of which are not in the repository.
"""

from pathlib import Path

from models.language.corpus import CorpusError, read_table
from models.language.languages import Language

FORMER = "without-grammar"
OUTPUTS = FORMER + ".{language}.tsv"


def read_outputs(assets: Path, language: Language) -> dict[int, str]:
    """Its translations, greedy, by ``corpus.fingerprint`` of the English; none where they are not kept.

    Raises:
        CorpusError: as ``read_table``, or a fingerprint that is no whole number.
    """
    path = assets / "evaluation" / OUTPUTS.format(language=language)
    if not path.exists():
        return {}
    rows = read_table(path, ("fingerprint", "translation"))
    try:
        return {int(row["fingerprint"]): row["translation"] for row in rows}
    except ValueError as error:
        raise CorpusError(f"{path}: {error}") from error
