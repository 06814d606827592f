"""A call is prepared, begun, held or missed: what the jurists do with it before its written account."""

from datetime import date, datetime, timedelta
from enum import StrEnum

from helpdesk import clock
from helpdesk.accounts.models import Person
from helpdesk.db import transaction
from helpdesk.errors import BadInput, Conflict
from helpdesk.formats import clock_text
from helpdesk.juri_ptce import perms
from helpdesk.juri_ptce.enums import AppointmentAction, AppointmentStatus, Medium
from helpdesk.juri_ptce.models import Appointment
from helpdesk.juri_ptce.operations import places
from helpdesk.juri_ptce.operations.accounting import account_given_since
from helpdesk.juri_ptce.operations.calls import offer_call, withdraw_offer
from helpdesk.juri_ptce.workflow import next_status
from helpdesk.reference.holidays import add_working_days
from helpdesk.reference.zones import PARIS
from helpdesk.tickets import texts
from helpdesk.tickets.enums import Audience, EventKind, MessageKind
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.operations.history import record, require, say, settings

ABSENT_AFTER = timedelta(minutes=10)
"""How long a PTCE is waited for before it may be called absent."""
CHANGED = "Ce rendez-vous a changé pendant que vous écriviez. Votre texte est gardé."
IN_WRITING = "Le PTCE n’était pas au rendez-vous : la question se poursuit par écrit."


class AfterAbsence(StrEnum):
    """What becomes of the question of a PTCE that did not come; nothing counts against it."""

    WRITTEN = "written"
    ANOTHER_SLOT = "another_slot"

    @property
    def label(self) -> str:
        return _AFTER_LABELS[self]


_AFTER_LABELS = {
    AfterAbsence.WRITTEN: "Convertir en réponse écrite",
    AfterAbsence.ANOTHER_SLOT: "Proposer un autre créneau",
}


def prepare(actor: Person, appointment: Appointment, *, preparation: str, seen_version: int | None) -> None:
    """Keep the notes made before the call.

    :raises NotAllowed: see :func:`perms.can_prepare`.
    :raises Conflict: if the appointment has changed since *seen_version*.
    """
    with transaction():
        _check(actor, appointment, seen_version)
        appointment.preparation = _text(preparation, "preparation")


def take_notes(actor: Person, appointment: Appointment, *, notes: str, seen_version: int | None) -> None:
    """Keep the notes made during the call, which the account starts from.

    :raises NotAllowed, Conflict: see :func:`prepare`.
    """
    with transaction():
        _check(actor, appointment, seen_version)
        appointment.notes = _text(notes, "notes")


def start(actor: Person, appointment: Appointment, *, seen_version: int | None) -> None:
    """The call begins, on its own day in Paris; begun twice, the first time stays.

    :raises BadInput: on an earlier day.
    :raises InvalidTransition: for a call that is not confirmed.
    """
    with transaction():
        _check(actor, appointment, seen_version)
        next_status(appointment.status, AppointmentAction.HOLD)
        if _day(clock.now()) < _day(appointment.slot.starts_at):
            raise BadInput("Ce rendez-vous n’est pas aujourd’hui : il commencera le jour dit.")
        appointment.started_at = appointment.started_at or clock.now()


def hold(actor: Person, appointment: Appointment, *, notes: str | None = None, seen_version: int | None) -> None:
    """The call took place: its account is due after ``JURI_ACCOUNT_WORKING_DAYS``, unless the question was answered
    since it began. A PTCE called absent that came after all is held too.

    :raises BadInput: before it has begun.
    """
    with transaction():
        _check(actor, appointment, seen_version)
        status = next_status(appointment.status, AppointmentAction.HOLD)
        if appointment.started_at is None and clock.now() < appointment.slot.starts_at:
            raise BadInput("Ce rendez-vous n’a pas encore commencé.")
        if notes is not None:
            appointment.notes = _text(notes, "notes")
        appointment.status = status
        appointment.started_at = appointment.started_at or appointment.slot.starts_at
        appointment.ended_at = clock.now()
        appointment.account_due_on = add_working_days(
            clock.today(), settings().juri_account_working_days, closing_days=settings().pole_closing_days
        )
        appointment.account = account_given_since(appointment)
        record(appointment.ticket, EventKind.CALL_HELD, actor, appointment_id=appointment.id)


def mark_absent(actor: Person, appointment: Appointment, *, after: AfterAbsence, seen_version: int | None) -> None:
    """The PTCE did not come: the question goes on in writing, or another slot is proposed. Nothing counts against it.

    :raises BadInput: before ten minutes have passed.
    :raises InvalidTransition: for a call that is not confirmed.
    """
    with transaction():
        places.lock_ticket(appointment.ticket)
        _check(actor, appointment, seen_version)
        status = next_status(appointment.status, AppointmentAction.MARK_ABSENT)
        earliest = absent_from(appointment)
        if clock.now() < earliest:
            raise BadInput(f"Attendez encore un peu : le PTCE peut être dit absent à partir de {clock_text(earliest)}.")
        appointment.status = status
        appointment.ended_at = clock.now()
        record(appointment.ticket, EventKind.CALL_MISSED, actor, appointment_id=appointment.id)
        if not appointment.ticket.status.is_open:
            return
        if after is AfterAbsence.ANOTHER_SLOT:
            offer_call(actor, appointment.ticket, medium=Medium(appointment.medium))
        else:
            withdraw_offer(actor, appointment.ticket)
            _note(actor, appointment.ticket)


def absent_from(appointment: Appointment) -> datetime:
    """From when on the PTCE may be called absent."""
    return appointment.slot.starts_at + ABSENT_AFTER


def is_to_hold(appointment: Appointment) -> bool:
    """Confirmed, and its day has come."""
    is_day = _day(appointment.slot.starts_at) <= clock.today()
    return appointment.status is AppointmentStatus.CONFIRMED and is_day


def _note(actor: Person, ticket: Ticket) -> None:
    say(ticket, MessageKind.NOTE, actor, audience=Audience.STAFF, body=IN_WRITING)
    record(ticket, EventKind.NOTE_ADDED, actor, audience=Audience.STAFF.value)


def _check(actor: Person, appointment: Appointment, seen_version: int | None) -> None:
    require(perms.can_prepare(actor, appointment))
    if seen_version is not None and appointment.version != seen_version:
        raise Conflict(CHANGED)


def _day(moment: datetime) -> date:
    return moment.astimezone(PARIS).date()


def _text(text: str, field: str) -> str:
    return texts.clean(text, field=field, max_chars=settings().text_max_chars)
