"""Read the file, check all of it, then write all of it in one transaction, or nothing."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from marshmallow import ValidationError
from sqlalchemy.orm import selectinload

from helpdesk import audit, clock
from helpdesk.accounts.enums import MandateScope, OrganisationKind
from helpdesk.accounts.importing.reading import Line, Problem, read
from helpdesk.accounts.models import Mandate, Organisation, OrganisationTypology, Person
from helpdesk.accounts.operations import check_scope, close
from helpdesk.accounts.schemas import PersonRow, Row, StructureRow, columns_of
from helpdesk.accounts.text import fold
from helpdesk.db import db, transaction
from helpdesk.errors import BadInput
from helpdesk.reference import get_reference

STRUCTURE, PERSON = "structure", "personne"
SCHEMAS: dict[str, type[Row]] = {STRUCTURE: StructureRow, PERSON: PersonRow}
COLUMNS = frozenset({"type"}) | columns_of(StructureRow) | columns_of(PersonRow)
NEEDED_COLUMNS = frozenset({"type", "numero", "nom"})
_CHUNK = 500


@dataclass
class Report:
    """What was found wrong, or what was (or would be) written; nothing is written while there is a problem."""

    problems: list[Problem]
    encoding: str = ""
    counts: Counter[str] = field(default_factory=Counter)
    is_applied: bool = False


class _DryRun(Exception):
    """Undoes everything: the counts are those of a real run."""


@dataclass(frozen=True)
class _Entry:
    line: int
    values: dict[str, Any]


def import_file(content: bytes, *, is_applied: bool = False, ends_missing: bool = False) -> Report:
    """Create and update structures by their number and people by their e-mail.

    A column that is absent leaves what is kept; an empty cell empties it. With *ends_missing*, the mandates end
    of the people whom the file no longer names in its structures. Without *is_applied* all is tried and undone.
    """
    found = read(content, COLUMNS, NEEDED_COLUMNS)
    entries, problems = _entries(found.lines)
    report = Report([*found.problems, *problems], found.encoding)
    structures, people = entries[STRUCTURE], entries[PERSON]
    report.problems += _repeated(structures, people)
    try:
        with transaction():
            _Writer(structures, people, report).write(ends_missing=ends_missing)
            if not is_applied or report.problems:
                raise _DryRun  # noqa: TRY301 - the exception is what undoes
            audit.record(None, "accounts.imported", "import", None, **report.counts)
            report.is_applied = True
    except _DryRun:
        pass
    report.problems.sort(key=lambda problem: (problem.line, problem.column))
    return report


def _entries(lines: Iterable[Line]) -> tuple[dict[str, list[_Entry]], list[Problem]]:
    entries: dict[str, list[_Entry]] = {STRUCTURE: [], PERSON: []}
    problems: list[Problem] = []
    schemas = {kind: (schema(), columns_of(schema)) for kind, schema in SCHEMAS.items()}
    for line in lines:
        kind = fold(line.cells["type"])
        if kind not in schemas:
            reason = f"« {line.cells['type'][:20]} » : écrivez « structure » ou « personne »."
            problems.append(Problem(line.number, "type", reason))
            continue
        schema, columns = schemas[kind]
        cells = {name: cell or None for name, cell in line.cells.items() if cell or name in columns}
        del cells["type"]
        for optional in ("nature", "acces"):  # empty: the usual one
            if cells.get(optional, "") is None:
                del cells[optional]
        try:
            entries[kind].append(_Entry(line.number, schema.load(cells)))
        except ValidationError as error:
            problems += [Problem(line.number, name, reason) for name, reason in _reasons(error)]
    return entries, problems


def _reasons(error: ValidationError) -> Iterator[tuple[str, str]]:
    messages: dict[str, list[str]] = error.normalized_messages()  # type: ignore[no-untyped-call]
    for column, reasons in messages.items():
        yield column, " ".join(reasons)


def _repeated(structures: list[_Entry], people: list[_Entry]) -> list[Problem]:
    """The same structure, or the same person in one structure, on two lines: which one holds?"""
    problems = _twice(structures, "numero", lambda values: values["external_id"])
    problems += _twice(structures, "siret", lambda values: values.get("siret"))
    problems += _twice(people, "courriel", lambda values: (values["external_id"], values["email"]))
    return problems


def _twice(entries: list[_Entry], column: str, key: Any) -> list[Problem]:
    first: dict[Any, int] = {}
    problems = []
    for entry in entries:
        value = key(entry.values)
        if value is not None and first.setdefault(value, entry.line) != entry.line:
            problems.append(Problem(entry.line, column, f"déjà donné à la ligne {first[value]}."))
    return problems


class _Writer:
    """Writes the entries into the session; nothing is flushed before all of them have been looked at."""

    def __init__(self, structures: list[_Entry], people: list[_Entry], report: Report) -> None:
        self.structures, self.people, self.report = structures, people, report
        keys = [entry.values for entry in (*structures, *people)]
        groups = {values["group"] for values in keys if values.get("group")}
        self.organisations = {
            row.external_id: row
            for row in _found(Organisation.external_id, {values["external_id"] for values in keys} | groups)
        }
        sirets = {values["siret"] for values in keys if values.get("siret")}
        self.siret_owners = {row.siret: row for row in _found(Organisation.siret, sirets)}
        self.persons = {row.email: row for row in _found(Person.email, {entry.values["email"] for entry in people})}
        self.new_mandates: list[Mandate] = []

    def write(self, *, ends_missing: bool) -> None:
        with db.session.no_autoflush:
            for entry in self.structures:
                self._write_structure(entry)
            for entry in self.structures:
                self._write_group(entry)
            for entry in self.people:
                self._write_person(entry)
        if self.report.problems:
            return
        db.session.flush()
        for mandate in self.new_mandates:
            _audit("mandate.started", mandate)
        if ends_missing:
            self._end_missing()

    def _refuse(self, entry: _Entry, column: str, reason: str) -> None:
        self.report.problems.append(Problem(entry.line, column, reason))

    def _write_structure(self, entry: _Entry) -> None:
        values = {name: value for name, value in entry.values.items() if name not in {"group", "typologies"}}
        number, existing = values["external_id"], self.organisations.get(entry.values["external_id"])
        owner = self.siret_owners.get(values.get("siret"))
        if owner is not None and owner.external_id != number:
            self._refuse(entry, "siret", f"c’est déjà celui de « {owner.name} ».")
            return
        if existing is None or "delegation" in values:
            values["delegation"] = _delegation(values)
        values |= {name: "" for name in ("city", "phone") if values.get(name, "") is None}
        organisation = existing or Organisation(kind=OrganisationKind.MEMBER)
        is_changed = _assign(organisation, values)
        if "typologies" in entry.values:
            is_changed = _set_typologies(organisation, entry.values["typologies"] or ()) or is_changed
        if organisation.left_on and organisation.joined_on and organisation.left_on < organisation.joined_on:
            self._refuse(entry, "depart", "le départ précède l’adhésion.")
        if existing is None:
            db.session.add(organisation)
            self.organisations[number] = organisation
        self._count("structures", existing, is_changed=is_changed)

    def _write_group(self, entry: _Entry) -> None:
        organisation = self.organisations.get(entry.values["external_id"])
        if organisation is None or "group" not in entry.values:
            return
        number = entry.values["group"]
        group = self.organisations.get(number)
        if number is not None and group is None:
            self._refuse(entry, "groupe", f"aucune structure n’a le numéro « {number} ».")
        elif group is organisation:
            self._refuse(entry, "groupe", "une structure n’est pas son propre groupe.")
        elif organisation.group is not group:
            organisation.group = group

    def _write_person(self, entry: _Entry) -> None:
        values = entry.values
        organisation = self.organisations.get(values["external_id"])
        if organisation is None:
            self._refuse(entry, "numero", f"aucune structure n’a le numéro « {values['external_id']} ».")
            return
        try:
            check_scope(organisation, values.get("scope", MandateScope.STRUCTURE))
        except BadInput as refusal:
            self._refuse(entry, "acces", refusal.message)
            return
        own: dict[str, Any] = {
            name: values[name] or "" for name in ("first_name", "last_name", "phone") if name in values
        }
        existing = self.persons.get(values["email"])
        person = existing or Person(email=values["email"], created_at=clock.now(), mandates=[], roles=[])
        is_changed = _assign(person, own)
        if existing is None:
            db.session.add(person)
            self.persons[person.email] = person
        self._count("people", existing, is_changed=is_changed)
        self._write_mandate(person, organisation, values)

    def _write_mandate(self, person: Person, organisation: Organisation, values: dict[str, Any]) -> None:
        own = {"title": values["title"] or ""} if "title" in values else {}
        own |= {"scope": values["scope"]} if "scope" in values else {}
        held = [mandate for mandate in person.active_mandates if mandate.organisation is organisation]
        for mandate in held:
            self._count("mandates", mandate, is_changed=_assign(mandate, own))
        if not held:
            mandate = Mandate(
                person=person,
                organisation=organisation,
                starts_on=clock.today(),
                **{"scope": MandateScope.STRUCTURE, **own},
            )
            db.session.add(mandate)
            self.new_mandates.append(mandate)
            self._count("mandates", None, is_changed=True)

    def _count(self, what: str, existing: object, *, is_changed: bool) -> None:
        outcome = "created" if existing is None else "changed" if is_changed else "unchanged"
        self.report.counts[f"{what}_{outcome}"] += 1

    def _end_missing(self) -> None:
        """End the mandates, in the structures of the file, of people whom it does not name there."""
        today = clock.today()
        named = {(entry.values["external_id"], entry.values["email"]) for entry in self.people}
        numbers = {entry.values["external_id"] for entry in (*self.structures, *self.people)}
        for chunk in _chunks(numbers):
            query = sa.select(Mandate).join(Mandate.organisation).where(Organisation.external_id.in_(chunk))
            for mandate in db.session.scalars(query.options(selectinload(Mandate.person))).all():
                key = (mandate.organisation.external_id, mandate.person.email)
                if mandate.is_active_on(today) and key not in named:
                    _audit("mandate.ended", mandate)
                    close(mandate, None)
                    self.report.counts["mandates_ended"] += 1


def _found(column: Any, values: set[str]) -> Iterator[Any]:
    for chunk in _chunks(values):
        yield from db.session.scalars(sa.select(column.class_).where(column.in_(chunk)))


def _chunks(values: set[str]) -> Iterator[list[str]]:
    ordered = sorted(values)
    return (ordered[start : start + _CHUNK] for start in range(0, len(ordered), _CHUNK))


def _delegation(values: dict[str, Any]) -> str | None:
    """The one given (empty: the national queue), else the one that covers the département."""
    if values.get("delegation") is not None:
        return values["delegation"] or None
    covering = get_reference().delegation_of(values["departement"])
    return covering.code if covering else None


def _assign(row: object, values: dict[str, Any]) -> bool:
    """Set what differs; tell whether anything did."""
    changed = {name: value for name, value in values.items() if getattr(row, name) != value}
    for name, value in changed.items():
        setattr(row, name, value)
    return bool(changed)


def _set_typologies(organisation: Organisation, codes: Iterable[str]) -> bool:
    wanted, kept = set(codes), set(organisation.typologies)
    organisation.typology_rows = [
        *(row for row in organisation.typology_rows if row.code in wanted),
        *(OrganisationTypology(code=code) for code in sorted(wanted - kept)),
    ]
    return wanted != kept


def _audit(action: str, mandate: Mandate) -> None:
    audit.record(
        None,
        action,
        "mandate",
        mandate.id,
        person_id=mandate.person_id,
        organisation_id=mandate.organisation_id,
    )
