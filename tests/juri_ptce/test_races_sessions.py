"""The pole, the workers and the PTCE at the same instant, on both databases: no session twice, no call left behind."""

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from helpdesk import clock
from helpdesk.accounts.models import Person
from helpdesk.db import db
from helpdesk.juri_ptce import calendar
from helpdesk.juri_ptce.enums import AppointmentStatus, Medium, SessionStatus
from helpdesk.juri_ptce.models import Appointment, JuriSession, Slot
from helpdesk.juri_ptce.operations import booking, hosts, sessions
from helpdesk.mail.enums import Notice
from helpdesk.mail.models import Mail
from helpdesk.tickets.models import Ticket
from tests.factories.accounts import PersonFactory
from tests.factories.juri_ptce import make_ptce_question, make_session
from tests.support.crowds import together

CROWD = 4


def working_day(days_ahead: int) -> date:
    day = clock.today() + timedelta(days=days_ahead)
    while calendar.problem_of(day) or day.weekday() > 4:
        day += timedelta(days=1)
    return day


def test_workers_that_make_the_sessions_at_once_make_each_once_and_tell_once(app: Flask) -> None:
    PersonFactory(lead=True)
    made = Counter(together(app, *[sessions.make_ahead] * CROWD))
    count = db.session.scalar(sa.select(sa.func.count()).select_from(JuriSession))
    assert sum(int(one) * times for one, times in made.items()) == count
    assert count in (12, 13)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Slot)) == count * 4
    undecided = sa.select(sa.func.count()).where(JuriSession.status == SessionStatus.PROPOSED)
    told = sa.select(sa.func.count()).where(Mail.notice == Notice.JURI_TO_DECIDE)
    assert db.session.scalar(told) == db.session.scalar(undecided) > 0


@pytest.mark.parametrize("act", ["cancel", "move", "absent"])
def test_people_who_book_while_the_pole_decides_are_never_left_behind(app: Flask, act: str) -> None:
    lead, host = PersonFactory(lead=True), PersonFactory(jurist=True)
    session = make_session(working_day(40).isoformat(), hosts=(host,))
    tickets = [make_ptce_question().id for _ in range(CROWD)]
    session_id, lead_id, host_id = session.id, lead.id, host.id
    slots, day = [slot.id for slot in session.slots], working_day(60)

    def book(number: int) -> Callable[[], str]:
        def work() -> str:
            ticket = db.session.get_one(Ticket, tickets[number])
            actor = db.session.get_one(Person, lead_id)
            return booking.book(actor, ticket, slots[number], medium=Medium.VIDEO).outcome

        return work

    def decide() -> str:
        one, actor = db.session.get_one(JuriSession, session_id), db.session.get_one(Person, lead_id)
        if act == "cancel":
            sessions.cancel_session(actor, one, reason="Congrès.")
        elif act == "move":
            sessions.move_session(actor, one, day)
        else:
            hosts.set_hosts(actor, one, hosts=[host_id], absent=[host_id])
        return "decided"

    results = Counter(together(app, decide, *(book(number) for number in range(CROWD))))

    assert results["decided"] == 1
    assert set(results) <= {"decided", "booked", "full", "BadInput"}
    session = db.session.get_one(JuriSession, session_id)
    for call in db.session.scalars(sa.select(Appointment)):
        stands = call.status is AppointmentStatus.CONFIRMED
        assert stands is (act != "cancel")
        if act == "absent":
            assert call.attendances == []
        for attendance in call.attendances:
            assert (attendance.is_occupying, attendance.starts_at) == (stands, call.slot.starts_at)
    if act == "move":
        assert {calendar.paris_day(slot.starts_at) for slot in session.slots} == {day}
