"""``helpdesk up``: the whole service on one machine, from one command.

It makes the data folder, migrates the database, then watches over two programs, the web server and the
worker: one that dies is started again, and none outlives the supervisor, however it ends. The supervisor
itself holds the listening socket, so a request that comes while the web server restarts waits, and does not
fail.
"""

import contextlib
import ctypes
import fcntl
import http.client
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import click

from helpdesk import MIGRATIONS
from helpdesk.settings import Settings

ALREADY_RUNNING = 3
FIRST_PORT, LAST_PORT = 8000, 8099
READY_SECONDS = 60
STOP_SECONDS = 10
LOOK_SECONDS = 0.1
RESTART_SECONDS = (0.2, 0.5, 1, 2, 5, 10)
"""Pauses before one restart after another; a program that held for a minute begins again with the first."""
STEADY_SECONDS = 60
FAILURES_BEFORE_READY = 3
LOG_MAX_BYTES = 10 * 1024 * 1024
PR_SET_PDEATHSIG = 1
SQLITE_PREFIX = "sqlite:///"

_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


class CannotStart(Exception):
    """The reason, in French, for the person at the terminal."""


@click.command("up")
@click.option("--demo", is_flag=True, help="Créer la première fois des données de démonstration.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Adresse d’écoute.")
@click.option("--port", type=int, envvar="PORT", help="Port ; à défaut, le premier libre à partir de 8000.")
def up(demo: bool, host: str, port: int | None) -> None:
    """Démarrer tout le service sur cette machine."""
    try:
        settings = Settings.from_env()
    except Exception as error:
        raise click.ClickException(f"Un réglage n’est pas correct. {error}") from error
    logs = settings.data_dir / "logs"
    logs.mkdir(mode=0o700, parents=True, exist_ok=True)
    with single_start(settings.data_dir) as lock:
        try:
            _serve(settings, lock, logs, is_demo=demo, host=host, port=port)
        except CannotStart as error:
            raise click.ClickException(str(error)) from error


def _serve(settings: Settings, lock: IO[str], logs: Path, *, is_demo: bool, host: str, port: int | None) -> None:
    stop = StopRequest()
    with listen(host, port) as listening:
        number = listening.getsockname()[1]
        url = f"http://{'127.0.0.1' if host in {'0.0.0.0', '::'} else host}:{number}"  # noqa: S104 (compared)
        _write_lock(lock, url)
        environment = child_environment(settings, url, is_demo=is_demo)
        if not is_prepared(settings.database_url, is_demo=is_demo):
            run_prepare(environment, logs, is_demo=is_demo)
        web = Child("web", web_arguments(listening.fileno()), logs, environment, (listening.fileno(),))
        worker = Child("worker", [sys.executable, "-m", "helpdesk", "worker"], logs, environment)
        supervise([web, worker], stop, url, lambda: announce(url, logs, is_demo=is_demo))


