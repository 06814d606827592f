"""Calls outside the sessions: the same day, for any structure whose question is urgent."""

from typing import Any

import pytest
import sqlalchemy as sa

from helpdesk.accounts.models import Person
from helpdesk.db import db
from helpdesk.errors import BadInput, NotAllowed
from helpdesk.juri_ptce.enums import AppointmentStatus, Medium
from helpdesk.juri_ptce.models import Appointment, Slot
from helpdesk.juri_ptce.operations import booking
from helpdesk.juri_ptce.operations.emergency import open_emergency
from helpdesk.mail.enums import Notice
from helpdesk.mail.models import Mail
from helpdesk.tickets import operations
from helpdesk.tickets.enums import Status
from helpdesk.tickets.models import Ticket
from tests.factories.accounts import PersonFactory
from tests.factories.juri_ptce import at, make_partner, make_session
from tests.factories.tickets import make_ticket
from tests.juri_ptce.support import FEBRUARY, PHONE, kinds

pytestmark = pytest.mark.usefixtures("app", "in_february")


@pytest.fixture
def urgent() -> Ticket:
    return make_ticket(urgency=2)


def opened(actor: Person, ticket: Ticket, **values: Any) -> Appointment:
    return open_emergency(actor, ticket, **{"starts_at": at("2027-02-15 10:00"), "minutes": 30, **PHONE, **values})


def test_a_jurist_opens_a_call_for_any_structure_and_holds_it(jurist: Person, urgent: Ticket) -> None:
    call = opened(jurist, urgent)
    assert (call.status, call.booked_by_id) == (AppointmentStatus.CONFIRMED, urgent.asker_id)
    assert [one.person_id for one in call.attendances] == [jurist.id]
    assert (call.slot.session_id, call.slot.ends_at) == (None, at("2027-02-15 10:30"))
    assert kinds(urgent) == ["call_booked"]


def test_the_delegation_in_charge_opens_one_for_the_jurist_who_studies_the_question(jurist: Person) -> None:
    delegate = PersonFactory(delegate=True)
    studied = make_ticket(urgency=2, status=Status.STUDY, jurist=jurist)
    assert [one.person_id for one in opened(delegate, studied).attendances] == [jurist.id]


def test_without_a_free_jurist_the_call_of_a_delegate_stands_and_somebody_is_to_be_found(
    jurist: Person, urgent: Ticket
) -> None:
    delegate, studied = PersonFactory(delegate=True), make_ticket(urgency=2, status=Status.STUDY, jurist=jurist)
    opened(jurist, urgent)
    for ticket in (studied, make_ticket(urgency=3, callback_phone="07 11 22 33 44")):
        call = opened(delegate, ticket)
        assert (call.status, call.attendances) == (AppointmentStatus.CONFIRMED, [])


def test_a_jurist_is_not_asked_for_two_calls_that_overlap(jurist: Person, urgent: Ticket) -> None:
    opened(jurist, urgent)
    other, later = make_ticket(urgency=2), at("2027-02-15 10:20")
    with pytest.raises(BadInput) as caught:
        opened(PersonFactory(delegate=True), other, starts_at=later, jurist=jurist)
    assert caught.value.field == "jurist"
    with pytest.raises(BadInput) as caught:
        opened(jurist, other, starts_at=later)
    assert caught.value.field == "starts_at"
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Slot)) == 1
    opened(jurist, other, starts_at=at("2027-02-15 10:30"))


@pytest.mark.parametrize("level", [0, 1])
def test_a_question_that_is_not_urgent_waits_for_a_session(jurist: Person, level: int) -> None:
    with pytest.raises(NotAllowed):
        opened(jurist, make_ticket(urgency=level))


def test_only_the_delegation_in_charge_and_the_pole_open_one(urgent: Ticket) -> None:
    people = [urgent.asker, PersonFactory(delegate=True, delegation="normandie"), make_partner()]
    for person in people:
        with pytest.raises(NotAllowed):
            opened(person, urgent)


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("starts_at", {"starts_at": at("2027-02-15 08:50")}),
        ("starts_at", {"starts_at": at("2027-02-16 00:00")}),
        ("minutes", {"minutes": 0}),
        ("minutes", {"minutes": 9}),
        ("minutes", {"minutes": 121}),
        ("phone", {"phone": ""}),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_written(
    jurist: Person, urgent: Ticket, field: str, values: dict[str, Any]
) -> None:
    with pytest.raises(BadInput) as caught:
        opened(jurist, urgent, **values)
    assert caught.value.field == field
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Slot)) == 0


def test_the_hour_shown_while_the_form_was_open_is_taken(jurist: Person, urgent: Ticket) -> None:
    assert opened(jurist, urgent, starts_at=at("2027-02-15 08:56")).slot.starts_at < at(FEBRUARY)


def test_a_jurist_who_may_not_read_the_question_is_not_asked(jurist: Person, urgent: Ticket) -> None:
    other = PersonFactory(jurist=True)
    operations.declare_conflict(jurist, urgent, other, reason="Ancien employeur.")
    for person in (other, make_partner(), PersonFactory(delegate=True)):
        with pytest.raises(BadInput) as caught:
            opened(jurist, urgent, jurist=person)
        assert caught.value.field == "jurist"


def test_a_question_has_one_call_to_come(jurist: Person, urgent: Ticket) -> None:
    call = opened(jurist, urgent)
    with pytest.raises(BadInput) as caught:
        opened(jurist, urgent, starts_at=at("2027-02-15 16:00"))
    assert "Annulez-le d’abord" in caught.value.message
    booking.cancel(jurist, call)
    assert opened(jurist, urgent, medium=Medium.VIDEO, phone="").video_link.startswith("https://")


def test_a_call_of_today_moves_into_no_session_of_a_structure_that_is_no_ptce(jurist: Person, urgent: Ticket) -> None:
    call, session = opened(jurist, urgent), make_session()
    with pytest.raises(BadInput) as caught:
        booking.move(jurist, call, session.slots[1].id)
    assert caught.value.field == "entitlement"


def test_a_structure_that_is_no_ptce_is_sent_back_to_its_question_once_the_call_is_cancelled(
    jurist: Person, urgent: Ticket
) -> None:
    booking.cancel(jurist, opened(jurist, urgent), reason="La juriste est souffrante.")
    told = sa.select(Mail).where(Mail.notice == Notice.JURI_CANCELLED, Mail.recipient_person_id == urgent.asker_id)
    text = db.session.scalars(told).one().text
    assert f"/questions/{urgent.reference}" in text
    assert "créneau" not in text
