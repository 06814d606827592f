"""The tables of « Délais » as its reader sees them, and the files they leave in."""

from collections.abc import Mapping
from dataclasses import replace

from flask import Response, render_template, request

from helpdesk import clock
from helpdesk.accounts.models import Person
from helpdesk.errors import NotFound
from helpdesk.kb.slugs import slug_of
from helpdesk.reporting import Period
from helpdesk.stats import perms, reading
from helpdesk.stats.breakdown import DELAY_COLUMNS, RECEIVED, delay_values
from helpdesk.stats.exporting.formats import FileFormat
from helpdesk.stats.forms import DATES, DelaysForm
from helpdesk.stats.queries.dashboard import Dashboard, dashboard
from helpdesk.stats.queries.frozen import versions
from helpdesk.stats.queries.report import report_years
from helpdesk.stats.tables import Column, Kind, Row, Table, Value
from helpdesk.stats.views.blueprint import actor, blueprint
from helpdesk.stats.views.files import FORMATS, file_of
from helpdesk.stats.wording import DEFINITIONS
from helpdesk.web import staff_only

BY_ANSWERS = {"par-theme", "par-typologie", "par-canal"}
ON_CARDS = ("answered", "median", "within")
"""The columns of a card; the files have all of them."""


@blueprint.get(f"/delais/export.<{FORMATS}:file_format>")
@staff_only
def export_delays(file_format: str) -> Response | tuple[str, int]:
    """All the tables, or the one that ``table`` names: never a count under five, whoever asks."""
    form, today = asked_form(actor()), clock.today()
    if not form.validate():
        return render_template("stats/delays.html", form=form, board=None), 422
    period = form.period(today)
    board = dashboard(form.selection(actor()), period, clock.now())
    name = _file_name(form, period)
    title = f"Délais de réponse {reading.period_text(period)}, {reading.scope_text(board.selection)}"
    book = {"ensemble": summary(board), **tables_of(board)}
    if wanted := request.args.get("table"):
        if wanted not in book:
            raise NotFound
        book, name = {wanted: book[wanted]}, f"{name}-{wanted}"
    kind = FileFormat(file_format)
    tables = [*book.values(), *([] if wanted and kind is FileFormat.CSV else [definitions(title)])]
    return file_of(tables, kind, name=name, title=title)


def _file_name(form: DelaysForm, period: Period) -> str:
    """« delais-2026-bretagne-telephone »: two files of different filters do not take the place of each other."""
    days = f"{period.starts_on}-{period.ends_on}"
    labels = [form.canal.choices[form.canal.data], form.niveau.choices[form.niveau.data]]
    chosen = [
        form.region.data,
        form.theme.data,
        form.typologie.data,
        *(label for field, label in zip((form.canal, form.niveau), labels, strict=True) if field.data),
    ]
    parts = ["delais", days if form.periode.data == DATES else form.periode.data, *map(slug_of, filter(None, chosen))]
    return "-".join(parts)


def asked_form(person: Person) -> DelaysForm:
    """The period and the filters of the address, with the lists that *person* may choose from."""
    form, today = DelaysForm(request.args), clock.today()
    form.offer(person, today, {*versions(person), *report_years(today)})
    return form


def tables_of(board: Dashboard) -> Mapping[str, Table]:
    """By key, in the order of the page; one delegation alone is not set out by delegation."""
    places = board.selection.delegations
    is_one = places is not None and len(places) == 1
    return {key: table for key, table in board.tables.items() if not (is_one and key == "par-delegation")}


def shown_to(person: Person, board: Dashboard) -> Mapping[str, Table]:
    """The same as *person* may read them: outside the pole, without the counts under five."""
    tables = tables_of(board)
    if perms.can_see_all(person):
        return tables
    return {key: table.told_outside() for key, table in tables.items()}


def on_card(table: Table) -> Table:
    """*table* with the columns that a card has room for; what is in no order of its own, by its answers."""
    places = [place for place, column in enumerate(table.columns) if column.key in ON_CARDS]
    rows = tuple(replace(row, values=tuple(row.values[place] for place in places)) for row in table.rows)
    if table.key in BY_ANSWERS:
        rows = tuple(sorted(rows, key=lambda row: -_known(row.values[0])))
    return replace(table, columns=tuple(table.columns[place] for place in places), rows=rows)


def _known(value: Value) -> int:
    """A count to be sorted by; one that is not told stands between the others and none at all."""
    return value if isinstance(value, int) else 1


def summary(board: Dashboard) -> Table:
    """The whole of the period, and the same days one year sooner."""
    periods = (("period", "La période", board.overall), ("before", "Un an plus tôt", board.before))
    rows = tuple(Row(key, label, (delays.received_count, *delay_values(delays))) for key, label, delays in periods)
    return Table("ensemble", "Ensemble", "Période", (RECEIVED, *DELAY_COLUMNS), rows, is_split=False)


def definitions(title: str) -> Table:
    """What the figures are of, and what they mean."""
    rows = (("Ces chiffres", title), *DEFINITIONS)
    columns = (Column("meaning", "Définition", Kind.TEXT),)
    return Table("definitions", "Définitions", "Terme", columns, tuple(Row(term, term, (text,)) for term, text in rows))
