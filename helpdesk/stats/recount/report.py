"""The annual report, from what the events of each question, of each entry and of the sessions tell."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from helpdesk.reference import get_reference
from helpdesk.stats.histories import DAY_SECONDS, Lived, paris_day
from helpdesk.stats.perms import Selection
from helpdesk.stats.recount.arithmetic import ENOUGH, Cell, middle
from helpdesk.stats.recount.library import Library
from helpdesk.stats.recount.permanence import Permanence
from helpdesk.stats.recount.questions import Questions, a_year_sooner, beside, line
from helpdesk.stats.tables import Untold, Value
from helpdesk.tickets.enums import Action, Verdict

URGENT = 2
FIRST_COUNT = 10
_OF_PAGE = ("par-theme", "par-typologie", "par-canal", "par-niveau", "temps-tenu", "repartition", "sans-reponse")
_OF_QUESTIONS = ("annee", "devenir", "fins", "sujets", "delais", "a-cote", "par-mois", "urgences", "reprises")
_OF_READERS = ("satisfaction", "avis", "faq-estimation")
_OF_LIBRARY = ("faq-fiches", "plus-lues", "recherches")
_OF_PERMANENCE = ("juri", "juri-seances", "juri-delais", "juri-reponses", "juri-themes", "juri-regions")
_ENDINGS = {"faq": Action.CLOSE_BY_FAQ, "out_of_scope": Action.MARK_OUT_OF_SCOPE, "withdrawn": Action.WITHDRAW}


@dataclass(frozen=True)
class Recounted:
    """*tables*: those that the report must have, even without a row."""

    tables: frozenset[str]
    cells: Mapping[Cell, Value]


@dataclass(frozen=True)
class Sources:
    """All that the figures are counted from."""

    questions: Questions
    library: Library
    permanence: Permanence

    def report(self, selection: Selection, year: int, now: datetime) -> Recounted:
        """The annual report of *year*, up to *now*."""
        days = date(year, 1, 1), min(date(year, 12, 31), paris_day(now))
        years = self._years(selection, *days)
        received, delegations = years["year"], selection.delegations
        found = self._of_questions(selection, years, days, now)
        found["faq-estimation", "year", "closed"] = sum(one.ending == Action.CLOSE_BY_FAQ for one in received)
        tables = {*_OF_PAGE, *_OF_QUESTIONS, *_OF_READERS}
        if any(one.is_unanswered for one in received):
            tables.add("attente")
        if delegations is None or len(delegations) > 1:
            tables.add("par-delegation")
        if delegations is None:
            tables |= {*_OF_LIBRARY, *_OF_PERMANENCE}
            found |= self.library.figures(*days) | self.permanence.figures(received, *days, now)
        return Recounted(frozenset(tables), {cell: value for cell, value in found.items() if cell[0] in tables})

    def _years(self, selection: Selection, starts_on: date, ends_on: date) -> dict[str, list[Lived]]:
        """The questions of the year, and of the same days of the one before where the service was there already."""
        years = {"year": self.questions.received(selection, starts_on, ends_on)}
        sooner, first_on = a_year_sooner(starts_on), self.questions.first_on
        if first_on is not None and first_on <= sooner + timedelta(days=31):
            years["before"] = self.questions.received(selection, sooner, a_year_sooner(ends_on))
        return years

    def _of_questions(
        self, selection: Selection, years: Mapping[str, Sequence[Lived]], days: tuple[date, date], now: datetime
    ) -> dict[Cell, Value]:
        received = years["year"]
        page = self.questions.figures(selection, *days, now)
        found = {cell: value for cell, value in page.items() if cell[0] in (*_OF_PAGE, "par-delegation")}
        for key, members in years.items():
            found |= _lines(key, members)
        split = self.questions.split(selection) | {"par-mois": _month, "sujets": _topic}
        months = [f"{month:02d}" for month in range(1, days[1].month + 1)]
        for table, keys in {"par-mois": months, "sujets": _first_topics(received)}.items():
            for key in keys:
                members = [one for one in received if key in split[table](one)]
                found |= {(table, key, column): value for column, value in line(members).items()}
        if "before" in years:
            found |= _before(found, years["before"], split)
        ages = [paris_day(now).toordinal() - one.received_on.toordinal() for one in received if one.is_unanswered]
        found["attente", "year", "median"] = middle(ages) if len(ages) >= ENOUGH else None
        found["attente", "year", "oldest"] = max(ages, default=None)
        return found


def _month(one: Lived) -> tuple[str]:
    return (f"{one.received_on.month:02d}",)


def _topic(one: Lived) -> tuple[str]:
    return (one.topic,)


def _first_topics(questions: Iterable[Lived]) -> list[str]:
    """The ten most asked for, of the same number in the order of their names."""
    topics = get_reference().topics
    counts = Counter(one.topic for one in questions if one.topic)
    named = sorted(counts, key=lambda code: topics[code].label if code in topics else code)
    return sorted(named, key=lambda code: counts[code], reverse=True)[:FIRST_COUNT]


def _before(
    found: Mapping[Cell, Value], sooner: Sequence[Lived], split: Mapping[str, Callable[[Lived], Iterable[str]]]
) -> dict[Cell, Value]:
    """What each row of the year received a year sooner."""
    cells: dict[Cell, Value] = {}
    for table, keys_of in split.items():
        counts = Counter(key for one in sooner for key in keys_of(one))
        cells |= {(table, row, "before"): counts[row] for name, row, _ in found if name == table}
    return cells


def _lines(key: str, questions: Sequence[Lived]) -> dict[Cell, Value]:
    """The lines, or the columns, of one year in the small tables."""
    answers = [one for one in questions if one.answered_by]
    urgent = [one for one in questions if one.urgency >= URGENT]
    aside = {name: value for (_, _, name), value in beside(answers).items()}
    if len(answers) < ENOUGH:
        aside = dict.fromkeys(aside, Untold.TOO_FEW_ANSWERS if answers else None)
    rows: dict[str, Mapping[str, Value]] = {
        "annee": {"received": len(questions), "structures": len({one.organisation_id for one in questions})},
        "delais": line(questions),
        "a-cote": aside,
        "urgences": {
            "received": len(urgent),
            "answered": sum(one.answered_by is not None for one in urgent),
            "within_day": sum(one.answered_by is not None and one.gross_seconds <= DAY_SECONDS for one in urgent),
        },
        "reprises": {
            "reopened": sum(one.is_reopened for one in questions),
            "corrected": sum(one.is_corrected for one in questions),
        },
        "satisfaction": {"answered": len(answers), "rated": sum(one.verdict != "" for one in questions)},
    }
    columns: dict[str, Mapping[str, int]] = {
        "devenir": {
            "answered": len(answers),
            "unanswered": sum(one.is_unanswered for one in questions),
            "otherwise": sum(not one.answered_by and not one.is_unanswered for one in questions),
        },
        "fins": {row: sum(one.ending == action for one in questions) for row, action in _ENDINGS.items()},
        "avis": {verdict.value: sum(one.verdict == verdict for one in questions) for verdict in Verdict},
    }
    found: dict[Cell, Value] = {(table, key, name): value for table, one in rows.items() for name, value in one.items()}
    return found | {(table, name, key): value for table, one in columns.items() for name, value in one.items()}
