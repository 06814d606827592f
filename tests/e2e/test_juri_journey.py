"""A PTCE's question lived through in a browser: asked in writing, called, accounted for, and made an entry of the FAQ.

The browser keeps its own clock; that of the service is moved to the day of the session.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from time_machine import TimeMachineFixture

from helpdesk.accounts.models import Person
from helpdesk.db import db
from helpdesk.juri_ptce.enums import AppointmentStatus
from helpdesk.juri_ptce.models import Appointment, PtceDetails
from helpdesk.kb.models import Article
from helpdesk.search.operations import rebuild
from helpdesk.tickets.enums import Status
from helpdesk.tickets.models import Ticket
from tests.factories.accounts import PersonFactory
from tests.factories.juri_ptce import at, make_ptce, make_session
from tests.factories.tickets import bring_to, make_asker
from tests.support.apps import LiveServer

TITLE = "Notre PTCE peut-il porter le bail d’un local communal ?"
FACTS = "La commune nous propose un local de son domaine. Le PTCE n’a pas encore la personnalité morale."
NOTES = "Le local est du domaine privé de la commune."
BRIEF = "Oui, par l’une des structures du PTCE, avec une convention de partage des charges."
BEFORE, START = at("2027-02-15 10:00"), at("2027-03-02 14:55")
FIRST, SECOND = "17 h à La Réunion", "17 h 55 à La Réunion"


@dataclass
class Cast:
    """Who plays, each in their own browser."""

    server: LiveServer
    browser: Any
    clock: TimeMachineFixture
    people: dict[str, Person]
    pages: dict[str, Any] = field(default_factory=dict)

    def visit(self, who: str, path: str) -> Any:
        """A page of the browser of somebody, signed in at the present moment. No transaction stays open behind it."""
        if who not in self.pages:
            context = self.browser.new_context(base_url=self.server.url, reduced_motion="reduce")
            context.set_default_timeout(10_000)
            context.add_cookies([self.server.cookie_for(self.people[who])])
            self.pages[who] = context.new_page()
        db.session.rollback()
        self.pages[who].goto(path)
        return self.pages[who]

    def leave(self) -> None:
        """Everybody closes their browser."""
        for page in self.pages.values():
            page.context.close()
        self.pages.clear()

    def move_to(self, moment: Any) -> None:
        self.leave()
        self.clock.move_to(moment)


@pytest.fixture
def cast(app: Flask, live_server: LiveServer, browser: Any, time_machine: TimeMachineFixture) -> Iterator[Cast]:
    time_machine.move_to(BEFORE)
    ptce = make_ptce(name="PTCE des Hauts", departement="974", delegation="ocean-indien", city="Saint-Denis")
    jurist = PersonFactory(jurist=True)
    asker = make_asker(ptce, phone="06 39 98 00 10")
    make_session(hosts=(jurist,))
    rebuild()
    cast = Cast(live_server, browser, time_machine, {"asker": asker, "jurist": jurist})
    yield cast
    cast.leave()


def press(page: Any, name: str) -> None:
    page.get_by_role("button", name=name).first.click()


def shown(page: Any) -> str:
    """The words of the page, with plain spaces."""
    text: str = page.locator("main").inner_text()
    return text.replace("\u202f", " ").replace("\u00a0", " ")


def only(model: type) -> Any:
    db.session.rollback()
    return db.session.scalars(sa.select(model)).one()


def test_a_question_of_a_ptce_leads_to_a_call_its_account_and_an_entry(cast: Cast) -> None:
    ask(cast)
    offer(cast)
    book(cast)
    move(cast)
    cast.move_to(START + timedelta(minutes=2))
    hold(cast)
    write_account(cast)
    read(cast)
    propose(cast)


def ask(cast: Cast) -> None:
    page = cast.visit("asker", "/juri-ptce")
    assert FIRST in shown(page)
    page.get_by_role("link", name="Poser une question").first.click()
    page.fill("#title", TITLE)
    page.fill("#facts", FACTS)
    page.check("input[name=has_deadline][value=non]")
    press(page, "Continuer et relire")
    page.get_by_text("Votre PTCE").first.click()
    page.get_by_label("Structure porteuse").fill("Association Les Hauts")
    page.locator("[name=plus-may_be_published]").check()
    press(page, "Envoyer ma question")
    page.get_by_role("heading", level=1).wait_for()
    details = only(PtceDetails)
    assert (details.carrier, details.may_be_published) == ("Association Les Hauts", True)
    # The way of a question to its jurist has its own journey.
    bring_to(only(Ticket), Status.STUDY, jurist=cast.people["jurist"])


def offer(cast: Cast) -> None:
    page = cast.visit("jurist", f"/questions/{only(Ticket).reference}")
    page.get_by_role("link", name="Proposer un échange").click()
    page.get_by_label("Téléphone").check()
    page.get_by_label("Un mot").fill("Ayez le projet de bail sous la main.")
    press(page, "Proposer l’échange")
    page.get_by_text("le PTCE est prévenu et choisit son créneau").wait_for()


def book(cast: Cast) -> None:
    page = cast.visit("asker", "/juri-ptce")
    page.get_by_role("link", name="Choisir un créneau").click()
    page.get_by_label(FIRST).check()
    press(page, "Prendre ce créneau")
    page.get_by_text("Confirmé").first.wait_for()
    assert "14 h (17 h à La Réunion)" in shown(page)


def move(cast: Cast) -> None:
    page = cast.visit("asker", "/juri-ptce")
    page.get_by_role("link", name="Déplacer").click()
    page.get_by_label(SECOND).check()
    press(page, "Déplacer à ce créneau")
    page.get_by_text("Confirmé").first.wait_for()
    assert "14 h 55 (17 h 55 à La Réunion)" in shown(page)
    statuses = db.session.scalars(sa.select(Appointment.status).order_by(Appointment.id)).all()
    assert statuses == [AppointmentStatus.MOVED, AppointmentStatus.CONFIRMED]


def hold(cast: Cast) -> None:
    page = cast.visit("jurist", "/juri-ptce/seances")
    page.get_by_role("link", name="Ouvrir la feuille de séance").first.click()
    assert TITLE.partition("’")[0] in shown(page)
    page.get_by_role("link", name="Préparer").first.click()
    press(page, "Commencer l’échange")
    page.get_by_label("Notes de l’échange").fill(NOTES)
    press(page, "Enregistrer les notes")
    press(page, "L’échange a eu lieu")
    page.get_by_text("Il reste à écrire le compte rendu").wait_for()


def write_account(cast: Cast) -> None:
    page = cast.pages["jurist"]
    page.get_by_role("link", name="Écrire le compte rendu").first.click()
    assert NOTES in page.locator("#explanation").input_value()
    page.fill("#in_brief", BRIEF)
    press(page, "Envoyer le compte rendu")
    page.get_by_text("c’est la réponse à la question").wait_for()
    call = db.session.scalars(sa.select(Appointment).where(Appointment.status == AppointmentStatus.HELD)).one()
    assert call.account is not None
    assert call.account.in_brief == BRIEF
    assert call.ticket.status is Status.ANSWERED


def read(cast: Cast) -> None:
    page = cast.visit("asker", f"/questions/{only(Ticket).reference}")
    assert "par l’une des structures du PTCE" in shown(page)


def propose(cast: Cast) -> None:
    page = cast.visit("jurist", f"/questions/{only(Ticket).reference}")
    page.get_by_role("link", name="Proposer pour la FAQ").click()
    press(page, "Créer une fiche")
    page.get_by_label("La question, comme la pose un adhérent").wait_for()
    entry = only(Article)
    assert entry.source_ticket_id == only(Ticket).id
    assert BRIEF in page.get_by_label("En bref").input_value()
