"""A call outside the sessions, the same day, for any structure whose question is urgent."""

from datetime import datetime, timedelta

from helpdesk import clock
from helpdesk.accounts.models import Person
from helpdesk.db import db, transaction
from helpdesk.errors import BadInput
from helpdesk.juri_ptce import mails, perms
from helpdesk.juri_ptce.deadlines import is_today
from helpdesk.juri_ptce.enums import AppointmentStatus, Medium
from helpdesk.juri_ptce.models import Appointment, Slot
from helpdesk.juri_ptce.operations import places
from helpdesk.juri_ptce.queries import appointments as queries
from helpdesk.tickets import perms as ticket_perms
from helpdesk.tickets.enums import ActorRole, EventKind
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.operations.history import require

MINUTES = range(10, 121)
LATE_START = timedelta(minutes=5)
"""How long ago the hour chosen may be: the form was open meanwhile."""
NOT_TODAY = "Choisissez une heure d’aujourd’hui, à venir."
WRONG_LENGTH = "Choisissez une durée de 10 à 120 minutes."
HAS_ONE = "Cette question a déjà un rendez-vous. Annulez-le d’abord, puis ouvrez l’échange d’urgence."
IS_TAKEN = "Un autre échange occupe déjà cette heure. Choisissez une autre heure ou une autre personne."


def open_emergency(
    actor: Person,
    ticket: Ticket,
    *,
    starts_at: datetime,
    minutes: int,
    medium: Medium,
    phone: str = "",
    jurist: Person | None = None,
) -> Appointment:
    """Open a call for today (Europe/Paris), confirmed at once. Without *jurist*: the jurist who acts, else the one who
    studies the question where free, else nobody yet, and the lead is told.

    :raises NotAllowed: see :func:`perms.can_open_emergency`.
    :raises BadInput: for another day or a past hour (field « starts_at »), a length outside :data:`MINUTES`
        (« minutes »), a jurist who is taken or may not see the question (« jurist »), no number (« phone »), a
        question that has a call to come already.
    """
    with transaction():
        places.lock_ticket(ticket)
        require(perms.can_open_emergency(actor, ticket))
        _check_time(starts_at, minutes)
        if queries.to_come_of(ticket) is not None:
            raise BadInput(HAS_ONE, field="starts_at")
        if jurist is not None and not places.may_hold(jurist, ticket):
            raise BadInput(IS_TAKEN, field="jurist")
        phone = places.phone_for(ticket, phone, medium)
        slot = Slot(starts_at=starts_at, ends_at=starts_at + timedelta(minutes=minutes), seats=1)
        db.session.add(slot)
        db.session.flush()
        call = places.Call(ticket, medium, phone, places.guest(actor, ticket), places.new_uid())
        appointment = _take(slot, call, actor, jurist)
        places.note(appointment, EventKind.CALL_BOOKED, actor)
        mails.booked(appointment)
        if not appointment.attendances:
            mails.unhosted(appointment)
        return appointment


def _check_time(starts_at: datetime, minutes: int) -> None:
    now = clock.now()
    if not is_today(starts_at, now) or starts_at < now - LATE_START:
        raise BadInput(NOT_TODAY, field="starts_at")
    if minutes not in MINUTES:
        raise BadInput(WRONG_LENGTH, field="minutes")


def _take(slot: Slot, call: places.Call, actor: Person, jurist: Person | None) -> Appointment:
    """The jurist asked for or none but them; the one who studies the question only where free."""
    chosen = jurist or (actor if ticket_perms.role_on(actor, call.ticket) is ActorRole.JURIST else None)
    studying = call.ticket.jurist
    hosts = [chosen] if chosen else [studying] if studying and places.may_hold(studying, call.ticket) else []
    taken = places.take(slot, call, AppointmentStatus.CONFIRMED, hosts=hosts)
    if taken is None and chosen is None:
        taken = places.take(slot, call, AppointmentStatus.CONFIRMED, hosts=())
    if taken is None:
        raise BadInput(IS_TAKEN, field="jurist" if jurist else "starts_at")
    return taken
