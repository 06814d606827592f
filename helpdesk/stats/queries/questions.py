"""« Toutes les questions » as the rows of a file: the conditions and the masks of the page, what the
staff sees as staff, read some at a time.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from helpdesk.accounts.models import Person
from helpdesk.db import UtcDateTime, read
from helpdesk.errors import BadInput
from helpdesk.reference import get_reference
from helpdesk.stats.tables import Column, Kind, Row
from helpdesk.tickets import perms
from helpdesk.tickets.enums import CloseReason, Urgency
from helpdesk.tickets.models import ResponseClock, Ticket
from helpdesk.tickets.queries import Filters, Order, Selection, TicketRow, selection
from helpdesk.tickets.queries.rows import masked, ticket_rows

READ_ROWS = 500
"""At a time."""
MOST_ROWS = 20_000

TOO_MANY = (
    "Cet export dépasserait 20\u202f000 questions. Choisissez une période plus courte ou ajoutez un filtre, "
    "puis exportez en plusieurs fois."
)
CUT_SEARCH = (
    "La recherche par mots s’arrête aux questions les plus proches : l’export serait incomplet. "
    "Choisissez une période plus courte ou ajoutez un filtre, ou retirez les mots."
)
NO_INDEX = (
    "La recherche complète est en préparation : l’export serait incomplet. Recommencez dans quelques minutes, "
    "ou retirez les mots."
)

COLUMNS = (
    Column("received_on", "Reçue le", Kind.DAY),
    Column("channel", "Canal", Kind.TEXT),
    Column("delegation", "Délégation", Kind.TEXT),
    Column("organisation", "Structure", Kind.TEXT),
    Column("typologies", "Typologies", Kind.TEXT),
    Column("topic", "Thème", Kind.TEXT),
    Column("title", "Titre", Kind.TEXT),
    Column("status", "État", Kind.TEXT),
    Column("urgency", "Urgence", Kind.TEXT),
    Column("delegate", "Déléguée ou délégué", Kind.TEXT),
    Column("jurist", "Juriste", Kind.TEXT),
    Column("due_on", "Échéance", Kind.DAY),
    Column("answered_on", "Répondue le", Kind.DAY),
    Column("gross_days", "Délai brut (jours)", Kind.COUNT),
    Column("net_days", "Délai net (jours)", Kind.COUNT),
    Column("rounds", "Tours", Kind.COUNT),
    Column("closed_on", "Close le", Kind.DAY),
    Column("close_reason", "Motif de clôture", Kind.TEXT),
)


@dataclass
class QuestionTable:
    """A table whose rows are read while they are written, once; *count*: how many have been so far."""

    chosen: Selection
    order: Order
    count: int = 0

    key = "questions"
    title = "Questions"
    head = "Référence"
    columns = COLUMNS
    note = (
        "Les jours sont ceux de Paris. Le délai brut va du jour de réception à celui de la première réponse ; "
        "le délai net en retire l’attente de l’adhérent."
    )

    @property
    def rows(self) -> Iterator[Row]:
        for one in _read(self.chosen, self.order):
            self.count += 1
            yield _row(one)


def question_table(person: Person, filters: Filters, order: Order) -> QuestionTable:
    """The questions that « Toutes les questions » lists for *person*, all pages together, without those that a delegate
    sees there as a member of a structure of their own.

    :raises BadInput: when a file could not hold them all: nothing is left out without saying so.
    """
    chosen = selection(person, filters)
    chosen = replace(chosen, condition=sa.and_(chosen.condition, perms.visible_as_staff(person)))
    if chosen.is_fallback:
        raise BadInput(NO_INDEX)
    if chosen.is_cut:
        raise BadInput(CUT_SEARCH)
    if _count(chosen) > MOST_ROWS:
        raise BadInput(TOO_MANY)
    return QuestionTable(chosen, order)


def _count(chosen: Selection) -> int:
    """How many questions there are, as far as it matters."""
    ids = sa.select(Ticket.id).where(chosen.condition).limit(MOST_ROWS + 1).subquery()
    return int(read(sa.select(sa.func.count()).select_from(ids), chosen.values)[0][0])


class _Question(NamedTuple):
    row: TicketRow
    rounds: int
    gross_days: int | None
    net_days: int | None
    closed_at: datetime | None
    close_reason: CloseReason | None


def _read(chosen: Selection, order: Order) -> Iterator[_Question]:
    """Page after page, each from where the one before ended; by closeness there is one page only."""
    if chosen.closest is not None and order is Order.CLOSEST:
        places = {one: place for place, one in enumerate(chosen.closest)}
        yield from sorted(_page(chosen, order, None), key=lambda one: places[one.row.id])
        return
    last: TicketRow | None = None
    while page := _page(chosen, order, last):
        yield from page
        if len(page) < READ_ROWS:
            return
        last = page[-1].row


def _page(chosen: Selection, order: Order, last: TicketRow | None) -> list[_Question]:
    records = read(_statement(chosen, order, last), chosen.values)
    width = len(TicketRow._fields)
    return [_Question(masked(TicketRow._make(record[:width])), *record[width:]) for record in records]


def _statement(chosen: Selection, order: Order, last: TicketRow | None) -> sa.Select[Any]:
    """The rows that follow *last*, with the time of their first answer."""
    is_forward = order is Order.OLDEST
    ordered = [column if is_forward else column.desc() for column in (Ticket.received_at, Ticket.id)]
    ids = sa.select(Ticket.id).where(chosen.condition)
    if last is not None:
        place = sa.tuple_(Ticket.received_at, Ticket.id)
        reached = sa.tuple_(sa.literal(last.received_at, UtcDateTime()), sa.literal(last.id))
        ids = ids.where(place > reached if is_forward else place < reached)
    found = ids.order_by(*ordered).limit(READ_ROWS).subquery()
    first = aliased(ResponseClock)
    return (
        ticket_rows()
        .add_columns(Ticket.round, first.gross_days, first.net_days, Ticket.closed_at, Ticket.close_reason)
        .join(found, found.c.id == Ticket.id)
        .join(first, sa.and_(first.ticket_id == Ticket.id, first.round == 1))
        .order_by(*ordered)
    )


def _row(one: _Question) -> Row:
    row, reference = one.row, get_reference()
    topic = reference.topics.get(row.topic or "")
    delegation = reference.delegations.get(row.delegation or "")
    values = (
        row.received_at,
        row.channel.label,
        delegation.name if delegation else "File nationale",
        row.organisation,
        row.typologies,
        topic.label if topic else None,
        row.title,
        row.status.label,
        Urgency(row.urgency).label,
        row.delegate,
        row.jurist,
        row.due_at,
        row.answered_at,
        one.gross_days,
        one.net_days,
        one.rounds,
        one.closed_at,
        one.close_reason.label if one.close_reason else None,
    )
    return Row(row.reference, row.reference, values)
