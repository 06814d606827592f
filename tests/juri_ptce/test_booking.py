"""Booking, moving, cancelling a call: who gets the place, and what everybody else is told."""

from collections.abc import Iterator

import pytest
import time_machine

from helpdesk.db import db
from helpdesk.juri_ptce.enums import AppointmentStatus, Medium
from helpdesk.juri_ptce.operations import booking
from helpdesk.juri_ptce.operations.booking import Outcome
from tests.factories.accounts import PersonFactory
from tests.factories.juri_ptce import at, make_ptce_question, make_session

pytestmark = pytest.mark.usefixtures("app", "in_february")
NUMBER = "06 00 00 00 00"


@pytest.fixture
def in_february() -> Iterator[None]:
    with time_machine.travel(at("2027-02-15 09:00"), tick=False):
        yield


def test_a_ptce_that_asks_for_a_slot_holds_it_until_a_jurist_confirms() -> None:
    jurist = PersonFactory(jurist=True)
    session, ticket = make_session(hosts=(jurist,)), make_ptce_question()
    booked = booking.book(ticket.asker, ticket, session.slots[1].id, medium=Medium.PHONE, phone=NUMBER)
    assert booked.outcome is Outcome.BOOKED
    appointment = booked.appointment
    assert appointment is not None
    assert appointment.status is AppointmentStatus.REQUESTED
    assert [one.person_id for one in appointment.attendances] == [jurist.id]
    booking.confirm(jurist, appointment)
    assert appointment.status is AppointmentStatus.CONFIRMED


def test_the_second_on_a_slot_is_told_that_it_is_full() -> None:
    jurist = PersonFactory(jurist=True)
    session, first, second = make_session(hosts=(jurist,)), make_ptce_question(), make_ptce_question()
    slot = session.slots[1]
    assert booking.book(first.asker, first, slot.id, medium=Medium.VIDEO).outcome is Outcome.BOOKED
    full = booking.book(second.asker, second, slot.id, medium=Medium.VIDEO)
    assert (full.outcome, full.appointment) == (Outcome.FULL, None)
    db.session.commit()
