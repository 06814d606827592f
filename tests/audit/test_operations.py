"""The trail on real databases: append-only, chained, part of the transaction."""

import threading

import pytest
import sqlalchemy as sa

from helpdesk import audit
from helpdesk.audit.models import AuditEvent
from helpdesk.audit.operations import first_broken_link
from helpdesk.audit.queries import head
from helpdesk.db import db, transaction


def actions() -> list[str]:
    return list(db.session.scalars(sa.select(AuditEvent.action).order_by(AuditEvent.id)))


def write(*names: str) -> None:
    for name in names:
        with transaction():
            audit.record(None, name, "thing", 1)


def test_what_is_recorded_is_committed_with_the_change_and_chained(app):
    with transaction():
        audit.record(None, "first", "thing", 1, count=2)
        audit.record(None, "second", "thing", 2)
    write("third")
    assert actions() == ["first", "second", "third"]
    assert first_broken_link() is None
    assert head()[0] == 3


def test_a_rollback_records_nothing(app):
    def fail() -> None:
        with transaction():
            audit.record(None, "first", "thing", 1)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    write("second")
    assert actions() == ["second"]


def test_a_savepoint_rolled_back_takes_its_records_along(app):
    with transaction():
        audit.record(None, "kept", "thing", 1)
        outer = db.session.begin_nested()
        with db.session.begin_nested():
            audit.record(None, "inside", "thing", 1)
        audit.record(None, "undone", "thing", 1)
        outer.rollback()
        with db.session.begin_nested():
            audit.record(None, "also_kept", "thing", 1)
    assert actions() == ["kept", "also_kept"]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_event SET actor_id = 9",
        "UPDATE audit_event SET action = action WHERE id = 1",
        "DELETE FROM audit_event",
        "DELETE FROM audit_event WHERE id = 1",
    ],
)
def test_the_database_refuses_to_change_a_row(app, statement):
    write("first")
    with pytest.raises(sa.exc.DatabaseError, match="append-only"):
        db.session.execute(sa.text(statement))
    db.session.rollback()
    assert actions() == ["first"]


@pytest.mark.sqlite_only
def test_a_replacing_insert_does_not_pass_the_trigger(app):
    write("first")
    statement = (
        "INSERT OR REPLACE INTO audit_event (id, at, action, object_type, data, previous_hash, hash) "
        "VALUES (1, '2026-12-01', 'forged', 'thing', '{}', '0', '1')"
    )
    with pytest.raises(sa.exc.DatabaseError, match="append-only"):
        db.session.execute(sa.text(statement))
    db.session.rollback()
    assert actions() == ["first"]


@pytest.mark.postgresql_only
def test_the_table_cannot_be_truncated(app):
    write("first")
    with pytest.raises(sa.exc.DatabaseError, match="append-only"):
        db.session.execute(sa.text("TRUNCATE audit_event"))
    db.session.rollback()
    assert actions() == ["first"]


def test_a_row_forged_past_the_triggers_breaks_the_chain(app):
    write("first", "second", "third")
    disable_triggers()
    db.session.execute(sa.text("UPDATE audit_event SET actor_id = 9 WHERE action = 'second'"))
    db.session.commit()
    second_id = db.session.scalar(sa.select(AuditEvent.id).where(AuditEvent.action == "second"))
    assert first_broken_link() == second_id


def test_a_row_removed_past_the_triggers_breaks_the_chain(app):
    write("first", "second", "third")
    disable_triggers()
    db.session.execute(sa.text("DELETE FROM audit_event WHERE action = 'second'"))
    db.session.commit()
    third_id = db.session.scalar(sa.select(AuditEvent.id).where(AuditEvent.action == "third"))
    assert first_broken_link() == third_id


def disable_triggers() -> None:
    if db.engine.dialect.name == "sqlite":
        for action in ("update", "delete"):
            db.session.execute(sa.text(f"DROP TRIGGER audit_event_no_{action}"))
    else:
        db.session.execute(sa.text("SET LOCAL session_replication_role = replica"))


def test_simultaneous_transactions_make_one_chain(app):
    failures: list[BaseException] = []

    def work() -> None:
        try:
            with app.app_context():
                write(*["busy"] * 10)
        except BaseException as error:  # noqa: BLE001 - reported by the test's own thread
            failures.append(error)

    db.session.rollback()
    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(actions()) == 40
    assert first_broken_link() is None


def test_the_command_says_that_the_trail_is_whole(app):
    write("first")
    result = app.test_cli_runner().invoke(args=["audit", "check"])
    assert result.exit_code == 0
    assert "Journal intact : 1 lignes" in result.output
