"""The one table of work still to do.

A row is written in the same transaction as the change that asks for it; a worker does the work later, from
the row alone. The payload names objects, the handler reads them again: no content is copied here.

A worker takes rows by a lease, works outside any transaction, and gives each row back with the token of the
lease. A worker killed on the way leaves a lease that ends by itself. No row is deleted before it is done.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk import bell, clock
from helpdesk.db import Base, after_commit, changed_count, db, enum_column, transaction

BATCH_ROWS = 10
FIRST_DELAY = timedelta(minutes=1)
LONGEST_DELAY = timedelta(hours=4)
JITTER = 0.2
KEPT_DONE = timedelta(days=90)
ERROR_CHARS = 500

# Spelt out, not bound: both databases then know that a partial index serves the query.
_IS_PENDING = sa.text("status = 'pending'")
_IS_DONE = sa.text("status = 'done'")


class OutboxKind(StrEnum):
    MAIL = "mail"
    INDEX = "index"


class OutboxStatus(StrEnum):
    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"


class OutboxItem(Base):
    """One piece of work; ``lease_token`` fences a worker that was paused past its lease."""

    __tablename__ = "outbox"
    __table_args__ = (
        sa.Index("ix_outbox_pending", "not_before", sqlite_where=_IS_PENDING, postgresql_where=_IS_PENDING),
        sa.Index("ix_outbox_done", "done_at", sqlite_where=_IS_DONE, postgresql_where=_IS_DONE),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[OutboxKind] = mapped_column(enum_column(OutboxKind))
    dedupe_key: Mapped[str] = mapped_column(unique=True)
    payload: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    status: Mapped[OutboxStatus] = mapped_column(enum_column(OutboxStatus), default=OutboxStatus.PENDING)
    attempts: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    lease_token: Mapped[str | None]
    created_at: Mapped[datetime]
    asked_at: Mapped[datetime]
    """When the present series of attempts began: at the creation, or when somebody asked for a resend."""
    done_at: Mapped[datetime | None]
    last_error: Mapped[str | None]
    request_id: Mapped[str | None]


@dataclass(frozen=True)
class Claim:
    """A row that this worker holds until its lease ends."""

    id: int
    kind: OutboxKind
    payload: dict[str, Any]
    attempts: int
    asked_at: datetime
    not_before: datetime
    request_id: str | None
    token: str


def enqueue(kind: OutboxKind, dedupe_key: str, payload: dict[str, Any], *, not_before: datetime | None = None) -> None:
    """Ask for work in the current transaction; a *dedupe_key* used twice is an IntegrityError, not two jobs.

    The workers are told after the commit.
    """
    now = clock.now()
    item = OutboxItem(
        kind=kind,
        dedupe_key=dedupe_key,
        payload=payload,
        not_before=not_before or now,
        created_at=now,
        asked_at=not_before or now,
        request_id=structlog.contextvars.get_contextvars().get("request_id"),
    )
    db.session.add(item)
    after_commit(bell.ring)


def claim(lease_seconds: int, *, limit: int = BATCH_ROWS) -> list[Claim]:
    """Take up to *limit* due rows, oldest first, in one short transaction of its own."""
    now = clock.now()
    token = secrets.token_hex(8)
    # Not a plain subquery: PostgreSQL may run that more than once, and then takes too many rows.
    due = (
        sa.select(OutboxItem.id)
        .where(
            _IS_PENDING,
            OutboxItem.not_before <= now,
            sa.or_(OutboxItem.lease_until.is_(None), OutboxItem.lease_until <= now),
        )
        .order_by(OutboxItem.not_before, OutboxItem.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    take = (
        sa.update(OutboxItem)
        .where(OutboxItem.id.in_(sa.select(due.c.id)))
        .values(
            lease_until=now + timedelta(seconds=lease_seconds),
            lease_token=token,
            attempts=OutboxItem.attempts + 1,
        )
        .returning(
            OutboxItem.id,
            OutboxItem.kind,
            OutboxItem.payload,
            OutboxItem.attempts,
            OutboxItem.asked_at,
            OutboxItem.not_before,
            OutboxItem.request_id,
        )
    )
    with transaction():
        rows = db.session.execute(take, execution_options={"synchronize_session": False}).all()
    claims = [Claim(**row._mapping, token=token) for row in rows]  # noqa: SLF001 (its public name)
    return sorted(claims, key=lambda item: (item.not_before, item.id))


def renew(item: Claim, lease_seconds: int) -> bool:
    """Begin the lease anew before the work itself; false if another worker has the row by now."""
    with transaction():
        return _update(item, lease_until=clock.now() + timedelta(seconds=lease_seconds))


def finish(item: Claim) -> bool:
    """Mark the work done, in the current transaction; false if another worker has the row by now."""
    return _update(
        item,
        status=OutboxStatus.DONE,
        done_at=clock.now(),
        lease_until=None,
        lease_token=None,
        last_error=None,
    )


def put_off(item: Claim, error: str, give_up_days: int) -> bool:
    """Try again later, with growing delays; false when *give_up_days* would have passed by then."""
    not_before = clock.now() + retry_delay(item.attempts, secrets.randbelow(1000) / 999)
    if not_before > item.asked_at + timedelta(days=give_up_days):
        return False
    _update(item, not_before=not_before, lease_until=None, lease_token=None, last_error=error[:ERROR_CHARS])
    return True


def give_up(item: Claim, error: str) -> bool:
    """Mark the work failed, for everybody to see, in the current transaction."""
    return _update(
        item,
        status=OutboxStatus.FAILED,
        done_at=clock.now(),
        lease_until=None,
        lease_token=None,
        last_error=error[:ERROR_CHARS],
    )


def release(items: Sequence[Claim]) -> None:
    """Give untouched rows back at once: the worker stops, another need not wait for the lease's end."""
    with transaction():
        for item in items:
            _update(item, attempts=OutboxItem.attempts - 1, lease_until=None, lease_token=None)


