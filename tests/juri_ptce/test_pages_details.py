"""The details of a PTCE's question, completed after it was sent: by the staff on the phone, or by its members."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from time_machine import TimeMachineFixture

from helpdesk import clock
from helpdesk.accounts.models import Person
from helpdesk.db import db
from helpdesk.errors import Conflict, NotAllowed
from helpdesk.juri_ptce.models import PtceDetails, PtceProfile
from helpdesk.juri_ptce.operations import details as operations
from helpdesk.juri_ptce.operations.details import DetailFields
from helpdesk.tickets import operations as tickets
from helpdesk.tickets.enums import EventKind, Status
from helpdesk.tickets.models import Ticket, TicketEvent
from tests.factories.accounts import OrganisationFactory, PersonFactory
from tests.factories.juri_ptce import make_ptce_question, make_session
from tests.factories.tickets import bring_to, key, make_asker, make_ticket, type_in
from tests.support.http import Client
from tests.support.pages import text_of

SignIn = Callable[[Person], Client]
TYPED = {
    "plus-carrier": "La Fabrique, SCIC",
    "plus-territory": "Pays de Redon",
    "plus-involves_authority": "oui",
    "plus-amount": "40 000 euros",
    "plus-wished_session": "peu-importe",
    "plus-has_charter": "y",
    "plus-may_be_published": "y",
}


@pytest.fixture
def jurist(app: Flask) -> Person:
    return PersonFactory(jurist=True)


@pytest.fixture
def ticket(jurist: Person) -> Ticket:
    """Typed in on the phone: its details are empty."""
    return type_in(jurist, OrganisationFactory(ptce=True), facts="Au téléphone.")


def address(ticket: Ticket) -> str:
    return f"/juri-ptce/questions/{ticket.reference}/complements"


def send(client: Client, ticket: Ticket, **changes: Any) -> Any:
    values = {"version": str(ticket.version), "submission_key": key(), **TYPED, **changes}
    return client.post(address(ticket), data=values)


def details_of(ticket: Ticket) -> PtceDetails:
    return db.session.get_one(PtceDetails, ticket.id)


def completions(ticket: Ticket) -> list[TicketEvent]:
    kind = EventKind.DETAILS_COMPLETED.value
    select = sa.select(TicketEvent).where(TicketEvent.ticket_id == ticket.id, TicketEvent.kind == kind)
    return list(db.session.scalars(select.order_by(TicketEvent.id)))


def test_the_staff_completes_what_was_typed_in_on_the_phone(ticket: Ticket, jurist: Person, sign_in: SignIn) -> None:
    client = sign_in(jurist)
    assert f'href="{address(ticket)}"' in client.get(f"/questions/{ticket.reference}").text
    assert "Le PTCE accepte un retour anonymisé" in text_of(client.get(address(ticket)))
    answer = send(client, ticket)
    assert (answer.status_code, answer.location) == (303, f"/questions/{ticket.reference}")
    found = details_of(ticket)
    assert (found.carrier, found.territory, found.amount) == ("La Fabrique, SCIC", "Pays de Redon", "40 000 euros")
    assert (found.involves_authority, found.may_be_published) == (True, True)
    assert db.session.get_one(PtceProfile, ticket.organisation_id).has_charter
    [event] = completions(ticket)
    assert (event.actor_id, event.data) == (jurist.id, {"may_be_published": True})
    page = client.get(f"/questions/{ticket.reference}")
    assert "Accepté" in text_of(page)
    assert "Saisie complétée par vous" in text_of(page)


def test_what_is_kept_is_given_back_to_be_corrected(ticket: Ticket, jurist: Person, sign_in: SignIn) -> None:
    session = make_session((clock.today() + timedelta(days=40)).isoformat())
    client = sign_in(jurist)
    send(client, ticket, **{"plus-wished_session": str(session.id)})
    page = client.get(address(ticket)).text
    for text in ("La Fabrique, SCIC", "Pays de Redon", "40 000 euros"):
        assert f'value="{text}"' in page
    for name in ("has_charter", "may_be_published"):
        assert re.search(rf'<input[^>]* checked id="plus-{name}"', page)
    assert re.search(rf'<input[^>]* checked[^>]* value="{session.id}"', page)
    assert re.search(r'<input[^>]* checked[^>]* value="oui"', page)


def test_nothing_changed_leaves_no_line_and_no_older_view(ticket: Ticket, jurist: Person) -> None:
    fields = DetailFields(carrier="La Fabrique", has_charter=True)
    operations.save_details(jurist, ticket, fields)
    version = ticket.version
    operations.save_details(jurist, ticket, DetailFields(carrier="La Fabrique", has_charter=True))
    assert ticket.version == version
    assert len(completions(ticket)) == 1
    operations.save_details(jurist, ticket, DetailFields(carrier="La Fabrique", has_charter=False))
    assert ticket.version > version
    assert len(completions(ticket)) == 2


def test_a_second_click_is_one_change(ticket: Ticket, jurist: Person, sign_in: SignIn) -> None:
    client, version, once = sign_in(jurist), str(ticket.version), key()
    for _click in range(2):
        assert send(client, ticket, version=version, submission_key=once).status_code == 303
    assert len(completions(ticket)) == 1


def test_of_two_who_complete_at_once_the_second_is_told(ticket: Ticket, jurist: Person, sign_in: SignIn) -> None:
    seen, client = ticket.version, sign_in(jurist)
    operations.save_details(PersonFactory(lead=True), ticket, DetailFields(carrier="L’Atelier"), seen_version=seen)
    answer = send(client, ticket, version=str(seen))
    assert answer.status_code == 409
    assert 'value="La Fabrique, SCIC"' in answer.text
    assert details_of(ticket).carrier == "L’Atelier"
    with pytest.raises(Conflict):
        operations.save_details(jurist, ticket, DetailFields(), seen_version=seen)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"plus-carrier": "a" * 300}, "Ce texte est trop long"),
        ({"plus-involves_authority": "peut-être"}, "Choisissez « Oui » ou « Non »"),
        ({"plus-wished_session": "999999"}, "Cette séance ne reçoit plus de questions"),
        ({"plus-amount": "1" * 200}, "Ce texte est trop long"),
    ],
)
def test_a_wrong_value_is_told_at_its_place(
    ticket: Ticket, jurist: Person, sign_in: SignIn, changes: dict[str, str], message: str
) -> None:
    answer = send(sign_in(jurist), ticket, **changes)
    page = answer.text.replace("\u202f", " ").replace("\xa0", " ")
    assert answer.status_code == 422
    assert page.count(message) == 2
    assert 'value="Pays de Redon"' in page
    assert details_of(ticket).territory == ""
    assert completions(ticket) == []


def test_a_form_without_its_version_is_refused(ticket: Ticket, jurist: Person, sign_in: SignIn) -> None:
    assert send(sign_in(jurist), ticket, version="").status_code == 422
    assert details_of(ticket).carrier == ""


def test_a_session_wished_for_stays_once_it_is_over(
    ticket: Ticket, jurist: Person, sign_in: SignIn, time_machine: TimeMachineFixture
) -> None:
    session = make_session((clock.today() + timedelta(days=40)).isoformat())
    operations.save_details(jurist, ticket, DetailFields(wished_session_id=session.id))
    time_machine.move_to(clock.now() + timedelta(days=60))
    client, wished = sign_in(jurist), {"plus-wished_session": str(session.id)}
    assert re.search(rf'<input[^>]* checked[^>]* value="{session.id}"', client.get(address(ticket)).text)
    assert send(client, ticket, **wished).status_code == 303
    assert details_of(ticket).wished_session_id == session.id


def test_a_member_completes_while_the_question_is_open_and_the_staff_after_it(jurist: Person, sign_in: SignIn) -> None:
    ticket = make_ptce_question()
    asker = ticket.asker
    client = sign_in(asker)
    assert f'href="{address(ticket)}"' in client.get(f"/questions/{ticket.reference}").text
    assert "J’accepte un retour anonymisé" in text_of(client.get(address(ticket)))
    assert send(client, ticket).status_code == 303
    bring_to(ticket, Status.ANSWERED, jurist=jurist)
    assert address(ticket) not in client.get(f"/questions/{ticket.reference}").text
    assert client.get(address(ticket)).status_code == 403
    assert send(client, ticket).status_code == 403
    with pytest.raises(NotAllowed):
        operations.save_details(asker, ticket, DetailFields())
    assert send(sign_in(jurist), ticket, **{"plus-amount": ""}).status_code == 303
    assert details_of(ticket).amount == ""


def test_a_delegation_in_copy_only_reads(ticket: Ticket, jurist: Person, sign_in: SignIn) -> None:
    other = PersonFactory(delegate=True, delegation="normandie")
    assert sign_in(other).get(address(ticket)).status_code == 404
    tickets.copy_to_delegation(jurist, ticket, "normandie")
    client = sign_in(other)
    assert address(ticket) not in client.get(f"/questions/{ticket.reference}").text
    assert client.get(address(ticket)).status_code == 403
    assert send(client, ticket).status_code == 403


def test_only_a_question_of_a_ptce_has_such_a_page(jurist: Person, sign_in: SignIn) -> None:
    ticket = make_ticket(make_asker())
    client = sign_in(jurist)
    assert client.get(address(ticket)).status_code == 404
    assert send(client, ticket).status_code == 404
    assert db.session.get(PtceDetails, ticket.id) is None


def test_what_the_ptce_said_of_itself_before_is_offered(ticket: Ticket, jurist: Person, sign_in: SignIn) -> None:
    asker = make_asker(ticket.organisation)
    operations.save_details(asker, make_ticket(asker), DetailFields(carrier="La Fabrique, SCIC", amount="12"))
    page = sign_in(jurist).get(address(ticket)).text
    assert 'value="La Fabrique, SCIC"' in page
    assert 'value="12"' not in page
