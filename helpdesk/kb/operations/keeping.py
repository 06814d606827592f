"""Kept true: reviews opened, entries confirmed, owners reminded, changes of the law taken in."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import sqlalchemy as sa
import structlog

from helpdesk import clock
from helpdesk.accounts.models import Person
from helpdesk.db import db, transaction
from helpdesk.errors import BadInput
from helpdesk.formats import day_text
from helpdesk.kb import mails, perms, queries, review
from helpdesk.kb.enums import READABLE_STATES, ArticleAction, ArticleEventKind, ArticleState
from helpdesk.kb.importing.law_changes import LawChange
from helpdesk.kb.models import Article
from helpdesk.kb.operations.history import check_version, record, reindex, turn
from helpdesk.kb.operations.publishing import checked_reason
from helpdesk.kb.operations.tasks import finish_law_tasks, leave_law_task
from helpdesk.tickets.operations.history import require, settings

BATCH = 500

log = structlog.get_logger(__name__)


def open_reviews(actor: Person | None, articles: Sequence[Article], reason: str) -> list[Article]:
    """Put published entries under review, all or none, with the *reason* that their readers see; no actor: a command.

    Those under review already keep their own reason. Returns those that changed.

    :raises NotAllowed: for anybody but the pole, and in a conflict of interest.
    :raises BadInput: without an entry or a reason, or when the reason names somebody of a question behind them.
    """
    with transaction():
        opened = [article for article in articles if article.state is ArticleState.PUBLISHED]
        if not opened:
            raise BadInput("Cochez au moins une fiche publiée.", field="entries")
        require(actor is None or all(perms.can_open_review(actor, article) for article in opened))
        for article in opened:
            words = checked_reason(article, reason)
            turn(article, ArticleAction.OPEN_REVIEW)
            article.review_opened_at, article.review_reason = clock.now(), words
            # The owner is told at the next round, however lately they were reminded.
            article.reminded_at = None
            record(article, ArticleEventKind.REVIEW_OPENED, actor)
        reindex(*opened)
    return opened


def confirm(actor: Person, article: Article, *, seen_version: int | None = None) -> None:
    """Say that an entry is still true as it stands: a new « à jour au », a new day of review, no banner.

    The tasks that a change of the law had left on it are done.

    :raises NotAllowed: for anybody but the pole, and in a conflict of interest.
    :raises Conflict: when the entry changed since *seen_version*.
    """
    with transaction():
        check_version(article, seen_version)
        require(perms.can_confirm(actor, article))
        turn(article, ArticleAction.CONFIRM)
        find_true(article, clock.today(), queries.version_in_force(article).topics)
        finish_law_tasks(actor, article)
        record(article, ArticleEventKind.CONFIRMED, actor)
        reindex(article)


def find_true(article: Article, on: date, topics: Iterable[str]) -> None:
    """Somebody found the entry true *on* that day: it is read again after the months of its *topics*."""
    article.up_to_date_on = on
    article.review_on = review.review_on(on, topics, settings().review_months)
    article.reminded_at = None


def remind_owners() -> int:
    """Tell who keeps an entry that its review is due, or that it is under review; once a week at most.

    Returns how many entries somebody was told of.
    """
    before = clock.now() - timedelta(days=review.REMINDER_DAYS)
    is_due = sa.or_(Article.review_on <= clock.today(), Article.state == ArticleState.UNDER_REVIEW)
    condition = sa.and_(
        Article.state.in_(READABLE_STATES),
        is_due,
        sa.or_(Article.reminded_at.is_(None), Article.reminded_at <= before),
    )
    ids = db.session.scalars(sa.select(Article.id).where(condition).order_by(Article.id).limit(BATCH)).all()
    db.session.commit()
    return sum(_remind(article_id, condition) for article_id in ids)


def _remind(article_id: int, condition: sa.ColumnElement[bool]) -> bool:
    with transaction():
        # Not through the entry: whoever is writing on it must not lose their version over a reminder.
        claim = sa.update(Article).where(Article.id == article_id, condition).values(reminded_at=clock.now())
        claimed = db.session.execute(
            claim.returning(Article.id), execution_options={"synchronize_session": False}
        ).scalar()
        if claimed is None:
            return False
        article = db.session.get_one(Article, article_id, populate_existing=True)
        is_told = mails.review_due(article, queries.version_in_force(article))
    if not is_told:
        log.info("review_due_untold", article_id=article_id)
    return is_told


@dataclass
class LawReport:
    """What a file of changes did, or would do: the entries of each change, by what became of them."""

    opened: dict[str, list[str]] = field(default_factory=dict)
    """By change: the addresses of the entries put under review."""
    noted: dict[str, list[str]] = field(default_factory=dict)
    """Under review already: a task was added."""
    read_since: dict[str, list[str]] = field(default_factory=dict)
    """Read again since the change was in force: left alone."""
    uncited: list[str] = field(default_factory=list)
    """Changes of texts that no entry cites."""
    is_applied: bool = False


class _DryRun(Exception):
    """Undoes everything: the report is that of a real run."""


def apply_law_changes(changes: Sequence[LawChange], *, is_applied: bool) -> LawReport:
    """Put under review every published entry that cites a changed text, each with a task; all or nothing.

    The same file again changes nothing more. Without *is_applied* all is tried and undone.
    """
    report = LawReport(is_applied=is_applied)
    try:
        with transaction():
            for change in changes:
                _apply(change, report)
            _stop_unless(is_applied)
    except _DryRun:
        db.session.expire_all()
    return report


def _stop_unless(is_applied: bool) -> None:
    if not is_applied:
        raise _DryRun


def _apply(change: LawChange, report: LawReport) -> None:
    articles = queries.articles_citing(queries.CitedText(change.key, change.code, change.text_id))
    if not articles:
        report.uncited.append(change.title)
    for article in articles:
        is_read_since = article.up_to_date_on is not None and article.up_to_date_on >= change.in_force_on
        if is_read_since:
            outcome = report.read_since
        elif article.state is ArticleState.PUBLISHED:
            _open_review(article, change)
            outcome = report.opened
        else:
            outcome = report.noted
        outcome.setdefault(change.title, []).append(article.slug)
        if not is_read_since:
            leave_law_task(article, queries.version_in_force(article), reason_of(change))


def _open_review(article: Article, change: LawChange) -> None:
    try:
        open_reviews(None, [article], reason_of(change))
    except BadInput as refusal:
        raise BadInput(f"{change.title}, fiche « {article.slug} » : {refusal.message}") from refusal


def reason_of(change: LawChange) -> str:
    """What the banner says: since when, what, and why."""
    verb = "a changé le" if change.in_force_on <= clock.today() else "change le"
    return f"{change.title} : {verb} {day_text(change.in_force_on)}. {change.reason}"
