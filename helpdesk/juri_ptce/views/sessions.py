"""The calendar of the sessions, for whoever reads it, and one session as the pole manages it."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from helpdesk import clock
from helpdesk.juri_ptce import perms
from helpdesk.juri_ptce.enums import SessionStatus
from helpdesk.juri_ptce.forms.sessions import ActForm
from helpdesk.juri_ptce.models import JuriSession
from helpdesk.juri_ptce.queries import sessions as queries
from helpdesk.juri_ptce.views.blueprint import actor, blueprint
from helpdesk.juri_ptce.views.session_acts import ACTS, fresh_form, offered, received_form
from helpdesk.tickets.views.blueprint import once, page_number, seen_version, sent_key
from helpdesk.web import calendar_only, pole_only

SHOWN_WHOLE = 3
PAST = "passees"


@blueprint.get("/juri-ptce/seances")
@calendar_only
def sessions() -> str:
    """The sessions to come, the next three in full; « vue=passees »: those that are over."""
    rights: dict[str, Any] = {
        "can_manage": perms.can_manage_sessions(actor()),
        "can_host": perms.is_host_to_be(actor()),
    }
    if request.args.get("vue") == PAST:
        page = queries.past_sessions(clock.now(), page_number())
        return render_template("juri_ptce/sessions.html", past=page, coming=[], later=[], **rights)
    rows = queries.coming_sessions(clock.now())
    rights |= {"coming": rows[:SHOWN_WHOLE], "later": rows[SHOWN_WHOLE:]}
    return render_template("juri_ptce/sessions.html", past=None, **rights)


@blueprint.get("/juri-ptce/seances/<int:session_id>/modifier")
@pole_only
def session_edit(session_id: int) -> str:
    """One session: decide on its day, say who holds it and where, move or cancel it."""
    return edit_page(queries.get_session(session_id))


@pole_only
def session_act(session_id: int, slug: str) -> Response | tuple[str, int]:
    """Do one of the acts; what cannot be done shows the page again with what was typed."""
    session, act, seen = queries.get_session(session_id), ACTS[slug], seen_version()
    form = received_form(slug, session)
    status = form.submit(lambda: once(sent_key(), None, lambda: act.run(actor(), session, form, seen)))
    if status != 303:
        return edit_page(queries.get_session(session_id), refused=(slug, form)), status
    flash(act.done, "ok")
    return redirect(url_for("juri_ptce.session_edit", session_id=session_id), 303)


for _slug in ACTS:
    blueprint.add_url_rule(
        f"/juri-ptce/seances/<int:session_id>/modifier/{_slug}",
        "session_act",
        session_act,
        defaults={"slug": _slug},
        methods=["POST"],
    )


def edit_page(session: JuriSession, *, refused: tuple[str, ActForm] | None = None) -> str:
    """The page of a session; *refused*: an act that was refused, with what was typed."""
    forms = {slug: fresh_form(slug, session) for slug in offered(session, clock.now())}
    if refused is not None and refused[0] in forms:
        forms[refused[0]] = refused[1]
    return render_template(
        "juri_ptce/session_edit.html",
        session=session,
        row=queries.session_row(session.id),
        acts={slug: (ACTS[slug], form) for slug, form in forms.items()},
        is_over=session.ends_at <= clock.now(),
        is_undecided=session.status is SessionStatus.PROPOSED,
        refused_slug=refused[0] if refused else "",
        refused_form=refused[1] if refused else None,
        has_errors=refused is not None,
    )
