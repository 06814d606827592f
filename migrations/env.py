"""How the migrations run: all of them in one transaction, or nothing, and one process at a time.

SQLite: a table is rebuilt by copy, and with foreign keys on the drop of the old one would delete its children
by cascade. They are switched off before BEGIN (inside a transaction the pragma does nothing), and what the
migrations leave is checked before COMMIT.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from alembic import context
from flask import current_app

from helpdesk.db import db

# Any number, the same for every process of the service.
ADVISORY_LOCK = 2_026_042
# A table that is in use is not waited for: every page would queue behind the migration.
LOCK_TIMEOUT = "3s"


class BrokenForeignKeys(Exception):
    """A migration left rows that point to nothing; it has been rolled back."""


def run_migrations() -> None:
    with current_app.app_context(), db.engine.connect() as connection:
        guarded = sqlite_guard if connection.dialect.name == "sqlite" else postgresql_guard
        with guarded(connection):
            context.configure(connection=connection, **options())
            context.run_migrations()


def options() -> dict[str, Any]:
    return {
        "target_metadata": db.metadata,
        "render_as_batch": True,
        "compare_type": True,
        "transactional_ddl": True,
        "process_revision_directives": drop_empty_revision,
        "render_item": render_item,
    }


def drop_empty_revision(_context: Any, _revision: Any, directives: list[Any]) -> None:
    """Write no file when the models and the migrations already agree."""
    asked = getattr(context.config.cmd_opts, "autogenerate", False)
    if asked and directives and directives[0].upgrade_ops.is_empty():
        directives[:] = []


def render_item(kind: str, item: Any, _autogen: Any) -> str | bool:
    """Write our own column type as what it is in the database: a migration imports no application code."""
    if kind == "type" and type(item).__module__.startswith("helpdesk."):
        return f"sa.{item.impl!r}" if isinstance(item, sa.types.TypeDecorator) else False
    return False


@contextmanager
def sqlite_guard(connection: sa.Connection) -> Iterator[None]:
    """One transaction around all the migrations, foreign keys off meanwhile and checked at its end."""
    # SQLAlchemy has begun a transaction of its own (BEGIN IMMEDIATE) at the first statement: end it, set the
    # pragma on the bare driver's connection, and only then begin.
    connection.rollback()
    driver: Any = connection.connection.driver_connection
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        with connection.begin():
            yield
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
            if broken:
                raise BrokenForeignKeys(f"{len(broken)} rows point to nothing, first {tuple(broken[0])}")
    finally:
        driver.execute("PRAGMA foreign_keys=ON")


@contextmanager
def postgresql_guard(connection: sa.Connection) -> Iterator[None]:
    """One transaction around all the migrations; a second process waits, then has nothing to do."""
    with connection.begin():
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": ADVISORY_LOCK})
        connection.execute(sa.text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'"))
        yield


run_migrations()
