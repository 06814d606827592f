"""Who may be chosen, and who carries what: jurists, delegates, people of a structure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, lazyload, raiseload

from helpdesk import clock
from helpdesk.accounts.enums import MandateScope, Role
from helpdesk.accounts.models import DelegationProfile, Mandate, Person, StaffRole
from helpdesk.db import db, read
from helpdesk.tickets import perms
from helpdesk.tickets.enums import OPEN_STATUSES, Status
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.queries.lateness import IS_RUNNING, is_due, is_late
from helpdesk.tickets.queries.one import visible_tickets
from helpdesk.tickets.queries.rows import IS_OPEN, NAME_ONLY, Page, TicketRow, is_one_of, page_of, ticket_rows, windowed

_TODAY = sa.bindparam("today", callable_=clock.today, type_=sa.Date())
"""Asked for at each run: a statement that is kept ready must not keep the day it was written."""
SHAREABLE_MAX_COUNT = 100
_DELEGATION = sa.bindparam("of_delegation", type_=sa.String())


class Part(StrEnum):
    """What a number of the team's page counts; the value is in the address of the questions behind it."""

    RUNNING = "en-cours"
    """Open, and not waiting for the asker."""
    LATE = "en-retard"
    DUE = "sous-7-jours"
    WAITING = "en-attente"

    @property
    def label(self) -> str:
        return _PART_LABELS[self]


_PART_LABELS = {
    Part.RUNNING: "À traiter",
    Part.LATE: "En retard",
    Part.DUE: "À rendre sous 7 jours",
    Part.WAITING: "En attente de l’adhérent",
}
_DUE_WITHIN = timedelta(days=7)
_WITH_DELEGATION = (Status.TRIAGE, Status.REGIONAL, Status.RELAY)


@dataclass(frozen=True)
class Load:
    """The open questions of one desk: no ranking, only what lies on it. Late and due ones are among the open ones;
    those that wait for the asker are beside.
    """

    key: str
    name: str
    open_count: int
    late_count: int
    due_this_week_count: int
    waiting_count: int

    def count(self, part: Part) -> int:
        counts = (self.open_count, self.late_count, self.due_this_week_count, self.waiting_count)
        return dict(zip(Part, counts, strict=True))[part]


def _part(part: Part, now: datetime) -> sa.ColumnElement[bool]:
    conditions: dict[Part, sa.ColumnElement[bool]] = {
        Part.RUNNING: IS_RUNNING,
        Part.LATE: is_late(now),
        Part.DUE: is_due(now, now + _DUE_WITHIN),
        Part.WAITING: Ticket.status == Status.WAITING,
    }
    return conditions[part]


def _load_columns() -> list[sa.ColumnElement[int]]:
    now = clock.now()
    return [sa.func.count(sa.case((_part(part, now), 1))) for part in Part]


def _lies_with(*statuses: Status) -> sa.ColumnElement[bool]:
    """Open on a desk, or to come back to it when the asker has replied: each open question lies on one desk."""
    comes_back = sa.and_(Ticket.status == Status.WAITING, is_one_of(Ticket.returns_to, statuses))
    return sa.and_(IS_OPEN, sa.or_(is_one_of(Ticket.status, statuses), comes_back))


def load_of_jurists(reader: Person) -> list[Load]:
    """The load of each jurist, of the lead, and of whoever left with questions open, by name; of the questions that
    *reader* may see.
    """
    lies = sa.and_(Ticket.jurist_id == Person.id, _lies_with(Status.STUDY), perms.visible_to(reader))
    select = (
        sa.select(Person.id, Person.first_name, Person.last_name, *_load_columns())
        .outerjoin(Ticket, lies)
        .where(sa.or_(Ticket.id.is_not(None), is_of_pole()))
        .group_by(Person.id)
        .order_by(Person.search_name, Person.id)
    )
    # The outer join yields one all-NULL row for an idle jurist; count() skips it only where the case is NULL.
    return [Load(str(row[0]), f"{row[1]} {row[2]}", *row[3:]) for row in read(select)]


def load_of_pole(reader: Person) -> Load:
    """What nobody of the pole has taken."""
    select = sa.select(*_load_columns()).select_from(Ticket)
    (counts,) = read(select.where(_lies_with(Status.POLE), perms.visible_to(reader)))
    return Load("", "", *counts)


