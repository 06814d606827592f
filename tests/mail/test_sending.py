"""Mails on a real SMTP server: what they look like there, and what the service does with its answers."""

import re
import time as stopwatch
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.accounts.models import Person
from helpdesk.db import db
from helpdesk.jobs import GiveUp, drain
from helpdesk.jobs.rq_worker import RqProcess
from helpdesk.mail.enums import MailStatus, Notice
from helpdesk.mail.models import Mail
from helpdesk.mail.operations import queue
from helpdesk.mail.transports import build_message
from helpdesk.settings import Settings
from tests.factories.accounts import PersonFactory
from tests.factories.tickets import make_ticket
from tests.support.mailbox import Mailbox

START = datetime(2026, 12, 1, 9, tzinfo=UTC)
PATIENCE_SECONDS = 30


@pytest.fixture
def now() -> time_machine.Traveller:
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


def write(to: Person | None = None, subject: str = "Votre accès", **values: Any) -> None:
    to = to or PersonFactory(jurist=True)
    values = {"context": {"link": "https://appui.example/", "email": to.email}, **values}
    queue(Notice.WELCOME, to, subject=subject, template="welcome", **values)


def states() -> list[tuple[MailStatus, str | None]]:
    rows = db.session.execute(sa.select(Mail.status, Mail.error).order_by(Mail.id)).all()
    db.session.commit()
    return [(status, error) for status, error in rows]


def test_a_mail_says_who_writes_that_it_is_automatic_and_in_which_thread(
    smtp_app: Flask, smtp_server: Mailbox, now: time_machine.Traveller
) -> None:
    write(PersonFactory(jurist=True, email="nadia@federation.example"), "Réponse à votre question\u202f!")
    drain()
    (received,) = smtp_server.messages
    message = received.message
    assert received.sender == "appui-juridique@federation.example"
    assert received.recipients == ("nadia@federation.example",)
    assert message["From"] == "Appui juridique <appui-juridique@federation.example>"
    assert message["Subject"] == "Réponse à votre question\u00a0!"
    assert message["Date"].datetime == START
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Auto-Response-Suppress"] == "All"
    assert message["Content-Language"] == "fr"
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert message["References"] is None
    assert states() == [(MailStatus.SENT, None)]


def test_all_mails_of_a_question_hold_together_in_a_thread(smtp_app: Flask, smtp_server: Mailbox) -> None:
    ticket = make_ticket()
    write(ticket_id=ticket.id)
    drain()
    about = [mail.message for mail in smtp_server.messages]
    root = f"<t{ticket.id}@appui-juridique.example>"
    assert len(about) >= 2
    assert {(message["References"], message["In-Reply-To"]) for message in about} == {(root, root)}
    names = {message["Message-ID"] for message in about}
    assert len(names) == len(about)
    assert all(re.fullmatch(rf"<t{ticket.id}\.[0-9a-f]{{32}}@appui-juridique\.example>", name) for name in names)


def test_a_long_domain_breaks_no_message_id(app: Flask) -> None:
    mail = loose_mail(message_id=f"<t123456.{'0' * 32}@{'federation-des-entreprises-' * 5}.example>")
    assert reparsed(mail)["Message-ID"] == mail.message_id


@pytest.mark.parametrize("answer", ["550 5.1.1 no such user", "554 5.7.1 refused"])
def test_a_refusal_for_good_fails_at_once(smtp_app: Flask, smtp_server: Mailbox, answer: str) -> None:
    write()
    smtp_server.refusals = [answer]
    drain()
    assert states() == [(MailStatus.FAILED, answer)]


@pytest.mark.parametrize("answer", ["451 4.3.0 later", "452 4.2.2 mailbox full"])
def test_a_passing_refusal_is_tried_again(
    smtp_app: Flask, smtp_server: Mailbox, now: time_machine.Traveller, answer: str
) -> None:
    write()
    smtp_server.refusals = [answer]
    drain()
    assert states() == [(MailStatus.QUEUED, None)]
    now.shift(timedelta(minutes=2))
    drain()
    assert states() == [(MailStatus.SENT, None)]
    assert len(smtp_server.messages) == 1


