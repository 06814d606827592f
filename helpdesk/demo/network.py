"""The invented network: structures, their people, the delegations, the pole. Rows for Core inserts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from helpdesk.accounts.enums import OrganisationKind
from helpdesk.demo.moments import Desk

Row = dict[str, Any]

SPREAD = {
    "AI": 231,
    "ACI": 136,
    "ETTI": 43,
    "EI": 35,
    "GES": 32,
    "AUTRE": 20,
    "ETT-ESS": 9,
    "EBE": 9,
    "SAP": 8,
}
"""Member structures by typology on 31 December 2025 (annual report 2025)."""

RELAYED = ("bretagne", "occitanie", "normandie", "bourgogne-franche-comte")


@dataclass(frozen=True)
class Member:
    """Somebody who asks for a structure, from when to when."""

    person_id: int
    starts_on: date
    ends_on: date | None
    weight: float


@dataclass
class Structure:
    """Who asks: a member structure, a PTCE, a partner, a State service, or a delegation for its region."""

    id: int
    kind: OrganisationKind
    name: str
    typologies: frozenset[str]
    departement: str
    delegation: str | None
    desk: Desk
    appetite: float
    main: str = ""
    key: str = ""
    members: list[Member] = field(default_factory=list)

    @property
    def tz(self) -> ZoneInfo:
        return self.desk.tz

    def askers_on(self, day: date) -> list[Member]:
        """Those whose mandate is in force on *day*."""
        return [one for one in self.members if one.starts_on <= day <= (one.ends_on or day)]


@dataclass(frozen=True)
class Delegate:
    person_id: int
    can_answer: bool
    desk: Desk


@dataclass(frozen=True)
class Jurist:
    person_id: int
    specialties: frozenset[str]
    starts_on: date
    ends_on: date | None
    weight: float


@dataclass
class Network:
    """Rows to insert, table by table, and the same people as the scenarios need them."""

    rows: dict[str, list[Row]] = field(
        default_factory=lambda: {
            name: []
            for name in (
                "person",
                "organisation",
                "organisation_typology",
                "delegation_profile",
                "mandate",
                "staff_role",
                "person_specialty",
            )
        }
    )
    structures: list[Structure] = field(default_factory=list)
    delegates: dict[str, list[Delegate]] = field(default_factory=dict)
    jurists: list[Jurist] = field(default_factory=list)
    relayed: frozenset[str] = frozenset(RELAYED)


def spread(weights: Mapping[str, int], total: int) -> dict[str, int]:
    """*total* shared out by *weights* to the unit (largest remainders first)."""
    whole = sum(weights.values())
    exact = {name: weight * total / whole for name, weight in weights.items()}
    shares = {name: int(value) for name, value in exact.items()}
    rest = sorted(exact, key=lambda name: (shares[name] - exact[name], name))
    for name in rest[: total - sum(shares.values())]:
        shares[name] += 1
    return shares
