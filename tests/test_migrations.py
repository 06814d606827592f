"""The migrations: one line of them, all or nothing, up and down, on both databases; they make the models."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import flask_migrate
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask

from helpdesk.db import db
from tests.support import migrations
from tests.support.apps import build_app, settings_for
from tests.support.databases import new_postgresql_database


@pytest.fixture
def empty_app(empty_database_url: str, tmp_path: Path) -> Iterator[Flask]:
    """The application on a database where nothing has been made."""
    app = build_app(settings_for(empty_database_url, tmp_path / "data"))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def write_migration(tmp_path: Path) -> Callable[[str, str], Path]:
    """Write migrations beside the project's own ``env.py``, to try what it makes of them."""
    folder = tmp_path / "migrations"
    shutil.copytree(migrations.DIRECTORY, folder, ignore=shutil.ignore_patterns("versions", "__pycache__"))
    (folder / "versions").mkdir()
    written: list[str] = []

    def write(revision: str, body: str) -> Path:
        down = repr(written[-1]) if written else "None"
        written.append(revision)
        (folder / "versions" / f"{revision}.py").write_text(
            f"import sqlalchemy as sa\nfrom alembic import op\n"
            f"revision = {revision!r}\ndown_revision = {down}\n"
            f"def upgrade():\n{body}\ndef downgrade():\n    pass\n"
        )
        return folder

    return write


def table_names() -> set[str]:
    return set(sa.inspect(db.engine).get_table_names())


def test_there_is_one_head() -> None:
    assert len(migrations.script_directory().get_heads()) == 1


def test_the_name_of_a_migration_says_when_and_what() -> None:
    for path in (migrations.DIRECTORY / "versions").glob("*.py"):
        date, time, slug = path.stem.split("_", 2)
        assert len(date) == 8, path.name
        assert len(time) == 4, path.name
        assert slug, path.name
        assert date.isdigit(), path.name
        assert time.isdigit(), path.name


def test_all_go_up_then_down_to_nothing_then_up_again(empty_app: Flask) -> None:
    migrations.upgrade()
    assert table_names() == {*db.metadata.tables, "alembic_version"}
    migrations.downgrade()
    assert table_names() == {"alembic_version"}
    assert left_functions() == []
    migrations.upgrade()
    assert table_names() == {*db.metadata.tables, "alembic_version"}


def left_functions() -> list[str]:
    """What no table carries, and a downgrade may forget."""
    if db.engine.dialect.name == "sqlite":
        return []
    sql = "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
    with db.engine.connect() as connection:
        return list(connection.execute(sa.text(sql)).scalars())


def test_each_step_can_be_taken_back_alone(empty_app: Flask) -> None:
    revisions = [script.revision for script in migrations.script_directory().walk_revisions()][::-1]
    for revision in revisions:
        migrations.upgrade(revision)
        migrations.downgrade("-1")
        migrations.upgrade(revision)


def test_alembic_finds_nothing_to_add_to_the_migrations(empty_app: Flask) -> None:
    migrations.upgrade()
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, db.metadata) == []


def test_the_constraints_are_those_of_the_models(empty_app: Flask, tmp_path: Path, request: Any) -> None:
    """Alembic compares no CHECK constraint: both schemas are made, and described alike."""
    migrations.upgrade()
    migrated = described(db.engine)
    with other_engine(request, tmp_path) as engine:
        db.metadata.create_all(engine)
        assert migrated == described(engine)


@contextmanager
def other_engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[sa.Engine]:
    """An empty database of the same kind beside the migrated one."""
    with ExitStack() as stack:
        url = f"sqlite:///{tmp_path / 'models.sqlite3'}"
        if db.engine.dialect.name == "postgresql":
            server = request.getfixturevalue("postgresql_server_url")
            url = stack.enter_context(new_postgresql_database(server, "models"))
        engine = sa.create_engine(url)
        stack.callback(engine.dispose)
        yield engine


