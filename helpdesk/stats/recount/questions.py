"""Every figure of « Délais », from what the events of each question tell.

The questions of a period are found by their day and not by the bounds of a query. The typologies are those of the
structures today.
"""

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from math import ceil

import sqlalchemy as sa

from helpdesk.accounts.models import OrganisationTypology
from helpdesk.db import read
from helpdesk.stats.histories import TIERS, Lived, paris_day
from helpdesk.stats.perms import Selection
from helpdesk.stats.recount.arithmetic import ENOUGH, Cell, mean, middle, nine_in_ten, share
from helpdesk.stats.tables import Untold, Value
from helpdesk.tickets.enums import Tier

STEPS_MAX_COUNT = 18
LAST_BAR = 18
AGES = ((0, 5), (6, 10), (11, 20), (21, 30), (31, 10**6))


def typologies() -> dict[int, list[str]]:
    """Of each structure, today's."""
    found: dict[int, list[str]] = defaultdict(list)
    for code, organisation_id in read(sa.select(OrganisationTypology.code, OrganisationTypology.organisation_id)):
        found[organisation_id].append(code)
    return found


class Questions:
    """All the questions, by their day of reception, to be counted over any period."""

    def __init__(self, lived: Iterable[Lived], typologies: Mapping[int, Sequence[str]]) -> None:
        self._lived = sorted(lived, key=lambda one: one.received_on)
        self._typologies = typologies

    @property
    def first_on(self) -> date | None:
        """When the first of them came; none: there is none."""
        return self._lived[0].received_on if self._lived else None

    @property
    def years(self) -> range:
        """From that of the first question to that of the last."""
        if not self._lived:
            return range(0)
        return range(self._lived[0].received_on.year, self._lived[-1].received_on.year + 1)

    def received(self, selection: Selection, starts_on: date, ends_on: date) -> list[Lived]:
        first = bisect_left(self._lived, starts_on, key=lambda one: one.received_on)
        last = bisect_right(self._lived, ends_on, key=lambda one: one.received_on)
        return [one for one in self._lived[first:last] if self._is_in(selection, one)]

    def _is_in(self, selection: Selection, one: Lived) -> bool:
        if selection.delegations is not None and one.delegation not in selection.delegations:
            return False
        if selection.topic and one.topic != selection.topic and not one.topic.startswith(selection.topic + "/"):
            return False
        if selection.typology and selection.typology not in self._typologies.get(one.organisation_id, ()):
            return False
        if selection.channel is not None and one.channel != selection.channel:
            return False
        return selection.answered_by is None or one.answered_by is selection.answered_by

    def figures(self, selection: Selection, starts_on: date, ends_on: date, now: datetime) -> dict[Cell, Value]:
        """Every figure of the page for *selection* over these days (Europe/Paris) at *now*."""
        questions = self.received(selection, starts_on, ends_on)
        before = self.received(selection, *(a_year_sooner(day) for day in (starts_on, ends_on)))
        steps = _steps(questions, starts_on, ends_on)
        split = {"par-mois": lambda one: (steps[_month(one.received_on)],), **self.split(selection)}
        found: dict[Cell, Value] = {}
        for table, keys_of in split.items():
            rows: dict[str, list[Lived]] = {key: [] for key in steps.values()} if table == "par-mois" else {}
            for one in questions:
                for key in keys_of(one):
                    rows.setdefault(key, []).append(one)
            for key, members in rows.items():
                found |= {(table, key, column): value for column, value in line(members).items()}
        for tier in (Tier.DELEGATION, Tier.POLE):
            told = line([one for one in questions if one.answered_by is tier])
            found |= {("par-niveau", tier.value, column): told[column] for column in told if column != "received"}
        found |= _page(questions, before, now)
        return found | _held(questions) | _bars(questions)

    def split(self, selection: Selection) -> dict[str, Callable[[Lived], Iterable[str]]]:
        """The rows of each table that a question is in."""
        return {
            "par-delegation": lambda one: (one.delegation or "nationale",),
            "par-theme": lambda one: ((one.topic if selection.topic else one.topic.split("/")[0]) or "-",),
            "par-typologie": lambda one: self._typologies.get(one.organisation_id) or ("-",),
            "par-canal": lambda one: (one.channel,),
        }


def a_year_sooner(day: date) -> date:
    try:
        return day.replace(year=day.year - 1)
    except ValueError:  # 29 February
        return day - timedelta(days=366)


def _month(day: date) -> tuple[int, int]:
    return (day.year, day.month)


