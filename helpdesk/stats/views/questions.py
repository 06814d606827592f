"""« Toutes les questions » as a file: the filters, the order and the rights of the page."""

from collections.abc import Iterator

from flask import Response, render_template, request

from helpdesk.db import writing
from helpdesk.kb.slugs import slug_of
from helpdesk.stats import operations
from helpdesk.stats.exporting.formats import FileFormat
from helpdesk.stats.queries.questions import question_table
from helpdesk.stats.views.blueprint import actor, blueprint
from helpdesk.stats.views.files import FORMATS, download, written
from helpdesk.tickets import queries
from helpdesk.tickets.forms.filters import FiltersForm, ListField
from helpdesk.web import staff_only


@blueprint.get(f"/questions/export.<{FORMATS}:file_format>")
@staff_only
def export_questions(file_format: str) -> Response | tuple[str, int]:
    """The one write of this address is the line of the audit trail: who took how many questions, and which."""
    form = FiltersForm(request.args)
    form.offer(actor(), queries.jurist_names())
    if not form.validate():
        return render_template("tickets/all_questions.html", form=form, page=None, rows=[]), 422
    filters, kind = form.filters(), FileFormat(file_format)
    table = question_table(actor(), filters, form.order)
    file = written([table], kind, title=_title(form))
    try:
        with writing():
            operations.note_export(actor(), filters, kind, count=table.count)
    except BaseException:
        file.close()
        raise
    return download(file, kind, name=_file_name(form))


def _title(form: FiltersForm) -> str:
    """« Questions : état « En cours », délégation « Bretagne » »; that there were words, not which: it is printed."""
    lists = (form.statut, form.theme, form.delegation, form.juriste, form.canal)
    days = [
        f"{words} {day:%d/%m/%Y}" for words, day in (("depuis le", form.du.data), ("jusqu’au", form.au.data)) if day
    ]
    chosen = [f"{field.label.text.lower()} « {_label(field)} »" for field in lists if field.data]
    chosen += [f"reçues {' et '.join(days)}"] if days else []
    chosen += [words for words, data in (("urgentes", form.urgentes.data), ("recherche", form.q.data)) if data]
    return f"Questions\u00a0: {', '.join(chosen)}" if chosen else "Toutes les questions"


def _file_name(form: FiltersForm) -> str:
    """« questions-en-cours-bretagne »: two files of different filters do not take the place of each other."""
    return "-".join(["questions", *_named(form)])


def _named(form: FiltersForm) -> Iterator[str]:
    yield from (slug_of(_label(field)) for field in (form.statut, form.juriste, form.canal) if field.data)
    yield from (slug_of(field.data) for field in (form.theme, form.delegation) if field.data)
    yield from (f"{word}-{day}" for word, day in (("depuis", form.du.data), ("jusqu-au", form.au.data)) if day)
    yield from (word for word, data in (("urgentes", form.urgentes.data), ("recherche", form.q.data)) if data)


def _label(field: ListField) -> str:
    """What the page shows of the choice."""
    choices = dict(field.choices or {})
    for group in [label for label in choices.values() if isinstance(label, dict)]:
        choices |= group
    return str(choices[field.data])
