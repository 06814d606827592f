"""The workshop as the pole uses it: an answer becomes an entry that another jurist approves."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest
import sqlalchemy as sa
from flask import Flask

from helpdesk.accounts.models import Person
from helpdesk.db import db
from helpdesk.kb.enums import ArticleState, ReportKind, Stage, Visibility
from helpdesk.kb.models import Article, ArticleVersion, Report
from helpdesk.tickets import operations
from helpdesk.tickets.enums import Status
from helpdesk.tickets.models import Message, Ticket
from helpdesk.tickets.queries import current_answer
from tests.factories import kb
from tests.factories.accounts import OrganisationFactory, PersonFactory
from tests.factories.tickets import key, make_asker, make_ticket
from tests.support import http

SignIn = Callable[[Person], http.Client]
ANSWER = operations.AnswerText(
    in_brief="Oui, Mme Kéravel peut prolonger, à Saint-Étienne.",
    explanation="Appelez le 06 12 34 56 78. La convention dure un mois.",
    actions="1. Signez un avenant.",
    references=("Code du travail, article L. 5135-5 : durée de l’immersion",),
    keeps_personal_data=True,
)


@dataclass(frozen=True)
class House:
    asker: Person
    delegate: Person
    jurist: Person
    second: Person
    ticket: Ticket
    message: Message

    @property
    def proposal(self) -> str:
        return f"/faq/proposer/{self.ticket.reference}/{self.message.id}"


@pytest.fixture
def house(app: Flask) -> House:
    structure = OrganisationFactory(name="Le Tremplin", city="Saint-Étienne")
    asker = make_asker(structure, first_name="Maïwenn", last_name="Kéravel")
    delegate, jurist = PersonFactory(delegate=True, can_answer=True), PersonFactory(jurist=True)
    ticket = make_ticket(
        asker, status=Status.STUDY, delegate=delegate, jurist=jurist, title="Le Tremplin peut-il prolonger ?"
    )
    operations.answer(jurist, ticket, ANSWER, seen_version=None)
    message = current_answer(ticket)
    assert message is not None
    return House(asker, delegate, jurist, PersonFactory(jurist=True), ticket, message)


def post(client: http.Client, url: str, page: str = "", **fields: object):
    """Send a form with the state that its *page* shows."""
    found = re.search(r'name="version" value="(\d+)"', client.get(page or url).text)
    version = {"version": found[1]} if found else {}
    return client.post(url, data={"submission_key": key(), **version, **fields})


def the_version() -> ArticleVersion:
    return db.session.scalars(sa.select(ArticleVersion).order_by(ArticleVersion.id.desc())).first()


def test_an_answer_becomes_an_entry_once_its_names_are_gone_and_another_jurist_has_approved(house, sign_in):
    writer, reader = sign_in(house.jurist), sign_in(house.second)
    assert "Créer une fiche" in writer.get(house.proposal).text
    made = post(writer, house.proposal)
    assert made.status_code == 303
    version = the_version()
    place = f"/faq/atelier/{version.article_id}"
    assert made.location == f"{place}/modifier"
    assert "Kéravel" in writer.get(f"{place}/modifier").text

    assert post(writer, f"{place}/anonymiser", place).location == f"{place}/anonymisation"
    page = writer.get(f"{place}/anonymisation").text
    assert page.count("Connu de la question") >= 3
    refused = post(writer, f"{place}/proposer", place)
    assert refused.status_code == 422
    assert "encore dans" in refused.text
    assert the_version().stage is Stage.ANONYMISATION

    assert post(writer, f"{place}/anonymisation", tout="").status_code == 303
    assert post(writer, f"{place}/proposer", place).status_code == 303
    db.session.expire_all()
    for name in ("Tremplin", "Kéravel", "Étienne", "06 12"):
        assert name not in reader.get(place).text.partition("c-fiche")[0]

    assert post(writer, f"{place}/approuver", place).status_code == 403
    assert post(reader, f"{place}/approuver", place).status_code == 303
    db.session.expire_all()
    article = the_version().article
    assert (article.state, the_version().approved_by_id) == (ArticleState.PUBLISHED, house.second.id)
    assert sign_in(house.asker).get(f"/faq/{article.slug}").status_code == 200


def test_the_same_answer_leads_to_the_same_draft(house, sign_in):
    client = sign_in(house.jurist)
    post(client, house.proposal)
    again = client.get(house.proposal)
    assert again.location == f"/faq/atelier/{the_version().article_id}/modifier"
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Article)) == 1
