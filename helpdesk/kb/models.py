"""An entry of the knowledge base, its versions, what they cite, and what readers say of them."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from helpdesk.accounts.models import Person
from helpdesk.attachments.models import Attachment
from helpdesk.audit.ddl import make_append_only
from helpdesk.db import Base, enum_column
from helpdesk.kb.enums import (
    OPEN_STAGES,
    ArticleEventKind,
    ArticleKind,
    ArticleState,
    MarkChoice,
    Origin,
    ReportKind,
    Stage,
    Visibility,
)
from helpdesk.kb.legal_references import LegalReference
from helpdesk.tickets.models import Message, Ticket
from helpdesk.tickets.texts import fold

SEARCHED = ("title", "in_brief", "explanation", "example", "actions")
_IS_OPEN = sa.text(f"stage IN ({', '.join(repr(stage.value) for stage in OPEN_STAGES)})")
_IS_PUBLISHED = sa.text("stage = 'published'")
_IS_TO_DO = sa.text("done_at IS NULL")
_IS_KEPT = sa.text("stage <> 'abandoned'")


def folded_words(words: Mapping[str, str | None]) -> str:
    """``search_text`` of the :data:`SEARCHED` texts."""
    return fold(" ".join(text for name in SEARCHED if (text := words.get(name))))


class Article(Base):
    """An entry, under one address for ever; its words are in its versions."""

    __tablename__ = "article"
    __table_args__ = (
        sa.CheckConstraint("(state = 'withdrawn') = (withdrawn_at IS NOT NULL)", name="withdrawn"),
        sa.CheckConstraint("(state = 'under_review') = (review_opened_at IS NOT NULL)", name="under_review"),
        sa.CheckConstraint("state = 'unpublished' OR published_at IS NOT NULL", name="published"),
        sa.Index("ix_article_state_published", "state", "published_at"),
        sa.Index("ix_article_state_review_on", "state", "review_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(sa.String(120), unique=True)
    """The address in use; the earlier ones lead to it, see :class:`ArticleSlug`."""
    version: Mapped[int] = mapped_column()
    kind: Mapped[ArticleKind] = mapped_column(enum_column(ArticleKind))
    visibility: Mapped[Visibility] = mapped_column(enum_column(Visibility))
    state: Mapped[ArticleState] = mapped_column(enum_column(ArticleState), default=ArticleState.UNPUBLISHED)
    origin: Mapped[Origin] = mapped_column(enum_column(Origin), default=Origin.WRITTEN)
    import_key: Mapped[str | None] = mapped_column(sa.String(64), unique=True)
    """Fingerprint of the sheet it was taken from: the same file again makes no second draft."""
    owner_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), index=True)
    """Who keeps it true and gets the reminders."""
    created_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    created_at: Mapped[datetime]
    source_ticket_id: Mapped[int | None] = mapped_column(sa.ForeignKey("ticket.id", ondelete="SET NULL"), index=True)
    """The question it was born from: seen by the pole only, cut when the question is erased."""

    published_at: Mapped[datetime | None]
    """Of the version in force; kept at the withdrawal."""
    first_published_at: Mapped[datetime | None]
    up_to_date_on: Mapped[date | None]
    """« À jour au »: the last day on which somebody found the text true."""
    review_on: Mapped[date | None]
    reminded_at: Mapped[datetime | None]
    """When the owner was last told that the review is due."""
    review_opened_at: Mapped[datetime | None]
    review_reason: Mapped[str] = mapped_column(default="")
    """Shown in the banner: what changed."""
    withdrawn_at: Mapped[datetime | None]
    withdrawn_reason: Mapped[str] = mapped_column(default="")
    replaced_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("article.id"))

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 (SQLAlchemy's own protocol)

    owner: Mapped[Person | None] = relationship(foreign_keys=[owner_id])
    source_ticket: Mapped[Ticket | None] = relationship()
    replaced_by: Mapped["Article | None"] = relationship(remote_side="Article.id")
    versions: Mapped[list["ArticleVersion"]] = relationship(back_populates="article", order_by="ArticleVersion.number")
    events: Mapped[list["ArticleEvent"]] = relationship(back_populates="article", order_by="ArticleEvent.id")


class ArticleSlug(Base):
    """Every address an entry ever had, the present one included: none is given twice, none dies."""

    __tablename__ = "article_slug"

    slug: Mapped[str] = mapped_column(sa.String(120), primary_key=True)
    article_id: Mapped[int] = mapped_column(sa.ForeignKey("article.id"), index=True)


class ArticleVersion(Base):
    """The words of an entry at one time. A version once published never changes; its text may be erased."""

    __tablename__ = "article_version"
    __table_args__ = (
        sa.UniqueConstraint("article_id", "number"),
        sa.Index(
            "uq_article_version_open", "article_id", unique=True, sqlite_where=_IS_OPEN, postgresql_where=_IS_OPEN
        ),
        sa.Index(
            "uq_article_version_published",
            "article_id",
            unique=True,
            sqlite_where=_IS_PUBLISHED,
            postgresql_where=_IS_PUBLISHED,
        ),
        sa.Index(
            "uq_article_version_source",
            "source_message_id",
            unique=True,
            sqlite_where=_IS_KEPT,
            postgresql_where=_IS_KEPT,
        ),
        sa.CheckConstraint("(stage IN ('published', 'superseded')) = (published_at IS NOT NULL)", name="published_at"),
        sa.CheckConstraint("published_at IS NULL OR approved_by_id IS NOT NULL", name="approved"),
        sa.CheckConstraint("redacted_at IS NULL OR stage IN ('superseded', 'abandoned')", name="redacted"),
        sa.Index("ix_article_version_stage", "stage", "updated_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(sa.ForeignKey("article.id"))
    number: Mapped[int]
    lock_version: Mapped[int] = mapped_column()
    stage: Mapped[Stage] = mapped_column(enum_column(Stage), default=Stage.DRAFT)

    title: Mapped[str] = mapped_column(sa.String(200))
    """The question, as a member asks it."""
    in_brief: Mapped[str] = mapped_column(default="")
    explanation: Mapped[str] = mapped_column(default="")
    example: Mapped[str] = mapped_column(default="")
    actions: Mapped[str] = mapped_column(default="")
    """« Ce que vous pouvez faire », one line each."""
    change_note: Mapped[str] = mapped_column(sa.String(200), default="")
    """« Ce qui a changé », for the readers."""
    search_text: Mapped[str] = mapped_column(default="")
    """The words above without accents nor case: for the search while its index is away."""
    up_to_date_on: Mapped[date]

    author_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    editor_ids: Mapped[list[int]] = mapped_column(sa.JSON, default=list)
    """Everyone who changed a word of it, decided a mark or submitted it: none of them approves it."""
    approved_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    source_message_id: Mapped[int | None] = mapped_column(sa.ForeignKey("message.id", ondelete="SET NULL"))
    """The answer whose words it began with; an entry may be completed from a question it was not born from."""
    remark: Mapped[str] = mapped_column(default="")
    """What the second jurist asked for on sending it back; for the pole alone."""
    restored_from: Mapped[int | None]
    """The number of the version whose words it took again."""
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    redacted_at: Mapped[datetime | None]

    __mapper_args__ = {"version_id_col": lock_version}  # noqa: RUF012

    article: Mapped[Article] = relationship(back_populates="versions")
    author: Mapped[Person | None] = relationship(foreign_keys=[author_id])
    approved_by: Mapped[Person | None] = relationship(foreign_keys=[approved_by_id])
    source_message: Mapped[Message | None] = relationship()
    references: Mapped[list["ArticleReference"]] = relationship(
        cascade="all, delete-orphan", lazy="selectin", order_by="ArticleReference.position"
    )
    topic_rows: Mapped[list["ArticleTopic"]] = relationship(
        cascade="all, delete-orphan", lazy="selectin", order_by="ArticleTopic.position"
    )
    typology_rows: Mapped[list["ArticleTypology"]] = relationship(
        cascade="all, delete-orphan", lazy="selectin", order_by="ArticleTypology.code"
    )
    attachments: Mapped[list[Attachment]] = relationship(
        secondary="article_attachment", lazy="selectin", order_by=Attachment.id
    )
    items: Mapped[list["ReviewItem"]] = relationship(cascade="all, delete-orphan", order_by="ReviewItem.position")
    """Of an issue of the review: what it lists."""

    @validates(*SEARCHED)
    def _fold_for_search(self, key: str, value: str) -> str:
        self.search_text = folded_words({name: getattr(self, name) for name in SEARCHED} | {key: value})
        return value

    @property
    def topics(self) -> tuple[str, ...]:
        """Codes of the reference data, the main one first."""
        return tuple(row.code for row in self.topic_rows)

    @property
    def typologies(self) -> tuple[str, ...]:
        """Codes of the reference data; none: right for all of them."""
        return tuple(row.code for row in self.typology_rows)


class ArticleReference(Base):
    """A text that a version cites: an article of a code, or a law or decree by its number."""

    __tablename__ = "article_reference"
    __table_args__ = (sa.Index("ix_article_reference_key", "key"), sa.Index("ix_article_reference_text", "text_id"))

    version_id: Mapped[int] = mapped_column(sa.ForeignKey("article_version.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(default="")
    """« Code du travail »; empty for a text that is in no code."""
    article: Mapped[str] = mapped_column(default="")
    """« L. 5132-15-1 », as printed."""
    label: Mapped[str] = mapped_column(default="")
    """What it says, or the name of a text that is in no code."""
    url: Mapped[str] = mapped_column(default="")
    key: Mapped[str] = mapped_column(sa.String(60), default="")
    """The article without signs, « L5132-15-1 »; see :mod:`helpdesk.kb.legal_references`."""
    text_id: Mapped[str] = mapped_column(sa.String(60), default="")
    """The identifier of the text where known: « 2024-364 », « LEGIARTI000012345678 »."""

    @property
    def cited(self) -> LegalReference:
        return LegalReference(self.code, self.article, self.label, self.url, self.text_id)


class ArticleTopic(Base):
    __tablename__ = "article_topic"

    version_id: Mapped[int] = mapped_column(sa.ForeignKey("article_version.id", ondelete="CASCADE"), primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(60), primary_key=True, index=True)
    position: Mapped[int]


class ArticleTypology(Base):
    __tablename__ = "article_typology"

    version_id: Mapped[int] = mapped_column(sa.ForeignKey("article_version.id", ondelete="CASCADE"), primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(20), primary_key=True, index=True)


class ArticleAttachment(Base):
    """A file of a version, its metadata cleaned before it was stored."""

    __tablename__ = "article_attachment"

    version_id: Mapped[int] = mapped_column(sa.ForeignKey("article_version.id", ondelete="CASCADE"), primary_key=True)
    attachment_id: Mapped[int] = mapped_column(sa.ForeignKey("attachment.id", ondelete="CASCADE"), primary_key=True)


class MarkDecision(Base):
    """What was decided of a mark. The marked word itself is not kept, only its fingerprint."""

    __tablename__ = "mark_decision"

    article_id: Mapped[int] = mapped_column(sa.ForeignKey("article.id", ondelete="CASCADE"), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    """Keyed hash of the mark's key: whoever reads the table cannot try names."""
    choice: Mapped[MarkChoice] = mapped_column(enum_column(MarkChoice))
    replacement: Mapped[str] = mapped_column(sa.String(200), default="")
    decided_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    decided_at: Mapped[datetime]


