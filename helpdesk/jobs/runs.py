"""Periodic work, kept in rows: a restart neither loses a run nor runs it twice."""

import secrets
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy.exc import IntegrityError

from helpdesk import clock
from helpdesk.db import changed_count, db, transaction
from helpdesk.jobs import registry
from helpdesk.jobs.models import PeriodicRun
from helpdesk.jobs.registry import PeriodicTask
from helpdesk.jobs.schedule import first_run, is_night, next_run
from helpdesk.reference.zones import PARIS
from helpdesk.settings import Settings

log = structlog.get_logger(__name__)

RETRY_DELAY = timedelta(minutes=10)


def plan(settings: Settings) -> None:
    """Make a row for each task that has none, and plan anew those whose schedule has changed."""
    now = clock.now()
    try:
        with transaction():
            rows = {row.name: row for row in db.session.scalars(sa.select(PeriodicRun))}
            for task in registry.TASKS.values():
                _plan(task, rows.get(task.name), settings)
    except IntegrityError:
        log.info("periodic_planned_by_another", at=now.isoformat())


def _plan(task: PeriodicTask, row: PeriodicRun | None, settings: Settings) -> None:
    schedule = task.schedule(settings)
    if row is None:
        row = PeriodicRun(name=task.name)
        db.session.add(row)
    elif row.schedule == str(schedule):
        return
    row.schedule = str(schedule)
    row.next_at = first_run(schedule, clock.now(), PARIS)


def run_due(settings: Settings) -> list[str]:
    """Run the tasks whose time has come, one after the other; return their names."""
    if is_night(clock.now(), PARIS):
        return []
    due = sa.select(PeriodicRun.name).where(_is_free()).order_by(PeriodicRun.next_at, PeriodicRun.name)
    with transaction():
        names = list(db.session.scalars(due))
    return [name for name in names if name in registry.TASKS and _run(registry.TASKS[name], settings)]


def _run(task: PeriodicTask, settings: Settings) -> bool:
    token = _claim(task.name, settings.outbox_lease_seconds)
    if token is None:
        return False
    try:
        task.run()
    except Exception as error:
        log.exception("periodic_failed", task=task.name)
        db.session.rollback()
        _release(task, settings, token, error=type(error).__name__)
    else:
        _release(task, settings, token, error=None)
    return True


def _is_free() -> sa.ColumnElement[bool]:
    now = clock.now()
    return sa.and_(
        PeriodicRun.next_at <= now, sa.or_(PeriodicRun.lease_until.is_(None), PeriodicRun.lease_until <= now)
    )


def _claim(name: str, lease_seconds: int) -> str | None:
    now = clock.now()
    token = secrets.token_hex(8)
    take = (
        sa.update(PeriodicRun)
        .where(PeriodicRun.name == name, _is_free())
        .values(started_at=now, lease_until=now + timedelta(seconds=lease_seconds), lease_token=token)
    )
    return token if _execute(take) else None


def _release(task: PeriodicTask, settings: Settings, token: str, *, error: str | None) -> None:
    now = clock.now()
    next_at = next_run(task.schedule(settings), now, PARIS)
    values: dict[str, Any] = {"lease_until": None, "lease_token": None, "last_error": error}
    if error is None:
        values |= {"next_at": next_at, "done_at": now}
    else:
        values |= {"next_at": min(next_at, now + RETRY_DELAY)}
    mine = (PeriodicRun.name == task.name, PeriodicRun.lease_token == token)
    _execute(sa.update(PeriodicRun).where(*mine).values(**values))


def _execute(statement: sa.Update) -> bool:
    with transaction():
        return changed_count(statement) == 1
