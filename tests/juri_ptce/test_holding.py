"""The day of a call: prepared, begun, held or missed, then its written account."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from time_machine import TimeMachineFixture

from helpdesk import clock
from helpdesk.accounts.models import DelegationProfile, Person
from helpdesk.db import db
from helpdesk.errors import BadInput, Conflict, InvalidTransition, NotAllowed
from helpdesk.juri_ptce.enums import AppointmentStatus, Medium
from helpdesk.juri_ptce.models import Appointment, CallOffer
from helpdesk.juri_ptce.operations import accounting, booking, calls, holding
from helpdesk.juri_ptce.operations.holding import AfterAbsence
from helpdesk.tickets import operations
from helpdesk.tickets.enums import EventKind, MessageKind, Status
from helpdesk.tickets.models import Message, Ticket, TicketEvent
from helpdesk.tickets.operations import clockwork
from tests.factories.accounts import PersonFactory
from tests.factories.juri_ptce import at, make_partner, make_ptce, make_ptce_question, make_session
from tests.factories.tickets import ANSWER, make_asker, make_ticket
from tests.support.scenes import Keep

pytestmark = pytest.mark.usefixtures("app")

BEFORE = at("2027-02-15 10:00")
START = at("2027-03-02 14:00")


class Scene:
    """A confirmed call at 14:00 on Tuesday 2 March 2027."""

    def __init__(self, jurist: Person | None = None) -> None:
        self.jurist = jurist or PersonFactory(jurist=True)
        self.asker = make_asker(make_ptce())
        self.ticket: Ticket = make_ptce_question(asker=self.asker, status=Status.STUDY, jurist=self.jurist)
        session = make_session(hosts=(self.jurist,))
        calls.offer_call(self.jurist, self.ticket, medium=Medium.PHONE)
        booked = booking.book(
            self.jurist, self.ticket, session.slots[0].id, medium=Medium.PHONE, phone="02 00 00 00 00"
        )
        assert booked.appointment is not None
        self.call: Appointment = booked.appointment
        assert self.call.status is AppointmentStatus.CONFIRMED

    def hold(self) -> None:
        holding.hold(self.jurist, self.call, seen_version=self.call.version)


@pytest.fixture
def travel(time_machine: TimeMachineFixture) -> TimeMachineFixture:
    time_machine.move_to(BEFORE, tick=False)
    return time_machine


@pytest.fixture
def scene(kept: Keep, travel) -> Scene:
    return kept(Scene)


def kinds(ticket: Ticket) -> list[str]:
    select = sa.select(TicketEvent.kind).where(TicketEvent.ticket_id == ticket.id).order_by(TicketEvent.id)
    return list(db.session.scalars(select))


def notes_of(ticket: Ticket) -> list[str]:
    is_note = sa.and_(Message.ticket_id == ticket.id, Message.kind == MessageKind.NOTE)
    return list(db.session.scalars(sa.select(Message.body).where(is_note)))


# --- before and during


def test_two_jurists_do_not_overwrite_each_others_notes(scene: Scene) -> None:
    other, seen = PersonFactory(jurist=True), scene.call.version
    holding.prepare(other, scene.call, preparation="Voir la convention.", seen_version=seen)
    with pytest.raises(Conflict, match="rendez-vous a changé"):
        holding.prepare(scene.jurist, scene.call, preparation="Voir le bail.", seen_version=seen)
    assert scene.call.preparation == "Voir la convention."


def test_only_the_pole_prepares_and_holds_a_call(scene: Scene, travel: TimeMachineFixture) -> None:
    travel.move_to(START + timedelta(hours=1), tick=False)
    for person in (scene.asker, PersonFactory(delegate=True), make_partner()):
        with pytest.raises(NotAllowed):
            holding.prepare(person, scene.call, preparation="Mots", seen_version=None)
        with pytest.raises(NotAllowed):
            holding.hold(person, scene.call, seen_version=None)
        with pytest.raises(NotAllowed):
            holding.mark_absent(person, scene.call, after=AfterAbsence.WRITTEN, seen_version=None)
        with pytest.raises(NotAllowed):
            accounting.write_account(person, scene.call, ANSWER, seen_version=None)


def test_a_call_is_begun_on_its_own_day(scene: Scene, travel: TimeMachineFixture) -> None:
    with pytest.raises(BadInput, match="pas aujourd’hui"):
        holding.start(scene.jurist, scene.call, seen_version=None)
    db.session.rollback()
    travel.move_to(START - timedelta(minutes=5), tick=False)
    with pytest.raises(BadInput, match="pas encore commencé"):
        holding.hold(scene.jurist, scene.call, seen_version=None)
    db.session.rollback()
    holding.start(scene.jurist, scene.call, seen_version=None)
    begun = scene.call.started_at
    travel.move_to(START, tick=False)
    holding.start(scene.jurist, scene.call, seen_version=None)
    assert scene.call.started_at == begun
    scene.hold()
    assert scene.call.status is AppointmentStatus.HELD


def test_the_account_of_a_held_call_is_due_after_five_working_days(scene: Scene, travel: TimeMachineFixture) -> None:
    travel.move_to(START + timedelta(minutes=40), tick=False)
    holding.hold(scene.jurist, scene.call, notes="La mairie a signé.", seen_version=scene.call.version)
    assert str(scene.call.account_due_on) == "2027-03-09"
    assert scene.call.notes == "La mairie a signé."
    assert EventKind.CALL_HELD in kinds(scene.ticket)
    with pytest.raises(InvalidTransition):
        holding.hold(scene.jurist, scene.call, seen_version=None)


# --- absent


def test_a_ptce_is_called_absent_after_ten_minutes(scene: Scene, travel: TimeMachineFixture) -> None:
    travel.move_to(START + timedelta(minutes=9, seconds=59), tick=False)
    with pytest.raises(BadInput, match="14\u00a0h\u00a010"):
        holding.mark_absent(scene.jurist, scene.call, after=AfterAbsence.WRITTEN, seen_version=None)
    db.session.rollback()
    travel.move_to(START + timedelta(minutes=10), tick=False)
    holding.mark_absent(scene.jurist, scene.call, after=AfterAbsence.WRITTEN, seen_version=None)
    assert scene.call.status is AppointmentStatus.ABSENT
    assert EventKind.CALL_MISSED in kinds(scene.ticket)
    assert scene.call.account_due_on is None


def test_an_absence_turns_the_question_back_into_a_written_one(scene: Scene, travel: TimeMachineFixture) -> None:
    travel.move_to(START + timedelta(minutes=15), tick=False)
    holding.mark_absent(scene.jurist, scene.call, after=AfterAbsence.WRITTEN, seen_version=None)
    assert notes_of(scene.ticket) == [holding.IN_WRITING]
    assert db.session.get(CallOffer, scene.ticket.id) is None
    assert scene.ticket.status is Status.STUDY
    operations.answer(scene.jurist, scene.ticket, ANSWER, seen_version=None)
    assert scene.call.account_message_id is None
    operations.close(scene.jurist, scene.ticket)


def test_an_absence_costs_nothing_another_slot_may_be_proposed(scene: Scene, travel: TimeMachineFixture) -> None:
    travel.move_to(START + timedelta(minutes=15), tick=False)
    holding.mark_absent(scene.jurist, scene.call, after=AfterAbsence.ANOTHER_SLOT, seen_version=None)
    assert db.session.get(CallOffer, scene.ticket.id) is not None
    later = make_session("2027-04-06", hosts=(scene.jurist,))
    booked = booking.book(scene.asker, scene.ticket, later.slots[1].id, medium=Medium.PHONE, phone="02 00 00 00 00")
    assert booked.appointment is not None
    assert booked.appointment.status is AppointmentStatus.CONFIRMED


def test_a_ptce_called_absent_that_came_after_all_is_held(scene: Scene, travel: TimeMachineFixture) -> None:
    travel.move_to(START + timedelta(minutes=15), tick=False)
    holding.mark_absent(scene.jurist, scene.call, after=AfterAbsence.WRITTEN, seen_version=None)
    scene.hold()
    assert scene.call.status is AppointmentStatus.HELD
    assert scene.call.account_due_on is not None


# --- the account


@pytest.fixture
def held(scene: Scene, travel: TimeMachineFixture) -> Scene:
    travel.move_to(START + timedelta(minutes=45), tick=False)
    scene.hold()
    return scene


def test_the_account_is_the_answer_and_stops_the_clock(held: Scene) -> None:
    message = accounting.write_account(held.jurist, held.call, ANSWER, seen_version=held.ticket.version)
    assert held.call.account is message
    assert message.kind is MessageKind.ANSWER
    assert held.ticket.status is Status.ANSWERED
    assert held.ticket.answered_at == clock.now()
    with pytest.raises(InvalidTransition, match="déjà écrit"):
        accounting.write_account(held.jurist, held.call, ANSWER, seen_version=None)


def test_an_answer_written_in_the_thread_is_the_account_too(held: Scene) -> None:
    message = operations.answer(held.jurist, held.ticket, ANSWER, seen_version=None)
    assert held.call.account is message


def test_an_answer_given_since_the_call_began_is_its_account(scene: Scene, travel: TimeMachineFixture) -> None:
    travel.move_to(START + timedelta(minutes=30), tick=False)
    message = operations.answer(scene.jurist, scene.ticket, ANSWER, seen_version=None)
    assert scene.call.account is None
    travel.move_to(START + timedelta(minutes=45), tick=False)
    scene.hold()
    assert scene.call.account is message


def test_an_account_is_not_written_before_the_call(scene: Scene) -> None:
    with pytest.raises(InvalidTransition, match="une fois le rendez-vous tenu"):
        accounting.write_account(scene.jurist, scene.call, ANSWER, seen_version=None)


def test_the_account_of_a_question_that_waits_for_its_asker_takes_it_up_again(held: Scene) -> None:
    operations.ask_detail(held.jurist, held.ticket, text="À quelle date le bail prend-il fin ?")
    accounting.write_account(held.jurist, held.call, ANSWER, seen_version=held.ticket.version)
    assert held.ticket.status is Status.ANSWERED


def test_the_account_of_a_question_answered_before_the_call_corrects_it(
    scene: Scene, travel: TimeMachineFixture
) -> None:
    travel.move_to(START - timedelta(days=1), tick=False)
    operations.answer(scene.jurist, scene.ticket, ANSWER, seen_version=None)
    assert scene.call.status is AppointmentStatus.CONFIRMED
    travel.move_to(START + timedelta(minutes=45), tick=False)
    scene.hold()
    message = accounting.write_account(scene.jurist, scene.call, ANSWER, seen_version=None)
    assert message.kind is MessageKind.CORRECTION
    operations.close(scene.jurist, scene.ticket)


def test_a_question_is_not_closed_before_the_account_of_its_call(held: Scene, travel: TimeMachineFixture) -> None:
    operations.answer(held.jurist, held.ticket, ANSWER, seen_version=None)
    held.call.account = None
    db.session.commit()
    with pytest.raises(BadInput, match="compte rendu"):
        operations.close(held.jurist, held.ticket)
    db.session.rollback()
    travel.shift(timedelta(days=60))
    assert clockwork.close_old_answers() == 0
    accounting.write_account(held.jurist, held.call, ANSWER, seen_version=None)
    operations.close(held.jurist, held.ticket)
    assert held.ticket.status is Status.CLOSED


def test_a_question_withdrawn_after_its_call_leaves_no_account_to_write(held: Scene) -> None:
    operations.withdraw(held.asker, held.ticket)
    assert held.ticket.status is Status.CLOSED
    assert held.call.account_due_on is None


def test_questions_that_wait_for_an_account_do_not_hold_up_the_others(
    held: Scene, travel: TimeMachineFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clockwork, "BATCH", 1)
    operations.answer(held.jurist, held.ticket, ANSWER, seen_version=None)
    held.call.account = None
    db.session.commit()
    other = make_ticket(status=Status.ANSWERED)
    travel.shift(timedelta(days=60))
    assert clockwork.close_old_answers() == 1
    assert other.status is Status.CLOSED


def test_an_account_that_comes_back_from_the_relay_is_to_be_written_again(held: Scene) -> None:
    db.session.add(DelegationProfile(code="bretagne", is_relayed=True))
    db.session.commit()
    accounting.write_account(held.jurist, held.call, ANSWER, seen_version=None)
    assert held.ticket.status is Status.RELAY
    assert accounting.is_written(held.call)
    delegate = PersonFactory(delegate=True)
    operations.return_from_relay(delegate, held.ticket, note="La date manque.")
    assert not accounting.is_written(held.call)
    message = accounting.write_account(held.jurist, held.call, ANSWER, seen_version=None)
    operations.relay(delegate, held.ticket)
    assert held.call.account is message
    operations.close(held.jurist, held.ticket)
