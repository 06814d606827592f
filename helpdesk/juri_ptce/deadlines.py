"""Until when a place is changed or an offer stands. Pure: the moment and the settings come from the caller."""

from datetime import datetime, timedelta

from helpdesk.juri_ptce.calendar import day_before, paris_day

SHORTEST_OFFER = timedelta(hours=2)
"""A place offered for less would be missed by whoever is at lunch."""
_ONE_DAY = timedelta(days=1)


def is_too_late_for_ptce(starts_at: datetime, now: datetime) -> bool:
    """Whether the day of the call has begun in Paris: the PTCE then calls instead of cancelling or moving."""
    return now >= day_before(starts_at)


def offer_ends_at(starts_at: datetime, now: datetime, hours: int) -> datetime | None:
    """Until when a freed place is held for somebody of the waiting list, in UTC; none: too near to be offered.

    It ends before the day before the session begins in Paris: what nobody took can still be prepared for.
    """
    end = min(now + timedelta(hours=hours), day_before(day_before(starts_at) - _ONE_DAY))
    return end if end - now >= SHORTEST_OFFER else None


def is_today(at: datetime, now: datetime) -> bool:
    """The same civil day in Paris."""
    return paris_day(at) == paris_day(now)
