"""What the desk of first level does with an entry that answers: cited in an answer, or sent instead of one."""

import re
from collections.abc import Callable

from flask import Flask
from werkzeug.test import TestResponse

from helpdesk.accounts.models import Person
from helpdesk.db import db
from helpdesk.kb.enums import Visibility
from helpdesk.search.nearness import refresh_all
from helpdesk.search.operations import rebuild
from helpdesk.tickets.enums import CloseReason
from helpdesk.tickets.models import Ticket
from tests.factories import kb
from tests.factories.accounts import PersonFactory
from tests.factories.tickets import make_ticket
from tests.support.http import Client
from tests.support.pages import hidden_fields, text_of

SignIn = Callable[[Person], Client]


def triage(client: Client, ticket: Ticket) -> TestResponse:
    rebuild()
    refresh_all()
    return client.get(f"/a-trier?question={ticket.reference}")


def test_the_closest_entry_is_sent_instead_of_an_answer(app: Flask, sign_in: SignIn) -> None:
    ticket = make_ticket(title="Prolonger une immersion au tournesol")
    kb.published(slug="le-tournesol", title="Le tournesol en immersion")
    desk = sign_in(PersonFactory(delegate=True))
    page = triage(desk, ticket)
    assert "Répondre avec cette fiche" not in page.text
    words = re.search(r'name="faq-text"[^>]*>([^<]*)<', page.text)
    assert words
    assert "/faq/le-tournesol" in words[1]

    act = f"/questions/{ticket.reference}/faq"
    assert desk.post(act, data=hidden_fields(page, act) | {"faq-text": words[1]}).status_code == 303
    db.session.expire_all()
    assert ticket.close_reason is CloseReason.FAQ
    assert "/faq/le-tournesol" in sign_in(ticket.asker).get(f"/questions/{ticket.reference}").text


def test_an_entry_that_its_asker_cannot_read_is_not_offered_first(app: Flask, sign_in: SignIn) -> None:
    ticket = make_ticket(title="Prolonger une immersion au tournesol")
    kb.published(title="Le tournesol de l’équipe", visibility=Visibility.INTERNAL)
    page = triage(sign_in(PersonFactory(delegate=True, can_answer=True)), ticket)
    assert "La FAQ répond peut-être déjà" not in page.text
    assert "Envoyer seulement cette fiche" not in page.text
    assert "1 fiche proche" in text_of(page)
