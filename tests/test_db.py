"""How SQLite is shared by several processes."""

import sqlite3
import threading

import pytest
import sqlalchemy as sa
from flask import Flask

from helpdesk import db as database
from helpdesk.db import BUSY_MILLISECONDS, db, transaction
from tests.factories.accounts import PersonFactory

pytestmark = pytest.mark.sqlite_only


def holder(app: Flask) -> sqlite3.Connection:
    """Another process, that holds the write lock."""
    db.session.commit()
    other = sqlite3.connect(str(db.engine.url.database), isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    return other


def test_a_write_waits_for_another_to_end(app: Flask) -> None:
    other = holder(app)
    waiter = threading.Timer(0.3, other.rollback)
    waiter.start()
    with transaction():
        PersonFactory()
    waiter.join()
    other.close()
    assert db.session.scalar(sa.text("PRAGMA busy_timeout")) == BUSY_MILLISECONDS


def test_a_write_that_never_gets_its_turn_says_so(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    other = holder(app)
    monkeypatch.setattr(database, "WRITE_LOCK_SECONDS", 0.1)
    monkeypatch.setattr(database, "BUSY_MILLISECONDS", 100)
    with pytest.raises(sa.exc.OperationalError, match="locked"):
        db.session.execute(sa.text("SELECT 1"))
    db.session.rollback()
    other.close()
