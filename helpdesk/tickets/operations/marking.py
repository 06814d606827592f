"""What the staff decides about a question: topic, urgency, dates, confidentiality, whose it is."""

from datetime import date, datetime

import sqlalchemy as sa

from helpdesk import clock
from helpdesk.accounts.models import Organisation, Person
from helpdesk.accounts.queries import visible_organisations
from helpdesk.accounts.text import fold
from helpdesk.attachments.operations import purge
from helpdesk.db import db, transaction
from helpdesk.errors import BadInput
from helpdesk.reference import get_reference
from helpdesk.reference.zones import PARIS
from helpdesk.tickets import mails, perms, queries, texts
from helpdesk.tickets.enums import Action, ActorRole, EventKind, Status
from helpdesk.tickets.happenings import ERASED, EXCLUDED, MOVED, Facts, tell
from helpdesk.tickets.models import ConflictOfInterest, Draft, Ticket, TicketCopy, TicketShare
from helpdesk.tickets.operations.answering import is_relayed_by_delegation, relay
from helpdesk.tickets.operations.history import check_version, hold, move, record, reindex, require, set_attention


def set_topic(actor: Person, ticket: Ticket, topic: str, *, seen_version: int | None = None) -> None:
    """Choose the topic; it decides who may answer.

    :raises BadInput: for a topic that the reference data does not hold.
    """
    with transaction():
        check_version(ticket, seen_version)
        require(perms.can_mark(actor, ticket))
        if topic not in get_reference().topics:
            raise BadInput("Choisissez un thème de la liste.", field="topic")
        if topic != ticket.topic:
            record(ticket, EventKind.TOPIC_CHANGED, actor, before=ticket.topic, after=topic)
            ticket.topic = topic


def set_urgency(
    actor: Person, ticket: Ticket, level: int, *, reason: str = "", seen_version: int | None = None
) -> None:
    """Confirm or change the level; only a person lowers it. From level 2 both tiers are told at once."""
    with transaction():
        check_version(ticket, seen_version)
        require(perms.can_mark(actor, ticket))
        if level not in range(4):
            raise BadInput("Choisissez un degré d’urgence de la liste.", field="urgency")
        before = ticket.urgency
        ticket.urgency, ticket.is_urgency_confirmed = level, True
        ticket.urgency_reason = texts.clean_line(reason, field="reason", max_chars=300) or ticket.urgency_reason
        set_attention(ticket)
        record(ticket, EventKind.URGENCY_CHANGED, actor, before=before, after=level)
        if before < 2 <= level:
            mails.urgent(ticket)
            _leave_relay(ticket)


def set_legal_deadline(
    actor: Person, ticket: Ticket, day: date | None, *, source: str, seen_version: int | None = None
) -> None:
    """Enter or confirm the legal deadline, with the text that sets it; no day takes it away.

    :raises BadInput: for a date without a source, or before the question came.
    """
    with transaction():
        check_version(ticket, seen_version)
        require(perms.can_mark(actor, ticket))
        source = texts.clean_line(source, field="source", max_chars=300)
        if day is not None and not source:
            raise BadInput("Citez le texte ou le courrier qui fixe cette date.", field="source")
        if day is not None and day < ticket.received_at.astimezone(PARIS).date():
            raise BadInput("Cette date est antérieure à la question. Vérifiez le jour.", field="legal_deadline_on")
        ticket.legal_deadline_on, ticket.legal_deadline_source = day, source if day else ""
        set_attention(ticket)
        record(ticket, EventKind.DEADLINE_SET, actor, day=day.isoformat() if day else None)


def set_sensitive(actor: Person, ticket: Ticket, *, is_sensitive: bool, seen_version: int | None = None) -> None:
    """Mask a question in lists, mails, search and exports, or lift the mask.

    :raises NotAllowed: see :func:`perms.can_mark_sensitive`.
    """
    with transaction():
        check_version(ticket, seen_version)
        require(perms.can_mark_sensitive(actor, ticket))
        if is_sensitive != ticket.is_sensitive:
            ticket.is_sensitive = is_sensitive
            kind = EventKind.SENSITIVE_SET if is_sensitive else EventKind.SENSITIVE_UNSET
            record(ticket, kind, actor)
            reindex(ticket, is_erasure=is_sensitive)
            _leave_relay(ticket)
            mails.recheck(ticket)


