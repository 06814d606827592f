"""« Toutes les questions » with its filters, and what lies on a desk."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa

from helpdesk import clock
from helpdesk.accounts.models import Person
from helpdesk.tickets import perms
from helpdesk.tickets.enums import Channel, Status
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.queries.rows import Page, TicketRow, is_one_of, page_of, ticket_rows, windowed
from helpdesk.tickets.texts import fold

NATIONAL = "nationale"
"""The filter value of the national queue, which is no delegation."""


@dataclass(frozen=True)
class Filters:
    """The filters of « Toutes les questions »; each empty value filters nothing."""

    words: str = ""
    status: Status | None = None
    topic: str = ""
    delegation: str = ""
    jurist_id: int | None = None
    organisation_id: int | None = None
    channel: Channel | None = None
    is_urgent: bool = False
    since_on: date | None = None
    until_on: date | None = None


def all_questions(person: Person, filters: Filters, page: int = 1, *, oldest_first: bool = False) -> Page[TicketRow]:
    """« Toutes les questions », latest first unless asked otherwise, under the reader's rights."""
    reader = perms.reader_of(person)
    select = _every_question(reader.sight, oldest_first).where(*filter_conditions(filters))
    return page_of(select, reader.values(), page)


@cache
def _every_question(sight: perms.Sight, oldest_first: bool) -> sa.Select[Any]:
    select = windowed(ticket_rows().where(perms.visible_by(perms.any_reader(sight))))
    if oldest_first:
        return select.order_by(Ticket.received_at, Ticket.id)
    return select.order_by(Ticket.received_at.desc(), Ticket.id.desc())


def desk_of(person: Person, jurist: Person | None, page: int = 1) -> Page[TicketRow]:
    """What lies on a jurist's desk, those that wait for the asker included, the most pressing first; without
    *jurist*, what nobody of the pole has taken.
    """
    if jurist is None:
        condition = Ticket.status == Status.POLE
    else:
        on_desk = is_one_of(Ticket.status, (Status.STUDY, Status.WAITING, Status.RELAY))
        condition = sa.and_(Ticket.jurist_id == jurist.id, on_desk)
    select = windowed(ticket_rows().where(perms.visible_to(person), condition))
    return page_of(select.order_by(Ticket.attention_at, Ticket.id), {}, page)


def filter_conditions(filters: Filters) -> list[sa.ColumnElement[bool]]:
    conditions = [_has_word(word) for word in fold(filters.words).split()[:6]]
    if filters.status:
        conditions.append(Ticket.status == filters.status)
    if filters.topic:
        family = Ticket.topic.startswith(f"{filters.topic}/", autoescape=True)
        conditions.append(sa.or_(Ticket.topic == filters.topic, family))
    if filters.delegation:
        conditions.append(Ticket.delegation == (None if filters.delegation == NATIONAL else filters.delegation))
    if filters.jurist_id:
        conditions.append(Ticket.jurist_id == filters.jurist_id)
    if filters.organisation_id:
        conditions += [Ticket.organisation_id == filters.organisation_id, Ticket.is_sensitive.is_(False)]
    if filters.channel:
        conditions.append(Ticket.channel == filters.channel)
    if filters.is_urgent:
        conditions.append(Ticket.urgency >= 2)
    if filters.since_on:
        conditions.append(Ticket.received_at >= _paris_midnight(filters.since_on))
    if filters.until_on:
        conditions.append(Ticket.received_at < _paris_midnight(filters.until_on + timedelta(days=1)))
    return conditions


def _has_word(word: str) -> sa.ColumnElement[bool]:
    # A sensitive title is not searched: a hit would tell its words.
    in_title = sa.and_(Ticket.search_title.contains(word, autoescape=True), Ticket.is_sensitive.is_(False))
    return sa.or_(in_title, sa.func.lower(Ticket.reference) == word)


def _paris_midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=clock.PARIS)
