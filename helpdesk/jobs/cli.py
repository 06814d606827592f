"""``flask worker``."""

import signal
import threading
from types import FrameType

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from helpdesk.jobs.worker import run_worker


def work(app: Flask) -> None:
    """Run a worker until SIGTERM or SIGINT: what ``flask worker`` and ``helpdesk worker`` do."""
    stop = threading.Event()

    def ask_to_stop(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, ask_to_stop)
    signal.signal(signal.SIGINT, ask_to_stop)
    run_worker(app, stop)


@click.command("worker")
@with_appcontext
def worker_command() -> None:
    """Envoyer les courriels et faire le travail périodique, jusqu’à l’arrêt."""
    work(current_app._get_current_object())  # type: ignore[attr-defined]  # noqa: SLF001
