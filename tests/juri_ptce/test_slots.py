"""The slots that a PTCE may choose, with both times, those that suit it first."""

import pytest

from helpdesk import clock
from helpdesk.accounts.models import Person
from helpdesk.db import db
from helpdesk.errors import NotFound
from helpdesk.juri_ptce.enums import Medium, SessionStatus
from helpdesk.juri_ptce.operations import calls
from helpdesk.juri_ptce.queries import appointments, slots
from helpdesk.juri_ptce.queries.slots import SlotChoice
from helpdesk.tickets.models import Ticket
from tests.factories.accounts import PersonFactory
from tests.factories.juri_ptce import make_partner, make_ptce, make_ptce_question, make_session
from tests.factories.tickets import make_asker
from tests.juri_ptce.support import book, middle, on
from tests.support.queries import count_queries

pytestmark = pytest.mark.usefixtures("app", "in_february")


def choices(ticket: Ticket) -> list[SlotChoice]:
    return slots.open_slots(ticket, clock.now())


def hours(ticket: Ticket) -> list[str]:
    return [f"{one.paris:%H:%M}" for one in choices(ticket)]


def test_a_ptce_of_la_reunion_reads_both_times_on_either_side_of_the_clock_change() -> None:
    make_session("2027-03-02")
    make_session("2027-04-06")
    found = choices(make_ptce_question(make_ptce(departement="974", delegation=None)))
    firsts = [one for one in found if one.is_recommended]
    assert [f"{one.paris:%d/%m %H:%M}" for one in firsts] == ["02/03 14:00", "06/04 14:00"]
    assert [f"{one.local:%H:%M}" for one in firsts if one.local] == ["17:00", "16:00"]


def test_where_the_clocks_agree_there_is_one_time_and_the_middle_of_the_afternoon() -> None:
    make_session()
    ticket = make_ptce_question()
    assert hours(ticket) == ["14:55", "15:50"]
    assert {one.local for one in choices(ticket)} == {None}


def test_the_antilles_get_the_last_slots() -> None:
    make_session()
    assert hours(make_ptce_question(make_ptce(departement="971", delegation=None))) == ["16:45", "15:50", "14:55"]


def test_what_is_taken_or_has_no_free_jurist_is_not_shown(jurist: Person) -> None:
    first, second = make_session(hosts=(jurist,), seats=2), make_session("2027-04-06", seats=2)
    for session in (first, second):
        book(middle(session))
    assert [one.session.id for one in choices(make_ptce_question())] == [first.id, second.id, second.id]


def test_sessions_that_cannot_be_reached_are_not_shown(jurist: Person) -> None:
    march = make_session("2027-03-02")
    make_session("2027-04-06", status=SessionStatus.PROPOSED)
    may = make_session("2027-05-04")
    ticket, let_in = make_ptce_question(), make_ptce_question()
    with on("2027-02-26 09:00"):
        calls.offer_call(jurist, let_in, medium=Medium.PHONE, session_id=march.id)
        assert {one.session.id for one in choices(ticket)} == {may.id}
        assert {one.session.id for one in choices(let_in)} == {march.id, may.id}
        assert len([one for one in choices(let_in) if one.session.id == march.id]) == 4


def test_an_offer_for_a_far_session_shows_it_too(jurist: Person) -> None:
    sessions = [make_session(f"2027-{month}") for month in ("03-02", "04-06", "05-04", "06-01")]
    ticket = make_ptce_question()
    assert {one.session.id for one in choices(ticket)} == {one.id for one in sessions[:3]}
    calls.offer_call(jurist, ticket, medium=Medium.PHONE, session_id=sessions[3].id)
    assert {one.session.id for one in choices(ticket)} == {one.id for one in sessions}


def test_the_questions_asked_of_the_database_do_not_grow_with_the_sessions(jurist: Person) -> None:
    ticket = make_ptce_question()
    counts = []
    for month in ("03-02", "04-06", "05-04"):
        book(middle(make_session(f"2027-{month}", hosts=(jurist,))))
        db.session.expire_all()
        ticket.organisation.departement  # noqa: B018 (what the page has loaded)
        with count_queries() as counted:
            choices(ticket)
        counts.append(len(counted))
    assert max(counts) == min(counts)


# --- one appointment


def test_an_appointment_is_found_by_whoever_sees_the_question_and_nobody_else(jurist: Person) -> None:
    partner = make_partner()
    appointment = book(middle(make_session(hosts=(jurist,))))
    for person in (jurist, appointment.booked_by, PersonFactory(delegate=True)):
        assert appointments.get_visible_appointment(person, appointment.id) is appointment
    for person in (make_asker(), partner, PersonFactory(delegate=True, delegation="normandie"), PersonFactory()):
        with pytest.raises(NotFound):
            appointments.get_visible_appointment(person, appointment.id)
    with pytest.raises(NotFound):
        appointments.get_visible_appointment(jurist, 999_999)


def test_the_appointments_of_a_session_are_in_the_order_of_the_afternoon(jurist: Person) -> None:
    session = make_session()
    late, early = book(session.slots[2]), book(session.slots[1])
    assert list(appointments.of_session(session.id)) == [early, late]
    assert list(appointments.of_ticket(late.ticket)) == [late]
