"""People, workers and clocks that act at the same instant."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from flask import Flask

from helpdesk.db import db
from helpdesk.errors import HelpdeskError

CROWD = 6


def together(app: Flask, *works: Callable[[], object]) -> list[str]:
    """Run *works* in threads that start together, each in a session of its own; what each came to, or was refused."""
    db.session.commit()
    barrier = threading.Barrier(len(works))

    def run(work: Callable[[], object]) -> str:
        with app.app_context():
            barrier.wait(timeout=20)
            try:
                return str(work())
            except HelpdeskError as error:
                return type(error).__name__
            finally:
                db.session.remove()

    with ThreadPoolExecutor(len(works)) as pool:
        results = list(pool.map(run, works))
    db.session.expire_all()
    return results


def at_once(app: Flask, work: Callable[[int], object], count: int = CROWD) -> list[str]:
    """:func:`together` for *count* people who do the same, each with a number."""
    return together(app, *((lambda number=number: work(number)) for number in range(count)))