def _steps(questions: Iterable[Lived], starts_on: date, ends_on: date) -> dict[tuple[int, int], str]:
    """The step of the curve that holds each month: itself, its quarter or its year.

    A step is fine enough for at most eighteen of them, half of which at least hold ten answers. What comes before the
    month of the first question is left out.
    """
    questions, months = list(questions), []
    day = min((one.received_on for one in questions), default=starts_on).replace(day=1)
    while day <= ends_on:
        months.append(_month(day))
        day = (day + timedelta(days=32)).replace(day=1)
    answers = Counter(_month(one.received_on) for one in questions if one.answered_by)
    by_month = {month: f"{month[0]}-{month[1]:02d}" for month in months}
    by_quarter = {(year, month): f"{year}-T{ceil(month / 3)}" for year, month in months}
    by_year = {month: str(month[0]) for month in months}
    if _has_enough(by_month, answers):
        return by_month
    is_one_year = len(set(by_year.values())) == 1
    is_short = len(set(by_quarter.values())) <= STEPS_MAX_COUNT
    return by_quarter if _has_enough(by_quarter, answers) or (is_one_year and is_short) else by_year


def _has_enough(step_of: Mapping[tuple[int, int], str], answers: Mapping[tuple[int, int], int]) -> bool:
    held: Counter[str] = Counter()
    for month, step in step_of.items():
        held[step] += answers.get(month, 0)
    full = [step for step, count in held.items() if count >= ENOUGH]
    return len(held) <= STEPS_MAX_COUNT and len(full) >= len(held) / 2


def line(questions: Sequence[Lived]) -> dict[str, Value]:
    """The values of a line of any of the tables that split the questions."""
    answers = [one for one in questions if one.answered_by]
    told: Mapping[str, Value] = _told(answers)
    if len(answers) < ENOUGH:
        told = dict.fromkeys(told, Untold.TOO_FEW_ANSWERS if answers else None)
    return {"received": len(questions), "answered": len(answers), **told}


def _told(answers: Sequence[Lived]) -> dict[str, Value]:
    days = [one.gross_days for one in answers]
    return {
        "mean": mean(sum(one.gross_seconds for one in answers), len(answers)),
        "median": middle(days),
        "ninth_decile": nine_in_ten(days),
        "within": share(sum(one.is_within for one in answers), len(answers)),
    }


def beside(answers: Sequence[Lived]) -> dict[Cell, Value]:
    """What stands beside the gross time."""
    waited = TIERS.index(Tier.WAITING)
    net = sum(one.gross_seconds - one.seconds[waited] for one in answers)
    first_level = sum(one.answered_by is Tier.DELEGATION for one in answers)
    return {
        ("page", "answers", "net_mean"): mean(net, len(answers)),
        ("page", "answers", "net_median"): middle([one.net_days for one in answers]),
        ("page", "answers", "on_time"): share(sum(one.is_on_time for one in answers), len(answers)),
        ("page", "answers", "first_level"): share(first_level, len(answers)),
    }


def _page(questions: Sequence[Lived], before: Sequence[Lived], now: datetime) -> dict[Cell, Value]:
    """The figures that stand alone, and the ages of what still waits."""
    answers = [one for one in questions if one.answered_by]
    open_ones = [one for one in questions if one.is_unanswered]
    ages = [paris_day(now).toordinal() - one.received_on.toordinal() for one in open_ones]
    figures: dict[Cell, Value] = {
        **beside(answers),
        ("page", "unanswered", "count"): len(open_ones),
        ("page", "unanswered", "late"): sum(one.due_at < now and not one.is_waiting for one in open_ones),
        ("page", "unanswered", "ages"): " ".join(str(age) for age in sorted(ages, reverse=True)),
        ("page", "ended", "otherwise"): sum(not one.answered_by and not one.is_unanswered for one in questions),
    }
    for name, members in (("overall", questions), ("before", before)):
        given = [one for one in members if one.answered_by]
        figures |= {("page", name, column): value for column, value in _told(given).items()}
        figures["page", name, "received"] = len(members)
        figures["page", name, "answered"] = len(given)
        figures["page", name, "seconds"] = sum(one.gross_seconds for one in given)
    for first, last in AGES:
        figures["sans-reponse", str(first), "unanswered"] = len([age for age in ages if first <= age <= last])
    return figures


def _held(questions: Iterable[Lived]) -> dict[Cell, Value]:
    """Who had the questions, of those answered."""
    answers = [one for one in questions if one.answered_by]
    spent = {tier.value: sum(one.seconds[place] for one in answers) for place, tier in enumerate(TIERS)}
    gross = sum(one.gross_seconds for one in answers)
    spent |= {"gross": gross, "net": gross - spent[Tier.WAITING.value]}
    found: dict[Cell, Value] = {}
    for key, seconds in spent.items():
        values: tuple[Value, Value] = (mean(seconds, len(answers)), share(seconds, gross))
        if len(answers) < ENOUGH:
            values = (Untold.TOO_FEW_ANSWERS, Untold.TOO_FEW_ANSWERS) if answers else (None, None)
        found["temps-tenu", key, "mean"], found["temps-tenu", key, "share"] = values
    return found


def _bars(questions: Iterable[Lived]) -> dict[Cell, Value]:
    bars = [0] * (LAST_BAR + 1)
    for one in questions:
        if one.answered_by:
            bars[min(one.gross_days, LAST_BAR)] += 1
    return {("repartition", str(day), "answered"): count for day, count in enumerate(bars)}