def test_a_recipient_refused_for_good_stops_nobody_else(smtp_app: Flask, smtp_server: Mailbox) -> None:
    write(PersonFactory(jurist=True, email="partie@federation.example"))
    write(PersonFactory(jurist=True, email="nadia@federation.example"))
    smtp_server.refused["partie@federation.example"] = "550 5.1.1 no such user"
    drain()
    assert states() == [(MailStatus.FAILED, "550 5.1.1 no such user"), (MailStatus.SENT, None)]


def test_a_server_that_is_away_is_waited_for(
    smtp_app: Flask, smtp_server: Mailbox, now: time_machine.Traveller
) -> None:
    write()
    smtp_server.go_down()
    drain()
    assert states() == [(MailStatus.QUEUED, None)]
    smtp_server.come_up()
    now.shift(timedelta(minutes=2))
    drain()
    assert states() == [(MailStatus.SENT, None)]


def test_a_server_away_for_days_is_given_up_and_shown(
    smtp_app: Flask, smtp_server: Mailbox, now: time_machine.Traveller
) -> None:
    write()
    smtp_server.go_down()
    for _ in range(60):
        drain()
        now.shift(timedelta(hours=3))
    ((status, error),) = states()
    assert status is MailStatus.FAILED
    assert "injoignable" in (error or "")
    smtp_server.come_up()


def test_a_mail_accepted_without_a_word_leaves_again_under_the_same_name(
    smtp_app: Flask, smtp_server: Mailbox, now: time_machine.Traveller
) -> None:
    """The one window that cannot be closed: the server has it, and we cannot know."""
    write()
    smtp_server.is_dropping = True
    drain()
    smtp_server.is_dropping = False
    now.shift(timedelta(minutes=2))
    drain()
    first, second = smtp_server.messages
    assert first.message["Message-ID"] == second.message["Message-ID"]
    assert first.message["Date"] == second.message["Date"]
    assert states() == [(MailStatus.SENT, None)]


def test_a_wrong_password_of_the_server_fails_no_mail(
    make_app: Callable[..., Flask], smtp_server: Mailbox, app: Flask
) -> None:
    db.session.remove()
    other = make_app(
        mail_transport="smtp",
        smtp_host=smtp_server.host,
        smtp_port=smtp_server.port,
        smtp_user="appui",
        smtp_password="changé hier",
    )
    with other.app_context():
        write()
        drain()
        assert states() == [(MailStatus.QUEUED, None)]


def test_somebody_who_lost_access_meanwhile_gets_nothing(smtp_app: Flask, smtp_server: Mailbox) -> None:
    person = PersonFactory(jurist=True)
    write(person)
    person.is_active = False
    db.session.commit()
    drain()
    assert smtp_server.messages == []
    assert states() == [(MailStatus.WITHDRAWN, None)]


def test_a_mail_with_a_secret_is_blanked_once_it_has_left(
    smtp_app: Flask, smtp_server: Mailbox, now: time_machine.Traveller
) -> None:
    write(expires_at=START + timedelta(minutes=15))
    drain()
    mail = db.session.scalars(sa.select(Mail)).one()
    assert (mail.status, mail.text, mail.html) == (MailStatus.SENT, "", "")
    assert "https://appui.example/" in smtp_server.messages[0].text


def test_no_address_nor_text_is_written_to_the_logs(
    smtp_app: Flask, smtp_server: Mailbox, capsys: pytest.CaptureFixture[str]
) -> None:
    write(PersonFactory(jurist=True, email="nadia@federation.example"), "Sujet confidentiel")
    smtp_server.refusals = ["550 <nadia@federation.example> unknown"]
    drain()
    logged = capsys.readouterr().err
    assert "outbox_given_up" in logged
    assert "nadia@" not in logged
    assert "confidentiel" not in logged


