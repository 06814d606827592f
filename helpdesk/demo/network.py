"""The invented network: structures, their people, the delegations, the pole. Rows for Core inserts."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from helpdesk.accounts.enums import MandateScope, NotifyMode, OrganisationKind, Role, Specialty
from helpdesk.accounts.text import fold
from helpdesk.demo.cast import FIXED, PEOPLE, STAFF, Seat, StaffMember
from helpdesk.demo.moments import Desk, start_of
from helpdesk.reference import get_reference

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

_REGIONS = {
    "auvergne-rhone-alpes": 58,
    "bourgogne-franche-comte": 30,
    "bretagne": 48,
    "centre-val-de-loire": 28,
    "hauts-de-france": 46,
    "ile-de-france": 36,
    "normandie": 38,
    "nouvelle-aquitaine": 62,
    "occitanie": 52,
    "pays-de-la-loire": 50,
    "paca-corse": 32,
    "guadeloupe": 6,
    "guyane": 5,
    "ocean-indien": 10,
    "grand-est": 18,
    "martinique": 4,
}
"""Structures by region, invented; the last two have no delegation."""
_UNCOVERED = {
    "grand-est": ("08", "10", "51", "52", "54", "55", "57", "67", "68", "88"),
    "martinique": ("972",),
}
_RELAYED = ("bretagne", "occitanie", "normandie", "bourgogne-franche-comte")
_EXTRAS = {"AI": ("ACI", "SAP"), "ACI": ("EI", "OF"), "EI": ("ACI",), "AUTRE": ("OF", "RQ", "SCIC")}
_EXTRA_SHARE = 0.13
_IDCC = {"ACI": "3016", "SAP": "3127", "ETTI": "2378", "ETT-ESS": "2378"}
_PTCE_COUNT = 20
_PARTNERS = (
    ("Réseau des collectivités partenaires", "75", "Paris", OrganisationKind.PARTNER),
    ("Union régionale des employeurs solidaires", "69", "Lyon", OrganisationKind.PARTNER),
    ("Mission locale partenaire", "31", "Toulouse", OrganisationKind.PARTNER),
    ("Facilitateurs de la clause sociale", "59", "Lille", OrganisationKind.PARTNER),
)
_STATE = (
    ("29", "Quimper"),
    ("59", "Lille"),
    ("33", "Bordeaux"),
    ("51", "Châlons-en-Champagne"),
    ("974", "Saint-Denis"),
)


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
    relayed: frozenset[str] = frozenset(_RELAYED)


def spread(weights: Mapping[str, int], total: int) -> dict[str, int]:
    """*total* shared out by *weights* to the unit (largest remainders first)."""
    whole = sum(weights.values())
    exact = {name: weight * total / whole for name, weight in weights.items()}
    shares = {name: int(value) for name, value in exact.items()}
    rest = sorted(exact, key=lambda name: (shares[name] - exact[name], name))
    for name in rest[: total - sum(shares.values())]:
        shares[name] += 1
    return shares


class Builder:
    """Makes the network; every draw comes from *rng*, in one order, so that the same seed gives the same people."""

    def __init__(self, rng: Random, today: date, password_hash: str, *, history_days: int = 365) -> None:
        self.rng = rng
        self.today = today
        self.before = timedelta(days=max(history_days - 365, 0))
        """Mandates and roles begin that much earlier, when the history is longer than a year."""
        self.password_hash = password_hash
        self.network = Network()
        self.names = _read("names.toml")
        self.places = _read("places.toml")
        self.taken_names: set[str] = set()
        self.taken_emails: set[str] = set()

    def build(self, structure_count: int) -> Network:
        self._staff()
        self._members(structure_count)
        self._groups()
        self._ptce()
        self._partners()
        self._regions()
        self._predecessors()
        self._known_people()
        return self.network

    # --- staff

    def _staff(self) -> None:
        for one in STAFF:
            starts_on = self._began(one)
            ends_on = None if one.until_days is None else self.today - timedelta(days=one.until_days)
            person_id = self._person(one.first, one.last, one.email, phone=_phone(self.rng, "mobile"))
            delegations: Sequence[str | None] = one.delegations or (None,)
            for delegation in delegations:
                self._add(
                    "staff_role",
                    person_id=person_id,
                    role=one.role,
                    delegation=delegation,
                    can_answer=one.can_answer,
                    starts_on=starts_on,
                    ends_on=ends_on,
                )
            for specialty in one.specialties:
                self._add("person_specialty", person_id=person_id, specialty=Specialty(specialty))
            for delegation in one.delegations:
                desk = self._desk(get_reference().delegations[delegation].departements[0])
                self.network.delegates.setdefault(delegation, []).append(Delegate(person_id, one.can_answer, desk))
            if one.role in (Role.JURIST, Role.LEAD):
                self.network.jurists.append(
                    Jurist(person_id, frozenset(one.specialties), starts_on, ends_on, one.weight)
                )
        for code in get_reference().delegations:
            self._add(
                "delegation_profile",
                code=code,
                is_relayed=code in _RELAYED,
                phone=_phone(self.rng, get_reference().delegations[code].departements[0]),
                opening_hours=self.rng.choice(
                    ("Du lundi au jeudi, de 9 h à 17 h", "Du lundi au vendredi, de 9 h à 12 h 30")
                ),
            )

    def _began(self, one: StaffMember) -> date:
        """Who took a colleague's place began after them, however long the history."""
        is_newcomer = one.since_days < 365
        return self.today - timedelta(days=one.since_days) - (timedelta() if is_newcomer else self.before)

    # --- structures

    def _members(self, count: int) -> None:
        kinds = spread(SPREAD, count)
        regions = spread(_REGIONS, count)
        fixed = [seat for seat in FIXED if kinds[seat.main] > 0 and regions[self._region_of(seat)] > 0]
        for seat in fixed[:count]:
            if kinds[seat.main] and regions[self._region_of(seat)]:
                kinds[seat.main] -= 1
                regions[self._region_of(seat)] -= 1
                self._member(seat.main, seat.departement, seat=seat)
        mains = [main for main, number in kinds.items() for _ in range(number)]
        self.rng.shuffle(mains)
        seats = [region for region, number in regions.items() for _ in range(number)]
        for main, region in zip(mains, seats, strict=True):
            self._member(main, self.rng.choice(self._departements(region)))

    def _departements(self, region: str) -> Sequence[str]:
        if region in _UNCOVERED:
            return _UNCOVERED[region]
        covered = get_reference().delegations[region].departements
        return [code for code in covered if code in self.places["towns"]]

    def _region_of(self, seat: Seat) -> str:
        delegation = get_reference().departements[seat.departement].delegation
        return delegation or ("martinique" if seat.departement == "972" else "grand-est")

    def _member(self, main: str, departement: str, *, seat: Seat | None = None) -> None:
        rng = self.rng
        city = seat.city if seat else rng.choice(self.places["towns"][departement])
        name = seat.name if seat else self._name(main, departement, city)
        self.taken_names.add(fold(name))
        extras = _EXTRAS.get(main, ())
        typologies = {main, *(seat.extras if seat else ())}
        if seat is None and extras and rng.random() < _EXTRA_SHARE:
            typologies.add(rng.choice(extras))
        insertion = round(rng.lognormvariate(2.9, 0.6)) if main not in {"GES", "AUTRE"} else 0
        permanent = rng.randrange(3, 14)
        structure = self._organisation(
            OrganisationKind.MEMBER,
            name,
            departement,
            city,
            typologies,
            appetite=rng.lognormvariate(0, 0.9) * (seat.appetite if seat else 1),
            main=main,
            key=seat.key if seat else "",
            headcount=seat.headcount[0] if seat else insertion + permanent,
            insertion_headcount=seat.headcount[1] if seat else insertion or None,
            idcc=_IDCC.get(main),
            membership_paid_year=self._paid_year(),
            joined_on=date(rng.randrange(1992, self.today.year - 1), rng.randrange(1, 13), 1),
        )
        if not (seat and seat.key in {one.structure for one in PEOPLE}):
            self._people(structure)
        elif rng.random() < 0.5:
            self._someone(structure, "titles_second", MandateScope.OWN, weight=0.3)

    def _paid_year(self) -> int | None:
        is_early = self.today.month <= 3
        chance = self.rng.random()
        if chance < (0.5 if is_early else 0.93):
            return self.today.year
        return self.today.year - 1 if chance < 0.98 else None

    def _people(self, structure: Structure) -> None:
        scope = MandateScope.GROUP if structure.main == "GES" else MandateScope.STRUCTURE
        self._someone(structure, "titles_first", scope, weight=1)
        if self.rng.random() < 0.42:
            second = MandateScope.STRUCTURE if self.rng.random() < 0.4 else MandateScope.OWN
            self._someone(structure, "titles_second", second, weight=0.6)

    def _groups(self) -> None:
        """Gather two to four structures of the region under most GES."""
        rows = {row["id"]: row for row in self.network.rows["organisation"]}
        free: dict[str | None, list[Structure]] = {}
        for one in self.network.structures:
            if one.main not in {"GES", ""}:
                free.setdefault(one.delegation, []).append(one)
        for group in [one for one in self.network.structures if one.main == "GES"]:
            seats = [seat for seat in FIXED if seat.key == group.key and seat.key]
            wanted = seats[0].group_of if seats else ()
            chosen = [one for one in free.get(group.delegation, []) if one.key and one.key in wanted]
            while len(chosen) < self.rng.randrange(2, 5) and free.get(group.delegation):
                one = self.rng.choice(free[group.delegation])
                if one not in chosen and not one.key:
                    chosen.append(one)
                elif all(other.key or other in chosen for other in free[group.delegation]):
                    break
            for one in chosen:
                rows[one.id]["group_id"] = group.id
                free[group.delegation].remove(one)

    def _ptce(self) -> None:
        towns = list(self.places["towns"])
        for number in range(_PTCE_COUNT):
            departement = "85" if number == 0 else "974" if number == 1 else self.rng.choice(towns)
            city = self.rng.choice(self.places["towns"][departement])
            structure = self._organisation(
                OrganisationKind.PTCE,
                self._name("PTCE", departement, city),
                departement,
                city,
                {"PTCE"},
                appetite=self.rng.lognormvariate(0, 0.6),
                key="ptce" if number == 0 else "",
            )
            if number:
                self._someone(structure, "titles_first", MandateScope.STRUCTURE, weight=1)

    def _partners(self) -> None:
        services = [
            (
                f"DDETS, service insertion ({get_reference().departements[code].name})",
                code,
                city,
                OrganisationKind.STATE,
            )
            for code, city in _STATE
        ]
        for name, departement, city, kind in (*_PARTNERS, *services):
            typology = "ETAT" if kind is OrganisationKind.STATE else "PARTENAIRE"
            structure = self._organisation(kind, name, departement, city, {typology}, appetite=1)
            self._someone(structure, "titles_second", MandateScope.STRUCTURE, weight=1)

    def _regions(self) -> None:
        """The delegations as askers of general questions, as the first such question would make them."""
        for code, delegation in get_reference().delegations.items():
            self._organisation(
                OrganisationKind.PARTNER,
                f"Délégation {delegation.name}",
                delegation.departements[0],
                "",
                {"DELEGATION"},
                appetite=1,
                external_id=f"delegation:{code}",
            )

    def _predecessors(self) -> None:
        """Directors who left during the year: their questions stay, their access ended."""
        heads = [one for one in self.network.structures if one.main and not one.key]
        for structure in self.rng.sample(heads, min(9, len(heads))):
            first = structure.members[0]
            left_on = self.today - timedelta(days=self.rng.randrange(30, 250))
            self._mandates_of(first.person_id)[0]["starts_on"] = left_on + timedelta(days=1)
            structure.members[0] = Member(first.person_id, left_on + timedelta(days=1), None, first.weight)
            self._someone(structure, "titles_first", MandateScope.STRUCTURE, weight=1, ends_on=left_on)

    def _known_people(self) -> None:
        """The people of the mock-ups and of the demonstration accounts."""
        by_key = {one.key: one for one in self.network.structures if one.key}
        ids: dict[str, int] = {}
        for one in PEOPLE:
            structure = by_key.get(one.structure)
            if structure is None:
                continue
            if one.email not in ids:
                ids[one.email] = self._person(
                    one.first, one.last, one.email, phone=_phone(self.rng, structure.departement)
                )
            starts_on = self.today - timedelta(days=one.since_days) - self.before
            self._mandate(structure, ids[one.email], one.title, one.scope, starts_on, None, weight=1)

    # --- rows

    def _organisation(
        self,
        kind: OrganisationKind,
        name: str,
        departement: str,
        city: str,
        typologies: Iterable[str],
        *,
        appetite: float,
        main: str = "",
        key: str = "",
        **values: Any,
    ) -> Structure:
        delegation = get_reference().departements[departement].delegation
        identifier = len(self.network.rows["organisation"]) + 1
        row: Row = {
            "id": identifier,
            "kind": kind,
            "name": name,
            "search_name": fold(name),
            "external_id": f"A-{identifier:04d}" if kind is OrganisationKind.MEMBER else None,
            "departement": departement,
            "delegation": delegation,
            "city": city,
            "search_city": fold(city),
            "phone": _phone(self.rng, departement),
            "siret": None,
            "headcount": None,
            "insertion_headcount": None,
            "idcc": None,
            "group_id": None,
            "membership_paid_year": None,
            "joined_on": None,
            "left_on": None,
        }
        self.network.rows["organisation"].append(row | values)
        known = frozenset(typologies)
        for code in sorted(known & set(get_reference().typologies)):
            self._add("organisation_typology", organisation_id=identifier, code=code)
        structure = Structure(
            identifier, kind, name, known, departement, delegation, self._desk(departement), appetite, main, key
        )
        self.network.structures.append(structure)
        return structure

    def _someone(
        self, structure: Structure, titles: str, scope: MandateScope, *, weight: float, ends_on: date | None = None
    ) -> None:
        is_woman = self.rng.random() < 0.56
        first = self.rng.choice(self.names["women" if is_woman else "men"])
        last = self.rng.choice(self.names["last"])
        email = self._email(first, last, structure.name)
        person_id = self._person(first, last, email, phone=_phone(self.rng, structure.departement))
        title = self.rng.choice(self.names[titles])[0 if is_woman else 1]
        if scope is MandateScope.GROUP:
            title = "directrice générale" if is_woman else "directeur général"
        starts_on = self.today - timedelta(days=self.rng.randrange(420, 3600)) - self.before
        self._mandate(structure, person_id, title, scope, starts_on, ends_on, weight=weight)

    def _mandate(
        self,
        structure: Structure,
        person_id: int,
        title: str,
        scope: MandateScope,
        starts_on: date,
        ends_on: date | None,
        *,
        weight: float,
    ) -> None:
        self._add(
            "mandate",
            person_id=person_id,
            organisation_id=structure.id,
            title=title,
            scope=scope,
            starts_on=starts_on,
            ends_on=ends_on,
        )
        structure.members.append(Member(person_id, starts_on, ends_on, weight))

    def _person(self, first: str, last: str, email: str, *, phone: str) -> int:
        identifier = len(self.network.rows["person"]) + 1
        self.taken_emails.add(email)
        created_at: datetime = start_of(self.today - timedelta(days=self.rng.randrange(400, 900)))
        self._add(
            "person",
            id=identifier,
            email=email,
            first_name=first,
            last_name=last,
            search_name=fold(f"{last} {first}"),
            phone=phone,
            password_hash=self.password_hash,
            is_active=True,
            notify_mode=NotifyMode.DIGEST if self.rng.random() < 0.1 else NotifyMode.EACH,
            has_shortcuts=True,
            created_at=created_at,
        )
        return identifier

    def _add(self, table: str, **values: Any) -> None:
        self.network.rows[table].append(values)

    def _mandates_of(self, person_id: int) -> list[Row]:
        return [row for row in self.network.rows["mandate"] if row["person_id"] == person_id]

    def _desk(self, departement: str) -> Desk:
        place = get_reference().departements[departement]
        return Desk(place.tz, place.holiday_zone)

    def _name(self, main: str, departement: str, city: str) -> str:
        """A name that nobody has yet; the town, then a number, tell apart two alike."""
        for _ in range(40):
            pattern = self.rng.choice(self.names["structures"][main])
            land = self.rng.choice(self.places["lands"][departement])
            name = pattern.format(terre=land, ville=_of(city), nom=_bare(land), dep=departement.removeprefix("0"))
            if fold(name) not in self.taken_names:
                break
        else:
            name = next(candidate for candidate in _told_apart(name, city) if fold(candidate) not in self.taken_names)
        self.taken_names.add(fold(name))
        return str(name)

    def _email(self, first: str, last: str, structure: str) -> str:
        domain = fold(structure).replace(" ", "-")[:36].strip("-")
        local = f"{fold(first)[0]}.{fold(last).replace(' ', '')}"
        return next(
            email
            for number in range(1, 1000)
            if (email := f"{local}{number if number > 1 else ''}@{domain}.example") not in self.taken_emails
        )


