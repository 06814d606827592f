"""One entry at its address: read, printed, its files taken, judged, reported, cited. Gone: said at the same place."""

from typing import Any

from flask import Response as FileResponse
from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from helpdesk.accounts.models import Person
from helpdesk.attachments.views import download
from helpdesk.db import writing
from helpdesk.errors import BadInput
from helpdesk.kb import operations, perms, queries
from helpdesk.kb.enums import ArticleKind, ArticleState, ReportKind
from helpdesk.kb.forms.reader import ReportForm
from helpdesk.kb.models import Article
from helpdesk.kb.views import entry_parts as parts
from helpdesk.kb.views.blueprint import actor, blueprint, reader
from helpdesk.tickets import queries as tickets
from helpdesk.tickets.views import writing as frame
from helpdesk.web import public, signed_in, staff_only

Answer = str | tuple[str, int] | Response
THANKS = {
    ReportKind.MISSING: "Merci. Le pôle juridique lit votre remarque.",
    ReportKind.IDENTIFYING: "Merci. Le pôle juridique vérifie cette fiche sans attendre.",
}


@blueprint.get("/faq/<slug>")
@public
def entry(slug: str) -> Answer:
    """An entry; its opening is counted, the one write of this page. Under an old address: led to the present one."""
    article = queries.get_known(reader(), slug)
    if article.state is ArticleState.WITHDRAWN:
        return _gone(article)
    if article.slug != slug:
        return redirect(url_for("kb.entry", slug=article.slug), 301)
    if request.method == "GET" and _counts(reader()):
        with writing():
            operations.record_reading(article)
    return _entry_page(article)


@blueprint.get("/faq/<slug>/imprimer")
@public
def print_entry(slug: str) -> str:
    """An entry on paper."""
    article = queries.get_readable_entry(reader(), slug)
    return render_template("kb/entry_print.html", **_words_of(article))


@blueprint.get("/faq/<slug>/pieces/<int:attachment_id>")
@public
def attachment(slug: str, attachment_id: int) -> FileResponse:
    """A file of the version in force, as a download; of any other version, not found."""
    return download(queries.readable_attachment(reader(), slug, attachment_id))


@blueprint.post("/faq/<slug>/vote")
@signed_in
def vote(slug: str) -> Response:
    """« Oui », or « Non, il me manque quelque chose », which then asks what."""
    article = queries.get_readable_entry(actor(), slug)
    is_useful = _said_useful()
    operations.vote(actor(), article, queries.version_in_force(article), is_useful=is_useful)
    if is_useful:
        flash("Merci, votre avis est noté.", "ok")
    return redirect(url_for("kb.entry", slug=article.slug, avis=None if is_useful else "non", _anchor="avis"), 303)


@blueprint.post("/faq/<slug>/signaler")
@signed_in
def report(slug: str) -> Answer:
    """Tell the pole what is missing, or what identifies somebody; without words, the page comes back."""
    article, form = queries.get_readable_entry(actor(), slug), ReportForm()
    version = queries.version_in_force(article)
    status = form.submit(
        lambda: operations.report(actor(), article, version, form.report_kind, form.comment.data or "")
    )
    if status != 303:
        return _entry_page(article, refused=form), status
    flash(THANKS[form.report_kind], "ok")
    return redirect(url_for("kb.entry", slug=article.slug), 303)


@blueprint.post("/faq/<slug>/citer")
@staff_only
def cite(slug: str) -> Response:
    """Add the entry to the references of the answer being written; what is typed in the frame is kept first."""
    article = queries.get_readable_entry(actor(), slug)
    ticket = tickets.get_visible_ticket(actor(), request.args.get("question", ""))
    if "mode" in request.form:
        frame.keep(frame.received_form(), ticket)
    operations.cite(actor(), ticket, article, queries.version_in_force(article))
    flash("La fiche est ajoutée aux références de votre réponse.", "ok")
    return redirect(url_for("tickets.thread", reference=ticket.reference, mode="reponse", _anchor="ecrire"), 303)


def _said_useful() -> bool:
    said = request.form.get("useful", "")
    if said not in ("oui", "non"):
        raise BadInput("Choisissez « Oui » ou « Non ».", field="useful")
    return said == "oui"


def _counts(person: Person | None) -> bool:
    """The pole opens entries to work on them: that is no reading."""
    return person is None or not person.is_pole


def _gone(article: Article) -> tuple[str, int]:
    """« Cette fiche a été retirée »: why, but neither its words nor its title, to whoever could read it."""
    replaced_by = queries.replacement_of(reader(), article)
    told = {"withdrawn_at": article.withdrawn_at, "reason": article.withdrawn_reason}
    return render_template("kb/gone.html", replaced_by=replaced_by, **told), 410


def _entry_page(article: Article, refused: ReportForm | None = None) -> str:
    person, words = reader(), _words_of(article)
    given = queries.own_vote(person, words["entry"].version)
    return render_template(
        "kb/entry.html",
        given=given,
        asks_what=request.args.get("avis") == "non" and given is not None and not given.is_useful,
        changes=queries.changes_of(article),
        related=queries.near(
            person, words["entry"].version.title, words["entry"].version.in_brief, excluding=[article.id]
        ),
        can_vote=person is not None and perms.can_vote(person, article),
        **words,
        **_report_forms(refused),
    )


def _words_of(article: Article) -> dict[str, Any]:
    """What is read, on the page and on paper."""
    person, version = reader(), queries.version_in_force(article)
    is_issue = article.kind is ArticleKind.REVIEW
    return {
        "entry": parts.entry_of(person, article, version),
        "me": person,
        "review_parts": queries.review_parts(person, version) if is_issue else [],
    }


def _report_forms(refused: ReportForm | None) -> dict[str, Any]:
    forms = {kind: ReportForm.about(kind) for kind in THANKS}
    if refused is not None and refused.kind.data in forms:
        forms[ReportKind(refused.kind.data)] = refused
    return {
        "missing_form": forms[ReportKind.MISSING],
        "identifying_form": forms[ReportKind.IDENTIFYING],
        "has_errors": refused is not None,
        "refused": refused,
    }
