"""A real database for each test, on SQLite and on PostgreSQL, made once per worker by the migrations.

Operations really commit. Between tests SQLite's file is copied anew from the migrated one, and PostgreSQL's
tables that hold rows are emptied (what the migrations themselves put in is put back).
"""

import fcntl
import os
import secrets
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Protocol

import psycopg
import pytest
import sqlalchemy as sa
from psycopg import sql

from helpdesk.settings import normalise_database_url
from tests.support import run

ROOT = Path(__file__).parents[2]
KEEPER_START_SECONDS = 60
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 (a folder of our own is made inside)
SHARED_MEMORY_NEEDED_BYTES = 256 * 1024 * 1024


class Database(Protocol):
    """One worker's database of one backend."""

    url: str

    def keep_pristine(self, engine: sa.Engine) -> None:
        """Remember the state that the migrations have made."""

    def reset(self, engine: sa.Engine) -> None:
        """Return to that state."""

    def save(self, engine: sa.Engine, name: str) -> None:
        """Keep what is committed now under *name*, for :meth:`restore`."""

    def restore(self, engine: sa.Engine, name: str) -> None:
        """Return to what was kept under *name*; the state before is the pristine one."""


class SQLiteDatabase:
    def __init__(self, folder: Path) -> None:
        self.path = folder / "test.sqlite3"
        self.pristine = folder / "pristine.sqlite3"
        self.url = f"sqlite:///{self.path}"

    def keep_pristine(self, engine: sa.Engine) -> None:
        with engine.connect() as connection:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql(f"VACUUM INTO '{self.pristine}'")
            connection.exec_driver_sql("BEGIN")
        engine.dispose()
        # VACUUM INTO makes a file in rollback mode; the application opens it in WAL mode once, here.
        self.reset(engine)
        with engine.connect():
            pass
        engine.dispose()
        shutil.copyfile(self.path, self.pristine)

    def reset(self, engine: sa.Engine) -> None:
        self._put_back(engine, self.pristine)

    def save(self, engine: sa.Engine, name: str) -> None:
        with closing(sqlite3.connect(self.path)) as source, closing(sqlite3.connect(self._kept(name))) as target:
            source.backup(target)

    def restore(self, engine: sa.Engine, name: str) -> None:
        self._put_back(engine, self._kept(name))

    def _kept(self, name: str) -> Path:
        return self.path.with_name(f"{name}.sqlite3")

    def _put_back(self, engine: sa.Engine, copy: Path) -> None:
        engine.dispose()
        # A new file, not the old one written over: a thread that is late keeps its own, and harms nobody.
        for suffix in ("", "-wal", "-shm", "-journal"):
            Path(f"{self.path}{suffix}").unlink(missing_ok=True)
        shutil.copyfile(copy, self.path)


