"""How a place is taken and given back: the one place that locks, inserts and releases.

Nothing is checked before it is inserted: the rows that decide are locked, always in this order — question, sessions,
slots, appointments, times —, then the database takes the row or refuses it. On SQLite the transaction is alone.
"""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import product
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import selectinload

from helpdesk import clock
from helpdesk.accounts.models import Person
from helpdesk.db import db
from helpdesk.errors import BadInput
from helpdesk.juri_ptce import perms, workflow
from helpdesk.juri_ptce.enums import (
    OCCUPYING,
    AppointmentAction,
    AppointmentStatus,
    Entitlement,
    Medium,
    SessionStatus,
)
from helpdesk.juri_ptce.models import (
    Appointment,
    Attendance,
    CallOffer,
    JuriSession,
    Slot,
)
from helpdesk.juri_ptce.operations.details import entitlement_of
from helpdesk.juri_ptce.queries import appointments as queries
from helpdesk.tickets import perms as ticket_perms
from helpdesk.tickets import texts
from helpdesk.tickets.enums import ActorRole, EventKind
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.operations.history import record, settings

TIMES_LOCK = 7_130_004
"""The number of the lock of every jurist's time, ours alone."""
PHONE_MAX_CHARS = 30
REASON_MAX_CHARS = 300
NOT_ENTITLED = (
    "Ce PTCE ne remplit pas encore les conditions d’un échange. Votre question suit son cours par écrit ; "
    "votre délégation peut se porter garante du PTCE."
)
NO_PHONE = "Indiquez le numéro où vous appeler."
NO_SESSION = "Ce créneau n’est plus ouvert. Choisissez-en un autre dans la liste, ou poursuivez par écrit."
PAST_CUT_OFF = (
    "Les demandes pour cette séance sont closes : les juristes la préparent. Choisissez la séance suivante, "
    "ou poursuivez par écrit."
)
ONE_PER_SESSION = (
    "Votre PTCE a déjà un rendez-vous à cette séance. Choisissez la séance suivante, ou poursuivez par écrit."
)


Row = TypeVar("Row", JuriSession, Slot, Appointment)


@dataclass(frozen=True)
class Call:
    """What takes a place; *uid* and *sequence* are those of its invitation."""

    ticket: Ticket
    medium: Medium
    phone: str
    booked_by: Person | None
    uid: str
    sequence: int = 0
    preparation: str = ""


def new_uid() -> str:
    """Of an invitation: random, never made from a time or a person."""
    return f"{secrets.token_hex(16)}@{settings().mail_domain}"


# --- locks


def lock_ticket(ticket: Ticket) -> None:
    """Let nobody close or book this question meanwhile, and read again where it stands."""
    before = ticket.organisation_id
    columns = ["status", "version", "urgency", "jurist_id", "organisation_id"]
    db.session.refresh(ticket, columns, with_for_update={"key_share": True})
    if ticket.organisation_id != before:  # given to another structure meanwhile
        db.session.expire(ticket)


def lock_sessions(session_ids: Iterable[int | None]) -> dict[int, JuriSession]:
    """The sessions by id as they stand now, held until the end of the transaction."""
    ids = sorted({one for one in session_ids if one is not None})
    if not ids:
        return {}
    rows = _locked(sa.select(JuriSession).where(JuriSession.id.in_(ids)).order_by(JuriSession.id))
    return {session.id: session for session in rows}


def lock_slots(slot_ids: Iterable[int]) -> dict[int, Slot]:
    """The slots by id as they stand now, held until the end of the transaction."""
    select = sa.select(Slot).where(Slot.id.in_(sorted(set(slot_ids)))).order_by(Slot.id)
    return {slot.id: slot for slot in _locked(select)}