@contextlib.contextmanager
def single_start(data_dir: Path) -> Iterator[IO[str]]:
    """Hold the data folder; a second start says so and ends with status 3.

    The lock is the kernel's: it is let go even when the supervisor is killed.
    """
    with (data_dir / "up.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            print(f"Appui juridique est déjà démarré : {lock.read().strip() or 'démarrage en cours'}")
            raise SystemExit(ALREADY_RUNNING) from None
        _write_lock(lock, "")
        yield lock


def _write_lock(lock: IO[str], url: str) -> None:
    lock.seek(0)
    lock.truncate()
    lock.write(url)
    lock.flush()


def listen(host: str, port: int | None) -> socket.socket:
    """Open the listening socket, on *port* or on the first free one.

    :raises CannotStart: when the port asked for, or every port, is taken.
    """
    if port is not None:
        try:
            return socket.create_server((host, port), backlog=256)
        except OSError as error:
            message = f"Le port {port} n’est pas libre ({error.strerror}). Choisissez-en un autre avec PORT=…"
            raise CannotStart(message) from error
    for candidate in range(FIRST_PORT, LAST_PORT + 1):
        with contextlib.suppress(OSError):
            return socket.create_server((host, candidate), backlog=256)
    raise CannotStart(f"Aucun port libre entre {FIRST_PORT} et {LAST_PORT}. Choisissez-en un avec PORT=…")


def child_environment(settings: Settings, url: str, *, is_demo: bool) -> dict[str, str]:
    """What the programs read: the same data folder wherever they run, and links to the address in use."""
    environment = dict(os.environ)
    environment["DATA_DIR"] = str(settings.data_dir)
    environment.setdefault("PUBLIC_URL", url)
    environment.setdefault("WEB_CONCURRENCY", "2")
    if is_demo:
        environment.setdefault("IS_DEMO", "1")
    return environment


def web_arguments(descriptor: int) -> list[str]:
    """Return the web server's command line; its settings are in ``gunicorn_conf.py``."""
    options = ["--config", "python:helpdesk.gunicorn_conf", "--bind", f"fd://{descriptor}"]
    return [sys.executable, "-m", "gunicorn", *options, "helpdesk:create_app()"]


def is_prepared(database_url: str, *, is_demo: bool) -> bool:
    """Whether a SQLite database is at the last migration, and filled where *is_demo* wants it.

    Asked of the file itself, without loading the application: most starts are then a third shorter.
    """
    path = Path(database_url.removeprefix(SQLITE_PREFIX))
    if not database_url.startswith(SQLITE_PREFIX) or not path.exists():
        return False
    try:
        with contextlib.closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as database:
            applied = {name for (name,) in database.execute("SELECT version_num FROM alembic_version")}
            is_filled = database.execute("SELECT 1 FROM person LIMIT 1").fetchone() is not None
    except sqlite3.Error:
        return False
    return applied == last_migrations() and (is_filled or not is_demo)


def last_migrations() -> set[str]:
    """Return the revisions that no other follows, read in the text of the migrations."""
    texts = [path.read_text() for path in (MIGRATIONS / "versions").glob("*.py")]
    names = {name for text in texts for name in re.findall(r"^revision\b.*=\s*[\"'](\w+)", text, re.MULTILINE)}
    followed = {name for text in texts for name in re.findall(r"^down_revision\b.*=\s*[\"'](\w+)", text, re.MULTILINE)}
    return names - followed


def run_prepare(environment: dict[str, str], logs: Path, *, is_demo: bool) -> None:
    """Migrate and fill the database in a process of its own, which the supervisor then does not carry along.

    :raises CannotStart: with the end of its log.
    """
    arguments = [sys.executable, "-m", "helpdesk", "prepare", *(["--demo"] if is_demo else [])]
    path = logs / "prepare.log"
    with path.open("wb") as log:
        done = subprocess.run(arguments, env=environment, stderr=log, stdin=subprocess.DEVNULL, check=False)
    if done.returncode:
        raise CannotStart(f"La préparation de la base a échoué.\n{tail(path)}")


@click.command("prepare", hidden=True)
@click.option("--demo", is_flag=True)
def prepare(demo: bool) -> None:
    """Migrate the database to the present version, and fill it when it is empty and *demo* is asked for."""
    from flask_migrate import upgrade

    from helpdesk import create_app

    app = create_app()
    with app.app_context():
        upgrade()
        if demo:
            fill_demo()


def fill_demo() -> None:
    """Make the demonstration data, unless somebody is in the database; all of them, or nothing."""
    import sqlalchemy as sa

    from helpdesk import clock
    from helpdesk.accounts.models import Person
    from helpdesk.db import db, transaction
    from helpdesk.demo.seed import seed

    if db.session.scalar(sa.select(Person.id).limit(1)) is not None:
        return
    db.session.commit()
    print("Création des données de démonstration (une seule fois)…", flush=True)
    with transaction():
        seed(today=clock.today())


@dataclass
class StopRequest:
    """Set by Ctrl-C, by ``kill``, or by the closing of the terminal."""

    is_asked: bool = False

    def __post_init__(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._ask)

    def _ask(self, *_: object) -> None:
        self.is_asked = True


@dataclass
class Child:
    """A program that is started again when it dies."""

    name: str
    arguments: Sequence[str]
    logs: Path
    environment: dict[str, str]
    descriptors: tuple[int, ...] = ()
    process: subprocess.Popen[bytes] | None = None
    failures: int = 0
    started_at: float = 0.0
    restart_at: float = 0.0
    supervisor: int = field(default_factory=os.getpid)

    @property
    def log(self) -> Path:
        return self.logs / f"{self.name}.log"

    def start(self) -> None:
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                self.arguments,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                pass_fds=self.descriptors,
                # A group of its own: Ctrl-C reaches the supervisor alone, which stops things in order.
                process_group=0,
                preexec_fn=self._end_with_supervisor,  # noqa: PLW1509 (the supervisor has one thread)
            )
        self.started_at = time.monotonic()

    def _end_with_supervisor(self) -> None:
        if _libc is not None:
            _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
            if os.getppid() != self.supervisor:
                os._exit(1)

    def look(self) -> None:
        """Start it again when it has died, after a pause that grows while it keeps dying."""
        now = time.monotonic()
        if self.process is None:
            if now >= self.restart_at:
                self.start()
            return
        if self.process.poll() is None:
            return
        self._end_group(signal.SIGKILL)
        if now - self.started_at >= STEADY_SECONDS:
            self.failures = 0
        self.restart_at = now + RESTART_SECONDS[min(self.failures, len(RESTART_SECONDS) - 1)]
        self.failures += 1
        self.process = None

    def keep_log_short(self) -> None:
        """Past its limit the log moves to ``.1``; it is open for appending, so it may be emptied in place."""
        if self.log.exists() and self.log.stat().st_size > LOG_MAX_BYTES:
            self.log.with_suffix(".log.1").write_bytes(self.log.read_bytes())
            os.truncate(self.log, 0)

    def ask_to_end(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def end(self, until: float) -> None:
        """Wait for its end, then kill what is left of its group."""
        if self.process is None:
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(max(0.0, until - time.monotonic()))
        self._end_group(signal.SIGKILL)
        self.process.wait()

    def _end_group(self, number: signal.Signals) -> None:
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, number)


