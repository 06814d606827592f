"""Booking, confirming, moving and cancelling a call, and who holds it."""

import pytest
import sqlalchemy as sa

from helpdesk.accounts.models import Person
from helpdesk.db import changed_count, db
from helpdesk.errors import BadInput, HelpdeskError, InvalidTransition, NotAllowed
from helpdesk.juri_ptce.enums import AppointmentStatus, Medium, SessionStatus
from helpdesk.juri_ptce.models import Appointment, Attendance, JuriSession, PtceDetails, PtceProfile, Slot
from helpdesk.juri_ptce.operations import booking, calls
from helpdesk.juri_ptce.operations.booking import Booked, Outcome
from helpdesk.juri_ptce.operations.emergency import open_emergency
from helpdesk.mail.enums import Notice
from helpdesk.tickets import operations
from helpdesk.tickets.enums import Status
from helpdesk.tickets.models import Ticket
from tests.factories.accounts import OrganisationFactory, PersonFactory
from tests.factories.juri_ptce import at, make_partner, make_ptce, make_ptce_question, make_session
from tests.factories.tickets import make_asker, make_ticket
from tests.juri_ptce.support import FEBRUARY, NUMBER, PHONE, book, kinds, middle, notices, on

pytestmark = pytest.mark.usefixtures("app", "in_february")

REQUESTED, CONFIRMED = AppointmentStatus.REQUESTED, AppointmentStatus.CONFIRMED
LAST_MINUTE, THE_DAY = "2027-03-01 23:59", "2027-03-02 00:00"


def attempt(ticket: Ticket, slot: Slot, **values: object) -> Booked:
    """The asker's own choice."""
    assert ticket.asker is not None
    return booking.book(ticket.asker, ticket, slot.id, **{**PHONE, **values})


def holders(appointment: Appointment) -> list[int]:
    return [one.person_id for one in appointment.attendances]


# --- booking


def test_what_a_ptce_asks_for_is_held_until_a_jurist_confirms(session: JuriSession, jurist: Person) -> None:
    appointment = book(middle(session))
    assert (appointment.status, appointment.seat, holders(appointment)) == (REQUESTED, 1, [jurist.id])
    booking.confirm(jurist, appointment)
    booking.confirm(jurist, appointment)
    assert (appointment.status, appointment.sequence) == (CONFIRMED, 1)
    assert kinds(appointment.ticket) == ["call_booked", "call_confirmed"]


def test_a_call_that_a_jurist_offered_is_confirmed_at_once(session: JuriSession, jurist: Person) -> None:
    ticket = make_ptce_question()
    calls.offer_call(jurist, ticket, medium=Medium.PHONE, session_id=session.id)
    assert book(middle(session), ticket).status is CONFIRMED
    assert kinds(ticket) == ["call_offered", "call_booked"]


def test_an_offer_for_one_session_agrees_to_no_other(session: JuriSession, jurist: Person) -> None:
    ticket, april = make_ptce_question(), make_session("2027-04-06")
    calls.offer_call(jurist, ticket, medium=Medium.PHONE, session_id=session.id)
    assert book(middle(april), ticket).status is REQUESTED


def test_an_offer_for_any_session_agrees_to_each(session: JuriSession, jurist: Person) -> None:
    ticket, april = make_ptce_question(), make_session("2027-04-06")
    calls.offer_call(jurist, ticket, medium=Medium.PHONE, session_id=session.id)
    calls.offer_call(jurist, ticket, medium=Medium.VIDEO, note="Ayez le bail sous la main.")
    assert book(middle(april), ticket).status is CONFIRMED


def test_an_offer_taken_back_agrees_to_nothing_any_more(session: JuriSession, jurist: Person) -> None:
    ticket = make_ptce_question()
    calls.offer_call(jurist, ticket, medium=Medium.PHONE)
    calls.withdraw_offer(jurist, ticket)
    calls.withdraw_offer(jurist, ticket)
    assert book(middle(session), ticket).status is REQUESTED


def test_a_jurist_books_for_a_ptce_on_the_phone_and_the_asker_is_invited(session: JuriSession, jurist: Person) -> None:
    ticket = make_ptce_question()
    appointment = book(middle(session), ticket, jurist)
    assert appointment.status is CONFIRMED
    assert appointment.booked_by_id == ticket.asker_id


def test_a_delegate_books_for_a_ptce_on_the_phone_and_a_jurist_confirms(session: JuriSession) -> None:
    delegate = PersonFactory(delegate=True)
    assert book(middle(session), make_ptce_question(), delegate).status is REQUESTED


def test_the_second_on_a_place_is_told_that_it_is_full(session: JuriSession) -> None:
    book(middle(session))
    assert attempt(make_ptce_question(), middle(session)) == Booked(Outcome.FULL)
    assert attempt(make_ptce_question(), session.slots[2]).outcome is Outcome.BOOKED


def test_as_many_calls_at_once_as_there_are_seats_and_jurists(jurist: Person) -> None:
    other = PersonFactory(jurist=True)
    slot = middle(make_session(hosts=(jurist, other), seats=2))
    first, second = book(slot), book(slot)
    assert {first.seat, second.seat} == {1, 2}
    assert {*holders(first), *holders(second)} == {jurist.id, other.id}
    assert attempt(make_ptce_question(), slot).outcome is Outcome.FULL


def test_a_seat_without_a_free_jurist_is_as_full(session: JuriSession, jurist: Person) -> None:
    slot = middle(make_session("2027-04-06", hosts=(jurist,), seats=2))
    book(slot)
    assert attempt(make_ptce_question(), slot).outcome is Outcome.FULL


def test_a_jurist_taken_by_an_emergency_call_holds_none_of_the_session(session: JuriSession, jurist: Person) -> None:
    april = make_session("2027-04-06", hosts=(jurist,))
    urgent = make_ticket(urgency=2)
    with on("2027-04-06 08:00"):
        open_emergency(jurist, urgent, starts_at=at("2027-04-06 15:00"), minutes=30, **PHONE)
        ticket = make_ptce_question()
        calls.offer_call(jurist, ticket, medium=Medium.PHONE, session_id=april.id)
        assert attempt(ticket, april.slots[1]).outcome is Outcome.FULL
        assert attempt(ticket, april.slots[2]).outcome is Outcome.BOOKED


def test_a_session_without_a_jurist_yet_is_booked_and_the_holder_found_later() -> None:
    appointment = book(middle(make_session()))
    assert holders(appointment) == []


def test_an_absent_jurist_holds_no_call(session: JuriSession, jurist: Person) -> None:
    other = PersonFactory(jurist=True)
    april = make_session("2027-04-06", hosts=(jurist, other))
    next(host for host in april.hosts if host.person_id == jurist.id).is_absent = True
    db.session.commit()
    assert holders(book(middle(april))) == [other.id]


def test_the_jurist_who_studies_the_question_holds_the_call_then_the_least_taken(jurist: Person) -> None:
    first, second = jurist, PersonFactory(jurist=True)
    session = make_session(hosts=(first, second))
    studied = make_ptce_question(status=Status.STUDY, jurist=second)
    assert holders(book(session.slots[1], studied)) == [second.id]
    assert holders(book(session.slots[2])) == [first.id]


def test_a_jurist_with_a_conflict_of_interest_holds_no_call_about_it(session: JuriSession, jurist: Person) -> None:
    other, ticket = PersonFactory(jurist=True), make_ptce_question()
    april = make_session("2027-04-06", hosts=(jurist, other))
    operations.declare_conflict(other, ticket, jurist, reason="Le créancier est adhérent.")
    assert holders(book(middle(april), ticket)) == [other.id]


def test_a_partner_jurist_holds_the_calls_that_bring_the_partner_network_in() -> None:
    partner = make_partner()
    session = make_session(hosts=(partner,))
    plain, shared = make_ptce_question(), make_ptce_question()
    db.session.get_one(PtceDetails, shared.id).involves_authority = True
    db.session.commit()
    assert holders(book(session.slots[1], plain)) == []
    assert holders(book(session.slots[2], shared)) == [partner.id]


def test_the_same_choice_twice_is_one_appointment(session: JuriSession) -> None:
    ticket = make_ptce_question()
    assert book(middle(session), ticket) is book(middle(session), ticket)
    assert kinds(ticket) == ["call_booked"]


def test_every_invitation_has_a_name_of_its_own_that_tells_nothing(session: JuriSession) -> None:
    first, second = book(session.slots[1]), book(session.slots[2])
    assert first.uid != second.uid
    assert first.ticket.reference not in first.uid


def test_a_video_call_gets_a_room_that_nobody_guesses_or_the_one_of_the_session(session: JuriSession) -> None:
    link = "https://visio.example/permanence"
    april = make_session("2027-04-06", video_link=link)
    rooms = []
    for slot in (session.slots[1], session.slots[2], april.slots[1]):
        booked = attempt(make_ptce_question(), slot, medium=Medium.VIDEO, phone="")
        assert booked.appointment is not None
        rooms.append(booked.appointment.video_link)
    assert rooms[2] == link
    assert len(set(rooms)) == len(rooms)
    assert all(room.startswith("https://meet.jit.si/") and len(room) > 40 for room in rooms[:2])


def test_the_number_known_from_the_question_is_called_when_none_is_typed(session: JuriSession) -> None:
    ticket = make_ptce_question(callback_phone="07 11 22 33 44", urgency=3)
    booked = attempt(ticket, middle(session), phone="")
    assert booked.appointment is not None
    assert booked.appointment.phone == "07 11 22 33 44"


# --- what cannot be booked


def refused(ticket: Ticket, slot_id: int, **values: object) -> BadInput:
    assert ticket.asker is not None
    with pytest.raises(BadInput) as caught:
        booking.book(ticket.asker, ticket, slot_id, **{**PHONE, **values})
    assert db.session.scalar(sa.select(sa.func.count()).where(Appointment.ticket_id == ticket.id)) == 0
    return caught.value


@pytest.mark.parametrize("status", [SessionStatus.PROPOSED, SessionStatus.CANCELLED])
def test_a_slot_of_a_session_that_is_not_open_is_refused(status: SessionStatus) -> None:
    cancelled_at = at(FEBRUARY) if status is SessionStatus.CANCELLED else None
    session = make_session(status=status, cancelled_at=cancelled_at)
    error = refused(make_ptce_question(), middle(session).id)
    assert (error.field, "par écrit" in error.message) == ("slot", True)


def test_a_slot_in_the_past_is_refused_even_to_a_jurist(session: JuriSession, jurist: Person) -> None:
    ticket = make_ptce_question()
    with on("2027-03-02 15:00"):
        assert refused(ticket, session.slots[0].id).field == "slot"
        with pytest.raises(BadInput):
            booking.book(jurist, ticket, session.slots[1].id, **PHONE)


@pytest.mark.parametrize("slot_id", [0, -1, 999_999])
def test_a_slot_that_does_not_exist_is_refused(slot_id: int) -> None:
    assert refused(make_ptce_question(), slot_id).field == "slot"


def test_the_slot_of_an_emergency_is_nobody_elses(jurist: Person) -> None:
    call = open_emergency(jurist, make_ticket(urgency=2), starts_at=at("2027-02-15 10:00"), minutes=30, **PHONE)
    assert refused(make_ptce_question(), call.slot_id).field == "slot"


def test_past_the_cut_off_the_session_is_closed(session: JuriSession) -> None:
    ticket = make_ptce_question()
    with on("2027-02-23 14:00"):
        assert attempt(ticket, middle(session)).outcome is Outcome.BOOKED
    other = make_ptce_question()
    with on("2027-02-23 14:01"):
        error = refused(other, session.slots[2].id)
    assert (error.field, "séance suivante" in error.message) == ("slot", True)


def test_past_the_cut_off_a_jurist_lets_in_by_an_offer_for_that_session_or_by_booking(
    session: JuriSession, jurist: Person
) -> None:
    let_in, any_session, by_phone = make_ptce_question(), make_ptce_question(), make_ptce_question()
    calls.offer_call(jurist, any_session, medium=Medium.PHONE)
    with on("2027-02-26 09:00"):
        calls.offer_call(jurist, let_in, medium=Medium.PHONE, session_id=session.id)
        assert attempt(let_in, session.slots[1]).outcome is Outcome.BOOKED
        assert book(session.slots[2], by_phone, jurist).status is CONFIRMED
        assert refused(any_session, session.slots[3].id).field == "slot"


def test_the_ends_of_the_afternoon_are_kept_for_overseas_until_the_cut_off(
    session: JuriSession, jurist: Person
) -> None:
    first, last = session.slots[0], session.slots[3]
    here, reunion = make_ptce_question(), make_ptce_question(make_ptce(departement="974", delegation=None))
    assert "outre-mer" in refused(here, first.id).message
    assert refused(here, last.id).field == "slot"
    assert refused(reunion, last.id).field == "slot"
    assert attempt(reunion, first).outcome is Outcome.BOOKED
    assert book(last, here, jurist).status is CONFIRMED


def test_a_ptce_that_nothing_entitles_stays_in_writing_until_its_delegation_vouches(session: JuriSession) -> None:
    ptce = make_ptce(is_entitled=False)
    ticket = make_ptce_question(ptce)
    error = refused(ticket, middle(session).id)
    assert (error.field, "par écrit" in error.message) == ("entitlement", True)
    profile = db.session.get_one(PtceProfile, ptce.id)
    profile.vouched_by_id, profile.vouched_at = PersonFactory(delegate=True).id, at(FEBRUARY)
    db.session.commit()
    assert attempt(ticket, middle(session)).outcome is Outcome.BOOKED


def test_a_structure_that_is_no_ptce_has_no_monthly_call(session: JuriSession) -> None:
    assert refused(make_ticket(), middle(session).id).field == "entitlement"


def test_a_ptce_has_one_call_in_a_session_and_another_in_the_next(session: JuriSession) -> None:
    ptce, april = make_ptce(), make_session("2027-04-06")
    first, second = make_ptce_question(ptce), make_ptce_question(ptce)
    appointment = book(session.slots[1], first)
    assert "déjà un rendez-vous à cette séance" in refused(second, session.slots[2].id).message
    booking.cancel(make_asker(ptce), appointment)
    assert attempt(second, session.slots[2]).outcome is Outcome.BOOKED
    assert attempt(first, middle(april)).outcome is Outcome.BOOKED


def test_a_question_has_one_call_to_come(session: JuriSession) -> None:
    ticket, april = make_ptce_question(), make_session("2027-04-06")
    book(middle(session), ticket)
    with pytest.raises(BadInput) as caught:
        attempt(ticket, middle(april))
    assert "Déplacez-le" in caught.value.message


def test_a_call_by_phone_needs_a_number_and_one_by_video_does_not(session: JuriSession) -> None:
    ticket = make_ptce_question()
    assert refused(ticket, middle(session).id, phone="  ").field == "phone"
    assert refused(ticket, middle(session).id, phone="0" * 31).field == "phone"
    assert attempt(ticket, middle(session), medium=Medium.VIDEO, phone="").outcome is Outcome.BOOKED


def test_nobody_else_books_for_a_ptce(session: JuriSession) -> None:
    ticket = make_ptce_question()
    strangers = [
        make_asker(OrganisationFactory()),
        PersonFactory(delegate=True, delegation="normandie"),
        make_partner(),
        PersonFactory(admin=True),
    ]
    for person in strangers:
        with pytest.raises(NotAllowed):
            booking.book(person, ticket, middle(session).id, **PHONE)


def test_a_closed_question_has_no_call(session: JuriSession) -> None:
    ticket = make_ptce_question(status=Status.CLOSED)
    with pytest.raises(NotAllowed):
        attempt(ticket, middle(session))


def test_a_call_is_offered_by_jurists_to_entitled_ptce_for_an_open_session(
    session: JuriSession, jurist: Person
) -> None:
    ticket = make_ptce_question()
    with pytest.raises(NotAllowed):
        calls.offer_call(PersonFactory(delegate=True), ticket, medium=Medium.PHONE)
    with pytest.raises(BadInput) as caught:
        calls.offer_call(jurist, make_ptce_question(make_ptce(is_entitled=False)), medium=Medium.PHONE)
    assert caught.value.field == "entitlement"
    proposed = make_session("2027-05-04", status=SessionStatus.PROPOSED)
    for session_id in (proposed.id, 999_999):
        with pytest.raises(BadInput) as caught:
            calls.offer_call(jurist, ticket, medium=Medium.PHONE, session_id=session_id)
        assert caught.value.field == "session_id"


# --- cancelling


def test_a_ptce_cancels_until_the_day_before_and_the_place_is_free(session: JuriSession, jurist: Person) -> None:
    appointment = book(middle(session), None, jurist)
    with on(LAST_MINUTE):
        booking.cancel(appointment.booked_by, appointment, reason="Réunion déplacée.")
    assert appointment.status is AppointmentStatus.CANCELLED_BY_PTCE
    assert (appointment.sequence, appointment.is_late_cancel) == (1, False)
    assert appointment.cancelled_reason == "Réunion déplacée."
    assert kinds(appointment.ticket) == ["call_booked", "call_cancelled"]
    assert not any(one.is_occupying for one in appointment.attendances)
    assert book(middle(session)).seat == 1


def test_on_the_day_the_ptce_is_told_to_call_and_the_staff_notes_a_late_cancellation(
    session: JuriSession, jurist: Person
) -> None:
    appointment = book(middle(session), None, jurist)
    with on(THE_DAY):
        with pytest.raises(BadInput) as caught:
            booking.cancel(appointment.booked_by, appointment)
        assert "02 00 00 00 00" in caught.value.message
        with pytest.raises(BadInput):
            booking.move(appointment.booked_by, appointment, session.slots[2].id)
        booking.cancel(PersonFactory(delegate=True), appointment, is_for_ptce=True)
    assert appointment.status is AppointmentStatus.CANCELLED_BY_PTCE
    assert appointment.is_late_cancel


def test_the_staff_cancels_in_the_name_of_the_service(session: JuriSession, jurist: Person) -> None:
    appointment = book(middle(session))
    with on(THE_DAY):
        booking.cancel(jurist, appointment)
    assert appointment.status is AppointmentStatus.CANCELLED_BY_SERVICE
    assert not appointment.is_late_cancel


def test_a_call_is_cancelled_once_and_not_by_strangers(session: JuriSession) -> None:
    appointment = book(middle(session))
    with pytest.raises(NotAllowed):
        booking.cancel(make_asker(), appointment)
    booking.cancel(appointment.booked_by, appointment)
    with pytest.raises(InvalidTransition):
        booking.cancel(appointment.booked_by, appointment)
    assert appointment.sequence == 1


def test_what_changed_since_the_page_was_shown_is_not_cancelled(session: JuriSession, jurist: Person) -> None:
    appointment = book(middle(session))
    seen = appointment.version
    booking.confirm(jurist, appointment)
    with pytest.raises(InvalidTransition):
        booking.cancel(appointment.booked_by, appointment, seen_version=seen)
    booking.cancel(appointment.booked_by, appointment, seen_version=appointment.version)


def test_the_calls_that_the_service_cancels_together_are_each_cancelled_once(
    session: JuriSession, jurist: Person
) -> None:
    booked = [book(slot) for slot in session.slots[1:3]]
    operations.declare_conflict(jurist, booked[0].ticket, jurist, reason="Ancien employeur.")
    for expected in (2, 0):
        assert booking.cancel_by_service(booked, reason="Séance annulée.", actor=jurist) == expected
    assert {one.status for one in booked} == {AppointmentStatus.CANCELLED_BY_SERVICE}
    assert [kinds(one.ticket) for one in booked] == [["call_booked", "call_cancelled"]] * 2


# --- moving


