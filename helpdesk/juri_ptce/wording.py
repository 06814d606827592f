"""How the time of a call is written: in Paris, and where the asker is when that differs. Pure."""

from datetime import datetime

from helpdesk.formats import NBSP, WEEKDAYS, clock_text, long_date_text
from helpdesk.juri_ptce.calendar import both_times
from helpdesk.months import MONTHS
from helpdesk.reference.types import Departement

_PLACES = {
    "971": "en Guadeloupe",
    "972": "en Martinique",
    "973": "en Guyane",
    "974": "à La Réunion",
    "975": "à Saint-Pierre-et-Miquelon",
    "976": "à Mayotte",
    "977": "à Saint-Barthélemy",
    "978": "à Saint-Martin",
    "986": "à Wallis-et-Futuna",
    "987": "en Polynésie française",
    "988": "en Nouvelle-Calédonie",
}


def when_text(at: datetime, place: Departement | None = None) -> str:
    """« mardi 2 mars 2027, 14 h (17 h à La Réunion) »; the local day too where it is another one."""
    return f"{long_date_text(at)}, {hours_text(at, place)}"


def hours_text(at: datetime, place: Departement | None = None) -> str:
    """« 14 h (17 h à La Réunion) », « 14 h » where the clocks agree."""
    paris = clock_text(at)
    local = local_text(at, place)
    return f"{paris} ({local})" if local else paris


def local_text(at: datetime, place: Departement | None) -> str:
    """« 17 h à La Réunion », with the local day where it is another one; empty where the clock is that of Paris."""
    paris, local = both_times(at, place.timezone) if place else (at, None)
    if place is None or local is None:
        return ""
    hours = clock_text(at, place.timezone)
    if local.date() != paris.date():
        hours = f"{WEEKDAYS[local.weekday()]}{NBSP}{local.day}{NBSP}{MONTHS[local.month - 1]}, {hours}"
    return f"{hours} {_PLACES.get(place.code, 'heure locale')}"
