"""Who is told what about a question. Called by the operations, inside their transaction.

Nobody gets a mail about a question that they may not see, and a sensitive question shows neither its title
nor its structure. What can wait goes to the digest of those who want one; an urgent question never waits.
``docs/courriels.md`` lists every notice.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, time
from typing import Any

import sqlalchemy as sa
from flask import current_app

from helpdesk import clock
from helpdesk.accounts.enums import MandateScope, Role
from helpdesk.accounts.models import Mandate, Person, StaffRole
from helpdesk.accounts.queries import holders
from helpdesk.db import db
from helpdesk.formats import count, day_text, long_date_text
from helpdesk.mail.enums import MailStatus, Notice
from helpdesk.mail.models import Mail
from helpdesk.mail.operations import erase, queue, waiting_mails, withdraw
from helpdesk.mail.rendering import link
from helpdesk.mail.wording import quoted, title
from helpdesk.reference import get_reference
from helpdesk.reference.zones import PARIS
from helpdesk.settings import Settings
from helpdesk.tickets.enums import Status, Urgency
from helpdesk.tickets.models import Message, Ticket
from helpdesk.tickets.perms import can_view

# --- To the structure --------------------------------------------------------------------------------------


def received(ticket: Ticket) -> None:
    """The question has arrived: who reads it first, and the indicative date."""
    region = _delegation_name(ticket) if ticket.status in (Status.TRIAGE, Status.REGIONAL) else None
    _tell_structure(
        Notice.RECEIVED,
        ticket,
        f"Votre question {ticket.reference} est bien arrivée",
        reader=f"Votre délégation ({region})" if region else "Le pôle juridique",
        due=long_date_text(ticket.due_at),
    )


def clarification_asked(ticket: Ticket, text: str) -> None:
    """A detail is needed to go on; *text* is quoted, unless the question is sensitive."""
    _tell_structure(
        Notice.CLARIFICATION_ASKED,
        ticket,
        f"Une précision pour avancer : {ticket.reference}",
        asked="" if ticket.is_sensitive else quoted(text),
    )


def answered(ticket: Ticket, message: Message) -> None:
    """The answer can be read; the delegation gets a copy that can wait, unless it wrote the answer."""
    author = db.session.get(Person, message.author_id) if message.author_id else None
    _tell_structure(
        Notice.ANSWERED,
        ticket,
        f"Réponse à votre question : {_name(ticket)}",
        author="" if author is None or ticket.is_sensitive else author.full_name,
    )
    delegates = [person for person in _region(ticket) if person.id != message.author_id]
    _tell_staff(Notice.ANSWER_COPY, ticket, delegates, f"Réponse partie : {_name(ticket)}", can_wait=True)


def corrected(ticket: Ticket, message: Message, reason: str) -> None:
    """A correction replaces the answer; its reason goes to the delegation and the first author alone."""
    _tell_structure(Notice.CORRECTED, ticket, f"Réponse corrigée : {_name(ticket)}")
    replaced = db.session.get(Message, message.replaces_id) if message.replaces_id else None
    author = db.session.get(Person, replaced.author_id) if replaced and replaced.author_id else None
    people = [person for person in [*_region(ticket), author] if person and person.id != message.author_id]
    _tell_staff(
        Notice.CORRECTION_REASON,
        ticket,
        people,
        f"Correction d’une réponse : {_name(ticket)}",
        reason="" if ticket.is_sensitive else quoted(reason),
    )


def target_passed(ticket: Ticket, new_due_at: datetime) -> None:
    """The indicative date has passed: an apology, a new date, somebody to call."""
    _tell_structure(
        Notice.TARGET_PASSED,
        ticket,
        f"Votre question {ticket.reference} prend plus de temps que prévu",
        due=long_date_text(new_due_at),
    )


def unread_answer(ticket: Ticket) -> bool:
    """Nobody of the structure has opened the answer. Once for each answer; false when there was nobody to tell."""
    if has_left(Notice.UNREAD_ANSWER, ticket, ticket.status_at):
        return False
    days = _settings().unread_reminder_days
    since = "une semaine" if days == 7 else count(days, "jour")
    return _tell_structure(Notice.UNREAD_ANSWER, ticket, f"Une réponse vous attend depuis {since}")


def closed_out_of_scope(ticket: Ticket) -> None:
    """Not for this service; the page says to whom to turn."""
    _tell_structure(Notice.CLOSED_OUT_OF_SCOPE, ticket, f"Votre question {ticket.reference} : vers qui vous tourner")


def closed_as_duplicate(ticket: Ticket) -> None:
    """The structure had asked it before."""
    _tell_structure(Notice.CLOSED_AS_DUPLICATE, ticket, f"Votre question {ticket.reference} nous était déjà parvenue")


def closed_by_faq(ticket: Ticket) -> None:
    """An entry of the FAQ answers; the page says which."""
    _tell_structure(Notice.CLOSED_BY_FAQ, ticket, f"Votre question {ticket.reference} : une fiche y répond")


# --- To the delegation -------------------------------------------------------------------------------------


def new_in_delegation(ticket: Ticket) -> None:
    """To be triaged; in the national queue, or where no delegate may see it, by the lead."""
    _tell_staff(Notice.NEW_IN_DELEGATION, ticket, triage_people(ticket), f"À trier : {_name(ticket)}", can_wait=True)


def untriaged(ticket: Ticket) -> bool:
    """Not taken for a while: soon it goes to the pole by itself. Once; false when there was nobody to tell."""
    if has_left(Notice.UNTRIAGED, ticket, ticket.status_at):
        return False
    return _tell_staff(Notice.UNTRIAGED, ticket, triage_people(ticket), f"À trier aujourd’hui : {_name(ticket)}")


def relay_waiting(ticket: Ticket) -> None:
    """The pole's answer waits for the delegate's word, then leaves by itself."""
    delay = count(_settings().relay_working_days, "jour ouvré", "jours ouvrés")
    people = _region(ticket)
    _tell_staff(Notice.RELAY_WAITING, ticket, people, f"À relayer : {_name(ticket)}", delay=delay)


# --- To the pole, or to whoever has the question -----------------------------------------------------------


def urgent(ticket: Ticket) -> None:
    """From level 2 on: the delegation and the whole pole, at once."""
    label = Urgency(ticket.urgency).label
    people = [*triage_people(ticket), *holding(Role.JURIST, Role.LEAD)]
    _tell_staff(Notice.URGENT, ticket, people, f"Question urgente : {_name(ticket)}", urgency=label)


def transmitted(ticket: Ticket) -> None:
    """In the pole's queue; the lead distributes."""
    people = holding(Role.LEAD)
    _tell_staff(Notice.TRANSMITTED, ticket, people, f"Transmise au pôle : {_name(ticket)}", can_wait=True)


