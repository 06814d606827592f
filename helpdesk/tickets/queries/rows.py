"""A question in a list: its columns, how it is masked, how a list is cut into pages."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any, Generic, NamedTuple, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import aliased, lazyload

from helpdesk.accounts.models import Organisation, OrganisationTypology, Person
from helpdesk.db import read
from helpdesk.tickets.enums import OPEN_STATUSES, Channel, CloseReason, Status
from helpdesk.tickets.models import ResponseClock, Ticket

PAGE_SIZE = 25
LAST_PAGE = 400
SENSITIVE_TITLE = "Dossier sensible"

NAME_ONLY = (lazyload(Person.mandates), lazyload(Person.roles))
"""For people of whom a page shows the name: their rights are read only if something asks for them."""

OF_TICKET = sa.bindparam("of_ticket_id", type_=sa.Integer())
ROW_LIMIT = sa.bindparam("row_limit", type_=sa.Integer())


def is_one_of(column: Any, values: Iterable[StrEnum]) -> sa.ColumnElement[bool]:
    """A condition written with the *values* themselves: a list of parameters is written anew at each run."""
    condition: sa.ColumnElement[bool] = column.in_([sa.literal_column(f"'{one.value}'") for one in values])
    return condition


IS_OPEN = is_one_of(Ticket.status, OPEN_STATUSES)
"""In the very words of the partial index, which parameters would not match."""
IS_DUPLICATE = is_one_of(Ticket.close_reason, (CloseReason.DUPLICATE,))
"""The same."""

T = TypeVar("T")
K = TypeVar("K", bound=StrEnum)


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page of a list; *has_next* comes from one row read too many, so that no count is paid for."""

    rows: Sequence[T]
    number: int
    has_next: bool


class TicketRow(NamedTuple):
    """A question in a list. A sensitive one is masked here, once for every list."""

    id: int
    reference: str
    title: str
    excerpt: str
    status: Status
    topic: str | None
    channel: Channel
    organisation_id: int
    organisation: str
    city: str
    typologies: str
    delegation: str | None
    asker_id: int | None
    delegate: str | None
    jurist: str | None
    urgency: int
    is_sensitive: bool
    is_incomplete: bool
    version: int
    received_at: datetime
    status_at: datetime
    due_at: datetime
    legal_deadline_on: date | None
    answered_at: datetime | None
    answer_read_at: datetime | None
    started_at: datetime
    """When the present round began: the arrival, or the last reopening."""
    waiting_seconds: int
    waiting_since_at: datetime | None
    target_days: int

    @property
    def is_open(self) -> bool:
        return self.status.is_open

    def waited(self, now: datetime) -> timedelta:
        """Time spent waiting for the asker so far, the present wait included."""
        running = now - self.waiting_since_at if self.waiting_since_at else timedelta()
        return timedelta(seconds=self.waiting_seconds) + running


@cache
def ticket_rows() -> sa.Select[Any]:
    """The columns of :class:`TicketRow`, in any order of the questions and under nobody's rights yet."""
    delegate, jurist = aliased(Person), aliased(Person)
    typologies = (
        sa.select(sa.func.aggregate_strings(OrganisationTypology.code, ", "))
        .where(OrganisationTypology.organisation_id == Organisation.id)
        .correlate(Organisation)
        .scalar_subquery()
    )
    waiting_since_at = sa.case((Ticket.status == Status.WAITING, ResponseClock.since_at))
    columns: list[Any] = [
        Ticket.id,
        Ticket.reference,
        Ticket.title,
        Ticket.excerpt,
        Ticket.status,
        Ticket.topic,
        Ticket.channel,
        Ticket.organisation_id,
        Organisation.name.label("organisation"),
        Organisation.city,
        sa.func.coalesce(typologies, "").label("typologies"),
        Ticket.delegation,
        Ticket.asker_id,
        (delegate.first_name + " " + delegate.last_name).label("delegate"),
        (jurist.first_name + " " + jurist.last_name).label("jurist"),
        Ticket.urgency,
        Ticket.is_sensitive,
        Ticket.is_incomplete,
        Ticket.version,
        Ticket.received_at,
        Ticket.status_at,
        Ticket.due_at,
        Ticket.legal_deadline_on,
        Ticket.answered_at,
        Ticket.answer_read_at,
        ResponseClock.started_at,
        ResponseClock.waiting_seconds,
        waiting_since_at.label("waiting_since_at"),
        ResponseClock.target_days,
    ]
    return (
        sa.select(*columns)
        .select_from(Ticket)
        .join(Organisation, Organisation.id == Ticket.organisation_id)
        .join(
            ResponseClock,
            sa.and_(ResponseClock.ticket_id == Ticket.id, ResponseClock.round == Ticket.round),
        )
        .outerjoin(delegate, delegate.id == Ticket.delegate_id)
        .outerjoin(jurist, jurist.id == Ticket.jurist_id)
    )


def read_rows(select: sa.Select[Any], values: Mapping[str, Any]) -> list[TicketRow]:
    """Run a statement made of :func:`ticket_rows`; sensitive questions are masked."""
    return [masked(TicketRow._make(record)) for record in read(select, values)]


def masked(row: TicketRow) -> TicketRow:
    """The same row; of a sensitive question, without what tells what it is about and whose it is."""
    if not row.is_sensitive:
        return row
    return row._replace(title=SENSITIVE_TITLE, excerpt="", organisation="", city="", typologies="")


_WINDOW = {"size": sa.bindparam("row_count", type_=sa.Integer()), "skip": sa.bindparam("skipped", type_=sa.Integer())}


def page_of(select: sa.Select[Any], values: dict[str, Any], number: int, size: int = PAGE_SIZE) -> Page[TicketRow]:
    """Run *select*, made with :func:`windowed`, for one page of it."""
    number = min(max(number, 1), LAST_PAGE)
    window = {"row_count": size + 1, "skipped": (number - 1) * size}
    rows = read_rows(select, {**values, **window})
    return Page(rows[:size], number, len(rows) > size)


def windowed(select: sa.Select[Any]) -> sa.Select[Any]:
    """*select* cut to the page that :func:`page_of` asks for."""
    return select.limit(_WINDOW["size"]).offset(_WINDOW["skip"])


def side_by_side(selects: Mapping[StrEnum, sa.Select[Any]]) -> sa.Select[Any]:
    """Several lists read at once, each row behind the value of its list; they are to be put in order again."""
    parts = []
    for kind, select in selects.items():
        rows = select.subquery()
        parts.append(sa.select(sa.literal_column(f"'{kind.value}'").label("kind"), *rows.c))
    return sa.select(sa.union_all(*parts).subquery())


def latest_pages(
    select: sa.Select[Any], values: dict[str, Any], kinds: Sequence[K], size: int = PAGE_SIZE
) -> dict[K, Page[TicketRow]]:
    """Run a statement of :func:`side_by_side`, made of lists that are :func:`windowed`, for the first page of each,
    latest first.
    """
    found: dict[str, list[TicketRow]] = {kind.value: [] for kind in kinds}
    for kind, *row in read(select, {**values, "row_count": size + 1, "skipped": 0}):
        found[kind].append(masked(TicketRow._make(row)))
    for rows in found.values():
        rows.sort(key=lambda row: (row.received_at, row.id), reverse=True)
    return {kind: Page(found[kind.value][:size], 1, len(found[kind.value]) > size) for kind in kinds}
