"""The knowledge base lived through in a browser: an answer becomes an entry, spares a question, and is kept true."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from helpdesk.accounts.models import Person
from helpdesk.db import db
from helpdesk.jobs import drain
from helpdesk.kb.enums import ArticleState, Stage
from helpdesk.kb.models import Article, ArticleVersion, Vote
from helpdesk.search.operations import rebuild
from helpdesk.tickets import operations
from helpdesk.tickets.enums import Status
from helpdesk.tickets.models import Ticket
from tests.factories import kb
from tests.factories.accounts import OrganisationFactory, PersonFactory
from tests.factories.tickets import make_asker, make_ticket
from tests.support.apps import LiveServer

TITLE = "Prolonger une immersion professionnelle au-delà d’un mois"
NEAR = "Le salaire pendant une immersion professionnelle"
REASON = "Le décret du 3 mars change la durée."
NOTE = "La durée passe à deux mois."
ANSWER = operations.AnswerText(
    in_brief="Oui, Mme Kéravel peut prolonger l’immersion professionnelle, à Saint-Étienne.",
    explanation="La convention coûte 1 200 € par mois. Elle dure un mois.",
    actions="Signez un avenant.",
    references=("Code du travail, article L. 5135-5 : durée de l’immersion",),
    keeps_personal_data=True,
)
SECRETS = ("Kéravel", "Tremplin", "Étienne")
Visit = Callable[..., Any]


@dataclass(frozen=True)
class Cast:
    """Who plays; *visit* opens a page of the browser as one of them."""

    ticket: Ticket
    jurist: Person
    second: Person
    reader: Person
    visit: Visit


@pytest.fixture
def cast(app: Flask, live_server: LiveServer, browser: Any) -> Iterator[Cast]:
    asker = make_asker(OrganisationFactory(name="Le Tremplin", city="Saint-Étienne"), last_name="Kéravel")
    jurist, second = PersonFactory(jurist=True), PersonFactory(jurist=True)
    ticket = make_ticket(asker, status=Status.STUDY, jurist=jurist, title="Le Tremplin peut-il prolonger ?")
    operations.answer(jurist, ticket, ANSWER, seen_version=None)
    kb.published(title=NEAR, references=())
    rebuild()
    with visiting(live_server, browser) as visit:
        yield Cast(ticket, jurist, second, PersonFactory(member=True), visit)


@contextmanager
def visiting(server: LiveServer, browser: Any) -> Iterator[Visit]:
    """``visit(person, path)``: the page of that person's own browser, or of one without script."""
    pages: dict[tuple[int, bool], Any] = {}

    def visit(person: Person, path: str, *, has_script: bool = True) -> Any:
        key = (person.id, has_script)
        if key not in pages:
            context = browser.new_context(base_url=server.url, java_script_enabled=has_script, reduced_motion="reduce")
            context.set_default_timeout(10_000)
            context.add_cookies([server.cookie_for(person)])
            pages[key] = context.new_page()
        db.session.rollback()
        pages[key].goto(path)
        return pages[key]

    yield visit
    for page in pages.values():
        page.context.close()


def work() -> None:
    """The worker's turn: what was changed is indexed. No transaction stays open behind it."""
    db.session.rollback()
    drain()
    db.session.rollback()


def press(page: Any, name: str) -> None:
    page.get_by_role("button", name=name).click()


def test_an_answer_becomes_an_entry_that_spares_a_question_until_the_law_changes(cast: Cast) -> None:
    place = propose(cast)
    approve(cast, place)
    entry = f"/faq/{article().slug}"

    answered_in_the_form(cast, entry)
    answered_on_the_check_page_without_script(cast)
    assert avoided_count(cast) == "2"

    the_law_changes(cast)
    assert warned_and_no_longer_suggested(cast, entry)

    revise(cast, place)
    approve(cast, place)
    read_anew(cast, entry)


def propose(cast: Cast) -> str:
    """From the thread to the second jurist; returns the address in the workshop."""
    page = cast.visit(cast.jurist, f"/questions/{cast.ticket.reference}")
    page.get_by_role("link", name="Proposer pour la FAQ").click()
    assert page.get_by_role("link", name=NEAR).is_visible()
    press(page, "Créer une fiche")
    page.get_by_label("La question, comme la pose un adhérent").fill(TITLE)
    press(page, "Enregistrer et relire")
    press(page, "Passer à l’anonymisation")

    for name in SECRETS[::2]:
        row = page.get_by_role("group").filter(has_text=name).first
        assert row.get_by_text("Connu de la question").is_visible()
        assert row.get_by_label("Garder tel quel").count() == 0
    for other in page.get_by_label("Garder tel quel").all():
        other.check()
    press(page, "Enregistrer les décisions")
    page.get_by_text("Relisez le texte une dernière fois").wait_for()
    press(page, "Proposer à la relecture")
    page.get_by_text("une autre personne du pôle l’approuve").wait_for()
    assert page.get_by_role("button", name="Approuver et publier").count() == 0
    return page.url.partition("/faq")[1] + page.url.partition("/faq")[2]


