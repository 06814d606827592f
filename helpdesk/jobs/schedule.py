"""When periodic work runs: pure rules.

Nothing runs between 2:00 and 3:00 in Paris: that hour happens twice in October and never in March.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

NIGHT_HOUR = 2


@dataclass(frozen=True)
class Every:
    """Again and again, *period* after the last run."""

    period: timedelta

    def __str__(self) -> str:
        return f"every {self.period}"


@dataclass(frozen=True)
class Daily:
    """Once a day at *at*, Paris time.

    :raises ValueError: for a time between 2:00 and 3:00.
    """

    at: time

    def __post_init__(self) -> None:
        if self.at.hour == NIGHT_HOUR:
            raise ValueError("nothing can be planned between 2:00 and 3:00: that hour is not of every day")

    def __str__(self) -> str:
        return f"daily at {self.at:%H:%M}"


Schedule = Every | Daily


def first_run(schedule: Schedule, now: datetime, zone: ZoneInfo) -> datetime:
    """When a task runs that was never seen before: at once, or at its next time of the day."""
    return now if isinstance(schedule, Every) else next_run(schedule, now, zone)


def next_run(schedule: Schedule, now: datetime, zone: ZoneInfo) -> datetime:
    """The first moment after *now*: runs missed while no worker was there are made up for by one."""
    if isinstance(schedule, Every):
        return now + schedule.period
    local = now.astimezone(zone)
    moment = datetime.combine(local.date(), schedule.at, zone)
    if moment <= local:
        moment = datetime.combine(local.date() + timedelta(days=1), schedule.at, zone)
    return moment.astimezone(UTC)


def is_night(now: datetime, zone: ZoneInfo) -> bool:
    """Whether it is between 2:00 and 3:00 there."""
    return now.astimezone(zone).hour == NIGHT_HOUR
