"""How a call is booked, confirmed, moved, cancelled, and who holds it. Each act is one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import sqlalchemy as sa

from helpdesk import clock
from helpdesk.accounts.models import Person
from helpdesk.db import db, transaction
from helpdesk.errors import BadInput, InvalidTransition
from helpdesk.juri_ptce import mails, perms, workflow
from helpdesk.juri_ptce.deadlines import is_too_late_for_ptce
from helpdesk.juri_ptce.enums import AppointmentAction, AppointmentStatus, Medium, WaitingStatus
from helpdesk.juri_ptce.models import Appointment, JuriSession, Slot, WaitingEntry
from helpdesk.juri_ptce.operations import places, waiting
from helpdesk.juri_ptce.queries import appointments as queries
from helpdesk.juri_ptce.queries import slots as slot_queries
from helpdesk.tickets import perms as ticket_perms
from helpdesk.tickets import texts
from helpdesk.tickets.enums import ActorRole, EventKind
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.operations.history import require, settings

HAS_ONE = "Cette question a déjà un rendez-vous. Déplacez-le, ou annulez-le d’abord."
KEPT = "Ce créneau est gardé pour les PTCE d’outre-mer, à cause du décalage horaire. Choisissez-en un autre."
NO_HOST = "Cette personne n’est pas juriste des permanences, ou n’a pas accès à cette question."
IS_TAKEN = "Cette personne tient déjà un échange à cette heure. Choisissez-en une autre."
UNCONFIRMED = "Aucune ou aucun juriste n’a pu confirmer ce rendez-vous à temps."
BATCH = 200
NOT_THERE = "Cette personne ne tient pas cet échange."


class Outcome(StrEnum):
    """``FULL``: taken meanwhile; the page then offers another slot, the waiting list and the written track."""

    BOOKED = "booked"
    FULL = "full"


@dataclass(frozen=True)
class Booked:
    """What came of a choice; an appointment only when booked."""

    outcome: Outcome
    appointment: Appointment | None = None


def book(actor: Person, ticket: Ticket, slot_id: int, *, medium: Medium, phone: str = "") -> Booked:
    """Take a place for a question: confirmed when a jurist offered the call or books it, else requested.

    The same choice twice is one appointment; a place offered by the waiting list is accepted.

    :raises NotAllowed: see :func:`perms.can_book`.
    :raises BadInput: for a slot that the question cannot have (field « slot »), a structure that nothing entitles
        (« entitlement »), a call by phone without a number (« phone »). Taken meanwhile is no exception.
    """
    with transaction():
        places.lock_ticket(ticket)
        require(perms.can_book(actor, ticket))
        slot = _lock_choice(ticket, slot_id)
        standing = queries.to_come_of(ticket)
        if standing is not None:
            if standing.slot_id == slot.id:
                return Booked(Outcome.BOOKED, standing)
            raise BadInput(HAS_ONE, field="slot")
        places.check_entitled(ticket)
        session = _check_choice(actor, ticket, slot)
        if (offered := _offered_at(ticket, slot)) is not None:
            return Booked(Outcome.BOOKED, waiting.accept(actor, offered))
        phone = places.phone_for(ticket, phone, medium)
        call = places.Call(ticket, medium, phone, places.guest(actor, ticket), places.new_uid())
        hosts = places.hosts_for(session, ticket)
        appointment = places.take(slot, call, _status_for(actor, ticket, session), hosts=hosts)
        if appointment is None:
            return Booked(Outcome.FULL)
        waiting.leave_from(ticket, session.starts_at)
        _tell_booked(actor, appointment)
        return Booked(Outcome.BOOKED, appointment)


def _lock_choice(ticket: Ticket, slot_id: int, *others: Appointment) -> Slot:
    """Hold the slot chosen, and every session that the choice may change."""
    slot = db.session.get(Slot, slot_id)
    if slot is None or slot.session_id is None:
        raise BadInput(places.NO_SESSION, field="slot")
    awaited = [entry.session_id for entry in queries.queued_of(ticket)]
    places.lock_sessions([slot.session_id, *awaited, *(other.slot.session_id for other in others)])
    found = places.lock_slots([slot_id, *(other.slot_id for other in others)]).get(slot_id)
    if found is None:
        raise BadInput(places.NO_SESSION, field="slot")
    return found


def _check_choice(actor: Person, ticket: Ticket, slot: Slot, *, was_in: int | None = None) -> JuriSession:
    session = places.check_open(actor, ticket, slot.session, was_in=was_in)
    now = clock.now()
    if slot.starts_at <= now:
        raise BadInput(places.NO_SESSION, field="slot")
    is_pole = ticket_perms.role_on(actor, ticket) is ActorRole.JURIST
    if not is_pole and slot_queries.is_kept_for_others(ticket, session, slot, now):
        raise BadInput(KEPT, field="slot")
    return session


def _offered_at(ticket: Ticket, slot: Slot) -> WaitingEntry | None:
    for entry in queries.queued_of(ticket):
        if entry.status is WaitingStatus.OFFERED and entry.appointment and entry.appointment.slot_id == slot.id:
            return entry
    return None


def _status_for(actor: Person, ticket: Ticket, session: JuriSession) -> AppointmentStatus:
    is_agreed = places.offer_for(ticket, session.id) is not None
    if is_agreed or ticket_perms.role_on(actor, ticket) is ActorRole.JURIST:
        return AppointmentStatus.CONFIRMED
    return AppointmentStatus.REQUESTED


def _tell_booked(actor: Person, appointment: Appointment) -> None:
    places.note(appointment, EventKind.CALL_BOOKED, actor)
    mails.booked(appointment)
    if appointment.status is AppointmentStatus.REQUESTED:
        mails.to_confirm(appointment)
    elif not appointment.attendances:
        mails.unhosted(appointment)


def confirm(actor: Person, appointment: Appointment) -> None:
    """Agree to a call that the PTCE asked for. Twice: once.

    :raises NotAllowed: see :func:`perms.can_prepare`.
    :raises InvalidTransition: when it is no longer requested.
    """
    with transaction():
        places.lock_appointments([appointment])
        require(perms.can_prepare(actor, appointment))
        if appointment.status is AppointmentStatus.CONFIRMED:
            return
        places.change(appointment, AppointmentAction.CONFIRM)
        appointment.sequence += 1
        places.note(appointment, EventKind.CALL_CONFIRMED, actor)
        mails.booked(appointment)
        if not appointment.attendances:
            mails.unhosted(appointment)


def cancel(
    actor: Person,
    appointment: Appointment,
    *,
    reason: str = "",
    is_for_ptce: bool = False,
    seen_version: int | None = None,
) -> None:
    """Cancel a call to come; the place goes to the waiting list.

    By the PTCE when a member acts, until the day before in Paris; by the service when the staff does, unless it
    notes what the PTCE asked for (*is_for_ptce*), which is a late cancellation on the day itself.

    :raises NotAllowed: see :func:`perms.can_change_booking`.
    :raises BadInput: on the day itself, for the PTCE: the message gives the number to call.
    :raises InvalidTransition: when it is no longer to come.
    """
    with transaction():
        places.lock_appointments([appointment])
        _check_seen(appointment, seen_version)
        require(perms.can_change_booking(actor, appointment))
        is_member = _check_not_too_late(actor, appointment)
        is_by_ptce = is_member or is_for_ptce
        action = AppointmentAction.CANCEL_BY_PTCE if is_by_ptce else AppointmentAction.CANCEL_BY_SERVICE
        is_late = is_by_ptce and is_too_late_for_ptce(appointment.slot.starts_at, clock.now())
        _cancel(appointment, action, reason, actor, is_late=is_late)
        waiting.offer_next(appointment.slot.session)


def cancel_by_service(appointments: Sequence[Appointment], *, reason: str, actor: Person | None = None) -> int:
    """Cancel what is still to come or offered among *appointments*, each told once; returns how many.

    Who may is the caller's to say: a session, a question or a jurist's leave decides. No *actor*: the clock.
    """
    with transaction():
        places.lock_appointments(appointments)
        wanted = [one for one in appointments if one.status in queries.ACTIVE]
        for appointment in wanted:
            if appointment.status is AppointmentStatus.OFFERED:
                waiting.forget(appointment)
            _cancel(appointment, AppointmentAction.CANCEL_BY_SERVICE, reason, actor)
        for session in places.lock_sessions(one.slot.session_id for one in wanted).values():
            waiting.offer_next(session)
        return len(wanted)


def end_unconfirmed() -> int:
    """Cancel what was requested and that nobody had confirmed when its hour came; returns how many, each by itself.

    The PTCE is told, and its question may have another call: it goes on in writing.
    """
    late = (Appointment.status == AppointmentStatus.REQUESTED, Slot.starts_at <= clock.now())
    select = sa.select(Appointment).join(Slot, Slot.id == Appointment.slot_id).where(*late).order_by(Appointment.id)
    with transaction():
        appointments = db.session.scalars(select.limit(BATCH)).all()
    return sum(_end_unconfirmed(appointment) for appointment in appointments)


def _end_unconfirmed(appointment: Appointment) -> int:
    with transaction():
        places.lock_appointments([appointment])
        is_waiting = appointment.status is AppointmentStatus.REQUESTED
        return cancel_by_service([appointment], reason=UNCONFIRMED) if is_waiting else 0


def _cancel(
    appointment: Appointment, action: AppointmentAction, reason: str, actor: Person | None, *, is_late: bool = False
) -> None:
    was_offered = appointment.status is AppointmentStatus.OFFERED
    places.change(appointment, action)
    appointment.sequence += 1
    appointment.cancelled_at = clock.now()
    appointment.cancelled_reason = texts.clean_line(reason, field="reason", max_chars=places.REASON_MAX_CHARS)
    appointment.is_late_cancel = is_late
    if not was_offered:
        places.note(appointment, EventKind.CALL_CANCELLED, actor)
        mails.cancelled(appointment)


def move(actor: Person, appointment: Appointment, slot_id: int) -> Booked:
    """Take another slot for the same call: a new row with the same invitation, one transaction; full: nothing moves.

    :raises NotAllowed: see :func:`perms.can_change_booking`.
    :raises BadInput: as :func:`book`; on the day itself, for the PTCE, with the number to call.
    :raises InvalidTransition: when it is no longer to come.
    """
    with transaction():
        ticket = appointment.ticket
        places.lock_ticket(ticket)
        slot = _lock_choice(ticket, slot_id, appointment)
        places.lock_appointments([appointment])
        require(perms.can_change_booking(actor, appointment))
        _check_not_too_late(actor, appointment)
        if slot.id == appointment.slot_id and appointment.status in queries.ACTIVE:
            return Booked(Outcome.BOOKED, appointment)
        workflow.next_status(appointment.status, AppointmentAction.MOVE)
        if appointment.slot.session_id is None:
            places.check_entitled(ticket)  # an emergency call needed nothing of the kind
        session = _check_choice(actor, ticket, slot, was_in=appointment.slot.session_id)
        moved = _take_instead(appointment, slot, session)
        if moved is None:
            return Booked(Outcome.FULL)
        waiting.leave_from(ticket, session.starts_at)
        places.note(moved, EventKind.CALL_MOVED, actor)
        mails.changed(moved)
        if moved.status is AppointmentStatus.CONFIRMED and not moved.attendances:
            mails.unhosted(moved)
        waiting.offer_next(appointment.slot.session)
        return Booked(Outcome.BOOKED, moved)


def _take_instead(appointment: Appointment, slot: Slot, session: JuriSession) -> Appointment | None:
    """Give the place of *appointment* back and take one at *slot*, or change nothing."""
    status = appointment.status
    call = places.Call(
        appointment.ticket,
        appointment.medium,
        appointment.phone,
        appointment.booked_by,
        appointment.uid,
        appointment.sequence + 1,
        appointment.preparation,
    )
    savepoint = db.session.begin_nested()
    places.change(appointment, AppointmentAction.MOVE)
    moved = places.take(slot, call, status, hosts=places.hosts_for(session, appointment.ticket))
    if moved is None:
        savepoint.rollback()
    else:
        savepoint.commit()
    return moved


def attend(actor: Person, appointment: Appointment, person: Person) -> None:
    """Have *person* hold the call, beside whoever holds it. Twice: once. A call that is only requested keeps its
    sequence: nobody is told, and the links that the PTCE has must live on.

    :raises NotAllowed: see :func:`perms.can_prepare`.
    :raises BadInput: for somebody who holds no session, may not see the question, or is taken (field « person »).
    :raises InvalidTransition: when the call is no longer to come.
    """
    with transaction():
        places.lock_appointments([appointment])
        require(perms.can_prepare(actor, appointment))
        _check_to_come(appointment)
        if perms.attends(person, appointment):
            return
        if not places.may_hold(person, appointment.ticket):
            raise BadInput(NO_HOST, field="person")
        if not places.add_host(appointment, person):
            raise BadInput(IS_TAKEN, field="person")
        if appointment.status is AppointmentStatus.CONFIRMED:
            appointment.sequence += 1
            mails.changed(appointment)


def leave(actor: Person, appointment: Appointment, person: Person) -> None:
    """Have *person* no longer hold the call, which stands; without anybody left, the lead is told.

    The sequence stays: the PTCE is told nothing, and the links it has must live on.

    :raises NotAllowed: see :func:`perms.can_prepare`.
    :raises BadInput: for somebody who does not hold it (field « person »).
    :raises InvalidTransition: when the call is no longer to come.
    """
    with transaction():
        places.lock_appointments([appointment])
        require(perms.can_prepare(actor, appointment))
        _check_to_come(appointment)
        if not perms.attends(person, appointment):
            raise BadInput(NOT_THERE, field="person")
        places.drop_host(appointment, person)
        if appointment.status is AppointmentStatus.CONFIRMED:
            mails.uninvited(appointment, person.id)
            if not appointment.attendances:
                mails.unhosted(appointment)


def _check_seen(appointment: Appointment, seen_version: int | None) -> None:
    if seen_version is not None and appointment.version != seen_version:
        raise InvalidTransition(workflow.TOO_LATE)


def _check_to_come(appointment: Appointment) -> None:
    if appointment.status not in queries.ACTIVE:
        raise InvalidTransition(workflow.TOO_LATE)


def _check_not_too_late(actor: Person, appointment: Appointment) -> bool:
    """Whether a member of the structure acts; then, only until the day before."""
    is_member = ticket_perms.role_on(actor, appointment.ticket) is ActorRole.MEMBER
    if is_member and is_too_late_for_ptce(appointment.slot.starts_at, clock.now()):
        phone = settings().service_phone
        raise BadInput(
            f"Le rendez-vous est aujourd’hui ou déjà passé : appelez le {phone} pour l’annuler ou le déplacer."
        )
    return is_member