def assigned(ticket: Ticket, jurist: Person) -> None:
    """Entrusted by a colleague."""
    subject = f"Question confiée : {_name(ticket)}, réponse attendue le {day_text(ticket.due_at)}"
    _tell_staff(Notice.ASSIGNED, ticket, [jurist], subject, can_wait=True, due=long_date_text(ticket.due_at))


def handed_over(tickets: Sequence[Ticket], jurist: Person) -> None:
    """Entrusted all together, by the lead: one mail, which names none of them."""
    first = min(tickets, key=lambda ticket: ticket.due_at)
    number = count(len(tickets), "question")
    queue(
        Notice.HANDED_OVER,
        jurist,
        subject=f"On vous confie {number}",
        template=Notice.HANDED_OVER.value,
        context={"number": number, "due": long_date_text(first.due_at), "link": link("/")},
        can_wait=all(ticket.urgency < Urgency.URGENT for ticket in tickets),
    )


def clarification_given(ticket: Ticket) -> None:
    """The asker has replied: whoever has the question goes on."""
    _tell_staff(Notice.CLARIFICATION_GIVEN, ticket, _holder(ticket), f"Précision reçue : {_name(ticket)}")


def followed_up(ticket: Ticket) -> None:
    """A new message, from the structure or from the relay."""
    people = _holder(ticket)
    _tell_staff(Notice.FOLLOWED_UP, ticket, people, f"Nouveau message : {_name(ticket)}", can_wait=True)


