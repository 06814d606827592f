"""What the figures of « Délais » say, in words: the sentence, the four figures, the course of the months. Pure, but
for the labels.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from helpdesk.formats import count, day_text, number, percent
from helpdesk.months import MONTHS
from helpdesk.reference import get_reference
from helpdesk.reporting import Period, gives_few, is_too_few
from helpdesk.settings import Settings
from helpdesk.stats.measures import FEWEST_ANSWERS, TARGET_SHARE, Delays
from helpdesk.stats.perms import NATIONAL, Selection
from helpdesk.stats.queries.dashboard import Dashboard
from helpdesk.stats.saying import share
from helpdesk.stats.tables import Row, Table, Value
from helpdesk.tickets.deadlines import TargetUnit

MOST_NAMED = 4
"""Months past the target that are named one by one."""
NOTHING = "–"
FEWEST_DAYS_OF_A_YEAR = 100
"""A curve of fewer, a quarter, is not that of a year."""


@dataclass(frozen=True)
class Target:
    """The days that the service aims at."""

    days: int
    is_calendar: bool = True

    @classmethod
    def of(cls, settings: Settings) -> "Target":
        """The one in force."""
        return cls(settings.response_target_days, TargetUnit(settings.response_target_unit) is TargetUnit.CALENDAR)

    @property
    def within(self) -> str:
        return f"en {count(self.days, 'jour')} {'' if self.is_calendar else 'ouvrés '}ou moins"

    @property
    def beyond(self) -> str:
        return f"plus de {count(self.days, 'jour')}{'' if self.is_calendar else ' ouvrés'}"


@dataclass(frozen=True)
class Finding:
    """The sentence that comes first: *strong*, then *rest*; *notes* below."""

    strong: str
    rest: str
    notes: tuple[str, ...]


@dataclass(frozen=True)
class KeyFigure:
    """One of the four; *notes*: what stands beside it."""

    value: str
    unit: str
    label: str
    notes: tuple[str, ...]


def finding(board: Dashboard, target: Target) -> Finding:
    """The essential, in one sentence: no share under ten answers."""
    delays = board.overall
    if not delays.received_count:
        return Finding(
            "Aucune question reçue", "sur cette période.", ("Choisissez une autre période ou un autre filtre.",)
        )
    if not delays.answered_count:
        received = count(delays.received_count, "question reçue", "questions reçues")
        return Finding("Aucune réponse envoyée", f"pour {received} sur cette période.", ())
    if not delays.is_enough or delays.within_share is None:
        known = f"{count(delays.answered_count, 'réponse')} : il en faut {FEWEST_ANSWERS}."
        return Finding("Pas assez de réponses", "sur cette période pour calculer un délai.", (known,))
    aim = f"L’objectif est de {percent(TARGET_SHARE)}."
    before = f"Aux mêmes dates un an plus tôt : {share_text(board.before)}." if board.before.is_enough else ""
    return Finding(
        f"{share_text(delays)} des réponses", f"sont parties {target.within}.", tuple(filter(None, (aim, before)))
    )


def share_text(delays: Delays) -> str:
    """The share within the target; neither « 100 % », « 0 % » nor the target's own percent unless it is so."""
    return share(delays.within_share or 0, TARGET_SHARE)


def key_figures(board: Dashboard) -> tuple[KeyFigure, ...]:
    """The four figures, with those of the same days one year sooner."""
    now, before = board.overall, board.before
    sent = "réponses envoyées" if now.answered_count > 1 else "réponse envoyée"
    received = f"pour {count(now.received_count, 'question reçue', 'questions reçues')}"
    earlier = f"{count(before.answered_count, 'réponse')} un an plus tôt"
    notes = [*[received] * (board.selection.answered_by is None), *[earlier] * (before.received_count > 0)]
    return (
        KeyFigure(number(now.answered_count), "", sent, tuple(notes)),
        _days(now.median_days, before.median_days, "délai médian", now, before),
        _days(now.ninth_decile_days, before.ninth_decile_days, "pour 9 questions sur\u00a010", now, before),
        _unanswered(board),
    )


def _days(value: float | None, value_before: float | None, label: str, now: Delays, before: Delays) -> KeyFigure:
    notes = []
    if value_before is not None:
        notes.append(f"{count(value_before, 'jour') if before.is_enough else 'trop peu de réponses'} un an plus tôt")
    if value is None or not now.is_enough:
        return KeyFigure(NOTHING, "", label, (f"moins de {FEWEST_ANSWERS} réponses", *notes))
    unit = count(value, "jour").split("\u00a0")[-1]
    return KeyFigure(number(value), unit, label, tuple(notes))


def _unanswered(board: Dashboard) -> KeyFigure:
    if board.selection.answered_by:
        return KeyFigure(NOTHING, "", "questions encore sans réponse", ("elles n’ont pas de niveau de réponse",))
    total, late = len(board.unanswered), board.unanswered_late_count
    label = "questions encore sans réponse" if total > 1 else "question encore sans réponse"
    if not total:
        return KeyFigure("0", "", label, ())
    days = board.ages_days[0]
    if total == 1:
        notes = "hors délai" if late else "pas encore hors délai", f"elle a {count(days, 'jour')}"
    else:
        notes = (
            f"dont {number(late)} hors délai" if late else "aucune hors délai",
            f"la plus ancienne a {count(days, 'jour')}",
        )
    return KeyFigure(number(total), "", label, notes)


