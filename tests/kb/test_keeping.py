"""Entries kept true: reviews opened and closed, owners reminded, changes of the law taken in."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from time_machine import TimeMachineFixture

from helpdesk import clock
from helpdesk.db import db
from helpdesk.errors import BadInput, Conflict, InvalidTransition, NotAllowed
from helpdesk.kb.enums import ArticleEventKind, ArticleState, ReportKind
from helpdesk.kb.importing.law_changes import LawChange
from helpdesk.kb.models import Article, ArticleEvent, Report
from helpdesk.kb.operations import keeping
from helpdesk.kb.queries.workshop import WorkshopView, work_page
from helpdesk.mail.models import Mail
from helpdesk.tickets.models import ConflictOfInterest
from tests.factories.accounts import PersonFactory
from tests.factories.kb import draft, in_force, published, under_review, withdrawn
from tests.factories.tickets import make_asker, make_ticket

TUESDAY = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)
TODAY = date(2026, 11, 3)
REASON = "La durée des immersions change."
CHANGE = LawChange(date(2026, 11, 1), REASON, code="Code du travail", article="L. 5135-5")


@pytest.fixture(autouse=True)
def tuesday(time_machine: TimeMachineFixture) -> TimeMachineFixture:
    time_machine.move_to(TUESDAY, tick=False)
    return time_machine


def kinds_of(article: Article) -> list[ArticleEventKind]:
    select = sa.select(ArticleEvent.kind).where(ArticleEvent.article_id == article.id)
    return list(db.session.scalars(select.order_by(ArticleEvent.id)))


def tasks() -> list[Report]:
    return list(db.session.scalars(sa.select(Report).order_by(Report.id)))


def conflict(person: object, article: Article) -> None:
    article.source_ticket.conflicts.append(
        ConflictOfInterest(person_id=person.id, declared_by_id=person.id, declared_at=clock.now(), reason="")
    )
    db.session.commit()


def mail_count() -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(Mail)) or 0


# --- Reviews ----------------------------------------------------------------------------------------------


def test_several_entries_go_to_review_with_one_reason(app: Flask) -> None:
    jurist, first, second = PersonFactory(jurist=True), published(), published()
    before = under_review(reason="Autre motif.")

    opened = keeping.open_reviews(jurist, [first, second, before], f"  {REASON} ")

    assert opened == [first, second]
    for article in opened:
        assert (article.state, article.review_reason, article.review_opened_at) == (
            ArticleState.UNDER_REVIEW,
            REASON,
            TUESDAY,
        )
        assert kinds_of(article) == [ArticleEventKind.REVIEW_OPENED]
    assert before.review_reason == "Autre motif."


@pytest.mark.parametrize("person", [{"delegate": True}, {"member": True}, {"admin": True}, {"partner_jurist": True}])
def test_only_the_pole_opens_and_ends_a_review(app: Flask, person: dict[str, bool]) -> None:
    somebody, article = PersonFactory(**person), published()

    with pytest.raises(NotAllowed):
        keeping.open_reviews(somebody, [article], REASON)
    with pytest.raises(NotAllowed):
        keeping.confirm(somebody, article)


def test_one_entry_in_conflict_of_interest_stops_the_whole_review(app: Flask) -> None:
    jurist, free = PersonFactory(jurist=True), published()
    born = published(source_ticket=make_ticket(make_asker()))
    conflict(jurist, born)

    with pytest.raises(NotAllowed):
        keeping.open_reviews(jurist, [free, born], REASON)

    assert {free.state, born.state} == {ArticleState.PUBLISHED}


def test_a_review_needs_a_reason_and_an_entry_that_readers_see(app: Flask) -> None:
    jurist = PersonFactory(jurist=True)
    with pytest.raises(BadInput, match="en une phrase"):
        keeping.open_reviews(jurist, [published()], "  ")
    with pytest.raises(BadInput, match="au moins une"):
        keeping.open_reviews(jurist, [draft(), withdrawn()], REASON)
    with pytest.raises(BadInput, match="trop long"):
        keeping.open_reviews(jurist, [published()], "x" * 501)


def test_an_entry_still_true_gets_a_new_day(app: Flask) -> None:
    jurist = PersonFactory(jurist=True)
    article = under_review(topics=("social/paie-remuneration",), up_to_date_on=date(2026, 1, 5))
    keeping.apply_law_changes([CHANGE], is_applied=True)

    keeping.confirm(jurist, article, seen_version=article.version)

    assert (article.state, article.review_reason, article.review_opened_at) == (ArticleState.PUBLISHED, "", None)
    assert (article.up_to_date_on, article.review_on) == (TODAY, date(2027, 5, 3))
    assert in_force(article).up_to_date_on == date(2026, 1, 5)
    assert [task.done_by_id for task in tasks()] == [jurist.id]
    assert kinds_of(article)[-1] is ArticleEventKind.CONFIRMED


def test_an_entry_changed_meanwhile_is_not_confirmed(app: Flask) -> None:
    article = under_review()

    with pytest.raises(Conflict):
        keeping.confirm(PersonFactory(jurist=True), article, seen_version=article.version - 1)


@pytest.mark.parametrize("make", [draft, withdrawn])
def test_what_readers_do_not_see_cannot_be_confirmed(app: Flask, make: object) -> None:
    with pytest.raises((NotAllowed, InvalidTransition)):
        keeping.confirm(PersonFactory(jurist=True), make())


# --- Reminders --------------------------------------------------------------------------------------------


def test_an_owner_is_reminded_once_a_week(app: Flask, tuesday: TimeMachineFixture) -> None:
    article = published(owner=PersonFactory(jurist=True), review_on=TODAY)
    published(owner=PersonFactory(jurist=True), review_on=TODAY + timedelta(days=1))
    version = article.version

    assert [keeping.remind_owners(), keeping.remind_owners()] == [1, 0]
    tuesday.move_to(TUESDAY + timedelta(days=6, hours=23), tick=False)
    assert keeping.remind_owners() == 1  # the other one
    tuesday.move_to(TUESDAY + timedelta(days=7), tick=False)
    assert keeping.remind_owners() == 1

    assert mail_count() == 3
    db.session.refresh(article)
    assert article.version == version


def test_an_entry_under_review_is_recalled_even_before_its_day(app: Flask) -> None:
    jurist = PersonFactory(jurist=True)
    article = published(owner=jurist, review_on=TODAY + timedelta(days=200))
    keeping.open_reviews(jurist, [article], REASON)

    assert keeping.remind_owners() == 1


@pytest.mark.parametrize("make", [draft, withdrawn])
def test_nobody_is_reminded_of_what_readers_do_not_see(app: Flask, make: object) -> None:
    make(owner=PersonFactory(jurist=True), review_on=TODAY - timedelta(days=30))

    assert keeping.remind_owners() == 0


def test_the_lead_is_told_where_the_owner_has_left(app: Flask) -> None:
    lead, owner = PersonFactory(lead=True), PersonFactory(jurist=True, is_active=False)
    published(owner=owner, review_on=TODAY)

    keeping.remind_owners()

    assert db.session.scalars(sa.select(Mail.recipient_person_id)).all() == [lead.id]


# --- Changes of the law -----------------------------------------------------------------------------------


def test_a_change_puts_under_review_what_cites_the_text(app: Flask) -> None:
    citing = published(references=["C. trav., art. L. 5135-5"], up_to_date_on=date(2026, 5, 1))
    without_code = published(references=["article L. 5135-5"], up_to_date_on=date(2026, 5, 1))
    other_code = published(references=["CSS, art. L. 5135-5"], up_to_date_on=date(2026, 5, 1))
    other_article = published(references=["C. trav., art. L. 5135-51"], up_to_date_on=date(2026, 5, 1))
    unseen = [draft(), withdrawn()]

    report = keeping.apply_law_changes([CHANGE], is_applied=True)

    assert report.opened == {CHANGE.title: [citing.slug, without_code.slug]}
    assert citing.review_reason == f"{CHANGE.title} : a changé le 1er novembre 2026. {REASON}"
    assert {other_code.state, other_article.state} == {ArticleState.PUBLISHED}
    assert {one.state for one in unseen} == {ArticleState.UNPUBLISHED, ArticleState.WITHDRAWN}
    assert [(task.kind, task.article_id, task.reported_by_id) for task in tasks()] == [
        (ReportKind.LAW_CHANGE, citing.id, None),
        (ReportKind.LAW_CHANGE, without_code.id, None),
    ]


def test_the_same_changes_again_change_nothing_more(app: Flask) -> None:
    article = published(up_to_date_on=date(2026, 5, 1))
    keeping.apply_law_changes([CHANGE], is_applied=True)

    again = keeping.apply_law_changes([CHANGE], is_applied=True)
    assert again.noted == {CHANGE.title: [article.slug]}
    assert len(tasks()) == 1

    keeping.confirm(PersonFactory(jurist=True), article)
    after = keeping.apply_law_changes([CHANGE], is_applied=True)
    assert after.read_since == {CHANGE.title: [article.slug]}
    assert article.state is ArticleState.PUBLISHED


def test_a_reason_that_names_somebody_is_refused_with_the_entry_it_is_about(app: Flask) -> None:
    ticket = make_ticket(make_asker())
    article = published(source_ticket=ticket, references=["C. trav., art. L. 5135-5"], up_to_date_on=date(2026, 5, 1))
    change = replace(CHANGE, reason=f"Vu avec {ticket.asker.full_name}.")

    with pytest.raises(BadInput, match=f"{CHANGE.key[1:5]}.*{article.slug}.*nom connu"):
        keeping.apply_law_changes([change], is_applied=True)
    assert article.state is ArticleState.PUBLISHED


def test_a_dry_run_writes_nothing(app: Flask) -> None:
    article = published(up_to_date_on=date(2026, 5, 1))

    report = keeping.apply_law_changes([CHANGE], is_applied=False)

    assert report.opened == {CHANGE.title: [article.slug]}
    db.session.expire_all()
    assert (article.state, tasks()) == (ArticleState.PUBLISHED, [])


def test_a_text_is_found_by_its_identifier(app: Flask) -> None:
    article = published(references=["Loi n° 2024-364 du 22 avril 2024"], up_to_date_on=date(2024, 1, 1))

    report = keeping.apply_law_changes(
        [
            LawChange(date(2026, 1, 1), REASON, text_id="2024-364"),
            LawChange(date(2026, 1, 1), REASON, text_id="2020-1"),
        ],
        is_applied=True,
    )

    assert report.opened == {"Texte 2024-364": [article.slug]}
    assert report.uncited == ["Texte 2020-1"]


# --- The command ------------------------------------------------------------------------------------------


def run(app: Flask, path: Path, *options: str) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=["kb", "law-changes", str(path), *options])
    return result.exit_code, result.output


def test_the_command_tries_first_and_applies_on_demand(app: Flask, tmp_path: Path) -> None:
    article = published(up_to_date_on=date(2026, 5, 1))
    path = tmp_path / "changements.csv"
    path.write_text(f"code;article;en_vigueur;motif\nC. trav.;L. 5135-5;2026-11-01;{REASON}\n")

    code, output = run(app, path)
    assert (code, "Essai à blanc" in output, article.slug in output) == (0, True, True)
    assert article.state is ArticleState.PUBLISHED

    code, output = run(app, path, "--apply")
    db.session.expire_all()
    assert (code, "Essai à blanc" in output) == (0, False)
    assert article.state is ArticleState.UNDER_REVIEW


def test_one_bad_line_stops_the_command_and_is_named(app: Flask, tmp_path: Path) -> None:
    article = published(up_to_date_on=date(2026, 5, 1))
    path = tmp_path / "changements.toml"
    path.write_text(
        '[[changements]]\ncode = "C. trav."\narticle = "L. 5135-5"\nen_vigueur = 2026-11-01\nmotif = "Oui."\n'
        '[[changements]]\ncode = "C. trav."\narticle = "L. 5135-5"\nmotif = "Non."\n'
    )

    code, output = run(app, path, "--apply")

    assert code == 1
    assert "Ligne 2, colonne « en_vigueur »" in output
    db.session.expire_all()
    assert article.state is ArticleState.PUBLISHED


# --- Whoever has left -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({}, "Nadia Benali"),
        ({"is_active": False}, ""),
        ({"jurist": False, "delegate": True}, ""),
    ],
)
def test_an_entry_whose_owner_has_left_shows_as_nobodys(app: Flask, values: dict[str, bool], name: str) -> None:
    owner = PersonFactory(**{"jurist": True, "first_name": "Nadia", "last_name": "Benali", **values})
    published(owner=owner, review_on=TODAY)

    (row,) = work_page(PersonFactory(jurist=True), WorkshopView.REVIEW).rows

    assert row.owner == name
