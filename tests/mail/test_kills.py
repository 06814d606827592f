"""A worker killed with ``kill -9`` at random: nothing is lost, and a copy can be recognised.

``benchmarks/kills.py`` does the same for longer, and kills writers and Redis too.
"""

import dataclasses
import json
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from helpdesk import outbox
from helpdesk.accounts.models import Person
from helpdesk.db import db, read_only, transaction
from helpdesk.mail.enums import MailStatus, Notice
from helpdesk.mail.models import Mail
from helpdesk.mail.operations import queue
from helpdesk.outbox import OutboxItem, OutboxStatus
from helpdesk.settings import Settings
from tests.factories.accounts import PersonFactory
from tests.support.mailbox import Mailbox
from tests.support.processes import Processes

KILLS = 50
SEED = 20261201
LONGEST_PAUSE_SECONDS = 0.12
LEASE_SECONDS = 2
PATIENCE_SECONDS = 90


class Worker:
    """The worker that is alive now, among those that follow each other."""

    def __init__(self, app: Flask, processes: Processes, folder: Path) -> None:
        settings: Settings = app.config["SETTINGS"]
        self.pid_file = folder / "worker.pid"
        order = {
            "settings": dataclasses.asdict(settings),
            "pid_file": str(self.pid_file),
            "without_periodic_tasks": True,
        }
        (folder / "order.json").write_text(json.dumps(order, default=str))
        program = Path(__file__).with_name("worker_under_fire.py")
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        self.process = processes.start(
            [sys.executable, program, folder / "order.json"], env=environment, log=folder / "worker.log"
        )
        self.log = folder / "worker.log"
        self.killed = 0

    def pid(self) -> int:
        """Wait for the next worker."""
        end = time.monotonic() + PATIENCE_SECONDS
        while True:
            assert self.process.poll() is None, self.log.read_text()
            if self.pid_file.exists() and (pid := int(self.pid_file.read_text())) != self.killed:
                return pid
            assert time.monotonic() < end, "no worker"
            time.sleep(0.002)

    def kill(self) -> None:
        pid = self.pid()
        os.kill(pid, signal.SIGKILL)
        self.killed = pid


def write(people: list[Person], chance: random.Random) -> None:
    """A change with one to three mails, committed."""
    with transaction():
        for person in chance.sample(people, chance.randint(1, 3)):
            context = {"link": "https://appui.example/", "email": person.email}
            queue(Notice.WELCOME, person, subject="Votre accès", template="welcome", context=context)


def pending_count() -> int:
    statement = sa.select(sa.func.count()).where(OutboxItem.status == OutboxStatus.PENDING)
    token = read_only.set(True)
    count: int = db.session.scalar(statement) or 0
    db.session.commit()
    read_only.reset(token)
    return count


def test_a_worker_killed_fifty_times_loses_no_mail(
    app: Flask,
    make_app: Callable[..., Flask],
    smtp_server: Mailbox,
    processes: Processes,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    db.session.remove()
    other = make_app(
        mail_transport="smtp",
        smtp_host=smtp_server.host,
        smtp_port=smtp_server.port,
        outbox_lease_seconds=LEASE_SECONDS,
        worker_poll_seconds=0.2,
    )
    chance = random.Random(SEED)  # noqa: S311 (kills that can be repeated)
    with other.app_context():
        people = [PersonFactory(jurist=True) for _ in range(5)]
        db.engine.dispose()
        worker = Worker(other, processes, tmp_path)
        worker.pid()
        for _ in range(KILLS):
            write(people, chance)
            time.sleep(chance.uniform(0, LONGEST_PAUSE_SECONDS))
            worker.kill()
        end = time.monotonic() + PATIENCE_SECONDS
        while pending_count():
            assert time.monotonic() < end, worker.log.read_text()
            time.sleep(0.05)
        processes.stop_all()

        mails = list(db.session.scalars(sa.select(Mail)))
        assert len(mails) >= KILLS
        assert {mail.status for mail in mails} == {MailStatus.SENT}
        assert outbox.failed_count() == 0
        arrived = Counter(received.message["Message-ID"] for received in smtp_server.messages)
        assert set(arrived) == {mail.message_id for mail in mails}, "lost, or from nowhere"
        copies = sum(arrived.values()) - len(arrived)
        assert copies <= KILLS, "at most the one mail in hand at each kill"
        attempts = db.session.scalar(sa.select(sa.func.sum(OutboxItem.attempts))) or 0
    with capsys.disabled():
        cut_short = attempts - len(mails)
        sys.stdout.write(f" [{len(mails)} mails, {KILLS} kills, {cut_short} cut short, {copies} copies, 0 lost] ")
