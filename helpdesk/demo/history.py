"""One question's life, step by step, under the rules of the application: rows for Core inserts.

Statuses come from ``workflow``, times from ``response_time``, due dates from ``deadlines``. A step that would come
after the present of the demonstration raises :class:`NotYet`: the question stands where it stood before.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from helpdesk.demo.moments import start_of, whole_days
from helpdesk.reference.zones import PARIS
from helpdesk.settings import Settings
from helpdesk.tickets import texts
from helpdesk.tickets.deadlines import TargetUnit, attention_of_urgent, day_number, due_at, end_of_day
from helpdesk.tickets.enums import (
    Action,
    ActorRole,
    Audience,
    Channel,
    CloseReason,
    ContactPreference,
    DeadlineKind,
    EventKind,
    MessageKind,
    Nature,
    Status,
    Tier,
)
from helpdesk.tickets.response_time import TierTimes, advance, tier_of
from helpdesk.tickets.workflow import may_play, next_status

Row = dict[str, Any]
_FIRST_ROUND = 1


class NotYet(Exception):
    """The next step lies in the future."""


@dataclass(frozen=True)
class Actor:
    """Who acts; no person: the clock."""

    person_id: int | None
    role: ActorRole


SYSTEM = Actor(None, ActorRole.SYSTEM)


@dataclass
class Span:
    """A stretch of time in one status; it may still be running."""

    round: int
    status: Status
    starts_at: datetime
    ends_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """What is known when a question comes."""

    reference: str
    title: str
    facts: str
    topic: str | None
    organisation_id: int
    delegation: str | None
    asker: Actor | None
    entered_by: Actor | None
    received_at: datetime
    created_at: datetime
    channel: Channel = Channel.PORTAL
    nature: Nature = Nature.STRUCTURE
    urgency: int = 0
    urgency_reason: str = ""
    deadline_on: date | None = None
    deadline_kind: DeadlineKind = DeadlineKind.NONE
    deadline_reason: str = ""
    preference: ContactPreference = ContactPreference.WRITTEN
    callback_phone: str = ""
    callback_slots: str = ""
    is_sensitive: bool = False
    follows_id: int | None = None


class History:
    """A question under way; :attr:`now` is the moment of its last step."""

    def __init__(self, ticket_id: int, arrival: Arrival, settings: Settings, present: datetime) -> None:
        self.id = ticket_id
        self.settings = settings
        self.present = present
        self.now = arrival.created_at
        self.events: list[Row] = []
        self.messages: list[Row] = []
        self.clocks: list[Row] = []
        self.copies: list[Row] = []
        self.conflicts: list[Row] = []
        self.feedbacks: list[Row] = []
        self.drafts: list[Row] = []
        self.documents: list[Row] = []
        """Attached to the first message."""
        self.spans: list[Span] = []
        self.times = TierTimes()
        self.ticket = self._ticket_row(arrival)
        self._start_clock(arrival.received_at)
        self._receive(arrival)

    # --- what it is now

    @property
    def status(self) -> Status:
        status: Status = self.ticket["status"]
        return status

    @property
    def round(self) -> int:
        number: int = self.ticket["round"]
        return number

    @property
    def clock(self) -> Row:
        return self.clocks[-1]

    # --- steps

    def wait_until(self, moment: datetime) -> None:
        """Let time pass.

        :raises NotYet: when *moment* lies in the future.
        """
        if moment > self.present:
            raise NotYet
        self.now = max(moment, self.now)

    def move(self, action: Action, actor: Actor, *, returns_to: Status | None = None, **data: Any) -> None:
        """Make a transition now; an illegal one is a mistake of the scenario and stops the seed."""
        if not may_play(action, actor.role):
            raise AssertionError(f"{actor.role} never does {action}")
        source = self.status
        target = next_status(source, action, returns_to=returns_to or self.ticket["returns_to"])
        self.ticket["returns_to"] = source if target is Status.WAITING else None
        if target is not source:
            self.ticket["status"], self.ticket["status_at"] = target, self.now
            self._span(target)
        if self.clock["answered_at"] is None:
            self.times = advance(self.times, at=self.now, holder=self._holder())
        if source is Status.WAITING:
            self._push_due_date()
        self._event(action.value, actor, from_status=source, **data)

    def record(self, kind: EventKind, actor: Actor, **data: Any) -> None:
        """Write a line that changes no status."""
        self._event(kind.value, actor, from_status=self.status, **data)

    def say(self, kind: MessageKind, actor: Actor, body: str = "", **fields: Any) -> Row:
        """Add a message now; *fields* are columns of the message."""
        audience = fields.setdefault("audience", Audience.EVERYONE)
        message: Row = {
            "round": self.round,
            "kind": kind,
            "author_id": actor.person_id,
            "author_role": actor.role,
            "created_at": self.now,
            "published_at": self.now,
            "body": body,
            "in_brief": "",
            "explanation": "",
            "actions": "",
            "references": [],
            "law_as_of_on": None,
            "replaces": None,
            "reason": "",
            **fields,
        }
        self.messages.append(message)
        if audience is Audience.EVERYONE:
            self.ticket["last_message_at"] = self.now
        return message

    def publish(self, answer: Row, actor: Actor, action: Action, **data: Any) -> None:
        """*answer* can be read from now on: the clock of the round stops."""
        answer["published_at"] = self.now
        self.ticket["last_message_at"] = self.now
        self.times = advance(self.times, at=self.now, holder=None)
        self.clock["answered_at"] = self.now
        is_pole = answer["author_role"] is ActorRole.JURIST
        self.clock["answered_by"] = Tier.POLE if is_pole else Tier.DELEGATION
        self.clock["gross_days"] = day_number(self.clock["started_at"], self.now)
        self.clock["net_days"] = day_number(self.clock["started_at"], self.now, self.times.waited)
        self.ticket["answered_at"] = self.ticket["answered_at"] or self.now
        self.ticket["answer_read_at"] = None
        self.ticket["written_due_on"] = None
        self.move(action, actor, message=answer, **data)

    def close(self, action: Action, reason: CloseReason, actor: Actor, **data: Any) -> None:
        self.ticket["close_reason"], self.ticket["closed_at"] = reason, self.now
        self.move(action, actor, **data)

    def reopen(self, actor: Actor, desk: Status) -> None:
        """Open the second clock, and go back to *desk*."""
        self.ticket["close_reason"], self.ticket["closed_at"] = None, None
        self._store_times()
        self.ticket["round"] += 1
        self._start_clock(self.now)
        self.move(Action.REOPEN, actor, returns_to=desk)

    def finish(self) -> None:
        """Write what depends on the whole life: what the clock does by itself, and the sort key of the queues."""
        self._store_times()
        for clock in self.clocks:
            self._alarms(clock)
        self.events.sort(key=lambda event: event["recorded_at"])
        ticket = self.ticket
        ticket["version"] = len(self.events)
        if ticket["urgency"] >= 2:
            is_critical = ticket["urgency"] >= 3
            ticket["attention_at"] = attention_of_urgent(ticket["received_at"], is_critical=is_critical)
        elif ticket["legal_deadline_on"] is not None:
            ticket["attention_at"] = min(ticket["due_at"], end_of_day(ticket["legal_deadline_on"]))
        else:
            ticket["attention_at"] = ticket["due_at"]

    # --- rows

    def _ticket_row(self, arrival: Arrival) -> Row:
        return {
            "id": self.id,
            "reference": arrival.reference,
            "version": 1,
            "status": Status.TRIAGE,
            "returns_to": None,
            "title": arrival.title,
            "search_title": texts.fold(arrival.title),
            "excerpt": texts.excerpt(arrival.facts),
            "topic": arrival.topic,
            "nature": arrival.nature,
            "channel": arrival.channel,
            "organisation_id": arrival.organisation_id,
            "delegation": arrival.delegation,
            "asker_id": arrival.asker.person_id if arrival.asker else None,
            "entered_by_id": arrival.entered_by.person_id if arrival.entered_by else None,
            "delegate_id": None,
            "jurist_id": None,
            "urgency": arrival.urgency,
            "urgency_reason": arrival.urgency_reason,
            "is_urgency_confirmed": False,
            "deadline_kind": arrival.deadline_kind,
            "deadline_on": arrival.deadline_on,
            "deadline_reason": arrival.deadline_reason,
            "legal_deadline_on": None,
            "legal_deadline_source": "",
            "preference": arrival.preference,
            "callback_phone": arrival.callback_phone,
            "callback_slots": arrival.callback_slots,
            "is_sensitive": arrival.is_sensitive,
            "is_pole_only": False,
            "is_incomplete": not arrival.facts,
            "written_due_on": None,
            "received_at": arrival.received_at,
            "created_at": arrival.created_at,
            "status_at": arrival.created_at,
            "due_at": arrival.received_at,
            "attention_at": arrival.received_at,
            "last_message_at": arrival.created_at,
            "answered_at": None,
            "answer_read_at": None,
            "closed_at": None,
            "close_reason": None,
            "round": _FIRST_ROUND,
            "duplicate_of_id": None,
            "follows_id": arrival.follows_id,
            "fingerprint": texts.fingerprint(arrival.organisation_id, arrival.title, arrival.facts),
        }

    def _receive(self, arrival: Arrival) -> None:
        writer = arrival.entered_by or arrival.asker or SYSTEM
        self.spans.append(Span(_FIRST_ROUND, Status.TRIAGE, arrival.received_at))
        self._event(
            EventKind.RECEIVED.value,
            writer,
            from_status=Status.TRIAGE,
            at=arrival.received_at,
            channel=arrival.channel.value,
        )
        author = arrival.asker or writer
        self.say(
            MessageKind.QUESTION,
            author,
            arrival.facts,
            created_at=arrival.received_at,
            published_at=arrival.received_at,
        )

    def _event(self, kind: str, actor: Actor, *, from_status: Status, at: datetime | None = None, **data: Any) -> None:
        self.events.append(
            {
                "ticket_id": self.id,
                "round": self.round,
                "kind": kind,
                "from_status": from_status,
                "to_status": self.status,
                "tier": self._holder(),
                "actor_id": actor.person_id,
                "actor_role": actor.role,
                "at": at or self.now,
                "recorded_at": self.now,
                "data": data,
            }
        )

    # --- clocks

    def _holder(self) -> Tier | None:
        return tier_of(self.status, has_delegation=self.ticket["delegation"] is not None)

    def _start_clock(self, started_at: datetime) -> None:
        due = self._due_at(started_at, timedelta())
        holder = self._holder()
        self.times = TierTimes(holder=holder, since_at=started_at if holder else None)
        self.clocks.append(
            {
                "ticket_id": self.id,
                "round": self.round,
                "started_at": started_at,
                "target_days": self.settings.response_target_days,
                "target_unit": TargetUnit(self.settings.response_target_unit),
                "due_at": due,
                "answered_at": None,
                "answered_by": None,
                "gross_days": None,
                "net_days": None,
                "warned_at": None,
                "passed_at": None,
            }
        )
        self.ticket["due_at"] = due

    def _store_times(self) -> None:
        self.clock.update(
            delegation_seconds=self.times.delegation_seconds,
            pole_seconds=self.times.pole_seconds,
            waiting_seconds=self.times.waiting_seconds,
            relay_seconds=self.times.relay_seconds,
            holder=self.times.holder,
            since_at=self.times.since_at,
        )

    def _push_due_date(self) -> None:
        due = self._due_at(self.clock["started_at"], self.times.waited)
        self.clock["due_at"] = self.ticket["due_at"] = due

    def _due_at(self, started_at: datetime, waited: timedelta) -> datetime:
        return due_at(
            started_at,
            target_days=self.settings.response_target_days,
            unit=TargetUnit(self.settings.response_target_unit),
            waited=waited,
            closing_days=self.settings.pole_closing_days,
        )

    def _span(self, status: Status) -> None:
        self.spans[-1].ends_at = self.now
        self.spans.append(Span(self.round, status, self.now))

    def _alarms(self, clock: Row) -> None:
        """Warn from day 8, and tell when the target has passed, as the periodic work does just after midnight."""
        waited = timedelta()
        started_on = clock["started_at"].astimezone(PARIS).date()
        for span in self.spans:
            if span.round != clock["round"] or not span.status.is_open:
                continue
            if span.status is Status.WAITING:
                waited += (span.ends_at or self.present) - span.starts_at
                continue
            ends_at = span.ends_at or self.present
            due = self._due_at(clock["started_at"], waited)
            day = started_on + timedelta(days=self.settings.warning_day) + whole_days(waited)
            warned_at = max(start_of(day), span.starts_at) + timedelta(minutes=3 + self.id % 7)
            if clock["warned_at"] is None and warned_at < ends_at and warned_at <= due:
                clock["warned_at"] = warned_at
                self._alarm(EventKind.WARNED, span, warned_at)
            passed_at = max(due, span.starts_at) + timedelta(minutes=2 + self.id % 7)
            if clock["passed_at"] is None and passed_at < ends_at:
                clock["passed_at"] = passed_at
                self._alarm(EventKind.TARGET_PASSED, span, passed_at)

    def _alarm(self, kind: EventKind, span: Span, at: datetime) -> None:
        self.events.append(
            {
                "ticket_id": self.id,
                "round": span.round,
                "kind": kind.value,
                "from_status": span.status,
                "to_status": span.status,
                "tier": tier_of(span.status, has_delegation=self.ticket["delegation"] is not None),
                "actor_id": None,
                "actor_role": ActorRole.SYSTEM,
                "at": at,
                "recorded_at": at,
                "data": {},
            }
        )
