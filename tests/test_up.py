"""The parts of ``helpdesk up`` that can be tried without starting it; the whole is in ``test_setup.py``."""

import contextlib
import signal
import socket
import sqlite3
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpdesk import up
from helpdesk.settings import Settings
from tests.support import migrations


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A database as the last migration leaves it, for what ``is_prepared`` looks at."""
    path = tmp_path / "appui.sqlite3"
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE alembic_version (version_num TEXT)")
        connection.execute("CREATE TABLE person (id INTEGER)")
        connection.execute("INSERT INTO alembic_version VALUES (?)", [*up.last_migrations()])
        connection.commit()
    return path


def run(path: Path, statement: str) -> None:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute(statement)
        connection.commit()


def is_prepared(path: Path, *, is_demo: bool = False) -> bool:
    return up.is_prepared(f"sqlite:///{path}", is_demo=is_demo)


def test_the_last_migration_is_the_one_that_alembic_finds() -> None:
    assert up.last_migrations() == set(migrations.script_directory().get_heads())


def test_a_database_at_the_last_migration_needs_no_preparation(database: Path) -> None:
    assert is_prepared(database)


def test_a_demonstration_needs_somebody_in_it(database: Path) -> None:
    assert not is_prepared(database, is_demo=True)
    run(database, "INSERT INTO person VALUES (1)")
    assert is_prepared(database, is_demo=True)


def test_an_older_database_is_to_be_migrated(database: Path) -> None:
    run(database, "UPDATE alembic_version SET version_num = 'older'")
    assert not is_prepared(database)


def test_what_is_no_database_of_ours_is_to_be_prepared(tmp_path: Path) -> None:
    assert not is_prepared(tmp_path / "missing.sqlite3")
    (tmp_path / "empty.sqlite3").touch()
    assert not is_prepared(tmp_path / "empty.sqlite3")
    (tmp_path / "text.sqlite3").write_text("no database " * 100)
    assert not is_prepared(tmp_path / "text.sqlite3")


def test_another_database_is_always_asked_by_the_migrations() -> None:
    assert not up.is_prepared("postgresql+psycopg://nobody@nowhere/nothing", is_demo=False)


def test_without_a_port_the_first_free_one_is_taken() -> None:
    with up.listen("127.0.0.1", None) as first, up.listen("127.0.0.1", None) as second:
        numbers = first.getsockname()[1], second.getsockname()[1]
    assert up.FIRST_PORT <= numbers[0] < numbers[1] <= up.LAST_PORT


def test_a_port_that_is_taken_cannot_be_asked_for() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(up.CannotStart, match="n’est pas libre"):
        up.listen("127.0.0.1", taken.getsockname()[1])


def test_what_the_environment_says_wins_over_the_address_in_use(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    monkeypatch.setenv("PUBLIC_URL", "https://appui.example")
    environment = up.child_environment(Settings(data_dir=tmp_path), "http://127.0.0.1:8000", is_demo=True)
    assert environment["PUBLIC_URL"] == "https://appui.example"
    assert environment["DATA_DIR"] == str(tmp_path)
    assert environment["IS_DEMO"] == "1"


@pytest.fixture
def child(tmp_path: Path) -> Iterator[up.Child]:
    """A program that prints its start and sleeps."""
    code = "import time; print('started', flush=True); time.sleep(60)"
    one = up.Child("sleeper", [sys.executable, "-c", code], tmp_path, {})
    yield one
    one.ask_to_end()
    one.end(time.monotonic() + 10)


def wait_for_starts(child: up.Child, count: int) -> None:
    end = time.monotonic() + 30
    while not child.log.exists() or child.log.read_text().count("started") < count:
        assert time.monotonic() < end
        child.look()
        time.sleep(0.02)


def test_a_program_that_dies_is_started_again_after_a_pause(child: up.Child) -> None:
    wait_for_starts(child, 1)
    assert child.process is not None
    child.process.kill()
    child.process.wait()
    child.look()
    assert child.process is None
    assert child.failures == 1
    wait_for_starts(child, 2)


def test_a_program_that_ignores_its_end_is_killed(tmp_path: Path) -> None:
    code = "import signal, time; signal.signal(15, signal.SIG_IGN); print('started', flush=True); time.sleep(60)"
    stubborn = up.Child("stubborn", [sys.executable, "-c", code], tmp_path, {})
    wait_for_starts(stubborn, 1)
    stubborn.ask_to_end()
    stubborn.end(time.monotonic() + 0.2)
    assert stubborn.process is not None
    assert stubborn.process.returncode == -signal.SIGKILL


def test_a_long_log_moves_aside_and_goes_on(child: up.Child, monkeypatch: pytest.MonkeyPatch) -> None:
    wait_for_starts(child, 1)
    monkeypatch.setattr(up, "LOG_MAX_BYTES", 5)
    child.keep_log_short()
    assert child.log.read_bytes() == b""
    assert (child.logs / "sleeper.log.1").read_text() == "started\n"


def test_the_end_of_a_log_is_what_a_failure_shows(tmp_path: Path) -> None:
    path = tmp_path / "x.log"
    assert up.tail(path) == ""
    path.write_text("\n".join(str(number) for number in range(100)))
    assert up.tail(path).split() == [str(number) for number in range(85, 100)]
