"""« Proposer pour la FAQ »: from an answer of the thread to a draft, the near entries looked at first."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from helpdesk.errors import BadInput, HelpdeskError, NotAllowed, NotFound
from helpdesk.kb import perms, queries
from helpdesk.kb.models import Article, ArticleVersion
from helpdesk.kb.operations import writing
from helpdesk.kb.queries import EntryRow
from helpdesk.kb.views.blueprint import actor, blueprint
from helpdesk.panels import fills
from helpdesk.tickets import queries as tickets
from helpdesk.tickets.happenings import PROPOSING, Facts, tell
from helpdesk.tickets.models import Message, Ticket
from helpdesk.tickets.perms import is_staff_on
from helpdesk.tickets.views.blueprint import once, sent_key
from helpdesk.web import staff_only

Answer = Response | str | tuple[str, int]
NEAR_SHOWN = 3


@blueprint.get("/faq/proposer/<reference>/<int:message_id>")
@staff_only
def propose(reference: str, message_id: int) -> Answer:
    """The entries that speak of the same thing, before a new one is begun."""
    ticket, message = _answer(reference, message_id)
    found = queries.version_from(message)
    if found is not None:
        return _to_draft(found, ticket)
    return _page(ticket, message)


@blueprint.post("/faq/proposer/<reference>/<int:message_id>")
@staff_only
def propose_answer(reference: str, message_id: int) -> Answer:
    """Make the draft: a new entry, or a new version of one that is completed."""
    ticket, message = _answer(reference, message_id)
    try:
        once(sent_key(), ticket, lambda: _propose(ticket, message))
    except BadInput as error:
        ticket, message = _answer(reference, message_id)
        return _page(ticket, message, error.message), error.status
    made = queries.version_from(message)
    if made is None:
        raise NotFound
    return _to_draft(made, ticket)


@fills("tickets.answer")
def propose_link(*, ticket: Ticket, message: Message, **_: Any) -> Markup:
    """The link under a published answer, for the staff of the question."""
    if not perms.can_propose(actor(), ticket, message) or _refusal(ticket, message):
        return Markup("")
    return Markup(render_template("kb/_propose_link.html", ticket=ticket, message=message))  # noqa: S704 (a template)


def _answer(reference: str, message_id: int) -> tuple[Ticket, Message]:
    """The question and its answer, if the reader may propose it.

    :raises NotFound: when they may not see it, or it is no answer.
    """
    ticket = tickets.get_visible_ticket(actor(), reference)
    message = queries.get_answer(ticket, message_id)
    if not is_staff_on(actor(), ticket):
        raise NotAllowed
    return ticket, message


def _propose(ticket: Ticket, message: Message) -> None:
    slug = request.form.get("completer", "")
    completes: Article | None = queries.get_readable_entry(actor(), slug) if slug else None
    writing.propose_from_answer(actor(), ticket, message, completes=completes)


def _refusal(ticket: Ticket, message: Message) -> str:
    """Why another feature would refuse; empty where none does. Its listeners refuse, and do nothing else."""
    try:
        tell(PROPOSING, ticket, Facts(actor(), message))
    except HelpdeskError as error:
        return error.message
    return ""


def _to_draft(version: ArticleVersion, ticket: Ticket) -> Response:
    """A jurist goes on with the draft; a delegate is told that the pole has it."""
    if perms.can_edit(actor(), version):
        return redirect(url_for("kb.edit", article_id=version.article_id), 303)
    if perms.can_work_on(actor(), version.article):
        return redirect(url_for("kb.workshop_entry", article_id=version.article_id), 303)
    flash("Cette réponse est proposée au pôle juridique, qui en fera une fiche.", "ok")
    return redirect(url_for("tickets.thread", reference=ticket.reference), 303)


def _page(ticket: Ticket, message: Message, error: str = "") -> str:
    refusal = writing.SENSITIVE if ticket.is_sensitive else _refusal(ticket, message)
    near = [] if refusal else _near(message, ticket.title)
    return render_template(
        "kb/workshop_propose.html",
        ticket=ticket,
        message=message,
        near=near,
        error=error or refusal,
        is_refused=bool(refusal),
        has_errors=bool(error),
    )


def _near(message: Message, title: str) -> list[EntryRow]:
    """What may be completed instead, entries under review first of all: they wait for new words."""
    words = f"{message.in_brief}\n{message.explanation}"
    found = queries.near(actor(), title, words, limit=NEAR_SHOWN, with_under_review=True)
    return sorted(found, key=lambda row: not row.is_under_review)
