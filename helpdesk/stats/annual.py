"""The annual report, told from its tables alone: a frozen year keeps nothing else, and says the same words.

Nothing here knows who reads: the report leaves the pole, so that everybody reads what may be told outside.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from helpdesk.formats import count, day_text, number, percent
from helpdesk.stats.measures import FEWEST_ANSWERS, TARGET_SHARE
from helpdesk.stats.saying import (
    FEWEST_COMPARED,
    change,
    clause,
    days,
    figure,
    is_said,
    listed,
    many,
    sentence,
    share,
    share_words,
)
from helpdesk.stats.tables import Column, Kind, Row, Table, Value
from helpdesk.stats.telling import BEFORE, YEAR, Told, told_together

TOP_COUNT = 3
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
        return told_together(self.tables)

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


# --- what each part says


def _say_nothing(_report: Report) -> Iterator[str]:
    yield from ()


def _say_year(report: Report) -> Iterator[str]:
    received = report.cell("annee", YEAR, "received")
    if not received:
        yield f"Aucune sollicitation n’est arrivée {report.when}."
        return
    structures = many(report.cell("annee", YEAR, "structures"), "structure différente", "structures différentes")
    asked = many(received, "sollicitation reçue", "sollicitations reçues")
    yield from sentence(f"{asked} {report.when}" + (f", de {structures}" if structures else ""))
    before = report.cell("annee", BEFORE, "received")
    if isinstance(received, int) and isinstance(before, int):
        yield from sentence(_since_before(report, received, before))
    answered, waiting = (report.cell("devenir", row, YEAR) for row in ("answered", "unanswered"))
    has_answers = clause(answered, "question", "a sa réponse", "ont leur réponse")
    if has_answers:
        left = clause(waiting, "autre|autres", "attend encore", "attendent encore", none="aucune n’attend plus")
    else:
        left = clause(waiting, "question", "attend encore une réponse", "attendent encore une réponse")
    yield from sentence(has_answers, left)


def _since_before(report: Report, received: int, before: int) -> str:
    """« C’est 12 % de plus qu’en 2025 : le service en avait alors reçu 100 »; the number alone where it is small."""
    sooner = f"{report.year - 1}"
    same_days = "" if report.is_whole_year else "aux mêmes jours "
    whose = f"de {sooner}" if report.is_whole_year else f"des mêmes jours de {sooner}"
    changed = change(received, before, f"{same_days}{'de' if same_days else 'en'} {sooner}", of=whose)
    if changed:
        return f"C’est {changed} : le service en avait alors reçu {number(before)}"
    some = f"avait reçu {number(before)}" if before else "n’avait rien reçu"
    return f"En {sooner}{', aux mêmes jours' if same_days else ''}, le service {'en ' if before else ''}{some}"


def _say_topics(report: Report) -> Iterator[str]:
    whole = report.cell("annee", YEAR, "received")
    for key, words in (("par-theme", "thèmes les plus demandés"), ("sujets", "sujets qui reviennent le plus")):
        first = _first_rows(report, key)
        if len(first) == TOP_COUNT and isinstance(whole, int):
            told = listed([_topic_words(report, key, row, whole) for row in first])
            yield f"Les trois {words} sont {told}."


def _first_rows(report: Report, key: str) -> list[Row]:
    """The most asked for, in a table that has them in this order."""
    rows = report.told[key].rows if key in report.told else ()
    told = [row for row in rows if row.key != "-" and _is_some(report.cell(key, row.key, "received"))]
    return told[:TOP_COUNT]


def _is_some(value: Value) -> bool:
    return isinstance(value, int) and value > 0


def _topic_words(report: Report, key: str, row: Row, whole: int) -> str:
    """« « Fiscalité » (120 questions, 10 % ; 12 % de plus qu’en 2025) »."""
    received, before = (report.cell(key, row.key, column) for column in ("received", "before"))
    words = many(received, "question")
    if isinstance(received, int):
        words += f", {percent(received / whole)}" if whole >= FEWEST_COMPARED else ""
        if isinstance(before, int):
            sooner = report.year - 1
            changed = change(received, before, f"en {sooner}", of=f"de {sooner}")
            words += f" ; {changed}" if changed else ""
    return f"« {row.label} » ({words})"


def _say_delays(report: Report) -> Iterator[str]:
    within, answered = (report.cell("delais", YEAR, column) for column in ("within", "answered"))
    if isinstance(within, float):
        yield from _say_days(report, within)
    elif answered:
        yield f"Moins de {FEWEST_ANSWERS} réponses : ni moyenne, ni médiane, ni pourcentage."
    else:
        yield "Aucune réponse : pas de délai à donner."
    part = report.cell("a-cote", YEAR, "first_level")
    if isinstance(part, int | float):
        told = f"Les délégations ont donné elles-mêmes {share(part)} des réponses"
        yield from sentence(told if part else "Aucune réponse n’a été donnée par une délégation")
    waiting, oldest = report.cell("devenir", "unanswered", YEAR), report.cell("attente", YEAR, "oldest")
    if waiting:
        questions = many(waiting, "question") or "Des questions"
        since = f", la plus ancienne depuis {days(oldest)}" if isinstance(oldest, int | float) else ""
        verb = "attend" if waiting == 1 else "attendent"
        yield from sentence(
            f"{questions} de l’année {verb} encore une réponse{since}", "leur délai n’entre dans aucune moyenne"
        )


def _say_days(report: Report, within: float) -> Iterator[str]:
    """The share within the target, then the days, with those of the year before."""
    sooner = report.year - 1
    before = report.cell("delais", BEFORE, "within")
    beside = f" ({share(before, TARGET_SHARE)} en {sooner})" if isinstance(before, float) else ""
    yield from sentence(
        f"{share(within, TARGET_SHARE)} des réponses sont parties dans l’objectif{beside}",
        f"le service en vise {percent(TARGET_SHARE)}",
    )
    mean, middle, ninth = (days(report.cell("delais", YEAR, key)) for key in ("mean", "median", "ninth_decile"))
    before = report.cell("delais", BEFORE, "mean")
    beside = f" ({days(before)} en {sooner})" if isinstance(before, float) else ""
    yield from sentence(
        f"Le délai moyen est de {mean}{beside}",
        f"la moitié des réponses a demandé {middle} ou moins, neuf sur dix {ninth} ou moins",
    )


def _say_quality(report: Report) -> Iterator[str]:
    urgent, quick = (report.cell("urgences", YEAR, column) for column in ("received", "within_day"))
    if urgent:
        nobody = "aucune n’a eu de réponse complète en 24 heures ou moins"
        answers = f"ont eu leur réponse complète en 24 heures ou moins{share_words(quick, urgent)}"
        had = f"{figure(quick)} {answers}" if is_said(quick) and quick else nobody if quick == 0 else ""
        yield from sentence(
            clause(urgent, "question", "était urgente", "étaient urgentes"),
            had if isinstance(urgent, int) or quick == 0 else "",
        )
    reopened, corrected = (report.cell("reprises", YEAR, column) for column in ("reopened", "corrected"))
    yield from sentence(
        clause(reopened, "question", "a été rouverte", "ont été rouvertes", none="aucune question n’a été rouverte"),
        clause(corrected, "réponse", "a été corrigée", "ont été corrigées", none="aucune réponse n’a été corrigée"),
    )
    answered, rated = (report.cell("satisfaction", YEAR, column) for column in ("answered", "rated"))
    if rated == 0:
        yield "Aucun avis n’a été donné sur les réponses."
    elif is_said(rated):
        yield f"Un avis a été donné sur {many(rated, 'réponse')}{share_words(rated, answered)}."
        useful = report.cell("avis", "useful", YEAR)
        if isinstance(useful, int) and isinstance(rated, int) and rated >= FEWEST_ANSWERS:
            said = f"{share(useful / rated)} de ces avis disent que la réponse a été utile"
            yield from sentence(said if useful else "Aucun de ces avis ne dit que la réponse a été utile")


def _say_faq(report: Report) -> Iterator[str]:
    closed, avoided = (report.cell("faq-estimation", YEAR, column) for column in ("closed", "avoided"))
    because, sooner = "parce qu’une fiche y répondait", "avant l’envoi"
    if isinstance(closed, int) and isinstance(avoided, int) and closed and avoided:
        yield (
            f"Résolues par la FAQ (estimation) : {count(closed + avoided, 'question')}, dont {number(closed)} closes "
            f"{because} et {number(avoided)} évitées {sooner}."
        )
    else:
        none = f"aucune question n’a été close {because}"
        yield from sentence(
            clause(closed, "question", f"a été close {because}", f"ont été closes {because}", none=none),
            clause(avoided, "question", f"a été évitée {sooner}", f"ont été évitées {sooner} (estimation)"),
        )
    if "faq-fiches" in report.told:
        yield from sentence(_entries_words(report.told["faq-fiches"]))


def _entries_words(table: Table) -> str:
    """« 12 fiches publiées, 3 révisées »: what was not done is left out."""
    done = (("publiée", "publiées"), ("révisée", "révisées"), ("relue et confirmée", "relues et confirmées"))
    parts: list[str] = []
    for place, (one, more) in enumerate(done):
        times = sum(value for row in table.rows if isinstance(value := row.values[place], int))
        if times:
            parts.append(count(times, one, more) if parts else count(times, f"fiche {one}", f"fiches {more}"))
    return ", ".join(parts) or "Aucune fiche n’a été publiée, révisée ni relue"


def _say_juri(report: Report) -> Iterator[str]:
    held = report.cell("juri-seances", YEAR, "held")
    helped, asked = (report.cell("juri", YEAR, column) for column in ("organisations", "received"))
    if not (held or helped or asked):
        yield "Aucune séance n’a été tenue, aucune question de PTCE n’est arrivée."
        return
    yield from sentence(
        clause(held, "séance", "a été tenue", "ont été tenues", none="aucune séance n’a été tenue"),
        clause(helped, "PTCE|PTCE", "a été accompagné", "ont été accompagnés"),
        clause(asked, "question", "est arrivée", "sont arrivées", none="aucune question n’est arrivée"),
    )
    mean, middle = (report.cell("juri-delais", YEAR, column) for column in ("mean", "median"))
    if isinstance(mean, float):
        yield f"À l’heure près, une réponse a demandé {days(mean)} en moyenne, la moitié {days(middle)} ou moins."


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