def approve(cast: Cast, place: str) -> None:
    page = cast.visit(cast.second, "/faq/atelier")
    page.get_by_role("link", name=TITLE).click()
    assert place in page.url
    words = page.locator("main").inner_text()
    assert "1 200 €" in words.replace("\u202f", " ").replace("\u00a0", " ")
    assert [name for name in SECRETS if name in words] == []
    press(page, "Approuver et publier")
    page.get_by_text("La fiche est en ligne").wait_for()
    work()


def article() -> Article:
    found = db.session.scalars(sa.select(Article).order_by(Article.id.desc())).first()
    assert found is not None
    assert found.state is ArticleState.PUBLISHED
    return found


def answered_in_the_form(cast: Cast, entry: str) -> None:
    """The entry shows while the title is typed, opens beside the form, and ends the question."""
    page = cast.visit(cast.reader, "/questions/poser")
    page.locator("#title").press_sequentially("prolonger une immersion professionnelle")
    page.get_by_text(TITLE).click()
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Lire la fiche entière").first.click()
    assert opened.value.url.endswith(entry)
    press(opened.value, "Oui")
    opened.value.get_by_text("Vous avez répondu").wait_for()
    assert page.locator("#title").input_value() == "prolonger une immersion professionnelle"
    page.get_by_role("button", name="Cela répond à ma question").and_(page.locator(":visible")).click()
    page.get_by_text("Merci, votre question n’est pas envoyée").wait_for()


def answered_on_the_check_page_without_script(cast: Cast) -> None:
    page = cast.visit(cast.reader, "/questions/poser", has_script=False)
    page.fill("#title", "Prolonger une immersion professionnelle")
    page.fill("#facts", "La convention d’un salarié finit vendredi.")
    page.check("input[name=has_deadline][value=non]")
    press(page, "Continuer et relire")
    page.get_by_text(TITLE).click()
    page.get_by_role("button", name="Cela répond à ma question").and_(page.locator(":visible")).click()
    page.get_by_text("Merci, votre question n’est pas envoyée").wait_for()


def avoided_count(cast: Cast) -> str:
    page = cast.visit(cast.jurist, "/faq/atelier/suggestions")
    return page.locator("tbody tr").first.locator("td").last.inner_text()


def the_law_changes(cast: Cast) -> None:
    page = cast.visit(cast.jurist, "/faq/atelier/references")
    page.get_by_label("Article ou texte").fill("l 5135 5")
    press(page, "Chercher")
    page.get_by_label(TITLE).check()
    page.get_by_label("Ce qui a changé").fill(REASON)
    press(page, "Mettre en révision")
    page.get_by_text("leurs lecteurs voient pourquoi").wait_for()
    work()


def warned_and_no_longer_suggested(cast: Cast, entry: str) -> bool:
    page = cast.visit(cast.reader, entry)
    assert page.get_by_text(REASON).is_visible()
    page.goto("/questions/poser")
    page.locator("#title").press_sequentially("prolonger une immersion professionnelle")
    page.locator(".suggestions").get_by_text(NEAR).wait_for()
    return page.get_by_text(TITLE).count() == 0


def revise(cast: Cast, place: str) -> None:
    page = cast.visit(cast.jurist, place)
    press(page, "Ouvrir une nouvelle version")
    page.get_by_label("L’explication").fill("La convention coûte 1 200 € par mois. Elle dure deux mois.")
    page.get_by_label("Ce qui a changé").fill(NOTE)
    press(page, "Enregistrer et relire")
    press(page, "Passer à l’anonymisation")
    for one in page.get_by_label("Garder tel quel").all():
        one.check()
    press(page, "Proposer à la relecture")
    page.get_by_text("attend la relecture").wait_for()


def read_anew(cast: Cast, entry: str) -> None:
    """The revised version: no banner, what changed is told, and nobody has voted on it yet."""
    page = cast.visit(cast.reader, entry)
    assert page.get_by_text("Elle dure deux mois").is_visible()
    assert page.get_by_label("Ce qui a changé").get_by_text(NOTE).is_visible()
    assert page.get_by_text(REASON).count() == 0
    assert page.get_by_text("Vous avez répondu").count() == 0
    voted = sa.select(ArticleVersion.stage, Vote.is_useful).join(Vote, Vote.version_id == ArticleVersion.id)
    assert db.session.execute(voted).all() == [(Stage.SUPERSEDED, True)]
