"""The waiting list: a freed place goes to the first who can take it, for a while, then to the next."""

from datetime import timedelta

import pytest

from helpdesk.accounts.models import Person
from helpdesk.db import db
from helpdesk.errors import BadInput, InvalidTransition, NotAllowed
from helpdesk.juri_ptce.enums import AppointmentStatus, SessionStatus, WaitingStatus
from helpdesk.juri_ptce.models import Appointment, JuriSession, WaitingEntry
from helpdesk.juri_ptce.operations import booking, waiting
from helpdesk.juri_ptce.operations.booking import Outcome
from helpdesk.mail.enums import Notice
from helpdesk.tickets.enums import Status
from helpdesk.tickets.models import Ticket
from tests.factories.accounts import PersonFactory
from tests.factories.juri_ptce import at, make_ptce, make_ptce_question, make_session
from tests.factories.tickets import make_asker
from tests.juri_ptce.support import FEBRUARY, PHONE, book, kinds, notices, on
from tests.support.scenes import Keep

pytestmark = pytest.mark.usefixtures("app", "in_february")

WAITING, OFFERED, LEFT = WaitingStatus.WAITING, WaitingStatus.OFFERED, WaitingStatus.LEFT


class Afternoon:
    """A session whose jurist has confirmed every place."""

    def __init__(self) -> None:
        self.jurist: Person = PersonFactory(jurist=True)
        self.session = make_session(hosts=(self.jurist,))
        self.taken = [book(slot, None, self.jurist) for slot in self.session.slots]


@pytest.fixture
def afternoon(kept: Keep) -> Afternoon:
    return kept(Afternoon)


@pytest.fixture
def jurist(afternoon: Afternoon) -> Person:
    return afternoon.jurist


@pytest.fixture
def session(afternoon: Afternoon) -> JuriSession:
    return afternoon.session


@pytest.fixture
def taken(afternoon: Afternoon) -> list[Appointment]:
    """Every place of the session, confirmed."""
    return afternoon.taken


def wait(session: JuriSession, ticket: Ticket | None = None) -> WaitingEntry:
    ticket = ticket or make_ptce_question()
    assert ticket.asker is not None
    return waiting.join(ticket.asker, ticket, session.id, **PHONE)


def cancel(appointment: Appointment) -> None:
    assert appointment.booked_by is not None
    booking.cancel(appointment.booked_by, appointment)


def expires_at(entry: WaitingEntry) -> object:
    assert entry.appointment is not None
    return entry.appointment.expires_at


# --- waiting and being offered a place


def test_a_freed_place_is_held_for_the_first_who_waits(
    session: JuriSession, taken: list[Appointment], jurist: Person
) -> None:
    first, second = wait(session), wait(session)
    assert (first.status, second.status) == (WAITING, WAITING)
    cancel(taken[1])
    assert (first.status, second.status) == (OFFERED, WAITING)
    offered = first.appointment
    assert offered is not None
    assert (offered.status, offered.slot_id) == (AppointmentStatus.OFFERED, session.slots[1].id)
    assert offered.expires_at == at(FEBRUARY) + timedelta(hours=24)
    assert [one.person_id for one in offered.attendances] == [jurist.id]
    other = make_ptce_question()
    assert booking.book(other.asker, other, session.slots[1].id, **PHONE).outcome is Outcome.FULL


def test_a_place_that_is_free_when_somebody_joins_is_offered_at_once(
    session: JuriSession, taken: list[Appointment]
) -> None:
    cancel(taken[1])
    assert wait(session).status is OFFERED


def test_an_offer_accepted_is_confirmed(session: JuriSession, taken: list[Appointment]) -> None:
    entry = wait(session)
    cancel(taken[2])
    appointment = waiting.accept(entry.person, entry)
    assert waiting.accept(entry.person, entry) is appointment
    assert (appointment.status, entry.status) == (AppointmentStatus.CONFIRMED, WaitingStatus.ACCEPTED)
    assert (appointment.expires_at, appointment.booked_by_id) == (None, entry.person_id)
    assert kinds(entry.ticket) == ["call_booked"]


def test_a_place_taken_in_a_session_without_a_jurist_is_told_to_the_lead() -> None:
    lead, session = PersonFactory(lead=True), make_session()
    entry = wait(session)
    waiting.accept(entry.person, entry)
    assert notices(entry.ticket, Notice.JURI_UNHOSTED) == 1
    assert entry.appointment is not None
    booking.attend(lead, entry.appointment, lead)


