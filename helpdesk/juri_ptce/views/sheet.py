"""The sheet of a session and the page of one call, for those who hold it."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from helpdesk import clock
from helpdesk.juri_ptce import perms, wording
from helpdesk.juri_ptce.calendar import paris_day
from helpdesk.juri_ptce.forms.sheet import ActForm
from helpdesk.juri_ptce.operations.accounting import is_written
from helpdesk.juri_ptce.operations.holding import absent_from, is_to_hold
from helpdesk.juri_ptce.queries import sheet as queries
from helpdesk.juri_ptce.queries.sheet import Line
from helpdesk.juri_ptce.views.acts import ACTS, fresh_form, offered, received_form
from helpdesk.juri_ptce.views.blueprint import actor, blueprint
from helpdesk.tickets.views.blueprint import once, seen_version, sent_key
from helpdesk.web import host_only

Page = Response | str | tuple[str, int]
Refused = tuple[str, ActForm]


@blueprint.get("/juri-ptce/seances/<int:session_id>")
@host_only
def session(session_id: int) -> str:
    """The sheet: each call in its order, those to confirm first told, the questions that wish for this session."""
    return render_template("juri_ptce/sheet.html", **_sheet(session_id))


@blueprint.get("/juri-ptce/seances/<int:session_id>/imprimer")
@host_only
def sheet(session_id: int) -> str:
    """The sheet on paper."""
    return render_template("juri_ptce/sheet_print.html", **_sheet(session_id))


@blueprint.get("/juri-ptce/rendez-vous/<int:appointment_id>/preparer")
@host_only
def appointment(appointment_id: int) -> str:
    """One call: its question, its notes, what may be done with it now."""
    return appointment_page(queries.line_of(actor(), appointment_id))


@host_only
def act(appointment_id: int, slug: str) -> Page:
    """Do one of the acts; what cannot be done shows the page again with what was typed."""
    line, seen = queries.line_of(actor(), appointment_id), seen_version()
    one, form = ACTS[slug], received_form(slug, line.appointment)
    status = form.submit(lambda: once(sent_key(), line.ticket, lambda: one.run(actor(), line.appointment, form, seen)))
    if status != 303:
        return appointment_page(queries.line_of(actor(), appointment_id), refused=(slug, form)), status
    flash(one.done, "ok")
    return redirect(url_for("juri_ptce.appointment", appointment_id=appointment_id), 303)


for _slug in ACTS:
    blueprint.add_url_rule(
        f"/juri-ptce/rendez-vous/<int:appointment_id>/preparer/{_slug}",
        "act",
        act,
        defaults={"slug": _slug},
        methods=["POST"],
    )


def appointment_page(line: Line, *, refused: Refused | None = None) -> str:
    """The page of a call; *refused*: an act that was refused, with what was typed."""
    slugs = offered(actor(), line.appointment)
    forms = {slug: fresh_form(slug, line.appointment) for slug in slugs}
    if refused is not None:
        forms[refused[0]] = refused[1]
    return render_template(
        "juri_ptce/appointment.html",
        line=line,
        acts={slug: (ACTS[slug], form) for slug, form in forms.items()},
        refused_slug=refused[0] if refused else "",
        refused_form=refused[1] if refused else None,
        has_errors=refused is not None,
        can_prepare=perms.can_prepare(actor(), line.appointment),
        is_day=paris_day(line.appointment.slot.starts_at) <= clock.today(),
        is_to_hold=is_to_hold(line.appointment),
        absent_from=absent_from(line.appointment),
        **shared(),
    )


def shared() -> dict[str, Any]:
    """What the templates of a call use."""
    return {"when_text": wording.when_text, "hours_text": wording.hours_text, "is_written": is_written, "me": actor()}


def _sheet(session_id: int) -> dict[str, Any]:
    found = queries.sheet_of(actor(), session_id)
    return {
        "sheet": found,
        "can_manage": perms.can_manage_sessions(actor()),
        "hosts": found.session.present,
        **shared(),
    }
