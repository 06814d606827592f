"""When the mail of the week goes. Pure: days and moments come from the caller, by the clock of Paris."""

from collections.abc import Collection
from datetime import date, datetime, time, timedelta

from helpdesk.reference.holidays import is_working_day, next_working_day
from helpdesk.reference.zones import PARIS

SENT_AT = time(8, 0)
LATEST = timedelta(days=2)
"""After the day it was meant for: later in the week, that of next Monday is nearer."""


def is_due(now: datetime, closing_days: Collection[date] = ()) -> bool:
    """Whether the mail of the week goes now, unless it was written already.

    On Monday from 8:00 on, on the first working day after it when Monday is not worked; where no worker ran, on one of
    the two days that follow. A week without a working day has none.
    """
    local = now.astimezone(PARIS)
    today = local.date()
    meant_for = next_working_day(_monday(today), closing_days=closing_days)
    is_near = meant_for <= today <= meant_for + LATEST
    return is_near and local.time() >= SENT_AT and is_working_day(today, closing_days=closing_days)


def week_of(now: datetime) -> tuple[datetime, datetime]:
    """The first moment of the week of *now*, and that of the next one."""
    monday = _monday(now.astimezone(PARIS).date())
    return _start_of(monday), _start_of(monday + timedelta(days=7))


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _start_of(day: date) -> datetime:
    return datetime.combine(day, time(), PARIS)
