"""« Qui cite un texte », « Confirmer », « Mettre en révision »: over HTTP, as the pole uses them."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from helpdesk.db import db
from helpdesk.kb.enums import ArticleState
from helpdesk.kb.models import Article
from tests.factories.accounts import PersonFactory
from tests.factories.kb import published, under_review
from tests.kb.test_citing import LINE, answered
from tests.support.http import Client
from tests.support.pages import hidden_fields, post

PATH = "/faq/atelier/references?article=R2122-8"
REASON = "Le seuil passe à 60 000 € le 1er janvier."
SignIn = Callable[..., Client]


def send(client: Client, page: str, url: str, **values: Any) -> Any:
    return client.post(url, data={**hidden_fields(client.get(page), url), **values})


def state(article: Article) -> ArticleState:
    db.session.refresh(article)
    return article.state


def test_the_entries_ticked_go_to_review_and_their_readers_see_why(app: Flask, sign_in: SignIn) -> None:
    chosen, left = published(title="Acheter sans publicité", references=[LINE]), published(references=[LINE])
    client = sign_in(PersonFactory(jurist=True))
    page = client.get(PATH).get_data(as_text=True)
    assert "Acheter sans publicité" in page

    response = send(client, PATH, PATH, entries=[chosen.id], reason=REASON)

    assert (response.status_code, response.location) == (303, "/faq/atelier/references?article=R2122-8")
    assert (state(chosen), state(left)) == (ArticleState.UNDER_REVIEW, ArticleState.PUBLISHED)
    banner = sign_in(PersonFactory(member=True)).get(f"/faq/{chosen.slug}").get_data(as_text=True)
    assert "Le seuil passe à" in banner


@pytest.mark.parametrize("values", [{}, {"reason": REASON}, {"entries": ["x"], "reason": REASON}])
def test_without_a_reason_or_an_entry_nothing_changes_and_the_words_stay(
    app: Flask, sign_in: SignIn, values: dict[str, Any]
) -> None:
    article = published(references=[LINE])
    client = sign_in(PersonFactory(jurist=True))

    response = send(client, PATH, PATH, **(values or {"entries": [article.id]}))

    assert response.status_code == 422
    assert values.get("reason", "")[:13] in response.get_data(as_text=True)
    assert state(article) is ArticleState.PUBLISHED


def test_an_entry_that_does_not_cite_the_text_cannot_be_slipped_in(app: Flask, sign_in: SignIn) -> None:
    other = published()
    published(references=[LINE])

    assert send(sign_in(PersonFactory(jurist=True)), PATH, PATH, entries=[other.id], reason=REASON).status_code == 422
    assert state(other) is ArticleState.PUBLISHED


def test_the_members_who_were_told_are_listed_and_sensitive_ones_masked(app: Flask, sign_in: SignIn) -> None:
    plain = answered([LINE], structure="La Ferme du Vallon")
    secret = answered([LINE], structure="Structure tue", title="Le directeur", is_sensitive=True)

    page = sign_in(PersonFactory(jurist=True)).get(PATH).get_data(as_text=True)

    assert "La Ferme du Vallon" in page
    assert plain.reference in page
    assert secret.reference in page
    assert "Structure tue" not in page
    assert "Le directeur" not in page


@pytest.mark.parametrize("who", [{"delegate": True}, {"member": True}, {"admin": True}, {"partner_jurist": True}])
def test_the_page_is_the_poles(app: Flask, sign_in: SignIn, who: dict[str, bool]) -> None:
    client = sign_in(PersonFactory(**who))

    assert client.get(PATH).status_code == 403
    assert post(client, PATH, {"reason": REASON}, page="/faq").status_code == 403


@pytest.mark.parametrize("query", ["", "?article=", "?article=%00", "?article=<b>", "?article=L1&page=-3&code=%F0"])
def test_any_address_is_answered(app: Flask, sign_in: SignIn, query: str) -> None:
    response = sign_in(PersonFactory(jurist=True)).get(f"/faq/atelier/references{query}")

    assert response.status_code == 200
    assert "<b>L" not in response.get_data(as_text=True)


def test_an_entry_is_confirmed_from_its_page(app: Flask, sign_in: SignIn) -> None:
    article = under_review()
    client, page = sign_in(PersonFactory(jurist=True)), f"/faq/atelier/{article.id}"

    assert send(client, page, f"{page}/confirmer").status_code == 303
    assert state(article) is ArticleState.PUBLISHED


def test_an_entry_is_put_under_review_from_its_page(app: Flask, sign_in: SignIn) -> None:
    article = published()
    client, page = sign_in(PersonFactory(jurist=True)), f"/faq/atelier/{article.id}"
    values = {"mettre-en-revision-reason": REASON}

    assert send(client, page, f"{page}/mettre-en-revision", **values).status_code == 303
    assert state(article) is ArticleState.UNDER_REVIEW