def test_the_console_prints_a_text_that_can_be_read(
    make_app: Callable[..., Flask], app: Flask, capsys: pytest.CaptureFixture[str]
) -> None:
    db.session.remove()
    with make_app(mail_transport="console").app_context():
        write(
            PersonFactory(jurist=True, email="nadia@federation.example"),
            context={"link": "http://127.0.0.1:8000/connexion/lien/abc", "email": "é"},
        )
        drain()
    printed = capsys.readouterr().out
    assert "Courriel à : nadia@federation.example" in printed
    assert "Objet : Votre accès" in printed
    assert "\nhttp://127.0.0.1:8000/connexion/lien/abc\n" in printed


@pytest.mark.postgresql_only
def test_rq_delivers_forty_mails_once_each_from_forked_workers(
    make_app: Callable[..., Flask], app: Flask, smtp_server: Mailbox, redis_url: str
) -> None:
    db.session.remove()
    other = make_app(mail_transport="smtp", smtp_host=smtp_server.host, smtp_port=smtp_server.port, redis_url=redis_url)
    settings: Settings = other.config["SETTINGS"]
    with RqProcess(settings) as beside, other.app_context():
        beside.keep_alive()
        people = [PersonFactory(jurist=True) for _ in range(4)]
        for number in range(40):
            write(people[number % 4])
        end = stopwatch.monotonic() + PATIENCE_SECONDS
        while set(states()) != {(MailStatus.SENT, None)}:
            assert stopwatch.monotonic() < end, states()
            stopwatch.sleep(0.05)
    counted = Counter(received.message["Message-ID"] for received in smtp_server.messages)
    assert len(counted) == 40
    assert set(counted.values()) == {1}


# --- Hostile headers (attack checklist, 10) ---------------------------------------------------------------


def loose_mail(**values: Any) -> Mail:
    defaults = {
        "to_address": "nadia@federation.example",
        "subject": "Sujet",
        "text": "Texte\n",
        "html": "<p>Texte</p>",
        "message_id": "<1@appui.example>",
        "thread_id": "<t1@appui.example>",
        "created_at": START,
    }
    return Mail(**{**defaults, **values})


def reparsed(mail: Mail, settings: Settings | None = None) -> Any:
    raw = build_message(mail, settings or Settings()).as_bytes()
    return message_from_bytes(raw, policy=policy.default)


NAMES = {"from", "to", "subject", "date", "message-id", "in-reply-to", "references", "auto-submitted"}
NAMES |= {"x-auto-response-suppress", "content-language", "mime-version", "content-type"}


@given(
    st.text()
    | st.text("=?qQ0ADB:\r\n ax")
    | st.sampled_from(["a\r\nBcc: x@y.z", "a\nTo: x", "=??Q?=0D", "=?utf-8?q?x=0D=0ABcc:x?=", "\r\n\r\ncorps"])
)
def test_no_subject_whatever_adds_a_header_or_a_recipient(typed: str) -> None:
    message = reparsed(loose_mail(subject=typed))
    assert {name.lower() for name in message.keys()} == NAMES  # noqa: SIM118 (a message is no dict)
    assert str(message["To"]) == "nadia@federation.example"


@given(st.text())
def test_no_service_name_whatever_adds_a_header(typed: str) -> None:
    message = reparsed(loose_mail(), replace(Settings(), service_name=typed))
    assert {name.lower() for name in message.keys()} == NAMES  # noqa: SIM118
    assert message["From"].addresses[0].addr_spec == Settings().mail_sender


@pytest.mark.parametrize(
    "address",
    ["", "sans-arobase", "a@b.example, c@d.example", "Nom <a@b.example>", "a@b.example\r\nBcc: c@d.example", "a@["],
)
def test_an_address_that_is_none_or_several_is_given_up(address: str) -> None:
    with pytest.raises(GiveUp, match="adresse"):
        build_message(loose_mail(to_address=address), Settings())
