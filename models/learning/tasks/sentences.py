"""Small sentences that mean nothing for the answer: what stands between a fact and the question about it."""

import random
from collections.abc import Iterator

from models.learning.tasks.task import is_held_out

PEOPLE = ("Anna", "Ben", "Carla", "David", "Emma", "Felix", "Grace", "Henry")
DOES = ("slept", "laughed", "waited", "sang", "worked", "danced", "smiled", "read")
HOW = ("well", "quietly", "often", "there", "alone", "again")
DID = ("saw", "found", "bought", "liked", "painted", "lost", "cleaned", "wanted")
THINGS = ("dog", "book", "house", "ball", "cat", "car", "cake", "lamp", "door", "hat")
WHERE = ("garden", "kitchen", "park", "city", "school", "shop")
WORDS = (*PEOPLE, *DOES, *HOW, *DID, *THINGS, *WHERE, "the", "in", ".")
SHORTEST = 3  # words of a sentence, the full stop included
LENGTHS = (3, 4, 5, 8)


def sentence(coin: random.Random, length: int, held_out: bool) -> tuple[str, ...]:
    """One of 3, 4, 5 or 8 words with its full stop; either one that trainings read, or one that none does."""
    while True:
        who = coin.choice(PEOPLE)
        if length == 3:
            words = (who, coin.choice(DOES), ".")
        elif length == 4:
            words = (who, coin.choice(DOES), coin.choice(HOW), ".")
        elif length == 5:
            words = (who, coin.choice(DID), "the", coin.choice(THINGS), ".")
        else:
            words = (who, coin.choice(DID), "the", coin.choice(THINGS), "in", "the", coin.choice(WHERE), ".")
        if is_held_out(*words) == held_out:
            return words


def filler(coin: random.Random, words: int, held_out: bool) -> list[str]:
    """Sentences of so many words together, full stops included; none where there is no room for one."""
    said: list[str] = []
    while (left := words - len(said)) >= SHORTEST:
        lengths = [length for length in LENGTHS if length == left or length <= left - SHORTEST]
        said += sentence(coin, coin.choice(lengths), held_out)
    return said


def sentences(coin: random.Random, held_out: bool) -> Iterator[str]:
    """Sentences as they are written, without end."""
    while True:
        yield " ".join(sentence(coin, coin.choice(LENGTHS), held_out)).replace(" .", ".")
