"""A question that an entry answers: closed by the delegation, or by its asker, without a response time."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask

from helpdesk.db import db
from helpdesk.errors import BadInput, NotAllowed
from helpdesk.mail.enums import Notice
from helpdesk.mail.models import Mail
from helpdesk.stats.check import differences
from helpdesk.tickets import operations
from helpdesk.tickets.enums import CloseReason, MessageKind, Status
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.texts import entry_path
from tests.factories.accounts import PersonFactory
from tests.factories.tickets import make_asker, make_ticket
from tests.support.http import Client
from tests.support.pages import hidden_fields

ENTRY = "/faq/conges-pendant-un-arret-maladie"
WORDS = f"Bonjour, cette fiche vous répond : https://appui.example{ENTRY}"
SignIn = Callable[..., Client]


def mails_of(notice: Notice) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(Mail).where(Mail.notice == notice)) or 0


def assert_closed(ticket: Ticket) -> None:
    assert (ticket.status, ticket.close_reason, ticket.answered_at) == (Status.CLOSED, CloseReason.FAQ, None)
    assert list(differences()) == []


@pytest.mark.parametrize(
    ("text", "path"),
    [
        (WORDS, ENTRY),
        (f"Voyez {ENTRY}.", ENTRY),
        ("https://appui.example/faq", ""),
        ("https://appui.example/faq/atelier/12", ""),
        ("", ""),
    ],
)
def test_the_address_of_an_entry_is_found_in_a_text(text: str, path: str) -> None:
    assert entry_path(text) == path


def test_a_delegate_closes_by_sending_an_entry_and_the_asker_is_told(app: Flask) -> None:
    asker, delegate = make_asker(), PersonFactory(delegate=True)
    ticket = make_ticket(asker)

    operations.close_by_faq(delegate, ticket, text=WORDS)

    assert_closed(ticket)
    assert [message.kind for message in ticket.messages][-1] is MessageKind.ORIENTATION
    assert mails_of(Notice.CLOSED_BY_FAQ) == 1


def test_the_pole_does_so_in_the_national_queue_only(app: Flask) -> None:
    jurist = PersonFactory(jurist=True)
    with pytest.raises(NotAllowed):
        operations.close_by_faq(jurist, make_ticket(make_asker()), text=WORDS)
    with pytest.raises(NotAllowed):
        operations.close_by_faq(jurist, make_ticket(make_asker(), status=Status.STUDY, jurist=jurist), text=WORDS)


@pytest.mark.parametrize("text", ["", "Voyez la FAQ.", "https://appui.example/faq"])
def test_the_staff_names_the_entry(app: Flask, text: str) -> None:
    ticket = make_ticket(make_asker())

    with pytest.raises(BadInput, match="adresse de la fiche"):
        operations.close_by_faq(PersonFactory(delegate=True), ticket, text=text)
    assert ticket.status is Status.TRIAGE


@pytest.mark.parametrize("status", [Status.TRIAGE, Status.REGIONAL, Status.WAITING])
def test_the_asker_closes_it_alone_and_nobody_is_mailed(app: Flask, status: Status) -> None:
    asker = make_asker()
    ticket = make_ticket(asker, status=status, delegate=PersonFactory(delegate=True))

    operations.close_by_faq(asker, ticket)

    assert_closed(ticket)
    assert mails_of(Notice.CLOSED_BY_FAQ) == 0


def test_the_button_shows_once_somebody_has_sent_an_entry(app: Flask, sign_in: SignIn) -> None:
    asker, delegate = make_asker(), PersonFactory(delegate=True)
    ticket = make_ticket(asker, status=Status.REGIONAL, delegate=delegate)
    client, page = sign_in(asker), f"/questions/{ticket.reference}"
    assert "Cela répond à ma question" not in client.get(page).get_data(as_text=True)

    operations.ask_detail(delegate, ticket, text=f"{WORDS} Est-ce votre cas ?")
    shown = client.get(page)
    assert f'href="{ENTRY}"' in shown.get_data(as_text=True)
    response = client.post(f"{page}/faq-repond", data=hidden_fields(shown, f"{page}/faq-repond"))

    assert response.status_code == 303
    db.session.refresh(ticket)
    assert_closed(ticket)
    assert "Cela répond à ma question" not in client.get(page).get_data(as_text=True)


def test_an_address_in_the_askers_own_words_offers_nothing(app: Flask, sign_in: SignIn) -> None:
    asker = make_asker()
    ticket = make_ticket(asker)
    operations.add_message(asker, ticket, text=f"J’ai lu {ENTRY}, sans comprendre.")

    page = sign_in(asker).get(f"/questions/{ticket.reference}").get_data(as_text=True)

    assert "Cela répond à ma question" not in page
