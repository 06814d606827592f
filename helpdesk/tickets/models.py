"""A question, its messages, its history and its clocks."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpdesk.accounts.models import Organisation, Person
from helpdesk.attachments.models import Attachment
from helpdesk.audit.ddl import make_append_only
from helpdesk.db import Base, enum_column
from helpdesk.tickets.deadlines import TargetUnit
from helpdesk.tickets.enums import (
    OPEN_STATUSES,
    ActorRole,
    Audience,
    Channel,
    CloseReason,
    ContactPreference,
    DeadlineKind,
    DraftKind,
    MessageKind,
    Nature,
    Status,
    Tier,
    Verdict,
)
from helpdesk.tickets.response_time import TierTimes

_DUPLICATE = sa.text(f"close_reason IN ('{CloseReason.DUPLICATE.value}')")
_OPEN = sa.text(f"status IN ({', '.join(repr(status.value) for status in OPEN_STATUSES)})")


class TicketCounter(Base):
    """The last number given in a year; incremented in the transaction that creates the question: no gap."""

    __tablename__ = "ticket_counter"

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]


class Ticket(Base):
    """A question, from its arrival to its answer."""

    __tablename__ = "ticket"
    __table_args__ = (
        sa.CheckConstraint("urgency BETWEEN 0 AND 3", name="urgency"),
        sa.CheckConstraint("(status = 'waiting') = (returns_to IS NOT NULL)", name="returns_to"),
        sa.CheckConstraint("(status = 'closed') = (close_reason IS NOT NULL)", name="closed_has_reason"),
        sa.CheckConstraint("(status = 'closed') = (closed_at IS NOT NULL)", name="closed_at"),
        sa.CheckConstraint("answered_at IS NULL OR answered_at >= received_at", name="answered_after_received"),
        sa.CheckConstraint("status <> 'study' OR jurist_id IS NOT NULL", name="study_has_jurist"),
        sa.CheckConstraint("(deadline_kind = 'none') = (deadline_on IS NULL)", name="deadline"),
        sa.Index("ix_ticket_duplicate_received", "received_at", sqlite_where=_DUPLICATE, postgresql_where=_DUPLICATE),
        sa.Index("ix_ticket_open_attention", "attention_at", sqlite_where=_OPEN, postgresql_where=_OPEN),
        sa.Index("ix_ticket_delegation_status_attention", "delegation", "status", "attention_at"),
        sa.Index("ix_ticket_status_attention", "status", "attention_at"),
        sa.Index("ix_ticket_jurist_status_attention", "jurist_id", "status", "attention_at"),
        sa.Index("ix_ticket_delegate_status", "delegate_id", "status"),
        sa.Index("ix_ticket_answered", "answered_at"),
        sa.Index("ix_ticket_status_status_at", "status", "status_at"),
        sa.Index("ix_ticket_organisation_received", "organisation_id", "received_at"),
        sa.Index("ix_ticket_organisation_status", "organisation_id", "status"),
        sa.Index("ix_ticket_search_title", "search_title"),
        sa.Index("ix_ticket_delegation_received", "delegation", "received_at"),
        sa.Index("ix_ticket_asker_received", "asker_id", "received_at"),
        sa.Index("ix_ticket_received", "received_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(sa.String(20), unique=True)
    version: Mapped[int] = mapped_column()
    status: Mapped[Status] = mapped_column(enum_column(Status))
    returns_to: Mapped[Status | None] = mapped_column(enum_column(Status, "returns_to_status"))
    """While waiting: the desk that gets the question back."""

    title: Mapped[str] = mapped_column(sa.String(200))
    search_title: Mapped[str] = mapped_column(sa.String(200))
    excerpt: Mapped[str] = mapped_column(sa.String(160), default="")
    """The beginning of the facts, for the lists."""
    topic: Mapped[str | None] = mapped_column(sa.String(60))
    nature: Mapped[Nature] = mapped_column(enum_column(Nature), default=Nature.STRUCTURE)
    channel: Mapped[Channel] = mapped_column(enum_column(Channel), default=Channel.PORTAL)
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"))
    delegation: Mapped[str | None] = mapped_column(sa.String(40))
    """The delegation in charge, as it was when the question came; empty: the national queue."""
    asker_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    entered_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    """Who typed the question in, when it was not the asker."""
    delegate_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    jurist_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))

    urgency: Mapped[int] = mapped_column(default=0)
    urgency_reason: Mapped[str] = mapped_column(default="")
    is_urgency_confirmed: Mapped[bool] = mapped_column(default=False)
    deadline_kind: Mapped[DeadlineKind] = mapped_column(enum_column(DeadlineKind), default=DeadlineKind.NONE)
    deadline_on: Mapped[date | None]
    """The date the asker gave."""
    deadline_reason: Mapped[str] = mapped_column(default="")
    legal_deadline_on: Mapped[date | None]
    """The date a person of the staff entered or confirmed; it sorts every queue."""
    legal_deadline_source: Mapped[str] = mapped_column(default="")
    preference: Mapped[ContactPreference] = mapped_column(
        enum_column(ContactPreference), default=ContactPreference.WRITTEN
    )
    callback_phone: Mapped[str] = mapped_column(default="")
    callback_slots: Mapped[str] = mapped_column(default="")
    is_sensitive: Mapped[bool] = mapped_column(default=False)
    is_pole_only: Mapped[bool] = mapped_column(default=False)
    is_incomplete: Mapped[bool] = mapped_column(default=False)
    """Typed in during a call, to be completed."""
    written_due_on: Mapped[date | None]
    """An answer was given by phone and is to be confirmed in writing by this day."""

    received_at: Mapped[datetime]
    """The real arrival: portal submit, mail reception, phone call; never the typing-in."""
    created_at: Mapped[datetime]
    status_at: Mapped[datetime]
    """Since when the question has its status."""
    due_at: Mapped[datetime]
    """End of the indicative time of the current round; kept equal to its clock, so that queues sort without a join."""
    attention_at: Mapped[datetime]
    """What the queues sort by: the due date, the legal deadline when it comes first, at once when urgent."""
    last_message_at: Mapped[datetime]
    """Of the last message everyone may read; writing it makes the answer of somebody who has not seen it stale."""
    answered_at: Mapped[datetime | None]
    """When the first complete answer could be read; a reopening does not change it."""
    answer_read_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    close_reason: Mapped[CloseReason | None] = mapped_column(enum_column(CloseReason))
    round: Mapped[int] = mapped_column(default=1)
    duplicate_of_id: Mapped[int | None] = mapped_column(sa.ForeignKey("ticket.id"), index=True)
    follows_id: Mapped[int | None] = mapped_column(sa.ForeignKey("ticket.id"), index=True)
    """The closed question that this one continues, more than ``REOPEN_DAYS`` later."""
    fingerprint: Mapped[str] = mapped_column(sa.String(64), default="")
    """Of structure, title and facts, to recognise the same text sent twice."""

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 (SQLAlchemy's own protocol)

    organisation: Mapped[Organisation] = relationship()
    asker: Mapped[Person | None] = relationship(foreign_keys=[asker_id])
    entered_by: Mapped[Person | None] = relationship(foreign_keys=[entered_by_id])
    delegate: Mapped[Person | None] = relationship(foreign_keys=[delegate_id])
    jurist: Mapped[Person | None] = relationship(foreign_keys=[jurist_id])
    messages: Mapped[list["Message"]] = relationship(back_populates="ticket", order_by="Message.id")
    events: Mapped[list["TicketEvent"]] = relationship(back_populates="ticket", order_by="TicketEvent.id")
    clocks: Mapped[list["ResponseClock"]] = relationship(back_populates="ticket", order_by="ResponseClock.round")
    copies: Mapped[list["TicketCopy"]] = relationship(cascade="all, delete-orphan", lazy="selectin")
    conflicts: Mapped[list["ConflictOfInterest"]] = relationship(cascade="all, delete-orphan", lazy="selectin")
    shares: Mapped[list["TicketShare"]] = relationship(cascade="all, delete-orphan", lazy="selectin")

    @property
    def delegations(self) -> frozenset[str]:
        """The delegation in charge and those in copy."""
        codes = {copy.delegation for copy in self.copies}
        return frozenset(codes | {self.delegation} if self.delegation else codes)

    @property
    def clock(self) -> "ResponseClock":
        """The clock of the current round."""
        return self.clocks[-1]


class TicketCopy(Base):
    """A second delegation that a question concerns: it sees the question, and statistics count it once."""

    __tablename__ = "ticket_copy"

    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey("ticket.id", ondelete="CASCADE"), primary_key=True)
    delegation: Mapped[str] = mapped_column(sa.String(40), primary_key=True, index=True)


class ConflictOfInterest(Base):
    """A person of the staff who may neither see nor take the question."""

    __tablename__ = "conflict_of_interest"

    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey("ticket.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), primary_key=True, index=True)
    declared_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    declared_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(default="")


class TicketShare(Base):
    """Somebody of the structure or its group whom the asker let see a question, a sensitive one included."""

    __tablename__ = "ticket_share"

    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey("ticket.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), primary_key=True, index=True)
    shared_at: Mapped[datetime]


class Message(Base):
    """Something said in a question; append-only. ``published_at`` empty: an answer that waits at the relay."""

    __tablename__ = "message"
    __table_args__ = (
        sa.CheckConstraint("kind <> 'note' OR audience <> 'everyone'", name="note_is_internal"),
        sa.CheckConstraint("kind NOT IN ('answer', 'correction') OR in_brief <> ''", name="answer_in_brief"),
        sa.Index("ix_message_ticket_id_id", "ticket_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey("ticket.id"))
    round: Mapped[int] = mapped_column(default=1)
    kind: Mapped[MessageKind] = mapped_column(enum_column(MessageKind))
    audience: Mapped[Audience] = mapped_column(enum_column(Audience), default=Audience.EVERYONE)
    author_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    author_role: Mapped[ActorRole] = mapped_column(enum_column(ActorRole))
    created_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    body: Mapped[str] = mapped_column(default="")
    """Plain words; of an answer: the accompanying word."""
    in_brief: Mapped[str] = mapped_column(default="")
    explanation: Mapped[str] = mapped_column(default="")
    actions: Mapped[str] = mapped_column(default="")
    references: Mapped[list[str]] = mapped_column(sa.JSON, default=list)
    """Legal references, one text each, e.g. « Code du travail, article L. 5132-15-1 »."""
    law_as_of_on: Mapped[date | None]
    """Of an answer: the day whose law it states."""
    replaces_id: Mapped[int | None] = mapped_column(sa.ForeignKey("message.id"))
    reason: Mapped[str] = mapped_column(default="")
    """Of a correction: why, for the staff."""

    ticket: Mapped[Ticket] = relationship(back_populates="messages")
    author: Mapped[Person | None] = relationship(foreign_keys=[author_id])
    attachments: Mapped[list[Attachment]] = relationship(
        secondary="message_attachment", lazy="selectin", order_by=Attachment.id
    )

    @property
    def author_name(self) -> str | None:
        return self.author.full_name if self.author else None


class MessageAttachment(Base):
    __tablename__ = "message_attachment"

    message_id: Mapped[int] = mapped_column(sa.ForeignKey("message.id", ondelete="CASCADE"), primary_key=True)
    attachment_id: Mapped[int] = mapped_column(
        sa.ForeignKey("attachment.id", ondelete="CASCADE"), primary_key=True, unique=True
    )


class TicketEvent(Base):
    """A line of a question's history. Append-only (triggers); every figure can be computed again from it.

    ``at`` is when it happened, ``recorded_at`` when it was typed; ``tier`` holds the clock from then on.
    """

    __tablename__ = "ticket_event"
    __table_args__ = (sa.Index("ix_ticket_event_ticket_id_id", "ticket_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey("ticket.id"))
    round: Mapped[int]
    kind: Mapped[str] = mapped_column(sa.String(40))
    """A value of :class:`Action` or :class:`EventKind`."""
    from_status: Mapped[Status | None] = mapped_column(enum_column(Status, "from_status"))
    to_status: Mapped[Status] = mapped_column(enum_column(Status, "to_status"))
    tier: Mapped[Tier | None] = mapped_column(enum_column(Tier))
    actor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    actor_role: Mapped[ActorRole] = mapped_column(enum_column(ActorRole))
    at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    data: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)
    """Identifiers and values of enums only, never a person's words."""

    ticket: Mapped[Ticket] = relationship(back_populates="events")
    actor: Mapped[Person | None] = relationship(foreign_keys=[actor_id])


