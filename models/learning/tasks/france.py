"""The lecture's own example: a country early, any number of words, and "I speak fluent …" at the end."""

import random
import re
from typing import ClassVar

from models.learning.tasks.sentences import WORDS, filler
from models.learning.tasks.task import Example, Task, TaskError, checked, refused

LANGUAGE_OF = {
    "France": "French", "Germany": "German", "Italy": "Italian", "Spain": "Spanish", "Portugal": "Portuguese",
    "Japan": "Japanese", "Korea": "Korean", "China": "Chinese", "Russia": "Russian", "Poland": "Polish",
    "Greece": "Greek", "Turkey": "Turkish", "Sweden": "Swedish", "Norway": "Norwegian", "Denmark": "Danish",
    "Finland": "Finnish", "Hungary": "Hungarian", "Romania": "Romanian", "Bulgaria": "Bulgarian",
    "Ukraine": "Ukrainian", "Georgia": "Georgian", "Armenia": "Armenian", "Vietnam": "Vietnamese", "Thailand": "Thai",
    "Mongolia": "Mongolian", "Nepal": "Nepali", "Bangladesh": "Bangla", "Iceland": "Icelandic", "Estonia": "Estonian",
    "Latvia": "Latvian",
}  # fmt: skip
COUNTRIES = tuple(LANGUAGE_OF)
OPENING, ASKING = ("I", "grew", "up", "in"), ("I", "speak", "fluent")


class France(Task):
    key = "france"
    name = "France–French"
    says = "A country comes early. Many words later the network has to say which language is spoken there."
    distance_is = "words between the country and “I speak fluent”"
    answers = tuple(LANGUAGE_OF.values())
    trained = (1, 40)
    distances = (1, 5, 10, 20, 30, 40, 50, 60, 80, 100, 150, 200)
    units = 24
    steps = 2000
    rnn_rate = 1.0
    note = (
        "All four were trained alike. At 0.3 of the others’ learning rate a plain RNN did better with the shortest gap "
        "(84 % right at 1) and kept one or two bits about the country: 8 to 13 % right from 5 to 200."
    )
    chance = 1 / len(LANGUAGE_OF)
    symbols = (*OPENING, "speak", "fluent", *COUNTRIES, *WORDS[: WORDS.index("in")], ".")
    example = "I grew up in France . Anna slept . Ben saw the dog in the garden . I speak fluent"
    _known: ClassVar[dict[str, str]] = {symbol.lower(): symbol for symbol in symbols}
    READS = "It reads “I grew up in”, one of 30 countries, small sentences, and “I speak fluent”."

    def draw(self, coin: random.Random, distance: int, held_out: bool = False, kind: str = "") -> Example:
        """The distance counts the full stop after the country; no filler has fewer than three words."""
        return self.about(coin.choice(COUNTRIES), filler(coin, max(distance - 1, 0), held_out))

    def about(self, country: str, words: list[str]) -> Example:
        read = (*OPENING, country, ".", *words, *ASKING)
        return Example(read, {len(read) - 1: LANGUAGE_OF[country]})

    def donors(self, example: Example, coin: random.Random) -> dict[str, Example]:
        """The same words about every other country."""
        places = [step for step, word in enumerate(example.read) if word in LANGUAGE_OF]
        if len(places) != 1:
            return super().donors(example, coin)
        (place,) = places
        return {
            country: Example(
                (*example.read[:place], country, *example.read[place + 1 :]),
                dict.fromkeys(example.wanted, LANGUAGE_OF[country]),
            )
            for country in COUNTRIES
            if country != example.read[place]
        }

    def parse(self, text: str) -> Example:
        read = []
        for word in re.findall(r"[^\W_]+|[^\w\s]|_+", text):
            if word in "…?!":
                continue
            if (symbol := self._known.get(word.lower())) is None:
                raise refused(word, self.READS)
            read.append(symbol)
        read = list(checked(read, self.READS))
        named = [word for word in read if word in LANGUAGE_OF]
        if not named:
            raise TaskError(f"No country is named. {self.READS}")
        asked = [step for step, word in enumerate(read) if word == "fluent"]
        return Example(tuple(read), {step: self._last_named(read[:step], named[0]) for step in asked})

    @staticmethod
    def _last_named(before: list[str], otherwise: str) -> str:
        return LANGUAGE_OF[next((word for word in reversed(before) if word in LANGUAGE_OF), otherwise)]
