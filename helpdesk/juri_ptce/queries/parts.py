"""The parts of a question: for the pole beside the question, for the partner network in a list of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from helpdesk.accounts.enums import Role
from helpdesk.accounts.models import Organisation, Person
from helpdesk.accounts.queries import holders
from helpdesk.attachments.models import Attachment
from helpdesk.db import db
from helpdesk.errors import NotFound
from helpdesk.juri_ptce import perms
from helpdesk.juri_ptce.enums import PartSide
from helpdesk.juri_ptce.models import QuestionPart
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.queries.rows import IS_OPEN, LAST_PAGE, NAME_ONLY, PAGE_SIZE, Page

PARTNERS_MAX_COUNT = 50


@dataclass(frozen=True)
class PartRow:
    """A part in the partner's list: what it is asked, and of the question its reference and structure alone."""

    reference: str
    organisation: str
    question: str
    is_open: bool
    is_written: bool
    approved_at: datetime | None
    answerer_id: int | None


@dataclass(frozen=True)
class Reading:
    """A part as somebody may read it, with the other one."""

    part: QuestionPart
    parts: Sequence[QuestionPart]

    @property
    def other(self) -> QuestionPart:
        return next(one for one in self.parts if one.side is not self.part.side)

    @property
    def is_approved(self) -> bool:
        return perms.are_approved(self.parts)


def parts_of(ticket: Ticket) -> list[QuestionPart]:
    """The parts of a question, the federation's first; none for most questions."""
    return list(db.session.scalars(_parts().where(QuestionPart.ticket_id == ticket.id)))


def parts_of_many(ticket_ids: Sequence[int]) -> dict[int, list[QuestionPart]]:
    """The parts of several questions, by question."""
    found: dict[int, list[QuestionPart]] = {ticket_id: [] for ticket_id in ticket_ids}
    for part in db.session.scalars(_parts().where(QuestionPart.ticket_id.in_(ticket_ids))) if ticket_ids else ():
        found[part.ticket_id].append(part)
    return found


def get_readable_part(person: Person, reference: str, side: PartSide) -> Reading:
    """One part, with the other one.

    :raises NotFound: when there is none, or it is not for *person* to read.
    """
    if not reference.isprintable():  # a NUL would be an error of the database
        raise NotFound
    select = _parts().join(Ticket, Ticket.id == QuestionPart.ticket_id).where(Ticket.reference == reference)
    parts = list(db.session.scalars(select.options(joinedload(QuestionPart.ticket).joinedload(Ticket.organisation))))
    part = next((one for one in parts if one.side is side), None)
    if part is None or not perms.can_read_part(person, part, parts):
        raise NotFound
    return Reading(part, parts)


def shared_file(reading: Reading, attachment_id: int) -> Attachment:
    """A file that the pole lets the answerer of the part read.

    :raises NotFound: for any other.
    """
    found = next((file for file in reading.part.attachments if file.id == attachment_id), None)
    if found is None:
        raise NotFound
    return found


def parts_page(person: Person, number: int = 1) -> Page[PartRow]:
    """The parts of a partner jurist: those to answer first, then the latest."""
    number = min(max(number, 1), LAST_PAGE)
    select = (
        sa.select(
            Ticket.reference,
            Organisation.name,
            QuestionPart.question,
            IS_OPEN.label("is_open"),
            (QuestionPart.text != "").label("is_written"),
            QuestionPart.approved_at,
            QuestionPart.answerer_id,
        )
        .join(Ticket, Ticket.id == QuestionPart.ticket_id)
        .join(Organisation, Organisation.id == Ticket.organisation_id)
        .where(perms.part_visible_to(person))
        .order_by(sa.case((sa.and_(IS_OPEN, QuestionPart.approved_at.is_(None)), 0), else_=1), Ticket.id.desc())
    )
    rows = db.session.execute(select.limit(PAGE_SIZE + 1).offset((number - 1) * PAGE_SIZE)).all()
    return Page([PartRow(*row) for row in rows[:PAGE_SIZE]], number, len(rows) > PAGE_SIZE)


def partner_jurists() -> Sequence[Person]:
    """Those of the partner network, by name."""
    people = sa.select(Person).where(Person.id.in_(holders(Role.PARTNER_JURIST)), Person.is_active)
    found = db.session.scalars(people.order_by(Person.last_name, Person.id).limit(PARTNERS_MAX_COUNT)).unique()
    return [person for person in found if perms.is_partner(person)]


def _parts() -> sa.Select[QuestionPart]:
    return (
        sa.select(QuestionPart)
        .options(joinedload(QuestionPart.answerer).options(*NAME_ONLY))
        .order_by(sa.case((QuestionPart.side == PartSide.FEDERATION, 0), else_=1))
    )
