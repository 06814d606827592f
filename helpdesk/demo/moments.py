"""When things happen: arrivals over the year, and moments when a desk works. Pure."""

from bisect import bisect_left
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate
from random import Random
from zoneinfo import ZoneInfo

from helpdesk.reference.holidays import add_working_days, is_holiday, is_working_day
from helpdesk.reference.types import HolidayZone
from helpdesk.reference.zones import PARIS

_ONE_DAY = timedelta(days=1)
_OPENS, _CLOSES = 8 * 60 + 45, 18 * 60
_MONTHS = (1.12, 1.0, 1.15, 1.0, 0.88, 1.05, 0.78, 0.5, 1.18, 1.2, 1.08, 0.86)
_WEEKDAYS = (1.15, 1.2, 1.0, 1.15, 0.95, 0.07, 0.05)
_HOURS = (0, 0, 0, 0, 0, 0, 1, 6, 20, 26, 25, 18, 8, 10, 22, 22, 19, 14, 7, 4, 3, 3, 1, 0)
_HOLIDAY = 0.1


@dataclass(frozen=True)
class Desk:
    """Where somebody of the staff works: their clock and their holidays."""

    tz: ZoneInfo = PARIS
    zone: str = HolidayZone.METROPOLE

    def moment(self, rng: Random, after: datetime, days: float) -> datetime:
        """A moment of office hours about *days* working days after *after*, never before it; UTC."""
        local = after.astimezone(self.tz)
        count = round(days * _slowness(local.date()))
        if count == 0 and is_working_day(local.date(), self.zone):
            minute = local.hour * 60 + local.minute + 12
            if minute < _CLOSES - 30:
                return self._at(rng, local.date(), max(minute, _OPENS))
        return self._at(rng, add_working_days(local.date(), max(count, 1), self.zone), _OPENS)

    def moment_by(self, rng: Random, day: date, *, not_before: datetime, days_late: int = 0) -> datetime:
        """A moment of office hours on *day* or the last working day before, or soon after *not_before*; UTC.

        *days_late*: so many working days after it.
        """
        if days_late:
            day = add_working_days(day, days_late, self.zone)
        while not is_working_day(day, self.zone):
            day -= _ONE_DAY
        if day <= not_before.astimezone(self.tz).date():
            return self.moment(rng, not_before, 0)
        return self._at(rng, day, _OPENS)

    def _at(self, rng: Random, day: date, opens: int) -> datetime:
        minute = rng.randrange(opens, _CLOSES)
        at = time(minute // 60, minute % 60, rng.randrange(60))
        return datetime.combine(day, at, tzinfo=self.tz).astimezone(UTC)


def _slowness(day: date) -> float:
    """Holidays make everything longer."""
    is_year_end = (day.month, day.day) >= (12, 19) or (day.month, day.day) <= (1, 3)
    return 1.6 if day.month == 8 or is_year_end else 1.0


def member_moment(rng: Random, after: datetime, hours: float, tz: ZoneInfo) -> datetime:
    """When a member comes back, about *hours* later, by day and seldom on a week-end; UTC."""
    local = (after + timedelta(hours=hours)).astimezone(tz)
    day = local.date()
    if day.weekday() >= 5 and rng.random() < 0.85:
        day += timedelta(days=7 - day.weekday())
    at = datetime.combine(day, _time_of_day(rng), tzinfo=tz).astimezone(UTC)
    return at if at > after else member_moment(rng, after, hours + 9, tz)


def start_of(day: date) -> datetime:
    """Midnight in Europe/Paris, as UTC."""
    return datetime.combine(day, time(), tzinfo=PARIS).astimezone(UTC)


def arrivals(rng: Random, count: int, first: date, last: date) -> list[datetime]:
    """*count* moments from *first* to *last* (Europe/Paris), in order: busy months, days and hours get more."""
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    sums = list(accumulate(_busy(day) for day in days))
    moments = (
        datetime.combine(days[bisect_left(sums, rng.random() * sums[-1])], _time_of_day(rng), tzinfo=PARIS).astimezone(
            UTC
        )
        for _ in range(count)
    )
    return sorted(moments)


def _busy(day: date) -> float:
    weight = _MONTHS[day.month - 1] * _WEEKDAYS[day.weekday()]
    return weight * _HOLIDAY if is_holiday(day) else weight


def _time_of_day(rng: Random) -> time:
    hour = rng.choices(range(24), _HOURS)[0]
    return time(hour, rng.randrange(60), rng.randrange(60))


def whole_days(duration: timedelta) -> timedelta:
    """*duration* in whole days, rounded up, as the due dates count it."""
    return _ONE_DAY * -(-duration // _ONE_DAY)
