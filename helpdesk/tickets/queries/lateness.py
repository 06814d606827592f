"""What is late and what is due soon, said once: for the views, the team's page, the lists, the mail of the week.

What waits for its asker is neither: its clock is stopped. A moment is a value, or the parameter of a statement that
is kept ready.
"""

from typing import Any

import sqlalchemy as sa

from helpdesk.tickets.enums import Status
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.queries.rows import IS_OPEN

IS_RUNNING = sa.and_(IS_OPEN, Ticket.status != Status.WAITING)
"""Open, and not waiting for its asker."""


def is_late(now: Any) -> sa.ColumnElement[bool]:
    """The day that the service has given itself is over."""
    return sa.and_(IS_RUNNING, Ticket.due_at < now)


def is_due(now: Any, until: Any) -> sa.ColumnElement[bool]:
    """Not late, and due before the moment *until*."""
    return sa.and_(IS_RUNNING, Ticket.due_at >= now, Ticket.due_at < until)


def is_due_by_law(now: Any, until: Any, until_on: Any) -> sa.ColumnElement[bool]:
    """The same, or with a legal date before the day *until_on*, passed or not."""
    is_near = sa.or_(Ticket.due_at < until, Ticket.legal_deadline_on < until_on)
    return sa.and_(IS_RUNNING, Ticket.due_at >= now, is_near)
