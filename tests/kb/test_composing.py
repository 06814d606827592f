"""An issue of the review: the entries of two months, in order, by kind of structure."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from flask import Flask
from time_machine import TimeMachineFixture

from helpdesk.accounts.models import Person
from helpdesk.db import db
from helpdesk.errors import BadInput, NotAllowed
from helpdesk.kb import queries
from helpdesk.kb.bimonths import Bimonth, latest, parts_of
from helpdesk.kb.enums import ArticleKind, Stage, Visibility
from helpdesk.kb.models import Article
from helpdesk.kb.operations import composing, writing
from tests.factories.accounts import PersonFactory
from tests.factories.kb import draft, published, under_review, withdrawn
from tests.support.http import Client
from tests.support.pages import hidden_fields

NOVEMBER = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)
AUTUMN = Bimonth(date(2026, 9, 1))
PATH = "/faq/atelier/revue?mois=2026-09"


@pytest.fixture(autouse=True)
def november(time_machine: TimeMachineFixture) -> TimeMachineFixture:
    time_machine.move_to(NOVEMBER, tick=False)
    return time_machine


def in_autumn(day: str = "2026-10-15T09:00", make: Callable[..., Article] = published, **values: object) -> Article:
    article = make(**values)
    article.published_at = datetime.fromisoformat(day).replace(tzinfo=UTC)
    db.session.commit()
    return article


def offered(person: Person) -> list[int]:
    return [row.id for row in queries.entries_of(person, AUTUMN)]


def items_of(version: object) -> list[tuple[str, int]]:
    return [(item.typology, item.article_id) for item in version.items]


# --- The months -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("today", "keys"),
    [
        (date(2026, 11, 3), ["2026-09", "2026-07", "2026-11"]),
        (date(2026, 12, 31), ["2026-09", "2026-07", "2026-11"]),
        (date(2027, 1, 1), ["2026-11", "2026-09", "2027-01"]),
        (date(2028, 2, 29), ["2027-11", "2027-09", "2028-01"]),
    ],
)
def test_the_last_two_complete_months_come_first(today: date, keys: list[str]) -> None:
    assert [one.key for one in latest(today, 3)] == keys


def test_two_months_end_with_the_second() -> None:
    assert AUTUMN.last_on == date(2026, 10, 31)
    assert Bimonth(date(2028, 1, 1)).last_on == date(2028, 2, 29)


def test_an_entry_for_many_stands_in_the_general_part() -> None:
    assert parts_of(()) == parts_of(("AI", "ACI", "EI", "ETTI")) == ("",)
    assert parts_of(("AI", "ACI")) == ("AI", "ACI")


# --- What is offered --------------------------------------------------------------------------------------


def test_what_the_months_brought_is_offered_by_the_day_in_paris(app: Flask) -> None:
    first, last = in_autumn("2026-08-31T22:00"), in_autumn("2026-10-31T22:59")
    in_autumn("2026-08-31T21:59")
    in_autumn("2026-10-31T23:00")

    assert offered(PersonFactory(jurist=True)) == [first.id, last.id]


def test_nothing_that_members_could_not_read_is_offered(app: Flask) -> None:
    in_autumn(visibility=Visibility.INTERNAL)
    in_autumn(kind=ArticleKind.REVIEW)
    in_autumn(make=under_review)
    in_autumn(make=withdrawn)
    draft()

    assert offered(PersonFactory(jurist=True)) == []


# --- The issue --------------------------------------------------------------------------------------------


def test_an_issue_lists_its_entries_by_kind_of_structure_in_the_order_given(app: Flask) -> None:
    jurist = PersonFactory(jurist=True)
    general, for_two, for_one = in_autumn(), in_autumn(typologies=("AI", "ACI")), in_autumn(typologies=("ACI",))

    version = composing.compose_issue(jurist, AUTUMN, [for_one.id, for_two.id, general.id, for_one.id])

    assert (version.title, version.stage) == ("Revue juridique, septembre et octobre 2026", Stage.DRAFT)
    assert (version.article.kind, version.article.visibility) == (ArticleKind.REVIEW, Visibility.MEMBERS)
    assert version.in_brief.startswith("3\u00a0fiches nouvelles ou revues en")
    parts = items_of(version)
    assert parts[0] == ("", general.id)
    assert [one for part, one in parts if part == "ACI"] == [for_one.id, for_two.id]
    assert [one for part, one in parts if part == "AI"] == [for_two.id]
    assert queries.review_parts(PersonFactory(member=True), version)[0][0] == ""


def test_a_new_version_of_an_issue_lists_the_same(app: Flask) -> None:
    jurist = PersonFactory(jurist=True)
    version = composing.compose_issue(jurist, AUTUMN, [in_autumn().id])
    version.stage = Stage.ABANDONED
    db.session.commit()

    again = writing.revise(jurist, version.article)

    assert again.number == 2
    assert items_of(again) == items_of(version)


def test_an_issue_needs_entries_of_its_months(app: Flask) -> None:
    jurist, other = PersonFactory(jurist=True), published()

    with pytest.raises(BadInput, match="au moins une"):
        composing.compose_issue(jurist, AUTUMN, [])
    with pytest.raises(BadInput, match="Rechargez"):
        composing.compose_issue(jurist, AUTUMN, [other.id])
    with pytest.raises(NotAllowed):
        composing.compose_issue(PersonFactory(delegate=True), AUTUMN, [other.id])


# --- The page ---------------------------------------------------------------------------------------------


def test_the_page_makes_the_draft_in_the_order_of_the_ranks(app: Flask, sign_in: Callable[..., Client]) -> None:
    first, second, left = in_autumn(title="Une"), in_autumn(title="Deux"), in_autumn(title="Trois")
    client = sign_in(PersonFactory(jurist=True))
    page = client.get(PATH)
    assert page.get_data(as_text=True).count(" checked") == 3
    ranks = {f"rang-{first.id}": "2", f"rang-{second.id}": "1", f"rang-{left.id}": "x"}
    values = {**hidden_fields(page, PATH), **ranks, "entries": [first.id, second.id]}

    response = client.post(PATH, data=values)
    again = client.post(PATH, data=values)

    assert (response.status_code, again.status_code) == (303, 303)
    (issue,) = db.session.query(Article).filter_by(kind=ArticleKind.REVIEW)
    assert items_of(issue.versions[0]) == [("", second.id), ("", first.id)]


def test_nothing_ticked_is_said_at_its_place(app: Flask, sign_in: Callable[..., Client]) -> None:
    in_autumn()
    client = sign_in(PersonFactory(jurist=True))

    response = client.post(PATH, data=hidden_fields(client.get(PATH), PATH))

    assert response.status_code == 422
    assert "Gardez au moins une fiche" in response.get_data(as_text=True)


@pytest.mark.parametrize("query", ["", "?mois=1999-01", "?mois=%00", "?mois=2026-11"])
def test_any_months_are_answered(app: Flask, sign_in: Callable[..., Client], query: str) -> None:
    assert sign_in(PersonFactory(jurist=True)).get(f"/faq/atelier/revue{query}").status_code == 200


@pytest.mark.parametrize("who", [{"delegate": True}, {"member": True}, {"admin": True}])
def test_the_page_is_the_poles(app: Flask, sign_in: Callable[..., Client], who: dict[str, bool]) -> None:
    assert sign_in(PersonFactory(**who)).get(PATH).status_code == 403
