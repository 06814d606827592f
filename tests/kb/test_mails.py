"""Who is told what about an entry, and in which words."""

import re
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask
from syrupy.assertion import SnapshotAssertion
from time_machine import TimeMachineFixture

from helpdesk import clock
from helpdesk.accounts.enums import NotifyMode
from helpdesk.db import db
from helpdesk.kb import mails, operations
from helpdesk.kb.enums import ReportKind, Stage
from helpdesk.kb.models import Article, ArticleVersion
from helpdesk.mail.enums import MailStatus, Notice
from helpdesk.mail.models import Mail
from helpdesk.tickets.models import ConflictOfInterest
from tests.factories.accounts import PersonFactory
from tests.factories.kb import draft, in_force, published, under_review
from tests.factories.tickets import make_asker, make_ticket
from tests.tickets.test_mails import TUESDAY, shown

TITLE = "Peut-on prolonger une immersion\u202f?"


@pytest.fixture(autouse=True)
def tuesday(time_machine: TimeMachineFixture) -> TimeMachineFixture:
    time_machine.move_to(TUESDAY, tick=False)
    return time_machine


def written() -> list[Mail]:
    return list(db.session.scalars(sa.select(Mail).order_by(Mail.id)))


def told() -> list[str]:
    return sorted(mail.recipient.first_name for mail in written() if mail.recipient)


def waiting(**values: object) -> tuple[Article, ArticleVersion]:
    article = draft(stage=Stage.APPROVAL, title=TITLE, **values)
    return article, article.versions[0]


CASES: dict[str, Callable[[], object]] = {
    "review_due": lambda: mails.review_due(one := published(title=TITLE, owner=_jurist()), in_force(one)),
    "review_due_by_law": lambda: mails.review_due(one := under_review(title=TITLE, owner=_jurist()), in_force(one)),
    "review_due_without_owner": lambda: mails.review_due(one := published(title=TITLE), in_force(one)),
    "identifying_reported": lambda: mails.identifying_reported(one := published(title=TITLE), in_force(one)),
    "entry_to_approve": lambda: mails.entry_to_approve(*waiting(author=_jurist("Nadia"))),
}


def _jurist(name: str = "Owner") -> object:
    return PersonFactory(jurist=True, first_name=name, last_name="Benali", email=f"{name.lower()}@f.example")


@pytest.mark.sqlite_only
@pytest.mark.parametrize("case", CASES)
def test_each_mail_reads_as_it_was_approved(app: Flask, case: str, snapshot: SnapshotAssertion) -> None:
    PersonFactory(lead=True, first_name="Lead", email="lead@f.example")
    CASES[case]()
    mail = next(mail for mail in written() if mail.recipient.first_name in ("Lead", "Owner"))

    assert re.sub(r"atelier/\d+", "atelier/7", shown(mail)) == snapshot
    assert len(re.findall("https?://", mail.text)) == 1
    assert len(mail.text.split()) <= 120


def test_a_review_is_the_owners_and_the_leads_where_the_owner_has_left(app: Flask) -> None:
    PersonFactory(lead=True, first_name="Lead")
    owner = PersonFactory(jurist=True, first_name="Owner")
    article = published(owner=owner)

    assert mails.review_due(article, in_force(article))
    owner.is_active = False
    db.session.commit()
    assert mails.review_due(article, in_force(article))

    assert told() == ["Lead", "Owner"]


def test_an_owner_with_a_conflict_of_interest_is_not_told(app: Flask) -> None:
    owner = PersonFactory(jurist=True, first_name="Owner")
    ticket = make_ticket(make_asker())
    article = published(owner=owner, source_ticket=ticket)
    ticket.conflicts.append(
        ConflictOfInterest(person_id=owner.id, declared_by_id=owner.id, declared_at=clock.now(), reason="")
    )
    db.session.execute(sa.delete(Mail))
    db.session.commit()

    assert not mails.review_due(article, in_force(article))
    assert told() == []


def test_who_wrote_an_entry_is_not_asked_to_approve_it(app: Flask) -> None:
    author = PersonFactory(jurist=True, first_name="Author")
    PersonFactory(jurist=True, first_name="Second")
    PersonFactory(delegate=True, first_name="Delegate")
    PersonFactory(admin=True, first_name="Admin")

    mails.entry_to_approve(*waiting(author=author))

    assert told() == ["Second"]


def test_without_a_lead_the_pole_hears_of_a_report(app: Flask) -> None:
    PersonFactory(jurist=True, first_name="Second")
    author = PersonFactory(jurist=True, first_name="Author")
    article = published(author=author, approver=author)

    mails.identifying_reported(article, in_force(article))

    assert told() == ["Author", "Second"]


@pytest.mark.parametrize(("kind", "people"), [(ReportKind.IDENTIFYING, ["Lead"]), (ReportKind.MISSING, [])])
def test_a_reader_who_reports_a_name_is_heard_at_once(app: Flask, kind: ReportKind, people: list[str]) -> None:
    PersonFactory(lead=True, first_name="Lead")
    reader, article = PersonFactory(member=True), published()

    operations.report(reader, article, in_force(article), kind, "« Le Tremplin »")

    assert told() == people
    assert all("Tremplin" not in mail.text + mail.subject for mail in written())


@pytest.mark.parametrize(
    ("case", "status"),
    [
        ("review_due", MailStatus.HELD),
        ("identifying_reported", MailStatus.QUEUED),
        ("entry_to_approve", MailStatus.HELD),
    ],
)
def test_only_a_report_cannot_wait_for_the_digest(app: Flask, case: str, status: MailStatus) -> None:
    PersonFactory(lead=True, first_name="Lead")
    CASES[case]()
    for person in {mail.recipient for mail in written()}:
        person.notify_mode = NotifyMode.DIGEST
    db.session.execute(sa.delete(Mail))
    db.session.commit()
    CASES_AGAIN[case]()

    assert {mail.status for mail in written() if mail.notice is Notice(case)} == {status}


def _again(call: Callable[[Article, ArticleVersion], object]) -> None:
    article = db.session.scalars(sa.select(Article)).one()
    call(article, article.versions[0])


CASES_AGAIN: dict[str, Callable[[], object]] = {
    "review_due": lambda: _again(mails.review_due),
    "identifying_reported": lambda: _again(mails.identifying_reported),
    "entry_to_approve": lambda: _again(mails.entry_to_approve),
}
