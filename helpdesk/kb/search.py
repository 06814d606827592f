"""The corpus « articles »: what of the entries is indexed, and who may find it."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from helpdesk.accounts.models import Person
from helpdesk.db import db
from helpdesk.kb import perms
from helpdesk.kb.enums import READABLE_STATES, ArticleState
from helpdesk.kb.models import Article, ArticleReference, ArticleTopic, ArticleTypology, ArticleVersion
from helpdesk.kb.plain import plain_words
from helpdesk.kb.queries.finding import CORPUS
from helpdesk.kb.queries.lists import IS_IN_FORCE, codes_of, conditions_of_any, split_codes
from helpdesk.reference import get_reference
from helpdesk.search.corpora import Corpus, Document, Filters, declare
from helpdesk.search.ranking import LOWERED

PLAIN_WORDS = 6


_STAMPED: tuple[Any, ...] = (Article.id, Article.version)
_COLUMNS: tuple[Any, ...] = (
    Article.id,
    Article.version.label("stamp"),
    Article.state,
    Article.kind,
    Article.up_to_date_on,
    ArticleVersion.id.label("version_id"),
    ArticleVersion.title,
    ArticleVersion.in_brief,
    ArticleVersion.explanation,
    ArticleVersion.example,
    ArticleVersion.actions,
    codes_of(ArticleTopic).label("topics"),
    codes_of(ArticleTypology).label("typologies"),
)


def documents(ids: Sequence[int]) -> list[Document]:
    """The entries among *ids* that anyone may read; a draft or a withdrawn one is in no index."""
    select = sa.select(*_COLUMNS).join(ArticleVersion, IS_IN_FORCE)
    found = db.session.execute(select.where(Article.id.in_(ids), Article.state.in_(READABLE_STATES))).all()
    cited = _citations_of([row.version_id for row in found])
    return [_document(row, cited.get(row.version_id, [])) for row in found]


def ids_after(last_id: int, limit: int) -> list[int]:
    """The next entries to index."""
    select = sa.select(Article.id).where(Article.id > last_id, Article.state.in_(READABLE_STATES))
    return list(db.session.scalars(select.order_by(Article.id).limit(limit)))


def visible(person: Person | None, filters: Filters) -> sa.Select[Any]:
    """Identifier and stamp of what *person* may read."""
    select = sa.select(*_STAMPED).join(ArticleVersion, IS_IN_FORCE)
    select = select.where(
        perms.visible_to(person), *conditions_of_any(filters.topics, filters.typologies, filters.kinds)
    )
    if filters.from_on:
        select = select.where(Article.up_to_date_on >= filters.from_on)
    if filters.until_on:
        select = select.where(Article.up_to_date_on <= filters.until_on)
    return select


def plain(person: Person | None, words: str, limit: int) -> sa.Select[Any]:
    """The same for folded *words* without an index: all of them, however they end."""
    every = (ArticleVersion.search_text.contains(word.rstrip("sx") or word, autoescape=True) for word in words.split())
    select = visible(person, Filters()).where(*list(every)[:PLAIN_WORDS])
    return select.order_by(Article.published_at.desc(), Article.id.desc()).limit(limit)


def _document(row: sa.Row[Any], cited: list[str]) -> Document:
    parts = (row.in_brief, row.explanation, row.example, row.actions)
    facets: dict[str, tuple[str, ...]] = {
        "topic": split_codes(row.topics),
        "typology": split_codes(row.typologies) or tuple(get_reference().typologies),
        "kind": (row.kind.value,),
    }
    if row.state is ArticleState.UNDER_REVIEW:
        facets[LOWERED] = ("1",)
    return Document(
        id=row.id,
        stamp=row.stamp,
        title=row.title,
        body="\n".join([*(plain_words(part) for part in parts if part), *cited]),
        on=row.up_to_date_on,
        facets=facets,
    )


def _citations_of(version_ids: Sequence[int]) -> dict[int, list[str]]:
    """What each version cites, in words."""
    cited: dict[int, list[str]] = {}
    select = sa.select(ArticleReference).where(ArticleReference.version_id.in_(version_ids))
    for one in db.session.scalars(select.order_by(ArticleReference.version_id, ArticleReference.position)):
        title = one.cited.title
        cited.setdefault(one.version_id, []).append(f"{title} {one.label}" if one.article else title)
    return cited


declare(Corpus(name=CORPUS, documents=documents, ids=ids_after, visible=visible, plain=plain, is_watched=True))
