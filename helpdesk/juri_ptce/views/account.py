"""The written account of a call, in the fields of an answer: it becomes one."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from helpdesk.juri_ptce import perms
from helpdesk.juri_ptce.enums import AppointmentStatus
from helpdesk.juri_ptce.forms.sheet import AccountForm
from helpdesk.juri_ptce.models import Appointment
from helpdesk.juri_ptce.operations import accounting
from helpdesk.juri_ptce.operations.parts import shared_text
from helpdesk.juri_ptce.queries import sheet as queries
from helpdesk.juri_ptce.queries.sheet import Line
from helpdesk.juri_ptce.views.blueprint import actor, blueprint
from helpdesk.juri_ptce.views.sheet import shared
from helpdesk.tickets import operations as tickets
from helpdesk.tickets.enums import DraftKind, Status
from helpdesk.tickets.operations.drafts import own_draft
from helpdesk.tickets.operations.history import require
from helpdesk.tickets.views.blueprint import once, seen_version, sent_key
from helpdesk.web import pole_only

Page = Response | str | tuple[str, int]
KEEP = "garder"


@blueprint.get("/juri-ptce/rendez-vous/<int:appointment_id>/compte-rendu")
@pole_only
def account(appointment_id: int) -> Page:
    """The account, begun from what was typed already; before the call and after the account, the call's own page."""
    line, form = _held(appointment_id), AccountForm(formdata=None)
    if line.appointment.status is not AppointmentStatus.HELD or accounting.is_written(line.appointment):
        return redirect(url_for("juri_ptce.appointment", appointment_id=appointment_id), 303)
    form.fill(_started(line))
    return _account_page(line, form)


@blueprint.post("/juri-ptce/rendez-vous/<int:appointment_id>/compte-rendu")
@pole_only
def send_account(appointment_id: int) -> Page:
    """Send the account as the answer, or keep it as the writer's draft."""
    line, form = _held(appointment_id), AccountForm()
    if request.form.get("ajouter"):
        form.add_row()
        return _account_page(line, form)
    if request.form.get("suite") == KEEP:
        return _keep(line, form)
    status = form.submit(lambda: once(sent_key(), line.ticket, lambda: _send(line.appointment, form)))
    if status != 303:
        return _account_page(_held(appointment_id), form), status
    flash("Le compte rendu est envoyé : c’est la réponse à la question.", "ok")
    return redirect(url_for("tickets.thread", reference=line.ticket.reference), 303)


def _send(one: Appointment, form: AccountForm) -> None:
    accounting.write_account(actor(), one, form.answer_text(), seen_version=seen_version())


def _held(appointment_id: int) -> Line:
    line = queries.line_of(actor(), appointment_id)
    require(perms.can_prepare(actor(), line.appointment))
    return line


def _keep(line: Line, form: AccountForm) -> Page:
    """What is typed becomes the draft of the answer: the thread shows it too."""
    status = form.submit(lambda: tickets.save_draft(actor(), line.ticket, DraftKind.ANSWER, form.typed()))
    if status != 303:
        return _account_page(line, form), status
    flash("Le compte rendu est gardé comme brouillon.", "ok")
    return redirect(url_for("juri_ptce.account", appointment_id=line.appointment.id), 303)


def _started(line: Line) -> dict[str, Any]:
    """The writer's draft of the answer, else both approved parts, else the notes of the call."""
    draft = own_draft(actor(), line.ticket, DraftKind.ANSWER)
    if draft is not None and any(draft.fields.values()):
        return dict(draft.fields)
    both = shared_text(line.parts) if perms.are_approved(line.parts) else ""
    return {"explanation": "\n\n".join(filter(None, (both, line.appointment.notes)))}


def _account_page(line: Line, form: AccountForm) -> str:
    if not form.references.entries:
        form.add_row()
    draft = own_draft(actor(), line.ticket, DraftKind.ANSWER)
    return render_template(
        "juri_ptce/account.html",
        line=line,
        form=form,
        has_errors=bool(form.errors),
        is_correction=line.ticket.status is Status.ANSWERED,
        law_change=tickets.law_change_since(draft, line.ticket.topic),
        **shared(),
    )
