"""The waiting list of a full session: a freed place is held for the first who can take it, for a while.

An offer is an appointment that holds the place and the jurist's time; it is accepted, declined, or lapses.
"""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
import structlog

from helpdesk import clock
from helpdesk.accounts.models import Person
from helpdesk.db import db, transaction
from helpdesk.errors import BadInput, HelpdeskError, InvalidTransition
from helpdesk.juri_ptce import mails, perms
from helpdesk.juri_ptce.deadlines import offer_ends_at
from helpdesk.juri_ptce.enums import QUEUED, AppointmentAction, AppointmentStatus, Medium, SessionStatus, WaitingStatus
from helpdesk.juri_ptce.models import Appointment, JuriSession, Slot, WaitingEntry
from helpdesk.juri_ptce.operations import places
from helpdesk.juri_ptce.queries import appointments as queries
from helpdesk.juri_ptce.queries import slots as slot_queries
from helpdesk.tickets.enums import OPEN_STATUSES, EventKind
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.operations.history import require, settings

log = structlog.get_logger(__name__)

QUEUE_MAX_COUNT = 200
BATCH = 200
TOO_NEAR = (
    "La séance est trop proche pour qu’une place se libère à temps. Choisissez la séance suivante, "
    "ou poursuivez par écrit."
)
HAS_SOONER = "Cette question a déjà un rendez-vous à cette date ou plus tôt. Déplacez-le s’il ne convient plus."
LAPSED = (
    "Cette proposition n’est plus valable : la place est passée à la personne suivante. "
    "Choisissez un autre créneau, ou poursuivez par écrit."
)


def join(actor: Person, ticket: Ticket, session_id: int, *, medium: Medium, phone: str = "") -> WaitingEntry:
    """Wait for a place in a session; one that is free meanwhile is offered at once. Twice: the same entry.

    :raises NotAllowed: see :func:`perms.can_book`.
    :raises BadInput: for a session that the question cannot reach, that is too near for an offer, or when the
        question has a call at that date or sooner (field « slot »); for a structure that nothing entitles.
    """
    with transaction():
        places.lock_ticket(ticket)
        require(perms.can_book(actor, ticket))
        session = places.check_open(actor, ticket, places.lock_sessions([session_id]).get(session_id))
        places.check_entitled(ticket)
        for entry in queries.queued_of(ticket):
            if entry.session_id == session.id:
                return entry
        _check_worth_waiting(ticket, session)
        entry = WaitingEntry(
            session=session,
            ticket=ticket,
            person=places.guest(actor, ticket) or actor,
            status=WaitingStatus.WAITING,
            medium=medium,
            phone=places.phone_for(ticket, phone, medium),
            created_at=clock.now(),
        )
        db.session.add(entry)
        offer_next(session)
        return entry


def _check_worth_waiting(ticket: Ticket, session: JuriSession) -> None:
    if offer_ends_at(session.starts_at, clock.now(), settings().juri_offer_hours) is None:
        raise BadInput(TOO_NEAR, field="slot")
    standing = queries.to_come_of(ticket)
    if standing is not None and standing.slot.starts_at <= session.ends_at:
        raise BadInput(HAS_SOONER, field="slot")


def leave(actor: Person, entry: WaitingEntry) -> None:
    """Wait no longer; a place held meanwhile goes to the next. Nothing to do when it is over already.

    :raises NotAllowed: see :func:`perms.can_leave_waiting`.
    """
    with transaction():
        require(perms.can_leave_waiting(actor, entry))
        _lock(entry)
        if entry.status in QUEUED:
            _end(entry, WaitingStatus.LEFT)
            offer_next(entry.session)


def accept(actor: Person, entry: WaitingEntry) -> Appointment:
    """Take the place offered: it is confirmed. A later call about the same question is moved to it.

    :raises NotAllowed: see :func:`perms.can_book`.
    :raises InvalidTransition: when the offer has lapsed.
    """
    with transaction():
        places.lock_ticket(entry.ticket)
        require(perms.can_book(actor, entry.ticket))
        standing = queries.to_come_of(entry.ticket)
        awaited = [one.session_id for one in queries.queued_of(entry.ticket)]
        _lock(entry, [standing] if standing else [], awaited)
        appointment = entry.appointment
        if entry.status is WaitingStatus.ACCEPTED and appointment is not None:
            return appointment
        if entry.status is not WaitingStatus.OFFERED or appointment is None or _has_lapsed(appointment):
            raise InvalidTransition(LAPSED)
        if standing is not None:
            _take_over(standing, appointment)
        places.change(appointment, AppointmentAction.ACCEPT)
        appointment.expires_at, entry.status = None, WaitingStatus.ACCEPTED
        db.session.flush()
        leave_from(entry.ticket, entry.session.starts_at)
        _tell_accepted(actor, appointment, standing)
        return appointment


def _take_over(standing: Appointment, appointment: Appointment) -> None:
    """The invitation goes on to the place offered."""
    appointment.uid, appointment.sequence = standing.uid, standing.sequence + 1
    appointment.preparation = standing.preparation
    places.change(standing, AppointmentAction.MOVE)


def _tell_accepted(actor: Person, appointment: Appointment, standing: Appointment | None) -> None:
    places.note(appointment, EventKind.CALL_MOVED if standing else EventKind.CALL_BOOKED, actor)
    if standing is None:
        mails.booked(appointment)
    else:
        mails.changed(appointment)
        offer_next(standing.slot.session)
    if not appointment.attendances:
        mails.unhosted(appointment)


