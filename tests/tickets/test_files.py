"""Files are given back through the message that holds them, as downloads, to those who may read it."""

import io
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import pytest
from flask import Flask
from werkzeug.datastructures import FileStorage

from helpdesk.accounts.models import Person
from helpdesk.attachments import operations as attachments
from helpdesk.attachments.models import Attachment
from helpdesk.db import transaction
from helpdesk.tickets import operations
from helpdesk.tickets.enums import Status
from helpdesk.tickets.models import Ticket
from tests.factories.accounts import OrganisationFactory, PersonFactory
from tests.factories.files import JPEG, PDF
from tests.factories.tickets import make_asker, make_ticket
from tests.support.http import Client

SignIn = Callable[[Person], Client]


@pytest.fixture
def asker(app: Flask) -> Person:
    return make_asker(OrganisationFactory())


@pytest.fixture
def jurist(app: Flask) -> Person:
    person: Person = PersonFactory(jurist=True)
    return person


def add(actor: Person, ticket: Ticket, name: str = "contrat.pdf", content: bytes = PDF, **note: Any) -> Attachment:
    """A file sent with a message of the member, or with a note of the staff."""
    with transaction():
        [kept] = attachments.store(actor, [FileStorage(io.BytesIO(content), filename=name)])
        if actor.is_staff:
            operations.add_note(actor, ticket, text="Note", attachments=(kept,), **note)
        else:
            operations.add_message(actor, ticket, text="Message", attachments=(kept,))
    return kept


def url(ticket: Ticket, attachment: Attachment) -> str:
    return f"/questions/{ticket.reference}/pieces/{attachment.id}"


def test_a_file_is_only_ever_a_download(asker: Person, sign_in: SignIn) -> None:
    ticket = make_ticket(asker)
    response = sign_in(asker).get(url(ticket, add(asker, ticket)))
    assert response.status_code == 200
    assert response.data == PDF
    headers = response.headers
    assert headers["Content-Type"] == "application/octet-stream"
    assert headers["Content-Disposition"].startswith("attachment;")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert headers["Cache-Control"] == "private, no-store"
    response.close()


def test_an_accented_name_travels_as_the_standard_says(asker: Person, sign_in: SignIn) -> None:
    ticket = make_ticket(asker)
    response = sign_in(asker).get(url(ticket, add(asker, ticket, 'Été ; congés "payés".pdf')))
    disposition = response.headers["Content-Disposition"]
    assert "\n" not in disposition
    assert unquote(disposition.split("filename*=UTF-8''")[1]) == "Été ; congés -payés.pdf"
    response.close()


def test_who_may_not_read_the_question_finds_no_file(asker: Person, sign_in: SignIn) -> None:
    ticket = make_ticket(asker)
    file = add(asker, ticket)
    foreign = make_asker(OrganisationFactory())
    delegate = PersonFactory(delegate=True, delegation="occitanie")
    admin = PersonFactory(admin=True)
    for person in (foreign, delegate, admin):
        assert sign_in(person).get(url(ticket, file)).status_code == 404


def test_a_visitor_is_sent_to_sign_in(asker: Person, client: Client) -> None:
    ticket = make_ticket(asker)
    assert client.get(url(ticket, add(asker, ticket))).status_code == 303


def test_the_file_of_a_note_is_for_those_who_read_the_note(asker: Person, jurist: Person, sign_in: SignIn) -> None:
    delegate = PersonFactory(delegate=True)
    ticket = make_ticket(asker, status=Status.STUDY, jurist=jurist)
    for_staff = add(jurist, ticket)
    for_pole = add(jurist, ticket, "note.jpg", JPEG, is_for_pole=True)
    expected = {asker.id: (404, 404), delegate.id: (200, 404), jurist.id: (200, 200)}
    for person in (asker, delegate, jurist):
        responses = [sign_in(person).get(url(ticket, file)) for file in (for_staff, for_pole)]
        assert tuple(response.status_code for response in responses) == expected[person.id]
        for response in responses:
            response.close()


def test_an_answer_at_the_relay_gives_no_file_to_the_member(asker: Person, jurist: Person, sign_in: SignIn) -> None:
    from helpdesk.accounts.models import DelegationProfile
    from helpdesk.db import db

    with transaction():
        db.session.add(DelegationProfile(code="bretagne", is_relayed=True))
    ticket = make_ticket(asker, status=Status.STUDY, jurist=jurist)
    with transaction():
        [kept] = attachments.store(jurist, [FileStorage(io.BytesIO(PDF), filename="modele.pdf")])
        text = operations.AnswerText(in_brief="Oui.", attachments=(kept,))
        operations.answer(jurist, ticket, text, seen_version=None)
    assert ticket.status is Status.RELAY
    assert sign_in(asker).get(url(ticket, kept)).status_code == 404
    operations.relay(None, ticket)
    response = sign_in(asker).get(url(ticket, kept))
    assert response.status_code == 200
    response.close()


def test_a_file_is_not_reached_through_another_question(asker: Person, sign_in: SignIn) -> None:
    ticket, other = make_ticket(asker), make_ticket(asker)
    assert sign_in(asker).get(url(other, add(asker, ticket))).status_code == 404


def test_a_file_of_a_draft_is_served_by_nothing(asker: Person, jurist: Person, sign_in: SignIn) -> None:
    ticket = make_ticket(asker)
    with transaction():
        [kept] = attachments.store(asker, [FileStorage(io.BytesIO(PDF), filename="a.pdf")])
        operations.attach_to_draft(asker, operations.save_question_draft(asker, {"title": "Question"}), [kept])
    for person in (asker, jurist):
        assert sign_in(person).get(url(ticket, kept)).status_code == 404


def test_a_purged_file_is_gone_and_its_line_says_so(asker: Person, sign_in: SignIn) -> None:
    ticket = make_ticket(asker)
    file = add(asker, ticket)
    attachments.purge(file)
    client = sign_in(asker)
    assert client.get(url(ticket, file)).status_code == 404
    page = client.get(f"/questions/{ticket.reference}").text
    assert "contrat.pdf : pièce effacée" in page.replace("\xa0", " ")
    assert url(ticket, file) not in page


@pytest.mark.parametrize("number", ["0", "999999", "-1", "1.5", "1e9", "../../etc/passwd"])
def test_a_forged_number_finds_nothing(asker: Person, sign_in: SignIn, number: str) -> None:
    ticket = make_ticket(asker)
    assert sign_in(asker).get(f"/questions/{ticket.reference}/pieces/{number}").status_code == 404


def test_a_conflict_of_interest_closes_the_files_too(asker: Person, jurist: Person, sign_in: SignIn) -> None:
    ticket = make_ticket(asker, status=Status.STUDY, jurist=jurist)
    file = add(asker, ticket)
    operations.declare_conflict(jurist, ticket, jurist, reason="Ancien employeur")
    assert sign_in(jurist).get(url(ticket, file)).status_code == 404
