"""« Rapport annuel »: the page that the federation prints, its files, and the year that the lead freezes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby
from typing import Any

from flask import Response, current_app, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from helpdesk import clock, settings_of
from helpdesk.errors import NotFound
from helpdesk.formats import day_text
from helpdesk.months import SHORT_MONTHS
from helpdesk.reference import get_reference
from helpdesk.stats import comparing, operations, perms, reading
from helpdesk.stats.annual import Kept, Report
from helpdesk.stats.digest import digest_of
from helpdesk.stats.exporting.formats import FileFormat
from helpdesk.stats.forms import FreezeForm
from helpdesk.stats.measures import TARGET_SHARE
from helpdesk.stats.queries.frozen import kept_report, versions
from helpdesk.stats.queries.report import annual_report, report_years
from helpdesk.stats.reading import Target
from helpdesk.stats.tables import Row, Table, Untold
from helpdesk.stats.views.blueprint import actor, blueprint
from helpdesk.stats.views.drawings import curve_of, histogram_of
from helpdesk.stats.views.files import FORMATS, download, written
from helpdesk.web import lead_only, staff_only

WIDE = frozenset({"repartition", "par-mois", "plus-lues"})
"""Drawings, and labels that are sentences."""
SMALL_COLUMNS = 3
NAMED_DELEGATIONS = 3
"""In the name of a file; more of them are counted."""
NOW = "recalcul"
"""In the address: today's figures, although the year is frozen."""


@blueprint.get("/delais/rapport/<int:year>")
@staff_only
def report(year: int) -> str:
    """The figures that were frozen last, or those of « version »; otherwise those of now."""
    return _page(_asked(year), FreezeForm(formdata=None))


@blueprint.get("/delais/rapport/<int:year>/imprimer")
@staff_only
def report_print(year: int) -> str:
    """The same on A4, every table open, the definitions at the end."""
    asked = _asked(year)
    return render_template("stats/report_print.html", **_told(asked))


@blueprint.get(f"/delais/rapport/<int:year>/export.<{FORMATS}:file_format>")
@staff_only
def report_export(year: int, file_format: str) -> Response:
    """The same as a file, which says in its name and with its definitions what the figures are of."""
    asked, kind = _asked(year), FileFormat(file_format)
    title = f"Rapport annuel {year}, {_scope()}"
    book = [_introduced(table, f"{title}. {_state(asked)}") for table in asked.shown.book]
    return download(written(book, kind, title=title), kind, name=_file_name(asked), table_count=len(book))


@blueprint.post("/delais/rapport/<int:year>/figer")
@lead_only
def freeze_report(year: int) -> BaseResponse | tuple[str, int]:
    """Keep the figures of now, those of the page that the form stood on, once more if the year was frozen before."""
    asked, form = _asked(year), FreezeForm()
    seen_number, seen_digest = form.seen_number, form.figures.data or ""
    status = form.submit(
        lambda: operations.freeze(actor(), asked.today, seen_number=seen_number, seen_digest=seen_digest)
    )
    if status != 303:
        return _page(_asked(year), form), status
    flash(f"Les chiffres de {year} sont figés.", "ok")
    return redirect(url_for("stats.report", year=year), 303)


@dataclass(frozen=True)
class _Asked:
    """A year as the address asks for it; *version*: of the frozen figures, none: those of now.

    *years*: those that have a report.
    """

    year: int
    years: tuple[int, ...]
    versions: tuple[Kept, ...]
    version: Kept | None

    @cached_property
    def today(self) -> Report:
        return annual_report(perms.widest(actor()), self.year, clock.now())

    @cached_property
    def shown(self) -> Report:
        return kept_report(actor(), self.year, self.version) if self.version else self.today

    @cached_property
    def differences(self) -> list[comparing.Difference]:
        return comparing.differences(self.shown.tables, self.today.tables) if self.version else []


def _asked(year: int) -> _Asked:
    """What the address of the request asks for.

    A year that was frozen stays, even when its questions are gone.

    :raises NotFound: for a year before the first question or to come, or a version that is not there.
    """
    kept, asked_for = versions(actor()), report_years(clock.today())
    if year not in kept and year not in asked_for:
        raise NotFound
    years, found = tuple(sorted({*kept, *asked_for})), tuple(kept.get(year, ()))
    wanted = request.args.get("version", "")
    if wanted:
        version = next((one for one in found if str(one.number) == wanted), None)
        if version is None:
            raise NotFound
        return _Asked(year, years, found, version)
    return _Asked(year, years, found, found[-1] if found and not request.args.get(NOW) else None)


