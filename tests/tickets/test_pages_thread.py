"""The staff's page of one question: who sees what, what is written, what happens to what was typed."""

from collections.abc import Callable
from typing import Any

import pytest

from helpdesk.accounts.models import DelegationProfile
from helpdesk.db import db, transaction
from helpdesk.tickets.enums import Status
from helpdesk.tickets.models import Ticket
from tests.factories.accounts import PersonFactory
from tests.factories.tickets import key, make_ticket
from tests.support.pages import text_of

SignIn = Callable[..., Any]


def make_relayed(delegation: str = "bretagne") -> None:
    """Let the delegation relay the pole's answers."""
    with transaction():
        db.session.add(DelegationProfile(code=delegation, is_relayed=True, phone="", opening_hours=""))


@pytest.mark.parametrize("status", list(Status))
def test_a_jurist_reads_a_question_in_every_state(sign_in: SignIn, status: Status) -> None:
    jurist = PersonFactory(jurist=True)
    if status is Status.RELAY:
        make_relayed()
    ticket = make_ticket(status=status, jurist=jurist)
    page = sign_in(jurist).get(f"/questions/{ticket.reference}")
    assert page.status_code == 200
    assert ticket.reference in text_of(page)


@pytest.mark.parametrize("status", list(Status))
def test_a_delegate_reads_a_question_in_every_state(sign_in: SignIn, status: Status) -> None:
    delegate = PersonFactory(delegate=True, can_answer=True)
    if status is Status.RELAY:
        make_relayed()
    ticket = make_ticket(status=status, delegate=delegate)
    page = sign_in(delegate).get(f"/questions/{ticket.reference}")
    assert page.status_code == 200
    assert ticket.reference in text_of(page)


def write(client: Any, ticket: Ticket, step: str = "envoyer", **fields: Any) -> Any:
    """Send the writing frame as the browser does."""
    data = {"mode": "reponse", "version": ticket.version, "submission_key": key(), "suite": step} | fields
    return client.post(f"/questions/{ticket.reference}/ecrire", data=data)


def test_the_preview_shows_what_the_member_will_read_and_loses_nothing(sign_in: SignIn) -> None:
    jurist = PersonFactory(jurist=True)
    ticket = make_ticket(status=Status.STUDY, jurist=jurist)
    page = write(
        sign_in(jurist),
        ticket,
        "apercu",
        **{
            "in_brief": "Oui, à sa demande.",
            "explanation": "Le **code** le permet.",
            "references-0": "Code du travail, article L. 1243-6",
            "references-3": "Circulaire du 2 mars",
        },
    )
    assert page.status_code == 200
    assert "Rien n’est encore envoyé" in text_of(page)
    assert "<strong>code</strong>" in page.text
    assert 'name="references-1" value="Circulaire du 2 mars"' in page.text
    assert ticket.status is Status.STUDY
