"""What every page of figures shares: its period, and what may be told outside the pole. Pure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate
from typing import NamedTuple

from helpdesk.reference.zones import PARIS

LONGEST = timedelta(days=5 * 366)
FEWEST_TOLD = 5
"""A smaller number could tell who it is: it is never told outside the pole."""


@dataclass(frozen=True)
class Period:
    """Whole days of Europe/Paris, both ends included.

    :raises ValueError: when it ends before it starts, or is longer than five years.
    """

    starts_on: date
    ends_on: date

    def __post_init__(self) -> None:
        if not timedelta() <= self.ends_on - self.starts_on < LONGEST:
            raise ValueError("a period goes forward, five years at most")

    @classmethod
    def of_year(cls, year: int) -> "Period":
        """A civil year."""
        return cls(date(year, 1, 1), date(year, 12, 31))

    @property
    def year(self) -> int | None:
        """The civil year that it is; none: another period."""
        return self.starts_on.year if self == Period.of_year(self.starts_on.year) else None

    @property
    def bounds(self) -> tuple[datetime, datetime]:
        """From the first moment, to that after the last one, in UTC."""
        return _start_of(self.starts_on), _start_of(self.ends_on + timedelta(days=1))


def _start_of(day: date) -> datetime:
    return datetime.combine(day, time(), PARIS).astimezone(UTC)


class Share(NamedTuple):
    """How many there are of something."""

    label: str
    number: int


def told_outside(shares: Sequence[Share], *, others: str) -> list[Share]:
    """*shares* as they may leave the pole, the largest first: those under five are told together as *others*.

    Where they are under five even together, the smallest of the rest joins them: no difference gives them away.
    """
    ordered = sorted((share for share in shares if share.number), key=lambda share: (-share.number, share.label))
    shown = sum(share.number >= FEWEST_TOLD for share in ordered)
    sums = list(accumulate((share.number for share in reversed(ordered)), initial=0))
    while shown and 0 < sums[len(ordered) - shown] < FEWEST_TOLD:
        shown -= 1
    kept, rest = ordered[:shown], sums[len(ordered) - shown]
    return [*kept, Share(others, rest)] if rest else kept


def is_too_few(count: int) -> bool:
    """Whether a number is not told outside the pole; nothing at all may be told."""
    return 0 < count < FEWEST_TOLD


def gives_few(share: float, count: int) -> bool:
    """Whether *share* of *count* is a number that is not told outside the pole, or leaves one."""
    part = round(share * count)
    return is_too_few(part) or is_too_few(count - part)


def untold(counts: Sequence[int], *, is_split: bool) -> Collection[int]:
    """The places in *counts* that are not told outside the pole.

    *is_split*: their total is told elsewhere, so the smallest of the others join those under five until what is not
    told makes five at least, and could be made otherwise: 8 without two counts under five is 4 and 4.
    """
    hidden = {place for place, count in enumerate(counts) if is_too_few(count)}
    if not is_split or not hidden:
        return hidden
    few = len(hidden)
    others = sorted((count, place) for place, count in enumerate(counts) if count >= FEWEST_TOLD)
    for beside, (count, place) in enumerate(others):
        together = sum(counts[index] for index in hidden)
        if not _gives_away(together, few=few, beside=beside, smallest_told=count):
            break
        hidden.add(place)
    return hidden


def _gives_away(together: int, *, few: int, beside: int, smallest_told: int) -> bool:
    """Whether *few* counts under five, and *beside* others from five to *smallest_told*, make that in one way alone."""
    if together < FEWEST_TOLD:
        return True
    most = few * (FEWEST_TOLD - 1)
    lowest = max(few, together - beside * smallest_told)
    highest = min(most, together - beside * FEWEST_TOLD)
    return lowest == highest and (few == 1 or lowest in (few, most))
