"""The open questions that press, whatever the period: those of « À débloquer maintenant » and of the mail of the week.

What waits for its asker presses nobody. A sensitive question is masked.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from helpdesk.accounts.models import Person
from helpdesk.db import read
from helpdesk.reference.zones import PARIS
from helpdesk.stats.perms import Selection
from helpdesk.stats.queries.facts import selected
from helpdesk.tickets import perms
from helpdesk.tickets.enums import Urgency
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.queries.lateness import IS_RUNNING, is_due_by_law, is_late
from helpdesk.tickets.queries.rows import IS_OPEN, TicketRow, read_rows, ticket_rows

SHOWN_MAX_COUNT = 5


@dataclass(frozen=True)
class Pressing:
    """Of *count* questions, the first *rows* in the order of every queue, at most :data:`SHOWN_MAX_COUNT`."""

    count: int
    rows: Sequence[TicketRow]


@dataclass(frozen=True)
class Week:
    """What presses this week. A question is counted under all that it is, and is among the rows of the first alone."""

    urgent: Pressing
    """Whenever they are due."""
    late: Pressing
    due: Pressing
    """Not late; by the service's date, or by the legal one, passed or not."""


def pressing(reader: Person, selection: Selection) -> Pressing:
    """The most pressing of the open questions of *selection*; those that wait are in the count, as in the list of
    all questions. The tier chooses among answers: it is left out.
    """
    chosen = selected(replace(selection, answered_by=None))
    counted = sa.select(sa.func.count()).select_from(Ticket).where(IS_OPEN, perms.visible_to(reader), *chosen)
    return Pressing(read(counted)[0][0], _first(IS_RUNNING, perms.visible_as_staff(reader), *chosen))


def week(reader: Person, selection: Selection, now: datetime, until: datetime) -> Week:
    """What *reader* may see as staff of *selection*; due before *until*, a midnight in Paris."""
    mine = sa.and_(perms.visible_as_staff(reader), *selected(selection))
    is_urgent = sa.and_(IS_RUNNING, Ticket.urgency >= Urgency.URGENT)
    is_due = is_due_by_law(now, until, until.astimezone(PARIS).date())
    conditions = (is_urgent, is_late(now), is_due)
    counts: list[Any] = [sa.func.count(sa.case((condition, 1))) for condition in conditions]
    (numbers,) = read(sa.select(*counts).select_from(Ticket).where(IS_OPEN, mine))
    rows = [_first(mine, is_urgent), *(_first(mine, condition, ~is_urgent) for condition in conditions[1:])]
    return Week(*map(Pressing, numbers, rows))


def _first(*conditions: sa.ColumnElement[bool]) -> Sequence[TicketRow]:
    ordered = ticket_rows().where(*conditions).order_by(Ticket.attention_at, Ticket.id)
    return read_rows(ordered.limit(SHOWN_MAX_COUNT), {})
