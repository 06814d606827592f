"""The pole's workshop: its lists, and one entry with its draft, its versions, its history and its acts."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from helpdesk.accounts.models import Person
from helpdesk.kb import operations, perms, queries
from helpdesk.kb.enums import OPEN_STAGES, Stage
from helpdesk.kb.forms.workshop import ActForm
from helpdesk.kb.models import Article, ArticleVersion
from helpdesk.kb.operations.history import CHANGED
from helpdesk.kb.operations.marks import assess
from helpdesk.kb.queries.one import VERSIONS_SHOWN
from helpdesk.kb.queries.workshop import WorkshopView, reports_page, work_counts, work_page
from helpdesk.kb.views.blueprint import actor, blueprint
from helpdesk.kb.views.entry_parts import entry_of
from helpdesk.kb.views.workshop_acts import ACTS, fresh_form, offered, received_form
from helpdesk.tickets.views.blueprint import once, page_number, seen_version, sent_key
from helpdesk.web import pole_only

Answer = Response | str | tuple[str, int]
Refused = tuple[str, ActForm]


@blueprint.get("/faq/atelier")
@pole_only
def workshop() -> Response:
    """The tab that has something to do, the first one otherwise."""
    counts = work_counts(actor())
    wanted = (WorkshopView.APPROVAL, WorkshopView.ANONYMISATION, WorkshopView.DRAFTS, WorkshopView.EVERY)
    view = next((one for one in wanted if counts[one]), WorkshopView.EVERY)
    return redirect(url_for("kb.workshop_list", vue=view.value), 303)


@pole_only
def workshop_list(vue: str) -> str:
    """The entries of a tab."""
    view = WorkshopView(vue)
    page = work_page(actor(), view, page_number())
    return render_template("kb/workshop_list.html", view=view, page=page, tabs=tabs(view))


for _view in WorkshopView:
    if _view is not WorkshopView.REPORTS:
        blueprint.add_url_rule(
            f"/faq/atelier/{_view.value}", "workshop_list", workshop_list, defaults={"vue": _view.value}
        )


@blueprint.get("/faq/atelier/signalements")
@pole_only
def reports() -> str:
    """What readers reported and the law changed, to be dealt with."""
    page = reports_page(actor(), page_number())
    return render_template("kb/workshop_reports.html", page=page, tabs=tabs(WorkshopView.REPORTS))


@blueprint.post("/faq/atelier/signalements/<int:report_id>")
@pole_only
def deal_with_report(report_id: int) -> Response:
    """Mark a report as dealt with."""
    task = queries.get_report(actor(), report_id)
    once(sent_key(), None, lambda: operations.deal_with_report(actor(), task))
    flash("Le signalement est traité.", "ok")
    return redirect(url_for("kb.reports"), 303)


@blueprint.get("/faq/atelier/<int:article_id>")
@pole_only
def workshop_entry(article_id: int) -> str:
    """One entry as the pole works on it."""
    return entry_page(queries.get_workable(actor(), article_id))


@pole_only
def act(article_id: int, slug: str) -> Answer:
    """Do one of the acts of the table; what cannot be done shows the page again with what was typed."""
    article = queries.get_workable(actor(), article_id)
    one, form, seen = ACTS[slug], received_form(slug, actor(), article), seen_version()
    status = form.submit(lambda: once(sent_key(), None, lambda: one.run(actor(), article, form, seen)))
    if status != 303:
        article = queries.get_workable(actor(), article_id)
        return entry_page(article, refused=(slug, form), conflict=_conflict(form, status)), status
    flash(one.done, "ok")
    return redirect(url_for(one.leads_to, article_id=article_id), 303)


for _slug in ACTS:
    blueprint.add_url_rule(
        f"/faq/atelier/<int:article_id>/{_slug}", "workshop_act", act, defaults={"slug": _slug}, methods=["POST"]
    )


def entry_page(article: Article, *, refused: Refused | None = None, conflict: str = "") -> str:
    """The page of an entry in the workshop.

    *refused*: an act that was refused, with what was typed. *conflict*: why it could not be done any more.
    """
    me, by_stage = actor(), {version.stage: version for version in article.versions}
    draft = next((by_stage[stage] for stage in OPEN_STAGES if stage in by_stage), None)
    shown = draft or by_stage.get(Stage.PUBLISHED)
    return render_template(
        "kb/workshop_entry.html",
        article=article,
        draft=draft,
        shown=shown,
        entry=entry_of(None, article, shown) if shown else None,
        versions=sorted(article.versions, key=lambda version: -version.number)[:VERSIONS_SHOWN],
        events=queries.events_of(article),
        obstacles=_obstacles(draft),
        sources=_sources(me, article),
        can_edit=draft is not None and perms.can_edit(me, draft),
        is_own=draft is not None and me.id in {draft.author_id, *draft.editor_ids},
        can_redact={version.number for version in article.versions if perms.can_redact(me, version)},
        refused_form=refused[1] if refused else None,
        conflict=conflict,
        has_errors=refused is not None,
        **_acts(me, article, draft, refused),
    )


def tabs(current: WorkshopView | None) -> list[dict[str, Any]]:
    """The tabs of the workshop with their counts."""
    counts = work_counts(actor())
    return [
        {
            "label": view.label,
            "url": url_for("kb.reports")
            if view is WorkshopView.REPORTS
            else url_for("kb.workshop_list", vue=view.value),
            "count": counts[view],
            "is_current": view is current,
        }
        for view in WorkshopView
    ]


def _conflict(form: ActForm, status: int) -> str:
    if status != 409:
        return ""
    words = " ".join(form.form_errors)
    form.form_errors.clear()
    return words or CHANGED


def _acts(me: Person, article: Article, draft: ArticleVersion | None, refused: Refused | None) -> dict[str, Any]:
    """The acts offered, each with its form; one that was refused keeps what was typed."""
    opened = refused[0] if refused else request.args.get("geste", "")
    rows = {slug: (one, fresh_form(slug, me, article)) for slug, one in offered(me, article, draft).items()}
    if refused and refused[0] in rows:
        rows[refused[0]] = (ACTS[refused[0]], refused[1])
    return {
        "first_acts": {slug: row for slug, row in rows.items() if row[0].is_first},
        "other_acts": {slug: row for slug, row in rows.items() if not row[0].is_first},
        "opened_slug": opened,
    }


def _obstacles(draft: ArticleVersion | None) -> tuple[str, ...]:
    if draft is None or draft.stage not in (Stage.ANONYMISATION, Stage.APPROVAL):
        return ()
    return assess(draft).obstacles.sentences


def _sources(me: Person, article: Article) -> list[Any]:
    """The questions behind the entry, as far as their reader may see them."""
    return perms.sources_of(article) if perms.can_see_source(me, article) else []