def load_of_delegations(reader: Person) -> list[Load]:
    """The load of each delegation that has some, the national queue under the empty key."""
    lies = sa.and_(_lies_with(*_WITH_DELEGATION), perms.visible_to(reader))
    select = sa.select(Ticket.delegation, *_load_columns()).where(lies).group_by(Ticket.delegation)
    return [Load(row[0] or "", row[0] or "", *row[1:]) for row in read(select)]


def desk_of(person: Person, jurist: Person | None, page: int = 1, *, part: Part | None = None) -> Page[TicketRow]:
    """What lies on a jurist's desk, the most pressing first; without *jurist*, what nobody of the pole has taken.

    Without *part* the answers that wait at the relay are there too: they change hands with the rest.
    """
    if jurist is None:
        lies = _lies_with(Status.POLE)
    elif part is None:
        on_desk = is_one_of(Ticket.status, (Status.STUDY, Status.WAITING, Status.RELAY))
        lies = sa.and_(Ticket.jurist_id == jurist.id, on_desk)
    else:
        lies = sa.and_(Ticket.jurist_id == jurist.id, _lies_with(Status.STUDY))
    return _desk_page(person, lies, part, page)


def region_desk(person: Person, delegation: str | None, page: int = 1, *, part: Part | None = None) -> Page[TicketRow]:
    """What lies with a delegation, the most pressing first; without *delegation*, the national queue."""
    lies = sa.and_(Ticket.delegation.is_not_distinct_from(delegation), _lies_with(*_WITH_DELEGATION))
    return _desk_page(person, lies, part, page)


def _desk_page(person: Person, lies: sa.ColumnElement[bool], part: Part | None, page: int) -> Page[TicketRow]:
    asked = _part(part, clock.now()) if part else sa.true()
    select = windowed(ticket_rows().where(perms.visible_to(person), lies, asked))
    return page_of(select.order_by(Ticket.attention_at, Ticket.id), {}, page)


def _active_pole_role() -> sa.ColumnElement[bool]:
    return sa.and_(is_one_of(StaffRole.role, (Role.JURIST, Role.LEAD)), _is_in_force(StaffRole))


def _is_in_force(rights: type[Mandate] | type[StaffRole]) -> sa.ColumnElement[bool]:
    return sa.and_(rights.starts_on <= _TODAY, sa.or_(rights.ends_on.is_(None), rights.ends_on >= _TODAY))


def is_of_pole() -> sa.ColumnElement[bool]:
    """Of a row of ``person``: a jurist or the lead, today."""
    return Person.id.in_(sa.select(StaffRole.person_id).where(_active_pole_role()))


def studied_by(person: Person, jurist: Person) -> Sequence[Ticket]:
    """The open questions on a jurist's desk, those that wait for the asker included."""
    open_ones = is_one_of(Ticket.status, (Status.STUDY, Status.WAITING, Status.RELAY))
    return db.session.scalars(
        visible_tickets(person).where(Ticket.jurist_id == jurist.id, open_ones).order_by(Ticket.id).limit(500)
    ).all()


def jurist_names() -> dict[int, str]:
    """The active people of the pole by name, for a list of choices."""
    return {person_id: f"{first_name} {last_name}" for person_id, first_name, last_name in read(_jurist_names())}


@cache
def _jurist_names() -> sa.Select[Any]:
    columns: list[Any] = [Person.id, Person.first_name, Person.last_name]
    select = sa.select(*columns).where(is_of_pole(), Person.is_active)
    return select.order_by(Person.last_name, Person.first_name)


def jurists() -> Sequence[Person]:
    """The active people of the pole, by name."""
    return db.session.scalars(_jurists()).all()


@cache
def _jurists() -> sa.Select[Person]:
    select = sa.select(Person).where(is_of_pole(), Person.is_active).order_by(Person.last_name, Person.first_name)
    return select.options(raiseload(Person.mandates))


def desk_holder(person_id: int) -> Person | None:
    """Whose desk it is: somebody of the pole, or who was and still has open questions there."""
    holds = sa.exists().where(Ticket.jurist_id == Person.id, Ticket.status.in_(OPEN_STATUSES))
    return db.session.scalar(sa.select(Person).where(Person.id == person_id, sa.or_(holds, is_of_pole())))


def find_jurist(person_id: int) -> Person | None:
    """An active person of the pole, with the rights that the operations read."""
    return db.session.scalar(sa.select(Person).where(Person.id == person_id, is_of_pole(), Person.is_active))


