"""How a question changes: the one place that writes events, statuses and clocks."""

from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy.orm.attributes import flag_modified

from helpdesk import clock, settings_of
from helpdesk.accounts.models import Person
from helpdesk.db import db
from helpdesk.errors import BadInput, Conflict, NotAllowed
from helpdesk.search.operations import request_index
from helpdesk.settings import Settings
from helpdesk.tickets import perms
from helpdesk.tickets.deadlines import TargetUnit, attention_of_urgent, day_number, due_at, end_of_day
from helpdesk.tickets.enums import Action, ActorRole, Audience, EventKind, MessageKind, Status, Tier, Urgency
from helpdesk.tickets.models import Message, ResponseClock, Ticket, TicketEvent
from helpdesk.tickets.response_time import TierTimes, advance, tier_of
from helpdesk.tickets.workflow import next_status


def settings() -> Settings:
    """The settings of the running application."""
    return settings_of(current_app)


def require(allowed: bool) -> None:
    """:raises NotAllowed: unless *allowed*."""
    if not allowed:
        raise NotAllowed


def check_version(ticket: Ticket, seen_version: int | None) -> None:
    """:raises Conflict: when the question changed since the form was shown; *None* comes from no form."""
    if seen_version is not None and ticket.version != seen_version:
        raise Conflict


def acting_role(actor: Person | None, ticket: Ticket) -> ActorRole:
    """The role kept with an event; no actor is the clock.

    :raises NotAllowed: when the question is not theirs to see.
    """
    if actor is None:
        return ActorRole.SYSTEM
    role = perms.role_on(actor, ticket)
    if role is None:
        raise NotAllowed
    return role


def record(
    ticket: Ticket,
    kind: Action | EventKind,
    actor: Person | None,
    *,
    role: ActorRole | None = None,
    at: datetime | None = None,
    from_status: Status | None = None,
    **data: Any,
) -> None:
    """Write a line of the history; *data* holds identifiers and enum values, never a person's words."""
    now = clock.now()
    db.session.add(
        TicketEvent(
            ticket=ticket,
            round=ticket.round,
            kind=kind.value,
            from_status=from_status or ticket.status,
            to_status=ticket.status,
            tier=tier_of(ticket.status, has_delegation=ticket.delegation is not None),
            actor_id=actor.id if actor else None,
            actor_role=role or acting_role(actor, ticket),
            at=at or now,
            recorded_at=now,
            data=data,
        )
    )


def start_clock(ticket: Ticket, started_at: datetime) -> None:
    """Open the clock of the current round, with the target in force now."""
    target = settings()
    unit = TargetUnit(target.response_target_unit)
    holder = tier_of(ticket.status, has_delegation=ticket.delegation is not None)
    due = date_due(started_at, target_days=target.response_target_days, unit=unit)
    ticket.clocks.append(
        ResponseClock(
            round=ticket.round,
            started_at=started_at,
            target_days=target.response_target_days,
            target_unit=unit,
            due_at=due,
            holder=holder,
            since_at=started_at if holder else None,
            delegation_seconds=0,
            pole_seconds=0,
            waiting_seconds=0,
            relay_seconds=0,
        )
    )
    ticket.due_at = due
    set_attention(ticket)


def date_due(started_at: datetime, *, target_days: int, unit: TargetUnit, waited: timedelta = timedelta(0)) -> datetime:
    """:func:`due_at` with the days on which the pole is closed."""
    return due_at(
        started_at, target_days=target_days, unit=unit, waited=waited, closing_days=settings().pole_closing_days
    )


