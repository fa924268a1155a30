"""What every view of the page has behind a fold: all of it in words. Before that stand an answer and a picture."""

from collections.abc import Callable, Iterable

from viz.widgets.words import folding, words


def in_words(sentences: Callable[[], Iterable[str]]) -> None:
    """How the pictures of a view are to be read, and what they show in numbers; computed while it is unfolded."""
    with folding("How to read this, and all of it in numbers", "in_reading") as box:
        if box.open:
            for sentence in sentences():
                words(sentence)
