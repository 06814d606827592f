"""Lists of entries under their reader's rights: browsed, most read, new, and how many there are of each sort."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from helpdesk import clock
from helpdesk.accounts.models import Person
from helpdesk.db import db, read
from helpdesk.kb import perms
from helpdesk.kb.enums import ArticleKind, ArticleState, Stage, Visibility
from helpdesk.kb.models import Article, ArticleTopic, ArticleTypology, ArticleVersion, ReadingCount
from helpdesk.reference.zones import PARIS
from helpdesk.search.queries import kept_near

PAGE_SIZE = 20
LAST_PAGE = 200
MOST_READ_DAYS = 90
EVERY = ""
"""Among the counts: all entries together."""
IS_IN_FORCE = sa.and_(ArticleVersion.article_id == Article.id, ArticleVersion.stage == Stage.PUBLISHED)
"""Joins an entry to the words that readers see."""
_STATE = sa.select(sa.func.count(Article.id), sa.func.coalesce(sa.func.sum(Article.version), 0))


@dataclass(frozen=True)
class EntryRow:
    """An entry in a list; *typologies* empty: right for all of them."""

    id: int
    slug: str
    title: str
    kind: ArticleKind
    visibility: Visibility
    state: ArticleState
    topic: str | None
    typologies: tuple[str, ...]
    up_to_date_on: date
    published_at: datetime
    first_published_at: datetime
    review_on: date | None

    @property
    def is_overdue(self) -> bool:
        """Its review is due, and nobody has read it again yet."""
        return self.review_on is not None and self.review_on < clock.today()

    @property
    def is_under_review(self) -> bool:
        return self.state is ArticleState.UNDER_REVIEW

    @property
    def is_revised(self) -> bool:
        """Published again since its first publication."""
        return self.published_at > self.first_published_at


@dataclass(frozen=True)
class EntryFilters:
    """What a list is narrowed to; each empty value narrows nothing. *topic* may be a whole domain."""

    topic: str = ""
    typology: str = ""
    kind: ArticleKind | None = None

    @property
    def is_empty(self) -> bool:
        return not (self.topic or self.typology or self.kind)


@dataclass(frozen=True)
class Census:
    """How many entries somebody may read: of each topic, typology and kind."""

    total: int = 0
    topics: dict[str, int] = field(default_factory=dict)
    typologies: dict[str, int] = field(default_factory=dict)
    kinds: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class EntryPage:
    """One page of a list, in the words of the ``pagination`` macro."""

    rows: Sequence[EntryRow]
    page: int
    total: int
    size: int = PAGE_SIZE

    @property
    def pages(self) -> int:
        return min(max(1, -(-self.total // self.size)), LAST_PAGE)

    @property
    def prev_num(self) -> int | None:
        return self.page - 1 if self.page > 1 else None

    @property
    def next_num(self) -> int | None:
        return self.page + 1 if self.page < self.pages else None


def browse(person: Person | None, filters: EntryFilters, total: int, page: int = 1) -> EntryPage:
    """The entries that *person* may read, the latest first; *total* comes from :func:`census`."""
    asked = EntryPage((), max(page, 1), total)
    number = min(asked.page, asked.pages)
    select = _rows().where(perms.visible_to(person), *conditions(filters))
    select = select.order_by(Article.published_at.desc(), Article.id.desc())
    return replace(asked, page=number, rows=_run(select.limit(PAGE_SIZE).offset((number - 1) * PAGE_SIZE)))


def rows_of(person: Person | None, ids: Sequence[int]) -> list[EntryRow]:
    """The entries among *ids* that *person* may read, in the order of *ids*."""
    found = {row.id: row for row in _run(_rows().where(perms.visible_to(person), Article.id.in_(ids)))} if ids else {}
    return [found[one] for one in ids if one in found]


def most_read(person: Person | None, *, limit: int = 6) -> list[EntryRow]:
    """The entries opened most in the last three months, then the latest; those under review are left out."""
    since = clock.today() - timedelta(days=MOST_READ_DAYS)
    counts = (
        sa.select(ReadingCount.article_id, sa.func.sum(ReadingCount.count).label("count"))
        .where(ReadingCount.on >= since)
        .group_by(ReadingCount.article_id)
        .subquery()
    )
    select = _rows().outerjoin(counts, counts.c.article_id == Article.id)
    select = select.where(perms.visible_to(person), Article.state == ArticleState.PUBLISHED)
    order = (sa.func.coalesce(counts.c.count, 0).desc(), Article.published_at.desc(), Article.id.desc())
    return _run(select.order_by(*order).limit(limit))


def near_question(person: Person | None, ticket_id: int, *, limit: int = 3) -> list[EntryRow]:
    """The entries closest to an open question that *person* may read, as a worker found them; those under review
    are no solution and left out.
    """
    select = _near_question(perms.visibilities_of(person), limit)
    return [_row_of(record) for record in read(select, {"of_ticket_id": ticket_id})]


@cache
def _near_question(visibilities: frozenset[Visibility], limit: int) -> sa.Select[Any]:
    near = kept_near("questions", sa.bindparam("of_ticket_id", type_=sa.Integer()), "articles")
    select = _rows().join(near, near.c.near_id == Article.id).order_by(near.c.rank).limit(limit)
    return select.where(perms.visible_within(visibilities), Article.state == ArticleState.PUBLISHED)


def state_of_entries() -> tuple[int, int]:
    """Changes with every change of an entry, in whatever order they are committed; cheap to read."""
    count, versions = read(_STATE)[0]
    return count, int(versions)


def published_since(person: Person | None, day: date, *, limit: int = 5) -> list[EntryRow]:
    """The entries published or revised since *day* (in Paris), the latest first."""
    since = datetime(day.year, day.month, day.day, tzinfo=PARIS)
    select = _rows().where(
        perms.visible_to(person), Article.state == ArticleState.PUBLISHED, Article.published_at >= since
    )
    return _run(select.order_by(Article.published_at.desc(), Article.id.desc()).limit(limit))


def census(person: Person | None, filters: EntryFilters | None = None) -> Census:
    """Count what *person* may read under *filters*, in one query. An entry for every typology counts for each."""
    filters = filters or EntryFilters()
    under = (perms.visible_to(person), *conditions(filters))
    every = _counted(under, "total", sa.literal(EVERY))
    topics = _counted(under, "topic", ArticleTopic.code).join(ArticleTopic).group_by(ArticleTopic.code)
    code = sa.func.coalesce(ArticleTypology.code, EVERY)
    typologies = _counted(under, "typology", code).outerjoin(ArticleTypology).group_by(code)
    kinds = _counted(under, "kind", sa.cast(Article.kind, sa.String)).group_by(Article.kind)
    found: dict[str, dict[str, int]] = {"total": {}, "topic": {}, "typology": {}, "kind": {}}
    for name, value, count in db.session.execute(sa.union_all(every, topics, typologies, kinds)):
        found[name][value] = count
    for_all = found["typology"].pop(EVERY, 0)
    return Census(
        total=found["total"].get(EVERY, 0),
        topics=found["topic"],
        typologies={code: count + for_all for code, count in found["typology"].items()},
        kinds=found["kind"],
    )


def conditions(filters: EntryFilters) -> list[sa.ColumnElement[bool]]:
    """The conditions of *filters* on an entry and its version in force."""
    return conditions_of_any(*(tuple(filter(None, (one,))) for one in (filters.topic, filters.typology, filters.kind)))


def conditions_of_any(
    topics: Sequence[str], typologies: Sequence[str], kinds: Sequence[str]
) -> list[sa.ColumnElement[bool]]:
    """The same for one of several values each; an empty sequence narrows nothing. A topic may be a whole domain."""
    # Under names of their own: a list shows the rows of the same tables beside.
    topic, typology = aliased(ArticleTopic), aliased(ArticleTypology)
    found: list[sa.ColumnElement[bool]] = []
    if topics:
        families = (topic.code.startswith(f"{code}/", autoescape=True) for code in topics)
        found.append(
            sa.exists().where(topic.version_id == ArticleVersion.id, sa.or_(topic.code.in_(topics), *families))
        )
    if typologies:
        named = sa.exists().where(typology.version_id == ArticleVersion.id)
        found.append(sa.or_(~named, named.where(typology.code.in_(typologies))))
    if kinds:
        found.append(Article.kind.in_(kinds))
    return found


def _counted(under: Sequence[sa.ColumnElement[bool]], name: str, value: Any) -> sa.Select[Any]:
    select = sa.select(sa.literal(name).label("name"), value.label("value"), sa.func.count().label("count"))
    return _in_force(select.select_from(Article)).where(*under)


def _in_force(select: sa.Select[Any]) -> sa.Select[Any]:
    return select.join(ArticleVersion, IS_IN_FORCE)


def codes_of(rows: type[ArticleTopic] | type[ArticleTypology]) -> Any:
    """The codes of a version in one text, for :func:`split_codes`."""
    codes = sa.select(sa.func.aggregate_strings(rows.code, ",")).where(rows.version_id == ArticleVersion.id)
    return codes.correlate(ArticleVersion).scalar_subquery()


def split_codes(joined: str | None) -> tuple[str, ...]:
    return tuple(sorted(joined.split(","))) if joined else ()


def _rows() -> sa.Select[Any]:
    """The columns of :class:`EntryRow`, under nobody's rights yet."""
    select = sa.select(
        Article.id,
        Article.slug,
        ArticleVersion.title,
        Article.kind,
        Article.visibility,
        Article.state,
        ArticleTopic.code.label("topic"),
        codes_of(ArticleTypology).label("typologies"),
        Article.up_to_date_on,
        Article.published_at,
        Article.first_published_at,
        Article.review_on,
    ).select_from(Article)
    main_topic = sa.and_(ArticleTopic.version_id == ArticleVersion.id, ArticleTopic.position == 0)
    return _in_force(select).outerjoin(ArticleTopic, main_topic)


def _run(select: sa.Select[Any]) -> list[EntryRow]:
    return [_row_of(record) for record in db.session.execute(select)]


def _row_of(record: sa.Row[Any]) -> EntryRow:
    values = record._asdict()
    values["typologies"] = split_codes(values["typologies"])
    return EntryRow(**values)
