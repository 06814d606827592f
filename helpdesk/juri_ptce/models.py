"""Monthly sessions, their slots, appointments, the waiting list, and what a PTCE's question adds to a question."""

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpdesk.accounts.models import Organisation, Person
from helpdesk.attachments.models import Attachment
from helpdesk.db import Base, enum_column
from helpdesk.juri_ptce.ddl import make_without_overlap
from helpdesk.juri_ptce.enums import (
    OCCUPYING,
    QUEUED,
    TO_COME,
    AppointmentStatus,
    DayProblem,
    Medium,
    PartSide,
    SessionStatus,
    WaitingStatus,
)
from helpdesk.tickets.models import Message, Ticket


def _among(statuses: Iterable[StrEnum]) -> sa.TextClause:
    return sa.text(f"status IN ({', '.join(repr(status.value) for status in statuses)})")


_IS_OCCUPYING, _IS_TO_COME, _IS_QUEUED = _among(OCCUPYING), _among(TO_COME), _among(QUEUED)


class JuriSession(Base):
    """The afternoon of a month. Times are UTC; its day is that of Europe/Paris."""

    __tablename__ = "juri_session"
    __table_args__ = (
        sa.CheckConstraint("ends_at > starts_at", name="times"),
        sa.CheckConstraint("cut_off_at <= starts_at", name="cut_off"),
        sa.CheckConstraint("(status = 'cancelled') = (cancelled_at IS NOT NULL)", name="cancelled"),
        sa.Index("ix_juri_session_status_starts", "status", "starts_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column()
    month_on: Mapped[date] = mapped_column(unique=True)
    """The first day of the month it belongs to: the job that makes it twice makes it once."""
    starts_at: Mapped[datetime] = mapped_column(index=True)
    ends_at: Mapped[datetime]
    status: Mapped[SessionStatus] = mapped_column(enum_column(SessionStatus, "juri_session_status"))
    problem: Mapped[DayProblem | None] = mapped_column(enum_column(DayProblem))
    """Why its first Tuesday needed a decision."""
    cut_off_at: Mapped[datetime]
    """Until when a question reaches this session, so that it can be prepared."""
    place: Mapped[str] = mapped_column(default="")
    """Where the jurists sit; empty: each where they are."""
    video_link: Mapped[str] = mapped_column(default="")
    """One link for the whole session; empty: each video call gets a room of its own."""
    cancelled_at: Mapped[datetime | None]
    cancelled_reason: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 (SQLAlchemy's own protocol)

    slots: Mapped[list["Slot"]] = relationship(back_populates="session", order_by="Slot.starts_at")
    hosts: Mapped[list["SessionHost"]] = relationship(cascade="all, delete-orphan", order_by="SessionHost.person_id")

    @property
    def present(self) -> list[Person]:
        """Those who will be there."""
        return [host.person for host in self.hosts if not host.is_absent]


class SessionHost(Base):
    """A jurist of either network who holds the session; absent: was expected, and will not be there."""

    __tablename__ = "juri_session_host"

    session_id: Mapped[int] = mapped_column(sa.ForeignKey("juri_session.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), primary_key=True, index=True)
    is_absent: Mapped[bool] = mapped_column(default=False)

    person: Mapped[Person] = relationship()


class Slot(Base):
    """A time at which as many calls may be held as it has seats. No session: an emergency call."""

    __tablename__ = "juri_slot"
    __table_args__ = (
        sa.UniqueConstraint("session_id", "starts_at"),
        sa.CheckConstraint("ends_at > starts_at", name="times"),
        sa.CheckConstraint("seats >= 1", name="seats"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int | None] = mapped_column(sa.ForeignKey("juri_session.id"))
    starts_at: Mapped[datetime] = mapped_column(index=True)
    ends_at: Mapped[datetime]
    seats: Mapped[int] = mapped_column(default=1)

    session: Mapped[JuriSession | None] = relationship(back_populates="slots")


class Appointment(Base):
    """A call about a question. Its seat is kept by a partial unique index, the jurists' time by
    :class:`Attendance`. Moving leaves this row ``MOVED`` and makes another with the same *uid*.
    """

    __tablename__ = "juri_appointment"
    __table_args__ = (
        sa.Index(
            "uq_juri_appointment_slot_seat",
            "slot_id",
            "seat",
            unique=True,
            sqlite_where=_IS_OCCUPYING,
            postgresql_where=_IS_OCCUPYING,
        ),
        sa.Index(
            "uq_juri_appointment_ticket_to_come",
            "ticket_id",
            unique=True,
            sqlite_where=_IS_TO_COME,
            postgresql_where=_IS_TO_COME,
        ),
        sa.UniqueConstraint("uid", "sequence"),
        sa.CheckConstraint("seat >= 1", name="seat"),
        sa.CheckConstraint("(status = 'offered') <= (expires_at IS NOT NULL)", name="offer_expires"),
        sa.CheckConstraint("account_message_id IS NULL OR status IN ('held', 'absent')", name="account_of_held"),
        sa.Index("ix_juri_appointment_status", "status"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column()
    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey("ticket.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    """Whose call it is: counted, one to come for each structure and session."""
    slot_id: Mapped[int] = mapped_column(sa.ForeignKey("juri_slot.id"), index=True)
    seat: Mapped[int]
    """From 1 to the seats of the slot."""
    status: Mapped[AppointmentStatus] = mapped_column(enum_column(AppointmentStatus))
    medium: Mapped[Medium] = mapped_column(enum_column(Medium))
    phone: Mapped[str] = mapped_column(default="")
    """The number the service calls."""
    video_link: Mapped[str] = mapped_column(default="")
    uid: Mapped[str] = mapped_column(sa.String(80))
    """Of the invitation: random, and the same through every move."""
    sequence: Mapped[int] = mapped_column(default=0)
    """Of the invitation: one more at each change; also what makes an old link dead."""
    booked_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    """Who gets the invitation on the side of the PTCE."""
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None] = mapped_column(index=True)
    """Until when an offered place is held."""
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    cancelled_reason: Mapped[str] = mapped_column(default="")
    is_late_cancel: Mapped[bool] = mapped_column(default=False)
    """Cancelled by the PTCE past the last day for it: counted apart from an absence."""
    days_reminded_at: Mapped[datetime | None]
    hours_reminded_at: Mapped[datetime | None]
    preparation: Mapped[str] = mapped_column(default="")
    """The jurists' notes before the call; never shown to the PTCE."""
    notes: Mapped[str] = mapped_column(default="")
    """The jurists' notes during the call; never shown to the PTCE."""
    account_due_on: Mapped[date | None]
    """By when the written account is expected, once held."""
    account_message_id: Mapped[int | None] = mapped_column(sa.ForeignKey("message.id"))
    """The answer that gives the account."""

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 (SQLAlchemy's own protocol)

    ticket: Mapped[Ticket] = relationship()
    organisation: Mapped[Organisation] = relationship()
    slot: Mapped[Slot] = relationship()
    booked_by: Mapped[Person | None] = relationship()
    account: Mapped[Message | None] = relationship()
    attendances: Mapped[list["Attendance"]] = relationship(
        cascade="all, delete-orphan", order_by="Attendance.person_id"
    )


class Attendance(Base):
    """A jurist's time taken by an appointment. Two that overlap are refused by the database, see
    :mod:`helpdesk.juri_ptce.ddl`. ``is_occupying`` follows the appointment's status; times are its slot's.
    """

    __tablename__ = "juri_attendance"
    __table_args__ = (
        sa.CheckConstraint("ends_at > starts_at", name="times"),
        sa.Index("ix_juri_attendance_person_starts", "person_id", "starts_at"),
    )

    appointment_id: Mapped[int] = mapped_column(
        sa.ForeignKey("juri_appointment.id", ondelete="CASCADE"), primary_key=True
    )
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), primary_key=True)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    is_occupying: Mapped[bool] = mapped_column(default=True)

    person: Mapped[Person] = relationship()


class Invitation(Base):
    """What a person's calendar was last told of a call, through its moves: who gets the next change and the end, once,
    and with which number.
    """

    __tablename__ = "juri_invitation"

    uid: Mapped[str] = mapped_column(sa.String(80), primary_key=True)
    """Of the appointment, and of those it was moved to."""
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), primary_key=True, index=True)
    sequence: Mapped[int]
    """Of the last file sent, which the next one passes."""
    sent_at: Mapped[datetime]
    """When the last change was told."""
    cancelled_at: Mapped[datetime | None]
    """When the end was told; a later invitation begins anew."""


class CallOffer(Base):
    """A jurist's word that a call is worth it: the asker then chooses a slot, which is confirmed at once."""

    __tablename__ = "juri_call_offer"

    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey("ticket.id", ondelete="CASCADE"), primary_key=True)
    session_id: Mapped[int | None] = mapped_column(sa.ForeignKey("juri_session.id"), index=True)
    """This session alone, even past its cut-off; none: any that can still be reached."""
    medium: Mapped[Medium] = mapped_column(enum_column(Medium, "offer_medium"))
    note: Mapped[str] = mapped_column(default="")
    """For the asker: what to have at hand."""
    offered_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    offered_at: Mapped[datetime]

    ticket: Mapped[Ticket] = relationship()
    offered_by: Mapped[Person] = relationship()


class WaitingEntry(Base):
    """A PTCE that wants a place in a full session, in the order of arrival."""

    __tablename__ = "juri_waiting"
    __table_args__ = (
        sa.Index(
            "uq_juri_waiting_queued",
            "session_id",
            "ticket_id",
            unique=True,
            sqlite_where=_IS_QUEUED,
            postgresql_where=_IS_QUEUED,
        ),
        sa.CheckConstraint("(status = 'offered') <= (appointment_id IS NOT NULL)", name="offer"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(sa.ForeignKey("juri_session.id"))
    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey("ticket.id"), index=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    """Who asked, and gets the offer."""
    status: Mapped[WaitingStatus] = mapped_column(enum_column(WaitingStatus))
    medium: Mapped[Medium] = mapped_column(enum_column(Medium, "waiting_medium"))
    phone: Mapped[str] = mapped_column(default="")
    appointment_id: Mapped[int | None] = mapped_column(sa.ForeignKey("juri_appointment.id"), unique=True)
    created_at: Mapped[datetime]

    session: Mapped[JuriSession] = relationship()
    ticket: Mapped[Ticket] = relationship()
    person: Mapped[Person] = relationship()
    appointment: Mapped[Appointment | None] = relationship()


class PtceDetails(Base):
    """What a PTCE's question adds to a question; its row makes the question one of Juri-PTCE."""

    __tablename__ = "juri_details"

    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey("ticket.id", ondelete="CASCADE"), primary_key=True)
    carrier: Mapped[str] = mapped_column(default="")
    """The structure that carries the PTCE, and its legal form."""
    territory: Mapped[str] = mapped_column(default="")
    involves_authority: Mapped[bool] = mapped_column(default=False)
    """The relation with a local authority is at stake: RTES comes in."""
    amount: Mapped[str] = mapped_column(default="")
    """Of the aid or of the contract, as typed."""
    wished_session_id: Mapped[int | None] = mapped_column(sa.ForeignKey("juri_session.id"), index=True)
    may_be_published: Mapped[bool] = mapped_column(default=False)
    """The PTCE agreed to an anonymised account in the FAQ; no by default."""

    ticket: Mapped[Ticket] = relationship()
    wished_session: Mapped[JuriSession | None] = relationship()


class PtceProfile(Base):
    """What entitles a PTCE to calls, beside the setting ``JURI_ENTITLEMENT``."""

    __tablename__ = "juri_ptce_profile"

    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id", ondelete="CASCADE"), primary_key=True)
    is_network_member: Mapped[bool] = mapped_column(default=False)
    """Of the federation or of RTES."""
    has_charter: Mapped[bool] = mapped_column(default=False)
    """Laureate of the call for expressions of interest, or signatory of the charter; declared by the PTCE."""
    vouched_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    vouched_at: Mapped[datetime | None]

    organisation: Mapped[Organisation] = relationship()
    vouched_by: Mapped[Person | None] = relationship()


class QuestionPart(Base):
    """One network's side of a question; each answerer reads their own alone until both have approved."""

    __tablename__ = "juri_part"
    __table_args__ = (sa.CheckConstraint("approved_at IS NULL OR text <> ''", name="approved_has_text"),)

    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey("ticket.id", ondelete="CASCADE"), primary_key=True)
    side: Mapped[PartSide] = mapped_column(enum_column(PartSide), primary_key=True)
    version: Mapped[int] = mapped_column()
    question: Mapped[str]
    """What this side is asked: all that a partner jurist reads of the question."""
    answerer_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), index=True)
    text: Mapped[str] = mapped_column(default="")
    approved_at: Mapped[datetime | None]
    """When its answerer gave their visa; a change of either text withdraws both."""

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 (SQLAlchemy's own protocol)

    ticket: Mapped[Ticket] = relationship()
    answerer: Mapped[Person | None] = relationship()
    attachments: Mapped[list[Attachment]] = relationship(secondary="juri_part_attachment", order_by=Attachment.id)


class PartAttachment(Base):
    """A file of the question that the federation's jurist lets the partner read."""

    __tablename__ = "juri_part_attachment"
    __table_args__ = (
        sa.ForeignKeyConstraint(["ticket_id", "side"], ["juri_part.ticket_id", "juri_part.side"], ondelete="CASCADE"),
    )

    ticket_id: Mapped[int] = mapped_column(primary_key=True)
    side: Mapped[PartSide] = mapped_column(enum_column(PartSide, "attachment_side"), primary_key=True)
    attachment_id: Mapped[int] = mapped_column(
        sa.ForeignKey("attachment.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class CalendarFeed(Base):
    """The secret address of a jurist's calendar; only the hash of its token is kept. Deleting the row revokes it."""

    __tablename__ = "juri_calendar_feed"

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    created_at: Mapped[datetime]

    person: Mapped[Person] = relationship()


make_without_overlap(Attendance.metadata.tables[Attendance.__tablename__])
