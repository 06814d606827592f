"""What presses: in which order, by which date, and who has it; the same words on « Délais » and in the mail."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from time_machine import TimeMachineFixture

from helpdesk.accounts.models import DelegationProfile, Person
from helpdesk.db import db, transaction
from helpdesk.tickets import operations
from helpdesk.tickets.enums import Status, Urgency
from helpdesk.tickets.models import Ticket
from tests.factories.accounts import OrganisationFactory, PersonFactory
from tests.factories.tickets import make_asker, make_ticket
from tests.support.http import Client
from tests.support.pages import text_of

SignIn = Callable[[Person], Client]
FRIDAY = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@pytest.fixture
def asked(app: Any, time_machine: TimeMachineFixture) -> Callable[..., Ticket]:
    """A question of Bretagne, of that day of November 2026; it is then the 20th."""
    asker = make_asker(OrganisationFactory(delegation="bretagne", departement="35"))

    def ask(day: int, **values: Any) -> Ticket:
        time_machine.move_to(FRIDAY.replace(day=day), tick=False)
        ticket = make_ticket(values.pop("asker", asker), **values)
        time_machine.move_to(FRIDAY, tick=False)
        return ticket

    return ask


@pytest.fixture
def lead(app: Any) -> Person:
    return PersonFactory(lead=True)


def pressing(client: Client) -> str:
    """« À débloquer maintenant », in words."""
    words = text_of(client.get("/delais")).replace("\u00a0", " ").replace("\u202f", " ")
    found = re.search("À débloquer maintenant (.*?) Voir l", words)
    assert found
    return found[1]


def set_legal_date(ticket: Ticket, day: date) -> None:
    jurist = PersonFactory(jurist=True)
    operations.set_legal_deadline(jurist, ticket, day, source="Code du travail, article L. 1332-4")


def test_an_urgent_question_counts_from_its_arrival_the_others_by_the_earlier_date(
    sign_in: SignIn, lead: Person, asked: Callable[..., Ticket]
) -> None:
    for day in (3, 9, 10, 16):
        asked(day, title=f"Reçue le {day}")
    urgent = asked(19, title="Une urgence")
    operations.set_urgency(PersonFactory(jurist=True), urgent, Urgency.URGENT)
    set_legal_date(urgent, date(2026, 11, 20))
    set_legal_date(asked(18, title="Une date"), date(2026, 11, 21))
    assert pressing(sign_in(lead)) == (
        "Reçue le 3 Bretagne, à trier 7 jours de retard "
        "Une urgence Urgente Bretagne, à trier Date légale : 20 nov. 2026 À rendre aujourd’hui "
        "Reçue le 9 Bretagne, à trier 1 jour de retard "
        "Reçue le 10 Bretagne, à trier À rendre aujourd’hui "
        "Une date Bretagne, à trier Date légale : 21 nov. 2026 À rendre demain"
    )


def test_what_is_at_the_relay_waits_for_the_word_of_the_delegate(
    sign_in: SignIn, lead: Person, asked: Callable[..., Ticket]
) -> None:
    with transaction():
        db.session.add(DelegationProfile(code="bretagne", is_relayed=True))
    jurist = PersonFactory(jurist=True)
    delegate = PersonFactory(delegate=True, first_name="Anne", last_name="Le Goff")
    colleague = PersonFactory(delegate=True, first_name="Loïc")
    ticket = asked(10, title="Un préavis", status=Status.RELAY, delegate=delegate, jurist=jurist)
    for person in (lead, jurist, colleague):
        assert pressing(sign_in(person)) == "Un préavis Bretagne, au relais, Anne Le Goff À rendre aujourd’hui"
    assert pressing(sign_in(delegate)) == "Un préavis Bretagne, attend votre mot À rendre aujourd’hui"
    with transaction():
        ticket.delegate = None
    assert "Bretagne, attend votre mot" in pressing(sign_in(colleague))
    assert "Bretagne, au relais À rendre" in pressing(sign_in(lead))


def test_a_question_without_delegation_is_said_where_it_lies(
    sign_in: SignIn, lead: Person, asked: Callable[..., Ticket]
) -> None:
    national = make_asker(OrganisationFactory(national=True))
    jurist = PersonFactory(jurist=True, first_name="Inès", last_name="Carvalho")
    for day in (9, 10, 12):
        ticket = asked(day, title=f"Reçue le {day}", asker=national)
        if day > 9:
            operations.take(jurist, ticket)
        if day == 10:
            operations.release(jurist, ticket)
    said = pressing(sign_in(lead))
    assert "Reçue le 9 File nationale, à trier" in said
    assert "Reçue le 10 File du pôle" in said
    assert "Reçue le 12 Confiée à Inès Carvalho" in said