class ResponseClock(Base):
    """The response time of one round: the first answer, or one after a reopening. Seconds, per tier."""

    __tablename__ = "response_clock"
    __table_args__ = (
        sa.CheckConstraint("answered_at IS NULL OR answered_at >= started_at", name="answered_after_start"),
        sa.CheckConstraint(
            "delegation_seconds >= 0 AND pole_seconds >= 0 AND waiting_seconds >= 0 AND relay_seconds >= 0",
            name="no_negative_time",
        ),
        sa.CheckConstraint("(holder IS NULL) = (since_at IS NULL)", name="holder"),
        sa.CheckConstraint("answered_at IS NULL OR holder IS NULL", name="stopped_when_answered"),
        sa.CheckConstraint("(answered_at IS NULL) = (answered_by IS NULL)", name="answered_by_someone"),
        sa.CheckConstraint(
            "(answered_at IS NULL) = (gross_days IS NULL) AND (answered_at IS NULL) = (net_days IS NULL) "
            "AND (answered_at IS NULL OR (0 <= net_days AND net_days <= gross_days))",
            name="days_when_answered",
        ),
        sa.Index("ix_response_clock_started_at", "started_at"),
    )

    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey("ticket.id"), primary_key=True)
    round: Mapped[int] = mapped_column(primary_key=True)
    started_at: Mapped[datetime]
    target_days: Mapped[int]
    target_unit: Mapped[TargetUnit] = mapped_column(enum_column(TargetUnit))
    due_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[Tier | None] = mapped_column(enum_column(Tier, "answered_by"))
    """Delegation or pole."""
    gross_days: Mapped[int | None]
    """From the day of ``started_at`` to that of ``answered_at``, in Europe/Paris: 0 on the same day."""
    net_days: Mapped[int | None]
    """The same less the wait for the asker, whole days rounded up as for the due date; never below 0."""
    holder: Mapped[Tier | None] = mapped_column(enum_column(Tier, "holder_tier"))
    since_at: Mapped[datetime | None]
    delegation_seconds: Mapped[int] = mapped_column(default=0)
    pole_seconds: Mapped[int] = mapped_column(default=0)
    waiting_seconds: Mapped[int] = mapped_column(default=0)
    relay_seconds: Mapped[int] = mapped_column(default=0)
    warned_at: Mapped[datetime | None]
    passed_at: Mapped[datetime | None]
    """When the asker was told that the target had passed."""

    ticket: Mapped[Ticket] = relationship(back_populates="clocks")

    @property
    def times(self) -> TierTimes:
        return TierTimes(
            delegation_seconds=self.delegation_seconds,
            pole_seconds=self.pole_seconds,
            waiting_seconds=self.waiting_seconds,
            relay_seconds=self.relay_seconds,
            holder=self.holder,
            since_at=self.since_at,
        )