def delegates_of(delegation: str | None) -> Sequence[Person]:
    """The active delegates of a delegation, by name."""
    return db.session.scalars(_delegates_of(), {"of_delegation": delegation}).all()


@cache
def _delegates_of() -> sa.Select[Person]:
    select = sa.select(Person).where(_is_delegate(), Person.is_active)
    return select.order_by(Person.last_name, Person.first_name).options(*NAME_ONLY)


def _is_delegate() -> sa.ColumnElement[bool]:
    is_of_it = sa.and_(StaffRole.role == Role.DELEGATE, StaffRole.delegation == _DELEGATION)
    return Person.id.in_(sa.select(StaffRole.person_id).where(is_of_it, _is_in_force(StaffRole)))


class DelegationDesk(NamedTuple):
    """Whom to call in a delegation; words it has not set are empty."""

    phone: str
    opening_hours: str
    names: list[str]


def desk_of_delegation(delegation: str) -> DelegationDesk:
    """What the delegation says of itself, and its active delegates by name."""
    values = {"of_delegation": delegation}
    phone, opening_hours = next(iter(read(_profile_of(), values)), ("", ""))
    return DelegationDesk(phone, opening_hours, [name for (name,) in read(_delegate_names(), values)])


@cache
def _profile_of() -> sa.Select[Any]:
    columns: list[Any] = [DelegationProfile.phone, DelegationProfile.opening_hours]
    return sa.select(*columns).where(DelegationProfile.code == _DELEGATION)


@cache
def _delegate_names() -> sa.Select[Any]:
    name: Any = Person.first_name + " " + Person.last_name
    return sa.select(name).where(_is_delegate(), Person.is_active).order_by(Person.last_name, Person.first_name)


def people_of(organisation_id: int) -> Sequence[Mandate]:
    """The mandates in force in a structure, with their people."""
    return db.session.scalars(_people_of(), {"of_organisation_id": organisation_id}).all()


@cache
def _people_of() -> sa.Select[Mandate]:
    asked = Mandate.organisation_id == sa.bindparam("of_organisation_id", type_=sa.Integer())
    return (
        sa.select(Mandate)
        .join(Mandate.person)
        .where(asked, _is_in_force(Mandate), Person.is_active)
        .options(contains_eager(Mandate.person).options(*NAME_ONLY), lazyload(Mandate.organisation))
        .order_by(Person.last_name, Person.first_name)
        .limit(50)
    )


def title_in(person_id: int | None, organisation_id: int) -> str:
    """What somebody does in a structure, in their own words; empty when unknown."""
    values = {"of_person_id": person_id, "of_organisation_id": organisation_id}
    found = read(_title_in(), values)
    return found[0][0] if found else ""


@cache
def _title_in() -> sa.Select[str]:
    return (
        sa.select(Mandate.title)
        .where(
            Mandate.person_id == sa.bindparam("of_person_id", type_=sa.Integer()),
            Mandate.organisation_id == sa.bindparam("of_organisation_id", type_=sa.Integer()),
            Mandate.title != "",
            _is_in_force(Mandate),
        )
        .order_by(Mandate.id)
        .limit(1)
    )


def shareable_people(ticket: Ticket) -> dict[int, str]:
    """Whom the asker may let see the question, by name: people of the structure, and those who see its whole group."""
    values = {"of_organisation_id": ticket.organisation_id, "of_group_id": ticket.organisation.group_id}
    shared = {share.person_id for share in ticket.shares} | {ticket.asker_id}
    return {person_id: name for person_id, name in read(_shareable_people(), values) if person_id not in shared}


@cache
def _shareable_people() -> sa.Select[Any]:
    is_near = Mandate.organisation_id == sa.bindparam("of_organisation_id", type_=sa.Integer())
    is_of_group = Mandate.organisation_id == sa.bindparam("of_group_id", type_=sa.Integer())
    columns: list[Any] = [Person.id, Person.first_name + " " + Person.last_name]
    return (
        sa.select(*columns)
        .join(Mandate, Mandate.person_id == Person.id)
        .where(sa.or_(is_near, sa.and_(is_of_group, Mandate.scope == MandateScope.GROUP)))
        .where(_is_in_force(Mandate), Person.is_active)
        .order_by(sa.case((is_near, 0), else_=1), Person.last_name, Person.first_name)
        .limit(SHAREABLE_MAX_COUNT)
    )
