"""What the knowledge base adds beside a question: what its asker had read, entries to cite, questions alike."""

from typing import Any

from flask import current_app, render_template, url_for
from markupsafe import Markup

from helpdesk import settings_of
from helpdesk.errors import NotFound
from helpdesk.kb import perms, queries
from helpdesk.kb.models import Article
from helpdesk.kb.queries import EntryRow
from helpdesk.kb.views.blueprint import actor
from helpdesk.panels import fills
from helpdesk.tickets import perms as ticket_perms
from helpdesk.tickets.forms.member import AskForm
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.queries.alike import alike, read_before_asking

ENTRIES_SHOWN, QUESTIONS_SHOWN = 3, 3
VOTES_TOLD = 5
"""Under this many, a share would say more of one reader than of the entry."""


@fills("tickets.ask")
def entry_just_read(*, form: AskForm, **_context: Any) -> Markup:
    """« Vous venez de lire »: the entry that led to the form."""
    title = _title(form.after_reading)
    return _page("kb/_just_read.html", slug=form.after_reading, title=title) if title else Markup("")


@fills("tickets.thread")
def beside_thread(*, ticket: Ticket, modes: "list[str] | tuple[str, ...]" = (), **_context: Any) -> Markup:
    """Entries and questions alike, with « Citer » where an answer is being written: its text is kept on the way."""
    if not ticket_perms.is_staff_on(actor(), ticket):
        return Markup("")
    slug = read_before_asking(ticket)
    is_writing = bool({"reponse", "rectificatif"} & set(modes))
    return _page(
        "kb/_beside_thread.html",
        read_before=(slug, _title(slug)),
        is_writing=is_writing,
        can_reuse="reponse" in modes,
        **_alike(ticket),
    )


@fills("tickets.triage")
def beside_triage(*, ticket: Ticket, **_context: Any) -> Markup:
    """« La FAQ répond peut-être déjà »: the closest entry that its asker reads, the others folded.

    Citing it opens the thread; sending it closes the question.
    """
    if not ticket_perms.is_staff_on(actor(), ticket):
        return Markup("")
    found, slug = _alike(ticket), read_before_asking(ticket)
    if not any((found["entries"], found["questions"], slug)):
        return Markup("")
    sendable = perms.sendable_in(actor(), ticket)
    best = next((one for one in found["entries"] if one[0].visibility in sendable), None)
    useful, total = queries.usefulness(best[0].id) if best else (0, 0)
    return _page(
        "kb/_beside_triage.html",
        read_before=(slug, _title(slug)),
        best=best,
        others=[one for one in found["entries"] if one is not best],
        words=_words_to_send(*best) if best else "",
        share=(round(10 * useful / total), 10) if total >= VOTES_TOLD else None,
        **found,
    )


def _alike(ticket: Ticket) -> dict[str, Any]:
    citable = perms.citable_in(actor(), ticket)
    entries = queries.near_question(actor(), ticket.id, limit=ENTRIES_SHOWN)
    return {
        "ticket": ticket,
        "entries": [(row, _cite_url(row.slug, ticket) if row.visibility in citable else "") for row in entries],
        "questions": alike(actor(), ticket, limit=QUESTIONS_SHOWN),
    }


def _words_to_send(row: EntryRow, _cite: str) -> str:
    address = f"{settings_of(current_app).public_url}{url_for('kb.entry', slug=row.slug)}"
    return (
        f"Bonjour,\n\nLa fiche « {row.title} » répond à votre question : {address}\n\n"
        "Si votre situation est différente, écrivez-nous sur cette page."
    )


def _cite_url(slug: str, ticket: Ticket) -> str:
    return url_for("kb.cite", slug=slug, question=ticket.reference)


def _title(slug: str) -> str:
    """The title of an entry that the reader may read; empty for any other."""
    if not slug:
        return ""
    try:
        article: Article = queries.get_readable_entry(actor(), slug)
    except NotFound:
        return ""
    return queries.version_in_force(article).title


def _page(template: str, **values: Any) -> Markup:
    return Markup(render_template(template, **values))  # noqa: S704 - a template of ours
