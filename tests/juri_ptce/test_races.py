"""PTCE, jurists and the clock at the same instant, on both databases: no place is held twice, nobody is lost."""

from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from helpdesk import clock
from helpdesk.accounts.models import Person
from helpdesk.db import db
from helpdesk.errors import BadInput
from helpdesk.juri_ptce.enums import OCCUPYING, TO_COME, Medium
from helpdesk.juri_ptce.models import Appointment, Attendance
from helpdesk.juri_ptce.operations import booking, waiting
from helpdesk.juri_ptce.operations.emergency import open_emergency
from helpdesk.tickets import operations
from helpdesk.tickets.models import Ticket
from tests.factories.accounts import PersonFactory
from tests.factories.juri_ptce import make_ptce, make_ptce_question, make_session
from tests.factories.tickets import make_ticket
from tests.juri_ptce.rush import rush
from tests.juri_ptce.support import PHONE, book
from tests.support.crowds import CROWD, at_once
from tests.support.processes import Processes


def next_month() -> str:
    return (clock.now() + timedelta(days=30)).date().isoformat()


def choose(ticket_id: int, slot_id: int) -> str:
    ticket = db.session.get_one(Ticket, ticket_id)
    assert ticket.asker is not None
    return booking.book(ticket.asker, ticket, slot_id, **PHONE).outcome.value


def test_a_rush_from_several_processes_leaves_one_occupant_to_each_place_and_loses_nobody(
    app: Flask, processes: Processes, tmp_path: Path
) -> None:
    outcome = rush(app, processes, tmp_path, attempts=24, process_count=4, rounds=4, seed=20270302)
    assert outcome.is_whole, outcome
    assert outcome.attempts == 24
    assert outcome.standing + outcome.queued > 0


def test_two_ptce_on_the_last_place_one_has_it_and_the_other_is_told(app: Flask) -> None:
    slot_id = make_session(next_month()).slots[1].id
    tickets = [make_ptce_question().id for _ in range(CROWD)]
    results = Counter(at_once(app, lambda number: choose(tickets[number], slot_id)))
    assert results == {"booked": 1, "full": CROWD - 1}
    held = sa.select(sa.func.count()).where(Appointment.status.in_(OCCUPYING))
    assert db.session.scalar(held) == 1


def test_colleagues_who_book_for_the_same_question_at_once_make_one_call(app: Flask) -> None:
    slots = [slot.id for slot in make_session(next_month(), seats=CROWD).slots[1:3]]
    ticket_id = make_ptce_question().id
    results = Counter(at_once(app, lambda number: choose(ticket_id, slots[number % 2])))
    assert results == {"booked": CROWD // 2, "BadInput": CROWD // 2}
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Appointment)) == 1


def test_a_ptce_with_many_questions_has_one_call_in_the_session(app: Flask) -> None:
    slot_id, ptce = make_session(next_month(), seats=CROWD).slots[1].id, make_ptce()
    tickets = [make_ptce_question(ptce).id for _ in range(CROWD)]
    results = Counter(at_once(app, lambda number: choose(tickets[number], slot_id)))
    assert results == {"booked": 1, "BadInput": CROWD - 1}


def test_the_same_jurist_is_never_given_two_calls_that_overlap(app: Flask) -> None:
    jurist_id, now = PersonFactory(jurist=True).id, clock.now()
    tickets = [make_ticket(urgency=2).id for _ in range(CROWD)]

    def open_one(number: int) -> str:
        jurist, ticket = db.session.get_one(Person, jurist_id), db.session.get_one(Ticket, tickets[number])
        open_emergency(jurist, ticket, starts_at=now, minutes=20 + number, **PHONE)
        return "opened"

    assert Counter(at_once(app, open_one)) == {"opened": 1, "BadInput": CROWD - 1}
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Attendance)) == 1


def test_a_call_cancelled_by_several_people_at_once_frees_its_place_once(app: Flask) -> None:
    jurist = PersonFactory(jurist=True)
    session = make_session(next_month(), hosts=(jurist,))
    appointments = [book(slot, None, jurist) for slot in session.slots]
    waiters = [make_ptce_question() for _ in range(2)]
    for ticket in waiters:
        waiting.join(ticket.asker, ticket, session.id, **PHONE)
    appointment_id, jurist_id = appointments[1].id, jurist.id

    def cancel(_number: int) -> str:
        one = db.session.get_one(Appointment, appointment_id)
        booking.cancel(db.session.get_one(Person, jurist_id), one)
        return "cancelled"

    assert Counter(at_once(app, cancel)) == {"cancelled": 1, "InvalidTransition": CROWD - 1}
    statuses = [waiting.queries.queued_of(ticket)[0].status for ticket in waiters]
    assert statuses == [waiting.WaitingStatus.OFFERED, waiting.WaitingStatus.WAITING]
    assert appointments[1].sequence == 1


def test_an_offer_is_taken_or_lapses_never_both(app: Flask) -> None:
    jurist = PersonFactory(jurist=True)
    session = make_session(next_month(), hosts=(jurist,))
    appointments = [book(slot, None, jurist) for slot in session.slots]
    first, second = make_ptce_question(), make_ptce_question()
    entries = [waiting.join(one.asker, one, session.id, **PHONE) for one in (first, second)]
    booking.cancel(jurist, appointments[1])
    entry_id = entries[0].id

    def act(number: int) -> str:
        entry = db.session.get_one(waiting.WaitingEntry, entry_id)
        (waiting.accept if number % 2 else waiting.decline)(entry.person, entry)
        return "accepted" if number % 2 else "declined"

    results = Counter(at_once(app, act))
    assert results["InvalidTransition"] == CROWD // 2
    assert len(set(results) - {"InvalidTransition"}) == 1
    places = sa.select(sa.func.count()).where(Appointment.status.in_(OCCUPYING))
    assert db.session.scalar(places) == len(session.slots)


def test_a_question_closed_while_a_call_is_booked_keeps_no_call(app: Flask) -> None:
    slot_id = make_session(next_month()).slots[1].id
    ticket_id = make_ptce_question().id

    def act(number: int) -> str:
        if number:
            return choose(ticket_id, slot_id)
        ticket = db.session.get_one(Ticket, ticket_id)
        operations.withdraw(ticket.asker, ticket)
        return "withdrawn"

    results = Counter(at_once(app, act, 2))
    assert results["withdrawn"] == 1
    to_come = sa.select(sa.func.count()).where(Appointment.status.in_(TO_COME))
    assert db.session.scalar(to_come) == 0


def test_calls_that_change_places_at_once_do_not_wait_for_each_other(app: Flask) -> None:
    sessions = [make_session(next_month(), seats=CROWD), make_session("2028-02-01", seats=CROWD)]
    slots = [session.slots[1].id for session in sessions]
    ids = [book(sessions[number % 2].slots[1]).id for number in range(CROWD)]

    def move(number: int) -> str:
        one = db.session.get_one(Appointment, ids[number])
        assert one.booked_by is not None
        return booking.move(one.booked_by, one, slots[1 - number % 2]).outcome.value

    assert Counter(at_once(app, move)) == {"booked": CROWD}


def test_a_call_by_phone_without_a_number_fails_alone(app: Flask) -> None:
    slot_id, ticket = make_session(next_month()).slots[1].id, make_ptce_question()
    with pytest.raises(BadInput):
        booking.book(ticket.asker, ticket, slot_id, medium=Medium.PHONE, phone="")
    assert choose(ticket.id, slot_id) == "booked"
