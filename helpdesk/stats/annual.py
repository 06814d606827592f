"""The annual report, told from its tables alone: a frozen year keeps nothing else, and says the same words.

Nothing here knows who reads: the report leaves the pole, so that everybody reads what may be told outside.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property

from helpdesk import reporting
from helpdesk.formats import count, day_text, number, percent
from helpdesk.reporting import Share
from helpdesk.stats.measures import FEWEST_ANSWERS, TARGET_SHARE
from helpdesk.stats.tables import Column, Kind, Row, Table, Untold, Value

YEAR, BEFORE = "year", "before"
"""The year of the report and the one before it: rows of the small tables, columns of counts."""
TOP_COUNT = 3
FEWEST_COMPARED = 20
"""Under it a change is told in numbers, not in percentages."""
_OF_NOBODY = frozenset({"faq-fiches", "juri-seances"})
"""Of entries and sessions: a small number of them says nothing of anybody."""
_MERGED = {"juri-reponses": "Autrement", "juri-themes": "Autres thèmes", "juri-regions": "Autres régions"}
"""Where most rows are small: these are told together, under that name."""
_SAID_TWICE = {"faq-estimation": ("fins", "faq", "closed"), "sans-reponse": ("devenir", "unanswered", "unanswered")}
"""Tables whose column tells again, or adds up to, a line of another table: not told there, it is not here either."""
Told = Mapping[str, Table]
Definitions = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Kept:
    """When the figures were frozen and by whom; *number*: 1 for the first time."""

    number: int
    at: datetime
    by: str


@dataclass(frozen=True)
class Section:
    """A part of the report: what it says first, then its tables."""

    key: str
    title: str
    sentences: Sequence[str]
    tables: Sequence[Table]


@dataclass(frozen=True)
class Report:
    """The questions of *year* up to *until_on*; *tables* by key, small numbers included.

    *kept*: the figures of a frozen year; none: those of now.
    """

    year: int
    until_on: date
    tables: Mapping[str, Table]
    definitions: Definitions
    kept: Kept | None = None

    @property
    def is_whole_year(self) -> bool:
        return (self.until_on.month, self.until_on.day) == (12, 31)

    @cached_property
    def told(self) -> Told:
        """What leaves the pole: the pages, the print and the files show nothing else."""
        told = {key: told_outside(table) for key, table in self.tables.items()}
        return told | {key: _hidden_too(told[key], told) for key in _SAID_TWICE if key in told}

    @cached_property
    def sections(self) -> Sequence[Section]:
        """In the order of the page. A table that no part knows any more, in an old year, comes last."""
        known = {key for part in _PARTS for key in part.tables}
        rest = _Part("autres", "Autres tableaux", tuple(key for key in self.tables if key not in known), _say_nothing)
        sections = []
        for part in (*_PARTS, rest):
            tables = [self.told[key] for key in part.tables if key in self.told]
            if tables:
                sections.append(Section(part.key, part.title, list(part.say(self)), tables))
        return sections

    @property
    def book(self) -> Sequence[Table]:
        """The tables of a file, the definitions last."""
        rows = tuple(Row(str(place), term, (words,)) for place, (term, words) in enumerate(self.definitions, 1))
        columns = (Column("meaning", "Ce qui est compté", Kind.TEXT),)
        tables = [table for section in self.sections for table in section.tables]
        return [*tables, Table("definitions", "Définitions", "Terme", columns, rows)]

    def cell(self, key: str, row: str, column: str) -> Value:
        """What may be told there; none where there is no such cell."""
        return self.told[key].as_mapping().get((row, column)) if key in self.told else None

    @property
    def when(self) -> str:
        return f"en {self.year}" if self.is_whole_year else f"en {self.year}, jusqu’au {day_text(self.until_on)}"


@dataclass(frozen=True)
class _Part:
    key: str
    title: str
    tables: tuple[str, ...]
    say: Callable[[Report], Iterator[str]]


def told_outside(table: Table) -> Table:
    """*table* as it may leave the pole: see :meth:`Table.told_outside`."""
    if table.key in _OF_NOBODY:
        return table
    if table.key not in _MERGED:
        return table.told_outside()
    others = _MERGED[table.key]
    shares = [Share(row.label, row.values[0]) for row in table.rows if isinstance(row.values[0], int)]
    told = reporting.told_outside(shares, others=others)
    if [share.label for share in told] == [others]:
        return replace(table, rows=(), note="Trop peu pour être détaillé.")
    return replace(table, rows=tuple(Row(share.label, share.label, (_told(share),)) for share in told))


def _hidden_too(table: Table, told: Told) -> Table:
    """*table* without the figure that another table does not tell."""
    other, row, column = _SAID_TWICE[table.key]
    reason = told[other].as_mapping().get((row, YEAR)) if other in told else None
    if not isinstance(reason, Untold):
        return table
    places = {place for place, one in enumerate(table.columns) if one.key == column}
    rows = (
        replace(row, values=tuple(reason if place in places else value for place, value in enumerate(row.values)))
        for row in table.rows
    )
    return replace(table, rows=tuple(rows))


def _told(share: Share) -> Value:
    return Untold.FEW if reporting.is_too_few(share.number) else share.number


# --- what each part says


def _say_nothing(_report: Report) -> Iterator[str]:
    yield from ()


def _say_year(report: Report) -> Iterator[str]:
    received = report.cell("annee", YEAR, "received")
    if not received:
        yield f"Aucune sollicitation n’est arrivée {report.when}."
        return
    structures = report.cell("annee", YEAR, "structures")
    asked = _many(received, "sollicitation reçue", "sollicitations reçues")
    yield f"{asked} {report.when}, de {_many(structures, 'structure différente', 'structures différentes')}."
    before = report.cell("annee", BEFORE, "received")
    if isinstance(received, int) and isinstance(before, int):
        days = "" if report.is_whole_year else " aux mêmes jours"
        yield f"En {report.year - 1}{days}, le service en avait reçu {number(before)} : {_change(received, before)}."
    answered, waiting = (report.cell("devenir", row, YEAR) for row in ("answered", "unanswered"))
    if answered:
        left = (
            f"{_many(waiting, 'question')} {_verb(waiting, 'attend', 'attendent')} encore"
            if waiting
            else "aucune n’attend plus"
        )
        yield f"{_many(answered, 'question')} {_verb(answered, 'a', 'ont')} leur réponse ; {left}."


def _say_topics(report: Report) -> Iterator[str]:
    whole = report.cell("annee", YEAR, "received")
    for key, words in (("par-theme", "thèmes les plus demandés"), ("sujets", "sujets qui reviennent le plus")):
        first = _first_rows(report, key)
        if len(first) == TOP_COUNT and isinstance(whole, int):
            listed = [_topic_words(report, key, row, whole) for row in first]
            yield f"Les trois {words} sont {listed[0]}, {listed[1]} et {listed[2]}."


def _first_rows(report: Report, key: str) -> list[Row]:
    """The most asked for, in a table that has them in this order."""
    rows = report.told[key].rows if key in report.told else ()
    told = [row for row in rows if isinstance(report.cell(key, row.key, "received"), int) and row.key != "-"]
    return told[:TOP_COUNT]


def _topic_words(report: Report, key: str, row: Row, whole: int) -> str:
    """« « Fiscalité » (120 questions, 10 % ; 12 % de plus qu’en 2025) »."""
    received, before = (report.cell(key, row.key, column) for column in ("received", "before"))
    words = f"« {row.label} » ("
    if isinstance(received, int):
        words += count(received, "question")
        if whole >= FEWEST_COMPARED:
            words += f", {percent(received / whole)}"
        if isinstance(before, int) and before >= FEWEST_COMPARED:
            words += f" ; {_change(received, before, f'en {report.year - 1}')}"
    return words + ")"


def _say_delays(report: Report) -> Iterator[str]:
    answered = report.cell("delais", YEAR, "answered")
    within = report.cell("delais", YEAR, "within")
    if isinstance(within, float):
        before = report.cell("delais", BEFORE, "within")
        beside = f" ({_share(before)} en {report.year - 1})" if isinstance(before, float) else ""
        yield (
            f"{_share(within).capitalize()} des réponses sont parties dans l’objectif{beside} ; le service en vise "
            f"{percent(TARGET_SHARE)}."
        )
        mean, middle, ninth = (_days(report.cell("delais", YEAR, key)) for key in ("mean", "median", "ninth_decile"))
        before = report.cell("delais", BEFORE, "mean")
        beside = f" ({_days(before)} en {report.year - 1})" if isinstance(before, float) else ""
        yield (
            f"Le délai moyen est de {mean}{beside} ; la moitié des réponses a demandé {middle} ou moins, neuf sur dix "
            f"{ninth} ou moins."
        )
    elif answered:
        yield f"Moins de {FEWEST_ANSWERS} réponses : ni moyenne, ni médiane, ni pourcentage."
    else:
        yield "Aucune réponse : pas de délai à donner."
    share = report.cell("a-cote", YEAR, "first_level")
    if isinstance(share, float):
        yield f"Les délégations ont donné elles-mêmes {_share(share)} des réponses."
    waiting, oldest = report.cell("devenir", "unanswered", YEAR), report.cell("attente", YEAR, "oldest")
    if waiting:
        yield (
            f"{_many(waiting, 'question')} de l’année {_verb(waiting, 'attend', 'attendent')} encore une réponse, "
            f"la plus ancienne depuis "
            f"{_days(oldest)} ; leur délai n’entre dans aucune moyenne."
        )


def _say_quality(report: Report) -> Iterator[str]:
    urgent, quick = (report.cell("urgences", YEAR, column) for column in ("received", "within_day"))
    if urgent:
        answers = _many(quick, "réponse complète", "réponses complètes")
        yield (
            f"{_many(urgent, 'question urgente', 'questions urgentes')} ; {answers} en 24 heures ou "
            f"moins{_share_words(quick, urgent)}."
        )
    reopened, corrected = (report.cell("reprises", YEAR, column) for column in ("reopened", "corrected"))
    yield f"Questions rouvertes : {_figure(reopened)} ; réponses corrigées : {_figure(corrected)}."
    answered, rated = (report.cell("satisfaction", YEAR, column) for column in ("answered", "rated"))
    if rated:
        yield f"Un avis a été donné sur {_many(rated, 'réponse')}{_share_words(rated, answered)}."
        useful = report.cell("avis", "useful", YEAR)
        if isinstance(useful, int) and isinstance(rated, int) and rated >= FEWEST_ANSWERS:
            yield f"{_share(useful / rated).capitalize()} de ces avis disent que la réponse a été utile."
    else:
        yield "Aucun avis n’a été donné sur les réponses."


def _say_faq(report: Report) -> Iterator[str]:
    closed, avoided = (report.cell("faq-estimation", YEAR, column) for column in ("closed", "avoided"))
    if isinstance(closed, int) and isinstance(avoided, int):
        yield (
            f"Résolues par la FAQ (estimation) : {count(closed + avoided, 'question')}, dont {number(closed)} closes "
            f"parce qu’une fiche y répondait et {number(avoided)} évitées avant l’envoi."
        )
    elif closed is not None:
        also = f", évitées avant l’envoi : {_figure(avoided)}" if avoided is not None else ""
        yield f"Résolues par la FAQ (estimation) : closes parce qu’une fiche y répondait : {_figure(closed)}{also}."
    if "faq-fiches" in report.told:
        published, revised, confirmed = (
            sum(value for row in report.told["faq-fiches"].rows if isinstance(value := row.values[place], int))
            for place in range(3)
        )
        yield (
            f"{count(published, 'fiche publiée', 'fiches publiées')}, {count(revised, 'révisée')}, "
            f"{count(confirmed, 'relue et confirmée', 'relues et confirmées')}."
        )


def _say_juri(report: Report) -> Iterator[str]:
    held = report.cell("juri-seances", YEAR, "held")
    helped, asked = (report.cell("juri", YEAR, column) for column in ("organisations", "received"))
    if not (held or helped or asked):
        yield "Aucune séance n’a été tenue, aucune question de PTCE n’est arrivée."
        return
    sessions = f"{_many(held, 'séance tenue', 'séances tenues')} ; " if held else ""
    yield f"{sessions}PTCE accompagnés : {_figure(helped)} ; questions reçues : {_figure(asked)}."
    mean, middle = (report.cell("juri-delais", YEAR, column) for column in ("mean", "median"))
    if isinstance(mean, float):
        yield f"Une réponse a demandé {_days(mean)} en moyenne, la moitié {_days(middle)} ou moins."


_PARTS = (
    _Part("annee", "L’année en bref", ("annee", "devenir", "fins"), _say_year),
    _Part("themes", "Les thèmes de l’année", ("par-theme", "sujets"), _say_topics),
    _Part(
        "delais",
        "Les délais de réponse",
        ("delais", "a-cote", "par-niveau", "repartition", "par-mois", "temps-tenu", "sans-reponse", "attente"),
        _say_delays,
    ),
    _Part(
        "detail",
        "Par région, par canal, par typologie",
        ("par-delegation", "par-canal", "par-typologie"),
        _say_nothing,
    ),
    _Part(
        "qualite",
        "Urgences, reprises et satisfaction",
        ("urgences", "reprises", "satisfaction", "avis"),
        _say_quality,
    ),
    _Part("faq", "La FAQ", ("faq-estimation", "faq-fiches", "plus-lues", "recherches"), _say_faq),
    _Part(
        "juri-ptce",
        "La permanence Juri-PTCE",
        ("juri", "juri-seances", "juri-delais", "juri-reponses", "juri-themes", "juri-regions"),
        _say_juri,
    ),
)


# --- figures in words


def _many(value: Value, noun: str, plural: str | None = None) -> str:
    """« 12 questions », « moins de 5 questions »."""
    if isinstance(value, int):
        return count(value, noun, plural)
    return f"{_figure(value)} {plural or noun + 's'}"


def _verb(value: Value, one: str, many: str) -> str:
    return one if value in (0, 1) else many


def _figure(value: Value) -> str:
    return number(value) if isinstance(value, int | float) else str(value or "–")


def _days(value: Value) -> str:
    return count(value, "jour") if isinstance(value, int | float) else _figure(value)


def _share(share: float) -> str:
    """« 88 % »; « 100 % » is said of all of them alone, and « 0 % » of none."""
    if 0 < share < 0.005:
        return f"moins de {percent(0.01)}"
    return f"plus de {percent(0.99)}" if 0.995 <= share < 1 else percent(share)


def _share_words(part: Value, whole: Value) -> str:
    """« , soit 55 % »; nothing where it would say more of chance, or give a small number away."""
    if isinstance(part, int) and isinstance(whole, int) and whole >= FEWEST_ANSWERS:
        return f", soit {_share(part / whole)}"
    return ""


def _change(now: int, before: int, since: str = "") -> str:
    """« 12 % de plus », « 3 de moins qu’en 2025 », « autant »."""
    than = f" qu’{since}" if since else ""
    if now == before:
        return f"autant{than}"
    way = "de plus" if now > before else "de moins"
    if before >= FEWEST_COMPARED and not round(abs(now - before) / before * 100):
        return f"presque autant{than}"
    if before < FEWEST_COMPARED:
        return f"{number(abs(now - before))} {way}{than}"
    return f"{percent(abs(now - before) / before)} {way}{than}"
