"""How a moment is told to those who live by another clock: always both times when they differ."""

from datetime import datetime

from helpdesk.formats import WEEKDAYS, clock_text, long_date_text
from helpdesk.juri_ptce.calendar import both_times
from helpdesk.reference import get_reference

_AT = {"La Réunion": "à", "Mayotte": "à", "Saint-Pierre-et-Miquelon": "à", "Wallis-et-Futuna": "à"} | {
    "Saint-Barthélemy": "à",
    "Saint-Martin": "à",
}
"""The others are « en »."""


def moment_text(at: datetime, departement: str) -> str:
    """« mardi 2 mars 2027, 14 h (17 h à La Réunion) », for somebody of *departement*; plain text."""
    return f"{long_date_text(at)}, {time_text(at, departement)}"


def time_text(at: datetime, departement: str) -> str:
    """« 14 h (17 h à La Réunion) »; the day too where it is another one there."""
    place = get_reference().departements[departement]
    paris, local = both_times(at, place.timezone)
    if local is None:
        return clock_text(at)
    day = "" if local.date() == paris.date() else f"{WEEKDAYS[local.weekday()]} à "
    return f"{clock_text(at)} ({day}{clock_text(at, place.timezone)} {_AT.get(place.name, 'en')} {place.name})"


def is_elsewhere(at: datetime, departement: str) -> bool:
    """Whether the clocks of *departement* show another time than those of Paris at that moment."""
    return both_times(at, get_reference().departements[departement].timezone)[1] is not None
