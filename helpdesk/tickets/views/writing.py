"""What is done with the writing frame: its files and text are kept at every step, then previewed or sent."""

from flask import request

from helpdesk import clock
from helpdesk.attachments import operations as attachments
from helpdesk.attachments.files import FIELD
from helpdesk.attachments.models import Attachment
from helpdesk.db import transaction
from helpdesk.errors import BadInput
from helpdesk.tickets import operations, perms, texts
from helpdesk.tickets.enums import Action, ActorRole, DraftKind, MessageKind
from helpdesk.tickets.forms import thread as forms
from helpdesk.tickets.models import Message, Ticket
from helpdesk.tickets.operations.answering import is_relayed_by_delegation
from helpdesk.tickets.operations.drafts import own_draft
from helpdesk.tickets.views import member_parts as parts
from helpdesk.tickets.views.blueprint import actor, seen_version

PREVIEW, SEND, MODIFY = "apercu", "envoyer", "modifier"
_DONE = {
    forms.REPLY: "la réponse est envoyée.",
    forms.CORRECTION: "le rectificatif est publié, l’adhérent est prévenu.",
    forms.DETAIL: "la précision est demandée, le compte des jours est arrêté.",
    forms.NOTE: "la note est ajoutée.",
}


def received_form() -> forms.WriteForm:
    """The writing frame as it was sent; the files among its fields are kept apart."""
    return forms.WriteForm()


def done_words(form: forms.WriteForm, ticket: Ticket) -> str:
    """What the page says after the sending."""
    if form.mode.data == forms.REPLY and is_relayed_by_delegation(ticket) and actor().is_pole:
        return f"{ticket.reference} : la réponse est remise à la délégation."
    return f"{ticket.reference} : {_DONE.get(form.mode.data or '', '')}"


def sending_words(form: forms.WriteForm, ticket: Ticket) -> dict[str, object]:
    """The button of the preview, and the change of law to be aware of."""
    is_correction = form.mode.data == forms.CORRECTION
    is_relayed = not is_correction and actor().is_pole and is_relayed_by_delegation(ticket)
    draft = None if is_correction else own_draft(actor(), ticket, DraftKind.ANSWER)
    action = Action.CORRECT if is_correction else Action.ANSWER_BY_RELAY if is_relayed else Action.ANSWER
    return {"send_label": action.label, "law_change": operations.law_change_since(draft, ticket.topic)}


def keep(form: forms.WriteForm, ticket: Ticket) -> list[Attachment]:
    """Store the files sent and keep the text as the writer's own draft.

    :returns: the files of this message so far, those of the draft first.
    """
    with transaction():
        draft = operations.save_draft(actor(), ticket, form.draft_kind, form.draft_fields())
        removed = request.form.get("retirer_piece", type=int)
        if removed:
            operations.detach_from_draft(actor(), draft, removed)
        room = parts.settings().attachment_max_count - len(draft.attachments)
        stored, refusals = attachments.store_accepted(actor(), request.files.getlist(FIELD), room=room)
        operations.attach_to_draft(actor(), draft, stored)
        form.attachments.errors = [*form.attachments.errors, *refusals]
        return list(draft.attachments)


def send(form: forms.WriteForm, ticket: Ticket) -> None:
    """Send the message with the files of the draft, and what was attached just now.

    :raises BadInput, Conflict, NotAllowed: see the operations.
    """
    version, me = seen_version(), actor()
    files = _files(form, ticket)
    match form.mode.data:
        case forms.REPLY:
            operations.answer(me, ticket, form.answer_text(files), seen_version=version)
        case forms.CORRECTION:
            reason = form.reason.data or ""
            operations.correct(me, ticket, form.answer_text(files), reason=reason, seen_version=version)
        case forms.DETAIL:
            text, is_kept = form.detail.data or "", form.keeps_personal_data.data
            operations.ask_detail(
                me, ticket, text=text, keeps_personal_data=is_kept, attachments=files, seen_version=version
            )
        case forms.NOTE:
            note, is_for_pole = form.note.data or "", form.is_for_pole.data
            operations.add_note(me, ticket, text=note, is_for_pole=is_for_pole, attachments=files)
        case _:
            raise BadInput("Choisissez ce que vous écrivez : une réponse, une demande ou une note.", field="mode")


def _files(form: forms.WriteForm, ticket: Ticket) -> tuple[Attachment, ...]:
    draft = own_draft(actor(), ticket, form.draft_kind)
    kept = list(draft.attachments) if draft else []
    room = parts.settings().attachment_max_count - len(kept)
    uploads = request.files.getlist(FIELD)
    stored, refusals = attachments.store_accepted(actor(), uploads, room=room)
    if refusals:
        for upload in uploads:
            upload.stream.seek(0)  # they are read again, to be kept with the draft
        raise BadInput(" ".join(refusals), field=FIELD)
    return (*kept, *stored)


def preview_of(form: forms.WriteForm, ticket: Ticket) -> parts.Answer:
    """The answer as its asker will read it; nothing of it is stored.

    :raises BadInput: without « En bref », or for a text beyond its limit.
    """
    if not (form.in_brief.data or "").strip():
        raise BadInput("Écrivez « En bref » : deux ou trois phrases que l’adhérent lira d’abord.", field="in_brief")
    role = perms.role_on(actor(), ticket) or ActorRole.JURIST
    message = Message(
        id=-1,
        kind=MessageKind.ANSWER,
        author_role=role,
        author_id=actor().id,
        published_at=clock.now(),
        law_as_of_on=clock.today(),
        body=_cleaned(form, "word"),
        in_brief=_cleaned(form, "in_brief"),
        explanation=_cleaned(form, "explanation"),
        actions=_cleaned(form, "actions"),
        references=[line.strip() for line in form.answer_text(()).references if line.strip()],
    )
    return parts.answers_of([message])[message.id]


def _cleaned(form: forms.WriteForm, name: str) -> str:
    return texts.clean(form[name].data or "", field=name, max_chars=parts.settings().text_max_chars)
