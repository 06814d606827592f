"""A long past for a database: the closed questions of the demonstration's year, copied into the years before it.

What is open stays that of one year of the service, whatever the number of questions; each structure's own
history grows with it. Copied inside the database, with their messages, events and clocks: some seconds.
"""

import sqlite3
from contextlib import closing
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.sql.elements import ColumnElement

from helpdesk.db import db, transaction
from helpdesk.tickets.enums import Status
from helpdesk.tickets.models import Feedback, Message, ResponseClock, Ticket, TicketCopy, TicketEvent

COPIES_A_YEAR = 5
DAYS_A_YEAR = 364  # whole weeks, so that nothing falls on another day of the week


@dataclass(frozen=True)
class _Source:
    """The closed questions to copy, and how far the identifiers of a copy are from theirs."""

    ids: list[int]
    ticket_step: int
    message_step: int
    event_step: int


def lengthen(total: int, copies_a_year: int = COPIES_A_YEAR) -> None:
    """Copy closed questions until the database holds *total* of them, each year holding as many copies."""
    missing = total - _count(Ticket)
    with transaction():
        source = _source()
        for number in range(1, -(-missing // len(source.ids)) + 1):
            done = (number - 1) * len(source.ids)
            _copy(source, _days_before(number, copies_a_year), number, source.ids[: missing - done])
        _move_sequences()
    _settle()


def _settle() -> None:
    """Leave what was copied as years of service would: both databases tidy up behind themselves as they go."""
    db.session.remove()
    if db.engine.dialect.name == "postgresql":
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")
    else:
        with closing(sqlite3.connect(str(db.engine.url.database))) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _count(model: type[Ticket]) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def _source() -> _Source:
    ids = db.session.scalars(sa.select(Ticket.id).where(Ticket.status == Status.CLOSED).order_by(Ticket.id)).all()
    steps = [db.session.scalar(sa.select(sa.func.max(model.id))) or 0 for model in (Ticket, Message, TicketEvent)]
    return _Source(list(ids), *steps)


def _days_before(number: int, copies_a_year: int) -> int:
    years, place = divmod(number - 1, copies_a_year)
    weeks_between = DAYS_A_YEAR // 7 // copies_a_year
    return DAYS_A_YEAR * (1 + years) + 7 * weeks_between * place


def _copy(source: _Source, days: int, number: int, ids: list[int]) -> None:
    ticket, message, event = (step * number for step in (source.ticket_step, source.message_step, source.event_step))
    last = ids[-1]
    linked = {name: _copied(name, last, ticket) for name in ("follows_id", "duplicate_of_id")}
    year = sa.func.substr(sa.cast(_earlier(Ticket.__table__.c.received_at, days), sa.Text), 1, 4)
    label = sa.cast(Ticket.id + ticket, sa.Text)
    _insert(
        Ticket,
        days,
        last,
        id=Ticket.id + ticket,
        reference="Q-" + year + "-" + label,
        title=sa.func.substr(Ticket.title, 1, 190) + " " + label,
        search_title=sa.func.substr(Ticket.search_title, 1, 190) + " " + label,
        **linked,
    )
    own = {"ticket_id": sa.literal_column("ticket_id") + ticket}
    of_message = sa.literal_column("message_id") + message
    _insert(TicketCopy, days, last, **own)
    _insert(Message, days, last, id=Message.id + message, replaces_id=Message.replaces_id + message, **own)
    _insert(TicketEvent, days, last, id=TicketEvent.id + event, **own)
    _insert(ResponseClock, days, last, **own)
    _insert(Feedback, days, last, message_id=of_message)


def _copied(name: str, last: int, step: int) -> ColumnElement[int]:
    """The copy of a linked question, if it is copied too."""
    other = sa.alias(Ticket.__table__)
    found = sa.select(other.c.id + step).where(other.c.id == Ticket.__table__.c[name], other.c.id <= last)
    return found.where(other.c.status == Status.CLOSED).scalar_subquery()


def _insert(model: type, days: int, last: int, **changed: ColumnElement[object]) -> None:
    table: sa.Table = model.__table__  # type: ignore[attr-defined]
    values = [changed.get(column.name, _earlier(column, days)) for column in table.columns]
    closed = sa.select(Ticket.id).where(Ticket.status == Status.CLOSED, Ticket.id <= last)
    if model is Ticket:
        condition = sa.and_(Ticket.status == Status.CLOSED, Ticket.id <= last)
    elif model is Feedback:
        condition = Feedback.message_id.in_(sa.select(Message.id).where(Message.ticket_id.in_(closed)))
    else:
        condition = table.c.ticket_id.in_(closed)
    db.session.execute(sa.insert(table).from_select(list(table.columns), sa.select(*values).where(condition)))


def _earlier(column: sa.Column[object], days: int) -> ColumnElement[object]:
    """A date or moment, *days* before; anything else as it is."""
    kind = column.type
    is_moment = isinstance(kind, sa.types.TypeDecorator) and isinstance(kind.impl, sa.DateTime)
    if not is_moment and not isinstance(kind, sa.Date):
        return column
    if db.engine.dialect.name == "postgresql":
        return sa.cast(sa.type_coerce(column, sa.DateTime) - sa.text(f"interval '{days} days'"), kind)
    if is_moment:
        return sa.func.strftime("%Y-%m-%d %H:%M:%S.000000", column, f"-{days} days", type_=sa.Text)
    return sa.func.date(column, f"-{days} days", type_=sa.Text)


def _move_sequences() -> None:
    if db.engine.dialect.name != "postgresql":
        return
    for model in (Ticket, Message, TicketEvent):
        sequence = sa.func.pg_get_serial_sequence(model.__tablename__, "id")
        db.session.execute(sa.select(sa.func.setval(sequence, sa.func.max(model.id))))