def _told_apart(name: str, city: str) -> Iterator[str]:
    yield f"{name} – {city}"
    yield from (f"{name} {number}" for number in range(2, 10_000))


def _of(city: str) -> str:
    """« de Lannion », « d’Auch », « du Mans », « des Abymes »."""
    for article, contracted in (("Le ", "du "), ("Les ", "des ")):
        if city.startswith(article):
            return contracted + city.removeprefix(article)
    return f"d’{city}" if fold(city)[0] in "aeiouy" else f"de {city}"


def _bare(land: str) -> str:
    """« Trégor » out of « du Trégor »."""
    for start in ("du ", "de la ", "de l’", "des "):
        if land.startswith(start):
            return land.removeprefix(start)
    return land


_FICTION = {"01": "01 99 00", "02": "02 61 91", "03": "03 53 01", "04": "04 65 71", "05": "05 36 49"}
"""Numbers that the regulator keeps for fiction (Arcep); overseas there are none."""
_ZONES = {
    "01": "75 77 78 91 92 93 94 95",
    "02": "14 18 22 27 28 29 35 36 37 41 44 45 49 50 53 56 61 72 76 85 971 972 973 974 976",
    "03": "02 08 10 21 25 39 51 52 54 55 57 58 59 60 62 67 68 70 71 80 88 89 90",
    "05": "09 12 16 17 19 23 24 31 32 33 40 46 47 48 64 65 79 81 82 86 87",
}


def _phone(rng: Random, departement: str) -> str:
    tail = f"{rng.randrange(100):02d} {rng.randrange(100):02d}"
    if departement == "mobile":
        return f"06 39 98 {tail}"
    zone = next((zone for zone, codes in _ZONES.items() if departement in codes.split()), "04")
    return f"{_FICTION[zone]} {tail}"


def _read(name: str) -> dict[str, Any]:
    with (Path(__file__).with_name("data") / name).open("rb") as file:
        return tomllib.load(file)
