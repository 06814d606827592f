"""Structures, people, their mandates and roles, and what sign-in needs."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from helpdesk import clock
from helpdesk.accounts.enums import MandateScope, NotifyMode, OrganisationKind, Role
from helpdesk.accounts.text import fold
from helpdesk.db import Base, enum_column
from helpdesk.reference.types import Specialty


class Organisation(Base):
    """A structure: member, PTCE, partner or State service. ``delegation`` empty: the national queue."""

    __tablename__ = "organisation"
    __table_args__ = (
        sa.CheckConstraint("left_on IS NULL OR joined_on IS NULL OR left_on >= joined_on", name="dates"),
        sa.Index("ix_organisation_delegation_name", "delegation", "search_name"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[OrganisationKind] = mapped_column(enum_column(OrganisationKind))
    name: Mapped[str]
    search_name: Mapped[str] = mapped_column(index=True)
    """The name folded (no accent, lower case), for looking it up on both databases alike."""
    external_id: Mapped[str | None] = mapped_column(unique=True)
    """The federation's own number, which an import updates by."""
    siret: Mapped[str | None] = mapped_column(sa.String(14), unique=True)
    departement: Mapped[str] = mapped_column(sa.String(3))
    delegation: Mapped[str | None] = mapped_column(sa.String(40))
    city: Mapped[str] = mapped_column(default="")
    search_city: Mapped[str] = mapped_column(default="")
    phone: Mapped[str] = mapped_column(default="")
    headcount: Mapped[int | None]
    insertion_headcount: Mapped[int | None]
    idcc: Mapped[str | None] = mapped_column(sa.String(4))
    group_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    """The GES the structure belongs to."""
    membership_paid_year: Mapped[int | None]
    joined_on: Mapped[date | None]
    left_on: Mapped[date | None]

    group: Mapped["Organisation | None"] = relationship(remote_side="Organisation.id")
    typology_rows: Mapped[list["OrganisationTypology"]] = relationship(
        cascade="all, delete-orphan", lazy="selectin", order_by="OrganisationTypology.code"
    )

    @validates("name", "city")
    def _fold_for_search(self, key: str, value: str) -> str:
        setattr(self, f"search_{key}", fold(value))
        return value

    @property
    def typologies(self) -> tuple[str, ...]:
        """Codes of the reference data: a structure may hold several."""
        return tuple(row.code for row in self.typology_rows)


class OrganisationTypology(Base):
    __tablename__ = "organisation_typology"

    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id", ondelete="CASCADE"), primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(20), primary_key=True, index=True)


class DelegationProfile(Base):
    """What a delegation sets for itself; the rest of it is reference data."""

    __tablename__ = "delegation_profile"

    code: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    is_relayed: Mapped[bool] = mapped_column(default=False)
    """The pole's answer waits for the delegate's word, at most the time of the setting, instead of leaving at once."""
    phone: Mapped[str] = mapped_column(default="")
    opening_hours: Mapped[str] = mapped_column(default="")


