"""The versions of an entry: read, compared, taken again, erased."""

from flask import Response as FileResponse
from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from helpdesk.attachments.views import download
from helpdesk.errors import HelpdeskError, NotFound
from helpdesk.kb import perms, queries
from helpdesk.kb.comparing import Piece, compare
from helpdesk.kb.models import Article, ArticleVersion
from helpdesk.kb.operations import publishing, writing
from helpdesk.kb.operations.words import line_of
from helpdesk.kb.queries.known import FIELDS
from helpdesk.kb.views.blueprint import actor, blueprint
from helpdesk.kb.views.entry_parts import entry_of
from helpdesk.tickets.views.blueprint import once, sent_key
from helpdesk.web import pole_only


@blueprint.get("/faq/atelier/<int:article_id>/versions/<int:number>")
@pole_only
def version(article_id: int, number: int) -> str:
    """An earlier version, unless its text was erased."""
    article = queries.get_workable(actor(), article_id)
    one = _readable(article, number)
    return render_template(
        "kb/workshop_version.html",
        article=article,
        version=one,
        entry=entry_of(None, article, one),
        has_draft=queries.open_version(article) is not None,
        can_redact=perms.can_redact(actor(), one),
    )


@blueprint.get("/faq/atelier/<int:article_id>/versions/<int:number>/pieces/<int:attachment_id>")
@pole_only
def workshop_attachment(article_id: int, number: int, attachment_id: int) -> FileResponse:
    """A file of a version, as a download."""
    one = _readable(queries.get_workable(actor(), article_id), number)
    found = next((file for file in one.attachments if file.id == attachment_id), None)
    if found is None:
        raise NotFound
    return download(found)


@blueprint.get("/faq/atelier/<int:article_id>/comparer")
@pole_only
def compare_versions(article_id: int) -> str:
    """What changed from one version to another; by default from the one before the last."""
    article = queries.get_workable(actor(), article_id)
    numbers = sorted(one.number for one in article.versions if one.redacted_at is None)
    last = numbers[-1] if numbers else 0
    after = request.args.get("a", last, type=int)
    before = request.args.get("de", max([one for one in numbers if one < after], default=after), type=int)
    old, new = _readable(article, before), _readable(article, after)
    return render_template(
        "kb/workshop_compare.html", article=article, old=old, new=new, numbers=numbers, changes=_changes(old, new)
    )


@blueprint.post("/faq/atelier/<int:article_id>/versions/<int:number>/reprendre")
@pole_only
def restore(article_id: int, number: int) -> Response:
    """A new draft with the words of this version."""
    article = queries.get_workable(actor(), article_id)
    try:
        once(sent_key(), None, lambda: writing.restore(actor(), article, number))
    except HelpdeskError as error:
        if error.status != 422:
            raise
        flash(error.message, "retard")
        return redirect(url_for("kb.workshop_entry", article_id=article_id), 303)
    flash(f"Un brouillon reprend le texte de la version {number}.", "ok")
    return redirect(url_for("kb.edit", article_id=article_id), 303)


@blueprint.post("/faq/atelier/<int:article_id>/versions/<int:number>/effacer")
@pole_only
def redact(article_id: int, number: int) -> Response:
    """Erase the words of an earlier version for good."""
    article = queries.get_workable(actor(), article_id)
    one = queries.get_version(article, number)
    once(sent_key(), None, lambda: publishing.redact(actor(), one))
    flash(f"Le texte de la version {number} est effacé.", "ok")
    return redirect(url_for("kb.workshop_entry", article_id=article_id), 303)


def _readable(article: Article, number: int) -> ArticleVersion:
    one = next((version for version in article.versions if version.number == number), None)
    if one is None or not perms.can_read_version(actor(), one):
        raise NotFound
    return one


def _changes(old: ArticleVersion, new: ArticleVersion) -> list[tuple[str, list[Piece]]]:
    """Each part of the text that differs, in the order of the page."""
    parts = [(label, getattr(old, name), getattr(new, name)) for name, label in FIELDS.items()]
    parts.append(("Références juridiques", _lines(old), _lines(new)))
    return [(label, compare(before, after)) for label, before, after in parts if before != after]


def _lines(one: ArticleVersion) -> str:
    return "\n".join(map(line_of, one.references))
