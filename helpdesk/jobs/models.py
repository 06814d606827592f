"""What the workers remember of themselves."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.db import Base, db


class PeriodicRun(Base):
    """One row for each periodic task: when it runs next, and who runs it now."""

    __tablename__ = "periodic_run"

    name: Mapped[str] = mapped_column(sa.String(60), primary_key=True)
    schedule: Mapped[str]
    """What ``next_at`` was computed from; another one in the code or the settings plans the task anew."""
    next_at: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    lease_token: Mapped[str | None]
    started_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    """The end of the last run that went well."""
    last_error: Mapped[str | None]


class WorkerHeartbeat(Base):
    """A worker that is alive says so here, every half minute."""

    __tablename__ = "worker_heartbeat"

    name: Mapped[str] = mapped_column(sa.String(120), primary_key=True)
    """Host and process number."""
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]


def last_heartbeat() -> datetime | None:
    """When the worker heard of last was alive; empty if none ever was."""
    seen: datetime | None = db.session.scalar(sa.select(sa.func.max(WorkerHeartbeat.seen_at)))
    return seen
