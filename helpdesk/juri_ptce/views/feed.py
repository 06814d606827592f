"""The calendar that a jurist subscribes to, and the page where its secret address is made."""

from flask import Response, flash, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as BaseResponse

from helpdesk import clock
from helpdesk.juri_ptce import invitations
from helpdesk.juri_ptce.operations import feed as operations
from helpdesk.juri_ptce.queries import feed as queries
from helpdesk.juri_ptce.views.blueprint import actor, blueprint
from helpdesk.mail.rendering import link
from helpdesk.web import host_only, public

_SHOWN_ONCE = "juri_feed_token"
HERE = "juri_ptce.feed_settings"


@blueprint.get("/juri-ptce/calendrier")
@host_only
def feed_settings() -> str:
    """Make, change or take back the address; it shows once, just after it was made."""
    token = session.pop(_SHOWN_ONCE, "")
    address = link(url_for("juri_ptce.feed", token=token)) if token else ""
    return render_template("juri_ptce/feed.html", feed=queries.feed_of(actor()), address=address)


@blueprint.post("/juri-ptce/calendrier")
@host_only
def renew_feed() -> BaseResponse:
    """Make an address; the former one answers no more."""
    session[_SHOWN_ONCE] = operations.renew(actor())
    return redirect(url_for(HERE), 303)


@blueprint.post("/juri-ptce/calendrier/supprimer")
@host_only
def revoke_feed() -> BaseResponse:
    """Take the address back."""
    operations.revoke(actor())
    flash("L’adresse de votre calendrier est supprimée : les agendas abonnés ne reçoivent plus rien.", "ok")
    return redirect(url_for(HERE), 303)


@blueprint.get("/juri-ptce/calendrier/<token>.ics")
@public
def feed(token: str) -> Response:
    """The calls and sessions of whom the token belongs to, as programs fetch them: unchanged, they get no content."""
    person, now = operations.person_of(token), clock.now()
    content = invitations.feed(queries.calls_of(person, now), queries.sessions_of(person, now))
    response = Response(content, content_type="text/calendar; charset=utf-8")
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Content-Disposition"] = 'inline; filename="juri-ptce.ics"'
    response.add_etag()
    response.make_conditional(request)
    return response
