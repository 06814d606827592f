"""Days and months of the law, and the service's own due dates. Pure: every moment comes from the caller.

Counting rules: articles 641 and 642 of the code de procédure civile. The day of the act does not count; a
month ends on the same quantième, or on the last day of the month; a last day that is a Saturday, a Sunday or
a holiday moves to the next working day. 642 does not apply backwards, nor to limitation periods.
"""

import calendar
from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum

from helpdesk.reference.holidays import (
    add_working_days,
    is_ouvrable,
    next_working_day,
)
from helpdesk.reference.types import DelayDirection, DelayLimit, DelayUnit, HolidayZone, LegalDeadline
from helpdesk.reference.zones import PARIS

_ONE_DAY = timedelta(days=1)
_CRITICAL_AHEAD = timedelta(days=10 * 366)
_END_OF_DAY = time(23, 59, 59)


def attention_of_urgent(received_at: datetime, *, is_critical: bool) -> datetime:
    """The sort key of an urgent question: its arrival; ten years sooner when critical, so that it heads every queue."""
    return received_at - _CRITICAL_AHEAD if is_critical else received_at


class TargetUnit(StrEnum):
    """The unit of the response target."""

    CALENDAR = "calendar"
    WORKING = "working"

    @property
    def label(self) -> str:
        return {"calendar": "jours calendaires", "working": "jours ouvrés"}[self.value]


# --- the service's own time ---


def due_at(
    received_at: datetime,
    *,
    target_days: int,
    unit: TargetUnit,
    waited: timedelta = timedelta(0),
    closing_days: Collection[date] = (),
) -> datetime:
    """The last second, in UTC, of the day in Europe/Paris when an answer is due.

    The day of reception does not count. *waited*, the time spent waiting for the asker, pushes the day by
    whole days rounded up. The day reached moves to the next working day in metropolitan France.
    """
    day = _paris_day(received_at)
    if unit is TargetUnit.WORKING:
        day = add_working_days(day, target_days, HolidayZone.METROPOLE, closing_days)
    else:
        day += timedelta(days=target_days)
    day = next_working_day(day + _whole_days(waited), HolidayZone.METROPOLE, closing_days)
    return end_of_day(day)


def day_number(received_at: datetime, now: datetime, waited: timedelta = timedelta(0)) -> int:
    """How many days the question has been running, for the ten-day ruler: 0 on the day of reception.

    Days in Europe/Paris, less the time spent waiting for the asker as whole days rounded up; never below 0.
    """
    elapsed = _paris_day(now) - _paris_day(received_at) - _whole_days(waited)
    return max(elapsed.days, 0)


def days_left(due_at: datetime, now: datetime) -> int:
    """Calendar days in Europe/Paris until the due day: 0 on that day, negative when late."""
    return (_paris_day(due_at) - _paris_day(now)).days


def week_of(now: datetime) -> tuple[datetime, datetime]:
    """The first moment of the week of *now* in Europe/Paris, and that of the next one."""
    day = _paris_day(now)
    monday = day - timedelta(days=day.weekday())
    return start_of_day(monday), start_of_day(monday + timedelta(days=7))


def working_deadline(
    from_at: datetime,
    working_days: int,
    zone: str = HolidayZone.METROPOLE,
    tz: tzinfo = PARIS,
    closing_days: Collection[date] = (),
) -> datetime:
    """The last second, in UTC, of the *working_days*-th working day after *from_at*.

    Working days of *zone*, by the clock of *tz*: those of the delegation or structure that must act.
    """
    day = add_working_days(from_at.astimezone(tz).date(), working_days, zone, closing_days)
    return end_of_day(day, tz)


def end_of_day(day: date, tz: tzinfo = PARIS) -> datetime:
    """23:59:59 of *day* by the clock of *tz*, as an aware UTC datetime."""
    return datetime.combine(day, _END_OF_DAY, tzinfo=tz).astimezone(UTC)


def start_of_day(day: date) -> datetime:
    """Midnight in Europe/Paris."""
    return datetime.combine(day, time(), PARIS)


def _paris_day(moment: datetime) -> date:
    return moment.astimezone(PARIS).date()


