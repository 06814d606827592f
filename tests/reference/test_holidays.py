"""Legal holidays by zone, against the State's list, and working days."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.reference.holidays import (
    add_working_days,
    is_holiday,
    is_ouvrable,
    is_working_day,
    legal_holidays,
    next_working_day,
    working_days_between,
)
from helpdesk.reference.types import HolidayZone

NATIONAL = {
    2025: "01-01 04-21 05-01 05-08 05-29 06-09 07-14 08-15 11-01 11-11 12-25",
    2026: "01-01 04-06 05-01 05-08 05-14 05-25 07-14 08-15 11-01 11-11 12-25",
    2027: "01-01 03-29 05-01 05-06 05-08 05-17 07-14 08-15 11-01 11-11 12-25",
}
GOOD_FRIDAY = {2025: "04-18", 2026: "04-03", 2027: "03-26"}
LOCAL = {
    "metropole": "",
    "guadeloupe": "05-27",
    "martinique": "05-22",
    "guyane": "06-10",
    "reunion": "12-20",
    "mayotte": "04-27",
    "saint-barthelemy": "10-09",
    "saint-martin": "05-28",
    "saint-pierre-et-miquelon": "",
}
FROM_LIBRARY = {"alsace-moselle", "wallis-et-futuna", "polynesie-francaise", "nouvelle-caledonie"}


def days(year: int, text: str) -> set[date]:
    return {date.fromisoformat(f"{year}-{day}") for day in text.split()}


def test_every_zone_is_compared_with_the_state_list() -> None:
    assert set(LOCAL) | FROM_LIBRARY == set(HolidayZone)


@pytest.mark.parametrize("year", NATIONAL)
@pytest.mark.parametrize("zone", LOCAL)
def test_legal_holidays_are_those_of_the_state_list(year: int, zone: str) -> None:
    assert set(legal_holidays(year, zone)) == days(year, f"{NATIONAL[year]} {LOCAL[zone]}")


@pytest.mark.parametrize("year", NATIONAL)
def test_alsace_and_moselle_add_good_friday_and_26_december(year: int) -> None:
    found = set(legal_holidays(year, "alsace-moselle"))
    assert found == days(year, f"{NATIONAL[year]} {GOOD_FRIDAY[year]} 12-26")


@pytest.mark.parametrize("zone", FROM_LIBRARY)
def test_the_national_days_hold_everywhere(zone: str) -> None:
    assert days(2026, NATIONAL[2026]) <= set(legal_holidays(2026, zone))


def test_customary_days_of_guadeloupe_are_no_legal_holidays() -> None:
    for customary in (date(2026, 4, 3), date(2026, 3, 12), date(2026, 7, 21)):
        assert not is_holiday(customary, "guadeloupe")


def test_names_are_french_whatever_the_language_of_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG", "LANGUAGE"):
        monkeypatch.setenv(name, "en_US.UTF-8")
    names = legal_holidays(2031, "guadeloupe")
    assert names[date(2031, 1, 1)] == "Jour de l’an"
    assert names[date(2031, 5, 27)] == "Abolition de l’esclavage"
    assert list(names) == sorted(names)


def test_an_unknown_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="bourbon"):
        legal_holidays(2026, "bourbon")


def test_working_days_stop_on_weekends_holidays_and_closing_days() -> None:
    assert is_working_day(date(2026, 5, 7))
    assert not is_working_day(date(2026, 5, 8))
    assert not is_working_day(date(2026, 5, 9))
    assert not is_working_day(date(2026, 5, 7), closing_days={date(2026, 5, 7)})
    assert is_ouvrable(date(2026, 5, 9))
    assert not is_ouvrable(date(2026, 5, 10))


def test_the_next_working_day_is_the_day_itself_when_it_is_worked() -> None:
    assert next_working_day(date(2026, 5, 7)) == date(2026, 5, 7)
    assert next_working_day(date(2026, 5, 8)) == date(2026, 5, 11)


_DAYS = st.dates(date(2024, 1, 1), date(2034, 12, 31))
_ZONES = st.sampled_from(HolidayZone)


@given(_DAYS, st.integers(1, 60), _ZONES, st.frozensets(_DAYS, max_size=5))
def test_counting_back_the_working_days_gives_their_number(
    day: date, count: int, zone: HolidayZone, closing_days: frozenset[date]
) -> None:
    reached = add_working_days(day, count, zone, closing_days)
    assert is_working_day(reached, zone, closing_days)
    assert working_days_between(day, reached, zone, closing_days) == count
    assert working_days_between(reached, day, zone, closing_days) == -count


@given(_DAYS, st.integers(1, 30), _ZONES)
def test_going_back_undoes_going_forth_from_a_working_day(day: date, count: int, zone: HolidayZone) -> None:
    start = next_working_day(day, zone)
    assert add_working_days(add_working_days(start, count, zone), -count, zone) == start


@given(_DAYS, _ZONES)
def test_no_working_day_is_skipped(day: date, zone: HolidayZone) -> None:
    reached = next_working_day(day, zone)
    skipped = (day + timedelta(days=offset) for offset in range((reached - day).days))
    assert not any(is_working_day(one, zone) for one in skipped)


def test_zero_working_days_later_is_the_same_day() -> None:
    assert add_working_days(date(2026, 5, 8), 0) == date(2026, 5, 8)
