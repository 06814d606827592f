"""Which days the figures are of, and the steps of their curve."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.reporting import LONGEST, Period
from helpdesk.stats.periods import MONTHS_SHOWN_MAX_COUNT, buckets, month_starts, named_period, year_before

DAYS = st.dates(date(2000, 1, 1), date(2100, 12, 31))
PERIODS = st.builds(
    lambda first, length: Period(first, first + timedelta(days=length)),
    DAYS,
    st.integers(0, LONGEST.days - 1),
)
TODAY = date(2026, 11, 22)


def days(first: str, last: str) -> Period:
    return Period(date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize(
    ("name", "period"),
    [
        ("2026", days("2026-01-01", "2026-11-22")),
        ("2025", days("2025-01-01", "2025-12-31")),
        ("12-mois", days("2025-11-23", "2026-11-22")),
        ("trimestre", days("2026-10-01", "2026-11-22")),
        ("trimestre-dernier", days("2026-07-01", "2026-09-30")),
        ("2027", None),
        ("1999", None),
        ("٢٠٢٦", None),
        ("hier", None),
        ("", None),
    ],
)
def test_a_period_by_its_name(name: str, period: Period | None) -> None:
    assert named_period(name, TODAY) == period


@pytest.mark.parametrize("today", [date(2028, 2, 29), date(2026, 1, 1), date(2026, 12, 31)])
def test_the_last_twelve_months_are_a_whole_year_up_to_today(today: date) -> None:
    period = named_period("12-mois", today)
    assert period
    assert period.ends_on == today
    assert 365 <= (period.ends_on - period.starts_on).days + 1 <= 366


@pytest.mark.parametrize(
    ("today", "first"),
    [
        ("2026-01-01", "2026-01-01"),
        ("2026-03-31", "2026-01-01"),
        ("2026-04-01", "2026-04-01"),
        ("2026-12-31", "2026-10-01"),
    ],
)
def test_the_present_quarter(today: str, first: str) -> None:
    assert named_period("trimestre", date.fromisoformat(today)) == days(first, today)


def test_the_year_before_has_the_same_days() -> None:
    assert year_before(days("2026-01-01", "2026-11-22")) == days("2025-01-01", "2025-11-22")
    assert year_before(days("2028-02-29", "2028-02-29")) == days("2027-02-28", "2027-02-28")
    assert year_before(days("2028-01-01", "2028-12-31")) == Period.of_year(2027)


@given(PERIODS)
def test_there_is_a_year_before_any_period(period: Period) -> None:
    before = year_before(period)
    assert before.ends_on < period.starts_on or period.ends_on - period.starts_on >= timedelta(days=365)
    assert abs((before.ends_on - before.starts_on) - (period.ends_on - period.starts_on)) <= timedelta(days=2)


@given(PERIODS, st.data())
def test_the_steps_hold_each_month_once_in_order(period: Period, data: st.DataObject) -> None:
    count = len(month_starts(period))
    answered = data.draw(st.lists(st.integers(0, 30), min_size=count, max_size=count))
    steps = buckets(period, answered, 10)
    assert [month for step in steps for month in step.months] == list(range(count))
    assert len({step.key for step in steps}) == len({step.label for step in steps}) == len(steps)
    assert len(steps) <= MONTHS_SHOWN_MAX_COUNT


@pytest.mark.parametrize(
    ("by_month", "labels"),
    [
        ([10] * 12, ["janv.", "févr.", "mars"]),
        ([10] * 6 + [0] * 6, ["janv.", "févr.", "mars"]),
        ([10] * 5 + [9] * 7, ["1er trim. 2026", "2e trim. 2026", "3e trim. 2026"]),
        ([1] * 12, ["1er trim. 2026", "2e trim. 2026", "3e trim. 2026"]),
    ],
)
def test_months_with_too_few_answers_become_quarters(by_month: list[int], labels: list[str]) -> None:
    assert [step.label for step in buckets(Period.of_year(2026), by_month, 10)][:3] == labels


def test_five_years_are_shown_by_year_when_their_quarters_are_too_many() -> None:
    period = days("2022-01-01", "2026-11-22")
    assert [step.label for step in buckets(period, [30] * 59, 10)] == ["2022", "2023", "2024", "2025", "2026"]
    assert [step.key for step in buckets(days("2025-06-15", "2026-06-14"), [30] * 13, 10)][:2] == ["2025-06", "2025-07"]
