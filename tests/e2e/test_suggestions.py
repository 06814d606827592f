"""A member types a near question, opens the entry in the form, and is answered without sending anything."""

from typing import Any

import sqlalchemy as sa

from helpdesk import clock
from helpdesk.db import db
from helpdesk.kb import queries
from helpdesk.kb.models import Suggestion
from helpdesk.tickets.models import Draft, Ticket
from tests.e2e.conftest import Town
from tests.e2e.test_every_page import visiting

TITLE = "un salarié malade a-t-il des congés"
FACTS = "Arrêt depuis six mois.\nIl reprend lundi."


def count(model: type) -> int:
    db.session.rollback()
    return db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def test_an_entry_answers_while_the_question_is_typed(town: Town, browser: Any) -> None:
    questions, before = count(Ticket), queries.avoided_questions(_year())
    with visiting(town, browser, "member", reduced_motion="reduce") as page:
        page.goto(f"{town.server.url}/questions/poser")
        page.fill("#facts", FACTS)
        page.locator("#title").press_sequentially("un salarié", delay=10)
        page.wait_for_timeout(700)
        assert page.locator(".suggestions").is_hidden()

        page.locator("#title").press_sequentially(TITLE.removeprefix("un salarié"), delay=10)
        page.wait_for_selector(".suggestions summary")
        status = page.locator("[data-suggestions] [role=status]").inner_text()
        assert "peut-être déjà" in status
        assert 1 <= page.locator(".suggestions summary").count() <= 3

        page.locator(".suggestions summary").first.click()
        page.get_by_role("button", name="Cela répond à ma question").first.click()
        page.wait_for_url("**/merci?fiche=*")
        assert "n’est pas envoyée" in page.inner_text("h1")

        page.get_by_role("button", name="Finalement, j’envoie ma question").click()
        page.wait_for_url("**/questions/poser/**")
        assert "Il reprend lundi." in page.inner_text("main")
    db.session.rollback()
    assert count(Ticket) == questions
    kept = db.session.scalars(sa.select(Draft.fields).order_by(Draft.id.desc())).first()
    assert kept["facts"].split() == FACTS.split()
    after = queries.avoided_questions(_year())
    assert after.shown_count == before.shown_count + 1
    assert after.opened_count == before.opened_count + 1
    assert after.avoided_count == before.avoided_count
    assert count(Suggestion) > 0


def test_the_return_key_in_the_title_never_chooses_an_entry(town: Town, browser: Any) -> None:
    with visiting(town, browser, "member") as page:
        page.goto(f"{town.server.url}/questions/poser")
        page.fill("#facts", FACTS)
        page.locator("#title").press_sequentially(TITLE, delay=10)
        page.wait_for_selector(".suggestions summary")
        page.locator("#title").press("Enter")
        page.wait_for_url("**/verifier")


def _year() -> int:
    return clock.today().year
