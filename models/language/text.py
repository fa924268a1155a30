"""Text as people see it: Unicode normal form, grapheme clusters, and what the translator accepts."""

import re
import unicodedata

import regex

MAX_GRAPHEMES = 200
LONGEST_EXCERPT = 40  # of what somebody sent, in a sentence about it
LINE_ENDS = re.compile("[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]+")
LONE_SURROGATE = re.compile("[\ud800-\udfff]")
MAX_CODE_POINTS = 10 * MAX_GRAPHEMES  # one grapheme can carry any number of marks
INK = regex.compile(r"[^\p{Cc}\p{Cf}\p{Z}\p{Default_Ignorable_Code_Point}\u2800]")
TYPOGRAPHIC = str.maketrans({
    "\u2018": "'", "\u2019": "'", "\u201a": "'", "\u201b": "'", "\u2032": "'",
    "\u201c": '"', "\u201d": '"', "\u201e": '"', "\u201f": '"', "\u2033": '"',
    "\u2010": "-", "\u2011": "-", "\u2012": "-", "\u2013": "-", "\u2014": "-", "\u2015": "-",
    "\u2026": "...", "\u2581": "_",
})  # fmt: skip


class SentenceError(ValueError):
    """A sentence that cannot be translated; the message says why, in words for the person who typed it."""


def normalise(text: str) -> str:
    """Bring text into the one form used in data, vocabulary and input.

    Unicode NFC, ASCII quotes and dashes, single spaces, and the block that marks the start of a word inside the
    vocabulary as the underscore it looks like. Nothing else is removed; a lone surrogate, which no encoding can carry,
    becomes the replacement character U+FFFD.
    """
    text = unicodedata.normalize("NFC", one_line(text)).translate(TYPOGRAPHIC)
    return " ".join(text.split())


def digits(value: str, zero: str) -> str:
    """A number in the figures of the script that writes nought as ``zero``; other characters stay."""
    return "".join(chr(ord(zero) + int(figure)) if figure.isdigit() else figure for figure in value)


def one_line(text: str) -> str:
    """Text as a field of one line shows it and an address carries it: line ends as a blank, lone surrogates as U+FFFD.

    A browser leaves line ends out of such a field, and so would show other words than those that are translated.
    """
    return LONE_SURROGATE.sub("\ufffd", LINE_ENDS.sub(" ", text))


def excerpt(text: str) -> str:
    """The beginning of a text, at most ``LONGEST_EXCERPT`` characters long, for a message that quotes it."""
    return text if len(text) <= LONGEST_EXCERPT else f"{text[: LONGEST_EXCERPT - 1]}…"


def graphemes(text: str) -> list[str]:
    """Cut text into grapheme clusters, what a reader counts as characters (UAX #29)."""
    return regex.findall(r"\X", text)


def is_visible(text: str) -> bool:
    """Tell whether anything in the text leaves ink: not only spaces, controls and zero-width characters."""
    return INK.search(text) is not None


def checked_sentence(typed: str) -> str:
    """Normalise what a person typed.

    Raises:
        SentenceError: nothing visible was typed, or more than ``MAX_GRAPHEMES`` grapheme clusters, or
            more than ``MAX_CODE_POINTS`` code points in these, as typed or in normal form.
    """
    _check_code_points(" ".join(typed.split()))  # first: sorting marks and finding graphemes take their number squared
    sentence = normalise(typed)
    _check_code_points(sentence)
    if not sentence:
        raise SentenceError("Type a sentence to translate.")
    if not is_visible(sentence):
        raise SentenceError("That text has only invisible characters. Type a sentence to translate.")
    if (count := len(graphemes(sentence))) > MAX_GRAPHEMES:
        raise SentenceError(f"That text has {count:,} characters; the translator reads at most {MAX_GRAPHEMES}.")
    return sentence


def letters_of_other_scripts(text: str) -> int:
    """How many letters are of a script other than the Latin one."""
    return len(regex.findall(r"[\p{L}--\p{Latin}]", text, regex.V1))


def _check_code_points(text: str) -> None:
    if (count := len(text)) <= MAX_CODE_POINTS:
        return
    if text.isascii():  # each is a character, as people count them
        raise SentenceError(f"That text has {count:,} characters; the translator reads at most {MAX_GRAPHEMES}.")
    raise SentenceError(f"That text has {count:,} code points; the translator reads at most {MAX_CODE_POINTS:,}.")


def visible_form(character: str) -> str:
    """Name a character that would leave no ink (``U+200B``); return any other as it is."""
    return character if is_visible(character) else " ".join(f"U+{ord(point):04X}" for point in character)
