"""One entry as it is read: its version in force, what changed, what its reader said of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, lazyload

from helpdesk import clock
from helpdesk.accounts.models import Person
from helpdesk.attachments.models import Attachment
from helpdesk.db import db, read
from helpdesk.errors import NotFound
from helpdesk.kb import perms
from helpdesk.kb.enums import ArticleEventKind, ArticleState, Stage
from helpdesk.kb.models import (
    Article,
    ArticleEvent,
    ArticleSlug,
    ArticleVersion,
    ReaderVisit,
    ReviewItem,
    Vote,
)
from helpdesk.kb.queries.lists import IS_IN_FORCE, EntryRow, rows_of
from helpdesk.kb.queries.one import published_version
from helpdesk.reference.zones import PARIS
from helpdesk.tickets.queries import NAME_ONLY

CHANGES_SHOWN = 8
REPLACEMENTS_FOLLOWED = 10
REVISED, CONFIRMED = "Texte revu", "Relecture, sans changement"


@dataclass(frozen=True)
class Change:
    """A line of « Ce qui a changé »; *note* empty: the first publication."""

    on: date
    note: str


def get_known(person: Person | None, slug: str) -> Article:
    """The entry of any of its addresses, if *person* reads it, or could read it before its withdrawal.

    :raises NotFound: otherwise.
    """
    article = db.session.scalar(_by_slug(slug)) if slug.isprintable() else None
    if article is None or not perms.can_know_of(person, article):
        raise NotFound
    return article


def get_readable_entry(person: Person | None, slug: str) -> Article:
    """The entry of any of its addresses, if *person* reads it.

    :raises NotFound: otherwise.
    """
    article = get_known(person, slug)
    if not perms.can_read(person, article):
        raise NotFound
    return article


def version_in_force(article: Article) -> ArticleVersion:
    """The words that readers see.

    :raises NotFound: while there are none.
    """
    version = published_version(article, joinedload(ArticleVersion.approved_by).options(*NAME_ONLY))
    if version is None:
        raise NotFound
    return version


def readable_attachment(person: Person | None, slug: str, attachment_id: int) -> Attachment:
    """A file of the version in force of an entry that *person* reads.

    :raises NotFound: for any other.
    """
    version = version_in_force(get_readable_entry(person, slug))
    for one in version.attachments:
        if one.id == attachment_id:
            return one
    raise NotFound


def replacement_of(person: Person | None, article: Article) -> EntryRow | None:
    """What replaces a withdrawn entry, followed as far as it was replaced in its turn; only what *person* reads."""
    seen = {article.id}
    while article.state is ArticleState.WITHDRAWN and article.replaced_by is not None:
        article = article.replaced_by
        if article.id in seen or len(seen) > REPLACEMENTS_FOLLOWED:
            return None
        seen.add(article.id)
    return next(iter(rows_of(person, [article.id])), None) if len(seen) > 1 else None


def changes_of(article: Article) -> list[Change]:
    """When the entry was published, revised, or found still true, the latest first."""
    versions = sa.select(ArticleVersion.published_at, ArticleVersion.change_note, ArticleVersion.number).where(
        ArticleVersion.article_id == article.id, ArticleVersion.stage.in_([Stage.PUBLISHED, Stage.SUPERSEDED])
    )
    latest = versions.order_by(ArticleVersion.number.desc()).limit(CHANGES_SHOWN)
    found = [(at, note, number) for at, note, number in db.session.execute(latest) if at is not None]
    first = min((number for _at, _note, number in found), default=0) if len(found) < CHANGES_SHOWN else 0
    lines = [(at, note or ("" if number == first else REVISED)) for at, note, number in found]
    confirmed = sa.select(ArticleEvent.at).where(
        ArticleEvent.article_id == article.id, ArticleEvent.kind == ArticleEventKind.CONFIRMED
    )
    confirmations = db.session.scalars(confirmed.order_by(ArticleEvent.id.desc()).limit(CHANGES_SHOWN))
    lines += [(at, CONFIRMED) for at in confirmations]
    lines.sort(key=lambda line: line[0], reverse=True)
    return [Change(at.astimezone(PARIS).date(), note) for at, note in lines[:CHANGES_SHOWN]]


def own_vote(person: Person | None, version: ArticleVersion) -> Vote | None:
    """What *person* said of this version; an earlier one starts anew."""
    return db.session.get(Vote, (version.id, person.id)) if person is not None else None


def usefulness(article_id: int) -> tuple[int, int]:
    """How many readers of the version in force found it useful, and how many said anything."""
    useful, total = read(_usefulness(), {"article_id": article_id})[0]
    return useful, total


@cache
def _usefulness() -> sa.Select[int, int]:
    is_in_force = sa.and_(
        ArticleVersion.id == Vote.version_id,
        ArticleVersion.article_id == sa.bindparam("article_id", type_=sa.Integer()),
        ArticleVersion.stage == Stage.PUBLISHED,
    )
    useful = sa.func.count().filter(Vote.is_useful)
    return sa.select(useful, sa.func.count()).select_from(Vote).join(ArticleVersion, is_in_force)


def review_parts(person: Person | None, version: ArticleVersion) -> list[tuple[str, list[EntryRow]]]:
    """The entries of an issue of the review by typology (empty: for everybody), those that *person* reads."""
    select = sa.select(ReviewItem.typology, ReviewItem.article_id).where(ReviewItem.version_id == version.id)
    items = [
        (typology, article_id) for typology, article_id in db.session.execute(select.order_by(ReviewItem.position))
    ]
    rows = {row.id: row for row in rows_of(person, [article_id for _typology, article_id in items])}
    parts: dict[str, list[EntryRow]] = {}
    for typology, article_id in items:
        if article_id in rows:
            parts.setdefault(typology, []).append(rows[article_id])
    return list(parts.items())


def last_visit(person: Person | None) -> date | None:
    """The last day before today on which *person* looked at the knowledge base."""
    visit = db.session.get(ReaderVisit, person.id) if person is not None else None
    if visit is None:
        return None
    return visit.last_on if visit.last_on < clock.today() else visit.previous_on


def is_first_visit_today(person: Person | None) -> bool:
    """Whether a visit is still to be noted."""
    visit = db.session.get(ReaderVisit, person.id) if person is not None else None
    return person is not None and (visit is None or visit.last_on < clock.today())


def entries_with_words(person: Person | None, *, limit: int) -> Sequence[tuple[Article, ArticleVersion]]:
    """The latest entries that *person* reads and that are true today, with their words: for the feed."""
    select = (
        sa.select(Article, ArticleVersion)
        .join(ArticleVersion, IS_IN_FORCE)
        .where(perms.visible_to(person), Article.state == ArticleState.PUBLISHED)
        .options(lazyload(ArticleVersion.references), lazyload(ArticleVersion.attachments))
        .options(lazyload(ArticleVersion.typology_rows))
        .order_by(Article.published_at.desc(), Article.id.desc())
        .limit(limit)
    )
    return [(article, version) for article, version in db.session.execute(select)]


def _by_slug(slug: str) -> sa.Select[Article]:
    return sa.select(Article).join(ArticleSlug, ArticleSlug.article_id == Article.id).where(ArticleSlug.slug == slug)
