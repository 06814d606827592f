"""The questions of a period as facts to measure: one query of a few columns, whatever is then counted."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from helpdesk.accounts.models import OrganisationTypology
from helpdesk.db import read, read_plain
from helpdesk.reporting import Period
from helpdesk.stats.measures import Delays, Facts, delays_of_counts
from helpdesk.stats.periods import month_starts
from helpdesk.stats.perms import NATIONAL, Selection
from helpdesk.tickets.deadlines import TargetUnit
from helpdesk.tickets.enums import CloseReason, Status
from helpdesk.tickets.models import ResponseClock, Ticket
from helpdesk.tickets.queries.rows import IS_DUPLICATE, IS_OPEN

FIRST_ROUND = sa.and_(ResponseClock.ticket_id == Ticket.id, ResponseClock.round == 1)
IS_COUNTED = Ticket.close_reason.is_distinct_from(CloseReason.DUPLICATE)
"""A duplicate is the question that it doubles."""
GROSS = (
    ResponseClock.delegation_seconds
    + ResponseClock.pole_seconds
    + ResponseClock.waiting_seconds
    + ResponseClock.relay_seconds
)
# Working days are not counted by the database: the due date, which the wait for the asker has pushed, decides.
IS_WITHIN = sa.case(
    (ResponseClock.target_unit == TargetUnit.CALENDAR, ResponseClock.gross_days <= ResponseClock.target_days),
    else_=ResponseClock.answered_at <= ResponseClock.due_at,
)


class Unanswered(NamedTuple):
    """A question of the period that still waits for its first answer."""

    received_at: datetime
    due_at: datetime
    is_waiting: bool
    """For words of the asker: its clock is stopped, it is not late."""


def counted(selection: Selection, period: Period) -> sa.ColumnElement[bool]:
    """The questions of *selection* received in *period*."""
    starts_at, ends_at = period.bounds
    in_period = (
        sa.and_(moment >= starts_at, moment < ends_at)
        # The first round starts at the arrival: said of both, each table is read by its own index.
        for moment in (Ticket.received_at, ResponseClock.started_at)
    )
    return sa.and_(*in_period, IS_COUNTED, *selected(selection))


def selected(selection: Selection) -> list[sa.ColumnElement[bool]]:
    """The conditions of *selection* on a question joined to the clock of its first round."""
    conditions: list[sa.ColumnElement[bool]] = []
    if selection.delegations is not None:
        named = Ticket.delegation.in_(sorted(selection.delegations - {NATIONAL}))
        is_national = NATIONAL in selection.delegations
        conditions.append(sa.or_(named, Ticket.delegation.is_(None)) if is_national else named)
    if selection.topic:
        is_below = Ticket.topic.startswith(f"{selection.topic}/", autoescape=True)
        conditions.append(sa.or_(Ticket.topic == selection.topic, is_below))
    if selection.typology:
        has_code = sa.and_(
            OrganisationTypology.organisation_id == Ticket.organisation_id,
            OrganisationTypology.code == selection.typology,
        )
        conditions.append(sa.exists().where(has_code))
    if selection.channel is not None:
        conditions.append(Ticket.channel == selection.channel)
    if selection.answered_by is not None:
        conditions.append(ResponseClock.answered_by == selection.answered_by)
    return conditions


def facts(selection: Selection, period: Period) -> Facts:
    """The questions of *period*, answered or not."""
    starts = month_starts(period)
    month: sa.ColumnElement[int] = sa.literal(0)
    if len(starts) > 1:
        whens = [(Ticket.received_at < start, place) for place, start in enumerate(starts[1:])]
        month = sa.case(*whens, else_=len(starts) - 1)
    columns: list[Any] = [
        month,
        sa.func.coalesce(Ticket.delegation, NATIONAL),
        sa.func.coalesce(Ticket.topic, ""),
        Ticket.channel,
        Ticket.organisation_id,
        ResponseClock.answered_by,
        ResponseClock.gross_days,
        ResponseClock.net_days,
        GROSS,
        ResponseClock.delegation_seconds,
        ResponseClock.waiting_seconds,
        ResponseClock.relay_seconds,
        IS_WITHIN,
        ResponseClock.answered_at <= ResponseClock.due_at,
    ]
    select = sa.select(*columns).join(ResponseClock, FIRST_ROUND).where(counted(selection, period))
    return Facts(read_plain(select))


def delays_in(selection: Selection, period: Period) -> Delays:
    """The delays of a period alone, without its facts: what another period is compared with."""
    columns: list[Any] = [ResponseClock.gross_days, IS_WITHIN, sa.func.count(), sa.func.sum(GROSS)]
    rows = read(_clocks(sa.select(*columns), selection, period).group_by(*columns[:2]))
    answered = [(row[0], bool(row[1]), row[2], int(row[3])) for row in rows if row[0] is not None]
    return delays_of_counts(sum(row[2] for row in rows), answered)


def _clocks(select: sa.Select[Any], selection: Selection, period: Period) -> sa.Select[Any]:
    """*select* over the clocks of what is :func:`counted`. Where nothing is chosen among the questions they are not
    read, but for the duplicates, which are few and have an index.
    """
    if selected(selection):
        return select.select_from(Ticket).join(ResponseClock, FIRST_ROUND).where(counted(selection, period))
    starts_at, ends_at = period.bounds
    duplicates = sa.select(Ticket.id).where(IS_DUPLICATE, Ticket.received_at >= starts_at, Ticket.received_at < ends_at)
    return select.where(
        ResponseClock.started_at >= starts_at,
        ResponseClock.started_at < ends_at,
        ResponseClock.round == 1,
        ResponseClock.ticket_id.not_in(duplicates),
    )


def unanswered(selection: Selection, period: Period) -> Sequence[Unanswered]:
    """The open questions of *period* without any answer yet, the oldest first."""
    starts_at, ends_at = period.bounds
    select = sa.select(Ticket.received_at, Ticket.due_at, Ticket.status == Status.WAITING)
    select = select.join(ResponseClock, FIRST_ROUND)
    is_waiting = sa.and_(IS_OPEN, ResponseClock.answered_at.is_(None), *selected(selection))
    # The open ones are few and have an index of their own, which the bounds of the period would lead away from.
    rows = (Unanswered._make(row) for row in read(select.where(is_waiting)))
    return sorted(row for row in rows if starts_at <= row.received_at < ends_at)


def typologies() -> Mapping[int, Sequence[str]]:
    """The typologies of each structure, today's."""
    found: dict[int, list[str]] = defaultdict(list)
    for organisation_id, code in read(sa.select(OrganisationTypology.organisation_id, OrganisationTypology.code)):
        found[organisation_id].append(code)
    return found
