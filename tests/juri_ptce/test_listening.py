"""What becomes of the calls of a question that ends or changes hands."""

import pytest
import sqlalchemy as sa

from helpdesk.accounts.models import Person
from helpdesk.db import db
from helpdesk.juri_ptce.enums import AppointmentStatus, Medium, WaitingStatus
from helpdesk.juri_ptce.models import CallOffer, JuriSession
from helpdesk.juri_ptce.operations import booking, calls, waiting
from helpdesk.mail.enums import Notice
from helpdesk.mail.models import Mail
from helpdesk.tickets import operations
from helpdesk.tickets.models import Ticket
from tests.factories.juri_ptce import make_ptce, make_ptce_question, make_session
from tests.factories.tickets import make_asker
from tests.juri_ptce.support import PHONE, book, kinds

pytestmark = pytest.mark.usefixtures("app", "in_february")


@pytest.fixture
def ticket(session: JuriSession, jurist: Person) -> Ticket:
    """A question with a call offered and booked, that also waits for a sooner place."""
    ticket = make_ptce_question()
    for slot in session.slots:
        book(slot, None, jurist)
    waiting.join(ticket.asker, ticket, session.id, **PHONE)
    calls.offer_call(jurist, ticket, medium=Medium.PHONE)
    book(make_session("2027-04-06", hosts=(jurist,)).slots[1], ticket)
    return ticket


def test_a_question_that_ends_takes_its_calls_along_and_the_place_goes_to_the_next(
    session: JuriSession, ticket: Ticket, jurist: Person
) -> None:
    entry, next_one = waiting.queries.queued_of(ticket)[0], make_ptce_question()
    after = waiting.join(next_one.asker, next_one, session.id, **PHONE)
    offered = waiting.queries.of_session(session.id)[1]
    booking.cancel(jurist, offered)
    assert entry.status is WaitingStatus.OFFERED
    appointment = waiting.queries.to_come_of(ticket)
    operations.withdraw(ticket.asker, ticket)
    assert appointment is not None
    assert appointment.status is AppointmentStatus.CANCELLED_BY_SERVICE
    assert (entry.status, after.status) == (WaitingStatus.LEFT, WaitingStatus.OFFERED)
    assert db.session.get(CallOffer, ticket.id) is None
    assert kinds(ticket)[-1] == "call_cancelled"
    assert waiting.queries.active_of(ticket) == []


def test_a_question_moved_to_another_structure_leaves_the_place_that_was_the_formers(
    ticket: Ticket, jurist: Person
) -> None:
    appointment = waiting.queries.to_come_of(ticket)
    operations.move_to_structure(jurist, ticket, make_ptce())
    assert appointment is not None
    assert appointment.status is AppointmentStatus.CANCELLED_BY_SERVICE
    assert list(waiting.queries.queued_of(ticket)) == []


def test_what_was_held_is_not_undone(jurist: Person) -> None:
    ticket = make_ptce_question()
    appointment = book(make_session(hosts=(jurist,)).slots[1], ticket, jurist)
    appointment.status = AppointmentStatus.HELD
    db.session.commit()
    operations.withdraw(ticket.asker, ticket)
    assert appointment.status is AppointmentStatus.HELD


def test_a_question_without_a_call_ends_as_ever() -> None:
    ticket = make_ptce_question()
    operations.withdraw(ticket.asker, ticket)
    assert kinds(ticket) == []


@pytest.mark.parametrize("is_confirmed", [True, False])
def test_the_former_structure_alone_is_told_that_its_call_ends_with_the_question(
    session: JuriSession, jurist: Person, *, is_confirmed: bool
) -> None:
    former, new = make_ptce_question(), make_asker(make_ptce())
    asker = former.asker
    call = book(session.slots[1], former)
    if is_confirmed:
        booking.confirm(jurist, call)
    operations.move_to_structure(jurist, former, new.mandates[0].organisation)
    told = sa.select(Mail).where(Mail.notice == Notice.JURI_CANCELLED, Mail.recipient_person_id != jurist.id)
    mail = db.session.scalars(told).one()
    assert mail.recipient == asker
    assert "rattachée à une autre structure" in mail.text
    assert "suit son cours" not in mail.text
