"""Legal holidays by zone, and working days on top of them. Pure: the day comes from the caller.

Legal days: L. 3133-1 and L. 3422-2 of the labour code, and the local law of Alsace-Moselle. The library adds
customary days overseas (Good Friday, Mid-Lent, Schœlcher day), and they move between its releases: overseas
départements take from it the national days only, and their own day from the table below.
"""

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from functools import lru_cache
from types import MappingProxyType

from holidays import country_holidays

from helpdesk.reference.types import HolidayZone

_ONE_DAY = timedelta(days=1)
_SATURDAY, _SUNDAY = 5, 6

_ABOLITION_DAYS: Mapping[HolidayZone, tuple[int, int]] = {
    HolidayZone.MAYOTTE: (4, 27),
    HolidayZone.MARTINIQUE: (5, 22),
    HolidayZone.GUADELOUPE: (5, 27),
    HolidayZone.SAINT_MARTIN: (5, 28),
    HolidayZone.GUYANE: (6, 10),
    HolidayZone.SAINT_BARTHELEMY: (10, 9),
    HolidayZone.REUNION: (12, 20),
}
_SUBDIVISIONS: Mapping[HolidayZone, str] = {
    HolidayZone.ALSACE_MOSELLE: "6AE",
    HolidayZone.SAINT_PIERRE_ET_MIQUELON: "PM",
    HolidayZone.WALLIS_ET_FUTUNA: "WF",
    HolidayZone.POLYNESIE_FRANCAISE: "PF",
    HolidayZone.NOUVELLE_CALEDONIE: "NC",
}


def legal_holidays(year: int, zone: str = HolidayZone.METROPOLE) -> Mapping[date, str]:
    """The legal holidays of *year* in *zone*, in order, with their French names.

    :raises ValueError: if there is no such zone (:class:`HolidayZone`).
    """
    return _legal_holidays(year, HolidayZone(zone))


@lru_cache(maxsize=512)
def _legal_holidays(year: int, zone: HolidayZone) -> Mapping[date, str]:
    # Without the language, the library names the days in that of the process's locale.
    found = dict(country_holidays("FR", subdiv=_SUBDIVISIONS.get(zone), years=year, language="fr"))
    if zone in _ABOLITION_DAYS:
        found[date(year, *_ABOLITION_DAYS[zone])] = "Abolition de l'esclavage"
    return MappingProxyType({day: found[day].replace("'", "’") for day in sorted(found)})


def is_holiday(day: date, zone: str = HolidayZone.METROPOLE) -> bool:
    """Whether *day* is a legal holiday in *zone*."""
    return day in legal_holidays(day.year, zone)


def is_working_day(day: date, zone: str = HolidayZone.METROPOLE, closing_days: Collection[date] = ()) -> bool:
    """Whether the office works (*jour ouvré*): Monday to Friday, no legal holiday, none of *closing_days*."""
    return day.weekday() < _SATURDAY and not is_holiday(day, zone) and day not in closing_days


def is_ouvrable(day: date, zone: str = HolidayZone.METROPOLE) -> bool:
    """Whether *day* is *ouvrable*: any day but Sundays and legal holidays."""
    return day.weekday() != _SUNDAY and not is_holiday(day, zone)


def next_working_day(day: date, zone: str = HolidayZone.METROPOLE, closing_days: Collection[date] = ()) -> date:
    """*day* itself when it is worked, else the first worked day after it."""
    while not is_working_day(day, zone, closing_days):
        day += _ONE_DAY
    return day


def add_working_days(
    day: date, count: int, zone: str = HolidayZone.METROPOLE, closing_days: Collection[date] = ()
) -> date:
    """The *count*-th working day after *day*, itself not counted; before it when *count* is negative."""
    step = _ONE_DAY if count > 0 else -_ONE_DAY
    for _ in range(abs(count)):
        day += step
        while not is_working_day(day, zone, closing_days):
            day += step
    return day


def working_days_between(
    start: date, end: date, zone: str = HolidayZone.METROPOLE, closing_days: Collection[date] = ()
) -> int:
    """How many working days come after *start*, up to and including *end*; negative when *end* is earlier."""
    if end < start:
        return -working_days_between(end, start, zone, closing_days)
    span = (end - start).days
    days = (start + timedelta(days=offset) for offset in range(1, span + 1))
    return sum(is_working_day(day, zone, closing_days) for day in days)
