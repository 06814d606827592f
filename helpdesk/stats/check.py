"""Recompute every response time from the events alone, by another path than the one that stores them.

The stored figures advance step by step, as each operation happens. Here a whole history is read at once and each
stretch between two events is given to the tier that the first one names.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

import sqlalchemy as sa

from helpdesk.db import db
from helpdesk.tickets.enums import Action, EventKind, Status, Tier
from helpdesk.tickets.models import ResponseClock, Ticket, TicketEvent

ROWS_AT_A_TIME = 5000


@dataclass(frozen=True)
class Step:
    """One event of a history; *tier* holds the time from *at* on."""

    round: int
    at: datetime
    kind: str
    to_status: Status
    tier: Tier | None


@dataclass(frozen=True)
class RoundTimes:
    """The response time of one round, in seconds; open: up to the last event."""

    started_at: datetime
    answered_at: datetime | None
    seconds: dict[Tier, int]


@dataclass(frozen=True)
class Difference:
    """A stored figure that the events do not give."""

    ticket_id: int
    round: int
    what: str
    stored: object
    recomputed: object


def recompute(steps: Iterable[Step]) -> dict[int, RoundTimes]:
    """The times of each round of one history, oldest event first."""
    rounds: dict[int, list[Step]] = defaultdict(list)
    for step in steps:
        rounds[step.round].append(step)
    return {number: _of_round(history) for number, history in rounds.items()}


def _of_round(history: list[Step]) -> RoundTimes:
    begin = next(index for index, step in enumerate(history) if step.kind in (EventKind.RECEIVED, Action.REOPEN))
    history = history[begin:]
    end = next((index for index, step in enumerate(history) if step.to_status is Status.ANSWERED), None)
    if end is None:
        end = next((i for i, step in enumerate(history) if step.to_status is Status.CLOSED), len(history) - 1)
        answered_at = None
    else:
        answered_at = history[end].at
    seconds = dict.fromkeys(Tier, 0)
    for step, following in pairwise(history[: end + 1]):
        if step.tier is not None:
            seconds[step.tier] += int((following.at - step.at).total_seconds())
    return RoundTimes(history[0].at, answered_at, seconds)


def differences() -> Iterator[Difference]:
    """Every stored figure that differs from the recomputed one, over all questions."""
    for ticket_id, steps in _histories():
        clocks = _stored(ticket_id)
        for number, times in recompute(steps).items():
            yield from _compare(ticket_id, number, clocks.pop(number, None), times)
        for number in clocks:
            yield Difference(ticket_id, number, "clock", "stored", "no event")
    yield from _wrong_first_answers()


def _compare(ticket_id: int, number: int, stored: ResponseClock | None, times: RoundTimes) -> Iterator[Difference]:
    if stored is None:
        yield Difference(ticket_id, number, "clock", None, times)
        return
    pairs: list[tuple[str, object, object]] = [
        ("started_at", stored.started_at, times.started_at),
        ("answered_at", stored.answered_at, times.answered_at),
    ]
    if stored.holder is None:
        pairs += [(f"{tier}_seconds", getattr(stored, f"{tier}_seconds"), times.seconds[tier]) for tier in Tier]
    else:
        # Open: notes move no clock, so the last stretch is still with the holder.
        since = stored.since_at
        for tier in Tier:
            recomputed = times.seconds[tier]
            if tier is stored.holder and since is not None:
                last = times.started_at.timestamp() + sum(times.seconds.values())
                recomputed -= int(last - since.timestamp())
            pairs.append((f"{tier}_seconds", getattr(stored, f"{tier}_seconds"), recomputed))
    if stored.answered_at is not None:
        gross = int((stored.answered_at - stored.started_at).total_seconds())
        pairs.append(("gross_seconds", stored.times.gross_seconds, gross))
    yield from (Difference(ticket_id, number, what, a, b) for what, a, b in pairs if a != b)


def _histories() -> Iterator[tuple[int, list[Step]]]:
    """The history of every question, by keyset so that no transaction stays open over all of them."""
    last_id = 0
    while ids := db.session.scalars(
        sa.select(Ticket.id).where(Ticket.id > last_id).order_by(Ticket.id).limit(500)
    ).all():
        last_id = ids[-1]
        events = db.session.execute(
            sa.select(
                TicketEvent.ticket_id,
                TicketEvent.round,
                TicketEvent.at,
                TicketEvent.kind,
                TicketEvent.to_status,
                TicketEvent.tier,
            )
            .where(TicketEvent.ticket_id.in_(ids))
            .order_by(TicketEvent.ticket_id, TicketEvent.id)
        )
        histories: dict[int, list[Step]] = {ticket_id: [] for ticket_id in ids}
        for row in events:
            histories[row.ticket_id].append(Step(row.round, row.at, row.kind, row.to_status, row.tier))
        yield from histories.items()


def _stored(ticket_id: int) -> dict[int, ResponseClock]:
    clocks = db.session.scalars(sa.select(ResponseClock).where(ResponseClock.ticket_id == ticket_id))
    return {stored.round: stored for stored in clocks}


def _wrong_first_answers() -> Iterator[Difference]:
    """The first answered round dates the question."""
    first = (
        sa.select(ResponseClock.ticket_id, sa.func.min(ResponseClock.answered_at).label("at"))
        .group_by(ResponseClock.ticket_id)
        .subquery()
    )
    wrong = sa.select(Ticket.id, Ticket.answered_at, first.c.at).join(first, first.c.ticket_id == Ticket.id)
    for ticket_id, stored, at in db.session.execute(wrong.where(Ticket.answered_at.is_distinct_from(first.c.at))):
        yield Difference(ticket_id, 1, "ticket.answered_at", stored, at)
