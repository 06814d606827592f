"""What the clock does by itself. Each question in its own transaction: one that fails holds none of the others."""

from collections.abc import Callable
from datetime import datetime, timedelta

import sqlalchemy as sa
import structlog

from helpdesk import clock
from helpdesk.db import db, transaction
from helpdesk.errors import HelpdeskError
from helpdesk.reference import get_reference
from helpdesk.reference.holidays import is_working_day
from helpdesk.reference.types import Departement
from helpdesk.tickets import mails, perms
from helpdesk.tickets.deadlines import day_number, working_deadline
from helpdesk.tickets.enums import OPEN_STATUSES, Action, ActorRole, EventKind, Status
from helpdesk.tickets.models import Draft, ResponseClock, Submission, Ticket
from helpdesk.tickets.operations.answering import law_change_at_relay, relay
from helpdesk.tickets.operations.closing import close
from helpdesk.tickets.operations.history import date_due, move, record, settings

log = structlog.get_logger(__name__)
BATCH = 500


def run_all() -> dict[str, int]:
    """Do everything that is due now; returns how many questions each task changed."""
    return {
        "released": release_abandoned(),
        "transmitted": transmit_forgotten(),
        "relayed": relay_forgotten(),
        "warned": warn_holders(),
        "passed": tell_target_passed(),
        "reminded": remind_unread(),
        "untriaged": remind_untriaged(),
        "confirmations": remind_written_confirmations(),
        "closed": close_old_answers(),
        "purged": purge(),
    }


def release_abandoned() -> int:
    """Give back to its queue what is held by somebody who has left, or may no longer see the question."""

    def act(ticket: Ticket) -> bool:
        is_study = ticket.status is Status.STUDY
        holder = ticket.jurist if is_study else ticket.delegate
        role = perms.role_on(holder, ticket) if holder else None
        is_held = role is (ActorRole.JURIST if is_study else ActorRole.DELEGATE)
        if is_held and (is_study or (holder is not None and ticket.delegation in holder.delegations)):
            return False
        move(ticket, Action.RELEASE, None, automatic=True)
        if is_study:
            ticket.jurist = None
            mails.transmitted(ticket)
        else:
            ticket.delegate = None
            mails.new_in_delegation(ticket)
        return True

    return _each(Ticket.status.in_([Status.REGIONAL, Status.STUDY]), act)


def transmit_forgotten() -> int:
    """Pass on to the pole what its delegation has not taken within two working days of the structure's own zone."""
    days = settings().auto_transmit_working_days

    def act(ticket: Ticket) -> bool:
        if clock.now() <= _deadline(ticket, days):
            return False
        move(ticket, Action.TRANSMIT, None, automatic=True)
        mails.transmitted(ticket)
        return True

    return _each(sa.and_(Ticket.status == Status.TRIAGE, Ticket.delegation.is_not(None)), act)


def remind_untriaged() -> int:
    """Remind the delegates on the last working day before a question leaves for the pole, once; never on a local
    holiday.
    """
    days = settings().auto_transmit_working_days

    def act(ticket: Ticket) -> bool:
        place = _place(ticket)
        today = clock.now().astimezone(place.tz).date()
        if (
            not is_working_day(today, place.holiday_zone)
            or _deadline(ticket, days).astimezone(place.tz).date() != today
        ):
            return False
        return mails.untriaged(ticket)

    return _each(sa.and_(Ticket.status == Status.TRIAGE, Ticket.delegation.is_not(None)), act)


def relay_forgotten() -> int:
    """Send on the answers that the delegation has kept for a working day; give back, without waiting for that, those
    whose law has changed meanwhile.
    """
    days = settings().relay_working_days

    def act(ticket: Ticket) -> bool:
        if clock.now() <= _deadline(ticket, days) and law_change_at_relay(ticket) is None:
            return False
        relay(None, ticket)
        return True

    return _each(Ticket.status == Status.RELAY, act)


def warn_holders() -> int:
    """Tell whoever holds a question that two days are left, once per round, from day 8 on."""

    def act(ticket: Ticket) -> bool:
        running = ticket.clock
        number = day_number(running.started_at, clock.now(), running.times.waited)
        if running.warned_at is not None or number < settings().warning_day or clock.now() > ticket.due_at:
            return False
        running.warned_at = clock.now()
        record(ticket, EventKind.WARNED, None)
        mails.day_eight(ticket)
        return True

    soon = clock.now() + timedelta(days=8)
    return _each(sa.and_(_at_work(), Ticket.due_at <= soon, _clock_without(ResponseClock.warned_at)), act)


