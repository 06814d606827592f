"""The invitations as the mails carry them, read back by another library than the one that writes them."""

from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from typing import Any

import pytest
import sqlalchemy as sa
import vobject
from flask import Flask
from time_machine import TimeMachineFixture

from helpdesk.accounts.models import Person
from helpdesk.db import db
from helpdesk.juri_ptce import invitations
from helpdesk.juri_ptce.enums import AppointmentStatus, Medium
from helpdesk.juri_ptce.models import Appointment, JuriSession
from helpdesk.juri_ptce.operations import booking, calls, emergency
from helpdesk.mail.models import Mail
from helpdesk.mail.transports import build_message
from tests.factories.accounts import PersonFactory
from tests.factories.juri_ptce import at, make_ptce, make_ptce_question, make_session
from tests.factories.tickets import make_asker
from tests.support.scenes import Keep

NOW = datetime(2027, 1, 12, 9, tzinfo=UTC)
TITLE = "Une subvention au pôle, aide d’État ou non ?"
PHONE = "06 39 98 00 01"


@pytest.fixture(autouse=True)
def january(time_machine: TimeMachineFixture) -> TimeMachineFixture:
    time_machine.move_to(NOW, tick=False)
    return time_machine


class World:
    """A PTCE of La Réunion, its question, two sessions and who holds them."""

    def __init__(self, departement: str = "974", delegation: str | None = "ocean-indien") -> None:
        self.jurist: Person = PersonFactory(jurist=True, first_name="Nadia", last_name="Benali")
        self.colleague: Person = PersonFactory(jurist=True, first_name="Paul", last_name="Roux")
        self.ptce = make_ptce(name="Pôle des Hauts", departement=departement, delegation=delegation)
        self.asker = make_asker(self.ptce, first_name="Lise", last_name="Hoareau", email="lise@ptce.example")
        self.ticket = make_ptce_question(self.ptce, self.asker, title=TITLE)
        self.march: JuriSession = make_session("2027-03-02", hosts=(self.jurist,))
        self.april: JuriSession = make_session("2027-04-06", hosts=(self.jurist,))
        calls.offer_call(self.jurist, self.ticket, medium=Medium.VIDEO)

    def book(self, medium: Medium = Medium.VIDEO, slot: int = 0) -> Appointment:
        slot_id = self.march.slots[slot].id
        booked = booking.book(self.asker, self.ticket, slot_id, medium=medium, phone=PHONE)
        assert booked.appointment is not None
        return booked.appointment


@pytest.fixture
def world(kept: Keep) -> World:
    return kept(World)


def sent(app: Flask, person: Person) -> list[tuple[Any, Any]]:
    """The mails that carry a file for somebody, in order: the message as it is read, the file as it is parsed."""
    statement = sa.select(Mail).where(Mail.calendar.is_not(None), Mail.recipient_person_id == person.id)
    found = []
    for mail in db.session.scalars(statement.order_by(Mail.id)):
        raw = build_message(mail, app.config["SETTINGS"]).as_bytes()
        message = message_from_bytes(raw, policy=policy.default)
        [file] = message.iter_attachments()
        found.append((message, vobject.readOne(file.get_payload(decode=True).decode())))
    return found


def values(calendar: Any) -> dict[str, Any]:
    event = calendar.vevent
    return {
        "method": calendar.method.value,
        "uid": event.uid.value,
        "sequence": int(event.sequence.value),
        "status": event.status.value,
        "start": event.dtstart.value,
        "end": event.dtend.value,
    }


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def test_requested_moved_then_cancelled_field_by_field(app: Flask, world: World, january: TimeMachineFixture) -> None:
    appointment = world.book()
    january.shift(timedelta(days=1))
    moved = booking.move(world.asker, appointment, world.april.slots[0].id).appointment
    january.shift(timedelta(days=1))
    booking.cancel(world.asker, moved)

    for person in (world.asker, world.jurist):
        first, second, third = (calendar for _, calendar in sent(app, person))
        uid, minutes = appointment.uid, timedelta(minutes=45)
        march, april = datetime(2027, 3, 2, 13, tzinfo=UTC), datetime(2027, 4, 6, 12, tzinfo=UTC)
        assert values(first) == {
            "method": "REQUEST", "uid": uid, "sequence": 0, "status": "CONFIRMED",
            "start": march, "end": march + minutes,
        }  # fmt: skip
        assert values(second) == {
            "method": "REQUEST", "uid": uid, "sequence": 1, "status": "CONFIRMED",
            "start": april, "end": april + minutes,
        }  # fmt: skip
        assert values(third) == {
            "method": "CANCEL", "uid": uid, "sequence": 2, "status": "CANCELLED",
            "start": april, "end": april + minutes,
        }  # fmt: skip
        stamps = [calendar.vevent.dtstamp.value for calendar in (first, second, third)]
        assert stamps == [NOW, NOW + timedelta(days=1), NOW + timedelta(days=2)]


