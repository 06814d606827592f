"""What is read of appointments: one under the reader's rights, those of a question, those of a session."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from helpdesk.accounts.models import Person
from helpdesk.db import db
from helpdesk.errors import NotFound
from helpdesk.juri_ptce import perms
from helpdesk.juri_ptce.enums import OCCUPYING, QUEUED, TO_COME, AppointmentStatus
from helpdesk.juri_ptce.models import (
    Appointment,
    Attendance,
    PtceDetails,
    SessionHost,
    Slot,
    WaitingEntry,
)
from helpdesk.juri_ptce.queries.parts import parts_of
from helpdesk.tickets import perms as ticket_perms
from helpdesk.tickets.enums import ActorRole
from helpdesk.tickets.models import Ticket

OF_SESSION_MAX_COUNT = 200
OF_TICKET_MAX_COUNT = 50
ACTIVE = (AppointmentStatus.OFFERED, *TO_COME)


def _whole() -> sa.Select[Appointment]:
    return sa.select(Appointment).options(
        joinedload(Appointment.ticket),
        joinedload(Appointment.slot).joinedload(Slot.session),
        joinedload(Appointment.organisation),
        selectinload(Appointment.attendances).joinedload(Attendance.person),
    )


def get_visible_appointment(person: Person, appointment_id: int) -> Appointment:
    """One appointment with its question, slot, session and jurists.

    :raises NotFound: when it does not exist, or is not for *person* to see.
    """
    found = db.session.scalar(_whole().where(Appointment.id == appointment_id))
    if found is None or not perms.can_see_appointment(person, found, parts_of(found.ticket)):
        raise NotFound
    return found


def to_come_of(ticket: Ticket) -> Appointment | None:
    """The one appointment of a question that is requested or confirmed, and not held yet."""
    return db.session.scalar(_whole().where(Appointment.ticket_id == ticket.id, Appointment.status.in_(TO_COME)))


def of_ticket(ticket: Ticket) -> Sequence[Appointment]:
    """Every appointment of a question, the latest first."""
    select = _whole().where(Appointment.ticket_id == ticket.id).order_by(Appointment.id.desc())
    return db.session.scalars(select.limit(OF_TICKET_MAX_COUNT)).all()


def of_session(session_id: int) -> Sequence[Appointment]:
    """Those that hold a place in a session, by time and seat."""
    select = _whole().join(Slot, Slot.id == Appointment.slot_id).order_by(Slot.starts_at, Appointment.seat)
    wanted = (Slot.session_id == session_id, Appointment.status.in_(OCCUPYING))
    return db.session.scalars(select.where(*wanted).limit(OF_SESSION_MAX_COUNT)).all()


def active_of(ticket: Ticket) -> Sequence[Appointment]:
    """Offered, requested or confirmed: what ends with the question."""
    return db.session.scalars(_whole().where(Appointment.ticket_id == ticket.id, Appointment.status.in_(ACTIVE))).all()


def count_of_structure(organisation_id: int, session_id: int, *, besides: Ticket) -> int:
    """How many places other questions of the structure hold in a session."""
    select = sa.select(sa.func.count()).select_from(Appointment).join(Slot)
    return db.session.scalars(
        select.where(
            Appointment.organisation_id == organisation_id,
            Slot.session_id == session_id,
            Appointment.status.in_(ACTIVE),
            Appointment.ticket_id != besides.id,
        )
    ).one()


def queued_of(ticket: Ticket) -> Sequence[WaitingEntry]:
    """Where a question waits for a place, or is offered one."""
    select = sa.select(WaitingEntry).where(WaitingEntry.ticket_id == ticket.id, WaitingEntry.status.in_(QUEUED))
    return db.session.scalars(select.order_by(WaitingEntry.id)).all()


def hosts_present(session_id: int) -> Sequence[Person]:
    """The active people who will be there."""
    select = sa.select(Person).join(SessionHost, SessionHost.person_id == Person.id)
    wanted = (SessionHost.session_id == session_id, SessionHost.is_absent.is_(False), Person.is_active)
    return db.session.scalars(select.where(*wanted).order_by(Person.id)).all()


def calls_by_host(session_id: int) -> dict[int, int]:
    """How many calls of the session each jurist holds."""
    select = (
        sa.select(Attendance.person_id, sa.func.count())
        .join(Appointment, Appointment.id == Attendance.appointment_id)
        .join(Slot, Slot.id == Appointment.slot_id)
        .where(Slot.session_id == session_id, Attendance.is_occupying)
        .group_by(Attendance.person_id)
    )
    return dict(db.session.execute(select).all())


def is_shared_with_partner(ticket: Ticket) -> bool:
    """Whether the partner network answers a part of the question, or is to."""
    details = db.session.get(PtceDetails, ticket.id)
    return perms.brings_rtes_in(ticket.topic, details) or bool(parts_of(ticket))


def may_hold(people: Sequence[Person], ticket: Ticket) -> list[Person]:
    """Those who may hold a call about *ticket*: the pole, where it sees the question; a partner jurist, where the
    partner network has a part in it.
    """
    is_shared = is_shared_with_partner(ticket) if people else False

    def is_able(person: Person) -> bool:
        if perms.is_partner(person):
            return is_shared and not ticket_perms.is_conflicted(person, ticket)
        return ticket_perms.role_on(person, ticket) is ActorRole.JURIST

    return [person for person in people if is_able(person)]
