"""« Saisir »: a question received by phone, message or mail, typed in for somebody; completed later."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from helpdesk.accounts import queries as accounts_queries
from helpdesk.accounts.models import Organisation
from helpdesk.accounts.operations import add_person_to_organisation
from helpdesk.db import transaction
from helpdesk.errors import BadInput, NotFound
from helpdesk.tickets import operations, perms, queries
from helpdesk.tickets.enums import Nature
from helpdesk.tickets.forms.type_in import CompleteForm, TypeInForm
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.views.blueprint import (
    INCOMPLETE_FORM,
    actor,
    blueprint,
    once,
    seen_version,
    sent_key,
)
from helpdesk.web import staff_only

ID_MAX = 2**31 - 1
SEARCH, CHOOSE, CHANGE, LATER = "chercher", "choisir", "changer", "plus-tard"
Answer = Response | str | tuple[str, int]


@blueprint.get("/saisir")
@staff_only
def type_in() -> str:
    """The form, with the structure of ``?structure=`` when it comes from a member's sheet."""
    number = request.args.get("structure", type=int)
    organisation = None
    if number is not None:
        organisation = accounts_queries.get_visible_organisation(actor(), min(max(number, 0), ID_MAX))
    return _page(_form(organisation), organisation)


@blueprint.post("/saisir")
@staff_only
def type_in_send() -> Answer:
    """Search a structure, choose or change it, all with what is typed kept; or keep the question."""
    step, organisation = request.form.get("suite", ""), _chosen()
    if step == CHANGE:
        organisation = None
    form = _form(organisation)
    if step in (SEARCH, CHOOSE, CHANGE):
        return _page(form, organisation)
    saved: list[Ticket] = []
    status = form.submit(lambda: saved.append(_save(form, organisation, is_to_complete=step == LATER)))
    if status != 303:
        return _page(form, organisation), status
    flash(_said(saved[0]), "ok")
    return redirect(url_for("tickets.thread", reference=saved[0].reference), 303)


@blueprint.route("/saisir/<reference>", methods=["GET", "POST"])
@staff_only
def type_in_complete(reference: str) -> Answer:
    """Complete what was typed in during a call."""
    ticket = queries.get_visible_ticket(actor(), reference)
    if request.method == "GET" and not perms.can_complete(actor(), ticket):
        return redirect(url_for("tickets.thread", reference=reference), 303)
    form = CompleteForm(obj=ticket)
    form.offer()
    status = form.submit(lambda: once(sent_key(), ticket, lambda: _complete(ticket, form)))
    if status != 303:
        return render_template("tickets/type_in_complete.html", form=form, ticket=ticket), status
    flash(f"{reference} est complétée.", "ok")
    return redirect(url_for("tickets.thread", reference=reference), 303)


def _chosen() -> Organisation | None:
    """The structure of the form; one that is not the reader's to see is no choice."""
    number = request.form.get("structure", type=int) or request.form.get("organisation_id", type=int)
    if number is None or not 0 < number <= ID_MAX:
        return None
    try:
        return accounts_queries.get_visible_organisation(actor(), number)
    except NotFound:
        return None


def _form(organisation: Organisation | None) -> TypeInForm:
    form = TypeInForm()
    words = (form.q.data or "").strip()
    form.found = []
    if organisation is None and words:
        filters = accounts_queries.MemberFilters(words=words)
        form.found = list(accounts_queries.members_page(actor(), filters).rows)
    people = queries.people_of(organisation.id) if organisation else []
    form.offer(form.found, people)
    return form


def _page(form: TypeInForm, organisation: Organisation | None) -> str:
    is_searched = organisation is None and bool((form.q.data or "").strip())
    return render_template(
        "tickets/type_in.html",
        form=form,
        organisation=organisation,
        found=form.found,
        is_searched=is_searched,
        key=sent_key(),
    )


def _save(form: TypeInForm, organisation: Organisation | None, *, is_to_complete: bool) -> Ticket:
    """The question, and the new contact when there is one, in one transaction."""
    if not sent_key():
        raise BadInput(INCOMPLETE_FORM)
    if organisation is None and not (form.nature.data == Nature.REGION.value and actor().delegations):
        raise BadInput("Cherchez la structure, puis choisissez-la dans la liste.", field="q")
    with transaction():
        asker_id = _asker_id(form, organisation)
        reception = form.reception(asker_id, is_to_complete=is_to_complete)
        return operations.type_in(actor(), form.question(organisation), reception, key=sent_key())


def _asker_id(form: TypeInForm, organisation: Organisation | None) -> int | None:
    if organisation is None or not form.asker.data:
        return None
    if not form.is_with_new_person:
        return int(form.asker.data)
    if not operations.first_time(actor(), f"contact-{sent_key()}"):
        return None
    return _new_contact(form, organisation)


def _new_contact(form: TypeInForm, organisation: Organisation) -> int:
    values: dict[str, Any] = {
        "email": (form.email.data or "").strip().lower(),
        "first_name": (form.first_name.data or "").strip(),
        "last_name": (form.last_name.data or "").strip(),
    }
    missing = next((name for name, value in values.items() if not value), None)
    if missing:
        raise BadInput(
            "Écrivez le prénom, le nom et le courriel, ou choisissez « La structure, sans personne précise ».",
            field=missing,
        )
    mandate = add_person_to_organisation(
        actor(),
        organisation,
        title=(form.function.data or "").strip(),
        phone=(form.phone.data or "").strip(),
        **values,
    )
    return mandate.person_id


def _complete(ticket: Ticket, form: CompleteForm) -> None:
    question = form.question(ticket.organisation_id)
    operations.complete(actor(), ticket, question, seen_version=seen_version())


def _said(ticket: Ticket) -> str:
    if ticket.is_incomplete:
        return f"{ticket.reference} est enregistrée. Complétez-la quand vous le pourrez."
    return f"{ticket.reference} est enregistrée."
