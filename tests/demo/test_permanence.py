"""The sessions of the demonstration: a year held, a year to come, and something to do for each account."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from helpdesk import clock
from helpdesk.accounts.models import Person
from helpdesk.db import db
from helpdesk.demo.seed import seed
from helpdesk.juri_ptce.enums import OCCUPYING, AppointmentStatus, Medium, SessionStatus
from helpdesk.juri_ptce.models import (
    Appointment,
    Attendance,
    CallOffer,
    JuriSession,
    PtceDetails,
    QuestionPart,
    SessionHost,
    Slot,
    WaitingEntry,
)
from helpdesk.juri_ptce.operations import booking, hosts, reminding, sessions, waiting
from helpdesk.juri_ptce.queries.figures import figures
from helpdesk.juri_ptce.queries.slots import open_slots
from helpdesk.mail.enums import Notice
from helpdesk.mail.models import Mail
from helpdesk.reference.zones import PARIS
from helpdesk.reporting import Period
from helpdesk.stats.check import differences
from helpdesk.tickets.enums import EventKind, MessageKind, Status
from helpdesk.tickets.models import Ticket, TicketEvent
from tests.support.apps import build_app, settings_for
from tests.support.migrations import upgrade

TODAY = date(2026, 11, 23)
PRESENT = datetime.combine(TODAY, datetime.min.time(), tzinfo=PARIS)


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """A short year; the tests on it only read."""
    folder: Path = tmp_path_factory.mktemp("permanence")
    app = build_app(settings_for(f"sqlite:///{folder / 'year.sqlite3'}", folder, is_demo=True))
    with app.app_context():
        upgrade()
        seed(today=TODAY, structures=60, questions=150)
        yield app
        db.session.remove()
        db.engine.dispose()


def all_of(model: type, *where: sa.ColumnElement[bool]) -> list:
    return list(db.session.scalars(sa.select(model).where(*where)))


def calls_of(email: str) -> list[Appointment]:
    return all_of(Appointment, Appointment.booked_by.has(Person.email == email))


def test_each_month_of_two_years_has_its_session(seeded: Flask) -> None:
    found = all_of(JuriSession)
    assert len({one.month_on for one in found}) == len(found) == 25
    coming = [one for one in found if one.starts_at > PRESENT]
    assert len(coming) == 12
    assert {one.status for one in coming} == {SessionStatus.SCHEDULED, SessionStatus.PROPOSED}
    past = Counter(one.status for one in found if one.starts_at < PRESENT)
    assert past[SessionStatus.CANCELLED] == 2
    assert SessionStatus.PROPOSED not in past


def test_the_clock_has_no_session_to_make(seeded: Flask, time_machine) -> None:
    time_machine.move_to(PRESENT, tick=False)
    assert sessions.make_ahead() == 0


def test_every_open_session_has_its_jurists_of_both_networks(seeded: Flask) -> None:
    hosts = Counter(row.session_id for row in all_of(SessionHost))
    assert all(hosts[one.id] >= 2 for one in all_of(JuriSession, JuriSession.status == SessionStatus.SCHEDULED))


def test_calls_came_to_every_end_and_stand_in_every_state_to_come(seeded: Flask) -> None:
    statuses = {one.status for one in all_of(Appointment)}
    assert statuses == set(AppointmentStatus) - {AppointmentStatus.OFFERED, AppointmentStatus.LAPSED}
    assert {one.medium for one in all_of(Appointment)} == set(Medium)
    assert any(one.is_late_cancel for one in all_of(Appointment))
    assert [one.status.value for one in all_of(WaitingEntry)] == ["waiting"]
    assert len(all_of(Slot, Slot.session_id.is_(None))) == 1


def test_the_next_session_is_full_so_that_somebody_waits(seeded: Flask) -> None:
    entry = all_of(WaitingEntry)[0]
    slots = all_of(Slot, Slot.session_id == entry.session_id)
    taken = {one.slot_id for one in all_of(Appointment, Appointment.status.in_(OCCUPYING))}
    assert {slot.id for slot in slots} <= taken


def test_every_call_held_has_its_account_which_answered_the_question(seeded: Flask) -> None:
    held = all_of(Appointment, Appointment.status == AppointmentStatus.HELD)
    written = [one for one in held if one.account is not None]
    assert len(written) >= 5
    for one in written:
        assert (one.account.ticket_id, one.account.kind) == (one.ticket_id, MessageKind.ANSWER)
        assert one.account.created_at > one.slot.starts_at
    assert all(one.ticket.status in (Status.STUDY, Status.RELAY) for one in held if one.account is None)


def test_a_question_is_split_between_the_networks_with_one_visa_given(seeded: Flask) -> None:
    parts = all_of(QuestionPart)
    assert sorted((one.side.value, one.approved_at is not None) for one in parts) == [
        ("federation", True),
        ("rtes", False),
    ]
    assert all(one.ticket.status is Status.STUDY for one in parts)


def test_both_accounts_of_ptce_have_something_to_do(seeded: Flask) -> None:
    assert [one.status for one in calls_of("a.payet@pole-hauts.example")].count(AppointmentStatus.CONFIRMED) == 1
    offers = all_of(CallOffer, CallOffer.ticket.has(Ticket.asker.has(Person.email == "r.auger@pole-bocage.example")))
    assert len(offers) == 1
    assert offers[0].ticket.status is Status.STUDY


def test_what_happened_to_a_call_is_in_the_history_of_its_question_in_order(seeded: Flask) -> None:
    told = {EventKind.CALL_BOOKED, EventKind.CALL_HELD, EventKind.CALL_MISSED, EventKind.CALL_CANCELLED}
    for appointment in all_of(Appointment, Appointment.status.in_(OCCUPYING)):
        events = all_of(TicketEvent, TicketEvent.ticket_id == appointment.ticket_id)
        assert {event.kind for event in events} & {kind.value for kind in told}
    assert list(differences()) == []


def test_times_of_jurists_follow_the_state_of_their_calls(seeded: Flask) -> None:
    by_id = {one.id: one for one in all_of(Appointment)}
    for row in all_of(Attendance):
        appointment = by_id[row.appointment_id]
        assert row.is_occupying == (appointment.status in OCCUPYING)
        assert row.starts_at == appointment.slot.starts_at


def test_every_ptce_question_has_its_details_and_the_figures_are_those_of_a_year(seeded: Flask) -> None:
    found = figures(Period(date(2025, 11, 24), TODAY), PRESENT)
    assert found.question_count >= len(all_of(PtceDetails)) - 2 >= 12
    assert found.sessions_held >= 9
    assert min(found.calls.held, found.calls.absent, found.calls.cancelled_late, found.calls.cancelled_by_service) >= 1
    assert found.calls.emergencies == 1


def fingerprint() -> list[tuple[object, ...]]:
    """What must be the same on two machines."""
    columns = (
        sa.select(Appointment.uid, Appointment.status, Appointment.created_at).order_by(Appointment.id),
        sa.select(PtceDetails.ticket_id, PtceDetails.carrier, PtceDetails.may_be_published).order_by(
            PtceDetails.ticket_id
        ),
        sa.select(JuriSession.month_on, JuriSession.status, JuriSession.starts_at).order_by(JuriSession.id),
    )
    return [tuple(row) for statement in columns for row in db.session.execute(statement).all()]


@pytest.fixture(scope="module")
def elsewhere(seeded: Flask) -> list[tuple[object, ...]]:
    """What another machine made of the same seed."""
    return fingerprint()


def test_the_same_seed_gives_the_same_sessions_on_every_machine(
    app: Flask, elsewhere: list[tuple[object, ...]]
) -> None:
    seed(today=TODAY, structures=60, questions=150)
    assert fingerprint() == elsewhere


@pytest.mark.parametrize("day", [date(2026, 3, 3), date(2028, 12, 31)])
@pytest.mark.sqlite_only
def test_the_sessions_may_be_tried_on_any_day(app: Flask, day: date) -> None:
    seed(today=day, structures=60, questions=90)
    assert list(differences()) == []
    assert len(all_of(Appointment)) >= 8


@pytest.mark.sqlite_only
def test_the_clock_and_the_people_go_on_from_there(app: Flask, time_machine) -> None:
    seed(today=TODAY, structures=60, questions=150)
    time_machine.move_to(PRESENT.replace(hour=9), tick=False)
    assert (sessions.make_ahead(), hosts.free_departed(), waiting.lapse_offers(), reminding.remind()) == (0, 0, 0, 0)
    [call] = calls_of("a.payet@pole-hauts.example")
    booking.cancel(call.booked_by, call)
    assert call.status is AppointmentStatus.CANCELLED_BY_PTCE
    told = all_of(Mail, Mail.notice == Notice.JURI_CANCELLED)
    assert {mail.recipient_person_id for mail in told} == {call.booked_by_id, call.attendances[0].person_id}
    assert all(mail.calendar is not None for mail in told)
    [offer] = all_of(CallOffer, CallOffer.ticket.has(Ticket.asker.has(Person.email == "r.auger@pole-bocage.example")))
    choices = open_slots(offer.ticket, clock.now())
    booked = booking.book(offer.ticket.asker, offer.ticket, choices[0].slot.id, medium=Medium.PHONE)
    assert booked.appointment is not None
    assert booked.appointment.status is AppointmentStatus.CONFIRMED