@dataclass(frozen=True)
class ChartWords:
    """*hint* stands over a drawing; *description* is for who does not see it."""

    hint: str
    description: str


TOO_FEW_DRAWN = "Trop peu de réponses pour tracer une courbe."
DATA_FOLLOW = "Les données sont dans le tableau qui suit."


def histogram_words(delays: Delays, target: Target, *, tells_all: bool) -> ChartWords:
    """How many answers were late: outside the pole, not when they are under five."""
    late = delays.late_count
    is_told = tells_all or not (is_too_few(late) or is_too_few(delays.within_count))
    verb = "ont dépassé" if late > 1 else "a dépassé"
    passed = f"{count(late, 'réponse')} {verb} l’objectif." if late else "Aucune n’a dépassé l’objectif."
    split = f"{count(delays.within_count, 'réponse')} sur {number(delays.answered_count)} {target.within}."
    return ChartWords(
        f"Nombre de réponses selon le délai. {passed if is_told else ''}".strip(),
        f"Nombre de réponses selon le délai en jours. {split + ' ' if is_told else ''}{DATA_FOLLOW}",
    )


def curve_description(table: Table) -> str:
    """Where the curves of ``par-mois`` start and end, and their last point."""
    told = [row for row in table.rows if _has_missed(row) is not None]
    if len(told) < 2:
        return f"{TOO_FEW_DRAWN} {DATA_FOLLOW}"
    places = {column.key: place for place, column in enumerate(table.columns)}
    middle, ninth = (_days_text(told[-1].values[places[key]]) for key in ("median", "ninth_decile"))
    return (
        "Délai médian, délai de neuf réponses sur dix et délai moyen, selon la date de réception "
        f"({told[0].label} à {told[-1].label}). Pour finir, {middle} de délai médian et {ninth} pour neuf réponses "
        f"sur dix. {DATA_FOLLOW}"
    )


def _days_text(value: Value) -> str:
    return count(value, "jour") if isinstance(value, int | float) else NOTHING


# --- what stands beside the tables


def share_caption(target: Target) -> str:
    """What the bars of the tables are."""
    return f"Part des réponses {target.within}."


def first_level_text(board: Dashboard, *, tells_all: bool) -> str:
    """The part of the delegations in the answers; empty under ten, and outside the pole where it counts a few."""
    part = board.first_level_share
    if part is None or not board.overall.is_enough or board.selection.answered_by:
        return ""
    if not tells_all and gives_few(part, board.overall.answered_count):
        return ""
    return f"{percent(part)} des réponses ont été données au premier niveau, par une délégation. "


def net_text(board: Dashboard) -> str:
    """The net median and the share on the day that was announced; empty under ten answers."""
    median, on_time = board.net_median_days, board.on_time_share
    if median is None or on_time is None or not board.overall.is_enough:
        return ""
    return (
        f"Délai net médian : {count(median, 'jour')}, sans l’attente d’une précision de l’adhérent. "
        f"À la date annoncée : {percent(on_time)} des réponses."
    )


def ended_otherwise_text(board: Dashboard, *, tells_all: bool) -> str:
    """The questions closed without an answer, which make up the rest of those received; outside the pole, not when
    they are under five.
    """
    ended = board.ended_otherwise_count
    if not ended or board.selection.answered_by or (is_too_few(ended) and not tells_all):
        return ""
    others = count(ended, "autre question", "autres questions")
    why = (
        "une fiche y répondait, elles sortaient du champ du service, ou elles ont été retirées."
        if ended > 1
        else "une fiche y répondait, elle sortait du champ du service, ou elle a été retirée."
    )
    verb = "sont closes" if ended > 1 else "est close"
    return f"{others} de la période {verb} sans réponse écrite : {why}"


def course_title(period: Period) -> str:
    """What the curve is called."""
    if (period.ends_on - period.starts_on).days < FEWEST_DAYS_OF_A_YEAR:
        return "L’évolution sur la période"
    is_one_year = period.starts_on.year == period.ends_on.year
    return "L’évolution au fil de l’année" if is_one_year else "L’évolution au fil du temps"


# --- the period and the filters in words


def period_text(period: Period) -> str:
    """« du 1er janvier au 22 novembre 2026 »."""
    first, last = period.starts_on, period.ends_on
    if first == last:
        return f"le {day_text(first)}"
    start = day_text(first)
    if first.year == last.year:
        start = start.rpartition("\u00a0")[0]
    return f"du {start} au {day_text(last)}"