def decline(actor: Person, entry: WaitingEntry) -> None:
    """Let the place offered go to the next one.

    :raises NotAllowed: see :func:`perms.can_leave_waiting`.
    :raises InvalidTransition: when nothing is offered any more.
    """
    with transaction():
        require(perms.can_leave_waiting(actor, entry))
        _lock(entry)
        if entry.status is WaitingStatus.DECLINED:
            return
        if entry.status is not WaitingStatus.OFFERED:
            raise InvalidTransition(LAPSED)
        _end(entry, WaitingStatus.DECLINED)
        offer_next(entry.session)


def offer_next(session: JuriSession | None) -> int:
    """Hold each free place of a session for the first who waits and can take it; returns how many were offered.

    Part of the transaction that freed the place. Never for a session too near: what is free then is chosen freely.
    """
    if session is None:
        return 0
    session = places.lock_sessions([session.id])[session.id]
    ends_at = offer_ends_at(session.starts_at, clock.now(), settings().juri_offer_hours)
    if session.status is not SessionStatus.SCHEDULED or ends_at is None:
        return 0
    free, count = slot_queries.free_slots(session.id), 0
    for entry in _queue(session) if free else ():
        if not _can_be_offered(entry, session):
            continue
        appointment = _offer(entry, session, free, ends_at)
        if appointment is not None:
            count += 1
            free = slot_queries.free_slots(session.id)
        if not free:
            break
    return count


def _queue(session: JuriSession) -> Sequence[WaitingEntry]:
    select = sa.select(WaitingEntry).where(
        WaitingEntry.session_id == session.id, WaitingEntry.status == WaitingStatus.WAITING
    )
    select = select.order_by(WaitingEntry.id).limit(QUEUE_MAX_COUNT).execution_options(populate_existing=True)
    return db.session.scalars(select).all()


def _can_be_offered(entry: WaitingEntry, session: JuriSession) -> bool:
    return entry.ticket.status in OPEN_STATUSES and places.has_room_in(entry.ticket, session)


def _offer(entry: WaitingEntry, session: JuriSession, free: Sequence[Slot], ends_at: datetime) -> Appointment | None:
    call = places.Call(entry.ticket, entry.medium, entry.phone, entry.person, places.new_uid())
    hosts = places.hosts_for(session, entry.ticket)
    for slot in slot_queries.for_asker(entry.ticket, session, free, clock.now()):
        places.lock_slots([slot.id])
        appointment = places.take(slot, call, AppointmentStatus.OFFERED, hosts=hosts, expires_at=ends_at)
        if appointment is not None:
            entry.appointment, entry.status = appointment, WaitingStatus.OFFERED
            db.session.flush()
            mails.place_offered(entry)
            return appointment
    return None


def leave_from(ticket: Ticket, starts_at: datetime | None = None) -> None:
    """Stop waiting for the sessions that start at *starts_at* or later, or for all of them, in the transaction of
    what makes it needless. Their rows are locked by the caller.
    """
    for entry in queries.queued_of(ticket):
        if starts_at is None or entry.session.starts_at >= starts_at:
            _end(entry, WaitingStatus.LEFT)
            offer_next(entry.session)


def forget(offered: Appointment) -> None:
    """Whoever was offered a place that the service takes back no longer waits."""
    entry = db.session.scalar(sa.select(WaitingEntry).where(WaitingEntry.appointment_id == offered.id))
    if entry is not None and entry.status is WaitingStatus.OFFERED:
        entry.status = WaitingStatus.LEFT


def lapse_offers() -> int:
    """Let the offers that nobody took in time go to the next, each by itself; returns how many lapsed.

    A place kept for overseas that the cut-off has opened is offered then, too.
    """
    select = sa.select(WaitingEntry.id).join(Appointment, Appointment.id == WaitingEntry.appointment_id)
    late = (WaitingEntry.status == WaitingStatus.OFFERED, Appointment.expires_at <= clock.now())
    count = sum(_lapse(one) for one in db.session.scalars(select.where(*late).limit(BATCH)).all())
    for session_id in _awaited_sessions():
        with transaction():
            offer_next(db.session.get(JuriSession, session_id))
    return count


def _awaited_sessions() -> Sequence[int]:
    select = sa.select(WaitingEntry.session_id).join(JuriSession).distinct()
    wanted = (WaitingEntry.status == WaitingStatus.WAITING, JuriSession.starts_at > clock.now())
    return db.session.scalars(select.where(*wanted).limit(BATCH)).all()


def _lapse(entry_id: int) -> bool:
    try:
        with transaction():
            entry = db.session.get_one(WaitingEntry, entry_id)
            _lock(entry)
            if entry.status is not WaitingStatus.OFFERED or not _has_lapsed(entry.appointment):
                return False
            _end(entry, WaitingStatus.EXPIRED)
            offer_next(entry.session)
    except HelpdeskError as error:
        log.info("offer_kept", entry=entry_id, reason=error.message)
        return False
    return True


def _end(entry: WaitingEntry, status: WaitingStatus) -> None:
    offered, entry.status = entry.appointment, status
    if offered is not None and offered.status is AppointmentStatus.OFFERED:
        places.change(offered, AppointmentAction.LAPSE)
    db.session.flush()


def _lock(entry: WaitingEntry, others: Sequence[Appointment] = (), session_ids: Sequence[int] = ()) -> None:
    """Hold the session of an entry, its offer, *others* and more sessions, and read them again."""
    places.lock_sessions([entry.session_id, *session_ids, *(other.slot.session_id for other in others)])
    db.session.refresh(entry)
    offered = [entry.appointment] if entry.appointment is not None else []
    places.lock_appointments([*offered, *others])


def _has_lapsed(appointment: Appointment | None) -> bool:
    return appointment is None or appointment.expires_at is None or appointment.expires_at <= clock.now()
