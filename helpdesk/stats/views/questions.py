"""« Toutes les questions » as a file: the filters, the order and the rights of the page."""

from flask import Response, render_template, request

from helpdesk.db import writing
from helpdesk.stats import operations
from helpdesk.stats.exporting.formats import FileFormat
from helpdesk.stats.queries.questions import question_table
from helpdesk.stats.views.blueprint import actor, blueprint
from helpdesk.stats.views.files import FORMATS, download, written
from helpdesk.tickets import queries
from helpdesk.tickets.forms.filters import FiltersForm
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
    file = written([table], kind, title=table.title)
    try:
        with writing():
            operations.note_export(actor(), filters, kind, count=table.count)
    except BaseException:
        file.close()
        raise
    return download(file, kind, name="questions")
