"""What readers see: approved by a second jurist, sent back, withdrawn, erased."""

import sqlalchemy as sa

from helpdesk import clock
from helpdesk.accounts.models import Person
from helpdesk.attachments.operations import purge
from helpdesk.db import db, transaction
from helpdesk.errors import BadInput
from helpdesk.kb import perms, queries, review, slugs
from helpdesk.kb.enums import (
    OPEN_STAGES,
    ArticleAction,
    ArticleEventKind,
    ArticleState,
    Stage,
    VersionAction,
    Visibility,
)
from helpdesk.kb.models import Article, ArticleAttachment, ArticleSlug, ArticleVersion, MarkDecision
from helpdesk.kb.operations.anonymising import check_publishable
from helpdesk.kb.operations.history import check_version, record, reindex, step, touch, turn
from helpdesk.kb.operations.tasks import finish_law_tasks, leave_name_task
from helpdesk.kb.queries.known import has_known_name, known_records, names_in, stale_names
from helpdesk.kb.workflow import next_stage, next_state
from helpdesk.tickets import texts
from helpdesk.tickets.happenings import ERASED, Facts, when
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.operations.history import require, settings

REASON_MAX_CHARS = 500
ERASED_TITLE = "Texte effacé"


def approve(actor: Person, version: ArticleVersion, *, seen_version: int | None = None) -> None:
    """Publish a version in place of the one in force; everything is checked again, as of now.

    Votes start anew. The version replaced is erased at once where a known name stands in it, and so is an old address.

    :raises NotAllowed: for whoever wrote a word of it, and for anybody but the pole.
    :raises Conflict: if the version has changed since it was read.
    :raises BadInput: see :func:`helpdesk.kb.operations.anonymising.check_publishable`.
    """
    with transaction():
        check_version(version, seen_version)
        next_stage(version.stage, VersionAction.APPROVE)
        require(perms.can_approve(actor, version))
        check_publishable(version)
        _supersede(actor, version.article)
        version.published_at, version.approved_by_id = clock.now(), actor.id
        step(version, VersionAction.APPROVE)
        _put_in_force(version)
        _forget_addresses(version.article)
        finish_law_tasks(actor, version.article)
        record(version.article, ArticleEventKind.PUBLISHED, actor, version=version)
        reindex(version.article)


def send_back(actor: Person, version: ArticleVersion, *, reason: str, seen_version: int | None = None) -> None:
    """Give a version back to its author, with what is to be changed.

    :raises BadInput: without a reason.
    """
    with transaction():
        check_version(version, seen_version)
        next_stage(version.stage, VersionAction.SEND_BACK)
        require(perms.can_send_back(actor, version))
        version.remark = _reason(reason, "Dites ce qui est à reprendre.")
        step(version, VersionAction.SEND_BACK)
        record(version.article, ArticleEventKind.SENT_BACK, actor, version=version)


def withdraw(
    actor: Person,
    article: Article,
    *,
    reason: str,
    replaced_by: Article | None = None,
    seen_version: int | None = None,
) -> None:
    """Take an entry away from its readers; its address stays, and leads to what replaces it.

    :raises BadInput: without a reason, for one that names somebody of the question, or when it replaces itself.
    """
    with transaction():
        check_version(article, seen_version)
        next_state(article.state, ArticleAction.WITHDRAW)
        require(perms.can_withdraw(actor, article))
        reason = checked_reason(article, reason)
        if replaced_by is not None and (replaced_by.id == article.id or not perms.can_read(actor, replaced_by)):
            raise BadInput("Choisissez une autre fiche, en ligne.", field="replaced_by")
        turn(article, ArticleAction.WITHDRAW)
        article.withdrawn_reason, article.withdrawn_at = reason, clock.now()
        article.replaced_by = replaced_by
        replaced_id = replaced_by.id if replaced_by else None
        record(article, ArticleEventKind.WITHDRAWN, actor, replaced_by_id=replaced_id)
        reindex(article)


def change_visibility(
    actor: Person, article: Article, visibility: Visibility, *, seen_version: int | None = None
) -> None:
    """Choose who may read an entry; whoever is about to approve a version of it has to look again.

    :raises NotAllowed: for anybody but the pole.
    """
    with transaction():
        check_version(article, seen_version)
        require(perms.can_work_on(actor, article))
        if visibility is article.visibility:
            return
        before, article.visibility = article.visibility, visibility
        waiting = queries.open_version(article)
        if waiting is not None and waiting.stage is Stage.APPROVAL:
            touch(waiting)
        record(article, ArticleEventKind.VISIBILITY_CHANGED, actor, before=before, after=visibility)
        reindex(article)


def redact(actor: Person, version: ArticleVersion) -> None:
    """Erase the words and files of a version that nobody reads for good; that it was there stays in the history.

    An address that names somebody of the question goes too: an address never dies but for that.

    :raises NotAllowed: for anybody but the pole, and for a version that readers see.
    """
    with transaction():
        require(perms.can_redact(actor, version))
        if version.stage is Stage.PUBLISHED:
            version.stage = Stage.SUPERSEDED
            _leave_address(version.article)
        _erase(actor, version)


