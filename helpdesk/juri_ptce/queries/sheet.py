"""The sheet of a session: each call with its question, its documents and what was answered to others, as far as its
reader may see.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, lazyload, selectinload

from helpdesk.accounts.models import Organisation, Person
from helpdesk.attachments.models import Attachment
from helpdesk.db import db, read
from helpdesk.errors import NotFound
from helpdesk.juri_ptce import perms
from helpdesk.juri_ptce.enums import OCCUPYING, TO_COME, AppointmentStatus
from helpdesk.juri_ptce.models import Appointment, Attendance, JuriSession, PtceDetails, QuestionPart, SessionHost, Slot
from helpdesk.juri_ptce.queries.parts import parts_of_many
from helpdesk.reference import get_reference
from helpdesk.reference.types import Departement
from helpdesk.tickets import perms as ticket_perms
from helpdesk.tickets.models import Message, MessageAttachment, Ticket
from helpdesk.tickets.queries.alike import answered_alike
from helpdesk.tickets.queries.near import NearRow
from helpdesk.tickets.queries.rows import IS_OPEN, NAME_ONLY, SENSITIVE_TITLE

ALIKE_SHOWN, WISHES_MAX_COUNT, FILES_MAX_COUNT = 3, 20, 50


class SheetFile(NamedTuple):
    """A file of a question, to be offered."""

    ticket_id: int
    id: int
    name: str
    size_bytes: int


class Wish(NamedTuple):
    """A question that was asked for this session, and has no slot."""

    reference: str
    title: str
    organisation: str


@dataclass(frozen=True)
class Line:
    """A call as its reader may see it."""

    appointment: Appointment
    has_question: bool
    """Whether the reader sees the question; a partner jurist reads their part alone."""
    details: PtceDetails | None = None
    files: Sequence[SheetFile] = ()
    alike: Sequence[NearRow] = ()
    parts: Sequence[QuestionPart] = ()

    @property
    def ticket(self) -> Ticket:
        return self.appointment.ticket

    @property
    def place(self) -> Departement:
        """Where the PTCE is: its clock."""
        return get_reference().departements[self.appointment.organisation.departement]

    @property
    def title(self) -> str:
        """Of the question, masked in a list when it is sensitive."""
        return SENSITIVE_TITLE if self.ticket.is_sensitive else self.ticket.title

    @property
    def video_link(self) -> str:
        """Its own room, or that of the whole session."""
        session = self.appointment.slot.session
        return self.appointment.video_link or (session.video_link if session else "")


@dataclass(frozen=True)
class Sheet:
    """Everything that the jurists have at hand on the day."""

    session: JuriSession
    lines: Sequence[Line]
    wishes: Sequence[Wish] = field(default_factory=tuple)

    @property
    def to_confirm(self) -> Sequence[Line]:
        return [line for line in self.lines if line.appointment.status is AppointmentStatus.REQUESTED]


def sheet_of(person: Person, session_id: int) -> Sheet:
    """The sheet of a session under the rights of *person*.

    :raises NotFound: when there is no such session, or it is not for *person* to see.
    """
    session = db.session.scalar(
        sa.select(JuriSession)
        .where(JuriSession.id == session_id)
        .options(selectinload(JuriSession.hosts).joinedload(SessionHost.person).options(*NAME_ONLY))
    )
    if session is None or not perms.can_see_sessions(person):
        raise NotFound
    found = _appointments(person).where(Slot.session_id == session_id, Appointment.status.in_(OCCUPYING))
    lines = _lines(person, db.session.scalars(found).unique().all())
    return Sheet(session, lines, _wishes(person, session_id))


def line_of(person: Person, appointment_id: int) -> Line:
    """One call under the rights of *person*, in any status.

    :raises NotFound: when there is none, or it is not for *person* to see.
    """
    found = db.session.scalars(_appointments(person).where(Appointment.id == appointment_id)).unique().all()
    lines = _lines(person, found)
    if not lines:
        raise NotFound
    return lines[0]


def _appointments(person: Person) -> sa.Select[Appointment]:
    ticket = joinedload(Appointment.ticket)
    if person.is_pole:  # its rights ask nothing of them
        ticket = ticket.options(lazyload(Ticket.copies), lazyload(Ticket.shares))
    return (
        sa.select(Appointment)
        .join(Slot, Slot.id == Appointment.slot_id)
        .options(
            joinedload(Appointment.slot).joinedload(Slot.session),
            joinedload(Appointment.account),
            joinedload(Appointment.organisation),
            joinedload(Appointment.booked_by).options(*NAME_ONLY),
            selectinload(Appointment.attendances).joinedload(Attendance.person).options(*NAME_ONLY),
            ticket.joinedload(Ticket.organisation),
        )
        .order_by(Slot.starts_at, Appointment.seat, Appointment.id)
    )


def _lines(person: Person, appointments: Sequence[Appointment]) -> list[Line]:
    parts = parts_of_many([one.ticket_id for one in appointments])
    seen = [one for one in appointments if perms.can_see_appointment(person, one, parts[one.ticket_id])]
    whole = [one.ticket_id for one in seen if ticket_perms.is_staff_on(person, one.ticket)]
    details, files = _details(whole), _files(whole)
    alike = answered_alike(person, whole, limit=ALIKE_SHOWN)
    return [
        Line(
            one,
            one.ticket_id in whole,
            details.get(one.ticket_id),
            [file for file in files if file.ticket_id == one.ticket_id],
            alike.get(one.ticket_id, []),
            parts[one.ticket_id],
        )
        for one in seen
    ]


def _details(ticket_ids: Sequence[int]) -> dict[int, PtceDetails]:
    select = sa.select(PtceDetails).where(PtceDetails.ticket_id.in_(ticket_ids))
    return {one.ticket_id: one for one in db.session.scalars(select)} if ticket_ids else {}


def _files(ticket_ids: Sequence[int]) -> list[SheetFile]:
    """The files of the messages: for the pole, which reads them all."""
    rows = read(_files_of(), {"ticket_ids": ticket_ids, "most": FILES_MAX_COUNT}) if ticket_ids else []
    return [SheetFile._make(row) for row in rows]


@cache
def _files_of() -> sa.Select[Any]:
    columns: tuple[Any, ...] = (Message.ticket_id, Attachment.id, Attachment.name, Attachment.size_bytes)
    return (
        sa.select(*columns)
        .join(MessageAttachment, MessageAttachment.attachment_id == Attachment.id)
        .join(Message, Message.id == MessageAttachment.message_id)
        .where(Message.ticket_id.in_(sa.bindparam("ticket_ids", expanding=True)), Attachment.purged_at.is_(None))
        .order_by(Attachment.id.desc())
        .limit(sa.bindparam("most", type_=sa.Integer()))
    )


def _wishes(person: Person, session_id: int) -> list[Wish]:
    """The questions asked for the session, the earliest first; a partner jurist sees none."""
    is_to_come = sa.exists().where(Appointment.ticket_id == Ticket.id, Appointment.status.in_(TO_COME))
    title = sa.case((Ticket.is_sensitive, SENSITIVE_TITLE), else_=Ticket.title)
    select = (
        sa.select(Ticket.reference, title, Organisation.name)
        .join(PtceDetails, PtceDetails.ticket_id == Ticket.id)
        .join(Organisation, Organisation.id == Ticket.organisation_id)
        .where(PtceDetails.wished_session_id == session_id, IS_OPEN, ~is_to_come, ticket_perms.visible_to(person))
        .order_by(Ticket.id)
        .limit(WISHES_MAX_COUNT)
    )
    return [Wish._make(row) for row in db.session.execute(select)] if person.is_pole else []
