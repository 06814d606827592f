"""What a jurist's calendar shows: the calls attended and the sessions held, a bounded time around today."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager

from helpdesk.accounts.models import Person
from helpdesk.db import db
from helpdesk.juri_ptce.enums import TO_COME, AppointmentStatus, SessionStatus
from helpdesk.juri_ptce.models import Appointment, Attendance, CalendarFeed, JuriSession, SessionHost, Slot

KEPT = timedelta(days=60)
AHEAD = timedelta(days=400)
MAX_COUNT = 300
_SHOWN = (*TO_COME, AppointmentStatus.HELD, AppointmentStatus.ABSENT)


def feed_of(person: Person) -> CalendarFeed | None:
    """The address that *person* has made, if any; the token itself is not kept."""
    return db.session.get(CalendarFeed, person.id)


def calls_of(person: Person, now: datetime) -> Sequence[Appointment]:
    """The calls that *person* attends, with their slots; a cancelled or moved one leaves the calendar."""
    select = (
        sa.select(Appointment)
        .join(Attendance, Attendance.appointment_id == Appointment.id)
        .join(Slot, Slot.id == Appointment.slot_id)
        .options(contains_eager(Appointment.slot))
        .where(Attendance.person_id == person.id, Attendance.is_occupying, Appointment.status.in_(_SHOWN))
        .where(Slot.starts_at >= now - KEPT, Slot.starts_at <= now + AHEAD)
        .order_by(Slot.starts_at, Appointment.id)
    )
    return db.session.scalars(select.limit(MAX_COUNT)).all()


def sessions_of(person: Person, now: datetime) -> Sequence[JuriSession]:
    """The open sessions that *person* holds, unless absent."""
    select = (
        sa.select(JuriSession)
        .join(SessionHost, SessionHost.session_id == JuriSession.id)
        .where(SessionHost.person_id == person.id, SessionHost.is_absent.is_(False))
        .where(JuriSession.status == SessionStatus.SCHEDULED)
        .where(JuriSession.starts_at >= now - KEPT, JuriSession.starts_at <= now + AHEAD)
        .order_by(JuriSession.starts_at)
    )
    return db.session.scalars(select.limit(MAX_COUNT)).all()
