"""What the mail of the week tells its reader: what is late, what is due, and how fast answers left."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from helpdesk.accounts.models import Person
from helpdesk.db import read
from helpdesk.reference.zones import PARIS
from helpdesk.stats.perms import Selection
from helpdesk.stats.queries.facts import selected
from helpdesk.tickets import perms
from helpdesk.tickets.enums import Status
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.queries.rows import IS_OPEN, TicketRow, read_rows, ticket_rows

SHOWN_MAX_COUNT = 5
"""Of each list; the others are counted."""


@dataclass(frozen=True)
class Week:
    """The open questions of a reader; those that wait for the asker are neither late nor due."""

    late_count: int
    due_count: int
    waiting_count: int
    triage_count: int
    """To be triaged, late and due ones among them."""
    late: Sequence[TicketRow]
    """In the order of every queue, at most :data:`SHOWN_MAX_COUNT`."""
    due: Sequence[TicketRow]
    """In the same order, as many, without the late ones: by the service's date, or by the legal one, passed or not."""


def week(reader: Person, selection: Selection, now: datetime, until: datetime) -> Week:
    """The questions of *selection* that *reader* may see as staff, due before *until*, a midnight in Paris."""
    is_mine = sa.and_(IS_OPEN, perms.visible_as_staff(reader), *selected(selection))
    is_waiting = Ticket.status == Status.WAITING
    is_late = sa.and_(~is_waiting, Ticket.due_at < now)
    is_near = sa.or_(Ticket.due_at < until, Ticket.legal_deadline_on < until.astimezone(PARIS).date())
    is_due = sa.and_(~is_waiting, Ticket.due_at >= now, is_near)
    conditions = (is_late, is_due, is_waiting, Ticket.status == Status.TRIAGE)
    counts: list[Any] = [sa.func.count(sa.case((condition, 1))) for condition in conditions]
    ((late_count, due_count, waiting_count, triage_count),) = read(
        sa.select(*counts).select_from(Ticket).where(is_mine)
    )
    listed = ticket_rows().where(is_mine).order_by(Ticket.attention_at, Ticket.id).limit(SHOWN_MAX_COUNT)
    return Week(
        late_count,
        due_count,
        waiting_count,
        triage_count,
        late=read_rows(listed.where(is_late), {}),
        due=read_rows(listed.where(is_due), {}),
    )
