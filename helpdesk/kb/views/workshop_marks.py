"""The anonymisation of a draft: each mark is decided, known names are replaced."""

from flask import flash, redirect, render_template, request, url_for
from markupsafe import Markup, escape
from werkzeug.wrappers import Response

from helpdesk.errors import BadInput, HelpdeskError
from helpdesk.formats import count
from helpdesk.kb import perms, queries
from helpdesk.kb.enums import Stage
from helpdesk.kb.forms.workshop import decisions_of
from helpdesk.kb.models import Article, ArticleVersion
from helpdesk.kb.operations import anonymising
from helpdesk.kb.operations.history import CHANGED
from helpdesk.kb.operations.marks import Assessment, assess
from helpdesk.kb.queries.known import places_of
from helpdesk.kb.views.blueprint import actor, blueprint
from helpdesk.kb.workflow import TOO_LATE
from helpdesk.tickets.views.blueprint import once, seen_version, sent_key
from helpdesk.web import pole_only

Answer = Response | str | tuple[str, int]
MARKS_SHOWN = 60
EVERY = "tout"


@blueprint.get("/faq/atelier/<int:article_id>/anonymisation")
@pole_only
def marks(article_id: int) -> Answer:
    """The marks of the draft, and its text with them."""
    article = queries.get_workable(actor(), article_id)
    version = queries.get_open_version(article)
    if version.stage is not Stage.ANONYMISATION:
        return redirect(url_for("kb.workshop_entry", article_id=article.id), 303)
    return _page(article, version)


@blueprint.post("/faq/atelier/<int:article_id>/anonymisation")
@pole_only
def decide(article_id: int) -> Answer:
    """Keep the decisions: those chosen one by one, or all those that have a neutral replacement."""
    article = queries.get_workable(actor(), article_id)
    version, seen = queries.get_open_version(article), seen_version()
    try:
        once(sent_key(), None, lambda: _decide(version, seen))
    except HelpdeskError as error:
        if error.status not in (409, 422):
            raise
        return _refused(article_id, error)
    flash(_left_words(version), "ok")
    return redirect(url_for("kb.marks", article_id=article_id), 303)


def _decide(version: ArticleVersion, seen: int) -> None:
    every = request.form.get(EVERY)
    if every is not None:
        anonymising.replace_all(actor(), version, label=every, seen_version=seen)
    else:
        anonymising.decide(actor(), version, decisions_of(request.form), seen_version=seen)


def _left_words(version: ArticleVersion) -> str:
    left = assess(version).left_count
    return f"Il reste {count(left, 'passage')} à décider." if left else "Tout est décidé."


def _refused(article_id: int, error: HelpdeskError) -> Answer:
    article = queries.get_workable(actor(), article_id)
    version = queries.open_version(article)
    if version is None or version.stage is not Stage.ANONYMISATION:
        flash(TOO_LATE, "retard")
        return redirect(url_for("kb.workshop_entry", article_id=article_id), 303)
    message = error.message if isinstance(error, BadInput) else CHANGED
    field = error.field if isinstance(error, BadInput) else None
    return _page(article, version, error=message, error_field=field or ""), error.status


def _page(article: Article, version: ArticleVersion, *, error: str = "", error_field: str = "") -> str:
    found = assess(version)
    replaceable = [row for row in found.rows if row.suggested and not row.is_risk and not row.is_decided]
    stale = [one.version for one in found.obstacles.stale]
    return render_template(
        "kb/workshop_marks.html",
        article=article,
        version=version,
        rows=found.rows[:MARKS_SHOWN],
        more_count=max(len(found.rows) - MARKS_SHOWN, 0),
        left_count=found.left_count,
        replaceable_kinds=dict.fromkeys(row.label for row in replaceable),
        obstacles=found.obstacles,
        texts=_marked_texts(version, found),
        typed=request.form,
        error=error,
        error_field=error_field,
        has_errors=bool(error),
        can_redact={one.number for one in stale if perms.can_redact(actor(), one)},
    )


def _marked_texts(version: ArticleVersion, found: Assessment) -> list[tuple[str, Markup]]:
    """Each text of the version with its marks, as safe markup; of the references and files, those with a mark."""
    marked = dict(found.marked)
    texts = []
    for place in places_of(version):
        if "." in place.name and place not in marked:
            continue
        pieces, end = [], 0
        for mark in marked.get(place, []):
            words = escape(place.text[mark.start : mark.end])
            pieces += [escape(place.text[end : mark.start]), Markup("<mark>{}</mark>").format(words)]
            end = mark.end
        texts.append((place.label, Markup("").join([*pieces, escape(place.text[end:])])))
    return texts
