"""One entry as the pole works on it: its open draft, its versions, what they were made from."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.sql.base import ExecutableOption

from helpdesk.accounts.models import Person
from helpdesk.db import db
from helpdesk.errors import NotFound
from helpdesk.kb import perms
from helpdesk.kb.enums import OPEN_STAGES, Stage
from helpdesk.kb.models import Article, ArticleEvent, ArticleVersion, Report
from helpdesk.tickets.enums import MessageKind
from helpdesk.tickets.models import Message, Ticket
from helpdesk.tickets.queries import NAME_ONLY

VERSIONS_SHOWN = 50
EVENTS_SHOWN = 100


def get_workable(person: Person, article_id: int) -> Article:
    """An entry that *person* may work on, with what the permission functions need.

    :raises NotFound: when there is none, or it is not theirs to work on.
    """
    select = (
        sa.select(Article)
        .where(Article.id == article_id, perms.workable_by(person))
        .options(
            joinedload(Article.owner).options(*NAME_ONLY),
            joinedload(Article.source_ticket),
            joinedload(Article.replaced_by),
            selectinload(Article.versions).options(
                joinedload(ArticleVersion.author).options(*NAME_ONLY),
                joinedload(ArticleVersion.approved_by).options(*NAME_ONLY),
                joinedload(ArticleVersion.source_message).joinedload(Message.ticket),
            ),
        )
    )
    article = db.session.scalars(select).unique().one_or_none() if 0 < article_id < 2**31 else None
    if article is None:
        raise NotFound
    return article


def open_version(article: Article) -> ArticleVersion | None:
    """The draft under way, whatever its stage; there is one at most."""
    return _one_at(article, OPEN_STAGES)


def published_version(article: Article, *options: ExecutableOption) -> ArticleVersion | None:
    """The version in force; a withdrawn entry has kept its own. *options*: what to load with it."""
    return _one_at(article, (Stage.PUBLISHED,), *options)


def _one_at(article: Article, stages: Sequence[Stage], *options: ExecutableOption) -> ArticleVersion | None:
    select = sa.select(ArticleVersion).where(ArticleVersion.article_id == article.id, ArticleVersion.stage.in_(stages))
    return db.session.scalar(select.options(*options))


def base_version(article: Article) -> ArticleVersion | None:
    """What a new draft starts from: the version in force, else the latest whose text is still there."""
    select = sa.select(ArticleVersion).where(
        ArticleVersion.article_id == article.id, ArticleVersion.redacted_at.is_(None)
    )
    in_force_first = sa.case((ArticleVersion.stage == Stage.PUBLISHED, 0), else_=1)
    return db.session.scalar(select.order_by(in_force_first, ArticleVersion.number.desc()).limit(1))


def get_version(article: Article, number: int) -> ArticleVersion:
    """A version by its number; the caller checks the rights.

    :raises NotFound: when there is none.
    """
    version = db.session.scalar(
        sa.select(ArticleVersion).where(
            ArticleVersion.article_id == article.id, ArticleVersion.number == min(max(number, 0), 2**31 - 1)
        )
    )
    if version is None:
        raise NotFound
    return version


def get_open_version(article: Article) -> ArticleVersion:
    """The draft under way.

    :raises NotFound: when there is none.
    """
    version = open_version(article)
    if version is None:
        raise NotFound
    return version


def version_from(message: Message) -> ArticleVersion | None:
    """The version that was made from an answer, unless it was given up."""
    return db.session.scalar(
        sa.select(ArticleVersion).where(
            ArticleVersion.source_message_id == message.id, ArticleVersion.stage != Stage.ABANDONED
        )
    )


def get_answer(ticket: Ticket, message_id: int) -> Message:
    """An answer of a question, once it was published; the caller checks the rights on the question.

    :raises NotFound: when it is no answer, or another question's.
    """
    message = db.session.scalar(
        sa.select(Message).where(
            Message.id == min(max(message_id, 0), 2**31 - 1),
            Message.ticket_id == ticket.id,
            Message.kind.in_([kind for kind in MessageKind if kind.is_answer]),
            Message.published_at.is_not(None),
        )
    )
    if message is None:
        raise NotFound
    return message


def get_report(person: Person, report_id: int) -> Report:
    """What was reported of an entry that *person* may work on.

    :raises NotFound: otherwise.
    """
    report = db.session.scalar(
        sa.select(Report)
        .join(Article, Article.id == Report.article_id)
        .where(Report.id == min(max(report_id, 0), 2**31 - 1), perms.workable_by(person))
    )
    if report is None:
        raise NotFound
    return report


def made_from(ticket: Ticket) -> Sequence[Article]:
    """The entries with words of a question: born from it, or completed from one of its answers."""
    completed = (
        sa.select(ArticleVersion.article_id)
        .join(Message, Message.id == ArticleVersion.source_message_id)
        .where(Message.ticket_id == ticket.id)
    )
    is_one = sa.or_(Article.source_ticket_id == ticket.id, Article.id.in_(completed))
    return db.session.scalars(sa.select(Article).where(is_one).order_by(Article.id)).all()


def events_of(article: Article) -> Sequence[ArticleEvent]:
    """The latest lines of the history, newest first, with their actors."""
    select = sa.select(ArticleEvent).where(ArticleEvent.article_id == article.id)
    select = select.options(joinedload(ArticleEvent.actor).options(*NAME_ONLY))
    return db.session.scalars(select.order_by(ArticleEvent.id.desc()).limit(EVENTS_SHOWN)).all()
