"""The corpus « articles »: what of the entries is indexed, and who may find it."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from helpdesk.accounts.models import Person
from helpdesk.db import db
from helpdesk.kb import perms
from helpdesk.kb.enums import READABLE_STATES, ArticleState, Stage
from helpdesk.kb.legal_references import LegalReference
from helpdesk.kb.models import Article, ArticleReference, ArticleVersion
from helpdesk.kb.plain import plain_words
from helpdesk.kb.queries.lists import conditions_of_any
from helpdesk.reference import get_reference
from helpdesk.search.corpora import Corpus, Document, Filters, declare
from helpdesk.search.ranking import LOWERED

PLAIN_WORDS = 6
_STAMPED: tuple[Any, ...] = (Article.id, Article.version)
_IS_IN_FORCE = sa.and_(ArticleVersion.article_id == Article.id, ArticleVersion.stage == Stage.PUBLISHED)


def documents(ids: Sequence[int]) -> list[Document]:
    """The entries among *ids* that anyone may read; a draft or a withdrawn one is in no index."""
    select = sa.select(Article, ArticleVersion).join(ArticleVersion, _IS_IN_FORCE)
    select = select.where(Article.id.in_(ids), Article.state.in_(READABLE_STATES))
    return [_document(article, version) for article, version in db.session.execute(select)]


def ids_after(last_id: int, limit: int) -> list[int]:
    """The next entries to index."""
    select = sa.select(Article.id).where(Article.id > last_id, Article.state.in_(READABLE_STATES))
    return list(db.session.scalars(select.order_by(Article.id).limit(limit)))


def visible(person: Person | None, filters: Filters) -> sa.Select[Any]:
    """Identifier and stamp of what *person* may read."""
    select = sa.select(*_STAMPED).join(ArticleVersion, _IS_IN_FORCE)
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


def _document(article: Article, version: ArticleVersion) -> Document:
    parts = (version.in_brief, version.explanation, version.example, version.actions)
    cited = (f"{_title(one)} {one.label if one.article else ''}" for one in version.references)
    every_typology = tuple(get_reference().typologies)
    facets: dict[str, tuple[str, ...]] = {
        "topic": version.topics,
        "typology": version.typologies or every_typology,
        "kind": (article.kind.value,),
    }
    if article.state is ArticleState.UNDER_REVIEW:
        facets[LOWERED] = ("1",)
    return Document(
        id=article.id,
        stamp=article.version,
        title=version.title,
        body="\n".join([*(plain_words(part) for part in parts if part), *cited]),
        on=article.up_to_date_on or version.up_to_date_on,
        facets=facets,
    )


def _title(one: ArticleReference) -> str:
    return LegalReference(code=one.code, article=one.article, label=one.label).title


declare(Corpus(name="articles", documents=documents, ids=ids_after, visible=visible, plain=plain))