class Draft(Base):
    """What somebody is typing: a question not yet sent, or the next message of one. Nothing typed is lost."""

    __tablename__ = "draft"
    __table_args__ = (
        sa.Index(
            "uq_draft_ticket_author_kind",
            "ticket_id",
            "author_id",
            "kind",
            unique=True,
            sqlite_where=sa.text("ticket_id IS NOT NULL"),
            postgresql_where=sa.text("ticket_id IS NOT NULL"),
        ),
        sa.CheckConstraint("(kind = 'question') = (ticket_id IS NULL)", name="question_has_no_ticket"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(32), unique=True)
    """Unguessable: the address of the two-step form, and the idempotency key of its sending."""
    ticket_id: Mapped[int | None] = mapped_column(sa.ForeignKey("ticket.id", ondelete="CASCADE"))
    author_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    kind: Mapped[DraftKind] = mapped_column(enum_column(DraftKind))
    fields: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime] = mapped_column(index=True)

    author: Mapped[Person] = relationship()
    attachments: Mapped[list[Attachment]] = relationship(secondary="draft_attachment", order_by=Attachment.id)


class DraftAttachment(Base):
    __tablename__ = "draft_attachment"

    draft_id: Mapped[int] = mapped_column(sa.ForeignKey("draft.id", ondelete="CASCADE"), primary_key=True)
    attachment_id: Mapped[int] = mapped_column(
        sa.ForeignKey("attachment.id", ondelete="CASCADE"), primary_key=True, unique=True
    )


class Presence(Base):
    """Who has a question open; comfort only, the server's own check protects."""

    __tablename__ = "presence"

    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey("ticket.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    seen_at: Mapped[datetime]
    is_writing: Mapped[bool] = mapped_column(default=False)

    person: Mapped[Person] = relationship()


class Feedback(Base):
    """The asker's word on an answer; the last one counts."""

    __tablename__ = "feedback"

    message_id: Mapped[int] = mapped_column(sa.ForeignKey("message.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), primary_key=True, index=True)
    verdict: Mapped[Verdict] = mapped_column(enum_column(Verdict))
    comment: Mapped[str] = mapped_column(default="")
    given_at: Mapped[datetime]


class Submission(Base):
    """A form already received: the same key again leads to the first result."""

    __tablename__ = "submission"
    __table_args__ = (sa.UniqueConstraint("person_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(sa.String(64))
    ticket_id: Mapped[int | None] = mapped_column(sa.ForeignKey("ticket.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(index=True)


make_append_only(TicketEvent.metadata.tables[TicketEvent.__tablename__])
