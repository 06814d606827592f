"""Who cites a text: entries, and the answers of the last six months, under the rights of the jurist who asks."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from time_machine import TimeMachineFixture

from helpdesk import clock
from helpdesk.db import db
from helpdesk.kb import queries
from helpdesk.kb.queries import CitedText
from helpdesk.tickets.enums import MessageKind, Status
from helpdesk.tickets.models import ConflictOfInterest, Ticket
from tests.factories.accounts import OrganisationFactory, PersonFactory
from tests.factories.kb import draft, published, under_review, withdrawn
from tests.factories.tickets import make_asker, make_ticket

TUESDAY = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)
ARTICLE, CODE = "R. 2122-8", "Code de la commande publique"
LINE = f"{CODE}, article {ARTICLE}"
TEXT = CitedText.asked(ARTICLE)


@pytest.fixture(autouse=True)
def tuesday(time_machine: TimeMachineFixture) -> TimeMachineFixture:
    time_machine.move_to(TUESDAY, tick=False)
    return time_machine


def answered(references: list[str], *, structure: str = "Les Ateliers du Canal", **values: Any) -> Ticket:
    asker = make_asker(OrganisationFactory(name=structure))
    ticket = make_ticket(asker, status=Status.ANSWERED, **values)
    answer = next(message for message in ticket.messages if message.kind is MessageKind.ANSWER)
    answer.references = references
    db.session.commit()
    return ticket


def told(person: Any, text: CitedText = TEXT) -> list[str]:
    return [row.reference for row in queries.members_told(person, text)]


# --- Entries ----------------------------------------------------------------------------------------------


def test_every_readable_entry_that_cites_the_article_is_found(app: Flask) -> None:
    jurist = PersonFactory(jurist=True)
    citing = [published(title="A", references=[LINE]), under_review(title="B", references=["CCP, art. R2122-8"])]
    for make in (draft, withdrawn):
        make(references=[LINE])
    published(references=[f"{CODE}, article R. 2122-80"])

    rows, has_more = queries.entries_citing(jurist, TEXT)

    assert [row.id for row in rows] == [article.id for article in citing]
    assert [row.can_be_reviewed for row in rows] == [True, False]
    assert rows[0].citations == ("Code de la commande publique, article R.\u00a02122-8",)
    assert not has_more


def test_a_code_narrows_and_a_reference_without_code_is_kept(app: Flask) -> None:
    jurist = PersonFactory(jurist=True)
    published(title="Travail", references=["C. trav., art. L. 1-1"])
    published(title="Sans code", references=["article L. 1-1"])
    published(title="Santé", references=["CSP, art. L. 1-1"])

    assert queries.codes_citing(CitedText.asked("L. 1-1")) == ["Code de la santé publique", "Code du travail"]
    rows, _ = queries.entries_citing(jurist, CitedText.asked("l1-1", "c. trav."))
    assert [row.title for row in rows] == ["Sans code", "Travail"]
    rows, _ = queries.entries_citing(jurist, CitedText.asked("l1-1"))
    assert len(rows) == 3


@pytest.mark.parametrize("words", ["R. 2122-8", "r2122-8", "R 2122 8", "r. 2122  8", "article R. 2122-8"])
def test_an_article_is_found_however_it_is_typed(words: str) -> None:
    assert CitedText.asked(words) == TEXT


def test_a_text_is_found_by_its_number(app: Flask) -> None:
    published(title="Congés", references=["Loi n° 2024-364 du 22 avril 2024"])

    rows, _ = queries.entries_citing(PersonFactory(jurist=True), CitedText.asked("2024-364"))

    assert [row.title for row in rows] == ["Congés"]


def test_the_list_is_cut_into_pages(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("helpdesk.kb.queries.citing.PAGE_SIZE", 2)
    for title in "ABC":
        published(title=title, references=[LINE])
    jurist = PersonFactory(jurist=True)

    first, second = queries.entries_citing(jurist, TEXT), queries.entries_citing(jurist, TEXT, 2)

    assert ([row.title for row in first[0]], first[1]) == (["A", "B"], True)
    assert ([row.title for row in second[0]], second[1]) == (["C"], False)


def test_a_conflict_of_interest_hides_the_entry_and_the_question(app: Flask) -> None:
    jurist = PersonFactory(jurist=True)
    ticket = answered([LINE])
    ticket.conflicts.append(
        ConflictOfInterest(person_id=jurist.id, declared_by_id=jurist.id, declared_at=clock.now(), reason="")
    )
    published(references=[LINE], source_ticket=ticket)

    assert queries.entries_citing(jurist, TEXT) == ([], False)
    assert told(jurist) == []
    assert len(told(PersonFactory(jurist=True))) == 1


@pytest.mark.parametrize("person", [{"delegate": True}, {"member": True}, {"admin": True}])
def test_only_the_pole_finds_the_entries(app: Flask, person: dict[str, bool]) -> None:
    published(references=[LINE])

    assert queries.entries_citing(PersonFactory(**person), TEXT) == ([], False)


# --- Answers ----------------------------------------------------------------------------------------------


def test_the_answers_that_cite_the_article_are_listed_with_whom_they_told(app: Flask) -> None:
    direct = answered([f"CCP, art. {ARTICLE}"])
    answered(["Code du travail, article L. 2122-8", "R. 2122-88"])
    answered([])

    (row,) = queries.members_told(PersonFactory(jurist=True), TEXT)

    assert (row.reference, row.organisation, row.entry) == (direct.reference, "Les Ateliers du Canal", "")


def test_an_answer_that_sends_to_a_citing_entry_counts_too(app: Flask) -> None:
    article = published(title="Peut-on acheter sans publicité", references=[LINE])
    ticket = answered([f"Fiche « Peut-on acheter », à jour au 3 novembre 2026 : http://x.example/faq/{article.slug}"])
    answered(["Fiche « Autre » : http://x.example/faq/autre"])

    (row,) = queries.members_told(PersonFactory(jurist=True), TEXT)

    assert (row.reference, row.entry) == (ticket.reference, "Peut-on acheter sans publicité")


def test_answers_older_than_six_months_are_left_out(app: Flask) -> None:
    ticket = answered([LINE])
    for message in ticket.messages:
        message.created_at = clock.now() - timedelta(days=184)
        message.published_at = message.published_at and message.created_at
    db.session.commit()

    assert told(PersonFactory(jurist=True)) == []


def test_a_sensitive_question_is_masked(app: Flask) -> None:
    answered([LINE], title="Le directeur est-il licencié\u202f?", is_sensitive=True)

    (row,) = queries.members_told(PersonFactory(jurist=True), TEXT)

    assert (row.title, row.organisation, row.entry) == ("Dossier sensible", "", "")


def test_a_delegate_would_see_the_own_region_only(app: Flask) -> None:
    ticket = answered([LINE])

    assert told(PersonFactory(delegate=True)) == [ticket.reference]
    assert told(PersonFactory(delegate=True, delegation="occitanie")) == []


@pytest.mark.parametrize("words", ["", "  ", "%", "_", "'; drop table article", "\u00e9", "\x00", "\ud800"])
def test_what_is_no_text_finds_nothing(app: Flask, words: str) -> None:
    published(references=[LINE])
    answered([LINE])
    jurist, text = PersonFactory(jurist=True), CitedText.asked(words)

    assert queries.entries_citing(jurist, text) == ([], False)
    assert queries.members_told(jurist, text) == []
