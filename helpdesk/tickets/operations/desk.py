"""A question moves between desks: the delegation's, the pole's, a colleague's."""

from helpdesk.accounts.models import Person
from helpdesk.db import transaction
from helpdesk.errors import BadInput
from helpdesk.tickets import mails, perms, queries, texts
from helpdesk.tickets.enums import Action, ActorRole, Audience, MessageKind, Status
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.operations.history import check_version, move, record, require, say, settings


def take_regional(actor: Person, ticket: Ticket, *, seen_version: int | None = None) -> None:
    """Take charge of a question of one's delegation.

    :raises NotAllowed: for anybody but a delegate of the delegation in charge.
    :raises Conflict: if the question has changed since *seen_version*.
    """
    with transaction():
        check_version(ticket, seen_version)
        require(perms.can_take_regional(actor, ticket))
        ticket.delegate = actor
        move(ticket, Action.TAKE_REGIONAL, actor)


def transmit(actor: Person, ticket: Ticket, *, note: str = "", seen_version: int | None = None) -> None:
    """Pass a question from the delegation on to the legal pole, with a note for the jurist.

    :raises NotAllowed: if *actor* is no delegate of the delegation in charge.
    :raises Conflict: if the question has changed since *seen_version*.
    """
    with transaction():
        check_version(ticket, seen_version)
        require(perms.can_transmit(actor, ticket))
        if ticket.delegation in actor.delegations:
            ticket.delegate = actor
        _leave_note(actor, ticket, note)
        move(ticket, Action.TRANSMIT, actor)
        mails.transmitted(ticket)


def take(actor: Person, ticket: Ticket, *, seen_version: int | None = None) -> None:
    """Take a question to study it.

    :raises NotAllowed: for anybody but a jurist who may take it (:func:`perms.can_take`).
    """
    with transaction():
        check_version(ticket, seen_version)
        require(perms.can_take(actor, ticket))
        ticket.jurist = actor
        move(ticket, Action.TAKE, actor)


def hand_over(actor: Person, ticket: Ticket, to: Person, *, note: str = "", seen_version: int | None = None) -> None:
    """Entrust a question to a colleague of the same desk.

    :raises NotAllowed: see :func:`perms.can_hand_over`.
    :raises BadInput: when the colleague may not hold it (another team, a conflict of interest).
    """
    with transaction():
        check_version(ticket, seen_version)
        require(perms.can_hand_over(actor, ticket))
        role = perms.role_on(to, ticket)
        if ticket.status is Status.REGIONAL:
            if role is not ActorRole.DELEGATE or ticket.delegation not in to.delegations:
                raise BadInput("Choisissez une personne de la même délégation.", field="to")
            ticket.delegate = to
        else:
            if role is not ActorRole.JURIST:
                raise BadInput("Cette personne ne peut pas étudier cette question.", field="to")
            ticket.jurist = to
        _leave_note(actor, ticket, note)
        move(ticket, Action.HAND_OVER, actor, to_id=to.id)
        if to.id != actor.id:
            mails.assigned(ticket, to)


def hand_over_all(actor: Person, source: Person, to: Person) -> int:
    """Entrust every question that *source* studies to *to*: a leave, a departure. Signed answers keep their author.

    *to* is told once, in one mail for them all.

    :returns: how many questions moved; those *to* may not see stay, and show in the team's page.
    :raises NotAllowed: for anybody but the lead.
    """
    with transaction():
        require(actor.is_lead)
        moved = []
        for ticket in queries.studied_by(actor, source):
            if perms.role_on(to, ticket) is ActorRole.JURIST:
                ticket.jurist = to
                if ticket.status is Status.STUDY:
                    move(ticket, Action.HAND_OVER, actor, to_id=to.id)
                else:  # waiting or at the relay: it changes hands, not its state
                    record(ticket, Action.HAND_OVER, actor, to_id=to.id)
                moved.append(ticket)
        if moved and to.id != actor.id:
            mails.handed_over(moved, to)
    return len(moved)


def release(actor: Person, ticket: Ticket, *, seen_version: int | None = None) -> None:
    """Put a question back into the pole's queue.

    :raises NotAllowed: for anybody but its jurist or the lead.
    """
    with transaction():
        check_version(ticket, seen_version)
        require(perms.can_release(actor, ticket))
        move(ticket, Action.RELEASE, actor)
        ticket.jurist = None


def send_back(actor: Person, ticket: Ticket, *, note: str, seen_version: int | None = None) -> None:
    """Give a question back to its delegation, with the reason.

    :raises NotAllowed: for anybody but a jurist.
    """
    with transaction():
        check_version(ticket, seen_version)
        require(perms.can_send_back(actor, ticket))
        if not note.strip():
            raise BadInput("Dites à la délégation pourquoi la question lui revient.", field="note")
        _leave_note(actor, ticket, note)
        move(ticket, Action.SEND_BACK, actor)
        ticket.jurist = None
        mails.new_in_delegation(ticket)


def _leave_note(actor: Person, ticket: Ticket, note: str) -> None:
    body = texts.clean(note, field="note", max_chars=settings().text_max_chars)
    if body:
        say(ticket, MessageKind.NOTE, actor, audience=Audience.STAFF, body=body)
