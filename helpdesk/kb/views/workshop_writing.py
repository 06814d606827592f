"""A draft is begun and written: its form, one step at a time, without losing a word."""

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from helpdesk.attachments.files import FIELD
from helpdesk.db import transaction
from helpdesk.kb import perms, queries
from helpdesk.kb.forms.workshop import VersionForm
from helpdesk.kb.models import Article, ArticleVersion
from helpdesk.kb.operations import writing
from helpdesk.kb.operations.history import CHANGED
from helpdesk.kb.views.blueprint import actor, blueprint
from helpdesk.tickets.operations.history import require
from helpdesk.tickets.views.blueprint import once, seen_version, sent_key
from helpdesk.web import pole_only

Answer = Response | str | tuple[str, int]
ADD, PREVIEW = "ajouter", "apercu"


@blueprint.get("/faq/atelier/nouvelle")
@pole_only
def new_entry() -> str:
    """The form of an entry from nothing."""
    return _form_page(_form(formdata=None))


@blueprint.post("/faq/atelier/nouvelle")
@pole_only
def create_entry() -> Answer:
    """Begin an entry; its draft then has an address of its own."""
    form, made = _form(), list[ArticleVersion]()
    if request.form.get(ADD):
        form.add_row()
        return _form_page(form)
    status = form.submit(lambda: once(sent_key(), None, lambda: made.append(_create(form))))
    if status != 303:
        return _form_page(form), status
    flash("Le brouillon est créé.", "ok")
    if not made:  # the same form, sent twice
        return redirect(url_for("kb.workshop"), 303)
    return _after(made[0].article)


@blueprint.get("/faq/atelier/<int:article_id>/modifier")
@pole_only
def edit(article_id: int) -> str:
    """The draft in its form."""
    version = _editable(article_id)
    form = _form(formdata=None)
    form.fill(version)
    form.offer()
    return _form_page(form, version)


@blueprint.post("/faq/atelier/<int:article_id>/modifier")
@pole_only
def save(article_id: int) -> Answer:
    """Keep what was typed; « Ajouter une référence » only shows one more line."""
    version, form = _editable(article_id), _form()
    if request.form.get(ADD):
        form.add_row()
        return _form_page(form, version)
    seen = seen_version()
    status = form.submit(lambda: once(sent_key(), None, lambda: _save(version, form, seen)))
    if status != 303:
        return _again(article_id, form, status)
    flash("Le brouillon est enregistré.", "ok")
    return _after(version.article)


def _form(**values: object) -> VersionForm:
    form = VersionForm(**values)
    if values:
        form.set_references(())
    form.offer()
    return form


def _editable(article_id: int) -> ArticleVersion:
    version = queries.get_open_version(queries.get_workable(actor(), article_id))
    require(perms.can_edit(actor(), version))
    return version


def _create(form: VersionForm) -> ArticleVersion:
    version = writing.create_article(actor(), form.words(), form.traits())
    _attach(version)
    return version


def _save(version: ArticleVersion, form: VersionForm, seen: int) -> None:
    writing.save_version(actor(), version, form.words(), form.traits(version.article), seen_version=seen)
    removed = request.form.get("retirer_piece", type=int)
    if removed:
        writing.detach(actor(), version, removed)
    _attach(version)


def _attach(version: ArticleVersion) -> None:
    """The text is saved even when a file is refused: the reason is told on the next page."""
    with transaction():
        for refusal in writing.attach(actor(), version, request.files.getlist(FIELD)):
            flash(refusal, "retard")


def _after(article: Article) -> Response:
    """Where each button leads: the page of the entry shows it as its readers will."""
    if request.form.get("retirer_piece") or request.form.get("suite") != PREVIEW:
        return redirect(url_for("kb.edit", article_id=article.id), 303)
    return redirect(url_for("kb.workshop_entry", article_id=article.id), 303)


def _again(article_id: int, form: VersionForm, status: int) -> Answer:
    """The form with what was typed; after a conflict it may be sent again, over what a colleague has saved."""
    version = _editable(article_id)
    conflict = ""
    if status == 409:
        form.form_errors.clear()
        conflict = CHANGED
    return _form_page(form, version, conflict), status


def _form_page(form: VersionForm, version: ArticleVersion | None = None, conflict: str = "") -> str:
    return render_template(
        "kb/workshop_edit.html",
        form=form,
        version=version,
        article=version.article if version else None,
        conflict=conflict,
        has_errors=bool(conflict or form.errors),
    )
