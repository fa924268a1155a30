"""What a token is, in words: those that nobody typed explain themselves wherever they are shown."""

from models.language.languages import LANGUAGES
from models.language.vocabulary import END, PADDING, START, UNKNOWN, WORD_START, language_tag

SPECIAL = {
    START: "Start mark: what the decoder reads before it has written anything.",
    END: "End mark: the encoder reads it after the last token, the decoder writes it when it has finished.",
    UNKNOWN: "Not in the vocabulary: the network reads <unk> in its place, and cannot tell one such character from "
    "another.",
    PADDING: "Padding: makes sentences equally long in training; nothing is to be read in it.",
    **{
        language_tag(code): f"Language tag, put before the sentence: tells the network to translate to {name}."
        for code, name in LANGUAGES.items()
    },
}


def meaning(token: str) -> str:
    """A sentence for a token that nobody typed, for any other where it can stand in a word."""
    return SPECIAL.get(token) or f"A token that {place_in_word(token)}."


def place_in_word(token: str) -> str:
    return "begins a word" if token.startswith(WORD_START) else "continues the one before"
