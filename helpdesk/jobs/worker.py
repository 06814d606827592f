"""The worker: sweep the outbox, run what is periodic, sleep until the bell rings."""

import os
import socket
import threading
from contextlib import ExitStack
from datetime import datetime, timedelta

import structlog
from flask import Flask

from helpdesk import bell, clock
from helpdesk.db import db, transaction
from helpdesk.jobs import registry, runs
from helpdesk.jobs.draining import drain
from helpdesk.jobs.models import WorkerHeartbeat
from helpdesk.settings import Settings

log = structlog.get_logger(__name__)

HEARTBEAT = timedelta(seconds=30)
REDIS_POLL_FACTOR = 6
"""With Redis the rq worker beside hears the bell; the loop is the sweep only, six times slower."""


def run_worker(app: Flask, stop: threading.Event) -> None:
    """Work until *stop* is set; what is being sent then is finished, the rest is given back.

    With ``redis_url`` an rq worker runs beside, in a process of its own; the loop goes on without Redis.
    """
    registry.load()
    settings: Settings = app.config["SETTINGS"]
    with ExitStack() as stack:
        pipe = stack.enter_context(bell.pipe_bell(settings).listening())
        pause = settings.worker_poll_seconds
        beside = None
        if settings.redis_url:
            from helpdesk.jobs.rq_worker import RqProcess

            pause *= REDIS_POLL_FACTOR
            beside = stack.enter_context(RqProcess(settings))
        worker = _Loop(app, settings, stop)
        while not stop.is_set():
            if beside is not None:
                beside.keep_alive()
            if not worker.turn():
                bell.wait(pipe, pause, stop)


class _Loop:
    """One turn of the worker after the other."""

    def __init__(self, app: Flask, settings: Settings, stop: threading.Event) -> None:
        self.app = app
        self.settings = settings
        self.stop = stop
        self.started_at = clock.now()
        self.beaten_at: datetime | None = None
        self.is_planned = False

    def turn(self) -> bool:
        """Do what is due; false when there was nothing, or when the database is away."""
        with self.app.app_context():
            try:
                self._beat()
                if not self.is_planned:
                    runs.plan(self.settings)
                    self.is_planned = True
                ran = runs.run_due(self.settings)
                return bool(drain(self.stop) or ran)
            except Exception:
                # A database that restarts must not end the worker: the next turn tries again.
                log.exception("worker_turn_failed")
                db.session.rollback()
                return False

    def _beat(self) -> None:
        now = clock.now()
        if self.beaten_at is not None and now - self.beaten_at < HEARTBEAT:
            return
        name = f"{socket.gethostname()}:{os.getpid()}"
        with transaction():
            db.session.merge(WorkerHeartbeat(name=name, started_at=self.started_at, seen_at=now))
        self.beaten_at = now
