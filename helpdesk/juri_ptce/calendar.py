"""The days and hours of the sessions. Pure: the day, the holidays and the settings come from the caller.

A session lives by the clock of Europe/Paris: moved to another day, it keeps its hours there, whatever the UTC.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol, TypeVar
from zoneinfo import ZoneInfo

from helpdesk.juri_ptce.enums import DayProblem
from helpdesk.reference.holidays import add_working_days, is_holiday
from helpdesk.reference.zones import PARIS

TUESDAY = 1
AUGUST = 8
EARLY_JANUARY_DAYS = 7
SHARED_FROM_SLOTS = 3
"""Fewer slots than these are for everyone: keeping the ends would leave nothing in the middle."""

_ONE_DAY, _ONE_WEEK = timedelta(days=1), timedelta(days=7)
_END_OF_DAY = time(23, 59, 59)


class Timed(Protocol):
    """What starts at a moment: a slot."""

    @property
    def starts_at(self) -> datetime: ...


T = TypeVar("T", bound=Timed)


@dataclass(frozen=True)
class Hours:
    """The afternoon of a session, by the clock of Paris, and how it is cut.

    :raises ValueError: for hours that hold no slot.
    """

    start: time
    end: time
    slot_minutes: int
    buffer_minutes: int = 0

    def __post_init__(self) -> None:
        minutes = (self.end.hour - self.start.hour) * 60 + self.end.minute - self.start.minute
        if self.slot_minutes < 1 or self.buffer_minutes < 0 or minutes < self.slot_minutes:
            raise ValueError("a session holds at least one slot")


def first_tuesday(year: int, month: int) -> date:
    """The first Tuesday of a month."""
    first = date(year, month, 1)
    return first + timedelta(days=(TUESDAY - first.weekday()) % 7)


def months_from(day: date, count: int) -> list[date]:
    """The first day of the month of *day* and of the *count* months after it."""
    return [date(day.year + (day.month - 1 + one) // 12, (day.month - 1 + one) % 12 + 1, 1) for one in range(count + 1)]


def problem_of(day: date) -> DayProblem | None:
    """Why a session is not simply opened on *day*: a legal holiday, August, the first week of January."""
    if is_holiday(day):
        return DayProblem.HOLIDAY
    if day.month == AUGUST:
        return DayProblem.AUGUST
    if day.month == 1 and day.day <= EARLY_JANUARY_DAYS:
        return DayProblem.EARLY_JANUARY
    return None


def proposed_day(day: date) -> date:
    """The next Tuesday after *day* without a problem, that no other month's session is due on."""
    day += timedelta(days=(TUESDAY - day.weekday() - 1) % 7 + 1)
    while problem_of(day) is not None or day == first_tuesday(day.year, day.month):
        day += _ONE_WEEK
    return day


def slot_times(day: date, hours: Hours) -> list[tuple[datetime, datetime]]:
    """Start and end of each slot in UTC: as many whole ones as the afternoon of *day* holds."""
    slot, step = timedelta(minutes=hours.slot_minutes), timedelta(minutes=hours.slot_minutes + hours.buffer_minutes)
    start, end = datetime.combine(day, hours.start), datetime.combine(day, hours.end)
    times = []
    while start + slot <= end:
        times.append((_in_utc(start), _in_utc(start + slot)))
        start += step
    return times


def _in_utc(wall: datetime) -> datetime:
    return wall.replace(tzinfo=PARIS).astimezone(UTC)


def moved_to(day: date, at: datetime) -> datetime:
    """The same time by the clock of Paris on another *day*, in UTC."""
    return _in_utc(datetime.combine(day, at.astimezone(PARIS).time()))


def cut_off(starts_at: datetime, working_days: int, closing_days: Collection[date] = ()) -> datetime:
    """Until when a question reaches the session, in UTC: the end of the day in Paris *working_days* before it.

    None: until it starts. *closing_days*: when the pole is closed.
    """
    if working_days < 1:
        return starts_at.astimezone(UTC)
    day = add_working_days(paris_day(starts_at), -working_days, closing_days=closing_days)
    return _in_utc(datetime.combine(day, _END_OF_DAY))


def paris_day(at: datetime) -> date:
    """The civil day in Europe/Paris."""
    return at.astimezone(PARIS).date()


def day_before(starts_at: datetime) -> datetime:
    """Midnight in Paris at the end of the day before, in UTC: until then a PTCE cancels or moves by itself."""
    return _in_utc(datetime.combine(paris_day(starts_at), time()))


# --- overseas


def hours_ahead(at: datetime, timezone: str) -> float:
    """How many hours the clocks of *timezone* are ahead of Paris at that moment; negative west of it."""
    local, paris = at.astimezone(ZoneInfo(timezone)).utcoffset(), at.astimezone(PARIS).utcoffset()
    return ((local or timedelta()) - (paris or timedelta())) / timedelta(hours=1)


def both_times(at: datetime, timezone: str) -> tuple[datetime, datetime | None]:
    """The moment by the clock of Paris, and by that of *timezone* where it shows another time."""
    paris = at.astimezone(PARIS)
    return paris, at.astimezone(ZoneInfo(timezone)) if hours_ahead(at, timezone) else None


def ordered_for(slots: Sequence[T], timezone: str) -> list[T]:
    """The slots of one session in the order in which to advise them to somebody who lives by *timezone*.

    East of Paris (Océan Indien) the first ones, before the evening; west of it (Antilles, Guyane) the last ones,
    once the day has begun; in between the middle, which leaves the ends to those who need them.
    """
    in_order = sorted(slots, key=lambda slot: slot.starts_at)
    if not in_order:
        return []
    ahead = hours_ahead(in_order[0].starts_at, timezone)
    if ahead:
        return in_order if ahead > 0 else in_order[::-1]
    if len(in_order) < SHARED_FROM_SLOTS:
        return in_order
    return [*in_order[1:-1], in_order[0], in_order[-1]]


def is_held_for_overseas(
    slot: Timed, slots: Sequence[Timed], timezone: str, *, now: datetime, cut_off_at: datetime
) -> bool:
    """Whether *slot*, of the *slots* of its session, is still kept for others than somebody of *timezone*.

    Until the cut-off the first slot is kept for Océan Indien and the last one for Antilles and Guyane; then
    both are open to all.
    """
    if now >= cut_off_at or len(slots) < SHARED_FROM_SLOTS:
        return False
    starts = [one.starts_at for one in slots]
    ahead = hours_ahead(slot.starts_at, timezone)
    if slot.starts_at == min(starts):
        return ahead <= 0
    return slot.starts_at == max(starts) and ahead >= 0
