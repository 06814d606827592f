"""The acts of the table received: done once, or shown again with what was typed."""

from flask import flash, redirect, url_for
from werkzeug.wrappers import Response

from helpdesk.errors import NotFound
from helpdesk.tickets import queries
from helpdesk.tickets.forms.thread import ActForm
from helpdesk.tickets.views.acts import ACTIONS, received_form
from helpdesk.tickets.views.blueprint import actor, blueprint, once, seen_version, sent_key
from helpdesk.tickets.views.desk import Answer, conflict_words, thread_page
from helpdesk.web import staff_only


@staff_only
def act(reference: str, slug: str) -> Answer:
    """Do one of the acts; what cannot be done shows the page again with what was typed."""
    ticket = queries.get_visible_ticket(actor(), reference)
    action, form = ACTIONS[slug], received_form(slug, actor(), ticket)
    version = seen_version()
    status = form.submit(lambda: once(sent_key(), ticket, lambda: action.run(actor(), ticket, form, version)))
    if status != 303:
        return _again(reference, slug, form, status)
    otherwise = action.instead(ticket)
    flash(f"{reference} : {otherwise or action.done}", "veille" if otherwise else "ok")
    return _after(reference)


for _slug in ACTIONS:
    blueprint.add_url_rule(f"/questions/<reference>/{_slug}", "act", act, defaults={"slug": _slug}, methods=["POST"])


def _again(reference: str, slug: str, form: ActForm, status: int) -> Answer:
    ticket = queries.get_visible_ticket(actor(), reference)
    words = conflict_words(form, ticket) if status == 409 else ""
    return thread_page(reference, refused=(slug, form), conflict=words), status


def _after(reference: str) -> Response:
    """The question again, or the person's own list when it is no longer theirs to see."""
    try:
        queries.get_visible_ticket(actor(), reference)
    except NotFound:
        return redirect(url_for("tickets.home"), 303)
    return redirect(url_for("tickets.thread", reference=reference), 303)
