"""What the questions behind an entry know of whom they concern, and where it stands in the entry's words."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from helpdesk.accounts import queries as accounts
from helpdesk.accounts.enums import OrganisationKind
from helpdesk.accounts.models import Organisation, Person
from helpdesk.db import db
from helpdesk.kb import perms
from helpdesk.kb.anonymisation import KnownKind, KnownRecord, Mark, find_marks
from helpdesk.kb.enums import Stage
from helpdesk.kb.models import Article, ArticleVersion
from helpdesk.reference import get_reference
from helpdesk.tickets.models import Ticket

FIELDS = {
    "title": "Question",
    "in_brief": "En bref",
    "explanation": "L’explication",
    "example": "Exemple",
    "actions": "Ce que vous pouvez faire",
    "change_note": "Ce qui a changé",
}
"""The texts of a version, in the order of the page."""


@dataclass(frozen=True)
class Place:
    """A text of a version: a field, or « references.2.label », or « attachments.14 »."""

    name: str
    label: str
    text: str


@dataclass(frozen=True)
class StaleName:
    """An earlier version, still readable, in which a known name stands."""

    version: ArticleVersion
    labels: tuple[str, ...]


def known_records(article: Article) -> tuple[KnownRecord, ...]:
    """What the records of the questions that an entry was made from know; nothing once the links are cut."""
    records: list[KnownRecord] = []
    for ticket in perms.sources_of(article):
        records += _of_people(ticket)
        records += _of_structures(ticket)
        records += _of_delegations(ticket)
        records += _values(KnownKind.PHONE, ticket.callback_phone)
    return tuple(dict.fromkeys(records))


def _of_people(ticket: Ticket) -> Iterator[KnownRecord]:
    structures = [structure.id for structure in _structures(ticket)]
    people: list[Person | None] = [ticket.asker, ticket.delegate, *accounts.people_ever_in(structures)]
    for person in filter(None, people):
        yield from _values(KnownKind.PERSON, person.full_name)
        yield from _values(KnownKind.EMAIL, person.email)
        yield from _values(KnownKind.PHONE, person.phone)


def _of_structures(ticket: Ticket) -> Iterator[KnownRecord]:
    for structure in _structures(ticket):
        is_ptce = structure.kind is OrganisationKind.PTCE
        yield from _values(KnownKind.PTCE if is_ptce else KnownKind.STRUCTURE, structure.name)
        yield from _values(KnownKind.TOWN, structure.city)
        yield from _values(KnownKind.SIRET, structure.siret)
        yield from _values(KnownKind.PHONE, structure.phone)


def _structures(ticket: Ticket) -> list[Organisation]:
    """The structure and its group."""
    return [one for one in (ticket.organisation, ticket.organisation.group) if one is not None]


def _of_delegations(ticket: Ticket) -> Iterator[KnownRecord]:
    every = get_reference().delegations
    for code in sorted(ticket.delegations):
        yield from _values(KnownKind.DELEGATION, every[code].name if code in every else "")


def _values(kind: KnownKind, value: str | None) -> Iterator[KnownRecord]:
    if value and value.strip():
        yield KnownRecord(kind, value.strip())


def places_of(version: ArticleVersion) -> list[Place]:
    """Every text of a version that readers see, names of files included."""
    places = [Place(name, label, getattr(version, name)) for name, label in FIELDS.items()]
    for row in version.references:
        title = f"Référence {row.position + 1}"
        places += [Place(f"references.{row.position}.{name}", title, getattr(row, name)) for name in ("code", "label")]
    places += [
        Place(f"attachments.{file.id}", f"Nom du document « {file.name} »", file.name) for file in version.attachments
    ]
    return [place for place in places if place.text]


def marks_in(version: ArticleVersion, known: Iterable[KnownRecord]) -> list[tuple[Place, list[Mark]]]:
    """The marks of each text of a version."""
    records = tuple(known)
    found = [(place, find_marks(place.text, records)) for place in places_of(version)]
    return [(place, marks) for place, marks in found if marks]


def names_in(version: ArticleVersion, known: Iterable[KnownRecord]) -> tuple[str, ...]:
    """The labels of the texts in which a known name stands."""
    return named_among(marks_in(version, known))


def named_among(marked: Iterable[tuple[Place, list[Mark]]]) -> tuple[str, ...]:
    """The same, of marks found before."""
    return tuple(dict.fromkeys(place.label for place, marks in marked if any(mark.is_known for mark in marks)))


def stale_names(article: Article, known: Iterable[KnownRecord]) -> list[StaleName]:
    """The earlier versions whose text is still there and holds a known name: they are erased before a publication."""
    records = tuple(known)
    select = sa.select(ArticleVersion).where(
        ArticleVersion.article_id == article.id,
        ArticleVersion.stage == Stage.SUPERSEDED,
        ArticleVersion.redacted_at.is_(None),
    )
    versions = db.session.scalars(select.order_by(ArticleVersion.number)).all()
    found = [StaleName(version, names_in(version, records)) for version in versions]
    return [one for one in found if one.labels]


def has_known_name(article: Article, text: str) -> bool:
    """Whether words written beside an entry (a reason shown to readers) name somebody of its questions."""
    return any(mark.is_known for mark in find_marks(text, known_records(article)))