def tell_target_passed() -> int:
    """Tell the asker, the day the target passes, that the answer takes longer, with a new indicative date."""
    days = settings().late_target_days

    def act(ticket: Ticket) -> bool:
        running = ticket.clock
        if running.passed_at is not None or clock.now() <= ticket.due_at:
            return False
        running.passed_at = clock.now()
        record(ticket, EventKind.TARGET_PASSED, None)
        mails.target_passed(ticket, date_due(clock.now(), target_days=days, unit=running.target_unit))
        return True

    return _each(sa.and_(_at_work(), Ticket.due_at < clock.now(), _clock_without(ResponseClock.passed_at)), act)


def remind_unread() -> int:
    """Remind the asker of an answer unread for a week, once."""
    since = clock.now() - timedelta(days=settings().unread_reminder_days)
    condition = sa.and_(
        Ticket.status == Status.ANSWERED,
        Ticket.answer_read_at.is_(None),
        Ticket.status_at <= since,
        Ticket.status_at > since - timedelta(days=14),
    )
    return _each(condition, mails.unread_answer)


def remind_written_confirmations() -> int:
    """Remind the holder of an answer given by phone that its written form is due today, once."""
    condition = sa.and_(Ticket.status.in_(OPEN_STATUSES), Ticket.written_due_on <= clock.today())
    return _each(condition, mails.written_confirmation_due)


def close_old_answers() -> int:
    """Put away the questions answered more than ``CLOSE_ANSWERED_DAYS`` ago."""
    before = clock.now() - timedelta(days=settings().close_answered_days)

    def act(ticket: Ticket) -> bool:
        close(None, ticket)
        return True

    return _each(sa.and_(Ticket.status == Status.ANSWERED, Ticket.status_at < before), act)


def purge() -> int:
    """Forget the keys of forms a month old, and the drafts that nobody has touched for six months."""
    now = clock.now()
    with transaction():
        keys = sa.delete(Submission).where(Submission.created_at < now - timedelta(days=30))
        drafts = sa.delete(Draft).where(Draft.updated_at < now - timedelta(days=183))
        gone = [
            *db.session.scalars(keys.returning(Submission.id)),
            *db.session.scalars(drafts.returning(Draft.id)),
        ]
    return len(gone)


def _at_work() -> sa.ColumnElement[bool]:
    return sa.and_(Ticket.status.in_(OPEN_STATUSES), Ticket.status != Status.WAITING)


def _clock_without(mark: sa.orm.InstrumentedAttribute[datetime | None]) -> sa.ColumnElement[bool]:
    """The present round has not been told of yet: those told would fill the batch and hold up the others."""
    present = sa.and_(ResponseClock.ticket_id == Ticket.id, ResponseClock.round == Ticket.round)
    return sa.exists().where(present, mark.is_(None))


def _each(condition: sa.ColumnElement[bool], act: Callable[[Ticket], bool]) -> int:
    """Apply *act* to the questions under *condition*, each in a transaction of its own, until a whole batch is done.

    What was refused, or is not due yet, stays under the condition: it must not stand before the others for ever.
    """
    done = last_id = 0
    while done < BATCH:
        due = sa.select(Ticket.id).where(condition, Ticket.id > last_id).order_by(Ticket.id).limit(BATCH)
        ids = db.session.scalars(due).all()
        db.session.commit()
        if not ids:
            break
        done += sum(_one(ticket_id, condition, act) for ticket_id in ids)
        last_id = ids[-1]
    return done


def _one(ticket_id: int, condition: sa.ColumnElement[bool], act: Callable[[Ticket], bool]) -> bool:
    try:
        with transaction():
            select = sa.select(Ticket).where(Ticket.id == ticket_id, condition).with_for_update()
            ticket = db.session.scalar(select)
            return ticket is not None and act(ticket)
    except HelpdeskError as error:
        # Somebody acted meanwhile: the next round sees the new state.
        log.info("clockwork_skipped", ticket_id=ticket_id, reason=type(error).__name__)
    except Exception:
        log.exception("clockwork_failed", ticket_id=ticket_id)
    return False


def _deadline(ticket: Ticket, working_days: int) -> datetime:
    """So many working days after the question came to its desk, by the clock and holidays of the structure."""
    place = _place(ticket)
    return working_deadline(ticket.status_at, working_days, place.holiday_zone, place.tz)


def _place(ticket: Ticket) -> Departement:
    return get_reference().departements[ticket.organisation.departement]