def test_a_ptce_of_la_reunion_reads_17_h_in_march_and_16_h_in_april(app: Flask, world: World) -> None:
    booking.move(world.asker, world.book(), world.april.slots[0].id)
    (first_mail, first), (second_mail, second) = sent(app, world.asker)
    for mail, calendar, utc, words in (
        (first_mail, first, datetime(2027, 3, 2, 13, tzinfo=UTC), "mardi 2 mars 2027, 14 h (17 h à La Réunion)"),
        (second_mail, second, datetime(2027, 4, 6, 12, tzinfo=UTC), "mardi 6 avril 2027, 14 h (16 h à La Réunion)"),
    ):
        assert calendar.vevent.dtstart.value == utc
        assert words in plain(calendar.vevent.description.value)
        assert words in plain(mail["Subject"])
        assert words in plain(mail.get_body(("plain",)).get_content())
        assert words in plain(mail.get_body(("html",)).get_content())


def test_the_times_are_written_in_utc_and_the_lines_as_calendars_want_them(app: Flask, world: World) -> None:
    raw = invitations.request(world.book(), world.asker)
    assert b"\r\nDTSTART:20270302T130000Z\r\n" in raw
    assert b"\r\nDTEND:20270302T134500Z\r\n" in raw
    assert raw.count(b"\n") == raw.count(b"\r\n")
    assert max(len(line) for line in raw.split(b"\r\n")) <= 75
    assert vobject.readOne(raw.decode()).validate(raiseException=True)


def test_the_organiser_is_the_sender_and_the_reader_the_only_attendee(app: Flask, world: World) -> None:
    world.book()
    for person in (world.asker, world.jurist):
        [(message, calendar)] = sent(app, person)
        [sender] = message["From"].addresses
        assert calendar.vevent.organizer.value == f"mailto:{sender.addr_spec}"
        [attendee] = calendar.vevent.contents["attendee"]
        assert attendee.value == f"mailto:{person.email}"
        assert attendee.params["RSVP"] == ["FALSE"]
        assert attendee.params["CN"] == [person.full_name]


def test_the_method_is_in_the_type_of_the_part_too(app: Flask, world: World) -> None:
    booking.cancel(world.asker, world.book())
    for message, calendar in sent(app, world.asker):
        [file] = message.iter_attachments()
        assert file["Content-Type"].params["method"] == calendar.method.value
        assert message.get_content_type() == "multipart/mixed"


def test_nothing_of_the_question_nor_of_the_structure_stands_in_an_invitation(app: Flask, world: World) -> None:
    world.book(Medium.PHONE)
    for person in (world.asker, world.jurist):
        [(message, calendar)] = sent(app, person)
        everything = str(message) + calendar.serialize() + message.get_body(("plain",)).get_content()
        for secret in (TITLE, "subvention", "immersion", world.ptce.name):
            assert secret not in everything
        assert plain(calendar.vevent.summary.value) == "Permanence Juri-PTCE : rendez-vous"
    [(_, of_jurist)] = sent(app, world.jurist)
    assert PHONE not in plain(of_jurist.serialize())
    assert world.asker.email not in of_jurist.serialize()


def test_it_says_how_the_call_is_held_and_how_to_change_it(app: Flask, world: World) -> None:
    appointment = world.book(Medium.PHONE)
    [(_, calendar)] = sent(app, world.asker)
    words = plain(calendar.vevent.description.value)
    assert f"nous vous appelons au {PHONE}" in words
    assert "45 minutes" in words
    assert words.count("/juri-ptce/lien/") == 2
    assert calendar.vevent.location.value == "Téléphone"
    assert calendar.vevent.url.value.endswith(f"/juri-ptce/rendez-vous/{appointment.id}")
    [(_, of_jurist)] = sent(app, world.jurist)
    assert "/lien/" not in of_jurist.vevent.description.value
    assert of_jurist.vevent.url.value.endswith(f"/juri-ptce/rendez-vous/{appointment.id}/preparer")


def test_a_video_call_is_at_its_link(app: Flask, world: World) -> None:
    appointment = world.book()
    [(_, calendar)] = sent(app, world.asker)
    assert calendar.vevent.location.value == appointment.video_link
    assert appointment.video_link in calendar.vevent.description.value
    assert appointment.video_link.startswith("https://meet.jit.si/")


def test_only_a_confirmed_call_is_put_into_calendars(app: Flask, world: World) -> None:
    calls.withdraw_offer(world.jurist, world.ticket)
    appointment = world.book()
    assert appointment.status is AppointmentStatus.REQUESTED
    assert sent(app, world.asker) == sent(app, world.jurist) == []
    booking.confirm(world.jurist, appointment)
    for person in (world.asker, world.jurist):
        [(_, calendar)] = sent(app, person)
        assert values(calendar)["status"] == "CONFIRMED"


def test_who_was_never_invited_gets_no_end(app: Flask, world: World) -> None:
    calls.withdraw_offer(world.jurist, world.ticket)
    booking.cancel(world.asker, world.book())
    assert sent(app, world.asker) == sent(app, world.jurist) == []


