"""What becomes of the calls of a question that ends or changes hands."""

from helpdesk.db import db
from helpdesk.juri_ptce import perms
from helpdesk.juri_ptce.models import CallOffer
from helpdesk.juri_ptce.operations import booking, hosts, places, waiting
from helpdesk.juri_ptce.queries import appointments as queries
from helpdesk.tickets.happenings import ENDED, EXCLUDED, MOVED, Facts, when
from helpdesk.tickets.models import Ticket

CLOSED = "La question est close."
GIVEN_TO_ANOTHER = "La question a été rattachée à une autre structure."


@when(ENDED)
def end_calls(ticket: Ticket, facts: Facts) -> None:
    """Cancel the call to come, and wait for no other."""
    _end(ticket, facts, CLOSED)


@when(MOVED)
def end_calls_of_former_structure(ticket: Ticket, facts: Facts) -> None:
    """The place was the former structure's; the new one, if it is a PTCE, asks for its own."""
    _end(ticket, facts, GIVEN_TO_ANOTHER)


@when(EXCLUDED)
def give_calls_to_others(ticket: Ticket, facts: Facts) -> None:
    """Whoever has a conflict of interest holds no call about the question: another host does, or the lead is told."""
    person = facts.person
    calls = [one for one in queries.active_of(ticket) if person is not None and perms.attends(person, one)]
    places.lock_appointments(calls)
    for appointment in calls:
        if person is not None and appointment.status in queries.ACTIVE:
            hosts.settle_call(appointment, {person.id})


def _end(ticket: Ticket, facts: Facts, reason: str) -> None:
    offer = db.session.get(CallOffer, ticket.id)
    if offer is not None:
        db.session.delete(offer)
    active, entries = queries.active_of(ticket), queries.queued_of(ticket)
    if not active and not entries:
        return
    sessions = [entry.session_id for entry in entries]
    places.lock_sessions([*sessions, *(one.slot.session_id for one in active)])
    waiting.leave_from(ticket)
    booking.cancel_by_service(active, reason=reason, actor=facts.actor)
