"""No count of one to four is published of a place, and none can be worked out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.suppression import is_small, suppressed


@pytest.mark.parametrize(
    ("counts", "withheld"),
    [
        ([0, 0, 0], ""),  # nought is told
        ([5, 9, 0], ""),
        ([3, 9, 7], "ac"),  # c too, or a would be the total less b and c
        ([3, 9, 0], "ab"),  # a nought tells less than nothing: the next that is more
        ([3, 0, 0], "abc"),  # but where there is nothing else
        ([1, 1, 9, 8], "abd"),  # two that add up to two are one each
        ([2, 2, 9, 8], "abd"),  # and four is itself a small count
        ([4, 4, 9, 8], "abd"),  # as the most two can be, eight tells both
        ([3, 4, 9, 8], "ab"),
        ([1, 1, 1, 1, 1, 9], "abcdef"),
        ([3], "a"),
    ],
)
def test_the_next_smallest_are_withheld_until_nothing_can_be_told(counts, withheld):
    rows = {chr(ord("a") + number): (count,) for number, count in enumerate(counts)}

    assert suppressed(rows) == set(withheld)


def test_what_could_be_worked_out_of_two_counts_is_a_count_too():
    """Eight of ten returned: that two did not is no more published than two would be."""
    rows = {"a": (8, 10, 2), "b": (20, 30, 10), "c": (6, 40, 34)}

    assert suppressed(rows) == {"a", "b"}


@given(st.lists(st.integers(0, 40), min_size=1, max_size=9))
def test_no_total_less_what_is_published_tells_a_small_count(counts):
    rows = {number: (count,) for number, count in enumerate(counts)}
    hidden = suppressed(rows)

    assert all(not is_small(counts[place]) for place in rows.keys() - hidden)
    if hidden and hidden != rows.keys():  # else the total itself is all there is
        assert len(hidden) > 1
        assert not is_small(sum(counts[place] for place in hidden))