def test_choosing_the_slot_that_is_offered_accepts_it(session: JuriSession, taken: list[Appointment]) -> None:
    entry = wait(session)
    cancel(taken[2])
    booked = booking.book(entry.person, entry.ticket, session.slots[2].id, **PHONE)
    assert booked.appointment is entry.appointment
    assert entry.status is WaitingStatus.ACCEPTED


def test_an_offer_declined_goes_to_the_next(session: JuriSession, taken: list[Appointment]) -> None:
    first, second = wait(session), wait(session)
    cancel(taken[1])
    declined = first.appointment
    waiting.decline(first.person, first)
    waiting.decline(first.person, first)
    assert declined is not None
    assert (first.status, second.status) == (WaitingStatus.DECLINED, OFFERED)
    assert declined.status is AppointmentStatus.LAPSED
    with pytest.raises(InvalidTransition):
        waiting.accept(first.person, first)


def test_an_offer_that_nobody_took_in_time_goes_to_the_next_by_the_clock(
    session: JuriSession, taken: list[Appointment]
) -> None:
    first, second = wait(session), wait(session)
    cancel(taken[1])
    with on("2027-02-16 08:59"):
        assert waiting.lapse_offers() == 0
    with on("2027-02-16 09:00"):
        with pytest.raises(InvalidTransition):
            waiting.accept(first.person, first)
        assert waiting.lapse_offers() == 1
        assert waiting.lapse_offers() == 0
    assert (first.status, second.status) == (WaitingStatus.EXPIRED, OFFERED)
    with on("2027-02-16 09:05"):
        waiting.accept(second.person, second)


def test_an_offer_ends_before_the_day_before_the_session(session: JuriSession, taken: list[Appointment]) -> None:
    entry = wait(session)
    with on("2027-02-28 15:00"):
        cancel(taken[1])
    assert expires_at(entry) == at("2027-03-01 00:00")


@pytest.mark.parametrize("moment", ["2027-02-28 23:00", "2027-03-01 12:00"])
def test_a_session_too_near_offers_nothing_and_whoever_may_chooses_freely(
    session: JuriSession, taken: list[Appointment], jurist: Person, moment: str
) -> None:
    entry, other = wait(session), make_ptce_question()
    with on(moment):
        cancel(taken[1])
        assert entry.status is WAITING
        assert booking.book(jurist, other, session.slots[1].id, **PHONE).outcome is Outcome.BOOKED


def test_whoever_has_a_call_in_the_session_meanwhile_is_passed_over(
    session: JuriSession, taken: list[Appointment], jurist: Person
) -> None:
    ptce = make_ptce()
    first, second, third = wait(session, make_ptce_question(ptce)), wait(session), wait(session)
    cancel(taken[1])
    assert first.status is OFFERED
    twin = wait_all = make_ptce_question(ptce)
    with pytest.raises(BadInput):
        wait(session, wait_all)
    waiting.accept(first.person, first)
    cancel(taken[2])
    assert (second.status, third.status) == (OFFERED, WAITING)
    assert twin.status is Status.TRIAGE


def test_a_place_kept_for_overseas_goes_to_the_first_from_there_then_to_all(
    session: JuriSession, taken: list[Appointment]
) -> None:
    here = wait(session)
    there = wait(session, make_ptce_question(make_ptce(departement="974", delegation=None)))
    cancel(taken[0])
    assert (here.status, there.status) == (WAITING, OFFERED)
    waiting.decline(there.person, there)
    assert here.status is WAITING
    with on("2027-02-23 14:05"):
        waiting.lapse_offers()
    assert here.status is OFFERED


def test_several_freed_places_are_offered_together(session: JuriSession, taken: list[Appointment]) -> None:
    entries = [wait(session) for _ in range(3)]
    booking.cancel_by_service(taken[1:3], reason="Absence.")
    assert [entry.status for entry in entries] == [OFFERED, OFFERED, WAITING]


def test_a_cancelled_session_offers_nothing(session: JuriSession, taken: list[Appointment]) -> None:
    entry = wait(session)
    session.status, session.cancelled_at = SessionStatus.CANCELLED, at(FEBRUARY)
    db.session.commit()
    booking.cancel_by_service(taken, reason="Séance annulée.")
    assert entry.status is WAITING
    assert waiting.offer_next(None) == 0


# --- joining, leaving


def test_joining_twice_is_waiting_once(session: JuriSession, taken: list[Appointment]) -> None:
    ticket = make_ptce_question()
    assert wait(session, ticket) is wait(session, ticket)


