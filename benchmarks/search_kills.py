"""Kill a worker while it indexes, a hundred times: ``python -m benchmarks.search_kills --kills 100``.

In the end nothing is missing in the index, nothing is stale, nothing is too much. The exit code is 1 otherwise.
"""

import argparse
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from benchmarks.pages import _database, _migrate
from helpdesk import create_app
from helpdesk.db import db
from helpdesk.search import corpora, operations
from tests.search.conftest import NAME, PAGES, Shelf, corpus
from tests.search.siege import besiege
from tests.support.processes import Processes

LEASE_SECONDS = 2


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.search_kills", description=__doc__)
    parser.add_argument("--postgresql", action="store_true", help="l’index de PostgreSQL au lieu de celui de whoosh")
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=20261201)
    options = parser.parse_args()
    processes = Processes()
    with (
        tempfile.TemporaryDirectory(prefix="search-kills-", ignore_cleanup_errors=True) as name,
        _database(Path(name), is_postgresql=options.postgresql) as settings,
    ):
        app = create_app(replace(settings, outbox_lease_seconds=LEASE_SECONDS, worker_poll_seconds=0.2))
        with app.app_context():
            try:
                _migrate(app.config["SETTINGS"])
                with db.engine.begin() as connection:
                    PAGES.create(connection)
                corpora.FEATURES = ()
                corpora.declare(corpus())
                operations.rebuild(NAME)
                outcome = besiege(app, Shelf(), processes, Path(name), kills=options.kills, seed=options.seed)
            finally:
                processes.stop_all()
                db.session.remove()
                db.engine.dispose()
    print(outcome)
    return 0 if outcome.is_whole else 1


if __name__ == "__main__":
    sys.exit(main())
