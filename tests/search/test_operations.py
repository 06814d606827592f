"""Keeping the indexes true."""

import contextlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from helpdesk import outbox
from helpdesk.db import db, transaction
from helpdesk.jobs import registry
from helpdesk.outbox import OutboxItem, OutboxKind, OutboxStatus
from helpdesk.search import corpora, operations, queries
from helpdesk.search.corpora import Corpus
from helpdesk.search.engines import Change, IndexBusy, IndexState, engine_for
from helpdesk.search.models import SearchMiss
from tests.search.conftest import NAME, PAGES, Shelf
from tests.search.test_queries import ids

START = datetime(2026, 12, 1, 9, tzinfo=UTC)


def rows() -> list[OutboxItem]:
    return list(db.session.scalars(sa.select(OutboxItem).order_by(OutboxItem.id)))


def test_a_change_that_is_rolled_back_asks_for_nothing(shelf: Shelf) -> None:
    with contextlib.suppress(ZeroDivisionError), transaction():
        operations.request_index(NAME, [1])
        raise ZeroDivisionError
    assert rows() == []


def test_many_changes_are_asked_for_in_rows_of_bounded_size(shelf: Shelf) -> None:
    with transaction():
        operations.request_index(NAME, range(450))
        operations.request_index(NAME, [])
    assert [len(row.payload["ids"]) for row in rows()] == [200, 200, 50]


def test_what_is_written_is_found_changed_and_deleted(shelf: Shelf) -> None:
    number = shelf.put("Congés payés")
    shelf.work()
    assert ids("congés") == [number]
    shelf.change(number, title="Préavis")
    shelf.work()
    assert (ids("congés"), ids("préavis")) == ([], [number])
    shelf.remove(number)
    shelf.work()
    assert ids("préavis") == []
    assert engine_for(NAME).stamps() == {}
    assert {row.status for row in rows()} == {OutboxStatus.DONE}


def test_the_same_row_may_be_worked_off_twice(shelf: Shelf) -> None:
    number = shelf.put("Congés payés")
    for _ in range(2):
        operations.index(NAME, [number, 999])
    assert ids("congés") == [number]


def test_the_index_is_made_when_the_first_change_comes(shelf: Shelf, app: Flask) -> None:
    number = shelf.put("Congés payés")
    _lose_index(app)
    shelf.work()
    assert engine_for(NAME).state() is IndexState.READY
    assert ids("congés") == [number]


def test_work_for_a_corpus_that_nobody_has_is_given_up(shelf: Shelf) -> None:
    with transaction():
        operations.request_index("nothing", [1])
    shelf.work()
    assert rows()[0].status is OutboxStatus.FAILED


def test_work_is_tried_again_while_another_writes(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_: object, **__: object) -> None:
        raise IndexBusy

    shelf.put("Congés payés")
    with monkeypatch.context() as patch:
        patch.setattr(operations, "index", busy)
        shelf.work()
    assert rows()[0].status is OutboxStatus.PENDING
    assert outbox.failed_count() == 0


# --- mending and checking


def _lose_index(app: Flask) -> None:
    """As after a disk failure, or on the first start."""
    for link in (Path(app.config["SETTINGS"].data_dir) / "search").glob("*"):
        if link.is_symlink():
            link.unlink()
    db.session.commit()
    with db.engine.begin() as connection:
        connection.execute(sa.text("DELETE FROM search_index"))


def test_a_lost_index_is_rebuilt_and_sql_answers_meanwhile(shelf: Shelf, app: Flask) -> None:
    numbers = [shelf.put(f"Congés {number}") for number in range(5)]
    shelf.work()
    _lose_index(app)
    results = queries.find(None, NAME, "congés")
    assert results.is_fallback
    assert sorted(hit.id for hit in results.hits) == numbers
    db.session.commit()
    assert operations.mend() == [NAME]
    results = queries.find(None, NAME, "congés")
    assert not results.is_fallback
    assert sorted(hit.id for hit in results.hits) == numbers
    assert operations.mend() == []


