"""What a PTCE reads of its own questions: where each stands with calls. One statement, whatever the number."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from helpdesk.accounts.enums import OrganisationKind
from helpdesk.accounts.models import Organisation, Person
from helpdesk.db import db
from helpdesk.errors import NotFound
from helpdesk.juri_ptce.enums import QUEUED, AppointmentStatus, Medium, SessionStatus, WaitingStatus
from helpdesk.juri_ptce.models import (
    Appointment,
    CallOffer,
    JuriSession,
    PtceDetails,
    PtceProfile,
    Slot,
    WaitingEntry,
)
from helpdesk.reference import get_reference
from helpdesk.reference.types import Departement
from helpdesk.tickets import perms as ticket_perms
from helpdesk.tickets.enums import Status
from helpdesk.tickets.models import Ticket

QUESTIONS_SHOWN = 12
ROWS = 20
"""Of the questions that have a step; each has one or two."""
SHOWN = (
    AppointmentStatus.OFFERED,
    AppointmentStatus.REQUESTED,
    AppointmentStatus.CONFIRMED,
    AppointmentStatus.HELD,
)
"""A held call, until its account is written."""


@dataclass(frozen=True)
class CallRow:
    """A call of the question; an offered place is held until *expires_at*."""

    id: int
    status: AppointmentStatus
    medium: Medium
    starts_at: datetime
    expires_at: datetime | None


@dataclass(frozen=True)
class WaitingRow:
    """A place on the waiting list of a session; *rank* from 1; *appointment_id*: of the place offered."""

    id: int
    status: WaitingStatus
    starts_at: datetime
    rank: int
    appointment_id: int | None


@dataclass(frozen=True)
class Standing:
    """A question, and where it stands with calls."""

    reference: str
    title: str
    status: Status
    departement: str
    offered_medium: Medium | None
    offered_note: str
    calls: tuple[CallRow, ...]
    waiting: tuple[WaitingRow, ...]

    @property
    def place(self) -> Departement:
        """Where the structure is, whose clock it reads."""
        return get_reference().departements[self.departement]

    @property
    def agreed(self) -> CallRow | None:
        """The call requested or confirmed, or held without its account."""
        return next((one for one in self.calls if one.status is not AppointmentStatus.OFFERED), None)

    @property
    def offered_place(self) -> tuple[WaitingRow, CallRow] | None:
        """The freed place held for this question, to take or leave."""
        calls = {one.id: one for one in self.calls}
        return next(((one, calls[one.appointment_id]) for one in self.waiting if one.appointment_id in calls), None)

    @property
    def nearest_call(self) -> CallRow | None:
        """The call to show first: a place to take, else the one agreed."""
        return self.offered_place[1] if self.offered_place else self.agreed

    @property
    def has_step(self) -> bool:
        """Whether something about a call awaits the PTCE, or is agreed."""
        return bool(self.calls or self.waiting or self.is_proposed)

    @property
    def is_proposed(self) -> bool:
        """Whether a jurist proposed a call that is still to be answered: an answered question awaits none."""
        return self.offered_medium is not None and self.status.is_open


def ptce_ids(person: Person) -> list[int]:
    """The PTCE that *person* holds a mandate in today."""
    organisations = {one.organisation_id: one.organisation.kind for one in person.active_mandates}
    return [number for number, kind in organisations.items() if kind is OrganisationKind.PTCE]


def own_questions(person: Person, limit: int = QUESTIONS_SHOWN) -> list[Standing]:
    """The latest questions of the PTCE of *person* that they see: open ones first."""
    organisations = Ticket.organisation_id.in_(ptce_ids(person))
    wanted = (
        sa.select(Ticket.id)
        .where(organisations, ticket_perms.visible_to(person))
        .order_by(_is_over(), Ticket.received_at.desc(), Ticket.id.desc())
        .limit(limit)
        .subquery()
    )
    select = _standings().where(Ticket.id.in_(sa.select(wanted.c.id)))
    return list(_read(select.order_by(_is_over(), Ticket.received_at.desc(), Ticket.id.desc())))


def next_step(person: Person, now: datetime) -> tuple[datetime | None, Standing | None]:
    """When the next session starts, and the question of the PTCE of *person* that has a step about a call: the
    nearest call first. Neither may be there.
    """
    awaits = (JuriSession.status == SessionStatus.SCHEDULED, JuriSession.starts_at > now)
    upcoming = sa.select(sa.func.min(JuriSession.starts_at).label("next_at")).where(*awaits).subquery()
    is_proposed = sa.and_(CallOffer.ticket_id.is_not(None), Ticket.status != Status.ANSWERED)
    has_step = sa.or_(Appointment.id.is_not(None), WaitingEntry.id.is_not(None), is_proposed)
    wanted = (Ticket.organisation_id.in_(ptce_ids(person)), ticket_perms.visible_to(person), ~_is_closed(), has_step)
    order = (_nearest().label("nearest"), Ticket.id.label("of_ticket"))
    steps = _standings().add_columns(*order).where(*wanted).order_by(*order).limit(ROWS).subquery()
    # One row in any case: the session is there without a step, and the other way round.
    both = sa.select(*steps.c, upcoming.c.next_at).select_from(upcoming.outerjoin(steps, sa.true()))
    rows = db.session.execute(both.order_by(steps.c.nearest, steps.c.of_ticket)).all()
    first = [tuple(row) for row in rows if row[0] is not None and row[0] == rows[0][0]]
    return rows[0].next_at, _standing(first) if first else None


def _is_closed() -> sa.ColumnElement[bool]:
    return Ticket.status == Status.CLOSED


def _nearest() -> sa.ColumnElement[int]:
    """A place to take before it goes, then a call proposed, then a call agreed, then the waiting list."""
    is_place = WaitingEntry.status == WaitingStatus.OFFERED
    is_to_choose = sa.and_(CallOffer.ticket_id.is_not(None), Appointment.id.is_(None))
    return sa.case((is_place, 0), (is_to_choose, 1), (Appointment.id.is_not(None), 2), else_=3)


def standing_of(ticket: Ticket) -> Standing:
    """Where one question stands; its reader is known to see it."""
    return next(_read(_standings().where(Ticket.id == ticket.id)))


def last_details(organisation_id: int) -> tuple[PtceDetails | None, PtceProfile | None]:
    """What the PTCE last said of itself with a question, and what is kept of it."""
    latest = (
        sa.select(sa.func.max(PtceDetails.ticket_id))
        .join(Ticket)
        .where(Ticket.organisation_id == organisation_id, PtceDetails.carrier != "")
    )
    found = db.session.execute(
        sa.select(PtceDetails, PtceProfile)
        .select_from(Organisation)
        .outerjoin(PtceProfile, PtceProfile.organisation_id == Organisation.id)
        .outerjoin(PtceDetails, PtceDetails.ticket_id == latest.scalar_subquery())
        .where(Organisation.id == organisation_id)
    ).first()
    return (found[0], found[1]) if found else (None, None)


def reachable_sessions(now: datetime, count: int = 3) -> Sequence[JuriSession]:
    """The next sessions that a question sent now still reaches."""
    wanted = (JuriSession.status == SessionStatus.SCHEDULED, JuriSession.cut_off_at > now)
    return db.session.scalars(sa.select(JuriSession).where(*wanted).order_by(JuriSession.starts_at).limit(count)).all()


def _is_over() -> sa.ColumnElement[int]:
    return sa.case((Ticket.status.in_((Status.ANSWERED, Status.CLOSED)), 1), else_=0)


def _standings() -> sa.Select[Any]:
    of_session = sa.orm.aliased(JuriSession)
    is_shown = sa.and_(
        Appointment.ticket_id == Ticket.id,
        Appointment.status.in_(SHOWN),
        sa.or_(Appointment.status != AppointmentStatus.HELD, Appointment.account_message_id.is_(None)),
    )
    is_queued = sa.and_(WaitingEntry.ticket_id == Ticket.id, WaitingEntry.status.in_(QUEUED))
    return (
        sa.select(Ticket.reference, Ticket.title, Ticket.status, Organisation.departement)
        .add_columns(CallOffer.medium, CallOffer.note)
        .add_columns(Appointment.id, Appointment.status, Appointment.medium, Slot.starts_at, Appointment.expires_at)
        .add_columns(WaitingEntry.id, WaitingEntry.status, of_session.starts_at, _rank(), WaitingEntry.appointment_id)
        .join(Organisation, Organisation.id == Ticket.organisation_id)
        .outerjoin(CallOffer, CallOffer.ticket_id == Ticket.id)
        .outerjoin(Appointment, is_shown)
        .outerjoin(Slot, Slot.id == Appointment.slot_id)
        .outerjoin(WaitingEntry, is_queued)
        .outerjoin(of_session, of_session.id == WaitingEntry.session_id)
    )


def _rank() -> sa.ScalarSelect[int]:
    """How many wait for the same session up to this entry, itself included."""
    before = sa.orm.aliased(WaitingEntry)
    return (
        sa.select(sa.func.count())
        .where(
            before.session_id == WaitingEntry.session_id,
            before.status == WaitingStatus.WAITING,
            before.id <= WaitingEntry.id,
        )
        .correlate(WaitingEntry)
        .scalar_subquery()
    )


def _read(select: sa.Select[Any]) -> Iterator[Standing]:
    for _reference, rows in groupby(db.session.execute(select), key=lambda row: row[0]):
        yield _standing([tuple(row) for row in rows])


def _standing(lines: Sequence[Sequence[Any]]) -> Standing:
    """The rows of one question: one for each pair of a call and a waiting entry."""
    reference, title, status, departement, medium, note = lines[0][:6]
    calls = {line[6]: CallRow(*line[6:11]) for line in lines if line[6] is not None}
    waiting = {line[11]: WaitingRow(*line[11:16]) for line in lines if line[11] is not None}
    return Standing(
        reference, title, status, departement, medium, note or "", tuple(calls.values()), tuple(waiting.values())
    )


def get_visible_entry(person: Person, entry_id: int) -> WaitingEntry:
    """One place on a waiting list.

    :raises NotFound: when it does not exist, or its question is not for *person* to see.
    """
    entry = db.session.get(WaitingEntry, entry_id)
    if entry is None or not ticket_perms.can_view(person, entry.ticket):
        raise NotFound
    return entry
