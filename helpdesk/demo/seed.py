"""Writes the demonstration: the network, every question's life, the sessions, then the entries, in bulk."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from random import Random

import sqlalchemy as sa
from flask import current_app

from helpdesk import settings_of
from helpdesk.accounts import models as accounts
from helpdesk.accounts.passwords import hash_password
from helpdesk.attachments import storage
from helpdesk.attachments.models import Attachment
from helpdesk.db import db, transaction
from helpdesk.demo import library, permanence
from helpdesk.demo.building import Builder
from helpdesk.demo.cast import PASSWORD
from helpdesk.demo.history import Row
from helpdesk.demo.network import Network
from helpdesk.demo.writing import Writer
from helpdesk.errors import Conflict
from helpdesk.tickets import models as tickets

QUESTIONS_A_YEAR = 1200
LONGEST_YEARS = 12
_ACCOUNT_TABLES = (
    accounts.Organisation,
    accounts.OrganisationTypology,
    accounts.DelegationProfile,
    accounts.Person,
    accounts.Mandate,
    accounts.StaffRole,
    accounts.PersonSpecialty,
)
_TICKET_TABLES = (
    tickets.Ticket,
    tickets.TicketCopy,
    tickets.ConflictOfInterest,
    tickets.Message,
    Attachment,
    tickets.MessageAttachment,
    tickets.TicketEvent,
    tickets.ResponseClock,
    tickets.Feedback,
    tickets.Draft,
)

_NUMBERED = (tickets.Ticket, tickets.Message, tickets.TicketEvent)


def seed(*, today: date, seed: int = 2026, structures: int = 523, questions: int = 1200) -> None:
    """Fill an empty database with a year that ends at the last midnight before *today* (Europe/Paris).

    The same arguments give the same references, texts and times on every machine; only the hash of the password
    differs. More than 1,200 questions a year lengthen the history, up to twelve years, then crowd it.

    :raises Conflict: if somebody is already in the database.
    """
    refuse_unless_empty()
    settings = settings_of(current_app)
    history_days = 365 * round(min(max(questions / QUESTIONS_A_YEAR, 1), LONGEST_YEARS))
    builder = Builder(Random(seed), today, hash_password(PASSWORD), history_days=history_days)
    network = builder.build(structures)
    with transaction():
        _write_network(network)
    writer = Writer(network, settings, seed, today)
    for rows in writer.batches(questions, today - timedelta(days=history_days)):
        with transaction():
            for model in _TICKET_TABLES:
                _insert(model, rows.tables.get(model.__tablename__, ()))
    for content in writer.documents.values():
        storage.put(settings.data_dir / "attachments", content)
    with transaction():
        _insert(tickets.TicketCounter, [{"year": year, "last": last} for year, last in writer.numbers.items()])
    with transaction():
        _insert_all(permanence.TABLES, writer.permanence.finish())
    with transaction():
        shelves = library.entries(seed, today, settings.review_months)
        _insert_all(library.TABLES, shelves)
        _move_sequences()


def refuse_unless_empty() -> None:
    """:raises Conflict: if the database holds a person or a structure."""
    for model in (accounts.Person, accounts.Organisation):
        if db.session.scalar(sa.select(sa.func.count()).select_from(model)):
            raise Conflict("La base contient déjà des données. La démonstration ne s’installe que dans une base vide.")


def _write_network(network: Network) -> None:
    rows = network.rows
    # A group comes before the structures that belong to it.
    rows["organisation"].sort(key=lambda row: (row["group_id"] is not None, row["id"]))
    for model in _ACCOUNT_TABLES:
        _insert(model, rows[model.__tablename__])


def _insert_all(models: Iterable[type], rows: Mapping[str, Iterable[Row]]) -> None:
    for model in models:
        _insert(model, rows.get(model.__tablename__, ()))  # type: ignore[attr-defined]


def _insert(model: type, rows: Iterable[Row]) -> None:
    if rows := list(rows):
        db.session.execute(sa.insert(model.__table__), rows)  # type: ignore[attr-defined]


def _move_sequences() -> None:
    """PostgreSQL's counters know nothing of identifiers that were given."""
    if db.engine.dialect.name != "postgresql":
        return
    numbered = (
        accounts.Person,
        accounts.Organisation,
        Attachment,
        tickets.Ticket,
        tickets.Message,
        tickets.TicketEvent,
        *library.NUMBERED,
        *permanence.NUMBERED,
    )
    for model in numbered:
        table = model.__tablename__
        sequence = sa.func.pg_get_serial_sequence(table, "id")
        db.session.execute(sa.select(sa.func.setval(sequence, sa.func.max(model.id))))
