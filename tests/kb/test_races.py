"""Colleagues who act on one entry at the same instant, on both databases: one wins, nothing is half done."""

from collections import Counter

import sqlalchemy as sa
from flask import Flask

from helpdesk.accounts.models import Person
from helpdesk.db import db
from helpdesk.kb.enums import ArticleState, Stage
from helpdesk.kb.models import Article, ArticleSlug, ArticleVersion
from helpdesk.kb.operations import publishing, writing
from helpdesk.kb.operations.words import Words
from helpdesk.tickets.enums import Status
from helpdesk.tickets.models import Message
from helpdesk.tickets.queries import current_answer
from tests.factories import kb
from tests.factories.accounts import PersonFactory
from tests.factories.tickets import make_ticket
from tests.support.crowds import CROWD, at_once

REFUSED = {"Conflict", "InvalidTransition", "NotAllowed"}
PLAIN = {"explanation": "Oui.", "example": "", "actions": ""}


def test_of_two_approvals_at_once_one_publishes(app: Flask) -> None:
    ids = [PersonFactory(jurist=True).id for _ in range(CROWD)]
    entry = kb.draft(stage=Stage.APPROVAL, **PLAIN)
    version_id, seen = entry.versions[0].id, entry.versions[0].lock_version

    def approve(number: int) -> str:
        version = db.session.get_one(ArticleVersion, version_id)
        publishing.approve(db.session.get_one(Person, ids[number]), version, seen_version=seen)
        return "published"

    results = Counter(at_once(app, approve))
    assert results["published"] == 1
    assert set(results) <= {"published", *REFUSED}
    assert entry.state is ArticleState.PUBLISHED
    assert db.session.scalar(sa.select(sa.func.count()).select_from(ArticleSlug).where(
        ArticleSlug.article_id == entry.id, ArticleSlug.slug == entry.slug
    )) == 1  # fmt: skip


def test_a_word_changed_while_it_is_approved_is_never_published_unread(app: Flask) -> None:
    writer, approver = PersonFactory(jurist=True), PersonFactory(jurist=True)
    entry = kb.draft(stage=Stage.APPROVAL, author=writer, **PLAIN)
    version_id, seen = entry.versions[0].id, entry.versions[0].lock_version
    writer_id, approver_id = writer.id, approver.id

    def act(number: int) -> str:
        version = db.session.get_one(ArticleVersion, version_id)
        if number:
            publishing.approve(db.session.get_one(Person, approver_id), version, seen_version=seen)
            return "published"
        publishing.send_back(db.session.get_one(Person, writer_id), version, reason="Un oubli.", seen_version=seen)
        words = Words(title="Changé", in_brief="Le Tremplin.", topics=(kb.TOPIC,))
        writing.save_version(db.session.get_one(Person, writer_id), version, words)
        return "changed"

    results = Counter(at_once(app, act, 2))
    version = db.session.get_one(ArticleVersion, version_id)
    assert results["published"] + results["changed"] == 1
    assert (version.stage is Stage.PUBLISHED) is (results["published"] == 1)
    assert (version.title == "Changé") is (results["changed"] == 1)


def test_of_two_savings_at_once_one_is_kept_whole(app: Flask) -> None:
    ids = [PersonFactory(jurist=True).id for _ in range(CROWD)]
    version = kb.draft().versions[0]
    version_id, seen = version.id, version.lock_version

    def save(number: int) -> str:
        one = db.session.get_one(ArticleVersion, version_id)
        words = Words(title=f"Titre {number}", in_brief=f"Bref {number}", topics=(kb.TOPIC,))
        writing.save_version(db.session.get_one(Person, ids[number]), one, words, seen_version=seen)
        return "saved"

    assert Counter(at_once(app, save))["saved"] == 1
    assert version.title.removeprefix("Titre ") == version.in_brief.removeprefix("Bref ")


def test_an_answer_proposed_many_times_at_once_makes_one_entry(app: Flask) -> None:
    jurist_id = PersonFactory(jurist=True).id
    ticket = make_ticket(status=Status.ANSWERED)
    message_id = current_answer(ticket).id

    def propose(_number: int) -> str:
        message = db.session.get_one(Message, message_id)
        jurist = db.session.get_one(Person, jurist_id)
        try:
            return str(writing.propose_from_answer(jurist, message.ticket, message).id)
        except sa.exc.IntegrityError:  # the second is told to reload the page
            db.session.rollback()
            return "taken"

    results = set(at_once(app, propose))
    assert len(results - {"taken"}) == 1
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Article)) == 1


def test_a_revision_opened_twice_at_once_is_one_draft(app: Flask) -> None:
    jurist_id = PersonFactory(jurist=True).id
    article_id = kb.published().id

    def revise(_number: int) -> str:
        try:
            article = db.session.get_one(Article, article_id)
            return str(writing.revise(db.session.get_one(Person, jurist_id), article).id)
        except sa.exc.IntegrityError:
            db.session.rollback()
            return "taken"

    at_once(app, revise)
    open_ones = sa.select(sa.func.count()).where(
        ArticleVersion.article_id == article_id, ArticleVersion.stage == Stage.DRAFT
    )
    assert db.session.scalar(open_ones) == 1
