"""The only access to the time: everything else takes it from here, or as a parameter."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")


def now() -> datetime:
    """The present as an aware UTC datetime in whole seconds, so that durations add up to the second."""
    return datetime.now(UTC).replace(microsecond=0)


def today() -> date:
    """The civil day in Europe/Paris, where the service works."""
    return now().astimezone(PARIS).date()
