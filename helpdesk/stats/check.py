"""Compare what is stored and shown with what the events give (:mod:`helpdesk.stats.histories`).

First each question: status, clocks, days, due dates. Then every figure of « Délais », cell by cell, for each civil
year and the last twelve months, over all, by delegation and under some filters. Then every cell of the annual report of
each year, over all and by delegation. A table, a row or a cell that only one of both has is a difference.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from math import isclose
from typing import Any

from flask import current_app

from helpdesk import clock, settings_of
from helpdesk.reference import get_reference
from helpdesk.reference.holidays import is_holiday
from helpdesk.reference.zones import PARIS
from helpdesk.reporting import Period
from helpdesk.stats.histories import (
    DAY_SECONDS,
    History,
    Lived,
    RoundTimes,
    channel_of,
    histories,
    is_duplicate,
    lived,
    paris_day,
    recompute,
    rounds_begun,
    status_of,
)
from helpdesk.stats.perms import NATIONAL, Selection
from helpdesk.stats.queries.dashboard import Dashboard, dashboard
from helpdesk.stats.queries.report import annual_report
from helpdesk.stats.recount.arithmetic import Cell
from helpdesk.stats.recount.library import library
from helpdesk.stats.recount.permanence import permanence
from helpdesk.stats.recount.questions import Questions, typologies
from helpdesk.stats.recount.report import Recounted, Sources
from helpdesk.stats.tables import Table, Value
from helpdesk.tickets.deadlines import TargetUnit
from helpdesk.tickets.enums import Channel, CloseReason, Tier

_ONE_DAY = timedelta(days=1)
_WORDS = {
    "clock": "délai",
    "status": "état",
    "round": "nombre de tours",
    "channel": "canal",
    "duplicate": "doublon",
    "received_at": "réception",
    "ticket.answered_at": "première réponse",
    "started_at": "début du délai",
    "answered_at": "réponse",
    "answered_by": "niveau de la réponse",
    "gross_seconds": "secondes entre réception et réponse",
    "gross_days": "jours de délai brut",
    "net_days": "jours de délai net",
    "due_at": "échéance",
    "ticket.due_at": "échéance de la question",
    **{f"{tier}_seconds": f"secondes ({tier.label})" for tier in Tier},
}
_ALONE: Mapping[Cell, str] = {
    ("page", "answers", "net_mean"): "délai net moyen",
    ("page", "answers", "net_median"): "délai net médian",
    ("page", "answers", "on_time"): "part des réponses à l’échéance",
    ("page", "answers", "first_level"): "part répondue au premier niveau",
    ("page", "unanswered", "count"): "sans réponse",
    ("page", "unanswered", "late"): "sans réponse et hors délai",
    ("page", "unanswered", "ages"): "âges des questions sans réponse",
    ("page", "ended", "otherwise"): "terminées autrement",
}
_TABLE, _NO_CELL = "un tableau", "aucune case"
_OVER = {"overall": "ensemble", "before": "un an plus tôt"}
_COLUMNS = {
    "received": "reçues",
    "answered": "réponses",
    "seconds": "secondes de délai brut",
    "mean": "moyenne",
    "median": "médiane",
    "ninth_decile": "pour 9 sur 10",
    "within": "part dans l’objectif",
}


@dataclass(frozen=True)
class Difference:
    """A figure stored or shown that the events do not give."""

    where: str
    """The question and its round, or the period, the filters and the table."""
    what: str
    stored: object
    recomputed: object

    def __str__(self) -> str:
        what = _WORDS.get(self.what, self.what)
        return f"{self.where}, {what} : {_told(self.stored)} enregistré, {_told(self.recomputed)} recalculé."


def _told(value: object) -> str:
    if isinstance(value, datetime):
        return f"{value.astimezone(PARIS):%d/%m/%Y %H:%M:%S}"
    return "rien" if value is None else str(value)


def differences(now: datetime | None = None) -> Iterator[Difference]:
    """Every difference, at *now*: first in what is stored of each question, then in the figures."""
    found: list[Lived] = []
    now = now or clock.now()
    yield from stored_differences(found)
    questions = Questions(found, typologies())
    yield from figure_differences(questions, now)
    yield from report_differences(questions, now)


# --- each question


def stored_differences(counted: list[Lived] | None = None) -> Iterator[Difference]:
    """What is stored of each question otherwise than its events tell; fills *counted* with what they tell."""
    closing_days = settings_of(current_app).pole_closing_days
    for history in histories():
        untold = _untold_rounds(history)
        if not untold:
            yield from _of_question(history, closing_days)
            one = lived(history) if 1 in history.clocks else None
            if counted is not None and one is not None:
                counted.append(one)
        for number in untold:
            where = f"Question {history.known.reference}, tour {number}"
            yield Difference(where, "started_at", "un tour", "aucun événement qui le commence")


def _untold_rounds(history: History) -> list[int]:
    """Those whose beginning no event tells; the first one is always there."""
    return sorted({1, *(step.round for step in history.steps)} - rounds_begun(history.steps))


def _of_question(history: History, closing_days: Iterable[date]) -> Iterator[Difference]:
    known, steps = history.known, history.steps
    where = f"Question {known.reference}"
    rounds = recompute(steps)
    answers = [times.answered_at for times in rounds.values() if times.answered_at is not None]
    pairs: list[tuple[str, object, object]] = [
        ("status", known.status, status_of(steps)),
        ("round", known.round, max(rounds)),
        ("channel", known.channel, channel_of(steps)),
        ("duplicate", known.close_reason == CloseReason.DUPLICATE, is_duplicate(steps)),
        ("received_at", known.received_at, rounds[1].started_at),
        ("ticket.due_at", known.due_at, _last_due_at(history)),
        ("ticket.answered_at", known.answered_at, min(answers, default=None)),
    ]
    yield from (Difference(where, what, a, b) for what, a, b in pairs if a != b)
    for number, times in rounds.items():
        stored = history.clocks.get(number)
        if stored is None:
            yield Difference(f"{where}, tour {number}", "clock", None, times.seconds)
        else:
            yield from _of_round(f"{where}, tour {number}", stored, times, frozenset(closing_days))
    for number in history.clocks.keys() - rounds.keys():
        yield Difference(f"{where}, tour {number}", "clock", "un délai", "aucun événement")


def _last_due_at(history: History) -> datetime | None:
    """What its clock says, which is compared with the events in its turn."""
    return history.clocks[max(history.clocks)].due_at if history.clocks else None


def _of_round(where: str, stored: Any, times: RoundTimes, closing_days: frozenset[date]) -> Iterator[Difference]:
    gross = None if times.answered_at is None else int((times.answered_at - times.started_at).total_seconds())
    kept = sum(getattr(stored, f"{tier}_seconds") for tier in Tier)
    pairs: list[tuple[str, object, object]] = [
        ("started_at", stored.started_at, times.started_at),
        ("answered_at", stored.answered_at, times.answered_at),
        ("answered_by", stored.answered_by, times.answered_by),
        ("gross_days", stored.gross_days, times.gross_days),
        ("net_days", stored.net_days, times.net_days),
        ("gross_seconds", kept if gross is not None else None, gross),
    ]
    for tier in Tier:
        recomputed = times.seconds[tier]
        if tier is stored.holder:
            # Open: notes move no clock, so the last stretch is still with the holder.
            last = times.started_at.timestamp() + sum(times.seconds.values())
            recomputed -= int(last - stored.since_at.timestamp())
        pairs.append((f"{tier}_seconds", getattr(stored, f"{tier}_seconds"), recomputed))
    yield from (Difference(where, what, a, b) for what, a, b in pairs if a != b)
    soonest, latest = (_due_at(stored, times, days) for days in (frozenset[date](), closing_days))
    if not soonest <= stored.due_at <= latest or stored.due_at.astimezone(PARIS).time() != _LAST_SECOND:
        yield Difference(where, "due_at", stored.due_at, latest)


_LAST_SECOND = time(23, 59, 59)


def _due_at(stored: Any, times: RoundTimes, closing_days: frozenset[date]) -> datetime:
    """The last second of the due day. A closing day may have been set since: the stored one is then sooner."""
    day, left = paris_day(times.started_at), stored.target_days
    while left:
        day += _ONE_DAY
        is_counted = TargetUnit(stored.target_unit) is TargetUnit.CALENDAR or _is_worked(day, closing_days)
        left -= is_counted
    day += timedelta(days=-(-times.pushing_seconds // DAY_SECONDS))
    while not _is_worked(day, closing_days):
        day += _ONE_DAY
    return datetime.combine(day, _LAST_SECOND, tzinfo=PARIS)


def _is_worked(day: date, closing_days: frozenset[date]) -> bool:
    return day.isoweekday() <= 5 and not is_holiday(day) and day not in closing_days


# --- every figure


def figure_differences(questions: Questions, now: datetime) -> Iterator[Difference]:
    """Every figure of « Délais » that the events do not give."""
    for title, period in _periods(questions, now):
        for words, selection in _selections(questions.received(Selection(), period.starts_on, period.ends_on)):
            page = dashboard(selection, period, now)
            recounted = questions.figures(selection, period.starts_on, period.ends_on, now)
            yield from _between(f"{title}, {words}", shown(page), recounted, page.tables)


def report_differences(questions: Questions, now: datetime) -> Iterator[Difference]:
    """Every figure of the annual reports, from that of the first question to the present one, not given."""
    sources = Sources(questions, library(now), permanence())
    this_year, first_on = paris_day(now).year, questions.first_on
    for year in range(min(first_on.year if first_on else this_year, this_year), this_year + 1):
        received = questions.received(Selection(), date(year, 1, 1), date(year, 12, 31))
        for words, selection in _regions(received):
            where = f"Rapport {year}, {words}"
            yield from _of_report(
                where, annual_report(selection, year, now).tables, sources.report(selection, year, now)
            )


def _of_report(where: str, tables: Mapping[str, Table], recounted: Recounted) -> Iterator[Difference]:
    for key in sorted(tables.keys() ^ recounted.tables):
        name = tables[key].title if key in tables else key
        yield Difference(where, name, *((_TABLE, None) if key in tables else (None, _TABLE)))
    told: dict[Cell, Value] = {}
    for key in sorted(tables.keys() & recounted.tables):
        lines = list(tables[key].cells())
        cells = {(key, row, column): value for row, column, value in lines}
        if len(cells) != len(lines):
            yield Difference(where, tables[key].title, "deux fois la même ligne", "une seule")
        told |= cells
    shared = {cell: value for cell, value in recounted.cells.items() if cell[0] in tables}
    yield from _between(where, told, shared, tables)


def _periods(questions: Questions, now: datetime) -> Iterator[tuple[str, Period]]:
    for year in questions.years:
        yield str(year), Period.of_year(year)
    today = paris_day(now)
    yield "Douze derniers mois", Period(today - timedelta(days=364), today)


def _selections(received: Iterable[Lived]) -> Iterator[tuple[str, Selection]]:
    """All, each delegation and the national queue; then each other filter once, and three of them together."""
    found = list(received)
    yield from _regions(found)
    for tier in (Tier.DELEGATION, Tier.POLE):
        yield f"répondues par : {tier.label}", Selection(answered_by=tier)
    if not found:
        return
    middle = sorted(found, key=lambda one: (one.topic, one.delegation))[len(found) // 2]
    domain, channel = middle.topic.split("/", 1)[0], Channel(middle.channel)
    typology = next((code for codes in typologies().values() for code in codes), "")
    two = frozenset({middle.delegation, found[0].delegation})
    yield domain or "sans thème", Selection(topic=domain)
    yield channel.label, Selection(channel=channel)
    yield f"typologie {typology}", Selection(typology=typology)
    yield f"{domain}, {channel.label}, deux délégations", Selection(two, topic=middle.topic, channel=channel)


def _regions(received: Iterable[Lived]) -> Iterator[tuple[str, Selection]]:
    names = {code: one.name for code, one in get_reference().delegations.items()} | {NATIONAL: "file nationale"}
    yield "toutes les questions", Selection()
    for code in sorted({one.delegation for one in received}):
        yield names.get(code, code), Selection(delegations=frozenset({code}))


def shown(page: Dashboard) -> dict[Cell, Value]:
    """Every figure of the page, by the keys that the recount gives them."""
    figures: dict[Cell, Value] = {
        (table.key, row, column): value for table in page.tables.values() for row, column, value in table.cells()
    }
    for name, delays in (("overall", page.overall), ("before", page.before)):
        values = (
            delays.received_count,
            delays.answered_count,
            delays.gross_seconds,
            delays.mean_days,
            delays.median_days,
            delays.ninth_decile_days,
            delays.within_share,
        )
        figures |= {("page", name, column): value for column, value in zip(_COLUMNS, values, strict=True)}
    alone = (
        page.net_mean_days,
        page.net_median_days,
        page.on_time_share,
        page.first_level_share,
        len(page.unanswered),
        page.unanswered_late_count,
        " ".join(str(age) for age in page.ages_days),
        page.ended_otherwise_count,
    )
    return figures | dict(zip(_ALONE, alone, strict=True))


def _between(
    where: str, stored: Mapping[Cell, Value], recounted: Mapping[Cell, Value], tables: Mapping[str, Table]
) -> Iterator[Difference]:
    for cell in dict.fromkeys([*stored, *recounted]):
        a, b = stored.get(cell, _NO_CELL), recounted.get(cell, _NO_CELL)
        if not is_same(a, b):
            yield Difference(where, _words(cell, tables), a, b)


def is_same(a: Value, b: Value) -> bool:
    """Counts and seconds exactly; of the same seconds a mean may be written with another last binary digit."""
    if isinstance(a, float) and isinstance(b, float):
        return isclose(a, b, rel_tol=1e-13)
    return a == b and (a is None) == (b is None)


def _words(cell: Cell, tables: Mapping[str, Table]) -> str:
    key, row, column = cell
    if cell in _ALONE:
        return _ALONE[cell]
    if key == "page":
        return f"{_OVER[row]}, {_COLUMNS[column]}"
    if key not in tables:
        return f"{key}, {row}, {column}"
    table = tables[key]
    rows = {one.key: one.label for one in table.rows}
    columns = {one.key: one.label for one in table.columns}
    return f"{table.title}, {rows.get(row, row)}, {columns.get(column, column)}"
