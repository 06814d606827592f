"""The knowledge base of the demonstration: every state, a past, readers, and entries that are found as members type."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from helpdesk.accounts.enums import Role
from helpdesk.accounts.models import Person
from helpdesk.db import db
from helpdesk.demo import library
from helpdesk.demo.articles import Fate, get_articles
from helpdesk.demo.seed import seed
from helpdesk.kb import perms, queries
from helpdesk.kb.enums import ArticleKind, ArticleState, ReportKind, Stage
from helpdesk.kb.models import (
    SEARCHED,
    Article,
    ArticleEvent,
    ArticleSlug,
    ArticleVersion,
    ReadingCount,
    Report,
    Suggestion,
    Vote,
    folded_words,
)
from helpdesk.reference.zones import PARIS
from helpdesk.search.operations import rebuild
from helpdesk.search.queries import find
from tests.support.apps import build_app, settings_for
from tests.support.migrations import upgrade

TODAY = date(2026, 11, 23)
PRESENT = datetime.combine(TODAY, datetime.min.time(), tzinfo=PARIS)
FOUND_SHARE = 0.85
"""Of the other wordings, mistakes included, that lead to their entry among the first five."""


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """A short year with the whole knowledge base; the tests on it only read."""
    folder: Path = tmp_path_factory.mktemp("library")
    app = build_app(settings_for(f"sqlite:///{folder / 'year.sqlite3'}", folder, is_demo=True))
    with app.app_context():
        upgrade()
        seed(today=TODAY, structures=60, questions=150)
        rebuild("articles")
        yield app
        db.session.remove()
        db.engine.dispose()


def count(model: type, *where: sa.ColumnElement[bool]) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(model).where(*where)) or 0


def jurist() -> Person:
    held = sa.select(Person).join(Person.roles).where(sa.text("staff_role.role = :role"))
    return db.session.scalars(held.order_by(Person.id), {"role": Role.LEAD.value}).first()


def test_every_entry_is_there_in_its_state(seeded: Flask) -> None:
    states = Counter(article.state for article in get_articles())

    assert count(Article) == len(get_articles()) >= 60
    assert count(Article, Article.state == ArticleState.PUBLISHED) == states[Fate.PUBLISHED]
    assert count(Article, Article.state == ArticleState.WITHDRAWN) == states[Fate.WITHDRAWN]
    assert {kind for (kind,) in db.session.execute(sa.select(Article.kind).distinct())} == set(ArticleKind)
    assert count(ArticleSlug) == count(Article)


def test_drafts_wait_at_every_stage_and_some_entries_were_revised(seeded: Flask) -> None:
    stages = Counter(db.session.scalars(sa.select(ArticleVersion.stage)))

    assert set(stages) >= {Stage.DRAFT, Stage.ANONYMISATION, Stage.APPROVAL, Stage.PUBLISHED, Stage.SUPERSEDED}
    assert stages[Stage.SUPERSEDED] >= 5


def test_nothing_happened_after_the_present_nor_out_of_order(seeded: Flask) -> None:
    at = sa.select(sa.func.max(ArticleEvent.at)).union_all(sa.select(sa.func.max(Article.published_at)))
    assert max(db.session.scalars(at)) < PRESENT
    for article in db.session.scalars(sa.select(Article)):
        moments = [event.at for event in article.events]
        assert moments == sorted(moments), article.slug
        assert all(version.created_at <= version.updated_at for version in article.versions)


def test_nobody_approved_what_they_wrote(seeded: Flask) -> None:
    for version in db.session.scalars(sa.select(ArticleVersion).where(ArticleVersion.published_at.is_not(None))):
        assert version.approved_by_id not in {version.author_id, *version.editor_ids}


def test_the_workshop_has_something_to_do(seeded: Flask) -> None:
    now_due = sa.and_(Article.state == ArticleState.PUBLISHED, Article.review_on <= TODAY)

    assert count(Article, now_due) >= 3
    assert count(Article, Article.owner_id.is_(None)) >= 3
    assert {kind for (kind,) in db.session.execute(sa.select(Report.kind).distinct())} == set(ReportKind)
    assert count(Article, Article.source_ticket_id.is_not(None)) >= 3


def test_readers_left_their_traces(seeded: Flask) -> None:
    figures = queries.avoided_questions(TODAY.year)

    assert count(Vote) > 50
    assert count(ReadingCount) > 500
    assert 0 < figures.avoided_count < figures.shown_count == library.SUGGESTION_COUNT == count(Suggestion)


def test_an_issue_of_the_review_lists_its_entries(seeded: Flask) -> None:
    issues = db.session.scalars(sa.select(ArticleVersion).join(Article).where(Article.kind == ArticleKind.REVIEW)).all()

    assert issues
    assert all(queries.review_parts(jurist(), version) for version in issues)


def test_a_withdrawn_entry_leads_to_what_replaces_it(seeded: Flask) -> None:
    replaced = db.session.scalars(sa.select(Article).where(Article.replaced_by_id.is_not(None))).all()

    assert replaced
    for article in replaced:
        assert perms.can_know_of(jurist(), article)
        assert queries.replacement_of(jurist(), article)


def test_the_same_arguments_give_the_same_rows(seeded: Flask) -> None:
    first, second = (library.entries(2026, TODAY, 12) for _ in range(2))

    assert first == second
    assert first["vote"] != library.entries(2027, TODAY, 12)["vote"]


def test_entries_are_found_without_their_index_too(seeded: Flask) -> None:
    versions = db.session.scalars(sa.select(ArticleVersion)).all()

    assert all(one.search_text == folded_words({name: getattr(one, name) for name in SEARCHED}) for one in versions)


def test_entries_are_found_as_members_type(seeded: Flask) -> None:
    reader, asked, missed = jurist(), 0, []
    for article in get_articles():
        if article.state in (Fate.PUBLISHED, Fate.UNDER_REVIEW):
            wanted = db.session.scalar(sa.select(Article.id).where(Article.slug == article.slug))
            for wording in article.wordings:
                asked += 1
                hits = find(reader, "articles", wording, per_page=5).hits
                if wanted not in {hit.id for hit in hits}:
                    missed.append(wording)
    print(f"{asked - len(missed)} of {asked} wordings found among five; not: {missed}")
    assert 1 - len(missed) / asked >= FOUND_SHARE
