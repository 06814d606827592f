"""What the clock says to people: a call is near, an account is late. Each in its own transaction, each once."""

from collections.abc import Callable
from datetime import datetime, time, timedelta

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import joinedload

from helpdesk import clock
from helpdesk.db import changed_count, db, transaction
from helpdesk.errors import HelpdeskError
from helpdesk.jobs.schedule import is_night
from helpdesk.juri_ptce import mails
from helpdesk.juri_ptce.enums import AppointmentStatus
from helpdesk.juri_ptce.models import Appointment, Invitation, Slot
from helpdesk.juri_ptce.reminders import DAYS_BEFORE, Reminder, due_reminder
from helpdesk.mail.enums import Notice
from helpdesk.reference.holidays import is_working_day
from helpdesk.reference.zones import PARIS
from helpdesk.tickets.mails import has_left
from helpdesk.tickets.operations.history import settings

log = structlog.get_logger(__name__)
BATCH = 500
_LOOK_AHEAD = DAYS_BEFORE + timedelta(days=1)
"""A day more than the mark: by the clock of Paris, two days may have 49 hours."""
_COLUMNS = {Reminder.DAYS: Appointment.days_reminded_at, Reminder.HOURS: Appointment.hours_reminded_at}


def remind() -> int:
    """Remind of the calls that are two days or two hours away; returns how many calls.

    Nothing between 2:00 and 3:00 in Paris: it waits for the next time.
    """
    now = clock.now()
    if is_night(now, PARIS):
        return 0
    select = (
        sa.select(Appointment.id)
        .join(Slot, Slot.id == Appointment.slot_id)
        .where(
            Appointment.status == AppointmentStatus.CONFIRMED,
            Appointment.hours_reminded_at.is_(None),
            Slot.starts_at > now,
            Slot.starts_at <= now + _LOOK_AHEAD,
        )
        .order_by(Slot.starts_at, Appointment.id)
    )
    with transaction():
        ids = db.session.scalars(select.limit(BATCH)).all()
    return sum(_alone(_remind_of, appointment_id) for appointment_id in ids)


def _remind_of(appointment_id: int) -> bool:
    now = clock.now()
    appointment = _loaded(appointment_id)
    which = due_reminder(appointment.slot.starts_at, _known_at(appointment), now)
    if which is None:
        return False
    column = _COLUMNS[which]
    # Past the version: a reminder is no reason to refuse the form that somebody has open. Of two workers, one.
    take = sa.update(Appointment).where(
        Appointment.id == appointment_id, Appointment.status == AppointmentStatus.CONFIRMED, column.is_(None)
    )
    if changed_count(take.values({column: now})) != 1:
        return False
    mails.reminder(appointment, is_last=which is Reminder.HOURS)
    return True


def _known_at(appointment: Appointment) -> datetime:
    """When the people of the call were last told when it is."""
    told = sa.select(sa.func.max(Invitation.sent_at)).where(
        Invitation.uid == appointment.uid, Invitation.cancelled_at.is_(None)
    )
    return max(appointment.created_at, db.session.scalar(told) or appointment.created_at)


def remind_accounts() -> int:
    """Remind the jurists of the accounts that are late, and of the calls of which nobody has said whether they took
    place, once each working day; returns how many calls.
    """
    today = clock.today()
    if not is_working_day(today, closing_days=settings().pole_closing_days):
        return 0
    is_late = sa.and_(
        Appointment.status.in_((AppointmentStatus.HELD, AppointmentStatus.ABSENT)),
        Appointment.account_message_id.is_(None),
        Appointment.account_due_on < today,
    )
    is_untold = sa.and_(Appointment.status == AppointmentStatus.CONFIRMED, Slot.ends_at < _morning())
    select = sa.select(Appointment.id).join(Slot, Slot.id == Appointment.slot_id).where(sa.or_(is_late, is_untold))
    with transaction():
        ids = db.session.scalars(select.order_by(Appointment.account_due_on, Appointment.id).limit(BATCH)).all()
    return sum(_alone(_remind_of_account, appointment_id) for appointment_id in ids)


def _remind_of_account(appointment_id: int) -> bool:
    appointment = _loaded(appointment_id)
    if has_left(Notice.JURI_ACCOUNT_DUE, appointment.ticket, _morning()):
        return False
    return mails.account_due(appointment)


def _morning() -> datetime:
    return datetime.combine(clock.today(), time(), PARIS)


def _loaded(appointment_id: int) -> Appointment:
    """As it stands now, held until the end of the transaction."""
    whole = (joinedload(Appointment.slot).joinedload(Slot.session), joinedload(Appointment.ticket))
    select = sa.select(Appointment).where(Appointment.id == appointment_id).options(*whole)
    return db.session.scalars(select.with_for_update(of=Appointment).execution_options(populate_existing=True)).one()


def _alone(act: Callable[[int], bool], appointment_id: int) -> bool:
    """One that fails holds up none of the others."""
    try:
        with transaction():
            return act(appointment_id)
    except HelpdeskError as error:
        # Somebody acted meanwhile: the next round sees the new state.
        log.info("reminder_skipped", appointment_id=appointment_id, reason=type(error).__name__)
        return False
