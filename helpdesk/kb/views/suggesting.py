"""« Des réponses existent peut-être déjà »: offered while a question is written, before it is sent."""

from datetime import timedelta
from typing import Any

from flask import Response as JsonResponse
from flask import jsonify, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from helpdesk import clock
from helpdesk.db import writing
from helpdesk.errors import NotFound
from helpdesk.formats import count
from helpdesk.kb import queries
from helpdesk.kb.models import Article
from helpdesk.kb.operations import suggesting
from helpdesk.kb.queries import Suggested
from helpdesk.kb.queries.finding import CORPUS
from helpdesk.kb.views import entry_parts as parts
from helpdesk.kb.views.blueprint import actor, blueprint
from helpdesk.markdown import render
from helpdesk.panels import fills
from helpdesk.search.queries import most_missed
from helpdesk.tickets import operations as tickets
from helpdesk.tickets.forms.member import draft_fields
from helpdesk.tickets.models import Draft
from helpdesk.tickets.operations.drafts import question_draft
from helpdesk.web import member_only, pole_only

FIRST_YEAR = 2026
MISSED_PERIOD = timedelta(days=90)
MISSED_MAX_COUNT = 30


@fills("tickets.ask")
def place_of_suggestions(*, key: str, **_context: Any) -> Markup:
    """Where the script shows what may answer; without it nothing shows before the check."""
    return Markup(render_template("kb/_suggestions_place.html", key=key))  # noqa: S704 - a template


@fills("tickets.check")
def suggestions_to_check(*, draft: Draft, **_context: Any) -> Markup:
    """The entries closest to the question about to be sent; that they were shown is noted once."""
    found = queries.suggestions(actor(), draft.fields.get("title", ""), draft.fields.get("facts", ""))
    if not found:
        return Markup("")
    if not {one.row.id for one in found} <= queries.shown_ids(suggesting.asking_of(draft.key)):
        with writing():
            suggesting.record_shown(draft.key, found)
    return Markup(render_template("kb/_suggestions_check.html", key=draft.key, **_shown(found)))  # noqa: S704


@blueprint.post("/faq/suggestions")
@member_only
def suggestions() -> JsonResponse:
    """What may answer the title typed so far: words for the status line, and the entries as a fragment."""
    key = request.form.get("key", "")
    suggesting.asking_of(key)
    found = queries.suggestions(actor(), " ".join(request.form.get("title", "").split()))
    suggesting.record_shown(key, found)
    shown = _shown(found)
    html = render_template("kb/_suggestions.html", key=key, is_scripted=True, **shown) if found else ""
    return jsonify(count=len(found), status=shown["headline"] if found else "", html=html)


@blueprint.post("/faq/suggestions/<key>/ouverte")
@member_only
def suggestion_opened(key: str) -> tuple[str, int]:
    """An entry was unfolded in the form."""
    suggesting.record_opened(actor(), key, _entry())
    return "", 204


@blueprint.post("/faq/suggestions/<key>/repond")
@member_only
def suggestion_solves(key: str) -> Response:
    """« Cela répond à ma question »: what was typed is kept, nothing is sent."""
    article = _entry()
    suggesting.solve(actor(), key, article)
    fields = draft_fields(request.form)
    if fields.get("title"):
        tickets.save_question_draft(actor(), fields, key=key)
    return redirect(url_for("kb.suggestion_thanks", key=key, fiche=article.slug), 303)


@blueprint.get("/faq/suggestions/<key>/merci")
@member_only
def suggestion_thanks(key: str) -> str:
    """Thanks, the entry again, and the way back."""
    article = queries.get_readable_entry(actor(), request.args.get("fiche", ""))
    suggesting.asking_of(key)
    return render_template(
        "kb/suggestion_thanks.html",
        key=key,
        entry=parts.entry_of(actor(), article, queries.version_in_force(article)),
        draft=question_draft(actor(), key),
    )


@blueprint.post("/faq/suggestions/<key>/finalement")
@member_only
def suggestion_undone(key: str) -> Response:
    """« Finalement, j’envoie ma question »: back to the check of the draft."""
    suggesting.reopen(key)
    if question_draft(actor(), key) is None:
        return redirect(url_for("tickets.ask"), 303)
    return redirect(url_for("tickets.check", key=key), 303)


@blueprint.get("/faq/atelier/suggestions")
@pole_only
def avoided() -> str:
    """How many questions the entries may have spared, and what was searched in vain: the entries to write."""
    years = range(clock.today().year, FIRST_YEAR - 1, -1)[:3]
    return render_template(
        "kb/avoided.html",
        figures=[queries.avoided_questions(year) for year in years],
        definition=queries.AVOIDED_DEFINITION,
        missed=most_missed(CORPUS, clock.today() - MISSED_PERIOD, MISSED_MAX_COUNT),
    )


def _entry() -> Article:
    """The entry named by the form, if its reader may read it.

    :raises NotFound: otherwise.
    """
    slug = request.form.get("fiche", "")
    if not slug:
        raise NotFound
    return queries.get_readable_entry(actor(), slug)


def _shown(found: list[Suggested]) -> dict[str, Any]:
    verb = "existe" if len(found) == 1 else "existent"
    return {
        "suggested": found,
        "headline": f"{count(len(found), 'réponse')} {verb} peut-être déjà",
        "short_scope": parts.short_scope,
        "markup": render,
    }
