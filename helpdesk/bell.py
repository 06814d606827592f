"""What tells a worker that there is work: comfort only, since every worker looks at the table by itself.

On one machine the bell is a named pipe in the data folder, which any process may ring and the worker waits
at. With ``REDIS_URL`` it is a ``drain`` job in rq. A bell that cannot be rung is logged and forgotten:
nothing is lost.
"""

import os
import select
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import structlog
from flask import Flask, current_app

from helpdesk.settings import Settings

if TYPE_CHECKING:
    from redis import Redis

log = structlog.get_logger(__name__)

DRAIN_JOB = "helpdesk.jobs.drain_job"
QUEUE_NAME = "outbox"
JOB_TIMEOUT_SECONDS = 180
FAILED_JOB_TTL_SECONDS = 24 * 3600
REDIS_TIMEOUT_SECONDS = 1.0
STOP_CHECK_SECONDS = 0.5


class Bell(Protocol):
    def ring(self) -> None:
        """Tell the workers; never raises, never blocks for more than a second or two."""


class PipeBell:
    """A named pipe: a byte written by any process of the machine wakes the worker in milliseconds."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def ring(self) -> None:
        try:
            pipe = os.open(self.path, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:
            return  # no worker is waiting; it looks at the table when it starts
        try:
            os.write(pipe, b"!")
        except BlockingIOError:
            pass  # the pipe is full: the worker has been rung thousands of times already
        except OSError:
            log.warning("bell_not_rung", exc_info=True)
        finally:
            os.close(pipe)

    @contextmanager
    def listening(self) -> Iterator[int | None]:
        """Open the pipe for waiting; ``None`` where there are no named pipes: the worker then polls."""
        try:
            if not self.path.exists():
                self.path.parent.mkdir(parents=True, exist_ok=True)
                os.mkfifo(self.path, 0o600)
            # Opened for writing too: a pipe whose last writer left would be readable for ever.
            pipe = os.open(self.path, os.O_RDWR | os.O_NONBLOCK)
        except (AttributeError, OSError):
            log.warning("bell_not_heard", exc_info=True)
            yield None
            return
        try:
            yield pipe
        finally:
            os.close(pipe)


class RedisBell:
    """A ``drain`` job in rq, unless one already waits: that one will see the new rows when it starts."""

    def __init__(self, url: str) -> None:
        from rq import Queue

        self.queue = Queue(QUEUE_NAME, connection=redis_client(url), serializer="json")

    def ring(self) -> None:
        from redis.exceptions import RedisError

        try:
            if self.queue.count == 0:
                self.queue.enqueue(
                    DRAIN_JOB,
                    job_timeout=JOB_TIMEOUT_SECONDS,
                    result_ttl=0,
                    failure_ttl=FAILED_JOB_TTL_SECONDS,
                )
        except (RedisError, OSError):
            log.warning("bell_not_rung", exc_info=True)


def redis_client(url: str) -> "Redis":
    """Return a client that fails within a second: the defaults block a web request for 25 s and more."""
    from redis import Redis
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    return Redis.from_url(
        url,
        socket_timeout=REDIS_TIMEOUT_SECONDS,
        socket_connect_timeout=REDIS_TIMEOUT_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )


def bell_of(app: Flask) -> Bell:
    """The bell of *app*, made when it is first asked for: in each process its own."""
    bell: Bell | None = app.extensions.get("bell")
    if bell is None:
        settings: Settings = app.config["SETTINGS"]
        bell = RedisBell(settings.redis_url) if settings.redis_url else pipe_bell(settings)
        app.extensions["bell"] = bell
    return bell


def pipe_bell(settings: Settings) -> PipeBell:
    return PipeBell(settings.data_dir / "bell")


def ring() -> None:
    """Ring the current application's bell; called after the commit."""
    bell_of(current_app._get_current_object()).ring()  # type: ignore[attr-defined]  # noqa: SLF001


def wait(pipe: int | None, seconds: float, stop: threading.Event) -> None:
    """Return when the bell rings, after *seconds*, or soon after *stop* is set."""
    left = seconds
    while left > 0 and not stop.is_set():
        step = min(left, STOP_CHECK_SECONDS)
        if pipe is None:
            stop.wait(step)
        elif select.select([pipe], [], [], step)[0]:
            _hush(pipe)
            return
        left -= step


def _hush(pipe: int) -> None:
    try:
        while os.read(pipe, 4096):
            pass
    except BlockingIOError:
        pass
