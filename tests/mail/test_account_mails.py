"""The two mails about an account."""

import re

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from syrupy.assertion import SnapshotAssertion

from helpdesk import clock
from helpdesk.accounts import mails
from helpdesk.accounts.enums import NotifyMode
from helpdesk.db import db
from helpdesk.mail.enums import MailStatus
from helpdesk.mail.models import Mail
from tests.factories.accounts import PersonFactory
from tests.tickets.test_mails import shown


def written() -> Mail:
    return db.session.scalars(sa.select(Mail)).one()


@pytest.mark.sqlite_only
def test_the_sign_in_link_reads_as_it_was_approved(app: Flask, snapshot: SnapshotAssertion) -> None:
    mails.sign_in_link(PersonFactory(member=True), "http://127.0.0.1:8000/connexion/lien/abc?suite=%2Fquestions")
    assert shown(written()) == snapshot


@pytest.mark.sqlite_only
def test_the_welcome_reads_as_it_was_approved(app: Flask, snapshot: SnapshotAssertion) -> None:
    mails.welcome(PersonFactory(jurist=True, email="nadia@federation.example"))
    assert shown(written()) == snapshot
    assert len(re.findall("https?://", written().text)) == 1


@pytest.mark.parametrize("host", ["http://mal.example", "//mal.example", "https://mal.example:8000", ""])
def test_a_forged_host_never_reaches_the_sign_in_link(app: Flask, host: str) -> None:
    mails.sign_in_link(PersonFactory(member=True), f"{host}/connexion/lien/abc")
    assert "\nhttp://127.0.0.1:8000/connexion/lien/abc\n" in written().text
    assert "mal.example" not in written().text


def test_the_sign_in_link_never_waits_for_a_digest_and_expires(app: Flask) -> None:
    with time_machine.travel(clock.now(), tick=False):
        mails.sign_in_link(PersonFactory(member=True, notify_mode=NotifyMode.DIGEST), "/connexion/lien/abc")
        mail = written()
        assert mail.status is MailStatus.QUEUED
        assert mail.expires_at is not None
        assert (mail.expires_at - clock.now()).total_seconds() == 15 * 60


def test_nobody_without_access_gets_a_link(app: Flask) -> None:
    mails.sign_in_link(PersonFactory(), "/connexion/lien/abc")
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Mail)) == 0
