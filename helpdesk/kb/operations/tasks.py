"""What is left to do on an entry without a reader having asked, until somebody has read it again."""

import sqlalchemy as sa

from helpdesk import clock
from helpdesk.accounts.models import Person
from helpdesk.db import db
from helpdesk.kb import mails
from helpdesk.kb.enums import ReportKind
from helpdesk.kb.models import Article, ArticleVersion, Report


def leave_law_task(article: Article, version: ArticleVersion, words: str) -> None:
    """Note that the law changed; the same words once, dealt with or not."""
    same = sa.exists().where(
        Report.article_id == article.id, Report.kind == ReportKind.LAW_CHANGE, Report.comment == words
    )
    if db.session.scalar(sa.select(same)):
        return
    db.session.add(
        Report(
            article_id=article.id,
            version_id=version.id,
            kind=ReportKind.LAW_CHANGE,
            comment=words,
            created_at=clock.now(),
        )
    )
    db.session.flush()


def leave_name_task(article: Article, version: ArticleVersion, labels: tuple[str, ...]) -> None:
    """Have somebody read again a text that readers see and that holds a name learned since; the lead is told."""
    places = ", ".join(labels)
    db.session.add(
        Report(
            article_id=article.id,
            version_id=version.id,
            kind=ReportKind.IDENTIFYING,
            comment=f"La question d’origine a été effacée. Un nom qu’elle connaissait s’y trouve : {places}.",
            created_at=clock.now(),
        )
    )
    mails.identifying_reported(article, version)


def finish_law_tasks(actor: Person, article: Article) -> None:
    """The entry was confirmed or revised: what the changes of the law had left is done."""
    select = sa.select(Report).where(
        Report.article_id == article.id, Report.kind == ReportKind.LAW_CHANGE, Report.done_at.is_(None)
    )
    for task in db.session.scalars(select):
        task.done_at, task.done_by_id = clock.now(), actor.id
