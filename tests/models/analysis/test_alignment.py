"""Tokens side by side: every token in its place, as few changes as can be, counted by trying every way."""

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.analysis.alignment import aligned, tokens_changed

tokens = st.lists(st.sampled_from("abc"), max_size=6)


@cache
def fewest(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    """Insertions, deletions and replacements, by trying every first move."""
    if not one or not other:
        return len(one) + len(other)
    if one[0] == other[0]:
        return min(fewest(one[1:], other[1:]), 1 + fewest(one[1:], other), 1 + fewest(one, other[1:]))
    return 1 + min(fewest(one[1:], other[1:]), fewest(one[1:], other), fewest(one, other[1:]))


def changes(one: list[str], other: list[str], pairs: list) -> int:
    return sum(a is None or b is None or one[a] != other[b] for a, b in pairs)


@given(tokens, tokens)
def test_the_distance_is_the_fewest_changes_whichever_way_round(one, other):
    assert tokens_changed(one, other) == fewest(tuple(one), tuple(other))
    assert tokens_changed(other, one) == tokens_changed(one, other)
    assert tokens_changed(one, one) == 0


@given(tokens, tokens)
def test_every_token_stands_once_and_in_order_with_as_few_changes_as_can_be(one, other):
    pairs = aligned(one, other)
    assert [a for a, _ in pairs if a is not None] == list(range(len(one)))
    assert [b for _, b in pairs if b is not None] == list(range(len(other)))
    assert (None, None) not in pairs
    assert changes(one, other, pairs) == tokens_changed(one, other)


@pytest.mark.parametrize(
    ("one", "other", "pairs"),
    [
        ("", "", []),
        ("ab", "ab", [(0, 0), (1, 1)]),
        ("", "ab", [(None, 0), (None, 1)]),
        ("ab", "", [(0, None), (1, None)]),
        ("abd", "abcd", [(0, 0), (1, 1), (None, 2), (2, 3)]),
        ("abcd", "abd", [(0, 0), (1, 1), (2, None), (3, 2)]),
        ("a", "aa", [(0, 0), (None, 1)]),  # of two ways as good, the earlier is paired
        ("aa", "a", [(0, 0), (1, None)]),
        ("xyz", "ab", [(0, 0), (1, 1), (2, None)]),  # also where nothing is alike
        ("ab", "cb", [(0, 0), (1, 1)]),  # a replacement is one change, not two
    ],
)
def test_gaps_stand_where_a_token_is_missing(one, other, pairs):
    assert aligned(one, other) == pairs


def test_tokens_are_compared_whole():
    assert tokens_changed(["▁the", "▁cat", "</s>"], ["▁the", "▁cats", "</s>"]) == 1
    assert tokens_changed(["▁a", "b"], ["▁ab"]) == 2
