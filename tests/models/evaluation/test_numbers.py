"""Which translations say a number: written examples, and that all sentences are asked for."""

from collections import Counter

import pytest

from models.evaluation.numbers import number_sentences, says_number


@pytest.mark.parametrize(
    ("translation", "value", "language", "said"),
    [
        ("আমার বারোটা বই আছে।", 12, "bn", True), ("আমার ১২টা বই আছে।", 12, "bn", True), ("আমার 12টা বই আছে।", 12, "bn", True),
        ("আমার দুটো বই আছে।", 2, "bn", True), ("আমার দুজন ভাই আছে।", 2, "bn", True), ("আমার বাইশটা বই আছে।", 12, "bn", False),
        ("আমার ১২১টা বই আছে।", 12, "bn", False), ("আমার বই আছে।", 12, "bn", False), ("১২টা বই আর ৩টা কলম।", 12, "bn", False),
        ("আমার জন্ম ১৯০৫ সালে।", 1905, "bn", True), ("আমার জন্ম ১৯০৬ সালে।", 1905, "bn", False),
        ("माझ्याकडे बारा पुस्तकं आहेत.", 12, "mr", True), ("माझ्याकडे १२ पुस्तकं आहेत.", 12, "mr", True),
        ("बाराला ये.", 12, "mr", True), ("माझ्याकडे बावीस पुस्तकं आहेत.", 12, "mr", False), ("तेरा.", 13, "mr", True),
    ],
)  # fmt: skip
def test_a_number_counts_in_words_and_in_figures_of_either_script(translation, value, language, said):
    assert says_number(translation, value, language) is said


def test_every_number_is_asked_for_in_eight_frames():
    asked = Counter((sentence.kind, sentence.value) for sentence in number_sentences())
    assert set(asked.values()) == {8}
    kinds = Counter(kind for kind, _ in asked)
    assert kinds["words"] == kinds["figures"] == 101
    assert kinds["years"] == 131
    assert kinds["hours"] == 12
    assert len({sentence.english for sentence in number_sentences()}) == sum(kinds.values()) * 8
