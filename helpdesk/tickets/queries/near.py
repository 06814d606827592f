"""The questions around one: those it continues or repeats, the same one asked elsewhere, the structure's others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any, NamedTuple

import sqlalchemy as sa

from helpdesk.accounts.models import Person
from helpdesk.db import read
from helpdesk.tickets import perms
from helpdesk.tickets.enums import Status
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.queries.rows import OF_TICKET, SENSITIVE_TITLE, side_by_side

LINKED_COUNT, IDENTICAL_COUNT, OTHERS_COUNT = 5, 3, 5


class NearRow(NamedTuple):
    """Enough of a question for a link to it; a sensitive one is masked."""

    id: int
    reference: str
    title: str
    status: Status
    received_at: datetime
    answered_at: datetime | None


class Kind(StrEnum):
    """What a question is to the one it stands beside."""

    LINKED = "linked"
    IDENTICAL = "identical"
    OTHERS = "others"


@dataclass(frozen=True)
class Around:
    """What a page shows beside a question."""

    linked: Sequence[tuple[str, NearRow]]
    """Each with its link, in words."""
    identical: Sequence[NearRow]
    others: Sequence[NearRow]


def around(person: Person, ticket: Ticket) -> Around:
    """The questions around *ticket*, as far as *person* may see, in one query."""
    reader = perms.reader_of(person)
    values = {
        **reader.values(),
        **_link_values(ticket),
        "of_organisation_id": ticket.organisation_id,
        "same_title": None if ticket.is_sensitive else ticket.search_title,
    }
    found: dict[str, list[NearRow]] = {kind.value: [] for kind in Kind}
    for kind, *row in read(_around(reader.sight), values):
        found[kind].append(NearRow._make(row))
    return Around(
        linked=_with_links(sorted(found[Kind.LINKED]), ticket),
        identical=sorted(found[Kind.IDENTICAL], reverse=True),
        others=sorted(found[Kind.OTHERS], key=lambda row: (row.received_at, row.id), reverse=True),
    )


@cache
def _around(sight: perms.Sight) -> sa.Select[Any]:
    others = _recent(sight, OTHERS_COUNT).where(Ticket.id != OF_TICKET)
    return side_by_side({Kind.LINKED: _linked(sight), Kind.IDENTICAL: _identical(sight), Kind.OTHERS: others})


def linked_questions(person: Person, ticket: Ticket) -> Sequence[tuple[str, NearRow]]:
    """What *ticket* continues or repeats, and what continues it, as far as *person* may see, each with its link."""
    reader = perms.reader_of(person)
    rows = _read(_linked(reader.sight), {**reader.values(), **_link_values(ticket)})
    return _with_links(rows, ticket)


def recent_of_organisation(person: Person, organisation_id: int, *, limit: int = OTHERS_COUNT) -> Sequence[NearRow]:
    """The structure's latest questions that *person* may see; sensitive ones are left out."""
    reader = perms.reader_of(person)
    return _read(_recent(reader.sight, limit), {**reader.values(), "of_organisation_id": organisation_id})


def _read(select: sa.Select[Any], values: Mapping[str, Any]) -> list[NearRow]:
    return [NearRow._make(row) for row in read(select, values)]


@cache
def seen(sight: perms.Sight) -> sa.Select[Any]:
    """The questions that a reader may see, as :class:`NearRow`."""
    title = sa.case((Ticket.is_sensitive, SENSITIVE_TITLE), else_=Ticket.title).label("title")
    columns = (Ticket.id, Ticket.reference, title, Ticket.status, Ticket.received_at, Ticket.answered_at)
    return sa.select(*columns).where(perms.visible_by(perms.any_reader(sight)))


@cache
def _linked(sight: perms.Sight) -> sa.Select[Any]:
    before = Ticket.id.in_([sa.bindparam(name, type_=sa.Integer()) for name in ("follows_id", "duplicate_of_id")])
    return seen(sight).where(sa.or_(before, Ticket.follows_id == OF_TICKET)).order_by(Ticket.id).limit(LINKED_COUNT)


@cache
def _identical(sight: perms.Sight) -> sa.Select[Any]:
    is_same = Ticket.search_title == sa.bindparam("same_title", type_=sa.Text())
    select = seen(sight).where(is_same, Ticket.id != OF_TICKET, Ticket.is_sensitive.is_(False))
    return select.order_by(Ticket.id.desc()).limit(IDENTICAL_COUNT)


@cache
def _recent(sight: perms.Sight, limit: int) -> sa.Select[Any]:
    in_structure = Ticket.organisation_id == sa.bindparam("of_organisation_id", type_=sa.Integer())
    select = seen(sight).where(in_structure, Ticket.is_sensitive.is_(False))
    return select.order_by(Ticket.received_at.desc(), Ticket.id.desc()).limit(limit)


def _link_values(ticket: Ticket) -> dict[str, int | None]:
    return {"of_ticket_id": ticket.id, "follows_id": ticket.follows_id, "duplicate_of_id": ticket.duplicate_of_id}


def _with_links(rows: Sequence[NearRow], ticket: Ticket) -> list[tuple[str, NearRow]]:
    words = {ticket.follows_id: "La question de départ", ticket.duplicate_of_id: "Même question, déjà posée"}
    return [(words.get(row.id, "La suite de cette question"), row) for row in rows]
