"""What the events of a question tell, read by another path than the one that stores it step by step.

They tell when it came, its statuses, its rounds, who held its time, who answered, how it ended, by which channel it
came, whether it was corrected, how urgent it became, what its asker said of the answer, and to which topic, structure
or delegation it was moved. What
no event tells is read where it is written: the topic, structure, delegation and urgency that were never changed (or a
topic chosen when a typing-in was completed) on the question's row; the target, its unit and the due date on the clock,
as the settings and closing days of then are kept nowhere else.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from itertools import pairwise
from math import ceil
from typing import Any, NamedTuple

import sqlalchemy as sa

from helpdesk.db import read
from helpdesk.reference.zones import PARIS
from helpdesk.tickets.deadlines import TargetUnit
from helpdesk.tickets.enums import Action, ActorRole, EventKind, Status, Tier
from helpdesk.tickets.models import ResponseClock, Ticket, TicketEvent

AT_A_TIME = 1000
DAY_SECONDS = 24 * 60 * 60
TIERS = tuple(Tier)
_BEGINNINGS = (EventKind.RECEIVED.value, Action.REOPEN.value)
_CARRYING = (
    EventKind.RECEIVED.value,
    EventKind.TOPIC_CHANGED.value,
    EventKind.STRUCTURE_CHANGED.value,
    EventKind.DELEGATION_CHANGED.value,
    EventKind.URGENCY_CHANGED.value,
    EventKind.FEEDBACK_GIVEN.value,
)


class Step(NamedTuple):
    """One event of a history; *tier* holds the time from *at* on."""

    round: int
    at: datetime
    kind: str
    from_status: Status | None
    to_status: Status
    tier: Tier | None
    actor_role: ActorRole | None = None
    data: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class RoundTimes:
    """The response time of one round, in seconds; open: up to the last event."""

    started_at: datetime
    answered_at: datetime | None
    answered_by: Tier | None
    seconds: dict[Tier, int]
    pushing_seconds: int
    """Of the waits that are over: they have pushed the due date."""

    @property
    def gross_days(self) -> int | None:
        if self.answered_at is None:
            return None
        return paris_day(self.answered_at).toordinal() - paris_day(self.started_at).toordinal()

    @property
    def net_days(self) -> int | None:
        gross = self.gross_days
        return None if gross is None else max(0, gross - ceil(Fraction(self.seconds[Tier.WAITING], DAY_SECONDS)))


class Known(NamedTuple):
    """What is stored of a question beside its events."""

    id: int
    reference: str
    topic: str | None
    delegation: str | None
    organisation_id: int
    urgency: int
    channel: str
    status: Status
    round: int
    received_at: datetime
    due_at: datetime
    answered_at: datetime | None
    close_reason: str | None


@dataclass(frozen=True)
class History:
    """A question, the clocks stored for it, and its events, the oldest first."""

    known: Known
    clocks: dict[int, ResponseClock]
    steps: list[Step]


class Lived(NamedTuple):
    """A question as its events tell it; a duplicate has none."""

    id: int
    received_on: date
    delegation: str
    topic: str
    channel: str
    organisation_id: int
    answered_by: Tier | None
    gross_days: int
    net_days: int
    seconds: tuple[int, ...]
    """Of each tier, in the order of :data:`TIERS`."""
    is_within: bool
    is_on_time: bool
    is_unanswered: bool
    """It still waits for a first answer."""
    is_waiting: bool
    """For words of the asker."""
    due_at: datetime
    urgency: int
    ending: str
    """The action that closed it without any answer; empty: none did."""
    is_reopened: bool
    is_corrected: bool
    verdict: str
    """The asker's last word on an answer; empty: none."""

    @property
    def gross_seconds(self) -> int:
        return sum(self.seconds)


def paris_day(moment: datetime) -> date:
    return moment.astimezone(PARIS).date()


def histories() -> Iterator[History]:
    """Every question, by keyset: the memory never holds them all."""
    last_id = 0
    while rows := read(
        sa.select(*(getattr(Ticket, name) for name in Known._fields))
        .where(Ticket.id > last_id)
        .order_by(Ticket.id)
        .limit(AT_A_TIME)
    ):
        first_id, last_id = rows[0].id, rows[-1].id
        steps: dict[int, list[Step]] = defaultdict(list)
        data = sa.case((TicketEvent.kind.in_(_CARRYING), TicketEvent.data))
        columns = [TicketEvent.ticket_id, *(getattr(TicketEvent, name) for name in Step._fields[:-1])]
        events = sa.select(*columns, data).where(TicketEvent.ticket_id.between(first_id, last_id))
        for ticket_id, *step in read(events.order_by(TicketEvent.ticket_id, TicketEvent.id)):
            steps[ticket_id].append(Step(*step))
        clocks = _clocks(first_id, last_id)
        yield from (History(Known(*row), clocks.get(row.id, {}), steps[row.id]) for row in rows)


def _clocks(first_id: int, last_id: int) -> dict[int, dict[int, Any]]:
    table = ResponseClock.__table__
    found: dict[int, dict[int, Any]] = defaultdict(dict)
    for row in read(sa.select(table).where(table.c.ticket_id.between(first_id, last_id))):
        found[row.ticket_id][row.round] = row
    return found


