"""Legal periods and due dates, on real calendars."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.reference import get_reference
from helpdesk.reference.holidays import add_working_days, is_ouvrable, is_working_day
from helpdesk.reference.types import HolidayZone
from helpdesk.tickets.deadlines import (
    PARIS,
    TargetUnit,
    add_francs,
    add_months,
    add_ouvrables,
    add_worked_hours,
    day_number,
    days_left,
    due_at,
    end_of_day,
    extended,
    legal_limit_at,
    legal_limit_on,
    working_deadline,
)

RULES = get_reference().legal_deadlines
MOMENTS = st.integers(0, 10 * 365 * 86_400).map(
    lambda seconds: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)


def day(text: str) -> date:
    number, month, year = map(int, text.split("/"))
    return date(year, month, number)


def paris(text: str) -> datetime:
    on, at = text.split()
    return datetime.combine(day(on), time.fromisoformat(at), PARIS).astimezone(UTC)


TEN_DAYS_LATER = [
    # start, zone, calendar, extended (CPC 642), ouvrables, ouvrés
    ("30/04/2026", "metropole", "10/05/2026", "11/05/2026", "15/05/2026", "19/05/2026"),
    ("27/03/2026", "metropole", "06/04/2026", "07/04/2026", "09/04/2026", "13/04/2026"),
    ("27/03/2026", "alsace-moselle", None, None, "10/04/2026", "14/04/2026"),
    ("17/04/2026", "mayotte", "27/04/2026", "28/04/2026", None, "05/05/2026"),
    ("19/05/2026", "guadeloupe", None, None, None, "04/06/2026"),
    ("01/06/2026", "guyane", None, None, None, "16/06/2026"),
    ("18/12/2026", "metropole", None, None, None, "05/01/2027"),
]


@pytest.mark.parametrize(("start", "zone", "calendar", "moved", "ouvrables", "ouvres"), TEN_DAYS_LATER)
def test_ten_days_later_in_each_unit(
    start: str, zone: str, calendar: str | None, moved: str | None, ouvrables: str | None, ouvres: str
) -> None:
    ten_days_later = day(start) + timedelta(days=10)
    if calendar and moved:
        assert ten_days_later == day(calendar)
        assert extended(ten_days_later, zone) == day(moved)
    if ouvrables:
        assert add_ouvrables(day(start), 10, zone) == day(ouvrables)
    assert add_working_days(day(start), 10, zone) == day(ouvres)


@pytest.mark.parametrize(
    ("start", "months", "reached", "moved"),
    [
        ("31/12/2026", 2, "28/02/2027", "01/03/2027"),
        ("14/03/2026", 2, "14/05/2026", "15/05/2026"),
        ("01/03/2026", 2, "01/05/2026", "04/05/2026"),
        ("29/02/2028", 12, "28/02/2029", "28/02/2029"),
        ("31/01/2028", 1, "29/02/2028", "29/02/2028"),
        ("15/12/2026", 1, "15/01/2027", "15/01/2027"),
        ("31/03/2026", -1, "28/02/2026", "02/03/2026"),
    ],
)
def test_months_end_on_the_same_quantieme_or_the_last_day(start: str, months: int, reached: str, moved: str) -> None:
    assert add_months(day(start), months) == day(reached)
    assert extended(day(reached)) == day(moved)


def test_neither_end_of_a_period_of_jours_francs_counts() -> None:
    assert add_francs(day("01/06/2026"), 10) == day("12/06/2026")


@pytest.mark.parametrize(
    ("start", "zone", "end"),
    [
        ("30/04/2026 16:00", "metropole", "04/05/2026 16:00"),
        ("24/12/2026 11:00", "metropole", "28/12/2026 11:00"),
        ("24/12/2026 11:00", "alsace-moselle", "29/12/2026 11:00"),
        ("02/06/2026 09:30", "metropole", "04/06/2026 09:30"),
        ("07/06/2026 15:00", "metropole", "10/06/2026 00:00"),
        ("27/03/2026 10:00", "metropole", "30/03/2026 10:00"),
    ],
)
def test_an_accident_is_declared_within_48_hours_without_sundays_and_holidays(start: str, zone: str, end: str) -> None:
    assert add_worked_hours(paris(start), 48, zone) == paris(end)
    assert legal_limit_at(RULES["at-declaration"], paris(start), zone=zone) == paris(end)


def test_the_48_hours_run_by_the_clock_of_the_structure() -> None:
    reunion = ZoneInfo("Indian/Reunion")
    start = datetime(2026, 12, 18, 16, tzinfo=reunion)

    # Sunday 20 December is also the abolition day; the clock of Paris would stop three hours later.
    assert add_worked_hours(start, 48, "reunion", reunion) == datetime(2026, 12, 21, 16, tzinfo=reunion)
    assert add_worked_hours(start, 48, "reunion", reunion).tzinfo is UTC


@pytest.mark.parametrize(
    ("code", "start", "zone", "reached"),
    [
        # Fifth jour ouvrable on a Saturday: moved to Monday, the interview is on Tuesday at the earliest.
        ("licenciement-entretien", "15/06/2026", "metropole", "23/06/2026"),
        ("licenciement-entretien", "16/06/2026", "metropole", "23/06/2026"),
        ("licenciement-lettre", "15/06/2026", "metropole", "18/06/2026"),
        ("sanction-max", "14/04/2026", "metropole", "15/05/2026"),
        ("discipline-engagement", "14/03/2026", "metropole", "14/05/2026"),
        ("cdd-remise", "30/04/2026", "metropole", "04/05/2026"),
        ("at-reserves", "01/06/2026", "metropole", "12/06/2026"),
        ("administration-recours", "14/03/2026", "metropole", "15/05/2026"),
        ("marche-standstill", "01/06/2026", "metropole", "13/06/2026"),
        ("etranger-prefet", "15/06/2026", "metropole", "12/06/2026"),
        ("etranger-prefet", "26/05/2026", "metropole", "22/05/2026"),
        ("pass-prolongation-ouverture", "31/12/2026", "metropole", "31/12/2025"),
        ("rc-retractation", "17/04/2026", "metropole", "04/05/2026"),
        ("cessation-paiements", "01/06/2026", "metropole", "16/07/2026"),
        ("salaires-prescription", "29/02/2028", "metropole", "28/02/2031"),
    ],
)
def test_a_legal_rule_proposes_its_day(code: str, start: str, zone: str, reached: str) -> None:
    assert legal_limit_on(RULES[code], day(start), zone) == day(reached)


def test_a_last_day_ends_at_midnight_and_a_first_day_begins_at_midnight() -> None:
    start = paris("15/06/2026 10:00")
    assert legal_limit_at(RULES["cdd-remise"], start) == end_of_day(day("17/06/2026"))
    assert legal_limit_at(RULES["licenciement-lettre"], start) == paris("18/06/2026 00:00")


def test_plain_hours_run_through_sundays() -> None:
    assert legal_limit_at(RULES["at-deces-inspection"], paris("07/06/2026 20:00")) == paris("08/06/2026 08:00")


@pytest.mark.parametrize("code", ["at-declaration", "at-deces-inspection"])
def test_a_rule_in_hours_needs_a_time(code: str) -> None:
    with pytest.raises(ValueError, match="time of day"):
        legal_limit_on(RULES[code], day("07/06/2026"))


@given(
    st.sampled_from(sorted(RULES)),
    MOMENTS,
    st.sampled_from(HolidayZone),
)
def test_every_rule_proposes_a_moment_on_its_side_of_the_event(code: str, from_at: datetime, zone: HolidayZone) -> None:
    limit_at = legal_limit_at(RULES[code], from_at, zone=zone)
    assert limit_at.tzinfo is UTC
    assert (limit_at > from_at) == (RULES[code].direction == "after")


@given(st.dates(date(2024, 1, 1), date(2034, 1, 1)), st.integers(1, 60), st.sampled_from(HolidayZone))
def test_ouvrables_lie_between_calendar_and_working_days(start: date, count: int, zone: HolidayZone) -> None:
    reached = add_ouvrables(start, count, zone)
    assert start + timedelta(days=count) <= reached <= add_working_days(start, count, zone)
    assert is_ouvrable(reached, zone)


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.integers(-600, 600))
def test_months_never_overflow_into_the_next_one(start: date, months: int) -> None:
    reached = add_months(start, months)
    assert (reached.year - start.year) * 12 + reached.month - start.month == months
    assert reached.day == start.day or (reached.day < start.day and (reached + timedelta(days=1)).day == 1)


# --- the service's own time ---


@pytest.mark.parametrize(
    ("received", "unit", "waited", "due"),
    [
        ("30/04/2026 09:00", TargetUnit.CALENDAR, timedelta(0), "11/05/2026"),
        ("27/03/2026 09:00", TargetUnit.CALENDAR, timedelta(0), "07/04/2026"),
        ("18/12/2026 19:30", TargetUnit.CALENDAR, timedelta(0), "28/12/2026"),
        ("18/12/2026 19:30", TargetUnit.WORKING, timedelta(0), "05/01/2027"),
        ("01/06/2026 09:00", TargetUnit.CALENDAR, timedelta(0), "11/06/2026"),
        ("01/06/2026 09:00", TargetUnit.CALENDAR, timedelta(seconds=1), "12/06/2026"),
        ("01/06/2026 09:00", TargetUnit.CALENDAR, timedelta(days=1), "12/06/2026"),
        ("01/06/2026 09:00", TargetUnit.CALENDAR, timedelta(days=1, hours=1), "15/06/2026"),
        ("01/06/2026 09:00", TargetUnit.WORKING, timedelta(days=2), "17/06/2026"),
        # Midnight is that of Paris: 23:30 UTC on 31 May is already 1 June.
        ("01/06/2026 01:30", TargetUnit.CALENDAR, timedelta(0), "11/06/2026"),
        ("01/06/2026 00:00", TargetUnit.CALENDAR, timedelta(0), "11/06/2026"),
        ("31/05/2026 23:59", TargetUnit.CALENDAR, timedelta(0), "10/06/2026"),
    ],
)
def test_the_due_date_is_the_end_of_a_working_day_in_paris(
    received: str, unit: TargetUnit, waited: timedelta, due: str
) -> None:
    found = due_at(paris(received), target_days=10, unit=unit, waited=waited)
    assert found == datetime.combine(day(due), time(23, 59, 59), PARIS)
    assert found.tzinfo is UTC


def test_the_closing_days_of_the_pole_push_the_due_date() -> None:
    closed = {day("11/06/2026"), day("12/06/2026")}
    found = due_at(paris("01/06/2026 09:00"), target_days=10, unit=TargetUnit.CALENDAR, closing_days=closed)
    assert found == end_of_day(day("15/06/2026"))


def test_the_end_of_the_day_follows_summer_time() -> None:
    assert end_of_day(day("27/03/2027")) == datetime(2027, 3, 27, 22, 59, 59, tzinfo=UTC)
    assert end_of_day(day("28/03/2027")) == datetime(2027, 3, 28, 21, 59, 59, tzinfo=UTC)


_WAITS = st.timedeltas(timedelta(0), timedelta(days=90))


@given(MOMENTS, st.integers(1, 30), st.sampled_from(TargetUnit), _WAITS, _WAITS)
def test_waiting_longer_never_brings_the_due_date_forward(
    received_at: datetime, target: int, unit: TargetUnit, waited: timedelta, more: timedelta
) -> None:
    first = due_at(received_at, target_days=target, unit=unit, waited=waited)
    assert is_working_day(first.astimezone(PARIS).date())
    assert first - received_at >= timedelta(days=target) + waited - timedelta(hours=1)
    assert due_at(received_at, target_days=target, unit=unit, waited=waited + more) >= first


@given(MOMENTS, _WAITS, st.integers(1, 30))
def test_the_target_is_not_passed_before_the_ruler_shows_its_last_day(
    received_at: datetime, waited: timedelta, target: int
) -> None:
    due = due_at(received_at, target_days=target, unit=TargetUnit.CALENDAR, waited=waited)
    assert day_number(received_at, due, waited) >= target
    assert days_left(due, due) == 0
    assert days_left(due, due + timedelta(seconds=1)) == -1


@pytest.mark.parametrize(
    ("now", "waited", "number"),
    [
        ("01/06/2026 23:59", timedelta(0), 0),
        ("02/06/2026 00:01", timedelta(0), 1),
        ("11/06/2026 09:00", timedelta(0), 10),
        ("11/06/2026 09:00", timedelta(days=2, hours=1), 7),
        ("02/06/2026 09:00", timedelta(hours=20), 0),
        ("02/06/2026 09:00", timedelta(days=5), 0),
    ],
)
def test_the_ruler_counts_days_after_the_day_of_reception(now: str, waited: timedelta, number: int) -> None:
    assert day_number(paris("01/06/2026 09:00"), paris(now), waited) == number


@pytest.mark.parametrize(("now", "left"), [("09/06/2026 23:59", 2), ("11/06/2026 00:01", 0), ("13/06/2026 08:00", -2)])
def test_days_left_are_calendar_days_in_paris(now: str, left: int) -> None:
    assert days_left(end_of_day(day("11/06/2026")), paris(now)) == left


def test_two_working_days_later_skip_weekends_and_local_holidays() -> None:
    assert working_deadline(paris("05/06/2026 17:40"), 2) == end_of_day(day("09/06/2026"))
    assert working_deadline(paris("26/05/2026 09:00"), 1) == end_of_day(day("27/05/2026"))
    assert working_deadline(paris("26/05/2026 09:00"), 1, "guadeloupe") == end_of_day(day("28/05/2026"))


def test_a_delegation_overseas_is_held_to_its_own_midnight() -> None:
    guadeloupe = ZoneInfo("America/Guadeloupe")
    # 3:00 in Paris on Tuesday is still Monday in Guadeloupe.
    found = working_deadline(paris("02/06/2026 03:00"), 2, "guadeloupe", guadeloupe)
    assert found == datetime(2026, 6, 3, 23, 59, 59, tzinfo=guadeloupe)
    assert found.tzinfo is UTC


def test_units_have_french_names() -> None:
    assert [unit.label for unit in TargetUnit] == ["jours calendaires", "jours ouvrés"]
