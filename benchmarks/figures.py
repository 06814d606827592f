"""« Délais » with 100,000 questions over ten years, beside one full scan: ``python -m benchmarks.figures``.

The pages are served by gunicorn as the service does and read in turn, one request at a time; between two of them the
same database reads its whole table of questions, with a condition that no index serves. The exit code is 1 when
« Délais » takes more than 300 ms at p95, or more than three times the scan that went before it, at the median: what
slows the machine for a moment slows both. The annual report is measured beside.
"""

import argparse
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

import sqlalchemy as sa

from benchmarks.pages import _cookie, _database, _environment, _figure, _migrate, _say
from benchmarks.past import lengthen
from benchmarks.server import Browser, served
from helpdesk import clock, create_app
from helpdesk.db import db, read_only
from helpdesk.demo.seed import seed
from helpdesk.search.operations import rebuild
from helpdesk.settings import Settings
from helpdesk.tickets.models import Ticket

QUESTIONS, COPIES_A_YEAR = 100_000, 10
ROUNDS, WARM_UP_ROUNDS = 40, 4
TIMES_SCAN, AT_MOST_MS = 3.0, 300
FULL_YEARS_AGO = 3
"""The copies of the past come thinner into the last two years; that one and the one before are whole."""
REPORT = "rapport annuel"
LEAD, DELEGATE = "h.garnier@federation.example", "m.lebihan@bretagne.federation.example"
SCAN = sa.select(sa.func.count()).select_from(Ticket).where(Ticket.urgency_reason == "aucune de ces questions")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.figures", description=__doc__)
    parser.add_argument("--postgresql", action="store_true", help="sur PostgreSQL au lieu de SQLite")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="lectures de chaque page (défaut : %(default)s)")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="appui-bench-"))
    try:
        with _database(folder, is_postgresql=options.postgresql) as settings:
            return _measure(settings, options.rounds)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _measure(settings: Settings, rounds: int) -> int:
    app = create_app(settings)
    with app.app_context():
        _migrate(settings)
        seed(today=clock.today(), questions=1_200)
        rebuild()
        lengthen(QUESTIONS, copies_a_year=COPIES_A_YEAR)
        cookies = {"lead": _cookie(LEAD), "delegate": _cookie(DELEGATE)}
        count, first = db.session.execute(sa.select(sa.func.count(), sa.func.min(Ticket.received_at))).one()
        db.session.commit()
        _say(f"{count} questions depuis {first.year}")
        year = clock.today().year
        full = year - FULL_YEARS_AGO
        pages = {
            f"délais, {year}": ("lead", "/delais"),
            f"délais, {full}": ("lead", f"/delais?periode={full}"),
            f"délais, {full}, un thème": ("lead", f"/delais?periode={full}&theme=social"),
            f"délais, {full}, sa région": ("delegate", f"/delais?periode={full}"),
            f"{REPORT}, {full}": ("lead", f"/delais/rapport/{full}"),
        }
        seconds: dict[str, list[float]] = {name: [] for name in pages}
        scans: dict[str, list[float]] = {name: [] for name in pages}
        token = read_only.set(True)
        with served(_environment(settings)) as port:
            browser = Browser(port, cookies)
            for number in range(WARM_UP_ROUNDS + rounds):
                for name, (role, url) in pages.items():
                    scan, page = _scan(), browser.read(url, role)
                    if number >= WARM_UP_ROUNDS:
                        scans[name].append(scan)
                        seconds[name].append(page)
        read_only.reset(token)
        db.session.remove()
        db.engine.dispose()
    return _report(scans, seconds)


def _scan() -> float:
    started = time.perf_counter()
    found = db.session.scalar(SCAN)
    taken = time.perf_counter() - started
    db.session.rollback()
    assert found == 0
    return taken


def _report(scans: dict[str, list[float]], seconds: dict[str, list[float]]) -> int:
    every = [scan for taken in scans.values() for scan in taken]
    reference = _p95_ms(every)
    print(f"\nLecture entière de la table, p50 {statistics.median(every) * 1000:.0f} ms, p95 {reference:.0f} ms.\n")
    print("| page | p50 | p95 | × lecture entière, p50 | p95 |\n|---|--:|--:|--:|--:|")
    fails = False
    for name, taken in seconds.items():
        p95 = _p95_ms(taken)
        times = statistics.median(page / scan for page, scan in zip(taken, scans[name], strict=True))
        fails |= not name.startswith(REPORT) and (p95 > AT_MOST_MS or times > TIMES_SCAN)
        figures = f"{statistics.median(taken) * 1000:.0f} ms | {p95:.0f} ms"
        print(f"| {name} | {figures} | {_figure(times)} | {_figure(p95 / reference)} |")
    return 1 if fails else 0


def _p95_ms(taken: list[float]) -> float:
    return statistics.quantiles(taken, n=100)[94] * 1000


if __name__ == "__main__":
    sys.exit(main())
