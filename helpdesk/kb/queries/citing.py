"""Who cites a text: the entries, and the answers that members got. Under the rights of the jurist who asks."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased, joinedload, lazyload

from helpdesk import clock
from helpdesk.accounts.models import Organisation, Person
from helpdesk.db import db
from helpdesk.kb import perms
from helpdesk.kb.citations import slugs_in
from helpdesk.kb.enums import READABLE_STATES, ArticleState, Stage
from helpdesk.kb.legal_references import LegalReference, canonical_code, key_of, parse_lines
from helpdesk.kb.models import Article, ArticleReference, ArticleSlug, ArticleVersion
from helpdesk.tickets import perms as ticket_perms
from helpdesk.tickets.enums import MessageKind
from helpdesk.tickets.models import Message, Ticket
from helpdesk.tickets.queries import NAME_ONLY, SENSITIVE_TITLE

PAGE_SIZE = 50
TOLD_DAYS = 183
TOLD_MAX_COUNT = 300
_SPACED = re.compile(r"(?<=\d)\s+(?=\d)")
"""« l 5132 15 1 », as the search reads it too."""

_REFERENCES_ONLY = tuple(
    lazyload(rows) for rows in (ArticleVersion.topic_rows, ArticleVersion.typology_rows, ArticleVersion.attachments)
)


@dataclass(frozen=True)
class CitedText:
    """What is looked for: an article by its key, of one *code* or of all, or a text by its identifier."""

    key: str = ""
    code: str = ""
    text_id: str = ""

    @classmethod
    def asked(cls, article: str, code: str = "", text_id: str = "") -> "CitedText":
        """From the words of a form; an identifier may be typed where the article is expected: « 2024-364 » is both."""
        # A NUL would be an error of the database.
        article, code, text_id = ("".join(filter(str.isprintable, one)) for one in (article, code, text_id))
        key = key_of(_SPACED.sub("-", article))
        if not key[:1].isalpha() and not text_id:
            text_id = article.strip()
        return cls(key=key, code=canonical_code(code) if code.strip() else "", text_id=text_id.strip()[:60])

    @property
    def is_empty(self) -> bool:
        return not (self.key or self.text_id)

    def is_cited_by(self, reference: LegalReference) -> bool:
        """A reference that names no code may be of any: better one entry too many than one too few."""
        if self.text_id and reference.text_id == self.text_id:
            return True
        return bool(self.key) and reference.key == self.key and (not self.code or reference.code in ("", self.code))


@dataclass(frozen=True)
class CitingRow:
    """An entry that cites the text, and in which words."""

    id: int
    slug: str
    title: str
    state: ArticleState
    up_to_date_on: date
    review_on: date | None
    owner: str
    citations: tuple[str, ...]

    @property
    def can_be_reviewed(self) -> bool:
        return self.state is ArticleState.PUBLISHED


@dataclass(frozen=True)
class ToldRow:
    """A question whose answer cites the text. A sensitive one is masked here."""

    reference: str
    title: str
    organisation: str
    answered_at: datetime
    entry: str
    """Title of the entry through which the answer cites it; empty: the answer itself does."""


def codes_citing(text: CitedText) -> list[str]:
    """The codes in which published entries cite that article."""
    select = (
        sa.select(ArticleReference.code)
        .join(ArticleVersion, ArticleVersion.id == ArticleReference.version_id)
        .where(ArticleVersion.stage == Stage.PUBLISHED, ArticleReference.key == text.key, ArticleReference.code != "")
    )
    return sorted(db.session.scalars(select.distinct())) if text.key else []


def entries_citing(person: Person, text: CitedText, page: int = 1) -> tuple[list[CitingRow], bool]:
    """The readable entries that cite the text and that *person* may work on, by title; and whether more follow."""
    size, first = PAGE_SIZE, (max(min(page, 400), 1) - 1) * PAGE_SIZE
    select = (
        sa.select(Article, ArticleVersion)
        .join(ArticleVersion, ArticleVersion.article_id == Article.id)
        .where(*_is_cited(text), perms.workable_by(person))
        .options(joinedload(Article.owner).options(*NAME_ONLY), *_REFERENCES_ONLY)
        .order_by(ArticleVersion.title, Article.id)
    )
    found = db.session.execute(select.limit(size + 1).offset(first)).unique().all()
    return [_row(article, version, text) for article, version in found[:size]], len(found) > size


def articles_citing(text: CitedText, person: Person | None = None, ids: Sequence[int] | None = None) -> list[Article]:
    """The same as rows to act on: all of them, or those among *ids*, that *person* may work on (*None*: a command)."""
    select = sa.select(Article).join(ArticleVersion, ArticleVersion.article_id == Article.id).where(*_is_cited(text))
    if person is not None:
        select = select.where(perms.workable_by(person))
    if ids is not None:
        select = select.where(Article.id.in_(ids))
    return list(db.session.scalars(select.order_by(Article.id)))


def members_told(person: Person, text: CitedText) -> list[ToldRow]:
    """The questions answered in the last six months by a text that changed, directly or through an entry.

    Those that *person* sees, the latest first, at most ``TOLD_MAX_COUNT``.
    """
    if text.is_empty:
        return []
    entries = _titles_by_slug(text)
    told: dict[str, ToldRow] = {}
    for answer in db.session.execute(_answers(person, text, has_entries=bool(entries))):
        lines = answer.references
        is_direct = any(text.is_cited_by(one) for one in parse_lines(lines))
        entry = next((entries[slug] for slug in slugs_in(lines) if slug in entries), "")
        if is_direct or entry:
            told.setdefault(answer.reference, _told(answer, "" if is_direct else entry))
        if len(told) == TOLD_MAX_COUNT:
            break
    return list(told.values())


def _is_cited(text: CitedText) -> tuple[sa.ColumnElement[bool], ...]:
    of_version = ArticleReference.version_id == ArticleVersion.id
    by_key = ArticleReference.key == text.key if text.key else sa.false()
    if text.key and text.code:
        by_key = sa.and_(by_key, ArticleReference.code.in_([text.code, ""]))
    by_id = ArticleReference.text_id == text.text_id if text.text_id else sa.false()
    cited = sa.exists().where(of_version, sa.or_(by_key, by_id))
    return (ArticleVersion.stage == Stage.PUBLISHED, Article.state.in_(READABLE_STATES), cited)


def _row(article: Article, version: ArticleVersion, text: CitedText) -> CitingRow:
    references = [row.cited for row in version.references]
    return CitingRow(
        id=article.id,
        slug=article.slug,
        title=version.title,
        state=article.state,
        up_to_date_on=article.up_to_date_on or version.up_to_date_on,
        review_on=article.review_on,
        owner=article.owner.full_name if article.owner else "",
        citations=tuple(one.title for one in references if text.is_cited_by(one)),
    )


def _titles_by_slug(text: CitedText) -> dict[str, str]:
    """Every address that the citing entries ever had, and their titles."""
    select = (
        sa.select(ArticleSlug.slug, ArticleVersion.title)
        .join(Article, Article.id == ArticleSlug.article_id)
        .join(ArticleVersion, ArticleVersion.article_id == Article.id)
        .where(*_is_cited(text))
    )
    return {row.slug: row.title for row in db.session.execute(select)}


def _answers(person: Person, text: CitedText, *, has_entries: bool) -> sa.Select[*tuple[Any, ...]]:
    """Published answers whose references may cite the text: the database narrows, the parser decides."""
    number = re.search(r"\d+(?:-\d+)*", text.key)
    signs = [number[0] if number else "", text.text_id, "/faq/" if has_entries else ""]
    lines = sa.cast(Message.references, sa.Text)
    organisation = aliased(Organisation)
    return (
        sa.select(
            Message.references,
            Message.published_at,
            Ticket.reference,
            Ticket.title,
            Ticket.is_sensitive,
            organisation.name.label("organisation"),
        )
        .join(Ticket, Ticket.id == Message.ticket_id)
        .join(organisation, organisation.id == Ticket.organisation_id)
        .where(
            Message.kind.in_([MessageKind.ANSWER, MessageKind.CORRECTION]),
            Message.published_at >= clock.now() - timedelta(days=TOLD_DAYS),
            sa.or_(*(lines.contains(sign, autoescape=True) for sign in signs if sign)),
            ticket_perms.visible_to(person),
        )
        .order_by(Message.published_at.desc(), Message.id.desc())
    )


def _told(answer: sa.Row[Any], entry: str) -> ToldRow:
    if answer.is_sensitive:
        return ToldRow(answer.reference, SENSITIVE_TITLE, "", answer.published_at, "")
    return ToldRow(answer.reference, answer.title, answer.organisation, answer.published_at, entry)
