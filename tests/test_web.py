"""What no form ever sends, and two people who do the same thing at once: an answer in words, never a failure."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from helpdesk.db import db, transaction
from helpdesk.tickets.enums import Status
from helpdesk.tickets.models import TicketCopy
from tests.factories.accounts import PersonFactory
from tests.factories.tickets import make_asker, make_ticket

SignIn = Callable[..., Any]


@pytest.mark.parametrize(
    "path",
    ["/questions/poser/%00", "/questions/poser/a%00/verifier", "/questions/Q-2026-0001%00", "/delegations/%00", "/%00"],
)
def test_a_nul_in_the_address_is_an_unknown_page(sign_in: SignIn, path: str) -> None:
    assert sign_in(make_asker()).get(path).status_code == 404


def test_a_nul_among_the_words_looked_for_finds_what_the_others_find(sign_in: SignIn) -> None:
    asker = make_asker()
    ticket = make_ticket(asker, title="Rompre un contrat")
    page = sign_in(asker).get("/mes-questions?q=rom%00pre")
    assert page.status_code == 200
    assert ticket.title in page.text


def test_a_nul_in_the_key_of_a_form_changes_nothing(sign_in: SignIn) -> None:
    jurist = PersonFactory(jurist=True)
    ticket = make_ticket(status=Status.POLE)
    data = {"version": ticket.version, "submission_key": "a\x00b"}
    assert sign_in(jurist).post(f"/questions/{ticket.reference}/prendre", data=data).status_code == 303


def test_what_somebody_else_has_just_added_is_a_conflict_in_words(
    app: Flask, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    delegate = PersonFactory(delegate=True, delegation="bretagne")
    client, ticket = sign_in(delegate), make_ticket(status=Status.POLE)

    def add_again(*_of: object) -> None:
        with transaction():
            for _time in range(2):
                db.session.add(TicketCopy(ticket_id=ticket.id, delegation="normandie"))
                db.session.flush()
                db.session.expunge_all()

    monkeypatch.setattr("helpdesk.tickets.operations.save_draft", add_again)
    answer = client.post(f"/questions/{ticket.reference}/brouillon", data={"note": "Un texte assez long."})
    assert answer.status_code == 409
    assert "au même moment" in answer.text
    assert "Un texte assez long." in answer.text


def test_a_wrong_method_is_told_which_ones_are_right(sign_in: SignIn) -> None:
    answer = sign_in(make_asker()).get("/questions/Q-2026-0001/completer")
    assert answer.status_code == 405
    assert set(answer.headers["Allow"].split(", ")) == {"OPTIONS", "POST"}
    assert answer.headers.getlist("Content-Type") == ["text/html; charset=utf-8"]


@pytest.mark.parametrize("number", [2**31, 2**63, 10**30])
@pytest.mark.parametrize(
    "path", ["/juri-ptce/rendez-vous/{}", "/juri-ptce/seances/{}", "/questions/Q-2026-0001/pieces/{}"]
)
def test_a_number_no_row_can_have_is_an_unknown_page(sign_in: SignIn, path: str, number: int) -> None:
    assert sign_in(PersonFactory(jurist=True)).get(path.format(number)).status_code == 404
