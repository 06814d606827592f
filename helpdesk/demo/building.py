"""Makes the network: rows for Core inserts, and the same people as the scenarios need them."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from helpdesk.accounts.enums import MandateScope, NotifyMode, OrganisationKind, Role
from helpdesk.accounts.text import fold
from helpdesk.demo.cast import FIXED, PEOPLE, STAFF, Seat, StaffMember
from helpdesk.demo.moments import Desk, start_of
from helpdesk.demo.naming import Naming, phone
from helpdesk.demo.network import RELAYED, SPREAD, Delegate, Jurist, Member, Network, Row, Structure, spread
from helpdesk.reference import get_reference
from helpdesk.reference.types import Specialty

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
_EXTRAS = {"AI": ("ACI", "SAP"), "ACI": ("EI", "OF"), "EI": ("ACI",), "AUTRE": ("OF", "RQ", "SCIC")}
_EXTRA_SHARE = 0.13
_IDCC = {"ACI": "3016", "SAP": "3127", "ETTI": "2378", "ETT-ESS": "2378"}
_PTCE_COUNT = 20
_KNOWN_PTCE = ("ptce", "ptce-reunion")
"""Keys of those whose people are known by name: in Vendée, at La Réunion."""
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


class Builder:
    """Makes the network; every draw comes from *rng*, in one order, so that the same seed gives the same people."""

    def __init__(self, rng: Random, today: date, password_hash: str, *, history_days: int = 365) -> None:
        self.rng = rng
        self.today = today
        self.before = timedelta(days=max(history_days - 365, 0))
        """Mandates and roles begin that much earlier, when the history is longer than a year."""
        self.password_hash = password_hash
        self.network = Network()
        self.naming = Naming(rng)

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
            person_id = self._person(one.first, one.last, one.email, phone=phone(self.rng, "mobile"))
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
                is_relayed=code in RELAYED,
                phone=phone(self.rng, get_reference().delegations[code].departements[0]),
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
        return [code for code in covered if code in self.naming.places["towns"]]

    def _region_of(self, seat: Seat) -> str:
        delegation = get_reference().departements[seat.departement].delegation
        return delegation or ("martinique" if seat.departement == "972" else "grand-est")

    def _member(self, main: str, departement: str, *, seat: Seat | None = None) -> None:
        rng = self.rng
        city = seat.city if seat else rng.choice(self.naming.towns_of(departement))
        name = seat.name if seat else self.naming.structure(main, departement, city)
        self.naming.taken_names.add(fold(name))
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
        towns = list(self.naming.places["towns"])
        for number in range(_PTCE_COUNT):
            departement = "85" if number == 0 else "974" if number == 1 else self.rng.choice(towns)
            city = self.rng.choice(self.naming.towns_of(departement))
            structure = self._organisation(
                OrganisationKind.PTCE,
                self.naming.structure("PTCE", departement, city),
                departement,
                city,
                {"PTCE"},
                appetite=self.rng.lognormvariate(0, 0.6),
                key=_KNOWN_PTCE[number] if number < len(_KNOWN_PTCE) else "",
            )
            if number >= len(_KNOWN_PTCE):
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
                    one.first, one.last, one.email, phone=phone(self.rng, structure.departement)
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
            "phone": phone(self.rng, departement),
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
        first = self.naming.draw("women" if is_woman else "men")
        last = self.naming.draw("last")
        email = self.naming.email(first, last, structure.name)
        person_id = self._person(first, last, email, phone=phone(self.rng, structure.departement))
        title = self.naming.draw(titles)[0 if is_woman else 1]
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
        self.naming.taken_emails.add(email)
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
