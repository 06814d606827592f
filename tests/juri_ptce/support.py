"""What the tests of calls share: a moment of February, a first slot that everyone may have, a call booked."""

from typing import Any

import sqlalchemy as sa
import time_machine

from helpdesk.accounts.models import Person
from helpdesk.db import db
from helpdesk.juri_ptce.enums import Medium
from helpdesk.juri_ptce.models import Appointment, JuriSession, Slot
from helpdesk.juri_ptce.operations import booking
from helpdesk.mail.enums import Notice
from helpdesk.mail.models import Mail
from helpdesk.tickets.models import Ticket, TicketEvent
from tests.factories.juri_ptce import at, make_ptce_question

NUMBER = "06 00 00 00 00"
PHONE = {"medium": Medium.PHONE, "phone": NUMBER}
FEBRUARY = "2027-02-15 09:00"
"""Before the cut-off of the session of 2 March 2027."""


def on(moment: str) -> Any:
    """Stop the clock at a moment of Paris."""
    return time_machine.travel(at(moment), tick=False)


def middle(session: JuriSession) -> Slot:
    """A slot that is kept for nobody."""
    return session.slots[1]


def book(slot: Slot, ticket: Ticket | None = None, actor: Person | None = None) -> Appointment:
    """A call booked by phone; by a jurist it is confirmed."""
    ticket = ticket or make_ptce_question()
    assert ticket.asker is not None
    appointment = booking.book(actor or ticket.asker, ticket, slot.id, **PHONE).appointment
    assert appointment is not None
    return appointment


def kinds(ticket: Ticket) -> list[str]:
    """What the history tells of calls, in order."""
    told = sa.select(TicketEvent.kind).where(TicketEvent.ticket_id == ticket.id, TicketEvent.kind.like("call_%"))
    return list(db.session.scalars(told.order_by(TicketEvent.id)))


def notices(ticket: Ticket, notice: Notice) -> int:
    """How many mails of a kind a question has caused."""
    told = sa.select(sa.func.count()).where(Mail.ticket_id == ticket.id, Mail.notice == notice)
    return db.session.scalars(told).one()