def resend(dedupe_key: str) -> bool:
    """Begin failed work anew, in the current transaction; false if none has failed under that key."""
    now = clock.now()
    statement = (
        sa.update(OutboxItem)
        .where(OutboxItem.dedupe_key == dedupe_key, OutboxItem.status == OutboxStatus.FAILED)
        .values(status=OutboxStatus.PENDING, attempts=0, not_before=now, asked_at=now, done_at=None)
    )
    after_commit(bell.ring)
    return changed_count(statement) == 1


def cancel(dedupe_key: str) -> bool:
    """Mark work as done without doing it, in the current transaction; false if it is done or was never asked."""
    statement = (
        sa.update(OutboxItem)
        .where(OutboxItem.dedupe_key == dedupe_key, OutboxItem.status != OutboxStatus.DONE)
        .values(status=OutboxStatus.DONE, done_at=clock.now(), lease_until=None, lease_token=None)
    )
    return changed_count(statement) == 1


def purge() -> int:
    """Delete rows done more than 90 days ago, return how many. Failed rows stay."""
    statement = sa.delete(OutboxItem).where(_IS_DONE, OutboxItem.done_at < clock.now() - KEPT_DONE)
    with transaction():
        return changed_count(statement)


def oldest_due() -> datetime | None:
    """Since when the oldest due row has been waiting; empty if nothing is due. An alarm watches its age."""
    due = (_IS_PENDING, OutboxItem.not_before <= clock.now())
    return db.session.scalar(sa.select(sa.func.min(OutboxItem.not_before)).where(*due))


def failed_count() -> int:
    """How many pieces of work have been given up and not asked for again."""
    statement = sa.select(sa.func.count()).where(OutboxItem.status == OutboxStatus.FAILED)
    return db.session.scalar(statement) or 0


def retry_delay(attempts: int, chance: float) -> timedelta:
    """The wait after *attempts* failures: 1 minute, doubled each time up to 4 hours, give or take a fifth.

    :param chance: between 0 and 1; spreads the retries of rows that failed together.
    """
    delay = min(FIRST_DELAY * 2 ** min(attempts - 1, 20), LONGEST_DELAY)
    return timedelta(seconds=round(delay.total_seconds() * (1 - JITTER + 2 * JITTER * chance)))


def _update(item: Claim, **values: Any) -> bool:
    """Change the row if the lease is still ours."""
    statement = (
        sa.update(OutboxItem).where(OutboxItem.id == item.id, OutboxItem.lease_token == item.token).values(**values)
    )
    return changed_count(statement) == 1