def lock_appointments(appointments: Sequence[Appointment]) -> None:
    """Hold their sessions and slots, then read again where they stand."""
    lock_sessions(appointment.slot.session_id for appointment in appointments)
    lock_slots(appointment.slot_id for appointment in appointments)
    ids = sorted(appointment.id for appointment in appointments)
    select = sa.select(Appointment).where(Appointment.id.in_(ids)).order_by(Appointment.id)
    _locked(select.options(selectinload(Appointment.attendances)))


def lock_times() -> None:
    """Let nobody else take a jurist's time meanwhile: calls that overlap are not always of the same session, and two
    of them that the database refuses at once could wait for each other.
    """
    if db.engine.dialect.name == "postgresql":
        db.session.execute(sa.select(sa.func.pg_advisory_xact_lock(TIMES_LOCK)))


def _locked(select: sa.Select[Row]) -> list[Row]:
    statement = select.with_for_update(key_share=True).execution_options(populate_existing=True)
    return list(db.session.scalars(statement))


# --- taking and giving back


def take(
    slot: Slot,
    call: Call,
    status: AppointmentStatus,
    *,
    hosts: Sequence[Person],
    expires_at: datetime | None = None,
) -> Appointment | None:
    """Take the first free seat of a locked *slot* with the first of *hosts* who is free; none: nothing is free.

    Without *hosts* the seat alone decides, and somebody is to be found for the call.
    """
    lock_times()
    attendants: Sequence[Person | None] = hosts or (None,)
    for seat, host in product(range(1, slot.seats + 1), attendants):
        try:
            with db.session.begin_nested():
                appointment = _insert(slot, seat, call, status, expires_at)
                if host is not None:
                    _attend(appointment, host)
        except IntegrityError:
            continue
        return appointment
    return None


def _insert(slot: Slot, seat: int, call: Call, status: AppointmentStatus, expires_at: datetime | None) -> Appointment:
    appointment = Appointment(
        ticket=call.ticket,
        organisation_id=call.ticket.organisation_id,
        slot=slot,
        seat=seat,
        status=status,
        medium=call.medium,
        phone=call.phone,
        video_link=_video_link(slot) if call.medium is Medium.VIDEO else "",
        uid=call.uid,
        sequence=call.sequence,
        booked_by=call.booked_by,
        preparation=call.preparation,
        created_at=clock.now(),
        expires_at=expires_at,
    )
    db.session.add(appointment)
    db.session.flush()
    return appointment


def _video_link(slot: Slot) -> str:
    if slot.session is not None and slot.session.video_link:
        return slot.session.video_link
    return f"{settings().juri_video_url}/{secrets.token_urlsafe(16)}"


def add_host(appointment: Appointment, person: Person) -> bool:
    """Take the time of *person* for a locked appointment, or change nothing where another call overlaps."""
    lock_times()
    try:
        with db.session.begin_nested():
            _attend(appointment, person)
    except IntegrityError:
        db.session.expire(appointment, ["attendances"])
        return False
    return True


def drop_host(appointment: Appointment, person: Person) -> None:
    """Give the time of *person* back."""
    appointment.attendances[:] = [one for one in appointment.attendances if one.person_id != person.id]
    db.session.flush()


def _attend(appointment: Appointment, person: Person) -> None:
    slot = appointment.slot
    appointment.attendances.append(Attendance(person=person, starts_at=slot.starts_at, ends_at=slot.ends_at))
    db.session.flush()


def change(appointment: Appointment, action: AppointmentAction) -> None:
    """Move a locked appointment on; the seat and the jurists' time are free once it holds them no more.

    :raises InvalidTransition: when *action* does not fit where it stands.
    """
    appointment.status = workflow.next_status(appointment.status, action)
    if appointment.status not in OCCUPYING:
        for attendance in appointment.attendances:
            attendance.is_occupying = False
    db.session.flush()


# --- who and whether


def may_hold(person: Person, ticket: Ticket) -> bool:
    """See :func:`queries.appointments.may_hold`."""
    return bool(queries.may_hold([person], ticket))


