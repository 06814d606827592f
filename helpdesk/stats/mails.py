"""The mail of the week: to the lead and to each delegation, what is late, what is due, how fast answers leave.

Everybody gets one, whatever their delegations; without anything late it is sent too, so that silence means trouble.
``docs/courriels.md`` says to whom and when.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import current_app

from helpdesk import clock, settings_of
from helpdesk.accounts.enums import Role
from helpdesk.accounts.models import Person
from helpdesk.db import db, transaction
from helpdesk.formats import WEEKDAYS, count, percent
from helpdesk.mail.enums import Notice
from helpdesk.mail.models import Mail
from helpdesk.mail.operations import queue
from helpdesk.mail.rendering import link
from helpdesk.mail.wording import header_text, title
from helpdesk.months import MONTHS
from helpdesk.reference.zones import PARIS
from helpdesk.stats import periods
from helpdesk.stats.measures import FEWEST_ANSWERS, TARGET_SHARE
from helpdesk.stats.perms import Selection
from helpdesk.stats.pressing import holder_text, place_text, presses_at
from helpdesk.stats.queries.facts import delays_in
from helpdesk.stats.queries.weekly import Week, week
from helpdesk.stats.reading import Target, share_text
from helpdesk.stats.weekly import is_due, week_of
from helpdesk.tickets.deadlines import days_left, end_of_day
from helpdesk.tickets.enums import Urgency
from helpdesk.tickets.mails import holding
from helpdesk.tickets.queries.rows import TicketRow

# --- To whom -----------------------------------------------------------------------------------------------


def send_weekly() -> int:
    """Write the mail of the week to whoever has none yet, one transaction each; return how many.

    The lead (the jurists where there is none) reads of every delegation, a delegate of theirs. A delegation without a
    delegate is told of in the lead's alone.
    """
    if not is_due(clock.now(), settings_of(current_app).pole_closing_days):
        return 0
    with transaction():
        pole_ids = {person.id for person in holding(Role.LEAD) or holding(Role.JURIST)}
        delegate_ids = {person.id for person in holding(Role.DELEGATE)} - pole_ids
    sent = [_write_once(person_id, is_for_all=True) for person_id in sorted(pole_ids)]
    sent += [_write_once(person_id, is_for_all=False) for person_id in sorted(delegate_ids)]
    return sum(sent)


def _write_once(person_id: int, *, is_for_all: bool) -> bool:
    now = clock.now()
    starts_at, ends_at = week_of(now)
    with transaction():
        # Of two workers, the second waits here, and then finds the mail of the first.
        person = db.session.scalar(sa.select(Person).where(Person.id == person_id).with_for_update())
        written = sa.select(Mail.id).where(
            Mail.recipient_person_id == person_id, Mail.notice == Notice.WEEKLY_FIGURES, Mail.created_at >= starts_at
        )
        if person is None or db.session.scalar(written.limit(1)) is not None:
            return False
        _write(person, Selection(None if is_for_all else person.delegations), now, ends_at)
    return True


# --- In which words ----------------------------------------------------------------------------------------


def _write(person: Person, selection: Selection, now: datetime, ends_at: datetime) -> None:
    found = week(person, selection, now, ends_at)
    with_region = selection.delegations is None or len(selection.delegations) > 1
    queue(
        Notice.WEEKLY_FIGURES,
        person,
        subject=f"Délais de la semaine : {_late(found) or 'rien en retard'}, {_due(found)}",
        template=Notice.WEEKLY_FIGURES.value,
        context={
            "summary": _summary(found),
            "beside": " ".join(filter(None, (_triage(found.triage_count), _waiting(found.waiting_count)))),
            "speed": _speed(selection),
            **_lists(found, person, now, ends_at, with_region=with_region),
            "link": link("/delais"),
        },
        # Past its week it says what is no longer so; once sent, the titles that it names need not be kept.
        expires_at=ends_at,
    )


def _late(found: Week) -> str:
    return f"{found.late_count} hors délai" if found.late_count else ""


def _due(found: Week) -> str:
    return f"{found.due_count} à rendre" if found.due_count else "rien à rendre"


def _summary(found: Week) -> str:
    """« 2 questions hors délai, 5 à rendre cette semaine. »"""
    if found.late_count:
        due = _due(found) if found.due_count else "rien d’autre à rendre"
        return f"{count(found.late_count, 'question')} hors délai, {due} cette semaine."
    due = f"{count(found.due_count, 'question')} à rendre" if found.due_count else "rien à rendre"
    return f"Rien en retard, {due} cette semaine."


def _triage(number: int) -> str:
    if not number:
        return ""
    return f"{count(number, 'question')} {'sont' if number > 1 else 'est'} à trier."


def _waiting(number: int) -> str:
    if not number:
        return ""
    verb, whose = ("attendent", "leur") if number > 1 else ("attend", "son")
    return f"{count(number, 'question')} {verb} une précision de l’adhérent : {whose} délai est arrêté."


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


def _lists(found: Week, person: Person, now: datetime, ends_at: datetime, *, with_region: bool) -> dict[str, Any]:
    """The lines: what is late, what is due today, what is due later in the week; how many more of each count."""

    def lines(rows: Iterable[TicketRow], when: Callable[[TicketRow], str]) -> list[str]:
        told = [(row, (_urgency(row), when(row), _legal_day(row, now, ends_at))) for row in rows]
        return [_line(row, person, said, with_region=with_region) for row, said in told]

    today = [row for row in found.due if days_left(presses_at(row), now) <= 0]
    later = [row for row in found.due if row not in today]
    return {
        "late": lines(found.late, lambda row: f"{count(-days_left(row.due_at, now), 'jour')} de retard"),
        "late_more_count": found.late_count - len(found.late),
        "today": lines(today, lambda row: ""),
        "later": lines(later, lambda row: _day_text(row.due_at) if row.due_at < ends_at else ""),
        "due_more_count": found.due_count - len(found.due),
    }


def _line(row: TicketRow, person: Person, said: Iterable[str], *, with_region: bool) -> str:
    """One question; it ends with its reference, by which the rest is struck out if it may no longer be told."""
    name = "Dossier sensible" if row.is_sensitive else f"« {title(row.title)} »"
    place = place_text(row) if with_region else ""
    holder = header_text(holder_text(row, person)) + (f" ({place})" if place else "")
    return f"{name} : {', '.join(filter(None, (*said, holder)))}, {row.reference}"


def _urgency(row: TicketRow) -> str:
    return Urgency(row.urgency).label.lower() if row.urgency >= Urgency.URGENT else ""


def _legal_day(row: TicketRow, now: datetime, ends_at: datetime) -> str:
    """« date légale le jeudi 26 novembre », once it falls before the end of the week."""
    if row.legal_deadline_on is None or end_of_day(row.legal_deadline_on) >= ends_at:
        return ""
    at = end_of_day(row.legal_deadline_on)
    return f"date légale {'passée ' if days_left(at, now) < 0 else ''}le {_day_text(at)}"


def _day_text(moment: datetime) -> str:
    """« jeudi 26 novembre », in Paris."""
    day = moment.astimezone(PARIS).date()
    return f"{WEEKDAYS[day.weekday()]} {'1er' if day.day == 1 else day.day} {MONTHS[day.month - 1]}"