def set_pole_only(actor: Person, ticket: Ticket, *, is_pole_only: bool, seen_version: int | None = None) -> None:
    """Keep a question for the pole: the delegation no longer sees it; one still on its desk comes to the pole.

    :raises NotAllowed: for anybody but a jurist.
    """
    with transaction():
        check_version(ticket, seen_version)
        require(perms.can_reserve_to_pole(actor, ticket))
        if is_pole_only == ticket.is_pole_only:
            return
        if is_pole_only and ticket.status in (Status.TRIAGE, Status.REGIONAL):
            move(ticket, Action.TRANSMIT, actor)
        if is_pole_only and ticket.returns_to in (Status.TRIAGE, Status.REGIONAL):
            ticket.returns_to = Status.POLE
        ticket.is_pole_only = is_pole_only
        record(ticket, EventKind.POLE_ONLY_SET if is_pole_only else EventKind.POLE_ONLY_UNSET, actor)
        _leave_relay(ticket)
        mails.recheck(ticket)


def _leave_relay(ticket: Ticket) -> None:
    """An answer that may no longer pass through the delegation leaves at once."""
    if ticket.status is Status.RELAY and not is_relayed_by_delegation(ticket):
        relay(None, ticket)


def declare_conflict(actor: Person, ticket: Ticket, person: Person, *, reason: str) -> None:
    """Record that *person* must neither see nor take the question; it leaves their desk at once.

    :raises NotAllowed: for anybody but the staff of the question.
    :raises BadInput: for a person whom *actor* may not exclude (:func:`perms.can_exclude`).
    """
    with transaction():
        require(perms.is_staff_on(actor, ticket))
        if not perms.can_exclude(actor, ticket, person):
            raise BadInput("Choisissez une personne qui suit cette question.", field="person")
        role = perms.role_on(actor, ticket)
        _leave_desk(ticket, person, actor)
        record(ticket, EventKind.CONFLICT_DECLARED, actor, role=role, person_id=person.id)
        ticket.conflicts.append(
            ConflictOfInterest(
                person_id=person.id,
                declared_by_id=actor.id,
                declared_at=clock.now(),
                reason=texts.clean(reason, field="reason", max_chars=1000),
            )
        )
        mails.recheck(ticket)
        tell(EXCLUDED, ticket, Facts(actor, person=person))


def lift_conflict(actor: Person, ticket: Ticket, person_id: int) -> None:
    """Let somebody see the question again: the conflict of interest is over, or was none.

    :raises NotAllowed: for anybody but a jurist who is not concerned.
    :raises BadInput: for a person without a declared conflict.
    """
    with transaction():
        require(perms.can_lift_conflict(actor, ticket))
        declared = [one for one in ticket.conflicts if one.person_id == person_id]
        if not declared:
            raise BadInput("Choisissez une personne de la liste.", field="person")
        ticket.conflicts.remove(declared[0])
        record(ticket, EventKind.CONFLICT_LIFTED, actor, person_id=person_id)


def _leave_desk(ticket: Ticket, person: Person, actor: Person) -> None:
    """The question leaves the desk of *person*, or will not come back to it after the wait."""
    holds_study = ticket.status is Status.STUDY and ticket.jurist_id == person.id
    holds_region = ticket.status is Status.REGIONAL and ticket.delegate_id == person.id
    if ticket.returns_to is Status.STUDY and ticket.jurist_id == person.id:
        ticket.returns_to = Status.POLE
    if ticket.returns_to is Status.REGIONAL and ticket.delegate_id == person.id:
        ticket.returns_to = Status.TRIAGE
    if holds_study or holds_region:
        move(ticket, Action.RELEASE, actor)
    if ticket.jurist_id == person.id:
        ticket.jurist = None
    if ticket.delegate_id == person.id:
        ticket.delegate = None


def move_to_structure(
    actor: Person, ticket: Ticket, organisation: Organisation, *, seen_version: int | None = None
) -> None:
    """Mend a wrong structure: the first one loses access, the statistics follow, the history keeps the trace.

    :raises NotAllowed: for anybody but the staff in charge.
    :raises BadInput: when a delegate names a structure of another delegation.
    """
    with transaction():
        check_version(ticket, seen_version)
        require(perms.can_move_structure(actor, ticket))
        role = perms.role_on(actor, ticket)
        if role is ActorRole.DELEGATE and organisation.delegation not in actor.delegations:
            raise BadInput("Cette structure dépend d’une autre délégation.", field="organisation")
        if organisation.id == ticket.organisation_id:
            return
        now, before, delegation = clock.now(), ticket.organisation_id, ticket.delegation
        is_another_region = organisation.delegation != ticket.delegation
        if is_another_region:
            _leave_region(ticket, actor, now)
        ticket.organisation = organisation
        ticket.organisation_id = organisation.id
        ticket.delegation = organisation.delegation
        if ticket.asker is not None and organisation.id not in {
            mandate.organisation_id for mandate in ticket.asker.active_mandates
        }:
            ticket.asker = None
        ticket.shares.clear()
        hold(ticket, now)
        record(
            ticket, EventKind.STRUCTURE_CHANGED, actor, role=role, at=now, before_id=before, after_id=organisation.id
        )
        if is_another_region:
            kind, after = EventKind.DELEGATION_CHANGED, ticket.delegation
            record(ticket, kind, actor, role=role, at=now, before=delegation, after=after)
        mails.recheck(ticket)
        if is_another_region and ticket.status is Status.TRIAGE:
            mails.new_in_delegation(ticket)
        tell(MOVED, ticket, Facts(actor))


