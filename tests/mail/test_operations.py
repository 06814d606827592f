"""Queueing a mail, holding it for the digest, stopping it, sending it again."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from helpdesk import clock, outbox
from helpdesk.accounts.enums import NotifyMode
from helpdesk.accounts.models import Person
from helpdesk.audit.models import AuditEvent
from helpdesk.db import db, transaction
from helpdesk.errors import Conflict, NotAllowed, NotFound
from helpdesk.jobs import drain
from helpdesk.mail.enums import MailStatus, Notice
from helpdesk.mail.models import Mail
from helpdesk.mail.operations import purge, queue, resend, send_digests, withdraw
from helpdesk.mail.queries import failed_count, failed_mails
from helpdesk.outbox import OutboxItem
from tests.factories.accounts import PersonFactory
from tests.support.mailbox import Mailbox

START = datetime(2026, 12, 1, 9, tzinfo=UTC)
REFUSAL = "550 5.1.1 no such user"


@pytest.fixture
def now() -> time_machine.Traveller:
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


def write(to: Person, subject: str = "Votre accès", **values: Any) -> None:
    values = {"context": {"link": "https://appui.example/", "email": to.email}, **values}
    queue(Notice.WELCOME, to, subject=subject, template="welcome", **values)


def mails() -> list[Mail]:
    statement = sa.select(Mail).order_by(Mail.id).execution_options(populate_existing=True)
    found = list(db.session.scalars(statement))
    db.session.commit()
    return found


def outbox_keys() -> set[str]:
    keys = set(db.session.scalars(sa.select(OutboxItem.dedupe_key)))
    db.session.commit()
    return keys


def test_a_mail_is_rendered_when_it_is_queued_and_named_once_for_all(app: Flask) -> None:
    write(PersonFactory(jurist=True, first_name="Nadia", email="nadia@federation.example"))
    (mail,) = mails()
    assert mail.status is MailStatus.QUEUED
    assert mail.to_address == "nadia@federation.example"
    assert mail.text.startswith("Bonjour Nadia,\n")
    assert mail.message_id.endswith("@appui-juridique.example>")
    assert mail.thread_id is None
    assert outbox_keys() == {f"mail:{mail.message_id}"}


def test_a_mail_vanishes_with_the_change_that_gave_cause_for_it(app: Flask) -> None:
    person = PersonFactory(jurist=True)

    def fail() -> None:
        with transaction():
            write(person)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert mails() == []
    assert outbox_keys() == set()


def test_nobody_without_access_gets_a_mail(app: Flask) -> None:
    yesterday = clock.today() - timedelta(days=1)
    departed = PersonFactory(member=True)
    departed.mandates[0].ends_on = yesterday
    db.session.commit()
    for person in (PersonFactory(jurist=True, is_active=False), PersonFactory(), departed):
        write(person)
    assert mails() == []


def test_what_can_wait_is_held_for_those_who_want_one_mail_a_day(app: Flask) -> None:
    daily = PersonFactory(jurist=True, notify_mode=NotifyMode.DIGEST)
    write(daily, "peut attendre", can_wait=True)
    write(daily, "n’attend pas")
    write(PersonFactory(jurist=True), "à chaque événement", can_wait=True)
    assert [mail.status for mail in mails()] == [MailStatus.HELD, MailStatus.QUEUED, MailStatus.QUEUED]
    assert len(outbox_keys()) == 2


def test_the_digest_is_one_mail_with_a_line_for_each(app: Flask) -> None:
    daily = PersonFactory(jurist=True, notify_mode=NotifyMode.DIGEST)
    write(daily, "Première nouvelle", can_wait=True)
    write(daily, "Seconde <nouvelle>", can_wait=True)
    write(daily, "Première nouvelle", can_wait=True)
    assert send_digests() == 1

    *held, digest = mails()
    assert {mail.status for mail in held} == {MailStatus.DIGESTED}
    assert {mail.digest_id for mail in held} == {digest.id}
    assert digest.notice is Notice.DIGEST
    assert digest.subject == "Votre récapitulatif\u00a0: 2 nouvelles"
    assert digest.text.count("\n- ") == 2
    assert "<li>Seconde &lt;nouvelle&gt;</li>" in digest.html
    assert outbox_keys() == {f"mail:{digest.message_id}"}
    assert send_digests() == 0


def test_a_long_digest_says_how_much_more_there_is(app: Flask) -> None:
    daily = PersonFactory(jurist=True, notify_mode=NotifyMode.DIGEST)
    for number in range(40):
        write(daily, f"À trier : question numéro {number} sur un sujet assez long à lire", can_wait=True)
    send_digests()
    digest = mails()[-1]
    assert digest.subject == "Votre récapitulatif\u00a0: 40 nouvelles"
    assert len(digest.text.split()) <= 120
    shown = digest.text.count("\n- ")
    assert f"et {40 - shown}\u00a0autres nouvelles" in digest.text


def test_what_was_held_for_somebody_who_has_left_is_withdrawn(app: Flask) -> None:
    daily = PersonFactory(jurist=True, notify_mode=NotifyMode.DIGEST)
    write(daily, can_wait=True)
    daily.is_active = False
    db.session.commit()
    assert send_digests() == 0
    assert [mail.status for mail in mails()] == [MailStatus.WITHDRAWN]


def test_a_withdrawn_mail_never_leaves(smtp_app: Flask, smtp_server: Mailbox) -> None:
    write(PersonFactory(jurist=True))
    withdraw(mails()[0])
    assert drain() == 0
    assert smtp_server.messages == []


@pytest.fixture
def failed(smtp_app: Flask, smtp_server: Mailbox) -> Mail:
    write(PersonFactory(jurist=True, email="nadia@federation.example"), "Sujet confidentiel")
    smtp_server.refused["nadia@federation.example"] = REFUSAL
    drain()
    smtp_server.refused.clear()
    return mails()[0]


def test_an_administrator_sends_a_failed_mail_again(failed: Mail, smtp_server: Mailbox) -> None:
    admin = PersonFactory(admin=True)
    resend(admin, failed.id)
    assert drain() == 1
    (received,) = smtp_server.messages
    assert received.message["Message-ID"] == failed.message_id
    assert (mails()[0].status, mails()[0].error) == (MailStatus.SENT, None)
    event = db.session.scalars(sa.select(AuditEvent)).one()
    assert (event.action, event.object_id, event.actor_id) == ("mail.resent", failed.id, admin.id)


@pytest.mark.parametrize("trait", ["member", "delegate", "jurist", "partner_jurist", "lead"])
def test_nobody_but_an_administrator_sends_it_again(failed: Mail, trait: str) -> None:
    with pytest.raises(NotAllowed):
        resend(PersonFactory(**{trait: True}), failed.id)


def test_only_a_failed_mail_is_sent_again(failed: Mail) -> None:
    admin = PersonFactory(admin=True)
    resend(admin, failed.id)
    with pytest.raises(Conflict, match="pas en échec"):
        resend(admin, failed.id)
    with pytest.raises(NotFound):
        resend(admin, failed.id + 1000)


def test_the_list_of_failed_mails_shows_no_content(failed: Mail) -> None:
    (row,) = failed_mails().rows
    assert (row.id, row.notice, row.to_address) == (failed.id, Notice.WELCOME, "nadia@federation.example")
    assert row.error == REFUSAL
    assert row.recipient_name.startswith("Claire Morvan")
    assert "confidentiel" not in str(row)
    assert failed_count() == 1
    assert failed_mails(-3).number == 1
    assert failed_mails(10**30).rows == []


def test_an_expired_mail_is_not_sent_again(smtp_app: Flask, now: time_machine.Traveller) -> None:
    write(PersonFactory(jurist=True), expires_at=START + timedelta(minutes=15))
    now.shift(timedelta(minutes=16))
    drain()
    (mail,) = mails()
    assert (mail.status, mail.text) == (MailStatus.FAILED, "")
    with pytest.raises(Conflict, match="son temps est passé"):
        resend(PersonFactory(admin=True), mail.id)


def test_a_failed_mail_whose_time_has_passed_waits_for_nobody_after_the_night(
    smtp_app: Flask, now: time_machine.Traveller
) -> None:
    write(PersonFactory(jurist=True), expires_at=START + timedelta(minutes=15))
    now.shift(timedelta(minutes=16))
    drain()
    assert failed_count() == outbox.failed_count() == 1
    assert purge(START) == 0
    assert [mail.status for mail in mails()] == [MailStatus.WITHDRAWN]
    assert failed_count() == outbox.failed_count() == 0


def test_the_purge_forgets_what_left_and_keeps_what_failed(
    failed: Mail, smtp_app: Flask, now: time_machine.Traveller
) -> None:
    write(PersonFactory(jurist=True))
    drain()
    assert purge(clock.now()) == 0
    now.shift(timedelta(days=400))
    assert purge(clock.now() - timedelta(days=90)) == 1
    assert [mail.status for mail in mails()] == [MailStatus.FAILED]
    assert outbox.failed_count() == 1