def rounds_begun(steps: Iterable[Step]) -> set[int]:
    return {step.round for step in steps if step.kind in _BEGINNINGS}


def recompute(steps: Iterable[Step]) -> dict[int, RoundTimes]:
    """The times of each round of one history, oldest event first; each has its beginning (:func:`rounds_begun`)."""
    rounds: dict[int, list[Step]] = defaultdict(list)
    for step in steps:
        rounds[step.round].append(step)
    return {number: _of_round(history) for number, history in rounds.items()}


def _of_round(history: list[Step]) -> RoundTimes:
    begin = next(index for index, step in enumerate(history) if step.kind in _BEGINNINGS)
    history = history[begin:]
    end = next((index for index, step in enumerate(history) if step.to_status is Status.ANSWERED), None)
    is_answered = end is not None
    if end is None:
        end = next((i for i, step in enumerate(history) if step.to_status is Status.CLOSED), len(history) - 1)
    seconds = dict.fromkeys(Tier, 0)
    pushing = 0
    for step, following in pairwise(history[: end + 1]):
        if step.tier is not None:
            seconds[step.tier] += int((following.at - step.at).total_seconds())
        if step.to_status is Status.WAITING and following.to_status is not Status.WAITING:
            pushing = seconds[Tier.WAITING]
    last = history[end]
    if not is_answered:
        return RoundTimes(history[0].at, None, None, seconds, pushing)
    return RoundTimes(history[0].at, last.at, _answerer(last), seconds, pushing)


def _answerer(step: Step) -> Tier:
    """Only jurists answer by relay, whoever sends the answer on."""
    is_delegates = step.kind == Action.ANSWER and step.actor_role is ActorRole.DELEGATE
    return Tier.DELEGATION if is_delegates else Tier.POLE


def status_of(steps: Sequence[Step]) -> Status:
    """Where the events leave the question."""
    return steps[-1].to_status


def is_duplicate(steps: Sequence[Step]) -> bool:
    """Whether it stands closed as the double of another."""
    return _closing(steps) == Action.MARK_DUPLICATE


def _closing(steps: Sequence[Step]) -> str:
    """The action that left it closed; empty: it is not."""
    ends = [step.kind for step in steps if step.to_status is Status.CLOSED is not step.from_status]
    return ends[-1] if status_of(steps) is Status.CLOSED else ""


def channel_of(steps: Sequence[Step]) -> str:
    return next(str((step.data or {}).get("channel", "")) for step in steps if step.kind == EventKind.RECEIVED)


def lived(history: History) -> Lived | None:
    """The question as the figures count it; none for a duplicate."""
    steps = history.steps
    if is_duplicate(steps):
        return None
    rounds = recompute(steps)
    first, known, clock = rounds[1], history.known, history.clocks[1]
    seconds = first.seconds if first.answered_at else dict.fromkeys(Tier, 0)
    is_answered = any(times.answered_at is not None for times in rounds.values())
    return Lived(
        id=known.id,
        received_on=paris_day(first.started_at),
        delegation=_moved(steps, EventKind.DELEGATION_CHANGED, "after", known.delegation) or "",
        topic=_moved(_since_completed(steps), EventKind.TOPIC_CHANGED, "after", known.topic) or "",
        channel=channel_of(steps),
        organisation_id=_moved(steps, EventKind.STRUCTURE_CHANGED, "after_id", known.organisation_id),
        answered_by=first.answered_by,
        gross_days=first.gross_days or 0,
        net_days=first.net_days or 0,
        seconds=tuple(seconds[tier] for tier in TIERS),
        is_within=_is_within(first, clock),
        is_on_time=first.answered_at is not None and paris_day(first.answered_at) <= paris_day(clock.due_at),
        is_unanswered=status_of(steps).is_open and not is_answered,
        is_waiting=status_of(steps) is Status.WAITING,
        due_at=history.clocks[max(history.clocks)].due_at,
        urgency=_moved(steps, EventKind.URGENCY_CHANGED, "after", known.urgency),
        ending="" if is_answered else _closing(steps),
        is_reopened=any(step.kind == Action.REOPEN for step in steps),
        is_corrected=any(step.kind == Action.CORRECT for step in steps),
        verdict=_moved(steps, EventKind.FEEDBACK_GIVEN, "verdict", ""),
    )


def _moved(steps: Iterable[Step], kind: EventKind, name: str, stored: Any) -> Any:
    """What the last event of that kind says; without one, what is stored."""
    told = [(step.data or {})[name] for step in steps if step.kind == kind]
    return told[-1] if told else stored


def _since_completed(steps: Sequence[Step]) -> Sequence[Step]:
    """To complete a typing-in may choose the topic, which its event does not carry."""
    done = [place for place, step in enumerate(steps) if step.kind == EventKind.DETAILS_COMPLETED]
    return steps[done[-1] :] if done else steps


def _is_within(times: RoundTimes, clock: ResponseClock) -> bool:
    if times.answered_at is None or times.gross_days is None:
        return False
    if TargetUnit(clock.target_unit) is TargetUnit.CALENDAR:
        return times.gross_days <= clock.target_days
    return paris_day(times.answered_at) <= paris_day(clock.due_at)
