"""The staff's page of one question: who sees what, what is written, what happens to what was typed."""

from collections.abc import Callable
from typing import Any

import pytest

from helpdesk.accounts.models import DelegationProfile
from helpdesk.db import db, transaction
from helpdesk.tickets.enums import Status
from tests.factories.accounts import PersonFactory
from tests.factories.tickets import make_ticket
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
