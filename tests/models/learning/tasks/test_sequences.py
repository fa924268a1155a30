"""What the tasks make and read: right answers by second implementations, nothing held out in any training."""

import contextlib
import random
import re

import numpy as np
import pytest

from models.learning.tasks import TASKS, TaskError
from models.learning.tasks.answering import PEOPLE, PERSON, THING
from models.learning.tasks.france import LANGUAGE_OF
from models.learning.tasks.task import is_held_out


def drawn(key, count=40, held_out=True):
    task, coin = TASKS[key], random.Random(7)
    for kind in task.kinds:
        for distance in task.distances_of(kind)[:8]:
            for _ in range(count // 8):
                yield task, distance, kind, task.draw(coin, distance, held_out, kind)


@pytest.mark.parametrize("key", TASKS)
def test_what_is_shown_can_be_typed_and_is_read_as_the_same(key):
    for task, _, _, example in drawn(key):
        again = task.parse(task.shown(example))
        assert again.read == example.read
        assert again.written == example.written
        for step, wanted in example.wanted.items():
            assert again.wanted[step] == pytest.approx(wanted)
        assert task.example_of(example.read).read == example.read


@pytest.mark.parametrize("key", TASKS)
def test_inputs_are_a_one_where_the_symbol_stands(key):
    for task, _, _, example in drawn(key, 8):
        inputs = task.inputs(example.read)
        assert inputs.shape == (example.steps, task.input_size)
        if task.symbols:
            assert [task.symbols[place] for place in inputs.argmax(axis=1)] == list(example.read)
            assert (inputs.sum(axis=1) == 1).all()
            assert len(set(task.symbols)) == len(task.symbols)


@pytest.mark.parametrize("key", TASKS)
def test_a_batch_has_one_length_and_nothing_that_is_held_out(key):
    task, coin = TASKS[key], random.Random(3)
    for _ in range(10):
        batch = task.batch(coin, 16)
        assert len({example.steps for example in batch}) == 1
        for example in batch:
            words = " ".join(example.read)
            if key == "france":
                said = re.findall(r"[A-Z][a-z]+ [a-z][a-z ]*\.", words.partition(" . ")[2])
                assert not any(is_held_out(*sentence.split()) for sentence in said)
            if key == "counting":
                assert example.read.count("a") % 5
            if key == "copying":
                assert not is_held_out(*example.read[:4])
            if key == "adding":
                assert not is_held_out(*example.read)
            if key == "answering":
                assert not is_held_out(*example.read[: len(example.read) - example.read[::-1].index("Where") - 1])


def test_the_language_is_that_of_the_country_and_the_gap_is_what_lies_between():
    for _, distance, _, example in drawn("france", 80):
        country = next(word for word in example.read if word in LANGUAGE_OF)
        between = example.steps - example.read.index(country) - 1 - len(("I", "speak", "fluent"))
        assert between == (distance if distance >= 4 or distance == 1 else 1)
        assert example.wanted == {example.steps - 1: LANGUAGE_OF[country]}
        sentences = re.findall(r"[A-Z][a-z]+ [^.]*\.", " ".join(example.read[example.read.index(country) + 2 : -3]))
        assert all(is_held_out(*sentence.split()) for sentence in sentences)
        assert "".join(sentences).replace(" ", "") == "".join(example.read[example.read.index(country) + 2 : -3])


def test_brackets_are_due_as_the_text_itself_says():
    """A bracket is due where the rest, with every pair taken out, begins with it."""
    for _, distance, _, example in drawn("brackets", 80):
        assert example.steps == distance - distance % 2 + 2
        for step in range(example.steps):
            rest = "".join(example.read[: step + 1])
            while rest != (shorter := rest.replace("()", "").replace("[]", "")):
                rest = shorter
            wanted = {"(": ")", "[": "]"}[rest[-1]] if rest else "end"
            assert example.wanted[step] == wanted


def test_counting_ends_when_as_many_have_come():
    task = TASKS["counting"]
    assert task.draw(random.Random(1), 3).read == tuple("aaaXbbb")
    assert task.draw(random.Random(1), 3).wanted == {3: "b", 4: "b", 5: "b", 6: "end"}


def test_the_adding_problem_is_that_of_the_paper():
    for _, distance, _, example in drawn("adding", 80):
        marked = [step for step, value in enumerate(example.read) if value.endswith("*")]
        assert distance <= example.steps <= distance * 1.1
        assert len(marked) == 2
        assert min(marked) < 10
        assert max(marked) < distance / 2 - 0.5
        numbers = np.array([float(value.strip("*")) for value in example.read])
        assert example.wanted == {example.steps - 1: pytest.approx(0.5 + numbers[marked].sum() / 4)}


def test_inside_is_after_an_odd_number_of_quotation_marks_and_letters_are_counted_from_the_break():
    for _, _, _, example in drawn("quotation"):
        for step, wanted in example.wanted.items():
            count = "".join(example.read[: step + 1]).count('"')
            assert wanted == ("inside" if count % 2 else "outside")
    for _, distance, _, example in drawn("line"):
        text = "".join(example.read)
        assert len(text) - text.rindex("¶") - 1 == distance
        for step, wanted in example.wanted.items():
            assert wanted == len(text[: step + 1].rpartition("¶")[2])


def test_answers_follow_from_the_story_told_anew():
    """By another way: where somebody was at each time, and who held a thing at each time, looked up backwards."""
    for _, distance, kind, example in drawn("answering", 160):
        text = TASKS["answering"].shown(example)
        story, _, asked = text.rpartition(". Where is ") if ". " in text else ("", "", text)
        sentences = [sentence.split() for sentence in (story + ".").split(". ")]
        sentences[-1][-1] = sentences[-1][-1].rstrip(".")
        name = asked.rstrip("?").split()[-1]
        needed = []
        if name in PEOPLE:
            assert kind == PERSON
            at = max(n for n, words in enumerate(sentences) if words[0] == name and words[1] == "went")
            needed, place = [at], sentences[at][-1]
        else:
            assert kind == THING
            last = max(n for n, words in enumerate(sentences) if words[-1] == name)
            holder = sentences[last][0]
            until = len(sentences) if sentences[last][1] == "took" else last
            went = max(n for n, words in enumerate(sentences[:until]) if words[0] == holder and words[1] == "went")
            needed, place = [last, went], sentences[went][-1]
        assert example.written == ("in", "the", place, "</s>")
        assert len(sentences) - min(needed) == distance


REFUSED = [
    ("france", "I grew up in Atlantis. I speak fluent", "Atlantis"),
    ("france", "Anna slept. I speak fluent", "No country"),
    ("france", "", "nothing to read"),
    ("brackets", "(" * 5000, "5,000 steps"),
    ("brackets", "(]", "Bracket 2 is ], where ) is due"),
    ("brackets", "())", "no bracket is open"),
    ("counting", "aabb", "no X"),
    ("counting", "aXa", "another order"),
    ("counting", "aQ", "“Q”"),
    ("copying", "ABC...", "another order"),
    ("adding", "0.5* 0.5", "1 numbers are marked"),
    ("adding", "2.5* 0.5*", "2.5*"),
    ("quotation", "Zoë", "“Z”"),
    ("line", "¶¶", "no letter"),
    ("answering", "Mary went to the moon. Where is Mary?", "moon"),
    ("answering", "Mary went to the kitchen. Where is John?", "Nothing in the story"),
    ("answering", "Mary dropped the milk. Where is Mary?", "without having it"),
    ("answering", "Mary slept. Where is Mary?", "slept"),
    ("answering", "Where", "no question"),
    ("answering", "Mary the kitchen. Where is Mary?", "no sentence"),
]


@pytest.mark.parametrize(("key", "text", "says"), REFUSED)
def test_what_a_task_does_not_know_is_refused_in_a_sentence(key, text, says):
    with pytest.raises(TaskError) as refused:
        TASKS[key].parse(text)
    assert says in str(refused.value)
    assert len(str(refused.value)) < 400
    assert "It reads" in str(refused.value) or "first" in str(refused.value) or "story" in str(refused.value)


@pytest.mark.parametrize("key", TASKS)
def test_hostile_text_is_read_or_refused(key):
    coin = random.Random(5)
    pieces = [
        "I",
        "(",
        "]",
        "a",
        "X",
        "b",
        ".",
        "?",
        '"',
        "\u200d",
        "ক",
        "<b>",
        "0.5*",
        "Where",
        "is",
        "*",
        "/",
        "¶",
        "-",
    ]
    for _ in range(300):
        text = coin.choice(["", " "]).join(coin.choices(pieces, k=coin.randint(0, 12)))
        with contextlib.suppress(TaskError):
            assert TASKS[key].parse(text).steps


@pytest.mark.parametrize("key", TASKS)
def test_other_sequences_to_take_states_from_are_about_as_long(key):
    task = TASKS[key]
    example = task.draw(random.Random(2), 10 if key != "answering" else 4, held_out=True)
    donors = task.donors(example, random.Random(2))
    assert donors
    for other in donors.values():
        assert other.read != example.read
    if key == "france":
        assert len(donors) == 29
        for country, other in donors.items():
            assert sum(one != two for one, two in zip(other.read, example.read, strict=True)) == 1
            assert other.wanted == {example.steps - 1: LANGUAGE_OF[country]}
