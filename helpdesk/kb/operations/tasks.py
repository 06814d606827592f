"""What is left to do on an entry, by its readers, by the law or by an erasure, until somebody has read it again."""

import sqlalchemy as sa

from helpdesk import clock
from helpdesk.accounts.models import Person
from helpdesk.db import db
from helpdesk.kb import mails
from helpdesk.kb.enums import ReportKind
from helpdesk.kb.models import Article, ArticleVersion, Report


def leave_task(
    article: Article, version: ArticleVersion, kind: ReportKind, comment: str, reported_by: Person | None = None
) -> Report:
    """Leave a task for the pole; of a word that identifies somebody the lead is told at once."""
    task = Report(
        article=article,
        version_id=version.id,
        kind=kind,
        comment=comment,
        reported_by=reported_by,
        created_at=clock.now(),
    )
    db.session.add(task)
    db.session.flush()
    if kind is ReportKind.IDENTIFYING:
        mails.identifying_reported(article, version)
    return task


def leave_law_task(article: Article, version: ArticleVersion, words: str) -> None:
    """Note that the law changed; the same words once, dealt with or not."""
    same = sa.exists().where(
        Report.article_id == article.id, Report.kind == ReportKind.LAW_CHANGE, Report.comment == words
    )
    if not db.session.scalar(sa.select(same)):
        leave_task(article, version, ReportKind.LAW_CHANGE, words)


def leave_name_task(article: Article, version: ArticleVersion, labels: tuple[str, ...]) -> None:
    """Have somebody read again a text that readers see and that holds a name learned since."""
    comment = f"La question d’origine a été effacée. Un nom qu’elle connaissait s’y trouve : {', '.join(labels)}."
    leave_task(article, version, ReportKind.IDENTIFYING, comment)


def finish_law_tasks(actor: Person, article: Article) -> None:
    """The entry was confirmed or revised: what the changes of the law had left is done."""
    select = sa.select(Report).where(
        Report.article_id == article.id, Report.kind == ReportKind.LAW_CHANGE, Report.done_at.is_(None)
    )
    for task in db.session.scalars(select):
        task.done_at, task.done_by_id = clock.now(), actor.id
