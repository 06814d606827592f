"""The figures of a period, as the annual report prints them: columns, aggregated by the database.

What each one means is in :data:`helpdesk.juri_ptce.reporting.DEFINITIONS`. No question is named, and nothing here
depends on who reads: the page is the pole's.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from helpdesk.db import read
from helpdesk.juri_ptce.enums import AppointmentStatus, Medium, SessionStatus, WaitingStatus
from helpdesk.juri_ptce.models import Appointment, JuriSession, PtceDetails, Slot, WaitingEntry
from helpdesk.reference import get_reference
from helpdesk.reporting import Period, Share
from helpdesk.tickets.enums import CloseReason
from helpdesk.tickets.models import ResponseClock, Ticket

NO_TOPIC = "Thème à préciser"
NATIONAL = "Sans délégation (file nationale)"
_DAY_SECONDS = 24 * 3600
Bounds = tuple[datetime, datetime]


class Delays(NamedTuple):
    """From question to answer, in calendar days; none without any answer. Net: less the wait for the PTCE."""

    answered_count: int
    mean_days: float | None
    median_days: float | None
    net_mean_days: float | None
    net_median_days: float | None


@dataclass(frozen=True)
class Calls:
    """What became of the calls of the sessions of the period; *emergencies*: held outside them, for anybody."""

    held: int = 0
    absent: int = 0
    cancelled_by_ptce: int = 0
    cancelled_late: int = 0
    cancelled_by_service: int = 0
    moved: int = 0
    to_come: int = 0
    offers_lapsed: int = 0
    emergencies: int = 0


@dataclass(frozen=True)
class Answers:
    """How the answered questions were answered: each is counted once."""

    written: int
    by_phone: int
    by_video: int

    @property
    def count(self) -> int:
        return self.written + self.by_phone + self.by_video

    @property
    def shares(self) -> list[Share]:
        """In the words of the page."""
        return [
            Share("Par écrit", self.written),
            Share("Par téléphone", self.by_phone),
            Share("En visioconférence", self.by_video),
        ]


@dataclass(frozen=True)
class Figures:
    """The lines of a period."""

    ptce_count: int
    question_count: int
    unanswered_count: int
    answers: Answers
    delays: Delays
    sessions_held: int
    sessions_cancelled: int
    sessions_with_calls: int
    calls: Calls
    waiting: Sequence[Share]
    topics: Sequence[Share]
    """Questions received."""
    domains: Sequence[Share]
    """The same by the first level of the topics: what the annual report prints."""
    regions: Sequence[Share]
    """Different PTCE that asked."""


def figures(period: Period, now: datetime) -> Figures:
    """The figures of *period*, in the same number of queries however many there are."""
    bounds = period.bounds
    received, unanswered = _questions(bounds)
    held, cancelled, with_calls = _sessions(bounds, now)
    by_topic = _by_topic(bounds)
    return Figures(
        ptce_count=_ptce_count(bounds),
        question_count=received,
        unanswered_count=unanswered,
        answers=_answers(bounds),
        delays=_delays(bounds),
        sessions_held=held,
        sessions_cancelled=cancelled,
        sessions_with_calls=with_calls,
        calls=_calls(bounds),
        waiting=_waiting(bounds),
        topics=_topics(by_topic),
        domains=_domains(by_topic),
        regions=_regions(bounds),
    )


def _within(column: Any, bounds: Bounds) -> sa.ColumnElement[bool]:
    start, end = bounds
    return sa.and_(column >= start, column < end)


def _asked(bounds: Bounds) -> sa.ColumnElement[bool]:
    """A question of Juri-PTCE received in the period; a duplicate is the question that it doubles."""
    has_details = sa.exists().where(PtceDetails.ticket_id == Ticket.id)
    is_double = Ticket.close_reason.is_not_distinct_from(CloseReason.DUPLICATE)
    return sa.and_(has_details, ~is_double, _within(Ticket.received_at, bounds))


def _count(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.count(sa.case((condition, 1)))


def _questions(bounds: Bounds) -> tuple[int, int]:
    """Received; open or waiting for their answer."""
    is_unanswered = sa.and_(Ticket.answered_at.is_(None), Ticket.closed_at.is_(None))
    received, unanswered = read(sa.select(sa.func.count(), _count(is_unanswered)).where(_asked(bounds)))[0]
    return received, unanswered


def _ptce_count(bounds: Bounds) -> int:
    asking = sa.select(Ticket.organisation_id).where(_asked(bounds))
    calling = (
        sa.select(Appointment.organisation_id)
        .join(Slot, Slot.id == Appointment.slot_id)
        .join(PtceDetails, PtceDetails.ticket_id == Appointment.ticket_id)
        .where(Appointment.status == AppointmentStatus.HELD, _within(Slot.starts_at, bounds))
    )
    both = sa.union(asking, calling).subquery()
    count: int = read(sa.select(sa.func.count()).select_from(both))[0][0]
    return count


def _answers(bounds: Bounds) -> Answers:
    """By the medium of the last call held about each question."""
    last = (
        sa.select(Appointment.medium)
        .join(Slot, Slot.id == Appointment.slot_id)
        .where(Appointment.ticket_id == Ticket.id, Appointment.status == AppointmentStatus.HELD)
        .order_by(Slot.starts_at.desc(), Appointment.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    of_each = sa.select(last.label("medium")).where(_asked(bounds), Ticket.answered_at.is_not(None)).subquery()
    counts = dict(read(sa.select(of_each.c.medium, sa.func.count()).group_by(of_each.c.medium)))
    return Answers(
        written=counts.get(None, 0), by_phone=counts.get(Medium.PHONE, 0), by_video=counts.get(Medium.VIDEO, 0)
    )


def _delays(bounds: Bounds) -> Delays:
    """The clock that the first answer stopped decides: what is stored with the question is what is told."""
    net = ResponseClock.delegation_seconds + ResponseClock.pole_seconds + ResponseClock.relay_seconds
    answered = (
        sa.select(net.label("net"), (net + ResponseClock.waiting_seconds).label("gross"))
        .join(Ticket, sa.and_(Ticket.id == ResponseClock.ticket_id, Ticket.answered_at == ResponseClock.answered_at))
        .where(_asked(bounds))
        .subquery()
    )
    ranked = sa.select(
        answered.c.net,
        answered.c.gross,
        sa.func.row_number().over(order_by=answered.c.net).label("net_rank"),
        sa.func.row_number().over(order_by=answered.c.gross).label("gross_rank"),
        sa.func.count().over().label("total"),
    ).subquery()
    columns = [_days(ranked.c.gross), _median(ranked, "gross"), _days(ranked.c.net), _median(ranked, "net")]
    count, *days = read(sa.select(sa.func.count(), *columns).select_from(ranked))[0]
    return Delays(count, *(None if one is None else float(one) for one in days))


def _median(ranked: sa.Subquery, name: str) -> sa.ColumnElement[Any]:
    """The mean of the two in the middle, which are one where their number is odd."""
    rank = ranked.c[f"{name}_rank"]
    is_middle = sa.and_(rank * 2 >= ranked.c.total, rank * 2 <= ranked.c.total + 2)
    return _days(sa.case((is_middle, ranked.c[name])))


def _days(seconds: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    return sa.func.avg(seconds) / float(_DAY_SECONDS)


def _sessions(bounds: Bounds, now: datetime) -> tuple[int, int, int]:
    """Held, cancelled, and held with at least one call."""
    is_held = sa.and_(JuriSession.status == SessionStatus.SCHEDULED, JuriSession.ends_at <= now)
    has_call = sa.exists().where(
        Slot.session_id == JuriSession.id,
        Appointment.slot_id == Slot.id,
        Appointment.status == AppointmentStatus.HELD,
    )
    counts = (
        _count(is_held),
        _count(JuriSession.status == SessionStatus.CANCELLED),
        _count(sa.and_(is_held, has_call)),
    )
    held, cancelled, with_calls = read(sa.select(*counts).where(_within(JuriSession.starts_at, bounds)))[0]
    return held, cancelled, with_calls


def _calls(bounds: Bounds) -> Calls:
    is_of_session = Slot.session_id.is_not(None)

    def among(*statuses: AppointmentStatus) -> sa.ColumnElement[bool]:
        return sa.and_(is_of_session, Appointment.status.in_(statuses))

    by_ptce = among(AppointmentStatus.CANCELLED_BY_PTCE)
    conditions = {
        "held": among(AppointmentStatus.HELD),
        "absent": among(AppointmentStatus.ABSENT),
        "cancelled_by_ptce": sa.and_(by_ptce, ~Appointment.is_late_cancel),
        "cancelled_late": sa.and_(by_ptce, Appointment.is_late_cancel),
        "cancelled_by_service": among(AppointmentStatus.CANCELLED_BY_SERVICE),
        "moved": among(AppointmentStatus.MOVED),
        "to_come": among(AppointmentStatus.REQUESTED, AppointmentStatus.CONFIRMED),
        "offers_lapsed": among(AppointmentStatus.LAPSED),
        "emergencies": sa.and_(~is_of_session, Appointment.status == AppointmentStatus.HELD),
    }
    counts = [_count(condition).label(name) for name, condition in conditions.items()]
    select = sa.select(*counts).select_from(Appointment).join(Slot, Slot.id == Appointment.slot_id)
    return Calls(**read(select.where(_within(Slot.starts_at, bounds)))[0]._asdict())


def _waiting(bounds: Bounds) -> list[Share]:
    """What became of each, in the order of the states."""
    select = (
        sa.select(WaitingEntry.status, sa.func.count())
        .join(JuriSession, JuriSession.id == WaitingEntry.session_id)
        .where(_within(JuriSession.starts_at, bounds))
        .group_by(WaitingEntry.status)
    )
    counts = {status: count for status, count in read(select)}  # noqa: C416 (rows are no pairs for mypy)
    return [Share(status.label, counts[status]) for status in WaitingStatus if status in counts]


def _by_topic(bounds: Bounds) -> dict[str, int]:
    """How many by code; empty: none was chosen."""
    select = sa.select(Ticket.topic, sa.func.count()).where(_asked(bounds)).group_by(Ticket.topic)
    return {code or "": count for code, count in read(select)}


def _topics(by_topic: Mapping[str, int]) -> list[Share]:
    topics = get_reference().topics
    return _largest_first(
        Share(topics[code].label if code in topics else NO_TOPIC, count) for code, count in by_topic.items()
    )


def _domains(by_topic: Mapping[str, int]) -> list[Share]:
    topics, domains = get_reference().topics, get_reference().topic_domains
    counts: Counter[str] = Counter()
    for code, count in by_topic.items():
        counts[domains[topics[code].parent].label if code in topics else NO_TOPIC] += count
    return _largest_first(Share(label, count) for label, count in counts.items())


def _regions(bounds: Bounds) -> list[Share]:
    delegations = get_reference().delegations
    select = (
        sa.select(Ticket.delegation, sa.func.count(Ticket.organisation_id.distinct()))
        .where(_asked(bounds))
        .group_by(Ticket.delegation)
    )
    return _largest_first(
        Share(delegations[code].name if code in delegations else NATIONAL, count) for code, count in read(select)
    )


def _largest_first(shares: Iterable[Share]) -> list[Share]:
    return sorted(shares, key=lambda share: (-share.number, share.label))
