"""Who is told what about a question, and in which words."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from syrupy.assertion import SnapshotAssertion
from time_machine import TimeMachineFixture

from helpdesk import clock
from helpdesk.accounts.enums import MandateScope, NotifyMode
from helpdesk.accounts.models import Organisation, Person
from helpdesk.db import db, transaction
from helpdesk.mail.enums import MailStatus, Notice
from helpdesk.mail.models import Mail
from helpdesk.mail.operations import send_digests
from helpdesk.tickets import mails, operations
from helpdesk.tickets.enums import MessageKind, Status
from helpdesk.tickets.models import ConflictOfInterest, Message, Ticket
from helpdesk.tickets.operations import history
from tests.factories.accounts import OrganisationFactory, PersonFactory, give_mandate
from tests.factories.tickets import ANSWER, make_asker, make_ticket
from tests.support.scenes import Keep

TUESDAY = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)
TITLE = "Peut-on suspendre un CDDI pendant une formation ?"
STRUCTURE = "Les Ateliers du Canal"
REASON = "Le délai est en jours ouvrables, et non ouvrés."


@pytest.fixture(autouse=True)
def tuesday(time_machine: TimeMachineFixture) -> TimeMachineFixture:
    """An ordinary morning: 10 h in Paris."""
    time_machine.move_to(TUESDAY, tick=False)
    return time_machine


class World:
    """One question of a structure in Bretagne, and everybody around it; each first name says who."""

    def __init__(self) -> None:
        self.structure: Organisation = OrganisationFactory(name=STRUCTURE)
        self.asker = self._member("Asker", MandateScope.OWN)
        self.director = self._member("Director", MandateScope.STRUCTURE)
        self.delegate: Person = PersonFactory(delegate=True, first_name="Delegate", can_answer=True)
        self.second_delegate: Person = PersonFactory(delegate=True, first_name="Second")
        self.stranger: Person = PersonFactory(delegate=True, delegation="occitanie", first_name="Stranger")
        self.jurist: Person = PersonFactory(jurist=True, first_name="Jurist", last_name="Benali")
        self.colleague: Person = PersonFactory(jurist=True, first_name="Colleague")
        self.lead: Person = PersonFactory(lead=True, first_name="Lead")
        self.admin: Person = PersonFactory(admin=True, first_name="Admin")

    def _member(self, first_name: str, scope: MandateScope) -> Person:
        person: Person = PersonFactory(first_name=first_name)
        give_mandate(person, self.structure, scope=scope)
        return person

    def ticket(self, status: Status = Status.TRIAGE, **values: Any) -> Ticket:
        values = {"title": TITLE, "delegate": self.delegate, "jurist": self.jurist, **values}
        ticket = make_ticket(self.asker, organisation=self.structure, status=status, **values)
        forget_mails()
        return ticket


@pytest.fixture
def world(kept: Keep) -> World:
    return kept(World)


def forget_mails() -> None:
    db.session.execute(sa.update(Mail).values(digest_id=None, status=MailStatus.QUEUED))
    db.session.execute(sa.delete(Mail))
    db.session.commit()


def written() -> list[Mail]:
    statement = sa.select(Mail).order_by(Mail.id).execution_options(populate_existing=True)
    return list(db.session.scalars(statement))


def told(notice: Notice | None = None) -> list[str]:
    """The first names of those written to."""
    found = written()
    return sorted(mail.recipient.first_name for mail in found if mail.recipient and notice in {None, mail.notice})


def answer_of(ticket: Ticket) -> Message:
    return next(message for message in ticket.messages if message.kind is MessageKind.ANSWER)


def say(ticket: Ticket, author: Person, kind: MessageKind, **values: Any) -> Message:
    with transaction():
        return history.say(ticket, kind, author, in_brief="En jours ouvrables.", **values)


def correction(world: World, ticket: Ticket) -> Message:
    return say(ticket, world.colleague, MessageKind.CORRECTION, replaces_id=answer_of(ticket).id)


def be_urgent(ticket: Ticket) -> None:
    ticket.urgency = max(ticket.urgency, 2)
    mails.urgent(ticket)


Call = Callable[[World, Ticket], object]

NOTICES: dict[str, tuple[Status, Call, dict[Notice, list[str]]]] = {
    "received": (
        Status.TRIAGE,
        lambda world, ticket: mails.received(ticket),
        {Notice.RECEIVED: ["Asker"]},
    ),
    "received-by-the-pole": (
        Status.STUDY,
        lambda world, ticket: mails.received(ticket),
        {Notice.RECEIVED: ["Asker"]},
    ),
    "new_in_delegation": (
        Status.TRIAGE,
        lambda world, ticket: mails.new_in_delegation(ticket),
        {Notice.NEW_IN_DELEGATION: ["Delegate", "Second"]},
    ),
    "urgent": (
        Status.TRIAGE,
        lambda world, ticket: be_urgent(ticket),
        {Notice.URGENT: ["Colleague", "Delegate", "Jurist", "Lead", "Second"]},
    ),
    "clarification_asked": (
        Status.WAITING,
        lambda world, ticket: mails.clarification_asked(ticket, "À quelle date\nle contrat prend-il fin ?"),
        {Notice.CLARIFICATION_ASKED: ["Asker"]},
    ),
    "clarification_given": (
        Status.STUDY,
        lambda world, ticket: mails.clarification_given(ticket),
        {Notice.CLARIFICATION_GIVEN: ["Jurist"]},
    ),
    "transmitted": (
        Status.POLE,
        lambda world, ticket: mails.transmitted(ticket),
        {Notice.TRANSMITTED: ["Lead"]},
    ),
    "assigned": (
        Status.STUDY,
        lambda world, ticket: mails.assigned(ticket, world.jurist),
        {Notice.ASSIGNED: ["Jurist"]},
    ),
    "answered": (
        Status.ANSWERED,
        lambda world, ticket: mails.answered(ticket, answer_of(ticket)),
        {Notice.ANSWERED: ["Asker"], Notice.ANSWER_COPY: ["Delegate"]},
    ),
    "relay_waiting": (
        Status.STUDY,
        lambda world, ticket: mails.relay_waiting(ticket),
        {Notice.RELAY_WAITING: ["Delegate"]},
    ),
    "corrected": (
        Status.ANSWERED,
        lambda world, ticket: mails.corrected(ticket, correction(world, ticket), REASON),
        {Notice.CORRECTED: ["Asker"], Notice.CORRECTION_REASON: ["Delegate", "Jurist"]},
    ),
    "followed_up": (
        Status.STUDY,
        lambda world, ticket: mails.followed_up(ticket),
        {Notice.FOLLOWED_UP: ["Jurist"]},
    ),
    "law_changed": (
        Status.STUDY,
        lambda world, ticket: mails.law_changed(ticket, "Période d’essai\u00a0: deux mois (loi du 1er juin 2026)."),
        {Notice.LAW_CHANGED: ["Jurist"]},
    ),
    "closed_out_of_scope": (
        Status.CLOSED,
        lambda world, ticket: mails.closed_out_of_scope(ticket),
        {Notice.CLOSED_OUT_OF_SCOPE: ["Asker"]},
    ),
    "closed_as_duplicate": (
        Status.CLOSED,
        lambda world, ticket: mails.closed_as_duplicate(ticket),
        {Notice.CLOSED_AS_DUPLICATE: ["Asker"]},
    ),
    "closed_by_faq": (
        Status.CLOSED,
        lambda world, ticket: mails.closed_by_faq(ticket),
        {Notice.CLOSED_BY_FAQ: ["Asker"]},
    ),
    "day_eight": (
        Status.STUDY,
        lambda world, ticket: mails.day_eight(ticket),
        {Notice.DAY_EIGHT: ["Jurist"]},
    ),
    "target_passed": (
        Status.STUDY,
        lambda world, ticket: mails.target_passed(ticket, clock.now() + timedelta(days=7)),
        {Notice.TARGET_PASSED: ["Asker"]},
    ),
    "unread_answer": (
        Status.ANSWERED,
        lambda world, ticket: mails.unread_answer(ticket),
        {Notice.UNREAD_ANSWER: ["Asker"]},
    ),
    "untriaged": (
        Status.TRIAGE,
        lambda world, ticket: mails.untriaged(ticket),
        {Notice.UNTRIAGED: ["Delegate", "Second"]},
    ),
    "written_confirmation_due": (
        Status.STUDY,
        lambda world, ticket: mails.written_confirmation_due(ticket),
        {Notice.WRITTEN_CONFIRMATION_DUE: ["Jurist"]},
    ),
}
ENGLISH = re.compile(
    r"\b(the|your|you|and|of|is|are|to|hello|dear|ticket|question asked|click|please|read|none)\b", re.IGNORECASE
)
cases = pytest.mark.parametrize("case", NOTICES)


def shown(mail: Mail) -> str:
    """A mail as the snapshot keeps it, with its special spaces made visible."""
    page = mail.html.split("<body>")[1].split("</body>")[0].strip()
    whole = f"{mail.notice}\nObjet : {mail.subject}\n\n{mail.text}\n{page}\n"
    return whole.replace("\u00a0", "␣").replace("\u202f", "·")


@cases
def test_each_notice_goes_to_whom_it_concerns(world: World, case: str) -> None:
    status, call, expected = NOTICES[case]
    ticket = world.ticket(status)
    with transaction():
        call(world, ticket)
    assert {notice: told(notice) for notice in {mail.notice for mail in written()}} == expected


@pytest.mark.sqlite_only
@cases
def test_each_notice_reads_as_it_was_approved(world: World, case: str, snapshot: SnapshotAssertion) -> None:
    status, call, _ = NOTICES[case]
    call(world, world.ticket(status))
    first_of_each = {mail.notice: mail for mail in reversed(written())}
    assert "\n=====\n".join(shown(mail) for mail in reversed(first_of_each.values())) == snapshot


@pytest.mark.sqlite_only
@cases
@pytest.mark.parametrize("is_sensitive", [False, True])
def test_each_notice_is_short_french_and_has_one_link(world: World, case: str, is_sensitive: bool) -> None:
    status, call, _ = NOTICES[case]
    ticket = world.ticket(status, is_sensitive=is_sensitive)
    call(world, ticket)
    for mail in written():
        assert len(mail.text.split()) <= 120
        assert re.findall(r"https?://\S+", mail.text) == [f"http://127.0.0.1:8000/questions/{ticket.reference}"]
        assert re.findall(r'href="([^"]*)"', mail.html) == [f"http://127.0.0.1:8000/questions/{ticket.reference}"]
        assert not ENGLISH.findall(f"{mail.subject} {mail.text}")
        assert "\u202f" not in mail.subject
        assert not re.search(r"[ \n][;!?:»]|« |['!]", f"{mail.subject}\n{mail.text}".replace(" :\n", ""))
        assert len(mail.subject) <= 150


@pytest.mark.sqlite_only
@cases
def test_a_sensitive_question_shows_neither_its_title_nor_its_structure(world: World, case: str) -> None:
    status, call, _ = NOTICES[case]
    call(world, world.ticket(status, is_sensitive=True))
    assert written()
    for mail in written():
        whole = f"{mail.subject} {mail.text} {mail.html}"
        assert not re.search("CDDI|formation|Ateliers|Canal|ouvrables|contrat", whole)


@pytest.mark.sqlite_only
@cases
def test_a_person_with_a_conflict_of_interest_is_told_nothing(world: World, case: str) -> None:
    status, call, _ = NOTICES[case]
    ticket = world.ticket(status)
    conflicted = [world.jurist, world.delegate, world.lead]
    for person in conflicted:
        ticket.conflicts.append(
            ConflictOfInterest(person_id=person.id, declared_by_id=world.admin.id, declared_at=clock.now())
        )
    db.session.commit()
    call(world, ticket)
    assert not {person.first_name for person in conflicted} & set(told())


@cases
def test_people_without_access_are_told_nothing(world: World, case: str) -> None:
    status, call, _ = NOTICES[case]
    ticket = world.ticket(status)
    world.asker.mandates[0].ends_on = clock.today() - timedelta(days=1)
    world.delegate.is_active = False
    world.jurist.roles[0].ends_on = clock.today() - timedelta(days=1)
    db.session.commit()
    call(world, ticket)
    assert not {"Asker", "Delegate", "Jurist", "Admin", "Stranger"} & set(told())


@pytest.mark.parametrize(
    ("call", "stands_in"),
    [
        (mails.received, ["Director"]),
        (mails.new_in_delegation, ["Lead"]),
        (mails.untriaged, ["Lead"]),
    ],
)
def test_where_nobody_is_left_somebody_else_is_told(
    world: World, call: Callable[[Ticket], object], stands_in: list[str]
) -> None:
    ticket = world.ticket()
    world.asker.is_active = world.delegate.is_active = world.second_delegate.is_active = False
    db.session.commit()
    call(ticket)
    assert told() == stands_in


def test_the_lead_is_told_of_what_a_departed_jurist_held(world: World) -> None:
    ticket = world.ticket(Status.STUDY)
    world.jurist.is_active = False
    db.session.commit()
    mails.day_eight(ticket)
    assert told() == ["Lead"]


def test_a_question_without_asker_goes_to_those_who_see_all_of_the_structure(world: World) -> None:
    ticket = world.ticket(Status.ANSWERED)
    ticket.asker_id = ticket.asker = None
    db.session.commit()
    mails.answered(ticket, answer_of(ticket))
    assert told(Notice.ANSWERED) == ["Director"]
    assert "la question de votre structure" in written()[0].text


def test_a_sensitive_question_whose_asker_has_left_goes_to_nobody_of_the_structure(world: World) -> None:
    ticket = world.ticket(Status.ANSWERED, is_sensitive=True)
    world.asker.is_active = False
    db.session.commit()
    mails.unread_answer(ticket)
    assert written() == []


def test_the_national_queue_is_the_leads(world: World) -> None:
    ticket = make_ticket(make_asker(OrganisationFactory(national=True)))
    forget_mails()
    mails.new_in_delegation(ticket)
    assert told() == ["Lead"]


def test_a_question_for_the_pole_alone_is_not_told_to_the_delegation(world: World) -> None:
    ticket = world.ticket(Status.STUDY)
    ticket.is_pole_only = True
    db.session.commit()
    mails.urgent(ticket)
    mails.answered(ticket, say(ticket, world.jurist, MessageKind.ANSWER))
    assert not {"Delegate", "Second"} & set(told())


def test_a_delegate_who_answered_gets_no_copy_of_the_answer(world: World) -> None:
    ticket = world.ticket(Status.REGIONAL)
    operations.answer(world.delegate, ticket, ANSWER, seen_version=None)
    assert told(Notice.ANSWER_COPY) == []


def test_who_corrects_an_own_answer_is_not_told_the_reason(world: World) -> None:
    ticket = world.ticket(Status.ANSWERED)
    operations.correct(world.jurist, ticket, ANSWER, reason=REASON, seen_version=None)
    assert told(Notice.CORRECTION_REASON) == ["Delegate"]
    (to_asker,) = [mail for mail in written() if mail.notice is Notice.CORRECTED]
    assert "ouvrables" not in to_asker.text + to_asker.subject


@pytest.mark.parametrize(
    ("returns_to", "people"),
    [
        (Status.TRIAGE, ["Delegate", "Second"]),
        (Status.REGIONAL, ["Delegate"]),
        (Status.POLE, ["Lead"]),
        (Status.STUDY, ["Jurist"]),
    ],
)
def test_a_reply_goes_to_whoever_gets_the_question_back(world: World, returns_to: Status, people: list[str]) -> None:
    ticket = world.ticket(Status.STUDY)
    ticket.status, ticket.returns_to = Status.WAITING, returns_to
    db.session.commit()
    mails.clarification_given(ticket)
    assert told() == people


# --- What waits, what does not, what is said once ---------------------------------------------------------

CAN_WAIT = {
    Notice.NEW_IN_DELEGATION,
    Notice.TRANSMITTED,
    Notice.ASSIGNED,
    Notice.HANDED_OVER,
    Notice.ANSWER_COPY,
    Notice.FOLLOWED_UP,
    Notice.REVIEW_DUE,
    Notice.ENTRY_TO_APPROVE,
    Notice.JURI_ACCOUNT_DUE,
    Notice.JURI_TO_VOUCH,
    Notice.JURI_TO_DECIDE,
    Notice.JURI_PART,
}


@pytest.mark.sqlite_only
@cases
def test_only_notices_that_can_wait_are_held_and_never_those_of_an_urgent_question(world: World, case: str) -> None:
    status, call, _ = NOTICES[case]
    ticket = world.ticket(status)
    for person in db.session.scalars(sa.select(Person)):
        person.notify_mode = NotifyMode.DIGEST
    for urgency in (0, 1, 2, 3):
        ticket.urgency = urgency
        forget_mails()
        call(world, ticket)
        for mail in written():
            is_held = mail.notice in CAN_WAIT and urgency < 2
            assert mail.status is (MailStatus.HELD if is_held else MailStatus.QUEUED)


@pytest.mark.parametrize(("urgency", "status"), [(0, MailStatus.HELD), (2, MailStatus.QUEUED)])
def test_questions_handed_over_together_are_one_mail_that_names_none(
    world: World, urgency: int, status: MailStatus
) -> None:
    tickets = [world.ticket(Status.STUDY), world.ticket(Status.STUDY, title=f"{TITLE} (2)", is_sensitive=True)]
    tickets[0].urgency, world.colleague.notify_mode = urgency, NotifyMode.DIGEST
    db.session.commit()
    mails.handed_over(tickets, world.colleague)
    [mail] = written()
    assert (mail.recipient, mail.subject, mail.status) == (world.colleague, "On vous confie 2\u00a0questions", status)
    assert "13\u00a0novembre\u00a02026" in mail.text
    assert not re.search(f"{STRUCTURE}|{TITLE[:12]}|Q-2026", f"{mail.text} {mail.html}")
    assert re.findall(r"https?://\S+", mail.text) == ["http://127.0.0.1:8000/"]


@pytest.mark.parametrize(
    ("status", "call"),
    [
        (Status.TRIAGE, mails.untriaged),
        (Status.ANSWERED, mails.unread_answer),
        (Status.STUDY, mails.written_confirmation_due),
    ],
)
def test_a_reminder_is_sent_once_until_something_happens(
    world: World, tuesday: TimeMachineFixture, status: Status, call: Callable[[Ticket], bool]
) -> None:
    ticket = world.ticket(status)
    ticket.written_due_on = clock.today()
    db.session.commit()
    assert call(ticket)
    tuesday.shift(timedelta(hours=30))
    assert not call(ticket)
    ticket.status_at, ticket.written_due_on = clock.now() + timedelta(seconds=1), clock.today()
    db.session.commit()
    tuesday.shift(timedelta(seconds=1))
    assert call(ticket)


# --- What has not left when the question changes ----------------------------------------------------------


def test_a_question_made_sensitive_takes_its_title_out_of_what_has_not_left(world: World) -> None:
    ticket = world.ticket()
    world.second_delegate.notify_mode = NotifyMode.DIGEST
    db.session.commit()
    mails.received(ticket)
    mails.new_in_delegation(ticket)
    operations.set_sensitive(world.delegate, ticket, is_sensitive=True)

    leaving = [mail for mail in written() if mail.status in {MailStatus.QUEUED, MailStatus.HELD}]
    assert {mail.notice for mail in leaving} == {Notice.SENSITIVE}
    assert sorted((mail.recipient.first_name, mail.status.value) for mail in leaving if mail.recipient) == [
        ("Asker", "queued"),
        ("Delegate", "queued"),
        ("Second", "held"),
    ]
    assert not any("CDDI" in mail.subject + mail.text + mail.html for mail in leaving)


def test_a_declared_conflict_stops_what_has_not_left_for_that_person(world: World) -> None:
    ticket = world.ticket(Status.STUDY)
    mails.urgent(ticket)
    operations.declare_conflict(world.lead, ticket, world.colleague, reason="Son conjoint y travaille.")
    states = {mail.recipient.first_name: mail.status for mail in written() if mail.recipient}
    assert states["Colleague"] is MailStatus.WITHDRAWN
    assert states["Delegate"] is MailStatus.QUEUED


def test_erased_content_is_erased_from_the_mails_too(world: World) -> None:
    world.second_delegate.notify_mode = NotifyMode.DIGEST
    ticket = world.ticket()
    mails.received(ticket)
    mails.new_in_delegation(ticket)
    send_digests()
    operations.mark_out_of_scope(world.delegate, ticket, text="Adressez-vous à l’ADIL de votre département.")
    operations.erase_content(world.jurist, ticket)

    assert not any("CDDI" in mail.subject + mail.text + mail.html for mail in written())
    leaving = [mail for mail in written() if mail.status is MailStatus.QUEUED]
    assert {mail.notice for mail in leaving} == {Notice.SENSITIVE}
    assert "Asker" in {mail.recipient.first_name for mail in leaving if mail.recipient}
    assert all(ticket.reference in mail.subject for mail in leaving)


# --- What people type -------------------------------------------------------------------------------------


def test_what_is_typed_is_shown_as_text_and_without_its_links(world: World) -> None:
    ticket = world.ticket(title="<b>Urgent</b> voir https://mal.example/x & co")
    mails.received(ticket)
    mails.clarification_asked(ticket, "<script>alert(1)</script> www.mal.example\r\nBcc: a@b.c")
    for mail in written():
        assert "mal.example" not in mail.subject + mail.text + mail.html
        assert "<script>" not in mail.html
        assert "<b>" not in mail.html
    assert "&lt;b&gt;Urgent&lt;/b&gt;" in written()[0].html


def test_a_forged_host_never_reaches_a_mail(app: Flask, world: World) -> None:
    ticket = world.ticket()
    with app.test_request_context("/", headers={"Host": "mal.example"}):
        mails.received(ticket)
    assert "http://127.0.0.1:8000/" in written()[-1].text
    assert "mal.example" not in written()[-1].text + written()[-1].html


def test_the_link_of_a_mail_leads_to_the_question(app: Flask, world: World) -> None:
    mails.received(world.ticket())
    path = re.findall(r"http://127\.0\.0\.1:8000(\S+)", written()[0].text)[0]
    assert app.url_map.bind("127.0.0.1").match(path)[0] == "tickets.thread"
