"""What the annual report says of the knowledge base: entries of every sort published and revised, and the most read.

Only what members may read is counted: the entries for the staff alone are no publication.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from helpdesk.db import read
from helpdesk.kb.enums import READABLE_STATES, ArticleEventKind, ArticleKind, Visibility
from helpdesk.kb.models import Article, ArticleEvent, ArticleVersion, ReadingCount
from helpdesk.kb.queries.lists import IS_IN_FORCE
from helpdesk.reporting import Period

_IS_FOR_MEMBERS = Article.visibility != Visibility.INTERNAL


class Work(NamedTuple):
    """Entries, each counted once whatever the number of its versions."""

    published: int = 0
    """For the first time."""
    revised: int = 0
    """In new words, after their first publication."""
    confirmed: int = 0
    """Read again and found true as they were."""


class Reading(NamedTuple):
    """How often an entry was opened."""

    article_id: int
    title: str
    times: int


def work_in(period: Period) -> Mapping[ArticleKind, Work]:
    """What was published, revised and confirmed in *period*, by kind."""
    start, end = period.bounds

    def among(column: Any) -> sa.ColumnElement[bool]:
        return sa.and_(_IS_FOR_MEMBERS, column >= start, column < end)

    count = sa.func.count(Article.id.distinct())
    published = sa.select(Article.kind, count).where(among(Article.first_published_at))
    revised = (
        sa.select(Article.kind, count)
        .join(ArticleVersion, ArticleVersion.article_id == Article.id)
        .where(among(ArticleVersion.published_at), ArticleVersion.published_at > Article.first_published_at)
    )
    confirmed = (
        sa.select(Article.kind, count)
        .join(ArticleEvent, ArticleEvent.article_id == Article.id)
        .where(among(ArticleEvent.at), ArticleEvent.kind == ArticleEventKind.CONFIRMED)
    )
    columns = [_by_kind(select.group_by(Article.kind)) for select in (published, revised, confirmed)]
    return {kind: Work(*(column.get(kind, 0) for column in columns)) for kind in ArticleKind}


def most_read_in(period: Period, limit: int = 10) -> Sequence[Reading]:
    """The entries opened most in *period*, of those that are still to be read, the most opened first."""
    total = sa.func.sum(ReadingCount.count)
    select = (
        sa.select(Article.id, ArticleVersion.title, total)
        .join(ReadingCount, ReadingCount.article_id == Article.id)
        .join(ArticleVersion, IS_IN_FORCE)
        .where(
            ReadingCount.on.between(period.starts_on, period.ends_on),
            Article.state.in_(READABLE_STATES),
            _IS_FOR_MEMBERS,
        )
        .group_by(Article.id, ArticleVersion.title)
        .order_by(total.desc(), Article.id)
        .limit(limit)
    )
    return [Reading(row[0], row[1], int(row[2])) for row in read(select)]


def _by_kind(select: sa.Select[*tuple[Any, ...]]) -> dict[ArticleKind, int]:
    return {kind: count for kind, count in read(select)}  # noqa: C416 (rows are no pairs for mypy)
