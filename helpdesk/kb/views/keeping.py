"""Who cites a text that changes: the entries, put under review together, and the members who were told."""

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from helpdesk.formats import count
from helpdesk.kb import queries
from helpdesk.kb.forms.keeping import CitedTextForm, OpenReviewsForm
from helpdesk.kb.operations import keeping
from helpdesk.kb.queries import CitedText
from helpdesk.kb.views.blueprint import actor, blueprint
from helpdesk.tickets.views.blueprint import once, page_number, sent_key
from helpdesk.web import pole_only

Answer = Response | str | tuple[str, int]


@blueprint.get("/faq/atelier/references")
@pole_only
def references() -> str:
    """Every entry that cites an article, of all codes unless one is given, and whom we told of it."""
    return _references_page(OpenReviewsForm(formdata=None))


@blueprint.post("/faq/atelier/references")
@pole_only
def open_reviews() -> Answer:
    """Put the entries ticked under review, with the reason that their readers will see."""
    form, text = OpenReviewsForm(), _text()
    articles = queries.articles_citing(text, actor(), form.entries.data or [])
    status = form.submit(
        lambda: once(sent_key(), None, lambda: keeping.open_reviews(actor(), articles, form.reason.data or ""))
    )
    if status != 303:
        return _references_page(form), status
    flash(f"{count(len(articles), 'fiche')} en révision : leurs lecteurs voient pourquoi.", "ok")
    return redirect(url_for("kb.references", article=request.args.get("article"), code=request.args.get("code")), 303)


def _text() -> CitedText:
    return CitedText.asked(request.args.get("article", "")[:100], request.args.get("code", "")[:100])


def _references_page(form: OpenReviewsForm) -> str:
    text, search = _text(), CitedTextForm(request.args)
    search.offer(queries.codes_citing(text))
    entries, has_more = queries.entries_citing(actor(), text, page_number()) if not text.is_empty else ([], False)
    return render_template(
        "kb/references.html",
        text=text,
        search=search,
        form=form,
        entries=entries,
        page=page_number(),
        has_more=has_more,
        told=queries.members_told(actor(), text),
        told_max=queries.TOLD_MAX_COUNT,
    )
