"""Workers killed at random while they index: what the index holds in the end is what the database holds."""

import dataclasses
import json
import os
import random
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from flask import Flask

from helpdesk import clock
from helpdesk.db import db, read_only, transaction
from helpdesk.outbox import OutboxItem, OutboxStatus
from helpdesk.search.analysis import terms
from helpdesk.search.engines import Lookup, engine_for
from helpdesk.settings import Settings
from tests.search.conftest import NAME, NOBODY, PAGES, Shelf
from tests.support.processes import Processes

PROGRAM = Path(__file__).with_name("another_process.py")
WORDS = ("préavis", "congés", "maladie", "contrat", "essai", "prime", "astreinte", "rupture", "mandat", "salaire")
LONGEST_PAUSE_SECONDS = 0.25
PATIENCE_SECONDS = 120
PAGES_MAX_COUNT = 40


@dataclass(frozen=True)
class Outcome:
    changes: int
    kills: int
    cut_short: int
    missing: int
    stale: int
    extra: int
    wrong_words: int

    @property
    def is_whole(self) -> bool:
        return not (self.missing or self.stale or self.extra or self.wrong_words)


def order(app: Flask, folder: Path, role: str) -> Path:
    """Write what the other process is to do; return the file."""
    settings: Settings = app.config["SETTINGS"]
    values = {"settings": dataclasses.asdict(settings), "role": role, "pid_file": str(folder / "pid")}
    path = folder / f"{role}.json"
    path.write_text(json.dumps(values, default=str))
    return path


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}


def besiege(app: Flask, shelf: Shelf, processes: Processes, folder: Path, *, kills: int, seed: int) -> Outcome:
    """Change pages and kill the worker *kills* times, let it finish, and compare."""
    chance = random.Random(seed)  # noqa: S311 (kills that can be repeated)
    log = folder / "worker.log"
    command = [sys.executable, PROGRAM, order(app, folder, "work")]
    process = processes.start(command, env=environment(), log=log)
    killed = changes = 0
    for _ in range(kills):
        for _ in range(chance.randrange(1, 4)):
            _change(shelf, chance)
            changes += 1
        time.sleep(chance.uniform(0, LONGEST_PAUSE_SECONDS))
        killed = _next_pid(folder / "pid", killed, log)
        os.kill(killed, signal.SIGKILL)
    _settle(log)
    assert process.poll() is None, log.read_text()
    processes.stop_all()
    return _compared(changes, kills)


def _change(shelf: Shelf, chance: random.Random) -> None:
    token = read_only.set(True)
    known = list(db.session.scalars(sa.select(PAGES.c.id).order_by(PAGES.c.id)))
    db.session.rollback()
    read_only.reset(token)
    text = " ".join(chance.choices(WORDS, k=30))
    act = chance.random()
    if len(known) < PAGES_MAX_COUNT and (act < 0.5 or not known):
        shelf.put(chance.choice(WORDS), text)
    elif act < 0.8:
        shelf.change(chance.choice(known), body=text, is_erasure=chance.random() < 0.3)
    else:
        shelf.hide(chance.choice(known))


def _next_pid(path: Path, killed: int, log: Path) -> int:
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        if path.exists() and (pid := int(path.read_text())) != killed:
            return pid
        assert time.monotonic() < end, log.read_text()
        time.sleep(0.002)


def _settle(log: Path) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    pending = sa.select(sa.func.count()).where(OutboxItem.status == OutboxStatus.PENDING)
    later = sa.update(OutboxItem).where(OutboxItem.not_before > clock.now()).values(not_before=clock.now())
    while True:
        with transaction():
            # Delays of a minute are for life: what was put off is due now.
            db.session.execute(later)
            left = db.session.scalar(pending)
        if not left:
            return
        assert time.monotonic() < end, log.read_text()
        time.sleep(0.1)


def _compared(changes: int, kills: int) -> Outcome:
    engine = engine_for(NAME)
    rows = list(db.session.execute(sa.select(PAGES).where(PAGES.c.reader != NOBODY)))
    current = {row.id: row.stamp for row in rows}
    indexed = engine.stamps()
    wrong = 0
    for word in WORDS:
        term = terms(word)[0]
        held = {entry.id for entry in engine.candidates(Lookup({term: 1.0}, 1_000))}
        wrong += held != {row.id for row in rows if term in terms(f"{row.title} {row.body}")}
    attempts = db.session.scalar(sa.select(sa.func.sum(OutboxItem.attempts))) or 0
    return Outcome(
        changes=changes,
        kills=kills,
        cut_short=attempts - (db.session.scalar(sa.select(sa.func.count()).select_from(OutboxItem)) or 0),
        missing=len(current.keys() - indexed.keys()),
        stale=sum(current[number] != indexed[number] for number in current.keys() & indexed.keys()),
        extra=len(indexed.keys() - current.keys()),
        wrong_words=wrong,
    )
