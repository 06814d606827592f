"""Invented structures and people, committed. ``PersonFactory(delegate=True, delegation="bretagne")``."""

from functools import cache
from typing import Any

import factory

from helpdesk import clock
from helpdesk.accounts.enums import MandateScope, OrganisationKind, Role
from helpdesk.accounts.models import (
    Mandate,
    Organisation,
    OrganisationTypology,
    Person,
    PersonSpecialty,
    StaffRole,
)
from helpdesk.accounts.passwords import hash_password
from helpdesk.db import db
from helpdesk.reference.types import Specialty

LONG_AGO = clock.today().replace(year=2020, month=1, day=1)
PASSWORD = "quatre-mots-tout-ordinaires"


@cache
def known_hash() -> str:
    """The hash of :data:`PASSWORD`, made once: it is slow on purpose."""
    return hash_password(PASSWORD)


class _Factory(factory.alchemy.SQLAlchemyModelFactory):
    class Meta:
        abstract = True
        sqlalchemy_session = db.session
        sqlalchemy_session_persistence = "commit"


class OrganisationFactory(_Factory):
    """A member of Bretagne that has paid. ``typologies=("AI", "ACI")`` replaces the single ACI."""

    class Meta:
        model = Organisation

    class Params:
        ptce = factory.Trait(kind=OrganisationKind.PTCE, membership_paid_year=None, with_typologies=("PTCE",))
        ges = factory.Trait(with_typologies=("GES",))
        late = factory.Trait(membership_paid_year=2020)
        national = factory.Trait(departement="67", city="Strasbourg", delegation=None)
        with_typologies = ("ACI",)

    kind = OrganisationKind.MEMBER
    name = factory.Sequence(lambda number: f"Structure invent\u00e9e {number}")
    external_id = factory.Sequence(lambda number: f"A{number:05}")
    departement = "35"
    city = "Rennes"
    delegation = "bretagne"
    membership_paid_year = factory.LazyFunction(lambda: clock.today().year)
    joined_on = LONG_AGO
    typology_rows = factory.LazyAttribute(
        lambda organisation: [OrganisationTypology(code=code) for code in organisation.with_typologies]
    )


class PersonFactory(_Factory):
    """Somebody without any right; the traits give them. Traits may be combined, for people with several hats.

    ``member``: a mandate in *organisation* (made if need be) with *scope*; ``delegate``: of *delegation*, or of
    several *delegations*; ``ges_director``: a mandate over a group. ``with_password``: :data:`PASSWORD`.
    """

    class Meta:
        model = Person

    class Params:
        member = factory.Trait(has_mandate=True)
        ges_director = factory.Trait(
            has_mandate=True,
            scope=MandateScope.GROUP,
            title="directrice du groupe",
            organisation=factory.SubFactory(OrganisationFactory, ges=True),
        )
        delegate = factory.Trait(is_delegate=True)
        jurist = factory.Trait(staff=(Role.JURIST,), specialties=(Specialty.SOCIAL,))
        lead = factory.Trait(staff=(Role.LEAD,), specialties=(Specialty.SOCIAL, Specialty.BUSINESS))
        partner_jurist = factory.Trait(staff=(Role.PARTNER_JURIST,))
        admin = factory.Trait(staff=(Role.ADMIN,))
        with_password = factory.Trait(password_hash=factory.LazyFunction(known_hash))

        has_mandate = False
        organisation = factory.Maybe("has_mandate", factory.SubFactory(OrganisationFactory))
        scope = MandateScope.STRUCTURE
        title = "directrice"
        is_delegate = False
        delegation = "bretagne"
        delegations = factory.LazyAttribute(lambda params: (params.delegation,))
        can_answer = False
        staff: tuple[Role, ...] = ()
        specialties: tuple[Specialty, ...] = ()

    email = factory.Sequence(lambda number: f"personne{number}@structure.example")
    first_name = "Claire"
    last_name = factory.Sequence(lambda number: f"Morvan{number}")
    created_at = factory.LazyFunction(clock.now)

    @factory.lazy_attribute
    def mandates(self) -> list[Mandate]:
        if not self.has_mandate:
            return []
        return [Mandate(organisation=self.organisation, title=self.title, scope=self.scope, starts_on=LONG_AGO)]

    @factory.lazy_attribute
    def roles(self) -> list[StaffRole]:
        rows = [StaffRole(role=role, starts_on=LONG_AGO) for role in self.staff]
        codes = self.delegations if self.is_delegate else ()
        return rows + [
            StaffRole(role=Role.DELEGATE, delegation=code, can_answer=self.can_answer, starts_on=LONG_AGO)
            for code in codes
        ]

    @factory.lazy_attribute
    def specialty_rows(self) -> list[PersonSpecialty]:
        return [PersonSpecialty(specialty=specialty) for specialty in self.specialties]


def give_mandate(person: Person, organisation: Organisation, **values: Any) -> Mandate:
    """Add a mandate to somebody who may have others."""
    mandate = Mandate(organisation=organisation, **{"starts_on": LONG_AGO, **values})
    person.mandates.append(mandate)
    db.session.commit()
    return mandate
