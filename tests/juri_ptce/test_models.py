"""What the database keeps by itself, on both databases."""

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from helpdesk.accounts.models import Person
from helpdesk.db import db
from helpdesk.juri_ptce.ddl import NAME
from helpdesk.juri_ptce.enums import OCCUPYING, AppointmentStatus, Medium
from helpdesk.juri_ptce.models import Appointment, Attendance, Slot
from tests.factories.accounts import PersonFactory
from tests.factories.juri_ptce import at, make_ptce_question, make_session

pytestmark = pytest.mark.usefixtures("app")

START = at("2027-03-02 14:00")
HOUR = timedelta(hours=1)


def appointment(slot: Slot, status: AppointmentStatus = AppointmentStatus.CONFIRMED, seat: int = 1) -> Appointment:
    ticket = make_ptce_question()
    one = Appointment(
        ticket_id=ticket.id,
        organisation_id=ticket.organisation_id,
        slot=slot,
        seat=seat,
        status=status,
        medium=Medium.PHONE,
        uid=f"{ticket.reference}@essai",
        created_at=START,
        expires_at=START,
    )
    db.session.add(one)
    db.session.commit()
    return one


def emergency(starts_at: datetime) -> Slot:
    slot = Slot(starts_at=starts_at, ends_at=starts_at + HOUR)
    db.session.add(slot)
    db.session.commit()
    return slot


def attend(one: Appointment, person: Person, *, is_occupying: bool = True) -> Attendance:
    row = Attendance(
        appointment_id=one.id,
        person_id=person.id,
        starts_at=one.slot.starts_at,
        ends_at=one.slot.ends_at,
        is_occupying=is_occupying,
    )
    db.session.add(row)
    db.session.commit()
    return row


@pytest.mark.parametrize("status", OCCUPYING)
def test_a_place_is_occupied_once_in_every_status_that_holds_it(status: AppointmentStatus) -> None:
    slot = make_session().slots[0]
    appointment(slot, status)
    with pytest.raises(sa.exc.IntegrityError):
        appointment(slot)


@pytest.mark.parametrize("status", sorted(set(AppointmentStatus) - set(OCCUPYING)))
def test_a_place_that_nobody_holds_any_more_is_free(status: AppointmentStatus) -> None:
    slot = make_session().slots[0]
    appointment(slot, status)
    assert appointment(slot).seat == 1


def test_a_jurist_is_not_in_two_calls_at_once() -> None:
    jurist, first = PersonFactory(jurist=True), emergency(START)
    attend(appointment(first), jurist)
    with pytest.raises(sa.exc.IntegrityError, match=NAME):
        attend(appointment(emergency(START + HOUR / 2)), jurist)
    db.session.rollback()
    attend(appointment(emergency(START + HOUR)), jurist)
    attend(appointment(emergency(START + HOUR / 2)), PersonFactory(jurist=True))


def test_a_time_given_back_is_free_and_cannot_be_taken_back_over_another_call() -> None:
    jurist = PersonFactory(jurist=True)
    left = attend(appointment(emergency(START)), jurist, is_occupying=False)
    attend(appointment(emergency(START)), jurist)
    left.is_occupying = True
    with pytest.raises(sa.exc.IntegrityError, match=NAME):
        db.session.commit()
