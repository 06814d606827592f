"""The only access to the time: everything else takes it from here, or as a parameter."""

import time
from datetime import UTC, date, datetime
from functools import lru_cache

from helpdesk.reference.zones import PARIS

_QUARTER_SECONDS = 900
"""Midnight falls on a quarter of an hour of UTC, and so does every change of the clocks."""


def now() -> datetime:
    """The present as an aware UTC datetime in whole seconds, so that durations add up to the second."""
    return datetime.now(UTC).replace(microsecond=0)


def today() -> date:
    """The civil day in Europe/Paris, where the service works."""
    return _day_in_paris(int(time.time()) // _QUARTER_SECONDS)


@lru_cache(maxsize=1024)
def _day_in_paris(quarter: int) -> date:
    """A page asks for the day a hundred times: every right depends on it."""
    return datetime.fromtimestamp(quarter * _QUARTER_SECONDS, PARIS).date()