def law_changed(ticket: Ticket, change: str) -> None:
    """The answer came back from the relay, because the law it states has changed; *change* says how."""
    subject = f"À relire, le droit a changé : {_name(ticket)}"
    _tell_staff(
        Notice.LAW_CHANGED, ticket, _holder(ticket), subject, change="" if ticket.is_sensitive else quoted(change)
    )


def day_eight(ticket: Ticket) -> None:
    """The indicative date is near."""
    days = (ticket.due_at.astimezone(PARIS).date() - clock.today()).days
    left = f"{count(days, 'jour')} pour répondre" if days > 0 else "À rendre aujourd’hui"
    _tell_staff(
        Notice.DAY_EIGHT,
        ticket,
        _holder(ticket),
        f"{left} : {_name(ticket)}",
        due=long_date_text(ticket.due_at),
    )


def written_confirmation_due(ticket: Ticket) -> bool:
    """Answered by phone: the writing is due. Once for each due date; false when there was nobody to tell."""
    due_on = ticket.written_due_on or clock.today()
    if has_left(Notice.WRITTEN_CONFIRMATION_DUE, ticket, datetime.combine(due_on, time(), PARIS)):
        return False
    subject = f"À confirmer par écrit : {_name(ticket)}"
    return _tell_staff(Notice.WRITTEN_CONFIRMATION_DUE, ticket, _holder(ticket), subject)


# --- What has not left -------------------------------------------------------------------------------------


def recheck(ticket: Ticket) -> None:
    """What the question shows, or who may see it, has changed: mend the mails that have not left.

    Those for people who may no longer see it are withdrawn; if it is sensitive now, the others are written
    again without its title. A mail may have waited for the digest, or for a server that was away.
    """
    for mail in waiting_mails(ticket.id):
        is_held = mail.status is MailStatus.HELD
        if mail.recipient is None or not can_view(mail.recipient, ticket):
            withdraw(mail)
        elif ticket.is_sensitive and mail.notice is not Notice.SENSITIVE:
            withdraw(mail)
            subject = f"{mail.notice.label} : {_name(ticket)}"
            _write(Notice.SENSITIVE, ticket, mail.recipient, subject, can_wait=is_held)


def erased(ticket: Ticket) -> None:
    """The content was erased: from every mail about it too. Who had not been told yet is told that there is news."""
    waiting = [(mail.notice.label, mail.recipient) for mail in waiting_mails(ticket.id)]
    erase(ticket.id)
    for label, person in waiting:
        if person is not None and can_view(person, ticket):
            _write(Notice.SENSITIVE, ticket, person, f"{label} : {ticket.reference}", can_wait=False)


# --- Recipients --------------------------------------------------------------------------------------------


def structure_people(ticket: Ticket) -> list[Person]:
    """The asker, or, where none may still see it, those who see all questions of the structure."""
    if ticket.asker_id is not None:
        asker = db.session.get(Person, ticket.asker_id)
        if asker is not None and can_view(asker, ticket):
            return [asker]
    today = clock.today()
    statement = (
        sa.select(Person)
        .join(Mandate, Mandate.person_id == Person.id)
        .where(
            Mandate.organisation_id == ticket.organisation_id,
            Mandate.scope.in_((MandateScope.STRUCTURE, MandateScope.GROUP)),
            Mandate.starts_on <= today,
            sa.or_(Mandate.ends_on.is_(None), Mandate.ends_on >= today),
        )
    )
    return _allowed(ticket, db.session.scalars(statement.order_by(Person.id)))


def triage_people(ticket: Ticket) -> list[Person]:
    """The delegates of the delegation in charge; where there is none who may see the question, the lead."""
    delegates = holding(Role.DELEGATE, delegation=ticket.delegation) if ticket.delegation else []
    return _allowed(ticket, delegates) or holding(Role.LEAD)


