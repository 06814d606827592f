"""What the annual report says of Juri-PTCE, from the audit trail of the sessions and the events of the questions."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any, NamedTuple

import sqlalchemy as sa

from helpdesk.audit.models import AuditEvent
from helpdesk.db import read
from helpdesk.juri_ptce.enums import Medium, SessionStatus
from helpdesk.juri_ptce.models import Appointment, JuriSession, PtceDetails, Slot
from helpdesk.reference import get_reference
from helpdesk.reference.zones import PARIS
from helpdesk.stats.histories import DAY_SECONDS, Lived, paris_day
from helpdesk.stats.recount.arithmetic import ENOUGH, Cell, mean
from helpdesk.stats.tables import Untold, Value
from helpdesk.tickets.enums import EventKind
from helpdesk.tickets.models import TicketEvent

_CALLS = (EventKind.CALL_BOOKED, EventKind.CALL_CONFIRMED, EventKind.CALL_MOVED, EventKind.CALL_HELD)
_ACTS = ("session.made", "session.opened", "session.moved", "session.cancelled")
_WAYS = {None: "Par écrit", Medium.PHONE: "Par téléphone", Medium.VIDEO: "En visioconférence"}
_NO_TOPIC, _NATIONAL = "Thème à préciser", "Sans délégation (file nationale)"


class Call(NamedTuple):
    """A call that was held."""

    starts_at: datetime
    id: int
    ticket_id: int
    organisation_id: int
    medium: Medium


class Session(NamedTuple):
    """A session as the audit trail leaves it; its day is that of Europe/Paris."""

    on: date
    ends_at: datetime
    status: SessionStatus


@dataclass(frozen=True)
class Permanence:
    """All of Juri-PTCE, to be counted over any days."""

    questions: frozenset[int]
    """Those of Juri-PTCE, duplicates too."""
    calls: Sequence[Call]
    """The first first."""
    sessions: Sequence[Session]

    def figures(self, received: Iterable[Lived], starts_on: date, ends_on: date, now: datetime) -> dict[Cell, Value]:
        """The tables of these days, at *now*; *received*: all the questions of these days, duplicates left out."""
        asked = [one for one in received if one.id in self.questions]
        answered = [one for one in asked if one.answered_by]
        callers = {
            one.organisation_id
            for one in self.calls
            if one.ticket_id in self.questions and starts_on <= paris_day(one.starts_at) <= ends_on
        }
        sessions = [one for one in self.sessions if starts_on <= one.on <= ends_on]
        held = [one for one in sessions if one.status is SessionStatus.SCHEDULED and one.ends_at <= now]
        found: dict[Cell, Value] = {
            ("juri", "year", "organisations"): len({one.organisation_id for one in asked} | callers),
            ("juri", "year", "received"): len(asked),
            ("juri", "year", "answered"): len(answered),
            ("juri-seances", "year", "held"): len(held),
            ("juri-seances", "year", "cancelled"): sum(one.status is SessionStatus.CANCELLED for one in sessions),
        }
        found["juri-delais", "year", "mean"], found["juri-delais", "year", "median"] = _days(answered)
        return found | self._shared_out(asked, answered)

    def _shared_out(self, asked: Sequence[Lived], answered: Sequence[Lived]) -> dict[Cell, Value]:
        media = {one.ticket_id: one.medium for one in self.calls}
        regions: dict[str, set[int]] = defaultdict(set)
        for one in asked:
            regions[_region(one.delegation)].add(one.organisation_id)
        counts = {
            "juri-reponses": dict.fromkeys(_WAYS.values(), 0) | Counter(_WAYS[media.get(one.id)] for one in answered),
            "juri-themes": Counter(_domain(one.topic) for one in asked),
            "juri-regions": {name: len(structures) for name, structures in regions.items()},
        }
        return {(table, name, "count"): number for table, rows in counts.items() for name, number in rows.items()}


def _days(answered: Sequence[Lived]) -> tuple[Value, Value]:
    """The mean and the median of the gross times, to the second."""
    if len(answered) < ENOUGH:
        return (Untold.TOO_FEW_ANSWERS,) * 2 if answered else (None, None)
    seconds = sorted(one.gross_seconds for one in answered)
    both = seconds[(len(seconds) - 1) // 2] + seconds[len(seconds) // 2]
    return mean(sum(seconds), len(seconds)), float(Fraction(both, 2 * DAY_SECONDS))


def _region(code: str) -> str:
    delegations = get_reference().delegations
    return delegations[code].name if code in delegations else _NATIONAL


def _domain(topic: str) -> str:
    domains, code = get_reference().topic_domains, topic.split("/", maxsplit=1)[0]
    return domains[code].label if topic in get_reference().topics else _NO_TOPIC


# --- reading


def permanence() -> Permanence:
    questions = frozenset(row.ticket_id for row in read(sa.select(PtceDetails.ticket_id)))
    return Permanence(questions, sorted(_calls()), list(_sessions()))


def _calls() -> Iterable[Call]:
    """Held by the events, at the hour that the last of them gave."""
    held: set[int] = set()
    hours: dict[int, datetime] = {}
    for kind, data in read(
        sa.select(TicketEvent.kind, TicketEvent.data).where(TicketEvent.kind.in_(_CALLS)).order_by(TicketEvent.id)
    ):
        if kind == EventKind.CALL_HELD:
            held.add(data["appointment_id"])
        else:
            hours[data["appointment_id"]] = datetime.fromisoformat(data["starts_at"])
    columns = (Appointment.id, Appointment.ticket_id, Appointment.organisation_id, Appointment.medium, Slot.starts_at)
    for id_, *whose, starts_at in read(sa.select(*columns).join(Slot, Slot.id == Appointment.slot_id)):
        if id_ in held:
            yield Call(hours.get(id_, starts_at), id_, *whose)


def _sessions() -> Iterable[Session]:
    acts: dict[int, list[Any]] = defaultdict(list)
    trail = sa.select(AuditEvent.object_id, AuditEvent.action, AuditEvent.data)
    trail = trail.where(AuditEvent.object_type == "juri_session", AuditEvent.action.in_(_ACTS))
    for row in read(trail.order_by(AuditEvent.id)):
        acts[row.object_id].append(row)
    columns = (JuriSession.id, JuriSession.starts_at, JuriSession.ends_at, JuriSession.status)
    for id_, starts_at, ends_at, status in read(sa.select(*columns)):
        yield _session(acts[id_], paris_day(starts_at), ends_at, status)


def _session(acts: Iterable[Any], on: date, ends_at: datetime, status: SessionStatus) -> Session:
    """The row's day and status, unless the trail tells others."""
    for act in acts:
        if act.action == "session.made":
            on = date.fromisoformat(act.data["on"])
            status = SessionStatus.PROPOSED if act.data["problem"] else SessionStatus.SCHEDULED
        elif act.action == "session.cancelled":
            status = SessionStatus.CANCELLED
        else:
            on, status = date.fromisoformat(act.data.get("to_on", on.isoformat())), SessionStatus.SCHEDULED
    return Session(on, datetime.combine(on, ends_at.astimezone(PARIS).time(), PARIS), status)
