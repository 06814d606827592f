"""What a question hangs together with by its words: the questions alike, and what its asker had just read."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import sqlalchemy as sa

from helpdesk.accounts.models import Person
from helpdesk.db import read
from helpdesk.search.queries import kept_near, kept_near_each
from helpdesk.tickets import perms
from helpdesk.tickets.enums import EventKind
from helpdesk.tickets.models import Ticket, TicketEvent
from helpdesk.tickets.queries.near import NearRow, seen
from helpdesk.tickets.queries.rows import OF_TICKET

CORPUS = "questions"


def alike(person: Person, ticket: Ticket, *, limit: int = 3) -> list[NearRow]:
    """The questions closest to *ticket* that *person* may see, as a worker found them; sensitive ones are left out."""
    reader = perms.reader_of(person)
    rows = read(_alike(reader.sight, limit), {**reader.values(), "of_ticket_id": ticket.id})
    return [NearRow._make(row) for row in rows]


@cache
def _alike(sight: perms.Sight, limit: int) -> sa.Select[Any]:
    near = kept_near(CORPUS, OF_TICKET, CORPUS)
    select = seen(sight).join(near, near.c.near_id == Ticket.id).where(Ticket.is_sensitive.is_(False))
    return select.order_by(near.c.rank).limit(limit)


def answered_alike(person: Person, ticket_ids: Sequence[int], *, limit: int = 3) -> dict[int, list[NearRow]]:
    """The same for several questions at once, those that were answered alone."""
    reader = perms.reader_of(person)
    found: dict[int, list[NearRow]] = {}
    rows = read(_answered_alike(reader.sight), {**reader.values(), "of_ticket_ids": ticket_ids}) if ticket_ids else []
    for *row, ticket_id in rows:
        found.setdefault(ticket_id, []).append(NearRow._make(row))
    return {ticket_id: near[:limit] for ticket_id, near in found.items()}


@cache
def _answered_alike(sight: perms.Sight) -> sa.Select[Any]:
    near = kept_near_each(CORPUS, sa.bindparam("of_ticket_ids", expanding=True), CORPUS)
    select = seen(sight).add_columns(near.c.entry_id).join(near, near.c.near_id == Ticket.id)
    is_shown = sa.and_(Ticket.is_sensitive.is_(False), Ticket.answered_at.is_not(None))
    return select.where(is_shown).order_by(near.c.entry_id, near.c.rank)


def read_before_asking(ticket: Ticket) -> str:
    """The address of the entry of the knowledge base that led to the question; empty when none did."""
    found = read(_reception(), {"of_ticket_id": ticket.id})
    return str((found[0].data or {}).get("after_reading", "")) if found else ""


@cache
def _reception() -> sa.Select[Any]:
    is_reception = sa.and_(TicketEvent.ticket_id == OF_TICKET, TicketEvent.kind == EventKind.RECEIVED.value)
    return sa.select(TicketEvent.data).where(is_reception).order_by(TicketEvent.id).limit(1)
