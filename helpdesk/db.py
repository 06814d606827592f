"""The database: base class, column types, transactions.

SQLite is used as it must be for several processes (``BEGIN IMMEDIATE`` unless the request only reads, WAL,
foreign keys on); the driver's own transaction handling loses updates silently and is switched off.
"""

import random
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, cast

import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Dialect, Engine
from sqlalchemy.orm import DeclarativeBase, registry
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.types import TypeDecorator

from helpdesk.errors import Conflict

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

BUSY_MILLISECONDS = 15_000
"""How long SQLite itself waits: for a reader, a checkpoint."""
WRITE_LOCK_SECONDS = 45
NAP_SECONDS = 0.001, 0.01

read_only: ContextVar[bool] = ContextVar("read_only", default=False)
"""True while a request only reads: SQLite then takes no write lock. Forgetting to set it costs latency only."""


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime, stored in UTC. A naive one is refused, as it would be a guess."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime cannot be stored")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any] | None:
        """As :meth:`process_result_value`, in one step where SQLAlchemy takes three: a list reads hundreds of them."""
        return _from_sqlite if dialect.name == "sqlite" else super().result_processor(dialect, coltype)


def _from_sqlite(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(f"{text}+00:00")


class Base(DeclarativeBase):
    """The base of every model."""

    registry = registry(
        metadata=sa.MetaData(naming_convention=NAMING),
        type_annotation_map={datetime: UtcDateTime, str: sa.Text},
    )


db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False})


def enum_column(enum_class: type[StrEnum], name: str | None = None) -> sa.Enum:
    """An enum kept as text with a CHECK constraint, the same on both databases."""
    return sa.Enum(
        enum_class,
        native_enum=False,
        create_constraint=True,
        length=40,
        name=name or _snake(enum_class.__name__),
        values_callable=lambda members: [member.value for member in members],
    )


def _snake(name: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")


def init_db(app: Flask) -> None:
    """Bind the database to *app* and set SQLite right."""
    db.init_app(app)
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            prepare_sqlite(db.engine)


def prepare_sqlite(engine: Engine) -> None:
    """Attach the connection and transaction handling that SQLite needs."""
    if event.contains(engine, "begin", _begin):
        return
    event.listen(engine, "connect", _connect)
    event.listen(engine, "begin", _begin)


def _connect(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    for pragma in (
        f"busy_timeout={BUSY_MILLISECONDS}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "recursive_triggers=ON",
        "secure_delete=ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    if read_only.get():
        connection.exec_driver_sql("BEGIN")
    elif not _has_begun_to_write(connection.connection.driver_connection):
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _has_begun_to_write(connection: Any) -> bool:
    """Wait for the write lock with short naps. SQLite's own grow to a tenth of a second: whoever asks at the right
    instant passes before those who wait, and in a rush somebody waits for ever.
    """
    end = time.monotonic() + WRITE_LOCK_SECONDS
    connection.execute("PRAGMA busy_timeout=0")
    try:
        while time.monotonic() < end:
            try:
                connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                    raise
                time.sleep(random.uniform(*NAP_SECONDS))  # noqa: S311 (no secret)
            else:
                return True
    finally:
        connection.execute(f"PRAGMA busy_timeout={BUSY_MILLISECONDS}")
    return False


def insert(table: type[Base]) -> "postgresql.Insert | sqlite.Insert":
    """An INSERT that knows ``on_conflict_…``, of the dialect in use."""
    if db.engine.dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)


def read(statement: sa.Executable, values: Mapping[str, Any] | None = None) -> Sequence[sa.Row[*tuple[Any, ...]]]:
    """The rows of a statement that reads columns, not objects: without the ORM, whose part costs as much again."""
    session = db.session()
    session.flush()
    return session.connection().execute(statement, values).all()


def read_plain(statement: sa.Executable) -> Sequence[Sequence[Any]]:
    """The rows as the driver gives them, without names nor types made of them: for the thousands that are counted."""
    session = db.session()
    session.flush()
    with session.connection().execute(statement) as result:
        return result.cursor.fetchall()


def changed_count(statement: sa.Update | sa.Delete) -> int:
    """Run *statement* in the current transaction, past the objects of the session; how many rows it changed."""
    result = db.session.execute(statement, execution_options={"synchronize_session": False})
    return cast("sa.CursorResult[Any]", result).rowcount


@contextmanager
def transaction() -> Iterator[None]:
    """Commit what is done inside, or nothing. Reentrant: the outermost block commits and then runs the hooks.

    :raises Conflict: when a row of a versioned table was changed by somebody else meanwhile.
    """
    info = db.session().info
    depth: int = info.get("depth", 0)
    info["depth"] = depth + 1
    try:
        yield
        if depth == 0:
            db.session.commit()
    except BaseException as error:
        if depth == 0:
            db.session.rollback()
            info["after_commit"] = []
        if isinstance(error, StaleDataError):
            raise Conflict from error
        raise
    finally:
        info["depth"] = depth
    if depth == 0:
        hooks: list[Callable[[], None]] = info.pop("after_commit", [])
        for hook in dict.fromkeys(hooks):
            hook()


def after_commit(hook: Callable[[], None]) -> None:
    """Run *hook* once after the outermost :func:`transaction` has committed; never after a rollback."""
    db.session().info.setdefault("after_commit", []).append(hook)


@contextmanager
def writing() -> Iterator[None]:
    """A write that a GET has a declared reason for (a session touched, an answer read for the first time).

    The read transaction is ended first, so that SQLite can take its write lock at the start.
    """
    db.session.commit()
    token = read_only.set(False)
    try:
        with transaction():
            yield
    finally:
        read_only.reset(token)
