"""What a question hangs together with by its words: the questions alike, and what its asker had just read."""

from functools import cache
from typing import Any

import sqlalchemy as sa

from helpdesk.accounts.models import Person
from helpdesk.db import read
from helpdesk.search.queries import kept_near
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


def read_before_asking(ticket: Ticket) -> str:
    """The address of the entry of the knowledge base that led to the question; empty when none did."""
    found = read(_reception(), {"of_ticket_id": ticket.id})
    return str((found[0].data or {}).get("after_reading", "")) if found else ""


@cache
def _reception() -> sa.Select[Any]:
    is_reception = sa.and_(TicketEvent.ticket_id == OF_TICKET, TicketEvent.kind == EventKind.RECEIVED.value)
    return sa.select(TicketEvent.data).where(is_reception).order_by(TicketEvent.id).limit(1)
