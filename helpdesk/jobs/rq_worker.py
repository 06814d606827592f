"""The rq side of several machines: a worker that hears ``drain`` jobs, in a process of its own.

Each setting here answers a trap of rq 3.0 that was reproduced; ``docs/courriels.md`` names them.
"""

import ctypes
import logging
import multiprocessing
import signal
import sys
from types import TracebackType
from typing import Any, Self

import structlog
from redis.exceptions import RedisError
from rq import Queue, Worker
from rq.job import Job

from helpdesk.bell import QUEUE_NAME
from helpdesk.db import db
from helpdesk.settings import Settings

log = structlog.get_logger(__name__)

WORKER_TTL_SECONDS = 60
"""rq looks after abandoned jobs only when its blocking read ends, that is every 45 s with this value."""
MAINTENANCE_SECONDS = 60
STOP_SECONDS = 10
PR_SET_PDEATHSIG = 1


class OutboxWorker(Worker):
    """An rq worker whose forked child opens its own database connections."""

    def main_work_horse(self, job: Job, queue: Queue) -> None:
        # A socket shared with the parent answers one job with another job's rows.
        db.engine.dispose(close=False)
        super().main_work_horse(job, queue)


def make_worker(url: str, worker_class: type[Worker] = OutboxWorker) -> Worker:
    """Return a worker on the one queue; with two, rq 3.0 loses jobs of a worker killed between them."""
    from redis import Redis

    connection = Redis.from_url(url)
    queue = Queue(QUEUE_NAME, connection=connection, serializer="json")
    return worker_class(
        [queue],
        connection=connection,
        serializer="json",
        worker_ttl=WORKER_TTL_SECONDS,
        maintenance_interval=MAINTENANCE_SECONDS,
        log_job_description=False,
    )


def serve(settings: Settings) -> None:
    """Work until told to stop: the body of the process."""
    from helpdesk import create_app

    _die_with_parent()
    logging.getLogger("rq.worker").setLevel(logging.WARNING)
    app = create_app(settings)
    with app.app_context():
        try:
            make_worker(settings.redis_url).work(logging_level="WARNING")
        except (RedisError, OSError):
            log.warning("redis_unavailable", exc_info=True)
            sys.exit(1)


class RqProcess:
    """The rq worker's process, started again whenever it has ended."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        # Spawned, not forked: the process that starts it may have threads and open connections.
        self.context = multiprocessing.get_context("spawn")
        self.process: Any = None

    def __enter__(self) -> Self:
        return self

    def keep_alive(self) -> None:
        if self.process is None or not self.process.is_alive():
            self.process = self.context.Process(target=serve, args=(self.settings,), name="rq", daemon=True)
            self.process.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process is None:
            return
        self.process.terminate()
        self.process.join(STOP_SECONDS)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()


def _die_with_parent() -> None:
    """Ask Linux to stop this process when its parent is killed; elsewhere it is found and ended by hand."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