def _region(ticket: Ticket) -> list[Person]:
    """The delegate in charge, otherwise the delegates of the delegation; nobody in the national queue."""
    delegate = db.session.get(Person, ticket.delegate_id) if ticket.delegate_id else None
    if delegate is not None and can_view(delegate, ticket):
        return [delegate]
    return holding(Role.DELEGATE, delegation=ticket.delegation) if ticket.delegation else []


def _holder(ticket: Ticket) -> list[Person]:
    """Whoever has the question, will get it back, or answered it; the lead where that person is gone."""
    status = Status(ticket.returns_to) if ticket.returns_to else ticket.status
    if status is Status.TRIAGE:
        return triage_people(ticket)
    if status in (Status.REGIONAL, Status.RELAY) or (not status.is_open and ticket.jurist_id is None):
        return _allowed(ticket, _region(ticket)) or triage_people(ticket)
    jurist = db.session.get(Person, ticket.jurist_id) if ticket.jurist_id and status is not Status.POLE else None
    return _allowed(ticket, [jurist] if jurist else []) or holding(Role.LEAD)


def holding(*roles: Role, delegation: str | None = None) -> list[Person]:
    """People with one of *roles* today."""
    held = holders(*roles)
    if delegation is not None:
        held = held.where(StaffRole.delegation == delegation)
    statement = sa.select(Person).where(Person.id.in_(held), Person.is_active).order_by(Person.id)
    return list(db.session.scalars(statement))


def _allowed(ticket: Ticket, people: Iterable[Person]) -> list[Person]:
    """Each person once, and only those who may see the question."""
    unique = {person.id: person for person in people}
    return [person for person in unique.values() if can_view(person, ticket)]


# --- Writing -----------------------------------------------------------------------------------------------


def has_left(notice: Notice, ticket: Ticket, since: datetime) -> bool:
    """Whether such a mail was written about the question *since* then, whatever became of it."""
    statement = sa.select(Mail.id).where(Mail.ticket_id == ticket.id, Mail.notice == notice, Mail.created_at >= since)
    return db.session.scalar(statement.limit(1)) is not None


def _tell_structure(notice: Notice, ticket: Ticket, subject: str, **context: Any) -> bool:
    people = structure_people(ticket)
    for person in people:
        is_asker = person.id == ticket.asker_id
        _write(notice, ticket, person, subject, can_wait=False, yours=_yours(ticket, is_asker), **context)
    return bool(people)


def _tell_staff(
    notice: Notice,
    ticket: Ticket,
    people: Iterable[Person],
    subject: str,
    *,
    can_wait: bool = False,
    **context: Any,
) -> bool:
    can_wait = can_wait and ticket.urgency < Urgency.URGENT
    allowed = _allowed(ticket, people)
    for person in allowed:
        _write(notice, ticket, person, subject, can_wait=can_wait, **context)
    return bool(allowed)


def _write(notice: Notice, ticket: Ticket, to: Person, subject: str, *, can_wait: bool, **context: Any) -> None:
    shared = {
        "about": f"le dossier sensible {ticket.reference}" if ticket.is_sensitive else _about(ticket),
        "structure": "" if ticket.is_sensitive else title(ticket.organisation.name),
        "link": link(f"/questions/{ticket.reference}"),
    }
    queue(
        notice,
        to,
        subject=subject,
        template=notice.value,
        context={**shared, **context},
        ticket_id=ticket.id,
        can_wait=can_wait,
    )


def _name(ticket: Ticket) -> str:
    """In a subject line."""
    return f"dossier sensible {ticket.reference}" if ticket.is_sensitive else f"« {title(ticket.title)} »"


def _about(ticket: Ticket) -> str:
    return f"la question « {title(ticket.title)} » ({ticket.reference})"


def _yours(ticket: Ticket, is_asker: bool) -> str:
    if ticket.is_sensitive:
        return f"votre question {ticket.reference}"
    whose = "votre question" if is_asker else "la question de votre structure"
    return f"{whose} « {title(ticket.title)} » ({ticket.reference})"


def _delegation_name(ticket: Ticket) -> str | None:
    return get_reference().delegations[ticket.delegation].name if ticket.delegation else None


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings
