"""The awkward cases of the sessions, one after the other, with the mails and the calendar files that they send.

Each is told from its beginning to what everybody is left with; the details have their own tests.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from time_machine import TimeMachineFixture

from helpdesk import clock
from helpdesk.accounts.models import Person
from helpdesk.db import db
from helpdesk.errors import BadInput, NotFound
from helpdesk.juri_ptce import links
from helpdesk.juri_ptce.calendar import paris_day, proposed_day
from helpdesk.juri_ptce.enums import AppointmentStatus, DayProblem, Medium, PartSide, SessionStatus
from helpdesk.juri_ptce.links import Purpose
from helpdesk.juri_ptce.models import Appointment, JuriSession, Slot
from helpdesk.juri_ptce.operations import (
    accounting,
    booking,
    calls,
    details,
    holding,
    hosts,
    parts,
    reminding,
    sessions,
)
from helpdesk.juri_ptce.operations.holding import AfterAbsence
from helpdesk.juri_ptce.operations.parts import Brief
from helpdesk.juri_ptce.queries.figures import figures
from helpdesk.juri_ptce.queries.parts import get_readable_part, parts_of
from helpdesk.juri_ptce.queries.slots import open_slots
from helpdesk.mail.enums import Notice
from helpdesk.mail.models import Mail
from helpdesk.reporting import Period
from helpdesk.tickets import operations
from helpdesk.tickets import perms as ticket_perms
from helpdesk.tickets.enums import Status
from helpdesk.tickets.models import Ticket
from tests.factories.accounts import PersonFactory
from tests.factories.juri_ptce import at, make_partner, make_ptce, make_ptce_question, make_session
from tests.factories.tickets import ANSWER, bring_to, key, make_asker, make_ticket
from tests.juri_ptce.test_invitations import PHONE, World, january, plain, sent, values  # noqa: F401 (a fixture)
from tests.support import http, pages
from tests.support.scenes import Keep

SignIn = Callable[[Person], http.Client]
REASON = "Les deux juristes de la séance sont absents."
YEAR = Period.of_year(2027)
BY_PHONE: dict[str, Any] = {"medium": Medium.PHONE, "phone": PHONE}


@pytest.fixture
def world(kept: Keep) -> World:
    """A PTCE of La Réunion whose call a jurist offered, on 12 January 2027."""
    return kept(World)


def books(ticket: Ticket, slot: Slot) -> Appointment:
    """The PTCE takes a slot that a jurist offered."""
    calls.offer_call(PersonFactory(jurist=True), ticket, medium=Medium.PHONE)
    assert ticket.asker is not None
    booked = booking.book(ticket.asker, ticket, slot.id, **BY_PHONE)
    assert booked.appointment is not None
    return booked.appointment


def methods(app: Flask, person: Person | None) -> list[str]:
    """What the calendar of somebody was told, in order."""
    assert person is not None
    return [calendar.method.value for _, calendar in sent(app, person)]


def mails_to(person: Person | None, notice: Notice) -> list[Mail]:
    assert person is not None
    select = sa.select(Mail).where(Mail.recipient_person_id == person.id, Mail.notice == notice)
    return list(db.session.scalars(select.order_by(Mail.id)))


def words_of(mail: Mail) -> str:
    return plain(mail.text)


# --- jurists


def test_a_jurist_who_leaves_hands_the_calls_over_and_keeps_the_answers_signed(app: Flask, world: World) -> None:
    answered = make_ptce_question(status=Status.STUDY, jurist=world.jurist)
    answer = operations.answer(world.jurist, answered, ANSWER, seen_version=None)
    hosts.set_hosts(world.jurist, world.march, hosts=[world.jurist.id, world.colleague.id])
    bring_to(world.ticket, Status.STUDY, jurist=world.jurist)
    call = world.book()
    assert [one.person_id for one in call.attendances] == [world.jurist.id]

    world.jurist.roles[0].ends_on = clock.today() - timedelta(days=1)
    db.session.commit()
    assert hosts.free_departed() == 1

    db.session.expire_all()
    assert [one.person_id for one in call.attendances] == [world.colleague.id]
    assert call.status is AppointmentStatus.CONFIRMED
    assert methods(app, world.jurist) == ["REQUEST"]  # whoever has no access any more is written nothing
    assert methods(app, world.colleague) == ["REQUEST"]
    told = [values(calendar) for _, calendar in sent(app, world.asker)]
    assert {one["uid"] for one in told} == {call.uid}
    assert [one["sequence"] for one in told] == [0, 1]
    assert answer.author_id == world.jurist.id


def test_a_jurist_on_leave_hands_the_calls_over_and_their_calendar_forgets_them(app: Flask, world: World) -> None:
    both = [world.jurist.id, world.colleague.id]
    hosts.set_hosts(world.colleague, world.march, hosts=both)
    bring_to(world.ticket, Status.STUDY, jurist=world.jurist)
    call = world.book()
    hosts.set_hosts(world.colleague, world.march, hosts=both, absent=both[:1])
    assert [one.person_id for one in call.attendances] == both[1:]
    assert (methods(app, world.jurist), methods(app, world.colleague)) == (["REQUEST", "CANCEL"], ["REQUEST"])
    operations.hand_over(PersonFactory(lead=True), world.ticket, world.colleague)
    assert world.ticket.jurist_id == world.colleague.id


def test_all_jurists_are_absent_and_each_ptce_gets_one_cancel_and_its_choice(app: Flask, world: World) -> None:
    others = [make_ptce_question(), make_ptce_question()]
    booked = [world.book(), *(books(ticket, slot) for ticket, slot in zip(others, world.march.slots[1:3], strict=True))]
    lead = PersonFactory(lead=True)
    hosts.set_hosts(lead, world.march, hosts=[world.jurist.id], absent=[world.jurist.id])
    assert mails_to(lead, Notice.JURI_UNHOSTED)
    statuses = [call.ticket.status for call in booked]

    assert sessions.cancel_session(lead, world.march, reason=REASON) == 3

    for call, status in zip(booked, statuses, strict=True):
        asker = call.ticket.asker
        assert methods(app, asker).count("CANCEL") == 1
        assert methods(app, asker)[-1] == "CANCEL"
        [mail] = mails_to(asker, Notice.JURI_CANCELLED)
        assert REASON.rstrip(".") in words_of(mail)
        assert "par écrit" in words_of(mail)
        assert "autre créneau" in words_of(mail)
        assert call.ticket.status is status
        assert {one.session.id for one in open_slots(call.ticket, clock.now())} == {world.april.id}
    # The jurist was told when the absence was noted, and not a second time.
    assert methods(app, world.jurist).count("CANCEL") == 3


def test_the_session_of_1_may_2029_is_a_holiday_decided_by_the_pole(
    app: Flask,
    january: TimeMachineFixture,  # noqa: F811
) -> None:
    january.move_to(datetime(2028, 6, 1, 9, tzinfo=UTC), tick=False)
    lead = PersonFactory(lead=True)
    sessions.make_ahead()
    may = db.session.scalars(sa.select(JuriSession).where(JuriSession.month_on == date(2029, 5, 1))).one()
    assert (paris_day(may.starts_at), may.status, may.problem) == (
        date(2029, 5, 1),
        SessionStatus.PROPOSED,
        DayProblem.HOLIDAY,
    )
    assert mails_to(lead, Notice.JURI_TO_DECIDE)
    ticket = make_ptce_question()
    with pytest.raises(BadInput) as refused:
        booking.book(ticket.asker, ticket, may.slots[1].id, **BY_PHONE)
    assert refused.value.field == "slot"
    assert may.id not in {one.session.id for one in open_slots(ticket, clock.now())}

    day = proposed_day(paris_day(may.starts_at))
    assert day == date(2029, 5, 15)  # the 8th is a holiday too
    sessions.move_session(lead, may, day)
    assert may.status is SessionStatus.SCHEDULED
    assert booking.book(ticket.asker, ticket, may.slots[1].id, **BY_PHONE).appointment is not None


# --- clocks


def test_a_call_moved_over_the_change_of_clocks_is_at_16_h_at_la_reunion_and_nobody_is_woken(
    app: Flask,
    world: World,
    january: TimeMachineFixture,  # noqa: F811
) -> None:
    moved = booking.move(world.asker, world.book(), world.april.slots[0].id).appointment
    assert moved is not None
    (_, march), (mail, april) = sent(app, world.asker)
    assert values(march)["start"] == datetime(2027, 3, 2, 13, tzinfo=UTC)
    assert values(april)["start"] == datetime(2027, 4, 6, 12, tzinfo=UTC)
    assert "14 h (16 h à La Réunion)" in plain(mail.get_body(("plain",)).get_content())
    assert "16 h à La Réunion" in plain(april.vevent.description.value)

    # Due since the 4th at two in the afternoon; the worker was away, and is back in the night.
    january.move_to(at("2027-04-05 02:30"), tick=False)
    assert reminding.remind() == 0
    january.move_to(at("2027-04-05 03:00"), tick=False)
    assert reminding.remind() == 1


# --- places


def test_two_ptce_click_the_last_slot_and_the_second_is_led_on(app: Flask, sign_in: SignIn) -> None:
    near, far = (make_session((clock.today() + timedelta(days=days)).isoformat()) for days in (40, 75))
    for slot in near.slots[:3]:
        lead = PersonFactory(lead=True)
        assert booking.book(lead, make_ptce_question(), slot.id, **BY_PHONE).appointment is not None
    two = [make_ptce_question(make_ptce(departement="971", delegation="guadeloupe")) for _ in range(2)]
    last = near.slots[3]
    clients, addresses = [], []
    for ticket in two:
        assert ticket.asker is not None
        clients.append(sign_in(ticket.asker))
        addresses.append(f"/juri-ptce/questions/{ticket.reference}/creneau")
        assert f'value="{last.id}"' in clients[-1].get(addresses[-1]).text

    choice = {"slot": last.id, "medium": "phone", "phone": PHONE}
    answers = [
        client.post(address, data=choice | {"submission_key": key()})
        for client, address in zip(clients, addresses, strict=True)
    ]

    assert [answer.status_code for answer in answers] == [303, 200]
    text = pages.text_of(answers[1])
    assert "vient d’être pris" in text
    assert any(f'value="{slot.id}"' in answers[1].text for slot in far.slots)
    assert "Rejoindre la liste d’attente" in text
    assert "Je préfère une réponse écrite" in text
    db.session.expire_all()
    assert two[1].status is Status.TRIAGE


def test_a_ptce_that_does_not_come_is_answered_in_writing_without_a_penalty(
    world: World,
    january: TimeMachineFixture,  # noqa: F811
) -> None:
    bring_to(world.ticket, Status.STUDY, jurist=world.jurist)
    call = world.book()
    january.move_to(at("2027-03-02 14:09"), tick=False)
    with pytest.raises(BadInput, match="14"):
        holding.mark_absent(world.jurist, call, after=AfterAbsence.WRITTEN, seen_version=None)
    db.session.rollback()
    january.move_to(at("2027-03-02 14:10"), tick=False)
    holding.mark_absent(world.jurist, call, after=AfterAbsence.WRITTEN, seen_version=None)

    operations.answer(world.jurist, world.ticket, ANSWER, seen_version=None)
    assert world.ticket.status is Status.ANSWERED
    again = make_ptce_question(world.ptce, world.asker)
    assert booking.book(world.asker, again, world.april.slots[0].id, **BY_PHONE).appointment is not None
    found = figures(YEAR, clock.now())
    assert (found.calls.absent, found.calls.held, found.answers.written) == (1, 0, 1)


def test_a_late_cancellation_is_no_absence(world: World, january: TimeMachineFixture) -> None:  # noqa: F811
    call = world.book()
    january.move_to(at("2027-03-02 09:00"), tick=False)
    with pytest.raises(BadInput, match="appelez"):
        booking.cancel(world.asker, call)
    db.session.rollback()
    booking.cancel(world.jurist, call, is_for_ptce=True)
    found = figures(YEAR, clock.now()).calls
    assert (found.cancelled_late, found.cancelled_by_ptce, found.cancelled_by_service, found.absent) == (1, 0, 0, 0)


# --- two networks


def test_a_lease_and_a_subsidy_are_answered_by_two_jurists_who_read_their_part_alone(
    world: World,
    january: TimeMachineFixture,  # noqa: F811
) -> None:
    partner = make_partner()
    bring_to(world.ticket, Status.STUDY, jurist=world.jurist)
    asked = {
        PartSide.FEDERATION: Brief(question="Le bail ?"),
        PartSide.RTES: Brief(question="La subvention ?", answerer=partner),
    }
    parts.bring_in(world.jurist, world.ticket, asked)
    call = world.book()  # La Réunion has the first slot: 17 h there
    booking.attend(world.jurist, call, partner)
    january.move_to(at("2027-03-02 14:40"), tick=False)
    holding.hold(world.jurist, call, seen_version=None)

    ours, theirs = sorted(parts_of(world.ticket), key=lambda part: part.side.value)
    parts.write_part(world.jurist, ours, text="Le bail tient.", seen_version=None)
    parts.write_part(partner, theirs, text="La subvention se cumule.", seen_version=None)
    assert not ticket_perms.can_view(partner, world.ticket)
    assert get_readable_part(partner, world.ticket.reference, PartSide.RTES).part.text == "La subvention se cumule."
    with pytest.raises(NotFound):
        get_readable_part(partner, world.ticket.reference, PartSide.FEDERATION)
    parts.approve(partner, theirs, seen_version=None)
    with pytest.raises(BadInput, match="deux volets"):
        accounting.write_account(world.jurist, call, ANSWER, seen_version=None)
    db.session.rollback()
    parts.approve(world.jurist, ours, seen_version=None)
    assert get_readable_part(partner, world.ticket.reference, PartSide.FEDERATION).part.text == "Le bail tient."
    accounting.write_account(world.jurist, call, ANSWER, seen_version=None)
    assert world.ticket.status is Status.ANSWERED


# --- bad input: a clear message, and no question lost


def past(world: World) -> Slot:
    return make_session("2027-01-05").slots[1]


def cancelled(world: World) -> Slot:
    sessions.cancel_session(PersonFactory(lead=True), world.april, reason=REASON)
    return world.april.slots[1]


def closed(world: World) -> Slot:
    return make_session("2027-01-14", month_on=date(2027, 1, 1)).slots[1]


def of_an_emergency(world: World) -> Slot:
    slot = Slot(starts_at=at("2027-01-12 16:00"), ends_at=at("2027-01-12 16:30"), seats=1)
    db.session.add(slot)
    db.session.commit()
    return slot


def unknown(world: World) -> Slot:
    return Slot(id=987_654)


@pytest.mark.parametrize("choose", [past, cancelled, closed, of_an_emergency, unknown])
def test_a_slot_that_cannot_be_had_is_refused_in_french_and_the_question_goes_on(
    world: World, sign_in: SignIn, choose: Callable[[World], Slot]
) -> None:
    slot_id = choose(world).id
    calls.withdraw_offer(world.jurist, world.ticket)
    address = f"/juri-ptce/questions/{world.ticket.reference}/creneau"
    choice = {"slot": slot_id, "medium": "phone", "phone": "06 11 22 33 44", "submission_key": key()}
    answer = sign_in(world.asker).post(address, data=choice)
    assert answer.status_code == 422
    assert "Choisissez" in pages.text_of(answer)
    assert "06 11 22 33 44" in answer.text
    db.session.expire_all()
    assert world.ticket.status.is_open
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Appointment)) == 0


def test_a_forged_link_is_not_found_and_an_outdated_one_says_what_stands(app: Flask, world: World) -> None:
    call, visitor = world.book(), http.new_client(app)
    link = links.make(Purpose.CANCEL, id=call.id, sequence=call.sequence, person_id=world.asker.id)
    path = link[link.index("/juri-ptce/lien/") :]
    assert visitor.get(path[:-2] + "zz").status_code == 404
    booking.move(world.asker, call, world.april.slots[0].id)
    answer = visitor.post(path, data={"submission_key": key()})
    assert answer.status_code == 410
    db.session.expire_all()
    to_come = sa.select(Appointment).where(Appointment.status == AppointmentStatus.CONFIRMED)
    assert db.session.scalars(to_come).one().slot_id == world.april.slots[0].id


def test_a_ptce_that_nothing_entitles_keeps_its_written_track_until_the_delegation_vouches(app: Flask) -> None:
    january_first, ptce = make_session("2027-03-02"), make_ptce(is_entitled=False)
    ticket = make_ptce_question(ptce)
    with pytest.raises(BadInput) as refused:
        booking.book(ticket.asker, ticket, january_first.slots[1].id, **BY_PHONE)
    assert refused.value.field == "entitlement"
    assert "par écrit" in refused.value.message
    db.session.rollback()
    assert ticket.status is Status.TRIAGE
    details.vouch(PersonFactory(delegate=True), ptce)
    assert booking.book(ticket.asker, ticket, january_first.slots[1].id, **BY_PHONE).appointment is not None


def test_a_session_cancelled_with_three_people_booked_loses_no_question(app: Flask) -> None:
    session = make_session("2027-03-02", hosts=tuple(PersonFactory(jurist=True) for _ in range(3)), seats=3)
    booked = [books(make_ptce_question(), session.slots[1]) for _ in range(3)]
    sessions.cancel_session(PersonFactory(lead=True), session, reason=REASON)
    for call in booked:
        assert methods(app, call.ticket.asker) == ["REQUEST", "CANCEL"]
        assert call.ticket.status.is_open
        assert call.status is AppointmentStatus.CANCELLED_BY_SERVICE


def test_a_member_that_is_no_ptce_never_reaches_the_sessions(app: Flask, sign_in: SignIn) -> None:
    make_session("2027-03-02")
    ticket = make_ticket(make_asker())
    assert ticket.asker is not None
    answer = sign_in(ticket.asker).get(f"/juri-ptce/questions/{ticket.reference}/creneau")
    assert answer.status_code in (403, 404)
