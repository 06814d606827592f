"""« Composer la revue »: two months are chosen, their entries put in order, and a draft made."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from helpdesk import clock
from helpdesk.kb import bimonths, queries
from helpdesk.kb.bimonths import Bimonth
from helpdesk.kb.forms.keeping import IssueForm
from helpdesk.kb.models import ArticleVersion
from helpdesk.kb.operations import composing
from helpdesk.kb.views import entry_parts as parts
from helpdesk.kb.views.blueprint import actor, blueprint
from helpdesk.tickets.views.blueprint import once, sent_key
from helpdesk.web import pole_only

OFFERED_COUNT = 6
RANK = "rang-"


@blueprint.get("/faq/atelier/revue")
@pole_only
def issue() -> str:
    """What the two months chosen brought."""
    return _issue_page(IssueForm(formdata=None), _months())


@blueprint.post("/faq/atelier/revue")
@pole_only
def compose_issue() -> Response | tuple[str, int]:
    """Make the draft of the issue, in the order given."""
    form, months, made = IssueForm(), _months(), list[ArticleVersion]()
    chosen = _chosen(form)
    status = form.submit(
        lambda: once(sent_key(), None, lambda: made.append(composing.compose_issue(actor(), months, chosen)))
    )
    if status != 303:
        return _issue_page(form, months), status
    flash("Le brouillon de la revue est créé. Écrivez son introduction.", "ok")
    if not made:  # the same form, sent twice
        return redirect(url_for("kb.workshop"), 303)
    return redirect(url_for("kb.edit", article_id=made[0].article_id), 303)


def _months() -> Bimonth:
    offered = {one.key: one for one in bimonths.latest(clock.today(), OFFERED_COUNT)}
    return offered.get(request.args.get("mois", ""), next(iter(offered.values())))


def _chosen(form: IssueForm) -> list[int]:
    """The entries ticked, by their ranks; equal or missing ranks keep the order of the page."""
    ticked = [one for one in form.entries.data or [] if one]
    ranks = {one: request.form.get(f"{RANK}{one}", type=int) for one in ticked}
    return sorted(ticked, key=lambda one: (ranks[one] is None, ranks[one] or 0))


def _issue_page(form: IssueForm, months: Bimonth) -> str:
    rows = queries.entries_of(actor(), months)
    ticked: Any = set(form.entries.data or []) if form.is_submitted() else {row.id for row in rows}
    return render_template(
        "kb/issue.html",
        form=form,
        months=months,
        offered=[(one, composing.title_of(one)) for one in bimonths.latest(clock.today(), OFFERED_COUNT)],
        title=composing.title_of(months),
        rows=rows,
        ticked=ticked,
        ranks={row.id: request.form.get(f"{RANK}{row.id}", str(at)) for at, row in enumerate(rows, 1)},
        short_scope=parts.short_scope,
        topic_label=parts.topic_label,
    )