def test_whoever_leaves_gives_the_place_held_to_the_next(session: JuriSession, taken: list[Appointment]) -> None:
    first, second, third = wait(session), wait(session), wait(session)
    waiting.leave(second.person, second)
    cancel(taken[1])
    waiting.leave(first.person, first)
    waiting.leave(first.person, first)
    assert (first.status, second.status, third.status) == (LEFT, LEFT, OFFERED)


def test_nobody_waits_for_what_cannot_come(session: JuriSession, taken: list[Appointment]) -> None:
    ticket = make_ptce_question()
    proposed = make_session("2027-05-04", status=SessionStatus.PROPOSED)
    with pytest.raises(BadInput):
        wait(proposed, ticket)
    with pytest.raises(BadInput) as caught:
        waiting.join(ticket.asker, ticket, 999_999, **PHONE)
    assert caught.value.field == "slot"
    with pytest.raises(BadInput) as caught:
        wait(session, make_ptce_question(make_ptce(is_entitled=False)))
    assert caught.value.field == "entitlement"
    with on("2027-02-24 09:00"), pytest.raises(BadInput) as caught:
        wait(session, ticket)
    assert caught.value.field == "slot"
    with pytest.raises(NotAllowed):
        waiting.join(make_asker(), ticket, session.id, **PHONE)


def test_a_session_too_near_has_no_waiting_list(session: JuriSession, taken: list[Appointment]) -> None:
    session.cut_off_at = session.starts_at
    db.session.commit()
    with on("2027-03-01 09:00"), pytest.raises(BadInput) as caught:
        wait(session)
    assert "trop proche" in caught.value.message


def test_a_call_at_a_sooner_date_leaves_nothing_to_wait_for() -> None:
    jurist = PersonFactory(jurist=True)
    session = make_session(hosts=(jurist,))
    ticket, april = make_ptce_question(), make_session("2027-04-06")
    book(session.slots[1], ticket)
    for wanted in (session, april):
        with pytest.raises(BadInput) as caught:
            wait(wanted, ticket)
        assert "déjà un rendez-vous" in caught.value.message


def test_a_later_call_is_moved_to_the_sooner_place_that_frees_itself(
    session: JuriSession, taken: list[Appointment]
) -> None:
    ticket, april = make_ptce_question(), make_session("2027-04-06")
    entry = wait(session, ticket)
    later = book(april.slots[1], ticket)
    assert entry.status is WAITING
    cancel(taken[1])
    appointment = waiting.accept(entry.person, entry)
    assert (later.status, appointment.status) == (AppointmentStatus.MOVED, AppointmentStatus.CONFIRMED)
    assert (appointment.uid, appointment.sequence) == (later.uid, 1)
    assert kinds(ticket) == ["call_booked", "call_moved"]


def test_booking_ends_the_wait_for_that_session_and_later_ones(
    session: JuriSession, taken: list[Appointment], jurist: Person
) -> None:
    april, may = make_session("2027-04-06", hosts=(jurist,)), make_session("2027-05-04", hosts=(jurist,))
    full = [book(slot, None, jurist) for one in (april, may) for slot in one.slots]
    ticket = make_ptce_question()
    entries = [wait(one, ticket) for one in (session, april, may)]
    cancel(full[1])
    assert entries[1].status is OFFERED
    waiting.accept(entries[1].person, entries[1])
    assert [entry.status for entry in entries] == [WAITING, WaitingStatus.ACCEPTED, LEFT]


def test_strangers_neither_take_nor_refuse_for_a_ptce(session: JuriSession, taken: list[Appointment]) -> None:
    entry, stranger = wait(session), make_asker()
    cancel(taken[1])
    for act in (waiting.accept, waiting.decline, waiting.leave):
        with pytest.raises(NotAllowed):
            act(stranger, entry)
    assert entry.status is OFFERED


def test_what_is_not_offered_is_neither_taken_nor_declined(session: JuriSession, taken: list[Appointment]) -> None:
    entry = wait(session)
    for act in (waiting.accept, waiting.decline):
        with pytest.raises(InvalidTransition) as caught:
            act(entry.person, entry)
        assert "par écrit" in caught.value.message


def test_a_question_answered_meanwhile_still_leaves_the_list(session: JuriSession, taken: list[Appointment]) -> None:
    entry = wait(session)
    entry.ticket.status = Status.ANSWERED
    db.session.commit()
    cancel(taken[1])
    assert entry.status is WAITING
    waiting.leave(entry.person, entry)
    assert entry.status is LEFT
