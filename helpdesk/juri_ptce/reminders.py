"""When a call is reminded. Pure: the moments come from the caller."""

from datetime import datetime, timedelta
from enum import StrEnum

from helpdesk.juri_ptce.calendar import moved_to, paris_day

DAYS_BEFORE = timedelta(days=2)
HOURS_BEFORE = timedelta(hours=2)


class Reminder(StrEnum):
    """The two of a call."""

    DAYS = "days"
    HOURS = "hours"


def due_reminder(starts_at: datetime, known_at: datetime, now: datetime) -> Reminder | None:
    """The reminder that a call is due now, whether or not it was sent.

    Two days before it, at its own hour by the clock of Paris, until two hours before it; then the second, until it
    starts. None for a mark that had passed when its people were last told of the call, at *known_at*: they know.
    """
    first = moved_to(paris_day(starts_at) - DAYS_BEFORE, starts_at)
    second = starts_at - HOURS_BEFORE
    if known_at <= second <= now < starts_at:
        return Reminder.HOURS
    if known_at <= first <= now < second:
        return Reminder.DAYS
    return None
