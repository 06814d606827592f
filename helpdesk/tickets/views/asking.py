"""A member asks, in two steps: tell the situation, check, send. What was typed is kept as a draft all along."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any
from uuid import uuid4

from flask import Response as JsonResponse
from flask import flash, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from helpdesk import clock
from helpdesk.attachments import operations as attachments
from helpdesk.attachments.files import ACCEPT, FIELD
from helpdesk.db import transaction
from helpdesk.errors import BadInput
from helpdesk.reference import get_reference
from helpdesk.tickets import operations, personal_data, queries, urgency
from helpdesk.tickets.enums import Urgency
from helpdesk.tickets.forms.member import (
    AskForm,
    CheckForm,
    draft_fields,
    out_of_scope_topic,
    suggested_topics,
)
from helpdesk.tickets.models import Draft
from helpdesk.tickets.operations.drafts import keep_second_step, question_draft, second_step
from helpdesk.tickets.views.blueprint import actor, blueprint
from helpdesk.tickets.views.member_parts import contact_of, own_organisations, settings
from helpdesk.web import member_only

Page = tuple[str, int]
EXTRA = "plus-"
"""How the names begin of what other features put into the form."""


@blueprint.get("/questions/poser")
@member_only
def ask() -> str:
    """An empty form, or one begun with words searched for, or from an entry. Its key is made here and kept."""
    begun = {"title": request.args.get("question", "").strip(), "fiche": request.args.get("fiche", "")}
    return _ask_page(_form({name: text for name, text in begun.items() if text}), uuid4().hex)


@blueprint.get("/questions/poser/<key>")
@member_only
def ask_edit(key: str) -> str:
    """A draft, taken up again where it was left."""
    draft = queries.get_question_draft(actor(), key)
    return _ask_page(_form(draft.fields), draft.key, draft)


@blueprint.post("/questions/poser/<key>")
@member_only
def ask_save(key: str) -> Response | Page:
    """Keep text and files, then go on to the check, or say what is missing."""
    form = _form(draft_fields(request.form))
    try:
        draft, refusals = _keep(key)
    except BadInput as error:
        form.refuse(error)
        return _ask_page(form, uuid4().hex), error.status
    if draft is not None and (removed := request.form.get("retirer", type=int)):
        operations.detach_from_draft(actor(), draft, removed)
        return redirect(url_for("tickets.ask_edit", key=draft.key, _anchor="documents"), 303)
    if form.validate() and draft is not None and not refusals:
        return redirect(url_for("tickets.check", key=draft.key), 303)
    form.attachments.errors = refusals
    return _ask_page(form, draft.key if draft else key, draft), 422


@blueprint.post("/questions/poser/<key>/brouillon")
@member_only
def ask_draft(key: str) -> JsonResponse:
    """What is being typed, kept without leaving the page; nothing typed keeps nothing."""
    fields = draft_fields(request.form)
    draft = operations.save_question_draft(actor(), fields, key=key) if _has_text(fields) else None
    return jsonify(saved_at=draft.updated_at.isoformat() if draft else None)


@blueprint.post("/questions/poser/<key>/supprimer")
@member_only
def ask_delete(key: str) -> Response:
    """Forget a draft; one that is gone already is forgotten too."""
    draft = question_draft(actor(), key)
    if draft is not None:
        operations.delete_draft(actor(), draft)
    flash("Le brouillon est supprimé.", "ok")
    return redirect(url_for("tickets.home"), 303)


@blueprint.get("/questions/poser/<key>/verifier")
@member_only
def check(key: str) -> str | Page:
    """« Vérifiez avant d’envoyer »: everything that will be sent, and what to think of first."""
    draft = queries.get_question_draft(actor(), key)
    form = _form(draft.fields)
    if not form.validate():
        return _ask_page(form, draft.key, draft), 422
    return _check_page(draft, form, _check_form(form, second_step(draft)))


@blueprint.post("/questions/poser/<key>/verifier/retour")
@member_only
def check_back(key: str) -> Response | Page:
    """Back to the first step, at the input that the button names; what was typed here waits in the draft."""
    draft = queries.get_question_draft(actor(), key)
    form = _form(draft.fields)
    try:
        _keep_second_step(draft, form)
    except BadInput as error:
        if form.validate():
            return _refused(BadInput(error.message, field=EXTRA), key, form, _check_form(form))
    return redirect(url_for("tickets.ask_edit", key=draft.key, _anchor=request.form.get("champ") or None), 303)


@blueprint.post("/questions/poser/<key>/verifier")
@member_only
def check_send(key: str) -> Response | Page:
    """Send; a second click on the button leads to the same confirmation."""
    draft = question_draft(actor(), key)
    form = _form(draft.fields if draft else {})
    confirmation = _check_form(form)
    if draft is not None and not form.validate():
        _keep_second_step(draft, form)
        return _ask_page(form, draft.key, draft), 422
    if draft is not None and not confirmation.validate():
        return _check_page(draft, form, confirmation), 422
    try:
        question = replace(_question(form, confirmation), extras=_extras())
        ticket = operations.send_question_draft(actor(), key, question)
    except BadInput as error:
        return _refused(error, key, form, confirmation)
    return redirect(url_for("tickets.sent", reference=ticket.reference), 303)


def _refused(error: BadInput, key: str, form: AskForm, confirmation: CheckForm) -> Page:
    """The page that holds the input the refusal is about."""
    draft = queries.get_question_draft(actor(), key)
    if isinstance(error, operations.PersonalDataFound):
        message = "Corrigez votre texte, ou cochez « J’envoie quand même, c’est nécessaire »."
        confirmation.keeps_personal_data.errors = [message]
        return _check_page(draft, form, confirmation), error.status
    if (error.field or "").startswith(EXTRA):
        confirmation.refuse(error)
        return _check_page(draft, form, confirmation), error.status
    _keep_second_step(draft, form)
    form.refuse(error)
    return _ask_page(form, draft.key, draft), error.status


def _form(fields: dict[str, str]) -> AskForm:
    return AskForm(fields, own_organisations(actor()))


def _has_text(fields: dict[str, str]) -> bool:
    return bool(fields.get("title", "").strip() or fields.get("facts", "").strip())


def _keep(key: str) -> tuple[Draft | None, list[str]]:
    """The draft with the text and the files that could be taken, and why others could not."""
    fields = draft_fields(request.form)
    uploads = [upload for upload in request.files.getlist(FIELD) if upload.filename]
    if not _has_text(fields) and not uploads and question_draft(actor(), key) is None:
        return None, []
    with transaction():
        draft = operations.save_question_draft(actor(), fields, key=key)
        room = settings().attachment_max_count - len(draft.attachments)
        kept, refusals = attachments.store_accepted(actor(), uploads, room=room)
        operations.attach_to_draft(actor(), draft, kept)
    return draft, refusals


def _question(form: AskForm, confirmation: CheckForm) -> operations.NewQuestion:
    return form.question(
        topic=confirmation.topic.data or None,
        phone=confirmation.callback_phone.data or "",
        keeps_personal_data=confirmation.keeps_personal_data.data,
    )


def _extras() -> dict[str, str]:
    """What other features put into the check, see the place « tickets.check_form »."""
    return {name: text for name, text in request.form.items() if name.startswith(EXTRA)}


def _keep_second_step(draft: Draft, form: AskForm) -> None:
    """What is said of a structure is true of that one alone: its number is kept too. The tick on personal data is
    not: every text asks for it anew.
    """
    kept = _extras() | {"organisation_id": str(form.organisation_id.data)} | _sent("topic")
    keep_second_step(actor(), draft, kept, **_sent("callback_phone"))


def _sent(name: str) -> dict[str, str]:
    return {name: request.form[name]} if name in request.form else {}


def _typed(draft: Draft, form: AskForm) -> dict[str, str]:
    """What other features get back: what has just been sent, or what the draft keeps for the same structure."""
    if request.method == "POST":
        return _extras()
    kept = second_step(draft)
    is_same = kept.get("organisation_id") == str(form.organisation_id.data)
    return {name: text for name, text in kept.items() if is_same and name.startswith(EXTRA)}


def _check_form(form: AskForm, kept: Mapping[str, str] = MappingProxyType({})) -> CheckForm:
    suggestions = {} if form.topic.data else {one.code: one.label for one in suggested_topics(form.text)}
    topic, default = kept.get("topic"), next(iter(suggestions), "")
    phone = form.callback_phone.data or actor().phone
    return CheckForm(suggestions, topic=topic if topic in ("", *suggestions) else default, callback_phone=phone)


def _ask_page(form: AskForm, key: str, draft: Draft | None = None) -> str:
    organisations = own_organisations(actor())
    return render_template(
        "tickets/member_ask.html",
        form=form,
        key=key,
        draft=draft,
        accept=ACCEPT,
        contact=contact_of(organisations[0].delegation),
        target_days=settings().response_target_days,
        file_count=settings().attachment_max_count,
    )


def _check_page(draft: Draft, form: AskForm, confirmation: CheckForm) -> str:
    text = form.text
    proposal = urgency.propose(text, deadline_on=form.deadline, today=clock.today())
    return render_template(
        "tickets/member_check.html",
        form=confirmation,
        asked=form,
        draft=draft,
        findings=_findings(text),
        is_emergency=proposal.level >= Urgency.CRITICAL,
        out_of_scope=out_of_scope_topic(text),
        typed=_typed(draft, form),
        **_recap(form),
    )


def _recap(form: AskForm) -> dict[str, Any]:
    question = form.question()
    topics = get_reference().topics
    organisations = {one.id: one for one in own_organisations(actor())}
    return {
        "question": question,
        "organisation": organisations.get(question.organisation_id),
        "has_several": len(organisations) > 1,
        "topic_label": topics[question.topic].label if question.topic else "",
    }


def _findings(text: str) -> list[tuple[str, str]]:
    """What was found and the words themselves: the writer's own, shown to the writer alone."""
    found = personal_data.find(text)
    return list(dict.fromkeys((one.label_fr, text[one.start : one.end]) for one in found))
