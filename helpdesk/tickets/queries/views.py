"""The saved views of the staff, and how many questions each holds."""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any

import sqlalchemy as sa

from helpdesk import clock
from helpdesk.accounts.models import Person
from helpdesk.db import UtcDateTime, read
from helpdesk.reference.zones import PARIS
from helpdesk.tickets import perms
from helpdesk.tickets.enums import Status
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.queries.lateness import is_late
from helpdesk.tickets.queries.rows import IS_OPEN, PAGE_SIZE, Page, TicketRow, is_one_of, page_of, ticket_rows, windowed


class QueueView(StrEnum):
    """The saved views; which ones a person gets depends on their role (:func:`views_of`)."""

    TRIAGE = "a-trier"
    REGIONAL = "je-reponds"
    RELAY = "a-relayer"
    AT_POLE = "au-pole"
    WAITING = "en-attente"
    ANSWERED = "repondues"
    MINE = "ma-file"
    POLE = "pole"
    NATIONAL = "nationale"
    URGENT = "urgentes"
    LATE = "en-retard"

    @property
    def label(self) -> str:
        return _VIEW_LABELS[self]


_VIEW_LABELS = {
    QueueView.TRIAGE: "À trier",
    QueueView.REGIONAL: "Je réponds",
    QueueView.RELAY: "À relayer",
    QueueView.AT_POLE: "Transmises au pôle",
    QueueView.WAITING: "En attente d’un adhérent",
    QueueView.ANSWERED: "Répondues ce mois-ci",
    QueueView.MINE: "Ma file",
    QueueView.POLE: "File du pôle",
    QueueView.NATIONAL: "File nationale",
    QueueView.URGENT: "Urgentes",
    QueueView.LATE: "En retard",
}
DELEGATE_VIEWS = (
    QueueView.TRIAGE,
    QueueView.REGIONAL,
    QueueView.RELAY,
    QueueView.AT_POLE,
    QueueView.WAITING,
    QueueView.ANSWERED,
)
JURIST_VIEWS = (
    QueueView.MINE,
    QueueView.POLE,
    QueueView.NATIONAL,
    QueueView.URGENT,
    QueueView.LATE,
    QueueView.WAITING,
)


def views_of(person: Person) -> tuple[QueueView, ...]:
    """The saved views of a person of the staff."""
    return JURIST_VIEWS if person.is_pole else DELEGATE_VIEWS


def _in_views(reader: perms.Reader) -> sa.ColumnElement[bool]:
    """What the saved views are taken from: seen as staff, not as a member of one's own structure elsewhere."""
    if reader.sight.is_pole:
        return perms.visible_by(reader)
    seen_as_delegate = sa.or_(sa.false(), *perms.delegate_conditions(reader))
    return sa.and_(seen_as_delegate, perms.visible_by(reader))


_NOW = sa.bindparam("now", type_=UtcDateTime())
_SINCE = sa.bindparam("month_start", type_=UtcDateTime())


def _view_condition(view: QueueView, reader: perms.Reader) -> sa.ColumnElement[bool]:
    waiting = Ticket.status == Status.WAITING
    # A delegation in copy reads, and does not decide.
    in_charge = Ticket.delegation.in_(reader.delegations) if reader.sight.is_delegate else sa.false()
    conditions: dict[QueueView, sa.ColumnElement[bool]] = {
        QueueView.TRIAGE: sa.and_(Ticket.status == Status.TRIAGE, in_charge),
        QueueView.REGIONAL: sa.and_(Ticket.status == Status.REGIONAL, Ticket.delegate_id == reader.id),
        QueueView.RELAY: sa.and_(Ticket.status == Status.RELAY, in_charge),
        QueueView.AT_POLE: is_one_of(Ticket.status, (Status.POLE, Status.STUDY)),
        QueueView.WAITING: sa.and_(waiting, Ticket.jurist_id == reader.id) if reader.sight.is_pole else waiting,
        QueueView.ANSWERED: Ticket.answered_at >= _SINCE,
        QueueView.MINE: sa.and_(Ticket.status == Status.STUDY, Ticket.jurist_id == reader.id),
        QueueView.POLE: Ticket.status == Status.POLE,
        QueueView.NATIONAL: sa.and_(Ticket.status == Status.TRIAGE, Ticket.delegation.is_(None)),
        QueueView.URGENT: sa.and_(IS_OPEN, Ticket.urgency >= 2),
        QueueView.LATE: is_late(_NOW),
    }
    return conditions[view]


def _view_values(reader: perms.Reader) -> dict[str, Any]:
    now = clock.now()
    return {**reader.values(), "now": now, "month_start": _month_start(now)}


def _month_start(now: datetime) -> datetime:
    return now.astimezone(PARIS).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def queue(person: Person, view: QueueView, page: int = 1, *, size: int = PAGE_SIZE) -> Page[TicketRow]:
    """The questions of a saved view, the most pressing first; the answered ones, the latest first."""
    reader = perms.reader_of(person)
    return page_of(_queue(reader.sight, view), _view_values(reader), page, size)


@cache
def _queue(sight: perms.Sight, view: QueueView) -> sa.Select[Any]:
    reader = perms.any_reader(sight)
    select = windowed(ticket_rows().where(_in_views(reader), _view_condition(view, reader)))
    if view is QueueView.ANSWERED:
        return select.order_by(Ticket.answered_at.desc(), Ticket.id)
    return select.order_by(Ticket.attention_at, Ticket.id)


def view_counts(person: Person, views: Collection[QueueView] | None = None) -> dict[QueueView, int]:
    """How many questions each saved view (or each of *views*) holds, in one query whatever their number."""
    wanted = tuple(view for view in views_of(person) if views is None or view in views)
    if not wanted:
        return {}
    reader = perms.reader_of(person)
    (counts,) = read(_view_counts(reader.sight, wanted), _view_values(reader))
    return dict(zip(wanted, counts, strict=True))


@cache
def _view_counts(sight: perms.Sight, views: tuple[QueueView, ...]) -> sa.Select[Any]:
    """The open questions are read once for all the views; the answered ones have an index of their own."""
    reader = perms.any_reader(sight)
    counts: list[Any] = []
    for view in views:
        condition = _view_condition(view, reader)
        if view is QueueView.ANSWERED:
            answered = sa.select(sa.func.count()).select_from(Ticket).where(_in_views(reader), condition)
            counts.append(answered.correlate(None).scalar_subquery())
        else:
            counts.append(sa.func.count(sa.case((condition, 1))))
    return sa.select(*counts).select_from(Ticket).where(_in_views(reader), IS_OPEN)
