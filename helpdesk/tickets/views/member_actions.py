"""What a member does with a question: complete, reply, follow up, say if it helped, share, hide, withdraw."""

from collections.abc import Callable

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from helpdesk.accounts.forms import Form
from helpdesk.attachments import operations as attachments
from helpdesk.attachments.files import FIELD
from helpdesk.attachments.models import Attachment
from helpdesk.db import transaction
from helpdesk.tickets import operations, queries
from helpdesk.tickets.enums import Verdict
from helpdesk.tickets.forms.member import FeedbackForm, MessageForm, ShareForm
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.views.blueprint import actor, blueprint, once, seen_version, sent_key
from helpdesk.tickets.views.member import member_thread
from helpdesk.tickets.views.member_parts import settings
from helpdesk.web import member_only

Page = tuple[str, int]


@blueprint.post("/questions/<reference>/completer")
@member_only
def add_message(reference: str) -> Response | Page:
    """A message with its files; long after the answer it becomes a new question."""
    ticket, form = _ticket(reference), MessageForm()
    files, refusals = _files()
    results: list[Ticket] = []
    status = 422 if refusals else _submit(form, ticket, lambda: results.append(_add(form, ticket, files)))
    if status != 303:
        form.attachments.errors = [*form.attachments.errors, *refusals]
        return member_thread(_ticket(reference), message=form, files=_waiting(files)), status
    return _to_thread(results[0] if results else ticket, _said(ticket, results))


@blueprint.post("/questions/<reference>/avis")
@member_only
def give_feedback(reference: str) -> Response | Page:
    """Whether the answer helped; the last word counts."""
    ticket, form = _ticket(reference), FeedbackForm()

    def give() -> None:
        verdict = Verdict(form.verdict.data)
        operations.give_feedback(actor(), ticket, verdict=verdict, comment=form.comment.data or "")

    status = _submit(form, ticket, give)
    if status != 303:
        return member_thread(_ticket(reference), feedback=form), status
    return _to_thread(ticket, "Merci. Votre avis aide les juristes.")


@blueprint.post("/questions/<reference>/partager")
@member_only
def share(reference: str) -> Response | Page:
    """Let a colleague see the question."""
    ticket, form = _ticket(reference), ShareForm()
    status = _submit(form, ticket, lambda: operations.share(actor(), ticket, form.person.data))
    if status != 303:
        return member_thread(_ticket(reference), share=form), status
    return _to_thread(ticket, "Cette personne voit maintenant la question.")


@blueprint.post("/questions/<reference>/masquer")
@member_only
def hide(reference: str) -> Response:
    """Mark a question sensitive; only the staff lifts it again."""
    ticket, version = _ticket(reference), seen_version()
    once(
        sent_key(),
        ticket,
        lambda: operations.set_sensitive(actor(), ticket, is_sensitive=True, seen_version=version),
    )
    return _to_thread(ticket, "La question est marquée « dossier sensible ».")


@blueprint.post("/questions/<reference>/retirer")
@member_only
def withdraw(reference: str) -> Response:
    """Take a question back before it is answered."""
    ticket, version = _ticket(reference), seen_version()
    once(sent_key(), ticket, lambda: operations.withdraw(actor(), ticket, seen_version=version))
    return _to_thread(ticket, "Votre question est retirée.")


@blueprint.post("/questions/<reference>/faq-repond")
@member_only
def close_by_faq(reference: str) -> Response:
    """« Cela répond à ma question »: the entry that somebody sent is enough."""
    ticket, version = _ticket(reference), seen_version()
    once(sent_key(), ticket, lambda: operations.close_by_faq(actor(), ticket, seen_version=version))
    return _to_thread(ticket, "Merci. Votre question est close.")


def _add(form: MessageForm, ticket: Ticket, files: list[Attachment]) -> Ticket:
    return operations.add_message(
        actor(),
        ticket,
        text=form.text.data or "",
        keeps_personal_data=form.keeps_personal_data.data,
        attachments=tuple(files),
    )


def _ticket(reference: str) -> Ticket:
    return queries.get_visible_ticket(actor(), reference)


def _submit(form: Form, ticket: Ticket, call: Callable[[], object]) -> int:
    return form.submit(lambda: once(sent_key(), ticket, call))


def _files() -> tuple[list[Attachment], list[str]]:
    """The files sent now, and those kept from a sending that was refused."""
    kept_ids = request.form.getlist("kept_files", type=int)
    with transaction():
        waiting = attachments.waiting(actor(), kept_ids)
        room = settings().attachment_max_count - len(waiting)
        kept, refusals = attachments.store_accepted(actor(), request.files.getlist(FIELD), room=room)
    return [*waiting, *kept], refusals


def _waiting(files: list[Attachment]) -> list[Attachment]:
    """The same, read anew: the refusal has emptied the session."""
    return attachments.waiting(actor(), [file.id for file in files])


def _to_thread(ticket: Ticket, said: str) -> Response:
    flash(said, "ok")
    return redirect(url_for("tickets.thread", reference=ticket.reference), 303)


def _said(ticket: Ticket, results: list[Ticket]) -> str:
    if results and results[0].id != ticket.id:
        return f"Votre message ouvre une nouvelle question, {results[0].reference}, liée à {ticket.reference}."
    return "Votre message est envoyé."
