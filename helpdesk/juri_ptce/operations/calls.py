"""A jurist's word that a call is worth it: the asker then chooses a slot, which is confirmed at once."""

from helpdesk import clock
from helpdesk.accounts.models import Person
from helpdesk.db import db, transaction
from helpdesk.errors import BadInput
from helpdesk.juri_ptce import mails, perms
from helpdesk.juri_ptce.enums import Medium, SessionStatus
from helpdesk.juri_ptce.models import CallOffer, JuriSession
from helpdesk.juri_ptce.operations import places
from helpdesk.tickets import texts
from helpdesk.tickets.enums import EventKind
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.operations.history import record, require

NOTE_MAX_CHARS = 500
NOT_OPEN = "Choisissez une séance ouverte et à venir."


def offer_call(
    actor: Person, ticket: Ticket, *, medium: Medium, session_id: int | None = None, note: str = ""
) -> CallOffer:
    """Propose a call, in one session (even past its cut-off) or in any that can be reached; it replaces an older word.

    :raises NotAllowed: see :func:`perms.can_offer_call`.
    :raises BadInput: for a session that is over or not open, or a structure that nothing entitles to calls.
    """
    with transaction():
        places.lock_ticket(ticket)
        require(perms.can_offer_call(actor, ticket))
        places.check_entitled(ticket)
        if session_id is not None:
            _check_session(session_id)
        offer = db.session.get(CallOffer, ticket.id) or CallOffer(ticket_id=ticket.id)
        offer.ticket, offer.session_id, offer.medium = ticket, session_id, medium
        offer.note = texts.clean(note, field="note", max_chars=NOTE_MAX_CHARS)
        offer.offered_by, offer.offered_at = actor, clock.now()
        db.session.add(offer)
        db.session.flush()
        record(ticket, EventKind.CALL_OFFERED, actor, session_id=session_id)
        mails.call_offered(offer)
        return offer


def _check_session(session_id: int) -> None:
    session = db.session.get(JuriSession, session_id)
    if session is None or session.status is not SessionStatus.SCHEDULED or session.starts_at <= clock.now():
        raise BadInput(NOT_OPEN, field="session_id")


def withdraw_offer(actor: Person, ticket: Ticket) -> None:
    """Take the word back; an appointment already made stands. Nothing to do when there is none.

    :raises NotAllowed: see :func:`perms.can_offer_call`.
    """
    with transaction():
        require(perms.can_offer_call(actor, ticket))
        offer = db.session.get(CallOffer, ticket.id)
        if offer is not None:
            db.session.delete(offer)
