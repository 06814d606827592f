"""What a question hangs together with by its words: the questions alike, and what its asker had just read."""

import sqlalchemy as sa

from helpdesk.accounts.models import Organisation, Person
from helpdesk.db import db
from helpdesk.search.queries import similar_ids
from helpdesk.tickets import perms
from helpdesk.tickets.enums import EventKind
from helpdesk.tickets.models import Ticket, TicketEvent
from helpdesk.tickets.queries.near import NearRow

CORPUS = "questions"


def alike(person: Person, ticket: Ticket, *, limit: int = 3) -> list[NearRow]:
    """The questions closest to *ticket* that *person* may see, closest first; no sensitive one is in the index."""
    ids = similar_ids(person, CORPUS, ticket.title, ticket.excerpt, limit=limit, excluding={ticket.id})
    columns = (Ticket.id, Ticket.reference, Ticket.title, Ticket.status, Ticket.received_at, Ticket.answered_at)
    select = sa.select(*columns).join(Organisation, Organisation.id == Ticket.organisation_id)
    rows = db.session.execute(select.where(Ticket.id.in_(ids), perms.visible_to(person), ~Ticket.is_sensitive))
    found = {row.id: NearRow._make(row) for row in rows}
    return [found[one] for one in ids if one in found]


def read_before_asking(ticket: Ticket) -> str:
    """The address of the entry of the knowledge base that led to the question; empty when none did."""
    received = sa.select(TicketEvent.data).where(
        TicketEvent.ticket_id == ticket.id, TicketEvent.kind == EventKind.RECEIVED.value
    )
    data = db.session.scalar(received.order_by(TicketEvent.id).limit(1)) or {}
    return str(data.get("after_reading", ""))
