"""Another process of the service, for the tests of search: ``python another_process.py ORDER.json``.

``work``: a worker that is started again each time it is killed; its number is in the file ``pid``.
``search``: answers each line of its input, a query, with what is found and what the index itself holds for it.
"""

import json
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

from flask import Flask

from helpdesk import create_app
from helpdesk.db import db, read_only
from helpdesk.jobs import registry, run_worker
from helpdesk.search import corpora, queries
from helpdesk.search.analysis import terms
from helpdesk.search.engines import Lookup, engine_for
from helpdesk.settings import Settings
from tests.search.conftest import NAME, corpus


def main(order: dict[str, Any]) -> None:
    app = create_app(Settings(**{**order["settings"], "data_dir": Path(order["settings"]["data_dir"])}))
    registry.load()
    registry.TASKS.clear()
    corpora.FEATURES = ()
    corpora.CORPORA.clear()
    corpora.declare(corpus())
    if order["role"] == "work":
        work(app, Path(order["pid_file"]))
    search(app)


def work(app: Flask, pid_file: Path) -> None:
    while True:
        child = os.fork()
        if child == 0:
            run_worker(app, threading.Event())
            os._exit(0)
        new = pid_file.with_suffix(".new")
        new.write_text(str(child))
        new.rename(pid_file)
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status) or os.WTERMSIG(status) != signal.SIGKILL:
            sys.exit("the worker ended by itself")


def search(app: Flask) -> None:
    read_only.set(True)
    for line in sys.stdin:
        with app.app_context():
            found = queries.find_ids(None, NAME, line)
            held = engine_for(NAME).candidates(Lookup(dict.fromkeys(terms(line), 1.0), 50))
            db.session.rollback()
            sys.stdout.write(json.dumps([found, [entry.id for entry in held]]) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_text()))
