"""The mail of the week: to the lead and to each delegation, how fast answers leave, what is late, what is due.

Everybody gets one, whatever their delegations; without anything late it is sent too, so that silence means trouble.
Its words are found as it leaves. ``docs/courriels.md`` says to whom and when.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

import sqlalchemy as sa
from flask import current_app

from helpdesk import clock, settings_of
from helpdesk.accounts.enums import Role
from helpdesk.accounts.models import Person
from helpdesk.db import db, transaction
from helpdesk.formats import NBSP, WEEKDAYS, count, percent
from helpdesk.mail.departing import Words, written_at_departure
from helpdesk.mail.enums import Notice
from helpdesk.mail.models import Mail
from helpdesk.mail.operations import queue_unwritten, write
from helpdesk.mail.rendering import link
from helpdesk.mail.wording import header_text, shorten, word_count
from helpdesk.months import MONTHS
from helpdesk.reference.zones import PARIS
from helpdesk.stats import periods
from helpdesk.stats.measures import FEWEST_ANSWERS, TARGET_SHARE
from helpdesk.stats.perms import Selection
from helpdesk.stats.pressing import holder_name, holder_text, place_text
from helpdesk.stats.queries.facts import delays_in
from helpdesk.stats.queries.pressing import Week, week
from helpdesk.stats.reading import Target, share_text
from helpdesk.stats.weekly import BODY_WORDS, first_lines, is_due, short_title
from helpdesk.tickets.deadlines import days_left, end_of_day, week_of
from helpdesk.tickets.forms.filters import DUE, LATE, OPEN
from helpdesk.tickets.mails import holding
from helpdesk.tickets.queries.rows import TicketRow

NAME_CHARS = 40

# --- To whom -----------------------------------------------------------------------------------------------


def send_weekly() -> int:
    """Have the mail of the week sent to whoever has none yet, one transaction each; return how many.

    The lead (the jurists where there is none) reads of every delegation, a delegate of theirs. A delegation without a
    delegate is told of in the lead's alone.
    """
    if not is_due(clock.now(), settings_of(current_app).pole_closing_days):
        return 0
    with transaction():
        person_ids = {person.id for person in [*_read_by_pole(), *holding(Role.DELEGATE)]}
    return sum(_queue_once(person_id) for person_id in sorted(person_ids))


def _read_by_pole() -> list[Person]:
    return holding(Role.LEAD) or holding(Role.JURIST)


def _queue_once(person_id: int) -> bool:
    starts_at, ends_at = week_of(clock.now())
    with transaction():
        # Of two workers, the second waits here, and then finds the mail of the first.
        person = db.session.scalar(sa.select(Person).where(Person.id == person_id).with_for_update())
        queued = sa.select(Mail.id).where(
            Mail.recipient_person_id == person_id, Mail.notice == Notice.WEEKLY_FIGURES, Mail.created_at >= starts_at
        )
        if person is None or db.session.scalar(queued.limit(1)) is not None:
            return False
        # Past its week it would answer no question of anybody's.
        queue_unwritten(Notice.WEEKLY_FIGURES, person, expires_at=ends_at)
    return True


# --- In which words ----------------------------------------------------------------------------------------


@written_at_departure(Notice.WEEKLY_FIGURES)
def weekly_words(reader: Person) -> Words | None:
    """What *reader* may be told now; nothing, once they are neither of the pole nor of a delegation."""
    is_for_all = reader.id in {person.id for person in _read_by_pole()}
    if not is_for_all and not reader.delegations:
        return None
    selection, now = Selection(None if is_for_all else reader.delegations), clock.now()
    found = week(reader, selection, now, week_of(now)[1])
    said = " ".join(filter(None, (_speed(selection), _nothing(found))))
    return write(
        reader,
        f"Délais de la semaine : {', '.join(_counts(found))}",
        Notice.WEEKLY_FIGURES.value,
        {
            "said": said,
            "lists": list(_lists(found, reader, selection, now, BODY_WORDS - word_count(said))),
            "link": link("/delais"),
        },
    )


def _counts(found: Week) -> Iterator[str]:
    """« 1 urgente », « 2 hors délai », « 5 à rendre »."""
    if found.urgent.count:
        yield count(found.urgent.count, "urgente")
    yield f"{found.late.count} hors délai" if found.late.count else "rien en retard"
    yield f"{found.due.count} à rendre" if found.due.count else "rien à rendre"


def _nothing(found: Week) -> str:
    """« Rien en retard, rien à rendre cette semaine. », or as much of it as is true from the beginning on."""
    if found.late.count:
        return ""
    return "Rien en retard." if found.due.count else "Rien en retard, rien à rendre cette semaine."


def _speed(selection: Selection) -> str:
    """The share of answers within the target: of the year, of twelve months as long as the year has too few."""
    today, target = clock.today(), Target.of(settings_of(current_app))
    for name, words in ((str(today.year), "de l’année"), (periods.TWELVE_MONTHS, "des douze derniers mois")):
        period = periods.named_period(name, today)
        delays = delays_in(selection, period) if period else None
        if delays and delays.is_enough:
            said = f"{share_text(delays)} des réponses {words} sont parties {target.within}"
            return _for_whom(selection, f"{said} ; l’objectif est de {percent(TARGET_SHARE)}.")
    return _for_whom(selection, f"moins de {FEWEST_ANSWERS} réponses en douze mois : pas encore de pourcentage.")


def _for_whom(selection: Selection, said: str) -> str:
    if selection.delegations is None:
        return said[0].upper() + said[1:]
    return f"Pour {'vos délégations' if len(selection.delegations) > 1 else 'votre délégation'}, {said}"


@dataclass(frozen=True)
class _List:
    """Of *count* questions the first ones, a line each, and the way to all of them."""

    heading: str
    lines: list[str]
    count: int
    url: str


def _lists(found: Week, reader: Person, selection: Selection, now: datetime, most_words: int) -> Iterator[_List]:
    """Those that hold something: the urgent ones, whenever they are due, then the late ones, then those of the week."""
    kinds = (
        (found.urgent, "urgente", "urgentes", {"statut": OPEN, "urgentes": "y"}),
        (found.late, "hors délai", "hors délai", {"statut": LATE}),
        (found.due, "à rendre cette semaine", "à rendre cette semaine", {"statut": DUE}),
    )
    lines = [[_line(row, reader, selection, now) for row in part.rows] for part, *_ in kinds]
    for (part, one, many, filters), shown in zip(kinds, first_lines(lines, most_words), strict=True):
        if shown:
            yield _List(count(part.count, one, many), shown, part.count, _list_link(selection, filters))


def _list_link(selection: Selection, filters: dict[str, str]) -> str:
    """The list of all questions with *filters*, the oldest first."""
    codes = sorted(selection.delegations or ())
    region = {"delegation": codes[0]} if len(codes) == 1 else {}
    return link(f"/questions?{urlencode({**filters, **region, 'tri': 'anciennes'})}")


def _line(row: TicketRow, reader: Person, selection: Selection, now: datetime) -> str:
    """« Q-2026-0427 Peut-on suspendre un CDDI pendant… (3 jours de retard, Inès Carvalho) »."""
    return (
        f"{row.reference} {short_title(row.title)} ({', '.join((*_when(row, now), *_where(row, reader, selection)))})"
    )


def _when(row: TicketRow, now: datetime) -> Iterator[str]:
    """By the service's date unless the legal one comes first; both when both fall this week, or have passed."""
    legal_at = end_of_day(row.legal_deadline_on) if row.legal_deadline_on else None
    if row.due_at < now:
        yield f"{count(-days_left(row.due_at, now), 'jour')} de retard"
    elif legal_at is None or row.due_at < legal_at:
        yield _day_text(row.due_at, now)
    if legal_at and (legal_at <= row.due_at or legal_at < week_of(now)[1]):
        yield f"date légale {'passée le ' if legal_at < now else ''}{_day_text(legal_at, now)}"


def _where(row: TicketRow, reader: Person, selection: Selection) -> Iterator[str]:
    """Who has it; otherwise where it lies, with the delegation for whoever reads of several."""
    name = holder_name(row)
    yield shorten(header_text(name or holder_text(row, reader)), NAME_CHARS)
    if not name and (selection.delegations is None or len(selection.delegations) > 1):
        yield from filter(None, [place_text(row)])


def _day_text(moment: datetime, now: datetime) -> str:
    """« aujourd’hui », « jeudi 26 », in another week « mardi 1er décembre »; in Paris."""
    if days_left(moment, now) == 0:
        return "aujourd’hui"
    day, (starts_at, ends_at) = moment.astimezone(PARIS).date(), week_of(now)
    month = "" if starts_at <= moment < ends_at else f" {MONTHS[day.month - 1]}"
    return f"{WEEKDAYS[day.weekday()]}{NBSP}{'1er' if day.day == 1 else day.day}{month}"