def test_an_end_is_sent_once(app: Flask, world: World) -> None:
    appointment = world.book()
    booking.cancel_by_service([appointment], reason="Séance annulée.", actor=world.jurist)
    booking.cancel_by_service([appointment], reason="Séance annulée.", actor=world.jurist)
    for person in (world.asker, world.jurist):
        methods = [calendar.method.value for _, calendar in sent(app, person)]
        assert methods == ["REQUEST", "CANCEL"]


def test_a_jurist_who_takes_over_is_invited_and_the_other_uninvited(app: Flask, world: World) -> None:
    appointment = world.book()
    booking.attend(world.jurist, appointment, world.colleague)
    booking.leave(world.jurist, appointment, world.jurist)
    booking.cancel(world.asker, appointment)

    def told(person: Person) -> list[tuple[str, int]]:
        return [(calendar.method.value, values(calendar)["sequence"]) for _, calendar in sent(app, person)]

    assert told(world.jurist) == [("REQUEST", 0), ("REQUEST", 1), ("CANCEL", 2)]
    assert told(world.colleague) == [("REQUEST", 1), ("CANCEL", 2)]
    assert told(world.asker) == [("REQUEST", 0), ("REQUEST", 1), ("CANCEL", 2)]


def test_a_jurist_who_comes_back_is_invited_again_with_a_greater_number(app: Flask, world: World) -> None:
    appointment = world.book()
    booking.leave(world.jurist, appointment, world.jurist)
    booking.attend(world.jurist, appointment, world.jurist)
    told = [(calendar.method.value, values(calendar)["sequence"]) for _, calendar in sent(app, world.jurist)]
    assert told == [("REQUEST", 0), ("CANCEL", 1), ("REQUEST", 2)]


def test_an_urgent_call_is_not_of_the_monthly_session(app: Flask, january: TimeMachineFixture) -> None:
    jurist = PersonFactory(jurist=True)
    ticket = make_ptce_question()
    ticket.urgency = 2
    db.session.commit()
    starts_at = NOW + timedelta(hours=1)
    emergency.open_emergency(jurist, ticket, starts_at=starts_at, minutes=30, medium=Medium.PHONE, phone=PHONE)
    [(message, calendar)] = sent(app, ticket.asker)
    assert plain(calendar.vevent.summary.value) == "Appui juridique : rendez-vous"
    assert (values(calendar)["start"], values(calendar)["end"]) == (starts_at, starts_at + timedelta(minutes=30))
    words = plain(calendar.vevent.description.value)
    assert "Un empêchement ? Appelez le 02 00 00 00 00." in words
    assert "/lien/" not in words
    assert "(" not in plain(message["Subject"])


@pytest.mark.parametrize("name", ['Jo "x" É', "A\r\nATTENDEE:mailto:x@y.example", "=?utf-8?q?x?=;RSVP=TRUE"])
def test_a_hostile_name_stays_a_name(app: Flask, world: World, name: str) -> None:
    appointment = world.book()
    world.asker.last_name = name
    calendar = vobject.readOne(invitations.request(appointment, world.asker).decode())
    assert [one.value for one in calendar.vevent.contents["attendee"]] == ["mailto:lise@ptce.example"]
    assert calendar.vevent.attendee.params["RSVP"] == ["FALSE"]


@pytest.mark.parametrize(
    ("on", "starts_at"),
    [
        ("2027-03-27", datetime(2027, 3, 27, 13, tzinfo=UTC)),
        ("2027-03-28", datetime(2027, 3, 28, 12, tzinfo=UTC)),
        ("2027-10-30", datetime(2027, 10, 30, 12, tzinfo=UTC)),
        ("2027-10-31", datetime(2027, 10, 31, 13, tzinfo=UTC)),
    ],
)
def test_two_in_the_afternoon_stays_two_in_the_afternoon_when_the_clocks_change(
    app: Flask, world: World, on: str, starts_at: datetime
) -> None:
    session = make_session(on, month_on=datetime(2030, 1, 1, tzinfo=UTC).date())
    appointment = world.book()
    appointment.slot = session.slots[0]
    calendar = vobject.readOne(invitations.request(appointment, world.asker).decode())
    assert calendar.vevent.dtstart.value == starts_at
    assert at(f"{on} 14:00") == starts_at
    assert ", 14 h (" in plain(calendar.vevent.description.value)


def test_a_file_asked_for_again_is_what_the_readers_calendar_was_last_told(app: Flask, world: World) -> None:
    appointment = world.book()
    booking.leave(world.jurist, appointment, world.jurist)
    booking.attend(world.jurist, appointment, world.jurist)
    for person in (world.asker, world.jurist):
        last = sent(app, person)[-1][1]
        again = vobject.readOne(invitations.request(appointment, person).decode())
        assert values(again) == values(last)


def test_links_that_act_are_only_for_those_who_may_change_the_call(app: Flask, world: World) -> None:
    appointment = world.book(Medium.PHONE)
    delegate = PersonFactory(delegate=True, delegation="bretagne")
    for person in (world.colleague, delegate):
        calendar = vobject.readOne(invitations.request(appointment, person).decode())
        assert "/lien/" not in calendar.vevent.description.value
    [(_, own)] = sent(app, world.asker)
    assert "/lien/" in own.vevent.description.value