def move(
    ticket: Ticket,
    action: Action,
    actor: Person | None,
    *,
    role: ActorRole | None = None,
    returns_to: Status | None = None,
    at: datetime | None = None,
    **data: Any,
) -> None:
    """Make a transition: status, clock and event together.

    :param at: the moment when the caller started or stopped a clock: the event must tell the same second.
    :raises InvalidTransition: when *action* does not fit the present status.
    """
    role = role or acting_role(actor, ticket)
    source = ticket.status
    target = next_status(source, action, returns_to=returns_to or ticket.returns_to)
    # The clocks of two machines may differ by a second: time never runs backwards in a history.
    now = max(at or clock.now(), ticket.clock.since_at or ticket.received_at)
    ticket.returns_to = source if target is Status.WAITING else None
    if target is not source:
        ticket.status, ticket.status_at = target, now
    hold(ticket, now)
    if source is Status.WAITING:
        _push_due_date(ticket)
    set_attention(ticket)
    record(ticket, action, actor, role=role, at=now, from_status=source, **data)


def hold(ticket: Ticket, at: datetime) -> None:
    """Give the time so far to the tier that held it, and the clock to the one that the status names."""
    running = ticket.clock
    holder = tier_of(ticket.status, has_delegation=ticket.delegation is not None)
    if running.answered_at is None:
        _store(running, advance(running.times, at=at, holder=holder))


def stop_clock(ticket: Ticket, at: datetime, answered_by: Tier) -> None:
    """The answer of this round can be read from *at* on; the first one dates the question.

    :raises BadInput: when *at* comes before the question, or before the last step of it.
    """
    running = ticket.clock
    if at < (running.since_at or running.started_at):
        raise BadInput(
            "Cette réponse serait datée d’avant la question ou sa dernière étape : l’horloge du serveur retarde. "
            "Rien n’est parti. Prévenez l’administration du service, puis envoyez-la de nouveau."
        )
    _store(running, advance(running.times, at=at, holder=None))
    running.answered_at = at
    running.answered_by = answered_by
    running.gross_days = day_number(running.started_at, at)
    running.net_days = day_number(running.started_at, at, running.times.waited)
    if ticket.answered_at is None:
        ticket.answered_at = at
    ticket.answer_read_at = None


def _store(running: ResponseClock, times: TierTimes) -> None:
    running.delegation_seconds = times.delegation_seconds
    running.pole_seconds = times.pole_seconds
    running.waiting_seconds = times.waiting_seconds
    running.relay_seconds = times.relay_seconds
    running.holder = times.holder
    running.since_at = times.since_at


def _push_due_date(ticket: Ticket) -> None:
    running = ticket.clock
    running.due_at = date_due(
        running.started_at,
        target_days=running.target_days,
        unit=running.target_unit,
        waited=running.times.waited,
    )
    ticket.due_at = running.due_at


def set_attention(ticket: Ticket) -> None:
    """Keep what the queues sort by: critical questions, then urgent ones, by arrival; else the earlier date."""
    if ticket.urgency >= Urgency.URGENT:
        is_critical = ticket.urgency >= Urgency.CRITICAL
        ticket.attention_at = attention_of_urgent(ticket.received_at, is_critical=is_critical)
        return
    ticket.attention_at = ticket.due_at
    if ticket.legal_deadline_on is not None:
        ticket.attention_at = min(ticket.due_at, end_of_day(ticket.legal_deadline_on))


def say(
    ticket: Ticket,
    kind: MessageKind,
    actor: Person,
    *,
    audience: Audience = Audience.EVERYONE,
    is_published: bool = True,
    role: ActorRole | None = None,
    **fields: Any,
) -> Message:
    """Add a message; one that the asker may read makes every older view of the question stale."""
    now = clock.now()
    message = Message(
        ticket=ticket,
        round=ticket.round,
        kind=kind,
        audience=audience,
        author_id=actor.id,
        author_role=role or acting_role(actor, ticket),
        created_at=now,
        published_at=now if is_published else None,
        **fields,
    )
    db.session.add(message)
    if audience is Audience.EVERYONE:
        ticket.last_message_at = now
        flag_modified(ticket, "last_message_at")
    db.session.flush()
    if audience is Audience.EVERYONE and is_published:
        reindex(ticket)
    return message


def reindex(ticket: Ticket, *, is_erasure: bool = False) -> None:
    """The words to be found have changed: ask for the index in this transaction.

    *is_erasure*: the old words leave its files.
    """
    request_index("questions", [ticket.id], is_erasure=is_erasure)
