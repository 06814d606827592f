"""The audit trail: who did what to which object, and when."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.audit.ddl import make_append_only
from helpdesk.db import Base


class AuditEvent(Base):
    """One act. Identifiers only, never a name or a word, so that erasing a person leaves the chain whole.

    Append-only: triggers refuse a change, and each row carries the hash of the one before. No foreign keys: a
    row outlives the objects that it names.
    """

    __tablename__ = "audit_event"
    __table_args__ = (sa.Index("ix_audit_event_object", "object_type", "object_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor_id: Mapped[int | None] = mapped_column(index=True)
    """The person; empty: the service itself, or a command."""
    action: Mapped[str] = mapped_column(sa.String(60))
    object_type: Mapped[str] = mapped_column(sa.String(40))
    object_id: Mapped[int | None]
    data: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    previous_hash: Mapped[str] = mapped_column(sa.String(64))
    hash: Mapped[str] = mapped_column(sa.String(64), unique=True)


make_append_only(AuditEvent.__table__)  # type: ignore[arg-type]
