"""The web server under ``helpdesk up``; the address and the number of processes come with the command.

The application is loaded once, before the processes are forked: the start is twice as short. Threads, because
browsers talk to it directly here: they open connections ahead and leave them silent, and a ``sync`` worker would
wait on each.
"""

import gc
import os
from pathlib import Path
from typing import Any

_MEMORY = Path("/dev/shm")  # noqa: S108 (gunicorn's heartbeat file, which has no name)

preload_app = True
worker_class = "gthread"
threads = 4
timeout = 60
graceful_timeout = 5
max_requests = 2000
max_requests_jitter = 200
loglevel = "warning"
control_socket_disable = True
GARBAGE = 100_000, 20, 50
"""When the collector looks: a page makes some ten thousand objects, the figures of a long year some fifty thousand;
by default it would look seventy times in it.
"""
worker_tmp_dir = str(_MEMORY) if os.access(_MEMORY, os.W_OK) else None


def when_ready(server: Any) -> None:  # noqa: ARG001 (gunicorn's own name)
    """Leave what is loaded out of the garbage collector: it stays anyway, and the stop is ten times as short."""
    gc.collect()
    gc.freeze()


def post_fork(server: Any, worker: Any) -> None:  # noqa: ARG001 (gunicorn's own names)
    """Forget the master's database connections: two processes must not speak through one."""
    from helpdesk.db import db

    gc.set_threshold(*GARBAGE)

    with server.app.wsgi().app_context():
        db.engine.dispose(close=False)