def _whole_days(duration: timedelta) -> timedelta:
    """*duration* as whole days, rounded up."""
    return _ONE_DAY * -(-duration // _ONE_DAY)


# --- the law's ---


def add_months(day: date, months: int) -> date:
    """The same quantième *months* later (earlier when negative), else the last day of the month (CPC 641)."""
    year, month0 = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = calendar.monthrange(year, month0 + 1)[1]
    return date(year, month0 + 1, min(day.day, last))


def add_ouvrables(day: date, count: int, zone: str = HolidayZone.METROPOLE) -> date:
    """The *count*-th *jour ouvrable* after *day* (before when negative): no Sunday, no holiday."""
    step = _ONE_DAY if count > 0 else -_ONE_DAY
    for _ in range(abs(count)):
        day += step
        while not is_ouvrable(day, zone):
            day += step
    return day


def add_francs(day: date, count: int) -> date:
    """The last day to act of a period of *jours francs*: neither its first nor its last day counts."""
    return day + timedelta(days=count + 1)


def extended(day: date, zone: str = HolidayZone.METROPOLE) -> date:
    """*day*, or the next working day when it is a Saturday, a Sunday or a holiday (CPC 642)."""
    return next_working_day(day, zone)


def add_worked_hours(from_at: datetime, hours: int, zone: str = HolidayZone.METROPOLE, tz: tzinfo = PARIS) -> datetime:
    """*hours* after *from_at* by the clock of *tz*, no Sunday nor holiday counted, in UTC (R. 441-3 CSS)."""
    # By the wall clock: summer time changes on a Sunday, which is skipped.
    at = from_at.astimezone(tz).replace(tzinfo=None)
    left = timedelta(hours=hours)
    while True:
        midnight = datetime.combine(at.date() + _ONE_DAY, time())
        if is_ouvrable(at.date(), zone):
            if at + left <= midnight:
                return (at + left).replace(tzinfo=tz).astimezone(UTC)
            left -= midnight - at
        at = midnight


def legal_limit_at(
    rule: LegalDeadline, from_at: datetime, *, zone: str = HolidayZone.METROPOLE, tz: tzinfo = PARIS
) -> datetime:
    """The moment, in UTC, that *rule* proposes when its starting event happens at *from_at*.

    For a period in days or months: the end of the last day to act, or the start of the first day allowed.
    *zone* and *tz* are those of the structure. A proposal for a person to confirm, without the distance
    periods of CPC 643-644.
    """
    if rule.unit is DelayUnit.HOURS:
        return from_at.astimezone(UTC) + timedelta(hours=rule.amount)
    if rule.unit is DelayUnit.HOURS_WORKED:
        return add_worked_hours(from_at, rule.amount, zone, tz)
    day = legal_limit_on(rule, from_at.astimezone(tz).date(), zone)
    if rule.limit is DelayLimit.EARLIEST:
        return datetime.combine(day, time(), tzinfo=tz).astimezone(UTC)
    return end_of_day(day, tz)


def legal_limit_on(rule: LegalDeadline, start_on: date, zone: str = HolidayZone.METROPOLE) -> date:
    """The last day to act, or the first day allowed, when the starting event of *rule* falls on *start_on*.

    :raises ValueError: for a rule in hours, which needs a time (:func:`legal_limit_at`).
    """
    sign = 1 if rule.direction is DelayDirection.AFTER else -1
    day = _shifted(rule.unit, start_on, sign * rule.amount, zone)
    if rule.is_extended and sign > 0:
        day = extended(day, zone)
    if rule.limit is DelayLimit.EARLIEST and sign > 0:
        day += _ONE_DAY
    return day


def _shifted(unit: DelayUnit, day: date, count: int, zone: str) -> date:
    match unit:
        case DelayUnit.CALENDAR:
            return day + timedelta(days=count)
        case DelayUnit.OUVRABLES:
            return add_ouvrables(day, count, zone)
        case DelayUnit.OUVRES:
            return add_working_days(day, count, zone)
        case DelayUnit.FRANCS:
            return add_francs(day, count)
        case DelayUnit.MONTHS:
            return add_months(day, count)
        case DelayUnit.MONTHS_FRANCS:
            return add_months(day, count) + _ONE_DAY
    raise ValueError(f"{unit} needs a time of day")
