"""A question ends otherwise than by its answer, or is put away after it."""

from typing import Any

from helpdesk import clock
from helpdesk.accounts.models import Person
from helpdesk.db import db, transaction
from helpdesk.errors import BadInput
from helpdesk.tickets import mails, perms, texts
from helpdesk.tickets.enums import Action, ActorRole, CloseReason, MessageKind
from helpdesk.tickets.happenings import CLOSING, ENDED, Facts, tell
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.operations.history import check_version, move, require, say, settings


def mark_duplicate(
    actor: Person, ticket: Ticket, original: Ticket, *, text: str, seen_version: int | None = None
) -> None:
    """Close a question that the same structure asked before, with a word to the asker.

    :raises NotAllowed: for anybody without the question on their desk.
    :raises BadInput: when the original is another structure's (neither may learn of the other) or itself.
    """
    with transaction():
        check_version(ticket, seen_version)
        require(perms.can_close_without_answer(actor, ticket))
        if original.id == ticket.id:
            raise BadInput("Une question n’est pas le doublon d’elle-même.", field="original")
        if original.organisation_id != ticket.organisation_id:
            raise BadInput(
                "Cette question vient d’une autre structure. Répondez aux deux : vous pouvez réutiliser le texte.",
                field="original",
            )
        _orient(actor, ticket, text, "Dites à l’adhérent où trouver la réponse.")
        ticket.duplicate_of_id = original.id
        _close(ticket, Action.MARK_DUPLICATE, CloseReason.DUPLICATE, actor, original_id=original.id)
        mails.closed_as_duplicate(ticket)


def mark_out_of_scope(actor: Person, ticket: Ticket, *, text: str, seen_version: int | None = None) -> None:
    """Close a question that is not for this service, with an orientation.

    :raises NotAllowed: for anybody without the question on their desk.
    :raises BadInput: without an orientation: nobody is left at a closed door.
    """
    with transaction():
        check_version(ticket, seen_version)
        require(perms.can_close_without_answer(actor, ticket))
        _orient(actor, ticket, text, "Indiquez vers qui l’adhérent peut se tourner.")
        _close(ticket, Action.MARK_OUT_OF_SCOPE, CloseReason.OUT_OF_SCOPE, actor)
        mails.closed_out_of_scope(ticket)


def close_by_faq(actor: Person, ticket: Ticket, *, text: str = "", seen_version: int | None = None) -> None:
    """Close a question that an entry answers: the asker says so, or the staff sends them the entry's address.

    It is no answer: no response time comes of it. One that was reopened keeps the answer it had.

    :raises NotAllowed: for anybody but the asker and the desk of first level.
    :raises BadInput: when the staff's *text* holds no address of an entry.
    """
    with transaction():
        check_version(ticket, seen_version)
        require(perms.can_close_by_faq(actor, ticket))
        is_asker = perms.role_on(actor, ticket) is ActorRole.MEMBER
        if not is_asker:
            if not texts.entry_path(text):
                raise BadInput("Collez l’adresse de la fiche qui répond.", field="text")
            _orient(actor, ticket, text, "Collez l’adresse de la fiche qui répond.")
        reason = CloseReason.FAQ if ticket.answered_at is None else CloseReason.ANSWERED
        _close(ticket, Action.CLOSE_BY_FAQ, reason, actor)
        if not is_asker:
            mails.closed_by_faq(ticket)


def withdraw(actor: Person, ticket: Ticket, *, seen_version: int | None = None) -> None:
    """Withdraw a question before it is answered; one that was reopened keeps the answer it had.

    :raises NotAllowed: for anybody but the asker or the staff in charge.
    """
    with transaction():
        check_version(ticket, seen_version)
        require(perms.can_withdraw(actor, ticket))
        reason = CloseReason.WITHDRAWN if ticket.answered_at is None else CloseReason.ANSWERED
        _close(ticket, Action.WITHDRAW, reason, actor)


def close(actor: Person | None, ticket: Ticket, *, seen_version: int | None = None) -> None:
    """Put an answered question away; no actor: the clock does.

    :raises NotAllowed: for anybody but the staff of the question.
    """
    with transaction():
        check_version(ticket, seen_version)
        require(actor is None or perms.can_close(actor, ticket))
        tell(CLOSING, ticket, Facts(actor))
        _close(ticket, Action.CLOSE, CloseReason.ANSWERED, actor)


def _close(ticket: Ticket, action: Action, reason: CloseReason, actor: Person | None, **data: Any) -> None:
    with db.session.no_autoflush:
        ticket.close_reason = reason
        ticket.closed_at = clock.now()
        move(ticket, action, actor, **data)
    tell(ENDED, ticket, Facts(actor))


def _orient(actor: Person, ticket: Ticket, text: str, missing: str) -> None:
    body = texts.clean(text, field="text", max_chars=settings().text_max_chars)
    if not body:
        raise BadInput(missing, field="text")
    say(ticket, MessageKind.ORIENTATION, actor, body=body)
