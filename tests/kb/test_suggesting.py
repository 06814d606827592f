"""Entries offered while a question is written: who sees which, what is noted, what is counted."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from time_machine import TimeMachineFixture

from helpdesk.accounts.models import Person
from helpdesk.db import db
from helpdesk.errors import NotAllowed, NotFound
from helpdesk.kb import queries
from helpdesk.kb.enums import ArticleKind, Visibility
from helpdesk.kb.models import Article, Suggestion
from helpdesk.kb.operations import suggesting
from helpdesk.search.operations import rebuild
from helpdesk.tickets.models import Draft, Ticket
from tests.factories.accounts import OrganisationFactory, PersonFactory
from tests.factories.kb import draft, published, under_review, withdrawn
from tests.factories.tickets import make_asker
from tests.support.http import Client
from tests.support.pages import post

TUESDAY = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)
KEY = "0123456789abcdef" * 2
TITLE = "Congés pendant un arrêt maladie\u202f: comment compter\u202f?"
TYPED = "congés pendant arrêt mal"
TOLD = {"title": TYPED, "facts": "Arrêt de six mois.", "has_deadline": "non"}
SignIn = Callable[..., Client]


@pytest.fixture(autouse=True)
def tuesday(time_machine: TimeMachineFixture) -> TimeMachineFixture:
    time_machine.move_to(TUESDAY, tick=False)
    return time_machine


def found(person: Person | None = None, title: str = TYPED, facts: str = "") -> list[str]:
    rebuild("articles")
    asker = person or PersonFactory(member=True)
    return [one.row.slug for one in queries.suggestions(asker, title, facts)]


def noted() -> list[Suggestion]:
    select = sa.select(Suggestion).order_by(Suggestion.article_id).execution_options(populate_existing=True)
    return list(db.session.scalars(select))


def ask(client: Client, title: str = TYPED, key: str = KEY) -> dict[str, Any]:
    response = post(client, "/faq/suggestions", {"title": title, "key": key}, page="/questions/poser")
    assert response.status_code == 200
    return dict(response.get_json())


def member() -> Person:
    return make_asker(OrganisationFactory())


# --- What is offered --------------------------------------------------------------------------------------


def test_the_entries_that_answer_are_offered_three_at_most(app: Flask) -> None:
    for number in range(5):
        published(title=f"{TITLE} Cas {number}")
    published(title="Quel bail pour un atelier\u202f?", explanation="Le bail commercial.", example="", actions="")

    assert len(found()) == 3
    assert len(found(facts="Un salarié en arrêt maladie depuis six mois demande ses congés.")) == 3


@pytest.mark.parametrize("title", ["", "congés", "congés maladie", "  congés   maladie ", "???"])
def test_nothing_is_offered_before_the_third_word(app: Flask, title: str) -> None:
    published(title=TITLE)

    assert found(title=title) == []


@pytest.mark.parametrize("make", [draft, withdrawn, under_review])
def test_what_is_not_true_today_is_never_offered(app: Flask, make: Callable[..., Article]) -> None:
    make(title=TITLE)

    assert found() == []
    assert found(facts="Arrêt maladie et congés.") == []


@pytest.mark.parametrize("kind", [ArticleKind.NEWS, ArticleKind.REVIEW])
def test_news_and_issues_of_the_review_answer_no_question(app: Flask, kind: ArticleKind) -> None:
    published(title=TITLE, kind=kind)

    assert found() == []


@pytest.mark.parametrize(
    ("visibility", "is_offered"),
    [
        (Visibility.PUBLIC, True),
        (Visibility.MEMBERS, True),
        (Visibility.PTCE, False),
        (Visibility.INTERNAL, False),
    ],
)
def test_a_member_is_offered_what_a_member_reads(app: Flask, visibility: Visibility, is_offered: bool) -> None:
    published(title=TITLE, visibility=visibility)

    assert bool(found()) is is_offered


# --- What is noted ----------------------------------------------------------------------------------------


def test_typing_offers_entries_and_notes_them_once(app: Flask, sign_in: SignIn) -> None:
    article = published(title=TITLE, in_brief="Ils s’acquièrent.")
    rebuild("articles")
    client = sign_in(member())

    first, second = ask(client), ask(client, TYPED + "adie")

    assert (first["count"], first["status"]) == (1, "1\u00a0réponse existe peut-être déjà")
    assert "Ils s’acquièrent." in first["html"]
    assert second["count"] == 1
    (row,) = noted()
    assert (row.article_id, row.opened_at, row.solved_at, row.sent_at) == (article.id, None, None, None)
    assert row.asking not in (KEY, "")
    assert len(row.asking) == 64


def test_nothing_found_is_said_by_nothing(app: Flask, sign_in: SignIn) -> None:
    rebuild("articles")

    assert ask(sign_in(member())) == {"count": 0, "html": "", "status": ""}


@pytest.mark.parametrize("key", ["", "abc", "Z" * 32, KEY + "0"])
def test_a_key_that_no_form_makes_is_not_found(app: Flask, sign_in: SignIn, key: str) -> None:
    response = post(sign_in(member()), "/faq/suggestions", {"title": TYPED, "key": key}, page="/questions/poser")

    assert response.status_code == 404


@pytest.mark.parametrize("who", [{"delegate": True}, {"jurist": True}, {"admin": True}])
def test_only_members_are_asked(app: Flask, sign_in: SignIn, who: dict[str, bool]) -> None:
    client = sign_in(PersonFactory(**who))

    for path in ("", f"/{KEY}/ouverte", f"/{KEY}/repond", f"/{KEY}/finalement"):
        assert post(client, f"/faq/suggestions{path}", {}, page="/faq").status_code == 403


def test_a_hostile_title_is_shown_as_it_was_typed(app: Flask, sign_in: SignIn) -> None:
    published(title="<script>alert(1)</script> congés pendant arrêt", in_brief="<img src=x onerror=alert(1)>")
    rebuild("articles")

    html = ask(sign_in(member()))["html"]

    assert "&lt;script&gt;" in html
    assert "<script" not in html
    assert "<img" not in html


def test_the_check_page_offers_them_without_script(app: Flask, sign_in: SignIn) -> None:
    article = published(title=TITLE)
    rebuild("articles")
    person = member()
    client = sign_in(person)
    told = {**TOLD, "organisation_id": str(person.mandates[0].organisation_id)}
    assert post(client, f"/questions/poser/{KEY}", told, page="/questions/poser").status_code == 303

    page = client.get(f"/questions/poser/{KEY}/verifier").get_data(as_text=True)
    again = client.get(f"/questions/poser/{KEY}/verifier").get_data(as_text=True)

    assert f'name="fiche" value="{article.slug}"' in page
    assert page.count("Cela répond à ma question") == again.count("Cela répond à ma question") == 1
    assert [row.article_id for row in noted()] == [article.id]


# --- « Cela répond à ma question » ------------------------------------------------------------------------


def solve(client: Client, article: Article, **values: str) -> Any:
    return post(client, f"/faq/suggestions/{KEY}/repond", {"fiche": article.slug, **values}, page="/questions/poser")


def test_an_entry_that_answers_ends_the_question_and_keeps_the_text(app: Flask, sign_in: SignIn) -> None:
    article = published(title=TITLE)
    rebuild("articles")
    client = sign_in(member())
    ask(client)

    response = solve(client, article, title=TYPED, facts="Arrêt.")

    assert (response.status_code, response.location) == (303, f"/faq/suggestions/{KEY}/merci?fiche={article.slug}")
    (row,) = noted()
    assert row.opened_at == row.solved_at == TUESDAY
    page = client.get(response.location).get_data(as_text=True)
    assert re.search("n’est pas envoyée", page)
    assert "brouillons" in page
    assert db.session.scalars(sa.select(Draft)).one().fields["facts"] == "Arrêt."
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Ticket)) == 0
    assert queries.avoided_questions(2026).avoided_count == 1


def test_who_changes_their_mind_goes_back_to_the_check(app: Flask, sign_in: SignIn) -> None:
    article = published(title=TITLE)
    rebuild("articles")
    client = sign_in(member())
    ask(client)
    thanks = solve(client, article, title=TYPED, facts="Arrêt.").location

    response = post(client, f"/faq/suggestions/{KEY}/finalement", {}, page=thanks)

    assert (response.status_code, response.location) == (303, f"/questions/poser/{KEY}/verifier")
    assert [row.solved_at for row in noted()] == [None]
    assert queries.avoided_questions(2026).avoided_count == 0


def test_what_was_not_offered_cannot_be_counted(app: Flask, sign_in: SignIn) -> None:
    article = published(title=TITLE)

    assert solve(sign_in(member()), article).status_code == 404
    assert noted() == []


def test_an_entry_put_under_review_meanwhile_is_no_solution(app: Flask) -> None:
    person, article = PersonFactory(member=True), under_review(title=TITLE)

    with pytest.raises(NotAllowed):
        suggesting.solve(person, KEY, article)
    with pytest.raises(NotFound):
        suggesting.record_opened(person, KEY, article)


def test_opening_an_entry_is_noted_the_first_time(app: Flask, sign_in: SignIn, tuesday: TimeMachineFixture) -> None:
    article = published(title=TITLE)
    rebuild("articles")
    client = sign_in(member())
    ask(client)

    for hours in (1, 2):
        tuesday.move_to(TUESDAY + timedelta(hours=hours), tick=False)
        response = post(client, f"/faq/suggestions/{KEY}/ouverte", {"fiche": article.slug}, page="/questions/poser")
        assert response.status_code == 204

    assert [row.opened_at for row in noted()] == [TUESDAY + timedelta(hours=1)]


# --- Sent anyway, and what is counted ---------------------------------------------------------------------


def test_a_question_sent_all_the_same_is_no_avoided_one(app: Flask, sign_in: SignIn) -> None:
    article = published(title=TITLE)
    rebuild("articles")
    person = member()
    client, structure_id = sign_in(person), person.mandates[0].organisation_id
    ask(client)
    solve(client, article, **TOLD, organisation_id=str(structure_id))
    check = f"/questions/poser/{KEY}/verifier"
    assert post(client, check, {"topic": ""}, page=check).status_code == 303

    assert [suggesting.settle(), suggesting.settle()] == [1, 0]

    figures = queries.avoided_questions(2026)
    assert (figures.shown_count, figures.opened_count, figures.sent_count, figures.avoided_count) == (1, 1, 1, 0)


def test_the_figures_are_those_of_a_year_in_paris(app: Flask) -> None:
    article = published()
    version = article.versions[0]
    for key, day in (("a", "2025-12-31T22:59:59"), ("b", "2025-12-31T23:00:00"), ("c", "2026-12-31T22:59:59")):
        at = datetime.fromisoformat(day).replace(tzinfo=UTC)
        db.session.add(
            Suggestion(asking=key * 64, article_id=article.id, version_id=version.id, shown_at=at, solved_at=at)
        )
    db.session.commit()

    assert [queries.avoided_questions(year).avoided_count for year in (2025, 2026, 2027)] == [1, 2, 0]


def test_two_entries_for_one_question_count_once(app: Flask) -> None:
    for article in (published(), published()):
        db.session.add(
            Suggestion(
                asking="a" * 64, article_id=article.id, version_id=article.versions[0].id, shown_at=TUESDAY,
                solved_at=TUESDAY,
            )
        )  # fmt: skip
    db.session.commit()

    figures = queries.avoided_questions(2026)
    assert (figures.shown_count, figures.avoided_count) == (1, 1)


def test_one_form_notes_forty_entries_at_most(app: Flask) -> None:
    articles = [published() for _ in range(3)]
    entries = queries.suggesting._with_words(queries.rows_of(PersonFactory(member=True), [one.id for one in articles]))
    suggesting.SHOWN_FOR_ONE_MAX_COUNT, before = 2, suggesting.SHOWN_FOR_ONE_MAX_COUNT
    try:
        suggesting.record_shown(KEY, entries)
        suggesting.record_shown(KEY, entries)
    finally:
        suggesting.SHOWN_FOR_ONE_MAX_COUNT = before

    assert len(noted()) == 2


def test_old_suggestions_are_forgotten(app: Flask, tuesday: TimeMachineFixture) -> None:
    article = published()
    db.session.add(
        Suggestion(asking="a" * 64, article_id=article.id, version_id=article.versions[0].id, shown_at=TUESDAY)
    )
    db.session.commit()

    tuesday.move_to(TUESDAY + timedelta(days=3 * 366 - 1), tick=False)
    assert suggesting.purge() == 0
    tuesday.move_to(TUESDAY + timedelta(days=3 * 366 + 1), tick=False)
    assert suggesting.purge() == 1


def test_the_pole_reads_the_estimate_with_its_definition(app: Flask, sign_in: SignIn) -> None:
    page = sign_in(PersonFactory(jurist=True)).get("/faq/atelier/suggestions")

    assert page.status_code == 200
    text = page.get_data(as_text=True)
    assert "estimation" in text
    assert "n’a pas envoyé cette question ensuite" in text
    assert sign_in(PersonFactory(delegate=True)).get("/faq/atelier/suggestions").status_code == 403


def test_what_was_searched_in_vain_is_shown_to_whoever_writes(client: Client, sign_in: SignIn) -> None:
    rebuild()
    client.get("/faq?q=zygomorphe+quinquennal")
    words = sign_in(PersonFactory(jurist=True)).get("/faq/atelier/suggestions").get_data(as_text=True)
    assert "quinquennal" in words
    assert "mots non gardés" not in words
