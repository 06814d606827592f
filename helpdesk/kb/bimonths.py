"""The two months that an issue of the review covers. Pure."""

from dataclasses import dataclass
from datetime import date, timedelta

from helpdesk.tickets.deadlines import add_months

TYPOLOGIES_MAX_COUNT = 3
"""An entry right for more kinds of structure than that stands in the general part."""
GENERAL = ""


@dataclass(frozen=True)
class Bimonth:
    """January and February, March and April…; *first_on* is a first of the month."""

    first_on: date

    @property
    def last_on(self) -> date:
        return add_months(self.first_on, 2) - timedelta(days=1)

    @property
    def key(self) -> str:
        return f"{self.first_on:%Y-%m}"


def latest(today: date, count: int) -> list[Bimonth]:
    """The last complete one first, then those before, then the one that runs."""
    running = today.replace(month=today.month - (today.month - 1) % 2, day=1)
    return [*(Bimonth(add_months(running, -2 * back)) for back in range(1, count)), Bimonth(running)]


def parts_of(typologies: tuple[str, ...]) -> tuple[str, ...]:
    """Under which kinds of structure an entry is listed; the general part for all of them, or for many."""
    return typologies if 0 < len(typologies) <= TYPOLOGIES_MAX_COUNT else (GENERAL,)