def _leave_region(ticket: Ticket, actor: Person, now: datetime) -> None:
    """What a delegate held is to be triaged again, by the other delegation or in the national queue."""
    if ticket.status is Status.REGIONAL:
        move(ticket, Action.RELEASE, actor, at=now)
    if ticket.returns_to is Status.REGIONAL:
        ticket.returns_to = Status.TRIAGE
    ticket.delegate = None


def structure_named(actor: Person, words: str) -> Organisation:
    """The one structure of this exact name or federation number that *actor* may see.

    :raises BadInput: for none, or for a name that several bear.
    """
    words = words.strip()
    named = sa.or_(Organisation.search_name == fold(words), Organisation.external_id == words)
    select = sa.select(Organisation).where(named, visible_organisations(actor)).limit(2)
    found = db.session.scalars(select).all() if words else []
    if len(found) > 1:
        raise BadInput("Plusieurs structures portent ce nom : écrivez le numéro d’adhérent.", field="name")
    if not found:
        message = "Aucune structure de ce nom ne vous est ouverte. Écrivez son nom complet ou son numéro d’adhérent."
        raise BadInput(message, field="name")
    return found[0]


def copy_to_delegation(actor: Person, ticket: Ticket, delegation: str) -> None:
    """Let a second delegation see a question that concerns two regions; it stays one question, counted once.

    :raises BadInput: for an unknown delegation or the one in charge.
    """
    with transaction():
        require(perms.can_mark(actor, ticket))
        if delegation not in get_reference().delegations or delegation == ticket.delegation:
            raise BadInput("Choisissez une autre délégation de la liste.", field="delegation")
        if delegation not in {copy.delegation for copy in ticket.copies}:
            ticket.copies.append(TicketCopy(delegation=delegation))
            record(ticket, EventKind.DELEGATION_COPIED, actor, delegation=delegation)


def share(actor: Person, ticket: Ticket, person_id: int) -> None:
    """Let somebody of the structure or its group see one's question, a sensitive one included.

    :raises NotAllowed: for anybody but the asker.
    :raises BadInput: for a person who is neither of the structure nor of its group.
    """
    with transaction():
        require(perms.can_share(actor, ticket))
        if person_id not in queries.shareable_people(ticket):
            raise BadInput("Choisissez une personne de votre structure.", field="person")
        ticket.shares.append(TicketShare(person_id=person_id, shared_at=clock.now()))
        record(ticket, EventKind.SHARED, actor, person_id=person_id)


def purge_attachment(actor: Person, ticket: Ticket, attachment_id: int) -> None:
    """Erase a file that should not be here (names, a medical paper); its line stays, « pièce effacée ».

    :raises NotAllowed: for anybody but the staff in charge.
    :raises NotFound: for a file that is in no message of the question that *actor* may read.
    """
    with transaction():
        require(perms.can_mark(actor, ticket))
        purge(queries.readable_attachment(actor, ticket, attachment_id))
        record(ticket, EventKind.ATTACHMENT_PURGED, actor, attachment_id=attachment_id)


def erase_content(actor: Person, ticket: Ticket) -> None:
    """Erase what an out-of-scope writer (an employee, by mistake) told: words and files, not the line that it came.

    :raises NotAllowed: for anybody but a jurist, on a question closed as out of scope.
    """
    with transaction():
        require(perms.can_erase(actor, ticket))
        ticket.title = ticket.search_title = "Contenu effacé"
        ticket.excerpt = ticket.fingerprint = ticket.callback_phone = ticket.callback_slots = ""
        ticket.urgency_reason = ticket.deadline_reason = ""
        for message in ticket.messages:
            message.body = "Contenu effacé."
            for file in message.attachments:
                purge(file)
            message.attachments.clear()
        db.session.execute(sa.delete(Draft).where(Draft.ticket_id == ticket.id))
        record(ticket, EventKind.CONTENT_ERASED, actor)
        tell(ERASED, ticket)
        reindex(ticket, is_erasure=True)
        mails.erased(ticket)
        db.session.flush()
