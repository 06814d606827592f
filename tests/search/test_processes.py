"""Several processes: a worker killed while it indexes, and one that searched before a withdrawal.

``python -m benchmarks.search_kills`` does the first for longer.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from helpdesk.db import db
from helpdesk.search import operations
from tests.search.conftest import NAME, Shelf
from tests.search.siege import PROGRAM, besiege, environment, order
from tests.support.processes import Processes

KILLS = 10
SEED = 20261201
LEASE_SECONDS = 2


def test_a_worker_killed_while_it_indexes_leaves_nothing_missing_and_nothing_stale(
    shelf: Shelf, make_app: Callable[..., Flask], processes: Processes, tmp_path: Path, capsys: Any
) -> None:
    db.session.remove()
    other = make_app(outbox_lease_seconds=LEASE_SECONDS, worker_poll_seconds=0.2)
    with other.app_context():
        outcome = besiege(other, shelf, processes, tmp_path, kills=KILLS, seed=SEED)
        db.session.remove()
    assert outcome.is_whole, outcome
    with capsys.disabled():
        sys.stdout.write(f" [{outcome.changes} changes, {KILLS} kills, {outcome.cut_short} cut short, all there] ")


class Searcher:
    """Another process that searches, and goes on with the index that it has opened."""

    def __init__(self, app: Flask, folder: Path) -> None:
        with (folder / "searcher.log").open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, str(PROGRAM), str(order(app, folder, "search"))],
                env=environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )

    def ask(self, text: str) -> tuple[list[int], list[int]]:
        """What a visitor finds, and what the index holds."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(text + "\n")
        self.process.stdin.flush()
        found, held = json.loads(self.process.stdout.readline())
        return found, held

    def end(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def searcher(shelf: Shelf, app: Flask, tmp_path: Path) -> Iterator[Searcher]:
    db.session.commit()
    one = Searcher(app, tmp_path)
    yield one
    one.end()


def test_a_process_that_searched_before_finds_no_withdrawn_word_and_sees_a_rebuilt_index(
    shelf: Shelf, searcher: Searcher
) -> None:
    first, second = shelf.put("Congés de Zorglub"), shelf.put("Congés de Zébulon")
    shelf.work()
    assert searcher.ask("zorglub") == ([first], [first])
    shelf.hide(first)
    shelf.change(second, title="Congés de la personne", is_erasure=True)
    # At once, by the rights and the stamps; then, the worker having come, from the index too.
    assert searcher.ask("zorglub zébulon")[0] == []
    shelf.work()
    assert searcher.ask("zorglub zébulon") == ([], [])
    assert searcher.ask("congés") == ([second], [second])
    third = shelf.put("Congés payés")
    db.session.commit()
    operations.rebuild(NAME)
    assert sorted(searcher.ask("congés")[1]) == [second, third]
