"""The questions that speak of the same thing as another, under their reader's rights."""

import sqlalchemy as sa

from helpdesk.accounts.models import Organisation, Person
from helpdesk.db import db
from helpdesk.search.queries import similar
from helpdesk.tickets import perms
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.queries.near import NearRow

CORPUS = "questions"


def alike(person: Person, ticket: Ticket, *, limit: int = 3) -> list[NearRow]:
    """The questions closest to *ticket* that *person* may see, closest first; no sensitive one is in the index."""
    hits = similar(person, CORPUS, ticket.title, ticket.excerpt, limit=limit, excluding={ticket.id})
    ids = [hit.id for hit in hits]
    columns = (Ticket.id, Ticket.reference, Ticket.title, Ticket.status, Ticket.received_at, Ticket.answered_at)
    select = sa.select(*columns).join(Organisation, Organisation.id == Ticket.organisation_id)
    rows = db.session.execute(select.where(Ticket.id.in_(ids), perms.visible_to(person), ~Ticket.is_sensitive))
    found = {row.id: NearRow._make(row) for row in rows}
    return [found[one] for one in ids if one in found]
