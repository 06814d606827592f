"""The figures of the annual report, from a number of queries that depends on nothing.

Keys of the tables, which frozen years and ``flask stats check`` rely on: those of :mod:`helpdesk.stats.breakdown`, and
``annee``, ``devenir``, ``fins``, ``delais``, ``a-cote``, ``attente``, ``sujets``, ``urgences``, ``reprises``,
``satisfaction``, ``avis``, ``faq-…``, ``plus-lues``, ``recherches``, ``juri…``. In the small ones the rows, or the
columns, are « year » and « before ».
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from helpdesk.db import read
from helpdesk.juri_ptce.queries import figures as juri
from helpdesk.kb.queries import avoided_questions
from helpdesk.kb.queries.figures import most_read_in, work_in
from helpdesk.kb.queries.finding import CORPUS
from helpdesk.months import MONTHS
from helpdesk.reference import get_reference
from helpdesk.reference.zones import PARIS
from helpdesk.reporting import FEWEST_TOLD, Period, Share
from helpdesk.search.queries import most_missed
from helpdesk.stats import periods
from helpdesk.stats.annual import Report
from helpdesk.stats.breakdown import (
    DELAY_COLUMNS,
    RECEIVED,
    channel_of,
    delay_values,
    delegation_of,
    month_of,
    topic_of,
)
from helpdesk.stats.measures import FEWEST_ANSWERS, Columns, Delays, Facts, delays_by, delays_of, median_of
from helpdesk.stats.perms import Selection
from helpdesk.stats.queries.dashboard import Dashboard
from helpdesk.stats.queries.facts import IS_COUNTED, facts, typologies, unanswered
from helpdesk.stats.queries.outcomes import Outcomes, outcomes, verdicts
from helpdesk.stats.tables import Column, Kind, Row, Table, Untold, Value
from helpdesk.stats.telling import BEFORE, YEAR
from helpdesk.stats.wording import JURI_TERMS, REPORT_DEFINITIONS
from helpdesk.tickets.enums import CloseReason, Verdict
from helpdesk.tickets.models import Ticket

TOP_COUNT = 10
BEGUN_LATE = timedelta(days=31)
"""A year whose first question came later was not a whole one: nothing is compared with it."""
_FATES = {"answered": "Répondues", "otherwise": "Closes autrement", "unanswered": "Encore sans réponse"}
_ENDINGS = {
    CloseReason.FAQ.value: "Une fiche de la FAQ répondait",
    CloseReason.OUT_OF_SCOPE.value: "Hors du champ du service",
    CloseReason.WITHDRAWN.value: "Retirées par qui les avait posées",
}


@dataclass(frozen=True)
class _Year:
    """A year of questions, or the same days of the one before; *board* has the figures of the page « Délais »."""

    key: str
    label: str
    board: Dashboard
    outcomes: Outcomes
    verdicts: Mapping[str, int]

    @property
    def facts(self) -> Facts:
        return self.board.facts

    @property
    def delays(self) -> Delays:
        return self.board.overall


def report_years(today: date) -> range:
    """The years that have a report: from that of the first question to the present one."""
    first_on = _first_on()
    return range(min(first_on.year if first_on else today.year, today.year), today.year + 1)


def annual_report(selection: Selection, year: int, now: datetime) -> Report:
    """The report of a year, up to *now*. What the FAQ and Juri-PTCE did is told of all delegations alone.

    Whether the reader may have *selection* counted is for the caller to know.

    :raises ValueError: for a year to come.
    """
    period = periods.named_period(str(year), now.astimezone(PARIS).date())
    if period is None:
        raise ValueError(f"no report of {year}")
    is_whole = selection.delegations is None
    years = _years(selection, period, now)
    tables = [
        *_of_questions(years),
        *_of_faq(years[0], is_whole=is_whole),
        *(_of_juri(period, now) if is_whole else ()),
    ]
    definitions = (*REPORT_DEFINITIONS, *(JURI_TERMS if is_whole else ()))
    return Report(year, period.ends_on, {table.key: table for table in tables}, definitions)


# --- reading


def _first_on() -> date | None:
    """The day of the first question that is counted."""
    select = sa.select(Ticket.received_at).where(IS_COUNTED).order_by(Ticket.received_at).limit(1)
    return next((received_at.astimezone(PARIS).date() for (received_at,) in read(select)), None)


def _years(selection: Selection, period: Period, now: datetime) -> list[_Year]:
    """The year, and the one before where there is something to compare with."""
    before, first_on, known = periods.year_before(period), _first_on(), typologies()
    is_over = period.year is not None
    year, sooner = str(period.starts_on.year), str(before.starts_on.year)
    none = delays_of(Facts(()))
    board = Dashboard(selection, period, now, facts(selection, period), none, unanswered(selection, period), known)
    years = [_year(YEAR, year, board)]
    if first_on is not None and first_on <= before.starts_on + BEGUN_LATE:
        board = Dashboard(selection, before, now, facts(selection, before), none, (), known)
        years.append(_year(BEFORE, sooner if is_over else f"{sooner}, mêmes jours", board))
    return years


def _year(key: str, label: str, board: Dashboard) -> _Year:
    asked = board.selection, board.period
    return _Year(key, label, board, outcomes(*asked), verdicts(*asked))


# --- the questions


def _of_questions(years: Sequence[_Year]) -> Iterator[Table]:
    year, board = years[0], years[0].board
    tables, delegations, known = board.tables, board.selection.delegations, board.typologies
    yield _by_year("annee", "Questions et structures", _ASKED, years, _asked)
    yield _outcome_table("devenir", "Ce que les questions sont devenues", "Questions", years, _FATES)
    yield _outcome_table("fins", "Questions closes autrement", "Pourquoi", years, _ENDINGS)
    yield _with_before(tables["par-theme"], years, lambda facts: [topic.partition("/")[0] for topic in facts.topic])
    yield _with_before(_topics(year), years, topic_of)
    yield _by_year("delais", "Délai brut", (RECEIVED, *DELAY_COLUMNS), years, _delays)
    yield _by_year("a-cote", "À côté du délai brut", _BESIDE, years, _beside)
    yield tables["repartition"]
    yield _with_before(_months(year), years, month_of, key_of=lambda month: f"{month + 1:02d}")
    yield from (tables["temps-tenu"], tables["par-niveau"])
    yield tables["sans-reponse"]
    if board.ages_days:
        yield _waiting(year, board.ages_days)
    if delegations is None or len(delegations) > 1:
        yield _with_before(tables["par-delegation"], years, delegation_of, key_of=lambda code: code or "nationale")
    yield _with_before(tables["par-canal"], years, channel_of)
    yield _with_before(
        tables["par-typologie"],
        years,
        lambda facts: [code for structure in facts.organisation_id for code in known.get(structure) or ("",)],
    )
    yield _by_year("urgences", "Questions urgentes", _URGENT, years, _urgent)
    yield _by_year("reprises", "Questions rouvertes, réponses corrigées", _AGAIN, years, _again)
    yield _by_year("satisfaction", "Avis sur les réponses", _RATED, years, _rated)
    verdicts = ((one.value, one.label, [year.verdicts.get(one.value, 0) for year in years]) for one in Verdict)
    yield _columns_of_years("avis", "Ce que disent les avis", "Avis", years, verdicts)


_ASKED = (RECEIVED, Column("structures", "Structures différentes", Kind.COUNT))
_BESIDE = (
    Column("net_mean", "Délai net moyen", Kind.DAYS),
    Column("net_median", "Délai net médian", Kind.DAYS),
    Column("on_time", "À la date annoncée", Kind.SHARE),
    Column("first_level", "Réponses des délégations", Kind.SHARE),
)
_URGENT = (
    Column("received", "Urgentes", Kind.COUNT),
    Column("answered", "Répondues", Kind.COUNT),
    Column("within_day", "En 24 heures ou moins", Kind.COUNT),
)
_AGAIN = (
    Column("reopened", "Questions rouvertes", Kind.COUNT),
    Column("corrected", "Réponses corrigées", Kind.COUNT),
)
_RATED = (Column("answered", "Questions répondues", Kind.COUNT), Column("rated", "Avec un avis", Kind.COUNT))


def _asked(year: _Year) -> tuple[Value, ...]:
    return len(year.facts), len(set(year.facts.received.organisation_id))


def _delays(year: _Year) -> tuple[Value, ...]:
    return (year.delays.received_count, *delay_values(year.delays))


def _beside(year: _Year) -> tuple[Value, ...]:
    if not year.delays.is_enough:
        return (Untold.TOO_FEW_ANSWERS if year.delays.answered_count else None,) * len(_BESIDE)
    board = year.board
    return board.net_mean_days, board.net_median_days, board.on_time_share, board.first_level_share


def _urgent(year: _Year) -> tuple[Value, ...]:
    return year.outcomes.urgent, year.outcomes.urgent_answered, year.outcomes.urgent_within_day


def _again(year: _Year) -> tuple[Value, ...]:
    return year.outcomes.reopened, year.outcomes.corrected


def _rated(year: _Year) -> tuple[Value, ...]:
    return year.delays.answered_count, sum(year.verdicts.values())


def _waiting(year: _Year, ages_days: Sequence[int]) -> Table:
    columns = (Column("median", "Âge médian", Kind.DAYS), Column("oldest", "La plus ancienne", Kind.DAYS))
    middle = median_of(ages_days) if len(ages_days) >= FEWEST_ANSWERS else None
    row = Row(YEAR, year.label, (middle, max(ages_days, default=None)))
    return Table("attente", "Âge des questions sans réponse", "Année de réception", columns, (row,), is_split=False)


def _months(year: _Year) -> Table:
    """Each month of the year, however few its answers."""
    found = delays_by(year.facts, month_of)
    rows = [
        Row(f"{month + 1:02d}", MONTHS[month], _delay_row(found.get(month)))
        for month in range(len(periods.month_starts(year.board.period)))
    ]
    return Table("par-mois", "Par mois de réception", "Mois", (RECEIVED, *DELAY_COLUMNS), tuple(rows))


def _topics(year: _Year) -> Table:
    """The topics most asked for, whatever their domain."""
    topics = get_reference().topics
    found = delays_by(year.facts, topic_of)
    found.pop("", None)
    names = {code: topics[code].label if code in topics else code for code in found}
    ordered = sorted(found, key=lambda code: (-found[code].received_count, names[code]))[:TOP_COUNT]
    rows = [Row(code, names[code], _delay_row(found[code])) for code in ordered]
    title = "Les dix sujets les plus demandés"
    return Table("sujets", title, "Sujet", (RECEIVED, *DELAY_COLUMNS), tuple(rows), is_split=len(found) <= TOP_COUNT)


def _delay_row(delays: Delays | None) -> tuple[Value, ...]:
    return (delays.received_count, *delay_values(delays)) if delays else (0, 0, None, None, None, None)


def _by_year(
    key: str, title: str, columns: tuple[Column, ...], years: Sequence[_Year], of: Callable[[_Year], tuple[Value, ...]]
) -> Table:
    """A row for each year."""
    rows = tuple(Row(year.key, year.label, of(year)) for year in years)
    return Table(key, title, "Année de réception", columns, rows, is_split=False)


def _columns_of_years(
    key: str, title: str, head: str, years: Sequence[_Year], lines: Iterable[tuple[str, str, Sequence[int]]]
) -> Table:
    """A column for each year; the lines make its questions up."""
    columns = tuple(Column(year.key, year.label, Kind.COUNT) for year in years)
    return Table(key, title, head, columns, tuple(Row(key, label, tuple(values)) for key, label, values in lines))


def _outcome_table(key: str, title: str, head: str, years: Sequence[_Year], names: Mapping[str, str]) -> Table:
    lines = ((name, label, [getattr(one.outcomes, name) for one in years]) for name, label in names.items())
    return _columns_of_years(key, title, head, years, lines)


def _with_before(
    table: Table,
    years: Sequence[_Year],
    keys: Callable[[Columns], Sequence[Any]],
    key_of: Callable[[Any], str] = lambda code: code or "-",
) -> Table:
    """*table* with what was received the year before, next to what was received; what came then alone is no row."""
    if len(years) == 1:
        return table
    counts = Counter(map(key_of, keys(years[1].facts.received)))
    first, *others = table.columns
    sooner, _, same_days = years[1].label.partition(", ")
    before = Column(BEFORE, f"Reçues en {sooner}", Kind.COUNT)
    note = f"{table.note} Reçues en {sooner} : aux {same_days}.".strip() if same_days else table.note
    rows = (replace(row, values=(row.values[0], counts[row.key], *row.values[1:])) for row in table.rows)
    return replace(table, columns=(first, before, *others), rows=tuple(rows), note=note)


# --- the knowledge base


def _of_faq(year: _Year, *, is_whole: bool) -> Iterator[Table]:
    closed = Column("closed", "Closes : une fiche répondait", Kind.COUNT)
    avoided = Column("avoided", "Évitées avant l’envoi", Kind.COUNT)
    values: tuple[Value, ...] = (year.outcomes.faq,)
    if is_whole:
        values += (avoided_questions(year.board.period.starts_on.year).avoided_count,)
    yield Table(
        "faq-estimation",
        "Questions résolues par la FAQ (estimation)",
        "Année",
        (closed, avoided)[: len(values)],
        (Row(YEAR, year.label, values),),
        is_split=False,
    )
    if is_whole:
        yield _entries(year.board.period)
        yield _most_read(year.board.period)
        yield _missed(year.board.period)


def _entries(period: Period) -> Table:
    columns = (
        Column("published", "Publiées", Kind.COUNT),
        Column("revised", "Révisées", Kind.COUNT),
        Column("confirmed", "Relues et confirmées", Kind.COUNT),
    )
    rows = tuple(Row(kind.value, kind.label, tuple(work)) for kind, work in work_in(period).items())
    return Table("faq-fiches", "Fiches publiées et révisées", "Nature", columns, rows, is_split=False)


def _most_read(period: Period) -> Table:
    rows = tuple(Row(str(one.article_id), one.title, (one.times,)) for one in most_read_in(period, TOP_COUNT))
    columns = (Column("count", "Lectures", Kind.COUNT),)
    return Table("plus-lues", "Les fiches les plus lues", "Fiche", columns, rows, is_split=False)


def _missed(period: Period) -> Table:
    """Words searched for by a few alone could tell who: they are in no report."""
    found = most_missed(CORPUS, period.starts_on, TOP_COUNT + 1, until_on=period.ends_on)
    kept = [(words, count) for words, count in found if words and count >= FEWEST_TOLD][:TOP_COUNT]
    columns = (Column("count", "Recherches", Kind.COUNT),)
    rows = tuple(Row(words, words, (count,)) for words, count in kept)
    note = "" if kept else "Aucune n’a été faite cinq fois."
    return Table("recherches", "Les recherches sans résultat", "Mots cherchés", columns, rows, note, is_split=False)


# --- Juri-PTCE


def _of_juri(period: Period, now: datetime) -> Iterator[Table]:
    found = juri.figures(period, now)
    year = str(period.starts_on.year)
    columns = (
        Column("organisations", "PTCE accompagnés", Kind.COUNT),
        Column("received", "Questions reçues", Kind.COUNT),
        Column("answered", "Questions répondues", Kind.COUNT),
    )
    values = (found.ptce_count, found.question_count, found.answers.count)
    yield _one_row("juri", "PTCE et questions", year, columns, values)
    sessions = (Column("held", "Séances tenues", Kind.COUNT), Column("cancelled", "Séances annulées", Kind.COUNT))
    yield _one_row("juri-seances", "Séances", year, sessions, (found.sessions_held, found.sessions_cancelled))
    days = (Column("mean", "Délai brut moyen", Kind.DAYS), Column("median", "Délai brut médian", Kind.DAYS))
    table = _one_row("juri-delais", "Délai de réponse aux PTCE", year, days, _juri_days(found.delays))
    yield replace(table, note="À l’heure près, quand les autres médianes se comptent de date à date.")
    yield _shares("juri-reponses", "Comment les réponses ont été données", "Réponse", found.answers.shares)
    yield _shares("juri-themes", "Questions des PTCE par thème", "Thème", found.domains)
    yield _shares("juri-regions", "PTCE par région", "Région", found.regions)


def _juri_days(delays: juri.Delays) -> tuple[Value, ...]:
    if delays.answered_count < FEWEST_ANSWERS:
        return (Untold.TOO_FEW_ANSWERS if delays.answered_count else None,) * 2
    return delays.mean_days, delays.median_days


def _one_row(key: str, title: str, year: str, columns: tuple[Column, ...], values: tuple[Value, ...]) -> Table:
    return Table(key, title, "Année", columns, (Row(YEAR, year, values),), is_split=False)


def _shares(key: str, title: str, head: str, shares: Iterable[Share]) -> Table:
    columns = (Column("count", "Nombre", Kind.COUNT),)
    return Table(key, title, head, columns, tuple(Row(one.label, one.label, (one.number,)) for one in shares))
