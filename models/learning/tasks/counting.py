"""Tasks that need a counter or a stack: aⁿXbⁿ, and nested brackets of two kinds."""

import random
from itertools import accumulate

from models.learning.tasks.task import Example, Task, TaskError, checked, is_held_out, refused

CLOSES = {"(": ")", "[": "]"}
END = "end"
HELD_OUT_EVERY = 5  # of the counts: 5, 10, 15, … are in no training


class Counting(Task):
    """As in Gers & Schmidhuber 2001, section III.A: after X, as many b are due as a were read."""

    key = "counting"
    name = "Counting aⁿXbⁿ"
    says = "After X come as many b as there were a before it. The network has to say when they end."
    distance_is = "how many a come before X"
    answers = ("b", END)
    trained = (1, 30)
    distances = (5, 10, 15, 20, 25, 30, 35, 40, 50, 60, 80, 100)
    units = 11
    steps = 2500
    chance = 0.0
    symbols = ("a", "X", "b")
    example = "aaaaaXbbbbb"
    READS = "It reads the letters a, X and b: any number of a, then X, then b."

    def draw(self, coin: random.Random, distance: int, held_out: bool = False, kind: str = "") -> Example:
        """The only one with this n; what is held out are the counts that 5 divides, and those beyond the training."""
        return self.about(distance, distance)

    def batch(self, coin: random.Random, size: int, reach: float = 1.0) -> list[Example]:
        length = 0
        while length % HELD_OUT_EVERY == 0:
            length = self.drawn_distance(coin, reach)
        return [self.about(length, length)] * 8

    def about(self, count: int, closing: int) -> Example:
        read = ("a",) * count + ("X",) + ("b",) * closing
        return Example(read, {count + step: "b" if step < count else END for step in range(closing + 1)})

    def count_of(self, example: Example) -> tuple[str, list[float]]:
        each = {"a": 1.0, "X": 0.0, "b": -1.0}
        return "a without their b", list(accumulate(each[symbol] for symbol in example.read))

    def shown(self, example: Example) -> str:
        return "".join(example.read)

    def parse(self, text: str) -> Example:
        read = checked([letter for letter in text if not letter.isspace()], self.READS)
        read = tuple({"A": "a", "x": "X", "B": "b"}.get(letter, letter) for letter in read)
        for letter in read:
            if letter not in self.symbols:
                raise refused(letter, self.READS)
        if "X" not in read:
            raise TaskError(f"There is no X, so nothing is asked. {self.READS}")
        count = read.index("X")
        if set(read[:count]) - {"a"} or set(read[count + 1 :]) - {"b"}:
            raise TaskError(f"These letters stand in another order. {self.READS}")
        return self.about(count, min(len(read) - count - 1, count))


class Brackets(Task):
    """The language of two kinds of brackets that close in the order in which a stack would close them."""

    key = "brackets"
    name = "Nested brackets"
    says = "At every step the network says which bracket is due next to close the innermost open one."
    distance_is = "symbols since the bracket was opened"
    answers = (")", "]", END)
    trained = (0, 30)
    distances = (0, 2, 4, 6, 10, 16, 20, 30, 40, 60, 80, 100)
    units = 12
    steps = 2500
    chance = 1 / 2
    symbols = ("(", ")", "[", "]")
    example = "([()][])"
    DEEPEST = 5
    READS = "It reads the brackets ( ) [ ], each closing one where it fits."

    def draw(self, coin: random.Random, distance: int, held_out: bool = False, kind: str = "") -> Example:
        while True:
            opened = coin.choice("([")
            read = (opened, *inner(coin, distance - distance % 2, self.DEEPEST - 1), CLOSES[opened])
            if distance < 4 or is_held_out(*read) == held_out:
                return Example(read, wanted_of(read))

    def count_of(self, example: Example) -> tuple[str, list[float]]:
        return "open brackets", list(accumulate(1.0 if symbol in CLOSES else -1.0 for symbol in example.read))

    def counted(self, example: Example) -> tuple[int, ...]:
        """Where the first bracket is due again: as far from it as the distance says."""
        return (example.steps - 2,)

    def shown(self, example: Example) -> str:
        return "".join(example.read)

    def parse(self, text: str) -> Example:
        read = checked([letter for letter in text if not letter.isspace()], self.READS)
        for letter in read:
            if letter not in self.symbols:
                raise refused(letter, self.READS)
        return Example(read, wanted_of(read))


def inner(coin: random.Random, length: int, depth: int) -> list[str]:
    """Balanced brackets of an even length, never deeper than ``depth``."""
    read: list[str] = []
    stack: list[str] = []
    for left in range(length, 0, -1):
        must_close, must_open = len(stack) == left or len(stack) == depth, not stack
        if must_open or (not must_close and coin.random() < 0.5):
            stack.append(coin.choice("(["))
            read.append(stack[-1])
        else:
            read.append(CLOSES[stack.pop()])
    return read


def wanted_of(read: tuple[str, ...]) -> dict[int, str]:
    """Which bracket is due after each step.

    Raises:
        TaskError: one closes what is not open.
    """
    stack: list[str] = []
    wanted = {}
    for step, symbol in enumerate(read):
        if symbol in CLOSES:
            stack.append(symbol)
        elif not stack or CLOSES[stack[-1]] != symbol:
            due = f"{CLOSES[stack[-1]]} is due" if stack else "no bracket is open"
            raise TaskError(f"Bracket {step + 1} is {symbol}, where {due}. {Brackets.READS}")
        else:
            stack.pop()
        wanted[step] = CLOSES[stack[-1]] if stack else END
    return wanted
