"""The slots that somebody may choose: with a free seat and a free jurist, in the order that suits where they live."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from helpdesk.accounts.models import Person
from helpdesk.db import db
from helpdesk.juri_ptce import calendar
from helpdesk.juri_ptce.enums import OCCUPYING, SessionStatus
from helpdesk.juri_ptce.models import Appointment, Attendance, CallOffer, JuriSession, SessionHost, Slot
from helpdesk.juri_ptce.queries.appointments import may_hold
from helpdesk.reference import get_reference
from helpdesk.tickets.models import Ticket

CHOICE_SESSIONS = 3


@dataclass(frozen=True)
class SlotChoice:
    """A slot somebody may take. *paris* and *local* are the same moment; no *local* where the clocks agree."""

    slot: Slot
    session: JuriSession
    paris: datetime
    local: datetime | None
    is_recommended: bool


def timezone_of(ticket: Ticket) -> str:
    """Where the structure lives by its clock: the name of a zone."""
    found = get_reference().departements.get(ticket.organisation.departement)
    return found.timezone if found else "Europe/Paris"


def next_sessions(now: datetime, count: int = CHOICE_SESSIONS) -> Sequence[JuriSession]:
    """The next open sessions, with their slots."""
    select = sa.select(JuriSession).where(JuriSession.status == SessionStatus.SCHEDULED, JuriSession.starts_at > now)
    select = select.order_by(JuriSession.starts_at).limit(count).options(selectinload(JuriSession.slots))
    return db.session.scalars(select).all()


def open_slots(ticket: Ticket, now: datetime) -> list[SlotChoice]:
    """What *ticket* may choose in the next sessions it still reaches, those to prefer first in each.

    A page's view only: the place is the asker's once :func:`operations.booking.book` says so.
    """
    offer, timezone = db.session.get(CallOffer, ticket.id), timezone_of(ticket)
    sessions = [one for one in _sessions_of(offer, now) if _is_reached(one, offer, now)]
    ids = [one.id for one in sessions]
    taken, busy = _taken_seats(ids), _slots_without_host(ticket, ids)
    choices = []
    for session in sessions:
        free = [slot for slot in session.slots if taken.get(slot.id, 0) < slot.seats and slot.id not in busy]
        choices += [
            SlotChoice(slot, session, *calendar.both_times(slot.starts_at, timezone), is_recommended=rank == 0)
            for rank, slot in enumerate(for_asker(ticket, session, free, now))
            if slot.starts_at > now
        ]
    return choices


def _sessions_of(offer: CallOffer | None, now: datetime) -> list[JuriSession]:
    """The next ones, and the one that a jurist offered."""
    sessions = list(next_sessions(now))
    if offer is not None and offer.session_id not in (None, *(one.id for one in sessions)):
        wanted = (JuriSession.id == offer.session_id, JuriSession.status == SessionStatus.SCHEDULED)
        later = sa.select(JuriSession).where(*wanted, JuriSession.starts_at > now)
        sessions += db.session.scalars(later.options(selectinload(JuriSession.slots))).all()
    return sessions


def _is_reached(session: JuriSession, offer: CallOffer | None, now: datetime) -> bool:
    return now <= session.cut_off_at or (offer is not None and offer.session_id == session.id)


def for_asker(ticket: Ticket, session: JuriSession, slots: Sequence[Slot], now: datetime) -> list[Slot]:
    """Those of *slots* that are not kept for others, in the order to advise."""
    timezone = timezone_of(ticket)
    mine = [slot for slot in slots if not is_kept_for_others(ticket, session, slot, now)]
    return calendar.ordered_for(mine, timezone)


def is_kept_for_others(ticket: Ticket, session: JuriSession, slot: Slot, now: datetime) -> bool:
    """Whether a slot is still kept for PTCE of another part of the world, until the cut-off."""
    timezone = timezone_of(ticket)
    return calendar.is_held_for_overseas(slot, session.slots, timezone, now=now, cut_off_at=session.cut_off_at)


def free_slots(session_id: int) -> list[Slot]:
    """The slots of a session with a free seat, in order."""
    taken = _taken_seats([session_id])
    slots = db.session.scalars(sa.select(Slot).where(Slot.session_id == session_id).order_by(Slot.starts_at))
    return [slot for slot in slots if taken.get(slot.id, 0) < slot.seats]


def _taken_seats(session_ids: Sequence[int]) -> dict[int, int]:
    select = sa.select(Appointment.slot_id, sa.func.count()).join(Slot, Slot.id == Appointment.slot_id)
    wanted = (Slot.session_id.in_(session_ids), Appointment.status.in_(OCCUPYING))
    return dict(db.session.execute(select.where(*wanted).group_by(Appointment.slot_id)).all())


def _slots_without_host(ticket: Ticket, session_ids: Sequence[int]) -> set[int]:
    """The slots at which every jurist present who may hold the call is taken; without any, the seats alone count."""
    present = (SessionHost.session_id.in_(session_ids), SessionHost.is_absent.is_(False))
    people = db.session.scalars(
        sa.select(Person).where(Person.id.in_(sa.select(SessionHost.person_id).where(*present)))
    )
    able = [person.id for person in may_hold(people.all(), ticket)]
    if not able:
        return set()
    overlaps = (Attendance.starts_at < Slot.ends_at, Attendance.ends_at > Slot.starts_at)
    same = sa.and_(Attendance.person_id == SessionHost.person_id, Attendance.is_occupying, *overlaps)
    select = sa.select(Slot.id).join(SessionHost, SessionHost.session_id == Slot.session_id).outerjoin(Attendance, same)
    all_taken = sa.func.count(SessionHost.person_id.distinct()) == sa.func.count(Attendance.person_id.distinct())
    wanted = select.where(*present, SessionHost.person_id.in_(able)).group_by(Slot.id).having(all_taken)
    return set(db.session.scalars(wanted))
