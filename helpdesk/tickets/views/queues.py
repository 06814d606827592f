"""The lists of the staff: « À trier » with its panel, « Ma file », « Toutes les questions »."""

from collections.abc import Sequence
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from helpdesk import clock, formats
from helpdesk.errors import Conflict, InvalidTransition, NotFound
from helpdesk.tickets import operations, perms, queries
from helpdesk.tickets.enums import MessageKind, Status
from helpdesk.tickets.forms.filters import FiltersForm
from helpdesk.tickets.forms.triage import RelayForm, TriageForm
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.operations.triage import NextStep
from helpdesk.tickets.operations.triage import triage as decide
from helpdesk.tickets.queries import QueueView
from helpdesk.tickets.views import member_parts as parts
from helpdesk.tickets.views.acts import not_relayed
from helpdesk.tickets.views.blueprint import actor, blueprint, once, page_number, seen_version, sent_key
from helpdesk.tickets.views.menu import queue_counts
from helpdesk.tickets.views.rows import list_rows
from helpdesk.web import delegate_only, pole_only, staff_only

QUEUE_PAGE_SIZE = 50
Answer = Response | str | tuple[str, int]


@blueprint.get("/a-trier")
@delegate_only
def triage() -> Answer:
    """The delegation's saved views; beside the questions to triage or to relay, the one that is open."""
    if actor().is_pole:
        return redirect(url_for("tickets.queue"), 303)
    reference = request.args.get("question", "")
    opened = queries.get_visible_ticket(actor(), reference) if reference else None
    return _triage_page(_asked_view(QueueView.TRIAGE), opened)


@blueprint.post("/a-trier/<reference>")
@delegate_only
def triage_decide(reference: str) -> Answer:
    """Everything that was decided about one question; the next one then comes by itself."""
    ticket = queries.get_visible_ticket(actor(), reference)
    form = _triage_form(ticket)
    status = form.submit(lambda: once(sent_key(), ticket, lambda: _decide(ticket, form)))
    if status != 303:
        _check_still(Status.TRIAGE, ticket, status)
        return _triage_page(QueueView.TRIAGE, ticket, form), status
    step = NextStep(form.next_step.data)
    flash(f"{ticket.reference} : {step.done_label}.", "ok")
    if step is NextStep.ANSWER:
        return redirect(url_for("tickets.thread", reference=ticket.reference, _anchor="ecrire"), 303)
    return redirect(_next_url(QueueView.TRIAGE), 303)


@blueprint.post("/a-trier/<reference>/relais")
@delegate_only
def triage_relay(reference: str) -> Answer:
    """The delegate's word on the pole's answer: sent on, or given back with the reason."""
    ticket = queries.get_visible_ticket(actor(), reference)
    form = RelayForm()
    status = form.submit(lambda: once(sent_key(), ticket, lambda: _relay(ticket, form)))
    if status != 303:
        _check_still(Status.RELAY, ticket, status)
        return _triage_page(QueueView.RELAY, ticket, form), status
    is_sent = form.way.data == "envoyer"
    otherwise = not_relayed(ticket) if is_sent else ""
    done = "réponse transmise à l’adhérent." if is_sent else "réponse renvoyée au pôle."
    flash(f"{ticket.reference} : {otherwise or done}", "veille" if otherwise else "ok")
    return redirect(_next_url(QueueView.RELAY), 303)


@blueprint.get("/ma-file")
@pole_only
def queue() -> str:
    """The jurist's saved views, dense enough for forty open files."""
    view = _asked_view(QueueView.MINE)
    page = queries.queue(actor(), view, page_number(), size=QUEUE_PAGE_SIZE)
    counts = queue_counts()
    return render_template(
        "tickets/queue_mine.html",
        view=view,
        counts=counts,
        tabs=_tabs("tickets.queue", view, counts),
        page=page,
        rows=list_rows(page, with_region=True),
        pole_count=counts[QueueView.POLE],
    )


@blueprint.post("/ma-file/<reference>/prendre")
@pole_only
def queue_take(reference: str) -> Response:
    """Take a question from a list, and stay in the list to take the next."""
    ticket = queries.get_visible_ticket(actor(), reference)
    version = seen_version()
    try:
        once(sent_key(), ticket, lambda: operations.take(actor(), ticket, seen_version=version))
    except Conflict:
        flash(f"{reference} vient de changer : relisez-la avant de la prendre.", "veille")
    else:
        flash(f"{reference} est dans votre file.", "ok")
    return redirect(url_for("tickets.queue", vue=_asked_view(QueueView.MINE, request.form).value), 303)


@blueprint.get("/questions")
@staff_only
def all_questions() -> Answer:
    """Every question that the reader may see, filtered and sorted by the address."""
    form = FiltersForm(request.args)
    form.offer(actor(), queries.jurist_names())
    if not form.validate():
        return render_template("tickets/all_questions.html", form=form, page=None, rows=[]), 422
    listing = queries.all_questions(actor(), form.filters(), page_number(), order=form.order)
    return render_template(
        "tickets/all_questions.html",
        form=form,
        page=listing.page,
        rows=list_rows(listing.page),
        is_fallback=listing.is_fallback,
    )