@when(ERASED)
def cut_question(ticket: Ticket, _facts: Facts) -> None:
    """The question is being erased: no entry leads to it any more, and the drafts made from it are erased too.

    Every version is checked once more, for the last time: nothing will be known of the question afterwards. An
    earlier one that holds a name learned since is erased; the one readers see stays, and the pole gets a task.
    """
    with transaction():
        for article in queries.made_from(ticket):
            known, in_force = known_records(article), queries.published_version(article)
            for stale in stale_names(article, known):
                _erase(None, stale.version)
            if in_force is not None and (labels := names_in(in_force, known)):
                leave_name_task(article, in_force, labels)
            for version in article.versions:
                is_from = version.source_message is not None and version.source_message.ticket_id == ticket.id
                if version.stage in OPEN_STAGES and (is_from or article.state is ArticleState.UNPUBLISHED):
                    step(version, VersionAction.ABANDON)
                if version.stage is Stage.ABANDONED and version.redacted_at is None:
                    _erase(None, version)
                if is_from:
                    version.source_message = None
            if article.source_ticket_id == ticket.id:
                article.source_ticket = None
            db.session.execute(sa.delete(MarkDecision).where(MarkDecision.article_id == article.id))
            record(article, ArticleEventKind.QUESTION_CUT, None)


def checked_reason(article: Article, reason: str) -> str:
    """A reason that readers will see.

    :raises BadInput: when it is empty, or names somebody of the questions behind the entry.
    """
    text = _reason(reason, "Dites pourquoi en une phrase : les lecteurs la verront.")
    if has_known_name(article, text):
        raise BadInput("Cette phrase contient un nom connu de la question d’origine : retirez-le.", field="reason")
    return text


def _reason(reason: str, missing: str) -> str:
    text = texts.clean_line(reason, field="reason", max_chars=REASON_MAX_CHARS)
    if not text:
        raise BadInput(missing, field="reason")
    return text


def _supersede(actor: Person, article: Article) -> None:
    before = queries.published_version(article)
    if before is None:
        return
    before.stage = Stage.SUPERSEDED
    touch(before)
    db.session.flush()  # at most one version is in force, at every statement
    if names_in(before, known_records(article)):
        _erase(actor, before)


def _put_in_force(version: ArticleVersion) -> None:
    article, now = version.article, version.published_at
    turn(article, ArticleAction.PUBLISH)
    article.published_at = now
    article.first_published_at = article.first_published_at or now
    article.up_to_date_on = version.up_to_date_on
    article.reminded_at = None
    if article.review_on is None or article.review_on <= clock.today():
        article.review_on = review.review_on(version.up_to_date_on, version.topics, settings().review_months)
    _name(article, version.title)
    touch(article)


def _name(article: Article, title: str) -> None:
    """Give the entry the address of its title; the one it had leads there too."""
    base = slugs.slug_of(title)
    if slugs.is_of(article.slug, base):
        return
    number = 1
    while (owner := _owner_of(slugs.numbered(base, number))) not in (None, article.id):
        number += 1
    article.slug = slugs.numbered(base, number)
    if owner is None:
        db.session.add(ArticleSlug(slug=article.slug, article_id=article.id))


def _owner_of(slug: str) -> int | None:
    return db.session.scalar(sa.select(ArticleSlug.article_id).where(ArticleSlug.slug == slug))


def _leave_address(article: Article) -> None:
    """Of a withdrawn entry whose last words go: its address goes with them where it names somebody."""
    if has_known_name(article, _words_of(article.slug)):
        _name(article, f"Fiche retirée {article.id}")


def _erase(actor: Person | None, version: ArticleVersion) -> None:
    _forget_addresses(version.article)
    version.title = ERASED_TITLE
    version.in_brief = version.explanation = version.example = version.actions = ""
    version.change_note = version.remark = ""
    version.references, version.topic_rows, version.typology_rows = [], [], []
    files, version.attachments = list(version.attachments), []
    version.redacted_at = clock.now()
    touch(version)
    db.session.flush()
    for file in files:
        held = sa.select(sa.exists().where(ArticleAttachment.attachment_id == file.id))
        if not db.session.scalar(held):
            purge(file)
    record(version.article, ArticleEventKind.REDACTED, actor, version=version)
    reindex(version.article, is_erasure=True)


def _forget_addresses(article: Article) -> None:
    rows = db.session.scalars(sa.select(ArticleSlug).where(ArticleSlug.article_id == article.id)).all()
    for row in rows:
        if row.slug != article.slug and has_known_name(article, _words_of(row.slug)):
            db.session.delete(row)


def _words_of(slug: str) -> str:
    return slug.replace("-", " ")
