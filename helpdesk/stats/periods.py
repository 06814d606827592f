"""Which days the figures are of, and the steps of time that a curve shows. Pure; days are those of Europe/Paris."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby

from helpdesk.months import SHORT_MONTHS
from helpdesk.reference.zones import PARIS
from helpdesk.reporting import LONGEST, Period

TWELVE_MONTHS, QUARTER, LAST_QUARTER = "12-mois", "trimestre", "trimestre-dernier"
MONTHS_SHOWN_MAX_COUNT = 18


@dataclass(frozen=True)
class Bucket:
    """A step of a curve: *months* are the places of its months in the period; *key* never changes."""

    key: str
    label: str
    months: tuple[int, ...]


def named_period(name: str, today: date) -> Period | None:
    """The period that an address names: a civil year (up to today), the last twelve months, the present quarter or
    the last whole one.
    """
    if name == TWELVE_MONTHS:
        return Period(_year_before(today) + timedelta(days=1), today)
    quarter_starts_on = date(today.year, today.month - (today.month - 1) % 3, 1)
    if name == QUARTER:
        return Period(quarter_starts_on, today)
    if name == LAST_QUARTER:
        last = quarter_starts_on - timedelta(days=1)
        return Period(date(last.year, last.month - 2, 1), last)
    if name.isascii() and name.isdigit() and 2000 <= int(name) <= today.year:
        whole = Period.of_year(int(name))
        return Period(whole.starts_on, min(whole.ends_on, today))
    return None


def year_before(period: Period) -> Period:
    """The same days, one year sooner; 28 February for 29."""
    starts_on, ends_on = _year_before(period.starts_on), _year_before(period.ends_on)
    return Period(starts_on, min(ends_on, starts_on + LONGEST - timedelta(days=1)))


def month_starts(period: Period) -> list[datetime]:
    """The first moment, in the time of Paris, of each month that *period* touches."""
    first = period.starts_on.year * 12 + period.starts_on.month - 1
    last = period.ends_on.year * 12 + period.ends_on.month - 1
    return [datetime.combine(date(month // 12, month % 12 + 1, 1), time(), PARIS) for month in range(first, last + 1)]


def buckets(period: Period, answered_by_month: Sequence[int], fewest: int) -> list[Bucket]:
    """The steps to show: months, unless there are too many or most hold fewer than *fewest* answers; then quarters,
    then years, by the same rule.
    """
    starts = month_starts(period)
    has_enough = sum(count >= fewest for count in answered_by_month) * 2 >= len(starts)
    if len(starts) <= MONTHS_SHOWN_MAX_COUNT and has_enough:
        return _months(starts)
    quarters = _grouped(starts, lambda start: f"{start.year}-T{(start.month + 2) // 3}")
    by_quarter = [sum(answered_by_month[month] for month in bucket.months) for bucket in quarters]
    enough = sum(count >= fewest for count in by_quarter) * 2 >= len(quarters)
    if len(quarters) <= MONTHS_SHOWN_MAX_COUNT and (enough or len({start.year for start in starts}) == 1):
        return quarters
    return _grouped(starts, lambda start: str(start.year))


def _months(starts: Sequence[datetime]) -> list[Bucket]:
    is_one_year = len({start.year for start in starts}) == 1
    return [
        Bucket(
            f"{start:%Y-%m}",
            SHORT_MONTHS[start.month - 1] if is_one_year else f"{SHORT_MONTHS[start.month - 1]} {start.year}",
            (place,),
        )
        for place, start in enumerate(starts)
    ]


def _grouped(starts: Sequence[datetime], name: Callable[[datetime], str]) -> list[Bucket]:
    places = groupby(range(len(starts)), key=lambda place: name(starts[place]))
    return [Bucket(key, _label(key), tuple(months)) for key, months in places]


def _label(key: str) -> str:
    year, _, quarter = key.partition("-T")
    return f"{quarter}e trim. {year}".replace("1e ", "1er ") if quarter else year


def _year_before(day: date) -> date:
    is_leap_day = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year - 1, day=28 if is_leap_day else day.day)
