"""Who may be chosen, and who carries what: jurists, delegates, people of a structure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, lazyload, raiseload

from helpdesk import clock
from helpdesk.accounts.enums import MandateScope, Role
from helpdesk.accounts.models import DelegationProfile, Mandate, Person, StaffRole
from helpdesk.db import db, read
from helpdesk.tickets.enums import OPEN_STATUSES, Status
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.queries.one import visible_tickets
from helpdesk.tickets.queries.rows import IS_OPEN, NAME_ONLY, is_one_of

_TODAY = sa.bindparam("today", callable_=clock.today, type_=sa.Date())
"""Asked for at each run: a statement that is kept ready must not keep the day it was written."""
SHAREABLE_MAX_COUNT = 100
_DELEGATION = sa.bindparam("of_delegation", type_=sa.String())


@dataclass(frozen=True)
class Load:
    """The open questions of one jurist (or one delegation): no ranking, only what is on the desk."""

    key: str
    name: str
    open_count: int
    late_count: int
    due_this_week_count: int
    waiting_count: int


def _load_columns(now: datetime) -> list[sa.ColumnElement[int]]:
    active = Ticket.status != Status.WAITING
    week = now + timedelta(days=7)
    return [
        sa.func.count(sa.case((active, 1))),
        sa.func.count(sa.case((sa.and_(active, Ticket.due_at < now), 1))),
        sa.func.count(sa.case((sa.and_(active, Ticket.due_at >= now, Ticket.due_at < week), 1))),
        sa.func.count(sa.case((Ticket.status == Status.WAITING, 1))),
    ]


def load_of_jurists() -> list[Load]:
    """The load of each jurist, of the lead, and of whoever left with questions open, by name; counts only."""
    now = clock.now()
    open_at_pole = sa.and_(
        IS_OPEN,
        Ticket.jurist_id == Person.id,
        sa.or_(
            Ticket.status == Status.STUDY,
            sa.and_(Ticket.status == Status.WAITING, Ticket.returns_to == Status.STUDY),
        ),
    )
    select = (
        sa.select(Person.id, Person.first_name, Person.last_name, *_load_columns(now))
        .outerjoin(Ticket, open_at_pole)
        .where(sa.or_(Ticket.id.is_not(None), is_of_pole()))
        .group_by(Person.id, Person.first_name, Person.last_name)
        .order_by(Person.last_name, Person.first_name)
    )
    # The outer join yields one all-NULL row for an idle jurist; count() skips it only where the case is NULL.
    return [Load(str(row[0]), f"{row[1]} {row[2]}", row[3], row[4], row[5], row[6]) for row in read(select)]


def load_of_delegations() -> list[Load]:
    """The load of each delegation, the national queue under the empty key."""
    now = clock.now()
    at_region = sa.or_(
        is_one_of(Ticket.status, (Status.TRIAGE, Status.REGIONAL, Status.RELAY)),
        sa.and_(Ticket.status == Status.WAITING, is_one_of(Ticket.returns_to, (Status.TRIAGE, Status.REGIONAL))),
    )
    select = sa.select(Ticket.delegation, *_load_columns(now)).where(IS_OPEN, at_region).group_by(Ticket.delegation)
    return [Load(row[0] or "", row[0] or "", row[1], row[2], row[3], row[4]) for row in read(select)]


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