def _page(asked: _Asked, form: FreezeForm) -> str:
    """What can be frozen is what is shown: where that is a frozen year already, a link leads to the figures of now."""
    can_freeze = perms.can_freeze(actor()) and asked.year < clock.today().year
    form.seen.data, form.confirmed.data = str(len(asked.versions)), False
    if can_freeze and asked.version is None:
        form.figures.data = digest_of(asked.today)
    return render_template(
        "stats/report.html",
        form=form,
        years=asked.years,
        can_freeze=can_freeze,
        **_told(asked),
    )


def _laid_out(tables: Sequence[Table]) -> list[tuple[bool, list[Table]]]:
    """Whether they take the whole width, one below the other, or stand side by side."""
    return [(is_wide, [_said_once(table) for table in some]) for is_wide, some in groupby(tables, key=_is_wide)]


def _said_once(table: Table) -> Table:
    """*table* where « moins de 10 réponses » stands in the last column of a row alone."""
    few = Untold.TOO_FEW_ANSWERS
    rows = (
        replace(row, values=(*(None if value is few else value for value in row.values[:-1]), row.values[-1]))
        for row in table.rows
    )
    return replace(table, rows=tuple(rows))


def _is_wide(table: Table) -> bool:
    return table.key in WIDE or len(table.columns) > SMALL_COLUMNS


def _scope() -> str:
    """Whose questions are counted for the reader."""
    codes, known = perms.widest(actor()).delegations, get_reference().delegations
    if codes is None:
        return "toutes délégations"
    return ", ".join(sorted(known[code].name for code in codes if code in known))


def _state(asked: _Asked) -> str:
    """Which figures these are, in the words of the page."""
    shown, kept = asked.shown, asked.shown.kept
    if kept:
        return f"Chiffres figés le {day_text(kept.at)} par {kept.by}, version {kept.number} sur {len(asked.versions)}."
    if not shown.is_whole_year:
        return f"Chiffres arrêtés au {day_text(shown.until_on)}\u00a0: l’année n’est pas finie."
    since = "\u00a0: l’année est figée, ceux-ci sont recalculés" if asked.versions else ""
    return f"Chiffres calculés le {day_text(clock.now())}{since}."


def _introduced(table: Table, words: str) -> Table:
    """The definitions begin with what the figures are; the other tables as they are."""
    if table.key != "definitions":
        return table
    return replace(table, rows=(Row("these", "Ces chiffres", (words,)), *table.rows))


def _file_name(asked: _Asked) -> str:
    """« rapport-annuel-2026-bretagne », « rapport-annuel-2026-fige-1 »; without a region: of all of them."""
    codes = sorted(perms.widest(actor()).delegations or ())
    scope = codes if len(codes) <= NAMED_DELEGATIONS else [f"{len(codes)}-delegations"]
    now = [NOW] if asked.versions else []
    state = [f"fige-{asked.version.number}"] if asked.version else now
    return "-".join(["rapport-annuel", str(asked.year), *scope, *state])


def _told(asked: _Asked) -> dict[str, Any]:
    """What the page and its print show."""
    shown, target = asked.shown, Target.of(settings_of(current_app))
    by_month = shown.told.get("par-mois")
    labels = [SHORT_MONTHS[int(row.key) - 1] for row in by_month.rows] if by_month else []
    return {
        "year": asked.year,
        "report": shown,
        "parts": [(section, _laid_out(section.tables)) for section in shown.sections],
        "versions": asked.versions,
        "scope": _scope(),
        "now": clock.now(),
        "target": target,
        "target_share": TARGET_SHARE,
        "histogram_shape": histogram_of(shown.told["repartition"], target) if "repartition" in shown.told else None,
        "curve_shape": curve_of(by_month, target, labels) if by_month else None,
        "curve_description": reading.curve_description(by_month) if by_month else "",
        "differences": asked.differences,
        "difference_table": comparing.as_table(asked.differences),
    }
