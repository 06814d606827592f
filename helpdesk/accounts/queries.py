"""What is read of structures and people. Visibility lives here: :func:`visible_organisations`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, lazyload, selectinload

from helpdesk import clock
from helpdesk.accounts.enums import MembershipState, OrganisationKind, Role
from helpdesk.accounts.membership import membership_state
from helpdesk.accounts.models import (
    DelegationProfile,
    Mandate,
    Organisation,
    OrganisationTypology,
    Person,
    StaffRole,
)
from helpdesk.accounts.text import fold
from helpdesk.db import db
from helpdesk.errors import NotFound

PAGE_SIZE = 25
NATIONAL_QUEUE = "nationale"
"""In place of a delegation's code: the structures that have none."""
LAST_PAGE = 1000
SEARCH_WORDS = 6
CONTACTS_SHOWN = 50

T = TypeVar("T")


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page of a list, as the pagination macro reads it."""

    rows: Sequence[T]
    page: int
    total: int
    per_page: int = PAGE_SIZE

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.per_page))

    @property
    def prev_num(self) -> int | None:
        return min(self.page - 1, self.pages) if self.page > 1 else None

    @property
    def next_num(self) -> int | None:
        return self.page + 1 if self.page < self.pages else None


@dataclass(frozen=True)
class MemberFilters:
    """What the list of structures is narrowed by; empty values narrow nothing."""

    words: str = ""
    typology: str = ""
    membership: MembershipState | None = None
    delegation: str = ""


@dataclass(frozen=True)
class MemberRow:
    """A structure in the list."""

    id: int
    name: str
    city: str
    departement: str
    delegation: str | None
    kind: OrganisationKind
    typologies: tuple[str, ...]
    membership: MembershipState
    has_left: bool


@dataclass(frozen=True)
class PersonRow:
    """A person in the administrators' list."""

    id: int
    full_name: str
    email: str
    is_active: bool
    roles: tuple[str, ...]
    organisations: tuple[str, ...]


def find_person_by_email(email: str) -> Person | None:
    """Return the person of an address, whatever its capitals."""
    return db.session.scalar(sa.select(Person).where(Person.email == email.strip().lower()))


def visible_organisations(person: Person) -> sa.ColumnElement[bool]:
    """SQL twin of :func:`helpdesk.accounts.perms.can_view_organisation`."""
    if person.is_pole:
        return sa.true()
    return Organisation.delegation.in_(person.delegations) if person.delegations else sa.false()


def get_visible_organisation(person: Person, organisation_id: int) -> Organisation:
    """Return the structure, if *person* may see it.

    :raises NotFound: when there is none, or it is another region's.
    """
    query = (
        sa.select(Organisation)
        .where(Organisation.id == organisation_id, visible_organisations(person))
        .options(joinedload(Organisation.group).lazyload(Organisation.typology_rows))
    )
    organisation = db.session.scalar(query)
    if organisation is None:
        raise NotFound
    return organisation


def members_page(
    person: Person, filters: MemberFilters, page: int = 1, *, grace: tuple[int, int] = (3, 31)
) -> Page[MemberRow]:
    """Return the structures that *person* may see, by name; three queries whatever their number."""
    today = clock.today()
    condition = sa.and_(visible_organisations(person), *_member_conditions(filters, today, grace))
    total = db.session.scalar(sa.select(sa.func.count(Organisation.id)).where(condition)) or 0
    number = bounded_page(page)
    query = (
        sa.select(Organisation)
        .where(condition)
        .order_by(Organisation.search_name, Organisation.id)
        .limit(PAGE_SIZE)
        .offset((number - 1) * PAGE_SIZE)
    )
    rows = [_member_row(organisation, today, grace) for organisation in db.session.scalars(query)]
    return Page(rows, number, total)


def bounded_page(page: int) -> int:
    """Return a page number that makes sense; far offsets cost the database, and nobody reads that far."""
    return min(max(page, 1), LAST_PAGE)


def _member_row(organisation: Organisation, today: date, grace: tuple[int, int]) -> MemberRow:
    return MemberRow(
        id=organisation.id,
        name=organisation.name,
        city=organisation.city,
        departement=organisation.departement,
        delegation=organisation.delegation,
        kind=organisation.kind,
        typologies=organisation.typologies,
        membership=membership_state(organisation.kind, organisation.membership_paid_year, today, grace),
        has_left=organisation.left_on is not None and organisation.left_on < today,
    )


def _member_conditions(filters: MemberFilters, today: date, grace: tuple[int, int]) -> list[sa.ColumnElement[bool]]:
    conditions = _word_conditions(filters.words, Organisation.search_name, Organisation.search_city)
    if filters.typology:
        holders = sa.select(OrganisationTypology.organisation_id).where(OrganisationTypology.code == filters.typology)
        conditions.append(Organisation.id.in_(holders))
    if filters.membership is not None:
        conditions.append(membership_condition(filters.membership, today, grace))
    if filters.delegation == NATIONAL_QUEUE:
        conditions.append(Organisation.delegation.is_(None))
    elif filters.delegation:
        conditions.append(Organisation.delegation == filters.delegation)
    return conditions


def membership_condition(state: MembershipState, today: date, grace: tuple[int, int]) -> sa.ColumnElement[bool]:
    """SQL twin of :func:`helpdesk.accounts.membership.membership_state`."""
    paid_year = Organisation.membership_paid_year
    is_member = Organisation.kind == OrganisationKind.MEMBER
    has_paid = sa.func.coalesce(paid_year, 0) >= today.year
    in_grace = (today.month, today.day) <= grace
    is_recent = sa.or_(paid_year.is_(None), paid_year == today.year - 1) if in_grace else sa.false()
    conditions = {
        MembershipState.NOT_CONCERNED: ~is_member,
        MembershipState.UP_TO_DATE: sa.and_(is_member, has_paid),
        MembershipState.GRACE: sa.and_(is_member, ~has_paid, is_recent),
        MembershipState.LATE: sa.and_(is_member, ~has_paid, ~is_recent),
    }
    return conditions[state]


