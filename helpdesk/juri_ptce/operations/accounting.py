"""The written account of a call that was held: it is the answer to the question, whichever form sends it."""

import sqlalchemy as sa

from helpdesk.accounts.models import Person
from helpdesk.db import db, transaction
from helpdesk.errors import BadInput, InvalidTransition
from helpdesk.formats import long_date_text
from helpdesk.juri_ptce import perms
from helpdesk.juri_ptce.enums import AppointmentStatus
from helpdesk.juri_ptce.models import Appointment
from helpdesk.tickets import operations as tickets
from helpdesk.tickets import perms as ticket_perms
from helpdesk.tickets.enums import MessageKind, Status
from helpdesk.tickets.happenings import ANSWERED, CLOSING, ENDED, Facts, when
from helpdesk.tickets.models import Message, Ticket
from helpdesk.tickets.operations.history import check_version, require

ANSWER_KINDS = (MessageKind.ANSWER, MessageKind.CORRECTION)
NOT_HELD = "Le compte rendu s’écrit une fois le rendez-vous tenu."
WRITTEN = "Le compte rendu de ce rendez-vous est déjà écrit. Pour le changer, rectifiez la réponse."
AT_DELEGATION = (
    "La question est encore à la délégation. Demandez-lui de la transmettre au pôle, puis envoyez le compte rendu."
)
MISSING = "Écrivez d’abord le compte rendu du rendez-vous : la question ne peut pas être close sans lui."


def write_account(
    actor: Person, appointment: Appointment, text: tickets.AnswerText, *, seen_version: int | None
) -> Message:
    """Send the account: the answer of an open question, the correction of one that was answered before the call.

    A question that waits for its asker is taken up again: the call has told what was missing.

    :param seen_version: of the question.
    :raises NotAllowed: see :func:`perms.can_prepare` and :func:`tickets.perms.can_answer`.
    :raises InvalidTransition: for a call that was not held, or that has its account.
    :raises BadInput, Conflict: see :func:`tickets.operations.answer`.
    """
    with transaction():
        ticket = appointment.ticket
        require(perms.can_prepare(actor, appointment))
        if appointment.status is not AppointmentStatus.HELD:
            raise InvalidTransition(NOT_HELD)
        if is_written(appointment):
            raise InvalidTransition(WRITTEN)
        check_version(ticket, seen_version)
        if ticket.status is Status.WAITING and ticket_perms.can_resume(actor, ticket):
            tickets.resume(actor, ticket)
        if ticket.status is Status.ANSWERED:
            appointment.account = tickets.correct(actor, ticket, text, reason=_reason(appointment), seen_version=None)
        else:
            if ticket.status in (Status.TRIAGE, Status.REGIONAL) and not ticket_perms.can_answer(actor, ticket):
                raise BadInput(AT_DELEGATION)
            appointment.account = tickets.answer(actor, ticket, text, seen_version=None)
    return appointment.account


def is_written(appointment: Appointment) -> bool:
    """Whether the account stands: an answer that came back from the relay is a draft again."""
    return appointment.account is not None and appointment.account.kind in ANSWER_KINDS


def account_given_since(appointment: Appointment) -> Message | None:
    """The answer given since the call began, when its jurist wrote it before saying that the call was held."""
    return db.session.scalar(
        sa.select(Message)
        .where(
            Message.ticket_id == appointment.ticket_id,
            Message.kind.in_(ANSWER_KINDS),
            Message.created_at >= (appointment.started_at or appointment.slot.starts_at),
        )
        .order_by(Message.id.desc())
        .limit(1)
    )


@when(ANSWERED)
def keep_as_account(ticket: Ticket, facts: Facts) -> None:
    """Whichever form the answer was written in, it is the account of the calls held so far."""
    for appointment in _without_account(ticket):
        appointment.account = facts.message


@when(CLOSING)
def refuse_without_account(ticket: Ticket, facts: Facts) -> None:  # noqa: ARG001 (the signature of every listener)
    """:raises BadInput: while a call that was held has no account."""
    if _without_account(ticket):
        raise BadInput(MISSING)


@when(ENDED)
def expect_no_more(ticket: Ticket, facts: Facts) -> None:  # noqa: ARG001 (the signature of every listener)
    """A question that ends without its answer, withdrawn after the call, leaves nobody an account to write."""
    for appointment in _without_account(ticket):
        appointment.account_due_on = None


def _without_account(ticket: Ticket) -> list[Appointment]:
    is_account = sa.exists().where(Message.id == Appointment.account_message_id, Message.kind.in_(ANSWER_KINDS))
    select = sa.select(Appointment).where(
        Appointment.ticket_id == ticket.id, Appointment.status == AppointmentStatus.HELD, ~is_account
    )
    return list(db.session.scalars(select))


def _reason(appointment: Appointment) -> str:
    return f"Compte rendu de l’échange du {long_date_text(appointment.slot.starts_at)}."
