"""Who is told what about sessions, calls and parts, and in which words."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from syrupy.assertion import SnapshotAssertion
from time_machine import TimeMachineFixture

from helpdesk import clock
from helpdesk.accounts.enums import Role
from helpdesk.accounts.models import Mandate, Person
from helpdesk.db import db
from helpdesk.juri_ptce import links, mails
from helpdesk.juri_ptce.enums import AppointmentStatus, DayProblem, Medium, PartSide, WaitingStatus
from helpdesk.juri_ptce.links import Purpose
from helpdesk.juri_ptce.models import Appointment, Invitation, QuestionPart, WaitingEntry
from helpdesk.juri_ptce.operations import booking, calls, sessions
from helpdesk.mail.enums import MailStatus, Notice
from helpdesk.mail.models import Mail
from helpdesk.tickets import operations as ticket_operations
from helpdesk.tickets.mails import holding
from tests.factories.accounts import PersonFactory
from tests.factories.juri_ptce import make_partner, make_session
from tests.juri_ptce.test_invitations import PHONE, TITLE, World, january, plain  # noqa: F401 (a fixture)
from tests.support import http
from tests.support.scenes import Keep
from tests.tickets.test_mails import shown


@pytest.fixture
def world(kept: Keep) -> World:
    return kept(World)


def written(notice: Notice | None = None) -> list[Mail]:
    statement = sa.select(Mail).order_by(Mail.id).execution_options(populate_existing=True)
    return [mail for mail in db.session.scalars(statement) if notice in (None, mail.notice)]


def told(notice: Notice) -> list[str]:
    """The first names of those written to."""
    return sorted(mail.recipient.first_name for mail in written(notice) if mail.recipient)


def forget() -> None:
    db.session.execute(sa.update(Mail).values(status=MailStatus.SENT, sent_at=clock.now()))
    db.session.execute(sa.delete(Mail))
    db.session.commit()


def requested(world: World) -> Appointment:
    calls.withdraw_offer(world.jurist, world.ticket)
    return world.book()


def held(world: World) -> Appointment:
    appointment = world.book()
    appointment.status, appointment.account_due_on = AppointmentStatus.HELD, clock.today() - timedelta(days=1)
    db.session.commit()
    return appointment


def offered(world: World) -> WaitingEntry:
    appointment = requested(world)
    appointment.status, appointment.expires_at = AppointmentStatus.OFFERED, clock.now() + timedelta(hours=24)
    entry = WaitingEntry(
        session=world.march,
        ticket=world.ticket,
        person=world.asker,
        appointment=appointment,
        status=WaitingStatus.OFFERED,
        medium=Medium.PHONE,
        created_at=clock.now(),
    )
    db.session.add(entry)
    db.session.commit()
    return entry


def parts(world: World, answerer: Person | None = None) -> list[QuestionPart]:
    values = ((PartSide.FEDERATION, world.jurist), (PartSide.RTES, answerer))
    found = [
        QuestionPart(ticket=world.ticket, side=side, question="Le bail", answerer=person, text="Oui.")
        for side, person in values
    ]
    db.session.add_all(found)
    db.session.commit()
    return found


def to_decide(world: World) -> None:
    world.april.problem = DayProblem.HOLIDAY
    mails.to_decide(world.april)


def cancelled_by_service(world: World) -> None:
    booking.cancel_by_service([world.book()], reason="Les juristes sont absents.")


def awaited(world: World) -> None:
    offered(world)
    sessions.cancel_session(world.jurist, world.march, reason="Les juristes sont en congrès.")


def after_the_question(world: World) -> None:
    appointment = world.book()
    ticket_operations.withdraw(world.asker, world.ticket)
    if appointment.status is AppointmentStatus.CONFIRMED:
        booking.cancel_by_service([appointment], reason="")


def late_reminder(world: World) -> None:
    appointment = world.book(Medium.PHONE)
    appointment.slot.starts_at, appointment.slot.ends_at = (
        clock.now() + timedelta(hours=2),
        clock.now() + timedelta(hours=2, minutes=45),
    )
    db.session.flush()
    mails.reminder(appointment, is_last=True)


Case = tuple[Notice, Callable[[World], Any]]
CASES: dict[str, Case] = {
    "call_offered": (Notice.JURI_CALL_OFFERED, lambda world: None),
    "booked_by_video": (Notice.JURI_BOOKED, lambda world: world.book()),
    "booked_by_phone": (Notice.JURI_BOOKED, lambda world: world.book(Medium.PHONE)),
    "requested": (Notice.JURI_BOOKED, requested),
    "to_confirm": (Notice.JURI_TO_CONFIRM, requested),
    "changed": (
        Notice.JURI_CHANGED,
        lambda world: booking.move(world.asker, world.book(), world.april.slots[0].id),
    ),
    "cancelled_by_ptce": (Notice.JURI_CANCELLED, lambda world: booking.cancel(world.asker, world.book())),
    "cancelled_by_service": (Notice.JURI_CANCELLED, cancelled_by_service),
    "awaited_session_cancelled": (Notice.JURI_CANCELLED, awaited),
    "cancelled_with_the_question": (Notice.JURI_CANCELLED, after_the_question),
    "uninvited": (
        Notice.JURI_CANCELLED,
        lambda world: booking.leave(world.jurist, world.book(), world.jurist),
    ),
    "reminder": (Notice.JURI_REMINDER, lambda world: mails.reminder(world.book(), is_last=False)),
    "reminder_of_the_day": (Notice.JURI_REMINDER, late_reminder),
    "place_offered": (Notice.JURI_PLACE_OFFERED, lambda world: mails.place_offered(offered(world))),
    "unhosted": (Notice.JURI_UNHOSTED, lambda world: mails.unhosted(world.book())),
    "account_due": (Notice.JURI_ACCOUNT_DUE, lambda world: mails.account_due(held(world))),
    "to_vouch": (Notice.JURI_TO_VOUCH, lambda world: mails.to_vouch(world.ticket)),
    "to_decide": (Notice.JURI_TO_DECIDE, to_decide),
    "part": (Notice.JURI_PART, lambda world: mails.part_given(parts(world)[1])),
    "parts_approved": (Notice.JURI_PART, lambda world: mails.parts_approved(parts(world))),
}


@pytest.fixture
def scene(world: World) -> World:
    """Everybody whom a notice may concern."""
    PersonFactory(lead=True, first_name="Lead", last_name="Morel", email="lead@f.example")
    PersonFactory(delegate=True, delegation="ocean-indien", first_name="Delegate")
    make_partner().first_name = "Partner"
    db.session.commit()
    return world


@pytest.mark.sqlite_only
@pytest.mark.parametrize("case", CASES)
def test_each_mail_reads_as_it_was_approved(scene: World, case: str, snapshot: SnapshotAssertion) -> None:
    notice, act = CASES[case]
    act(scene)
    found = written(notice)
    assert found
    one_of_each = {mail.recipient == scene.asker: mail for mail in reversed(found) if mail.recipient}
    texts = [shown(one_of_each[key]) for key in sorted(one_of_each, reverse=True)]
    hidden = re.sub(r"/lien/[\w.-]+", "/lien/…", "\n".join(texts))
    hidden = re.sub(r"(meet\.jit\.si)/[\w-]+", r"\1/…", hidden)
    assert re.sub(r"(rendez-vous|seances)/\d+", r"\1/7", hidden) == snapshot


@pytest.mark.sqlite_only
@pytest.mark.parametrize("case", CASES)
def test_each_mail_is_short_and_says_nothing_of_the_question(scene: World, case: str) -> None:
    notice, act = CASES[case]
    act(scene)
    for mail in written(notice):
        assert len(mail.text.split()) <= 120
        assert TITLE not in mail.subject + mail.text + mail.html
        assert "immersion" not in mail.text
        names_it = mail.notice is Notice.JURI_TO_VOUCH
        assert (scene.ptce.name in mail.subject + mail.text) == names_it
        assert len(mail.subject) <= 150


RECIPIENTS = {
    "call_offered": ["Lise"],
    "booked_by_video": ["Lise", "Nadia"],
    "requested": ["Lise"],
    "to_confirm": ["Nadia"],
    "changed": ["Lise", "Nadia"],
    "cancelled_by_ptce": ["Lise", "Nadia"],
    "cancelled_by_service": ["Lise", "Nadia"],
    "awaited_session_cancelled": ["Lise"],
    "uninvited": ["Nadia"],
    "reminder": ["Lise", "Nadia"],
    "place_offered": ["Lise"],
    "unhosted": ["Lead", "Nadia"],
    "account_due": ["Nadia"],
    "to_vouch": ["Delegate"],
    "to_decide": ["Lead"],
    "part": ["Partner"],
    "parts_approved": ["Nadia"],
}


@pytest.mark.parametrize("case", RECIPIENTS)
def test_each_notice_goes_to_whom_it_concerns(scene: World, case: str) -> None:
    notice, act = CASES[case]
    act(scene)
    assert told(notice) == RECIPIENTS[case]


def test_a_sensitive_question_hides_the_ptce_and_the_jurists(scene: World) -> None:
    scene.ticket.is_sensitive = True
    db.session.commit()
    mails.to_vouch(scene.ticket)
    scene.book()
    assert scene.ptce.name not in "".join(mail.subject + mail.text for mail in written())
    [mail] = [mail for mail in written(Notice.JURI_BOOKED) if mail.recipient == scene.asker]
    assert "Benali" not in mail.text


def test_without_a_host_of_the_pole_the_whole_pole_confirms(scene: World) -> None:
    for host in scene.march.hosts:
        host.is_absent = True
    db.session.commit()
    requested(scene)
    assert told(Notice.JURI_TO_CONFIRM) == ["Lead", "Nadia", "Paul"]


def test_a_call_that_neither_the_lead_nor_a_host_may_see_is_told_to_the_pole(scene: World) -> None:
    appointment, lead = scene.book(), holding(Role.LEAD)[0]
    ticket_operations.declare_conflict(lead, appointment.ticket, lead, reason="Ancien employeur.")
    scene.march.hosts.clear()
    db.session.flush()
    forget()
    mails.unhosted(appointment)
    assert told(Notice.JURI_UNHOSTED) == ["Nadia", "Paul"]


def test_somebody_stands_in_for_a_person_who_left_the_ptce(scene: World) -> None:
    colleague = PersonFactory(member=True, organisation=scene.ptce, first_name="Tom")
    appointment = scene.book()
    db.session.execute(
        sa.update(Mandate).where(Mandate.person_id == scene.asker.id).values(ends_on=clock.today() - timedelta(days=1))
    )
    db.session.commit()
    db.session.expire_all()
    forget()
    booking.cancel_by_service([appointment], reason="")
    assert colleague.first_name in told(Notice.JURI_CANCELLED)
    assert "Lise" not in told(Notice.JURI_CANCELLED)


def test_the_signed_links_of_a_mail_are_of_the_call_as_it_stands(scene: World) -> None:
    moved = booking.move(scene.asker, scene.book(), scene.april.slots[0].id).appointment
    [mail] = [mail for mail in written(Notice.JURI_CHANGED) if mail.recipient == scene.asker]
    read = [links.read(token) for token in re.findall(r"/lien/(\S+)", mail.text)]
    assert read == [(one, moved.id, 1, scene.asker.id) for one in (Purpose.MOVE, Purpose.CANCEL)]


def test_the_links_of_an_offer_name_the_entry_of_the_waiting_list(scene: World) -> None:
    entry = offered(scene)
    mails.place_offered(entry)
    [mail] = written(Notice.JURI_PLACE_OFFERED)
    read = [links.read(token) for token in re.findall(r"/lien/(\S+)", mail.text)]
    assert read == [(one, entry.id, 0, mail.recipient_person_id) for one in (Purpose.ACCEPT, Purpose.DECLINE)]
    assert mail.expires_at == entry.appointment.expires_at


def test_what_has_not_left_is_stopped_when_the_call_changes(scene: World) -> None:
    appointment = scene.book()
    booking.cancel(scene.asker, appointment)
    left = [(mail.notice, mail.recipient.first_name) for mail in written() if mail.status is MailStatus.QUEUED]
    assert sorted(one for one in left if one[0].value.startswith("juri")) == [
        (Notice.JURI_CALL_OFFERED, "Lise"),
        (Notice.JURI_CANCELLED, "Lise"),
        (Notice.JURI_CANCELLED, "Nadia"),
    ]


def test_a_mail_about_a_call_is_of_no_use_after_it(scene: World) -> None:
    appointment = scene.book()
    assert {mail.expires_at for mail in written(Notice.JURI_BOOKED)} == {appointment.slot.ends_at}
    booking.cancel(scene.asker, appointment)
    assert {mail.expires_at for mail in written(Notice.JURI_CANCELLED)} == {None}


def test_a_question_made_sensitive_changes_no_word_about_its_call(scene: World) -> None:
    booking.cancel(scene.asker, scene.book())
    ticket_operations.set_sensitive(scene.jurist, scene.ticket, is_sensitive=True)
    assert {mail.status for mail in written(Notice.JURI_CANCELLED)} == {MailStatus.QUEUED}


def test_what_each_calendar_was_told_is_remembered_through_the_moves(scene: World) -> None:
    moved = booking.move(scene.asker, scene.book(), scene.april.slots[0].id).appointment
    booking.leave(scene.jurist, moved, scene.jurist)
    rows = db.session.scalars(sa.select(Invitation).order_by(Invitation.person_id)).all()
    assert {row.uid for row in rows} == {moved.uid}
    assert {(row.person_id, row.sequence, row.cancelled_at is None) for row in rows} == {
        (scene.asker.id, 1, True),
        (scene.jurist.id, 2, False),
    }


def test_a_ptce_on_paris_time_reads_one_time(app: Flask) -> None:
    world = World(departement="35", delegation="bretagne")
    world.book(slot=1)
    [mail] = [mail for mail in written(Notice.JURI_BOOKED) if mail.recipient == world.asker]
    assert plain(mail.subject) == "Permanence Juri-PTCE : rendez-vous du mardi 2 mars 2027, 14 h 55"


def test_a_second_session_has_its_own_room(scene: World, january: TimeMachineFixture) -> None:  # noqa: F811
    make_session("2027-05-04", hosts=(scene.jurist,), video_link="https://visio.example/salle")
    session = db.session.scalars(sa.select(type(scene.march)).order_by(sa.desc("starts_at"))).first()
    moved = booking.move(scene.asker, scene.book(), session.slots[0].id).appointment
    assert moved.video_link in written(Notice.JURI_CHANGED)[0].text
    assert PHONE not in written(Notice.JURI_CHANGED)[0].text


@pytest.mark.sqlite_only
@pytest.mark.parametrize("case", CASES)
def test_each_link_of_a_mail_opens_for_its_reader(
    scene: World, case: str, sign_in: Callable[[Person], http.Client]
) -> None:
    notice, act = CASES[case]
    act(scene)
    for mail in written(notice):
        client = sign_in(mail.recipient)
        for path in re.findall(r"http://127\.0\.0\.1:8000(/\S+)", mail.text):
            assert client.get(path).status_code == 200, (mail.recipient.first_name, path)