class PostgreSQLDatabase:
    """Emptied by a function kept in the database: one round trip, and only the tables that hold rows."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.tables: list[str] = []

    def keep_pristine(self, engine: sa.Engine) -> None:
        with engine.begin() as connection:
            inspector = sa.inspect(connection)
            connection.exec_driver_sql("CREATE SCHEMA pristine")
            self.tables = sorted(set(inspector.get_table_names()) - {"alembic_version"})
            statements: list[str] = []
            for table in self.tables:
                statements += self._keep_table(connection, table)
            self._make_function(connection, "pristine.reset", statements)

    def _make_function(self, connection: sa.Connection, name: str, statements: list[str]) -> None:
        """Triggers and foreign keys sleep in it: an append-only table is emptied too, in any order."""
        body = "\n".join(statements)
        connection.exec_driver_sql(
            f"CREATE FUNCTION {name}() RETURNS void LANGUAGE plpgsql "
            f"SET session_replication_role = replica AS $$ BEGIN {body} END $$"
        )

    def _keep_table(self, connection: sa.Connection, table: str) -> list[str]:
        """Return the statements that put one table back; its rows, if any, are copied aside."""
        statements = [f'IF EXISTS (SELECT FROM public."{table}") THEN DELETE FROM public."{table}";']
        sequence = self._sequence(connection, table)
        if connection.exec_driver_sql(f'SELECT 1 FROM public."{table}" LIMIT 1').first():
            connection.exec_driver_sql(f'CREATE TABLE pristine."{table}" AS TABLE public."{table}"')
            statements.append(f'INSERT INTO public."{table}" SELECT * FROM pristine."{table}";')
        elif sequence:
            statements.append(f"ALTER SEQUENCE {sequence} RESTART;")
        return [*statements, "END IF;"]

    def _sequence(self, connection: sa.Connection, table: str) -> str | None:
        name: str | None = connection.exec_driver_sql(
            f"""SELECT pg_get_serial_sequence('public."{table}"', attname) FROM pg_attribute
                WHERE attrelid = 'public."{table}"'::regclass AND attname = 'id'"""
        ).scalar()
        return name

    def reset(self, engine: sa.Engine) -> None:
        with engine.begin() as connection:
            connection.exec_driver_sql("SELECT pristine.reset()")

    def save(self, engine: sa.Engine, name: str) -> None:
        with engine.begin() as connection:
            connection.exec_driver_sql(f"CREATE SCHEMA {name}")
            statements: list[str] = []
            for table in self.tables:
                if connection.exec_driver_sql(f'SELECT 1 FROM public."{table}" LIMIT 1').first():
                    statements += self._save_table(connection, name, table)
            self._make_function(connection, f"{name}.restore", statements)

    def _save_table(self, connection: sa.Connection, name: str, table: str) -> list[str]:
        connection.exec_driver_sql(f'CREATE TABLE {name}."{table}" AS TABLE public."{table}"')
        statements = [
            f'DELETE FROM public."{table}";',
            f'INSERT INTO public."{table}" SELECT * FROM {name}."{table}";',
        ]
        if sequence := self._sequence(connection, table):
            last, is_called = connection.exec_driver_sql(f"SELECT last_value, is_called FROM {sequence}").one()
            statements.append(f"PERFORM setval('{sequence}', {last}, {is_called});")
        return statements

    def restore(self, engine: sa.Engine, name: str) -> None:
        with engine.begin() as connection:
            connection.exec_driver_sql(f"SELECT {name}.restore()")


@pytest.fixture(scope="session")
def fast_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder in memory where there is one: SQLite syncs at every commit, and test data need not last."""
    if not _has_shared_memory():
        yield tmp_path_factory.mktemp("databases")
        return
    folder, descriptor = run.owned_folder(SHARED_MEMORY)
    yield folder
    shutil.rmtree(folder)
    os.close(descriptor)


def _has_shared_memory() -> bool:
    if not os.access(SHARED_MEMORY, os.W_OK):
        return False
    return shutil.disk_usage(SHARED_MEMORY).free >= SHARED_MEMORY_NEEDED_BYTES


@pytest.fixture(scope="session")
def postgresql_server_url(request: pytest.FixtureRequest) -> str:
    """A real PostgreSQL: ``TEST_DATABASE_URL``, or the one of the wheel, started once for the whole run."""
    if url := os.environ.get("TEST_DATABASE_URL"):
        return plain_url(url)
    folder = request.config.stash[run.FOLDER]
    ready = folder / "postgresql.url"
    with (folder / "starter.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not ready.exists():
            _start_keeper(folder, ready)
    return ready.read_text()


def _start_keeper(folder: Path, ready: Path) -> None:
    log = folder / "keeper.log"
    with log.open("wb") as output:
        subprocess.run(
            [sys.executable, str(Path(__file__).with_name("keeper.py")), str(folder)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            check=True,
        )
    end = time.monotonic() + KEEPER_START_SECONDS
    while not ready.exists():
        if not (folder / "keeper.pid").exists() or time.monotonic() > end:
            pytest.exit(f"PostgreSQL does not start:\n{log.read_text()}", returncode=3)
        time.sleep(0.02)


def plain_url(url: str) -> str:
    """Return the URL without SQLAlchemy's driver, as psycopg itself takes it."""
    return normalise_database_url(url).replace("postgresql+psycopg://", "postgresql://")


@contextmanager
def new_postgresql_database(server_url: str, purpose: str) -> Iterator[str]:
    """Make an empty database, and drop it at the end; yields its SQLAlchemy URL."""
    name = f"appui_test_{purpose}_{secrets.token_hex(4)}"
    with psycopg.connect(server_url, autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    try:
        yield (sa.make_url(normalise_database_url(server_url)).set(database=name).render_as_string(hide_password=False))
    finally:
        with psycopg.connect(server_url, autocommit=True) as admin:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture(scope="session")
def sqlite_database(fast_folder: Path) -> SQLiteDatabase:
    return SQLiteDatabase(fast_folder)


@pytest.fixture(scope="session")
def postgresql_database(postgresql_server_url: str) -> Iterator[PostgreSQLDatabase]:
    with new_postgresql_database(postgresql_server_url, run.worker_name()) as url:
        yield PostgreSQLDatabase(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database where nothing has been made yet, for the tests of the migrations."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.sqlite3'}"
        return
    server_url = request.getfixturevalue("postgresql_server_url")
    with new_postgresql_database(server_url, "empty") as url:
        yield url
