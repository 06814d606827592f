"""Write the audit trail, and check that nobody has touched it.

Rows are written just before the commit. Only then is the chain locked, as the last lock of the transaction:
two transactions never wait for each other over it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Session, SessionTransaction

from helpdesk import clock
from helpdesk.audit.chain import START, Id, only_ids, sealed
from helpdesk.audit.models import AuditEvent
from helpdesk.db import db

_PENDING = "pending_audit"
_CHAIN_LOCK = 7_205_759_403
"""Key of the PostgreSQL advisory lock; SQLite has one writer at a time anyway."""
_BATCH_ROWS = 1000


@dataclass(frozen=True)
class _Pending:
    within: SessionTransaction | None
    """The savepoint it was recorded in, if any: undone with it."""
    at: datetime
    actor_id: int | None
    action: str
    object_type: str
    object_id: int | None
    data: dict[str, Id]


def record(actor: Any | None, action: str, object_type: str, object_id: int | None = None, **ids: object) -> None:
    """Note in the current transaction that *actor* (``None``: the service itself) did *action* to an object.

    *ids* are numbers, dates, codes of the reference data or values of enums. The object has its id already:
    flush first.

    :raises ValueError: for a text that is no code.
    """
    session = db.session()
    if not session.in_transaction():
        session.begin()  # so that there is something to roll back, and the record is forgotten with it
    actor_id = None if actor is None else int(actor.id)
    pending = _Pending(
        session.get_nested_transaction(), clock.now(), actor_id, action, object_type, object_id, only_ids(ids)
    )
    session.info.setdefault(_PENDING, []).append(pending)


def first_broken_link() -> int | None:
    """Return the id of the first row that does not follow from the one before; ``None``: all do."""
    previous_hash, last_id = START, 0
    while rows := _rows_after(last_id):
        for row in rows:
            if row.previous_hash != previous_hash or row.hash != _hash_of(row):
                return row.id
            previous_hash, last_id = row.hash, row.id
    return None


def _rows_after(last_id: int) -> Sequence[AuditEvent]:
    query = sa.select(AuditEvent).where(AuditEvent.id > last_id).order_by(AuditEvent.id).limit(_BATCH_ROWS)
    rows = db.session.scalars(query).all()
    db.session.expunge_all()
    return rows


def _hash_of(row: AuditEvent) -> str:
    return sealed(
        row.previous_hash,
        at=row.at,
        actor_id=row.actor_id,
        action=row.action,
        object_type=row.object_type,
        object_id=row.object_id,
        data=row.data,
    )


@event.listens_for(db.session, "before_commit")
def _write_pending(session: Session) -> None:
    if session.in_nested_transaction() or not session.info.get(_PENDING):
        return
    session.flush()
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(_CHAIN_LOCK)))
    newest = sa.select(AuditEvent.hash).order_by(AuditEvent.id.desc()).limit(1)
    previous_hash = session.scalar(newest) or START
    rows = []
    for one in session.info.pop(_PENDING):
        values = {
            "at": one.at,
            "actor_id": one.actor_id,
            "action": one.action,
            "object_type": one.object_type,
            "object_id": one.object_id,
            "data": one.data,
        }
        own_hash = sealed(previous_hash, **values)
        rows.append({**values, "previous_hash": previous_hash, "hash": own_hash})
        previous_hash = own_hash
    session.execute(sa.insert(AuditEvent.__table__), rows)  # type: ignore[arg-type]


@event.listens_for(db.session, "after_soft_rollback")
def _forget_pending(session: Session, previous: SessionTransaction) -> None:
    pending: list[_Pending] = session.info.get(_PENDING, [])
    if previous.nested:
        pending[:] = [one for one in pending if not _is_within(one.within, previous)]
    else:
        pending.clear()


def _is_within(transaction: SessionTransaction | None, ancestor: SessionTransaction) -> bool:
    while transaction is not None:
        if transaction is ancestor:
            return True
        transaction = transaction.parent
    return False