def scope_text(selection: Selection) -> str:
    """« toutes régions, tous thèmes », or what was chosen."""
    reference = get_reference()
    if selection.delegations is None:
        places = "toutes régions"
    else:
        names = [
            reference.delegations[code].name for code in sorted(selection.delegations) if code in reference.delegations
        ]
        places = ", ".join([*names, *["sans délégation"] * (NATIONAL in selection.delegations)])
    topic = reference.topics.get(selection.topic) or reference.topic_domains.get(selection.topic)
    parts = [places, f"thème « {topic.label} »" if topic else "tous thèmes"]
    if selection.typology:
        parts.append(f"typologie « {reference.typologies[selection.typology].short_label} »")
    if selection.channel:
        parts.append(f"canal « {selection.channel.label} »")
    if selection.answered_by:
        parts.append(f"réponses de niveau « {selection.answered_by.label} »")
    return ", ".join(parts)


# --- the course of the months


def course(table: Table, target: Target) -> str:
    """Which steps of *table* (``par-mois``) passed the target, and whether it is reached again; empty: too few known.

    A step passes it when less than nine answers in ten were within: a step that is not told breaks a run.
    """
    missed = [(row, _has_missed(row)) for row in table.rows]
    told = [row for row, has_missed in missed if has_missed is not None]
    late = [row for row, has_missed in missed if has_missed]
    if len(told) < 2:
        return ""
    kind = _KINDS[_kind(told[0])]
    if not late:
        none = f"Aucun{'e' if kind == 'année' else ''} {kind} n’a dépassé l’objectif"
        return f"{none} : neuf réponses sur dix au moins sont parties {target.within}."
    if len(late) == len(told) == len(missed):
        return f"Chaque {kind}, plus d’une réponse sur dix a demandé {target.beyond}."
    is_one_year = len({row.key[:4] for row in table.rows}) == 1
    runs = [
        [row for row, _missed in run] for has_missed, run in groupby(missed, key=lambda pair: pair[1]) if has_missed
    ]
    sentence = _missed_text(runs, len(told), kind, target, last=missed[-1][0], is_one_year=is_one_year)
    return " ".join([sentence, *_reached_again(missed, is_one_year=is_one_year)])


def _missed_text(
    runs: Sequence[Sequence[Row]], told_count: int, kind: str, target: Target, *, last: Row, is_one_year: bool
) -> str:
    asked = f"plus d’une réponse sur dix a demandé {target.beyond}"
    late_count = sum(map(len, runs))
    if len(runs) == 1:
        return f"{_capital(_span(runs[0], is_last=runs[0][-1] is last, is_one_year=is_one_year))}, {asked}."
    if late_count <= MOST_NAMED:
        names = [_in(row, is_one_year=is_one_year) for run in runs for row in run]
        return f"{_capital(asked)} {', '.join(names[:-1])} et {names[-1]}."
    plural = kind if kind.endswith("s") else f"{kind}s"
    return f"Sur {told_count} {plural}, {late_count} ont dépassé l’objectif : {asked.replace(' a ', ' y a ', 1)}."


def _reached_again(missed: Sequence[tuple[Row, bool | None]], *, is_one_year: bool) -> Iterator[str]:
    """Said where the last steps are all told and within."""
    tail: list[Row] = []
    for row, has_missed in reversed(missed):
        if has_missed is not False:
            break
        tail.append(row)
    if tail:
        first = tail[-1]
        when = _in(first, is_one_year=is_one_year) if len(tail) == 1 else _since(first, is_one_year=is_one_year)
        yield f"{_capital(when)}, l’objectif est de nouveau tenu."


def _has_missed(row: Row) -> bool | None:
    within = row.values[-1]
    return within < TARGET_SHARE if isinstance(within, int | float) else None


_KINDS = {"month": "mois", "quarter": "trimestre", "year": "année"}


def _kind(row: Row) -> str:
    return "quarter" if "-T" in row.key else "month" if "-" in row.key else "year"


def _name(row: Row, *, is_one_year: bool) -> str:
    year, _, rest = row.key.partition("-")
    if not rest:
        return year
    if rest.startswith("T"):
        rank = rest[1:]
        words = f"{rank}{'er' if rank == '1' else 'e'} trimestre"
    else:
        words = MONTHS[int(rest) - 1]
    return words if is_one_year else f"{words} {year}"


def _in(row: Row, *, is_one_year: bool) -> str:
    return f"{'au' if _kind(row) == 'quarter' else 'en'} {_name(row, is_one_year=is_one_year)}"


def _since(row: Row, *, is_one_year: bool) -> str:
    return f"depuis {'le ' if _kind(row) == 'quarter' else ''}{_name(row, is_one_year=is_one_year)}"


def _span(run: Sequence[Row], *, is_last: bool, is_one_year: bool) -> str:
    first, last = run[0], run[-1]
    if len(run) == 1:
        return _in(first, is_one_year=is_one_year)
    if len(run) == 2 and not is_last:
        return f"{_in(first, is_one_year=is_one_year)} et {_in(last, is_one_year=is_one_year)}"
    if is_last:
        return _since(first, is_one_year=is_one_year)
    start, end = _name(first, is_one_year=is_one_year), _name(last, is_one_year=is_one_year)
    if _kind(first) == "quarter":
        return f"du {start} au {end}"
    return f"{'d’' if start[0] in 'ao' else 'de '}{start} à {end}"


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]
