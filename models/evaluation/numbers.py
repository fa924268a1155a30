"""How many numbers come out right: words and figures, years, clock hours and prices, in eight frames each."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import regex

from models.language.grammar.lexicon import lexicon
from models.language.languages import Language
from models.language.text import digits

COUNTS = (
    "{}.", "I have {} books.", "I am {} years old.", "There are {} children here.", "She bought {} eggs.",
    "We waited for {} days.", "My father is {} years old.", "He wrote {} letters.",
)  # fmt: skip
FRAMES: dict[str, tuple[str, ...]] = {
    "words": COUNTS, "figures": COUNTS,
    "years": (
        "{}.", "I was born in {}.", "It happened in {}.", "He came here in {}.", "This house was built in {}.",
        "She died in {}.", "In {} my grandfather was young.", "The school opened in {}.",
    ),
    "hours": (
        "It is {} o'clock.", "Come at {} o'clock.", "The train leaves at {} o'clock.", "I get up at {} o'clock.",
        "The shop opens at {} o'clock.", "She came home at {} o'clock.", "The film starts at {} o'clock.",
        "We eat at {} o'clock.",
    ),
    "prices": (
        "It costs {} rupees.", "This shirt costs {} rupees.", "I paid {} rupees.", "Give me {} rupees.",
        "The ticket is {} rupees.", "She has {} rupees.", "He gave me {} rupees.", "I need {} rupees.",
    ),
}  # fmt: skip
CLASSIFIERS: dict[Language, str] = {"bn": "(টা|টি|টো|টে|জন|খানা|বছর|টায়|টোয়|টেয়|টার)?", "mr": "(ला|चा|ची|चे|जण|व्या)?"}
SPOKEN: dict[Language, dict[int, tuple[str, ...]]] = {  # other ways to say a number than the table's
    "bn": {1: ("এক",), 2: ("দু", "দুই"), 0: ("শূন্য",)},
    "mr": {2: ("दोन", "दोघे", "दोघं"), 0: ("शून्य",)},
}  # fmt: skip
WORD = regex.compile(r"[\p{L}\p{M}\p{N}\u200c\u200d]+")


@dataclass(frozen=True)
class NumberSentence:
    kind: str
    english: str
    value: int


def number_sentences() -> Iterator[NumberSentence]:
    """All sentences of all kinds: 101 numbers, 131 years, 12 hours and 30 prices, eight of each."""
    words = lexicon().numbers
    values: Mapping[str, Sequence[int]] = {
        "words": range(101), "figures": range(101), "years": range(1900, 2031), "hours": range(1, 13),
        "prices": [*range(5, 100, 5), *range(100, 1001, 100), 5000],
    }  # fmt: skip
    written: dict[str, Callable[[int], str]] = {
        "words": lambda value: words[value].english, "hours": lambda value: words[value].english,
    }  # fmt: skip
    for kind, frames in FRAMES.items():
        for value in values[kind]:
            said = written.get(kind, str)(value)
            for frame in frames:
                sentence = frame.format(said)
                yield NumberSentence(kind, sentence[0].upper() + sentence[1:], value)


def says_number(translation: str, value: int, language: Language) -> bool:
    """Whether a translation has this number, in words or in the figures of either script, and no other figures."""
    zero = "০" if language == "bn" else "०"
    words = WORD.findall(translation)
    figures = {str(value), digits(str(value), zero)}
    if any(regex.search(r"\p{N}", word) and not _is(word, figures, language) for word in words):
        return False
    number = lexicon().numbers.get(value)
    said = set(SPOKEN[language].get(value, ()))
    if number:
        said.add(number.bangla if language == "bn" else number.marathi)
    return any(_is(word, figures | said, language) for word in words) or any(
        " " in phrase and phrase in translation for phrase in said
    )


def _is(word: str, accepted: set[str], language: Language) -> bool:
    return any(regex.fullmatch(regex.escape(form) + CLASSIFIERS[language], word) for form in accepted)
