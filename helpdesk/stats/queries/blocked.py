"""« À débloquer maintenant »: the open questions that press most, whatever the period."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import sqlalchemy as sa

from helpdesk.accounts.models import Person
from helpdesk.db import read
from helpdesk.stats.perms import Selection
from helpdesk.stats.queries.facts import selected
from helpdesk.tickets import perms
from helpdesk.tickets.enums import Status
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.queries.rows import IS_OPEN, TicketRow, read_rows, ticket_rows

SHOWN_COUNT = 5


class Blocked(NamedTuple):
    """The first *rows* of *open_count* open questions, in the order of every queue."""

    rows: Sequence[TicketRow]
    open_count: int


def blocked(person: Person, selection: Selection) -> Blocked:
    """Those of *selection* that *person* may open, sensitive ones masked; what waits for its asker is in the count
    alone. The tier and the period choose among answers: they are left out.
    """
    conditions = [perms.visible_to(person), IS_OPEN, *selected(replace(selection, answered_by=None))]
    counted = sa.select(sa.func.count()).select_from(Ticket).where(*conditions)
    pressing = ticket_rows().where(*conditions, Ticket.status != Status.WAITING)
    rows = read_rows(pressing.order_by(Ticket.attention_at, Ticket.id).limit(SHOWN_COUNT), {})
    return Blocked(rows, read(counted)[0][0])
