"""Past answers and sheets, brought as files and made drafts."""

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from helpdesk.errors import BadInput
from helpdesk.formats import count
from helpdesk.kb.forms.keeping import ImportForm
from helpdesk.kb.importing.files import MAX_FILE_BYTES
from helpdesk.kb.importing.sheets import SheetProblem
from helpdesk.kb.operations import importing
from helpdesk.kb.operations.importing import ImportReport
from helpdesk.kb.views.blueprint import actor, blueprint
from helpdesk.web import pole_only

FILES_MAX_COUNT = 20
SHOWN_PROBLEMS = 100


@blueprint.get("/faq/atelier/import")
@pole_only
def import_page() -> str:
    """Choose files."""
    return _page(ImportForm(formdata=None))


@blueprint.post("/faq/atelier/import")
@pole_only
def import_files() -> Response | tuple[str, int]:
    """Make drafts of every sheet of every file, or say which lines are wrong and make none."""
    form, reports = ImportForm(), list[ImportReport]()
    status = form.submit(lambda: reports.append(_import(form)))
    if status != 303 or reports[0].problems:
        return _page(form, reports[0].problems if reports else []), 422
    flash(_done(reports[0]), "ok")
    return redirect(url_for("kb.workshop_list", vue="brouillons"), 303)


def _import(form: ImportForm) -> ImportReport:
    uploads = [upload for upload in form.files.data or [] if getattr(upload, "filename", "")]
    if not uploads:
        raise BadInput("Choisissez au moins un fichier.", field="files")
    if len(uploads) > FILES_MAX_COUNT:
        raise BadInput(f"Choisissez {FILES_MAX_COUNT} fichiers au plus.", field="files")
    files = [(upload.filename[-120:], upload.stream.read(MAX_FILE_BYTES + 1)) for upload in uploads]
    return importing.import_sheets(actor(), files, is_applied=True)


def _done(report: ImportReport) -> str:
    made = f"{count(len(report.titles), 'brouillon')} à vérifier"
    known = count(report.known_count, "fiche reprise auparavant", "fiches reprises auparavant")
    return f"{made}, {known}." if report.known_count else f"{made}."


def _page(form: ImportForm, problems: list[SheetProblem] | None = None) -> str:
    shown = (problems or [])[:SHOWN_PROBLEMS]
    return render_template(
        "kb/import.html", form=form, problems=shown, more_count=len(problems or []) - len(shown), has_errors=problems
    )
