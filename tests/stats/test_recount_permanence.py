"""What the report says of Juri-PTCE, by operations and counted by hand on both sides of a new year."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from time_machine import TimeMachineFixture

from helpdesk.accounts.models import Organisation, Person
from helpdesk.db import db
from helpdesk.juri_ptce.enums import Medium, SessionStatus
from helpdesk.juri_ptce.models import Appointment, JuriSession
from helpdesk.juri_ptce.operations import booking, calls, emergency, holding, sessions
from helpdesk.juri_ptce.operations.holding import AfterAbsence
from helpdesk.stats.check import report_differences, stored_differences
from helpdesk.stats.histories import Lived
from helpdesk.stats.perms import Selection
from helpdesk.stats.queries.report import annual_report
from helpdesk.stats.recount.questions import Questions, typologies
from helpdesk.stats.tables import Value
from helpdesk.tickets import operations
from helpdesk.tickets.enums import Status, Verdict
from helpdesk.tickets.models import Ticket
from tests.factories.accounts import OrganisationFactory, PersonFactory
from tests.factories.juri_ptce import at, make_ptce, make_ptce_question, make_session
from tests.factories.tickets import ANSWER, make_asker

NUMBER = "06 00 00 00 00"


class Desk:
    """A jurist of the permanence, and the clock of Paris."""

    def __init__(self, time_machine: TimeMachineFixture) -> None:
        self.time_machine = time_machine
        self.jurist: Person = PersonFactory(lead=True)
        self.ptce = make_ptce()
        self.asker = make_asker(self.ptce)

    def on(self, moment: str | datetime) -> None:
        self.time_machine.move_to(at(moment) if isinstance(moment, str) else moment, tick=False)

    def asked(self, moment: str, ptce: Organisation | None = None, **values: Any) -> Ticket:
        self.on(moment)
        asker = make_asker(ptce) if ptce else self.asker
        return make_ptce_question(asker=asker, **{"status": Status.STUDY, "jurist": self.jurist, **values})

    def answered(self, ticket: Ticket) -> Ticket:
        operations.answer(self.jurist, ticket, ANSWER, seen_version=None)
        return ticket

    def booked(self, ticket: Ticket, session: JuriSession, place: int = 0) -> Appointment:
        medium = Medium.PHONE if place else Medium.VIDEO
        calls.offer_call(self.jurist, ticket, medium=medium)
        slot_id = session.slots[place].id
        appointment = booking.book(self.jurist, ticket, slot_id, medium=medium, phone=NUMBER).appointment
        assert appointment is not None
        return appointment

    def holds(self, appointment: Appointment) -> None:
        self.on(appointment.slot.starts_at + timedelta(minutes=30))
        holding.hold(self.jurist, appointment, seen_version=None)


@pytest.fixture
def desk(app: Flask, time_machine: TimeMachineFixture) -> Desk:
    time_machine.move_to(at("2026-11-02 09:00"), tick=False)
    return Desk(time_machine)


def told(year: int, *, at_: str = "2028-02-01 09:00") -> dict[str, tuple[Value, ...]]:
    """The rows of the report on Juri-PTCE that are not nothing, the same by both counts."""
    now, lived = at(at_), list[Lived]()
    assert list(stored_differences(lived)) == []
    assert list(report_differences(Questions(lived, typologies()), now)) == []
    tables = annual_report(Selection(), year, now).tables
    rows = {row.label: row.values for key, table in tables.items() if key.startswith("juri") for row in table.rows}
    rows |= {key: tables[key].rows[0].values for key in ("juri", "juri-seances")}
    return {label: values for label, values in rows.items() if any(values) and label != str(year)}


def test_a_ptce_that_asks_twice_and_calls_is_one(desk: Desk) -> None:
    session = make_session("2027-03-02", hosts=(desk.jurist,))
    first = desk.asked("2027-02-01 09:00")
    desk.asked("2027-02-02 09:00")
    desk.holds(desk.booked(first, session))
    desk.answered(first)
    assert told(2027) == {
        "juri": (1, 2, 1),
        "juri-seances": (1, 0),
        "En visioconférence": (1,),
        "Salariés et contrats de travail": (2,),
        "Bretagne": (1,),
    }


def test_a_duplicate_is_no_question_but_its_call_was_held(desk: Desk) -> None:
    session = make_session("2027-03-02", hosts=(desk.jurist,))
    original = desk.asked("2026-12-01 09:00")
    double = desk.asked("2027-02-01 09:00", title="Une autre façon de le dire ?")
    desk.holds(desk.booked(double, session))
    operations.mark_duplicate(desk.jurist, double, original, text="La même.")
    assert told(2027) == {"juri": (1, 0, 0), "juri-seances": (1, 0)}
    assert told(2026)["juri"] == (1, 1, 0)


def test_a_call_of_january_about_a_question_of_december(desk: Desk) -> None:
    session = make_session("2027-01-12", hosts=(desk.jurist,))
    ticket = desk.asked("2026-12-31 23:59")
    desk.holds(desk.booked(ticket, session, place=1))
    desk.answered(ticket)
    operations.give_feedback(desk.asker, ticket, verdict=Verdict.USEFUL)
    assert told(2027) == {"juri": (1, 0, 0), "juri-seances": (1, 0)}
    # The answer, its way and its opinion are told with the question.
    assert told(2026)["juri"] == (1, 1, 1)
    assert told(2026)["Par téléphone"] == (1,)
    assert annual_report(Selection(), 2026, at("2028-02-01 09:00")).tables["satisfaction"].rows[0].values == (1, 1)


def test_the_last_call_held_tells_how_a_question_was_answered(desk: Desk) -> None:
    spring, autumn = (make_session(on, hosts=(desk.jurist,)) for on in ("2027-03-02", "2027-09-07"))
    ticket = desk.asked("2027-02-01 09:00")
    desk.holds(desk.booked(ticket, spring))
    missed = desk.booked(ticket, autumn, place=1)
    desk.on(missed.slot.starts_at + timedelta(minutes=15))
    holding.mark_absent(desk.jurist, missed, after=AfterAbsence.WRITTEN, seen_version=None)
    desk.answered(ticket)
    assert told(2027)["En visioconférence"] == (1,)
    holding.hold(desk.jurist, missed, seen_version=None)
    assert told(2027)["Par téléphone"] == (1,)


def test_an_emergency_makes_its_ptce_one_of_the_year_and_no_session(desk: Desk) -> None:
    ticket = desk.asked("2026-12-30 09:00")
    desk.on("2027-01-04 09:00")
    operations.set_urgency(desk.jurist, ticket, 3, reason="Un contrôle.")
    starts_at = at("2027-01-04 10:00")
    appointment = emergency.open_emergency(
        desk.jurist, ticket, starts_at=starts_at, minutes=30, medium=Medium.PHONE, phone=NUMBER
    )
    desk.holds(appointment)
    assert told(2027) == {"juri": (1, 0, 0)}


def test_sessions_count_in_the_year_of_their_day_as_the_trail_leaves_them(desk: Desk) -> None:
    desk.on("2026-10-20 09:00")
    sessions.make_ahead()
    rows = db.session.scalars(sa.select(JuriSession).order_by(JuriSession.starts_at)).all()
    november, december, january, february = rows[:4]
    sessions.cancel_session(desk.jurist, november)
    sessions.open_session(desk.jurist, november)
    sessions.move_session(desk.jurist, december, date(2027, 1, 4))
    sessions.cancel_session(desk.jurist, february)
    # Too early in January: a proposal, which nobody has decided.
    assert january.status is SessionStatus.PROPOSED
    assert told(2026) == {"juri-seances": (1, 0)}
    assert told(2027, at_="2027-02-28 09:00") == {"juri-seances": (1, 1)}
    sessions.open_session(desk.jurist, january)
    assert told(2027, at_="2027-02-28 09:00") == {"juri-seances": (2, 1)}
    assert told(2027, at_="2027-01-04 15:00") == {}
    assert told(2027, at_="2027-01-04 18:00") == {"juri-seances": (1, 0)}


def test_a_question_moved_to_a_member_leaves_juri_ptce(desk: Desk) -> None:
    ticket = desk.asked("2027-02-01 09:00")
    operations.move_to_structure(desk.jurist, ticket, OrganisationFactory())
    desk.asked("2027-02-02 09:00", make_ptce(departement="974", delegation="ocean-indien"), topic=None)
    found = told(2027)
    assert found["juri"] == (1, 1, 0)
    assert found["Thème à préciser"] == (1,)
    assert "Bretagne" not in found
