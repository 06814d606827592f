"""What is told outside the pole: no count under five, and none that the others give away."""

from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.reporting import FEWEST_TOLD, LONGEST, Period, Share, told_outside, untold

COUNTS = st.lists(st.integers(0, 40), max_size=14)


@given(COUNTS)
def test_counts_of_a_split_are_told_only_when_no_difference_gives_one_away(counts: list[int]) -> None:
    hidden = set(untold(counts, is_split=True))
    assert all(place in hidden for place, count in enumerate(counts) if 0 < count < FEWEST_TOLD)
    together = sum(counts[place] for place in hidden)
    # The total less what is told: what it leaves is no small number, unless nothing but zeros is told.
    assert (
        not hidden
        or together >= FEWEST_TOLD
        or all(count == 0 for place, count in enumerate(counts) if place not in hidden)
    )
    if len(hidden) == 1:
        assert sum(counts) < FEWEST_TOLD


@given(COUNTS)
def test_no_more_is_hidden_than_needed(counts: list[int]) -> None:
    small = {place for place, count in enumerate(counts) if 0 < count < FEWEST_TOLD}
    hidden = set(untold(counts, is_split=True))
    assert set(untold(counts, is_split=False)) == small
    beside = sorted(counts[place] for place in hidden - small)
    assert beside == sorted(count for count in counts if count >= FEWEST_TOLD)[: len(beside)]
    if not small:
        assert hidden == set()


@given(st.lists(st.integers(0, 9), max_size=6))
def test_no_count_under_five_can_be_worked_out_from_the_total(counts: list[int]) -> None:
    hidden = sorted(untold(counts, is_split=True))
    told = [count for place, count in enumerate(counts) if place not in hidden and count >= FEWEST_TOLD]
    if not told:
        return  # nothing but zeros is told: the total is that of what is hidden
    ranges = [range(1, 5) if counts[place] < FEWEST_TOLD else range(5, min(told) + 1) for place in hidden]
    together = sum(counts[place] for place in hidden)
    ways = [way for way in product(*ranges) if sum(way) == together]
    for rank, place in enumerate(hidden):
        if counts[place] < FEWEST_TOLD:
            assert len({way[rank] for way in ways}) > 1


@pytest.mark.parametrize(
    ("counts", "hidden"),
    [
        ([3, 3, 20], {0, 1}),
        ([4, 4, 20], {0, 1, 2}),
        ([4, 4, 20, 9, 30], {0, 1, 3}),
        ([1, 1, 1, 1, 1, 7, 8, 9], {0, 1, 2, 3, 4, 5}),
        ([2, 20, 9], {0, 2}),
        ([1, 5, 9, 12], {0, 1, 2}),
        ([4, 7, 7, 7], {0, 1, 2, 3}),
        ([3, 0, 0], {0}),
        ([0, 0, 6], set()),
    ],
)
def test_what_is_hidden_beside(counts: list[int], hidden: set[int]) -> None:
    assert set(untold(counts, is_split=True)) == hidden


@given(COUNTS)
def test_nothing_is_never_hidden_and_tells_nothing(counts: list[int]) -> None:
    for is_split in (True, False):
        assert all(counts[place] > 0 for place in untold(counts, is_split=is_split))


@given(st.lists(st.integers(1, 4), min_size=1, max_size=3), st.integers(0, 5))
def test_small_counts_cannot_be_told_apart_from_their_sum(small: list[int], zeros: int) -> None:
    """A column of few questions, all of them small: whatever stands beside them, none is told."""
    counts = small + [0] * zeros
    assert untold(counts, is_split=True) == set(range(len(small)))


@given(st.lists(st.integers(0, 40), max_size=10))
def test_shares_told_together_hide_the_small_ones(counts: list[int]) -> None:
    shares = [Share(f"n{place}", count) for place, count in enumerate(counts)]
    told = told_outside(shares, others="autres")
    assert sum(share.number for share in told) == sum(counts)
    if sum(counts) >= FEWEST_TOLD:
        assert all(share.number >= FEWEST_TOLD for share in told)
    else:
        assert len(told) <= 1


def test_a_period_is_of_whole_days_in_paris() -> None:
    starts_at, ends_at = Period.of_year(2026).bounds
    assert starts_at.isoformat() == "2025-12-31T23:00:00+00:00"
    assert ends_at.isoformat() == "2026-12-31T23:00:00+00:00"
    summer = Period(date(2026, 3, 29), date(2026, 3, 29)).bounds
    assert summer[1] - summer[0] == timedelta(hours=23)
    winter = Period(date(2026, 10, 25), date(2026, 10, 25)).bounds
    assert winter[1] - winter[0] == timedelta(hours=25)


@pytest.mark.parametrize("length", [timedelta(days=-1), LONGEST])
def test_a_period_that_cannot_be_is_refused(length: timedelta) -> None:
    with pytest.raises(ValueError, match="five years at most"):
        Period(date(2026, 6, 1), date(2026, 6, 1) + length)


def test_only_a_civil_year_has_a_name() -> None:
    assert Period.of_year(2028).year == 2028
    assert Period(date(2026, 1, 1), date(2026, 12, 30)).year is None
    assert Period(date(2026, 1, 1), date(2027, 12, 31)).year is None
