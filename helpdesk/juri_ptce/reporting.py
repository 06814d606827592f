"""What the figures of a period mean, and how they are told outside the pole. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate
from typing import NamedTuple

from helpdesk.juri_ptce.calendar import PARIS

LONGEST = timedelta(days=5 * 366)
FEWEST_TOLD = 5
"""A smaller number could tell who it is: it is never told outside the pole."""

DEFINITIONS = (
    ("PTCE accompagnés", "les PTCE différents qui ont posé une question, ou eu un échange, pendant la période."),
    ("Séances tenues", "les séances ouvertes dont l’après-midi est passé ; une séance annulée n’en est pas une."),
    ("Questions reçues", "les questions des PTCE arrivées pendant la période, par écrit d’abord, doublons exclus."),
    (
        "Questions répondues",
        (
            "celles d’entre elles qui ont une réponse, quel que soit le jour de la réponse. Une question traitée de "
            "vive voix est comptée au téléphone ou en visioconférence, d’après son dernier échange tenu ; les autres, "
            "par écrit."
        ),
    ),
    (
        "Délai",
        (
            "de la réception réelle de la question à la première réponse complète, en jours de calendrier, écrite ou "
            "compte rendu d’un échange ; le délai net en retire l’attente de précisions du PTCE. "
            "Les questions sans réponse n’y entrent pas : leur nombre est donné à côté."
        ),
    ),
    ("Absence", "le PTCE n’est pas venu, et n’avait pas prévenu. Aucune suite n’y est attachée."),
    (
        "Annulation tardive",
        "le PTCE a prévenu le jour même. Elle n’est ni une absence, ni une annulation faite à temps.",
    ),
    ("Annulation par le service", "la séance ou l’échange est annulé par le pôle, ou la question a trouvé sa fin."),
    ("Échange déplacé", "compté une fois à chaque déplacement ; l’échange qui suit est compté pour lui-même."),
    ("Liste d’attente", "les inscriptions sur la liste d’une séance de la période, et ce qu’elles sont devenues."),
)
"""In the words of the page and of ``docs/juri-ptce.md``."""


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
