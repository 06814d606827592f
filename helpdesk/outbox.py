"""The one table of work still to do.

A row is written in the same transaction as the change that asks for it; a worker does the work later, from the
row alone. The payload names objects, the handler reads them again: no content is copied here.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk import clock
from helpdesk.db import Base, db, enum_column


class OutboxKind(StrEnum):
    MAIL = "mail"


class OutboxStatus(StrEnum):
    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"


class OutboxItem(Base):
    """One piece of work; ``lease_token`` fences a worker that was paused past its lease."""

    __tablename__ = "outbox"
    __table_args__ = (
        sa.Index(
            "ix_outbox_pending",
            "not_before",
            sqlite_where=sa.text("status = 'pending'"),
            postgresql_where=sa.text("status = 'pending'"),
        ),
        sa.Index("ix_outbox_status_done_at", "status", "done_at"),
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
    rung_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    last_error: Mapped[str | None]
    request_id: Mapped[str | None]


def enqueue(
    kind: OutboxKind, dedupe_key: str, payload: dict[str, Any], *, not_before: datetime | None = None
) -> None:
    """Ask for work in the current transaction; the same *dedupe_key* twice is an IntegrityError, not two jobs."""
    now = clock.now()
    item = OutboxItem(
        kind=kind, dedupe_key=dedupe_key, payload=payload, not_before=not_before or now, created_at=now
    )
    db.session.add(item)
