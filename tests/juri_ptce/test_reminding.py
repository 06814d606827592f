"""Reminders: two days and two hours before, each once, never in the hour that is not of every day."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from time_machine import TimeMachineFixture

from helpdesk import clock
from helpdesk.accounts.enums import NotifyMode
from helpdesk.db import db
from helpdesk.juri_ptce.enums import AppointmentStatus, Medium
from helpdesk.juri_ptce.models import Appointment
from helpdesk.juri_ptce.operations import booking, calls, emergency, reminding
from helpdesk.juri_ptce.reminders import Reminder, due_reminder
from helpdesk.mail.enums import MailStatus, Notice
from helpdesk.mail.models import Mail
from tests.factories.accounts import PersonFactory
from tests.factories.juri_ptce import at, make_ptce_question
from tests.juri_ptce.test_invitations import PHONE, World, january  # noqa: F401 (a fixture)
from tests.support.scenes import Keep

LONG_AGO = datetime(2027, 1, 1, tzinfo=UTC)
MARCH = at("2027-03-02 14:00")
HOURS = st.integers(-5, 80 * 60).map(lambda minutes: timedelta(minutes=minutes))
DAYS = st.integers(0, 730).map(lambda days: LONG_AGO + timedelta(days=days))


@pytest.fixture
def world(kept: Keep) -> World:
    return kept(World)


@pytest.fixture
def go(january: TimeMachineFixture) -> Callable[[str], int]:  # noqa: F811
    """Go to a moment of Paris and let the clock remind; how many calls it reminded of."""

    def to(moment: str) -> int:
        january.move_to(at(moment), tick=False)
        return reminding.remind()

    return to


def reminded() -> list[str]:
    mails = db.session.scalars(sa.select(Mail).where(Mail.notice == Notice.JURI_REMINDER).order_by(Mail.id))
    return [mail.recipient.first_name for mail in mails if mail.recipient]


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2027-02-28 13:59", None),
        ("2027-02-28 14:00", Reminder.DAYS),
        ("2027-03-02 11:59", Reminder.DAYS),
        ("2027-03-02 12:00", Reminder.HOURS),
        ("2027-03-02 13:59", Reminder.HOURS),
        ("2027-03-02 14:00", None),
    ],
)
def test_each_reminder_has_its_time(now: str, expected: Reminder | None) -> None:
    assert due_reminder(MARCH, LONG_AGO, at(now)) is expected


@pytest.mark.parametrize(
    ("known", "now", "expected"),
    [
        ("2027-02-28 14:00", "2027-02-28 14:00", Reminder.DAYS),
        ("2027-02-28 14:01", "2027-03-01 09:00", None),
        ("2027-02-28 14:01", "2027-03-02 12:00", Reminder.HOURS),
        ("2027-03-02 12:01", "2027-03-02 13:00", None),
    ],
)
def test_what_is_known_since_the_mark_is_not_reminded(known: str, now: str, expected: Reminder | None) -> None:
    assert due_reminder(MARCH, at(known), at(now)) is expected


@pytest.mark.parametrize(("on", "before"), [("2027-03-30", "2027-03-28"), ("2027-11-02", "2027-10-31")])
def test_two_days_before_is_the_same_hour_when_the_clocks_change_between(on: str, before: str) -> None:
    starts_at = at(f"{on} 14:00")
    assert due_reminder(starts_at, LONG_AGO, at(f"{before} 13:59")) is None
    assert due_reminder(starts_at, LONG_AGO, at(f"{before} 14:00")) is Reminder.DAYS


@given(DAYS, HOURS, HOURS)
def test_a_reminder_is_always_of_a_call_to_come_that_was_known_in_time(
    starts_at: datetime, left: timedelta, known_for: timedelta
) -> None:
    now = starts_at - left
    known_at = now - known_for
    which = due_reminder(starts_at, known_at, now)
    if which is not None:
        assert known_at <= now < starts_at
        assert starts_at - now <= timedelta(days=2, hours=1)
        assert (starts_at - now <= timedelta(hours=2)) == (which is Reminder.HOURS)


def test_everyone_of_a_call_is_reminded_twice_and_each_time_once(world: World, go: Callable[[str], int]) -> None:
    world.book()
    assert go("2027-02-28 13:55") == 0
    assert go("2027-02-28 14:00") == 1
    assert go("2027-02-28 14:05") == 0
    assert reminded() == ["Lise", "Nadia"]
    assert go("2027-03-02 11:55") == 0
    assert go("2027-03-02 12:00") == 1
    assert go("2027-03-02 12:05") == 0
    assert reminded() == ["Lise", "Nadia"] * 2


def test_a_reminder_missed_while_nobody_worked_is_made_up_for_unless_the_second_is_due(
    world: World, go: Callable[[str], int]
) -> None:
    world.book()
    assert go("2027-03-01 18:00") == 1
    assert go("2027-03-02 13:00") == 1
    assert go("2027-03-02 13:05") == 0


def test_only_the_second_is_sent_when_both_were_missed(world: World, go: Callable[[str], int]) -> None:
    world.book()
    assert go("2027-03-02 12:30") == 1
    assert go("2027-03-02 12:35") == 0
    assert len(reminded()) == 2


def test_nothing_is_sent_once_the_call_has_begun(world: World, go: Callable[[str], int]) -> None:
    world.book()
    assert go("2027-03-02 14:00") == 0


def test_what_is_not_confirmed_is_not_reminded(world: World, go: Callable[[str], int]) -> None:
    calls.withdraw_offer(world.jurist, world.ticket)
    world.book()
    assert go("2027-02-28 15:00") == 0


def test_a_call_cancelled_before_is_not_reminded(world: World, go: Callable[[str], int]) -> None:
    booking.cancel(world.asker, world.book())
    assert go("2027-02-28 15:00") == 0


def test_a_call_confirmed_after_the_mark_is_reminded_on_the_day_alone(
    world: World,
    go: Callable[[str], int],
    january: TimeMachineFixture,  # noqa: F811
) -> None:
    calls.withdraw_offer(world.jurist, world.ticket)
    appointment = world.book()
    january.move_to(at("2027-03-01 10:00"), tick=False)
    booking.confirm(world.jurist, appointment)
    assert go("2027-03-01 10:05") == 0
    assert go("2027-03-02 12:00") == 1


def test_a_moved_call_is_reminded_anew(world: World, go: Callable[[str], int]) -> None:
    appointment = world.book()
    assert go("2027-02-28 14:00") == 1
    booking.move(world.asker, appointment, world.april.slots[0].id)
    assert go("2027-03-02 12:00") == 0
    assert go("2027-04-04 14:00") == 1
    assert go("2027-04-06 12:00") == 1


def test_an_urgent_call_within_two_hours_is_not_reminded(
    app: Flask,
    january: TimeMachineFixture,  # noqa: F811
) -> None:
    jurist, ticket = PersonFactory(jurist=True), make_ptce_question()
    ticket.urgency = 2
    db.session.commit()
    starts_at = clock.now() + timedelta(hours=1)
    emergency.open_emergency(jurist, ticket, starts_at=starts_at, minutes=30, medium=Medium.PHONE, phone=PHONE)
    january.shift(timedelta(minutes=30))
    assert reminding.remind() == 0


@pytest.mark.parametrize(
    ("starts_at", "night", "after"),
    [
        ("2027-03-30 02:30", "2027-03-28 03:30", "2027-03-28 03:30"),
        ("2027-03-02 02:20", "2027-02-28 02:20", "2027-02-28 03:00"),
        ("2027-11-02 02:20", "2027-10-31 02:20", "2027-10-31 03:00"),
        ("2027-03-02 04:30", "2027-03-02 02:30", "2027-03-02 03:00"),
    ],
)
def test_nothing_is_sent_between_two_and_three_at_night(
    world: World, go: Callable[[str], int], starts_at: str, night: str, after: str
) -> None:
    slot = world.book().slot
    slot.starts_at = at(starts_at)
    slot.ends_at = slot.starts_at + timedelta(minutes=45)
    db.session.commit()
    if night != after:
        go_first = go(night)
        assert go_first == 0
    assert go(after) == 1


def test_a_reminder_makes_nobodys_open_form_outdated(world: World, go: Callable[[str], int]) -> None:
    appointment = world.book()
    version = appointment.version
    go("2027-02-28 14:00")
    db.session.refresh(appointment)
    assert (appointment.version, appointment.days_reminded_at) == (version, at("2027-02-28 14:00"))
    assert appointment.hours_reminded_at is None


def held(world: World, due_on: str) -> Appointment:
    appointment = world.book()
    appointment.status = AppointmentStatus.HELD
    appointment.account_due_on = at(f"{due_on} 12:00").date()
    db.session.commit()
    return appointment


def test_a_late_account_is_reminded_once_each_working_day(
    world: World,
    january: TimeMachineFixture,  # noqa: F811
) -> None:
    held(world, "2027-03-10")
    told = []
    for day in ("2027-03-10", "2027-03-11", "2027-03-12", "2027-03-13", "2027-03-14", "2027-03-15"):
        for hour in ("08:00", "08:10"):
            january.move_to(at(f"{day} {hour}"), tick=False)
            told.append(reminding.remind_accounts())
    assert told == [0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 1, 0]
    recipients = db.session.scalars(sa.select(Mail).where(Mail.notice == Notice.JURI_ACCOUNT_DUE)).all()
    assert [mail.recipient for mail in recipients] == [world.jurist] * 3


def test_it_waits_for_the_digest_of_who_wants_one_mail_a_day(
    world: World,
    january: TimeMachineFixture,  # noqa: F811
) -> None:
    world.jurist.notify_mode = NotifyMode.DIGEST
    held(world, "2027-03-10")
    january.move_to(at("2027-03-11 08:00"), tick=False)
    reminding.remind_accounts()
    [mail] = db.session.scalars(sa.select(Mail).where(Mail.notice == Notice.JURI_ACCOUNT_DUE))
    assert mail.status is MailStatus.HELD


def test_a_call_that_was_not_held_owes_no_account(world: World, january: TimeMachineFixture) -> None:  # noqa: F811
    appointment = held(world, "2027-03-10")
    appointment.status = AppointmentStatus.CANCELLED_BY_PTCE
    db.session.commit()
    january.move_to(at("2027-03-11 08:00"), tick=False)
    assert reminding.remind_accounts() == 0


def test_a_call_past_of_which_nobody_said_whether_it_took_place_is_reminded_from_the_next_day_on(
    world: World,
    january: TimeMachineFixture,  # noqa: F811
) -> None:
    appointment = world.book()
    january.move_to(at("2027-03-02 18:00"), tick=False)
    assert reminding.remind_accounts() == 0
    january.move_to(at("2027-03-03 08:00"), tick=False)
    assert (reminding.remind_accounts(), reminding.remind_accounts()) == (1, 0)
    [mail] = db.session.scalars(sa.select(Mail).where(Mail.notice == Notice.JURI_ACCOUNT_DUE))
    assert mail.recipient == world.jurist
    assert f"/juri-ptce/rendez-vous/{appointment.id}/preparer" in (mail.text or "")
    assert "Dites s’il a eu lieu" in (mail.text or "")


def test_one_call_that_cannot_be_reminded_holds_up_none_of_the_others(
    world: World, go: Callable[[str], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    from helpdesk.errors import Conflict

    first = world.book()
    other = make_ptce_question()
    calls.offer_call(world.jurist, other, medium=Medium.VIDEO)
    booking.book(other.asker, other, world.march.slots[1].id, medium=Medium.VIDEO)
    told = reminding.mails.reminder

    def refuse(appointment: Appointment, *, is_last: bool) -> None:
        if appointment.id == first.id:
            raise Conflict
        told(appointment, is_last=is_last)

    monkeypatch.setattr(reminding.mails, "reminder", refuse)
    assert go("2027-02-28 15:00") == 1
    monkeypatch.undo()
    assert go("2027-02-28 15:05") == 1
