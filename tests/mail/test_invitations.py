"""A mail that carries an invitation: how it is built, when it leaves, what is kept of it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from helpdesk.accounts.enums import NotifyMode
from helpdesk.accounts.models import Person
from helpdesk.db import db
from helpdesk.jobs import drain
from helpdesk.mail.enums import CalendarMethod, MailStatus, Notice
from helpdesk.mail.models import Mail
from helpdesk.mail.operations import erase, queue, waiting_mails, withdraw_outdated
from helpdesk.mail.rendering import CalendarPart
from tests.factories.accounts import PersonFactory
from tests.factories.tickets import make_ticket
from tests.support.mailbox import Mailbox

START = datetime(2026, 12, 1, 9, tzinfo=UTC)
FILE = "BEGIN:VCALENDAR\r\nSUMMARY:Rendez-vous à l’heure\r\nEND:VCALENDAR\r\n"


@pytest.fixture
def now() -> time_machine.Traveller:
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


def write(to: Person, method: CalendarMethod = CalendarMethod.REQUEST, **values: Any) -> Mail:
    values = {"notice": Notice.JURI_BOOKED, "calendar": CalendarPart(method, FILE), **values}
    context = {"link": "https://appui.example/", "email": to.email}
    queue(to=to, subject="Rendez-vous", template="welcome", context=context, **values)
    return db.session.scalars(sa.select(Mail).order_by(Mail.id.desc())).first()


@pytest.mark.parametrize("method", CalendarMethod)
def test_the_file_is_attached_beside_both_texts_with_its_method_in_its_type(
    smtp_app: Flask, smtp_server: Mailbox, method: CalendarMethod
) -> None:
    write(PersonFactory(jurist=True), method)
    drain()
    message = smtp_server.messages[0].message
    assert message.get_content_type() == "multipart/mixed"
    bodies, file = message.iter_parts()
    assert bodies.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in bodies.iter_parts()] == ["text/plain", "text/html"]
    assert file.get_content_type() == "text/calendar"
    assert dict(file["Content-Type"].params) == {"charset": "utf-8", "method": method.value.upper()}
    assert (file.get_content_disposition(), file.get_filename()) == ("attachment", "invite.ics")
    assert file.get_payload(decode=True) == FILE.encode()
    assert smtp_server.messages[0].text.startswith("Bonjour")


def test_it_does_not_wait_for_the_digest(app: Flask) -> None:
    to = PersonFactory(jurist=True, notify_mode=NotifyMode.DIGEST)
    assert write(to, can_wait=True).status is MailStatus.QUEUED
    assert write(to, can_wait=True, calendar=None).status is MailStatus.HELD


def test_what_it_said_is_forgotten_once_sent_when_it_was_of_use_for_a_time(
    smtp_app: Flask, smtp_server: Mailbox, now: time_machine.Traveller
) -> None:
    write(PersonFactory(jurist=True), expires_at=START + timedelta(hours=1))
    write(PersonFactory(jurist=True))
    drain()
    first, second = db.session.scalars(sa.select(Mail).order_by(Mail.id)).all()
    assert (first.status, first.text, first.html, first.calendar, first.calendar_method) == (
        MailStatus.SENT,
        "",
        "",
        None,
        None,
    )
    assert second.calendar == FILE
    assert len(smtp_server.messages) == 2


def test_past_its_use_it_is_not_sent_any_more(
    smtp_app: Flask, smtp_server: Mailbox, now: time_machine.Traveller
) -> None:
    write(PersonFactory(jurist=True), expires_at=START + timedelta(hours=1))
    now.shift(timedelta(hours=2))
    drain()
    [mail] = db.session.scalars(sa.select(Mail)).all()
    assert (mail.status, mail.text, mail.calendar) == (MailStatus.FAILED, "", None)
    assert smtp_server.messages == []


def test_what_says_nothing_of_the_question_is_left_alone_when_the_question_changes(app: Flask) -> None:
    ticket, jurist = make_ticket(), PersonFactory(jurist=True)
    db.session.execute(sa.delete(Mail))
    kept = write(jurist, CalendarMethod.CANCEL, notice=Notice.JURI_CANCELLED, ticket_id=ticket.id)
    other = write(jurist, notice=Notice.ASSIGNED, calendar=None, ticket_id=ticket.id)
    assert waiting_mails(ticket.id) == [other]
    erase(ticket.id)
    assert (kept.status, kept.calendar) == (MailStatus.QUEUED, FILE)
    assert (other.status, other.text) == (MailStatus.WITHDRAWN, "")


def test_once_it_has_left_it_is_erased_with_the_question(app: Flask) -> None:
    ticket = make_ticket()
    mail = write(PersonFactory(jurist=True), ticket_id=ticket.id)
    mail.status, mail.sent_at = MailStatus.SENT, START
    erase(ticket.id)
    assert (mail.subject, mail.text, mail.calendar) == ("", "", None)


def test_a_mail_that_another_says_better_does_not_leave_any_more(app: Flask) -> None:
    ticket, one, two = make_ticket(), PersonFactory(jurist=True), PersonFactory(jurist=True)
    first, second = (write(to, ticket_id=ticket.id) for to in (one, two))
    elsewhere, other = write(one), write(one, notice=Notice.JURI_CANCELLED, ticket_id=ticket.id)
    withdraw_outdated(ticket.id, {Notice.JURI_BOOKED, Notice.JURI_CHANGED}, one.id)
    states = [mail.status for mail in (first, second, elsewhere, other)]
    assert states == [MailStatus.WITHDRAWN, MailStatus.QUEUED, MailStatus.QUEUED, MailStatus.QUEUED]
    withdraw_outdated(ticket.id, {Notice.JURI_BOOKED})
    assert second.status is MailStatus.WITHDRAWN


@pytest.mark.parametrize("column", ["calendar", "calendar_method"])
def test_a_file_and_its_method_go_together(app: Flask, column: str) -> None:
    mail = write(PersonFactory(jurist=True))
    setattr(mail, column, None)
    with pytest.raises(sa.exc.IntegrityError, match="ck_mail_calendar"):
        db.session.flush()
    db.session.rollback()