def hosts_for(session: JuriSession, ticket: Ticket) -> list[Person]:
    """The jurists present who may hold a call about *ticket*: who studies it first, then the least taken."""
    calls = queries.calls_by_host(session.id)
    present = queries.may_hold(queries.hosts_present(session.id), ticket)
    return sorted(
        present,
        key=lambda person: (
            person.id != ticket.jurist_id,
            perms.is_partner(person),
            calls.get(person.id, 0),
            person.id,
        ),
    )


def check_entitled(ticket: Ticket) -> None:
    """:raises BadInput: unless something entitles the structure of *ticket* to calls (field « entitlement »)."""
    if entitlement_of(ticket.organisation) is Entitlement.NONE:
        raise BadInput(NOT_ENTITLED, field="entitlement")


def known_phone(ticket: Ticket) -> str:
    """The number to call that the question, its asker or its structure gave; may be none."""
    return ticket.callback_phone or (ticket.asker.phone if ticket.asker else "") or ticket.organisation.phone


def phone_for(ticket: Ticket, typed: str, medium: Medium) -> str:
    """The number to call: as typed, else the one that the question or its asker gave.

    :raises BadInput: when a call by phone would have none.
    """
    known = known_phone(ticket)
    phone = texts.clean_line(typed, field="phone", max_chars=PHONE_MAX_CHARS)
    if medium is Medium.PHONE and not (phone or known):
        raise BadInput(NO_PHONE, field="phone")
    return phone or (known if medium is Medium.PHONE else "")


def offer_for(ticket: Ticket, session_id: int | None) -> CallOffer | None:
    """What a jurist offered for that question, where it covers that session."""
    offer = db.session.get(CallOffer, ticket.id)
    if offer is None or offer.session_id not in (None, session_id):
        return None
    return offer


def guest(actor: Person, ticket: Ticket) -> Person | None:
    """Who gets the invitation on the side of the structure: the member who acts, else the asker."""
    if ticket_perms.role_on(actor, ticket) is ActorRole.MEMBER:
        return actor
    return ticket.asker


def check_open(actor: Person, ticket: Ticket, session: JuriSession | None, *, was_in: int | None = None) -> JuriSession:
    """Return the locked *session* when the question can still reach it.

    Past its cut-off: when a jurist offered that session, when the question already was in it (*was_in*), or for the
    pole.

    :raises BadInput: otherwise (field « slot »), also once the structure has as many places there as it may.
    """
    now = clock.now()
    if session is None or session.status is not SessionStatus.SCHEDULED or session.starts_at <= now:
        raise BadInput(NO_SESSION, field="slot")
    if now > session.cut_off_at and session.id != was_in and not _is_let_in_late(actor, ticket, session):
        raise BadInput(PAST_CUT_OFF, field="slot")
    if not has_room_in(ticket, session):
        raise BadInput(ONE_PER_SESSION, field="slot")
    return session


def _is_let_in_late(actor: Person, ticket: Ticket, session: JuriSession) -> bool:
    offer = offer_for(ticket, session.id)
    if offer is not None and offer.session_id == session.id:
        return True
    return ticket_perms.role_on(actor, ticket) is ActorRole.JURIST


def has_room_in(ticket: Ticket, session: JuriSession) -> bool:
    """Whether the structure may still have a place in the session."""
    limit = settings().juri_appointments_per_session
    return queries.count_of_structure(ticket.organisation_id, session.id, besides=ticket) < limit


def note(appointment: Appointment, kind: EventKind, actor: Person | None) -> None:
    """Tell the history of the question; whoever may not see the question (a conflict) acts as the service."""
    teller = actor if actor is not None and ticket_perms.can_view(actor, appointment.ticket) else None
    starts_at = appointment.slot.starts_at.isoformat()
    record(appointment.ticket, kind, teller, appointment_id=appointment.id, starts_at=starts_at)