def _asked_view(default: QueueView, source: Any = None) -> QueueView:
    """The view named by the address; the default for one that does not exist or is another role's."""
    name = (request.args if source is None else source).get("vue", "")
    return next((view for view in queries.views_of(actor()) if view.value == name), default)


def _tabs(endpoint: str, current: QueueView, counts: dict[QueueView, int]) -> list[dict[str, Any]]:
    default = queries.views_of(actor())[0]
    return [
        {
            "label": view.label,
            "url": url_for(endpoint, vue=None if view is default else view.value),
            "count": counts[view],
            "is_current": view is current,
        }
        for view in queries.views_of(actor())
    ]


# --- the triage page


def _triage_page(view: QueueView, opened: Ticket | None, form: Any = None) -> str:
    page = queries.queue(actor(), view, page_number())
    counts = queue_counts()
    gone = opened if opened is not None and not _is_in_panel_of(view, opened) else None
    if gone is not None or opened is None:
        opened = _first(view, page)
    reference = opened.reference if opened else ""
    context = _panel(view, opened, form, page) if opened else {}
    return render_template(
        "tickets/triage.html",
        view=view,
        counts=counts,
        tabs=_tabs("tickets.triage", view, counts),
        page=page,
        rows=list_rows(page, opened=reference, view=view if view in PANELS else None),
        oldest=_oldest(page),
        gone=gone,
        opened=opened,
        **{"form": None, **context},
    )


PANELS = {QueueView.TRIAGE: perms.can_take_regional, QueueView.RELAY: perms.can_relay}
"""The views that open a question beside the list, and who decides there."""


def _is_in_panel_of(view: QueueView, ticket: Ticket) -> bool:
    may = PANELS.get(view)
    return may is not None and may(actor(), ticket)


def _first(view: QueueView, page: queries.Page[queries.TicketRow]) -> Ticket | None:
    if view not in PANELS or not page.rows:
        return None
    return queries.get_visible_ticket(actor(), page.rows[0].reference)


def _panel(view: QueueView, ticket: Ticket, form: Any, page: queries.Page[queries.TicketRow]) -> dict[str, Any]:
    messages = queries.readable_messages(actor(), ticket)
    if view is QueueView.RELAY:
        form = form or RelayForm(formdata=None)
        answer = queries.answer_at_relay(ticket)
        read = parts.answers_of([answer])[answer.id]
        shown = [message for message in messages if message.kind is MessageKind.QUESTION]
        return _panel_values(ticket, form, shown, page) | {"answer": answer, "read": read}
    return _panel_values(ticket, form or _triage_form(ticket, messages), messages, page)


def _panel_values(
    ticket: Ticket, form: Any, messages: Sequence[parts.Said], page: queries.Page[queries.TicketRow]
) -> dict[str, Any]:
    return {
        "form": form,
        "messages": messages,
        "asker_title": queries.title_in(ticket.asker_id, ticket.organisation_id),
        "next_reference": _after(ticket.reference, page),
    }


def _after(reference: str, page: queries.Page[queries.TicketRow]) -> str:
    """The question that follows on the page, else the first of the others."""
    references = [row.reference for row in page.rows]
    if reference in references:
        position = references.index(reference)
        references = references[position + 1 :] + references[:position]
    return references[0] if references else ""


def _oldest(page: queries.Page[queries.TicketRow]) -> str:
    """Since when the oldest question waits, when the page shows them all."""
    if not page.rows or page.has_next or page.number > 1:
        return ""
    return formats.relative_time_text(min(row.received_at for row in page.rows), now=clock.now())


def _next_url(view: QueueView) -> str:
    """The question that the form names as the next, as long as it is still there; else the first of the list."""
    reference = request.form.get("next", "")
    try:
        is_there = bool(reference) and _is_in_panel_of(view, queries.get_visible_ticket(actor(), reference))
    except NotFound:
        is_there = False
    shown = None if view is QueueView.TRIAGE else view.value
    return url_for("tickets.triage", vue=shown, question=reference if is_there else None, _anchor="panneau")


def _triage_form(ticket: Ticket, messages: Sequence[parts.Said] | None = None) -> TriageForm:
    form = TriageForm()
    first = next(iter(messages or queries.readable_messages(actor(), ticket)), None)
    form.offer(actor(), ticket, first.body if first else "")
    return form


def _decide(ticket: Ticket, form: TriageForm) -> None:
    decide(actor(), ticket, form.decision(), seen_version=seen_version())


def _relay(ticket: Ticket, form: RelayForm) -> None:
    version = seen_version()
    if form.way.data == "envoyer":
        operations.relay(actor(), ticket, word=form.word.data or "", seen_version=version)
    else:
        operations.return_from_relay(actor(), ticket, note=form.note.data or "", seen_version=version)


def _check_still(status: Status, ticket: Ticket, answer: int) -> None:
    """A question that a colleague has just dealt with leaves the page: the refusal then gives the text back.

    :raises InvalidTransition: in that case.
    """
    if answer == 409 and ticket.status is not status:
        raise InvalidTransition