def described(engine: sa.Engine) -> dict[str, Any]:
    inspector = sa.inspect(engine)
    return {
        table: {
            "columns": {c["name"]: (str(c["type"]), c["nullable"]) for c in inspector.get_columns(table)},
            "checks": {c["name"]: squeezed(c["sqltext"]) for c in inspector.get_check_constraints(table)},
            "unique": {c["name"]: c["column_names"] for c in inspector.get_unique_constraints(table)},
            "indexes": {
                i["name"]: (i["column_names"], bool(i["unique"]), condition(i)) for i in inspector.get_indexes(table)
            },
            "foreign": {
                f["name"]: (f["constrained_columns"], f["referred_table"], f["options"].get("ondelete"))
                for f in inspector.get_foreign_keys(table)
            },
        }
        for table in inspector.get_table_names()
        if table != "alembic_version"
    }


def squeezed(text: str) -> str:
    return "".join(text.split())


def condition(index: Any) -> str:
    options = index.get("dialect_options", {})
    return squeezed(str(options.get("sqlite_where", options.get("postgresql_where", ""))))


AT_ONCE = """
import os, sys
from helpdesk.__main__ import create_app, main

create_app()
sys.argv[1:] = ["prepare"]
starters = []
for _ in range(3):
    starter = os.fork()
    if not starter:
        main()
    starters.append(starter)
sys.exit(max(os.waitstatus_to_exitcode(os.waitpid(starter, 0)[1]) for starter in starters))
"""
"""Three processes that start with everything imported: they meet sooner than three that import first."""


def test_processes_that_migrate_at_once_all_succeed(empty_app: Flask, tmp_path: Path) -> None:
    environment = dict(os.environ) | {
        "DATABASE_URL": db.engine.url.render_as_string(hide_password=False),
        "DATA_DIR": str(tmp_path / "data"),
    }
    starters = subprocess.run(
        [sys.executable, "-c", AT_ONCE],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=120,
        check=False,
    )
    assert starters.returncode == 0, starters.stdout.decode()
    assert table_names() == {*db.metadata.tables, "alembic_version"}


def test_one_that_fails_halfway_leaves_nothing_and_can_be_tried_again(
    empty_app: Flask, write_migration: Callable[[str, str], Path]
) -> None:
    folder = write_migration("first", "    op.create_table('first', sa.Column('id', sa.Integer, primary_key=True))")
    write_migration(
        "second",
        "    op.create_table('second', sa.Column('id', sa.Integer, primary_key=True))\n    raise ValueError('cut')",
    )
    with pytest.raises(ValueError, match="cut"):
        flask_migrate.upgrade(directory=str(folder))
    assert table_names() <= {"alembic_version"}
    second = folder / "versions" / "second.py"
    second.write_text(second.read_text().replace("raise ValueError('cut')", "pass"))
    flask_migrate.upgrade(directory=str(folder))
    assert table_names() == {"alembic_version", "first", "second"}


PARENT_AND_CHILD = """
    op.create_table('parent', sa.Column('id', sa.Integer, primary_key=True), sa.Column('name', sa.Text))
    op.create_table('child', sa.Column('id', sa.Integer, primary_key=True),
        sa.Column('parent_id', sa.Integer, sa.ForeignKey('parent.id', ondelete='CASCADE'), nullable=False))
    op.execute("INSERT INTO parent VALUES (1, 'a'), (2, 'b')")
    op.execute("INSERT INTO child VALUES (1, 1), (2, 1), (3, 2)")
"""
REBUILD_PARENT = """
    with op.batch_alter_table('parent', recreate='auto') as batch:
        batch.alter_column('name', nullable=False)
"""


def test_a_table_that_is_rebuilt_keeps_its_children(
    empty_app: Flask, write_migration: Callable[[str, str], Path]
) -> None:
    write_migration("first", PARENT_AND_CHILD)
    folder = write_migration("second", REBUILD_PARENT)
    flask_migrate.upgrade(directory=str(folder))
    with db.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM child").scalar() == 3
        if connection.dialect.name == "sqlite":
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_one_that_leaves_orphans_is_refused(empty_app: Flask, write_migration: Callable[[str, str], Path]) -> None:
    write_migration("first", PARENT_AND_CHILD)
    folder = write_migration("second", "    op.execute('INSERT INTO child VALUES (9, 99)')")
    with pytest.raises(Exception, match=r"BrokenForeignKeys|point to nothing|foreign key"):
        flask_migrate.upgrade(directory=str(folder))
    assert table_names() <= {"alembic_version"}
