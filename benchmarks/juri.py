"""Two hundred PTCE on four slots from twenty processes: ``python -m benchmarks.juri [--postgresql]``.

They book, wait, cancel, move, take and leave places at random. In the end no place and no jurist is held twice, no
page was an error, no place is idle while somebody waits for it, and nobody is lost. The exit code is 1 otherwise.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks.pages import _database, _migrate
from helpdesk.db import db
from tests.juri_ptce.rush import rush
from tests.support.apps import build_app
from tests.support.processes import Processes


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.juri", description=__doc__)
    parser.add_argument("--postgresql", action="store_true", help="PostgreSQL au lieu de SQLite")
    parser.add_argument("--attempts", type=int, default=200)
    parser.add_argument("--processes", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=12, help="combien de fois chacun revient à la fin")
    parser.add_argument("--seed", type=int, default=20270302)
    options = parser.parse_args()
    processes = Processes()
    with (
        tempfile.TemporaryDirectory(prefix="juri-", ignore_cleanup_errors=True) as name,
        _database(Path(name), is_postgresql=options.postgresql) as settings,
    ):
        app = build_app(settings)
        with app.app_context():
            try:
                _migrate(app.config["SETTINGS"])
                outcome = rush(
                    app,
                    processes,
                    Path(name),
                    attempts=options.attempts,
                    process_count=options.processes,
                    rounds=options.rounds,
                    seed=options.seed,
                )
            finally:
                processes.stop_all()
                db.session.remove()
                db.engine.dispose()
    print(outcome)
    return 0 if outcome.is_whole else 1


if __name__ == "__main__":
    sys.exit(main())
