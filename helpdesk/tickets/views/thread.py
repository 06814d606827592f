"""One question, at one address for all roles: read, written to, printed."""

from flask import flash, redirect, render_template, request, url_for

from helpdesk.attachments.models import Attachment
from helpdesk.errors import BadInput
from helpdesk.tickets import perms, queries
from helpdesk.tickets.enums import ActorRole, Audience
from helpdesk.tickets.forms.thread import WriteForm
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.views import member, writing
from helpdesk.tickets.views import member_parts as parts
from helpdesk.tickets.views.blueprint import actor, blueprint, once, page_number, sent_key
from helpdesk.tickets.views.desk import Answer, conflict_words, thread_page
from helpdesk.web import signed_in, staff_only


@blueprint.get("/questions/<reference>")
@signed_in
def thread(reference: str) -> Answer:
    """The question as its reader may see it."""
    ticket = queries.get_visible_ticket(actor(), reference)
    if perms.role_on(actor(), ticket) is ActorRole.MEMBER:
        return member.member_thread(ticket)
    return thread_page(reference, ticket=ticket)


@blueprint.post("/questions/<reference>/ecrire")
@staff_only
def write(reference: str) -> Answer:
    """Answer, correct, ask for a detail or add a note; every other button keeps what was typed and comes back."""
    ticket, form = queries.get_visible_ticket(actor(), reference), writing.received_form()
    step = request.form.get("suite", "")
    if step != writing.SEND:
        return _step(step, form, ticket)
    status = form.submit(lambda: once(sent_key(), ticket, lambda: writing.send(form, ticket)))
    if status != 303:
        return _again(form, queries.get_visible_ticket(actor(), reference), status)
    flash(writing.done_words(form, ticket), "ok")
    return redirect(url_for("tickets.thread", reference=reference), 303)


@blueprint.get("/questions/<reference>/imprimer")
@signed_in
def print_thread(reference: str) -> str:
    """The question on paper; the staff chooses whether its notes are printed."""
    ticket = queries.get_visible_ticket(actor(), reference)
    if perms.role_on(actor(), ticket) is ActorRole.MEMBER:
        return member.member_print(ticket)
    has_notes = request.args.get("notes") == "1"
    page = queries.message_page(actor(), ticket, page_number())
    messages = [one for one in page.rows if has_notes or (one.audience is Audience.EVERYONE and one.published_at)]
    return render_template(
        "tickets/thread_print.html",
        ticket=ticket,
        page=page,
        messages=messages,
        answers=parts.answers_of(messages, parts.words_by_delegates(queries.history(ticket), ticket)),
        role_words=parts.role_words,
        has_notes=has_notes,
    )


def _step(step: str, form: WriteForm, ticket: Ticket) -> Answer:
    """A step before the sending: preview, one more reference, a file taken away, back from the preview."""
    files = writing.keep(form, ticket)
    if step == writing.PREVIEW and not form.attachments.errors:
        try:
            answer = writing.preview_of(form, ticket)
        except BadInput as error:
            form.refuse(error)
        else:
            return _preview(form, ticket, answer, files)
    if request.form.get("ajouter"):
        form.add_row()
    return thread_page(ticket.reference, write=form), 422 if form.errors else 200


def _again(form: WriteForm, ticket: Ticket, status: int) -> Answer:
    """The page with what was typed, kept as a draft too, and the messages that came meanwhile marked."""
    try:
        writing.keep(form, ticket)
    except BadInput as error:
        form.refuse(error)
    if status != 409:
        return thread_page(ticket.reference, write=form), status
    seen, words = request.form.get("seen", type=int), conflict_words(form, ticket)
    return thread_page(ticket.reference, write=form, seen_message_id=seen, conflict=words), status


def _preview(form: WriteForm, ticket: Ticket, answer: parts.Answer, files: list[Attachment]) -> str:
    return render_template(
        "tickets/thread_preview.html",
        ticket=ticket,
        form=form,
        answer=answer,
        files=files,
        seen=request.form.get("seen", ""),
        version=request.form.get("version", ""),
        **writing.sending_words(form, ticket),
    )