def test_a_check_puts_right_what_differs(shelf: Shelf) -> None:
    numbers = [shelf.put(f"Congés {number}") for number in range(4)]
    shelf.work()
    # As if the last commits of the index had been lost by a power cut.
    with transaction():
        db.session.execute(sa.update(PAGES).where(PAGES.c.id == numbers[0]).values(title="Préavis", stamp=9))
        db.session.execute(sa.delete(PAGES).where(PAGES.c.id == numbers[1]))
    engine_for(NAME).update(lambda: Change(gone=[numbers[2]]))
    report = operations.check()[0]
    assert (report.missing_count, report.stale_count, report.extra_count) == (1, 1, 1)
    assert not report.is_well
    assert operations.check()[0].is_well
    assert (ids("préavis"), ids("congés")) == ([numbers[0]], [numbers[2], numbers[3]])


def test_a_check_of_a_lost_index_rebuilds_it(shelf: Shelf, app: Flask) -> None:
    shelf.put("Congés")
    _lose_index(app)
    report = operations.check()[0]
    assert (report.state, report.entry_count, report.is_well) == (IndexState.MISSING, 1, False)


def test_a_rebuild_reads_everything_in_batches(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations, "BATCH_DOCUMENTS", 3)
    numbers = [shelf.put("Congés") for _ in range(8)]
    shelf.hide(numbers[0])
    assert operations.rebuild().counts == {NAME: 7}
    assert ids("congés") == numbers[1:]


def test_a_rebuild_is_not_undone_by_a_change_made_meanwhile(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = [shelf.put("Congés") for _ in range(3)]
    shelf.work()
    real = corpora.get(NAME)

    def documents_then_change(asked):  # type: ignore[no-untyped-def]
        found = real.documents(asked)
        db.session.rollback()
        shelf.change(numbers[0], title="Préavis")
        return found

    changed = Corpus(NAME, documents_then_change, real.ids, real.visible, real.plain)
    monkeypatch.setitem(corpora.CORPORA, NAME, changed)
    operations.rebuild(NAME)
    monkeypatch.setitem(corpora.CORPORA, NAME, real)
    shelf.work()
    assert ids("préavis") == [numbers[0]]
    assert set(ids("congés")) == set(numbers[1:])


def test_the_worker_mends_checks_and_purges_by_the_clock() -> None:
    registry.load()
    assert {"mend_search", "check_search", "purge_search_misses"} <= registry.TASKS.keys()
    assert OutboxKind.INDEX in registry.HANDLERS


# --- searches without results


def miss(text: str, *, is_personal: bool = False) -> None:
    with transaction():
        operations.record_miss(NAME, text, is_personal=lambda _: is_personal)


def misses() -> list[tuple[str, int]]:
    db.session.rollback()
    return queries.most_missed(NAME, START.date() - timedelta(days=400))


def test_a_search_without_result_is_counted_by_its_folded_words(app: Flask) -> None:
    for text in ("Congés  sabbatique ?", "conges SABBATIQUE", "portage"):
        miss(text)
    assert misses() == [("conges sabbatique", 2), ("portage", 1)]


def test_words_that_may_name_somebody_are_not_kept(app: Flask) -> None:
    miss("madame Zorglub", is_personal=True)
    miss("…")
    assert misses() == [("", 2)]


def test_the_searches_kept_in_a_day_are_bounded(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations, "MISSES_A_DAY", 2)
    for text in ("un mot", "deux mots", "trois mots", "x" * 5_000):
        miss(text)
    assert dict(misses()) == {"un mot": 1, "deux mots": 1, "": 2}


def test_old_searches_are_forgotten(app: Flask) -> None:
    with time_machine.travel(START - timedelta(days=366), tick=False):
        miss("vieux")
    with time_machine.travel(START, tick=False):
        miss("neuf")
        assert operations.purge_misses(365) == 1
    assert db.session.scalars(sa.select(SearchMiss.query)).all() == ["neuf"]


# --- commands


def test_the_commands_rebuild_and_check(shelf: Shelf, app: Flask) -> None:
    shelf.put("Congés")
    db.session.commit()
    run = app.test_cli_runner().invoke
    checked = run(args=["search", "check"])
    assert checked.exit_code == 1
    assert "pages : index à jour, 1 entrées, 1 manquantes, 0 périmées, 0 en trop." in checked.output
    assert run(args=["search", "check", NAME]).exit_code == 0
    rebuilt = run(args=["search", "rebuild"])
    assert (rebuilt.exit_code, rebuilt.output.splitlines()[-1]) == (0, "pages : 1 entrées.")
    assert run(args=["search", "rebuild", "rien"]).exit_code == 2
