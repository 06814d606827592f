"""Days and hours of the sessions: the vectors of the field, and what holds for any of them."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.juri_ptce import calendar
from helpdesk.juri_ptce.calendar import Hours
from helpdesk.juri_ptce.enums import DayProblem
from helpdesk.reference import get_reference
from helpdesk.reference.zones import PARIS

HOURS = Hours(time(14), time(17, 30), 45, 10)
REUNION, MAYOTTE, GUADELOUPE, GUYANE, METROPOLE = (
    "Indian/Reunion",
    "Indian/Mayotte",
    "America/Guadeloupe",
    "America/Cayenne",
    "Europe/Paris",
)
days = st.dates(date(2026, 1, 1), date(2040, 12, 31))
sessions = st.builds(calendar.first_tuesday, st.integers(2026, 2040), st.integers(1, 12))


@dataclass(frozen=True)
class Slot:
    starts_at: datetime


def slots_of(day: date) -> list[Slot]:
    return [Slot(start) for start, _ in calendar.slot_times(day, HOURS)]


def paris(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PARIS)


def test_a_month_begins_with_its_first_tuesday() -> None:
    assert calendar.first_tuesday(2027, 3) == date(2027, 3, 2)
    assert calendar.first_tuesday(2027, 6) == date(2027, 6, 1)
    assert calendar.first_tuesday(2027, 9) == date(2027, 9, 7)


@given(sessions)
def test_a_first_tuesday_is_a_tuesday_of_the_first_week(day: date) -> None:
    assert (day.weekday(), day.day <= 7) == (1, True)


def test_the_months_ahead_go_over_the_year() -> None:
    assert calendar.months_from(date(2026, 11, 22), 3) == [
        date(2026, 11, 1),
        date(2026, 12, 1),
        date(2027, 1, 1),
        date(2027, 2, 1),
    ]


HOLIDAYS = [date(2029, 5, 1), date(2030, 1, 1), date(2033, 11, 1), date(2035, 5, 1)]


def test_the_first_tuesdays_that_are_holidays_until_2035_are_those_of_the_law() -> None:
    tuesdays = [calendar.first_tuesday(year, month) for year in range(2026, 2036) for month in range(1, 13)]
    assert [day for day in tuesdays if calendar.problem_of(day) is DayProblem.HOLIDAY] == HOLIDAYS


@pytest.mark.parametrize(
    ("day", "problem"),
    [
        (date(2027, 8, 3), DayProblem.AUGUST),
        (date(2027, 1, 5), DayProblem.EARLY_JANUARY),
        (date(2030, 1, 7), DayProblem.EARLY_JANUARY),
        (date(2030, 1, 8), None),
        (date(2027, 3, 2), None),
        (date(2027, 9, 7), None),
    ],
)
def test_august_and_the_first_week_of_january_need_a_decision(day: date, problem: DayProblem | None) -> None:
    assert calendar.problem_of(day) is problem


@pytest.mark.parametrize(
    ("day", "proposed"),
    [
        (date(2029, 5, 1), date(2029, 5, 15)),
        (date(2030, 1, 1), date(2030, 1, 8)),
        (date(2027, 1, 5), date(2027, 1, 12)),
        (date(2027, 8, 3), date(2027, 9, 14)),
    ],
)
def test_the_day_proposed_instead_is_the_next_tuesday_without_a_problem(day: date, proposed: date) -> None:
    assert calendar.proposed_day(day) == proposed


@given(days)
def test_a_day_proposed_is_a_later_tuesday_that_no_month_has_taken(day: date) -> None:
    proposed = calendar.proposed_day(day)
    assert proposed > day
    assert proposed.weekday() == 1
    assert calendar.problem_of(proposed) is None
    assert proposed != calendar.first_tuesday(proposed.year, proposed.month)


def test_an_afternoon_holds_four_slots_of_forty_five_minutes() -> None:
    times = calendar.slot_times(date(2027, 3, 2), HOURS)
    assert [start.astimezone(PARIS).strftime("%H:%M") for start, _ in times] == ["14:00", "14:55", "15:50", "16:45"]
    assert {end - start for start, end in times} == {timedelta(minutes=45)}
    assert times[0][0] == datetime(2027, 3, 2, 13, tzinfo=UTC)


@given(sessions, st.integers(1, 210), st.integers(0, 60))
def test_slots_never_overlap_and_stay_within_the_afternoon(day: date, minutes: int, pause: int) -> None:
    times = calendar.slot_times(day, Hours(time(14), time(17, 30), minutes, pause))
    assert times
    assert all(end + timedelta(minutes=pause) == start for (_, end), (start, _) in pairwise(times))
    assert times[-1][1].astimezone(PARIS).time() <= time(17, 30)


@pytest.mark.parametrize(
    ("start", "end", "minutes", "pause"),
    [(14, 14, 45, 10), (17, 14, 45, 10), (14, 17, 0, 10), (14, 17, 181, 0), (14, 17, 45, -1)],
)
def test_hours_without_a_slot_are_refused(start: int, end: int, minutes: int, pause: int) -> None:
    with pytest.raises(ValueError, match="at least one slot"):
        Hours(time(start), time(end), minutes, pause)


def test_a_session_moved_keeps_its_hours_by_the_clock_of_paris() -> None:
    before = paris("2027-03-02 14:00")
    after = calendar.moved_to(date(2027, 4, 6), before)
    assert after == paris("2027-04-06 14:00")
    assert (before.astimezone(UTC).hour, after.astimezone(UTC).hour) == (13, 12)


@pytest.mark.parametrize(
    ("session", "working_days", "until"),
    [
        ("2027-03-02 14:00", 5, "2027-02-23 23:59:59"),
        ("2027-04-01 14:00", 5, "2027-03-24 23:59:59"),  # over Easter Monday
        ("2027-03-02 14:00", 0, "2027-03-02 14:00"),
    ],
)
def test_the_cut_off_is_the_end_of_a_working_day(session: str, working_days: int, until: str) -> None:
    assert calendar.cut_off(paris(session), working_days) == paris(until)


def test_the_days_when_the_pole_is_closed_do_not_count() -> None:
    closing = frozenset({date(2027, 2, 26)})
    assert calendar.cut_off(paris("2027-03-02 14:00"), 5, closing) == paris("2027-02-22 23:59:59")


def test_a_ptce_changes_its_mind_until_midnight_of_the_day_before() -> None:
    assert calendar.day_before(paris("2027-03-02 14:00")) == paris("2027-03-02 00:00")


# --- overseas


@pytest.mark.parametrize(
    ("at", "timezone", "local"),
    [
        ("2027-03-02 14:00", REUNION, "17:00"),
        ("2027-04-06 14:00", REUNION, "16:00"),
        ("2027-03-02 14:00", MAYOTTE, "16:00"),
        ("2027-04-06 14:00", MAYOTTE, "15:00"),
        ("2027-03-02 14:00", GUADELOUPE, "09:00"),
        ("2027-04-06 14:00", GUADELOUPE, "08:00"),
        ("2027-03-02 14:00", GUYANE, "10:00"),
        ("2027-04-06 14:00", GUYANE, "09:00"),
    ],
)
def test_both_times_are_given_where_they_differ(at: str, timezone: str, local: str) -> None:
    in_paris, there = calendar.both_times(paris(at), timezone)
    assert in_paris.strftime("%H:%M") == "14:00"
    assert there is not None
    assert there.strftime("%H:%M") == local


def test_one_time_is_given_where_it_is_that_of_paris() -> None:
    assert calendar.both_times(paris("2027-03-02 14:00"), METROPOLE)[1] is None


@pytest.mark.parametrize(
    ("timezone", "order"),
    [
        (REUNION, [0, 1, 2, 3]),
        (MAYOTTE, [0, 1, 2, 3]),
        (GUADELOUPE, [3, 2, 1, 0]),
        (GUYANE, [3, 2, 1, 0]),
        (METROPOLE, [1, 2, 0, 3]),
    ],
)
def test_ocean_indien_gets_the_first_slots_and_antilles_guyane_the_last(timezone: str, order: list[int]) -> None:
    slots = slots_of(date(2027, 3, 2))
    assert calendar.ordered_for(slots[::-1], timezone) == [slots[one] for one in order]


@given(sessions, st.sampled_from(sorted(get_reference().departements)))
def test_every_slot_is_advised_once_everywhere(day: date, departement: str) -> None:
    slots = slots_of(day)
    ordered = calendar.ordered_for(slots, get_reference().departements[departement].timezone)
    assert sorted(ordered, key=lambda slot: slot.starts_at) == slots
    assert calendar.ordered_for([], "Europe/Paris") == []


@pytest.mark.parametrize(
    ("timezone", "held"),
    [
        (REUNION, [False, False, False, True]),
        (GUADELOUPE, [True, False, False, False]),
        (METROPOLE, [True, False, False, True]),
    ],
)
def test_the_ends_are_kept_for_overseas_until_the_cut_off(timezone: str, held: list[bool]) -> None:
    slots, cut_off_at = slots_of(date(2027, 3, 2)), paris("2027-02-23 23:59:59")

    def kept(now: datetime) -> list[bool]:
        return [calendar.is_held_for_overseas(one, slots, timezone, now=now, cut_off_at=cut_off_at) for one in slots]

    assert kept(cut_off_at - timedelta(seconds=1)) == held
    assert not any(kept(cut_off_at))


def test_two_slots_are_for_everyone() -> None:
    slots, cut_off_at = slots_of(date(2027, 3, 2))[:2], paris("2027-02-23 23:59:59")
    now = cut_off_at - timedelta(days=1)
    assert not any(
        calendar.is_held_for_overseas(one, slots, METROPOLE, now=now, cut_off_at=cut_off_at) for one in slots
    )
    assert calendar.ordered_for(slots, METROPOLE) == slots
