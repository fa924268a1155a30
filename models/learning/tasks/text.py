"""Two things that Karpathy et al. 2016 (section 4.2) found single cells to follow in text: quotation, line length.

The text is of this project's own small sentences.
"""

import random
from collections.abc import Iterator

from models.learning.tasks.sentences import WORDS, sentences
from models.learning.tasks.task import Example, Task, TaskError, checked, refused

QUOTE, BREAK, SPACE = '"', "¶", "·"  # a line break and a space as they are shown
LETTERS = tuple(sorted({letter for word in WORDS for letter in word}))
AS_SHOWN = {" ": SPACE, "\n": BREAK, "“": QUOTE, "”": QUOTE, "„": QUOTE}
INSIDE, OUTSIDE = "inside", "outside"


def letters(coin: random.Random, held_out: bool) -> Iterator[str]:
    """Text, letter by letter, without end."""
    for sentence in sentences(coin, held_out):
        yield from sentence.replace(" ", SPACE)
        yield SPACE


def shown(example: Example) -> str:
    return "".join(example.read).replace(SPACE, " ")


def read_letters(text: str, known: tuple[str, ...], what: str) -> tuple[str, ...]:
    read = checked([AS_SHOWN.get(letter, letter) for letter in text], what)
    for letter in read:
        if letter not in known:
            raise refused(letter, what)
    return read


class Quotation(Task):
    key = "quotation"
    name = "Quotation"
    says = "Letter by letter the network says whether it stands inside of a quotation."
    distance_is = "letters since the last quotation mark"
    answers = (INSIDE, OUTSIDE)
    trained = (1, 40)
    distances = (1, 5, 10, 20, 30, 40, 50, 60, 80, 100, 150, 200)
    units = 8
    steps = 1200
    chance = 1 / 2
    symbols = (*LETTERS, SPACE, QUOTE)
    example = 'Anna said "Ben saw the dog in the garden." Carla slept well.'
    READS = "It reads the letters of its small sentences, spaces, full stops and quotation marks."
    STEPS = 90  # of an example for training

    def draw(self, coin: random.Random, distance: int, held_out: bool = False, kind: str = "") -> Example:
        """Inside as often as outside; the last letter is as far from the last quotation mark as the distance says."""
        text = letters(coin, held_out)
        read = [next(text) for _ in range(coin.randint(0, 20))]
        for _ in range(coin.randint(1, 2)):
            read += [QUOTE, *(next(text) for _ in range(coin.randint(5, 25)))]
        return self.about((*read, QUOTE, *(next(text) for _ in range(distance))))

    def batch(self, coin: random.Random, size: int, reach: float = 1.0) -> list[Example]:
        return [self._stretch(coin) for _ in range(size)]

    def _stretch(self, coin: random.Random) -> Example:
        text = letters(coin, held_out=False)
        read = [next(text) for _ in range(coin.randint(0, self.trained[1]))]
        while len(read) < self.STEPS:
            read += [QUOTE, *(next(text) for _ in range(coin.randint(*self.trained)))]
        return self.about(tuple(read[: self.STEPS]))

    def about(self, read: tuple[str, ...]) -> Example:
        wanted, is_inside = {}, False
        for step, letter in enumerate(read):
            is_inside ^= letter == QUOTE
            wanted[step] = INSIDE if is_inside else OUTSIDE
        return Example(read, wanted)

    def counted(self, example: Example) -> tuple[int, ...]:
        return (example.steps - 1,)

    def shown(self, example: Example) -> str:
        return shown(example)

    def parse(self, text: str) -> Example:
        return self.about(read_letters(text.replace("\n", " "), self.symbols, self.READS))


class LineLength(Task):
    key = "line"
    name = "Line length"
    says = "Letter by letter the network says how many letters the line has so far."
    distance_is = "letters since the line break"
    answers = ("letters",)
    trained = (1, 50)
    distances = (1, 5, 10, 20, 30, 40, 50, 60, 80)
    units = 8
    steps = 3000
    tolerance = 1.0
    note = (
        "In training one line in three was longer than 40 letters, and few letters stood at its end: at 50 no network "
        "is within one letter."
    )
    symbols = (*LETTERS, SPACE, BREAK)
    example = "Anna slept well.¶Ben saw the dog in the garden.¶Carla"
    READS = "It reads the letters of its small sentences, spaces, full stops, and line breaks (also typed as ¶ or /)."
    STEPS = 110

    def draw(self, coin: random.Random, distance: int, held_out: bool = False, kind: str = "") -> Example:
        """One whole line, and so many letters of the next."""
        text = letters(coin, held_out)
        before = [next(text) for _ in range(coin.randint(5, 30))]
        return self.about((*before, BREAK, *(next(text) for _ in range(distance))))

    def batch(self, coin: random.Random, size: int, reach: float = 1.0) -> list[Example]:
        return [self._stretch(coin) for _ in range(size)]

    def _stretch(self, coin: random.Random) -> Example:
        text, read = letters(coin, held_out=False), []
        while len(read) < self.STEPS:
            length = max(coin.randint(*self.trained) for _ in range(2))  # long lines are as rare as they are hard
            read += [*(next(text) for _ in range(length)), BREAK]
        return self.about(tuple(read[: self.STEPS]))

    def about(self, read: tuple[str, ...]) -> Example:
        wanted, count = {}, 0.0
        for step, letter in enumerate(read):
            count = 0.0 if letter == BREAK else count + 1
            wanted[step] = count
        return Example(read, wanted)

    def count_of(self, example: Example) -> tuple[str, list[float]]:
        return "letters of the line", [float(example.wanted[step]) for step in range(example.steps)]

    def counted(self, example: Example) -> tuple[int, ...]:
        return (example.steps - 1,)

    def shown(self, example: Example) -> str:
        return shown(example)

    def parse(self, text: str) -> Example:
        read = read_letters(text.replace("/", BREAK), self.symbols, self.READS)
        if all(letter == BREAK for letter in read):
            raise TaskError(f"There is no letter to count. {self.READS}")
        return self.about(read)