def test_a_call_moves_with_its_invitation_and_leaves_its_place(session: JuriSession, jurist: Person) -> None:
    appointment = book(session.slots[1], None, jurist)
    appointment.preparation = "Lire le bail."
    moved = booking.move(appointment.booked_by, appointment, session.slots[2].id).appointment
    assert moved is not None
    assert (appointment.status, moved.status) == (AppointmentStatus.MOVED, CONFIRMED)
    assert (moved.uid, moved.sequence) == (appointment.uid, appointment.sequence + 1)
    assert (moved.phone, moved.preparation, moved.booked_by) == (NUMBER, "Lire le bail.", appointment.booked_by)
    assert holders(moved) == [jurist.id]
    assert kinds(moved.ticket) == ["call_booked", "call_moved"]
    assert attempt(make_ptce_question(), session.slots[1]).outcome is Outcome.BOOKED


def test_a_call_that_moves_to_a_session_without_a_jurist_is_told_to_the_lead(
    session: JuriSession, jurist: Person
) -> None:
    PersonFactory(lead=True)
    appointment, april = book(session.slots[1], None, jurist), make_session("2027-04-06")
    assert notices(appointment.ticket, Notice.JURI_UNHOSTED) == 0
    moved = booking.move(jurist, appointment, april.slots[1].id).appointment
    assert moved is not None
    assert (holders(moved), notices(moved.ticket, Notice.JURI_UNHOSTED)) == ([], 1)


def test_a_call_that_cannot_move_stays_where_it_is(session: JuriSession, jurist: Person) -> None:
    appointment = book(session.slots[1])
    book(session.slots[2])
    assert booking.move(jurist, appointment, session.slots[2].id) == Booked(Outcome.FULL)
    assert appointment.status is REQUESTED
    assert [one.is_occupying for one in appointment.attendances] == [True]
    assert kinds(appointment.ticket) == ["call_booked"]
    db.session.expire_all()
    assert db.session.get_one(Appointment, appointment.id).status is REQUESTED


def test_a_call_moves_to_another_session_before_its_cut_off_and_inside_its_own_after_it(session: JuriSession) -> None:
    appointment, april = book(session.slots[1]), make_session("2027-04-06")
    with on("2027-02-26 09:00"):
        moved = booking.move(appointment.booked_by, appointment, session.slots[2].id).appointment
        assert moved is not None
        again = booking.move(moved.booked_by, moved, april.slots[1].id).appointment
        assert again is not None
        with pytest.raises(BadInput):
            booking.move(again.booked_by, again, session.slots[1].id)
    assert again.sequence == 2


def test_a_call_does_not_move_to_where_it_is(session: JuriSession) -> None:
    appointment = book(middle(session))
    assert booking.move(appointment.booked_by, appointment, middle(session).id).appointment is appointment
    assert appointment.sequence == 0


def test_a_call_that_is_over_does_not_move(session: JuriSession) -> None:
    appointment = book(session.slots[1])
    booking.cancel(appointment.booked_by, appointment)
    with pytest.raises(InvalidTransition):
        booking.move(appointment.booked_by, appointment, session.slots[2].id)


def test_an_answered_question_still_lets_its_call_be_moved_and_cancelled(session: JuriSession, jurist: Person) -> None:
    ticket = make_ptce_question(status=Status.STUDY, jurist=jurist)
    appointment = book(session.slots[1], ticket)
    ticket.status = Status.ANSWERED
    db.session.commit()
    moved = booking.move(ticket.asker, appointment, session.slots[2].id).appointment
    assert moved is not None
    booking.cancel(ticket.asker, moved)


# --- who holds it


def test_a_second_jurist_joins_a_call_and_the_first_leaves_it(session: JuriSession, jurist: Person) -> None:
    other, appointment = PersonFactory(jurist=True), book(middle(session), None, jurist)
    booking.attend(jurist, appointment, other)
    booking.attend(jurist, appointment, other)
    assert (set(holders(appointment)), appointment.sequence) == ({jurist.id, other.id}, 1)
    booking.leave(other, appointment, jurist)
    assert (holders(appointment), appointment.sequence) == ([other.id], 1)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Attendance)) == 1
    with pytest.raises(BadInput) as caught:
        booking.leave(other, appointment, jurist)
    assert caught.value.field == "person"


