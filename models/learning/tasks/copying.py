"""Copy after a delay, and the adding problem: both as they were posed to show what a plain RNN cannot learn."""

import random
import re
from collections.abc import Sequence

import numpy as np

from models.learning.tasks.task import Example, Task, TaskError, checked, is_held_out, refused
from models.recurrent.trace import Array

BLANK, ASK = ".", "?"
LETTERS = 4  # to be copied


class Copying(Task):
    """Letters, a delay, and as many signs to copy them; in the manner of Arjovsky et al. 2016, section 5.1."""

    key = "copying"
    name = "Copy after a delay"
    says = "Four letters, then nothing for a while. At the question marks the letters are to be said again, in order."
    distance_is = "steps of delay"
    answers = tuple("ABCDEFGH")
    trained = (0, 30)
    distances = (0, 5, 10, 20, 30, 40, 50, 60, 80, 100, 150, 200)
    units = 20
    steps = 6000
    chance = (1 / 8) ** LETTERS
    symbols = (*answers, BLANK, ASK)
    example = "CAFE..........????"
    READS = "It reads four of the letters A to H, then any number of full stops, then four question marks."

    def draw(self, coin: random.Random, distance: int, held_out: bool = False, kind: str = "") -> Example:
        while True:
            letters = tuple(coin.choice(self.answers) for _ in range(LETTERS))
            if is_held_out(*letters) == held_out:
                return self.about(letters, distance)

    def about(self, letters: Sequence[str], delay: int) -> Example:
        read = (*letters, *BLANK * delay, *ASK * LETTERS)
        return Example(read, {LETTERS + delay + place: letter for place, letter in enumerate(letters)})

    def shown(self, example: Example) -> str:
        return "".join(example.read)

    def parse(self, text: str) -> Example:
        read = checked([letter for letter in text.upper().replace("…", "...") if not letter.isspace()], self.READS)
        for letter in read:
            if letter not in self.symbols:
                raise refused(letter, self.READS)
        found = re.fullmatch(r"([A-H]{4})(\.*)(\?{0,4})", "".join(read))
        if not found:
            raise TaskError(f"These symbols stand in another order. {self.READS}")
        whole = self.about(tuple(found[1]), len(found[2]))
        return Example(read, {step: letter for step, letter in whole.wanted.items() if step < len(read)})


class Adding(Task):
    """The adding problem (Hochreiter & Schmidhuber 1997, section 5.4)."""

    key = "adding"
    name = "Adding problem"
    says = "Two numbers of many are marked with *. At the end the network has to say 0.5 + (their sum) / 4."
    distance_is = "shortest length of the sequence"
    answers = ("0.5 + sum / 4",)
    trained = (10, 40)
    distances = (10, 20, 30, 40, 50, 60, 80, 100, 150, 200)
    units = 11
    steps = 2500
    tolerance = 0.04  # as in the paper
    example = "0.12 -0.80* 0.55 0.31 -0.07 0.64* 0.90 -0.33 0.20 -0.51"
    READS = "It reads numbers from -1 to 1, of which two are marked with a star: 0.12 -0.80* 0.55 0.64* 0.90."

    @property
    def input_size(self) -> int:
        return 2

    def draw(self, coin: random.Random, distance: int, held_out: bool = False, kind: str = "") -> Example:
        """As in the paper: up to a tenth longer, one mark in the first ten, the other in the first half.

        Numbers of two decimals; those of a sequence for training and of one that is held out come from the same
        distribution, as there, but no sequence is both.
        """
        while True:
            steps = distance + coin.randint(0, distance // 10)
            values = [f"{coin.uniform(-1, 1):.2f}" for _ in range(steps)]
            first = coin.randrange(min(10, distance // 2 - 1))
            second = coin.choice([step for step in range(distance // 2 - 1) if step != first])
            for step in (first, second):
                values[step] += "*"
            if is_held_out(*values) == held_out:
                return self.about(tuple(values))

    def batch(self, coin: random.Random, size: int, reach: float = 1.0) -> list[Example]:
        """Of one length, drawn as a whole so that none has to be padded."""
        shortest = self.drawn_distance(coin, reach)
        steps = shortest + coin.randint(0, shortest // 10)
        found: list[Example] = []
        while len(found) < size:
            example = self.draw(coin, shortest)
            values = [*example.read, *(f"{coin.uniform(-1, 1):.2f}" for _ in range(steps))][:steps]
            if not is_held_out(*values):
                found.append(self.about(tuple(values)))
        return found

    def about(self, read: tuple[str, ...]) -> Example:
        marked = [float(value[:-1]) for value in read if value.endswith("*")]
        return Example(read, {len(read) - 1: 0.5 + sum(marked) / 4})

    def inputs(self, read: Sequence[str]) -> Array:
        """(T, 2): the number, and 1 where it is marked."""
        return np.array([(float(value.rstrip("*")), value.endswith("*")) for value in read], np.float32)

    def parse(self, text: str) -> Example:
        text = re.sub(r"\s+\*", "*", text.replace("−", "-").replace(";", " "))
        read = checked(text.split(), self.READS)
        for value in read:
            if not re.fullmatch(r"[-+]?(\d+(\.\d*)?|\.\d+)\*?", value) or abs(float(value.rstrip("*"))) > 1:
                raise refused(value, self.READS)
        if (marked := sum(value.endswith("*") for value in read)) != 2:
            raise TaskError(f"{marked} numbers are marked, not two. {self.READS}")
        return self.about(read)
