"""Until when a place is changed, and how long one is held for somebody."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.juri_ptce.deadlines import SHORTEST_OFFER, is_today, is_too_late_for_ptce, offer_ends_at
from tests.factories.juri_ptce import PARIS, at

START = datetime(2026, 1, 1, tzinfo=UTC)
moments = st.integers(0, 10 * 366 * 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes))
near = st.integers(-10, 60 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes))


@pytest.mark.parametrize(
    ("starts_at", "now", "expected"),
    [
        ("2027-03-02 14:00", "2027-03-01 23:59", False),
        ("2027-03-02 14:00", "2027-03-02 00:00", True),
        # The clocks change in the night before: the day is that of Paris.
        ("2027-03-28 14:00", "2027-03-27 23:59", False),
        ("2027-03-28 14:00", "2027-03-28 00:00", True),
        ("2027-10-31 14:00", "2027-10-31 00:00", True),
    ],
)
def test_a_ptce_changes_its_call_until_the_day_before(starts_at: str, now: str, *, expected: bool) -> None:
    assert is_too_late_for_ptce(at(starts_at), at(now)) is expected


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2027-02-15 09:00", "2027-02-16 09:00"),
        ("2027-02-28 15:00", "2027-03-01 00:00"),
        ("2027-02-28 22:00", "2027-03-01 00:00"),
        ("2027-02-28 22:01", None),
        ("2027-03-02 15:00", None),
    ],
)
def test_an_offer_stands_a_day_and_never_into_the_day_before(now: str, expected: str | None) -> None:
    assert offer_ends_at(at("2027-03-02 14:00"), at(now), 24) == (at(expected) if expected else None)


@given(now=moments, ahead=near, hours=st.integers(2, 200))
def test_an_offer_leaves_time_to_take_it_and_to_prepare(now: datetime, ahead: timedelta, hours: int) -> None:
    starts_at = now + ahead
    end = offer_ends_at(starts_at, now, hours)
    if end is not None:
        assert SHORTEST_OFFER <= end - now <= timedelta(hours=hours)
        assert not is_too_late_for_ptce(starts_at, end)
        assert end.astimezone(PARIS).date() < starts_at.astimezone(PARIS).date()


def test_today_is_a_day_of_paris() -> None:
    assert is_today(at("2027-02-15 23:59"), at("2027-02-15 00:00"))
    assert not is_today(at("2027-02-16 00:00"), at("2027-02-15 23:59"))
