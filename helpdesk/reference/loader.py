"""Reads ``data/*.toml`` into a :class:`Reference`. One wrong line stops the start and is named."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from marshmallow import ValidationError

from helpdesk.reference.positions import Position, find_positions
from helpdesk.reference.schemas import (
    CollectiveAgreementSchema,
    DelegationSchema,
    DepartementSchema,
    LawChangeSchema,
    LegalDeadlineSchema,
    LexiconEntrySchema,
    RowSchema,
    SpellingSchema,
    TopicDomainSchema,
    TopicSchema,
    TypologySchema,
    UrgencyTrapSchema,
    UrgencyTriggerSchema,
)
from helpdesk.reference.types import (
    CollectiveAgreement,
    Delegation,
    Departement,
    LawChange,
    LegalDeadline,
    LexiconEntry,
    Reference,
    ReferenceDataError,
    Spelling,
    Topic,
    TopicDomain,
    Typology,
    UrgencyTrap,
    UrgencyTrigger,
)

T = TypeVar("T")

DATA_FOLDER = Path(__file__).with_name("data")


@dataclass(frozen=True, slots=True)
class _Table:
    """Where the entries of one kind are, what they hold and become, and the field unique among them."""

    file: str
    name: str
    schema: type[RowSchema]
    type: type[Any]
    key: str | None


_TABLES = (
    _Table("delegations.toml", "delegations", DelegationSchema, Delegation, "code"),
    _Table("departements.toml", "departements", DepartementSchema, Departement, "code"),
    _Table("typologies.toml", "typologies", TypologySchema, Typology, "code"),
    _Table("topics.toml", "domains", TopicDomainSchema, TopicDomain, "code"),
    _Table("topics.toml", "topics", TopicSchema, Topic, "code"),
    _Table("urgency.toml", "triggers", UrgencyTriggerSchema, UrgencyTrigger, "code"),
    _Table("urgency.toml", "traps", UrgencyTrapSchema, UrgencyTrap, None),
    _Table("urgency.toml", "spellings", SpellingSchema, Spelling, "word"),
    _Table("legal_deadlines.toml", "deadlines", LegalDeadlineSchema, LegalDeadline, "code"),
    _Table("law_changes.toml", "changes", LawChangeSchema, LawChange, None),
    _Table("lexicon.toml", "entries", LexiconEntrySchema, LexiconEntry, "sigle"),
    _Table("idcc.toml", "agreements", CollectiveAgreementSchema, CollectiveAgreement, "idcc"),
)

# Table, field, tables it points to, French name of what is pointed to.
_LINKS = (
    ("departements", "delegation", ("delegations",), "délégation"),
    ("deadlines", "topic", ("topics",), "thème"),
    ("changes", "topics", ("topics", "domains"), "thème"),
    ("traps", "triggers", ("triggers",), "déclencheur"),
    ("entries", "replaced_by", ("entries",), "sigle"),
)


@dataclass(frozen=True, slots=True)
class _Row:
    values: dict[str, Any]
    file: str
    position: Position


class _Problems:
    """Every problem met, so that one start shows them all."""

    def __init__(self) -> None:
        self._found: list[tuple[str, int, str]] = []

    def add(self, file: str, line: int, reason: str) -> None:
        self._found.append((file, line, reason))

    def add_to(self, row: _Row, field: str, reason: str) -> None:
        self.add(row.file, row.position.line_of(field), f"champ « {field} »\u00a0: {reason}")

    def stop_if_any(self) -> None:
        if self._found:
            raise ReferenceDataError(
                tuple(f"{file}, ligne {line}\u00a0: {why}" for file, line, why in sorted(self._found))
            )


def load_reference(folder: Path = DATA_FOLDER) -> Reference:
    """The reference data of *folder*.

    :raises ReferenceDataError: with every problem found, each with file, line and reason.
    """
    problems = _Problems()
    rows: dict[str, list[_Row]] = {table.name: [] for table in _TABLES}
    for file in dict.fromkeys(table.file for table in _TABLES):
        _read_file(folder, file, rows, problems)
    problems.stop_if_any()
    _check_unique(rows, problems)
    _check_links(rows, problems)
    problems.stop_if_any()
    return _build(rows)


def _read_file(folder: Path, file: str, rows: dict[str, list[_Row]], problems: _Problems) -> None:
    text = _read_text(folder / file, problems)
    if text is None:
        return
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        problems.add(file, _line_of(error, text), f"syntaxe TOML non valide ({error})")
        return
    positions = find_positions(text)
    tables = {table.name: table for table in _TABLES if table.file == file}
    for name in document.keys() - tables.keys():
        problems.add(file, positions.line_of_table(name), f"table « {name} » inconnue")
    for name, table in tables.items():
        _read_table(document.get(name, []), table, text, rows[name], problems)


def _read_text(path: Path, problems: _Problems) -> str | None:
    try:
        content = path.read_bytes()
    except OSError:
        problems.add(path.name, 1, "fichier absent ou illisible")
        return None
    try:
        return content.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        problems.add(path.name, content.count(b"\n", 0, error.start) + 1, "texte qui n’est pas en UTF-8")
        return None


def _line_of(error: tomllib.TOMLDecodeError, text: str) -> int:
    found = re.search(r"at line (\d+)", str(error))
    return int(found[1]) if found else text.rstrip("\n").count("\n") + 1


def _read_table(entries: object, table: _Table, text: str, rows: list[_Row], problems: _Problems) -> None:
    positions, lines = find_positions(text), text.split("\n")
    places = positions.tables.get(table.name, [])
    if not isinstance(entries, list) or len(entries) != len(places):
        line = positions.line_of_table(table.name)
        problems.add(table.file, line, f"entrées attendues sous la forme [[{table.name}]]")
        return
    if not entries:
        problems.add(table.file, 1, f"aucune entrée [[{table.name}]]")
    schema = table.schema()
    for entry, position in zip(entries, places, strict=True):
        try:
            rows.append(_Row(schema.load(entry), table.file, position))
        except ValidationError as error:
            for field, rank, reason in _flatten(error.messages_dict):
                where = f"champ « {field} »" + (f", valeur n°\u00a0{rank + 1}" if rank is not None else "")
                line = position.line_of(field)
                problems.add(
                    table.file,
                    line if rank is None else _line_of_value(lines, line, entry[field][rank]),
                    f"{where}\u00a0: {reason}",
                )


def _line_of_value(lines: list[str], first_line: int, value: object) -> int:
    """The line of a value of a list that begins on *first_line*: where its text is first written."""
    written = str(value)
    return next((n for n, line in enumerate(lines, 1) if n >= first_line and written in line), first_line)


def _flatten(messages: Mapping[str, Any]) -> Iterable[tuple[str, int | None, str]]:
    """Field, rank in the field when it is a list, and reason of each message of marshmallow."""
    for field, found in messages.items():
        if isinstance(found, Mapping):
            yield from ((field, rank, reason) for rank, reasons in found.items() for reason in reasons)
        else:
            yield from ((field, None, reason) for reason in found)


def _check_unique(rows: Mapping[str, list[_Row]], problems: _Problems) -> None:
    keys = [(table.name, table.key) for table in _TABLES if table.key]
    for name, key in (*keys, ("delegations", "mail_stem")):
        seen: dict[str, int] = {}
        for row in rows[name]:
            value = row.values[key]
            if value in seen:
                problems.add_to(row, key, f"« {value} » existe déjà ligne {seen[value]}")
            seen.setdefault(value, row.position.line)


def _check_links(rows: Mapping[str, list[_Row]], problems: _Problems) -> None:
    known = {table.name: {row.values[table.key] for row in rows[table.name]} for table in _TABLES if table.key}
    for table, field, targets, what in _LINKS:
        allowed = set().union(*(known[target] for target in targets))
        for row in rows[table]:
            value = row.values[field]
            for code in value if isinstance(value, list) else [value]:
                if code and code not in allowed:
                    problems.add_to(row, field, f"{what} « {code} »\u00a0: code inconnu")
    for row in rows["topics"]:
        if (domain := row.values["code"].partition("/")[0]) not in known["domains"]:
            problems.add_to(row, "code", f"domaine « {domain} »\u00a0: code inconnu")
        if row.values["is_out_of_scope"] and not row.values["orientation"]:
            problems.add_to(row, "orientation", "texte obligatoire pour un thème hors champ")


def _build(rows: Mapping[str, list[_Row]]) -> Reference:
    built = {table.name: [_object(table.type, row.values) for row in rows[table.name]] for table in _TABLES}
    departements = built["departements"]
    delegations = [
        replace(one, departements=tuple(each.code for each in departements if each.delegation == one.code))
        for one in built["delegations"]
    ]
    domains = _by(built["domains"], "code")
    topics = [replace(topic, specialty=topic.specialty or domains[topic.parent].specialty) for topic in built["topics"]]
    return Reference(
        delegations=_by(delegations, "code"),
        departements=_by(departements, "code"),
        typologies=_by(built["typologies"], "code"),
        topic_domains=domains,
        topics=_by(topics, "code"),
        urgency_triggers=tuple(built["triggers"]),
        urgency_traps=tuple(built["traps"]),
        spellings=tuple(built["spellings"]),
        legal_deadlines=_by(built["deadlines"], "code"),
        law_changes=tuple(built["changes"]),
        lexicon=_by(built["entries"], "sigle"),
        collective_agreements=_by(built["agreements"], "idcc"),
    )


def _object(kind: type[T], values: Mapping[str, Any]) -> T:
    return kind(**{name: tuple(value) if isinstance(value, list) else value for name, value in values.items()})


def _by(items: Iterable[T], key: str) -> Mapping[str, T]:
    return {getattr(item, key): item for item in items}