def _word_conditions(words: str, *columns: Any) -> list[sa.ColumnElement[bool]]:
    """Each word in one of the *columns*, which hold folded text."""
    return [
        sa.or_(*(column.contains(word, autoescape=True) for column in columns))
        for word in fold(words).split()[:SEARCH_WORDS]
    ]


def contacts_of(organisation: Organisation) -> Sequence[Mandate]:
    """Return the mandates in force in a structure, by name, 50 at most."""
    today = clock.today()
    query = (
        sa.select(Mandate)
        .join(Mandate.person)
        .where(Mandate.organisation_id == organisation.id, _in_force(Mandate, today), Person.is_active)
        .order_by(Person.search_name, Mandate.id)
        .limit(CONTACTS_SHOWN)
        .options(
            joinedload(Mandate.person).options(lazyload(Person.mandates), lazyload(Person.roles)),
            lazyload(Mandate.organisation),
        )
    )
    return db.session.scalars(query).all()


def get_mandate(mandate_id: int) -> Mandate:
    """Return a mandate; the caller checks the rights.

    :raises NotFound: when there is none.
    """
    mandate = db.session.get(Mandate, mandate_id)
    if mandate is None:
        raise NotFound
    return mandate


def get_role(role_id: int) -> StaffRole:
    """Return a role; the caller checks the rights.

    :raises NotFound: when there is none.
    """
    role = db.session.get(StaffRole, role_id)
    if role is None:
        raise NotFound
    return role


def get_person(person_id: int) -> Person:
    """Return a person; for administrators.

    :raises NotFound: when there is none.
    """
    person = db.session.get(Person, person_id)
    if person is None:
        raise NotFound
    return person


def people_page(words: str, role: Role | None, page: int = 1) -> Page[PersonRow]:
    """Return people by name, for administrators; searched by name or e-mail."""
    today = clock.today()
    folded = _word_conditions(words, Person.search_name)
    email = words.strip().lower()
    conditions = [sa.or_(sa.and_(sa.true(), *folded), Person.email.contains(email, autoescape=True))]
    if role is not None:
        holders = sa.select(StaffRole.person_id).where(StaffRole.role == role, _in_force(StaffRole, today))
        conditions.append(Person.id.in_(holders))
    total = db.session.scalar(sa.select(sa.func.count(Person.id)).where(*conditions)) or 0
    number = bounded_page(page)
    query = (
        sa.select(Person)
        .where(*conditions)
        .order_by(Person.search_name, Person.id)
        .limit(PAGE_SIZE)
        .offset((number - 1) * PAGE_SIZE)
        .options(
            selectinload(Person.mandates).joinedload(Mandate.organisation).lazyload(Organisation.typology_rows),
            selectinload(Person.roles),
        )
    )
    return Page([_person_row(person) for person in db.session.scalars(query)], number, total)


def _person_row(person: Person) -> PersonRow:
    return PersonRow(
        id=person.id,
        full_name=person.full_name,
        email=person.email,
        is_active=person.is_active,
        roles=tuple(dict.fromkeys(row.role.label for row in person.active_roles)),
        organisations=tuple(mandate.organisation.name for mandate in person.active_mandates),
    )


def _in_force(rights: type[Mandate] | type[StaffRole], today: date) -> sa.ColumnElement[bool]:
    """SQL twin of ``is_active_on``."""
    return sa.and_(rights.starts_on <= today, sa.or_(rights.ends_on.is_(None), rights.ends_on >= today))


def delegation_profile(code: str) -> DelegationProfile:
    """Return what a delegation has set for itself, or the defaults, not yet kept."""
    return db.session.get(DelegationProfile, code) or DelegationProfile(
        code=code, is_relayed=False, phone="", opening_hours=""
    )


def typology_counts_by_delegation() -> dict[tuple[str, str], int]:
    """How many structures of a typology a delegation has today, by typology and delegation."""
    today = clock.today()
    query = (
        sa.select(OrganisationTypology.code, Organisation.delegation, sa.func.count())
        .join(Organisation, Organisation.id == OrganisationTypology.organisation_id)
        .where(
            Organisation.delegation.is_not(None),
            sa.or_(Organisation.left_on.is_(None), Organisation.left_on >= today),
        )
        .group_by(OrganisationTypology.code, Organisation.delegation)
    )
    return {(row[0], row[1] or ""): row[2] for row in db.session.execute(query)}


def people_ever_in(organisation_ids: Sequence[int]) -> Sequence[Person]:
    """Everyone who has or had a mandate in one of the structures, 500 at most: whom a text must not name."""
    query = (
        sa.select(Person)
        .where(Person.id.in_(sa.select(Mandate.person_id).where(Mandate.organisation_id.in_(organisation_ids))))
        .order_by(Person.id)
        .limit(500)
        .options(lazyload(Person.mandates), lazyload(Person.roles))
    )
    return db.session.scalars(query).all()


def holders(*roles: Role) -> sa.Select[int]:
    """The ids of the people who hold one of *roles* today."""
    today = clock.today()
    return sa.select(StaffRole.person_id).where(
        StaffRole.role.in_(roles),
        StaffRole.starts_on <= today,
        sa.or_(StaffRole.ends_on.is_(None), StaffRole.ends_on >= today),
    )