def test_a_jurist_does_not_join_a_call_while_in_another(session: JuriSession, jurist: Person) -> None:
    busy, appointment = PersonFactory(jurist=True), book(middle(session))
    with on("2027-03-02 08:00"):
        open_emergency(busy, make_ticket(urgency=2), starts_at=at("2027-03-02 15:20"), minutes=30, **PHONE)
        with pytest.raises(BadInput) as caught:
            booking.attend(jurist, appointment, busy)
    assert (caught.value.field, "déjà un échange" in caught.value.message) == ("person", True)
    assert (holders(appointment), appointment.sequence) == ([jurist.id], 0)


def test_only_jurists_who_may_read_the_question_join_a_call(session: JuriSession, jurist: Person) -> None:
    appointment, conflicted = book(middle(session)), PersonFactory(jurist=True)
    operations.declare_conflict(jurist, appointment.ticket, conflicted, reason="Ancien employeur.")
    for person in (conflicted, make_partner(), PersonFactory(delegate=True), appointment.booked_by):
        with pytest.raises(BadInput):
            booking.attend(jurist, appointment, person)


def test_the_pole_alone_confirms_and_says_who_holds_a_call(session: JuriSession, jurist: Person) -> None:
    appointment = book(middle(session))
    for person in (appointment.booked_by, PersonFactory(delegate=True), make_partner()):
        for act in (
            lambda: booking.confirm(person, appointment),  # noqa: B023 (run in the same turn)
            lambda: booking.attend(person, appointment, jurist),  # noqa: B023
            lambda: booking.leave(person, appointment, jurist),  # noqa: B023
        ):
            with pytest.raises(NotAllowed):
                act()


def test_nothing_changes_in_a_call_that_is_over(session: JuriSession, jurist: Person) -> None:
    appointment = book(middle(session))
    booking.cancel(appointment.booked_by, appointment)
    for act in (
        lambda: booking.confirm(jurist, appointment),
        lambda: booking.attend(jurist, appointment, PersonFactory(jurist=True)),
        lambda: booking.leave(jurist, appointment, jurist),
    ):
        with pytest.raises(HelpdeskError):
            act()


def test_a_jurist_who_joins_a_call_only_requested_leaves_the_links_of_the_ptce_alive(session: JuriSession) -> None:
    appointment, other = book(middle(session)), PersonFactory(jurist=True)
    booking.attend(other, appointment, other)
    assert other.id in holders(appointment)
    assert (appointment.status, appointment.sequence) == (AppointmentStatus.REQUESTED, 0)


def test_a_question_given_to_another_structure_meanwhile_is_not_booked_for_the_first(session: JuriSession) -> None:
    ticket = make_ptce_question()
    asker, other = ticket.asker, make_ptce()
    assert ticket.organisation is not None
    changed_count(sa.update(Ticket).where(Ticket.id == ticket.id).values(organisation_id=other.id, asker_id=None))
    with pytest.raises(NotAllowed):
        booking.book(asker, ticket, middle(session).id, **PHONE)


def test_a_request_that_nobody_confirmed_in_time_is_excused_and_the_question_may_have_another_call(
    session: JuriSession, jurist: Person
) -> None:
    asked, agreed = book(session.slots[1]), book(session.slots[2], None, jurist)
    later = make_session("2027-04-06", hosts=(jurist,))
    with on("2027-03-02 14:54"):
        assert booking.end_unconfirmed() == 0
    with on("2027-03-02 15:40"):
        assert (booking.end_unconfirmed(), booking.end_unconfirmed()) == (1, 0)
        assert (asked.status, agreed.status) == (AppointmentStatus.CANCELLED_BY_SERVICE, CONFIRMED)
        assert notices(asked.ticket, Notice.JURI_CANCELLED) == 1
        assert book(middle(later), asked.ticket).status is REQUESTED