class ArticleEvent(Base):
    """A line of an entry's history. Append-only."""

    __tablename__ = "article_event"
    __table_args__ = (sa.Index("ix_article_event_article_id_id", "article_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(sa.ForeignKey("article.id"))
    number: Mapped[int | None]
    """The version, where one is concerned."""
    kind: Mapped[ArticleEventKind] = mapped_column(enum_column(ArticleEventKind))
    actor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    at: Mapped[datetime]
    data: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)
    """Identifiers and values of enums only, never a person's words."""

    article: Mapped[Article] = relationship(back_populates="events")
    actor: Mapped[Person | None] = relationship()


class Vote(Base):
    """A reader's word on a version: a revised entry starts anew."""

    __tablename__ = "vote"

    version_id: Mapped[int] = mapped_column(sa.ForeignKey("article_version.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), primary_key=True, index=True)
    is_useful: Mapped[bool]
    given_at: Mapped[datetime]


class Report(Base):
    """A task for the pole: something is missing, a word identifies somebody, the law changed."""

    __tablename__ = "article_report"
    __table_args__ = (
        sa.Index("ix_article_report_to_do", "created_at", sqlite_where=_IS_TO_DO, postgresql_where=_IS_TO_DO),
        sa.CheckConstraint("(done_at IS NULL) = (done_by_id IS NULL)", name="done"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(sa.ForeignKey("article.id", ondelete="CASCADE"), index=True)
    version_id: Mapped[int | None] = mapped_column(sa.ForeignKey("article_version.id", ondelete="CASCADE"))
    kind: Mapped[ReportKind] = mapped_column(enum_column(ReportKind))
    comment: Mapped[str] = mapped_column(default="")
    reported_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    done_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))

    article: Mapped[Article] = relationship()
    reported_by: Mapped[Person | None] = relationship(foreign_keys=[reported_by_id])


class ReadingCount(Base):
    """How often an entry was opened on a day in Paris; nobody's name."""

    __tablename__ = "reading_count"

    article_id: Mapped[int] = mapped_column(sa.ForeignKey("article.id", ondelete="CASCADE"), primary_key=True)
    on: Mapped[date] = mapped_column(primary_key=True, index=True)
    count: Mapped[int] = mapped_column(default=0)


class ReaderVisit(Base):
    """The last two days on which somebody looked at the knowledge base: « depuis votre dernière visite »."""

    __tablename__ = "reader_visit"

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    last_on: Mapped[date]
    previous_on: Mapped[date | None]


class Suggestion(Base):
    """An entry shown to somebody who was asking. ``asking`` is a hash of the draft's key: it names nobody."""

    __tablename__ = "suggestion"

    asking: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    article_id: Mapped[int] = mapped_column(sa.ForeignKey("article.id", ondelete="CASCADE"), primary_key=True)
    version_id: Mapped[int] = mapped_column(sa.ForeignKey("article_version.id", ondelete="CASCADE"))
    shown_at: Mapped[datetime] = mapped_column(index=True)
    opened_at: Mapped[datetime | None]
    solved_at: Mapped[datetime | None]
    """« Cela répond à ma question »: the question was not sent."""
    sent_at: Mapped[datetime | None]
    """The question was sent all the same."""


class ReviewItem(Base):
    """An entry listed in an issue of the review, under a typology or the general part (empty)."""

    __tablename__ = "review_item"

    version_id: Mapped[int] = mapped_column(sa.ForeignKey("article_version.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(sa.ForeignKey("article.id", ondelete="CASCADE"), index=True)
    typology: Mapped[str] = mapped_column(sa.String(20), default="")

    article: Mapped[Article] = relationship()


make_append_only(ArticleEvent.metadata.tables[ArticleEvent.__tablename__])