class Person(Base):
    """Somebody who signs in, or whom the staff writes for. Rights come from active mandates and roles alone."""

    __tablename__ = "person"
    __table_args__ = (sa.CheckConstraint("email = lower(email)", name="email_is_lower"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    first_name: Mapped[str]
    last_name: Mapped[str]
    search_name: Mapped[str] = mapped_column(default="", index=True)
    """Last and first name folded; follows them."""
    phone: Mapped[str] = mapped_column(default="")
    password_hash: Mapped[str | None]
    is_active: Mapped[bool] = mapped_column(default=True)
    notify_mode: Mapped[NotifyMode] = mapped_column(enum_column(NotifyMode), default=NotifyMode.EACH)
    has_shortcuts: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]

    mandates: Mapped[list["Mandate"]] = relationship(back_populates="person", lazy="selectin", order_by="Mandate.id")
    roles: Mapped[list["StaffRole"]] = relationship(back_populates="person", lazy="selectin", order_by="StaffRole.id")
    specialty_rows: Mapped[list["PersonSpecialty"]] = relationship(cascade="all, delete-orphan")

    @validates("first_name", "last_name")
    def _fold_for_search(self, key: str, value: str) -> str:
        names = {"first_name": self.first_name, "last_name": self.last_name, key: value}
        self.search_name = fold(f"{names['last_name'] or ''} {names['first_name'] or ''}")
        return value

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}"

    @property
    def active_mandates(self) -> list["Mandate"]:
        """Mandates in force today (Europe/Paris)."""
        today = clock.today()
        return [mandate for mandate in self.mandates if mandate.is_active_on(today)]

    @property
    def active_roles(self) -> list["StaffRole"]:
        today = clock.today()
        return [role for role in self.roles if role.is_active_on(today)]

    def has_role(self, *roles: Role) -> bool:
        return any(row.role in roles for row in self.active_roles)

    @property
    def delegations(self) -> frozenset[str]:
        """Codes of the delegations the person is a delegate of today."""
        return frozenset(row.delegation for row in self.active_roles if row.role is Role.DELEGATE and row.delegation)

    @property
    def is_member(self) -> bool:
        return bool(self.active_mandates)

    @property
    def is_delegate(self) -> bool:
        return self.has_role(Role.DELEGATE)

    @property
    def is_pole(self) -> bool:
        """Jurists and the lead, who studies questions too; a partner jurist is not of the pole."""
        return self.has_role(Role.JURIST, Role.LEAD)

    @property
    def is_partner(self) -> bool:
        """A jurist of the partner network, who reads the parts of Juri-PTCE that are theirs and no question."""
        return self.has_role(Role.PARTNER_JURIST) and not self.is_pole

    @property
    def is_lead(self) -> bool:
        return self.has_role(Role.LEAD)

    @property
    def is_admin(self) -> bool:
        return self.has_role(Role.ADMIN)

    @property
    def is_staff(self) -> bool:
        return self.is_delegate or self.is_pole

    @property
    def can_answer_first_level(self) -> bool:
        """A delegate's personal right to answer simple questions (dossier 0.10)."""
        return any(row.role is Role.DELEGATE and row.can_answer for row in self.active_roles)


class Mandate(Base):
    """Who a person is in a structure, from when to when. Access ends with it; history stays with the structure."""

    __tablename__ = "mandate"
    __table_args__ = (
        sa.UniqueConstraint("person_id", "organisation_id", "starts_on"),
        sa.CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="dates"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    title: Mapped[str] = mapped_column(default="")
    scope: Mapped[MandateScope] = mapped_column(enum_column(MandateScope), default=MandateScope.STRUCTURE)
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    """The last day in force."""

    person: Mapped[Person] = relationship(back_populates="mandates")
    organisation: Mapped[Organisation] = relationship(lazy="joined", innerjoin=True)

    def is_active_on(self, day: date) -> bool:
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)


class StaffRole(Base):
    """A role of the staff; a delegate has one row for each of their delegations."""

    __tablename__ = "staff_role"
    __table_args__ = (
        sa.UniqueConstraint("person_id", "role", "delegation", "starts_on"),
        sa.CheckConstraint("(role = 'delegate') = (delegation IS NOT NULL)", name="delegation_of_delegate"),
        sa.CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="dates"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    role: Mapped[Role] = mapped_column(enum_column(Role))
    delegation: Mapped[str | None] = mapped_column(sa.String(40), index=True)
    can_answer: Mapped[bool] = mapped_column(default=False)
    """A delegate's right to answer first-level questions."""
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]

    person: Mapped[Person] = relationship(back_populates="roles")

    def is_active_on(self, day: date) -> bool:
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)


class PersonSpecialty(Base):
    __tablename__ = "person_specialty"

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    specialty: Mapped[Specialty] = mapped_column(enum_column(Specialty), primary_key=True)


class UserSession(Base):
    """A sign-in. Only the hash of its token is kept."""

    __tablename__ = "user_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    is_by_link: Mapped[bool] = mapped_column(default=False)
    """Opened by a mailed link: within the hour, a forgotten password may be replaced."""

    person: Mapped[Person] = relationship(lazy="joined", innerjoin=True)


class SignInLink(Base):
    """A single-use link sent by mail."""

    __tablename__ = "sign_in_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]


class SignInAttempt(Base):
    """One failed or asked-for sign-in, kept for the throttle: by account and by address, both hashed."""

    __tablename__ = "sign_in_attempt"
    __table_args__ = (sa.Index("ix_sign_in_attempt_bucket_at", "bucket", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    bucket: Mapped[str] = mapped_column(sa.String(64))
    at: Mapped[datetime]