def supervise(children: list[Child], stop: StopRequest, url: str, announce_ready: Callable[[], None]) -> None:
    """Run the programs until *stop*, and say once that the service is ready.

    :raises CannotStart: when the web server does not answer within a minute of the start.
    """
    try:
        _wait_until_ready(children, stop, url)
        if not stop.is_asked:
            announce_ready()
        while not stop.is_asked:
            for child in children:
                child.look()
                child.keep_log_short()
            time.sleep(LOOK_SECONDS)
        print("\nArrêt…", flush=True)
    finally:
        end(children)


def _wait_until_ready(children: list[Child], stop: StopRequest, url: str) -> None:
    until = time.monotonic() + READY_SECONDS
    web = children[0]
    while not stop.is_asked:
        for child in children:
            child.look()
        if answers(url):
            return
        if time.monotonic() > until or web.failures >= FAILURES_BEFORE_READY:
            raise CannotStart(f"Le serveur web ne répond pas.\n{tail(web.log)}")
        time.sleep(LOOK_SECONDS)


def end(children: list[Child]) -> None:
    """Ask all to end together, then wait for each."""
    for child in children:
        child.ask_to_end()
    until = time.monotonic() + STOP_SECONDS
    for child in children:
        child.end(until)


def answers(url: str) -> bool:
    """Whether the web server answers at all."""
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=2)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def announce(url: str, logs: Path, *, is_demo: bool) -> None:
    print(f"\nAppui juridique est prêt : {url}\n")
    if is_demo:
        print_accounts()
    print(f"Journaux : {logs}. Ctrl-C pour arrêter.", flush=True)


def print_accounts() -> None:
    """One account of each role, and the password that they share."""
    from helpdesk.demo.cli import demo_accounts

    accounts = demo_accounts()
    width = max(len(role) for role, _, _ in accounts)
    print("Comptes de démonstration, un par rôle :")
    for role, email, _ in accounts:
        print(f"  {role:<{width}}  {email}")
    print(f"\nMot de passe de tous : {accounts[0][2]}\n")


def tail(path: Path, line_count: int = 15) -> str:
    lines = path.read_text(errors="replace").splitlines() if path.exists() else []
    return "\n".join(lines[-line_count:])
